//! Which seat goes first: by keys or weights, and for whom a call waits.

use super::{Call, Reference, Seat, distinct, queues, skills_of};
use hotline_model::{Activity, CustomerType, Intent, QueueId, SeatId, SeatState, SkillId, Timestamp};
use hotline_rules::{Key, Plan, Ranking};
use std::time::Duration;

/// What dynamic keys go by: all states since the last signing in, and all rings.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    states: Vec<(Timestamp, SeatState)>,
    rings_ms: Vec<i64>,
    ready: bool,
    /// Share of time on calls in per mille and class of answer speed, as they were when the seat became ready.
    frozen: (i64, i64),
}

impl Past {
    fn occupied(&self, now: Timestamp) -> i64 {
        let ends = self.states.iter().skip(1).map(|(at, _)| *at).chain([now]);
        let (mut signed_in, mut on_calls) = (0, 0);
        for ((from, state), until) in self.states.iter().zip(ends) {
            let time = until.since(*from).as_micros() as i64;
            let busy = state.activity != Activity::Free;
            signed_in += if busy || state.reachable && state.intent != Intent::SignedOut { time } else { 0 };
            on_calls += if busy { time } else { 0 };
        }
        if signed_in == 0 { 0 } else { on_calls * 1000 / signed_in }
    }

    fn slow(&self, full_ring: Duration) -> i64 {
        let average = self.rings_ms.iter().copied().reduce(|average, ring| (average * 3 + ring) / 4);
        (average.unwrap_or(0) * 8 / full_ring.as_millis() as i64).min(7)
    }
}

pub(super) fn is_dynamic(plan: &Plan) -> bool {
    let all = (0..plan.queues.len() as u16).map(|queue| plan.ranking(QueueId(queue)));
    all.into_iter().any(|ranking| ranking.has(Key::LeastOccupied) || ranking.has(Key::Responsiveness))
}

impl Reference {
    /// Writes down what changed of each seat, and freezes what those go by that became ready.
    pub(super) fn write_down(&mut self, now: Timestamp) {
        for Seat { state, paused, past, .. } in &mut self.seats {
            let before = past.states.last().map(|(_, state)| *state);
            if before.is_some_and(|before| before.intent == Intent::SignedOut) && state.intent != Intent::SignedOut {
                past.states.clear();
            }
            if before != Some(*state) {
                past.states.push((now, *state));
            }
            let ready = state.is_ready() && !*paused;
            if ready && !past.ready {
                past.frozen = (past.occupied(now), past.slow(self.plan.timers.ring_per_offer));
            }
            past.ready = ready;
        }
    }

    pub(super) fn rang(&mut self, seat: SeatId, ring: Duration) {
        let ring = ring.min(self.plan.timers.ring_per_offer);
        self.seats[seat.index()].past.rings_ms.push(ring.as_millis() as i64);
    }

    /// The past counts from when rules first ask for it.
    pub(super) fn forget_past(&mut self, now: Timestamp) {
        for Seat { state, past, .. } in &mut self.seats {
            *past = Past { states: vec![(now, *state)], ready: past.ready, ..Past::default() };
        }
    }

    /// The agents of its own for whom a call waits, in the order in which they are offered it.
    pub(super) fn own_agents(&self, now: Timestamp, call: &Call) -> Vec<SeatId> {
        let (profile, patience) = (&call.profile, self.plan.assign.wait_for);
        let own = [(profile.owner, patience.owner), (profile.last, patience.last), (profile.preferred, patience.preferred)];
        let in_time = own.into_iter().filter(|(_, patience)| now.since(call.since) < *patience).filter_map(|(seat, _)| seat);
        let there = in_time.filter(|seat| {
            let state = self.seats[seat.index()].state;
            state.reachable && state.intent == Intent::Available
        });
        let may = there.filter(|seat| queues(call).any(|queue| self.of_queue(call, queue, *seat).is_some()));
        let mut all: Vec<SeatId> = Vec::new();
        may.for_each(|seat| {
            if !all.contains(&seat) {
                all.push(seat)
            }
        });
        all
    }

    /// What decides inside a tier, the smaller the better.
    pub(super) fn inside_tier(&self, call: &Call, queue: QueueId, id: SeatId, step: usize) -> Vec<i64> {
        let (seat, profile, frozen) = (self.plan.seat(id), &call.profile, self.seats[id.index()].past.frozen);
        let mastered = |skills: &[SkillId]| -> i64 { skills.iter().map(|skill| i64::from(seat.proficiency[skill.index()])).sum() };
        let asked = skills_of(&self.plan.queue(queue).steps[step].requires);
        let others: Vec<SkillId> = distinct(profile.skills.iter().map(|need| need.skill).filter(|skill| !asked.contains(skill)).collect());
        let far = |region| seat.region.and_then(|own| self.plan.distance_between(region, own)).map_or(i64::from(u32::MAX), i64::from);
        let far = profile.region.map_or(0, far);
        let for_them = |kind: CustomerType| seat.customer_types.contains(&kind);
        match self.plan.ranking(queue) {
            Ranking::Keys(keys) => {
                let before_idle = keys.iter().take_while(|key| **key != Key::LongestIdle);
                let values = before_idle.flat_map(|key| match key {
                    Key::Owner => vec![i64::from(profile.owner != Some(id)), i64::from(profile.last != Some(id))],
                    Key::Preference => vec![i64::from(profile.preferred != Some(id))],
                    Key::Proficiency => vec![-mastered(&asked), -mastered(&others)],
                    Key::LeastSufficient => vec![mastered(&asked), mastered(&others)],
                    Key::Region => vec![far],
                    Key::CustomerType => vec![i64::from(!for_them(profile.customer_type))],
                    Key::LeastOccupied => vec![frozen.0],
                    Key::Responsiveness => vec![frozen.1],
                    Key::LongestIdle => Vec::new(),
                });
                values.collect()
            }
            Ranking::Weights(weights) => {
                let skills = (asked.len() + others.len()).max(1) as i64;
                let level = (mastered(&asked) + mastered(&others)) * 100 / skills;
                let farthest = self.plan.distance.iter().flatten().filter(|far| **far < u32::MAX).max().map_or(1, |far| i64::from(*far));
                let all: i64 = weights.iter().map(|(_, weight)| i64::from(*weight)).sum();
                let points = weights.iter().map(|(key, weight)| {
                    let per_mille = match key {
                        Key::Owner if profile.owner == Some(id) => 1000,
                        Key::Owner if profile.last == Some(id) => 500,
                        Key::Preference if profile.preferred == Some(id) => 1000,
                        Key::Proficiency => level,
                        Key::LeastSufficient => 1000 - level,
                        Key::Region => 1000 - far.min(farthest) * 1000 / farthest,
                        Key::CustomerType if for_them(profile.customer_type) => 1000,
                        Key::Owner | Key::Preference | Key::CustomerType | Key::LeastOccupied | Key::Responsiveness | Key::LongestIdle => 0,
                    };
                    63 * i64::from(*weight) * per_mille / (all * 1000)
                });
                vec![-points.sum::<i64>()]
            }
        }
    }
}
