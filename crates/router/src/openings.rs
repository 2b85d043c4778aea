use crate::Moment;
use crate::eligible::LineKey;
use crate::line::Line;
use crate::masters::Masters;
use crate::rank::Order;
use hotline_model::{SeatId, Timestamp};
use hotline_rules::{Plan, Tier};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// From which waits on the steps and seats of a queue serve a call, as seats come and go. The router's own line is asked, so it can't say
/// anything else. A queue with a reserve is taken to be crowded, and patience for agents of the caller's own does not count.
#[derive(Debug)]
pub struct Openings {
    plan: Arc<Plan>,
    line: Line,
    seats: BTreeMap<SeatId, Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    place: usize,
    present: bool,
}

/// What a seat of a queue waits for; the last of it is when it is offered a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The waiting time from which it is offered a call.
    pub opens: Duration,
    /// The first step that admits it, from 0; the last one, if it only helps.
    pub step: usize,
    /// The holds of better tiers in which somebody is present.
    pub holds: Vec<(Tier, Duration)>,
    /// Its own delay, or from when on it helps.
    pub delay: Duration,
    /// It is none of the queue's own (`overflow`).
    pub helps: bool,
    /// It is of the reserve: all this is so only while the queue is crowded.
    pub reserve: bool,
}

impl Openings {
    /// For a call like this, while nobody is present.
    pub fn new(moment: &Moment<'_>) -> Self {
        let plan = Arc::clone(moment.plan);
        let (key, order) = (LineKey::of(moment.queue, moment.profile), Order::new(plan.ranking(moment.queue)));
        let line = Line::new(&plan, &Masters::of(&plan), &Arc::new(order), key, true, Timestamp::default());
        let seats = line.members().map(|(place, seat)| (seat, Place { place, present: false })).collect();
        Self { plan, line, seats }
    }

    /// A seat is signed in and reachable from now on, or not.
    pub fn set_present(&mut self, seat: SeatId, present: bool) {
        let Some(known) = self.seats.get_mut(&seat).filter(|known| known.present != present) else { return };
        known.present = present;
        self.line.presence(&self.plan, known.place, present);
    }

    /// From which wait on each step is in force: with the one before, if that is passed over.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = Duration> + ExactSizeIterator {
        self.line.steps().iter().map(|step| step.opens)
    }

    /// The last step that is in force after waiting so long.
    pub fn step_at(&self, waited: Duration) -> usize {
        self.steps().rposition(|opens| opens <= waited).unwrap_or(0)
    }

    /// How many of those who count for it are present, if they are too few for a step to be waited in (`consider_if`).
    pub fn passed_over(&self, step: usize) -> Option<u32> {
        self.line.too_few(&self.plan, step)
    }

    /// What a seat waits for; `None` if it may never serve the call.
    pub fn of(&self, seat: SeatId) -> Option<Opening> {
        Some(self.line.opening(&self.plan, self.seats.get(&seat)?.place))
    }
}
