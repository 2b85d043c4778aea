//! What keeps a ready seat from a call for a while, and where that is written.

use hotline_model::{Name, QueueId, SeatId};
use hotline_rules::{Plan, Spot, Tier};
use std::time::Duration;

/// What a ready seat waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum By {
    /// Its step of the queue, from 0.
    Step(usize, Option<String>),
    /// So long a call waits before the seat serves its queue (`delay`).
    Delay(Duration, Option<String>),
    /// It is none of the queue's own, and helps it from so long on (`overflow`).
    Help(Duration, Option<String>),
    /// The holds of better tiers (`assign.tiers`).
    Hold(Vec<(Tier, Duration)>),
    /// The pause after an offer that it did not take.
    Pause,
    /// It is of the queue's reserve, which serves only when the queue is crowded.
    Reserve(Option<String>),
}

/// Seats that are ready, and what keeps each.
pub type Held = Vec<(Name, By)>;

impl By {
    /// What is over when a call has waited so long, for a seat of this step and tier.
    pub fn until(after: Duration, plan: &Plan, queue: QueueId, seat: SeatId, (step, tier): (usize, Tier)) -> Self {
        if let Some((time, own)) = Self::own(plan, queue, seat)
            && time == after
        {
            return own;
        }
        let tiers = &plan.assign.tiers;
        let better = tiers.iter().position(|(other, _)| *other == tier).and_then(|end| tiers.get(..end)).unwrap_or_default();
        let held = some_of(better).into_iter().find(|holds| holds.iter().map(|(_, hold)| *hold).sum::<Duration>() == after);
        match held.filter(|_| plan.queue(queue).steps.get(step).is_none_or(|step| step.after != after)) {
            Some(holds) => Self::Hold(holds),
            None => Self::Step(step, plan.places.step(queue, step).map(|place| place.to_string())),
        }
    }

    /// What keeps a seat itself from calls of a queue that have not waited so long, whatever others do.
    pub fn own(plan: &Plan, queue: QueueId, seat: SeatId) -> Option<(Duration, Self)> {
        if let Some(after) = helps(plan, queue, seat) {
            return Some((after, Self::Help(after, help_place(plan, queue))));
        }
        let delay = plan.serves(seat, queue).map(|serves| serves.delay).filter(|delay| !delay.is_zero())?;
        Some((delay, Self::Delay(delay, plan.places.seat(seat).map(|place| place.to_string()))))
    }
}

/// The holds that may be those of tiers in which somebody is present: some of all, in their order.
pub fn some_of(tiers: &[(Tier, Duration)]) -> Vec<Vec<(Tier, Duration)>> {
    let mut all = vec![Vec::new()];
    for hold in tiers.iter().filter(|(_, hold)| !hold.is_zero()) {
        let more: Vec<Vec<_>> = all.iter().map(|some| some.iter().chain([hold]).copied().collect()).collect();
        all.extend(more);
    }
    all.retain(|some| !some.is_empty());
    all
}

/// From when on a seat that is none of a queue's own helps it: in the last resort, which the last step comes before.
pub fn helps(plan: &Plan, queue: QueueId, seat: SeatId) -> Option<Duration> {
    let rules = plan.queue(queue);
    let (after, last) = (rules.helped_by(seat)?, rules.steps.last().map_or(Duration::ZERO, |step| step.after));
    (!plan.admits(seat, queue)).then_some(after.max(last))
}

/// Where it is written who helps a queue.
pub fn help_place(plan: &Plan, queue: QueueId) -> Option<String> {
    plan.places.spot(Spot::Overflow(queue)).map(|place| place.to_string())
}

/// A tier as rules write it.
pub fn tier_key(tier: Tier) -> &'static str {
    match tier {
        Tier::InternalNear => "internal-near",
        Tier::Internal => "internal",
        Tier::External => "external",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holds_that_may_be_in_force_are_those_of_any_of_the_better_tiers_r37() {
        let seconds = Duration::from_secs;
        let tiers = [(Tier::InternalNear, seconds(5)), (Tier::Internal, seconds(4)), (Tier::External, Duration::ZERO)];
        let sums: Vec<Duration> = some_of(&tiers).iter().map(|some| some.iter().map(|(_, hold)| *hold).sum()).collect();
        assert_eq!(sums, [seconds(5), seconds(4), seconds(9)]);
        assert_eq!(some_of(&tiers[2..]), Vec::<Vec<(Tier, Duration)>>::new());
    }
}
