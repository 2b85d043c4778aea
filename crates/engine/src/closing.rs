//! Queues that nobody serves: closed as a caller comes or while callers wait, or with nobody signed in who could serve them.

use crate::call::{Call, Phase};
use crate::engine::Engine;
use crate::moving::has_room;
use crate::ways::WayTaken;
use crate::world::{Alarm, World};
use hotline_ivr::{Input as MenuInput, Session, Spoken};
use hotline_model::history::{EventKind, WhyLeft};
use hotline_model::{CallId, Profile, QueueId, SeatId};
use hotline_router::Input;
use hotline_rules::{Branch, Closing, Go, Plan};
use std::sync::Arc;
use std::time::Duration;

/// Calendars change on whole minutes.
const MINUTE_US: i64 = 60_000_000;

/// Where a caller for a queue goes now, and what is said on the way.
pub(crate) enum Way {
    Queue(QueueId, Vec<Spoken>),
    Else(Go, Vec<Spoken>),
}

impl Engine {
    /// A seat signed out or is no longer reachable: for some waiting calls it may have been the last. One that was there until now begins
    /// their time anew; one that was not (it signed out, then its phone vanished) does not.
    pub(crate) fn seat_gone(&mut self, seat: SeatId) {
        let was_there = self.world.present.remove(&seat);
        if self.world.plan.queues.iter().any(|queue| queue.nobody.is_some()) {
            let calls: Vec<CallId> = self.calls.keys().copied().collect();
            let concerned = |call: &CallId| self.world.router.may_serve(*call, seat);
            for call in calls.into_iter().filter(concerned).collect::<Vec<_>>() {
                self.with_call(call, |call, world| {
                    call.alone_since = call.alone_since.filter(|_| !was_there);
                    call.watch_attendance(world);
                });
            }
        }
    }

    /// New rules: queues close at other times, and other calls have nobody.
    pub(crate) fn watch_queues(&mut self) {
        let calls: Vec<CallId> = self.calls.keys().copied().collect();
        for call in calls {
            self.with_call(call, Call::watch_queue);
        }
    }
}

impl Call {
    /// Where a call for this queue goes: along the branches of queues that are closed.
    pub fn way_in(&self, world: &mut World, queue: QueueId, profile: &Profile) -> Way {
        let (mut queue, mut said) = (queue, Vec::new());
        for _ in 0..world.plan.queues.len() {
            let Some(branch) = closed(world, queue, profile).cloned() else { break };
            self.note_way(world, WayTaken::Closed(queue));
            said.extend(self.spoken(world, &branch.say, profile));
            match branch.go {
                Go::Queue(next) | Go::Callback(next) => queue = self.instead_of(&world.plan, next).unwrap_or(next),
                Go::Menu(_) | Go::Again | Go::Goodbye | Go::HangUp | Go::Out(_) | Go::Voicemail(_) => return Way::Else(branch.go, said),
            }
        }
        Way::Queue(queue, said)
    }

    /// To a menu, a message, a goodbye, or outside.
    pub fn go_elsewhere(&mut self, world: &mut World, plan: Arc<Plan>, go: Go, said: &[Spoken], profile: Profile) {
        if let Go::Out(way) = go {
            return self.lead_out(world, plan, way, profile, said);
        }
        self.forget_wanted(world);
        if let Go::Voicemail(voicemail) = go {
            let settings = world.plan.voicemail(voicemail).clone();
            return self.begin_message(world, settings, profile, said);
        }
        self.play(world, said, false, false);
        let number = plan.dialled.get(&*self.dialled).copied();
        match (go, number) {
            (Go::Menu(menu), Some(number)) => {
                let name = plan.menu(menu).name.clone();
                self.phase = Phase::Menu(Box::new(Session::resume(plan, number, &self.from, &name, profile)));
                self.watch_menu(world);
                self.tell_menu(world, MenuInput::Start);
            }
            (Go::Menu(_) | Go::Again | Go::Goodbye | Go::HangUp | Go::Queue(_) | Go::Callback(_) | Go::Out(_) | Go::Voicemail(_), _) => {
                self.say_goodbye(world)
            }
        }
    }

    /// Looks when its queue closes, and whether anybody is there.
    pub fn watch_queue(&mut self, world: &mut World) {
        // A call-back stays open: there is nobody to be told or led elsewhere.
        if self.back.is_some() {
            return;
        }
        let (Phase::Waiting(waiting) | Phase::Offered(waiting, _)) = &self.phase else { return };
        let queue = world.plan.queue(waiting.queue);
        if queue.hours.is_some() && queue.closing == Closing::Leave {
            let left = MINUTE_US - world.wall().0.rem_euclid(MINUTE_US);
            self.alarm(world, Alarm::Closing, world.now + Duration::from_micros(left.unsigned_abs()));
        }
        self.watch_attendance(world);
    }

    /// Counts the time that nobody could serve it, if nobody can: from when that began, however often it is looked at meanwhile.
    pub fn watch_attendance(&mut self, world: &mut World) {
        let (Phase::Waiting(waiting) | Phase::Offered(waiting, _)) = &self.phase else { return };
        let after = world.plan.queue(waiting.queue).nobody.as_ref().map(|nobody| nobody.after);
        let Some(after) = after.filter(|_| !world.router.is_attended(self.id)) else {
            self.alone_since = None;
            return self.alarms.clear(world, Alarm::Nobody);
        };
        let since = *self.alone_since.get_or_insert(world.now);
        self.alarm(world, Alarm::Nobody, since + after);
    }

    /// A minute began: a queue that has closed lets go of the calls that wait in it, if it is to. A phone that rings rings on.
    pub fn on_closing(&mut self, world: &mut World) {
        if let Phase::Waiting(waiting) = &self.phase
            && let Some(branch) = closed(world, waiting.queue, &waiting.profile).cloned()
        {
            self.note_way(world, WayTaken::Closed(waiting.queue));
            return self.leave_queue(world, &branch, WhyLeft::Closed);
        }
        self.watch_queue(world);
    }

    /// Nobody could serve the call for `nobody.after`.
    pub fn on_nobody(&mut self, world: &mut World) {
        let Phase::Waiting(waiting) = &self.phase else { return };
        let queue = waiting.queue;
        let branch = world.plan.queue(queue).nobody.as_ref().map(|nobody| nobody.go.clone());
        if world.router.is_attended(self.id) {
            self.alone_since = None;
        } else if let Some(branch) = branch {
            self.note_way(world, WayTaken::Nobody(queue));
            self.leave_queue(world, &branch, WhyLeft::Nobody);
        }
    }

    /// Takes a branch out of the queue: into another, at its place and with its clocks, or to where nobody waits. Without room in the
    /// other queue, or if it has left that one before, it stays.
    fn leave_queue(&mut self, world: &mut World, branch: &Branch, why: WhyLeft) {
        let Phase::Waiting(waiting) = &self.phase else { return };
        let (from, profile) = (waiting.queue, waiting.profile.clone());
        let name = |world: &World, queue| world.plan.queue(queue).name.clone();
        let left = |world: &World, to| EventKind::LeftQueue { queue: name(world, from), why, to };
        let mut said = self.spoken(world, &branch.say, &profile);
        let way = match branch.go {
            Go::Queue(queue) | Go::Callback(queue) => self.way_in(world, self.instead_of(&world.plan, queue).unwrap_or(queue), &profile),
            Go::Menu(_) | Go::Again | Go::Goodbye | Go::HangUp | Go::Out(_) | Go::Voicemail(_) => Way::Else(branch.go, Vec::new()),
        };
        match way {
            Way::Queue(queue, _) if queue == from || self.left.contains(&queue) || !has_room(world, queue) => {}
            Way::Queue(queue, more) => {
                self.left.push(from);
                said.extend(more);
                self.clear_queue_alarms(world);
                self.announce(world, &said);
                self.record(world, left(world, Some(name(world, queue))));
                self.move_to(world, queue);
            }
            Way::Else(go, more) => {
                said.extend(more);
                self.left.clear();
                self.clear_queue_alarms(world);
                self.record(world, left(world, None));
                world.router.handle(world.now, Input::Leave { call: self.id });
                if !matches!(go, Go::Out(_)) {
                    self.drop_clocks(world);
                }
                let plan = Arc::clone(&world.plan);
                self.go_elsewhere(world, plan, go, &said, profile);
            }
        }
    }

    fn clear_queue_alarms(&mut self, world: &mut World) {
        for alarm in [Alarm::Announce, Alarm::Closing, Alarm::Nobody] {
            self.alarms.clear(world, alarm);
        }
    }
}

/// What is done instead of entering a queue that is closed to such a call.
fn closed<'w>(world: &'w World, queue: QueueId, profile: &Profile) -> Option<&'w Branch> {
    let queue = world.plan.queue(queue);
    let hours = queue.hours.filter(|_| !queue.retired)?;
    if world.plan.calendar(hours).keeps_out(profile.kind, world.wall()) { queue.closed.as_ref() } else { None }
}
