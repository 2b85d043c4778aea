//! Whom a seat's own call rings: a colleague's phone, whoever of a queue is free, or a number outside through the first trunk that takes it.

use crate::call::{Offer, Phase, Talking, Waiting};
use crate::leg::{Leg, LegMedia, preferring};
use crate::offer::release_untalked;
use crate::own_call::{OwnCall, State, release};
use crate::world::{Alarm, World};
use hotline_model::history::{Direction, EventKind, NoPassage, NotCalled, NotPutThrough, OfferEnd};
use hotline_model::{Activity, Decision, Intent, LegRole, Name, PhoneNumber, Profile, QueueId, SeatId};
use hotline_router::Input;
use hotline_rules::Callee;
use hotline_sip::{DialogId, Invite};
use std::time::Duration;

/// A trunk that answers so has a trouble of its own (RFC 3261 21.5).
const TRUNK_TROUBLES: std::ops::RangeInclusive<u16> = 500..=599;
/// The callee is in a call, or wants none now (RFC 3261 21.4.24, 21.6).
const BUSY: [u16; 3] = [486, 600, 603];

/// A ring under way.
#[derive(Debug)]
pub(crate) struct Ring {
    pub to: To,
    pub leg: u8,
    /// How many contacts or trunks were tried, this one included.
    tried: usize,
    rang: bool,
}

/// Who rings.
#[derive(Debug)]
pub(crate) enum To {
    Seat(SeatId),
    Outside(Way),
}

/// A number and the ways to it.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub number: PhoneNumber,
    pub trunks: Vec<Name>,
    /// Neither limits nor health of a trunk count: whatever there is, is tried.
    pub emergency: bool,
}

impl Way {
    /// Who is called, for the history: a number outside stands in one place only, one for help is no secret.
    fn shown(&self) -> Option<Name> {
        self.emergency.then(|| self.number.digits().into())
    }
}

impl OwnCall {
    /// Rings a colleague, who takes no other call meanwhile.
    pub fn call_seat(&mut self, world: &mut World, seat: SeatId) {
        let state = world.router.seat_state(seat);
        if self.seat == Some(seat) || (state.activity != Activity::Free && state.intent != Intent::SignedOut) {
            return self.refuse(world, NotPutThrough::Busy);
        }
        if state.intent == Intent::SignedOut || !state.reachable {
            return self.refuse(world, NotPutThrough::Unreachable);
        }
        self.engage(world);
        world.router.handle(world.now, Input::Engaged { call: self.base.id, seat, queue: None });
        self.ring_seat(world, seat, 0);
    }

    fn ring_seat(&mut self, world: &mut World, seat: SeatId, tried: usize) {
        match self.invite_seat(world, seat, tried) {
            Ok(leg) => {
                self.state = State::Ringing(Ring { to: To::Seat(seat), leg, tried: tried + 1, rang: false });
                self.set_ring(world, world.plan.outbound.ring);
            }
            Err(why) => {
                release(world, self, seat, false);
                self.refuse(world, why);
            }
        }
    }

    fn set_ring(&mut self, world: &mut World, ring: Duration) {
        let no_progress = world.plan.timers.no_progress;
        self.base.alarm(world, Alarm::NoProgress, world.now + no_progress);
        self.base.alarm(world, Alarm::Ring, world.now + ring);
    }

    fn invite_seat(&mut self, world: &mut World, seat: SeatId, tried: usize) -> Result<u8, NotPutThrough> {
        let (target, flow) = world.contacts_of(seat).into_iter().nth(tried).ok_or(NotPutThrough::Unreachable)?;
        let from = self.seat.map_or_else(|| self.phone.clone(), |seat| world.seat_name(seat));
        let agent = self.seat.map_or("".into(), |seat| world.plan.seat(seat).agent.clone());
        let shown = crate::seat_invite::shown(&[&from, &agent]);
        let invite = Invite {
            target,
            flow,
            local_party: format!("\"{shown}\" <sip:{from}@{}>", world.identity),
            remote_party: format!("<sip:{}@{}>", world.seat_name(seat), world.identity),
            headers: vec![("X-Hotline-Call-Id".into(), self.base.id.to_string())],
            body: Vec::new(),
        };
        self.send(world, invite, LegRole::Agent, Some(seat), None)
    }

    fn send(
        &mut self,
        world: &mut World,
        invite: Invite,
        role: LegRole,
        seat: Option<SeatId>,
        trunk: Option<Name>,
    ) -> Result<u8, NotPutThrough> {
        let index = self.base.legs.free().ok_or(NotPutThrough::NoRoom)?;
        let mut media = LegMedia::lease(world, invite.flow.remote.ip()).ok_or(NotPutThrough::NoRoom)?;
        let body = hotline_sdp::offer(&media.local(world, preferring(self.base.caller_codec())), Direction::SendRecv);
        let Ok(dialog) = world.sip.invite(world.now, Invite { body, ..invite }) else {
            media.close(world);
            return Err(NotPutThrough::NoRoom);
        };
        if let Some(trunk) = &trunk {
            world.trunks.take(trunk);
        }
        self.base.add_leg(world, index, Leg { seat, trunk, ..Leg::new(dialog, role, media) });
        Ok(index)
    }

    /// Calls a number outside through the first trunk that takes it.
    pub fn call_outside(&mut self, world: &mut World, way: Way, tried: usize) {
        self.engage(world);
        for (place, trunk) in way.trunks.iter().enumerate().skip(tried) {
            let to = way.shown();
            match self.call_through(world, &way, trunk) {
                Ok(leg) => {
                    world.counters.seats_called_outside += 1;
                    self.base.record(world, EventKind::OutsideCalled { leg, to, trunk: trunk.clone() });
                    self.state = State::Ringing(Ring { to: To::Outside(way), leg, tried: place + 1, rang: false });
                    return self.set_ring(world, world.plan.outbound.ring);
                }
                Err(why) => self.base.record(world, EventKind::TrunkPassedOver { to, trunk: trunk.clone(), why }),
            }
        }
        self.base.record(world, EventKind::OutsideNotCalled { to: way.shown(), why: NotCalled::NoTrunk });
        self.refuse(world, NotPutThrough::NoRoom);
    }

    fn call_through(&mut self, world: &mut World, way: &Way, trunk: &Name) -> Result<u8, NoPassage> {
        let callee = Callee::Number(way.number.clone());
        let passage = if way.emergency {
            world.trunks.any_passage(&world.plan, trunk, &callee)
        } else {
            world.trunks.passage(world.now, &world.plan, trunk, &callee)
        }?;
        let invite = Invite {
            remote_party: format!("<{}>", passage.target),
            target: passage.target,
            flow: passage.flow,
            local_party: format!("<sip:{}@{}>", passage.from, world.identity),
            headers: Vec::new(),
            body: Vec::new(),
        };
        self.send(world, invite, LegRole::External, None, Some(trunk.clone())).map_err(|_| NoPassage::NoRoom)
    }

    /// Waits in a queue like a customer, but without clocks.
    pub fn call_queue(&mut self, world: &mut World, queue: QueueId) {
        let profile = Profile::unknown(hotline_model::LanguageId(0));
        let waiting = Waiting { queue, profile, since: world.now, answer_by: world.now + world.plan.timers.answer };
        self.engage(world);
        self.state = State::Queueing(waiting.clone());
        let Waiting { queue, profile, since, answer_by } = waiting;
        world.router.handle(world.now, Input::Wait { call: self.base.id, queue, profile, since, answer_by, admitted: false });
        if !world.router.is_attended(self.base.id) {
            return self.refuse(world, NotPutThrough::NobodyThere);
        }
        self.pick_up(world);
        self.base.play(world, &[], false, true);
    }

    /// The queue takes no more.
    pub fn on_queue_full(&mut self, world: &mut World) {
        self.refuse(world, NotPutThrough::Busy);
    }

    /// The router offers the call to a seat of the queue.
    pub fn on_offer(&mut self, world: &mut World, seat: SeatId, ring: Duration, decision: &Decision) {
        let State::Queueing(waiting) = &self.state else {
            return world.router.handle(world.now, Input::Failed { call: self.base.id, seat, why: OfferEnd::Withdrawn });
        };
        let waiting = waiting.clone();
        let ring_ms = u32::try_from(ring.as_millis()).unwrap_or(u32::MAX);
        self.base.record(world, EventKind::Offered { seat: world.seat_name(seat), decision: decision.seq, ring_ms });
        match self.invite_seat(world, seat, 0) {
            Ok(leg) => {
                self.state = State::Offered(waiting, Offer { seat, leg, rang: false, tried: 0, answered: false });
                self.set_ring(world, ring);
            }
            Err(_) => self.offer_failed(world, seat, OfferEnd::Unreachable),
        }
    }

    fn offer_failed(&mut self, world: &mut World, seat: SeatId, why: OfferEnd) {
        self.offer_over(world, seat, why);
        world.router.handle(world.now, Input::Failed { call: self.base.id, seat, why });
    }

    fn offer_over(&mut self, world: &mut World, seat: SeatId, why: OfferEnd) {
        self.base.alarms.clear(world, Alarm::NoProgress);
        self.base.alarms.clear(world, Alarm::Ring);
        self.base.record(world, EventKind::OfferEnded { seat: world.seat_name(seat), why });
        if let State::Offered(waiting, _) = &self.state {
            self.state = State::Queueing(waiting.clone());
        }
    }

    /// The router took the offer back.
    pub fn on_withdraw(&mut self, world: &mut World, seat: SeatId) {
        if let State::Offered(_, offer) = &self.state
            && offer.seat == seat
        {
            let leg = offer.leg;
            self.base.end_leg(world, leg, None);
            self.offer_over(world, seat, OfferEnd::Withdrawn);
        }
    }

    /// The leg that rings, if one does.
    fn ringing(&self) -> Option<u8> {
        match &self.state {
            State::Ringing(ring) => Some(ring.leg),
            State::Offered(_, offer) => Some(offer.leg),
            State::New | State::Asking(_) | State::Telling(_) | State::Queueing(_) | State::Talking(_) => None,
        }
    }

    /// Whether a dialog is the callee that rings now.
    pub fn is_ringing(&self, dialog: DialogId) -> bool {
        self.ringing().is_some_and(|leg| self.base.legs[leg].dialog == dialog)
    }

    /// 1xx from the callee.
    pub fn on_progress(&mut self, world: &mut World, code: u16) {
        self.base.alarms.clear(world, Alarm::NoProgress);
        let (seat, rang) = match &mut self.state {
            State::Ringing(Ring { to: To::Seat(seat), rang, .. }) => (Some(*seat), rang),
            State::Ringing(Ring { to: To::Outside(_), rang, .. }) => (None, rang),
            State::Offered(_, offer) => (Some(offer.seat), &mut offer.rang),
            State::New | State::Asking(_) | State::Telling(_) | State::Queueing(_) | State::Talking(_) => return,
        };
        if code < 180 || std::mem::replace(rang, true) {
            return;
        }
        if let Some(seat) = seat {
            self.base.record(world, EventKind::Ringing { seat: world.seat_name(seat) });
        }
        if let State::Offered(_, offer) = &self.state {
            return world.router.handle(world.now, Input::Ringing { call: self.base.id, seat: offer.seat });
        }
        let dialog = self.base.legs[0].dialog;
        if world.sip.provisional(world.now, dialog, 180, None).is_err() {
            world.counters.late += 1;
        }
    }

    fn shown(&self) -> Option<Name> {
        if let State::Ringing(Ring { to: To::Outside(way), .. }) = &self.state { way.shown() } else { None }
    }

    /// The callee answered: both talk in this step, unless the router has yet to say whether it was in time.
    pub fn on_answered(&mut self, world: &mut World, body: Option<&[u8]>) {
        let Some(leg) = self.ringing() else { return };
        if !self.base.agree(world, leg, body) {
            self.base.end_leg(world, leg, None);
            return self.callee_failed(world, OfferEnd::Rejected(488), 488);
        }
        let seat = match &mut self.state {
            State::Offered(_, offer) => {
                offer.answered = true;
                let seat = offer.seat;
                for alarm in [Alarm::NoProgress, Alarm::Ring] {
                    self.base.alarms.clear(world, alarm);
                }
                if world.router.is_far(self.base.id) {
                    self.base.record_leg(world, leg);
                }
                return world.router.handle(world.now, Input::Answered { call: self.base.id, seat });
            }
            State::Ringing(Ring { to: To::Seat(seat), .. }) => Some(*seat),
            State::Ringing(_) | State::New | State::Asking(_) | State::Telling(_) | State::Queueing(_) | State::Talking(_) => None,
        };
        self.talk(world, leg, seat);
    }

    /// The router says that a seat of the queue answered in time. If the offer was over for us, nobody talked, and the call waits anew.
    pub fn on_answer_taken(&mut self, world: &mut World, seat: SeatId) {
        if let Some(leg) = self.answered_by(seat) {
            return self.talk(world, leg, Some(seat));
        }
        world.counters.late += 1;
        release_untalked(world, self.base.id, seat);
        self.wait_anew(world);
    }

    /// Waits with a router that does not know the call yet, or no longer.
    pub fn wait_anew(&mut self, world: &mut World) {
        if let State::Queueing(waiting) = &self.state {
            let Waiting { queue, profile, since, answer_by } = waiting.clone();
            world.router.handle(world.now, Input::Wait { call: self.base.id, queue, profile, since, answer_by, admitted: false });
        }
    }

    /// The router had ended the offer that was answered.
    pub fn on_late_answer(&mut self, world: &mut World, seat: SeatId) {
        let Some(leg) = self.answered_by(seat) else { return };
        world.counters.late += 1;
        self.base.end_leg(world, leg, None);
        self.offer_over(world, seat, OfferEnd::Withdrawn);
    }

    fn answered_by(&self, seat: SeatId) -> Option<u8> {
        match &self.state {
            State::Offered(_, offer) if offer.answered && offer.seat == seat => Some(offer.leg),
            State::Offered(..)
            | State::Ringing(_)
            | State::New
            | State::Asking(_)
            | State::Telling(_)
            | State::Queueing(_)
            | State::Talking(_) => None,
        }
    }

    fn talk(&mut self, world: &mut World, leg: u8, seat: Option<SeatId>) {
        for alarm in [Alarm::NoProgress, Alarm::Ring] {
            self.base.alarms.clear(world, alarm);
        }
        if !matches!(self.state, State::Offered(..)) || !world.router.is_far(self.base.id) {
            self.base.record_leg(world, leg);
        }
        let answered = match (seat, self.base.legs[leg].trunk.clone()) {
            (Some(seat), _) => EventKind::Answered { seat: world.seat_name(seat) },
            (None, trunk) => EventKind::OutsideAnswered { to: self.shown(), trunk: trunk.unwrap_or("".into()) },
        };
        self.base.record(world, answered);
        self.base.probe_later(world, leg);
        self.pick_up(world);
        self.state = State::Talking(seat);
        self.base.phase = Phase::Talking(Talking { seat, leg });
        self.base.bridge(world);
    }

    /// The callee or a trunk refused.
    pub fn on_rejected(&mut self, world: &mut World, code: u16, local: bool) {
        let Some(leg) = self.ringing() else { return };
        self.base.forget_leg(world, leg);
        let why = if local { OfferEnd::Unreachable } else { OfferEnd::Rejected(code) };
        self.callee_failed(world, why, code);
    }

    /// No 1xx within `timers.no_progress`.
    pub fn on_no_progress(&mut self, world: &mut World) {
        let Some(leg) = self.ringing() else { return };
        self.base.end_leg(world, leg, None);
        self.callee_failed(world, OfferEnd::Unreachable, 503);
    }

    /// Nobody answered in time.
    pub fn on_ring_over(&mut self, world: &mut World) {
        let Some(leg) = self.ringing() else { return };
        self.base.end_leg(world, leg, None);
        let rang = match &self.state {
            State::Ringing(ring) => ring.rang,
            State::Offered(_, offer) => offer.rang,
            State::New | State::Asking(_) | State::Telling(_) | State::Queueing(_) | State::Talking(_) => false,
        };
        self.callee_failed(world, if rang { OfferEnd::Rona } else { OfferEnd::Unreachable }, 480);
    }

    /// The next contact or trunk if it was the way's trouble, the next seat of a queue, or the end. The leg is gone already.
    fn callee_failed(&mut self, world: &mut World, why: OfferEnd, code: u16) {
        let is_way = why == OfferEnd::Unreachable || (why != OfferEnd::Rona && TRUNK_TROUBLES.contains(&code));
        self.base.alarms.clear(world, Alarm::NoProgress);
        self.base.alarms.clear(world, Alarm::Ring);
        let refusal = if BUSY.contains(&code) { NotPutThrough::Busy } else { NotPutThrough::Unreachable };
        if let State::Offered(_, offer) = &self.state {
            let seat = offer.seat;
            return self.offer_failed(world, seat, why);
        }
        let State::Ringing(Ring { to, tried, leg, .. }) = std::mem::replace(&mut self.state, State::New) else { return };
        match to {
            To::Seat(seat) if is_way && world.contacts_of(seat).len() > tried => self.ring_seat(world, seat, tried),
            To::Seat(seat) => {
                self.base.record(world, EventKind::OfferEnded { seat: world.seat_name(seat), why });
                release(world, self, seat, false);
                self.refuse(world, refusal);
            }
            To::Outside(way) => {
                let trunk = way.trunks.get(tried - 1).cloned().unwrap_or("".into());
                self.base.record(world, EventKind::OutsideEnded { to: way.shown(), trunk: trunk.clone(), why });
                debug_assert!(self.base.legs.live(leg).is_none(), "its leg is gone");
                if !is_way {
                    return self.refuse(world, refusal);
                }
                if matches!(why, OfferEnd::Unreachable | OfferEnd::Rejected(503)) {
                    world.trunks.rest(&trunk, world.now + world.plan.timers.unreachable_retry);
                }
                self.call_outside(world, way, tried);
            }
        }
    }

    /// The call ends: whoever rings for it rings no longer.
    pub fn leave_callee(&mut self, world: &mut World, why: OfferEnd) {
        match &self.state {
            State::Ringing(Ring { to: To::Seat(seat), leg, .. }) => {
                let (seat, leg) = (*seat, *leg);
                self.base.record(world, EventKind::OfferEnded { seat: world.seat_name(seat), why });
                self.base.end_leg(world, leg, None);
                release(world, self, seat, false);
            }
            State::Ringing(Ring { to: To::Outside(way), leg, tried, .. }) => {
                let (leg, to, trunk) = (*leg, way.shown(), way.trunks.get(tried - 1).cloned().unwrap_or("".into()));
                self.base.record(world, EventKind::OutsideEnded { to, trunk, why });
                self.base.end_leg(world, leg, None);
            }
            State::Offered(_, offer) => {
                let Offer { seat, leg, .. } = *offer;
                self.base.record(world, EventKind::OfferEnded { seat: world.seat_name(seat), why });
                self.base.end_leg(world, leg, None);
                world.router.handle(world.now, Input::Leave { call: self.base.id });
            }
            State::Queueing(_) => world.router.handle(world.now, Input::Leave { call: self.base.id }),
            State::New | State::Asking(_) | State::Telling(_) | State::Talking(_) => return,
        }
        self.state = State::New;
    }
}
