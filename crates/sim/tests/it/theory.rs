//! Queueing theory against the router (the published figures 1 to 9), with fixed seeds: three standard errors. `cargo xtask theory` is the long version.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a panic is how a test fails; the figures are printed with it")]

use hotline_model::{Priority, SeatId};
use hotline_sim::day::{AgentHabits, Arrivals, Day, Demand, Figures, Spread, mean_and_deviation};
use hotline_sim::erlang::Line;
use hotline_sim::theory::{Length, Pooling, cases, demand_of, hall, measure, pooling};
use std::sync::Arc;
use std::time::Duration;

/// Cases whose name begins so, each figure within three standard errors.
fn agrees(number: &str, length: Length) {
    let mut wrong = Vec::new();
    for (case, seed) in cases().iter().zip(1..).filter(|(case, _)| case.name.starts_with(number)) {
        for row in measure(case, seed, length).unwrap() {
            println!("{:36} {:20} {:10.5} {:10.5} {:9.5} {:6.2}", row.case, row.figure, row.expected, row.estimate, row.error, row.z());
            if row.z().abs() >= 3.0 {
                wrong.push(row);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const SHORT: Length = Length { batches: 24, callers: 14_000 };

#[test]
fn fifty_seats_whose_callers_wait_for_ever_are_as_erlang_c_says() {
    agrees("1:", Length { batches: 32, callers: 20_000 });
}

#[test]
fn fifty_seats_whose_callers_hang_up_are_as_erlang_a_says() {
    agrees("2:", SHORT);
}

#[test]
fn eighty_percent_within_twenty_seconds_takes_fourteen_seats() {
    agrees("3:", SHORT);
}

#[test]
fn eighty_percent_of_a_thousand_calls_an_hour_need_the_seats_that_erlang_c_says() {
    agrees("4: 80/", SHORT);
}

#[test]
fn more_of_a_thousand_calls_an_hour_need_the_seats_that_erlang_c_says() {
    agrees("4: 9", SHORT);
}

/// The more seats, the rarer and the longer the spells in which anybody waits: these need more callers for the same certainty.
const RARE: Length = Length { batches: 32, callers: 32_000 };

#[test]
fn eighty_percent_of_a_call_a_second_need_the_seats_that_erlang_c_says() {
    agrees("5: 80/", RARE);
}

#[test]
fn ninety_five_percent_of_a_call_a_second_need_the_seats_that_erlang_c_says() {
    agrees("5: 95/", RARE);
}

#[test]
fn ninety_eight_percent_of_a_call_a_second_need_the_seats_that_erlang_c_says() {
    agrees("5: 98/", RARE);
}

#[test]
fn a_thousand_calls_an_hour_that_hang_up_need_less_seats_as_erlang_a_says() {
    agrees("6:", SHORT);
}

#[test]
fn a_hundred_seats_with_two_hundred_places_and_impatience_are_as_the_chain_says() {
    agrees("7:", SHORT);
}

#[test]
fn ninety_seats_with_thirty_places_are_as_the_chain_says() {
    agrees("8:", SHORT);
}

/// Which part of what a common pool would bring in waiting time and in level `some` skills bring.
fn gain(one: &Pooling, some: &Pooling, all: &Pooling) -> (f64, f64) {
    let part = |figure: fn(&Pooling) -> f64| (figure(one) - figure(some)) / (figure(one) - figure(all));
    (part(|pooling| pooling.mean_wait.0), part(|pooling| pooling.level.0))
}

fn two_skills_of_six_are_nearly_all(load: f64, published: (f64, f64)) {
    let of = |skills| pooling(skills, load, 9, SHORT).unwrap();
    let (one, two, six) = (of(1), of(2), of(6));
    let (wait, level) = gain(&one, &two, &six);
    println!("load {load}: {one:?} {two:?} {six:?} gain {wait:.3} of the wait, {level:.3} of the level");
    assert!(wait > published.0 - 0.05 && wait < 1.0 && level > published.1 - 0.05 && level < 1.0, "{wait} {level}");
    let line = cases().into_iter().find(|case| case.name == format!("8: 90 seats, 30 places, load {load}")).unwrap().line;
    let pool = line.steady().unwrap();
    let expected = [(six.blocked, pool.blocked()), (six.mean_wait, pool.mean_wait())];
    assert!(expected.iter().all(|((mean, error), expected)| (mean - expected).abs() < 3.0 * error), "{six:?}");
}

#[test]
fn two_skills_a_seat_bring_nine_tenths_of_what_six_would() {
    two_skills_of_six_are_nearly_all(84.0, (0.90, 0.70));
}

#[test]
fn two_skills_a_seat_bring_still_more_of_it_at_a_lower_load() {
    two_skills_of_six_are_nearly_all(77.4, (0.96, 0.87));
}

const SEATS: u32 = 50;
const HANDLING: f64 = 180.0;
const PATIENCE: f64 = 180.0;
const UNANSWERED: f64 = 0.03;
const BACK: f64 = 5.0;
const DAYS: u64 = 150;
const QUARTER: Duration = Duration::from_secs(900);
const LEVEL: Duration = Duration::from_secs(30);

/// Callers for 110 % of fifty seats.
fn too_many() -> Line {
    let per_hour = 1.1 * f64::from(SEATS) * 3600.0 / HANDLING;
    let [handling, patience] = [HANDLING, PATIENCE].map(Duration::from_secs_f64);
    Line { per_hour, handling, patience: Some(patience), seats: SEATS, places: None }
}

/// Two hours after a quarter to fill up; then all seats are ready, and nothing was out of order.
fn two_hours(demand: Demand) -> Figures {
    let back_after = Spread::exponential(BACK);
    let agents = AgentHabits { unanswered: UNANSWERED, back_after, ..AgentHabits::default() };
    let mut day = Day::new(Arc::new(hall(SEATS, None).unwrap()), Demand { agents, ..demand });
    day.run_until(QUARTER);
    let before = day.take();
    day.run_until(QUARTER + Duration::from_secs(7200));
    let figures = day.take();
    day.run_out();
    assert!((0..SEATS).all(|seat| day.router().seat_state(SeatId(seat)).is_ready()), "a seat is stuck");
    assert_eq!(day.in_line(), 0);
    for order in [before.order, figures.order, day.take().order] {
        assert_eq!((order.overtaken, order.outranked, order.not_longest_idle, order.withdrawn, order.late), (0, 0, 0, 0, 0), "{order:?}");
        assert!(order.shortest_ring.is_none_or(|share| share >= 1.0), "{order:?}");
    }
    figures
}

/// What Erlang A expects if a seat is lost to each answered call for its conversation, and for the rings missed before it: the ring
/// (as it was on average) and the time until the agent is back.
fn with_lost_rings(days: &[Figures]) -> Line {
    let seats = || days.iter().flat_map(|day| &day.seats);
    let rang: f64 = seats().map(|seat| seat.offered.as_secs_f64()).sum();
    let ring = rang / seats().map(|seat| seat.refused).sum::<u64>() as f64;
    assert!((6.0..10.1).contains(&ring), "a ring lasts {ring} s");
    let lost = UNANSWERED / (1.0 - UNANSWERED) * (ring + BACK);
    Line { handling: Duration::from_secs_f64(HANDLING + lost), ..too_many() }
}

/// The mean of many days: at this load one day differs from the next by nine points, and so would any single one from the theory.
#[test]
fn two_hours_at_a_hundred_and_ten_percent_reach_the_level_of_erlang_a() {
    let days: Vec<Figures> = (1..=DAYS).map(|seed| two_hours(demand_of(&too_many(), seed))).collect();
    let levels: Vec<f64> = days.iter().map(|day| day.all().level(LEVEL)).collect();
    let (mean, deviation) = mean_and_deviation(&levels);
    let expected = with_lost_rings(&days).steady().unwrap().answered_within(LEVEL);
    println!("level {mean:.4} +- {:.4} (days differ by {deviation:.3}), Erlang A {expected:.4}", deviation / (DAYS as f64).sqrt());
    assert!((mean - expected).abs() < 0.03, "{mean} instead of {expected}");
}

/// Whom a seat takes does not change how many wait as long as all are alike, only who they are: what holds for the whole is Erlang A's.
#[test]
fn two_hours_at_a_hundred_and_ten_percent_keep_the_order_in_each_priority_and_lose_as_many_as_erlang_a_says() {
    let mixed = |seed| {
        let demand = demand_of(&too_many(), seed);
        let class = |(priority, share): (Priority, f64)| {
            let mut class = demand.classes[0].clone();
            class.name = format!("{priority:?}");
            class.profile.priority = priority;
            class.arrivals = Arrivals::per_hour(too_many().per_hour * share);
            class
        };
        let classes = [(Priority::Urgent, 0.1), (Priority::Important, 0.2), (Priority::Ordinary, 0.7)].map(class).to_vec();
        two_hours(Demand { classes, ..demand })
    };
    let days: Vec<Figures> = (1..=DAYS).map(mixed).collect();
    let lost: Vec<f64> = days.iter().map(|day| day.all().share_abandoned()).collect();
    let (mean, deviation) = mean_and_deviation(&lost);
    let expected = with_lost_rings(&days).steady().unwrap().abandoned();
    println!("lost {mean:.4} +- {:.4}, Erlang A {expected:.4}", deviation / (DAYS as f64).sqrt());
    assert!((mean - expected).abs() < 0.01, "{mean} instead of {expected}");
    let level = |class: usize| days.iter().map(|day| day.classes[class].level(LEVEL)).sum::<f64>() / DAYS as f64;
    assert!(level(0) > level(1) && level(1) > level(2), "{} {} {}", level(0), level(1), level(2));
}
