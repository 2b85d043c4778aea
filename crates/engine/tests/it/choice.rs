//! Manual Part K, scenarios 3 to 6: which call a free seat gets, and which seat a call gets.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, first_seat, number, queue, seat};
use hotline_model::history::{EventKind, HandOrder, OfferEnd, WhyNot};
use hotline_model::{Entry, Intent, NotReadyReason, Priority};
use std::time::Duration;

const QUICK: Habit = Habit::Answers(Duration::from_secs(1));

const LANGUAGE_AND_REGIONS: &str = r#"
[[language]]
code = "en"
requires = "en >= 3"
[[skill]]
name = "en"
[[region]]
name = "near"
area_codes = ["13800137"]
[[region]]
name = "far"
[distance]
near = { far = 1000 }
"#;

fn rules(seats: &str) -> String {
    let set = |priority: &str| number(priority, "line", &format!("set = {{ priority = \"{priority}\", class = \"common\" }}"));
    let numbers = ["ordinary", "important", "urgent"].map(set).concat() + &number("english", "line", "language = \"en\"");
    [PREAMBLE, LANGUAGE_AND_REGIONS, &numbers, &queue("line", 1, ""), seats].concat()
}

fn seats_in_order(hotline: &Hotline) -> Vec<String> {
    hotline.offers().into_iter().map(|(_, seat)| seat).collect()
}

#[test]
fn ordinary_important_and_urgent_queued_in_that_order_are_served_urgent_important_ordinary_r24_r38() {
    let mut hotline = Hotline::new(&rules(&first_seat()), &[(6001, QUICK)]);
    hotline.sign("1001", Intent::NotReady(NotReadyReason::Break));
    let callers = [(7001, "ordinary"), (7002, "important"), (7003, "urgent")].map(|(port, number)| {
        let caller = hotline.dial(port, number);
        hotline.pass_ms(1_000);
        caller
    });
    hotline.sign("1001", Intent::Available);
    for caller in [callers[2], callers[1], callers[0]] {
        hotline.pass_ms(2_000);
        hotline.hang_up(caller);
    }
    let served: Vec<u32> = hotline.offers().into_iter().map(|(call, _)| call).collect();
    assert_eq!(served, [2, 1, 0]);
}

#[test]
fn inside_a_priority_the_call_that_waits_longest_goes_first_r38() {
    let mut hotline = Hotline::new(&rules(&first_seat()), &[(6001, QUICK)]);
    hotline.sign("1001", Intent::NotReady(NotReadyReason::Break));
    for port in [7001, 7002] {
        hotline.dial(port, "ordinary");
        hotline.pass_ms(10);
    }
    hotline.sign("1001", Intent::Available);
    assert_eq!(hotline.offers()[0].0, 0);
}

#[test]
fn internal_near_goes_before_internal_far_before_external_near_r37_r39() {
    let seats = [
        seat("far", 6001, "region = \"far\"\norigin = \"internal\"\nskills = { any = 9 }"),
        seat("near", 6002, "region = \"near\"\norigin = \"internal\"\nskills = { any = 2 }"),
        seat("external", 6003, "region = \"near\"\norigin = \"external\"\nskills = { any = 10 }"),
    ];
    let mut hotline = Hotline::new(&rules(&seats.concat()), &[(6001, QUICK), (6002, QUICK), (6003, QUICK)]);
    for port in [7001, 7002, 7003] {
        hotline.dial(port, "ordinary");
    }
    assert_eq!(seats_in_order(&hotline), ["near", "far", "external"]);
}

#[test]
fn in_one_tier_the_more_proficient_seat_goes_first_r40() {
    let seats = [seat("less", 6001, "skills = { any = 3 }"), seat("more", 6002, "skills = { any = 8 }")];
    let mut hotline = Hotline::new(&rules(&seats.concat()), &[(6001, QUICK), (6002, QUICK)]);
    hotline.dial(7001, "ordinary");
    assert_eq!(seats_in_order(&hotline), ["more"]);
}

#[test]
fn a_caller_in_english_gets_a_seat_that_speaks_it_r12() {
    let seats = [seat("chinese", 6001, "skills = { any = 9 }"), seat("english", 6002, "skills = { any = 1, en = 4 }")];
    let mut hotline = Hotline::new(&rules(&seats.concat()), &[(6001, QUICK), (6002, QUICK)]);
    hotline.dial(7001, "english");
    assert_eq!(seats_in_order(&hotline), ["english"]);
}

#[test]
fn a_seat_in_wrap_up_on_a_break_or_off_shift_is_never_offered_r41_r138() {
    let wrap_up = rules(&seat("1001", 6001, "skills = { any = 5 }\nwrap_up = \"30s\""));
    let mut hotline = Hotline::new(&wrap_up, &[(6001, QUICK)]);
    let first = hotline.dial(7001, "ordinary");
    hotline.pass_ms(3_000);
    hotline.hang_up(first);
    hotline.dial(7002, "ordinary");
    hotline.pass_ms(29_000);
    assert_eq!(hotline.offers().len(), 1, "wrap-up");
    for intent in [Intent::NotReady(NotReadyReason::Break), Intent::NotReady(NotReadyReason::OffShift), Intent::SignedOut] {
        hotline.sign("1001", intent);
        hotline.pass_ms(60_000);
        assert_eq!(hotline.offers().len(), 1, "{intent:?}");
    }
    hotline.sign("1001", Intent::Available);
    assert_eq!(hotline.offers().len(), 2);
}

#[test]
fn a_waiting_call_that_is_made_urgent_goes_first_and_stays_so_over_a_restart_r38() {
    let mut hotline = Hotline::new(&rules(&first_seat()), &[(6001, QUICK)]);
    hotline.sign("1001", Intent::SignedOut);
    for (port, number) in [(7001, "important"), (7002, "ordinary"), (7003, "urgent")] {
        hotline.dial(port, number);
        hotline.pass_ms(10);
    }
    hotline.prioritise(call(1), Priority::Urgent);
    hotline.prioritise(call(1), Priority::Urgent);
    hotline.prioritise(call(2), Priority::Ordinary);
    let told = |event: &&hotline_model::CallEvent| matches!(event.kind, EventKind::Reprioritised { .. });
    assert_eq!([1, 2].map(|n| hotline.events(call(n)).iter().filter(told).count()), [1, 1], "the same again is nothing new");
    assert_eq!([0, 1, 2].map(|n| hotline.record(call(n)).priority.unwrap()), [Priority::Important, Priority::Urgent, Priority::Ordinary]);
    hotline.restart();
    assert_eq!(hotline.offers()[0].0, 1);
}

#[test]
fn a_call_is_given_by_hand_to_a_seat_that_the_queue_would_not_choose_and_a_refusal_is_told_r44() {
    let seats = [seat("1001", 6001, "skills = { any = 5 }"), seat("1002", 6002, "")].concat();
    let mut hotline = Hotline::new(&rules(&seats), &[(6001, QUICK), (6002, QUICK)]);
    hotline.sign("1001", Intent::NotReady(NotReadyReason::Break));
    hotline.dial(7001, "ordinary");
    hotline.assign(call(0), "1001");
    assert!(hotline.offers().is_empty());
    let why = |event: &hotline_model::CallEvent| match &event.kind {
        EventKind::NotAssigned { seat, why } => Some((seat.to_string(), *why)),
        _ => None,
    };
    assert_eq!(hotline.events(call(0)).iter().find_map(why), Some(("1001".to_owned(), WhyNot::NotReady)));
    hotline.assign(call(0), "1002");
    hotline.pass_ms(2_000);
    assert_eq!((seats_in_order(&hotline), hotline.record(call(0)).seat.as_deref()), (vec!["1002".to_owned()], Some("1002")));
    hotline.assign(call(0), "1001");
    assert_eq!(hotline.events(call(0)).iter().filter_map(why).next_back(), Some(("1001".to_owned(), WhyNot::NotWaiting)), "it talks");
}

#[test]
fn each_order_by_hand_is_answered_and_its_giver_stands_in_the_history_r44() {
    let sensitive =
        [number("sensitive", "line", "set = { sensitive = true }"), rules(&[first_seat(), seat("1002", 6002, "")].concat())].concat();
    let mut hotline = Hotline::new(&sensitive, &[(6001, QUICK), (6002, QUICK)]);
    let (assign, pull) = (|seat: &str| HandOrder::Assign { seat: seat.into() }, |seat: &str| HandOrder::Pull { seat: seat.into() });
    assert_eq!(hotline.order(call(0), assign("1001")), Some(WhyNot::NotWaiting), "there is no such call");
    hotline.sign("1001", Intent::SignedOut);
    hotline.dial(7001, "ordinary");
    assert_eq!(hotline.order(call(0), assign("1009")), Some(WhyNot::NoSuchSeat));
    assert_eq!(hotline.order(call(0), assign("1001")), Some(WhyNot::NotReady));
    let urgent = HandOrder::Priority { priority: Priority::Urgent };
    assert_eq!(hotline.order(call(0), urgent.clone()), None);
    assert_eq!(hotline.order(call(0), urgent.clone()), None, "it is so already");
    assert_eq!(hotline.order(call(0), pull("1002")), None);
    hotline.pass_ms(2_000);
    assert_eq!(hotline.order(call(0), urgent.clone()), Some(WhyNot::NotWaiting), "it talks");
    hotline.dial(7002, "sensitive");
    assert_eq!(hotline.order(call(1), pull("1002")), Some(WhyNot::NotCleared));
    let given = hotline.events(call(0)).into_iter().filter_map(|event| match event.kind {
        EventKind::ByHand { by, order } => Some((by.to_string(), order)),
        _ => None,
    });
    let lead = |order| ("lead".to_owned(), order);
    assert_eq!(given.collect::<Vec<_>>(), [assign("1009"), assign("1001"), urgent.clone(), urgent.clone(), pull("1002"), urgent].map(lead));
}

#[test]
fn a_phone_that_rings_stops_when_its_call_is_given_to_another_seat_r44() {
    let seats = [seat("1001", 6001, "skills = { any = 5 }"), seat("1002", 6002, "skills = { any = 1 }")].concat();
    let mut hotline = Hotline::new(&rules(&seats), &[(6001, Habit::RingsOut), (6002, QUICK)]);
    hotline.dial(7001, "ordinary");
    hotline.pass_ms(500);
    hotline.assign(call(0), "1002");
    hotline.pass_ms(2_000);
    let record = hotline.record(call(0));
    assert_eq!(record.offers.iter().map(|offer| offer.end).collect::<Vec<_>>(), [Some(OfferEnd::Withdrawn), None]);
    assert_eq!((record.seat.as_deref(), hotline.state("1001").word()), (Some("1002"), "ready"));
}

#[test]
fn a_seat_that_lets_its_phone_ring_is_tried_as_often_as_the_rules_say() {
    let strikes = "[assign.rona]\nstrikes = 2\nretry_after = \"3s\"\n";
    let mut hotline = Hotline::new(&(rules(&first_seat()) + strikes), &[(6001, Habit::RingsOut)]);
    hotline.dial(7001, "ordinary");
    hotline.pass_ms(10_500);
    assert_eq!((hotline.state("1001").word(), hotline.offers().len()), ("ready", 1));
    hotline.pass_ms(3_000);
    assert_eq!(hotline.offers().len(), 2);
    hotline.pass_ms(10_000);
    assert_eq!(hotline.state("1001").word(), "not ready (RONA)");
}

#[test]
fn an_ordinary_call_that_has_waited_5_min_goes_before_an_important_one_that_comes_then_r38() {
    let mut hotline = Hotline::new(&rules(&first_seat()), &[(6001, QUICK)]);
    hotline.sign("1001", Intent::SignedOut);
    hotline.dial(7001, "ordinary");
    hotline.pass(Duration::from_secs(301));
    hotline.dial(7002, "important");
    hotline.sign("1001", Intent::Available);
    assert_eq!((hotline.offers()[0].0, hotline.record(call(0)).priority), (0, Some(Priority::Ordinary)));
}

#[test]
fn a_restart_takes_the_age_of_a_waiting_call_into_account_r38() {
    let mut hotline = Hotline::new(&rules(&first_seat()), &[(6001, QUICK)]);
    hotline.sign("1001", Intent::SignedOut);
    for (port, number, wait) in [(7001, "ordinary", 301), (7002, "important", 31)] {
        hotline.dial(port, number);
        hotline.pass(Duration::from_secs(wait));
    }
    hotline.restart();
    assert_eq!(hotline.offers()[0].0, 0);
}

#[test]
fn every_change_of_a_seat_stands_in_the_journal_whatever_made_it() {
    let seats = [seat("1001", 6001, "skills = { any = 5 }"), seat("1002", 6002, "skills = { any = 5 }")].concat();
    let mut hotline = Hotline::new(&rules(&seats), &[(6001, QUICK), (6002, Habit::RingsOut)]);
    let mut told = 0;
    let mut check = |hotline: &Hotline, what: &str| {
        for name in ["1001", "1002"] {
            let last = hotline.journal.iter().rev().find_map(|entry| match entry {
                Entry::Seat(event) if &*event.seat == name => Some(event.state),
                _ => None,
            });
            assert_eq!(last, Some(hotline.state(name)), "{name} after {what}");
        }
        let changes = hotline.journal.iter().filter(|entry| matches!(entry, Entry::Seat(_))).count();
        let moved = changes > told;
        told = changes;
        moved
    };
    hotline.settle();
    assert!(check(&hotline, "the start"));
    let first = hotline.dial(7001, "ordinary");
    assert!(check(&hotline, "an offer"));
    hotline.pass_ms(1_500);
    assert!(check(&hotline, "an answer"));
    hotline.dial(7002, "ordinary");
    assert!(check(&hotline, "a second offer"));
    hotline.pass_ms(11_000);
    assert!(check(&hotline, "a ring in full (RONA)"));
    hotline.hang_up(first);
    assert!(check(&hotline, "a BYE"));
    hotline.pass_ms(30_000);
    assert!(check(&hotline, "wrap-up and the next offer"));
    for intent in [Intent::NotReady(NotReadyReason::Meal), Intent::SignedOut, Intent::Available] {
        hotline.sign("1002", intent);
        assert!(check(&hotline, "a choice"), "{intent:?}");
    }
    hotline.dial(7003, "ordinary");
    hotline.assign(call(2), "1002");
    check(&hotline, "an order by hand");
}
