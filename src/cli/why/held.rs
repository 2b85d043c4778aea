//! What keeps a ready seat from a call for a while, and where that is written.

use super::pauses::Setting;
use super::rules::{Rules, all_states};
use hotline_archive::SeatStates;
use hotline_model::{Intent, Name, QueueId, SeatId, SeatState};
use hotline_router::{Opening, Openings};
use hotline_rules::{Plan, Spot, Tier};
use std::time::Duration;

/// What a ready seat waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum By {
    /// Its step of the queue, from 0, with its place, and the queue, if that is another than the one told of.
    Step(usize, Option<String>, Option<Name>),
    /// So long a call waits before the seat serves its queue (`delay`).
    Delay(Duration, Option<String>),
    /// It is none of the queue's own, and helps it from so long on (`overflow`).
    Help(Duration, Option<String>),
    /// The holds of better tiers (`assign.tiers`).
    Hold(Vec<(Tier, Duration)>),
    /// The pause after an offer that it did not take, and what says how long that is, if it is known.
    Pause(Option<Setting>),
    /// It is of the queue's reserve, which serves only when the queue is crowded.
    Reserve(Option<String>),
    /// It is of the queue's reserve, which serves once a call has waited so long, or so many wait (0: that is not asked).
    Longest(Duration, Option<String>, u32),
}

/// Seats that are ready, and what keeps each.
pub type Held = Vec<(Name, By)>;

impl By {
    /// From which wait on a seat is offered a call of a queue, and what is over then.
    pub fn of(openings: &Openings, plan: &Plan, queue: QueueId, seat: SeatId) -> Option<(Duration, Self)> {
        let Opening { opens, step, holds, delay, helps, .. } = openings.of(seat)?;
        let by = if helps {
            Self::Help(opens, help_place(plan, queue))
        } else if !delay.is_zero() && delay == opens {
            Self::Delay(delay, plan.places.seat(seat).map(|place| place.to_string()))
        } else if openings.steps().nth(step) == Some(opens) {
            Self::Step(step, plan.places.step(queue, step).map(|place| place.to_string()), None)
        } else {
            Self::Hold(holds)
        };
        Some((opens, by))
    }

    /// The same, told of another queue than this one.
    pub fn in_queue(self, queue: &Name) -> Self {
        match self {
            Self::Step(step, place, _) => Self::Step(step, place, Some(queue.clone())),
            Self::Delay(..) | Self::Help(..) | Self::Hold(_) | Self::Pause(_) | Self::Reserve(_) | Self::Longest(..) => self,
        }
    }
}

/// A step that is not waited in, since too few are there for it (`consider_if`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Which, from 0.
    pub step: usize,
    /// Where it is written.
    pub place: Option<String>,
    /// So many must be signed in and reachable.
    pub asks: u32,
    /// So many are.
    pub present: u32,
}

impl Passed {
    /// The steps of a queue that are passed over.
    pub fn all(openings: &Openings, plan: &Plan, queue: QueueId) -> Vec<Self> {
        let steps = plan.queue(queue).steps.iter().take(openings.steps().len()).enumerate();
        let passed = steps.filter_map(|(step, rules)| {
            let present = openings.passed_over(step)?;
            let place = plan.places.step(queue, step).map(|place| place.to_string());
            Some(Self { step, place, asks: rules.consider_if, present })
        });
        passed.collect()
    }
}

/// From which waits on the steps and seats of a queue serve a caller, as the seats are.
pub fn openings(rules: &Rules, queue: QueueId, states: &SeatStates) -> Openings {
    let mut openings = Openings::new(&rules.moment(queue, Duration::ZERO));
    all_states(&rules.plan, states).into_iter().for_each(|(seat, state)| openings.set_present(seat, is_in(state)));
    openings
}

/// Signed in and reachable.
pub fn is_in(state: SeatState) -> bool {
    state.reachable && state.intent != Intent::SignedOut
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

/// Whether a seat is none of a queue's own and helps it in the last resort (`overflow`).
pub fn helps(plan: &Plan, queue: QueueId, seat: SeatId) -> bool {
    plan.queue(queue).helped_by(seat).is_some() && !plan.admits(seat, queue)
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
