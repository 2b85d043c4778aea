//! Wrong PINs cost time: after three of a seat, or from a telephone, none is looked at for a while, and longer each time. A restart forgives
//! nothing: each try is journalled before it is answered.

use crate::engine::{Engine, Output};
use hotline_model::{Entry, Suspect, Timestamp, WallTime, WrongPins};
use std::collections::BTreeMap;
use std::time::Duration;

/// Wrong ones in a row that cost nothing.
const FREE: u32 = 2;
/// The first lock; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(30);
/// The longest: somebody who locks a seat out on purpose must not take the shift from it.
const LONGEST: Duration = Duration::from_secs(900);
/// Names remembered; they are seats and telephones of the rules, so this is a second lid only.
const MOST: usize = 40_000;

#[derive(Clone, Copy, Debug, Default)]
struct Tries {
    wrong: u32,
    last: Timestamp,
    until: Timestamp,
}

/// Wrong PINs of late.
#[derive(Debug, Default)]
pub(crate) struct PinGuard(BTreeMap<Suspect, Tries>);

impl PinGuard {
    /// Until when no PIN is looked at, if that is later than now.
    pub fn locked(&self, now: Timestamp, suspects: &[Suspect]) -> Option<Timestamp> {
        suspects.iter().filter_map(|suspect| Some(self.0.get(suspect)?.until)).filter(|until| *until > now).max()
    }

    /// A wrong one; until when both are locked now, if they are.
    pub fn wrong(&mut self, now: Timestamp, suspects: &[Suspect]) -> Option<Timestamp> {
        for suspect in suspects {
            if self.0.len() >= MOST && !self.0.contains_key(suspect) {
                continue;
            }
            let tries = self.0.entry(suspect.clone()).or_default();
            if now.since(tries.last) > LONGEST && tries.until < now {
                tries.wrong = 0;
            }
            tries.wrong = tries.wrong.saturating_add(1);
            tries.last = now;
            if let Some(doublings) = tries.wrong.checked_sub(FREE + 1) {
                tries.until = now + FIRST.saturating_mul(1 << doublings.min(8)).min(LONGEST);
            }
        }
        self.locked(now, suspects)
    }

    /// The right one: all is forgiven. Who had something to be forgiven.
    pub fn right(&mut self, suspects: &[Suspect]) -> Vec<Suspect> {
        suspects.iter().filter(|suspect| self.0.remove(suspect).is_some()).cloned().collect()
    }

    /// What an earlier run counted. A wall clock that was set back locks nobody out for longer than the longest lock.
    pub fn restore(&mut self, now: Timestamp, wall_offset: i64, tries: WrongPins) {
        if tries.wrong == 0 || self.0.len() >= MOST {
            return;
        }
        let (last, until) = (tries.last.to_monotonic(wall_offset), tries.locked_until.to_monotonic(wall_offset));
        self.0.insert(tries.suspect, Tries { wrong: tries.wrong, last: last.min(now), until: until.min(now + LONGEST) });
    }

    fn of(&self, suspect: &Suspect, now: WallTime, wall_offset: i64) -> WrongPins {
        let suspect = suspect.clone();
        match self.0.get(&suspect) {
            Some(tries) => {
                let (last, until) = (tries.last.to_wall(wall_offset), tries.until.max(tries.last).to_wall(wall_offset));
                WrongPins { suspect, wrong: tries.wrong, last, locked_until: until }
            }
            None => WrongPins { suspect, wrong: 0, last: now, locked_until: now },
        }
    }
}

impl Engine {
    /// Wrong PINs in a row that still count, for the state file.
    pub fn wrong_pins(&self) -> Vec<WrongPins> {
        let (world, now) = (&self.world, self.world.now);
        let counts = |tries: &Tries| tries.until > now || now.since(tries.last) <= LONGEST;
        let suspects = world.pins.0.iter().filter(|(_, tries)| counts(tries)).map(|(suspect, _)| suspect);
        suspects.map(|suspect| world.pins.of(suspect, world.wall(), world.wall_offset)).collect()
    }

    /// Journals what is counted of these now.
    pub(crate) fn record_pins(&mut self, suspects: &[Suspect]) {
        let world = &mut self.world;
        for suspect in suspects {
            let tries = world.pins.of(suspect, world.wall(), world.wall_offset);
            world.outputs.push_back(Output::Journal(Entry::WrongPins(tries)));
        }
        if !suspects.is_empty() {
            world.outputs.push_back(Output::BindingsChanged);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    #[test]
    fn three_wrong_pins_lock_seat_and_phone_for_a_while_that_doubles() {
        let mut guard = PinGuard::default();
        let both = [Suspect::Seat("1001".into()), Suspect::Phone("lobby".into())];
        assert_eq!(guard.wrong(at(0), &both), None);
        assert_eq!(guard.wrong(at(1), &both), None);
        assert_eq!(guard.wrong(at(2), &both), Some(at(32)));
        assert_eq!(guard.locked(at(31), &[Suspect::Seat("1001".into())]), Some(at(32)), "elsewhere too");
        assert_eq!(guard.locked(at(31), &[Suspect::Phone("lobby".into())]), Some(at(32)), "another seat from there too");
        assert_eq!(guard.locked(at(32), &both), None);
        assert_eq!(guard.wrong(at(33), &both), Some(at(93)));
        let last = (0..20).filter_map(|n| guard.wrong(at(1_000 + n), &both)).last();
        assert_eq!(last, Some(at(1_019 + 900)), "never longer than 15 min");
        guard.right(&both);
        assert_eq!(guard.locked(at(1_020), &both), None);
    }

    #[test]
    fn a_later_run_counts_on_and_locks_nobody_out_for_ever_whatever_the_clock_says() {
        const OFFSET: i64 = 7_000_000_000;
        let (mut guard, seat) = (PinGuard::default(), Suspect::Seat("1001".into()));
        for second in 0..3 {
            guard.wrong(at(second), std::slice::from_ref(&seat));
        }
        let saved = guard.of(&seat, WallTime(0), OFFSET);
        let (mut later, boot) = (PinGuard::default(), OFFSET + 10_000_000);
        later.restore(at(0), boot, saved.clone());
        assert_eq!(later.locked(at(0), std::slice::from_ref(&seat)), Some(at(22)), "10 s of the 30 have passed");
        assert_eq!(later.wrong(at(23), std::slice::from_ref(&seat)), Some(at(83)), "the next lock is twice as long");
        let mut behind = PinGuard::default();
        behind.restore(at(0), OFFSET - 86_400_000_000, saved);
        assert_eq!(behind.locked(at(0), std::slice::from_ref(&seat)), Some(at(900)));
        assert_eq!(later.right(&[seat.clone(), Suspect::Phone("lobby".into())]), std::slice::from_ref(&seat));
        assert_eq!(later.of(&seat, WallTime(5), OFFSET).wrong, 0);
    }

    #[test]
    fn old_mistakes_are_forgotten() {
        let mut guard = PinGuard::default();
        let seat = [Suspect::Seat("1001".into())];
        assert_eq!((guard.wrong(at(0), &seat), guard.wrong(at(1), &seat)), (None, None));
        assert_eq!(guard.wrong(at(2_000), &seat), None);
    }
}
