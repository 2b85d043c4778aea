//! Checks that run beside each other, as most of their time is waiting.

use anyhow::{Result, anyhow};

use super::house::House;
use crate::steps::{Outcome, Steps};

/// A check, at a house of its own rules.
pub type Check = fn(&House) -> Result<Outcome>;

/// Runs checks at once, each at one of these houses, which are started before and drained afterwards; `whose` says what they are for.
pub fn run_at<const M: usize, const N: usize>(
    steps: &mut Steps,
    whose: &str,
    houses: [(&str, [&str; N]); M],
    checks: Vec<(&'static str, usize, Check)>,
) {
    if checks.is_empty() {
        return;
    }
    let mut started = None;
    steps.run(&format!("hotline serve gets ready for {whose}"), || {
        let start = |(name, rules): (&str, [&str; N])| House::start(name, &rules);
        started = Some(houses.into_iter().map(start).collect::<Result<Vec<House>>>()?);
        Ok(Outcome::Passed(String::new()))
    });
    let Some(houses) = started else { return };
    std::thread::scope(|scope| {
        let there = &houses;
        let run = |(name, house, check): (&'static str, usize, Check)| (name, scope.spawn(move || check(&there[house])));
        let running: Vec<_> = checks.into_iter().map(run).collect();
        for (name, running) in running {
            steps.run(name, || running.join().map_err(|_| anyhow!("the check panicked"))?);
        }
    });
    steps.run(&format!("the hotlines of {whose} drain, and a replay of their inputs says the same"), || {
        let stopped = houses.into_iter().map(|house| house.hotline.stop()).collect::<Result<Vec<String>>>()?;
        Ok(Outcome::Passed(stopped.join("; ")))
    });
}
