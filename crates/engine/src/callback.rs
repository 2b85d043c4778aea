//! Call-back: the caller hangs up and keeps the place in the queue (virtual hold), or comes at a time of his choice. It is a call of its own without
//! a caller's leg: when an agent has answered, the customer is dialled over the trunks. One that reaches nobody is tried again, and never lost
//! without an event.

use crate::assess::Told;
use crate::call::{Call, Phase, Waiting};
use crate::codes::Who;
use crate::dues::Dues;
use crate::engine::Engine;
use crate::keys::KeyedCode;
use crate::leg::Legs;
use crate::live_clock::K8;
use crate::outside::Outsiders;
use crate::owner::Matter;
use crate::reply::Turns;
use crate::sounds::Sounds;
use crate::world::{Alarm, Alarms, World};
use hotline_ivr::Spoken;
use hotline_model::history::{CallBackEnd, EventKind, LookedUp, OfferEnd};
use hotline_model::{CallId, Name, Number, PhoneNumber, QueueId, Timestamp};
use hotline_router::Input;
use hotline_rules::{Callback, Plan};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a call-back waits for room in a full queue before it tries again.
const ROOM: Duration = Duration::from_secs(30);

/// The call-backs that are open: one for each number and queue.
#[derive(Debug, Default)]
pub(crate) struct CallBacks {
    open: BTreeMap<(QueueId, PhoneNumber), Place>,
}

/// The place of an open call-back.
#[derive(Clone, Copy, Debug)]
struct Place {
    call: CallId,
    since: Timestamp,
    breached: bool,
}

impl CallBacks {
    /// Whether a queue has all the call-backs it takes.
    pub fn is_full(&self, plan: &Plan, queue: QueueId) -> bool {
        self.open.keys().filter(|(of, _)| *of == queue).count() >= settings(plan, queue).limit as usize
    }

    fn get(&self, queue: QueueId, number: &PhoneNumber) -> Option<Place> {
        self.open.get(&(queue, number.clone())).copied()
    }
}

/// What a call-back is beside a call.
#[derive(Clone, Debug)]
pub(crate) struct Back {
    pub number: PhoneNumber,
    /// The call in which it was asked for.
    pub after: CallId,
    /// Its rank is that of a call whose answer clock was breached.
    pub breached: bool,
    /// Attempts that reached nobody.
    pub attempts: u8,
}

/// What one call wants done to others, or with new ones; the engine does it as soon as all machines are silent.
#[derive(Debug)]
pub(crate) enum Order {
    /// A call-back is opened and takes the place of the call in which it was asked for.
    Book(Box<Booking>),
    /// A call-back ends.
    End(CallId, CallBackEnd),
    /// A code was keyed in a call.
    Keyed(KeyedCode),
    /// Somebody keyed a PIN at a telephone.
    SignIn(CallId, Name, Who),
}

/// A call-back that was asked for.
#[derive(Debug)]
pub(crate) struct Booking {
    pub back: Back,
    pub dialled: Name,
    pub waiting: Waiting,
    /// What is to be done for the customer, and by when.
    pub dues: Dues,
    /// What sources said of the customer.
    pub looked_up: Vec<LookedUp>,
    /// When it is to enter the queue, if not now.
    pub at: Option<Timestamp>,
}

impl Engine {
    /// Does what a call asked for.
    pub(crate) fn on_order(&mut self, order: Order) {
        match order {
            Order::Book(booking) => self.book(*booking),
            Order::Keyed(keyed) => self.on_keyed(&keyed),
            Order::SignIn(call, phone, who) => {
                self.on_sign_in(call, &phone, &who);
                self.forget_over(call);
            }
            Order::End(call, why) => self.with_call(call, |call, world| call.end_call_back(world, why)),
        }
    }

    /// The new call waits before the old one's seat is freed: a seat that rings for it goes to none between them.
    fn book(&mut self, mut booking: Booking) {
        let (queue, after) = (booking.waiting.queue, booking.back.after);
        let before = self.world.call_backs.get(queue, &booking.back.number);
        // Others may have taken the last places since the caller began to ask.
        if before.is_none() && self.world.call_backs.is_full(&self.world.plan, queue) {
            return self.with_call(after, Call::tell_full);
        }
        if let Some(before) = before {
            booking.waiting.since = booking.waiting.since.min(before.since);
            booking.back.breached |= before.breached;
            self.with_call(before.call, |call, world| call.end_call_back(world, CallBackEnd::Replaced));
        }
        self.with_call(after, Call::make_room);
        let id = self.next_id();
        self.calls.insert(id, Call::to_call_back(&self.world, id, &booking));
        self.with_call(id, |call, world| call.open_call_back(world, booking));
        self.with_call(after, |call, world| call.leave_to_call_back(world, id));
    }
}

impl Call {
    /// In a full queue there is no room for both.
    fn make_room(&mut self, world: &mut World) {
        if matches!(self.phase, Phase::Waiting(_)) {
            world.router.handle(world.now, Input::Leave { call: self.id });
        }
    }

    /// The queue is full as its turn comes: a little later, at its place.
    pub fn wait_for_room(&mut self, world: &mut World, waiting: Waiting) {
        let (at, attempts) = (world.now + ROOM, self.back.as_ref().map_or(0, |back| back.attempts));
        self.alarms.clear(world, Alarm::Rank);
        self.record(world, EventKind::CallBackLater { at: at.to_wall(world.wall_offset), attempts });
        self.come_later(world, waiting, at);
    }

    fn to_call_back(world: &World, id: CallId, booking: &Booking) -> Self {
        Self {
            id,
            dialled: booking.dialled.clone(),
            from: Number::new(booking.back.number.digits()),
            arrived: world.now,
            phase: Phase::Later(booking.waiting.clone()),
            legs: Legs::default(),
            outside: Outsiders::default(),
            heard: None,
            to_say: None,
            unheard: Vec::new(),
            looked_up: booking.looked_up.clone(),
            asked: None,
            back: Some(Box::new(booking.back.clone())),
            wish: None,
            left: Vec::new(),
            wanted: None,
            alone_since: None,
            led_out: 0,
            clocks: Vec::new(),
            alarms: Alarms::default(),
            play: 0,
            turns: Turns::default(),
            matter: Matter::default(),
            dues: booking.dues.clone(),
            sounds: Sounds::default(),
            greeting: None,
            early: None,
            turned_away: None,
            no_message: false,
        }
    }

    fn open_call_back(&mut self, world: &mut World, booking: Booking) {
        let Booking { back, waiting, at, .. } = booking;
        let arrived = EventKind::Arrived {
            dialled: self.dialled.clone(),
            from: self.from.clone(),
            source: ([0, 0, 0, 0], 0).into(),
            sip_call_id: String::new(),
            revision: world.plan.revision,
        };
        self.record(world, arrived);
        // Nobody is asked again: a restart reads here what was said.
        self.looked_up.iter().for_each(|one| self.record(world, EventKind::LookedUp(Box::new(one.clone()))));
        let queue = world.plan.queue(waiting.queue).name.clone();
        let offset = world.wall_offset;
        let (since, answer_by) = (waiting.since.to_wall(offset), waiting.answer_by.to_wall(offset));
        let plan = Arc::clone(&world.plan);
        self.record_profile(world, &plan, &waiting.profile);
        self.matter.told = Told::of(&world.plan.priorities, &waiting.profile);
        let opened = EventKind::CallBackOpened {
            after: back.after,
            queue,
            since,
            answer_by,
            breached: back.breached,
            at: at.map(|at| at.to_wall(offset)),
        };
        self.record(world, opened);
        world.counters.call_backs += 1;
        match at {
            Some(at) => {
                let answer_by = at + world.plan.timers.answer;
                self.come_later(world, Waiting { since: at, answer_by, ..waiting }, at);
            }
            None => {
                self.phase = Phase::Later(waiting);
                self.take_turn(world);
            }
        }
    }

    pub fn register(&self, world: &mut World, waiting: &Waiting) {
        if let Some(back) = &self.back {
            let place = Place { call: self.id, since: waiting.since, breached: back.breached };
            world.call_backs.open.insert((waiting.queue, back.number.clone()), place);
        }
    }

    /// It is no longer one of the open call-backs.
    pub fn unregister(&self, world: &mut World) {
        if self.back.is_some() {
            world.call_backs.open.retain(|_, place| place.call != self.id);
        }
    }

    pub fn come_later(&mut self, world: &mut World, waiting: Waiting, at: Timestamp) {
        self.register(world, &waiting);
        self.phase = Phase::Later(waiting);
        self.alarm(world, Alarm::Turn, at);
    }

    /// It waits from now on as a call would that had been there since its entry (R19 runs from the first time).
    pub fn take_turn(&mut self, world: &mut World) {
        let Phase::Later(waiting) = &self.phase else { return };
        let mut waiting = waiting.clone();
        waiting.queue = self.instead_of(&world.plan, waiting.queue).unwrap_or(waiting.queue);
        let name = world.plan.queue(waiting.queue).name.clone();
        self.record(world, EventKind::Queued { queue: name, priority: waiting.profile.priority });
        if !self.has_clock(K8) {
            let limit = world.plan.timers.deferred_response;
            self.start_clock(world, K8, world.now, limit);
        }
        self.wait_for_seat(world, waiting);
    }

    /// Hands it to the router at its rank.
    pub fn wait_for_seat(&mut self, world: &mut World, waiting: Waiting) {
        self.unregister(world);
        self.register(world, &waiting);
        self.phase = Phase::Waiting(waiting.clone());
        self.wait(world, &waiting);
        if self.back.as_ref().is_some_and(|back| back.breached) || waiting.answer_by <= world.now {
            self.rank_as_breached(world);
        } else {
            self.alarm(world, Alarm::Rank, waiting.answer_by);
        }
    }

    /// A call that waited on the line would be breached by now: it goes first in its priority.
    pub fn rank_as_breached(&mut self, world: &mut World) {
        if let (Some(back), Phase::Waiting(waiting) | Phase::Offered(waiting, _)) = (&mut self.back, &self.phase) {
            back.breached = true;
            let waiting = waiting.clone();
            self.register(world, &waiting);
            world.router.handle(world.now, Input::Breached { call: self.id });
        }
    }

    /// The caller is told that the place is kept, and is to hang up.
    pub fn leave_to_call_back(&mut self, world: &mut World, to: CallId) {
        let (Phase::Waiting(waiting) | Phase::Offered(waiting, _)) = &self.phase else { return };
        let language = waiting.profile.language;
        self.dues.hand_on();
        self.record(world, EventKind::CallBackBooked { call: to });
        if let Phase::Offered(_, offer) = &self.phase {
            let offer = *offer;
            self.end_leg(world, offer.leg, None);
            self.offer_over(world, offer.seat, OfferEnd::Withdrawn);
        }
        self.drop_outside(world, OfferEnd::Withdrawn);
        world.router.handle(world.now, Input::Leave { call: self.id });
        self.drop_clocks(world);
        self.alarms.clear_all(world);
        self.reply_due(world);
        self.play(world, &[Spoken { language, prompt: "callback-booked".into() }], false, false);
        self.say_goodbye(world);
    }

    /// Whether it is an open call-back and no call yet, or a message: nobody is on any line, but for a seat that rings.
    pub fn is_resting(&self) -> bool {
        self.is_message() || self.back.is_some() && matches!(self.phase, Phase::Waiting(_) | Phase::Offered(..) | Phase::Later(_))
    }

    /// Whether its caller is gone and a message of his is there.
    pub fn is_message(&self) -> bool {
        matches!(&self.phase, Phase::Message(message) if message.is_open())
    }

    /// The hotline ends: the call-back stays open in the journal, and the next start takes it up.
    pub fn rest_for_shutdown(&mut self, world: &mut World) {
        self.drop_outside(world, OfferEnd::Withdrawn);
        if let Phase::Offered(_, offer) = &self.phase {
            let seat = offer.seat;
            self.offer_over(world, seat, OfferEnd::Withdrawn);
        }
        for leg in self.legs.numbers() {
            self.end_leg(world, leg, None);
        }
        self.alarms.clear_all(world);
        world.router.handle(world.now, Input::Leave { call: self.id });
    }

    /// The same caller is on the line again: the call takes the place of the call-back, which ends.
    pub fn take_call_back_up(&mut self, world: &mut World, waiting: &mut Waiting) -> bool {
        let Ok(number) = PhoneNumber::parse(self.from.reveal()) else { return false };
        let Some(place) = world.call_backs.get(waiting.queue, &number) else { return false };
        world.orders.push_back(Order::End(place.call, CallBackEnd::CameBack(self.id)));
        waiting.since = waiting.since.min(place.since);
        let since = waiting.since.to_wall(world.wall_offset);
        self.record(world, EventKind::PlaceKept { since, after: place.call });
        place.breached
    }
}

/// How a queue calls back; one that does so no longer as most do.
pub(crate) fn settings(plan: &Plan, queue: QueueId) -> Callback {
    plan.queue(queue).outward.callback.clone().unwrap_or_default()
}
