//! A SIP endpoint after RFC 3261: bytes from the network become dialog events, commands become bytes to be sent.
//! Knows nothing of what is in a body, of seats, queues or calls, and owns no socket, thread or clock.

/// The endpoint: transactions, dialogs and the registrar behind four verbs and the commands of the engine.
pub mod endpoint;

pub use endpoint::{
    Account, Binding, Config, Counters, DialogId, EndedWhy, Endpoint, Event, Full, Gone, Head, IncomingInvite, Input, Invite, Limits,
    Listener, Output, Reject, Secret, Trunk,
};
