//! `hotline calls assign`, `hotline calls priority` and `hotline seats pull`: what a person orders of a call that waits (R44).

use crate::api::client::{Client, Refusal, segment};
use crate::api::nouns::Done;
use crate::cli::calls;
use crate::cli::words::{Lang, lang_of_environment};
use clap::{Args, Subcommand};
use hotline_model::history::{HandOrder, WhyNot};
use hotline_model::{CallId, Priority};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

/// What a supervisor can do with a call.
#[derive(Debug, Subcommand)]
pub enum CallsByHand {
    /// Gives a call that waits, or rings elsewhere, to a seat (R44): its phone rings now, whatever the queue's steps ask for.
    Assign {
        /// The call's id, as `calls list` shows it.
        call: CallId,
        /// The seat; it must be ready, and cleared if the call is sensitive (R68).
        seat: String,
        #[command(flatten)]
        told: ToldArgs,
    },
    /// Changes the priority of a call that waits; it moves there at once and keeps its entry time.
    Priority {
        /// The call's id, as `calls list` shows it.
        call: CallId,
        /// urgent, important or ordinary.
        #[arg(value_parser = parse_priority)]
        priority: Priority,
        #[command(flatten)]
        told: ToldArgs,
    },
}

/// How what came of it is told.
#[derive(Debug, Args)]
pub struct ToldArgs {
    /// JSON for machines.
    #[arg(long)]
    pub json: bool,
    /// The language; else that of $LC_ALL or $LANG, else English.
    #[arg(long, value_name = "zh|en", default_value_t = lang_of_environment())]
    pub lang: Lang,
}

fn parse_priority(word: &str) -> Result<Priority, String> {
    Priority::from_word(word).ok_or_else(|| "one of: urgent, important, ordinary".into())
}

/// Runs `hotline calls assign` or `hotline calls priority` against the hotline on a data directory.
///
/// # Errors
/// No hotline answers.
pub fn run(data: &Path, command: CallsByHand) -> anyhow::Result<ExitCode> {
    match command {
        CallsByHand::Assign { call, seat, told } => give(data, call, HandOrder::Assign { seat: seat.into() }, &told),
        CallsByHand::Priority { call, priority, told } => give(data, call, HandOrder::Priority { priority }, &told),
    }
}

/// Gives the order and tells what came of it: exit 0 if it was carried out, 1 if it could not be.
///
/// # Errors
/// No hotline answers.
pub fn give(data: &Path, call: CallId, order: HandOrder, told: &ToldArgs) -> anyhow::Result<ExitCode> {
    let client = Client::open(data, told.lang.code())?;
    let (path, body) = match &order {
        HandOrder::Assign { seat } => (format!("/api/v1/calls/{call}/assign"), json!({ "seat": seat })),
        HandOrder::Pull { seat } => (format!("/api/v1/seats/{}/pull", segment(seat)), json!({ "call": call.to_string() })),
        HandOrder::Priority { priority } => (format!("/api/v1/calls/{call}/priority"), json!({ "priority": priority.word() })),
    };
    let done: Result<Done, Refusal> = client.post(&path, Some(&body))?;
    let refused = match done {
        Ok(_) => None,
        Err(Refusal { code, detail, .. }) => match No::of_code(&code) {
            Some(why) => Some(Refused { why, says: detail }),
            None => anyhow::bail!(detail),
        },
    };
    if told.json {
        calls::print(&format!("{:#}\n", in_json(call, &order, refused.as_ref(), told.lang)))?;
    } else {
        calls::tell(&in_words(call, &order, refused.as_ref(), told.lang))?;
    }
    Ok(if refused.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What stood against an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum No {
    /// No such call is there.
    Call,
    /// The router says so.
    By(WhyNot),
}

impl No {
    fn all() -> impl Iterator<Item = Self> {
        let all = [WhyNot::NotWaiting, WhyNot::NoSuchSeat, WhyNot::NotCleared, WhyNot::NotReady];
        all.into_iter().map(Self::By).chain([Self::Call])
    }

    fn of_code(code: &str) -> Option<Self> {
        Self::all().find(|no| no.code() == code)
    }

    /// For machines.
    fn code(self) -> &'static str {
        match self {
            Self::Call => "no_such_call",
            Self::By(why) => crate::api::problem::hand(why).0,
        }
    }
}

/// Why an order was not carried out.
struct Refused {
    why: No,
    /// The same in the hotline's words, which know more.
    says: String,
}

fn in_json(call: CallId, order: &HandOrder, refused: Option<&Refused>, lang: Lang) -> Value {
    let mut said = json!({ "call": call.to_string(), "done": refused.is_none(), "says": in_words(call, order, refused, lang) });
    match order {
        HandOrder::Assign { seat } | HandOrder::Pull { seat } => said["seat"] = seat.to_string().into(),
        HandOrder::Priority { priority } => said["priority"] = priority.to_string().into(),
    }
    if let Some(refused) = refused {
        said["why"] = refused.why.code().into();
    }
    said
}

fn in_words(call: CallId, order: &HandOrder, refused: Option<&Refused>, lang: Lang) -> String {
    let help = refused.map_or(String::new(), |refused| help(order, refused.why, lang));
    match (lang, order, refused) {
        (Lang::En, _, Some(Refused { why: No::Call, .. })) => format!("there is no call {call}, or it is over{help}"),
        (Lang::Zh, _, Some(Refused { why: No::Call, .. })) => format!("没有来电 {call}，或已结束{help}"),
        (Lang::En, HandOrder::Assign { seat } | HandOrder::Pull { seat }, None) => format!("call {call} rings at seat {seat}"),
        (Lang::Zh, HandOrder::Assign { seat } | HandOrder::Pull { seat }, None) => format!("来电 {call} 正在坐席 {seat} 振铃"),
        (Lang::En, HandOrder::Priority { priority }, None) => format!("call {call} is {priority}"),
        (Lang::Zh, HandOrder::Priority { priority }, None) => format!("来电 {call} 的优先级为{}", priority_zh(*priority)),
        (Lang::En, HandOrder::Assign { seat } | HandOrder::Pull { seat }, Some(Refused { says, .. })) => {
            format!("call {call} can't be given to seat {seat}: {says}{help}")
        }
        (Lang::Zh, HandOrder::Assign { seat } | HandOrder::Pull { seat }, Some(Refused { says, .. })) => {
            format!("来电 {call} 不能派给坐席 {seat}：{says}{help}")
        }
        (Lang::En, HandOrder::Priority { .. }, Some(Refused { says, .. })) => format!("call {call} keeps its priority: {says}{help}"),
        (Lang::Zh, HandOrder::Priority { .. }, Some(Refused { says, .. })) => format!("来电 {call} 的优先级不变：{says}{help}"),
    }
}

fn priority_zh(priority: Priority) -> &'static str {
    match priority {
        Priority::Urgent => "紧急",
        Priority::Important => "重要",
        Priority::Ordinary => "普通",
    }
}

/// Where to look next.
fn help(order: &HandOrder, why: No, lang: Lang) -> String {
    let seat = match order {
        HandOrder::Assign { seat } | HandOrder::Pull { seat } => &**seat,
        HandOrder::Priority { .. } => "",
    };
    let look = match why {
        No::Call | No::By(WhyNot::NotWaiting) => "hotline calls list".to_owned(),
        No::By(WhyNot::NoSuchSeat) => "hotline seats list".to_owned(),
        No::By(WhyNot::NotReady) => format!("hotline why {seat}"),
        No::By(WhyNot::NotCleared) => return String::new(),
    };
    match lang {
        Lang::En => format!("; see `{look}`"),
        Lang::Zh => format!("；参见 `{look}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::words::why_not;

    fn call() -> CallId {
        CallId::new(3, 0, 42)
    }

    fn refused(why: WhyNot, lang: Lang) -> Refused {
        Refused { why: No::By(why), says: why_not(lang, why).into() }
    }

    fn assign() -> HandOrder {
        HandOrder::Assign { seat: "1001".into() }
    }

    #[test]
    fn every_reason_is_told_in_both_languages_and_as_a_word_r44() {
        let mut words = std::collections::BTreeSet::new();
        for no in No::all() {
            let No::By(why) = no else { continue };
            let said = [Lang::En, Lang::Zh].map(|lang| in_words(call(), &assign(), Some(&refused(why, lang)), lang));
            assert!(said.iter().all(|text| text.contains("3-0-42") && text.contains("1001")), "{said:?}");
            assert!(words.insert(no.code()) && No::of_code(no.code()) == Some(no));
        }
        assert_eq!(
            in_words(call(), &assign(), Some(&refused(WhyNot::NotReady, Lang::En)), Lang::En),
            "call 3-0-42 can't be given to seat 1001: the seat was not ready; see `hotline why 1001`"
        );
        assert_eq!(
            in_words(call(), &HandOrder::Pull { seat: "1001".into() }, Some(&refused(WhyNot::NotCleared, Lang::Zh)), Lang::Zh),
            "来电 3-0-42 不能派给坐席 1001：来电敏感，该坐席未获授权（R68）"
        );
    }

    #[test]
    fn what_the_hotline_says_of_the_seat_is_said_r44() {
        let says = "the seat is on a break for 12 min now".to_owned();
        let said = in_words(call(), &assign(), Some(&Refused { why: No::By(WhyNot::NotReady), says }), Lang::En);
        assert_eq!(said, "call 3-0-42 can't be given to seat 1001: the seat is on a break for 12 min now; see `hotline why 1001`");
    }

    #[test]
    fn of_a_call_that_is_not_there_nobody_says_that_it_waits_for_nobody_or_keeps_its_priority() {
        let priority = HandOrder::Priority { priority: Priority::Urgent };
        let no = Refused { why: No::of_code("no_such_call").unwrap(), says: "there is no such call".into() };
        for order in [priority, assign()] {
            assert_eq!(in_words(call(), &order, Some(&no), Lang::En), "there is no call 3-0-42, or it is over; see `hotline calls list`");
            assert_eq!(in_words(call(), &order, Some(&no), Lang::Zh), "没有来电 3-0-42，或已结束；参见 `hotline calls list`");
            assert_eq!(in_json(call(), &order, Some(&no), Lang::En)["why"], "no_such_call");
        }
    }

    #[test]
    fn machines_read_what_was_ordered_and_what_came_of_it() {
        let done = in_json(call(), &HandOrder::Priority { priority: Priority::Urgent }, None, Lang::En);
        assert_eq!(done, json!({ "call": "3-0-42", "done": true, "priority": "urgent", "says": "call 3-0-42 is urgent" }));
        let refused = in_json(call(), &assign(), Some(&refused(WhyNot::NoSuchSeat, Lang::En)), Lang::En);
        assert_eq!((&refused["done"], &refused["why"], &refused["seat"]), (&json!(false), &json!("no_such_seat"), &json!("1001")));
    }

    #[test]
    fn a_priority_is_named_by_its_word() {
        assert_eq!(parse_priority("important"), Ok(Priority::Important));
        assert_eq!(parse_priority("high"), Err("one of: urgent, important, ordinary".into()));
    }
}
