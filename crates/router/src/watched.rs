use crate::waiting::Slot;
use hotline_model::SeatId;

/// Which waiting calls have a seat as an agent of their own: they wait for it, or would if it came. Of each seat a ring of the calls, so
/// that whoever comes or goes looks at nobody else, and nothing allocates once there were as many calls.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// By slot, a link for each agent that the call has.
    links: Vec<[Link; 3]>,
    /// By seat, one of its calls.
    of_seat: Vec<Option<Number>>,
}

/// A slot, and the place of one of its links.
type Number = (Slot, u8);

/// Between two calls of a seat.
#[derive(Clone, Copy, Debug, Default)]
struct Link {
    seat: Option<SeatId>,
    before: Number,
    after: Number,
}

impl Watched {
    /// A call has a seat, of up to three different ones.
    pub fn add(&mut self, slot: Slot, seat: SeatId) {
        self.links.resize(self.links.len().max(slot as usize + 1), [Link::default(); 3]);
        self.of_seat.resize(self.of_seat.len().max(seat.index() + 1), None);
        let links = &self.links[slot as usize];
        let Some(free) = links.iter().position(|link| link.seat.is_none()).filter(|_| !links.iter().any(|link| link.seat == Some(seat)))
        else {
            return;
        };
        let number = (slot, free as u8);
        let (before, after) = match self.of_seat[seat.index()] {
            Some(first) => (self.link(first).before, first),
            None => (number, number),
        };
        *self.link(number) = Link { seat: Some(seat), before, after };
        self.link(before).after = number;
        self.link(after).before = number;
        self.of_seat[seat.index()] = Some(after);
    }

    /// A call has no seat any longer.
    pub fn remove(&mut self, slot: Slot) {
        let links = self.links.get(slot as usize).map_or(0, |links| links.len() as u8);
        for number in (0..links).map(|at| (slot, at)) {
            let Link { seat: Some(seat), before, after } = std::mem::take(self.link(number)) else { continue };
            if after == number {
                self.of_seat[seat.index()] = None;
                continue;
            }
            self.link(before).after = after;
            self.link(after).before = before;
            self.of_seat[seat.index()] = Some(after);
        }
    }

    /// Lists the calls that have a seat, by slot.
    pub fn list(&self, seat: SeatId, slots: &mut Vec<Slot>) {
        let first = self.of_seat.get(seat.index()).copied().flatten();
        let next = |(slot, at): &Number| Some(self.links[*slot as usize][usize::from(*at)].after).filter(|after| Some(*after) != first);
        slots.extend(std::iter::successors(first, next).map(|(slot, _)| slot));
        slots.sort_unstable();
    }

    fn link(&mut self, (slot, at): Number) -> &mut Link {
        &mut self.links[slot as usize][usize::from(at)]
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn the_calls_of_a_seat_are_those_that_were_not_removed(
            steps in prop::collection::vec((0u32..12, prop::option::weighted(0.7, prop::array::uniform3(0u32..5))), 1..200),
        ) {
            let (mut watched, mut plain) = (Watched::default(), BTreeSet::new());
            for (slot, seats) in steps {
                watched.remove(slot);
                plain.retain(|(_, other)| *other != slot);
                for seat in seats.into_iter().flatten() {
                    watched.add(slot, SeatId(seat));
                    plain.insert((seat, slot));
                }
                for seat in 0..6 {
                    let slots: Vec<Slot> = plain.range((seat, 0)..=(seat, Slot::MAX)).map(|(_, slot)| *slot).collect();
                    let mut found = Vec::new();
                    watched.list(SeatId(seat), &mut found);
                    prop_assert_eq!(found, slots);
                }
            }
        }
    }
}
