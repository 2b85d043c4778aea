//! What the person at a seat orders, through whatever it came: an API, a feature code, a key in the call, the phone's own transfer key.

use crate::call::{Call, Phase, Talking};
use crate::engine::Engine;
use crate::live_clock::{K4, K5, K11};
use crate::transfer::Asked;
use crate::world::World;
use hotline_model::history::{Cause, ClockChange, EventKind, Side};
use hotline_model::{
    Activity, CallId, DeskOrder, DeskRefusal, Intent, Kind, LegRole, Name, NotReadyReason, Reclassified, SeatId, SeatState,
};
use hotline_router::Input;

/// What a seat is in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// It has the caller.
    Agent,
    /// It has somebody else called.
    First,
    /// It answered as the receiver, and the first agent is still there.
    Receiver,
    /// It had the caller, and wraps up.
    WrappingUp,
}

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

    pub(crate) fn on_desk(&mut self, seat: SeatId, by: Name, order: DeskOrder) {
        self.answered = match self.order_of_seat(seat, &order) {
            Some(answer) => answer,
            None => self.order_in_call(seat, by, order, None),
        };
    }

    /// Orders of the seat itself; `None` if it is one of its call.
    fn order_of_seat(&mut self, seat: SeatId, order: &DeskOrder) -> Option<Result<(), DeskRefusal>> {
        if self.world.plan.seats.get(seat.index()).is_none_or(|rules| rules.retired) {
            return Some(Err(DeskRefusal::NoSuchSeat));
        }
        let state = self.world.router.seat_state(seat);
        // Who is signed in stays so, whatever `[access]` says by now.
        if *order == DeskOrder::SignIn
            && state.intent == Intent::SignedOut
            && let Err(why) = self.world.may_work(seat, None)
        {
            return Some(Err(why));
        }
        let input = match chosen(state, order)? {
            Ok(Some(intent)) => Input::Intent { seat, intent },
            Ok(None) => Input::WrapUpDone { seat },
            Err(why) => return Some(Err(why)),
        };
        self.world.router.handle(self.world.now, input);
        Some(Ok(()))
    }

    /// Orders on the call that the seat is in. The history tells them, and why one was refused.
    pub(crate) fn order_in_call(
        &mut self,
        seat: SeatId,
        by: Name,
        order: DeskOrder,
        refer: Option<hotline_sip::DialogId>,
    ) -> Result<(), DeskRefusal> {
        let call = self.world.router.call_of(seat).filter(|call| self.calls.contains_key(call)).ok_or(DeskRefusal::NoCall)?;
        let name = self.world.seat_name(seat);
        self.world.record(call, EventKind::Ordered { seat: name.clone(), by, order: order.clone() });
        let mut answer = Err(DeskRefusal::NoCall);
        self.with_call(call, |call, world| answer = call.on_desk_order(world, seat, order, refer));
        if let Err(why) = answer {
            self.world.record(call, EventKind::OrderRefused { seat: name, why });
        }
        answer
    }
}

/// What an order makes of a seat's intent; `Ok(None)` if it ends the wrap-up, `None` if it is no order of the seat.
fn chosen(state: SeatState, order: &DeskOrder) -> Option<Result<Option<Intent>, DeskRefusal>> {
    let is_out = state.intent == Intent::SignedOut;
    Some(match order {
        DeskOrder::SignIn => Ok(Some(Intent::Available)),
        DeskOrder::SignOut => Ok(Some(Intent::SignedOut)),
        DeskOrder::Ready | DeskOrder::NotReady(_) | DeskOrder::BreakAfterCall if is_out => Err(DeskRefusal::SignedOut),
        // RONA is what happened to the agent, not a choice.
        DeskOrder::NotReady(NotReadyReason::Rona) => Err(DeskRefusal::NotNow),
        DeskOrder::Ready => Ok(Some(Intent::Available)),
        DeskOrder::NotReady(reason) => Ok(Some(Intent::NotReady(*reason))),
        // A choice made in a call shows after it: the break begins as soon as the seat is free, and the journal has it already.
        DeskOrder::BreakAfterCall => Ok(Some(Intent::NotReady(NotReadyReason::Break))),
        DeskOrder::WrapUpDone if state.activity == Activity::WrapUp => Ok(None),
        DeskOrder::WrapUpDone => Err(DeskRefusal::NoCall),
        DeskOrder::FirstCommunication
        | DeskOrder::Classify(_)
        | DeskOrder::Assess { .. }
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
    fn on_desk_order(
        &mut self,
        world: &mut World,
        seat: SeatId,
        order: DeskOrder,
        refer: Option<hotline_sip::DialogId>,
    ) -> Result<(), DeskRefusal> {
        let part = self.part_of(world, seat).ok_or(DeskRefusal::NoCall)?;
        match order {
            DeskOrder::FirstCommunication => self.communicated(world),
            DeskOrder::Classify(change) => self.reclassify(world, seat, change),
            DeskOrder::Assess { found, change } => {
                self.reclassify(world, seat, change);
                self.assess(world, seat, found);
            }
            DeskOrder::Dispose(name) => return self.dispose(world, name),
            DeskOrder::Hold => return self.order_hold(world, part, true),
            DeskOrder::Resume => return self.order_hold(world, part, false),
            DeskOrder::Transfer { to, mode, reason } => {
                return self.begin_transfer(world, seat, Asked { to, mode, reason, consult: false, refer });
            }
            DeskOrder::Consult { to } => {
                return self.begin_transfer(world, seat, Asked { to, mode: None, reason: None, consult: true, refer });
            }
            DeskOrder::Complete { reason } => return self.only_first(part).and_then(|()| self.complete_transfer(world, reason)),
            DeskOrder::Cancel => return self.only_first(part).and_then(|()| self.cancel_transfer(world)),
            DeskOrder::ThreeWay => return self.only_first(part).and_then(|()| self.talk_in_three(world)),
            DeskOrder::Back => return self.give_back(world, seat),
            DeskOrder::AcceptOwnership => self.own(world, seat),
            DeskOrder::HangUp => return self.order_hang_up(world, part),
            DeskOrder::SignIn
            | DeskOrder::SignOut
            | DeskOrder::Ready
            | DeskOrder::NotReady(_)
            | DeskOrder::BreakAfterCall
            | DeskOrder::WrapUpDone => return Err(DeskRefusal::NotNow),
        }
        Ok(())
    }

    fn part_of(&self, world: &World, seat: SeatId) -> Option<Part> {
        if let Phase::Talking(Talking { seat: Some(of), .. }) = &self.phase
            && *of == seat
        {
            return Some(Part::Agent);
        }
        if let Some(transfer) = self.transfer() {
            if transfer.first.is_some() && transfer.from == seat {
                return Some(Part::First);
            }
            if transfer.receiver().is_some_and(|receiver| receiver.seat == Some(seat)) {
                return Some(Part::Receiver);
            }
        }
        (world.wrapping.get(&seat) == Some(&self.id)).then_some(Part::WrappingUp)
    }

    /// A transfer is the first agent's to end.
    fn only_first(&self, part: Part) -> Result<(), DeskRefusal> {
        match part {
            Part::First => Ok(()),
            Part::Receiver => Err(DeskRefusal::NotYours),
            Part::Agent | Part::WrappingUp => Err(DeskRefusal::NotUnderWay),
        }
    }

    /// t4 (R6).
    fn communicated(&mut self, world: &mut World) {
        if !std::mem::replace(&mut self.matter.communicated, true) {
            self.record(world, EventKind::FirstCommunication);
            self.stop_clock(world, K4, ClockChange::Met);
        }
    }

    /// t5 (R7), and t4 with it if it was not stated.
    fn dispose(&mut self, world: &mut World, disposition: Name) -> Result<(), DeskRefusal> {
        let disposition = world.plan.desk.disposition(&disposition).ok_or(DeskRefusal::NoSuchDisposition)?.name.clone();
        let open = world.plan.desk.disposition(&disposition).is_some_and(|disposition| disposition.open);
        self.communicated(world);
        self.dues.dispose(open, world.wall());
        self.record(world, EventKind::Handled { disposition });
        self.stop_clock(world, K5, ClockChange::Met);
        Ok(())
    }

    /// What is known of the matter from now on (R23, R28, R29): whom it may be transferred to, and how, follows from that.
    fn reclassify(&mut self, world: &mut World, seat: SeatId, change: Reclassified) {
        if change == Reclassified::default() {
            return;
        }
        self.dues.correct(&change, world.wall());
        let mut turned = false;
        if let Some(waiting) = &mut self.matter.waiting {
            let before = waiting.profile.sensitive;
            change_profile(&mut waiting.profile, &change);
            turned = waiting.profile.sensitive != before;
        }
        let is_live = !matches!(self.phase, Phase::Survey(_) | Phase::WrapUp);
        if is_live && change.kind == Some(Kind::Complaint) && !self.has_clock(K11) {
            let limit = world.plan.timers.complaint_record;
            self.start_clock(world, K11, world.now, limit);
        }
        self.record(world, EventKind::Reclassified { seat: world.seat_name(seat), change });
        if turned {
            self.heed_sensitivity(world);
        }
    }

    fn order_hold(&mut self, world: &mut World, part: Part, on: bool) -> Result<(), DeskRefusal> {
        let leg = match (&self.phase, part) {
            (Phase::Talking(talking), Part::Agent) => talking.leg,
            (_, Part::First | Part::Receiver) => return Err(DeskRefusal::UnderWay),
            (_, Part::Agent | Part::WrappingUp) => return Err(DeskRefusal::NoCall),
        };
        if std::mem::replace(&mut self.legs[leg].parted, on) != on {
            let by = LegRole::Agent;
            self.record(world, if on { EventKind::Held { by } } else { EventKind::Resumed { by } });
            self.arrange(world);
        }
        Ok(())
    }

    /// The seat's leg ends, as if its phone had hung up.
    fn order_hang_up(&mut self, world: &mut World, part: Part) -> Result<(), DeskRefusal> {
        let (first, receiver) = self.transfer().map_or((None, None), |transfer| (transfer.first, transfer.receiver()));
        match (part, first, receiver) {
            (Part::Agent, ..) => {
                if !self.begin_survey(world, None) {
                    self.finish(world, None, Side::Agent, Cause::Normal, None);
                }
            }
            (Part::First, Some(leg), _) => {
                self.end_leg(world, leg, None);
                self.first_left(world, leg, Cause::Normal);
            }
            (Part::Receiver, _, Some(receiver)) => {
                self.end_leg(world, receiver.leg, None);
                self.receiver_left(world, receiver, Cause::Normal);
            }
            (Part::First | Part::Receiver | Part::WrappingUp, ..) => return Err(DeskRefusal::NoCall),
        }
        Ok(())
    }
}

/// Applies what an agent found out.
pub(crate) fn change_profile(profile: &mut hotline_model::Profile, change: &Reclassified) {
    profile.class = change.class.or(profile.class);
    profile.nature = change.nature.or(profile.nature);
    profile.kind = change.kind.or(profile.kind);
    profile.category = change.category.or(profile.category);
    profile.priority = change.priority.unwrap_or(profile.priority);
    profile.sensitive = change.sensitive.unwrap_or(profile.sensitive);
}
