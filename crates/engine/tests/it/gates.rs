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
