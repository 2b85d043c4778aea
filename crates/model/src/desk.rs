//! What the person at a seat orders: of the seat, of the call it is in, and of a transfer (manual.md A5).

use crate::call::{Assessment, Category, Class, Kind, Nature, Priority, words};
use crate::seat::NotReadyReason;
use crate::{Name, PhoneNumber};
use serde::{Deserialize, Serialize};
use std::fmt;

words!(/** Why a call is transferred (C14, R53); one is compulsory. */ TransferReason {
    /** 问题复杂 */ TooComplex = "too_complex", /** 涉及多个部门 */ MultiDepartment = "multi_department",
    /** 能力不足 */ AbilityInsufficient = "ability_insufficient" });
words!(/** How a call is transferred (R55). */ TransferMode {
    /** the first agent talks with the receiver first */ Attended = "attended",
    /** the caller goes at once, and comes back if nobody answers */ BlindWithReturn = "blind_with_return" });

/// Whom a call may be transferred to, or who may be consulted (R54, R60).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A seat.
    Seat(Name),
    /// A queue: whoever of it is free.
    Queue(Name),
    /// A department of the rules (`[[department]]`).
    Department(Name),
    /// A responsible person of the rules (`[[person]]`).
    Person(Name),
    /// A number outside that the rules allow the seat.
    Number(PhoneNumber),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seat(name) => write!(f, "seat {name}"),
            Self::Queue(name) => write!(f, "queue {name}"),
            Self::Department(name) => write!(f, "department {name}"),
            Self::Person(name) => write!(f, "person {name}"),
            Self::Number(number) => write!(f, "number {number}"),
        }
    }
}

/// What an agent finds out about a call; `None` leaves it as it was (R23, R28, R29).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reclassified {
    /// Problem class.
    pub class: Option<Class>,
    /// Problem nature.
    pub nature: Option<Nature>,
    /// Request kind.
    pub kind: Option<Kind>,
    /// Complaint category.
    pub category: Option<Category>,
    /// Priority, should the call wait again.
    pub priority: Option<Priority>,
    /// Only cleared seats (R68).
    pub sensitive: Option<bool>,
}

/// What the person at a seat orders: through the API, a feature code, a key in the call, or the phone's own transfer key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskOrder {
    /// To work, and ready.
    SignIn,
    /// Home. In a call: when it is over.
    SignOut,
    /// Takes calls.
    Ready,
    /// Takes none. In a call: when it is over.
    NotReady(NotReadyReason),
    /// 小休 as soon as the present call and its wrap-up are over.
    BreakAfterCall,
    /// 话后 is done.
    WrapUpDone,
    /// t4: first communication is done (R6).
    FirstCommunication,
    /// The call is something else than the menus thought.
    Classify(Reclassified),
    /// t5: handled, or what else became of it (R7). Also t4, if that was not stated. Possible in the wrap-up too.
    Dispose(Name),
    /// The caller hears music.
    Hold,
    /// The caller is taken back from hold.
    Resume,
    /// Somebody is to take the call over: the receiver is called, the caller hears music (R53-R55).
    Transfer {
        /// Who.
        to: Target,
        /// How; `None` as the rules say.
        mode: Option<TransferMode>,
        /// Why; `None` if the rules have one for this target.
        reason: Option<TransferReason>,
    },
    /// Somebody is asked; the caller hears music. May become a transfer by [`DeskOrder::Complete`].
    Consult {
        /// Who.
        to: Target,
    },
    /// The receiver has the caller; the first agent leaves.
    Complete {
        /// Why, if it was not said before.
        reason: Option<TransferReason>,
    },
    /// The consultation or transfer under way ends: the caller is with the first agent again.
    Cancel,
    /// Caller, agent and receiver talk with each other.
    ThreeWay,
    /// The receiver of a completed transfer gives the caller back to the first agent.
    Back,
    /// The receiver becomes the owner of the matter (R57).
    AcceptOwnership,
    /// The seat's leg ends; the caller hears goodbye from nobody else.
    HangUp,
    /// The agent found out whose problem it is and how far it reaches, and perhaps what else it is (R33, R34).
    Assess {
        /// Whose, and how far.
        found: Assessment,
        /// As in [`DeskOrder::Classify`]; may be nothing.
        change: Reclassified,
    },
}

/// Why an order was not carried out. The call stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskRefusal {
    /// The rules have no such seat, or no longer.
    NoSuchSeat,
    /// The seat is in no call, or in none that this could be said of.
    NoCall,
    /// A transfer needs a reason, and neither order nor target gave one (R53).
    NoReason,
    /// The rules do not take this reason (`transfer.reasons`).
    ReasonNotTaken,
    /// A complex or major call is transferred attended only, or the rules allow nothing else (R55).
    AttendedOnly,
    /// The rules have no such target.
    NoSuchTarget,
    /// Nobody is signed in there.
    NobodyThere,
    /// The receiver is not ready.
    NotReady,
    /// The call is sensitive and the receiver isn't cleared (R68).
    NotCleared,
    /// The seat may not dial the number.
    NotAllowed,
    /// No trunk, port or leg is free.
    NoRoom,
    /// A transfer or consultation is under way already.
    UnderWay,
    /// None is under way.
    NotUnderWay,
    /// The receiver has not answered yet.
    NotAnswered,
    /// Only the receiver may, or only the first agent.
    NotYours,
    /// The call was never transferred, or its first agent is away.
    NobodyToGoBackTo,
    /// The rules have no such disposition.
    NoSuchDisposition,
    /// The agent has no such break reason, or somebody is in a call.
    NotNow,
    /// The receiver would be the seat itself.
    Oneself,
    /// The number is one of our own, dialled by callers or shown by a trunk: a call to it would come back to us.
    OwnNumber,
    /// The seat is signed out.
    SignedOut,
    /// Nobody signs in now: `access.shifts` is closed (R138).
    OutsideShifts,
    /// Nobody signs in at this telephone: it is none of `access.devices` (R138).
    NotAtThisTelephone,
    /// Nobody signs in from this telephone's network: it is none of `access.networks` (R138).
    NotFromThisNetwork,
}

/// How a transfer or consultation ended (R56).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferEnd {
    /// The receiver has the caller.
    Completed,
    /// The first agent took it back.
    Cancelled,
    /// Nobody answered within `timers.transfer_answer` (K9, R59): back with the first agent.
    NotAnswered,
    /// The receiver refused with this SIP status.
    Rejected(u16),
    /// The receiver's phone could not be reached, or died in the consultation.
    Unreachable,
    /// The caller hung up meanwhile.
    CallerGone,
    /// The first agent's phone is gone while the receiver was there: the receiver has the caller.
    TakenOver,
    /// The first agent's phone is gone and nobody else was there: the caller waits again, first in line.
    FirstGone,
    /// The receiver gave the caller back later.
    GivenBack,
    /// The rules say no for a reason found later (trunk gone, number no longer allowed).
    Failed,
    /// The call became sensitive meanwhile and the receiver isn't cleared (R68).
    NotCleared,
    /// The receiver answered, talked with the first agent and hung up without having taken the caller.
    HungUp,
}
