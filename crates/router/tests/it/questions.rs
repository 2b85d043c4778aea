use crate::house::*;
use hotline_model::{Priority, Profile, QueueId, SeatId};

#[test]
fn a_call_knows_how_many_rank_before_it_whatever_its_region_or_language() {
    let mut house = House::open(plan(vec![queue(), queue()], vec![]));
    let first = house.call(Profile { region: Some(BEIJING), ..caller() });
    let second = house.call(Profile { skills: vec![need(EN, 1)], ..caller() });
    let urgent = house.call(with_priority(Priority::Urgent));
    let elsewhere = house.call_to(QueueId(1), caller());
    assert_eq!([first, second, urgent, elsewhere].map(|call| house.router.position(call)), [Some(2), Some(3), Some(1), Some(1)]);
    assert_eq!((house.router.waiting(Q), house.router.waiting(QueueId(1)), house.router.waiting(QueueId(5))), (3, 1, 0));
}

#[test]
fn a_queue_knows_how_long_its_oldest_call_waits() {
    let mut house = House::with(vec![seat()]);
    assert_eq!(house.router.oldest(Q, house.now), None);
    house.keep_busy(A);
    house.call(caller());
    house.pass(secs(3));
    house.call(with_priority(Priority::Urgent));
    house.pass(secs(4));
    assert_eq!(house.router.oldest(Q, house.now), Some(secs(7)));
}

#[test]
fn a_call_that_is_being_offered_has_no_place_in_line() {
    let mut house = House::with(vec![seat()]);
    let call = house.call(caller());
    assert_eq!((house.router.position(call), house.router.waiting(Q)), (None, 0));
}

#[test]
fn a_seat_beyond_the_table_is_signed_out() {
    let mut house = House::with(vec![seat(); 1025]);
    house.ready(SeatId(1024));
    assert_eq!([1023, 1024, 4000].map(|id| house.word(SeatId(id))), ["ready", "signed out", "signed out"]);
}

#[test]
fn among_a_thousand_equal_seats_the_longest_idle_is_found() {
    let mut plan = plan(vec![queue()], vec![seat(); 1000]);
    plan.seats.iter_mut().for_each(|seat| seat.sign_in = false);
    let mut house = House::open(plan);
    let order: Vec<SeatId> = (0..1000u32).map(|index| SeatId(index * 617 % 1000)).collect();
    for seat in &order {
        house.pass(std::time::Duration::from_millis(1));
        house.ready(*seat);
    }
    house.said();
    for _ in 0..1000 {
        house.call(caller());
    }
    assert_eq!(house.offers().into_iter().map(|(_, seat)| seat).collect::<Vec<_>>(), order);
}
