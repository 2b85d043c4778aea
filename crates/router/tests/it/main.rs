//! The router as the engine sees it: inputs and a time in, outputs out.

mod by_hand;
mod contention;
mod direct;
mod expected_wait;
mod explained;
mod groups;
mod helpers;
mod house;
mod offers;
mod openings;
mod outpost;
mod own_lines;
mod questions;
mod quiet;
mod rules_ahead;
mod rules_change;
mod two_threads;
mod waiting;
mod which_call;
mod which_order;
mod which_seat;
mod wrap_up;

#[allow(dead_code, reason = "it is for those who measure")]
#[path = "../../examples/world/mod.rs"]
mod world;
