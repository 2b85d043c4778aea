use crate::house::*;
use hotline_model::history::{DecidingKey, NO_SEAT, Trigger};
use hotline_model::{CallId, Intent, Profile, QueueId, SeatId};
use hotline_router::{Input, Output, Refusal};
use hotline_rules::{Expression, Origin, Plan, Queue, Seat, Step};

fn steps(list: &[(u64, Expression)]) -> Queue {
    let steps = list.iter().map(|(after, requires)| Step { after: secs(*after), requires: requires.clone(), ..Step::default() });
    Queue { steps: steps.collect(), ..queue() }
}

fn relaxing() -> Queue {
    steps(&[(0, at_least(ZH, 9)), (10, at_least(ZH, 5)), (20, Expression::Anyone)])
}

#[test]
fn nobody_is_told_once_when_a_call_starts_to_wait() {
    let mut house = House::open(plan(vec![relaxing()], vec![skilled([0, 5, 0])]));
    let call = house.call(caller());
    let said = house.said();
    assert!(matches!(said[..], [Output::Nobody { call: c, decision }] if c == call && decision.seat == NO_SEAT
        && decision.key == DecidingKey::Nobody && (decision.admitted, decision.ready) == (0, 0)));
    house.pass(secs(5));
    assert_eq!(house.said(), []);
}

#[test]
fn a_step_opens_in_time_and_not_before() {
    let mut house = House::open(plan(vec![relaxing()], vec![skilled([0, 5, 0])]));
    let call = house.call(caller());
    assert_eq!(house.router.poll_timeout(), Some(house.now + secs(10)));
    house.pass(secs(10) - std::time::Duration::from_micros(1));
    assert_eq!(house.offers(), []);
    house.pass(std::time::Duration::from_micros(1));
    let (c, seat, _, decision) = house.offers_in_full()[0];
    assert_eq!((c, seat, decision.step, decision.trigger), (call, A, 1, Trigger::StepReached));
}

#[test]
fn calls_reach_a_step_one_after_the_other() {
    let mut house = House::open(plan(vec![relaxing()], vec![skilled([0, 5, 0]), skilled([0, 5, 0])]));
    let first = house.call(caller());
    house.pass(secs(3));
    let second = house.call(caller());
    house.pass(secs(7));
    assert_eq!(house.offers(), [(first, A)]);
    house.pass(secs(3));
    assert_eq!(house.offers(), [(second, B)]);
}

#[test]
fn a_seat_passes_over_a_call_that_has_not_reached_its_step() {
    let mut house = House::open(plan(vec![relaxing(), queue()], vec![skilled([0, 0, 0])]));
    let busy = house.keep_busy(A);
    let urgent = house.call(Profile { priority: hotline_model::Priority::Urgent, ..caller() });
    let plain = house.call_to(QueueId(1), caller());
    house.said();
    house.release(busy, A);
    assert_eq!(house.offers(), [(plain, A)]);
    house.answer(plain, A);
    house.pass(secs(20));
    house.release(plain, A);
    assert_eq!(house.offers(), [(urgent, A)]);
}

fn held(hold: u64) -> Plan {
    let mut plan = plan(vec![queue()], vec![seat(), Seat { origin: Origin::External, ..seat() }]);
    plan.assign.tiers[0].1 = secs(hold);
    plan
}

#[test]
fn with_a_hold_the_next_tier_waits_for_the_better_one_at_most_so_long_r37() {
    let mut house = House::open(held(8));
    house.keep_busy(A);
    let call = house.call(caller());
    house.pass(secs(7));
    assert_eq!(house.offers(), []);
    house.pass(secs(1));
    assert_eq!(house.offers(), [(call, B)]);
}

#[test]
fn without_a_hold_the_next_tier_is_offered_the_call_at_once_r37() {
    let mut house = House::open(held(0));
    house.keep_busy(A);
    let call = house.call(caller());
    assert_eq!(house.offers(), [(call, B)]);
}

#[test]
fn a_hold_does_not_wait_for_a_tier_in_which_nobody_is_signed_in() {
    let mut house = House::open(held(8));
    house.intent(A, Intent::SignedOut);
    let call = house.call(caller());
    assert_eq!(house.offers(), [(call, B)]);
}

#[test]
fn a_hold_ends_when_the_last_seat_of_the_better_tier_goes() {
    for go in [Input::Intent { seat: A, intent: Intent::SignedOut }, Input::Reachable { seat: A, reachable: false }] {
        let mut house = House::open(held(8));
        house.keep_busy(A);
        let call = house.call(caller());
        house.pass(secs(2));
        house.said();
        house.tell(go);
        assert_eq!(house.offers(), [(call, B)]);
    }
}

#[test]
fn a_hold_begins_when_a_seat_of_the_better_tier_comes() {
    let mut house = House::open(held(8));
    house.intent(A, Intent::SignedOut);
    house.keep_busy(B);
    let call = house.call(caller());
    house.pass(secs(2));
    house.take_break(A);
    house.said();
    house.tell(Input::Engaged { call: hotline_model::CallId::new(1, 0, 2), seat: B, queue: None });
    house.tell(Input::Released { call: hotline_model::CallId::new(1, 0, 1), seat: B });
    house.tell(Input::Released { call: hotline_model::CallId::new(1, 0, 2), seat: B });
    assert_eq!((house.word(B), house.offers()), ("ready", vec![]));
    house.pass(secs(6));
    assert_eq!(house.offers(), [(call, B)]);
}

#[test]
fn an_overflowed_call_waits_in_both_queues_and_is_offered_once_k3() {
    let (first, second) = (Queue { seats: vec![A], ..queue() }, Queue { seats: vec![B], ..queue() });
    let mut house = House::open(plan(vec![first, second], vec![seat(), seat()]));
    let (busy, other) = (house.keep_busy(A), house.keep_busy(B));
    let call = house.call(caller());
    house.pass(secs(30));
    house.tell(Input::Breached { call });
    house.tell(Input::Overflow { call, queue: QueueId(1) });
    assert_eq!((house.router.waiting(Q), house.router.waiting(QueueId(1))), (1, 1));
    house.said();
    house.release(other, B);
    house.release(busy, A);
    assert_eq!(house.offers(), [(call, B)]);
    assert_eq!((house.router.waiting(Q), house.router.waiting(QueueId(1))), (0, 0));
    house.fail(call, B, hotline_model::history::OfferEnd::Rejected(486));
    assert_eq!(house.offers(), [(call, A)], "it is back in both");
}

#[test]
fn an_overflow_to_a_queue_with_a_ready_seat_is_offered_at_once_k3() {
    let (first, second) = (Queue { seats: vec![A], ..queue() }, Queue { seats: vec![B], limit: 0, ..queue() });
    let mut house = House::open(plan(vec![first, second], vec![seat(), seat()]));
    house.keep_busy(A);
    let call = house.call(caller());
    house.tell(Input::Overflow { call, queue: QueueId(1) });
    let offers = house.offers_in_full();
    assert_eq!((offers[0].0, offers[0].1, offers[0].3.queue, offers[0].3.trigger), (call, B, QueueId(1), Trigger::Breach));
}

#[test]
fn a_call_beyond_the_queues_limit_is_refused_and_leaves_no_trace() {
    let mut house = House::open(plan(vec![Queue { limit: 1, ..queue() }], vec![seat()]));
    let busy = house.keep_busy(A);
    let waits = house.call(caller());
    house.said();
    let refused = house.call(caller());
    assert_eq!(house.said(), [Output::Refused { call: refused, why: Refusal::QueueFull }]);
    house.release(busy, A);
    assert_eq!(house.offers(), [(waits, A)]);
    assert_eq!(house.router.waiting(Q), 0);
}

#[test]
fn a_call_that_waited_already_is_taken_in_beyond_the_limit_and_counts_for_those_who_come_after() {
    let mut house = House::open(plan(vec![Queue { limit: 1, ..queue() }], vec![seat()]));
    let busy = house.keep_busy(A);
    let first = house.call(caller());
    house.said();
    let kept = CallId::new(1, 0, 900);
    let (since, answer_by) = (house.now, house.now + secs(30));
    house.tell(Input::Wait { call: kept, queue: Q, profile: caller(), since, answer_by, admitted: true });
    assert!(matches!(house.said()[..], [Output::Nobody { call, .. }] if call == kept));
    let refused = house.call(caller());
    assert_eq!(house.said(), [Output::Refused { call: refused, why: Refusal::QueueFull }]);
    assert_eq!(house.router.waiting(Q), 2);
    house.release(busy, A);
    assert_eq!(house.offers(), [(first, A)]);
}

#[test]
fn a_queue_in_which_nobody_may_wait_still_serves_who_finds_a_ready_seat() {
    let mut house = House::open(plan(vec![Queue { limit: 0, ..queue() }], vec![seat()]));
    let call = house.call(caller());
    assert_eq!(house.offers(), [(call, A)]);
}

#[test]
fn a_queue_that_does_not_exist_or_is_retired_takes_no_calls() {
    let mut house = House::open(plan(vec![queue(), Queue { retired: true, ..queue() }], vec![seat()]));
    for id in [QueueId(1), QueueId(9)] {
        let call = house.call_to(id, caller());
        assert_eq!(house.said(), [Output::Refused { call, why: Refusal::NoSuchQueue }]);
    }
}

#[test]
fn nobody_is_left_waiting_beside_a_ready_seat_when_many_become_ready_at_once() {
    let mut house = House::open(plan(vec![Queue { wrap_up: secs(5), ..queue() }], vec![seat(), seat(), seat()]));
    let talking: Vec<_> = [A, B, C].map(|seat| (house.call(caller()), seat)).into();
    talking.iter().for_each(|(call, seat)| house.answer(*call, *seat));
    let [slow, quick] = [hotline_model::Priority::Ordinary, hotline_model::Priority::Urgent].map(|p| house.call(with_priority(p)));
    talking.iter().for_each(|(call, seat)| house.release(*call, *seat));
    house.said();
    house.pass(secs(5));
    assert_eq!(house.offers(), [(quick, SeatId(0)), (slow, SeatId(1))]);
}
