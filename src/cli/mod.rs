//! The commands that show what happened, for people and for machines.

pub mod calls;
pub mod demo;
pub mod seats;
pub mod why;
mod words;
