//! The transfer key of an agent's phone: a REFER (RFC 3515, RFC 5589) becomes the same order as any other. The phone that sends one may leave or
//! stay: the hotline calls the receiver itself, the caller hears music, and the agent is let go when the receiver has the caller (R55). A REFER of
//! the caller's or of somebody outside is refused: who they talk to is for the hotline to say.

use crate::call::{Call, Phase, Talking};
use crate::engine::Engine;
use crate::own_call::State;
use crate::world::World;
use hotline_model::history::{Cause, EventKind, PhoneEvent, Receiver, Side};
use hotline_model::{CallId, DeskOrder, DeskRefusal, LegRole, PhoneNumber, SeatId, Target, TransferReason};
use hotline_sip::{DialogId, Refer, Reject};
use std::time::Duration;

/// Neither the caller nor anybody outside may move the call (RFC 3261 21.4.4).
const FORBIDDEN: u16 = 403;
/// What an agent asks for can't be done, and the call stays (RFC 3261 21.6.2).
const DECLINED: u16 = 603;
/// A BYE so soon after a refused REFER is the phone's own: some hang up when their transfer fails, whatever the answer was. Long enough for an
/// answer that was lost twice (RFC 3261 17.1.2.2: the REFER comes again after 0.5 s and 1.5 s), too short for a person who reads the refusal.
const REFUSED: Duration = Duration::from_secs(2);
/// The REFER asks for something else than a call (RFC 3515 2.4.2).
const NOT_A_CALL: u16 = 501;

/// So many refused REFERs of a leg are told: a party who sends one after the other may not fill the call's story with them.
const TOLD_REFUSALS: u8 = 16;

impl Engine {
    /// A party asks us to call somebody for it.
    pub(crate) fn on_refer(&mut self, dialog: DialogId, refer: &Refer) {
        let Some((call, leg)) = self.world.dialogs.get(&dialog).copied() else { return self.refuse_refer(None, dialog, FORBIDDEN) };
        let seat =
            self.calls.get(&call).and_then(|call| call.legs.live(leg)).filter(|leg| leg.role == LegRole::Agent).and_then(|leg| leg.seat);
        let done = match seat {
            Some(seat) if self.call_of(seat) == Some(call) => self.refer_of_agent(call, seat, dialog, refer),
            Some(_) => Err(DECLINED),
            None => Err(FORBIDDEN),
        };
        if let Err(status) = done {
            self.refuse_refer(Some((call, leg)), dialog, status);
        }
    }

    fn refuse_refer(&mut self, leg: Option<(CallId, u8)>, dialog: DialogId, status: u16) {
        if self.world.sip.refuse_refer(self.world.now, dialog, Reject { code: status, q850: None, retry_after: None }).is_err() {
            self.world.counters.late += 1;
        }
        if let Some((call, leg)) = leg {
            self.with_call(call, |call, world| call.refer_refused(world, leg, status));
        }
    }

    fn refer_of_agent(&mut self, call: CallId, seat: SeatId, dialog: DialogId, refer: &Refer) -> Result<(), u16> {
        if refer.method.is_some() {
            return Err(NOT_A_CALL);
        }
        let reason = refer.reason.as_deref().and_then(TransferReason::from_word);
        match refer.replaces {
            Some(Err(why)) => Err(why.code()),
            Some(Ok(other)) => self.complete_with(call, seat, dialog, other, reason),
            None => self.refer_blind(seat, dialog, refer, reason),
        }
    }

    /// RFC 5589 6.1: the target is one of ours, or a number that the seat may dial. The phone's own name for the host is no way around that.
    fn refer_blind(&mut self, seat: SeatId, dialog: DialogId, refer: &Refer, reason: Option<TransferReason>) -> Result<(), u16> {
        if refer.host.as_ref().is_some_and(|host| !self.world.sip.is_ours(host)) {
            return Err(FORBIDDEN);
        }
        let to = self.world.plan.target(&refer.to_user).ok_or(404u16)?;
        let by = self.world.seat_name(seat);
        let order = DeskOrder::Transfer { to, mode: None, reason };
        self.order_in_call(seat, by, order, Some(dialog)).map_err(status)?;
        self.accept_refer(dialog);
        if let (Some((call, leg)), Some((cseq, named))) = (self.world.dialogs.get(&dialog).copied(), self.world.sip.referring(dialog)) {
            self.world.record(call, EventKind::Phone(PhoneEvent::Referred { leg, cseq, named }));
        }
        // It may have failed in the same step, before anybody listened.
        let under_way = self.call_of(seat).and_then(|call| self.calls.get(&call)?.transfer()?.refer) == Some(dialog);
        if !under_way {
            self.tell(dialog, 503);
        }
        Ok(())
    }

    fn accept_refer(&mut self, dialog: DialogId) {
        if self.world.sip.accept_refer(self.world.now, dialog).is_err() {
            self.world.counters.late += 1;
        }
    }

    fn tell(&mut self, dialog: DialogId, code: u16) {
        if self.world.sip.refer_progress(self.world.now, dialog, code).is_err() {
            self.world.counters.late += 1;
        }
    }

    /// RFC 5589 7: the agent has talked on a second line with the receiver, in a call of the seat's own; both calls become one. Nothing has
    /// changed if it is refused.
    fn complete_with(
        &mut self,
        call: CallId,
        seat: SeatId,
        dialog: DialogId,
        other: DialogId,
        reason: Option<TransferReason>,
    ) -> Result<(), u16> {
        let (own, receiver) = self.second_line(seat, other)?;
        let base = &self.own.get(&own).ok_or(481u16)?.base;
        let (to, who) = match receiver.seat {
            Some(seat) => {
                let name = self.world.seat_name(seat);
                (Target::Seat(name.clone()), Receiver::Seat(name))
            }
            None => {
                let number = PhoneNumber::parse(base.from.reveal()).map_err(|_| DECLINED)?;
                let trunk = base.legs.live(receiver.leg).and_then(|leg| leg.trunk.clone()).ok_or(DECLINED)?;
                let to = number.digits().into();
                (Target::Number(number), Receiver::Outside { to, trunk })
            }
        };
        let name = self.world.seat_name(seat);
        let order = DeskOrder::Transfer { to: to.clone(), mode: None, reason };
        self.world.record(call, EventKind::Ordered { seat: name.clone(), by: name.clone(), order });
        let mut allowed = Err(DeskRefusal::NoCall);
        self.with_call(call, |call, world| allowed = call.may_join(world, seat, &to, receiver, reason));
        let reason = match allowed {
            Ok(reason) => reason,
            Err(why) => {
                self.world.record(call, EventKind::OrderRefused { seat: name, why });
                return Err(status(why));
            }
        };
        self.accept_refer(dialog);
        self.join(call, seat, own, receiver, (to, who, reason, dialog));
        Ok(())
    }

    /// The seat's own call that a dialog is the phone's leg of, and the one it talks with there.
    fn second_line(&self, seat: SeatId, dialog: DialogId) -> Result<(CallId, Talking), u16> {
        let (id, leg) = self.world.dialogs.get(&dialog).copied().ok_or(481u16)?;
        let own = self.own.get(&id).filter(|own| own.seat == Some(seat) && leg == 0).ok_or(FORBIDDEN)?;
        match (&own.state, &own.base.phase) {
            (State::Talking(_), Phase::Talking(talking)) => Ok((id, *talking)),
            (_, _) => Err(status(DeskRefusal::NotAnswered)),
        }
    }

    /// The receiver's leg goes from the seat's own call into the customer's, and that call's rest ends.
    fn join(
        &mut self,
        id: CallId,
        from: SeatId,
        own: CallId,
        receiver: Talking,
        (to, who, reason, refer): (Target, Receiver, TransferReason, DialogId),
    ) {
        let Some(leg) = self.own.get_mut(&own).and_then(|own| own.base.give_leg_away(&mut self.world, receiver.leg)) else { return };
        if let Some(seat) = receiver.seat {
            self.world.router.handle(self.world.now, hotline_router::Input::Engaged { call: id, seat, queue: None });
        }
        self.with_call(id, |call, world| {
            let Some(index) = call.legs.free() else { return };
            world.dialogs.insert(leg.dialog, (id, index));
            world.streams.insert(leg.media.stream, (id, index));
            call.legs.put(index, leg);
            let receiver = Talking { leg: index, ..receiver };
            call.take_over_by(world, from, receiver, (to, who, reason, refer));
        });
        self.with_own(own, |own, world| own.finish(world, None, Side::Caller, Cause::Normal, None));
        self.forget_over(own);
    }
}

impl Call {
    /// A party's REFER was refused.
    pub fn refer_refused(&mut self, world: &mut World, leg: u8, status: u16) {
        world.counters.refers_refused += 1;
        if let Some(leg) = self.legs.get_mut(leg) {
            leg.refused = Some(world.now);
            if leg.refusals == TOLD_REFUSALS {
                return;
            }
            leg.refusals += 1;
        }
        self.record(world, EventKind::ReferRefused { leg, status });
    }

    /// A party hung up. An agent's phone that does so within 2 s after its REFER was refused did not end the call, but gave up its transfer: the
    /// caller hears music and is offered to the same agent again, as after a transfer that nobody took (R59), else waits again at the old
    /// place. Later, or by an order to hang up, it is an end like any other; and so it is for the caller and for somebody outside.
    pub fn on_bye(&mut self, world: &mut World, index: u8, q850: Option<u8>) {
        let refused = self.legs[index].refused.is_some_and(|at| world.now.since(at) <= REFUSED);
        if let Phase::Talking(Talking { seat: Some(seat), leg }) = self.phase
            && leg == index
            && refused
            && self.matter.waiting.is_some()
        {
            self.forget_leg(world, index);
            self.release(world, seat);
            return self.return_to_first(world, seat);
        }
        self.on_dialog_over(world, index, Cause::Normal, q850);
    }

    /// Whether the receiver of another call may have this caller, and why that is (R53, R68).
    fn may_join(
        &mut self,
        world: &mut World,
        seat: SeatId,
        to: &Target,
        receiver: Talking,
        reason: Option<TransferReason>,
    ) -> Result<TransferReason, DeskRefusal> {
        self.leg_of_talk(seat)?;
        let target = world.plan.transfer_to(seat, to)?;
        let reason = crate::transfer::taken(world, reason.or(target.reason))?;
        self.may_keep(world, receiver)?;
        self.legs.free().map(|_| reason).ok_or(DeskRefusal::NoRoom)
    }

    /// A leg that another call has from now on.
    fn give_leg_away(&mut self, world: &mut World, index: u8) -> Option<crate::leg::Leg> {
        self.alarms.clear(world, crate::world::Alarm::Probe(index));
        let leg = self.legs.take(index)?;
        self.sounds.forget(index);
        self.record(world, EventKind::LegEnded { leg: index });
        Some(leg)
    }
}

/// The status that tells a phone why not.
fn status(why: DeskRefusal) -> u16 {
    match why {
        DeskRefusal::NoSuchTarget | DeskRefusal::NoSuchSeat => 404,
        DeskRefusal::NotAllowed | DeskRefusal::OwnNumber => FORBIDDEN,
        DeskRefusal::NobodyThere => 480,
        // RFC 3261 21.4.20: the call would come back to the one who sends it.
        DeskRefusal::Oneself => 482,
        DeskRefusal::UnderWay => 491,
        DeskRefusal::NoCall
        | DeskRefusal::NoReason
        | DeskRefusal::ReasonNotTaken
        | DeskRefusal::AttendedOnly
        | DeskRefusal::NotReady
        | DeskRefusal::NotCleared
        | DeskRefusal::NoRoom
        | DeskRefusal::NotUnderWay
        | DeskRefusal::NotAnswered
        | DeskRefusal::NotYours
        | DeskRefusal::NobodyToGoBackTo
        | DeskRefusal::NoSuchDisposition
        | DeskRefusal::NotNow
        | DeskRefusal::SignedOut
        | DeskRefusal::OutsideShifts
        | DeskRefusal::NotAtThisTelephone
        | DeskRefusal::NotFromThisNetwork => DECLINED,
    }
}
