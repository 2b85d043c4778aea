//! A queue that the rules no longer have: nobody waits in it for ever.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{MENU, PREAMBLE, first_seat, number, queue, seat};
use hotline_model::Intent;
use hotline_model::history::{ClockChange, EventKind};
use std::time::Duration;

const QUICK: Habit = Habit::Answers(Duration::from_secs(1));

fn rules(parts: &[&str]) -> String {
    [&[PREAMBLE], parts].concat().concat()
}

/// Only for seats that master more than there are.
fn line(facts: &str) -> String {
    queue("line", 9, facts)
}

fn waiting(hotline: &Hotline, queue: &str) -> usize {
    hotline.engine.figures().queues.iter().find(|figures| &*figures.name == queue).map_or(0, |figures| figures.waiting)
}

#[test]
fn its_callers_wait_on_in_its_overflow_queue_at_their_place_and_with_their_clock() {
    let (second, seat) = (queue("second", 1, ""), first_seat());
    let before = rules(&[&number("a", "line", ""), &number("b", "second", ""), &line("overflow = \"second\""), &second, &seat]);
    let mut hotline = Hotline::new(&before, &[(6001, QUICK)]);
    hotline.sign("1001", Intent::SignedOut);
    hotline.dial(7001, "a");
    hotline.pass_ms(5_000);
    hotline.dial(7002, "b");
    hotline.pass_ms(5_000);
    hotline.change_rules(&rules(&[&number("a", "second", ""), &number("b", "second", ""), &second, &seat]));
    assert_eq!((waiting(&hotline, "line"), waiting(&hotline, "second")), (0, 2));
    hotline.restart();
    hotline.sign("1001", Intent::Available);
    assert_eq!(hotline.offers().first().map(|(call, _)| *call), Some(0), "the first to come, also after a restart: {:?}", hotline.offers());
    hotline.pass_ms(1_000);
    let record = hotline.record(call(0));
    assert_eq!((record.queue.as_deref(), record.t2), (Some("second"), Some(record.t0)));
    let starts = |event: &&hotline_model::CallEvent| matches!(&event.kind, EventKind::Clock(clock) if clock.clock == 3 && clock.change == ClockChange::Started);
    assert_eq!(hotline.events(call(0)).iter().filter(starts).count(), 1);
}

#[test]
fn without_an_overflow_queue_its_callers_go_where_their_number_leads_who_presses_nothing() {
    let other = queue("other", 1, "");
    let before = rules(&[MENU, &line(""), &other, &first_seat()]);
    let mut hotline = Hotline::new(&before, &[(6001, QUICK)]);
    hotline.dial(7001, "hotline");
    hotline.press(call(0), '0');
    assert_eq!(waiting(&hotline, "line"), 1);
    hotline.change_rules(&rules(&[&MENU.replace("\"line\"", "\"other\""), &other, &first_seat()]));
    hotline.pass_ms(1_000);
    let record = hotline.record(call(0));
    assert_eq!((record.queue.as_deref(), record.seat.as_deref()), (Some("other"), Some("1001")));
}

#[test]
fn a_caller_still_in_the_menus_of_the_old_rules_gets_there_too() {
    let other = queue("other", 1, "");
    let mut hotline = Hotline::new(&rules(&[MENU, &line(""), &other, &first_seat()]), &[(6001, QUICK)]);
    hotline.dial(7001, "hotline");
    hotline.change_rules(&rules(&[&MENU.replace("\"line\"", "\"other\""), &other, &first_seat()]));
    hotline.press(call(0), '0');
    hotline.pass_ms(1_000);
    assert_eq!(hotline.record(call(0)).seat.as_deref(), Some("1001"));
}

#[test]
fn a_breach_is_not_forgotten_on_the_way_k3() {
    let (second, seats) = (queue("second", 1, "overflow = \"third\""), seat("1002", 6002, "skills = { any = 3 }") + &queue("third", 3, ""));
    let before = rules(&[&number("a", "line", ""), &line("overflow = \"second\""), &second.replace(">= 1", ">= 8"), &seats]);
    let mut hotline = Hotline::new(&before, &[(6002, QUICK)]);
    hotline.dial(7001, "a");
    hotline.pass_ms(31_000);
    hotline.change_rules(&rules(&[&number("a", "second", ""), &second.replace(">= 1", ">= 8"), &seats]));
    hotline.pass_ms(1_000);
    let record = hotline.record(call(0));
    assert_eq!(record.seat.as_deref(), Some("1002"), "the overflow queue of the new one is tried");
    assert_eq!(record.clocks.iter().find(|clock| clock.clock == 3).map(|clock| clock.state), Some(ClockChange::Breached));
}

#[test]
fn where_there_is_no_room_or_no_other_queue_they_stay_and_its_seats_still_serve_them() {
    let full = queue("second", 1, "limit = 1");
    let before =
        rules(&[&number("a", "line", ""), &number("b", "second", ""), &queue("line", 1, "overflow = \"second\""), &full, &first_seat()]);
    let none = rules(&[&number("c", "second", ""), &full, &first_seat()]);
    for (occupied, overflow) in [(true, true), (false, false)] {
        let before = if overflow { before.clone() } else { before.replace("overflow = \"second\"", "") };
        let mut hotline = Hotline::new(&before, &[(6001, QUICK)]);
        hotline.sign("1001", Intent::SignedOut);
        hotline.dial(7001, "a");
        if occupied {
            hotline.dial(7002, "b");
        }
        hotline.change_rules(&none);
        assert_eq!(waiting(&hotline, "line"), 1);
        assert_eq!(hotline.said(), [""; 0], "nobody is sent away");
        hotline.sign("1001", Intent::Available);
        hotline.pass_ms(1_000);
        assert_eq!(hotline.record(call(0)).seat.as_deref(), Some("1001"));
    }
}

#[test]
fn a_phone_that_rings_for_such_a_call_rings_on_and_after_it_the_call_moves() {
    let second = queue("second", 1, "") + &first_seat();
    let before = rules(&[&number("a", "line", ""), &queue("line", 1, "overflow = \"second\""), &second]);
    let mut hotline = Hotline::new(&before, &[(6001, Habit::RingsOut)]);
    hotline.dial(7001, "a");
    hotline.pass_ms(2_000);
    hotline.change_rules(&rules(&[&number("a", "second", ""), &second]));
    assert_eq!(hotline.record(call(0)).offers[0].end, None);
    hotline.pass_ms(8_000);
    assert_eq!((hotline.record(call(0)).queue.as_deref(), waiting(&hotline, "second")), (Some("second"), 1));
}

#[test]
fn an_announcement_that_new_rules_no_longer_have_is_not_made_again() {
    let line = |facts: &str| rules(&[&number("a", "line", ""), &line(facts), &first_seat()]);
    let mut hotline = Hotline::new(&line("announce = [\"please-wait\"]\nannounce_every = \"10s\""), &[]);
    hotline.dial(7001, "a");
    hotline.pass_ms(10_000);
    hotline.change_rules(&line(""));
    hotline.pass_ms(60_000);
    assert_eq!(hotline.said().iter().filter(|said| *said == "please-wait").count(), 1);
}
