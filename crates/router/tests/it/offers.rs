use crate::house::*;
use hotline_model::history::OfferEnd;
use hotline_model::{CallId, Intent, NotReadyReason, QueueId, SeatState};
use hotline_router::{Input, Output};
use hotline_rules::{Delays, Rona, RonaAction, Seat};

fn seats(said: &[Output]) -> Vec<(hotline_model::SeatId, &'static str, Option<CallId>)> {
    let seats = said.iter().filter_map(|output| match output {
        Output::Seat { seat, state, call, .. } => Some((*seat, state.word(), *call)),
        Output::Offer { .. }
        | Output::Nobody { .. }
        | Output::Withdraw { .. }
        | Output::Answered { .. }
        | Output::Late { .. }
        | Output::Refused { .. }
        | Output::Direct { .. }
        | Output::NotAssigned { .. } => None,
    });
    seats.collect()
}

#[test]
fn a_ready_seat_is_offered_the_call_in_the_step_in_which_it_comes() {
    let mut house = House::with(vec![seat()]);
    let call = house.call(caller());
    let said = house.said();
    assert!(matches!(said[0], Output::Offer { call: c, seat: A, ring, decision } if c == call && ring == secs(10) && decision.seq == 1));
    assert!(matches!(said[1], Output::Seat { seq: 2, seat: A, call: Some(c), .. } if c == call));
    assert_eq!(said.len(), 2);
    house.answer(call, A);
    assert_eq!(seats(&house.said()), [(A, "on call", Some(call))]);
}

#[test]
fn a_seat_is_never_offered_two_calls() {
    let mut house = House::with(vec![seat()]);
    let first = house.call(caller());
    house.call(caller());
    assert_eq!(house.offers(), [(first, A)]);
}

#[test]
fn the_ring_is_what_is_left_of_the_answer_clock_within_6_and_10_s_r5() {
    for (waited, ring) in [(0, 10), (20, 10), (22, 8), (24, 6), (29, 6), (40, 6)] {
        let mut house = House::with(vec![seat()]);
        let busy = house.keep_busy(A);
        house.call(caller());
        house.pass(secs(waited));
        house.said();
        house.release(busy, A);
        assert_eq!(house.offers_in_full()[0].2, secs(ring), "after {waited} s");
    }
}

#[test]
fn after_a_breach_the_phone_rings_in_full_k3() {
    let mut house = House::with(vec![seat()]);
    let busy = house.keep_busy(A);
    let call = house.call(caller());
    house.pass(secs(30));
    house.tell(Input::Breached { call });
    house.said();
    house.release(busy, A);
    assert_eq!(house.offers_in_full()[0].2, secs(10));
}

#[test]
fn a_full_confirmed_ring_makes_the_seat_not_ready_and_the_call_first_in_line_r41() {
    let mut house = House::with(vec![seat(), seat()]);
    house.take_break(B);
    let call = house.call(caller());
    let later = house.call(caller());
    house.tell(Input::Ringing { call, seat: A });
    house.pass(secs(10));
    house.ready(B);
    assert_eq!(house.offers(), [(call, A), (later, B)]);
    house.fail(later, B, OfferEnd::Withdrawn);
    house.said();
    house.fail(call, A, OfferEnd::Rona);
    assert_eq!(house.word(A), "not ready (RONA)");
    house.fail(later, B, OfferEnd::Withdrawn);
    assert_eq!(house.offers().last(), Some(&(call, B)), "it kept its place before the later one");
    house.pass(secs(60));
    assert_eq!(house.word(A), "not ready (RONA)", "only the agent ends it");
}

#[test]
fn the_next_offer_goes_out_in_the_step_in_which_one_failed() {
    let mut house = House::with(vec![seat(), seat()]);
    let call = house.call(caller());
    house.tell(Input::Ringing { call, seat: A });
    house.pass(secs(10));
    house.said();
    house.fail(call, A, OfferEnd::Rona);
    assert_eq!(house.offers(), [(call, B)]);
}

#[test]
fn a_ring_that_the_phone_did_not_confirm_or_that_was_cut_short_is_no_rona() {
    for (confirmed, rang) in [(false, 10), (true, 9)] {
        let mut house = House::with(vec![seat()]);
        let call = house.call(caller());
        if confirmed {
            house.tell(Input::Ringing { call, seat: A });
        }
        house.pass(secs(rang));
        house.said();
        house.fail(call, A, OfferEnd::Rona);
        assert_eq!((house.word(A), house.offers()), ("ready", vec![]));
        house.pass(secs(10));
        assert_eq!(house.offers(), [(call, A)], "after a pause");
    }
}

#[test]
fn rona_leaves_a_choice_that_the_agent_made_meanwhile() {
    let mut house = House::with(vec![seat()]);
    let call = house.call(caller());
    house.tell(Input::Ringing { call, seat: A });
    house.intent(A, Intent::NotReady(NotReadyReason::Meal));
    house.pass(secs(10));
    house.fail(call, A, OfferEnd::Rona);
    assert_eq!(house.word(A), "not ready (meal)");
}

#[test]
fn a_busy_phone_gets_no_offer_for_5_s_and_a_refusing_one_for_10_s() {
    for (status, pause) in [(486, 5), (600, 5), (603, 10), (480, 10)] {
        let mut house = House::with(vec![seat()]);
        let call = house.call(caller());
        house.said();
        house.fail(call, A, OfferEnd::Rejected(status));
        house.pass(secs(pause) - std::time::Duration::from_micros(1));
        assert_eq!(house.offers(), [], "{status} is no hot loop");
        house.pass(secs(1));
        assert_eq!(house.offers(), [(call, A)], "{status}");
    }
}

#[test]
fn an_unreachable_seat_with_a_fixed_contact_is_tried_again_after_30_s() {
    let mut house = House::with(vec![seat()]);
    let call = house.call(caller());
    house.said();
    house.fail(call, A, OfferEnd::Unreachable);
    assert_eq!(house.word(A), "unreachable");
    house.pass(secs(29));
    assert_eq!(house.offers(), []);
    house.pass(secs(1));
    assert_eq!(house.offers(), [(call, A)]);
}

#[test]
fn a_seat_that_registers_is_tried_again_after_30_s_unless_its_phone_is_known_to_be_gone() {
    for gone in [false, true] {
        let mut house = House::with(vec![Seat { contact: None, ..seat() }]);
        house.tell(Input::Reachable { seat: A, reachable: true });
        let call = house.call(caller());
        house.said();
        house.fail(call, A, OfferEnd::Unreachable);
        if gone {
            house.tell(Input::Reachable { seat: A, reachable: false });
        }
        house.pass(secs(30));
        assert_eq!(house.offers().is_empty(), gone);
    }
}

#[test]
fn an_offer_whose_lease_ran_out_is_withdrawn_and_its_late_answer_refused() {
    let mut house = House::with(vec![seat(), seat()]);
    let call = house.call(caller());
    house.said();
    house.pass(secs(14));
    assert_eq!(house.said(), []);
    house.pass(secs(1));
    let said = house.said();
    assert!(said.contains(&Output::Withdraw { call, seat: A }));
    assert!(said.iter().any(|output| matches!(output, Output::Offer { call: c, seat: B, .. } if *c == call)), "and goes on at once");
    house.tell(Input::Answered { call, seat: A });
    assert_eq!(house.said(), [Output::Late { call, seat: A }]);
    house.answer(call, B);
    assert_eq!(house.word(B), "on call");
}

#[test]
fn an_answer_told_twice_is_no_late_answer() {
    let mut house = House::with(vec![seat()]);
    let call = house.call(caller());
    house.answer(call, A);
    house.said();
    house.tell(Input::Answered { call, seat: A });
    assert_eq!(house.said(), []);
}

#[test]
fn a_seat_that_signs_out_while_it_is_offered_a_call_loses_the_offer() {
    let mut house = House::with(vec![seat(), seat()]);
    let call = house.call(caller());
    house.said();
    house.intent(A, Intent::SignedOut);
    let said = house.said();
    assert!(said.contains(&Output::Withdraw { call, seat: A }));
    assert_eq!(house.word(A), "signed out");
    house.fail(call, A, OfferEnd::Withdrawn);
    assert_eq!(house.word(B), "offered", "what the engine says of the old leg no longer fits");
}

#[test]
fn a_break_chosen_while_the_phone_rings_begins_after_the_call() {
    let mut house = House::with(vec![seat()]);
    let call = house.call(caller());
    house.take_break(A);
    assert_eq!(house.word(A), "offered");
    house.answer(call, A);
    house.release(call, A);
    assert_eq!(house.word(A), "not ready (break)");
}

#[test]
fn a_caller_who_leaves_frees_the_seat_at_once_and_it_keeps_its_idle_time() {
    let mut house = House::with(vec![seat(), seat()]);
    house.take_break(B);
    house.pass(secs(1));
    house.ready(B);
    house.pass(secs(1));
    let gone = house.call(caller());
    house.pass(secs(5));
    house.tell(Input::Leave { call: gone });
    assert_eq!(seats(&house.said()).last(), Some(&(A, "ready", None)));
    let next = house.call(caller());
    assert_eq!(house.offers(), [(next, A)], "it is still the longest idle");
}

#[test]
fn caller_gone_means_the_same_as_leave() {
    let mut house = House::with(vec![seat()]);
    let gone = house.call(caller());
    house.fail(gone, A, OfferEnd::CallerGone);
    assert_eq!((house.word(A), house.router.waiting(Q), house.router.position(gone)), ("ready", 0, None));
}

#[test]
fn a_seat_whose_offer_ended_takes_the_next_waiting_call_in_the_same_step() {
    let mut house = House::with(vec![seat()]);
    let gone = house.call(caller());
    let next = house.call(caller());
    house.said();
    house.tell(Input::Leave { call: gone });
    assert_eq!(house.offers(), [(next, A)]);
}

#[test]
fn a_seat_in_a_call_of_its_own_is_offered_nothing_and_an_offer_to_it_is_withdrawn() {
    let mut house = House::with(vec![seat()]);
    let call = house.call(caller());
    house.said();
    let own = house.keep_busy(A);
    assert_eq!(house.said()[0], Output::Withdraw { call, seat: A });
    house.pass(secs(60));
    assert_eq!(house.offers(), []);
    house.release(own, A);
    assert_eq!(house.offers(), [(call, A)]);
}

#[test]
fn a_call_that_waits_anew_for_another_seat_keeps_its_present_one() {
    let mut house = House::with(vec![seat(), seat()]);
    let call = house.call(caller());
    house.answer(call, A);
    house.said();
    let (since, answer_by) = (house.now, house.now + secs(30));
    house.tell(Input::Wait { call, queue: Q, profile: caller(), since, answer_by, admitted: false });
    assert_eq!(house.offers(), [(call, B)]);
    house.answer(call, B);
    house.release(call, A);
    assert_eq!((house.word(A), house.word(B)), ("ready", "on call"));
}

#[test]
fn a_call_that_is_sent_elsewhere_while_it_is_offered_is_withdrawn_first() {
    let mut house = House::open(plan(vec![queue(), queue()], vec![seat()]));
    let call = house.call(caller());
    house.said();
    let (since, answer_by) = (house.now, house.now + secs(30));
    house.tell(Input::Wait { call, queue: QueueId(1), profile: caller(), since, answer_by, admitted: false });
    let said = house.said();
    assert_eq!(said[0], Output::Withdraw { call, seat: A });
    assert!(said.iter().any(|output| matches!(output, Output::Offer { decision, .. } if decision.queue == QueueId(1))));
}

#[test]
fn every_seat_change_is_told_with_its_place_in_the_order_of_decisions() {
    let mut house = House::with(vec![seat()]);
    let call = house.call(caller());
    house.answer(call, A);
    house.release(call, A);
    house.take_break(A);
    house.take_break(A);
    let numbers = house.said().into_iter().map(|output| match output {
        Output::Offer { decision, .. } | Output::Nobody { decision, .. } => decision.seq,
        Output::Seat { seq, .. } => seq,
        Output::Direct { .. }
        | Output::Withdraw { .. }
        | Output::Answered { .. }
        | Output::Late { .. }
        | Output::NotAssigned { .. }
        | Output::Refused { .. } => 0,
    });
    assert_eq!(numbers.filter(|number| *number > 0).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let SeatState { intent, .. } = house.router.seat_state(A);
    assert_eq!(intent, Intent::NotReady(NotReadyReason::Break));
}

fn house_with(rona: Rona) -> House {
    let mut plan = plan(vec![queue()], vec![seat()]);
    (plan.assign.rona, plan.assign.delays) = (rona, Delays { busy: secs(2), rejected: secs(4) });
    House::open(plan)
}

/// The offer rings in full.
fn ring_out(house: &mut House, call: CallId) {
    house.tell(Input::Ringing { call, seat: A });
    house.pass(secs(10));
    house.said();
    house.fail(call, A, OfferEnd::Rona);
}

#[test]
fn a_seat_may_miss_as_many_full_rings_in_a_row_as_the_rules_say_before_it_is_not_ready() {
    let mut house = house_with(Rona { strikes: 2, retry_after: secs(3), ..Rona::default() });
    let call = house.call(caller());
    ring_out(&mut house, call);
    assert_eq!((house.word(A), house.offers()), ("ready", vec![]));
    house.pass(secs(3));
    assert_eq!(house.offers(), [(call, A)]);
    house.answer(call, A);
    house.release(call, A);
    let next = house.call(caller());
    ring_out(&mut house, next);
    assert_eq!(house.word(A), "ready", "an answer was between them");
    house.pass(secs(3));
    ring_out(&mut house, next);
    assert_eq!(house.word(A), "not ready (RONA)");
    house.ready(A);
    ring_out(&mut house, next);
    assert_eq!(house.word(A), "ready", "the count begins anew");
}

#[test]
fn where_the_rules_say_retry_a_seat_stays_ready_however_often_it_rings() {
    let mut house = house_with(Rona { action: RonaAction::Retry, retry_after: secs(3), strikes: 1 });
    let call = house.call(caller());
    for _ in 0..5 {
        ring_out(&mut house, call);
        assert_eq!(house.word(A), "ready");
        house.pass(secs(3));
        assert_eq!(house.offers(), [(call, A)]);
    }
}

#[test]
fn each_refusal_has_the_delay_that_the_rules_give_it() {
    for (status, delay) in [(486, 2), (600, 2), (603, 4)] {
        let mut house = house_with(Rona::default());
        let call = house.call(caller());
        house.fail(call, A, OfferEnd::Rejected(status));
        house.pass(secs(delay) - secs(1));
        assert_eq!(house.offers(), [(call, A)], "the first");
        house.pass(secs(1));
        assert_eq!(house.offers(), [(call, A)], "{status} after {delay} s");
    }
}
