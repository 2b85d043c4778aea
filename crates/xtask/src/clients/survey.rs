//! What callers say of a conversation once the agent has hung up: keys of real telephones, in records, `why` and figures.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::house::{House, id, recorded};
use super::parties::{Hears, Party, SIGNALLED_WITHIN, stage};
use crate::steps::Outcome;

const PASSWORD: &str = "correct-horse";
const SEAT: &str = "2401";
/// The first question and a moment.
const QUESTION: Duration = Duration::from_secs(4);

/// Four callers and one agent: all keyed; gone after one score while the agent had the next call; not asked for hanging up first; not asked
/// a second time within the day.
pub fn scores(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("survey"), house.hotline.address());
    let mut agent = Party::at_seat("first", &logs, SEAT, &address, PASSWORD, true)?;
    let mut first = Party::caller(&logs, "13800132401")?;
    let one = talks(house, &mut first, &mut agent)?;
    agent.hang_up()?;
    house.seat_is(SEAT, "wrap-up").context("the agent's wrap-up does not run while the caller is asked")?;
    asked(house, &one)?;
    first.phone.talk(QUESTION)?;
    first.said("survey-attitude")?;
    first.phone.press("10")?;
    rated(house, &one, &["attitude 10"])?;

    let mut second = Party::caller(&logs, "13800132402")?;
    let two = talks(house, &mut second, &mut agent).context("the agent's next call while the first caller is asked")?;
    ensure!(house.hotline.show(&one)?["t6"].is_null(), "the first caller's survey is over");
    first.phone.press("2")?;
    first.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN).context("who has keyed all is not hung up on")?;
    first.said("survey-thanks")?;
    rated(house, &one, &["attitude 10", "quality 2"])?;
    ended(house, &one, "completed")?;
    figures(
        house,
        &[("surveys_asked_total", "1"), ("ratings_total", "2"), ("ratings_low_total", "1"), ("csat", "0.5"), ("rating_mean", "6")],
    )?;

    agent.hang_up()?;
    asked(house, &two)?;
    second.phone.talk(QUESTION)?;
    second.phone.press("8")?;
    rated(house, &two, &["attitude 8"])?;
    second.hang_up()?;
    ended(house, &two, "caller_left")?;
    rated(house, &two, &["attitude 8"])?;
    not_asked(house, &mut agent)?;
    asked_lately(house, &mut agent, &mut first)?;
    let all = [("surveys_asked_total", "2"), ("surveys_answered_total", "2"), ("ratings_total", "3"), ("ratings_satisfied_total", "2")];
    figures(house, &all)?;
    let csat = figure(house, "csat")?;
    ensure!(csat.starts_with("0.666"), "CSAT is {csat}");
    in_words(house, &one, &two)?;
    Ok(Outcome::Passed(format!("10 and 2 by one, 8 by another who left; CSAT {csat}; two not asked")))
}

/// The caller dials, and both hear each other; the call.
fn talks(house: &House, caller: &mut Party, agent: &mut Party) -> Result<String> {
    caller.dial("svc", &house.hotline.address())?;
    let [one, two] = [Hears::Voices(&["first"]), Hears::Voices(&["caller"])];
    stage("caller and agent talk", &mut [(caller, one), (agent, two)])?;
    let talking = |call: &Value| call["t3"].is_string() && call["t6"].is_null() && call["survey"].is_null();
    let call = recorded("the call is listed", || {
        let calls = house.hotline.calls()?;
        Ok(calls.into_iter().find(|call| call["queue"] == "svc" && talking(call)))
    })?;
    Ok(id(&call)?.to_owned())
}

fn asked(house: &House, call: &str) -> Result<()> {
    recorded(&format!("the caller of {call} is asked"), || Ok(house.hotline.show(call)?["survey"].is_object().then_some(())))
}

/// Waits until the record has these scores, in this order, and no others.
fn rated(house: &House, call: &str, expected: &[&str]) -> Result<()> {
    recorded(&format!("{call} has the scores {expected:?}"), || {
        let record = house.hotline.show(call)?;
        let ratings = record["survey"]["ratings"].as_array().cloned().unwrap_or_default();
        let ratings = ratings.iter().map(|one| format!("{} {}", one["dimension"].as_str().unwrap_or_default(), one["score"]));
        Ok((ratings.collect::<Vec<_>>() == expected).then_some(()))
    })
}

fn ended(house: &House, call: &str, end: &str) -> Result<()> {
    recorded(&format!("the survey of {call} ended as {end}"), || Ok((house.hotline.show(call)?["survey"]["end"] == end).then_some(())))
}

/// Who hangs up first is not asked, and the seat wraps up.
fn not_asked(house: &House, agent: &mut Party) -> Result<()> {
    let mut third = Party::caller(&house.logs("survey"), "13800132403")?;
    let call = talks(house, &mut third, agent)?;
    third.hang_up()?;
    agent.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN)?;
    let record = recorded("the call is over", || Ok(Some(house.hotline.show(&call)?).filter(|record| record["t7"].is_string())))?;
    ensure!(record["survey"].is_null() && record["hung_up_by"] == "caller", "{record:#}");
    Ok(())
}

/// A number is not asked twice in a day: the agent's hanging up ends the call.
fn asked_lately(house: &House, agent: &mut Party, caller: &mut Party) -> Result<()> {
    let call = talks(house, caller, agent)?;
    agent.hang_up()?;
    caller.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN).context("who was asked lately is asked again")?;
    let record = recorded("the call is over", || Ok(Some(house.hotline.show(&call)?).filter(|record| record["t7"].is_string())))?;
    ensure!(record["survey"].is_null() && record["hung_up_by"] == "agent", "{record:#}");
    let why = house.hotline.why(&[&call])?.to_string();
    ensure!(why.contains("survey.not_again_within"), "`why` does not say why nobody was asked: {why}");
    Ok(())
}

/// `calls show` and `why` tell of scores, and of who left.
fn in_words(house: &House, one: &str, two: &str) -> Result<()> {
    let card = house.hotline.card(one)?;
    ensure!(["Survey", "attitude 10: satisfied", "quality 2: low", "all was asked"].iter().all(|part| card.contains(part)), "{card}");
    let card = house.hotline.card(two)?;
    ensure!(["attitude 8: satisfied", "the caller hung up"].iter().all(|part| card.contains(part)), "{card}");
    for (call, parts) in [(one, &["attitude 10", "quality 2", "all was asked"][..]), (two, &["attitude 8", "the caller hung up"])] {
        let why = house.hotline.why(&[call])?.to_string();
        ensure!(parts.iter().all(|part| why.contains(part)), "`why` does not tell {parts:?}: {why}");
    }
    Ok(())
}

fn figures(house: &House, expected: &[(&str, &str)]) -> Result<()> {
    for (name, value) in expected {
        let is = figure(house, name)?;
        ensure!(is == *value, "hotline_{name} is {is} instead of {value}");
    }
    Ok(())
}

/// A figure of the queue's in /metrics.
fn figure(house: &House, name: &str) -> Result<String> {
    let (_, token) = house.hotline.api()?;
    let (figures, name) = (house.hotline.get("/metrics", &token)?, format!("hotline_{name}{{queue=\"svc\"}} "));
    let figure = figures.lines().find_map(|line| line.strip_prefix(name.as_str()));
    Ok(figure.with_context(|| format!("/metrics has no {name}"))?.trim().to_owned())
}
