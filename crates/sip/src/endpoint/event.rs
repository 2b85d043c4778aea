use crate::header::Headers;
use crate::refer::Refer;
use hotline_model::Name;
use hotline_model::history::Flow;

/// One dialog of this endpoint, from its INVITE to its terminal event; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DialogId(pub u64);

/// What the shell tells the endpoint.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// One UDP datagram.
    Datagram {
        /// Where it came from and to.
        flow: Flow,
        /// The datagram.
        bytes: &'a [u8],
    },
    /// Bytes of a TCP connection, split anywhere.
    Stream {
        /// The connection, counted from 1.
        flow: Flow,
        /// The next bytes.
        bytes: &'a [u8],
    },
    /// A TCP connection is gone.
    StreamClosed {
        /// The connection.
        flow: Flow,
    },
    /// What was sent on a flow could not be delivered: ICMP refused, connect failed (RFC 3261 18.4).
    SendFailed {
        /// The flow it was sent on.
        flow: Flow,
    },
}

/// What the endpoint wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send one datagram.
    Datagram {
        /// From where to where.
        flow: Flow,
        /// The message.
        bytes: Vec<u8>,
    },
    /// Send on a TCP connection; with `flow.connection` 0 on any open connection to `flow.remote`, or on a new one.
    Stream {
        /// The connection.
        flow: Flow,
        /// The message.
        bytes: Vec<u8>,
    },
    /// Close a TCP connection: its bytes can't be framed.
    Close {
        /// The connection.
        flow: Flow,
    },
    /// Something happened.
    Event(Event),
}

/// What happened. Each dialog ends with exactly one of `Rejected`, `Cancelled`, `Bye`, `Ended`.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Somebody calls.
    Invite {
        /// The new dialog.
        dialog: DialogId,
        /// The call.
        invite: Box<IncomingInvite>,
    },
    /// A provisional response to our INVITE, 100 included.
    Progress {
        /// The dialog.
        dialog: DialogId,
        /// 100 to 199.
        code: u16,
        /// Early SDP.
        body: Option<Vec<u8>>,
    },
    /// A 2xx to our INVITE; the ACK is sent already.
    Answered {
        /// The dialog.
        dialog: DialogId,
        /// SDP.
        body: Option<Vec<u8>>,
    },
    /// Our INVITE failed. Terminal.
    Rejected {
        /// The dialog.
        dialog: DialogId,
        /// The final status: 300 to 699; 408 with `local` is Timer B or a CANCEL without effect, 503 with `local` a transport
        /// error.
        code: u16,
        /// Q.850 cause of a Reason header (RFC 3326).
        q850: Option<u8>,
        /// Whether no response came from the peer: it is our own finding.
        local: bool,
    },
    /// The ACK for our 200.
    Confirmed {
        /// The dialog.
        dialog: DialogId,
        /// SDP: the answer if our 200 carried the offer.
        body: Option<Vec<u8>>,
    },
    /// The peer's re-INVITE or UPDATE, to be answered or rejected.
    Reinvite {
        /// The dialog.
        dialog: DialogId,
        /// SDP; `None` asks us for an offer (or, by UPDATE, only refreshes the dialog).
        body: Option<Vec<u8>>,
    },
    /// A 2xx to our re-INVITE.
    ReinviteAnswered {
        /// The dialog.
        dialog: DialogId,
        /// SDP.
        body: Option<Vec<u8>>,
    },
    /// Our re-INVITE failed; the dialog lives on as it was, unless `Ended` follows (RFC 3261 12.2.1.2).
    ReinviteRejected {
        /// The dialog.
        dialog: DialogId,
        /// The final status; 408 also for Timer B.
        code: u16,
    },
    /// INFO with digits; answered 200 already.
    Info {
        /// The dialog.
        dialog: DialogId,
        /// `application/dtmf-relay` or `application/dtmf`.
        content_type: String,
        /// The body.
        body: Vec<u8>,
    },
    /// The peer wants us to call somebody for it (RFC 3515); to be accepted or refused
    /// ([`Endpoint::accept_refer`](super::Endpoint::accept_refer), [`Endpoint::refuse_refer`](super::Endpoint::refuse_refer)). One is
    /// under way in a dialog at a time, from here to its last [`Endpoint::refer_progress`](super::Endpoint::refer_progress); more get 491.
    Refer {
        /// The dialog in which it came.
        dialog: DialogId,
        /// The wish.
        refer: Box<Refer>,
    },
    /// A REFER that can't be read, or came while another request was under way, was refused here (RFC 3515 2.4.2); the dialog goes on.
    ReferRefused {
        /// The dialog.
        dialog: DialogId,
        /// The status it got.
        code: u16,
    },
    /// The caller gave up before our final answer; 200 and 487 are sent already. Terminal.
    Cancelled {
        /// The dialog.
        dialog: DialogId,
    },
    /// The peer hung up; 200 is sent already. Terminal.
    Bye {
        /// The dialog.
        dialog: DialogId,
        /// Q.850 cause of a Reason header.
        q850: Option<u8>,
    },
    /// The dialog ended otherwise. Terminal.
    Ended {
        /// The dialog.
        dialog: DialogId,
        /// Why.
        why: EndedWhy,
    },
    /// [`Endpoint::state`](super::Endpoint::state) of the dialog changed: established, target refresh, CSeq, flow.
    Changed {
        /// The dialog.
        dialog: DialogId,
    },
    /// A contact was added.
    Registered {
        /// The account.
        account: Name,
        /// Contact URI.
        contact: String,
    },
    /// A contact is gone.
    Unregistered {
        /// The account.
        account: Name,
        /// Contact URI.
        contact: String,
        /// Whether it ran out; otherwise it was taken back.
        expired: bool,
    },
    /// Whether an account can be reached changed (OPTIONS keep-alive).
    Reachable {
        /// The account.
        account: Name,
        /// Whether it can.
        reachable: bool,
    },
    /// The bindings of an account changed and should be saved: [`Endpoint::bindings_of`](super::Endpoint::bindings_of).
    BindingsChanged {
        /// The account.
        account: Name,
    },
}

/// Why a dialog ended without a final response or BYE of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedWhy {
    /// No ACK came for our 200 within 64*T1; BYE is sent (RFC 3261 13.3.1.4).
    NoAck,
    /// A transport error.
    TransportFailed,
    /// BYE, re-INVITE or OPTIONS was not answered, or with 408 or 481.
    Timeout,
    /// Our BYE or our refusal is through.
    Byed,
}

/// An INVITE that opens a dialog.
#[derive(Clone, Debug, PartialEq)]
pub struct IncomingInvite {
    /// The Request-URI as it came: scheme, host, parameters and escapes are in it.
    pub request_uri: String,
    /// User part of the Request-URI, %-escapes undone; of a `tel:` URI the number. As it came otherwise: `*`, `#`, full-width digits,
    /// `;phone-context` are to be judged by who dials.
    pub to_user: String,
    /// User part of From, unescaped; empty if it has none.
    pub from_user: String,
    /// Display name of From.
    pub from_display: Option<String>,
    /// Call-ID.
    pub call_id: String,
    /// Where it came from.
    pub flow: Flow,
    /// The trunk, if its source is one.
    pub trunk: Option<Name>,
    /// The account that proved itself by digest, or by its address if
    /// [`Endpoint::set_callers_by_address`](super::Endpoint::set_callers_by_address) allows it.
    pub account: Option<Name>,
    /// The dialog that this call is to replace (RFC 3891 3): live, and confirmed or an early one of ours. Whether the caller may do that
    /// is to be judged, by [`Endpoint::account`](super::Endpoint::account) and whose leg it is; 403 if not, and 481, 486, 603 were sent
    /// already where they are due.
    pub replaces: Option<DialogId>,
    /// SDP; `None` asks us for the offer.
    pub body: Option<Vec<u8>>,
    /// All header fields as they came.
    pub headers: Headers,
}

/// A call to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// Request-URI.
    pub target: String,
    /// The way to send it.
    pub flow: Flow,
    /// From value without tag, e.g. `"hotline" <sip:hotline@127.0.0.1>`.
    pub local_party: String,
    /// To value.
    pub remote_party: String,
    /// Further headers, name and value, the most important first: Call-Info, Alert-Info, Replaces, Referred-By, X-Hotline-*.
    /// At most 32, each of at most 512 bytes: the rest is left out, as are those that we print ourselves. Control characters are
    /// dropped. If a datagram would be longer than 1300 bytes (RFC 3261 18.1.1), those that begin with `X-` are left out, the last first.
    pub headers: Vec<(String, String)>,
    /// SDP offer.
    pub body: Vec<u8>,
}

/// A final failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reject {
    /// 300 to 699.
    pub code: u16,
    /// Q.850 cause for a Reason header (RFC 3326).
    pub q850: Option<u8>,
    /// Retry-After in seconds.
    pub retry_after: Option<u32>,
}

/// A limit is reached; nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// No such dialog, or it is past what was asked; nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;
