//! How long calls are kept, as the rules in force say (`retention.cases`, R130).

use hotline_archive::Cutoff;
use hotline_model::WallTime;
use hotline_rules::Plan;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, SystemTime};

/// The years of the rules in force, for the archiver's thread and that of recordings.
#[derive(Clone, Debug)]
pub struct Years {
    cases: Arc<AtomicU8>,
    recordings: Arc<AtomicU8>,
}

impl Years {
    /// Those of the first rules.
    pub fn of(plan: &Plan) -> Self {
        let kept = plan.settings.retention;
        Self { cases: Arc::new(AtomicU8::new(kept.cases)), recordings: Arc::new(AtomicU8::new(kept.recordings)) }
    }

    /// New rules.
    pub fn follow(&self, plan: &Plan) {
        self.cases.store(plan.settings.retention.cases, Ordering::Relaxed);
        self.recordings.store(plan.settings.retention.recordings, Ordering::Relaxed);
    }

    /// What the archiver asks.
    pub fn cutoff(&self) -> Cutoff {
        let years = Arc::clone(&self.cases);
        Cutoff::new(move || before(jiff::Timestamp::now(), years.load(Ordering::Relaxed)))
    }

    /// Recordings from before this are to go (R129).
    pub fn recordings_before(&self) -> Option<SystemTime> {
        let then = before(jiff::Timestamp::now(), self.recordings.load(Ordering::Relaxed))?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_micros(u64::try_from(then.0).ok()?))
    }
}

/// The same moment so many years before, by the calendar: 29 February becomes the 28th.
fn before(now: jiff::Timestamp, years: u8) -> Option<WallTime> {
    let then = now.to_zoned(jiff::tz::TimeZone::UTC).checked_sub(jiff::Span::new().years(years)).ok()?;
    Some(WallTime(then.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_those_of_the_calendar_r130() {
        let before = |now: &str, years| {
            let time = before(now.parse().unwrap(), years).unwrap();
            jiff::Timestamp::from_microsecond(time.0).unwrap().to_string()
        };
        assert_eq!(before("2026-11-22T13:00:00Z", 5), "2021-11-22T13:00:00Z");
        assert_eq!(before("2028-02-29T00:00:00Z", 5), "2023-02-28T00:00:00Z");
        assert_eq!(before("2026-11-22T13:00:00Z", 99), "1927-11-22T13:00:00Z");
    }
}
