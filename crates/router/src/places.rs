use hotline_model::SeatId;

/// A seat's place in a line, the step that first admits it, and its priority for the line's queue: eight bytes, since each change of
/// a seat reads up to a hundred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The priority in the upper four bits.
    line: u32,
    /// The step in the upper four bits.
    place: u32,
}

const PRIORITY: u32 = 28;
const PLACE_BITS: u32 = 28;
/// All lines together have fewer places, gaps between them counted.
pub(crate) const PLACE_LIMIT: usize = 1 << PLACE_BITS;

impl Place {
    pub fn new(line: u32, place: usize, step: usize, priority: u8) -> Self {
        Self { line: line | u32::from(priority) << PRIORITY, place: place as u32 | (step as u32) << PLACE_BITS }
    }

    pub fn line(self) -> u32 {
        self.line & ((1 << PRIORITY) - 1)
    }

    pub fn place(self) -> usize {
        self.place as usize & (PLACE_LIMIT - 1)
    }

    pub fn step(self) -> usize {
        (self.place >> PLACE_BITS) as usize
    }

    pub fn priority(self) -> u8 {
        (self.line >> PRIORITY) as u8
    }
}

/// Each seat's places, in order of line. They lie close together: a change of a seat should wait for memory once.
#[derive(Debug, Default)]
pub(crate) struct Places {
    all: Vec<Place>,
    spans: Vec<Span>,
    /// How many of `all` belong to no span.
    holes: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: u32,
    len: u32,
    room: u32,
}

impl Places {
    pub fn new(seats: usize) -> Self {
        Self { all: Vec::new(), spans: vec![Span::default(); seats], holes: 0 }
    }

    pub fn of(&self, seat: SeatId) -> &[Place] {
        let Span { start, len, .. } = self.spans.get(seat.index()).copied().unwrap_or_default();
        &self.all[start as usize..][..len as usize]
    }

    /// The place in a line.
    pub fn find(&self, seat: SeatId, line: u32) -> Option<Place> {
        let places = self.of(seat);
        places.binary_search_by_key(&line, |place| place.line()).ok().map(|at| places[at])
    }

    pub fn insert(&mut self, seat: SeatId, place: Place) {
        let at = self.of(seat).partition_point(|other| other.line() < place.line());
        if self.spans[seat.index()].len == self.spans[seat.index()].room {
            self.widen(seat);
        }
        let span = &mut self.spans[seat.index()];
        let (first, end) = (span.start as usize + at, (span.start + span.len) as usize);
        self.all.copy_within(first..end, first + 1);
        self.all[first] = place;
        span.len += 1;
    }

    pub fn remove(&mut self, seat: SeatId, line: u32) {
        let Ok(at) = self.of(seat).binary_search_by_key(&line, |place| place.line()) else { return };
        let span = &mut self.spans[seat.index()];
        let (first, end) = (span.start as usize + at, (span.start + span.len) as usize);
        self.all.copy_within(first + 1..end, first);
        span.len -= 1;
    }

    /// Moves a seat's places to the end, where there is room for twice as many.
    fn widen(&mut self, seat: SeatId) {
        if self.holes > self.all.len() / 2 {
            self.close_holes();
        }
        let span = &mut self.spans[seat.index()];
        let (before, start) = (span.start as usize..(span.start + span.len) as usize, self.all.len());
        self.holes += span.room as usize;
        span.room = (span.room * 2).max(8);
        span.start = start as u32;
        self.all.extend_from_within(before);
        self.all.resize(start + span.room as usize, Place::new(u32::MAX, 0, 0, 0));
    }

    fn close_holes(&mut self) {
        let mut all = Vec::with_capacity(self.all.len() - self.holes);
        for span in &mut self.spans {
            let (start, before) = (all.len(), span.start as usize);
            all.extend_from_slice(&self.all[before..before + span.room as usize]);
            span.start = start as u32;
        }
        (self.all, self.holes) = (all, 0);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn places_are_found_in_order_of_line(steps in prop::collection::vec((0u32..5, 0u32..60, any::<bool>()), 1..600)) {
            let mut places = Places::new(5);
            let mut plain = BTreeMap::new();
            for (seat, line, comes) in steps {
                let (id, place) = (SeatId(seat), Place::new(line, seat as usize * 100, 3, 9));
                if comes && plain.insert((seat, line), place).is_none() {
                    places.insert(id, place);
                } else if !comes {
                    places.remove(id, line);
                    plain.remove(&(seat, line));
                }
                let expected: Vec<Place> = plain.range((seat, 0)..(seat + 1, 0)).map(|(_, place)| *place).collect();
                prop_assert_eq!(places.of(id), &expected);
                prop_assert_eq!(places.find(id, line), plain.get(&(seat, line)).copied());
            }
        }
    }

    #[test]
    fn a_seat_that_is_not_there_has_no_place() {
        assert_eq!((Places::new(1).of(SeatId(1)), Places::new(1).find(SeatId(0), 0)), (&[][..], None));
    }
}
