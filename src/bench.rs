//! `hotline bench`: measures on this machine.

pub mod calls;
pub mod router;
pub mod rules;
