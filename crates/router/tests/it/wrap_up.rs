use crate::house::*;
use hotline_model::Intent;
use hotline_router::Input;
use hotline_rules::{Queue, Seat};

fn talked(wrap_up: u64, own: Option<u64>) -> House {
    let seat = Seat { wrap_up: own.map(secs), ..seat() };
    let mut house = House::open(plan(vec![Queue { wrap_up: secs(wrap_up), ..queue() }], vec![seat]));
    let call = house.call(caller());
    house.answer(call, A);
    house.pass(secs(60));
    house.release(call, A);
    house.said();
    house
}

#[test]
fn after_the_call_the_seat_wraps_up_for_as_long_as_the_queue_says() {
    let mut house = talked(15, None);
    let next = house.call(caller());
    house.pass(secs(14));
    assert_eq!((house.word(A), house.offers()), ("wrap-up", vec![]));
    house.pass(secs(1));
    assert_eq!(house.offers(), [(next, A)]);
}

#[test]
fn a_wrap_up_of_zero_means_the_next_call_in_the_same_step() {
    let mut house = talked(0, None);
    assert_eq!(house.word(A), "ready");
    let call = house.call(caller());
    let next = house.call(caller());
    house.answer(call, A);
    house.said();
    house.release(call, A);
    assert_eq!(house.offers(), [(next, A)]);
}

#[test]
fn a_seats_own_wrap_up_goes_before_the_queues() {
    let mut house = talked(15, Some(3));
    house.pass(secs(3));
    assert_eq!(house.word(A), "ready");
    assert_eq!(talked(15, Some(0)).word(A), "ready");
}

#[test]
fn the_agent_can_end_wrap_up_early() {
    let mut house = talked(15, None);
    house.tell(Input::WrapUpDone { seat: A });
    assert_eq!(house.word(A), "ready");
    assert_eq!(house.router.poll_timeout(), None, "its lease is over too");
    house.tell(Input::WrapUpDone { seat: A });
    assert_eq!(house.word(A), "ready");
}

#[test]
fn who_signs_out_in_wrap_up_is_signed_out_when_it_ends() {
    let mut house = talked(15, None);
    house.intent(A, Intent::SignedOut);
    assert_eq!(house.word(A), "wrap-up");
    house.pass(secs(15));
    assert_eq!(house.word(A), "signed out");
}

#[test]
fn a_release_of_another_call_changes_nothing() {
    let mut house = House::with(vec![seat()]);
    let call = house.call(caller());
    house.answer(call, A);
    house.release(hotline_model::CallId::new(5, 5, 5), A);
    assert_eq!(house.word(A), "on call");
}
