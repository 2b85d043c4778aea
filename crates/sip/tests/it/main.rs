//! The SIP crate from outside: torture messages, properties, second opinions.

mod torture;
mod torture_table;
