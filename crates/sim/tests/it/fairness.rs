//! One day under several rules of whom to serve first.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use hotline_model::Priority;
use hotline_sim::day::{AgentHabits, Arrivals, CallerClass, Demand, Figures, Spread};
use hotline_sim::erlang::Line;
use hotline_sim::fairness::{POLICIES, Report, compare, pooled_level, working_day};
use hotline_sim::theory::{demand_of, hall};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);
const HOUR: Duration = Duration::from_secs(3600);

fn report(seed: u64) -> Report {
    let (lasts, plan, demand) = working_day(seed);
    compare(plan, &demand, &POLICIES, lasts, LIMIT).unwrap()
}

/// The mean over ten days of what a policy brings a class.
fn mean(days: &[Report], policy: usize, of: impl Fn(&Figures) -> f64) -> f64 {
    days.iter().map(|report| of(&report.days[policy].1)).sum::<f64>() / days.len() as f64
}

#[test]
fn strict_priority_helps_the_urgent_at_the_cost_of_the_ordinary() {
    let days: Vec<Report> = (1..=10).map(report).collect();
    let [ordinary, urgent] = [0, 2].map(|class| [0, 1].map(|policy| mean(&days, policy, |day| day.classes[class].level(LIMIT))));
    assert!(urgent[1] > urgent[0] + 0.02, "urgent {urgent:?}");
    assert!(ordinary[1] < ordinary[0], "ordinary {ordinary:?}");
    let waits = [0, 1].map(|policy| mean(&days, policy, |day| day.all().mean_wait()));
    assert!((waits[0] - waits[1]).abs() < 0.1 * waits[0], "whom one serves first hardly changes how long all wait: {waits:?}");
}

#[test]
fn both_policies_keep_their_own_order_and_see_the_same_callers() {
    let day = report(3);
    let came = |figures: &Figures| figures.classes.iter().map(|class| class.offered()).collect::<Vec<_>>();
    assert_eq!(came(&day.days[0].1), came(&day.days[1].1));
    for (name, figures) in &day.days {
        assert_eq!((figures.order.overtaken, figures.order.outranked, figures.order.late), (0, 0, 0), "{name}");
        assert!(figures.order.not_longest_idle > 0, "proficiency comes before idle time here");
    }
}

#[test]
fn no_policy_beats_the_common_pool() {
    let days: Vec<Report> = (1..=10).map(report).collect();
    let pooled = days[0].pooled.unwrap();
    for policy in [0, 1] {
        let level = mean(&days, policy, |day| day.all().level(LIMIT));
        assert!(level < pooled && level > pooled - 0.1, "{level} against {pooled}");
    }
}

#[test]
fn equal_seats_get_equal_work_and_every_call_goes_to_the_longest_idle() {
    let line = Line { per_hour: 800.0, handling: Duration::from_secs(180), patience: None, seats: 50, places: None };
    let work = demand_of(&line, 5);
    let day = compare(|| hall(50, None), &work, &POLICIES[1..], 24 * HOUR, LIMIT).unwrap();
    let figures = &day.days[0].1;
    assert_eq!((figures.order.not_longest_idle, figures.order.overtaken), (0, 0));
    let (mean, deviation) = figures.occupancy_spread();
    assert!((mean - 0.8).abs() < 0.02 && deviation < 0.02, "{mean} +- {deviation}");
}

#[test]
fn the_pool_of_a_steady_line_is_that_line() {
    let line =
        Line { per_hour: 1000.0, handling: Duration::from_secs(240), patience: Some(Duration::from_secs(120)), seats: 67, places: None };
    let level = pooled_level(&hall(67, None).unwrap(), &demand_of(&line, 1), HOUR, LIMIT).unwrap();
    assert!((level - 0.8941).abs() < 0.0001, "{level}");
}

#[test]
fn the_pool_of_a_day_counts_each_interval_by_its_callers() {
    let line = Line { per_hour: 0.0, handling: Duration::from_secs(180), patience: None, seats: 14, places: None };
    let work = |arrivals| {
        let mut work = demand_of(&line, 1);
        work.classes[0].arrivals = arrivals;
        work
    };
    let level = |work: &Demand| pooled_level(&hall(14, None).unwrap(), work, 2 * HOUR, Duration::from_secs(20));
    let growing = work(Arrivals::Poisson(vec![(Duration::ZERO, 200.0), (HOUR, 300.0)]));
    assert!((level(&growing).unwrap() - 0.4 * 0.888_350).abs() < 1e-5, "an hour in which the line only grows has no level");
    assert_eq!(level(&work(Arrivals::At(vec![HOUR]))), None);
    assert_eq!(level(&work(Arrivals::per_hour(0.0))), None);
    let nobody_answers = AgentHabits { unanswered: 1.0, ..AgentHabits::default() };
    assert_eq!(level(&Demand { agents: nobody_answers, ..growing }), None);
}

#[test]
fn ringing_and_missed_rings_cost_the_pool_what_they_cost_the_seats() {
    let line =
        Line { per_hour: 1000.0, handling: Duration::from_secs(240), patience: Some(Duration::from_secs(120)), seats: 67, places: None };
    let agents = AgentHabits {
        answer_after: Spread::Fixed(Duration::from_secs(4)),
        unanswered: 0.5,
        back_after: Spread::Fixed(Duration::from_secs(6)),
        wrap_up: None,
    };
    let work = Demand { agents, ..demand_of(&line, 1) };
    let longer = Line { handling: Duration::from_secs(260), ..line };
    let expected = longer.steady().unwrap().answered_within(Duration::from_secs(26));
    let level = pooled_level(&hall(67, None).unwrap(), &work, HOUR, LIMIT).unwrap();
    assert!((level - expected).abs() < 1e-9, "{level} instead of {expected}");
}

#[test]
fn the_report_is_the_same_each_time_and_names_policies_classes_and_the_pool() {
    let text = report(1).to_string();
    assert_eq!(text, report(1).to_string());
    for part in
        ["first come, first served", "strict priority", "billing", "fault", "complaint", "Erlang A, one pool", "occupancy", "offers missed"]
    {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn a_class_without_callers_is_no_trouble() {
    let mut work = demand_of(&Line { per_hour: 100.0, handling: LIMIT, patience: None, seats: 5, places: None }, 1);
    let nobody = CallerClass { name: "nobody".into(), arrivals: Arrivals::per_hour(0.0), ..work.classes[0].clone() };
    work.classes.push(nobody);
    work.classes[1].profile.priority = Priority::Urgent;
    let text = compare(|| hall(5, None), &work, &POLICIES, HOUR, LIMIT).unwrap().to_string();
    assert!(!text.contains("NaN"), "{text}");
}
