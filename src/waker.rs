//! Wakes the engine's thread only when it sleeps: a wake costs more than a packet.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use tokio::sync::Notify;

/// Shared by those who put something into the engine's channels and the engine's thread.
#[derive(Clone, Debug, Default)]
pub struct Waker(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    asleep: AtomicBool,
    notify: Notify,
}

impl Waker {
    /// To be called after something was put into a channel.
    pub fn wake(&self) {
        fence(Ordering::SeqCst);
        if self.0.asleep.load(Ordering::Relaxed) && self.0.asleep.swap(false, Ordering::AcqRel) {
            self.0.notify.notify_one();
        }
    }

    /// The engine's thread is about to sleep. It must look into its channels once more before it waits.
    pub fn fall_asleep(&self) {
        self.0.asleep.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
    }

    /// The engine's thread goes on.
    pub fn stay_awake(&self) {
        self.0.asleep.store(false, Ordering::Relaxed);
    }

    /// Resolves after a wake.
    pub async fn woken(&self) {
        self.0.notify.notified().await;
    }
}
