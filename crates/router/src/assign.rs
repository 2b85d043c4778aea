use crate::calls::Phase;
use crate::checked::Unchecked;
use crate::eligible::tier_number;
use crate::line::Winner;
use crate::lines::Choice;
use crate::rank::Role;
use crate::router::Timer;
use crate::view::Words;
use crate::waiting::{CallRank, Head, Slot};
use crate::{Output, Router, Word};
use hotline_model::history::{DecidingKey, NO_SEAT, Trigger};
use hotline_model::{Decision, QueueId, SeatId, Timestamp};
use std::cmp::Reverse;
use std::time::Duration;

/// An offer's lease beyond its ring: the safety net under the engine's own ring timer.
pub(crate) const LEASE_GRACE: Duration = Duration::from_secs(5);
/// Of each line at most so many calls of the same class are counted as waiting before the one decided on.
const AHEAD: usize = 64;

/// A seat found for a call.
struct Match {
    slot: Slot,
    line: u32,
    seat: SeatId,
    winner: Winner,
    key: DecidingKey,
    trigger: Trigger,
    fresh: Option<Fresh>,
}

/// An offered call that still stands in the lists of these lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lingering {
    lines: [Option<u32>; 2],
    rank: CallRank,
}

/// Who of the two came in this step and stands in no list yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fresh {
    Call,
    Seat,
}

/// The calls' side: lists, and the search that brings a call and a seat together.
impl Router {
    pub(crate) fn waits(&self, slot: Slot) -> bool {
        self.calls.get(slot).is_some_and(|call| matches!(call.phase, Phase::Waiting { .. }))
    }

    /// Finds a call's lines; it stands in their lists only after [`Router::list`].
    #[inline]
    pub(crate) fn enter(&mut self, now: Timestamp, slot: Slot) {
        let own = if self.patience.is_set { self.own_agents(now, slot) } else { None };
        let call = self.calls.at(slot);
        call.aged = self.plan.priorities.aged(call.priority, now.since(call.since));
        call.wait_for(own);
        call.key.customer_type = self.lines.customer_type(call.key.queue, call.customer_type);
        let words = Words { known: &self.known, table: &self.table };
        let home = self.lines.for_key(&self.plan, &words, (&call.key, own), now);
        let overflow = call.overflow.map(|queue| {
            let theirs = self.lines.customer_type(queue, call.customer_type);
            let home = (std::mem::replace(&mut call.key.queue, queue), std::mem::replace(&mut call.key.customer_type, theirs));
            let line = self.lines.for_key(&self.plan, &words, (&call.key, own), now);
            (call.key.queue, call.key.customer_type) = home;
            line
        });
        if own.is_some() {
            self.patience.small.extend([Some(home), overflow].into_iter().flatten());
        }
        call.phase = Phase::Waiting { home, overflow };
    }

    /// Publishes a waiting call, puts it in its lines' lists by its rank, and looks for a seat at the end of this step.
    pub(crate) fn list(&mut self, now: Timestamp, slot: Slot, trigger: Trigger) {
        let call = self.calls.at(slot);
        let Phase::Waiting { home, overflow } = call.phase else { return };
        call.waited = true;
        self.rates.enters((&self.plan, self.lines.masters()), &self.heard, call.waits(), call.aged, trigger);
        let rank = call.rank();
        let ages = self.plan.priorities.ages_at(call.priority, now.since(call.since)).map(|wait| call.since + wait);
        call.ageing = ages.map(|at| self.timers.set(at, Timer::Age(slot)));
        for queue in [Some(call.key.queue), call.overflow].into_iter().flatten() {
            self.queues[queue.index()].waiting += 1;
            self.crowds.touch(queue);
        }
        for line in [Some(home), overflow].into_iter().flatten() {
            self.lines.insert(line, rank, slot, now);
            let opening = self.lines.opening_for(line, rank.since(), now);
            self.wake_at(line, opening);
        }
        if self.patience.is_set {
            self.be_patient(now, slot);
        }
        self.fresh_calls.push((rank, slot, trigger));
        self.listed += 1;
        self.table.shared().call_waits();
    }

    pub(crate) fn enlist(&mut self, now: Timestamp, slot: Slot, trigger: Trigger) {
        self.enter(now, slot);
        self.list(now, slot, trigger);
    }

    /// A call that comes while nothing else happens takes the best seat without ever standing in a list. Whether it did.
    #[inline]
    pub(crate) fn serve_at_once(&mut self, now: Timestamp, slot: Slot) -> bool {
        while let Some(found) = self.search(now, slot, Trigger::CallWaiting) {
            if self.offer(now, &Match { fresh: Some(Fresh::Call), ..found }) {
                return true;
            }
        }
        false
    }

    /// Takes a call out of its lines, if it waits.
    #[inline]
    pub(crate) fn delist(&mut self, slot: Slot) {
        let call = self.calls.at(slot);
        let Phase::Waiting { home, overflow } = call.phase else { return };
        let lingering = Lingering { lines: [Some(home), overflow], rank: call.rank() };
        self.unlist(slot);
        self.take_out(&lingering);
    }

    fn take_out(&mut self, Lingering { lines, rank }: &Lingering) {
        for line in lines.iter().flatten() {
            self.lines.remove(*line, *rank, self.now);
            // Who is first now came long ago: a seat that takes that call is not to wait for memory.
            self.lines.first_of(*line).into_iter().for_each(|next| self.calls.prefetch(next));
        }
    }

    /// Takes the call of the latest offer out of the lists, before anything else happens or somebody looks.
    #[inline]
    pub(crate) fn take_out_latest(&mut self) {
        if let Some(lingering) = self.lingering.take() {
            self.take_out(&lingering);
        }
    }

    /// The same, but it lingers in the lists until the offer has been told: nobody is kept waiting for that.
    #[inline]
    fn delist_later(&mut self, slot: Slot) {
        let call = self.calls.at(slot);
        let Phase::Waiting { home, overflow } = call.phase else { return };
        self.lingering = Some(Lingering { lines: [Some(home), overflow], rank: call.rank() });
        self.unlist(slot);
    }

    /// The same, but for the lists: nobody is to look at them any more.
    #[inline]
    pub(crate) fn unlist(&mut self, slot: Slot) {
        let call = self.calls.at(slot);
        let Phase::Waiting { home, overflow } = call.phase else { return };
        if let Some(ageing) = call.ageing.take() {
            self.timers.cancel(ageing);
        }
        let queues = [Some(home), overflow].map(|line| line.map(|line| self.lines.front(line).queue));
        self.rates.leaves(queues);
        for queue in queues.into_iter().flatten() {
            self.queues[queue.index()].waiting -= 1;
            self.crowds.touch(queue);
        }
        if self.patience.is_set {
            self.forget_patience(slot, [Some(home), overflow]);
        }
        self.listed -= 1;
        self.table.shared().call_left();
    }

    /// Sees to it that a line is looked at no later than `at`.
    fn wake_at(&mut self, line: u32, at: Option<Timestamp>) {
        let Some(at) = at else { return };
        let wake = &mut self.lines.at_mut(line).wake;
        if wake.is_none_or(|(due, _)| at < due) {
            if let Some((_, later)) = wake.take() {
                self.timers.cancel(later);
            }
            *wake = Some((at, self.timers.set(at, Timer::Line(line))));
        }
    }

    /// Calls of a line reached a step, or the end of a hold.
    pub(crate) fn wake(&mut self, now: Timestamp, number: u32) {
        let line = self.lines.at_mut(number);
        line.wake = None;
        let from = std::mem::replace(&mut line.checked, now);
        for opens in self.lines.at(number).openings() {
            let reached = self.lines.waiting(number).reached(opens, from, now);
            self.fresh_calls.extend(reached.map(|head| (head.rank, head.slot, Trigger::StepReached)));
        }
        self.lines.reopen(number, now);
        let next = self.lines.next_opening(number, now);
        self.wake_at(number, next);
    }

    /// Follows whether a seat is signed in and reachable, by whoever's hand.
    pub(crate) fn see_presence(&mut self, seat: SeatId, word: Word) {
        self.reopened.extend(self.lines.presence(&self.plan, seat, word.is_present(), self.now));
    }

    /// Looks at the lines whose holds moved with a seat's coming or going.
    fn look_at_reopened(&mut self, now: Timestamp) {
        while let Some((number, earlier)) = self.reopened.pop() {
            // It may have been dropped meanwhile, with nobody in it.
            if !self.lines.has(number) {
                continue;
            }
            if earlier {
                let waiting = self.lines.waiting(number).all();
                self.fresh_calls.extend(waiting.map(|head| (head.rank, head.slot, Trigger::StepReached)));
            }
            let next = self.lines.next_opening(number, now);
            self.wake_at(number, next);
        }
    }

    /// Makes all offers that this step allows, the call that ranks first served first.
    #[inline]
    pub(crate) fn settle(&mut self, now: Timestamp) {
        if self.has_to_settle() {
            self.settle_all(now);
        }
    }

    #[inline]
    fn has_to_settle(&self) -> bool {
        let met = self.fresh_seats.is_empty() && self.fresh_calls.is_empty();
        !met || !self.reopened.is_empty() || self.crowds.are_touched() || self.patience.has_changed()
    }

    fn settle_all(&mut self, now: Timestamp) {
        self.look_at_moved(now);
        self.make_offers(now);
        self.drop_small_lines();
    }

    fn make_offers(&mut self, now: Timestamp) {
        self.review_crowds(now);
        self.look_at_reopened(now);
        if let ([seat], []) = (self.fresh_seats.as_slice(), self.fresh_calls.as_slice()) {
            let seat = *seat;
            self.fresh_seats.clear();
            return self.serve(now, seat);
        }
        for seat in &self.fresh_seats {
            self.lines.mark(*seat, self.table.word(*seat));
        }
        if !self.fresh_seats.is_empty() && !self.table.shared().anyone_waits() {
            self.fresh_seats.clear();
        }
        self.fresh_calls.sort_unstable_by_key(|(rank, ..)| Reverse(*rank));
        while let Some(seat) = self.fresh_seats.pop() {
            self.add_head(now, seat);
        }
        while let Some((slot, trigger)) = self.next_call(now) {
            match self.search(now, slot, trigger) {
                Some(found) => {
                    let found = self.preferred(now, found);
                    self.offer(now, &found);
                    if self.review_crowds(now) {
                        self.find_heads_again(now);
                    }
                }
                None if trigger == Trigger::SeatReady => self.fresh_heads.clear(),
                None => drop(self.fresh_calls.pop()),
            }
        }
        self.fresh_heads.clear();
        self.look_at_reopened(now);
    }

    /// One seat became ready and nothing else happened: every other pair was tried before. A seat that takes a call at once is never
    /// marked ready in its lines.
    #[inline]
    fn serve(&mut self, now: Timestamp, seat: SeatId) {
        let word = self.table.word(seat);
        let first = if word.is_ready() && self.table.shared().anyone_waits() { self.lines.choice_for(seat, now) } else { None };
        let Some(choice) = first else { return self.lines.mark(seat, word) };
        let (key, trigger) = (DecidingKey::CallOrder, Trigger::SeatReady);
        self.calls.prefetch(choice.slot);
        let Choice { slot, line, winner } = self.through(now, seat, choice);
        self.offer(now, &Match { slot, line, seat, winner, key, trigger, fresh: Some(Fresh::Seat) });
    }

    /// Through which line a seat takes a call: that of the call's own queue, unless the call stands better in the one it overflowed to.
    #[inline]
    fn through(&self, now: Timestamp, seat: SeatId, choice: Choice) -> Choice {
        let Some(call) = self.calls.get(choice.slot) else { return choice };
        let Phase::Waiting { home, overflow: Some(_) } = call.phase else { return choice };
        let rank = call.rank();
        let standing = |place| self.lines.standing(place, rank, now);
        let found = self.lines.place(seat, choice.line).map(standing);
        let own = self.lines.place(seat, home).filter(|own| self.lines.is_open(*own, rank, now));
        own.filter(|own| found.is_none_or(|found| standing(*own) <= found)).map_or(choice, |own| Choice {
            line: home,
            winner: self.lines.winner(own),
            ..choice
        })
    }

    /// The seat that was found for a call takes the one that stands first before it.
    fn preferred(&self, now: Timestamp, found: Match) -> Match {
        let choice = if self.lines.uniform() { None } else { self.lines.choice_for(found.seat, now) };
        let Some(choice) = choice else { return found };
        let Choice { slot, line, winner } = self.through(now, found.seat, choice);
        if (slot, line) == (found.slot, found.line) {
            return found;
        }
        let rank = self.calls.get(slot).map(|call| Reverse(call.rank()));
        let fresh = self.fresh_calls.binary_search_by_key(&rank, |(rank, ..)| Some(Reverse(*rank)));
        let trigger = fresh.map_or(Trigger::SeatReady, |at| self.fresh_calls[at].2);
        Match { slot, line, winner, key: DecidingKey::CallOrder, trigger, ..found }
    }

    fn add_head(&mut self, now: Timestamp, seat: SeatId) {
        let head = self.lines.first_for(seat, now).filter(|_| self.table.word(seat).is_ready());
        if let Some(Choice { slot, .. }) = head
            && let Some(call) = self.calls.get(slot)
        {
            let head = Head { rank: call.rank(), slot };
            let at = self.fresh_heads.partition_point(|other| *other > (head, seat));
            self.fresh_heads.insert(at, (head, seat));
        }
    }

    /// A reserve no longer serves: its seats may have other calls first.
    fn find_heads_again(&mut self, now: Timestamp) {
        for (_, seat) in std::mem::take(&mut self.fresh_heads) {
            self.add_head(now, seat);
        }
    }

    /// Of the calls that may have a seat since this step, the one that ranks first.
    fn next_call(&mut self, now: Timestamp) -> Option<(Slot, Trigger)> {
        while let Some((head, seat)) = self.fresh_heads.last().copied() {
            if self.still_waits(head) && self.table.word(seat).is_ready() {
                break;
            }
            self.fresh_heads.pop();
            self.add_head(now, seat);
        }
        while let Some((rank, slot, _)) = self.fresh_calls.last().copied() {
            if self.still_waits(Head { rank, slot }) {
                break;
            }
            self.fresh_calls.pop();
        }
        match (self.fresh_heads.last(), self.fresh_calls.last()) {
            (Some((head, _)), Some((rank, ..))) if head.rank < *rank => Some((head.slot, Trigger::SeatReady)),
            (_, Some((_, slot, trigger))) => Some((*slot, *trigger)),
            (Some((head, _)), None) => Some((head.slot, Trigger::SeatReady)),
            (None, None) => None,
        }
    }

    /// Whether it is still the same call in its slot, and waits.
    fn still_waits(&self, head: Head) -> bool {
        self.waits(head.slot) && self.calls.get(head.slot).is_some_and(|call| call.order == head.rank.order)
    }

    fn search(&mut self, now: Timestamp, slot: Slot, trigger: Trigger) -> Option<Match> {
        let call = self.calls.get(slot)?;
        let Phase::Waiting { home, overflow } = call.phase else { return None };
        let waited = now.since(call.since);
        for line in [Some(home), overflow].into_iter().flatten() {
            if let Some((seat, winner, key)) = self.lines.find(&self.table, line, waited, call.friends.all()) {
                let key = if call.waits_for_own() { call.role_of(seat).map_or(key, Role::key) } else { key };
                return Some(Match { slot, line, seat, winner, key, trigger, fresh: None });
            }
        }
        None
    }

    /// Claims the seat and tells; if its ready bit was wrong, only puts the bit right. Whether there is an offer.
    fn offer(&mut self, now: Timestamp, found: &Match) -> bool {
        let seat = found.seat;
        if found.fresh != Some(Fresh::Seat) {
            self.ask_for(seat, false);
        }
        let Some((before, after)) = self.table.claim(seat, self.share.group) else {
            self.lines.mark(seat, self.table.word(seat));
            return false;
        };
        let decision = self.decide(now, found, seat);
        match found.fresh {
            Some(Fresh::Call) => {}
            Some(Fresh::Seat) if !self.patience.is_set => self.delist_later(found.slot),
            Some(Fresh::Seat) | None => self.delist(found.slot),
        }
        let (queue, most) = (decision.queue, self.longest_ring(&decision));
        let call = self.calls.at(found.slot);
        let rank = call.rank();
        let ring = call.ring(now, &self.plan.timers, most, seat, queue);
        let call = call.id;
        if self.listed > 0 {
            let place = if self.lines.uniform() { None } else { self.lines.place(seat, found.line) };
            self.unchecked = Some(Unchecked { at: now, seat, rank, place });
        }
        if found.fresh != Some(Fresh::Seat) {
            self.check_latest();
        }
        self.outputs.push_back(Output::Offer { call, seat, ring, decision });
        self.seats[seat.index()].call = Some(call);
        self.lease(seat, now + ring + LEASE_GRACE);
        if found.fresh != Some(Fresh::Seat) {
            self.lines.mark(seat, after);
        }
        self.tell(seat, before, after);
        true
    }

    /// The longest ring of an offer in the step that its decision records.
    #[inline]
    pub(crate) fn longest_ring(&self, decision: &Decision) -> Duration {
        let usual = self.plan.timers.ring_per_offer;
        if !self.queues[decision.queue.index()].rings {
            return usual;
        }
        let step = self.plan.queue(decision.queue).steps.get(usize::from(decision.step));
        step.and_then(|step| step.ring).unwrap_or(usual)
    }

    #[inline]
    fn decide(&mut self, now: Timestamp, found: &Match, seat: SeatId) -> Decision {
        let Winner { bucket, tier, proficiency } = found.winner;
        let tier = tier_number(self.plan.assign.tiers[usize::from(tier)].0);
        let decision = self.observe(now, found.slot, found.line);
        let (trigger, rank) = (found.trigger, bucket);
        let ready = decision.ready + u32::from(found.fresh == Some(Fresh::Seat));
        let key = if self.waits_alone(found, ready) {
            let call = self.calls.get(found.slot).filter(|call| call.waits_for_own());
            call.and_then(|call| call.role_of(seat)).map_or(DecidingKey::OnlyReady, Role::key)
        } else if found.key == DecidingKey::CallOrder {
            self.between_queues(now, found)
        } else {
            found.key
        };
        Decision { seat: seat.0, ready, rank, key, trigger, tier, proficiency, ..decision }
    }

    /// Whether a seat that chose a call had no choice, or a call that chose a seat.
    #[inline]
    fn waits_alone(&self, found: &Match, ready: u32) -> bool {
        match found.key {
            DecidingKey::CallOrder => {
                let queue = self.lines.front(found.line).queue;
                found.trigger == Trigger::SeatReady && self.queues[queue.index()].waiting == 1 && !self.others_wait(found, queue)
            }
            DecidingKey::Owner | DecidingKey::LastAgent | DecidingKey::Preferred => ready == 1 && self.lines.at(found.line).own.is_none(),
            DecidingKey::OnlyReady
            | DecidingKey::Tier
            | DecidingKey::Proficiency
            | DecidingKey::Region
            | DecidingKey::LongestIdle
            | DecidingKey::Nobody
            | DecidingKey::Step
            | DecidingKey::Opening
            | DecidingKey::ByHand
            | DecidingKey::CustomerType
            | DecidingKey::Score
            | DecidingKey::LeastOccupied
            | DecidingKey::Responsiveness
            | DecidingKey::LeastSufficient
            | DecidingKey::OwnAway
            | DecidingKey::QueuePriority
            | DecidingKey::QueueWeight => false,
        }
    }

    /// Whether calls wait in other queues of the seat, besides the one it takes.
    fn others_wait(&self, found: &Match, queue: QueueId) -> bool {
        if self.listed == 1 {
            return false;
        }
        let call = self.calls.get(found.slot);
        let is_its = |other: QueueId| call.is_some_and(|call| call.key.queue == other || call.overflow == Some(other));
        let mut others = self.lines.queues_with_calls(found.seat).filter(|other| *other != queue);
        others.any(|other| self.queues[other.index()].waiting > u32::from(is_its(other)))
    }

    /// What of its queues led a seat past the call that ranks first of those it may have, if it took another.
    fn between_queues(&self, now: Timestamp, found: &Match) -> DecidingKey {
        if self.lines.uniform() {
            return DecidingKey::CallOrder;
        }
        let rank = self.calls.get(found.slot).map(|call| call.rank());
        match (self.lines.search_first_for(found.seat, now), self.lines.place(found.seat, found.line)) {
            (Some((first, place)), Some(own)) if Some(first.rank) < rank => {
                if own.priority() < place.priority() {
                    DecidingKey::QueuePriority
                } else {
                    DecidingKey::QueueWeight
                }
            }
            (_, _) => DecidingKey::CallOrder,
        }
    }

    pub(crate) fn nobody(&mut self, now: Timestamp, slot: Slot) -> Decision {
        let home = match self.calls.at(slot).phase {
            Phase::Waiting { home, .. } => home,
            Phase::Offered(_) => 0,
        };
        let key = if self.calls.at(slot).waits_for_own() { DecidingKey::OwnAway } else { DecidingKey::Nobody };
        Decision { key, ..self.observe(now, slot, home) }
    }

    /// What the router sees of a call in a line; nobody is chosen yet.
    fn observe(&mut self, now: Timestamp, slot: Slot, line: u32) -> Decision {
        self.seq += 1;
        let front = self.lines.front(line);
        let call = self.calls.get(slot).expect("a slot is taken until its call is removed");
        let waited = now.since(call.since);
        let (step, admitted) = front.step_at(waited);
        Decision {
            seq: self.seq,
            at: now,
            call: call.id,
            revision: self.plan.revision,
            seat: NO_SEAT,
            admitted,
            ready: self.lines.ready(line, step),
            ahead: self.ahead(call, AHEAD) as u32,
            waited_ms: u32::try_from(waited.as_millis()).unwrap_or(u32::MAX),
            rank: 0,
            queue: front.queue,
            trigger: Trigger::CallWaiting,
            key: DecidingKey::Nobody,
            step: step as u8,
            tier: 0,
            priority: call.priority,
            proficiency: 0,
        }
    }
}
