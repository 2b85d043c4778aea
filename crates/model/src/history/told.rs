//! What waiting callers are told of their wait (R75).

use serde::{Deserialize, Serialize};

/// What a waiting caller was told of the wait (R75).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foretold {
    /// How many ranked before the call in its queue.
    pub ahead: u32,
    /// The time that was announced, or why none was.
    pub wait: Result<ForetoldWait, Untold>,
}

/// A wait from the moment of the announcement on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForetoldWait {
    /// The minutes that were said; 0 is "less than one minute".
    pub minutes: u16,
    /// One wait in ten is expected to be shorter.
    pub low_ms: u32,
    /// The expected wait.
    pub likely_ms: u32,
    /// One wait in ten is expected to be longer.
    pub high_ms: u32,
}

/// Why no honest wait can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Untold {
    /// Too few waiting calls were answered of late to know how fast the line moves.
    TooFew,
    /// No seat that may serve the call takes calls.
    NobodySignedIn,
    /// The number of seats changed by more than a third within minutes.
    SeatsChanged,
    /// Calls that go first take more than half of what the seats can answer.
    OthersFirst,
    /// The expected wait is beyond half an hour.
    TooLong,
    /// One wait in ten would be more than twice what would be said.
    TooWide,
    /// It would be no better than what the caller heard before.
    NoBetter,
}
