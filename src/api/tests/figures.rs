//! What `/metrics` tells of connect rates (R3, R4, H16), and of what must stay 0.

use super::behind::Behind;
use super::*;
use crate::api::metrics;
use crate::contacts::ContactSums;
use crate::reload::Status;

fn text(rules: &str, counted: [u64; 4]) -> String {
    let mut look = Behind::new(&format!("{RULES}{rules}"), Arc::default()).look();
    let counters = &mut look.counters;
    [counters.offered, counters.picked_up, counters.queued, counters.answered] = counted;
    metrics::text(&look, ContactSums::default(), &Status::default())
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

#[test]
fn what_is_counted_of_offers_queue_groups_and_refused_transfers_is_told() {
    let mut look = Behind::new(RULES, Arc::default()).look();
    let counters = &mut look.counters;
    (counters.offers, counters.offers_checked, counters.inversions) = (640, 5, 1);
    (counters.seats_crossed, counters.reports_late, counters.refers_refused) = (7, 8, 9);
    counters.seat_changes_guessed = 10;
    let text = metrics::text(&look, ContactSums::default(), &Status::default());
    let names = ["offers", "offers_checked", "offers_inverted", "seats_crossed", "reports_late", "refers_refused", "seat_changes_guessed"];
    let told = names.map(|name| figure(&text, &format!("hotline_{name}_total")));
    assert_eq!(told, [640.0, 5.0, 1.0, 7.0, 8.0, 9.0, 10.0].map(Some));
    assert!(names.iter().all(|name| text.contains(&format!("# TYPE hotline_{name}_total counter\n"))));
}

#[test]
fn complaints_are_told_as_a_share_of_the_contacts_served_beside_the_ceiling_of_the_rules_r110() {
    let told = |rules: &str, served, complaints| {
        let look = Behind::new(&format!("{RULES}{rules}"), Arc::default()).look();
        let text = metrics::text(&look, ContactSums { served, complaints }, &Status::default());
        ["contacts_served_total", "complaints_total", "complaint_rate", "complaint_rate_ceiling"]
            .map(|name| figure(&text, &format!("hotline_{name}")))
    };
    assert_eq!(told("", 0, 0), [Some(0.0), Some(0.0), None, Some(0.03)], "no rate before the first contact");
    assert_eq!(told("[kpi]\ncomplaint_rate = 0.02\n", 200, 5), [Some(200.0), Some(5.0), Some(0.025), Some(0.02)]);
}

#[test]
fn a_call_that_is_over_is_counted_as_a_contact_once_r110() {
    let house = house(true);
    let over = |count| Entry::Call(CallEvent { call: call(count), at: WallTime(2_000_000), kind: EventKind::Archived });
    house.hub.take(&[over(1), over(1)]);
    let (_, said) = house.ask(&house.local(), "GET", "/metrics", "", "");
    let figures = ["contacts_served_total", "complaints_total", "complaint_rate"].map(|name| figure(&said, &format!("hotline_{name}")));
    assert_eq!(figures, [Some(1.0), Some(0.0), Some(0.0)], "{said}");
}
