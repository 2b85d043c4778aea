//! Folds the journal's entries into finished calls, with the calls that are still open held in memory.

use crate::scan::{Position, SegmentId};
use hotline_model::history::{EventKind, SeatEvent};
use hotline_model::{CallEvent, CallId, Decision, Entry, Name, Record, WallTime};
use std::collections::{BTreeMap, BTreeSet};

/// How much is held in memory and written at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open calls. One more, and the oldest is stored as it stands: far above the engine's own limit, so it can only be one that was
    /// never ended.
    pub open_calls: usize,
    /// Events kept of one call. Later ones still count in its record but are not stored singly; how many is stored.
    pub events_per_call: usize,
    /// Calls per transaction.
    pub calls: usize,
    /// Events, decisions and seat changes per transaction.
    pub rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { open_calls: 100_000, events_per_call: 4_096, calls: 500, rows: 20_000 }
    }
}

/// A decision as stored: with the run it was made in, since `seq` begins anew in each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDecision {
    /// Boot epoch of the run.
    pub epoch: u32,
    /// The 64 bytes.
    pub decision: Decision,
    /// When, by the wall clock.
    pub at: WallTime,
    /// The queue's name.
    pub queue: Name,
    /// The winner's name.
    pub seat: Option<Name>,
}

/// A call that is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// The call.
    pub call: CallId,
    /// Its record; `None` if the journal had lost its arrival to damage.
    pub record: Option<Record>,
    /// Its events, in order.
    pub events: Vec<CallEvent>,
    /// How many further events were not kept singly.
    pub left_out: u32,
}

/// What is written in one transaction.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Finished calls.
    pub calls: Vec<Finished>,
    /// Decisions.
    pub decisions: Vec<StoredDecision>,
    /// Seat changes, with their run.
    pub seats: Vec<(u32, SeatEvent)>,
    /// All before this is stored once the batch is.
    pub cursor: Position,
    rows: usize,
}

impl From<Position> for Batch {
    fn from(cursor: Position) -> Self {
        Self { cursor, ..Self::default() }
    }
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    fn finish(&mut self, call: CallId, open: Open, is_new: bool) {
        if is_new {
            self.rows += open.events.len();
            self.calls.push(Finished { call, record: open.record, events: open.events, left_out: open.left_out });
        }
    }

    pub(crate) fn is_full(&self, limits: &Limits) -> bool {
        self.calls.len() >= limits.calls || self.rows >= limits.rows
    }
}

/// The fold and the batch it is filling.
#[derive(Debug, Default)]
pub(crate) struct Fold {
    limits: Limits,
    open: BTreeMap<CallId, Open>,
    /// Calls that were stored as they stood, because more than the limit were open.
    pub(crate) pushed_out: u64,
    /// Entries before this were stored by an earlier run.
    stored: Position,
}

#[derive(Debug, Default)]
struct Open {
    record: Option<Record>,
    events: Vec<CallEvent>,
    left_out: u32,
    segments: Vec<SegmentId>,
}

impl Fold {
    pub(crate) fn new(limits: Limits, stored: Position) -> Self {
        Self { limits, stored, ..Self::default() }
    }

    /// Takes an entry that ends at `end`; `true` when the batch is full and should be written first thing.
    pub(crate) fn take(&mut self, entry: Entry, end: Position, batch: &mut Batch) -> bool {
        let is_new = end > self.stored;
        let epoch = end.segment.epoch;
        match entry {
            Entry::Boot { .. } | Entry::Registrations { .. } | Entry::HotDesk { .. } | Entry::WrongPins(_) | Entry::Switched(_) => {}
            Entry::Call(event) => self.event(event, end.segment, is_new, batch),
            Entry::Decision { decision, at, queue, seat } if is_new => {
                batch.decisions.push(StoredDecision { epoch, decision, at, queue, seat });
                batch.rows += 1;
            }
            Entry::Seat(event) if is_new => {
                batch.seats.push((epoch, event));
                batch.rows += 1;
            }
            Entry::Decision { .. } | Entry::Seat(_) => {}
        }
        batch.cursor = batch.cursor.max(end);
        batch.is_full(&self.limits)
    }

    fn event(&mut self, event: CallEvent, segment: SegmentId, is_new: bool, batch: &mut Batch) {
        let call = event.call;
        let ends = matches!(event.kind, EventKind::Archived);
        self.open.entry(call).or_default().take(event, segment, self.limits.events_per_call);
        if ends {
            let open = self.open.remove(&call).expect("it was just there");
            batch.finish(call, open, is_new);
        } else if self.open.len() > self.limits.open_calls
            && let Some((call, open)) = self.open.pop_first()
        {
            self.pushed_out += 1;
            batch.finish(call, open, true);
        }
    }

    /// Open calls, as far as they began here.
    pub(crate) fn open(&self) -> usize {
        self.open.len()
    }

    /// The calls that need a segment kept, by segment. A call without its arrival needs none: it can't be taken up again.
    pub(crate) fn pinned(&self) -> BTreeMap<SegmentId, BTreeSet<CallId>> {
        let mut pinned: BTreeMap<SegmentId, BTreeSet<CallId>> = BTreeMap::new();
        for (call, open) in self.open.iter().filter(|(_, open)| open.record.is_some()) {
            for segment in &open.segments {
                pinned.entry(*segment).or_default().insert(*call);
            }
        }
        pinned
    }
}

impl Open {
    fn take(&mut self, event: CallEvent, segment: SegmentId, most: usize) {
        if self.segments.last() != Some(&segment) {
            self.segments.push(segment);
        }
        match &mut self.record {
            Some(record) => record.apply(&event),
            None if self.events.is_empty() => self.record = Record::begin(&event),
            None => {}
        }
        if self.events.len() < most {
            self.events.push(event);
        } else {
            self.left_out += 1;
        }
    }
}
