//! A queue overflows to a seat: one more that may have the call, in the last resort.

use crate::house::*;
use hotline_model::Profile;
use hotline_model::history::OfferEnd;
use hotline_router::{Turn, Verdict, candidates};
use hotline_rules::{Helper, Plan, Queue, Seat, Serves, Tier};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The queue names A; B helps it after so many seconds.
fn helped(after: u64, helper: Seat) -> Plan {
    let helpers = vec![Helper { seat: B, after: secs(after) }];
    plan(vec![Queue { seats: vec![A], helpers, ..queue() }], vec![seat(), helper])
}

#[test]
fn a_call_that_waited_long_enough_is_offered_to_the_seat_of_overflow_too_and_to_nobody_twice() {
    let mut house = House::open(helped(40, seat()));
    house.take_break(A);
    house.said();
    let call = house.call(caller());
    house.pass(secs(39));
    assert_eq!(house.offers(), [], "it is none of the queue's own seats");
    house.pass(secs(1));
    assert_eq!(house.offers(), [(call, B)]);
    house.ready(A);
    assert_eq!(house.offers(), [], "one seat rings for it");
    house.fail(call, B, OfferEnd::Rejected(603));
    assert_eq!(house.offers(), [(call, A)], "a seat of its own goes before the one that helps");
}

#[test]
fn a_seat_of_overflow_needs_what_the_call_needs_and_not_what_the_queue_asks_for() {
    let elsewhere =
        |proficiency: [u8; 3]| Seat { queues: vec![Serves { queue: Q, priority: 1, delay: Duration::ZERO }], ..skilled(proficiency) };
    let steps = vec![hotline_rules::Step { requires: at_least(BILLING, 5), ..hotline_rules::Step::default() }];
    let seats = vec![elsewhere([0, 5, 5])];
    let helpers = vec![Helper { seat: A, after: secs(40) }];
    let mut house = House::open(plan(vec![Queue { steps, helpers, ..queue() }], seats));
    let english = house.call(Profile { skills: vec![need(EN, 9)], ..caller() });
    let sensitive = house.call(Profile { sensitive: true, ..caller() });
    let plain = house.call(caller());
    house.pass(secs(60));
    assert_eq!(house.offers(), [(plain, A)], "neither {english} nor {sensitive} (R68)");
}

#[test]
fn a_seat_of_overflow_is_no_reason_to_wait_for_a_better_tier() {
    let helpers = vec![Helper { seat: B, after: secs(40) }];
    let outside = Seat { origin: hotline_rules::Origin::External, ..seat() };
    let mut rules = plan(vec![Queue { seats: vec![A], helpers, ..queue() }], vec![outside, seat()]);
    rules.assign.tiers = vec![(Tier::Internal, secs(20)), (Tier::External, Duration::ZERO)];
    let mut house = House::open(rules);
    let call = house.call(caller());
    assert_eq!(house.offers(), [(call, A)], "B is internal, and not of the queue");
}

#[test]
fn somebody_attends_a_queue_whose_seat_of_overflow_is_there_and_the_search_says_from_when_on() {
    let house = House::open(helped(40, seat()));
    assert!(house.router.attends(Q, &caller()));
    let (plan, profile) = (Arc::new(helped(40, seat())), caller());
    let moment = hotline_router::Moment { plan: &plan, queue: Q, profile: &profile, waited: secs(10) };
    let found = candidates(&moment, &BTreeMap::new());
    let b = found.iter().find(|one| one.seat == B).map(|one| &one.verdict);
    assert!(matches!(b, Some(Verdict::Member { turn: Turn::Later(after), .. }) if *after == secs(40)), "{b:?}");
}
