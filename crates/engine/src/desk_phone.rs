//! The INVITE of a seat's own phone: whose it is, where it goes, and the codes it may be.

use crate::call::Call;
use crate::codes::{self, Asked, Who};
use crate::dial::{Dial, resolve};
use crate::engine::{Engine, Output};
use crate::hot_desk::NoSignIn;
use crate::leg::{Leg, LegMedia};
use crate::own_call::{Asking, OwnCall, State};
use crate::own_ring::Way;
use crate::pick_up::{RETRY_AFTER, negotiate};
use crate::world::{Alarm, World};
use hotline_media::Clip;
use hotline_model::history::{Callee, Cause, CodeRefusal, EventKind, NotPutThrough, PhoneEvent, Side};
use hotline_model::{CallId, DeskOrder, LegRole, Name, Number, SeatId};
use hotline_rules::DeskPrompt;
use hotline_sip::{DialogId, IncomingInvite, Reject};
use std::sync::Arc;
use std::time::Duration;

/// Most calls of one telephone at a time, codes included: phones have a few lines.
const MOST_CALLS: usize = 6;
/// Attempts at a PIN in one call.
const ATTEMPTS: u8 = 3;
/// How long the first key of a PIN is awaited, and each further one.
const FIRST_KEY: Duration = Duration::from_secs(12);
const NEXT_KEY: Duration = Duration::from_secs(5);

impl Engine {
    /// Takes the INVITE of a seat's phone that dials no number of the hotline. `false`: it is a customer's, or a stranger's.
    pub(crate) fn seat_calls(&mut self, dialog: DialogId, invite: &IncomingInvite, is_closed: bool) -> bool {
        if self.world.plan.dialled.get(&invite.to_user).is_some() {
            return false;
        }
        let Some(phone) = self.world.phone_that_calls(invite) else { return self.ask_who(dialog, invite) };
        let (seat, is_own) = (self.world.seat_at(&phone), self.world.own_seat(&phone).is_some());
        let dial = resolve(&self.world, invite, seat, is_own);
        if is_closed && !matches!(dial, Dial::Emergency(_)) {
            return false;
        }
        let Some(id) = self.begin(dialog, invite, phone, seat, &dial) else { return true };
        self.put_through(id, invite, dial);
        self.forget_over(id);
        true
    }

    /// Whoever was let in without an account, but is named like one, may be a seat's phone: it is asked.
    fn ask_who(&mut self, dialog: DialogId, invite: &IncomingInvite) -> bool {
        let named = self.world.has_account(&invite.from_user);
        named && invite.account.is_none() && self.world.sip.ask_who(self.world.now, dialog, &invite.from_user).is_ok()
    }

    /// The call, with its port and our SDP; `None`: it was refused.
    fn begin(&mut self, dialog: DialogId, invite: &IncomingInvite, phone: Name, seat: Option<SeatId>, dial: &Dial) -> Option<CallId> {
        let Some(mut media) = LegMedia::lease(&mut self.world, invite.flow.remote.ip()) else {
            self.world.counters.no_port += 1;
            self.turn_off(dialog, 503, Some(RETRY_AFTER));
            return None;
        };
        let Ok(answer) = negotiate(&mut self.world, &mut media, invite) else {
            media.close(&mut self.world);
            self.world.counters.unacceptable_sdp += 1;
            self.turn_off(dialog, 488, None);
            return None;
        };
        let id = self.next_id();
        let world = &mut self.world;
        world.counters.seats_called += 1;
        world.dialogs.insert(dialog, (id, 0));
        world.streams.insert(media.stream, (id, 0));
        let (callee, dialled, from) = shown(world, invite, &phone, dial);
        let mut base = Call::new(world, id, dialled, from);
        base.legs.put(0, Leg { seat, ..Leg::new(dialog, LegRole::Agent, media) });
        let arrived = EventKind::Arrived {
            dialled: base.dialled.clone(),
            from: base.from.clone(),
            source: invite.flow.remote,
            sip_call_id: invite.call_id.clone(),
            revision: world.plan.revision,
        };
        base.record(world, arrived);
        let call = OwnCall { base, phone: phone.clone(), seat, state: State::New, answer: Some(answer), engaged: false };
        call.record(world, PhoneEvent::Calls { phone, seat: seat.map(|seat| world.seat_name(seat)), callee });
        self.own.insert(id, call);
        Some(id)
    }

    fn turn_off(&mut self, dialog: DialogId, code: u16, retry_after: Option<u32>) {
        if self.world.sip.reject(self.world.now, dialog, Reject { code, q850: None, retry_after }).is_err() {
            self.world.counters.late += 1;
        }
    }

    fn put_through(&mut self, id: CallId, invite: &IncomingInvite, dial: Dial) {
        if let Dial::Code(asked) = dial {
            let asked = asked.ok();
            return self.on_dialled_code(id, &codes::shown(&invite.to_user), asked);
        }
        let too_many = self.has_too_many(id, &dial);
        self.with_own(id, |call, world| match dial {
            _ if too_many => call.refuse(world, NotPutThrough::TooMany),
            Dial::Seat(seat) => call.call_seat(world, seat),
            Dial::Queue(queue) => call.call_queue(world, queue),
            Dial::Outside(number, trunks) => call.call_outside(world, Way { number, trunks, emergency: false }, 0),
            Dial::Emergency(number) => {
                world.counters.emergency_calls += 1;
                world.emergency_called(world.now);
                world.outputs.push_back(Output::BindingsChanged);
                call.record(world, PhoneEvent::Emergency { number: number.digits().into() });
                let trunks = world.trunks.best_first(world.now, &world.plan);
                call.call_outside(world, Way { number, trunks, emergency: true }, 0);
            }
            Dial::Nowhere(why) => call.refuse(world, why),
            Dial::Code(_) => {}
        });
    }

    /// Emergency calls have no limit.
    fn has_too_many(&self, id: CallId, dial: &Dial) -> bool {
        let Some(call) = self.own.get(&id) else { return false };
        let of_phone = self.own.values().filter(|other| other.phone == call.phone).count();
        let outside = || self.own.values().filter(|other| other.is_outside());
        match (dial, call.seat) {
            (Dial::Emergency(_), _) => false,
            (Dial::Outside(..), Some(seat)) => {
                let of_seat = outside().filter(|other| other.seat == Some(seat)).count();
                let (mine, all) = (self.world.plan.dial_limit(seat), self.world.plan.outbound.limit);
                of_seat >= mine as usize || outside().count() >= all as usize || of_phone > MOST_CALLS
            }
            (Dial::Outside(..) | Dial::Code(_) | Dial::Seat(_) | Dial::Queue(_) | Dial::Nowhere(_), _) => of_phone > MOST_CALLS,
        }
    }

    /// A code was dialled: it is carried out before anything is said, so that a phone that hangs up at once has said it too.
    fn on_dialled_code(&mut self, id: CallId, code: &Name, asked: Option<Asked>) {
        let Some((phone, seat)) = self.own.get(&id).map(|call| (call.phone.clone(), call.seat)) else { return };
        match asked {
            None => self.code_over(id, code, seat, DeskPrompt::NotUnderstood, Err(CodeRefusal::NotUnderstood)),
            Some(Asked::SignIn(who)) => self.on_sign_in(id, &phone, &who),
            Some(Asked::Order(order)) => match seat {
                None => self.code_over(id, code, seat, DeskPrompt::NotNow, Err(CodeRefusal::NobodyHere)),
                Some(seat) => {
                    let result = self.obey(seat, &order);
                    if order == DeskOrder::SignOut && result.is_ok() {
                        self.leave_phone(seat);
                    }
                    let prompt = if result.is_ok() { prompt_of(&order) } else { DeskPrompt::NotNow };
                    self.code_over(id, code, Some(seat), prompt, result);
                }
            },
        }
    }

    /// A telephone gives an order: the same way as any other.
    pub(crate) fn obey(&mut self, seat: SeatId, order: &DeskOrder) -> Result<(), CodeRefusal> {
        let name = self.world.seat_name(seat);
        self.on_desk(seat, name, order.clone());
        self.answered.map_err(CodeRefusal::Desk)
    }

    fn code_over(&mut self, id: CallId, code: &Name, seat: Option<SeatId>, prompt: DeskPrompt, result: Result<(), CodeRefusal>) {
        self.with_own(id, |call, world| {
            let seat = seat.map(|seat| world.seat_name(seat));
            call.record(world, PhoneEvent::Code { phone: call.phone.clone(), seat, code: code.clone(), result });
            world.counters.codes_refused += u64::from(result.is_err());
            call.tell(world, prompt, if result.is_ok() { Cause::Completed } else { Cause::CodeRefused });
        });
    }

    /// Somebody signs in, dialled or keyed.
    pub(crate) fn on_sign_in(&mut self, id: CallId, phone: &Name, who: &Who) {
        let code = Name::from("*10");
        match self.sign_in_at(id, phone, who) {
            Ok(seat) => self.code_over(id, &code, Some(seat), DeskPrompt::SignedIn, Ok(())),
            Err(NoSignIn::NeedsPin(who)) => self.with_own(id, |call, world| call.ask(world, DeskPrompt::EnterPin, who.seat)),
            Err(NoSignIn::Refused(why @ (CodeRefusal::WrongPin | CodeRefusal::NotUnderstood))) => self.with_own(id, |call, world| {
                if !call.try_again(world) {
                    call.code_refused(world, DeskPrompt::WrongPin, why);
                }
            }),
            Err(NoSignIn::Refused(why)) => self.code_over(id, &code, None, DeskPrompt::NotNow, Err(why)),
        }
    }
}

impl OwnCall {
    /// Asks for a PIN by keys.
    fn ask(&mut self, world: &mut World, prompt: DeskPrompt, seat: Option<String>) {
        let attempts = if let State::Asking(asking) = &self.state { asking.attempts } else { 0 };
        self.pick_up(world);
        self.state = State::Asking(Asking { seat, typed: String::new(), attempts });
        self.say(world, prompt, true);
        self.base.alarm(world, Alarm::Wish, world.now + FIRST_KEY);
    }

    /// One more attempt after a wrong PIN that was keyed; a dialled one is not asked for again.
    fn try_again(&mut self, world: &mut World) -> bool {
        let State::Asking(asking) = &mut self.state else { return false };
        asking.attempts += 1;
        let (attempts, seat) = (asking.attempts, asking.seat.clone());
        if attempts >= ATTEMPTS {
            return false;
        }
        self.ask(world, DeskPrompt::WrongPin, seat);
        true
    }

    fn code_refused(&mut self, world: &mut World, prompt: DeskPrompt, why: CodeRefusal) {
        let seat = self.seat.map(|seat| world.seat_name(seat));
        self.record(world, PhoneEvent::Code { phone: self.phone.clone(), seat, code: "*10".into(), result: Err(why) });
        world.counters.codes_refused += 1;
        self.tell(world, prompt, Cause::CodeRefused);
    }

    /// A key while a PIN is asked for; the whole answer at its end.
    pub fn on_pin_key(&mut self, world: &mut World, key: char) -> Option<Who> {
        let State::Asking(asking) = &mut self.state else { return None };
        if key != '#' && asking.typed.len() < codes::LONGEST {
            asking.typed.push(key);
            self.base.alarm(world, Alarm::Wish, world.now + NEXT_KEY);
            return None;
        }
        self.typed(world)
    }

    fn typed(&mut self, world: &mut World) -> Option<Who> {
        self.base.alarms.clear(world, Alarm::Wish);
        let is_own = world.own_seat(&self.phone).is_some();
        let State::Asking(asking) = &mut self.state else { return None };
        let typed = std::mem::take(&mut asking.typed);
        // Who is known already keys the PIN alone.
        let known = asking.seat.is_some();
        let who = Who::read(&typed, is_own || known).filter(|who| who.pin.is_some());
        match who {
            Some(who) => Some(Who { seat: who.seat.or_else(|| asking.seat.clone()), pin: who.pin }),
            None => {
                if !self.try_again(world) {
                    self.code_refused(world, DeskPrompt::WrongPin, CodeRefusal::NothingKeyed);
                }
                None
            }
        }
    }

    /// No further key came in time: what was keyed counts.
    pub fn on_keys_over(&mut self, world: &mut World) {
        if let Some(who) = self.typed(world) {
            world.orders.push_back(crate::callback::Order::SignIn(self.base.id, self.phone.clone(), who));
        }
    }
}

impl World {
    /// The account, or the seat with a fixed contact and no password, whose telephone sends an INVITE. What it writes into From proves nothing.
    fn phone_that_calls(&self, invite: &IncomingInvite) -> Option<Name> {
        if let Some(account) = &invite.account {
            let known = self.own_seat(account).is_some() || self.plan.phone(account).is_some();
            return known.then(|| account.clone());
        }
        let seat = self.own_seat(&invite.from_user)?;
        let (_, flow) = self.fixed_contacts.get(&seat)?;
        let is_there = flow.transport == invite.flow.transport && flow.remote == invite.flow.remote;
        (is_there && self.plan.seat(seat).secret == hotline_rules::Secret::None).then(|| self.seat_name(seat))
    }

    fn has_account(&self, name: &str) -> bool {
        let seat = self.own_seat(name).map(|seat| &self.plan.seat(seat).secret);
        let secret = seat.or_else(|| self.plan.phone(name).map(|phone| &phone.secret));
        secret.is_some_and(|secret| *secret != hotline_rules::Secret::None)
    }

    /// What is said at a desk phone; a tone where the prompt is missing.
    pub fn desk_clips(&mut self, prompt: DeskPrompt, yes: bool) -> Vec<Arc<Clip>> {
        let spoken = hotline_ivr::Spoken { language: hotline_model::LanguageId(0), prompt: prompt.name().into() };
        let (clips, missing) = self.prompts.clips(&self.plan, &[spoken]);
        self.counters.missing_prompts += missing;
        if clips.is_empty() { vec![Arc::clone(if yes { &self.tones.yes } else { &self.tones.no })] } else { clips }
    }
}

/// What confirms an order.
pub(crate) fn prompt_of(order: &DeskOrder) -> DeskPrompt {
    match order {
        DeskOrder::SignIn => DeskPrompt::SignedIn,
        DeskOrder::SignOut => DeskPrompt::SignedOut,
        DeskOrder::Ready => DeskPrompt::Ready,
        DeskOrder::NotReady(_) => DeskPrompt::NotReady,
        DeskOrder::BreakAfterCall
        | DeskOrder::WrapUpDone
        | DeskOrder::FirstCommunication
        | DeskOrder::Classify(_)
        | DeskOrder::Assess { .. }
        | DeskOrder::Dispose(_)
        | DeskOrder::Hold
        | DeskOrder::Resume
        | DeskOrder::Transfer { .. }
        | DeskOrder::Consult { .. }
        | DeskOrder::Complete { .. }
        | DeskOrder::Cancel
        | DeskOrder::ThreeWay
        | DeskOrder::Back
        | DeskOrder::AcceptOwnership
        | DeskOrder::HangUp => DeskPrompt::Done,
    }
}

/// Whom the history says was called: a number outside, and whatever leads nowhere, stand where a caller's number stands, which redacts itself.
fn shown(world: &World, invite: &IncomingInvite, phone: &Name, dial: &Dial) -> (Callee, Name, Number) {
    let own = || Number::new(phone);
    match dial {
        Dial::Code(_) => (Callee::Code, codes::shown(&invite.to_user), own()),
        Dial::Seat(seat) => (Callee::Seat(world.seat_name(*seat)), world.seat_name(*seat), own()),
        Dial::Queue(queue) => {
            let name = world.plan.queue(*queue).name.clone();
            (Callee::Queue(name.clone()), name, own())
        }
        Dial::Outside(number, _) => (Callee::Outside, "outside".into(), Number::new(number.digits())),
        Dial::Emergency(number) => (Callee::Emergency, number.digits().into(), own()),
        Dial::Nowhere(_) => (Callee::Nowhere, "nowhere".into(), Number::new(&invite.to_user)),
    }
}

impl Engine {
    /// The hotline ends.
    pub(crate) fn hang_up_own(&mut self) {
        let ids: Vec<CallId> = self.own.keys().copied().collect();
        for id in ids {
            self.with_own(id, |call, world| call.finish(world, None, Side::System, Cause::Shutdown, None));
            self.forget_over(id);
        }
    }

    pub(crate) fn with_own(&mut self, id: CallId, act: impl FnOnce(&mut OwnCall, &mut World)) {
        if let Some(call) = self.own.get_mut(&id) {
            act(call, &mut self.world);
        }
    }

    pub(crate) fn forget_over(&mut self, id: CallId) {
        if self.own.get(&id).is_some_and(OwnCall::is_over) {
            self.own.remove(&id);
            self.world.router.forget(id);
        }
    }
}
