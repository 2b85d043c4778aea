//! Callers whom the rules lead outside, or to a seat beside their queue: who hears whom, who hangs up, and what follows if nobody is reached.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::at_once::{Check, run_at};
use super::baresip::{Account, Phone};
use super::house::{House, id, nth, numbers, recorded, time};
use super::parties::{Hears, Party, SIGNALLED_WITHIN, stage};
use super::phones::{fixture, require};
use super::questions::rang;
use super::sipp::{self, Sipp};
use crate::audio;
use crate::steps::{Outcome, Steps};

/// The directory in target/xtask, and the rules, of each hotline.
const HOUSES: [(&str, [&str; 1]); 2] =
    [("ways", ["fixtures/scenarios/ways/outside.toml"]), ("ways-overflow", ["fixtures/scenarios/ways/overflow.toml"])];
const PASSWORD: &str = "correct-horse";
const MINUTES: Duration = Duration::from_secs(100);
/// What a machine that is busy with other things adds to a time of ours.
const LATE: Duration = Duration::from_millis(1_500);

/// Each, in one of the houses, has numbers, trunks and seats of its own, so that all run at once.
const CHECKS: [(&str, usize, Check); 7] = [
    ("ways: a key leads to a number outside, music until somebody answers; the caller hangs up", 0, number),
    ("ways: a key leads to a person outside, recordings both ways; the other side hangs up", 0, person),
    ("ways: a key leads to a department, whose seat that is ready is rung (R54)", 0, department),
    ("ways: busy, declined, unanswered, dead outside, then the agent has the caller (R5)", 0, otherwise),
    ("ways: the caller hangs up while it rings outside", 0, cancelled),
    ("ways: back from outside at the place of that moment (R5)", 0, place),
    ("ways: a queue overflows to a seat that is none of its own (R13)", 1, overflow),
];

/// Runs those checks whose name is `wanted`, all at once.
pub fn run_steps(steps: &mut Steps, wanted: impl Fn(&str) -> bool) {
    let checks: Vec<(&str, usize, Check)> = CHECKS.into_iter().filter(|(name, _, _)| wanted(name)).collect();
    run_at(steps, "the ways outside", HOUSES, checks);
}

/// A caller in a menu presses a key.
fn presses(logs: &Path, from: &str, dials: &str, key: &str, hotline: &str) -> Result<Party> {
    let mut caller = Party::caller(logs, from)?;
    caller.dial(dials, hotline)?;
    caller.phone.talk(Duration::from_millis(700))?;
    caller.phone.press(key)?;
    Ok(caller)
}

/// The trunk is called at once; the caller hears music until somebody answers, then both hear each other and nobody else.
fn number(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("number"), house.hotline.address());
    let mut partner = Party::ringing_outside(&logs, house.port("talks")?, &["02166660011"])?;
    let mut caller = presses(&logs, "13800133011", "ways-number", "1", &address)?;
    partner.phone.wait_for("CALL_INCOMING", SIGNALLED_WITHIN).context("nobody is called outside")?;
    stage("it rings outside", &mut [(&mut caller, Hears::Music)])?;
    let live = house.dialled("ways-number", |call| call["t2"].is_string())?;
    ensure!(live["t3"].is_null() && live["queue"].is_null(), "nobody answered yet, and no queue has it: {live:#}");
    partner.phone.command("accept", "")?;
    let talk = &mut [(&mut caller, Hears::Voices(&["receiver"])), (&mut partner, Hears::Voices(&["caller"]))];
    let took = stage("they hear each other", talk)?;
    caller.hang_up()?;
    partner.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN).context("the leg outside outlives the caller")?;
    let record = house.dialled("ways-number", |call| call["t6"].is_string())?;
    ensure!(record["hung_up_by"] == "caller" && record["cause"] == "normal", "the record: {record:#}");
    ensure!(record["outside"] == "021****0011" && record["seat"].is_null(), "the number outside, masked: {record:#}");
    let met =
        record["clocks"].as_array().is_some_and(|clocks| clocks.iter().any(|clock| clock["clock"] == "K3" && clock["state"] == "met"));
    ensure!(met, "the answer clock is met by who answers outside (R5): {record:#}");
    house.explains(id(&record)?, &["The rules lead it outside to 021****0011", "was called through trunk talks", "answered after"])?;
    ensure!(!house.hotline.says("02166660011")?, "the number outside stands in the log in full");
    Ok(Outcome::Passed(format!("music, then each other's voice {took} ms after the answer")))
}

/// Recorded voices this time: what each said is found in what the other heard.
fn person(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("person"), house.hotline.address());
    let (caller_says, partner_says) = (fixture("voices/caller.wav")?, fixture("voices/agent.wav")?);
    let mut partner = Phone::behind_trunk(&logs.join("partner"), house.port("chief")?, &["02166660012"], true, &partner_says)?;
    let mut caller = Phone::start(&logs.join("caller"), &Account { user: "13800133012", registrar: None, answers: false }, &caller_says)?;
    caller.command("dial", &format!("sip:ways-person@{address}"))?;
    caller.wait_for("CALL_ESTABLISHED", SIGNALLED_WITHIN)?;
    caller.talk(Duration::from_millis(700))?;
    caller.press("2")?;
    partner.wait_for("CALL_ESTABLISHED", SIGNALLED_WITHIN).context("the person is not called")?;
    caller.talk(Duration::from_secs(18))?;
    partner.command("hangup", "")?;
    caller.wait_for("CALL_CLOSED", SIGNALLED_WITHIN).context("the caller's leg outlives the one outside")?;
    let (heard_by_partner, heard_by_caller) = (partner.quit()?, caller.quit()?);
    let to_partner = audio::compare(&caller_says, &heard_by_partner).context("what the person heard")?;
    let to_caller = audio::compare(&partner_says, &heard_by_caller).context("what the caller heard")?;
    require("caller.wav at the person outside", to_partner, &logs)?;
    require("agent.wav at the caller", to_caller, &logs)?;
    let record = house.dialled("ways-person", |call| call["t6"].is_string())?;
    ensure!(record["hung_up_by"] == "outside" && record["outside"] == "duty-manager", "the record: {record:#}");
    house.explains(id(&record)?, &["The rules lead it outside to duty-manager", "the other side outside hung up"])?;
    Ok(Outcome::Passed(format!("at the person: {}; at the caller: {}", to_partner.line(), to_caller.line())))
}

/// Of a department's seats the one that is ready; the one before it has not signed in.
fn department(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("department"), house.hotline.address());
    let mut away = Party::at_seat("first", &logs, "3101", &address, PASSWORD, true)?;
    let mut seat = Party::at_seat("receiver", &logs, "3102", &address, PASSWORD, true)?;
    let mut caller = presses(&logs, "13800133013", "ways-department", "3", &address)?;
    let talk = &mut [(&mut caller, Hears::Voices(&["receiver"])), (&mut seat, Hears::Voices(&["caller"]))];
    stage("the department's seat has the caller", talk)?;
    caller.hang_up()?;
    seat.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN)?;
    away.phone.talk(Duration::from_millis(100))?;
    ensure!(!away.phone.log()?.contains("\nINVITE sip:"), "a seat that has not signed in was called");
    let record = house.dialled("ways-department", |call| call["t6"].is_string())?;
    ensure!(record["seat"] == "3102" && record["queue"] == "ways", "the record: {record:#}");
    house.explains(id(&record)?, &["The rules lead it to seat 3102 first"])?;
    Ok(Outcome::Passed("the second seat, since the first is away".into()))
}

/// One call after the other, each to somebody who is not reached in another way; the agent has each of them.
fn otherwise(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("otherwise"), house.hotline.address());
    let mut agent = Party::at_seat("first", &logs, "3201", &address, PASSWORD, true)?;
    let cases = [
        ("4", "busy", Some("uas_reject"), "busy", 0..5_000),
        ("7", "declines", Some("uas_declines"), "declined", 0..5_000),
        ("5", "silent", Some("uas_no_answer"), "no answer in 5 s", 5_000..10_000),
        ("6", "dead", None, "a dead trunk", 0..6_000),
    ];
    let mut told = Vec::new();
    for (key, trunk, scenario, what, expected) in cases {
        let there = scenario.map(|scenario| house.seat_for(&logs, trunk, scenario, &["-m", "1"], MINUTES)).transpose()?;
        let dials = format!("otherwise-{key}");
        let mut caller = presses(&logs, &format!("1380013302{key}"), &dials, key, &address)?;
        if key == "5" {
            stage("it rings outside", &mut [(&mut caller, Hears::Music)])?;
        }
        let talk = &mut [(&mut caller, Hears::Voices(&["first"])), (&mut agent, Hears::Voices(&["caller"]))];
        stage(&format!("{what}: the agent has the caller"), talk)?;
        caller.hang_up()?;
        agent.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN)?;
        there.map(Sipp::finish).transpose().context(what)?;
        let record = house.dialled(&dials, |call| call["t6"].is_string())?;
        ensure!(record["seat"] == "3201" && record["queue"] == "otherwise" && record["outside"].is_null(), "{what}: {record:#}");
        let wait = time(&record, "t3")?.ms_since(time(&record, "t2")?);
        ensure!(expected.contains(&(wait as u64)), "{what}: answered {wait:.0} ms after the key, expected {expected:?}");
        let clocks = record["clocks"].as_array().map_or(0, |all| all.iter().filter(|clock| clock["clock"] == "K3").count());
        ensure!(clocks == 1, "{what}: one answer clock from the key on (R5): {record:#}");
        house.explains(id(&record)?, &["The rules lead it outside to", "Nobody was reached at"])?;
        told.push(format!("{what} {wait:.0} ms"));
    }
    Ok(Outcome::Passed(format!("the agent after: {}", told.join(", "))))
}

/// What rings outside is cancelled as the caller hangs up.
fn cancelled(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("cancelled"), house.hotline.address());
    let outside = house.seat_for(&logs, "cancelled", "uas_no_answer", &["-m", "1"], MINUTES)?;
    let mut caller = Party::caller(&logs, "13800133018")?;
    caller.dial("cancelled", &address)?;
    stage("it rings outside", &mut [(&mut caller, Hears::Music)])?;
    caller.hang_up()?;
    outside.finish().context("no CANCEL came outside")?;
    let record = house.dialled("cancelled", |call| call["t6"].is_string())?;
    ensure!(record["cause"] == "abandoned_in_queue" && record["hung_up_by"] == "caller", "a person was waited for: {record:#}");
    ensure!(record["t3"].is_null() && record["queue"].is_null(), "the record: {record:#}");
    let cancel = nth(&sipp::messages(&logs.join("cancelled"))?, false, "CANCEL", 0)?;
    let after = cancel.ms_since(time(&record, "t6")?);
    ensure!(after < LATE.as_millis() as f64, "the CANCEL came {after:.0} ms after the caller had hung up");
    Ok(Outcome::Passed(format!("CANCEL {after:.1} ms after the BYE")))
}

/// A caller who stays until we hang up.
fn served(house: &House, logs: &Path, number: &str) -> Result<Sipp> {
    let logs = logs.join(number);
    house.caller_for(&logs, "uac_served", "", &["-inf", &numbers(&logs, &[number])?, "-m", "1"], MINUTES)
}

/// One is led outside, another queues up a second later; back from outside the first stands before the second.
fn place(house: &House) -> Result<Outcome> {
    let logs = house.logs("place");
    let outside = house.seat_for(&logs, "place", "uas_no_answer", &["-m", "1"], MINUTES)?;
    let seat = house.seat_for(&logs, "place-seat", "uas_hangs_up", &["-m", "2"], MINUTES)?;
    let first = served(house, &logs, "place-outside")?;
    let outside_first = house.dialled("place-outside", |call| call["t2"].is_string())?;
    std::thread::sleep(Duration::from_secs(1));
    let second = served(house, &logs, "place-queue")?;
    let queued_second = house.dialled("place-queue", |call| call["t2"].is_string())?;
    outside.finish().context("no CANCEL came after 5 s")?;
    house.live("place", 2, |call| call["t3"].is_null())?;
    house.hotline.choose("place", "ready")?;
    first.finish()?;
    second.finish()?;
    seat.finish()?;
    let rang = rang(&logs.join("place-seat"))?;
    let expected = [id(&outside_first)?, id(&queued_second)?];
    ensure!(rang == expected, "the seat was called for {rang:?}, not for {expected:?}");
    Ok(Outcome::Passed("who was led outside first is served first".into()))
}

/// The queue's own seat is away; the seat beside it is rung after the answer time and 2 s more, not before.
fn overflow(house: &House) -> Result<Outcome> {
    let logs = house.logs("overflow");
    let seat = house.seat_for(&logs, "beside-helper", "uas_hangs_up", &["-m", "1"], MINUTES)?;
    let began = Instant::now();
    served(house, &logs, "beside")?.finish()?;
    seat.finish()?;
    let record: Value = recorded("the call is over", || Ok(house.hotline.calls()?.into_iter().find(|call| call["t6"].is_string())))?;
    let rang = time(&record, "t2r")?.ms_since(time(&record, "t2")?);
    ensure!(record["seat"] == "beside-helper" && record["queue"] == "beside", "the record: {record:#}");
    ensure!((32_000.0..32_000.0 + LATE.as_millis() as f64).contains(&rang), "it rang after {rang:.0} ms, not 30 s and 2 s");
    ensure!(record["offers"].as_array().map(Vec::len) == Some(1), "one offer: {record:#}");
    let why = house.hotline.why(&[id(&record)?])?;
    println!("why: {}", why["facts"]);
    Ok(Outcome::Passed(format!("rang after {rang:.0} ms; the check took {:.0} s", began.elapsed().as_secs_f64())))
}
