//! `cargo xtask calibration [SEED]`: announced waits against what came true, over one day.
#![allow(clippy::print_stdout)]

use hotline_sim::calibration::report;
use hotline_sim::theory::RulesError;

fn main() -> Result<(), RulesError> {
    let seed = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    print!("{}", report(seed)?);
    Ok(())
}
