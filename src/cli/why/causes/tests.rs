use super::*;
use crate::cli::why::candidates::{Fate, Seats};
use crate::cli::why::rules::{step_asks, with_places};
use crate::cli::why::woke::Woke;
use hotline_archive::{Meanwhile, Source};
use hotline_model::history::{NO_SEAT, Trigger};
use hotline_model::{Activity, Class, Decision, LanguageId, Number, Profile, Timestamp};
use hotline_rules::Tier;
use std::sync::Arc;

fn rules(asks: &str) -> Rules {
    rules_of(&format!("[[queue.step]]\nrequires = \"{asks}\"\n"), "")
}

/// With these steps, and more of seat 1001.
fn rules_of(steps: &str, first: &str) -> Rules {
    let text = format!(
        "number = [{{ name = \"hotline\", queue = \"q\" }}]\nskill = [{{ name = \"zh\" }}]\n[[queue]]\nname = \"q\"\n\
         {steps}[[seat]]\nname = \"1001\"\npassword = \"k7T-wq2\"\nskills = {{ zh = 3 }}\n{first}\
         [[seat]]\nname = \"1009\"\npassword = \"k7T-wq3\"\nskills = {{ zh = 9 }}\n"
    );
    let source = hotline_rules::Source { path: "r.toml".into(), text };
    let Ok(loaded) = hotline_rules::load(&[source], None) else { panic!("they are good") };
    Rules { plan: Arc::new(loaded.plan), profile: Profile::unknown(LanguageId(0)) }
}

fn at(seconds: i64) -> WallTime {
    WallTime(seconds * 1_000_000)
}

fn decided(call: CallId, seq: u64, seconds: i64, revision: Revision, trigger: Trigger) -> StoredDecision {
    let decision = Decision {
        seq,
        at: Timestamp(seconds * 1_000_000),
        call,
        revision,
        seat: NO_SEAT,
        admitted: 1,
        ready: 0,
        ahead: 0,
        waited_ms: u32::try_from(seconds * 1_000).unwrap(),
        rank: 0,
        queue: QueueId(0),
        trigger,
        key: DecidingKey::Nobody,
        step: 0,
        tier: 0,
        priority: Priority::Ordinary,
        proficiency: 0,
    };
    StoredDecision { epoch: 1, decision, at: at(seconds), queue: "q".into(), seat: None }
}

#[test]
fn a_wait_in_which_new_rules_came_is_told_by_the_rules_of_each_part() {
    let (old, new) = (rules("zh >= 5"), rules("zh >= 1"));
    let (before, after) = (old.plan.revision, new.plan.revision);
    let id = CallId::new(1, 0, 1);
    let kinds = [
        (
            0,
            EventKind::Arrived {
                dialled: "hotline".into(),
                from: Number::new("13800138000"),
                source: ([127, 0, 0, 1], 5061).into(),
                sip_call_id: "x".into(),
                revision: before,
            },
        ),
        (0, EventKind::Queued { queue: "q".into(), priority: Priority::Ordinary }),
        (15, EventKind::Answered { seat: "1001".into() }),
    ];
    let events: Vec<CallEvent> = kinds.map(|(seconds, kind)| CallEvent { call: id, at: at(seconds), kind }).into();
    let record = Record::fold(&events).unwrap();
    let decisions = vec![decided(id, 2, 0, before, Trigger::CallWaiting), decided(id, 3, 10, after, Trigger::RulesChanged)];
    let busy = SeatState { intent: Intent::Available, activity: Activity::OnCall, reachable: true };
    let state = SeatEvent { seq: 1, at: at(0), seat: "1001".into(), id: SeatId(0), state: busy, call: None };
    let states: SeatStates = [(Name::from("1001"), state)].into();
    let meanwhile = Meanwhile { seats: Vec::new(), decisions: decisions.clone() };
    let around = Around { runs: vec![(states, meanwhile)], ..Around::default() };
    let found = Found { record: Some(record.clone()), events, left_out: 0, decisions, source: Source::Database };
    assert_eq!(around.revisions(&found), [before, after].into());
    let told = |rules: ByRevision| causes(&found, &record, &rules, &around, at(20)).0;
    let asks = Asks { step: Some("zh >= 5".into()), ..Asks::default() };
    let nobody = || (Duration::from_secs(10), Reason::NobodyIn { asks: asks.clone(), unreachable: true });
    let of_new = (Duration::from_secs(5), all_busy(5, 1));
    assert_eq!(told([(before, rules("zh >= 5")), (after, new)].into()), [nobody(), of_new]);
    assert_eq!(told([(before, old)].into()), [nobody(), (Duration::from_secs(5), Reason::NoneReady(1))], "the newer are not at hand");
}

const READY: SeatState = SeatState { intent: Intent::Available, activity: Activity::Free, reachable: true };
const BUSY: SeatState = SeatState { activity: Activity::OnCall, ..READY };
const OUT: SeatState = SeatState { intent: Intent::SignedOut, reachable: false, ..READY };

fn states_of(states: [SeatState; 2]) -> SeatStates {
    let event = |(name, state): (&str, SeatState), id: u32| {
        (Name::from(name), SeatEvent { seq: 1, at: at(0), seat: name.into(), id: SeatId(id), state, call: None })
    };
    ["1001", "1009"].into_iter().zip(states).zip(0..).map(|(known, id)| event(known, id)).collect()
}

/// What a call waits for, of two seats in these states.
fn after(seconds: u64, rules: &Rules, states: [SeatState; 2]) -> Reason {
    standing(rules, (&"q".into(), None), Duration::from_secs(seconds), &states_of(states), &[])
}

#[test]
fn who_has_calls_before_it_waits_for_these_and_not_for_the_pause_of_one_phone() {
    let rules = rules("zh >= 1");
    let mut walk = Walk::new(CallId::new(1, 0, 1), Some(&rules), "q".into(), 2, at(0), at(0));
    walk.states = [(SeatId(0), READY), (SeatId(1), BUSY)].into();
    walk.pass(at(3));
    let taken = decided(CallId::new(1, 0, 2), 2, 3, Revision(1), Trigger::SeatReady);
    walk.apply(&Moment::Decided(&StoredDecision { seat: Some("1009".into()), ..taken }));
    walk.pass(at(10));
    let paused = Reason::Kept { holds: false, settings: BTreeSet::new() };
    let calls = [(Ahead::Rank(Priority::Ordinary), 1)].into();
    let behind = Reason::Behind { calls, meanwhile: Box::new(paused.clone()) };
    assert_eq!(walk.causes(), [(Duration::from_secs(3), paused), (Duration::from_secs(7), behind)]);
}

#[test]
fn a_wait_of_which_a_part_found_somebody_unreachable_does_not_say_that_nobody_was_signed_in() {
    let rules = rules("zh >= 5");
    let unreachable = SeatState { reachable: false, ..READY };
    for (first, then) in [(unreachable, OUT), (OUT, unreachable)] {
        let mut walk = Walk::new(CallId::new(1, 0, 1), Some(&rules), "q".into(), 1, at(0), at(0));
        walk.states = [(SeatId(0), READY), (SeatId(1), first)].into();
        walk.pass(at(3));
        walk.apply(&Moment::Seat(&"1009".into(), then));
        walk.pass(at(12));
        let causes = walk.causes();
        let [(time, reason)] = causes.as_slice() else { panic!("{causes:?}") };
        assert_eq!(*time, Duration::from_secs(12));
        assert_eq!(super::super::en::reason(reason), "no seat with zh >= 5 was signed in and reachable");
        assert_eq!(super::super::zh::reason(reason), "没有 zh ≥ 5 的坐席签入且话机可达");
    }
}

/// What a call waits for behind another that had a seat which it could have had, both seats being ready and this one in a pause since 1 s.
fn with_a_pause_of(seat: &str, rules: &Rules) -> [String; 2] {
    let call = CallId::new(1, 0, 1);
    let kinds = [
        EventKind::Offered { seat: seat.into(), decision: 1, ring_ms: 10_000 },
        EventKind::OfferEnded { seat: seat.into(), why: OfferEnd::Rejected(603) },
    ];
    let events = kinds.map(|kind| CallEvent { call, at: at(1), kind });
    let around = Around::default();
    let mut walk = Walk::new(call, Some(rules), "q".into(), 2, at(0), at(1));
    walk.offers = Some((&events, &around));
    walk.states = [(SeatId(0), READY), (SeatId(1), READY)].into();
    walk.ahead.insert(seat.into());
    walk.passed.insert(CallId::new(1, 0, 2), Ahead::Rank(Priority::Urgent));
    walk.pass(at(4));
    let causes = walk.causes();
    let [(_, reason)] = causes.as_slice() else { panic!("{causes:?}") };
    [super::super::en::reason(reason), super::super::zh::reason(reason)]
}

#[test]
fn a_pause_after_a_full_ring_is_told_with_the_setting_of_these_r41() {
    let rona = "[assign.rona]\nstrikes = 3\nretry_after = \"20s\"\n";
    let rules = rules_of("[[queue.step]]\nrequires = \"zh >= 1\"\n", rona);
    let (call, seat) = (CallId::new(1, 0, 1), Name::from("1001"));
    let kinds = [
        (0, EventKind::Offered { seat: seat.clone(), decision: 1, ring_ms: 10_000 }),
        (1, EventKind::Ringing { seat: seat.clone() }),
        (10, EventKind::OfferEnded { seat: seat.clone(), why: OfferEnd::Rona }),
    ];
    let events = kinds.map(|(seconds, kind)| CallEvent { call, at: at(seconds), kind });
    let paused = Around::default().paused(&events, &rules.plan, at(12)).remove(&seat);
    assert_eq!(paused.map(|(until, setting)| (until, setting.name())), Some((at(30), "`assign.rona.retry_after`")));
}

#[test]
fn beside_a_seat_in_a_pause_those_held_by_a_step_or_as_the_reserve_are_told() {
    let steps = "[[queue.step]]\nrequires = \"zh >= 5\"\n[[queue.step]]\nafter = \"20s\"\nrequires = \"zh >= 1\"\n";
    let [en, zh] = with_a_pause_of("1009", &rules_of(steps, ""));
    let pause = |seat| format!("pause of seat {seat} after an offer that failed (`assign.delays.rejected`)");
    assert_eq!(en, format!("the ready seats were held back: {}; step 2 (r.toml:9)", pause("1009")));
    assert!(zh.contains("第 2 步（r.toml:9）") && zh.contains("坐席 1009 未接派单后的停派"), "{zh}");
    let reserve = "reserve = { seats = [\"1009\"], waiting = 9 }\n[[queue.step]]\nrequires = \"zh >= 1\"\n";
    let [en, zh] = with_a_pause_of("1001", &rules_of(reserve, ""));
    let kept = "seat 1009 is of the reserve, while the queue is not crowded (r.toml:5)";
    assert_eq!(en, format!("the ready seats were held back: {}; {kept}", pause("1001")));
    assert!(zh.contains("坐席 1001 未接派单后的停派") && zh.contains("坐席 1009 属后备坐席"), "{zh}");
    let [en, _] = with_a_pause_of("1009", &rules("zh >= 5"));
    let alone = "behind 1 urgent call, which went first to a seat that it could have had, while the ready seats were in the pause after an offer that failed (`assign.delays.rejected`)";
    assert_eq!(en, alone);
}

#[test]
fn a_better_seat_that_was_passed_over_had_refused_another_call() {
    let rules = rules("zh >= 1");
    let fate = |chosen: &str, ready: u32, key: DecidingKey, other: &str| {
        let mut stored = decided(CallId::new(1, 0, 1), 1, 5, Revision(1), Trigger::SeatReady);
        (stored.seat, stored.decision.ready, stored.decision.key) = (Some(chosen.into()), ready, key);
        let seats = Seats::at(&stored, &rules, &states_of([READY, READY]), &[], &Around::default()).unwrap();
        let found = seats.groups.into_iter().find(|(_, seats)| seats.iter().any(|one| &*one.seat == other));
        found.map(|(fate, _)| fate)
    };
    assert_eq!(fate("1001", 2, DecidingKey::CallOrder, "1009"), Some(Fate::Paused(None)), "it is the better one");
    assert_eq!(fate("1009", 2, DecidingKey::Proficiency, "1001"), Some(Fate::Ready));
    assert_eq!(fate("1009", 1, DecidingKey::OnlyReady, "1001"), Some(Fate::Paused(None)), "only one was ready");
    assert_eq!(fate("1001", 2, DecidingKey::ByHand, "1009"), Some(Fate::At(READY)), "somebody chose");
}

#[test]
fn a_seat_that_serves_a_queue_only_after_a_delay_has_refused_nothing() {
    let rules = rules_of("[[queue.step]]\nrequires = \"zh >= 1\"\n", "queues = { q = { delay = \"8s\" } }\n");
    let delay = By::Delay(Duration::from_secs(8), Some("r.toml:10".into()));
    assert_eq!(after(5, &rules, [READY, OUT]), Reason::Held(vec![("1001".into(), delay)]));
    assert_eq!(after(8, &rules, [READY, OUT]), Reason::Kept { holds: false, settings: BTreeSet::new() });
    assert_eq!(after(5, &rules, [READY, READY]), Reason::Kept { holds: false, settings: BTreeSet::new() }, "the other one has no delay");
}

#[test]
fn what_a_class_of_calls_needs_is_told_with_its_place_r48() {
    let mut rules = rules_of("[[queue.step]]\nrequires = \"anyone\"\n[assign.levels]\ncomplex = \"zh >= 5\"\n", "");
    rules.profile.class = Some(Class::Complex);
    rules.profile.skills = rules.plan.assign.levels.iter().map(|(_, need)| *need).collect();
    let stored = decided(CallId::new(1, 0, 1), 1, 5, Revision(1), Trigger::SeatReady);
    let seats = Seats::at(&stored, &rules, &states_of([READY, READY]), &[], &Around::default()).unwrap();
    assert_eq!((seats.asks.needs.as_deref(), seats.needs_place.as_deref()), (Some("zh >= 5"), Some("r.toml:7")));
}

#[test]
fn a_setting_is_told_with_its_place_if_a_reload_in_between_left_it_there() {
    let plan = |more: &str| rules_of(&format!("[[queue.step]]\nrequires = \"anyone\"\n{more}[assign]\ntiers = [\"internal\"]\n"), "").plan;
    let (same, moved) = (plan(""), plan("# more\n"));
    let told = |plans: &[Arc<Plan>]| with_places("in no tier (`assign.tiers`)", plans);
    assert_eq!(told(&[same.clone(), same.clone()]), "in no tier (`assign.tiers` r.toml:8)");
    assert_eq!(told(&[same, moved]), "in no tier (`assign.tiers`)");
    assert_eq!(told(&[]), "in no tier (`assign.tiers`)");
}

#[test]
fn a_seat_of_a_tier_that_the_step_does_not_admit_is_no_seat_that_has_what_it_asks_for_r39() {
    let steps = "[[queue.step]]\nrequires = \"zh >= 3\"\ntier = \"internal\"\n[[queue.step]]\nafter = \"30s\"\nrequires = \"zh >= 3\"\n";
    let rules = rules_of(steps, "origin = \"external\"\n");
    let asks = Asks { step: Some("zh >= 3".into()), tier: Some(Tier::Internal), ..Asks::default() };
    let nobody = Reason::NobodyIn { asks, unreachable: false };
    assert_eq!(after(5, &rules, [READY, OUT]), nobody);
    assert_eq!(crate::cli::why::en::reason(&nobody), "no seat with zh >= 3 of tier internal or better was signed in");
    assert_eq!(crate::cli::why::zh::reason(&nobody), "没有 zh ≥ 3 且 层级不低于 internal 的坐席签入");
    assert_eq!(step_asks(&rules.plan, &rules.plan.queue(QueueId(0)).steps[0]), "zh >= 3, tier internal");
    assert_eq!(step_asks(&rules.plan, &rules.plan.queue(QueueId(0)).steps[1]), "zh >= 3");
}

#[test]
fn a_step_that_is_passed_over_asks_for_nothing() {
    let first = |when: &str| {
        let steps = format!("[[queue.step]]\nrequires = \"zh >= 5\"\n{when}[[queue.step]]\nafter = \"30s\"\nrequires = \"zh >= 1\"\n");
        after(5, &rules_of(&steps, ""), [BUSY, OUT])
    };
    assert_eq!(first(""), Reason::NobodyIn { asks: Asks { step: Some("zh >= 5".into()), ..Asks::default() }, unreachable: false });
    assert_eq!(first("consider_if = \"signed_in >= 1\"\n"), all_busy(0, 1));
}

#[test]
fn a_seat_that_let_a_call_ring_out_is_not_ready_and_not_busy_r41() {
    let rona = SeatState { intent: Intent::NotReady(hotline_model::NotReadyReason::Rona), ..READY };
    let told = |seats: &[(SeatState, usize)]| {
        let reason = Reason::Busy(vec![Stretch { time: Duration::ZERO, seats: seats.to_vec(), reserve: Vec::new() }]);
        (super::super::en::reason(&reason), super::super::zh::reason(&reason))
    };
    let (en, zh) = told(&[(rona, 1)]);
    assert_eq!(en, "the only admitted seat signed in and reachable was not ready, having let a call ring out (RONA)");
    assert_eq!(zh, "签入且话机可达的坐席中唯一可接的未就绪：久叫不应（RONA）");
    let (en, zh) = told(&[(BUSY, 2), (rona, 1)]);
    assert_eq!(en, "all 3 admitted seats signed in and reachable were busy or not ready (2 on call, 1 not ready (RONA))");
    assert_eq!(zh, "签入且话机可达的坐席中可接的 3 个都在忙或未就绪（2 个通话中、1 个久叫不应（RONA））");
    assert_eq!(told(&[(BUSY, 1)]).0, "the only admitted seat signed in and reachable was busy: on call");
}

#[test]
fn a_delay_of_a_seat_that_is_over_is_no_step_of_the_queue() {
    let steps = "[[queue.step]]\nrequires = \"zh >= 5\"\n[[queue.step]]\nafter = \"20s\"\nrequires = \"zh >= 1\"\n";
    let rules = rules_of(steps, "queues = { q = { delay = \"8s\" } }\n");
    let woke = |seconds, seat: Option<&str>| {
        let stored = decided(CallId::new(1, 0, 1), 1, seconds, Revision(1), Trigger::StepReached);
        Woke::of(&StoredDecision { seat: seat.map(Name::from), ..stored }, Some(&rules.plan), &[], &SeatStates::new())
    };
    let delay = Woke::Delay(Duration::from_secs(8), None);
    let of_chosen = Woke::Delay(Duration::from_secs(8), Some("r.toml:13".into()));
    assert_eq!((woke(8, Some("1001")), woke(8, None)), (of_chosen, delay.clone()));
    assert_eq!(woke(20, Some("1001")), Woke::By(Trigger::StepReached));
    assert_eq!(woke(8, Some("1009")), delay, "another's was over, and this one was the better");
    assert_eq!(woke(21, None), Woke::By(Trigger::StepReached), "late by a second, on a busy machine");
    assert_eq!(woke(9, None), delay, "so too");
}

#[test]
fn whoever_went_ahead_before_a_failed_offer_is_still_told() {
    let rules = rules("zh >= 1");
    let mut walk = Walk::new(CallId::new(1, 0, 1), Some(&rules), "q".into(), 2, at(0), at(0));
    walk.states = [(SeatId(0), BUSY), (SeatId(1), BUSY)].into();
    let passes = |walk: &mut Walk<'_>, call, seconds| {
        let taken = decided(CallId::new(1, 0, call), u64::from(call), seconds, Revision(1), Trigger::SeatReady);
        let taken = StoredDecision { seat: Some("1001".into()), ..taken };
        walk.apply(&Moment::Decided(&taken));
        walk.pass(at(seconds + 5));
    };
    walk.pass(at(1));
    passes(&mut walk, 2, 1);
    walk.happened(&EventKind::Offered { seat: "1001".into(), decision: 1, ring_ms: 10_000 });
    walk.pass(at(7));
    walk.happened(&EventKind::OfferEnded { seat: "1001".into(), why: OfferEnd::Rejected(486) });
    passes(&mut walk, 3, 7);
    let behind = |all: Causes| all.into_iter().find(|(_, why)| matches!(why, Reason::Behind { .. }));
    let calls = [(Ahead::Rank(Priority::Ordinary), 2)].into();
    let both = Reason::Behind { calls, meanwhile: Box::new(all_busy(10, 2)) };
    assert_eq!(behind(walk.causes()), Some((Duration::from_secs(10), both)));
}

/// A call that began to wait at 1 s; both seats are busy, and another call is given seat 1001 at this moment.
fn taken_at(micros: i64, rules: &Rules) -> Walk<'_> {
    let mut walk = Walk::new(CallId::new(1, 0, 1), Some(rules), "q".into(), 2, at(1), at(1));
    walk.states = [(SeatId(0), BUSY), (SeatId(1), BUSY)].into();
    walk.pass(WallTime(micros));
    let taken = decided(CallId::new(1, 0, 2), 2, 1, Revision(1), Trigger::SeatReady);
    walk.apply(&Moment::Decided(&StoredDecision { at: WallTime(micros), seat: Some("1001".into()), ..taken }));
    walk
}

#[test]
fn two_calls_of_one_moment_are_told_the_same_although_a_third_took_a_seat_between_them() {
    let rules = rules("zh >= 1");
    let busy = [(Duration::from_secs(9), all_busy(9, 2))];
    for (name, at_us) in [("as it came", 1_000_000), ("1 ms before it came", 999_000)] {
        let mut walk = taken_at(at_us, &rules);
        walk.pass(at(10));
        assert_eq!(walk.causes(), busy, "{name}");
    }
}

#[test]
fn behind_others_a_call_is_while_they_have_the_seats_that_it_could_have_had() {
    let rules = rules("zh >= 1");
    let mut walk = taken_at(3_000_000, &rules);
    let wrap_up = SeatState { activity: Activity::WrapUp, ..READY };
    for (seconds, state) in
        [(4, BUSY), (8, wrap_up), (9, SeatState { intent: Intent::NotReady(hotline_model::NotReadyReason::Meal), ..READY })]
    {
        walk.pass(at(seconds));
        walk.apply(&Moment::Seat(&"1001".into(), state));
    }
    walk.pass(at(12));
    let causes = walk.causes();
    let told: Vec<_> = causes.iter().map(|(time, why)| (time.as_secs(), crate::cli::why::en::reason(why))).collect();
    let busy = "all 2 admitted seats signed in and reachable were busy";
    // 2 s before, and the 3 s of the meal.
    let expected = [
        (5, format!("{busy} or not ready (1 to 2 on call, up to 1 not ready (meal))")),
        (
            6,
            format!(
                "behind 1 ordinary call, which went first to a seat that it could have had, while {busy} (1 to 2 on call, up to 1 wrap-up)"
            ),
        ),
    ];
    assert_eq!(told, expected);
}

/// Seats that are on calls all the time.
fn all_busy(seconds: u64, seats: usize) -> Reason {
    Reason::Busy(vec![Stretch { time: Duration::from_secs(seconds), seats: vec![(BUSY, seats)], reserve: Vec::new() }])
}

#[test]
fn each_second_of_a_busy_seat_is_told_as_what_it_was() {
    let rules = rules("zh >= 5");
    let mut walk = Walk::new(CallId::new(1, 0, 1), Some(&rules), "q".into(), 1, at(0), at(0));
    walk.states = [(SeatId(0), OUT), (SeatId(1), BUSY)].into();
    for (seconds, activity) in [(2, Activity::WrapUp), (5, Activity::Free), (6, Activity::OnCall), (7, Activity::WrapUp)] {
        walk.pass(at(seconds));
        let rona = SeatState { intent: Intent::NotReady(hotline_model::NotReadyReason::Rona), ..READY };
        walk.apply(&Moment::Seat(&"1009".into(), SeatState { activity, ..if activity == Activity::Free { rona } else { READY } }));
    }
    walk.pass(at(7) + Duration::from_millis(2));
    let causes = walk.causes();
    let [(_, reason)] = causes.as_slice() else { panic!("{causes:?}") };
    let en = "the only admitted seat signed in and reachable was busy or not ready (3.0 s on call, 3.0 s wrap-up, 1.0 s not ready (RONA))";
    assert_eq!(crate::cli::why::en::reason(reason), en);
    let zh = "签入且话机可达的坐席中唯一可接的在忙或未就绪（3.0 秒 通话中、3.0 秒 话后、1.0 秒 久叫不应（RONA））";
    assert_eq!(crate::cli::why::zh::reason(reason), zh);
}

/// The wait for seat 1001, which is offered the call for 4 s.
fn rang_for(rings: bool, end: Option<OfferEnd>) -> [String; 2] {
    let rules = rules("zh >= 1");
    let mut walk = Walk::new(CallId::new(1, 0, 1), Some(&rules), "q".into(), 2, at(0), at(0));
    walk.happened(&EventKind::Offered { seat: "1001".into(), decision: 1, ring_ms: 10_000 });
    walk.pass(at(1));
    if rings {
        walk.happened(&EventKind::Ringing { seat: "1001".into() });
    }
    walk.pass(at(4));
    if let Some(why) = end {
        walk.happened(&EventKind::OfferEnded { seat: "1001".into(), why });
    }
    let causes = walk.causes();
    let [(time, reason)] = causes.as_slice() else { panic!("{causes:?}") };
    assert_eq!(*time, Duration::from_secs(4));
    [super::super::en::reason(reason), super::super::zh::reason(reason)]
}

#[test]
fn a_phone_that_never_said_that_it_rings_is_not_told_to_ring() {
    let [en, zh] = rang_for(false, Some(OfferEnd::Unreachable));
    assert_eq!(en, "offered to seat 1001, whose phone did not answer (no 1xx within 2 s, or a transport error)");
    assert_eq!(zh, "派给坐席 1001，其话机无应答（2 秒内没有 1xx，或传输错误）");
    let [en, zh] = rang_for(false, Some(OfferEnd::Rona));
    assert_eq!(en, "offered to seat 1001, whose phone never said that it rings, nor answered");
    assert_eq!(zh, "派给坐席 1001，其话机一直未报振铃，也无人接听");
    assert_eq!(
        rang_for(false, Some(OfferEnd::Rejected(486))),
        ["offered to seat 1001 (refused by the phone (486))", "派给坐席 1001（话机拒接（486））"]
    );
    assert_eq!(rang_for(false, None), ["offered to seat 1001", "已派给坐席 1001"]);
    assert_eq!(rang_for(true, None), ["ringing at seat 1001", "坐席 1001 振铃"], "also in the second before it said so");
    assert_eq!(rang_for(true, Some(OfferEnd::CallerGone)), ["ringing at seat 1001 (the caller was gone)", "坐席 1001 振铃（客户已离开）"]);
}

#[test]
fn the_queues_own_seats_are_named_where_others_who_are_there_have_what_is_asked() {
    let step = "[[queue.step]]\nrequires = \"zh >= 3\"\n";
    let named = rules_of(&format!("seats = [\"1001\"]\n{step}"), "");
    let told = |rules: &Rules, states| crate::cli::why::en::reason(&after(5, rules, states));
    assert_eq!(told(&named, [OUT, OUT]), "no seat with zh >= 3 was signed in");
    assert_eq!(told(&named, [OUT, READY]), "no seat among the queue's `seats` (r.toml:4) with zh >= 3 was signed in");
    let others = rules_of(&step.replace('3', "5"), "");
    assert_eq!(told(&others, [READY, OUT]), "no seat with zh >= 5 was signed in");
    let elsewhere = rules_of(&format!("{step}[[queue]]\nname = \"p\"\n"), "queues = [\"p\"]\n");
    assert_eq!(told(&elsewhere, [READY, OUT]), "no seat of those that serve the queue with zh >= 3 was signed in");
    assert_eq!(crate::cli::why::zh::reason(&after(5, &elsewhere, [READY, OUT])), "服务该队列的坐席中没有 zh ≥ 3 的坐席签入");
}

#[test]
fn a_restart_ends_the_pauses_of_whichever_call() {
    let rules = rules("zh >= 1");
    let (own, other, seat) = (CallId::new(1, 0, 1), CallId::new(1, 0, 2), Name::from("1001"));
    let refused = |call| {
        let kinds = [
            EventKind::Offered { seat: seat.clone(), decision: 1, ring_ms: 10_000 },
            EventKind::OfferEnded { seat: seat.clone(), why: OfferEnd::Rejected(603) },
        ];
        kinds.map(|kind| CallEvent { call, at: at(1), kind }).to_vec()
    };
    let mut events = refused(own);
    let paused = |events: &[CallEvent]| Around::default().paused(events, &rules.plan, at(3)).len();
    assert_eq!(paused(&events), 1);
    events.push(CallEvent { call: own, at: at(2), kind: EventKind::Recovered });
    assert_eq!(paused(&events), 0);
    let change = |seconds, activity| {
        let state = SeatState { activity, ..READY };
        SeatEvent { seq: 1, at: at(seconds), seat: seat.clone(), id: SeatId(0), state, call: Some(other) }
    };
    let run = |seconds| {
        let decisions = vec![decided(own, 1, seconds, Revision(1), Trigger::CallWaiting)];
        (SeatStates::new(), Meanwhile { seats: Vec::new(), decisions })
    };
    let before = vec![change(0, Activity::Offered), change(1, Activity::Free)];
    let after = vec![change(2, Activity::Free)];
    let around = |runs, changes| Around { runs, changes, refused: vec![(other, refused(other))], ..Around::default() };
    let (one, two) = (around(vec![run(0)], vec![before.clone()]), around(vec![run(0), run(2)], vec![before, after]));
    assert_eq!(one.paused(&[], &rules.plan, at(3)).len(), 1);
    assert_eq!(two.paused(&[], &rules.plan, at(3)).len(), 0);
}

#[test]
fn what_is_told_in_the_same_words_is_told_once() {
    let hold = |seat: &str| Reason::Held(vec![(seat.into(), By::Hold(vec![(Tier::Internal, Duration::from_secs(6))]))]);
    let causes = vec![(at(2).since(at(0)), hold("1001")), (at(1).since(at(0)), hold("1009"))];
    let waited = crate::cli::why::Waited {
        time: Duration::from_secs(3),
        queue: &"q".into(),
        priority: None,
        goes_on: false,
        left: false,
        full: false,
        counts: None,
    };
    let en = "Waited 3.0 s: 3.0 s the ready seats were held back: hold of tier internal, 6.0 s (`assign.tiers`).";
    assert_eq!(crate::cli::why::en::causes(&causes, &waited), en);
    let zh = "等待 3.0 秒：3.0 秒 空闲坐席暂不派单：层级 internal 的保留时间 6.0 秒（`assign.tiers`）。";
    assert_eq!(crate::cli::why::zh::causes(&causes, &waited), zh);
}

#[test]
fn a_wait_follows_the_reserve_that_begins_and_ceases_to_serve_while_its_seats_are_in_a_pause() {
    let rules = rules_of("reserve = { seats = [\"1009\"], waiting = 2 }\n[[queue.step]]\nrequires = \"zh >= 1\"\n", "");
    let (own, other) = (CallId::new(1, 0, 1), CallId::new(1, 0, 2));
    let kinds = [
        EventKind::Offered { seat: "1009".into(), decision: 1, ring_ms: 10_000 },
        EventKind::OfferEnded { seat: "1009".into(), why: OfferEnd::Rejected(603) },
    ];
    let events = kinds.map(|kind| CallEvent { call: own, at: at(1), kind });
    let around = Around { line: [(other, vec![at(8)])].into(), ..Around::default() };
    let mut walk = Walk::new(own, Some(&rules), "q".into(), 2, at(0), at(1));
    walk.offers = Some((&events, &around));
    walk.states = [(SeatId(0), BUSY), (SeatId(1), READY)].into();
    walk.pass(at(4));
    walk.apply(&Moment::Decided(&decided(other, 2, 4, Revision(1), Trigger::CallWaiting)));
    walk.pass(at(8));
    walk.apply(&Moment::Gone(other));
    walk.pass(at(10));
    let calm = Reason::Reserve(Some("r.toml:5".into()));
    let paused = Reason::Kept { holds: false, settings: [Setting::Rejected].into() };
    assert_eq!(walk.causes(), [(Duration::from_secs(5), calm), (Duration::from_secs(4), paused)]);
}

#[test]
fn a_seat_of_a_reserve_that_serves_after_a_long_wait_is_held_back_by_that_and_by_no_step() {
    let reserve = "reserve = { seats = [\"1009\"], waiting = 9, longest = \"25s\" }\n[[queue.step]]\nrequires = \"zh >= 1\"\n";
    let [en, zh] = with_a_pause_of("1001", &rules_of(reserve, ""));
    let kept = "seat 1009 is of the reserve, which serves once a call has waited 25.0 s, or 9 calls wait (r.toml:5)";
    let pause = "pause of seat 1001 after an offer that failed (`assign.delays.rejected`)";
    assert_eq!(en, format!("the ready seats were held back: {pause}; {kept}"));
    assert!(zh.contains("坐席 1009 属后备坐席，有来电等满 25.0 秒或有 9 个来电等待才接（r.toml:5）") && !zh.contains("第 1 步"), "{zh}");
}

#[test]
fn a_seat_that_a_later_step_admits_is_told_beside_those_that_have_a_delay() {
    let steps = "[[queue.step]]\nrequires = \"zh >= 2\"\n[[queue.step]]\nafter = \"20s\"\nrequires = \"zh >= 1\"\n";
    let first = "queues = { q = { delay = \"8s\" } }\n[[seat]]\nname = \"1005\"\npassword = \"k7T-wq4\"\nskills = { zh = 1 }\n";
    let rules = rules_of(steps, first);
    let mut states = states_of([READY, OUT]);
    let last = SeatEvent { seq: 1, at: at(0), seat: "1005".into(), id: SeatId(1), state: READY, call: None };
    states.insert("1005".into(), last);
    let reason = standing(&rules, (&"q".into(), None), Duration::from_secs(5), &states, &[]);
    let en = "the ready seats were held back: `delay` of seat 1001, 8.0 s (r.toml:13); step 2 (r.toml:9)";
    assert_eq!(crate::cli::why::en::reason(&reason), en);
    let zh = crate::cli::why::zh::reason(&reason);
    assert!(zh.contains("坐席 1001 的 `delay` 8.0 秒（r.toml:13）；第 2 步（r.toml:9）"), "{zh}");
}

#[test]
fn pauses_by_several_settings_are_told_with_all_of_them_and_no_others() {
    let kept = |settings: &[Setting]| {
        let reason = Reason::Kept { holds: false, settings: settings.iter().copied().collect() };
        (crate::cli::why::en::reason(&reason), crate::cli::why::zh::reason(&reason))
    };
    let (en, zh) = kept(&[Setting::Rejected, Setting::Busy]);
    assert_eq!(en, "the ready seats were in the pause after an offer that failed (`assign.delays.busy`, `assign.delays.rejected`)");
    assert_eq!(zh, "空闲坐席刚有派单未成、短暂停派（`assign.delays.busy`、`assign.delays.rejected`）");
    assert!(kept(&[]).0.ends_with("(`assign.delays`, `assign.rona`)"), "nothing is known");
}

#[test]
fn of_a_queue_in_which_nobody_waits_no_longest_wait_is_told() {
    let place = || Some("r.toml:5".to_owned());
    let (waiting, longest) = (Some((2, place())), Some((Duration::from_secs(25), place())));
    let fate = Fate::Reserve(Calm { waiting, longest, crowd: Crowd::All(0, Duration::ZERO), serves: None });
    let en =
        "ready, of the reserve, which serves while 2 calls wait (r.toml:5; now none) or one has waited 25.0 s (r.toml:5; now none waits)";
    assert_eq!(crate::cli::why::en::fate(&fate), en);
    let zh = "空闲，属后备坐席，拥挤时才接：有 2 通来电在等（r.toml:5；现有 0 通）或有一通已等 25.0 秒（r.toml:5；现无来电在等）";
    assert_eq!(crate::cli::why::zh::fate(&fate), zh);
}
