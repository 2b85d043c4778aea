use super::refuse::{ALLOW, abilities, digits, objection, sdp};
use super::{DialogId, EndedWhy, Endpoint, Event};
use crate::dialog::{Dialog, Ours, Phase, Theirs};
use crate::message::{Method, Request};
use crate::print::Reply;
use crate::transaction::{ServerKey, Transaction};
use hotline_model::Timestamp;
use hotline_model::history::Flow;
use std::sync::Arc;

impl Endpoint {
    /// A request with a To tag (12.2.2): from the dialog's peer or from a trunk it goes on, anybody else hears nothing.
    pub(super) fn on_request_within(&mut self, now: Timestamp, flow: Flow, request: Request, key: Arc<str>, tag: &str) {
        let Some(id) = self.dialog_of(&request, tag) else {
            return self.on_request_nowhere(now, flow, &request, key);
        };
        if !self.is_peer(id, flow) {
            self.net.counters.dropped_stranger += 1;
            self.net.counters.last_stranger = Some(flow.remote);
            return;
        }
        if request.method == Method::Ack {
            return self.on_ack(now, flow, &request);
        }
        if self.table.is_full() {
            return self.refuse_full(flow, request);
        }
        let key = ServerKey { key, merged: None };
        if let Some((code, lines)) = objection(&request) {
            if request.method == Method::Refer {
                self.net.event(Event::ReferRefused { dialog: id, code });
            }
            return self.reply(now, flow, &request, key, code, &lines);
        }
        if !self.take_cseq(id, &request) {
            let retry = self.retry_after(0, 10);
            return self.reply(now, flow, &request, key, 500, &retry);
        }
        self.follow_flow(id, flow);
        self.dispatch_within(now, flow, id, request, key);
    }

    fn dispatch_within(&mut self, now: Timestamp, flow: Flow, id: DialogId, request: Request, key: ServerKey) {
        let is_ending = self.dialogs.get(id).is_some_and(|dialog| matches!(dialog.phase, Phase::Ending));
        if is_ending && request.method != Method::Bye {
            return self.reply(now, flow, &request, key, 481, b"");
        }
        match request.method {
            Method::Bye => self.on_bye(now, flow, id, &request, key),
            Method::Invite | Method::Update => self.on_reinvite(now, flow, id, request, key),
            Method::Info => self.on_info(now, flow, id, request, key),
            Method::Options => self.reply(now, flow, &request, key, 200, &abilities()),
            Method::Refer => self.on_refer(now, flow, id, request, key),
            Method::Subscribe => self.on_subscribe(now, flow, id, &request, key),
            Method::Notify => self.on_notify(now, flow, &request, key),
            Method::Ack | Method::Cancel | Method::Register | Method::Prack | Method::Message | Method::Publish | Method::Other(_) => {
                self.reply(now, flow, &request, key, 405, ALLOW)
            }
        }
    }

    fn on_request_nowhere(&mut self, now: Timestamp, flow: Flow, request: &Request, key: Arc<str>) {
        if request.method == Method::Ack {
            return;
        }
        if !self.is_known_source(flow) {
            self.net.counters.dropped_stranger += 1;
            self.net.counters.last_stranger = Some(flow.remote);
            return;
        }
        self.net.counters.no_dialog += 1;
        if !self.table.is_full() {
            self.reply(now, flow, request, ServerKey { key, merged: None }, 481, b"");
        }
    }

    fn dialog_of(&self, request: &Request, tag: &str) -> Option<DialogId> {
        let id = self.dialogs.by_tag(tag)?;
        let facts = &self.dialogs.get(id)?.facts;
        let from = request.headers.from().ok()?;
        let same = request.headers.call_id() == Ok(facts.call_id.as_str()) && from.tag().unwrap_or_default() == facts.remote_tag;
        same.then_some(id)
    }

    fn is_peer(&self, id: DialogId, flow: Flow) -> bool {
        self.dialogs.get(id).is_some_and(|dialog| dialog.facts.flow.remote.ip() == flow.remote.ip()) || self.is_known_source(flow)
    }

    /// Whether the request is in order (12.2.2); it is the latest then.
    fn take_cseq(&mut self, id: DialogId, request: &Request) -> bool {
        let (Some(dialog), Ok(cseq)) = (self.dialogs.get_mut(id), request.headers.cseq()) else { return false };
        let in_order = dialog.facts.remote_cseq.is_none_or(|last| cseq.number > last);
        if in_order {
            dialog.facts.remote_cseq = Some(cseq.number);
        }
        in_order
    }

    /// A peer's new TCP connection replaces the old one.
    pub(super) fn follow_flow(&mut self, id: DialogId, flow: Flow) {
        let Some(dialog) = self.dialogs.get_mut(id) else { return };
        let moved = flow.connection != 0 && flow != dialog.facts.flow;
        if moved {
            dialog.facts.flow = flow;
            self.dialogs.index(id);
            self.net.event(Event::Changed { dialog: id });
        }
    }

    fn on_bye(&mut self, now: Timestamp, flow: Flow, id: DialogId, request: &Request, key: ServerKey) {
        self.reply(now, flow, request, key, 200, b"");
        self.drop_wish(now, id);
        let Some(dialog) = self.dialogs.get_mut(id) else { return };
        let unacknowledged = dialog.unacknowledged.take();
        let theirs = dialog.theirs.take();
        let we_end = match &dialog.phase {
            Phase::Ending | Phase::Up { hang_up: Some(_) } => true,
            Phase::Up { hang_up: None } | Phase::Calling { .. } | Phase::Incoming { .. } => false,
        };
        let pending = match dialog.phase {
            Phase::Incoming { tx, .. } => Some(tx),
            Phase::Calling { .. } | Phase::Up { .. } | Phase::Ending => theirs.filter(|it| it.is_invite).map(|it| it.tx),
        };
        if let Some(tx) = pending {
            self.table.with_invite_server(now, &mut self.net, tx, |it, cx| it.respond(cx, 487, b"", None));
        }
        if let Some(it) = unacknowledged {
            self.table.with_invite_server(now, &mut self.net, it.tx, |it, _| it.on_success_ack());
        }
        if we_end {
            return self.end(id, EndedWhy::Byed);
        }
        self.forget(id);
        self.net.event(Event::Bye { dialog: id, q850: request.headers.q850() });
    }

    fn on_reinvite(&mut self, now: Timestamp, flow: Flow, id: DialogId, request: Request, key: ServerKey) {
        let Some(dialog) = self.dialogs.get_mut(id) else { return };
        let is_invite = request.method == Method::Invite;
        let bare_update = !is_invite && request.body.is_empty();
        if !bare_update && let Some(code) = collision(dialog) {
            let lines = if code == 500 { self.retry_after(0, 10) } else { Vec::new() };
            return self.reply(now, flow, &request, key, code, &lines);
        }
        if dialog.refresh(&request.headers) {
            self.dialogs.index(id);
        }
        self.net.event(Event::Changed { dialog: id });
        if bare_update {
            let contact = self.contact_line(id);
            return self.reply(now, flow, &request, key, 200, &contact);
        }
        let reply = Reply::to(&request.headers, None);
        let tx = if is_invite {
            self.table.start_invite_server(now, &mut self.net, key, Some(id), flow, reply)
        } else {
            self.table.start_server(now, &mut self.net, key, id, flow, reply)
        };
        if let Some(dialog) = self.dialogs.get_mut(id) {
            let cseq = dialog.facts.remote_cseq.unwrap_or_default();
            dialog.theirs = Some(Theirs { tx, cseq, is_invite });
        }
        self.net.event(Event::Reinvite { dialog: id, body: sdp(&request.headers, request.body) });
    }

    pub(super) fn contact_line(&self, id: DialogId) -> Vec<u8> {
        let mut lines = Vec::new();
        if let Some(dialog) = self.dialogs.get(id) {
            super::uas::push_contact(&mut lines, &dialog.facts.contact);
        }
        lines
    }

    fn on_info(&mut self, now: Timestamp, flow: Flow, id: DialogId, request: Request, key: ServerKey) {
        let Some(content_type) = digits(&request.headers) else {
            let accept = b"Accept: application/dtmf-relay, application/dtmf\r\n";
            let (code, lines) = if request.body.is_empty() { (200, &b""[..]) } else { (415, &accept[..]) };
            return self.reply(now, flow, &request, key, code, lines);
        };
        self.reply(now, flow, &request, key, 200, b"");
        self.net.event(Event::Info { dialog: id, content_type, body: request.body });
    }

    /// The ACK of our 2xx (13.3.1.4): it has the CSeq number of its INVITE and stands outside of transactions.
    pub(super) fn on_ack(&mut self, now: Timestamp, flow: Flow, request: &Request) {
        let Some(tag) = request.headers.to().ok().and_then(|to| to.tag().map(str::to_owned)) else { return };
        let Some(id) = self.dialog_of(request, &tag).filter(|id| self.is_peer(*id, flow)) else { return };
        let Some(dialog) = self.dialogs.get_mut(id) else { return };
        let cseq = request.headers.cseq().map_or(0, |cseq| cseq.number);
        let Some(waiting) = dialog.unacknowledged.filter(|it| it.cseq == cseq) else { return };
        dialog.unacknowledged = None;
        let hang_up = match &mut dialog.phase {
            Phase::Up { hang_up } => hang_up.take(),
            Phase::Calling { .. } | Phase::Incoming { .. } | Phase::Ending => None,
        };
        self.table.with(now, &mut self.net, waiting.tx, |transaction, _| {
            if let Transaction::InviteServer(it) = transaction {
                it.on_success_ack();
            }
        });
        match hang_up {
            Some(hang_up) => self.send_bye(now, id, hang_up),
            None => {
                self.net.event(Event::Confirmed { dialog: id, body: sdp(&request.headers, request.body.clone()) });
                self.send_queued(now, id);
            }
        }
    }
}

/// Why an offer can't be taken now: ours is under way (491), or one of theirs is (500) (14.2, RFC 3311 5.2).
fn collision(dialog: &Dialog) -> Option<u16> {
    let theirs_pending = dialog.theirs.is_some() || dialog.unacknowledged.is_some();
    match dialog.phase {
        Phase::Calling { .. } => Some(491),
        Phase::Incoming { .. } => Some(500),
        Phase::Up { .. } | Phase::Ending if matches!(dialog.ours, Ours::Sent { .. }) => Some(491),
        Phase::Up { .. } | Phase::Ending if theirs_pending => Some(500),
        Phase::Up { .. } | Phase::Ending => None,
    }
}
