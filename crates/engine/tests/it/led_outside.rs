//! The rules lead a caller to somebody outside: who answers has the caller, and without an answer the call goes on where the rules say.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, first_seat, queue};
use hotline_model::history::{Cause, ClockChange, EventKind, NotCalled, OfferEnd, Side};
use hotline_model::{Intent, Record};
use hotline_sip::Event;
use std::net::SocketAddr;
use std::time::Duration;

const CALLER: ([u8; 4], u16) = ([127, 0, 0, 3], 7001);
const CARRIER: ([u8; 4], u16) = ([127, 0, 0, 2], 5090);
const REPAIR: &str = "02155550000";

fn rules(key: &str, line: &str) -> String {
    let people = "[[department]]\nname = \"repair\"\nqueue = \"line\"\n[[department]]\nname = \"desk\"\nseats = [\"1002\", \"1001\"]\n\
        [[person]]\nname = \"chief\"\nnumber = \"02155550000\"\n[[person]]\nname = \"master\"\nseat = \"1001\"\n";
    let trunks = "[[trunk]]\nname = \"carrier\"\ncontact = \"sip:127.0.0.2:5090\"\nfrom = \"02112345678\"\n\
        [outbound]\nallow = [\"0x{9,11}\", \"1x{10}\"]\n";
    let menu = "[[number]]\nname = \"hotline\"\nmenu = \"main\"\n[menu.main]\nsay = [\"main-menu\"]\nwait = \"5s\"\n[menu.main.keys]\n0 = { queue = \"line\" }\n";
    let second = "[[seat]]\nname = \"1002\"\nagent = \"1002\"\ncontact = \"sip:1002@127.0.0.2:6002\"\nskills = { any = 5 }\n";
    [PREAMBLE, menu, &format!("1 = {{ {key} }}\n"), people, trunks, &queue("line", 1, line), &first_seat(), second].concat()
}

fn to_number(otherwise: &str) -> String {
    format!("number = \"{REPAIR}\", for = \"12s\", otherwise = {{ {otherwise} }}")
}

/// Key 1 was pressed; seat 1001 answers after 2 s, 1002 is signed out.
fn led(rules: &str, carrier: Habit) -> Hotline {
    let habits = [(6001, Habit::Answers(Duration::from_secs(2))), (6002, Habit::Dead), (5090, carrier)];
    let mut hotline = Hotline::new(rules, &habits);
    hotline.sign("1002", Intent::SignedOut);
    hotline.dial(7001, "hotline");
    hotline.press(call(0), '1');
    hotline
}

fn saw(hotline: &Hotline, phone: ([u8; 4], u16), wanted: impl Fn(&Event) -> bool) -> usize {
    hotline.phones[&SocketAddr::from(phone)].events.iter().filter(|event| wanted(event)).count()
}

fn invites(hotline: &Hotline) -> usize {
    saw(hotline, CARRIER, |event| matches!(event, Event::Invite { .. }))
}

fn has(hotline: &Hotline, wanted: impl Fn(&EventKind) -> bool) -> bool {
    hotline.events(call(0)).iter().any(|event| wanted(&event.kind))
}

fn who(record: &Record) -> (Option<&str>, Option<&str>, Option<&str>) {
    (record.queue.as_deref(), record.seat.as_deref(), record.outside.as_deref())
}

fn assert_all_comes_back(mut hotline: Hotline) {
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(70_000);
    let figures = hotline.engine.figures();
    assert_eq!((hotline.engine.calls(), figures.free_ports), (0, 50));
    assert!(figures.trunks.iter().all(|trunk| trunk.calls == 0), "{:?}", figures.trunks);
}

#[test]
fn a_key_leads_to_a_number_outside_and_whoever_answers_talks_with_the_caller() {
    let mut hotline = led(&rules(&to_number("queue = \"line\""), ""), Habit::Answers(Duration::from_secs(3)));
    assert_eq!(invites(&hotline), 1, "at once");
    assert!(hotline.state("1001").is_ready(), "no seat is asked");
    hotline.pass_ms(3_500);
    assert_eq!(hotline.engine.figures().talking, 1);
    assert!(hotline.media.iter().any(|command| matches!(command, hotline_media::Command::Bridge { .. })));
    let record = hotline.record(call(0));
    assert_eq!(who(&record), (None, None, Some(REPAIR)));
    assert!(record.t2.is_some() && record.t3.is_some_and(|t3| t3.since(record.t2.unwrap()) >= Duration::from_secs(3)));
    let met = |kind: &EventKind| matches!(kind, EventKind::Clock(clock) if clock.clock == 3 && clock.change == ClockChange::Met);
    assert!(has(&hotline, met), "the answer clock is met (R5)");
    hotline.hang_up(CARRIER.into());
    hotline.pass_ms(100);
    assert_eq!(hotline.record(call(0)).hung_up_by, Some(Side::Outside));
    hotline.pass_ms(40_000);
    assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50));
}

#[test]
fn a_busy_a_silent_and_a_dead_number_lead_on_to_the_queue_at_the_place_and_with_the_clock_of_the_first_moment_r5() {
    for (carrier, after) in [(Habit::Refuses(486), 100), (Habit::RingsOut, 12_100), (Habit::Dead, 2_100)] {
        let mut hotline = led(&rules(&to_number("queue = \"line\""), ""), carrier);
        hotline.pass_ms(after);
        assert!(has(&hotline, |kind| matches!(kind, EventKind::OutsideGivenUp { .. })), "{carrier:?}");
        hotline.pass_ms(2_500);
        let record = hotline.record(call(0));
        assert_eq!(who(&record), (Some("line"), Some("1001"), None), "{carrier:?}");
        let clocks = record.clocks.iter().filter(|clock| clock.clock == 3).count();
        assert_eq!(clocks, 1, "one answer clock, from the key on");
        assert_eq!(invites(&hotline), usize::from(carrier != Habit::Dead), "{carrier:?}");
        assert_all_comes_back(hotline);
    }
}

#[test]
fn who_comes_from_outside_stands_before_who_came_later() {
    let mut hotline = led(&rules(&to_number("queue = \"line\""), ""), Habit::RingsOut);
    hotline.sign("1001", Intent::SignedOut);
    hotline.pass_ms(5_000);
    hotline.dial(7002, "hotline");
    hotline.press(call(1), '0');
    hotline.pass_ms(8_000);
    assert_eq!(hotline.engine.figures().waiting, 2);
    hotline.sign("1001", Intent::Available);
    assert_eq!(hotline.offers(), [(0, "1001".to_owned())], "it wanted a person 5 s before the other");
}

#[test]
fn a_ring_outside_never_outlives_its_time_and_the_call_is_late_as_any_other_r5() {
    let mut hotline = led(&rules(&to_number("queue = \"line\""), "overflow = { number = \"13800138000\" }"), Habit::RingsOut);
    hotline.sign("1001", Intent::SignedOut);
    hotline.pass_ms(12_100);
    assert_eq!(saw(&hotline, CARRIER, |event| matches!(event, Event::Cancelled { .. })), 1);
    hotline.pass_ms(17_000);
    assert!(!has(&hotline, |kind| matches!(kind, EventKind::Overflowed { .. })));
    hotline.pass_ms(1_500);
    assert!(has(&hotline, |kind| matches!(kind, EventKind::Overflowed { .. })), "30 s from the key on");
    assert_eq!(invites(&hotline), 2, "the queue's own number outside follows");
}

#[test]
fn otherwise_leads_to_a_menu_or_a_goodbye_too() {
    let mut hotline = led(&rules(&to_number("menu = \"main\""), ""), Habit::Refuses(486));
    hotline.pass_ms(100);
    assert_eq!(hotline.record(call(0)).menus, ["main".into(), "main".into()]);
    hotline.press(call(0), '0');
    hotline.pass_ms(2_500);
    assert_eq!(who(&hotline.record(call(0))), (Some("line"), Some("1001"), None));
    let mut hotline = led(&rules(&to_number("say = \"goodbye\", goodbye = true"), ""), Habit::Refuses(603));
    hotline.pass_ms(100);
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(100);
    assert_eq!(hotline.record(call(0)).cause, Some(Cause::Completed));
}

#[test]
fn a_sensitive_call_and_one_from_that_very_number_are_not_led_outside_r68() {
    let sensitive = format!("set = {{ sensitive = true }}, {}", to_number("queue = \"line\""));
    let hotline = led(&rules(&sensitive, ""), Habit::RingsOut);
    assert!(has(&hotline, |kind| matches!(kind, EventKind::OutsideNotCalled { why: NotCalled::NotCleared, .. })));
    assert_eq!((invites(&hotline), hotline.engine.figures().waiting), (0, 1), "it waits for a cleared seat");
    let itself = "number = \"13800137001\", otherwise = { queue = \"line\" }";
    let hotline = led(&rules(itself, ""), Habit::RingsOut);
    assert!(has(&hotline, |kind| matches!(kind, EventKind::OutsideNotCalled { why: NotCalled::Oneself, .. })));
    assert_eq!(invites(&hotline), 0);
}

#[test]
fn a_caller_who_hangs_up_takes_the_ring_along() {
    let mut hotline = led(&rules(&to_number("queue = \"line\""), ""), Habit::RingsOut);
    hotline.pass_ms(1_000);
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(1_000);
    assert_eq!(saw(&hotline, CARRIER, |event| matches!(event, Event::Cancelled { .. })), 1);
    assert!(has(&hotline, |kind| matches!(kind, EventKind::OutsideEnded { why: OfferEnd::CallerGone, .. })));
    assert_eq!(hotline.record(call(0)).cause, Some(Cause::AbandonedInQueue), "a person was waited for");
    assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50));
}

#[test]
fn a_person_or_department_is_a_number_a_seat_or_a_queue_r54_r60() {
    let hotline = led(&rules("person = \"chief\", otherwise = { queue = \"line\" }", ""), Habit::RingsOut);
    assert_eq!(invites(&hotline), 1);
    assert!(has(&hotline, |kind| matches!(kind, EventKind::LedOutside { to, .. } if &**to == "chief")));
    let seat = |hotline: &Hotline| {
        let led = |kind: &EventKind| if let EventKind::LedToSeat { seat } = kind { Some(seat.to_string()) } else { None };
        hotline.events(call(0)).iter().find_map(|event| led(&event.kind))
    };
    let hotline = led(&rules("person = \"master\", otherwise = { queue = \"line\" }", ""), Habit::Dead);
    assert_eq!((seat(&hotline).as_deref(), hotline.offers()), (Some("1001"), vec![(0, "1001".to_owned())]));
    let hotline = led(&rules("department = \"desk\", otherwise = { queue = \"line\" }", ""), Habit::Dead);
    assert_eq!(seat(&hotline).as_deref(), Some("1001"), "1002 comes first and is signed out");
    let hotline = led(&rules("department = \"repair\"", ""), Habit::Dead);
    assert_eq!((seat(&hotline), hotline.record(call(0)).queue.as_deref()), (None, Some("line")));
}

#[test]
fn a_queue_that_nobody_serves_leads_outside_and_keeps_the_clock_of_the_wait() {
    let nobody = format!("nobody = {{ after = \"4s\", {} }}", to_number("goodbye = true"));
    let mut hotline =
        Hotline::new(&rules("queue = \"line\"", &nobody), &[(6001, Habit::Dead), (6002, Habit::Dead), (5090, Habit::RingsOut)]);
    ["1001", "1002"].into_iter().for_each(|seat| hotline.sign(seat, Intent::SignedOut));
    hotline.dial(7001, "hotline");
    hotline.press(call(0), '1');
    hotline.pass_ms(3_900);
    assert_eq!(invites(&hotline), 0);
    hotline.pass_ms(200);
    assert_eq!((invites(&hotline), hotline.engine.figures().waiting), (1, 0));
    assert_eq!(hotline.record(call(0)).clocks.iter().filter(|clock| clock.clock == 3).count(), 1);
    hotline.pass_ms(12_100);
    assert_eq!(hotline.engine.figures().in_menu, 1, "goodbye");
    assert_all_comes_back(hotline);
}

/// A walk from the key to a talk outside, or without an answer to a seat, cut off after so many journal entries.
fn walk(crash_after: usize, carrier: Habit) -> Hotline {
    let habits = [(6001, Habit::Answers(Duration::from_secs(2))), (6002, Habit::Dead), (5090, carrier)];
    let mut hotline = Hotline::new(&rules(&to_number("queue = \"line\""), ""), &habits);
    hotline.sign("1002", Intent::SignedOut);
    hotline.crash_after = crash_after;
    hotline.dial(7001, "hotline");
    if !hotline.crashed() {
        hotline.press(call(0), '1');
    }
    hotline.pass_ms(6_000);
    hotline
}

#[test]
fn a_walk_outside_stopped_after_any_event_goes_on_from_its_journal() {
    for (carrier, end) in [(Habit::Answers(Duration::from_secs(3)), (None, Some(REPAIR))), (Habit::Refuses(486), (Some("1001"), None))] {
        let entries = walk(usize::MAX, carrier).journal.len();
        let mut taken_up = 0;
        for cut in 1..=entries {
            let mut hotline = walk(cut, carrier);
            let established = saw(&hotline, CALLER, |event| matches!(event, Event::Answered { .. })) > 0;
            hotline.restart();
            hotline.sign("1002", Intent::SignedOut);
            if !established {
                continue;
            }
            taken_up += 1;
            hotline.pass_ms(100);
            if hotline.engine.figures().in_menu == 1 && !has(&hotline, |kind| matches!(kind, EventKind::LedOutside { .. })) {
                hotline.press(call(0), '1');
            }
            hotline.pass_ms(14_000);
            let events = hotline.events(call(0));
            assert_eq!(hotline.engine.figures().talking, 1, "cut after {cut}: {events:?}");
            let record = hotline.record(call(0));
            assert_eq!((record.seat.as_deref(), record.outside.as_deref()), end, "cut after {cut}: {events:?}");
            assert_all_comes_back(hotline);
        }
        assert!(taken_up > 6, "{taken_up} of {entries}");
    }
}

#[test]
fn a_queue_overflows_to_a_seat_that_is_none_of_its_own_and_one_seat_has_the_caller_r13() {
    let line = "seats = [\"1001\"]\noverflow = { seat = \"1002\", after = \"5s\" }";
    let habits = [(6001, Habit::Answers(Duration::from_secs(2))), (6002, Habit::Answers(Duration::from_secs(2))), (5090, Habit::Dead)];
    let mut hotline = Hotline::new(&rules("queue = \"line\"", line), &habits);
    hotline.sign("1001", Intent::SignedOut);
    hotline.dial(7001, "hotline");
    hotline.press(call(0), '1');
    hotline.pass_ms(34_900);
    assert_eq!(hotline.offers(), [], "5 s beyond the answer time");
    hotline.pass_ms(200);
    assert_eq!(hotline.offers(), [(0, "1002".to_owned())]);
    hotline.sign("1001", Intent::Available);
    hotline.pass_ms(2_000);
    assert_eq!(who(&hotline.record(call(0))), (Some("line"), Some("1002"), None));
    assert!(hotline.state("1001").is_ready(), "nobody else rings for it");
    assert_all_comes_back(hotline);
}

#[test]
fn a_call_for_a_person_at_a_seat_waits_for_that_seat_alone_while_it_talks_and_then_for_anybody_r44_r57() {
    let rules = rules("person = \"master\", otherwise = { queue = \"line\" }", "wrap_up = \"0s\"") + "[assign.wait_for]\nowner = \"10s\"\n";
    let habits = [(6001, Habit::Answers(Duration::from_secs(1))), (6002, Habit::Answers(Duration::from_secs(1))), (5090, Habit::Dead)];
    let mut hotline = Hotline::new(&rules, &habits);
    let dial = |hotline: &mut Hotline, count: u32| {
        hotline.dial(7001 + u16::try_from(count).unwrap(), "hotline");
        hotline.press(call(count), '1');
        hotline.pass_ms(1_500);
    };
    dial(&mut hotline, 0);
    dial(&mut hotline, 1);
    assert_eq!(hotline.offers(), [(0, "1001".to_owned())], "1002 is ready, and not the one");
    hotline.pass_ms(8_000);
    assert_eq!(hotline.offers().len(), 1);
    hotline.pass_ms(1_000);
    assert_eq!(hotline.offers()[1], (1, "1002".to_owned()), "10 s were enough");
    hotline.sign("1001", Intent::SignedOut);
    hotline.hang_up(([127, 0, 0, 3], 7002).into());
    hotline.pass_ms(1_000);
    dial(&mut hotline, 2);
    assert_eq!(hotline.offers()[2], (2, "1002".to_owned()), "who has signed out is not waited for");
}
