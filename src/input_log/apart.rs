//! The input log on a thread of its own: a disk that stands still holds no call up.

use super::LogWriter;
use anyhow::{bail, ensure};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread::JoinHandle;

/// Bytes that may wait for the disk: a minute or so of a thousand callers.
const MOST_BEHIND: u64 = 64 << 20;

/// Hands a run's records to the thread that writes them.
pub struct LogThread {
    /// `None` once it is to end.
    orders: Option<mpsc::Sender<Order>>,
    handed_over: u64,
    done: Arc<Done>,
    /// Whether its failure was told.
    told: bool,
    /// Whether the disk is too far behind to be waited for.
    given_up: bool,
    thread: Option<JoinHandle<()>>,
}

enum Order {
    Record(Vec<u8>),
    Flush,
}

/// What the thread tells.
#[derive(Default)]
struct Done {
    /// Bytes of records that no longer wait for the disk.
    taken: AtomicU64,
    /// Bytes in all files.
    written: AtomicU64,
    full: AtomicBool,
    failed: OnceLock<anyhow::Error>,
}

impl LogThread {
    /// Writes from now on.
    ///
    /// # Panics
    /// The system has no thread left.
    pub fn start(mut log: LogWriter) -> Self {
        let (orders, taken_orders) = mpsc::channel();
        let done = Arc::new(Done::default());
        let tells = Arc::clone(&done);
        let write = move || {
            for order in taken_orders {
                let (ended, length) = match &order {
                    Order::Record(record) => (log.append(record), record.len() as u64),
                    Order::Flush => (log.flush(), 0),
                };
                tells.written.store(log.written(), Ordering::Relaxed);
                tells.taken.fetch_add(length, Ordering::Relaxed);
                if let Err(error) = ended {
                    _ = tells.failed.set(error);
                    return;
                }
                if log.is_full() {
                    tells.full.store(true, Ordering::Relaxed);
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("inputs".into()).spawn(write).expect("there is room for a thread");
        Self { orders: Some(orders), handed_over: 0, done, told: false, given_up: false, thread: Some(thread) }
    }

    /// Hands a record over; nothing more is to be handed over after an error.
    ///
    /// # Errors
    /// What became of one before: the disk is full, or the next file can't be made. Or the disk is too far behind.
    pub fn append(&mut self, record: Vec<u8>) -> anyhow::Result<()> {
        self.handed_over += record.len() as u64;
        let behind = self.handed_over - self.done.taken.load(Ordering::Relaxed);
        self.order(Order::Record(record))?;
        self.given_up = behind > MOST_BEHIND;
        ensure!(!self.given_up, "the disk is {} MiB behind", behind >> 20);
        Ok(())
    }

    /// All that was handed over is to go to the system, so that it survives the process.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub fn flush(&mut self) -> anyhow::Result<()> {
        self.order(Order::Flush)
    }

    fn order(&mut self, order: Order) -> anyhow::Result<()> {
        let taken = self.orders.as_ref().is_some_and(|orders| orders.send(order).is_ok());
        if let Some(error) = self.done.failed.get() {
            self.told = true;
            bail!("{error:#}");
        }
        ensure!(taken || self.is_full(), "its thread ended");
        Ok(())
    }

    /// Until all that was handed over is written, or the log has ended.
    #[cfg(test)]
    pub fn wait(&self) {
        let waits = || self.done.taken.load(Ordering::Relaxed) < self.handed_over;
        while waits() && self.done.failed.get().is_none() && !self.is_full() {
            std::thread::yield_now();
        }
    }

    /// Whether all files together have reached their limit: nothing more is written.
    pub fn is_full(&self) -> bool {
        self.done.full.load(Ordering::Relaxed)
    }

    /// Bytes in all files.
    pub fn written(&self) -> u64 {
        self.done.written.load(Ordering::Relaxed)
    }
}

impl Drop for LogThread {
    /// What was handed over is written before it is gone, unless the disk was given up.
    fn drop(&mut self) {
        self.orders = None;
        if self.given_up {
            return;
        }
        let ended = self.thread.take().map(JoinHandle::join);
        if let Some(error) = self.done.failed.get().filter(|_| !self.told) {
            tracing::warn!("the end of the input log could not be written: {error:#}");
        } else if matches!(ended, Some(Err(_))) {
            tracing::warn!("the end of the input log was not written: its thread panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sealed::Key;

    #[test]
    fn a_disk_that_stands_still_holds_nobody_up_and_is_given_up_when_too_far_behind() {
        let dir = tempfile::tempdir().unwrap();
        let (log, disk) = LogWriter::on_disk_that_stands(&Key::read_or_make(&dir.path().join("key")).unwrap());
        let mut thread = LogThread::start(log);
        let taken = (0..100).take_while(|_| thread.append(vec![0; 1 << 20]).is_ok()).count();
        assert!((60..=66).contains(&taken), "{taken} MiB");
        assert!(thread.append(Vec::new()).unwrap_err().to_string().contains("behind"));
        drop(thread);
        drop(disk);
    }
}
