//! Simulated people meet each other without a hotline between them.

mod calibration;
mod calls;
mod day;
mod fairness;
mod people;
mod registering;
mod theory;
mod voices;
