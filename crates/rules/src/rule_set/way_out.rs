use super::{Branch, Outside};
use std::sync::Arc;
use std::time::Duration;

/// A place in [`Plan::ways_out`](super::Plan::ways_out).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WayOutId(pub u16);

/// A way of the menus, or of a queue that nobody serves, to somebody outside.
#[derive(Clone, Debug)]
pub struct WayOut {
    /// Who is called: a person by that name, or a number.
    pub to: Arc<Outside>,
    /// How long all trunks together may try and ring, at most the answer time (R5).
    pub rings: Duration,
    /// Where the call goes on if nobody answers there: a queue, a call-back, a menu or a goodbye.
    pub otherwise: Branch,
}
