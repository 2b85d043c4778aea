//! Tests of the rules as others use them: text in, plan or findings out.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a panic is how a test fails; what was not run is printed")]

mod codes;
mod conflicts;
mod described;
mod desks;
mod extensions;
mod formatted;
mod golden;
mod loading;
mod meant_so;
mod mending;
mod predicates;
mod random;
mod related;
mod reports;
mod schema;
mod sheets;
mod shipped;
mod support;
mod trials;
