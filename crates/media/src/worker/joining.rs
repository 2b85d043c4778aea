//! Who talks with whom: bridges of two and conferences of more.

use super::{Pending, Worker, on};
use crate::conference::Conference;
use crate::control::{Event, MAX_CONFERENCE, StreamId};
use crate::stream::Joined;
use hotline_model::Timestamp;

impl Worker {
    pub(super) fn bridge(&mut self, now: Timestamp, a: StreamId, b: StreamId) {
        match (self.by_id.get(&a).copied(), self.by_id.get(&b).copied()) {
            (Some(a), Some(b)) if a != b => {
                self.leave(now, a);
                self.leave(now, b);
                self.pair(now, a, b);
            }
            (_, _) => self.counters.commands_ignored += 1,
        }
    }

    pub(super) fn unbridge(&mut self, now: Timestamp, a: StreamId, b: StreamId) {
        let (Some(&a), Some(&b)) = (self.by_id.get(&a), self.by_id.get(&b)) else {
            self.counters.commands_ignored += 1;
            return;
        };
        let together = match self.joined(a) {
            Joined::Alone => false,
            Joined::Pair(other) => other == b,
            Joined::Conference(slot) => a != b && self.joined(b) == Joined::Conference(slot),
        };
        if together {
            self.leave(now, a);
        } else {
            self.counters.commands_ignored += 1;
        }
    }

    pub(super) fn conference(&mut self, now: Timestamp, mut streams: Vec<StreamId>) {
        let Some(&first) = streams.first() else {
            self.counters.commands_ignored += 1;
            return;
        };
        streams.sort_unstable();
        streams.dedup();
        if streams.len() > MAX_CONFERENCE {
            self.pending.push_back(Pending::Event(Event::ConferenceRefused { stream: first }));
            return;
        }
        let leases: Vec<u32> = streams.iter().filter_map(|stream| self.by_id.get(stream).copied()).collect();
        self.counters.commands_ignored += (streams.len() - leases.len()) as u64;
        leases.iter().for_each(|&lease| self.leave(now, lease));
        match leases[..] {
            [] | [_] => {}
            [a, b] => self.pair(now, a, b),
            _ => self.confer(now, &leases),
        }
    }

    fn joined(&self, lease: u32) -> Joined {
        self.streams.get(lease as usize).and_then(Option::as_ref).map_or(Joined::Alone, |stream| stream.joined)
    }

    fn pair(&mut self, now: Timestamp, a: u32, b: u32) {
        for (one, other) in [(a, b), (b, a)] {
            self.with(one, |stream| stream.joined = Joined::Pair(other));
            self.reschedule(now, one);
        }
    }

    /// All on one millisecond of the grid, so that one mix serves them.
    fn confer(&mut self, now: Timestamp, leases: &[u32]) {
        let slot = self.conferences.iter().position(Option::is_none).unwrap_or(self.conferences.len());
        if slot == self.conferences.len() {
            self.conferences.push(None);
        }
        self.conferences[slot] = Some(Box::new(Conference::new(leases)));
        let mut shared = None;
        for &lease in leases {
            let Some(stream) = on(&mut self.streams, lease) else { continue };
            if let Some(phase) = stream.phase.take() {
                self.grid.leave(phase, lease);
            }
            stream.outgoing.pause();
            stream.joined = Joined::Conference(slot as u32);
            let phase = match shared {
                Some(phase) => self.grid.join_at(now, lease, phase),
                None => self.grid.join(now, lease),
            };
            shared = Some(phase);
            stream.phase = Some(phase);
        }
    }

    /// Takes a stream out of whatever it is in; the others of a conference talk on.
    pub(super) fn leave(&mut self, now: Timestamp, lease: u32) {
        let Some(joined) = self.with(lease, |stream| std::mem::take(&mut stream.joined)) else { return };
        match joined {
            Joined::Alone => {}
            Joined::Pair(other) => {
                self.alone(now, lease);
                self.alone(now, other);
            }
            Joined::Conference(slot) => {
                self.alone(now, lease);
                self.leave_conference(now, lease, slot);
            }
        }
    }

    fn leave_conference(&mut self, now: Timestamp, lease: u32, slot: u32) {
        let Some(place) = self.conferences.get_mut(slot as usize) else { return };
        let Some((a, b)) = place.as_mut().and_then(|conference| conference.leave(lease)) else { return };
        *place = None;
        self.alone(now, a);
        self.alone(now, b);
        self.pair(now, a, b);
    }

    fn alone(&mut self, now: Timestamp, lease: u32) {
        self.with(lease, |stream| {
            stream.joined = Joined::Alone;
            stream.outgoing.pause();
        });
        self.reschedule(now, lease);
    }
}
