//! When seats open to a call: rings and tiers of steps, steps that are passed over, delays, reserves.

use crate::house::*;
use hotline_model::history::{DecidingKey, OfferEnd};
use hotline_model::{CallId, Intent, Profile, SeatId};
use hotline_router::{Input, Output};
use hotline_rules::{Expression, Origin, Queue, Reserve, Seat, Serves, Step, Tier};
use std::time::Duration;

fn step(after: u64, requires: Expression) -> Step {
    Step { after: secs(after), requires, ..Step::default() }
}

fn delayed(delay: u64) -> Seat {
    Seat { queues: vec![Serves { queue: Q, priority: 1, delay: secs(delay) }], ..seat() }
}

fn reserve(seats: Vec<SeatId>, waiting: u32, longest: u64) -> Queue {
    let reserve = Reserve { requires: Expression::Anyone, seats, waiting, longest: secs(longest) };
    Queue { reserve: Some(reserve), ..queue() }
}

fn on_break(house: &mut House, seats: &[SeatId]) {
    for seat in seats {
        house.take_break(*seat);
    }
    house.said();
}

fn rings(house: &mut House) -> Vec<(SeatId, Duration)> {
    house.offers_in_full().into_iter().map(|(_, seat, ring, _)| (seat, ring)).collect()
}

#[test]
fn a_step_rings_as_long_as_it_says_and_never_beyond_the_answer_clock_but_for_the_shortest_ring_r5() {
    let steps = vec![Step { ring: Some(secs(8)), ..step(0, at_least(ZH, 6)) }, Step { ring: Some(secs(15)), ..step(10, at_least(ZH, 1)) }];
    let mut house = House::open(plan(vec![Queue { steps, ..queue() }], vec![skilled([1, 6, 1]), skilled([1, 2, 1])]));
    let call = house.call(caller());
    assert_eq!(rings(&mut house), [(A, secs(8))]);
    house.fail(call, A, OfferEnd::Rejected(603));
    house.pass(secs(10));
    assert_eq!(rings(&mut house), [(A, secs(15))], "the step in force at the offer counts, not the one that admits the seat");
    house.pass(secs(13));
    house.fail(call, A, OfferEnd::Rejected(603));
    assert_eq!(rings(&mut house), [(B, secs(7))], "7 s of 30 are left");
    house.pass(secs(3));
    house.fail(call, B, OfferEnd::Rejected(603));
    house.pass(secs(7));
    assert_eq!(rings(&mut house), [(A, secs(6))]);
    house.fail(call, A, OfferEnd::Rejected(603));
    house.tell(Input::Breached { call });
    house.pass(secs(10));
    assert_eq!(rings(&mut house)[0].1, secs(15), "a breached call rings in full");
}

#[test]
fn an_offer_by_hand_rings_as_long_as_the_step_in_force_r44() {
    let steps = vec![Step { ring: Some(secs(8)), ..step(0, at_least(ZH, 9)) }];
    let mut house = House::open(plan(vec![Queue { steps, ..queue() }], vec![seat()]));
    let call = house.call(caller());
    house.tell(Input::Assign { call, seat: A });
    assert_eq!(rings(&mut house), [(A, secs(8))]);
}

#[test]
fn a_step_admits_seats_up_to_its_tier_r37_r39() {
    let tiers = [Tier::InternalNear, Tier::Internal, Tier::External];
    let steps = tiers.into_iter().zip([0, 5, 10]).map(|(tier, after)| Step { tier, ..step(after, Expression::Anyone) }).collect();
    let seats = [(Origin::External, SHANGHAI), (Origin::Internal, BEIJING), (Origin::Internal, HANGZHOU)];
    let seats = seats.map(|(origin, region)| Seat { origin, region: Some(region), ..seat() }).to_vec();
    let mut house = House::open(plan(vec![Queue { steps, ..queue() }], seats));
    let profile = Profile { region: Some(SHANGHAI), ..caller() };
    let calls: Vec<CallId> = (0..3).map(|_| house.call(profile.clone())).collect();
    assert_eq!(house.offers(), [(calls[0], C)]);
    house.pass(secs(4));
    assert_eq!(house.offers(), []);
    house.pass(secs(1));
    assert_eq!(house.offers(), [(calls[1], B)]);
    house.pass(secs(5));
    assert_eq!(house.offers(), [(calls[2], A)]);
}

#[test]
fn a_step_that_too_few_are_signed_in_for_is_passed_over() {
    let steps = vec![Step { consider_if: 2, ..step(0, at_least(ZH, 6)) }, step(10, at_least(ZH, 1))];
    let seats = vec![skilled([1, 6, 1]), skilled([1, 6, 1]), skilled([1, 2, 1])];
    let mut house = House::open(plan(vec![Queue { steps, ..queue() }], seats));
    on_break(&mut house, &[A, B]);
    let call = house.call(caller());
    assert_eq!(house.offers(), [], "two of the first step are signed in, if on a break: it is waited in");
    house.pass(secs(3));
    house.intent(B, Intent::SignedOut);
    let (offered, seat, _, decision) = house.offers_in_full()[0];
    assert_eq!((offered, seat, decision.step), (call, C, 1), "with one, the next step is in force at once");
}

#[test]
fn a_step_is_waited_in_again_when_enough_sign_in_and_keeps_its_time() {
    let steps = vec![Step { consider_if: 1, ..step(0, at_least(ZH, 6)) }, step(10, at_least(ZH, 1))];
    let mut house = House::open(plan(vec![Queue { steps, ..queue() }], vec![skilled([1, 6, 1]), skilled([1, 2, 1])]));
    house.intent(A, Intent::SignedOut);
    on_break(&mut house, &[B]);
    let call = house.call(caller());
    house.pass(secs(2));
    house.intent(A, Intent::NotReady(hotline_model::NotReadyReason::Meal));
    house.ready(B);
    assert_eq!(house.offers(), []);
    house.pass(secs(8));
    assert_eq!(house.offers(), [(call, B)]);
}

#[test]
fn steps_passed_over_in_a_row_all_open_with_the_first() {
    let passed = |after, least| Step { consider_if: 1, ..step(after, at_least(ZH, least)) };
    let steps = vec![passed(0, 9), passed(10, 8), step(20, at_least(ZH, 1)), step(25, Expression::Anyone)];
    let mut house = House::open(plan(vec![Queue { steps, ..queue() }], vec![skilled([1, 2, 1]), skilled([1, 0, 1])]));
    let calls = [house.call(caller()), house.call(caller())];
    assert_eq!(house.offers(), [(calls[0], A)]);
    house.pass(secs(24));
    assert_eq!(house.offers(), []);
    house.pass(secs(1));
    assert_eq!(house.offers().last(), Some(&(calls[1], B)), "the last step keeps its own time");
}

#[test]
fn a_condition_on_a_step_counts_only_seats_that_the_call_may_have() {
    let steps = vec![Step { consider_if: 1, ..step(0, at_least(ZH, 6)) }, step(10, Expression::Anyone)];
    let mut house = House::open(plan(vec![Queue { steps, ..queue() }], vec![skilled([1, 6, 0]), skilled([1, 0, 5])]));
    on_break(&mut house, &[A]);
    let call = house.call(Profile { skills: vec![need(EN, 1)], ..caller() });
    assert_eq!(house.offers(), [(call, B)], "who has zh has no en");
}

#[test]
fn a_call_is_offered_to_a_seat_only_after_its_delay_in_that_queue() {
    let mut house = House::open(plan(vec![queue(), queue()], vec![delayed(20)]));
    let call = house.call(caller());
    house.pass(secs(19));
    assert_eq!(house.offers(), []);
    house.pass(secs(1));
    let (offered, seat, _, decision) = house.offers_in_full()[0];
    assert_eq!((offered, seat, decision.step), (call, A, 0));
}

#[test]
fn a_delay_ends_with_its_step_if_that_comes_later() {
    let steps = vec![step(0, at_least(ZH, 9)), step(10, Expression::Anyone)];
    let mut house = House::open(plan(vec![Queue { steps, ..queue() }], vec![delayed(4)]));
    house.call(caller());
    house.pass(secs(9));
    assert_eq!(house.offers(), []);
    house.pass(secs(1));
    assert_eq!(house.offers().len(), 1);
}

#[test]
fn of_equal_step_and_tier_the_seat_with_the_shorter_delay_comes_first() {
    let mut house = House::open(plan(vec![queue()], vec![delayed(3), seat(), delayed(2)]));
    on_break(&mut house, &[A, B, C]);
    for id in [A, C, B] {
        house.pass(secs(1));
        house.ready(id);
    }
    let since = house.now - secs(10);
    for id in 1..=3 {
        house.tell(Input::Wait {
            call: CallId::new(2, 0, id),
            queue: Q,
            profile: caller(),
            since,
            answer_by: since + secs(30),
            admitted: false,
        });
    }
    let seats: Vec<(SeatId, DecidingKey)> = house.offers_in_full().iter().map(|(_, seat, _, decision)| (*seat, decision.key)).collect();
    assert_eq!(seats, [(B, DecidingKey::Opening), (C, DecidingKey::Opening), (A, DecidingKey::OnlyReady)], "A is idle the longest");
}

#[test]
fn what_decided_compares_only_seats_that_could_have_the_call_by_then() {
    let mut house = House::open(plan(vec![queue()], vec![seat(), delayed(60)]));
    house.call(caller());
    let offers = house.offers_in_full();
    assert_eq!((offers[0].1, offers[0].3.key, offers[0].3.ready), (A, DecidingKey::OnlyReady, 2), "B serves 60 s later");
}

#[test]
fn a_freed_seat_with_a_delay_takes_only_calls_that_have_waited_so_long() {
    let mut house = House::open(plan(vec![queue(), queue()], vec![delayed(20)]));
    let busy = house.keep_busy(A);
    let first = house.call(caller());
    house.pass(secs(12));
    house.release(busy, A);
    assert_eq!(house.offers(), []);
    house.pass(secs(8));
    assert_eq!(house.offers(), [(first, A)]);
}

#[test]
fn a_reserve_serves_while_so_many_calls_wait() {
    let mut house = House::open(plan(vec![reserve(vec![A, B], 3, 0)], vec![seat(), seat()]));
    let calls: Vec<CallId> = (0..2).map(|_| house.call(caller())).collect();
    house.pass(secs(60));
    assert_eq!(house.offers(), []);
    let third = house.call(caller());
    assert_eq!(house.offers(), [(calls[0], A)], "the first in line, and with two left the reserve closes");
    house.fail(calls[0], A, OfferEnd::Unreachable);
    assert_eq!(house.offers(), [(calls[0], B)], "three wait again");
    house.tell(Input::Leave { call: third });
    assert!(!house.said().iter().any(|output| matches!(output, Output::Withdraw { .. })), "an offer that rings rings on");
    house.answer(calls[0], B);
    house.release(calls[0], B);
    house.pass(secs(60));
    assert_eq!(house.offers(), []);
}

#[test]
fn a_reserve_serves_once_the_longest_has_waited_so_long() {
    let mut house = House::open(plan(vec![reserve(vec![A, B], 0, 40)], vec![seat(), seat()]));
    let first = house.call(caller());
    house.pass(secs(30));
    let second = house.call(caller());
    house.pass(secs(9));
    assert_eq!(house.offers(), []);
    house.pass(secs(1));
    assert_eq!(house.offers(), [(first, A)]);
    house.pass(secs(9));
    assert_eq!(house.offers(), [], "the longest has waited 19 s");
    house.answer(first, A);
    house.pass(secs(21));
    assert_eq!(house.offers(), [(second, B)]);
}

#[test]
fn a_call_that_comes_with_its_old_place_opens_the_reserve_at_once() {
    let mut house = House::open(plan(vec![reserve(vec![A], 0, 40)], vec![seat()]));
    let (call, since) = (CallId::new(2, 0, 1), house.now - secs(45));
    house.tell(Input::Wait { call, queue: Q, profile: caller(), since, answer_by: house.now + secs(10), admitted: false });
    assert_eq!(house.offers(), [(call, A)]);
}

#[test]
fn a_reserve_counts_calls_that_overflowed_into_its_queue() {
    let other = Queue { seats: vec![B], ..queue() };
    let mut house = House::open(plan(vec![reserve(vec![A], 2, 0), other], vec![seat(), Seat { sign_in: false, ..seat() }]));
    let (first, second) = (house.call(caller()), house.call_to(hotline_model::QueueId(1), caller()));
    assert_eq!(house.offers(), []);
    house.tell(Input::Overflow { call: second, queue: Q });
    assert_eq!(house.offers(), [(first, A)]);
}

#[test]
fn the_regular_seats_of_a_tier_come_before_its_reserve() {
    let mut house = House::open(plan(vec![reserve(vec![A], 1, 0)], vec![seat(), seat()]));
    let calls = [house.call(caller()), house.call(caller())];
    let offers = house.offers_in_full();
    assert_eq!((offers[0].0, offers[0].1, offers[0].3.key), (calls[0], B, DecidingKey::Opening));
    assert_eq!((offers[1].0, offers[1].1), (calls[1], A));
}

#[test]
fn a_reserve_holds_nobody_back_and_no_step_waits_for_it() {
    let steps = vec![Step { consider_if: 1, ..step(0, at_least(ZH, 6)) }, step(10, at_least(ZH, 1))];
    let queue = Queue { steps, ..reserve(vec![A], 5, 0) };
    let mut plan = plan(vec![queue], vec![skilled([1, 6, 1]), Seat { origin: Origin::External, ..skilled([1, 2, 1]) }]);
    plan.assign.tiers = vec![(Tier::Internal, secs(9)), (Tier::External, secs(0))];
    let mut house = House::open(plan);
    let call = house.call(caller());
    assert_eq!(house.offers(), [(call, B)]);
}

#[test]
fn new_rules_open_a_reserve_for_those_who_wait() {
    let mut house = House::open(plan(vec![reserve(vec![A], 5, 0)], vec![seat()]));
    let calls = [house.call(caller()), house.call(caller())];
    house.tell(Input::Rules(std::sync::Arc::new(plan(vec![reserve(vec![A], 2, 0)], vec![seat()]))));
    assert_eq!(house.offers(), [(calls[0], A)]);
}

#[test]
fn a_step_that_was_reached_stays_reached_though_the_clock_is_set_back() {
    let steps = vec![step(0, at_least(ZH, 9)), step(10, at_least(ZH, 1))];
    let mut house = House::open(plan(vec![Queue { steps, ..queue() }], vec![seat()]));
    let busy = house.keep_busy(A);
    let call = house.call(caller());
    house.pass(secs(10));
    house.now = house.now - secs(5);
    house.call(caller());
    house.now = house.now + secs(6);
    house.said();
    house.release(busy, A);
    assert_eq!(house.offers(), [(call, A)]);
}
