use hotline_model::Timestamp;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::num::NonZeroU32;

/// So many cancelled timers stay where they are, or as many as are pending, while any is.
const FEW: usize = 64;

/// Pending timers in order of time, equal times in order of setting. To cancel one is to note it: it goes when its time comes, or with
/// all others once they are more than those that are pending, so that an offer doesn't wait for the memory that the timer stands in.
#[derive(Debug)]
pub(crate) struct Timers<K> {
    heap: BinaryHeap<Reverse<Entry<K>>>,
    /// Of each id, whether its timer was cancelled.
    cancelled: Vec<bool>,
    /// How many were, of those in the heap.
    stale: usize,
    free: Vec<u32>,
    next: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry<K> {
    due: (Timestamp, u64),
    id: u32,
    key: K,
}

impl<K> Ord for Entry<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.due.cmp(&other.due)
    }
}

impl<K> PartialOrd for Entry<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> PartialEq for Entry<K> {
    fn eq(&self, other: &Self) -> bool {
        self.due == other.due
    }
}

impl<K> Eq for Entry<K> {}

/// A timer that was neither taken nor cancelled; whoever holds it forgets it when either happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pending(NonZeroU32);

impl Pending {
    fn of(id: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(id))
    }

    fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), cancelled: Vec::new(), stale: 0, free: Vec::new(), next: 0 }
    }
}

impl<K: Copy> Timers<K> {
    pub fn set(&mut self, at: Timestamp, key: K) -> Pending {
        let id = self.free.pop().unwrap_or_else(|| {
            self.cancelled.push(false);
            self.cancelled.len() as u32 - 1
        });
        self.next += 1;
        self.heap.push(Reverse(Entry { due: (at, self.next), id, key }));
        Pending::of(id)
    }

    pub fn cancel(&mut self, pending: Pending) {
        self.cancelled[pending.index()] = true;
        self.stale += 1;
        self.tidy();
    }

    /// If anything is pending: the earliest time, or that of an earlier timer that was cancelled.
    pub fn next(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse(entry)| entry.due.0)
    }

    /// Takes the earliest timer that is due at `now`.
    pub fn take_due(&mut self, now: Timestamp) -> Option<K> {
        while let Some(Reverse(first)) = self.heap.peek().copied().filter(|Reverse(first)| first.due.0 <= now) {
            self.heap.pop();
            if !self.forget(first.id) {
                self.tidy();
                return Some(first.key);
            }
        }
        None
    }

    fn tidy(&mut self) {
        if self.stale > (self.heap.len() / 2).max(FEW) || self.stale == self.heap.len() {
            self.drop_stale();
        }
    }

    #[inline(never)]
    fn drop_stale(&mut self) {
        if self.stale == 0 {
            return;
        }
        let mut heap = std::mem::take(&mut self.heap);
        heap.retain(|Reverse(entry)| !self.cancelled[entry.id as usize] || !self.forget(entry.id));
        self.heap = heap;
    }

    /// An id is free again. Whether its timer was cancelled.
    fn forget(&mut self, id: u32) -> bool {
        self.free.push(id);
        let cancelled = std::mem::take(&mut self.cancelled[id as usize]);
        self.stale -= usize::from(cancelled);
        cancelled
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn timers_come_due_in_order_of_time_and_then_of_setting(steps in prop::collection::vec((0u8..5, 0i64..20), 1..600)) {
            let (mut timers, mut plain, mut held) = (Timers::default(), BTreeMap::new(), BTreeMap::new());
            for (order, (what, at)) in steps.into_iter().enumerate() {
                match what {
                    0 => drop(plain.pop_first().inspect(|((at, order), ())| {
                        held.remove(order);
                        assert_eq!(timers.take_due(Timestamp(*at - 1)), None);
                        assert_eq!(timers.take_due(Timestamp(*at)), Some(*order));
                    })),
                    1 | 2 => drop(held.pop_first().inspect(|(order, (at, pending)): &(usize, (i64, Pending))| {
                        plain.remove(&(*at, *order));
                        timers.cancel(*pending);
                    })),
                    _ => {
                        held.insert(order, (at, timers.set(Timestamp(at), order)));
                        plain.insert((at, order), ());
                    }
                }
                let first = plain.first_key_value().map(|((at, _), ())| Timestamp(*at));
                prop_assert_eq!(timers.next().is_some(), first.is_some());
                prop_assert!(timers.next() <= first);
                prop_assert_eq!(timers.heap.len(), plain.len() + timers.stale);
                prop_assert!(timers.stale <= plain.len().max(FEW), "{} of {}", timers.stale, timers.heap.len());
            }
        }
    }

    #[test]
    fn cancelled_timers_go_once_they_are_more_than_those_that_are_pending() {
        let mut timers = Timers::default();
        let pending: Vec<Pending> = (0..1_000).map(|at| timers.set(Timestamp(at), at)).collect();
        pending[..500].iter().for_each(|timer| timers.cancel(*timer));
        assert_eq!((timers.heap.len(), timers.stale, timers.next()), (1_000, 500, Some(Timestamp(0))));
        timers.cancel(pending[500]);
        assert_eq!((timers.heap.len(), timers.stale, timers.next()), (499, 0, Some(Timestamp(501))));
        assert_eq!((timers.take_due(Timestamp(501)), timers.take_due(Timestamp(501))), (Some(501), None));
    }
}
