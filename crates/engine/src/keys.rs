//! Keys that an agent presses in a conversation: a code begins with `*`; what is none goes on to the other party as ever. A caller's keys are
//! no codes.

use crate::call::Call;
use crate::callback::Order;
use crate::codes::{self, Keyed};
use crate::desk_phone::prompt_of;
use crate::engine::Engine;
use crate::world::{Alarm, World};
use hotline_media::Command;
use hotline_model::history::{CodeRefusal, EventKind, PhoneEvent};
use hotline_model::{CallId, DeskOrder, DeskRefusal, LegRole, Name};
use hotline_rules::DeskPrompt;
use std::time::Duration;

/// How long the next key of a code is awaited.
const NEXT_KEY: Duration = Duration::from_secs(4);
/// The end of a key comes three times (RFC 4733 2.5.1.4): its last copies are not to be taken for a key of their own.
const LAST_COPIES: Duration = Duration::from_millis(300);
/// The plays that are whispers: nobody waits for their end.
pub(crate) const WHISPER: u64 = u64::MAX;
/// No play of a menu or an announcement is counted up to here.
pub(crate) const LEAST_WHISPER: u64 = WHISPER - 7;

/// A code that was keyed in a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyedCode {
    pub call: CallId,
    pub leg: u8,
    /// As it may be shown.
    pub code: Name,
    /// `None`: it is none.
    pub order: Option<DeskOrder>,
}

impl Call {
    /// A key that somebody at a seat pressed.
    pub fn on_agent_key(&mut self, world: &mut World, index: u8, key: char) {
        let Some(leg) = self.legs.get_mut(index).filter(|leg| !leg.gone && leg.seat.is_some() && leg.role != LegRole::Caller) else {
            return;
        };
        if leg.keys.is_empty() && key != '*' {
            return;
        }
        leg.keys.push(key);
        if leg.keys.len() == 1 {
            // The rest of a code is not for the other party's ears; a gateway would sound it as tones.
            world.media(Command::Keys { stream: leg.media.stream, pass: false });
        }
        match codes::keyed(&world.plan, &leg.keys, false) {
            Keyed::More => self.alarm(world, Alarm::Keys(index), world.now + NEXT_KEY),
            Keyed::Order(order) => self.code_keyed(world, index, Some(order)),
            Keyed::Wrong => self.code_keyed(world, index, None),
        }
    }

    /// No further key came in time.
    pub fn on_keys_over(&mut self, world: &mut World, index: u8) {
        let Some(leg) = self.legs.live(index) else { return };
        if leg.keys.is_empty() {
            return world.media(Command::Keys { stream: leg.media.stream, pass: true });
        }
        let order = match codes::keyed(&world.plan, &leg.keys, true) {
            Keyed::Order(order) => Some(order),
            Keyed::More | Keyed::Wrong => None,
        };
        self.code_keyed(world, index, order);
    }

    fn code_keyed(&mut self, world: &mut World, index: u8, order: Option<DeskOrder>) {
        let code = codes::shown(&std::mem::take(&mut self.legs[index].keys));
        self.alarm(world, Alarm::Keys(index), world.now + LAST_COPIES);
        world.orders.push_back(Order::Keyed(KeyedCode { call: self.id, leg: index, code, order }));
    }

    /// Says something to one leg alone, over what it hears.
    pub fn whisper(&mut self, world: &mut World, index: u8, prompt: DeskPrompt, yes: bool) {
        let Some(stream) = self.legs.live(index).map(|leg| leg.media.stream) else { return };
        let clips = world.desk_clips(prompt, yes);
        world.media(Command::Play { stream, play: WHISPER, clips, barge_in: false, then_music: false });
    }
}

impl Engine {
    /// Carries out what was keyed, and tells the agent alone what came of it.
    pub(crate) fn on_keyed(&mut self, keyed: &KeyedCode) {
        let KeyedCode { call, leg, code, order } = keyed;
        let base = self.calls.get(call).or_else(|| self.own.get(call).map(|own| &own.base));
        let Some(seat) = base.and_then(|base| base.legs.live(*leg)?.seat) else { return };
        let (prompt, result) = match order {
            None => (DeskPrompt::NotUnderstood, Err(CodeRefusal::NotUnderstood)),
            Some(order) => {
                let result = self.obey(seat, order);
                if *order == DeskOrder::SignOut && result.is_ok() {
                    self.leave_phone(seat);
                }
                (result.map_or_else(said, |()| prompt_of(order)), result)
            }
        };
        self.world.counters.codes_refused += u64::from(result.is_err());
        let name = self.world.seat_name(seat);
        let event = PhoneEvent::Code { phone: name.clone(), seat: Some(name), code: code.clone(), result };
        self.world.record(*call, EventKind::Phone(event));
        let base = self.calls.get_mut(call).or_else(|| self.own.get_mut(call).map(|own| &mut own.base));
        if let Some(base) = base {
            base.whisper(&mut self.world, *leg, prompt, result.is_ok());
        }
    }
}

/// What is said of a refusal.
fn said(why: CodeRefusal) -> DeskPrompt {
    match why {
        CodeRefusal::NotUnderstood => DeskPrompt::NotUnderstood,
        CodeRefusal::WrongPin => DeskPrompt::WrongPin,
        CodeRefusal::Desk(DeskRefusal::NoReason | DeskRefusal::ReasonNotTaken) => DeskPrompt::NoReason,
        CodeRefusal::Desk(DeskRefusal::NotAllowed | DeskRefusal::NotCleared | DeskRefusal::OwnNumber | DeskRefusal::Oneself) => {
            DeskPrompt::NotAllowed
        }
        CodeRefusal::Desk(DeskRefusal::NobodyThere | DeskRefusal::NoSuchTarget | DeskRefusal::NotReady) => DeskPrompt::NobodyThere,
        CodeRefusal::Desk(_) | CodeRefusal::Locked | CodeRefusal::NothingKeyed | CodeRefusal::NobodyHere => DeskPrompt::NotNow,
    }
}
