//! The history of a call: what happened, when, and what is needed to take the call up again after a crash.

mod arrival;
mod clock;
mod decision;
mod due;
mod ends;
mod hand;
mod judged;
mod leg;
mod look_up;
mod message;
mod phone;
mod survey;
mod told;
mod transfer;

pub use arrival::{BlockAnswer, Blocked, Identified};
pub use clock::{ClockChange, ClockEvent};
pub use decision::{DecidingKey, Decision, NO_SEAT, SeatEvent, Trigger};
pub use due::{Due, DueWhat};
pub use ends::{CallBackEnd, Cause, NoPassage, NotCalled, OfferEnd, Onward, Side, WhyLeft};
pub use hand::{HandOrder, WhyNot};
pub use judged::{Judged, LookedAt};
pub use leg::{Codec, DialogState, Direction, Flow, MediaState, Registration, Transport};
pub use look_up::{LookUpOutcome, LookedUp};
pub use message::{MessageEnd, MessageLeft, MessageOrder, NoMessage};
pub use phone::{Callee, CodeRefusal, NotPutThrough, PhoneEvent};
pub use survey::{Dimension, Rated, SurveyEnd, SurveyRecord, Unasked, Verdict};
pub use told::{Foretold, ForetoldWait, Untold};
pub use transfer::Receiver;

use crate::call::{Assessment, Category, Class, ComplaintLevel, Impact, Kind, Nature, Priority, Topic};
use crate::desk::{DeskOrder, DeskRefusal, Reclassified, Target, TransferEnd, TransferMode, TransferReason};
use crate::{CallId, LegRole, Name, Number, Revision, WallTime};
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
        /// `0`-`9`, `*`, `#`, `A`-`D`; `x` for a digit of a value that is collected and not written down.
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
    /// The person at a seat gave an order on the call. What came of it follows, or [`EventKind::OrderRefused`].
    Ordered {
        /// The seat.
        seat: Name,
        /// Who: the user of the system, or the seat itself if its phone spoke.
        by: Name,
        /// What.
        order: DeskOrder,
    },
    /// The order before was not carried out; the call is as it was.
    OrderRefused {
        /// The seat.
        seat: Name,
        /// Why.
        why: DeskRefusal,
    },
    /// A transfer or a consultation began: the caller hears music from now on (R54).
    TransferBegan {
        /// The first agent's seat.
        from: Name,
        /// Who is to take the call over, or is asked.
        to: Target,
        /// How (R55).
        mode: TransferMode,
        /// Why (R53); `None` in a consultation only.
        reason: Option<TransferReason>,
        /// Somebody is only asked; [`EventKind::TransferMeant`] makes it a transfer.
        consultation: bool,
    },
    /// The consultation under way became a transfer.
    TransferMeant {
        /// Why (R53).
        reason: TransferReason,
    },
    /// A receiver is called; its INVITE is sent.
    ReceiverCalled {
        /// Which leg.
        leg: u8,
        /// Who.
        receiver: Receiver,
        /// How long it may ring.
        ring_ms: u32,
    },
    /// The receiver's phone rings (180).
    ReceiverRings {
        /// Who.
        receiver: Receiver,
    },
    /// A receiver's ring ended without an answer.
    ReceiverEnded {
        /// Who.
        receiver: Receiver,
        /// Why.
        why: OfferEnd,
    },
    /// The receiver answered and talks with the first agent, or at once with the caller (R54).
    ReceiverAnswered {
        /// Who.
        receiver: Receiver,
    },
    /// Caller, first agent and receiver talk with each other, or no longer.
    ThreeWay {
        /// Whether they do.
        on: bool,
    },
    /// The transfer or consultation under way ended, or the completed one before was given back (R56).
    TransferEnded {
        /// How.
        end: TransferEnd,
    },
    /// An agent found out that the call is something else than the menus thought (R23, R28, R29).
    Reclassified {
        /// The seat.
        seat: Name,
        /// What changes.
        change: Reclassified,
    },
    /// From now on this seat's agent is responsible for the matter: the first one who answered, or one who accepted it (R57).
    Owned {
        /// The seat.
        seat: Name,
    },
    /// A seat's phone did something by itself, or something was said to it alone.
    Phone(PhoneEvent),
    /// A phone asked us by REFER to call somebody, in vain: the call stays as it is (RFC 3515).
    ReferRefused {
        /// Which leg's.
        leg: u8,
        /// The status it was refused with.
        status: u16,
    },
    /// The caller has spoken with us before: these seats are to have the call first.
    Recognised {
        /// The owner of a matter that is still open (R57).
        owner: Option<Name>,
        /// Who had the caller last (R43).
        last: Option<Name>,
    },
    /// The call left its queue because nobody serves it there (`[[queue]] closed`, `nobody`), or was not let in (`limit`).
    LeftQueue {
        /// The queue.
        queue: Name,
        /// Why.
        why: WhyLeft,
        /// The queue it went on to, at its place; `None`: to a menu or a goodbye.
        to: Option<Name>,
    },
    /// A trunk over which a number was to be called was not even tried; the next one is.
    TrunkPassedOver {
        /// As in [`EventKind::OutsideCalled`]; `None` in a seat's own call too, whose number stands in [`EventKind::Arrived`].
        to: Option<Name>,
        /// The trunk.
        trunk: Name,
        /// Why not.
        why: NoPassage,
    },
    /// How grave the complaint is (C7, R30), as the menus found.
    Graded {
        /// The level.
        level: ComplaintLevel,
    },
    /// The call is over and something of it is not: by when that is to be done (R62-R67, R80-R84, R92, R100).
    DueBy(Due),
    /// The caller's number is not simply what From says.
    Identified(Identified),
    /// The block list turned the caller away.
    Blocked(Blocked),
    /// The prompts begin before the call is answered: 183 with our SDP was sent, the 200 comes when somebody answers (RFC 3960 3).
    EarlyMedia,
    /// What is switched on at present was said before the menu (R151).
    AnnouncementSaid {
        /// The announcement, by its name in the rules.
        announcement: Name,
    },
    /// Gates asked predicates of the call.
    Judged(Judged),
    /// A VIP customer was led past a self-service menu to where its key `0` leads (R47).
    Spared {
        /// The menu.
        menu: Name,
    },
    /// The rules led the call to this seat first; it waits in the queue of [`EventKind::Queued`].
    LedToSeat {
        /// The seat.
        seat: Name,
    },
    /// A menu collected digits: only how many is written down.
    Collected {
        /// The menu.
        menu: Name,
        /// The value's name in the rules.
        name: Name,
        /// How many digits.
        digits: u8,
    },
    /// A source was asked about the caller, and this came of it.
    LookedUp(Box<LookedUp>),
    /// The agent is gone, and the caller is asked how it was (R72): the conversation is over, the call is not.
    SurveyBegan {
        /// Whose callers are asked.
        queue: Name,
        /// Who had the caller last.
        seat: Name,
    },
    /// The agent is gone, and the caller of a queue with a survey is not asked.
    NotSurveyed {
        /// Why not.
        why: Unasked,
    },
    /// The caller gave a score (R72, R106).
    Rated(Rated),
    /// The survey is over.
    SurveyEnded {
        /// How.
        end: SurveyEnd,
    },
    /// The rules led the caller to somebody outside, who is called from now on; the caller hears music.
    LedOutside {
        /// A person by that name, or a number.
        to: Name,
        /// How long all attempts together may take, in milliseconds.
        rings_ms: u32,
        /// Where the call goes on if nobody answers there.
        otherwise: Onward,
    },
    /// Nobody outside answered to whom the rules had led the caller: the call goes on as [`EventKind::LedOutside`] says.
    OutsideGivenUp {
        /// Who did not answer.
        to: Name,
    },
    /// The tone sounded: what the caller says now is recorded (R19).
    MessageBegun {
        /// The voicemail of the rules.
        voicemail: Name,
        /// The recording, under the folder of messages.
        file: Name,
    },
    /// The caller has left a message: somebody is to answer it (R19, K8).
    MessageLeft(Box<MessageLeft>),
    /// The caller has left none.
    NoMessage {
        /// The voicemail of the rules.
        voicemail: Name,
        /// Why.
        why: NoMessage,
    },
    /// A person did something with the message.
    Message {
        /// Who: the user of the system.
        by: Name,
        /// What.
        order: MessageOrder,
    },
    /// Whose problem it is and how far it reaches (R33, R34), where anything is known of that.
    Assessed {
        /// The seat whose agent found it; `None`: the menus.
        seat: Option<Name>,
        /// What was found.
        found: Assessment,
    },
    /// Supervisors are told at once: the problem reaches as far as `priority.urgent_impact`, or farther (R33).
    ImpactAlerted {
        /// How far.
        impact: Impact,
    },
    /// The call is over: how soon the voice system replied to what the caller keyed in it (K2, R10), since the last restart if there was one.
    VoiceReplied {
        /// Replies that were heard.
        replies: u16,
        /// From the end of an input to the first sound of the reply, the slowest, in milliseconds.
        slowest_ms: u32,
        /// The limit.
        limit_ms: u32,
    },
    /// Nothing of a reply was heard within its limit (K2, R10).
    ReplyUnheard {
        /// It is said again; otherwise it was, and a person takes over, a survey ends, a wish for a call-back is dropped, or a message is recorded all the same.
        again: bool,
    },
    /// The caller is asked for a message: words and a tone sound (R19).
    MessageAsked {
        /// The voicemail of the rules.
        voicemail: Name,
    },
}

impl EventKind {
    /// Whether the call is in no queue from then on, though nobody has answered: turned away, led to where nobody waits, or to be called back.
    pub fn leaves_all_queues(&self) -> bool {
        matches!(self, Self::LeftQueue { to: None, .. } | Self::CallBackBooked { .. })
    }
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
