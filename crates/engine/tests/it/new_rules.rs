//! New rules while calls are going on: whoever is in the menus ends there by the old ones, whoever waits goes by the new ones at the same rank,
//! and each record names the rules with which the call began.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{MENU, PREAMBLE, first_seat, number, queue, seat};
use hotline_model::Intent;
use std::time::Duration;

const QUICK: Habit = Habit::Answers(Duration::from_secs(1));

fn rules(parts: &[&str]) -> String {
    [&[PREAMBLE], parts].concat().concat()
}

#[test]
fn a_walk_through_the_menus_ends_by_the_rules_with_which_it_began() {
    let queues = queue("line", 1, "") + &queue("other", 1, "");
    let mut hotline = Hotline::new(&rules(&[MENU, &queues, &first_seat()]), &[(6001, QUICK)]);
    hotline.sign("1001", Intent::SignedOut);
    hotline.dial(7001, "hotline");
    let new = MENU.replace("queue = \"line\"", "queue = \"other\"").replace("main-menu", "please-wait");
    hotline.change_rules(&rules(&[&new, &queues, &first_seat()]));
    hotline.pass_ms(5_000);
    assert_eq!(hotline.said().last().map(String::as_str), Some("main-menu"), "the old menu is said again: {:?}", hotline.said());
    hotline.press(call(0), '1');
    hotline.dial(7002, "hotline");
    hotline.press(call(1), '1');
    let queue = |count| hotline.record(call(count)).queue.map(|queue| queue.to_string());
    assert_eq!((queue(0).as_deref(), queue(1).as_deref()), (Some("line"), Some("other")));
    assert!(hotline.said().contains(&"please-wait".to_owned()), "the next caller hears the new menu");
}

#[test]
fn calls_that_wait_go_by_the_new_rules_in_the_same_step_and_keep_their_rank() {
    let far = seat("1002", 6002, "skills = { any = 3 }");
    let before = rules(&[&number("a", "line", ""), &queue("line", 9, ""), &first_seat(), &far]);
    let mut hotline = Hotline::new(&before, &[(6001, QUICK), (6002, QUICK)]);
    for port in [7001, 7002, 7003] {
        hotline.dial(port, "a");
        hotline.pass_ms(1_000);
    }
    assert_eq!(hotline.offers(), [], "nobody has what is asked for");
    hotline.change_rules(&rules(&[&number("a", "line", ""), &queue("line", 1, ""), &first_seat(), &far]));
    let offered: Vec<u32> = hotline.offers().into_iter().map(|(call, _)| call).collect();
    assert_eq!(offered, [0, 1], "at once, and the first to come first");
    let record = hotline.record(call(2));
    assert_eq!(record.t2, Some(record.t0), "the third waits on from when it came");
}

#[test]
fn the_record_of_each_call_names_the_rules_with_which_it_began_also_after_a_restart() {
    let one = rules(&[&number("a", "line", ""), &queue("line", 1, ""), &first_seat()]);
    let mut hotline = Hotline::new(&one, &[(6001, QUICK)]);
    let first = hotline.plan.revision;
    hotline.dial(7001, "a");
    hotline.pass_ms(2_000);
    hotline.change_rules(&rules(&[&number("a", "line", ""), &queue("line", 1, "limit = 7"), &first_seat()]));
    let second = hotline.plan.revision;
    hotline.dial(7002, "a");
    hotline.restart();
    hotline.pass_ms(1_000);
    let revisions = [0, 1].map(|count| hotline.record(call(count)).revision);
    assert!(first != second && revisions == [first, second], "{revisions:?}");
}
