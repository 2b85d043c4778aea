use crate::sync::{AtomicU32, AtomicU64, Ordering, fence};
use hotline_model::{Activity, Intent, NotReadyReason, SeatId, SeatState, Timestamp};
use std::time::Duration;

/// A seat's whole state in 64 bits: activity (2), intent (4), reachable (1), paused (1), generation (16), since in ms (40).
/// *Ready* is derived. The generation counts changes, so that a compare-and-swap can't mistake a later state for an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(u64);

const INTENT: u32 = 2;
const REACHABLE: u64 = 1 << 6;
const PAUSED: u64 = 1 << 7;
/// Activity, intent and reachable.
const STATE: u64 = PAUSED - 1;
const GENERATION: u32 = 8;
const SINCE: u32 = 24;

impl Word {
    /// Signed out and not reachable, as every seat begins.
    pub const OUT: Self = Self(1 << INTENT);

    /// The state as the other crates know it.
    pub fn state(self) -> SeatState {
        SeatState { intent: self.intent(), activity: self.activity(), reachable: self.0 & REACHABLE != 0 }
    }

    /// Whether two words hold the same state.
    pub fn has_state_of(self, other: Self) -> bool {
        (self.0 ^ other.0) & STATE == 0
    }

    /// What the seat is engaged in.
    pub fn activity(self) -> Activity {
        match self.0 & 3 {
            0 => Activity::Free,
            1 => Activity::Offered,
            2 => Activity::OnCall,
            _ => Activity::WrapUp,
        }
    }

    /// What the agent chose.
    pub fn intent(self) -> Intent {
        use NotReadyReason::{Break, Meal, Meeting, OffShift, Other, Rona, Training};
        match self.0 >> INTENT & 0xf {
            0 => Intent::Available,
            1 => Intent::SignedOut,
            2 => Intent::NotReady(Break),
            3 => Intent::NotReady(Meal),
            4 => Intent::NotReady(Meeting),
            5 => Intent::NotReady(Training),
            6 => Intent::NotReady(Rona),
            7 => Intent::NotReady(OffShift),
            _ => Intent::NotReady(Other),
        }
    }

    /// Whether a call may be offered: ready, and not in the short delay after a refused offer.
    pub fn is_ready(self) -> bool {
        self.0 & (0xff ^ REACHABLE) == 0 && self.0 & REACHABLE != 0
    }

    /// Signed in and reachable, whatever it does: what a tier's hold waits for.
    pub fn is_present(self) -> bool {
        self.0 & REACHABLE != 0 && self.intent() != Intent::SignedOut
    }

    /// Whether it is in the short delay after a refused offer.
    pub fn is_paused(self) -> bool {
        self.0 & PAUSED != 0
    }

    /// Since when it is idle, or in its activity, in ms of the router's clock.
    pub fn since_ms(self) -> u64 {
        self.0 >> SINCE
    }

    /// How long it has been idle, or in its activity.
    pub(crate) fn lasted(self, now: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(now.0 / 1000).unwrap_or(0).saturating_sub(self.since_ms()))
    }

    /// The same with another activity.
    #[must_use]
    pub fn with_activity(self, activity: Activity) -> Self {
        let bits = match activity {
            Activity::Free => 0,
            Activity::Offered => 1,
            Activity::OnCall => 2,
            Activity::WrapUp => 3,
        };
        Self(self.0 & !3 | bits)
    }

    /// The same with another intent.
    #[must_use]
    pub fn with_intent(self, intent: Intent) -> Self {
        let bits = match intent {
            Intent::Available => 0,
            Intent::SignedOut => 1,
            Intent::NotReady(NotReadyReason::Break) => 2,
            Intent::NotReady(NotReadyReason::Meal) => 3,
            Intent::NotReady(NotReadyReason::Meeting) => 4,
            Intent::NotReady(NotReadyReason::Training) => 5,
            Intent::NotReady(NotReadyReason::Rona) => 6,
            Intent::NotReady(NotReadyReason::OffShift) => 7,
            Intent::NotReady(NotReadyReason::Other) => 8,
        };
        Self(self.0 & !(0xf << INTENT) | bits << INTENT)
    }

    /// The same, reachable or not.
    #[must_use]
    pub fn with_reachable(self, reachable: bool) -> Self {
        Self(if reachable { self.0 | REACHABLE } else { self.0 & !REACHABLE })
    }

    /// The same, in the short delay after a refused offer or not.
    #[must_use]
    pub fn with_paused(self, paused: bool) -> Self {
        Self(if paused { self.0 | PAUSED } else { self.0 & !PAUSED })
    }

    /// The same since `now`, to the millisecond; times before zero count as zero.
    #[must_use]
    pub fn with_since(self, now: Timestamp) -> Self {
        let ms = u64::try_from(now.0 / 1000).unwrap_or(0).min((1 << (64 - SINCE)) - 1);
        Self(self.0 & ((1 << SINCE) - 1) | ms << SINCE)
    }

    fn next_generation(self) -> Self {
        let generation = (self.0 >> GENERATION & 0xffff).wrapping_add(1) & 0xffff;
        Self(self.0 & !(0xffff << GENERATION) | generation << GENERATION)
    }
}

/// The seats' words: all that threads share. Every index elsewhere is a hint that [`SeatTable::change`] validates.
#[derive(Debug)]
pub struct SeatTable {
    words: Box<[AtomicU64]>,
    waiting: AtomicU32,
}

impl SeatTable {
    /// A table for seat ids below `capacity`, with room for seats that a reload adds; a seat beyond it is never offered a call.
    pub fn new(capacity: usize) -> Self {
        Self { words: (0..capacity).map(|_| AtomicU64::new(Word::OUT.0)).collect(), waiting: AtomicU32::new(0) }
    }

    /// How many seats it can hold.
    pub fn capacity(&self) -> usize {
        self.words.len()
    }

    /// A seat's word; [`Word::OUT`] beyond the capacity.
    pub fn word(&self, seat: SeatId) -> Word {
        self.words.get(seat.index()).map_or(Word::OUT, |word| Word(word.load(Ordering::Acquire)))
    }

    /// Changes a seat's word if `next` gives a new one for what is there, again if another thread was faster.
    /// Gives the words before and after, or `None` if `next` declined.
    pub fn change(&self, seat: SeatId, mut next: impl FnMut(Word) -> Option<Word>) -> Option<(Word, Word)> {
        let word = self.words.get(seat.index())?;
        let mut seen = word.load(Ordering::Acquire);
        loop {
            let after = next(Word(seen))?.next_generation();
            match word.compare_exchange_weak(seen, after.0, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Some((Word(seen), after)),
                Err(now) => seen = now,
            }
        }
    }

    /// Takes a seat for an offer if it is ready; it keeps its idle time, in case the offer comes back through no doing of its own.
    pub fn claim(&self, seat: SeatId) -> Option<(Word, Word)> {
        self.change(seat, |word| word.is_ready().then(|| word.with_activity(Activity::Offered)))
    }

    /// Publishes one more waiting call. The caller searches for a seat after this.
    pub fn call_waits(&self) {
        self.waiting.fetch_add(1, Ordering::AcqRel);
        fence(Ordering::SeqCst);
    }

    /// One waiting call less.
    pub fn call_left(&self) {
        self.waiting.fetch_sub(1, Ordering::AcqRel);
    }

    /// After a seat's word became ready: whether any call may wait for it. With [`SeatTable::call_waits`] it makes sure that of a call and
    /// a seat that cross, one sees the other.
    pub fn anyone_waits(&self) -> bool {
        fence(Ordering::SeqCst);
        self.waiting.load(Ordering::Acquire) > 0
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_word_holds_every_state_and_nothing_leaks_between_its_parts() {
        use NotReadyReason::{Break, Meal, Meeting, OffShift, Other, Rona, Training};
        let reasons = [Break, Meal, Meeting, Training, Other, Rona, OffShift].map(Intent::NotReady);
        for intent in reasons.into_iter().chain([Intent::Available, Intent::SignedOut]) {
            for activity in [Activity::Free, Activity::Offered, Activity::OnCall, Activity::WrapUp] {
                for (reachable, paused) in [(false, false), (false, true), (true, false), (true, true)] {
                    let word = Word::OUT.with_since(Timestamp(7_000_000)).with_paused(paused).with_reachable(reachable);
                    let word = word.with_activity(activity).with_intent(intent).next_generation();
                    let state = SeatState { intent, activity, reachable };
                    assert_eq!((word.state(), word.is_paused(), word.since_ms()), (state, paused, 7_000));
                    assert_eq!(word.has_state_of(Word::OUT), state == Word::OUT.state());
                    assert!(word.has_state_of(word.with_paused(!paused).with_since(Timestamp(9_000_000)).next_generation()));
                    assert_eq!(word.is_ready(), state.is_ready() && !paused, "one definition of ready");
                }
            }
        }
    }

    #[test]
    fn a_generation_wraps_around_without_touching_the_rest() {
        let mut word = Word::OUT.with_since(Timestamp(5_000));
        let first = word;
        for _ in 0..0x1_0000 {
            word = word.next_generation();
            assert_eq!((word.state(), word.since_ms()), (first.state(), 5));
        }
        assert_eq!(word, first);
    }

    #[test]
    fn times_beyond_both_ends_stay_at_the_ends() {
        assert_eq!(Word::OUT.with_since(Timestamp(-1)).since_ms(), 0);
        assert_eq!(Word::OUT.with_since(Timestamp(i64::MAX)).since_ms(), (1 << 40) - 1);
    }

    #[test]
    fn a_claim_takes_a_ready_seat_once_and_keeps_its_idle_time() {
        let table = SeatTable::new(1);
        assert_eq!(table.claim(SeatId(0)), None);
        table.change(SeatId(0), |word| Some(word.with_intent(Intent::Available).with_reachable(true).with_since(Timestamp(9_000))));
        let (before, after) = table.claim(SeatId(0)).expect("it is ready");
        assert_eq!((before.activity(), after.activity(), after.since_ms()), (Activity::Free, Activity::Offered, 9));
        assert_eq!(table.claim(SeatId(0)), None);
        assert_eq!(table.claim(SeatId(1)), None, "beyond the capacity");
    }
}
