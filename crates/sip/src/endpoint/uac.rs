use super::net::transport_name;
use super::refuse::{ALLOW, SDP, SUPPORTED, sdp};
use super::{DialogId, EndedWhy, Endpoint, Event, Full, Gone, Invite, Local};
use crate::dialog::{Dialog, HangUp, Ours, Phase};
use crate::header::{Header, Headers};
use crate::message::{Method, Response};
use crate::print::{Lines, derive, our_branch, push_body, push_line, push_reason};
use crate::text::{MAX_DATAGRAM, fitting, one_line};
use crate::transaction::{Heard, Purpose, Transaction, TxId, is_reliable};
use crate::uri::Uri;
use crate::value::NameAddr;
use hotline_model::Timestamp;
use hotline_model::history::{DialogState, Flow};
use std::time::Duration;

/// Content-Type, Content-Length and the empty line of an INVITE, bytes.
const END: usize = 60;

/// How often a re-INVITE of ours waits for its turn before it is told rejected: a peer that always says so gets no loop.
const BACK_OFFS: u8 = 10;

/// Methods whose requests differ only in name and lines.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Invite,
    Ack(u32),
    Bye,
    Options,
    Notify,
}

impl Endpoint {
    pub(super) fn do_invite(&mut self, now: Timestamp, invite: Invite) -> Result<DialogId, Full> {
        if self.dialogs.len() >= self.limits.dialogs || self.table.is_full() {
            self.net.counters.full += 1;
            return Err(Full);
        }
        let user = NameAddr::parse(invite.local_party.as_bytes()).and_then(|party| Uri::parse(&party.uri).ok()?.user);
        let facts = DialogState {
            call_id: self.tag() + &self.tag(),
            local_tag: self.tag(),
            remote_tag: String::new(),
            local_party: one_line(&invite.local_party),
            remote_party: one_line(&invite.remote_party),
            local_cseq: 0,
            remote_cseq: None,
            route_set: Vec::new(),
            remote_target: invite.target.chars().filter(|c| *c > ' ' && !matches!(c, '<' | '>' | '\x7f')).collect(),
            contact: self.net.contact(user.as_deref().unwrap_or_default(), invite.flow),
            flow: invite.flow,
            session_expires: None,
            we_called: true,
        };
        let mut dialog = Dialog::new(facts, Phase::Ending);
        let id = self.dialogs.next_id();
        let tx = self.send_invite(now, id, &mut dialog.facts, &invite.headers, &invite.body);
        dialog.phase = Phase::Calling { tx, hang_up: None, cancelled: false };
        self.net.counters.invites_out += 1;
        Ok(self.dialogs.add(dialog))
    }

    /// Cancels an INVITE of an earlier run; whether the phone had answered it by 1xx is not known, so that the CANCEL is not held back (9.1).
    pub(super) fn do_cancel_of_past(&mut self, now: Timestamp, mut facts: DialogState, branch: u64) -> Result<(), Full> {
        if self.dialogs.by_tag(&facts.local_tag).is_some() {
            return Ok(());
        }
        if self.dialogs.len() >= self.limits.dialogs || self.table.is_full() {
            self.net.counters.full += 1;
            return Err(Full);
        }
        facts.flow.connection = 0;
        let id = self.dialogs.next_id();
        let invite = self.finish(self.print(&facts, Kind::Invite, branch), None);
        let tx = self.table.resume_invite(now, &mut self.net, id, facts.flow, branch, invite);
        self.dialogs.add(Dialog::new(facts, Phase::Calling { tx, hang_up: Some(HangUp { q850: None }), cancelled: false }));
        self.send_cancel(now, id);
        Ok(())
    }

    fn send_invite(&mut self, now: Timestamp, id: DialogId, facts: &mut DialogState, headers: &[(String, String)], body: &[u8]) -> TxId {
        let branch = self.random();
        facts.local_cseq = facts.local_cseq.saturating_add(1);
        let mut request = self.print(facts, Kind::Invite, branch);
        super::uas::push_contact(&mut request, &facts.contact);
        request.extend_from_slice(ALLOW);
        request.extend_from_slice(SUPPORTED);
        self.net.push_product(&mut request, "User-Agent");
        let room = if is_reliable(facts.flow) { usize::MAX } else { MAX_DATAGRAM.saturating_sub(request.len() + body.len() + END) };
        let (headers, left_out) = fitting(headers, room);
        self.net.counters.headers_left_out += left_out as u64;
        for (name, value) in headers {
            push_line(&mut request, name, value.as_bytes());
        }
        push_body(&mut request, SDP, body);
        self.table.start_invite(now, &mut self.net, Purpose::Invite(id), facts.flow, branch, request)
    }

    pub(super) fn print(&self, facts: &DialogState, kind: Kind, branch: u64) -> Vec<u8> {
        let (method, cseq) = match kind {
            Kind::Invite => ("INVITE", facts.local_cseq),
            Kind::Ack(cseq) => ("ACK", cseq),
            Kind::Bye => ("BYE", facts.local_cseq),
            Kind::Options => ("OPTIONS", facts.local_cseq),
            Kind::Notify => ("NOTIFY", facts.local_cseq),
        };
        let lines = Lines {
            method,
            target: &facts.remote_target,
            routes: &facts.route_set,
            transport: transport_name(facts.flow),
            sent_by: &self.net.name(facts.flow),
            branch,
            from: (facts.local_party.as_bytes(), &facts.local_tag),
            to: (facts.remote_party.as_bytes(), &facts.remote_tag),
            call_id: &facts.call_id,
            cseq,
        };
        lines.print()
    }

    pub(super) fn on_response(&mut self, now: Timestamp, flow: Flow, response: Response) {
        let cancel = response.headers.cseq().is_ok_and(|cseq| cseq.method == Method::Cancel);
        let branch = our_branch(&response.headers).filter(|_| has_one_via(&response.headers));
        let tx = branch.and_then(|branch| self.table.client(branch, cancel));
        let Some(tx) = tx else {
            self.net.counters.stray_responses += 1;
            return self.on_orphan(now, flow, &response);
        };
        match self.table.get(tx) {
            Some(Transaction::InviteClient(it)) => {
                let purpose = it.purpose;
                self.on_invite_response(now, flow, tx, purpose, response);
            }
            Some(Transaction::Client(it)) => {
                let purpose = it.purpose;
                self.on_plain_response(now, tx, purpose, &response);
            }
            Some(Transaction::InviteServer(_) | Transaction::Server(_)) | None => {}
        }
    }

    /// A 2xx to an INVITE of a run before this one: the phone was ringing when the process died. Unanswered it would be repeated for
    /// 32 s to somebody who hears nothing. Only for sources that may call us, so that nobody can be hit through us.
    fn on_orphan(&mut self, now: Timestamp, flow: Flow, response: &Response) {
        let invite = response.headers.cseq().is_ok_and(|cseq| cseq.method == Method::Invite);
        let via = response.headers.get(Header::Via).map(String::from_utf8_lossy).unwrap_or_default();
        let ours = has_one_via(&response.headers) && via.contains(&self.net.name(flow));
        if !(200..300).contains(&response.code) || !invite || !ours || !self.is_known_source(flow) {
            return;
        }
        let Some(facts) = facts_of(&response.headers, flow) else { return };
        let branch = self.random();
        let ack = self.finish(self.print(&facts, Kind::Ack(facts.local_cseq), branch), None);
        self.net.send(facts.flow, ack);
        self.send_last_bye(now, facts);
    }

    fn on_plain_response(&mut self, now: Timestamp, tx: TxId, purpose: Purpose, response: &Response) {
        let first = self.table.with(now, &mut self.net, tx, |transaction, cx| match transaction {
            Transaction::Client(it) => it.on_response(cx, response.code),
            Transaction::InviteClient(_) | Transaction::InviteServer(_) | Transaction::Server(_) => false,
        });
        if first != Some(true) {
            return;
        }
        match purpose {
            Purpose::Bye(id) => self.end(id, EndedWhy::Byed),
            Purpose::Ping(ping) => self.on_pong(now, ping, response.code),
            Purpose::Probe(id) => self.on_probed(id, response.code),
            Purpose::Notify(id, cseq) => self.on_notified(now, id, cseq, Some(response.code)),
            Purpose::Invite(_) | Purpose::Nothing => {}
        }
    }

    fn on_invite_response(&mut self, now: Timestamp, flow: Flow, tx: TxId, purpose: Purpose, response: Response) {
        let Purpose::Invite(id) = purpose else { return };
        let to = response.headers.get(Header::To).unwrap_or_default();
        let heard = self
            .table
            .with_invite(now, &mut self.net, tx, |it, cx| it.on_response(cx, response.code, |invite| derive(invite, "ACK", Some(to), b"")));
        let is_first_invite =
            self.dialogs.get(id).is_some_and(|dialog| matches!(dialog.phase, Phase::Calling { tx: own, .. } if own == tx));
        match heard {
            Some(Heard::Provisional { .. }) if is_first_invite => self.on_progress(now, id, response),
            Some(Heard::Success { first: true }) if is_first_invite => self.on_answered(now, flow, tx, id, response),
            Some(Heard::Success { first: true }) => self.on_reinvite_answered(now, tx, id, response),
            Some(Heard::Success { first: false }) => self.on_success_again(now, tx, response),
            Some(Heard::Failure) if is_first_invite => {
                self.dialogs.remove(id);
                let (code, q850) = (response.code, response.headers.q850());
                self.net.event(Event::Rejected { dialog: id, code, q850, local: false });
            }
            Some(Heard::Failure) => self.on_reinvite_failed(now, tx, id, &response),
            Some(Heard::Provisional { .. } | Heard::Again) | None => {}
        }
    }

    fn on_progress(&mut self, now: Timestamp, id: DialogId, response: Response) {
        let Some(dialog) = self.dialogs.get_mut(id) else { return };
        if dialog.facts.remote_tag.is_empty()
            && let Some(tag) = to_tag(&response.headers)
        {
            dialog.learn(&response.headers, Some(&tag));
            self.dialogs.index(id);
        }
        self.send_cancel(now, id);
        self.net.event(Event::Progress { dialog: id, code: response.code, body: sdp(&response.headers, response.body) });
    }

    /// Sends the CANCEL that waited for the first provisional response (9.1).
    fn send_cancel(&mut self, now: Timestamp, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(id) else { return };
        let Phase::Calling { tx, hang_up: Some(hang_up), cancelled } = &mut dialog.phase else { return };
        let ready = self.table.get(*tx).and_then(|transaction| match transaction {
            Transaction::InviteClient(it) if it.is_proceeding() && !*cancelled => Some((it.flow, it.branch, it.request())),
            Transaction::InviteClient(_) | Transaction::Client(_) | Transaction::InviteServer(_) | Transaction::Server(_) => None,
        });
        let Some((flow, branch, invite)) = ready else { return };
        let mut lines = Vec::new();
        push_reason(&mut lines, hang_up.q850);
        let cancel = derive(invite, "CANCEL", None, &lines);
        *cancelled = true;
        let tx = *tx;
        self.table.start_client(now, &mut self.net, Purpose::Nothing, flow, (branch, true), cancel);
        self.table.with_invite(now, &mut self.net, tx, |it, cx| it.cancelled(cx));
    }

    fn on_answered(&mut self, now: Timestamp, flow: Flow, tx: TxId, id: DialogId, response: Response) {
        let Some(dialog) = self.dialogs.get_mut(id) else { return };
        let Phase::Calling { hang_up, .. } = dialog.phase else { return };
        let tag = to_tag(&response.headers);
        dialog.learn(&response.headers, tag.as_deref());
        dialog.phase = Phase::Up { hang_up: None };
        if flow.connection != 0 {
            dialog.facts.flow = flow;
        }
        self.dialogs.index(id);
        self.acknowledge(now, tx, id, &response.headers);
        match hang_up {
            Some(hang_up) => self.send_bye(now, id, hang_up),
            None => {
                self.net.event(Event::Changed { dialog: id });
                self.net.event(Event::Answered { dialog: id, body: sdp(&response.headers, response.body) });
            }
        }
    }

    /// ACK with the CSeq number of its INVITE, whatever was sent since (13.2.2.4).
    fn acknowledge(&mut self, now: Timestamp, tx: TxId, id: DialogId, response: &Headers) {
        let branch = self.random();
        let Some(dialog) = self.dialogs.get(id) else { return };
        let (facts, flow) = (&dialog.facts, dialog.facts.flow);
        let ack = self.finish(self.print(facts, Kind::Ack(response.cseq().map_or(facts.local_cseq, |cseq| cseq.number)), branch), None);
        let tag = facts.remote_tag.clone();
        self.table.with_invite(now, &mut self.net, tx, |it, cx| it.acknowledge(cx, &tag, flow, ack));
    }

    fn finish(&self, mut request: Vec<u8>, hang_up: Option<HangUp>) -> Vec<u8> {
        push_reason(&mut request, hang_up.and_then(|it| it.q850));
        self.net.push_product(&mut request, "User-Agent");
        push_body(&mut request, "", b"");
        request
    }

    /// A 2xx after the first: the same again gets its ACK again; that of another fork, or one that nobody waits for, gets ACK and BYE.
    fn on_success_again(&mut self, now: Timestamp, tx: TxId, response: Response) {
        let tag = to_tag(&response.headers).unwrap_or_default();
        if self.table.with_invite(now, &mut self.net, tx, |it, cx| it.acknowledge_again(cx, &tag)) != Some(true) {
            self.drop_fork(now, tx, &response.headers);
        }
    }

    /// ACK and BYE for a dialog we don't want, from its 2xx alone (13.2.2.4).
    fn drop_fork(&mut self, now: Timestamp, tx: TxId, response: &Headers) {
        let flow = match self.table.get(tx) {
            Some(Transaction::InviteClient(it)) => it.flow,
            Some(Transaction::Client(_) | Transaction::InviteServer(_) | Transaction::Server(_)) | None => return,
        };
        let Some(facts) = facts_of(response, flow) else { return };
        let branches = (self.random(), self.random());
        let ack = self.finish(self.print(&facts, Kind::Ack(facts.local_cseq), branches.0), None);
        let facts = DialogState { local_cseq: facts.local_cseq.saturating_add(1), ..facts };
        let bye = self.finish(self.print(&facts, Kind::Bye, branches.1), None);
        self.table.with_invite(now, &mut self.net, tx, |it, cx| it.acknowledge(cx, &facts.remote_tag, facts.flow, ack));
        self.table.start_client(now, &mut self.net, Purpose::Nothing, facts.flow, (branches.1, false), bye);
    }

    pub(super) fn do_hang_up(&mut self, now: Timestamp, id: DialogId, q850: Option<u8>) -> Result<(), Gone> {
        let dialog = self.dialogs.get_mut(id).ok_or(Gone)?;
        let unacknowledged = dialog.unacknowledged.is_some();
        match &mut dialog.phase {
            Phase::Calling { hang_up: waiting @ None, .. } => {
                *waiting = Some(HangUp { q850 });
                self.send_cancel(now, id);
                Ok(())
            }
            Phase::Incoming { .. } => self.do_reject(now, id, super::Reject { code: 480, q850, retry_after: None }),
            Phase::Up { hang_up: waiting @ None } if unacknowledged => {
                *waiting = Some(HangUp { q850 });
                Ok(())
            }
            Phase::Up { hang_up: None } => {
                self.send_bye(now, id, HangUp { q850 });
                Ok(())
            }
            Phase::Calling { hang_up: Some(_), .. } | Phase::Up { hang_up: Some(_) } | Phase::Ending => Err(Gone),
        }
    }

    /// Sends BYE; the peer's re-INVITE that waits is over with it.
    pub(super) fn send_bye(&mut self, now: Timestamp, id: DialogId, hang_up: HangUp) {
        self.drop_wish(now, id);
        self.flush_notify(now, id);
        let branch = self.random();
        let Some(dialog) = self.dialogs.get_mut(id) else { return };
        dialog.phase = Phase::Ending;
        dialog.facts.local_cseq = dialog.facts.local_cseq.saturating_add(1);
        let theirs = dialog.theirs.take();
        let waiting = std::mem::replace(&mut dialog.ours, Ours::Nothing);
        let facts = dialog.facts.clone();
        self.stop_waiting(waiting);
        if let Some(theirs) = theirs {
            self.table.with(now, &mut self.net, theirs.tx, |transaction, cx| match transaction {
                Transaction::InviteServer(it) => it.respond(cx, 487, b"", None),
                Transaction::Server(it) => it.respond(cx, 487, b"", None),
                Transaction::InviteClient(_) | Transaction::Client(_) => false,
            });
        }
        let bye = self.finish(self.print(&facts, Kind::Bye, branch), Some(hang_up));
        self.table.start_client(now, &mut self.net, Purpose::Bye(id), facts.flow, (branch, false), bye);
    }

    pub(super) fn do_probe(&mut self, now: Timestamp, id: DialogId) -> Result<(), Gone> {
        let branch = self.random();
        let dialog = self.dialogs.get_mut(id).ok_or(Gone)?;
        if !matches!(dialog.phase, Phase::Up { hang_up: None }) {
            return Err(Gone);
        }
        if dialog.probing || self.table.is_full() {
            return Ok(());
        }
        dialog.probing = true;
        dialog.facts.local_cseq = dialog.facts.local_cseq.saturating_add(1);
        let facts = dialog.facts.clone();
        let mut options = self.print(&facts, Kind::Options, branch);
        super::uas::push_contact(&mut options, &facts.contact);
        options.extend_from_slice(b"Accept: application/sdp\r\n");
        let options = self.finish(options, None);
        self.table.start_client(now, &mut self.net, Purpose::Probe(id), facts.flow, (branch, false), options);
        self.net.event(Event::Changed { dialog: id });
        Ok(())
    }

    /// Any answer but these two shows that the peer is there and in the dialog (12.2.1.2, RFC 5057 5.1).
    fn on_probed(&mut self, id: DialogId, code: u16) {
        if let Some(dialog) = self.dialogs.get_mut(id) {
            dialog.probing = false;
            if matches!(code, 408 | 481) && matches!(dialog.phase, Phase::Up { .. }) {
                self.end(id, EndedWhy::Timeout);
            }
        }
    }

    /// Sends a BYE nobody waits for, for a dialog that is over for us.
    pub(super) fn send_last_bye(&mut self, now: Timestamp, mut facts: DialogState) {
        let branch = self.random();
        facts.local_cseq = facts.local_cseq.saturating_add(1);
        let bye = self.finish(self.print(&facts, Kind::Bye, branch), None);
        self.table.start_client(now, &mut self.net, Purpose::Nothing, facts.flow, (branch, false), bye);
    }

    pub(super) fn do_reinvite(&mut self, now: Timestamp, id: DialogId, body: Vec<u8>) -> Result<(), Gone> {
        let dialog = self.dialogs.get_mut(id).ok_or(Gone)?;
        if !matches!(dialog.phase, Phase::Up { hang_up: None }) {
            return Err(Gone);
        }
        dialog.queued = Some(body);
        self.send_queued(now, id);
        Ok(())
    }

    /// Sends the re-INVITE that waits, if nothing is under way.
    pub(super) fn send_queued(&mut self, now: Timestamp, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(id).filter(|dialog| dialog.may_reinvite()) else { return };
        let Some(body) = dialog.queued.take() else { return };
        let mut facts = dialog.facts.clone();
        let tx = self.send_invite(now, id, &mut facts, &[], &body);
        if let Some(dialog) = self.dialogs.get_mut(id) {
            dialog.facts = facts;
            dialog.ours = Ours::Sent { tx, body };
        }
        self.net.event(Event::Changed { dialog: id });
    }

    fn on_reinvite_answered(&mut self, now: Timestamp, tx: TxId, id: DialogId, response: Response) {
        let expected = self.is_our_reinvite(tx, id);
        let Some(dialog) = self.dialogs.get_mut(id) else { return self.drop_fork(now, tx, &response.headers) };
        if !expected {
            return self.drop_fork(now, tx, &response.headers);
        }
        (dialog.ours, dialog.backed_off) = (Ours::Nothing, 0);
        dialog.refresh(&response.headers);
        self.dialogs.index(id);
        self.acknowledge(now, tx, id, &response.headers);
        self.net.event(Event::Changed { dialog: id });
        self.net.event(Event::ReinviteAnswered { dialog: id, body: sdp(&response.headers, response.body) });
        self.send_queued(now, id);
    }

    pub(super) fn is_our_reinvite(&self, tx: TxId, id: DialogId) -> bool {
        self.dialogs.get(id).is_some_and(|dialog| matches!(&dialog.ours, Ours::Sent { tx: own, .. } if *own == tx))
    }

    /// 491, or 500 with Retry-After because theirs was under way: again after a while, in which the owner of the Call-ID waits longer (14.1,
    /// 14.2). 408 and 481 end the dialog (12.2.1.2).
    fn on_reinvite_failed(&mut self, now: Timestamp, tx: TxId, id: DialogId, response: &Response) {
        if !self.is_our_reinvite(tx, id) {
            return;
        }
        let (random, code) = (self.random(), response.code);
        let Some(dialog) = self.dialogs.get_mut(id) else { return };
        let Ours::Sent { body, .. } = std::mem::replace(&mut dialog.ours, Ours::Nothing) else { return };
        let again = match (code, response.headers.retry_after()) {
            _ if dialog.backed_off >= BACK_OFFS => None,
            (491, _) => Some(Duration::ZERO),
            (500, Some(seconds @ 0..=10)) => Some(Duration::from_secs(seconds.into())),
            (_, _) => None,
        };
        if let Some(asked) = again {
            let (least, steps) = if dialog.facts.we_called { (2_100, 190) } else { (0, 200) };
            let wait = asked.max(Duration::from_millis(least + random % (steps + 1) * 10));
            dialog.backed_off += 1;
            dialog.ours = Ours::BackingOff { until: self.local.set(now + wait, Local::Glare(id)) };
            dialog.queued.get_or_insert(body);
            return;
        }
        dialog.backed_off = 0;
        self.net.event(Event::ReinviteRejected { dialog: id, code });
        match code {
            408 | 481 => self.give_up(now, id, EndedWhy::Timeout),
            _ => self.send_queued(now, id),
        }
    }

    pub(super) fn on_glare_over(&mut self, now: Timestamp, id: DialogId) {
        if let Some(dialog) = self.dialogs.get_mut(id) {
            dialog.ours = Ours::Nothing;
            self.send_queued(now, id);
        }
    }

    /// The dialog is over for us; a BYE tells the peer, if it still listens.
    pub(super) fn give_up(&mut self, now: Timestamp, id: DialogId, why: EndedWhy) {
        let Some(dialog) = self.forget(id) else { return };
        self.send_last_bye(now, dialog.facts);
        self.net.event(Event::Ended { dialog: id, why });
    }
}

/// A response with more is not for us (8.1.3.3).
fn has_one_via(headers: &Headers) -> bool {
    headers.count(Header::Via) == 1 && !headers.get(Header::Via).unwrap_or_default().contains(&b',')
}

fn to_tag(headers: &Headers) -> Option<String> {
    headers.to().ok()?.tag().map(str::to_owned)
}

/// The dialog a 2xx to our INVITE opens, from our side.
fn facts_of(response: &Headers, flow: Flow) -> Option<DialogState> {
    let (from, to) = (response.from().ok()?, response.to().ok()?);
    let mut route_set = response.routes(Header::RecordRoute).ok()?;
    route_set.reverse();
    let remote_target = response.contact().ok()?.map_or_else(|| to.uri.clone(), |contact| contact.uri);
    let next = route_set.first().map_or(remote_target.as_str(), |route| crate::print::inside(route));
    Some(DialogState {
        call_id: response.call_id().ok()?.to_owned(),
        local_tag: from.tag()?.to_owned(),
        remote_tag: to.tag().unwrap_or_default().to_owned(),
        local_party: from.party(),
        remote_party: to.party(),
        local_cseq: response.cseq().ok()?.number,
        remote_cseq: None,
        flow: crate::dialog::next_hop(next, flow),
        route_set,
        remote_target,
        contact: String::new(),
        session_expires: None,
        we_called: true,
    })
}
