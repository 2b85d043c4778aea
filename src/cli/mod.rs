//! The commands that show what happened, for people and for machines.

pub mod calls;
pub mod own;
pub mod rules_check;
pub mod rules_files;
pub mod transfers;
pub mod why;
pub mod words;
