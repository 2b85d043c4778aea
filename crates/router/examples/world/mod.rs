//! A large hotline to measure: 10,000 seats with proficiencies of their own, 500 queues, 256 skills, 10,000 waiting calls.

use hotline_model::{CallId, LanguageId, Need, Priority, Profile, QueueId, RegionId, SeatId, SkillId, Timestamp};
use hotline_router::{Input, Output, Router, SeatTable};
use hotline_rules::{Expression, Origin, Plan, Queue, Region, Seat, Secret, Skill, Step};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub const SKILLS: u64 = 256;
pub const QUEUES: u64 = 500;
const SKILLS_PER_SEAT: u64 = 8;

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

/// The router with its clock and its calls.
pub struct World {
    router: Router,
    now: Timestamp,
    spread: Spread,
    seats: u64,
    regions: u64,
    calls: u32,
}

impl World {
    /// All seats ready, nobody waiting; every line made.
    pub fn ready(seats: u64, regions: u64) -> Self {
        let mut spread = Spread(7);
        let plan = Arc::new(plan(&mut spread, seats, regions.max(1)));
        let now = Timestamp(1_000_000_000);
        let router = Router::new(now, plan, Arc::new(SeatTable::new(seats as usize)));
        let mut world = Self { router, now, spread, seats, regions, calls: 0 };
        for queue in 0..QUEUES {
            for region in 0..regions.max(1) {
                let call = world.wait(queue, region).1;
                world.tell(Input::Leave { call });
            }
        }
        world
    }

    /// All seats talking, `waiting` calls waiting.
    pub fn busy(seats: u64, regions: u64, waiting: u64) -> Self {
        let mut world = Self::ready(seats, regions);
        for seat in 0..seats {
            world.tell(Input::Engaged { call: CallId(seat), seat: SeatId(seat as u32) });
        }
        for _ in 0..waiting {
            let (queue, region) = world.somewhere();
            world.wait(queue, region);
        }
        world
    }

    fn somewhere(&mut self) -> (u64, u64) {
        (self.spread.below(QUEUES), self.spread.below(self.regions.max(1)))
    }

    /// What is due comes first and by itself, as in the engine; a call that it offers to a seat is left out of what follows.
    #[allow(clippy::disallowed_methods, reason = "it measures")]
    fn tell(&mut self, input: Input) -> (Duration, Option<(CallId, SeatId, QueueId)>) {
        self.now = self.now + Duration::from_millis(1);
        self.router.handle_timeout(self.now);
        while self.router.poll_output().is_some() {}
        let begin = Instant::now();
        self.router.handle(self.now, input);
        let took = begin.elapsed();
        let mut offer = None;
        while let Some(output) = self.router.poll_output() {
            if let Output::Offer { call, seat, decision, .. } = output {
                offer = Some((call, seat, decision.queue));
            }
        }
        (took, offer)
    }

    fn wait(&mut self, queue: u64, region: u64) -> (Duration, CallId, Option<SeatId>) {
        self.calls += 1;
        let call = CallId::new(1, 0, self.calls);
        let mut profile = Profile::unknown(LanguageId(0));
        profile.priority = Priority::ALL[self.spread.below(3) as usize];
        profile.region = (self.regions > 0).then_some(RegionId(region as u16));
        let (since, answer_by) = (self.now, self.now + Duration::from_secs(30));
        let (took, offer) = self.tell(Input::Wait { call, queue: QueueId(queue as u16), profile, since, answer_by });
        (took, call, offer.map(|(_, seat, _)| seat))
    }

    /// A call comes and is offered to a seat (`claim`), is answered and over, and the seat is ready again with nobody waiting (`ready`).
    pub fn claim_and_ready(&mut self) -> (Duration, Duration) {
        let (queue, region) = self.somewhere();
        let (claim, call, seat) = self.wait(queue, region);
        let Some(seat) = seat else { return (claim, Duration::ZERO) };
        self.tell(Input::Answered { call, seat });
        (claim, self.tell(Input::Released { call, seat }).0)
    }

    /// A seat becomes ready and is offered one of the waiting calls; another call takes its place in line.
    pub fn pick(&mut self) -> Duration {
        let seat = SeatId(self.spread.below(self.seats) as u32);
        let call = CallId(u64::MAX);
        self.tell(Input::Engaged { call, seat });
        let (took, offer) = self.tell(Input::Released { call, seat });
        if let Some((call, seat, queue)) = offer {
            self.tell(Input::Answered { call, seat });
            let region = self.spread.below(self.regions.max(1));
            self.wait(u64::from(queue.0), region);
        }
        took
    }
}

fn plan(spread: &mut Spread, seats: u64, regions: u64) -> Plan {
    Plan {
        skills: (0..SKILLS).map(|id| Skill { name: format!("s{id}").into(), retired: false }).collect(),
        regions: (0..regions).map(|id| Region { name: format!("r{id}").into(), area_codes: Vec::new(), retired: false }).collect(),
        distance: (0..regions).map(|a| (0..regions).map(|b| a.abs_diff(b) as u32).collect()).collect(),
        queues: (0..QUEUES).map(|id| queue(spread, id)).collect(),
        seats: (0..seats).map(|id| seat(spread, id, regions)).collect(),
        ..Plan::default()
    }
}

fn queue(spread: &mut Spread, id: u64) -> Queue {
    let skill = SkillId((id % SKILLS) as u16);
    let step = |after, at_least| Step { after: Duration::from_secs(after), requires: Expression::AtLeast(Need { skill, at_least }) };
    let strict = 2 + spread.below(5) as u8;
    Queue {
        name: format!("q{id}").into(),
        steps: vec![step(0, strict), step(10, 1)],
        seats: Vec::new(),
        priority: None,
        wrap_up: Duration::ZERO,
        limit: u32::MAX,
        overflow: None,
        say: Vec::new(),
        breach: Vec::new(),
        announce: Vec::new(),
        announce_every: Duration::ZERO,
        direct: false,
        retired: false,
    }
}

fn seat(spread: &mut Spread, id: u64, regions: u64) -> Seat {
    let mut proficiency = vec![0; SKILLS as usize];
    for _ in 0..SKILLS_PER_SEAT {
        proficiency[spread.below(SKILLS) as usize] = 1 + spread.below(10) as u8;
    }
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
        wrap_up: None,
        sign_in: true,
        retired: false,
    }
}
