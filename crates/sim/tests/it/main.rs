//! Simulated people meet each other without a hotline between them.

mod calls;
mod people;
mod registering;
mod voices;
