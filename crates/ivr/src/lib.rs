//! Leads one caller through the menus of a plan: keys and played prompts in, prompts to say and at last a classified profile out.
//! Does not know RTP, SIP, seats, other callers, or how a prompt sounds.

mod profile;
mod session;
pub mod speech;
mod survey;

pub use session::{Input, Notice, Notices, Output, Session, Spoken, Took, Way};
pub use survey::{Survey, SurveyOutput};
