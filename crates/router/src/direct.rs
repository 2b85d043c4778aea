use crate::assign::LEASE_GRACE;
use crate::eligible::{LineKey, member, members};
use crate::{Output, Router, Word};
use hotline_model::history::{OfferEnd, WhyNot};
use hotline_model::{Activity, CallId, Intent, Profile, QueueId, SeatId, Timestamp};
use std::collections::BTreeMap;

/// Offers of calls that wait in no queue, by call.
#[derive(Debug, Default)]
pub(crate) struct Directs(BTreeMap<CallId, Direct>);

/// A call offered to the one seat that it is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Direct {
    pub seat: SeatId,
    queue: Option<QueueId>,
    rings_until: Timestamp,
    offered: Timestamp,
    ringing: bool,
}

impl Directs {
    pub fn get(&self, call: CallId) -> Option<&Direct> {
        self.0.get(&call)
    }

    /// The offer, if it is to that seat.
    pub fn to(&self, call: CallId, seat: SeatId) -> Option<Direct> {
        self.0.get(&call).copied().filter(|offer| offer.seat == seat)
    }

    pub fn rings(&mut self, call: CallId, seat: SeatId) {
        if let Some(offer) = self.0.get_mut(&call).filter(|offer| offer.seat == seat) {
            offer.ringing = true;
        }
    }

    pub fn drop_to(&mut self, call: CallId, seat: SeatId) {
        if self.to(call, seat).is_some() {
            self.0.remove(&call);
        }
    }
}

/// Offers to one seat without a queue: transfers (R54), and the way back to the first agent (R59).
impl Router {
    pub(crate) fn direct(
        &mut self,
        now: Timestamp,
        call: CallId,
        seat: SeatId,
        queue: Option<QueueId>,
        sensitive: bool,
        answer_by: Timestamp,
    ) {
        self.withdraw_call(call);
        let (before, after) = match self.claim_directly(call, seat, sensitive) {
            Ok(words) => words,
            Err(why) => return self.outputs.push_back(Output::NotAssigned { call, seat, why }),
        };
        let ring = answer_by.since(now).max(self.plan.timers.ring_min);
        self.outputs.push_back(Output::Direct { call, seat, ring });
        self.directs.0.insert(call, Direct { seat, queue, rings_until: now + ring, offered: now, ringing: false });
        self.seats[seat.index()].call = Some(call);
        self.lease(seat, now + ring + LEASE_GRACE);
        self.lines.mark(seat, after);
        self.tell(seat, before, after);
    }

    fn claim_directly(&mut self, call: CallId, seat: SeatId, sensitive: bool) -> Result<(Word, Word), WhyNot> {
        self.takes(call, seat, sensitive)?;
        let claimed = self.table.claim(seat, self.share.group);
        let own = || self.table.change(seat, |word| self.wraps_up(word, seat, call).then(|| word.with_activity(Activity::Offered)));
        claimed.or_else(own).ok_or(WhyNot::NotReady)
    }

    /// Whether [`Input::Direct`](crate::Input::Direct) would be taken now.
    ///
    /// # Errors
    /// Why not.
    pub fn takes(&self, call: CallId, seat: SeatId, sensitive: bool) -> Result<(), WhyNot> {
        let rules = self.plan.seats.get(seat.index()).filter(|rules| !rules.retired).ok_or(WhyNot::NoSuchSeat)?;
        let word = self.table.word(seat);
        match sensitive && !rules.cleared {
            true => Err(WhyNot::NotCleared),
            false if word.is_ready() || self.wraps_up(word, seat, call) => Ok(()),
            false => Err(WhyNot::NotReady),
        }
    }

    /// Its own call's wrap-up is no reason not to get the caller back.
    fn wraps_up(&self, word: Word, seat: SeatId, call: CallId) -> bool {
        let own = self.seats[seat.index()].call == Some(call);
        let wraps = own && word.activity() == Activity::WrapUp && word.is_held_by(self.share.group);
        wraps && word.state().reachable && word.intent() == Intent::Available
    }

    /// Whether anybody is signed in and reachable who may serve such a call in a queue, in whatever step, tier or reserve.
    pub fn attends(&self, queue: QueueId, profile: &Profile) -> bool {
        members(&self.plan, self.lines.masters(), &LineKey::of(queue, profile))
            .into_iter()
            .any(|(seat, ..)| self.table.word(seat).is_present())
    }

    /// How many seats that may serve a queue in its last step are signed in and reachable, whatever they do.
    pub fn signed_in(&self, queue: QueueId) -> u32 {
        let Some(rules) = self.plan.queues.get(queue.index()) else { return 0 };
        let seats = (0u32..).map(SeatId).zip(&self.plan.seats);
        let serve = seats.filter(|(id, seat)| !seat.retired && (rules.seats.is_empty() || rules.seats.binary_search(id).is_ok()));
        let serve = serve
            .filter(|(id, seat)| self.plan.serves(*id, queue).is_some() && rules.steps.last().is_none_or(|widest| widest.admits(seat)));
        serve.filter(|(seat, _)| self.table.word(*seat).is_present()).fold(0, |count, _| count + 1)
    }

    /// Whether a seat may serve such a call in a queue, in whatever step, tier or reserve.
    pub fn admits(&self, queue: QueueId, profile: &Profile, seat: SeatId) -> bool {
        seat.index() < self.plan.seats.len() && member(&self.plan, &LineKey::of(queue, profile), seat).is_some()
    }

    /// Whether the seat answered an offer of this kind, and has the call.
    pub(crate) fn direct_answered(&mut self, now: Timestamp, call: CallId, seat: SeatId) -> bool {
        let Some(offer) = self.directs.to(call, seat) else { return false };
        if !self.table.word(seat).is_held_by(self.share.group) || !self.engage(now, call, seat, offer.queue, true) {
            return false;
        }
        self.directs.0.remove(&call);
        self.rang(seat, now.since(offer.offered));
        true
    }

    pub(crate) fn direct_failed(&mut self, now: Timestamp, call: CallId, seat: SeatId, why: OfferEnd) {
        let Some(offer) = self.directs.to(call, seat) else { return };
        self.directs.0.remove(&call);
        self.seat_failed(now, seat, why, offer.ringing && now >= offer.rings_until);
    }

    pub(crate) fn leave_direct(&mut self, call: CallId) {
        if let Some(offer) = self.directs.0.remove(&call) {
            self.free(offer.seat, |word| word);
        }
    }
}
