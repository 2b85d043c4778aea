//! How loading the rules went, for whoever watches the hotline.

use crate::folder::FirstError;
use hotline_model::WallTime;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Figures about loading the rules.
#[derive(Debug, Default)]
pub struct Status {
    failed: AtomicU64,
    refused: Mutex<Option<FirstError>>,
    loaded: AtomicI64,
    changing: Mutex<Option<String>>,
}

impl Status {
    /// The files on disk run now.
    pub(super) fn loaded(&self, at: WallTime) {
        self.loaded.store(at.0, Ordering::Relaxed);
        *self.refusal() = None;
    }

    /// The files on disk were refused.
    pub(super) fn refused(&self, first: FirstError) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        *self.refusal() = Some(first);
    }

    fn refusal(&self) -> MutexGuard<'_, Option<FirstError>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file never rests, so that none is loaded; or they do. Gives what was so before.
    pub(super) fn changes(&self, file: Option<String>) -> Option<String> {
        std::mem::replace(&mut *self.changing.lock().unwrap_or_else(PoisonError::into_inner), file)
    }

    /// The name of a file in the folder that never rests, so that the files are not loaded.
    pub fn changing(&self) -> Option<String> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often files were refused since the start.
    pub fn failures(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// Whether the files on disk are refused, so that other rules run.
    pub fn is_refused(&self) -> bool {
        self.refusal().is_some()
    }

    /// What they are refused for first.
    pub fn refused_for(&self) -> Option<FirstError> {
        self.refusal().clone()
    }

    /// When rules were loaded last.
    pub fn last_load(&self) -> WallTime {
        WallTime(self.loaded.load(Ordering::Relaxed))
    }
}
