use hotline_model::Timestamp;
use std::num::NonZeroU32;

/// Pending timers in order of time, equal times in order of setting. A heap whose entries know their places: setting and cancelling
/// neither allocate nor search.
#[derive(Debug)]
pub(crate) struct Timers<K> {
    heap: Vec<Entry<K>>,
    /// Each timer's place in the heap.
    places: Vec<u32>,
    free: Vec<u32>,
    next: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry<K> {
    due: (Timestamp, u64),
    id: u32,
    key: K,
}

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
        Self { heap: Vec::new(), places: Vec::new(), free: Vec::new(), next: 0 }
    }
}

impl<K: Copy> Timers<K> {
    pub fn set(&mut self, at: Timestamp, key: K) -> Pending {
        let id = self.free.pop().unwrap_or_else(|| {
            self.places.push(0);
            self.places.len() as u32 - 1
        });
        self.next += 1;
        self.heap.push(Entry { due: (at, self.next), id, key });
        self.rise(self.heap.len() - 1);
        Pending::of(id)
    }

    pub fn cancel(&mut self, pending: Pending) {
        self.remove(self.places[pending.index()] as usize);
    }

    /// When a timer is due.
    pub fn due(&self, pending: Pending) -> Timestamp {
        self.heap[self.places[pending.index()] as usize].due.0
    }

    /// The earliest pending time.
    pub fn next(&self) -> Option<Timestamp> {
        self.heap.first().map(|entry| entry.due.0)
    }

    /// Takes the earliest timer that is due at `now`.
    pub fn take_due(&mut self, now: Timestamp) -> Option<K> {
        let first = *self.heap.first()?;
        (first.due.0 <= now).then(|| {
            self.remove(0);
            first.key
        })
    }

    fn remove(&mut self, place: usize) {
        let gone = self.heap.swap_remove(place);
        self.free.push(gone.id);
        if place < self.heap.len() {
            let place = self.rise(place);
            self.sink(place);
        }
    }

    fn rise(&mut self, mut place: usize) -> usize {
        let entry = self.heap[place];
        while place > 0 && entry.due < self.heap[(place - 1) / 2].due {
            self.put((place - 1) / 2, place);
            place = (place - 1) / 2;
        }
        self.heap[place] = entry;
        self.places[entry.id as usize] = place as u32;
        place
    }

    fn sink(&mut self, mut place: usize) {
        let entry = self.heap[place];
        loop {
            let children = [2 * place + 1, 2 * place + 2].into_iter().filter(|child| *child < self.heap.len());
            let Some(child) = children.min_by_key(|child| self.heap[*child].due) else { break };
            if entry.due < self.heap[child].due {
                break;
            }
            self.put(child, place);
            place = child;
        }
        self.heap[place] = entry;
        self.places[entry.id as usize] = place as u32;
    }

    fn put(&mut self, from: usize, to: usize) {
        self.heap[to] = self.heap[from];
        self.places[self.heap[to].id as usize] = to as u32;
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn timers_come_due_in_order_of_time_and_then_of_setting(steps in prop::collection::vec((0u8..3, 0i64..20), 1..200)) {
            let (mut timers, mut plain, mut held) = (Timers::default(), BTreeMap::new(), BTreeMap::new());
            for (order, (what, at)) in steps.into_iter().enumerate() {
                match what {
                    0 => drop(plain.pop_first().inspect(|((at, order), ())| {
                        held.remove(order);
                        assert_eq!(timers.take_due(Timestamp(*at - 1)), None);
                        assert_eq!(timers.take_due(Timestamp(*at)), Some(*order));
                    })),
                    1 => drop(held.pop_first().inspect(|(order, pending): &(usize, Pending)| {
                        plain.remove(&(timers.due(*pending).0, *order));
                        timers.cancel(*pending);
                    })),
                    _ => {
                        held.insert(order, timers.set(Timestamp(at), order));
                        plain.insert((at, order), ());
                    }
                }
                prop_assert_eq!(timers.next(), plain.first_key_value().map(|((at, _), ())| Timestamp(*at)));
            }
        }
    }
}
