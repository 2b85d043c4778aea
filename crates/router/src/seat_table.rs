use crate::sync::{AtomicBool, AtomicU32, AtomicU64, Ordering, fence};
use hotline_model::{Activity, Intent, NotReadyReason, SeatId, SeatState, Timestamp};
use hotline_rules::GroupId;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A seat's whole state in 64 bits: activity (2), intent (4), reachable (1), paused (1), holder (3), generation (13), since in ms (40).
/// *Ready* is derived. The generation counts changes, so that a compare-and-swap can't mistake a later state for an earlier one.
///
/// **One call at a time.** A seat whose agent also answers chats, several at once, is foreseen and not built; it goes here. `activity` stays
/// what the voice call does. How many places of the other medium are taken has to stand in the word, since a claim validates and takes one
/// in the same compare-and-swap: three bits for 0 to 7, from the generation, which keeps ten (a thread would have to sleep through exactly
/// 1,024 changes of one seat). How many there are stands in the plan's seat, not in the word. *Ready* becomes a question with a medium:
/// voice asks as today, unless the rules say that chats keep a seat from it; chat asks for the same intent and a free place. The router's
/// own facts of a seat then hold a call and a lease for each place: the first stays in their half cache line, the others in a table beside
/// that voice never reads. A queue is of one medium, and so is each line: a seat's mark in a line says *ready* in that line's sense, and
/// claim, ready and pick are as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word(u64);

const INTENT: u32 = 2;
const CHOICE: u64 = 0xf << INTENT;
const SIGNED_OUT: u64 = 1 << INTENT;
const REACHABLE: u64 = 1 << 6;
const PAUSED: u64 = 1 << 7;
const HOLDER: u32 = 8;
const GENERATION: u32 = 11;
/// The generation's bits.
const COUNT: u64 = (1 << (SINCE - GENERATION)) - 1;
/// Activity, intent and reachable.
const STATE: u64 = PAUSED - 1;
const SINCE: u32 = 24;

impl Word {
    /// Signed out and not reachable, as every seat begins.
    pub const OUT: Self = Self(SIGNED_OUT);

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
        self.0 & REACHABLE != 0 && self.0 & CHOICE != SIGNED_OUT
    }

    /// Whether it takes calls, now or after the one it has: reachable, and its agent chose to be available.
    pub(crate) fn takes_calls(self) -> bool {
        self.0 & (REACHABLE | CHOICE) == REACHABLE
    }

    /// Whether the agent's choice and the phone are as in another word.
    pub(crate) fn has_choice_of(self, other: Self) -> bool {
        (self.0 ^ other.0) & (REACHABLE | CHOICE) == 0
    }

    /// Whether it is in the short delay after a refused offer.
    pub fn is_paused(self) -> bool {
        self.0 & PAUSED != 0
    }

    /// The group whose router offered the seat its call, or told that it is in one: its lease, its wrap-up and its pause are that router's.
    pub fn is_held_by(self, group: GroupId) -> bool {
        let idle = self.activity() == Activity::Free && !self.is_paused();
        !idle && self.0 >> HOLDER & 7 == u64::from(group.0)
    }

    /// The same, held by a group from its next activity on.
    #[must_use]
    pub fn with_holder(self, group: GroupId) -> Self {
        Self(self.0 & !(7 << HOLDER) | u64::from(group.0 & 7) << HOLDER)
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

    /// A number that stands where words do.
    pub(crate) fn of_count(count: u32) -> Self {
        Self(u64::from(count))
    }

    pub(crate) fn as_count(self) -> u32 {
        self.0 as u32
    }

    /// How often the seat was changed, by whoever's hand, without what is beyond [`Word::MOST_CHANGES`].
    pub fn changes(self) -> u16 {
        (self.0 >> GENERATION & COUNT) as u16
    }

    /// After so many changes they are counted from 0 again.
    pub const MOST_CHANGES: u16 = COUNT as u16;

    pub(crate) fn next_generation(self) -> Self {
        let generation = (self.0 >> GENERATION).wrapping_add(1) & COUNT;
        Self(self.0 & !(COUNT << GENERATION) | generation << GENERATION)
    }
}

/// Since when seats are as they are, where nobody keeps sights.
#[derive(Clone, Copy)]
pub(crate) struct Sinces<'a>(&'a [AtomicU64]);

impl Sinces<'_> {
    /// See [`Word::since_ms`].
    #[inline]
    pub fn of(self, seat: SeatId) -> u64 {
        self.0.get(seat.index()).map_or(Word::OUT, |word| Word(word.load(Ordering::Acquire))).since_ms()
    }
}

/// The seats' words, and which of them each group has yet to look at: all that threads share. Every index elsewhere is a hint that
/// [`SeatTable::change`] validates.
#[derive(Debug)]
pub struct SeatTable {
    words: Box<[AtomicU64]>,
    /// How many calls wait anywhere.
    waiting: AtomicU32,
    inboxes: Box<[Inbox]>,
}

/// The seats that other groups changed and one has not looked at: a bit for each, and a bit for each 64 of them. It never overflows, and
/// whoever changes a seat twice is looked at once.
#[derive(Debug)]
struct Inbox {
    seats: Box<[AtomicU64]>,
    filled: Box<[AtomicU64]>,
    /// Its thread sleeps and wants to be woken.
    asleep: AtomicBool,
}

fn zeros(bits: usize) -> Box<[AtomicU64]> {
    (0..bits.div_ceil(64)).map(|_| AtomicU64::new(0)).collect()
}

impl Inbox {
    fn new(seats: usize) -> Self {
        let seats = zeros(seats);
        Self { filled: zeros(seats.len()), seats, asleep: AtomicBool::new(false) }
    }

    fn put(&self, seat: usize) {
        let at = seat / 64;
        self.seats[at].fetch_or(1 << (seat % 64), Ordering::AcqRel);
        self.filled[at / 64].fetch_or(1 << (at % 64), Ordering::AcqRel);
    }

    fn is_empty(&self) -> bool {
        self.filled.iter().all(|filled| filled.load(Ordering::Acquire) == 0)
    }

    fn take(&self, mut look: impl FnMut(usize)) {
        for (filled, first) in self.filled.iter().zip((0..).step_by(64)) {
            if filled.load(Ordering::Acquire) == 0 {
                continue;
            }
            for at in ones(filled.swap(0, Ordering::AcqRel)).map(|bit| first + bit) {
                ones(self.seats[at].swap(0, Ordering::AcqRel)).for_each(|bit| look(at * 64 + bit));
            }
        }
    }
}

/// The places of the bits that are set.
fn ones(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(bit)
    })
}

impl SeatTable {
    /// A table for one router and seat ids below `capacity`, with room for seats that a reload adds; a seat beyond it is never offered a call.
    pub fn new(capacity: usize) -> Self {
        Self::shared(capacity, 1)
    }

    /// A table that the routers of so many groups share.
    pub fn shared(capacity: usize, groups: usize) -> Self {
        let words = (0..capacity).map(|_| AtomicU64::new(Word::OUT.0)).collect();
        let inboxes = if groups > 1 { (0..groups).map(|_| Inbox::new(capacity)).collect() } else { Box::default() };
        Self { words, waiting: AtomicU32::new(0), inboxes }
    }

    /// How many seats it can hold.
    pub fn capacity(&self) -> usize {
        self.words.len()
    }

    /// A seat's word; [`Word::OUT`] beyond the capacity.
    pub fn word(&self, seat: SeatId) -> Word {
        self.words.get(seat.index()).map_or(Word::OUT, |word| Word(word.load(Ordering::Acquire)))
    }

    pub(crate) fn sinces(&self) -> Sinces<'_> {
        Sinces(&self.words)
    }

    /// Changes a seat's word if `next` gives a new one for what is there, again if another thread was faster.
    /// Gives the words before and after, or `None` if `next` declined. Who changed a seat tells the other groups ([`SeatTable::tell`]).
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

    /// Writes a word if another is still there; the one that is there instead.
    pub(crate) fn swap(&self, seat: SeatId, seen: Word, after: Word) -> Result<(), Word> {
        let Some(word) = self.words.get(seat.index()) else { return Err(Word::OUT) };
        word.compare_exchange(seen.0, after.0, Ordering::AcqRel, Ordering::Acquire).map(drop).map_err(Word)
    }

    /// Writes a word, whatever is there: nobody else has the table.
    pub(crate) fn put(&self, seat: SeatId, word: Word) {
        if let Some(place) = self.words.get(seat.index()) {
            place.store(word.0, Ordering::Release);
        }
    }

    /// Takes a seat for an offer of a group if it is ready; it keeps its idle time, in case the offer comes back through no doing of its own.
    #[inline]
    pub fn claim(&self, seat: SeatId, group: GroupId) -> Option<(Word, Word)> {
        self.change(seat, |word| word.is_ready().then(|| word.with_activity(Activity::Offered).with_holder(group)))
    }

    /// Publishes one more waiting call. The caller searches for a seat after this.
    pub fn call_waits(&self) {
        self.waiting.fetch_add(1, Ordering::AcqRel);
        self.cross();
    }

    /// One waiting call less.
    pub fn call_left(&self) {
        self.waiting.fetch_sub(1, Ordering::AcqRel);
    }

    /// How many calls wait anywhere.
    pub(crate) fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Acquire)
    }

    /// After a seat's word became ready: whether any call may wait for it. With [`SeatTable::call_waits`] it makes sure that of a call and
    /// a seat that cross, one sees the other.
    pub fn anyone_waits(&self) -> bool {
        self.cross();
        self.waiting.load(Ordering::Acquire) > 0
    }

    /// Orders what was written before what is read after; a router alone crosses nobody.
    fn cross(&self) {
        if !self.inboxes.is_empty() {
            fence(Ordering::SeqCst);
        }
    }

    /// After a seat's word changed by the hand of a group: the others are to look at it.
    pub fn tell(&self, from: GroupId, seat: SeatId) {
        if !self.inboxes.is_empty() && seat.index() < self.words.len() {
            let others = self.inboxes.iter().enumerate().filter(|(group, _)| *group != from.index());
            others.for_each(|(_, inbox)| inbox.put(seat.index()));
        }
    }

    /// Takes the seats that a group is to look at. What is changed from now on is told again.
    pub fn take_told(&self, group: GroupId, mut look: impl FnMut(SeatId)) {
        if let Some(inbox) = self.inboxes.get(group.index()) {
            inbox.take(|seat| look(SeatId(seat as u32)));
        }
    }

    /// Whether a group has nothing to look at.
    pub fn has_seen_all(&self, group: GroupId) -> bool {
        self.inboxes.get(group.index()).is_none_or(Inbox::is_empty)
    }

    /// A group's thread is about to sleep. Whether it may: `false` if it has something to look at.
    pub fn fall_asleep(&self, group: GroupId) -> bool {
        let Some(inbox) = self.inboxes.get(group.index()) else { return true };
        inbox.asleep.store(true, Ordering::Release);
        fence(Ordering::SeqCst);
        inbox.is_empty() || !inbox.asleep.swap(false, Ordering::AcqRel)
    }

    /// A group's thread woke by itself.
    pub fn stay_awake(&self, group: GroupId) {
        if let Some(inbox) = self.inboxes.get(group.index()) {
            inbox.asleep.store(false, Ordering::Release);
        }
    }

    /// Whether a group's thread sleeps and has something to look at: whoever told it wakes it. Told to one asker only.
    pub fn must_wake(&self, group: GroupId) -> bool {
        let Some(inbox) = self.inboxes.get(group.index()) else { return false };
        fence(Ordering::SeqCst);
        inbox.asleep.load(Ordering::Acquire) && !inbox.is_empty() && inbox.asleep.swap(false, Ordering::AcqRel)
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
                    let word =
                        Word::OUT.with_holder(GroupId(5)).with_since(Timestamp(7_000_000)).with_paused(paused).with_reachable(reachable);
                    let word = word.with_activity(activity).with_intent(intent).next_generation();
                    let state = SeatState { intent, activity, reachable };
                    assert_eq!((word.state(), word.is_paused(), word.since_ms()), (state, paused, 7_000));
                    let engaged = activity != Activity::Free || paused;
                    assert_eq!([5, 4].map(|group| word.is_held_by(GroupId(group))), [engaged, false]);
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
        for _ in 0..0x2000 {
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
        assert_eq!(table.claim(SeatId(0), GroupId::MAIN), None);
        table.change(SeatId(0), |word| Some(word.with_intent(Intent::Available).with_reachable(true).with_since(Timestamp(9_000))));
        let (before, after) = table.claim(SeatId(0), GroupId::MAIN).expect("it is ready");
        assert_eq!((before.activity(), after.activity(), after.since_ms()), (Activity::Free, Activity::Offered, 9));
        assert_eq!(table.claim(SeatId(0), GroupId::MAIN), None);
        assert_eq!(table.claim(SeatId(1), GroupId::MAIN), None, "beyond the capacity");
    }
    #[test]
    fn every_other_group_is_told_of_a_seat_once_however_often_it_changed() {
        let table = SeatTable::shared(9_000, 3);
        let told = |group| {
            let mut all = Vec::new();
            table.take_told(GroupId(group), |seat| all.push(seat.0));
            all
        };
        for seat in [0, 8_999, 4_097, 63, 64, 4_097] {
            table.tell(GroupId(1), SeatId(seat));
        }
        table.tell(GroupId(0), SeatId(7));
        assert!(!table.has_seen_all(GroupId(2)));
        assert_eq!((told(0), told(1), told(2)), (vec![0, 63, 64, 4_097, 8_999], vec![7], vec![0, 7, 63, 64, 4_097, 8_999]));
        assert!((0..3).all(|group| told(group).is_empty() && table.has_seen_all(GroupId(group))));
        table.tell(GroupId(1), SeatId(9_000));
        assert!(table.has_seen_all(GroupId(0)), "beyond the capacity");
    }

    #[test]
    fn who_has_something_to_look_at_does_not_fall_asleep_and_who_sleeps_is_woken_once() {
        let table = SeatTable::shared(1, 2);
        table.tell(GroupId(0), SeatId(0));
        assert!(!table.fall_asleep(GroupId(1)) && !table.must_wake(GroupId(1)));
        table.take_told(GroupId(1), |_| {});
        assert!(table.fall_asleep(GroupId(1)) && !table.must_wake(GroupId(1)));
        table.tell(GroupId(0), SeatId(0));
        assert!(table.must_wake(GroupId(1)) && !table.must_wake(GroupId(1)));
        assert!(SeatTable::new(1).fall_asleep(GroupId(0)), "one router alone is told nothing");
    }
}
