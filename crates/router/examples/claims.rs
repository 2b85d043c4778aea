//! 100 million claims by two threads, of which no two may hold the same seat; and what the same code costs behind one mutex.
//! `cargo run --release -p hotline-router --example claims [claims]`
#![allow(clippy::print_stdout, reason = "an example that measures and prints")]

mod contention;

use contention::{Form, Outcome, run};
use std::process::ExitCode;

const THREADS: u32 = 2;
/// The tail is compared on fewer, in turns, so that a busy moment of the machine meets both forms.
const COMPARED: u64 = 2_000_000;
const ROUNDS: usize = 5;

fn print(what: &str, outcome: &Outcome) {
    let at = |share| outcome.percentile(share);
    let (claims, violations) = (outcome.claims, outcome.violations);
    println!("{what:<10} {claims:>10} claims, {violations} violations: p50 {} p99 {} p99.9 {} ns", at(0.5), at(0.99), at(0.999));
}

fn main() -> ExitCode {
    let claims = std::env::args().nth(1).and_then(|claims| claims.parse().ok()).unwrap_or(100_000_000);
    let (mut free, mut locked) = (u64::MAX, u64::MAX);
    for _ in 0..ROUNDS {
        let (one, other) = (run(Form::LockFree, THREADS, COMPARED), run(Form::Mutex, THREADS, COMPARED));
        print("lock-free", &one);
        print("mutex", &other);
        (free, locked) = (free.min(one.percentile(0.999)), locked.min(other.percentile(0.999)));
    }
    println!(
        "p99.9 of the best round: lock-free {free} ns, mutex {locked} ns, ratio {:.2} (goal at most 0.5)",
        free as f64 / locked as f64
    );
    let all = run(Form::LockFree, THREADS, claims);
    print("lock-free", &all);
    if all.violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
