//! What `cargo xtask soak` is held against: `soak MINUTES CALLERS_PER_HOUR HANDLING_S TALK_S PATIENCE_S RING_S UNANSWERED URGENT RUNS`,
//! the two before the last as shares. First what Erlang-A expects of such callers before 50 seats, then how far runs of that length, on the virtual clock and with the soak's own
//! rules, lie from what Erlang-A expects of the figures measured in each of them. A line is a name and a number.
#![allow(clippy::print_stdout)]

use hotline_model::{LanguageId, Priority, Profile, QueueId, Timestamp};
use hotline_rules::{Diagnostic, Plan, Source, load};
use hotline_sim::day::{AgentHabits, Arrivals, CallerClass, Day, Demand, End, Ended, SeatFigures, Spread, mean_and_deviation};
use hotline_sim::erlang::Line;
use std::sync::Arc;
use std::time::Duration;

const RULES: &str = include_str!("../../../fixtures/soak/rules.toml");
const SEATS: u32 = 50;
const LIMIT: Duration = Duration::from_secs(30);
const WARM_UP: Duration = Duration::from_secs(30 * 60);
/// By then whoever came in time was answered or has hung up.
const LAST_WAITS: Duration = Duration::from_secs(3600);

/// The callers of a run, as they were measured.
#[derive(Clone, Copy)]
struct Measured {
    per_hour: f64,
    handling: Duration,
    patience: Duration,
}

impl Measured {
    /// The share answered within the limit. A seat is taken as it begins to ring, so that the wait ends there.
    fn level(self, ring: Duration) -> f64 {
        let Self { per_hour, handling, patience } = self;
        let line = Line { per_hour, handling, patience: Some(patience), seats: SEATS, places: None };
        line.steady().map_or(f64::NAN, |steady| steady.answered_within(LIMIT.saturating_sub(ring)))
    }
}

/// Callers and agents of the soak.
#[derive(Clone, Copy)]
struct Soak {
    lasts: Duration,
    callers: Measured,
    talk: Duration,
    ring: Duration,
    unanswered: f64,
}

fn main() -> Result<(), String> {
    let arguments: Vec<f64> = std::env::args().skip(1).map_while(|text| text.parse().ok()).collect();
    let [minutes, per_hour, handling, talk, patience, ring, unanswered, urgent, runs] = arguments[..] else {
        return Err("soak MINUTES CALLERS_PER_HOUR HANDLING_S TALK_S PATIENCE_S RING_S UNANSWERED URGENT RUNS".into());
    };
    let seconds = Duration::from_secs_f64;
    let callers = Measured { per_hour, handling: seconds(handling), patience: seconds(patience) };
    let soak = Soak { lasts: seconds(minutes * 60.0), callers, talk: seconds(talk), ring: seconds(ring), unanswered };
    let plan = Arc::new(plan().map_err(|wrong| format!("{wrong:?}"))?);
    println!("erlang_a {:.5}", callers.level(soak.ring));
    for (name, urgent) in [("one_priority", 0.0), ("two_priorities", urgent)] {
        let differences: Vec<f64> = (1..=runs as u64).map(|seed| soak.difference(&plan, seed, urgent)).collect();
        let (mean, deviation) = mean_and_deviation(&differences);
        println!("{name}_difference {mean:.5}\n{name}_difference_deviation {deviation:.5}");
    }
    Ok(())
}

fn plan() -> Result<Plan, Vec<Diagnostic>> {
    let text = RULES.replace("{seats}", "5060");
    load(&[Source { path: "rules.toml".into(), text }], None).map(|loaded| loaded.plan)
}

impl Soak {
    fn demand(&self, seed: u64, urgent: f64) -> Demand {
        let class = |priority: Priority, share: f64| CallerClass {
            name: format!("{priority:?}"),
            queue: QueueId(0),
            profile: Profile { priority, ..Profile::unknown(LanguageId(0)) },
            arrivals: Arrivals::per_hour(self.callers.per_hour * share),
            handling: Spread::Exponential { mean: self.talk },
            patience: Some(Spread::Exponential { mean: self.callers.patience }),
        };
        let classes = vec![class(Priority::Urgent, urgent), class(Priority::Ordinary, 1.0 - urgent)];
        let agents = AgentHabits { answer_after: Spread::Fixed(self.ring), unanswered: self.unanswered, ..AgentHabits::default() };
        Demand { seed, classes, agents, rota: Vec::new() }
    }

    /// The level of a run, less what Erlang-A expects of the figures that are measured in it.
    fn difference(&self, plan: &Arc<Plan>, seed: u64, urgent: f64) -> f64 {
        let mut day = Day::new(plan.clone(), self.demand(seed, urgent));
        day.run_until(WARM_UP);
        day.take();
        let mut ended: Vec<Ended> = Vec::new();
        day.run_telling(WARM_UP + self.lasts, &mut |one| ended.push(*one));
        let taken: Duration = day.take().seats.iter().map(|seat: &SeatFigures| seat.signed_in() - seat.ready).sum();
        let is_served = |one: &&Ended| matches!(one.end, End::Served(_));
        let served = ended.iter().filter(is_served).count() as u32;
        let left = ended.len() as u32 - served;
        let waited: Duration =
            ended.iter().map(|one| one.waited.saturating_sub(if is_served(&one) { self.ring } else { Duration::ZERO })).sum();
        day.run_telling(WARM_UP + self.lasts + LAST_WAITS, &mut |one| ended.push(*one));
        let begins = Timestamp(0) + WARM_UP;
        ended.retain(|one| one.arrived >= begins && one.arrived < begins + self.lasts);
        let in_time = ended.iter().filter(is_served).filter(|one| one.waited <= LIMIT).count();
        let per_hour = ended.len() as f64 / self.lasts.as_secs_f64() * 3600.0;
        let measured = Measured { per_hour, handling: taken / served.max(1), patience: waited / left.max(1) };
        in_time as f64 / ended.len() as f64 - measured.level(self.ring)
    }
}
