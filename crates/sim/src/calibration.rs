//! Announced waits against what came true, over a day with a morning's peak, agents who come and go, two queues that share seats, and
//! urgent callers who go first.

use crate::day::{AgentHabits, Arrivals, CallerClass, Day, Demand, Foretold, POSITIONS, Shift, Spread};
use crate::theory::{RulesError, rules};
use hotline_model::{Intent, LanguageId, NotReadyReason, Priority, Profile, QueueId, SeatId};
use hotline_router::Calibration;
use hotline_rules::Plan;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How often a waiting caller is told.
const EVERY: Duration = Duration::from_secs(30);
/// Callers an hour from each full hour after opening on.
const PER_HOUR: [f64; 10] = [300.0, 560.0, 620.0, 520.0, 420.0, 400.0, 520.0, 500.0, 420.0, 260.0];
const SEATS: u32 = 40;
const HOUR: Duration = Duration::from_secs(3600);

/// A day's calibration, for people to read.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was told and came true.
    pub foretold: Foretold,
}

/// One day of announcements.
///
/// # Errors
/// The rules written for it are wrong.
pub fn report(seed: u64) -> Result<Report, RulesError> {
    let (lasts, plan, demand) = working_day(seed)?;
    Ok(Report { foretold: foretold(plan, demand, Duration::ZERO, lasts) })
}

/// Lets a day pass in which callers are told the expected wait from `from` on.
pub fn foretold(plan: Plan, demand: Demand, from: Duration, lasts: Duration) -> Foretold {
    let mut day = Day::new(Arc::new(plan), demand);
    day.run_until(from);
    day.foretell(EVERY);
    day.run_until(lasts);
    day.run_out();
    day.take_foretold()
}

/// A day with a peak in the morning: how long it lasts, its rules, and who calls. Agents come in two shifts, rest at noon in two halves
/// and leave one by one; a third of them serve both queues.
///
/// # Errors
/// The rules written for it are wrong.
pub fn working_day(seed: u64) -> Result<(Duration, Plan, Demand), RulesError> {
    let kinds = [
        ("service", 0, Priority::Ordinary, 0.62, 200),
        ("service urgent", 0, Priority::Urgent, 0.06, 260),
        ("technical", 1, Priority::Ordinary, 0.26, 320),
        ("technical important", 1, Priority::Important, 0.06, 320),
    ];
    let class = |(name, queue, priority, share, handling): (&str, u16, Priority, f64, u64)| {
        let hourly = PER_HOUR.iter().zip(0u32..).map(|(rate, hour)| (HOUR * hour, rate * share));
        let mean = Duration::from_secs(handling);
        CallerClass {
            name: name.into(),
            queue: QueueId(queue),
            profile: Profile { priority, ..Profile::unknown(LanguageId(0)) },
            arrivals: Arrivals::Poisson(hourly.collect()),
            handling: Spread::LogNormal { mean, deviation: mean.mul_f64(0.8) },
            patience: Some(Spread::exponential(420.0)),
        }
    };
    let agents = AgentHabits {
        answer_after: Spread::LogNormal { mean: Duration::from_secs(3), deviation: Duration::from_secs(2) },
        unanswered: 0.02,
        back_after: Spread::exponential(20.0),
        wrap_up: None,
    };
    let demand = Demand { seed, classes: kinds.map(class).into(), agents, rota: rota() };
    Ok((HOUR * 10, plan()?, demand))
}

fn plan() -> Result<Plan, RulesError> {
    let mut text = "[[number]]\nname = \"hotline\"\nqueue = \"service\"\n".to_owned();
    for (queue, overflow) in [("service", "technical"), ("technical", "service")] {
        text += &format!("[[skill]]\nname = \"{queue}\"\n[[queue]]\nname = \"{queue}\"\nwrap_up = \"20s\"\nlimit = 200\n");
        text += &format!("overflow = \"{overflow}\"\n[[queue.step]]\nrequires = \"{queue} >= 5\"\n");
        text += &format!("[[queue.step]]\nafter = \"15s\"\nrequires = \"{queue} >= 2\"\n");
    }
    for id in 0..SEATS {
        let skills = match id % 6 {
            0..3 => "service = 7",
            3 => "technical = 7",
            4 => "service = 6, technical = 6",
            _ => "technical = 6, service = 3",
        };
        rules::seat(&mut text, id, skills);
    }
    rules::read(text)
}

/// Half the agents are there from the start, the others come within half an hour; a rest of 40 minutes each around noon.
fn rota() -> Vec<Shift> {
    let minutes = |minutes: u32| Duration::from_secs(60) * minutes;
    let mut rota = Vec::new();
    for seat in 0..SEATS {
        let choice = |at, intent| Shift { at, seat: SeatId(seat), intent };
        if seat % 2 == 1 {
            rota.push(choice(Duration::ZERO, Intent::SignedOut));
            rota.push(choice(minutes(20 + seat), Intent::Available));
        }
        let noon = minutes(if seat % 4 < 2 { 240 } else { 290 } + seat / 4);
        rota.push(choice(noon, Intent::NotReady(NotReadyReason::Meal)));
        rota.push(choice(noon + minutes(40), Intent::Available));
        if seat % 3 == 0 {
            rota.push(choice(minutes(540 + seat), Intent::SignedOut));
        }
    }
    rota
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:22}{:>9}{:>11}{:>11}{:>11}{:>15}", "told", "answered", "inside", "before", "later", "median error")?;
        let ahead = |bucket: usize| match (bucket.checked_sub(1).map_or(0, |before| POSITIONS[before] + 1), POSITIONS.get(bucket)) {
            (from, Some(to)) if from == *to => format!("{to} ahead"),
            (from, Some(to)) => format!("{from} to {to} ahead"),
            (from, None) => format!("{from} or more ahead"),
        };
        for (bucket, calibration) in self.foretold.by_position.iter().enumerate() {
            line(f, &ahead(bucket), calibration)?;
        }
        for (name, calibration) in ["as they came", "after 30 s or more"].iter().zip(&self.foretold.by_age) {
            line(f, name, calibration)?;
        }
        writeln!(f, "told no time: {:?}", self.foretold.untold)
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, of: &Calibration) -> fmt::Result {
    let percent = |part: u64| format!("{:.1} %", part as f64 * 100.0 / of.answered.max(1) as f64);
    let error = of.median_error().map_or("-".to_owned(), |error| format!("{} s", error.as_secs()));
    writeln!(f, "{name:22}{:>9}{:>11}{:>11}{:>11}{error:>15}", of.answered, percent(of.inside), percent(of.before), percent(of.later))
}
