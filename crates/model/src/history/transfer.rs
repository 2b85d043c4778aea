//! Who a call is transferred to, and who is asked about it (manual.md A5).

use crate::{Name, Number};
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

    /// The same for logs and records: a number is masked.
    pub fn shown(&self) -> Name {
        let name = self.name();
        let is_number = name.len() >= 7 && name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'+');
        if is_number && self.seat().is_none() { Name::from(Number::new(name).to_string()) } else { name.clone() }
    }

    /// The seat, if it is one.
    pub fn seat(&self) -> Option<&Name> {
        match self {
            Self::Seat(name) => Some(name),
            Self::Outside { .. } => None,
        }
    }
}
