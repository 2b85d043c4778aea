//! Which calls go first by what they are about, and which seats a problem class needs (manual.md A4, C5).

use crate::hotline::{Habit, Hotline, call};
use hotline_model::history::EventKind;
use hotline_model::{Assessment, DeskOrder, Impact, Priority, Reclassified, Remit, Topic};
use std::time::Duration;

const RULES: &str = r#"
[[language]]
code = "zh-CN"
[[skill]]
name = "front"
[[skill]]
name = "management"
[[number]]
name = "network"
set = { topic = "network_fault", class = "common" }
queue = "line"
[[number]]
name = "manner"
set = { kind = "complaint", category = "service_attitude", priority = "important", class = "common" }
queue = "line"
[[number]]
name = "product"
set = { kind = "complaint", category = "product", priority = "important", class = "common" }
queue = "line"
[[number]]
name = "plain"
set = { kind = "complaint", category = "product", class = "common" }
queue = "line"
[[number]]
name = "security"
set = { topic = "security", class = "major" }
queue = "line"
[[number]]
name = "everybody"
set = { scope = "inside", impact = "everybody", class = "common" }
queue = "line"
[[number]]
name = "several"
set = { impact = "several", class = "common" }
queue = "line"
[[queue]]
name = "line"
[[seat]]
name = "1001"
agent = "A"
skills = { front = 5 }
contact = "sip:1001@127.0.0.2:6001"
[[seat]]
name = "1002"
agent = "B"
skills = { front = 1, management = 3 }
contact = "sip:1002@127.0.0.2:6002"
[assign.levels]
common = "front >= 1"
major = "management >= 1"
"#;
const SEATS: [(u16, Habit); 2] = [(6001, Habit::Answers(Duration::from_secs(1))), (6002, Habit::Answers(Duration::from_secs(1)))];

fn priority(hotline: &Hotline) -> Option<Priority> {
    hotline.record(call(0)).priority
}

fn alerts(hotline: &Hotline) -> Vec<Topic> {
    let events = hotline.events(call(0));
    events.iter().filter_map(|event| if let EventKind::Alerted { topic } = event.kind { Some(topic) } else { None }).collect()
}

#[test]
fn a_network_fault_is_urgent_without_a_priority_in_the_menu_and_supervisors_are_told_as_it_enters_the_queue_r25() {
    let mut hotline = Hotline::new(RULES, &SEATS);
    hotline.dial(7001, "network");
    assert_eq!((priority(&hotline), alerts(&hotline)), (Some(Priority::Urgent), vec![Topic::NetworkFault]));
    let events = hotline.events(call(0));
    let queued = events.iter().find(|event| matches!(event.kind, EventKind::Queued { .. })).map(|event| event.at);
    let alerted = events.iter().find(|event| matches!(event.kind, EventKind::Alerted { .. })).map(|event| event.at);
    let place = |wanted: fn(&EventKind) -> bool| events.iter().position(|event| wanted(&event.kind));
    assert_eq!(queued, alerted, "at t2");
    assert!(place(|kind| matches!(kind, EventKind::Alerted { .. })) < place(|kind| matches!(kind, EventKind::Offered { .. })));
}

#[test]
fn a_complaint_about_a_product_goes_one_step_before_other_complaints_r52() {
    for (number, expected) in [("manner", Priority::Important), ("product", Priority::Urgent), ("plain", Priority::Important)] {
        let mut hotline = Hotline::new(RULES, &SEATS);
        hotline.dial(7001, number);
        assert_eq!(priority(&hotline), Some(expected), "{number}");
        assert!(alerts(&hotline).is_empty(), "a priority alone alerts nobody");
    }
    let mut off = Hotline::new(&format!("{RULES}[priority]\nproduct_first = false\n"), &SEATS);
    off.dial(7001, "product");
    assert_eq!(priority(&off), Some(Priority::Important));
}

#[test]
fn a_major_problem_goes_to_management_and_a_common_one_to_the_front_line_r48() {
    let mut hotline = Hotline::new(RULES, &SEATS);
    hotline.dial(7001, "security");
    hotline.dial(7002, "manner");
    assert_eq!(hotline.offers(), [(0, "1002".to_owned()), (1, "1001".to_owned())]);
}

#[test]
fn what_a_call_is_about_outlives_a_restart() {
    let mut hotline = Hotline::new(RULES, &SEATS);
    hotline.sign("1002", hotline_model::Intent::SignedOut);
    hotline.dial(7001, "security");
    hotline.restart();
    hotline.sign("1001", hotline_model::Intent::Available);
    hotline.pass_ms(1_000);
    assert_eq!(hotline.offers().last().map(|(_, seat)| seat.as_str()), Some("1002"), "still only management, signed in again by the start");
    assert_eq!(alerts(&hotline), [Topic::Security], "told once");
}

fn impact_alerts(hotline: &Hotline) -> Vec<Impact> {
    let of = |kind: &EventKind| if let EventKind::ImpactAlerted { impact } = kind { Some(*impact) } else { None };
    hotline.events(call(0)).iter().filter_map(|event| of(&event.kind)).collect()
}

#[test]
fn a_problem_of_everybody_is_urgent_and_supervisors_are_told_and_the_record_keeps_it_r33_r34() {
    let mut hotline = Hotline::new(RULES, &SEATS);
    hotline.dial(7001, "everybody");
    assert_eq!((priority(&hotline), impact_alerts(&hotline)), (Some(Priority::Urgent), vec![Impact::Everybody]));
    let assessed = Assessment { scope: Some(Remit::Inside), impact: Some(Impact::Everybody) };
    assert_eq!(hotline.record(call(0)).assessed, assessed);
    let mut several = Hotline::new(RULES, &SEATS);
    several.dial(7001, "several");
    assert_eq!((priority(&several), impact_alerts(&several)), (Some(Priority::Ordinary), Vec::new()));
}

#[test]
fn from_which_impact_a_call_is_urgent_is_a_setting_r33() {
    for (setting, urgent) in [("several", true), ("none", false)] {
        let mut hotline = Hotline::new(&format!("{RULES}[priority]\nurgent_impact = \"{setting}\"\n"), &SEATS);
        hotline.dial(7001, "several");
        assert_eq!(priority(&hotline) == Some(Priority::Urgent), urgent, "{setting}");
        assert_eq!(impact_alerts(&hotline).len(), usize::from(urgent), "{setting}");
    }
}

#[test]
fn an_agent_who_finds_that_it_reaches_far_has_supervisors_told_once_and_a_restart_knows_r33() {
    let mut hotline = Hotline::new(RULES, &SEATS);
    hotline.dial(7001, "several");
    hotline.pass_ms(2_000);
    let found = Assessment { scope: Some(Remit::Outside), impact: Some(Impact::Department) };
    let order = DeskOrder::Assess { found, change: Reclassified::default() };
    assert_eq!(hotline.desk("1001", order.clone()), Ok(()));
    assert_eq!((hotline.record(call(0)).assessed, impact_alerts(&hotline)), (found, vec![Impact::Department]));
    hotline.restart();
    let far = DeskOrder::Assess { found: Assessment { impact: Some(Impact::Everybody), ..found }, change: Reclassified::default() };
    assert_eq!(hotline.desk("1001", far), Ok(()));
    assert_eq!(impact_alerts(&hotline), [Impact::Department], "told once");
    assert_eq!(hotline.record(call(0)).assessed.impact, Some(Impact::Everybody));
}

/// The same numbers lead outside, to a message or to a queue that is never open; nobody answers outside, and all go on to the line.
fn elsewhere(way: &str) -> Hotline {
    let rest = r#"
[[trunk]]
name = "carrier"
contact = "sip:127.0.0.2:5090"
from = "02112345678"
[outbound]
allow = ["0x{9,11}"]
[voicemail.evening]
queue = "line"
[calendar.never]
zone = "Asia/Shanghai"
hours = {}
complaints_24h = false
[[queue]]
name = "shut"
hours = "never"
closed = { voicemail = "evening" }
"#;
    let number = |name: &str, set: &str| format!("[[number]]\nname = \"{name}\"\nset = {{ {set} }}\n{way}\n");
    let numbers = number("urgent", "topic = \"security\"") + &number("far", "scope = \"inside\", impact = \"everybody\", level = \"L1\"");
    let seats = [SEATS[0], SEATS[1], (5090, Habit::RingsOut)];
    Hotline::new(&[RULES, &numbers, rest].concat(), &seats)
}

const OUTSIDE: &str = "number = \"02155550000\"\nfor = \"12s\"\notherwise = { queue = \"line\" }";

#[test]
fn supervisors_are_told_of_an_urgent_call_whatever_way_it_takes_and_once_r25_r26_r33() {
    for way in [OUTSIDE, "voicemail = \"evening\"", "queue = \"shut\""] {
        let mut urgent = elsewhere(way);
        urgent.dial(7001, "urgent");
        assert_eq!(alerts(&urgent), [Topic::Security], "{way}");
        let mut far = elsewhere(way);
        far.dial(7001, "far");
        assert_eq!(impact_alerts(&far), [Impact::Everybody], "{way}");
        assert_eq!(far.record(call(0)).assessed.scope, Some(Remit::Inside), "{way}");
        assert!(far.events(call(0)).iter().any(|event| matches!(event.kind, EventKind::Graded { .. })), "{way}");
    }
}

#[test]
fn a_call_that_comes_back_from_outside_alerts_nobody_again_nor_after_a_restart_r26_r33() {
    for restarts in [false, true] {
        let (mut urgent, mut far) = (elsewhere(OUTSIDE), elsewhere(OUTSIDE));
        urgent.dial(7001, "urgent");
        far.dial(7001, "far");
        for hotline in [&mut urgent, &mut far] {
            hotline.pass_ms(1_000);
            if restarts {
                hotline.restart();
            }
            hotline.pass_ms(14_000);
            assert_eq!(hotline.record(call(0)).queue.as_deref(), Some("line"));
        }
        assert_eq!((alerts(&urgent), impact_alerts(&far)), (vec![Topic::Security], vec![Impact::Everybody]));
    }
}
