mod client;
mod invite_client;
mod invite_server;
mod server;
mod table;

pub(crate) use client::Client;
pub(crate) use invite_client::{Heard, InviteClient};
pub(crate) use invite_server::InviteServer;
pub(crate) use server::Server;
pub(crate) use table::{Party, ServerKey, Table};

use crate::endpoint::{DialogId, Net};
use crate::timers::Timers;
use hotline_model::Timestamp;
use hotline_model::history::{Flow, Transport};
use std::time::Duration;

/// One transaction, from its first message until its last timer; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TxId {
    slot: u32,
    generation: u32,
}

/// RFC 3261 table 4 and RFC 6026 8; below them those of the transaction user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    A,
    B,
    D,
    E,
    F,
    G,
    H,
    I,
    J,
    K,
    L,
    M,
    /// 100 if nothing else was answered (17.2.1).
    Trying,
    /// 2xx again until its ACK (13.3.1.4).
    Success,
    /// A long provisional phase is refreshed (13.3.1.1).
    Minute,
    /// No final response to a cancelled INVITE (9.1).
    Cancelled,
}

/// What a timer came to, for the transaction user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fired {
    Nothing,
    /// B, F: no response; Cancelled: no final response; J: none of ours.
    Timeout,
    /// L with a 2xx nobody acknowledged.
    NoAck,
}

/// What a client transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// INVITE that opens the dialog, or its re-INVITE.
    Invite(DialogId),
    /// BYE; its end is the dialog's end.
    Bye(DialogId),
    /// OPTIONS keep-alive.
    Ping(u64),
    /// OPTIONS inside a dialog: does the peer still know it?
    Probe(DialogId),
    /// NOTIFY of the REFER with this CSeq.
    Notify(DialogId, u32),
    /// Nobody waits: CANCEL, BYE to a fork.
    Nothing,
}

/// What a transaction may touch while it acts.
pub(crate) struct Cx<'a> {
    pub(crate) now: Timestamp,
    id: TxId,
    timers: &'a mut Timers<(TxId, Timer)>,
    pub(crate) net: &'a mut Net,
}

impl Cx<'_> {
    fn set(&mut self, after: Duration, timer: Timer) {
        self.timers.set(self.now, after, (self.id, timer));
    }

    fn send(&mut self, flow: Flow, bytes: Vec<u8>) {
        self.net.send(flow, bytes);
    }

    fn resend(&mut self, flow: Flow, bytes: &[u8]) {
        self.net.counters.retransmissions += 1;
        self.net.send(flow, bytes.to_vec());
    }
}

/// A transaction of any of the four kinds.
#[derive(Debug)]
pub(crate) enum Transaction {
    InviteClient(InviteClient),
    Client(Client),
    InviteServer(InviteServer),
    Server(Server),
}

impl Transaction {
    fn on_timer(&mut self, cx: &mut Cx<'_>, timer: Timer) -> Fired {
        match self {
            Self::InviteClient(it) => it.on_timer(cx, timer),
            Self::Client(it) => it.on_timer(cx, timer),
            Self::InviteServer(it) => it.on_timer(cx, timer),
            Self::Server(it) => it.on_timer(timer),
        }
    }

    fn wants(&self, timer: Timer) -> bool {
        match self {
            Self::InviteClient(it) => it.wants(timer),
            Self::Client(it) => it.wants(timer),
            Self::InviteServer(it) => it.wants(timer),
            Self::Server(it) => it.wants(timer),
        }
    }

    fn is_over(&self) -> bool {
        match self {
            Self::InviteClient(it) => it.is_over(),
            Self::Client(it) => it.is_over(),
            Self::InviteServer(it) => it.is_over(),
            Self::Server(it) => it.is_over(),
        }
    }

    /// The flow on which something is sent that still needs to be heard of.
    fn open_on(&self) -> Option<Flow> {
        match self {
            Self::InviteClient(it) => it.open_on(),
            Self::Client(it) => it.open_on(),
            Self::InviteServer(it) => it.open_on(),
            Self::Server(_) => None,
        }
    }
}

pub(crate) fn is_reliable(flow: Flow) -> bool {
    flow.transport == Transport::Tcp
}
