//! After a restart: every live call of the journal is taken up again by a re-INVITE, at its place and with its clocks.

use crate::call::{Call, Phase, Talking, Waiting};
use crate::callback::Back;
use crate::engine::Engine;
use crate::foretell::Heard;
use crate::journal::profile;
use crate::leg::{Leg, LegMedia, Legs, preferring};
use crate::live_clock::K3;
use crate::outside::Outsiders;
use crate::owner::Matter;
use crate::sounds::Sounds;
use crate::world::{Alarms, World};
use hotline_ivr::{Input as MenuInput, Session};
use hotline_model::history::{CallBackEnd, Cause, ClockChange, DialogState, Direction, EventKind, Foretold, MediaState, OfferEnd, Side};
use hotline_model::{CallEvent, CallId, LanguageId, LegRole, Name, Number, PhoneNumber, Priority, Profile, QueueId, Timestamp, WallTime};
use hotline_rules::AnswerClockStart;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What the journal says of a call that was live.
struct Past {
    dialled: Name,
    from: Number,
    arrived: WallTime,
    menu: Option<Name>,
    profile: Option<Profile>,
    queued: Option<(Name, WallTime)>,
    /// The entry of the call before, whose place it took up.
    place: Option<WallTime>,
    seat: Option<Name>,
    answered: bool,
    hung_up: bool,
    clocks: BTreeMap<u8, (WallTime, Duration, ClockChange)>,
    legs: BTreeMap<u8, (LegRole, Option<Name>, DialogState, Option<MediaState>)>,
    /// INVITEs of ours without an answer. One whose cancelling a crash may have cut short stays, and is cancelled by each later run: a
    /// phone that was not told rings on.
    inviting: Vec<(u8, DialogState, u64)>,
    /// The seat that was to ring.
    offered: Option<Name>,
    /// The trunk by which the customer of a call-back is on the line.
    customer: Option<Name>,
    /// Who had taken the call outside, and the trunk.
    outside: Option<(Name, Name)>,
    /// Whether the journal ends before that was told.
    untold: bool,
    /// What it is beside a call if it is a call-back, its place, and when its time comes.
    back: Option<(Back, Place)>,
    /// Who was being called outside, and the trunk.
    ringing: Option<(Option<Name>, Name)>,
    /// Those outside whose turn is over.
    called: Vec<Name>,
    heard: Option<Heard>,
}

/// The place of a call-back.
struct Place {
    since: WallTime,
    answer_by: WallTime,
    due: Option<WallTime>,
}

impl Past {
    fn read(world: &World, events: &[CallEvent]) -> Option<Self> {
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
            hung_up: false,
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
        };
        rest.iter().for_each(|event| past.apply(world, event));
        Some(past)
    }

    fn apply(&mut self, world: &World, event: &CallEvent) {
        match &event.kind {
            EventKind::Menu(menu) => self.menu = Some(menu.clone()),
            EventKind::Classified(classified) => self.profile = Some(profile(&world.plan, classified)),
            // One that was moved keeps its place.
            EventKind::Queued { queue, .. } if self.back.is_some() => {
                self.queued = Some((queue.clone(), event.at));
                if let Some((_, place)) = &mut self.back {
                    place.due = None;
                }
            }
            EventKind::Queued { queue, .. } => self.queued = Some((queue.clone(), self.queued.as_ref().map_or(event.at, |(_, at)| *at))),
            EventKind::PlaceKept { since, .. } => self.place = Some(*since),
            EventKind::Reprioritised { priority } => {
                if let Some(profile) = &mut self.profile {
                    profile.priority = *priority;
                }
            }
            EventKind::Answered { seat } => {
                self.seat = Some(seat.clone());
                self.answered = true;
                self.offered = None;
            }
            EventKind::CallBackOpened { after, queue, since, answer_by, breached, at } => {
                let number = PhoneNumber::parse(self.from.reveal()).ok();
                let back = number.map(|number| Back { number, after: *after, breached: *breached, attempts: 0 });
                let place = Place { since: at.unwrap_or(*since), answer_by: *answer_by, due: *at };
                self.back = back.map(|back| (back, place));
                self.queued = Some((queue.clone(), *since));
            }
            EventKind::CallBackLater { at, attempts } => {
                (self.answered, self.seat) = (false, None);
                if let Some((back, place)) = &mut self.back {
                    (back.attempts, place.due) = (*attempts, Some(*at));
                }
            }
            EventKind::OutsideAnswered { to: None, trunk } => {
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
            EventKind::HungUp { .. } => self.hung_up = true,
            EventKind::Arrived { .. }
            | EventKind::PickedUp
            | EventKind::Digit { .. }
            | EventKind::Language(_)
            | EventKind::Alerted { .. }
            | EventKind::NotAssigned { .. }
            | EventKind::CallBackBooked { .. }
            | EventKind::CallBackEnded { .. }
            | EventKind::ByHand { .. }
            | EventKind::Ordered { .. }
            | EventKind::OrderRefused { .. }
            | EventKind::TransferBegan { .. }
            | EventKind::TransferMeant { .. }
            | EventKind::ReceiverCalled { .. }
            | EventKind::ReceiverRings { .. }
            | EventKind::ReceiverEnded { .. }
            | EventKind::ReceiverAnswered { .. }
            | EventKind::ThreeWay { .. }
            | EventKind::TransferEnded { .. }
            | EventKind::Reclassified { .. }
            | EventKind::Owned { .. }
            | EventKind::Phone(_)
            | EventKind::Ringing { .. }
            | EventKind::Held { .. }
            | EventKind::Resumed { .. }
            | EventKind::FirstCommunication
            | EventKind::Handled { .. }
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
    /// The last INVITE of a leg needs no CANCEL any more. Those of earlier runs had the same number.
    fn invited(&mut self, leg: u8) {
        if let Some(last) = self.inviting.iter().rposition(|(of, ..)| *of == leg) {
            self.inviting.remove(last);
        }
    }

    /// Conversations first, since they have their seats; then the calls that wait, as they are to be served.
    fn rank(&self, world: &World) -> impl Ord + use<> {
        let stated = self.profile.as_ref().map_or(Priority::Ordinary, |profile| profile.priority);
        let breached = self.clocks.get(&K3).is_some_and(|(_, _, state)| *state == ClockChange::Breached);
        let since = self.place.or(self.queued.as_ref().map(|(_, at)| *at));
        let waited = since.map_or(Duration::ZERO, |since| world.wall().since(since));
        let priority = world.plan.priorities.aged(stated, waited);
        (!self.answered && self.outside.is_none(), priority, !breached, since)
    }

    /// Its place in the queue it was in; a queue that the rules no longer have leads back to the menus.
    fn waiting(&self, world: &World) -> Option<Waiting> {
        let (name, entered) = self.queued.as_ref()?;
        let queue = *world.plan.queue_names.get(&**name)?;
        let mut profile = self.profile.clone().unwrap_or_else(|| Profile::unknown(LanguageId(0)));
        if let Some(customer) = world.plan.customer(self.from.reveal()) {
            customer.introduce(&mut profile);
        }
        let entered = entered.to_monotonic(world.wall_offset);
        let since = self.place.map_or(entered, |since| since.to_monotonic(world.wall_offset));
        let start = match world.plan.timers.answer_clock_start {
            AnswerClockStart::Queue => entered,
            AnswerClockStart::Arrival => self.arrived.to_monotonic(world.wall_offset),
        };
        Some(Waiting { queue, profile, since, answer_by: start + world.plan.timers.answer })
    }
}

impl Engine {
    /// Takes up the calls that were live when the last run ended. Those whose caller can't be reached by a dialog are closed in the record.
    pub fn restore(&mut self, now: Timestamp, live: &BTreeMap<CallId, Vec<CallEvent>>) {
        self.world.now = now;
        let live = self.restore_own(live);
        let pasts = live.iter().filter_map(|(id, events)| Past::read(&self.world, events).map(|past| (*id, past)));
        let mut pasts: Vec<(CallId, Past)> = pasts.collect();
        pasts.sort_by_key(|(id, past)| (past.rank(&self.world), *id));
        for (id, past) in pasts {
            let call = take_up(&mut self.world, id, past);
            if !matches!(call.phase, Phase::Done) {
                self.calls.insert(id, call);
            }
            self.settle();
        }
        self.leave_what_is_called_back();
        self.settle();
    }

    /// The journal may end between the opening of a call-back and the goodbye to its caller.
    fn leave_what_is_called_back(&mut self) {
        let backs = self.calls.values().filter_map(|call| Some((call.back.as_ref()?.after, call.id)));
        let backs: Vec<(CallId, CallId)> = backs.filter(|(after, _)| self.calls.contains_key(after)).collect();
        for (after, back) in backs {
            self.with_call(after, |call, world| call.leave_to_call_back(world, back));
        }
    }
}

fn take_up(world: &mut World, id: CallId, mut past: Past) -> Call {
    let caller = past.legs.remove(&0);
    let mut call = Call {
        id,
        dialled: past.dialled.clone(),
        from: past.from.clone(),
        arrived: past.arrived.to_monotonic(world.wall_offset),
        phase: Phase::Done,
        legs: Legs::default(),
        back: None,
        wish: None,
        left: Vec::new(),
        outside: Outsiders { ring: None, called: std::mem::take(&mut past.called) },
        clocks: Vec::new(),
        alarms: Alarms::default(),
        play: 0,
        heard: past.heard,
        matter: Matter::default(),
        sounds: Sounds::default(),
        greeting: None,
    };
    for (_, invite, branch) in std::mem::take(&mut past.inviting) {
        if world.sip.cancel_of_past(world.now, invite, branch).is_err() {
            world.counters.late += 1;
        }
    }
    if let Some(seat) = past.offered.take() {
        call.record(world, EventKind::OfferEnded { seat, why: OfferEnd::Withdrawn });
    }
    if let Some((to, trunk)) = past.ringing.take() {
        call.record(world, EventKind::OutsideEnded { to, trunk, why: OfferEnd::Withdrawn });
    }
    if past.hung_up {
        call.archive(world);
        return call;
    }
    if let Some((back, place)) = past.back.take() {
        call.back = Some(Box::new(back));
        match &past.customer {
            Some(trunk) => world.trunks.take(trunk),
            None => return call.take_call_back_over(world, past, place),
        }
    }
    let caller = caller.and_then(|leg| take_up_leg(world, id, 0, leg));
    let Some(caller) = caller else {
        call.record(world, EventKind::HungUp { side: Side::System, cause: Cause::Technical, q850: None });
        call.archive(world);
        return call;
    };
    call.legs.put(0, Leg { trunk: past.customer.take(), ..caller });
    for (number, (started, limit, state)) in &past.clocks {
        let since = started.to_monotonic(world.wall_offset);
        call.resume_clock(world, *number, since, *limit, *state);
    }
    world.counters.recovered += 1;
    call.record(world, EventKind::Recovered);
    call.reinvite(world, 0);
    call.go_on(world, past);
    call
}

pub(crate) fn take_up_leg(
    world: &mut World,
    call: CallId,
    index: u8,
    (role, seat, dialog, media): (LegRole, Option<Name>, DialogState, Option<MediaState>),
) -> Option<Leg> {
    let media = LegMedia::recover(world, &media?, dialog.flow.remote.ip())?;
    let seat = seat.and_then(|name| world.plan.seat_names.get(&*name).copied());
    let dialog = world.sip.restore(world.now, dialog).ok()?;
    world.dialogs.insert(dialog, (call, index));
    world.streams.insert(media.stream, (call, index));
    Some(Leg { seat, ..Leg::new(dialog, role, media) })
}

impl Call {
    /// A call-back without its customer waits on at its place. An agent who was there already is hung up: the customer's ring is over.
    fn take_call_back_over(mut self, world: &mut World, mut past: Past, place: Place) -> Self {
        for index in past.legs.keys().copied().collect::<Vec<_>>() {
            if let Some(leg) = past.legs.remove(&index).and_then(|leg| take_up_leg(world, self.id, index, leg)) {
                self.legs.put(index, leg);
                self.end_leg(world, index, None);
            }
        }
        for (number, (started, limit, state)) in &past.clocks {
            self.resume_clock(world, *number, started.to_monotonic(world.wall_offset), *limit, *state);
        }
        world.counters.recovered += 1;
        self.record(world, EventKind::Recovered);
        let offset = world.wall_offset;
        let Some(waiting) = past.waiting(world) else {
            self.phase = Phase::Later(Waiting {
                queue: QueueId(0),
                profile: Profile::unknown(LanguageId(0)),
                since: world.now,
                answer_by: world.now,
            });
            self.end_call_back(world, CallBackEnd::Failed);
            return self;
        };
        let waiting = Waiting { since: place.since.to_monotonic(offset), answer_by: place.answer_by.to_monotonic(offset), ..waiting };
        match place.due.map(|due| due.to_monotonic(offset)) {
            Some(due) => self.come_later(world, waiting, due),
            None => self.wait_for_seat(world, waiting),
        }
        self
    }

    /// Tells a peer our present SDP again, so that its media find us (RFC 3261 14.1).
    pub fn reinvite(&mut self, world: &mut World, index: u8) {
        self.probe_later(world, index);
        let leg = &mut self.legs[index];
        leg.media.next_version();
        let body = hotline_sdp::offer(&leg.media.local(world, preferring(leg.media.codec())), Direction::SendRecv);
        if world.sip.reinvite(world.now, leg.dialog, body).is_err() {
            world.counters.late += 1;
        }
    }

    fn go_on(&mut self, world: &mut World, mut past: Past) {
        let Some(waiting) = past.waiting(world) else { return self.go_on_in_menu(world, &past) };
        if let (Some(seat), true) = (&past.seat, past.answered) {
            let seat = world.plan.seat_names.get(&**seat).copied();
            if let (Some(seat), Some(index)) = (seat, seat.and_then(|_| self.take_up_other(world, &mut past, LegRole::Agent))) {
                world.router.handle(world.now, hotline_router::Input::Engaged { call: self.id, seat });
                return self.go_on_talking(world, Talking { seat: Some(seat), leg: index });
            }
        }
        if let Some((to, trunk)) = past.outside.take()
            && let Some(index) = self.take_up_other(world, &mut past, LegRole::External)
        {
            world.trunks.take(&trunk);
            if past.untold {
                self.record(world, EventKind::OutsideAnswered { to: Some(to), trunk: trunk.clone() });
                self.stop_clock(world, K3, ClockChange::Met);
            }
            self.legs[index].trunk = Some(trunk);
            return self.go_on_talking(world, Talking { seat: None, leg: index });
        }
        self.phase = Phase::Waiting(waiting.clone());
        self.play(world, &[], false, true);
        self.wait(world, &waiting);
        if self.is_breached(K3) {
            world.router.handle(world.now, hotline_router::Input::Breached { call: self.id });
            self.next_outside(world);
        }
    }

    /// The leg of the other party, at its number.
    fn take_up_other(&mut self, world: &mut World, past: &mut Past, role: LegRole) -> Option<u8> {
        let index = *past.legs.iter().find(|(_, (of, ..))| *of == role)?.0;
        let leg = take_up_leg(world, self.id, index, past.legs.remove(&index)?)?;
        self.legs.put(index, leg);
        Some(index)
    }

    fn go_on_talking(&mut self, world: &mut World, talking: Talking) {
        self.phase = Phase::Talking(talking);
        self.reinvite(world, talking.leg);
        self.bridge(world);
    }

    fn go_on_in_menu(&mut self, world: &mut World, past: &Past) {
        let Some(number) = world.plan.dialled.get(&*past.dialled).copied() else {
            return self.finish(world, None, Side::System, Cause::Technical, None);
        };
        let session = match &past.menu {
            Some(menu) => {
                let profile = past.profile.clone().unwrap_or_else(|| Profile::unknown(world.plan.number(number).language));
                Session::resume(Arc::clone(&world.plan), number, menu, profile)
            }
            None => Session::new(Arc::clone(&world.plan), number, &self.from),
        };
        self.phase = Phase::Menu(Box::new(session));
        self.tell_menu(world, MenuInput::Start);
    }
}
