//! Nobody hears what is said: the way to a person (R9, R10).

use super::{Clock, Session, Stage, Took, Visit};
use hotline_rules::Door;
use std::sync::Arc;

impl Session {
    /// A person takes over; who was on the way out goes there without the words.
    pub(super) fn unheard(&mut self, clock: Clock<'_>) {
        match self.stage {
            Stage::InMenu(visit, _) => self.lead_to_person(clock, visit),
            Stage::Leaving { end, .. } => self.finish(end),
            Stage::New { .. } | Stage::Held | Stage::Expecting { .. } | Stage::Over => {}
        }
    }

    /// Key `0` of the menu, or where it leads after too many mistakes.
    pub(super) fn lead_to_person(&mut self, clock: Clock<'_>, visit: Visit) {
        let plan = Arc::clone(&self.plan);
        let menu = plan.menu(visit.menu);
        let branch = menu.keys.get(&'0');
        self.took(Door::Menu(visit.menu), branch.map_or(Took::Failed, |_| Took::Key('0')));
        self.follow(clock, branch.unwrap_or(&menu.failed), Some(visit));
    }
}
