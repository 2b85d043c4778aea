//! Keeps what happened: the spool on disk that the engine writes, the database that it is moved into, and the queries over both.
//! Knows no live call, no SIP and no rules; it reads and writes the journal's entries and nothing else.

mod medium;
mod recover;
mod scan;
mod spool;

pub use recover::Recovered;
pub use scan::{Position, SegmentId};
pub use spool::{Health, Journal, OpenError, Options, Syncer};
