//! TCP connections of SIP: accepted or made, their bytes to the engine, its bytes to them.

use crate::engine_thread::{Mailbox, Message};
use hotline_model::history::{Flow, Transport};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// Bytes read at once.
const CHUNK: usize = 16 * 1024;
/// Messages that may wait for one connection; a peer that reads no faster is dropped.
const BACKLOG: usize = 256;
/// Messages that may wait for all connections.
const OUT: usize = 16_384;
/// Longest time to make a connection.
const CONNECT: Duration = Duration::from_secs(4);
/// Longest silence of a connection (RFC 5626 keep-alives come every 2 minutes).
const IDLE: Duration = Duration::from_secs(600);

enum Command {
    Send(Flow, Vec<u8>),
    Close(Flow),
}

/// The engine's end: never blocks.
#[derive(Clone)]
pub struct TcpOut {
    sender: mpsc::Sender<Command>,
    mailbox: Mailbox,
}

impl TcpOut {
    /// Sends on the flow's connection, or any to its peer, or a new one.
    pub fn send(&self, flow: Flow, bytes: Vec<u8>) {
        self.tell(flow, Command::Send(flow, bytes));
    }

    /// Closes a connection.
    pub fn close(&self, flow: Flow) {
        self.tell(flow, Command::Close(flow));
    }

    fn tell(&self, flow: Flow, command: Command) {
        if self.sender.try_send(command).is_err() {
            tracing::warn!(peer = %flow.remote, "TCP: too much waits to be sent; a message was dropped");
            // A full mailbox only means that the transaction finds out by its timer.
            let _ = self.mailbox.try_send(Message::SendFailed(flow));
        }
    }
}

/// All connections.
pub struct Tcp {
    mailbox: Mailbox,
    limit: usize,
    open: Arc<AtomicUsize>,
    next: Arc<AtomicU64>,
    commands: mpsc::Receiver<Command>,
    opened: mpsc::UnboundedSender<Change>,
    changes: mpsc::UnboundedReceiver<Change>,
    connections: BTreeMap<u64, (SocketAddr, mpsc::Sender<Vec<u8>>)>,
    by_peer: BTreeMap<SocketAddr, u64>,
}

enum Change {
    Opened(u64, SocketAddr, mpsc::Sender<Vec<u8>>),
    Closed(u64),
}

impl Tcp {
    /// No connections yet, at most `limit`.
    pub fn new(mailbox: Mailbox, limit: usize) -> (Self, TcpOut) {
        let (sender, commands) = mpsc::channel(OUT);
        let (opened, changes) = mpsc::unbounded_channel();
        let out = TcpOut { sender, mailbox: mailbox.clone() };
        let (open, next) = (Arc::default(), Arc::new(AtomicU64::new(1)));
        (Self { mailbox, limit, open, next, commands, opened, changes, connections: BTreeMap::new(), by_peer: BTreeMap::new() }, out)
    }

    /// Accepts on the listeners and carries bytes until the engine is gone.
    pub async fn run(mut self, listeners: Vec<TcpListener>) {
        for listener in listeners {
            tokio::spawn(accept(listener, self.acceptor()));
        }
        loop {
            tokio::select! {
                biased;
                Some(change) = self.changes.recv() => self.note(change),
                command = self.commands.recv() => match command {
                    Some(Command::Send(flow, bytes)) => self.send(flow, bytes),
                    Some(Command::Close(flow)) => self.drop_connection(flow.connection),
                    None => return,
                },
            }
        }
    }

    fn acceptor(&self) -> Connections {
        Connections {
            mailbox: self.mailbox.clone(),
            limit: self.limit,
            open: Arc::clone(&self.open),
            next: Arc::clone(&self.next),
            changes: self.opened.clone(),
        }
    }

    fn note(&mut self, change: Change) {
        match change {
            Change::Opened(id, peer, sender) => {
                self.connections.insert(id, (peer, sender));
                self.by_peer.insert(peer, id);
            }
            Change::Closed(id) => self.drop_connection(id),
        }
    }

    fn drop_connection(&mut self, id: u64) {
        if let Some((peer, _)) = self.connections.remove(&id)
            && self.by_peer.get(&peer) == Some(&id)
        {
            self.by_peer.remove(&peer);
        }
    }

    fn send(&mut self, flow: Flow, bytes: Vec<u8>) {
        let id =
            if self.connections.contains_key(&flow.connection) { Some(flow.connection) } else { self.by_peer.get(&flow.remote).copied() };
        let Some((id, (_, sender))) = id.and_then(|id| Some((id, self.connections.get(&id)?))) else { return self.connect(flow, bytes) };
        match sender.try_send(bytes) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => {
                tracing::warn!(peer = %flow.remote, "TCP: the peer does not read; its connection is closed");
                self.drop_connection(id);
            }
            Err(mpsc::error::TrySendError::Closed(bytes)) => {
                self.drop_connection(id);
                self.connect(flow, bytes);
            }
        }
    }

    fn connect(&mut self, flow: Flow, bytes: Vec<u8>) {
        let connections = self.acceptor();
        let (sender, receiver) = mpsc::channel(BACKLOG);
        let id = connections.next_id();
        if sender.try_send(bytes).is_ok() {
            self.connections.insert(id, (flow.remote, sender));
            self.by_peer.insert(flow.remote, id);
        }
        tokio::spawn(async move {
            let flow = Flow { connection: id, ..flow };
            match tokio::time::timeout(CONNECT, TcpStream::connect(flow.remote)).await {
                Ok(Ok(stream)) if connections.admit() => connections.carry(stream, flow, receiver).await,
                Ok(Ok(_) | Err(_)) | Err(_) => {
                    connections.mailbox.send_later(Message::SendFailed(flow)).await;
                    connections.forget(id);
                }
            }
        });
    }
}

/// What a connection's task needs.
#[derive(Clone)]
struct Connections {
    mailbox: Mailbox,
    limit: usize,
    open: Arc<AtomicUsize>,
    next: Arc<AtomicU64>,
    changes: mpsc::UnboundedSender<Change>,
}

impl Connections {
    fn next_id(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    fn admit(&self) -> bool {
        let admitted = self.open.fetch_add(1, Ordering::AcqRel) < self.limit;
        if !admitted {
            self.open.fetch_sub(1, Ordering::AcqRel);
        }
        admitted
    }

    fn forget(&self, id: u64) {
        // The hub is gone only when the process ends.
        let _ = self.changes.send(Change::Closed(id));
    }

    /// Carries bytes both ways until either end closes.
    async fn carry(self, stream: TcpStream, flow: Flow, mut to_send: mpsc::Receiver<Vec<u8>>) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
        let (mut reader, mut writer) = stream.into_split();
        let mut chunk = vec![0; CHUNK];
        loop {
            tokio::select! {
                read = tokio::time::timeout(IDLE, reader.read(&mut chunk)) => match read {
                    Ok(Ok(length)) if length > 0 => self.mailbox.send_later(Message::Stream(flow, chunk[..length].to_vec())).await,
                    Ok(Ok(_) | Err(_)) | Err(_) => break,
                },
                bytes = to_send.recv() => match bytes {
                    Some(bytes) if writer.write_all(&bytes).await.is_ok() => {}
                    Some(_) | None => break,
                },
            }
        }
        self.open.fetch_sub(1, Ordering::AcqRel);
        self.forget(flow.connection);
        self.mailbox.send_later(Message::StreamClosed(flow)).await;
    }
}

async fn accept(listener: TcpListener, connections: Connections) {
    let Ok(local) = listener.local_addr() else { return };
    loop {
        let (stream, remote) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "TCP: a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        if !connections.admit() {
            tracing::debug!(peer = %remote, "TCP: at the limit of connections");
            continue;
        }
        let connection = connections.next_id();
        let flow = Flow { transport: Transport::Tcp, local, remote, connection };
        let (sender, receiver) = mpsc::channel(BACKLOG);
        if connections.changes.send(Change::Opened(connection, remote, sender)).is_err() {
            return;
        }
        tokio::spawn(connections.clone().carry(stream, flow, receiver));
    }
}
