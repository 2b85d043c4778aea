use hotline_model::history::ForetoldWait;
use std::time::Duration;

/// Announced waits against what came true, of calls that were answered. Bounded: counts only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calibration {
    /// Calls that were answered after an announcement.
    pub answered: u64,
    /// Of these, those answered within the interval: four in five, if it is right.
    pub inside: u64,
    /// Those answered before it.
    pub before: u64,
    /// Those answered after the time that was announced.
    pub later: u64,
    errors: [u64; ERRORS.len() + 1],
}

/// Bounds in seconds between which errors are counted.
const ERRORS: [u64; 13] = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200];

impl Calibration {
    /// A call that had heard of a wait was answered so long after.
    pub fn count(&mut self, told: &ForetoldWait, waited: Duration) {
        let [low, high] = [told.low_ms, told.high_ms].map(|ms| Duration::from_millis(u64::from(ms)));
        let announced = Duration::from_secs(60 * u64::from(told.minutes.max(1)));
        self.answered += 1;
        self.inside += u64::from((low..=high).contains(&waited));
        self.before += u64::from(waited < low);
        self.later += u64::from(waited > announced);
        let error = waited.abs_diff(announced);
        self.errors[ERRORS.partition_point(|bound| Duration::from_secs(*bound) < error)] += 1;
    }

    /// The share of calls answered within the interval, 0 to 1.
    pub fn share_inside(&self) -> Option<f64> {
        self.share(self.inside)
    }

    /// The share of calls answered later than announced, 0 to 1.
    pub fn share_later(&self) -> Option<f64> {
        self.share(self.later)
    }

    /// Between announced and real time, half the calls differ by no more than this: 5, 10, 15, 20, 30, 45 s, 1, 1.5, 2, 3, 5, 10 or
    /// 20 min. `None` if they differ by more, or there are none.
    pub fn median_error(&self) -> Option<Duration> {
        let half = self.answered.div_ceil(2);
        let mut sum = 0;
        let bound = self.errors.iter().zip(ERRORS).find(|(count, _)| {
            sum += **count;
            sum >= half
        });
        bound.filter(|_| self.answered > 0).map(|(_, bound)| Duration::from_secs(bound))
    }

    fn share(&self, part: u64) -> Option<f64> {
        (self.answered > 0).then(|| part as f64 / self.answered as f64)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn told(minutes: u16, low: u32, high: u32) -> ForetoldWait {
        ForetoldWait { minutes, low_ms: low * 1000, likely_ms: 60_000, high_ms: high * 1000 }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn announced_and_real_waits_are_held_against_each_other_r75() {
        let mut calibration = Calibration::default();
        assert_eq!((calibration.share_inside(), calibration.median_error()), (None, None));
        for waited in [10, 30, 110, 121, 400] {
            calibration.count(&told(2, 20, 200), seconds(waited));
        }
        assert_eq!((calibration.answered, calibration.inside, calibration.before, calibration.later), (5, 3, 1, 2));
        assert_eq!((calibration.share_inside(), calibration.share_later()), (Some(0.6), Some(0.4)));
        assert_eq!(calibration.median_error(), Some(seconds(90)), "1, 10, 90, 110, 280 s");
    }

    #[test]
    fn less_than_a_minute_is_late_after_a_minute() {
        let mut calibration = Calibration::default();
        calibration.count(&told(0, 5, 50), seconds(55));
        calibration.count(&told(0, 5, 50), seconds(61));
        assert_eq!((calibration.later, calibration.inside), (1, 0));
    }

    #[test]
    fn an_error_beyond_all_bounds_has_no_figure() {
        let mut calibration = Calibration::default();
        calibration.count(&told(1, 5, 50), seconds(5000));
        assert_eq!(calibration.median_error(), None);
    }
}
