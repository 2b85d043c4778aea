//! The SIP crate from outside: torture messages, properties, second opinions, and two endpoints on a virtual network.

mod endpoint_calls;
mod pair;
mod torture;
mod torture_table;
