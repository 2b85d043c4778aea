//! Who a call is transferred to, and who is asked about it (manual.md A5).

use crate::Name;
use serde::{Deserialize, Serialize};

/// Who is called for a transfer or a consultation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Receiver {
    /// A seat.
    Seat(Name),
    /// Somebody outside, through a trunk.
    Outside {
        /// The number, or the name that the rules have for it.
        to: Name,
        /// The trunk.
        trunk: Name,
    },
}

impl Receiver {
    /// The seat's name, or that of who is outside.
    pub fn name(&self) -> &Name {
        match self {
            Self::Seat(name) | Self::Outside { to: name, .. } => name,
        }
    }

    /// The seat, if it is one.
    pub fn seat(&self) -> Option<&Name> {
        match self {
            Self::Seat(name) => Some(name),
            Self::Outside { .. } => None,
        }
    }
}
