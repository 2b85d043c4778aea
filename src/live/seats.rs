//! `hotline seats list` and `hotline seats set`: what the agents of a running hotline are at.

use crate::api::client::{Client, Refusal, segment};
use crate::api::nouns::{Done, Health, ReasonWord, SeatList, SeatShown};
use crate::cli::words::{Lang, lang_of_environment};
use crate::cli::{calls, words};
use crate::live::by_hand::{self, ToldArgs};
use clap::Subcommand;
use hotline_model::history::HandOrder;
use hotline_model::{Activity, CallId, Intent, Name, NotReadyReason, SeatState, WallTime};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

/// What can be done with seats.
#[derive(Debug, Subcommand)]
pub enum SeatsCommand {
    /// Lists all seats and their states.
    List {
        /// JSON for machines.
        #[arg(long)]
        json: bool,
    },
    /// States what a seat's agent chose; it survives a restart.
    Set {
        /// The seat.
        seat: String,
        /// ready, break, meal, meeting, training, other, off-shift or signed-out.
        #[arg(value_parser = parse_intent)]
        state: Intent,
    },
    /// A seat takes a call that waits, or rings elsewhere (R44): its phone rings now, whatever the queue's steps ask for.
    Pull {
        /// The seat.
        seat: String,
        /// The call's id, as `calls list` shows it.
        call: CallId,
        #[command(flatten)]
        told: ToldArgs,
    },
}

/// The words for a choice, as the command line takes them.
fn parse_intent(word: &str) -> Result<Intent, String> {
    Ok(match word {
        "ready" => Intent::Available,
        "signed-out" => Intent::SignedOut,
        "break" => Intent::NotReady(NotReadyReason::Break),
        "meal" => Intent::NotReady(NotReadyReason::Meal),
        "meeting" => Intent::NotReady(NotReadyReason::Meeting),
        "training" => Intent::NotReady(NotReadyReason::Training),
        "other" => Intent::NotReady(NotReadyReason::Other),
        "off-shift" => Intent::NotReady(NotReadyReason::OffShift),
        _ => return Err("one of: ready, break, meal, meeting, training, other, off-shift, signed-out".into()),
    })
}

/// Runs `hotline seats` against the hotline on a data directory.
///
/// # Errors
/// No hotline answers.
pub fn run(data: &Path, command: SeatsCommand) -> anyhow::Result<ExitCode> {
    match command {
        SeatsCommand::Pull { seat, call, told } => by_hand::give(data, call, HandOrder::Pull { seat: seat.into() }, &told),
        SeatsCommand::List { json } => list(data, json),
        SeatsCommand::Set { seat, state } => set(data, &seat, state),
    }
}

/// The seats of the hotline that runs on a data directory.
///
/// # Errors
/// No hotline answers.
pub fn all(data: &Path) -> anyhow::Result<Result<Vec<(Name, SeatState)>, Refusal>> {
    let list: Result<SeatList, Refusal> = Client::open(data, lang_of_environment().code())?.get("/api/v1/seats")?;
    Ok(list.map(|list| list.seats.iter().map(|seat| (seat.name.as_str().into(), seat.state())).collect()))
}

/// What the clock of the hotline that runs on a data directory shows; `None` if none answers.
pub fn clock(data: &Path) -> Option<WallTime> {
    let health: Result<Health, Refusal> = Client::open(data, lang_of_environment().code()).ok()?.get("/api/v1/health").ok()?;
    health.ok()?.now.parse().ok().map(|now: jiff::Timestamp| WallTime(now.as_microsecond()))
}

fn list(data: &Path, json: bool) -> anyhow::Result<ExitCode> {
    match all(data)? {
        Ok(seats) if json => {
            let shown = |(seat, state): &(Name, SeatState)| {
                let then = words::afterwards(*state).map(SeatState::word);
                json!({ "seat": seat, "state": state.word(), "then": then, "reachable": state.reachable })
            };
            let seats: Vec<_> = seats.iter().map(shown).collect();
            calls::print(&format!("{}\n", serde_json::to_string_pretty(&seats)?))?;
        }
        Ok(seats) => {
            let rows: Vec<[String; 2]> = seats.iter().map(|(seat, state)| [seat.to_string(), words(*state)]).collect();
            calls::print(&words::aligned(&rows))?;
        }
        Err(refusal) => return refused(&refusal.detail),
    }
    Ok(ExitCode::SUCCESS)
}

/// What a seat is at, and what its agent chose for afterwards.
fn words(state: SeatState) -> String {
    match words::afterwards(state) {
        Some(afterwards) => format!("{}, then {}", state.word(), afterwards.word()),
        None => state.word().to_owned(),
    }
}

/// That a seat is not ready yet, if it is not: whoever set it so would wait for calls in vain.
fn not_yet(client: &Client, seat: &str) -> anyhow::Result<Option<String>> {
    let shown: Result<SeatShown, Refusal> = client.get(&format!("/api/v1/seats/{}", segment(seat)))?;
    let wraps_up = shown.is_ok_and(|shown| shown.state().activity == Activity::WrapUp);
    Ok(wraps_up.then(|| match lang_of_environment() {
        Lang::En => format!(
            "seat {seat} is in its wrap-up and ready once that is over: *13 at its telephone ends it (`hotline why {seat}` says until when)"
        ),
        Lang::Zh => format!("坐席 {seat} 正在话后处理，结束后就绪：在其话机上拨 *13 可立即结束（`hotline why {seat}` 说明到何时为止）"),
    }))
}

fn set(data: &Path, seat: &str, state: Intent) -> anyhow::Result<ExitCode> {
    let (order, body) = match state {
        Intent::Available => ("sign-in", None),
        Intent::SignedOut => ("sign-out", None),
        Intent::NotReady(reason) => ("not-ready", Some(json!({ "reason": ReasonWord::from(reason) }))),
    };
    let client = Client::open(data, lang_of_environment().code())?;
    let done: Result<Done, Refusal> = client.post(&format!("/api/v1/seats/{}/{order}", segment(seat)), body.as_ref())?;
    match done {
        Ok(_) => {
            let not_yet = if state == Intent::Available { not_yet(&client, seat)? } else { None };
            not_yet.iter().try_for_each(|words| calls::tell(words))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(refusal) if refusal.code == "no_such_seat" => refused(&format!("no seat `{seat}`")),
        Err(refusal) => refused(&refusal.detail),
    }
}

fn refused(why: &str) -> anyhow::Result<ExitCode> {
    calls::tell(why)?;
    Ok(ExitCode::FAILURE)
}
