use crate::house::*;
use hotline_model::history::{DecidingKey, Trigger};
use hotline_model::{CallId, Priority, QueueId};
use hotline_router::{Input, explain};
use hotline_rules::{Queue, Seat, Serves, Step};
use std::sync::Arc;

fn served(house: &mut House) -> Vec<CallId> {
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
    let (call, since) = (CallId::new(0, 0, 7), house.now - secs(20));
    house.tell(Input::Wait { call, queue: Q, profile: caller(), since, answer_by: since + secs(30), admitted: false });
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
    let zh = Queue { steps: vec![Step { after: secs(0), requires: at_least(ZH, 6), ..Step::default() }], ..queue() };
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
    house.tell(Input::Reprioritise { call: CallId::new(9, 9, 9), priority: Priority::Urgent });
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
    let call = CallId::new(0, 0, 7);
    let since = house.now - secs(600);
    house.tell(Input::Wait { call, queue: Q, profile: caller(), since, answer_by: since + secs(30), admitted: false });
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

fn aims(target: u64, weight: u8) -> Queue {
    Queue { target: secs(target), weight, ..queue() }
}

fn serving(queues: &[(QueueId, u8)]) -> Seat {
    let serves = |(queue, priority): &(QueueId, u8)| Serves { queue: *queue, priority: *priority, delay: secs(0) };
    Seat { queues: queues.iter().map(serves).collect(), ..seat() }
}

const R: QueueId = QueueId(1);

#[test]
fn of_two_queues_the_call_that_has_used_up_more_of_its_target_is_served_first_r38() {
    let order = |later: u64| {
        let mut house = House::open(plan(vec![aims(30, 1), aims(10, 1)], vec![seat()]));
        let busy = house.keep_busy(A);
        let patient = house.call_to(Q, caller());
        house.pass(secs(6));
        let hasty = house.call_to(R, caller());
        house.pass(secs(later));
        house.said();
        house.release(busy, A);
        let order = served(&mut house);
        assert_eq!(house.router.inversions(), 0);
        order
            .into_iter()
            .map(|call| {
                if call == patient {
                    Q
                } else {
                    assert_eq!(call, hasty);
                    R
                }
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(order(2), [Q, R], "8 of 30 s before 2 of 10 s");
    assert_eq!(order(4), [R, Q], "4 of 10 s before 10 of 30 s");
}

#[test]
fn at_the_same_share_of_two_targets_the_earlier_call_is_served_first_r38() {
    let mut house = House::open(plan(vec![aims(7, 1), aims(21, 1)], vec![seat()]));
    let busy = house.keep_busy(A);
    let early = house.call_to(R, caller());
    house.pass(secs(8));
    let late = house.call_to(Q, caller());
    house.pass(secs(4));
    house.said();
    house.release(busy, A);
    assert_eq!(served(&mut house), [early, late], "12 of 21 s and 4 of 7 s are the same");
}

#[test]
fn a_queue_of_twice_the_weight_is_served_as_if_its_calls_had_waited_twice_as_long() {
    let mut house = House::open(plan(vec![aims(30, 1), aims(30, 2)], vec![seat()]));
    let busy = house.keep_busy(A);
    let early = house.call_to(Q, caller());
    house.pass(secs(3));
    let heavy = house.call_to(R, caller());
    house.pass(secs(4));
    let last = house.call_to(R, caller());
    house.said();
    house.release(busy, A);
    assert_eq!(served(&mut house), [heavy, early, last], "2 x 4 s, 7 s, then 2 x 2 s");
}

#[test]
fn a_call_alone_in_its_queue_was_chosen_by_a_seat_of_several_and_the_decision_says_by_what_r38() {
    let key = |heavy: u8, seat: Seat, with_other: bool| {
        let mut house = House::open(plan(vec![aims(30, 1), aims(30, heavy)], vec![seat]));
        let busy = house.keep_busy(A);
        if with_other {
            house.call_to(Q, caller());
        }
        house.pass(secs(3));
        let last = house.call_to(R, caller());
        house.pass(secs(3));
        house.said();
        house.release(busy, A);
        let (call, _, _, decision) = house.offers_in_full()[0];
        (call == last, decision.key)
    };
    assert_eq!(key(5, seat(), true), (true, DecidingKey::QueueWeight), "5 x 3 s before 6 s");
    assert_eq!(key(1, serving(&[(Q, 2), (R, 1)]), true), (true, DecidingKey::QueuePriority));
    assert_eq!(key(1, seat(), true), (false, DecidingKey::CallOrder), "it had waited longer");
    assert_eq!(key(5, seat(), false), (true, DecidingKey::OnlyReady), "no other call waits");
    assert_eq!(key(5, serving(&[(R, 1)]), true), (true, DecidingKey::OnlyReady), "the other is not for the seat");
}

#[test]
fn neither_target_nor_weight_nor_a_seats_priority_lifts_a_call_over_a_higher_class_r24_k3() {
    let seats = vec![serving(&[(Q, 9), (R, 1)])];
    let mut house = House::open(plan(vec![aims(30, 1), aims(1, 100)], seats));
    let busy = house.keep_busy(A);
    let waiting = house.call_to(R, caller());
    house.pass(secs(60));
    let breached = house.call_to(Q, caller());
    house.tell(Input::Breached { call: breached });
    let important = house.call_to(Q, with_priority(Priority::Important));
    house.said();
    house.release(busy, A);
    assert_eq!(served(&mut house), [important, breached, waiting]);
}

#[test]
fn inside_a_queue_weights_never_invert_two_calls_r38() {
    let mut house = House::open(plan(vec![aims(30, 1), aims(7, 97)], vec![seat()]));
    let busy = house.keep_busy(A);
    let calls: Vec<CallId> = (0..20)
        .map(|_| {
            house.pass(std::time::Duration::from_micros(1));
            house.call_to(R, caller())
        })
        .collect();
    house.said();
    house.release(busy, A);
    assert_eq!(served(&mut house), calls);
}

#[test]
fn a_seat_serves_its_preferred_queue_first_inside_a_class_r24() {
    let mut house = House::open(plan(vec![queue(), queue()], vec![serving(&[(Q, 2), (R, 1)])]));
    let busy = house.keep_busy(A);
    let early = house.call_to(Q, caller());
    house.pass(secs(20));
    let preferred = house.call_to(R, caller());
    let important = house.call_to(Q, with_priority(Priority::Important));
    house.said();
    house.release(busy, A);
    assert_eq!(served(&mut house), [important, preferred, early]);
    assert_eq!(house.router.inversions(), 0);
}

#[test]
fn each_seat_has_its_own_order_of_queues() {
    let mut house = House::open(plan(vec![queue(), queue()], vec![serving(&[(Q, 1), (R, 2)]), serving(&[(Q, 2), (R, 1)])]));
    let busy = [A, B].map(|seat| house.keep_busy(seat));
    let calls = [Q, R, Q, R].map(|queue| {
        house.pass(secs(1));
        house.call_to(queue, caller())
    });
    house.said();
    house.release(busy[1], B);
    house.release(busy[0], A);
    assert_eq!(house.offers(), [(calls[1], B), (calls[0], A)]);
}

#[test]
fn a_seat_with_a_list_of_queues_is_never_offered_a_call_of_another() {
    let mut house = House::open(plan(vec![queue(), queue()], vec![serving(&[(R, 1)]), seat()]));
    house.keep_busy(B);
    let other = house.call_to(Q, caller());
    assert_eq!(house.offers(), []);
    let own = house.call_to(R, caller());
    assert_eq!(house.offers(), [(own, A)]);
    assert_eq!(house.router.position(other), Some(1));
}

#[test]
fn a_seat_that_a_queue_does_not_name_does_not_serve_it_though_its_own_list_does() {
    let named = Queue { seats: vec![B], ..queue() };
    let mut house = House::open(plan(vec![named], vec![serving(&[(Q, 1)]), seat()]));
    house.keep_busy(B);
    house.call(caller());
    assert_eq!(house.offers(), []);
}

#[test]
fn who_waits_in_a_queue_that_left_the_rules_is_served_by_seats_with_lists_too() {
    let rules = |retired| plan(vec![Queue { retired, ..queue() }, queue()], vec![serving(&[(if retired { R } else { Q }, 1)])]);
    let mut house = House::open(rules(false));
    let busy = house.keep_busy(A);
    let call = house.call(caller());
    house.tell(Input::Rules(Arc::new(rules(true))));
    house.said();
    house.release(busy, A);
    assert_eq!(house.offers(), [(call, A)]);
}

#[test]
fn a_call_that_overflowed_counts_in_each_queue_by_its_target_and_is_taken_through_the_one_where_it_counts_more() {
    let mut house = House::open(plan(vec![aims(30, 1), aims(10, 1), aims(20, 1)], vec![seat()]));
    let busy = house.keep_busy(A);
    let both = house.call_to(Q, caller());
    house.pass(secs(1));
    let rival = house.call_to(QueueId(2), caller());
    house.tell(Input::Overflow { call: both, queue: R });
    house.pass(secs(20));
    house.said();
    house.release(busy, A);
    let (call, _, _, decision) = house.offers_in_full()[0];
    assert_eq!((call, decision.queue), (both, R), "21 of 10 s, not 21 of 30 s; its rival has 20 of 20 s");
    house.answer(both, A);
    house.said();
    house.release(both, A);
    assert_eq!(served(&mut house), [rival]);
}

#[test]
fn a_call_that_overflowed_to_a_queue_of_the_same_target_is_taken_through_its_own() {
    for weight in [1, 2] {
        let mut house = House::open(plan(vec![aims(30, 1), aims(30, 1), aims(30, weight)], vec![seat()]));
        let busy = house.keep_busy(A);
        let both = house.call_to(R, caller());
        house.tell(Input::Overflow { call: both, queue: Q });
        house.pass(secs(5));
        house.said();
        house.release(busy, A);
        assert_eq!(house.offers_in_full()[0].3.queue, R);
    }
}

#[test]
fn when_a_step_admits_several_calls_at_once_the_seat_takes_the_one_that_it_ranks_first() {
    let late = |target| Queue {
        steps: vec![
            Step { after: secs(0), requires: at_least(ZH, 9), ..Step::default() },
            Step { after: secs(10), requires: at_least(ZH, 1), ..Step::default() },
        ],
        ..aims(target, 1)
    };
    let mut house = House::open(plan(vec![late(30), late(15)], vec![seat()]));
    let [first, second] = [Q, R].map(|queue| house.call_to(queue, caller()));
    house.pass(secs(10));
    let (call, seat, _, decision) = house.offers_in_full()[0];
    assert_eq!((call, seat), (second, A), "10 of 15 s before 10 of 30 s");
    assert_eq!((decision.trigger, decision.key), (Trigger::StepReached, DecidingKey::QueueWeight));
    let text = explain(&plan(vec![late(30), late(15)], vec![crate::house::seat()]), &decision);
    assert!(text.ends_with("by its queue's weight and target its wait counts more than that of an earlier call"), "{text}");
    assert_eq!((house.router.position(first), house.router.inversions()), (Some(1), 0));
}

#[test]
fn when_the_rules_change_each_seat_takes_the_call_that_it_ranks_first() {
    let rules = |weight, lists: bool| {
        let seats = if lists { vec![serving(&[(Q, 2), (R, 1)]), serving(&[(Q, 1)])] } else { vec![seat(), seat()] };
        plan(vec![aims(30, 1), aims(30, weight)], seats.into_iter().map(|seat| Seat { sign_in: lists, ..seat }).collect())
    };
    let mut house = House::open(rules(1, false));
    let [first, second, third] = [Q, Q, R].map(|queue| {
        house.pass(secs(1));
        house.call_to(queue, caller())
    });
    house.tell(Input::Rules(Arc::new(rules(9, true))));
    assert_eq!(house.offers(), [], "signed out before, and so after");
    house.ready(A);
    assert_eq!(house.offers(), [(third, A)]);
    house.ready(B);
    assert_eq!(house.offers(), [(first, B)]);
    assert_eq!((house.router.position(second), house.router.inversions()), (Some(1), 0));
}

#[test]
fn of_several_seats_that_come_back_at_once_none_takes_a_call_that_it_ranks_behind_another_r38() {
    let lists = [[1, 2], [2, 1], [1, 1]].into_iter().map(|[one, other]| serving(&[(Q, one), (R, other)]));
    let seats = lists.map(|seat| Seat { wrap_up: Some(secs(5)), ..seat }).collect();
    let mut house = House::open(plan(vec![aims(30, 1), aims(10, 1)], seats));
    let busy = [A, B, C].map(|seat| house.keep_busy(seat));
    let calls = [Q, Q, R, R].map(|queue| {
        house.pass(secs(1));
        house.call_to(queue, caller())
    });
    busy.into_iter().zip([A, B, C]).for_each(|(call, seat)| house.release(call, seat));
    house.said();
    house.pass(secs(5));
    // A and B prefer different queues; to C, 5 of 10 s count more than 7 of 30 s.
    assert_eq!(house.offers(), [(calls[0], A), (calls[2], B), (calls[3], C)]);
    assert_eq!((house.router.position(calls[1]), house.router.inversions()), (Some(1), 0));
}
