//! Announcements that are switched on and off without the files (R151): who hears which. A switch outlives rules and restarts.

use crate::call::{Call, Phase};
use crate::engine::{Engine, Output};
use crate::world::{Alarm, World};
use hotline_ivr::{Notice, Notices};
use hotline_model::history::EventKind;
use hotline_model::{Entry, Name, Switch, WallTime};
use hotline_rules::{Announcement, NumberId, Plan, Say};
use std::collections::BTreeMap;

/// Announcements that a waiting caller has still to hear; of more the oldest is not said.
const MOST_UNHEARD: usize = 4;
/// Switches that are remembered; beyond it a new name is not.
const MOST: usize = 1_000;

/// What was switched last, by announcement.
#[derive(Debug, Default)]
pub(crate) struct Switches(BTreeMap<Name, Switch>);

/// An announcement of the rules, and whether it is said.
#[derive(Clone, Debug, PartialEq)]
pub struct AnnouncementState {
    /// Its name.
    pub name: Name,
    /// Whether it is said now.
    pub on: bool,
    /// Whoever switched it last, if anybody did.
    pub switched: Option<Switch>,
}

impl Switches {
    fn put(&mut self, switch: Switch) -> bool {
        let known = self.0.get(&switch.announcement) == Some(&switch);
        let room = self.0.len() < MOST || self.0.contains_key(&switch.announcement);
        if room {
            self.0.insert(switch.announcement.clone(), switch);
        }
        room && !known
    }

    /// Whether it is said: switched on and its time not over, or due by the files and not switched off since.
    fn is_on(&self, announcement: &Announcement, now: WallTime) -> bool {
        match self.0.get(&announcement.name) {
            Some(Switch { on: true, until, .. }) if until.is_none_or(|until| now < until) => true,
            Some(Switch { on: false, at, .. }) if announcement.is_due(*at) => false,
            Some(_) | None => announcement.is_due(now),
        }
    }
}

impl World {
    /// What a caller of a number hears before the menu and before queues.
    pub fn notices(&self, plan: &Plan, number: NumberId) -> Notices {
        let now = self.wall();
        let mut notices = Notices::default();
        for one in plan.announcements.iter().filter(|one| self.switches.is_on(one, now)) {
            let notice = || Notice { name: one.name.clone(), say: one.say.clone() };
            if one.concerns(number) {
                notices.first.push(notice());
            }
            notices.queues.extend(one.queues.iter().map(|queue| (*queue, notice())));
        }
        notices
    }
}

impl Call {
    /// A waiting caller whom the announcement concerns is to hear it.
    fn is_to_hear(&mut self, world: &mut World, one: &Announcement) {
        let (Phase::Waiting(waiting) | Phase::Offered(waiting, _)) = &self.phase else { return };
        let named = |number: &NumberId| world.plan.number(*number).name == self.dialled;
        let concerned = one.queues.contains(&waiting.queue) || one.numbers.iter().any(named) || one.is_for_all();
        if self.back.is_some() || !concerned {
            return;
        }
        if world.plan.queue(waiting.queue).announce_every.is_zero() {
            self.alarm(world, Alarm::Announce, world.now);
        }
        self.unheard.retain(|name| *name != one.name);
        if self.unheard.len() >= MOST_UNHEARD {
            self.unheard.remove(0);
        }
        self.unheard.push(one.name.clone());
    }

    /// What was switched on since the caller waits, and is on.
    pub fn news(&mut self, world: &mut World) -> Vec<Say> {
        if self.unheard.is_empty() || self.is_asked_for_keys() {
            return Vec::new();
        }
        let (plan, now, mut say) = (world.plan.clone(), world.wall(), Vec::new());
        for name in std::mem::take(&mut self.unheard) {
            let one = plan.announcements.iter().find(|one| one.name == name);
            if let Some(one) = one.filter(|one| world.switches.is_on(one, now)) {
                say.extend(one.say.iter().cloned());
                self.record(world, EventKind::AnnouncementSaid { announcement: name });
            }
        }
        say
    }
}

impl Engine {
    /// Somebody switched an announcement, or a saved state says so. Callers in the menus hear it at the next queue, those who wait with
    /// the next thing that they are told, or at once where a queue tells nothing.
    pub(crate) fn on_switch(&mut self, switch: Switch) {
        let (plan, now) = (self.world.plan.clone(), self.world.wall());
        let one = plan.announcements.iter().find(|one| one.name == switch.announcement);
        let was_on = one.is_some_and(|one| self.world.switches.is_on(one, now));
        if !self.world.switches.put(switch.clone()) {
            return;
        }
        let begins = one.filter(|one| !was_on && self.world.switches.is_on(one, now));
        self.world.outputs.push_back(Output::Journal(Entry::Switched(switch)));
        self.world.outputs.push_back(Output::BindingsChanged);
        for call in self.calls.values_mut() {
            if let Phase::Menu(session) = &mut call.phase {
                let notices = self.world.notices(session.plan(), session.number());
                session.notices(notices);
            } else if let Some(one) = begins {
                call.is_to_hear(&mut self.world, one);
            }
        }
    }

    /// What was switched, for the state file.
    pub fn switches(&self) -> Vec<Switch> {
        self.world.switches.0.values().cloned().collect()
    }

    /// The announcements of the rules, in their order.
    pub fn announcements(&self) -> Vec<AnnouncementState> {
        let now = self.world.wall();
        let state = |one: &Announcement| AnnouncementState {
            name: one.name.clone(),
            on: self.world.switches.is_on(one, now),
            switched: self.world.switches.0.get(&one.name).cloned(),
        };
        self.world.plan.announcements.iter().map(state).collect()
    }
}
