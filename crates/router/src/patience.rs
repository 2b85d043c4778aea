use crate::calls::Call;
use crate::eligible::{own_member, own_member_in};
use crate::rank::Role;
use crate::router::Timer;
use crate::waiting::Slot;
use crate::watched::Watched;
use crate::{Moment, Router, Word};
use hotline_model::history::Trigger;
use hotline_model::{CallId, Intent, QueueId, SeatId, SeatState, Timestamp};
use hotline_rules::{Plan, WaitFor};
use std::time::Duration;

/// The agents for whom alone a call waits: owner, last, preferred. They share no line with other seats.
pub(crate) type Own = [Option<SeatId>; 3];

/// What calls that wait for agents of their own need beside their lists.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    /// Whether any call ever waits so.
    pub is_set: bool,
    /// Which listed calls have a seat as an agent of their own whose time is not over.
    watched: Watched,
    /// Seats that came or went in this step.
    moved: Vec<SeatId>,
    /// Calls of one of these, for reuse.
    calls: Vec<Slot>,
    /// Lines of own agents that may be without calls.
    pub small: Vec<u32>,
}

impl Patience {
    /// Whether somebody for whom calls may wait came or went, or a call left a line of own agents.
    pub fn has_changed(&self) -> bool {
        !self.moved.is_empty() || !self.small.is_empty()
    }

    pub fn new(plan: &Plan) -> Self {
        Self { is_set: plan.assign.wait_for.is_set(), ..Self::default() }
    }
}

/// Whether a call waits for an agent of its own: who is signed in, available and reachable, and so comes back from a call, its wrap-up or a
/// pause without doing anything. Whoever chose not to be ready, even for after the present call, is not waited for.
fn comes_back(state: SeatState) -> bool {
    state.reachable && state.intent == Intent::Available
}

fn patience_for(plan: &Plan, role: Role) -> Duration {
    let WaitFor { owner, last, preferred } = plan.assign.wait_for;
    match role {
        Role::Owner => owner,
        Role::Last => last,
        Role::Preferred => preferred,
    }
}

/// The agents of its own for whom alone a call waits at some moment, and until it has waited how long; a seat may come twice.
pub fn waits_for(moment: &Moment<'_>, state: impl Fn(SeatId) -> SeatState) -> Vec<(SeatId, Duration)> {
    let Moment { plan, queue, profile, waited } = *moment;
    let key = Call::new(CallId(0), 0, queue, profile.clone(), Timestamp(0), Timestamp(0)).key;
    let roles = Role::ALL.into_iter().zip([profile.owner, profile.last, profile.preferred]);
    let all = roles.filter_map(|(role, seat)| Some((seat?, patience_for(plan, role)))).filter(|(_, patience)| *patience > waited);
    let there = all.filter(|(seat, _)| seat.index() < plan.seats.len() && comes_back(state(*seat)));
    there.filter(|(seat, _)| own_member(plan, &key, *seat).is_some()).collect()
}

/// The patience of a call for the agents of its own (`assign.wait_for`; R57, R43, R45): they are the members of a line of their own
/// until it is over, or they leave.
impl Router {
    /// For whom alone a call waits now, `None` if for anybody.
    pub(crate) fn own_agents(&mut self, now: Timestamp, slot: Slot) -> Option<Own> {
        let call = self.calls.get(slot).filter(|_| self.patience.is_set)?;
        let mut own: Own = [None; 3];
        for (role, seat) in self.patient_roles(now, call) {
            if !own.contains(&Some(seat)) && comes_back(self.table.word(seat).state()) && self.is_member(call, seat) {
                own[role as usize] = Some(seat);
            }
        }
        (own != [None; 3]).then_some(own)
    }

    /// The caller's own agents whose time is not over.
    fn patient_roles<'c>(&'c self, now: Timestamp, call: &'c Call) -> impl Iterator<Item = (Role, SeatId)> + 'c {
        let waited = now.since(call.since);
        let roles = Role::ALL.into_iter().filter(move |role| patience_for(&self.plan, *role) > waited);
        roles.filter_map(|role| Some((role, call.friends.of(role)?))).filter(|(_, seat)| seat.index() < self.plan.seats.len())
    }

    /// Whether a queue of the call has the seat at any step.
    fn is_member(&self, call: &Call, seat: SeatId) -> bool {
        let serves = |queue: QueueId| own_member_in(&self.plan, queue, &call.key, seat).is_some();
        serves(call.key.queue) || call.overflow.is_some_and(serves)
    }

    /// Sets the timer and the watch of a call that is being listed.
    pub(crate) fn be_patient(&mut self, now: Timestamp, slot: Slot) {
        let Some(call) = self.calls.get(slot).filter(|_| self.patience.is_set) else { return };
        let mut seats = [None; 3];
        self.patient_roles(now, call).zip(&mut seats).for_each(|((_, seat), place)| *place = Some(seat));
        let own = call.own().unwrap_or_default();
        let waited_for = self.patient_roles(now, call).filter(|(_, seat)| own.contains(&Some(*seat)));
        let end = waited_for.map(|(role, _)| call.since + patience_for(&self.plan, role)).min();
        seats.into_iter().flatten().for_each(|seat| self.patience.watched.add(slot, seat));
        self.calls.at(slot).patience = end.map(|at| self.timers.set(at, Timer::Patience(slot)));
    }

    /// Ends what [`Router::be_patient`] began.
    pub(crate) fn forget_patience(&mut self, slot: Slot, lines: [Option<u32>; 2]) {
        let call = self.calls.at(slot);
        if let Some(pending) = call.patience.take() {
            self.timers.cancel(pending);
        }
        if call.waits_for_own() {
            self.patience.small.extend(lines.into_iter().flatten());
        }
        self.patience.watched.remove(slot);
    }

    /// The time for one of a call's own agents is over.
    pub(crate) fn patience_over(&mut self, now: Timestamp, slot: Slot) {
        self.calls.at(slot).patience = None;
        self.delist(slot);
        self.enlist(now, slot, Trigger::PatienceOver);
    }

    /// Notes that somebody for whom calls may wait came or went.
    pub(crate) fn note_coming(&mut self, seat: SeatId, before: Word, after: Word) {
        if comes_back(before.state()) != comes_back(after.state()) {
            self.patience.moved.push(seat);
        }
    }

    /// Notes that another group changed a seat for which calls may wait.
    pub(crate) fn note_look(&mut self, seat: SeatId) {
        if self.patience.is_set {
            self.patience.moved.push(seat);
        }
    }

    /// Moves the calls whose own agents came or went.
    pub(crate) fn look_at_moved(&mut self, now: Timestamp) {
        if self.patience.moved.is_empty() {
            return;
        }
        let mut calls = std::mem::take(&mut self.patience.calls);
        while let Some(seat) = self.patience.moved.pop() {
            self.patience.watched.list(seat, &mut calls);
            for slot in calls.drain(..) {
                self.delist(slot);
                self.enlist(now, slot, Trigger::PatienceOver);
            }
        }
        self.patience.calls = calls;
    }

    /// Lets go of lines of own agents that nobody waits in: there may be one for each caller.
    pub(crate) fn drop_small_lines(&mut self) {
        while let Some(line) = self.patience.small.pop() {
            self.lines.drop_small(line);
        }
    }
}
