//! Somebody outside is called for a call that waits too long (R13). The call keeps its place meanwhile: whoever answers first has the caller.

use crate::call::{Call, Phase, Talking};
use crate::leg::{Leg, LegMedia, preferring};
use crate::live_clock::K3;
use crate::world::{Alarm, World};
use hotline_model::history::{ClockChange, Direction, EventKind, NotCalled, OfferEnd};
use hotline_model::{LegRole, Name};
use hotline_router::Input;
use hotline_rules::{Callee, Outside};
use hotline_sip::{DialogId, Invite};
use std::sync::Arc;

/// A trunk that answers so, or nothing at all, has a trouble of its own, and another one may do; any other refusal is the callee's
/// (RFC 3261 21.5).
pub(crate) const TRUNK_TROUBLES: std::ops::RangeInclusive<u16> = 500..=599;

/// Who was and is called outside for a call.
#[derive(Debug, Default)]
pub(crate) struct Outsiders {
    pub ring: Option<Ring>,
    /// Names of those whose turn came.
    pub called: Vec<Name>,
}

/// Somebody outside is called.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    pub to: Arc<Outside>,
    pub leg: u8,
    trunk: Name,
    /// How many of the trunks were tried, this one included.
    tried: usize,
    rang: bool,
}

impl Call {
    /// After a breach the next one outside is called, or waited for. Nobody outside is cleared for a sensitive call (R68).
    pub fn next_outside(&mut self, world: &mut World) {
        let (Phase::Waiting(waiting) | Phase::Offered(waiting, _)) = &self.phase else { return };
        if self.outside.ring.is_some() || waiting.profile.sensitive || !self.is_breached(K3) {
            return;
        }
        let targets = &world.plan.queue(waiting.queue).outward.overflow;
        let Some(target) = targets.iter().find(|target| !self.outside.called.contains(&target.to.name)) else { return };
        let (to, at) = (Arc::clone(&target.to), waiting.answer_by + target.after);
        if at > world.now {
            return self.alarm(world, Alarm::Outside, at);
        }
        self.outside.called.push(to.name.clone());
        self.call_outside(world, to, 0);
    }

    /// Calls through the first trunk that takes it.
    pub fn call_outside(&mut self, world: &mut World, to: Arc<Outside>, tried: usize) {
        let mut why = NotCalled::NoTrunk;
        for (place, trunk) in to.trunks.iter().enumerate().skip(tried) {
            match self.invite_outside(world, &to.callee, trunk) {
                Ok(leg) => {
                    world.counters.outside_called += 1;
                    self.record(world, EventKind::OutsideCalled { leg, to: self.shown(&to), trunk: trunk.clone() });
                    let (no_progress, until) = (world.plan.timers.no_progress, self.rings_outside_until(world));
                    self.alarm(world, Alarm::OutsideNoProgress, world.now + no_progress);
                    self.alarm(world, Alarm::OutsideRing, until);
                    let trunk = trunk.clone();
                    self.outside.ring = Some(Ring { to, leg, trunk, tried: place + 1, rang: false });
                    return;
                }
                Err(not) => why = not,
            }
        }
        world.counters.outside_not_called += 1;
        self.record(world, EventKind::OutsideNotCalled { to: self.shown(&to), why });
        self.after_outside(world);
    }

    fn invite_outside(&mut self, world: &mut World, callee: &Callee, trunk: &Name) -> Result<u8, NotCalled> {
        // What the rules allowed when the call began to wait they may have taken back.
        if let Callee::Number(number) = callee
            && !world.plan.may_dial(number)
        {
            return Err(NotCalled::NotAllowed);
        }
        self.dial_outside(world, callee, trunk, if self.back.is_some() { LegRole::Caller } else { LegRole::External })
    }

    /// Calls somebody through a trunk, whoever allowed it.
    pub fn dial_outside(&mut self, world: &mut World, callee: &Callee, trunk: &Name, role: LegRole) -> Result<u8, NotCalled> {
        let passage = world.trunks.passage(world.now, &world.plan, trunk, callee).map_err(|_| NotCalled::NoTrunk)?;
        let index = if role == LegRole::Caller { 0 } else { self.legs.free().ok_or(NotCalled::NoRoom)? };
        let mut media = LegMedia::lease(world, passage.flow.remote.ip()).ok_or(NotCalled::NoRoom)?;
        let body = hotline_sdp::offer(&media.local(world, preferring(self.caller_codec())), Direction::SendRecv);
        let invite = Invite {
            remote_party: format!("<{}>", passage.target),
            target: passage.target,
            flow: passage.flow,
            local_party: format!("<sip:{}@{}>", passage.from, world.identity),
            headers: Vec::new(),
            body,
        };
        let Ok(dialog) = world.sip.invite(world.now, invite) else {
            media.close(world);
            return Err(NotCalled::NoRoom);
        };
        world.trunks.take(trunk);
        self.add_leg(world, index, Leg { trunk: Some(trunk.clone()), ..Leg::new(dialog, role, media) });
        Ok(index)
    }

    /// 1xx from outside.
    pub fn on_outside_progress(&mut self, world: &mut World, code: u16) {
        self.alarms.clear(world, Alarm::OutsideNoProgress);
        if let Some(ring) = &mut self.outside.ring {
            ring.rang |= code >= 180;
        }
    }

    /// t3: a human outside answered and has the caller in this step; a seat that rings is cancelled.
    pub fn on_outside_answered(&mut self, world: &mut World, body: Option<&[u8]>) {
        let Some(ring) = self.outside.ring.clone() else { return };
        if !self.agree(world, ring.leg, body) {
            self.drop_outside(world, OfferEnd::Rejected(488));
            return self.after_outside(world);
        }
        if self.back.is_some() {
            return self.bridge_customer(world, &ring);
        }
        if let Phase::Offered(_, offer) = &self.phase {
            let offer = *offer;
            self.end_leg(world, offer.leg, None);
            self.offer_over(world, offer.seat, OfferEnd::Withdrawn);
        }
        if !matches!(self.phase, Phase::Led(_)) {
            world.router.handle(world.now, Input::Leave { call: self.id });
        }
        for alarm in [Alarm::OutsideNoProgress, Alarm::OutsideRing, Alarm::Announce] {
            self.alarms.clear(world, alarm);
        }
        self.outside.ring = None;
        self.answer_early(world);
        self.record_leg(world, ring.leg);
        self.dues.answer(world.wall());
        self.record(world, EventKind::OutsideAnswered { to: Some(ring.to.name.clone()), trunk: ring.trunk.clone() });
        self.probe_later(world, ring.leg);
        world.counters.outside_answered += 1;
        self.stop_clock(world, K3, ClockChange::Met);
        self.phase = Phase::Talking(Talking { seat: None, leg: ring.leg });
        self.bridge(world);
    }

    /// The callee or the trunk refused.
    pub fn on_outside_rejected(&mut self, world: &mut World, code: u16, local: bool) {
        let why = if local { OfferEnd::Unreachable } else { OfferEnd::Rejected(code) };
        self.outside_failed(world, why, local || TRUNK_TROUBLES.contains(&code));
    }

    /// No 1xx within `timers.no_progress`.
    pub fn on_outside_no_progress(&mut self, world: &mut World) {
        self.outside_failed(world, OfferEnd::Unreachable, true);
    }

    /// Nobody answered within `outbound.ring`; a trunk that never said that it rings may be the reason.
    pub fn on_outside_ring_over(&mut self, world: &mut World) {
        let Some(ring) = &self.outside.ring else { return };
        let why = if ring.rang { OfferEnd::Rona } else { OfferEnd::Unreachable };
        self.outside_failed(world, why, false);
    }

    /// Another trunk if it was this one's trouble, else the next one outside; the call waits on.
    fn outside_failed(&mut self, world: &mut World, why: OfferEnd, is_trunk: bool) {
        let Some(ring) = self.outside.ring.clone() else { return };
        self.drop_outside(world, why);
        if !is_trunk {
            return self.after_outside(world);
        }
        if matches!(why, OfferEnd::Unreachable | OfferEnd::Rejected(503)) {
            let rest = world.plan.timers.unreachable_retry;
            world.trunks.rest(&ring.trunk, world.now + rest);
        }
        self.call_outside(world, ring.to, ring.tried);
    }

    /// Nobody outside is called any more.
    pub fn drop_outside(&mut self, world: &mut World, why: OfferEnd) {
        self.alarms.clear(world, Alarm::Outside);
        if let Some(leg) = self.outside_over(world, why) {
            self.end_leg(world, leg, None);
        }
    }

    /// Records the end of a ring outside; its leg is left.
    pub fn outside_over(&mut self, world: &mut World, why: OfferEnd) -> Option<u8> {
        let ring = self.outside.ring.take()?;
        self.alarms.clear(world, Alarm::OutsideNoProgress);
        self.alarms.clear(world, Alarm::OutsideRing);
        self.record(world, EventKind::OutsideEnded { to: self.shown(&ring.to), trunk: ring.trunk, why });
        Some(ring.leg)
    }

    /// Nobody outside answered: the next one, where the rules lead on, or the agent of a call-back is told.
    fn after_outside(&mut self, world: &mut World) {
        match self.back {
            Some(_) => self.customer_unreached(world),
            None if matches!(self.phase, Phase::Led(_)) => self.go_otherwise(world),
            None => self.next_outside(world),
        }
    }

    fn bridge_customer(&mut self, world: &mut World, ring: &Ring) {
        self.alarms.clear(world, Alarm::OutsideNoProgress);
        self.alarms.clear(world, Alarm::OutsideRing);
        self.outside.ring = None;
        self.record_leg(world, ring.leg);
        self.dues.answer(world.wall());
        self.record(world, EventKind::OutsideAnswered { to: None, trunk: ring.trunk.clone() });
        self.probe_later(world, ring.leg);
        self.customer_answered(world);
    }

    /// Who is called, for the history: a customer's number stands in one place only.
    fn shown(&self, to: &Outside) -> Option<Name> {
        self.back.is_none().then(|| to.name.clone())
    }

    /// Whether a dialog is the one outside that rings now.
    pub fn is_ringing_outside(&self, dialog: DialogId) -> bool {
        self.outside.ring.as_ref().is_some_and(|ring| self.legs[ring.leg].dialog == dialog)
    }
}
