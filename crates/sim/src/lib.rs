//! To be described.

pub mod reference;
