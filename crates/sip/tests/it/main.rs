//! The SIP crate from outside: torture messages, properties, second opinions, and two endpoints on a virtual network.

mod auth;
mod own_torture;
mod properties;
mod torture;
mod torture_table;
