//! `hotline calls list` and `hotline calls show`.

use super::own::{self, Own};
use super::transfers;
use super::words::{self, Lang, Zone};
use super::{dues, messages, surveys};
use anyhow::Context;
use clap::{Args, Subcommand};
use hotline_archive::{Filter, Found, Look, LookError, Outcome, Source};
use hotline_model::history::{ClockChange, Foretold};
use hotline_model::{CallId, EventKind, Impact, Record, Remit, WallTime};
use hotline_rules::report::{shown, shown_lines};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// What can be done with calls.
#[derive(Debug, Subcommand)]
pub enum CallsCommand {
    /// Lists calls, the newest first; also those that are still live.
    List(ListArgs),
    /// Shows one call: every time, wait, offer and clock.
    Show(ShowArgs),
}

/// Arguments of `calls list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only calls that arrived in this time up to now, e.g. 30m, 1h, 2d.
    #[arg(long, value_name = "DURATION", value_parser = words::duration)]
    pub since: Option<Duration>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    pub limit: u32,
    /// Only calls that waited last in this queue.
    #[arg(long)]
    pub queue: Option<String>,
    /// Only calls that this seat answered last.
    #[arg(long)]
    pub seat: Option<String>,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `calls show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The call's id, as `calls list` shows it.
    pub call: CallId,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// How to print.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// JSON for machines; times in UTC.
    #[arg(long)]
    pub json: bool,
    /// Shows callers' numbers in full.
    #[arg(long)]
    pub reveal: bool,
    /// Times are shown in this zone, e.g. Asia/Shanghai; else in that of $TZ, else in UTC.
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, default_value_t = Zone::of_environment())]
    pub zone: Zone,
}

/// Runs `hotline calls …` on a data directory.
pub async fn run(data: &Path, command: &CallsCommand, now: WallTime) -> anyhow::Result<ExitCode> {
    match command {
        CallsCommand::List(args) => list(data, args, now).await,
        CallsCommand::Show(args) => show(data, args, now).await,
    }
}

/// `hotline calls list`.
pub async fn list(data: &Path, args: &ListArgs, now: WallTime) -> anyhow::Result<ExitCode> {
    let look = match look(data).await? {
        Ok(look) => look,
        Err(code) => return Ok(code),
    };
    let since = args.since.map(|since| WallTime(now.0.saturating_sub(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))));
    let filter = Filter { since, queue: args.queue.clone(), seat: args.seat.clone(), limit: args.limit, ..Filter::default() };
    let calls = look.calls(&filter).await?;
    let text = if args.output.json {
        let rows: Vec<_> = calls.iter().map(|(record, source)| record_json(record, *source, args.output.reveal)).collect();
        format!("{:#}\n", Value::Array(rows))
    } else {
        table(&calls, &args.output, now)
    };
    print(&text)?;
    if calls.is_empty() && !args.output.json {
        tell("no call passes; try a longer --since or fewer conditions")?;
    } else if calls.len() as u64 == u64::from(args.limit) && !args.output.json {
        tell(&format!("the newest {} calls; more with --limit", args.limit))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// `hotline calls show`.
pub async fn show(data: &Path, args: &ShowArgs, now: WallTime) -> anyhow::Result<ExitCode> {
    let look = match look(data).await? {
        Ok(look) => look,
        Err(code) => return Ok(code),
    };
    let Some(found) = look.call(args.call).await? else { return not_found(args.call) };
    let text = match &found.record {
        Some(record) if args.output.json => {
            let mut value = record_json(record, found.source, args.output.reveal);
            value["decisions"] = json!(found.decisions.len());
            value["announced_waits"] = foretold_json(&found, record);
            value["events"] = json!(found.events.len());
            value["own"] = Own::of(&found).map(|own| own.json()).into();
            format!("{value:#}\n")
        }
        Some(record) => card(&found, record, &args.output, now),
        None => {
            format!("Call {}: its arrival was lost to damage in the journal; {} later events are stored.\n", args.call, found.events.len())
        }
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Opens the data directory; or has said what to do, with the exit code for it.
pub async fn look(data: &Path) -> anyhow::Result<Result<Look, ExitCode>> {
    match Look::open(data).await {
        Ok(look) => Ok(Ok(look)),
        Err(error) => {
            let hint = match &error {
                LookError::Nothing(_) => "start `hotline serve` first, or name the data directory in hotline.toml (data.dir)",
                LookError::Store(..) => "is it a hotline database, and may you read it and its directory?",
                LookError::Journal(..) => "may you read the directory?",
                LookError::TooManyWaiting(_) => "does the log say why the database can't be written?",
            };
            tell(&format!("{error}; {hint}"))?;
            Ok(Err(ExitCode::from(2)))
        }
    }
}

/// Says that there is no such call; exit 1.
pub fn not_found(call: CallId) -> anyhow::Result<ExitCode> {
    tell(&format!("there is no call {call}; `hotline calls list` shows which there are"))?;
    Ok(ExitCode::from(1))
}

/// Data for stdout. A reader that has seen enough (`| head`) is no error.
pub fn print(text: &str) -> anyhow::Result<()> {
    print_raw(&shown_lines(text))
}

/// Text for stdout byte for byte, for what is to be put back as it was.
pub fn print_raw(text: &str) -> anyhow::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("writing to stdout"),
    }
}

/// A line for stderr.
pub fn tell(line: &str) -> anyhow::Result<()> {
    writeln!(io::stderr().lock(), "hotline: {}", shown(line)).context("writing to stderr")
}

/// The aligned table of `calls list`.
pub fn table(calls: &[(Record, Source)], output: &OutputArgs, now: WallTime) -> String {
    const HEAD: [&str; 8] = ["CALL", "ARRIVED", "FROM", "QUEUE", "SEAT", "WAITED", "TALKED", "OUTCOME"];
    let name = |name: Option<&str>| name.unwrap_or("-").to_owned();
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(calls.iter().map(|(record, source)| {
        [
            record.call.to_string(),
            output.zone.second(record.t0),
            caller(record, output.reveal),
            name(record.queue.as_deref()),
            name(record.seat.as_deref()),
            record.waited(now).map_or("-".into(), words::seconds),
            talked(record, now).map_or("-".into(), words::seconds),
            outcome(record, *source),
        ]
    }));
    words::aligned(&rows)
}

/// Who calls; of a seat's own call also whom.
fn caller(record: &Record, reveal: bool) -> String {
    let number = || words::number(record, reveal);
    record.phone.as_ref().map_or_else(number, |phone| format!("{phone} > {}", own::dialled(record, reveal)))
}

fn talked(record: &Record, now: WallTime) -> Option<Duration> {
    Some(record.talk_ended().unwrap_or(now).since(record.t3?))
}

/// The outcome in words; what is not in the database yet is marked.
pub fn outcome(record: &Record, source: Source) -> String {
    if let Some(message) = record.message.as_deref().filter(|_| record.t6.is_some()) {
        // Nobody wraps up: the message may wait for days.
        return if messages::is_open(message) { "message open".to_owned() } else { marked(record, source, "message answered") };
    }
    let word = match Outcome::of(record) {
        _ if record.phone.is_some() => return marked(record, source, &own::outcome(record)),
        Outcome::Live if record.left.is_some() => "led away",
        Outcome::Live if record.waits_again() => "waiting",
        Outcome::Live if record.survey.is_some() => "in the survey",
        Outcome::Live if record.t3.is_some() => "talking",
        Outcome::Live if record.calls_back.is_some() => "call-back open",
        Outcome::Live if record.t2.is_some() => "waiting",
        Outcome::Live => "in the menus",
        Outcome::Answered => "answered",
        Outcome::Abandoned => "abandoned",
        Outcome::LeftEarly => "left early",
        Outcome::SelfService if record.t2.is_some() => "led away",
        Outcome::SelfService => "self-service",
        Outcome::TurnedAway => "turned away",
        Outcome::Failed => "failed",
    };
    marked(record, source, word)
}

fn marked(record: &Record, source: Source, word: &str) -> String {
    match source {
        Source::Database => word.to_owned(),
        Source::Journal => format!("{word} (not in the database yet)"),
        Source::Live if record.t6.is_some() => format!("{word} (wrap-up)"),
        Source::Live => format!("{word} (live)"),
    }
}

/// The readable card of `calls show`.
pub fn card(found: &Found, record: &Record, output: &OutputArgs, now: WallTime) -> String {
    let own = Own::of(found);
    let mut card = format!("Call {}: {}\n", record.call, outcome(record, found.source));
    card += match found.source {
        Source::Database => "",
        Source::Journal => "Read from the journal: the call is over but not in the database yet.\n",
        Source::Live => "Read from the journal: the call is not over.\n",
    };
    card += "\n";
    card += &words::aligned(&facts(record, own.as_ref(), output));
    let _ = write!(card, "\nTimes ({})\n", output.zone);
    card += &words::aligned(&times(record, output));
    let waits = waits(record, now);
    if !waits.is_empty() {
        card += "\nWaits\n";
        card += &words::aligned(&waits);
    }
    if let Some(own) = own.filter(|own| !own.ways.is_empty()) {
        card += "\nTrunks\n";
        card += &words::aligned(&own.rows(|at| output.zone.milli(at)));
    }
    if !record.clocks.is_empty() {
        card += "\nClocks\n";
        card += &words::aligned(&clocks(record));
    }
    if !record.offers.is_empty() {
        card += "\nOffers\n";
        card += &words::aligned(&offers(record, output));
    }
    if !record.transfers.is_empty() {
        card += "\nTransfers\n";
        card += &words::aligned(&transfers::rows(record, |at| output.zone.milli(at)));
    }
    if let Some(survey) = &record.survey {
        card += "\nSurvey\n";
        card += &words::aligned(&surveys::rows(survey));
    }
    if let Some(message) = &record.message {
        card += "\nMessage\n";
        card += &words::aligned(&messages::rows(message, |at| output.zone.milli(at)));
    }
    if !record.due.is_empty() {
        card += "\nTo be done\n";
        let rows: Vec<_> = record.due.iter().map(|due| ["".to_owned(), dues::sentence(due, &output.zone, Lang::En)]).collect();
        card += &words::aligned(&rows);
    }
    let told = foretold(found, record, output);
    if !told.is_empty() {
        card += "\nAnnounced waits\n";
        card += &words::aligned(&told);
    }
    if found.left_out > 0 {
        let _ = write!(card, "\n{} further events count in these figures but can't be shown singly.\n", found.left_out);
    }
    card
}

fn facts(record: &Record, own: Option<&Own>, output: &OutputArgs) -> Vec<[String; 3]> {
    let mut rows = Vec::new();
    let mut row = |name: &str, value: Option<String>| rows.extend(value.map(|value| ["".into(), name.to_owned(), value]));
    let caller = own.map_or_else(|| words::number(record, output.reveal), |own| own.caller(Lang::En));
    row("from", Some(caller));
    row("dialled", Some(own.map_or_else(|| record.dialled.to_string(), |own| own.callee(Lang::En, record, output.reveal))));
    row("queue", record.queue.as_ref().map(ToString::to_string));
    row("seat", record.seat.as_ref().map(ToString::to_string));
    row("owner", record.owner.as_ref().filter(|owner| Some(*owner) != record.seat.as_ref()).map(ToString::to_string));
    row("outside", words::outside(record, output.reveal));
    row("calls back", record.calls_back.map(|call| format!("the customer of {call}")));
    row("priority", record.priority.map(|priority| priority.to_string()));
    row("scope", record.assessed.scope.map(|scope| format!("{scope} our own (R34)")));
    row("impact", record.assessed.impact.map(|impact| format!("{impact} (R33)")));
    if let Some(classified) = &record.classified {
        row("class", classified.class.map(|class| class.to_string()));
        row("kind", classified.kind.map(|kind| kind.to_string()));
        row("category", classified.category.map(|category| category.to_string()));
        row("language", Some(classified.language.to_string()));
        row("region", classified.region.as_ref().map(ToString::to_string));
        row("sensitive", classified.sensitive.then(|| "yes: only cleared seats (R68)".to_owned()));
    }
    row("menus", (!record.menus.is_empty()).then(|| record.menus.join(" > ")));
    row("digits", (!record.digits.is_empty()).then(|| record.digits.clone()));
    row("disposition", record.disposition.as_ref().map(ToString::to_string));
    row("ended", words::end(record));
    row("recovered", (record.recoveries > 0).then(|| format!("{} times after a restart", record.recoveries)));
    row("rules", Some(record.revision.to_string()));
    row("Call-ID", Some(words::without_number(&record.sip_call_id, record, output.reveal)));
    rows
}

fn times(record: &Record, output: &OutputArgs) -> Vec<[String; 5]> {
    let never = "-";
    let stated = if record.t3.is_some() { "not stated" } else { never };
    let all = [
        ("t0", "first INVITE", Some(record.t0), never),
        ("t1", "picked up", record.t1, never),
        ("t2", "entered a queue", record.t2, never),
        ("t2r", "a seat rang", record.t2r, never),
        ("t3", "a person answered", record.t3, never),
        ("t4", "first communication", record.t4, stated),
        ("t5", "handled", record.t5, stated),
        ("t6", "ended", record.t6, never),
        ("t7", "archived", record.t7, never),
    ];
    all.map(|(id, name, at, absent)| {
        let time = at.map_or(absent.to_owned(), |at| output.zone.milli(at));
        let after = at.map_or(String::new(), |at| format!("+{}", words::seconds(at.since(record.t0))));
        ["".into(), id.into(), name.into(), time, after]
    })
    .into()
}

fn waits(record: &Record, now: WallTime) -> Vec<[String; 3]> {
    let rang = record.t2r.map(|rang| record.t3.or(record.t6).unwrap_or(now).since(rang));
    let all = [
        ("picked up after", record.t1.map(|t1| t1.since(record.t0))),
        ("in the menus", record.t1.filter(|_| record.phone.is_none()).map(|t1| record.t2.or(record.t6).unwrap_or(now).since(t1))),
        ("waited for a person", record.waited(now)),
        ("arrival to a person", record.t3.map(|t3| t3.since(record.t0))),
        ("from the first ring on", rang),
        ("talked", talked(record, now)),
    ];
    let rows = all.into_iter().filter_map(|(name, time)| Some((name, time?)));
    rows.map(|(name, time)| ["".into(), name.into(), words::seconds(time)]).collect()
}

fn clocks(record: &Record) -> Vec<[String; 5]> {
    record
        .clocks
        .iter()
        .map(|clock| {
            let limit = Duration::from_millis(u64::from(clock.limit_ms));
            let after = words::seconds(clock.at.since(clock.started));
            let state = match clock.state {
                ClockChange::Started => "running".to_owned(),
                ClockChange::Warned => format!("running, warned after {after}"),
                ClockChange::Met => format!("met after {after}"),
                ClockChange::Breached => format!("BREACHED after {after}"),
                ClockChange::Dropped => format!("dropped after {after}: it no longer applied"),
            };
            ["".into(), format!("K{}", clock.clock), words::clock(clock.clock).into(), format!("limit {}", words::seconds(limit)), state]
        })
        .collect()
}

fn offers(record: &Record, output: &OutputArgs) -> Vec<[String; 4]> {
    let last = record.offers.len().saturating_sub(1);
    let rows = record.offers.iter().enumerate().map(|(n, offer)| {
        let end = match offer.end {
            Some(end) => words::offer_end(end),
            None if n == last && record.t3.is_some() => "answered".into(),
            None if record.t6.is_some() => "not answered".into(),
            None => "open".into(),
        };
        ["".into(), output.zone.milli(offer.at), format!("seat {}", offer.seat), end]
    });
    rows.collect()
}

/// What the caller was told of the wait, and what came true.
fn foretold(found: &Found, record: &Record, output: &OutputArgs) -> Vec<[String; 3]> {
    let rows = told(found).map(|(at, told)| {
        let real = record.t3.map(|answered| answered.since(at));
        ["".into(), output.zone.milli(at), words::foretold(told.ahead, told.wait, real)]
    });
    rows.collect()
}

fn told(found: &Found) -> impl Iterator<Item = (WallTime, Foretold)> {
    found.events.iter().filter_map(|event| if let EventKind::Foretold(told) = &event.kind { Some((event.at, *told)) } else { None })
}

fn foretold_json(found: &Found, record: &Record) -> Value {
    let rows = told(found).map(|(at, told)| {
        let wait = told.wait.ok();
        json!({
            "at": words::iso(at), "ahead": told.ahead, "minutes": wait.map(|wait| wait.minutes), "low_ms": wait.map(|wait| wait.low_ms),
            "likely_ms": wait.map(|wait| wait.likely_ms), "high_ms": wait.map(|wait| wait.high_ms),
            "untold": told.wait.err().map(words::untold),
            "answered_after_ms": record.t3.map(|answered| answered.since(at).as_millis() as u64),
        })
    });
    rows.collect()
}

/// A record for machines.
pub fn record_json(record: &Record, source: Source, reveal: bool) -> Value {
    let at = |time: Option<WallTime>| time.map(words::iso);
    let source = match source {
        Source::Database => "database",
        Source::Journal => "journal",
        Source::Live => "live",
    };
    let ms = |duration: Option<Duration>| duration.map(|duration| duration.as_millis() as u64);
    let clocks: Vec<_> = record
        .clocks
        .iter()
        .map(|clock| json!({ "clock": format!("K{}", clock.clock), "limit_ms": clock.limit_ms, "started": words::iso(clock.started), "state": words::clock_state(clock.state), "at": words::iso(clock.at) }))
        .collect();
    let offers: Vec<_> = record
        .offers
        .iter()
        .map(|offer| json!({ "seat": &*offer.seat, "at": words::iso(offer.at), "decision": offer.decision, "ended": offer.end.map(words::offer_end), "until": at(offer.until) }))
        .collect();
    json!({
        "call": record.call.to_string(), "source": source, "outcome": outcome(record, Source::Database),
        "from": record.phone.as_ref().map_or_else(|| words::number(record, reveal), ToString::to_string),
        "dialled": own::dialled(record, reveal), "phone": record.phone.as_deref(),
        "sip_call_id": words::without_number(&record.sip_call_id, record, reveal), "revision": record.revision.to_string(),
        "t0": words::iso(record.t0), "t1": at(record.t1), "t2": at(record.t2), "t2r": at(record.t2r), "t3": at(record.t3),
        "t4": at(record.t4), "t5": at(record.t5), "t6": at(record.t6), "t7": at(record.t7),
        "wait_ms": ms(record.t3.or(record.left).or(record.t6).and_then(|until| record.waited(until))),
        "talk_ms": ms(record.t3.and_then(|t3| Some(record.talk_ended()?.since(t3)))),
        "queue": record.queue.as_deref(), "priority": record.priority.map(|priority| priority.word()), "seat": record.seat.as_deref(),
        "outside": words::outside(record, reveal), "calls_back": record.calls_back.map(|call| call.to_string()),
        "scope": record.assessed.scope.map(Remit::word), "impact": record.assessed.impact.map(Impact::word),
        "classified": record.classified, "menus": record.menus, "digits": record.digits, "offers": offers, "clocks": clocks,
        "hung_up_by": record.hung_up_by.map(words::side), "cause": record.cause.map(words::cause), "q850": record.q850,
        "disposition": record.disposition.as_deref(), "recoveries": record.recoveries,
        "owner": record.owner.as_deref(), "transfers": transfers::json(record), "survey": record.survey.as_ref().map(surveys::json),
        "message": record.message.as_deref().map(messages::json),
    })
}
