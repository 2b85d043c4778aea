//! TCP connections of SIP: accepted or made, their bytes to the engine, its bytes to them.

mod census;

use crate::engine_thread::{Mailbox, Message};
use census::Census;
use hotline_model::history::{Flow, Transport};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

/// Bytes read at once.
const CHUNK: usize = 16 * 1024;
/// Chunks of one connection that may wait for the engine: a peer that floods waits for itself.
const SHARES: usize = 2;
/// Messages that may wait for one connection; a peer that reads no faster is dropped.
const BACKLOG: usize = 256;
/// Messages that may wait for all connections.
const OUT: usize = 16_384;
/// Longest time to make a connection.
const CONNECT: Duration = Duration::from_secs(4);
/// Longest time for the peer to take one message.
const WRITE: Duration = Duration::from_secs(4);
/// Longest silence of a connection (RFC 5626 keep-alives come every 2 minutes).
const IDLE: Duration = Duration::from_secs(600);
/// How often it is looked whether there is something to tell.
const TICK: Duration = Duration::from_secs(1);

enum Command {
    Send(Flow, Vec<u8>),
    Close(Flow),
}

/// The engine's end: never blocks.
#[derive(Clone)]
pub struct TcpOut {
    sender: mpsc::Sender<Command>,
    shared: Shared,
}

impl TcpOut {
    /// Sends on the flow's connection and no other; for connection 0 on any to its peer, or a new one.
    pub fn send(&self, flow: Flow, bytes: Vec<u8>) {
        self.tell(flow, Command::Send(flow, bytes));
    }

    /// Closes a connection after what the peer takes at once.
    pub fn close(&self, flow: Flow) {
        self.tell(flow, Command::Close(flow));
    }

    fn tell(&self, flow: Flow, command: Command) {
        if self.sender.try_send(command).is_err() {
            self.shared.census().dropped.note(flow.remote);
            self.shared.not_sent(flow);
        }
    }
}

/// All connections.
pub struct Tcp {
    shared: Shared,
    commands: mpsc::Receiver<Command>,
    changes: mpsc::UnboundedReceiver<Change>,
    connections: BTreeMap<u64, Connection>,
    by_peer: BTreeMap<SocketAddr, u64>,
}

enum Change {
    Opened(u64, Connection),
    Closed(u64),
}

/// Dropping it ends the connection's task: at once if the peer does not take what is being written.
struct Connection {
    peer: SocketAddr,
    sender: mpsc::Sender<Vec<u8>>,
    _wanted: oneshot::Sender<Infallible>,
}

/// The task's ends of a [`Connection`].
struct Ends {
    to_send: mpsc::Receiver<Vec<u8>>,
    unwanted: oneshot::Receiver<Infallible>,
}

impl Connection {
    fn new(peer: SocketAddr) -> (Self, Ends) {
        let ((sender, to_send), (wanted, unwanted)) = (mpsc::channel(BACKLOG), oneshot::channel());
        (Self { peer, sender, _wanted: wanted }, Ends { to_send, unwanted })
    }
}

impl Tcp {
    /// No connections yet, at most `limit`.
    pub fn new(mailbox: Mailbox, limit: usize) -> (Self, TcpOut) {
        let (sender, commands) = mpsc::channel(OUT);
        let (opened, changes) = mpsc::unbounded_channel();
        let census = Arc::new(Mutex::new(Census::new(limit)));
        let shared = Shared { mailbox, write: WRITE, next: Arc::new(AtomicU64::new(1)), census, changes: opened };
        let out = TcpOut { sender, shared: shared.clone() };
        (Self { shared, commands, changes, connections: BTreeMap::new(), by_peer: BTreeMap::new() }, out)
    }

    /// Accepts on the listeners and carries bytes until the engine is gone.
    pub async fn run(mut self, listeners: Vec<TcpListener>) {
        for listener in listeners {
            tokio::spawn(accept(listener, self.shared.clone()));
        }
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                Some(change) = self.changes.recv() => self.note(change),
                _ = tick.tick() => self.shared.census().tell(Instant::now()),
                command = self.commands.recv() => match command {
                    Some(Command::Send(flow, bytes)) => self.send(flow, bytes),
                    Some(Command::Close(flow)) => self.drop_connection(flow.connection),
                    None => return,
                },
            }
        }
    }

    fn note(&mut self, change: Change) {
        match change {
            Change::Opened(id, connection) => self.keep(id, connection),
            Change::Closed(id) => self.drop_connection(id),
        }
    }

    fn keep(&mut self, id: u64, connection: Connection) {
        self.by_peer.insert(connection.peer, id);
        self.connections.insert(id, connection);
    }

    fn drop_connection(&mut self, id: u64) {
        if let Some(connection) = self.connections.remove(&id)
            && self.by_peer.get(&connection.peer) == Some(&id)
        {
            self.by_peer.remove(&connection.peer);
        }
    }

    fn send(&mut self, flow: Flow, bytes: Vec<u8>) {
        let id = if flow.connection == 0 { self.by_peer.get(&flow.remote).copied() } else { Some(flow.connection) };
        let Some((id, connection)) = id.and_then(|id| Some((id, self.connections.get(&id)?))) else { return self.connect(flow, bytes) };
        match connection.sender.try_send(bytes) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.shared.census().unread.note(flow.remote);
                self.drop_connection(id);
                self.shared.not_sent(flow);
            }
            Err(mpsc::error::TrySendError::Closed(bytes)) => {
                self.drop_connection(id);
                self.connect(flow, bytes);
            }
        }
    }

    /// Only where any connection will do: the port that a peer called from is not one it listens on.
    fn connect(&mut self, flow: Flow, bytes: Vec<u8>) {
        if flow.connection != 0 {
            return self.shared.not_sent(flow);
        }
        let Some(place) = self.shared.admit(flow, None) else { return self.shared.not_sent(flow) };
        let (connection, mut ends) = Connection::new(flow.remote);
        connection.sender.try_send(bytes).expect("a new channel has room, and its other end is held");
        self.keep(place.flow.connection, connection);
        tokio::spawn(async move {
            let made = while_wanted(&mut ends.unwanted, timeout(CONNECT, TcpStream::connect(flow.remote))).await;
            match made {
                Some(Ok(Ok(stream))) => place.carry(stream, ends).await,
                Some(Ok(Err(error))) => tracing::debug!(peer = %flow.remote, %error, "TCP: no connection"),
                Some(Err(_)) => tracing::debug!(peer = %flow.remote, "TCP: no connection in time"),
                None => {}
            }
        });
    }
}

/// What all tasks share.
#[derive(Clone)]
struct Shared {
    mailbox: Mailbox,
    write: Duration,
    next: Arc<AtomicU64>,
    census: Arc<Mutex<Census>>,
    changes: mpsc::UnboundedSender<Change>,
}

impl Shared {
    fn census(&self) -> MutexGuard<'_, Census> {
        self.census.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection that we make, or that was accepted from an address.
    fn admit(&self, flow: Flow, source: Option<IpAddr>) -> Option<Place> {
        if !self.census().enter(flow.remote, source) {
            return None;
        }
        let flow = Flow { connection: self.next.fetch_add(1, Ordering::Relaxed), ..flow };
        Some(Place { shared: self.clone(), source, flow })
    }

    fn not_sent(&self, flow: Flow) {
        // A full mailbox only means that the transaction finds out by its timer.
        let _ = self.mailbox.try_send(Message::SendFailed(flow));
    }

    /// Tells the engine from where nothing can be awaited.
    fn tell(&self, message: Message) {
        let Err(message) = self.mailbox.try_send(message) else { return };
        // Without a runtime the process ends.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let mailbox = self.mailbox.clone();
        runtime.spawn(async move {
            if !mailbox.send_later(message).await {
                tracing::debug!("TCP: the engine was not told that a connection ended: it is gone, or far behind");
            }
        });
    }
}

/// A place among the connections. However its task ends, the place becomes free, and the hub and the engine are told.
struct Place {
    shared: Shared,
    source: Option<IpAddr>,
    flow: Flow,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.census().leave(self.source);
        // The hub is gone only when the process ends.
        let _ = self.shared.changes.send(Change::Closed(self.flow.connection));
        self.shared.tell(Message::StreamClosed(self.flow));
        if self.source.is_none() {
            // The requests that it was made for know it as "any" (RFC 3261 18.4).
            self.shared.tell(Message::SendFailed(Flow { connection: 0, ..self.flow }));
        }
    }
}

impl Place {
    /// Carries bytes both ways until either end closes, the peer does not read, or the hub lets go.
    async fn carry(self, mut stream: TcpStream, ends: Ends) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
        if self.converse(&mut stream, ends).await == End::Unread {
            // What is left in the kernel would wait for the peer as long again.
            if let Err(error) = stream.set_zero_linger() {
                tracing::debug!(%error, "SO_LINGER");
            }
        }
    }

    async fn converse(&self, stream: &mut TcpStream, mut ends: Ends) -> End {
        let (mut reader, mut writer) = stream.split();
        let mut chunk = vec![0; CHUNK];
        let shares = Arc::new(Semaphore::new(SHARES));
        loop {
            tokio::select! {
                biased;
                bytes = ends.to_send.recv() => {
                    let Some(bytes) = bytes else { return End::Over };
                    match while_wanted(&mut ends.unwanted, timeout(self.shared.write, writer.write_all(&bytes))).await {
                        Some(Ok(Ok(()))) => {}
                        Some(Ok(Err(_))) => return End::Over,
                        Some(Err(_)) => {
                            self.shared.census().unread.note(self.flow.remote);
                            return End::Unread;
                        }
                        None => return End::Unread,
                    }
                }
                (share, read) = async { (Arc::clone(&shares).acquire_owned().await, timeout(IDLE, reader.read(&mut chunk)).await) } => {
                    let (Ok(share), Ok(Ok(length @ 1..))) = (share, read) else { return End::Over };
                    let message = Message::Stream(self.flow, chunk[..length].to_vec(), share);
                    match while_wanted(&mut ends.unwanted, self.shared.mailbox.send_later(message)).await {
                        Some(true) => {}
                        Some(false) | None => return End::Over,
                    }
                }
            }
        }
    }
}

#[derive(PartialEq)]
enum End {
    Over,
    Unread,
}

/// `None` if the hub let go before the work was done; it is always begun.
async fn while_wanted<T>(unwanted: &mut oneshot::Receiver<Infallible>, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = work => Some(done),
        _ = unwanted => None,
    }
}

async fn accept(listener: TcpListener, shared: Shared) {
    let Ok(local) = listener.local_addr() else { return };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shared.changes.closed() => return,
        };
        let (stream, remote) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!(%error, "TCP: a connection could not be accepted");
                shared.census().unaccepted.note(error);
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let flow = Flow { transport: Transport::Tcp, local, remote, connection: 0 };
        let Some(place) = shared.admit(flow, Some(remote.ip().to_canonical())) else { continue };
        let (connection, ends) = Connection::new(remote);
        if shared.changes.send(Change::Opened(place.flow.connection, connection)).is_err() {
            return;
        }
        tokio::spawn(place.carry(stream, ends));
    }
}

#[cfg(test)]
#[path = "tcp_tests.rs"]
mod tests;
