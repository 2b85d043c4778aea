//! After a restart: every live call of the journal is taken up again by a re-INVITE, at its place and with its clocks.

mod message;
mod past;
mod talk;

use crate::call::{Call, Phase, Waiting};
use crate::engine::Engine;
use crate::leg::{Leg, LegMedia, Legs, preferring};
use crate::outside::Outsiders;
use crate::reply::Turns;
use crate::sounds::Sounds;
use crate::world::{Alarms, World};
use hotline_ivr::{Input as MenuInput, Session};
use hotline_model::history::{CallBackEnd, Cause, DialogState, Direction, EventKind, MediaState, OfferEnd, Side};
use hotline_model::{CallEvent, CallId, LanguageId, LegRole, Name, Profile, QueueId, Timestamp, WallTime};
use hotline_router::Input;
pub(crate) use message::PastMessage;
pub(crate) use past::PastSurvey;
use past::{Past, Place};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Engine {
    /// Takes up the calls that were live when the last run ended. Those whose caller can't be reached by a dialog are closed in the record.
    pub fn restore(&mut self, now: Timestamp, live: &BTreeMap<CallId, Vec<CallEvent>>) {
        self.begin_step(now);
        self.remember_emergencies(live);
        let live = self.restore_own(live);
        live.iter().for_each(|(call, events)| events.iter().for_each(|event| self.world.regulars.note(*call, &event.kind)));
        let pasts = live.iter().filter_map(|(id, events)| Past::read(&self.world, events).map(|past| (*id, past)));
        let mut pasts: Vec<(CallId, Past)> = pasts.collect();
        // The first calls may ring seats already: no new leg may get a port of those that are yet to come.
        for (_, past) in &mut pasts {
            past.reserve_ports(&mut self.world);
        }
        pasts.sort_by_key(|(id, past)| (past.rank(&self.world), *id));
        for (id, mut past) in pasts {
            past.give_ports_back(&mut self.world);
            let call = take_up(&mut self.world, id, past);
            if !matches!(call.phase, Phase::Done) {
                self.calls.insert(id, call);
            }
            self.settle();
        }
        self.leave_what_is_called_back();
        self.settle();
        self.end_step();
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
        wanted: past.wanted_since(world),
        alone_since: None,
        led_out: 0,
        outside: Outsiders { ring: None, called: std::mem::take(&mut past.called) },
        clocks: Vec::new(),
        alarms: Alarms::default(),
        play: 0,
        turns: Turns::default(),
        heard: past.heard,
        to_say: None,
        unheard: Vec::new(),
        looked_up: past.looked_up.clone(),
        asked: None,
        matter: past.matter(world),
        dues: past.dues.clone(),
        sounds: Sounds::default(),
        greeting: None,
        early: None,
        turned_away: None,
        no_message: false,
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
    if let Some(over) = past.hung_up {
        match past.message.take().filter(PastMessage::stays) {
            Some(message) => call.take_message_over(world, &past, message),
            None => call.wrap_up_on(world, &past, over),
        }
        return call;
    }
    if let Some((back, place)) = past.back.take() {
        // A customer who waits again is on the line: a call like any other.
        call.back = (!past.again).then(|| Box::new(back));
        match &past.customer {
            Some(trunk) => world.trunks.take(trunk),
            None => return call.take_call_back_over(world, past, place),
        }
    }
    let caller = caller.and_then(|leg| take_up_leg(world, id, 0, leg));
    let Some(caller) = caller else {
        call.record(world, EventKind::HungUp { side: Side::System, cause: Cause::Technical, q850: None });
        match past.message.take().filter(PastMessage::stays) {
            Some(message) => call.take_message_over(world, &past, message),
            None => call.archive(world),
        }
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
    match past.message.take() {
        Some(message) => {
            let profile = past.known_profile(world);
            call.take_message_up(world, message, profile, true);
        }
        None => call.go_on(world, past),
    }
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

    /// Whoever had the caller as the process died wraps up for as long as was left of it (R7).
    fn wrap_up_on(&mut self, world: &mut World, past: &Past, over: WallTime) {
        self.seat_wraps_up_on(world, past, over);
        self.phase = Phase::WrapUp;
        self.wrap_up_over(world);
    }

    fn seat_wraps_up_on(&mut self, world: &mut World, past: &Past, over: WallTime) {
        let queue = past.waiting(world).map(|waiting| waiting.queue);
        let seat = past.seat.as_ref().filter(|_| past.answered).and_then(|name| world.plan.seat_names.get(&**name).copied());
        if let Some(seat) = seat {
            let of_queue = queue.map(|queue| world.plan.queue(queue).wrap_up);
            let wrap_up = world.plan.seat(seat).wrap_up.or(of_queue).unwrap_or_default();
            let until = over.to_monotonic(world.wall_offset) + wrap_up;
            world.router.handle(world.now, Input::WrapsUp { call: self.id, seat, until });
            if world.router.call_of(seat) == Some(self.id) {
                world.wrapping.insert(seat, self.id);
            }
        }
    }

    /// The caller was asked how it was: the questions that are left are asked, and the agent wraps up for as long as was left of that.
    fn go_on_surveying(&mut self, world: &mut World, past: &Past, survey: &PastSurvey) {
        self.seat_wraps_up_on(world, past, survey.began);
        world.surveys.remember(&self.from, survey.began);
        let language = past.profile.as_ref().map_or(LanguageId(0), |profile| profile.language);
        self.ask_on(world, survey, language);
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

    fn go_on_in_menu(&mut self, world: &mut World, past: &Past) {
        let Some(number) = world.plan.dialled.get(&*past.dialled).copied() else {
            return self.finish(world, None, Side::System, Cause::Technical, None);
        };
        let session = match &past.menu {
            Some(menu) => {
                let profile = past.profile.clone().unwrap_or_else(|| Profile::unknown(world.plan.number(number).language));
                Session::resume(Arc::clone(&world.plan), number, &self.from, menu, profile)
            }
            None => Session::new(Arc::clone(&world.plan), number, &self.from),
        };
        self.phase = Phase::Menu(Box::new(session));
        self.ask_what_is_not_known(world);
        self.tell_menu(world, MenuInput::Start);
    }
}
