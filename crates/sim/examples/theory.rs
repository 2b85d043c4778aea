//! The long version of the tests against queueing theory: `cargo xtask theory`. The argument is how many times longer.
#![allow(clippy::print_stdout)]

use hotline_sim::theory::{Length, TheoryError, cases, measure, pooling};

fn main() -> Result<(), TheoryError> {
    let times: u32 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    let length = Length { batches: 32, callers: 20_000 * times };
    println!("{:36} {:20} {:>10} {:>10} {:>9} {:>6} {:>6}", "case", "figure", "expected", "estimate", "se", "z", "memory");
    for (case, seed) in cases().iter().zip(1..) {
        for row in measure(case, seed, length)? {
            let z = row.z();
            println!(
                "{:36} {:20} {:10.5} {:10.5} {:9.5} {z:6.2} {:6.2}",
                row.case, row.figure, row.expected, row.estimate, row.error, row.memory
            );
        }
    }
    for load in [84.0, 77.4] {
        for skills in [1, 2, 3, 6] {
            let p = pooling(skills, load, 9, length)?;
            println!("9: load {load} {p:?}");
        }
    }
    Ok(())
}
