//! What the predicates of gates looked at.

use crate::Name;
use serde::{Deserialize, Serialize};

/// The gates of a number or a menu asked predicates of the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// The menu; `None`: the number that was dialled.
    pub menu: Option<Name>,
    /// The gate that was taken, by its place from 0; `None`: none held.
    pub taken: Option<u16>,
    /// What was looked at, in that order.
    pub looked: Vec<LookedAt>,
}

/// A fact that a gate looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookedAt {
    /// The gate, by its place from 0.
    pub gate: u16,
    /// As it is written in rules: `waiting(technical)`, `caller starts 021`.
    pub fact: Name,
    /// What it was: `12`, `vip`; of numbers and digits only `true` or `false`.
    pub value: Name,
}
