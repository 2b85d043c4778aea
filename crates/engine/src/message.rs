//! `Phase::Message`: the caller hears a tone and leaves a message, which stays open after the call until a person has answered it (R19, K8).

use crate::call::{Call, Phase};
use crate::engine::Engine;
use crate::live_clock::K8;
use crate::recover::PastMessage;
use crate::world::{Alarm, World};
use hotline_ivr::Spoken;
use hotline_media::{Command, RecordEnd, RecordOrder};
use hotline_model::history::{Cause, ClockChange, EventKind, MessageEnd, MessageLeft, MessageOrder, NoMessage, Side};
use hotline_model::{CallId, Name, Profile, QueueId, Timestamp};
use hotline_rules::{Go, Voicemail};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// The key that ends a message.
const END: char = '#';
/// The prompt before the tone counts as heard after this.
const LONGEST_PROMPT: Duration = Duration::from_secs(120);
/// How much longer than the longest message the recorder may take, holds included.
const RECORDER: Duration = Duration::from_secs(10);
/// How long after the caller has gone the recorder may take to say what came of it.
const ENDING: Duration = Duration::from_secs(5);
/// Messages that wait for an answer, taken or not, of all voicemails: each is a call that is kept. With more, all are full.
const MOST_OPEN: usize = 10_000;
/// The folder of messages that only cleared people may hear (R68).
const RESTRICTED: &str = "restricted/";

/// The messages that nobody has taken or that are being left, by voicemail; and all whose callers are gone.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    untaken: BTreeMap<Name, BTreeSet<CallId>>,
    open: BTreeSet<CallId>,
    /// Whose recorder runs, by the recording: it is heard of after the call's stream is closed.
    recorded: BTreeMap<u64, CallId>,
}

impl Messages {
    /// How many wait for an answer, taken or not.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Whether another may be left. Those that are being left are not open yet, and are as few as the callers on the line.
    fn has_room(&self, voicemail: &Voicemail) -> bool {
        self.open.len() < MOST_OPEN && self.untaken.get(&voicemail.name).map_or(0, BTreeSet::len) < voicemail.limit as usize
    }

    fn begin(&mut self, voicemail: &Voicemail, call: CallId) {
        self.untaken.entry(voicemail.name.clone()).or_default().insert(call);
    }

    fn taken(&mut self, voicemail: &Name, call: CallId) {
        if let Some(calls) = self.untaken.get_mut(voicemail) {
            calls.remove(&call);
        }
    }
}

/// What came of an order on a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MessageAnswer {
    /// The call has no message that waits for an answer.
    #[default]
    Absent,
    /// It was done.
    Done,
    /// Somebody else has it; [`MessageOrder::TakeOver`] takes it from there.
    TakenBy(Name),
    /// Nobody has taken it yet, so nobody can be done with it.
    NotTaken,
}

/// A message: asked for, being left, or waiting for an answer.
#[derive(Debug)]
pub(crate) struct Message {
    settings: Voicemail,
    profile: Profile,
    file: Name,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    /// The prompt and the tone sound.
    Asking,
    /// The caller speaks. `before`: so did the caller before a restart, which counts whatever follows.
    Recording { before: bool },
    /// All is said; the caller is to hang up.
    Thanking(Option<Left>),
    /// The caller is gone, and the recorder has yet to say what was left.
    Ending { before: bool },
    /// It waits for an answer.
    Open(Left),
}

/// When a message was left, and who answers it.
#[derive(Clone, Debug)]
struct Left {
    at: Timestamp,
    taken: Option<Name>,
}

impl Message {
    /// Whether the caller is gone: nobody is on the line.
    pub fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Ending { .. } | Stage::Open(_))
    }

    /// Whether the prompt and the tone sound.
    pub fn is_asking(&self) -> bool {
        matches!(self.stage, Stage::Asking)
    }

    /// Whether the caller speaks.
    pub fn is_recording(&self) -> bool {
        matches!(self.stage, Stage::Recording { .. })
    }

    /// What a hang-up by the caller means.
    pub fn abandonment(&self) -> Cause {
        if matches!(self.stage, Stage::Asking) { Cause::AbandonedInMenu } else { Cause::Completed }
    }

    /// Whether it was left, and waits for an answer.
    pub fn is_left(&self) -> bool {
        matches!(self.stage, Stage::Thanking(Some(_)) | Stage::Open(_))
    }

    /// Whether the caller was told all there is.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Thanking(_))
    }
}

impl Engine {
    /// What came of the last order on a message.
    pub fn message_answer(&self) -> &MessageAnswer {
        &self.message_answer
    }

    /// A recorder ended.
    pub(crate) fn on_recorded(&mut self, record: u64, end: RecordEnd, length_ms: u32, spoken_ms: u32) {
        if let Some(call) = self.world.messages.recorded.remove(&record) {
            self.with_call(call, |call, world| call.on_recorded(world, end, length_ms, spoken_ms));
        }
    }

    pub(crate) fn on_message(&mut self, call: CallId, by: Name, order: MessageOrder) {
        let mut answer = MessageAnswer::Absent;
        self.with_call(call, |call, world| answer = call.on_message_order(world, by, order));
        self.message_answer = answer;
    }
}

impl Call {
    /// The caller is asked for a message, after what is said on the way to it.
    pub fn begin_message(&mut self, world: &mut World, settings: Voicemail, profile: Profile, said: &[Spoken]) {
        self.answer_early(world);
        if self.no_message {
            self.play(world, said, false, false);
            return self.say_goodbye(world);
        }
        if !world.messages.has_room(&settings) {
            return self.no_message(world, &settings, profile, NoMessage::Full, said);
        }
        world.messages.begin(&settings, self.id);
        self.record(world, EventKind::MessageAsked { voicemail: settings.name.clone() });
        let folder = if profile.sensitive { RESTRICTED } else { "" };
        let file = Name::from(format!("{folder}{}.wav", self.id));
        let say = [said, &self.spoken(world, &settings.say, &profile)].concat();
        self.alarms.clear(world, Alarm::Menu);
        self.phase = Phase::Message(Box::new(Message { settings, profile, file, stage: Stage::Asking }));
        self.ask_for_message(world, &say);
    }

    /// What is said before the tone, and the tone.
    pub fn ask_for_message(&mut self, world: &mut World, say: &[Spoken]) {
        let (mut clips, missing) = world.prompts.clips(&world.plan, say);
        world.counters.missing_prompts += missing;
        clips.push(Arc::clone(&world.tones.beep));
        self.play += 1;
        self.reply_with(say, false, false);
        let (stream, play) = (self.caller().media.stream, self.play);
        world.media(Command::Play { stream, play, clips, barge_in: false, then_music: false });
        self.alarm(world, Alarm::Message, world.now + LONGEST_PROMPT);
    }

    /// There is no message to be left: on to where the rules say, once.
    fn no_message(&mut self, world: &mut World, settings: &Voicemail, profile: Profile, why: NoMessage, said: &[Spoken]) {
        world.messages.taken(&settings.name, self.id);
        self.no_message = true;
        self.record(world, EventKind::NoMessage { voicemail: settings.name.clone(), why });
        let said = [said, &self.spoken(world, &settings.full.say, &profile)].concat();
        match settings.full.go {
            Go::Queue(queue) | Go::Callback(queue) => self.enter_queue(world, queue, profile, said),
            go @ (Go::Menu(_) | Go::Again | Go::Goodbye | Go::HangUp | Go::Out(_) | Go::Voicemail(_)) => {
                let plan = Arc::clone(&world.plan);
                self.go_elsewhere(world, plan, go, &said, profile);
            }
        }
    }

    /// The tone was heard: the caller speaks.
    pub fn on_message_played(&mut self, world: &mut World) {
        let Phase::Message(message) = &mut self.phase else { return };
        if matches!(message.stage, Stage::Asking) {
            message.stage = Stage::Recording { before: false };
            let begun = EventKind::MessageBegun { voicemail: message.settings.name.clone(), file: message.file.clone() };
            self.record(world, begun);
            self.record_message(world);
        }
    }

    fn record_message(&mut self, world: &mut World) {
        let Phase::Message(message) = &self.phase else { return };
        let (longest, silence, file) = (message.settings.longest, message.settings.silence, Arc::from(&*message.file));
        let before = matches!(message.stage, Stage::Recording { before: true });
        let shortest = if before { Duration::ZERO } else { message.settings.shortest };
        let stream = self.caller().media.stream;
        world.messages.recorded.insert(stream.0, self.id);
        world.media(Command::Record { stream, order: RecordOrder { record: stream.0, file, longest, silence, shortest } });
        self.alarm(world, Alarm::Message, world.now + longest + RECORDER);
    }

    /// A key of the caller's: `#` ends the message, or the words before the tone.
    pub fn on_message_digit(&mut self, world: &mut World, digit: char) {
        let Phase::Message(message) = &self.phase else { return };
        match (&message.stage, digit) {
            (Stage::Asking, END) => {
                self.reply_due(world);
                self.ask_for_message(world, &[]);
            }
            (Stage::Recording { .. }, END) => {
                self.reply_due(world);
                world.media(Command::StopRecord { stream: self.caller().media.stream });
            }
            (_, _) => {}
        }
    }

    /// What should have come did not: the tone's end, the recorder's.
    pub fn on_message_late(&mut self, world: &mut World) {
        let Phase::Message(message) = &self.phase else { return };
        match &message.stage {
            Stage::Asking => self.on_message_played(world),
            Stage::Recording { .. } => {
                world.media(Command::StopRecord { stream: self.caller().media.stream });
                self.alarm(world, Alarm::RecorderLost, world.now + ENDING);
            }
            Stage::Ending { .. } => self.on_recorder_lost(world),
            Stage::Thanking(_) | Stage::Open(_) => {}
        }
    }

    /// The recorder never said what it has: what is in the file is a message.
    pub fn on_recorder_lost(&mut self, world: &mut World) {
        world.messages.recorded.retain(|_, call| *call != self.id);
        self.recorded(world, MessageEnd::Storage, 0, true);
        self.settle_reply(world);
    }

    /// The recorder says what was left.
    pub fn on_recorded(&mut self, world: &mut World, end: RecordEnd, length_ms: u32, spoken_ms: u32) {
        let Phase::Message(message) = &self.phase else { return };
        let end = match end {
            RecordEnd::Stopped => MessageEnd::Key,
            RecordEnd::Silence => MessageEnd::Silence,
            RecordEnd::Longest => MessageEnd::Longest,
            RecordEnd::Closed => MessageEnd::HungUp,
            RecordEnd::Failed => MessageEnd::Storage,
        };
        let counts = Duration::from_millis(u64::from(spoken_ms)) >= message.settings.shortest;
        self.recorded(world, end, length_ms, counts);
        self.settle_reply(world);
    }

    fn recorded(&mut self, world: &mut World, end: MessageEnd, length_ms: u32, counts: bool) {
        let Phase::Message(message) = &mut self.phase else { return };
        let (before, gone) = match message.stage {
            Stage::Recording { before } => (before, false),
            Stage::Ending { before } => (before, true),
            Stage::Asking | Stage::Thanking(_) | Stage::Open(_) => return,
        };
        let (settings, file, profile) = (message.settings.clone(), message.file.clone(), message.profile.clone());
        self.alarms.clear(world, Alarm::Message);
        self.alarms.clear(world, Alarm::RecorderLost);
        if counts || before {
            // The recorder knows nothing of the part before the restart: only the file tells how long both are.
            let length_ms = if before { 0 } else { length_ms };
            let left = self.leave_message(world, &settings, file, length_ms, end);
            return if gone { self.open_message(world, left) } else { self.thank(world, left) };
        }
        if end == MessageEnd::Storage && !gone {
            return self.no_message(world, &settings, profile, NoMessage::Storage, &[]);
        }
        world.messages.taken(&settings.name, self.id);
        let why = if end == MessageEnd::Storage { NoMessage::Storage } else { NoMessage::TooShort };
        self.record(world, EventKind::NoMessage { voicemail: settings.name, why });
        if gone {
            world.messages.open.remove(&self.id);
            self.archive(world);
        } else {
            self.hang_up_without_message(world);
        }
    }

    fn leave_message(&self, world: &mut World, settings: &Voicemail, file: Name, length_ms: u32, end: MessageEnd) -> Left {
        world.counters.messages += 1;
        let queue = world.plan.queue(settings.queue).name.clone();
        self.record(world, EventKind::MessageLeft(Box::new(MessageLeft { voicemail: settings.name.clone(), queue, file, length_ms, end })));
        Left { at: world.now, taken: None }
    }

    /// Who has said nothing, or too little, has nothing to be thanked for, and is not kept in silence.
    fn hang_up_without_message(&mut self, world: &mut World) {
        let Phase::Message(message) = &mut self.phase else { return };
        message.stage = Stage::Thanking(None);
        self.finish(world, None, Side::System, Cause::Completed, None);
    }

    /// All is said; the caller is to hang up.
    fn thank(&mut self, world: &mut World, left: Left) {
        let Phase::Message(message) = &mut self.phase else { return };
        let (profile, then) = (message.profile.clone(), message.settings.then.clone());
        self.linger_on(world, Some(left));
        let parts = self.spoken(world, &then, &profile);
        self.play(world, &parts, false, false);
    }

    /// The call is over: the message stays, if there is one. `false`: there is none.
    pub fn message_stays(&mut self, world: &mut World, mut message: Box<Message>) -> bool {
        match message.stage.clone() {
            Stage::Asking => {
                world.messages.taken(&message.settings.name, self.id);
                false
            }
            Stage::Thanking(None) => false,
            Stage::Recording { before } => {
                message.stage = Stage::Ending { before };
                self.phase = Phase::Message(message);
                world.messages.open.insert(self.id);
                self.alarm(world, Alarm::Message, world.now + ENDING);
                true
            }
            Stage::Thanking(Some(left)) => {
                self.phase = Phase::Message(message);
                self.open_message(world, left);
                true
            }
            Stage::Ending { .. } | Stage::Open(_) => {
                self.phase = Phase::Message(message);
                true
            }
        }
    }

    /// It waits for an answer from when it was left (R19).
    fn open_message(&mut self, world: &mut World, left: Left) {
        let Phase::Message(message) = &mut self.phase else { return };
        message.stage = Stage::Open(left.clone());
        world.messages.open.insert(self.id);
        self.await_answer(world, &left);
    }

    /// K8 runs from when it was left (R19), whether the caller is on the line or not.
    fn await_answer(&mut self, world: &mut World, left: &Left) {
        if left.taken.is_some() {
            return;
        }
        if self.has_clock(K8) {
            return self.wake_clock(world, K8, left.at);
        }
        let limit = world.plan.timers.deferred_response;
        self.start_clock(world, K8, left.at, limit);
    }

    /// A person does something with it, whether the caller is still on the line or not. Only who has taken it is done with it.
    fn on_message_order(&mut self, world: &mut World, by: Name, order: MessageOrder) -> MessageAnswer {
        use MessageOrder::{Delete, Done, Heard, Take, TakeOver};
        let Phase::Message(message) = &mut self.phase else { return MessageAnswer::Absent };
        let (Stage::Open(left) | Stage::Thanking(Some(left))) = &mut message.stage else { return MessageAnswer::Absent };
        let voicemail = message.settings.name.clone();
        match (order, &left.taken) {
            (Take | Done | Delete, Some(has)) if *has != by => return MessageAnswer::TakenBy(has.clone()),
            (Take, Some(_)) => return MessageAnswer::Done,
            (Done | Delete, None) => return MessageAnswer::NotTaken,
            (Take | TakeOver, _) => left.taken = Some(by.clone()),
            (Heard | Done | Delete, _) => {}
        }
        let gone = message.is_open();
        if matches!(order, Done | Delete) && !gone {
            message.stage = Stage::Thanking(None);
        }
        self.record(world, EventKind::Message { by, order });
        match order {
            Heard => {}
            Take | TakeOver => self.answer_message(world, &voicemail),
            Done | Delete if gone => {
                self.answer_message(world, &voicemail);
                world.messages.open.remove(&self.id);
                self.archive(world);
            }
            Done | Delete => self.answer_message(world, &voicemail),
        }
        MessageAnswer::Done
    }

    fn answer_message(&mut self, world: &mut World, voicemail: &Name) {
        world.messages.taken(voicemail, self.id);
        self.stop_clock(world, K8, ClockChange::Met);
    }

    /// After a restart: who was asked is asked again, the message goes on in its file if the caller is there, and else is what it was.
    pub fn take_message_up(&mut self, world: &mut World, past: PastMessage, profile: Profile, on_line: bool) {
        let settings = past.settings(world);
        let taken = past.taken.clone();
        let Some(file) = past.file else { return self.begin_message(world, settings, profile, &[]) };
        if taken.is_none() && !past.over {
            world.messages.begin(&settings, self.id);
        }
        let left = past.left.map(|at| Left { at: at.to_monotonic(world.wall_offset), taken });
        let message = Message { settings: settings.clone(), profile, file: file.clone(), stage: Stage::Recording { before: true } };
        self.phase = Phase::Message(Box::new(message));
        match (left, on_line) {
            (left, true) if past.over || left.is_some() => self.linger_on(world, left.filter(|_| !past.over)),
            (Some(left), _) => self.open_message(world, left),
            (None, true) => self.record_message(world),
            (None, false) => {
                let left = self.leave_message(world, &settings, file, 0, MessageEnd::Crash);
                self.open_message(world, left);
            }
        }
    }

    /// The caller has heard all there is, and stays on the line.
    fn linger_on(&mut self, world: &mut World, left: Option<Left>) {
        let Phase::Message(message) = &mut self.phase else { return };
        message.stage = Stage::Thanking(left.clone());
        if let Some(left) = left {
            self.await_answer(world, &left);
        }
        let linger = world.plan.timers.linger;
        self.alarm(world, Alarm::Linger, world.now + linger);
    }
}

impl PastMessage {
    fn settings(&self, world: &World) -> Voicemail {
        let known = world.plan.voicemail_named(&self.voicemail).map(|known| world.plan.voicemail(known));
        known.cloned().unwrap_or_else(|| {
            let queue = self.queue.as_ref().and_then(|name| world.plan.queue_names.get(&**name)).copied();
            Voicemail::new(self.voicemail.clone(), queue.unwrap_or(QueueId(0)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_messages_that_nobody_is_done_with_have_a_limit_too() {
        let voicemail = Voicemail::new("evening".into(), QueueId(0));
        let mut messages = Messages::default();
        messages.open.extend((0..MOST_OPEN as u32).map(|count| CallId::new(1, 0, count)));
        assert!(!messages.has_room(&voicemail), "nobody waits to be taken, and there are as many as may be");
        messages.open.pop_first();
        assert!(messages.has_room(&voicemail));
    }
}
