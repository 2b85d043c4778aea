use crate::Router;
use crate::calls::{Call, Phase};
use crate::line::{Line, MAX_STEPS};
use crate::rates::Queue;
use hotline_model::history::{ForetoldWait, Untold};
use hotline_model::{CallId, Priority, QueueId, SeatId, Timestamp};
use hotline_rules::spoken::WAITS;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a waiting call waits on until a person answers: of ten such calls, one is expected below the interval and one above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedWait {
    /// How many rank before it in its queue.
    pub ahead: u32,
    /// The seats that may serve it and take calls.
    pub seats: u32,
    /// The lower end of the interval, the quantile of 10 %.
    pub low: Duration,
    /// The mean.
    pub likely: Duration,
    /// The upper end of the interval, the quantile of 90 %.
    pub high: Duration,
}

impl ExpectedWait {
    /// The minutes to announce: the mean, which is above the median, rounded up to 1, 2, 3, 5, 10, 15, 20 or 30; 0, "less than one
    /// minute", if nine in ten are.
    ///
    /// # Errors
    /// It is too long, or the interval too wide, for a single figure to be honest.
    pub fn minutes(&self) -> Result<u16, Untold> {
        let seconds = |minutes: u16| Duration::from_secs(u64::from(minutes) * 60);
        if self.high < seconds(1) {
            return Ok(0);
        }
        let minutes = WAITS.into_iter().find(|said| self.likely <= seconds(*said)).ok_or(Untold::TooLong)?;
        if self.high > 2 * seconds(minutes) { Err(Untold::TooWide) } else { Ok(minutes) }
    }

    /// What is announced, as the history keeps it.
    ///
    /// # Errors
    /// As for [`ExpectedWait::minutes`].
    pub fn foretold(&self) -> Result<ForetoldWait, Untold> {
        let ms = |time: Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        Ok(ForetoldWait { minutes: self.minutes()?, low_ms: ms(self.low), likely_ms: ms(self.likely), high_ms: ms(self.high) })
    }

    fn at_most(self, most: Duration) -> Self {
        Self { low: self.low.min(most), likely: self.likely.min(most), high: self.high.min(most), ..self }
    }
}

/// Answers of waiting calls that must stand behind a rate: with fewer it may be wrong by more than half (two standard errors).
const LEAST_ANSWERS: f64 = 10.0;

impl Router {
    /// How long a waiting call waits on, if that can be told honestly; `None` if it doesn't wait (a seat rings, or it is gone).
    pub fn expected_wait(&self, call: CallId, now: Timestamp) -> Option<Result<ExpectedWait, Untold>> {
        let call = self.calls.get(self.calls.slot(call)?)?;
        let Phase::Waiting { home, .. } = call.phase else { return None };
        Some(self.wait_in(call, home, now))
    }

    /// How long the next ordinary caller of a queue would wait; not at all while a seat is ready.
    ///
    /// # Errors
    /// It can't be told honestly.
    pub fn expected_wait_of_next(&self, queue: QueueId, now: Timestamp) -> Result<ExpectedWait, Untold> {
        let facts = self.rates.queue(queue).ok_or(Untold::TooFew)?;
        let staff = self.rates.staff(queue).ok_or(Untold::TooFew)?;
        let calls = self.waiting(queue);
        if calls == 0 && self.serves_at_once(queue, staff) {
            let none = Duration::ZERO;
            return Ok(ExpectedWait { ahead: 0, seats: facts.seats, low: none, likely: none, high: none });
        }
        let priority = self.plan.queue(queue).priority.unwrap_or(Priority::Ordinary);
        let passing = facts.passing(priority, false);
        Ahead { calls, of_line: calls, passing, ..known(facts, facts.seats, now)? }.wait()
    }

    fn wait_in(&self, call: &Call, home: u32, now: Timestamp) -> Result<ExpectedWait, Untold> {
        let queue = call.key.queue;
        let facts = self.rates.queue(queue).ok_or(Untold::TooFew)?;
        let takes = || self.lines.at(home).members().filter(|(_, seat)| self.table.word(*seat).takes_calls()).count() as u32;
        let seats = if call.key.is_plain() || call.waits_for_own() { facts.seats } else { takes() };
        let rates = known(facts, seats, now)?;
        let of_line = self.lines.before_in(home, call.rank(), usize::MAX);
        let passing = facts.passing(call.aged, call.breached);
        let wait = Ahead { calls: self.ahead(call, usize::MAX), of_line, passing, ..rates }.wait()?;
        Ok(match self.opens_for(home, of_line, now.since(call.since)) {
            Some(opens) => wait.at_most(opens + Duration::try_from_secs_f64(rates.ring).unwrap_or_default()),
            None => wait,
        })
    }

    /// In how long seats that are ready are open to each call of the line up to this one: those of a later step or tier, of the reserve.
    fn opens_for(&self, number: u32, before: usize, waited: Duration) -> Option<Duration> {
        if self.lines.ready(number, MAX_STEPS - 1) as usize <= before {
            return None;
        }
        let mut opens: Vec<Duration> = self.openings_of_ready(self.lines.at(number)).collect();
        opens.sort_unstable();
        opens.get(before).map(|opens| opens.saturating_sub(waited))
    }

    /// From which waiting time on each ready seat of a line is open.
    fn openings_of_ready<'a>(&'a self, line: &'a Line) -> impl Iterator<Item = Duration> + 'a {
        let ready = line.members().filter(|(_, seat)| self.table.word(*seat).is_ready());
        ready.map(|(place, _)| line.opens(line.bucket(place)))
    }

    /// Whether a caller of the queue who needs nothing else would be offered to a seat at once.
    fn serves_at_once(&self, queue: QueueId, staff: &[SeatId]) -> bool {
        match self.lines.of_queue(queue).map(|line| self.lines.at(line)).find(|line| line.key.is_plain()) {
            Some(line) => self.openings_of_ready(line).any(|opens| opens.is_zero()),
            None => staff.iter().any(|seat| self.table.word(*seat).is_ready()),
        }
    }
}

/// What is known of a queue, for a line of so many seats; no calls yet.
fn known(facts: &Queue, seats: u32, now: Timestamp) -> Result<Ahead, Untold> {
    if seats == 0 || facts.seats == 0 {
        return Err(Untold::NobodySignedIn);
    }
    let answers = facts.answers();
    let per_seat = facts.per_seat().filter(|_| answers >= LEAST_ANSWERS).ok_or(Untold::TooFew)?;
    if facts.seats_changed(now) {
        return Err(Untold::SeatsChanged);
    }
    Ok(Ahead {
        calls: 0,
        of_line: 0,
        seats: facts.seats,
        line_seats: seats.min(facts.seats),
        per_seat,
        passing: 0.0,
        leaving: facts.leaving(),
        answers,
        handling: facts.handling(),
        ring: facts.ring(),
    })
}

/// The line before a call as the estimate sees it. Rates are per second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ahead {
    /// Calls that rank before it in the queue.
    pub calls: usize,
    /// Of these, those of its own line.
    pub of_line: usize,
    /// Seats of the queue, and of its line.
    pub seats: u32,
    pub line_seats: u32,
    /// Waiting calls that a seat of the queue takes.
    pub per_seat: f64,
    /// Calls that come and go first.
    pub passing: f64,
    /// Hang-ups per waiting caller.
    pub leaving: f64,
    /// How many answers stand behind `per_seat`.
    pub answers: f64,
    /// A conversation with its wrap-up: mean in seconds, relative variance.
    pub handling: (f64, f64),
    /// Mean time from an offer to its answer, in seconds.
    pub ring: f64,
}

/// The quantile of 90 % of the standard normal distribution.
const TENTH: f64 = 1.281_551_565_545;
/// Rates of the next minutes differ from those of the last by so much (a relative variance).
const DRIFT: f64 = 0.01;
/// Calls ahead are gone through in at most so many parts.
const PARTS: usize = 64;

impl Ahead {
    /// Each departure takes an exponential time, at a rate that those who hang up raise and those who pass lower; the sum is taken as a
    /// gamma distribution of the same mean and variance. Whoever passes lengthens what is left of the line as a busy period does.
    pub fn wait(&self) -> Result<ExpectedWait, Untold> {
        let (queue, line) = (self.per_seat * f64::from(self.seats), self.per_seat * f64::from(self.line_seats));
        if self.passing > queue / 2.0 {
            return Err(Untold::OthersFirst);
        }
        let kept = 1.0 - self.passing / queue;
        let before = [(self.calls, queue * kept), (self.of_line, line * kept)].map(|(calls, rate)| self.sum(calls, rate));
        let [queue_sum, line_sum] = before;
        let (mean, variance) = if queue_sum.0 >= line_sum.0 { queue_sum } else { line_sum };
        let own = 1.0 / (line * kept);
        let (mean, variance) = (mean + own, variance + own * own);
        let spread = variance * self.dispersion(mean) * (2.0 - kept) / kept / (mean * mean) + 1.0 / self.answers + DRIFT;
        let seconds = |seconds: f64| Duration::try_from_secs_f64((seconds + self.ring).max(0.0)).unwrap_or(Duration::MAX);
        Ok(ExpectedWait {
            ahead: u32::try_from(self.calls).unwrap_or(u32::MAX),
            seats: self.line_seats,
            low: seconds(quantile(mean, spread, -TENTH)),
            likely: seconds(mean),
            high: seconds(quantile(mean, spread, TENTH)),
        })
    }

    /// How much more or less departures vary within a time than those of a Poisson process, 1 for as much. A seat's own varies like that
    /// in a short time and as conversations do in a long one; the share of them that is this queue's is drawn from it.
    fn dispersion(&self, time: f64) -> f64 {
        let (mean, relative) = self.handling;
        if mean <= 0.0 {
            return 1.0;
        }
        let (cycles, excess) = (time / (mean + self.ring), relative - 1.0);
        let own = excess * cycles / (cycles + if excess < 0.0 { -excess } else { 1.0 });
        1.0 + own * (self.per_seat * mean).min(1.0)
    }

    /// Mean and variance of the time until so many calls are gone.
    fn sum(&self, calls: usize, rate: f64) -> (f64, f64) {
        let part = calls.div_ceil(PARTS).max(1);
        let (mut mean, mut variance, mut left) = (0.0, 0.0, calls);
        while left > 0 {
            let now = left.min(part);
            let (many, middle) = (now as f64, left as f64 - (now as f64 - 1.0) / 2.0);
            let each = 1.0 / (rate + middle * self.leaving);
            mean += many * each;
            variance += many * each * each;
            left -= now;
        }
        (mean, variance)
    }
}

/// A quantile of the gamma distribution with this mean and relative variance, by the cube of Wilson and Hilferty (1931): within 7 % of
/// the mean up to a relative variance of 1, where it is the exponential.
fn quantile(mean: f64, spread: f64, normal: f64) -> f64 {
    let ninth = spread / 9.0;
    let root = (1.0 - ninth + normal * ninth.sqrt()).max(0.0);
    mean * root * root * root
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn ahead(calls: usize) -> Ahead {
        let rates = Ahead {
            calls,
            of_line: calls,
            seats: 10,
            line_seats: 10,
            per_seat: 0.005,
            passing: 0.0,
            leaving: 0.0,
            answers: 1e9,
            handling: (0.0, 1.0),
            ring: 0.0,
        };
        Ahead { ..rates }
    }

    fn seconds(ahead: Ahead) -> [f64; 3] {
        let wait = ahead.wait().expect("it can be told");
        [wait.low, wait.likely, wait.high].map(|time| time.as_secs_f64())
    }

    #[test]
    fn the_interval_is_that_of_the_erlang_distribution() {
        // Quantiles of 10 % and 90 % of the sum of k exponential times of mean 1, from tables.
        for (calls, low, high) in [(0, 0.105, 2.303), (1, 0.5318, 3.8897), (4, 2.4326, 7.9936), (19, 14.525, 25.903)] {
            let [told_low, likely, told_high] = seconds(ahead(calls)).map(|time| time / 20.0);
            assert!((likely - (calls as f64 + 1.0)).abs() < 1e-6);
            // The drift widens it a little.
            assert!((told_low - low).abs() < 0.05 * likely && (told_high - high).abs() < 0.05 * likely, "{calls}: {told_low} {told_high}");
        }
    }

    #[test]
    fn a_long_line_is_gone_through_in_parts_with_the_same_sum() {
        for leaving in [0.0, 0.002] {
            let line = Ahead { leaving, ..ahead(5000) };
            let exact: f64 = (1..=5000u32).map(|left| 1.0 / (0.05 + f64::from(left) * leaving)).sum();
            let (told, _) = line.sum(5000, 0.05);
            assert!((told - exact).abs() < 0.02 * exact, "{told} {exact}");
        }
    }

    #[test]
    fn passing_calls_lengthen_and_widen_as_a_busy_period_does() {
        let [low, calm, high] = seconds(ahead(4));
        let [passed_low, passed, passed_high] = seconds(Ahead { passing: 0.0125, ..ahead(4) });
        assert!((passed - calm / 0.75).abs() < 1e-6);
        assert!(passed_high / passed_low > high / low);
        assert_eq!(Ahead { passing: 0.026, ..ahead(4) }.wait(), Err(Untold::OthersFirst));
    }

    #[test]
    fn even_conversations_narrow_the_interval_of_a_long_wait_and_uneven_ones_widen_it() {
        let width = |handling| {
            let [low, _, high] = seconds(Ahead { handling, ..ahead(30) });
            high - low
        };
        let (even, exponential, uneven) = (width((180.0, 0.3)), width((180.0, 1.0)), width((180.0, 3.0)));
        assert!(even < 0.95 * exponential && exponential < 0.95 * uneven, "{even} {exponential} {uneven}");
    }

    #[test]
    fn few_answers_widen_the_interval() {
        let width = |answers| {
            let [low, _, high] = seconds(Ahead { answers, ..ahead(9) });
            high - low
        };
        assert!(width(10.0) > 1.2 * width(1000.0));
    }
}
