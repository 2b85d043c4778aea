//! What takes a leg up again after a crash: its dialog, its media, and the registrations of phones.

use crate::WallTime;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// The transport of a SIP flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

/// A way to a peer: one UDP address pair or one TCP connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Flow {
    /// The transport.
    pub transport: Transport,
    /// Our address: the listener's.
    pub local: SocketAddr,
    /// The peer's address.
    pub remote: SocketAddr,
    /// The TCP connection, counted by the shell from 1; 0 for UDP, and for TCP when any or a new connection will do.
    pub connection: u64,
}

/// What BYE and re-INVITE in a dialog need (RFC 3261 12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialogState {
    /// Call-ID.
    pub call_id: String,
    /// Our tag.
    pub local_tag: String,
    /// The peer's tag; empty if it sent none (RFC 2543 peers).
    pub remote_tag: String,
    /// Our From/To value without the tag, e.g. `"hotline" <sip:hotline@127.0.0.1>`.
    pub local_party: String,
    /// The peer's From/To value without the tag.
    pub remote_party: String,
    /// The last CSeq we used.
    pub local_cseq: u32,
    /// The peer's last CSeq; `None` until it sent a request.
    pub remote_cseq: Option<u32>,
    /// Route set, in the order in which it is to be sent.
    pub route_set: Vec<String>,
    /// The peer's Contact URI.
    pub remote_target: String,
    /// Our Contact URI.
    pub contact: String,
    /// The flow in use.
    pub flow: Flow,
    /// Session timer in seconds (RFC 4028), if one was agreed.
    pub session_expires: Option<u32>,
    /// Whether we sent the INVITE.
    pub we_called: bool,
}

/// A binding of the registrar (RFC 3261 10.3), as it survives a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Contact URI as the phone gave it.
    pub contact: String,
    /// How to reach it.
    pub flow: Flow,
    /// When it ends.
    pub expires: WallTime,
    /// Call-ID of the last REGISTER.
    pub call_id: String,
    /// CSeq of the last REGISTER.
    pub cseq: u32,
    /// Preference in thousandths (RFC 3261 20.10).
    pub q: u16,
    /// `+sip.instance` and `reg-id` (RFC 5626 4.1).
    pub instance: Option<String>,
}

/// A G.711 law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Codec {
    /// G.711 mu-law, payload type 0.
    Pcmu,
    /// G.711 A-law, payload type 8.
    Pcma,
}

/// Direction of a media line, seen from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// Both ways.
    SendRecv,
    /// We only send: the peer holds us listening.
    SendOnly,
    /// We only receive.
    RecvOnly,
    /// Neither.
    Inactive,
}

/// What a leg's media needs after a crash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaState {
    /// Our RTP address as told to the peer.
    pub local: SocketAddr,
    /// The peer's RTP address from its SDP.
    pub remote: SocketAddr,
    /// The codec in use.
    pub codec: Codec,
    /// Its payload type: 0 or 8, or a dynamic one that the peer gave it.
    pub payload_type: u8,
    /// RFC 4733 payload type, if agreed.
    pub telephone_event: Option<u8>,
    /// Our SSRC.
    pub ssrc: u32,
    /// `sess-id` of our SDP's o= line.
    pub sdp_session: u64,
    /// `sess-version` last sent.
    pub sdp_version: u64,
    /// Direction seen from us.
    pub direction: Direction,
}
