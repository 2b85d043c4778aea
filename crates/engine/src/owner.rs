//! Who is responsible for a caller's matter (R57), and what of the wait is still known once somebody has answered.

use crate::assess::Told;
use crate::call::{Call, Waiting};
use crate::world::World;
use hotline_model::SeatId;
use hotline_model::history::EventKind;

/// What a call is to those who serve it, from its first answer on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matter {
    /// The queue, the rank and what is known of the caller, as they were when somebody answered; `None` before, and if it never waited.
    pub waiting: Option<Waiting>,
    /// The first agent who answered, or one who accepted it.
    pub owner: Option<SeatId>,
    /// Who had the caller before the last transfer.
    pub before: Option<SeatId>,
    /// t4 was stated.
    pub communicated: bool,
    /// Of what supervisors were told.
    pub told: Told,
}

impl Call {
    /// An agent answered: the first one who does is responsible until the matter is closed.
    pub fn own_first(&mut self, world: &mut World, seat: SeatId, waiting: Waiting) {
        self.matter.waiting = Some(waiting);
        if self.matter.owner.is_none() {
            self.own(world, seat);
        }
    }

    /// From now on this seat's agent is responsible.
    pub fn own(&mut self, world: &mut World, seat: SeatId) {
        if self.matter.owner != Some(seat) {
            self.matter.owner = Some(seat);
            self.record(world, EventKind::Owned { seat: world.seat_name(seat) });
        }
    }
}
