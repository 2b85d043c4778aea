//! What a call leaves to be done, and by when (manual.md B2, B3): found as it ends, by the deadlines that held as it came.

use crate::call::Call;
use crate::desk::change_profile;
use crate::world::World;
use hotline_model::history::{EventKind, Rated, Verdict};
use hotline_model::{Due, Kind, Profile, Reclassified, WallTime};
use hotline_rules::{Deadlines, Moments};
use std::sync::Arc;

/// What of a call its deadlines follow from.
#[derive(Clone, Debug)]
pub(crate) struct Dues {
    /// Those in force as the call came: new rules leave them alone.
    deadlines: Arc<Deadlines>,
    profile: Option<Profile>,
    moments: Moments,
    /// A disposition that leaves nothing open was stated.
    solved: Option<WallTime>,
    /// Another call goes on with the matter.
    handed_on: bool,
    /// The first low score of the survey (R105).
    low: Option<WallTime>,
}

impl Dues {
    pub fn new(deadlines: Arc<Deadlines>) -> Self {
        Self { deadlines, profile: None, moments: Moments::default(), solved: None, handed_on: false, low: None }
    }

    /// What the menus, or an agent, know of the caller from now on. Clocks begin with the first word, not with a correction.
    pub fn know(&mut self, profile: &Profile, at: WallTime) {
        self.profile = Some(profile.clone());
        self.look(at);
    }

    /// An agent found out that it is something else.
    pub fn correct(&mut self, change: &Reclassified, at: WallTime) {
        if let Some(profile) = &mut self.profile {
            change_profile(profile, change);
        }
        self.look(at);
    }

    fn look(&mut self, at: WallTime) {
        let Some(profile) = &self.profile else { return };
        let moments = &mut self.moments;
        moments.classed = moments.classed.or(profile.class.map(|_| at));
        moments.complained = moments.complained.or((profile.kind == Some(Kind::Complaint)).then_some(at));
    }

    /// A person answered.
    pub fn answer(&mut self, at: WallTime) {
        self.moments.answered = self.moments.answered.or(Some(at));
    }

    /// What an agent stated last counts.
    pub fn dispose(&mut self, open: bool, at: WallTime) {
        self.solved = (!open).then_some(at);
    }

    /// The customer is called back: the same matter in another call.
    pub fn hand_on(&mut self) {
        self.handed_on = true;
    }

    /// The caller gave a score: a low one is to be followed up, whatever became of the matter.
    pub fn rate(&mut self, rated: &Rated, at: WallTime) {
        self.low = self.low.or((rated.verdict == Verdict::Low).then_some(at));
    }

    fn all(&self) -> Vec<Due> {
        let low = self.low.map(|at| self.deadlines.of_low_score(at));
        self.of_matter().into_iter().chain(low).collect()
    }

    fn of_matter(&self) -> Vec<Due> {
        match (&self.profile, self.solved) {
            (None, _) => Vec::new(),
            _ if self.handed_on => Vec::new(),
            (Some(profile), Some(solved)) => self.deadlines.of_solved(profile, solved),
            (Some(profile), None) => self.deadlines.of_open(profile, &self.moments),
        }
    }
}

impl Call {
    /// The call is over: what is left of it gets its times.
    pub fn tell_dues(&self, world: &mut World) {
        for due in self.dues.all() {
            self.record(world, EventKind::DueBy(due));
        }
    }
}
