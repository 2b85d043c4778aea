//! Two threads on one seat table. Longer: `cargo run --release -p hotline-router --example claims`.

#[path = "../../examples/contention/mod.rs"]
mod hall;

use hall::{Form, run};

#[test]
fn of_a_million_claims_by_two_threads_no_two_hold_the_same_seat() {
    let outcome = run(Form::LockFree, 2, 1_000_000);
    assert_eq!((outcome.claims, outcome.violations), (1_000_000, 0));
}

#[test]
fn the_same_code_behind_a_mutex_does_the_same() {
    let outcome = run(Form::Mutex, 2, 100_000);
    assert_eq!((outcome.claims, outcome.violations), (100_000, 0));
    assert!(outcome.percentile(0.5) <= outcome.percentile(0.999));
}
