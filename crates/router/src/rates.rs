use crate::eligible::{LineKey, members};
use crate::groups::Heard;
use crate::masters::Masters;
use hotline_model::history::Trigger;
use hotline_model::{Priority, QueueId, SeatId, Timestamp};
use hotline_rules::Plan;
use std::time::Duration;

/// What was seen so long ago, in microseconds, counts half.
const MEMORY: u64 = 900_000_000;
/// The same, for the squares of what was seen.
const SQUARES: u64 = MEMORY / 2;
/// The same, for the usual number of seats.
const USUAL: u64 = 180_000_000;
/// What was seen fades once a second at most, so that most inputs only add; not as a call is offered, which should be fast.
const EACH_US: u64 = 1_000_000;
/// What is left of a value is computed in parts of two to the power of so many.
const UNIT_BITS: u32 = 32;
/// Longer conversations count as so long, which keeps the sums small.
const LONGEST: Duration = Duration::from_secs(3600);
/// Counts are in parts of so many, to fade smoothly.
const ONE: u64 = 1 << 20;

/// How fast each queue moves, learnt from what the router sees of it: how many waiting calls its seats take in a second in which somebody
/// waits, whatever else they do. That a call takes long, that a phone rings first, that a seat serves other queues too, is in it.
#[derive(Debug, Default)]
pub(crate) struct Rates {
    now: Timestamp,
    queues: Vec<Queue>,
    staffs: Staffs,
}

/// Who may serve queues, of those in which somebody has waited or that were looked up beforehand.
#[derive(Debug, Default)]
pub(crate) struct Staffs {
    /// The queues that each seat may serve.
    queues_of: Vec<Vec<QueueId>>,
    /// Those in which nobody has waited: who, and how many take calls.
    ahead: Vec<Option<(Box<[SeatId]>, u32)>>,
    /// Those in which somebody has.
    used: Vec<Option<Box<[SeatId]>>>,
}

impl Staffs {
    pub fn new(plan: &Plan) -> Self {
        let queues = || plan.queues.iter();
        Self {
            queues_of: vec![Vec::new(); plan.seats.len()],
            ahead: queues().map(|_| None).collect(),
            used: queues().map(|_| None).collect(),
        }
    }

    /// Looks a queue up, unless that was done.
    pub fn look_up(&mut self, (plan, masters): (&Plan, &Masters), queue: QueueId, takes: impl Fn(SeatId) -> bool) {
        let at = queue.index();
        if self.ahead[at].is_some() || self.used[at].is_some() {
            return;
        }
        let key = LineKey { queue, region: None, sensitive: false, needs: Vec::new(), customer_type: None };
        let staff: Box<[SeatId]> = members(plan, masters, &key).into_iter().map(|(seat, ..)| seat).collect();
        staff.iter().for_each(|seat| self.queues_of[seat.index()].push(queue));
        let count = staff.iter().filter(|seat| takes(**seat)).count() as u32;
        self.ahead[at] = Some((staff, count));
    }
}

/// What was seen of a queue. Times are in microseconds.
///
/// Each call that leaves a list waits for this memory: what changes then fills one cache line.
#[derive(Debug, Default)]
#[repr(C, align(64))]
pub(crate) struct Queue {
    /// Of those who may serve it, whatever the caller needs, those that take calls; 0 until somebody waits.
    pub seats: u32,
    waiting: u32,
    /// Until when the times below are counted, and until when what was seen has faded.
    counted: Timestamp,
    faded: Timestamp,
    /// Seat-time while somebody waited, the time itself, caller-time.
    load: u64,
    busy: u64,
    patience: u64,
    /// The number of seats over the last minutes, in parts of [`ONE`].
    usual: u64,
    usual_at: Timestamp,
    /// Waiting calls that were answered, and that left unanswered.
    answered: u64,
    left: u64,
    /// The squares of what each answer weighs in `answered`, in parts of [`ONE`].
    squares: u64,
    /// Conversations with their wrap-up: how many, their time in milliseconds, the squares of their times.
    handled: u64,
    handling: u64,
    handling_squares: u64,
    /// Time from offers to their answers.
    ring: u64,
    /// Calls that came while others waited, by priority, and those that overflowed to it.
    came: [u64; 3],
    overflowed: [u64; 3],
}

/// The queues in which a call waits: its own, and the one it overflowed to.
pub(crate) type Waits = [Option<QueueId>; 2];

impl Rates {
    pub fn new(plan: &Plan) -> Self {
        let mut rates = Self::default();
        rates.follow(plan, Staffs::new(plan));
        rates
    }

    /// New rules: who serves what is looked up again, unless that was done beforehand; what was seen of a queue stays.
    pub fn follow(&mut self, plan: &Plan, staffs: Staffs) -> Staffs {
        self.queues.resize_with(plan.queues.len(), Queue::default);
        std::mem::replace(&mut self.staffs, staffs)
    }

    #[inline]
    pub fn at(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// Somebody starts to wait in a queue, or waits on with another rank.
    pub fn enters(&mut self, (plan, masters): (&Plan, &Masters), heard: &[Heard], waits: Waits, priority: Priority, trigger: Trigger) {
        for (place, queue) in waits.into_iter().enumerate() {
            let Some(queue) = queue else { continue };
            if self.staffs.used[queue.index()].is_none() {
                self.look_up_staff((plan, masters), heard, queue);
            }
            let facts = &mut self.queues[queue.index()];
            facts.count_and_fade(self.now);
            if facts.waiting > 0 {
                match (place, trigger) {
                    (0, Trigger::CallWaiting | Trigger::ByHand | Trigger::Recovery) => {
                        facts.came[nth(priority)] += ONE;
                    }
                    (1, Trigger::Breach) => facts.overflowed[nth(priority)] += ONE,
                    _ => {}
                }
            }
            facts.waiting += 1;
        }
    }

    /// A call stands in the lists no longer, for whatever reason.
    #[inline]
    pub fn leaves(&mut self, waits: Waits) {
        for queue in waits.into_iter().flatten() {
            let facts = &mut self.queues[queue.index()];
            facts.count(self.now);
            facts.waiting = facts.waiting.saturating_sub(1);
        }
    }

    /// A call that had waited is answered, so long after its offer.
    pub fn answered(&mut self, waits: Waits, rang: Duration) {
        for queue in waits.into_iter().flatten() {
            let facts = &mut self.queues[queue.index()];
            facts.count_and_fade(self.now);
            facts.answered += ONE;
            facts.squares += ONE;
            facts.ring += micros(rang);
        }
    }

    /// A conversation is over that took so long with its wrap-up.
    pub fn handled(&mut self, queue: QueueId, time: Duration) {
        let Some(facts) = self.queues.get_mut(queue.index()) else { return };
        facts.count_and_fade(self.now);
        let ms = u64::try_from(time.min(LONGEST).as_millis()).unwrap_or(0);
        facts.handled += ONE;
        facts.handling += ms;
        facts.handling_squares += ms * ms;
    }

    /// The caller of a call that waited is gone, or goes elsewhere.
    pub fn gone(&mut self, waits: Waits) {
        for queue in waits.into_iter().flatten() {
            let facts = &mut self.queues[queue.index()];
            facts.count_and_fade(self.now);
            facts.left += ONE;
        }
    }

    /// A seat takes calls now, or no longer.
    pub fn recount(&mut self, seat: SeatId, takes: bool) {
        let Staffs { queues_of, ahead, .. } = &mut self.staffs;
        let Some(queues) = queues_of.get(seat.index()) else { return };
        let changed = |seats: u32| if takes { seats + 1 } else { seats.saturating_sub(1) };
        for queue in queues {
            if let Some((_, seats)) = &mut ahead[queue.index()] {
                *seats = changed(*seats);
                continue;
            }
            let facts = &mut self.queues[queue.index()];
            facts.count(self.now);
            (facts.usual, facts.usual_at) = (facts.usual_at(self.now), self.now);
            facts.seats = changed(facts.seats);
        }
    }

    fn look_up_staff(&mut self, (plan, masters): (&Plan, &Masters), heard: &[Heard], queue: QueueId) {
        self.staffs.look_up((plan, masters), queue, |seat| heard.get(seat.index()).is_some_and(|heard| heard.takes()));
        let Some((staff, seats)) = self.staffs.ahead[queue.index()].take() else { return };
        self.staffs.used[queue.index()] = Some(staff);
        let facts = &mut self.queues[queue.index()];
        facts.usual = if facts.usual_at == Timestamp::default() { u64::from(seats) * ONE } else { facts.usual_at(self.now) };
        (facts.seats, facts.usual_at) = (seats, self.now);
    }

    pub fn queue(&self, queue: QueueId) -> Option<&Queue> {
        self.queues.get(queue.index())
    }

    /// Those who may serve a queue, if somebody has ever waited in it.
    pub fn staff(&self, queue: QueueId) -> Option<&[SeatId]> {
        self.staffs.used.get(queue.index())?.as_deref()
    }
}

impl Queue {
    /// How many answers of equal weight tell as much of the rate as those that were seen, of which the old ones weigh less.
    pub fn answers(&self) -> f64 {
        if self.squares == 0 { 0.0 } else { parts(self.answered) * parts(self.answered) / parts(self.squares) }
    }

    /// Conversations with wrap-up: their mean in seconds, and their variance relative to its square; as if exponential where too few
    /// were seen.
    pub fn handling(&self) -> (f64, f64) {
        let count = parts(self.handled);
        if count < 2.0 || self.handling == 0 {
            return (0.0, 1.0);
        }
        let mean = self.handling as f64 / 1e3 / count;
        (mean, (self.handling_squares as f64 / 1e6 / count / (mean * mean) - 1.0).max(0.0))
    }

    /// Waiting calls that a seat takes in a second in which somebody waits; `None` if nothing was seen.
    pub fn per_seat(&self) -> Option<f64> {
        (self.load > 0 && self.answered > 0).then(|| parts(self.answered) / seconds(self.load))
    }

    /// Hang-ups a second of each waiting caller.
    pub fn leaving(&self) -> f64 {
        if self.patience == 0 { 0.0 } else { parts(self.left) / seconds(self.patience) }
    }

    /// Calls a second that go before one of this priority though they come later. One that overflowed has waited through its answer
    /// clock: it goes before those of its priority that have not.
    pub fn passing(&self, priority: Priority, breached: bool) -> f64 {
        let higher: u64 = (0..nth(priority)).map(|above| self.came[above] + self.overflowed[above]).sum();
        let older = if breached { 0 } else { self.overflowed[nth(priority)] };
        if self.busy == 0 { 0.0 } else { parts(higher + older) / seconds(self.busy) }
    }

    /// Seconds from an offer to its answer.
    pub fn ring(&self) -> f64 {
        if self.answered == 0 { 0.0 } else { seconds(self.ring) / parts(self.answered) }
    }

    /// Whether the number of seats is another than minutes ago by more than a third.
    pub fn seats_changed(&self, now: Timestamp) -> bool {
        let (seats, usual) = (u64::from(self.seats) * ONE, self.usual_at(now));
        seats.abs_diff(usual) > usual / 3
    }

    fn usual_at(&self, now: Timestamp) -> u64 {
        let (seats, time) = (u64::from(self.seats) * ONE, now.since(self.usual_at));
        if self.usual > seats { seats + faded(self.usual - seats, time, USUAL) } else { seats - faded(seats - self.usual, time, USUAL) }
    }

    #[inline]
    fn count(&mut self, now: Timestamp) {
        let time = passed(self.counted, now);
        self.counted = now;
        if self.waiting > 0 {
            self.load += time * u64::from(self.seats);
            self.busy += time;
            self.patience += time * u64::from(self.waiting);
        }
    }

    #[inline]
    fn count_and_fade(&mut self, now: Timestamp) {
        self.count(now);
        if passed(self.faded, now) >= EACH_US {
            self.fade(now);
        }
    }

    fn fade(&mut self, now: Timestamp) {
        let time = passed(self.faded, now);
        self.faded = now;
        let (memory, squares) = (Fading::over(time, MEMORY), Fading::over(time, SQUARES));
        let times = [&mut self.load, &mut self.busy, &mut self.patience, &mut self.ring, &mut self.handling, &mut self.handling_squares];
        let counts = [&mut self.answered, &mut self.left, &mut self.handled];
        let came = self.came.iter_mut().chain(&mut self.overflowed);
        times.into_iter().chain(counts).chain(came).for_each(|sum| *sum = memory.left_of(*sum));
        self.squares = squares.left_of(self.squares);
    }
}

fn nth(priority: Priority) -> usize {
    match priority {
        Priority::Urgent => 0,
        Priority::Important => 1,
        Priority::Ordinary => 2,
    }
}

/// What is left of values after a time: half of each after each half-life. Between halvings by 1 - 0.6565 x + 0.1565 x², which is
/// within half a percent of 2^-x; in integers, so that every machine computes the same.
#[derive(Clone, Copy)]
struct Fading {
    halvings: u64,
    /// In parts of 2^32.
    kept: u64,
}

impl Fading {
    /// Over a time in microseconds; half-lives are less than an hour, so that all fits in 64 bits.
    #[inline]
    fn over(time: u64, half: u64) -> Self {
        let part = ((time % half) << UNIT_BITS) / half;
        let kept = (1 << UNIT_BITS) - part * 6565 / 10_000 + ((part * part) >> UNIT_BITS) * 1565 / 10_000;
        Self { halvings: time / half, kept }
    }

    #[inline]
    fn left_of(self, value: u64) -> u64 {
        let kept = ((u128::from(value) * u128::from(self.kept)) >> UNIT_BITS) as u64;
        if self.halvings >= 64 { 0 } else { kept >> self.halvings }
    }
}

fn faded(value: u64, time: Duration, half: u64) -> u64 {
    Fading::over(micros(time), half).left_of(value)
}

/// The time between, in microseconds; zero if it went back.
fn passed(earlier: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.0.saturating_sub(earlier.0)).unwrap_or(0)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn parts(count: u64) -> f64 {
    count as f64 / ONE as f64
}

fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_of_what_was_seen_is_left_after_each_half_life() {
        for (time, left) in [(0, 1.0), (450, 0.707), (900, 0.5), (1800, 0.25), (2250, 0.1768), (9000, 0.000_976_6)] {
            let kept = faded(1 << 40, Duration::from_secs(time), MEMORY) as f64 / (1u64 << 40) as f64;
            assert!((kept - left).abs() < 0.01 * left, "{time} s: {kept}");
        }
        assert_eq!(faded(u64::MAX, Duration::from_secs(900 * 64), MEMORY), 0);
    }

    #[test]
    fn many_small_steps_fade_as_a_large_one_within_a_twentieth_of_the_half_life() {
        let small = (0..900).fold(1u64 << 40, |value, _| faded(value, Duration::from_micros(EACH_US), MEMORY)) as f64 / (1u64 << 40) as f64;
        assert!((small - 0.5).abs() < 0.025, "{small}");
    }

    proptest! {
        #[test]
        fn fading_never_grows_and_never_panics(value in any::<u64>(), time in any::<u64>()) {
            let time = Duration::from_micros(time);
            prop_assert!(faded(value, time, MEMORY) <= value);
            prop_assert!(faded(value, time + time, USUAL) <= faded(value, time, USUAL).max(1));
        }
    }
}
