use crate::desk::DeskRefusal;
use crate::{Name, WallTime};
use serde::{Deserialize, Serialize};

/// What a seat's phone did by itself: calls of its own, codes, and what was said to it alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PhoneEvent {
    /// A seat's phone calls: the call is the seat's own and no customer's. It has no clocks and is not counted as offered.
    Calls {
        /// The account or seat whose telephone it is.
        phone: Name,
        /// Who sits there; nobody at a telephone that several share.
        seat: Option<Name>,
        /// Whom it calls.
        callee: Callee,
    },
    /// The call is not put through.
    NotPutThrough {
        /// Why not.
        why: NotPutThrough,
    },
    /// A feature code was dialled, or keyed in a call. A PIN is never part of it.
    Code {
        /// Where: the account or seat whose telephone it is.
        phone: Name,
        /// For which seat, as far as that is known.
        seat: Option<Name>,
        /// The code as it was understood, `*12`; `*` if it was not.
        code: Name,
        /// What came of it.
        result: Result<(), CodeRefusal>,
    },
    /// A wrong PIN.
    WrongPin {
        /// Where.
        phone: Name,
        /// The seat that was to be signed in.
        seat: Name,
        /// No PIN of this seat or from this telephone is looked at before then.
        locked_until: Option<WallTime>,
    },
    /// A seat's phone calls an emergency number: supervisors are told at once.
    Emergency {
        /// The number: 110, 119, 120, ...
        number: Name,
    },
    /// The conversation waits until the caller has heard who answered, or the agent who calls.
    Greeting {
        /// The caller hears the agent's number.
        announced: bool,
        /// The agent hears what kind of call it is.
        whispered: bool,
    },
    /// Both have heard it, or its time was over: they talk.
    Greeted,
    /// The transfer that begins was asked for by an agent's phone, which hears by NOTIFY how it goes (RFC 3515).
    Referred {
        /// The phone's leg.
        leg: u8,
        /// CSeq of the REFER.
        cseq: u32,
        /// Whether the NOTIFYs name it (RFC 3515 2.4.6).
        named: bool,
    },
}

/// Whom a seat's phone calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Callee {
    /// Nobody: a feature code.
    Code,
    /// A seat.
    Seat(Name),
    /// A queue.
    Queue(Name),
    /// A number outside. It stands where a caller's number stands, in [`EventKind::Arrived`](super::EventKind::Arrived).
    Outside,
    /// Police, fire brigade, ambulance.
    Emergency,
    /// It could not be understood, or leads nowhere. What was dialled stands where a caller's number stands.
    Nowhere,
}

/// Why a call of a seat is not put through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NotPutThrough {
    /// No code, seat, queue or number, or one that is written in a way that no number has.
    NoSuchNumber,
    /// The rules do not allow the seat this number.
    NotAllowed,
    /// The address names another host than ours.
    OtherHost,
    /// Nobody is signed in at the telephone.
    NotSignedIn,
    /// The callee is in a call.
    Busy,
    /// The callee is signed out, or its telephone can't be reached.
    Unreachable,
    /// Nobody is signed in at the queue.
    NobodyThere,
    /// The seat has as many calls as it may have, or all seats together have (`outbound.seat_limit`, `outbound.limit`).
    TooMany,
    /// No trunk, port or leg is free.
    NoRoom,
    /// The number is one of our own, dialled by callers or shown by a trunk: a call to it would come back to us.
    OwnNumber,
}

/// Why a code did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CodeRefusal {
    /// There is no such code, or it is not written like one.
    NotUnderstood,
    /// The seat, or the PIN, was wrong, or the seat has no PIN. Which of them is not told.
    WrongPin,
    /// Too many wrong PINs: none is looked at now.
    Locked,
    /// Nobody keyed in what was asked for.
    NothingKeyed,
    /// Nobody is signed in at the telephone.
    NobodyHere,
    /// The order was understood and not carried out.
    Desk(DeskRefusal),
}
