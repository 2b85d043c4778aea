//! What is recorded around a call while it waited.

use super::until;
use crate::cli::why::pauses::{self, Setting};
use hotline_archive::{Found, Look, LookError, Meanwhile, SeatStates, StoredDecision};
use hotline_model::history::{EventKind, SeatEvent};
use hotline_model::{CallEvent, CallId, Name, Record, Revision, SeatState, WallTime};
use hotline_rules::Plan;
use std::collections::{BTreeMap, BTreeSet};

/// Most changes of a kind that are read for one call; a call that saw more is explained up to there.
const MOST: u32 = 200_000;
/// So many seats' changes and decisions before a call's first decision are looked through for offers that just failed.
const BEFORE: u64 = 2_000;
/// Calls beside the one that is told of, of which it is asked when they left its queue; the last ones.
const IN_LINE: usize = 100;
/// Calls of which it is asked, beside the one that is told of, whose offers failed; those that were refused last.
const REFUSED: usize = 100;

/// What the router saw while a call waited.
#[derive(Debug, Default)]
pub struct Around {
    /// In order: by run, then by the router's order.
    pub runs: Vec<(SeatStates, Meanwhile)>,
    /// Of each run the seats' changes up to the end of the wait and a while before it, in order.
    pub changes: Vec<Vec<SeatEvent>>,
    /// Other calls that seats did not take in this time, with what became of their offers.
    pub refused: Vec<(CallId, Vec<CallEvent>)>,
    /// What was decided a while before on others, in the queues in which the call waits and that have a reserve.
    pub earlier: Vec<StoredDecision>,
    /// Others in these queues, with when each was taken out of the line.
    pub line: BTreeMap<CallId, Vec<WallTime>>,
}

impl Around {
    /// Reads what happened from a call's first decision in each run until it was answered or gone; `reserves` are the queues that have a
    /// reserve.
    pub async fn read(look: &Look, found: &Found, record: &Record, reserves: &BTreeSet<Name>, now: WallTime) -> Result<Self, LookError> {
        let until = until(found, record, now);
        let mut firsts: BTreeMap<u32, u64> = BTreeMap::new();
        for stored in &found.decisions {
            firsts.entry(stored.epoch).or_insert(stored.decision.seq);
        }
        let places: Vec<(u32, u64)> = firsts.into_iter().collect();
        let states = look.seat_states_at(&places).await?;
        let (mut runs, mut changes, mut earlier) = (Vec::new(), Vec::new(), Vec::new());
        for ((epoch, seq), states) in places.into_iter().zip(states) {
            let mut meanwhile = look.meanwhile(epoch, seq.saturating_sub(BEFORE), until, MOST).await?;
            changes.push(meanwhile.seats.clone());
            meanwhile.seats.retain(|event| event.seq >= seq);
            let (before, since) = meanwhile.decisions.into_iter().partition(|stored| stored.decision.seq < seq);
            meanwhile.decisions = since;
            earlier.extend::<Vec<StoredDecision>>(before);
            runs.push((states, meanwhile));
        }
        let calls = pauses::refused(changes.iter().flatten(), record.call, REFUSED);
        let refused = pauses::read(look, &calls).await?;
        earlier.retain(|stored| reserves.contains(&stored.queue));
        let mut around = Self { runs, changes, refused, earlier, line: BTreeMap::new() };
        let others: BTreeSet<CallId> = around.in_line(reserves).filter(|call| *call != record.call).collect();
        let others: Vec<CallId> = others.into_iter().rev().take(IN_LINE).collect();
        let left = pauses::events(look, &others, leaves).await?.into_iter();
        around.line = left.map(|(call, events)| (call, events.iter().map(|event| event.at).collect())).collect();
        Ok(around)
    }

    /// The calls that were decided on in these queues.
    fn in_line(&self, queues: &BTreeSet<Name>) -> impl Iterator<Item = CallId> {
        let all = self.earlier.iter().chain(self.decisions());
        all.filter(|stored| queues.contains(&stored.queue)).map(|stored| stored.decision.call)
    }

    /// The seats that were in a pause at a time, whichever call they did not take, until when, and by which setting.
    pub fn paused<'a>(&'a self, own: &'a [CallEvent], plan: &Plan, at: WallTime) -> BTreeMap<&'a Name, (WallTime, Setting)> {
        // A restart ends all pauses.
        let begun = self.runs.iter().zip(&self.changes).rev().find(|((_, meanwhile), _)| begun(meanwhile, at));
        let changes = begun.map(|(_, changes)| changes).or_else(|| self.changes.first()).map_or(&[][..], |changes| changes);
        let up_to = &changes[..changes.partition_point(|event| event.at <= at)];
        let others = self.refused.iter().flat_map(|(call, events)| pauses::paused_still((*call, events), plan, at, up_to));
        others.chain(pauses::paused(own, plan, at)).collect()
    }

    /// What a seat was at when it was asked for something at a time: what the same step made of it does not count.
    pub fn seat_before(&self, seat: &Name, at: WallTime) -> Option<SeatState> {
        let (first, meanwhile) = self.runs.iter().rev().find(|(_, meanwhile)| begun(meanwhile, at))?;
        let changed = meanwhile.seats.iter().rev().find(|event| event.seat == *seat && event.at < at);
        changed.or_else(|| first.get(seat)).map(|event| event.state)
    }

    /// All that was decided meanwhile, on whichever call.
    pub fn decisions(&self) -> impl Iterator<Item = &StoredDecision> {
        self.runs.iter().flat_map(|(_, meanwhile)| &meanwhile.decisions)
    }

    /// The rules that were in force meanwhile.
    pub fn revisions(&self, found: &Found) -> BTreeSet<Revision> {
        found.decisions.iter().chain(self.decisions()).map(|stored| stored.decision.revision).collect()
    }
}

/// Whether a run had decided on the call by then.
fn begun(run: &Meanwhile, at: WallTime) -> bool {
    run.decisions.first().is_some_and(|first| first.at <= at)
}

/// Whether a call is no longer in a queue's line with this: a call that rings does not wait.
fn leaves(event: &CallEvent) -> bool {
    let served = matches!(event.kind, EventKind::Offered { .. } | EventKind::Answered { .. });
    served || matches!(event.kind, EventKind::HungUp { .. }) || event.kind.leaves_all_queues()
}
