//! Moves the journal into the database, at its own pace: calls never wait for it, and whatever stops it, nothing is lost.

use crate::fold::{Batch, Fold, Limits};
use crate::keep::{Cutoff, Keeper};
use crate::scan::{self, Follow, Followed, Position, SegmentId, Step as Read};
use crate::store::{Store, StoreError};
use crate::sweep::Sweep;
use hotline_model::JournalError;
use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, io};
use tokio::sync::watch;

/// How the archiver works.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What is held and written at once.
    pub limits: Limits,
    /// How often it looks for more when there was none, and so the longest a finished call waits for its transaction.
    pub poll: Duration,
    /// First and longest pause after a failure.
    pub back_off: (Duration, Duration),
    /// How often segments that are done with are looked at.
    pub sweep: Duration,
    /// Segments left as they are behind one that a long call needs, before that one is shrunk.
    pub keep_whole: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            poll: Duration::from_millis(200),
            back_off: (Duration::from_millis(100), Duration::from_secs(5)),
            sweep: Duration::from_secs(5),
            keep_whole: 4,
        }
    }
}

/// Why the archiver can't go on at the moment.
#[derive(Debug)]
pub enum ArchiveError {
    /// The database.
    Store(StoreError),
    /// The journal can't be read.
    Journal(io::Error),
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Journal(error) => write!(f, "the journal can't be read: {error}"),
        }
    }
}

impl std::error::Error for ArchiveError {}

impl From<StoreError> for ArchiveError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<io::Error> for ArchiveError {
    fn from(error: io::Error) -> Self {
        Self::Journal(error)
    }
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A batch was written and there may be more.
    More,
    /// All that can be read is stored.
    CaughtUp,
}

/// What the archiver is at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It has not looked yet.
    #[default]
    Starting,
    /// It writes.
    Writing,
    /// All is stored.
    CaughtUp,
    /// It waits for what this says; the journal keeps everything.
    Blocked(String),
}

/// Sums since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls written.
    pub calls: u64,
    /// Of these, calls whose arrival was lost to damage.
    pub without_arrival: u64,
    /// Of these, calls stored as they stood because too many were open.
    pub pushed_out: u64,
    /// Places of damage in the journal that were stepped over.
    pub damaged: u64,
    /// Transactions.
    pub transactions: u64,
    /// Failed tries.
    pub failures: u64,
}

/// What others may know of the archiver while it runs.
#[derive(Clone, Debug, Default)]
pub struct Status(Arc<Mutex<(State, Counts)>>);

impl Status {
    /// What it is at, and its sums.
    pub fn get(&self) -> (State, Counts) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, change: impl FnOnce(&mut State, &mut Counts)) {
        let mut both = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (state, counts) = &mut *both;
        change(state, counts);
    }
}

/// The archiver of one data directory. Its file reads are short but block: give it a thread of its own.
#[derive(Debug)]
pub struct Archiver {
    dir: PathBuf,
    options: Options,
    store: Store,
    status: Status,
    sweep: Sweep,
    keeper: Keeper,
    swept: Option<Instant>,
    damaged: BTreeSet<SegmentId>,
    reading: Option<Reading>,
    batch: Batch,
}

#[derive(Debug)]
struct Reading {
    fold: Fold,
    follow: Follow,
    steps: VecDeque<Read>,
}

impl Archiver {
    /// An archiver from the journal in `dir` to the database at `database`; nothing is opened yet.
    pub fn new(dir: &Path, database: &Path, options: Options) -> Self {
        Self {
            dir: dir.to_owned(),
            options,
            store: Store::new(database),
            status: Status::default(),
            sweep: Sweep::new(options.keep_whole),
            keeper: Keeper::default(),
            swept: None,
            damaged: BTreeSet::new(),
            reading: None,
            batch: Batch::default(),
        }
    }

    /// Destroys what is older than that, too (R130, R142).
    pub fn keeping(self, cutoff: Cutoff) -> Self {
        Self { keeper: Keeper::new(cutoff), ..self }
    }

    /// A view on its state for whoever asks.
    pub fn status(&self) -> Status {
        self.status.clone()
    }

    /// Archives until told to stop; then stores what is there already, unless something is in the way.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let (first, longest) = self.options.back_off;
        let mut pause = first;
        loop {
            let wait = match self.step().await {
                Ok(step) => {
                    pause = first;
                    if step == Step::More {
                        continue;
                    }
                    self.options.poll
                }
                Err(_told) => {
                    let wait = pause;
                    pause = (pause * 2).min(longest);
                    wait
                }
            };
            if *stop.borrow() {
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                changed = stop.changed() => if changed.is_err() { break },
            }
        }
        self.close().await;
    }

    /// Closes the database. What was read and is not stored yet stays in the journal.
    pub async fn close(mut self) {
        self.store.close().await;
    }

    /// Reads up to a batch and writes it. After an error the same batch is tried again at the next step.
    pub async fn step(&mut self) -> Result<Step, ArchiveError> {
        let result = self.try_step().await;
        self.tell(&result);
        result
    }

    async fn try_step(&mut self) -> Result<Step, ArchiveError> {
        if self.reading.is_none() {
            let cursor = self.store.cursor().await?;
            self.batch.cursor = cursor;
            self.reading =
                Some(Reading { fold: Fold::new(self.options.limits, cursor), follow: Follow::default(), steps: VecDeque::new() });
        }
        let full = self.batch.is_full(&self.options.limits) || self.fill()?;
        if !self.batch.is_empty() {
            self.store.write(&self.batch).await?;
            self.count_batch();
            self.batch = Batch::from(self.batch.cursor);
        }
        self.sweep_if_due().await;
        Ok(if full { Step::More } else { Step::CaughtUp })
    }

    /// Fills the batch; `false` when the journal's end came first.
    fn fill(&mut self) -> Result<bool, ArchiveError> {
        let reading = self.reading.as_mut().expect("set at the first step");
        loop {
            let segment = reading.follow.segment();
            while let Some(step) = reading.steps.pop_front() {
                match step {
                    Read::Entry(entry, offset) => {
                        if reading.fold.take(entry, Position { segment, offset }, &mut self.batch) {
                            return Ok(true);
                        }
                    }
                    Read::Skipped(error) => {
                        tracing::warn!(segment = segment.file_name(), %error, "damage in the journal");
                        self.damaged.insert(segment);
                        self.status.set(|_, counts| counts.damaged += 1);
                    }
                }
            }
            match reading.follow.more(&self.dir)? {
                Followed::Steps(steps) => reading.steps.extend(steps),
                Followed::Next(None) => {}
                Followed::Next(Some(error)) => {
                    tracing::warn!(segment = segment.file_name(), %error, "a segment of the journal ends in damage");
                    self.damaged.insert(segment);
                    // What is torn was never written whole: the spool has it again in the next segment, or told that it was lost.
                    let torn = matches!(error, JournalError::TornTail(_));
                    self.status.set(|_, counts| counts.damaged += u64::from(!torn));
                }
                Followed::End => return Ok(false),
            }
        }
    }

    fn count_batch(&self) {
        let pushed_out = self.reading.as_ref().map_or(0, |reading| reading.fold.pushed_out);
        let without_arrival = self.batch.calls.iter().filter(|call| call.record.is_none()).count() as u64;
        if without_arrival > 0 {
            tracing::warn!(calls = without_arrival, "calls without their arrival: their events are stored, but no record");
        }
        self.status.set(|_, counts| {
            counts.calls += self.batch.calls.len() as u64;
            counts.without_arrival += without_arrival;
            counts.pushed_out = pushed_out;
            counts.transactions += 1;
        });
    }

    /// Deletes what is done with, once the database has it for good. A failure here only costs room, so archiving goes on.
    async fn sweep_if_due(&mut self) {
        if self.reading.is_none() || self.swept.is_some_and(|last| last.elapsed() < self.options.sweep) {
            return;
        }
        self.swept = Some(Instant::now());
        match self.keeper.look(&mut self.store).await {
            Ok(0) => {}
            Ok(calls) => tracing::info!(calls, "calls older than `retention.cases` are destroyed (R130, R142)"),
            Err(error) => tracing::warn!(%error, "calls older than `retention.cases` can't be destroyed yet"),
        }
        let Some(reading) = &self.reading else { return };
        let has_old = scan::segments(&self.dir).is_ok_and(|ids| ids.first().is_some_and(|first| *first < reading.follow.segment()));
        if !has_old {
            return;
        }
        match self.store.checkpoint().await {
            Ok(true) => {
                if let Err(error) = self.sweep.run(&self.dir, reading.follow.segment(), &reading.fold.pinned(), &mut self.damaged) {
                    tracing::warn!(%error, "segments of the journal that are done with can't be removed");
                }
            }
            Ok(false) => {}
            Err(error) => tracing::debug!(%error, "the database can't be synced yet; segments stay"),
        }
    }

    fn tell(&self, result: &Result<Step, ArchiveError>) {
        let (before, _) = self.status.get();
        let was_blocked = matches!(before, State::Blocked(_));
        match result {
            Ok(step) => {
                if was_blocked {
                    tracing::info!("records are moved into the database again");
                }
                let state = if *step == Step::More { State::Writing } else { State::CaughtUp };
                self.status.set(|now, _| *now = state);
            }
            Err(error) => {
                if !was_blocked {
                    tracing::warn!(%error, "records wait in the journal until the database can be written");
                }
                self.status.set(|now, counts| {
                    *now = State::Blocked(error.to_string());
                    counts.failures += 1;
                });
            }
        }
    }

    /// Calls held open in memory.
    pub fn open_calls(&self) -> usize {
        self.reading.as_ref().map_or(0, |reading| reading.fold.open())
    }
}
