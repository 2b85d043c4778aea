//! What a call waited for, without words.

use crate::cli::why::fact::Counts;
use crate::cli::why::held::Held;
use crate::cli::why::rules::Asks;
use hotline_model::history::OfferEnd;
use hotline_model::{Name, Priority};
use std::collections::BTreeMap;
use std::time::Duration;

/// What a call waited for.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// No seat fulfils what is asked.
    NoSeat(Asks),
    /// No seat that fulfils what is asked was signed in and reachable.
    NobodyIn {
        /// What is asked.
        asks: Asks,
        /// Somebody who fulfils it was signed in.
        unreachable: bool,
    },
    /// All that were admitted, signed in and reachable were engaged, or not ready.
    Busy {
        /// What they were at for the longest stretch.
        seats: Counts,
        /// The same of those of the reserve, which would not have served.
        reserve: Counts,
    },
    /// A seat was ready, but in the pause after an offer that failed, or, where tiers have one, behind a better tier's hold.
    Kept {
        /// Whether tiers have a hold, and it was not looked at any more which it was.
        holds: bool,
    },
    /// Seats are ready, and each is held back.
    Held(Held),
    /// A seat is ready, and nothing that is recorded keeps the call from it.
    Free,
    /// All seats that were ready are of the queue's reserve, and it was not crowded enough for that; where it is written.
    Reserve(Option<String>),
    /// Seats were ready, but the call waited for agents of its own (`assign.wait_for`).
    OwnAgents(Vec<Name>),
    /// The rules are not at hand: so many seats were admitted, none was ready.
    NoneReady(u32),
    /// Others that rank before it took the seats that became ready, and have them.
    Behind {
        /// How many, by what put them there.
        calls: BTreeMap<Ahead, usize>,
    },
    /// A seat was offered the call.
    Offered {
        /// The seat.
        seat: Name,
        /// Its phone said that it rings (18x).
        rang: bool,
        /// How that ended, if not by an answer.
        end: Option<OfferEnd>,
    },
    /// From the last thing journalled before a restart until it was taken up again: when the hotline stopped, nobody wrote down.
    Restart,
}

impl Reason {
    pub(super) fn is_unreachable(&self) -> bool {
        matches!(self, Self::NobodyIn { unreachable: true, .. })
    }
}

/// Why a call went before another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ahead {
    /// By its priority, breach or longer wait.
    Rank(Priority),
    /// It had not waited as long, but its queue is worth more to the seat than the other's.
    Queue {
        /// Its queue.
        queue: Name,
        /// How many times a wait in it counts what one in the other's counts; `None`: the seat takes its calls first.
        times: Option<String>,
        /// Where its queue's weight is written.
        place: Option<String>,
    },
}

/// The whole wait in the order in which its causes came.
pub type Causes = Vec<(Duration, Reason)>;

/// Whether two stretches are told as one.
pub(super) fn is_same(one: &Reason, other: &Reason) -> bool {
    match (one, other) {
        (Reason::Busy { .. }, Reason::Busy { .. }) | (Reason::Behind { .. }, Reason::Behind { .. }) => true,
        (Reason::NobodyIn { asks, .. }, Reason::NobodyIn { asks: others, .. }) => asks == others,
        (_, _) => one == other,
    }
}
