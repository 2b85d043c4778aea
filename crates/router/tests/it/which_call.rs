use crate::house::*;
use hotline_model::history::{DecidingKey, Trigger};
use hotline_model::{Priority, QueueId};
use hotline_router::{Input, explain};

fn served(house: &mut House) -> Vec<hotline_model::CallId> {
    let mut order = Vec::new();
    while let [(call, seat)] = house.offers()[..] {
        order.push(call);
        house.answer(call, seat);
        house.pass(secs(1));
        house.release(call, seat);
    }
    order
}

#[test]
fn of_an_ordinary_an_important_and_an_urgent_call_the_urgent_is_served_first_r24_r38() {
    let mut house = House::with(vec![seat()]);
    let busy = house.keep_busy(A);
    let [ordinary, important, urgent] = [Priority::Ordinary, Priority::Important, Priority::Urgent].map(|p| {
        house.pass(secs(1));
        house.call(with_priority(p))
    });
    house.said();
    house.release(busy, A);
    assert_eq!(served(&mut house), [urgent, important, ordinary]);
}

#[test]
fn inside_a_priority_the_one_who_has_waited_longest_is_served_first_r38() {
    let mut house = House::with(vec![seat()]);
    let busy = house.keep_busy(A);
    let early = house.call(caller());
    house.pass(secs(1));
    let late = house.call(caller());
    house.said();
    house.release(busy, A);
    assert_eq!(served(&mut house), [early, late]);
}

#[test]
fn a_call_taken_up_after_a_restart_keeps_its_entry_time() {
    let mut house = House::with(vec![seat()]);
    let busy = house.keep_busy(A);
    let here = house.call(caller());
    house.pass(secs(1));
    let (call, since) = (hotline_model::CallId::new(0, 0, 7), house.now - secs(20));
    house.tell(Input::Wait { call, queue: Q, profile: caller(), since, answer_by: since + secs(30) });
    house.said();
    house.release(busy, A);
    assert_eq!(served(&mut house), [call, here]);
}

#[test]
fn a_breached_call_goes_first_in_its_priority_but_not_before_a_higher_one_k3() {
    let mut house = House::with(vec![seat()]);
    let busy = house.keep_busy(A);
    let first = house.call(caller());
    let breached = house.call(caller());
    let urgent = house.call(with_priority(Priority::Urgent));
    house.tell(Input::Breached { call: breached });
    house.said();
    house.release(busy, A);
    assert_eq!(served(&mut house), [urgent, breached, first]);
}

#[test]
fn a_seat_takes_the_best_call_of_all_its_queues_and_leaves_what_it_may_not_serve() {
    let other = QueueId(1);
    let zh = hotline_rules::Queue {
        steps: vec![hotline_rules::Step { after: secs(0), requires: at_least(ZH, 6), ..hotline_rules::Step::default() }],
        ..queue()
    };
    let mut house = House::open(plan(vec![queue(), queue(), zh], vec![seat()]));
    let busy = house.keep_busy(A);
    let not_for_it = house.call_to(QueueId(2), with_priority(Priority::Urgent));
    let ordinary = house.call(caller());
    let important = house.call_to(other, with_priority(Priority::Important));
    house.said();
    house.release(busy, A);
    assert_eq!(served(&mut house), [important, ordinary]);
    assert_eq!(house.router.position(not_for_it), Some(1));
}

#[test]
fn the_decision_says_that_the_seat_became_ready_and_the_call_was_first() {
    let plan = plan(vec![queue()], vec![seat()]);
    let mut house = House::open(plan);
    let busy = house.keep_busy(A);
    let first = house.call(caller());
    house.call(caller());
    house.pass(secs(4));
    house.said();
    house.release(busy, A);
    let (call, _, _, decision) = house.offers_in_full()[0];
    assert_eq!((call, decision.trigger, decision.key), (first, Trigger::SeatReady, DecidingKey::CallOrder));
    assert_eq!((decision.waited_ms, decision.ahead, decision.admitted, decision.ready), (4000, 0, 1, 1));
    let text = explain(&crate::house::plan(vec![queue()], vec![seat()]), &decision);
    assert_eq!(text, "call 1-0-2 goes to seat 1001 after 4.0 s in hotline: the seat became ready and this call was first in line");
}

#[test]
fn a_call_whose_priority_changes_moves_at_once_and_keeps_its_entry_time_r38() {
    let mut house = House::with(vec![seat()]);
    let busy = house.keep_busy(A);
    let [first, second, third] = [Priority::Important, Priority::Ordinary, Priority::Important].map(|priority| {
        house.pass(secs(1));
        house.call(with_priority(priority))
    });
    house.tell(Input::Reprioritise { call: second, priority: Priority::Important });
    assert_eq!([first, second, third].map(|call| house.router.position(call)), [Some(1), Some(2), Some(3)]);
    house.tell(Input::Reprioritise { call: third, priority: Priority::Urgent });
    house.tell(Input::Reprioritise { call: first, priority: Priority::Ordinary });
    house.said();
    house.release(busy, A);
    assert_eq!(served(&mut house), [third, second, first]);
}

#[test]
fn a_call_that_rings_comes_back_with_the_priority_it_got_meanwhile() {
    let mut house = House::with(vec![seat()]);
    let ringing = house.call(caller());
    let other = house.call(with_priority(Priority::Important));
    house.tell(Input::Reprioritise { call: ringing, priority: Priority::Urgent });
    house.tell(Input::Reprioritise { call: hotline_model::CallId::new(9, 9, 9), priority: Priority::Urgent });
    assert_eq!(house.offers(), [(ringing, A)]);
    house.fail(ringing, A, hotline_model::history::OfferEnd::Withdrawn);
    assert_eq!(house.offers(), [(ringing, A)]);
    assert_eq!(house.router.position(other), Some(1));
}

#[test]
fn a_call_goes_up_one_priority_for_each_5_min_it_waits_so_that_none_starves_r38() {
    let mut house = House::with(vec![seat()]);
    let busy = house.keep_busy(A);
    let old = house.call(caller());
    house.pass(secs(299));
    let important = house.call(with_priority(Priority::Important));
    assert_eq!(house.router.position(old), Some(2));
    house.pass(secs(1));
    assert_eq!(house.router.position(old), Some(1), "of the same class, and earlier");
    let urgent = house.call(with_priority(Priority::Urgent));
    house.pass(secs(298));
    assert_eq!([urgent, old, important].map(|call| house.router.position(call)), [Some(1), Some(2), Some(3)]);
    house.pass(secs(2));
    house.said();
    house.release(busy, A);
    let (call, _, _, decision) = house.offers_in_full()[0];
    assert_eq!((call, decision.priority), (old, Priority::Ordinary), "the decision keeps what was stated");
    let words = explain(&plan(vec![queue()], vec![seat()]), &decision);
    assert!(words.contains("(ordinary, urgent by now for its long wait)"), "{words}");
}

#[test]
fn a_call_that_comes_back_after_a_long_wait_or_a_new_priority_has_its_age_at_once() {
    let mut house = House::with(vec![seat()]);
    let busy = house.keep_busy(A);
    let important = house.call(with_priority(Priority::Important));
    let call = hotline_model::CallId::new(0, 0, 7);
    let since = house.now - secs(600);
    house.tell(Input::Wait { call, queue: Q, profile: caller(), since, answer_by: since + secs(30) });
    assert_eq!((house.router.position(call), house.router.position(important)), (Some(1), Some(2)));
    house.pass(secs(300));
    let urgent = house.call(with_priority(Priority::Urgent));
    house.tell(Input::Reprioritise { call: important, priority: Priority::Ordinary });
    assert_eq!([call, urgent, important].map(|call| house.router.position(call)), [Some(1), Some(2), Some(3)]);
    house.said();
    house.release(busy, A);
    assert_eq!(served(&mut house), [call, urgent, important]);
}

#[test]
fn without_ageing_a_call_keeps_its_priority_for_ever() {
    let mut rules = plan(vec![queue()], vec![seat()]);
    rules.priorities.ageing = secs(0);
    let mut house = House::open(rules);
    house.keep_busy(A);
    let old = house.call(caller());
    house.pass(secs(3_600));
    house.call(with_priority(Priority::Important));
    assert_eq!(house.router.position(old), Some(2));
}
