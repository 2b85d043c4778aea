use crate::heard::Heard;
use crate::listen::{Ear, Fingerprint};
use crate::phone::{Datagram, Input, Phone, PhoneConfig, UserAgent};
use crate::voice::Voice;
use hotline_model::{Name, Timestamp};
use hotline_sip::{DialogId, Event};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// A caller whose 200 or BYE never comes gives up this long after hanging up.
const LAST_WAIT: Duration = Duration::from_secs(40);

/// A simulated caller.
#[derive(Clone, Debug)]
pub struct CallerConfig {
    /// The phone; its user part is the caller's number.
    pub phone: PhoneConfig,
    /// Where the hotline listens.
    pub hotline: SocketAddr,
    /// The number to dial.
    pub number: String,
    /// Keys to press, each this long after the pick-up, in order of time.
    pub keys: Vec<(Duration, char)>,
    /// What the caller says, over and over, once connected with an agent.
    pub voice: Arc<Voice>,
    /// Voices by which an agent is recognised.
    pub agents: Arc<[Fingerprint]>,
    /// Hangs up this long after an agent was recognised.
    pub talk: Duration,
    /// Hangs up this long after dialling if no agent was recognised.
    pub patience: Duration,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The caller hung up after talking.
    Content,
    /// The caller lost patience.
    Impatient,
    /// The hotline hung up.
    ByHotline,
    /// The hotline refused with this status.
    Refused(u16),
    /// Nothing could be agreed or sent, or signalling was lost.
    Broken,
}

/// One call as the caller knew it.
#[derive(Clone, Debug)]
pub struct CallerCall {
    /// When it was dialled.
    pub dialled: Timestamp,
    /// When the 200 came (t1).
    pub picked_up: Option<Timestamp>,
    /// When the last key was pressed.
    pub last_key: Option<Timestamp>,
    /// When an agent's voice was heard, and whose.
    pub bridged: Option<(Timestamp, Name)>,
    /// When it was over.
    pub ended: Timestamp,
    /// How.
    pub ending: Ending,
    /// What the caller heard; its gaps are those after the bridge, if there was one.
    pub heard: Heard,
}

/// The machine of a simulated caller: one call, from dialling to its end.
#[derive(Debug)]
pub struct Caller {
    phone: Phone,
    voice: Arc<Voice>,
    agents: Arc<[Fingerprint]>,
    talk: Duration,
    keys: VecDeque<(Duration, char)>,
    ear: Ear,
    stage: Stage,
    dialled: Timestamp,
    picked_up: Option<Timestamp>,
    last_key: Option<Timestamp>,
    bridged: Option<(Timestamp, Name)>,
    done: Option<Box<CallerCall>>,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Calling { dialog: DialogId, give_up: Timestamp },
    Talking { dialog: DialogId, until: Timestamp },
    HangingUp { dialog: DialogId, ending: Ending, forget: Timestamp },
    Over,
}

impl Caller {
    /// A caller who dials at `now`.
    pub fn new(now: Timestamp, config: CallerConfig) -> Self {
        let CallerConfig { phone, hotline, number, keys, voice, agents, talk, patience } = config;
        let mut phone = Phone::new(phone);
        let dialog = phone.dial(now, &number, hotline);
        let stage = dialog.map_or(Stage::Over, |dialog| Stage::Calling { dialog, give_up: now + patience });
        let (ear, keys) = (Ear::default(), VecDeque::from(keys));
        let (picked_up, last_key, bridged, done) = (None, None, None, None);
        let mut caller = Self { phone, voice, agents, talk, keys, ear, stage, dialled: now, picked_up, last_key, bridged, done };
        if dialog.is_err() {
            caller.over(now, Ending::Broken);
        }
        caller.settle(now);
        caller
    }

    /// The call, when it is over; told once.
    pub fn poll_done(&mut self) -> Option<Box<CallerCall>> {
        self.done.take()
    }

    /// Hangs up before time.
    pub fn hang_up(&mut self, now: Timestamp) {
        self.end(now, Ending::Impatient);
        self.settle(now);
    }

    fn dialog(&self) -> Option<DialogId> {
        match self.stage {
            Stage::Calling { dialog, .. } | Stage::Talking { dialog, .. } | Stage::HangingUp { dialog, .. } => Some(dialog),
            Stage::Over => None,
        }
    }

    fn settle(&mut self, now: Timestamp) {
        while let Some(event) = self.phone.poll_event() {
            self.event(now, event);
        }
    }

    fn event(&mut self, now: Timestamp, event: Event) {
        match event {
            Event::Answered { dialog, body } if Some(dialog) == self.dialog() => self.answered(now, body.as_deref().unwrap_or_default()),
            Event::Rejected { dialog, code, .. } if Some(dialog) == self.dialog() => self.over(now, Ending::Refused(code)),
            Event::Bye { dialog, .. } if Some(dialog) == self.dialog() => self.over(now, Ending::ByHotline),
            Event::Ended { dialog, .. } if Some(dialog) == self.dialog() => self.over(now, Ending::Broken),
            Event::Reinvite { dialog, body } if Some(dialog) == self.dialog() => {
                self.phone.answer(now, dialog, body.as_deref());
            }
            Event::Confirmed { dialog, body: Some(answer) } if Some(dialog) == self.dialog() => {
                self.phone.accept(now, &answer);
            }
            Event::Invite { dialog, .. } => self.phone.refuse(now, dialog, 486),
            Event::Answered { .. }
            | Event::Rejected { .. }
            | Event::Bye { .. }
            | Event::Ended { .. }
            | Event::Reinvite { .. }
            | Event::Confirmed { .. }
            | Event::Progress { .. }
            | Event::Cancelled { .. }
            | Event::ReinviteAnswered { .. }
            | Event::ReinviteRejected { .. }
            | Event::ReferRefused { .. }
            | Event::Info { .. }
            | Event::Refer { .. }
            | Event::Changed { .. }
            | Event::Registered { .. }
            | Event::Unregistered { .. }
            | Event::Reachable { .. }
            | Event::BindingsChanged { .. } => {}
        }
    }

    fn answered(&mut self, now: Timestamp, body: &[u8]) {
        if !matches!(self.stage, Stage::Calling { .. }) {
            return;
        }
        self.picked_up = Some(now);
        if !self.phone.accept(now, body) {
            self.end(now, Ending::Broken);
        }
    }

    fn listen(&mut self, now: Timestamp) {
        let Stage::Calling { dialog, .. } = self.stage else { return };
        let Some(line) = self.phone.line() else { return };
        let Some((who, found)) = self.ear.listen(line.heard.samples(), &self.agents) else { return };
        let since = line.heard.time_of(found.at).unwrap_or(now);
        line.heard.forget_gaps();
        line.say(Arc::clone(&self.voice));
        self.bridged = Some((since, who));
        self.stage = Stage::Talking { dialog, until: now + self.talk };
    }

    fn press(&mut self, now: Timestamp) {
        while self.key_due().is_some_and(|due| due <= now) {
            let (Some((_, key)), Some(line)) = (self.keys.pop_front(), self.phone.line()) else { return };
            line.press(key);
            self.last_key = Some(now);
        }
    }

    fn key_due(&self) -> Option<Timestamp> {
        let (after, _) = self.keys.front()?;
        Some(self.picked_up? + *after)
    }

    fn end(&mut self, now: Timestamp, ending: Ending) {
        if let Stage::Calling { dialog, .. } | Stage::Talking { dialog, .. } = self.stage {
            self.stage = Stage::HangingUp { dialog, ending, forget: now + LAST_WAIT };
            self.phone.hang_up(now, dialog);
        }
    }

    fn over(&mut self, now: Timestamp, ending: Ending) {
        let ending = if let Stage::HangingUp { ending, .. } = self.stage { ending } else { ending };
        self.stage = Stage::Over;
        self.keys.clear();
        self.done = Some(Box::new(CallerCall {
            dialled: self.dialled,
            picked_up: self.picked_up,
            last_key: self.last_key,
            bridged: self.bridged.clone(),
            ended: now,
            ending,
            heard: self.phone.close_line(),
        }));
    }

    fn stage_due(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Calling { give_up: due, .. } | Stage::Talking { until: due, .. } | Stage::HangingUp { forget: due, .. } => Some(due),
            Stage::Over => None,
        }
    }
}

impl UserAgent for Caller {
    fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        self.phone.handle(now, input);
        self.settle(now);
        self.listen(now);
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.phone.handle_timeout(now);
        self.settle(now);
        self.press(now);
        if self.stage_due().is_some_and(|due| due <= now) {
            match self.stage {
                Stage::Calling { .. } => self.end(now, Ending::Impatient),
                Stage::Talking { .. } => self.end(now, Ending::Content),
                Stage::HangingUp { .. } => self.over(now, Ending::Broken),
                Stage::Over => {}
            }
            self.settle(now);
        }
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.phone.poll_timeout().into_iter().chain(self.stage_due()).chain(self.key_due()).min()
    }

    fn poll_send(&mut self) -> Option<Datagram> {
        self.phone.sends.pop_front()
    }
}
