//! A caller whose call broke off while waiting dials again and has lost nothing (`queue.resume`).

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, first_seat, number, queue};
use hotline_model::Intent;
use hotline_model::history::EventKind;
use std::time::Duration;

fn hotline(resume: &str) -> Hotline {
    let line = queue("line", 1, &format!("wrap_up = \"0s\"\nresume = \"{resume}\""));
    let rules = [PREAMBLE, &number("direct", "line", ""), &line, &first_seat()].concat();
    let mut hotline = Hotline::new(&rules, &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    hotline.sign("1001", Intent::SignedOut);
    hotline
}

/// The first caller breaks off, the second waits, the first is back after `away`: who is served first?
fn first_served(hotline: &mut Hotline, away: Duration) -> u32 {
    let broken = hotline.dial(7001, "direct");
    hotline.pass_ms(5_000);
    hotline.dial(7002, "direct");
    hotline.hang_up(broken);
    hotline.pass(away);
    hotline.dial(7001, "direct");
    hotline.pass_ms(1_000);
    hotline.sign("1001", Intent::Available);
    hotline.offers()[0].0
}

fn keeps_place(hotline: &Hotline, count: u32) -> bool {
    hotline.events(call(count)).iter().any(|event| matches!(event.kind, EventKind::PlaceKept { after, .. } if after == call(0)))
}

#[test]
fn who_is_back_in_time_has_the_old_place_and_a_new_clock() {
    let mut hotline = hotline("60s");
    assert_eq!(first_served(&mut hotline, Duration::from_secs(60)), 2);
    assert!(keeps_place(&hotline, 2));
    let clock = hotline.record(call(2)).clocks.iter().find(|clock| clock.clock == 3).map(|clock| clock.started);
    assert_eq!(clock, hotline.record(call(2)).t2, "K3 is the new call's own");
}

#[test]
fn who_is_back_too_late_or_where_nothing_is_kept_waits_behind_the_others() {
    for (resume, away) in [("60s", 61), ("0s", 1)] {
        let mut hotline = hotline(resume);
        assert_eq!(first_served(&mut hotline, Duration::from_secs(away)), 1, "{resume}");
        assert!(!keeps_place(&hotline, 2));
    }
}

#[test]
fn a_place_is_taken_up_once() {
    let mut hotline = hotline("60s");
    first_served(&mut hotline, Duration::from_secs(1));
    hotline.sign("1001", Intent::SignedOut);
    hotline.dial(7001, "direct");
    assert!(!keeps_place(&hotline, 3));
}

#[test]
fn a_place_that_was_taken_up_outlives_a_restart() {
    let mut hotline = hotline("60s");
    let broken = hotline.dial(7001, "direct");
    hotline.pass_ms(5_000);
    hotline.dial(7002, "direct");
    hotline.hang_up(broken);
    hotline.pass_ms(1_000);
    hotline.dial(7001, "direct");
    hotline.pass_ms(1_000);
    hotline.restart();
    assert_eq!(hotline.offers()[0].0, 2, "served first by the seat that the start signed in");
}

#[test]
fn a_call_that_broke_off_after_its_breach_is_back_among_the_breached() {
    let mut hotline = hotline("60s");
    let broken = hotline.dial(7001, "direct");
    hotline.pass_ms(100);
    hotline.dial(7002, "direct");
    hotline.pass_ms(31_000);
    hotline.hang_up(broken);
    hotline.dial(7001, "direct");
    hotline.sign("1001", Intent::Available);
    assert_eq!(hotline.offers()[0].0, 2);
}
