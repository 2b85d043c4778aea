//! Two queue groups on two threads over 10,000 shared seats, beside one thread and one mutex; `hotline bench router` says it in full.
//! `cargo run --release -p hotline-router --example two_groups [offers]`; under `strace -fc` it shows that no decision asks the system.
#![allow(clippy::print_stdout, reason = "an example that measures and prints")]

mod groups;
#[allow(dead_code, reason = "of the world only its rules")]
mod world;

use groups::{Form, Outcome, run};
use std::process::ExitCode;
use world::Shape;

fn percentiles(times: &mut [Vec<u64>]) -> String {
    let mut all: Vec<u64> = times.iter().flatten().copied().collect();
    all.sort_unstable();
    let at = |share: f64| all.get(((all.len().max(1) - 1) as f64 * share) as usize).copied().unwrap_or(0);
    format!("{}/{}/{}", at(0.5), at(0.99), at(0.999))
}

fn main() -> ExitCode {
    let offers = std::env::args().nth(1).and_then(|offers| offers.parse().ok()).unwrap_or(1_000_000);
    let mut faults = 0;
    for form in [Form::OneThread, Form::TwoThreads, Form::Mutex].into_iter().cycle().take(6) {
        let mut outcome: Outcome = run(form, Shape::LARGE, offers);
        let per_second = outcome.offers as f64 / outcome.took.as_secs_f64();
        let (claim, ready) = (percentiles(&mut outcome.claims), percentiles(&mut outcome.readies));
        println!(
            "{form:?}: {per_second:.0} offers/s; claim p50/p99/p99.9 {claim} ns, ready {ready} ns; {} of {} seats were the other group's before; \
             {} double claims, {} unmatched",
            outcome.taken_over, outcome.offers, outcome.double, outcome.unmatched
        );
        faults += outcome.double + outcome.unmatched;
    }
    if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
