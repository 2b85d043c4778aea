//! `cargo xtask theory [TIMES [CASE [SEED]]]`: the long version of the tests against queueing theory. TIMES is how many times 1,280,000
//! callers (10 if not given), CASE how the name of a case begins, SEED is added to each case's own.
#![allow(clippy::print_stdout)]

use hotline_sim::theory::{Case, Length, Pooling, Row, TheoryError, cases, measure, pooling};

fn main() -> Result<(), TheoryError> {
    let mut arguments = std::env::args().skip(1);
    let times = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(10);
    let wanted = arguments.next().unwrap_or_default();
    let more: u64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(0);
    let length = Length { batches: 64, callers: 20_000 * times };
    println!("{:36}{:22}{:>11}{:>11}{:>10}{:>7}{:>8}", "case", "figure", "expected", "estimate", "se", "z", "memory");
    let (mut all, mut beyond) = (0, 0);
    for (case, seed) in cases().iter().zip(1 + more..).filter(|(case, _)| case.name.starts_with(&wanted)) {
        let mut rows = measured(case, seed, length)?;
        if rows.iter().any(is_beyond) {
            println!("{AGAIN}");
            rows = measured(case, seed, Length { callers: length.callers * 4, ..length })?;
        }
        all += rows.len();
        beyond += rows.iter().filter(|row| is_beyond(row)).count();
    }
    if "9".starts_with(&wanted) {
        for load in [84.0, 77.4] {
            pooled(load, 9 + more, length)?;
        }
    }
    println!("{beyond} of {all} figures beyond three standard errors");
    Ok(())
}

/// Of fifty figures one is beyond three standard errors in every sixth run, if nothing is wrong at all. The same seed goes on where the
/// shorter run ended: what was chance shrinks to half of its standard errors, what is wrong doubles.
const AGAIN: &str =
    "  beyond three standard errors, as chance alone puts one of 300: again over four times as many callers, of which these are the first";

fn is_beyond(row: &Row) -> bool {
    row.z().abs() >= 3.0
}

fn measured(case: &Case, seed: u64, length: Length) -> Result<Vec<Row>, TheoryError> {
    let rows = measure(case, seed, length)?;
    for Row { case, figure, expected, estimate, error, memory } in &rows {
        let z = (estimate - expected) / error;
        println!("{case:36}{figure:22}{expected:11.5}{estimate:11.5}{error:10.5}{z:7.2}{memory:8.2}");
    }
    Ok(rows)
}

fn pooled(load: f64, seed: u64, length: Length) -> Result<(), TheoryError> {
    let all = [1, 2, 3, 6].map(|skills| pooling(skills, load, seed, length));
    let [one, two, three, six] = all;
    let (one, six) = (one?, six?);
    println!("9: 90 seats, 30 places, 6 kinds of callers, load {load}");
    for some in [one, two?, three?, six] {
        let part = |figure: fn(&Pooling) -> f64| (figure(&one) - figure(&some)) / (figure(&one) - figure(&six)) * 100.0;
        let ((blocked, b), (wait, w), (level, l)) = (some.blocked, some.mean_wait, some.level);
        println!(
            "  {} skills: blocked {blocked:.5} +- {b:.5}, E[W] {wait:.2} +- {w:.2} s, in 30 s {level:.4} +- {l:.4}; {:.0} % and {:.0} % of the gain",
            some.skills,
            part(|pooling| pooling.mean_wait.0),
            part(|pooling| pooling.level.0)
        );
    }
    Ok(())
}
