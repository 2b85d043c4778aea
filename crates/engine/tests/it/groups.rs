//! Two queue groups that share seats, the router of the second at a distance: all that crosses on the way (design.md 6).

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, number, queue, seat};
use hotline_engine::Input;
use hotline_model::history::{Cause, EventKind, HandOrder, WhyNot};
use hotline_model::{Activity, CallEvent, CallId, DeskOrder, Entry, Intent, QueueId, SeatId, Target, Timestamp, TransferMode, WallTime};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

const OTHER: &str = "group = \"other\"";
const UNDER_WAY: Duration = Duration::from_millis(40);

/// The numbers `first` and `second`, each with a queue; these facts of the queues; so many seats from 1001 on who serve both.
fn rules(first: &str, second: &str, seats: u16) -> String {
    let queues = [queue("one", 1, first), queue("two", 1, second)].concat();
    let seats: String = (1..=seats).map(|n| seat(&format!("100{n}"), 6000 + n, "skills = { any = 5 }")).collect();
    [PREAMBLE, &number("first", "one", ""), &number("second", "two", ""), &queues, &seats].concat()
}

fn second_of(facts: &str) -> String {
    format!("{OTHER}\n{facts}")
}

fn hotline(second: &str, habits: &[Habit]) -> Hotline {
    let phones: Vec<(u16, Habit)> = (6001..).zip(habits.iter().copied()).collect();
    Hotline::in_groups(&rules("", second, habits.len() as u16), &phones, 2, UNDER_WAY)
}

fn answers(ms: u64) -> Habit {
    Habit::Answers(Duration::from_millis(ms))
}

fn phone(port: u16) -> SocketAddr {
    ([127, 0, 0, 2], port).into()
}

fn activity(hotline: &Hotline, seat: &str) -> Activity {
    hotline.state(seat).activity
}

fn call_events(hotline: &Hotline) -> Vec<CallEvent> {
    let events = hotline.journal.iter().filter_map(|entry| if let Entry::Call(event) = entry { Some(event.clone()) } else { None });
    events.collect()
}

/// Decisions and seats are numbered in the order in which they are told, whoever's they are.
fn is_one_sequence(hotline: &Hotline) -> bool {
    let numbers = hotline.journal.iter().filter_map(|entry| match entry {
        Entry::Decision { decision, .. } => Some(decision.seq),
        Entry::Seat(event) if event.seq > 0 => Some(event.seq),
        _ => None,
    });
    numbers.clone().eq(1..=numbers.count() as u64)
}

/// The journal's last word on each seat is what it is in.
fn journal_ends_where_seats_are(hotline: &Hotline) -> bool {
    let mut last = BTreeMap::new();
    for entry in &hotline.journal {
        if let Entry::Seat(event) = entry {
            last.insert(event.id, event.state);
        }
    }
    last.into_iter().all(|(seat, state)| hotline.engine.seat_state(seat) == state)
}

/// What was journalled of a seat since a moment: after how many ms, what, with which call.
fn changes_since(hotline: &Hotline, began: WallTime, seat: &str) -> Vec<(u128, Activity, Option<CallId>)> {
    let id = hotline.seat(seat);
    let events = hotline.journal.iter().filter_map(|entry| if let Entry::Seat(event) = entry { Some(event) } else { None });
    let since = events.filter(|event| event.id == id && event.at >= began && event.seq > 0);
    since.map(|event| (event.at.since(began).as_millis(), event.state.activity, event.call)).collect()
}

/// All that the other group's router did to seats stands in the journal, in its order and with its time, no seat's times go back, and no
/// seat is twice in a row the same.
fn every_change_is_journalled(hotline: &Hotline) -> bool {
    let mut told: BTreeMap<SeatId, Vec<_>> = BTreeMap::new();
    for entry in &hotline.journal {
        if let Entry::Seat(event) = entry {
            told.entry(event.id).or_default().push((event.at, event.state, event.call));
        }
    }
    let wall = |at: Timestamp| hotline.wall().0 - (hotline.now.0 - at.0);
    let mut left: BTreeMap<SeatId, _> = told.iter().map(|(seat, told)| (*seat, told.iter())).collect();
    let changes = &hotline.far.as_ref().expect("it has groups").changes;
    let all = changes.iter().all(|(at, seat, state, call)| {
        let left = left.get_mut(seat).expect("every seat is told at the start");
        left.any(|told| *told == (WallTime(wall(*at)), *state, *call))
    });
    all && told.values().all(|told| told.windows(2).all(|two| two[0].0 <= two[1].0 && (two[0].1, two[0].2) != (two[1].1, two[1].2)))
}

#[test]
fn an_offer_that_is_over_before_the_engine_has_heard_of_it_is_journalled_with_its_call_and_times() {
    let mut hotline = hotline(OTHER, &[answers(2_000)]);
    let began = hotline.wall();
    let caller = hotline.dial(7001, "second");
    hotline.pass_ms(30);
    hotline.hang_up(caller);
    hotline.pass_ms(300);
    let told = changes_since(&hotline, began, "1001");
    assert_eq!(
        told,
        [(40, Activity::Offered, Some(call(0))), (70, Activity::Free, None)],
        "the offer took 30 ms, the way to the engine 40"
    );
    assert!(every_change_is_journalled(&hotline) && is_one_sequence(&hotline) && journal_ends_where_seats_are(&hotline));
}

#[test]
fn what_another_group_did_to_a_seat_is_journalled_before_what_the_main_group_does_with_it_next() {
    let mut hotline = hotline(OTHER, &[answers(2_000)]);
    let began = hotline.wall();
    let caller = hotline.dial(7001, "second");
    hotline.pass_ms(30);
    hotline.hang_up(caller);
    hotline.pass_ms(45);
    hotline.dial(7002, "first");
    assert_eq!(changes_since(&hotline, began, "1001"), [], "it is claimed, and what was before is not heard yet");
    assert_eq!(hotline.offers(), [(1, "1001".to_owned())]);
    hotline.pass_ms(100);
    let told = changes_since(&hotline, began, "1001");
    let (first, second) = (Some(call(0)), Some(call(1)));
    assert_eq!(told, [(40, Activity::Offered, first), (70, Activity::Free, None), (75, Activity::Offered, second)]);
    assert!(every_change_is_journalled(&hotline) && is_one_sequence(&hotline) && journal_ends_where_seats_are(&hotline));
    assert_eq!(hotline.engine.counters().seat_changes_guessed, 0);
}

#[test]
fn without_a_delay_the_calls_of_a_further_group_go_as_if_the_engine_had_routed_them() {
    let walk = |mut hotline: Hotline| {
        let first = hotline.dial(7001, "second");
        hotline.dial(7002, "second");
        hotline.pass_ms(30_000);
        hotline.hang_up(first);
        hotline.pass_ms(100_000);
        hotline
    };
    let rules = rules("", &second_of("wrap_up = \"20s\"\nbreach = [\"please-wait\"]"), 1);
    let phones = [(6001, answers(2_000))];
    let (alone, far) = (walk(Hotline::new(&rules, &phones)), walk(Hotline::in_groups(&rules, &phones, 2, Duration::ZERO)));
    // Its leg is journalled as the phone answers, before its router is asked.
    let is_leg = |event: &CallEvent| matches!(event.kind, EventKind::Leg { .. });
    let kinds = |hotline: &Hotline| {
        call_events(hotline).into_iter().filter(|event| !is_leg(event)).map(|event| (event.call, event.at, event.kind)).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&far), kinds(&alone));
    assert!(is_one_sequence(&far) && journal_ends_where_seats_are(&far));
    assert_eq!((alone.offers().len(), far.offers()), (2, alone.offers()));
}

#[test]
fn a_further_group_s_call_is_offered_answered_and_wrapped_up_and_the_seat_goes_to_the_main_group() {
    let mut hotline = hotline(&second_of("wrap_up = \"20s\""), &[answers(2_000)]);
    let caller = hotline.dial(7001, "second");
    assert!(hotline.offers().is_empty(), "the letter is under way");
    hotline.pass_ms(3_000);
    assert_eq!(hotline.hears(caller), ["6001"]);
    let other = hotline.dial(7002, "first");
    hotline.pass_ms(1_000);
    hotline.hang_up(caller);
    hotline.pass_ms(100);
    assert_eq!(activity(&hotline, "1001"), Activity::WrapUp);
    hotline.pass_ms(19_900);
    assert_eq!(hotline.record(call(0)).t7, None, "its wrap-up goes on");
    hotline.pass_ms(3_000);
    assert!(hotline.record(call(0)).t7.is_some());
    assert_eq!(hotline.hears(other), ["6001"]);
    let counters = hotline.engine.counters();
    assert_eq!((counters.offers, counters.seats_crossed, counters.inversions), (2, 1, 0));
    assert!(is_one_sequence(&hotline) && journal_ends_where_seats_are(&hotline));
}

#[test]
fn a_seat_whose_caller_hung_up_while_its_answer_was_under_way_is_free_without_a_wrap_up() {
    let mut hotline = hotline(&second_of("wrap_up = \"20s\""), &[answers(2_000)]);
    let caller = hotline.dial(7001, "second");
    hotline.pass_ms(2_100);
    assert_eq!(activity(&hotline, "1001"), Activity::Offered, "the answer is under way");
    assert!(hotline.hears(caller).contains(&"music".to_owned()));
    hotline.hang_up(caller);
    hotline.pass_ms(200);
    assert!(hotline.state("1001").is_ready());
    assert_eq!(hotline.record(call(0)).cause, Some(Cause::AbandonedInQueue));
    assert_eq!((hotline.engine.calls(), hotline.engine.counters().reports_late), (0, 1));
    assert!(journal_ends_where_seats_are(&hotline));
}

#[test]
fn an_offer_that_was_under_way_as_its_caller_hung_up_rings_nobody() {
    let mut hotline = hotline(OTHER, &[answers(2_000)]);
    let caller = hotline.dial(7001, "second");
    hotline.pass_ms(50);
    assert_eq!((activity(&hotline, "1001"), hotline.offers().len()), (Activity::Offered, 0));
    hotline.hang_up(caller);
    hotline.pass_ms(200);
    assert!(hotline.state("1001").is_ready() && hotline.offers().is_empty());
}

#[test]
fn a_seat_that_signs_out_while_its_answer_is_under_way_has_the_call_or_has_not_and_nobody_else_has_both() {
    for before_ms in [0, 10, 39, 45, 79, 90] {
        let mut hotline = hotline(OTHER, &[Habit::RingsOut, answers(500)]);
        let caller = hotline.dial(7001, "second");
        hotline.pass_ms(100);
        let (_, first) = hotline.offers()[0].clone();
        let (port, other) = if first == "1001" { (6001, "6002") } else { (6002, "6001") };
        hotline.change_habit(6001, answers(500));
        hotline.change_habit(6002, answers(500));
        hotline.sign(&first, Intent::SignedOut);
        hotline.pass_ms(before_ms);
        if hotline.offers().len() == 1 && activity(&hotline, &first) == Activity::Offered && port == 6001 {
            hotline.pick_up(phone(port));
        }
        hotline.pass_ms(3_000);
        let (heard, own) = (hotline.hears(caller), port.to_string());
        assert!(heard == [own.as_str()] || heard == [other], "{before_ms}: {heard:?}");
        let on_call = ["1001", "1002"].iter().filter(|seat| activity(&hotline, seat) == Activity::OnCall).count();
        assert_eq!(on_call, 1, "{before_ms}");
        assert_eq!(hotline.state(&first).intent, Intent::SignedOut);
    }
}

#[test]
fn of_two_groups_that_want_the_only_seat_one_has_it_and_the_other_next() {
    let mut hotline = hotline(OTHER, &[answers(1_000)]);
    let (first, second) = (hotline.dial(7001, "first"), hotline.dial(7002, "second"));
    hotline.pass_ms(3_000);
    let callers = [first, second];
    let talking: Vec<&SocketAddr> = callers.iter().filter(|caller| hotline.hears(**caller) == ["6001"]).collect();
    assert_eq!(talking, [&first]);
    hotline.hang_up(first);
    hotline.pass_ms(3_000);
    assert_eq!(hotline.hears(second), ["6001"]);
    let third = hotline.dial(7003, "first");
    hotline.hang_up(second);
    hotline.pass_ms(3_000);
    assert_eq!(hotline.hears(third), ["6001"]);
    assert_eq!(hotline.engine.counters().seats_crossed, 2);
    assert!(is_one_sequence(&hotline));
}

#[test]
fn groups_that_are_short_of_seats_have_them_in_turn() {
    let mut hotline = Hotline::in_groups(&rules("", OTHER, 1), &[(6001, answers(1_000))], 2, Duration::from_millis(1));
    let mut callers: Vec<(&str, SocketAddr)> = Vec::new();
    for count in 0..10 {
        let number = if count < 5 { "first" } else { "second" };
        callers.push((number, hotline.dial(7001 + count, number)));
    }
    let mut served = Vec::new();
    for _ in 0..10 {
        hotline.pass_ms(2_000);
        let at = callers.iter().position(|(_, caller)| hotline.hears(*caller) == ["6001"]).expect("somebody talks");
        let (number, caller) = callers.remove(at);
        served.push(number);
        hotline.hang_up(caller);
    }
    assert_eq!(served[..8], ["first", "second"].repeat(4), "and each group's own in their order");
}

#[test]
fn calls_whose_queue_changes_its_group_wait_on_at_their_place_with_the_other_router() {
    let mut hotline = hotline(OTHER, &[answers(1_000)]);
    hotline.sign("1001", Intent::SignedOut);
    let callers: Vec<SocketAddr> = (0..3).map(|n| hotline.dial(7001 + n, "second")).collect();
    hotline.pass_ms(1_000);
    assert_eq!(hotline.engine.figures().queues[1].waiting, 3);
    hotline.change_rules(&rules("", "", 1));
    hotline.pass_ms(1_000);
    assert_eq!(hotline.far.as_ref().unwrap().outposts[0].router().waiting(QueueId(1)), 0);
    assert_eq!(hotline.engine.figures().queues[1].waiting, 3, "the main group's router has them");
    hotline.change_rules(&rules("", OTHER, 1));
    hotline.sign("1001", Intent::Available);
    for caller in callers {
        hotline.pass_ms(3_000);
        assert_eq!(hotline.hears(caller), ["6001"], "in their order");
        hotline.hang_up(caller);
    }
    hotline.pass_ms(1_000);
    assert_eq!(hotline.engine.calls(), 0);
    assert!(hotline.state("1001").is_ready());
}

#[test]
fn when_the_hotline_ends_nobody_waits_with_any_router() {
    let mut hotline = hotline(OTHER, &[answers(1_000)]);
    for port in 7001..7004 {
        hotline.dial(port, "second");
    }
    hotline.pass_ms(3_000);
    hotline.engine.handle(hotline.now, Input::HangUp);
    hotline.settle();
    hotline.pass_ms(1_000);
    assert_eq!(hotline.engine.calls(), 0);
    assert_eq!(hotline.far.as_ref().unwrap().outposts[0].router().waiting(QueueId(1)), 0);
    assert!(hotline.state("1001").is_ready());
}

#[test]
fn a_caller_of_a_further_group_is_told_the_place_once_its_router_has_said_it_r75() {
    let mut hotline = hotline(&second_of("announce = [\"please-wait\", \"position\"]\nannounce_every = \"10s\""), &[answers(1_000)]);
    for port in 7001..7004 {
        hotline.dial(port, "second");
    }
    hotline.pass_ms(10_000);
    let before = hotline.said().len();
    hotline.pass_ms(200);
    assert!(hotline.said().len() > before + 2, "{:?}", &hotline.said()[before..]);
    let announced = hotline.events(call(2)).iter().filter(|event| matches!(event.kind, EventKind::Announced { .. })).count();
    assert_eq!(announced, 1);
}

#[test]
fn a_condition_asks_a_queue_of_a_further_group_as_it_asks_its_own_r49() {
    let gates = |of: &str| {
        format!("gate = [{{ when = \"longest({of}) >= 20s\", queue = \"one\" }}, {{ when = \"waiting({of}) >= 2\", queue = \"two\" }}]")
    };
    let walk = |second: &str, groups: u8| {
        let rules = rules("", second, 1).replacen("queue = \"one\"", &format!("queue = \"one\"\n{}", gates("two")), 1);
        let phones = [(6001, Habit::RingsOut)];
        let mut hotline = if groups == 1 { Hotline::new(&rules, &phones) } else { Hotline::in_groups(&rules, &phones, groups, UNDER_WAY) };
        hotline.sign("1001", Intent::NotReady(hotline_model::NotReadyReason::Meal));
        let dial = |hotline: &mut Hotline, port, dialled| {
            hotline.dial(port, dialled);
            hotline.pass(Duration::from_secs(1));
        };
        dial(&mut hotline, 7001, "first");
        dial(&mut hotline, 7002, "second");
        dial(&mut hotline, 7003, "first");
        dial(&mut hotline, 7004, "second");
        dial(&mut hotline, 7005, "first");
        hotline.pass(Duration::from_secs(20));
        dial(&mut hotline, 7006, "first");
        [7002, 7004, 7005].into_iter().for_each(|port| hotline.hang_up(([127, 0, 0, 3], port).into()));
        hotline.pass(Duration::from_secs(1));
        dial(&mut hotline, 7007, "first");
        let taken = |event: CallEvent| match event.kind {
            EventKind::Judged(judged) => Some(judged.taken),
            _ => None,
        };
        [0, 2, 4, 5, 6].map(|n| hotline.events(call(n)).into_iter().find_map(taken))
    };
    let expected = [Some(None), Some(None), Some(Some(1)), Some(Some(0)), Some(None)];
    assert_eq!(walk("", 1), expected, "one group");
    assert_eq!(walk(OTHER, 2), expected, "two, one of them at a distance");
}

#[test]
fn a_call_of_a_further_group_is_given_by_hand_and_why_not_is_known_at_once_r44() {
    let mut hotline = hotline(OTHER, &[answers(1_000), Habit::RingsOut]);
    hotline.sign("1001", Intent::SignedOut);
    hotline.dial(7001, "second");
    hotline.pass_ms(500);
    assert_eq!(hotline.order(call(0), HandOrder::Assign { seat: "1001".into() }), Some(WhyNot::NotReady));
    hotline.sign("1001", Intent::Available);
    assert_eq!(hotline.order(call(0), HandOrder::Assign { seat: "1001".into() }), None);
    hotline.pass_ms(2_000);
    assert_eq!(hotline.record(call(0)).seat.as_deref(), Some("1001"));
    assert_eq!(hotline.order(call(0), HandOrder::Assign { seat: "1002".into() }), Some(WhyNot::NotWaiting));
    assert_eq!(activity(&hotline, "1002"), Activity::Free);
}

#[test]
fn a_caller_is_transferred_into_a_queue_of_the_other_group_and_back_r54() {
    let mut hotline = hotline(&second_of("wrap_up = \"10s\""), &[answers(500), answers(500)]);
    let caller = hotline.dial(7001, "first");
    hotline.pass_ms(2_000);
    let first = if hotline.hears(caller) == ["6001"] { "1001" } else { "1002" };
    let (own, other) = if first == "1001" { ("6001", "6002") } else { ("6002", "6001") };
    let to = |queue: &str| Target::Queue(queue.into());
    let transfer = |queue: &str, mode| DeskOrder::Transfer {
        to: to(queue),
        mode: Some(mode),
        reason: Some(hotline_model::TransferReason::TooComplex),
    };
    hotline.desk(first, transfer("two", TransferMode::Attended)).unwrap();
    hotline.pass_ms(2_000);
    assert_eq!(hotline.hears(phone(own.parse().unwrap())), [other], "they talk with each other");
    hotline.desk(first, DeskOrder::Complete { reason: None }).unwrap();
    hotline.pass_ms(1_000);
    assert_eq!((hotline.hears(caller), hotline.state(first).is_ready()), (vec![other.to_owned()], true));
    hotline.hang_up(caller);
    hotline.pass_ms(11_000);
    assert_eq!(hotline.engine.calls(), 0);
    assert!(hotline.state("1001").is_ready() && hotline.state("1002").is_ready());
    assert!(journal_ends_where_seats_are(&hotline));
}

#[test]
fn a_seat_that_the_main_group_takes_for_its_own_call_is_no_longer_offered_the_further_group_s() {
    let mut hotline = hotline(OTHER, &[Habit::RingsOut, Habit::RingsOut, answers(1_000)]);
    ["1002", "1003"].into_iter().for_each(|seat| hotline.sign(seat, Intent::SignedOut));
    let caller = hotline.dial(7001, "second");
    hotline.pass_ms(50);
    assert_eq!((activity(&hotline, "1001"), hotline.offers().len()), (Activity::Offered, 0), "claimed, and not rung yet");
    hotline.sign("1002", Intent::Available);
    hotline.seat_dials(phone(6001), "1001", "1002");
    hotline.sign("1003", Intent::Available);
    hotline.pass_ms(3_000);
    assert_eq!(hotline.hears(caller), ["6003"]);
    assert!(journal_ends_where_seats_are(&hotline));
}

/// What may happen in a random day.
#[derive(Clone, Copy, Debug)]
enum Chance {
    Dial { second: bool },
    HangUp { which: usize },
    Sign { seat: u16, intent: usize },
    Habit { seat: u16, habit: usize },
    Reload { swapped: bool },
    Assign { which: usize, seat: u16 },
    WrapUpDone { seat: u16 },
    Delay { ms: u64 },
}

const SEATS: u16 = 3;

fn chance() -> impl Strategy<Value = (u64, Chance)> {
    let seat = 1..=SEATS;
    let what = prop_oneof![
        6 => any::<bool>().prop_map(|second| Chance::Dial { second }),
        5 => (0usize..8).prop_map(|which| Chance::HangUp { which }),
        3 => (seat.clone(), 0usize..3).prop_map(|(seat, intent)| Chance::Sign { seat, intent }),
        2 => (seat.clone(), 0usize..4).prop_map(|(seat, habit)| Chance::Habit { seat, habit }),
        1 => any::<bool>().prop_map(|swapped| Chance::Reload { swapped }),
        2 => (0usize..8, seat.clone()).prop_map(|(which, seat)| Chance::Assign { which, seat }),
        2 => seat.prop_map(|seat| Chance::WrapUpDone { seat }),
        1 => (0u64..150).prop_map(|ms| Chance::Delay { ms }),
    ];
    (prop_oneof![0u64..60, 0u64..3_000], what)
}

struct Day {
    hotline: Hotline,
    callers: Vec<(CallId, SocketAddr)>,
}

impl Day {
    fn act(&mut self, chance: Chance) {
        let hotline = &mut self.hotline;
        match chance {
            Chance::Dial { second } => {
                let count = self.callers.len() as u32;
                let caller = hotline.dial(7001 + count as u16, if second { "second" } else { "first" });
                self.callers.push((call(count), caller));
            }
            Chance::HangUp { which } => {
                let live = self.callers.iter().filter(|(call, _)| hotline.record(*call).t6.is_none()).nth(which).copied();
                if let Some((_, caller)) = live {
                    hotline.hang_up(caller);
                }
            }
            Chance::Sign { seat, intent } => {
                let reason = hotline_model::NotReadyReason::Break;
                let intent = [Intent::Available, Intent::SignedOut, Intent::NotReady(reason)][intent];
                hotline.sign(&format!("100{seat}"), intent);
            }
            Chance::Habit { seat, habit } => {
                hotline.change_habit(6000 + seat, [answers(0), answers(700), Habit::RingsOut, Habit::Refuses(486)][habit]);
            }
            Chance::Reload { swapped } => {
                let (first, second) = if swapped { (OTHER, "wrap_up = \"1s\"") } else { ("", "wrap_up = \"1s\"\ngroup = \"other\"") };
                hotline.change_rules(&rules(first, second, SEATS));
            }
            Chance::Assign { which, seat } => {
                if let Some((call, _)) = self.callers.get(which) {
                    let seat = format!("100{seat}");
                    hotline.order(*call, HandOrder::Assign { seat: seat.as_str().into() });
                }
            }
            Chance::WrapUpDone { seat } => drop(hotline.desk(&format!("100{seat}"), DeskOrder::WrapUpDone)),
            Chance::Delay { ms } => hotline.far.as_mut().unwrap().delay = Duration::from_millis(ms),
        }
    }
}

/// Nobody is connected with two calls, and no seat is answered in one call while it talks in another.
fn nobody_is_double(hotline: &Hotline) -> bool {
    let mut talks: BTreeMap<String, CallId> = BTreeMap::new();
    for CallEvent { call, kind, .. } in call_events(hotline) {
        match kind {
            EventKind::Answered { seat } if talks.insert(seat.to_string(), call).is_some_and(|before| before != call) => return false,
            EventKind::HungUp { .. } => talks.retain(|_, of| *of != call),
            _ => {}
        }
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_crosses_between_two_groups_no_seat_is_double_no_call_is_lost_and_nobody_is_stuck(
        chances in proptest::collection::vec(chance(), 5..60),
    ) {
        let habits = [answers(700), answers(0), answers(2_000)];
        let mut day = Day { hotline: hotline(&second_of("wrap_up = \"1s\""), &habits), callers: Vec::new() };
        for (ms, chance) in chances {
            day.hotline.pass_ms(ms);
            day.act(chance);
        }
        // In the end everybody works, and everybody is served.
        (1..=SEATS).for_each(|seat| day.hotline.change_habit(6000 + seat, answers(100)));
        for _ in 0..day.callers.len() + 3 {
            // A ring of before may still run out, and make its seat not ready.
            (1..=SEATS).for_each(|seat| day.hotline.sign(&format!("100{seat}"), Intent::Available));
            day.hotline.pass_ms(25_000);
            let talking = day.callers.iter().filter(|(call, _)| {
                let record = day.hotline.record(*call);
                record.t3.is_some() && record.t6.is_none()
            });
            let talking: Vec<SocketAddr> = talking.map(|(_, caller)| *caller).collect();
            talking.into_iter().for_each(|caller| day.hotline.hang_up(caller));
        }
        day.hotline.pass_ms(10_000);
        let hotline = &day.hotline;
        prop_assert!(nobody_is_double(hotline));
        let left: Vec<CallId> = day.callers.iter().map(|(call, _)| *call).filter(|call| hotline.record(*call).t7.is_none()).collect();
        prop_assert!(left.is_empty(), "{left:?} never ended");
        prop_assert_eq!(hotline.engine.calls(), 0);
        for seat in 1..=SEATS {
            prop_assert!(hotline.state(&format!("100{seat}")).is_ready(), "100{} is {:?}", seat, hotline.state(&format!("100{seat}")));
        }
        let far = hotline.far.as_ref().unwrap();
        prop_assert!(far.is_quiet());
        prop_assert!((0..2).all(|queue| far.outposts[0].router().waiting(QueueId(queue)) == 0));
        prop_assert!(is_one_sequence(hotline) && journal_ends_where_seats_are(hotline));
        prop_assert!(every_change_is_journalled(hotline));
        let counters = hotline.engine.counters();
        prop_assert_eq!((counters.inversions, counters.seat_changes_guessed), (0, 0));
    }
}
