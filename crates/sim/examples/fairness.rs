//! `cargo xtask fairness [SEED]`: one day of a hotline under each policy, side by side.
#![allow(clippy::print_stdout)]

use hotline_sim::fairness::{POLICIES, compare, working_day};
use hotline_sim::theory::RulesError;
use std::time::Duration;

fn main() -> Result<(), RulesError> {
    let seed = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    let (lasts, plan, demand) = working_day(seed);
    print!("{}", compare(plan, &demand, &POLICIES, lasts, Duration::from_secs(30))?);
    Ok(())
}
