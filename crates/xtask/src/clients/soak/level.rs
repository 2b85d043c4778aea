//! The 30-s level of a run, and what it is held against.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use super::plan::{Caller, SEATS};
use super::records::Call;
use super::{ideal, plan};
use crate::clients::spread::Spread;
use crate::process::{in_root, shown};

/// Answered in time is a call whose conversation began so many seconds after it had entered the queue: t3 - t2 (K3, R5).
pub const LIMIT_S: f64 = 30.0;
/// The line begins in its steady state, but all at once; this much of the run is left out.
const BEGINS_S: f64 = 60.0;
/// Runs on the virtual clock for the standard error.
const RUNS: &str = "300";

/// What was measured of callers and seats between the first minute and the last caller.
#[derive(Debug)]
pub struct Measured {
    /// Callers who entered the queue then.
    pub entered: usize,
    /// Share of these who were answered in time; who hung up was not.
    pub level: f64,
    pub abandoned: f64,
    pub per_hour: f64,
    /// What seats were taken by rings, conversations, wrap-up and pauses, for each answered call.
    pub handling_s: f64,
    /// What callers waited in line, for each who hung up: the estimate of a mean of which most never see the end.
    pub patience_s: f64,
    /// From the ring to the answer.
    pub ring_s: f64,
    pub talk_s: f64,
}

/// The part of a span that lies between two moments.
fn within((from, until): (f64, f64), (begins, ends): (f64, f64)) -> f64 {
    (until.min(ends) - from.max(begins)).max(0.0)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
    sum / count
}

/// Measures a run of so many seconds.
pub fn measure(calls: &[Call], lasts_s: f64) -> Measured {
    let window = (BEGINS_S, lasts_s);
    let then = |moment: f64| (window.0..window.1).contains(&moment);
    let entered: Vec<&Call> = calls.iter().filter(|call| then(call.entered)).collect();
    let share = |what: &dyn Fn(&Call) -> bool| entered.iter().filter(|call| what(call)).count() as f64 / entered.len() as f64;
    let answered = calls.iter().filter(|call| call.answered.is_some_and(then)).count() as f64;
    let hung_up = calls.iter().filter(|call| call.answered.is_none() && call.over.is_some_and(then)).count() as f64;
    let taken: f64 = calls.iter().flat_map(|call| call.offers.iter().map(|offer| within(call.takes_seat(offer), window))).sum();
    let waited: f64 = calls.iter().map(|call| within((call.entered, call.leaves_line()), window)).sum();
    Measured {
        entered: entered.len(),
        level: share(&|call| call.answered.is_some_and(|at| at - call.entered <= LIMIT_S)),
        abandoned: share(&|call| call.answered.is_none()),
        per_hour: entered.len() as f64 / (lasts_s - BEGINS_S) * 3_600.0,
        handling_s: taken / answered,
        patience_s: waited / hung_up,
        ring_s: mean(calls.iter().filter_map(|call| Some(call.answered? - call.answered_ring()?))),
        talk_s: mean(calls.iter().filter_map(|call| Some(call.over? - call.answered?))),
    }
}

/// Ideal queues with the same callers, ...
const IDEAL_QUEUES: u64 = 25;
/// ... each of whom comes, hangs up and is through so much later at most: what sipp takes for it.
const LATER_MS: f64 = 5.0;

/// The level of the same callers before ideal queues, on average and by its standard deviation. There are several, since who is served
/// and who hangs up may be a matter of a millisecond, and from then on others are.
pub fn of_ideal_queues(callers: &[Caller], misses: &[bool], ring_s: f64) -> (f64, f64) {
    let level = |seed: u64| {
        let mut spread = Spread::new(seed);
        let mut later = |ms: f64| ms + spread.share() * LATER_MS;
        let late =
            |caller: &Caller| Caller { comes: later(caller.comes), patience: later(caller.patience), talk: later(caller.talk), ..*caller };
        let callers: Vec<Caller> = callers.iter().map(late).collect();
        let waits = ideal::waits(&callers, misses.iter().copied(), ring_s);
        let counted = callers.iter().zip(waits).filter(|(caller, _)| caller.comes >= BEGINS_S * 1_000.0);
        mean(counted.map(|(_, wait)| if wait.is_some_and(|wait| wait <= LIMIT_S) { 1.0 } else { 0.0 }))
    };
    let levels: Vec<f64> = (1..=IDEAL_QUEUES).map(level).collect();
    let average = mean(levels.iter().copied());
    (average, mean(levels.iter().map(|level| (level - average).powi(2))).sqrt())
}

/// What theory and the simulator say.
#[derive(Debug, PartialEq)]
pub struct Expected {
    /// Erlang-A's level for the measured figures; it knows one priority.
    pub level: f64,
    /// How far runs of this length lie from Erlang-A, on average and by their standard deviation, with one priority ...
    pub with_one: (f64, f64),
    /// ... and with the two of the soak.
    pub with_two: (f64, f64),
}

/// Asks the simulator, which this crate doesn't know.
pub fn expected(measured: &Measured, minutes: u32) -> Result<Expected> {
    let Measured { per_hour, handling_s, talk_s, patience_s, ring_s, .. } = measured;
    let mut command = in_root("cargo", &["run", "--quiet", "--release", "--package", "hotline-sim", "--example", "soak", "--"]);
    let figures = [per_hour, handling_s, talk_s, patience_s, ring_s, &plan::UNANSWERED, &plan::URGENT];
    command.arg(minutes.to_string()).args(figures.map(ToString::to_string)).arg(RUNS);
    println!("$ {}", shown(&command));
    let output = command.stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "{} ended with {}", shown(&command), output.status);
    Expected::read(&String::from_utf8_lossy(&output.stdout))
}

impl Expected {
    fn read(said: &str) -> Result<Self> {
        let figure = |name: &str| {
            let found = said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
            found.with_context(|| format!("the simulator says no {name}: {said}"))
        };
        let both =
            |name: &str| Ok::<_, anyhow::Error>((figure(&format!("{name}_difference"))?, figure(&format!("{name}_difference_deviation"))?));
        Ok(Self { level: figure("erlang_a")?, with_one: both("one_priority")?, with_two: both("two_priorities")? })
    }
}

/// How many of so many seats' worth of work came.
pub fn load(measured: &Measured) -> f64 {
    measured.per_hour / 3_600.0 * measured.handling_s / SEATS as f64
}

/// By how many standard errors the share of unanswered rings differs from what was planned.
pub fn unanswered_z(unanswered: usize, of: usize) -> f64 {
    let expected = plan::UNANSWERED;
    (unanswered as f64 / of as f64 - expected) / (expected * (1.0 - expected) / of as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::soak::records::Offer;

    fn call(entered: f64, ring: Option<f64>, over: f64) -> Call {
        let answered = ring.map(|ring| ring + 1.0);
        let offers = ring.map(|at| Offer { seat: "s01".into(), at, ended: None, until: None }).into_iter().collect();
        let wrapped_up = answered.map(|_| over + 2.0);
        Call { id: entered.to_string(), caller: 1, priority: "ordinary".into(), entered, answered, over: Some(over), wrapped_up, offers }
    }

    #[test]
    fn in_time_is_who_talks_30_s_after_entry_of_all_who_entered_r5() {
        let calls = [
            call(0.0, Some(0.0), 50.0),
            call(60.0, Some(60.0), 100.0),
            call(70.0, Some(99.0), 150.0),
            call(80.0, Some(109.5), 150.0),
            call(90.0, None, 110.0),
        ];
        let measured = measure(&calls, 660.0);
        assert_eq!((measured.entered, measured.level, measured.abandoned), (4, 0.5, 0.25));
        assert_eq!(measured.per_hour, 24.0);
        assert_eq!(measured.handling_s, (42.0 + 53.0 + 42.5) / 3.0, "ring, talk and wrap-up, after the first minute");
        assert_eq!(measured.patience_s, 29.0 + 29.5 + 20.0, "one hung up");
        assert_eq!(measured.ring_s, 1.0);
    }

    #[test]
    fn an_ideal_queue_with_room_for_all_is_in_time_but_for_a_ring_too_many_r5() {
        let caller = |comes: f64| Caller { urgent: false, comes, patience: 1e6, talk: 1_000.0 };
        let callers: Vec<Caller> = (0..20).map(|place| caller(f64::from(place) * 100_000.0)).collect();
        assert_eq!(of_ideal_queues(&callers, &[], 1.0), (1.0, 0.0));
        let (level, _) = of_ideal_queues(&callers, &[false, true, true, true, true], 1.0);
        assert!((level - 18.0 / 19.0).abs() < 1e-9, "three full rings, one of 6 s, and then the answer comes too late");
    }

    #[test]
    fn the_simulators_words_are_read() {
        let said = "erlang_a 0.74\none_priority_difference 0.002\n\
                    one_priority_difference_deviation 0.026\ntwo_priorities_difference -0.014\ntwo_priorities_difference_deviation 0.025\n";
        let expected = Expected { level: 0.74, with_one: (0.002, 0.026), with_two: (-0.014, 0.025) };
        assert_eq!(Expected::read(said).unwrap(), expected);
        assert!(Expected::read("erlang_a 0.74\n").is_err());
    }

    #[test]
    fn three_of_a_hundred_rings_are_what_was_planned() {
        assert_eq!(unanswered_z(30, 1_000), 0.0);
        assert!(unanswered_z(60, 1_000) > 3.0);
    }
}
