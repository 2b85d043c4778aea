//! A second router to compare the first with: the same inputs and offers from linear scans over plain lists. Nothing is indexed,
//! nothing is shared, nothing is fast; the order of the manual stands in `settle`, `rank_of_call`, `rank_for_seat` and `rank_of_seat`;
//! what decides inside a tier in `ranks`, what seats go through in `seats`.

mod ranks;
#[cfg(test)]
mod schedules;
mod seats;
#[cfg(test)]
mod worlds;

use hotline_model::history::{DecidingKey, NO_SEAT, Trigger};
use hotline_model::{Activity, CallId, Decision, Intent, Priority, Profile, QueueId, SeatId, SeatState, SkillId, Timestamp};
use hotline_router::{Input, Output, Refusal};
use hotline_rules::{Expression, Key, Origin, Plan, Ranking, Step, Tier};
use std::cmp::{Ordering, Reverse};
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Debug)]
struct Seat {
    state: SeatState,
    paused: bool,
    since_ms: i64,
    call: Option<CallId>,
    queue: Option<QueueId>,
    until: Option<Timestamp>,
    retry: Option<Timestamp>,
    missed: u8,
    past: ranks::Past,
}

#[derive(Clone, Debug)]
struct Call {
    id: CallId,
    order: u64,
    queue: QueueId,
    overflow: Option<QueueId>,
    profile: Profile,
    since: Timestamp,
    answer_by: Timestamp,
    breached: bool,
    offer: Option<Offer>,
    /// It waits in no queue: with its offer it is gone.
    direct: bool,
}

#[derive(Clone, Debug)]
struct Offer {
    seat: SeatId,
    queue: Option<QueueId>,
    since: Timestamp,
    rings_until: Timestamp,
    ringing: bool,
}

/// The naive router. It tells no [`Output::Seat`], and its decisions hold only who, when and which queue.
#[derive(Clone, Debug)]
pub struct Reference {
    plan: Arc<Plan>,
    seats: Vec<Seat>,
    calls: Vec<Call>,
    arrivals: u64,
    now: Timestamp,
    /// What it said since this was last emptied.
    pub outputs: Vec<Output>,
}

impl Reference {
    /// A naive router for a plan.
    pub fn new(now: Timestamp, plan: Arc<Plan>) -> Self {
        let seats = plan.seats.iter().map(|seat| seats::first_state(seat, now)).collect();
        let mut reference = Self { plan, seats, calls: Vec::new(), arrivals: 0, now, outputs: Vec::new() };
        reference.write_down(now);
        reference
    }

    /// Takes an input; what is due at `now` comes first.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        self.handle_timeout(now);
        match input {
            Input::Wait { call, queue, profile, since, answer_by, admitted } => {
                if self.wait(now, call, queue, profile, since, answer_by) {
                    self.let_in(now, call, queue, admitted);
                }
                return;
            }
            Input::Leave { call } => self.leave(call),
            Input::Ringing { call, seat } => self.offer_mut(call, seat).into_iter().for_each(|offer| offer.ringing = true),
            Input::Answered { call, seat } => self.answered(now, call, seat),
            Input::Failed { call, seat, why } => self.failed(now, call, seat, why),
            Input::Engaged { call, seat, queue } => self.engaged(now, call, seat, queue),
            Input::Released { call, seat } => self.released(now, call, seat),
            Input::WrapUpDone { seat } => self.wrap_up_over(now, seat),
            Input::Intent { seat, .. } if self.plan.seats.get(seat.index()).is_none_or(|seat| seat.retired) => {}
            Input::Intent { seat, intent } => self.choose(now, seat, intent),
            Input::Reachable { seat, reachable } => self.reachable(now, seat, reachable),
            Input::Breached { call } => self.calls.iter_mut().filter(|c| c.id == call).for_each(|c| c.breached = true),
            Input::Reprioritise { call, priority } => {
                self.calls.iter_mut().filter(|c| c.id == call).for_each(|c| c.profile.priority = priority);
            }
            Input::Assign { call, seat } => self.by_hand(now, call, seat),
            Input::Direct { call, seat, queue, sensitive, answer_by } => self.direct(now, call, seat, queue, sensitive, answer_by),
            Input::Overflow { queue, .. } if queue.index() >= self.plan.queues.len() => {}
            Input::Overflow { call, queue } => {
                let calls = self.calls.iter_mut().filter(|c| c.id == call);
                calls.for_each(|c| c.overflow = (c.queue != queue).then_some(queue));
            }
            Input::Rules(plan) => self.rules(now, plan),
            Input::WrapsUp { call, seat, until } => self.wraps_up(now, call, seat, until),
            // There is no other group here: a look finds nothing new.
            Input::Look { .. } => {}
        }
        self.settle(now);
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.now = now;
        for id in 0..self.seats.len() {
            let seat = SeatId(id as u32);
            if self.seats[id].until.is_some_and(|until| until <= now) {
                self.seats[id].until = None;
                match self.seats[id].state.activity {
                    Activity::Offered => self.withdraw(now, seat, Some(self.plan.assign.delays.rejected)),
                    Activity::WrapUp => self.wrap_up_over(now, seat),
                    Activity::Free | Activity::OnCall => self.seats[id].paused = false,
                }
            }
            if self.seats[id].retry.is_some_and(|retry| retry <= now) {
                self.reachable(now, seat, true);
            }
        }
        self.settle(now);
    }

    /// A seat's state.
    pub fn seat_state(&self, seat: SeatId) -> SeatState {
        self.seats[seat.index()].state
    }

    /// Calls that wait, best first.
    pub fn waiting(&self) -> Vec<CallId> {
        self.in_order().into_iter().filter(|at| self.calls[*at].offer.is_none()).map(|at| self.calls[at].id).collect()
    }

    /// The queues in which a call waits.
    pub fn queues_of(&self, call: CallId) -> Vec<QueueId> {
        let waiting = self.calls.iter().filter(|c| c.id == call && c.offer.is_none());
        waiting.flat_map(queues).collect()
    }

    /// The waiting calls that a seat could have now, if it were ready, and that stand before the one it is offered through a queue.
    pub fn passed_over(&self, now: Timestamp, seat: SeatId, offered: CallId, queue: QueueId) -> Vec<CallId> {
        let Some(offered) = self.calls.iter().find(|c| c.id == offered) else { return Vec::new() };
        let rank = self.rank_for_seat(now, offered, queue, seat);
        let better = |call: &&Call| self.best_queue(now, call, seat).is_some_and(|queue| self.rank_for_seat(now, call, queue, seat) < rank);
        self.calls.iter().filter(|call| call.offer.is_none()).filter(better).map(|call| call.id).collect()
    }

    /// The heart: calls from the first to the last find the best seat that is left, and this seat takes the call that it ranks first.
    fn settle(&mut self, now: Timestamp) {
        self.write_down(now);
        while let Some(seat) = self.in_order().into_iter().find_map(|at| self.best_of_all(now, &self.calls[at])) {
            let calls = self.calls.iter().enumerate().filter(|(_, call)| call.offer.is_none());
            let choices = calls.filter_map(|(at, call)| Some((at, self.best_queue(now, call, seat)?)));
            let choice = choices.min_by_key(|(at, queue)| self.rank_for_seat(now, &self.calls[*at], *queue, seat));
            let (at, queue) = choice.expect("the seat was found for a call");
            self.offer(now, at, seat, queue);
            self.write_down(now);
        }
    }

    /// The seat for a waiting call: of its own queue if there is one, else of the queue it overflowed to.
    fn best_of_all(&self, now: Timestamp, call: &Call) -> Option<SeatId> {
        queues(call).filter(|_| call.offer.is_none()).find_map(|queue| self.best_seat(now, call, queue))
    }

    /// The queue through which a seat would take a call now: its own, unless it ranks better in the queue it overflowed to.
    fn best_queue(&self, now: Timestamp, call: &Call, seat: SeatId) -> Option<QueueId> {
        let open = queues(call).filter(|queue| self.rank_of_seat(now, call, *queue, seat).is_some());
        open.min_by_key(|queue| self.rank_for_seat(now, call, *queue, seat))
    }

    /// The class of the call (R24, R38, K3), how gladly the seat serves the queue, waited / target x weight, entry, arrival.
    fn rank_for_seat(&self, now: Timestamp, call: &Call, queue: QueueId, seat: SeatId) -> impl Ord + use<> {
        let (priority, breached, since, order) = self.rank_of_call(call);
        let rules = self.plan.queue(queue);
        let served = self.plan.seat(seat).queues.iter().find(|serves| serves.queue == queue && !rules.retired);
        let share = Share { waited: now.since(call.since).as_micros() * u128::from(rules.weight), target: rules.target.as_micros() };
        (priority, breached, served.map_or(1, |serves| serves.priority), Reverse(share), since, order)
    }

    fn in_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.calls.len()).collect();
        order.sort_by_key(|at| self.rank_of_call(&self.calls[*at]));
        order
    }

    /// Urgent first (R24, R38), breached first within it, then by entry. Who waits long goes up.
    fn rank_of_call(&self, call: &Call) -> (usize, bool, Timestamp, u64) {
        let ageing = self.plan.priorities.ageing.as_micros();
        let steps = self.now.since(call.since).as_micros().checked_div(ageing).unwrap_or(0);
        let stated = Priority::ALL.iter().position(|priority| *priority == call.profile.priority).unwrap_or(0);
        (stated.saturating_sub(steps as usize), !call.breached, call.since, call.order)
    }

    fn best_seat(&self, now: Timestamp, call: &Call, queue: QueueId) -> Option<SeatId> {
        let seats = (0..self.seats.len() as u32).map(SeatId);
        let ready = seats.filter(|seat| self.seats[seat.index()].state.is_ready() && !self.seats[seat.index()].paused);
        ready.filter_map(|seat| self.rank_of_seat(now, call, queue, seat).map(|rank| (rank, seat))).min().map(|(_, seat)| seat)
    }

    /// The smaller the better; `None` if the seat may not serve the call, or not yet.
    fn rank_of_seat(&self, now: Timestamp, call: &Call, queue: QueueId, id: SeatId) -> Option<Vec<i64>> {
        let (step, tier) = self.admitted(call, queue, id)?;
        let own = self.own_agents(now, call);
        if !own.is_empty() {
            self.of_queue(call, queue, id)?;
            return own.iter().position(|seat| *seat == id).map(|place| vec![place as i64]);
        }
        let Gate { reserve, delay, helps } = self.gate(call, queue, id);
        if reserve && !self.is_crowded(now, queue) {
            return None;
        }
        let mut opens = delay.max(self.step_times(call, queue)[step]);
        let mut held = Duration::ZERO;
        for (better, (_, hold)) in self.plan.assign.tiers.iter().enumerate().take(tier) {
            if self.present(call, queue, |s, t| t == better && s <= step) > 0 {
                held += *hold;
            }
        }
        opens = opens.max(held);
        if now.since(call.since) < opens {
            return None;
        }
        let owner_first = matches!(self.plan.ranking(queue), Ranking::Keys(keys) if keys.first() == Some(&Key::Owner));
        let others = owner_first && call.profile.owner != Some(id);
        let mut rank = vec![i64::from(others), step as i64, tier as i64, i64::from(reserve), delay.as_micros() as i64, i64::from(helps)];
        rank.extend(self.inside_tier(call, queue, id, step));
        rank.push(self.seats[id.index()].since_ms);
        Some(rank)
    }

    fn gate(&self, call: &Call, queue: QueueId, id: SeatId) -> Gate {
        let (rules, seat) = (self.plan.queue(queue), self.plan.seat(id));
        if self.of_queue(call, queue, id).is_none() {
            let delay = rules.helpers.iter().find(|helper| helper.seat == id).map_or(Duration::ZERO, |helper| helper.after);
            return Gate { reserve: false, delay, helps: true };
        }
        let reserve = rules.reserve.as_ref().is_some_and(|reserve| {
            if reserve.seats.is_empty() { reserve.requires.admits(&seat.proficiency) } else { reserve.seats.contains(&id) }
        });
        let delay = seat.queues.iter().find(|serves| serves.queue == queue && !rules.retired).map_or(Duration::ZERO, |serves| serves.delay);
        Gate { reserve, delay, helps: false }
    }

    /// Enough calls wait in the queue for its reserve, or one long enough.
    fn is_crowded(&self, now: Timestamp, queue: QueueId) -> bool {
        let waiting: Vec<&Call> =
            self.calls.iter().filter(|call| call.offer.is_none() && queues(call).any(|other| other == queue)).collect();
        self.plan.queue(queue).reserve.as_ref().is_some_and(|reserve| {
            let long = |call: &&Call| now.since(call.since) >= reserve.longest;
            let many = reserve.waiting > 0 && waiting.len() >= reserve.waiting as usize;
            many || !reserve.longest.is_zero() && waiting.iter().any(long)
        })
    }

    /// From which waiting time on each step of a queue is in force for a call: one that too few are present for is not waited in.
    fn step_times(&self, call: &Call, queue: QueueId) -> Vec<Duration> {
        let steps = &self.plan.queue(queue).steps;
        let mut times = vec![steps[0].after];
        for at in 1..steps.len() {
            let passed_over = self.present(call, queue, |step, _| step < at) < steps[at - 1].consider_if as usize;
            times.push(if passed_over { times[at - 1] } else { steps[at].after });
        }
        times
    }

    /// How many seats of some steps and tiers, but for the reserve, are signed in and reachable.
    fn present(&self, call: &Call, queue: QueueId, of: impl Fn(usize, usize) -> bool) -> usize {
        let seats = (0..self.seats.len() as u32).map(SeatId).filter(|id| {
            let state = self.seats[id.index()].state;
            state.reachable && state.intent != Intent::SignedOut
        });
        seats
            .filter(|id| !self.gate(call, queue, *id).reserve && self.of_queue(call, queue, *id).is_some_and(|(step, tier)| of(step, tier)))
            .count()
    }

    /// The first step that admits the seat, and its tier; the last ones of a seat to which the queue overflows.
    fn admitted(&self, call: &Call, queue: QueueId, id: SeatId) -> Option<(usize, usize)> {
        let (rules, seat) = (self.plan.queue(queue), self.plan.seat(id));
        let masters = call.profile.skills.iter().all(|need| seat.proficiency[need.skill.index()] >= need.at_least);
        let may = !seat.retired && !rules.retired && masters && (seat.cleared || !call.profile.sensitive);
        let helps = may && rules.helpers.iter().any(|helper| helper.seat == id);
        let tier = self.tier_of(call, id).or(self.plan.assign.tiers.len().checked_sub(1));
        self.of_queue(call, queue, id).or(if helps { Some((rules.steps.len() - 1, tier?)) } else { None })
    }

    fn tier_of(&self, call: &Call, id: SeatId) -> Option<usize> {
        let seat = self.plan.seat(id);
        let near = call.profile.region.is_none_or(|caller| seat.region.is_some_and(|own| self.plan.is_near(caller, own)));
        let own = seat.origin == Origin::Internal;
        self.plan.assign.tiers.iter().position(|(tier, _)| match tier {
            Tier::InternalNear => own && near,
            Tier::Internal => own,
            Tier::External => true,
        })
    }

    /// The same, of the queue's own seats only.
    fn of_queue(&self, call: &Call, queue: QueueId, id: SeatId) -> Option<(usize, usize)> {
        let (of, queue, seat) = (queue, self.plan.queue(queue), self.plan.seat(id));
        let named = queue.seats.is_empty() || queue.seats.contains(&id);
        let masters = call.profile.skills.iter().all(|need| seat.proficiency[need.skill.index()] >= need.at_least);
        let serves = seat.queues.is_empty() || queue.retired || seat.queues.iter().any(|serves| serves.queue == of);
        if seat.retired || !named || !serves || !masters || (call.profile.sensitive && !seat.cleared) {
            return None;
        }
        let near = call.profile.region.is_none_or(|caller| seat.region.is_some_and(|own| self.plan.is_near(caller, own)));
        let own = seat.origin == Origin::Internal;
        let reaches = |step: &Step| match step.tier {
            Tier::InternalNear => own && near,
            Tier::Internal => own,
            Tier::External => true,
        };
        Some((queue.steps.iter().position(|step| reaches(step) && step.requires.admits(&seat.proficiency))?, self.tier_of(call, id)?))
    }

    fn offer(&mut self, now: Timestamp, at: usize, seat: SeatId, queue: QueueId) {
        let timers = self.plan.timers.clone();
        let (steps, waited) = (&self.plan.queue(queue).steps, now.since(self.calls[at].since));
        let own = !self.own_agents(now, &self.calls[at]).is_empty();
        let times = if own { steps.iter().map(|step| step.after).collect() } else { self.step_times(&self.calls[at], queue) };
        let in_force = times.iter().rposition(|opens| *opens <= waited).unwrap_or(0);
        let most = steps[in_force].ring.unwrap_or(timers.ring_per_offer);
        let call = &mut self.calls[at];
        let left = if call.breached { most } else { call.answer_by.since(now) };
        let ring = left.max(timers.ring_min).min(most);
        call.offer = Some(Offer { seat, queue: Some(queue), since: now, rings_until: now + ring, ringing: false });
        let (id, decision) = (call.id, decision(now, call, queue, seat.0));
        let facts = &mut self.seats[seat.index()];
        facts.state.activity = Activity::Offered;
        (facts.call, facts.until) = (Some(id), Some(now + ring + Duration::from_secs(5)));
        self.outputs.push(Output::Offer { call: id, seat, ring, decision });
    }

    /// Whether it is in the queue then.
    fn wait(&mut self, now: Timestamp, call: CallId, queue: QueueId, profile: Profile, since: Timestamp, answer_by: Timestamp) -> bool {
        if let Some(offer) = self.calls.iter().find(|c| c.id == call).and_then(|c| c.offer.clone()) {
            self.outputs.push(Output::Withdraw { call, seat: offer.seat });
        }
        self.leave(call);
        if self.plan.queues.get(queue.index()).is_none_or(|queue| queue.retired) {
            self.outputs.push(Output::Refused { call, why: Refusal::NoSuchQueue });
            self.settle(now);
            return false;
        }
        self.arrivals += 1;
        let order = self.arrivals;
        self.calls.push(Call {
            id: call,
            order,
            queue,
            overflow: None,
            profile,
            since,
            answer_by,
            breached: false,
            offer: None,
            direct: false,
        });
        self.settle(now);
        true
    }

    /// If nobody was found for it, it stays if there is room or if it waited already.
    fn let_in(&mut self, now: Timestamp, call: CallId, queue: QueueId, admitted: bool) {
        let waiting = self.calls.iter().filter(|c| c.offer.is_none() && queues(c).any(|other| other == queue)).count();
        let Some(new) = self.calls.iter().find(|c| c.id == call && c.offer.is_none()) else { return };
        if waiting > self.plan.queue(queue).limit as usize && !admitted {
            self.calls.retain(|c| c.id != call);
            self.outputs.push(Output::Refused { call, why: Refusal::QueueFull });
        } else {
            let decision = decision(now, new, queue, NO_SEAT);
            self.outputs.push(Output::Nobody { call, decision });
        }
    }
}

/// What a seat waits for beside its step and its tier's holds.
struct Gate {
    /// The queue is crowded: the seat is of its reserve.
    reserve: bool,
    /// The call has waited so long.
    delay: Duration,
    /// It is no seat of the queue, which only overflows to it.
    helps: bool,
}

/// Waiting time x weight as a share of the target.
#[derive(PartialEq, Eq)]
struct Share {
    waited: u128,
    target: u128,
}

impl Ord for Share {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.waited * other.target).cmp(&(other.waited * self.target))
    }
}

impl PartialOrd for Share {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn queues(call: &Call) -> impl Iterator<Item = QueueId> {
    [Some(call.queue), call.overflow].into_iter().flatten()
}

fn skills_of(expression: &Expression) -> Vec<SkillId> {
    match expression {
        Expression::Anyone => Vec::new(),
        Expression::AtLeast(need) => vec![need.skill],
        Expression::All(parts) | Expression::Any(parts) => distinct(parts.iter().flat_map(skills_of).collect()),
    }
}

fn distinct(mut skills: Vec<SkillId>) -> Vec<SkillId> {
    skills.sort();
    skills.dedup();
    skills
}

fn decision(now: Timestamp, call: &Call, queue: QueueId, seat: u32) -> Decision {
    Decision {
        seq: 0,
        at: now,
        call: call.id,
        revision: Default::default(),
        seat,
        admitted: 0,
        ready: 0,
        ahead: 0,
        waited_ms: 0,
        rank: 0,
        queue,
        trigger: Trigger::CallWaiting,
        key: DecidingKey::Nobody,
        step: 0,
        tier: 0,
        priority: call.profile.priority,
        proficiency: 0,
    }
}
