//! `hotline rules explain`: what a call would meet, with file and line for each decision: hours, gates, keys, queue, step, seats, deadline.

mod path;

pub use path::piece_name;

use super::expected::{blocked, told};
use super::{Outcome, rehearse};
use crate::cli::calls::{self, OutputArgs};
use crate::cli::why::WhyArgs;
use crate::cli::words::{self, Lang, Zone};
use crate::folder::{self, Refused};
use anyhow::{Context, anyhow};
use clap::Args;
use hotline_model::history::{EventKind, NoMessage};
use hotline_model::{Number, Record};
use hotline_rules::report::shown as line;
use hotline_rules::trial::{
    KeyPress, SeatGiven, Situation, give_customer, give_lookup, parse_caller, parse_keys, parse_moment, parse_outside, parse_replies,
    parse_seat,
};
use hotline_rules::{Plan, Spot, Style, render, summary};
use path::Step;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Numbers of the rules that are named where another was dialled.
const NUMBERS: usize = 12;

/// Arguments of `rules explain`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("caller").required(true).args(["from", "customer"]))]
pub struct ExplainArgs {
    /// The caller's number, as one writes it, as `tel:` or `sip:`, or `withheld`.
    #[arg(long, value_name = "NUMBER")]
    pub from: Option<String>,
    /// The caller is this customer of the rules.
    #[arg(long, value_name = "NAME")]
    pub customer: Option<String>,
    /// The seat that owns an open matter of the caller.
    #[arg(long, value_name = "SEAT")]
    pub owner: Option<String>,
    /// What a source of look-ups answers, as tests write it: `crm = { customer_type = "vip" }`, or `crm=timeout`; once for each source.
    #[arg(long, value_name = "SOURCE=ANSWER")]
    pub lookup: Vec<String>,
    /// The agent hangs up so long after the answer: the survey is heard too.
    #[arg(long, value_name = "TIME", value_parser = words::duration)]
    pub agent_hangs_up: Option<Duration>,
    /// Announcements that are switched on.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub announcement: Vec<String>,
    /// What is dialled; else the first number of the rules.
    #[arg(long, value_name = "NUMBER")]
    pub to: Option<String>,
    /// When: 2026-10-10T09:30 in the zone of the rules, or with an offset.
    #[arg(long, value_name = "TIME")]
    pub at: String,
    /// Keys, as `2,1`; `-` lets a menu wait in vain, `8@20s` is pressed 20 s after dialling.
    #[arg(long, default_value = "", value_parser = keys, allow_hyphen_values = true)]
    pub keys: Keys,
    /// What seats are at, as `1001=busy 20s,1002=no_answer,*=signed_out`; all others are ready.
    #[arg(long, value_name = "SEAT=STATE,…", value_delimiter = ',')]
    pub seats: Vec<String>,
    /// What somebody outside does who is called: `answers 5s`, `no_answer`, `rejects 486` or `silent`.
    #[arg(long, value_name = "STATE")]
    pub outside: Option<String>,
    /// How long the caller speaks when asked for a message; not at all if it is left out.
    #[arg(long, value_name = "TIME", value_parser = words::duration)]
    pub message: Option<Duration>,
    /// How late the voice's replies to keys are heard: `4s` is each, `4s,0s` the first and the second.
    #[arg(long, value_name = "TIME,…")]
    pub reply_late: Option<String>,
    /// So many calls wait in a queue before this one, as `service=3`.
    #[arg(long, value_name = "QUEUE=COUNT,…", value_delimiter = ',')]
    pub waiting: Vec<String>,
    /// How long it is looked at if nobody answers.
    #[arg(long, value_name = "TIME", default_value = "90s", value_parser = words::duration)]
    pub lasts: Duration,
    /// The folder of the rules; else rules.dir of the configuration.
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    /// The language of the sentences; else that of $HOTLINE_LANG, $LC_ALL or $LANG.
    #[arg(long, value_name = "zh|en", default_value_t = words::lang_of_environment())]
    pub lang: Lang,
    /// JSON for machines; times in UTC.
    #[arg(long)]
    pub json: bool,
    /// Shows the caller's number in full.
    #[arg(long)]
    pub reveal: bool,
}

/// Keys on the command line: one value, not a list of them.
#[derive(Clone, Debug)]
pub struct Keys(Vec<KeyPress>);

fn keys(text: &str) -> Result<Keys, String> {
    parse_keys(text).map(Keys).map_err(|why| why.of(words::lang_of_environment()).to_owned())
}

/// Runs `hotline rules explain`; exit 1 if the rules have errors, 2 if something can't be read.
pub fn run(args: &ExplainArgs, configured: &Path, style: Style) -> anyhow::Result<ExitCode> {
    let dir = args.rules.as_deref().unwrap_or(configured);
    let heard = [([127, 0, 0, 1], 5060).into(), (std::net::Ipv6Addr::LOCALHOST, 5060).into()];
    let revision = match folder::load(dir, &heard, None) {
        Ok(revision) => revision,
        Err(Refused::Unreadable(why)) => return Err(anyhow!(why.of(args.lang).to_owned())),
        Err(Refused::Tests(tests)) => anyhow::bail!(tests.summary(args.lang)),
        Err(Refused::Findings(findings, sources)) => {
            eprint!("{}", render(&findings, &sources, style, args.lang));
            eprintln!("{}", summary(&findings, &sources, args.lang));
            return Ok(if findings.iter().any(hotline_rules::is_unread) { ExitCode::from(2) } else { ExitCode::FAILURE });
        }
    };
    let situation = situation(args, &revision.plan)?;
    let outcome = rehearse(&revision.plan, &revision.prompts, &situation)?;
    calls::print(&explained(&outcome, args))?;
    Ok(ExitCode::SUCCESS)
}

/// What was asked for.
///
/// # Errors
/// A wrong word, with what would be right.
pub fn situation(args: &ExplainArgs, plan: &Plan) -> anyhow::Result<Situation> {
    let mut situation =
        Situation::new(plan, parse_moment(&args.at, plan).map_err(|why| anyhow!(why.of(args.lang).to_owned())).context("--at")?);
    let refused = |why: hotline_rules::Said| anyhow!(why.of(args.lang).to_owned());
    if let Some(from) = &args.from {
        situation.from = parse_caller(from).map_err(refused).context("--from")?;
    }
    if let Some(customer) = &args.customer {
        give_customer(&mut situation, customer, plan).map_err(refused).context("--customer")?;
    }
    for text in &args.lookup {
        give_lookup(&mut situation, text, plan).map_err(refused).context("--lookup")?;
    }
    if let Some(owner) = &args.owner {
        let seat = plan.seat_names.get(owner).with_context(|| format!("--owner: the rules have no seat `{owner}`"))?;
        situation.owner = Some(*seat);
    }
    (situation.agent_hangs_up, situation.talks) = (args.agent_hangs_up, args.agent_hangs_up.is_some());
    situation.to = args.to.clone().unwrap_or(situation.to);
    situation.keys.clone_from(&args.keys.0);
    for name in &args.announcement {
        let one = plan.announcement(name).with_context(|| format!("--announcement: the rules have no announcement `{name}`"))?;
        situation.announcements.push(one.name.clone());
    }
    situation.lasts = args.lasts;
    situation.message = args.message;
    for text in &args.seats {
        let (name, state) = text.split_once('=').with_context(|| format!("--seats: `{text}` is not like `1001=busy 20s`"))?;
        let state: SeatGiven = parse_seat(state).map_err(|why| anyhow!(why.of(args.lang).to_owned())).context("--seats")?;
        if name == "*" {
            situation.others = state;
            continue;
        }
        let seat = plan.seat_names.get(name).with_context(|| format!("--seats: the rules have no seat `{name}`"))?;
        situation.seats.insert(*seat, state);
    }
    if let Some(text) = &args.outside {
        situation.outside = parse_outside(text).map_err(|why| anyhow!(why.of(args.lang).to_owned())).context("--outside")?;
    }
    if let Some(text) = &args.reply_late {
        situation.replies = parse_replies(text).map_err(refused).context("--reply-late")?;
    }
    for text in &args.waiting {
        let (name, count) = text.split_once('=').with_context(|| format!("--waiting: `{text}` is not like `service=3`"))?;
        let queue = plan.queue_names.get(name).with_context(|| format!("--waiting: the rules have no queue `{name}`"))?;
        let count = count.parse().ok().filter(|count| *count <= 50);
        situation.waiting.insert(*queue, count.with_context(|| format!("--waiting: `{text}`: 0 to 50 calls"))?);
    }
    Ok(situation)
}

/// The whole answer.
pub fn explained(outcome: &Outcome, args: &ExplainArgs) -> String {
    let steps = path::steps(outcome, args.reveal, args.lang);
    if args.json { format!("{:#}\n", as_json(outcome, &steps, args)) } else { text(outcome, &steps, args) }
}

fn why_args(plan: &Plan, args: &ExplainArgs) -> WhyArgs {
    let zone = plan.calendars.first().and_then(|calendar| calendar.zone.iana_name());
    let zone = zone.and_then(|name| Zone::parse(name).ok()).unwrap_or_else(Zone::of_environment);
    let output = OutputArgs { json: args.json, reveal: args.reveal, zone };
    WhyArgs { about: String::new(), seat: false, queue: false, lang: args.lang, rules: None, output }
}

fn text(outcome: &Outcome, steps: &[Step], args: &ExplainArgs) -> String {
    let why = why_args(&outcome.plan, args);
    let mut text = String::new();
    for step in steps {
        text += &format!("  {}  {}\n", why.output.zone.clock(step.at), line(&step.says));
        step.places.iter().for_each(|place| text += &format!("            {}\n", line(place)));
    }
    if outcome.record().is_some_and(|record| record.t2.is_some()) {
        text.push('\n');
        text += &told(outcome, |told| told.text(&why)).unwrap_or_default();
    }
    let note = args.lang.of("note: ", "注意：");
    outcome.notes.iter().for_each(|words| text += &format!("{note}{}\n", line(words.of(args.lang))));
    text + &format!("\n=> {}\n", line(&end(outcome, args)))
}

fn as_json(outcome: &Outcome, steps: &[Step], args: &ExplainArgs) -> Value {
    let why = why_args(&outcome.plan, args);
    let waited = told(outcome, |told| told.json(&why)).and_then(|json| serde_json::from_str::<Value>(&json).ok());
    let path = steps.iter().map(|step| json!({ "at": words::iso(step.at), "says": step.says, "places": step.places }));
    let record = outcome.record();
    json!({
        "from": shown(&outcome.situation, args.reveal),
        "to": outcome.situation.to,
        "at": words::iso(outcome.situation.at),
        "refused": outcome.refused,
        "path": path.collect::<Vec<_>>(),
        "why": waited,
        "queue": record.and_then(|record| record.queue.as_ref().map(ToString::to_string)),
        "seat": record.and_then(|record| record.seat.as_ref().map(ToString::to_string)),
        "waited_ms": outcome.waited().map(|waited| u64::try_from(waited.as_millis()).unwrap_or(u64::MAX)),
        "goodbye": outcome.goodbye(),
        "notes": outcome.notes.iter().map(|note| note.of(args.lang)).collect::<Vec<_>>(),
        "end": end(outcome, args),
    })
}

/// The caller's number as it may be shown.
fn shown(situation: &Situation, reveal: bool) -> String {
    let number = Number::new(situation.from.as_deref().unwrap_or_default());
    if reveal { number.reveal().to_owned() } else { number.to_string() }
}

/// Where nobody at a seat has the call, but somebody outside, or there is a message, or none.
fn without_a_seat(outcome: &Outcome, record: &Record, args: &ExplainArgs) -> Option<String> {
    let lang = args.lang;
    if let Some(name) = words::outside(record, args.reveal) {
        return Some(lang.of(format!("{name} outside answers"), format!("外部 {name} 接听")));
    }
    if let Some(message) = &record.message {
        let (voicemail, queue, limit) = (&message.left.voicemail, &message.left.queue, outcome.plan.timers.deferred_response);
        return Some(lang.of(
            format!("a message in {voicemail}; the people of queue {queue} are to answer it within {}, R19", words::seconds(limit)),
            format!("在 {voicemail} 留言；{queue} 的人员须在{}内处理，R19", words::seconds_zh(limit)),
        ));
    }
    let none = |kind: &EventKind| if let EventKind::NoMessage { voicemail, why } = kind { Some((voicemail.clone(), *why)) } else { None };
    let (voicemail, why) = outcome.found.events.iter().rev().find_map(|event| none(&event.kind))?;
    let hint = match why {
        NoMessage::TooShort => lang.of(": how long does the caller speak? `--message 12s`", "：来电者说多久？`--message 12s`"),
        NoMessage::Full | NoMessage::Storage => "",
    };
    Some(lang.of(format!("no message in {voicemail}{hint}"), format!("在 {voicemail} 没有留言{hint}")))
}

/// Why a call was not picked up.
fn turned_away(outcome: &Outcome, code: u16, lang: Lang) -> String {
    let refused = lang.of(format!("refused with {code}"), format!("拒绝，状态 {code}"));
    if let Some(blocked) = blocked(outcome) {
        return lang.of(format!("{refused}: on the block list ({})", blocked.rule), format!("{refused}：在黑名单中（{}）", blocked.rule));
    }
    if code != 404 {
        return refused;
    }
    let numbers = &outcome.plan.numbers;
    let names: Vec<&str> = numbers.iter().take(NUMBERS).map(|number| &*number.name).collect();
    let (to, names) = (&outcome.situation.to, names.join(", ") + if numbers.len() > NUMBERS { ", …" } else { "" });
    lang.of(
        format!("{refused}: the rules have no number `{to}`; they have: {names}"),
        format!("{refused}：规则里没有号码 `{to}`，有：{names}"),
    )
}

/// The last line: who has the call, or what became of it, and the deadline.
fn end(outcome: &Outcome, args: &ExplainArgs) -> String {
    let (plan, lang) = (&outcome.plan, args.lang);
    if let Some(code) = outcome.refused {
        return turned_away(outcome, code, lang);
    }
    let Some(record) = outcome.record() else { return lang.of("nothing happened", "没有发生任何事").into() };
    if outcome.goodbye() {
        return lang.of("the caller is told goodbye", "播报后道别").into();
    }
    if let Some(blocked) = blocked(outcome) {
        let said: Vec<String> = outcome.said.iter().flat_map(|said| &said.prompts).map(ToString::to_string).collect();
        let (rule, said) = (&blocked.rule, said.join(", "));
        return lang
            .of(format!("on the block list ({rule}): told {said}, and hung up"), format!("在黑名单中（{rule}）：播放 {said} 后挂断"));
    }
    if outcome.found.events.iter().any(|event| matches!(event.kind, EventKind::CallBackBooked { .. })) {
        let queue = record.queue.as_ref().map_or(String::new(), |queue| lang.of(format!(" by queue {queue}"), format!("（排队 {queue}）")));
        return lang
            .of(format!("the caller is called back{queue}, at the place held until now"), format!("将回拨来电者{queue}，保留原来的位置"));
    }
    if let Some(end) = without_a_seat(outcome, record, args) {
        return end;
    }
    let Some(queue) = &record.queue else {
        return lang.of("the caller is still in the menus: more keys?", "来电者还在菜单中：是否缺少按键？").into();
    };
    let place = plan.places.spot(Spot::Answer).map_or(String::new(), |place| format!(" ({place})"));
    let limit = lang.of(words::seconds(plan.timers.answer), words::seconds_zh(plan.timers.answer));
    let deadline = lang.of(format!("deadline {limit}{place}, R5"), format!("时限 {limit}{place}，R5"));
    let Some((seat, waited)) = record.seat.as_ref().zip(outcome.waited()) else {
        return lang.of(format!("nobody answered in queue {queue}; {deadline}"), format!("{queue} 排队无人接听；{deadline}"));
    };
    let agent = plan.seat_names.get(&**seat).map_or("", |seat| &*plan.seat(*seat).agent);
    let agent = if *agent == **seat { String::new() } else { format!("{agent} ") };
    lang.of(
        format!("seat {seat} {agent}answers after {} in queue {queue}; {deadline}", words::seconds(waited)),
        format!("坐席 {seat} {agent}接听，在 {queue} 排队 {}；{deadline}", words::seconds_zh(waited)),
    )
}
