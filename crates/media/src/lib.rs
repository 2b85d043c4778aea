//! The media of a hotline's legs as pure machines: RTP streams, prompts, music, tones, digits, the relay between two legs and the mix of several, recordings, and the border to them.
//! Knows no SIP, no SDP, no routing, no file, no socket and no clock.

pub mod bridge;
mod conference;
pub mod control;
pub mod dtmf;
pub mod g711;
mod grid;
pub mod leg;
pub mod music;
pub mod peer;
pub mod prompt;
pub mod recorder;
pub mod rtp;
mod stream;
pub mod tone;
mod voice;
pub mod worker;

pub use control::{CloseReason, Command, Event, Lease, LeasePool, MAX_CONFERENCE, Setup, Stats, StreamId};
pub use prompt::Clip;
pub use recorder::{Order as RecordOrder, RecordEnd, Take};
pub use worker::{Counters, Forward, Output, Worker};
