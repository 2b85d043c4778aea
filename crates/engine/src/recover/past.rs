//! What the journal says of a call that was live, as its events are read one after the other.

use super::message::PastMessage;
use crate::assess::Told;
use crate::call::Waiting;
use crate::callback::Back;
use crate::desk::change_profile;
use crate::dues::Dues;
use crate::foretell::Heard;
use crate::journal::profile;
use crate::lead_out::PastLed;
use crate::live_clock::K3;
use crate::look_ups;
use crate::moving;
use crate::regulars;
use crate::world::World;
use hotline_media::Lease;
use hotline_model::history::{
    CallBackEnd, ClockChange, DialogState, EventKind, Foretold, LookedUp, MediaState, OfferEnd, Onward, PhoneEvent, Rated, Receiver,
    WhyLeft,
};
use hotline_model::{
    CallEvent, LanguageId, LegRole, Name, Number, PhoneNumber, Priority, Profile, QueueId, Target, Timestamp, TransferEnd, TransferMode,
    TransferReason, WallTime,
};
use hotline_rules::AnswerClockStart;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What the journal says of a call that was live.
pub(super) struct Past {
    pub dialled: Name,
    pub from: Number,
    pub arrived: WallTime,
    pub menu: Option<Name>,
    pub profile: Option<Profile>,
    pub queued: Option<(Name, WallTime)>,
    /// The entry of the call before, whose place it took up.
    pub place: Option<WallTime>,
    pub seat: Option<Name>,
    pub answered: bool,
    /// t6, if it is over but for a wrap-up.
    pub hung_up: Option<WallTime>,
    pub clocks: BTreeMap<u8, (WallTime, Duration, ClockChange)>,
    pub legs: BTreeMap<u8, (LegRole, Option<Name>, DialogState, Option<MediaState>)>,
    /// INVITEs of ours without an answer. One whose cancelling a crash may have cut short stays, and is cancelled by each later run: a
    /// phone that was not told rings on.
    pub inviting: Vec<(u8, DialogState, u64)>,
    /// The seat that was to ring.
    pub offered: Option<Name>,
    /// The trunk by which the customer of a call-back is on the line.
    pub customer: Option<Name>,
    /// Who had taken the call outside, and the trunk.
    pub outside: Option<(Name, Name)>,
    /// Whether the journal ends before that was told.
    pub untold: bool,
    /// What it is beside a call if it is a call-back, its place, and when its time comes.
    pub back: Option<(Back, Place)>,
    /// Who was being called outside, and the trunk.
    pub ringing: Option<(Option<Name>, Name)>,
    /// Those outside whose turn is over.
    pub called: Vec<Name>,
    pub heard: Option<Heard>,
    /// The way outside that it takes.
    pub led_out: Option<PastLed>,
    /// Where it was to go on from there.
    pub given_up: Option<Onward>,
    /// It left this queue, which nobody served or which was full, and no menu, message or person follows: the caller hears a goodbye.
    pub left: Option<(Name, WhyLeft)>,
    /// Since when the caller wants a person.
    pub wanted: Option<WallTime>,
    recognised: (Option<Name>, Option<Name>),
    /// The seat to which the rules led it first.
    led: Option<Name>,
    /// What sources said of the caller.
    pub looked_up: Vec<LookedUp>,
    /// The ports of its legs, until they are taken up.
    leases: Vec<Lease>,
    pub owner: Option<Name>,
    /// Who had the caller before the last transfer.
    pub before: Option<Name>,
    pub communicated: bool,
    /// Of what supervisors were told.
    pub told: Told,
    /// An agent holds the caller, by the phone or by an order.
    pub held: bool,
    /// It waits although somebody has answered before.
    pub again: bool,
    /// The transfer under way.
    pub transfer: Option<PastTransfer>,
    /// A receiver whose phone rings.
    pub receiver: Option<Receiver>,
    /// The survey that was under way.
    pub survey: Option<PastSurvey>,
    /// By the deadlines of the present rules: those that held then are not in the journal.
    pub dues: Dues,
    /// A message that is left, or was, and that nobody is done with.
    pub message: Option<PastMessage>,
}

/// What the journal says of a survey.
pub(crate) struct PastSurvey {
    pub queue: Name,
    pub began: WallTime,
    pub answered: Vec<Rated>,
    pub over: bool,
}

/// What the journal says of a transfer that was under way.
pub(super) struct PastTransfer {
    pub from: Name,
    pub to: Target,
    pub mode: TransferMode,
    pub reason: Option<TransferReason>,
    pub consultation: bool,
    pub answered: Option<Receiver>,
    pub three: bool,
    /// The phone whose REFER asked for it: its leg, and the subscription.
    pub refer: Option<(u8, (u32, bool))>,
}

/// The place of a call-back.
pub(super) struct Place {
    pub since: WallTime,
    pub answer_by: WallTime,
    pub due: Option<WallTime>,
}

impl Past {
    pub fn read(world: &World, events: &[CallEvent]) -> Option<Self> {
        let (first, rest) = events.split_first()?;
        let EventKind::Arrived { dialled, from, .. } = &first.kind else { return None };
        let mut past = Self {
            dialled: dialled.clone(),
            from: from.clone(),
            arrived: first.at,
            menu: None,
            profile: None,
            queued: None,
            place: None,
            seat: None,
            answered: false,
            hung_up: None,
            clocks: BTreeMap::new(),
            legs: BTreeMap::new(),
            inviting: Vec::new(),
            offered: None,
            customer: None,
            outside: None,
            untold: false,
            back: None,
            ringing: None,
            called: Vec::new(),
            heard: None,
            led_out: None,
            given_up: None,
            left: None,
            wanted: None,
            recognised: (None, None),
            led: None,
            looked_up: Vec::new(),
            leases: Vec::new(),
            owner: None,
            before: None,
            communicated: false,
            told: Told::default(),
            held: false,
            again: false,
            transfer: None,
            receiver: None,
            survey: None,
            dues: Dues::new(Arc::clone(&world.plan.deadlines)),
            message: None,
        };
        rest.iter().for_each(|event| past.apply(world, event));
        Some(past)
    }

    fn apply(&mut self, world: &World, event: &CallEvent) {
        if let (EventKind::Queued { .. } | EventKind::CallBackOpened { .. }, Some(profile)) = (&event.kind, &self.profile) {
            self.dues.know(profile, event.at);
        }
        if let EventKind::Menu(_) | EventKind::LedOutside { .. } | EventKind::Queued { .. } | EventKind::MessageAsked { .. } = &event.kind {
            self.left = None;
        }
        match &event.kind {
            EventKind::Menu(menu) => {
                self.menu = Some(menu.clone());
                (self.led_out, self.given_up, self.wanted) = (None, None, None);
            }
            EventKind::LedOutside { to, rings_ms, otherwise } => {
                let rings = Duration::from_millis(u64::from(*rings_ms));
                self.wanted = self.wanted.or(Some(event.at));
                self.led_out = Some(PastLed { to: to.clone(), otherwise: otherwise.clone(), since: event.at, rings });
            }
            EventKind::OutsideGivenUp { .. } => self.given_up = self.led_out.take().map(|led| led.otherwise),
            EventKind::Classified(classified) => self.profile = Some(profile(&world.plan, classified)),
            EventKind::Graded { level } => {
                if let Some(profile) = &mut self.profile {
                    profile.level = Some(*level);
                }
            }
            EventKind::Assessed { seat, found } => {
                if let Some(profile) = &mut self.profile {
                    profile.assessed = profile.assessed.corrected(*found);
                    if seat.is_some() {
                        profile.priority = world.plan.priorities.reached(profile.priority, found.impact);
                    }
                }
            }
            EventKind::Handled { disposition } => {
                let open = world.plan.desk.disposition(disposition).is_some_and(|disposition| disposition.open);
                self.dues.dispose(open, event.at);
            }
            EventKind::CallBackBooked { .. } | EventKind::CallBackEnded { why: CallBackEnd::Replaced | CallBackEnd::CameBack(_) } => {
                self.dues.hand_on()
            }
            EventKind::Queued { queue, .. } if self.answered || self.outside.is_some() => {
                self.queued = Some((queue.clone(), self.queued.as_ref().map_or(event.at, |(_, at)| *at)));
                (self.answered, self.again, self.seat, self.outside) = (false, true, None, None);
            }
            // One that was moved keeps its place.
            EventKind::Queued { queue, .. } if self.back.is_some() => {
                self.queued = Some((queue.clone(), event.at));
                if let Some((_, place)) = &mut self.back {
                    place.due = None;
                }
            }
            EventKind::Queued { queue, .. } => self.queued = Some((queue.clone(), self.queued.as_ref().map_or(event.at, |(_, at)| *at))),
            // One that went on to another queue is in that one at its place.
            EventKind::LeftQueue { queue, why, to: None } => {
                self.wanted = self.queued.take().map(|(_, at)| at);
                self.left = Some((queue.clone(), *why));
            }
            EventKind::PlaceKept { since, .. } => self.place = Some(*since),
            EventKind::Reprioritised { priority } => {
                if let Some(profile) = &mut self.profile {
                    profile.priority = *priority;
                }
            }
            EventKind::Answered { seat } => {
                if self.back.is_none() {
                    self.dues.answer(event.at);
                }
                self.seat = Some(seat.clone());
                (self.answered, self.again, self.held) = (true, false, false);
                (self.offered, self.receiver, self.outside) = (None, None, None);
            }
            EventKind::TransferBegan { .. }
            | EventKind::TransferMeant { .. }
            | EventKind::ReceiverCalled { .. }
            | EventKind::ReceiverEnded { .. }
            | EventKind::ReceiverAnswered { .. }
            | EventKind::ThreeWay { .. }
            | EventKind::Phone(_)
            | EventKind::TransferEnded { .. } => self.apply_transfer(&event.kind),
            EventKind::Owned { seat } => self.owner = Some(seat.clone()),
            EventKind::FirstCommunication => self.communicated = true,
            EventKind::Alerted { topic } => self.told.topic = Some(*topic),
            EventKind::ImpactAlerted { .. } => self.told.impact = true,
            EventKind::Held { by } => self.held |= *by == LegRole::Agent,
            EventKind::Resumed { by } => self.held &= *by != LegRole::Agent,
            EventKind::Reclassified { change, .. } => {
                self.dues.correct(change, event.at);
                if let Some(profile) = &mut self.profile {
                    change_profile(profile, change);
                }
            }
            EventKind::CallBackOpened { after, queue, since, answer_by, breached, at } => {
                let number = PhoneNumber::parse(self.from.reveal()).ok();
                let back = number.map(|number| Back { number, after: *after, breached: *breached, attempts: 0 });
                let place = Place { since: at.unwrap_or(*since), answer_by: *answer_by, due: *at };
                self.back = back.map(|back| (back, place));
                self.told = self.profile.as_ref().map(|profile| Told::of(&world.plan.priorities, profile)).unwrap_or_default();
                self.queued = Some((queue.clone(), *since));
            }
            EventKind::CallBackLater { at, attempts } => {
                (self.answered, self.seat) = (false, None);
                if let Some((back, place)) = &mut self.back {
                    (back.attempts, place.due) = (*attempts, Some(*at));
                }
            }
            EventKind::OutsideAnswered { to: None, trunk } => {
                self.dues.answer(event.at);
                self.ringing = None;
                self.customer = Some(trunk.clone());
            }
            EventKind::OutsideCalled { to, trunk, .. } => self.ringing = Some((to.clone(), trunk.clone())),
            EventKind::OutsideEnded { to, why, .. } => {
                self.ringing = None;
                // Who rang as the process died is called anew.
                self.called.extend(to.clone().filter(|_| *why != OfferEnd::Withdrawn));
            }
            EventKind::OutsideNotCalled { to, .. } => self.called.extend(to.clone()),
            EventKind::OutsideAnswered { to, trunk } => {
                self.dues.answer(event.at);
                (self.ringing, self.untold) = (None, false);
                self.outside = to.clone().map(|to| (to, trunk.clone()));
            }
            EventKind::Offered { seat, .. } => self.offered = Some(seat.clone()),
            EventKind::OfferEnded { .. } => self.offered = None,
            EventKind::Inviting { leg, dialog, branch } => {
                self.inviting.push((*leg, (**dialog).clone(), *branch));
            }
            EventKind::Leg { leg, role, seat, dialog, media } => {
                self.invited(*leg);
                if let (LegRole::External, Some((Some(to), trunk))) = (role, self.ringing.take_if(|_| *role == LegRole::External)) {
                    (self.outside, self.untold) = (Some((to, trunk)), true);
                }
                self.legs.insert(*leg, (*role, seat.clone(), (**dialog).clone(), media.clone()));
            }
            EventKind::LegEnded { leg } => {
                self.invited(*leg);
                self.legs.remove(leg);
            }
            EventKind::Clock(clock) if clock.change == ClockChange::Started => {
                let limit = Duration::from_millis(u64::from(clock.limit_ms));
                self.clocks.insert(clock.clock, (event.at, limit, ClockChange::Started));
            }
            EventKind::Clock(clock) => {
                if let Some((_, _, state)) = self.clocks.get_mut(&clock.clock) {
                    *state = clock.change;
                }
            }
            EventKind::Foretold(Foretold { ahead, wait: Ok(told) }) => match &mut self.heard {
                // What is not worth hearing is not in the history.
                Some(heard) => drop(heard.again(told.minutes, *ahead, 0)),
                None => self.heard = Some(Heard::new(event.at.to_monotonic(world.wall_offset), *told, *ahead, 0)),
            },
            EventKind::LedToSeat { seat } => self.led = Some(seat.clone()),
            EventKind::Recognised { owner, last } => self.recognised = (owner.clone(), last.clone()),
            EventKind::LookedUp(looked_up) => self.looked_up.push((**looked_up).clone()),
            EventKind::SurveyBegan { queue, .. } => {
                self.survey = Some(PastSurvey { queue: queue.clone(), began: event.at, answered: Vec::new(), over: false });
            }
            EventKind::Rated(rated) => {
                self.dues.rate(rated, event.at);
                self.survey.iter_mut().for_each(|survey| survey.answered.push(*rated));
            }
            EventKind::SurveyEnded { .. } => self.survey.iter_mut().for_each(|survey| survey.over = true),
            EventKind::HungUp { .. } => self.hung_up = Some(event.at),
            EventKind::MessageAsked { .. }
            | EventKind::MessageBegun { .. }
            | EventKind::MessageLeft(_)
            | EventKind::NoMessage { .. }
            | EventKind::Message { .. } => {
                PastMessage::follow(&mut self.message, event);
            }
            EventKind::Arrived { .. }
            | EventKind::PickedUp
            | EventKind::Digit { .. }
            | EventKind::Language(_)
            | EventKind::NotAssigned { .. }
            | EventKind::CallBackEnded { .. }
            | EventKind::ByHand { .. }
            | EventKind::Ordered { .. }
            | EventKind::OrderRefused { .. }
            | EventKind::ReferRefused { .. }
            | EventKind::ReceiverRings { .. }
            | EventKind::LeftQueue { .. }
            | EventKind::TrunkPassedOver { .. }
            | EventKind::Identified(_)
            | EventKind::Blocked(_)
            | EventKind::EarlyMedia
            | EventKind::AnnouncementSaid { .. }
            | EventKind::Judged(_)
            | EventKind::Spared { .. }
            | EventKind::Collected { .. }
            | EventKind::NotSurveyed { .. }
            | EventKind::VoiceReplied { .. }
            | EventKind::ReplyUnheard { .. }
            | EventKind::Ringing { .. }
            | EventKind::DueBy(_)
            | EventKind::Overflowed { .. }
            | EventKind::Announced { .. }
            | EventKind::Foretold(_)
            | EventKind::NoMedia { .. }
            | EventKind::Recovered
            | EventKind::Archived => {}
        }
    }
}

impl Past {
    fn apply_transfer(&mut self, kind: &EventKind) {
        match (kind, &mut self.transfer) {
            (EventKind::TransferBegan { from, to, mode, reason, consultation }, _) => {
                let (from, to, mode, reason, consultation) = (from.clone(), to.clone(), *mode, *reason, *consultation);
                self.transfer = Some(PastTransfer { from, to, mode, reason, consultation, answered: None, three: false, refer: None });
                self.held = false;
            }
            (EventKind::TransferMeant { reason }, Some(transfer)) => (transfer.reason, transfer.consultation) = (Some(*reason), false),
            (EventKind::Phone(PhoneEvent::Referred { leg, cseq, named }), Some(transfer)) => {
                transfer.refer = Some((*leg, (*cseq, *named)));
            }
            (EventKind::ReceiverCalled { receiver, .. }, _) => self.receiver = Some(receiver.clone()),
            (EventKind::ReceiverEnded { .. }, _) => self.receiver = None,
            (EventKind::ReceiverAnswered { receiver }, Some(transfer)) => {
                (transfer.answered, self.receiver) = (Some(receiver.clone()), None);
            }
            (EventKind::ThreeWay { on }, Some(transfer)) => transfer.three = *on,
            (EventKind::TransferEnded { end }, _) => self.end_transfer(*end),
            (_, _) => {}
        }
    }

    /// Who has the caller now.
    fn end_transfer(&mut self, end: TransferEnd) {
        let transfer = self.transfer.take();
        if end == TransferEnd::GivenBack {
            self.before = None;
        }
        if let (TransferEnd::Completed | TransferEnd::TakenOver, Some(PastTransfer { from, answered: Some(receiver), .. })) =
            (end, transfer)
        {
            self.before = Some(from);
            match receiver {
                Receiver::Seat(seat) => self.seat = Some(seat),
                Receiver::Outside { to, trunk } => (self.answered, self.seat, self.outside) = (false, None, Some((to, trunk))),
            }
        }
    }

    /// The last INVITE of a leg needs no CANCEL any more. Those of earlier runs had the same number.
    fn invited(&mut self, leg: u8) {
        if let Some(last) = self.inviting.iter().rposition(|(of, ..)| *of == leg) {
            self.inviting.remove(last);
        }
    }

    pub fn reserve_ports(&mut self, world: &mut World) {
        let bound = self.legs.values().filter_map(|(.., media)| media.as_ref().map(|media| world.bound(media.local)));
        self.leases = bound.collect::<Vec<_>>().into_iter().filter_map(|local| world.ports.reserve(local)).collect();
    }

    pub fn give_ports_back(&mut self, world: &mut World) {
        self.leases.drain(..).for_each(|lease| world.ports.give_back(lease));
    }

    /// Conversations first, since they have their seats; then the calls that wait, as they are to be served.
    pub fn rank(&self, world: &World) -> impl Ord + use<> {
        let stated = self.profile.as_ref().map_or(Priority::Ordinary, |profile| profile.priority);
        let breached = self.clocks.get(&K3).is_some_and(|(_, _, state)| *state == ClockChange::Breached) || self.again;
        let since = self.place.or(self.queued.as_ref().map(|(_, at)| *at));
        let waited = since.map_or(Duration::ZERO, |since| world.wall().since(since));
        let priority = world.plan.priorities.aged(stated, waited);
        (!self.answered && self.outside.is_none(), priority, !breached, since)
    }

    /// Since when the caller waits for a person who has not come.
    pub fn wanted_since(&self, world: &World) -> Option<Timestamp> {
        let waits = self.wanted.or(self.queued.as_ref().map(|(_, at)| *at));
        waits.map(|at| at.to_monotonic(world.wall_offset))
    }

    /// What is known of the caller.
    pub fn known_profile(&self, world: &World) -> Profile {
        let mut profile = self.profile.clone().unwrap_or_else(|| Profile::unknown(LanguageId(0)));
        if let Some(customer) = world.plan.customer(self.from.reveal()) {
            customer.introduce(&mut profile);
        }
        look_ups::said(&world.plan, &self.looked_up).introduce(&mut profile);
        profile
    }

    /// Its place in the queue it was in; a queue that the rules no longer have leads back to the menus. A caller who has been with an agent,
    /// or whose number the rules no longer have either, waits where the number leads, else in the first queue there is.
    pub fn waiting(&self, world: &World) -> Option<Waiting> {
        let (name, entered) = self.queued.as_ref()?;
        let has_number = world.plan.dialled.contains_key(&*self.dialled);
        let first = || (!world.plan.queues.is_empty()).then_some(QueueId(0));
        let instead = || if self.answered || !has_number { moving::by_default(&world.plan, &self.dialled).or_else(first) } else { None };
        let queue = world.plan.queue_names.get(&**name).copied().or_else(instead)?;
        let mut profile = self.known_profile(world);
        let led = self.led.as_ref().and_then(|seat| world.plan.seat_names.get(&**seat)).copied();
        profile.owner = led.or(profile.owner);
        regulars::introduce(&world.plan, &self.recognised, &mut profile);
        let entered = self.wanted.unwrap_or(*entered).to_monotonic(world.wall_offset);
        let since = self.place.map_or(entered, |since| since.to_monotonic(world.wall_offset));
        let start = match world.plan.timers.answer_clock_start {
            AnswerClockStart::Queue => entered,
            AnswerClockStart::Arrival => self.arrived.to_monotonic(world.wall_offset),
        };
        let again = self.clocks.get(&K3).filter(|_| self.again).map(|(started, limit, _)| started.to_monotonic(world.wall_offset) + *limit);
        Some(Waiting { queue, profile, since, answer_by: again.unwrap_or(start + world.plan.timers.answer) })
    }
}
