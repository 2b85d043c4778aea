//! The seats at a decision, put together by what became of them.

use super::rules::{Asks, Rules};
use hotline_archive::{SeatStates, StoredDecision};
use hotline_model::{Name, SeatState};
use hotline_router::{Candidate, Turn, Verdict};
use hotline_rules::{Expression, Tier, print_expression};
use std::time::Duration;

/// What became of some seats.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// The router chose it.
    Chosen,
    /// Ready, but others were better.
    Ready,
    /// Ready by its state, but in the short delay after a refused offer.
    Paused,
    /// Ready, but not yet: it comes when the call has waited so long.
    Later(Duration),
    /// Ready, but of the reserve of a queue that is not crowded.
    Reserve,
    /// Not ready.
    At(SeatState),
    /// Its step comes later, whatever it is at.
    Step(usize),
    /// It does not master what the caller needs.
    Lacks(String),
    /// Not cleared for sensitive calls.
    NotCleared,
    /// The queue names other seats.
    NotNamed,
    /// Its list of queues leaves this one out.
    NotServed,
    /// No step admits it.
    NoStep,
    /// No tier takes it.
    NoTier,
}

/// A seat that was ready, with what decides between such.
#[derive(Clone, Debug, PartialEq)]
pub struct One {
    /// Its name.
    pub seat: Name,
    /// Its tier and proficiency in what its step asks for; `None` for seats that may not serve the call.
    pub score: Option<(Tier, u32)>,
}

/// Seats of the same fate, the best first.
pub type Group = (Fate, Vec<One>);

/// How a search for a seat ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search<'a> {
    /// This seat was chosen.
    Won(&'a Name),
    /// Nobody: a seat that seems ready was in the short delay after a refused offer.
    Nobody,
    /// No call waits.
    None,
}

/// All seats at a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Seats {
    /// The queue.
    pub queue: Name,
    /// The step in force, from 0.
    pub step: usize,
    /// What is asked.
    pub asks: Asks,
    /// Where the step is written.
    pub step_place: Option<String>,
    /// Where the caller's language is written.
    pub needs_place: Option<String>,
    /// The seats.
    pub groups: Vec<Group>,
}

impl Seats {
    /// The seats at a stored decision; `None` if the rules don't have its queue.
    pub fn at(stored: &StoredDecision, rules: &Rules, states: &SeatStates) -> Option<Self> {
        let waited = Duration::from_millis(u64::from(stored.decision.waited_ms));
        let search = stored.seat.as_ref().map_or(Search::Nobody, Search::Won);
        Self::of(rules, &stored.queue, waited, states, search)
    }

    /// The seats for a call that has waited so long in a queue, and how the search ended.
    pub fn of(rules: &Rules, name: &Name, waited: Duration, states: &SeatStates, search: Search<'_>) -> Option<Self> {
        let queue = *rules.plan.queue_names.get(&**name)?;
        let plan = &rules.plan;
        let step = plan.queue(queue).steps.iter().rposition(|step| step.after <= waited).unwrap_or(0);
        let mut groups: Vec<Group> = Vec::new();
        for candidate in rules.candidates(queue, waited, states) {
            let seat = plan.seat(candidate.seat).name.clone();
            let Some((fate, score)) = fate(rules, &candidate, step, &seat, search) else { continue };
            let one = One { seat, score };
            match groups.iter_mut().find(|(other, _)| *other == fate) {
                Some((_, seats)) => seats.push(one),
                None => groups.push((fate, vec![one])),
            }
        }
        groups.sort_by_key(|(fate, _)| order(fate));
        let shown = |place: Option<hotline_rules::Place<'_>>| place.map(|place| place.to_string());
        let profile = &rules.profile;
        let language = plan.language(profile.language).need.filter(|need| profile.skills.contains(need));
        Some(Self {
            queue: name.clone(),
            step,
            asks: rules.asks(queue, step),
            step_place: shown(plan.places.step(queue, step)),
            needs_place: language.and_then(|_| shown(plan.places.language(profile.language))),
            groups,
        })
    }
}

/// What became of a seat, and its score; `None` for one that is no longer in the rules.
fn fate(rules: &Rules, candidate: &Candidate, in_force: usize, seat: &Name, search: Search<'_>) -> Option<(Fate, Option<(Tier, u32)>)> {
    let fate = match &candidate.verdict {
        Verdict::Retired => return None,
        Verdict::NotNamed => Fate::NotNamed,
        Verdict::NotServed => Fate::NotServed,
        Verdict::NotCleared => Fate::NotCleared,
        Verdict::Lacks(need) => Fate::Lacks(print_expression(&Expression::AtLeast(*need), &rules.plan.skills)),
        Verdict::NoStep => Fate::NoStep,
        Verdict::NoTier => Fate::NoTier,
        Verdict::Member { step, tier, proficiency, state, turn } => {
            let score = Some((*tier, *proficiency));
            let fate = match turn {
                _ if search == Search::Won(seat) => Fate::Chosen,
                Turn::Later(after) => Fate::Later(*after),
                Turn::Reserve => Fate::Reserve,
                Turn::NotReady if *step > in_force => Fate::Step(*step),
                Turn::NotReady => Fate::At(*state),
                Turn::Ready(_) => match search {
                    Search::Won(_) => Fate::Ready,
                    Search::Nobody => Fate::Paused,
                    Search::None => Fate::At(*state),
                },
            };
            return Some((fate, score));
        }
    };
    Some((fate, None))
}

fn order(fate: &Fate) -> u8 {
    match fate {
        Fate::Chosen => 0,
        Fate::Ready => 1,
        Fate::Paused => 2,
        Fate::Later(_) => 3,
        Fate::Reserve => 4,
        Fate::At(_) => 5,
        Fate::Step(_) => 6,
        Fate::Lacks(_) => 7,
        Fate::NotCleared => 8,
        Fate::NoStep => 9,
        Fate::NoTier => 10,
        Fate::NotNamed => 11,
        Fate::NotServed => 12,
    }
}
