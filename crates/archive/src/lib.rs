//! Keeps what happened: the spool on disk that the engine writes, the database that it is moved into, and the queries over both.
//! Knows no live call, no SIP and no rules; it reads and writes the journal's entries and nothing else.

mod archiver;
mod fold;
mod keep;
mod look;
mod medium;
mod query;
mod recover;
mod rows;
mod scan;
mod spool;
mod store;
mod sweep;
mod unstored;
mod words;

pub use archiver::{ArchiveError, Archiver, Counts, Options as ArchiverOptions, State, Status, Step as ArchiverStep};
pub use fold::{Batch, Finished, Limits, StoredDecision};
pub use keep::Cutoff;
pub use look::{Found, Look, LookError, SeatStates, Source};
pub use query::{Filter, Meanwhile, Outcome, Reader, StoredCall};
pub use recover::Recovered;
pub use scan::{Position, SegmentId};
pub use spool::{Health, Journal, OpenError, Options, Syncer};
pub use store::{Store, StoreError};

/// The database's file name inside the data directory.
pub const DATABASE: &str = "hotline.db";
