//! Session descriptions of others, and offer/answer from both sides.

mod negotiation;
mod others;
