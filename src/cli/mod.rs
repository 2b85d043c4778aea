//! The commands that show what happened, for people and for machines.

pub mod calls;
mod transfers;
pub mod why;
pub mod words;
