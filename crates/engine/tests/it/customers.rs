//! Customers who are known by their numbers: VIP and high value, owner first (manual.md Part K, scenarios 8 and 14).

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, number, queue, seat};
use hotline_model::Priority;
use hotline_model::history::{Cause, ClockChange};
use std::time::Duration;

const SEATS: [(u16, Habit); 2] = [(6001, Habit::Answers(Duration::from_secs(1))), (6002, Habit::Answers(Duration::from_secs(1)))];

fn hotline(customer: &str) -> Hotline {
    let seats = [seat("1001", 6001, "skills = { any = 5 }"), seat("1002", 6002, "skills = { any = 5 }")].concat();
    let customer = format!("[[customer]]\nname = \"someone\"\nnumbers = [\"+8613800137001\"]\n{customer}\n");
    Hotline::new(&[PREAMBLE, &number("direct", "line", ""), &queue("line", 1, "wrap_up = \"0s\""), &seats, &customer].concat(), &SEATS)
}

fn clocks(hotline: &Hotline) -> Vec<(u8, ClockChange)> {
    hotline.record(call(0)).clocks.iter().filter(|clock| matches!(clock.clock, 5 | 10)).map(|clock| (clock.clock, clock.state)).collect()
}

#[test]
fn a_caller_is_offered_to_the_own_agent_first_although_another_is_idle_longer_r45_r57() {
    let mut hotline = hotline("agent = \"1002\"");
    hotline.dial(7001, "direct");
    hotline.dial(7002, "direct");
    assert_eq!(hotline.offers(), [(0, "1002".to_owned()), (1, "1001".to_owned())]);
}

#[test]
fn a_vip_goes_first_and_needs_a_seat_that_may_serve_vips_r46() {
    let mut hotline = hotline("customer_type = \"vip\"\npriority = \"important\"\nskills = [\"any >= 5\"]");
    hotline.dial(7001, "direct");
    assert_eq!(hotline.record(call(0)).priority, Some(Priority::Important));
}

#[test]
fn a_dedicated_session_has_no_15_min_alarm_and_its_30_min_are_met_r45_k10() {
    let mut hotline = hotline("customer_level = \"high_value\"");
    let caller = hotline.dial(7001, "direct");
    hotline.pass(Duration::from_secs(1_801));
    assert_eq!(clocks(&hotline), [(10, ClockChange::Met)]);
    hotline.hang_up(caller);
    assert_eq!(clocks(&hotline), [(10, ClockChange::Met)]);
}

#[test]
fn a_dedicated_session_that_the_customer_ends_early_is_none_of_our_business_r45() {
    let mut hotline = hotline("customer_level = \"high_value\"");
    let caller = hotline.dial(7001, "direct");
    hotline.pass(Duration::from_secs(60));
    hotline.hang_up(caller);
    assert_eq!(clocks(&hotline), [(10, ClockChange::Dropped)]);
}

#[test]
fn a_dedicated_session_that_we_end_early_is_a_violation_r45() {
    let mut hotline = hotline("customer_level = \"high_value\"");
    hotline.dial(7001, "direct");
    hotline.pass(Duration::from_secs(60));
    hotline.engine.handle(hotline.now, hotline_engine::Input::HangUp);
    hotline.settle();
    assert_eq!(hotline.record(call(0)).cause, Some(Cause::Shutdown));
    assert_eq!(clocks(&hotline), [(10, ClockChange::Breached)]);
}

#[test]
fn other_callers_keep_their_15_min_r7_k5() {
    let mut hotline = hotline("customer_level = \"high_value\"");
    hotline.dial(7002, "direct");
    hotline.pass(Duration::from_secs(901));
    assert_eq!(clocks(&hotline), [(5, ClockChange::Breached)]);
}

#[test]
fn the_own_agent_is_known_after_a_restart_too_r57() {
    let mut hotline = hotline("agent = \"1002\"");
    ["1001", "1002"].into_iter().for_each(|seat| hotline.sign(seat, hotline_model::Intent::SignedOut));
    hotline.dial(7001, "direct");
    hotline.pass_ms(1_000);
    hotline.restart();
    assert_eq!(hotline.offers()[0].1, "1002");
}
