//! Sources are asked about the caller meanwhile: what asks who calls waits for them, and nothing else does (R36, R45-R47).

use crate::house::*;
use hotline_ivr::{Input, Output};
use hotline_model::{CustomerType, SeatId};
use hotline_rules::{CallerFacts, Changes, EmptyQueues, Gate, Go, Plan, SelfService, When, parse_predicate};
use jiff::civil::date;

fn gate(plan: &Plan, when: &str) -> Gate {
    Gate { when: When::Holds(parse_predicate(when, plan).expect("a predicate")), go: to(Go::Queue(COMPLAINTS)) }
}

fn asked_about(plan: Plan) -> Caller {
    let mut caller = Caller::at(plan, date(2026, 9, 30), 10, 0, 0);
    caller.session.expect_customer();
    caller
}

fn learns(caller: &mut Caller, customer_type: CustomerType) -> Vec<Output> {
    let set = Changes { customer_type: Some(customer_type), ..Changes::default() };
    let facts = CallerFacts { set, ..CallerFacts::default() };
    caller.session.learn(caller.now, caller.offset, &EmptyQueues, [&facts]);
    std::iter::from_fn(|| caller.session.poll_output()).collect()
}

#[test]
fn the_gates_of_a_number_that_ask_who_calls_wait_for_the_answer_r46() {
    for (is, vip) in [(CustomerType::Vip, true), (CustomerType::Ordinary, false)] {
        let mut plan = plan();
        plan.numbers[0].gates = vec![gate(&plan, "customer_type == vip")];
        let mut caller = asked_about(plan);
        assert_eq!(caller.start(), [], "nothing is decided");
        assert_eq!((caller.session.poll_timeout(), caller.session.menu()), (None, None));
        let outputs = learns(&mut caller, is);
        let judged = outputs.iter().filter(|output| matches!(output, Output::Judged { .. })).count();
        assert_eq!((judged, caller.session.menu()), (1, Some(MAIN).filter(|_| !vip)), "{outputs:?}");
        assert_eq!(outputs.iter().any(|output| matches!(output, Output::Classified { queue: COMPLAINTS, .. })), vip);
    }
}

#[test]
fn the_gates_of_a_menu_wait_and_what_was_to_be_said_before_it_is_said_then() {
    let mut plan = plan();
    let asks = gate(&plan, "customer_type == vip & !sensitive");
    plan.menus[0].gates.push(asks);
    let mut caller = asked_about(plan);
    assert_eq!(caller.start(), []);
    let outputs = learns(&mut caller, CustomerType::Ordinary);
    assert_eq!(said(&outputs).first().map(|prompt| &**prompt), Some("welcome"));
    assert_eq!(caller.session.menu(), Some(MAIN));
}

#[test]
fn a_self_service_menu_waits_for_the_word_that_spares_vip_customers_r47() {
    for (is, spared) in [(CustomerType::Vip, true), (CustomerType::Ordinary, false)] {
        let mut plan = plan();
        plan.menus[1].self_service = SelfService::Ordinary;
        let mut caller = asked_about(plan);
        caller.start();
        assert_eq!(caller.session.menu(), Some(MAIN), "the main menu asks nothing of the caller");
        let before = caller.press("2");
        assert!(!before.contains(&Output::Menu(FAULT)) && !before.contains(&Output::Spared(FAULT)), "{before:?}");
        let outputs = learns(&mut caller, is);
        assert_eq!((outputs.contains(&Output::Spared(FAULT)), outputs.contains(&Output::Menu(FAULT))), (spared, !spared));
    }
}

#[test]
fn gates_that_ask_for_the_time_or_the_queues_wait_for_nobody() {
    let mut plan = plan();
    plan.numbers[0].gates = vec![gate(&plan, "time in 22:00-06:00 | waiting(general) > 5 | kind == complaint")];
    let mut caller = asked_about(plan);
    caller.start();
    assert_eq!(caller.session.menu(), Some(MAIN));
}

#[test]
fn keys_pressed_meanwhile_are_taken_afterwards_r9() {
    let mut plan = plan();
    plan.numbers[0].gates = vec![gate(&plan, "customer_type == vip")];
    let mut caller = asked_about(plan);
    caller.start();
    assert_eq!(caller.input(Input::Digit('2')), []);
    let outputs = learns(&mut caller, CustomerType::Ordinary);
    assert!(outputs.contains(&Output::Digit { menu: MAIN, digit: '2' }) && outputs.contains(&Output::Menu(FAULT)), "{outputs:?}");
    assert_eq!(caller.session.dropped_digits(), 0);
}

#[test]
fn the_seat_to_which_menus_led_comes_before_the_agent_of_the_source_r45() {
    let mut plan = plan();
    let set = Changes { seat: Some(SeatId(3)), ..Changes::default() };
    plan.numbers[0].entry = hotline_rules::Branch { set, ..to(Go::Queue(GENERAL)) };
    let mut caller = asked_about(plan);
    assert_eq!(caller.start(), []);
    let facts = CallerFacts { agent: Some(SeatId(5)), preferred: Some(SeatId(6)), ..CallerFacts::default() };
    caller.session.learn(caller.now, caller.offset, &EmptyQueues, [&facts]);
    let Some(Output::Classified { profile, led, .. }) = caller.session.poll_output() else { panic!("it goes to a queue") };
    assert_eq!((profile.owner, profile.preferred, led), (Some(SeatId(3)), Some(SeatId(6)), vec![SeatId(3)]));
}
