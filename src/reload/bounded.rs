//! Work on a thread of its own that may take too long, or panic, without taking the asker with it.

use hotline_rules::Said;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Work that took too long, and may still be going on.
static STUCK: Mutex<Option<JoinHandle<()>>> = Mutex::new(None);
/// Calls go before: what is loaded can wait a little.
const NICE: i32 = 5;

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broke {
    /// It panicked, which is a fault of the hotline.
    Panicked,
    /// It took too long, or what took too long before still goes on.
    TooLong,
    /// No thread could be made.
    NoThread,
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
        };
        Said { en: en.into(), zh: zh.into() }
    }
}

/// Runs something with a low priority and waits for it, at most `limit`.
///
/// # Errors
/// See [`Broke`].
pub fn run<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Broke> {
    let mut stuck = STUCK.lock().unwrap_or_else(PoisonError::into_inner);
    if stuck.as_ref().is_some_and(|thread| !thread.is_finished()) {
        return Err(Broke::TooLong);
    }
    let (sender, receiver) = crossbeam_channel::bounded(1);
    let work = move || {
        // On Linux this is the thread's own.
        if let Err(error) = rustix::process::nice(NICE) {
            tracing::debug!(%error, "the priority of loading rules");
        }
        // Whoever gave it up does not wait for it.
        let _ = sender.send(work());
    };
    let thread = std::thread::Builder::new().name("rules-load".into()).spawn(work).map_err(|_| Broke::NoThread)?;
    match receiver.recv_timeout(limit) {
        Ok(done) => Ok(done),
        Err(crossbeam_channel::RecvTimeoutError::Disconnected) => {
            drop(thread.join());
            Err(Broke::Panicked)
        }
        Err(crossbeam_channel::RecvTimeoutError::Timeout) => {
            *stuck = Some(thread);
            Err(Broke::TooLong)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_panics_or_never_ends_is_given_up() {
        let second = Duration::from_secs(20);
        assert_eq!(run(second, || 7), Ok(7));
        assert_eq!(run::<()>(second, || panic!("as this test wants")), Err(Broke::Panicked));
        let (go, wait) = crossbeam_channel::bounded::<()>(0);
        assert_eq!(run(Duration::from_millis(20), move || wait.recv().is_ok()).map(drop), Err(Broke::TooLong));
        assert_eq!(run(second, || 7), Err(Broke::TooLong), "one at a time");
        drop(go);
        while run(second, || 7).is_err() {
            std::thread::yield_now();
        }
    }
}
