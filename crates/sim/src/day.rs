//! A day of a hotline without its telephones: callers by distribution, agents by habit, and between them the real router on a virtual
//! clock. A second takes as long as its decisions; the same plan and demand give the same day, to the microsecond.

mod books;
mod chance;
mod demand;
mod figures;
mod foretold;
mod may;

pub use chance::{Spread, stream};
pub use demand::{AgentHabits, Arrivals, CallerClass, Demand, Shift};
pub use figures::{ClassFigures, Figures, OrderFigures, SeatFigures, Waits, mean_and_deviation};
pub use foretold::{Foretold, POSITIONS};

use books::{Books, Entry};
use demand::{Agents, Source};
use foretold::Tellings;
use hotline_model::history::OfferEnd;
use hotline_model::{Activity, CallId, Deadline, Deadlines, Intent, NotReadyReason, QueueId, SeatId, Timestamp};
use hotline_router::{Input, Output, Router, SeatTable};
use hotline_rules::Plan;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long [`Day::run_out`] goes on at most.
const RUN_OUT: Duration = Duration::from_secs(24 * 3600);
const RONA: Intent = Intent::NotReady(NotReadyReason::Rona);

/// A day under way.
#[derive(Debug)]
pub struct Day {
    plan: Arc<Plan>,
    demand: Demand,
    router: Router,
    now: Timestamp,
    calendar: Deadlines<Event>,
    sources: Vec<Source>,
    open: bool,
    agents: Agents,
    callers: BTreeMap<CallId, Caller>,
    calls: u64,
    books: Books,
    ended: Vec<Ended>,
    tellings: Tellings,
    /// Planned ends of wrap-up, by seat.
    wrap_ups: Vec<Option<Deadline>>,
}

/// A caller's part in the day, told when it is answered, hangs up or is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The place of its class in the demand.
    pub class: usize,
    /// When it came.
    pub arrived: Timestamp,
    /// How long it waited.
    pub waited: Duration,
    /// How long its conversation lasts, or would have lasted.
    pub handling: Duration,
    /// How long it would have waited; `None`: for ever.
    pub patience: Option<Duration>,
    /// How its wait ended.
    pub end: End,
}

/// How a wait ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// An agent answered.
    Served(SeatId),
    /// The caller hung up.
    Abandoned,
    /// Too many waited already, or the plan has no such queue.
    Blocked,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Arrival(usize),
    Impatience(CallId),
    Telling(CallId),
    Breach(CallId),
    Answer(CallId, SeatId),
    RingOver(CallId, SeatId),
    Goodbye(CallId, SeatId),
    WrapUpDone(SeatId),
    Choice(SeatId, Intent),
    Back(SeatId),
}

#[derive(Debug)]
struct Caller {
    class: usize,
    since: Timestamp,
    handling: Duration,
    patience: Option<Duration>,
    /// Where it waits too, after a breach.
    overflow: Option<QueueId>,
    hangs_up: Option<Deadline>,
    breach: Option<Deadline>,
    /// When the offer that it has is answered or rings out.
    ringing: Option<Deadline>,
}

impl Day {
    /// The start of a day. Every phone can be reached all day; seats with `sign_in` are ready, the others wait for the rota.
    pub fn new(plan: Arc<Plan>, demand: Demand) -> Self {
        let now = Timestamp(0);
        let seats = || (0..plan.seats.len() as u32).map(SeatId);
        let mut router = Router::new(now, plan.clone(), Arc::new(SeatTable::new(plan.seats.len())));
        seats().for_each(|seat| router.handle(now, Input::Reachable { seat, reachable: true }));
        while router.poll_output().is_some() {}
        let states = seats().map(|seat| router.seat_state(seat));
        let mut day = Self {
            books: Books::new(demand.classes.len(), states),
            sources: demand.classes.iter().map(|class| Source::new(demand.seed, class)).collect(),
            agents: Agents::new(demand.seed, demand.agents),
            router,
            now,
            calendar: Deadlines::default(),
            open: true,
            callers: BTreeMap::new(),
            calls: 0,
            ended: Vec::new(),
            tellings: Tellings::default(),
            wrap_ups: vec![None; plan.seats.len()],
            plan,
            demand,
        };
        for shift in &day.demand.rota {
            day.calendar.set(now + shift.at, Event::Choice(shift.seat, shift.intent));
        }
        (0..day.sources.len()).for_each(|class| day.expect_caller(class));
        day
    }

    /// Lets the day go on until so long after its start.
    pub fn run_until(&mut self, end: Duration) {
        self.run_telling(end, &mut |_| {});
    }

    /// As [`Day::run_until`], telling each caller's wait as it ends.
    pub fn run_telling(&mut self, end: Duration, tell: &mut dyn FnMut(&Ended)) {
        let end = Timestamp(0) + end;
        while let Some(at) = self.next_moment().filter(|at| *at <= end) {
            self.step(at);
            self.ended.drain(..).for_each(|ended| tell(&ended));
        }
        self.now = self.now.max(end);
    }

    /// Takes no more callers, and goes on until all who are there were served or hung up, and their agents are through with them;
    /// at most a day longer, and then [`Day::in_line`] tells how many nobody would serve.
    pub fn run_out(&mut self) {
        self.open = false;
        let end = self.now + RUN_OUT;
        while let Some(at) = self.next_moment().filter(|at| *at <= end) {
            self.step(at);
            self.ended.clear();
        }
    }

    /// The figures since they were last taken, or since the start.
    pub fn take(&mut self) -> Figures {
        let mut figures = self.books.take(self.now);
        figures.order.inversions = self.router.inversions();
        figures
    }

    /// From now on callers are told the expected wait as they start to wait and then so often.
    pub fn foretell(&mut self, every: Duration) {
        self.tellings = Tellings::every(every);
    }

    /// What callers were told since this was last taken, of those who were answered.
    pub fn take_foretold(&mut self) -> Foretold {
        self.tellings.take()
    }

    /// The router, to be asked.
    pub fn router(&self) -> &Router {
        &self.router
    }

    /// How many callers wait or are being offered.
    pub fn in_line(&self) -> usize {
        self.callers.len()
    }

    fn next_moment(&self) -> Option<Timestamp> {
        [self.calendar.next(), self.router.poll_timeout()].into_iter().flatten().min()
    }

    /// One event; what is due in the router comes before what happens at the same moment.
    fn step(&mut self, at: Timestamp) {
        self.now = at;
        if self.router.poll_timeout().is_some_and(|due| due <= at) {
            self.router.handle_timeout(at);
            return self.listen();
        }
        match self.calendar.take_due(at) {
            Some(Event::Arrival(class)) => self.arrival(class),
            Some(Event::Impatience(call)) => self.hang_up(call),
            Some(Event::Telling(call)) => self.tell(call),
            Some(Event::Breach(call)) => self.breach(call),
            Some(Event::Answer(call, seat)) => self.answer(call, seat),
            Some(Event::RingOver(call, seat)) => self.ring_over(call, seat),
            Some(Event::Goodbye(call, seat)) => self.goodbye(call, seat),
            Some(Event::WrapUpDone(seat)) => self.router.handle(at, Input::WrapUpDone { seat }),
            Some(Event::Choice(seat, intent)) => self.router.handle(at, Input::Intent { seat, intent }),
            Some(Event::Back(seat)) => self.back(seat),
            None => {}
        }
        self.listen();
    }

    fn expect_caller(&mut self, class: usize) {
        let next = self.sources[class].next(self.now).filter(|_| self.open);
        if let Some(at) = next {
            self.calendar.set(at, Event::Arrival(class));
        }
    }

    fn arrival(&mut self, class: usize) {
        if !self.open {
            return;
        }
        self.expect_caller(class);
        self.calls += 1;
        let call = CallId(self.calls);
        let (handling, patience) = (self.sources[class].handling(), self.sources[class].patience());
        let (since, answer_by) = (self.now, self.now + self.plan.timers.answer);
        let hangs_up = patience.map(|patience| self.calendar.set(since + patience, Event::Impatience(call)));
        let caller = Caller { class, since, handling, patience, overflow: None, hangs_up, breach: None, ringing: None };
        let facts = &self.demand.classes[class];
        self.books.entered(since);
        self.books.waits(&entry(&self.demand, call, &caller));
        self.callers.insert(call, caller);
        let (queue, profile) = (facts.queue, facts.profile.clone());
        self.router.handle(since, Input::Wait { call, queue, profile, since, answer_by, admitted: false });
        self.listen();
        if let Some(caller) = self.callers.get_mut(&call) {
            caller.breach = Some(self.calendar.set(answer_by, Event::Breach(call)));
            self.tell(call);
        }
    }

    /// Tells a caller the expected wait, as announcements do.
    fn tell(&mut self, call: CallId) {
        let Some(caller) = self.callers.get(&call) else { return };
        let again = self.tellings.tell(&self.router, call, self.now.since(caller.since), self.now);
        if let Some(at) = again {
            self.calendar.set(at, Event::Telling(call));
        }
    }

    fn hang_up(&mut self, call: CallId) {
        let Some(caller) = self.leaves(call) else { return };
        self.books.abandoned(self.now, caller.class, &entry(&self.demand, call, &caller));
        self.tell_end(&caller, End::Abandoned);
        self.router.handle(self.now, Input::Leave { call });
    }

    /// Takes a caller out of the line, with all that was planned for it.
    fn leaves(&mut self, call: CallId) -> Option<Caller> {
        let caller = self.callers.remove(&call)?;
        self.tellings.left(call);
        for planned in [caller.hangs_up, caller.breach, caller.ringing].into_iter().flatten() {
            self.calendar.cancel(planned);
        }
        Some(caller)
    }

    fn tell_end(&mut self, caller: &Caller, end: End) {
        let Caller { class, since: arrived, handling, patience, .. } = *caller;
        self.ended.push(Ended { class, arrived, waited: self.now.since(arrived), handling, patience, end });
    }

    /// K3 (R5, R75): first in its priority from now on, and it waits in the other queue too.
    fn breach(&mut self, call: CallId) {
        let Some(caller) = self.callers.get_mut(&call) else { return };
        caller.overflow = self.plan.queue(self.demand.classes[caller.class].queue).overflow;
        let overflow = caller.overflow;
        self.router.handle(self.now, Input::Breached { call });
        if let Some(queue) = overflow {
            self.router.handle(self.now, Input::Overflow { call, queue });
        }
    }

    fn listen(&mut self) {
        while let Some(output) = self.router.poll_output() {
            match output {
                Output::Offer { call, seat, ring, .. } => self.offer(call, seat, ring),
                Output::Seat { seat, state, .. } => {
                    self.books.seat(self.now, seat, state);
                    if state.intent == RONA && state.activity == Activity::Free {
                        let back = self.now + self.agents.back_after();
                        self.calendar.set(back, Event::Back(seat));
                    }
                }
                Output::Refused { call, .. } => self.refused(call),
                Output::Withdraw { call, .. } => self.withdrawn(call),
                Output::Late { .. } => self.books.late(),
                Output::Nobody { .. } | Output::Answered { .. } | Output::Direct { .. } | Output::NotAssigned { .. } => {}
            }
        }
    }

    fn offer(&mut self, call: CallId, seat: SeatId, ring: Duration) {
        let (now, plan, demand, callers) = (self.now, &self.plan, &self.demand, &self.callers);
        let Some(caller) = callers.get(&call) else { return };
        let might_have_had_it = |other: CallId| {
            callers.get(&other).is_some_and(|caller| {
                let other = entry(demand, other, caller);
                let mut queues = other.queues.iter().flatten();
                queues.any(|queue| may::may_serve(plan, *queue, other.profile, now.since(other.since), seat))
            })
        };
        self.books.offered(now, plan, &entry(demand, call, caller), (seat, ring), &might_have_had_it);
        let answer = self.agents.answer(ring);
        if answer.is_some_and(|after| after.is_zero()) {
            return self.answer(call, seat);
        }
        self.router.handle(now, Input::Ringing { call, seat });
        let (after, what) = answer.map_or((ring, Event::RingOver(call, seat)), |after| (after, Event::Answer(call, seat)));
        let ends = self.calendar.set(now + after, what);
        if let Some(caller) = self.callers.get_mut(&call) {
            caller.ringing = Some(ends);
        }
    }

    fn answer(&mut self, call: CallId, seat: SeatId) {
        self.tellings.answered(call, self.now);
        let Some(caller) = self.leaves(call) else { return };
        self.books.served(self.now, caller.class, seat, self.now.since(caller.since));
        self.tell_end(&caller, End::Served(seat));
        self.calendar.set(self.now + caller.handling, Event::Goodbye(call, seat));
        self.router.handle(self.now, Input::Answered { call, seat });
    }

    fn ring_over(&mut self, call: CallId, seat: SeatId) {
        self.waits_again(call);
        self.books.unanswered(seat);
        self.router.handle(self.now, Input::Failed { call, seat, why: OfferEnd::Rona });
    }

    /// The router took an offer back by itself.
    fn withdrawn(&mut self, call: CallId) {
        self.books.withdrawn();
        if let Some(ends) = self.waits_again(call) {
            self.calendar.cancel(ends);
        }
    }

    /// The end that was planned for the offer that it had.
    fn waits_again(&mut self, call: CallId) -> Option<Deadline> {
        let caller = self.callers.get_mut(&call)?;
        let ringing = caller.ringing.take();
        self.books.waits(&entry(&self.demand, call, caller));
        ringing
    }

    fn refused(&mut self, call: CallId) {
        let Some(caller) = self.leaves(call) else { return };
        self.books.blocked(self.now, caller.class, &entry(&self.demand, call, &caller));
        self.tell_end(&caller, End::Blocked);
    }

    /// The conversation is over. What was planned for an earlier wrap-up that the plan ended first is void.
    fn goodbye(&mut self, call: CallId, seat: SeatId) {
        if let Some(planned) = self.wrap_ups[seat.index()].take() {
            self.calendar.cancel(planned);
        }
        self.router.handle(self.now, Input::Released { call, seat });
        let wraps_up = self.router.seat_state(seat).activity == Activity::WrapUp;
        if let Some(after) = wraps_up.then(|| self.agents.wrap_up()).flatten() {
            self.wrap_ups[seat.index()] = Some(self.calendar.set(self.now + after, Event::WrapUpDone(seat)));
        }
    }

    /// An agent who missed a ring and has not gone elsewhere meanwhile.
    fn back(&mut self, seat: SeatId) {
        if self.router.seat_state(seat).intent == RONA {
            self.router.handle(self.now, Input::Intent { seat, intent: Intent::Available });
        }
    }
}

fn entry<'a>(demand: &'a Demand, call: CallId, caller: &Caller) -> Entry<'a> {
    let class = &demand.classes[caller.class];
    Entry { call, since: caller.since, profile: &class.profile, queues: [Some(class.queue), caller.overflow] }
}
