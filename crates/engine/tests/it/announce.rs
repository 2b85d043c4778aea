//! Announcements that are switched on and off (R151): whom they concern, until when, and that they outlive rules and restarts.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{MENU, PREAMBLE, number, queue, seat};
use hotline_engine::Input;
use hotline_media::Command;
use hotline_model::history::EventKind;
use hotline_model::{CallId, Entry, Switch, WallTime};
use std::time::Duration;

const SEATS: [(u16, Habit); 1] = [(6001, Habit::Answers(Duration::from_secs(1)))];
const FAULT: &str = "[[announcement]]\nname = \"fault\"\nsay = \"network-fault\"\n";

fn rules(announcements: &str) -> String {
    let numbers = [MENU, &number("direct", "line", ""), &number("other", "second", "")].concat();
    let queues = [queue("line", 1, ""), queue("second", 1, "")].concat();
    [PREAMBLE, &numbers, &queues, &seat("1001", 6001, "skills = { any = 5 }"), announcements].concat()
}

fn hotline(announcements: &str) -> Hotline {
    Hotline::new(&rules(announcements), &SEATS)
}

fn wall(hotline: &Hotline) -> WallTime {
    hotline.wall()
}

fn switch(hotline: &mut Hotline, on: bool, until: Option<Duration>) {
    let at = wall(hotline);
    let until = until.map(|after| at + after);
    let switch = Switch { at, announcement: "fault".into(), by: "duty".into(), on, until, note: None };
    hotline.engine.handle(hotline.now, Input::Switch(switch));
    hotline.settle();
}

fn said(hotline: &Hotline, call: CallId) -> Vec<String> {
    let events = hotline.journal.iter().filter_map(|entry| if let Entry::Call(event) = entry { Some(event) } else { None });
    let of_call = events.filter(|event| event.call == call);
    of_call
        .filter_map(
            |event| if let EventKind::AnnouncementSaid { announcement } = &event.kind { Some(announcement.to_string()) } else { None },
        )
        .collect()
}

fn first_clips(hotline: &Hotline) -> Vec<String> {
    let plays = hotline.media.iter().find_map(|command| if let Command::Play { clips, .. } = command { Some(clips) } else { None });
    plays.map(|clips| clips.iter().map(|clip| clip.name.to_string()).collect()).unwrap_or_default()
}

fn last_clips(hotline: &Hotline) -> Vec<String> {
    let plays = hotline.media.iter().rev().find_map(|command| if let Command::Play { clips, .. } = command { Some(clips) } else { None });
    plays.map(|clips| clips.iter().map(|clip| clip.name.to_string()).collect()).unwrap_or_default()
}

#[test]
fn nobody_hears_it_until_it_is_switched_on_and_nobody_after_it_is_switched_off_r151() {
    let mut hotline = hotline(FAULT);
    hotline.dial(7001, "hotline");
    switch(&mut hotline, true, None);
    hotline.dial(7002, "hotline");
    switch(&mut hotline, false, None);
    hotline.dial(7003, "hotline");
    assert_eq!([0, 1, 2].map(|n| said(&hotline, call(n)).len()), [0, 1, 0]);
}

#[test]
fn it_is_said_before_the_menu_and_a_key_interrupts_both() {
    let mut hotline = hotline(FAULT);
    switch(&mut hotline, true, None);
    hotline.dial(7001, "hotline");
    let names = first_clips(&hotline);
    assert!(names.iter().any(|name| name.contains("network-fault")) && names.last().unwrap().contains("main-menu"), "{names:?}");
    hotline.press(call(0), '1');
    hotline.pass(Duration::from_secs(2));
    assert!(hotline.record(call(0)).t3.is_some());
}

#[test]
fn it_concerns_the_numbers_and_queues_that_it_names() {
    let mut hotline = hotline(&format!("{FAULT}numbers = [\"direct\"]\nqueues = [\"second\"]\n"));
    switch(&mut hotline, true, None);
    for (port, dialled) in [(7001, "direct"), (7002, "other"), (7003, "hotline")] {
        hotline.dial(port, dialled);
    }
    assert_eq!([0, 1, 2].map(|n| said(&hotline, call(n)).len()), [1, 1, 0]);
}

#[test]
fn before_a_queue_it_is_heard_to_its_end_and_the_call_waits_from_then_on() {
    let mut hotline = hotline(&format!("{FAULT}queues = [\"second\"]\n"));
    switch(&mut hotline, true, None);
    hotline.dial(7001, "other");
    assert_eq!(hotline.record(call(0)).t2, None);
    hotline.hear_out(call(0));
    assert!(hotline.record(call(0)).t2.is_some());
}

#[test]
fn a_caller_in_the_menu_hears_it_before_the_queue_when_it_is_switched_on_meanwhile() {
    let mut hotline = hotline(&format!("{FAULT}queues = [\"line\"]\n"));
    hotline.dial(7001, "hotline");
    switch(&mut hotline, true, None);
    hotline.press(call(0), '1');
    assert_eq!(said(&hotline, call(0)), ["fault"]);
}

#[test]
fn a_caller_who_waits_hears_it_with_the_next_thing_that_is_told_and_once_r151() {
    let every = "announce = [\"please-wait\"]\nannounce_every = \"20s\"";
    let rules = rules(FAULT).replacen("name = \"line\"", &format!("name = \"line\"\n{every}"), 1);
    let mut hotline = Hotline::new(&rules, &[(6001, Habit::RingsOut)]);
    hotline.dial(7001, "direct");
    hotline.pass(Duration::from_secs(5));
    switch(&mut hotline, true, None);
    assert!(said(&hotline, call(0)).is_empty(), "not into the middle of the music");
    hotline.pass(Duration::from_secs(20));
    assert_eq!(said(&hotline, call(0)), ["fault"]);
    let names = last_clips(&hotline);
    assert!(names[0].contains("network-fault") && names.last().unwrap().contains("please-wait"), "{names:?}");
    hotline.pass(Duration::from_secs(60));
    switch(&mut hotline, true, Some(Duration::from_secs(900)));
    hotline.pass(Duration::from_secs(60));
    assert_eq!(said(&hotline, call(0)).len(), 1, "it was on");
}

#[test]
fn who_waits_where_nothing_is_told_hears_it_at_once_unless_it_is_of_others_or_off_again_r151() {
    let second = format!("{FAULT}queues = [\"second\"]\n");
    let mut hotline = Hotline::new(&rules(&second), &[(6001, Habit::RingsOut)]);
    hotline.dial(7001, "other");
    hotline.dial(7002, "direct");
    hotline.pass(Duration::from_secs(5));
    switch(&mut hotline, true, None);
    hotline.pass(Duration::from_secs(1));
    assert_eq!([0, 1].map(|n| said(&hotline, call(n)).len()), [1, 0]);
    assert!(last_clips(&hotline)[0].contains("network-fault"));

    let every = "announce = [\"please-wait\"]\nannounce_every = \"20s\"";
    let rules = rules(FAULT).replacen("name = \"line\"", &format!("name = \"line\"\n{every}"), 1);
    let mut hotline = Hotline::new(&rules, &[(6001, Habit::RingsOut)]);
    hotline.dial(7001, "direct");
    hotline.pass(Duration::from_secs(5));
    switch(&mut hotline, true, None);
    switch(&mut hotline, false, None);
    hotline.pass(Duration::from_secs(60));
    assert!(said(&hotline, call(0)).is_empty());
}

#[test]
fn its_time_ends_by_itself() {
    let mut hotline = hotline(FAULT);
    switch(&mut hotline, true, Some(Duration::from_secs(60)));
    hotline.dial(7001, "hotline");
    hotline.pass(Duration::from_secs(61));
    hotline.dial(7002, "hotline");
    assert_eq!([0, 1].map(|n| said(&hotline, call(n)).len()), [1, 0]);
    assert!(!hotline.engine.announcements()[0].on);
}

#[test]
fn the_files_may_have_it_on_for_a_time_and_a_person_may_switch_it_off() {
    // Wednesday 2026-11-18, 10:00 in Shanghai is 02:00 UTC; no calendar: UTC.
    let mut hotline = hotline(&format!("{FAULT}from = 2026-11-18T01:00:00\nuntil = 2026-11-18T03:00:00\n"));
    hotline.dial(7001, "hotline");
    switch(&mut hotline, false, None);
    hotline.dial(7002, "hotline");
    assert_eq!([0, 1].map(|n| said(&hotline, call(n)).len()), [1, 0]);
}

#[test]
fn it_stays_on_over_a_reload_and_a_restart_and_is_journalled() {
    let mut hotline = hotline(FAULT);
    switch(&mut hotline, true, None);
    hotline.change_rules(&rules(""));
    hotline.dial(7001, "hotline");
    hotline.change_rules(&rules(FAULT));
    hotline.dial(7002, "hotline");
    let switches = hotline.engine.switches();
    assert!(hotline.journal.contains(&Entry::Switched(switches[0].clone())));
    hotline.restart();
    switches.into_iter().for_each(|switch| hotline.engine.handle(hotline.now, Input::Switch(switch)));
    hotline.settle();
    hotline.dial(7003, "hotline");
    assert_eq!([0, 1].map(|n| said(&hotline, call(n)).len()), [0, 1]);
    let last = hotline
        .journal
        .iter()
        .rev()
        .find(|entry| matches!(entry, Entry::Call(event) if matches!(event.kind, EventKind::AnnouncementSaid { .. })));
    assert!(matches!(last, Some(Entry::Call(event)) if event.call != call(1)), "after the restart too");
}
