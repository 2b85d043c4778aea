use crate::house::*;
use hotline_model::history::Trigger;
use hotline_model::{Priority, QueueId, SeatId};
use hotline_router::{Input, Output};
use hotline_rules::{Plan, Queue, Seat, Step};
use std::sync::Arc;

fn change(house: &mut House, plan: Plan) {
    house.said();
    house.tell(Input::Rules(Arc::new(plan)));
}

#[test]
fn waiting_calls_keep_their_rank_over_new_rules() {
    let mut house = House::with(vec![seat()]);
    let busy = house.keep_busy(A);
    let first = house.call(caller());
    house.pass(secs(3));
    let urgent = house.call(with_priority(Priority::Urgent));
    let last = house.call(caller());
    house.tell(Input::Breached { call: last });
    change(&mut house, plan(vec![queue()], vec![seat()]));
    assert_eq!([urgent, last, first].map(|call| house.router.position(call)), [Some(1), Some(2), Some(3)]);
    house.release(busy, A);
    assert_eq!(house.offers(), [(urgent, A)]);
}

#[test]
fn a_call_that_new_rules_admit_to_a_ready_seat_is_offered_to_it_at_once() {
    let strict = Queue { steps: vec![Step { after: secs(0), requires: at_least(ZH, 9), ..Step::default() }], ..queue() };
    let mut house = House::open(plan(vec![strict], vec![seat()]));
    let call = house.call(caller());
    change(&mut house, plan(vec![queue()], vec![seat()]));
    let (c, s, _, decision) = house.offers_in_full()[0];
    assert_eq!((c, s, decision.trigger), (call, A, Trigger::RulesChanged));
}

#[test]
fn whose_telephone_is_not_there_signs_in_first_where_new_rules_say_so_and_who_works_goes_on_r138() {
    let phones = |sign_in| vec![Seat { contact: None, sign_in, ..seat() }; 2];
    let mut house = House::open(plan(vec![queue()], phones(true)));
    house.tell(Input::Reachable { seat: A, reachable: true });
    change(&mut house, plan(vec![queue()], phones(false)));
    house.tell(Input::Reachable { seat: B, reachable: true });
    assert_eq!([A, B].map(|seat| house.router.seat_state(seat).is_ready()), [true, false]);
}

#[test]
fn a_retired_seat_loses_its_offer_and_a_new_one_takes_it_over() {
    let mut house = House::with(vec![seat()]);
    let call = house.call(caller());
    change(&mut house, plan(vec![queue()], vec![Seat { retired: true, ..seat() }, seat()]));
    let said = house.said();
    assert!(said.contains(&Output::Withdraw { call, seat: A }));
    assert!(said.iter().any(|output| matches!(output, Output::Offer { seat: B, .. })));
    assert_eq!((house.word(A), house.word(B)), ("signed out", "offered"));
}

#[test]
fn a_conversation_outlives_its_seats_retirement() {
    let mut house = House::with(vec![seat()]);
    let call = house.call(caller());
    house.answer(call, A);
    change(&mut house, plan(vec![queue()], vec![Seat { retired: true, ..seat() }]));
    assert_eq!(house.word(A), "on call");
    house.release(call, A);
    assert_eq!(house.word(A), "signed out");
}

#[test]
fn a_seat_that_comes_back_into_the_rules_is_ready_again() {
    let retired = || plan(vec![queue()], vec![Seat { retired: true, ..seat() }]);
    let mut house = House::open(retired());
    let call = house.call(caller());
    change(&mut house, plan(vec![queue()], vec![seat()]));
    assert_eq!(house.offers(), [(call, A)]);
}

#[test]
fn the_calls_of_a_retired_queue_are_still_served() {
    let mut house = House::open(plan(vec![queue(), queue()], vec![seat()]));
    let busy = house.keep_busy(A);
    let call = house.call_to(QueueId(1), caller());
    change(&mut house, plan(vec![queue(), Queue { retired: true, ..queue() }], vec![seat()]));
    house.release(busy, A);
    assert_eq!(house.offers(), [(call, A)]);
}

#[test]
fn steps_of_new_rules_open_in_time_for_calls_that_wait_already() {
    let step = |after: u64, proficiency| Step { after: secs(after), requires: at_least(ZH, proficiency), ..Step::default() };
    let mut house = House::open(plan(vec![Queue { steps: vec![step(0, 9)], ..queue() }], vec![seat(), seat()]));
    let call = house.call(caller());
    house.pass(secs(5));
    change(&mut house, plan(vec![Queue { steps: vec![step(0, 9), step(8, 3)], ..queue() }], vec![seat(), seat()]));
    house.pass(secs(2));
    assert_eq!(house.offers(), []);
    house.pass(secs(1));
    assert_eq!(house.offers(), [(call, SeatId(0))]);
}
