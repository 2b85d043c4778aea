//! What a person orders of a call that waits: a seat, or another priority (R44).

use crate::engine::Engine;
use hotline_model::history::{EventKind, HandOrder, WhyNot};
use hotline_model::{CallId, Name};
use hotline_router::Input;

impl Engine {
    /// Why the last order by hand changed nothing; `None` if it was carried out, or the call had that priority already.
    pub fn refused(&self) -> Option<WhyNot> {
        self.refused
    }

    pub(crate) fn on_hand(&mut self, call: CallId, by: Name, order: HandOrder) {
        self.refused = None;
        if !self.calls.contains_key(&call) {
            self.refused = Some(WhyNot::NotWaiting);
            return;
        }
        self.world.record(call, EventKind::ByHand { by, order: order.clone() });
        match order {
            HandOrder::Assign { seat } | HandOrder::Pull { seat } => self.assign(call, seat),
            HandOrder::Priority { priority } => {
                let mut waits = false;
                self.with_call(call, |call, world| waits = call.on_priority(world, priority));
                self.refused = (!waits).then_some(WhyNot::NotWaiting);
            }
        }
    }

    fn assign(&mut self, call: CallId, seat: Name) {
        match self.world.plan.seat_names.get(&*seat).copied() {
            Some(seat) => self.world.router.handle(self.world.now, Input::Assign { call, seat }),
            None => self.refuse(call, seat, WhyNot::NoSuchSeat),
        }
    }

    /// The history says why not.
    pub(crate) fn refuse(&mut self, call: CallId, seat: Name, why: WhyNot) {
        self.refused = Some(why);
        self.with_call(call, |call, world| {
            if call.transfer().is_some() {
                return call.on_receiver_taken(world);
            }
            call.record(world, EventKind::NotAssigned { seat, why });
        });
    }
}
