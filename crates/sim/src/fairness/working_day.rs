use crate::day::{AgentHabits, Arrivals, CallerClass, Demand, Spread};
use crate::theory::{RulesError, rules};
use hotline_model::{LanguageId, Priority, Profile, QueueId};
use hotline_rules::Plan;
use std::time::Duration;

/// Callers an hour from each full hour after opening on: two peaks, the first beyond what the seats can carry.
const PER_HOUR: [f64; 12] = [420.0, 560.0, 800.0, 780.0, 560.0, 480.0, 640.0, 700.0, 680.0, 560.0, 440.0, 320.0];

/// A kind of callers, and what its queue aims at.
struct Kind {
    name: &'static str,
    priority: Priority,
    /// Of all callers, in percent.
    share: u32,
    handling: u64,
    target: u64,
    weight: u8,
}

const fn kind(name: &'static str, priority: Priority, share: u32, handling: u64, (target, weight): (u64, u8)) -> Kind {
    Kind { name, priority, share, handling, target, weight }
}

/// Two of them are of the same priority, and one of these is to be served sooner.
const KINDS: [Kind; 4] = [
    kind("billing", Priority::Ordinary, 55, 180, (30, 1)),
    kind("orders", Priority::Ordinary, 25, 180, (10, 2)),
    kind("fault", Priority::Important, 14, 300, (20, 1)),
    kind("complaint", Priority::Urgent, 6, 420, (20, 2)),
];

/// A day of a hotline with fifty seats: how long it lasts, its rules, and who calls. Four kinds of callers, each with a queue that asks
/// for its skill and after a while for less of it; billing and orders share their seats, of the others most master one kind well.
pub fn working_day(seed: u64) -> (Duration, impl Fn() -> Result<Plan, RulesError>, Demand) {
    let class = |(queue, kind): (u16, &Kind)| {
        let rate = |all: &f64| all * f64::from(kind.share) / 100.0;
        let hourly = PER_HOUR.iter().zip(0u64..).map(|(all, hour)| (Duration::from_secs(hour * 3600), rate(all)));
        let mean = Duration::from_secs(kind.handling);
        CallerClass {
            name: kind.name.into(),
            queue: QueueId(queue),
            profile: Profile { priority: kind.priority, ..Profile::unknown(LanguageId(0)) },
            arrivals: Arrivals::Poisson(hourly.collect()),
            handling: Spread::LogNormal { mean, deviation: mean.mul_f64(0.8) },
            patience: Some(Spread::exponential(180.0)),
        }
    };
    let agents = AgentHabits {
        answer_after: Spread::LogNormal { mean: Duration::from_secs(3), deviation: Duration::from_secs(2) },
        unanswered: 0.02,
        back_after: Spread::exponential(20.0),
        wrap_up: None,
    };
    let classes = (0..).zip(&KINDS).map(class).collect();
    (Duration::from_secs(PER_HOUR.len() as u64 * 3600), plan, Demand { seed, classes, agents, rota: Vec::new() })
}

fn plan() -> Result<Plan, RulesError> {
    let mut text = "[[number]]\nname = \"hotline\"\nqueue = \"billing\"\n".to_owned();
    for Kind { name, target, weight, .. } in &KINDS {
        text += &format!("[[skill]]\nname = \"{name}\"\n[[queue]]\nname = \"{name}\"\nwrap_up = \"20s\"\nlimit = 200\n");
        text += &format!("target = \"{target}s\"\nweight = {weight}\n[[queue.step]]\nrequires = \"{name} >= 5\"\n");
        text += &format!("[[queue.step]]\nafter = \"15s\"\nrequires = \"{name} >= 2\"\n");
    }
    for id in 0..50 {
        let skills = match id {
            0..24 => "billing = 7, orders = 6",
            24..32 => "orders = 8, billing = 6, fault = 3",
            32..40 => "fault = 8, billing = 4",
            40..46 => "complaint = 7, orders = 6",
            _ => "billing = 6, orders = 6, fault = 6, complaint = 8",
        };
        rules::seat(&mut text, id, skills);
    }
    rules::read(text)
}
