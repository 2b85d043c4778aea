//! The commands about a hotline that runs: the demo, and what its seats are at.

pub mod demo;
pub mod seats;
