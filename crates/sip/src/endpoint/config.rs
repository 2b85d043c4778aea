use hotline_model::Name;
use hotline_model::history::Transport;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What an endpoint is made of.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the shell listens; a flow's `local` is one of these.
    pub listeners: Vec<Listener>,
    /// The digest realm.
    pub realm: String,
    /// The value of User-Agent and Server; none by default, so that a scanner learns nothing.
    pub product: Option<String>,
    /// Sources that may call without digest.
    pub trunks: Vec<Trunk>,
    /// How much of everything there may be.
    pub limits: Limits,
    /// Seed of tags, branches, Call-IDs and nonces.
    pub seed: [u8; 32],
}

impl Default for Config {
    fn default() -> Self {
        let local = |net, prefix| Trunk { name: Name::from("local"), net, prefix, per_second: None };
        Self {
            listeners: Vec::new(),
            realm: "hotline".to_owned(),
            product: None,
            trunks: vec![local(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8), local(IpAddr::V6(Ipv6Addr::LOCALHOST), 128)],
            limits: Limits::default(),
            seed: [0; 32],
        }
    }
}

/// One address the shell listens on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Its transport.
    pub transport: Transport,
    /// Its address.
    pub local: SocketAddr,
    /// `host` or `host:port` for Contact and Via; `local` if none. Never a wildcard address.
    pub advertise: Option<String>,
}

/// A network whose INVITEs are taken without digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trunk {
    /// Its name in events and figures.
    pub name: Name,
    /// Its network address.
    pub net: IpAddr,
    /// How many leading bits of `net` count.
    pub prefix: u8,
    /// How many new INVITEs a second it may send; more get 503 with Retry-After. `None`: no limit.
    pub per_second: Option<u32>,
}

/// How much of everything there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Transactions at once, finished ones that wait for late copies for 32 s included: a call of two legs has up to four. A request over
    /// it gets a stateless 503.
    pub transactions: usize,
    /// Dialogs alive at once; an INVITE over it gets 503.
    pub dialogs: usize,
    /// Bytes of start line and headers; more is dropped and counted (TCP: the connection is closed).
    pub header_bytes: usize,
    /// Bytes of body; more gets 413 (TCP: the connection is closed).
    pub body_bytes: usize,
    /// Contacts of one account; one more gets 403.
    pub contacts_per_seat: usize,
    /// Digest nonces remembered as used; one more is answered 503.
    pub nonces: usize,
    /// TCP connections with part of a message, or half a ping; one more is closed.
    pub connections: usize,
    /// Outputs not yet polled; over it new requests are dropped and counted, what is under way is still sent.
    pub outputs: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            transactions: 400_000,
            dialogs: 100_000,
            header_bytes: 65_536,
            body_bytes: 65_536,
            contacts_per_seat: 10,
            nonces: 100_000,
            connections: 10_000,
            outputs: 1_000_000,
        }
    }
}

/// What happened so far; each only grows, except where it says "now".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Messages received.
    pub received: u64,
    /// Messages sent, retransmissions included.
    pub sent: u64,
    /// Messages that could not be read, answered 400 or not.
    pub malformed: u64,
    /// TCP connections closed because a message that had begun was not whole in time.
    pub slow: u64,
    /// Requests of strangers dropped in silence.
    pub dropped_stranger: u64,
    /// The last of them.
    pub last_stranger: Option<SocketAddr>,
    /// INVITEs refused by a trunk's rate.
    pub rate_limited: u64,
    /// Messages we sent again.
    pub retransmissions: u64,
    /// Requests of others seen again.
    pub duplicates: u64,
    /// Requests that came by another path with the same identity (RFC 3261 8.2.2.2).
    pub merged: u64,
    /// Responses that match no transaction.
    pub stray_responses: u64,
    /// Requests in a dialog we don't know (481).
    pub no_dialog: u64,
    /// Requests refused because a limit was reached.
    pub full: u64,
    /// Transport errors told by the shell.
    pub send_failed: u64,
    /// Requests of ours that timed out (Timers B and F).
    pub timeouts: u64,
    /// Digest answers that were wrong.
    pub auth_failed: u64,
    /// Where the last of them came from.
    pub last_auth_failed: Option<SocketAddr>,
    /// Digest challenges sent.
    pub challenged: u64,
    /// Registrations taken or refreshed.
    pub registered: u64,
    /// INVITEs received (new ones).
    pub invites_in: u64,
    /// INVITEs sent (new dialogs).
    pub invites_out: u64,
    /// Further headers of our INVITEs that were left out: no header's name, one we print ourselves, too long, or no room in a datagram.
    pub headers_left_out: u64,
    /// Transactions alive now.
    pub transactions: u64,
    /// Dialogs alive now.
    pub dialogs: u64,
}
