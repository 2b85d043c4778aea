//! The clocks of manual.md Part B.

use serde::{Deserialize, Serialize};

/// A clock of manual.md Part B changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockEvent {
    /// The clock's number: 3 is K3.
    pub clock: u8,
    /// What happened to it.
    pub change: ClockChange,
    /// Its limit.
    pub limit_ms: u32,
}

/// What happened to a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClockChange {
    /// It runs.
    Started,
    /// `timers.warn_at` of its limit is over.
    Warned,
    /// Stopped in time.
    Met,
    /// The limit passed.
    Breached,
    /// It no longer applies (caller gone).
    Dropped,
}
