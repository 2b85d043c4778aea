//! Calls of the seats' own: to a colleague, a queue, a number outside, for help; and every trick by which a number that is not allowed might
//! leave the house.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, number, queue, seat};
use hotline_model::history::{Callee, Cause, EventKind, NoPassage, NotPutThrough, OfferEnd, PhoneEvent, Side};
use hotline_model::{Activity, Intent};
use hotline_sip::{DialogId, Event};
use std::net::SocketAddr;
use std::time::Duration;

type Address = ([u8; 4], u16);
const FIRST: Address = ([127, 0, 0, 2], 6001);
const SECOND: Address = ([127, 0, 0, 2], 6002);
const CARRIER: Address = ([127, 0, 0, 2], 5090);
const BACKUP: Address = ([127, 0, 0, 2], 5091);
const CALLER: Address = ([127, 0, 0, 3], 7001);
const OUTBOUND: &str =
    "[outbound]\nallow = [\"0x{9,11}\"]\nlimit = 2\n[[outbound.role]]\nname = \"mobile\"\nallow = [\"1[3-9]x{9}\", \"00852x{8}\"]\n";

fn rules(facts: &str) -> String {
    let trunk = |name: &str, port: u16| {
        format!("[[trunk]]\nname = \"{name}\"\ncontact = \"sip:127.0.0.2:{port}\"\nfrom = \"02112345678\"\nlimit = 3\n")
    };
    let seats = [
        seat("1001", 6001, &format!("skills = {{ any = 5 }}\ndial = [\"mobile\"]\ndial_limit = 1\n{facts}")),
        seat("1002", 6002, "skills = { any = 5 }"),
    ];
    let trunks = [trunk("carrier", 5090), trunk("backup", 5091)].concat();
    [PREAMBLE, &number("direct", "line", ""), &queue("line", 1, "wrap_up = \"0s\""), &seats.concat(), OUTBOUND, &trunks].concat()
}

fn hotline_with(facts: &str, second: Habit, carrier: Habit, backup: Habit) -> Hotline {
    Hotline::new(&rules(facts), &[(6001, Habit::Answers(Duration::from_secs(1))), (6002, second), (5090, carrier), (5091, backup)])
}

fn answers(seconds: u64) -> Habit {
    Habit::Answers(Duration::from_secs(seconds))
}

fn hotline() -> Hotline {
    hotline_with("", answers(2), answers(2), answers(2))
}

fn dial(hotline: &mut Hotline, number: &str) -> DialogId {
    hotline.seat_dials(FIRST.into(), "1001", number)
}

fn saw(hotline: &Hotline, phone: Address, wanted: impl Fn(&Event) -> bool) -> usize {
    hotline.phones[&SocketAddr::from(phone)].events.iter().filter(|event| wanted(event)).count()
}

fn invites(hotline: &Hotline, phone: Address) -> usize {
    saw(hotline, phone, |event| matches!(event, Event::Invite { .. }))
}

fn answered(hotline: &Hotline) -> usize {
    saw(hotline, FIRST, |event| matches!(event, Event::Answered { .. }))
}

/// The status that the first seat's phone got last.
fn refused(hotline: &Hotline) -> Option<u16> {
    hotline.phones[&SocketAddr::from(FIRST)].events.iter().rev().find_map(|event| match event {
        Event::Rejected { code, .. } => Some(*code),
        _ => None,
    })
}

fn why_not(hotline: &Hotline) -> Option<NotPutThrough> {
    hotline.phone_events().into_iter().rev().find_map(|event| match event {
        PhoneEvent::NotPutThrough { why } => Some(why),
        _ => None,
    })
}

fn assert_all_comes_back(hotline: &mut Hotline) {
    hotline.pass_ms(40_000);
    let figures = hotline.engine.figures();
    assert_eq!((hotline.engine.calls(), figures.free_ports), (0, 50));
    assert!(figures.trunks.iter().all(|trunk| trunk.calls == 0), "{:?}", figures.trunks);
    for seat in ["1001", "1002"] {
        assert_eq!(hotline.state(seat).activity, Activity::Free, "{seat}");
    }
}

#[test]
fn a_seat_calls_a_colleague_and_neither_is_offered_a_call_meanwhile() {
    let mut hotline = hotline();
    let dialog = dial(&mut hotline, "1002");
    hotline.pass_ms(100);
    assert_eq!(saw(&hotline, FIRST, |event| matches!(event, Event::Progress { code: 180, .. })), 1, "it hears the ring");
    hotline.dial(7001, "direct");
    hotline.pass_ms(2_500);
    assert_eq!((answered(&hotline), hotline.engine.figures().waiting), (1, 1));
    assert_eq!((hotline.state("1001").activity, hotline.state("1002").activity), (Activity::OnCall, Activity::OnCall));
    let record = hotline.record(call(0));
    assert_eq!((record.phone.as_deref(), &*record.dialled, record.seat.as_deref()), (Some("1001"), "1002", Some("1002")));
    assert!(record.t3.is_some() && record.clocks.is_empty());
    let invite = hotline.phones[&SocketAddr::from(SECOND)].events.iter().find_map(|event| match event {
        Event::Invite { invite, .. } => Some((invite.from_user.clone(), invite.from_display.clone())),
        _ => None,
    });
    assert_eq!(invite, Some(("1001".into(), Some("1001 1001".into()))));
    assert_eq!(hotline.engine.counters().offered, 1, "only the customer's");
    hotline.hang_up_call(FIRST.into(), dialog);
    hotline.pass_ms(2_000);
    assert_eq!(hotline.engine.figures().talking, 1, "the customer is served as soon as they are free");
    hotline.hang_up(CALLER.into());
    assert_all_comes_back(&mut hotline);
}

#[test]
fn a_colleague_who_is_busy_away_or_does_not_answer_is_told_by_the_status() {
    let mut hotline = hotline();
    dial(&mut hotline, "1001");
    assert_eq!((refused(&hotline), why_not(&hotline)), (Some(486), Some(NotPutThrough::Busy)), "itself");
    hotline.sign("1002", Intent::SignedOut);
    dial(&mut hotline, "1002");
    assert_eq!((refused(&hotline), why_not(&hotline)), (Some(480), Some(NotPutThrough::Unreachable)));
    hotline.sign("1002", Intent::Available);
    for (habit, code) in [(Habit::RingsOut, 480), (Habit::Refuses(486), 486), (Habit::Refuses(603), 486), (Habit::Dead, 480)] {
        hotline.change_habit(6002, habit);
        dial(&mut hotline, "1002");
        hotline.pass_ms(31_000);
        assert_eq!(refused(&hotline), Some(code), "{habit:?}");
        assert_eq!(hotline.state("1002").activity, Activity::Free, "{habit:?}");
    }
    assert_all_comes_back(&mut hotline);
}

#[test]
fn a_phone_that_gives_up_takes_the_ring_along() {
    let mut hotline = hotline_with("", Habit::RingsOut, Habit::RingsOut, answers(2));
    for (number, callee) in [("1002", SECOND), ("13800138000", CARRIER)] {
        let dialog = dial(&mut hotline, number);
        hotline.pass_ms(500);
        hotline.hang_up_call(FIRST.into(), dialog);
        hotline.pass_ms(100);
        assert_eq!(saw(&hotline, callee, |event| matches!(event, Event::Cancelled { .. })), 1, "{number}");
    }
    let record = hotline.record(call(1));
    assert_eq!((record.hung_up_by, record.cause), (Some(Side::Caller), Some(Cause::Cancelled)));
    assert_all_comes_back(&mut hotline);
}

#[test]
fn whoever_of_a_queue_is_free_is_rung_and_a_queue_with_nobody_is_told_at_once() {
    let mut hotline = hotline();
    let dialog = dial(&mut hotline, "line");
    hotline.pass_ms(3_000);
    assert_eq!((answered(&hotline), invites(&hotline, SECOND), invites(&hotline, FIRST)), (1, 1, 0), "not the one who calls");
    assert_eq!(hotline.state("1002").activity, Activity::OnCall);
    let record = hotline.record(call(0));
    assert_eq!((record.seat.as_deref(), record.clocks.len()), (Some("1002"), 0));
    hotline.hang_up_call(FIRST.into(), dialog);
    assert_all_comes_back(&mut hotline);
    hotline.sign("1002", Intent::SignedOut);
    hotline.change_rules(&rules("").replace("skills = { any = 5 }\ndial", "dial"));
    dial(&mut hotline, "line");
    assert_eq!((refused(&hotline), why_not(&hotline)), (Some(480), Some(NotPutThrough::NobodyThere)));
    assert_all_comes_back(&mut hotline);
}

#[test]
fn the_hotlines_own_number_makes_a_seats_phone_an_ordinary_caller() {
    let mut hotline = hotline();
    dial(&mut hotline, "direct");
    assert_eq!(hotline.engine.counters().offered, 1);
    assert_eq!((hotline.record(call(0)).phone, hotline.phone_events()), (None, Vec::new()));
}

#[test]
fn a_seat_calls_an_allowed_number_over_a_trunk_and_its_wrap_up_follows() {
    let mut hotline = hotline_with("wrap_up = \"5s\"", answers(2), answers(2), answers(2));
    let dialog = dial(&mut hotline, "13800138000");
    hotline.pass_ms(2_500);
    assert_eq!((invites(&hotline, CARRIER), answered(&hotline)), (1, 1));
    assert_eq!((hotline.state("1001").activity, hotline.engine.figures().trunks[0].calls), (Activity::OnCall, 1));
    let record = hotline.record(call(0));
    assert_eq!((record.phone.as_deref(), &*record.dialled, record.from.reveal()), (Some("1001"), "outside", "13800138000"));
    assert!(record.t3.is_some());
    let shown = format!(
        "{:?}",
        hotline
            .events(call(0))
            .iter()
            .map(|event| &event.kind)
            .filter(|kind| !matches!(kind, EventKind::Leg { .. } | EventKind::Inviting { .. }))
            .collect::<Vec<_>>()
    );
    assert!(!shown.contains("13800138000"), "{shown}");
    hotline.hang_up_call(FIRST.into(), dialog);
    assert_eq!(saw(&hotline, CARRIER, |event| matches!(event, Event::Bye { .. })), 1);
    assert_eq!(hotline.state("1001").activity, Activity::WrapUp);
    assert_all_comes_back(&mut hotline);
}

#[test]
fn somebody_outside_who_hangs_up_ends_the_call() {
    let mut hotline = hotline();
    dial(&mut hotline, "13800138000");
    hotline.pass_ms(2_500);
    hotline.hang_up(CARRIER.into());
    assert_eq!(saw(&hotline, FIRST, |event| matches!(event, Event::Bye { .. })), 1);
    assert_eq!(hotline.record(call(0)).hung_up_by, Some(Side::Outside));
    assert_all_comes_back(&mut hotline);
}

#[test]
fn a_dead_trunk_is_passed_over_and_a_busy_callee_is_not_called_again() {
    for habit in [Habit::Dead, Habit::Refuses(503)] {
        let mut hotline = hotline_with("", answers(2), habit, answers(1));
        dial(&mut hotline, "13800138000");
        hotline.pass_ms(5_000);
        assert_eq!((invites(&hotline, BACKUP), answered(&hotline)), (1, 1), "{habit:?}");
        hotline.hang_up(BACKUP.into());
        assert_all_comes_back(&mut hotline);
    }
    let mut hotline = hotline_with("", answers(2), Habit::Refuses(486), answers(1));
    dial(&mut hotline, "13800138000");
    hotline.pass_ms(1_000);
    assert_eq!((invites(&hotline, BACKUP), refused(&hotline)), (0, Some(486)));
    let mut hotline = hotline_with("", answers(2), Habit::Dead, Habit::Dead);
    dial(&mut hotline, "13800138000");
    hotline.pass_ms(8_000);
    assert_eq!((refused(&hotline), why_not(&hotline)), (Some(503), Some(NotPutThrough::NoRoom)));
    let record = hotline.record(call(0));
    assert_eq!((record.hung_up_by, record.cause), (Some(Side::System), Some(Cause::NotPutThrough(NotPutThrough::NoRoom))));
    dial(&mut hotline, "13800138000");
    let rest = [("carrier", NoPassage::Resting), ("backup", NoPassage::Resting)].map(|(trunk, why)| (trunk.to_owned(), why));
    assert_eq!(passed_over(&hotline, 1), rest, "neither is called, and the history says so");
    assert_all_comes_back(&mut hotline);
}

/// The trunks that were not tried for a call, and why.
fn passed_over(hotline: &Hotline, count: u32) -> Vec<(String, NoPassage)> {
    let events = hotline.events(call(count)).into_iter();
    let trunks = events.filter_map(|event| match event.kind {
        EventKind::TrunkPassedOver { trunk, why, .. } => Some((trunk.to_string(), why)),
        _ => None,
    });
    trunks.collect()
}

#[test]
fn no_trick_brings_a_number_that_is_not_allowed_to_a_trunk_and_each_is_recorded() {
    let mut hotline = hotline();
    let tricks = [
        "sip:02188886666@127.0.0.1",
        "sip:95588@127.0.0.1",
        "sip:0012125551234@127.0.0.1",
        "sip:+12125551234@127.0.0.1",
        "sip:+8613800138000;ext=9@127.0.0.1",
        "sip:１３８００１３８０００@127.0.0.1",
        "sip:13800138000;phone-context=+1@127.0.0.1",
        "sip:13800138000@127.0.0.1;phone-context=+1",
        "sip:%31%33800138000@127.0.0.1",
        "sip:%2B8613800138000@127.0.0.1",
        "sip:13800138000%00@127.0.0.1",
        "sip:13800138000:pw@127.0.0.1",
        "sip:13800138000@evil.example",
        "sip:x@evil.example",
        "sip:13800138000%40evil.example@127.0.0.1",
        "tel:13800138000",
        "tel:+8613800138000;phone-context=+1",
        "sip:138-0013-8000@127.0.0.1",
        "sip:13800138000,,900@127.0.0.1",
        "sip:9913800138000@127.0.0.1",
        "sip:012345678901234567890@127.0.0.1",
        "sip:*1013800138000*1@127.0.0.1",
        "sip:*31#13800138000@127.0.0.1",
        "sip:*713800138000*1#@127.0.0.1",
        "sip:1001%0d%0aTo:%20x@127.0.0.1",
        "sip:02112345678@127.0.0.1",
    ];
    for trick in tricks {
        hotline.seat_invites(FIRST.into(), "<sip:1001@127.0.0.1>", trick);
        hotline.pass_ms(20_000);
        assert_eq!(invites(&hotline, CARRIER), 0, "{trick}");
    }
    assert_eq!((invites(&hotline, CARRIER), invites(&hotline, BACKUP), invites(&hotline, SECOND)), (0, 0, 0));
    let refusals = hotline.phone_events().into_iter().filter(|event| match event {
        PhoneEvent::NotPutThrough { .. } => true,
        PhoneEvent::Code { result, .. } => result.is_err(),
        _ => false,
    });
    assert!(refusals.count() == tricks.len());
    assert_eq!(hotline.engine.counters().seats_called_outside, 0);
    assert_all_comes_back(&mut hotline);
}

#[test]
fn only_the_roles_of_a_seat_open_numbers_to_it() {
    let mut hotline = hotline();
    hotline.seat_dials(SECOND.into(), "1002", "13800138000");
    assert_eq!(why_not(&hotline), Some(NotPutThrough::NotAllowed), "a seat without a role");
    dial(&mut hotline, "02188886666");
    assert_eq!(why_not(&hotline), Some(NotPutThrough::NotAllowed), "`outbound.allow` is for overflow and call-back");
    hotline.seat_invites(SECOND.into(), "<sip:1001@127.0.0.1>", "sip:13800138000@127.0.0.1:5060");
    assert_eq!(invites(&hotline, CARRIER), 0, "another's name in From opens nothing");
    dial(&mut hotline, "0085212345678");
    assert_eq!(invites(&hotline, CARRIER), 1);
}

#[test]
fn who_is_signed_out_calls_nobody_but_for_help() {
    let mut hotline = hotline();
    hotline.sign("1001", Intent::SignedOut);
    for number in ["13800138000", "1002", "line"] {
        dial(&mut hotline, number);
        assert_eq!((refused(&hotline), why_not(&hotline)), (Some(403), Some(NotPutThrough::NotSignedIn)), "{number}");
    }
    dial(&mut hotline, "120");
    hotline.pass_ms(3_000);
    assert_eq!((invites(&hotline, CARRIER), answered(&hotline)), (1, 1));
}

#[test]
fn a_seat_and_all_seats_have_their_limits_of_calls_outside() {
    let mut hotline = hotline_with("", answers(2), answers(1), answers(1));
    dial(&mut hotline, "13800138000");
    hotline.pass_ms(1_500);
    dial(&mut hotline, "13800138001");
    assert_eq!((refused(&hotline), why_not(&hotline)), (Some(403), Some(NotPutThrough::TooMany)));
    assert_eq!(invites(&hotline, CARRIER), 1);
}

#[test]
fn an_emergency_call_goes_out_when_all_trunks_are_full_and_supervisors_are_told() {
    let full = rules("").replace("limit = 3", "limit = 1").replace("dial_limit = 1", "dial_limit = 5");
    let mut hotline = Hotline::new(&full, &[(6001, answers(1)), (6002, answers(1)), (5090, answers(1)), (5091, answers(1))]);
    for number in ["13800138000", "13800138001"] {
        dial(&mut hotline, number);
        hotline.pass_ms(1_500);
    }
    let calls: Vec<u32> = hotline.engine.figures().trunks.iter().map(|trunk| trunk.calls).collect();
    assert_eq!(calls, [1, 1], "both are full");
    dial(&mut hotline, "110");
    hotline.pass_ms(2_000);
    assert_eq!((invites(&hotline, CARRIER), answered(&hotline)), (2, 3));
    assert!(hotline.phone_events().contains(&PhoneEvent::Emergency { number: "110".into() }));
    assert_eq!(hotline.engine.counters().emergency_calls, 1);
    let called = hotline.phones[&SocketAddr::from(CARRIER)].events.iter().rev().find_map(|event| match event {
        Event::Invite { invite, .. } => Some(invite.to_user.clone()),
        _ => None,
    });
    assert_eq!(called.as_deref(), Some("110"));
}

#[test]
fn an_emergency_call_tries_a_trunk_that_seems_dead_and_is_taken_by_a_draining_hotline() {
    let mut hotline = hotline_with("", answers(2), Habit::Dead, answers(1));
    dial(&mut hotline, "13800138000");
    hotline.pass_ms(5_000);
    assert!(!hotline.engine.figures().trunks[0].up);
    hotline.hang_up(BACKUP.into());
    hotline.change_habit(5091, Habit::Refuses(503));
    hotline.change_habit(5090, answers(1));
    let now = hotline.now;
    hotline.engine.handle(now, hotline_engine::Input::Drain);
    dial(&mut hotline, "1002");
    assert_eq!(refused(&hotline), Some(503));
    dial(&mut hotline, "119");
    hotline.pass_ms(4_000);
    let by = hotline.events(call(1)).into_iter().find_map(|event| match event.kind {
        EventKind::OutsideAnswered { trunk, .. } => Some(trunk.to_string()),
        _ => None,
    });
    assert_eq!((by.as_deref(), answered(&hotline)), (Some("carrier"), 2));
    assert_eq!(hotline.record(call(1)).outside.as_deref(), Some("119"), "for help is no secret");
}

#[test]
fn an_emergency_call_that_no_trunk_takes_ends_as_not_put_through_with_each_trunks_answer() {
    let mut hotline = hotline_with("", answers(2), Habit::Refuses(503), Habit::Dead);
    dial(&mut hotline, "110");
    hotline.pass_ms(8_000);
    let ends = hotline.events(call(0)).into_iter().filter_map(|event| match event.kind {
        EventKind::OutsideEnded { to, trunk, why } => Some((to.unwrap_or("".into()).to_string(), trunk.to_string(), why)),
        _ => None,
    });
    let ends: Vec<_> = ends.collect();
    let ends = ends.iter().map(|(to, trunk, why)| (to.as_str(), trunk.as_str(), *why)).collect::<Vec<_>>();
    assert_eq!(ends, [("110", "carrier", OfferEnd::Rejected(503)), ("110", "backup", OfferEnd::Unreachable)]);
    assert_eq!(hotline.record(call(0)).cause, Some(Cause::NotPutThrough(NotPutThrough::NoRoom)));
    assert_all_comes_back(&mut hotline);
}

#[test]
fn a_second_line_during_a_customers_call_tears_nobody_out_of_it_and_keeps_the_seat_afterwards() {
    let mut hotline = hotline();
    hotline.sign("1002", Intent::NotReady(hotline_model::NotReadyReason::Other));
    hotline.dial(7001, "direct");
    hotline.pass_ms(2_000);
    assert_eq!(hotline.engine.figures().talking, 1);
    let dialog = dial(&mut hotline, "1002");
    hotline.pass_ms(3_000);
    assert_eq!((answered(&hotline), hotline.engine.figures().talking), (1, 1));
    hotline.hang_up(CALLER.into());
    assert_eq!(hotline.state("1001").activity, Activity::OnCall, "it still talks with the colleague");
    hotline.hang_up_call(FIRST.into(), dialog);
    assert_all_comes_back(&mut hotline);
}

#[test]
fn shutting_down_hangs_up_the_seats_own_calls() {
    let mut hotline = hotline();
    dial(&mut hotline, "13800138000");
    hotline.pass_ms(2_500);
    let now = hotline.now;
    hotline.engine.handle(now, hotline_engine::Input::HangUp);
    hotline.settle();
    assert_eq!(saw(&hotline, CARRIER, |event| matches!(event, Event::Bye { .. })), 1);
    assert_eq!(hotline.engine.calls(), 0);
}

/// A seat calls a number outside; cut off after so many journal entries.
fn walk(crash_after: usize, number: &str) -> Hotline {
    let mut hotline = hotline();
    hotline.crash_after = crash_after;
    dial(&mut hotline, number);
    hotline.pass_ms(5_000);
    hotline
}

#[test]
fn a_seats_own_call_stopped_after_any_event_is_taken_up_or_over_and_no_seat_is_stuck() {
    for (number, callee) in [("13800138000", CARRIER), ("1002", SECOND), ("line", SECOND)] {
        let entries = walk(usize::MAX, number).journal.len();
        let mut taken_up = 0;
        for cut in 1..=entries {
            let mut hotline = walk(cut, number);
            hotline.restart();
            hotline.pass_ms(40_000);
            let live = hotline.engine.calls();
            let over = |event: &Event| matches!(event, Event::Cancelled { .. } | Event::Bye { .. } | Event::Ended { .. });
            let open = invites(&hotline, callee) - saw(&hotline, callee, over);
            if live == 1 {
                taken_up += 1;
                assert_eq!((open, hotline.state("1001").activity), (1, Activity::OnCall), "{number} cut after {cut}");
                hotline.hang_up(callee.into());
            } else {
                assert_eq!((live, open), (0, 0), "{number} cut after {cut}: {:?}", hotline.events(call(0)));
            }
            assert_all_comes_back(&mut hotline);
            let begun = !hotline.events(call(0)).is_empty();
            assert!(!begun || hotline.record(call(0)).t7.is_some(), "{number} cut after {cut}: its record is complete");
        }
        assert!(taken_up > 0, "{number}");
    }
}

#[test]
fn what_a_seat_dials_is_told_in_the_history() {
    let mut hotline = hotline();
    for (number, callee) in [
        ("1002", Callee::Seat("1002".into())),
        ("line", Callee::Queue("line".into())),
        ("13800138000", Callee::Outside),
        ("120", Callee::Emergency),
        ("nobody", Callee::Nowhere),
        ("*11", Callee::Code),
    ] {
        let dialog = dial(&mut hotline, number);
        let last = hotline.phone_events().into_iter().rev().find_map(|event| match event {
            PhoneEvent::Calls { callee, .. } => Some(callee),
            _ => None,
        });
        assert_eq!(last, Some(callee), "{number}");
        let now = hotline.now;
        let _ = hotline.phones.get_mut(&SocketAddr::from(FIRST)).unwrap().endpoint.hang_up(now, dialog, None);
        hotline.settle();
        hotline.pass_ms(40_000);
    }
}
