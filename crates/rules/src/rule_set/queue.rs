use super::{CalendarId, OutsideOverflow, Say};
use hotline_model::{Name, Need, Priority, Proficiency, QueueId, SeatId};
use std::time::Duration;

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its name.
    pub name: Name,
    /// Who may serve it: steps that only relax, the first from 0 s; at least one, at most 10.
    pub steps: Vec<Step>,
    /// Seats named for it; empty means every seat that its steps admit.
    pub seats: Vec<SeatId>,
    /// Priority of its calls where no menu set one.
    pub priority: Option<Priority>,
    /// Waiting time that it aims at, at most the answer time (R5): which of several queues a freed seat serves follows from waiting
    /// times as shares of it.
    pub target: Duration,
    /// How much such a share counts, 1 to 100.
    pub weight: u8,
    /// After-call work of its seats, 0 for none.
    pub wrap_up: Duration,
    /// Most calls that may wait in it; one more goes along the overflows to a queue with room, else it is told that all are busy.
    pub limit: u32,
    /// Where a call waits too after a breach of the answer clock (K3).
    pub overflow: Option<QueueId>,
    /// What its callers have outside the house.
    pub outward: Outward,
    /// A caller who breaks off in it and dials again from the same number within this takes up the old place; zero for never.
    pub resume: Duration,
    /// Said on entering.
    pub say: Vec<Say>,
    /// Said after a breach (R75).
    pub breach: Vec<Say>,
    /// Said every `announce_every` while waiting; zero for never.
    pub announce: Vec<Say>,
    /// See `announce`.
    pub announce_every: Duration,
    /// Caller and agent are told nothing and bridged at once; a call with a free seat rings it before any prompt ends.
    pub direct: bool,
    /// No longer in the files: takes no new calls; those that wait in it and can't be moved are served.
    pub retired: bool,
}

/// Call-back that keeps the place in the queue (virtual hold), or comes at a time that the caller chose.
#[derive(Clone, Debug)]
pub struct Callback {
    /// The key that asks for it while waiting; without one only menus lead to it.
    pub key: Option<char>,
    /// Said before the number is read back.
    pub say: Vec<Say>,
    /// Times of day that can be chosen, in minutes; at most 8.
    pub slots: Vec<u16>,
    /// On the open days of which calendar, and inside its hours, the slots are; there if they are.
    pub calendar: Option<CalendarId>,
    /// How often the customer is dialled, 1 to 10.
    pub attempts: u8,
    /// How long after an attempt that reached nobody the next one waits.
    pub retry: Duration,
    /// Most that are open at a time.
    pub limit: u32,
}

impl Default for Callback {
    fn default() -> Self {
        let (attempts, retry, limit) = (3, Duration::from_secs(600), 100);
        Self { key: None, say: Vec::new(), slots: Vec::new(), calendar: None, attempts, retry, limit }
    }
}

/// What a queue's callers have outside the house.
#[derive(Clone, Debug, Default)]
pub struct Outward {
    /// Who is called outside while a call goes on waiting after a breach (R13), in the order of time; at most 8.
    pub overflow: Vec<OutsideOverflow>,
    /// How its callers may be called back instead of waiting on the line.
    pub callback: Option<Callback>,
}

/// The least time that every whole number of seconds up to 30 divides, in microseconds.
const SCALE: u128 = 2_329_089_562_800 * 1_000_000;

impl Queue {
    /// What each microsecond of waiting in it counts where a seat compares calls of several queues: its weight by its target. Exact
    /// for targets of whole seconds up to the 30 s of the manual (R5), else rounded down by at most two millionths. It is never 0,
    /// so inside a queue who waited longer counts more.
    pub fn factor(&self) -> u64 {
        let scaled = u128::from(self.weight.max(1)) * SCALE / self.target.as_micros().max(1_000_000);
        u64::try_from(scaled).unwrap_or(u64::MAX).max(1)
    }
}

/// From some waiting time on, who may serve a queue.
#[derive(Clone, Debug)]
pub struct Step {
    /// Waiting time from which it holds.
    pub after: Duration,
    /// What a seat must master.
    pub requires: Expression,
}

/// A condition on a seat's skills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// Everybody.
    Anyone,
    /// `skill >= n`.
    AtLeast(Need),
    /// All of them.
    All(Vec<Expression>),
    /// One of them.
    Any(Vec<Expression>),
}

impl Expression {
    /// Whether proficiencies (by [`hotline_model::SkillId`]) fulfil it.
    pub fn admits(&self, proficiency: &[Proficiency]) -> bool {
        match self {
            Self::Anyone => true,
            Self::AtLeast(need) => has(proficiency, *need),
            Self::All(parts) => parts.iter().all(|part| part.admits(proficiency)),
            Self::Any(parts) => parts.iter().any(|part| part.admits(proficiency)),
        }
    }
}

/// Whether proficiencies (by [`hotline_model::SkillId`]) fulfil one need.
pub(crate) fn has(proficiency: &[Proficiency], need: Need) -> bool {
    proficiency.get(need.skill.index()).is_some_and(|mastered| *mastered >= need.at_least)
}
