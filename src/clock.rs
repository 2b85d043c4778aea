//! The only place that asks the machine for the time.

use hotline_model::Timestamp;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Monotonic time since the process began, and the wall beside it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    zero: Instant,
    shift: i64,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Self {
        Self { zero: Instant::now(), shift: 0 }
    }

    /// The same, but its wall shows `at` (microseconds since 1970) now: the demo's stated business instant.
    pub fn start_at_wall(at: i64) -> Self {
        let clock = Self::start();
        Self { shift: at - wall_micros(), ..clock }
    }

    /// Monotonic now.
    pub fn now(&self) -> Timestamp {
        Timestamp(i64::try_from(self.zero.elapsed().as_micros()).unwrap_or(i64::MAX))
    }

    /// Wall minus monotonic, in microseconds.
    pub fn wall_offset(&self) -> i64 {
        wall_micros() + self.shift - self.now().0
    }

    /// A monotonic time as the system's instant, for a timer.
    pub fn instant(&self, at: Timestamp) -> Instant {
        self.zero + Duration::from_micros(u64::try_from(at.0).unwrap_or(0))
    }
}

fn wall_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
