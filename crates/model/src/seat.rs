//! A seat's state: what its agent chose, what it is engaged in, whether its phone can be reached.

use serde::{Deserialize, Serialize};

/// Why an agent is not ready (R41).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum NotReadyReason {
    /// 小休
    Break = 0,
    /// A meal.
    Meal = 1,
    /// A meeting.
    Meeting = 2,
    /// Training.
    Training = 3,
    /// Other work.
    Other = 4,
    /// A full ring went unanswered.
    Rona = 5,
    /// The shift is over (R138).
    OffShift = 6,
}

/// What the agent chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Intent {
    /// Takes calls.
    Available,
    /// Signed in, takes none.
    NotReady(NotReadyReason),
    /// Not at work.
    SignedOut,
}

/// What the seat is engaged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Activity {
    /// Nothing.
    Free,
    /// A call is ringing or about to ring.
    Offered,
    /// In a call.
    OnCall,
    /// 话后
    WrapUp,
}

/// A seat's whole state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatState {
    /// What the agent chose.
    pub intent: Intent,
    /// What the seat is engaged in.
    pub activity: Activity,
    /// Whether its phone can be reached.
    pub reachable: bool,
}

impl SeatState {
    /// Whether a call may be offered: the one definition of *ready*.
    pub fn is_ready(self) -> bool {
        self.reachable && self.intent == Intent::Available && self.activity == Activity::Free
    }

    /// The displayed word.
    pub fn word(self) -> &'static str {
        match (self.activity, self.intent, self.reachable) {
            (Activity::Offered, _, _) => "offered",
            (Activity::OnCall, _, _) => "on call",
            (Activity::WrapUp, _, _) => "wrap-up",
            (Activity::Free, Intent::SignedOut, _) => "signed out",
            (Activity::Free, _, false) => "unreachable",
            (Activity::Free, Intent::NotReady(NotReadyReason::Rona), true) => "not ready (RONA)",
            (Activity::Free, Intent::NotReady(NotReadyReason::Break), true) => "not ready (break)",
            (Activity::Free, Intent::NotReady(NotReadyReason::Meal), true) => "not ready (meal)",
            (Activity::Free, Intent::NotReady(NotReadyReason::Meeting), true) => "not ready (meeting)",
            (Activity::Free, Intent::NotReady(NotReadyReason::Training), true) => "not ready (training)",
            (Activity::Free, Intent::NotReady(NotReadyReason::Other), true) => "not ready (other)",
            (Activity::Free, Intent::NotReady(NotReadyReason::OffShift), true) => "not ready (off shift)",
            (Activity::Free, Intent::Available, true) => "ready",
        }
    }
}
