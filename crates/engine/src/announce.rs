//! Announcements that are switched on and off without the files (R151): who hears which. A switch outlives rules and restarts.

use crate::call::Phase;
use crate::engine::{Engine, Output};
use crate::world::World;
use hotline_ivr::{Notice, Notices};
use hotline_model::{Entry, Name, Switch, WallTime};
use hotline_rules::{Announcement, NumberId, Plan};
use std::collections::BTreeMap;

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

impl Engine {
    /// Somebody switched an announcement, or a saved state says so. Callers in the menus hear it at the next queue.
    pub(crate) fn on_switch(&mut self, switch: Switch) {
        if !self.world.switches.put(switch.clone()) {
            return;
        }
        self.world.outputs.push_back(Output::Journal(Entry::Switched(switch)));
        self.world.outputs.push_back(Output::BindingsChanged);
        for call in self.calls.values_mut() {
            if let Phase::Menu(session) = &mut call.phase {
                let notices = self.world.notices(session.plan(), session.number());
                session.notices(notices);
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
