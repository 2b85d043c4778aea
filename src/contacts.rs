//! The contacts that were served since the start, and the complaints among them (R110).

use hotline_model::history::Cause;
use hotline_model::{Kind, Record};
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts calls as they are over; shared with those who tell of it.
#[derive(Debug, Default)]
pub struct Contacts {
    served: AtomicU64,
    complaints: AtomicU64,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContactSums {
    /// Calls that a person answered or a menu completed, and messages that somebody is done with.
    pub served: u64,
    /// Of these, complaints.
    pub complaints: u64,
}

impl Contacts {
    /// Counts a call that is over.
    pub fn count(&self, over: &Record) {
        if is_served(over) {
            self.served.fetch_add(1, Ordering::Release);
            let kind = over.classified.as_ref().and_then(|known| known.kind);
            self.complaints.fetch_add(u64::from(kind == Some(Kind::Complaint)), Ordering::Release);
        }
    }

    /// What was counted so far.
    pub fn sums(&self) -> ContactSums {
        // Read in this order, complaints are never more than contacts.
        let complaints = self.complaints.load(Ordering::Acquire);
        ContactSums { served: self.served.load(Ordering::Acquire), complaints }
    }
}

impl ContactSums {
    /// Complaints of the contacts that were served, as a share of 1; `None` before the first (R110).
    pub fn complaint_rate(&self) -> Option<f64> {
        (self.served > 0).then(|| self.complaints as f64 / self.served as f64)
    }
}

/// Whoever hung up in a queue or a menu was not served, nor is who booked a call-back before it reached them; a seat's own call is no contact.
fn is_served(over: &Record) -> bool {
    let by_menu = over.cause == Some(Cause::Completed) && over.t2.is_none() && over.calls_back.is_none();
    over.phone.is_none() && (over.t3.is_some() || over.message.is_some() || by_menu)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::history::{Classified, MessageEnd, MessageLeft, Side};
    use hotline_model::{CallEvent, CallId, EventKind, Number, Priority, Reclassified, Revision, WallTime};

    fn classified(kind: Option<Kind>) -> EventKind {
        EventKind::Classified(Classified {
            class: None,
            nature: None,
            kind,
            category: None,
            topic: None,
            priority: Priority::Ordinary,
            language: "zh-CN".into(),
            region: None,
            skills: Vec::new(),
            sensitive: false,
        })
    }

    fn sums(calls: &[&[EventKind]]) -> ContactSums {
        let contacts = Contacts::default();
        for kinds in calls {
            let source = ([127, 0, 0, 1], 5061).into();
            let (dialled, from) = ("hotline".into(), Number::new("13800138000"));
            let arrived = EventKind::Arrived { dialled, from, source, sip_call_id: "x".into(), revision: Revision(1) };
            let event = |kind| CallEvent { call: CallId::new(1, 0, 1), at: WallTime(1), kind };
            let events: Vec<_> = [arrived].into_iter().chain(kinds.iter().cloned()).map(event).collect();
            contacts.count(&Record::fold(&events).unwrap());
        }
        contacts.sums()
    }

    fn queued() -> EventKind {
        EventKind::Queued { queue: "line".into(), priority: Priority::Ordinary }
    }

    fn answered() -> EventKind {
        EventKind::Answered { seat: "1001".into() }
    }

    fn hung_up(cause: Cause) -> EventKind {
        EventKind::HungUp { side: Side::Caller, cause, q850: None }
    }

    #[test]
    fn complaints_are_counted_of_the_contacts_that_were_served_r110() {
        let enquiry = [classified(Some(Kind::Enquiry)), queued(), answered(), hung_up(Cause::Normal)];
        let complaint = [classified(Some(Kind::Complaint)), queued(), answered(), hung_up(Cause::Normal)];
        let abandoned = [classified(Some(Kind::Complaint)), queued(), hung_up(Cause::AbandonedInQueue)];
        let informed = [classified(None), hung_up(Cause::Completed)];
        let sums = sums(&[&enquiry, &complaint, &abandoned, &informed, &[hung_up(Cause::AbandonedInMenu)]]);
        assert_eq!(sums, ContactSums { served: 3, complaints: 1 });
        assert_eq!(sums.complaint_rate(), Some(1.0 / 3.0));
        assert_eq!(ContactSums::default().complaint_rate(), None, "before the first call");
    }

    #[test]
    fn what_the_agent_found_it_to_be_counts_r110() {
        let change = Reclassified { kind: Some(Kind::Complaint), ..Reclassified::default() };
        let found = EventKind::Reclassified { seat: "1001".into(), change };
        let call = [classified(Some(Kind::Enquiry)), queued(), answered(), found, hung_up(Cause::Normal)];
        assert_eq!(sums(&[&call]), ContactSums { served: 1, complaints: 1 });
    }

    #[test]
    fn who_booked_a_call_back_is_served_when_it_reaches_them_and_a_message_when_somebody_is_done_with_it_r110() {
        let booked = [classified(Some(Kind::Complaint)), queued(), hung_up(Cause::Completed)];
        assert_eq!(sums(&[&booked]).served, 0);
        let (voicemail, queue, file) = ("evening".into(), "line".into(), "1.wav".into());
        let left = MessageLeft { voicemail, queue, file, length_ms: 4_200, end: MessageEnd::Key };
        let message = [classified(Some(Kind::Complaint)), EventKind::MessageLeft(Box::new(left)), hung_up(Cause::Completed)];
        assert_eq!(sums(&[&message]), ContactSums { served: 1, complaints: 1 });
    }
}
