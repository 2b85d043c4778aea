use super::ranks::is_dynamic;
use super::{Call, Offer, Reference, Seat};
use hotline_model::history::{OfferEnd, WhyNot};
use hotline_model::{Activity, CallId, Intent, LanguageId, NotReadyReason, Profile, QueueId, SeatId, SeatState, Timestamp};
use hotline_router::Output;
use hotline_rules::{Plan, RonaAction, Seat as Rules};
use std::sync::Arc;
use std::time::Duration;

pub(super) fn first_state(seat: &Rules, now: Timestamp) -> Seat {
    let intent = if seat.sign_in && !seat.retired { Intent::Available } else { Intent::SignedOut };
    let reachable = seat.always_reachable() && !seat.retired;
    let state = SeatState { intent, activity: Activity::Free, reachable };
    Seat {
        state,
        paused: false,
        since_ms: now.0 / 1000,
        call: None,
        queue: None,
        until: None,
        retry: None,
        missed: 0,
        past: Default::default(),
    }
}

/// What seats go through.
impl Reference {
    pub(super) fn offer_mut(&mut self, call: CallId, seat: SeatId) -> Option<&mut Offer> {
        let call = self.calls.iter_mut().find(|c| c.id == call)?;
        call.offer.as_mut().filter(|offer| offer.seat == seat)
    }

    pub(super) fn leave(&mut self, call: CallId) {
        let offer = self.calls.iter().find(|c| c.id == call).and_then(|c| c.offer.clone());
        self.calls.retain(|c| c.id != call);
        if let Some(offer) = offer {
            self.free(offer.seat, None);
        }
    }

    /// The seat is free; without a time it keeps its idle time.
    fn free(&mut self, seat: SeatId, since: Option<Timestamp>) {
        let seat = &mut self.seats[seat.index()];
        seat.state.activity = Activity::Free;
        (seat.call, seat.until) = (None, None);
        seat.since_ms = since.map_or(seat.since_ms, |since| since.0 / 1000);
    }

    fn pause(&mut self, now: Timestamp, seat: SeatId, pause: Duration) {
        self.free(seat, Some(now));
        let seat = &mut self.seats[seat.index()];
        (seat.paused, seat.until) = (true, Some(now + pause));
    }

    /// R44: whoever is ready, not retired and, for a sensitive call, cleared.
    pub(super) fn by_hand(&mut self, now: Timestamp, call: CallId, seat: SeatId) {
        let at = self.calls.iter().position(|c| c.id == call && !c.direct);
        let rules = self.plan.seats.get(seat.index()).filter(|rules| !rules.retired);
        let why = match (at, rules) {
            (None, _) => WhyNot::NotWaiting,
            (Some(_), None) => WhyNot::NoSuchSeat,
            (Some(at), Some(rules)) if self.calls[at].profile.sensitive && !rules.cleared => WhyNot::NotCleared,
            (Some(at), Some(_)) => {
                let rings = self.calls[at].offer.take();
                let facts = &self.seats[seat.index()];
                let is_ready = facts.state.is_ready() && !facts.paused;
                match &rings {
                    Some(offer) if offer.seat != seat && is_ready => {
                        self.outputs.push(Output::Withdraw { call, seat: offer.seat });
                        self.free(offer.seat, None);
                    }
                    Some(_) | None => self.calls[at].offer = rings,
                }
                match &self.calls[at].offer {
                    Some(offer) if offer.seat == seat => return,
                    None if is_ready => return self.offer(now, at, seat, self.calls[at].queue),
                    Some(_) | None => WhyNot::NotReady,
                }
            }
        };
        self.outputs.push(Output::NotAssigned { call, seat, why });
    }

    /// Exactly that seat, if it is ready or in the wrap-up of this very call; there is no other attempt.
    pub(super) fn direct(
        &mut self,
        now: Timestamp,
        call: CallId,
        seat: SeatId,
        queue: Option<QueueId>,
        sensitive: bool,
        answer_by: Timestamp,
    ) {
        if let Some(offer) = self.calls.iter().find(|c| c.id == call).and_then(|c| c.offer.clone()) {
            self.outputs.push(Output::Withdraw { call, seat: offer.seat });
        }
        self.leave(call);
        let facts = self.seats.get(seat.index());
        let takes = facts.is_some_and(|facts| {
            let wraps = facts.state.activity == Activity::WrapUp && facts.call == Some(call);
            let activity = if wraps { Activity::Free } else { facts.state.activity };
            SeatState { activity, ..facts.state }.is_ready() && !facts.paused
        });
        let rules = self.plan.seats.get(seat.index()).filter(|rules| !rules.retired);
        let why = match rules {
            None => WhyNot::NoSuchSeat,
            Some(rules) if sensitive && !rules.cleared => WhyNot::NotCleared,
            Some(_) if !takes => WhyNot::NotReady,
            Some(_) => return self.offer_directly(now, call, seat, queue, answer_by),
        };
        self.outputs.push(Output::NotAssigned { call, seat, why });
    }

    fn offer_directly(&mut self, now: Timestamp, id: CallId, seat: SeatId, queue: Option<QueueId>, answer_by: Timestamp) {
        let ring = answer_by.since(now).max(self.plan.timers.ring_min);
        let offer = Some(Offer { seat, queue, since: now, rings_until: now + ring, ringing: false });
        let profile = Profile::unknown(LanguageId(0));
        let (queue, order) = (QueueId(0), 0);
        self.calls.push(Call { id, order, queue, overflow: None, profile, since: now, answer_by, breached: false, offer, direct: true });
        let facts = &mut self.seats[seat.index()];
        facts.state.activity = Activity::Offered;
        (facts.call, facts.until) = (Some(id), Some(now + ring + Duration::from_secs(5)));
        self.outputs.push(Output::Direct { call: id, seat, ring });
    }

    fn forget_directs(&mut self) {
        self.calls.retain(|c| !c.direct || c.offer.is_some());
    }

    pub(super) fn answered(&mut self, now: Timestamp, call: CallId, seat: SeatId) {
        if self.offer_mut(call, seat).is_some() {
            self.outputs.push(Output::Answered { call, seat });
        }
        self.take_answer(now, call, seat);
    }

    fn take_answer(&mut self, now: Timestamp, call: CallId, seat: SeatId) {
        if let Some(offer) = self.offer_mut(call, seat) {
            let (queue, since) = (offer.queue, offer.since);
            self.rang(seat, now.since(since));
            self.calls.retain(|c| c.id != call);
            self.engage(now, call, seat);
            self.seats[seat.index()].queue = queue;
        } else if !self.serves(call, seat) {
            self.outputs.push(Output::Late { call, seat });
        }
    }

    fn engage(&mut self, now: Timestamp, call: CallId, seat: SeatId) {
        self.free(seat, Some(now));
        let seat = &mut self.seats[seat.index()];
        seat.state.activity = Activity::OnCall;
        (seat.call, seat.queue, seat.paused, seat.missed) = (Some(call), None, false, 0);
    }

    fn serves(&self, call: CallId, seat: SeatId) -> bool {
        self.seats.get(seat.index()).is_some_and(|seat| seat.state.activity == Activity::OnCall && seat.call == Some(call))
    }

    pub(super) fn engaged(&mut self, now: Timestamp, call: CallId, seat: SeatId, queue: Option<QueueId>) {
        if self.offer_mut(call, seat).is_some() {
            return self.take_answer(now, call, seat);
        }
        if self.serves(call, seat) || seat.index() >= self.seats.len() {
            return;
        }
        if self.seats[seat.index()].state.activity == Activity::Offered {
            self.withdraw(now, seat, None);
        }
        self.engage(now, call, seat);
        self.seats[seat.index()].queue = queue;
    }

    /// Takes the offer back from its seat; with a pause, the seat gets none for so long.
    pub(super) fn withdraw(&mut self, now: Timestamp, seat: SeatId, pause: Option<Duration>) {
        for call in self.calls.iter_mut().filter(|c| c.offer.as_ref().is_some_and(|offer| offer.seat == seat)) {
            call.offer = None;
            self.outputs.push(Output::Withdraw { call: call.id, seat });
        }
        self.forget_directs();
        match pause {
            Some(pause) => self.pause(now, seat, pause),
            None => self.free(seat, Some(now)),
        }
    }

    pub(super) fn failed(&mut self, now: Timestamp, call: CallId, seat: SeatId, why: OfferEnd) {
        let Some(offer) = self.offer_mut(call, seat).cloned() else { return };
        if why == OfferEnd::CallerGone {
            return self.leave(call);
        }
        self.calls.iter_mut().filter(|c| c.id == call).for_each(|c| c.offer = None);
        self.forget_directs();
        match why {
            OfferEnd::Withdrawn | OfferEnd::CallerGone => self.free(seat, None),
            OfferEnd::Rona if offer.ringing && now >= offer.rings_until => {
                let rona = self.plan.assign.rona;
                self.rang(seat, self.plan.timers.ring_per_offer);
                self.seats[seat.index()].missed += 1;
                if rona.action == RonaAction::Retry || self.seats[seat.index()].missed < rona.strikes {
                    return self.pause(now, seat, rona.retry_after);
                }
                self.free(seat, Some(now));
                let facts = &mut self.seats[seat.index()];
                facts.missed = 0;
                if facts.state.intent == Intent::Available {
                    facts.state.intent = Intent::NotReady(NotReadyReason::Rona);
                }
            }
            OfferEnd::Rejected(486 | 600) => self.pause(now, seat, self.plan.assign.delays.busy),
            OfferEnd::Rona | OfferEnd::Rejected(_) => self.pause(now, seat, self.plan.assign.delays.rejected),
            OfferEnd::Unreachable => {
                self.free(seat, Some(now));
                let facts = &mut self.seats[seat.index()];
                facts.state.reachable = false;
                facts.retry = Some(now + self.plan.timers.unreachable_retry);
            }
        }
    }

    pub(super) fn released(&mut self, now: Timestamp, call: CallId, seat: SeatId) {
        if !self.serves(call, seat) {
            return;
        }
        let queue = self.seats[seat.index()].queue.map(|queue| self.plan.queue(queue).wrap_up);
        let wrap_up = self.plan.seat(seat).wrap_up.or(queue).unwrap_or_default();
        self.free(seat, Some(now));
        if !wrap_up.is_zero() {
            self.seats[seat.index()].state.activity = Activity::WrapUp;
            (self.seats[seat.index()].until, self.seats[seat.index()].call) = (Some(now + wrap_up), Some(call));
        }
    }

    pub(super) fn wraps_up(&mut self, now: Timestamp, call: CallId, seat: SeatId, until: Timestamp) {
        if self.seats.get(seat.index()).is_some_and(|seat| seat.state.activity == Activity::Free) && until > now {
            self.free(seat, Some(now));
            let seat = &mut self.seats[seat.index()];
            seat.state.activity = Activity::WrapUp;
            (seat.call, seat.queue, seat.paused, seat.until) = (Some(call), None, false, Some(until));
        }
    }

    pub(super) fn wrap_up_over(&mut self, now: Timestamp, seat: SeatId) {
        if self.seats.get(seat.index()).is_some_and(|seat| seat.state.activity == Activity::WrapUp) {
            self.free(seat, Some(now));
        }
    }

    pub(super) fn choose(&mut self, now: Timestamp, seat: SeatId, intent: Intent) {
        let facts = &mut self.seats[seat.index()];
        facts.missed = 0;
        let before = std::mem::replace(&mut facts.state.intent, intent);
        match facts.state.activity {
            Activity::Offered if intent == Intent::SignedOut => self.withdraw(now, seat, None),
            Activity::Free if before != intent => facts.since_ms = now.0 / 1000,
            Activity::Free | Activity::Offered | Activity::OnCall | Activity::WrapUp => {}
        }
    }

    pub(super) fn reachable(&mut self, now: Timestamp, seat: SeatId, reachable: bool) {
        let Some(facts) = self.seats.get_mut(seat.index()) else { return };
        facts.retry = None;
        if facts.state.reachable != reachable && facts.state.activity == Activity::Free {
            facts.since_ms = now.0 / 1000;
        }
        facts.state.reachable = reachable;
    }

    pub(super) fn rules(&mut self, now: Timestamp, plan: Arc<Plan>) {
        let before = std::mem::replace(&mut self.plan, plan.clone());
        if is_dynamic(&plan) && !is_dynamic(&before) {
            self.forget_past(now);
        }
        for (id, (old, new)) in before.seats.iter().zip(&plan.seats).enumerate() {
            let id = SeatId(id as u32);
            match (old.retired, new.retired) {
                (false, true) => self.choose(now, id, Intent::SignedOut),
                (true, false) if new.sign_in => self.choose(now, id, Intent::Available),
                (true | false, _) => {}
            }
            if old.sign_in && !new.sign_in && !self.seats[id.index()].state.reachable {
                self.choose(now, id, Intent::SignedOut);
            }
            if new.always_reachable() && (old.retired || !old.always_reachable()) {
                self.reachable(now, id, true);
            }
        }
        self.seats.extend(plan.seats[before.seats.len()..].iter().map(|seat| first_state(seat, now)));
    }
}
