//! The history of a call: what happened, when, and what is needed to take the call up again after a crash.

use crate::call::{Category, Class, Kind, Nature, Priority, Topic};
use crate::seat::SeatState;
use crate::{CallId, LegRole, Name, Number, QueueId, Revision, SeatId, Timestamp, WallTime};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// Something that happened in a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallEvent {
    /// The call.
    pub call: CallId,
    /// When, by the wall clock.
    pub at: WallTime,
    /// What.
    pub kind: EventKind,
}

/// What happened. A record is the fold of these (manual.md 0.4 names the times).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EventKind {
    /// t0: the first INVITE came.
    Arrived {
        /// The user part that was dialled.
        dialled: Name,
        /// The caller's number (R1).
        from: Number,
        /// Where the INVITE came from.
        source: SocketAddr,
        /// SIP Call-ID of the caller's leg.
        sip_call_id: String,
        /// The rules the call goes by.
        revision: Revision,
    },
    /// t1: our 200 OK was sent (R1, R2).
    PickedUp,
    /// A menu was entered.
    Menu(Name),
    /// The caller pressed a key in a menu.
    Digit {
        /// The menu.
        menu: Name,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
    },
    /// A language was chosen (R12).
    Language(Name),
    /// The caller is classified.
    Classified(Classified),
    /// t2: the caller entered a queue.
    Queued {
        /// The queue.
        queue: Name,
        /// Its priority there.
        priority: Priority,
    },
    /// A seat got the offer; its INVITE is sent.
    Offered {
        /// The seat.
        seat: Name,
        /// `seq` of the decision.
        decision: u64,
        /// How long it may ring.
        ring_ms: u32,
    },
    /// t2r: the seat's phone rings (180).
    Ringing {
        /// The seat.
        seat: Name,
    },
    /// An offer ended without an answer.
    OfferEnded {
        /// The seat.
        seat: Name,
        /// Why.
        why: OfferEnd,
    },
    /// t3: the agent answered and both are bridged.
    Answered {
        /// The seat.
        seat: Name,
    },
    /// A party put the other on hold.
    Held {
        /// Who holds.
        by: LegRole,
    },
    /// A party took the call back from hold.
    Resumed {
        /// Who held.
        by: LegRole,
    },
    /// t4: the agent stated that first communication is done.
    FirstCommunication,
    /// t5: the agent stated the disposition.
    Handled {
        /// The disposition.
        disposition: Name,
    },
    /// A clock changed (manual.md Part B).
    Clock(ClockEvent),
    /// The call overflowed at a breach (K3).
    Overflowed {
        /// The queue it also waits in from now on, if another.
        to: Option<Name>,
    },
    /// An announcement was played while waiting (R75).
    Announced {
        /// The prompt.
        prompt: Name,
    },
    /// A leg's dialog was established, or its facts changed (target refresh, re-INVITE, new flow).
    Leg {
        /// Which leg, counted from 0 within the call.
        leg: u8,
        /// What it is in the call.
        role: LegRole,
        /// The seat, if it is one.
        seat: Option<Name>,
        /// What a re-INVITE or BYE needs.
        dialog: Box<DialogState>,
        /// What the leg's media needs.
        media: Option<MediaState>,
    },
    /// A leg is gone.
    LegEnded {
        /// Which leg.
        leg: u8,
    },
    /// A leg never sent RTP, or stopped (an event, not a hang-up).
    NoMedia {
        /// Which leg.
        leg: u8,
    },
    /// t6: the call ended.
    HungUp {
        /// Who ended it.
        side: Side,
        /// Why.
        cause: Cause,
        /// Q.850 cause, if one was told (RFC 3326).
        q850: Option<u8>,
    },
    /// The engine restarted and took the call up again.
    Recovered,
    /// t7: wrap-up is over and the record complete.
    Archived,
    /// Supervisors are told at once: the call's topic is one of `priority.urgent_kinds` (R25, R26).
    Alerted {
        /// The topic.
        topic: Topic,
    },
    /// The caller had broken off in this queue and is back in time: the rank is that of the call before (`queue.resume`).
    PlaceKept {
        /// Effective entry time.
        since: WallTime,
        /// The call that broke off.
        after: CallId,
    },
    /// An INVITE of ours leaves that has no answer yet: what a later run needs to cancel it.
    Inviting {
        /// Which leg.
        leg: u8,
        /// The INVITE's dialog, still without the peer's tag.
        dialog: Box<DialogState>,
        /// The INVITE's branch, which its CANCEL must share (RFC 3261 9.1).
        branch: u64,
    },
    /// A person changed the call's priority while it waited.
    Reprioritised {
        /// What it is from now on.
        priority: Priority,
    },
    /// A person assigned the call to a seat, in vain (R44). Otherwise [`EventKind::Offered`] follows, with a decision by hand.
    NotAssigned {
        /// The seat.
        seat: Name,
        /// Why not.
        why: WhyNot,
    },
    /// A person gave an order on the call while it was live. What came of it follows: [`EventKind::Offered`] or [`EventKind::NotAssigned`],
    /// [`EventKind::Reprioritised`] or nothing if it had that priority, or waited no more.
    ByHand {
        /// Who: the user of the system who gave it.
        by: Name,
        /// What.
        order: HandOrder,
    },
    /// A waiting caller was told the place in line, and the expected wait if that could be told (R75).
    Foretold(Foretold),
    /// Somebody outside is called for the call, which waits on meanwhile (R13).
    OutsideCalled {
        /// Which leg.
        leg: u8,
        /// The partner or the number; `None`: the customer, who is called back.
        to: Option<Name>,
        /// The trunk.
        trunk: Name,
    },
    /// A call to somebody outside ended without an answer.
    OutsideEnded {
        /// As in [`EventKind::OutsideCalled`].
        to: Option<Name>,
        /// The trunk.
        trunk: Name,
        /// Why.
        why: OfferEnd,
    },
    /// Somebody outside could not even be called.
    OutsideNotCalled {
        /// As in [`EventKind::OutsideCalled`].
        to: Option<Name>,
        /// Why not.
        why: NotCalled,
    },
    /// Somebody outside answered and has the caller: t3, unless it is the customer who was called back.
    OutsideAnswered {
        /// As in [`EventKind::OutsideCalled`].
        to: Option<Name>,
        /// The trunk.
        trunk: Name,
    },
    /// The caller is called back instead of waiting on the line; that is a call of its own, at this one's place.
    CallBackBooked {
        /// The call-back.
        call: CallId,
    },
    /// A call-back begins: the customer's number is that of [`EventKind::Arrived`].
    CallBackOpened {
        /// The call in which it was asked for.
        after: CallId,
        /// The queue.
        queue: Name,
        /// Effective entry time, its rank.
        since: WallTime,
        /// When a caller on the line would have waited too long.
        answer_by: WallTime,
        /// Its rank is that of a breached call.
        breached: bool,
        /// When it enters the queue, if not at once.
        at: Option<WallTime>,
    },
    /// Nobody was reached; the call-back enters the queue again, at its old rank.
    CallBackLater {
        /// When.
        at: WallTime,
        /// Attempts so far.
        attempts: u8,
    },
    /// A call-back ended without a conversation.
    CallBackEnded {
        /// Why.
        why: CallBackEnd,
    },
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
}

/// What a person may order of a waiting call (R44).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HandOrder {
    /// A supervisor gives it to a seat.
    Assign {
        /// The seat.
        seat: Name,
    },
    /// A seat takes it.
    Pull {
        /// The seat.
        seat: Name,
    },
    /// It is worth more or less.
    Priority {
        /// What it is from now on.
        priority: Priority,
    },
}

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

/// Why a call can't be assigned to a seat by hand (R44). The call waits or rings on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyNot {
    /// The call waits for nobody: it is in the menus, with an agent, or gone.
    NotWaiting,
    /// The rules have no such seat, or no longer.
    NoSuchSeat,
    /// The call is sensitive and the seat isn't cleared (R68).
    NotCleared,
    /// The seat isn't ready.
    NotReady,
}

/// What the menus made of the caller, in names that outlive the rules' ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classified {
    /// Problem class.
    pub class: Option<Class>,
    /// Problem nature.
    pub nature: Option<Nature>,
    /// Request kind.
    pub kind: Option<Kind>,
    /// Complaint category.
    pub category: Option<Category>,
    /// A matter that goes first (R25, R26).
    #[serde(default)]
    pub topic: Option<Topic>,
    /// Priority.
    pub priority: Priority,
    /// Language code.
    pub language: Name,
    /// Caller's region.
    pub region: Option<Name>,
    /// Skills needed and least proficiency.
    pub skills: Vec<(Name, u8)>,
    /// Only cleared seats (R68).
    pub sensitive: bool,
}

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// The customer.
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

/// A clock of manual.md Part B changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockEvent {
    /// The clock's number: 3 is K3.
    pub clock: u8,
    /// What happened to it.
    pub change: ClockChange,
    /// Its limit.
    pub limit_ms: u32,
}

/// What happened to a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClockChange {
    /// It runs.
    Started,
    /// `timers.warn_at` of its limit is over.
    Warned,
    /// Stopped in time.
    Met,
    /// The limit passed.
    Breached,
    /// It no longer applies (caller gone).
    Dropped,
}

/// The transport of a SIP flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

/// A way to a peer: one UDP address pair or one TCP connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Flow {
    /// The transport.
    pub transport: Transport,
    /// Our address: the listener's.
    pub local: SocketAddr,
    /// The peer's address.
    pub remote: SocketAddr,
    /// The TCP connection, counted by the shell from 1; 0 for UDP, and for TCP when any or a new connection will do.
    pub connection: u64,
}

/// What BYE and re-INVITE in a dialog need (RFC 3261 12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialogState {
    /// Call-ID.
    pub call_id: String,
    /// Our tag.
    pub local_tag: String,
    /// The peer's tag; empty if it sent none (RFC 2543 peers).
    pub remote_tag: String,
    /// Our From/To value without the tag, e.g. `"hotline" <sip:hotline@127.0.0.1>`.
    pub local_party: String,
    /// The peer's From/To value without the tag.
    pub remote_party: String,
    /// The last CSeq we used.
    pub local_cseq: u32,
    /// The peer's last CSeq; `None` until it sent a request.
    pub remote_cseq: Option<u32>,
    /// Route set, in the order in which it is to be sent.
    pub route_set: Vec<String>,
    /// The peer's Contact URI.
    pub remote_target: String,
    /// Our Contact URI.
    pub contact: String,
    /// The flow in use.
    pub flow: Flow,
    /// Session timer in seconds (RFC 4028), if one was agreed.
    pub session_expires: Option<u32>,
    /// Whether we sent the INVITE.
    pub we_called: bool,
}

/// A binding of the registrar (RFC 3261 10.3), as it survives a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Contact URI as the phone gave it.
    pub contact: String,
    /// How to reach it.
    pub flow: Flow,
    /// When it ends.
    pub expires: WallTime,
    /// Call-ID of the last REGISTER.
    pub call_id: String,
    /// CSeq of the last REGISTER.
    pub cseq: u32,
    /// Preference in thousandths (RFC 3261 20.10).
    pub q: u16,
    /// `+sip.instance` and `reg-id` (RFC 5626 4.1).
    pub instance: Option<String>,
}

/// A G.711 law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Codec {
    /// G.711 mu-law, payload type 0.
    Pcmu,
    /// G.711 A-law, payload type 8.
    Pcma,
}

/// Direction of a media line, seen from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// Both ways.
    SendRecv,
    /// We only send: the peer holds us listening.
    SendOnly,
    /// We only receive.
    RecvOnly,
    /// Neither.
    Inactive,
}

/// What a leg's media needs after a crash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaState {
    /// Our RTP address as told to the peer.
    pub local: SocketAddr,
    /// The peer's RTP address from its SDP.
    pub remote: SocketAddr,
    /// The codec in use.
    pub codec: Codec,
    /// Its payload type: 0 or 8, or a dynamic one that the peer gave it.
    pub payload_type: u8,
    /// RFC 4733 payload type, if agreed.
    pub telephone_event: Option<u8>,
    /// Our SSRC.
    pub ssrc: u32,
    /// `sess-id` of our SDP's o= line.
    pub sdp_session: u64,
    /// `sess-version` last sent.
    pub sdp_version: u64,
    /// Direction seen from us.
    pub direction: Direction,
}

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
    /// It was the only ready one.
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
    /// It serves the queue at once: the others have a delay, or are of the reserve.
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
            Self::Owner | Self::LastAgent | Self::Preferred | Self::CallOrder | Self::ByHand => self,
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
    /// The seat's proficiency in the skill that decided, 0 if none did.
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
