//! What the person at a seat orders, through whatever it came: an API, a feature code, a key in the call, the phone's own transfer key.

use crate::call::Call;
use crate::engine::Engine;
use crate::world::World;
use hotline_model::history::OfferEnd;
use hotline_model::{Activity, CallId, DeskOrder, DeskRefusal, Intent, Name, NotReadyReason, SeatId, SeatState};
use hotline_router::Input;
use std::time::Duration;

impl Engine {
    /// What became of the last [`Input::Desk`](crate::Input::Desk).
    ///
    /// # Errors
    /// Why it was not carried out; nothing changed.
    pub fn desk_answer(&self) -> Result<(), DeskRefusal> {
        self.answered
    }

    /// The call that a seat is offered, serves or wraps up.
    pub fn call_of(&self, seat: SeatId) -> Option<CallId> {
        self.world.router.call_of(seat)
    }

    pub(crate) fn on_desk(&mut self, seat: SeatId, _by: Name, order: DeskOrder) {
        self.answered = self.order_of_seat(seat, &order).unwrap_or(Err(DeskRefusal::NoCall));
    }

    /// Orders of the seat itself; `None` if it is one of its call.
    fn order_of_seat(&mut self, seat: SeatId, order: &DeskOrder) -> Option<Result<(), DeskRefusal>> {
        if self.world.plan.seats.get(seat.index()).is_none_or(|rules| rules.retired) {
            return Some(Err(DeskRefusal::NoSuchSeat));
        }
        let state = self.world.router.seat_state(seat);
        let input = match chosen(state, order)? {
            Ok(Some(intent)) => Input::Intent { seat, intent },
            Ok(None) => Input::WrapUpDone { seat },
            Err(why) => return Some(Err(why)),
        };
        self.world.router.handle(self.world.now, input);
        Some(Ok(()))
    }
}

/// What an order makes of a seat's intent; `Ok(None)` if it ends the wrap-up, `None` if it is no order of the seat.
fn chosen(state: SeatState, order: &DeskOrder) -> Option<Result<Option<Intent>, DeskRefusal>> {
    let is_out = state.intent == Intent::SignedOut;
    Some(match order {
        DeskOrder::SignIn => Ok(Some(Intent::Available)),
        DeskOrder::SignOut => Ok(Some(Intent::SignedOut)),
        DeskOrder::Ready | DeskOrder::NotReady(_) | DeskOrder::BreakAfterCall if is_out => Err(DeskRefusal::NotNow),
        // RONA is what happened to the agent, not a choice.
        DeskOrder::NotReady(NotReadyReason::Rona) => Err(DeskRefusal::NotNow),
        DeskOrder::Ready => Ok(Some(Intent::Available)),
        DeskOrder::NotReady(reason) => Ok(Some(Intent::NotReady(*reason))),
        // A choice made in a call shows after it: the break begins as soon as the seat is free.
        DeskOrder::BreakAfterCall => Ok(Some(Intent::NotReady(NotReadyReason::Break))),
        DeskOrder::WrapUpDone if state.activity == Activity::WrapUp => Ok(None),
        DeskOrder::WrapUpDone => Err(DeskRefusal::NoCall),
        DeskOrder::FirstCommunication
        | DeskOrder::Classify(_)
        | DeskOrder::Dispose(_)
        | DeskOrder::Hold
        | DeskOrder::Resume
        | DeskOrder::Transfer { .. }
        | DeskOrder::Consult { .. }
        | DeskOrder::Complete { .. }
        | DeskOrder::Cancel
        | DeskOrder::ThreeWay
        | DeskOrder::Back
        | DeskOrder::AcceptOwnership
        | DeskOrder::HangUp => return None,
    })
}

impl Call {
    /// The router offers the call to the one seat that was asked for.
    pub fn on_direct(&mut self, world: &mut World, seat: SeatId, _ring: Duration) {
        world.router.handle(world.now, Input::Failed { call: self.id, seat, why: OfferEnd::Withdrawn });
    }
}
