use crate::heard::Heard;
use crate::phone::{Datagram, Input, Phone, PhoneConfig, UserAgent};
use crate::register::{Registration, Standing};
use crate::voice::Voice;
use hotline_model::Timestamp;
use hotline_sip::{DialogId, Event, IncomingInvite};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Reports not yet polled; beyond it the oldest goes.
const REPORTS: usize = 256;

/// A simulated agent.
#[derive(Clone, Debug)]
pub struct AgentConfig {
    /// The phone; its user part is the seat.
    pub phone: PhoneConfig,
    /// Where the hotline listens, and the seat's password; `None` for a phone that does not register.
    pub registrar: Option<(SocketAddr, String)>,
    /// How long it rings.
    pub ring: Duration,
    /// What the agent says, over and over.
    pub voice: Arc<Voice>,
    /// Hangs up after this; `None` waits for the caller to.
    pub talk: Option<Duration>,
}

/// What a simulated agent tells.
#[derive(Clone, Debug)]
pub enum AgentReport {
    /// Registered, or no longer.
    Standing(Standing),
    /// A call rings.
    Ringing,
    /// A call was answered.
    Answered,
    /// A call is over.
    Ended(Box<AgentCall>),
}

/// One call as the agent heard it.
#[derive(Clone, Debug)]
pub struct AgentCall {
    /// When it began to ring.
    pub rang: Timestamp,
    /// When it was answered, if it was.
    pub answered: Option<Timestamp>,
    /// When it was over.
    pub ended: Timestamp,
    /// `X-Hotline-Call-Id` of the offer.
    pub call_id: Option<String>,
    /// What the agent heard.
    pub heard: Heard,
}

/// The machine of a simulated agent: registers, answers one call at a time, speaks, listens.
#[derive(Debug)]
pub struct Agent {
    phone: Phone,
    registration: Option<Registration>,
    ring: Duration,
    voice: Arc<Voice>,
    talk: Option<Duration>,
    call: Option<Call>,
    reports: VecDeque<AgentReport>,
}

#[derive(Debug)]
struct Call {
    dialog: DialogId,
    offer: Option<Vec<u8>>,
    rang: Timestamp,
    answered: Option<Timestamp>,
    due: Option<Timestamp>,
    call_id: Option<String>,
}

impl Agent {
    /// An agent who comes to work at `now`.
    pub fn new(now: Timestamp, config: AgentConfig) -> Self {
        let AgentConfig { phone, registrar, ring, voice, talk } = config;
        let mut phone = Phone::new(phone);
        let registration = registrar.map(|(hotline, password)| Registration::new(now, &mut phone, hotline, password));
        let mut agent = Self { phone, registration, ring, voice, talk, call: None, reports: VecDeque::new() };
        agent.settle(now);
        agent
    }

    /// Goes home: hangs up and takes the registration back.
    pub fn leave(&mut self, now: Timestamp) {
        if let Some(call) = &self.call {
            self.phone.hang_up(now, call.dialog);
        }
        if let Some(registration) = &mut self.registration {
            registration.leave(now, &mut self.phone);
        }
        self.settle(now);
    }

    /// What happened.
    pub fn poll_report(&mut self) -> Option<AgentReport> {
        self.reports.pop_front()
    }

    /// Whether a call rings or is on.
    pub fn is_busy(&self) -> bool {
        self.call.is_some()
    }

    fn settle(&mut self, now: Timestamp) {
        while let Some(event) = self.phone.poll_event() {
            self.event(now, event);
        }
        if let Some(standing) = self.registration.as_mut().and_then(Registration::poll_standing) {
            self.report(AgentReport::Standing(standing));
        }
    }

    fn event(&mut self, now: Timestamp, event: Event) {
        let current = self.call.as_ref().map(|call| call.dialog);
        match event {
            Event::Invite { dialog, invite } => self.incoming(now, dialog, &invite),
            Event::Confirmed { dialog, body: Some(answer) } if Some(dialog) == current && self.phone.line().is_none() => {
                self.phone.accept(now, &answer);
                self.speak();
            }
            Event::Reinvite { dialog, body } => {
                self.phone.answer(now, dialog, body.as_deref());
            }
            Event::Cancelled { dialog } | Event::Bye { dialog, .. } | Event::Ended { dialog, .. } | Event::Rejected { dialog, .. }
                if Some(dialog) == current =>
            {
                self.over(now);
            }
            Event::Cancelled { .. }
            | Event::Bye { .. }
            | Event::Ended { .. }
            | Event::Rejected { .. }
            | Event::Confirmed { .. }
            | Event::Progress { .. }
            | Event::Answered { .. }
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

    fn incoming(&mut self, now: Timestamp, dialog: DialogId, invite: &IncomingInvite) {
        if self.call.is_some() {
            return self.phone.refuse(now, dialog, 486);
        }
        if self.phone.ring(now, dialog).is_err() {
            return;
        }
        let call_id = invite.headers.named("X-Hotline-Call-Id").map(|value| String::from_utf8_lossy(value).into_owned());
        let due = Some(now + self.ring);
        self.call = Some(Call { dialog, offer: invite.body.clone(), rang: now, answered: None, due, call_id });
        self.report(AgentReport::Ringing);
    }

    fn due(&mut self, now: Timestamp) {
        let Some(call) = self.call.as_mut().filter(|call| call.due.is_some_and(|due| due <= now)) else { return };
        call.due = None;
        let dialog = call.dialog;
        if call.answered.is_some() {
            self.phone.hang_up(now, dialog);
            return;
        }
        let offer = call.offer.take();
        if !self.phone.answer(now, dialog, offer.as_deref()) {
            return;
        }
        if let Some(call) = &mut self.call {
            call.answered = Some(now);
            call.due = self.talk.map(|talk| now + talk);
        }
        self.speak();
        self.report(AgentReport::Answered);
    }

    fn speak(&mut self) {
        let voice = Arc::clone(&self.voice);
        if let Some(line) = self.phone.line() {
            line.say(voice);
        }
    }

    fn over(&mut self, now: Timestamp) {
        let Some(Call { rang, answered, call_id, .. }) = self.call.take() else { return };
        let heard = self.phone.close_line();
        self.report(AgentReport::Ended(Box::new(AgentCall { rang, answered, ended: now, call_id, heard })));
    }

    fn report(&mut self, report: AgentReport) {
        if self.reports.len() == REPORTS {
            self.reports.pop_front();
        }
        self.reports.push_back(report);
    }
}

impl UserAgent for Agent {
    fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        let taken = self.registration.as_mut().is_some_and(|registration| registration.handle(now, &mut self.phone, input));
        if !taken {
            self.phone.handle(now, input);
        }
        self.settle(now);
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.phone.handle_timeout(now);
        if let Some(registration) = &mut self.registration {
            registration.handle_timeout(now, &mut self.phone);
        }
        self.due(now);
        self.settle(now);
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        let registration = self.registration.as_ref().and_then(Registration::poll_timeout);
        let call = self.call.as_ref().and_then(|call| call.due);
        self.phone.poll_timeout().into_iter().chain(registration).chain(call).min()
    }

    fn poll_send(&mut self) -> Option<Datagram> {
        self.phone.sends.pop_front()
    }
}
