//! A large hotline to measure: by default 10,000 seats with proficiencies of their own, 500 queues, 256 skills.

use hotline_model::{CallId, LanguageId, Need, Priority, Profile, QueueId, RegionId, SeatId, SkillId, Timestamp};
use hotline_router::{Input, Layout, Output, Router, SeatTable};
use hotline_rules::{Assign, Expression, GroupId, Origin, Plan, Queue, Region, Seat, Secret, Skill, Step, WaitFor};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How large, and how varied.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub seats: u64,
    pub queues: u64,
    pub skills: u64,
    pub skills_per_seat: u64,
    /// A seat's skills are so many different ones; otherwise one that is drawn twice counts once.
    pub different: bool,
    /// Different sets of proficiencies among the seats; 0: each seat has its own.
    pub profiles: u64,
    /// Regions of callers and seats; 0: no caller's is known.
    pub regions: u64,
    /// Queues have weights of 1 to so many: with more than one, a freed seat compares waiting times by them.
    pub weights: u64,
    /// Each call has an owner, one of the seats that its queue's first step admits, and waits for that one alone.
    pub owned: bool,
}

impl Shape {
    pub const LARGE: Self = Self {
        seats: 10_000,
        queues: 500,
        skills: 256,
        skills_per_seat: 8,
        different: false,
        profiles: 0,
        regions: 0,
        weights: 1,
        owned: false,
    };
    /// Each call has an owner, and few share one: nearly every one waits in a line by itself, beside all others of its queue.
    #[allow(dead_code, reason = "for whom that matters")]
    pub const OWNED: Self = Self { queues: 2, skills: 2, skills_per_seat: 2, owned: true, ..Self::LARGE };
    /// Each seat serves 64 queues: eight of each of its skills. Rules let a seat name no more.
    #[allow(dead_code, reason = "for whom that matters")]
    pub const FULL: Self = Self { queues: 512, skills: 64, different: true, ..Self::LARGE };
}

/// How long a call waits for its owner: longer than anything here.
const PATIENCE: Duration = Duration::from_secs(1 << 20);

/// So many seats are drawn beforehand that become ready one after the other.
const DRAWN: usize = 1 << 17;

/// Of so many seats one talks while claims are measured.
const TALKING: u64 = 10;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A call comes and is offered to the best of the ready seats.
    Claim,
    /// A seat becomes ready, and nobody waits.
    Ready,
    /// A seat becomes ready and is offered the first of the waiting calls.
    Pick,
    /// New rules come.
    #[allow(dead_code, reason = "for whom that matters")]
    Reload,
}

/// splitmix64: enough to spread a world.
struct Spread(u64);

impl Spread {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % end
    }
}

/// Of each of so many operations the least time over several runs of the same world: claims, seats that become ready, picks,
/// and picks with what they leave for after their outputs. What neighbours and interrupts add is not in it, what caches do is.
#[allow(dead_code, reason = "for whom that matters")]
pub fn least_of_runs(shape: Shape, runs: usize, warm: usize, timed: usize) -> [Vec<Duration>; 4] {
    let [mut claims, mut readies, mut picks, mut wholes] = [(); 4].map(|()| vec![Duration::MAX; timed]);
    let keep = |best: &mut Duration, time: Duration| *best = time.min(*best);
    for _ in 0..runs {
        let mut world = World::ready(shape);
        for _ in 0..warm {
            world.claim_and_ready();
        }
        for (best_claim, best_ready) in claims.iter_mut().zip(&mut readies) {
            let (claim, ready) = world.claim_and_ready();
            keep(best_claim, claim);
            keep(best_ready, ready);
        }
        let mut world = World::busy(shape, shape.seats);
        for _ in 0..warm {
            world.pick();
        }
        for (best_pick, best_whole) in picks.iter_mut().zip(&mut wholes) {
            keep(best_pick, world.pick());
            keep(best_whole, world.whole_pick);
        }
    }
    [claims, readies, picks, wholes]
}

/// The router with its clock and its calls.
pub struct World {
    router: Router,
    plan: Arc<Plan>,
    table: Arc<SeatTable>,
    shape: Shape,
    now: Timestamp,
    spread: Spread,
    calls: u32,
    /// Calls that were answered, the longest ago first: a seat becomes ready again when as many others were offered calls meanwhile as
    /// talk at a time, so that neither cache nor order know it from a moment ago.
    talking: VecDeque<(CallId, SeatId)>,
    /// Who becomes ready in a busy world, one after the other, and from the first again: drawn beforehand, so that the drawing does not
    /// take the caches from what is measured.
    freed: Vec<SeatId>,
    next_freed: usize,
    /// The call that each seat of a busy world serves.
    serving: Vec<CallId>,
    /// The seats that each queue's first step admits.
    members: Vec<Vec<u32>>,
    /// How long the latest pick took with what it left for after its outputs.
    pub whole_pick: Duration,
    /// Whose instructions are counted.
    pub counted: Option<Operation>,
}

/// A call that was offered, to whom, and for which queue.
type Offered = (CallId, SeatId, QueueId);

impl World {
    /// All seats ready, nobody waiting; every line made.
    pub fn ready(shape: Shape) -> Self {
        let mut spread = Spread(7);
        let plan = Arc::new(plan(&mut spread, shape));
        let (now, table) = (Timestamp(1_000_000_000), Arc::new(SeatTable::new(shape.seats as usize)));
        let router = Router::new(now, plan.clone(), table.clone());
        let members = plan.queues.iter().map(|queue| {
            let admitted = |seat: &u32| queue.steps[0].requires.admits(&plan.seats[*seat as usize].proficiency);
            (0..shape.seats as u32).filter(admitted).collect()
        });
        let mut world = Self {
            members: members.collect(),
            router,
            plan,
            table,
            shape,
            now,
            spread,
            calls: 0,
            talking: VecDeque::new(),
            freed: Vec::new(),
            next_freed: 0,
            serving: Vec::new(),
            whole_pick: Duration::ZERO,
            counted: None,
        };
        for queue in 0..shape.queues {
            for region in 0..shape.regions.max(1) {
                let call = world.wait(queue, region, None).1;
                world.tell(None, Input::Leave { call });
            }
        }
        world
    }

    /// All seats talking, so many calls waiting.
    pub fn busy(shape: Shape, waiting: u64) -> Self {
        let mut world = Self::ready(shape);
        for seat in 0..shape.seats {
            world.serving.push(CallId(seat));
            world.tell(None, Input::Engaged { call: CallId(seat), seat: SeatId(seat as u32), queue: None });
        }
        let mut waits = Vec::new();
        while (waits.len() as u64) < waiting {
            let (queue, region) = world.somewhere();
            if !world.members[queue as usize].is_empty() {
                let owner = world.owner(queue);
                waits.push((queue, owner));
                world.wait(queue, region, owner);
            }
        }
        // In each queue as many wait from now on as now.
        world.freed = (0..DRAWN).map(|_| world.fit_for_one(&waits)).collect();
        world
    }

    /// A seat that one of these waiting calls may have.
    fn fit_for_one(&mut self, waits: &[(u64, Option<SeatId>)]) -> SeatId {
        let (queue, owner) = waits[self.spread.below(waits.len() as u64) as usize];
        owner.unwrap_or_else(|| self.member(queue))
    }

    /// How many queues a seat serves, in whatever step.
    #[allow(dead_code, reason = "for whom that matters")]
    pub fn queues_of(&self, seat: usize) -> usize {
        let admits = |queue: &&Queue| queue.steps.iter().any(|step| step.requires.admits(&self.plan.seats[seat].proficiency));
        self.plan.queues.iter().filter(admits).count()
    }

    fn somewhere(&mut self) -> (u64, u64) {
        (self.spread.below(self.shape.queues), self.spread.below(self.shape.regions.max(1)))
    }

    /// For whom a call of the queue waits.
    fn owner(&mut self, queue: u64) -> Option<SeatId> {
        self.shape.owned.then(|| self.member(queue))
    }

    fn member(&mut self, queue: u64) -> SeatId {
        let members = &self.members[queue as usize];
        SeatId(members[self.spread.below(members.len() as u64) as usize])
    }

    /// What is due comes first and by itself, as in the engine.
    #[allow(clippy::disallowed_methods, reason = "it measures")]
    fn tell(&mut self, operation: Option<Operation>, input: Input) -> (Duration, Option<Offered>) {
        self.now = self.now + Duration::from_millis(1);
        self.router.handle_timeout(self.now);
        while self.router.poll_output().is_some() {}
        if operation.is_some() && operation == self.counted {
            return (Duration::ZERO, counted_handle(&mut self.router, self.now, input));
        }
        let begin = Instant::now();
        self.router.handle(self.now, input);
        let took = begin.elapsed();
        let offer = offered(&mut self.router);
        if operation == Some(Operation::Pick) {
            self.whole_pick = begin.elapsed();
        }
        (took, offer)
    }

    fn wait(&mut self, queue: u64, region: u64, owner: Option<SeatId>) -> (Duration, CallId, Option<SeatId>) {
        self.calls += 1;
        let call = CallId::new(1, 0, self.calls);
        let mut profile = Profile::unknown(LanguageId(0));
        profile.priority = Priority::ALL[self.spread.below(3) as usize];
        profile.owner = owner;
        profile.region = (self.shape.regions > 0).then_some(RegionId(region as u16));
        let (since, answer_by) = (self.now, self.now + Duration::from_secs(30));
        let wait = Input::Wait { call, queue: QueueId(queue as u16), profile, since, answer_by, admitted: false };
        let (took, offer) = self.tell(Some(Operation::Claim), wait);
        (took, call, offer.map(|(_, seat, _)| seat))
    }

    /// A call comes and is offered to a seat ([`Operation::Claim`]) and answered; another is over, and its seat is ready again
    /// ([`Operation::Ready`]).
    pub fn claim_and_ready(&mut self) -> (Duration, Duration) {
        loop {
            let (queue, region) = self.somewhere();
            let owner = if self.members[queue as usize].is_empty() { None } else { self.owner(queue) };
            let (claim, call, seat) = self.wait(queue, region, owner);
            let Some(seat) = seat else {
                self.tell(None, Input::Leave { call });
                continue;
            };
            self.tell(None, Input::Answered { call, seat });
            self.talking.push_back((call, seat));
            if self.talking.len() as u64 > self.shape.seats / TALKING
                && let Some((call, seat)) = self.talking.pop_front()
            {
                return (claim, self.tell(Some(Operation::Ready), Input::Released { call, seat }).0);
            }
        }
    }

    /// [`Operation::Pick`]; another call takes the offered one's place in line.
    pub fn pick(&mut self) -> Duration {
        self.pick_and_arrive().0
    }

    /// A seat that some waiting call may have picks one ([`Operation::Pick`]); another takes its place in line, an [`Operation::Claim`] that
    /// finds nobody.
    pub fn pick_and_arrive(&mut self) -> (Duration, Duration) {
        let seat = self.freed[self.next_freed];
        self.next_freed = (self.next_freed + 1) % self.freed.len();
        let call = self.serving[seat.index()];
        let (took, offer) = self.tell(Some(Operation::Pick), Input::Released { call, seat });
        assert_eq!(self.router.inversions(), 0, "no call is offered a seat before one of higher rank");
        let (call, seat, queue) = offer.expect("a call waits that may have the seat");
        self.tell(None, Input::Answered { call, seat });
        self.serving[seat.index()] = call;
        let owner = self.shape.owned.then_some(seat);
        let region = self.spread.below(self.shape.regions.max(1));
        (took, self.wait(u64::from(queue.0), region, owner).0)
    }

    /// New rules, of which half of the queues ask for another level: how long it took to lay them out beforehand, the step, and to drop what
    /// they replaced.
    #[allow(clippy::disallowed_methods, dead_code, reason = "it measures, for whom that matters")]
    pub fn reload(&mut self, prepares: bool) -> (Duration, Duration, Duration) {
        let mut next = plan(&mut Spread(7), self.shape);
        let levels = next.queues.iter_mut().zip(&self.plan.queues).step_by(2).filter_map(|(queue, before)| {
            let Expression::AtLeast(before) = before.steps[0].requires else { return None };
            Some((&mut queue.steps[0].requires, before))
        });
        levels.for_each(|(requires, before)| *requires = Expression::AtLeast(Need { at_least: 2 + (before.at_least - 1) % 5, ..before }));
        let next = Arc::new(next);
        let begin = Instant::now();
        if prepares {
            let layout = Layout::new(&next, &self.table, self.router.share(), &self.router.wanted());
            self.router.prepare(layout);
        }
        let laid_out = begin.elapsed();
        let (step, _) = self.tell(Some(Operation::Reload), Input::Rules(Arc::clone(&next)));
        let begin = Instant::now();
        drop((std::mem::replace(&mut self.plan, next), self.router.leftovers()));
        (laid_out, step, begin.elapsed())
    }

    /// The same choice as a claim's by looking at every seat, for comparison.
    #[allow(clippy::disallowed_methods, reason = "it measures")]
    pub fn naive_claim(&mut self) -> Duration {
        let (queue, _) = self.somewhere();
        let begin = Instant::now();
        let step = &self.plan.queues[queue as usize].steps[0];
        let Expression::AtLeast(need) = &step.requires else { return Duration::ZERO };
        let seats = self.plan.seats.iter().zip(0..).filter_map(|(seat, id)| {
            let (word, mastered) = (self.table.word(SeatId(id)), seat.proficiency[need.skill.index()]);
            let admitted = word.is_ready() && mastered >= need.at_least;
            admitted.then_some((seat.origin == Origin::External, u8::MAX - mastered, word.since_ms(), id))
        });
        std::hint::black_box(seats.min());
        begin.elapsed()
    }
}

/// Where callgrind counts: with what is left for after the outputs.
#[inline(never)]
fn counted_handle(router: &mut Router, now: Timestamp, input: Input) -> Option<Offered> {
    router.handle(now, input);
    offered(router)
}

/// Takes all outputs.
fn offered(router: &mut Router) -> Option<Offered> {
    let mut offer = None;
    while let Some(output) = router.poll_output() {
        if let Output::Offer { call, seat, decision, .. } = output {
            offer = Some((call, seat, decision.queue));
        }
    }
    offer
}

/// The same hotline with its queues dealt out to so many groups.
#[allow(dead_code, reason = "not everybody who measures a world measures groups")]
pub fn in_groups(shape: Shape, groups: u8) -> Plan {
    let queue_groups = (0..shape.queues).map(|id| GroupId((id % u64::from(groups)) as u8)).collect();
    Plan { queue_groups, ..plan(&mut Spread(7), shape) }
}

fn plan(spread: &mut Spread, shape: Shape) -> Plan {
    let regions = shape.regions.max(1);
    let profiles: Vec<Vec<u8>> =
        (0..if shape.profiles == 0 { shape.seats } else { shape.profiles }).map(|_| profile(spread, shape)).collect();
    let wait_for = WaitFor { owner: if shape.owned { PATIENCE } else { Duration::ZERO }, ..WaitFor::default() };
    Plan {
        assign: Assign { wait_for, ..Assign::default() },
        skills: (0..shape.skills).map(|id| Skill { name: format!("s{id}").into(), retired: false }).collect(),
        regions: (0..regions).map(|id| Region { name: format!("r{id}").into(), area_codes: Vec::new(), retired: false }).collect(),
        distance: (0..regions).map(|a| (0..regions).map(|b| a.abs_diff(b) as u32).collect()).collect(),
        queues: (0..shape.queues).map(|id| queue(spread, id, shape)).collect(),
        seats: (0..shape.seats).map(|id| seat(spread, id, regions, profiles[id as usize % profiles.len()].clone())).collect(),
        ..Plan::default()
    }
}

fn profile(spread: &mut Spread, shape: Shape) -> Vec<u8> {
    let mut proficiency = vec![0; shape.skills as usize];
    for _ in 0..shape.skills_per_seat {
        let mut skill = spread.below(shape.skills) as usize;
        while shape.different && proficiency[skill] > 0 {
            skill = (skill + 1) % proficiency.len();
        }
        proficiency[skill] = 1 + spread.below(10) as u8;
    }
    proficiency
}

fn queue(spread: &mut Spread, id: u64, shape: Shape) -> Queue {
    let skill = SkillId((id % shape.skills) as u16);
    let step = |after, at_least| Step {
        after: Duration::from_secs(after),
        requires: Expression::AtLeast(Need { skill, at_least }),
        ..Step::default()
    };
    let strict = 2 + spread.below(5) as u8;
    let weight = 1 + (id % shape.weights) as u8;
    Queue { name: format!("q{id}").into(), steps: vec![step(0, strict), step(10, 1)], weight, ..Queue::default() }
}

fn seat(spread: &mut Spread, id: u64, regions: u64, proficiency: Vec<u8>) -> Seat {
    Seat {
        name: format!("{id}").into(),
        agent: "agent".into(),
        region: Some(RegionId(spread.below(regions) as u16)),
        origin: if spread.below(4) == 0 { Origin::External } else { Origin::Internal },
        proficiency,
        contact: Some("sip:seat@127.0.0.1".into()),
        ping: false,
        secret: Secret::None,
        sha256: false,
        cleared: false,
        customer_types: Vec::new(),
        queues: Vec::new(),
        wrap_up: None,
        sign_in: true,
        desk: hotline_rules::SeatDesk::default(),
        retired: false,
    }
}
