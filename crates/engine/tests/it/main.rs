//! Walks of whole calls on a virtual clock: real SIP endpoints as phones around an engine, no sockets.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm, reason = "helpers of tests look at what they care for")]

mod answer;
mod call_back;
mod choice;
mod closing;
mod codes;
mod customers;
mod desk_days;
mod desk_phone;
mod dial;
mod ears;
mod extensions;
mod far;
mod foretold;
mod greeting;
mod groups;
mod hosts;
mod hotline;
mod house;
mod look_ups;
mod moving;
mod outside;
mod phone;
mod recovery;
mod refusals;
mod regulars;
mod resume;
mod silence;
mod transfers;
mod transfers_at_random;
mod what_goes_first;
