//! The plan of a demonstration, without sockets: who calls when and presses what, and what came of it.

use crate::caller::CallerCall;
use crate::expect::{self, Finding, Limits};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use std::fmt;
use std::time::Duration;

/// Findings kept word for word; more are only counted.
const FINDINGS: usize = 50;

/// What a caller wants: the keys that lead there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// Its name on screen.
    pub name: &'static str,
    /// Keys, each this long after the pick-up.
    pub keys: Vec<(Duration, char)>,
}

/// Enquiry, fault, complaint, billing, a person at once, and an enquiry in English, by the shipped menus.
pub fn stories() -> Vec<Story> {
    let key = |ms: u64, key: char| (Duration::from_millis(ms), key);
    vec![
        Story { name: "enquiry", keys: vec![key(2500, '1')] },
        Story { name: "fault", keys: vec![key(1500, '2'), key(4000, '1')] },
        Story { name: "complaint", keys: vec![key(2000, '3')] },
        Story { name: "billing", keys: vec![key(3000, '4')] },
        Story { name: "human", keys: vec![key(1000, '0')] },
        Story { name: "English", keys: vec![key(2000, '9'), key(5000, '1')] },
    ]
}

/// How much is going on.
#[derive(Clone, Debug)]
pub struct Load {
    /// Calls in a minute, on average; at least one in ten minutes is made of less.
    pub per_minute: f64,
    /// How many in all; `None` for ever.
    pub calls: Option<u32>,
    /// Shortest and longest talk with an agent.
    pub talk: (Duration, Duration),
    /// What callers want, in turn; [`stories`] if empty.
    pub stories: Vec<Story>,
    /// Seed of everything random.
    pub seed: u64,
}

/// One call to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Its count, from 0.
    pub count: u32,
    /// When, since the beginning.
    pub at: Duration,
    /// The caller's number: mobile or fixed, of different regions.
    pub number: String,
    /// What the caller wants.
    pub story: Story,
    /// How long to talk.
    pub talk: Duration,
    /// The caller's seed.
    pub seed: [u8; 32],
}

/// Plans calls one by one.
#[derive(Debug)]
pub struct Planner {
    load: Load,
    random: ChaCha8Rng,
    count: u32,
    at: Duration,
}

const AREAS: [&str; 6] = ["021", "010", "0571", "138", "139", "0755"];

impl Planner {
    /// The first call comes after half a second.
    pub fn new(mut load: Load) -> Self {
        if load.stories.is_empty() {
            load.stories = stories();
        }
        let random = ChaCha8Rng::seed_from_u64(load.seed);
        Self { load, random, count: 0, at: Duration::from_millis(500) }
    }

    fn next_gap(&mut self) -> Duration {
        let mean = 60.0 / if self.load.per_minute >= 0.1 { self.load.per_minute } else { 0.1 };
        Duration::from_secs_f64(mean * self.random.random_range(0.5..1.5))
    }
}

impl Iterator for Planner {
    type Item = Planned;

    fn next(&mut self) -> Option<Planned> {
        if self.load.calls.is_some_and(|calls| self.count >= calls) {
            return None;
        }
        let (count, at) = (self.count, self.at);
        self.count = self.count.checked_add(1)?;
        self.at = at.saturating_add(self.next_gap());
        let area = AREAS[self.random.random_range(0..AREAS.len())];
        let number = format!("{area}{:08}", self.random.random_range(10_000_000..100_000_000u32));
        let (shortest, longest) = self.load.talk;
        let talk = shortest + longest.saturating_sub(shortest).mul_f64(self.random.random::<f64>());
        let story = self.load.stories[count as usize % self.load.stories.len()].clone();
        Some(Planned { count, at, number, story, talk, seed: self.random.random() })
    }
}

/// What came of the calls so far.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Calls that are over.
    pub calls: u32,
    /// Of them, picked up within the limit (R2).
    pub picked_up_in_time: u32,
    /// Of them, with an agent's voice heard.
    pub heard_agent: u32,
    /// Of them, within the limit (R5).
    pub answered_in_time: u32,
    /// Calls that agents answered and that are over.
    pub agent_calls: u32,
    /// Of them, with a caller's voice heard.
    pub heard_caller: u32,
    /// Calls not made because too many were under way.
    pub skipped: u32,
    /// The longest time from INVITE to 200.
    pub worst_pickup: Duration,
    /// The longest time to an agent's voice.
    pub worst_answer: Duration,
    /// What was wrong, the first ones.
    pub findings: Vec<String>,
    /// How many things were wrong.
    pub wrong: u32,
}

impl Summary {
    /// Takes a caller's call in; what was wrong with it.
    pub fn caller(&mut self, story: &str, call: &CallerCall, limits: &Limits) -> Vec<Finding> {
        let findings = expect::of_caller(call, limits);
        self.calls += 1;
        let within = |time: Option<Duration>, limit| u32::from(time.is_some_and(|time| time <= limit));
        self.picked_up_in_time += within(call.pickup_time(), limits.pickup);
        self.answered_in_time += within(call.answer_time(), limits.answer);
        self.heard_agent += u32::from(call.bridged.is_some());
        self.worst_pickup = self.worst_pickup.max(call.pickup_time().unwrap_or_default());
        self.worst_answer = self.worst_answer.max(call.answer_time().unwrap_or_default());
        self.note(&format!("caller ({story})"), &findings);
        findings
    }

    /// Takes a call that an agent answered in, with what [`expect::of_agent`] found (a long search, so not done here).
    pub fn agent(&mut self, seat: &str, findings: &[Finding]) {
        self.agent_calls += 1;
        self.heard_caller += u32::from(!findings.contains(&Finding::CallerUnheard));
        self.note(&format!("agent {seat}"), findings);
    }

    /// Takes in that somebody's phone failed, for no fault of the hotline's perhaps, but nothing was proved by it.
    pub fn broken(&mut self, who: &str, why: &str) {
        self.remember(format!("{who}: {why}"));
    }

    /// Whether everything was as it should be, and anything was at all.
    pub fn is_clean(&self) -> bool {
        self.calls > 0 && self.wrong == 0 && self.skipped == 0
    }

    fn note(&mut self, who: &str, findings: &[Finding]) {
        findings.iter().for_each(|finding| self.remember(format!("{who}: {finding}")));
    }

    fn remember(&mut self, finding: String) {
        self.wrong = self.wrong.saturating_add(1);
        if self.findings.len() < FINDINGS {
            self.findings.push(finding);
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, picked_up_in_time, heard_agent, answered_in_time, agent_calls, heard_caller, .. } = self;
        let (pickup, answer) = (self.worst_pickup.as_secs_f64(), self.worst_answer.as_secs_f64());
        writeln!(f, "{calls} calls: {picked_up_in_time} picked up in time (longest {pickup:.2} s, R2)")?;
        writeln!(f, "{answered_in_time} with an agent in time (longest {answer:.1} s, R5), {heard_agent} heard the agent")?;
        write!(f, "{heard_caller} of {agent_calls} agents' calls heard the caller; {} findings", self.wrong)?;
        if self.skipped > 0 {
            write!(f, "; {} calls not made, too many at once", self.skipped)?;
        }
        self.findings.iter().try_for_each(|finding| write!(f, "\n  {finding}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(per_minute: f64, calls: Option<u32>) -> Load {
        Load { per_minute, calls, talk: (Duration::from_secs(5), Duration::from_secs(15)), stories: Vec::new(), seed: 7 }
    }

    #[test]
    fn calls_come_at_the_asked_rate_and_tell_every_story() {
        let planned: Vec<Planned> = Planner::new(load(60.0, Some(600))).collect();
        let last = planned.last().unwrap();
        assert!((570..630).contains(&last.at.as_secs()), "{:?}", last.at);
        for story in stories() {
            assert_eq!(planned.iter().filter(|call| call.story == story).count(), 100);
        }
        assert!(planned.iter().all(|call| (5..=15).contains(&call.talk.as_secs()) && call.number.len() >= 11));
    }

    #[test]
    fn one_seed_makes_one_plan() {
        let plan = |seed| Planner::new(Load { seed, ..load(6.0, Some(20)) }).collect::<Vec<_>>();
        assert_eq!(plan(1), plan(1));
        assert_ne!(plan(1), plan(2));
    }

    #[test]
    fn a_senseless_rate_still_makes_a_plan() {
        for rate in [0.0, -1.0, f64::NAN] {
            let planned: Vec<Planned> = Planner::new(load(rate, Some(2))).collect();
            assert!(planned[1].at <= Duration::from_secs(901), "{rate}");
        }
    }

    #[test]
    fn nothing_at_all_is_not_clean() {
        assert!(!Summary::default().is_clean());
    }
}
