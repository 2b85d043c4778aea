//! Waiting calls that move, at their place and with their clocks: out of a queue that the rules no longer have or that is full, or to another priority.

use crate::call::{Call, Phase, Waiting};
use crate::engine::Engine;
use crate::live_clock::K3;
use crate::world::World;
use hotline_model::history::EventKind;
use hotline_model::{CallId, Priority, QueueId};
use hotline_router::Input;
use hotline_rules::{Go, Plan};

impl Engine {
    /// Moves the calls of all queues that are gone, those first that are to be served first.
    pub(crate) fn leave_retired_queues(&mut self) {
        let waiting = self.calls.values().filter_map(|call| {
            let (Phase::Waiting(waiting) | Phase::Offered(waiting, _)) = &call.phase else { return None };
            let is_retired = self.world.plan.queue(waiting.queue).retired;
            let aged = self.world.plan.priorities.aged(waiting.profile.priority, self.world.now.since(waiting.since));
            is_retired.then_some(((aged, !call.is_breached(K3), waiting.since), call.id))
        });
        let mut waiting: Vec<(_, CallId)> = waiting.collect();
        waiting.sort_unstable();
        for (_, id) in waiting {
            self.with_call(id, Call::leave_retired_queue);
        }
    }
}

impl Call {
    /// A person changed what the call is worth. Whether it waits, or rings, so that it matters.
    pub fn on_priority(&mut self, world: &mut World, priority: Priority) -> bool {
        let (Phase::Waiting(waiting) | Phase::Offered(waiting, _)) = &mut self.phase else { return false };
        if waiting.profile.priority != priority {
            waiting.profile.priority = priority;
            self.record(world, EventKind::Reprioritised { priority });
            world.router.handle(world.now, Input::Reprioritise { call: self.id, priority });
        }
        true
    }

    /// Without another queue that has room the call stays where it is, and the seats of the retired one still serve it. A phone that rings
    /// rings on.
    pub fn leave_retired_queue(&mut self, world: &mut World) {
        let Phase::Waiting(waiting) = &self.phase else { return };
        let instead = self.instead_of(&world.plan, waiting.queue).filter(|queue| has_room(world, *queue));
        if let Some(queue) = instead {
            self.move_to(world, queue);
        }
    }

    /// The first queue with room along the chain of overflows behind one that is full.
    pub fn room_beyond(&self, world: &World, full: QueueId) -> Option<QueueId> {
        let next = |queue: &QueueId| world.plan.queue(*queue).overflow;
        let chain = std::iter::successors(next(&full), next).take(world.plan.queues.len());
        chain.into_iter().find(|queue| *queue != full && !world.plan.queue(*queue).retired && has_room(world, *queue))
    }

    /// The call waits in another queue from now on, at its place and with its clocks.
    pub fn move_to(&mut self, world: &mut World, queue: QueueId) {
        let Phase::Waiting(waiting) = &self.phase else { return };
        let waiting = Waiting { queue, ..waiting.clone() };
        self.phase = Phase::Waiting(waiting.clone());
        self.record(world, EventKind::Queued { queue: world.plan.queue(queue).name.clone(), priority: waiting.profile.priority });
        self.wait(world, &waiting);
        if self.is_breached(K3) {
            self.tell_router_of_breach(world, queue);
            self.next_outside(world);
        }
        if self.back.as_ref().is_some_and(|back| back.breached) {
            self.rank_as_breached(world);
        }
    }

    /// Where the callers of a queue belong that the rules no longer have: to its overflow queue, else where their number leads them.
    pub fn instead_of(&self, plan: &Plan, queue: QueueId) -> Option<QueueId> {
        let gone = plan.queues.get(queue.index()).filter(|queue| queue.retired)?;
        let overflow = gone.overflow.filter(|queue| !plan.queue(*queue).retired);
        overflow.or_else(|| by_default(plan, &self.dialled))
    }
}

/// Whether one more may wait in a queue.
pub(crate) fn has_room(world: &World, queue: QueueId) -> bool {
    world.router.waiting(queue) < world.plan.queue(queue).limit as usize
}

/// The queue to which a number leads a caller who presses nothing.
pub(crate) fn by_default(plan: &Plan, dialled: &str) -> Option<QueueId> {
    let mut go = plan.number(*plan.dialled.get(dialled)?).entry.go;
    for _ in 0..=plan.menus.len() {
        match go {
            Go::Queue(queue) | Go::Callback(queue) => return Some(queue),
            Go::Menu(menu) => go = plan.menu(menu).failed.go,
            Go::Out(way) => go = plan.way_out(way).otherwise.go,
            Go::Again | Go::Goodbye | Go::HangUp | Go::Voicemail(_) => return None,
        }
    }
    None
}
