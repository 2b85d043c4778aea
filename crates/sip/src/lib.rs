//! A SIP endpoint without IO: datagrams and stream bytes in, dialog events out, commands in, datagrams out (RFC 3261 and its companions).
//! Does not know what is in a body, nor seats, queues, sockets or clocks.

pub mod auth;
pub mod check;
mod dialog;
mod digest;
pub mod endpoint;
pub mod header;
pub mod message;
mod print;
mod refer;
pub mod registrar;
mod text;
mod timers;
mod transaction;
mod typed;
pub mod uri;
pub mod value;
pub mod wire;

pub use auth::{Account, Accounts, Secret};
pub use check::{Fault, check};
pub use endpoint::{
    Config, Counters, DialogId, EndedWhy, Endpoint, Event, Full, Gone, IncomingInvite, Input, Invite, Limits, Listener, Output, Reject,
    Trunk,
};
pub use header::{Header, Headers, Injection};
pub use message::{Message, Method, Request, Response, Version, reason_phrase};
pub use refer::{Refer, Replaces, Unreplaceable};
pub use registrar::Binding;
pub use text::party;
pub use uri::{Host, Scheme, Uri};
pub use value::{BadHeader, CSeq, Contacts, NameAddr, Params, Via};
pub use wire::{Framed, Framer, Unreadable, parse_datagram};
