//! The routers of two groups on two threads. Longer, with times: `hotline bench router`.

#[path = "../../examples/groups/mod.rs"]
mod groups;

use crate::world;
use groups::{Form, run};
use std::time::Duration;
use world::Shape;

const HOUSE: Shape = Shape { seats: 200, queues: 20, skills: 10, skills_per_seat: 3, ..Shape::LARGE };

#[test]
fn two_routers_on_two_threads_never_claim_a_seat_twice_and_leave_no_pair_unmatched() {
    let outcome = run(Form::TwoThreads, HOUSE, 100_000);
    assert!(outcome.offers >= 100_000 && outcome.taken_over > 0);
    assert!(outcome.took > Duration::ZERO);
    assert_eq!((outcome.double, outcome.unmatched), (0, 0));
}

#[test]
fn one_router_and_two_behind_a_mutex_do_the_same() {
    for form in [Form::OneThread, Form::Mutex] {
        let outcome = run(form, HOUSE, 20_000);
        assert_eq!((outcome.double, outcome.unmatched), (0, 0), "{form:?}");
        assert_eq!(outcome.claims.len(), if form == Form::OneThread { 1 } else { 2 });
    }
}
