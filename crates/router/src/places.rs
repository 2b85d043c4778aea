use crate::lines::Code;
use crate::prefetch::prefetch;
use hotline_model::SeatId;
use std::ops::Range;

/// A seat's place in a line, the step that first admits it, and its priority for the line's queue: eight bytes, since each change of
/// a seat reads up to a hundred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The priority in the upper four bits, and below it whether it is gated.
    line: u32,
    /// The step in the upper four bits.
    place: u32,
}

const PRIORITY: u32 = 28;
const GATED: u32 = 1 << 27;
const PLACE_BITS: u32 = 28;
/// All lines together have fewer places, gaps between them counted.
pub(crate) const PLACE_LIMIT: usize = 1 << PLACE_BITS;

impl Place {
    pub fn new(line: u32, place: usize, step: usize, priority: u8) -> Self {
        Self { line: line | u32::from(priority) << PRIORITY, place: place as u32 | (step as u32) << PLACE_BITS }
    }

    pub fn line(self) -> u32 {
        self.line & (GATED - 1)
    }

    pub fn place(self) -> usize {
        self.place as usize & (PLACE_LIMIT - 1)
    }

    pub fn step(self) -> usize {
        (self.place >> PLACE_BITS) as usize
    }

    /// The same place, if `gated` of a seat that opens by more than its step and holds.
    pub fn gated_if(self, gated: bool) -> Self {
        Self { line: self.line | if gated { GATED } else { 0 }, ..self }
    }

    pub fn is_gated(self) -> bool {
        self.line & GATED != 0
    }

    pub fn priority(self) -> u8 {
        (self.line >> PRIORITY) as u8
    }
}

/// Where a seat sees the calls of a line that it may be offered: one of a step's doors, or none if it depends on more than the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Door(pub u16);

impl Door {
    pub const NONE: Self = Self(0);
    /// Nobody ever stands there.
    pub const EMPTY: Self = Self(1);
    /// The seat has more posts, which stand elsewhere.
    const MORE: Self = Self(u16::MAX);
    /// Those that lines may have.
    pub const FREE: Range<u32> = 2..u16::MAX as u32;
}

/// What a seat that looks for a call goes by in a line: its door, and what stands for what a decision for it records. Four bytes: it needs
/// nothing else to find its call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Post {
    pub door: Door,
    pub winner: Code,
}

/// The posts of a seat that may serve few lines, as most: where they stand is known before anything of the seat is read.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Shelf([Post; SHELF]);

impl Shelf {
    const EMPTY: Self = Self([Post { door: Door::EMPTY, winner: 0 }; SHELF]);
    const MORE: Self = Self([Post { door: Door::MORE, winner: 0 }; SHELF]);
}

/// The numbers of the places of a seat that may serve few lines, as most: all that is read of them when it becomes ready, or is so no
/// longer. The rest stands with the bits.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Bits([u32; SHELF]);

impl Bits {
    const EMPTY: Self = Self([u32::MAX; SHELF]);
    /// The seat has more, and they are looked up.
    const MORE: u32 = u32::MAX - 1;

    fn of(places: &[Place]) -> Self {
        let mut bits = Self::EMPTY;
        if places.len() > SHELF {
            bits.0[0] = Self::MORE;
        } else {
            bits.0.iter_mut().zip(places).for_each(|(bit, place)| *bit = place.place() as u32);
        }
        bits
    }
}

/// Each seat's places, side by side in order of line. What each change of a seat asks for, its bits and its posts, is a cache line of its
/// own each.
#[derive(Debug, Default)]
pub(crate) struct Places {
    all: Vec<Place>,
    spans: Vec<Span>,
    /// Each seat's places by number.
    bits: Vec<Bits>,
    /// Each seat's posts, in the order of its places.
    posts: Vec<Shelf>,
    /// All posts of those who have more than a shelf holds.
    more: Vec<Vec<Post>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: u32,
    len: u32,
}

/// A seat's room grows by so many places.
const ROOM: usize = 8;
/// Posts that fill a cache line.
const SHELF: usize = 64 / size_of::<Post>();
/// No seat's: the seat whose places end before it may have it and those behind it.
const NOWHERE: Place = Place { line: u32::MAX, place: 0 };

impl Span {
    fn room(self) -> usize {
        (self.len as usize).next_multiple_of(ROOM)
    }

    fn range(self) -> Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

impl Places {
    pub fn new(seats: usize) -> Self {
        let (bits, posts) = (vec![Bits::EMPTY; seats], vec![Shelf::EMPTY; seats]);
        Self { all: Vec::new(), spans: vec![Span::default(); seats], bits, posts, more: vec![Vec::new(); seats] }
    }

    fn range(&self, seat: SeatId) -> Range<usize> {
        self.spans.get(seat.index()).copied().unwrap_or_default().range()
    }

    pub fn of(&self, seat: SeatId) -> &[Place] {
        &self.all[self.range(seat)]
    }

    /// The numbers of a seat's places.
    #[inline]
    pub fn bits(&self, seat: SeatId) -> impl Iterator<Item = usize> {
        let few: &[u32] = self.bits.get(seat.index()).map_or(&[], |Bits(bits)| bits);
        let many: &[Place] = if few.first() == Some(&Bits::MORE) { self.of(seat) } else { &[] };
        let few = few.iter().take_while(|place| (**place as usize) < PLACE_LIMIT).map(|place| *place as usize);
        few.chain(many.iter().map(|place| place.place()))
    }

    /// Asks for a seat's posts, or for the numbers of its places.
    #[inline]
    pub fn prefetch(&self, seat: SeatId, posts: bool) {
        if posts {
            self.posts.get(seat.index()).map(prefetch)
        } else {
            self.bits.get(seat.index()).map(prefetch)
        };
    }

    /// What a seat goes by in each line, and at some empty doors.
    #[inline]
    pub fn posts(&self, seat: SeatId) -> &[Post] {
        match self.posts.get(seat.index()) {
            Some(Shelf([Post { door: Door::MORE, .. }, ..])) => &self.more[seat.index()],
            Some(Shelf(posts)) => posts,
            None => &[],
        }
    }

    /// The place in a line.
    pub fn find(&self, seat: SeatId, line: u32) -> Option<Place> {
        let places = self.of(seat);
        places.binary_search_by_key(&line, |place| place.line()).ok().map(|at| places[at])
    }

    pub fn insert(&mut self, seat: SeatId, place: Place, post: Post) {
        let at = self.of(seat).partition_point(|other| other.line() < place.line());
        self.insert_post(seat, at, post);
        let span = self.spans[seat.index()];
        if span.len as usize == span.room() && self.all.get(span.range().end) != Some(&NOWHERE) {
            self.move_to_end(seat);
        }
        let span = &mut self.spans[seat.index()];
        let Range { start, end } = span.range();
        self.all.copy_within(start + at..end, start + at + 1);
        self.all[start + at] = place;
        span.len += 1;
        self.bits[seat.index()] = Bits::of(self.of(seat));
    }

    pub fn remove(&mut self, seat: SeatId, line: u32) {
        let Ok(at) = self.of(seat).binary_search_by_key(&line, |place| place.line()) else { return };
        self.remove_post(seat, at);
        let span = &mut self.spans[seat.index()];
        let Range { start, end } = span.range();
        self.all.copy_within(start + at + 1..end, start + at);
        self.all[end - 1] = NOWHERE;
        span.len -= 1;
        self.bits[seat.index()] = Bits::of(self.of(seat));
    }

    fn insert_post(&mut self, seat: SeatId, at: usize, post: Post) {
        let (len, Shelf(shelf), more) = (self.of(seat).len(), &mut self.posts[seat.index()], &mut self.more[seat.index()]);
        if len < SHELF {
            shelf.copy_within(at..len, at + 1);
            shelf[at] = post;
            return;
        }
        if len == SHELF {
            more.extend_from_slice(shelf);
            *shelf = Shelf::MORE.0;
        }
        more.insert(at, post);
    }

    fn remove_post(&mut self, seat: SeatId, at: usize) {
        let (len, Shelf(shelf), more) = (self.of(seat).len(), &mut self.posts[seat.index()], &mut self.more[seat.index()]);
        if len <= SHELF {
            shelf.copy_within(at + 1..len, at);
            shelf[len - 1] = Shelf::EMPTY.0[0];
            return;
        }
        more.remove(at);
        if let Ok(few) = more.as_slice().try_into() {
            *shelf = few;
            more.clear();
        }
    }

    /// Moves a seat's places to the end, where there is room for more.
    fn move_to_end(&mut self, seat: SeatId) {
        let room = self.spans[seat.index()].room() + ROOM;
        if self.all.capacity() - self.all.len() < room {
            self.lay_out(room);
        }
        let (span, start) = (&mut self.spans[seat.index()], self.all.len());
        let Range { start: before, end } = span.range();
        self.all.extend_from_within(before..end);
        self.all.resize(start + room, NOWHERE);
        self.all[before..end].fill(NOWHERE);
        span.start = start as u32;
    }

    /// Moves all to where there is room for twice as many, without gaps.
    fn lay_out(&mut self, room: usize) {
        let used: usize = self.spans.iter().map(|span| span.room()).sum();
        let mut all: Vec<Place> = Vec::with_capacity(2 * used + room);
        for span in &mut self.spans {
            let start = all.len();
            all.extend_from_slice(&self.all[span.range()]);
            all.resize(start + span.room(), NOWHERE);
            span.start = start as u32;
        }
        self.all = all;
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
                let (id, place) = (SeatId(seat), Place::new(line, (seat * 100 + line) as usize, 3, 9));
                if comes && plain.insert((seat, line), place).is_none() {
                    places.insert(id, place, Post { door: Door((Door::FREE.start + line) as u16), winner: 7 });
                } else if !comes {
                    places.remove(id, line);
                    plain.remove(&(seat, line));
                }
                let expected: Vec<Place> = plain.range((seat, 0)..(seat + 1, 0)).map(|(_, place)| *place).collect();
                prop_assert_eq!(places.of(id), &expected);
                prop_assert!(places.bits(id).eq(expected.iter().map(|place| place.place())));
                let (posts, empty) = places.posts(id).split_at(expected.len());
                let lines = posts.iter().map(|post| u32::from(post.door.0) - Door::FREE.start);
                prop_assert!(lines.eq(expected.iter().map(|place| place.line())));
                prop_assert!(empty.iter().all(|post| post.door == Door::EMPTY));
                prop_assert_eq!(places.find(id, line), plain.get(&(seat, line)).copied());
            }
        }
    }

    #[test]
    fn a_gate_leaves_line_place_and_step_as_they_are() {
        let place = Place::new(7, PLACE_LIMIT - 1, 9, 9);
        let gated = place.gated_if(true);
        assert_eq!((gated.line(), gated.place(), gated.step(), gated.priority(), gated.is_gated()), (7, PLACE_LIMIT - 1, 9, 9, true));
        assert!(!place.is_gated() && place.gated_if(false) == place);
    }

    #[test]
    fn a_seat_that_is_not_there_has_no_place() {
        assert_eq!((Places::new(1).of(SeatId(1)), Places::new(1).find(SeatId(0), 0)), (&[][..], None));
    }
}
