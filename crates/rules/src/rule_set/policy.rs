use hotline_model::{Category, Class, ComplaintLevel, Impact, Kind, Need, Priority, Profile, Topic};
use std::time::Duration;

/// From when the answer clock K3 runs (H2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerClockStart {
    /// From entering the queue.
    Queue,
    /// From arrival.
    Arrival,
}

/// Clocks and rings (manual.md Part J, `timers.*`).
#[derive(Clone, Debug)]
pub struct Timers {
    /// K1, R2: at most 3 s.
    pub pickup: Duration,
    /// K2, R10: 1 to 3 s.
    pub voice_response: Duration,
    /// K3, R5: at most 30 s.
    pub answer: Duration,
    /// From when K3 runs.
    pub answer_clock_start: AnswerClockStart,
    /// K9, R59: how long the receiver of a transfer has to answer; at most 30 s.
    pub transfer_answer: Duration,
    /// K4, R6.
    pub first_communication: Duration,
    /// K5, R7.
    pub handling: Duration,
    /// K8, R19: call-backs.
    pub deferred_response: Duration,
    /// K11, R79.
    pub complaint_record: Duration,
    /// K29, R80: from the answer of a complaint until its initial investigation.
    pub complaint_investigation: Duration,
    /// R45: how long a dedicated agent has at least for a session.
    pub dedicated_min: Duration,
    /// Share of a limit after which a clock warns.
    pub warn_at: f64,
    /// Longest ring of one offer.
    pub ring_per_offer: Duration,
    /// Shortest ring of one offer.
    pub ring_min: Duration,
    /// No 1xx within this: the seat is unreachable.
    pub no_progress: Duration,
    /// After this a seat whose phone did not answer an INVITE is tried again, unless it is known to be gone.
    pub unreachable_retry: Duration,
    /// How long a call whose conversation is over is kept up for the caller to hang up.
    pub linger: Duration,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            pickup: Duration::from_secs(3),
            voice_response: Duration::from_secs(3),
            answer: Duration::from_secs(30),
            answer_clock_start: AnswerClockStart::Queue,
            transfer_answer: Duration::from_secs(30),
            first_communication: Duration::from_secs(300),
            handling: Duration::from_secs(900),
            deferred_response: Duration::from_secs(600),
            complaint_record: Duration::from_secs(600),
            complaint_investigation: Duration::from_secs(7_200),
            dedicated_min: Duration::from_secs(1_800),
            warn_at: 0.8,
            ring_per_offer: Duration::from_secs(10),
            ring_min: Duration::from_secs(6),
            no_progress: Duration::from_secs(2),
            unreachable_retry: Duration::from_secs(30),
            linger: Duration::from_secs(300),
        }
    }
}

/// What goes first (manual.md Part J, `priority.*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priorities {
    /// Topics that are always urgent and of which supervisors are told (R25, R26).
    pub urgent: Vec<Topic>,
    /// Complaints about a product go one step before other complaints (R52).
    pub product_first: bool,
    /// Complaints of level 1, the gravest, go one step before other complaints, whatever their deadline is (H7).
    pub gravity_first: bool,
    /// From how far a problem reaches it is always urgent, and supervisors are told (R33); `None` for never.
    pub urgent_impact: Option<Impact>,
    /// A waiting call goes up one priority for each such time, so that none starves (R38); zero for never, else at least 10 s.
    pub ageing: Duration,
}

impl Default for Priorities {
    fn default() -> Self {
        Self {
            urgent: Topic::ALL.to_vec(),
            product_first: true,
            gravity_first: true,
            urgent_impact: Some(Impact::Department),
            ageing: Duration::from_secs(300),
        }
    }
}

impl Priorities {
    /// The priority of a call, from the one that its menus and its queue gave it.
    pub fn of(&self, profile: &Profile) -> Priority {
        let complaint = profile.kind == Some(Kind::Complaint);
        let product = self.product_first && profile.category == Some(Category::Product);
        let grave = self.gravity_first && profile.level == Some(ComplaintLevel::L1);
        match profile.priority {
            _ if profile.topic.is_some_and(|topic| self.urgent.contains(&topic)) => Priority::Urgent,
            _ if profile.assessed.impact.is_some_and(|impact| self.reaches(impact)) => Priority::Urgent,
            Priority::Ordinary if complaint && (product || grave) => Priority::Important,
            Priority::Important if complaint && (product || grave) => Priority::Urgent,
            Priority::Urgent | Priority::Important | Priority::Ordinary => profile.priority,
        }
    }

    /// Whether a problem that reaches so far is always urgent (R33).
    pub fn reaches(&self, impact: Impact) -> bool {
        self.urgent_impact.is_some_and(|least| impact >= least)
    }

    /// A priority, once it is known how far the problem reaches.
    pub fn reached(&self, priority: Priority, impact: Option<Impact>) -> Priority {
        if impact.is_some_and(|impact| self.reaches(impact)) { Priority::Urgent } else { priority }
    }

    /// What a priority has become after so long a wait (R38).
    pub fn aged(&self, stated: Priority, waited: Duration) -> Priority {
        if self.ageing.is_zero() || waited < self.ageing {
            return stated;
        }
        match stated {
            Priority::Ordinary if waited < self.ageing * 2 => Priority::Important,
            Priority::Ordinary | Priority::Important | Priority::Urgent => Priority::Urgent,
        }
    }

    /// The waiting time at which a call goes up next, if ever.
    pub fn ages_at(&self, stated: Priority, waited: Duration) -> Option<Duration> {
        let may_rise = !self.ageing.is_zero() && self.aged(stated, waited) != Priority::Urgent;
        may_rise.then(|| if waited < self.ageing { self.ageing } else { self.ageing * 2 })
    }
}

/// A tier of seats (R37, R39), each within the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Our own, near the caller.
    InternalNear,
    /// Our own, anywhere.
    Internal,
    /// Anybody's.
    External,
}

/// What orders the seats inside a tier (R40-R43).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// The owner of the caller's matter, then the agent who spoke with the caller last (R57, R43).
    Owner,
    /// The agent whom the customer prefers (R43).
    Preference,
    /// Higher proficiency in the skills that the queue's step asks for, then in the caller's own (R40).
    Proficiency,
    /// Lower proficiency in the same: every seat that is admitted suffices, and the better ones stay free.
    LeastSufficient,
    /// The nearer region (R42).
    Region,
    /// Seats that name the caller's customer type before others (R42).
    CustomerType,
    /// The smaller share of its signed-in time on calls (ring, talk, wrap-up), in per mille, as it became ready.
    LeastOccupied,
    /// The faster to answer, by a class of 0 to 7, as it became ready (R40).
    Responsiveness,
    /// Longest idle (R41).
    LongestIdle,
}

impl Key {
    /// Whether it changes from call to call, so that it can only decide where all else is equal.
    pub fn is_dynamic(self) -> bool {
        match self {
            Self::LeastOccupied | Self::Responsiveness => true,
            Self::Owner
            | Self::Preference
            | Self::Proficiency
            | Self::LeastSufficient
            | Self::Region
            | Self::CustomerType
            | Self::LongestIdle => false,
        }
    }
}

/// How the seats of one tier are ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ranking {
    /// By keys, most telling first. What comes after longest idle decides nothing.
    Keys(Vec<Key>),
    /// By a score of 0 to 63, the higher first, then by longest idle. Each key brings so many points of 63 as its weight is of all
    /// weights, times how far it holds, cut to whole points.
    Weights(Vec<(Key, u32)>),
}

impl Default for Ranking {
    fn default() -> Self {
        Self::Keys(vec![Key::Owner, Key::Proficiency, Key::Region, Key::LongestIdle])
    }
}

impl Ranking {
    /// Whether a key has a say.
    pub fn has(&self, key: Key) -> bool {
        match self {
            Self::Keys(keys) => keys.iter().take_while(|one| **one != Key::LongestIdle || key == **one).any(|one| *one == key),
            Self::Weights(weights) => weights.iter().any(|(one, weight)| *one == key && *weight > 0),
        }
    }
}

/// How long a call waits for an agent of its own who is there, before others are offered it; zero for not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitFor {
    /// The owner of the caller's matter, or the dedicated agent (R57, R45).
    pub owner: Duration,
    /// The agent who spoke with the caller last (R43).
    pub last: Duration,
    /// The agent whom the customer prefers (R43).
    pub preferred: Duration,
}

impl WaitFor {
    /// Whether any call ever waits so.
    pub fn is_set(&self) -> bool {
        *self != Self::default()
    }
}

/// How seats are chosen.
#[derive(Clone, Debug)]
pub struct Assign {
    /// Tiers in order, each with its hold: how long the next tier waits while a seat of this one is signed in and reachable.
    pub tiers: Vec<(Tier, Duration)>,
    /// The order inside a tier, for queues without their own.
    pub ranking: Ranking,
    /// How long calls wait for agents of their own.
    pub wait_for: WaitFor,
    /// Regions at most this far apart are near.
    pub near: u32,
    /// What a seat must master to serve a problem class (R48).
    pub levels: Vec<(Class, Need)>,
    /// What becomes of a seat that lets its phone ring.
    pub rona: Rona,
    /// How long a seat that refused gets no offer.
    pub delays: Delays,
}

/// What becomes of a seat whose phone rang in full without an answer (RONA).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rona {
    /// After the last strike.
    pub action: RonaAction,
    /// So many full rings in a row without an answer, 1 to 5.
    pub strikes: u8,
    /// How long the seat gets no offer after a ring that did not make it not ready; at least 1 s.
    pub retry_after: Duration,
}

impl Default for Rona {
    fn default() -> Self {
        Self { action: RonaAction::NotReady, strikes: 1, retry_after: Duration::from_secs(10) }
    }
}

/// See [`Rona::action`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RonaAction {
    /// The seat is not ready until its agent says otherwise (R41).
    NotReady,
    /// It is offered calls again after [`Rona::retry_after`], however often it rang.
    Retry,
}

/// How long a seat gets no offer after one that failed, by reason; each at least 1 s. Unreachable ones have `timers.unreachable_retry`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delays {
    /// Its phone was busy (486, 600).
    pub busy: Duration,
    /// It refused otherwise, or its ring was cut short.
    pub rejected: Duration,
}

impl Default for Delays {
    fn default() -> Self {
        Self { busy: Duration::from_secs(5), rejected: Duration::from_secs(10) }
    }
}

impl Default for Assign {
    fn default() -> Self {
        Self {
            tiers: vec![(Tier::InternalNear, Duration::ZERO), (Tier::Internal, Duration::ZERO), (Tier::External, Duration::ZERO)],
            ranking: Ranking::default(),
            wait_for: WaitFor::default(),
            near: 0,
            levels: Vec::new(),
            rona: Rona::default(),
            delays: Delays::default(),
        }
    }
}
