use crate::assign::LEASE_GRACE;
use crate::calls::Phase;
use crate::eligible::{own_tier, tier_number};
use crate::rank::Ranker;
use crate::waiting::Slot;
use crate::{Output, Router};
use hotline_model::history::{DecidingKey, Trigger, WhyNot};
use hotline_model::{CallId, Decision, SeatId, Timestamp};

/// Assignment by a person (R44).
impl Router {
    pub(crate) fn assign_by_hand(&mut self, now: Timestamp, call: CallId, seat: SeatId) {
        if let Err(why) = self.try_by_hand(now, call, seat) {
            self.outputs.push_back(Output::NotAssigned { call, seat, why });
        }
    }

    fn try_by_hand(&mut self, now: Timestamp, id: CallId, seat: SeatId) -> Result<(), WhyNot> {
        let slot = self.calls.slot(id).ok_or(WhyNot::NotWaiting)?;
        let rules = self.plan.seats.get(seat.index()).filter(|rules| !rules.retired).ok_or(WhyNot::NoSuchSeat)?;
        let call = self.calls.at(slot);
        if call.key.sensitive && !rules.cleared {
            return Err(WhyNot::NotCleared);
        }
        if call.offer_to(seat).is_some() {
            return Ok(());
        }
        let rings = if let Phase::Offered(offer) = &call.phase { Some(offer.seat) } else { None };
        let (before, after) = self.table.claim(seat, self.share.group).ok_or(WhyNot::NotReady)?;
        if let Some(other) = rings {
            self.outputs.push_back(Output::Withdraw { call: id, seat: other });
            self.free(other, |word| word);
            self.enter(now, slot);
        }
        let decision = self.decide_by_hand(now, slot, seat);
        if rings.is_none() {
            self.delist(slot);
        }
        let most = self.longest_ring(&decision);
        let call = self.calls.at(slot);
        let ring = call.ring(now, &self.plan.timers, most, seat, call.key.queue);
        self.outputs.push_back(Output::Offer { call: id, seat, ring, decision });
        self.seats[seat.index()].call = Some(id);
        self.lease(seat, now + ring + LEASE_GRACE);
        self.lines.mark(seat, after);
        self.tell(seat, before, after);
        Ok(())
    }

    /// The seat may stand in none of the call's lines: what a decision records of it comes from the rules.
    fn decide_by_hand(&mut self, now: Timestamp, slot: Slot, seat: SeatId) -> Decision {
        let decision = self.nobody(now, slot);
        let key = &self.calls.at(slot).key;
        let proficiency = Ranker::new(&self.plan, self.lines.order(key.queue), key).proficiency(seat, usize::from(decision.step));
        Decision {
            seat: seat.0,
            key: DecidingKey::ByHand,
            trigger: Trigger::ByHand,
            tier: tier_number(own_tier(&self.plan, key.region, self.plan.seat(seat))),
            proficiency: u8::try_from(proficiency).unwrap_or(u8::MAX),
            ..decision
        }
    }
}
