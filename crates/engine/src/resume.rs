//! A caller whose call broke off in a queue comes back at the old place (`queue.resume`).

use crate::call::{Call, Phase, Waiting};
use crate::live_clock::K3;
use crate::world::World;
use hotline_model::history::EventKind;
use hotline_model::{CallId, Number, QueueId, Timestamp};
use std::collections::{BTreeMap, VecDeque};

/// Places kept at a time; beyond it the one kept longest is given up.
const MOST: usize = 10_000;

/// A place in a queue whose caller is gone.
#[derive(Clone, Copy, Debug)]
struct Place {
    call: CallId,
    since: Timestamp,
    breached: bool,
    until: Timestamp,
}

/// Places that are kept for callers who may dial again, by their number.
#[derive(Debug, Default)]
pub(crate) struct Places {
    kept: BTreeMap<(QueueId, Number), Place>,
    order: VecDeque<((QueueId, Number), CallId)>,
}

impl Places {
    fn keep(&mut self, key: (QueueId, Number), place: Place) {
        self.order.push_back((key.clone(), place.call));
        self.kept.insert(key, place);
        while self.order.len() > MOST {
            self.give_up_oldest();
        }
    }

    fn take(&mut self, now: Timestamp, key: &(QueueId, Number)) -> Option<Place> {
        while self.order.front().is_some_and(|(key, call)| self.kept.get(key).is_none_or(|place| place.call != *call || place.until < now))
        {
            self.give_up_oldest();
        }
        self.kept.remove(key).filter(|place| place.until >= now)
    }

    /// A number whose place was kept anew since keeps that one.
    fn give_up_oldest(&mut self) {
        if let Some((key, call)) = self.order.pop_front()
            && self.kept.get(&key).is_some_and(|place| place.call == call)
        {
            self.kept.remove(&key);
        }
    }
}

impl Call {
    /// The call breaks off: its place is kept for a while, if its queue does that and the caller can be known again.
    pub fn keep_place(&self, world: &mut World) {
        let (Phase::Waiting(waiting) | Phase::Offered(waiting, _)) = &self.phase else { return };
        let resume = world.plan.queue(waiting.queue).resume;
        if resume.is_zero() || self.from.is_anonymous() {
            return;
        }
        let place = Place { call: self.id, since: waiting.since, breached: self.is_breached(K3), until: world.now + resume };
        world.places.keep((waiting.queue, self.from.clone()), place);
    }

    /// The caller is back in time: the wait goes on from the old entry. The answer clock K3 is the new call's own.
    /// Whether the rank is that of a breached call: it was breached, or would be by now.
    pub fn take_place_up(&self, world: &mut World, waiting: &mut Waiting) -> bool {
        let Some(place) = world.places.take(world.now, &(waiting.queue, self.from.clone())) else { return false };
        waiting.since = place.since;
        let since = place.since.to_wall(world.wall_offset);
        self.record(world, EventKind::PlaceKept { since, after: place.call });
        place.breached || world.now.since(place.since) >= world.plan.timers.answer
    }
}
