//! The endpoint: transactions, dialogs and the registrar behind four verbs and the commands of the engine.

mod config;
mod event;

pub use config::{Config, Counters, Limits, Listener, Trunk};
pub use event::{DialogId, EndedWhy, Event, Full, Gone, IncomingInvite, Input, Invite, Output, Reject};

use crate::auth::Account;
use crate::registrar::Binding;
use hotline_model::history::{DialogState, Flow};
use hotline_model::{Name, Timestamp};
use std::collections::VecDeque;

/// A SIP endpoint without sockets and clock.
#[derive(Debug)]
pub struct Endpoint {
    counters: Counters,
    outputs: VecDeque<Output>,
}

impl Endpoint {
    /// An endpoint that has seen nothing.
    pub fn new(_config: Config) -> Self {
        Self { counters: Counters::default(), outputs: VecDeque::new() }
    }

    /// Takes what came from the network.
    pub fn handle(&mut self, _now: Timestamp, _input: Input<'_>) {}

    /// Does what is due.
    pub fn handle_timeout(&mut self, _now: Timestamp) {}

    /// When [`Self::handle_timeout`] is to be called next.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        None
    }

    /// What is to be sent or told; call until `None`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Calls somebody.
    ///
    /// # Errors
    /// [`Full`] at the limit of dialogs or transactions.
    pub fn invite(&mut self, _now: Timestamp, _invite: Invite) -> Result<DialogId, Full> {
        Err(Full)
    }

    /// Sends a provisional response, 101 to 199, with early SDP if given.
    ///
    /// # Errors
    /// [`Gone`] unless an incoming INVITE waits for its answer.
    pub fn provisional(&mut self, _now: Timestamp, _id: DialogId, _code: u16, _body: Option<Vec<u8>>) -> Result<(), Gone> {
        Err(Gone)
    }

    /// Answers 200 with SDP to the INVITE, re-INVITE or UPDATE that waits; sent again until the ACK (RFC 3261 13.3.1.4).
    ///
    /// # Errors
    /// [`Gone`] if none waits.
    pub fn answer(&mut self, _now: Timestamp, _id: DialogId, _body: Vec<u8>) -> Result<(), Gone> {
        Err(Gone)
    }

    /// Refuses the INVITE, re-INVITE or UPDATE that waits.
    ///
    /// # Errors
    /// [`Gone`] if none waits.
    pub fn reject(&mut self, _now: Timestamp, _id: DialogId, _reject: Reject) -> Result<(), Gone> {
        Err(Gone)
    }

    /// Sends a re-INVITE with SDP. One is under way at a time; the latest body waits. Glare is resolved here (RFC 3261 14.1).
    ///
    /// # Errors
    /// [`Gone`] if the dialog is not confirmed.
    pub fn reinvite(&mut self, _now: Timestamp, _id: DialogId, _body: Vec<u8>) -> Result<(), Gone> {
        Err(Gone)
    }

    /// Ends the dialog by what is right now: CANCEL, held back until the first 1xx (RFC 3261 9.1), BYE, or 480.
    ///
    /// # Errors
    /// [`Gone`] if it ended or is ending.
    pub fn hang_up(&mut self, _now: Timestamp, _id: DialogId, _q850: Option<u8>) -> Result<(), Gone> {
        Err(Gone)
    }

    /// Takes up a confirmed dialog from the journal.
    ///
    /// # Errors
    /// [`Full`] at the limit of dialogs.
    pub fn restore(&mut self, _now: Timestamp, _state: DialogState) -> Result<DialogId, Full> {
        Err(Full)
    }

    /// The facts of a dialog that has both tags or an answer.
    pub fn state(&self, _id: DialogId) -> Option<DialogState> {
        None
    }

    /// What happened so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Replaces the accounts; the contacts of those gone are dropped without an event.
    pub fn set_accounts(&mut self, _accounts: Vec<Account>) {}

    /// Replaces the static contacts that get OPTIONS keep-alive: account, URI, way.
    pub fn set_pings(&mut self, _now: Timestamp, _targets: Vec<(Name, String, Flow)>) {}

    /// All registered contacts, for the state file.
    pub fn bindings(&self) -> Vec<Binding> {
        Vec::new()
    }

    /// Takes the contacts of the state file back; those run out are left.
    pub fn restore_bindings(&mut self, _now: Timestamp, _bindings: Vec<Binding>) {}

    /// Live contacts of an account, newest first.
    pub fn contacts(&self, _account: &str) -> Vec<(String, Flow)> {
        Vec::new()
    }
}
