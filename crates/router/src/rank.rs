use crate::eligible::LineKey;
use hotline_model::history::DecidingKey;
use hotline_model::{SeatId, SkillId};
use hotline_rules::{Expression, Key, Plan};

/// A seat's static rank in a line, the smaller the better: step, tier, then what `assign.keys` say before longest idle.
/// Seats of equal rank go by longest idle.
pub(crate) type Rank = [u32; 5];

/// What the places of a [`Rank`] mean.
#[derive(Debug, Default)]
pub(crate) struct Order {
    parts: Vec<Part>,
    /// How many places of a rank come before the owner's key; `None` if there is none.
    owner_after: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    StepProficiency,
    OtherProficiency,
    Region,
}

const STATIC: usize = 2;

impl Order {
    /// Keys after longest idle decide nothing, since idle times hardly ever tie; a key named twice counts once.
    pub fn new(keys: &[Key]) -> Self {
        let mut order = Self::default();
        for key in keys.iter().take_while(|key| **key != Key::LongestIdle) {
            match key {
                Key::Owner => order.owner_after = order.owner_after.or(Some(STATIC + order.parts.len())),
                Key::Proficiency => order.add(&[Part::StepProficiency, Part::OtherProficiency]),
                Key::Region => order.add(&[Part::Region]),
                Key::LongestIdle => {}
            }
        }
        order
    }

    fn add(&mut self, parts: &[Part]) {
        if !self.parts.contains(&parts[0]) {
            self.parts.extend_from_slice(parts);
        }
    }

    pub fn has_owner(&self) -> bool {
        self.owner_after.is_some()
    }

    /// Whether two ranks are equal in all that comes before the owner's key.
    pub fn owner_decides(&self, a: &Rank, b: &Rank) -> bool {
        self.owner_after.is_some_and(|places| a[..places] == b[..places])
    }

    /// What makes the better of two ranks better.
    pub fn difference(&self, a: &Rank, b: &Rank) -> DecidingKey {
        match a.iter().zip(b).position(|(a, b)| a != b) {
            None => DecidingKey::LongestIdle,
            Some(0) => DecidingKey::Step,
            Some(1) => DecidingKey::Tier,
            Some(place) => match self.parts.get(place - STATIC) {
                Some(Part::StepProficiency | Part::OtherProficiency) => DecidingKey::Proficiency,
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
}

impl<'a> Ranker<'a> {
    pub fn new(plan: &'a Plan, order: &'a Order, key: &'a LineKey) -> Self {
        let asked = plan.queue(key.queue).steps.iter().map(|step| {
            let mut skills = Vec::new();
            collect(&step.requires, &mut skills);
            skills.sort_unstable();
            skills.dedup();
            let mut others: Vec<SkillId> = key.needs.iter().map(|need| need.skill).filter(|skill| !skills.contains(skill)).collect();
            others.dedup();
            (skills, others)
        });
        Self { plan, order, key, asked: asked.collect() }
    }

    /// The seat's proficiency in the skills that its step asks for (R40).
    pub fn proficiency(&self, seat: SeatId, step: usize) -> u32 {
        self.sum(seat, &self.asked[step].0)
    }

    pub fn rank(&self, seat: SeatId, step: usize, tier: usize) -> Rank {
        let mut rank = [step as u32, tier as u32, 0, 0, 0];
        for (place, part) in rank[STATIC..].iter_mut().zip(&self.order.parts) {
            *place = match part {
                Part::StepProficiency => u32::MAX - self.proficiency(seat, step),
                Part::OtherProficiency => u32::MAX - self.sum(seat, &self.asked[step].1),
                Part::Region => self.distance(seat),
            };
        }
        rank
    }

    fn sum(&self, seat: SeatId, skills: &[SkillId]) -> u32 {
        let proficiency = &self.plan.seat(seat).proficiency;
        skills.iter().map(|skill| proficiency.get(skill.index()).map_or(0, |mastered| u32::from(*mastered))).sum()
    }

    /// Distance between caller and seat (R42): 0 if the caller's region is unknown, the longest if only the seat's is.
    fn distance(&self, seat: SeatId) -> u32 {
        let Some(caller) = self.key.region else { return 0 };
        let seat = self.plan.seat(seat).region;
        seat.and_then(|seat| self.plan.distance_between(caller, seat)).unwrap_or(u32::MAX)
    }
}

fn collect(expression: &Expression, skills: &mut Vec<SkillId>) {
    match expression {
        Expression::Anyone => {}
        Expression::AtLeast(need) => skills.push(need.skill),
        Expression::All(parts) | Expression::Any(parts) => parts.iter().for_each(|part| collect(part, skills)),
    }
}
