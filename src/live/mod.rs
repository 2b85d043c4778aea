//! The commands about a hotline that runs: the demo, what its seats and queues are at, and what people order of waiting calls.

pub mod announce;
pub mod by_hand;
pub mod demo;
pub mod desk;
pub mod messages;
pub mod people;
pub mod queues;
pub mod seats;
mod shared_seats;
