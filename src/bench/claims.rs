//! The third part of `hotline bench router`: claims by two threads, without a lock and with one mutex around the same code.

#[path = "../../crates/router/examples/contention/mod.rs"]
mod contention;

#[path = "../../crates/router/examples/contention/rounds.rs"]
mod rounds;

use contention::Outcome;
use rounds::{THREADS, rounds, tail};
use serde_json::{Value, json};

/// p99.9 without the mutex is to be at most this part of that with it.
const GOAL: f64 = 0.5;

/// Measures: 256 skills, 10,000 seats.
pub fn measure() -> Value {
    let load = super::load_average();
    let rounds = rounds();
    let ratio = tail(&rounds);
    let violations: u64 = rounds.iter().flatten().map(|outcome| outcome.violations).sum();
    let claims: u64 = rounds.iter().flatten().map(|outcome| outcome.claims).sum();
    let form = |name: &str, at: usize| {
        let all = |share: f64| rounds.iter().map(|round: &[Outcome; 2]| round[at].percentile(share)).collect::<Vec<_>>();
        json!({"form": name, "p50_ns": all(0.5), "p99_ns": all(0.99), "p99.9_ns": all(0.999)})
    };
    json!({
        "threads": THREADS, "claims": claims, "violations": violations, "load_average_before": load,
        "p99.9_to_that_with_a_mutex": (ratio * 1000.0).round() / 1000.0, "goal": GOAL, "kept": ratio <= GOAL && violations == 0,
        "rounds": [form("lock-free", 0), form("one mutex", 1)],
    })
}

/// The table for people, and whether the goal is kept.
#[allow(clippy::print_stdout, reason = "the command's data")]
pub fn print(report: &Value) {
    let claims = &report["contention"];
    println!("claims by {} threads, 10,000 seats and 256 skills, ns of each round:", claims["threads"]);
    for form in claims["rounds"].as_array().into_iter().flatten() {
        let name = form["form"].as_str().unwrap_or_default();
        println!("  {name:<10} p50 {}  p99 {}  p99.9 {}", form["p50_ns"], form["p99_ns"], form["p99.9_ns"]);
    }
    println!("  {}", verdict(claims));
}

fn verdict(claims: &Value) -> String {
    let (ratio, violations, load) = (&claims["p99.9_to_that_with_a_mutex"], &claims["violations"], &claims["load_average_before"]);
    let kept = if claims["kept"] == true { "kept" } else { "NOT kept" };
    let stray = if claims["kept"] == true { "" } else { "; the threads meet only where two processors are free" };
    format!(
        "{kept}: p99.9 is {ratio} of that with one mutex, in the median round (goal at most {GOAL}); {} claims, {violations} of a seat \
         that was held (load average {load}{stray})",
        claims["claims"]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whether_the_tail_is_at_most_half_of_that_with_a_mutex_is_said_in_words() {
        let claims = |ratio: f64, kept: bool, load: f64| json!({"p99.9_to_that_with_a_mutex": ratio, "kept": kept, "claims": 9, "violations": 0, "load_average_before": load});
        let said = verdict(&claims(0.21, true, 0.4));
        assert!(said.starts_with("kept: p99.9 is 0.21 of that with one mutex") && said.ends_with("(load average 0.4)"), "{said}");
        let said = verdict(&claims(0.81, false, 3.5));
        assert!(said.starts_with("NOT kept: p99.9 is 0.81 ") && said.contains("where two processors are free"), "{said}");
    }
}
