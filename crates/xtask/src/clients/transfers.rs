//! Scenarios 7 and 8 of manual.md Part K with telephones: an agent's keys and its transfer key, and at each stage who hears whom.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;

use super::house::{House, RECORDED_WITHIN};
use super::parties::{Hears, Mark, Party, SIGNALLED_WITHIN, stage};
use crate::audio;
use crate::steps::{Outcome, Steps};

const RULES: [&str; 1] = ["fixtures/scenarios/transfers/07-transfer.toml"];
const PASSWORD: &str = "correct-horse";

const CALLER_AND_FIRST: [Hears; 2] = [Hears::Voices(&["first"]), Hears::Voices(&["caller"])];

type Check = fn(&House) -> Result<Outcome>;

/// Each has seats of its own.
const CHECKS: [(&str, Check); 1] = [("scenario 7: caller and first agent hear each other", talk)];

/// Runs those checks whose name is `wanted`.
pub fn run_steps(steps: &mut Steps, wanted: impl Fn(&str) -> bool) {
    let checks: Vec<(&str, Check)> = CHECKS.into_iter().filter(|(name, _)| wanted(name)).collect();
    if checks.is_empty() {
        return;
    }
    let mut started = None;
    steps.run("hotline serve gets ready for the transfers", || {
        started = Some(House::start("transfers", &RULES)?);
        Ok(Outcome::Passed(String::new()))
    });
    let Some(house) = started else { return };
    for (name, check) in checks {
        steps.run(name, || check(&house));
    }
    steps.run("the hotline of the transfers drains, and a replay of its inputs says the same", || {
        Ok(Outcome::Passed(house.hotline.stop()?))
    });
}

fn talk(house: &House) -> Result<Outcome> {
    let mut talk = Talk::begin(house, "7-talk", "talk", ["1001", "1002"], true)?;
    talk.hang_up()?;
    Ok(Outcome::Passed(String::new()))
}

/// A caller who talks with the first agent, and a receiver at a telephone.
struct Talk<'a> {
    house: &'a House,
    queue: &'static str,
    logs: PathBuf,
    caller: Party,
    first: Party,
    receiver: Party,
    picked_up: Mark,
}

impl<'a> Talk<'a> {
    /// The caller dials a number; the first agent's phone answers by itself, the receiver's if it is to.
    fn begin(house: &'a House, check: &str, queue: &'static str, seats: [&str; 2], answers: bool) -> Result<Self> {
        let (logs, address) = (house.logs(check), house.hotline.address());
        let first = Party::at_seat("first", &logs, seats[0], &address, PASSWORD, true)?;
        let receiver = Party::at_seat("receiver", &logs, seats[1], &address, PASSWORD, answers)?;
        let mut caller = Party::caller(&logs, &format!("1380013{}", seats[0]))?;
        caller.phone.command("dial", &format!("sip:{queue}@{address}"))?;
        caller.phone.wait_for("CALL_ESTABLISHED", SIGNALLED_WITHIN).context("the hotline did not pick up")?;
        let picked_up = caller.mark()?;
        let mut talk = Self { house, queue, logs, caller, first, receiver, picked_up };
        talk.first.phone.wait_for("CALL_ESTABLISHED", SIGNALLED_WITHIN).context("the first agent got no call")?;
        talk.caller_and_first("caller and first agent talk")?;
        Ok(talk)
    }

    fn caller_and_first(&mut self, what: &str) -> Result<()> {
        let [caller, first] = CALLER_AND_FIRST;
        stage(what, &mut [(&mut self.caller, caller), (&mut self.first, first)])?;
        Ok(())
    }

    fn hang_up(&mut self) -> Result<()> {
        self.caller.phone.command("hangup", "")?;
        self.caller.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN)?;
        Ok(())
    }
}
