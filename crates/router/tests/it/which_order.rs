//! The orders of seats, weights, and the patience of a call for agents of its own (R40-R43, R45, R57).

use crate::house::{A, B, BILLING, C, House, Q, SHANGHAI, at_least, caller, plan, queue, seat, secs, skilled};
use hotline_model::history::{DecidingKey, OfferEnd, Trigger};
use hotline_model::{CallId, CustomerType, Decision, Intent, NotReadyReason, Profile, SeatId};
use hotline_router::{Input, Moment, Output, Turn, Verdict, candidates};
use hotline_rules::{Key, Plan, Queue, Ranking, Seat, Step, WaitFor};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

fn ranked(ranking: Ranking, seats: Vec<Seat>) -> Plan {
    let asks = vec![Step { after: Duration::ZERO, requires: at_least(BILLING, 3), ..Step::default() }];
    plan(vec![Queue { steps: asks, ranking: Some(ranking), ..queue() }], seats)
}

fn keys(keys: &[Key]) -> Ranking {
    Ranking::Keys(keys.to_vec())
}

/// Who is offered a call, and why.
fn offer(house: &mut House, profile: Profile) -> (SeatId, DecidingKey) {
    let call = house.call(profile);
    let decision = offered(house, call).expect("a seat is ready");
    (SeatId(decision.seat), decision.key)
}

/// The offer of a call since anything was last asked for.
fn offered(house: &mut House, call: CallId) -> Option<Decision> {
    house.offers_in_full().into_iter().find(|(other, ..)| *other == call).map(|(.., decision)| decision)
}

fn nobody(house: &mut House, call: CallId) -> Option<Decision> {
    house.said().into_iter().find_map(|output| match output {
        Output::Nobody { call: other, decision } if other == call => Some(decision),
        Output::Nobody { .. }
        | Output::Offer { .. }
        | Output::Withdraw { .. }
        | Output::Answered { .. }
        | Output::Late { .. }
        | Output::Seat { .. }
        | Output::Direct { .. }
        | Output::NotAssigned { .. }
        | Output::Refused { .. } => None,
    })
}

/// Lets a seat ring and talk so long.
fn serve(house: &mut House, rings: u64, talks: u64) -> SeatId {
    let call = house.call(caller());
    let seat = SeatId(offered(house, call).expect("a seat is ready").seat);
    house.pass(secs(rings));
    house.tell(Input::Answered { call, seat });
    house.pass(secs(talks));
    house.tell(Input::Released { call, seat });
    seat
}

#[test]
fn the_least_sufficient_seat_leaves_the_better_ones_free_r40() {
    let seats = vec![skilled([9, 0, 0]), skilled([3, 0, 0]), skilled([2, 0, 0])];
    let mut house = House::open(ranked(keys(&[Key::Owner, Key::LeastSufficient, Key::LongestIdle]), seats.clone()));
    assert_eq!(offer(&mut house, caller()), (B, DecidingKey::LeastSufficient), "C does not suffice");
    let mut house = House::open(ranked(keys(&[Key::Proficiency]), seats));
    assert_eq!(offer(&mut house, caller()), (A, DecidingKey::Proficiency));
}

#[test]
fn a_decision_tells_a_proficiency_only_where_it_is_the_same_of_all_seats_of_a_rank_r40() {
    let seats = vec![skilled([9, 0, 0]), skilled([5, 0, 0])];
    let of = |key| {
        let mut house = House::open(ranked(keys(&[key]), seats.clone()));
        let calls = [house.call(caller()), house.call(caller())];
        let all = house.offers_in_full();
        calls.map(|call| all.iter().find(|(other, ..)| *other == call).map(|(.., decision)| decision.proficiency))
    };
    assert_eq!(of(Key::Proficiency), [Some(9), Some(5)]);
    assert_eq!(of(Key::LongestIdle), [Some(0), Some(0)]);
}

#[test]
fn a_seat_for_the_callers_customer_type_goes_first_r42() {
    let for_vips = Seat { customer_types: vec![CustomerType::Vip], ..seat() };
    let mut house = House::open(ranked(keys(&[Key::CustomerType]), vec![seat(), for_vips, seat()]));
    let vip = Profile { customer_type: CustomerType::Vip, ..caller() };
    assert_eq!(offer(&mut house, vip), (B, DecidingKey::CustomerType));
    assert_eq!(offer(&mut house, caller()).0, A, "to others it is a seat as any other");
}

#[test]
fn the_preferred_agent_stands_where_its_key_stands_r43() {
    let profile = Profile { preferred: Some(C), owner: Some(B), ..caller() };
    let of = |order: &[Key]| offer(&mut House::open(ranked(keys(order), vec![seat(), seat(), seat()])), profile.clone());
    assert_eq!(of(&[Key::Preference, Key::Owner]), (C, DecidingKey::Preferred));
    assert_eq!(of(&[Key::Owner, Key::Preference]), (B, DecidingKey::Owner));
    assert_eq!(of(&[Key::LongestIdle, Key::Preference]), (A, DecidingKey::LongestIdle));
}

#[test]
fn the_seat_with_the_least_share_of_time_on_calls_goes_first() {
    let mut house = House::open(ranked(keys(&[Key::LeastOccupied, Key::LongestIdle]), vec![seat(), seat()]));
    assert_eq!(serve(&mut house, 0, 60), A);
    assert_eq!(serve(&mut house, 0, 10), B);
    house.pass(secs(10));
    house.intent(A, Intent::NotReady(NotReadyReason::Break));
    house.intent(A, Intent::Available);
    house.pass(secs(100));
    assert_eq!(offer(&mut house, caller()), (B, DecidingKey::LeastOccupied), "10 s of 70, not 60 s of 80");
}

#[test]
fn signing_in_begins_the_share_anew() {
    let mut house = House::open(ranked(keys(&[Key::LeastOccupied]), vec![seat(), seat()]));
    assert_eq!(serve(&mut house, 0, 60), A);
    assert_eq!(serve(&mut house, 0, 10), B);
    house.intent(A, Intent::SignedOut);
    house.intent(A, Intent::Available);
    assert_eq!(offer(&mut house, caller()).0, A);
}

#[test]
fn the_seat_that_answers_faster_goes_first_r40() {
    let mut house = House::open(ranked(keys(&[Key::Responsiveness]), vec![seat(), seat()]));
    assert_eq!(serve(&mut house, 9, 1), A);
    assert_eq!(serve(&mut house, 1, 1), B);
    assert_eq!(serve(&mut house, 1, 1), B, "though A is idle longer");
    assert_eq!(offer(&mut house, caller()), (B, DecidingKey::Responsiveness));
}

#[test]
fn weights_add_up_to_a_score_and_equal_scores_go_by_longest_idle() {
    let near = |billing| Seat { region: Some(SHANGHAI), ..skilled([billing, 0, 0]) };
    let far = |billing| Seat { region: Some(crate::house::BEIJING), ..skilled([billing, 0, 0]) };
    let caller = || Profile { region: Some(SHANGHAI), ..caller() };
    let of = |weights: &[(Key, u32)], profile| {
        let mut plan = ranked(Ranking::Weights(weights.to_vec()), vec![far(9), near(4), far(9)]);
        plan.assign.tiers = vec![(hotline_rules::Tier::Internal, Duration::ZERO)];
        offer(&mut House::open(plan), profile)
    };
    assert_eq!(of(&[(Key::Proficiency, 1), (Key::Region, 1)], caller()), (B, DecidingKey::Score), "31 + 12 points against 28");
    assert_eq!(of(&[(Key::Proficiency, 4), (Key::Region, 1)], caller()), (A, DecidingKey::LongestIdle), "45 points twice against 32");
    let owned = || Profile { owner: Some(C), ..caller() };
    assert_eq!(of(&[(Key::Proficiency, 4), (Key::Region, 1), (Key::Owner, 1)], owned()), (C, DecidingKey::Owner));
    let last = Profile { last: Some(B), ..caller() };
    assert_eq!(of(&[(Key::Proficiency, 9), (Key::Owner, 1)], last), (A, DecidingKey::LongestIdle), "three points don't outweigh it");
}

/// Three seats of which B is the caller's owner, on a call; the call waits 8 s for it.
fn waits_for_b() -> (House, Input) {
    let mut plan = plan(vec![queue()], vec![seat(), seat(), seat()]);
    plan.assign.wait_for = WaitFor { owner: secs(8), last: secs(5), preferred: Duration::ZERO };
    let mut house = House::open(plan);
    let first = house.call(Profile { owner: Some(B), ..caller() });
    assert_eq!(offered(&mut house, first).map(|decision| decision.seat), Some(B.0), "it is ready, and gets the call at once");
    house.tell(Input::Answered { call: first, seat: B });
    (house, Input::Released { call: first, seat: B })
}

fn owned() -> Profile {
    Profile { owner: Some(B), ..caller() }
}

fn chosen(decision: Option<Decision>) -> Option<(u32, DecidingKey, Trigger)> {
    decision.map(|decision| (decision.seat, decision.key, decision.trigger))
}

#[test]
fn a_call_waits_for_its_owner_who_is_on_a_call_and_then_for_anybody_r57() {
    let (mut house, _) = waits_for_b();
    let call = house.call(owned());
    assert_eq!((offered(&mut house, call), house.router.position(call), house.router.waiting(Q)), (None, Some(1), 1));
    let other = house.call(caller());
    assert_eq!(offered(&mut house, other).map(|decision| decision.seat), Some(A.0), "others don't wait behind it");
    house.pass(secs(8) - Duration::from_millis(1));
    assert_eq!(offered(&mut house, call), None);
    house.pass(Duration::from_millis(1));
    assert_eq!(chosen(offered(&mut house, call)), Some((C.0, DecidingKey::OnlyReady, Trigger::PatienceOver)));
}

#[test]
fn the_owner_who_comes_back_in_time_gets_the_call_r57() {
    let (mut house, released) = waits_for_b();
    let call = house.call(owned());
    house.pass(secs(5));
    house.tell(released);
    assert_eq!(offered(&mut house, call).map(|decision| (decision.seat, decision.trigger)), Some((B.0, Trigger::SeatReady)));
}

#[test]
fn an_owner_who_signs_out_takes_a_break_or_is_unreachable_is_not_waited_for() {
    let goes = [
        Input::Intent { seat: B, intent: Intent::SignedOut },
        Input::Intent { seat: B, intent: Intent::NotReady(NotReadyReason::Break) },
        Input::Reachable { seat: B, reachable: false },
    ];
    for leaves in goes {
        let (mut house, _) = waits_for_b();
        let call = house.call(owned());
        house.pass(secs(2));
        house.tell(leaves);
        assert_eq!(offered(&mut house, call).map(|decision| decision.seat), Some(A.0), "all its callers move on in the same step");
    }
}

#[test]
fn a_call_that_failed_at_its_owner_waits_on_only_as_long_as_it_may() {
    let (mut house, released) = waits_for_b();
    house.tell(released);
    let call = house.call(owned());
    assert_eq!(offered(&mut house, call).map(|decision| decision.seat), Some(B.0));
    house.pass(secs(1));
    house.tell(Input::Failed { call, seat: B, why: OfferEnd::Rejected(486) });
    house.pass(secs(4));
    assert_eq!(offered(&mut house, call), None, "B is in its pause of 5 s and comes back by itself");
    house.pass(secs(1));
    assert_eq!(chosen(offered(&mut house, call)), Some((B.0, DecidingKey::Owner, Trigger::SeatReady)), "for it alone the call waited");
}

#[test]
fn whoever_may_not_serve_the_call_is_not_waited_for() {
    let mut plan = plan(vec![queue()], vec![seat(), Seat { cleared: false, ..seat() }]);
    plan.seats[0].cleared = true;
    plan.assign.wait_for.owner = secs(8);
    let mut house = House::open(plan);
    let call = house.call(Profile { sensitive: true, ..owned() });
    assert_eq!(offered(&mut house, call).map(|decision| decision.seat), Some(A.0), "R68");
}

#[test]
fn why_others_are_passed_over_meanwhile_is_told() {
    let (mut house, _) = waits_for_b();
    let call = house.call(owned());
    let nobody = nobody(&mut house, call).expect("it waits");
    assert_eq!(nobody.key, DecidingKey::OwnAway);
    let mut rules = plan(vec![queue()], vec![seat(), seat(), seat()]);
    rules.assign.wait_for.owner = secs(8);
    let (rules, profile) = (Arc::new(rules), owned());
    let on_call = house.router.seat_state(B);
    let known = BTreeMap::from([(B, (on_call, house.now))]);
    let found = candidates(&Moment { plan: &rules, queue: Q, profile: &profile, waited: secs(2) }, &known);
    let turn = |seat: SeatId| {
        let verdict = found.iter().find(|one| one.seat == seat).map(|one| one.verdict.clone());
        if let Some(Verdict::Member { turn, .. }) = verdict { Some(turn) } else { None }
    };
    assert_eq!((turn(A), turn(B)), (Some(Turn::AfterOwn(secs(8))), Some(Turn::NotReady)));
}
