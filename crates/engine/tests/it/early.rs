//! Pick-up by answer or by early media: RFC 3960 3, RFC 3261 13, manual R1, R2, K1.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{MENU, PREAMBLE, number, queue, seat};
use hotline_model::history::{Cause, ClockChange, EventKind, Side};
use hotline_model::{Entry, Intent};
use hotline_sip::Event;
use std::net::SocketAddr;
use std::time::Duration;

const EARLY: &str = "pick_up = \"early-media\"";

fn hotline(pick_up: &str, answers: u64) -> Hotline {
    let habit = Habit::Answers(Duration::from_millis(answers));
    let rules =
        [PREAMBLE, &number("direct", "line", pick_up), &queue("line", 1, "wrap_up = \"0s\""), &seat("1001", 6001, "skills = { any = 5 }")];
    Hotline::new(&rules.concat(), &[(6001, habit)])
}

/// SDP of the first 183 and of the 200 that a caller's phone saw.
fn bodies(hotline: &Hotline, phone: SocketAddr) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let (mut early, mut answer) = (None, None);
    for event in &hotline.phones[&phone].events {
        match event {
            Event::Progress { code: 183, body, .. } => early = early.or_else(|| body.clone()),
            Event::Answered { body, .. } => answer = answer.or_else(|| body.clone()),
            _ => {}
        }
    }
    (early, answer)
}

fn k1(hotline: &Hotline) -> Option<ClockChange> {
    hotline.record(call(0)).clocks.iter().find(|clock| clock.clock == 1).map(|clock| clock.state)
}

#[test]
fn a_number_is_answered_at_once_unless_its_rules_say_otherwise_r1_r2() {
    let mut hotline = hotline("", 1_000);
    let caller = hotline.dial(7001, "direct");
    let (early, answer) = bodies(&hotline, caller);
    assert!(early.is_none() && answer.is_some());
}

#[test]
fn prompts_are_early_media_until_a_person_answers_with_the_same_sdp_rfc_3261_13() {
    let mut hotline = hotline(EARLY, 1_000);
    let caller = hotline.dial(7001, "direct");
    let (early, answer) = bodies(&hotline, caller);
    assert!(early.is_some() && answer.is_none());
    assert_eq!(hotline.record(call(0)).t1, None);
    hotline.pass_ms(1_100);
    let (early, answer) = bodies(&hotline, caller);
    assert_eq!(early, answer);
    let record = hotline.record(call(0));
    assert!(record.t1 <= record.t3 && record.t1.unwrap().since(record.t0) >= Duration::from_secs(1));
    assert_eq!(k1(&hotline), Some(ClockChange::Met));
    hotline.hang_up(caller);
    assert_eq!(hotline.record(call(0)).cause, Some(Cause::Normal));
}

#[test]
fn the_200_comes_when_the_pick_up_clock_demands_it_even_if_nobody_answers_r2_k1() {
    let mut hotline = hotline(EARLY, 8_000);
    let caller = hotline.dial(7001, "direct");
    hotline.pass_ms(2_990);
    assert!(bodies(&hotline, caller).1.is_none());
    hotline.pass_ms(20);
    assert!(bodies(&hotline, caller).1.is_some());
    let record = hotline.record(call(0));
    assert!(record.t1.unwrap().since(record.t0) <= Duration::from_secs(3));
    assert_eq!(k1(&hotline), Some(ClockChange::Met));
    hotline.pass(Duration::from_secs(9));
    assert!(hotline.record(call(0)).t3.is_some());
    let picked_up = |entry: &&Entry| matches!(entry, Entry::Call(event) if event.kind == EventKind::PickedUp);
    assert_eq!(hotline.journal.iter().filter(picked_up).count(), 1);
}

#[test]
fn a_caller_who_cancels_in_early_media_is_gone_and_the_seat_is_free_again() {
    let mut hotline = hotline(EARLY, 8_000);
    let (caller, dialog) = hotline.dial_as(7001, "direct", "<sip:13800137001@x>", &[]);
    hotline.pass_ms(500);
    hotline.hang_up_call(caller, dialog);
    let record = hotline.record(call(0));
    assert_eq!((record.hung_up_by, record.cause, record.t1, record.t3), (Some(Side::Caller), Some(Cause::Cancelled), None, None));
    hotline.pass(Duration::from_secs(5));
    assert_eq!(hotline.engine.calls(), 0);
    hotline.dial(7002, "direct");
    hotline.pass(Duration::from_secs(9));
    assert!(hotline.record(call(1)).t3.is_some());
}

#[test]
fn a_call_that_ends_by_us_before_its_200_is_refused_and_not_hung_up() {
    let mut hotline = hotline(EARLY, 8_000);
    let caller = hotline.dial(7001, "direct");
    hotline.engine.handle(hotline.now, hotline_engine::Input::HangUp);
    hotline.settle();
    assert!(hotline.phones[&caller].saw(|event| matches!(event, Event::Rejected { code: 480, .. })));
    assert_eq!(hotline.record(call(0)).cause, Some(Cause::Shutdown));
}

#[test]
fn menus_and_music_are_heard_in_early_media_and_keys_that_come_count() {
    let menu = MENU.replace("menu = \"main\"\n[menu", &format!("menu = \"main\"\n{EARLY}\n[menu"));
    let rules = [PREAMBLE, &menu, &queue("line", 1, ""), &seat("1001", 6001, "skills = { any = 5 }")].concat();
    let mut hotline = Hotline::new(&rules, &[(6001, Habit::Answers(Duration::from_millis(500)))]);
    let caller = hotline.dial(7001, "hotline");
    hotline.pass_ms(200);
    hotline.press(call(0), '1');
    assert!(bodies(&hotline, caller).1.is_none());
    hotline.pass_ms(600);
    assert!(bodies(&hotline, caller).1.is_some() && hotline.record(call(0)).t3.is_some());
}

#[test]
fn an_invite_without_an_offer_is_answered_at_once_rfc_3262() {
    let mut hotline = hotline(EARLY, 8_000);
    let caller = hotline.dial_with(7001, "direct", Vec::new());
    let (early, answer) = bodies(&hotline, caller);
    assert!(early.is_none() && answer.is_some());
}

#[test]
fn a_caller_in_early_media_at_a_crash_is_closed_in_the_record() {
    let mut hotline = hotline(EARLY, 8_000);
    hotline.sign("1001", Intent::SignedOut);
    hotline.dial(7001, "direct");
    hotline.restart();
    let record = hotline.record(call(0));
    assert!(record.t6.is_some() && record.t1.is_none());
}
