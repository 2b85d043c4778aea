//! Sources outside that are asked about callers (`[lookup.NAME]`): in time, late, wrong, too many, and over a crash (R36, R45).

use crate::hotline::{Habit, Hotline, call};
use crate::house::{MENU, PREAMBLE, number, queue, seat};
use hotline_engine::{Answer, AskId, Question};
use hotline_model::history::{EventKind, LookUpOutcome, LookedUp};
use hotline_model::{Intent, Priority};
use hotline_rules::LookupSource;
use std::time::Duration;

const SEATS: [(u16, Habit); 2] = [(6001, Habit::Answers(Duration::from_secs(1))), (6002, Habit::Answers(Duration::from_secs(1)))];
const CRM: &str = "[lookup.crm]\nurl = \"http://crm.test/callers/{number}\"\nfallback = { priority = \"important\" }\n";

fn hotline_with(lookups: &str) -> Hotline {
    let seats = [seat("1001", 6001, "skills = { any = 5 }"), seat("1002", 6002, "skills = { any = 5 }")].concat();
    let queue = queue("line", 1, "wrap_up = \"0s\"");
    Hotline::new(&[PREAMBLE, MENU, &number("direct", "line", ""), &queue, &seats, lookups].concat(), &SEATS)
}

fn customer(values: &[(&str, &str)]) -> Answer {
    Answer::Customer(Some(values.iter().map(|(column, value)| ((*column).to_owned(), (*value).to_owned())).collect()))
}

fn asked(hotline: &Hotline) -> Vec<(AskId, String)> {
    let one = |(id, question, _): &(AskId, Question, _)| match question {
        Question::Customer { lookup, .. } => Some((*id, lookup.to_string())),
        Question::Host { .. } => None,
    };
    hotline.asked.iter().filter_map(one).collect()
}

fn looked_up(hotline: &Hotline, count: u32) -> Vec<LookedUp> {
    let one = |kind: EventKind| if let EventKind::LookedUp(looked_up) = kind { Some(*looked_up) } else { None };
    hotline.events(call(count)).into_iter().filter_map(|event| one(event.kind)).collect()
}

fn outcomes(hotline: &Hotline, count: u32) -> Vec<(LookUpOutcome, u32)> {
    looked_up(hotline, count).iter().map(|one| (one.outcome, one.took_ms)).collect()
}

fn queued(hotline: &Hotline, count: u32) -> bool {
    hotline.events(call(count)).iter().any(|event| matches!(event.kind, EventKind::Queued { .. }))
}

#[test]
fn a_caller_is_picked_up_at_once_and_enters_the_queue_with_the_answer_r2_r36() {
    let mut hotline = hotline_with(CRM);
    hotline.dial(7001, "direct");
    let (id, question, deadline) = hotline.asked.last().cloned().unwrap();
    let Question::Customer { lookup, number, source } = question else { panic!("{question:?}") };
    assert_eq!((&*lookup, number.reveal()), ("crm", "+8613800137001"));
    assert_eq!(*source, LookupSource::Http { url: "http://crm.test/callers/{number}".into() });
    assert_eq!(deadline, hotline.now + Duration::from_millis(300));
    assert!(hotline.record(call(0)).t1.is_some() && !queued(&hotline, 0));
    hotline.pass_ms(100);
    hotline.answer(id, customer(&[("agent", "1002"), ("customer_level", "high_value"), ("priority", "urgent")]));
    assert!(queued(&hotline, 0));
    assert_eq!(hotline.record(call(0)).priority, Some(Priority::Urgent));
    assert_eq!(hotline.offers(), [(0, "1002".to_owned())]);
    assert_eq!(outcomes(&hotline, 0), [(LookUpOutcome::Known, 100)]);
    hotline.pass(Duration::from_secs(5));
    assert!(hotline.record(call(0)).clocks.iter().any(|clock| clock.clock == 10), "a dedicated session");
}

#[test]
fn who_talks_notices_nothing_of_a_source_that_fails_and_who_calls_waits_300_ms_for_it_at_most() {
    let mut hotline = hotline_with(CRM);
    hotline.dial(7001, "direct");
    let (id, _) = asked(&hotline)[0];
    hotline.answer(id, customer(&[]));
    hotline.pass(Duration::from_secs(5));
    let talking = hotline.record(call(0)).t3;
    assert!(talking.is_some());
    let before = hotline.events(call(0)).len();
    for (count, failed) in [(1, true), (2, false)] {
        let came = hotline.now;
        hotline.dial(7001 + count as u16, "direct");
        assert!(hotline.record(call(count)).t1.is_some(), "picked up at once");
        if failed {
            let (id, _) = *asked(&hotline).last().unwrap();
            hotline.answer(id, Answer::Failed("500".into()));
        } else {
            hotline.pass_ms(300);
        }
        assert!(queued(&hotline, count) && hotline.now.since(came) <= Duration::from_millis(300));
        assert_eq!(hotline.record(call(count)).priority, Some(Priority::Important), "the fallback");
    }
    assert_eq!([1, 2].map(|count| outcomes(&hotline, count)[0].0), [LookUpOutcome::Failed, LookUpOutcome::Late]);
    assert_eq!((hotline.events(call(0)).len(), hotline.record(call(0)).t3), (before, talking), "they talk on");
    assert!(hotline.record(call(0)).t6.is_none());
}

#[test]
fn a_late_answer_is_dropped_and_the_fallback_holds() {
    let mut hotline = hotline_with(CRM);
    hotline.dial(7001, "direct");
    let (id, _) = asked(&hotline)[0];
    hotline.pass_ms(299);
    assert!(!queued(&hotline, 0));
    hotline.pass_ms(1);
    assert!(queued(&hotline, 0));
    assert_eq!(outcomes(&hotline, 0), [(LookUpOutcome::Late, 300)]);
    hotline.answer(id, customer(&[("priority", "urgent")]));
    assert_eq!(hotline.record(call(0)).priority, Some(Priority::Important));
    let counters = hotline.engine.counters();
    assert_eq!((counters.customers_late, counters.late_answers, counters.customers_known), (1, 1, 0));
}

#[test]
fn an_answer_in_the_moment_of_the_limit_is_late() {
    let mut hotline = hotline_with(CRM);
    hotline.dial(7001, "direct");
    hotline.now = hotline.now + Duration::from_millis(300);
    let (id, _) = asked(&hotline)[0];
    hotline.answer(id, customer(&[("priority", "urgent")]));
    assert_eq!(outcomes(&hotline, 0), [(LookUpOutcome::Late, 300)]);
    assert!(queued(&hotline, 0));
}

#[test]
fn a_source_that_fails_or_is_full_leaves_the_fallback_and_one_that_does_not_know_the_number_nothing() {
    for (answer, outcome, priority) in [
        (Answer::Failed("HTTP 500".into()), LookUpOutcome::Failed, Priority::Important),
        (Answer::Full, LookUpOutcome::Full, Priority::Important),
        (Answer::Addresses(Vec::new()), LookUpOutcome::Failed, Priority::Important),
        (Answer::Customer(None), LookUpOutcome::Unknown, Priority::Ordinary),
    ] {
        let mut hotline = hotline_with(CRM);
        hotline.dial(7001, "direct");
        let (id, _) = asked(&hotline)[0];
        hotline.answer(id, answer);
        assert_eq!((outcomes(&hotline, 0), hotline.record(call(0)).priority), (vec![(outcome, 0)], Some(priority)));
    }
}

#[test]
fn wrong_values_are_left_out_and_counted_and_the_rest_counts() {
    let mut hotline = hotline_with(CRM);
    hotline.dial(7001, "direct");
    let (id, _) = asked(&hotline)[0];
    let wrong = [("agent", "9999"), ("priority", "soon"), ("skills", "any >= 3; magic >= 2"), ("mood", "bad"), ("sensitive", "perhaps")];
    hotline.answer(id, customer(&[wrong.as_slice(), &[("preferred", "1002"), ("skills", "any >= 4"), ("agent", "")]].concat()));
    let told = &looked_up(&hotline, 0)[0];
    assert_eq!(told.ignored.iter().map(|name| &**name).collect::<Vec<_>>(), ["agent", "priority", "skills", "mood", "sensitive"]);
    assert_eq!(told.said, [("preferred".into(), "1002".into()), ("skills".into(), "any >= 4".into())]);
    assert_eq!(hotline.engine.counters().customer_values_ignored, 5);
    assert!(queued(&hotline, 0));
}

#[test]
fn what_the_caller_chose_in_a_menu_counts_more() {
    let mut hotline = hotline_with(CRM);
    hotline.dial(7001, "hotline");
    hotline.press(call(0), '3');
    assert!(!queued(&hotline, 0), "the way into the queue waits");
    let (id, _) = asked(&hotline)[0];
    hotline.answer(id, customer(&[("priority", "ordinary"), ("agent", "1002")]));
    assert_eq!(hotline.record(call(0)).priority, Some(Priority::Important));
    assert_eq!(hotline.offers(), [(0, "1002".to_owned())]);
}

#[test]
fn the_menu_speaks_meanwhile_and_nobody_waits_who_is_still_in_it() {
    let mut hotline = hotline_with(CRM);
    hotline.dial(7001, "hotline");
    hotline.pass_ms(500);
    assert_eq!(outcomes(&hotline, 0), [(LookUpOutcome::Late, 300)]);
    hotline.press(call(0), '0');
    assert!(queued(&hotline, 0));
}

#[test]
fn all_sources_are_asked_at_once_and_the_later_counts() {
    let second = "[lookup.contracts]\nsqlite = \"contracts.db\"\nquery = \"SELECT agent FROM c WHERE number = ?1\"\nlimit = \"100ms\"\n";
    let mut hotline = hotline_with(&[CRM, second].concat());
    hotline.dial(7001, "direct");
    let asked = asked(&hotline);
    assert_eq!(asked.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["crm", "contracts"]);
    hotline.answer(asked[1].0, customer(&[("agent", "1002")]));
    hotline.answer(asked[1].0, customer(&[("agent", "1001")]));
    hotline.pass_ms(50);
    assert!(!queued(&hotline, 0), "both are waited for");
    hotline.answer(asked[0].0, customer(&[("agent", "1001")]));
    assert_eq!(hotline.offers(), [(0, "1002".to_owned())]);
    assert_eq!(hotline.engine.counters().late_answers, 1, "the second answer to one question");
}

#[test]
fn callers_without_a_number_and_rules_without_sources_ask_nobody() {
    let mut hotline = hotline_with("");
    hotline.dial(7001, "direct");
    assert!(asked(&hotline).is_empty() && queued(&hotline, 0));
}

#[test]
fn who_hangs_up_before_the_answer_leaves_no_question_behind() {
    let mut hotline = hotline_with(CRM);
    for round in 0..600_u32 {
        let caller = hotline.dial(7001, "direct");
        hotline.hang_up(caller);
        assert_eq!(outcomes(&hotline, round), [], "there was room in round {round}");
    }
    let (id, _) = asked(&hotline)[0];
    hotline.answer(id, customer(&[]));
    assert_eq!(hotline.engine.counters().late_answers, 1);
    assert_eq!(hotline.engine.counters().customers_full, 0);
}

#[test]
fn a_call_whose_answer_was_outstanding_as_the_hotline_died_is_asked_about_again() {
    let mut hotline = hotline_with(CRM);
    hotline.dial(7001, "hotline");
    hotline.pass_ms(10);
    hotline.restart();
    let again = asked(&hotline);
    assert_eq!(again.len(), 2);
    hotline.answer(again[1].0, customer(&[("agent", "1002")]));
    hotline.press(call(0), '0');
    assert_eq!(hotline.offers(), [(0, "1002".to_owned())]);
}

#[test]
fn what_was_learned_of_a_caller_who_waits_outlives_a_crash_r45() {
    let mut hotline = hotline_with(CRM);
    ["1001", "1002"].into_iter().for_each(|seat| hotline.sign(seat, Intent::SignedOut));
    hotline.dial(7001, "direct");
    let (id, _) = asked(&hotline)[0];
    hotline.answer(id, customer(&[("agent", "1002"), ("customer_level", "high_value")]));
    hotline.pass_ms(1_000);
    hotline.restart();
    assert_eq!(hotline.offers()[0].1, "1002");
}

#[test]
fn what_was_learned_of_a_caller_in_the_menus_outlives_a_crash_and_is_not_asked_again_r45() {
    let mut hotline = hotline_with(CRM);
    hotline.dial(7001, "hotline");
    let (id, _) = asked(&hotline)[0];
    hotline.answer(id, customer(&[("agent", "1002"), ("customer_level", "high_value"), ("priority", "urgent")]));
    hotline.restart();
    assert_eq!((asked(&hotline).len(), looked_up(&hotline, 0).len()), (1, 1), "the source may be gone by now");
    hotline.press(call(0), '1');
    assert!(queued(&hotline, 0));
    assert_eq!(hotline.record(call(0)).priority, Some(Priority::Urgent));
    assert_eq!(hotline.offers()[0].1, "1002");
}

#[test]
fn a_call_back_knows_what_was_learned_of_the_customer_after_a_crash_too_r45() {
    let outbound =
        "[outbound]\nallow = [\"1[3-9]x{9}\"]\n[[trunk]]\nname = \"carrier\"\ncontact = \"sip:127.0.0.2:5090\"\nfrom = \"02112345678\"\n";
    let line = queue("line", 1, "wrap_up = \"0s\"\ncallback = { key = \"2\" }");
    let seats = [seat("1001", 6001, "skills = { any = 5 }"), seat("1002", 6002, "skills = { any = 5 }")].concat();
    let rules = [PREAMBLE, MENU, &number("direct", "line", ""), &line, &seats, outbound, CRM].concat();
    let phones = [SEATS[0], SEATS[1], (5090, Habit::Answers(Duration::from_secs(1)))];
    for crash in [false, true] {
        let mut hotline = Hotline::new(&rules, &phones);
        ["1001", "1002"].into_iter().for_each(|seat| hotline.sign(seat, Intent::SignedOut));
        let phone = hotline.dial(7001, "direct");
        let (id, _) = asked(&hotline)[0];
        hotline.answer(id, customer(&[("agent", "1002"), ("customer_level", "high_value")]));
        hotline.pass_ms(2_000);
        ['2', '1'].into_iter().for_each(|key| hotline.press(call(0), key));
        hotline.pass_ms(500);
        hotline.hang_up(phone);
        hotline.pass_ms(500);
        assert_eq!(looked_up(&hotline, 1), looked_up(&hotline, 0), "the call-back's own history has it");
        if crash {
            // Both are there at once then.
            hotline.restart();
        } else {
            hotline.sign("1002", Intent::Available);
        }
        hotline.pass_ms(500);
        assert_eq!(hotline.offers()[0].1, "1002", "crash: {crash}");
        assert_eq!(asked(&hotline).len(), 1);
    }
}
