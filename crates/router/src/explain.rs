use crate::calls::Call;
use crate::eligible::{LineKey, gate, members, own_tier};
use crate::masters::Masters;
use crate::patience::waits_for;
use crate::rank::{Order, Ranker};
use crate::{Input, Output, Router, SeatTable};
use hotline_model::history::{DecidingKey, NO_SEAT, Trigger};
use hotline_model::{Activity, CallId, Decision, Intent, Need, Profile, QueueId, SeatId, SeatState, Timestamp};
use hotline_rules::{Expression, Plan, Tier};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A call as it stood at some moment.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The rules in force.
    pub plan: &'a Arc<Plan>,
    /// Where the call waited.
    pub queue: QueueId,
    /// What was known of the caller.
    pub profile: &'a Profile,
    /// How long the call had waited, from its effective entry time.
    pub waited: Duration,
}

/// What became of a seat in the search for a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The seat.
    pub seat: SeatId,
    /// What the rules and its state say.
    pub verdict: Verdict,
}

/// Which rule removes a seat, or how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No longer in the rules.
    Retired,
    /// The queue names its seats, and not this one.
    NotNamed,
    /// The seat's list of queues leaves this one out.
    NotServed,
    /// The call is sensitive and the seat not cleared (R68).
    NotCleared,
    /// It does not master what the caller needs.
    Lacks(Need),
    /// No step of the queue ever admits it.
    NoStep,
    /// No tier takes it.
    NoTier,
    /// It may serve the call.
    Member {
        /// The first step that admits it, from 0.
        step: usize,
        /// Its tier.
        tier: Tier,
        /// Its proficiency in what the step asks for (R40).
        proficiency: u32,
        /// Its score, of 63 at most, where weights order the seats.
        score: Option<u32>,
        /// What it was at.
        state: SeatState,
        /// Whether it can have the call.
        turn: Turn,
    },
}

/// Whether a seat that may serve a call can have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is not ready.
    NotReady,
    /// It is ready, and so many others would be offered the call before it.
    Ready(usize),
    /// It is ready, but its step, tier or delay lets it only when the call has waited so long.
    Later(Duration),
    /// It is ready, but of the queue's reserve, which serves only while more calls wait.
    Reserve,
    /// It is ready, but until it has waited so long the call waits for an agent of its own (`assign.wait_for`).
    AfterOwn(Duration),
}

/// The seats as a search for the call finds them: those that may serve it from the best to the worst, then those that a rule removes.
/// A seat that `seats` leaves out is as a new router begins it. It is the router itself that is asked, so it can't say anything else.
pub fn candidates(moment: &Moment<'_>, seats: &BTreeMap<SeatId, (SeatState, Timestamp)>) -> Vec<Candidate> {
    let Moment { plan, queue, profile, waited } = *moment;
    let mut rehearsal = Rehearsal::new(plan, seats, waited);
    // A seat that is engaged in anything is brought to be on a call, so what is known comes first.
    let state = |id| seats.get(&id).map_or_else(|| rehearsal.router.seat_state(id), |(state, _)| *state);
    let states: Vec<SeatState> = (0..plan.seats.len() as u32).map(|id| state(SeatId(id))).collect();
    let turns = rehearsal.turns(moment);
    let Call { key, friends, .. } = Call::new(CallId::new(0, 0, 0), 0, queue, profile.clone(), rehearsal.now, rehearsal.now);
    let order = Order::new(plan.ranking(queue));
    let key = LineKey { customer_type: order.asks_customer_type().then_some(profile.customer_type), ..key };
    let own = waits_for(moment, |seat| states[seat.index()]).into_iter().map(|(_, until)| until).max();
    let ranker = Ranker::new(plan, &order, &key);
    let mut members = members(plan, &Masters::of(plan), &key);
    members.sort_by_key(|(seat, step, tier)| (ranker.rank(*seat, *step, *tier), *seat));
    let mut removed: Vec<bool> = vec![true; plan.seats.len()];
    let mut all: Vec<Candidate> = Vec::with_capacity(plan.seats.len());
    for (seat, step, tier) in members {
        removed[seat.index()] = false;
        let state = states[seat.index()];
        let reserved = state.is_ready() && gate(plan, &key, seat).reserve;
        let turn = turns.get(&seat).copied().unwrap_or(if reserved { Turn::Reserve } else { Turn::NotReady });
        let turn = match turn {
            Turn::Later(at) if own == Some(at) => Turn::AfterOwn(at),
            Turn::Later(_) | Turn::AfterOwn(_) | Turn::Ready(_) | Turn::NotReady | Turn::Reserve => turn,
        };
        let gained = order.gained(|role| friends.of(role) == Some(seat));
        let score = ranker.points(&ranker.rank(seat, step, tier), gained);
        let (tier, proficiency) = (plan.assign.tiers[tier].0, ranker.proficiency(seat, step));
        all.push(Candidate { seat, verdict: Verdict::Member { step, tier, proficiency, score, state, turn } });
    }
    all.sort_by_key(|candidate| if let Verdict::Member { turn: Turn::Ready(place), .. } = candidate.verdict { place } else { usize::MAX });
    let removed = (0..).map(SeatId).zip(removed).filter(|(_, removed)| *removed);
    all.extend(removed.map(|(seat, _)| Candidate { seat, verdict: removal(moment, seat) }));
    all
}

/// Why a seat is no member.
fn removal(moment: &Moment<'_>, id: SeatId) -> Verdict {
    let (seat, queue) = (moment.plan.seat(id), moment.plan.queue(moment.queue));
    let tier = own_tier(moment.plan, moment.profile.region, seat);
    let lacks = |need: &&Need| !Expression::AtLeast(**need).admits(&seat.proficiency);
    if seat.retired {
        Verdict::Retired
    } else if !queue.seats.is_empty() && !queue.seats.contains(&id) {
        Verdict::NotNamed
    } else if moment.plan.serves(id, moment.queue).is_none() {
        Verdict::NotServed
    } else if moment.profile.sensitive && !seat.cleared {
        Verdict::NotCleared
    } else if let Some(need) = moment.profile.skills.iter().find(lacks) {
        Verdict::Lacks(*need)
    } else if !queue.steps.iter().any(|step| tier <= step.tier && step.requires.admits(&seat.proficiency)) {
        Verdict::NoStep
    } else {
        Verdict::NoTier
    }
}

/// A router of its own that is brought to the moment and asked.
struct Rehearsal {
    router: Router,
    now: Timestamp,
    since: Timestamp,
    calls: u32,
}

impl Rehearsal {
    fn new(plan: &Arc<Plan>, seats: &BTreeMap<SeatId, (SeatState, Timestamp)>, waited: Duration) -> Self {
        let times = || seats.values().map(|(_, since)| *since);
        let (first, last) = (times().min().unwrap_or_default(), times().max().unwrap_or_default());
        let table = Arc::new(SeatTable::new(plan.seats.len()));
        let mut this = Self { router: Router::new(first, Arc::clone(plan), table), now: first, since: first, calls: 0 };
        seats.keys().for_each(|seat| this.tell(Input::Intent { seat: *seat, intent: Intent::SignedOut }));
        // Seats that nothing is known of are as they were before all that is known.
        let after = Duration::from_millis(1);
        let mut by_time: Vec<_> = seats.iter().map(|(seat, (state, since))| (*since + after, *seat, *state)).collect();
        by_time.sort_unstable_by_key(|(since, seat, _)| (*since, *seat));
        for (since, seat, state) in by_time {
            this.now = since;
            this.bring(seat, state);
        }
        this.now = last + after;
        this.since = this.now - waited;
        this
    }

    fn bring(&mut self, seat: SeatId, state: SeatState) {
        self.tell(Input::Reachable { seat, reachable: state.reachable });
        self.tell(Input::Intent { seat, intent: state.intent });
        if state.activity != Activity::Free {
            let call = self.next_call();
            self.tell(Input::Engaged { call, seat, queue: None });
        }
    }

    fn next_call(&mut self) -> CallId {
        self.calls += 1;
        CallId::new(0, 0, self.calls)
    }

    fn tell(&mut self, input: Input) {
        self.router.handle(self.now, input);
    }

    /// Sends the same call again and again: the order of the offers is the order of the seats.
    fn turns(&mut self, moment: &Moment<'_>) -> BTreeMap<SeatId, Turn> {
        let mut turns = BTreeMap::new();
        while self.router.poll_output().is_some() {}
        while let Some(seat) = self.ask(moment) {
            turns.insert(seat, Turn::Ready(turns.len()));
        }
        // Each turn ends a step, a hold or a seat's delay, or finds the cancelled lease of an offer that a seat took.
        for _ in 0..2 * moment.plan.seats.len() + 100 {
            let Some(at) = self.router.poll_timeout() else { break };
            self.now = self.now.max(at);
            self.router.handle_timeout(self.now);
            let mut offered = self.offered();
            while let Some(seat) = offered {
                turns.insert(seat, Turn::Later(self.now.since(self.since)));
                offered = self.ask(moment);
            }
        }
        turns
    }

    fn ask(&mut self, moment: &Moment<'_>) -> Option<SeatId> {
        let call = self.next_call();
        let (queue, profile) = (moment.queue, moment.profile.clone());
        self.tell(Input::Wait { call, queue, profile, since: self.since, answer_by: self.since, admitted: false });
        self.offered()
    }

    /// The seat that is offered a call; it takes it.
    fn offered(&mut self) -> Option<SeatId> {
        let mut offered = None;
        while let Some(output) = self.router.poll_output() {
            if let Output::Offer { call, seat, .. } = output {
                offered = Some((call, seat));
            }
        }
        let (call, seat) = offered?;
        self.tell(Input::Answered { call, seat });
        Some(seat)
    }
}

/// A decision in one short sentence, with the names of the plan it was made by.
pub fn explain(plan: &Plan, decision: &Decision) -> String {
    let queue = plan.queues.get(decision.queue.index()).map_or("an unknown queue", |queue| &queue.name);
    let Decision { call, waited_ms, admitted, ready, ahead, .. } = decision;
    let queue = format!("{queue}{}", by_waiting(plan, decision));
    if decision.seat == NO_SEAT {
        let ahead = if *ahead == 0 { "first in line".to_owned() } else { format!("behind {ahead}") };
        if decision.key == DecidingKey::OwnAway {
            return format!("call {call} waits in {queue}, {ahead}: for its own agent, as long as the rules allow");
        }
        return format!("call {call} waits in {queue}, {ahead}: none of {admitted} admitted seats is ready");
    }
    let seat = plan.seats.get(SeatId(decision.seat).index()).map_or("unknown", |seat| &seat.name);
    let waited = f64::from(*waited_ms) / 1000.0;
    let why = reason(decision);
    if matches!(decision.key, DecidingKey::CallOrder | DecidingKey::QueuePriority | DecidingKey::QueueWeight | DecidingKey::ByHand) {
        return format!("call {call} goes to seat {seat} after {waited:.1} s in {queue}: {why}");
    }
    let when = occasion(decision.trigger);
    // Others may be better in what decided, and worse in what counts before it.
    let among =
        if decision.key.told(*ready) == DecidingKey::OnlyReady { String::new() } else { format!("among the best of {ready} ready seats ") };
    format!("call {call} goes to seat {seat} {when}, after {waited:.1} s in {queue}: {among}{why}")
}

/// The priority that a call has come to by waiting (R38).
fn by_waiting(plan: &Plan, decision: &Decision) -> String {
    let stated = decision.priority;
    let aged = plan.priorities.aged(stated, Duration::from_millis(u64::from(decision.waited_ms)));
    if aged == stated { String::new() } else { format!(" ({stated}, {aged} by now for its long wait)") }
}

fn reason(decision: &Decision) -> String {
    let tier = ["internal and near", "internal", "external"].get(usize::from(decision.tier)).copied().unwrap_or("unknown");
    match decision.key.told(decision.ready) {
        DecidingKey::OnlyReady if decision.ready > 1 => "it was the only one that was ready and could have it by then".into(),
        DecidingKey::OnlyReady => "it was the only one that was ready".into(),
        DecidingKey::Tier => format!("it is of the better tier, {tier}"),
        DecidingKey::Owner => "it owns the caller's matter, or the rules lead to it first".into(),
        DecidingKey::LastAgent => "it spoke with the caller last".into(),
        DecidingKey::Proficiency => format!("it is the most proficient ({} in what was asked)", decision.proficiency),
        DecidingKey::Region => "it is the nearest".into(),
        DecidingKey::LongestIdle => "it is idle the longest".into(),
        DecidingKey::Step => "an earlier step of the queue admits it".into(),
        DecidingKey::CallOrder if decision.trigger == Trigger::SeatReady => "the seat became ready and this call was first in line".into(),
        DecidingKey::CallOrder => "this call was first in line for the seat".into(),
        DecidingKey::QueuePriority => "the seat takes calls of this queue before the one that had waited longer".into(),
        DecidingKey::QueueWeight => "by its queue's weight and target its wait counts more than that of an earlier call".into(),
        DecidingKey::ByHand => "it was chosen by a person".into(),
        DecidingKey::Opening => "it serves the queue soonest: others have a longer delay, are of the reserve or only help".into(),
        DecidingKey::Nobody | DecidingKey::OwnAway => "none was ready".into(),
        DecidingKey::Preferred => "the customer prefers it".into(),
        DecidingKey::CustomerType => "it is for customers of this type".into(),
        DecidingKey::Score => "it has the highest score".into(),
        DecidingKey::LeastOccupied => "it was on calls for the smallest share of its time".into(),
        DecidingKey::Responsiveness => "it answers the fastest".into(),
        DecidingKey::LeastSufficient => format!("it is the least proficient that suffices ({} in what was asked)", decision.proficiency),
    }
}

fn occasion(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::CallWaiting => "as it comes",
        Trigger::SeatReady => "as the seat becomes ready",
        Trigger::StepReached => "as a step or the end of a hold is reached",
        Trigger::OfferFailed => "as an offer ended",
        Trigger::Breach => "as its answer clock was breached",
        Trigger::RulesChanged => "as the rules changed",
        Trigger::ByHand => "by hand",
        Trigger::Recovery => "as it is taken up again",
        Trigger::Reprioritised => "as its priority was changed",
        Trigger::Aged => "as it went up by waiting",
        Trigger::PatienceOver => "as it no longer waits for its own agents, or for others",
    }
}
