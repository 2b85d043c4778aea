//! The tail of claims by two threads, without a lock beside one mutex.

use super::contention::{Form, Outcome, run};

/// Threads whose claims are compared.
pub const THREADS: u32 = 2;
/// Claims of each form in a round.
const CLAIMS: u64 = 2_000_000;
/// In a round the forms take turns, so that a busy moment of the machine meets both.
const ROUNDS: usize = 5;

/// Rounds of the lock-free form, and the mutex.
pub fn rounds() -> Vec<[Outcome; 2]> {
    (0..ROUNDS).map(|_| [Form::LockFree, Form::Mutex].map(|form| run(form, THREADS, CLAIMS))).collect()
}

/// Of the median round: p99.9 without the mutex, as a part of that with it.
pub fn tail(rounds: &[[Outcome; 2]]) -> f64 {
    let mut ratios: Vec<f64> = rounds.iter().map(|[one, other]| one.percentile(0.999) as f64 / other.percentile(0.999) as f64).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}
