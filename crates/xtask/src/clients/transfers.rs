//! Scenarios 7 and 8 of manual.md Part K with telephones: an agent's keys and its transfer key, and at each stage who hears whom.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;

use super::house::{House, id, recorded, time};
use super::parties::{Hears, Mark, Party, SIGNALLED_WITHIN, prompt, stage};
use crate::audio;
use crate::steps::{Outcome, Steps};

const RULES: [&str; 2] = ["fixtures/scenarios/transfers/07-transfer.toml", "fixtures/scenarios/transfers/08-matter.toml"];
const PASSWORD: &str = "correct-horse";
/// K9 is 30 s; a machine that is busy with other things may be late.
const RETURNED_WITHIN: Duration = Duration::from_secs(90);
/// Longer than sipp's longest call here.
const MINUTES: Duration = Duration::from_secs(120);
/// Between two stages nobody hears silence for longer: a prompt's own pauses, and the packets of a change.
const SILENCE_AT_MOST_MS: usize = 1_000;
/// A voice that should not be heard may be taken for heard in two frames of a prompt or of music.
const BY_CHANCE_MS: usize = 80;

type Check = fn(&House) -> Result<Outcome>;

/// Each has seats of its own. The first takes as long as the others together, so that it runs beside them.
const CHECKS: [(&str, Check); 6] = [
    ("scenario 7: the receiver is silent for 30 s, the caller is back (R59 K9)", silent),
    ("scenario 7: attended, by keys; without a reason refused (R53-R57)", attended),
    ("scenario 7: the telephone's transfer key (R53 R55)", transfer_key),
    ("scenario 7: the transfer key while the telephone holds; refused without a reason (R53)", held_and_refused),
    ("scenario 7: three talk, then the receiver has the caller (R54)", three),
    ("scenario 8: an open matter leads the caller to its owner (R57 R43)", open_matter),
];

/// Runs those checks whose name is `wanted`.
pub fn run_steps(steps: &mut Steps, wanted: impl Fn(&str) -> bool) {
    let checks: Vec<(&str, Check)> = CHECKS.into_iter().filter(|(name, _)| wanted(name)).collect();
    let Some(((first, check), rest)) = checks.split_first() else { return };
    let mut started = None;
    steps.run("hotline serve gets ready for the transfers", || {
        started = Some(House::start("transfers", &RULES)?);
        Ok(Outcome::Passed(String::new()))
    });
    let Some(house) = started else { return };
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| check(&house));
        for (name, check) in rest {
            steps.run(name, || check(&house));
        }
        steps.run(first, || beside.join().map_err(|_| anyhow!("the check panicked"))?);
    });
    steps.run("the hotline of the transfers drains, and a replay of its inputs says the same", || {
        Ok(Outcome::Passed(house.hotline.stop()?))
    });
}

/// Without a reason nothing happens; with one the receiver rings while the caller hears music, is asked, and has the caller. The first agent
/// is in wrap-up, owns the matter and learns how it ended.
fn attended(house: &House) -> Result<Outcome> {
    let mut talk = Talk::begin(house, "7-attended", "attended", ["1101", "1102"])?;
    talk.greeted()?;
    let call = talk.call()?;
    talk.first.phone.press("*71102#")?;
    talk.refused(&call, "NoReason")?;
    talk.caller_and_first("refused without a reason, the call stays")?;

    let ordered = talk.caller.mark()?;
    talk.first.phone.press("*71102*1#")?;
    talk.receiver_rings()?;
    talk.stage("the receiver rings", [Hears::Music, Hears::Ringing])?;
    talk.receiver_answers()?;
    talk.stage_of_three("the first agent asks the receiver", [Hears::Music, Hears::Voices(&["receiver"]), Hears::Voices(&["first"])])?;
    let asked = talk.caller.mark()?;
    talk.first.phone.press("*9#")?;
    talk.receiver_has_the_caller()?;
    talk.seat_is("1101", "wrap-up")?;

    let (leaked, silence) = (talk.caller.heard_of("receiver", talk.picked_up, asked)?, talk.caller.silence(ordered, talk.caller.mark()?)?);
    ensure!(leaked <= BY_CHANCE_MS, "the caller heard the receiver for {leaked} ms before the transfer was complete");
    ensure!(silence <= SILENCE_AT_MOST_MS, "the caller heard silence for {silence} ms");
    talk.over(&call)?;
    let (_, record) = talk.transfer(&call, "completed")?;
    ensure!(record["owner"] == "1101" && record["transfers"][0]["receiver"] == "1102", "the record: {record:#}");
    ensure!(record["transfers"][0]["reason"] == "too_complex", "the record: {record:#}");
    Ok(Outcome::Passed(format!("6 stages; the longest silence at the caller {silence} ms, of the receiver {leaked} ms before")))
}

/// Nobody answers: after 30 s the caller is with the first agent again, who is told and still owns the matter.
fn silent(house: &House) -> Result<Outcome> {
    let mut talk = Talk::begin(house, "7-silent", "silent", ["1201", "1202"])?;
    let call = talk.call()?;
    let ordered = talk.caller.mark()?;
    talk.first.phone.press("*71202*2#")?;
    talk.receiver_rings()?;
    talk.stage("the receiver rings", [Hears::Music, Hears::Ringing])?;
    let (transfer, record) = talk.transfer(&call, "not_answered")?;
    let took = time(&transfer, "ended")?.ms_since(time(&transfer, "began")?);
    talk.caller_and_first("nobody answered, the caller is back")?;
    ensure!(took >= 29_000.0, "back after {took:.0} ms; K9 has 30 s");
    ensure!(record["owner"] == "1201" && record["t6"].is_null(), "the record: {record:#}");
    let silence = talk.caller.silence(ordered, talk.caller.mark()?)?;
    ensure!(silence <= SILENCE_AT_MOST_MS, "the caller heard silence for {silence} ms");
    talk.over(&call)?;
    Ok(Outcome::Passed(format!("back after {:.2} s; the longest silence at the caller {silence} ms", took / 1_000.0)))
}

/// REFER from a telephone to a department that names a reason: the receiver has the caller, and the telephone is told how that goes.
fn transfer_key(house: &House) -> Result<Outcome> {
    let mut talk = Talk::begin(house, "7-key", "key", ["1301", "1302"])?;
    let (call, address) = (talk.call()?, house.hotline.address());
    let ordered = talk.caller.mark()?;
    talk.first.phone.command("transfer", &format!("sip:lines@{address}"))?;
    talk.receiver_rings()?;
    stage("the receiver rings", &mut [(&mut talk.caller, Hears::Music)])?;
    let answered = talk.caller.mark()?;
    talk.receiver_answers()?;
    talk.receiver_has_the_caller()?;
    talk.seat_is("1301", "wrap-up")?;
    let (leaked, silence) = (talk.caller.heard_of("receiver", ordered, answered)?, talk.caller.silence(ordered, talk.caller.mark()?)?);
    ensure!(leaked <= BY_CHANCE_MS && silence <= SILENCE_AT_MOST_MS, "the receiver for {leaked} ms before, silence for {silence} ms");
    talk.over(&call)?;
    let (transfer, record) = talk.transfer(&call, "completed")?;
    ensure!(transfer["reason"] == "too_complex", "the department's reason is not in the record: {transfer:#}");
    ensure!(record["owner"] == "1301", "the first agent owns the matter (R57): {record:#}");
    let log = talk.first.phone.log()?;
    let notified = notified(&log);
    ensure!(notified == ["100", "180", "200"], "the telephone was told {notified:?} (RFC 3515 2.4.5)");
    Ok(Outcome::Passed(format!("NOTIFY 100, 180, 200; the longest silence at the caller {silence} ms")))
}

/// What the NOTIFYs in a telephone's log told of its REFER.
fn notified(log: &str) -> Vec<&str> {
    let told = log.split("NOTIFY sip:").skip(1).filter_map(|rest| rest.split_once("\r\n\r\n"));
    told.filter_map(|(_, body)| body.strip_prefix("SIP/2.0 ")?.get(..3)).collect()
}

/// A telephone that holds the caller is refused its REFER, takes the caller back and transfers with a reason. That telephone is sipp: baresip
/// 1.0 hangs up by itself whenever a REFER of its own is refused.
fn held_and_refused(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("7-holds"), house.hotline.address());
    let mut receiver = Party::at_seat("receiver", &logs, "1602", &address, PASSWORD, false)?;
    let first = house.seat_for(&logs, "1601", "uas_transfers", &["-m", "1"], MINUTES)?;
    let mut caller = Party::caller(&logs, "13800131601")?;
    caller.dial("holds", &address)?;
    let call = id(&house.live("holds", 1, |call| call["t3"].is_string())?[0])?.to_owned();
    house.refused(&call, "NoReason")?;
    stage("held, and refused without a reason", &mut [(&mut caller, Hears::Music)])?;
    receiver.phone.wait_for("CALL_INCOMING", SIGNALLED_WITHIN).context("the receiver's telephone does not ring")?;
    stage("the receiver rings", &mut [(&mut caller, Hears::Music)])?;
    receiver.phone.command("accept", "")?;
    let parties = &mut [(&mut caller, Hears::Voices(&["receiver"])), (&mut receiver, Hears::Voices(&["caller"]))];
    stage("the receiver has the caller", parties)?;
    first.finish().context("the telephone that transferred")?;
    house.seat_is("1601", "wrap-up")?;
    caller.hang_up()?;
    house.ended("holds", 1)?;
    let record = house.hotline.show(&call)?;
    let transfer = &record["transfers"][0];
    ensure!(record["transfers"].as_array().is_some_and(|all| all.len() == 1), "one transfer and no other: {record:#}");
    ensure!(transfer["end"] == "completed" && transfer["reason"] == "multi_department", "the transfer: {transfer:#}");
    Ok(Outcome::Passed("603 while it held, music; then 202, NOTIFY 100, 180, 200, BYE".into()))
}

/// A consultation becomes a conversation of three, and that a transfer.
fn three(house: &House) -> Result<Outcome> {
    let mut talk = Talk::begin(house, "7-three", "three", ["1401", "1402"])?;
    let call = talk.call()?;
    let ordered = talk.caller.mark()?;
    talk.first.phone.press("*81402#")?;
    talk.receiver_rings()?;
    talk.receiver_answers()?;
    talk.stage_of_three("the first agent asks", [Hears::Music, Hears::Voices(&["receiver"]), Hears::Voices(&["first"])])?;
    talk.first.phone.press("*3")?;
    let others = [&["first", "receiver"], &["caller", "receiver"], &["caller", "first"]];
    talk.stage_of_three("three talk", others.map(|others| Hears::Voices(others)))?;
    talk.first.phone.press("*9#")?;
    talk.refused(&call, "NoReason")?;
    talk.stage_of_three("three talk on, as no reason was given", others.map(|others| Hears::Voices(others)))?;
    talk.first.phone.press("*93#")?;
    talk.receiver_has_the_caller()?;
    let silence = talk.caller.silence(ordered, talk.caller.mark()?)?;
    ensure!(silence <= SILENCE_AT_MOST_MS, "the caller heard silence for {silence} ms");
    talk.over(&call)?;
    let (transfer, _) = talk.transfer(&call, "completed")?;
    ensure!(transfer["reason"] == "ability_insufficient", "the record: {transfer:#}");
    Ok(Outcome::Passed(format!("each of three heard both others; the longest silence at the caller {silence} ms")))
}

/// The owner keys that the matter stays open. The caller who dials again gets the owner, though the other is more proficient and idle longer.
fn open_matter(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("8-matter"), house.hotline.address());
    let mut owner = Party::at_seat("first", &logs, "1501", &address, PASSWORD, true)?;
    let mut other = Party::at_seat("receiver", &logs, "1502", &address, PASSWORD, true)?;
    house.hotline.choose("1502", "break")?;
    let number = "13800138015";
    let hears = |who| [Hears::Voices(who), Hears::Voices(&["caller"])];
    let mut caller = Party::caller(&logs.join("1"), number)?;
    caller.dial("matter", &address)?;
    let [one, two] = hears(&["first"]);
    stage("caller and owner talk", &mut [(&mut caller, one), (&mut owner, two)])?;
    let first = house.live("matter", 1, |call| call["t3"].is_string())?.remove(0);
    owner.phone.press("*152#")?;
    recorded("the matter is stated as open", || Ok((house.hotline.show(id(&first)?)?["disposition"] == "follow-up").then_some(())))?;
    caller.hang_up()?;
    house.ended("matter", 1)?;
    house.hotline.choose("1502", "ready")?;
    house.seat_is("1501", "ready")?;

    let mut again = Party::caller(&logs.join("2"), number)?;
    again.dial("matter", &address)?;
    let [one, two] = hears(&["first"]);
    stage("caller and owner talk again", &mut [(&mut again, one), (&mut owner, two)])?;
    let mut stranger = Party::caller(&logs.join("3"), "13800138016")?;
    stranger.dial("matter", &address)?;
    let [one, two] = hears(&["receiver"]);
    stage("a stranger and the more proficient agent talk", &mut [(&mut stranger, one), (&mut other, two)])?;
    again.hang_up()?;
    stranger.hang_up()?;
    let calls = house.ended("matter", 3)?;
    let seats: Vec<&Value> = calls.iter().map(|call| &call["seat"]).collect();
    ensure!(seats == ["1501", "1501", "1502"], "the seats were {seats:?}");
    let why = house.hotline.why(&[id(&calls[1])?])?;
    ensure!(why.to_string().contains("(R57)"), "`why` names no owner: {why:#}");
    Ok(Outcome::Passed("offered to the owner twice, a stranger's call to the more proficient".into()))
}

/// A caller who talks with the first agent, and a receiver at a telephone.
struct Talk<'a> {
    house: &'a House,
    queue: &'static str,
    seats: [&'static str; 2],
    caller: Party,
    first: Party,
    receiver: Party,
    picked_up: Mark,
    first_answered: Mark,
}

impl<'a> Talk<'a> {
    /// The caller dials a number, and the first agent's phone answers by itself.
    fn begin(house: &'a House, check: &str, queue: &'static str, seats: [&'static str; 2]) -> Result<Self> {
        let (logs, address) = (house.logs(check), house.hotline.address());
        let mut first = Party::at_seat("first", &logs, seats[0], &address, PASSWORD, true)?;
        let receiver = Party::at_seat("receiver", &logs, seats[1], &address, PASSWORD, false)?;
        let mut caller = Party::caller(&logs, &format!("1380013{}", seats[0]))?;
        caller.dial(queue, &address)?;
        let picked_up = caller.mark()?;
        first.phone.wait_for("CALL_ESTABLISHED", SIGNALLED_WITHIN).context("the first agent got no call")?;
        let first_answered = first.mark()?;
        let mut talk = Self { house, queue, seats, caller, first, receiver, picked_up, first_answered };
        talk.caller_and_first("caller and first agent talk")?;
        Ok(talk)
    }

    /// 工号播报 to the caller, the whisper to the agent, and neither to the other.
    fn greeted(&self) -> Result<()> {
        let announced = prompt("agent-at-service")?;
        let whispered = prompt("whisper-complaint")?;
        let to_caller = self.caller.heard(self.picked_up, self.caller.mark()?)?;
        let to_agent = self.first.heard(self.first_answered, self.first.mark()?)?;
        let found = |what: &[f64], heard: &[f64]| Ok::<f64, anyhow::Error>(audio::compare(what, heard)?.found);
        let heard = [found(&announced, &to_caller)?, found(&whispered, &to_agent)?];
        let not_heard = [found(&whispered, &to_caller)?, found(&announced, &to_agent)?];
        let shares = format!("heard {heard:?}, by the wrong one {not_heard:?}");
        println!("the agent's number and the whisper: {shares}");
        ensure!(heard.iter().all(|found| *found >= 0.9), "the agent's number to the caller, the whisper to the agent: {shares}");
        ensure!(not_heard.iter().all(|found| *found <= 0.5), "the agent's number to the caller, the whisper to the agent: {shares}");
        Ok(())
    }

    fn stage(&mut self, what: &str, [caller, first]: [Hears; 2]) -> Result<()> {
        stage(what, &mut [(&mut self.caller, caller), (&mut self.first, first)]).map(drop)
    }

    fn stage_of_three(&mut self, what: &str, [caller, first, receiver]: [Hears; 3]) -> Result<()> {
        stage(what, &mut [(&mut self.caller, caller), (&mut self.first, first), (&mut self.receiver, receiver)]).map(drop)
    }

    fn caller_and_first(&mut self, what: &str) -> Result<()> {
        self.stage(what, [Hears::Voices(&["first"]), Hears::Voices(&["caller"])])
    }

    fn receiver_rings(&mut self) -> Result<()> {
        self.receiver.phone.wait_for("CALL_INCOMING", SIGNALLED_WITHIN).context("the receiver's telephone does not ring")?;
        Ok(())
    }

    fn receiver_answers(&mut self) -> Result<()> {
        self.receiver.phone.command("accept", "")?;
        self.receiver.phone.wait_for("CALL_ESTABLISHED", SIGNALLED_WITHIN).context("the receiver's call")?;
        Ok(())
    }

    /// The first agent's leg is over; caller and receiver hear each other.
    fn receiver_has_the_caller(&mut self) -> Result<()> {
        self.first.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN).context("the first agent's leg is not over")?;
        let parties = &mut [(&mut self.caller, Hears::Voices(&["receiver"])), (&mut self.receiver, Hears::Voices(&["caller"]))];
        stage("the receiver has the caller", parties).map(drop)
    }

    fn seat_is(&self, seat: &str, state: &str) -> Result<()> {
        self.house.seat_is(seat, state)
    }

    /// The id of the call.
    fn call(&self) -> Result<String> {
        let call = self.house.live(self.queue, 1, |call| call["t3"].is_string())?.remove(0);
        ensure!(call["seat"] == self.seats[0], "the first agent is another: {call:#}");
        id(&call).map(str::to_owned)
    }

    fn refused(&self, call: &str, why: &str) -> Result<()> {
        self.house.refused(call, why)
    }

    /// Waits until the transfer has ended, and how; the transfer, and the record with it.
    fn transfer(&self, call: &str, end: &str) -> Result<(Value, Value)> {
        let until = Instant::now() + RETURNED_WITHIN;
        loop {
            let record = self.house.hotline.show(call)?;
            let transfer = &record["transfers"][0];
            if !transfer["end"].is_null() {
                ensure!(transfer["end"] == end, "the transfer ended otherwise: {transfer}");
                return Ok((transfer.clone(), record));
            }
            ensure!(Instant::now() < until, "the transfer has not ended: {record:#}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// The caller hangs up, and the call is over.
    fn over(&mut self, call: &str) -> Result<()> {
        self.caller.hang_up()?;
        let ended = self.house.ended(self.queue, 1)?.remove(0);
        ensure!(ended["call"] == call && ended["hung_up_by"] == "caller" && ended["cause"] == "normal", "the record: {ended:#}");
        Ok(())
    }
}
