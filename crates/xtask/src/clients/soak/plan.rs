//! Who calls when, how patient they are and how long they talk; which rings nobody answers.

use std::fmt::Write as _;

use anyhow::{Context, Result, bail, ensure};

use super::level::LIMIT_S;
use crate::clients::spread::Spread;

/// The most typical of the first 160: before ideal queues its two hours come to what Erlang-A expects of 110 % of the seats, within 1.5
/// points. Others lie 6 points from it, and 2.6 from what Erlang-A expects of the callers they happen to be (by their standard deviation),
/// whatever the hotline does.
pub const SEED: u64 = 99;
pub const SEATS: usize = 50;
/// What is asked of the seats, of what they can do.
const LOAD: f64 = 1.10;
pub const PATIENCE_S: f64 = 180.0;
/// What fixtures/soak/rules.toml says: the longest ring and the shortest, how long a seat that did not answer is left alone, the wrap-up.
const RING_S: f64 = 8.0;
const RING_MIN_S: f64 = 6.0;
pub const RETRY_S: f64 = 2.0;
pub const WRAP_UP_S: f64 = 2.0;
/// With the ring, the wrap-up and what unanswered rings take, a seat has 50 s of each call.
const TALK_S: f64 = 46.7;
const HANDLING_S: f64 = 50.0;
/// Of the rings, how many nobody answers.
pub const UNANSWERED: f64 = 0.03;
/// Few, as who is served first takes from the others' level what theory, which knows no priorities, does not take.
pub const URGENT: f64 = 0.05;
/// So many come at once at the start: those whom a line in its steady state has in conversation and waiting, so that no time is needed
/// until it is in it: what is left of an exponential time is exponential.
const AT_START: usize = 66;
/// Rings planned for each caller; there are 1.04 or so.
const RINGS_EACH: usize = 2;

/// A caller; times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Caller {
    pub urgent: bool,
    pub comes: f64,
    pub patience: f64,
    pub talk: f64,
}

/// The full ring of an offer to a caller who waited so long, by the ring rule (R5): what the answer clock has left, but neither more than
/// the longest nor less than the shortest; once the clock is breached, the longest.
pub fn full_ring_s(waited_s: f64) -> f64 {
    let left = if waited_s < LIMIT_S { LIMIT_S - waited_s } else { RING_S };
    RING_S.min(left.max(RING_MIN_S))
}

/// What chance decides of a run.
pub struct Plan {
    pub callers: Vec<Caller>,
    /// Of each ring in turn whether nobody answers it.
    pub misses: Vec<bool>,
}

impl Plan {
    pub fn new(seed: u64, minutes: u32) -> Self {
        let mut spread = Spread::new(seed);
        let mut callers = Vec::new();
        let mut comes = 0.0;
        loop {
            if callers.len() >= AT_START {
                comes += spread.exponential(HANDLING_S / SEATS as f64 / LOAD) * 1_000.0;
            }
            if comes > f64::from(minutes) * 60_000.0 {
                break;
            }
            let urgent = spread.share() < URGENT;
            let (patience, talk) = (spread.exponential(PATIENCE_S) * 1_000.0, spread.exponential(TALK_S) * 1_000.0);
            callers.push(Caller { urgent, comes: comes.round(), patience: patience.round(), talk: talk.round() });
        }
        let misses = (0..callers.len() * RINGS_EACH).map(|_| spread.share() < UNANSWERED).collect();
        Self { callers, misses }
    }

    /// What uac_soak.xml reads.
    pub fn callers_csv(&self) -> String {
        let mut text = "SEQUENTIAL\n".to_owned();
        for Caller { urgent, comes, patience, talk } in &self.callers {
            let number = if *urgent { "urgent" } else { "ordinary" };
            writeln!(text, "{number};{comes:.0};{patience:.0};{talk:.0};").expect("a String takes all");
        }
        text
    }

    /// What uas_soak.xml reads.
    pub fn rings_csv(&self) -> String {
        let does = |misses: &bool| if *misses { "miss;" } else { "answer;" };
        ["SEQUENTIAL"].into_iter().chain(self.misses.iter().map(does)).collect::<Vec<_>>().join("\n") + "\n"
    }
    /// What both files of a run say.
    pub fn read(callers: &str, rings: &str) -> Result<Self> {
        let caller = |line: &str| {
            let parts: Vec<&str> = line.split(';').collect();
            let [number, comes, patience, talk, ""] = parts[..] else { bail!("no caller: {line}") };
            let ms = |text: &str| text.parse::<f64>().with_context(|| format!("no time in {line}"));
            Ok(Caller { urgent: number == "urgent", comes: ms(comes)?, patience: ms(patience)?, talk: ms(talk)? })
        };
        let miss = |line: &str| {
            ensure!(["miss;", "answer;"].contains(&line), "no ring: {line}");
            Ok(line == "miss;")
        };
        Ok(Self {
            callers: callers.lines().skip(1).map(caller).collect::<Result<_>>()?,
            misses: rings.lines().skip(1).map(miss).collect::<Result<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_the_same_for_the_same_seed_and_is_read_as_it_was_written() {
        let plan = Plan::new(SEED, 5);
        let read = Plan::read(&plan.callers_csv(), &plan.rings_csv()).unwrap();
        assert_eq!((&read.callers, &read.misses), (&plan.callers, &plan.misses));
        assert_ne!(Plan::new(SEED + 1, 5).callers, plan.callers);
        assert!(Plan::read("SEQUENTIAL\nurgent;1;2;\n", "SEQUENTIAL\n").is_err());
    }

    #[test]
    fn two_hours_ask_110_percent_of_the_seats() {
        let Plan { callers, misses } = Plan::new(SEED, 120);
        let mean = |of: fn(&Caller) -> f64| callers.iter().map(of).sum::<f64>() / callers.len() as f64 / 1_000.0;
        let missed = misses.iter().filter(|miss| **miss).count() as f64 / misses.len() as f64;
        let unanswered = missed / (1.0 - missed) * (full_ring_s(0.0) + RETRY_S);
        let handling = 1.0 + mean(|caller| caller.talk) + WRAP_UP_S + unanswered;
        let per_second = (callers.len() - AT_START) as f64 / 7_200.0;
        assert!((per_second * handling / SEATS as f64 - LOAD).abs() < 0.01, "{per_second} x {handling}");
        assert!((mean(|caller| caller.patience) - PATIENCE_S).abs() < 5.0);
    }

    #[test]
    fn a_full_ring_is_what_the_answer_clock_has_left_within_bounds_r5() {
        assert_eq!([0.0, 21.0, 23.0, 24.5, 29.9].map(full_ring_s), [8.0, 8.0, 7.0, 6.0, 6.0]);
        assert_eq!([30.0, 45.0].map(full_ring_s), [8.0, 8.0], "breached: the longest");
    }

    #[test]
    fn the_rules_are_those_the_plan_knows() {
        let rules = std::fs::read_to_string(crate::root().join("fixtures/soak/rules.toml")).unwrap();
        let said = [
            format!("ring_per_offer = \"{RING_S}s\""),
            format!("ring_min = \"{RING_MIN_S}s\""),
            format!("retry_after = \"{RETRY_S}s\""),
            format!("wrap_up = \"{WRAP_UP_S}s\""),
            format!("range = \"s01-s{SEATS}\""),
        ];
        said.iter().for_each(|line| assert!(rules.contains(line), "{line}"));
    }
}
