//! Small random rules: a few skills, regions, queues and seats in every combination.

use hotline_model::{CustomerType, Need, QueueId, RegionId, Revision, SeatId, SkillId};
use hotline_rules::{
    Assign, Delays, Expression, Helper, Key, Origin, Plan, Priorities, Queue, Ranking, Region, Reserve, Rona, RonaAction, Seat, Secret,
    Serves, Skill, Step, Tier, Timers, WaitFor,
};
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use std::time::Duration;

pub const SKILLS: u16 = 4;
pub const REGIONS: u16 = 3;
/// Seats of the first rules; a change of rules may add one.
pub const SEATS: u32 = 6;
pub const QUEUES: u16 = 3;

pub struct Worlds(ChaCha8Rng);

impl Worlds {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub fn plan(&mut self, seats: u32) -> Plan {
        let name = |id: usize| id.to_string().into();
        Plan {
            revision: Revision(self.0.random()),
            skills: (0..usize::from(SKILLS)).map(|id| Skill { name: name(id), retired: false }).collect(),
            regions: (0..usize::from(REGIONS)).map(|id| Region { name: name(id), area_codes: Vec::new(), retired: false }).collect(),
            distance: (0..REGIONS).map(|_| (0..REGIONS).map(|_| self.distance()).collect()).collect(),
            queues: self.queues(),
            seats: self.seats(seats),
            assign: self.assign(),
            timers: self.timers(),
            priorities: Priorities { ageing: if self.chance(2) { Duration::ZERO } else { self.seconds(12) }, ..Priorities::default() },
            ..Plan::default()
        }
    }

    fn chance(&mut self, one_in: u32) -> bool {
        self.0.random_range(0..one_in) == 0
    }

    fn seconds(&mut self, most: u64) -> Duration {
        Duration::from_millis(self.0.random_range(0..=most * 2) * 500)
    }

    /// What the table leaves out is farthest.
    fn distance(&mut self) -> u32 {
        if self.chance(8) { u32::MAX } else { self.0.random_range(1..4) }
    }

    fn timers(&mut self) -> Timers {
        if self.chance(2) {
            return Timers::default();
        }
        let shortest = self.0.random_range(1..=8);
        Timers {
            ring_min: Duration::from_secs(shortest),
            ring_per_offer: Duration::from_secs(self.0.random_range(shortest..=20)),
            unreachable_retry: Duration::from_secs(self.0.random_range(1..=30)),
            ..Timers::default()
        }
    }

    fn assign(&mut self) -> Assign {
        let mut tiers = vec![Tier::InternalNear, Tier::Internal, Tier::External];
        if self.chance(3) {
            tiers.shuffle(&mut self.0);
            tiers.truncate(self.0.random_range(1..4));
        }
        let holds = self.chance(2);
        let hold = |this: &mut Self| if holds && this.chance(2) { this.seconds(8) } else { Duration::ZERO };
        Assign {
            tiers: tiers.into_iter().map(|tier| (tier, hold(self))).collect(),
            ranking: if self.chance(2) { Ranking::default() } else { self.ranking() },
            wait_for: self.wait_for(),
            near: self.0.random_range(0..2),
            levels: Vec::new(),
            rona: Rona {
                action: if self.chance(3) { RonaAction::Retry } else { RonaAction::NotReady },
                strikes: if self.chance(2) { 1 } else { self.0.random_range(1..4) },
                retry_after: self.0.random_range(1..12) * Duration::from_secs(1),
            },
            delays: Delays {
                busy: self.0.random_range(1..6) * Duration::from_secs(1),
                rejected: self.0.random_range(1..12) * Duration::from_secs(1),
            },
        }
    }

    /// What may stand last stands last, here and there after longest idle; opposites meet as they would in no file.
    fn ranking(&mut self) -> Ranking {
        let mut keys = vec![Key::Owner, Key::Preference, Key::Proficiency, Key::LeastSufficient, Key::Region, Key::CustomerType];
        keys.shuffle(&mut self.0);
        keys.truncate(self.0.random_range(0..7));
        if self.chance(3) {
            let mut weights: Vec<(Key, u32)> = keys.into_iter().map(|key| (key, self.0.random_range(0..5))).collect();
            weights.push((Key::Region, 0));
            weights[0].1 += 1;
            return Ranking::Weights(weights);
        }
        let mut last = vec![Key::LeastOccupied, Key::Responsiveness];
        last.shuffle(&mut self.0);
        last.truncate(self.0.random_range(0..3));
        let idle = self.0.random_range(0..=keys.len() + 1);
        keys.extend(last);
        keys.insert(if self.chance(4) { idle.min(keys.len()) } else { keys.len() }, Key::LongestIdle);
        Ranking::Keys(keys)
    }

    fn wait_for(&mut self) -> WaitFor {
        if self.chance(2) {
            return WaitFor::default();
        }
        let mut patience = || if self.chance(3) { Duration::ZERO } else { self.seconds(8) };
        WaitFor { owner: patience(), last: patience(), preferred: patience() }
    }

    /// In half of the worlds queues differ in target and weight.
    fn queues(&mut self) -> Vec<Queue> {
        let mut queues: Vec<Queue> = (0..QUEUES).map(|id| self.queue(id)).collect();
        if self.chance(2) {
            for queue in &mut queues {
                queue.target = Duration::from_secs(self.0.random_range(1..=30));
                queue.weight = if self.chance(2) { 1 } else { self.0.random_range(1..=5) };
            }
        }
        queues
    }

    /// In half of the worlds some seats serve only some queues, one more gladly than the other.
    fn seats(&mut self, count: u32) -> Vec<Seat> {
        let mut seats: Vec<Seat> = (0..count).map(|id| self.seat(id)).collect();
        let delays = self.chance(2);
        if self.chance(2) {
            for seat in &mut seats {
                let some = (0..QUEUES).filter(|_| !self.chance(3)).map(QueueId).collect::<Vec<_>>();
                let serves = |queue| Serves {
                    queue,
                    priority: self.0.random_range(1..=3),
                    delay: if delays && self.chance(2) { self.seconds(12) } else { Duration::ZERO },
                };
                seat.queues = some.into_iter().map(serves).collect();
            }
        }
        seats
    }

    fn queue(&mut self, id: u16) -> Queue {
        let need = |this: &mut Self, most: u8| {
            let skill = SkillId(this.0.random_range(0..SKILLS));
            Expression::AtLeast(Need { skill, at_least: this.0.random_range(1..=most) })
        };
        let (strict, relaxed) = (vec![need(self, 3), need(self, 3)], need(self, 2));
        let either = Expression::Any(vec![Expression::All(strict.clone()), relaxed.clone()]);
        let mut all = [Expression::All(strict), either, Expression::Anyone].into_iter().skip(self.0.random_range(0..3)).collect::<Vec<_>>();
        all.truncate(self.0.random_range(1..4));
        if self.chance(8) {
            all = all.into_iter().flat_map(|requires| vec![requires; self.0.random_range(1..4)]).collect();
        }
        let (mut after, mut tier) = (Duration::ZERO, if self.chance(3) { Tier::InternalNear } else { Tier::External });
        let conditions = self.chance(3);
        let steps = all.into_iter().map(|requires| {
            let ring = self.chance(3).then(|| Duration::from_secs(self.0.random_range(6..16)));
            let consider_if = if conditions { self.0.random_range(0..4) } else { 0 };
            let step = Step { after, requires, tier, ring, consider_if };
            after += Duration::from_secs(self.0.random_range(1..10));
            tier = if self.chance(2) { tier } else { tier.max([Tier::Internal, Tier::External][self.0.random_range(0..2)]) };
            step
        });
        let steps = steps.collect();
        let named = if self.chance(4) { (0..SEATS).filter(|_| self.chance(2)).map(SeatId).collect() } else { Vec::new() };
        Queue {
            name: id.to_string().into(),
            steps,
            seats: named,
            priority: None,
            wrap_up: if self.chance(2) { Duration::ZERO } else { self.seconds(10) },
            limit: if self.chance(3) { self.0.random_range(0..4) } else { 100 },
            ranking: if self.chance(2) { Some(self.ranking()) } else { None },
            retired: self.chance(20),
            helpers: if self.chance(3) { self.helpers() } else { Vec::new() },
            reserve: if self.chance(3) { Some(self.reserve()) } else { None },
            ..Queue::default()
        }
    }

    /// Sooner than rules may say it, so that it matters in a short schedule.
    fn helpers(&mut self) -> Vec<Helper> {
        let some: Vec<u32> = (0..SEATS).filter(|_| self.chance(3)).collect();
        some.into_iter().map(|seat| Helper { seat: SeatId(seat), after: self.seconds(15) }).collect()
    }

    fn reserve(&mut self) -> Reserve {
        let skill = SkillId(self.0.random_range(0..SKILLS));
        let waiting = self.0.random_range(0..5);
        Reserve {
            requires: Expression::AtLeast(Need { skill, at_least: self.0.random_range(1..=3) }),
            seats: if self.chance(2) { (0..SEATS).filter(|_| self.chance(2)).map(SeatId).collect() } else { Vec::new() },
            waiting,
            longest: if waiting > 0 && self.chance(2) { Duration::ZERO } else { self.seconds(12) },
        }
    }

    fn seat(&mut self, id: u32) -> Seat {
        Seat {
            name: id.to_string().into(),
            agent: "agent".into(),
            region: (!self.chance(4)).then(|| RegionId(self.0.random_range(0..REGIONS))),
            origin: if self.chance(3) { Origin::External } else { Origin::Internal },
            proficiency: (0..SKILLS).map(|_| if self.chance(3) { 0 } else { self.0.random_range(1..4) }).collect(),
            contact: (!self.chance(3)).then(|| if self.chance(6) { "sip:seat@phone.example" } else { "sip:seat@127.0.0.1" }.into()),
            ping: self.chance(5),
            secret: Secret::None,
            sha256: false,
            cleared: self.chance(2),
            customer_types: CustomerType::ALL.iter().copied().filter(|_| self.chance(3)).collect(),
            queues: Vec::new(),
            wrap_up: self.chance(4).then(|| Duration::from_secs(self.0.random_range(0..5))),
            sign_in: !self.chance(5),
            desk: hotline_rules::SeatDesk::default(),
            retired: self.chance(12),
        }
    }
}
