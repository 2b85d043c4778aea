//! A waiting caller asks to be called back: which number, and when. The call waits on meanwhile, and may be answered.

use crate::call::{Call, Phase, Waiting};
use crate::callback::{Back, Booking, Order};
use crate::live_clock::K3;
use crate::world::{Alarm, World};
use hotline_ivr::{Spoken, speech};
use hotline_model::{Name, PhoneNumber, QueueId, Timestamp};
use hotline_rules::{Callback, Plan};
use std::time::Duration;

/// How long a caller may think before the wish is dropped and the call just waits on.
const PATIENCE: Duration = Duration::from_secs(30);
/// Wrong inputs before it is dropped.
const WRONG: u8 = 3;
/// Digits of a number that are taken.
const DIGITS: usize = 20;

/// How far a wish has come.
#[derive(Debug)]
pub(crate) struct Wish {
    step: Step,
    wrong: u8,
}

#[derive(Debug)]
enum Step {
    /// A number is entered; `#` ends it.
    Enter(String),
    /// `1` confirms the number, `2` asks for another.
    Confirm(PhoneNumber),
    /// `1`: as soon as it is the caller's turn; `2` and further: one of the slots.
    When(PhoneNumber),
}

impl Call {
    /// A key of a waiting caller.
    pub fn on_waiting_digit(&mut self, world: &mut World, digit: char) {
        let (Phase::Waiting(waiting) | Phase::Offered(waiting, _)) = &self.phase else { return };
        let waiting = waiting.clone();
        match self.wish.take() {
            Some(wish) => self.go_on_wishing(world, &waiting, wish, digit),
            None => {
                let wanted = world.plan.queue(waiting.queue).outward.callback.as_ref().and_then(|callback| callback.key);
                if wanted == Some(digit) {
                    self.wish_call_back(world);
                }
            }
        }
    }

    /// The caller wants to be called back: the own number is read back, or another asked for.
    pub fn wish_call_back(&mut self, world: &mut World) {
        let (Phase::Waiting(waiting) | Phase::Offered(waiting, _)) = &self.phase else { return };
        let waiting = waiting.clone();
        let Some(callback) = &world.plan.queue(waiting.queue).outward.callback else { return };
        if world.call_backs.is_full(&world.plan, waiting.queue) {
            return self.tell_full(world);
        }
        let said = self.spoken(world, &callback.say.clone(), &waiting.profile);
        let own = PhoneNumber::parse(self.from.reveal()).ok().filter(|number| world.plan.may_dial(number));
        let step = own.map_or(Step::Enter(String::new()), Step::Confirm);
        self.ask_wish(world, &waiting, said, Wish { step, wrong: 0 });
    }

    fn go_on_wishing(&mut self, world: &mut World, waiting: &Waiting, wish: Wish, digit: char) {
        let Wish { step, wrong } = wish;
        let slots = world.plan.queue(waiting.queue).outward.callback.as_ref().map_or(0, |callback| callback.slots.len());
        let next = match (step, digit) {
            (Step::Enter(typed), '#') => {
                let number = PhoneNumber::parse(&typed).ok().filter(|number| world.plan.may_dial(number));
                number.map(Step::Confirm).ok_or(Step::Enter(String::new()))
            }
            (Step::Enter(mut typed), '0'..='9') => {
                if typed.len() < DIGITS {
                    typed.push(digit);
                }
                self.wish = Some(Wish { step: Step::Enter(typed), wrong });
                return self.alarm(world, Alarm::Wish, world.now + PATIENCE);
            }
            (Step::Confirm(number), '1') if slots > 0 => Ok(Step::When(number)),
            (Step::Confirm(number) | Step::When(number), '1') => return self.book(world, waiting, number, None),
            (Step::Confirm(_), '2') => Ok(Step::Enter(String::new())),
            (Step::When(number), key) => match slot(world, waiting.queue, key) {
                Some(at) => return self.book(world, waiting, number, Some(at)),
                None => Err(Step::When(number)),
            },
            (step, _) => Err(step),
        };
        match next {
            Ok(step) => self.ask_wish(world, waiting, Vec::new(), Wish { step, wrong }),
            Err(_) if wrong + 1 >= WRONG => self.drop_wish(world),
            Err(step) => {
                let prompt = if matches!(step, Step::Enter(_)) { "callback-not-allowed" } else { "invalid-key" };
                let said = vec![Spoken { language: waiting.profile.language, prompt: prompt.into() }];
                self.ask_wish(world, waiting, said, Wish { step, wrong: wrong + 1 });
            }
        }
    }

    fn ask_wish(&mut self, world: &mut World, waiting: &Waiting, mut said: Vec<Spoken>, wish: Wish) {
        let pieces = words(&world.plan, waiting, &wish.step);
        said.extend(speech::in_language(waiting.profile.language, pieces));
        self.wish = Some(wish);
        self.alarm(world, Alarm::Wish, world.now + PATIENCE);
        self.tell(world, &said);
    }

    /// The caller thinks too long, or found no way: the call waits on.
    pub fn drop_wish(&mut self, world: &mut World) {
        self.wish = None;
        self.alarms.clear(world, Alarm::Wish);
    }

    /// The queue takes no more call-backs: the call waits on.
    pub fn tell_full(&mut self, world: &mut World) {
        let (Phase::Waiting(waiting) | Phase::Offered(waiting, _)) = &self.phase else { return };
        let language = waiting.profile.language;
        self.tell(world, &[Spoken { language, prompt: "callback-full".into() }]);
    }

    fn tell(&mut self, world: &mut World, parts: &[Spoken]) {
        self.play(world, parts, true, true);
    }

    fn book(&mut self, world: &mut World, waiting: &Waiting, number: PhoneNumber, at: Option<Timestamp>) {
        self.drop_wish(world);
        let back = Back { number, after: self.id, breached: self.is_breached(K3), attempts: 0 };
        let booking = Booking {
            back,
            dialled: self.dialled.clone(),
            waiting: waiting.clone(),
            dues: self.dues.clone(),
            looked_up: self.looked_up.clone(),
            at,
        };
        world.orders.push_back(Order::Book(Box::new(booking)));
    }
}

/// What is said at a step.
fn words(plan: &Plan, waiting: &Waiting, step: &Step) -> Vec<Name> {
    let code = &plan.language(waiting.profile.language).code;
    match step {
        Step::Enter(_) => vec!["callback-enter".into()],
        Step::Confirm(number) => {
            let digits = number.digits().chars().map(|digit| Name::from(format!("number-{digit}")));
            [Name::from("callback-number")].into_iter().chain(digits).chain(["callback-confirm".into()]).collect()
        }
        Step::When(_) => {
            let slots = plan.queue(waiting.queue).outward.callback.as_ref().map_or(&[][..], |callback| &callback.slots);
            let slot = |(place, minute): (u32, &u16)| {
                let time = speech::time_of_day(code, *minute);
                [Name::from("callback-at")].into_iter().chain(time).chain(["callback-press".into(), format!("number-{place}").into()])
            };
            [Name::from("callback-now")].into_iter().chain((2..).zip(slots).flat_map(slot)).collect()
        }
    }
}

/// The next time of the slot behind a key.
fn slot(world: &World, queue: QueueId, key: char) -> Option<Timestamp> {
    let callback: &Callback = world.plan.queue(queue).outward.callback.as_ref()?;
    let minute = *callback.slots.get(usize::try_from(key.to_digit(10)?).ok()?.checked_sub(2)?)?;
    let at = world.plan.calendar(callback.calendar?).next_time(world.wall(), minute)?;
    Some(at.to_monotonic(world.wall_offset))
}
