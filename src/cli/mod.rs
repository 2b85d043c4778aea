//! The commands that show what happened, for people and for machines.

pub mod calls;
pub mod own;
pub mod rules_explain_code;
pub mod transfers;
pub mod why;
pub mod words;
