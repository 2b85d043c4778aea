//! Phones that vanish in a call without a word: no seat stays in it, and nobody who is only silent is hung up.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, first_seat, number, queue};
use hotline_model::history::{Cause, EventKind, Side};
use std::net::SocketAddr;
use std::time::Duration;

fn talking() -> (Hotline, SocketAddr, SocketAddr) {
    let rules = [PREAMBLE, &number("direct", "line", ""), &queue("line", 1, "wrap_up = \"0s\""), &first_seat()].concat();
    let mut hotline = Hotline::new(&rules, &[(6001, Habit::Answers(Duration::from_secs(1)))]);
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
    hotline.pass(Duration::from_secs(900 + 33));
    assert_eq!(hotline.engine.figures().talking, 0, "a phone that never sent sound is asked too, every 15 min");
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
