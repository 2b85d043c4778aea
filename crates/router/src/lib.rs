//! Brings waiting calls and seats together: offers, their expiry, wrap-up, overflow, and a recorded reason for each decision.
//! Does not know SIP, RTP, sockets, threads, the clock or the database; it is told the time and what happened.

mod assign;
mod by_hand;
mod calibration;
mod calls;
mod counted;
mod crowds;
mod direct;
mod eligible;
mod expected_wait;
mod explain;
mod groups;
mod idle;
mod layout;
mod line;
mod lines;
mod masters;
mod openings;
mod outpost;
mod patience;
mod places;
mod port;
mod rank;
mod rates;
mod ready_seats;
mod router;
mod seat_table;
mod seats;
mod spaces;
mod sync;
mod timers;
mod view;
mod waiting;
mod watched;

pub use calibration::Calibration;
pub use expected_wait::ExpectedWait;
pub use explain::{Candidate, Moment, Turn, Verdict, candidates, explain};
pub use groups::Share;
pub use layout::{Layout, Leftovers, Wanted};
pub use openings::{Opening, Openings};
pub use outpost::{Asked, COURTESY, Foreseen, Letter, Outpost, Report};
pub use patience::waits_for;
pub use port::{Input, Output, Refusal};
pub use router::Router;
pub use seat_table::{SeatTable, Word};
pub use view::Sight;
