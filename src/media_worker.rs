//! The shell of a media worker: one thread with its own epoll over the ports it bound at start. What it does with the packets is
//! decided by [`hotline_media::Worker`].

use crossbeam_channel::{Receiver, Sender, TrySendError};
use hotline_media::{Clip, Command, Counters, Event, Lease, Output, StreamId, Take, Worker};
use hotline_model::Timestamp;
use rustix::buffer::spare_capacity;
use rustix::event::{EventfdFlags, epoll, eventfd};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::time::{ClockId, Timespec, clock_gettime};
use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Commands that may wait for a worker.
pub const COMMAND_RING: usize = 16_384;
/// Events that may wait for the engine.
pub const EVENT_RING: usize = 16_384;
/// Commands taken in one turn of the loop.
const COMMANDS_PER_TURN: usize = 64;
/// Datagrams read in one turn of the loop, so that frames due wait no longer than these take.
const DATAGRAMS_PER_TURN: usize = 64;
/// Longer than any RTP packet we take; what is longer arrives cut off and is refused by its length.
const BUFFER: usize = 2048;
/// How often figures are published, and events that found no room are tried again.
const FIGURES_EVERY: Duration = Duration::from_millis(50);
const RETRY_EVERY: Duration = Duration::from_millis(10);
/// The epoll token of the wake-up.
const WAKE: u64 = u64::MAX;

/// What a worker is started with.
#[derive(Clone, Debug)]
pub struct MediaOptions {
    /// Name of the thread.
    pub name: String,
    /// The ports to bind; `Lease(n)` counts those that were free. Port 0 is one of the system's choice. RTP takes even ones (RFC 3550 11).
    pub addresses: Vec<SocketAddr>,
    /// What those who wait hear.
    pub music: Arc<Clip>,
    /// Commands that may wait for the worker.
    pub command_ring: usize,
    /// Events that may wait for the engine.
    pub event_ring: usize,
    /// Where recordings go; without it none can be made.
    pub recordings: Option<Sender<(StreamId, Take)>>,
}

impl Default for MediaOptions {
    fn default() -> Self {
        Self {
            name: "media".into(),
            addresses: Vec::new(),
            music: Arc::new(hotline_media::music::hold_music()),
            command_ring: COMMAND_RING,
            event_ring: EVENT_RING,
            recordings: None,
        }
    }
}

/// Why a worker did not start.
#[derive(Debug)]
pub enum StartError {
    /// A port could not be bound.
    Port {
        /// Which.
        address: SocketAddr,
        /// The system's word.
        error: io::Error,
    },
    /// epoll, eventfd or the thread.
    System(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port { address, error } => {
                write!(f, "cannot bind RTP port {address}: {error}. ")?;
                let is = |errno: Errno| error.raw_os_error() == Some(errno.raw_os_error());
                if is(Errno::ADDRINUSE) {
                    write!(f, "See who has it with `ss -lunp 'sport = :{}'`, or set rtp.ports to a free range", address.port())
                } else if is(Errno::ADDRNOTAVAIL) {
                    write!(f, "{} is no address of this machine: set rtp.address to one of `ip addr`", address.ip())
                } else if is(Errno::MFILE) {
                    f.write_str("Raise the limit of open files (`ulimit -n`, or LimitNOFILE= in the unit), or make rtp.ports smaller")
                } else {
                    f.write_str("Check rtp.address and rtp.ports")
                }
            }
            Self::System(error) => write!(f, "cannot start a media worker: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// What a worker did so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// CPU time of the thread.
    pub cpu: Duration,
    /// Datagrams read.
    pub received: u64,
    /// Of these, relayed.
    pub relayed: u64,
    /// Packets of our own sent.
    pub played: u64,
    /// Sends the system refused (buffer full, peer's port closed).
    pub send_failed: u64,
    /// Reads the system refused (peer's port closed).
    pub receive_failed: u64,
    /// Connects the system refused; the stream works on unconnected.
    pub connect_failed: u64,
    /// Commands that found their ring full.
    pub commands_lost: u64,
    /// Events that found their ring full.
    pub events_full: u64,
    /// Streams open.
    pub streams: usize,
    /// What the machine counted.
    pub machine: Counters,
}

/// A running worker.
#[derive(Debug)]
pub struct MediaWorker {
    addresses: Vec<SocketAddr>,
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
}

impl MediaWorker {
    /// Its ports as bound: `Lease(n)` is the n-th.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Ends the thread.
    pub fn stop(self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.shared.ring();
        if self.thread.join().is_err() {
            tracing::error!("the media worker panicked");
        }
    }
}

/// Sends commands to a worker, from any thread.
#[derive(Clone, Debug)]
pub struct MediaHandle {
    commands: Sender<Command>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    wake: OwnedFd,
    asleep: AtomicBool,
    stop: AtomicBool,
    lost: Mutex<Lost>,
    any_lost: AtomicBool,
    figures: Mutex<Figures>,
}

/// Commands that found the ring full.
#[derive(Debug, Default)]
struct Lost {
    streams: BTreeSet<StreamId>,
    commands: u64,
    /// Streams whose recordings could not be stored.
    recordings: BTreeSet<StreamId>,
}

impl Shared {
    fn ring(&self) {
        // A counter that is full or interrupted has woken the worker already.
        let _woken = rustix::io::write(&self.wake, &1u64.to_ne_bytes());
    }

    fn wake(&self) {
        fence(Ordering::SeqCst);
        if self.asleep.load(Ordering::Relaxed) && self.asleep.swap(false, Ordering::AcqRel) {
            self.ring();
        }
    }
}

impl MediaHandle {
    /// Sends a command, which the worker sees at the latest after [`Self::flush`]; never blocks. If the ring is full the command is lost and counted, its stream ends, and the engine hears
    /// `Closed` (or `Refused`, if the stream was not open yet).
    pub fn send(&self, command: Command) {
        if let Err(error) = self.commands.try_send(command) {
            let mut lost = lock(&self.shared.lost);
            lost.commands += 1;
            lost.streams.insert(error.into_inner().stream());
            self.shared.any_lost.store(true, Ordering::Release);
        }
    }

    /// What a stream's recorder made could not be stored: the recording ends.
    pub fn record_failed(&self, stream: StreamId) {
        lock(&self.shared.lost).recordings.insert(stream);
        self.shared.any_lost.store(true, Ordering::Release);
        self.shared.wake();
    }

    /// Wakes the worker if it sleeps: once after all commands of a turn, since a wake costs more than a command.
    pub fn flush(&self) {
        self.shared.wake();
    }

    /// What the worker did so far, at most 50 ms old.
    pub fn figures(&self) -> Figures {
        Figures { commands_lost: lock(&self.shared.lost).commands, ..*lock(&self.shared.figures) }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Binds the ports and starts the thread: the worker, the way to it, and what it tells. `wake` is called after events were put into
/// their ring.
///
/// # Errors
/// A [`StartError`]: a port is taken, or the system refuses.
pub fn spawn(options: MediaOptions, wake: impl Fn() + Send + 'static) -> anyhow::Result<(MediaWorker, MediaHandle, Receiver<Event>)> {
    Ok(try_spawn(options, wake)?)
}

fn try_spawn(options: MediaOptions, wake: impl Fn() + Send + 'static) -> Result<(MediaWorker, MediaHandle, Receiver<Event>), StartError> {
    let sockets = bind(&options.addresses)?;
    let addresses: io::Result<Vec<SocketAddr>> = sockets.iter().map(|port| port.socket.local_addr()).collect();
    let (commands, command_ring) = crossbeam_channel::bounded(options.command_ring);
    let (event_ring, events) = crossbeam_channel::bounded(options.event_ring);
    let system = |errno: Errno| StartError::System(errno.into());
    let shared = Arc::new(Shared {
        wake: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map_err(system)?,
        asleep: AtomicBool::new(false),
        stop: AtomicBool::new(false),
        lost: Mutex::default(),
        any_lost: AtomicBool::new(false),
        figures: Mutex::default(),
    });
    let shell = Shell {
        epoll: register(&sockets, &shared.wake).map_err(system)?,
        worker: Worker::new(sockets.len() as u32, options.music),
        sockets,
        commands: command_ring,
        events: event_ring,
        recordings: options.recordings,
        undelivered: VecDeque::new(),
        told: false,
        wake,
        zero: Instant::now(),
        shared: Arc::clone(&shared),
        figures: Figures::default(),
        published: Timestamp::default(),
        unpublished: true,
    };
    let addresses = addresses.map_err(StartError::System)?;
    let thread = std::thread::Builder::new().name(options.name).spawn(move || shell.run()).map_err(StartError::System)?;
    Ok((MediaWorker { addresses, shared: Arc::clone(&shared), thread }, MediaHandle { commands, shared }, events))
}

#[derive(Debug)]
struct Port {
    socket: UdpSocket,
    connected: bool,
}

/// Binds what is free; a port that another program has is left out, unless it has half of them or more.
fn bind(addresses: &[SocketAddr]) -> Result<Vec<Port>, StartError> {
    let mut ports = Vec::with_capacity(addresses.len());
    let mut taken = None;
    for &address in addresses {
        match bind_for_good(address).and_then(|socket| socket.set_nonblocking(true).map(|()| socket)) {
            Ok(socket) => ports.push(Port { socket, connected: false }),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => taken = taken.or(Some(StartError::Port { address, error })),
            Err(error) => return Err(StartError::Port { address, error }),
        }
    }
    match taken {
        Some(taken) if ports.len() * 2 <= addresses.len() => Err(taken),
        Some(taken) => {
            tracing::warn!(left_out = addresses.len() - ports.len(), of = addresses.len(), "RTP ports are left out: {taken}");
            Ok(ports)
        }
        None => Ok(ports),
    }
}

/// Binds a socket that keeps its port when its connection is dissolved: Linux takes a port of its own choice (port 0) away then.
fn bind_for_good(address: SocketAddr) -> io::Result<UdpSocket> {
    const TRIES: usize = 16;
    if address.port() != 0 {
        return UdpSocket::bind(address);
    }
    let again = |_| UdpSocket::bind(address).and_then(|chosen| chosen.local_addr()).and_then(UdpSocket::bind);
    let taken = |bound: &io::Result<UdpSocket>| bound.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse);
    (0..TRIES).map(again).find(|bound| !taken(bound)).unwrap_or_else(|| Err(io::ErrorKind::AddrInUse.into()))
}

fn register(sockets: &[Port], wake: &OwnedFd) -> rustix::io::Result<OwnedFd> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, wake, epoll::EventData::new_u64(WAKE), epoll::EventFlags::IN)?;
    for (lease, port) in (0..).zip(sockets) {
        epoll::add(&epoll, &port.socket, epoll::EventData::new_u64(lease), epoll::EventFlags::IN)?;
    }
    Ok(epoll)
}

struct Shell<W> {
    epoll: OwnedFd,
    worker: Worker,
    sockets: Vec<Port>,
    commands: Receiver<Command>,
    events: Sender<Event>,
    recordings: Option<Sender<(StreamId, Take)>>,
    /// `Closed` and `Refused` that found the ring full: at most one per port and command, since a port is not leased again before.
    undelivered: VecDeque<Event>,
    told: bool,
    wake: W,
    zero: Instant,
    shared: Arc<Shared>,
    figures: Figures,
    published: Timestamp,
    unpublished: bool,
}

impl<W: Fn()> Shell<W> {
    fn run(mut self) {
        let mut ready = Vec::with_capacity(DATAGRAMS_PER_TURN);
        let mut buffer = [0; BUFFER];
        while !self.shared.stop.load(Ordering::SeqCst) {
            let now = self.now();
            if self.worker.poll_timeout().is_some_and(|at| at <= now) {
                self.worker.handle_timeout(now);
            }
            self.act(now);
            self.tell();
            self.publish(now);
            if let Err(errno) = self.sleep(&mut ready) {
                tracing::error!(%errno, "the media worker cannot wait for packets and ends");
                return;
            }
            let now = self.now();
            self.unpublished |= !ready.is_empty();
            self.obey(now);
            for event in ready.drain(..) {
                match event.data.u64() {
                    // The counter's value means nothing; an empty one only says that it was read before.
                    WAKE => _ = rustix::io::read(&self.shared.wake, &mut [0u8; 8]),
                    lease => self.receive(now, lease, &mut buffer),
                }
            }
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp(i64::try_from(self.zero.elapsed().as_micros()).unwrap_or(i64::MAX))
    }

    /// Obeys commands, always before the datagrams that came after them.
    fn obey(&mut self, now: Timestamp) {
        for _ in 0..COMMANDS_PER_TURN {
            let Ok(command) = self.commands.try_recv() else { break };
            self.worker.command(now, command);
            self.act(now);
        }
        if self.commands.is_empty() && self.shared.any_lost.swap(false, Ordering::AcqRel) {
            let (lost, unstored) = {
                let mut lost = lock(&self.shared.lost);
                (std::mem::take(&mut lost.streams), std::mem::take(&mut lost.recordings))
            };
            for stream in unstored {
                self.worker.record_failed(now, stream);
                self.act(now);
            }
            for stream in lost {
                self.worker.fail(now, stream);
                self.act(now);
            }
        }
    }

    /// Sleeps until a datagram, a command or a frame is due. A command queued after the look at the ring sees `asleep` and rings.
    fn sleep(&mut self, ready: &mut Vec<epoll::Event>) -> Result<(), Errno> {
        self.shared.asleep.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        let at_once = !self.commands.is_empty() || self.shared.any_lost.load(Ordering::Acquire);
        let retry = (!self.undelivered.is_empty()).then_some(RETRY_EVERY);
        let now = self.now();
        let due = self.worker.poll_timeout().map(|at| at.since(now));
        let figures = self.unpublished.then_some(FIGURES_EVERY);
        let wait = [at_once.then_some(Duration::ZERO), retry, due, figures].into_iter().flatten().min();
        let wait = wait.map(|wait| Timespec { tv_sec: wait.as_secs().cast_signed(), tv_nsec: wait.subsec_nanos().into() });
        let slept = epoll::wait(&self.epoll, spare_capacity(ready), wait.as_ref());
        self.shared.asleep.store(false, Ordering::Relaxed);
        match slept {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(errno) => Err(errno),
        }
    }

    fn receive(&mut self, now: Timestamp, lease: u64, buffer: &mut [u8; BUFFER]) {
        let (Ok(lease), Some(port)) = (u32::try_from(lease), self.sockets.get(lease as usize)) else { return };
        let (length, from) = match port.socket.recv_from(buffer) {
            Ok(read) => read,
            Err(error) => {
                self.figures.receive_failed += u64::from(error.kind() != io::ErrorKind::WouldBlock);
                return;
            }
        };
        self.figures.received += 1;
        let forward = self.worker.packet(now, Lease(lease), from, buffer.get_mut(..length).unwrap_or_default());
        if let Some(forward) = forward
            && let Some(bytes) = buffer.get(forward.range)
        {
            self.figures.relayed += 1;
            let sent = send(&self.sockets, forward.lease, forward.to, bytes);
            self.figures.send_failed += u64::from(!sent);
        }
        self.act(now);
    }

    /// Does what the machine wants, until it wants nothing more.
    fn act(&mut self, now: Timestamp) {
        while let Some(output) = self.worker.poll_output() {
            match output {
                Output::Packet { lease, to, bytes } => {
                    self.figures.played += 1;
                    self.figures.send_failed += u64::from(!send(&self.sockets, lease, to, bytes));
                }
                Output::Connect { lease, to } => {
                    if let Some(port) = self.sockets.get_mut(lease.0 as usize) {
                        port.connected = port.socket.connect(to).is_ok();
                        self.figures.connect_failed += u64::from(!port.connected);
                    }
                }
                Output::Disconnect { lease } => {
                    if let Some(port) = self.sockets.get_mut(lease.0 as usize)
                        && std::mem::take(&mut port.connected)
                    {
                        self.figures.connect_failed += u64::from(rustix::net::connect_unspec(&port.socket).is_err());
                    }
                }
                Output::Record(stream, take) => self.record(now, stream, take),
                Output::Event(event) => {
                    if let Some(lost) = self.event(event) {
                        self.worker.fail(now, lost);
                    }
                }
            }
        }
    }

    /// Hands on what a recorder took; where there is no room for it the recording has failed.
    fn record(&mut self, now: Timestamp, stream: StreamId, take: Take) {
        let Some(recordings) = &self.recordings else { return self.record_lost(now, stream, &take) };
        if let Err(error) = recordings.try_send((stream, take)) {
            self.record_lost(now, stream, &error.into_inner().1);
        }
    }

    fn record_lost(&mut self, now: Timestamp, stream: StreamId, take: &Take) {
        match take {
            Take::Begin { .. } | Take::Sound { .. } => self.worker.record_failed(now, stream),
            Take::Discard { file } if self.recordings.is_some() => {
                tracing::error!(%file, "what is no message may stay on the disk until retention.recordings: too much waits to be written (R129)");
            }
            Take::End { .. } | Take::Discard { .. } => {}
        }
    }

    /// Puts an event into the ring; gives the stream that must end because there was no room.
    fn event(&mut self, event: Event) -> Option<StreamId> {
        let keeps = matches!(event, Event::Closed { .. } | Event::Refused { .. });
        match self.events.try_send(event) {
            Ok(()) => {
                self.told = true;
                None
            }
            Err(TrySendError::Full(event)) => {
                self.figures.events_full += 1;
                let stream = event.stream();
                if keeps {
                    self.undelivered.push_back(event);
                    return None;
                }
                Some(stream)
            }
            Err(TrySendError::Disconnected(_)) => None,
        }
    }

    fn tell(&mut self) {
        while let Some(event) = self.undelivered.pop_front() {
            match self.events.try_send(event) {
                Ok(()) => self.told = true,
                Err(TrySendError::Full(event)) => {
                    self.undelivered.push_front(event);
                    break;
                }
                Err(TrySendError::Disconnected(_)) => {}
            }
        }
        if std::mem::take(&mut self.told) {
            (self.wake)();
        }
    }

    fn publish(&mut self, now: Timestamp) {
        if now.since(self.published) < FIGURES_EVERY {
            return;
        }
        self.published = now;
        self.unpublished = false;
        let cpu = clock_gettime(ClockId::ThreadCPUTime);
        self.figures.cpu = Duration::new(cpu.tv_sec.unsigned_abs(), u32::try_from(cpu.tv_nsec).unwrap_or(0));
        self.figures.streams = self.worker.open_streams();
        self.figures.machine = self.worker.counters();
        *lock(&self.shared.figures) = self.figures;
    }
}

fn send(sockets: &[Port], lease: Lease, to: SocketAddr, bytes: &[u8]) -> bool {
    let Some(port) = sockets.get(lease.0 as usize) else { return false };
    let sent = if port.connected { port.socket.send(bytes) } else { port.socket.send_to(bytes, to) };
    sent.is_ok()
}

#[cfg(test)]
#[path = "media_worker_tests.rs"]
mod tests;
