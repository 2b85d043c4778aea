use super::{DialogId, EndedWhy, Endpoint, Event};
use crate::dialog::{Dialog, Ours, Phase, Referring};
use crate::transaction::{Fired, Party, Purpose, Transaction, TxId};
use hotline_model::Timestamp;
use hotline_model::history::Flow;

impl Endpoint {
    pub(super) fn on_fired(&mut self, now: Timestamp, tx: TxId, fired: Fired, party: Party) {
        match (fired, party) {
            (Fired::Nothing, _) | (_, Party::Nobody) | (Fired::NoAck, Party::Client(_)) => {}
            (Fired::Timeout, Party::Server(id)) => self.on_never_answered(now, tx, id),
            (Fired::NoAck, Party::Server(id)) => self.on_no_ack(now, id),
            (Fired::Timeout, Party::Client(purpose)) => {
                self.net.counters.timeouts += 1;
                self.on_unheard(now, tx, purpose, EndedWhy::Timeout);
            }
        }
    }

    /// An UPDATE or REFER nobody answered stands in the way no longer.
    fn on_never_answered(&mut self, now: Timestamp, tx: TxId, id: DialogId) {
        if let Some(dialog) = self.dialogs.get_mut(id)
            && matches!(dialog.referring, Referring::Asked { tx: own, .. } if own == tx)
        {
            dialog.referring = Referring::Nothing;
        }
        if let Some(dialog) = self.dialogs.get_mut(id)
            && dialog.theirs.is_some_and(|theirs| theirs.tx == tx)
        {
            dialog.theirs = None;
            self.send_queued(now, id);
        }
    }

    /// Our 2xx was sent for 64*T1 without an ACK: BYE (13.3.1.4, 14.2).
    fn on_no_ack(&mut self, now: Timestamp, id: DialogId) {
        let hang_up = self.dialogs.get(id).and_then(|dialog| match dialog.phase {
            Phase::Up { hang_up } => hang_up,
            Phase::Calling { .. } | Phase::Incoming { .. } | Phase::Ending => None,
        });
        match hang_up {
            Some(hang_up) => self.send_bye(now, id, hang_up),
            None => self.give_up(now, id, EndedWhy::NoAck),
        }
    }

    /// A request of ours will get no answer: Timers B and F (as 408) or a transport error (as 503) (8.1.3.1).
    fn on_unheard(&mut self, now: Timestamp, tx: TxId, purpose: Purpose, why: EndedWhy) {
        let code = if why == EndedWhy::TransportFailed { 503 } else { 408 };
        match purpose {
            Purpose::Bye(id) => self.end(id, why),
            Purpose::Ping(ping) => self.on_no_pong(now, ping, why == EndedWhy::TransportFailed),
            Purpose::Probe(id) if self.dialogs.get(id).is_some_and(|dialog| matches!(dialog.phase, Phase::Up { .. })) => {
                self.give_up(now, id, why);
            }
            Purpose::Probe(_) | Purpose::Nothing => {}
            Purpose::Notify(id, cseq) => self.on_notified(now, id, cseq, None),
            Purpose::Invite(id) => {
                let first = self.dialogs.get(id).is_some_and(|dialog| matches!(dialog.phase, Phase::Calling { tx: own, .. } if own == tx));
                if first {
                    self.dialogs.remove(id);
                    self.net.event(Event::Rejected { dialog: id, code, q850: None, local: true });
                } else if self.is_our_reinvite(tx, id) {
                    self.net.event(Event::ReinviteRejected { dialog: id, code });
                    self.give_up(now, id, why);
                }
            }
        }
    }

    /// What was sent on a flow did not arrive (18.4).
    pub(super) fn on_send_failed(&mut self, now: Timestamp, flow: Flow) {
        self.net.counters.send_failed += 1;
        self.fail_open(now, flow);
    }

    fn fail_open(&mut self, now: Timestamp, flow: Flow) {
        for tx in self.table.open_on(flow) {
            let Some(party) = self.table.get(tx).map(Party::of) else { continue };
            self.table.with(now, &mut self.net, tx, |transaction, _| match transaction {
                Transaction::InviteClient(it) => it.abort(),
                Transaction::Client(it) => it.abort(),
                Transaction::InviteServer(it) => it.abort(),
                Transaction::Server(_) => {}
            });
            match party {
                Party::Client(purpose) => self.on_unheard(now, tx, purpose, EndedWhy::TransportFailed),
                Party::Server(id) => self.end(id, EndedWhy::TransportFailed),
                Party::Nobody => {}
            }
        }
    }

    /// A TCP connection is gone: what waits on it has failed, its dialogs go on over the next one.
    pub(super) fn on_stream_closed(&mut self, now: Timestamp, flow: Flow) {
        self.forget_partial(flow.connection);
        self.fail_open(now, flow);
        self.registrar.closed(now, flow);
        self.hear_registrar(now);
        for id in self.dialogs.take_connection(flow.connection) {
            if let Some(dialog) = self.dialogs.get_mut(id) {
                dialog.lose_connection();
                self.net.event(Event::Changed { dialog: id });
            }
        }
    }

    /// The terminal event of a dialog, if it still lives.
    pub(super) fn end(&mut self, id: DialogId, why: EndedWhy) {
        if self.forget(id).is_some() {
            self.net.event(Event::Ended { dialog: id, why });
        }
    }

    pub(super) fn forget(&mut self, id: DialogId) -> Option<Box<Dialog>> {
        let mut dialog = self.dialogs.remove(id)?;
        self.stop_waiting(std::mem::replace(&mut dialog.ours, Ours::Nothing));
        self.stop_referring(&dialog.referring);
        Some(dialog)
    }

    pub(super) fn stop_waiting(&mut self, ours: Ours) {
        match ours {
            Ours::BackingOff { until } => {
                self.local.cancel(until);
            }
            Ours::Nothing | Ours::Sent { .. } => {}
        }
    }
}
