//! Which ways of the rules calls take, for whoever rehearses calls and measures how much of the rules they use.

use crate::call::{Call, Phase};
use crate::engine::Engine;
use crate::world::World;
use hotline_ivr::Way;
use hotline_model::{CallId, QueueId, Timestamp};
use hotline_rules::{SurveyPiece, WayOutId};

/// Ways kept between two questions for them.
const MOST: usize = 10_000;

/// A way that a call took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WayTaken {
    /// In the menus.
    Menu(Way),
    /// `closed` of a queue.
    Closed(QueueId),
    /// `nobody` of a queue.
    Nobody(QueueId),
    /// `otherwise` of a way that leads outside.
    Otherwise(WayOutId),
    /// Words of the survey.
    Survey(SurveyPiece),
}

impl Engine {
    /// From now on the ways of calls are kept for [`Engine::take_ways`]; before the first call.
    pub fn watch_ways(&mut self) {
        self.world.ways.get_or_insert_default();
    }

    /// The ways taken since they were last asked for, in order, at most 10,000; none unless they are watched.
    pub fn take_ways(&mut self) -> Vec<(CallId, Timestamp, WayTaken)> {
        self.world.ways.as_mut().map(std::mem::take).unwrap_or_default()
    }
}

impl Call {
    /// The conversation with the menus that begins now is watched if the engine is.
    pub fn watch_menu(&mut self, world: &World) {
        if let (Phase::Menu(session), true) = (&mut self.phase, world.ways.is_some()) {
            session.watch();
        }
    }

    /// The ways that it took since.
    pub fn note_menu_ways(&mut self, world: &mut World) {
        if world.ways.is_some()
            && let Phase::Menu(session) = &mut self.phase
        {
            let taken = session.take_ways();
            taken.into_iter().for_each(|way| self.note_way(world, WayTaken::Menu(way)));
        }
    }

    /// The same of what the survey said.
    pub fn note_survey_ways(&mut self, world: &mut World) {
        if world.ways.is_some()
            && let Phase::Survey(asking) = &mut self.phase
        {
            let said = asking.survey.take_said();
            said.into_iter().for_each(|piece| self.note_way(world, WayTaken::Survey(piece)));
        }
    }

    pub fn note_way(&self, world: &mut World, way: WayTaken) {
        let now = world.now;
        if let Some(ways) = world.ways.as_mut().filter(|ways| ways.len() < MOST) {
            ways.push((self.id, now, way));
        }
    }
}
