//! How loading the rules went, for whoever watches the hotline.

use hotline_model::WallTime;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

/// Figures about loading the rules.
#[derive(Debug, Default)]
pub struct Status {
    failed: AtomicU64,
    refused: AtomicBool,
    loaded: AtomicI64,
}

impl Status {
    /// The files on disk run now.
    pub(super) fn loaded(&self, at: WallTime) {
        self.loaded.store(at.0, Ordering::Relaxed);
        self.refused.store(false, Ordering::Relaxed);
    }

    /// The files on disk were refused.
    pub(super) fn refused(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        self.refused.store(true, Ordering::Relaxed);
    }

    /// How often files were refused since the start.
    pub fn failures(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// Whether the files on disk are refused, so that other rules run.
    pub fn is_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    /// When rules were loaded last.
    pub fn last_load(&self) -> WallTime {
        WallTime(self.loaded.load(Ordering::Relaxed))
    }
}
