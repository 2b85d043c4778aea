//! `Phase::Led`: the rules lead the caller to somebody outside. The caller hears music while the trunks are tried; whoever answers has the caller,
//! and if nobody does the call goes on as the rules say, with the answer clock (R5) and the rank of the moment at which it began.

use crate::call::{Call, Phase};
use crate::live_clock::K3;
use crate::ways::WayTaken;
use crate::world::{Alarm, World};
use hotline_ivr::Spoken;
use hotline_model::history::{ClockChange, EventKind, NotCalled, OfferEnd, Onward};
use hotline_model::{Name, PhoneNumber, Profile, Timestamp, WallTime};
use hotline_rules::{AnswerClockStart, Callee, Go, MenuId, Plan, WayOut, WayOutId};
use std::sync::Arc;
use std::time::Duration;

/// Ways outside that one call may take, after which it is told to try later: rules that changed under it might lead it round and round.
const MOST: u8 = 20;
/// Less than this of its time left after a restart is no ring that anybody could answer.
const SHORTEST: Duration = Duration::from_secs(3);

/// A caller who is led outside.
#[derive(Clone, Debug)]
pub(crate) struct Led {
    /// The rules by which it was led there: the way stands in them.
    pub plan: Arc<Plan>,
    pub way: WayOutId,
    pub profile: Profile,
    /// When nobody is called any more.
    pub until: Timestamp,
}

impl Led {
    fn rules(&self) -> &WayOut {
        self.plan.way_out(self.way)
    }
}

impl Call {
    /// Calls somebody outside for the caller, to whom `said` is said meanwhile.
    pub fn lead_out(&mut self, world: &mut World, plan: Arc<Plan>, way: WayOutId, profile: Profile, said: &[Spoken]) {
        self.alarms.clear(world, Alarm::Menu);
        self.drop_outside(world, OfferEnd::Withdrawn);
        if self.led_out >= MOST {
            self.forget_wanted(world);
            self.play(world, &[Spoken { language: profile.language, prompt: "busy-try-later".into() }], false, false);
            return self.say_goodbye(world);
        }
        self.classify(world, &plan, &profile);
        self.dues.know(&profile, world.wall());
        self.want_person(world);
        let rules = plan.way_out(way);
        let rings_ms = u32::try_from(rules.rings.as_millis()).unwrap_or(u32::MAX);
        let led = EventKind::LedOutside { to: rules.to.name.clone(), rings_ms, otherwise: onward(&plan, rules) };
        self.record(world, led);
        let until = world.now + rules.rings;
        self.led_out = self.led_out.saturating_add(1);
        self.play(world, said, false, true);
        self.call_led(world, Led { plan, way, profile, until });
    }

    /// The answer clock runs from now on, if it does not yet.
    fn want_person(&mut self, world: &mut World) {
        if self.wanted.is_some() {
            return;
        }
        self.wanted = Some(world.now);
        let (since, limit) = (self.answer_clock_since(world, world.now), world.plan.timers.answer);
        self.start_clock(world, K3, since, limit);
    }

    /// When the answer clock began of a caller who wants a person since a moment.
    pub fn answer_clock_since(&self, world: &World, wanted: Timestamp) -> Timestamp {
        match world.plan.timers.answer_clock_start {
            AnswerClockStart::Queue => wanted,
            AnswerClockStart::Arrival => self.arrived,
        }
    }

    fn call_led(&mut self, world: &mut World, led: Led) {
        let to = Arc::clone(&led.rules().to);
        // Nobody outside is cleared (R68).
        let refused = if led.profile.sensitive {
            Some(NotCalled::NotCleared)
        } else {
            is_caller(&to.callee, self.from.reveal()).then_some(NotCalled::Oneself)
        };
        self.phase = Phase::Led(Box::new(led));
        match refused {
            Some(why) => {
                world.counters.outside_not_called += 1;
                self.record(world, EventKind::OutsideNotCalled { to: Some(to.name.clone()), why });
                self.go_otherwise(world);
            }
            None => self.call_outside(world, to, 0),
        }
    }

    /// When somebody outside is to have answered.
    pub fn rings_outside_until(&self, world: &World) -> Timestamp {
        let Phase::Led(led) = &self.phase else { return world.now + world.plan.outbound.ring };
        led.until
    }

    /// Nobody outside answered, or could be called: on to where the rules say.
    pub fn go_otherwise(&mut self, world: &mut World) {
        let Phase::Led(led) = &self.phase else { return };
        let led = Led::clone(led);
        let rules = led.rules();
        self.record(world, EventKind::OutsideGivenUp { to: rules.to.name.clone() });
        self.note_way(world, WayTaken::Otherwise(led.way));
        let said = hotline_ivr::speech::say(&led.plan, &rules.otherwise.say, led.profile.language);
        self.go_onward(world, &led.plan, rules.otherwise.go, said, led.profile);
    }

    fn go_onward(&mut self, world: &mut World, plan: &Arc<Plan>, go: Go, said: Vec<Spoken>, profile: Profile) {
        match go {
            Go::Queue(queue) => self.enter_queue(world, queue, profile, said),
            Go::Callback(queue) => {
                self.enter_queue(world, queue, profile, said);
                self.wish_call_back(world);
            }
            Go::Menu(_) | Go::Again | Go::Goodbye | Go::HangUp | Go::Out(_) | Go::Voicemail(_) => {
                self.go_elsewhere(world, Arc::clone(plan), go, &said, profile);
            }
        }
    }

    /// The caller no longer waits for a person.
    pub fn forget_wanted(&mut self, world: &mut World) {
        if self.wanted.take().is_some() {
            self.stop_clock(world, K3, ClockChange::Dropped);
        }
    }

    /// After a restart: what is left of the time is used, if it is worth it. Rules that no longer have the way know nothing of it.
    pub fn lead_on(&mut self, world: &mut World, past: &PastLed, profile: Profile) -> bool {
        let plan = Arc::clone(&world.plan);
        let same = |way: &&WayOut| way.to.name == past.to && onward(&plan, way) == past.otherwise;
        let place = plan.ways_out.iter().position(|way| same(&way)).and_then(|place| u16::try_from(place).ok());
        let Some(way) = place.map(WayOutId) else { return false };
        let until = past.since.to_monotonic(world.wall_offset) + past.rings;
        let led = Led { plan, way, profile, until };
        self.play(world, &[], false, true);
        if until < world.now + SHORTEST {
            self.phase = Phase::Led(Box::new(led));
            self.go_otherwise(world);
        } else {
            self.call_led(world, led);
        }
        true
    }

    /// After a restart between the end of a ring outside and what follows it; whether the rules still have that.
    pub fn lead_onward(&mut self, world: &mut World, onward: &Onward, profile: Profile) -> bool {
        let plan = Arc::clone(&world.plan);
        let menu = |name: &Name| plan.menus.iter().position(|menu| menu.name == *name).and_then(|place| u16::try_from(place).ok());
        let go = match onward {
            Onward::Queue(name) => plan.queue_names.get(&**name).map(|queue| Go::Queue(*queue)),
            Onward::CallBack(name) => plan.queue_names.get(&**name).map(|queue| Go::Callback(*queue)),
            Onward::Menu(name) => menu(name).map(|menu| Go::Menu(MenuId(menu))),
            Onward::Goodbye => Some(Go::Goodbye),
            Onward::Voicemail(name) => plan.voicemail_named(name).map(Go::Voicemail),
        };
        let Some(go) = go else { return false };
        self.go_onward(world, &plan, go, Vec::new(), profile);
        true
    }
}

/// What the journal says of a call that was led outside.
#[derive(Clone, Debug)]
pub(crate) struct PastLed {
    pub to: Name,
    pub otherwise: Onward,
    pub since: WallTime,
    pub rings: Duration,
}

fn is_caller(callee: &Callee, from: &str) -> bool {
    matches!(callee, Callee::Number(number) if PhoneNumber::parse(from).as_ref() == Ok(number))
}

fn onward(plan: &Plan, way: &WayOut) -> Onward {
    match way.otherwise.go {
        Go::Queue(queue) => Onward::Queue(plan.queue(queue).name.clone()),
        Go::Callback(queue) => Onward::CallBack(plan.queue(queue).name.clone()),
        Go::Menu(menu) => Onward::Menu(plan.menu(menu).name.clone()),
        Go::Voicemail(voicemail) => Onward::Voicemail(plan.voicemail(voicemail).name.clone()),
        Go::Again | Go::Goodbye | Go::HangUp | Go::Out(_) => Onward::Goodbye,
    }
}
