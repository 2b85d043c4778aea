use crate::day::Figures;
use crate::erlang::{Line, Steady};
use std::fmt;
use std::time::Duration;

/// A line and what is measured of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its number in the list of published figures, and what is special.
    pub name: String,
    /// The line.
    pub line: Line,
    /// What is measured.
    pub quantities: Vec<Quantity>,
}

/// A figure that theory and simulation both know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// Share of callers refused.
    Blocked,
    /// Share of those who enter that hang up.
    Abandoned,
    /// Share of those who enter that wait.
    Delayed,
    /// Mean wait of those who enter.
    MeanWait,
    /// The wait that this share of the answered does not exceed.
    Quantile(f64),
    /// Callers who wait on average.
    InLine,
    /// Occupancy.
    Occupancy,
    /// Share of those who come that are answered within the limit.
    Level(Duration),
    /// Share of those who are answered that are answered within the limit.
    LevelOfServed(Duration),
}

impl Quantity {
    /// What theory says.
    pub fn expected(&self, steady: &Steady) -> f64 {
        match *self {
            Self::Blocked => steady.blocked(),
            Self::Abandoned => steady.abandoned(),
            Self::Delayed => steady.delayed(),
            Self::MeanWait => steady.mean_wait(),
            Self::Quantile(share) => steady.quantile(share),
            Self::InLine => steady.in_line(),
            Self::Occupancy => steady.occupancy(),
            Self::Level(limit) => steady.answered_within(limit),
            Self::LevelOfServed(limit) => steady.answered_within_of_answered(limit),
        }
    }

    /// What happened.
    pub fn measured(&self, figures: &Figures) -> f64 {
        let all = figures.all();
        match *self {
            Self::Blocked => all.share_blocked(),
            Self::Abandoned => all.share_abandoned(),
            Self::Delayed => all.share_delayed(),
            Self::MeanWait => all.mean_wait(),
            Self::Quantile(share) => all.served.quantile(share).as_secs_f64(),
            Self::InLine => figures.mean_in_line(),
            Self::Occupancy => figures.occupancy(),
            Self::Level(limit) => all.level(limit),
            Self::LevelOfServed(limit) => all.level_of_served(limit),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocked => f.write_str("P(blocked)"),
            Self::Abandoned => f.write_str("P(abandoned)"),
            Self::Delayed => f.write_str("P(W>0)"),
            Self::MeanWait => f.write_str("E[W], s"),
            Self::Quantile(share) => write!(f, "{:.0} % wait, s", share * 100.0),
            Self::InLine => f.write_str("in line"),
            Self::Occupancy => f.write_str("occupancy"),
            Self::Level(limit) => write!(f, "answered <= {} s", limit.as_secs()),
            Self::LevelOfServed(limit) => write!(f, "of answered <= {} s", limit.as_secs()),
        }
    }
}

const S20: Duration = Duration::from_secs(20);
const S30: Duration = Duration::from_secs(30);

/// The published lines 1 to 8: M/M/n, M/M/n+M, M/M/n/r+M and M/M/n/r.
pub fn cases() -> Vec<Case> {
    use Quantity::{Abandoned, Blocked, Delayed, InLine, Level, LevelOfServed, MeanWait, Occupancy, Quantile};
    let hour = 48.0 * 60.0;
    let mut cases = vec![
        case("1: 50 seats, nobody hangs up", (hour, 60, None, 50, None), &[Delayed, MeanWait, Quantile(0.9), InLine, Occupancy]),
        case("2: patience 2 min", (hour, 60, Some(120), 50, None), &[Abandoned, MeanWait, InLine, Occupancy, Level(S20), Delayed]),
        case("3: 80/20, 14 seats", (200.0, 180, None, 14, None), &[Level(S20), Delayed, Occupancy, MeanWait]),
        case("4: 80/20, 74 seats", (1000.0, 240, None, 74, None), &[Level(S20), MeanWait]),
    ];
    for (seats, goal) in [(73, 80), (77, 95), (80, 98)] {
        cases.push(case(&format!("4: {goal}/30, {seats} seats"), (1000.0, 240, None, seats, None), &[Level(S30), MeanWait]));
    }
    for (seats, goal) in [(310, 80), (317, 95), (321, 98)] {
        cases.push(case(&format!("5: {goal}/30, {seats} seats"), (3600.0, 300, None, seats, None), &[Level(S30), MeanWait]));
    }
    for seats in [67, 70] {
        let line = (1000.0, 240, Some(120), seats, None);
        cases.push(case(&format!("6: patience 2 min, {seats} seats"), line, &[Abandoned, MeanWait, Level(S30), LevelOfServed(S30)]));
    }
    let line = (102.0, 3600, Some(3600), 100, Some(200));
    cases.push(case("7: 100 seats, 200 places, patience", line, &[Delayed, Abandoned, MeanWait, Occupancy]));
    for load in [84.0, 77.4, 90.0] {
        let line = (load * 6.0, 600, None, 90, Some(30));
        cases.push(case(&format!("8: 90 seats, 30 places, load {load}"), line, &[Blocked, MeanWait, LevelOfServed(S30)]));
    }
    cases
}

/// A line by callers an hour, mean handling and patience in seconds, seats and places.
fn case(name: &str, line: (f64, u64, Option<u64>, u32, Option<u32>), quantities: &[Quantity]) -> Case {
    let (per_hour, handling, patience, seats, places) = line;
    let (handling, patience) = (Duration::from_secs(handling), patience.map(Duration::from_secs));
    Case { name: name.into(), line: Line { per_hour, handling, patience, seats, places }, quantities: quantities.to_vec() }
}
