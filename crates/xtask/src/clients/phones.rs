//! The checks with baresip: is what one side says what the other side hears?

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::Bench;
use super::baresip::{Account, Phone};
use crate::audio::{self, Likeness};
use crate::steps::Outcome;

const SEAT: &str = "2001";
const PASSWORD: &str = "correct-horse";

/// A recording is the voice when this share of it is found ...
const FOUND_AT_LEAST: f64 = 0.9;
/// ... without a hole longer than two packets and a bit ...
const GAP_AT_MOST_MS: usize = 60;
/// ... and no louder or quieter than G.711 and arithmetic explain.
const LEVEL_WITHIN_DB: f64 = 1.5;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) fn fixture(path: &str) -> Result<Vec<f64>> {
    audio::read(&crate::root().join("fixtures").join(path))
}

pub(super) fn require(what: &str, likeness: Likeness, logs: &Path) -> Result<()> {
    let good = likeness.found >= FOUND_AT_LEAST && likeness.longest_gap_ms <= GAP_AT_MOST_MS && likeness.level_db.abs() <= LEVEL_WITHIN_DB;
    println!("{what}: {}", likeness.line());
    ensure!(good, "{what}: {}; recordings in {}", likeness.line(), logs.display());
    Ok(())
}

/// A telephone dials the hotline; what it hears is welcome.wav, at once.
pub(super) fn caller_hears_greeting(bench: &Bench) -> Result<Outcome> {
    let logs = bench.logs("greeting");
    let mut phone = Phone::start(&logs, &Account { user: "13800138000", registrar: None, answers: false }, &fixture("voices/caller.wav")?)?;
    phone.command("dial", &format!("sip:hotline@{}", bench.seats.address()))?;
    phone.wait_for("CALL_ESTABLISHED", seconds(20)).context("the hotline did not pick up within 20 s")?;
    phone.talk(seconds(8))?;
    phone.command("hangup", "")?;
    phone.wait_for("CALL_CLOSED", seconds(15))?;
    let heard = phone.quit()?;
    let likeness = audio::compare(&fixture("prompts/zh-CN/welcome.wav")?, &heard).context("what the caller heard")?;
    require("welcome.wav at the caller", likeness, &logs)?;
    ensure!(likeness.begins_ms <= 3_000, "the greeting began {} ms after the pick-up (R10: 3 s)", likeness.begins_ms);
    Ok(Outcome::Passed(likeness.line()))
}

/// An agent's telephone registers with digest and answers by itself; a caller presses 0; both recordings hold the other's voice.
pub(super) fn caller_and_agent(bench: &Bench) -> Result<Outcome> {
    let logs = bench.logs("conversation");
    let (caller_says, agent_says) = (fixture("voices/caller.wav")?, fixture("voices/agent.wav")?);
    let address = bench.seats.address();
    let account = Account { user: SEAT, registrar: Some((&address, PASSWORD)), answers: true };
    let mut agent = Phone::start(&logs.join("agent"), &account, &agent_says)?;
    agent.wait_registered(seconds(20)).context("the agent's telephone could not register")?;
    let mut caller = Phone::start(&logs.join("caller"), &Account { user: "13800138001", registrar: None, answers: false }, &caller_says)?;
    caller.command("dial", &format!("sip:hotline@{address}"))?;
    caller.wait_for("CALL_ESTABLISHED", seconds(20)).context("the hotline did not pick up within 20 s")?;
    caller.talk(seconds(1))?;
    caller.command("sndcode", "0")?;
    agent.wait_for("CALL_ESTABLISHED", seconds(25)).context("the agent's telephone got no call within 25 s of key 0")?;
    caller.talk(seconds(18))?;
    caller.command("hangup", "")?;
    agent.wait_for("CALL_CLOSED", seconds(15)).context("the agent's leg outlived the caller by 15 s")?;
    let heard_by_agent = agent.quit()?;
    let heard_by_caller = caller.quit()?;
    let to_agent = audio::compare(&caller_says, &heard_by_agent).context("what the agent heard")?;
    let to_caller = audio::compare(&agent_says, &heard_by_caller).context("what the caller heard")?;
    require("caller.wav at the agent", to_agent, &logs)?;
    require("agent.wav at the caller", to_caller, &logs)?;
    Ok(Outcome::Passed(format!("found {:.0} % and {:.0} %", to_agent.found * 100.0, to_caller.found * 100.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calibrates the limits above: two telephones without a hotline between them must pass, the wrong voice must not.
    #[test]
    #[ignore = "needs baresip, takes 15 s"]
    fn two_telephones_hear_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let (caller_says, agent_says) = (fixture("voices/caller.wav").unwrap(), fixture("voices/agent.wav").unwrap());
        let answering = Account { user: "agent", registrar: None, answers: true };
        let mut agent = Phone::start(&dir.path().join("agent"), &answering, &agent_says).unwrap();
        let calling = Account { user: "caller", registrar: None, answers: false };
        let mut caller = Phone::start(&dir.path().join("caller"), &calling, &caller_says).unwrap();
        let config = std::fs::read_to_string(dir.path().join("agent/config")).unwrap();
        let address = config.lines().find_map(|line| line.strip_prefix("sip_listen ")).unwrap();
        caller.command("dial", &format!("sip:agent@{address}")).unwrap();
        caller.wait_for("CALL_ESTABLISHED", seconds(20)).unwrap();
        agent.wait_for("CALL_ESTABLISHED", seconds(20)).unwrap();
        caller.talk(seconds(12)).unwrap();
        caller.command("hangup", "").unwrap();
        agent.wait_for("CALL_CLOSED", seconds(15)).unwrap();
        let (at_agent, at_caller) = (agent.quit().unwrap(), caller.quit().unwrap());
        require("caller.wav at the agent", audio::compare(&caller_says, &at_agent).unwrap(), dir.path()).unwrap();
        require("agent.wav at the caller", audio::compare(&agent_says, &at_caller).unwrap(), dir.path()).unwrap();
        let wrong = audio::compare(&caller_says, &at_caller).unwrap();
        assert!(require("caller.wav at the caller", wrong, dir.path()).is_err());
    }
}
