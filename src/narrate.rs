//! Tells in the log what a supervisor would tell a colleague.

use crate::cli::words::masked;
use crossbeam_channel::Receiver;
use hotline_model::history::{
    Blocked, Callee, ClockChange, EventKind, Identified, LookUpOutcome, LookedUp, MessageLeft, NoMessage, PhoneEvent, Rated, Verdict,
};
use hotline_model::{CallEvent, CallId, Entry, Name, Switch};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Logs entries until the engine is gone.
pub fn narrate(turns: &Receiver<Vec<Entry>>) {
    for entries in turns {
        entries.iter().zip(entries.iter().skip(1).map(Some).chain([None])).for_each(|(entry, next)| log(entry, next));
    }
}

fn log(entry: &Entry, next: Option<&Entry>) {
    match entry {
        Entry::Call(event) if log_own(event, next) => {}
        Entry::Call(event) => log_event(event),
        Entry::Seat(event) => tracing::debug!(seat = %event.seat, state = event.state.word(), "seat"),
        Entry::Decision { decision, queue, seat, .. } => {
            tracing::debug!(call_id = %decision.call, %queue, seat = seat.as_deref().unwrap_or("nobody"), "decision");
        }
        Entry::Boot { .. } | Entry::Registrations { .. } | Entry::HotDesk { .. } | Entry::WrongPins(_) => {}
        Entry::Switched(Switch { announcement, by, on, until, note, .. }) => {
            tracing::info!(%announcement, %by, on, until = until.map(|until| until.0), note, "an announcement is switched (R151)");
        }
    }
}

/// A seat's own call: its arrival says what was dialled, the event behind it who dialled.
fn log_own(event: &CallEvent, next: Option<&Entry>) -> bool {
    let (EventKind::Arrived { dialled, from, .. }, Some(Entry::Call(next))) = (&event.kind, next) else { return false };
    let EventKind::Phone(PhoneEvent::Calls { phone, seat, callee }) = &next.kind else { return false };
    let (call_id, number) = (event.call, matches!(callee, Callee::Outside | Callee::Nowhere).then_some(from));
    match number {
        Some(number) => tracing::info!(%call_id, %phone, seat = seat.as_deref(), %dialled, %number, "a seat calls"),
        None => tracing::info!(%call_id, %phone, seat = seat.as_deref(), %dialled, "a seat calls"),
    }
    true
}

fn log_event(event: &CallEvent) {
    let call_id = event.call;
    match &event.kind {
        EventKind::Arrived { dialled, from, revision, .. } => tracing::info!(%call_id, %dialled, %from, %revision, "call"),
        EventKind::Queued { queue, priority } => tracing::info!(%call_id, %queue, %priority, "waits"),
        EventKind::Offered { seat, .. } => tracing::debug!(%call_id, %seat, "offered"),
        EventKind::OfferEnded { seat, why } => tracing::info!(%call_id, %seat, ?why, "offer ended"),
        EventKind::Answered { seat } => tracing::info!(%call_id, %seat, "answered"),
        EventKind::Clock(clock) if clock.change == ClockChange::Breached => {
            tracing::warn!(%call_id, clock = format!("K{}", clock.clock), limit_ms = clock.limit_ms, "clock breached");
        }
        EventKind::HungUp { side, cause, .. } => tracing::info!(%call_id, ?side, ?cause, "hung up"),
        EventKind::ImpactAlerted { impact } => tracing::warn!(%call_id, %impact, "a problem that reaches far: supervisors, look (R33)"),
        EventKind::Alerted { topic } => tracing::warn!(%call_id, %topic, "a matter that goes first: supervisors, look (R25, R26)"),
        EventKind::Recovered => tracing::info!(%call_id, "taken up again after a restart"),
        EventKind::NoMedia { leg } => tracing::info!(%call_id, leg, "no sound comes any more"),
        EventKind::PlaceKept { after, .. } => tracing::info!(%call_id, %after, "back at the place of the call before"),
        EventKind::Reprioritised { priority } => tracing::info!(%call_id, %priority, "another priority"),
        EventKind::NotAssigned { seat, why } => tracing::info!(%call_id, %seat, ?why, "can't be assigned by hand"),
        EventKind::OutsideCalled { to, trunk, .. } => tracing::info!(%call_id, to = callee(to), %trunk, "calls outside"),
        EventKind::OutsideEnded { to, trunk, why } => tracing::info!(%call_id, to = callee(to), %trunk, ?why, "the call outside ended"),
        EventKind::OutsideNotCalled { to, why } => tracing::warn!(%call_id, to = callee(to), ?why, "nobody outside could be called"),
        EventKind::OutsideAnswered { to, trunk } => tracing::info!(%call_id, to = callee(to), %trunk, "answered outside"),
        EventKind::ByHand { by, order } => tracing::info!(%call_id, %by, ?order, "an order by hand"),
        EventKind::Ordered { seat, by, order } => tracing::info!(%call_id, %seat, %by, ?order, "ordered at a seat"),
        EventKind::OrderRefused { seat, why } => tracing::info!(%call_id, %seat, ?why, "the order is refused"),
        EventKind::ReferRefused { leg, status } => tracing::info!(%call_id, leg, status, "a REFER is refused"),
        EventKind::TransferBegan { from, to, consultation: true, .. } => tracing::info!(%call_id, %from, %to, "consults"),
        EventKind::TransferBegan { from, to, reason, .. } => tracing::info!(%call_id, %from, %to, ?reason, "transfers"),
        EventKind::ReceiverAnswered { receiver } => tracing::info!(%call_id, receiver = %receiver.shown(), "the receiver answered"),
        EventKind::ReceiverEnded { receiver, why } => tracing::info!(%call_id, receiver = %receiver.shown(), ?why, "no receiver there"),
        EventKind::TransferEnded { end } => tracing::info!(%call_id, ?end, "the transfer ended"),
        EventKind::Recognised { owner, last } => tracing::info!(%call_id, ?owner, ?last, "has called before"),
        EventKind::LookedUp(looked_up) => log_look_up(call_id, looked_up),
        EventKind::Owned { seat } => tracing::debug!(%call_id, %seat, "responsible for the matter (R57)"),
        EventKind::CallBackBooked { call } => tracing::info!(%call_id, call_back = %call, "will be called back"),
        EventKind::CallBackOpened { after, queue, .. } => tracing::info!(%call_id, %after, %queue, "a call-back"),
        EventKind::CallBackLater { attempts, .. } => tracing::info!(%call_id, attempts, "the customer was not reached; again later"),
        EventKind::CallBackEnded { why } => tracing::info!(%call_id, ?why, "the call-back ended"),
        EventKind::Foretold(told) => match told.wait {
            Ok(wait) => tracing::debug!(%call_id, ahead = told.ahead, minutes = wait.minutes, "told the expected wait"),
            Err(why) => tracing::debug!(%call_id, ahead = told.ahead, ?why, "told no wait"),
        },
        EventKind::MessageAsked { voicemail } => tracing::debug!(%call_id, %voicemail, "the caller is asked for a message"),
        EventKind::MessageBegun { voicemail, .. } => tracing::debug!(%call_id, %voicemail, "the caller leaves a message"),
        EventKind::MessageLeft(left) => {
            let MessageLeft { voicemail, queue, length_ms, end, .. } = &**left;
            tracing::info!(%call_id, %voicemail, %queue, length_ms, %end, "a message was left (R19)");
        }
        EventKind::NoMessage { voicemail, why: NoMessage::TooShort } => tracing::info!(%call_id, %voicemail, "no message was left"),
        EventKind::NoMessage { voicemail, why } => tracing::warn!(%call_id, %voicemail, %why, "no message could be left"),
        EventKind::Message { by, order } => tracing::info!(%call_id, %by, %order, "a message"),
        EventKind::LeftQueue { queue, why, to } => tracing::info!(%call_id, %queue, ?why, to = to.as_deref(), "leaves the queue"),
        EventKind::TrunkPassedOver { trunk, why, .. } => tracing::warn!(%call_id, %trunk, ?why, "a trunk is not tried"),
        EventKind::DueBy(due) => {
            tracing::info!(%call_id, what = %due.what, by = due.by.0, clock = due.clock, rule = due.rule, profile = %due.profile, "left to be done");
        }
        EventKind::Identified(Identified { came, asserted_by, private, odd }) => {
            tracing::debug!(%call_id, %came, asserted_by = asserted_by.as_deref(), private, ?odd, "who calls");
        }
        EventKind::Blocked(Blocked { rule, answer, .. }) => tracing::info!(%call_id, %rule, ?answer, "turned away by the block list"),
        EventKind::AnnouncementSaid { announcement } => tracing::debug!(%call_id, %announcement, "an announcement is said"),
        EventKind::Phone(event) => log_phone(call_id, event),
        EventKind::Spared { menu } => tracing::info!(%call_id, %menu, "a VIP is led past self-service (R47)"),
        EventKind::LedToSeat { seat } => tracing::info!(%call_id, %seat, "the rules lead to a seat first"),
        EventKind::SurveyBegan { queue, seat } => tracing::debug!(%call_id, %queue, %seat, "the caller is asked how it was"),
        EventKind::NotSurveyed { why } => tracing::debug!(%call_id, %why, "the caller is not asked how it was"),
        EventKind::Rated(Rated { dimension, score, verdict: Verdict::Low }) => {
            tracing::warn!(%call_id, %dimension, score, "a low score: supervisors, look, and have it followed up (R105)");
        }
        EventKind::Rated(Rated { dimension, score, verdict }) => tracing::info!(%call_id, %dimension, score, %verdict, "a score"),
        EventKind::SurveyEnded { end } => tracing::debug!(%call_id, %end, "the survey is over"),
        EventKind::ReplyUnheard { again } => {
            tracing::warn!(%call_id, again, "nothing of the voice system's reply was heard: said again, then it goes on without, to a person if in a menu (R10)");
        }
        EventKind::VoiceReplied { replies, slowest_ms, .. } => tracing::debug!(%call_id, replies, slowest_ms, "the voice system replied"),
        EventKind::LedOutside { to, otherwise, .. } => tracing::info!(%call_id, to = masked(to), ?otherwise, "the rules lead outside"),
        EventKind::OutsideGivenUp { to } => tracing::info!(%call_id, to = masked(to), "nobody outside answered, it goes on"),
        EventKind::Collected { menu, name, digits } => tracing::debug!(%call_id, %menu, %name, digits, "digits collected"),
        EventKind::Judged(judged) => tracing::debug!(%call_id, ?judged, "conditions of the rules"),
        EventKind::PickedUp
        | EventKind::EarlyMedia
        | EventKind::Menu(_)
        | EventKind::Digit { .. }
        | EventKind::Language(_)
        | EventKind::Classified(_)
        | EventKind::Graded { .. }
        | EventKind::Assessed { .. }
        | EventKind::Ringing { .. }
        | EventKind::Held { .. }
        | EventKind::Resumed { .. }
        | EventKind::FirstCommunication
        | EventKind::Handled { .. }
        | EventKind::Clock(_)
        | EventKind::Overflowed { .. }
        | EventKind::Announced { .. }
        | EventKind::TransferMeant { .. }
        | EventKind::ReceiverCalled { .. }
        | EventKind::ReceiverRings { .. }
        | EventKind::ThreeWay { .. }
        | EventKind::Reclassified { .. }
        | EventKind::Inviting { .. }
        | EventKind::Leg { .. }
        | EventKind::LegEnded { .. }
        | EventKind::Archived => tracing::trace!(%call_id, event = ?event.kind, "event"),
    }
}

fn log_phone(call_id: CallId, event: &PhoneEvent) {
    match event {
        PhoneEvent::NotPutThrough { why } => tracing::warn!(%call_id, ?why, "a seat's call is not put through"),
        PhoneEvent::Code { phone, seat, code, result: Ok(()) } => tracing::info!(%call_id, %phone, seat = seat.as_deref(), %code, "a code"),
        PhoneEvent::Code { phone, code, result: Err(why), .. } => tracing::info!(%call_id, %phone, %code, ?why, "a code in vain"),
        PhoneEvent::WrongPin { phone, seat, locked_until: None } => tracing::warn!(%call_id, %phone, %seat, "a wrong PIN"),
        PhoneEvent::WrongPin { phone, seat, .. } => tracing::warn!(%call_id, %phone, %seat, "too many wrong PINs: locked for a while"),
        PhoneEvent::Emergency { number } => tracing::error!(%call_id, %number, "EMERGENCY: a seat calls for help; supervisors, look"),
        PhoneEvent::Calls { .. } | PhoneEvent::Greeting { .. } | PhoneEvent::Greeted | PhoneEvent::Referred { .. } => {
            tracing::trace!(%call_id, ?event, "event");
        }
    }
}

/// Who is called outside.
fn callee(to: &Option<Name>) -> String {
    to.as_ref().map_or_else(|| "the customer".to_owned(), masked)
}

/// Sources that answer what the rules don't know are told of once a minute at most: a thousand calls say the same.
fn log_look_up(call_id: CallId, looked_up: &LookedUp) {
    let LookedUp { source, outcome, took_ms, ignored, .. } = looked_up;
    tracing::debug!(%call_id, %source, outcome = outcome.word(), took_ms, "looked up");
    let trouble = match outcome {
        LookUpOutcome::Failed | LookUpOutcome::Full => true,
        LookUpOutcome::Known | LookUpOutcome::Unknown | LookUpOutcome::Late => !ignored.is_empty(),
    };
    if trouble && WRONG_ANSWERS.is_due() {
        let ignored = ignored.iter().map(|name| &**name).collect::<Vec<_>>().join(", ");
        tracing::warn!(%source, outcome = outcome.word(), ignored, "a look-up of a caller failed, or values of its answer are not known here");
    }
}

static WRONG_ANSWERS: Seldom = Seldom(Mutex::new(None));

/// Once a minute.
struct Seldom(Mutex<Option<Instant>>);

impl Seldom {
    fn is_due(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| last.elapsed() >= Duration::from_secs(60));
        if due {
            *last = Some(Instant::now());
        }
        due
    }
}
