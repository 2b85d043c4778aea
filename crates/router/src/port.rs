use hotline_model::history::{OfferEnd, WhyNot};
use hotline_model::{CallId, Decision, Intent, Priority, Profile, QueueId, SeatId, SeatState, Timestamp};
use hotline_rules::Plan;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// What the router is told. An input that no longer fits (a call that has left, a seat that is elsewhere) changes nothing;
/// only [`Input::Answered`] is then answered, by [`Output::Late`] instead of [`Output::Answered`], and [`Input::Assign`], by [`Output::NotAssigned`].
#[derive(Clone, Debug)]
pub enum Input {
    /// A call is to be served. A call that waits already is moved; one that is being offered is withdrawn first.
    Wait {
        /// The call.
        call: CallId,
        /// Where it waits.
        queue: QueueId,
        /// What we know of the caller.
        profile: Profile,
        /// Effective entry time, its rank inside its priority; kept over offers, and over a restart.
        since: Timestamp,
        /// When its answer clock K3 ends.
        answer_by: Timestamp,
        /// It waits already, with another router or before a restart: the queue's limit does not apply.
        admitted: bool,
    },
    /// The caller is gone, waiting or being offered.
    Leave {
        /// The call.
        call: CallId,
    },
    /// The seat's phone rings (180).
    Ringing {
        /// The call.
        call: CallId,
        /// The seat.
        seat: SeatId,
    },
    /// The seat answered.
    Answered {
        /// The call.
        call: CallId,
        /// The seat.
        seat: SeatId,
    },
    /// The offer ended without an answer; the call is first in line again.
    Failed {
        /// The call.
        call: CallId,
        /// The seat.
        seat: SeatId,
        /// Why. [`OfferEnd::CallerGone`] means the same as [`Input::Leave`].
        why: OfferEnd,
    },
    /// The seat is in a call that was not offered to it: taken up after a restart, its own outbound call, a consultation.
    /// An offer to it is withdrawn.
    Engaged {
        /// The call.
        call: CallId,
        /// The seat.
        seat: SeatId,
        /// Whose wrap-up follows, unless the seat has its own; `None`: its own or none.
        queue: Option<QueueId>,
    },
    /// The conversation is over for the seat; wrap-up begins.
    Released {
        /// The call.
        call: CallId,
        /// The seat.
        seat: SeatId,
    },
    /// The agent ended wrap-up early.
    WrapUpDone {
        /// The seat.
        seat: SeatId,
    },
    /// The agent chose.
    Intent {
        /// The seat.
        seat: SeatId,
        /// What it chose.
        intent: Intent,
    },
    /// The seat's phone can be reached, or no longer.
    Reachable {
        /// The seat.
        seat: SeatId,
        /// Whether it can.
        reachable: bool,
    },
    /// The call's answer clock was breached (K3): from now on first in its priority, and a full ring.
    Breached {
        /// The call.
        call: CallId,
    },
    /// The call's priority changes, wherever it waits; its entry time stays. One that is being offered rings on, and takes it back into
    /// the queue if nobody answers.
    Reprioritise {
        /// The call.
        call: CallId,
        /// What it is from now on.
        priority: Priority,
    },
    /// A person gives a waiting call to a seat, or the seat's agent pulls it (R44): it is offered to exactly that seat if it is ready,
    /// whatever its step, tier and skills, and answered by [`Output::NotAssigned`] otherwise. If another seat rings, that offer is withdrawn.
    Assign {
        /// The call.
        call: CallId,
        /// The seat.
        seat: SeatId,
    },
    /// A call is offered to exactly one seat without waiting in any queue: a transfer or a call back to the first agent. The seat must be
    /// ready, or in the wrap-up of this very call, and is offered it whatever its skills; [`Output::Direct`] says so, [`Output::NotAssigned`]
    /// why not. An offer that ends without an answer is over and not made again. A call that waits or is offered is taken out first.
    Direct {
        /// The call.
        call: CallId,
        /// The seat.
        seat: SeatId,
        /// Whose wrap-up follows, unless the seat has its own; `None`: its own or none.
        queue: Option<QueueId>,
        /// Only a cleared seat may have it (R68).
        sensitive: bool,
        /// When it is to have answered: so long it rings, but for the shortest ring (K9, R5).
        answer_by: Timestamp,
    },
    /// The call waits in `queue` too, with the same effective entry time. A second overflow replaces the first. The queue's limit
    /// does not apply: the caller waits already.
    Overflow {
        /// The call.
        call: CallId,
        /// The other queue.
        queue: QueueId,
    },
    /// New rules. Waiting calls keep their rank; those whose queue is another router's now are refused.
    Rules(Arc<Plan>),
    /// The router of another group changed the seat's word ([`SeatTable::take_told`](crate::SeatTable::take_told)).
    Look {
        /// The seat.
        seat: SeatId,
    },
    /// The seat was in the wrap-up of a call when the last run ended: it wraps up on. Nothing happens if it has another call by now.
    WrapsUp {
        /// The call.
        call: CallId,
        /// The seat.
        seat: SeatId,
        /// When the wrap-up ends.
        until: Timestamp,
    },
}

/// What the router says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// Ring the seat.
    Offer {
        /// The call.
        call: CallId,
        /// The seat.
        seat: SeatId,
        /// How long it may ring.
        ring: Duration,
        /// Why this seat and this call.
        decision: Decision,
    },
    /// Ring the seat that [`Input::Direct`] names.
    Direct {
        /// The call.
        call: CallId,
        /// The seat.
        seat: SeatId,
        /// How long it may ring.
        ring: Duration,
    },
    /// No seat is ready for a call that starts to wait.
    Nobody {
        /// The call.
        call: CallId,
        /// The state it found.
        decision: Decision,
    },
    /// The offer is over: its lease ran out, or the seat signed out or is elsewhere. Cancel the leg; the call is first in line again, unless
    /// it was offered directly.
    Withdraw {
        /// The call.
        call: CallId,
        /// The seat.
        seat: SeatId,
    },
    /// The seat answered in time: it has the call.
    Answered {
        /// The call.
        call: CallId,
        /// The seat.
        seat: SeatId,
    },
    /// The seat answered an offer that is over: hang up that leg.
    Late {
        /// The call.
        call: CallId,
        /// The seat.
        seat: SeatId,
    },
    /// A seat's state changed.
    Seat {
        /// Its place in the one order of decisions and seat changes.
        seq: u64,
        /// The seat.
        seat: SeatId,
        /// Its state from now on.
        state: SeatState,
        /// The call that it is offered or that it serves.
        call: Option<CallId>,
    },
    /// The call can't be assigned by hand and waits, or rings, on; or it can't be offered directly.
    NotAssigned {
        /// The call.
        call: CallId,
        /// The seat.
        seat: SeatId,
        /// Why.
        why: WhyNot,
    },
    /// The call can't wait.
    Refused {
        /// The call.
        call: CallId,
        /// Why.
        why: Refusal,
    },
}

/// Why a call can't wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// `queue.limit` calls wait already.
    QueueFull,
    /// The rules have no such queue, or no longer.
    NoSuchQueue,
    /// The queue is of another group.
    OtherGroup,
}
