use hotline_model::history::{DecidingKey, NO_SEAT, Trigger};
use hotline_model::{Decision, SeatId};
use hotline_rules::Plan;
use std::time::Duration;

/// A decision in one short sentence, with the names of the plan it was made by.
pub fn explain(plan: &Plan, decision: &Decision) -> String {
    let queue = plan.queues.get(decision.queue.index()).map_or("an unknown queue", |queue| &queue.name);
    let Decision { call, waited_ms, admitted, ready, ahead, .. } = decision;
    let queue = format!("{queue}{}", by_waiting(plan, decision));
    if decision.seat == NO_SEAT {
        let ahead = if *ahead == 0 { "first in line".to_owned() } else { format!("behind {ahead}") };
        return format!("call {call} waits in {queue}, {ahead}: none of {admitted} admitted seats is ready");
    }
    let seat = plan.seats.get(SeatId(decision.seat).index()).map_or("unknown", |seat| &seat.name);
    let waited = f64::from(*waited_ms) / 1000.0;
    let why = reason(decision);
    if matches!(decision.key, DecidingKey::CallOrder | DecidingKey::ByHand) {
        return format!("call {call} goes to seat {seat} after {waited:.1} s in {queue}: {why}");
    }
    let when = occasion(decision.trigger);
    format!("call {call} goes to seat {seat} {when}, after {waited:.1} s in {queue}: of {ready} ready seats {why}")
}

/// The priority that a call has come to by waiting (R38).
fn by_waiting(plan: &Plan, decision: &Decision) -> String {
    let stated = decision.priority;
    let aged = plan.priorities.aged(stated, Duration::from_millis(u64::from(decision.waited_ms)));
    if aged == stated { String::new() } else { format!(" ({stated}, {aged} by now for its long wait)") }
}

fn reason(decision: &Decision) -> String {
    let tier = ["internal and near", "internal", "external"].get(usize::from(decision.tier)).copied().unwrap_or("unknown");
    match if decision.ready == 1 && !matches!(decision.key, DecidingKey::CallOrder | DecidingKey::ByHand) {
        DecidingKey::OnlyReady
    } else {
        decision.key
    } {
        DecidingKey::OnlyReady => "it was the only one".into(),
        DecidingKey::Tier => format!("it is of the better tier, {tier}"),
        DecidingKey::Owner => "it owns the caller's matter".into(),
        DecidingKey::LastAgent => "it spoke with the caller last".into(),
        DecidingKey::Proficiency => format!("it is the most proficient ({} in what was asked)", decision.proficiency),
        DecidingKey::Region => "it is the nearest".into(),
        DecidingKey::LongestIdle => "it is idle the longest".into(),
        DecidingKey::Step => "an earlier step of the queue admits it".into(),
        DecidingKey::CallOrder => "the seat became ready and this call was first in line".into(),
        DecidingKey::ByHand => "it was chosen by a person".into(),
        DecidingKey::Nobody => "none was ready".into(),
    }
}

fn occasion(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::CallWaiting => "as it comes",
        Trigger::SeatReady => "as the seat becomes ready",
        Trigger::StepReached => "as a step or the end of a hold is reached",
        Trigger::OfferFailed => "as an offer ended",
        Trigger::Breach => "as its answer clock was breached",
        Trigger::RulesChanged => "as the rules changed",
        Trigger::ByHand => "by hand",
        Trigger::Recovery => "as it is taken up again",
    }
}
