use super::refuse::push_retry_after;
use super::{DialogId, Endpoint, Event, Gone, Reject};
use crate::dialog::{Phase, Referring, Subscription, Wish};
use crate::header::Headers;
use crate::message::Request;
use crate::print::{Reply, push_reason};
use crate::refer::{Refer, ReferTo, Replaces, Unreplaceable};
use crate::transaction::{ServerKey, TxId};
use hotline_model::Timestamp;
use hotline_model::history::Flow;

impl Endpoint {
    /// REFER within a dialog (RFC 3515 2.4.2). One at a time: a second one meanwhile gets 491, as does one while the INVITE is pending.
    pub(super) fn on_refer(&mut self, now: Timestamp, flow: Flow, id: DialogId, request: Request, key: ServerKey) {
        let refer_to = match ReferTo::of(&request.headers) {
            Ok(refer_to) => refer_to,
            Err(code) => return self.refuse_refer_here(now, flow, id, &request, (key, code)),
        };
        self.flush_notify(now, id);
        let Some(dialog) = self.dialogs.get(id) else { return };
        let refused = match dialog.phase {
            Phase::Up { hang_up: None } if matches!(dialog.referring, Referring::Nothing) => None,
            Phase::Up { hang_up: None } | Phase::Calling { .. } | Phase::Incoming { .. } => Some(491),
            Phase::Up { hang_up: Some(_) } | Phase::Ending => Some(481),
        };
        if let Some(code) = refused {
            return self.refuse_refer_here(now, flow, id, &request, (key, code));
        }
        let refer = Box::new(self.read_refer(flow, id, refer_to, &request.headers));
        let reply = Reply::to(&request.headers, None);
        let tx = self.table.start_server(now, &mut self.net, key, id, flow, reply);
        if let Some(dialog) = self.dialogs.get_mut(id) {
            let with_id = std::mem::replace(&mut dialog.referred_before, true);
            dialog.referring = Referring::Asked { tx, wish: Wish { cseq: refer.cseq, with_id, silent: wants_silence(&request.headers) } };
        }
        self.net.event(Event::Changed { dialog: id });
        self.net.event(Event::Refer { dialog: id, refer });
    }

    fn refuse_refer_here(&mut self, now: Timestamp, flow: Flow, id: DialogId, request: &Request, (key, code): (ServerKey, u16)) {
        self.reply(now, flow, request, key, code, b"");
        self.net.event(Event::ReferRefused { dialog: id, code });
    }

    fn read_refer(&self, flow: Flow, id: DialogId, refer_to: ReferTo, headers: &Headers) -> Refer {
        let replaces = refer_to.replaces().map(|replaces| match self.replaced(&replaces?, true)? {
            same if same == id => Err(Unreplaceable::Itself),
            other => Ok(other),
        });
        Refer {
            cseq: headers.cseq().map_or(0, |cseq| cseq.number),
            method: refer_to.method(),
            reason: refer_to.reason(headers),
            replaces,
            referred_by: headers.referred_by(),
            to_user: refer_to.uri.user.unwrap_or_default(),
            host: refer_to.uri.host,
            target: refer_to.target,
            display: refer_to.display,
            flow,
            headers: headers.clone(),
        }
    }

    /// The dialog that a Replaces names (RFC 3891 3). An early dialog that we did not open is replaced by an INVITE never, but a phone may
    /// transfer to somebody it still rings (RFC 5589 7.6).
    pub(super) fn replaced(&self, replaces: &Replaces, by_refer: bool) -> Result<DialogId, Unreplaceable> {
        let live = self.dialogs.by_tag(&replaces.to_tag).and_then(|id| Some((id, self.dialogs.get(id)?)));
        let is_it = |tag: &str| tag == replaces.from_tag || (tag.is_empty() && replaces.from_tag == "0");
        let Some((id, dialog)) = live.filter(|(_, it)| it.facts.call_id == replaces.call_id && is_it(&it.facts.remote_tag)) else {
            let ended = self.dialogs.is_past(&replaces.call_id, &replaces.to_tag, is_it);
            return Err(if ended { Unreplaceable::Ended } else { Unreplaceable::Unknown });
        };
        match dialog.phase {
            Phase::Calling { hang_up: None, .. } => Ok(id),
            Phase::Incoming { .. } if by_refer => Ok(id),
            Phase::Incoming { .. } => Err(Unreplaceable::Unknown),
            Phase::Up { hang_up: None } if replaces.early_only => Err(Unreplaceable::Confirmed),
            Phase::Up { hang_up: None } => Ok(id),
            Phase::Calling { hang_up: Some(_), .. } | Phase::Up { hang_up: Some(_) } | Phase::Ending => Err(Unreplaceable::Ended),
        }
    }

    pub(super) fn do_accept_refer(&mut self, now: Timestamp, id: DialogId) -> Result<(), Gone> {
        let (tx, wish) = self.take_wish(id)?;
        let mut lines = self.contact_line(id);
        if wish.silent {
            lines.extend_from_slice(b"Refer-Sub: false\r\n");
        }
        self.net.push_product(&mut lines, "Server");
        self.respond(now, tx, 202, &lines, None)?;
        self.subscribe(now, id, wish);
        Ok(())
    }

    pub(super) fn do_refuse_refer(&mut self, now: Timestamp, id: DialogId, reject: Reject) -> Result<(), Gone> {
        let (tx, _) = self.take_wish(id)?;
        let mut lines = Vec::new();
        push_reason(&mut lines, reject.q850);
        if let Some(seconds) = reject.retry_after {
            push_retry_after(&mut lines, seconds.into());
        }
        self.net.push_product(&mut lines, "Server");
        self.respond(now, tx, reject.code.clamp(300, 699), &lines, None)
    }

    fn take_wish(&mut self, id: DialogId) -> Result<(TxId, Wish), Gone> {
        let dialog = self.dialogs.get_mut(id).ok_or(Gone)?;
        let Referring::Asked { tx, wish } = dialog.referring else { return Err(Gone) };
        dialog.referring = Referring::Nothing;
        Ok((tx, wish))
    }

    pub(super) fn do_refer_progress(&mut self, now: Timestamp, id: DialogId, code: u16) -> Result<(), Gone> {
        let dialog = self.dialogs.get_mut(id).ok_or(Gone)?;
        let Referring::Accepted(Subscription { code: last, over: over @ None, .. }) = &mut dialog.referring else { return Err(Gone) };
        *last = code.clamp(100, 699);
        *over = (code >= 200).then_some("noresource");
        self.notify(now, id);
        Ok(())
    }

    /// The dialog is about to end: a REFER that waits, if there is one, gets 487 (RFC 3261 15.1.2).
    pub(super) fn drop_wish(&mut self, now: Timestamp, id: DialogId) {
        self.do_refuse_refer(now, id, Reject { code: 487, q850: None, retry_after: None }).unwrap_or(());
    }
}

/// `Refer-Sub: false`: no subscription is wanted (RFC 4488 4).
fn wants_silence(headers: &Headers) -> bool {
    let value = headers.named("Refer-Sub").unwrap_or_default();
    value.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii().eq_ignore_ascii_case(b"false")
}
