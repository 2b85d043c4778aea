//! The commands that show what happened, for people and for machines.

pub mod calls;
pub mod dues;
pub mod kept_out;
pub mod messages;
pub mod own;
pub mod report;
pub mod rules_explain_code;
pub mod rules_fmt;
pub mod rules_schema;
pub mod surveys;
pub mod transfers;
pub mod why;
pub mod words;
