//! A queue that is closed or has nobody: its callers are led elsewhere, at their place (R13, R15).

use crate::hotline::{Habit, Hotline, call};
use crate::house::{MENU, PREAMBLE, first_seat, number, queue, seat};
use hotline_model::Intent;
use hotline_model::history::{Cause, ClockChange, EventKind, WhyLeft};
use std::time::Duration;

const QUICK: Habit = Habit::Answers(Duration::from_secs(1));
const MINUTE_MS: u64 = 60_000;

fn rules(parts: &[&str]) -> String {
    [&[PREAMBLE, CALENDARS], parts].concat().concat()
}

/// The walks begin at 10:00.
const CALENDARS: &str = r#"
[calendar.evening]
zone = "Asia/Shanghai"
hours = { daily = "18:00-20:00" }
[calendar.short]
zone = "Asia/Shanghai"
hours = { daily = "08:00-10:02" }
"#;

fn waiting(hotline: &Hotline, queue: &str) -> usize {
    hotline.engine.figures().queues.iter().find(|figures| &*figures.name == queue).map_or(0, |figures| figures.waiting)
}

fn closed(name: &str, closed: &str) -> String {
    queue(name, 1, &format!("hours = \"evening\"\nsay = [\"please-wait\"]\nclosed = {closed}"))
}

#[test]
fn a_caller_for_a_closed_queue_is_told_so_and_waits_nowhere_r15() {
    let line = closed("line", "{ say = [\"we-are-closed\"], goodbye = true }");
    let mut hotline = Hotline::new(&rules(&[&number("a", "line", ""), &line, &first_seat()]), &[(6001, QUICK)]);
    let phone = hotline.dial(7001, "a");
    assert_eq!((hotline.said(), hotline.offers().len(), waiting(&hotline, "line")), (vec!["we-are-closed".to_owned()], 0, 0));
    hotline.hang_up(phone);
    let record = hotline.record(call(0));
    assert_eq!((record.queue, record.cause), (None, Some(Cause::Completed)));
}

#[test]
fn a_caller_for_a_closed_queue_may_wait_in_another_r15() {
    let (line, next) = (closed("line", "{ say = [\"we-are-closed\"], queue = \"next\" }"), closed("next", "{ queue = \"third\" }"));
    let rules = rules(&[&number("a", "line", ""), &line, &next, &queue("third", 1, "say = [\"please-wait\"]"), &first_seat()]);
    let mut hotline = Hotline::new(&rules, &[(6001, QUICK)]);
    hotline.dial(7001, "a");
    assert_eq!(hotline.said(), ["we-are-closed", "please-wait"]);
    hotline.pass_ms(1_000);
    let record = hotline.record(call(0));
    assert_eq!((record.queue.as_deref(), record.seat.as_deref()), (Some("third"), Some("1001")));
}

#[test]
fn a_caller_for_a_closed_queue_may_be_led_to_a_menu_r15() {
    let other = closed("other", "{ menu = \"main\" }");
    let rules = rules(&[&number("a", "other", ""), MENU, &other, &queue("line", 1, ""), &first_seat()]);
    let mut hotline = Hotline::new(&rules, &[(6001, QUICK)]);
    hotline.dial(7001, "a");
    assert_eq!(hotline.said(), ["main-menu"]);
    hotline.press(call(0), '0');
    hotline.pass_ms(1_000);
    assert_eq!(hotline.record(call(0)).seat.as_deref(), Some("1001"));
}

#[test]
fn as_a_queue_closes_its_callers_leave_or_are_served_as_the_rules_say() {
    for (closing, said) in [("leave", vec!["we-are-closed"]), ("serve", vec![])] {
        let facts = format!("hours = \"short\"\nclosing = \"{closing}\"\nclosed = {{ say = [\"we-are-closed\"], goodbye = true }}");
        let rules = rules(&[&number("a", "line", ""), &queue("line", 1, &facts), &first_seat()]);
        let mut hotline = Hotline::new(&rules, &[(6001, QUICK)]);
        hotline.sign("1001", Intent::SignedOut);
        hotline.dial(7001, "a");
        hotline.pass_ms(MINUTE_MS);
        assert_eq!(waiting(&hotline, "line"), 1);
        hotline.pass_ms(MINUTE_MS);
        assert_eq!((hotline.said(), waiting(&hotline, "line")), (said.iter().map(ToString::to_string).collect(), 1 - said.len()));
        hotline.sign("1001", Intent::Available);
        hotline.pass_ms(1_000);
        assert_eq!(hotline.record(call(0)).seat.is_some(), closing == "serve");
    }
}

#[test]
fn a_caller_for_whom_nobody_is_signed_in_is_told_so_at_once_r13() {
    let line = queue("line", 1, "nobody = { say = [\"nobody-here\"], goodbye = true }");
    let mut hotline = Hotline::new(&rules(&[&number("a", "line", ""), &line, &first_seat()]), &[(6001, QUICK)]);
    hotline.sign("1001", Intent::SignedOut);
    hotline.dial(7001, "a");
    hotline.pass_ms(1);
    assert_eq!((hotline.said(), waiting(&hotline, "line")), (vec!["nobody-here".to_owned()], 0));
    let clock = hotline.record(call(0)).clocks.iter().find(|clock| clock.clock == 3).map(|clock| clock.state);
    assert_eq!(clock, Some(ClockChange::Dropped));
    assert_eq!(left(&hotline), [("line".to_owned(), WhyLeft::Nobody, None)]);
}

/// The queues that calls left because nobody served them.
fn left(hotline: &Hotline) -> Vec<(String, WhyLeft, Option<String>)> {
    let events = hotline.events(call(0)).into_iter();
    let left = events.filter_map(|event| match event.kind {
        EventKind::LeftQueue { queue, why, to } => Some((queue.to_string(), why, to.map(|to| to.to_string()))),
        _ => None,
    });
    left.collect()
}

#[test]
fn a_call_that_left_its_queue_for_a_menu_is_in_no_queue_after_a_restart() {
    let line = queue("line", 1, "nobody = { menu = \"main\" }");
    let rules = rules(&[&number("a", "line", ""), MENU, &line, &queue("other", 1, ""), &first_seat()]);
    let mut hotline = Hotline::new(&rules, &[(6001, QUICK)]);
    hotline.sign("1001", Intent::SignedOut);
    hotline.dial(7001, "a");
    hotline.pass_ms(1_000);
    assert_eq!(left(&hotline), [("line".to_owned(), WhyLeft::Nobody, None)]);
    hotline.restart();
    hotline.pass_ms(1_000);
    assert_eq!((waiting(&hotline, "line"), hotline.engine.figures().in_menu), (0, 1));
}

#[test]
fn a_caller_who_heard_goodbye_as_nobody_was_there_is_not_taken_in_after_a_restart_r13() {
    let line = queue("line", 1, "nobody = { say = [\"nobody-here\"], goodbye = true }");
    let mut hotline = Hotline::new(&rules(&[&number("a", "line", ""), &line, &first_seat()]), &[(6001, QUICK)]);
    hotline.sign("1001", Intent::SignedOut);
    hotline.dial(7001, "a");
    hotline.pass_ms(1_000);
    assert!(hotline.record(call(0)).left.is_some());
    hotline.restart();
    hotline.sign("1001", Intent::Available);
    hotline.pass_ms(5_000);
    assert_eq!((waiting(&hotline, "line"), hotline.engine.figures().in_menu, hotline.offers().len()), (0, 1, 0));
}

#[test]
fn when_the_last_agent_signs_out_those_who_wait_move_on_at_their_place_r13() {
    let line = queue("line", 1, "seats = [\"1001\"]\nnobody = { after = \"5s\", queue = \"next\" }");
    let other = seat("1002", 6002, "skills = { any = 2 }");
    let next = queue("next", 2, "seats = [\"1002\"]");
    let rules = rules(&[&number("a", "line", ""), &number("b", "next", ""), &line, &next, &first_seat(), &other]);
    let mut hotline = Hotline::new(&rules, &[(6001, QUICK), (6002, QUICK)]);
    hotline.sign("1001", Intent::NotReady(hotline_model::NotReadyReason::Break));
    hotline.sign("1002", Intent::NotReady(hotline_model::NotReadyReason::Break));
    for port in 7001..7004 {
        hotline.dial(port, "a");
        hotline.pass_ms(1_000);
    }
    hotline.dial(7004, "b");
    hotline.pass_ms(1_000);
    assert_eq!(waiting(&hotline, "line"), 3, "somebody on a break is there");
    hotline.sign("1001", Intent::SignedOut);
    hotline.pass_ms(4_000);
    hotline.sign("1001", Intent::NotReady(hotline_model::NotReadyReason::Break));
    hotline.pass_ms(2_000);
    assert_eq!(waiting(&hotline, "line"), 3, "somebody came back in time");
    hotline.sign("1001", Intent::SignedOut);
    hotline.pass_ms(4_999);
    assert_eq!(waiting(&hotline, "line"), 3);
    hotline.pass_ms(1);
    assert_eq!((waiting(&hotline, "line"), waiting(&hotline, "next")), (0, 4));
    assert_eq!(left(&hotline), [("line".to_owned(), WhyLeft::Nobody, Some("next".to_owned()))]);
    hotline.sign("1002", Intent::Available);
    assert_eq!(hotline.offers(), [(0, "1002".to_owned())], "the first to come, before the one who waited there");
}

#[test]
fn the_time_without_anybody_counts_from_when_the_last_agent_went_not_from_the_last_look_r13() {
    let line = queue(
        "line",
        1,
        "seats = [\"1001\"]\nhours = \"long\"\nclosing = \"leave\"\nclosed = { goodbye = true }\nnobody = { after = \"3m\", queue = \"next\" }",
    );
    let long = "[calendar.long]\nzone = \"Asia/Shanghai\"\nhours = { daily = \"08:00-20:00\" }\n";
    let next = queue("next", 2, "seats = [\"1002\"]");
    let rules = rules(&[long, &number("a", "line", ""), &line, &next, &first_seat(), &seat("1002", 6002, "skills = { any = 2 }")]);
    let rests = Intent::NotReady(hotline_model::NotReadyReason::Break);
    for comes_back in [false, true] {
        let mut hotline = Hotline::new(&rules, &[(6001, QUICK), (6002, QUICK)]);
        hotline.sign("1001", rests);
        hotline.sign("1002", rests);
        hotline.dial(7001, "a");
        hotline.pass_ms(30_000);
        hotline.sign("1001", Intent::SignedOut);
        hotline.pass_ms(2 * MINUTE_MS);
        if comes_back {
            hotline.sign("1001", rests);
            hotline.pass_ms(5_000);
            hotline.sign("1001", Intent::SignedOut);
            hotline.pass_ms(2 * MINUTE_MS);
            assert_eq!(waiting(&hotline, "line"), 1, "somebody was there meanwhile");
        }
        hotline.change_rules(&rules);
        hotline.pass_ms(MINUTE_MS - 1);
        assert_eq!((waiting(&hotline, "line"), waiting(&hotline, "next")), (1, 0));
        hotline.pass_ms(1);
        assert_eq!((waiting(&hotline, "line"), waiting(&hotline, "next")), (0, 1));
        assert_eq!(left(&hotline), [("line".to_owned(), WhyLeft::Nobody, Some("next".to_owned()))]);
    }
}

#[test]
fn queues_that_lead_to_each_other_as_nobody_is_there_and_as_they_are_closed_end_with_a_call_that_waits() {
    let first = queue("first", 1, "nobody = { queue = \"second\" }");
    let second = queue("second", 1, "nobody = { queue = \"third\" }");
    let third = closed("third", "{ queue = \"first\" }");
    let rules = rules(&[&number("a", "first", ""), &first, &second, &third, &first_seat()]);
    let mut hotline = Hotline::new(&rules, &[(6001, QUICK)]);
    hotline.sign("1001", Intent::SignedOut);
    hotline.dial(7001, "a");
    hotline.pass_ms(1_000);
    assert_eq!((waiting(&hotline, "first"), waiting(&hotline, "second")), (0, 1));
    hotline.sign("1001", Intent::Available);
    assert_eq!(hotline.offers(), [(0, "1001".to_owned())]);
}
