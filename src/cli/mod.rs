//! The commands that show what happened, for people and for machines.

pub mod calls;
pub mod own;
pub mod transfers;
pub mod why;
pub mod words;
