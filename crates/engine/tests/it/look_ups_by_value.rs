//! Sources that are asked with what a caller keys (`[lookup.NAME] by`): webhook, database and file, in time and late (R36, R141).

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, queue, seat};
use hotline_engine::{Answer, AskId, Question};
use hotline_model::Priority;
use hotline_model::history::{EventKind, LookUpOutcome};
use hotline_rules::Source;
use std::sync::Arc;
use std::time::Duration;

const SEATS: [(u16, Habit); 2] = [(6001, Habit::Answers(Duration::from_secs(1))), (6002, Habit::Answers(Duration::from_secs(1)))];
const MENUS: &str = r#"
[[number]]
name = "hotline"
menu = "contract"
[menu.contract]
say = ["main-menu"]
keys = { 0 = { queue = "line" } }
collect = { name = "contract", min = 5, max = 5, done = { menu = "next" } }
[menu.next]
say = ["main-menu"]
keys = { 0 = { queue = "line" } }
[[menu.next.gate]]
when = "customer_type == vip"
queue = "other"
"#;
const WEB: &str = "[lookup.contracts]\nby = \"contract\"\nurl = \"http://crm.test/{number}\"\nfallback = { priority = \"important\" }\n";
const DATABASE: &str =
    "[lookup.contracts]\nby = \"contract\"\nsqlite = \"c.db\"\nquery = \"SELECT agent FROM c WHERE id = ?1\"\nlimit = \"100ms\"\n";
const FILE: &str = "[lookup.contracts]\nby = \"contract\"\nfile = \"contracts.csv\"\nfallback = { priority = \"important\" }\n";

fn rules(lookups: &str) -> String {
    let seats = [seat("1001", 6001, "skills = { any = 5 }"), seat("1002", 6002, "skills = { any = 5 }")].concat();
    let queues = [queue("line", 1, "wrap_up = \"0s\""), queue("other", 1, "wrap_up = \"0s\"")].concat();
    [PREAMBLE, MENUS, &queues, &seats, lookups].concat()
}

fn keyed(mut hotline: Hotline) -> Hotline {
    hotline.dial(7001, "hotline");
    "62001".chars().for_each(|key| hotline.press(call(0), key));
    hotline
}

fn of_file() -> Hotline {
    let csv = "contract,customer_type,agent\n62001,vip,1002\n".to_owned();
    let sources = [Source { path: "contracts.csv".into(), text: csv }, Source { path: "rules.toml".into(), text: rules(FILE) }];
    Hotline::by(Arc::new(hotline_rules::load(&sources, None).unwrap().plan), &SEATS)
}

fn question(hotline: &Hotline) -> Option<(AskId, Question)> {
    let of = |(id, question, _): &(AskId, Question, _)| matches!(question, Question::Customer { .. }).then(|| (*id, question.clone()));
    hotline.asked.iter().find_map(of)
}

fn queue_of(hotline: &Hotline) -> Option<String> {
    hotline.record(call(0)).queue.map(|queue| queue.to_string())
}

fn outcomes(hotline: &Hotline) -> Vec<(LookUpOutcome, u32)> {
    let one = |kind: EventKind| if let EventKind::LookedUp(one) = kind { Some((one.outcome, one.took_ms)) } else { None };
    hotline.events(call(0)).into_iter().filter_map(|event| one(event.kind)).collect()
}

fn customer(values: &[(&str, &str)]) -> Answer {
    Answer::Customer(Some(values.iter().map(|(column, value)| ((*column).to_owned(), (*value).to_owned())).collect()))
}

#[test]
fn a_webhook_is_asked_with_the_value_and_not_with_the_number_and_its_answer_opens_gates_r36() {
    let mut hotline = Hotline::new(&rules(WEB), &SEATS);
    hotline.dial(7001, "hotline");
    assert_eq!(question(&hotline), None, "nothing is asked about the caller");
    let mut hotline = keyed(Hotline::new(&rules(WEB), &SEATS));
    let (id, Question::Customer { lookup, number, .. }) = question(&hotline).unwrap() else { panic!() };
    assert_eq!((&*lookup, number.reveal()), ("contracts", "62001"));
    assert!(!format!("{number:?}").contains("62001"));
    hotline.pass_ms(200);
    assert_eq!(queue_of(&hotline), None);
    hotline.answer(id, customer(&[("customer_type", "vip"), ("agent", "1002")]));
    assert_eq!((queue_of(&hotline).as_deref(), outcomes(&hotline)), (Some("other"), vec![(LookUpOutcome::Known, 200)]));
    assert_eq!(hotline.offers(), [(0, "1002".to_owned())]);
    let events = format!("{:?}", hotline.events(call(0)));
    assert!(!events.contains("62001"), "the value stands in no history (R141)");
}

#[test]
fn without_an_answer_in_time_the_menu_goes_on_with_the_fallback() {
    let mut hotline = keyed(Hotline::new(&rules(WEB), &SEATS));
    hotline.pass_ms(299);
    assert_eq!(hotline.record(call(0)).menus.len(), 1, "the menu waits");
    hotline.pass_ms(1);
    assert_eq!(hotline.record(call(0)).menus.len(), 2);
    hotline.press(call(0), '0');
    assert_eq!((queue_of(&hotline).as_deref(), outcomes(&hotline)), (Some("line"), vec![(LookUpOutcome::Late, 300)]));
    assert_eq!(hotline.record(call(0)).priority, Some(Priority::Important));
}

#[test]
fn a_database_has_its_own_limit_and_a_value_that_it_does_not_know_changes_nothing() {
    let mut hotline = keyed(Hotline::new(&rules(DATABASE), &SEATS));
    let (id, _) = question(&hotline).unwrap();
    hotline.pass_ms(50);
    hotline.answer(id, Answer::Customer(None));
    hotline.press(call(0), '0');
    assert_eq!((queue_of(&hotline).as_deref(), outcomes(&hotline)), (Some("line"), vec![(LookUpOutcome::Unknown, 50)]));
    let mut late = keyed(Hotline::new(&rules(DATABASE), &SEATS));
    late.pass_ms(100);
    assert_eq!(outcomes(&late), [(LookUpOutcome::Late, 100)]);
}

#[test]
fn a_file_of_the_rules_answers_in_the_same_step_and_nobody_outside_is_asked() {
    let hotline = keyed(of_file());
    assert_eq!(question(&hotline), None);
    assert_eq!((queue_of(&hotline).as_deref(), outcomes(&hotline)), (Some("other"), vec![(LookUpOutcome::Known, 0)]));
    assert_eq!(hotline.offers(), [(0, "1002".to_owned())]);
    let mut unknown = of_file();
    unknown.dial(7001, "hotline");
    "62009".chars().for_each(|key| unknown.press(call(0), key));
    assert_eq!((queue_of(&unknown), outcomes(&unknown)), (None, vec![(LookUpOutcome::Unknown, 0)]));
}

#[test]
fn a_caller_who_hangs_up_meanwhile_leaves_no_question_open() {
    let mut hotline = keyed(Hotline::new(&rules(WEB), &SEATS));
    let (id, _) = question(&hotline).unwrap();
    hotline.hang_up(([127, 0, 0, 3], 7001).into());
    let late = hotline.engine.counters().late_answers;
    hotline.answer(id, customer(&[("agent", "1002")]));
    assert_eq!(hotline.engine.counters().late_answers, late + 1);
    assert_eq!(outcomes(&hotline), []);
}
