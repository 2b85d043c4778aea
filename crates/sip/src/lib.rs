//! A SIP endpoint without IO: datagrams and stream bytes in, dialog events out, commands in, datagrams out (RFC 3261 and its companions).
//! Does not know what is in a body, nor seats, queues, sockets or clocks.

pub mod auth;
pub mod check;
mod digest;
pub mod header;
pub mod message;
pub mod registrar;
mod typed;
pub mod uri;
pub mod value;
pub mod wire;

pub use check::{Fault, check};
pub use header::{Header, Headers, Injection};
pub use message::{Message, Method, Request, Response, Version, reason_phrase};
pub use uri::{Host, Scheme, Uri};
pub use value::{BadHeader, CSeq, Contacts, NameAddr, Params, Via};
pub use wire::{Framed, Framer, Limits, Unreadable, parse_datagram};
