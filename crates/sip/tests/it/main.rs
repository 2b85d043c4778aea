//! The SIP crate from outside: torture messages, properties, second opinions.

#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm, reason = "a test's helpers are tests too")]

mod auth;
mod own_torture;
mod properties;
mod registrar;
mod torture;
mod torture_table;
mod uris;
mod wire;
