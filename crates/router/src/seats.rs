use crate::groups::Heard;
use crate::idle::Work;
use crate::prefetch::prefetch;
use crate::router::{QueueFacts, Timer};
use crate::timers::Pending;
use crate::{Output, Router, Word};
use hotline_model::history::{OfferEnd, Trigger};
use hotline_model::{Activity, CallId, Intent, NotReadyReason, QueueId, SeatId, Timestamp};
use hotline_rules::{Plan, Rona, RonaAction};
use std::time::Duration;

/// What the router knows of a seat beside its word: half a cache line, since each change of a seat waits for it.
#[derive(Debug, Default)]
#[repr(align(32))]
pub(crate) struct SeatFacts {
    /// The call that it is offered or that it serves.
    pub call: Option<CallId>,
    /// The queue whose wrap-up it will have, unless it has its own.
    queue: Option<QueueId>,
    has_wrap_up: bool,
    /// Full rings in a row without an answer.
    pub missed: u8,
    /// Ends an offer, a wrap-up or a pause.
    pub lease: Option<Pending>,
    /// Tries an unreachable fixed contact again.
    pub retry: Option<Pending>,
}

const _: () = assert!(size_of::<SeatFacts>() == 32);

/// The seats' side: each change of a seat's word.
impl Router {
    pub(crate) fn ringing(&mut self, call: CallId, seat: SeatId) {
        let Some(slot) = self.calls.slot(call) else { return self.directs.rings(call, seat) };
        if let Some(offer) = self.calls.at(slot).offer_to(seat) {
            offer.ringing = true;
        }
    }

    pub(crate) fn on_answered(&mut self, now: Timestamp, call: CallId, seat: SeatId) {
        if self.serves(seat, call) {
            return;
        }
        let place = self.outputs.len();
        let in_time = self.answered(now, call, seat);
        // Whoever acts on it hears of it before its consequences.
        self.outputs.insert(place, if in_time { Output::Answered { call, seat } } else { Output::Late { call, seat } });
    }

    /// Whether the seat has the call from now on.
    fn answered(&mut self, now: Timestamp, call: CallId, seat: SeatId) -> bool {
        let slot = self.calls.slot(call);
        let offer = slot.and_then(|slot| self.calls.at(slot).offer_to(seat).map(|offer| (slot, offer.queue, offer.offered)));
        if let Some((slot, queue, offered)) = offer
            && self.table.word(seat).is_held_by(self.share.group)
            && self.engage(now, call, seat, Some(queue), true)
        {
            self.rang(seat, now.since(offered));
            let left = self.calls.remove(slot);
            if left.waited {
                self.rates.answered(left.waits(), now.since(offered));
            }
            return true;
        }
        self.direct_answered(now, call, seat)
    }

    /// Whether a seat serves a call: after an [`Input::Answered`](crate::Input::Answered) that came in time it does.
    pub fn serves(&self, seat: SeatId, call: CallId) -> bool {
        let (facts, word) = (self.seats.get(seat.index()), self.table.word(seat));
        let held = word.activity() == Activity::OnCall && word.is_held_by(self.share.group);
        held && facts.is_some_and(|facts| facts.call == Some(call))
    }

    /// The call that a seat is offered, serves or wraps up.
    pub fn call_of(&self, seat: SeatId) -> Option<CallId> {
        self.seats.get(seat.index())?.call
    }

    pub(crate) fn engaged(&mut self, now: Timestamp, (call, queue): (CallId, Option<QueueId>), seat: SeatId) {
        let Some(facts) = self.seats.get(seat.index()) else { return };
        match (self.table.word(seat).activity(), facts.call) {
            (Activity::Offered, Some(offered)) if offered == call => {
                if !self.answered(now, call, seat) {
                    self.outputs.push_back(Output::Late { call, seat });
                }
                return;
            }
            (Activity::Offered, Some(offered)) => self.withdraw(now, offered, seat),
            (Activity::OnCall, Some(served)) if served == call => return,
            (Activity::Offered | Activity::OnCall | Activity::Free | Activity::WrapUp, _) => {}
        }
        self.engage(now, call, seat, queue, false);
    }

    /// Puts a seat on a call. False if it was for an offer and another group has taken the seat meanwhile.
    pub(crate) fn engage(&mut self, now: Timestamp, call: CallId, seat: SeatId, queue: Option<QueueId>, offered: bool) -> bool {
        self.end_lease(seat);
        let facts = &mut self.seats[seat.index()];
        (facts.call, facts.queue, facts.missed) = (Some(call), queue, 0);
        let me = self.share.group;
        let on_call = |word: Word| word.with_activity(Activity::OnCall).with_holder(me).with_paused(false).with_since(now);
        self.transit(seat, |word| if !offered || word.is_held_by(me) { on_call(word) } else { word });
        self.serves(seat, call)
    }

    /// Takes an offer back; the call is first in line again.
    pub(crate) fn withdraw(&mut self, now: Timestamp, call: CallId, seat: SeatId) {
        self.outputs.push_back(Output::Withdraw { call, seat });
        match self.calls.slot(call) {
            Some(slot) => self.enlist(now, slot, Trigger::OfferFailed),
            None => self.directs.drop_to(call, seat),
        }
    }

    pub(crate) fn failed(&mut self, now: Timestamp, call: CallId, seat: SeatId, why: OfferEnd) {
        let Some(slot) = self.calls.slot(call) else { return self.direct_failed(now, call, seat, why) };
        let Some(offer) = self.calls.at(slot).offer_to(seat).copied() else { return };
        if why == OfferEnd::CallerGone {
            return self.leave(call);
        }
        self.seat_failed(now, seat, why, offer.ringing && now >= offer.rings_until);
        self.enlist(now, slot, Trigger::OfferFailed);
    }

    /// What an unanswered offer means for its seat.
    pub(crate) fn seat_failed(&mut self, now: Timestamp, seat: SeatId, why: OfferEnd, full_ring: bool) {
        match why {
            OfferEnd::CallerGone => self.free(seat, |word| word),
            OfferEnd::Withdrawn => self.free(seat, |word| word),
            OfferEnd::Rona if full_ring => self.unanswered(now, seat),
            OfferEnd::Rejected(486 | 600) => self.pause(now, seat, self.plan.assign.delays.busy),
            OfferEnd::Rona | OfferEnd::Rejected(_) => self.pause(now, seat, self.plan.assign.delays.rejected),
            OfferEnd::Unreachable => {
                self.free(seat, |word| word.with_reachable(false).with_since(now));
                if self.share.is_main() {
                    self.retry_later(now, seat);
                }
            }
        }
    }

    /// A full ring without an answer (`assign.rona`): too many in a row make the seat not ready.
    fn unanswered(&mut self, now: Timestamp, seat: SeatId) {
        self.rang(seat, self.plan.timers.ring_per_offer);
        let Rona { action, strikes, retry_after } = self.plan.assign.rona;
        let missed = self.seats[seat.index()].missed.saturating_add(1);
        let is_out = action == RonaAction::NotReady && missed >= strikes;
        self.seats[seat.index()].missed = if is_out { 0 } else { missed };
        if is_out {
            self.free(seat, |word| not_ready(word).with_since(now));
        } else {
            self.pause(now, seat, retry_after);
        }
    }

    pub(crate) fn rang(&mut self, seat: SeatId, ring: Duration) {
        if self.lines.is_dynamic() {
            self.works[seat.index()].rang(ring.min(self.plan.timers.ring_per_offer));
        }
    }

    /// Ends an offer. The seat keeps its idle time, unless `change` says otherwise.
    pub(crate) fn free(&mut self, seat: SeatId, change: impl Fn(Word) -> Word) {
        self.end_lease(seat);
        self.seats[seat.index()].call = None;
        self.transit_held(seat, |word| change(word.with_activity(Activity::Free)));
    }

    fn pause(&mut self, now: Timestamp, seat: SeatId, pause: Duration) {
        self.free(seat, |word| word.with_paused(true).with_since(now));
        self.lease(seat, now + pause);
    }

    /// One lost second of a phone must not cost the day: it is tried again, unless its registration or its pings end meanwhile.
    fn retry_later(&mut self, now: Timestamp, seat: SeatId) {
        self.end_retry(seat);
        let retry = self.timers.set(now + self.plan.timers.unreachable_retry, Timer::Retry(seat));
        self.seats[seat.index()].retry = Some(retry);
    }

    /// The main group's router tries again where an offer of another group found nobody.
    pub(crate) fn retry_if_lost(&mut self, now: Timestamp, seat: SeatId, word: Word) {
        let untried = self.heard[seat.index()].reachable && self.seats[seat.index()].retry.is_none();
        if self.share.is_main() && untried && !word.state().reachable {
            self.retry_later(now, seat);
        }
    }

    pub(crate) fn released(&mut self, now: Timestamp, call: CallId, seat: SeatId) {
        self.ask_for(seat, self.listed > 0);
        if !self.serves(seat, call) {
            return;
        }
        let SeatFacts { queue: of, has_wrap_up, .. } = self.seats[seat.index()];
        let own = if has_wrap_up { self.plan.seat(seat).wrap_up } else { None };
        let queue = of.and_then(|queue| self.queues.get(queue.index()));
        let wrap_up = own.or(queue.map(QueueFacts::wrap_up)).unwrap_or_default();
        if let Some(queue) = of {
            self.rates.handled(queue, self.table.word(seat).lasted(now) + wrap_up);
        }
        if wrap_up.is_zero() {
            return self.free(seat, |word| word.with_since(now));
        }
        self.lease(seat, now + wrap_up);
        self.transit_held(seat, |word| word.with_activity(Activity::WrapUp).with_since(now));
    }

    /// What is left of a wrap-up that the end of a run cut short.
    pub(crate) fn wrap_up_on(&mut self, now: Timestamp, call: CallId, seat: SeatId, until: Timestamp) {
        let is_free = seat.index() < self.seats.len() && self.table.word(seat).activity() == Activity::Free;
        if !is_free || until <= now {
            return;
        }
        let facts = &mut self.seats[seat.index()];
        (facts.call, facts.queue) = (Some(call), None);
        self.lease(seat, until);
        let me = self.share.group;
        let wraps = |word: Word| word.with_activity(Activity::WrapUp).with_holder(me).with_paused(false).with_since(now);
        self.transit(seat, |word| if word.activity() == Activity::Free { wraps(word) } else { word });
    }

    pub(crate) fn wrap_up_done(&mut self, now: Timestamp, seat: SeatId) {
        let word = self.table.word(seat);
        if seat.index() < self.seats.len() && word.activity() == Activity::WrapUp && word.is_held_by(self.share.group) {
            self.free(seat, |word| word.with_since(now));
        }
    }

    pub(crate) fn intent(&mut self, now: Timestamp, seat: SeatId, intent: Intent) {
        if seat.index() < self.seats.len() && !self.plan.seat(seat).retired {
            self.choose(now, seat, intent);
        }
    }

    fn choose(&mut self, now: Timestamp, seat: SeatId, intent: Intent) {
        self.seats[seat.index()].missed = 0;
        let word = self.table.word(seat);
        let is_offered = word.activity() == Activity::Offered && word.is_held_by(self.share.group);
        let offered = self.seats[seat.index()].call.filter(|_| is_offered);
        match (intent, offered) {
            (Intent::SignedOut, Some(call)) => {
                self.free(seat, |word| word.with_intent(intent).with_since(now));
                self.withdraw(now, call, seat);
            }
            (Intent::SignedOut | Intent::Available | Intent::NotReady(_), _) => {
                self.transit(seat, |word| if word.intent() == intent { word } else { idle_since(word.with_intent(intent), now) });
            }
        }
    }

    pub(crate) fn reachable(&mut self, now: Timestamp, seat: SeatId, reachable: bool) {
        if seat.index() >= self.seats.len() {
            return;
        }
        self.end_retry(seat);
        self.heard[seat.index()].reachable = reachable;
        self.transit(seat, |word| {
            let same = word.state().reachable == reachable;
            if same { word } else { idle_since(word.with_reachable(reachable), now) }
        });
    }

    pub(crate) fn lease_over(&mut self, now: Timestamp, seat: SeatId) {
        let facts = &mut self.seats[seat.index()];
        facts.lease = None;
        let word = self.table.word(seat);
        if !word.is_held_by(self.share.group) {
            return;
        }
        match (word.activity(), facts.call) {
            (Activity::Offered, Some(call)) => {
                self.pause(now, seat, self.plan.assign.delays.rejected);
                self.withdraw(now, call, seat);
            }
            (Activity::WrapUp, _) => self.free(seat, |word| word.with_since(now)),
            (Activity::Free, _) => self.transit_held(seat, |word| word.with_paused(false)),
            (Activity::Offered | Activity::OnCall, _) => {}
        }
    }

    pub(crate) fn retry(&mut self, now: Timestamp, seat: SeatId) {
        self.seats[seat.index()].retry = None;
        self.reachable(now, seat, true);
    }

    /// Takes note of the seats that the plan has and we don't: the number of the first.
    pub(crate) fn know_seats(&mut self, now: Timestamp) -> usize {
        let first = self.seats.len();
        for id in first..self.plan.seats.len() {
            let (word, has_wrap_up) = (self.words().of(SeatId(id as u32)), self.plan.seats[id].wrap_up.is_some());
            self.seats.push(SeatFacts { has_wrap_up, ..SeatFacts::default() });
            self.heard.push(Heard::of(word));
            self.works.push(Work::new(now));
        }
        first
    }

    /// Gives these seats their first state.
    pub(crate) fn begin_seats(&mut self, now: Timestamp, first: usize) {
        if self.share.is_main() {
            (first..self.seats.len()).for_each(|id| self.begin(now, SeatId(id as u32)));
        }
    }

    fn begin(&mut self, now: Timestamp, id: SeatId) {
        let plan = self.plan.clone();
        let seat = plan.seat(id);
        if seat.retired || self.table.word(id) != Word::OUT {
            return;
        }
        let intent = if seat.sign_in { Intent::Available } else { Intent::SignedOut };
        self.heard[id.index()].reachable = seat.always_reachable();
        self.transit(id, |word| word.with_intent(intent).with_reachable(seat.always_reachable()).with_since(now));
    }

    /// Follows new rules with the seats that were there before.
    pub(crate) fn update_seats(&mut self, now: Timestamp, before: &Plan) {
        let plan = self.plan.clone();
        for (id, (old, new)) in before.seats.iter().zip(&plan.seats).enumerate() {
            self.seats[id].has_wrap_up = new.wrap_up.is_some();
            let id = SeatId(id as u32);
            if !self.share.is_main() {
                continue;
            }
            if new.retired && !old.retired {
                self.choose(now, id, Intent::SignedOut);
            }
            if !new.retired && old.retired && new.sign_in {
                self.choose(now, id, Intent::Available);
            }
            // Whoever works goes on; whoever comes later signs in first (R138).
            if old.sign_in && !new.sign_in && !self.table.word(id).state().reachable {
                self.choose(now, id, Intent::SignedOut);
            }
            // To look at an address takes longer than to see that it is the same.
            let same = !old.retired && old.ping == new.ping && old.contact == new.contact;
            if !same && new.always_reachable() && (old.retired || !old.always_reachable()) {
                self.reachable(now, id, true);
            }
        }
    }

    #[inline]
    pub(crate) fn lease(&mut self, seat: SeatId, until: Timestamp) {
        self.end_lease(seat);
        self.seats[seat.index()].lease = Some(self.timers.set(until, Timer::Lease(seat)));
    }

    #[inline]
    pub(crate) fn end_lease(&mut self, seat: SeatId) {
        if let Some(lease) = self.seats[seat.index()].lease.take() {
            self.timers.cancel(lease);
        }
    }

    fn end_retry(&mut self, seat: SeatId) {
        if let Some(retry) = self.seats[seat.index()].retry.take() {
            self.timers.cancel(retry);
        }
    }

    /// Asks for what a seat's change ends in: where its bits stand, or its posts if it is going to look for a call.
    #[inline]
    pub(crate) fn ask_for(&self, seat: SeatId, looks: bool) {
        self.seats.get(seat.index()).map(prefetch);
        self.lines.prefetch_seat(seat, looks);
    }

    /// Changes a seat that this router holds; one that it no longer holds is whose it is.
    fn transit_held(&mut self, seat: SeatId, next: impl Fn(Word) -> Word) {
        let me = self.share.group;
        self.transit(seat, |word| if word.is_held_by(me) { next(word) } else { word });
    }

    fn transit(&mut self, seat: SeatId, next: impl Fn(Word) -> Word) {
        let changed = self.table.change(seat, |word| Some(next(word)).filter(|after| *after != word));
        if let Some((before, after)) = changed {
            if after.is_ready() && !before.is_ready() {
                if self.leaves_to_others(before) {
                    self.timers.set(self.now + self.courtesy, Timer::Courtesy(seat));
                } else {
                    self.fresh_seats.push(seat);
                }
            } else if before.is_ready() {
                self.lines.mark(seat, after);
            }
            self.tell(seat, before, after);
        }
    }

    /// What follows from a changed word beside its marks: the output, and its presence.
    pub(crate) fn tell(&mut self, seat: SeatId, before: Word, after: Word) {
        self.publish(seat);
        let chose = !before.has_choice_of(after);
        if chose {
            self.heard_choice(seat, after);
            self.see_taker(seat, after);
        }
        if !before.has_state_of(after) {
            self.seq += 1;
            let call = self.seats[seat.index()].call;
            self.outputs.push_back(Output::Seat { seq: self.seq, seat, state: after.state(), call });
        }
        if self.lines.is_dynamic() {
            self.count(seat, before, after);
        }
        if self.patience.is_set {
            self.note_coming(seat, before, after);
        }
        if chose {
            self.see_presence(seat, after);
        }
    }
}

/// What dynamic keys go by.
impl Router {
    fn count(&mut self, seat: SeatId, before: Word, after: Word) {
        let work = &mut self.works[seat.index()];
        work.pass(self.now, before, after);
        if after.is_ready() && !before.is_ready() {
            self.lines.freeze(seat, work.frozen(self.plan.timers.ring_per_offer));
        }
    }
}

fn not_ready(word: Word) -> Word {
    match word.intent() {
        Intent::Available => word.with_intent(Intent::NotReady(NotReadyReason::Rona)),
        Intent::NotReady(_) | Intent::SignedOut => word,
    }
}

fn idle_since(word: Word, now: Timestamp) -> Word {
    if word.activity() == Activity::Free { word.with_since(now) } else { word }
}
