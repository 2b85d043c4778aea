//! What menus and agents find out about a call: it is journalled, and supervisors are told at once of what is urgent by its topic (R25, R26)
//! or by how far it reaches (R33).

use crate::call::Call;
use crate::journal::classified;
use crate::world::World;
use hotline_model::history::EventKind;
use hotline_model::{Assessment, Profile, SeatId, Topic};
use hotline_rules::{Plan, Priorities};

/// Of what supervisors were told.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    /// The last urgent topic.
    pub topic: Option<Topic>,
    /// How far it reaches.
    pub impact: bool,
}

impl Told {
    /// What there is to tell of a call: of a call-back it was told while the caller was there.
    pub fn of(priorities: &Priorities, profile: &Profile) -> Self {
        let topic = profile.topic.filter(|topic| priorities.urgent.contains(topic));
        Self { topic, impact: profile.assessed.impact.is_some_and(|impact| priorities.reaches(impact)) }
    }
}

impl Call {
    /// The menus, or the rules of a queue, know what the call is about: supervisors are told of it, whatever way the call takes.
    pub fn classify(&mut self, world: &mut World, plan: &Plan, profile: &Profile) {
        self.record_profile(world, plan, profile);
        let urgent = Told::of(&world.plan.priorities, profile).topic;
        if let Some(topic) = urgent.filter(|topic| self.matter.told.topic != Some(*topic)) {
            self.matter.told.topic = Some(topic);
            self.record(world, EventKind::Alerted { topic });
        }
        self.alert_of_impact(world, profile.assessed);
    }

    /// Journals what is known of the call, in the names of the rules by which it is known.
    pub fn record_profile(&self, world: &mut World, plan: &Plan, profile: &Profile) {
        self.record(world, EventKind::Classified(classified(plan, profile)));
        if let Some(level) = profile.level {
            self.record(world, EventKind::Graded { level });
        }
        if !profile.assessed.is_empty() {
            self.record(world, EventKind::Assessed { seat: None, found: profile.assessed });
        }
    }

    /// An agent found out more. How far it reaches may make it urgent, should the call wait again.
    pub fn assess(&mut self, world: &mut World, seat: SeatId, found: Assessment) {
        if found.is_empty() {
            return;
        }
        let priorities = &world.plan.priorities;
        if let Some(waiting) = &mut self.matter.waiting {
            let profile = &mut waiting.profile;
            profile.assessed = profile.assessed.corrected(found);
            profile.priority = priorities.reached(profile.priority, found.impact);
        }
        self.record(world, EventKind::Assessed { seat: Some(world.seat_name(seat)), found });
        self.alert_of_impact(world, found);
    }

    /// Supervisors are told of what reaches far (`priority.urgent_impact`), once.
    fn alert_of_impact(&mut self, world: &mut World, found: Assessment) {
        let Some(impact) = found.impact.filter(|impact| world.plan.priorities.reaches(*impact)) else { return };
        if !std::mem::replace(&mut self.matter.told.impact, true) {
            self.record(world, EventKind::ImpactAlerted { impact });
        }
    }
}
