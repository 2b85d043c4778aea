//! Gates with predicates: who calls, when, and how the queues are (R46, R49).

use crate::house::*;
use hotline_ivr::{Input, Output, Session, Took, Way};
use hotline_model::{CustomerType, Kind, LookupMap, Number, QueueId, Timestamp};
use hotline_rules::{CalendarId, Changes, Customer, Door, Gate, Go, Looked, Plan, QueueFacts, When, parse_predicate};
use jiff::civil::date;
use std::sync::Arc;
use std::time::Duration;

struct Crowd(u32);

impl QueueFacts for Crowd {
    fn waiting(&self, queue: QueueId) -> u32 {
        if queue == GENERAL { self.0 } else { 0 }
    }

    fn longest(&self, _: QueueId) -> Duration {
        Duration::ZERO
    }

    fn signed_in(&self, _: QueueId) -> u32 {
        1
    }
}

fn gate(plan: &Plan, when: &str, go: Go) -> Gate {
    Gate { when: When::Holds(parse_predicate(when, plan).expect("a predicate")), go: to(go) }
}

/// The caller of [`Caller`] is a VIP.
pub fn with_customer(mut plan: Plan) -> Plan {
    let set = Changes { customer_type: Some(CustomerType::Vip), ..Changes::default() };
    plan.customers = vec![Customer { name: name("vip"), number: None, set, agent: None, preferred: None }];
    plan.customer_numbers = LookupMap::default();
    plan.customer_numbers.insert("+862155550021".into(), 0);
    plan
}

fn judged(outputs: &[Output]) -> Vec<(Door, Option<usize>, Vec<String>)> {
    let written = |(gate, Looked { fact, value }): &(usize, Looked)| format!("{gate}: {fact} = {value}");
    let of = |output: &Output| {
        let Output::Judged { door, taken, looked } = output else { return None };
        Some((*door, *taken, looked.iter().map(written).collect()))
    };
    outputs.iter().filter_map(of).collect()
}

#[test]
fn a_vip_passes_by_the_menus_of_a_number_r46() {
    let mut plan = with_customer(plan());
    plan.numbers[0].gates = vec![gate(&plan, "anonymous", Go::Goodbye), gate(&plan, "customer_type == vip", Go::Queue(COMPLAINTS))];
    let mut caller = Caller::at(plan, date(2026, 9, 30), 10, 0, 0);
    caller.session.watch();
    let outputs = caller.start();
    let looked = vec!["0: anonymous = false".to_owned(), "1: customer_type = vip".to_owned()];
    assert_eq!(judged(&outputs), [(Door::Number(HOTLINE), Some(1), looked)]);
    assert!(matches!(outputs.last(), Some(Output::Classified { queue: COMPLAINTS, .. })), "{outputs:?}");
    assert_eq!(caller.session.take_ways(), [Way { door: Door::Number(HOTLINE), took: Took::Gate(1) }]);
}

#[test]
fn others_go_the_way_of_the_number_and_the_history_says_why_r47() {
    let mut plan = plan();
    plan.numbers[0].gates = vec![gate(&plan, "customer_type == vip", Go::Queue(COMPLAINTS))];
    let mut caller = Caller::at(plan, date(2026, 9, 30), 10, 0, 0);
    let outputs = caller.start();
    assert_eq!(judged(&outputs), [(Door::Number(HOTLINE), None, vec!["0: customer_type = ordinary".to_owned()])]);
    assert_eq!(caller.session.menu(), Some(MAIN));
}

#[test]
fn a_crowded_queue_leads_elsewhere_and_how_it_is_now_counts() {
    for (waiting, taken) in [(9, None), (10, Some(0))] {
        let mut plan = plan();
        plan.menus[1].gates = vec![gate(&plan, "waiting(general) >= 10", Go::Queue(COMPLAINTS))];
        let mut caller = Caller::in_main(plan);
        caller.session.handle(caller.now, caller.offset, &Crowd(waiting), Input::Digit('2'));
        let outputs: Vec<Output> = std::iter::from_fn(|| caller.session.poll_output()).collect();
        assert_eq!(judged(&outputs), [(Door::Menu(FAULT), taken, vec![format!("0: waiting(general) = {waiting}")])]);
    }
}

#[test]
fn what_menus_have_set_can_be_asked_and_a_gate_without_predicates_tells_nothing() {
    let mut plan = plan();
    plan.menus[1].gates = vec![gate(&plan, "class == complex", Go::Queue(COMPLAINTS))];
    plan.menus[0].keys.insert(
        '2',
        hotline_rules::Branch { set: Changes { class: Some(hotline_model::Class::Complex), ..Changes::default() }, ..to(Go::Menu(FAULT)) },
    );
    let mut caller = Caller::at(plan, date(2026, 9, 30), 10, 0, 0);
    assert_eq!(judged(&caller.start()), [], "the main menu asks for its hours only");
    assert_eq!(judged(&caller.press("2")), [(Door::Menu(FAULT), Some(0), vec!["0: class = complex".to_owned()])]);
}

#[test]
fn a_caller_who_hides_the_number_is_nobodys_customer_and_begins_with_no_digit() {
    let mut plan = with_customer(plan());
    plan.numbers[0].gates =
        vec![gate(&plan, "known | caller starts 0", Go::Queue(COMPLAINTS)), gate(&plan, "anonymous", Go::Queue(GENERAL))];
    let mut session = Session::new(Arc::new(plan), HOTLINE, &Number::new("anonymous"));
    session.handle(Timestamp(0), 0, &Crowd(0), Input::Start);
    let outputs: Vec<Output> = std::iter::from_fn(|| session.poll_output()).collect();
    let looked = ["0: known = false", "0: caller starts 0 = false", "1: anonymous = true"].map(str::to_owned).to_vec();
    assert_eq!(judged(&outputs), [(Door::Number(HOTLINE), Some(1), looked)]);
    assert!(outputs.iter().all(|output| !format!("{output:?}").contains("5555")), "no number is told: {outputs:?}");
}

#[test]
fn a_complaint_passes_the_closed_calendar_of_a_condition_as_of_a_gate_r17() {
    for (when, always, taken) in [
        (None, true, None),
        (None, false, Some(0)),
        (Some("!open(service)"), true, None),
        (Some("!open(service)"), false, Some(0)),
        (Some("open(service)"), true, Some(0)),
        (Some("kind == complaint & time in 22:00-06:00"), true, Some(0)),
    ] {
        let mut plan = plan();
        plan.calendars[0].complaints_24h = always;
        let when = when.map_or(When::Closed(CalendarId(0)), |when| When::Holds(parse_predicate(when, &plan).unwrap()));
        plan.menus[1].gates = vec![Gate { when: when.clone(), go: to(Go::Queue(GENERAL)) }];
        plan.numbers[0].entry =
            hotline_rules::Branch { set: Changes { kind: Some(Kind::Complaint), ..Changes::default() }, ..to(Go::Menu(FAULT)) };
        let mut caller = Caller::at(plan, date(2026, 9, 30), 3, 0, 0);
        caller.session.watch();
        caller.start();
        let gates: Vec<Took> = caller.session.take_ways().into_iter().map(|way| way.took).filter(|took| *took != Took::Entry).collect();
        assert_eq!(gates, taken.map(Took::Gate).into_iter().collect::<Vec<_>>(), "{when:?}, {always}");
    }
}

#[test]
fn who_does_not_complain_meets_the_closed_calendar_of_a_condition_r15() {
    let mut plan = plan();
    plan.numbers[0].gates = vec![gate(&plan, "!open(service)", Go::Queue(COMPLAINTS))];
    let mut caller = Caller::at(plan, date(2026, 9, 30), 3, 0, 0);
    assert_eq!(judged(&caller.start()), [(Door::Number(HOTLINE), Some(0), vec!["0: open(service) = false".to_owned()])]);
}
