//! What a call waited for, without words.

use super::SHORTEST;
use crate::cli::why::fact::{Counts, words_of};
use crate::cli::why::held::Held;
use crate::cli::why::pauses::Setting;
use crate::cli::why::rules::Asks;
use hotline_model::history::OfferEnd;
use hotline_model::{Name, Priority, SeatState};
use std::collections::{BTreeMap, BTreeSet};
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
    Busy(Vec<Stretch>),
    /// A seat was ready, but in the pause after an offer that failed, or, where tiers have one, behind a better tier's hold.
    Kept {
        /// Whether tiers have a hold, and it was not looked at any more which it was.
        holds: bool,
        /// What says how long the pauses are; empty, if that is not known of all.
        settings: BTreeSet<Setting>,
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
        /// What the seats were at meanwhile.
        meanwhile: Box<Reason>,
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
    /// It is of a queue of another group, and calls of several are not ranked.
    Group {
        /// Its queue.
        queue: Name,
        /// Where that is written.
        place: Option<String>,
    },
}

/// The whole wait in the order in which its causes came.
pub type Causes = Vec<(Duration, Reason)>;

/// The causes in words, those of the same words as one: seats differ that the words don't name.
pub fn once(causes: &Causes, words: impl Fn(&Reason) -> String) -> Vec<(Duration, String)> {
    let mut all: Vec<(Duration, String)> = Vec::new();
    for (time, reason) in causes {
        let words = words(reason);
        match all.iter_mut().find(|(_, known)| *known == words) {
            Some((sum, _)) => *sum += *time,
            None => all.push((*time, words)),
        }
    }
    all
}

/// What seats were at for a part of a wait.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// So long, in all.
    pub time: Duration,
    /// Those that are there for the call.
    pub seats: Counts,
    /// Those of the reserve, which would not have served.
    pub reserve: Counts,
}

impl Stretch {
    fn is_same(&self, other: &Self) -> bool {
        words_of(&self.seats).eq(words_of(&other.seats)) && words_of(&self.reserve).eq(words_of(&other.reserve))
    }

    /// How many seats of a kind were at what, at least and at most, over all stretches.
    pub fn ranges(stretches: &[Self], of: impl Fn(&Self) -> &Counts) -> Vec<(SeatState, usize, usize)> {
        let mut all: Vec<(SeatState, usize, usize)> = Vec::new();
        for (state, _) in stretches.iter().flat_map(&of) {
            let at = |stretch: &Self| of(stretch).iter().find(|(other, _)| other.word() == state.word()).map_or(0, |(_, count)| *count);
            if !all.iter().any(|(known, ..)| known.word() == state.word()) {
                all.push((*state, stretches.iter().map(at).min().unwrap_or(0), stretches.iter().map(at).max().unwrap_or(0)));
            }
        }
        all
    }

    /// So many were there for the call.
    pub fn count(&self) -> usize {
        self.seats.iter().map(|(_, count)| count).sum()
    }
}

/// Whether two stretches are told as one.
pub(super) fn is_same(one: &Reason, other: &Reason) -> bool {
    match (one, other) {
        (Reason::Busy(stretches), Reason::Busy(others)) => {
            let is_of_reserve = |stretches: &[Stretch]| stretches.iter().all(|stretch| stretch.seats.is_empty());
            is_of_reserve(stretches) == is_of_reserve(others)
        }
        (Reason::Behind { meanwhile, .. }, Reason::Behind { meanwhile: others, .. }) => is_same(meanwhile, others),
        (Reason::NobodyIn { asks, .. }, Reason::NobodyIn { asks: others, .. }) => asks == others,
        (_, _) => one == other,
    }
}

/// Stretches that are told as one, in their order.
pub(super) fn joined(stretches: &[(Duration, &Reason)]) -> Option<Reason> {
    let (_, last) = stretches.last()?;
    Some(if let Reason::Busy(_) = last {
        Reason::Busy(at_what(stretches))
    } else if let Reason::Behind { calls, .. } = last {
        let meanwhile = |(time, reason): &(Duration, &Reason)| {
            if let Reason::Behind { meanwhile, .. } = reason { Some((*time, (**meanwhile).clone())) } else { None }
        };
        let meanwhile: Vec<(Duration, Reason)> = stretches.iter().filter_map(meanwhile).collect();
        let meanwhile: Vec<(Duration, &Reason)> = meanwhile.iter().map(|(time, reason)| (*time, reason)).collect();
        Reason::Behind { calls: calls.clone(), meanwhile: Box::new(joined(&meanwhile)?) }
    } else if let Reason::NobodyIn { asks, .. } = last {
        let seen = |(_, reason): &(Duration, &Reason)| matches!(reason, Reason::NobodyIn { unreachable: true, .. });
        Reason::NobodyIn { asks: asks.clone(), unreachable: stretches.iter().any(seen) }
    } else {
        (*last).clone()
    })
}

/// What the seats were at, each once, without what was too short to be told.
fn at_what(stretches: &[(Duration, &Reason)]) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::new();
    for (time, reason) in stretches {
        let Reason::Busy(parts) = reason else { continue };
        for stretch in parts {
            match all.iter_mut().find(|known| known.is_same(stretch)) {
                Some(known) => known.time += *time,
                None => all.push(Stretch { time: *time, ..stretch.clone() }),
            }
        }
    }
    let long = all.iter().any(|stretch| stretch.time >= SHORTEST);
    all.retain(|stretch| !long || stretch.time >= SHORTEST);
    all
}
