use super::refuse::{ALLOW, SDP, SUPPORTED, abilities, objection, push_retry_after, sdp};
use super::{DialogId, EndedWhy, Endpoint, Event, Gone, IncomingInvite, Reject};
use crate::dialog::{Dialog, Phase, Theirs, Unacknowledged};
use crate::header::{Header, Headers};
use crate::message::{Method, Request};
use crate::print::{Reply, push_line, push_reason};
use crate::refer::Replaces;
use crate::transaction::{ServerKey, Transaction, TxId};
use crate::uri::Uri;
use crate::value::Via;
use hotline_model::history::{DialogState, Flow};
use hotline_model::{Name, Timestamp};
use std::sync::Arc;

/// Most characters of a Reason's text.
const LONGEST_TEXT: usize = 80;

impl Endpoint {
    pub(super) fn on_request(&mut self, now: Timestamp, flow: Flow, mut request: Request) {
        let Ok(via) = request.top_via() else { return };
        let key = server_key(&request, &via);
        if let Some(tx) = self.table.server(&key) {
            return self.on_repeated_request(now, flow, &request, tx);
        }
        if request.stamp_via(flow.remote).is_err() {
            return;
        }
        let tag = request.headers.to().ok().and_then(|to| to.tag().map(str::to_owned));
        match (tag, &request.method) {
            (_, Method::Cancel) => self.on_cancel(now, flow, request, &via),
            (Some(tag), _) => self.on_request_within(now, flow, request, key, &tag),
            (None, Method::Ack) => {}
            (None, _) => self.on_request_without(now, flow, request, key),
        }
    }

    fn on_repeated_request(&mut self, now: Timestamp, flow: Flow, request: &Request, tx: TxId) {
        let is_ack = request.method == Method::Ack;
        self.net.counters.duplicates += u64::from(!is_ack);
        self.table.with(now, &mut self.net, tx, |transaction, cx| match transaction {
            Transaction::InviteServer(it) if it.flow.remote.ip() != flow.remote.ip() => {}
            Transaction::InviteServer(it) if is_ack => it.on_ack(cx),
            Transaction::InviteServer(it) => it.on_repeat(cx),
            Transaction::Server(it) => it.on_repeat(cx),
            Transaction::InviteClient(_) | Transaction::Client(_) => {}
        });
        if is_ack {
            self.on_ack(now, flow, request);
        }
    }

    /// A request outside of any dialog (8.2).
    fn on_request_without(&mut self, now: Timestamp, flow: Flow, request: Request, key: Arc<str>) {
        let trunk = self.admission.trunk(flow.remote.ip()).cloned();
        if self.net.waiting() >= self.limits.outputs {
            self.net.counters.full += 1;
            return;
        }
        if request.method == Method::Register {
            return self.on_register(now, flow, request, key);
        }
        let merged = merged_key(&request);
        let Ok((request, account)) = self.identify(now, flow, trunk.is_some(), request) else { return };
        if self.table.merged(&merged) {
            self.net.counters.merged += 1;
            return self.refuse(flow, request, 482, b"");
        }
        if request.method == Method::Invite
            && let Some(trunk) = &trunk
            && !self.admission.admit(now, trunk)
        {
            self.net.counters.rate_limited += 1;
            let retry = self.retry_after(1, 5);
            return self.refuse(flow, request, 503, &retry);
        }
        if self.table.is_full() {
            return self.refuse_full(flow, request);
        }
        let key = ServerKey { key, merged: Some(merged) };
        if let Some((code, lines)) = objection(&request) {
            return self.reply(now, flow, &request, key, code, &lines);
        }
        match request.method {
            Method::Invite => self.on_invite(now, flow, request, key, trunk, account),
            Method::Options => self.on_options(now, flow, &request, key),
            Method::Bye | Method::Info | Method::Update | Method::Prack | Method::Notify => self.reply(now, flow, &request, key, 481, b""),
            Method::Refer => self.reply(now, flow, &request, key, 403, b""),
            Method::Register | Method::Ack | Method::Cancel | Method::Message | Method::Subscribe | Method::Publish | Method::Other(_) => {
                self.reply(now, flow, &request, key, 405, ALLOW)
            }
        }
    }

    /// The code that an INVITE would get (11.2).
    fn on_options(&mut self, now: Timestamp, flow: Flow, request: &Request, key: ServerKey) {
        let Some(seconds) = self.closed else { return self.reply(now, flow, request, key, 200, &abilities()) };
        let mut lines = Vec::new();
        push_retry_after(&mut lines, seconds.into());
        self.reply(now, flow, request, key, 503, &lines);
    }

    fn on_invite(&mut self, now: Timestamp, flow: Flow, request: Request, key: ServerKey, trunk: Option<Name>, account: Option<Name>) {
        if self.dialogs.len() >= self.limits.dialogs {
            return self.refuse_full(flow, request);
        }
        let local_tag = self.tag();
        let Some((facts, mut invite)) = self.read_invite(flow, &request.headers, &request.uri, &local_tag) else {
            return self.reply(now, flow, &request, key, 400, b"");
        };
        let replaces = Replaces::of(&request.headers).map(|replaces| self.replaced(&replaces?, false)).transpose();
        let replaces = match replaces {
            Ok(replaces) => replaces,
            Err(why) => return self.reply(now, flow, &request, key, why.code(), b""),
        };
        let reply = Reply::to(&request.headers, Some(&local_tag));
        let dialog = self.dialogs.next_id();
        let tx = self.table.start_invite_server(now, &mut self.net, key, Some(dialog), flow, reply);
        let mut record_route = Vec::new();
        for value in request.headers.all(Header::RecordRoute) {
            push_line(&mut record_route, "Record-Route", value);
        }
        self.dialogs.add(Dialog { account: account.clone(), ..Dialog::new(facts, Phase::Incoming { tx, record_route }) });
        self.net.counters.invites_in += 1;
        (invite.trunk, invite.account, invite.replaces) = (trunk, account, replaces);
        invite.body = sdp(&request.headers, request.body);
        invite.headers = request.headers;
        self.net.event(Event::Invite { dialog, invite: Box::new(invite) });
    }

    /// The dialog's facts by 12.1.1; without Contact (RFC 2543) the From URI is the target.
    fn read_invite(&self, flow: Flow, headers: &Headers, uri: &str, local_tag: &str) -> Option<(DialogState, IncomingInvite)> {
        let (from, to) = (headers.from().ok()?, headers.to().ok()?);
        let contact = headers.contact().ok()?.map_or_else(|| from.uri.clone(), |contact| contact.uri);
        let to_user = Uri::parse(uri).ok()?.user.unwrap_or_default();
        let route_set = headers.routes(Header::RecordRoute).ok()?;
        let next = route_set.first().map_or(contact.as_str(), |route| crate::print::inside(route));
        let facts = DialogState {
            call_id: headers.call_id().ok()?.to_owned(),
            local_tag: local_tag.to_owned(),
            remote_tag: from.tag().unwrap_or_default().to_owned(),
            local_party: to.party(),
            remote_party: from.party(),
            local_cseq: 0,
            remote_cseq: Some(headers.cseq().ok()?.number),
            contact: self.net.contact(&to_user, flow),
            flow: crate::dialog::next_hop(next, flow),
            route_set,
            remote_target: contact,
            session_expires: None,
            we_called: false,
        };
        let invite = IncomingInvite {
            request_uri: uri.to_owned(),
            to_user,
            from_user: Uri::parse(&from.uri).ok()?.user.unwrap_or_default(),
            call_id: facts.call_id.clone(),
            from_display: from.display,
            flow,
            trunk: None,
            account: None,
            replaces: None,
            body: None,
            headers: Headers::default(),
        };
        Some((facts, invite))
    }

    /// CANCEL (9.2): 200 whenever its INVITE is known, and 487 to that INVITE if it is not answered.
    fn on_cancel(&mut self, now: Timestamp, flow: Flow, request: Request, via: &Via) {
        let invite = self.table.server(&key_of(&request, via, "INVITE"));
        let own_key = ServerKey { key: server_key(&request, via), merged: None };
        let found = invite.and_then(|tx| match self.table.get(tx)? {
            Transaction::InviteServer(it) if it.flow.remote.ip() == flow.remote.ip() => Some((tx, it.dialog, it.is_proceeding())),
            Transaction::InviteServer(_) | Transaction::InviteClient(_) | Transaction::Client(_) | Transaction::Server(_) => None,
        });
        let Some((tx, dialog, is_proceeding)) = found else {
            if self.is_known_source(flow) {
                self.reply(now, flow, &request, own_key, 481, b"");
            }
            return;
        };
        let tag = dialog.and_then(|id| self.dialogs.get(id)).map(|dialog| dialog.facts.local_tag.clone());
        let mut lines = Vec::new();
        self.net.push_product(&mut lines, "Server");
        let tag = tag.unwrap_or_else(|| self.tag());
        let to_has_tag = request.headers.to().is_ok_and(|to| to.tag().is_some());
        let response = Reply::to(&request.headers, (!to_has_tag).then_some(&*tag)).print(200, &lines, None);
        self.table.answer_server(now, &mut self.net, own_key, flow, response);
        if is_proceeding {
            self.table.with_invite_server(now, &mut self.net, tx, |it, cx| it.respond(cx, 487, &lines, None));
            self.on_invite_cancelled(dialog);
        }
    }

    fn on_invite_cancelled(&mut self, id: Option<DialogId>) {
        let Some(id) = id else { return };
        let Some(dialog) = self.dialogs.get_mut(id) else { return };
        match dialog.phase {
            Phase::Incoming { .. } => {
                self.dialogs.remove(id);
                self.net.event(Event::Cancelled { dialog: id });
            }
            Phase::Calling { .. } | Phase::Up { .. } | Phase::Ending => dialog.theirs = None,
        }
    }

    pub(super) fn do_provisional(&mut self, now: Timestamp, id: DialogId, code: u16, body: Option<&[u8]>) -> Result<(), Gone> {
        let dialog = self.dialogs.get(id).ok_or(Gone)?;
        let Phase::Incoming { tx, record_route } = &dialog.phase else { return Err(Gone) };
        let (tx, mut lines) = (*tx, record_route.clone());
        push_contact(&mut lines, &dialog.facts.contact);
        self.net.push_product(&mut lines, "Server");
        let content = body.map(|body| (SDP, body));
        let code = code.clamp(101, 199);
        self.table.with_invite_server(now, &mut self.net, tx, |it, cx| it.respond(cx, code, &lines, content));
        Ok(())
    }

    pub(super) fn do_answer(&mut self, now: Timestamp, id: DialogId, body: &[u8]) -> Result<(), Gone> {
        let dialog = self.dialogs.get_mut(id).ok_or(Gone)?;
        let mut lines = Vec::with_capacity(256);
        let theirs = match &mut dialog.phase {
            Phase::Incoming { tx, record_route } => {
                lines.append(record_route);
                let cseq = dialog.facts.remote_cseq.unwrap_or_default();
                let theirs = Theirs { tx: *tx, cseq, is_invite: true };
                dialog.phase = Phase::Up { hang_up: None };
                self.net.event(Event::Changed { dialog: id });
                theirs
            }
            Phase::Up { .. } => dialog.theirs.take().ok_or(Gone)?,
            Phase::Calling { .. } | Phase::Ending => return Err(Gone),
        };
        push_contact(&mut lines, &dialog.facts.contact);
        lines.extend_from_slice(ALLOW);
        lines.extend_from_slice(SUPPORTED);
        self.net.push_product(&mut lines, "Server");
        if theirs.is_invite {
            dialog.unacknowledged = Some(Unacknowledged { tx: theirs.tx, cseq: theirs.cseq });
        }
        let sent = self.respond(now, theirs.tx, 200, &lines, Some((SDP, body)));
        self.send_queued(now, id);
        sent
    }

    /// Refuses an INVITE in words that a phone can show (RFC 3326).
    pub(super) fn do_decline(&mut self, now: Timestamp, id: DialogId, code: u16, text: &str) -> Result<(), Gone> {
        let text: String = text.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).take(LONGEST_TEXT).collect();
        let mut line = Vec::new();
        push_line(&mut line, "Reason", format!("SIP;cause={code};text=\"{text}\"").as_bytes());
        self.end_incoming(now, id, code, line)
    }

    /// Asks the sender of an INVITE who it is; the same call comes again, in a new dialog, with the answer (22.1).
    pub(super) fn do_ask_who(&mut self, now: Timestamp, id: DialogId, user: &str) -> Result<(), Gone> {
        let flow = self.dialogs.get(id).ok_or(Gone)?.facts.flow;
        let challenge = self.gate.challenge(now, flow.remote.ip(), user, false);
        self.net.counters.challenged += 1;
        let mut line = Vec::new();
        push_line(&mut line, "WWW-Authenticate", challenge.as_bytes());
        self.end_incoming(now, id, 401, line)
    }

    fn end_incoming(&mut self, now: Timestamp, id: DialogId, code: u16, mut lines: Vec<u8>) -> Result<(), Gone> {
        let Phase::Incoming { tx, .. } = self.dialogs.get(id).ok_or(Gone)?.phase else { return Err(Gone) };
        self.net.push_product(&mut lines, "Server");
        let sent = self.respond(now, tx, code.clamp(400, 699), &lines, None);
        self.end(id, EndedWhy::Byed);
        sent
    }

    pub(super) fn do_reject(&mut self, now: Timestamp, id: DialogId, reject: Reject) -> Result<(), Gone> {
        let dialog = self.dialogs.get_mut(id).ok_or(Gone)?;
        let (tx, ends) = match dialog.phase {
            Phase::Incoming { tx, .. } => (tx, true),
            Phase::Up { .. } => (dialog.theirs.take().ok_or(Gone)?.tx, false),
            Phase::Calling { .. } | Phase::Ending => return Err(Gone),
        };
        let mut lines = Vec::new();
        push_reason(&mut lines, reject.q850);
        if let Some(seconds) = reject.retry_after {
            push_retry_after(&mut lines, seconds.into());
        }
        self.net.push_product(&mut lines, "Server");
        let sent = self.respond(now, tx, reject.code.clamp(300, 699), &lines, None);
        if ends {
            self.end(id, EndedWhy::Byed);
        } else {
            self.send_queued(now, id);
        }
        sent
    }

    pub(super) fn respond(
        &mut self,
        now: Timestamp,
        tx: TxId,
        code: u16,
        lines: &[u8],
        content: Option<(&str, &[u8])>,
    ) -> Result<(), Gone> {
        let sent = self.table.with(now, &mut self.net, tx, |transaction, cx| match transaction {
            Transaction::InviteServer(it) => it.respond(cx, code, lines, content),
            Transaction::Server(it) => it.respond(cx, code, lines, content),
            Transaction::InviteClient(_) | Transaction::Client(_) => false,
        });
        sent.unwrap_or(false).then_some(()).ok_or(Gone)
    }
}

pub(super) fn push_contact(lines: &mut Vec<u8>, contact: &str) {
    for part in ["Contact: <", contact, ">\r\n"] {
        lines.extend_from_slice(part.as_bytes());
    }
}

/// What tells one server transaction from another (17.2.3); ACK belongs to its INVITE.
fn server_key(request: &Request, via: &Via) -> Arc<str> {
    key_of(request, via, if request.method == Method::Ack { "INVITE" } else { request.method.as_str() })
}

fn key_of(request: &Request, via: &Via, method: &str) -> Arc<str> {
    use std::fmt::Write;
    let mut key = String::with_capacity(96);
    let port = via.port.unwrap_or_default();
    let result = match via.branch().filter(|_| via.has_magic_branch()) {
        Some(branch) => write!(key, "{branch} {}:{port} {method}", via.host),
        None => write!(key, "{via} {} {}", identity(request, method), request.uri),
    };
    result.expect("writing to a string does not fail");
    key.into()
}

/// The same for a request that came twice by different ways (8.2.2.2).
fn merged_key(request: &Request) -> Arc<str> {
    identity(request, request.method.as_str()).into()
}

fn identity(request: &Request, method: &str) -> String {
    let headers = &request.headers;
    let from = headers.from().ok().and_then(|from| from.tag().map(str::to_owned)).unwrap_or_default();
    let cseq = headers.cseq().map_or(0, |cseq| cseq.number);
    format!("{} {from} {cseq} {method}", headers.call_id().unwrap_or_default())
}
