//! The rules by which a decision was made, if they are still at hand, and what they say of seats.

use super::held::tier_key;
use hotline_archive::SeatStates;
use hotline_model::history::DecidingKey;
use hotline_model::{
    Activity, CallEvent, EventKind, Intent, LanguageId, Name, Need, Profile, QueueId, Record, Revision, SeatId, SeatState, WallTime,
};
use hotline_router::{Candidate, Moment};
use hotline_rules::{Expression, Plan, Spot, Step, Tier, print_expression};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Where rules are loaded from: a folder that was named, or else the configured one.
pub type Load<'a> = dyn Fn(Option<&Path>) -> anyhow::Result<Arc<Plan>> + 'a;

/// The rules of a revision that is not in the folder any more, if they were kept.
pub type Past<'a> = dyn Fn(Revision) -> Option<Arc<Plan>> + 'a;

/// Where the rules of decisions are found: in the folder, else among those that were kept.
pub struct Shelf<'a> {
    folder: Result<Arc<Plan>, String>,
    past: &'a Past<'a>,
    taken: RefCell<BTreeMap<Revision, Option<Arc<Plan>>>>,
}

impl<'a> Shelf<'a> {
    /// With the rules in the folder, or why there are none.
    pub fn new(folder: Result<Arc<Plan>, String>, past: &'a Past<'a>) -> Self {
        Self { folder, past, taken: RefCell::default() }
    }

    fn plan(&self, revision: Revision) -> Result<Arc<Plan>, NotAtHand> {
        if let Ok(plan) = &self.folder
            && plan.revision == revision
        {
            return Ok(Arc::clone(plan));
        }
        let kept = self.taken.borrow_mut().entry(revision).or_insert_with(|| (self.past)(revision)).clone();
        kept.ok_or_else(|| match &self.folder {
            Ok(plan) => NotAtHand::Other { then: revision, now: plan.revision },
            Err(why) => NotAtHand::Unusable(why.clone()),
        })
    }
}

/// The rules of a page on the present, and what is wrong with those in the folder, if they are others.
pub struct InForce {
    /// The rules.
    pub plan: Arc<Plan>,
    /// Why they are not those in the folder.
    pub not: Option<NotAtHand>,
}

impl InForce {
    /// Those in the folder, unless others are running and were kept.
    ///
    /// # Errors
    /// The folder can't be read or holds errors, and no others are known to run.
    pub fn find(folder: anyhow::Result<Arc<Plan>>, running: Option<Revision>, past: &Past<'_>) -> anyhow::Result<Self> {
        let other = running.filter(|running| folder.as_ref().map_or(true, |plan| plan.revision != *running));
        let Some(plan) = other.and_then(past) else { return Ok(Self { plan: folder?, not: None }) };
        let not = match folder {
            Ok(of_folder) => NotAtHand::Other { then: plan.revision, now: of_folder.revision },
            Err(error) => NotAtHand::Unusable(format!("{error:#}")),
        };
        Ok(Self { plan, not: Some(not) })
    }
}

/// Rules and the caller as they know him.
pub struct Rules {
    /// The rules.
    pub plan: Arc<Plan>,
    /// What was known of the caller.
    pub profile: Profile,
}

/// Why the rules of a decision are not at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAtHand {
    /// Others are there now.
    Other {
        /// Those of the decision.
        then: Revision,
        /// Those in the folder.
        now: Revision,
    },
    /// The folder can't be read or holds errors.
    Unusable(String),
}

impl Rules {
    /// The rules with which a call was decided on.
    ///
    /// # Errors
    /// They are neither in the folder nor kept.
    pub fn of(record: &Record, events: &[CallEvent], revision: Revision, shelf: &Shelf<'_>) -> Result<Self, NotAtHand> {
        let plan = shelf.plan(revision)?;
        let profile = known(&plan, record, &looked_up(events));
        Ok(Self { plan, profile })
    }

    /// Whether a queue has a reserve.
    pub fn has_reserve(&self, queue: &Name) -> bool {
        self.plan.queue_names.get(&**queue).is_some_and(|id| self.plan.queue(*id).reserve.is_some())
    }

    /// The call as it stood in a queue after waiting so long.
    pub fn moment(&self, queue: QueueId, waited: Duration) -> Moment<'_> {
        Moment { plan: &self.plan, queue, profile: &self.profile, waited }
    }

    /// What each seat was in a search for the call.
    pub fn candidates(&self, queue: QueueId, waited: Duration, states: &SeatStates) -> Vec<Candidate> {
        let moment = self.moment(queue, waited);
        // The router's clock may begin anywhere, but holds no more than 34 years.
        let first = states.values().map(|event| event.at).min().unwrap_or_default();
        let then = |at: WallTime| at.to_monotonic(first.0);
        let known = states.values().filter_map(|event| Some((*self.plan.seat_names.get(&*event.seat)?, (event.state, then(event.at)))));
        hotline_router::candidates(&moment, &known.collect())
    }

    /// Where it is written that this caller needs a skill, if his language, his class or a sensitive matter says so.
    pub fn need_place(&self, need: Need) -> Option<String> {
        let (plan, profile) = (&self.plan, &self.profile);
        let by_language = plan.language(profile.language).need == Some(need);
        let by_class = plan.assign.levels.iter().any(|(class, of)| profile.class == Some(*class) && *of == need);
        let by_matter = profile.sensitive && plan.settings.sensitive.contains(&need);
        let language = by_language.then(|| plan.places.language(profile.language)).flatten();
        let class = by_class.then(|| plan.places.spot(Spot::Assign("levels"))).flatten();
        let place = language.or(class).or_else(|| by_matter.then(|| plan.places.spot(Spot::Sensitive)).flatten());
        place.map(|place| place.to_string())
    }

    /// What seats must master for a step of a queue, and what the caller needs on top, in words of the rules.
    pub fn asks(&self, queue: QueueId, step: usize) -> Asks {
        let plan = &self.plan;
        let step = plan.queue(queue).steps.get(step);
        let requires = step.map(|step| &step.requires).filter(|requires| **requires != Expression::Anyone);
        let needs: Vec<_> = self.profile.skills.iter().map(|need| print_expression(&Expression::AtLeast(*need), &plan.skills)).collect();
        let seats = plan.places.queue(queue).filter(|_| !plan.queue(queue).seats.is_empty());
        Asks {
            seats: seats.map(|place| place.to_string()),
            serving: false,
            step: requires.map(|requires| print_expression(requires, &plan.skills)),
            tier: step.map(|step| step.tier).filter(|tier| *tier != Tier::External),
            needs: (!needs.is_empty()).then(|| needs.join(" & ")),
            cleared: self.profile.sensitive,
        }
    }
}

/// Where it is written what a step asks of seats: its `requires`, and its `tier`, if that is in another line.
pub fn step_place(plan: &Plan, queue: QueueId, step: usize) -> Option<String> {
    let requires = plan.places.step(queue, step)?;
    let limits = plan.queue(queue).steps.get(step).is_some_and(|step| step.tier != Tier::External);
    let tier = plan.places.spot(Spot::StepTier(queue, step)).filter(|tier| limits && *tier != requires);
    Some(tier.map_or(requires.to_string(), |tier| format!("{requires}, {tier}")))
}

/// What a step asks of seats, as rules write it.
pub fn step_asks(plan: &Plan, step: &Step) -> String {
    let requires = print_expression(&step.requires, &plan.skills);
    if step.tier == Tier::External { requires } else { format!("{requires}, tier {}", tier_key(step.tier)) }
}

/// Names of settings of `[assign]` in a text, each with the place where it is written, if it is the same in all of these rules.
pub fn with_places(text: &str, plans: &[Arc<Plan>]) -> String {
    let mut placed = text.to_owned();
    for key in ["tiers", "wait_for", "delays", "rona", "delays.busy", "delays.rejected", "rona.retry_after"] {
        let mut places = plans.iter().map(|plan| plan.places.spot(Spot::Assign(key)).map(|place| place.to_string()));
        let first = places.next().flatten().filter(|first| places.all(|other| other.as_ref() == Some(first)));
        if let Some(place) = first {
            placed = placed.replace(&format!("`assign.{key}`"), &format!("`assign.{key}` {place}"));
        }
    }
    placed
}

/// Where what decided between seats is written, if it is not as the rules have it by themselves.
pub fn decided_by(key: DecidingKey, plan: &Plan, queue: &Name) -> Option<String> {
    let ranking = || {
        let own = plan.queue_names.get(&**queue).and_then(|queue| plan.places.spot(Spot::Ranking(*queue)));
        own.or_else(|| ["keys", "weights"].into_iter().find_map(|key| plan.places.spot(Spot::Assign(key))))
    };
    let place = match key {
        DecidingKey::Tier => plan.places.spot(Spot::Assign("tiers")),
        DecidingKey::Owner | DecidingKey::LastAgent | DecidingKey::Preferred => {
            ranking().or_else(|| plan.places.spot(Spot::Assign("wait_for")))
        }
        DecidingKey::Proficiency | DecidingKey::Region | DecidingKey::CustomerType | DecidingKey::Score => ranking(),
        DecidingKey::LongestIdle | DecidingKey::LeastOccupied | DecidingKey::Responsiveness | DecidingKey::LeastSufficient => ranking(),
        DecidingKey::OnlyReady | DecidingKey::Nobody | DecidingKey::OwnAway | DecidingKey::ByHand | DecidingKey::Opening => None,
        DecidingKey::CallOrder | DecidingKey::QueuePriority | DecidingKey::QueueWeight | DecidingKey::Step => None,
    };
    place.map(|place| place.to_string())
}

/// What sources said of a call's caller.
pub fn looked_up(events: &[CallEvent]) -> Vec<(Name, Name)> {
    let said = |event: &CallEvent| if let EventKind::LookedUp(looked_up) = &event.kind { looked_up.said.clone() } else { Vec::new() };
    events.iter().flat_map(said).collect()
}

/// What was known of a call's caller: what the menus made of him, what the rules say of the number, and what sources said.
pub fn known(plan: &Plan, record: &Record, looked_up: &[(Name, Name)]) -> Profile {
    let classified = record.classified.as_ref().map(|classified| hotline_engine::profile(plan, classified));
    let mut profile = classified.unwrap_or_else(|| Profile::unknown(LanguageId(0)));
    if let Some(customer) = plan.customer(record.from.reveal()) {
        customer.introduce(&mut profile);
    }
    plan.understand(looked_up).facts.introduce(&mut profile);
    hotline_engine::introduce(plan, &record.recognised, &mut profile);
    profile
}

/// What is asked of a seat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asks {
    /// To be one of the queue's `seats`, if others have the rest; where the queue is written that names them.
    pub seats: Option<String>,
    /// To serve the queue at all, if others have the rest.
    pub serving: bool,
    /// By the queue's step.
    pub step: Option<String>,
    /// The last tier that the step admits, if not all.
    pub tier: Option<Tier>,
    /// By the caller's language and matter.
    pub needs: Option<String>,
    /// Cleared for sensitive calls (R68).
    pub cleared: bool,
}

/// A seat as it begins, before anything is journalled of it.
pub fn first_state(plan: &Plan, seat: SeatId) -> SeatState {
    let seat = plan.seat(seat);
    let intent = if seat.sign_in && !seat.retired { Intent::Available } else { Intent::SignedOut };
    SeatState { intent, activity: Activity::Free, reachable: seat.always_reachable() }
}

/// The state of every seat of the rules, also of those of which nothing is journalled.
pub fn all_states(plan: &Plan, states: &SeatStates) -> BTreeMap<SeatId, SeatState> {
    let ids = (0..plan.seats.len() as u32).map(SeatId).filter(|seat| !plan.seat(*seat).retired);
    ids.map(|id| (id, states.get(&plan.seat(id).name).map_or_else(|| first_state(plan, id), |event| event.state))).collect()
}
