//! Self-service, whom it spares, and ends that are no queue (R8, R45, R47).

use crate::gates::with_customer;
use crate::house::*;
use hotline_ivr::{Output, Took, Way};
use hotline_model::{PhoneNumber, Priority, SeatId};
use hotline_rules::{Branch, Callee, Changes, Door, Go, Outside, Plan, SelfService, WayOut, WayOutId};
use jiff::civil::date;
use std::sync::Arc;
use std::time::Duration;

fn self_served() -> Plan {
    let mut plan = plan();
    plan.menus[1].self_service = SelfService::Ordinary;
    plan.menus[1].keys.insert('5', saying(&["fault-announcement"], Go::Again));
    plan
}

fn in_hours(plan: Plan) -> Caller {
    let mut caller = Caller::at(plan, date(2026, 9, 30), 10, 0, 0);
    caller.start();
    caller
}

#[test]
fn a_vip_is_led_past_a_self_service_menu_to_a_person_r47() {
    let mut caller = in_hours(with_customer(self_served()));
    caller.session.watch();
    let outputs = caller.press("2");
    assert!(outputs.contains(&Output::Spared(FAULT)), "{outputs:?}");
    assert!(matches!(outputs.last(), Some(Output::Classified { queue: GENERAL, .. })), "{outputs:?}");
    assert!(!outputs.contains(&Output::Menu(FAULT)));
    assert_eq!(caller.session.take_ways().last(), Some(&Way { door: Door::Menu(FAULT), took: Took::Spared }));
}

#[test]
fn others_are_served_by_it_and_an_answer_costs_no_attempt_r8() {
    let mut caller = in_hours(self_served());
    assert!(caller.press("2").contains(&Output::Menu(FAULT)));
    for _ in 0..5 {
        assert_eq!(said(&caller.press("5")), ["fault-announcement", "fault-menu"]);
    }
    assert_eq!(said(&caller.press("77")), ["invalid-key", "fault-menu", "invalid-key", "fault-menu"], "two of three attempts are left");
}

#[test]
fn a_vip_hears_it_where_the_rules_say_everybody() {
    let mut plan = with_customer(self_served());
    plan.menus[1].self_service = SelfService::Everybody;
    assert!(in_hours(plan).press("2").contains(&Output::Menu(FAULT)));
}

#[test]
fn a_branch_may_hang_up_after_its_words() {
    let mut plan = plan();
    plan.menus[0].keys.insert('8', saying(&["goodbye"], Go::HangUp));
    let mut caller = in_hours(plan);
    assert_eq!(said(&caller.press("8")), ["goodbye"]);
    assert_eq!(caller.hears_it_out(), [Output::HangUp]);
}

#[test]
fn a_branch_may_lead_to_a_seat_first_and_the_queue_is_behind_it_r45() {
    let mut plan = plan();
    let set = Changes { seat: Some(SeatId(7)), ..Changes::default() };
    plan.menus[0].keys.insert('7', Branch { set, ..to(Go::Queue(GENERAL)) });
    let outputs = in_hours(plan).press("7");
    let Some(Output::Classified { profile, queue, led, .. }) = outputs.last() else { panic!("{outputs:?}") };
    assert_eq!((profile.owner, *queue, led.as_slice()), (Some(SeatId(7)), GENERAL, [SeatId(7)].as_slice()));
}

#[test]
fn a_department_of_seats_leads_to_all_of_them_in_its_order_r54() {
    let mut plan = plan();
    let set = Changes { seat: Some(SeatId(7)), others: vec![SeatId(3)], ..Changes::default() };
    plan.menus[0].keys.insert('7', Branch { set, ..to(Go::Queue(GENERAL)) });
    let outputs = in_hours(plan).press("7");
    let Some(Output::Classified { led, .. }) = outputs.last() else { panic!("{outputs:?}") };
    assert_eq!(led.as_slice(), [SeatId(7), SeatId(3)]);
}

#[test]
fn a_branch_may_lead_outside_after_its_words_and_the_call_is_worth_what_the_queue_behind_it_says() {
    let mut plan = plan();
    plan.queues[0].priority = Some(Priority::Important);
    let callee = Callee::Number(PhoneNumber::parse("02155550000").unwrap());
    let to_firm = Outside { name: "02155550000".into(), callee, trunks: vec!["carrier".into()] };
    plan.ways_out.push(WayOut { to: Arc::new(to_firm), rings: Duration::from_secs(20), otherwise: to(Go::Queue(GENERAL)) });
    plan.menus[0].keys.insert('8', saying(&["please-wait"], Go::Out(WayOutId(0))));
    let mut caller = in_hours(plan);
    assert_eq!(said(&caller.press("8")), ["please-wait"]);
    let outputs = caller.hears_it_out();
    let [Output::Out { profile, way: WayOutId(0) }] = outputs.as_slice() else { panic!("{outputs:?}") };
    assert_eq!(profile.priority, Priority::Important);
}
