use super::{Branch, CalendarId, Origin, OutsideOverflow, Ranking, Say, Seat, Tier};
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
    /// The order of its seats inside a tier, if not that of `[assign]`.
    pub ranking: Option<Ranking>,
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
    /// Seats beside its own that may have a call that has waited too long; by seat, each once.
    pub helpers: Vec<Helper>,
    /// Seats that serve it only while it is crowded.
    pub reserve: Option<Reserve>,
    /// While this calendar is closed, `closed` is taken instead of the queue.
    pub hours: Option<CalendarId>,
    /// See `hours`; goes to a queue, a menu or a goodbye.
    pub closed: Option<Branch>,
    /// What becomes of calls that wait in it as `hours` end.
    pub closing: Closing,
    /// Taken by a call that no seat could ever serve, since nobody who may is signed in and reachable.
    pub nobody: Option<Nobody>,
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
    /// The prompt that names it to the agent before the bridge, where `desk.whisper` is on.
    pub whisper: Option<Name>,
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

impl Default for Queue {
    /// A queue without a name that everybody serves at once, without a limit.
    fn default() -> Self {
        Self {
            ranking: None,
            name: "".into(),
            steps: vec![Step::default()],
            seats: Vec::new(),
            priority: None,
            target: Duration::from_secs(30),
            weight: 1,
            wrap_up: Duration::ZERO,
            limit: u32::MAX,
            overflow: None,
            helpers: Vec::new(),
            reserve: None,
            outward: Outward::default(),
            hours: None,
            closed: None,
            closing: Closing::Serve,
            nobody: None,
            resume: Duration::ZERO,
            say: Vec::new(),
            breach: Vec::new(),
            announce: Vec::new(),
            announce_every: Duration::ZERO,
            whisper: None,
            direct: false,
            retired: false,
        }
    }
}

impl Queue {
    /// The time from which a seat that is none of its own may have its calls, if it ever may.
    pub fn helped_by(&self, seat: SeatId) -> Option<Duration> {
        let place = self.helpers.binary_search_by_key(&seat, |helper| helper.seat).ok()?;
        self.helpers.get(place).map(|helper| helper.after)
    }

    /// What each microsecond of waiting in it counts where a seat compares calls of several queues: its weight by its target. Exact
    /// for targets of whole seconds up to the 30 s of the manual (R5), else rounded down by at most two millionths. It is never 0,
    /// so inside a queue who waited longer counts more.
    pub fn factor(&self) -> u64 {
        let scaled = u128::from(self.weight.max(1)) * SCALE / self.target.as_micros().max(1_000_000);
        u64::try_from(scaled).unwrap_or(u64::MAX).max(1)
    }
}

/// A seat beside those of a queue's steps, that may have its calls in the last resort. It asks for no skill but those that the call itself needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Helper {
    /// Who.
    pub seat: SeatId,
    /// Waiting time from which it may: the answer time (R5) and what the rules say beyond it.
    pub after: Duration,
}

/// From some waiting time on, who may serve a queue.
#[derive(Clone, Debug)]
pub struct Step {
    /// Waiting time from which it holds, at the latest: see `consider_if`.
    pub after: Duration,
    /// What a seat must master.
    pub requires: Expression,
    /// Up to which tier it admits seats: `InternalNear` our own near the caller, `Internal` our own, `External` everybody's.
    pub tier: Tier,
    /// Longest ring of offers made while it is the last step in force, instead of `timers.ring_per_offer`.
    pub ring: Option<Duration>,
    /// It is waited in only while so many of the seats that it or an earlier step admits are signed in and reachable; with fewer, the
    /// next step holds as soon as this one does. Seats that the call can't have and those of the reserve are not counted; 0 for always.
    pub consider_if: u32,
}

impl Step {
    /// Whether it admits a seat, to a caller who is near it.
    pub fn admits(&self, seat: &Seat) -> bool {
        (seat.origin == Origin::Internal || self.tier == Tier::External) && self.requires.admits(&seat.proficiency)
    }
}

impl Default for Step {
    /// Everybody, at once.
    fn default() -> Self {
        Self { after: Duration::ZERO, requires: Expression::Anyone, tier: Tier::External, ring: None, consider_if: 0 }
    }
}

/// Seats that serve a queue only while it is crowded: while it has `waiting` calls, or its longest has waited `longest`.
/// An offer that rings as the crowd is over rings on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// What its seats master, unless they are named.
    pub requires: Expression,
    /// Seats named for it; empty means every seat of the queue that masters `requires`.
    pub seats: Vec<SeatId>,
    /// So many calls wait in the queue, by entry or by overflow; 0 for never.
    pub waiting: u32,
    /// The longest of them has waited so long from its effective entry time; zero for never.
    pub longest: Duration,
}

impl Reserve {
    /// Whether a seat of the queue is one of it.
    pub fn has(&self, id: SeatId, proficiency: &[Proficiency]) -> bool {
        if self.seats.is_empty() { self.requires.admits(proficiency) } else { self.seats.binary_search(&id).is_ok() }
    }
}

/// What becomes of the calls that wait in a queue as its hours end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// They are served.
    Serve,
    /// They take [`Queue::closed`].
    Leave,
}

/// What a call does that nobody could ever serve.
#[derive(Clone, Debug)]
pub struct Nobody {
    /// How long nobody who may serve it must have been signed in and reachable.
    pub after: Duration,
    /// What is done then.
    pub go: Branch,
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
