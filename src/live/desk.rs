//! `hotline calls transfer`, `consult`, `hold` and the others: what is ordered of a call at the seat that has it (manual.md A5).

use crate::api::asked::TargetBody;
use crate::api::client::{Client, Refusal};
use crate::api::nouns::Done;
use crate::cli::calls;
use crate::cli::words::Lang;
use crate::live::by_hand::ToldArgs;
use clap::{Args, Subcommand};
use hotline_model::{CallId, Category, Class, Impact, Kind, Nature, Priority, Remit, TransferMode, TransferReason};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::process::ExitCode;

/// What can be ordered of a call that is at a seat.
#[derive(Debug, Subcommand)]
pub enum CallsAtDesk {
    /// Somebody is to take the call over; the caller hears music meanwhile (R53-R55).
    Transfer {
        #[command(flatten)]
        on: On,
        /// seat:NAME, queue:NAME, department:NAME, person:NAME or number:DIGITS.
        #[arg(long, value_parser = parse_target)]
        to: TargetBody,
        /// too_complex, multi_department or ability_insufficient; needed unless the rules have one for the target (R53).
        #[arg(long, value_parser = parse_reason)]
        reason: Option<TransferReason>,
        /// attended or blind_with_return; else as the rules say (R55).
        #[arg(long, value_parser = parse_mode)]
        mode: Option<TransferMode>,
    },
    /// Somebody is asked; the caller hears music meanwhile.
    Consult {
        #[command(flatten)]
        on: On,
        /// seat:NAME, queue:NAME, department:NAME, person:NAME or number:DIGITS.
        #[arg(long, value_parser = parse_target)]
        to: TargetBody,
    },
    /// The receiver has the caller; the first agent leaves.
    Complete {
        #[command(flatten)]
        on: On,
        /// Why, if it was not said before: a consultation becomes a transfer (R53).
        #[arg(long, value_parser = parse_reason)]
        reason: Option<TransferReason>,
    },
    /// The transfer or consultation ends: the caller is with the first agent again.
    Cancel(On),
    /// Caller, agent and receiver talk with each other.
    ThreeWay(On),
    /// The receiver of a completed transfer gives the caller back to the first agent.
    Back(On),
    /// The receiver becomes the owner of the matter (R57).
    AcceptOwnership(On),
    /// The caller hears music.
    Hold(On),
    /// The caller is taken back from hold.
    Resume(On),
    /// t4: first communication is done (R6).
    FirstCommunication(On),
    /// t5: what became of it, in a word of the rules (R7).
    Dispose {
        #[command(flatten)]
        on: On,
        /// A disposition of the rules.
        disposition: String,
    },
    /// The call is something else than the menus thought (R23, R28, R29).
    Classify {
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        change: Change,
    },
    /// The seat's leg ends.
    HangUp(On),
}

/// Which call, and how what came of it is told.
#[derive(Debug, Args)]
pub struct On {
    /// The call's id, as `calls list` shows it.
    call: CallId,
    #[command(flatten)]
    told: ToldArgs,
}

/// What the call turned out to be.
#[derive(Debug, Args)]
#[group(id = "change", required = true, multiple = true)]
pub struct Change {
    /// common, complex or major.
    #[arg(long, value_parser = |word: &str| known("class", word, Class::from_word(word).map(Class::word)), group = "change")]
    class: Option<&'static str>,
    /// technical, process or system.
    #[arg(long, value_parser = |word: &str| known("nature", word, Nature::from_word(word).map(Nature::word)), group = "change")]
    nature: Option<&'static str>,
    /// enquiry, complaint, suggestion, problem_report, info_query, account or technical_support.
    #[arg(long, value_parser = |word: &str| known("kind", word, Kind::from_word(word).map(Kind::word)), group = "change")]
    kind: Option<&'static str>,
    /// service_attitude, service_quality, service, product, process, system, environment or after_sales.
    #[arg(long, value_parser = |word: &str| known("category", word, Category::from_word(word).map(Category::word)), group = "change")]
    category: Option<&'static str>,
    /// urgent, important or ordinary: should the call wait again.
    #[arg(long, value_parser = |word: &str| known("priority", word, Priority::from_word(word).map(Priority::word)), group = "change")]
    priority: Option<&'static str>,
    /// Whether only cleared seats may have it (R68).
    #[arg(long, group = "change")]
    sensitive: Option<bool>,
    /// inside or outside: whose problem it is (R34).
    #[arg(long, value_parser = |word: &str| known("scope", word, Remit::from_word(word).map(Remit::word)), group = "change")]
    scope: Option<&'static str>,
    /// one, several, department or everybody: how far it reaches (R33).
    #[arg(long, value_parser = |word: &str| known("impact", word, Impact::from_word(word).map(Impact::word)), group = "change")]
    impact: Option<&'static str>,
}

fn known(what: &str, word: &str, found: Option<&'static str>) -> Result<&'static str, String> {
    found.ok_or_else(|| format!("`{word}` is no {what}"))
}

fn parse_target(text: &str) -> Result<TargetBody, String> {
    let wrong = || "one of: seat:NAME, queue:NAME, department:NAME, person:NAME, number:DIGITS".to_owned();
    let (kind, name) = text.split_once(':').ok_or_else(wrong)?;
    let name = Some(name.to_owned());
    let target = match kind {
        "seat" => TargetBody { seat: name, ..TargetBody::default() },
        "queue" => TargetBody { queue: name, ..TargetBody::default() },
        "department" => TargetBody { department: name, ..TargetBody::default() },
        "person" => TargetBody { person: name, ..TargetBody::default() },
        "number" => TargetBody { number: name, ..TargetBody::default() },
        _ => return Err(wrong()),
    };
    target.clone().target().map(|_| target)
}

fn parse_reason(word: &str) -> Result<TransferReason, String> {
    TransferReason::from_word(word).ok_or_else(|| "one of: too_complex, multi_department, ability_insufficient (R53)".into())
}

fn parse_mode(word: &str) -> Result<TransferMode, String> {
    TransferMode::from_word(word).ok_or_else(|| "one of: attended, blind_with_return (R55)".into())
}

impl CallsAtDesk {
    /// The call, the order's path, its body.
    fn parts(&self) -> (&On, &'static str, Option<Value>) {
        match self {
            Self::Transfer { on, to, reason, mode } => {
                let (reason, mode) = (reason.map(TransferReason::word), mode.map(TransferMode::word));
                (on, "transfer", Some(said([("to", json!(to)), ("reason", json!(reason)), ("mode", json!(mode))])))
            }
            Self::Consult { on, to } => (on, "consult", Some(json!({ "to": to }))),
            Self::Complete { on, reason } => (on, "complete", Some(said([("reason", json!(reason.map(TransferReason::word)))]))),
            Self::Cancel(on) => (on, "cancel", None),
            Self::ThreeWay(on) => (on, "three-way", None),
            Self::Back(on) => (on, "back", None),
            Self::AcceptOwnership(on) => (on, "accept-ownership", None),
            Self::Hold(on) => (on, "hold", None),
            Self::Resume(on) => (on, "resume", None),
            Self::FirstCommunication(on) => (on, "first-communication", None),
            Self::Dispose { on, disposition } => (on, "disposition", Some(json!({ "disposition": disposition }))),
            Self::Classify { on, change } => (on, "classify", Some(change.body())),
            Self::HangUp(on) => (on, "hang-up", None),
        }
    }
}

impl Change {
    fn body(&self) -> Value {
        said([
            ("class", json!(self.class)),
            ("nature", json!(self.nature)),
            ("kind", json!(self.kind)),
            ("category", json!(self.category)),
            ("priority", json!(self.priority)),
            ("sensitive", json!(self.sensitive)),
            ("scope", json!(self.scope)),
            ("impact", json!(self.impact)),
        ])
    }
}

/// What was said of these.
fn said<const N: usize>(fields: [(&str, Value); N]) -> Value {
    fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into()
}

/// Gives the order and tells what came of it: exit 0 if it was carried out, 1 if not.
///
/// # Errors
/// No hotline answers.
pub fn run(data: &Path, command: &CallsAtDesk) -> anyhow::Result<ExitCode> {
    let (On { call, told }, order, body) = command.parts();
    let client = Client::open(data, told.lang.code())?;
    let done: Result<Done, Refusal> = client.post(&format!("/api/v1/calls/{call}/{order}"), body.as_ref())?;
    let says = in_words(*call, order, &done, told.lang);
    match &done {
        _ if told.json => {
            let mut value = json!({ "call": call.to_string(), "order": order, "done": done.is_ok(), "says": says });
            match &done {
                Ok(done) => value["seat"] = json!(done.seat),
                Err(refusal) => value["why"] = refusal.code.clone().into(),
            }
            calls::print(&format!("{value:#}\n"))?;
        }
        Ok(_) | Err(_) => calls::tell(&says)?,
    }
    Ok(if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn in_words(call: CallId, order: &str, done: &Result<Done, Refusal>, lang: Lang) -> String {
    match (lang, done) {
        (Lang::En, Ok(done)) => format!("call {call}: {order} at seat {}", done.seat.as_deref().unwrap_or("-")),
        (Lang::Zh, Ok(done)) => format!("来电 {call}：坐席 {} 已{}", done.seat.as_deref().unwrap_or("-"), zh(order)),
        (Lang::En, Err(refusal)) => format!("call {call}: no {order}: {}", refusal.detail),
        (Lang::Zh, Err(refusal)) => format!("来电 {call}：未能{}：{}", zh(order), refusal.detail),
    }
}

fn zh(order: &str) -> &'static str {
    match order {
        "transfer" => "发起转接",
        "consult" => "发起咨询",
        "complete" => "完成转接",
        "cancel" => "取消转接或咨询",
        "three-way" => "发起三方通话",
        "back" => "退回首位坐席",
        "accept-ownership" => "接受首问负责",
        "hold" => "保持来电",
        "resume" => "取回来电",
        "first-communication" => "记录首次沟通",
        "disposition" => "记录处理结果",
        "classify" => "重新分类",
        "hang-up" => "挂断",
        _ => "执行",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(subcommand)]
        command: CallsAtDesk,
    }

    fn parts(line: &str) -> Result<(String, Option<Value>), String> {
        let cli = Cli::try_parse_from(format!("calls {line}").split(' ')).map_err(|error| error.to_string())?;
        let (_, order, body) = cli.command.parts();
        Ok((order.to_owned(), body))
    }

    #[test]
    fn an_order_says_only_what_was_said() {
        let (order, body) = parts("transfer 3-0-7 --to seat:1001 --reason too_complex").unwrap();
        assert_eq!((order.as_str(), body), ("transfer", Some(json!({ "to": { "seat": "1001" }, "reason": "too_complex" }))));
        assert_eq!(parts("complete 3-0-7").unwrap().1, Some(json!({})));
        assert_eq!(parts("classify 3-0-7 --class major --sensitive true").unwrap().1, Some(json!({ "class": "major", "sensitive": true })));
        assert_eq!(parts("classify 3-0-7 --impact department").unwrap().1, Some(json!({ "impact": "department" })));
        assert_eq!(parts("three-way 3-0-7").unwrap(), ("three-way".into(), None));
    }

    #[test]
    fn what_cannot_be_ordered_is_told_before_anybody_is_asked() {
        for (line, says) in [
            ("transfer 3-0-7 --to 1001", "seat:NAME"),
            ("transfer 3-0-7 --to number:sip:x@evil", "digits"),
            ("transfer 3-0-7 --to seat:1 --reason tired", "too_complex"),
            ("consult 3-0-7", "--to"),
            ("classify 3-0-7", "--class"),
            ("classify 3-0-7 --class minor", "is no class"),
            ("hold 7", "epoch-shard-count"),
        ] {
            let error = parts(line).unwrap_err();
            assert!(error.contains(says), "{line}: {error}");
        }
    }

    #[test]
    fn every_order_is_told_in_both_languages() {
        let refused: Result<Done, _> = Err(Refusal { status: 409, code: "no_reason".into(), detail: "R53".into(), ..Refusal::default() });
        for order in [
            "transfer",
            "consult",
            "complete",
            "cancel",
            "three-way",
            "back",
            "accept-ownership",
            "hold",
            "resume",
            "disposition",
            "classify",
            "hang-up",
        ] {
            assert_ne!(zh(order), "执行", "{order}");
            assert!(in_words(CallId::new(3, 0, 7), order, &refused, Lang::Zh).ends_with("：R53"));
        }
    }
}
