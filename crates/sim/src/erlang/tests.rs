use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Equal to as many digits as the published figure has: half a unit of the last one, and a little for a published one that was cut.
fn equal(found: f64, published: f64, digits: i32) {
    let unit = 10f64.powi(-digits);
    assert!((found - published).abs() <= 0.51 * unit, "{found} instead of {published}");
}

fn steady(per_hour: f64, handling: u64, patience: Option<u64>, seats: u32, places: Option<u32>) -> Steady {
    Line { per_hour, handling: seconds(handling), patience: patience.map(seconds), seats, places }.steady().unwrap()
}

#[test]
fn erlang_b_and_c_have_their_textbook_values() {
    equal(erlang_b(5.0, 10), 0.018_385, 6);
    equal(erlang_c(8.0, 10), 0.409_180, 6);
    assert_eq!((erlang_b(3.0, 0), erlang_c(10.0, 10)), (1.0, 1.0));
}

#[test]
fn the_birth_death_process_contains_erlang_b_and_erlang_c() {
    let loss = steady(300.0, 60, None, 10, Some(0));
    equal(loss.blocked(), erlang_b(5.0, 10), 12);
    let endless = steady(480.0, 60, None, 10, None);
    equal(endless.delayed(), erlang_c(8.0, 10), 12);
    equal(endless.mean_wait(), erlang_c(8.0, 10) * 60.0 / 2.0, 9);
    equal(endless.answered_within(seconds(20)), 1.0 - erlang_c(8.0, 10) * (-20.0 * 2.0 / 60.0f64).exp(), 9);
}

#[test]
fn a_line_that_grows_for_ever_has_no_steady_state_unless_callers_hang_up_or_are_refused() {
    let line = Line { per_hour: 3000.0, handling: MINUTE, patience: None, seats: 50, places: None };
    assert!(line.steady().is_none());
    assert!(Line { patience: Some(MINUTE), ..line }.steady().is_some());
    assert!(Line { places: Some(3), ..line }.steady().is_some());
}

#[test]
fn fifty_seats_with_patient_callers_are_as_published() {
    let line = steady(48.0 * 60.0, 60, None, 50, None);
    equal(line.delayed(), 0.6945, 4);
    equal(line.mean_wait(), 20.83, 2);
    equal(line.quantile(0.9), 58.1, 1);
    equal(line.in_line(), 16.7, 1);
    equal(line.occupancy(), 0.960, 3);
}

#[test]
fn fifty_seats_with_impatient_callers_are_as_published() {
    let line = steady(48.0 * 60.0, 60, Some(120), 50, None);
    equal(line.abandoned(), 0.0309, 4);
    equal(line.mean_wait(), 3.71, 2);
    equal(line.in_line(), 2.97, 2);
    equal(line.occupancy(), 0.930, 3);
    equal(line.answered_within(seconds(20)), 0.943, 3);
    equal(line.delayed(), 0.4678, 4);
}

#[test]
fn staffing_by_erlang_c_is_as_published() {
    let needed = |per_hour, handling, limit, share| seats_needed(per_hour, seconds(handling), seconds(limit), share).unwrap();
    let expect = |found: (u32, f64), seats, level, digits| {
        assert_eq!(found.0, seats);
        equal(found.1, level, digits);
    };
    expect(needed(200.0, 180, 20, 0.8), 14, 0.888_350, 6);
    expect(needed(1000.0, 240, 20, 0.8), 74, 0.8461, 4);
    expect(needed(1000.0, 240, 30, 0.8), 73, 0.8441, 4);
    expect(needed(1000.0, 240, 30, 0.95), 77, 0.9584, 4);
    expect(needed(1000.0, 240, 30, 0.98), 80, 0.9858, 4);
    expect(needed(3600.0, 300, 30, 0.8), 310, 0.8323, 4);
    expect(needed(3600.0, 300, 30, 0.95), 317, 0.9564, 4);
    expect(needed(3600.0, 300, 30, 0.98), 321, 0.9806, 4);
    assert_eq!(seats_needed(1e9, seconds(3600), seconds(30), 0.8), None);
}

#[test]
fn waits_by_erlang_c_are_as_published() {
    let small = steady(200.0, 180, None, 14, None);
    equal(small.delayed(), 0.174_132, 6);
    equal(small.occupancy(), 0.714_286, 6);
    equal(small.mean_wait(), 7.836, 3);
    equal(steady(1000.0, 240, None, 74, None).mean_wait(), 9.28, 2);
    equal(steady(1000.0, 240, None, 73, None).mean_wait(), 13.04, 2);
    equal(steady(1000.0, 240, None, 77, None).mean_wait(), 3.52, 2);
    equal(steady(3600.0, 300, None, 317, None).mean_wait(), 4.21, 2);
}

#[test]
fn staffing_with_impatient_callers_is_as_published() {
    for (seats, abandoned, wait, of_offered, of_served) in [(67, 0.0546, 6.55, 0.8941, 0.9457), (70, 0.0350, 4.19, 0.9374, 0.9714)] {
        let line = steady(1000.0, 240, Some(120), seats, None);
        equal(line.abandoned(), abandoned, 4);
        equal(line.mean_wait(), wait, 2);
        equal(line.answered_within(seconds(30)), of_offered, 4);
        equal(line.answered_within_of_answered(seconds(30)), of_served, 4);
    }
}

#[test]
fn a_hundred_seats_with_places_and_impatience_are_as_published() {
    let line = steady(102.0, 3600, Some(3600), 100, Some(200));
    equal(line.delayed(), 0.591_72, 5);
    equal(line.abandoned(), 0.049_92, 5);
    equal(line.mean_wait() / 3600.0, 0.049_92, 5);
    equal(line.occupancy(), 0.969_08, 5);
}

#[test]
fn ninety_seats_with_thirty_places_are_as_published() {
    let rows = [(84.0, 0.00364, 0.4500, 0.7329), (77.4, 0.00017, 0.0828, 0.9423), (90.0, 0.02349, 1.2430, 0.3865)];
    for (load, blocked, wait, level) in rows {
        let line = steady(load * 6.0, 600, None, 90, Some(30));
        equal(line.blocked(), blocked, 5);
        equal(line.mean_wait() / 60.0, wait, 4);
        equal(line.answered_within_of_answered(seconds(30)), level, 4);
    }
}

#[test]
fn pooling_six_groups_of_sixteen_more_than_doubles_the_level() {
    equal(steady(90.0, 600, None, 16, None).answered_within(seconds(30)), 0.3055, 4);
    equal(steady(540.0, 600, None, 96, None).answered_within(seconds(30)), 0.6848, 4);
}
