//! The SIP crate from outside: torture messages, properties, second opinions, and two endpoints on a virtual network.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm, reason = "helpers of tests fail loudly, and look for one event among many")]

mod auth;
mod endpoint_accounts;
mod endpoint_calls;
mod endpoint_restore;
mod endpoint_strict;
mod endpoint_timers;
mod endpoint_torture;
mod endpoint_uac;
mod endpoint_uas;
mod headers_out;
mod own_torture;
mod pair;
mod properties;
mod refer;
mod refer_crossings;
mod refer_properties;
mod registrar;
mod replaces;
mod torture;
mod torture_table;
mod uris;
mod wire;
