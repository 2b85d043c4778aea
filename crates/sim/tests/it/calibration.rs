//! What callers are told of their wait comes true as often as it says, and nothing is told that could not (R75).
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use hotline_model::history::Untold;
use hotline_model::{Intent, SeatId};
use hotline_router::Calibration;
use hotline_sim::calibration::{foretold, report};
use hotline_sim::day::{Demand, Foretold, Shift, Spread};
use hotline_sim::erlang::Line;
use hotline_sim::theory::{demand_of, hall};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

fn demand(seats: u32, per_hour: f64, patience: Option<u64>, seed: u64) -> Demand {
    let patience = patience.map(Duration::from_secs);
    demand_of(&Line { per_hour, handling: Duration::from_secs(180), patience, seats, places: None }, seed)
}

fn steady(seats: u32, demand: Demand, hours: u32) -> Foretold {
    foretold(hall(seats, None).unwrap(), demand, HOUR, HOUR * hours)
}

fn assert_honest(name: &str, of: &Calibration) {
    let inside = of.share_inside().unwrap();
    assert!((0.7..=0.9).contains(&inside), "{name}: {inside} of {} inside", of.answered);
    assert!(of.share_later().unwrap() < 0.35, "{name}: {of:?}");
}

#[test]
fn four_of_five_waits_lie_in_the_interval_under_a_steady_load() {
    for (seats, per_hour, patience) in [(40, 900.0, Some(300)), (10, 220.0, Some(300)), (10, 190.0, None), (3, 70.0, Some(600))] {
        for seed in [1, 2] {
            let told = steady(seats, demand(seats, per_hour, patience, seed), 60);
            // Those far back are few episodes of a long line, in which all come out alike.
            for (bucket, of) in told.by_position[..4].iter().enumerate().filter(|(_, of)| of.answered >= 1000) {
                assert_honest(&format!("{seats} seats, seed {seed}, bucket {bucket}"), of);
            }
            told.by_age.iter().for_each(|of| assert_honest(&format!("{seats} seats, seed {seed}"), of));
        }
    }
}

#[test]
fn conversations_that_vary_less_give_a_narrower_interval_that_still_holds() {
    let mut demand = demand(40, 900.0, Some(300), 3);
    demand.classes[0].handling = Spread::LogNormal { mean: Duration::from_secs(180), deviation: Duration::from_secs(108) };
    let told = steady(40, demand, 12);
    told.by_age.iter().for_each(|of| assert_honest("log-normal", of));
}

#[test]
fn a_working_day_with_peaks_shifts_priorities_and_shared_seats_is_told_honestly() {
    let told = report(1).unwrap().foretold;
    let all = told.by_age;
    let sum = |of: fn(&Calibration) -> u64| all.iter().map(of).sum::<u64>() as f64;
    let (answered, inside, later) = (sum(|of| of.answered), sum(|of| of.inside), sum(|of| of.later));
    assert!(answered > 2000.0 && (0.7..=0.9).contains(&(inside / answered)) && later / answered < 0.2, "{all:?}");
}

#[test]
fn at_a_cold_start_nothing_is_told() {
    let told = foretold(hall(10, None).unwrap(), demand(10, 400.0, None, 1), Duration::ZERO, Duration::from_secs(300));
    assert!(told.untold[&Untold::TooFew] > 0);
    let (first, _) = told.log.iter().find(|(_, wait)| wait.is_ok()).unwrap();
    let answered_before = told.log.iter().filter(|(at, _)| at < first).count();
    assert!(answered_before >= 10, "{answered_before} callers had heard nothing before");
}

#[test]
fn while_nobody_is_signed_in_and_after_a_sudden_loss_of_half_the_seats_nothing_is_told() {
    let mut demand = demand(20, 450.0, Some(300), 1);
    let at = |hours: u32, seat, intent| Shift { at: HOUR * hours, seat: SeatId(seat), intent };
    demand.rota = (0..10).map(|seat| at(2, seat, Intent::SignedOut)).chain((10..20).map(|seat| at(3, seat, Intent::SignedOut))).collect();
    let told = foretold(hall(20, None).unwrap(), demand, HOUR, HOUR * 4);
    let minutes = |from: u64, to: u64| {
        let within = move |at: i64| (from * 60_000_000..to * 60_000_000).contains(&(at as u64));
        told.log.iter().filter(move |(at, _)| within(at.0)).map(|(_, wait)| wait.err())
    };
    assert!(minutes(110, 120).all(|untold| untold.is_none()), "a steady line is told");
    assert!(minutes(121, 123).count() > 20 && minutes(121, 123).all(|untold| untold == Some(Untold::SeatsChanged)), "half the seats went");
    assert!(minutes(130, 179).all(|untold| untold.is_none()), "that is usual by then");
    assert!(minutes(181, 239).count() > 20 && minutes(181, 239).all(|untold| untold == Some(Untold::NobodySignedIn)), "nobody is there");
}

#[test]
fn the_report_names_the_buckets_and_is_the_same_each_time() {
    let text = report(2).unwrap().to_string();
    assert_eq!(text, report(2).unwrap().to_string());
    for part in ["0 ahead", "1 to 2 ahead", "11 or more ahead", "inside", "later", "median error", "as they came", "told no time"] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}
