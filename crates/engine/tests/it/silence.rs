//! Phones that vanish in a call without a word: no seat stays in it, and nobody who is only silent is hung up.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, first_seat, number, queue};
use hotline_model::Intent;
use hotline_model::history::{Cause, EventKind, Side};
use std::net::SocketAddr;
use std::time::Duration;

fn hotline(pick_up: &str) -> Hotline {
    let rules = [PREAMBLE, &number("direct", "line", pick_up), &queue("line", 1, "wrap_up = \"0s\""), &first_seat()].concat();
    Hotline::new(&rules, &[(6001, Habit::Answers(Duration::from_secs(1)))])
}

fn talking() -> (Hotline, SocketAddr, SocketAddr) {
    let mut hotline = hotline("");
    let caller = hotline.dial(7001, "direct");
    hotline.pass_ms(2_000);
    assert_eq!(hotline.engine.figures().talking, 1);
    (hotline, caller, SocketAddr::from(([127, 0, 0, 2], 6001)))
}

#[test]
fn a_call_whose_phones_both_vanished_without_bye_frees_its_seat() {
    let (mut hotline, caller, agent) = talking();
    [caller, agent].into_iter().for_each(|phone| hotline.sound(phone, true));
    hotline.phones.clear();
    [caller, agent].into_iter().for_each(|phone| hotline.sound(phone, false));
    hotline.pass_ms(31_000);
    assert_eq!(hotline.engine.figures().talking, 1, "64 * T1 for an answer");
    hotline.pass_ms(2_000);
    let record = hotline.record(call(0));
    assert_eq!((record.hung_up_by, record.cause), (Some(Side::System), Some(Cause::Unreachable)));
    assert!(hotline.state("1001").is_ready());
    hotline.pass_ms(40_000);
    assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50));
}

#[test]
fn a_phone_that_is_only_silent_is_asked_each_minute_and_never_hung_up() {
    let (mut hotline, caller, agent) = talking();
    hotline.sound(caller, true);
    hotline.sound(caller, false);
    hotline.pass(Duration::from_secs(3_600));
    assert_eq!(hotline.engine.figures().talking, 1);
    let silences = hotline.events(call(0)).iter().filter(|event| matches!(event.kind, EventKind::NoMedia { leg: 0 })).count();
    assert_eq!(silences, 1);
    hotline.phones.remove(&agent);
    hotline.pass_ms(333_000);
    assert_eq!(hotline.engine.figures().talking, 0, "a phone that never sent sound is asked too");
}

#[test]
fn a_phone_that_never_sent_sound_and_vanished_frees_its_seat_within_six_minutes() {
    let (mut hotline, _, agent) = talking();
    hotline.phones.remove(&agent);
    hotline.pass_ms(329_000);
    assert_eq!(hotline.engine.figures().talking, 1, "5 min of silence, and 64 * T1 for an answer");
    hotline.pass_ms(4_000);
    let record = hotline.record(call(0));
    assert_eq!((record.hung_up_by, record.cause), (Some(Side::System), Some(Cause::Unreachable)));
    assert!(hotline.state("1001").is_ready());
}

#[test]
fn a_caller_who_never_sent_sound_and_vanished_leaves_the_queue_within_six_minutes() {
    let (mut hotline, _, _) = talking();
    let waiting = hotline.dial(7002, "direct");
    hotline.phones.remove(&waiting);
    hotline.pass_ms(331_000);
    assert_eq!(hotline.engine.figures().waiting, 1);
    hotline.pass_ms(2_000);
    assert_eq!(hotline.engine.figures().waiting, 0);
    assert_eq!(hotline.record(call(1)).cause, Some(Cause::Unreachable));
}

#[test]
fn a_caller_who_waited_long_in_early_media_is_asked_once_the_call_is_answered() {
    let mut hotline = hotline("pick_up = \"early-media\"");
    hotline.sign("1001", Intent::SignedOut);
    let caller = hotline.dial(7001, "direct");
    hotline.pass_ms(310_000);
    hotline.sign("1001", Intent::Available);
    hotline.pass_ms(2_000);
    assert_eq!(hotline.engine.figures().talking, 1);
    hotline.phones.remove(&caller);
    hotline.pass_ms(330_000);
    assert_eq!(hotline.record(call(0)).cause, Some(Cause::Unreachable));
}

#[test]
fn phones_that_are_muted_from_the_beginning_are_asked_and_never_hung_up() {
    let (mut hotline, caller, agent) = talking();
    hotline.pass(Duration::from_secs(3_600));
    assert_eq!(hotline.engine.figures().talking, 1);
    // Sound that flows is an answer.
    [caller, agent].into_iter().for_each(|phone| hotline.sound(phone, true));
    hotline.phones.clear();
    hotline.pass(Duration::from_secs(3_600));
    assert_eq!(hotline.engine.figures().talking, 1, "nobody is asked");
}

#[test]
fn a_phone_that_vanishes_while_it_holds_is_asked_too() {
    let (mut hotline, caller, agent) = talking();
    [caller, agent].into_iter().for_each(|phone| hotline.sound(phone, true));
    let dialog = hotline.dialog(agent);
    hotline.reinvite(agent, dialog, 2, "inactive");
    hotline.pass(Duration::from_secs(600));
    assert_eq!(hotline.engine.figures().talking, 1, "it answers");
    hotline.phones.remove(&agent);
    hotline.pass_ms(93_000);
    assert_eq!(hotline.engine.figures().talking, 0, "media that are not to come don't stop");
}

#[test]
fn a_caller_who_vanishes_while_waiting_leaves_the_queue() {
    let (mut hotline, _, _) = talking();
    let waiting = hotline.dial(7002, "direct");
    hotline.sound(waiting, true);
    hotline.phones.remove(&waiting);
    hotline.sound(waiting, false);
    hotline.pass_ms(33_000);
    assert_eq!(hotline.engine.figures().waiting, 0);
    assert_eq!(hotline.record(call(1)).cause, Some(Cause::Unreachable));
}
