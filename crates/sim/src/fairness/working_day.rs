use crate::day::{AgentHabits, Arrivals, CallerClass, Demand, Spread};
use crate::theory::{RulesError, rules};
use hotline_model::{LanguageId, Priority, Profile, QueueId};
use hotline_rules::Plan;
use std::time::Duration;

/// Callers an hour from each full hour after opening on: two peaks, the first beyond what the seats can carry.
const PER_HOUR: [f64; 12] = [420.0, 560.0, 760.0, 740.0, 560.0, 480.0, 640.0, 700.0, 680.0, 560.0, 440.0, 320.0];

/// A day of a hotline with fifty seats: how long it lasts, its rules, and who calls. Three kinds of callers, each with a queue that asks
/// for its skill and after a while for less of it; most seats master one kind well, some two, a few all.
pub fn working_day(seed: u64) -> (Duration, impl Fn() -> Result<Plan, RulesError>, Demand) {
    let kinds =
        [("billing", Priority::Ordinary, 0.7, 180), ("fault", Priority::Important, 0.2, 300), ("complaint", Priority::Urgent, 0.1, 420)];
    let class = |(queue, (name, priority, share, handling)): (u16, (&str, Priority, f64, u64))| {
        let hourly = PER_HOUR.iter().zip(0u64..).map(|(rate, hour)| (Duration::from_secs(hour * 3600), rate * share));
        let mean = Duration::from_secs(handling);
        CallerClass {
            name: name.into(),
            queue: QueueId(queue),
            profile: Profile { priority, ..Profile::unknown(LanguageId(0)) },
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
    let classes = (0..).zip(kinds).map(class).collect();
    (Duration::from_secs(PER_HOUR.len() as u64 * 3600), plan, Demand { seed, classes, agents, rota: Vec::new() })
}

fn plan() -> Result<Plan, RulesError> {
    let mut text = "[[number]]\nname = \"hotline\"\nqueue = \"billing\"\n".to_owned();
    for kind in ["billing", "fault", "complaint"] {
        text += &format!("[[skill]]\nname = \"{kind}\"\n[[queue]]\nname = \"{kind}\"\nwrap_up = \"20s\"\nlimit = 200\n");
        text += &format!("[[queue.step]]\nrequires = \"{kind} >= 5\"\n[[queue.step]]\nafter = \"15s\"\nrequires = \"{kind} >= 2\"\n");
    }
    for id in 0..50 {
        let skills = match id {
            0..24 => "billing = 7",
            24..32 => "billing = 8, fault = 3",
            32..40 => "fault = 8, billing = 4",
            40..46 => "complaint = 7, billing = 6",
            _ => "billing = 6, fault = 6, complaint = 8",
        };
        rules::seat(&mut text, id, skills);
    }
    rules::read(text)
}
