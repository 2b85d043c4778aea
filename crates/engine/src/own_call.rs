//! A call of a seat's own: its phone dials a code, a colleague, a queue, a number outside. It is no customer's call: no menus, no clocks, no owner.

use crate::call::{Call, Offer, Phase, Waiting};
use crate::own_ring::Ring;
use crate::world::{Alarm, World};
use hotline_media::Command;
use hotline_model::history::{Cause, EventKind, NotPutThrough, OfferEnd, PhoneEvent, Side};
use hotline_model::{Activity, Name, SeatId};
use hotline_router::Input;
use hotline_rules::DeskPrompt;
use hotline_sip::DialogId;
use std::time::Duration;

/// How long what is said at the end is heard, at most.
const TOLD: Duration = Duration::from_secs(8);

/// A call of a seat's own; leg 0 is its phone.
#[derive(Debug)]
pub(crate) struct OwnCall {
    /// Legs, alarms, sound and hold are those of any call.
    pub base: Call,
    /// The account or seat whose telephone it is.
    pub phone: Name,
    /// Who sits there.
    pub seat: Option<SeatId>,
    pub state: State,
    /// Our SDP for the 200, until the phone is answered.
    pub answer: Option<Vec<u8>>,
    /// The seat's call in the router is this one.
    pub engaged: bool,
}

/// How far it is.
#[derive(Debug)]
pub(crate) enum State {
    /// The INVITE is being read.
    New,
    /// The keys of a PIN are awaited.
    Asking(Asking),
    /// What is said now is the end, and this is why.
    Telling(Cause),
    /// The callee rings.
    Ringing(Ring),
    /// It waits in a queue.
    Queueing(Waiting),
    /// It waits in a queue, and a seat rings.
    Offered(Waiting, Offer),
    /// Both talk; the other is a seat or somebody outside.
    Talking(Option<SeatId>),
}

/// A PIN that is keyed in.
#[derive(Debug, Default)]
pub(crate) struct Asking {
    /// Who it is, if that was said before.
    pub seat: Option<String>,
    /// The keys so far; they show in no log.
    pub typed: String,
    /// Wrong or missing ones before.
    pub attempts: u8,
}

impl OwnCall {
    pub fn record(&self, world: &mut World, event: PhoneEvent) {
        self.base.record(world, EventKind::Phone(event));
    }

    /// Journals what a BYE needs; where a PIN was dialled it stands in no address.
    pub fn record_leg(&self, world: &mut World, index: u8) {
        let Some(leg) = self.base.legs.get(index) else { return };
        let (Some(mut dialog), Some(media)) = (world.sip.state(leg.dialog), leg.media.state(world)) else { return };
        if index == 0 && self.base.dialled.starts_with('*') {
            let address = format!("sip:{}@{}", self.base.dialled, world.identity);
            (dialog.local_party, dialog.contact) = (format!("<{address}>"), address);
        }
        let (role, seat) = (leg.role, leg.seat.map(|seat| world.seat_name(seat)));
        self.base.record(world, EventKind::Leg { leg: index, role, seat, dialog: Box::new(dialog), media: Some(media) });
    }

    pub fn is_over(&self) -> bool {
        matches!(self.base.phase, Phase::Done)
    }

    /// Whether it occupies its seat: a code takes no time.
    pub fn occupies(&self) -> bool {
        matches!(self.state, State::Ringing(_) | State::Queueing(_) | State::Offered(..) | State::Talking(_)) && !self.is_over()
    }

    /// Whether somebody outside is on the line, or rings.
    pub fn is_outside(&self) -> bool {
        self.occupies() && self.base.legs.numbers().iter().any(|index| self.base.legs[*index].trunk.is_some())
    }

    /// The seat takes no other call meanwhile; one that is in a customer's call already is not torn out of it.
    pub fn engage(&mut self, world: &mut World) {
        let Some(seat) = self.seat.filter(|_| !self.engaged) else { return };
        if world.router.seat_state(seat).activity != Activity::OnCall {
            self.engaged = true;
            world.router.handle(world.now, Input::Engaged { call: self.base.id, seat, queue: None });
        }
    }

    /// The phone is picked up.
    pub fn pick_up(&mut self, world: &mut World) {
        let Some(body) = self.answer.take() else { return };
        let dialog = self.base.legs[0].dialog;
        if world.sip.answer(world.now, dialog, body).is_err() {
            world.counters.late += 1;
        }
        self.base.record(world, EventKind::PickedUp);
        self.base.probe_later(world, 0);
    }

    /// Says the last word and hangs up.
    pub fn tell(&mut self, world: &mut World, prompt: DeskPrompt, end: Cause) {
        self.pick_up(world);
        self.base.alarms.clear_all(world);
        self.state = State::Telling(end);
        self.say(world, prompt, end == Cause::Completed);
        self.base.alarm(world, Alarm::Linger, world.now + TOLD);
    }

    /// Says something to the phone.
    pub fn say(&mut self, world: &mut World, prompt: DeskPrompt, yes: bool) {
        let clips = world.desk_clips(prompt, yes);
        self.base.play += 1;
        let (stream, play) = (self.base.legs[0].media.stream, self.base.play);
        world.media(Command::Music { stream, on: false });
        world.media(Command::Play { stream, play, clips, barge_in: matches!(self.state, State::Asking(_)), then_music: false });
    }

    /// What the phone hears was played to its end.
    pub fn on_played(&mut self, world: &mut World, play: u64) {
        if play == self.base.play && matches!(self.state, State::Telling(_)) {
            self.told(world);
        }
    }

    fn told(&mut self, world: &mut World) {
        let cause = if let State::Telling(end) = self.state { end } else { Cause::Completed };
        self.finish(world, None, Side::System, cause, None);
    }

    /// It is not put through: in words to a phone that was picked up, by a status otherwise.
    pub fn refuse(&mut self, world: &mut World, why: NotPutThrough) {
        world.counters.not_put_through += 1;
        self.record(world, PhoneEvent::NotPutThrough { why });
        if self.answer.is_none() {
            self.leave_callee(world, OfferEnd::Withdrawn);
            self.free_seat(world);
            let barred = matches!(why, NotPutThrough::NotAllowed | NotPutThrough::OwnNumber);
            let prompt = if barred { DeskPrompt::NotAllowed } else { DeskPrompt::NobodyThere };
            return self.tell(world, prompt, Cause::NotPutThrough(why));
        }
        let (code, text) = words(why);
        let dialog = self.base.legs[0].dialog;
        if world.sip.decline(world.now, dialog, code, text).is_err() {
            world.counters.late += 1;
        }
        self.finish(world, Some(dialog), Side::System, Cause::NotPutThrough(why), None);
    }

    /// A party's dialog is over from its side.
    pub fn on_dialog_over(&mut self, world: &mut World, index: u8, cause: Cause, q850: Option<u8>) {
        let dialog = self.base.legs[index].dialog;
        if index == 0 {
            let side = if matches!(cause, Cause::Normal | Cause::Cancelled) { Side::Caller } else { Side::System };
            let cause = if let (State::Telling(end), Side::Caller) = (&self.state, side) { *end } else { cause };
            return self.finish(world, Some(dialog), side, cause, q850);
        }
        match self.state {
            State::Ringing(_) | State::Offered(..) => self.on_rejected(world, 503, cause == Cause::Unreachable),
            State::Talking(seat) => {
                let side = if seat.is_some() { Side::Agent } else { Side::Outside };
                self.finish(world, Some(dialog), side, cause, q850);
            }
            State::New | State::Asking(_) | State::Telling(_) | State::Queueing(_) => self.base.forget_leg(world, index),
        }
    }

    /// Ends every leg but the one whose dialog is over, and frees the seats.
    pub fn finish(&mut self, world: &mut World, over: Option<DialogId>, side: Side, cause: Cause, q850: Option<u8>) {
        if self.is_over() {
            return;
        }
        self.base.alarms.clear_all(world);
        self.leave_callee(world, OfferEnd::CallerGone);
        for index in self.base.legs.numbers() {
            if over == Some(self.base.legs[index].dialog) {
                self.base.forget_leg(world, index);
            } else {
                self.base.end_leg(world, index, q850);
            }
        }
        self.base.record(world, EventKind::HungUp { side, cause, q850 });
        self.base.phase = Phase::Done;
        if let State::Talking(Some(seat)) = self.state {
            world.router.handle(world.now, Input::Released { call: self.base.id, seat });
        }
        self.free_seat(world);
        self.base.record(world, EventKind::Archived);
    }

    /// The seat may have other calls again; its wrap-up follows a conversation only.
    fn free_seat(&mut self, world: &mut World) {
        let Some(seat) = self.seat.filter(|_| std::mem::take(&mut self.engaged)) else { return };
        release(world, self, seat, matches!(self.state, State::Talking(_)));
    }

    /// A phone on hold that is talked to again, or an SDP that came late.
    pub fn on_media_answer(&mut self, world: &mut World, index: u8, body: Option<&[u8]>) {
        if body.is_none() {
            return;
        }
        if matches!(self.state, State::Talking(_)) {
            self.base.on_answer_to_our_offer(world, index, body);
        } else if self.base.agree(world, index, body) {
            self.record_leg(world, index);
        }
        let held = || self.base.legs.numbers().iter().any(|index| self.base.legs[*index].holds);
        if matches!(self.state, State::Talking(_)) && !held() {
            self.base.bridge(world);
        }
    }

    pub fn on_alarm(&mut self, world: &mut World, alarm: Alarm) {
        self.base.alarms.clear(world, alarm);
        match alarm {
            Alarm::NoProgress => self.on_no_progress(world),
            Alarm::Ring => self.on_ring_over(world),
            Alarm::Linger => self.told(world),
            Alarm::Wish => self.on_keys_over(world),
            Alarm::Probe(leg) => self.base.probe(world, leg),
            Alarm::Keys(leg) => self.base.on_keys_over(world, leg),
            Alarm::Menu
            | Alarm::Survey
            | Alarm::LookUp
            | Alarm::Greeting
            | Alarm::Outside
            | Alarm::OutsideNoProgress
            | Alarm::OutsideRing
            | Alarm::Turn
            | Alarm::Rank
            | Alarm::Told
            | Alarm::Room
            | Alarm::Announce
            | Alarm::Closing
            | Alarm::Nobody
            | Alarm::Warn(_)
            | Alarm::Limit(_) => world.counters.late += 1,
        }
    }
}

/// Ends a seat's part in a call of its own.
pub(crate) fn release(world: &mut World, call: &OwnCall, seat: SeatId, talked: bool) {
    if !world.router.serves(seat, call.base.id) {
        return;
    }
    world.router.handle(world.now, Input::Released { call: call.base.id, seat });
    if !talked {
        world.router.handle(world.now, Input::WrapUpDone { seat });
    }
}

/// What the phone is answered, and what it may show.
fn words(why: NotPutThrough) -> (u16, &'static str) {
    match why {
        NotPutThrough::NoSuchNumber => (404, "no such number, seat, queue or code"),
        NotPutThrough::NotAllowed => (403, "this seat may not dial this number"),
        NotPutThrough::OwnNumber => (403, "a number of our own: the call would come back to us"),
        NotPutThrough::OtherHost => (403, "another host than ours"),
        NotPutThrough::NotSignedIn => (403, "nobody is signed in here: *10"),
        NotPutThrough::Busy => (486, "in a call"),
        NotPutThrough::Unreachable => (480, "signed out or not reachable"),
        NotPutThrough::NobodyThere => (480, "nobody is there"),
        NotPutThrough::TooMany => (403, "too many calls at a time"),
        NotPutThrough::NoRoom => (503, "no trunk, port or leg is free"),
    }
}
