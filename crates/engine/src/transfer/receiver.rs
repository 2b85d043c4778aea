//! The receiver: found, called, ringing, answering, or not.

use super::begin::for_receiver;
use super::{Ring, Stage, Way};
use crate::call::{Call, Phase, Talking};
use crate::live_clock::K9;
use crate::offer::release_untalked;
use crate::outside::TRUNK_TROUBLES;
use crate::world::{Alarm, World};
use hotline_model::history::{ClockChange, EventKind, OfferEnd, Receiver};
use hotline_model::{LegRole, SeatId, Timestamp, TransferEnd};
use hotline_router::Input;
use hotline_rules::Callee;
use std::time::Duration;

impl Call {
    /// Calls the next one who may take the caller; without one it has failed.
    pub(super) fn call_receiver(&mut self, world: &mut World) {
        let Some(transfer) = self.transfer_mut() else { return };
        match &mut transfer.way {
            Way::Queue(_) => self.look_in_queue(world),
            Way::Outside(..) => self.call_outside_receiver(world, OfferEnd::Unreachable),
            Way::Seats(_) => self.offer_to_next_seat(world, TransferEnd::Unreachable),
        }
    }

    pub(super) fn look_in_queue(&mut self, world: &mut World) {
        let Some(waiting) = self.matter.waiting.clone() else { return };
        let Some(transfer) = self.transfer() else { return };
        let (Way::Queue(queue), answer_by) = (&transfer.way, transfer.answer_by) else { return };
        let profile = for_receiver(world, &waiting.profile);
        let input = Input::Wait { call: self.id, queue: *queue, profile, since: waiting.since, answer_by, admitted: false };
        world.router.handle(world.now, input);
    }

    /// Several seats get a ring each as any offer has, the last one what K9 has left.
    pub(super) fn offer_to_next_seat(&mut self, world: &mut World, otherwise: TransferEnd) {
        let (queue, sensitive) =
            self.matter.waiting.as_ref().map_or((None, false), |waiting| (Some(waiting.queue), waiting.profile.sensitive));
        let (id, now) = (self.id, world.now);
        let Some(transfer) = self.transfer_mut() else { return };
        let Way::Seats(seats) = &mut transfer.way else { return };
        while !seats.is_empty() {
            let seat = seats.remove(0);
            if world.router.takes(id, seat, sensitive).is_ok() {
                let short = if seats.is_empty() { transfer.answer_by } else { now + world.plan.timers.ring_per_offer };
                let answer_by = short.min(transfer.answer_by);
                return world.router.handle(now, Input::Direct { call: id, seat, queue, sensitive, answer_by });
            }
        }
        self.transfer_failed(world, otherwise);
    }

    /// The router has found a seat: its phone is called in the same step.
    pub fn on_receiver_found(&mut self, world: &mut World, seat: SeatId, ring: Duration) {
        let (Some(Stage::Looking), Some(waiting)) = (self.transfer().map(|transfer| &transfer.stage), self.matter.waiting.clone()) else {
            if self.ring().is_some_and(|ring| ring.party.seat == Some(seat)) {
                return;
            }
            return world.router.handle(world.now, Input::Leave { call: self.id });
        };
        if waiting.profile.sensitive && !world.plan.seat(seat).cleared {
            // It turned out to be sensitive after a router at a distance was asked (R68).
            world.router.handle(world.now, Input::Leave { call: self.id });
            return self.offer_to_next_seat(world, TransferEnd::NotCleared);
        }
        match self.invite_seat(world, seat, 0, &waiting, None) {
            Ok(leg) => {
                let who = Receiver::Seat(world.seat_name(seat));
                self.ring_receiver(world, Talking { seat: Some(seat), leg }, who, LegRole::Consult, ring);
            }
            Err(why) => {
                let who = Receiver::Seat(world.seat_name(seat));
                self.record(world, EventKind::ReceiverEnded { receiver: who, why });
                world.router.handle(world.now, Input::Failed { call: self.id, seat, why });
                self.after_receiver(world, why);
            }
        }
    }

    fn ring_receiver(&mut self, world: &mut World, party: Talking, who: Receiver, role: LegRole, ring: Duration) {
        self.legs[party.leg].role = role;
        let ring_ms = u32::try_from(ring.as_millis()).unwrap_or(u32::MAX);
        self.record(world, EventKind::ReceiverCalled { leg: party.leg, receiver: who.clone(), ring_ms });
        let no_progress = world.plan.timers.no_progress;
        self.alarm(world, Alarm::NoProgress, world.now + no_progress);
        self.alarm(world, Alarm::Ring, world.now + ring);
        if let Some(transfer) = self.transfer_mut() {
            transfer.stage = Stage::Ringing(Ring { party, who, rang: false, tried: 0, answered: false });
        }
        self.arrange(world);
    }

    fn call_outside_receiver(&mut self, world: &mut World, last: OfferEnd) {
        let now = world.now;
        let Some(transfer) = self.transfer_mut() else { return };
        let (Way::Outside(number, trunks), from, answer_by) = (&mut transfer.way, transfer.from, transfer.answer_by) else { return };
        let (number, rest) = (number.clone(), std::mem::take(trunks));
        let allowed =
            world.plan.may_seat_dial(from, &number) || world.plan.transfer.persons.iter().any(|person| calls(&person.route, &number));
        let mut rest = rest.into_iter().filter(|_| allowed);
        while let Some(trunk) = rest.next() {
            if let Ok(leg) = self.dial_outside(world, &Callee::Number(number.clone()), &trunk, LegRole::External) {
                world.counters.outside_called += 1;
                if let Some(transfer) = self.transfer_mut() {
                    transfer.way = Way::Outside(number.clone(), rest.collect());
                }
                let who = Receiver::Outside { to: number.digits().into(), trunk };
                return self.ring_receiver(world, Talking { seat: None, leg }, who, LegRole::External, answer_by.since(now));
            }
        }
        world.counters.outside_not_called += 1;
        self.transfer_failed(world, if allowed { why_ended(last) } else { TransferEnd::Failed });
    }

    /// 1xx from the receiver.
    pub fn on_receiver_progress(&mut self, world: &mut World, code: u16) {
        self.alarms.clear(world, Alarm::NoProgress);
        let id = self.id;
        let Some(Stage::Ringing(ring)) = self.transfer_mut().map(|transfer| &mut transfer.stage) else { return };
        if code < 180 || ring.rang {
            return;
        }
        ring.rang = true;
        let (who, seat) = (ring.who.clone(), ring.party.seat);
        self.record(world, EventKind::ReceiverRings { receiver: who });
        if let Some(seat) = seat {
            world.router.handle(world.now, Input::Ringing { call: id, seat });
        }
        self.tell_refer(world, 180);
    }

    /// The receiver's phone was answered: of a seat the router says whether in time.
    pub fn on_receiver_answered(&mut self, world: &mut World, body: Option<&[u8]>) {
        let Some(ring) = self.ring().cloned() else { return };
        if !self.agree(world, ring.party.leg, body) {
            self.end_leg(world, ring.party.leg, None);
            return self.receiver_over(world, OfferEnd::Rejected(488));
        }
        if let Some(seat) = ring.party.seat {
            if let Some(Stage::Ringing(ring)) = self.transfer_mut().map(|transfer| &mut transfer.stage) {
                ring.answered = true;
            }
            self.clear_ring(world);
            if world.router.is_far(self.id) {
                self.record_leg(world, ring.party.leg);
            }
            return world.router.handle(world.now, Input::Answered { call: self.id, seat });
        }
        world.counters.outside_answered += 1;
        self.receiver_is_there(world, ring);
    }

    /// The router says that the receiver answered in time.
    pub fn on_receiver_taken_in_time(&mut self, world: &mut World, seat: SeatId) {
        if let Some(ring) = self.ring_answered_by(seat) {
            return self.receiver_is_there(world, ring);
        }
        world.counters.late += 1;
        release_untalked(world, self.id, seat);
        self.look_anew(world);
    }

    /// Looks in the queue with a router that does not know the call yet, or no longer.
    pub fn look_anew(&mut self, world: &mut World) {
        if let Some(Stage::Looking) = self.transfer().map(|transfer| &transfer.stage) {
            self.look_in_queue(world);
        }
    }

    /// The router had ended the offer that the receiver answered.
    pub fn on_late_receiver(&mut self, world: &mut World, seat: SeatId) {
        let Some(ring) = self.ring_answered_by(seat) else { return };
        world.counters.late += 1;
        self.end_leg(world, ring.party.leg, None);
        self.receiver_over(world, OfferEnd::Withdrawn);
    }

    fn ring_answered_by(&self, seat: SeatId) -> Option<Ring> {
        self.ring().filter(|ring| ring.answered && ring.party.seat == Some(seat)).cloned()
    }

    /// The receiver talks with the first agent, or has the caller at once.
    fn receiver_is_there(&mut self, world: &mut World, ring: Ring) {
        self.clear_ring(world);
        // First of all, since its ACK is on its way: what is not known of a leg can't be hung up after a crash.
        if ring.party.seat.is_none() || !world.router.is_far(self.id) {
            self.record_leg(world, ring.party.leg);
        }
        self.stop_clock(world, K9, ClockChange::Met);
        self.probe_later(world, ring.party.leg);
        let Some(transfer) = self.transfer_mut() else { return };
        let (at_once, told) = (transfer.is_at_once(), transfer.is_told());
        transfer.stage = Stage::Consulting(ring.party);
        if told {
            self.record(world, EventKind::ReceiverAnswered { receiver: ring.who });
        }
        if at_once {
            return self.hand_over(world, TransferEnd::Completed);
        }
        self.arrange(world);
    }

    /// The receiver's phone refused, or could not be reached.
    pub fn on_receiver_rejected(&mut self, world: &mut World, code: u16, local: bool) {
        let Some(ring) = self.ring() else { return };
        let (leg, is_seat) = (ring.party.leg, ring.party.seat.is_some());
        self.forget_leg(world, leg);
        if local && is_seat && self.try_next_contact_of_receiver(world) {
            return;
        }
        self.receiver_over(world, if local { OfferEnd::Unreachable } else { OfferEnd::Rejected(code) });
    }

    /// No 1xx within `timers.no_progress`.
    pub fn on_receiver_no_progress(&mut self, world: &mut World) {
        let Some(ring) = self.ring() else { return };
        let (leg, is_seat) = (ring.party.leg, ring.party.seat.is_some());
        self.end_leg(world, leg, None);
        if !is_seat || !self.try_next_contact_of_receiver(world) {
            self.receiver_over(world, OfferEnd::Unreachable);
        }
    }

    /// The ring is over.
    pub fn on_receiver_ring_over(&mut self, world: &mut World) {
        let Some(ring) = self.ring() else { return };
        let (leg, why) = (ring.party.leg, if ring.rang { OfferEnd::Rona } else { OfferEnd::Unreachable });
        self.end_leg(world, leg, None);
        self.receiver_over(world, why);
    }

    /// The router took the offer back: the seat signed out, or is elsewhere.
    pub fn on_receiver_withdrawn(&mut self, world: &mut World, seat: SeatId) {
        let Some(ring) = self.ring().filter(|ring| ring.party.seat == Some(seat)) else { return };
        let (leg, who) = (ring.party.leg, ring.who.clone());
        self.end_leg(world, leg, None);
        self.ring_ended(world, who, OfferEnd::Withdrawn);
        self.after_receiver(world, OfferEnd::Withdrawn);
    }

    /// The router can't offer the caller to the seat that was to have it.
    pub fn on_receiver_taken(&mut self, world: &mut World) {
        if matches!(self.transfer().map(|transfer| &transfer.stage), Some(Stage::Looking)) {
            self.after_receiver(world, OfferEnd::Withdrawn);
        }
    }

    /// The queue takes no more, or is gone.
    pub fn on_no_receiver(&mut self, world: &mut World) {
        self.transfer_failed(world, TransferEnd::Failed);
    }

    /// The same ring at the seat's next contact.
    fn try_next_contact_of_receiver(&mut self, world: &mut World) -> bool {
        let (Some(ring), Some(waiting)) = (self.ring().cloned(), self.matter.waiting.clone()) else { return false };
        let (Some(seat), tried) = (ring.party.seat, ring.tried + 1) else { return false };
        let Ok(leg) = self.invite_seat(world, seat, tried, &waiting, None) else { return false };
        self.legs[leg].role = LegRole::Consult;
        let no_progress = world.plan.timers.no_progress;
        self.alarm(world, Alarm::NoProgress, world.now + no_progress);
        if let Some(transfer) = self.transfer_mut() {
            transfer.stage = Stage::Ringing(Ring { party: Talking { leg, ..ring.party }, rang: false, answered: false, tried, ..ring });
        }
        true
    }

    /// A ring whose leg is gone already ended without an answer.
    fn receiver_over(&mut self, world: &mut World, why: OfferEnd) {
        let Some(ring) = self.ring().cloned() else { return };
        if let (Receiver::Outside { trunk, .. }, OfferEnd::Unreachable | OfferEnd::Rejected(503)) = (&ring.who, why) {
            let rest = world.plan.timers.unreachable_retry;
            world.trunks.rest(trunk, world.now + rest);
        }
        self.ring_ended(world, ring.who, why);
        if let Some(seat) = ring.party.seat {
            world.router.handle(world.now, Input::Failed { call: self.id, seat, why });
        }
        self.after_receiver(world, why);
    }

    pub(super) fn ring_ended(&mut self, world: &mut World, who: Receiver, why: OfferEnd) {
        self.clear_ring(world);
        self.record(world, EventKind::ReceiverEnded { receiver: who, why });
        if let Some(transfer) = self.transfer_mut() {
            transfer.stage = Stage::Looking;
        }
    }

    fn clear_ring(&mut self, world: &mut World) {
        self.alarms.clear(world, Alarm::NoProgress);
        self.alarms.clear(world, Alarm::Ring);
    }

    /// The next one, if there is one: of a queue the router has found him already, or goes on looking until K9 ends.
    fn after_receiver(&mut self, world: &mut World, why: OfferEnd) {
        let Some(transfer) = self.transfer() else { return };
        let trunk_trouble = match why {
            OfferEnd::Unreachable => true,
            OfferEnd::Rejected(code) => TRUNK_TROUBLES.contains(&code),
            OfferEnd::Rona | OfferEnd::CallerGone | OfferEnd::Withdrawn => false,
        };
        match &transfer.way {
            Way::Queue(_) => {}
            Way::Seats(_) => self.offer_to_next_seat(world, why_ended(why)),
            Way::Outside(..) if trunk_trouble => self.call_outside_receiver(world, why),
            Way::Outside(..) => self.transfer_failed(world, why_ended(why)),
        }
    }

    /// K9 is over and nobody has answered (R59).
    pub fn on_transfer_limit(&mut self, world: &mut World) {
        if self.transfer().is_some_and(|transfer| transfer.receiver().is_none()) {
            self.transfer_failed(world, TransferEnd::NotAnswered);
        }
    }

    /// Nobody is called any more. A receiver who was there is free at once: he never had the caller.
    pub(super) fn drop_receiver(&mut self, world: &mut World, why: OfferEnd) {
        let Some(transfer) = self.transfer() else { return };
        let (stage, in_queue) = (transfer.stage.clone(), matches!(transfer.way, Way::Queue(_)));
        match stage {
            Stage::Looking => world.router.handle(world.now, Input::Leave { call: self.id }),
            Stage::Ringing(ring) => {
                self.end_leg(world, ring.party.leg, None);
                self.ring_ended(world, ring.who, why);
                match ring.party.seat {
                    // A full ring counts as one; a seat that the queue found just now does not have to wait the limit out.
                    Some(seat) if why == OfferEnd::Rona && !in_queue => {
                        world.router.handle(world.now, Input::Failed { call: self.id, seat, why });
                    }
                    Some(_) => world.router.handle(world.now, Input::Leave { call: self.id }),
                    None => {}
                }
            }
            Stage::Consulting(receiver) | Stage::ThreeWay(receiver) => {
                self.end_leg(world, receiver.leg, None);
                self.free_receiver(world, receiver);
            }
        }
    }

    /// A receiver who was only asked has no wrap-up.
    pub(crate) fn free_receiver(&mut self, world: &mut World, receiver: Talking) {
        if let Some(seat) = receiver.seat {
            release_untalked(world, self.id, seat);
        }
    }

    /// How a ring that K9 or an order ends is told.
    pub(super) fn cut_short(&self) -> OfferEnd {
        if self.ring().is_some_and(|ring| ring.rang) { OfferEnd::Rona } else { OfferEnd::Unreachable }
    }

    /// A transfer of this kind begins: its receiver is to answer until then.
    pub(super) fn go_back_to(&mut self, world: &mut World, transfer: super::Transfer, answer_by: Timestamp) {
        self.phase = Phase::Transferring(Box::new(super::Transfer { answer_by, ..transfer }));
        self.arrange(world);
        self.call_receiver(world);
    }
}

fn calls(route: &hotline_rules::Route, number: &hotline_model::PhoneNumber) -> bool {
    matches!(route, hotline_rules::Route::Number(to, _) if to == number)
}

/// What became of a transfer whose last ring ended so.
pub(super) fn why_ended(why: OfferEnd) -> TransferEnd {
    match why {
        OfferEnd::Rona => TransferEnd::NotAnswered,
        OfferEnd::Rejected(code) => TransferEnd::Rejected(code),
        OfferEnd::Unreachable | OfferEnd::Withdrawn => TransferEnd::Unreachable,
        OfferEnd::CallerGone => TransferEnd::CallerGone,
    }
}
