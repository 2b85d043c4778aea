use super::{Code, NOBODY};
use crate::places::{Door, Post};
use crate::spaces::Spaces;
use crate::waiting::{CallRank, Slot};

/// The doors of all lines, one for each step: who stands at it, of the calls that wait long enough for the step, first. Which one that is
/// changes as calls come and go, and as one reaches the step, when its line is woken.
///
/// A freed seat looks at all its doors at once, and needs nothing else to find its call.
#[derive(Debug)]
pub(super) struct Doors {
    /// The key of who stands there; [`NOBODY`] if nobody does.
    keys: Vec<u64>,
    /// Whose the keys are.
    slots: Vec<Slot>,
    /// Which line each door is of.
    lines: Vec<u32>,
    spaces: Spaces,
    /// Each line's first door, and how many it has.
    of_line: Vec<(Door, u16)>,
}

/// What a seat sees at its doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Nobody,
    /// Who ranks first, in which line, and what stands for what the seat is in it.
    First {
        slot: Slot,
        line: u32,
        class: u8,
        winner: Code,
    },
    /// Not everybody who may be offered stands at a door, or several rank alike.
    Unclear,
}

/// Ranks before every call.
const UNCLEAR: u64 = 0;

impl Default for Doors {
    fn default() -> Self {
        let mut spaces = Spaces::default();
        spaces.take(Door::FREE.start);
        Self { keys: vec![UNCLEAR, NOBODY], slots: vec![0; 2], lines: vec![0; 2], spaces, of_line: Vec::new() }
    }
}

impl Doors {
    /// Makes doors for the steps of a line in which nobody waits; none where there would be too many.
    pub fn add(&mut self, line: u32, steps: usize) {
        let start = self.spaces.take(steps as u32);
        let end = start as usize + steps;
        let doors = match (u16::try_from(start), u16::try_from(end)) {
            (Ok(start), Ok(_)) => (Door(start), steps as u16),
            _ => {
                self.spaces.give(start, steps as u32);
                (Door::NONE, 0)
            }
        };
        self.of_line.resize(self.of_line.len().max(line as usize + 1), (Door::NONE, 0));
        self.of_line[line as usize] = doors;
        let end = usize::from(doors.0.0) + usize::from(doors.1);
        self.keys.resize(self.keys.len().max(end), NOBODY);
        self.slots.resize(self.keys.len(), 0);
        self.lines.resize(self.keys.len(), 0);
        self.lines[usize::from(doors.0.0)..end].fill(line);
        (0..steps).for_each(|step| self.set(line, step, NOBODY, 0));
    }

    /// A line is no more.
    pub fn remove(&mut self, line: u32) {
        let (start, steps) = std::mem::replace(&mut self.of_line[line as usize], (Door::NONE, 0));
        self.spaces.give(u32::from(start.0), u32::from(steps));
    }

    pub fn of(&self, line: u32, step: usize) -> Door {
        let (start, steps) = self.of_line[line as usize];
        if step < usize::from(steps) { Door(start.0 + step as u16) } else { Door::NONE }
    }

    /// Tells who stands there now.
    pub fn set(&mut self, line: u32, step: usize, key: u64, slot: Slot) {
        let door = usize::from(self.of(line, step).0);
        if door != usize::from(Door::NONE.0) {
            (self.keys[door], self.slots[door]) = (key, slot);
        }
    }

    /// Who ranks first at these doors.
    #[inline]
    pub fn first(&self, posts: &[Post]) -> Seen {
        let (mut least, mut best, mut ties) = (NOBODY, 0, false);
        for (at, post) in posts.iter().enumerate() {
            let key = self.keys[usize::from(post.door.0)];
            // Without branches: which of a seat's lines is the first is anybody's guess.
            ties = (key == least) | (ties & (key > least));
            (least, best) = if key < least { (key, at) } else { (least, best) };
        }
        match least {
            NOBODY => Seen::Nobody,
            UNCLEAR => Seen::Unclear,
            _ if ties => Seen::Unclear,
            _ => {
                let Post { door, winner } = posts[best];
                let door = usize::from(door.0);
                Seen::First { slot: self.slots[door], line: self.lines[door], class: CallRank::class_of(least), winner }
            }
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn posts<const N: usize>(doors: [Door; N]) -> [Post; N] {
        doors.map(|door| Post { door, winner: winner(door) })
    }

    /// That of a door's seat in these tests.
    fn winner(door: Door) -> Code {
        100 * door.0
    }

    #[test]
    fn who_ranks_first_is_seen_at_any_of_several_doors() {
        let mut doors = Doors::default();
        doors.add(0, 2);
        doors.add(1, 3);
        let [a, b, c] = [doors.of(0, 0), doors.of(0, 1), doors.of(1, 2)];
        let all = posts([a, b, c]);
        let first = |slot, line, door| Seen::First { slot, line, class: 0, winner: winner(door) };
        assert_eq!((doors.first(&all), doors.first(&[])), (Seen::Nobody, Seen::Nobody));
        doors.set(1, 2, 9, 5);
        assert_eq!(doors.first(&all), first(5, 1, c));
        doors.set(0, 1, 9, 6);
        assert_eq!(doors.first(&all), Seen::Unclear, "two rank alike");
        doors.set(0, 0, 8, 7);
        assert_eq!(doors.first(&all), first(7, 0, a));
        doors.set(1, 1, 1, 4);
        assert_eq!(doors.first(&all), first(7, 0, a), "another step's");
        assert_eq!(doors.first(&posts([a, Door::NONE])), Seen::Unclear);
    }

    #[test]
    fn a_line_for_which_there_are_no_more_doors_has_none() {
        let mut doors = Doors::default();
        (0..6553).for_each(|line| doors.add(line, 10));
        doors.add(6553, 10);
        doors.set(6553, 9, 1, 1);
        assert_eq!((doors.of(6552, 9), doors.of(6553, 0), doors.of(6553, 9)), (Door(65_531), Door::NONE, Door::NONE));
        doors.remove(6553);
        doors.set(7, 3, 5, 5);
        doors.remove(7);
        doors.add(6553, 10);
        assert_eq!((doors.of(6553, 3), doors.first(&posts([doors.of(6553, 3)]))), (Door(75), Seen::Nobody));
    }
}
