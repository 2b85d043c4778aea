use super::Spread;
use super::chance::{exponential, stream};
use hotline_model::{Intent, Profile, QueueId, SeatId, Timestamp};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use std::time::Duration;

/// Who calls in a day, and how the agents behave.
#[derive(Clone, Debug)]
pub struct Demand {
    /// Decides every random number. A caller comes at the same moment, talks as long and is as patient whatever the rules are:
    /// two sets of rules can be compared on one day.
    pub seed: u64,
    /// Kinds of callers; a class has its own random numbers, by its name.
    pub classes: Vec<CallerClass>,
    /// How agents behave.
    pub agents: AgentHabits,
    /// When agents come, rest and leave, beyond what the plan says of the start.
    pub rota: Vec<Shift>,
}

/// A kind of callers.
#[derive(Clone, Debug)]
pub struct CallerClass {
    /// Its name.
    pub name: String,
    /// Where they wait.
    pub queue: QueueId,
    /// What is known of each.
    pub profile: Profile,
    /// When they come.
    pub arrivals: Arrivals,
    /// How long a conversation lasts.
    pub handling: Spread,
    /// How long they wait before they hang up; `None`: for ever.
    pub patience: Option<Spread>,
}

/// When callers come, counted from the start of the day.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// At random (Poisson), from each moment on so many an hour; moments ascend. Before the first nobody comes.
    Poisson(Vec<(Duration, f64)>),
    /// At these moments, which ascend.
    At(Vec<Duration>),
}

impl Arrivals {
    /// At random, so many an hour all day.
    pub fn per_hour(rate: f64) -> Self {
        Self::Poisson(vec![(Duration::ZERO, rate)])
    }
}

/// How agents behave.
#[derive(Clone, Copy, Debug)]
pub struct AgentHabits {
    /// From the offer to the answer; zero for at once. One that would take longer than the ring goes unanswered.
    pub answer_after: Spread,
    /// Share of offers that nobody answers, 0 to 1. Such a phone rings as long as it may.
    pub unanswered: f64,
    /// How long after an unanswered ring the agent chooses to be ready again.
    pub back_after: Spread,
    /// After how long the agent ends wrap-up; `None`: as long as the plan allows.
    pub wrap_up: Option<Spread>,
}

impl Default for AgentHabits {
    /// Agents who answer each offer at once and use wrap-up to its end.
    fn default() -> Self {
        let at_once = Spread::Fixed(Duration::ZERO);
        Self { answer_after: at_once, unanswered: 0.0, back_after: at_once, wrap_up: None }
    }
}

/// An agent's choice at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Shift {
    /// When, from the start of the day.
    pub at: Duration,
    /// Where.
    pub seat: SeatId,
    /// What the agent chooses.
    pub intent: Intent,
}

/// The callers of one class as they come.
#[derive(Debug)]
pub(super) struct Source {
    arrivals: Arrivals,
    handling: (Spread, ChaCha8Rng),
    patience: Option<(Spread, ChaCha8Rng)>,
    moments: ChaCha8Rng,
    given: usize,
}

impl Source {
    pub fn new(seed: u64, class: &CallerClass) -> Self {
        let numbers = |purpose: &str| stream(seed, &format!("{purpose} of {}", class.name));
        Self {
            arrivals: class.arrivals.clone(),
            handling: (class.handling, numbers("handling")),
            patience: class.patience.map(|patience| (patience, numbers("patience"))),
            moments: numbers("arrivals"),
            given: 0,
        }
    }

    /// When the next caller comes after one at `last`.
    pub fn next(&mut self, last: Timestamp) -> Option<Timestamp> {
        self.given += 1;
        match &self.arrivals {
            Arrivals::At(moments) => moments.get(self.given - 1).map(|moment| Timestamp(0) + *moment),
            Arrivals::Poisson(rates) => next_at_random(rates, last, exponential(&mut self.moments)),
        }
    }

    pub fn handling(&mut self) -> Duration {
        self.handling.0.draw(&mut self.handling.1)
    }

    pub fn patience(&mut self) -> Option<Duration> {
        self.patience.as_mut().map(|(spread, numbers)| spread.draw(numbers))
    }
}

/// The moment after `last` by which `expected` callers come on average.
fn next_at_random(rates: &[(Duration, f64)], last: Timestamp, mut expected: f64) -> Option<Timestamp> {
    let after = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    let mut from = last;
    for (place, (begins, per_hour)) in rates.iter().enumerate() {
        from = from.max(Timestamp(0) + *begins);
        let per_second = per_hour.max(0.0) / 3600.0;
        let Some((ends, _)) = rates.get(place + 1) else {
            return (per_second > 0.0).then(|| from + after(expected / per_second));
        };
        let lasts = (Timestamp(0) + *ends).since(from);
        let within = lasts.as_secs_f64() * per_second;
        if expected < within {
            return Some(from + after(expected / per_second));
        }
        expected -= within;
        from = from + lasts;
    }
    None
}

/// The agents as they react to offers.
#[derive(Debug)]
pub(super) struct Agents {
    habits: AgentHabits,
    numbers: ChaCha8Rng,
}

impl Agents {
    pub fn new(seed: u64, habits: AgentHabits) -> Self {
        Self { habits, numbers: stream(seed, "agents") }
    }

    /// After how long the agent answers; `None` if not within the ring.
    pub fn answer(&mut self, ring: Duration) -> Option<Duration> {
        let missed = self.habits.unanswered > 0.0 && self.numbers.random::<f64>() < self.habits.unanswered;
        let after = self.habits.answer_after.draw(&mut self.numbers);
        (!missed && after < ring).then_some(after)
    }

    pub fn back_after(&mut self) -> Duration {
        self.habits.back_after.draw(&mut self.numbers)
    }

    pub fn wrap_up(&mut self) -> Option<Duration> {
        self.habits.wrap_up.map(|spread| spread.draw(&mut self.numbers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::LanguageId;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn source(arrivals: Arrivals) -> Source {
        let class = CallerClass {
            name: "class".into(),
            queue: QueueId(0),
            profile: Profile::unknown(LanguageId(0)),
            arrivals,
            handling: Spread::exponential(60.0),
            patience: None,
        };
        Source::new(3, &class)
    }

    fn moments(mut source: Source, until: Duration) -> Vec<Timestamp> {
        let mut last = Timestamp(0);
        let mut moments = Vec::new();
        while let Some(moment) = source.next(last).filter(|moment| *moment < Timestamp(0) + until) {
            moments.push(moment);
            last = moment;
        }
        moments
    }

    #[test]
    fn listed_callers_come_when_they_are_listed() {
        let listed = source(Arrivals::At(vec![seconds(1), seconds(5)]));
        assert_eq!(moments(listed, seconds(100)), [Timestamp(1_000_000), Timestamp(5_000_000)]);
    }

    #[test]
    fn callers_come_as_often_as_each_interval_says() {
        let rates = vec![(seconds(3600), 3600.0), (seconds(36_000), 0.0), (seconds(72_000), 36_000.0)];
        let all = moments(source(Arrivals::Poisson(rates)), seconds(75_600));
        let within = |from: u64, to: u64| {
            let from_to = Timestamp(0) + seconds(from)..Timestamp(0) + seconds(to);
            all.iter().filter(|moment| from_to.contains(moment)).count()
        };
        assert_eq!(within(0, 3600), 0);
        assert!(within(3600, 36_000).abs_diff(32_400) < 600, "{}", within(3600, 36_000));
        assert_eq!(within(36_000, 72_000), 0);
        assert!(within(72_000, 75_600).abs_diff(36_000) < 600, "{}", within(72_000, 75_600));
    }

    #[test]
    fn nobody_comes_after_the_last_interval_if_its_rate_is_zero() {
        let mut ending = source(Arrivals::Poisson(vec![(Duration::ZERO, 1.0), (seconds(1), 0.0)]));
        assert_eq!(ending.next(Timestamp(2_000_000)), None);
    }

    #[test]
    fn an_agent_who_would_take_longer_than_the_ring_does_not_answer() {
        let slow = AgentHabits { answer_after: Spread::Fixed(seconds(8)), ..AgentHabits::default() };
        let mut agents = Agents::new(1, slow);
        assert_eq!(agents.answer(seconds(8)), None);
        assert_eq!(agents.answer(seconds(9)), Some(seconds(8)));
    }

    #[test]
    fn as_many_offers_go_unanswered_as_the_habits_say() {
        let mut agents = Agents::new(1, AgentHabits { unanswered: 0.03, ..AgentHabits::default() });
        let missed = (0..100_000).filter(|_| agents.answer(seconds(10)).is_none()).count();
        assert!(missed.abs_diff(3000) < 170, "{missed}");
    }
}
