//! What persons order of waiting calls by hand (R44).

use crate::{Name, Priority};
use serde::{Deserialize, Serialize};

/// What a person may order of a waiting call (R44).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HandOrder {
    /// A supervisor gives it to a seat.
    Assign {
        /// The seat.
        seat: Name,
    },
    /// A seat takes it.
    Pull {
        /// The seat.
        seat: Name,
    },
    /// It is worth more or less.
    Priority {
        /// What it is from now on.
        priority: Priority,
    },
}

/// Why a call can't be assigned to a seat by hand (R44). The call waits or rings on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyNot {
    /// The call waits for nobody: it is in the menus, with an agent, or gone.
    NotWaiting,
    /// The rules have no such seat, or no longer.
    NoSuchSeat,
    /// The call is sensitive and the seat isn't cleared (R68).
    NotCleared,
    /// The seat isn't ready.
    NotReady,
}
