//! A small hotline on a virtual clock.

use hotline_model::history::OfferEnd;
use hotline_model::{
    CallId, Decision, Intent, LanguageId, Need, NotReadyReason, Priority, Profile, QueueId, RegionId, SeatId, SkillId, Timestamp,
};
use hotline_router::{Input, Output, Router, SeatTable};
use hotline_rules::{Expression, Origin, Plan, Queue, Region, Seat, Secret, Skill};
use std::sync::Arc;
use std::time::Duration;

pub const BILLING: SkillId = SkillId(0);
pub const ZH: SkillId = SkillId(1);
pub const EN: SkillId = SkillId(2);
pub const SHANGHAI: RegionId = RegionId(0);
pub const HANGZHOU: RegionId = RegionId(1);
pub const BEIJING: RegionId = RegionId(2);
pub const Q: QueueId = QueueId(0);
pub const A: SeatId = SeatId(0);
pub const B: SeatId = SeatId(1);
pub const C: SeatId = SeatId(2);

pub fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn need(skill: SkillId, at_least: u8) -> Need {
    Need { skill, at_least }
}

pub fn at_least(skill: SkillId, proficiency: u8) -> Expression {
    Expression::AtLeast(need(skill, proficiency))
}

/// An internal seat without a region and with all skills at 5, ready at once.
pub fn seat() -> Seat {
    Seat {
        name: "seat".into(),
        agent: "agent".into(),
        region: None,
        origin: Origin::Internal,
        proficiency: vec![5, 5, 5],
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

pub fn skilled(proficiency: [u8; 3]) -> Seat {
    Seat { proficiency: proficiency.to_vec(), ..seat() }
}

/// A queue for everyone, without wrap-up.
pub fn queue() -> Queue {
    Queue { name: "hotline".into(), limit: 100, ..Queue::default() }
}

/// Shanghai and Hangzhou are near each other, Beijing is far.
pub fn plan(queues: Vec<Queue>, seats: Vec<Seat>) -> Plan {
    let region = |name: &str| Region { name: name.into(), area_codes: Vec::new(), retired: false };
    let mut plan = Plan {
        skills: ["billing", "zh", "en"].map(|name| Skill { name: name.into(), retired: false }).to_vec(),
        regions: vec![region("shanghai"), region("hangzhou"), region("beijing")],
        distance: vec![vec![0, 1, 9], vec![1, 0, 9], vec![9, 9, 0]],
        queues,
        seats,
        ..Plan::default()
    };
    plan.assign.near = 1;
    for (id, seat) in plan.seats.iter_mut().enumerate() {
        seat.name = (1001 + id).to_string().into();
    }
    plan
}

pub fn caller() -> Profile {
    Profile::unknown(LanguageId(0))
}

pub fn with_priority(priority: Priority) -> Profile {
    Profile { priority, ..caller() }
}

pub struct House {
    pub router: Router,
    pub now: Timestamp,
    calls: u32,
    /// Everything said since it was last asked for.
    said: Vec<Output>,
}

impl House {
    pub fn open(plan: Plan) -> Self {
        let now = Timestamp(0) + secs(1000);
        Self { router: Router::new(now, Arc::new(plan), Arc::new(SeatTable::new(1024))), now, calls: 0, said: Vec::new() }
    }

    /// One queue for everyone.
    pub fn with(seats: Vec<Seat>) -> Self {
        Self::open(plan(vec![queue()], seats))
    }

    pub fn tell(&mut self, input: Input) {
        self.router.handle(self.now, input);
        self.listen();
    }

    fn listen(&mut self) {
        while let Some(output) = self.router.poll_output() {
            self.said.push(output);
        }
    }

    /// Lets time pass, calling the router exactly when it wants to be called.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.router.poll_timeout().filter(|due| *due <= end) {
            assert!(due >= self.now, "time does not run backwards");
            self.now = due;
            self.router.handle_timeout(due);
            self.listen();
        }
        self.now = end;
    }

    pub fn call(&mut self, profile: Profile) -> CallId {
        self.call_to(Q, profile)
    }

    pub fn call_to(&mut self, queue: QueueId, profile: Profile) -> CallId {
        self.calls += 1;
        let call = CallId::new(1, 0, self.calls);
        self.tell(Input::Wait { call, queue, profile, since: self.now, answer_by: self.now + secs(30), admitted: false });
        call
    }

    pub fn said(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.said)
    }

    /// The offers since anything was last asked for.
    pub fn offers(&mut self) -> Vec<(CallId, SeatId)> {
        self.offers_in_full().into_iter().map(|(call, seat, ..)| (call, seat)).collect()
    }

    pub fn offers_in_full(&mut self) -> Vec<(CallId, SeatId, Duration, Decision)> {
        let offers = self.said().into_iter().filter_map(|output| match output {
            Output::Offer { call, seat, ring, decision } => Some((call, seat, ring, decision)),
            Output::Nobody { .. }
            | Output::Withdraw { .. }
            | Output::Answered { .. }
            | Output::Late { .. }
            | Output::Seat { .. }
            | Output::Refused { .. }
            | Output::Direct { .. }
            | Output::NotAssigned { .. } => None,
        });
        offers.collect()
    }

    pub fn fail(&mut self, call: CallId, seat: SeatId, why: OfferEnd) {
        self.tell(Input::Failed { call, seat, why });
    }

    pub fn intent(&mut self, seat: SeatId, intent: Intent) {
        self.tell(Input::Intent { seat, intent });
    }

    pub fn take_break(&mut self, seat: SeatId) {
        self.intent(seat, Intent::NotReady(NotReadyReason::Break));
    }

    pub fn ready(&mut self, seat: SeatId) {
        self.intent(seat, Intent::Available);
    }

    /// A call comes, this seat takes it.
    pub fn keep_busy(&mut self, seat: SeatId) -> CallId {
        self.calls += 1;
        let call = CallId::new(1, 0, self.calls);
        self.tell(Input::Engaged { call, seat, queue: None });
        call
    }

    pub fn answer(&mut self, call: CallId, seat: SeatId) {
        self.tell(Input::Ringing { call, seat });
        self.tell(Input::Answered { call, seat });
    }

    pub fn release(&mut self, call: CallId, seat: SeatId) {
        self.tell(Input::Released { call, seat });
    }

    pub fn word(&self, seat: SeatId) -> &'static str {
        self.router.seat_state(seat).word()
    }
}
