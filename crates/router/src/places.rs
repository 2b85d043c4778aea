use crate::line::Winner;
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
}

/// What a seat that looks for a call goes by in a line: its door, and what a decision for it records. Eight bytes, as a place, and in
/// the same order: it needs nothing else to find its call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Post {
    bucket: u32,
    pub door: Door,
    tier: u8,
    proficiency: u8,
}

const _: () = assert!(size_of::<Post>() == size_of::<Place>());

impl Post {
    pub fn new(door: Door, winner: Winner) -> Self {
        let Winner { bucket, tier, proficiency } = winner;
        Self { bucket, door, tier, proficiency }
    }

    pub fn winner(self) -> Winner {
        Winner { bucket: self.bucket, tier: self.tier, proficiency: self.proficiency }
    }
}

/// Each seat's places, in order of line. Those of a seat begin with a cache line and lie close together: a change of a seat should wait
/// for memory once.
#[derive(Debug, Default)]
pub(crate) struct Places {
    all: Vec<Place>,
    /// Of each place.
    posts: Vec<Post>,
    spans: Vec<Span>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: u32,
    len: u32,
}

/// Places that fill a cache line.
const SHELF: usize = 64 / size_of::<Place>();
const NOWHERE: Place = Place { line: u32::MAX, place: 0 };
const NO_POST: Post = Post { bucket: 0, door: Door::NONE, tier: 0, proficiency: 0 };

impl Span {
    fn room(self) -> usize {
        (self.len as usize).next_multiple_of(SHELF)
    }

    fn range(self) -> Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

impl Places {
    pub fn new(seats: usize) -> Self {
        Self { all: Vec::new(), posts: Vec::new(), spans: vec![Span::default(); seats] }
    }

    fn range(&self, seat: SeatId) -> Range<usize> {
        self.spans.get(seat.index()).copied().unwrap_or_default().range()
    }

    pub fn of(&self, seat: SeatId) -> &[Place] {
        &self.all[self.range(seat)]
    }

    /// What a seat goes by in each line.
    #[inline]
    pub fn posts(&self, seat: SeatId) -> &[Post] {
        &self.posts[self.range(seat)]
    }

    /// The place in a line.
    pub fn find(&self, seat: SeatId, line: u32) -> Option<Place> {
        let places = self.of(seat);
        places.binary_search_by_key(&line, |place| place.line()).ok().map(|at| places[at])
    }

    pub fn insert(&mut self, seat: SeatId, place: Place, post: Post) {
        let at = self.of(seat).partition_point(|other| other.line() < place.line());
        let span = self.spans[seat.index()];
        if span.len as usize == span.room() {
            self.move_to_end(seat);
        }
        let span = &mut self.spans[seat.index()];
        let Range { start, end } = span.range();
        self.all.copy_within(start + at..end, start + at + 1);
        self.posts.copy_within(start + at..end, start + at + 1);
        (self.all[start + at], self.posts[start + at]) = (place, post);
        span.len += 1;
    }

    pub fn remove(&mut self, seat: SeatId, line: u32) {
        let Ok(at) = self.of(seat).binary_search_by_key(&line, |place| place.line()) else { return };
        let span = &mut self.spans[seat.index()];
        let Range { start, end } = span.range();
        self.all.copy_within(start + at + 1..end, start + at);
        self.posts.copy_within(start + at + 1..end, start + at);
        span.len -= 1;
    }

    /// Moves a seat's places to the end, where there is room for more.
    fn move_to_end(&mut self, seat: SeatId) {
        let room = self.spans[seat.index()].room() + SHELF;
        if self.all.capacity() - self.all.len() < room {
            self.lay_out(room);
        }
        let (span, start) = (&mut self.spans[seat.index()], self.all.len());
        self.all.extend_from_within(span.range());
        self.all.resize(start + room, NOWHERE);
        self.posts.extend_from_within(span.range());
        self.posts.resize(start + room, NO_POST);
        span.start = start as u32;
    }

    /// Moves all to where there is room for twice as many, without gaps.
    fn lay_out(&mut self, room: usize) {
        let used: usize = self.spans.iter().map(|span| span.room()).sum();
        let mut all: Vec<Place> = Vec::with_capacity(2 * used + room + SHELF);
        all.resize(all.as_ptr().align_offset(64).min(SHELF), NOWHERE);
        let mut posts: Vec<Post> = Vec::with_capacity(all.capacity());
        posts.resize(all.len(), NO_POST);
        for span in &mut self.spans {
            let start = all.len();
            all.extend_from_slice(&self.all[span.range()]);
            all.resize(start + span.room(), NOWHERE);
            posts.extend_from_slice(&self.posts[span.range()]);
            posts.resize(start + span.room(), NO_POST);
            span.start = start as u32;
        }
        (self.all, self.posts) = (all, posts);
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
                    places.insert(id, place, Post { door: Door(line as u16), ..NO_POST });
                } else if !comes {
                    places.remove(id, line);
                    plain.remove(&(seat, line));
                }
                let expected: Vec<Place> = plain.range((seat, 0)..(seat + 1, 0)).map(|(_, place)| *place).collect();
                prop_assert_eq!(places.of(id), &expected);
                let lines = |post: &Post| u32::from(post.door.0);
                prop_assert!(places.posts(id).iter().map(lines).eq(expected.iter().map(|place| place.line())));
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
