use crate::prefetch::prefetch;
use hotline_model::{Priority, Timestamp};
use std::collections::VecDeque;
use std::time::Duration;

/// A place in the router's list of calls.
pub(crate) type Slot = u32;

/// Where a call ranks among all: class (priority, breached before not), effective entry time, order of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CallRank {
    /// The class in three bits, the entry time in the others: one comparison orders by both.
    key: u64,
    pub order: u64,
}

/// Entry times fill so many bits, from the middle: 36,000 years either way.
const SINCE: u32 = 61;
const MIDDLE: i64 = 1 << (SINCE - 1);

impl CallRank {
    pub fn new(class: u8, since: Timestamp, order: u64) -> Self {
        let since = (since.0.clamp(-MIDDLE, MIDDLE - 1) + MIDDLE) as u64;
        Self { key: u64::from(class) << SINCE | since, order }
    }

    /// The first of all that have this class and entry time.
    pub fn least(key: u64) -> Self {
        Self { key, order: 0 }
    }

    /// Ranks behind every call.
    pub const LAST: Self = Self { key: u64::MAX, order: u64::MAX };

    /// Ranks before every other of its class.
    pub fn first_of(class: u8) -> Self {
        Self::least(u64::from(class) << SINCE)
    }

    /// All of it as one number, for long sorts.
    pub fn number(self) -> u128 {
        u128::from(self.key) << 64 | u128::from(self.order)
    }

    /// The class and the entry time, which rank in the order of the numbers.
    pub fn key(self) -> u64 {
        self.key
    }

    pub fn class(self) -> u8 {
        Self::class_of(self.key)
    }

    pub fn since(self) -> Timestamp {
        Self::since_of(self.key)
    }

    pub fn class_of(key: u64) -> u8 {
        (key >> SINCE) as u8
    }

    pub fn since_of(key: u64) -> Timestamp {
        Timestamp((key & ((1 << SINCE) - 1)) as i64 - MIDDLE)
    }
}

/// Priorities times (breached, not breached).
pub(crate) const CLASSES: usize = 6;

/// Urgent before important before ordinary (R24, R38); inside a priority the breached first (K3).
pub(crate) fn class(priority: Priority, breached: bool) -> u8 {
    let priority = match priority {
        Priority::Urgent => 0,
        Priority::Important => 2,
        Priority::Ordinary => 4,
    };
    priority + u8::from(!breached)
}

/// The first call of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Head {
    pub rank: CallRank,
    pub slot: Slot,
}

/// The calls that wait in one line, a list per class by effective entry time: those that have waited long enough for a step are its beginning.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    classes: [List; CLASSES],
}

impl Waiting {
    pub fn insert(&mut self, rank: CallRank, slot: Slot) {
        self.classes[usize::from(rank.class())].insert(Head { rank, slot });
    }

    pub fn remove(&mut self, rank: CallRank) {
        self.classes[usize::from(rank.class())].remove(rank);
    }

    pub fn is_empty(&self) -> bool {
        self.classes.iter().all(|list| list.first == NO_HEAD)
    }

    /// Asks for the list of a class.
    #[inline]
    pub fn prefetch(&self, class: u8) {
        prefetch(&self.classes[usize::from(class)]);
    }

    /// The first of a class.
    pub fn oldest_of(&self, class: u8) -> Option<Head> {
        self.classes[usize::from(class)].first()
    }

    pub fn all(&self) -> impl Iterator<Item = Head> {
        self.classes.iter().flat_map(|list| list.between(0, list.calls.len()))
    }

    /// The calls whose waiting time reached `opens` after `from` and until `now`.
    pub fn reached(&self, opens: Duration, from: Timestamp, now: Timestamp) -> impl Iterator<Item = Head> {
        let (from, until) = (from - opens, (now - opens).max(from - opens));
        self.classes.iter().flat_map(move |list| list.between(list.after(from), list.after(until)))
    }

    /// When the next call reaches `opens`, after `now`.
    pub fn next_to_reach(&self, opens: Duration, now: Timestamp) -> Option<Timestamp> {
        let next = |list: &List| list.between(list.after(now - opens), list.calls.len()).next();
        self.classes.iter().filter_map(next).map(|head| head.rank.since() + opens).min()
    }

    /// The earliest effective entry time.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.classes.iter().filter_map(List::first).map(|head| head.rank.since()).min()
    }

    /// How many are of a class.
    pub fn len(&self, class: u8) -> usize {
        self.classes[usize::from(class)].len()
    }

    /// How many of the same class rank before `rank`; at most `limit` are counted.
    pub fn before(&self, rank: CallRank, limit: usize) -> usize {
        let list = &self.classes[usize::from(rank.class())];
        let place = list.place(rank);
        if list.gone == 0 { place.min(limit) } else { list.between(0, place).take(limit).count() }
    }
}

/// Calls come at its end and go at its beginning, as a rule. Who goes elsewhere leaves a gap, until the gaps are an eighth.
/// A cache line: whoever asks for its first waits for memory once.
#[derive(Debug)]
#[repr(C, align(64))]
struct List {
    first: Head,
    /// By rank. Neither the first nor the last is a gap.
    calls: VecDeque<Head>,
    gone: u32,
}

/// A gap's slot.
const GONE: Slot = Slot::MAX;
/// The first of an empty list: behind every rank.
const NO_HEAD: Head = Head { rank: CallRank::LAST, slot: GONE };

impl Default for List {
    fn default() -> Self {
        Self { first: NO_HEAD, calls: VecDeque::new(), gone: 0 }
    }
}

impl List {
    fn first(&self) -> Option<Head> {
        Some(self.first).filter(|first| *first != NO_HEAD)
    }

    /// Calls without gaps.
    fn len(&self) -> usize {
        self.calls.len() - self.gone as usize
    }

    /// How many stand before a rank, gaps counted.
    fn place(&self, rank: CallRank) -> usize {
        if self.first.rank >= rank { 0 } else { self.calls.partition_point(|head| head.rank < rank) }
    }

    /// How many came at `since` or earlier, gaps counted.
    fn after(&self, since: Timestamp) -> usize {
        self.calls.partition_point(|head| head.rank.since() <= since)
    }

    fn between(&self, from: usize, until: usize) -> impl Iterator<Item = Head> {
        self.calls.range(from..until).copied().filter(|head| head.slot != GONE)
    }

    fn insert(&mut self, head: Head) {
        if self.calls.back().is_none_or(|last| last.rank < head.rank) {
            self.calls.push_back(head);
        } else {
            let at = self.place(head.rank);
            if self.calls[at].rank == head.rank {
                self.gone -= u32::from(self.calls[at].slot == GONE);
                self.calls[at] = head;
            } else {
                self.calls.insert(at, head);
            }
        }
        if head.rank <= self.first.rank {
            self.first = head;
        }
    }

    fn remove(&mut self, rank: CallRank) {
        if self.first.rank == rank {
            self.remove_first();
        } else {
            self.leave_gap(rank);
        }
        if self.gone as usize * 8 > self.calls.len() {
            self.calls.retain(|head| head.slot != GONE);
            self.gone = 0;
        }
    }

    fn remove_first(&mut self) {
        self.calls.pop_front();
        while self.calls.pop_front_if(|head| head.slot == GONE).is_some() {
            self.gone -= 1;
        }
        self.first = self.calls.front().copied().unwrap_or(NO_HEAD);
    }

    fn leave_gap(&mut self, rank: CallRank) {
        let at = self.place(rank);
        let Some(head) = self.calls.get_mut(at).filter(|head| head.rank == rank && head.slot != GONE) else { return };
        head.slot = GONE;
        self.gone += 1;
        while self.calls.pop_back_if(|head| head.slot == GONE).is_some() {
            self.gone -= 1;
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn waiting_calls_stand_by_rank_whoever_comes_and_goes(
            steps in prop::collection::vec((any::<bool>(), 0u8..6, 0i64..30, 0u64..4), 1..300),
        ) {
            let (mut waiting, mut plain) = (Waiting::default(), BTreeMap::new());
            for (slot, (comes, class, since, order)) in steps.into_iter().enumerate() {
                let rank = CallRank::new(class, Timestamp(since), order);
                if comes && !plain.contains_key(&rank) {
                    waiting.insert(rank, slot as Slot);
                    plain.insert(rank, slot as Slot);
                } else {
                    waiting.remove(rank);
                    plain.remove(&rank);
                }
                let all: Vec<Head> = plain.iter().map(|(rank, slot)| Head { rank: *rank, slot: *slot }).collect();
                let came = |from: i64, until: i64| all.iter().copied().filter(move |head| (from + 1..=until).contains(&head.rank.since().0));
                let (opens, now) = (Duration::from_micros(5), Timestamp(since + 5));
                prop_assert_eq!(waiting.all().collect::<Vec<_>>(), all.clone());
                prop_assert_eq!(waiting.is_empty(), all.is_empty());
                prop_assert_eq!(waiting.oldest_of(class), all.iter().find(|head| head.rank.class() == class).copied());
                prop_assert_eq!(waiting.oldest(), all.iter().map(|head| head.rank.since()).min());
                let of_class: Vec<_> = all.iter().filter(|head| head.rank.class() == rank.class()).collect();
                prop_assert_eq!(waiting.len(rank.class()), of_class.len());
                prop_assert_eq!(waiting.before(rank, usize::MAX), of_class.iter().filter(|head| head.rank < rank).count());
                prop_assert_eq!(waiting.before(rank, 2), waiting.before(rank, usize::MAX).min(2));
                prop_assert_eq!(waiting.reached(opens, Timestamp(10), now).collect::<Vec<_>>(), came(5, since).collect::<Vec<_>>());
                let next = came(since, i64::MAX - 1).map(|head| head.rank.since() + opens).min();
                prop_assert_eq!(waiting.next_to_reach(opens, now), next);
            }
        }
    }
}
