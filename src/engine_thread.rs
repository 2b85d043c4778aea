//! The engine's own thread: one task that drains sockets and channels, lets the engine work, writes the journal, and only then sends.

use crate::clock::Clock;
use crate::contacts::Contacts;
use crate::figures_log;
use crate::folder::Revision;
use crate::groups::{Groups, Lost};
use crate::keep::Years;
use crate::layouts::{Ground, Old, Ready, put_away};
use crate::look_up::{LookUps, Teller};
use crate::media_worker::MediaHandle;
use crate::replay::Recorder;
use crate::tcp::TcpOut;
use crate::waker::Waker;
use anyhow::Context;
use crossbeam_channel::{Receiver, Sender, TrySendError};
use hotline_archive::{Health, Journal};
use hotline_engine::{AnnouncementState, Answer, AskId, Counters, Engine, Figures, Input, MessageAnswer, Output, PastTalk};
use hotline_model::history::{Flow, HandOrder, MessageOrder, Transport, WhyNot};
use hotline_model::{
    CallId, DeskOrder, DeskRefusal, Entry, Intent, Name, Number, SeatId, SeatState, Switch, Timestamp, WallTime, WrongPins, encode_entry,
};
use hotline_router::Report;
use hotline_rules::{GroupId, Plan};
use hotline_sip::Binding;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::OwnedSemaphorePermit;

/// Datagrams read and messages taken in one turn.
const TURN: usize = 64;
/// Messages that may wait for the engine; a producer that finds it full waits, drops or ends its connection.
pub const MAILBOX: usize = 65_536;
/// Longest time that a task waits for room in the mailbox.
const ROOM: Duration = Duration::from_secs(5);
/// Longest time that somebody waits for an answer.
const ANSWER: Duration = Duration::from_secs(1);
/// Largest datagram read.
const DATAGRAM: usize = 65_535;
const HOUSEKEEPING: Duration = Duration::from_secs(1);
/// How long a stop waits for room on the disk.
const LAST_CHANCE: Duration = Duration::from_secs(30);
/// How often it is told who was turned away, at most.
const TURNED_AWAY: Duration = Duration::from_secs(60);
/// How often the figures are told in the log.
const FIGURES: Duration = Duration::from_secs(300);
/// How soon after new rules they are told: who waits in a queue that is gone?
const AFTER_RULES: Duration = Duration::from_secs(1);

/// What other threads tell the engine's.
pub enum Message {
    /// Bytes of a TCP connection, and its share of the mailbox, free again when they are read.
    Stream(Flow, Vec<u8>, OwnedSemaphorePermit),
    /// A TCP connection ended.
    StreamClosed(Flow),
    /// A TCP connection could not be made.
    SendFailed(Flow),
    /// New rules.
    Rules(Box<Revision>),
    /// What new rules are to be laid out for.
    Survey(Reply<Ground>),
    /// What was made of the rules that come next, and where what they replace is dropped.
    Ready(Box<Ready>, Sender<Old>),
    /// The answer to a question of the engine.
    Answer(AskId, Answer),
    /// A person switches an announcement; the time is the engine's. Answered after it was journalled.
    Switch(Switch, Reply<()>),
    /// A person does something with a message; whoever asked is told what came of it, after it was journalled.
    Voicemail {
        /// The call in which it was left.
        call: CallId,
        /// Who.
        by: Name,
        /// What.
        order: MessageOrder,
        /// Where the answer goes.
        answer: Reply<MessageAnswer>,
    },
    /// A person orders something of a call that waits; whoever asked is told why it could not be, after it was journalled.
    ByHand {
        /// The call.
        call: CallId,
        /// Who.
        by: Name,
        /// What.
        order: HandOrder,
        /// Where the answer goes.
        answer: Reply<Option<WhyNot>>,
    },
    /// A person orders something of a seat or of the call it is in; whoever asked is told what came of it, after it was journalled.
    Desk {
        /// At which seat.
        at: At,
        /// Who.
        by: Name,
        /// What.
        order: DeskOrder,
        /// Where the answer goes: the seat, or why not.
        answer: Reply<Result<Name, DeskNo>>,
    },
    /// The router of another group says something.
    Report(GroupId, Box<Report>),
    /// The router of another group is no more.
    Lost(Lost),
    /// Conversations of earlier runs.
    Past(Vec<PastTalk>),
    /// Whom surveys of earlier runs asked, and when.
    Surveyed(Vec<(Number, WallTime)>),
    /// No new calls.
    Drain,
    /// Every call is hung up.
    HangUp,
    /// The end.
    Stop,
    /// What is going on?
    Look(Reply<Look>),
}

/// Where an answer of the engine's thread goes; a questioner that went away needs none.
pub type Reply<T> = Box<dyn FnOnce(T) + Send>;

/// The seat of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// This one, whatever call it is in.
    Seat(Name),
    /// This one, if it is at the call.
    Own {
        /// The seat.
        seat: Name,
        /// The call.
        call: CallId,
    },
    /// The one that has the call.
    Call {
        /// The call.
        call: CallId,
        /// The seat that had it when somebody looked, if it is still at it; else any that is.
        seat: Option<Name>,
    },
}

/// Why an order was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskNo {
    /// The seat is not at the call.
    NotAtIt,
    /// The engine refused.
    Refused(DeskRefusal),
}

/// What is going on.
#[derive(Clone, Debug)]
pub struct Look {
    /// Now.
    pub figures: Figures,
    /// Since the start.
    pub counters: Counters,
    /// Calls in memory, wrap-up included.
    pub calls: usize,
    /// Of these, those in which somebody is on the line.
    pub on_line: usize,
    /// The rules in force.
    pub plan: Arc<Plan>,
    /// All seats by name.
    pub seats: Vec<(Name, SeatState)>,
    /// The announcements of the rules.
    pub announcements: Vec<AnnouncementState>,
}

/// The way to the engine's thread.
#[derive(Clone)]
pub struct Mailbox {
    sender: Sender<Message>,
    waker: Waker,
}

impl Mailbox {
    /// A mailbox and the end that the engine reads.
    pub fn new(waker: Waker) -> (Self, Receiver<Message>) {
        let (sender, receiver) = crossbeam_channel::bounded(MAILBOX);
        (Self { sender, waker }, receiver)
    }

    /// Sends unless the mailbox is full; then the message comes back.
    pub fn try_send(&self, message: Message) -> Result<(), Message> {
        let sent = self.sender.try_send(message);
        self.waker.wake();
        sent.map_err(|error| match error {
            TrySendError::Full(message) | TrySendError::Disconnected(message) => message,
        })
    }

    /// Sends from a task, waiting for room without blocking its thread; false if the engine is gone, or had no room for 5 s.
    pub async fn send_later(&self, message: Message) -> bool {
        self.send_within(message, ROOM).await
    }

    /// As [`Mailbox::send_later`], with another patience.
    pub async fn send_within(&self, mut message: Message, patience: Duration) -> bool {
        let until = tokio::time::Instant::now() + patience;
        loop {
            let sent = self.sender.try_send(message);
            self.waker.wake();
            message = match sent {
                Ok(()) => return true,
                Err(TrySendError::Full(back)) if tokio::time::Instant::now() < until => back,
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => return false,
            };
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Sends, waiting for room; false if the engine is gone.
    pub fn send(&self, message: Message) -> bool {
        let sent = self.sender.send(message).is_ok();
        self.waker.wake();
        sent
    }

    /// Wakes the engine without a message.
    pub fn wake(&self) {
        self.waker.wake();
    }

    /// Whether the engine is gone.
    pub fn is_closed(&self) -> bool {
        // A message that nobody waits for: it finds out whether anybody reads.
        matches!(self.sender.try_send(Message::Look(Box::new(drop))), Err(TrySendError::Disconnected(_)))
    }

    /// Asks what is going on; `None` if the engine does not answer within a second.
    pub fn look(&self) -> Option<Look> {
        let (sender, receiver) = crossbeam_channel::bounded(1);
        self.try_send(Message::Look(Box::new(move |look| drop(sender.try_send(look))))).ok()?;
        receiver.recv_timeout(ANSWER).ok()
    }

    /// Asks from a task; `None` if the mailbox is full or the engine does not answer within a second.
    pub async fn ask<T: Send + 'static>(&self, message: impl FnOnce(Reply<T>) -> Message) -> Option<T> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        self.try_send(message(Box::new(move |answer| drop(sender.send(answer))))).ok()?;
        tokio::time::timeout(ANSWER, receiver).await.ok()?.ok()
    }
}

/// What a restart must not forget besides calls.
#[derive(Clone, Debug, PartialEq)]
pub struct Remember {
    /// When it was so.
    pub at: Timestamp,
    /// The registrations.
    pub bindings: Vec<Binding>,
    /// What the agents chose, where it is not what the rules begin with.
    pub chosen: Vec<(Name, Intent)>,
    /// Telephones and the seats that sit there without being their owners.
    pub hot_desks: Vec<(Name, Name)>,
    /// Wrong PINs in a row, so that nobody has new tries after a restart.
    pub wrong_pins: Vec<WrongPins>,
    /// Announcements that were switched.
    pub switches: Vec<Switch>,
    /// When a seat called an emergency service, while nobody is turned away for it.
    pub emergency: Option<WallTime>,
}

/// All that the thread owns.
pub struct EngineThread {
    pub clock: Clock,
    pub engine: Recorder,
    pub udp: Vec<std::net::UdpSocket>,
    pub messages: Receiver<Message>,
    pub media: MediaHandle,
    pub media_events: Receiver<hotline_media::Event>,
    pub tcp: TcpOut,
    pub look_ups: LookUps,
    /// The threads of further queue groups.
    pub groups: Option<Groups>,
    pub journal: Journal,
    /// Told each turn's journal entries after they were written; they are dropped (and counted) when it is full.
    pub narrator: Option<Sender<Vec<Entry>>>,
    /// How many entries the narrator was not told.
    pub missed: Arc<AtomicU64>,
    /// What was counted of calls that are over, where the control API runs.
    pub contacts: Arc<Contacts>,
    /// Told what a restart must not forget, when it changed.
    pub remember: Sender<Remember>,
    /// Told how long calls are kept, as rules change.
    pub years: Years,
    pub waker: Waker,
}

impl EngineThread {
    /// Runs until told to stop; to be called on a thread of its own.
    ///
    /// # Errors
    /// The runtime or a socket can't be set up.
    pub fn run(self) -> anyhow::Result<()> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build().context("cannot start the engine's runtime")?;
        runtime.block_on(async {
            let mut turn = Turn::new(self)?;
            turn.go_round().await;
            turn.empty_journal().await?;
            turn.lost.map_or(Ok(()), |lost| Err(lost.into()))
        })
    }
}

/// What was told of those turned away.
#[derive(Default)]
struct TurnedAway {
    /// Strangers, wrong passwords, unknown numbers, SDP, ports, full.
    sums: (u64, u64, u64, u64, u64, u64),
    /// Nothing more until then.
    until: Timestamp,
}

struct Turn {
    parts: EngineThread,
    sockets: Vec<(SocketAddr, UdpSocket)>,
    datagram: Box<[u8]>,
    journal_bytes: Vec<u8>,
    entries: Vec<Entry>,
    to_send: Vec<Output>,
    bindings_changed: bool,
    chosen: Vec<(Name, Intent)>,
    figures_due: Timestamp,
    turned_away: TurnedAway,
    hosts: Teller,
    trunks: figures_log::Trunks,
    /// Where what the next rules replace is dropped.
    bin: Option<Sender<Old>>,
    stop: bool,
    /// Why it can't go on.
    lost: Option<Lost>,
    unsent: u64,
    untold: u64,
}

impl Turn {
    fn new(mut parts: EngineThread) -> anyhow::Result<Self> {
        let mut sockets = Vec::new();
        for socket in parts.udp.drain(..) {
            let local = socket.local_addr()?;
            sockets.push((local, UdpSocket::from_std(socket)?));
        }
        Ok(Self {
            parts,
            sockets,
            datagram: vec![0; DATAGRAM].into_boxed_slice(),
            journal_bytes: Vec::new(),
            entries: Vec::new(),
            to_send: Vec::new(),
            bindings_changed: true,
            chosen: Vec::new(),
            figures_due: Timestamp(0) + FIGURES,
            turned_away: TurnedAway::default(),
            hosts: Teller::default(),
            trunks: figures_log::Trunks::default(),
            bin: None,
            stop: false,
            lost: None,
            unsent: 0,
            untold: 0,
        })
    }

    async fn go_round(&mut self) {
        let mut housekeeping = self.parts.clock.now() + HOUSEKEEPING;
        for (_, socket) in &self.sockets {
            if let Err(error) = socket.writable().await {
                tracing::error!(%error, "a SIP socket can't be written to");
            }
        }
        self.say();
        while !self.stop {
            let mut more = self.read_datagrams();
            more |= self.read_messages();
            more |= self.read_media();
            self.look_around();
            let now = self.parts.clock.now();
            if self.parts.engine.engine().poll_timeout().is_some_and(|at| at <= now) {
                self.parts.engine.handle_timeout(now);
            }
            self.say();
            if now >= housekeeping {
                housekeeping = now + HOUSEKEEPING;
                self.keep_house(now);
            }
            if more {
                tokio::task::yield_now().await;
            } else {
                self.sleep_until(housekeeping).await;
            }
        }
    }

    /// Before the end: what waits in memory goes to disk as soon as there is room, for a while.
    async fn empty_journal(&mut self) -> anyhow::Result<()> {
        let until = self.parts.clock.now() + LAST_CHANCE;
        self.parts.journal.flush_pending();
        while matches!(self.parts.journal.health(), Health::Memory { .. } | Health::Full { .. }) {
            if self.parts.clock.now() >= until {
                anyhow::bail!("{}; what waited in memory is lost with this end", self.parts.journal.health());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            self.parts.journal.flush_pending();
        }
        anyhow::ensure!(
            self.parts.journal.lost() == 0,
            "{} journal entries were dropped while the disk was full",
            self.parts.journal.lost()
        );
        Ok(())
    }

    /// Whether there may be more.
    fn read_datagrams(&mut self) -> bool {
        let mut more = false;
        for (local, socket) in &self.sockets {
            for taken in 1..=TURN {
                let Ok((length, remote)) = socket.try_recv_from(&mut self.datagram) else { break };
                more |= taken == TURN;
                let flow = Flow { transport: Transport::Udp, local: *local, remote, connection: 0 };
                let input = hotline_sip::Input::Datagram { flow, bytes: &self.datagram[..length] };
                self.parts.engine.handle(self.parts.clock.now(), Input::Sip(input));
            }
        }
        more
    }

    fn read_messages(&mut self) -> bool {
        for _ in 0..TURN {
            let Ok(message) = self.parts.messages.try_recv() else { return false };
            self.take(message);
        }
        true
    }

    fn take(&mut self, message: Message) {
        let now = self.parts.clock.now();
        let engine = &mut self.parts.engine;
        match message {
            Message::Stream(flow, bytes, _share) => engine.handle(now, Input::Sip(hotline_sip::Input::Stream { flow, bytes: &bytes })),
            Message::StreamClosed(flow) => engine.handle(now, Input::Sip(hotline_sip::Input::StreamClosed { flow })),
            Message::SendFailed(flow) => engine.handle(now, Input::Sip(hotline_sip::Input::SendFailed { flow })),
            Message::Rules(revision) => {
                self.parts.years.follow(&revision.plan);
                engine.new_rules(now, *revision);
                put_away(engine.engine().replaced(), &mut self.bin);
                self.figures_due = self.figures_due.min(now + AFTER_RULES);
            }
            Message::Survey(answer) => answer(Ground::of(engine.engine())),
            Message::Ready(ready, bin) => self.prepare(*ready, bin),
            Message::Answer(id, answer) => engine.handle(now, Input::Answer { id, answer }),
            Message::Switch(switch, answer) => {
                let at = now.to_wall(self.parts.clock.wall_offset());
                engine.handle(now, Input::Switch(Switch { at, ..switch }));
                self.say();
                answer(());
            }
            Message::ByHand { call, by, order, answer } => {
                engine.handle(now, Input::ByHand { call, by, order });
                let refused = engine.engine().refused();
                self.say();
                answer(refused);
            }
            Message::Voicemail { call, by, order, answer } => {
                engine.handle(now, Input::Message { call, by, order });
                let came = engine.engine().message_answer().clone();
                self.say();
                answer(came);
            }
            Message::Desk { at, by, order, answer } => {
                let done = desk(engine, now, &at, by, order);
                self.say();
                answer(done);
            }
            Message::Report(group, report) => engine.handle(now, Input::Report { group, report }),
            Message::Lost(lost) => self.end(lost),
            Message::Past(talks) => engine.handle(now, Input::Past(talks)),
            Message::Surveyed(asked) => engine.handle(now, Input::Surveyed(asked)),
            Message::Drain => engine.handle(now, Input::Drain),
            Message::HangUp => engine.handle(now, Input::HangUp),
            Message::Stop => self.stop = true,
            Message::Look(answer) => answer(look(engine.engine())),
        }
    }

    /// What was made of the rules that come next.
    fn prepare(&mut self, ready: Ready, bin: Sender<Old>) {
        self.parts.engine.engine().prepare(ready.engine);
        if let Some(groups) = &self.parts.groups {
            ready.groups.into_iter().for_each(|layout| groups.prepare(layout, bin.clone()));
        }
        self.bin = Some(bin);
    }

    /// Seats that the routers of other groups changed.
    fn look_around(&mut self) {
        let told = self.parts.groups.as_ref().map(Groups::told).unwrap_or_default();
        if !told.is_empty() {
            self.parts.engine.handle(self.parts.clock.now(), Input::Look(told));
        }
    }

    fn read_media(&mut self) -> bool {
        for _ in 0..TURN {
            let Ok(event) = self.parts.media_events.try_recv() else { return false };
            self.parts.engine.handle(self.parts.clock.now(), Input::Media(event));
        }
        true
    }

    /// Writes what happened to the journal, then sends what the engine said.
    fn say(&mut self) {
        while let Some(output) = self.parts.engine.poll_output() {
            match output {
                Output::Journal(entry) => {
                    encode_entry(&entry, &mut self.journal_bytes);
                    self.entries.push(entry);
                }
                Output::BindingsChanged => self.bindings_changed = true,
                Output::Ask { id, question, deadline } => self.parts.look_ups.ask(id, question, deadline),
                output @ (Output::Sip(_) | Output::Media(_) | Output::Letter { .. }) => self.to_send.push(output),
            }
        }
        self.parts.engine.end_turn(self.parts.clock.now());
        if !self.journal_bytes.is_empty() {
            self.parts.journal.append(&self.journal_bytes);
            self.journal_bytes.clear();
        }
        let mut to_send = std::mem::take(&mut self.to_send);
        to_send.drain(..).for_each(|output| self.send(output));
        self.to_send = to_send;
        self.parts.media.flush();
        if let Some(groups) = &self.parts.groups {
            groups.wake();
        }
        self.narrate();
    }

    /// Ends the hotline for want of a router; whoever starts it again has its calls.
    fn end(&mut self, lost: Lost) {
        if self.lost.is_none() {
            tracing::error!("{lost}; the hotline ends, and the next start takes its calls up");
            (self.lost, self.stop) = (Some(lost), true);
        }
    }

    fn send(&mut self, output: Output) {
        match output {
            Output::Sip(hotline_sip::Output::Datagram { flow, bytes }) => {
                let socket = self.sockets.iter().find(|(local, _)| *local == flow.local);
                if socket.is_none_or(|(_, socket)| socket.try_send_to(&bytes, flow.remote).is_err()) {
                    self.unsent += 1;
                }
            }
            Output::Sip(hotline_sip::Output::Stream { flow, bytes }) => self.parts.tcp.send(flow, bytes),
            Output::Sip(hotline_sip::Output::Close { flow }) => self.parts.tcp.close(flow),
            Output::Media(command) => self.parts.media.send(command),
            Output::Letter { group, letter } => {
                let sent = self.parts.groups.as_ref().map_or(Err(Lost::Ended(group.0)), |groups| groups.send(group, letter));
                if let Err(lost) = sent {
                    self.end(lost);
                }
            }
            Output::Sip(hotline_sip::Output::Event(_)) | Output::Journal(_) | Output::BindingsChanged | Output::Ask { .. } => {}
        }
    }

    fn narrate(&mut self) {
        let Some(narrator) = self.parts.narrator.as_ref().filter(|_| !self.entries.is_empty()) else { return self.entries.clear() };
        let entries = std::mem::take(&mut self.entries);
        if let Err(error) = narrator.try_send(entries) {
            let untold = error.into_inner().len() as u64;
            self.parts.missed.fetch_add(untold, Ordering::Release);
            self.untold += untold;
        }
    }

    fn keep_house(&mut self, now: Timestamp) {
        self.parts.engine.handle(now, Input::Wall { offset: self.parts.clock.wall_offset() });
        self.parts.journal.flush_pending();
        if let Some(health) = self.parts.journal.health_change() {
            match health {
                Health::Good => tracing::info!(lost = self.parts.journal.lost(), "{health}"),
                Health::Reserve | Health::Memory { .. } => tracing::warn!("{health}"),
                Health::Full { .. } => tracing::error!("{health}"),
            }
        }
        if self.unsent > 0 {
            tracing::warn!(
                datagrams = self.unsent,
                "the kernel took no more: SIP datagrams were not sent (they are repeated by their transactions)"
            );
            self.unsent = 0;
        }
        if self.untold > 0 {
            tracing::warn!(entries = self.untold, "the log could not keep up; the journal has them all");
            self.untold = 0;
        }
        self.tell_turned_away(now);
        self.hosts.tell(self.parts.engine.engine().host_troubles());
        self.trunks.tell(self.parts.engine.engine().trunk_figures());
        self.remember();
        if now >= self.figures_due {
            self.figures_due = now + FIGURES;
            figures_log::tell(self.parts.engine.engine(), self.parts.media.figures(), self.parts.contacts.sums());
        }
    }

    /// Whoever got silence or a refusal, at most a line a minute of each kind: somebody may wonder why their phone does not get through.
    fn tell_turned_away(&mut self, now: Timestamp) {
        let engine = self.parts.engine.engine();
        let (sip, sums) = (engine.sip_counters().clone(), engine.counters());
        let told = &mut self.turned_away;
        if now < told.until
            || (sip.dropped_stranger, sip.auth_failed, sums.unknown_number, sums.unacceptable_sdp, sums.no_port, sums.refused) == told.sums
        {
            return;
        }
        let (strangers, passwords, numbers, sdp, ports, full) = told.sums;
        if let Some(source) = sip.last_stranger.filter(|_| sip.dropped_stranger > strangers) {
            tracing::warn!(requests = sip.dropped_stranger - strangers, last = %source, "strangers were left without an answer; add their network to [[sip.trunks]] if they are no strangers");
        }
        if let Some(source) = sip.last_auth_failed.filter(|_| sip.auth_failed > passwords) {
            tracing::warn!(attempts = sip.auth_failed - passwords, last = %source, "wrong passwords");
        }
        for (what, count) in [
            ("calls for a number that no rule has were answered 404", sums.unknown_number - numbers),
            ("calls whose SDP can't be served were answered 488 or 400", sums.unacceptable_sdp - sdp),
            ("calls found no free RTP port and were answered 503; widen rtp.ports", sums.no_port - ports),
            ("calls were answered 503: full, or draining", sums.refused - full),
        ] {
            if count > 0 {
                tracing::warn!(calls = count, "{what}");
            }
        }
        told.sums = (sip.dropped_stranger, sip.auth_failed, sums.unknown_number, sums.unacceptable_sdp, sums.no_port, sums.refused);
        told.until = now + TURNED_AWAY;
    }

    fn remember(&mut self) {
        let engine = self.parts.engine.engine();
        let chosen = chosen(engine);
        if !self.bindings_changed && chosen == self.chosen {
            return;
        }
        let (hot_desks, wrong_pins) = (engine.hot_desks(), engine.wrong_pins());
        let remember = Remember {
            at: self.parts.clock.now(),
            bindings: engine.bindings(),
            chosen,
            hot_desks,
            wrong_pins,
            switches: engine.switches(),
            emergency: engine.emergency_at(),
        };
        let chosen = remember.chosen.clone();
        if self.parts.remember.try_send(remember).is_ok() {
            self.bindings_changed = false;
            self.chosen = chosen;
        }
    }

    async fn sleep_until(&mut self, housekeeping: Timestamp) {
        self.parts.waker.fall_asleep();
        let may_sleep = self.parts.groups.as_ref().is_none_or(Groups::fall_asleep);
        if !may_sleep || !self.parts.messages.is_empty() || !self.parts.media_events.is_empty() {
            return self.stay_awake();
        }
        let until = self.parts.engine.engine().poll_timeout().map_or(housekeeping, |at| at.min(housekeeping));
        let sockets = &self.sockets;
        let readable = poll_fn(|context| {
            let ready = sockets.iter().any(|(_, socket)| socket.poll_recv_ready(context).is_ready());
            if ready { Poll::Ready(()) } else { Poll::Pending }
        });
        tokio::select! {
            () = readable => {}
            () = self.parts.waker.woken() => {}
            () = tokio::time::sleep_until(self.parts.clock.instant(until).into()) => {}
        }
        self.stay_awake();
    }

    fn stay_awake(&self) {
        self.parts.waker.stay_awake();
        if let Some(groups) = &self.parts.groups {
            groups.stay_awake();
        }
    }
}

fn chosen(engine: &Engine) -> Vec<(Name, Intent)> {
    let seats = (0u32..).map(SeatId).zip(&engine.plan().seats).filter(|(_, seat)| !seat.retired);
    let chosen = seats.map(|(id, seat)| (seat, engine.seat_state(id).intent));
    let usual = |sign_in: bool| if sign_in { Intent::Available } else { Intent::SignedOut };
    chosen.filter(|(seat, intent)| *intent != usual(seat.sign_in)).map(|(seat, intent)| (seat.name.clone(), intent)).collect()
}

/// Carries out an order of a seat: the seat, or why not.
pub fn desk(engine: &mut Recorder, now: Timestamp, at: &At, by: Name, order: DeskOrder) -> Result<Name, DeskNo> {
    let seat = seat_of(engine.engine(), at)?;
    engine.handle(now, Input::Desk { seat, by, order });
    let engine = engine.engine();
    engine.desk_answer().map_err(DeskNo::Refused)?;
    Ok(engine.plan().seats[seat.index()].name.clone())
}

fn seat_of(engine: &Engine, at: &At) -> Result<SeatId, DeskNo> {
    let named = |name: &Name| engine.plan().seat_names.get(&**name).copied();
    let at_call = |seat: &SeatId, call: &CallId| engine.call_of(*seat) == Some(*call);
    match at {
        At::Seat(name) => named(name).ok_or(DeskNo::Refused(DeskRefusal::NoSuchSeat)),
        At::Own { seat, call } => named(seat).filter(|seat| at_call(seat, call)).ok_or(DeskNo::NotAtIt),
        At::Call { call, seat } => {
            let first = seat.as_ref().and_then(named).filter(|seat| at_call(seat, call));
            let any = || (0u32..).map(SeatId).take(engine.plan().seats.len()).find(|seat| at_call(seat, call));
            first.or_else(any).ok_or(DeskNo::Refused(DeskRefusal::NoCall))
        }
    }
}

/// What is going on.
pub fn look(engine: &Engine) -> Look {
    let seats = (0u32..).map(SeatId).zip(&engine.plan().seats).filter(|(_, seat)| !seat.retired);
    Look {
        figures: engine.figures(),
        counters: engine.counters(),
        calls: engine.calls(),
        on_line: engine.calls_on_line(),
        plan: Arc::clone(engine.plan()),
        seats: seats.map(|(id, seat)| (seat.name.clone(), engine.seat_state(id))).collect(),
        announcements: engine.announcements(),
    }
}
