//! Feature codes that a desk phone dials, and codes keyed in a call: a telephone alone is a seat (R41, C23).

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, number, queue, seat};
use hotline_media::Command;
use hotline_model::history::{CodeRefusal, EventKind, PhoneEvent};
use hotline_model::{Activity, Class, DeskRefusal, Entry, Intent, NotReadyReason, TransferEnd, TransferReason};
use hotline_sip::Event;
use std::net::SocketAddr;
use std::time::Duration;

const AGENT: ([u8; 4], u16) = ([127, 0, 0, 2], 6001);
const CALLER: ([u8; 4], u16) = ([127, 0, 0, 3], 7001);

fn rules() -> String {
    let seats = [
        seat("1001", 6001, "skills = { any = 5 }\npin = \"4711\"\nsign_in = false"),
        seat("1002", 6002, "skills = { any = 5 }\npin = \"8302\"\nsign_in = false"),
    ];
    [PREAMBLE, &number("direct", "line", ""), &queue("line", 1, "wrap_up = \"10s\""), &seats.concat()].concat()
}

fn hotline() -> Hotline {
    Hotline::new(&rules(), &[(6001, Habit::Answers(Duration::from_secs(2))), (6002, Habit::Answers(Duration::from_secs(2)))])
}

fn signed_in() -> Hotline {
    let mut hotline = hotline();
    dial(&mut hotline, "*104711");
    hotline
}

/// Dials a code, hears what is said to its end, and gives what was said.
fn dial(hotline: &mut Hotline, code: &str) -> Vec<String> {
    hotline.seat_dials(AGENT.into(), "1001", code);
    let stream = hotline.last_stream();
    let heard = hotline.heard(stream);
    hotline.pass_ms(100);
    heard
}

/// The codes and what came of them.
fn codes(hotline: &Hotline) -> Vec<(String, Result<(), CodeRefusal>)> {
    let codes = hotline.phone_events().into_iter().filter_map(|event| match event {
        PhoneEvent::Code { code, result, .. } => Some((code.to_string(), result)),
        _ => None,
    });
    codes.collect()
}

fn byes(hotline: &Hotline, phone: ([u8; 4], u16)) -> usize {
    hotline.phones[&SocketAddr::from(phone)].events.iter().filter(|event| matches!(event, Event::Bye { .. })).count()
}

#[test]
fn a_day_at_a_desk_phone_alone_signs_in_rests_and_goes_home() {
    let mut hotline = hotline();
    assert_eq!(hotline.state("1001").intent, Intent::SignedOut);
    let before = hotline.engine.counters().offered;
    for (code, intent) in [
        ("*104711", Intent::Available),
        ("*121", Intent::NotReady(NotReadyReason::Break)),
        ("*12*2#", Intent::NotReady(NotReadyReason::Meal)),
        ("*11", Intent::Available),
        ("*16#", Intent::NotReady(NotReadyReason::Break)),
        ("*10*4711#", Intent::Available),
        ("*19", Intent::SignedOut),
    ] {
        dial(&mut hotline, code);
        assert_eq!(hotline.state("1001").intent, intent, "{code}");
    }
    assert!(codes(&hotline).iter().all(|(_, result)| result.is_ok()), "{:?}", codes(&hotline));
    assert_eq!(byes(&hotline, AGENT), 7, "we hang up each time");
    assert_eq!(hotline.engine.counters().offered, before, "no code is a customer's call");
    assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50));
    let record = hotline.record(call(0));
    assert_eq!((record.phone.as_deref(), &*record.dialled), (Some("1001"), "*10"));
    assert!(record.clocks.is_empty() && record.t7.is_some(), "no clock runs");
}

#[test]
fn no_pin_stands_in_the_journal() {
    let mut hotline = hotline();
    dial(&mut hotline, "*104711");
    dial(&mut hotline, "*101001*4711#");
    let text = format!("{:?}", hotline.journal);
    let calls = hotline.journal.iter().filter(|entry| matches!(entry, Entry::Call(_))).count();
    assert!(calls > 8 && !text.contains("4711"), "{text}");
}

#[test]
fn a_phone_that_hangs_up_at_once_has_said_it_all_the_same() {
    let mut hotline = signed_in();
    let dialog = hotline.seat_dials(AGENT.into(), "1001", "*122");
    hotline.hang_up_call(AGENT.into(), dialog);
    assert_eq!(hotline.state("1001").intent, Intent::NotReady(NotReadyReason::Meal));
    hotline.pass_ms(40_000);
    assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50));
}

#[test]
fn a_confirmation_that_nobody_reports_the_end_of_is_hung_up_by_us() {
    let mut hotline = hotline();
    hotline.seat_dials(AGENT.into(), "1001", "*11");
    hotline.pass_ms(7_900);
    assert_eq!(byes(&hotline, AGENT), 0);
    hotline.pass_ms(200);
    assert_eq!(byes(&hotline, AGENT), 1);
}

#[test]
fn a_wrong_code_is_told_and_changes_nothing() {
    let mut hotline = signed_in();
    for code in ["*17", "*12", "*120", "*1299", "*111", "*", "*10*1*2*3", "*11;ext=1"] {
        let heard = dial(&mut hotline, code);
        assert_eq!(heard.len(), 1, "{code}");
        assert_eq!(codes(&hotline).last().unwrap().1, Err(CodeRefusal::NotUnderstood), "{code}");
        assert_eq!(hotline.state("1001").intent, Intent::Available, "{code}");
    }
    assert_eq!(hotline.engine.counters().codes_refused, 8);
}

#[test]
fn who_is_not_signed_in_can_do_nothing_but_sign_in() {
    let mut hotline = hotline();
    for code in ["*11", "*121", "*16", "*13"] {
        dial(&mut hotline, code);
        let (_, result) = codes(&hotline).pop().unwrap();
        assert!(matches!(result, Err(CodeRefusal::Desk(DeskRefusal::SignedOut | DeskRefusal::NoCall))), "{code}: {result:?}");
    }
    assert_eq!(hotline.state("1001").intent, Intent::SignedOut);
}

#[test]
fn a_pin_is_asked_for_by_keys_three_times() {
    let mut hotline = hotline();
    hotline.seat_dials(AGENT.into(), "1001", "*10");
    let stream = hotline.last_stream();
    hotline.keys(stream, "1111#2222#");
    assert_eq!(byes(&hotline, AGENT), 0, "one attempt is left");
    hotline.keys(stream, "4711#");
    assert_eq!(hotline.state("1001").intent, Intent::Available);
    hotline.heard(stream);
    hotline.pass_ms(100);
    assert_eq!((byes(&hotline, AGENT), hotline.engine.counters().wrong_pins), (1, 2));
    assert!(!format!("{:?}", hotline.journal).contains("2222"), "no key of a PIN is recorded");
}

#[test]
fn a_pin_without_its_end_counts_after_a_while_and_none_at_all_ends_the_call() {
    let mut hotline = hotline();
    hotline.seat_dials(AGENT.into(), "1001", "*10");
    let stream = hotline.last_stream();
    hotline.keys(stream, "4711");
    hotline.pass_ms(5_100);
    assert_eq!(hotline.state("1001").intent, Intent::Available);
    hotline.heard(stream);
    dial(&mut hotline, "*19");
    hotline.seat_dials(AGENT.into(), "1001", "*10");
    hotline.pass_ms(60_000);
    assert_eq!(hotline.state("1001").intent, Intent::SignedOut);
    assert_eq!(codes(&hotline).pop(), Some(("*10".into(), Err(CodeRefusal::NothingKeyed))));
    assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50));
}

#[test]
fn wrong_pins_lock_the_seat_and_the_phone_and_the_right_one_is_not_looked_at_meanwhile() {
    let mut hotline = hotline();
    for _ in 0..3 {
        dial(&mut hotline, "*100000");
    }
    let locks = hotline.phone_events().into_iter().filter(|event| matches!(event, PhoneEvent::WrongPin { locked_until: Some(_), .. }));
    assert_eq!(locks.count(), 1, "the third one locks");
    dial(&mut hotline, "*104711");
    assert_eq!(codes(&hotline).pop(), Some(("*10".into(), Err(CodeRefusal::Locked))));
    assert_eq!(hotline.state("1001").intent, Intent::SignedOut);
    hotline.seat_dials(([127, 0, 0, 2], 6002).into(), "1002", "*101001*4711");
    assert_eq!(hotline.state("1001").intent, Intent::SignedOut, "the seat is locked from everywhere");
    hotline.pass_ms(31_000);
    dial(&mut hotline, "*104711");
    assert_eq!(hotline.state("1001").intent, Intent::Available);
}

#[test]
fn a_restart_gives_nobody_new_tries_and_forgets_what_the_right_pin_has_forgiven() {
    let mut hotline = hotline();
    for _ in 0..3 {
        dial(&mut hotline, "*100000");
    }
    assert_eq!(hotline.engine.wrong_pins().len(), 2, "the seat and the telephone");
    let saved = hotline.engine.wrong_pins();
    hotline.pass_ms(10_000);
    hotline.restart();
    assert_eq!(hotline.engine.wrong_pins(), saved);
    dial(&mut hotline, "*104711");
    assert_eq!(codes(&hotline).pop(), Some(("*10".into(), Err(CodeRefusal::Locked))));
    hotline.pass_ms(21_000);
    dial(&mut hotline, "*100000");
    hotline.restart();
    hotline.pass_ms(31_000);
    dial(&mut hotline, "*104711");
    assert_eq!(codes(&hotline).pop(), Some(("*10".into(), Err(CodeRefusal::Locked))), "the fourth one locks for a minute");
    hotline.pass_ms(30_000);
    dial(&mut hotline, "*104711");
    assert_eq!(hotline.state("1001").intent, Intent::Available);
    hotline.restart();
    assert_eq!(hotline.engine.wrong_pins(), []);
}

#[test]
fn a_code_while_the_phone_rings_leaves_the_ring_and_signing_out_ends_it() {
    let mut hotline = signed_in();
    hotline.change_habit(6001, Habit::RingsOut);
    hotline.dial(7001, "direct");
    hotline.pass_ms(500);
    assert_eq!(hotline.state("1001").activity, Activity::Offered);
    hotline.seat_dials(AGENT.into(), "1001", "*121");
    assert_eq!(hotline.state("1001").activity, Activity::Offered, "the ring goes on, the break comes after it");
    hotline.seat_dials(AGENT.into(), "1001", "*19");
    assert_eq!((hotline.state("1001").activity, hotline.state("1001").intent), (Activity::Free, Intent::SignedOut));
    let cancelled = hotline.phones[&SocketAddr::from(AGENT)].saw(|event| matches!(event, Event::Cancelled { .. }));
    assert!(cancelled);
    assert_eq!(hotline.engine.figures().waiting, 1, "the caller waits on");
}

fn in_a_call() -> Hotline {
    let mut hotline = signed_in();
    hotline.dial(7001, "direct");
    hotline.pass_ms(3_000);
    assert_eq!(hotline.engine.figures().talking, 1);
    hotline
}

#[test]
fn signing_out_in_a_call_is_done_when_it_is_over() {
    let mut hotline = in_a_call();
    let stream = hotline.last_stream();
    hotline.keys(stream, "*19");
    assert_eq!(hotline.engine.figures().talking, 1);
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(11_000);
    assert_eq!((hotline.state("1001").activity, hotline.state("1001").intent), (Activity::Free, Intent::SignedOut));
}

#[test]
fn the_agents_keys_in_a_call_are_codes_and_the_callers_never() {
    let mut hotline = in_a_call();
    hotline.press(call(0), '*');
    hotline.press(call(0), '1');
    hotline.press(call(0), '6');
    assert_eq!(codes(&hotline).len(), 1, "the sign-in only");
    let stream = hotline.last_stream();
    hotline.keys(stream, "12");
    assert_eq!(codes(&hotline).len(), 1, "a code begins with a star");
    hotline.keys(stream, "*16");
    assert_eq!(codes(&hotline).pop(), Some(("*16".into(), Ok(()))));
    assert_eq!(hotline.heard(stream).len(), 1, "the agent alone is told");
    let said = hotline.media.iter().filter(|command| matches!(command, Command::Play { .. })).count();
    assert_eq!(said, 2, "nothing is played to the caller");
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(11_000);
    assert_eq!(hotline.state("1001").intent, Intent::NotReady(NotReadyReason::Break), "after this call");
}

#[test]
fn the_other_party_hears_no_more_of_a_code_than_its_star() {
    let mut hotline = in_a_call();
    let agent = hotline.last_stream();
    let passes = |hotline: &Hotline| {
        let keys = hotline.media.iter().filter_map(|command| match command {
            Command::Keys { stream, pass } => Some((*stream, *pass)),
            _ => None,
        });
        keys.collect::<Vec<_>>()
    };
    hotline.keys(agent, "12");
    assert_eq!(passes(&hotline), [], "keys that are no code go on as ever");
    hotline.keys(agent, "*16");
    assert_eq!(passes(&hotline), [(agent, false)]);
    hotline.pass_ms(400);
    assert_eq!(passes(&hotline), [(agent, false), (agent, true)]);
}

#[test]
fn keys_by_info_are_codes_too_and_a_code_left_unfinished_is_none() {
    let mut hotline = in_a_call();
    let stream = hotline.last_stream();
    hotline.keys(stream, "*1");
    hotline.pass_ms(4_100);
    assert_eq!(codes(&hotline).pop(), Some(("*".into(), Err(CodeRefusal::NotUnderstood))));
    hotline.keys(stream, "6");
    assert_eq!(codes(&hotline).len(), 2, "what comes after it is no code");
    hotline.keys(stream, "*10");
    assert_eq!(codes(&hotline).pop().unwrap().1, Err(CodeRefusal::NotUnderstood), "nobody signs in while talking");
    assert_eq!(hotline.engine.figures().talking, 1);
}

#[test]
fn wrap_up_is_ended_by_its_code() {
    let mut hotline = in_a_call();
    hotline.hang_up(CALLER.into());
    assert_eq!(hotline.state("1001").activity, Activity::WrapUp);
    dial(&mut hotline, "*13");
    assert!(hotline.state("1001").is_ready());
    assert!(hotline.events(call(1)).iter().any(|event| event.kind == EventKind::Archived));
}

/// The first seat talks with a customer, the second one is ready.
fn with_a_colleague() -> (Hotline, hotline_media::StreamId) {
    let mut hotline = in_a_call();
    hotline.sign("1002", Intent::Available);
    let stream = hotline.last_stream();
    (hotline, stream)
}

#[test]
fn a_call_is_transferred_by_keys_alone_with_the_reason_behind_the_target_r53_r55() {
    let (mut hotline, agent) = with_a_colleague();
    hotline.keys(agent, "*71002*1#");
    assert_eq!(codes(&hotline).pop(), Some(("*7".into(), Ok(()))));
    hotline.pass_ms(3_000);
    hotline.keys(agent, "*9#");
    hotline.pass_ms(100);
    let record = hotline.record(call(1));
    let transfer = record.transfers.last().unwrap();
    assert_eq!((transfer.reason, transfer.end), (Some(TransferReason::TooComplex), Some(TransferEnd::Completed)));
    assert_eq!((record.seat.as_deref(), hotline.engine.figures().talking), (Some("1002"), 1));
}

#[test]
fn a_colleague_is_asked_taken_into_the_call_and_left_again_by_keys() {
    let (mut hotline, agent) = with_a_colleague();
    hotline.keys(agent, "*81002#");
    hotline.pass_ms(3_000);
    hotline.keys(agent, "*3");
    assert_eq!(codes(&hotline).pop(), Some(("*3".into(), Ok(()))));
    hotline.keys(agent, "*0");
    assert_eq!(codes(&hotline).pop(), Some(("*0".into(), Ok(()))));
    let record = hotline.record(call(1));
    assert_eq!(record.transfers.last().unwrap().end, Some(TransferEnd::Cancelled));
    assert_eq!(record.seat.as_deref(), Some("1001"));
}

#[test]
fn a_transfer_by_keys_without_a_reason_is_refused_and_the_call_stays_r53() {
    let (mut hotline, agent) = with_a_colleague();
    hotline.keys(agent, "*71002#");
    assert_eq!(codes(&hotline).pop(), Some(("*7".into(), Err(CodeRefusal::Desk(DeskRefusal::NoReason)))));
    assert_eq!(hotline.heard(agent), ["desk-no-reason"], "the agent alone is told why");
    hotline.keys(agent, "*79999*1#");
    assert!(matches!(codes(&hotline).pop(), Some((_, Err(CodeRefusal::Desk(_))))));
    assert!(hotline.record(call(1)).transfers.is_empty() && hotline.engine.figures().talking == 1);
}

#[test]
fn no_key_of_a_caller_transfers_a_call_to_anybody() {
    let (mut hotline, _) = with_a_colleague();
    for key in "*713800138000*1#*71002*1#*8110#*0".chars() {
        hotline.press(call(0), key);
    }
    assert_eq!((codes(&hotline).len(), hotline.record(call(1)).transfers.len()), (1, 0));
}

#[test]
fn class_and_disposition_are_said_by_keys_and_in_the_wrap_up_by_dialling_r7_r23() {
    let mut hotline = in_a_call();
    let agent = hotline.last_stream();
    hotline.keys(agent, "*142");
    hotline.hang_up(CALLER.into());
    assert_eq!(hotline.state("1001").activity, Activity::WrapUp);
    dial(&mut hotline, "*151");
    assert!(codes(&hotline).iter().all(|(_, result)| result.is_ok()), "{:?}", codes(&hotline));
    let record = hotline.record(call(1));
    assert_eq!(record.classified.unwrap().class, Some(Class::Complex));
    assert_eq!((record.disposition.as_deref(), record.t5.is_some()), (Some("resolved"), true));
}
