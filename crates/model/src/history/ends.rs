//! How offers, calls and call-backs end.

use super::NotPutThrough;
use crate::{CallId, Name, Revision};
use serde::{Deserialize, Serialize};

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// The customer, or the seat whose own call it is.
    Caller,
    /// The seat.
    Agent,
    /// The hotline itself.
    System,
    /// Somebody outside who had taken the call.
    Outside,
}

/// Why a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// BYE.
    Normal,
    /// The caller left before the 200 was acknowledged (CANCEL).
    Cancelled,
    /// The caller hung up in the menus.
    AbandonedInMenu,
    /// The caller hung up while waiting (C24).
    AbandonedInQueue,
    /// A self-service branch ended the call.
    Completed,
    /// Closed, and nothing more could be done for the caller.
    OutOfHours,
    /// No ACK came for our 200 (RFC 3261 13.3.1.4).
    NoAck,
    /// A phone is gone: transport error or no answer in the dialog.
    Unreachable,
    /// We could not go on (no port, full ring, internal fault).
    Technical,
    /// The engine was told to stop.
    Shutdown,
    /// A customer who was to be called back was not reached.
    NotReached,
    /// A seat's own call was not put through.
    NotPutThrough(NotPutThrough),
    /// A feature code that a seat's phone dialled did nothing.
    CodeRefused,
    /// The block list turned the caller away.
    Blocked,
    /// Every queue that could have taken the call in was full, and the caller was told to try later (`limit`).
    QueuesFull,
}

/// Why an offer ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OfferEnd {
    /// A full ring confirmed by 180 went unanswered.
    Rona,
    /// The phone answered with this final status.
    Rejected(u16),
    /// No 1xx within 2 s, or a transport error.
    Unreachable,
    /// The caller hung up meanwhile.
    CallerGone,
    /// Withdrawn (seat signed out, call taken by hand).
    Withdrawn,
}

/// Why a call-back ended without a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallBackEnd {
    /// The customer was not reached in any of its attempts.
    Failed,
    /// The customer asked again: another call-back has its place.
    Replaced,
    /// The customer is on the line again: this call has its place.
    CameBack(CallId),
}

/// Why somebody outside could not be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotCalled {
    /// Every trunk that leads there is full, dead or no longer in the rules.
    NoTrunk,
    /// The rules do not, or no longer, allow the number.
    NotAllowed,
    /// No RTP port is free, or no room for another dialog.
    NoRoom,
    /// The call is sensitive, and nobody outside is cleared (R68).
    NotCleared,
    /// The caller is who would be called.
    Oneself,
}

/// Where a call goes on that got nobody outside, in names of the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Onward {
    /// Into a queue.
    Queue(Name),
    /// Into a queue, to be called back from there.
    CallBack(Name),
    /// To a menu.
    Menu(Name),
    /// The caller is told goodbye.
    Goodbye,
    /// The caller may leave a message in this voicemail.
    Voicemail(Name),
}

/// Why a trunk was not tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoPassage {
    /// The rules have it no longer.
    NotInRules,
    /// Its host has no address.
    NoAddress,
    /// It answers no OPTIONS.
    Down,
    /// It failed a call a moment ago and is left alone for a while.
    Resting,
    /// It carries as many calls as it may.
    Full,
    /// No RTP port is free, or no room for another dialog.
    NoRoom,
}

/// Why a call left a queue without an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyLeft {
    /// The queue's hours were over.
    Closed,
    /// For `nobody.after` nobody was signed in who could serve the call.
    Nobody,
    /// As many calls waited as may, in it and wherever its overflows lead: the caller was told to try later. By these rules.
    Full(Revision),
}
