//! Simulated people with phones: agents who register and answer, callers who dial, press keys, speak and listen; a network for them
//! without wires, and the plan and verdict of a demonstration; and days of thousands of callers before the router alone, held against
//! queueing theory. Does not know the engine: it meets it only as SIP and RTP.

mod agent;
pub mod artificial;
pub mod calibration;
mod caller;
pub mod day;
pub mod demo;
pub mod erlang;
pub mod expect;
pub mod fairness;
mod heard;
mod line;
mod listen;
pub mod network;
mod packet;
mod phone;
pub mod reference;
mod register;
pub mod theory;
mod voice;

pub use agent::{Agent, AgentCall, AgentConfig, AgentReport};
pub use caller::{Caller, CallerCall, CallerConfig, Ending};
pub use heard::Heard;
pub use listen::{Ear, Fingerprint, Found, RECOGNISED};
pub use phone::{Channel, Datagram, Input, PhoneConfig, UserAgent};
pub use register::Standing;
pub use voice::{FRAME, RATE, Voice, VoiceError};
