//! What a call waited for, and how long for each.

mod around;
mod reason;

pub use around::Around;
pub use reason::{Ahead, Causes, Reason, Stretch, once};

use super::candidates::{Calm, Crowd, in_crowd};
use super::fact::{Fact, counted, weight_place};
use super::held::{By, Held, helps, is_in};
use super::pauses::Setting;
use super::rules::{Asks, Rules, all_states, first_state, step_asks, step_place};
use hotline_archive::{Found, SeatStates, StoredDecision};
use hotline_model::history::{DecidingKey, EventKind, OfferEnd, SeatEvent};
use hotline_model::{Activity, CallEvent, CallId, Intent, Name, Priority, QueueId, Record, Revision, SeatId, SeatState, WallTime};
use hotline_router::{Openings, Turn, Verdict, waits_for};
use hotline_rules::{Expression, Plan, Spot};
use reason::{is_same, joined};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How often a wait asks the router itself what keeps a ready seat where tiers have a hold; then it is said that one did.
const REHEARSALS: u32 = 100;
/// Shorter causes are left out beside longer ones.
const SHORTEST: Duration = Duration::from_millis(10);

/// When a call's wait ended: it was answered, its queue let it go, or it ended; now, if it waits.
pub fn until(found: &Found, record: &Record, now: WallTime) -> WallTime {
    let waits = |event: &&CallEvent| matches!(event.kind, EventKind::Queued { .. }) || event.kind.leaves_all_queues();
    let last = found.events.iter().rev().find(waits);
    let left = last.filter(|event| event.kind.leaves_all_queues()).map(|event| event.at);
    record.t3.or(left).or(record.t6).unwrap_or(now)
}

/// The rules of a wait, as far as they are at hand.
pub type ByRevision = BTreeMap<Revision, Rules>;

/// The causes of a call's wait, each by the rules in force then, and what it saw meanwhile; none if it never waited or no decision
/// on it is recorded.
pub fn causes(found: &Found, record: &Record, rules: &ByRevision, around: &Around, now: WallTime) -> (Causes, Vec<(WallTime, Fact)>) {
    let (Some(from), Some(first)) = (record.t2, found.decisions.first()) else { return Default::default() };
    let until = until(found, record, now);
    let since = entered(first);
    let in_force = rules.get(&first.decision.revision);
    let mut walk = Walk::new(record.call, in_force, first.queue.clone(), first.decision.admitted, since, from);
    walk.offers = Some((&found.events, around));
    for (at, moment) in moments(found, around, rules, since) {
        if at > until {
            break;
        }
        walk.pass(at);
        if let Moment::Rules(revision) = moment {
            walk.go_by(rules.get(&revision));
        }
        walk.apply(&moment);
    }
    walk.pass(until);
    (walk.causes(), walk.meanwhile)
}

/// What a call that has waited so long in a queue, and in the one it overflowed to, waits for at this moment; the reserves of these serve.
pub fn standing(
    rules: &Rules,
    (home, overflow): (&Name, Option<&Name>),
    waited: Duration,
    states: &SeatStates,
    crowded: &[QueueId],
) -> Reason {
    let mut walk = Walk::new(CallId(0), Some(rules), home.clone(), 0, WallTime(0), WallTime(0) + waited);
    walk.overflow = overflow.cloned();
    walk.crowded = crowded.to_vec();
    walk.relist();
    walk.states = all_states(&rules.plan, states);
    walk.reason()
}

enum Moment<'a> {
    /// A run begins, with its seats.
    States(&'a SeatStates),
    Seat(&'a Name, SeatState),
    /// Another call, or this one, was decided on.
    Decided(&'a StoredDecision),
    Happened(&'a EventKind),
    /// Another one was decided on before this one came.
    InLine(&'a StoredDecision),
    /// Another one waits no more, or not now.
    Gone(CallId),
    /// A step begins, or a call has waited so long that the reserve serves.
    Step,
    /// The first decision by other rules: they had been loaded.
    Rules(Revision),
}

/// All that may change the cause, in order.
fn moments<'a>(found: &'a Found, around: &'a Around, rules: &ByRevision, since: WallTime) -> Vec<(WallTime, Moment<'a>)> {
    let mut all: Vec<(WallTime, u64, Moment<'a>)> = found.events.iter().map(|event| (event.at, 0, Moment::Happened(&event.kind))).collect();
    let mut in_force = found.decisions.first().map(|stored| stored.decision.revision);
    for (states, meanwhile) in &around.runs {
        let begins = meanwhile.decisions.first().map_or(since, |stored| stored.at);
        all.push((begins, 0, Moment::States(states)));
        all.extend(meanwhile.seats.iter().map(|event| (event.at, event.seq, Moment::Seat(&event.seat, event.state))));
        for stored in &meanwhile.decisions {
            let revision = stored.decision.revision;
            if in_force.replace(revision) != Some(revision) {
                all.push((stored.at, stored.decision.seq, Moment::Rules(revision)));
            }
            all.push((stored.at, stored.decision.seq, Moment::Decided(stored)));
        }
    }
    let steps = rules.values().flat_map(|rules| rules.plan.queues.iter().flat_map(|queue| &queue.steps).map(|step| step.after));
    let steps: BTreeSet<Duration> = steps.collect();
    all.extend(steps.into_iter().map(|after| (since + after, 0, Moment::Step)));
    all.extend(around.earlier.iter().map(|stored| (stored.at, stored.decision.seq, Moment::InLine(stored))));
    all.extend(around.line.iter().flat_map(|(call, left)| left.iter().map(|at| (*at, 0, Moment::Gone(*call)))));
    let longest = rules.values().flat_map(|rules| rules.plan.queues.iter().filter_map(|queue| Some(queue.reserve.as_ref()?.longest)));
    let longest: BTreeSet<Duration> = longest.filter(|longest| !longest.is_zero()).collect();
    let others = around.earlier.iter().chain(around.decisions()).filter(|stored| around.line.contains_key(&stored.decision.call));
    let came: BTreeSet<WallTime> = others.map(entered).chain([since]).collect();
    all.extend(longest.iter().flat_map(|longest| came.iter().map(|came| (*came + *longest, 0, Moment::Step))));
    all.sort_by_key(|(at, seq, _)| (*at, *seq));
    all.into_iter().map(|(at, _, moment)| (at, moment)).collect()
}

/// When the call that was decided on had begun to wait.
fn entered(stored: &StoredDecision) -> WallTime {
    WallTime(stored.at.0 - i64::from(stored.decision.waited_ms) * 1_000)
}

/// Of one queue: the seats that may serve the call.
struct Line {
    queue: QueueId,
    members: BTreeMap<SeatId, Member>,
    openings: RefCell<Openings>,
}

struct Member {
    /// The step that admits it.
    step: usize,
    /// How long the call waits for others first.
    delay: Duration,
    /// It is none of the queue's own: no step opens for it, its delay alone, and the last step before.
    helps: bool,
}

impl Member {
    fn delay(&self, opens: &[Duration]) -> Duration {
        if self.helps { opens.get(self.step).copied().unwrap_or_default().max(self.delay) } else { self.delay }
    }
}

/// A seat that a step in force admits.
#[derive(Clone, Copy)]
struct Open {
    state: SeatState,
    /// Its delay is not over.
    later: bool,
}

struct Walk<'a> {
    call: CallId,
    rules: Option<&'a Rules>,
    since: WallTime,
    /// It began to wait.
    from: WallTime,
    at: WallTime,
    home: Name,
    overflow: Option<Name>,
    lines: Vec<Line>,
    states: BTreeMap<SeatId, SeatState>,
    /// The same by name, whatever rules know them.
    known: BTreeMap<Name, SeatState>,
    admitted: u32,
    /// The seat that it is offered to, and whether the phone there rings.
    ringing: Option<(Name, bool)>,
    /// It is in a menu again, or hears a goodbye.
    left: bool,
    /// Seats that this one could have had, and others took since it last had an offer itself: those that they still have.
    ahead: BTreeSet<Name>,
    /// The same, ever.
    passed: BTreeMap<CallId, Ahead>,
    /// When which of these took which seat, and when steps began.
    meanwhile: Vec<(WallTime, Fact)>,
    /// The last of the queue's steps that is known to have begun.
    step: usize,
    stretches: Vec<(Duration, Reason)>,
    /// How many stretches there were when something was last journalled.
    journalled: usize,
    /// So often more the router may be asked.
    rehearsals: Cell<u32>,
    /// The queues of which it is known that their reserve serves.
    crowded: Vec<QueueId>,
    /// Others of which it is known that they wait, by their queue and since when.
    line: BTreeMap<CallId, (Name, WallTime)>,
    /// So many waited at least, with itself, as it was decided on last, and none has left since.
    least: u32,
    /// Seats of a reserve that serves, as the queue is crowded, which something else keeps.
    unreserved: BTreeSet<SeatId>,
    /// Its own events and those of others, of which seats' pauses are told.
    offers: Option<(&'a [CallEvent], &'a Around)>,
}

impl<'a> Walk<'a> {
    fn new(call: CallId, rules: Option<&'a Rules>, home: Name, admitted: u32, since: WallTime, at: WallTime) -> Self {
        let mut walk = Self {
            call,
            rules,
            since,
            from: at,
            at,
            home,
            overflow: None,
            lines: Vec::new(),
            states: BTreeMap::new(),
            known: BTreeMap::new(),
            admitted,
            ringing: None,
            left: false,
            ahead: BTreeSet::new(),
            passed: BTreeMap::new(),
            meanwhile: Vec::new(),
            step: 0,
            stretches: Vec::new(),
            journalled: 0,
            rehearsals: Cell::new(REHEARSALS),
            crowded: Vec::new(),
            line: BTreeMap::new(),
            least: 0,
            unreserved: BTreeSet::new(),
            offers: None,
        };
        walk.relist();
        walk
    }

    /// Other rules are in force; `None`: they are not at hand.
    fn go_by(&mut self, rules: Option<&'a Rules>) {
        self.rules = rules;
        let state = |plan: &Plan, id| self.known.get(&plan.seat(id).name).copied().unwrap_or_else(|| first_state(plan, id));
        let ids = |plan: &Plan| (0..plan.seats.len() as u32).map(SeatId).filter(|id| !plan.seat(*id).retired).collect::<Vec<_>>();
        let of = |rules: &Rules| ids(&rules.plan).into_iter().map(|id| (id, state(&rules.plan, id))).collect();
        self.states = rules.map(of).unwrap_or_default();
        self.relist();
    }

    fn relist(&mut self) {
        self.lines.clear();
        let Some(rules) = self.rules else { return };
        let ids = [Some(&self.home), self.overflow.as_ref()].into_iter().flatten().filter_map(|name| rules.plan.queue_names.get(&**name));
        let line = |queue: QueueId| {
            let members = rules.candidates(queue, Duration::ZERO, &SeatStates::new()).into_iter().filter_map(|one| match one.verdict {
                Verdict::Member { step, .. } => Some((one.seat, member(&rules.plan, queue, one.seat, step))),
                Verdict::Retired | Verdict::NotNamed | Verdict::NotServed | Verdict::NotCleared => None,
                Verdict::Lacks(_) | Verdict::NoStep | Verdict::NoTier => None,
            });
            let openings = RefCell::new(Openings::new(&rules.moment(queue, Duration::ZERO)));
            Line { queue, members: members.collect(), openings }
        };
        self.lines = ids.copied().map(line).collect();
    }

    fn pass(&mut self, until: WallTime) {
        if until <= self.at {
            return;
        }
        let time = until.since(self.at);
        if !self.left {
            self.unreserved = self.rules.map(|rules| self.unreserved(rules)).unwrap_or_default();
            self.stretches.push((time, self.reason()));
        }
        self.at = until;
    }

    fn apply(&mut self, moment: &Moment<'_>) {
        match moment {
            Moment::States(states) => {
                self.states = self.rules.map(|rules| all_states(&rules.plan, states)).unwrap_or_default();
                self.known = states.values().map(|event| (event.seat.clone(), event.state)).collect();
            }
            Moment::Seat(seat, state) => {
                if state.activity == Activity::Free {
                    self.ahead.remove(*seat);
                }
                self.known.insert((*seat).clone(), *state);
                if let Some(id) = self.id(seat) {
                    self.states.insert(id, *state);
                }
            }
            Moment::Decided(stored) if stored.decision.call == self.call => {
                self.admitted = stored.decision.admitted;
                self.least = stored.decision.ahead.saturating_add(1);
            }
            Moment::InLine(stored) => self.stands(stored),
            Moment::Gone(call) => self.leaves(*call),
            Moment::Decided(stored) => {
                self.stands(stored);
                // What was taken as it came was taken from nobody: a call that comes a moment later is told the same.
                let waited = stored.at >= self.at && stored.at >= self.from + SHORTEST;
                let taken = stored.seat.as_ref().filter(|seat| waited && self.ringing.is_none() && self.could_have(stored, seat));
                if let Some(seat) = taken {
                    let (call, why) = (stored.decision.call, self.went_ahead(stored));
                    self.ahead.insert(seat.clone());
                    self.passed.insert(call, why.clone());
                    self.meanwhile.push((stored.at, Fact::Overtaken { call, seat: seat.clone(), why }));
                }
            }
            Moment::Happened(kind) => self.happened(kind),
            Moment::Step => return self.begins(),
            Moment::Rules(_) => return,
        }
        self.journalled = self.stretches.len();
    }

    /// Steps begin with time; one that begins with another, which is passed over, is told at the decision to which that leads.
    fn begins(&mut self) {
        let (Some(rules), Some(line)) = (self.rules.filter(|_| !self.left), self.lines.first()) else { return };
        let (plan, waited) = (&rules.plan, self.waited());
        let step = self.openings(line).iter().rposition(|opens| *opens <= waited).unwrap_or(0);
        if step > self.step {
            let (asks, place) = (step_asks(plan, &plan.queue(line.queue).steps[step]), step_place(plan, line.queue, step));
            self.meanwhile.push((self.at, Fact::StepBegan { queue: self.home.clone(), step, asks, place }));
        }
        self.step = step;
    }

    /// Another call stands in line after this decision, or rings.
    fn stands(&mut self, stored: &StoredDecision) {
        let call = stored.decision.call;
        if stored.seat.is_some() {
            self.leaves(call);
        } else if self.offers.is_some_and(|(_, around)| around.line.contains_key(&call)) {
            self.line.insert(call, (stored.queue.clone(), entered(stored)));
        }
    }

    fn leaves(&mut self, call: CallId) {
        if self.line.remove(&call).is_some() {
            self.least = 0;
        }
    }

    fn happened(&mut self, kind: &EventKind) {
        if let EventKind::Queued { queue, .. } = kind {
            (self.home, self.overflow, self.left, self.step) = (queue.clone(), None, false, 0);
            self.relist();
        } else if kind.leaves_all_queues() {
            self.left = true;
        } else if let EventKind::Overflowed { to } = kind {
            self.overflow.clone_from(to);
            self.relist();
        } else if let EventKind::Offered { seat, .. } = kind {
            self.ringing = Some((seat.clone(), false));
            self.ahead.clear();
        } else if let EventKind::Ringing { seat } = kind {
            self.ringing.iter_mut().filter(|(offered, _)| offered == seat).for_each(|(_, rang)| *rang = true);
            self.of_this_offer(seat, |rang, _| *rang = true);
        } else if let EventKind::OfferEnded { seat, why } = kind {
            self.ringing = None;
            self.of_this_offer(seat, |_, end| *end = Some(*why));
        } else if let EventKind::Recovered = kind {
            self.ringing = None;
            (self.line, self.least) = (BTreeMap::new(), 0);
            let unrecorded = self.stretches.get_mut(self.journalled..).into_iter().flatten();
            unrecorded.for_each(|(_, reason)| *reason = Reason::Restart);
        }
    }

    /// Adds to what was said of the offer that a seat has, or had to this moment.
    fn of_this_offer(&mut self, to: &Name, mut add: impl FnMut(&mut bool, &mut Option<OfferEnd>)) {
        for (_, reason) in self.stretches.iter_mut().rev() {
            let Reason::Offered { seat, rang, end: end @ None } = reason else { break };
            if seat != to {
                break;
            }
            add(rang, end);
        }
    }

    /// Why another call got a seat before this one.
    fn went_ahead(&self, stored: &StoredDecision) -> Ahead {
        if let Some(group) = self.rules.and_then(|rules| self.other_group(stored, &rules.plan)) {
            return group;
        }
        let later = stored.at.since(self.since) > Duration::from_millis(u64::from(stored.decision.waited_ms) + 1);
        let by_queue = later && matches!(stored.decision.key, DecidingKey::QueueWeight | DecidingKey::QueuePriority);
        let known = |rules: &Rules| {
            let queue = |name: &Name| rules.plan.queue_names.get(&**name).copied();
            let (theirs, own) = (queue(&stored.queue)?, queue(&self.home)?);
            let ratio = rules.plan.queue(theirs).factor() as f64 / rules.plan.queue(own).factor() as f64;
            let times = format!("{ratio:.1}").trim_end_matches(".0").to_owned();
            let by_weight = stored.decision.key == DecidingKey::QueueWeight;
            let place = weight_place(&rules.plan, theirs).filter(|_| by_weight);
            Some(Ahead::Queue { queue: stored.queue.clone(), times: by_weight.then_some(times), place })
        };
        let by_queue = self.rules.filter(|_| by_queue).and_then(known);
        by_queue.unwrap_or_else(|| Ahead::Rank(self.aged(stored)))
    }

    /// Another call's queue, if it is of another group.
    fn other_group(&self, stored: &StoredDecision, plan: &Plan) -> Option<Ahead> {
        let queue = |name: &Name| plan.queue_names.get(&**name).copied();
        let (theirs, own) = (queue(&stored.queue)?, queue(&self.home)?);
        let place = || plan.places.queue(theirs).map(|place| place.to_string());
        (plan.group_of(theirs) != plan.group_of(own)).then(|| Ahead::Group { queue: stored.queue.clone(), place: place() })
    }

    /// What another call's priority had become by waiting (R38).
    fn aged(&self, stored: &StoredDecision) -> Priority {
        let waited = Duration::from_millis(u64::from(stored.decision.waited_ms));
        self.rules.map_or(stored.decision.priority, |rules| rules.plan.priorities.aged(stored.decision.priority, waited))
    }

    fn id(&self, seat: &Name) -> Option<SeatId> {
        self.rules?.plan.seat_names.get(&**seat).copied()
    }

    /// Whether the seat that another call got could have served this one at that moment, had it come first.
    fn could_have(&self, stored: &StoredDecision, seat: &Name) -> bool {
        if stored.decision.key == DecidingKey::ByHand {
            return false;
        }
        let Some(rules) = self.rules else { return stored.queue == self.home || Some(&stored.queue) == self.overflow.as_ref() };
        let own = self.own_agents(rules);
        let Some(id) = self.id(seat).filter(|_| own.is_empty() || own.contains(seat)) else { return false };
        let waited = self.waited();
        let opens = |line: &Line| line.openings.borrow().of(id).is_some_and(|opening| opening.opens <= waited);
        // Where the other one waits in the same queue, that is crowded for both.
        let serves = !self.is_reserve(id, rules) || self.lines.iter().any(|line| rules.plan.queue(line.queue).name == stored.queue);
        serves && self.open().get(&id).is_some_and(|open| !open.later) && self.lines.iter().any(opens)
    }

    /// The seats that the steps in force admit.
    fn open(&self) -> BTreeMap<SeatId, Open> {
        let (waited, mut all) = (self.waited(), BTreeMap::new());
        for line in &self.lines {
            let opens = self.openings(line);
            for (seat, member) in &line.members {
                let Some(state) = self.states.get(seat).copied() else { continue };
                let later = member.delay(&opens) > waited;
                // Who only helps, and not yet, is told if that is all that keeps the call.
                let counts = if member.helps { !later || state.is_ready() } else { opens[member.step] <= waited };
                if !counts {
                    continue;
                }
                all.entry(*seat).and_modify(|open: &mut Open| open.later &= later).or_insert(Open { state, later });
            }
        }
        all
    }

    fn waited(&self) -> Duration {
        self.at.since(self.since)
    }

    /// When each step of a queue is in force: with the one before, if that is passed over (`consider_if`).
    fn openings(&self, line: &Line) -> Vec<Duration> {
        let mut openings = line.openings.borrow_mut();
        let is_here = |seat| self.states.get(seat).copied().is_some_and(is_in);
        line.members.keys().for_each(|seat| openings.set_present(*seat, is_here(seat)));
        openings.steps().collect()
    }

    fn reason(&self) -> Reason {
        if let Some((seat, rang)) = &self.ringing {
            return Reason::Offered { seat: seat.clone(), rang: *rang, end: None };
        }
        let Some(rules) = self.rules else { return self.behind_or(Reason::NoneReady(self.admitted)) };
        let open = self.open();
        if !open.values().any(|open| is_in(open.state)) {
            return self.missing(rules);
        }
        let ready: Vec<(SeatId, Open)> = open.iter().filter(|(_, open)| open.state.is_ready()).map(|(seat, open)| (*seat, *open)).collect();
        if ready.is_empty() {
            let here = open.iter().filter(|(_, open)| is_in(open.state));
            let (reserve, own): (Vec<_>, Vec<_>) = here.partition(|(seat, _)| self.is_reserve(**seat, rules));
            let counted = |seats: Vec<(&SeatId, &Open)>| counted(seats.into_iter().map(|(_, open)| open.state));
            let all = Stretch { time: Duration::ZERO, seats: counted(own), reserve: counted(reserve) };
            return self.behind_or(Reason::Busy(vec![all]));
        }
        let own = self.own_agents(rules);
        if !own.is_empty() {
            Reason::OwnAgents(own)
        } else if ready.iter().all(|(seat, _)| self.is_reserve(*seat, rules)) {
            Reason::Reserve(self.reserve_place(rules))
        } else if ready.iter().all(|(seat, open)| open.later || self.is_reserve(*seat, rules)) {
            let held = self.holds(rules).filter(|held| !held.is_empty());
            held.map_or_else(|| Reason::Held(self.delays(rules, &ready)), |held| self.kept(held))
        } else if self.rehearsals.get() == 0 && has_holds(&rules.plan) {
            Reason::Kept { holds: true, settings: BTreeSet::new() }
        } else {
            self.kept(self.holds(rules).unwrap_or_default())
        }
    }

    /// Held back by this; by pauses alone, if nothing else is known.
    fn kept(&self, held: Held) -> Reason {
        if held.iter().any(|(_, by)| !matches!(by, By::Pause(_))) {
            return Reason::Held(held);
        }
        self.behind_or(Reason::Kept { holds: false, settings: settings(&held) })
    }

    /// Where it is written when a reserve serves.
    fn reserve_place(&self, rules: &Rules) -> Option<String> {
        let spots = self.lines.iter().flat_map(|line| [Spot::ReserveWaiting(line.queue), Spot::ReserveLongest(line.queue)]);
        let mut places: Vec<String> = spots.filter_map(|spot| rules.plan.places.spot(spot)).map(|place| place.to_string()).collect();
        places.dedup();
        Some(places.join(", ")).filter(|places| !places.is_empty())
    }

    /// What keeps a seat of a reserve that does not serve.
    fn by_reserve(&self, rules: &Rules, seat: SeatId) -> By {
        let of = |line: &Line| {
            let reserve = rules.plan.queue(line.queue).reserve.as_ref()?;
            let place = || rules.plan.places.spot(Spot::ReserveLongest(line.queue)).map(|place| place.to_string());
            let is_of_it = line.members.contains_key(&seat) && !reserve.longest.is_zero();
            is_of_it.then(|| By::Longest(reserve.longest, place(), reserve.waiting))
        };
        self.lines.iter().find_map(of).unwrap_or_else(|| By::Reserve(self.reserve_place(rules)))
    }

    /// What keeps seats of which each has a delay that is not over, or is of the reserve, and those that a later step admits.
    fn delays(&self, rules: &Rules, ready: &[(SeatId, Open)]) -> Held {
        let waited = self.waited();
        let of = |line: &Line, seat: SeatId| {
            let (_, by) = By::of(&line.openings.borrow(), &rules.plan, line.queue, seat)?;
            Some((rules.plan.seat(seat).name.clone(), self.told_of(by, line, rules)))
        };
        let keeps = |seat: SeatId| {
            let reserve = || (rules.plan.seat(seat).name.clone(), self.by_reserve(rules, seat));
            if self.is_reserve(seat, rules) { Some(reserve()) } else { self.lines.iter().find_map(|line| of(line, seat)) }
        };
        let opens = |line: &Line, seat: SeatId| line.openings.borrow().of(seat).is_some_and(|opening| opening.opens > waited);
        let is_later = |seat: SeatId| self.lines.iter().any(|line| opens(line, seat));
        let is_open = |seat: SeatId| ready.iter().any(|(open, _)| *open == seat);
        let all = self.states.iter().filter(|(seat, state)| state.is_ready() && (is_open(**seat) || is_later(**seat)));
        sorted(all.filter_map(|(seat, _)| keeps(*seat)).collect())
    }

    /// A step of the queue it overflowed to is told with that queue.
    fn told_of(&self, by: By, line: &Line, rules: &Rules) -> By {
        let queue = &rules.plan.queue(line.queue).name;
        if *queue == self.home { by } else { by.in_queue(queue) }
    }

    /// What keeps each of the ready seats, if it is not a pause alone; `None` if one could have it.
    fn holds(&self, rules: &Rules) -> Option<Held> {
        let may_ask = self.rehearsals.get() > 0;
        let paused = self.offers.filter(|_| may_ask).map(|(own, around)| around.paused(own, &rules.plan, self.at));
        let paused = paused.unwrap_or_default();
        if paused.is_empty() && !has_holds(&rules.plan) {
            return None;
        }
        self.rehearsals.set(self.rehearsals.get().saturating_sub(1));
        let event = |(id, state): (&SeatId, &SeatState)| {
            let seat = rules.plan.seat(*id).name.clone();
            (seat.clone(), SeatEvent { seq: 0, at: self.since, seat, id: *id, state: *state, call: None })
        };
        let states: SeatStates = self.states.iter().map(event).collect();
        let waited = self.waited();
        // Of a pause and a wait that both hold a seat, the one that ends last.
        let is_paused = |seat: &Name, turn: Turn| {
            let until = paused.get(seat).map(|(until, _)| waited + until.since(self.at));
            until.is_some_and(|until| if let Turn::Later(at) = turn { at <= until } else { true })
        };
        let mut held = Held::new();
        for line in &self.lines {
            for one in rules.candidates(line.queue, waited, &states) {
                let Verdict::Member { turn, .. } = one.verdict else { continue };
                let turn = line
                    .openings
                    .borrow()
                    .of(one.seat)
                    .map_or(turn, |opening| in_crowd(turn, &opening, !self.is_reserve(one.seat, rules), waited));
                let seat = &rules.plan.seat(one.seat).name;
                let by = match turn {
                    Turn::Ready(_) | Turn::Later(_) if is_paused(seat, turn) => By::Pause(paused.get(seat).map(|(_, setting)| *setting)),
                    Turn::Ready(_) => return None,
                    Turn::Reserve => self.by_reserve(rules, one.seat),
                    Turn::Later(_) => {
                        let Some((_, by)) = By::of(&line.openings.borrow(), &rules.plan, line.queue, one.seat) else { continue };
                        self.told_of(by, line, rules)
                    }
                    Turn::NotReady | Turn::AfterOwn(_) => continue,
                };
                if !held.iter().any(|(known, _)| known == seat) {
                    held.push((seat.clone(), by));
                }
            }
        }
        Some(sorted(held))
    }

    /// The seats of a reserve that serves, for so many are known to wait, or one so long, which are in a pause, or open later. Of one that
    /// neither keeps it is not believed: the router would have given it the call.
    fn unreserved(&self, rules: &Rules) -> BTreeSet<SeatId> {
        let (plan, waited) = (&rules.plan, self.waited());
        let of_crowded = |line: &Line| {
            let queue = plan.queue(line.queue);
            let crowded = |name: &Name| Calm::of(plan, line.queue, self.crowd(name)).is_none();
            let Some(reserve) = queue.reserve.as_ref().filter(|_| crowded(&queue.name)) else { return Vec::new() };
            self.openings(line);
            let openings = line.openings.borrow();
            let ready = line.members.keys().filter(|seat| self.states.get(seat).is_some_and(|state| state.is_ready()));
            let ready = ready.filter(|seat| reserve.has(**seat, &plan.seat(**seat).proficiency));
            ready.filter_map(|seat| Some((*seat, openings.of(*seat)?.opens))).collect::<Vec<_>>()
        };
        let all: Vec<(SeatId, Duration)> = self.lines.iter().flat_map(of_crowded).collect();
        if all.is_empty() || self.rehearsals.get() == 0 {
            return BTreeSet::new();
        }
        self.rehearsals.set(self.rehearsals.get().saturating_sub(1));
        let paused = self.offers.map(|(own, around)| around.paused(own, plan, self.at)).unwrap_or_default();
        let is_kept = |(seat, opens): &(SeatId, Duration)| *opens > waited || paused.contains_key(&plan.seat(*seat).name);
        all.into_iter().filter(is_kept).map(|(seat, _)| seat).collect()
    }

    /// How crowded a queue is at least.
    fn crowd(&self, queue: &Name) -> Crowd {
        let here = self.line.values().filter(|(other, _)| other == queue);
        let longest = here.clone().map(|(_, since)| self.at.since(*since)).max().unwrap_or_default();
        let least = if *queue == self.home { self.least } else { 0 };
        let calls = u32::try_from(here.count() + 1).unwrap_or(u32::MAX);
        Crowd::UpTo(calls.max(least), longest.max(self.waited()))
    }

    /// Whether a seat is of the reserve of every queue in which the call waits and that it serves.
    fn is_reserve(&self, seat: SeatId, rules: &Rules) -> bool {
        let of = |line: &Line| {
            let reserve = &rules.plan.queue(line.queue).reserve;
            let serves = self.crowded.contains(&line.queue);
            reserve.as_ref().is_some_and(|reserve| !serves && reserve.has(seat, &rules.plan.seat(seat).proficiency))
        };
        !self.unreserved.contains(&seat) && self.lines.iter().filter(|line| line.members.contains_key(&seat)).all(of)
    }

    /// For whom alone the call waits.
    fn own_agents(&self, rules: &Rules) -> Vec<Name> {
        let state = |seat| self.states.get(&seat).copied().unwrap_or_else(|| first_state(&rules.plan, seat));
        let mut all: Vec<Name> = Vec::new();
        for line in &self.lines {
            let moment = rules.moment(line.queue, self.waited());
            let own = waits_for(&moment, state).into_iter().map(|(seat, _)| rules.plan.seat(seat).name.clone());
            own.for_each(|name| {
                if !all.contains(&name) {
                    all.push(name)
                }
            });
        }
        all
    }

    fn behind_or(&self, cause: Reason) -> Reason {
        if self.ahead.is_empty() {
            return cause;
        }
        let mut calls = BTreeMap::new();
        self.passed.values().for_each(|ahead| *calls.entry(ahead.clone()).or_default() += 1);
        Reason::Behind { calls, meanwhile: Box::new(cause) }
    }

    /// Nobody was there: what, of all that is asked, nobody had?
    fn missing(&self, rules: &Rules) -> Reason {
        let Some(line) = self.lines.first() else { return Reason::NoneReady(0) };
        let waited = self.waited();
        let step = self.openings(line).iter().rposition(|opens| *opens <= waited).unwrap_or(0);
        let open_members = |line: &Line| {
            let opens = self.openings(line);
            let is_open = |member: &Member| if member.helps { member.delay(&opens) <= waited } else { opens[member.step] <= waited };
            line.members.iter().filter(|(_, member)| is_open(member)).map(|(seat, _)| *seat).collect::<Vec<SeatId>>()
        };
        let members: BTreeSet<SeatId> = self.lines.iter().flat_map(open_members).collect();
        let exists = !members.is_empty();
        let here: Vec<SeatId> = self.states.iter().filter(|(_, state)| !exists || is_in(**state)).map(|(seat, _)| *seat).collect();
        let mut asks = lacking(rules, &here, line.queue, step);
        let signed_in = |seat: &SeatId| self.states.get(seat).is_some_and(|state| state.intent != Intent::SignedOut);
        // Without these it would be said of none that are there.
        let others = self.states.keys().filter(|seat| !self.lines.iter().any(|line| line.members.contains_key(*seat)));
        let others: Vec<SeatId> =
            others.copied().filter(|seat| (!exists || signed_in(seat)) && has_all(&asks, rules, *seat, line.queue, step)).collect();
        let named = &rules.plan.queue(line.queue).seats;
        asks.seats = asks.seats.filter(|_| others.iter().any(|seat| !named.contains(seat)));
        asks.serving = others.iter().any(|seat| named.is_empty() || named.contains(seat));
        if !exists {
            return Reason::NoSeat(asks);
        }
        Reason::NobodyIn { asks, unreachable: members.iter().any(signed_in) }
    }

    /// Adds up what is the same, in the order of first appearance.
    fn causes(&self) -> Causes {
        let mut all: Vec<Vec<(Duration, &Reason)>> = Vec::new();
        for (time, cause) in &self.stretches {
            match all.iter_mut().find(|same| same.iter().any(|(_, other)| is_same(other, cause))) {
                Some(same) => same.push((*time, cause)),
                None => all.push(vec![(*time, cause)]),
            }
        }
        let sum = |same: &Vec<(Duration, &Reason)>| same.iter().map(|(time, _)| *time).sum::<Duration>();
        let long = all.iter().any(|same| sum(same) >= SHORTEST);
        let told = all.iter().filter(|same| !long || sum(same) >= SHORTEST);
        told.filter_map(|same| Some((sum(same), joined(same)?))).collect()
    }
}

fn member(plan: &Plan, queue: QueueId, seat: SeatId, step: usize) -> Member {
    let helps = helps(plan, queue, seat);
    let help = plan.queue(queue).helped_by(seat).filter(|_| helps);
    let delay = help.or_else(|| plan.serves(seat, queue).map(|serves| serves.delay));
    Member { step, delay: delay.unwrap_or_default(), helps }
}

fn has_holds(plan: &Plan) -> bool {
    plan.assign.tiers.iter().any(|(_, hold)| !hold.is_zero())
}

/// Of what is asked, only what these seats fail in.
fn lacking(rules: &Rules, here: &[SeatId], queue: QueueId, step: usize) -> Asks {
    let asks = rules.asks(queue, step);
    let plan = &rules.plan;
    let step = &plan.queue(queue).steps[step];
    let for_step = |seat: &&SeatId| step.admits(plan.seat(**seat));
    let for_caller = |seat: &&SeatId| masters(plan, **seat, rules) && (plan.seat(**seat).cleared || !rules.profile.sensitive);
    match (here.iter().any(|seat| for_step(&seat)), here.iter().any(|seat| for_caller(&seat))) {
        (true, false) => Asks { step: None, tier: None, ..asks },
        (false, true) => Asks { needs: None, cleared: false, ..asks },
        (true, true) | (false, false) => asks,
    }
}

/// What ends by itself before what other calls decide, and who only helps at last: in the order of the tables.
fn sorted(mut held: Held) -> Held {
    held.sort_by_key(|(_, by)| match by {
        By::Pause(_) => 0,
        By::Step(..) | By::Delay(..) | By::Hold(_) => 1,
        By::Reserve(_) | By::Longest(..) => 2,
        By::Help(..) => 3,
    });
    held
}

/// What says how long the pauses are that hold these seats; empty, if that is not known of all.
fn settings(held: &Held) -> BTreeSet<Setting> {
    let each: Option<BTreeSet<Setting>> = held.iter().map(|(_, by)| if let By::Pause(setting) = by { *setting } else { None }).collect();
    each.unwrap_or_default()
}

/// Whether a seat has the skills, the tier and the clearance that are asked for.
fn has_all(asks: &Asks, rules: &Rules, seat: SeatId, queue: QueueId, step: usize) -> bool {
    let (plan, of_step) = (&rules.plan, asks.step.is_some() || asks.tier.is_some());
    (!of_step || plan.queue(queue).steps[step].admits(plan.seat(seat)))
        && (asks.needs.is_none() || masters(plan, seat, rules))
        && (!asks.cleared || plan.seat(seat).cleared)
}

fn masters(plan: &Plan, seat: SeatId, rules: &Rules) -> bool {
    rules.profile.skills.iter().all(|need| Expression::AtLeast(*need).admits(&plan.seat(seat).proficiency))
}

#[cfg(test)]
mod tests;
