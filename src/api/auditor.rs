//! Writes the audit log on a thread of its own, so that a slow disk holds up nobody but whoever must wait for it.

use crate::audit::{Attempt, AuditLog};
use anyhow::Context;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Attempts that may wait for the thread.
const WAITING: usize = 1_024;
/// How long an answer waits for its line.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often what was written is brought to the disk.
const SYNC: Duration = Duration::from_secs(1);

/// A way to the audit log.
#[derive(Clone)]
pub struct Auditor {
    sender: crossbeam_channel::Sender<(Attempt, oneshot::Sender<bool>)>,
    good: Arc<AtomicBool>,
}

impl Auditor {
    /// Opens the log of a data directory and starts its thread, which ends with the last of these.
    ///
    /// # Errors
    /// The log can't be opened.
    pub fn spawn(data: &Path) -> anyhow::Result<Self> {
        let mut log = AuditLog::open(data)?;
        let (sender, attempts) = crossbeam_channel::bounded::<(Attempt, oneshot::Sender<bool>)>(WAITING);
        let good = Arc::new(AtomicBool::new(true));
        let told = Arc::clone(&good);
        let run = move || {
            let mut due = Instant::now() + SYNC;
            loop {
                match attempts.recv_timeout(due.saturating_duration_since(Instant::now())) {
                    Ok((attempt, written)) => {
                        let done = log.append(attempt);
                        tell(&told, &log, done.as_ref().err());
                        // Whoever asked may be gone.
                        let _ = written.send(done.is_ok());
                    }
                    Err(crossbeam_channel::RecvTimeoutError::Timeout) => {
                        due = Instant::now() + SYNC;
                        let done = log.write_waiting().and_then(|()| log.sync());
                        tell(&told, &log, done.as_ref().err());
                    }
                    Err(crossbeam_channel::RecvTimeoutError::Disconnected) => {
                        if let Err(error) = log.write_waiting().and_then(|()| log.sync()) {
                            tracing::error!("{error:#}: the last lines of the audit log are lost");
                        }
                        return;
                    }
                }
            }
        };
        std::thread::Builder::new().name("audit".into()).spawn(run).context("cannot start the audit's thread")?;
        Ok(Self { sender, good })
    }

    /// Writes a line; whether it is in the file.
    pub async fn write(&self, attempt: Attempt) -> bool {
        let (sender, written) = oneshot::channel();
        if let Err(error) = self.sender.try_send((attempt, sender)) {
            let (attempt, _) = error.into_inner();
            tracing::error!(
                who = attempt.who,
                what = attempt.what,
                result = attempt.result,
                "the audit log takes no more lines: this one is here only"
            );
            self.good.store(false, Ordering::Relaxed);
            return false;
        }
        matches!(tokio::time::timeout(PATIENCE, written).await, Ok(Ok(true)))
    }

    /// Whether lines are written.
    pub fn is_good(&self) -> bool {
        self.good.load(Ordering::Relaxed)
    }
}

fn tell(good: &AtomicBool, log: &AuditLog, error: Option<&anyhow::Error>) {
    let now = error.is_none() && !log.is_behind();
    let before = good.swap(now, Ordering::Relaxed);
    match (before, now, error) {
        (true, false, Some(error)) => tracing::error!("{error:#}: orders about calls and seats go on, and are written when it works again"),
        (false, true, _) => tracing::info!("the audit log is written again"),
        (_, _, _) => {}
    }
}
