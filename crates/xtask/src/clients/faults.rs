//! Open faults of other call-center systems, reproduced from the outside with their own means: none of them can happen here.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;

use super::baresip::{Account, Phone};
use super::house::{House, RECORDED_WITHIN, is_rona, nth, numbers, offers, time, wait_ms};
use super::sipp::{self, Moment, Sipp};
use crate::audio;
use crate::steps::{Outcome, Steps};

type Check = fn(&House) -> Result<Outcome>;

/// Takes a minute of waiting, so that it runs beside the others.
const LOST_BYE: (&str, Check) = ("fault: agent stuck after a lost BYE (OpenSIPS #2530)", lost_bye);
const CHECKS: [(&str, Check); 6] = [
    ("fault: two agents answer one call (Asterisk #176)", two_agents),
    ("fault: wrap-up lost with several queues (Asterisk #1006)", wrap_up_lost),
    ("fault: weight inversion (Asterisk #1561)", weight_inversion),
    ("fault: frozen queue (FreeSWITCH #1641, #1062)", frozen_queue),
    ("fault: lower score served first (FreeSWITCH #2511)", lower_score_first),
    ("fault: caller gone, agent still ringing (FreeSWITCH #2529)", caller_gone),
];

/// Runs those checks whose name is `wanted`, all against one hotline.
pub fn run_steps(steps: &mut Steps, wanted: impl Fn(&str) -> bool) {
    let checks: Vec<(&str, Check)> = CHECKS.into_iter().filter(|(name, _)| wanted(name)).collect();
    let lost_bye = Some(LOST_BYE).filter(|(name, _)| wanted(name));
    if checks.is_empty() && lost_bye.is_none() {
        return;
    }
    let mut started = None;
    steps.run("hotline serve gets ready for the faults", || {
        let house = started.insert(House::start("faults", &["fixtures/faults/rules.toml"])?);
        Ok(Outcome::Passed(house.hotline.address()))
    });
    let Some(house) = started else {
        for (name, _) in checks.into_iter().chain(lost_bye) {
            steps.run(name, || Ok(Outcome::NotRun("no hotline to check".into())));
        }
        return;
    };
    let there = &house;
    std::thread::scope(|scope| {
        let beside = lost_bye.map(|(name, check)| (name, scope.spawn(move || check(there))));
        for (name, check) in checks {
            steps.run(name, || check(there));
        }
        if let Some((name, running)) = beside {
            steps.run(name, || running.join().map_err(|_| anyhow!("the check panicked"))?);
        }
    });
    steps.run("the hotline of the faults drains, and a replay of its inputs says the same", || Ok(Outcome::Passed(house.hotline.stop()?)));
}

/// Asterisk #176: one call of a queue is answered by two agents at once, and both are told that they have it.
/// Here the first is picked up exactly as its offer is withdrawn, while the second answers: the late one is hung up at once.
fn two_agents(house: &House) -> Result<Outcome> {
    let logs = house.logs("two-agents");
    let late = house.seat(&logs, "late-first", "uas_answers_the_cancel", &["-m", "1"])?;
    let second = house.seat(&logs, "late-second", "uas_agent", &["-m", "1"])?;
    house.caller(&logs, "uac", "late", &["-m", "1", "-d", "6000"])?.finish()?;
    late.finish().context("the seat that answered too late")?;
    second.finish().context("the seat that has the call")?;
    let call = house.ended("late", 1)?.remove(0);
    let offers = offers(&call);
    ensure!(call["seat"] == "late-second", "the record names {} as the seat", call["seat"]);
    ensure!(
        matches!(&offers[..], [(first, how), (second, None)] if first == "late-first" && second == "late-second" && is_rona(how)),
        "the offers were {offers:?}"
    );
    let seen = sipp::messages(&logs.join("late-first"))?;
    let cancelled = nth(&seen, false, "CANCEL", 0)?;
    let acknowledged = nth(&seen, false, "ACK", 0)?.ms_since(cancelled);
    let hung_up = nth(&seen, false, "BYE", 0)?.ms_since(cancelled);
    ensure!(hung_up < 1_000.0, "the late seat was in a call for {hung_up:.0} ms");
    Ok(Outcome::Passed(format!("the late seat got ACK after {acknowledged:.1} ms, BYE after {hung_up:.1} ms")))
}

/// Asterisk #1006: an agent in several queues gets the next call before the wrap-up of the last is over.
/// Here a call of the queue without wrap-up waits for the end of the wrap-up that another queue's call brought.
fn wrap_up_lost(house: &House) -> Result<Outcome> {
    let logs = house.logs("wrap-up-lost");
    let seat = house.seat(&logs, "wrapping", "uas_agent", &["-m", "2"])?;
    house.caller(&logs.join("first"), "uac", "long-wrap-up", &["-m", "1", "-d", "1000"])?.finish()?;
    let state = house.hotline.seat("wrapping")?;
    ensure!(state == "wrap-up", "after the first call the seat is `{state}`");
    house.caller(&logs.join("second"), "uac", "no-wrap-up", &["-m", "1", "-d", "7000"])?.finish()?;
    seat.finish()?;
    let (first, second) = (house.ended("long-wrap-up", 1)?.remove(0), house.ended("no-wrap-up", 1)?.remove(0));
    let between = time(&second, "t3")?.ms_since(time(&first, "t6")?);
    let waited = wait_ms(&second)?;
    ensure!((4_000.0..6_000.0).contains(&between), "the next call was answered {between:.0} ms after the last, wrap-up is 4 s");
    Ok(Outcome::Passed(format!("answered {between:.0} ms after the end of the last call, having waited {waited} ms")))
}

/// Asterisk #1561: a queue of higher weight keeps an agent from all other queues though its penalties exclude him.
/// Here an urgent call waits in a queue that names the only ready seat but does not admit it: the other queue's call is served at once.
fn weight_inversion(house: &House) -> Result<Outcome> {
    let logs = house.logs("weight-inversion");
    let seat = house.seat(&logs, "plain", "uas_agent", &["-m", "1"])?;
    let urgent = house.caller(&logs.join("urgent"), "uac", "special", &["-m", "1", "-d", "6000"])?;
    house.calls_where("special", 1, |call| call["t2"].is_string())?;
    house.caller(&logs.join("ordinary"), "uac", "plain", &["-m", "1", "-d", "1500"])?.finish()?;
    seat.finish()?;
    urgent.finish()?;
    let (urgent, ordinary) = (house.ended("special", 1)?.remove(0), house.ended("plain", 1)?.remove(0));
    ensure!(offers(&urgent).is_empty(), "the urgent call was offered to {:?}", offers(&urgent));
    ensure!(urgent["priority"] == "urgent" && ordinary["priority"] == "ordinary", "the priorities are not those of the check");
    let waited_before = time(&ordinary, "t2")?.ms_since(time(&urgent, "t2")?);
    let waits_after = time(&urgent, "t6")?.ms_since(time(&ordinary, "t3")?);
    ensure!(waited_before > 0.0 && waits_after > 0.0, "the urgent call did not wait meanwhile ({waited_before:.0}, {waits_after:.0} ms)");
    let waited = wait_ms(&ordinary)?;
    ensure!(waited < 1_000, "the ordinary call waited {waited} ms beside a ready seat");
    Ok(Outcome::Passed(format!("the ordinary call waited {waited} ms")))
}

/// FreeSWITCH #1641, #1062: the queue freezes: callers stay `Trying` and agents `Receiving` until somebody reloads the module.
/// Here one seat refuses each call, one is dead, and both come before the one that answers: ten callers at once are all served.
fn frozen_queue(house: &House) -> Result<Outcome> {
    let logs = house.logs("frozen-queue");
    let refusing = house.seat(&logs, "refusing", "uas_reject", &[])?;
    let serving = house.seat(&logs, "serving", "uas_hangs_up", &["-m", "10"])?;
    let numbers = numbers(&logs, &["frozen"])?;
    house.caller(&logs, "uac_served", "frozen", &["-inf", &numbers, "-m", "10", "-r", "100"])?.finish()?;
    serving.finish()?;
    drop(refusing);
    let calls = house.ended("frozen", 10)?;
    ensure!(calls.iter().all(|call| call["seat"] == "serving"), "not all were served by the third seat: {calls:#?}");
    let ends: Vec<_> = calls.iter().flat_map(offers).collect();
    let count =
        |seat: &str, how: &str| ends.iter().filter(|(name, end)| name == seat && end.as_ref().is_some_and(|end| end.contains(how))).count();
    let (refused, dead) = (count("refusing", "486"), count("dead", "unreachable"));
    ensure!(refused > 0 && dead > 0, "the check met no refusal ({refused}) or no dead phone ({dead})");
    ensure!(refused + dead + 10 == ends.len(), "other offers than expected: {ends:?}");
    let longest = calls.iter().map(wait_ms).collect::<Result<Vec<u64>>>()?.into_iter().max().unwrap_or(0);
    for seat in ["refusing", "dead", "serving"] {
        let state = house.hotline.seat(seat)?;
        ensure!(state != "offered" && state != "on call", "{seat} is still `{state}`");
    }
    Ok(Outcome::Passed(format!("10 of 10 served past {refused} refusals and {dead} dead rings, the last after {longest} ms")))
}

/// OpenSIPS #2530: a lost BYE leaves the agent `in call` until somebody edits the database.
/// Here the caller's telephone is killed in the call: its silence is noticed, it is asked by OPTIONS, and the seat is free without anybody's
/// help. Another telephone is as silent, since it holds the call: it is asked too, says that it is there, and keeps its agent.
fn lost_bye(house: &House) -> Result<Outcome> {
    let logs = house.logs("lost-bye");
    let (held_seat, mut held) = talking(house, &logs, "held")?;
    held.command("hold", "")?;
    held.talk(Duration::from_secs(1))?;
    let (seat, mut phone) = talking(house, &logs, "lost")?;
    phone.talk(Duration::from_secs(2))?;
    phone.kill()?;
    let died = Instant::now();
    seat.finish().context("the seat got no BYE")?;
    let took = died.elapsed();
    ensure!(took < Duration::from_secs(75), "the seat was in a dead call for {:.0} s", took.as_secs_f64());
    let call = house.ended("lost", 1)?.remove(0);
    ensure!(call["cause"] == "unreachable" && call["hung_up_by"] == "system", "the record: {call:#}");
    let states = (house.hotline.seat("lost")?, house.hotline.seat("held")?);
    ensure!(states == ("ready".into(), "on call".into()), "the seats of the dead and of the silent caller are {states:?}");
    held.command("hangup", "")?;
    held_seat.finish().context("the seat whose caller held")?;
    let call = house.ended("held", 1)?.remove(0);
    ensure!(call["cause"] == "normal" && call["hung_up_by"] == "caller", "the record: {call:#}");
    Ok(Outcome::Passed(format!("the seat was free {:.0} s after the telephone had died, the caller on hold kept his", took.as_secs_f64())))
}

/// A telephone, with sound, that talks to one of the seats.
fn talking(house: &House, logs: &Path, name: &str) -> Result<(Sipp, Phone)> {
    let seat = house.seat_for(logs, name, "uas_agent", &["-m", "1"], Duration::from_secs(95))?;
    let voice = audio::read(&crate::root().join("fixtures/voices/caller.wav"))?;
    let account = Account { user: "13800138002", registrar: None, answers: false };
    let mut phone = Phone::start(&logs.join(format!("{name}-caller")), &account, &voice)?;
    phone.command("dial", &format!("sip:{name}@{}", house.hotline.address()))?;
    phone.wait_for("CALL_ESTABLISHED", Duration::from_secs(10)).context("the hotline did not pick up")?;
    let until = Instant::now() + RECORDED_WITHIN;
    while house.hotline.seat(name)? != "on call" {
        ensure!(Instant::now() < until, "the seat got no call");
        phone.talk(Duration::from_millis(200))?;
    }
    phone.talk(Duration::from_secs(1))?;
    Ok((seat, phone))
}

/// FreeSWITCH #2511: a call of score 53 is served before one of 303.
/// Here twelve callers of mixed priority wait for one seat: it serves them by priority, and inside a priority by arrival.
fn lower_score_first(house: &House) -> Result<Outcome> {
    const NUMBERS: [&str; 3] = ["ranked-urgent", "ranked-important", "ranked-ordinary"];
    const MIX: [usize; 12] = [2, 1, 0, 2, 0, 1, 2, 0, 1, 1, 2, 0];
    let logs = house.logs("lower-score-first");
    house.hotline.choose("ranked", "break")?;
    let seat = house.seat(&logs, "ranked", "uas_hangs_up", &["-m", "12"])?;
    let called = MIX.map(|number| NUMBERS[number]);
    let numbers = numbers(&logs, &called)?;
    let callers = house.caller(&logs, "uac_served", "ranked", &["-inf", &numbers, "-m", "12", "-r", "10"])?;
    house.calls_where("ranked", 12, |call| call["t2"].is_string())?;
    house.hotline.choose("ranked", "ready")?;
    callers.finish()?;
    seat.finish()?;
    let mut calls = house.ended("ranked", 12)?;
    let arrived: Vec<&Value> = calls.iter().map(|call| &call["dialled"]).collect();
    ensure!(arrived.iter().zip(called).all(|(dialled, called)| **dialled == called), "they came in another order: {arrived:?}");
    calls.sort_by_key(|call| NUMBERS.iter().position(|number| call["dialled"] == *number));
    let served = calls.iter().map(|call| time(call, "t3")).collect::<Result<Vec<Moment>>>()?;
    for (pair, calls) in served.windows(2).zip(calls.windows(2)) {
        ensure!(pair[1].ms_since(pair[0]) > 0.0, "a call of {} was served before one of {}", calls[1]["dialled"], calls[0]["dialled"]);
    }
    Ok(Outcome::Passed("12 of 12 in order of priority, then arrival".into()))
}

/// FreeSWITCH #2529: the caller hangs up, the agent's telephone rings on and the agent picks up nobody.
/// Here the CANCEL follows the BYE, and the seat gets the next caller.
fn caller_gone(house: &House) -> Result<Outcome> {
    let logs = house.logs("caller-gone");
    let seat = house.seat(&logs, "gone", "uas_no_answer", &["-m", "3"])?;
    house.caller(&logs, "uac", "gone", &["-m", "3", "-l", "1", "-r", "1", "-d", "1000"])?.finish()?;
    seat.finish()?;
    let (caller, seat) = (sipp::messages(&logs.join("caller"))?, sipp::messages(&logs.join("gone"))?);
    let mut late = Vec::new();
    for call in 0..3 {
        late.push(nth(&seat, false, "CANCEL", call)?.ms_since(nth(&caller, true, "BYE", call)?));
    }
    late.sort_by(f64::total_cmp);
    ensure!(late[0] > -100.0 && late[1] < 100.0 && late[2] < 1_000.0, "the CANCELs came {late:.1?} ms after the BYEs");
    for call in house.ended("gone", 3)? {
        let offers = offers(&call);
        ensure!(matches!(&offers[..], [(_, Some(how))] if how.contains("caller was gone")), "the offers were {offers:?}");
        ensure!(call["hung_up_by"] == "caller" && call["cause"] == "abandoned_in_queue", "the record: {call:#}");
    }
    let state = house.hotline.seat("gone")?;
    ensure!(state == "ready", "the seat is `{state}`");
    Ok(Outcome::Passed(format!("3 CANCELs, {late:.1?} ms after the BYEs")))
}
