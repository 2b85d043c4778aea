//! A desk phone alone is a full seat: codes that telephones dial and press, hot desking, PINs, calls outside over a trunk; and the lock-out of
//! the control API. Trunks that fail and rules that are written anew are in changes.rs.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::at_once::{Check, run_at};
use super::changes;
use super::house::{House, id, recorded};
use super::parties::{Hears, Party, SIGNALLED_WITHIN, stage};
use crate::steps::{Outcome, Steps};

/// The directory in target/xtask, and the rules, of the hotline with the desk phones and of that whose trunks and rules change.
const HOUSES: [(&str, [&str; 2]); 2] = [
    ("desk", ["fixtures/scenarios/desk/hot-desk.toml", "fixtures/scenarios/desk/outside.toml"]),
    ("changes", ["fixtures/scenarios/changes/failover.toml", "fixtures/scenarios/changes/reload.toml"]),
];
const PASSWORD: &str = "correct-horse";
/// The first lock after wrong PINs has 30 s; a machine that is busy with other things may be late.
const UNLOCKED_WITHIN: Duration = Duration::from_secs(90);
/// Wrong tokens from one address in a minute after which none is looked at there (src/api/README.md).
const WRONG_TOKENS: usize = 10;

/// Each, in one of the houses, has telephones and seats of its own, so that all run at once.
const CHECKS: [(&str, usize, Check); 6] = [
    ("desk: a seat signs in at a telephone of nobody's; codes dialled and pressed", 0, hot_desk),
    ("desk: three wrong PINs lock seat and telephone for 30 s", 0, locked),
    ("desk: seats dial and transfer outside; what is not allowed reaches no trunk, 110 always does", 0, outside),
    ("desk: ten wrong tokens at the API shut an address out, not those who are in", 0, wrong_tokens),
    ("desk: the second trunk while the first is dead or in trouble, the first when it is back", 1, changes::failover),
    ("desk: the next transfer follows new rules, and broken ones change nothing", 1, changes::reload),
];

/// Runs those checks whose name is `wanted`, all at once.
pub fn run_steps(steps: &mut Steps, wanted: impl Fn(&str) -> bool) {
    let checks: Vec<(&str, usize, Check)> = CHECKS.into_iter().filter(|(name, _, _)| wanted(name)).collect();
    run_at(steps, "the desk phones", HOUSES, checks);
}

/// At a telephone of nobody's nothing but *10 works; from then on it is the seat, whose own telephone is silent, until *19.
fn hot_desk(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("hot-desk"), house.hotline.address());
    let mut lobby = Party::at_seat("first", &logs, "lobby", &address, PASSWORD, false)?;
    let mut own = Party::at_seat("receiver", &logs, "2101", &address, PASSWORD, false)?;
    let shown = lobby.dial_in_vain("2102", &address)?;
    ensure!(shown.starts_with("403"), "a telephone at which nobody sits dials a colleague: {shown}");
    lobby.dial_code("*102101*111111", &address, "desk-wrong-pin")?;
    house.seat_is("2101", "signed out")?;
    lobby.dial_code("*102101*739251", &address, "desk-signed-in")?;
    house.seat_is("2101", "ready")?;

    let mut caller = Party::caller(&logs, "13800132101")?;
    caller.dial("desk", &address)?;
    lobby.phone.wait_for("CALL_INCOMING", SIGNALLED_WITHIN).context("the telephone at which the seat signed in does not ring")?;
    lobby.phone.command("accept", "")?;
    let [one, two] = [Hears::Voices(&["first"]), Hears::Voices(&["caller"])];
    stage("the caller and who signed in there talk", &mut [(&mut caller, one), (&mut lobby, two)])?;
    ensure!(!own.phone.log()?.contains("\nINVITE sip:"), "the seat's own telephone was called too");
    let call = id(&house.live("desk", 1, |call| call["t3"].is_string())?[0])?.to_owned();
    for keys in ["*142", "*151", "*16"] {
        lobby.phone.press(keys)?;
    }
    shows(house, &call, "class complex, by key", |record| is_class(record, "complex"))?;
    shows(house, &call, "resolved, by key", |record| record["disposition"] == "resolved")?;
    stage("the codes were not for the caller", &mut [(&mut caller, one), (&mut lobby, two)])?;
    caller.hang_up()?;
    lobby.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN)?;

    house.seat_is("2101", "wrap-up")?;
    lobby.dial_code("*152", &address, "desk-done")?;
    shows(house, &call, "to be followed up, dialled", |record| record["disposition"] == "follow-up")?;
    lobby.dial_code("*143", &address, "desk-done")?;
    shows(house, &call, "class major, dialled", |record| is_class(record, "major"))?;
    lobby.dial_code("*13", &address, "desk-done")?;
    house.seat_is("2101", "not ready (break)").context("*16 in the call")?;
    for (code, word, state) in [
        ("*11", "desk-ready", "ready"),
        ("*123", "desk-not-ready", "not ready (meeting)"),
        ("*129", "desk-not-understood", "not ready (meeting)"),
        ("*19", "desk-signed-out", "signed out"),
    ] {
        lobby.dial_code(code, &address, word)?;
        house.seat_is("2101", state)?;
    }

    own.dial_code("*10739251", &address, "desk-signed-in")?;
    caller.dial("desk", &address)?;
    own.phone.wait_for("CALL_INCOMING", SIGNALLED_WITHIN).context("after *19 the seat's own telephone does not ring")?;
    caller.hang_up()?;
    let rang = lobby.phone.log()?.matches("\nINVITE sip:lobby").count();
    ensure!(rang == 1, "the telephone that the seat left was called {rang} times");
    Ok(Outcome::Passed("*10 *11 *12 *13 *14 *15 *16 *19 dialled, *14 *15 *16 as keys; the last word of each was heard".into()))
}

/// The right PIN is no better than a wrong one while the lock lasts, at the seat's own telephone too; afterwards it is, keyed when asked for.
fn locked(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("locked"), house.hotline.address());
    let mut hall = Party::at_seat("first", &logs, "hall", &address, PASSWORD, false)?;
    let mut own = Party::at_seat("receiver", &logs, "2102", &address, PASSWORD, false)?;
    for _ in 0..3 {
        hall.dial_code("*102102*846299", &address, "desk-wrong-pin")?;
    }
    let since = Instant::now();
    recorded("the log tells of the lock", || Ok(house.hotline.said(&["too many wrong PINs", "\"seat\":\"2102\""])?.then_some(())))?;
    hall.dial_code("*102102*846290", &address, "desk-not-now")?;
    own.dial_code("*10846290", &address, "desk-not-now")?;
    house.seat_is("2102", "signed out")?;
    let began = loop {
        hall.dial("*102102", &address)?;
        hall.phone.talk(Duration::from_millis(400))?;
        let began = Instant::now();
        hall.phone.press("846290#")?;
        hall.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN).context("*10 without a PIN")?;
        if house.hotline.seat("2102")? == "ready" {
            break began;
        }
        ensure!(since.elapsed() < UNLOCKED_WITHIN, "still locked after {} s", since.elapsed().as_secs());
        hall.phone.talk(Duration::from_secs(2))?;
    };
    let locked = began.duration_since(since);
    ensure!(locked >= Duration::from_secs(25), "the lock lasted {} s only", locked.as_secs());
    hall.said("desk-signed-in")?;
    Ok(Outcome::Passed(format!("signed in by keys {:.0} s after the third wrong PIN", locked.as_secs_f64())))
}

/// Behind the trunk somebody answers: a seat that dials, a seat that dials for help, and a caller who is transferred there.
fn outside(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("outside"), house.hotline.address());
    let numbers = ["02166660001", "02166660002", "110"];
    let mut partner = Party::outside(&logs, house.port("carrier")?, &numbers)?;
    let mut seat = Party::at_seat("first", &logs, "2201", &address, PASSWORD, false)?;
    seat.dial("02166660001", &address)?;
    let [one, two] = [Hears::Voices(&["receiver"]), Hears::Voices(&["first"])];
    stage("a seat and somebody outside talk", &mut [(&mut seat, one), (&mut partner, two)])?;
    seat.hang_up()?;
    partner.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN)?;

    let mut plain = Party::at_seat("first", &logs, "2202", &address, PASSWORD, false)?;
    let tricks = ["02177770001", "0085221234567", "+442079460000", "1795100442079460000", "16812345", "021666600011"];
    for number in tricks {
        let shown = seat.dial_in_vain(number, &address)?;
        ensure!(shown.starts_with("40"), "{number} is dialled by a seat that may dial 021666600xx: {shown}");
    }
    let shown = plain.dial_in_vain("02166660001", &address)?;
    ensure!(shown.starts_with("403"), "a seat that may dial nothing dials outside: {shown}");
    house.hotline.choose("2202", "signed-out")?;
    plain.dial("110", &address)?;
    stage("who is signed out and calls for help is heard", &mut [(&mut plain, one), (&mut partner, two)])?;
    plain.hang_up()?;
    partner.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN)?;
    ensure!(house.hotline.said(&["EMERGENCY", "\"number\":\"110\""])?, "the log tells of no emergency");

    transferred_outside(house, &mut partner)?;
    let called: Vec<String> = invited(&partner.phone.log()?);
    ensure!(called == ["02166660001", "110", "02166660002"], "the trunk was asked for {called:?}");
    Ok(Outcome::Passed(format!("three calls with both voices; {} others refused, none of them at the trunk", tricks.len() + 1)))
}

/// By keys: the agent asks somebody outside while the caller hears music; then the two have each other.
fn transferred_outside(house: &House, partner: &mut Party) -> Result<()> {
    let (logs, address) = (house.logs("outside"), house.hotline.address());
    let mut agent = Party::at_seat("first", &logs, "2203", &address, PASSWORD, true)?;
    let mut caller = Party::caller(&logs, "13800132203")?;
    caller.dial("out", &address)?;
    let talk = [Hears::Voices(&["first"]), Hears::Voices(&["caller"])];
    stage("caller and agent talk", &mut [(&mut caller, talk[0]), (&mut agent, talk[1])])?;
    let call = id(&house.live("out", 1, |call| call["t3"].is_string())?[0])?.to_owned();
    agent.phone.press("*702177770001*1#")?;
    house.refused(&call, "NotAllowed")?;
    agent.phone.press("*702166660002*1#")?;
    let asks = &mut [(&mut caller, Hears::Music), (&mut agent, Hears::Voices(&["receiver"])), (&mut *partner, Hears::Voices(&["first"]))];
    stage("the agent asks somebody outside", asks)?;
    agent.phone.press("*9#")?;
    agent.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN).context("the agent's leg is not over")?;
    let has = &mut [(&mut caller, Hears::Voices(&["receiver"])), (&mut *partner, Hears::Voices(&["caller"]))];
    stage("somebody outside has the caller", has)?;
    caller.hang_up()?;
    partner.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN).context("the leg outside outlives the caller")?;
    house.ended("out", 1)?;
    let record = house.hotline.show(&call)?;
    ensure!(record["transfers"][0]["end"] == "completed", "the record: {record:#}");
    ensure!(record["owner"] == "2203", "the agent owns the matter (R57): {record:#}");
    ensure!(record["seat"] == "2203" && record["outside"] == "021****0002", "a seat's number, and one outside masked: {record:#}");
    ensure!(!record.to_string().contains("02166660002") && !house.hotline.says("02166660002")?, "the number stands in full somewhere");
    Ok(())
}

/// Whom the INVITEs that came to a telephone are for, each told once.
fn invited(log: &str) -> Vec<String> {
    let lines = log.lines().filter_map(|line| line.strip_prefix("INVITE sip:"));
    let mut users: Vec<String> = lines.filter_map(|line| Some(line.split_once('@')?.0.to_owned())).collect();
    users.dedup();
    users
}

/// After ten wrong tokens an address is told to wait, whatever unknown token it shows; a person who was in stays in, and so does the operator.
fn wrong_tokens(house: &House) -> Result<Outcome> {
    let [known, late] = ["Li Na", "Wang Wei"].map(|name| house.hotline.person(name, "supervisor"));
    let (known, late, local) = (known?, late?, house.hotline.api()?.1);
    let ask = |token: &str| status(house, token);
    recorded("a new person's token is taken", || Ok((ask(&known)?.0 == 200).then_some(())))?;
    let wrong = format!("hl_{}_{}", "0".repeat(16), "1".repeat(64));
    ensure!(ask("no token at all")?.0 == 401, "what has not the form of a token");
    let mut refused = 0;
    while refused <= WRONG_TOKENS && ask(&wrong)?.0 == 401 {
        refused += 1;
    }
    // Waiting for the new person, the check itself may have shown a token too early.
    ensure!((WRONG_TOKENS - 2..=WRONG_TOKENS).contains(&refused), "{refused} wrong tokens were looked at");
    for token in [&wrong, &late] {
        let (code, wait) = ask(token)?;
        ensure!(code == 429 && wait.is_some_and(|seconds| (1..=60).contains(&seconds)), "then {code}, Retry-After {wait:?}");
    }
    ensure!(ask(&known)?.0 == 200 && ask(&local)?.0 == 200, "those who are in were shut out too");
    house.hotline.seats().context("`hotline seats list` while the address is shut out")?;
    let audit = house.hotline.audit()?;
    Ok(Outcome::Passed(format!("{refused} times 401, then 429; the known person and the operator are in; {audit}")))
}

/// What the API answers to a token: the status, and Retry-After in seconds.
fn status(house: &House, token: &str) -> Result<(u16, Option<u32>)> {
    let answer = house.hotline.get("/api/v1/seats", token)?;
    let code = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).with_context(|| format!("no answer of HTTP: {answer}"))?;
    let header = |line: &str| line.to_ascii_lowercase().strip_prefix("retry-after: ").and_then(|wait| wait.parse().ok());
    Ok((code, answer.lines().find_map(header)))
}

fn is_class(record: &Value, class: &str) -> bool {
    record["classified"]["class"].as_str().is_some_and(|found| found.eq_ignore_ascii_case(class))
}

/// Waits until `hotline calls show` says something.
fn shows(house: &House, call: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Result<()> {
    recorded(what, || Ok(is_so(&house.hotline.show(call)?).then_some(())))
}
