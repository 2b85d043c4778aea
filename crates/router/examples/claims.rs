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
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let (one, other) = (run(Form::LockFree, THREADS, COMPARED), run(Form::Mutex, THREADS, COMPARED));
        print("lock-free", &one);
        print("mutex", &other);
        ratios.push(one.percentile(0.999) as f64 / other.percentile(0.999) as f64);
    }
    ratios.sort_by(f64::total_cmp);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("p99.9 without the mutex to p99.9 with it, median round: {:.2} (goal at most 0.5)", ratios[ROUNDS / 2]);
    println!("load average {} (the threads meet only where two processors are free)", load.split(' ').next().unwrap_or("unknown"));
    let all = run(Form::LockFree, THREADS, claims);
    print("lock-free", &all);
    if all.violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
