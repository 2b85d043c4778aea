//! Prompts before the answer (RFC 3960 3, RFC 3261 13.3.1.1): 183 with our SDP, and the 200 with the same when a person answers, or at the
//! latest when `timers.pickup` is over. t1 is the 200, here as elsewhere, and R2 holds.

use crate::call::Call;
use crate::live_clock::K1;
use crate::world::{Alarm, World};
use hotline_model::history::{ClockChange, EventKind};

impl Call {
    /// The caller hears us from now on, and is not answered yet.
    pub fn begin_early(&mut self, world: &mut World, body: Vec<u8>) {
        if world.sip.provisional(world.now, self.caller().dialog, 183, Some(body.clone())).is_err() {
            world.counters.late += 1;
        }
        self.early = Some(body);
        self.alarms.clear(world, Alarm::Warn(K1));
        self.record(world, EventKind::EarlyMedia);
    }

    /// The 200 of a call that is heard already; nothing if it was sent.
    pub fn answer_early(&mut self, world: &mut World) {
        if let Some(body) = self.early.take() {
            self.answer(world, body);
        }
    }

    /// t1.
    pub fn answer(&mut self, world: &mut World, body: Vec<u8>) {
        if world.sip.answer(world.now, self.caller().dialog, body).is_err() {
            world.counters.late += 1;
        }
        world.counters.picked_up += 1;
        self.record(world, EventKind::PickedUp);
        self.stop_clock(world, K1, ClockChange::Met);
    }
}
