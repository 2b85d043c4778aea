//! The second part of `hotline bench router`: two queue groups on two threads, on the seats that they share.

#[path = "../../crates/router/examples/groups/mod.rs"]
mod hall;

use super::world;
use hall::{Form, Outcome, run};
use serde_json::{Value, json};
use world::Shape;

/// Offers of each measurement.
const OFFERS: u64 = 400_000;
/// Rounds, in which the forms take turns, so that a busy moment of the machine meets all of them; of each the median round counts.
const ROUNDS: usize = 5;
const FORMS: [(Form, &str); 3] =
    [(Form::OneThread, "one thread"), (Form::TwoThreads, "two threads"), (Form::Mutex, "two threads, one mutex")];

/// What was measured.
pub struct Groups {
    rows: Vec<Row>,
}

/// A form's rounds.
struct Row {
    name: &'static str,
    rounds: Vec<Outcome>,
}

impl Groups {
    /// Measures, with 10,000 seats, 500 queues and 256 skills.
    pub fn measure() -> Self {
        let mut rows: Vec<Row> = FORMS.into_iter().map(|(_, name)| Row { name, rounds: Vec::new() }).collect();
        for _ in 0..ROUNDS {
            for (row, (form, _)) in rows.iter_mut().zip(FORMS) {
                row.rounds.push(run(form, Shape::LARGE, OFFERS));
            }
        }
        Self { rows }
    }

    /// For the one line of JSON, and for [`print()`].
    pub fn json(&mut self) -> Vec<Value> {
        self.rows.iter_mut().map(Row::json).collect()
    }
}

impl Row {
    fn json(&mut self) -> Value {
        let mut threads = Vec::new();
        for thread in 0..self.rounds.first().map_or(0, |round| round.claims.len()) {
            let claim = self.median_of(|round| percentiles(&mut round.claims[thread]));
            let ready = self.median_of(|round| percentiles(&mut round.readies[thread]));
            threads.push(json!({"claim_ns": claim, "ready_ns": ready}));
        }
        let sum = |of: fn(&Outcome) -> u64| self.rounds.iter().map(of).sum::<u64>();
        let mut speeds: Vec<f64> = self.rounds.iter().map(|round| round.offers as f64 / round.took.as_secs_f64()).collect();
        speeds.sort_by(f64::total_cmp);
        json!({
            "form": self.name, "decisions_per_s": speeds[speeds.len() / 2].round(), "threads": threads, "offers": sum(|round| round.offers),
            "seats_from_the_other_group": sum(|round| round.taken_over),
            "double_claims": sum(|round| round.double), "unmatched_at_the_end": sum(|round| round.unmatched),
        })
    }

    /// Of each percentile the median round.
    fn median_of(&mut self, of: impl Fn(&mut Outcome) -> [u64; 3]) -> Value {
        let rounds: Vec<[u64; 3]> = self.rounds.iter_mut().map(of).collect();
        let median = |at: usize| {
            let mut values: Vec<u64> = rounds.iter().map(|round| round[at]).collect();
            values.sort_unstable();
            values[values.len() / 2]
        };
        json!({"p50": median(0), "p99": median(1), "p99.9": median(2)})
    }
}

fn percentiles(times: &mut [u64]) -> [u64; 3] {
    let last = times.len().saturating_sub(1);
    [0.5, 0.99, 0.999].map(|share| if times.is_empty() { 0 } else { *times.select_nth_unstable((last as f64 * share) as usize).1 })
}

/// The table for people.
#[allow(clippy::print_stdout, reason = "the command's data")]
pub fn print(rows: &Value) {
    println!("two queue groups on 10,000 shared seats, ns of each thread:");
    println!(
        "{:<24} {:>12} {:^24} {:^24} {:>8} {:>9}",
        "", "decisions/s", "claim p50/p99/p99.9", "ready p50/p99/p99.9", "double", "unmatched"
    );
    for row in rows.as_array().into_iter().flatten() {
        for (thread, times) in row["threads"].as_array().into_iter().flatten().enumerate() {
            let three = |of: &str| ["p50", "p99", "p99.9"].map(|share| times[of][share].to_string()).join("/");
            let (name, speed) = (row["form"].as_str().unwrap_or_default(), &row["decisions_per_s"]);
            let (name, speed) = if thread == 0 { (name, speed.to_string()) } else { ("", String::new()) };
            let (double, unmatched) = (&row["double_claims"], &row["unmatched_at_the_end"]);
            println!("{name:<24} {speed:>12} {:^24} {:^24} {double:>8} {unmatched:>9}", three("claim_ns"), three("ready_ns"));
        }
    }
}
