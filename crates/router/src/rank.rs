use crate::eligible::LineKey;
use crate::idle::Idle;
use hotline_model::history::DecidingKey;
use hotline_model::{SeatId, SkillId};
use hotline_rules::{Expression, Key, Plan, Ranking};

/// A seat's static rank in a line, the smaller the better: step, tier, then what the keys say before longest idle, or the score.
/// Seats of equal rank go by their line's [`Idle`].
pub(crate) type Rank = [u32; 6];

/// An agent of the caller's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Owns the caller's matter (R57).
    Owner,
    /// Spoke with the caller last (R43).
    Last,
    /// The customer prefers it (R43).
    Preferred,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Owner, Self::Last, Self::Preferred];

    pub fn key(self) -> DecidingKey {
        match self {
            Self::Owner => DecidingKey::Owner,
            Self::Last => DecidingKey::LastAgent,
            Self::Preferred => DecidingKey::Preferred,
        }
    }
}

/// What the places of a [`Rank`] mean, and what a caller's own agents have before others.
#[derive(Debug, Default)]
pub(crate) struct Order {
    parts: Vec<Part>,
    /// By keys: how many places of a rank come before each of these roles, the most telling first.
    roles: Vec<(Role, usize)>,
    weights: Vec<(Key, u32)>,
    idle: Idle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    StepProficiency,
    OtherProficiency,
    LeastForStep,
    LeastOther,
    Region,
    CustomerType,
    Score,
}

const STATIC: usize = 2;
/// The best score.
const MOST_POINTS: u32 = 63;
/// A factor that holds in full.
const FULL: u32 = 1_000;
/// Proficiency 10 in per mille.
const PER_LEVEL: u32 = 100;

impl Order {
    pub fn new(ranking: &Ranking) -> Self {
        match ranking {
            Ranking::Keys(keys) => Self::by_keys(keys),
            Ranking::Weights(weights) => Self { parts: vec![Part::Score], weights: weights.clone(), ..Self::default() },
        }
    }

    /// Keys after longest idle decide nothing, since idle times hardly ever tie; a key named twice counts once.
    fn by_keys(keys: &[Key]) -> Self {
        let mut order = Self::default();
        for key in keys.iter().take_while(|key| **key != Key::LongestIdle) {
            match key {
                Key::Owner => order.prefer_owner(),
                Key::Preference => order.prefer(&[Role::Preferred]),
                Key::Proficiency => order.add(&[Part::StepProficiency, Part::OtherProficiency]),
                Key::LeastSufficient => order.add(&[Part::LeastForStep, Part::LeastOther]),
                Key::Region => order.add(&[Part::Region]),
                Key::CustomerType => order.add(&[Part::CustomerType]),
                Key::LeastOccupied | Key::Responsiveness => order.idle.add(*key),
                Key::LongestIdle => {}
            }
        }
        order
    }

    /// The rules have no static key after a dynamic one. Of two opposites the later has nothing left to decide.
    fn add(&mut self, parts: &[Part]) {
        let opposite = |part: &Part| match part {
            Part::LeastForStep => self.parts.contains(&Part::StepProficiency),
            Part::StepProficiency => self.parts.contains(&Part::LeastForStep),
            Part::OtherProficiency | Part::LeastOther | Part::Region | Part::CustomerType | Part::Score => false,
        };
        if !self.idle.is_dynamic() && !self.parts.contains(&parts[0]) && !opposite(&parts[0]) {
            self.parts.extend_from_slice(parts);
        }
    }

    /// Named first, it puts the owner before all tiers too (R45, R57).
    fn prefer_owner(&mut self) {
        let is_first = self.parts.is_empty() && self.roles.is_empty() && !self.idle.is_dynamic();
        self.prefer(&[Role::Owner, Role::Last]);
        if is_first {
            self.roles[0].1 = 0;
        }
    }

    fn prefer(&mut self, roles: &[Role]) {
        let places = STATIC + self.parts.len();
        if !self.idle.is_dynamic() && self.roles.iter().all(|(role, _)| !roles.contains(role)) {
            self.roles.extend(roles.iter().map(|role| (*role, places)));
        }
    }

    /// The order of seats of equal rank.
    pub fn idle(&self) -> Idle {
        self.idle
    }

    /// Whether the caller's customer type makes a difference.
    pub fn asks_customer_type(&self) -> bool {
        self.parts.contains(&Part::CustomerType) || self.weight(Key::CustomerType) > 0
    }

    /// Whether seats of equal rank are equally proficient in what their step asks for.
    pub fn asks_proficiency(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::StepProficiency | Part::LeastForStep))
    }

    pub fn is_by_weights(&self) -> bool {
        !self.weights.is_empty()
    }

    /// The caller's own agents who go before others, the most telling first, each with the number of places in which it must equal the
    /// best: none for one who goes before all tiers.
    pub fn roles(&self) -> &[(Role, usize)] {
        &self.roles
    }

    /// What a caller's own agent gains: the owner in full, the one who spoke last the half of it.
    fn gain(&self, role: Role) -> u32 {
        match role {
            Role::Owner => self.points(Key::Owner, FULL),
            Role::Last => self.points(Key::Owner, FULL / 2),
            Role::Preferred => self.points(Key::Preference, FULL),
        }
    }

    /// What a seat gains that is so many of these to the caller.
    pub fn gained(&self, has: impl Fn(Role) -> bool) -> u32 {
        let history = [Role::Owner, Role::Last].into_iter().find(|role| has(*role)).map_or(0, |role| self.gain(role));
        history + if has(Role::Preferred) { self.gain(Role::Preferred) } else { 0 }
    }

    fn weight(&self, key: Key) -> u32 {
        self.weights.iter().filter(|(one, _)| *one == key).map(|(_, weight)| weight).sum()
    }

    /// The part of the score that a key brings which holds for so many per mille, cut to whole points.
    fn points(&self, key: Key, per_mille: u32) -> u32 {
        let all: u64 = self.weights.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let points = u64::from(MOST_POINTS) * u64::from(self.weight(key)) * u64::from(per_mille);
        points.checked_div(all * u64::from(FULL)).and_then(|points| u32::try_from(points).ok()).unwrap_or(0)
    }

    /// What makes the better of two ranks better.
    pub fn difference(&self, a: &Rank, b: &Rank) -> DecidingKey {
        match a.iter().zip(b).position(|(a, b)| a != b) {
            None => self.idle.key(),
            Some(0) => DecidingKey::Step,
            Some(1) => DecidingKey::Tier,
            Some(place) => match self.parts.get(place - STATIC) {
                Some(Part::StepProficiency | Part::OtherProficiency) => DecidingKey::Proficiency,
                Some(Part::LeastForStep | Part::LeastOther) => DecidingKey::LeastSufficient,
                Some(Part::CustomerType) => DecidingKey::CustomerType,
                Some(Part::Score) => DecidingKey::Score,
                Some(Part::Region) | None => DecidingKey::Region,
            },
        }
    }
}

/// Ranks the seats of one line.
pub(crate) struct Ranker<'a> {
    plan: &'a Plan,
    order: &'a Order,
    key: &'a LineKey,
    /// The skills that each step asks for, and those that only the caller asks for.
    asked: Vec<(Vec<SkillId>, Vec<SkillId>)>,
    /// The longest distance that the table has.
    farthest: u32,
}

impl<'a> Ranker<'a> {
    pub fn new(plan: &'a Plan, order: &'a Order, key: &'a LineKey) -> Self {
        let asked = plan.queue(key.queue).steps.iter().map(|step| {
            let mut skills = Vec::new();
            ask(&step.requires, &mut skills);
            let mut others: Vec<SkillId> = key.needs.iter().map(|need| need.skill).filter(|skill| !skills.contains(skill)).collect();
            others.dedup();
            (skills, others)
        });
        let distances = plan.distance.iter().flatten().copied().filter(|distance| *distance != u32::MAX && order.is_by_weights());
        Self { plan, order, key, asked: asked.collect(), farthest: distances.max().unwrap_or(0).max(1) }
    }

    /// The seat's proficiency in the skills that its step asks for (R40).
    pub fn proficiency(&self, seat: SeatId, step: usize) -> u32 {
        self.sum(seat, &self.asked[step].0)
    }

    pub fn rank(&self, seat: SeatId, step: usize, tier: usize) -> Rank {
        let mut rank = [step as u32, tier as u32, 0, 0, 0, 0];
        for (place, part) in rank[STATIC..].iter_mut().zip(&self.order.parts) {
            *place = match part {
                Part::StepProficiency => u32::MAX - self.proficiency(seat, step),
                Part::OtherProficiency => u32::MAX - self.sum(seat, &self.asked[step].1),
                Part::LeastForStep => self.proficiency(seat, step),
                Part::LeastOther => self.sum(seat, &self.asked[step].1),
                Part::Region => self.distance(seat),
                Part::CustomerType => u32::from(!self.is_for_customer(seat)),
                Part::Score => MOST_POINTS - self.score(seat, step),
            };
        }
        rank
    }

    /// The score of a seat of this rank that has gained so much as the caller's own; `None` where no weights order the seats.
    pub fn points(&self, rank: &Rank, gained: u32) -> Option<u32> {
        self.order.is_by_weights().then(|| MOST_POINTS - rank[STATIC].saturating_sub(gained))
    }

    fn sum(&self, seat: SeatId, skills: &[SkillId]) -> u32 {
        sum(self.plan, seat, skills)
    }

    /// Distance between caller and seat (R42): 0 if the caller's region is unknown, the longest if only the seat's is.
    fn distance(&self, seat: SeatId) -> u32 {
        let Some(caller) = self.key.region else { return 0 };
        let seat = self.plan.seat(seat).region;
        seat.and_then(|seat| self.plan.distance_between(caller, seat)).unwrap_or(u32::MAX)
    }

    fn is_for_customer(&self, seat: SeatId) -> bool {
        self.key.customer_type.is_some_and(|kind| self.plan.seat(seat).customer_types.contains(&kind))
    }

    /// What the weights give a seat, before what it gains as the caller's own.
    fn score(&self, seat: SeatId, step: usize) -> u32 {
        let (asked, others) = &self.asked[step];
        let skills = (asked.len() + others.len()).max(1) as u32;
        let mastered = ((self.sum(seat, asked) + self.sum(seat, others)) * PER_LEVEL / skills).min(FULL);
        let far = (u64::from(self.distance(seat).min(self.farthest)) * u64::from(FULL) / u64::from(self.farthest)) as u32;
        let holds = [
            (Key::Proficiency, mastered),
            (Key::LeastSufficient, FULL - mastered),
            (Key::Region, FULL - far),
            (Key::CustomerType, if self.is_for_customer(seat) { FULL } else { 0 }),
        ];
        holds.into_iter().map(|(key, per_mille)| self.order.points(key, per_mille)).sum::<u32>().min(MOST_POINTS)
    }
}

/// A seat's proficiency in the skills that an expression asks for (R40), which are listed anew.
pub(crate) fn proficiency(plan: &Plan, seat: SeatId, expression: &Expression, skills: &mut Vec<SkillId>) -> u32 {
    ask(expression, skills);
    sum(plan, seat, skills)
}

fn sum(plan: &Plan, seat: SeatId, skills: &[SkillId]) -> u32 {
    let proficiency = &plan.seat(seat).proficiency;
    skills.iter().map(|skill| proficiency.get(skill.index()).map_or(0, |mastered| u32::from(*mastered))).sum()
}

/// Lists the skills that an expression asks for, each once.
fn ask(expression: &Expression, skills: &mut Vec<SkillId>) {
    skills.clear();
    collect(expression, skills);
    skills.sort_unstable();
    skills.dedup();
}

fn collect(expression: &Expression, skills: &mut Vec<SkillId>) {
    match expression {
        Expression::Anyone => {}
        Expression::AtLeast(need) => skills.push(need.skill),
        Expression::All(parts) | Expression::Any(parts) => parts.iter().for_each(|part| collect(part, skills)),
    }
}
