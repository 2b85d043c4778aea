//! What `/metrics` tells of connect rates (R3, R4, H16).

use super::behind::Behind;
use super::*;
use crate::api::metrics;
use crate::reload::Status;

fn text(rules: &str, counted: [u64; 4]) -> String {
    let mut look = Behind::new(&format!("{RULES}{rules}"), Arc::default()).look();
    let counters = &mut look.counters;
    [counters.offered, counters.picked_up, counters.queued, counters.answered] = counted;
    metrics::text(&look, &Status::default())
}

fn figure(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

#[test]
fn both_connect_rates_are_told_with_their_grades_once_there_was_a_call_r3_r4() {
    let none = text("", [0; 4]);
    assert!(figure(&none, "hotline_system_connect_rate").is_none() && figure(&none, "hotline_agent_connect_grade").is_none());
    assert_eq!(figure(&none, "hotline_connect_rate_floor"), Some(0.95));
    for (picked_up, answered, grades) in [(1_000, 490, [1.0, 1.0]), (979, 470, [2.0, 3.0]), (899, 0, [4.0, 4.0])] {
        let text = text("", [1_000, picked_up, 500, answered]);
        let rates = ["system", "agent"].map(|name| figure(&text, &format!("hotline_{name}_connect_rate")).unwrap());
        assert_eq!(rates, [picked_up as f64 / 1_000.0, answered as f64 / 500.0]);
        let told = ["system", "agent"].map(|name| figure(&text, &format!("hotline_{name}_connect_grade")).unwrap());
        assert_eq!(told, grades, "{rates:?}");
    }
}

#[test]
fn grades_and_the_floor_are_those_of_the_rules() {
    let told = text("[kpi]\nconnect_rate = { floor = 0.97, excellent = 0.99, third = 0.9 }\n", [1_000, 985, 10, 10]);
    assert_eq!(figure(&told, "hotline_connect_rate_floor"), Some(0.97));
    assert_eq!([figure(&told, "hotline_system_connect_grade"), figure(&told, "hotline_agent_connect_grade")], [Some(2.0), Some(1.0)]);
}
