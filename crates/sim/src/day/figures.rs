use std::ops::AddAssign;
use std::time::Duration;

/// What happened in a span of a day. Calls count in the span in which they are answered, abandoned or refused.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// How long the span is.
    pub span: Duration,
    /// By the place of the class in the demand.
    pub classes: Vec<ClassFigures>,
    /// By [`hotline_model::SeatId`].
    pub seats: Vec<SeatFigures>,
    /// The time that all callers together waited in this span, ringing included: divided by `span`, how many wait on average.
    pub in_line: Duration,
    /// How offers kept to the order of callers and of seats.
    pub order: OrderFigures,
}

/// What happened to a class of callers.
#[derive(Clone, Debug, Default)]
pub struct ClassFigures {
    /// Refused because too many waited.
    pub blocked: u64,
    /// Waits that ended with an answer.
    pub served: Waits,
    /// Waits that ended because the caller hung up.
    pub abandoned: Waits,
}

/// A set of waits. Those of no length are only counted.
#[derive(Clone, Debug, Default)]
pub struct Waits {
    at_once: u64,
    longer: Vec<Duration>,
}

/// What a seat did.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeatFigures {
    /// Ready for an offer.
    pub ready: Duration,
    /// Being offered a call.
    pub offered: Duration,
    /// In a call.
    pub on_call: Duration,
    /// In wrap-up.
    pub wrap_up: Duration,
    /// Signed in, but it can't be offered anything.
    pub not_ready: Duration,
    /// Signed out.
    pub out: Duration,
    /// Calls answered.
    pub answered: u64,
    /// Offers that rang in vain.
    pub refused: u64,
}

/// How offers kept to the order of callers and of seats.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrderFigures {
    /// Offers made.
    pub offers: u64,
    /// Offers of a call while one of the same priority, which the seat might have been offered too, waited longer.
    pub overtaken: u64,
    /// Offers of a call while one of a higher priority, which the seat might have been offered too, waited.
    pub outranked: u64,
    /// What the router counts itself, since it began: offers past a call that its own rule puts first ([`hotline_router::Router::inversions`]).
    pub inversions: u64,
    /// Offers to a seat while another, which might have been offered the call too, was idle longer (to the millisecond).
    pub not_longest_idle: u64,
    /// By how much those seats were idle longer, all together.
    pub idle_passed_over: Duration,
    /// The shortest time that the phone rang of a seat that became not ready for it (RONA), as a share of the ring that it was allowed.
    pub shortest_ring: Option<f64>,
    /// Offers that the router took back by itself.
    pub withdrawn: u64,
    /// Answers that came too late.
    pub late: u64,
}

impl Figures {
    /// All classes together.
    pub fn all(&self) -> ClassFigures {
        let mut all = ClassFigures::default();
        self.classes.iter().for_each(|class| all += class);
        all
    }

    /// How many callers wait on average.
    pub fn mean_in_line(&self) -> f64 {
        self.in_line.as_secs_f64() / self.span.as_secs_f64()
    }

    /// Occupancy of all seats together, 0 to 1.
    pub fn occupancy(&self) -> f64 {
        let sum = |part: fn(&SeatFigures) -> Duration| self.seats.iter().map(part).sum::<Duration>().as_secs_f64();
        sum(SeatFigures::busy) / sum(SeatFigures::signed_in)
    }

    /// Mean and standard deviation of occupancy over the seats that were signed in.
    pub fn occupancy_spread(&self) -> (f64, f64) {
        let shares: Vec<f64> = self.seats.iter().filter_map(SeatFigures::occupancy).collect();
        mean_and_deviation(&shares)
    }

    /// The least and the greatest occupancy of a seat that was signed in.
    pub fn occupancy_range(&self) -> Option<(f64, f64)> {
        let shares = || self.seats.iter().filter_map(SeatFigures::occupancy);
        Some((shares().min_by(f64::total_cmp)?, shares().max_by(f64::total_cmp)?))
    }
}

/// Mean and standard deviation (of a sample); the latter is 0 for less than two.
pub fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (values.len().max(2) - 1) as f64).sqrt())
}

impl ClassFigures {
    /// Callers who came.
    pub fn offered(&self) -> u64 {
        self.blocked + self.entered()
    }

    /// Callers who came and were not refused.
    pub fn entered(&self) -> u64 {
        self.served.count() + self.abandoned.count()
    }

    /// Refused of those who came.
    pub fn share_blocked(&self) -> f64 {
        share(self.blocked, self.offered())
    }

    /// Hung up while they waited, of those who entered.
    pub fn share_abandoned(&self) -> f64 {
        share(self.abandoned.count(), self.entered())
    }

    /// Refused, or hung up while they waited, of those who came.
    pub fn share_lost(&self) -> f64 {
        share(self.blocked + self.abandoned.count(), self.offered())
    }

    /// Not answered at once, of those who entered.
    pub fn share_delayed(&self) -> f64 {
        share(self.served.delayed() + self.abandoned.delayed(), self.entered())
    }

    /// Mean wait in seconds of those who entered, whether they were answered or hung up.
    pub fn mean_wait(&self) -> f64 {
        (self.served.total() + self.abandoned.total()).as_secs_f64() / self.entered().max(1) as f64
    }

    /// Answered within a limit, of those who came.
    pub fn level(&self, limit: Duration) -> f64 {
        share(self.served.within(limit), self.offered())
    }

    /// Answered within a limit, of those who were answered.
    pub fn level_of_served(&self, limit: Duration) -> f64 {
        share(self.served.within(limit), self.served.count())
    }
}

/// Of nothing it is 0.
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

impl AddAssign<&Self> for ClassFigures {
    fn add_assign(&mut self, other: &Self) {
        self.blocked += other.blocked;
        self.served += &other.served;
        self.abandoned += &other.abandoned;
    }
}

impl Waits {
    /// Counts one more.
    pub fn push(&mut self, wait: Duration) {
        if wait.is_zero() {
            self.at_once += 1;
        } else {
            self.longer.push(wait);
        }
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.at_once + self.delayed()
    }

    /// How many longer than nothing.
    pub fn delayed(&self) -> u64 {
        self.longer.len() as u64
    }

    /// How many no longer than a limit.
    pub fn within(&self, limit: Duration) -> u64 {
        self.at_once + self.longer.iter().filter(|wait| **wait <= limit).count() as u64
    }

    /// Their sum.
    pub fn total(&self) -> Duration {
        self.longer.iter().sum()
    }

    /// The wait that a share (0 to 1) of all does not exceed; zero if there is none.
    pub fn quantile(&self, share: f64) -> Duration {
        let rank = (share * self.count() as f64).ceil() as u64;
        let Some(place) = rank.max(1).checked_sub(self.at_once + 1) else { return Duration::ZERO };
        let mut longer = self.longer.clone();
        let last = longer.len().saturating_sub(1);
        if longer.is_empty() { Duration::ZERO } else { *longer.select_nth_unstable((place as usize).min(last)).1 }
    }
}

impl AddAssign<&Self> for Waits {
    fn add_assign(&mut self, other: &Self) {
        self.at_once += other.at_once;
        self.longer.extend(&other.longer);
    }
}

impl SeatFigures {
    /// In a call or in wrap-up.
    pub fn busy(&self) -> Duration {
        self.on_call + self.wrap_up
    }

    /// All time but that signed out.
    pub fn signed_in(&self) -> Duration {
        self.ready + self.offered + self.on_call + self.wrap_up + self.not_ready
    }

    /// Busy time of the time signed in, 0 to 1; `None` if it was never signed in. Ringing is no work, though no leisure either.
    pub fn occupancy(&self) -> Option<f64> {
        let signed_in = self.signed_in().as_secs_f64();
        (signed_in > 0.0).then(|| self.busy().as_secs_f64() / signed_in)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(seconds: &[u64]) -> Waits {
        let mut waits = Waits::default();
        seconds.iter().for_each(|wait| waits.push(Duration::from_secs(*wait)));
        waits
    }

    #[test]
    fn a_quantile_is_the_least_wait_that_the_share_does_not_exceed() {
        let ten = waits(&[0, 0, 0, 0, 9, 3, 7, 5, 1, 2]);
        let quantile = |share| ten.quantile(share).as_secs();
        assert_eq!([0.0, 0.4, 0.5, 0.8, 0.9, 1.0].map(quantile), [0, 0, 1, 5, 7, 9]);
        assert_eq!(waits(&[]).quantile(0.5), Duration::ZERO);
    }

    #[test]
    fn shares_are_of_those_who_came_or_entered_or_were_served() {
        let class = ClassFigures { blocked: 5, served: waits(&[0, 10, 20, 40]), abandoned: waits(&[30]) };
        assert_eq!((class.offered(), class.entered()), (10, 5));
        assert_eq!((class.share_blocked(), class.share_abandoned(), class.share_delayed()), (0.5, 0.2, 0.8));
        assert_eq!(class.mean_wait(), 20.0);
        assert_eq!((class.level(Duration::from_secs(20)), class.level_of_served(Duration::from_secs(20))), (0.3, 0.75));
    }

    #[test]
    fn occupancy_is_busy_time_of_time_signed_in() {
        let seconds = Duration::from_secs;
        let busy =
            SeatFigures { ready: seconds(10), on_call: seconds(60), wrap_up: seconds(20), not_ready: seconds(10), ..Default::default() };
        let idle = SeatFigures { ready: seconds(100), ..Default::default() };
        let absent = SeatFigures { out: seconds(100), ..Default::default() };
        let figures = Figures { seats: vec![busy, idle, absent], ..Default::default() };
        assert_eq!(figures.occupancy(), 0.4);
        let (mean, deviation) = figures.occupancy_spread();
        assert!((mean - 0.4).abs() < 1e-12 && (deviation - 0.32f64.sqrt()).abs() < 1e-12);
        assert_eq!(figures.occupancy_range(), Some((0.0, 0.8)));
    }
}
