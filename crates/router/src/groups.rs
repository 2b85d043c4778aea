use crate::waiting::Slot;
use crate::{Input, Output, Refusal, Router, SeatTable, Sight, Word};
use hotline_model::history::Trigger;
use hotline_model::{Activity, Intent, QueueId, SeatId, Timestamp};
use hotline_rules::{GroupId, Plan};
use std::sync::Arc;
use std::time::Duration;

/// Which part of a plan a router serves. Groups beyond the last router are the main group's, so that rules may name a group that nobody
/// has a thread for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The router's group.
    pub group: GroupId,
    /// How many routers share the seats.
    pub routers: u8,
}

impl Share {
    /// All queues.
    pub const ALL: Self = Self { group: GroupId::MAIN, routers: 1 };

    /// The group whose router serves a queue.
    pub fn router_of(self, plan: &Plan, queue: QueueId) -> GroupId {
        let group = plan.group_of(queue);
        if group.0 < self.routers { group } else { GroupId::MAIN }
    }

    /// Whether this router serves a queue.
    pub fn has(self, plan: &Plan, queue: QueueId) -> bool {
        self.router_of(plan, queue) == self.group
    }

    /// The first router begins the seats' states, and tries unreachable ones again.
    pub(crate) fn is_main(self) -> bool {
        self.group == GroupId::MAIN
    }
}

/// What was last heard of a seat, by whoever's hand; apart from [`SeatFacts`](crate::seats::SeatFacts), since it is seldom asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard {
    /// What its agent chose, when last heard of: whoever chose anew begins with no strikes.
    intent: Intent,
    /// What the router was told of its phone.
    pub reachable: bool,
    /// Whether it counts as one that takes calls.
    takes: bool,
}

impl Heard {
    pub fn of(word: Word) -> Self {
        Self { intent: word.intent(), reachable: word.state().reachable, takes: word.takes_calls() }
    }

    pub fn takes(self) -> bool {
        self.takes
    }
}

/// What other groups do to the seats.
impl Router {
    /// A router for the queues of one group, on a table that it shares ([`SeatTable::shared`]) with those of the others. The main group's is
    /// made first: it begins the seats' states.
    pub fn of_group(now: Timestamp, plan: Arc<Plan>, table: Arc<SeatTable>, share: Share) -> Self {
        Self::make(now, plan, table, share)
    }

    /// Which queues are its own.
    pub fn share(&self) -> Share {
        self.share
    }

    /// From now on each step keeps what it saw of the seats by other threads' hands ([`Router::begin_step`]).
    pub fn keep_sights(&mut self) {
        self.table.keep_sights();
    }

    /// A step begins, of one or more inputs. If it is done again on a table of its own, what the first one saw is told.
    pub fn begin_step(&mut self, seen: Option<Vec<Sight>>) {
        self.table.begin_step(seen);
    }

    /// The step is over; what it saw.
    pub fn end_step(&mut self) -> Vec<Sight> {
        self.table.end_step()
    }

    /// From now on a seat that this router frees while calls of other groups wait is left to them first, for so long: or whoever frees a seat
    /// would always see it first, and groups that are short of seats would starve each other.
    pub fn be_courteous(&mut self, courtesy: Duration) {
        self.courtesy = courtesy;
    }

    /// Whether a seat that becomes ready is left to others first.
    #[inline]
    pub(crate) fn leaves_to_others(&self, before: Word) -> bool {
        !self.courtesy.is_zero() && before.is_held_by(self.share.group) && self.table.others_wait(self.listed)
    }

    /// A seat's word.
    pub fn word(&self, seat: SeatId) -> Word {
        self.table.word(seat)
    }

    /// The table of seats that it shares with the routers of other groups.
    pub fn seats(&self) -> &Arc<SeatTable> {
        self.table.table()
    }

    /// Looks at all seats that other groups changed. How many there were.
    pub fn look_around(&mut self, now: Timestamp) -> usize {
        if self.table.shared().has_seen_all(self.share.group) {
            return 0;
        }
        let mut told = std::mem::take(&mut self.told);
        self.table.shared().take_told(self.share.group, |seat| told.push(seat));
        let count = told.len();
        for seat in told.drain(..) {
            self.handle(now, Input::Look { seat });
        }
        self.told = told;
        count
    }

    /// A seat's word was changed by another group: gives up what that group took over or the agent ended, and sees whether the seat is ready.
    pub(crate) fn look(&mut self, now: Timestamp, seat: SeatId) {
        let Some(facts) = self.seats.get_mut(seat.index()) else { return };
        let word = self.table.word(seat);
        let (held, signed_out) = (word.is_held_by(self.share.group), word.intent() == Intent::SignedOut);
        let call = facts.call;
        if self.heard[seat.index()].intent != word.intent() {
            facts.missed = 0;
        }
        self.heard_choice(seat, word);
        if !held {
            self.let_go(now, seat);
        } else if let (Activity::Offered, true, Some(call)) = (word.activity(), signed_out, call) {
            self.free(seat, |word| word.with_since(now));
            self.withdraw(now, call, seat);
        }
        self.note_look(seat);
        self.see_presence(seat, word);
        self.see_taker(seat, word);
        self.retry_if_lost(now, seat, word);
        let word = self.table.word(seat);
        // A seat that takes a call at once is taken to stand in no list.
        self.lines.mark(seat, Word::OUT);
        if word.is_ready() && !self.fresh_seats.contains(&seat) {
            self.fresh_seats.push(seat);
        }
    }

    /// Another group has the seat: an offer of ours is over.
    fn let_go(&mut self, now: Timestamp, seat: SeatId) {
        self.end_lease(seat);
        let Some(call) = self.seats[seat.index()].call.take() else { return };
        let listed = self.calls.slot(call).is_some_and(|slot| self.calls.at(slot).offer_to(seat).is_some());
        let offered = listed || self.directs.to(call, seat).is_some();
        if offered {
            self.withdraw(now, call, seat);
        }
    }

    /// Keeps what its agent chose, by whoever's hand: a later look must not take the same choice for a new one.
    pub(crate) fn heard_choice(&mut self, seat: SeatId, word: Word) {
        self.heard[seat.index()].intent = word.intent();
    }

    /// Follows whether a seat takes calls, by whoever's hand.
    pub(crate) fn see_taker(&mut self, seat: SeatId, word: Word) {
        let takes = word.takes_calls();
        if std::mem::replace(&mut self.heard[seat.index()].takes, takes) != takes {
            self.rates.recount(seat, takes);
        }
    }

    /// From now on each change of a seat by this router's hand is kept until it is taken ([`Router::take_changed`]).
    pub fn keep_changed(&mut self) {
        self.changed = Some(Vec::new());
    }

    /// The seats whose words it changed since this was asked last, in order, each as often as it did, with how many of the outputs that wait
    /// were made before.
    pub fn take_changed(&mut self) -> impl Iterator<Item = (u32, SeatId)> {
        self.changed.iter_mut().flat_map(|changed| changed.drain(..))
    }

    /// Follows a change, once, and tells the other groups.
    pub(crate) fn publish(&mut self, seat: SeatId) {
        if let Some(changed) = &mut self.changed {
            changed.push((self.outputs.len() as u32, seat));
        }
        self.table.shared().tell(self.share.group, seat);
    }

    /// After new rules: a call waits on, unless its queue is another router's now.
    pub(crate) fn wait_on(&mut self, now: Timestamp, slot: Slot) {
        if self.share.has(&self.plan, self.calls.at(slot).key.queue) {
            return self.enlist(now, slot, Trigger::RulesChanged);
        }
        let call = self.calls.remove(slot).id;
        self.outputs.push_back(Output::Refused { call, why: Refusal::OtherGroup });
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_word_says_how_often_its_seat_was_changed() {
        let table = SeatTable::shared(1, 2);
        let turns = |word: Word| word.with_since(Timestamp(i64::MAX / 2)).with_reachable(!word.state().reachable).with_holder(GroupId(7));
        for count in 0..20_000_u32 {
            assert_eq!(u32::from(table.word(SeatId(0)).changes()), count % (u32::from(Word::MOST_CHANGES) + 1));
            table.change(SeatId(0), |word| Some(turns(word)));
        }
    }
}
