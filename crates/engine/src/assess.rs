//! Whose problem it is and how far it reaches (R33, R34): what menus and agents find, and who is told of it at once.

use crate::call::Call;
use crate::world::World;
use hotline_model::history::EventKind;
use hotline_model::{Assessment, SeatId};

impl Call {
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
    pub fn alert_of_impact(&mut self, world: &mut World, found: Assessment) {
        let Some(impact) = found.impact.filter(|impact| world.plan.priorities.reaches(*impact)) else { return };
        if !std::mem::replace(&mut self.matter.alerted_of_impact, true) {
            self.record(world, EventKind::ImpactAlerted { impact });
        }
    }
}
