//! Decisions of the router and the states of seats, in one order.

use crate::seat::SeatState;
use crate::{CallId, Name, Priority, QueueId, Revision, SeatId, Timestamp, WallTime};
use serde::{Deserialize, Serialize};

/// What made the router look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum Trigger {
    /// A call entered a queue.
    CallWaiting = 0,
    /// A seat became ready.
    SeatReady = 1,
    /// A waiting call reached a later step of its queue.
    StepReached = 2,
    /// An offer failed and its call is first in line again.
    OfferFailed = 3,
    /// The answer clock was breached (K3).
    Breach = 4,
    /// The rules changed.
    RulesChanged = 5,
    /// A supervisor assigned by hand (R44).
    ByHand = 6,
    /// Calls were taken up again after a restart.
    Recovery = 7,
    /// A person changed the call's priority.
    Reprioritised = 8,
    /// The call went up one priority by waiting (R38).
    Aged = 9,
    /// The patience for the caller's own agents was over, or they came or left.
    PatienceOver = 10,
}

/// What decided between the seats that were ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum DecidingKey {
    /// It was the only ready one that could have the call by then.
    OnlyReady = 0,
    /// A better tier: internal before external, near before far (R37, R39).
    Tier = 1,
    /// It owns the caller's matter (R57).
    Owner = 2,
    /// It spoke with the caller last (R43).
    LastAgent = 3,
    /// Higher proficiency (R40).
    Proficiency = 4,
    /// Nearer region or customer type (R42).
    Region = 5,
    /// Longest idle.
    LongestIdle = 6,
    /// Nobody was ready.
    Nobody = 7,
    /// It was first in the queue's order of priorities and waiting (seat chose call).
    CallOrder = 8,
    /// An earlier step of the queue admits it.
    Step = 9,
    /// A person chose it (R44).
    ByHand = 10,
    /// It serves the queue sooner: the others have a longer delay, are of the reserve, or only help.
    Opening = 11,
    /// The customer prefers it (R43).
    Preferred = 12,
    /// It is for customers of this type (R42).
    CustomerType = 13,
    /// The highest score by weights (R40-R43).
    Score = 14,
    /// The smallest share of its signed-in time on calls.
    LeastOccupied = 15,
    /// It answers faster (R40).
    Responsiveness = 16,
    /// The lowest proficiency that suffices, so that better seats stay free.
    LeastSufficient = 17,
    /// Nobody: the call waits for an agent of its own (R57, R43, R45).
    OwnAway = 18,
    /// The seat takes calls of this queue before those of another, whose call ranks first (seat chose call).
    QueuePriority = 19,
    /// By its queue's weight and target its wait counts more than that of the call that ranks first (seat chose call, R38).
    QueueWeight = 20,
}

impl DecidingKey {
    /// What decided, as it is told: of one ready seat nothing but that it was there, who it is to the caller, or a person.
    pub fn told(self, ready: u32) -> Self {
        match self {
            Self::OnlyReady
            | Self::Tier
            | Self::Proficiency
            | Self::Region
            | Self::LongestIdle
            | Self::Nobody
            | Self::Step
            | Self::Opening
            | Self::CustomerType
            | Self::Score
            | Self::LeastOccupied
            | Self::Responsiveness
            | Self::LeastSufficient
            | Self::OwnAway => {
                if ready == 1 {
                    Self::OnlyReady
                } else {
                    self
                }
            }
            Self::Owner | Self::LastAgent | Self::Preferred | Self::CallOrder | Self::ByHand | Self::QueuePriority | Self::QueueWeight => {
                self
            }
        }
    }
}

/// No seat: the value of [`Decision::seat`] when nobody was chosen.
pub const NO_SEAT: u32 = u32::MAX;

/// One decision of the router: 64 bytes, recorded on the path; `why` rebuilds the rest from the seats' states at `seq`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(C)]
pub struct Decision {
    /// Its place in the router's order of decisions and seat changes.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// The call.
    pub call: CallId,
    /// The rules it was made by.
    pub revision: Revision,
    /// The seat that won ([`SeatId`]'s value), or [`NO_SEAT`].
    pub seat: u32,
    /// Seats that the step in force admits.
    pub admitted: u32,
    /// Of these, the ready ones.
    pub ready: u32,
    /// Calls in the queue that rank before this one.
    pub ahead: u32,
    /// How long the call had waited, in ms.
    pub waited_ms: u32,
    /// The winner's static rank (smaller is better).
    pub rank: u32,
    /// The queue.
    pub queue: QueueId,
    /// What made the router look.
    pub trigger: Trigger,
    /// What decided.
    pub key: DecidingKey,
    /// The queue's step in force, from 0.
    pub step: u8,
    /// The winner's tier: 0 internal and near, 1 internal, 2 external (R37, R39).
    pub tier: u8,
    /// The call's priority.
    pub priority: Priority,
    /// The seat's proficiency in what its step asks for, 255 for more, too; 0 where it orders no seats, or nothing is asked (R40).
    pub proficiency: u8,
}

const _: () = assert!(std::mem::size_of::<Decision>() == 64);

/// A seat's state changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatEvent {
    /// Its place in the router's order of decisions and seat changes.
    pub seq: u64,
    /// When, by the wall clock.
    pub at: WallTime,
    /// The seat.
    pub seat: Name,
    /// Its id in this run.
    pub id: SeatId,
    /// Its state from now on.
    pub state: SeatState,
    /// The call that made it so, if one did.
    pub call: Option<CallId>,
}
