use super::rules::{RulesError, queue, read, seat};
use super::{Length, batches, mean_error_memory};
use crate::day::{AgentHabits, Arrivals, CallerClass, Day, Demand, Figures, Spread};
use hotline_model::{LanguageId, Need, Profile, QueueId, SkillId};
use hotline_rules::Plan;
use std::sync::Arc;
use std::time::Duration;

/// Kinds of callers, each with a skill of its own, and of seats, each with one of these skills as its first.
const TYPES: u32 = 6;
/// Seats of each kind.
const SEATS: u32 = 15;
/// Callers who may wait, all kinds together.
const PLACES: u32 = 30;
/// Mean conversation.
const HANDLING: Duration = Duration::from_secs(600);

/// How much of the gain of a common pool a number of skills per seat brings: each mean with its standard error.
#[derive(Clone, Copy, Debug)]
pub struct Pooling {
    /// Skills of each seat.
    pub skills: u32,
    /// Share of callers refused.
    pub blocked: (f64, f64),
    /// Mean wait in seconds of those who enter.
    pub mean_wait: (f64, f64),
    /// Share of those who enter that are answered within 30 s.
    pub level: (f64, f64),
}

/// Six kinds of callers before 90 seats with 30 places (after Wallace and Whitt, 2005). A seat masters its first skill best, so calls go
/// to seats of their own kind first, and among those to the longest idle; a seat takes who waits longest of those it may serve.
///
/// # Errors
/// The rules are wrong: never for 1 to 6 skills.
pub fn pooling(skills: u32, load: f64, seed: u64, length: Length) -> Result<Pooling, RulesError> {
    let per_hour = load * 3600.0 / HANDLING.as_secs_f64();
    let mut day = Day::new(Arc::new(plan(skills)?), demand(per_hour, seed));
    let batches = batches(&mut day, per_hour, length);
    let mean = |figure: &dyn Fn(&Figures) -> f64| {
        let (mean, error, _) = mean_error_memory(&batches.iter().map(figure).collect::<Vec<_>>());
        (mean, error)
    };
    Ok(Pooling {
        skills,
        blocked: mean(&|figures| figures.all().share_blocked()),
        mean_wait: mean(&|figures| figures.all().mean_wait()),
        level: mean(&|figures| figures.all().level_of_served(Duration::from_secs(30))),
    })
}

fn demand(per_hour: f64, seed: u64) -> Demand {
    let class = |kind: u32| CallerClass {
        name: format!("kind {kind}"),
        queue: QueueId(0),
        profile: Profile { skills: vec![Need { skill: SkillId(kind as u16), at_least: 1 }], ..Profile::unknown(LanguageId(0)) },
        arrivals: Arrivals::per_hour(per_hour / f64::from(TYPES)),
        handling: Spread::Exponential { mean: HANDLING },
        patience: None,
    };
    Demand { seed, classes: (0..TYPES).map(class).collect(), agents: AgentHabits::default(), rota: Vec::new() }
}

/// The seats of a kind share out the other skills evenly.
fn plan(skills: u32) -> Result<Plan, RulesError> {
    let mut text = queue(Some(PLACES));
    (0..TYPES).for_each(|kind| text += &format!("[[skill]]\nname = \"s{kind}\"\n"));
    for id in 0..TYPES * SEATS {
        let (first, turn) = (id % TYPES, id / TYPES);
        let others = (0..skills - 1).map(|other| (first + 1 + (turn + other) % (TYPES - 1)) % TYPES);
        let mut list = format!("s{first} = 9");
        others.for_each(|kind| list += &format!(", s{kind} = 1"));
        seat(&mut text, id, &list);
    }
    read(text)
}
