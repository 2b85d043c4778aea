//! What is recorded around a call while it waited.

use super::until;
use crate::cli::why::pauses::{self, Setting};
use hotline_archive::{Found, Look, LookError, Meanwhile, SeatStates, StoredDecision};
use hotline_model::history::SeatEvent;
use hotline_model::{CallEvent, CallId, Name, Record, Revision, SeatState, WallTime};
use hotline_rules::Plan;
use std::collections::{BTreeMap, BTreeSet};

/// Most changes of a kind that are read for one call; a call that saw more is explained up to there.
const MOST: u32 = 200_000;
/// So many seats' changes and decisions before a call's first decision are looked through for offers that just failed.
const BEFORE: u64 = 2_000;
/// Calls of which it is asked, beside the one that is told of, whose offers failed; those that were refused last.
const REFUSED: usize = 100;

/// What the router saw while a call waited.
#[derive(Debug, Default)]
pub struct Around {
    /// In order: by run, then by the router's order.
    pub runs: Vec<(SeatStates, Meanwhile)>,
    /// Seats' changes up to the end of the wait and a while before it, in order.
    pub changes: Vec<SeatEvent>,
    /// Other calls that seats did not take in this time, with what became of their offers.
    pub refused: Vec<(CallId, Vec<CallEvent>)>,
}

impl Around {
    /// Reads what happened from a call's first decision in each run until it was answered or gone.
    pub async fn read(look: &Look, found: &Found, record: &Record, now: WallTime) -> Result<Self, LookError> {
        let until = until(found, record, now);
        let mut firsts: BTreeMap<u32, u64> = BTreeMap::new();
        for stored in &found.decisions {
            firsts.entry(stored.epoch).or_insert(stored.decision.seq);
        }
        let places: Vec<(u32, u64)> = firsts.into_iter().collect();
        let states = look.seat_states_at(&places).await?;
        let (mut runs, mut changes) = (Vec::new(), Vec::new());
        for ((epoch, seq), states) in places.into_iter().zip(states) {
            let mut meanwhile = look.meanwhile(epoch, seq.saturating_sub(BEFORE), until, MOST).await?;
            changes.extend(meanwhile.seats.iter().cloned());
            meanwhile.seats.retain(|event| event.seq >= seq);
            meanwhile.decisions.retain(|stored| stored.decision.seq >= seq);
            runs.push((states, meanwhile));
        }
        let calls = pauses::refused(&changes, record.call, REFUSED);
        Ok(Self { runs, changes, refused: pauses::read(look, &calls).await? })
    }

    /// The seats that were in a pause at a time, whichever call they did not take, until when, and by which setting.
    pub fn paused<'a>(&'a self, own: &'a [CallEvent], plan: &Plan, at: WallTime) -> BTreeMap<&'a Name, (WallTime, Setting)> {
        let up_to = &self.changes[..self.changes.partition_point(|event| event.at <= at)];
        let others = self.refused.iter().flat_map(|(call, events)| pauses::paused_still((*call, events), plan, at, up_to));
        others.chain(pauses::paused(own, plan, at)).collect()
    }

    /// What a seat was at when it was asked for something at a time: what the same step made of it does not count.
    pub fn seat_before(&self, seat: &Name, at: WallTime) -> Option<SeatState> {
        let begun = |(_, meanwhile): &&(SeatStates, Meanwhile)| meanwhile.decisions.first().is_some_and(|first| first.at <= at);
        let (first, meanwhile) = self.runs.iter().rev().find(begun)?;
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
