use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::{Add, Sub};
use std::time::Duration;

/// A monotonic instant in microseconds since the engine's own zero; only differences mean anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

/// Wall-clock time in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WallTime(pub i64);

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl Timestamp {
    /// The time from `earlier` to `self`, zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// This instant as wall time, given wall minus monotonic in microseconds.
    pub fn to_wall(self, offset: i64) -> WallTime {
        WallTime(self.0.saturating_add(offset))
    }
}

impl WallTime {
    /// The time from `earlier` to `self`, zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// This wall time as an instant, given wall minus monotonic in microseconds.
    pub fn to_monotonic(self, offset: i64) -> Timestamp {
        Timestamp(self.0.saturating_sub(offset))
    }
}

impl Add<Duration> for WallTime {
    type Output = Self;
    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(micros(rhs)))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(micros(rhs)))
    }
}

impl Sub<Duration> for WallTime {
    type Output = Self;
    fn sub(self, rhs: Duration) -> Self {
        Self(self.0.saturating_sub(micros(rhs)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, rhs: Duration) -> Self {
        Self(self.0.saturating_sub(micros(rhs)))
    }
}

/// The handle of one pending deadline, needed to cancel it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    at: Timestamp,
    order: u64,
}

impl Deadline {
    /// When it is due.
    pub fn at(self) -> Timestamp {
        self.at
    }
}

/// Pending deadlines in order of time, equal times in order of setting.
#[derive(Debug)]
pub struct Deadlines<K> {
    pending: BTreeMap<Deadline, K>,
    next: u64,
}

impl<K> Default for Deadlines<K> {
    fn default() -> Self {
        Self { pending: BTreeMap::new(), next: 0 }
    }
}

impl<K> Deadlines<K> {
    /// Sets a deadline; it stays until it is taken or cancelled.
    pub fn set(&mut self, at: Timestamp, key: K) -> Deadline {
        let deadline = Deadline { at, order: self.next };
        self.next += 1;
        self.pending.insert(deadline, key);
        deadline
    }

    /// Cancels a deadline and gives its key back; `None` if it was taken already.
    pub fn cancel(&mut self, deadline: Deadline) -> Option<K> {
        self.pending.remove(&deadline)
    }

    /// The earliest pending time.
    pub fn next(&self) -> Option<Timestamp> {
        self.pending.first_key_value().map(|(deadline, _)| deadline.at)
    }

    /// Takes the earliest deadline that is due at `now`.
    pub fn take_due(&mut self, now: Timestamp) -> Option<K> {
        let entry = self.pending.first_entry()?;
        (entry.key().at <= now).then(|| entry.remove())
    }

    /// How many are pending.
    pub fn len(&self) -> usize {
        self.pending.len()
    }

    /// Whether none is pending.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_come_due_in_order_of_time_and_then_of_setting() {
        let mut deadlines = Deadlines::default();
        deadlines.set(Timestamp(20), "late");
        deadlines.set(Timestamp(10), "first");
        let cancelled = deadlines.set(Timestamp(10), "cancelled");
        deadlines.set(Timestamp(10), "second");
        assert_eq!(deadlines.cancel(cancelled), Some("cancelled"));
        assert_eq!(deadlines.next(), Some(Timestamp(10)));
        assert_eq!(deadlines.take_due(Timestamp(9)), None);
        assert_eq!(deadlines.take_due(Timestamp(15)), Some("first"));
        assert_eq!(deadlines.take_due(Timestamp(15)), Some("second"));
        assert_eq!(deadlines.take_due(Timestamp(15)), None);
        assert_eq!(deadlines.len(), 1);
    }

    #[test]
    fn differences_never_run_backwards() {
        assert_eq!(Timestamp(5).since(Timestamp(9)), Duration::ZERO);
        assert_eq!(WallTime(9).since(WallTime(5)), Duration::from_micros(4));
    }
}
