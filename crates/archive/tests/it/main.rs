//! The archive as its users see it: journal in, records out, whatever happens to process, disk and database in between.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod any_order;
mod archiver;
mod common;
mod kinds;
mod move_meanwhile;
mod outage;
mod query;
mod round_trip;
mod spool;
