//! Walks of whole calls on a virtual clock: real SIP endpoints as phones around an engine, no sockets.

mod answer;
mod choice;
mod hotline;
mod recovery;
mod refusals;
