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
    let [ordinary, urgent] = [0, 3].map(|class| [0, 1].map(|policy| mean(&days, policy, |day| day.classes[class].level(LIMIT))));
    assert!(urgent[1] > urgent[0] + 0.02, "urgent {urgent:?}");
    assert!(ordinary[1] < ordinary[0], "ordinary {ordinary:?}");
    let waits = [0, 1].map(|policy| mean(&days, policy, |day| day.all().mean_wait()));
    assert!((waits[0] - waits[1]).abs() < 0.1 * waits[0], "whom one serves first hardly changes how long all wait: {waits:?}");
}

#[test]
fn every_policy_keeps_its_own_order_and_sees_the_same_callers() {
    let day = report(3);
    let came = |figures: &Figures| figures.classes.iter().map(|class| class.offered()).collect::<Vec<_>>();
    assert!(day.days.iter().all(|(_, figures)| came(figures) == came(&day.days[0].1)));
    for (name, figures) in &day.days {
        assert_eq!((figures.order.inversions, figures.order.outranked, figures.order.late), (0, 0, 0), "{name}");
        assert_eq!(figures.order.overtaken > 0, *name == "our rule", "only shares of targets let a shorter wait go first");
        assert!(figures.order.not_longest_idle > 0, "proficiency comes before idle time here");
    }
}

#[test]
fn under_our_rule_a_queue_of_a_shorter_target_is_served_sooner_and_higher_priorities_feel_nothing_of_it_r38() {
    let days: Vec<Report> = (1..=10).map(report).collect();
    let wait = |policy, class: usize| mean(&days, policy, |day| day.classes[class].mean_wait());
    let level = |policy, class: usize| mean(&days, policy, |day| day.classes[class].level(days[0].classes[class].1));
    let [billing, orders] = [0, 1].map(|class| [1, 2].map(|policy| wait(policy, class)));
    assert!(orders[1] < 0.9 * orders[0] && billing[1] > billing[0], "orders {orders:?}, billing {billing:?}");
    assert!(level(2, 1) > level(1, 1) + 0.01, "{} after {}", level(2, 1), level(1, 1));
    for other in [2, 3] {
        let (before, after) = (level(1, other), level(2, other));
        assert!((before - after).abs() < 0.02, "{after} after {before}");
    }
    let all = [1, 2].map(|policy| mean(&days, policy, |day| day.all().mean_wait()));
    assert!((all[0] - all[1]).abs() < 0.1 * all[0], "whom one serves first hardly changes how long all wait: {all:?}");
}

/// The rule of Gurvich and Whitt in waiting form: in a pool with more callers than it can serve, queues wait as their targets say. With
/// the manual's 30 s the breached would go first in both (K3).
#[test]
fn in_a_crowded_pool_waits_stand_as_targets_divided_by_weights() {
    let mut text = "[timers]\nanswer = \"200s\"\nmanual_override = \"theory\"\n".to_owned();
    text += "[[number]]\nname = \"hotline\"\nqueue = \"slow\"\n";
    text += "[[queue]]\nname = \"slow\"\ntarget = \"30s\"\n[[queue]]\nname = \"fast\"\ntarget = \"20s\"\nweight = 2\n";
    text += "[[seats]]\nrange = \"10000-10199\"\ncontact = \"sip:{name}@127.0.0.1\"\n";
    let source = [hotline_rules::Source { path: "pool.toml".into(), text }];
    let plan = || hotline_rules::load(&source, None).map(|loaded| loaded.plan);
    let (handling, patience) = (Duration::from_secs(180), Some(LIMIT * 4));
    let mut work = demand_of(&Line { per_hour: 3_000.0, handling, patience, seats: 200, places: None }, 2);
    work.classes.push(CallerClass { name: "fast".into(), queue: hotline_model::QueueId(1), ..work.classes[0].clone() });
    let day = compare(plan, &work, &POLICIES, 4 * HOUR, LIMIT).unwrap();
    let served = |figures: &Figures, class: usize| figures.classes[class].served.quantile(0.5).as_secs_f64();
    let ratio = [0, 1, 2].map(|policy| served(&day.days[policy].1, 0) / served(&day.days[policy].1, 1));
    assert!((ratio[0] - 1.0).abs() < 0.1 && (ratio[1] - 1.0).abs() < 0.1, "{ratio:?}");
    assert!((ratio[2] - 3.0).abs() < 0.3, "30 s / 1 to 20 s / 2: {ratio:?}");
    assert_eq!(day.days[2].1.order.inversions, 0);
}

#[test]
fn no_policy_beats_the_common_pool() {
    let days: Vec<Report> = (1..=10).map(report).collect();
    let pooled = days[0].pooled.unwrap();
    for policy in 0..POLICIES.len() {
        let level = mean(&days, policy, |day| day.all().level(LIMIT));
        assert!(level < pooled && level > pooled - 0.1, "{level} against {pooled}");
    }
}

#[test]
fn equal_seats_get_equal_work_and_every_call_goes_to_the_longest_idle() {
    let line = Line { per_hour: 800.0, handling: Duration::from_secs(180), patience: None, seats: 50, places: None };
    let work = demand_of(&line, 5);
    let day = compare(|| hall(50, None), &work, &POLICIES[1..2], 24 * HOUR, LIMIT).unwrap();
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
    for part in [
        "first come, first served",
        "strict priority",
        "our rule",
        "billing",
        "orders",
        "in target",
        "fault",
        "complaint",
        "Erlang A, one pool",
        "occupancy",
        "offers missed",
    ] {
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
