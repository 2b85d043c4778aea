//! New rules that were laid out beforehand: what has changed since then is put right as they come, and nothing else is said than without.

use crate::house::*;
use hotline_model::history::Trigger;
use hotline_model::{CallId, Decision, Intent, Priority, Profile, QueueId, SeatId, Timestamp};
use hotline_router::{Input, Layout, Output, Router, SeatTable, Share, Sight};
use hotline_rules::{GroupId, Key, Plan, Queue, Ranking, Seat, Step};
use std::sync::Arc;

fn lay_out(house: &House, next: &Arc<Plan>) -> Layout {
    Layout::new(next, house.router.seats(), house.router.share(), &house.router.wanted())
}

fn strict(level: u8) -> Queue {
    Queue { steps: vec![Step { after: secs(0), requires: at_least(ZH, level), ..Step::default() }], ..queue() }
}

#[test]
fn a_seat_that_came_or_went_since_rules_were_laid_out_is_seen_as_it_is_when_they_come() {
    for change in [Intent::SignedOut, Intent::Available] {
        let mut house = House::open(plan(vec![strict(9)], vec![seat(), seat()]));
        let call = house.call(caller());
        let there = change == Intent::Available;
        house.intent(A, Intent::SignedOut);
        house.intent(B, if there { Intent::SignedOut } else { Intent::Available });
        let next = Arc::new(plan(vec![queue()], vec![seat(), seat()]));
        let layout = lay_out(&house, &next);
        house.intent(B, change);
        house.router.prepare(layout);
        house.tell(Input::Rules(next));
        assert_eq!(house.offers(), if there { vec![(call, B)] } else { vec![] });
        assert_eq!(house.router.is_attended(call), there, "{change:?}");
        house.ready(A);
        assert_eq!(house.offers(), if there { vec![] } else { vec![(call, A)] });
        assert_eq!(house.router.inversions(), 0);
    }
}

#[test]
fn calls_that_came_or_left_since_rules_were_laid_out_wait_on_as_the_others_do() {
    let mut house = House::open(plan(vec![queue(), queue()], vec![seat()]));
    let busy = house.keep_busy(A);
    let (first, gone) = (house.call(caller()), house.call(caller()));
    let next = Arc::new(plan(vec![queue(), queue()], vec![seat()]));
    house.router.prepare(lay_out(&house, &next));
    house.pass(secs(1));
    let (other, urgent) = (house.call_to(QueueId(1), caller()), house.call(with_priority(Priority::Urgent)));
    house.tell(Input::Leave { call: gone });
    house.tell(Input::Overflow { call: first, queue: QueueId(1) });
    house.tell(Input::Rules(next));
    assert_eq!([urgent, first, other].map(|call| house.router.position(call)), [Some(1), Some(2), Some(2)]);
    let mut served = Vec::new();
    house.release(busy, A);
    for _ in 0..3 {
        let (call, seat) = house.offers()[0];
        house.answer(call, seat);
        house.said();
        house.release(call, seat);
        served.push(call);
    }
    assert_eq!(served, [urgent, first, other]);
}

#[test]
fn seats_that_come_and_go_with_the_rules_that_were_laid_out() {
    let mut house = House::with(vec![seat(), seat()]);
    house.intent(B, Intent::SignedOut);
    let offered = house.call(caller());
    let waits = house.call(caller());
    let next = Arc::new(plan(vec![queue()], vec![Seat { retired: true, ..seat() }, seat(), seat()]));
    house.router.prepare(lay_out(&house, &next));
    house.said();
    house.tell(Input::Rules(next));
    let said = house.said();
    assert!(said.contains(&Output::Withdraw { call: offered, seat: A }));
    let offers: Vec<(CallId, SeatId)> =
        said.iter().filter_map(|output| if let Output::Offer { call, seat, .. } = output { Some((*call, *seat)) } else { None }).collect();
    assert_eq!(offers, [(offered, C)], "the call that had a seat goes before the one that waits");
    house.ready(B);
    assert_eq!(house.offers(), [(waits, B)]);
}

#[test]
fn a_layout_for_other_rules_is_left_and_what_rules_replaced_is_given_back() {
    let mut house = House::open(plan(vec![strict(9)], vec![seat()]));
    let call = house.call(caller());
    let other = Arc::new(plan(vec![strict(9)], vec![seat()]));
    house.router.prepare(lay_out(&house, &other));
    assert!(house.router.leftovers().is_none());
    house.tell(Input::Rules(Arc::new(plan(vec![queue()], vec![seat()]))));
    assert_eq!(house.offers(), [(call, A)]);
    let leftovers = house.router.leftovers();
    assert_eq!(Arc::strong_count(&other), 2, "they are in what was replaced, to be dropped elsewhere");
    drop(leftovers);
    assert_eq!(Arc::strong_count(&other), 1);
    assert!(house.router.leftovers().is_none());
}

#[test]
fn the_least_occupied_is_still_known_where_rules_were_laid_out_r41() {
    let dynamic = || {
        let ranking = Ranking::Keys(vec![Key::LeastOccupied, Key::LongestIdle]);
        Plan {
            assign: hotline_rules::Assign { ranking, ..plan(vec![queue()], vec![seat(), seat()]).assign },
            ..plan(vec![queue()], vec![seat(), seat()])
        }
    };
    let mut house = House::open(dynamic());
    let busy = house.keep_busy(A);
    house.pass(secs(60));
    house.release(busy, A);
    house.pass(secs(1));
    house.take_break(B);
    let next = Arc::new(dynamic());
    let layout = lay_out(&house, &next);
    house.pass(secs(1));
    house.ready(B);
    house.router.prepare(layout);
    house.tell(Input::Rules(next));
    let call = house.call(caller());
    assert_eq!(house.offers(), [(call, B)], "A has been idle for longer, and worked for longer");
}

/// The main group's router takes rules while another group takes seats, with a layout or without; what it said, and what it saw.
fn step_beside_another_group(laid_out: bool, others: &[SeatId], seen: Option<Vec<Sight>>) -> (Vec<Output>, Vec<Sight>) {
    let groups = |level| Plan { queue_groups: vec![GroupId(0), GroupId(1)], ..plan(vec![strict(level), queue()], vec![seat(); 4]) };
    let (now, table) = (Timestamp(0) + secs(1000), Arc::new(SeatTable::shared(8, 2)));
    let mut router = Router::of_group(now, Arc::new(groups(9)), Arc::clone(&table), Share { group: GroupId(0), routers: 2 });
    router.keep_sights();
    let wait = |call| Input::Wait {
        call: CallId::new(1, 0, call),
        queue: QueueId(0),
        profile: caller(),
        since: now,
        answer_by: now + secs(30),
        admitted: false,
    };
    (1..=3).for_each(|call| router.handle(now, wait(call)));
    while router.poll_output().is_some() {}
    let next = Arc::new(groups(1));
    if laid_out {
        router.prepare(Layout::new(&next, &table, router.share(), &router.wanted()));
    }
    router.begin_step(seen.clone());
    if seen.is_none() {
        assert!(others.iter().all(|seat| table.claim(*seat, GroupId(1)).is_some()));
    }
    router.handle(now, Input::Rules(next));
    let sights = router.end_step();
    (std::iter::from_fn(|| router.poll_output()).collect(), sights)
}

#[test]
fn a_step_with_a_layout_beside_another_group_is_done_again_without_one() {
    for others in [&[][..], &[A], &[B, C], &[A, B, C]] {
        let (said, sights) = step_beside_another_group(true, others, None);
        let offers: Vec<SeatId> =
            said.iter().filter_map(|output| if let Output::Offer { seat, .. } = output { Some(*seat) } else { None }).collect();
        assert!(offers.len() == (4 - others.len()).min(3) && offers.iter().all(|seat| !others.contains(seat)), "{others:?}: {offers:?}");
        let triggers =
            said.iter().all(|output| !matches!(output, Output::Offer { decision, .. } if decision.trigger != Trigger::RulesChanged));
        assert!(triggers && sights.len() == others.len(), "{sights:?}");
        assert_eq!(step_beside_another_group(false, others, Some(sights.clone())), (said, sights), "{others:?}");
    }
}

/// A call that waited for its owner rings there after new rules, and is given to another: what its decision saw.
fn given_to_another(laid_out: bool) -> Decision {
    let patient = || {
        let mut rules = plan(vec![Queue { seats: vec![A], ..queue() }], vec![seat(), seat()]);
        rules.assign.wait_for.owner = secs(5);
        rules
    };
    let mut house = House::open(patient());
    let busy = house.keep_busy(A);
    let call = house.call(Profile { owner: Some(A), ..caller() });
    let next = Arc::new(patient());
    if laid_out {
        house.router.prepare(lay_out(&house, &next));
    }
    house.tell(Input::Rules(next));
    house.release(busy, A);
    assert_eq!(house.offers(), [(call, A)]);
    house.pass(secs(6));
    house.tell(Input::Assign { call, seat: B });
    house.offers_in_full()[0].3
}

#[test]
fn a_line_that_was_laid_out_for_nobody_is_not_there_later_either() {
    assert_eq!(given_to_another(true), given_to_another(false));
}
