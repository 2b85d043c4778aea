//! `hotline seats list` and `hotline seats set`: what the agents of a running hotline are at.

use crate::cli::{calls, words};
use crate::control::{self, Reply, Request};
use crate::live::by_hand::{self, ToldArgs};
use clap::Subcommand;
use hotline_model::history::HandOrder;
use hotline_model::{CallId, Intent};
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
        #[arg(value_parser = control::parse_intent)]
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

/// Runs `hotline seats` against the hotline on a data directory.
///
/// # Errors
/// No hotline answers.
pub fn run(data: &Path, command: SeatsCommand) -> anyhow::Result<ExitCode> {
    let (request, json) = match command {
        SeatsCommand::Pull { seat, call, told } => return by_hand::give(data, call, HandOrder::Pull { seat: seat.into() }, &told),
        SeatsCommand::List { json } => (Request::Seats, json),
        SeatsCommand::Set { seat, state } => (Request::Choose { seat, intent: state }, false),
    };
    match control::ask(data, &request)? {
        Reply::Seats(seats) if json => {
            let seats: Vec<_> =
                seats.iter().map(|(seat, state)| json!({ "seat": seat, "state": state.word(), "reachable": state.reachable })).collect();
            calls::print(&format!("{}\n", serde_json::to_string_pretty(&seats)?))?;
        }
        Reply::Seats(seats) => {
            let rows: Vec<[String; 2]> = seats.iter().map(|(seat, state)| [seat.to_string(), state.word().to_owned()]).collect();
            calls::print(&words::aligned(&rows))?;
        }
        Reply::Done | Reply::NotByHand(_) | Reply::Queues(..) => {}
        Reply::Refused(why) => {
            calls::tell(&why)?;
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
