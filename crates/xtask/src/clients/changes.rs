//! What changes while telephones talk: trunks that die and come back, and rules that are written anew.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::house::{House, id, recorded};
use super::parties::{Hears, Party, SIGNALLED_WITHIN, stage};
use crate::steps::Outcome;

const PASSWORD: &str = "correct-horse";
const NUMBER: &str = "02166660003";
const MINUTES: Duration = Duration::from_secs(120);
/// `timers.unreachable_retry` of the rules and a bit: how long a trunk that failed a call is left alone.
const RESTED: Duration = Duration::from_millis(2_500);

/// The first trunk is nowhere, answers OPTIONS and refuses calls, takes them, is gone without a word, and says by OPTIONS that it is shut.
pub(super) fn failover(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("failover"), house.hotline.address());
    let mut seat = Party::at_seat("first", &logs, "2301", &address, PASSWORD, false)?;
    let mut second = Party::outside(&logs, house.port("second")?, &[NUMBER])?;
    trunk_is(house, "second", true)?;
    ensure!(!house.hotline.trunk_is_up("first")?, "a trunk that never answered OPTIONS counts as alive");
    talks_over(&mut seat, &mut second, &address, "the first trunk is nowhere")?;
    ensure!(asked(house, "first")? == 0, "a dead trunk was asked");

    let trouble = house.seat_for(&logs, "first", "uas_trunk_trouble", &[], MINUTES)?;
    trunk_is(house, "first", true).context("it answers OPTIONS")?;
    talks_over(&mut seat, &mut second, &address, "the first trunk answers 503")?;
    ensure!(asked(house, "first")? == 1, "a trunk that answers OPTIONS is to be asked");
    ensure!(house.hotline.said(&["the call outside ended", "\"trunk\":\"first\"", "503"])?, "the log tells of no 503");
    drop(trouble);

    let mut first = Party::outside(&logs, house.port("first")?, &[NUMBER])?;
    seat.phone.talk(RESTED)?;
    trunk_is(house, "first", true)?;
    talks_over(&mut seat, &mut first, &address, "the first trunk is back")?;
    ensure!(asked(house, "first")? == 2 && asked(house, "second")? == 2, "over the first trunk and no other");

    first.phone.kill()?;
    talks_over(&mut seat, &mut second, &address, "the first trunk says nothing")?;
    ensure!(asked(house, "first")? == 3 && asked(house, "second")? == 3, "the trunk that said nothing was asked first");

    let shut = house.seat_for(&logs.join("shut"), "first", "uas_trunk_shut", &[], MINUTES)?;
    seat.phone.talk(RESTED)?;
    trunk_is(house, "first", false).context("it answers OPTIONS with 503")?;
    talks_over(&mut seat, &mut second, &address, "the first trunk says that it is shut")?;
    ensure!(asked(house, "first")? == 3, "a trunk that says that it is shut was asked");
    drop(shut);
    for told in ["no call can go through this trunk", "calls can go through this trunk again"] {
        ensure!(house.hotline.said(&[told, "\"trunk\":\"first\""])?, "the log does not say that {told}");
    }
    Ok(Outcome::Passed(
        "over the second: no OPTIONS answered, 503 to INVITE, silence, 503 to OPTIONS; over the first: back by OPTIONS".into(),
    ))
}

fn trunk_is(house: &House, trunk: &str, up: bool) -> Result<()> {
    recorded(&format!("trunk {trunk} is up: {up}"), || Ok((house.hotline.trunk_is_up(trunk)? == up).then_some(())))
}

/// How often a trunk was asked to take a call.
fn asked(house: &House, trunk: &str) -> Result<usize> {
    house.hotline.times_said(&["calls outside", &format!("\"trunk\":\"{trunk}\"")])
}

/// The seat dials, and who answers at this trunk hears it and is heard.
fn talks_over(seat: &mut Party, partner: &mut Party, hotline: &str, what: &str) -> Result<()> {
    seat.dial(NUMBER, hotline).context(what.to_owned())?;
    stage(what, &mut [(&mut *seat, Hears::Voices(&["receiver"])), (&mut *partner, Hears::Voices(&["first"]))])?;
    seat.hang_up()?;
    partner.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN).context(what.to_owned())?;
    Ok(())
}

/// A department gets another seat and no reason, and one reason stays: the call that is up is transferred by that. Then a seat that there is
/// not: the log names the place, and all stays as it was.
pub(super) fn reload(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("reload"), house.hotline.address());
    let mut agent = Party::at_seat("first", &logs, "2401", &address, PASSWORD, true)?;
    let mut old = Party::at_seat("receiver", &logs, "2402", &address, PASSWORD, false)?;
    let mut new = Party::at_seat("receiver", &logs, "2403", &address, PASSWORD, false)?;
    let mut caller = Party::caller(&logs, "13800132401")?;
    caller.dial("reload", &address)?;
    let [one, two] = [Hears::Voices(&["first"]), Hears::Voices(&["caller"])];
    stage("caller and agent talk", &mut [(&mut caller, one), (&mut agent, two)])?;
    let call = id(&house.live("reload", 1, |call| call["t3"].is_string())?[0])?.to_owned();
    rings(&mut agent, "*78100#", &mut old).context("the department's seat")?;

    house.rewrite_rules("reload.toml", "seats = [\"2402\"]\nreason = \"too_complex\"", "seats = [\"2403\"]")?;
    house.rewrite_rules("reload.toml", "[\"too_complex\", \"multi_department\", \"ability_insufficient\"]", "[\"multi_department\"]")?;
    recorded("the rules are loaded again", || Ok((house.hotline.times_said(&["rules loaded"])? >= 2).then_some(())))?;
    agent.phone.press("*78100#")?;
    house.refused(&call, "NoReason")?;
    agent.phone.press("*78100*1#")?;
    house.refused(&call, "ReasonNotTaken")?;
    rings(&mut agent, "*78100*2#", &mut new).context("the department's new seat")?;

    house.rewrite_rules("reload.toml", "seats = [\"2403\"]", "seats = [\"2499\"]")?;
    let place = format!("reload.toml:{}", house.line_of("reload.toml", "2499")?);
    recorded(&format!("the log names {place}"), || Ok(house.hotline.says(&place)?.then_some(())))?;
    ensure!(house.hotline.says("The running rules stay")?, "the log does not say that the running rules stay");
    stage("broken rules change nothing", &mut [(&mut caller, one), (&mut agent, two)])?;
    agent.phone.press("*78100*2#")?;
    new.phone.wait_for("CALL_INCOMING", SIGNALLED_WITHIN).context("the rules before the broken ones")?;
    new.phone.command("accept", "")?;
    let asks = &mut [(&mut caller, Hears::Music), (&mut agent, Hears::Voices(&["receiver"])), (&mut new, Hears::Voices(&["first"]))];
    stage("the agent asks the new seat", asks)?;
    agent.phone.press("*9#")?;
    let has = &mut [(&mut caller, Hears::Voices(&["receiver"])), (&mut new, Hears::Voices(&["caller"]))];
    stage("the new seat has the caller", has)?;
    caller.hang_up()?;
    house.ended("reload", 1)?;
    let rang = old.phone.log()?.matches("\nINVITE sip:2402").count();
    ensure!(rang == 1, "the seat that is no longer the department's was called {rang} times");
    Ok(Outcome::Passed(format!("by the rules of then, the new ones, and the new ones again after an error at {place}")))
}

/// The agent transfers by keys, a telephone rings, and the agent takes the caller back.
fn rings(agent: &mut Party, keys: &str, receiver: &mut Party) -> Result<()> {
    agent.phone.press(keys)?;
    receiver.phone.wait_for("CALL_INCOMING", SIGNALLED_WITHIN)?;
    agent.phone.press("*0")?;
    receiver.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN)?;
    Ok(())
}
