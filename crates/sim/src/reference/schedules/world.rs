//! The rules of a random world as a file holds them: all that [`super::Worlds`] draws, in numbers. What is not written is as in a
//! [`Plan`] by default.

use hotline_model::{CustomerType, Need, QueueId, RegionId, SeatId, SkillId};
use hotline_rules::{
    Assign, Delays, Expression, Helper, Key, Origin, Plan, Priorities, Queue, Ranking, Region, Reserve, Rona, RonaAction, Seat, Secret,
    Serves, Skill, Step, Tier, Timers, WaitFor,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

fn is_plain<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn ms(time: Duration) -> u64 {
    time.as_millis() as u64
}

const fn time(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    pub skills: usize,
    /// Between regions, of which there are as many as rows.
    pub distance: Vec<Vec<u32>>,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub near: u32,
    /// With the hold of each.
    pub tiers: Vec<(String, u64)>,
    pub ranking: Order,
    /// For the owner, the last and the preferred agent.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub wait_for_ms: (u64, u64, u64),
    #[serde(default, skip_serializing_if = "is_plain")]
    pub ageing_ms: u64,
    /// The shortest and the longest ring, and until an unreachable seat is tried again; else as by default.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub rings_ms: Option<(u64, u64, u64)>,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub rona_retries: bool,
    pub strikes: u8,
    pub retry_after_ms: u64,
    pub busy_ms: u64,
    pub rejected_ms: u64,
    #[serde(rename = "queue")]
    pub queues: Vec<InQueue>,
    #[serde(rename = "seat")]
    pub seats: Vec<AtSeat>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InQueue {
    #[serde(default, skip_serializing_if = "is_plain")]
    pub seats: Vec<u32>,
    pub target_ms: u64,
    pub weight: u8,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub wrap_up_ms: u64,
    pub limit: u32,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub ranking: Option<Order>,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub retired: bool,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub reserve: Option<InReserve>,
    /// Each with the waiting time from which it helps.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub helpers: Vec<(u32, u64)>,
    #[serde(rename = "step")]
    pub steps: Vec<AfterTime>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InReserve {
    pub requires: Requires,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub seats: Vec<u32>,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub waiting: u32,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub longest_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AfterTime {
    #[serde(default, skip_serializing_if = "is_plain")]
    pub after_ms: u64,
    pub tier: String,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub ring_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub consider_if: u32,
    pub requires: Requires,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    Keys(Vec<String>),
    Weights(Vec<(String, u32)>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requires {
    Anyone,
    /// A skill, and how well.
    AtLeast(u16, u8),
    All(Vec<Requires>),
    Any(Vec<Requires>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtSeat {
    pub proficiency: Vec<u8>,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub region: Option<u16>,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub external: bool,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub contact: Option<String>,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub ping: bool,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub cleared: bool,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub customer_types: Vec<CustomerType>,
    /// Each with its priority and its delay in milliseconds.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub queues: Vec<(u16, u8, u64)>,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub wrap_up_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub signed_out: bool,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub retired: bool,
}

const TIERS: [(&str, Tier); 3] = [("near", Tier::InternalNear), ("internal", Tier::Internal), ("external", Tier::External)];
const KEYS: [(&str, Key); 9] = [
    ("owner", Key::Owner),
    ("preference", Key::Preference),
    ("proficiency", Key::Proficiency),
    ("least_sufficient", Key::LeastSufficient),
    ("region", Key::Region),
    ("customer_type", Key::CustomerType),
    ("least_occupied", Key::LeastOccupied),
    ("responsiveness", Key::Responsiveness),
    ("longest_idle", Key::LongestIdle),
];

fn word<T: PartialEq>(words: &[(&str, T)], value: &T) -> String {
    words.iter().find(|(_, other)| other == value).expect("each has a word").0.into()
}

fn meant<T: Copy>(words: &[(&str, T)], word: &str) -> T {
    words.iter().find(|(other, _)| *other == word).unwrap_or_else(|| panic!("nothing is called {word}")).1
}

fn ids(seats: &[SeatId]) -> Vec<u32> {
    seats.iter().map(|seat| seat.0).collect()
}

fn seat_ids(seats: &[u32]) -> Vec<SeatId> {
    seats.iter().copied().map(SeatId).collect()
}

impl From<&Plan> for World {
    fn from(plan: &Plan) -> Self {
        let Assign { tiers, ranking, wait_for, near, rona, delays, .. } = &plan.assign;
        Self {
            skills: plan.skills.len(),
            distance: plan.distance.clone(),
            near: *near,
            tiers: tiers.iter().map(|(tier, hold)| (word(&TIERS, tier), ms(*hold))).collect(),
            ranking: ranking.into(),
            wait_for_ms: (ms(wait_for.owner), ms(wait_for.last), ms(wait_for.preferred)),
            ageing_ms: ms(plan.priorities.ageing),
            rings_ms: Some(rings(&plan.timers)).filter(|drawn| *drawn != rings(&Timers::default())),
            rona_retries: rona.action == RonaAction::Retry,
            strikes: rona.strikes,
            retry_after_ms: ms(rona.retry_after),
            busy_ms: ms(delays.busy),
            rejected_ms: ms(delays.rejected),
            queues: plan.queues.iter().map(InQueue::from).collect(),
            seats: plan.seats.iter().map(AtSeat::from).collect(),
        }
    }
}

impl World {
    pub fn plan(&self) -> Plan {
        let name = |id: usize| id.to_string().into();
        let (owner, last, preferred) = self.wait_for_ms;
        let tiers = self.tiers.iter().map(|(tier, hold)| (meant(&TIERS, tier), time(*hold)));
        Plan {
            skills: (0..self.skills).map(|id| Skill { name: name(id), retired: false }).collect(),
            regions: (0..self.distance.len()).map(|id| Region { name: name(id), area_codes: Vec::new(), retired: false }).collect(),
            distance: self.distance.clone(),
            queues: self.queues.iter().enumerate().map(|(id, queue)| Queue { name: name(id), ..queue.queue() }).collect(),
            seats: self.seats.iter().enumerate().map(|(id, seat)| Seat { name: name(id), ..seat.seat() }).collect(),
            assign: Assign {
                tiers: tiers.collect(),
                ranking: self.ranking.ranking(),
                wait_for: WaitFor { owner: time(owner), last: time(last), preferred: time(preferred) },
                near: self.near,
                rona: Rona {
                    action: if self.rona_retries { RonaAction::Retry } else { RonaAction::NotReady },
                    strikes: self.strikes,
                    retry_after: time(self.retry_after_ms),
                },
                delays: Delays { busy: time(self.busy_ms), rejected: time(self.rejected_ms) },
                ..Assign::default()
            },
            priorities: Priorities { ageing: time(self.ageing_ms), ..Priorities::default() },
            timers: self.timers(),
            ..Plan::default()
        }
    }

    fn timers(&self) -> Timers {
        let plain = Timers::default();
        match self.rings_ms {
            Some((shortest, longest, retry)) => {
                Timers { ring_min: time(shortest), ring_per_offer: time(longest), unreachable_retry: time(retry), ..plain }
            }
            None => plain,
        }
    }
}

fn rings(timers: &Timers) -> (u64, u64, u64) {
    (ms(timers.ring_min), ms(timers.ring_per_offer), ms(timers.unreachable_retry))
}

impl From<&Queue> for InQueue {
    fn from(queue: &Queue) -> Self {
        let reserve = |reserve: &Reserve| InReserve {
            requires: (&reserve.requires).into(),
            seats: ids(&reserve.seats),
            waiting: reserve.waiting,
            longest_ms: ms(reserve.longest),
        };
        Self {
            seats: ids(&queue.seats),
            target_ms: ms(queue.target),
            weight: queue.weight,
            wrap_up_ms: ms(queue.wrap_up),
            limit: queue.limit,
            ranking: queue.ranking.as_ref().map(Order::from),
            retired: queue.retired,
            reserve: queue.reserve.as_ref().map(reserve),
            helpers: queue.helpers.iter().map(|helper| (helper.seat.0, ms(helper.after))).collect(),
            steps: queue.steps.iter().map(AfterTime::from).collect(),
        }
    }
}

impl InQueue {
    fn queue(&self) -> Queue {
        let reserve = |reserve: &InReserve| Reserve {
            requires: reserve.requires.expression(),
            seats: seat_ids(&reserve.seats),
            waiting: reserve.waiting,
            longest: time(reserve.longest_ms),
        };
        Queue {
            seats: seat_ids(&self.seats),
            target: time(self.target_ms),
            weight: self.weight,
            wrap_up: time(self.wrap_up_ms),
            limit: self.limit,
            ranking: self.ranking.as_ref().map(Order::ranking),
            retired: self.retired,
            reserve: self.reserve.as_ref().map(reserve),
            helpers: self.helpers.iter().map(|(seat, after)| Helper { seat: SeatId(*seat), after: time(*after) }).collect(),
            steps: self.steps.iter().map(AfterTime::step).collect(),
            ..Queue::default()
        }
    }
}

impl From<&Step> for AfterTime {
    fn from(step: &Step) -> Self {
        Self {
            after_ms: ms(step.after),
            tier: word(&TIERS, &step.tier),
            ring_ms: step.ring.map(ms),
            consider_if: step.consider_if,
            requires: (&step.requires).into(),
        }
    }
}

impl AfterTime {
    fn step(&self) -> Step {
        Step {
            after: time(self.after_ms),
            tier: meant(&TIERS, &self.tier),
            ring: self.ring_ms.map(time),
            consider_if: self.consider_if,
            requires: self.requires.expression(),
        }
    }
}

impl From<&Ranking> for Order {
    fn from(ranking: &Ranking) -> Self {
        match ranking {
            Ranking::Keys(keys) => Self::Keys(keys.iter().map(|key| word(&KEYS, key)).collect()),
            Ranking::Weights(weights) => Self::Weights(weights.iter().map(|(key, weight)| (word(&KEYS, key), *weight)).collect()),
        }
    }
}

impl Order {
    fn ranking(&self) -> Ranking {
        match self {
            Self::Keys(keys) => Ranking::Keys(keys.iter().map(|key| meant(&KEYS, key)).collect()),
            Self::Weights(weights) => Ranking::Weights(weights.iter().map(|(key, weight)| (meant(&KEYS, key), *weight)).collect()),
        }
    }
}

impl From<&Expression> for Requires {
    fn from(expression: &Expression) -> Self {
        let all = |parts: &[Expression]| parts.iter().map(Self::from).collect();
        match expression {
            Expression::Anyone => Self::Anyone,
            Expression::AtLeast(need) => Self::AtLeast(need.skill.0, need.at_least),
            Expression::All(parts) => Self::All(all(parts)),
            Expression::Any(parts) => Self::Any(all(parts)),
        }
    }
}

impl Requires {
    fn expression(&self) -> Expression {
        let all = |parts: &[Self]| parts.iter().map(Self::expression).collect();
        match self {
            Self::Anyone => Expression::Anyone,
            Self::AtLeast(skill, at_least) => Expression::AtLeast(Need { skill: SkillId(*skill), at_least: *at_least }),
            Self::All(parts) => Expression::All(all(parts)),
            Self::Any(parts) => Expression::Any(all(parts)),
        }
    }
}

impl From<&Seat> for AtSeat {
    fn from(seat: &Seat) -> Self {
        Self {
            proficiency: seat.proficiency.clone(),
            region: seat.region.map(|region| region.0),
            external: seat.origin == Origin::External,
            contact: seat.contact.clone(),
            ping: seat.ping,
            cleared: seat.cleared,
            customer_types: seat.customer_types.clone(),
            queues: seat.queues.iter().map(|serves| (serves.queue.0, serves.priority, ms(serves.delay))).collect(),
            wrap_up_ms: seat.wrap_up.map(ms),
            signed_out: !seat.sign_in,
            retired: seat.retired,
        }
    }
}

impl AtSeat {
    fn seat(&self) -> Seat {
        let serves =
            |(queue, priority, delay): &(u16, u8, u64)| Serves { queue: QueueId(*queue), priority: *priority, delay: time(*delay) };
        Seat {
            name: "".into(),
            agent: "agent".into(),
            region: self.region.map(RegionId),
            origin: if self.external { Origin::External } else { Origin::Internal },
            proficiency: self.proficiency.clone(),
            contact: self.contact.clone(),
            ping: self.ping,
            secret: Secret::None,
            sha256: false,
            cleared: self.cleared,
            customer_types: self.customer_types.clone(),
            queues: self.queues.iter().map(serves).collect(),
            wrap_up: self.wrap_up_ms.map(time),
            sign_in: !self.signed_out,
            desk: hotline_rules::SeatDesk::default(),
            retired: self.retired,
        }
    }
}

#[test]
fn a_world_written_down_and_read_again_is_the_same_world() {
    for seed in 0..500 {
        let drawn = Plan { revision: hotline_model::Revision::default(), ..super::Worlds::new(seed).plan(6) };
        let text = toml::to_string(&World::from(&drawn)).unwrap();
        let read: World = toml::from_str(&text).unwrap();
        let (drawn, read) = (format!("{drawn:#?}"), format!("{:#?}", read.plan()));
        let differs = drawn.lines().zip(read.lines()).find(|(drawn, read)| drawn != read);
        assert!(drawn == read, "seed {seed}: what the worlds draw now, the files have to tell too: {differs:?}");
    }
}
