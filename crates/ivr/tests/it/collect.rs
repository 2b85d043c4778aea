//! Menus that take several digits as one value, which nothing shows (R9, R141).

use crate::house::*;
use hotline_ivr::{Output, Took, Way};
use hotline_model::CustomerType;
use hotline_rules::{CallerFacts, Changes, Collect, Door, EmptyQueues, Gate, Go, Lookup, LookupSource, Plan, When, parse_predicate};
use jiff::civil::date;
use std::sync::Arc;
use std::time::Duration;

/// The fault menu collects an account number of 4 to 6 digits.
fn collecting(end: Option<char>) -> Plan {
    let mut plan = plan();
    let done = saying(&["language-changed"], Go::Queue(COMPLAINTS));
    let collect = Collect { name: name("account"), min: 4, max: 6, end, between: Duration::from_secs(3), done };
    plan.menus[1].keys = [('0', to(Go::Queue(GENERAL))), ('*', to(Go::Again))].into_iter().collect();
    plan.menus[1].collect = Some(collect);
    plan
}

fn asked(plan: Plan) -> Caller {
    let mut caller = Caller::at(plan, date(2026, 9, 30), 10, 0, 0);
    caller.start();
    caller.session.watch();
    caller.press("2");
    caller.session.take_ways();
    caller
}

fn last_way(caller: &mut Caller) -> Option<Took> {
    caller.session.take_ways().last().filter(|Way { door, .. }| *door == Door::Menu(FAULT)).map(|way| way.took)
}

#[test]
fn a_number_ends_by_its_key_its_last_digit_or_a_silence() {
    for (keys, waits) in [("1234#", false), ("123456", false), ("12345", true)] {
        let mut caller = asked(collecting(Some('#')));
        let mut outputs = caller.press(keys);
        if waits {
            outputs.extend(caller.waits());
        }
        let digits = u8::try_from(keys.trim_end_matches('#').len()).unwrap();
        assert!(outputs.contains(&Output::Collected { menu: FAULT, name: name("account"), digits }), "{keys}: {outputs:?}");
        assert_eq!(caller.session.collected("account"), Some(keys.trim_end_matches('#')));
        assert_eq!(last_way(&mut caller), Some(Took::Collected));
        assert!(matches!(caller.hears_it_out().last(), Some(Output::Classified { queue: COMPLAINTS, .. })));
    }
}

#[test]
fn its_digits_are_in_no_output_and_no_debug_text_r141() {
    let mut caller = asked(collecting(Some('#')));
    let outputs = caller.press("9731#");
    let keys: String =
        outputs.iter().filter_map(|output| if let Output::Digit { digit, .. } = output { Some(*digit) } else { None }).collect();
    assert_eq!(keys, "xxxx#");
    let shown = format!("{outputs:?} {:?}", caller.session);
    assert!(!shown.contains("9731"), "{shown}");
}

#[test]
fn too_few_digits_and_silence_are_mistakes_of_which_the_third_leads_to_a_person_r9() {
    let mut caller = asked(collecting(Some('#')));
    assert_eq!(said(&caller.press("123#")), ["invalid-key", "fault-menu"]);
    caller.hears_it_out();
    assert_eq!(said(&caller.waits()), ["no-input", "fault-menu"]);
    assert_eq!(said(&caller.press("#")), ["transferring-to-agent"], "nothing but the end");
    assert!(matches!(caller.hears_it_out().last(), Some(Output::Classified { queue: GENERAL, .. })));
    assert_eq!(caller.session.collected("account"), None);
}

#[test]
fn a_lone_0_leads_to_a_person_and_a_number_may_begin_with_it_r9() {
    let mut caller = asked(collecting(Some('#')));
    assert!(matches!(caller.press("0#").last(), Some(Output::Classified { queue: GENERAL, .. })));
    assert_eq!(last_way(&mut caller), Some(Took::Key('0')));
    let mut silent = asked(collecting(None));
    silent.press("0");
    assert!(matches!(silent.waits().last(), Some(Output::Classified { queue: GENERAL, .. })));
    let mut number = asked(collecting(Some('#')));
    number.press("0123#");
    assert_eq!(number.session.collected("account"), Some("0123"));
}

#[test]
fn another_key_begins_the_number_anew_as_the_menu_says() {
    let mut caller = asked(collecting(Some('#')));
    assert_eq!(said(&caller.press("12*")), ["fault-menu"]);
    caller.press("9876#");
    assert_eq!(caller.session.collected("account"), Some("9876"));
}

#[test]
fn digits_keyed_ahead_are_taken_and_a_slow_caller_has_time_between_them() {
    let mut caller = Caller::at(collecting(Some('#')), date(2026, 9, 30), 10, 0, 0);
    caller.start();
    caller.press("212");
    let due = caller.session.poll_timeout().expect("it waits for the next digit");
    assert_eq!(due.since(caller.now), Duration::from_secs(3));
    caller.now = due + Duration::from_millis(0);
    caller.press("34#");
    assert_eq!(caller.session.collected("account"), Some("1234"));
}

#[test]
fn gates_ask_for_what_was_collected_and_tell_only_whether_it_fits() {
    let mut plan = collecting(Some('#'));
    plan.menus[1].collect.as_mut().expect("it collects").done = to(Go::Menu(AFTER_HOURS));
    let when = parse_predicate("collected(account) starts 62 & collected(account) matches 6 digits", &plan).unwrap();
    plan.menus[2].gates = vec![Gate { when: When::Holds(when), go: to(Go::Queue(COMPLAINTS)) }];
    let mut caller = asked(plan);
    let outputs = caller.press("621234");
    assert!(matches!(outputs.last(), Some(Output::Classified { queue: COMPLAINTS, .. })), "{outputs:?}");
    assert!(!format!("{outputs:?}").contains("1234"), "{outputs:?}");
}

/// A source is asked with the account, and a gate of the next menu asks what it knows.
fn looked_up() -> Plan {
    let mut plan = collecting(Some('#'));
    let source = Arc::new(LookupSource::Http { url: "http://accounts.test/{number}".into() });
    let (limit, fallback, fallback_said) = (Duration::from_millis(300), CallerFacts::default(), Vec::new());
    let (name, by, written) = (name("accounts"), Some(name("account")), hotline_rules::Written::default());
    plan.lookups = vec![Lookup { name, by, source, limit, fallback, fallback_said, written }];
    let vip = parse_predicate("customer_type == vip", &plan).expect("it is one");
    plan.menus[1].collect.as_mut().expect("it collects").done = saying(&["language-changed"], Go::Menu(hotline_rules::MenuId(0)));
    plan.menus[0].gates.insert(0, Gate { when: When::Holds(vip), go: to(Go::Queue(COMPLAINTS)) });
    plan
}

fn vip() -> CallerFacts {
    CallerFacts { set: Changes { customer_type: Some(CustomerType::Vip), ..Changes::default() }, ..CallerFacts::default() }
}

fn learns(caller: &mut Caller, known: &[CallerFacts]) -> Vec<Output> {
    caller.session.learn(caller.now, caller.offset, &EmptyQueues, known);
    std::iter::from_fn(|| caller.session.poll_output()).collect()
}

#[test]
fn the_way_on_waits_for_what_sources_know_of_the_value_and_gates_ask_that_r36() {
    for (known, queue) in [(vec![vip()], true), (Vec::new(), false)] {
        let mut caller = asked(looked_up());
        let outputs = caller.press("1234#");
        assert!(matches!(outputs.last(), Some(Output::Collected { .. })), "nothing is said meanwhile: {outputs:?}");
        assert_eq!(caller.session.poll_timeout(), None, "whoever asks sets the limit");
        let outputs = learns(&mut caller, &known);
        assert_eq!(said(&outputs).first().map(String::as_str), Some("language-changed"));
        let outputs = [outputs, caller.hears_it_out()].concat();
        assert_eq!(outputs.iter().any(|output| matches!(output, Output::Classified { queue: COMPLAINTS, .. })), queue, "{outputs:?}");
        assert!(!format!("{outputs:?}").contains("1234"));
    }
}

#[test]
fn keys_pressed_meanwhile_are_for_the_next_menu() {
    let mut caller = asked(looked_up());
    caller.press("1234#");
    assert!(caller.press("3").is_empty());
    let outputs = learns(&mut caller, &[]);
    assert!(outputs.iter().any(|output| matches!(output, Output::Digit { digit: '3', .. })), "{outputs:?}");
}

#[test]
fn a_reply_is_due_to_a_number_when_it_is_complete_and_not_to_its_digits_r10_k2() {
    let due = |outputs: &[Output]| outputs.iter().filter(|output| **output == Output::ReplyDue).count();
    for (keys, last) in [("1234", "#"), ("12345", "6"), ("", "#"), ("12", "#"), ("", "*"), ("0", "#")] {
        let mut caller = asked(collecting(Some('#')));
        assert_eq!(due(&caller.press(keys)), 0, "{keys}");
        assert_eq!(due(&caller.press(last)), 1, "{keys}{last}");
    }
    let mut paused = asked(collecting(None));
    assert_eq!((due(&paused.press("1234")), due(&paused.waits())), (0, 1), "the pause ends it");
}

#[test]
fn while_sources_are_asked_with_a_number_nothing_can_be_said_and_none_takes_over_r10() {
    let mut caller = asked(looked_up());
    caller.press("1234#");
    assert!(caller.session.waits_for_sources());
    assert_eq!(caller.input(hotline_ivr::Input::Unheard), []);
    learns(&mut caller, &[]);
    assert!(!caller.session.waits_for_sources());
}
