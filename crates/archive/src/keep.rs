//! How long what is stored is kept, and its end: gone for good (R130, R142).

use crate::store::{Store, StoreError};
use hotline_model::WallTime;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often it looks for what is old.
const EVERY: Duration = Duration::from_secs(3_600);
/// Calls that are destroyed in one transaction: it stays a matter of milliseconds.
const AT_ONCE: u32 = 500;

/// Tells the time before which calls are no longer kept; `None`: all are.
#[derive(Clone)]
pub struct Cutoff(Arc<dyn Fn() -> Option<WallTime> + Send + Sync>);

impl Cutoff {
    /// A cut-off that is asked for again and again, since rules change.
    pub fn new(ask: impl Fn() -> Option<WallTime> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }
}

impl fmt::Debug for Cutoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cutoff")
    }
}

/// When it looked last.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    cutoff: Option<Cutoff>,
    looked: Option<Instant>,
}

impl Keeper {
    pub(crate) fn new(cutoff: Cutoff) -> Self {
        Self { cutoff: Some(cutoff), looked: None }
    }

    /// Destroys what is older, some of it at a time; how many calls that were.
    pub(crate) async fn look(&mut self, store: &mut Store) -> Result<u64, StoreError> {
        if self.looked.is_some_and(|last| last.elapsed() < EVERY) {
            return Ok(0);
        }
        let Some(before) = self.cutoff.as_ref().and_then(|cutoff| cutoff.0()) else { return Ok(0) };
        let gone = store.destroy(before, AT_ONCE).await?;
        // There may be more: it looks again at the next sweep.
        self.looked = (gone < u64::from(AT_ONCE)).then(Instant::now);
        Ok(gone)
    }
}
