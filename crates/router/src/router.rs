use crate::assign::Lingering;
use crate::calls::{Call, Calls, Offer, Phase};
use crate::checked::{Checked, Unchecked};
use crate::crowds::Crowds;
use crate::direct::Directs;
use crate::groups::Heard;
use crate::idle::Work;
use crate::layout::{Layout, Leftovers};
use crate::lines::Lines;
use crate::patience::Patience;
use crate::rates::Rates;
use crate::seats::SeatFacts;
use crate::timers::Timers;
use crate::view::{View, Words};
use crate::waiting::{CallRank, Head, Slot};
use crate::{Input, Output, Refusal, SeatTable, Share, Word};
use hotline_model::history::Trigger;
use hotline_model::{CallId, Priority, Profile, QueueId, SeatId, SeatState, Timestamp};
use hotline_rules::{Plan, Queue};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Calls on one side, seats on the other. After every step no waiting call has a ready seat that it may be offered, and no call was
/// offered a seat while another stood before it that this seat could have had ([`Router::inversions`] counts, and stays 0).
///
/// Before a seat, calls stand by class (urgent, important, ordinary, the breached first in each: R24, R38, K3), then by the seat's
/// priority for the queue through which it would take them, then by waiting time / target x weight of that queue, then by effective
/// entry time and arrival. Where several calls and seats come together in one step, the call that ranks first by class, entry time and
/// arrival finds its best seat, that seat takes the call that stands first before it, and so on until no pair is left.
#[derive(Debug)]
pub struct Router {
    pub(crate) plan: Arc<Plan>,
    pub(crate) share: Share,
    pub(crate) table: View,
    pub(crate) seats: Vec<SeatFacts>,
    pub(crate) heard: Vec<Heard>,
    pub(crate) lines: Lines,
    pub(crate) calls: Calls,
    pub(crate) directs: Directs,
    pub(crate) patience: Patience,
    /// Of each seat, counted while some order of seats asks for it.
    pub(crate) works: Vec<Work>,
    pub(crate) queues: Vec<QueueFacts>,
    pub(crate) crowds: Crowds,
    pub(crate) timers: Timers<Timer>,
    pub(crate) rates: Rates,
    pub(crate) outputs: VecDeque<Output>,
    /// Seats whose words it changed, each with how many outputs waited then; kept for who puts the changes of several routers in order.
    pub(crate) changed: Option<Vec<(u32, SeatId)>>,
    pub(crate) seq: u64,
    /// The time of the step.
    pub(crate) now: Timestamp,
    next_order: u64,
    pub(crate) checked: Checked,
    pub(crate) unchecked: Option<Unchecked>,
    /// The call of the latest offer, until all outputs are taken.
    pub(crate) lingering: Option<Lingering>,
    /// Calls that stand in lists.
    pub(crate) listed: u32,
    /// How long a seat that it frees is left to other groups first.
    pub(crate) courtesy: Duration,
    /// Seats that became ready in this step.
    pub(crate) fresh_seats: Vec<SeatId>,
    /// Of these, those that some waiting call may be offered, with the first such call; the first of all last.
    pub(crate) fresh_heads: Vec<(Head, SeatId)>,
    /// Calls that may have a seat since this step.
    pub(crate) fresh_calls: Vec<(CallRank, Slot, Trigger)>,
    /// Lines whose holds moved in this step, and whether one ends earlier.
    pub(crate) reopened: Vec<(u32, bool)>,
    /// Seats to look at; kept for its room.
    pub(crate) told: Vec<SeatId>,
    /// The seats' words as new rules found them, while they are taken.
    pub(crate) known: Vec<Word>,
    /// For the next rules.
    pub(crate) layout: Option<Box<Layout>>,
    /// Of the last rules.
    pub(crate) leftovers: Option<Leftovers>,
}

/// What the router looks up in a queue again and again: the plan is large, these lie close together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueFacts {
    /// Calls that wait in it, by entry or by overflow.
    pub waiting: u32,
    limit: u32,
    wrap_up_ms: u32,
    retired: bool,
    /// Some step of it has a ring of its own.
    pub rings: bool,
}

const _: () = assert!(size_of::<QueueFacts>() == 16);

impl QueueFacts {
    pub fn wrap_up(&self) -> Duration {
        Duration::from_millis(u64::from(self.wrap_up_ms))
    }

    fn of(plan: &Plan) -> Vec<Self> {
        let facts = |queue: &Queue| Self {
            waiting: 0,
            limit: queue.limit,
            wrap_up_ms: u32::try_from(queue.wrap_up.as_millis()).unwrap_or(u32::MAX),
            retired: queue.retired,
            rings: queue.steps.iter().any(|step| step.ring.is_some()),
        };
        plan.queues.iter().map(facts).collect()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Timer {
    Lease(SeatId),
    Retry(SeatId),
    Line(u32),
    Age(Slot),
    Patience(Slot),
    Crowd(QueueId),
    Courtesy(SeatId),
}

impl Router {
    /// A router for all queues of a plan. Seats whose fixed contact is an address and not pinged count as reachable, seats with `sign_in` as signed in.
    pub fn new(now: Timestamp, plan: Arc<Plan>, table: Arc<SeatTable>) -> Self {
        Self::make(now, plan, table, Share::ALL)
    }

    pub(crate) fn make(now: Timestamp, plan: Arc<Plan>, table: Arc<SeatTable>, share: Share) -> Self {
        let mut router = Self {
            patience: Patience::new(&plan),
            share,
            lines: Lines::new(&plan, (0u32..).map(SeatId).take(plan.seats.len()).map(|seat| table.word(seat))),
            queues: QueueFacts::of(&plan),
            crowds: Crowds::new(&plan),
            rates: Rates::new(&plan),
            plan,
            table: View::new(table),
            seats: Vec::new(),
            works: Vec::new(),
            heard: Vec::new(),
            calls: Calls::default(),
            directs: Directs::default(),
            timers: Timers::default(),
            outputs: VecDeque::new(),
            changed: None,
            seq: 0,
            now,
            next_order: 0,
            checked: Checked::default(),
            unchecked: None,
            lingering: None,
            listed: 0,
            courtesy: Duration::ZERO,
            fresh_seats: Vec::new(),
            fresh_heads: Vec::new(),
            fresh_calls: Vec::new(),
            reopened: Vec::new(),
            told: Vec::new(),
            known: Vec::new(),
            layout: None,
            leftovers: None,
        };
        let first = router.know_seats(now);
        router.begin_seats(now, first);
        router.settle(now);
        (router.seq, router.outputs) = (0, VecDeque::new());
        router
    }

    /// Takes an input; what is due at `now` comes first. Time does not go back: an earlier `now` is the latest that was.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        let now = self.now.max(now);
        self.handle_timeout(now);
        self.check_latest();
        self.now = now;
        match input {
            Input::Wait { call, queue, profile, since, answer_by, admitted } => {
                if let Some(slot) = self.wait(now, call, queue, profile, since, answer_by) {
                    self.let_in(now, slot, admitted);
                }
            }
            Input::Leave { call } => self.leave(call),
            Input::Ringing { call, seat } => self.ringing(call, seat),
            Input::Answered { call, seat } => self.on_answered(now, call, seat),
            Input::Failed { call, seat, why } => self.failed(now, call, seat, why),
            Input::Engaged { call, seat, queue } => self.engaged(now, (call, queue), seat),
            Input::Released { call, seat } => self.released(now, call, seat),
            Input::WrapUpDone { seat } => self.wrap_up_done(now, seat),
            Input::Intent { seat, intent } => self.intent(now, seat, intent),
            Input::Reachable { seat, reachable } => self.reachable(now, seat, reachable),
            Input::Breached { call } => self.breached(now, call),
            Input::Reprioritise { call, priority } => self.reprioritise(now, call, priority),
            Input::Assign { call, seat } => self.assign_by_hand(now, call, seat),
            Input::Direct { call, seat, queue, sensitive, answer_by } => self.direct(now, call, seat, queue, sensitive, answer_by),
            Input::Overflow { call, queue } => self.overflow(now, call, queue),
            Input::Rules(plan) => self.rules(now, plan),
            Input::Look { seat } => self.look(now, seat),
            Input::WrapsUp { call, seat, until } => self.wrap_up_on(now, call, seat, until),
        }
        self.settle(now);
    }

    /// Does what is due at `now`: leases, wrap-up, delays, steps, holds, reserves and ageing.
    #[inline]
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let now = self.now.max(now);
        self.check_latest();
        self.rates.at(now);
        if self.timers.next().is_some_and(|next| next <= now) {
            self.take_due(now);
        }
    }

    #[inline(never)]
    fn take_due(&mut self, now: Timestamp) {
        self.now = now;
        while let Some(timer) = self.timers.take_due(now) {
            match timer {
                Timer::Lease(seat) => self.lease_over(now, seat),
                Timer::Retry(seat) => self.retry(now, seat),
                Timer::Line(line) => self.wake(now, line),
                Timer::Age(slot) => self.age(now, slot),
                Timer::Patience(slot) => self.patience_over(now, slot),
                Timer::Crowd(queue) => self.crowd_waited(queue),
                Timer::Courtesy(seat) => self.look(now, seat),
            }
        }
        self.settle(now);
    }

    /// When [`Router::handle_timeout`] is due next, or earlier: what was cancelled is forgotten then.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.timers.next()
    }

    /// The next output, in order. What the other functions tell is as it should be once there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.outputs.pop_front();
        if output.is_none() {
            self.take_out_latest();
        }
        output
    }

    /// A seat's state; signed out if the plan has no such seat.
    pub fn seat_state(&self, seat: SeatId) -> SeatState {
        self.table.word(seat).state()
    }

    /// How many calls wait in a queue, by entry or by overflow; one that is being offered does not.
    pub fn waiting(&self, queue: QueueId) -> usize {
        self.queues.get(queue.index()).map_or(0, |queue| queue.waiting as usize)
    }

    /// How long the call that waits longest in a queue has waited.
    pub fn oldest(&self, queue: QueueId, now: Timestamp) -> Option<Duration> {
        self.oldest_since(queue).map(|since| now.since(since))
    }

    /// The effective entry time of the call that waits longest in a queue.
    pub(crate) fn oldest_since(&self, queue: QueueId) -> Option<Timestamp> {
        debug_assert!(self.lingering.is_none(), "all outputs are taken");
        self.lines.oldest(queue)
    }

    /// A waiting call's place in its queue, from 1: how many rank before it, plus one.
    pub fn position(&self, call: CallId) -> Option<usize> {
        let call = self.calls.get(self.calls.slot(call)?)?;
        matches!(call.phase, Phase::Waiting { .. }).then(|| self.ahead(call, usize::MAX) + 1)
    }

    /// Whether anybody who may serve a call, in whatever step, tier or reserve, is signed in and reachable; true for a call that does
    /// not wait.
    pub fn is_attended(&self, call: CallId) -> bool {
        let lines = self.lines_of(call);
        lines == [None; 2] || lines.into_iter().flatten().any(|line| self.lines.at(line).is_attended())
    }

    /// Whether a seat may serve a waiting call, in whatever step, tier or reserve.
    pub fn may_serve(&self, call: CallId, seat: SeatId) -> bool {
        self.lines_of(call).into_iter().flatten().any(|line| self.lines.place(seat, line).is_some())
    }

    fn lines_of(&self, call: CallId) -> [Option<u32>; 2] {
        match self.calls.slot(call).and_then(|slot| self.calls.get(slot)).map(|call| &call.phase) {
            Some(Phase::Waiting { home, overflow }) => [Some(*home), *overflow],
            Some(Phase::Offered(_)) | None => [None; 2],
        }
    }

    #[inline]
    pub(crate) fn ahead(&self, call: &Call, limit: usize) -> usize {
        debug_assert!(self.lingering.is_none(), "all outputs are taken");
        let Phase::Waiting { home, .. } = call.phase else { return 0 };
        let waiting = self.queues[self.lines.front(home).queue.index()].waiting;
        if waiting == 0 { 0 } else { self.lines.before(home, call.rank(), limit) }
    }

    /// The call's slot if nobody was found for it.
    fn wait(
        &mut self,
        now: Timestamp,
        call: CallId,
        queue: QueueId,
        profile: Profile,
        since: Timestamp,
        answer_by: Timestamp,
    ) -> Option<u32> {
        self.withdraw_call(call);
        if self.queues.get(queue.index()).is_none_or(|queue| queue.retired) {
            self.outputs.push_back(Output::Refused { call, why: Refusal::NoSuchQueue });
            return None;
        }
        if !self.share.has(&self.plan, queue) {
            self.outputs.push_back(Output::Refused { call, why: Refusal::OtherGroup });
            return None;
        }
        self.next_order += 1;
        let slot = self.calls.insert(Call::new(call, self.next_order, queue, profile, since, answer_by));
        self.enter(now, slot);
        let quiet = self.fresh_seats.is_empty() && self.fresh_calls.is_empty() && self.reopened.is_empty() && !self.crowds.has(queue);
        if quiet && self.serve_at_once(now, slot) {
            return None;
        }
        self.list(now, slot, Trigger::CallWaiting);
        self.settle(now);
        self.waits(slot).then_some(slot)
    }

    /// A call for which nobody was found stays if there is room, or if it waited already.
    fn let_in(&mut self, now: Timestamp, slot: u32, admitted: bool) {
        let Call { id: call, key, .. } = self.calls.at(slot);
        let (call, facts) = (*call, self.queues[key.queue.index()]);
        if facts.waiting > facts.limit && !admitted {
            self.remove_call(slot);
            self.outputs.push_back(Output::Refused { call, why: Refusal::QueueFull });
        } else {
            let decision = self.nobody(now, slot);
            self.outputs.push_back(Output::Nobody { call, decision });
        }
    }

    /// Takes a call out that is to wait anew; the engine doesn't know that an offer of it is over.
    #[inline]
    pub(crate) fn withdraw_call(&mut self, call: CallId) {
        let (direct, slot) = (self.directs.get(call).map(|offer| offer.seat), self.calls.slot(call));
        if direct.is_none() && slot.is_none() {
            return;
        }
        let listed = slot.and_then(|slot| match &self.calls.at(slot).phase {
            Phase::Offered(offer) => Some(offer.seat),
            Phase::Waiting { .. } => None,
        });
        if let Some(seat) = direct.or(listed) {
            self.outputs.push_back(Output::Withdraw { call, seat });
        }
        self.leave(call);
    }

    pub(crate) fn leave(&mut self, call: CallId) {
        let Some(slot) = self.calls.slot(call) else { return self.leave_direct(call) };
        let call = self.calls.at(slot);
        if call.waited {
            self.rates.gone(call.waits());
        }
        if let Phase::Offered(Offer { seat, .. }) = self.remove_call(slot).phase {
            self.free(seat, |word| word);
        }
    }

    fn remove_call(&mut self, slot: Slot) -> &Call {
        self.delist(slot);
        self.calls.remove(slot)
    }

    fn breached(&mut self, now: Timestamp, call: CallId) {
        self.amend(now, call, Trigger::Breach, |call| call.breached = true);
    }

    fn reprioritise(&mut self, now: Timestamp, call: CallId, priority: Priority) {
        self.amend(now, call, Trigger::Reprioritised, |call| call.priority = priority);
    }

    /// A waiting call goes up one priority (R38).
    fn age(&mut self, now: Timestamp, slot: Slot) {
        self.calls.at(slot).ageing = None;
        self.delist(slot);
        self.enlist(now, slot, Trigger::Aged);
    }

    fn overflow(&mut self, now: Timestamp, call: CallId, queue: QueueId) {
        if queue.index() < self.plan.queues.len() && self.share.has(&self.plan, queue) {
            self.amend(now, call, Trigger::Breach, |call| call.overflow = (queue != call.key.queue).then_some(queue));
        }
    }

    /// Changes what a call's place follows from, and looks for a seat again.
    fn amend(&mut self, now: Timestamp, call: CallId, trigger: Trigger, change: impl Fn(&mut Call)) {
        let Some(slot) = self.calls.slot(call) else { return };
        if !self.waits(slot) {
            return change(self.calls.at(slot));
        }
        self.delist(slot);
        change(self.calls.at(slot));
        self.enlist(now, slot, trigger);
    }

    /// All that is counted of queues begins anew.
    pub(crate) fn renew_queues(&mut self, plan: &Plan) {
        self.queues = QueueFacts::of(plan);
        self.crowds = Crowds::new(plan);
        self.patience = Patience::new(plan);
    }

    /// Where the words of seats are looked up.
    pub(crate) fn words(&self) -> Words<'_> {
        Words { known: &self.known, table: &self.table }
    }
}
