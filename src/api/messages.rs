//! Messages that callers left: which wait, who answers them, and their sound (R19, R68). Own are those of a queue that
//! admits one's seat.

use crate::api::Api;
use crate::api::act::{Answer, Asked, json};
use crate::api::nouns::Done;
use crate::api::problem::Problem;
use crate::api::routes::{Right, Route, row};
use crate::cli::words;
use crate::engine_thread::{Look, Message};
use crate::messages;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Response};
use hotline_engine::MessageAnswer;
use hotline_model::history::{ClockChange, MessageOrder};
use hotline_model::{CallId, MessageRecord, Name, Record, WallTime};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

/// The clock of an answer to a message (R19).
const K8: u8 = 8;

/// The messages that nobody is done with.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MessageList {
    /// The oldest first.
    pub messages: Vec<MessageShown>,
}

/// A message that a caller left.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MessageShown {
    /// The call in which it was left; `/calls/{id}` tells of it, and the number to call back with `reveal=true`.
    pub id: String,
    /// The voicemail of the rules.
    pub voicemail: String,
    /// The queue whose people answer it.
    pub queue: String,
    /// The caller's number, masked.
    pub from: String,
    /// When it was left.
    #[schema(format = DateTime)]
    pub left: String,
    /// How long it is; 0 if a crash cut it and the recording can't be looked at.
    pub length_ms: u32,
    /// What ended it: `key`, `silence`, `longest`, `hung_up`, `storage`, `crash`.
    pub end: String,
    /// Only cleared people may hear it (R68).
    pub sensitive: bool,
    /// By when somebody is to have taken it (K8).
    #[schema(format = DateTime)]
    pub answer_by: Option<String>,
    /// Nobody had by then.
    pub late: bool,
    /// Who listened to it last.
    pub heard_by: Option<String>,
    /// Who answers it.
    pub taken_by: Option<String>,
}

impl MessageShown {
    fn of(record: &Record, message: &MessageRecord) -> Self {
        let clock = record.clocks.iter().rev().find(|clock| clock.clock == K8);
        let by = |who: &Option<(hotline_model::Name, WallTime)>| who.as_ref().map(|(name, _)| name.to_string());
        Self {
            id: record.call.to_string(),
            voicemail: message.left.voicemail.to_string(),
            queue: message.left.queue.to_string(),
            from: words::number(record, false),
            left: words::iso(message.at),
            length_ms: message.left.length_ms,
            end: message.left.end.word().to_owned(),
            sensitive: is_sensitive(record),
            answer_by: clock.map(|_| words::iso(message.at + limit(record))),
            late: clock.is_some_and(|clock| clock.state == ClockChange::Breached),
            heard_by: by(&message.heard),
            taken_by: by(&message.taken),
        }
    }
}

/// When a message was left, what is shown of it, and its recording.
type Found = (WallTime, MessageShown, PathBuf);

/// After a restart in the middle of a message only the recording tells how long it is.
fn measured((_, shown, path): Found) -> MessageShown {
    let length_ms = if shown.length_ms == 0 { messages::length_ms(&path).unwrap_or(0) } else { shown.length_ms };
    MessageShown { length_ms, ..shown }
}

fn limit(record: &Record) -> Duration {
    let clock = record.clocks.iter().rev().find(|clock| clock.clock == K8);
    Duration::from_millis(clock.map_or(0, |clock| u64::from(clock.limit_ms)))
}

fn is_sensitive(record: &Record) -> bool {
    record.classified.as_ref().is_some_and(|classified| classified.sensitive)
}

/// Whether the person's seat is one of the message's queue.
fn is_own(asked: &Asked, look: &Look, message: &MessageRecord) -> bool {
    let Some(seat) = asked.person.seat.as_ref().and_then(|seat| look.plan.seat_names.get(&**seat).copied()) else { return false };
    let queue = look.plan.queue_names.get(&*message.left.queue).copied();
    queue.is_some_and(|queue| look.plan.admits(seat, queue))
}

fn is_cleared(asked: &Asked, look: &Look) -> bool {
    let seat = asked.person.seat.as_ref().and_then(|seat| look.plan.seat_names.get(&**seat).copied());
    seat.is_some_and(|seat| look.plan.seat(seat).cleared)
}

/// Whether an order is listed is looked at so often, so far apart: half a second in all.
const LOOKS: usize = 100;
const LOOK: Duration = Duration::from_millis(5);

impl Api {
    pub(super) async fn messages(&self, asked: &Asked) -> Answer {
        if asked.right == Right::Own && asked.person.seat.is_none() {
            return Err(Problem::denied());
        }
        let look = self.look().await?;
        let mut shown = self.open_messages(asked, &look);
        shown.sort_by_key(|(at, ..)| *at);
        let measured = tokio::task::spawn_blocking(move || shown.into_iter().map(measured).collect()).await;
        json(&MessageList { messages: measured.map_err(|_| Problem::silent())? })
    }

    /// Those that wait and that the person may see: when each was left, and its recording.
    fn open_messages(&self, asked: &Asked, look: &Look) -> Vec<Found> {
        let (live, folder) = (self.hub.live(), messages::folder(&self.data));
        let open =
            live.after(None).filter_map(|record| Some((record, record.message.as_deref().filter(|message| message.done.is_none())?)));
        let mine = open.filter(|(_, message)| asked.right == Right::Any || is_own(asked, look, message));
        mine.map(|(record, message)| (message.at, MessageShown::of(record, message), folder.join(&*message.left.file))).collect()
    }

    /// The call of the path with its message, if the person may.
    async fn message(&self, asked: &Asked, look: &Look) -> Result<(CallId, Option<Record>), Problem> {
        let id: CallId = asked.object.as_deref().unwrap_or_default().parse().map_err(Problem::malformed)?;
        let live = self.hub.live().call(id).cloned();
        let record = match live {
            Some(record) => Some(record),
            None => self.records().await?.call(id).await.map_err(Problem::no_records)?.and_then(|found| found.record),
        };
        let message = record.as_ref().and_then(|record| record.message.as_deref());
        let own_call = || asked.person.seat.as_deref().is_some_and(|seat| self.hub.live().at(seat) == Some(id));
        let may = asked.right == Right::Any || message.is_some_and(|message| is_own(asked, look, message)) || own_call();
        if may { Ok((id, record.filter(|record| record.message.is_some()))) } else { Err(Problem::denied()) }
    }

    /// The call of the path with its message, if the person may; R68: what a sensitive caller said is for cleared people.
    async fn heard_message(&self, asked: &Asked, look: &Look, restricted: Route) -> Result<(CallId, Option<Record>), Problem> {
        let [sensitive] = asked.query(["sensitive"])?;
        let (id, record) = self.message(asked, look).await?;
        if sensitive == Some("true") || record.as_ref().is_some_and(is_sensitive) {
            match row(restricted).right(&asked.person) {
                Right::None => return Err(Problem::denied()),
                Right::Own if record.is_some() && !is_cleared(asked, look) => return Err(Problem::denied()),
                Right::Own | Right::Any => {}
            }
        }
        Ok((id, record))
    }

    pub(super) async fn message_audio(&self, asked: &Asked) -> Answer {
        let look = self.look().await?;
        let (id, record) = self.heard_message(asked, &look, Route::RestrictedAudio).await?;
        let Some(message) = record.and_then(|record| record.message) else { return Err(Problem::no_message()) };
        let path = messages::folder(&self.data).join(&*message.left.file);
        let read = tokio::task::spawn_blocking(move || messages::read(&path)).await;
        let read = read.unwrap_or_else(|lost| Err(std::io::Error::other(lost)));
        let sound = read
            .inspect_err(|error| tracing::error!(call = %id, %error, "the recording of a message can't be read"))
            .map_err(|_| Problem::no_recording())?;
        // What somebody said is heard when the audit log says so, not before.
        if !self.audit_now(asked, "done").await {
            return Err(Problem::no_audit());
        }
        if message.done.is_none() {
            let by = asked.by();
            let heard = self.mailbox.ask(|answer| Message::Voicemail { call: id, by, order: MessageOrder::Heard, answer }).await;
            heard.ok_or_else(Problem::silent)?;
        }
        let mut answer = Response::new(Body::from(sound));
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("audio/wav"));
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(answer)
    }

    pub(super) async fn message_order(self: &Arc<Self>, asked: &Asked, order: MessageOrder) -> Answer {
        if !asked.body.is_empty() {
            return Err(Problem::unfit("this order takes no body"));
        }
        let look = self.look().await?;
        let (call, record) = self.heard_message(asked, &look, Route::RestrictedOrder(order)).await?;
        let Some(message) = record.and_then(|record| record.message).filter(|message| message.done.is_none()) else {
            return Err(Problem::no_message());
        };
        // Nobody takes it over between the look at who has it and the end of its recording.
        let _turn = self.message_orders.lock().await;
        // First the file: who is told that it could not go still has the message, and may try again. It goes only if they have it.
        if order == MessageOrder::Delete {
            match &message.taken {
                None => return Err(Problem::message_not_taken()),
                Some((has, _)) if *has != asked.by() => return Err(Problem::message_taken(has)),
                // What is listed may be behind the engine, for which this changes nothing if they have it.
                Some(_) => self.tell_message(asked, call, MessageOrder::Take).await?,
            }
            let path = messages::folder(&self.data).join(&*message.left.file);
            let gone = tokio::task::spawn_blocking(move || messages::remove(&path)).await;
            let gone = gone.unwrap_or_else(|lost| Err(std::io::Error::other(lost)));
            gone.inspect_err(|error| tracing::error!(%call, %error, "the recording of a message can't be deleted"))
                .map_err(|error| Problem::recording_stays(&error))?;
        }
        self.tell_message(asked, call, order).await?;
        self.see_message(call, order, &asked.by()).await;
        json(&Done { done: true, seat: None, call: Some(call.to_string()) })
    }

    /// What is listed follows the engine within moments: who has taken a message, or is done with it, finds it so at once.
    async fn see_message(&self, call: CallId, order: MessageOrder, by: &Name) {
        let is_seen = || {
            let live = self.hub.live();
            let message = live.call(call).and_then(|record| record.message.as_deref());
            message.is_none_or(|message| match order {
                MessageOrder::Take | MessageOrder::TakeOver => message.taken.as_ref().is_some_and(|(has, _)| has == by),
                MessageOrder::Done | MessageOrder::Delete => message.done.is_some(),
                MessageOrder::Heard => true,
            })
        };
        for _ in 0..LOOKS {
            if is_seen() {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The engine carries an order out, or says why not.
    async fn tell_message(&self, asked: &Asked, call: CallId, order: MessageOrder) -> Result<(), Problem> {
        let by = asked.by();
        match self.mailbox.ask(|answer| Message::Voicemail { call, by, order, answer }).await.ok_or_else(Problem::silent)? {
            MessageAnswer::Done => Ok(()),
            MessageAnswer::Absent => Err(Problem::no_message()),
            MessageAnswer::TakenBy(other) => Err(Problem::message_taken(&other)),
            MessageAnswer::NotTaken => Err(Problem::message_not_taken()),
        }
    }
}
