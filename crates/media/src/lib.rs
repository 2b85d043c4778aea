//! The media of a hotline's legs as pure machines: RTP streams, prompts, music, digits and the relay between two legs, and the border to them.
//! Knows no SIP, no SDP, no routing, no file, no socket and no clock.

pub mod control;
pub mod prompt;

pub use control::{CloseReason, Command, Event, Lease, LeasePool, Setup, Stats, StreamId};
pub use prompt::Clip;
