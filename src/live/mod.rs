//! The commands about a hotline that runs: the demo, and what its seats and queues are at.

pub mod demo;
pub mod queues;
pub mod seats;
