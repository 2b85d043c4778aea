//! The SIP crate from outside: torture messages, properties, second opinions.

mod auth;
mod own_torture;
mod properties;
mod registrar;
mod torture;
mod torture_table;
mod uris;
mod wire;
