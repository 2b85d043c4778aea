//! `Phase::Waiting` and `Phase::Offered`: a call in a queue, the seat that rings for it, and what becomes of the ring.

use crate::call::{Call, Offer, Phase, Talking, Waiting};
use crate::closing::Way;
use crate::leg::{Leg, LegMedia, preferring};
use crate::live_clock::{K3, K4, K5, K10, K11};
use crate::world::{Alarm, World};
use hotline_ivr::Spoken;
use hotline_media::Command;
use hotline_model::history::{Cause, ClockChange, DecidingKey, Direction, EventKind, OfferEnd, WhyLeft};
use hotline_model::{CallId, CustomerLevel, Decision, Kind, LanguageId, LegRole, Profile, QueueId, SeatId};
use hotline_router::Input;
use hotline_rules::Plan;
use hotline_sip::{DialogId, Invite};
use std::sync::Arc;
use std::time::Duration;

/// How often a caller who waits again asks for a place in a queue that is full.
const ROOM: Duration = Duration::from_secs(5);
/// What we answer the router with when a seat can't even be called.
const NO_PORT_STATUS: u16 = 503;

/// Frees a seat whose router gave it a call in which nobody talked with it: no wrap-up follows.
pub(crate) fn release_untalked(world: &mut World, call: CallId, seat: SeatId) {
    world.router.handle(world.now, Input::Released { call, seat });
    if world.router.call_of(seat) == Some(call) {
        world.router.handle(world.now, Input::WrapUpDone { seat });
    }
}

impl Call {
    /// t2: the menus are over, the caller wants a person.
    pub fn enter_queue(&mut self, world: &mut World, queue: QueueId, mut profile: Profile, before: Vec<Spoken>) {
        let queue = self.instead_of(&world.plan, queue).unwrap_or(queue);
        self.alarms.clear(world, Alarm::Menu);
        let plan = Arc::clone(&world.plan);
        self.classify(world, &plan, &profile);
        self.recognise(world, &mut profile);
        let (queue, said) = match self.way_in(world, queue, &profile) {
            Way::Queue(queue, said) => (queue, [before, said].concat()),
            Way::Else(go, said) => {
                let plan = Arc::clone(&world.plan);
                return self.go_elsewhere(world, plan, go, &[before, said].concat(), profile);
            }
        };
        // Who is turned away at the door leaves nothing with us.
        self.dues.know(&profile, world.wall());
        let name = world.plan.queue(queue).name.clone();
        self.record(world, EventKind::Queued { queue: name, priority: profile.priority });
        world.counters.queued += 1;
        let since = self.wanted.unwrap_or(world.now);
        let (start, limit) = (self.answer_clock_since(world, since), world.plan.timers.answer);
        let mut waiting = Waiting { queue, profile, since, answer_by: start + limit };
        let was_breached = self.take_place_up(world, &mut waiting) | self.take_call_back_up(world, &mut waiting);
        self.phase = Phase::Waiting(waiting.clone());
        if self.wanted.replace(since).is_none() {
            self.start_clock(world, K3, start, limit);
        }
        let say = world.plan.queue(queue).say.clone();
        let parts = [said, self.spoken(world, &say, &waiting.profile)].concat();
        self.play(world, &parts, false, true);
        self.wait(world, &waiting);
        if self.is_breached(K3) {
            self.overflow_late(world);
        } else if was_breached {
            world.router.handle(world.now, Input::Breached { call: self.id });
        }
    }

    /// Hands a call that enters a queue to the router at its rank.
    pub fn wait(&mut self, world: &mut World, waiting: &Waiting) {
        self.hand_to_router(world, waiting, false);
    }

    /// Hands a call that waits already to the router, which does not know it yet, or no longer.
    pub fn keep_waiting(&mut self, world: &mut World, waiting: &Waiting) {
        self.hand_to_router(world, waiting, true);
    }

    fn hand_to_router(&mut self, world: &mut World, waiting: &Waiting, admitted: bool) {
        let Waiting { queue, profile, since, answer_by } = waiting.clone();
        world.router.handle(world.now, Input::Wait { call: self.id, queue, profile, since, answer_by, admitted });
        let every = world.plan.queue(queue).announce_every;
        if !every.is_zero() && self.back.is_none() {
            self.alarm(world, Alarm::Announce, world.now + every);
        }
        self.alone_since = None;
        self.watch_queue(world);
    }

    /// The queue takes no more: the next one along its overflows does, or a busy prompt follows, never silence.
    pub fn on_queue_full(&mut self, world: &mut World) {
        if self.transfer().is_some() {
            return self.on_no_receiver(world);
        }
        let Phase::Waiting(waiting) = &self.phase else { return };
        let (language, full) = (waiting.profile.language, waiting.queue);
        if let Some(queue) = self.room_beyond(world, waiting.queue) {
            return self.move_to(world, queue);
        }
        if self.back.is_some() {
            let waiting = waiting.clone();
            return self.wait_for_room(world, waiting);
        }
        // Who has talked with an agent is not told to try later, though the rules have no queue for the call any more.
        if self.matter.waiting.is_some() {
            return self.alarm(world, Alarm::Room, world.now + ROOM);
        }
        self.drop_outside(world, OfferEnd::Withdrawn);
        self.record(
            world,
            EventKind::LeftQueue { queue: world.plan.queue(full).name.clone(), why: WhyLeft::Full(world.plan.revision), to: None },
        );
        self.drop_clocks(world);
        self.alarms.clear_all(world);
        self.turn_away(world, language);
    }

    /// Nobody is to wait on: the caller is told to try later.
    pub fn turn_away(&mut self, world: &mut World, language: LanguageId) {
        self.play(world, &[Spoken { language, prompt: "busy-try-later".into() }], false, false);
        self.turned_away = Some(Cause::QueuesFull);
        self.say_goodbye(world);
    }

    /// There may be room now for a call that waits again.
    pub fn ask_for_room(&mut self, world: &mut World) {
        let Phase::Waiting(waiting) = &self.phase else { return };
        let waiting = waiting.clone();
        self.wait(world, &waiting);
        world.router.handle(world.now, Input::Breached { call: self.id });
    }

    /// The router offers the call to a seat: its phone is called in the same step.
    pub fn on_offer(&mut self, world: &mut World, seat: SeatId, ring: Duration, decision: &Decision) {
        if self.transfer().is_some() {
            return self.on_receiver_found(world, seat, ring);
        }
        if let Phase::Offered(_, offer) = &self.phase {
            let (leg, rings_at) = (offer.leg, offer.seat);
            if rings_at == seat {
                // The router had taken the offer back and made it again in the same step: the phone rings already.
                return self.alarm(world, Alarm::Ring, world.now + ring);
            }
            self.end_leg(world, leg, None);
            self.offer_over(world, rings_at, OfferEnd::Withdrawn);
        }
        let Phase::Waiting(waiting) = &self.phase else {
            // To call the offer failed would have it made again at once, and again.
            return world.router.handle(world.now, Input::Leave { call: self.id });
        };
        let waiting = waiting.clone();
        let name = world.seat_name(seat);
        let ring_ms = u32::try_from(ring.as_millis()).unwrap_or(u32::MAX);
        self.record(world, EventKind::Offered { seat: name.clone(), decision: decision.seq, ring_ms });
        match self.invite_seat(world, seat, 0, &waiting, Some(decision.key)) {
            Ok(leg) => {
                self.phase = Phase::Offered(waiting, Offer { seat, leg, rang: false, tried: 0, answered: false });
                let no_progress = world.plan.timers.no_progress;
                self.alarm(world, Alarm::NoProgress, world.now + no_progress);
                self.alarm(world, Alarm::Ring, world.now + ring);
            }
            Err(why) => self.offer_failed(world, seat, why),
        }
    }

    /// Calls the seat at its next contact.
    pub fn invite_seat(
        &mut self,
        world: &mut World,
        seat: SeatId,
        tried: usize,
        waiting: &Waiting,
        why: Option<DecidingKey>,
    ) -> Result<u8, OfferEnd> {
        let (target, flow) = world.contacts_of(seat).into_iter().nth(tried).ok_or(OfferEnd::Unreachable)?;
        let mut media = LegMedia::lease(world, flow.remote.ip()).ok_or(OfferEnd::Rejected(NO_PORT_STATUS))?;
        let body = hotline_sdp::offer(&media.local(world, preferring(self.caller_codec())), Direction::SendRecv);
        let (local_party, headers) = self.for_seat(world, seat, waiting, why);
        let invite = Invite {
            target,
            flow,
            local_party,
            remote_party: format!("<sip:{}@{}>", world.seat_name(seat), world.identity),
            headers,
            body,
        };
        let Ok(dialog) = world.sip.invite(world.now, invite) else {
            media.close(world);
            return Err(OfferEnd::Rejected(NO_PORT_STATUS));
        };
        let index = self.legs.free().expect("a seat and somebody outside ring at most");
        self.add_leg(world, index, Leg { seat: Some(seat), ..Leg::new(dialog, LegRole::Agent, media) });
        Ok(index)
    }

    /// A leg that we call.
    pub fn add_leg(&mut self, world: &mut World, index: u8, leg: Leg) {
        let dialog = leg.dialog;
        world.dialogs.insert(dialog, (self.id, index));
        world.streams.insert(leg.media.stream, (self.id, index));
        self.legs.put(index, leg);
        if let Some((facts, branch)) = world.sip.inviting(dialog) {
            self.record(world, EventKind::Inviting { leg: index, dialog: Box::new(facts), branch });
        }
    }

    /// 1xx from the seat's phone.
    pub fn on_progress(&mut self, world: &mut World, code: u16) {
        self.alarms.clear(world, Alarm::NoProgress);
        let Phase::Offered(_, offer) = &mut self.phase else { return };
        if code < 180 || offer.rang {
            return;
        }
        offer.rang = true;
        let seat = offer.seat;
        let name = world.seat_name(seat);
        self.record(world, EventKind::Ringing { seat: name });
        world.router.handle(world.now, Input::Ringing { call: self.id, seat });
    }

    /// The seat's phone was answered: the router says whether in time.
    pub fn on_seat_answered(&mut self, world: &mut World, body: Option<&[u8]>) {
        let Phase::Offered(_, offer) = &mut self.phase else { return };
        offer.answered = true;
        let offer = *offer;
        if !self.agree(world, offer.leg, body) {
            self.end_leg(world, offer.leg, None);
            self.offer_failed(world, offer.seat, OfferEnd::Rejected(488));
            return;
        }
        self.alarms.clear(world, Alarm::NoProgress);
        self.alarms.clear(world, Alarm::Ring);
        if world.router.is_far(self.id) {
            self.record_leg(world, offer.leg);
        }
        world.router.handle(world.now, Input::Answered { call: self.id, seat: offer.seat });
    }

    /// t3: the agent has the call; both are bridged in this step.
    pub fn on_answer_taken(&mut self, world: &mut World, seat: SeatId) {
        if self.transfer().is_some() {
            return self.on_receiver_taken_in_time(world, seat);
        }
        let Phase::Offered(waiting, offer) = &self.phase else { return self.on_answer_of_nobody(world, seat) };
        let (waiting, complaint, offer) = (waiting.clone(), waiting.profile.kind == Some(Kind::Complaint), *offer);
        if offer.seat != seat || !offer.answered {
            return self.on_answer_of_nobody(world, seat);
        }
        let dedicated = waiting.profile.customer_level == CustomerLevel::HighValue;
        self.drop_outside(world, OfferEnd::Withdrawn);
        self.drop_wish(world);
        for alarm in [Alarm::NoProgress, Alarm::Ring, Alarm::Announce, Alarm::Closing, Alarm::Nobody] {
            self.alarms.clear(world, alarm);
        }
        if self.back.is_none() {
            self.dues.answer(world.wall());
        }
        self.answer_early(world);
        self.record(world, EventKind::Answered { seat: world.seat_name(offer.seat) });
        if !world.router.is_far(self.id) {
            self.record_leg(world, offer.leg);
        }
        self.probe_later(world, offer.leg);
        let first = self.matter.owner.is_none();
        self.own_first(world, offer.seat, waiting.clone());
        if self.back.is_some() {
            return self.reach_customer(world, waiting, offer.seat, offer.leg);
        }
        if first {
            self.count_answer(world);
        }
        self.stop_clock(world, K3, ClockChange::Met);
        self.phase = Phase::Talking(Talking { seat: Some(offer.seat), leg: offer.leg });
        self.greet(world, &waiting);
        if first {
            self.start_talk_clocks(world, dedicated, complaint);
        }
    }

    /// The offer was over for us when the router took its answer: nobody talked, and the router has the call in no line any more.
    fn on_answer_of_nobody(&mut self, world: &mut World, seat: SeatId) {
        world.counters.late += 1;
        release_untalked(world, self.id, seat);
        if let Phase::Waiting(waiting) = &self.phase {
            let waiting = waiting.clone();
            self.wait_on(world, &waiting);
        }
    }

    /// The queue is of another group by new rules: the call waits with that group's router.
    pub fn on_other_group(&mut self, world: &mut World) {
        match &self.phase {
            Phase::Waiting(waiting) => {
                let waiting = waiting.clone();
                self.wait_on(world, &waiting);
            }
            Phase::Transferring(_) => self.look_anew(world),
            Phase::Menu(_)
            | Phase::Led(_)
            | Phase::Offered(..)
            | Phase::Later(_)
            | Phase::Reaching(..)
            | Phase::Talking(_)
            | Phase::Survey(_)
            | Phase::Message(_)
            | Phase::Goodbye
            | Phase::WrapUp
            | Phase::Done => {}
        }
    }

    /// Waits at the old rank with a router that does not know the call yet, or no longer.
    pub fn wait_on(&mut self, world: &mut World, waiting: &Waiting) {
        self.keep_waiting(world, waiting);
        if self.is_breached(K3) {
            self.tell_router_of_breach(world, waiting.queue);
        }
        if self.back.as_ref().is_some_and(|back| back.breached) {
            self.rank_as_breached(world);
        }
    }

    fn count_answer(&mut self, world: &mut World) {
        world.counters.answered += 1;
        self.calibrate(world);
        if !self.is_breached(K3) {
            world.counters.answered_in_time += 1;
        }
    }

    /// A dedicated session is free of the 15 minutes of K5 and has 30 at least (R45, H14).
    pub fn start_talk_clocks(&mut self, world: &mut World, dedicated: bool, complaint: bool) {
        let plan: Arc<Plan> = Arc::clone(&world.plan);
        let handling = if dedicated { (K10, plan.timers.dedicated_min) } else { (K5, plan.timers.handling) };
        let complaint = complaint.then_some((K11, plan.timers.complaint_record));
        for (number, limit) in [(K4, plan.timers.first_communication), handling].into_iter().chain(complaint) {
            self.start_clock(world, number, world.now, limit);
        }
    }

    /// The seat's phone refused, or could not be reached.
    pub fn on_seat_rejected(&mut self, world: &mut World, code: u16, local: bool) {
        let Phase::Offered(_, offer) = &self.phase else { return };
        let seat = offer.seat;
        let why = if local { OfferEnd::Unreachable } else { OfferEnd::Rejected(code) };
        let leg = offer.leg;
        self.forget_leg(world, leg);
        if local && self.try_next_contact(world) {
            return;
        }
        self.offer_failed(world, seat, why);
    }

    /// No 1xx within `timers.no_progress`.
    pub fn on_no_progress(&mut self, world: &mut World) {
        if self.transfer().is_some() {
            return self.on_receiver_no_progress(world);
        }
        let Phase::Offered(_, offer) = &self.phase else { return };
        let offer = *offer;
        self.end_leg(world, offer.leg, None);
        if !self.try_next_contact(world) {
            self.offer_failed(world, offer.seat, OfferEnd::Unreachable);
        }
    }

    /// The same offer at the seat's next contact: one dead phone must not hide a live one.
    fn try_next_contact(&mut self, world: &mut World) -> bool {
        let Phase::Offered(waiting, offer) = &self.phase else { return false };
        let (waiting, offer) = (waiting.clone(), *offer);
        let tried = offer.tried + 1;
        let Ok(leg) = self.invite_seat(world, offer.seat, tried, &waiting, None) else { return false };
        self.phase = Phase::Offered(waiting, Offer { leg, tried, rang: false, answered: false, ..offer });
        let no_progress = world.plan.timers.no_progress;
        self.alarm(world, Alarm::NoProgress, world.now + no_progress);
        true
    }

    /// The ring is over: RONA if the phone said that it rang.
    pub fn on_ring_over(&mut self, world: &mut World) {
        if self.transfer().is_some() {
            return self.on_receiver_ring_over(world);
        }
        let Phase::Offered(_, offer) = &self.phase else { return };
        let why = if offer.rang { OfferEnd::Rona } else { OfferEnd::Unreachable };
        if why == OfferEnd::Rona {
            world.counters.rona += 1;
        }
        self.give_up_offer(world, why);
    }

    /// The router took the offer back (the seat signed out); the call is first in line there already.
    pub fn on_withdraw(&mut self, world: &mut World, seat: SeatId) {
        if self.transfer().is_some() {
            return self.on_receiver_withdrawn(world, seat);
        }
        if let Phase::Offered(_, offer) = &self.phase
            && offer.seat == seat
        {
            let leg = offer.leg;
            self.end_leg(world, leg, None);
            self.offer_over(world, seat, OfferEnd::Withdrawn);
            self.leave_retired_queue(world);
        }
    }

    /// The router had ended the offer that was answered: that seat is hung up, and the call waits on as if nobody had answered, with its music,
    /// its answer clock and its announcements.
    pub fn on_late_answer(&mut self, world: &mut World, seat: SeatId) {
        if self.transfer().is_some() {
            return self.on_late_receiver(world, seat);
        }
        let Phase::Offered(_, offer) = &self.phase else { return };
        let offer = *offer;
        if offer.seat != seat || !offer.answered {
            return;
        }
        world.counters.late += 1;
        self.end_leg(world, offer.leg, None);
        self.offer_over(world, offer.seat, OfferEnd::Withdrawn);
        self.leave_retired_queue(world);
    }

    fn give_up_offer(&mut self, world: &mut World, why: OfferEnd) {
        let Phase::Offered(_, offer) = &self.phase else { return };
        let offer = *offer;
        self.end_leg(world, offer.leg, None);
        self.offer_failed(world, offer.seat, why);
    }

    /// Back to waiting at the old rank; the router's next offer goes out in this step.
    fn offer_failed(&mut self, world: &mut World, seat: SeatId, why: OfferEnd) {
        self.offer_over(world, seat, why);
        world.router.handle(world.now, Input::Failed { call: self.id, seat, why });
        self.leave_retired_queue(world);
    }

    pub fn offer_over(&mut self, world: &mut World, seat: SeatId, why: OfferEnd) {
        self.alarms.clear(world, Alarm::NoProgress);
        self.alarms.clear(world, Alarm::Ring);
        let name = world.seat_name(seat);
        self.record(world, EventKind::OfferEnded { seat: name, why });
        if let Phase::Offered(waiting, _) = &self.phase {
            self.phase = Phase::Waiting(waiting.clone());
        }
    }

    /// The next announcement is due (R75).
    pub fn on_announce(&mut self, world: &mut World) {
        let (Phase::Waiting(waiting) | Phase::Offered(waiting, _)) = &self.phase else { return };
        let waiting = waiting.clone();
        let queue = world.plan.queue(waiting.queue);
        let (usual, every) = (queue.announce.clone(), queue.announce_every);
        if !every.is_zero() && self.is_told_soon(world, &waiting) {
            return self.alarm(world, Alarm::Announce, waiting.answer_by + every);
        }
        let mut say = self.news(world);
        if !every.is_zero() {
            say.extend(usual);
            self.alarm(world, Alarm::Announce, world.now + every);
        }
        let parts = self.announcement(world, &say, &waiting);
        self.announce(world, &parts);
    }

    /// Nothing else is said meanwhile.
    pub fn is_asked_for_keys(&self) -> bool {
        self.wish.is_some() || self.back.is_some()
    }

    /// Says something to a waiting caller; music goes on after it.
    pub fn announce(&mut self, world: &mut World, parts: &[Spoken]) {
        let Some(first) = parts.first() else { return };
        if self.is_asked_for_keys() {
            return;
        }
        self.record(world, EventKind::Announced { prompt: first.prompt.clone() });
        self.play(world, parts, false, true);
    }

    /// Bridges caller and agent; what the caller heard stops.
    pub fn bridge(&mut self, world: &mut World) {
        let a = self.caller().media.stream;
        world.media(Command::Stop { stream: a });
        world.media(Command::Music { stream: a, on: false });
        self.sounds.music.retain(|leg| *leg != 0);
        self.arrange(world);
    }

    /// Takes a peer's SDP answer for a leg; false if it can't be used.
    pub fn agree(&mut self, world: &mut World, index: u8, body: Option<&[u8]>) -> bool {
        let preferred = preferring(self.caller_codec());
        let Some(leg) = self.legs.get_mut(index) else { return false };
        let Some(answer) = body.and_then(|body| hotline_sdp::parse(body).ok()) else { return false };
        let local = leg.media.local(world, preferred);
        let Ok(agreed) = hotline_sdp::accept(&answer, &local, Direction::SendRecv) else { return false };
        leg.media.agree(world, agreed);
        true
    }

    /// Whether a dialog is the seat that rings now.
    pub fn is_ringing(&self, dialog: DialogId) -> bool {
        matches!(&self.phase, Phase::Offered(_, offer) if self.legs[offer.leg].dialog == dialog)
    }
}
