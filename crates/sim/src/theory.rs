//! Queueing theory against the real router: known lines are simulated on days of the virtual clock, and what is measured stands beside
//! what the formulas of [`crate::erlang`] expect, with its standard error from the means of many batches.

mod cases;
pub(crate) mod rules;
mod skills;

pub use cases::{Case, Quantity, cases};
pub use rules::{RulesError, hall};
pub use skills::{Pooling, pooling};

use crate::day::{AgentHabits, Arrivals, CallerClass, Day, Demand, Figures, Spread, mean_and_deviation};
use crate::erlang::{Line, Steady};
use hotline_model::{LanguageId, Profile, QueueId};
use std::sync::Arc;
use std::time::Duration;

/// How long a line is simulated: one batch to warm up, then so many that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// Batches; their means are taken as independent, so a batch must be long against the line's memory.
    pub batches: u32,
    /// Callers a batch, on average.
    pub callers: u32,
}

/// One figure, measured and expected.
#[derive(Clone, Debug)]
pub struct Row {
    /// The case.
    pub case: String,
    /// The figure, with its unit.
    pub figure: String,
    /// What theory expects.
    pub expected: f64,
    /// The mean over the batches.
    pub estimate: f64,
    /// The standard error of that mean.
    pub error: f64,
    /// How far neighbouring batches go together, -1 to 1: near 0 if the batches are long enough for `error` to be believed.
    pub memory: f64,
}

impl Row {
    /// How many standard errors the estimate lies above what is expected.
    pub fn z(&self) -> f64 {
        (self.estimate - self.expected) / self.error
    }
}

/// Simulates a case and measures its figures.
///
/// # Errors
/// The line has no steady state, or its rules are wrong: the case makes no sense.
pub fn measure(case: &Case, seed: u64, length: Length) -> Result<Vec<Row>, TheoryError> {
    let steady = case.line.steady().ok_or(TheoryError::Unstable)?;
    let mut day = Day::new(Arc::new(hall(case.line.seats, case.line.places)?), demand_of(&case.line, seed));
    let batches = batches(&mut day, case.line.per_hour, length);
    let row = |quantity: &Quantity| row(case, quantity, &steady, &batches);
    Ok(case.quantities.iter().map(row).collect())
}

/// Why a case can't be measured.
#[derive(Debug)]
pub enum TheoryError {
    /// The line grows for ever.
    Unstable,
    /// The rules written for it are wrong.
    Rules(RulesError),
}

impl From<RulesError> for TheoryError {
    fn from(error: RulesError) -> Self {
        Self::Rules(error)
    }
}

impl std::fmt::Display for TheoryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unstable => f.write_str("the line grows for ever"),
            Self::Rules(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for TheoryError {}

/// The callers of a line.
pub fn demand_of(line: &Line, seed: u64) -> Demand {
    let class = CallerClass {
        name: "callers".into(),
        queue: QueueId(0),
        profile: Profile::unknown(LanguageId(0)),
        arrivals: Arrivals::per_hour(line.per_hour),
        handling: Spread::Exponential { mean: line.handling },
        patience: line.patience.map(|mean| Spread::Exponential { mean }),
    };
    Demand { seed, classes: vec![class], agents: AgentHabits::default(), rota: Vec::new() }
}

/// The figures of each batch after the warm-up.
fn batches(day: &mut Day, per_hour: f64, length: Length) -> Vec<Figures> {
    let batch = Duration::from_secs_f64(f64::from(length.callers) * 3600.0 / per_hour);
    day.run_until(batch);
    day.take();
    let one = |count: u32| {
        day.run_until(batch * (count + 2));
        day.take()
    };
    (0..length.batches).map(one).collect()
}

fn row(case: &Case, quantity: &Quantity, steady: &Steady, batches: &[Figures]) -> Row {
    let values: Vec<f64> = batches.iter().map(|figures| quantity.measured(figures)).collect();
    let (estimate, error, memory) = mean_error_memory(&values);
    Row { case: case.name.clone(), figure: quantity.to_string(), expected: quantity.expected(steady), estimate, error, memory }
}

/// The mean of batch means, its standard error, and the correlation of neighbours.
fn mean_error_memory(values: &[f64]) -> (f64, f64, f64) {
    let (mean, deviation) = mean_and_deviation(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let products: f64 = values.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum();
    (mean, deviation / (values.len() as f64).sqrt(), if squares > 0.0 { products / squares } else { 0.0 })
}
