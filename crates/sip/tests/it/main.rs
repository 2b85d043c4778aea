//! The SIP crate from outside: torture messages, properties, second opinions, and two endpoints on a virtual network.

mod endpoint_accounts;
mod endpoint_calls;
mod endpoint_restore;
mod endpoint_timers;
mod endpoint_uac;
mod endpoint_uas;
mod pair;
mod torture;
mod torture_table;
