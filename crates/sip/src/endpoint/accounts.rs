use super::net::transport_name;
use super::{Endpoint, Event};
use crate::auth::Verdict;
use crate::header::Header;
use crate::message::{Method, Request};
use crate::print::{Lines, push_body, push_line};
use crate::registrar::{PingId, RegistrarEvent};
use crate::transaction::{Purpose, ServerKey};
use crate::uri::Uri;
use hotline_model::history::Flow;
use hotline_model::{Name, Timestamp};
use std::sync::Arc;

/// Answers to OPTIONS by which an INVITE would find no service there: 503, and 505 of gateways that are shut (RFC 3261 11.2, 21.5.4, 21.5.6).
const OUT_OF_SERVICE: [u16; 2] = [503, 505];

/// An OPTIONS on its way.
#[derive(Debug)]
pub(crate) struct Ping {
    account: Name,
    id: PingId,
}

impl Endpoint {
    /// Whether a source may learn that we are here: a trunk, or the address of a registered phone.
    pub(super) fn is_known_source(&self, flow: Flow) -> bool {
        self.admission.trunk(flow.remote.ip()).is_some() || self.registrar.knows(flow.remote.ip())
    }

    fn note_wrong(&mut self, flow: Flow, before: u64) {
        let wrong = self.gate.counters().wrong - before;
        if wrong > 0 {
            self.net.counters.auth_failed += wrong;
            self.net.counters.last_auth_failed = Some(flow.remote);
        }
    }

    /// REGISTER (10.3): everybody is challenged; a challenge costs no memory.
    pub(super) fn on_register(&mut self, now: Timestamp, flow: Flow, request: Request, key: Arc<str>) {
        let before = self.gate.counters().wrong;
        let verdict = self.gate.judge(now, flow.remote.ip(), &request);
        self.note_wrong(flow, before);
        let account = match verdict {
            Verdict::Granted(account) => account,
            Verdict::Challenge(challenge) => return self.challenge(flow, request, &challenge),
            Verdict::Full => return self.refuse_full(flow, request),
        };
        if self.table.is_full() {
            return self.refuse_full(flow, request);
        }
        let required = request.headers.words(Header::Require);
        if !required.is_empty() {
            let mut line = Vec::new();
            push_line(&mut line, "Unsupported", required.join(", ").as_bytes());
            return self.reply(now, flow, &request, ServerKey { key, merged: None }, 420, &line);
        }
        let pings = self.gate.account(&account).is_some_and(|account| account.ping);
        let mut response = self.registrar.register(now, &request, &account, pings, flow);
        response.tag_to(&self.tag());
        self.net.counters.registered += u64::from(response.is_success());
        self.table.answer_server(now, &mut self.net, ServerKey { key, merged: None }, flow, response.to_bytes());
        self.hear_registrar(now);
    }

    fn challenge(&mut self, flow: Flow, request: Request, challenge: &str) {
        self.net.counters.challenged += 1;
        let mut line = Vec::new();
        push_line(&mut line, "WWW-Authenticate", challenge.as_bytes());
        self.refuse(flow, request, 401, &line);
    }

    /// Who sends a request outside of any dialog: a trunk (no account needed), or an account by digest. Anybody else hears nothing, unless
    /// it is an INVITE in the name of an account: that is challenged. `Err`: dealt with.
    pub(super) fn identify(&mut self, now: Timestamp, flow: Flow, trusted: bool, request: Request) -> Result<(Request, Option<Name>), ()> {
        let has_credentials = request.headers.get(Header::Authorization).is_some();
        if !has_credentials && let Some(account) = self.caller_by_address(flow, &request) {
            return Ok((request, Some(account)));
        }
        let trusted = trusted && !self.is_registered_caller(flow, &request);
        if trusted && !has_credentials {
            return Ok((request, None));
        }
        if !trusted && !self.may_be_challenged(flow, &request) {
            if request.method == Method::Options && self.registrar.knows(flow.remote.ip()) {
                return Ok((request, None));
            }
            self.net.counters.dropped_stranger += 1;
            self.net.counters.last_stranger = Some(flow.remote);
            return Err(());
        }
        let before = self.gate.counters().wrong;
        let verdict = self.gate.judge(now, flow.remote.ip(), &request);
        self.note_wrong(flow, before);
        match verdict {
            Verdict::Granted(account) if trusted || from_user(&request).as_deref() == Some(&*account) => Ok((request, Some(account))),
            Verdict::Challenge(_) if trusted => Ok((request, None)),
            Verdict::Challenge(challenge) => {
                self.challenge(flow, request, &challenge);
                Err(())
            }
            Verdict::Granted(_) => {
                self.refuse(flow, request, 403, b"");
                Err(())
            }
            Verdict::Full => {
                self.refuse_full(flow, request);
                Err(())
            }
        }
    }

    /// The account that may call from this very address without digest.
    fn caller_by_address(&self, flow: Flow, request: &Request) -> Option<Name> {
        let user = from_user(request).filter(|_| request.method == Method::Invite && !self.by_address.is_empty())?;
        let mut callers = self.by_address.iter();
        callers.find(|(name, address)| **name == *user && *address == flow.remote).map(|(name, _)| name.clone())
    }

    /// Whether a phone calls in the name that it is registered under, from where it is: that takes a digest even inside a trunk's network,
    /// so that a caller there can't be taken for a seat, nor a seat for a caller.
    fn is_registered_caller(&self, flow: Flow, request: &Request) -> bool {
        if request.method != Method::Invite || !self.registrar.knows(flow.remote.ip()) {
            return false;
        }
        let user = from_user(request).filter(|user| self.gate.account(user).is_some());
        user.is_some_and(|user| self.registrar.bindings_of(&user).any(|binding| binding.flow.remote.ip() == flow.remote.ip()))
    }

    /// Only what an account may do: call, and from where it is registered anything else (it is then told 405 and the like).
    fn may_be_challenged(&self, flow: Flow, request: &Request) -> bool {
        let registered = request.method != Method::Options && self.registrar.knows(flow.remote.ip());
        let in_its_name = || from_user(request).is_some_and(|user| self.gate.account(&user).is_some());
        (request.method == Method::Invite || registered) && in_its_name()
    }

    /// Passes on what the registrar has to say, and sends its OPTIONS.
    pub(super) fn hear_registrar(&mut self, now: Timestamp) {
        while let Some(event) = self.registrar.poll_event() {
            match event {
                RegistrarEvent::Registered { account, contact } => self.net.event(Event::Registered { account, contact }),
                RegistrarEvent::Unregistered { account, contact, expired } => {
                    self.net.event(Event::Unregistered { account, contact, expired });
                }
                RegistrarEvent::Reachable { account, reachable } => self.net.event(Event::Reachable { account, reachable }),
                RegistrarEvent::BindingsChanged { account } => self.net.event(Event::BindingsChanged { account }),
                RegistrarEvent::Ping { id, account, uri, flow } => self.send_ping(now, Ping { account, id }, &uri, flow),
            }
        }
    }

    fn send_ping(&mut self, now: Timestamp, ping: Ping, uri: &str, flow: Flow) {
        if self.table.is_full() {
            self.net.counters.full += 1;
            return;
        }
        let (branch, tag, call_id) = (self.random(), self.tag(), self.tag() + &self.tag());
        let own = format!("<{}>", self.net.contact("", flow));
        let to = format!("<{uri}>");
        let lines = Lines {
            method: "OPTIONS",
            target: uri,
            routes: &[],
            transport: transport_name(flow),
            sent_by: &self.net.name(flow),
            branch,
            from: (own.as_bytes(), &tag),
            to: (to.as_bytes(), ""),
            call_id: &call_id,
            cseq: 1,
        };
        let mut request = lines.print();
        push_line(&mut request, "Contact", own.as_bytes());
        request.extend_from_slice(b"Accept: application/sdp\r\n");
        self.net.push_product(&mut request, "User-Agent");
        push_body(&mut request, "", b"");
        self.pings.insert(branch, ping);
        self.table.start_client(now, &mut self.net, Purpose::Ping(branch), flow, (branch, false), request);
    }

    pub(super) fn on_pong(&mut self, now: Timestamp, ping: u64, code: u16) {
        if let Some(ping) = self.pings.remove(&ping) {
            if OUT_OF_SERVICE.contains(&code) {
                self.registrar.out_of_service(&ping.account, ping.id);
            } else {
                self.registrar.pong(&ping.account, ping.id);
            }
            self.hear_registrar(now);
        }
    }

    /// Timer F, or a transport error.
    pub(super) fn on_no_pong(&mut self, now: Timestamp, ping: u64, failed: bool) {
        if let Some(ping) = self.pings.remove(&ping)
            && failed
        {
            self.registrar.ping_failed(&ping.account, ping.id);
            self.hear_registrar(now);
        }
    }
}

fn from_user(request: &Request) -> Option<String> {
    Uri::parse(&request.headers.from().ok()?.uri).ok()?.user
}
