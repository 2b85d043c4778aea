//! Wrong PINs cost time: after three of a seat, or from a telephone, none is looked at for a while, and longer each time.

use hotline_model::{Name, Timestamp};
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

/// Who tried, or was tried.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Suspect {
    Seat(Name),
    Phone(Name),
}

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

    /// The right one: all is forgiven.
    pub fn right(&mut self, suspects: &[Suspect]) {
        for suspect in suspects {
            self.0.remove(suspect);
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
    fn old_mistakes_are_forgotten() {
        let mut guard = PinGuard::default();
        let seat = [Suspect::Seat("1001".into())];
        assert_eq!((guard.wrong(at(0), &seat), guard.wrong(at(1), &seat)), (None, None));
        assert_eq!(guard.wrong(at(2_000), &seat), None);
    }
}
