//! Offers of a call to exactly one seat, without a queue (R54, R59).

use crate::house::*;
use hotline_model::history::{OfferEnd, WhyNot};
use hotline_model::{CallId, SeatId};
use hotline_router::{Input, Output};
use hotline_rules::{Queue, Seat};
use std::time::Duration;

const CALL: CallId = CallId(77);

fn offer(house: &mut House, call: CallId, seat: SeatId, sensitive: bool) {
    let answer_by = house.now + secs(30);
    house.said();
    house.tell(Input::Direct { call, seat, queue: Some(Q), sensitive, answer_by });
}

fn direct(house: &mut House) -> Vec<(CallId, SeatId, Duration)> {
    let offers = house
        .said()
        .into_iter()
        .filter_map(|output| if let Output::Direct { call, seat, ring } = output { Some((call, seat, ring)) } else { None });
    offers.collect()
}

fn refused(house: &mut House) -> Vec<WhyNot> {
    house.said().into_iter().filter_map(|output| if let Output::NotAssigned { why, .. } = output { Some(why) } else { None }).collect()
}

fn wrapping_up() -> House {
    House::open(plan(vec![Queue { wrap_up: secs(30), ..queue() }], vec![seat(), seat()]))
}

#[test]
fn one_seat_rings_as_long_as_it_is_to_answer_and_has_the_queues_wrap_up_k9() {
    let mut house = wrapping_up();
    offer(&mut house, CALL, B, false);
    assert_eq!((direct(&mut house), house.word(B)), (vec![(CALL, B, secs(30))], "offered"));
    house.tell(Input::Answered { call: CALL, seat: B });
    assert!(house.router.serves(B, CALL));
    house.tell(Input::Released { call: CALL, seat: B });
    assert_eq!(house.word(B), "wrap-up");
    house.pass(secs(30));
    assert_eq!(house.word(B), "ready");
}

#[test]
fn a_seat_in_the_wrap_up_of_this_very_call_gets_it_back_and_of_no_other_r59() {
    let mut house = wrapping_up();
    offer(&mut house, CALL, A, false);
    house.tell(Input::Answered { call: CALL, seat: A });
    house.tell(Input::Released { call: CALL, seat: A });
    offer(&mut house, CallId(78), A, false);
    assert_eq!(refused(&mut house), [WhyNot::NotReady]);
    offer(&mut house, CALL, A, false);
    assert_eq!(direct(&mut house).len(), 1);
    house.tell(Input::Answered { call: CALL, seat: A });
    assert_eq!(house.word(A), "on call");
}

#[test]
fn an_offer_that_fails_is_over_and_the_call_waits_in_no_queue() {
    for (why, word) in [
        (OfferEnd::Rejected(486), "ready"),
        (OfferEnd::Unreachable, "unreachable"),
        (OfferEnd::Withdrawn, "ready"),
        (OfferEnd::CallerGone, "ready"),
    ] {
        let mut house = House::with(vec![seat(), seat()]);
        offer(&mut house, CALL, A, false);
        house.tell(Input::Failed { call: CALL, seat: A, why });
        assert_eq!((house.word(A), house.router.waiting(Q)), (word, 0), "{why:?}");
        house.pass(secs(1));
        assert!(house.offers().is_empty() && house.router.call_of(A).is_none(), "{why:?}");
    }
}

#[test]
fn a_lease_that_runs_out_and_a_seat_that_signs_out_withdraw_it_for_good() {
    let mut house = House::with(vec![seat()]);
    offer(&mut house, CALL, A, false);
    house.pass(secs(36));
    assert!(house.said().contains(&Output::Withdraw { call: CALL, seat: A }));
    house.pass(secs(60));
    offer(&mut house, CALL, A, false);
    house.tell(Input::Intent { seat: A, intent: hotline_model::Intent::SignedOut });
    assert!(house.said().contains(&Output::Withdraw { call: CALL, seat: A }));
    house.ready(A);
    assert!(direct(&mut house).is_empty());
    house.tell(Input::Answered { call: CALL, seat: A });
    assert!(house.said().contains(&Output::Late { call: CALL, seat: A }));
}

#[test]
fn who_is_not_there_not_ready_or_not_cleared_is_named_r68() {
    let mut house = House::with(vec![seat(), Seat { retired: true, ..seat() }]);
    offer(&mut house, CALL, A, true);
    assert_eq!(refused(&mut house), [WhyNot::NotCleared]);
    for gone in [B, C] {
        offer(&mut house, CALL, gone, false);
        assert_eq!(refused(&mut house), [WhyNot::NoSuchSeat]);
    }
    house.take_break(A);
    offer(&mut house, CALL, A, false);
    assert_eq!(refused(&mut house), [WhyNot::NotReady]);
    assert_eq!(house.router.takes(CALL, A, false), Err(WhyNot::NotReady));
}

#[test]
fn a_call_that_waits_is_taken_out_of_its_queue_first() {
    let mut house = House::with(vec![seat(), seat()]);
    let busy = house.keep_busy(A);
    let other = house.keep_busy(B);
    let call = house.call(caller());
    assert_eq!(house.router.waiting(Q), 1);
    offer(&mut house, call, A, false);
    assert_eq!((house.router.waiting(Q), refused(&mut house)), (0, vec![WhyNot::NotReady]));
    house.release(busy, A);
    house.release(other, B);
    assert!(house.offers().is_empty());
}

#[test]
fn a_queue_is_attended_as_long_as_anybody_is_signed_in_who_may_serve_the_call() {
    let mut house = House::with(vec![seat()]);
    assert!(house.router.attends(Q, &caller()));
    assert!(!house.router.attends(Q, &hotline_model::Profile { sensitive: true, ..caller() }), "nobody is cleared");
    house.take_break(A);
    assert!(house.router.attends(Q, &caller()), "who has a break is there");
    house.tell(Input::Intent { seat: A, intent: hotline_model::Intent::SignedOut });
    assert!(!house.router.attends(Q, &caller()));
}
