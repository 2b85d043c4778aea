use super::uac::Kind;
use super::uas::push_contact;
use super::{DialogId, Endpoint, Event, Gone, Local};
use crate::dialog::{Referring, Subscription, Wish};
use crate::header::Header;
use crate::message::{Request, reason_phrase};
use crate::print::{push_body, push_line};
use crate::timers::REFER;
use crate::transaction::{Purpose, ServerKey};
use crate::value::{Params, text};
use hotline_model::Timestamp;
use hotline_model::history::{DialogState, Flow};

/// What we tell of, in 489 and OPTIONS (RFC 6665 8.2.2).
pub(crate) const ALLOW_EVENTS: &[u8] = b"Allow-Events: refer\r\n";
const SIPFRAG: &str = "message/sipfrag;version=2.0";

impl Endpoint {
    /// The subscription that an accepted REFER opens, and its first NOTIFY (RFC 3515 2.4.4).
    pub(super) fn subscribe(&mut self, now: Timestamp, id: DialogId, wish: Wish) {
        if self.do_restore_referring(now, id, wish).is_ok() {
            self.notify(now, id);
        }
    }

    /// The subscription alone.
    pub(super) fn do_restore_referring(&mut self, now: Timestamp, id: DialogId, wish: Wish) -> Result<(), Gone> {
        let dialog = self.dialogs.get_mut(id).ok_or(Gone)?;
        let ends = now + REFER;
        let until = self.local.set(ends, Local::Refer(id));
        dialog.referring =
            Referring::Accepted(Subscription { wish, code: 100, over: None, ends, until, is_waiting: false, is_in_flight: false });
        Ok(())
    }

    /// Tells the latest state, after the answer to the NOTIFY before: they can't overtake one another then.
    pub(super) fn notify(&mut self, now: Timestamp, id: DialogId) {
        let Some(subscription) = self.subscription(id) else { return };
        if subscription.is_in_flight && !subscription.wish.silent {
            subscription.is_waiting = true;
            return;
        }
        self.send_notify(now, id);
    }

    /// Sends the last NOTIFY now, if it only waits for the answer to the one before.
    pub(super) fn flush_notify(&mut self, now: Timestamp, id: DialogId) {
        if self.subscription(id).is_some_and(|it| it.over.is_some()) {
            self.send_notify(now, id);
        }
    }

    fn send_notify(&mut self, now: Timestamp, id: DialogId) {
        let branch = self.random();
        let Some(dialog) = self.dialogs.get_mut(id) else { return };
        let Referring::Accepted(subscription) = &mut dialog.referring else { return };
        let silent = subscription.wish.silent || self.table.is_full();
        (subscription.is_waiting, subscription.is_in_flight) = (false, !silent);
        let (purpose, lines) = (Purpose::Notify(id, subscription.wish.cseq), subscription_lines(now, subscription));
        let body = format!("SIP/2.0 {} {}\r\n", subscription.code, reason_phrase(subscription.code));
        if subscription.over.is_some() {
            self.local.cancel(subscription.until);
            dialog.referring = Referring::Nothing;
        }
        if silent {
            return;
        }
        dialog.facts.local_cseq = dialog.facts.local_cseq.saturating_add(1);
        let facts = dialog.facts.clone();
        let notify = self.print_notify(&facts, branch, &lines, body.as_bytes());
        self.table.start_client(now, &mut self.net, purpose, facts.flow, (branch, false), notify);
        self.net.event(Event::Changed { dialog: id });
    }

    fn print_notify(&self, facts: &DialogState, branch: u64, lines: &[u8], body: &[u8]) -> Vec<u8> {
        let mut request = self.print(facts, Kind::Notify, branch);
        push_contact(&mut request, &facts.contact);
        request.extend_from_slice(lines);
        self.net.push_product(&mut request, "User-Agent");
        push_body(&mut request, SIPFRAG, body);
        request
    }

    /// What became of a NOTIFY; `None`: no answer came. The call is not touched by that (RFC 6665 4.2.2, RFC 5057 5.1).
    pub(super) fn on_notified(&mut self, now: Timestamp, id: DialogId, cseq: u32, code: Option<u16>) {
        let Some(subscription) = self.subscription(id).filter(|it| it.wish.cseq == cseq) else { return };
        subscription.is_in_flight = false;
        if code.is_none_or(ends_subscription) {
            return self.unsubscribe(id);
        }
        if subscription.is_waiting {
            self.send_notify(now, id);
        }
    }

    /// The subscription has run out (RFC 3515 2.4.4).
    pub(super) fn on_refer_over(&mut self, now: Timestamp, id: DialogId) {
        if let Some(subscription) = self.subscription(id) {
            subscription.over.get_or_insert("timeout");
            self.notify(now, id);
        }
    }

    /// SUBSCRIBE within a dialog: the subscription of a REFER is shortened or ended by it, never lengthened (RFC 6665 4.2.1.4, 4.1.2.3).
    pub(super) fn on_subscribe(&mut self, now: Timestamp, flow: Flow, id: DialogId, request: &Request, key: ServerKey) {
        let Some(named) = refer_event(request) else { return self.reply(now, flow, request, key, 489, ALLOW_EVENTS) };
        let Ok(asked) = request.headers.expires() else { return self.reply(now, flow, request, key, 400, b"") };
        let referred_before = self.dialogs.get(id).is_some_and(|dialog| dialog.referred_before);
        let is_it = |it: &&mut Subscription| it.over.is_none() && named.map_or(!it.wish.with_id, |id| id == it.wish.cseq);
        let Some(subscription) = self.subscription(id).filter(is_it) else {
            return self.reply(now, flow, request, key, if referred_before { 481 } else { 403 }, b"");
        };
        let left = seconds_left(now, subscription);
        let granted = asked.map_or(left, |asked| left.min(asked.into()));
        if granted == 0 {
            subscription.over = Some("timeout");
        } else if granted < left {
            let (old, ends) = (subscription.until, now + std::time::Duration::from_secs(granted));
            let until = self.local.set(ends, Local::Refer(id));
            self.local.cancel(old);
            if let Some(subscription) = self.subscription(id) {
                (subscription.until, subscription.ends) = (until, ends);
            }
        }
        let mut lines = self.contact_line(id);
        push_line(&mut lines, "Expires", granted.to_string().as_bytes());
        self.reply(now, flow, request, key, 200, &lines);
        self.notify(now, id);
    }

    /// NOTIFY within a dialog: we never subscribe (RFC 6665 4.1.3).
    pub(super) fn on_notify(&mut self, now: Timestamp, flow: Flow, request: &Request, key: ServerKey) {
        match refer_event(request) {
            Some(_) => self.reply(now, flow, request, key, 481, b""),
            None => self.reply(now, flow, request, key, 489, ALLOW_EVENTS),
        }
    }

    fn subscription(&mut self, id: DialogId) -> Option<&mut Subscription> {
        match &mut self.dialogs.get_mut(id)?.referring {
            Referring::Accepted(subscription) => Some(subscription),
            Referring::Nothing | Referring::Asked { .. } => None,
        }
    }

    fn unsubscribe(&mut self, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(id) else { return };
        let referring = std::mem::replace(&mut dialog.referring, Referring::Nothing);
        self.stop_referring(&referring);
    }

    pub(super) fn stop_referring(&mut self, referring: &Referring) {
        if let Referring::Accepted(subscription) = referring {
            self.local.cancel(subscription.until);
        }
    }
}

/// Event and Subscription-State (RFC 3515 2.4.6, 2.4.7).
fn subscription_lines(now: Timestamp, subscription: &Subscription) -> Vec<u8> {
    let id = if subscription.wish.with_id { format!(";id={}", subscription.wish.cseq) } else { String::new() };
    let state = match subscription.over {
        Some(reason) => format!("terminated;reason={reason}"),
        None => format!("active;expires={}", seconds_left(now, subscription)),
    };
    format!("Event: refer{id}\r\nSubscription-State: {state}\r\n").into_bytes()
}

fn seconds_left(now: Timestamp, subscription: &Subscription) -> u64 {
    subscription.ends.since(now).as_secs()
}

/// The `id` of an `Event: refer`; `None` if it is another event.
fn refer_event(request: &Request) -> Option<Option<u32>> {
    let value = text(request.headers.get(Header::Event)?).into_owned();
    let (package, params) = value.split_at(value.find(';').unwrap_or(value.len()));
    if !package.trim_ascii().eq_ignore_ascii_case("refer") {
        return None;
    }
    let id = Params::of_header(params.as_bytes())?.get("id").map(|id| id.parse().ok());
    Some(id.map(|id| id.unwrap_or(u32::MAX)))
}

/// Answers to a NOTIFY after which nobody listens any more (RFC 6665 4.2.2).
fn ends_subscription(code: u16) -> bool {
    matches!(code, 404 | 405 | 410 | 416 | 480..=485 | 489 | 501 | 604)
}
