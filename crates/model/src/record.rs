use crate::desk::{Reclassified, Target, TransferEnd, TransferMode, TransferReason};
use crate::history::{
    Cause, Classified, ClockChange, Due, EventKind, MessageLeft, MessageOrder, OfferEnd, PhoneEvent, Rated, Side, SurveyRecord,
};
use crate::{Assessment, CallEvent, CallId, Name, Number, Priority, Revision, WallTime};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A call's record (CDR): the fold of its events. Times are named as in manual.md 0.4; `None` means it never happened or was not stated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The call.
    pub call: CallId,
    /// The rules it went by.
    pub revision: Revision,
    /// What was dialled.
    pub dialled: Name,
    /// The caller's number.
    pub from: Number,
    /// SIP Call-ID of the caller's leg.
    pub sip_call_id: String,
    /// First INVITE.
    pub t0: WallTime,
    /// Our 200 OK.
    pub t1: Option<WallTime>,
    /// Entered a queue.
    pub t2: Option<WallTime>,
    /// First ring at a seat.
    pub t2r: Option<WallTime>,
    /// Bridged with an agent.
    pub t3: Option<WallTime>,
    /// First communication done, as the agent stated.
    pub t4: Option<WallTime>,
    /// Handled, as the agent stated.
    pub t5: Option<WallTime>,
    /// Call ended.
    pub t6: Option<WallTime>,
    /// Record complete.
    pub t7: Option<WallTime>,
    /// What the menus made of the caller.
    pub classified: Option<Classified>,
    /// The queue last entered.
    pub queue: Option<Name>,
    /// Priority in the queue, or what an agent found it to be since.
    pub priority: Option<Priority>,
    /// The seat that answered last.
    pub seat: Option<Name>,
    /// Who took the call outside: a partner or a number (R13), or who had it by a transfer; that is masked if it is a number.
    #[serde(default)]
    pub outside: Option<Name>,
    /// The call in which the customer asked to be called back, if this is that call-back.
    #[serde(default)]
    pub calls_back: Option<CallId>,
    /// The telephone of a seat that made the call: it is the seat's own and no customer's.
    #[serde(default)]
    pub phone: Option<Name>,
    /// Menus entered, in order.
    pub menus: Vec<Name>,
    /// Keys pressed in menus.
    pub digits: String,
    /// Offers made, in order.
    pub offers: Vec<OfferRecord>,
    /// Clocks that were started, with how they ended.
    pub clocks: Vec<ClockResult>,
    /// Who hung up.
    pub hung_up_by: Option<Side>,
    /// Why it ended.
    pub cause: Option<Cause>,
    /// Q.850 cause, if told.
    pub q850: Option<u8>,
    /// The stated disposition.
    pub disposition: Option<Name>,
    /// How often the call was taken up again after a restart.
    pub recoveries: u32,
    /// The seat whose agent is responsible for the matter (R57).
    #[serde(default)]
    pub owner: Option<Name>,
    /// Who owned the caller's open matter as the call came, and who had the caller last (R57, R43).
    #[serde(default)]
    pub recognised: (Option<Name>, Option<Name>),
    /// Transfers and consultations, in order (R56, R58).
    #[serde(default)]
    pub transfers: Vec<TransferRecord>,
    /// What the call left to be done, and by when (R62-R67, R80-R84, R92, R100).
    #[serde(default)]
    pub due: Vec<Due>,
    /// What the caller said of the conversation (R72, R106).
    #[serde(default)]
    pub survey: Option<SurveyRecord>,
    /// The message that the caller left (R19).
    #[serde(default)]
    pub message: Option<Box<MessageRecord>>,
    /// Whether the problem is ours and how far it reaches, as menus or an agent found (R33, R34).
    #[serde(default)]
    pub assessed: Assessment,
    /// Since when the call waits for nobody any more though nobody has answered: in a menu, a message or a goodbye, or from then on gone.
    #[serde(default)]
    pub left: Option<WallTime>,
}

/// One transfer or consultation (manual.md D1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferRecord {
    /// The first agent's seat.
    pub from: Name,
    /// Who was to take the call over, or was asked.
    pub to: Target,
    /// How (R55).
    pub mode: TransferMode,
    /// Why (R53); `None` in a consultation that stayed one.
    pub reason: Option<TransferReason>,
    /// When it began.
    pub began: WallTime,
    /// Who answered: the receiver's confirmation. A number is masked.
    pub receiver: Option<Name>,
    /// When.
    pub answered: Option<WallTime>,
    /// When it ended.
    pub ended: Option<WallTime>,
    /// How it ended; `None` while it is under way.
    pub end: Option<TransferEnd>,
}

/// One offer of a call to a seat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferRecord {
    /// The seat.
    pub seat: Name,
    /// `seq` of the decision.
    pub decision: u64,
    /// When it was made.
    pub at: WallTime,
    /// How it ended; `None` if answered or still open.
    pub end: Option<OfferEnd>,
    /// When it ended in that way; `None` also in records of before this was stored.
    pub until: Option<WallTime>,
}

impl TransferRecord {
    fn begin(from: Name, to: Target, mode: TransferMode, reason: Option<TransferReason>, began: WallTime) -> Self {
        Self { from, to, mode, reason, began, receiver: None, answered: None, ended: None, end: None }
    }
}

impl TransferRecord {
    /// Whether who answered is somebody outside: a number, or a responsible person who is called by one and stands here by name.
    fn is_outside(&self) -> bool {
        match &self.to {
            Target::Number(_) => true,
            Target::Person(name) => self.receiver.as_ref() == Some(name),
            Target::Seat(_) | Target::Queue(_) | Target::Department(_) => false,
        }
    }
}

/// A message that the caller left, and who did what with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessageRecord {
    /// What was left.
    pub left: MessageLeft,
    /// When.
    pub at: WallTime,
    /// Who listened to it last.
    pub heard: Option<(Name, WallTime)>,
    /// Who took it last, to answer it (R19).
    pub taken: Option<(Name, WallTime)>,
    /// Who was done with it.
    pub done: Option<(Name, WallTime)>,
}

impl MessageRecord {
    fn new(left: MessageLeft, at: WallTime) -> Self {
        Self { left, at, heard: None, taken: None, done: None }
    }

    fn follow(&mut self, by: &Name, order: MessageOrder, at: WallTime) {
        let place = match order {
            MessageOrder::Heard => &mut self.heard,
            MessageOrder::Take | MessageOrder::TakeOver => &mut self.taken,
            MessageOrder::Done | MessageOrder::Delete => &mut self.done,
        };
        *place = Some((by.clone(), at));
    }
}

/// How a clock ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockResult {
    /// The clock's number: 3 is K3.
    pub clock: u8,
    /// Its limit.
    pub limit_ms: u32,
    /// When it started.
    pub started: WallTime,
    /// The last thing that happened to it. A clock that was breached stays breached.
    pub state: ClockChange,
    /// When that happened.
    pub at: WallTime,
}

impl Record {
    /// Begins a record with a call's first event; `None` if that is not [`EventKind::Arrived`].
    pub fn begin(event: &CallEvent) -> Option<Self> {
        let EventKind::Arrived { dialled, from, sip_call_id, revision, .. } = &event.kind else { return None };
        Some(Self {
            call: event.call,
            revision: *revision,
            dialled: dialled.clone(),
            from: from.clone(),
            sip_call_id: sip_call_id.clone(),
            t0: event.at,
            t1: None,
            t2: None,
            t2r: None,
            t3: None,
            t4: None,
            t5: None,
            t6: None,
            t7: None,
            classified: None,
            queue: None,
            priority: None,
            seat: None,
            outside: None,
            calls_back: None,
            phone: None,
            menus: Vec::new(),
            digits: String::new(),
            offers: Vec::new(),
            clocks: Vec::new(),
            hung_up_by: None,
            cause: None,
            q850: None,
            disposition: None,
            recoveries: 0,
            owner: None,
            recognised: (None, None),
            transfers: Vec::new(),
            due: Vec::new(),
            survey: None,
            message: None,
            assessed: Assessment::default(),
            left: None,
        })
    }

    /// Folds a further event of the same call into the record.
    pub fn apply(&mut self, event: &CallEvent) {
        let at = event.at;
        self.follow_wait(event);
        match &event.kind {
            EventKind::PickedUp => self.t1 = self.t1.or(Some(at)),
            EventKind::Menu(menu) => self.menus.push(menu.clone()),
            EventKind::Digit { digit, .. } => self.digits.push(*digit),
            EventKind::Classified(classified) => self.classified = Some(classified.clone()),
            EventKind::Queued { queue, priority } => {
                self.t2 = self.t2.or(Some(at));
                self.queue = Some(queue.clone());
                self.priority = Some(*priority);
            }
            EventKind::Reprioritised { priority } => self.priority = Some(*priority),
            EventKind::Offered { seat, decision, .. } => {
                self.offers.push(OfferRecord { seat: seat.clone(), decision: *decision, at, end: None, until: None });
            }
            EventKind::LedOutside { .. } => self.t2 = self.t2.or(Some(at)),
            EventKind::Ringing { .. } => self.t2r = self.t2r.or(Some(at)),
            EventKind::OfferEnded { seat, why } => {
                if let Some(offer) = self.offers.iter_mut().rev().find(|offer| offer.seat == *seat && offer.end.is_none()) {
                    (offer.end, offer.until) = (Some(*why), Some(at));
                }
            }
            EventKind::Answered { seat } => {
                // The customer of a call-back is not there yet.
                self.t3 = self.t3.or(self.calls_back.is_none().then_some(at));
                self.seat = Some(seat.clone());
            }
            EventKind::OutsideAnswered { to: None, .. } => self.t3 = self.t3.or(Some(at)),
            EventKind::CallBackOpened { after, queue, .. } => {
                self.calls_back = Some(*after);
                self.queue = Some(queue.clone());
            }
            EventKind::OutsideAnswered { to: Some(to), .. } => {
                self.t3 = self.t3.or(Some(at));
                self.outside = Some(to.clone());
            }
            EventKind::FirstCommunication => self.t4 = self.t4.or(Some(at)),
            EventKind::Handled { disposition } => {
                self.t5 = Some(at);
                self.disposition = Some(disposition.clone());
            }
            EventKind::VoiceReplied { slowest_ms, limit_ms, .. } => self.apply_replies(*limit_ms, *slowest_ms, at),
            EventKind::Clock(clock) => self.apply_clock(clock.clock, clock.limit_ms, clock.change, at),
            EventKind::SurveyBegan { queue, seat } => {
                let (queue, seat) = (queue.clone(), seat.clone());
                self.survey = Some(SurveyRecord { queue, seat, began: at, ratings: Vec::new(), ended: None, end: None });
            }
            EventKind::Rated(rated) => self.rate(*rated),
            EventKind::SurveyEnded { end } => {
                if let Some(survey) = &mut self.survey {
                    (survey.end, survey.ended) = (Some(*end), Some(at));
                }
            }
            EventKind::HungUp { side, cause, q850 } => {
                self.t6 = self.t6.or(Some(at));
                self.hung_up_by = self.hung_up_by.or(Some(*side));
                self.cause = self.cause.or(Some(*cause));
                self.q850 = self.q850.or(*q850);
            }
            EventKind::Recognised { owner, last } => self.recognised = (owner.clone(), last.clone()),
            EventKind::Owned { seat } => self.owner = Some(seat.clone()),
            EventKind::Reclassified { change, .. } => self.reclassify(change),
            EventKind::TransferBegan { from, to, mode, reason, .. } => {
                self.transfers.push(TransferRecord::begin(from.clone(), to.clone(), *mode, *reason, at));
            }
            EventKind::TransferMeant { reason } => self.in_transfer(|transfer| transfer.reason = Some(*reason)),
            EventKind::ReceiverAnswered { receiver } => self.in_transfer(|transfer| {
                (transfer.receiver, transfer.answered) = (Some(receiver.shown()), Some(at));
            }),
            EventKind::TransferEnded { end } => self.end_transfer(*end, at),
            EventKind::Phone(PhoneEvent::Calls { phone, .. }) => self.phone = Some(phone.clone()),
            EventKind::DueBy(due) => self.due.push(due.clone()),
            EventKind::MessageLeft(left) => self.message = Some(Box::new(MessageRecord::new((**left).clone(), at))),
            EventKind::Message { by, order } => {
                if let Some(message) = &mut self.message {
                    message.follow(by, *order, at);
                }
            }
            EventKind::Assessed { found, .. } => self.assessed = self.assessed.corrected(*found),
            EventKind::Recovered => self.recoveries += 1,
            EventKind::Archived => self.t7 = self.t7.or(Some(at)),
            EventKind::Arrived { .. }
            | EventKind::Graded { .. }
            | EventKind::Language(_)
            | EventKind::LookedUp(_)
            | EventKind::MessageBegun { .. }
            | EventKind::MessageAsked { .. }
            | EventKind::NoMessage { .. }
            | EventKind::Held { .. }
            | EventKind::Resumed { .. }
            | EventKind::Overflowed { .. }
            | EventKind::Announced { .. }
            | EventKind::Foretold(_)
            | EventKind::Alerted { .. }
            | EventKind::ImpactAlerted { .. }
            | EventKind::PlaceKept { .. }
            | EventKind::NotAssigned { .. }
            | EventKind::OutsideCalled { .. }
            | EventKind::OutsideEnded { .. }
            | EventKind::OutsideNotCalled { .. }
            | EventKind::CallBackBooked { .. }
            | EventKind::CallBackLater { .. }
            | EventKind::CallBackEnded { .. }
            | EventKind::ByHand { .. }
            | EventKind::Ordered { .. }
            | EventKind::OrderRefused { .. }
            | EventKind::ReferRefused { .. }
            | EventKind::ReceiverCalled { .. }
            | EventKind::ReceiverRings { .. }
            | EventKind::ReceiverEnded { .. }
            | EventKind::ThreeWay { .. }
            | EventKind::Phone(_)
            | EventKind::LeftQueue { .. }
            | EventKind::TrunkPassedOver { .. }
            | EventKind::Identified(_)
            | EventKind::Blocked(_)
            | EventKind::EarlyMedia
            | EventKind::AnnouncementSaid { .. }
            | EventKind::Judged(_)
            | EventKind::Spared { .. }
            | EventKind::Collected { .. }
            | EventKind::LedToSeat { .. }
            | EventKind::NotSurveyed { .. }
            | EventKind::OutsideGivenUp { .. }
            | EventKind::ReplyUnheard { .. }
            | EventKind::Inviting { .. }
            | EventKind::Leg { .. }
            | EventKind::LegEnded { .. }
            | EventKind::NoMedia { .. } => {}
        }
    }

    /// Who is led outside waits for somebody again.
    fn follow_wait(&mut self, CallEvent { at, kind, .. }: &CallEvent) {
        let waits = matches!(kind, EventKind::Queued { .. } | EventKind::LedOutside { .. });
        let has_somebody = matches!(kind, EventKind::Answered { .. } | EventKind::OutsideAnswered { .. });
        if kind.leaves_all_queues() || matches!(kind, EventKind::OutsideGivenUp { .. }) {
            self.left = self.left.or(Some(*at));
        } else if waits || has_somebody {
            self.left = None;
        }
    }

    /// A dimension that is asked again after a crash has its last score.
    fn rate(&mut self, rated: Rated) {
        let Some(survey) = &mut self.survey else { return };
        survey.ratings.retain(|known| known.dimension != rated.dimension);
        survey.ratings.push(rated);
    }

    /// How long the caller waited for a person: until answered, gone or waiting no more, else until now. `None` if for nobody.
    pub fn waited(&self, now: WallTime) -> Option<Duration> {
        Some(self.t3.or(self.left).or(self.t6).unwrap_or(now).since(self.t2?))
    }

    /// When the caller and who had the call last parted: a survey comes after it.
    pub fn talk_ended(&self) -> Option<WallTime> {
        self.survey.as_ref().map(|survey| survey.began).or(self.t6)
    }

    fn reclassify(&mut self, change: &Reclassified) {
        self.priority = change.priority.or(self.priority);
        let Some(known) = &mut self.classified else { return };
        known.class = change.class.or(known.class);
        known.nature = change.nature.or(known.nature);
        known.kind = change.kind.or(known.kind);
        known.category = change.category.or(known.category);
        known.priority = change.priority.unwrap_or(known.priority);
        known.sensitive = change.sensitive.unwrap_or(known.sensitive);
    }

    fn in_transfer(&mut self, change: impl FnOnce(&mut TransferRecord)) {
        if let Some(transfer) = self.transfers.last_mut() {
            change(transfer);
        }
    }

    /// Who has the caller now is the seat that answered last, or somebody outside.
    fn end_transfer(&mut self, end: TransferEnd, at: WallTime) {
        let Some(transfer) = self.transfers.last_mut() else { return };
        (transfer.end, transfer.ended) = (Some(end), Some(at));
        if matches!(end, TransferEnd::Completed | TransferEnd::TakenOver) {
            let receiver = transfer.receiver.clone();
            let place = if transfer.is_outside() { &mut self.outside } else { &mut self.seat };
            *place = receiver.or(place.take());
        }
    }

    fn apply_clock(&mut self, clock: u8, limit_ms: u32, change: ClockChange, at: WallTime) {
        let known = self.clocks.iter_mut().rev().find(|result| result.clock == clock);
        match known {
            Some(result) if change != ClockChange::Started => {
                if result.state != ClockChange::Breached {
                    result.state = change;
                    result.at = at;
                }
            }
            // K2 is told when it is breached, and not before.
            _ => {
                let ran = if change == ClockChange::Breached { limit_ms } else { 0 };
                self.clocks.push(ClockResult { clock, limit_ms, started: at - Duration::from_millis(ran.into()), state: change, at });
            }
        }
    }

    /// K2 stands for all replies of the call: breached if one was late, otherwise the slowest.
    fn apply_replies(&mut self, limit_ms: u32, slowest_ms: u32, at: WallTime) {
        if !self.clocks.iter().any(|result| result.clock == 2) {
            let started = at - Duration::from_millis(slowest_ms.into());
            self.clocks.push(ClockResult { clock: 2, limit_ms, started, state: ClockChange::Met, at });
        }
    }

    /// Whether the caller has talked with a person and waits for one once more, as after a transfer that nobody took: the answer clock K3 was
    /// started again since, and nobody has answered. Past its limit, a seat that rings counts as one that has answered.
    pub fn waits_again(&self) -> bool {
        let clock = self.clocks.iter().rev().find(|clock| clock.clock == 3).filter(|clock| self.t3.is_some_and(|t3| clock.started > t3));
        let Some(clock) = clock.filter(|_| self.t6.is_none() && self.left.is_none()) else { return false };
        let taken = || self.outside.is_some() || self.offers.iter().any(|offer| offer.at >= clock.started && offer.end.is_none());
        match clock.state {
            ClockChange::Started | ClockChange::Warned => true,
            ClockChange::Breached => !taken(),
            ClockChange::Met | ClockChange::Dropped => false,
        }
    }

    /// Folds all events of one call, in order; `None` if they do not begin with its arrival.
    pub fn fold(events: &[CallEvent]) -> Option<Self> {
        let (first, rest) = events.split_first()?;
        let mut record = Self::begin(first)?;
        rest.iter().for_each(|event| record.apply(event));
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{ClockEvent, Receiver};

    fn events() -> Vec<CallEvent> {
        let arrived = EventKind::Arrived {
            dialled: "hotline".into(),
            from: Number::new("13800138000"),
            source: ([127, 0, 0, 1], 5061).into(),
            sip_call_id: "abc".into(),
            revision: Revision(1),
        };
        let clock = |change| EventKind::Clock(ClockEvent { clock: 3, change, limit_ms: 30_000 });
        let kinds = [
            arrived,
            EventKind::PickedUp,
            EventKind::Digit { menu: "main".into(), digit: '1' },
            EventKind::Queued { queue: "billing".into(), priority: Priority::Ordinary },
            clock(ClockChange::Started),
            EventKind::Offered { seat: "1001".into(), decision: 1, ring_ms: 10_000 },
            EventKind::Ringing { seat: "1001".into() },
            EventKind::OfferEnded { seat: "1001".into(), why: OfferEnd::Rona },
            clock(ClockChange::Breached),
            EventKind::Offered { seat: "1001".into(), decision: 2, ring_ms: 10_000 },
            EventKind::Answered { seat: "1001".into() },
            clock(ClockChange::Met),
            EventKind::HungUp { side: Side::Caller, cause: Cause::Normal, q850: Some(16) },
            EventKind::HungUp { side: Side::Agent, cause: Cause::Normal, q850: None },
            EventKind::Archived,
        ];
        let call = CallId::new(1, 0, 1);
        kinds.into_iter().zip(0..).map(|(kind, second)| CallEvent { call, at: WallTime(second * 1_000_000), kind }).collect()
    }

    #[test]
    fn a_record_is_the_fold_of_the_calls_events_r73() {
        let record = Record::fold(&events()).expect("it begins with the arrival");
        assert_eq!(record.t0, WallTime(0));
        assert_eq!(record.t3, Some(WallTime(10_000_000)));
        assert_eq!((record.t4, record.t5), (None, None), "never guessed");
        assert_eq!(record.digits, "1");
        let ends: Vec<_> = record.offers.iter().map(|offer| (offer.end, offer.until)).collect();
        assert_eq!(ends, [(Some(OfferEnd::Rona), Some(WallTime(7_000_000))), (None, None)]);
        assert_eq!(record.hung_up_by, Some(Side::Caller), "the first BYE counts");
        assert_eq!(record.t7, Some(WallTime(14_000_000)));
    }

    #[test]
    fn what_an_agent_found_the_priority_to_be_is_the_calls_r24() {
        let change = Reclassified { priority: Some(Priority::Urgent), ..Reclassified::default() };
        let mut events = events();
        let CallEvent { call, at, .. } = events[events.len() - 1];
        events.push(CallEvent { call, at, kind: EventKind::Reclassified { seat: "1001".into(), change } });
        assert_eq!(Record::fold(&events).expect("it arrived").priority, Some(Priority::Urgent));
    }

    #[test]
    fn a_number_that_has_the_caller_by_a_transfer_is_no_seat_and_is_masked_r56() {
        let number = crate::PhoneNumber::parse("13800138000").expect("a number");
        let receiver = Receiver::Outside { to: "13800138000".into(), trunk: "carrier".into() };
        let mut events = events();
        let (to, mode, reason) = (Target::Number(number), TransferMode::Attended, Some(TransferReason::TooComplex));
        let kinds = [
            EventKind::TransferBegan { from: "1001".into(), to, mode, reason, consultation: false },
            EventKind::ReceiverAnswered { receiver },
            EventKind::TransferEnded { end: TransferEnd::Completed },
        ];
        let after = events[0].clone();
        events.truncate(11);
        events.extend(kinds.into_iter().map(|kind| CallEvent { kind, ..after.clone() }));
        let record = Record::fold(&events).expect("it begins with the arrival");
        assert_eq!((record.seat.as_deref(), record.outside.as_deref()), (Some("1001"), Some("138****8000")));
        assert_eq!(record.transfers[0].receiver.as_deref(), Some("138****8000"));
    }

    #[test]
    fn a_breached_clock_stays_breached_k3() {
        let record = Record::fold(&events()).expect("it begins with the arrival");
        assert_eq!(record.clocks.len(), 1);
        assert_eq!(record.clocks[0].state, ClockChange::Breached);
        assert_eq!(record.clocks[0].at, WallTime(8_000_000));
    }

    #[test]
    fn a_history_without_its_beginning_gives_no_record() {
        assert_eq!(Record::fold(&events()[1..]), None);
        assert_eq!(Record::fold(&[]), None);
    }
}
