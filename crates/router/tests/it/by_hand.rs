use crate::house::*;
use hotline_model::history::{DecidingKey, Trigger, WhyNot};
use hotline_model::{CallId, Profile, SeatId};
use hotline_router::{Input, Output, explain};
use hotline_rules::{Queue, Seat, Step};

fn assign(house: &mut House, call: CallId, seat: SeatId) {
    house.said();
    house.tell(Input::Assign { call, seat });
}

fn refusals(house: &mut House) -> Vec<WhyNot> {
    house.said().into_iter().filter_map(|output| if let Output::NotAssigned { why, .. } = output { Some(why) } else { None }).collect()
}

/// A queue that no seat may serve.
fn closed() -> Queue {
    Queue { steps: vec![Step { after: secs(0), requires: at_least(ZH, 9), ..Step::default() }], ..queue() }
}

#[test]
fn a_waiting_call_goes_to_the_seat_that_a_person_chose_whatever_its_step_and_tier_r44() {
    let mut house = House::open(plan(vec![closed()], vec![seat(), seat()]));
    house.call(caller());
    let call = house.call(caller());
    assign(&mut house, call, B);
    let (who, which, ring, decision) = house.offers_in_full()[0];
    assert_eq!((who, which, ring), (call, B, secs(10)));
    assert_eq!((decision.trigger, decision.key, decision.seat), (Trigger::ByHand, DecidingKey::ByHand, B.0));
    assert_eq!(explain(&plan(vec![queue()], vec![seat(), seat()]), &decision).split(": ").last(), Some("it was chosen by a person"));
    house.answer(call, B);
    house.release(call, B);
    assert_eq!((house.word(B), house.router.waiting(Q)), ("ready", 1));
}

#[test]
fn a_seat_that_is_not_ready_is_refused_and_the_call_waits_on_r44() {
    let mut house = House::with(vec![seat()]);
    let busy = house.keep_busy(A);
    let call = house.call(caller());
    assign(&mut house, call, A);
    assert_eq!(refusals(&mut house), [WhyNot::NotReady]);
    house.release(busy, A);
    assert_eq!(house.offers(), [(call, A)]);
}

#[test]
fn a_sensitive_call_is_never_given_to_a_seat_that_is_not_cleared_r68() {
    let mut house = House::with(vec![seat(), Seat { cleared: true, ..seat() }]);
    house.take_break(B);
    let call = house.call(Profile { sensitive: true, ..caller() });
    assign(&mut house, call, A);
    assert_eq!(refusals(&mut house), [WhyNot::NotCleared]);
    house.ready(B);
    assert_eq!(house.offers(), [(call, B)]);
}

#[test]
fn who_is_no_seat_or_does_not_wait_is_named() {
    let mut house = House::open(plan(vec![closed()], vec![seat(), Seat { retired: true, ..seat() }]));
    let call = house.call(caller());
    for (who, seat, why) in
        [(call, B, WhyNot::NoSuchSeat), (call, SeatId(7), WhyNot::NoSuchSeat), (CallId::new(9, 9, 9), A, WhyNot::NotWaiting)]
    {
        assign(&mut house, who, seat);
        assert_eq!(refusals(&mut house), [why]);
    }
}

#[test]
fn a_call_that_rings_elsewhere_is_withdrawn_there_and_that_seat_serves_the_next() {
    let mut house = House::open(plan(vec![queue(), Queue { seats: vec![A], ..queue() }], vec![seat(), seat()]));
    let call = house.call(caller());
    let next = house.call_to(hotline_model::QueueId(1), caller());
    assert_eq!(house.offers(), [(call, A)]);
    assign(&mut house, call, B);
    let said = house.said();
    assert_eq!(said[0], Output::Withdraw { call, seat: A });
    let offers = said.iter().filter_map(|output| if let Output::Offer { call, seat, .. } = output { Some((*call, *seat)) } else { None });
    assert_eq!(offers.collect::<Vec<_>>(), [(call, B), (next, A)]);
    assign(&mut house, call, B);
    assert!(house.said().is_empty(), "it rings there already");
    assign(&mut house, call, A);
    assert_eq!(refusals(&mut house), [WhyNot::NotReady], "it rings on at B");
    house.answer(call, B);
    assert_eq!(house.word(B), "on call");
}

#[test]
fn a_call_that_the_chosen_seat_does_not_answer_is_first_in_line_again() {
    let mut house = House::open(plan(vec![closed(), queue()], vec![seat(), seat()]));
    house.take_break(B);
    let call = house.call(caller());
    assign(&mut house, call, A);
    house.pass(secs(15));
    assert!(house.said().contains(&Output::Withdraw { call, seat: A }));
    assert_eq!(house.router.position(call), Some(1));
}
