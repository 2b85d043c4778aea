//! Gates that ask the queues and the caller: what they looked at is history, and a restart understands it (R46, R49).

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, queue, seat};
use hotline_model::EventKind;
use hotline_model::history::Judged;
use std::time::Duration;

const SEATS: [(u16, Habit); 1] = [(6001, Habit::Answers(Duration::from_secs(1)))];

fn hotline(gates: &str) -> Hotline {
    let number = format!("[[number]]\nname = \"direct\"\nqueue = \"line\"\n{gates}\n");
    let queues = [queue("line", 1, "wrap_up = \"0s\""), queue("other", 1, "wrap_up = \"0s\"")].concat();
    let customer = "[[customer]]\nname = \"someone\"\nnumbers = [\"13800137001\"]\ncustomer_type = \"vip\"\n";
    Hotline::new(&[PREAMBLE, &number, &queues, &seat("1001", 6001, "skills = { any = 5 }"), customer].concat(), &SEATS)
}

fn judged(hotline: &Hotline, number: u32) -> Vec<(Option<u16>, Vec<String>)> {
    let of = |kind: &EventKind| {
        let EventKind::Judged(Judged { taken, looked, .. }) = kind else { return None };
        Some((*taken, looked.iter().map(|one| format!("{}: {} = {}", one.gate, one.fact, one.value)).collect()))
    };
    hotline.events(call(number)).iter().filter_map(|event| of(&event.kind)).collect()
}

#[test]
fn a_line_that_is_long_leads_the_next_caller_elsewhere() {
    let mut hotline = hotline("gate = [{ when = \"waiting(line) >= 2 | longest(line) >= 20s\", queue = \"other\" }]");
    hotline.sign("1001", hotline_model::Intent::NotReady(hotline_model::NotReadyReason::Meal));
    hotline.dial(7002, "direct");
    hotline.pass(Duration::from_secs(5));
    hotline.dial(7003, "direct");
    hotline.dial(7004, "direct");
    let queue = |hotline: &Hotline, number| hotline.record(call(number)).queue.map(|queue| queue.to_string());
    assert_eq!([0, 1, 2].map(|number| queue(&hotline, number)), ["line", "line", "other"].map(|name| Some(name.to_owned())));
    assert_eq!(judged(&hotline, 1), [(None, vec!["0: waiting(line) = 1".to_owned(), "0: longest(line) = 5s".to_owned()])]);
    assert_eq!(judged(&hotline, 2), [(Some(0), vec!["0: waiting(line) = 2".to_owned()])]);
}

#[test]
fn the_longest_wait_and_the_seats_there_are_told_as_they_are() {
    let mut hotline =
        hotline("gate = [{ when = \"signed_in(line) == 0\", queue = \"other\" }, { when = \"longest(line) >= 20s\", queue = \"other\" }]");
    hotline.sign("1001", hotline_model::Intent::NotReady(hotline_model::NotReadyReason::Meal));
    hotline.dial(7002, "direct");
    hotline.pass(Duration::from_secs(25));
    hotline.dial(7003, "direct");
    assert_eq!(judged(&hotline, 1), [(Some(1), vec!["0: signed_in(line) = 1".to_owned(), "1: longest(line) = 25s".to_owned()])]);
    hotline.sign("1001", hotline_model::Intent::SignedOut);
    hotline.dial(7004, "direct");
    assert_eq!(judged(&hotline, 2), [(Some(0), vec!["0: signed_in(line) = 0".to_owned()])]);
}

#[test]
fn a_vip_is_led_past_the_number_and_the_call_is_taken_up_after_a_crash_r46() {
    let mut hotline = hotline("gate = [{ when = \"customer_type == vip\", queue = \"other\" }]");
    hotline.sign("1001", hotline_model::Intent::NotReady(hotline_model::NotReadyReason::Meal));
    hotline.dial(7001, "direct");
    assert_eq!(judged(&hotline, 0), [(Some(0), vec!["0: customer_type = vip".to_owned()])]);
    hotline.restart();
    hotline.sign("1001", hotline_model::Intent::Available);
    hotline.pass(Duration::from_secs(2));
    let record = hotline.record(call(0));
    assert_eq!((record.queue.as_deref(), record.seat.as_deref()), (Some("other"), Some("1001")));
}

/// Two seats; the second is idle longer.
fn two_seats(number: &str) -> Hotline {
    let seats = [(6001, Habit::Answers(Duration::from_secs(1))), (6002, Habit::Answers(Duration::from_secs(1)))];
    let rules = [seat("1002", 6002, "skills = { any = 5 }"), seat("1001", 6001, "skills = { any = 5 }")].concat();
    let line = queue("line", 1, "wrap_up = \"0s\"");
    Hotline::new(&[PREAMBLE, &format!("[[number]]\nname = \"direct\"\n{number}\n"), &line, &rules].concat(), &seats)
}

#[test]
fn a_number_may_lead_to_a_seat_first_and_else_to_its_queue_r44_r45() {
    let mut hotline = two_seats("seat = \"1001\"\nqueue = \"line\"");
    hotline.dial(7001, "direct");
    hotline.dial(7002, "direct");
    assert_eq!(hotline.offers(), [(0, "1001".to_owned()), (1, "1002".to_owned())]);
    let led = |event: &hotline_model::CallEvent| matches!(&event.kind, EventKind::LedToSeat { seat } if &**seat == "1001");
    assert!(hotline.events(call(0)).iter().any(led));
}

#[test]
fn a_seat_that_comes_first_still_does_after_a_crash_r45() {
    let mut hotline = two_seats("seat = \"1001\"\nqueue = \"line\"");
    ["1001", "1002"].into_iter().for_each(|seat| hotline.sign(seat, hotline_model::Intent::SignedOut));
    hotline.dial(7001, "direct");
    hotline.pass_ms(1_000);
    hotline.restart();
    assert_eq!(hotline.offers()[0].1, "1001");
}

#[test]
fn we_hang_up_only_where_the_rules_say_so() {
    let mut hotline = two_seats("say = [\"goodbye\"]\nhang_up = true");
    hotline.dial(7001, "direct");
    hotline.hear_out(call(0));
    let record = hotline.record(call(0));
    let ended = (record.hung_up_by, record.cause);
    assert_eq!(ended, (Some(hotline_model::history::Side::System), Some(hotline_model::history::Cause::Completed)));
}
