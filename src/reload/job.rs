//! Work on a thread of its own that may take too long, be given up, or panic, without taking the asker with it.

use crate::rehearse::patience::Cancel;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use hotline_rules::Said;
use std::convert::Infallible;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Calls go before: what is loaded can wait a little.
const NICE: i32 = 5;
/// What work may say before somebody listens.
const SAYS: usize = 4;

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broke {
    /// It panicked, which is a fault of the hotline.
    Panicked,
    /// It took too long, or what took too long before still goes on.
    TooLong,
    /// No thread could be made.
    NoThread,
    /// The hotline stops.
    Stopped,
}

impl Broke {
    /// In a sentence.
    pub fn in_words(self, limit: Duration) -> Said {
        let (en, zh) = match self {
            Self::Panicked => (
                "loading the rules failed for a fault of the hotline: please report it with the files".to_owned(),
                "加载规则时 hotline 自身出错：请连同规则文件一并反馈".to_owned(),
            ),
            Self::TooLong => (
                format!("loading the rules took longer than {} s and was given up", limit.as_secs()),
                format!("加载规则超过 {} 秒，已放弃", limit.as_secs()),
            ),
            Self::NoThread => ("the system gives no thread to load the rules".to_owned(), "系统无法提供加载规则所需的线程".to_owned()),
            Self::Stopped => ("the hotline stops".to_owned(), "hotline 正在停止".to_owned()),
        };
        Said { en: en.into(), zh: zh.into() }
    }
}

/// What the work has of whoever wants it done.
pub struct Desk<T> {
    says: Sender<T>,
    /// Whether nobody wants it any more.
    pub cancel: Cancel,
}

impl<T> Desk<T> {
    /// Says something; nothing if nobody listens.
    pub fn say(&self, what: T) {
        let _ = self.says.try_send(what);
    }
}

/// See the module.
pub struct Job<T> {
    heard: Receiver<T>,
    cancel: Cancel,
    until: Instant,
    thread: JoinHandle<()>,
}

impl<T: Send + 'static> Job<T> {
    /// Begins it, with a low priority.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn begin(limit: Duration, work: impl FnOnce(&Desk<T>) + Send + 'static) -> Result<Self, Broke> {
        let (says, heard) = crossbeam_channel::bounded(SAYS);
        let cancel = Cancel::default();
        let desk = Desk { says, cancel: cancel.clone() };
        let run = move || {
            // On Linux this is the thread's own.
            if let Err(error) = rustix::process::nice(NICE) {
                tracing::debug!(%error, "the priority of loading rules");
            }
            work(&desk);
        };
        let thread = std::thread::Builder::new().name("rules-load".into()).spawn(run).map_err(|_| Broke::NoThread)?;
        Ok(Self { heard, cancel, until: Instant::now() + limit, thread })
    }

    /// What it says; it is at its end, or panicked, when nobody can say anything more.
    pub fn heard(&self) -> &Receiver<T> {
        &self.heard
    }

    /// Nobody wants it any more: it ends soon.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Whether it takes too long.
    pub fn is_late(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Waits for the next it says, unless the hotline is told to stop.
    ///
    /// # Errors
    /// See [`Broke`].
    pub fn wait(&self, stop: &Receiver<Infallible>) -> Result<T, Broke> {
        let left = self.until.saturating_duration_since(Instant::now());
        crossbeam_channel::select! {
            recv(self.heard) -> said => said.map_err(|_| Broke::Panicked),
            recv(stop) -> _ => Err(Broke::Stopped),
            default(left) => Err(Broke::TooLong),
        }
    }

    /// Ends it, whatever it still says.
    ///
    /// # Errors
    /// It did not end in that time: its thread.
    pub fn end(self, within: Duration) -> Result<(), JoinHandle<()>> {
        self.cancel.cancel();
        let until = Instant::now() + within;
        loop {
            match self.heard.recv_deadline(until) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    // Whether it panicked is known from what it did not say.
                    drop(self.thread.join());
                    return Ok(());
                }
                Err(RecvTimeoutError::Timeout) => return Err(self.thread),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn what_panics_takes_too_long_or_is_stopped_has_no_result() {
        let (_running, stop) = crossbeam_channel::bounded(0);
        let job = Job::begin(LONG, |desk| desk.say(7)).unwrap();
        assert_eq!(job.wait(&stop), Ok(7));
        assert!(job.end(LONG).is_ok());
        let job = Job::<u8>::begin(LONG, |_| panic!("as this test wants")).unwrap();
        assert_eq!(job.wait(&stop), Err(Broke::Panicked));
        assert!(job.end(LONG).is_ok());

        let (go, wait) = crossbeam_channel::bounded::<()>(0);
        let job = Job::<u8>::begin(Duration::ZERO, move |_| assert!(wait.recv().is_err())).unwrap();
        assert!(job.is_late());
        assert_eq!(job.wait(&stop), Err(Broke::TooLong));
        let thread = job.end(Duration::ZERO).unwrap_err();
        drop(go);
        assert!(thread.join().is_ok());
    }

    #[test]
    fn a_stop_ends_the_wait_and_the_work_that_looks_whether_it_is_wanted() {
        let (running, stop) = crossbeam_channel::bounded(0);
        let job = Job::<u8>::begin(LONG, |desk| {
            while !desk.cancel.is_cancelled() {
                std::thread::yield_now();
            }
        })
        .unwrap();
        drop(running);
        assert_eq!(job.wait(&stop), Err(Broke::Stopped));
        assert!(job.end(LONG).is_ok());
    }
}
