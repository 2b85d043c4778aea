//! The endpoint: transactions, dialogs and the registrar behind four verbs and the commands of the engine.

mod accounts;
mod admission;
mod config;
mod event;
mod failing;
mod net;
mod notify;
mod receive;
mod refer;
mod refuse;
mod uac;
mod uas;
mod within;

pub use config::{Config, Counters, Limits, Listener, Trunk};
pub use event::{DialogId, EndedWhy, Event, Full, Gone, IncomingInvite, Input, Invite, Output, Reject};
pub(crate) use net::Net;

use crate::auth::{Accounts, Gate, GateLimits};
use crate::dialog::{Dialog, Dialogs, Phase, Referring, Wish};
use crate::refer::Replaces;
use crate::registrar::{Binding, Registrar, RegistrarConfig};
use crate::transaction::{Table, Transaction};
use crate::uri::Host;
use accounts::Ping;
use admission::Admission;
use hotline_model::history::{DialogState, Flow};
use hotline_model::{Deadlines, LookupMap, Name, Timestamp};
use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};
use receive::Partial;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// A SIP endpoint without sockets and clock.
#[derive(Debug)]
pub struct Endpoint {
    limits: Limits,
    rng: ChaCha8Rng,
    net: Net,
    admission: Admission,
    table: Table,
    dialogs: Dialogs,
    gate: Gate,
    registrar: Registrar,
    pings: LookupMap<u64, Ping>,
    partial: BTreeMap<u64, Partial>,
    local: Deadlines<Local>,
    /// Retry-After in seconds, while no call is taken.
    closed: Option<u32>,
    by_address: Vec<(Name, SocketAddr)>,
}

/// What is due at a time that is no constant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Local {
    /// A re-INVITE after 491 (14.1).
    Glare(DialogId),
    /// The end of a REFER's subscription.
    Refer(DialogId),
    /// A TCP message that should be whole by now.
    Partial(Flow),
}

impl Endpoint {
    /// An endpoint that has seen nothing.
    pub fn new(config: Config) -> Self {
        let mut rng = ChaCha8Rng::from_seed(config.seed);
        let mut secret = [0; 32];
        rng.fill_bytes(&mut secret);
        let contacts = config.limits.contacts_per_seat;
        Self {
            net: Net::new(&config),
            gate: Gate::new(config.realm, secret, GateLimits { used: config.limits.nonces, ..GateLimits::default() }),
            registrar: Registrar::new(RegistrarConfig { contacts, ..RegistrarConfig::default() }),
            admission: Admission::new(config.trunks),
            table: Table::new(config.limits.transactions),
            dialogs: Dialogs::default(),
            pings: LookupMap::default(),
            partial: BTreeMap::new(),
            local: Deadlines::default(),
            closed: None,
            by_address: Vec::new(),
            limits: config.limits,
            rng,
        }
    }

    /// Takes what came from the network.
    pub fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        match input {
            Input::Datagram { flow, bytes } => self.on_datagram(now, flow, bytes),
            Input::Stream { flow, bytes } => self.on_stream(now, flow, bytes),
            Input::StreamClosed { flow } => self.on_stream_closed(now, flow),
            Input::SendFailed { flow } => self.on_send_failed(now, flow),
        }
        self.settle();
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        while let Some((tx, fired, party)) = self.table.fire(now, &mut self.net) {
            self.on_fired(now, tx, fired, party);
        }
        while let Some(due) = self.local.take_due(now) {
            match due {
                Local::Glare(id) => self.on_glare_over(now, id),
                Local::Refer(id) => self.on_refer_over(now, id),
                Local::Partial(flow) => self.on_partial_timeout(flow),
            }
        }
        self.registrar.handle_timeout(now);
        self.hear_registrar(now);
        self.settle();
    }

    fn settle(&mut self) {
        self.table.prune();
        self.net.counters.transactions = self.table.len() as u64;
        self.net.counters.dialogs = self.dialogs.len() as u64;
    }

    /// When [`Self::handle_timeout`] is to be called next.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        [self.table.next_timeout(), self.local.next(), self.registrar.poll_timeout()].into_iter().flatten().min()
    }

    /// What is to be sent or told; call until `None`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.net.take()
    }

    /// Calls somebody.
    ///
    /// # Errors
    /// [`Full`] at the limit of dialogs or transactions.
    pub fn invite(&mut self, now: Timestamp, invite: Invite) -> Result<DialogId, Full> {
        let result = self.do_invite(now, invite);
        self.settle();
        result
    }

    /// Sends a provisional response, 101 to 199, with early SDP if given.
    ///
    /// # Errors
    /// [`Gone`] unless an incoming INVITE waits for its answer.
    pub fn provisional(&mut self, now: Timestamp, id: DialogId, code: u16, body: Option<Vec<u8>>) -> Result<(), Gone> {
        let result = self.do_provisional(now, id, code, body.as_deref());
        self.settle();
        result
    }

    /// Answers 200 with SDP to the INVITE, re-INVITE or UPDATE that waits; sent again until the ACK (RFC 3261 13.3.1.4).
    ///
    /// # Errors
    /// [`Gone`] if none waits.
    pub fn answer(&mut self, now: Timestamp, id: DialogId, body: Vec<u8>) -> Result<(), Gone> {
        let result = self.do_answer(now, id, &body);
        self.settle();
        result
    }

    /// Refuses the INVITE, re-INVITE or UPDATE that waits. That of an INVITE ends the dialog with `Ended { Byed }`.
    ///
    /// # Errors
    /// [`Gone`] if none waits.
    pub fn reject(&mut self, now: Timestamp, id: DialogId, reject: Reject) -> Result<(), Gone> {
        let result = self.do_reject(now, id, reject);
        self.settle();
        result
    }

    /// Refuses an INVITE with 400 to 699 and a Reason that says why in words (RFC 3326). `Ended { Byed }` follows.
    ///
    /// # Errors
    /// [`Gone`] unless an incoming INVITE waits for its answer.
    pub fn decline(&mut self, now: Timestamp, id: DialogId, code: u16, text: &str) -> Result<(), Gone> {
        let result = self.do_decline(now, id, code, text);
        self.settle();
        result
    }

    /// Answers an INVITE 401 with a challenge for this user: whoever was let in without an account, but wants what only an account may
    /// have, calls again with its digest (RFC 3261 22.1). `Ended { Byed }` follows.
    ///
    /// # Errors
    /// [`Gone`] unless an incoming INVITE waits for its answer.
    pub fn ask_who(&mut self, now: Timestamp, id: DialogId, user: &str) -> Result<(), Gone> {
        let result = self.do_ask_who(now, id, user);
        self.settle();
        result
    }

    /// Sends a re-INVITE with SDP. One is under way at a time; the latest body waits. Glare is resolved here (RFC 3261 14.1).
    ///
    /// # Errors
    /// [`Gone`] if the dialog is not confirmed.
    pub fn reinvite(&mut self, now: Timestamp, id: DialogId, body: Vec<u8>) -> Result<(), Gone> {
        let result = self.do_reinvite(now, id, body);
        self.settle();
        result
    }

    /// Ends the dialog by what is right now: CANCEL, held back until the first 1xx (RFC 3261 9.1), BYE, held back until the ACK of our 200
    /// (RFC 3261 15), or 480. The terminal event follows when the peer has answered.
    ///
    /// # Errors
    /// [`Gone`] if it ended or is ending.
    pub fn hang_up(&mut self, now: Timestamp, id: DialogId, q850: Option<u8>) -> Result<(), Gone> {
        let result = self.do_hang_up(now, id, q850);
        self.settle();
        result
    }

    /// Asks the peer by OPTIONS inside the dialog whether it is still there (RFC 3261 12.2.1.2): the dialog ends with
    /// [`EndedWhy::Timeout`] or [`EndedWhy::TransportFailed`] if it is not, and nothing is told if it is. One is under way at a time.
    ///
    /// # Errors
    /// [`Gone`] if the dialog is not confirmed.
    pub fn probe(&mut self, now: Timestamp, id: DialogId) -> Result<(), Gone> {
        let result = self.do_probe(now, id);
        self.settle();
        result
    }

    /// Accepts the REFER that waits: 202, and the NOTIFY `100 Trying` that opens its subscription (RFC 3515 2.4.4). The subscription ends with
    /// the last [`Self::refer_progress`], with the dialog, when a NOTIFY is refused or not answered (the call goes on), or after 3 min.
    ///
    /// # Errors
    /// [`Gone`] if none waits.
    pub fn accept_refer(&mut self, now: Timestamp, id: DialogId) -> Result<(), Gone> {
        let result = self.do_accept_refer(now, id);
        self.settle();
        result
    }

    /// Refuses the REFER that waits; the dialog goes on.
    ///
    /// # Errors
    /// [`Gone`] if none waits.
    pub fn refuse_refer(&mut self, now: Timestamp, id: DialogId, reject: Reject) -> Result<(), Gone> {
        let result = self.do_refuse_refer(now, id, reject);
        self.settle();
        result
    }

    /// Tells by NOTIFY what became of the accepted REFER: 100 to 199 so far, 200 to 699 in the end (RFC 3515 2.4.5). One NOTIFY is on its way
    /// at a time, and of what waits only the latest is sent; a last one that waits goes out before our BYE.
    ///
    /// # Errors
    /// [`Gone`] if nobody is to hear of it any more.
    pub fn refer_progress(&mut self, now: Timestamp, id: DialogId, code: u16) -> Result<(), Gone> {
        let result = self.do_refer_progress(now, id, code);
        self.settle();
        result
    }

    /// The subscription of an accepted REFER whose end the peer waits for: CSeq of the REFER, and whether its NOTIFYs name it. `None` if there
    /// is none, or the peer wants no NOTIFY (RFC 4488).
    pub fn referring(&self, id: DialogId) -> Option<(u32, bool)> {
        let Referring::Accepted(subscription) = &self.dialogs.get(id)?.referring else { return None };
        (!subscription.wish.silent).then_some((subscription.wish.cseq, subscription.wish.with_id))
    }

    /// Takes up the subscription of a REFER that an earlier run accepted, in a dialog that was taken up: what [`Self::referring`] said then. Nothing
    /// is sent until [`Self::refer_progress`]; a phone whose own clock ended it meanwhile answers 481, and the call goes on (RFC 6665 4.2.2).
    ///
    /// # Errors
    /// [`Gone`] if there is no such dialog.
    pub fn restore_referring(&mut self, now: Timestamp, id: DialogId, (cseq, with_id): (u32, bool)) -> Result<(), Gone> {
        self.do_restore_referring(now, id, Wish { cseq, with_id, silent: false })
    }

    /// The account that opened a dialog by its INVITE, proved by digest or allowed by address; `None` for a trunk's, for ours, and after
    /// [`Self::restore`].
    pub fn account(&self, id: DialogId) -> Option<&Name> {
        self.dialogs.get(id)?.account.as_ref()
    }

    /// The value of a Replaces header that makes the peer of this dialog replace it (RFC 3891 4); `None` until the peer has a tag.
    pub fn replaces(&self, id: DialogId) -> Option<Replaces> {
        let facts = &self.dialogs.get(id)?.facts;
        let (call_id, to_tag, from_tag) = (facts.call_id.clone(), facts.remote_tag.clone(), facts.local_tag.clone());
        (!to_tag.is_empty()).then_some(Replaces { call_id, to_tag, from_tag, early_only: false })
    }

    /// Whether a host means us: an address we listen on, what we advertise, or the realm.
    pub fn is_ours(&self, host: &Host) -> bool {
        self.net.is_ours(host)
    }

    /// Accounts whose INVITE is taken without digest if it comes from exactly this address and port and names the account in From. None by
    /// default: a UDP source can be forged, so only for phones on a network where nobody else can send.
    pub fn set_callers_by_address(&mut self, callers: Vec<(Name, SocketAddr)>) {
        self.by_address = callers;
    }

    /// Takes up a confirmed dialog from the journal; one that is here already keeps its id.
    ///
    /// # Errors
    /// [`Full`] at the limit of dialogs.
    pub fn restore(&mut self, _now: Timestamp, mut state: DialogState) -> Result<DialogId, Full> {
        if let Some(id) = self.dialogs.by_tag(&state.local_tag) {
            return Ok(id);
        }
        if self.dialogs.len() >= self.limits.dialogs {
            self.net.counters.full += 1;
            return Err(Full);
        }
        let lost = state.flow.connection != 0;
        state.flow.connection = 0;
        let mut dialog = Dialog { referred_before: true, ..Dialog::new(state, Phase::Up { hang_up: None }) };
        if lost {
            dialog.lose_connection();
        }
        let id = self.dialogs.add(dialog);
        self.settle();
        Ok(id)
    }

    /// What [`Endpoint::cancel_of_past`] of a later run needs; `None` unless our INVITE has no final response.
    pub fn inviting(&self, id: DialogId) -> Option<(DialogState, u64)> {
        let dialog = self.dialogs.get(id)?;
        let Phase::Calling { tx, .. } = dialog.phase else { return None };
        match self.table.get(tx)? {
            Transaction::InviteClient(it) => Some((dialog.facts.clone(), it.branch)),
            Transaction::Client(_) | Transaction::InviteServer(_) | Transaction::Server(_) => None,
        }
    }

    /// Cancels an INVITE of ours that an earlier run sent and that had no final response then: a phone must not ring for a process that is gone.
    /// If it was answered meanwhile, ACK and BYE follow.
    ///
    /// # Errors
    /// [`Full`] at the limit of dialogs or transactions.
    pub fn cancel_of_past(&mut self, now: Timestamp, invite: DialogState, branch: u64) -> Result<(), Full> {
        let result = self.do_cancel_of_past(now, invite, branch);
        self.settle();
        result
    }

    /// The facts of a dialog; the peer's tag is empty until its first answer with one.
    pub fn state(&self, id: DialogId) -> Option<DialogState> {
        self.dialogs.get(id).map(|dialog| dialog.facts.clone())
    }

    /// What happened so far.
    pub fn counters(&self) -> &Counters {
        &self.net.counters
    }

    /// While the engine takes no call at all, OPTIONS outside of any dialog gets the 503 that an INVITE would get, with this Retry-After in
    /// seconds: whoever distributes calls looks elsewhere (RFC 3261 11.2).
    pub fn set_closed(&mut self, retry_after: Option<u32>) {
        self.closed = retry_after;
    }

    /// Replaces the accounts; those that were there. Contacts of those gone stay until they run out.
    pub fn set_accounts(&mut self, accounts: impl Into<Accounts>) -> Accounts {
        self.gate.set_accounts(accounts)
    }

    /// Replaces the static contacts that get OPTIONS keep-alive: account, URI, way.
    pub fn set_pings(&mut self, now: Timestamp, targets: Vec<(Name, String, Flow)>) {
        self.registrar.set_pings(now, targets);
        self.hear_registrar(now);
        self.settle();
    }

    /// Replaces the static contact of one account that gets OPTIONS keep-alive; `None`: it has none any more.
    pub fn set_ping(&mut self, now: Timestamp, account: &Name, target: Option<(String, Flow)>) {
        self.registrar.set_ping(now, account, target);
        self.hear_registrar(now);
        self.settle();
    }

    /// All registered contacts, for the state file.
    pub fn bindings(&self) -> Vec<Binding> {
        self.registrar.bindings()
    }

    /// The registered contacts of one account.
    pub fn bindings_of(&self, account: &str) -> impl Iterator<Item = Binding> {
        self.registrar.bindings_of(account)
    }

    /// Takes the contacts of the state file back; those run out are left. Accounts are to be set before.
    pub fn restore_bindings(&mut self, now: Timestamp, bindings: Vec<Binding>) {
        let gate = &self.gate;
        self.registrar.restore(now, bindings, |name| gate.account(name).is_some_and(|account| account.ping));
        self.hear_registrar(now);
        self.settle();
    }

    /// Live contacts of an account, the highest `q` first, of equal ones the newest (RFC 3261 10.2.1.2).
    pub fn contacts(&self, account: &str) -> Vec<(String, Flow)> {
        self.registrar.contacts(account)
    }

    fn random(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// A tag of 64 random bits (RFC 3261 19.3 asks for 32).
    fn tag(&mut self) -> String {
        format!("{:016x}", self.random())
    }
}
