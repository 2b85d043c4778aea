//! Changes of seats by the hands of several routers, each told in its time, in the order in which they were made.
//!
//! A change by another thread is heard some time after it was made, and the next one of that seat may be heard before it: the main group
//! claims a seat as soon as it sees the word. Each word counts its changes ([`Word::changes`]) and each router tells all of its own, so that
//! it is known whether all have been heard. Until then what is heard of the seat waits; then each router's changes are in their order, and
//! between routers the one that holds the seat comes before whoever has it next.

use hotline_model::{Activity, CallId, SeatId, SeatState, Timestamp};
use hotline_router::Word;
use hotline_rules::GroupId;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// So many changes wait at most. If there are more, or one waits longer than `LONGEST`, those of the seat are told by their times: all are
/// told, but two of them perhaps in the wrong order ([`SeatOrder::guessed`]).
const MOST: usize = 4_096;
/// A report is under way for less than a millisecond.
const LONGEST: Duration = Duration::from_secs(1);

/// A change of a seat's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub at: Timestamp,
    pub seat: SeatId,
    /// From then on.
    pub state: SeatState,
    /// The call that it is offered or that it serves.
    pub call: Option<CallId>,
}

/// Who said so.
#[derive(Debug)]
struct Said {
    by: GroupId,
    /// The seat is another's: only what its agent chose, or its phone, changed.
    beside: bool,
    change: Change,
}

/// What was told last of a seat.
#[derive(Debug)]
struct Told {
    /// While it is not free.
    holder: Option<GroupId>,
    state: SeatState,
    call: Option<CallId>,
}

#[derive(Debug)]
pub(crate) struct SeatOrder {
    /// How many changes of each word were heard of, counted as words do.
    heard: Vec<u16>,
    told: BTreeMap<SeatId, Told>,
    waits: BTreeMap<SeatId, Vec<Said>>,
    waiting: usize,
    /// Seats of which changes by several routers were put in order in this step, each once.
    merged: Vec<SeatId>,
    out: VecDeque<Change>,
    /// See [`SeatOrder::guessed`].
    guessed: u64,
}

impl SeatOrder {
    /// For seats with these words, of which everything so far is known.
    pub fn new(words: impl Iterator<Item = Word>) -> Self {
        let heard = words.map(Word::changes).collect();
        let (told, waits, merged, out) = (BTreeMap::new(), BTreeMap::new(), Vec::new(), VecDeque::new());
        Self { heard, told, waits, waiting: 0, merged, out, guessed: 0 }
    }

    /// A change was heard of, whether of its state or not.
    pub fn count(&mut self, seat: SeatId) {
        if let Some(heard) = self.heard.get_mut(seat.index()) {
            *heard = heard.wrapping_add(1) & Word::MOST_CHANGES;
        }
    }

    /// A router said this of a seat, of which `word` is the word now. `ahead` changes of the seat that it made next are known and will be
    /// counted: they come after this one.
    pub fn hear(&mut self, by: GroupId, change: Change, word: Word, ahead: usize) {
        let seat = change.seat;
        let beside = by == GroupId::MAIN && change.call.is_none() && change.state.activity != Activity::Free;
        let ahead = if self.waits.contains_key(&seat) { 0 } else { ahead };
        self.waits.entry(seat).or_default().push(Said { by, beside, change });
        self.waiting += 1;
        if self.is_complete(seat, word, ahead) {
            self.release(seat);
        } else if self.waiting > MOST {
            self.guessed += 1;
            self.release(seat);
        }
    }

    /// The next change, once all routers have been heard in this step.
    pub fn settle(&mut self, now: Timestamp, word: impl Fn(SeatId) -> Word) -> Option<Change> {
        let waits: Vec<(SeatId, Timestamp)> = self.waits.iter().filter_map(|(seat, said)| Some((*seat, said.first()?.change.at))).collect();
        for (seat, since) in waits {
            if self.is_complete(seat, word(seat), 0) {
                self.release(seat);
            } else if now.since(since) > LONGEST {
                self.guessed += 1;
                self.release(seat);
            }
        }
        for seat in std::mem::take(&mut self.merged) {
            self.correct(now, seat, word(seat));
        }
        self.poll()
    }

    /// The next change whose turn has come.
    pub fn poll(&mut self) -> Option<Change> {
        self.out.pop_front()
    }

    /// How often changes were told before all that was before them was heard of; stays 0 unless a router lags a second behind.
    pub fn guessed(&self) -> u64 {
        self.guessed
    }

    fn is_complete(&self, seat: SeatId, word: Word, ahead: usize) -> bool {
        let known = |heard: &u16| (usize::from(*heard) + ahead) & usize::from(Word::MOST_CHANGES);
        self.heard.get(seat.index()).map(known).is_none_or(|known| known == usize::from(word.changes()))
    }

    /// Tells what waits of a seat.
    fn release(&mut self, seat: SeatId) {
        let mut said = self.waits.remove(&seat).unwrap_or_default();
        self.waiting -= said.len();
        if said.iter().any(|one| one.by != said[0].by) && !self.merged.contains(&seat) {
            self.merged.push(seat);
        }
        while !said.is_empty() {
            let next = said.remove(self.next(seat, &said));
            self.tell(next);
        }
    }

    /// Which comes next: of each router the first one, in the order of their times, and of who has the seat before others.
    fn next(&self, seat: SeatId, said: &[Said]) -> usize {
        let told = self.told.get(&seat);
        let is_first = |at: usize| said[..at].iter().all(|before| before.by != said[at].by);
        let fits = |one: &Said| match told.and_then(|told| Some((told.holder?, told.state.activity))) {
            Some((holder, activity)) => {
                if one.beside {
                    one.change.state.activity == activity
                } else {
                    one.by == holder
                }
            }
            None => !one.beside,
        };
        let firsts = (0..said.len()).filter(|at| is_first(*at));
        firsts.min_by_key(|at| (!fits(&said[*at]), said[*at].change.at)).unwrap_or(0)
    }

    fn tell(&mut self, said: Said) {
        let Said { by, beside, mut change } = said;
        let before = self.told.get(&change.seat);
        let holder = match beside {
            true => before.and_then(|told| told.holder),
            false => Some(by).filter(|_| change.state.activity != Activity::Free),
        };
        if beside {
            change.call = before.and_then(|told| told.call);
        }
        self.told.insert(change.seat, Told { holder, state: change.state, call: change.call });
        self.out.push_back(change);
    }

    /// Clocks of two threads may be microseconds apart: whatever order that made of changes, the last one is what the seat is in.
    fn correct(&mut self, now: Timestamp, seat: SeatId, word: Word) {
        if !self.is_complete(seat, word, 0) {
            return self.merged.push(seat);
        }
        let Some(told) = self.told.get_mut(&seat) else { return };
        if told.state != word.state() {
            told.state = word.state();
            let call = told.call.filter(|_| word.activity() != Activity::Free);
            self.out.push_back(Change { at: now, seat, state: word.state(), call });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::Intent;
    use hotline_router::SeatTable;

    const SEAT: SeatId = SeatId(0);
    const OTHER: GroupId = GroupId(1);

    fn change(at: i64, activity: Activity, call: Option<u64>) -> Change {
        let state = SeatState { intent: Intent::Available, activity, reachable: true };
        Change { at: Timestamp(at), seat: SEAT, state, call: call.map(CallId) }
    }

    /// A table whose seat is ready, and an order that knows it.
    fn house() -> (SeatTable, SeatOrder) {
        let table = SeatTable::shared(1, 2);
        table.change(SEAT, |word| Some(word.with_intent(Intent::Available).with_reachable(true)));
        let order = SeatOrder::new(std::iter::once(table.word(SEAT)));
        (table, order)
    }

    fn turn(table: &SeatTable, activity: Activity) {
        table.change(SEAT, |word| Some(word.with_activity(activity)));
    }

    #[test]
    fn what_is_heard_too_early_waits_and_a_clock_that_is_a_little_fast_changes_no_order() {
        let (table, mut order) = house();
        [Activity::Offered, Activity::Free, Activity::Offered].into_iter().for_each(|activity| turn(&table, activity));
        let claimed = change(100, Activity::Offered, Some(2));
        order.count(SEAT);
        order.hear(GroupId::MAIN, claimed.clone(), table.word(SEAT), 0);
        assert_eq!(order.settle(Timestamp(100), |seat| table.word(seat)), None);
        let (offered, freed) = (change(80, Activity::Offered, Some(1)), change(101, Activity::Free, None));
        for said in [&offered, &freed] {
            order.count(SEAT);
            order.hear(OTHER, said.clone(), table.word(SEAT), 0);
        }
        let told: Vec<Change> = std::iter::from_fn(|| order.settle(Timestamp(110), |seat| table.word(seat))).collect();
        assert_eq!((told, order.guessed()), (vec![offered, freed, claimed], 0));
    }

    #[test]
    fn what_its_agent_chooses_while_another_group_has_the_seat_is_told_in_its_place_with_that_group_s_call() {
        let (table, mut order) = house();
        turn(&table, Activity::Offered);
        table.change(SEAT, |word| Some(word.with_intent(Intent::SignedOut)));
        let chosen = |activity, call| {
            let plain = change(90, activity, call);
            Change { state: SeatState { intent: Intent::SignedOut, ..plain.state }, ..plain }
        };
        order.count(SEAT);
        order.hear(GroupId::MAIN, chosen(Activity::Offered, None), table.word(SEAT), 0);
        let offered = change(80, Activity::Offered, Some(1));
        order.count(SEAT);
        order.hear(OTHER, offered.clone(), table.word(SEAT), 0);
        let told: Vec<Change> = std::iter::from_fn(|| order.poll()).collect();
        assert_eq!(told, [offered, chosen(Activity::Offered, Some(1))]);
    }

    #[test]
    fn what_waits_too_long_or_beside_too_many_is_told_all_the_same_and_counted() {
        let (table, mut order) = house();
        turn(&table, Activity::Offered);
        turn(&table, Activity::Offered);
        let (now, late) = (Timestamp(0), Timestamp(1_000_001));
        order.count(SEAT);
        order.hear(GroupId::MAIN, change(0, Activity::Offered, Some(1)), table.word(SEAT), 0);
        assert_eq!(order.settle(now, |seat| table.word(seat)), None);
        assert_eq!(order.settle(late, |seat| table.word(seat)), Some(change(0, Activity::Offered, Some(1))));
        assert_eq!(order.guessed(), 1);
        (0..=MOST).for_each(|_| order.hear(GroupId::MAIN, change(0, Activity::Offered, Some(1)), table.word(SEAT), 0));
        assert_eq!((std::iter::from_fn(|| order.poll()).count(), order.guessed()), (MOST + 1, 2));
    }
}
