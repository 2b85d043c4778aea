//! No decision allocates, once the router has seen as many seats and calls as it holds (issue 3, line 5).

use crate::house::{House, at_least, caller, need, plan, queue, secs, skilled};
use crate::world::{Shape, World};
use hotline_model::history::OfferEnd;
use hotline_model::{CallId, Intent, Profile, QueueId, SeatId, Timestamp};
use hotline_router::{Input, Output, Router, SeatTable, Share};
use hotline_rules::{GroupId, Plan, Queue, Step, WaitFor};
use std::sync::Arc;

const HOUSE: Shape = Shape { seats: 1_000, ..Shape::LARGE };
const WARM: usize = 50_000;
const COUNTED: usize = 5_000;

/// Allocations of so many turns in a row, of ten such rows the third most: a list that becomes longer than it ever was may grow, and no
/// turn after it pays for that again.
fn allocations(mut turn: impl FnMut()) -> u64 {
    (0..WARM).for_each(|_| turn());
    let mut counts = [(); 10].map(|()| allocation_counter::measure(|| (0..COUNTED).for_each(|_| turn())).count_total);
    counts.sort_unstable();
    counts[7]
}

#[test]
fn a_call_that_is_claimed_for_answered_and_over_allocates_nothing() {
    let mut world = World::ready(HOUSE);
    assert_eq!(allocations(|| _ = world.claim_and_ready()), 0);
}

#[test]
fn a_freed_seat_that_picks_a_waiting_call_allocates_nothing() {
    let mut world = World::busy(HOUSE, 10_000);
    assert_eq!(allocations(|| _ = world.pick()), 0);
}

#[test]
fn a_call_that_waits_for_its_owner_and_an_owner_who_is_free_again_allocate_nothing() {
    let mut world = World::busy(Shape { seats: 1_000, ..Shape::OWNED }, 10_000);
    assert_eq!(allocations(|| _ = world.pick()), 0);
    let mut world = World::ready(Shape { seats: 1_000, ..Shape::OWNED });
    assert_eq!(allocations(|| _ = world.claim_and_ready()), 0);
}

#[test]
fn seats_that_serve_sixty_four_queues_are_claimed_for_and_pick_without_an_allocation() {
    let shape = Shape { seats: 1_000, ..Shape::FULL };
    let mut world = World::ready(shape);
    assert!((0..1_000).all(|seat| world.queues_of(seat) == 64));
    assert_eq!(allocations(|| _ = world.claim_and_ready()), 0);
    let mut world = World::busy(shape, 10_000);
    assert_eq!(allocations(|| _ = world.pick()), 0);
}

/// 1,000 seats of three skills, two steps, an overflow, a wrap-up, and callers who ask for a skill.
fn house() -> Plan {
    let step = |after, at| Step { after: secs(after), requires: at_least(crate::house::BILLING, at), ..Step::default() };
    let served = Queue { steps: vec![step(0, 5), step(10, 1)], wrap_up: secs(1), limit: 1_000, ..queue() };
    let seats = (0..1_000u32).map(|n| skilled([1 + (n % 10) as u8, (n % 3) as u8 * 5, 5]));
    let first = Queue { overflow: Some(QueueId(1)), ..served.clone() };
    plan(vec![first, served], seats.collect())
}

fn asks_for_chinese() -> Profile {
    Profile { skills: vec![need(crate::house::ZH, 5)], ..caller() }
}

fn offer(house: &mut House) -> Option<(CallId, SeatId)> {
    let mut offer = None;
    while let Some(output) = house.router.poll_output() {
        if let Output::Offer { call, seat, .. } = output {
            offer = Some((call, seat));
        }
    }
    offer
}

/// Waits for up to three agents, and which they are is hardly ever the same twice.
fn asks_for_agents_of_its_own(number: u32) -> Profile {
    let seat = |spread: u32| Some(SeatId(number.wrapping_mul(spread) >> 16 & 511));
    Profile { owner: seat(0x9e37_79b9), last: seat(0x85eb_ca6b), preferred: seat(0xc2b2_ae35), ..asks_for_chinese() }
}

#[test]
fn no_way_that_a_call_may_go_allocates_but_for_what_it_brings() {
    assert_eq!(allocations_of_turns(house(), |_| asks_for_chinese()), 0);
}

#[test]
fn no_way_that_a_call_for_agents_of_its_own_may_go_allocates_but_for_what_it_brings() {
    let mut house = house();
    house.assign.wait_for = WaitFor { owner: secs(40), last: secs(20), preferred: secs(10) };
    assert_eq!(allocations_of_turns(house, asks_for_agents_of_its_own), 0);
}

fn allocations_of_turns(plan: Plan, profile: impl Fn(u32) -> Profile) -> u64 {
    let mut house = House::open(plan);
    let (mut number, mut talking) = (0u32, std::collections::VecDeque::with_capacity(1_000));
    let profiles = std::cell::RefCell::new((0..(WARM + 10 * COUNTED) as u32).map(profile).collect::<Vec<_>>());
    let mut turn = || {
        number += 1;
        house.now = house.now + secs(1);
        let (call, profile) = (CallId::new(1, 0, number), profiles.borrow_mut().pop().expect("one for each turn"));
        let queue = QueueId(0);
        house
            .router
            .handle(house.now, Input::Wait { call, queue, profile, since: house.now, answer_by: house.now + secs(30), admitted: false });
        if let Some((call, seat)) = offer(&mut house) {
            match number % 5 {
                0 => house.router.handle(house.now, Input::Leave { call }),
                1 => house.router.handle(house.now, Input::Failed { call, seat, why: OfferEnd::Rejected(486) }),
                2 => {
                    house.router.handle(house.now, Input::Failed { call, seat, why: OfferEnd::Rona });
                    house.router.handle(house.now, Input::Intent { seat, intent: Intent::Available });
                }
                _ => house.router.handle(house.now, Input::Answered { call, seat }),
            }
            talking.push_back((call, seat));
        } else {
            house.router.handle(house.now, Input::Breached { call });
            house.router.handle(house.now, Input::Overflow { call, queue: QueueId(1) });
        }
        if let Some((call, seat)) = offer(&mut house) {
            house.router.handle(house.now, Input::Answered { call, seat });
            talking.push_back((call, seat));
        }
        if talking.len() > 300
            && let Some((call, seat)) = talking.pop_front()
        {
            house.router.handle(house.now, Input::Released { call, seat });
            if let Some((call, seat)) = offer(&mut house) {
                house.router.handle(house.now, Input::Answered { call, seat });
                talking.push_back((call, seat));
            }
        }
    };
    allocations(&mut turn)
}

#[test]
fn a_look_at_what_another_group_did_allocates_nothing() {
    let two = Plan { queue_groups: vec![GroupId(0), GroupId(1)], ..plan(vec![queue(), queue()], vec![skilled([5, 5, 5]); 1_000]) };
    let (plan, table) = (Arc::new(two), Arc::new(SeatTable::shared(1_000, 2)));
    let mut now = Timestamp(0) + secs(1_000);
    let share = |group| Share { group: GroupId(group), routers: 2 };
    let mut routers = [0, 1].map(|group| Router::of_group(now, plan.clone(), table.clone(), share(group)));
    let mut number = 0;
    let turn = || {
        number += 1;
        now = now + secs(1);
        let (group, call) = ((number % 2) as usize, CallId::new(1, 0, number));
        let wait = Input::Wait { call, queue: QueueId(group as u16), profile: caller(), since: now, answer_by: now, admitted: false };
        routers[group].handle(now, wait);
        let mut offered = None;
        while let Some(output) = routers[group].poll_output() {
            if let Output::Offer { seat, .. } = output {
                offered = Some(seat);
            }
        }
        let seat = offered.expect("all seats are ready");
        routers[group].handle(now, Input::Answered { call, seat });
        routers[1 - group].look_around(now);
        routers[group].handle(now, Input::Released { call, seat });
        routers[1 - group].look_around(now);
        routers.iter_mut().for_each(|router| while router.poll_output().is_some() {});
    };
    assert_eq!(allocations(turn), 0);
}

#[test]
fn nothing_in_the_router_locks() {
    let entries = |folder: &std::path::Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let (folders, mut files): (Vec<_>, Vec<_>) =
        entries(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).into_iter().partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| entries(folder)));
    let locks = ["Mutex", "RwLock", "Condvar", "Once", "mpsc", "thread::", "std::fs", "std::net", "std::io", "Instant", "SystemTime"];
    assert!(files.len() > 15);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let found: Vec<&str> = code.filter(|line| locks.iter().any(|lock| line.contains(lock))).collect();
        assert!(found.is_empty(), "{}: {found:?}", file.display());
    }
}
