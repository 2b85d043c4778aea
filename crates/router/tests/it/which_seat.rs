use crate::house::*;
use hotline_model::history::DecidingKey;
use hotline_model::{CallId, Intent, NotReadyReason, Profile, SeatId};
use hotline_rules::{Expression, Key, Origin, Queue, Ranking, Seat, Step, Tier};
use std::time::Duration;

/// Who is offered calls, one after the other, while nobody answers.
fn order(house: &mut House, profile: &Profile, calls: usize) -> Vec<SeatId> {
    for _ in 0..calls {
        house.call(profile.clone());
    }
    house.offers().into_iter().map(|(_, seat)| seat).collect()
}

fn first(house: &mut House, profile: Profile) -> (SeatId, DecidingKey) {
    house.call(profile);
    let (_, seat, _, decision) = house.offers_in_full()[0];
    (seat, decision.key)
}

fn at(origin: Origin, region: hotline_model::RegionId) -> Seat {
    Seat { origin, region: Some(region), ..seat() }
}

fn from(region: hotline_model::RegionId) -> Profile {
    Profile { region: Some(region), ..caller() }
}

fn asks(requires: Expression) -> Queue {
    Queue { steps: vec![Step { after: secs(0), requires, ..Step::default() }], ..queue() }
}

#[test]
fn internal_near_before_internal_far_before_external_near_before_external_far_r37_r39() {
    let seats =
        vec![at(Origin::External, BEIJING), at(Origin::Internal, BEIJING), at(Origin::Internal, HANGZHOU), at(Origin::External, SHANGHAI)];
    let mut house = House::with(seats);
    assert_eq!(order(&mut house, &from(SHANGHAI), 4), [C, B, SeatId(3), A]);
}

#[test]
fn to_a_caller_of_unknown_region_every_internal_seat_is_near_r39() {
    let mut house = House::with(vec![at(Origin::Internal, BEIJING), seat(), at(Origin::External, SHANGHAI)]);
    house.call(caller());
    let (_, seat, _, decision) = house.offers_in_full()[0];
    assert_eq!((seat, decision.tier), (A, 0));
}

#[test]
fn inside_a_tier_higher_proficiency_then_the_previous_agent_r40_r43() {
    let mut house = House::open(plan(vec![asks(at_least(BILLING, 1))], vec![skilled([3, 5, 5]), skilled([7, 5, 5])]));
    assert_eq!(first(&mut house, caller()), (B, DecidingKey::Proficiency));

    let mut equal = House::open(plan(vec![asks(at_least(BILLING, 1))], vec![seat(), seat()]));
    assert_eq!(first(&mut equal, Profile { last: Some(B), ..caller() }), (B, DecidingKey::LastAgent));
}

#[test]
fn with_equal_proficiency_the_better_speaker_of_the_callers_language_r12() {
    let plan = plan(vec![asks(at_least(BILLING, 1))], vec![skilled([5, 9, 3]), skilled([5, 1, 8])]);
    let english = Profile { skills: vec![need(EN, 3)], ..caller() };
    let chinese = Profile { skills: vec![need(ZH, 1)], ..caller() };
    let mut house = House::open(plan);
    assert_eq!(first(&mut house, english), (B, DecidingKey::Proficiency));
    assert_eq!(first(&mut house, chinese).0, A);
}

#[test]
fn a_caller_is_offered_only_to_seats_that_speak_the_language_r12() {
    let mut house = House::with(vec![skilled([5, 5, 0]), skilled([5, 0, 5])]);
    assert_eq!(order(&mut house, &Profile { skills: vec![need(EN, 1)], ..caller() }, 2), [B]);
}

#[test]
fn the_owner_of_the_matter_comes_before_the_last_agent_and_before_proficiency_r57_r43() {
    let seats = vec![skilled([9, 5, 5]), skilled([5, 5, 5]), skilled([3, 5, 5])];
    let profile = Profile { owner: Some(C), last: Some(B), ..caller() };
    let mut house = House::open(plan(vec![asks(at_least(BILLING, 1))], seats));
    assert_eq!(first(&mut house, profile.clone()), (C, DecidingKey::Owner));
    assert_eq!(first(&mut house, profile.clone()), (B, DecidingKey::LastAgent));
    assert_eq!(first(&mut house, profile).0, A);
}

#[test]
fn the_owner_waits_its_turn_where_the_rules_put_proficiency_first() {
    let mut plan = plan(vec![asks(at_least(BILLING, 1))], vec![skilled([9, 5, 5]), skilled([5, 5, 5]), skilled([5, 5, 5])]);
    plan.assign.ranking = Ranking::Keys(vec![Key::Proficiency, Key::Owner, Key::LongestIdle]);
    let mut house = House::open(plan);
    let profile = Profile { owner: Some(C), ..caller() };
    assert_eq!(order(&mut house, &profile, 3), [A, C, B]);
}

/// An external owner and an internal seat, the next tier after a hold.
fn owner_outside(keys: Vec<Key>, hold: Duration) -> House {
    let mut plan = plan(vec![queue()], vec![Seat { origin: Origin::External, ..seat() }, seat()]);
    plan.assign.ranking = Ranking::Keys(keys);
    plan.assign.tiers = vec![(Tier::Internal, hold), (Tier::External, Duration::ZERO)];
    House::open(plan)
}

#[test]
fn an_owner_or_dedicated_agent_comes_before_the_better_tier_where_the_rules_name_owners_first_r45_r57() {
    let keys = || vec![Key::Owner, Key::Proficiency, Key::LongestIdle];
    let profile = Profile { owner: Some(A), ..caller() };
    assert_eq!(first(&mut owner_outside(keys(), Duration::ZERO), profile.clone()), (A, DecidingKey::Owner));
    assert_eq!(first(&mut owner_outside(keys(), secs(5)), profile).0, B, "not before the tier is open");
    let last = Profile { last: Some(A), ..caller() };
    assert_eq!(first(&mut owner_outside(keys(), Duration::ZERO), last), (B, DecidingKey::Tier), "the last agent stays in the tier (R37)");
}

#[test]
fn an_owner_of_a_worse_tier_comes_after_the_better_tier_where_another_key_is_named_first_r37() {
    let keys = vec![Key::Proficiency, Key::Owner, Key::LongestIdle];
    let profile = Profile { owner: Some(A), ..caller() };
    assert_eq!(first(&mut owner_outside(keys, Duration::ZERO), profile), (B, DecidingKey::Tier));
}

#[test]
fn of_equals_the_longest_idle_r41() {
    let mut house = House::with(vec![seat(), seat(), seat()]);
    for id in [C, A, B] {
        house.take_break(id);
        house.pass(secs(1));
    }
    for id in [B, C, A] {
        house.pass(secs(1));
        house.ready(id);
    }
    assert_eq!(order(&mut house, &caller(), 3), [B, C, A]);
}

#[test]
fn a_seat_on_break_in_wrap_up_or_off_shift_is_never_offered_a_call_r41_r138() {
    let mut house = House::open(plan(vec![Queue { wrap_up: secs(60), ..queue() }], vec![seat(), seat(), seat()]));
    let call = house.call(caller());
    house.answer(call, A);
    house.release(call, A);
    house.take_break(B);
    house.intent(C, Intent::NotReady(NotReadyReason::OffShift));
    house.said();
    assert_eq!(order(&mut house, &caller(), 3), []);
    assert_eq!([A, B, C].map(|id| house.word(id)), ["wrap-up", "not ready (break)", "not ready (off shift)"]);
}

#[test]
fn an_unreachable_or_signed_out_seat_is_never_offered_a_call() {
    let seats = vec![Seat { contact: None, ..seat() }, Seat { sign_in: false, ..seat() }, Seat { retired: true, ..seat() }];
    let mut house = House::with(seats);
    let call = house.call(caller());
    assert_eq!(house.offers(), []);
    house.tell(hotline_router::Input::Reachable { seat: A, reachable: true });
    assert_eq!(house.offers(), [(call, A)]);
}

#[test]
fn a_sensitive_call_goes_to_cleared_seats_only_r68() {
    let mut house = House::with(vec![seat(), Seat { cleared: true, ..seat() }]);
    assert_eq!(order(&mut house, &Profile { sensitive: true, ..caller() }, 2), [B]);
}

#[test]
fn a_queue_with_named_seats_goes_to_these_only() {
    let mut house = House::open(plan(vec![Queue { seats: vec![C, B, B], ..queue() }], vec![seat(), seat(), seat()]));
    assert_eq!(order(&mut house, &caller(), 3), [B, C]);
}

#[test]
fn a_retired_seat_is_offered_nothing_and_cannot_sign_in() {
    let mut house = House::with(vec![Seat { retired: true, ..seat() }]);
    house.ready(A);
    house.tell(hotline_router::Input::Reachable { seat: A, reachable: true });
    assert_eq!(order(&mut house, &caller(), 1), []);
    assert_eq!(house.word(A), "signed out");
}

#[test]
fn a_seat_in_no_tier_is_offered_nothing() {
    let mut plan = plan(vec![queue()], vec![Seat { origin: Origin::External, ..seat() }]);
    plan.assign.tiers = vec![(Tier::Internal, secs(0))];
    assert_eq!(order(&mut House::open(plan), &caller(), 1), []);
}

#[test]
fn a_seat_that_an_earlier_step_admits_comes_first_and_the_decision_says_so() {
    let steps = vec![
        Step { after: secs(0), requires: at_least(ZH, 6), ..Step::default() },
        Step { after: secs(0), requires: Expression::Anyone, ..Step::default() },
    ];
    let mut house = House::open(plan(vec![Queue { steps, ..queue() }], vec![skilled([9, 1, 1]), skilled([1, 6, 1])]));
    assert_eq!(first(&mut house, caller()), (B, DecidingKey::Step));
    assert_eq!(first(&mut house, caller()), (A, DecidingKey::OnlyReady));
}

#[test]
fn ids_that_nobody_knows_change_nothing() {
    use hotline_router::Input;
    let mut house = House::with(vec![seat()]);
    let (call, seat) = (CallId::new(9, 9, 9), SeatId(77));
    for input in [
        Input::Leave { call },
        Input::Ringing { call, seat },
        Input::Failed { call, seat, why: hotline_model::history::OfferEnd::Rona },
        Input::Released { call, seat },
        Input::Engaged { call, seat, queue: None },
        Input::WrapUpDone { seat },
        Input::Intent { seat, intent: Intent::Available },
        Input::Reachable { seat, reachable: true },
        Input::Breached { call },
        Input::Overflow { call, queue: hotline_model::QueueId(7) },
    ] {
        house.tell(input);
    }
    assert_eq!(house.said(), []);
    assert_eq!(house.word(seat), "signed out");
}
