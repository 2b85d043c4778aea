//! The journal's writer: one write(2) per loop turn, and no entry lost while the disk is full, failing or slow.

use crate::medium::{Dirty, Files, Medium};
use crate::recover::{self, Recovered};
use crate::scan::SegmentId;
use hotline_model::{Entry, WallTime, encode_entry};
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fmt, thread};

/// Sizes of the spool.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// A segment is closed and the next begun when it would grow beyond this, in bytes.
    pub segment_bytes: u64,
    /// Set aside on disk for the journal when the disk is full (F4), in bytes.
    pub reserve_bytes: u64,
    /// Kept in memory at most while nothing can be written, in bytes.
    pub memory_bytes: usize,
    /// The epoch begins above this: for a new data directory beside an old database.
    pub epoch_above: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment_bytes: 64 << 20, reserve_bytes: 64 << 20, memory_bytes: 64 << 20, epoch_above: 0 }
    }
}

/// How the spool is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Everything is on its way to disk.
    Good,
    /// The disk is full or nearly so: the journal lives on its reserve, or none could be set aside.
    Reserve,
    /// Nothing can be written; so much waits in memory and would be lost with the process.
    Memory {
        /// Bytes waiting.
        bytes: usize,
    },
    /// Memory is full too; so many entries were dropped since the start.
    Full {
        /// Entries dropped.
        lost: u64,
    },
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good => f.write_str("the journal is written"),
            Self::Reserve => f.write_str("the disk is (nearly) full: the journal has no whole reserve; make room"),
            Self::Memory { bytes } => write!(f, "the journal can't be written: {bytes} bytes wait in memory; make room"),
            Self::Full { lost } => write!(f, "the journal can't be written and memory is full: {lost} entries were dropped"),
        }
    }
}

/// Why the journal could not be opened.
#[derive(Debug)]
pub enum OpenError {
    /// Another hotline uses the directory.
    Locked {
        /// The data directory.
        dir: PathBuf,
        /// Its process, if it said so.
        pid: Option<u32>,
    },
    /// The directory can't be read or written.
    Io(PathBuf, io::Error),
    /// All 2^24 epochs are used up.
    EpochsUsedUp,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked { dir, pid } => {
                write!(f, "{} is in use by another hotline", dir.display())?;
                pid.map_or(Ok(()), |pid| write!(f, " (process {pid})"))?;
                f.write_str("; stop it or choose another data directory")
            }
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Self::EpochsUsedUp => f.write_str("all boot epochs are used up; move the data directory away and start with a new one"),
        }
    }
}

impl std::error::Error for OpenError {}

/// The journal of one run. Belongs to the engine's thread; holds the lock on the data directory.
#[derive(Debug)]
pub struct Journal {
    writer: Writer<Files>,
    dirty: Dirty,
    dir: PathBuf,
    epoch_saved: bool,
    _lock: File,
}

impl Journal {
    /// Locks the directory, reads what is there, begins a new epoch and writes its `Boot`.
    /// Damage in old segments and a full disk are told and never fail it.
    pub fn open(dir: &Path, options: Options) -> Result<(Self, Recovered), OpenError> {
        let at = |error| OpenError::Io(dir.to_owned(), error);
        std::fs::create_dir_all(dir).map_err(at)?;
        let lock = lock(dir)?;
        let mut recovered = recover::read(dir).map_err(at)?;
        recovered.epoch = recovered.epoch.max(options.epoch_above) + 1;
        if recovered.epoch > 0x00ff_ffff {
            return Err(OpenError::EpochsUsedUp);
        }
        let epoch_saved = recover::save_epoch(dir, recovered.epoch).is_ok();
        let files = Files::new(dir, options.reserve_bytes);
        let dirty = files.dirty();
        let mut writer = Writer::new(files, dir, recovered.epoch, options);
        let mut boot = Vec::new();
        encode_entry(&Entry::Boot { epoch: recovered.epoch, at: wall_now() }, &mut boot);
        writer.append(&boot);
        writer.flush();
        Ok((Self { writer, dirty, dir: dir.to_owned(), epoch_saved, _lock: lock }, recovered))
    }

    /// Takes the encoded entries of one loop turn: one write(2) when all is well. Never fails and never blocks on anything but the disk.
    pub fn append(&mut self, bytes: &[u8]) {
        self.writer.append(bytes);
    }

    /// Tries again to write what waits in memory and to set the reserve aside; call it about once a second.
    pub fn flush_pending(&mut self) {
        if !self.epoch_saved {
            self.epoch_saved = recover::save_epoch(&self.dir, self.writer.epoch).is_ok();
        }
        self.writer.flush();
    }

    /// How the spool is doing now.
    pub fn health(&self) -> Health {
        self.writer.health
    }

    /// The health, if its kind changed since this was last asked: to be logged once per change.
    pub fn health_change(&mut self) -> Option<Health> {
        let changed = std::mem::discriminant(&self.writer.told) != std::mem::discriminant(&self.writer.health);
        self.writer.told = self.writer.health;
        changed.then_some(self.writer.health)
    }

    /// Entries dropped since the start because disk and memory were full.
    pub fn lost(&self) -> u64 {
        self.writer.lost
    }

    /// The boot epoch of this run.
    pub fn epoch(&self) -> u32 {
        self.writer.epoch
    }

    /// What a background thread needs to fsync the journal.
    pub fn syncer(&self) -> Syncer {
        Syncer { dir: self.dir.clone(), dirty: std::sync::Arc::downgrade(&self.dirty) }
    }
}

fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join("lock");
    let at = |error| OpenError::Io(path.clone(), error);
    let mut file = File::options().create(true).read(true).write(true).truncate(false).open(&path).map_err(at)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let pid = std::fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok());
            return Err(OpenError::Locked { dir: dir.to_owned(), pid });
        }
        Err(TryLockError::Error(error)) => return Err(at(error)),
    }
    // The process id only makes the other's message better: a full disk may refuse it.
    let _told = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(file)
}

fn wall_now() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Makes the journal outlive a power failure, away from the engine's thread.
#[derive(Clone, Debug)]
pub struct Syncer {
    dir: PathBuf,
    dirty: Weak<std::sync::Mutex<Vec<std::sync::Arc<File>>>>,
}

impl Syncer {
    /// fsyncs what was written; `false` once the journal is closed.
    pub fn sync(&self) -> io::Result<bool> {
        let Some(dirty) = self.dirty.upgrade() else { return Ok(false) };
        let files = dirty.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for file in &files {
            file.sync_data()?;
        }
        if files.len() > 1 {
            File::open(&self.dir)?.sync_all()?;
        }
        let mut now = dirty.lock().unwrap_or_else(PoisonError::into_inner);
        now.drain(..files.len().saturating_sub(1));
        Ok(true)
    }

    /// A thread that fsyncs at this interval until the journal is closed; a failing disk is logged once per spell.
    pub fn spawn(self, every: Duration) -> io::Result<thread::JoinHandle<()>> {
        thread::Builder::new().name("journal-sync".into()).spawn(move || {
            let mut failing = false;
            loop {
                thread::sleep(every);
                match self.sync() {
                    Ok(true) => failing = false,
                    Ok(false) => return,
                    Err(error) if !failing => {
                        tracing::error!(%error, "the journal can't be synced to disk");
                        failing = true;
                    }
                    Err(_) => {}
                }
            }
        })
    }
}

#[derive(Debug)]
struct Writer<M: Medium> {
    medium: M,
    dir: PathBuf,
    epoch: u32,
    options: Options,
    number: u32,
    current: Option<Segment<M::File>>,
    pending: Pending,
    lost: u64,
    dropping: bool,
    health: Health,
    told: Health,
}

#[derive(Debug)]
struct Segment<F> {
    file: F,
    length: u64,
    suspect: bool,
}

impl<M: Medium> Writer<M> {
    fn new(medium: M, dir: &Path, epoch: u32, options: Options) -> Self {
        let pending = Pending::default();
        let (health, told) = (Health::Good, Health::Good);
        Self { medium, dir: dir.to_owned(), epoch, options, number: 0, current: None, pending, lost: 0, dropping: false, health, told }
    }

    fn append(&mut self, bytes: &[u8]) {
        if self.pending.is_empty() {
            match self.write(bytes) {
                Ok(()) if self.health == Health::Good => return,
                Ok(()) => {}
                Err(written) => self.keep(&bytes[written..]),
            }
        } else {
            self.write_pending();
            self.keep(bytes);
            self.write_pending();
        }
        self.judge();
    }

    fn flush(&mut self) {
        self.write_pending();
        let whole = self.pending.is_empty() && self.medium.restore_reserve();
        self.judge();
        if matches!(self.health, Health::Good | Health::Reserve) {
            self.health = if whole { Health::Good } else { Health::Reserve };
        }
    }

    fn judge(&mut self) {
        if self.pending.is_empty() {
            self.dropping = false;
        }
        self.health = match (self.pending.len(), self.dropping) {
            (_, true) => Health::Full { lost: self.lost },
            (0, false) if self.health == Health::Good => Health::Good,
            (0, false) => Health::Reserve,
            (bytes, false) => Health::Memory { bytes },
        };
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = self.options.memory_bytes.saturating_sub(self.pending.len());
        let fits = whole_entries(bytes, room);
        self.pending.push(&bytes[..fits]);
        if fits < bytes.len() {
            self.lost += count_entries(&bytes[fits..]);
            self.dropping = true;
        }
    }

    fn write_pending(&mut self) {
        /// Written at a time, so that segments keep about their size.
        const PIECE: usize = 1 << 20;
        while !self.pending.is_empty() {
            let mut piece = std::mem::take(&mut self.pending);
            let length = whole_entries(piece.bytes(), PIECE).max(first_entry(piece.bytes()));
            let written = self.write(&piece.bytes()[..length]).map_or_else(|written| written, |()| length);
            piece.done(written);
            self.pending = piece;
            if written < length {
                return;
            }
        }
    }

    /// Writes whole entries; on failure tells how many bytes of whole entries stand on disk, and nothing else stands behind them.
    fn write(&mut self, bytes: &[u8]) -> Result<(), usize> {
        let mut done = 0;
        let failed = loop {
            match self.write_once(&bytes[done..], done == 0) {
                Ok(written) if done + written == bytes.len() => return Ok(()),
                Ok(written) if written > 0 => done += written,
                Ok(_) => break io::ErrorKind::WriteZero,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_full(&error) && self.medium.shrink_reserve() => {
                    if self.health == Health::Good {
                        self.health = Health::Reserve;
                    }
                }
                Err(error) => break if is_full(&error) { io::ErrorKind::StorageFull } else { error.kind() },
            }
        };
        Err(self.take_back(bytes, done, failed))
    }

    /// One write(2). A new segment is begun only when nothing of these bytes is written yet: no entry stands in two.
    fn write_once(&mut self, bytes: &[u8], may_rotate: bool) -> io::Result<usize> {
        if may_rotate {
            self.rotate_if_needed(bytes.len() as u64)?;
        }
        let segment = self.current.as_mut().expect("there is a segment after rotation");
        let written = self.medium.write_at(&segment.file, bytes, segment.length)?;
        segment.length += written as u64;
        Ok(written)
    }

    /// Cuts the current segment behind its last whole entry. If that fails too, the next write goes to the same offset.
    fn take_back(&mut self, bytes: &[u8], done: usize, failed: io::ErrorKind) -> usize {
        let whole = whole_entries(&bytes[..done], done);
        if let Some(segment) = &mut self.current {
            segment.suspect = failed != io::ErrorKind::StorageFull;
            segment.length -= (done - whole) as u64;
            if done > whole && self.medium.truncate(&segment.file, segment.length).is_err() {
                segment.suspect = true;
            }
        }
        whole
    }

    fn rotate_if_needed(&mut self, more: u64) -> io::Result<()> {
        let full =
            self.current.as_ref().is_none_or(|now| now.length > 0 && (now.suspect || now.length + more > self.options.segment_bytes));
        if !full {
            return Ok(());
        }
        let id = SegmentId { epoch: self.epoch, number: self.number + 1 };
        match self.medium.create(&self.dir.join(id.file_name())) {
            Ok(file) => {
                self.number += 1;
                self.current = Some(Segment { file, length: 0, suspect: false });
                Ok(())
            }
            Err(_) if self.current.as_ref().is_some_and(|now| !now.suspect) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl<M: Medium> Drop for Writer<M> {
    fn drop(&mut self) {
        self.write_pending();
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Entries that wait in memory.
#[derive(Debug, Default)]
struct Pending {
    bytes: Vec<u8>,
    start: usize,
}

impl Pending {
    fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    fn len(&self) -> usize {
        self.bytes.len() - self.start
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn done(&mut self, written: usize) {
        self.start += written;
        if self.is_empty() {
            *self = Self::default();
        } else if self.start > self.bytes.len() / 2 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
    }
}

/// Bytes of an entry's head before its body: length and checksum.
const HEAD: usize = 8;

fn first_entry(bytes: &[u8]) -> usize {
    let length = bytes.first_chunk::<4>().map_or(0, |length| u32::from_le_bytes(*length) as usize);
    (HEAD + length).min(bytes.len())
}

/// How many of the first `limit` bytes are whole entries.
fn whole_entries(bytes: &[u8], limit: usize) -> usize {
    let mut end = 0;
    while end < bytes.len() {
        let next = end + first_entry(&bytes[end..]);
        if next > limit || bytes.len() - end < HEAD {
            break;
        }
        let told = u32::from_le_bytes(*bytes[end..].first_chunk::<4>().expect("a head is there")) as usize;
        if end + HEAD + told > bytes.len() {
            break;
        }
        end = next;
    }
    end
}

fn count_entries(bytes: &[u8]) -> u64 {
    let (mut at, mut count) = (0, 0);
    while at < bytes.len() {
        at += first_entry(&bytes[at..]);
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests;
