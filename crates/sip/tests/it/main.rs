//! The SIP crate from outside: torture messages, properties, second opinions, and two endpoints on a virtual network.

mod auth;
mod own_torture;
mod properties;
mod registrar;
mod endpoint_accounts;
mod endpoint_calls;
mod endpoint_restore;
mod endpoint_timers;
mod endpoint_uac;
mod endpoint_uas;
mod pair;
mod torture;
mod torture_table;
mod uris;
mod wire;
