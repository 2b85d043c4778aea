use crate::Word;
use hotline_model::history::DecidingKey;
use hotline_model::{Activity, Intent, Timestamp};
use hotline_rules::Key;
use std::time::Duration;

/// The order of a line's seats of equal rank: up to two dynamic keys, then longest idle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Idle {
    first: Option<Dynamic>,
    second: Option<Dynamic>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dynamic {
    Occupied,
    Slow,
}

/// What was frozen of a seat as it became ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frozen {
    /// Per mille of its signed-in time on calls: 0 to 1000.
    occupied: u16,
    /// 0 to 7 in eighths of a ring.
    slow: u8,
}

/// Bits of a seat's `since`, in ms; the dynamic keys stand above.
const SINCE_BITS: u32 = 40;
const OCCUPIED_BITS: u32 = 10;
const SLOW_BITS: u32 = 3;
const SLOWEST: u64 = (1 << SLOW_BITS) - 1;
const _: () = assert!(SINCE_BITS + OCCUPIED_BITS + SLOW_BITS <= 53, "what ready seats are ordered by has 53 bits");

impl Idle {
    pub fn add(&mut self, key: Key) {
        let dynamic = match key {
            Key::LeastOccupied => Dynamic::Occupied,
            Key::Responsiveness => Dynamic::Slow,
            Key::Owner | Key::Preference | Key::Proficiency | Key::LeastSufficient | Key::Region | Key::CustomerType | Key::LongestIdle => {
                return;
            }
        };
        if self.first.is_none() {
            self.first = Some(dynamic);
        } else if self.first != Some(dynamic) {
            self.second = Some(dynamic);
        }
    }

    pub fn is_dynamic(self) -> bool {
        self.first.is_some()
    }

    /// What a seat goes by, the smaller the better.
    pub fn order(self, since: u64, frozen: Frozen) -> u64 {
        let value = |dynamic: Option<Dynamic>, above: u64| match dynamic {
            None => above,
            Some(Dynamic::Occupied) => above << OCCUPIED_BITS | u64::from(frozen.occupied),
            Some(Dynamic::Slow) => above << SLOW_BITS | u64::from(frozen.slow),
        };
        value(self.second, value(self.first, 0)) << SINCE_BITS | since
    }

    /// What decides between seats of equal rank.
    pub fn key(self) -> DecidingKey {
        match self.first {
            None => DecidingKey::LongestIdle,
            Some(Dynamic::Occupied) => DecidingKey::LeastOccupied,
            Some(Dynamic::Slow) => DecidingKey::Responsiveness,
        }
    }
}

/// What a seat has done since it signed in, and how fast it answers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Work {
    until: Timestamp,
    signed_in: Duration,
    on_calls: Duration,
    /// A moving average of its rings in ms, the latest a quarter of it; `None` before the first.
    ring_ms: Option<u64>,
}

impl Work {
    pub fn new(now: Timestamp) -> Self {
        Self { until: now, ..Self::default() }
    }

    /// Counts the time until `now`, in which the seat was as `before` says; signing in begins anew.
    pub fn pass(&mut self, now: Timestamp, before: Word, after: Word) {
        let (passed, on_call) = (now.since(self.until), before.activity() != Activity::Free);
        self.until = now;
        if before.intent() == Intent::SignedOut && after.intent() != Intent::SignedOut {
            (self.signed_in, self.on_calls) = (Duration::ZERO, Duration::ZERO);
        } else if on_call {
            self.signed_in += passed;
            self.on_calls += passed;
        } else if before.is_present() {
            self.signed_in += passed;
        }
    }

    /// It rang so long until it answered, or in vain.
    pub fn rang(&mut self, ring: Duration) {
        let ring = ring.as_millis() as u64;
        self.ring_ms = Some(self.ring_ms.map_or(ring, |before| (before * 3 + ring) / 4));
    }

    /// As it stands now; a full ring is of the slowest class.
    pub fn frozen(&self, full_ring: Duration) -> Frozen {
        let share = self.on_calls.as_micros() * 1_000 / self.signed_in.as_micros().max(1);
        let class = u128::from(self.ring_ms.unwrap_or(0)) * 8 / full_ring.as_millis().max(1);
        Frozen { occupied: share as u16, slow: class.min(u128::from(SLOWEST)) as u8 }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    const NINE: u64 = 9_000;

    fn idle(keys: &[Key]) -> Idle {
        let mut idle = Idle::default();
        keys.iter().for_each(|key| idle.add(*key));
        idle
    }

    #[test]
    fn dynamic_keys_stand_above_the_idle_time_in_their_order() {
        let (busy, slow) = (Frozen { occupied: 900, slow: 1 }, Frozen { occupied: 100, slow: 6 });
        let longest = (1 << SINCE_BITS) - 1;
        assert_eq!(idle(&[]).order(NINE, busy), NINE, "longest idle alone is the time");
        assert!(idle(&[Key::LeastOccupied]).order(longest, slow) < idle(&[Key::LeastOccupied]).order(0, busy));
        assert!(idle(&[Key::Responsiveness]).order(longest, busy) < idle(&[Key::Responsiveness]).order(0, slow));
        let both = idle(&[Key::LeastOccupied, Key::Responsiveness, Key::LeastOccupied]);
        let (fast, same) = (Frozen { slow: 0, ..slow }, both.order(NINE, slow));
        assert!(both.order(longest, fast) < same && same < both.order(0, busy));
        let most = Frozen { occupied: 1_000, slow: 7 };
        assert!(both.order(longest, most) < 1 << 53, "it fits beside three bits of a place and eight of a node");
    }

    #[test]
    fn the_share_on_calls_counts_signed_in_time_and_begins_anew_with_signing_in() {
        let at = |seconds: i64| Timestamp(seconds * 1_000_000);
        let free = Word::OUT.with_intent(Intent::Available).with_reachable(true);
        let (busy, gone) = (free.with_activity(Activity::OnCall), free.with_reachable(false));
        let mut work = Work::new(at(0));
        work.pass(at(30), free, busy);
        work.pass(at(40), busy, gone);
        assert_eq!(work.frozen(Duration::from_secs(10)).occupied, 250);
        work.pass(at(1_000), gone, free);
        assert_eq!(work.frozen(Duration::from_secs(10)).occupied, 250, "a phone that is gone is not signed in");
        work.pass(at(1_010), free.with_intent(Intent::SignedOut), free);
        assert_eq!(work.frozen(Duration::from_secs(10)), Frozen::default());
    }

    #[test]
    fn answer_speed_is_a_class_of_eighths_of_a_ring_r40() {
        let (ring, mut work) = (Duration::from_secs(8), Work::default());
        assert_eq!(work.frozen(ring).slow, 0, "of whom nothing is known counts as fast");
        let mut classes = Vec::new();
        for seconds in [2, 8, 8, 8, 0, 0] {
            work.rang(Duration::from_secs(seconds));
            classes.push(work.frozen(ring).slow);
        }
        assert_eq!(classes, [2, 3, 4, 5, 4, 3]);
        (0..40).for_each(|_| work.rang(ring));
        assert_eq!(work.frozen(ring).slow, 7);
    }
}
