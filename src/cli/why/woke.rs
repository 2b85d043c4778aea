//! What made the router look at a call.

use super::held::{help_place, is_in, some_of};
use super::pauses::Setting;
use hotline_archive::{SeatStates, StoredDecision};
use hotline_model::history::{EventKind, SeatEvent, Trigger};
use hotline_model::{CallEvent, Intent, Name, QueueId, SeatId, SeatState};
use hotline_rules::{Plan, Spot};
use std::time::Duration;

/// A look comes so much after the wait that it is for, at most, where steps may open at other times than the rules say. It is also how
/// much earlier than a look a seat became ready that was kept from its calls by a pause.
pub const LATE: Duration = Duration::from_millis(100);

/// What is at most so long apart came of one thing.
pub const AT_ONCE: Duration = Duration::from_millis(10);

/// What made the router look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Woke {
    /// As it was recorded.
    By(Trigger),
    /// A wait was over from which on a seat serves the queue (its `delay`), and where that is written, if it is the chosen one's.
    Delay(Duration, Option<String>),
    /// A wait was over from which on seats help the queue (`after` of an `overflow`), and where that is written.
    Help(Duration, Option<String>),
    /// The hold of a better tier was over (`assign.tiers`).
    Hold(Duration),
    /// It had waited so long that the queue's reserve serves; where that is written.
    Reserve(Duration, Option<String>),
    /// The queue became crowded, so that its reserve serves; where it is written when.
    Crowded(Vec<String>),
    /// This seat was no longer signed in and reachable, so that holds and steps began earlier.
    Left(Name),
    /// An agent of its own, for whom it waited, chose to take no calls: the seat and what it chose.
    OwnWent(Name, SeatState),
    /// Something moved that can't be told from what is recorded.
    Again,
    /// The seat was ready and in the pause after an offer that it did not take; that was over; what says how long
    /// it was, if that is known.
    Pause(Option<Setting>),
}

impl Woke {
    /// What made the router look at a call with these events, as the seats were at this. It says that a step was reached wherever
    /// somebody more may serve a call: where a wait for that ends, and where such waits become shorter.
    pub fn of(stored: &StoredDecision, plan: Option<&Plan>, events: &[CallEvent], states: &SeatStates) -> Self {
        let trigger = stored.decision.trigger;
        if trigger == Trigger::PatienceOver {
            let went = |event: &&SeatEvent| event.seq > 0 && event.state.intent != Intent::Available && stored.at.since(event.at) < AT_ONCE;
            if let Some(event) = states.values().find(went) {
                return Self::OwnWent(event.seat.clone(), event.state);
            }
            // The one for whom it waited came.
            let came = |event: &SeatEvent| event.seq > 0 && event.state.is_ready() && stored.at.since(event.at) < AT_ONCE;
            let came = stored.seat.as_ref().and_then(|seat| states.get(seat)).is_some_and(came);
            return Self::By(if came { Trigger::SeatReady } else { trigger });
        }
        if trigger != Trigger::StepReached {
            return Self::By(trigger);
        }
        let known = || Some((plan?, *plan?.queue_names.get(&*stored.queue)?));
        let Some((plan, id)) = known() else { return Self::Again };
        let is_entry = |event: &&CallEvent| {
            let (EventKind::Queued { queue, .. } | EventKind::Overflowed { to: Some(queue) }) = &event.kind else { return false };
            *queue == stored.queue && event.at <= stored.at
        };
        let entry = events.iter().rev().find(is_entry);
        let over = Self::over(stored, (plan, id), entry.map(|entry| stored.at.since(entry.at)));
        over.or_else(|| Self::left(stored, (plan, id), states)).or_else(|| Self::crowded(stored, (plan, id))).unwrap_or_else(|| match entry
            .filter(|entry| stored.at.since(entry.at) < AT_ONCE)
            .map(|entry| &entry.kind)
        {
            Some(EventKind::Overflowed { .. }) => Self::By(Trigger::Breach),
            Some(_) => Self::By(Trigger::CallWaiting),
            None if ended(events, stored) => Self::By(Trigger::OfferFailed),
            None => Self::Again,
        })
    }

    /// A wait that was over then, of a call that has been in the queue for so long.
    fn over(stored: &StoredDecision, (plan, id): (&Plan, QueueId), been: Option<Duration>) -> Option<Self> {
        let by_step = Self::By(Trigger::StepReached);
        let waited = Duration::from_millis(u64::from(stored.decision.waited_ms));
        let came = been.map_or(Duration::ZERO, |been| waited.saturating_sub(been));
        let (queue, tiers) = (plan.queue(id), &plan.assign.tiers);
        let steps = &queue.steps;
        let most = if opens_by_presence(plan, id) || queue.reserve.is_some() { LATE } else { Duration::MAX };
        let late = |after: Duration| waited.checked_sub(after).filter(|late| after > came && *late < most);
        let chosen = stored.seat.as_ref().and_then(|name| plan.seat_names.get(&**name).copied());
        let delay = |seat: SeatId| {
            let place = plan.places.seat(seat).filter(|_| chosen == Some(seat)).map(|place| place.to_string());
            plan.serves(seat, id).map(|serves| (serves.delay, Self::Delay(serves.delay, place)))
        };
        let of_seat = chosen.and_then(delay);
        let longest = || plan.places.spot(Spot::ReserveLongest(id)).map(|place| place.to_string());
        let seats = (0..).map(SeatId).zip(&plan.seats).filter(|(_, seat)| !seat.retired);
        // Only the holds of tiers in which somebody is present count, together.
        let holds = some_of(tiers).into_iter().map(|held| held.iter().map(|(_, hold)| *hold).sum::<Duration>());
        let holds = holds.map(|held| (held, Self::Hold(held)));
        // Of several waits that were over, the last was it; of those over at once, the first of these.
        let waits = of_seat.into_iter();
        let waits = waits.chain(steps.iter().map(|step| (step.after, by_step.clone()))).chain(seats.filter_map(|(id, _)| delay(id)));
        let waits =
            waits.chain(queue.helpers.iter().map(|helper| (helper.after, Self::Help(helper.after, help_place(plan, id))))).chain(holds);
        let waits = waits.chain(queue.reserve.iter().map(|reserve| (reserve.longest, Self::Reserve(reserve.longest, longest()))));
        let over = waits.filter_map(|(after, woke)| Some((late(after)?, woke)));
        over.min_by_key(|(late, _)| *late).map(|(_, woke)| woke)
    }

    /// A seat that holds or steps counted went at that moment.
    fn left(stored: &StoredDecision, (plan, id): (&Plan, QueueId), states: &SeatStates) -> Option<Self> {
        let counts = |seat: &Name| plan.seat_names.get(&**seat).is_some_and(|seat| plan.admits(*seat, id));
        let went = |event: &&SeatEvent| event.seq > 0 && !is_in(event.state) && stored.at.since(event.at) < AT_ONCE && counts(&event.seat);
        let left = states.values().find(went).filter(|_| opens_by_presence(plan, id));
        left.map(|event| Self::Left(event.seat.clone()))
    }

    /// One of the reserve was found, of which no other wait ended.
    fn crowded(stored: &StoredDecision, (plan, id): (&Plan, QueueId)) -> Option<Self> {
        let seat = *plan.seat_names.get(&**stored.seat.as_ref()?)?;
        let reserve = plan.queue(id).reserve.as_ref()?;
        (reserve.has(seat, &plan.seat(seat).proficiency) && plan.admits(seat, id)).then(|| Self::Crowded(crowd_places(plan, id)))
    }

    /// The same of a look whose cause is not known, if another call came to the queue at that moment, which has a reserve.
    pub fn with_others<'a>(&mut self, stored: &StoredDecision, plan: &Plan, mut others: impl Iterator<Item = &'a StoredDecision>) {
        let Some(id) = plan.queue_names.get(&*stored.queue).filter(|id| plan.queue(**id).reserve.is_some()) else { return };
        let apart = |other: &StoredDecision| stored.at.since(other.at).max(other.at.since(stored.at));
        let came = |other: &StoredDecision| {
            let comes = matches!(other.decision.trigger, Trigger::CallWaiting | Trigger::Breach);
            comes && other.decision.call != stored.decision.call && other.queue == stored.queue && apart(other) < AT_ONCE
        };
        if *self == Self::Again && others.any(came) {
            *self = Self::Crowded(crowd_places(plan, *id));
        }
    }
}

/// Where it is written when a queue is crowded enough for its reserve.
fn crowd_places(plan: &Plan, queue: QueueId) -> Vec<String> {
    let spots = [Spot::ReserveWaiting(queue), Spot::ReserveLongest(queue)];
    let mut places: Vec<String> = spots.iter().filter_map(|spot| plan.places.spot(*spot)).map(|place| place.to_string()).collect();
    places.dedup();
    places
}

/// Whether it depends on who is signed in and reachable when somebody serves a queue.
fn opens_by_presence(plan: &Plan, queue: QueueId) -> bool {
    plan.queue(queue).steps.iter().any(|step| step.consider_if > 0) || plan.assign.tiers.iter().any(|(_, hold)| !hold.is_zero())
}

/// Whether an offer had just ended.
fn ended(events: &[CallEvent], stored: &StoredDecision) -> bool {
    let mut before = events.iter().filter(|event| event.at <= stored.at && stored.at.since(event.at) < AT_ONCE);
    before.any(|event| matches!(event.kind, EventKind::OfferEnded { .. }))
}
