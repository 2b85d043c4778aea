//! 100 million claims by two threads, of which no two may hold the same seat; and what the same code costs behind one mutex.
//! `cargo run --release -p hotline-router --example claims [claims]`
#![allow(clippy::print_stdout, reason = "an example that measures and prints")]

mod contention;
#[path = "contention/rounds.rs"]
mod rounds;

use contention::{Form, Outcome, run};
use rounds::{THREADS, rounds, tail};
use std::process::ExitCode;

fn print(what: &str, outcome: &Outcome) {
    let at = |share| outcome.percentile(share);
    let (claims, violations) = (outcome.claims, outcome.violations);
    println!("{what:<10} {claims:>10} claims, {violations} violations: p50 {} p99 {} p99.9 {} ns", at(0.5), at(0.99), at(0.999));
}

fn main() -> ExitCode {
    let claims = std::env::args().nth(1).and_then(|claims| claims.parse().ok()).unwrap_or(100_000_000);
    let rounds = rounds();
    for [one, other] in &rounds {
        print("lock-free", one);
        print("mutex", other);
    }
    println!("p99.9 without the mutex to p99.9 with it, median round: {:.2} (goal at most 0.5)", tail(&rounds));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load average {} (the threads meet only where two processors are free)", load.split(' ').next().unwrap_or("unknown"));
    let all = run(Form::LockFree, THREADS, claims);
    print("lock-free", &all);
    if all.violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
