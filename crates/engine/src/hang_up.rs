//! The end of legs and of calls: who hung up, what is told to the others, and the wrap-up after it.

use crate::call::{Call, Phase, Talking};
use crate::world::{Alarm, World};
use hotline_model::history::{Cause, EventKind, OfferEnd, Side};
use hotline_model::{LegRole, SeatId};
use hotline_router::Input;
use hotline_sip::{DialogId, EndedWhy};

impl Call {
    /// A leg's dialog is over from the peer's side.
    pub fn on_dialog_over(&mut self, world: &mut World, index: u8, cause: Cause, q850: Option<u8>) {
        let dialog = self.legs[index].dialog;
        let side = match self.legs[index].role {
            LegRole::Caller => Side::Caller,
            LegRole::Agent | LegRole::Consult | LegRole::Supervisor => Side::Agent,
            LegRole::External => Side::Outside,
        };
        if matches!(self.phase, Phase::WrapUp | Phase::Done) {
            return;
        }
        if self.is_ringing_outside(dialog) {
            return self.on_outside_rejected(world, 503, cause == Cause::Unreachable);
        }
        if matches!(&self.phase, Phase::Reaching(_, talking) if talking.leg == index) {
            return self.agent_left(world);
        }
        if let Some(transfer) = self.transfer()
            && index != 0
        {
            return match (transfer.first, transfer.receiver()) {
                (Some(first), _) if first == index => self.first_left(world, index, cause),
                (_, Some(receiver)) if receiver.leg == index => self.receiver_left(world, receiver, cause),
                (_, _) => self.on_receiver_rejected(world, 503, cause == Cause::Unreachable),
            };
        }
        if index != 0 && !self.is_talking() {
            return self.on_seat_rejected(world, 503, cause == Cause::Unreachable);
        }
        let side = match cause {
            Cause::NoAck | Cause::Unreachable | Cause::Technical => Side::System,
            Cause::Normal
            | Cause::Cancelled
            | Cause::AbandonedInMenu
            | Cause::AbandonedInQueue
            | Cause::Completed
            | Cause::OutOfHours
            | Cause::Shutdown
            | Cause::NotReached
            | Cause::NotPutThrough(_)
            | Cause::CodeRefused
            | Cause::Blocked
            | Cause::QueuesFull => side,
        };
        if index != 0 && cause == Cause::Normal && self.begin_survey(world, Some(index)) {
            return;
        }
        let cause = self.abandonment(cause);
        self.finish(world, Some(dialog), side, cause, q850);
    }

    /// A normal hang-up means another thing before an agent answered (C24).
    fn abandonment(&self, cause: Cause) -> Cause {
        if let (Some(turned_away), Cause::Normal | Cause::Completed) = (self.turned_away, cause) {
            return turned_away;
        }
        match (&self.phase, cause) {
            (Phase::Menu(_), Cause::Normal) => Cause::AbandonedInMenu,
            (Phase::Led(_) | Phase::Waiting(_) | Phase::Offered(..), Cause::Normal) => Cause::AbandonedInQueue,
            (Phase::Goodbye, Cause::Normal) => Cause::Completed,
            (Phase::Message(message), Cause::Normal) => message.abandonment(),
            (_, cause) => cause,
        }
    }

    /// The caller did not hang up after goodbye: we do.
    pub fn on_linger_over(&mut self, world: &mut World) {
        let told = matches!(&self.phase, Phase::Message(message) if message.is_over());
        if told || matches!(self.phase, Phase::Goodbye) {
            let cause = self.abandonment(Cause::Completed);
            self.finish(world, None, Side::System, cause, None);
        }
    }

    /// The hotline ends: the caller gets a BYE, a wrap-up is over.
    pub fn end_for_shutdown(&mut self, world: &mut World) {
        if self.back.is_some() && !matches!(self.phase, Phase::Talking(_) | Phase::Transferring(_) | Phase::WrapUp) {
            return self.rest_for_shutdown(world);
        }
        if self.is_message() {
            // It stays open in the journal, and the next start takes it up.
            return self.alarms.clear_all(world);
        }
        if !matches!(self.phase, Phase::WrapUp) {
            self.finish(world, None, Side::System, Cause::Shutdown, None);
        }
        if matches!(self.phase, Phase::WrapUp) {
            world.wrapping.retain(|_, call| *call != self.id);
            self.archive(world);
        }
    }

    /// t6: ends every leg (but the one whose dialog is over already), tells the router, keeps the seat's wrap-up.
    pub fn finish(&mut self, world: &mut World, over: Option<DialogId>, side: Side, cause: Cause, q850: Option<u8>) {
        self.alarms.clear_all(world);
        if side == Side::System && cause != Cause::Unreachable {
            self.breach_dedicated(world);
        }
        self.drop_clocks(world);
        self.tell_replies(world);
        world.counters.ended += 1;
        if cause == Cause::AbandonedInQueue {
            world.counters.abandoned += 1;
        }
        if matches!(cause, Cause::AbandonedInQueue | Cause::Unreachable) {
            self.keep_place(world);
        }
        self.unregister(world);
        let phase = std::mem::replace(&mut self.phase, Phase::Done);
        if let Phase::Offered(_, offer) = &phase {
            self.record(world, EventKind::OfferEnded { seat: world.seat_name(offer.seat), why: OfferEnd::CallerGone });
        }
        self.survey_broken_off(world, &phase, side);
        self.outside_over(world, OfferEnd::CallerGone);
        if let Phase::Transferring(transfer) = &phase {
            self.transfer_over(world, transfer, cause);
        }
        for index in self.legs.numbers() {
            if over == Some(self.legs[index].dialog) {
                self.forget_leg(world, index);
            } else {
                self.end_leg(world, index, q850);
            }
        }
        self.record(world, EventKind::HungUp { side, cause, q850 });
        match phase {
            Phase::Talking(Talking { seat: Some(seat), .. }) | Phase::Reaching(_, Talking { seat: Some(seat), .. }) => {
                self.release(world, seat);
            }
            Phase::Waiting(_) | Phase::Offered(..) => world.router.handle(world.now, Input::Leave { call: self.id }),
            Phase::Talking(Talking { seat: None, .. })
            | Phase::Reaching(_, Talking { seat: None, .. })
            | Phase::Transferring(_)
            | Phase::Later(_)
            | Phase::Menu(_)
            | Phase::Survey(_)
            | Phase::Led(_)
            | Phase::Goodbye
            | Phase::WrapUp
            | Phase::Done => {}
            Phase::Message(message) => {
                if self.message_stays(world, message) {
                    return;
                }
            }
        }
        self.phase = Phase::WrapUp;
        self.wrap_up_over(world);
    }

    /// A seat's part in the call is over: its wrap-up begins.
    pub fn release(&mut self, world: &mut World, seat: SeatId) {
        if world.router.serves(seat, self.id) {
            world.wrapping.insert(seat, self.id);
            world.router.handle(world.now, Input::Released { call: self.id, seat });
        }
    }

    /// A seat's wrap-up is over. The record is complete after the last one.
    pub fn wrap_up_over(&mut self, world: &mut World) {
        if matches!(self.phase, Phase::WrapUp) && !world.wrapping.values().any(|call| *call == self.id) {
            self.archive(world);
        }
    }

    /// t7: the record is complete.
    pub fn archive(&mut self, world: &mut World) {
        self.phase = Phase::Done;
        let at = world.wall();
        world.regulars.close(self.id, &self.from, at);
        self.tell_dues(world);
        self.record(world, EventKind::Archived);
    }

    /// Hangs a leg up and forgets it.
    pub fn end_leg(&mut self, world: &mut World, index: u8, q850: Option<u8>) {
        let Some(leg) = self.legs.live(index) else { return };
        if world.sip.hang_up(world.now, leg.dialog, q850).is_err() {
            world.counters.late += 1;
        }
        self.forget_leg(world, index);
    }

    /// Drops a leg whose dialog is over: its media and the ways to it.
    pub fn forget_leg(&mut self, world: &mut World, index: u8) {
        let Some(leg) = self.legs.get_mut(index) else { return };
        if std::mem::replace(&mut leg.gone, true) {
            return;
        }
        world.dialogs.remove(&leg.dialog);
        leg.media.close(world);
        if let Some(trunk) = leg.trunk.take() {
            world.trunks.give_back(&trunk);
        }
        self.alarms.clear(world, Alarm::Probe(index));
        world.streams.remove(&leg.media.stream);
        self.sounds.forget(index);
        self.record(world, EventKind::LegEnded { leg: index });
    }
}

/// What the end of a dialog means for its call.
pub(crate) fn cause_of(why: EndedWhy) -> Cause {
    match why {
        EndedWhy::NoAck => Cause::NoAck,
        EndedWhy::TransportFailed | EndedWhy::Timeout => Cause::Unreachable,
        EndedWhy::Byed => Cause::Normal,
    }
}
