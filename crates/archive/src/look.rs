//! Looks things up for people: in the database, and in the journal for what has not got there yet.

use crate::fold::StoredDecision;
use crate::query::{Filter, Meanwhile, Reader};
use crate::scan::{self, Position, SegmentId, Step};
use crate::store::StoreError;
use crate::unstored::{self, NotRead, Unstored};
use hotline_model::history::{EventKind, SeatEvent};
use hotline_model::{CallEvent, CallId, Entry, Name, Record, WallTime};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::{fmt, io};

/// Each seat's last change at some moment.
pub type SeatStates = BTreeMap<Name, SeatEvent>;

/// Calls by their place in lists.
type NewestLast = BTreeMap<(WallTime, CallId), (Record, Source)>;

/// Where a call was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the database: it is over and archived.
    Database,
    /// In the journal: it is over and on its way to the database.
    Journal,
    /// In the journal: it is not over.
    Live,
}

/// A call, wherever it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its record; `None` if the journal had lost its arrival to damage.
    pub record: Option<Record>,
    /// Its events, in order.
    pub events: Vec<CallEvent>,
    /// Events that were counted in the record but not kept singly.
    pub left_out: u32,
    /// The router's decisions on it, in order.
    pub decisions: Vec<StoredDecision>,
    /// Where.
    pub source: Source,
}

/// Why nothing can be looked up.
#[derive(Debug)]
pub enum LookError {
    /// There is neither a database nor a journal.
    Nothing(PathBuf),
    /// The database.
    Store(PathBuf, StoreError),
    /// The journal can't be read.
    Journal(PathBuf, io::Error),
    /// More calls than this wait in the journal to be stored: the database has been out of reach for long.
    TooManyWaiting(usize),
}

impl fmt::Display for LookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing(dir) => write!(f, "{} holds neither a database nor a journal", dir.display()),
            Self::Store(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Journal(dir, error) => write!(f, "{}: the journal can't be read: {error}", dir.display()),
            Self::TooManyWaiting(most) => {
                write!(f, "more than {most} calls wait in the journal to be stored; look again when the database has caught up")
            }
        }
    }
}

impl std::error::Error for LookError {}

/// A read-only look at a data directory, also while a hotline runs on it.
#[derive(Debug)]
pub struct Look {
    dir: PathBuf,
    database: PathBuf,
    reader: Option<Reader>,
    unstored: Mutex<Unstored>,
}

impl Look {
    /// Opens a data directory.
    pub async fn open(dir: &Path) -> Result<Self, LookError> {
        let database = dir.join(crate::DATABASE);
        let segments = match scan::segments(dir) {
            Ok(segments) => segments,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(LookError::Nothing(dir.to_owned())),
            Err(error) => return Err(LookError::Journal(dir.to_owned(), error)),
        };
        let reader = match Reader::open(&database).await {
            Ok(reader) => Some(reader),
            Err(StoreError::CannotOpen(_)) if segments.is_empty() => return Err(LookError::Nothing(dir.to_owned())),
            Err(StoreError::CannotOpen(_)) => None,
            Err(error) => return Err(LookError::Store(database, error)),
        };
        Ok(Self { dir: dir.to_owned(), database, reader, unstored: Mutex::new(Unstored::new(unstored::MOST)) })
    }

    /// Calls that pass a filter, the newest first; those that are not in the database yet among them. Of the journal a second time reads only
    /// what was written since the first.
    ///
    /// # Errors
    /// Database or journal can't be read, or too many calls wait in the journal.
    pub async fn calls(&self, filter: &Filter) -> Result<Vec<(Record, Source)>, LookError> {
        let mut all = self.not_stored_yet(filter).await?;
        let Some(reader) = &self.reader else { return Ok(newest(all, filter)) };
        // What was stored since the journal was read is what the database says of it in the moment in which it is asked for the others: it
        // may not pass the filter any more. Others may then have its place.
        let (mut stored, mut meanwhile) = self.stored_beside(reader, filter, &all).await?;
        if !meanwhile.is_empty() {
            all = self.not_stored_yet(filter).await?;
            (stored, meanwhile) = self.stored_beside(reader, filter, &all).await?;
            all.retain(|(_, call), _| !meanwhile.contains(call));
        }
        all.extend(stored.into_iter().map(|record| ((record.t0, record.call), (record, Source::Database))));
        Ok(newest(all, filter))
    }

    /// The calls that are not over, with their events but for what only a restart needs of their legs.
    ///
    /// # Errors
    /// Journal or database can't be read.
    pub async fn live(&self) -> Result<Vec<(Record, Vec<CallEvent>)>, LookError> {
        let mut calls: BTreeMap<CallId, Vec<CallEvent>> = BTreeMap::new();
        self.read(|_, entry, _| {
            let Entry::Call(event) = entry else { return };
            if matches!(event.kind, EventKind::Archived) {
                calls.remove(&event.call);
            } else if !matches!(event.kind, EventKind::Leg { .. } | EventKind::Inviting { .. }) {
                calls.entry(event.call).or_default().push(event);
            }
        })?;
        // The end of a call may have been deleted with its segment after its beginning was read; then it is stored.
        if let Some(reader) = &self.reader {
            let stored = reader.stored_of(calls.keys().copied()).await.map_err(|error| self.store(error))?;
            calls.retain(|call, _| !stored.contains(call));
        }
        Ok(calls.into_values().filter_map(|events| Some((Record::fold(&events)?, events))).collect())
    }

    /// All that is known about a call.
    pub async fn call(&self, call: CallId) -> Result<Option<Found>, LookError> {
        if let Some(found) = self.stored(call).await? {
            return Ok(Some(found));
        }
        let mut found = self.journaled(call)?;
        // What is stored by now may have moved while the journal was read, and a part of it is all that was met there. What is not was whole.
        if let Some(found) = self.stored(call).await? {
            return Ok(Some(found));
        }
        if found.events.is_empty() {
            return Ok(None);
        }
        if let Some(reader) = &self.reader {
            let stored = reader.decisions(call).await.map_err(|error| self.store(error))?;
            let known: Vec<_> = stored.iter().map(|stored| (stored.epoch, stored.decision.seq)).collect();
            found.decisions.retain(|decision| !known.contains(&(decision.epoch, decision.decision.seq)));
            found.decisions.extend(stored);
            found.decisions.sort_by_key(|decision| (decision.epoch, decision.decision.seq));
        }
        Ok(Some(found))
    }

    /// What each seat was at, at some places of the router's order: (epoch, seq) each.
    pub async fn seat_states_at(&self, places: &[(u32, u64)]) -> Result<Vec<SeatStates>, LookError> {
        let mut all = vec![SeatStates::new(); places.len()];
        self.read(|segment, entry, _| {
            let Entry::Seat(event) = entry else { return };
            for (states, _) in all.iter_mut().zip(places).filter(|(_, place)| place.0 == segment.epoch && place.1 >= event.seq) {
                take_newer(states, &event);
            }
        })?;
        let Some(reader) = &self.reader else { return Ok(all) };
        for (states, &(epoch, seq)) in all.iter_mut().zip(places) {
            let stored = reader.seat_states_at(epoch, seq).await.map_err(|error| self.store(error))?;
            stored.values().for_each(|event| take_newer(states, event));
        }
        Ok(all)
    }

    /// What happened from a place in the router's order up to a time, on all calls and seats; of each the first `most`.
    pub async fn meanwhile(&self, epoch: u32, from: u64, until: WallTime, most: u32) -> Result<Meanwhile, LookError> {
        let (mut seats, mut decisions) = (BTreeMap::new(), BTreeMap::new());
        self.read(|segment, entry, _| match entry {
            Entry::Seat(event) if segment.epoch == epoch && event.seq >= from && event.at <= until => {
                seats.insert(event.seq, event);
            }
            Entry::Decision { decision, at, queue, seat } if segment.epoch == epoch && decision.seq >= from && at <= until => {
                decisions.insert(decision.seq, StoredDecision { epoch, decision, at, queue, seat });
            }
            Entry::Boot { .. }
            | Entry::Registrations { .. }
            | Entry::HotDesk { .. }
            | Entry::WrongPins(_)
            | Entry::Switched(_)
            | Entry::Call(_)
            | Entry::Decision { .. }
            | Entry::Seat(_) => {}
        })?;
        if let Some(reader) = &self.reader {
            let stored = reader.meanwhile(epoch, from, until, most).await.map_err(|error| self.store(error))?;
            seats.extend(stored.seats.into_iter().map(|event| (event.seq, event)));
            decisions.extend(stored.decisions.into_iter().map(|stored| (stored.decision.seq, stored)));
        }
        let most = most as usize;
        Ok(Meanwhile { seats: seats.into_values().take(most).collect(), decisions: decisions.into_values().take(most).collect() })
    }

    /// The boot epoch of the last run of which anything is known.
    pub async fn last_epoch(&self) -> Result<u32, LookError> {
        let segments = scan::segments(&self.dir).map_err(|error| LookError::Journal(self.dir.clone(), error))?;
        let journal = segments.iter().map(|segment| segment.epoch).max().unwrap_or(0);
        let stored = match &self.reader {
            Some(reader) => reader.cursor().await.map_err(|error| self.store(error))?.segment.epoch,
            None => 0,
        };
        Ok(journal.max(stored))
    }

    /// A seat's last changes in a run, the newest first.
    pub async fn seat_history(&self, epoch: u32, seat: &str, most: u32) -> Result<Vec<SeatEvent>, LookError> {
        let mut all = BTreeMap::new();
        self.read(|segment, entry, _| {
            if let Entry::Seat(event) = entry
                && segment.epoch == epoch
                && *event.seat == *seat
            {
                all.insert(event.seq, event);
            }
        })?;
        if let Some(reader) = &self.reader {
            let stored = reader.seat_history(epoch, seat, most).await.map_err(|error| self.store(error))?;
            all.extend(stored.into_iter().map(|event| (event.seq, event)));
        }
        Ok(all.into_values().rev().take(most as usize).collect())
    }

    async fn stored(&self, call: CallId) -> Result<Option<Found>, LookError> {
        let Some(reader) = &self.reader else { return Ok(None) };
        let stored = reader.call(call).await.map_err(|error| self.store(error))?;
        Ok(stored.map(|call| Found {
            record: call.record,
            events: call.events,
            left_out: call.left_out,
            decisions: call.decisions,
            source: Source::Database,
        }))
    }

    fn journaled(&self, call: CallId) -> Result<Found, LookError> {
        let (mut events, mut decisions, mut source) = (Vec::new(), Vec::new(), Source::Live);
        self.read(|segment, entry, _| match entry {
            Entry::Call(event) if event.call == call => {
                if matches!(event.kind, EventKind::Archived) {
                    source = Source::Journal;
                }
                events.push(event);
            }
            Entry::Decision { decision, at, queue, seat } if decision.call == call => {
                decisions.push(StoredDecision { epoch: segment.epoch, decision, at, queue, seat });
            }
            Entry::Boot { .. }
            | Entry::Registrations { .. }
            | Entry::HotDesk { .. }
            | Entry::WrongPins(_)
            | Entry::Switched(_)
            | Entry::Call(_)
            | Entry::Decision { .. }
            | Entry::Seat(_) => {}
        })?;
        Ok(Found { record: Record::fold(&events), events, left_out: 0, decisions, source })
    }

    async fn stored_beside(
        &self,
        reader: &Reader,
        filter: &Filter,
        others: &NewestLast,
    ) -> Result<(Vec<Record>, BTreeSet<CallId>), LookError> {
        reader.calls_beside(filter, others.keys().map(|(_, call)| *call)).await.map_err(|error| self.store(error))
    }

    async fn not_stored_yet(&self, filter: &Filter) -> Result<NewestLast, LookError> {
        let cursor = match &self.reader {
            Some(reader) => reader.cursor().await.map_err(|error| self.store(error))?,
            None => Position::default(),
        };
        let mut unstored = self.unstored.lock().unwrap_or_else(PoisonError::into_inner);
        unstored.read_on(&self.dir, cursor).map_err(|error| match error {
            NotRead::Io(error) => LookError::Journal(self.dir.clone(), error),
            NotRead::TooMany(most) => LookError::TooManyWaiting(most),
        })?;
        let mut newest = BTreeMap::new();
        for (record, source) in unstored.calls().filter(|(record, _)| filter.admits(record)) {
            newest.insert((record.t0, record.call), (record, source));
            if newest.len() > filter.limit as usize {
                newest.pop_first();
            }
        }
        Ok(newest.into_iter().map(|(place, (record, source))| (place, (record.clone(), source))).collect())
    }

    /// Reads the journal, which comes before the database wherever both are asked: what moves meanwhile is then met twice, and never missed.
    fn read(&self, mut take: impl FnMut(SegmentId, Entry, Position)) -> Result<(), LookError> {
        scan::read_all(&self.dir, |segment, _, step| match step {
            Step::Entry(entry, offset) => take(segment, entry, Position { segment, offset }),
            Step::Skipped(_) => {}
        })
        .map(drop)
        .map_err(|error| LookError::Journal(self.dir.clone(), error))
    }

    fn store(&self, error: StoreError) -> LookError {
        LookError::Store(self.database.clone(), error)
    }
}

fn newest(all: NewestLast, filter: &Filter) -> Vec<(Record, Source)> {
    all.into_values().rev().take(filter.limit as usize).collect()
}

fn take_newer(states: &mut SeatStates, event: &SeatEvent) {
    if states.get(&event.seat).is_none_or(|known| known.seq < event.seq) {
        states.insert(event.seat.clone(), event.clone());
    }
}
