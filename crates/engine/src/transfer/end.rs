//! The end of a transfer: the receiver has the caller, or the caller is with the first agent again, or waits for one.

use super::receiver::why_ended;
use super::{Aim, Stage, Transfer, Way};
use crate::call::{Call, Phase, Talking};
use crate::live_clock::{K3, K9};
use crate::world::World;
use hotline_model::history::{Cause, ClockChange, EventKind, OfferEnd, Receiver, Side};
use hotline_model::{DeskRefusal, LegRole, SeatId, Target, TransferEnd, TransferMode, TransferReason};
use hotline_router::Input;
use hotline_sip::DialogId;

/// A receiver who hangs up while he is asked to take over has declined, and so is one declined who may not have the caller (RFC 3261 21.6.2).
const DECLINED: u16 = 603;

impl Call {
    /// The first agent says that the receiver has the caller from now on (R54).
    pub fn complete_transfer(&mut self, world: &mut World, reason: Option<TransferReason>) -> Result<(), DeskRefusal> {
        let transfer = self.transfer().ok_or(DeskRefusal::NotUnderWay)?;
        let receiver = transfer.receiver().ok_or(DeskRefusal::NotAnswered)?;
        let reason = super::begin::taken(world, reason.or(transfer.reason).or(transfer.default))?;
        let before = transfer.reason;
        self.may_keep(world, receiver)?;
        if before != Some(reason) {
            self.record(world, EventKind::TransferMeant { reason });
        }
        if transfer_is_new(self) {
            world.counters.transfers += 1;
        }
        self.hand_over(world, TransferEnd::Completed);
        Ok(())
    }

    /// A call that has become sensitive meanwhile stays with who is cleared (R68).
    pub fn may_keep(&self, world: &World, receiver: Talking) -> Result<(), DeskRefusal> {
        let sensitive = self.matter.waiting.as_ref().is_some_and(|waiting| waiting.profile.sensitive);
        let cleared = receiver.seat.is_some_and(|seat| world.plan.seat(seat).cleared);
        if sensitive && !cleared { Err(DeskRefusal::NotCleared) } else { Ok(()) }
    }

    /// Another call of the agent's brought the receiver, who has the caller at once.
    pub fn take_over_by(
        &mut self,
        world: &mut World,
        from: SeatId,
        receiver: Talking,
        (to, who, reason, refer): (Target, Receiver, TransferReason, DialogId),
    ) {
        let Phase::Talking(Talking { leg, .. }) = self.phase else { return };
        let mode = TransferMode::Attended;
        self.legs[receiver.leg].role = if receiver.seat.is_some() { LegRole::Consult } else { LegRole::External };
        let name = world.seat_name(from);
        self.record(world, EventKind::TransferBegan { from: name, to, mode, reason: Some(reason), consultation: false });
        self.record_leg(world, receiver.leg);
        self.record(world, EventKind::ReceiverAnswered { receiver: who });
        self.probe_later(world, receiver.leg);
        world.counters.transfers += 1;
        let stage = Stage::Consulting(receiver);
        let (way, answer_by) = (Way::Seats(Vec::new()), world.now);
        let (aim, reason, refer) = (Aim::TakeOver, Some(reason), Some(refer));
        let first = Some(leg);
        self.phase =
            Phase::Transferring(Box::new(Transfer { aim, from, first, mode, way, reason, default: None, answer_by, stage, refer }));
        self.hand_over(world, TransferEnd::Completed);
    }

    /// The receiver who answered has the caller; the first agent, if still there, is free and has the wrap-up.
    pub fn hand_over(&mut self, world: &mut World, end: TransferEnd) {
        let Some(transfer) = self.transfer().cloned() else { return };
        let Some(receiver) = transfer.receiver() else { return };
        self.stop_clock(world, K9, ClockChange::Dropped);
        match (transfer.aim, receiver.seat) {
            (Aim::TakeOver | Aim::Consult, _) => self.record(world, EventKind::TransferEnded { end }),
            (Aim::GiveBack | Aim::Return, Some(seat)) => {
                self.record(world, EventKind::Answered { seat: world.seat_name(seat) });
                if transfer.aim == Aim::GiveBack {
                    self.record(world, EventKind::TransferEnded { end: TransferEnd::GivenBack });
                }
            }
            (Aim::GiveBack | Aim::Return, None) => {}
        }
        self.tell_refer(world, 200);
        if transfer.is_told() {
            world.counters.transferred += 1;
            self.matter.before = Some(transfer.from);
        } else {
            self.matter.before = None;
        }
        if receiver.seat.is_some() {
            self.legs[receiver.leg].role = LegRole::Agent;
        }
        self.phase = Phase::Talking(receiver);
        self.record_leg(world, receiver.leg);
        if let Some(leg) = transfer.first {
            self.end_leg(world, leg, None);
            self.release(world, transfer.from);
        }
        self.arrange(world);
    }

    /// The first agent takes the caller back.
    pub fn cancel_transfer(&mut self, world: &mut World) -> Result<(), DeskRefusal> {
        if self.transfer().is_none() {
            return Err(DeskRefusal::NotUnderWay);
        }
        self.transfer_failed(world, TransferEnd::Cancelled);
        Ok(())
    }

    /// Nobody has taken the caller: back to the first agent, who is still there or is offered the caller again.
    pub(crate) fn transfer_failed(&mut self, world: &mut World, end: TransferEnd) {
        let why = match end {
            TransferEnd::NotAnswered => self.cut_short(),
            TransferEnd::Completed
            | TransferEnd::Cancelled
            | TransferEnd::Rejected(_)
            | TransferEnd::Unreachable
            | TransferEnd::CallerGone
            | TransferEnd::TakenOver
            | TransferEnd::FirstGone
            | TransferEnd::GivenBack
            | TransferEnd::Failed
            | TransferEnd::NotCleared
            | TransferEnd::HungUp => OfferEnd::Withdrawn,
        };
        self.drop_receiver(world, why);
        self.go_back(world, end);
    }

    /// The receiver is gone already.
    fn go_back(&mut self, world: &mut World, end: TransferEnd) {
        self.stop_clock(world, K9, ClockChange::Dropped);
        let Some(transfer) = self.transfer().cloned() else { return };
        if transfer.is_told() {
            self.record(world, EventKind::TransferEnded { end });
        }
        self.tell_refer(world, status(end));
        match (transfer.first, transfer.aim) {
            (Some(leg), _) => {
                self.phase = Phase::Talking(Talking { seat: Some(transfer.from), leg });
                self.arrange(world);
            }
            (None, Aim::TakeOver | Aim::Consult) => self.return_to_first(world, transfer.from),
            (None, Aim::GiveBack | Aim::Return) => self.wait_again(world),
        }
    }

    /// R59: the first agent has the caller again if free, or in the wrap-up of this very call; else the caller waits for whoever is free first.
    pub fn return_to_first(&mut self, world: &mut World, seat: SeatId) {
        let sensitive = self.matter.waiting.as_ref().is_some_and(|waiting| waiting.profile.sensitive);
        if world.router.takes(self.id, seat, sensitive).is_err() {
            return self.wait_again(world);
        }
        let answer_by = world.now + world.plan.timers.ring_per_offer;
        self.go_back_to(world, way_back(Aim::Return, seat, None, seat), answer_by);
    }

    /// The receiver of an earlier transfer gives the caller back.
    pub fn give_back(&mut self, world: &mut World, by: SeatId) -> Result<(), DeskRefusal> {
        let Phase::Talking(Talking { seat: Some(seat), leg }) = self.phase else {
            return Err(if self.transfer().is_some() { DeskRefusal::UnderWay } else { DeskRefusal::NoCall });
        };
        let to = self.matter.before.filter(|_| seat == by).ok_or(DeskRefusal::NobodyToGoBackTo)?;
        let sensitive = self.matter.waiting.as_ref().is_some_and(|waiting| waiting.profile.sensitive);
        world.router.takes(self.id, to, sensitive).map_err(|_| DeskRefusal::NobodyToGoBackTo)?;
        if self.legs.free().is_none() || world.ports.is_empty() {
            return Err(DeskRefusal::NoRoom);
        }
        let answer_by = world.now + world.plan.timers.transfer_answer;
        self.legs[leg].parted = false;
        self.go_back_to(world, way_back(Aim::GiveBack, by, Some(leg), to), answer_by);
        Ok(())
    }

    /// The caller waits once more in the queue it came from, first in its priority, and the agent who is responsible has it first if the queue's
    /// order asks for that.
    pub fn wait_again(&mut self, world: &mut World) {
        let Some(mut waiting) = self.matter.waiting.clone() else {
            return self.finish(world, None, Side::System, Cause::Unreachable, None);
        };
        waiting.queue = self.instead_of(&world.plan, waiting.queue).unwrap_or(waiting.queue);
        waiting.profile.owner = self.matter.owner.or(waiting.profile.owner);
        let limit = world.plan.timers.answer;
        waiting.answer_by = world.now + limit;
        // The customer of a call-back is on the line: from now on it is a call like any other.
        self.back = None;
        self.left.clear();
        self.sounds = crate::sounds::Sounds::default();
        let queue = world.plan.queue(waiting.queue).name.clone();
        self.record(world, EventKind::Queued { queue, priority: waiting.profile.priority });
        self.phase = Phase::Waiting(waiting.clone());
        self.start_clock(world, K3, world.now, limit);
        self.play(world, &[], false, true);
        self.keep_waiting(world, &waiting);
        world.router.handle(world.now, Input::Breached { call: self.id });
    }

    /// All three talk with each other.
    pub fn talk_in_three(&mut self, world: &mut World) -> Result<(), DeskRefusal> {
        let receiver = match self.transfer().ok_or(DeskRefusal::NotUnderWay)?.stage {
            Stage::Looking | Stage::Ringing(_) => return Err(DeskRefusal::NotAnswered),
            Stage::ThreeWay(_) => return Ok(()),
            Stage::Consulting(receiver) => receiver,
        };
        self.may_keep(world, receiver)?;
        self.set_stage(Stage::ThreeWay(receiver));
        self.record(world, EventKind::ThreeWay { on: true });
        self.arrange(world);
        Ok(())
    }

    /// The first agent's leg is over while somebody else was called: by hanging up, or with the phone.
    pub fn first_left(&mut self, world: &mut World, leg: u8, cause: Cause) {
        self.forget_leg(world, leg);
        let Some(transfer) = self.transfer_mut() else { return };
        transfer.first = None;
        let (from, aim, receiver) = (transfer.from, transfer.aim, transfer.receiver());
        // Who hangs up after having asked the phone or us to put the caller through at once meant just that.
        let is_meant = aim != Aim::Consult && (transfer.is_left_alone() || cause == Cause::Normal && transfer.refer.is_some());
        let goes_on = is_meant && receiver.is_none();
        let answered = receiver.is_some_and(|receiver| self.may_keep(world, receiver).is_ok());
        if !answered && !goes_on {
            // Before the seat is free, or the call itself, which looks for a receiver, would be offered to it.
            self.drop_receiver(world, OfferEnd::Withdrawn);
        }
        self.release(world, from);
        if answered {
            let end = if cause == Cause::Normal && aim == Aim::TakeOver { TransferEnd::Completed } else { TransferEnd::TakenOver };
            self.hand_over(world, end);
        } else if goes_on {
            self.arrange(world);
        } else {
            self.stop_clock(world, K9, ClockChange::Dropped);
            let end = if receiver.is_some() { TransferEnd::NotCleared } else { TransferEnd::FirstGone };
            self.record(world, EventKind::TransferEnded { end });
            self.wait_again(world);
        }
    }

    /// The receiver's leg is over after the answer.
    pub fn receiver_left(&mut self, world: &mut World, receiver: Talking, cause: Cause) {
        self.forget_leg(world, receiver.leg);
        self.free_receiver(world, receiver);
        let aim = self.transfer().map_or(Aim::Consult, |transfer| transfer.aim);
        let end = match (cause, aim) {
            (Cause::Normal, Aim::TakeOver | Aim::Consult) => TransferEnd::HungUp,
            (Cause::Normal, Aim::GiveBack | Aim::Return) => TransferEnd::Cancelled,
            (_, _) => why_ended(OfferEnd::Unreachable),
        };
        self.go_back(world, end);
    }

    /// The call ends in the middle of it: what is told of the transfer, and to the router of its seats.
    pub fn transfer_over(&mut self, world: &mut World, transfer: &Transfer, cause: Cause) {
        if transfer.is_told() {
            let end = if cause == Cause::Shutdown { TransferEnd::Failed } else { TransferEnd::CallerGone };
            self.record(world, EventKind::TransferEnded { end });
        }
        match &transfer.stage {
            Stage::Looking => world.router.handle(world.now, Input::Leave { call: self.id }),
            Stage::Ringing(ring) => {
                self.record(world, EventKind::ReceiverEnded { receiver: ring.who.clone(), why: OfferEnd::CallerGone });
                world.router.handle(world.now, Input::Leave { call: self.id });
            }
            Stage::Consulting(receiver) => self.free_receiver(world, *receiver),
            Stage::ThreeWay(Talking { seat: Some(seat), .. }) => self.release(world, *seat),
            Stage::ThreeWay(Talking { seat: None, .. }) => {}
        }
        if transfer.first.is_some() {
            self.release(world, transfer.from);
        }
    }
}

impl Transfer {
    /// Whether the first agent is no longer needed.
    fn is_left_alone(&self) -> bool {
        self.mode == TransferMode::BlindWithReturn || self.aim == Aim::GiveBack
    }
}

/// Whether it was a consultation until now.
fn transfer_is_new(call: &Call) -> bool {
    call.transfer().is_some_and(|transfer| transfer.aim == Aim::Consult)
}

/// The way to a seat that had the caller before.
fn way_back(aim: Aim, from: SeatId, first: Option<u8>, to: SeatId) -> Transfer {
    Transfer {
        aim,
        from,
        first,
        mode: TransferMode::BlindWithReturn,
        way: Way::Seats(vec![to]),
        reason: None,
        default: None,
        answer_by: hotline_model::Timestamp(0),
        stage: Stage::Looking,
        refer: None,
    }
}

/// What a REFER is told of a transfer that failed (RFC 3515 2.4.5).
fn status(end: TransferEnd) -> u16 {
    match end {
        TransferEnd::Completed | TransferEnd::TakenOver | TransferEnd::GivenBack => 200,
        TransferEnd::Cancelled | TransferEnd::CallerGone | TransferEnd::FirstGone => 487,
        TransferEnd::NotAnswered => 408,
        TransferEnd::Rejected(code) => code,
        TransferEnd::Unreachable => 480,
        TransferEnd::Failed => 503,
        TransferEnd::NotCleared | TransferEnd::HungUp => DECLINED,
    }
}
