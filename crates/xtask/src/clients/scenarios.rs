//! The scenarios of manual.md Part K that are about who gets which call, as real SIP calls: judged by who was called when on the wire, by
//! the records and by what `hotline why` says. Scenario 7 is in transfers.rs.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;

use super::house::{House, offers, time};
use super::sipp::{self, Message, Moment, Sipp};
use crate::steps::{Outcome, Steps};

/// Longer than the longest check.
const MINUTES: Duration = Duration::from_secs(100);
/// A seat's phone is called so soon after what makes it so, on a machine that is busy with other things.
const AT_ONCE_MS: f64 = 1_000.0;

const RULES: [&str; 8] = [
    "fixtures/scenarios/00-common.toml",
    "fixtures/scenarios/03-priority.toml",
    "fixtures/scenarios/04-near.toml",
    "fixtures/scenarios/05-proficient.toml",
    "fixtures/scenarios/06-away.toml",
    "fixtures/scenarios/08-owner.toml",
    "fixtures/scenarios/43-seconds.toml",
    "fixtures/scenarios/44-by-hand.toml",
];
const DEDICATED: [&str; 2] = ["fixtures/scenarios/00-common.toml", "fixtures/scenarios/dedicated/14-dedicated.toml"];

type Check = fn(&House) -> Result<Outcome>;

/// Each has seats of its own, so that all run at once.
const CHECKS: [(&str, Check); 7] = [
    ("scenario 3: urgent, important, ordinary (R24 R38)", by_priority),
    ("scenario 4: internal near, internal far, external near (R37 R39)", by_distance),
    ("scenario 5: proficiency, previous agent, language (R40 R43 R12)", by_proficiency),
    ("scenario 6: wrap-up, break, off shift, signed out: never (R41)", never_offered),
    ("scenario 8: the owner of an open matter first (R57 R43)", owner_first),
    ("scenario: assigned, pulled and sorted by hand (R44)", by_hand),
    ("scenario: 43 s explained: 31 s no seat, 12 s behind 2 urgent calls", explained),
];
/// Needs a hotline of its own, since it ends it.
const OWN: &str = "scenario 14: VIP and high value (R45 R46)";

/// Runs those scenarios whose name is `wanted`, all at once.
pub fn run_steps(steps: &mut Steps, wanted: impl Fn(&str) -> bool) {
    let checks: Vec<(&str, Check)> = CHECKS.into_iter().filter(|(name, _)| wanted(name)).collect();
    if checks.is_empty() && !wanted(OWN) {
        return;
    }
    let (mut shared, mut own) = (None, None);
    steps.run("hotline serve gets ready for the scenarios", || {
        shared = Some(House::start("scenarios", &RULES)?);
        own = Some(House::start("scenario-14", &DEDICATED)?);
        Ok(Outcome::Passed(String::new()))
    });
    let (Some(shared), Some(own)) = (shared, own) else {
        return;
    };
    std::thread::scope(|scope| {
        let there = &shared;
        let running: Vec<_> = checks.into_iter().map(|(name, check)| (name, scope.spawn(move || check(there)))).collect();
        if wanted(OWN) {
            let dedicated = scope.spawn(move || dedicated(own));
            steps.run(OWN, || dedicated.join().map_err(|_| anyhow!("the check panicked"))?);
        }
        for (name, running) in running {
            steps.run(name, || running.join().map_err(|_| anyhow!("the check panicked"))?);
        }
    });
    steps.run("the hotline of the scenarios drains, and a replay of its inputs says the same", || {
        Ok(Outcome::Passed(shared.hotline.stop()?))
    });
}

/// R24, R38: three calls ordinary, important, urgent wait in that order for one seat, which serves them urgent, important, ordinary.
fn by_priority(house: &House) -> Result<Outcome> {
    let logs = house.logs("3-priority");
    let seat = house.seat(&logs, "three", "uas_hangs_up", &["-m", "3"])?;
    let who = ["three-ordinary", "three-important", "three-urgent"].map(|number| (number, "13800130003"));
    let callers = callers(house, &logs, "uac_from", &who, &["-r", "5"])?;
    let came = house.calls_where("three", 3, |call| call["t2"].is_string())?;
    let dialled: Vec<&Value> = came.iter().map(|call| &call["dialled"]).collect();
    ensure!(dialled == ["three-ordinary", "three-important", "three-urgent"], "they came in another order: {dialled:?}");
    house.hotline.choose("three", "ready")?;
    callers.finish()?;
    seat.finish()?;
    let rang = rang(&logs.join("three"))?;
    let expected: Vec<String> = came.iter().rev().map(id).collect::<Result<_>>()?;
    ensure!(called(&rang) == expected, "the seat was called for {:?}, not for {expected:?}", called(&rang));
    let reasons = expected[..2].iter().map(|call| says(house, call, "(R38)")).collect::<Result<Vec<bool>>>()?;
    ensure!(reasons == [true, true], "`why` names no R38 for the urgent and the important call");
    let behind = house.hotline.why(&[&expected[2]])?;
    ensure!(behind["waited"].as_str().is_some_and(|text| text.contains("behind 1 urgent and 1 important calls")), "`why`: {behind:#}");
    passed("INVITEs for urgent, important, ordinary; `why`: behind 1 urgent and 1 important calls")
}

/// R37, R39: the same skill at an internal far, an internal near and an external near seat. Three calls at once go to the near, the far and
/// the external one, in that order, though the external one is the most proficient.
fn by_distance(house: &House) -> Result<Outcome> {
    let logs = house.logs("4-near");
    let names = ["near-near", "near-far", "near-external"];
    let seats = names.map(|name| house.seat(&logs, name, "uas_talks", &["-m", "1", "-d", "4000"]));
    let who = [("near", "13800131001"), ("near", "13800131002"), ("near", "13800131003")];
    callers(house, &logs, "uac_from", &who, &["-r", "4"])?.finish()?;
    seats.into_iter().try_for_each(|seat| seat?.finish())?;
    let came = house.ended("near", 3)?;
    let expected: Vec<String> = came.iter().map(id).collect::<Result<_>>()?;
    let rang = names.iter().map(|name| rang(&logs.join(name))).collect::<Result<Vec<_>>>()?.concat();
    ensure!(called(&rang) == expected, "near, far and external were called for {:?}, not for {expected:?}", called(&rang));
    let in_order = rang.windows(2).all(|pair| pair[1].0.ms_since(pair[0].0) > 0.0);
    ensure!(in_order, "they were called in another order: {rang:?}");
    for call in &expected[..2] {
        ensure!(says(house, call, "better tier: internal before external, near before far (R37, R39)")?, "`why` names no tier for {call}");
    }
    passed("INVITEs to internal near, internal far, external near")
}

/// R40: of equally near ones the more proficient seat. R43: of equally proficient ones the one who is known as the caller's agent, though the
/// other is idle longer. R12: who speaks the caller's language, though the other is idle longer.
fn by_proficiency(house: &House) -> Result<Outcome> {
    let logs = house.logs("5-proficient");
    let good = house.seat(&logs, "good", "uas_hangs_up", &[])?;
    let expert = house.seat(&logs, "expert", "uas_hangs_up", &["-m", "1"])?;
    callers(house, &logs.join("1"), "uac_from", &[("proficient", "13800135009")], &[])?.finish()?;
    expert.finish()?;
    drop(good);
    let first = house.ended("proficient", 1)?.remove(0);
    ensure!(called(&rang(&logs.join("expert"))?) == [id(&first)?] && rang(&logs.join("good"))?.is_empty(), "not to the more proficient");
    ensure!(says(house, &id(&first)?, "it is the most proficient (R40)")?, "`why` names no R40");

    let seats = [("equal-first", "3"), ("equal-second", "1")].map(|(name, calls)| house.seat(&logs, name, "uas_hangs_up", &["-m", calls]));
    let known = ("equal", "13800135001");
    let who = [known, known, ("equal-english", "13800135002"), ("equal", "13800135003")];
    for (n, who) in (2..).zip(who) {
        callers(house, &logs.join(n.to_string()), "uac_from", &[who], &[])?.finish()?;
        house.ended("equal", n - 1)?;
    }
    seats.into_iter().try_for_each(|seat| seat?.finish())?;
    let came = house.ended("equal", 4)?.iter().map(id).collect::<Result<Vec<_>>>()?;
    let [first, second] = [rang(&logs.join("equal-first"))?, rang(&logs.join("equal-second"))?];
    ensure!(
        called(&first) == came[..3],
        "the known agent, who speaks English, was called for {:?}, not for {:?}",
        called(&first),
        &came[..3]
    );
    ensure!(called(&second) == came[3..], "the agent idle longest was called for {:?}, not for the stranger", called(&second));
    ensure!(says(house, &came[1], "it owns the caller's matter (R57)")?, "`why` names no agent of the caller's");
    ensure!(says(house, &came[2], "it was the only ready one of 1")?, "`why` does not say that only one speaks English");
    ensure!(says(house, &came[3], "it had been idle longest")?, "`why` does not say that the other was idle longest");
    passed("INVITEs to the expert; to the caller's own agent; to who speaks English; a stranger's to who was idle longest")
}

/// R41: a seat in wrap-up, one on a break, one off shift and one that has not signed in get no INVITE while a call waits for them.
fn never_offered(house: &House) -> Result<Outcome> {
    let logs = house.logs("6-away");
    let names = ["away-wrap-up", "away-break", "away-off-shift", "away-signed-out"];
    house.hotline.choose("away-break", "break")?;
    house.hotline.choose("away-off-shift", "off-shift")?;
    let seats = names.iter().map(|name| house.seat(&logs, name, "uas_hangs_up", &[])).collect::<Result<Vec<Sipp>>>()?;
    callers(house, &logs.join("first"), "uac_from", &[("away", "13800136001")], &[])?.finish()?;
    house.calls_where("away", 1, |call| call["t6"].is_string())?;
    house.seat_is("away-wrap-up", "wrap-up")?;
    let states = names.iter().map(|name| house.hotline.seat(name)).collect::<Result<Vec<String>>>()?;
    ensure!(states == ["wrap-up", "not ready (break)", "not ready (off shift)", "signed out"], "the seats are {states:?}");
    callers(house, &logs.join("second"), "uac_from_leaves", &[("away", "13800136002")], &["-d", "6000"])?.finish()?;
    let calls = house.ended("away", 2)?;
    drop(seats);
    let invites = names.iter().map(|name| Ok(rang(&logs.join(name))?.len())).collect::<Result<Vec<usize>>>()?;
    ensure!(invites == [1, 0, 0, 0], "the seats got {invites:?} INVITEs, expected one, before the wrap-up");
    ensure!(offers(&calls[1]).is_empty() && calls[1]["cause"] == "abandoned_in_queue", "the record: {:#}", calls[1]);
    let why = house.hotline.why(&[&id(&calls[1])?])?;
    let waited = why["waited"].as_str().unwrap_or_default();
    ensure!(["wrap-up", "break", "off shift"].iter().all(|word| waited.contains(word)), "`why`: {why:#}");
    let seat = house.hotline.why(&["away-wrap-up", "--seat"])?;
    ensure!(seat["says"].to_string().contains("until its wrap-up is over"), "`why SEAT`: {seat:#}");
    passed("1 INVITE before the wrap-up, none afterwards")
}

/// R57, R43: a caller whose matter somebody owns is offered to the owner first, though another is more proficient and idle longer; a caller
/// without is offered to the more proficient.
fn owner_first(house: &House) -> Result<Outcome> {
    let logs = house.logs("8-owner");
    let owner = house.seat(&logs, "owner-owner", "uas_hangs_up", &["-m", "2"])?;
    let other = house.seat(&logs, "owner-other", "uas_hangs_up", &["-m", "1"])?;
    let back = ("owner", "13800138008");
    for (n, who) in (1..).zip([back, back, ("owner", "13800138009")]) {
        callers(house, &logs.join(n.to_string()), "uac_from", &[who], &[])?.finish()?;
        house.ended("owner", n)?;
    }
    owner.finish()?;
    other.finish()?;
    let came = house.ended("owner", 3)?.iter().map(id).collect::<Result<Vec<_>>>()?;
    let [owner, other] = [rang(&logs.join("owner-owner"))?, rang(&logs.join("owner-other"))?];
    ensure!(called(&owner) == came[..2] && called(&other) == came[2..], "owner {:?}, other {:?}", called(&owner), called(&other));
    ensure!(says(house, &came[1], "it owns the caller's matter (R57)")?, "`why` names no owner");
    passed("INVITEs to the owner twice, a stranger's to the more proficient (matters are known by the customer's `agent` so far)")
}

/// R45, R46: a high-value customer gets the own agent first and no alarm at the end of R7's time, which another caller gets; a VIP goes first;
/// a session that we end before its 30 minutes is a violation, one that the customer ends is none.
fn dedicated(mut house: House) -> Result<Outcome> {
    let logs = house.logs("14-dedicated");
    let own = house.seat(&logs, "vip-own", "uas_agent", &["-m", "3"])?;
    let common = house.seat(&logs, "vip-common", "uas_agent", &["-m", "2"])?;
    let stays = ["-d", "5000", "-r", "4"];
    callers(&house, &logs.join("1"), "uac_from_leaves", &[("vip", "13800140045"), ("vip", "13800140001")], &stays)?.finish()?;
    house.ended("vip", 2)?;
    for seat in ["vip-own", "vip-common"] {
        house.hotline.choose(seat, "break")?;
    }
    let brief = ["-d", "3000", "-r", "4"];
    let waiting = callers(&house, &logs.join("2"), "uac_from_leaves", &[("vip", "13800140001"), ("vip", "13800140046")], &brief)?;
    house.calls_where("vip", 4, |call| call["t2"].is_string())?;
    house.hotline.choose("vip-own", "ready")?;
    house.calls_once("vip", |calls| calls.iter().filter(|call| call["t3"].is_string()).count() == 3)?;
    house.hotline.choose("vip-common", "ready")?;
    waiting.finish()?;
    house.ended("vip", 4)?;
    let last = callers(&house, &logs.join("3"), "uac_from", &[("vip", "13800140045")], &[])?;
    house.live("vip", 1, |call| call["t3"].is_string())?;
    house.hotline.hang_up()?;
    last.finish().context("the caller whose session we end")?;
    own.finish()?;
    common.finish()?;
    let calls = house.ended("vip", 5)?;
    let came = calls.iter().map(id).collect::<Result<Vec<_>>>()?;
    let [own, common] = [rang(&logs.join("vip-own"))?, rang(&logs.join("vip-common"))?];
    let of = |places: &[usize]| places.iter().map(|place| came[*place].clone()).collect::<Vec<_>>();
    ensure!(called(&own) == of(&[0, 3, 4]), "the own agent was called for {:?} of {came:?}", called(&own));
    ensure!(called(&common) == of(&[1, 2]), "the common agent was called for {:?} of {came:?}", called(&common));
    ensure!(says(&house, &came[0], "it is the customer's own agent (R45)")?, "`why` names no own agent");
    let clocks: Vec<_> = calls.iter().map(|call| (clock(call, "K5"), clock(call, "K10"))).collect();
    let kept = (None, Some("dropped".to_owned()));
    ensure!(clocks[0] == kept, "a session that the customer ends: {:?}", clocks[0]);
    ensure!(clocks[1] == (Some("breached".into()), None), "another caller's alarm: {:?}", clocks[1]);
    ensure!(clocks[4] == (None, Some("breached".into())), "a session that we end early: {:?}", clocks[4]);
    ensure!(calls[3]["priority"] == "important" && calls[4]["cause"] == "shutdown", "{:#} {:#}", calls[3], calls[4]);
    house.change_rules("14-dedicated.toml", "\n# other rules from now on\n")?;
    let facts = house.hotline.why(&[&came[0]])?["facts"].to_string();
    ensure!(facts.contains("14-dedicated.toml:15"), "after the rules changed `why` does not name the seats by those of then: {facts}");
    passed("own agent first; no K5 beside one that is breached; K10 breached as we end the session, dropped as the customer does")
}

/// R44: a supervisor gives a waiting call to a seat that no step admits, a seat pulls one, and a call that is made urgent goes first.
fn by_hand(house: &House) -> Result<Outcome> {
    let logs = house.logs("by-hand");
    let assigned = house.seat(&logs, "hand-assigned", "uas_agent", &["-m", "1"])?;
    let pulling = house.seat(&logs, "hand-pulling", "uas_agent", &["-m", "1"])?;
    let able = house.seat(&logs, "hand-able", "uas_hangs_up", &["-m", "2"])?;
    let who = [("hand", "13800144001"), ("hand", "13800144002"), ("hand-sensitive", "13800144003")];
    let callers_of_two = callers(house, &logs.join("1"), "uac_from_leaves", &who, &["-d", "6000", "-r", "4"])?;
    let came = house.live("hand", 3, |call| call["t2"].is_string())?.iter().map(id).collect::<Result<Vec<_>>>()?;
    let refused = [
        (house.hotline.by_hand(&["calls", "assign", &came[0], "hand-able"])?, "not_ready"),
        (house.hotline.by_hand(&["calls", "assign", &came[0], "hand-nobody"])?, "no_such_seat"),
        (house.hotline.by_hand(&["seats", "pull", "hand-pulling", &came[2]])?, "not_cleared"),
    ];
    let given = house.hotline.by_hand(&["calls", "assign", &came[0], "hand-assigned"])?;
    let pulled = house.hotline.by_hand(&["seats", "pull", "hand-pulling", &came[1]])?;
    ensure!(given["done"] == true && pulled["done"] == true, "{given} {pulled}");
    house.live("hand", 3, |call| call["seat"].is_string() || call["dialled"] == "hand-sensitive")?;
    let late = house.hotline.by_hand(&["calls", "priority", &came[0], "urgent"])?;
    ensure!(late["why"] == "not_waiting", "a call that talks: {late}");
    for (said, why) in refused {
        ensure!(said["done"] == false && said["why"] == why, "expected {why}: {said}");
    }
    callers_of_two.finish()?;
    assigned.finish()?;
    pulling.finish()?;
    let soonest = |seat: &str, call: &str| {
        let rang = rang(&logs.join(seat))?;
        ensure!(called(&rang) == [call.to_owned()], "{seat} was called for {:?}, not for {call}", called(&rang));
        rang_after(house, call)
    };
    let (first, second) = (soonest("hand-assigned", &came[0])?, soonest("hand-pulling", &came[1])?);
    ensure!(first < AT_ONCE_MS && second < AT_ONCE_MS, "the phones rang {first:.0} and {second:.0} ms after the orders");
    ensure!(
        says(house, &came[0], "a person chose that seat (R44)")?
            && says(house, &came[0], "assigned it to seat hand-assigned by hand (R44)")?
    );
    ensure!(says(house, &came[1], "had seat hand-pulling pull it (R44)")?, "`why` does not say who pulled");

    let who = [("hand", "13800144004"), ("hand", "13800144005")];
    let sorted = callers(house, &logs.join("2"), "uac_from", &who, &["-r", "4"])?;
    let waiting = house.live("hand", 2, |call| call["t2"].is_string())?.iter().map(id).collect::<Result<Vec<_>>>()?;
    let urgent = house.hotline.by_hand(&["calls", "priority", &waiting[1], "urgent"])?;
    ensure!(urgent["done"] == true, "{urgent}");
    house.hotline.choose("hand-able", "ready")?;
    sorted.finish()?;
    able.finish()?;
    let rang = rang(&logs.join("hand-able"))?;
    ensure!(called(&rang) == [waiting[1].clone(), waiting[0].clone()], "not the urgent one first: {:?} of {waiting:?}", called(&rang));
    ensure!(says(house, &waiting[1], "made it urgent")?, "`why` does not say who made it urgent");
    passed(&format!("rang {first:.1} ms after the assignment, {second:.1} ms after the pull; 4 refusals by name"))
}

/// The call that design.md's question is about: "why did this call wait 43 s?".
fn explained(house: &House) -> Result<Outcome> {
    let logs = house.logs("43-seconds");
    let seat = house.seat_for(&logs, "wait-chinese", "uas_talks", &["-m", "3", "-d", "6000"], MINUTES)?;
    let ordinary = callers(house, &logs.join("ordinary"), "uac_from", &[("wait-ordinary", "13800143001")], &[])?;
    let first = house.live("wait", 1, |call| call["t2"].is_string())?.remove(0);
    let began = Instant::now();
    std::thread::sleep(Duration::from_secs(20));
    let urgent = [("wait-urgent", "13800143002"), ("wait-urgent", "13800143003")];
    let urgent = callers(house, &logs.join("urgent"), "uac_from", &urgent, &["-r", "4"])?;
    house.live("wait", 3, |call| call["t2"].is_string())?;
    let expected = [
        ("wait-chinese", "--seat", "its agent has not signed in"),
        ("wait-english", "--seat", "no queue admits it"),
        ("wait", "--queue", "no seat with zh >= 3 was signed in"),
    ];
    for (name, kind, words) in expected {
        let why = house.hotline.why(&[name, kind])?;
        ensure!(why["says"].to_string().contains(words), "`why {name}` does not say {words:?}: {why:#}");
    }
    std::thread::sleep(Duration::from_secs(31).saturating_sub(began.elapsed()));
    house.hotline.choose("wait-chinese", "ready")?;
    ordinary.finish()?;
    urgent.finish()?;
    seat.finish()?;
    let calls = house.ended("wait", 3)?;
    let came = calls.iter().map(id).collect::<Result<Vec<_>>>()?;
    let rang = rang(&logs.join("wait-chinese"))?;
    let served = [came[1].clone(), came[2].clone(), came[0].clone()];
    ensure!(called(&rang) == served, "the seat was called for {:?}, not for {served:?}", called(&rang));
    let why = house.hotline.why(&[&id(&first)?])?;
    let waited = why["waited"].as_str().with_context(|| format!("`why` sums nothing up: {why:#}"))?;
    let parts: Vec<f64> =
        waited.split(' ').filter_map(|word| word.parse().ok()).filter(|number: &f64| number.fract() != 0.0 || *number > 5.0).collect();
    let near = parts.len() >= 3 && parts.iter().zip([43.0, 31.0, 12.0]).all(|(said, meant)| (said - meant).abs() < 2.0);
    let nobody = waited.contains("s no seat ") && waited.contains("with zh >= 3 was signed in,");
    let causes = nobody && waited.contains("s behind 2 urgent calls");
    ensure!(near && causes, "`why` says: {waited}");
    passed(waited)
}

fn passed(detail: &str) -> Result<Outcome> {
    Ok(Outcome::Passed(detail.to_owned()))
}

/// Starts callers: whom each dials, and from which number.
fn callers(house: &House, logs: &Path, scenario: &str, who: &[(&str, &str)], options: &[&str]) -> Result<Sipp> {
    std::fs::create_dir_all(logs)?;
    let file = logs.join("callers.csv");
    let lines: Vec<String> = who.iter().map(|(dialled, from)| format!("{dialled};{from}")).collect();
    std::fs::write(&file, format!("SEQUENTIAL\n{}\n", lines.join("\n")))?;
    let (file, count) = (file.display().to_string(), who.len().to_string());
    house.caller_for(logs, scenario, "", &[&["-inf", &file, "-m", &count], options].concat(), MINUTES)
}

/// When a seat got an INVITE, and for which call; INVITEs sent again are counted once.
fn rang(logs: &Path) -> Result<Vec<(Moment, String)>> {
    if !logs.join("messages.log").exists() {
        return Ok(Vec::new());
    }
    let invite = |message: Message| {
        let call = message.call.filter(|_| !message.sent && message.what == "INVITE")?;
        Some((message.at, call))
    };
    let mut all: Vec<(Moment, String)> = sipp::messages(logs)?.into_iter().filter_map(invite).collect();
    all.dedup_by(|one, other| one.1 == other.1);
    Ok(all)
}

fn called(rang: &[(Moment, String)]) -> Vec<String> {
    rang.iter().map(|(_, call)| call.clone()).collect()
}

fn id(call: &Value) -> Result<String> {
    call["call"].as_str().map(str::to_owned).with_context(|| format!("no call's id in {call:#}"))
}

/// Whether `hotline why` of a call says so in one of its sentences.
fn says(house: &House, call: &str, words: &str) -> Result<bool> {
    let why = house.hotline.why(&[call])?;
    let facts = why["facts"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(facts.iter().any(|fact| fact["says"].as_str().is_some_and(|text| text.contains(words))))
}

/// Milliseconds from the order by hand until the phone rang, by the hotline's clock.
fn rang_after(house: &House, call: &str) -> Result<f64> {
    let why = house.hotline.why(&[call])?;
    let facts = why["facts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let order = facts.iter().rfind(|fact| fact["says"].as_str().is_some_and(|text| text.contains("(R44).")));
    let ordered = order.with_context(|| format!("`why` tells no order: {why:#}"))?;
    let record = house.hotline.calls()?.into_iter().find(|record| record["call"] == call).context("the call is recorded")?;
    Ok(time(&record, "t2r")?.ms_since(time(ordered, "at")?))
}

/// The state of a clock in a record.
fn clock(call: &Value, name: &str) -> Option<String> {
    let clocks = call["clocks"].as_array()?;
    clocks.iter().find(|clock| clock["clock"] == name).and_then(|clock| clock["state"].as_str()).map(str::to_owned)
}
