//! The router as the engine sees it: inputs and a time in, outputs out.

mod by_hand;
mod contention;
mod expected_wait;
mod explained;
mod house;
mod offers;
mod openings;
mod questions;
mod rules_change;
mod waiting;
mod which_call;
mod which_seat;
mod wrap_up;
