//! By when what a call left open is to be done (manual.md B2, B3).

use crate::call::words;
use crate::{Name, WallTime};
use serde::{Deserialize, Serialize};
use std::fmt;

words!(/** What is still to be done for a customer after the call. */ DueWhat {
    /** the problem is handled (K15-K17) */ Handled = "handled",
    /** a complex problem that turned out hard is handled and told (K19) */ ClosedLoop = "closed_loop",
    /** who complained hears from us for the first time (K28) */ Contacted = "contacted",
    /** the complaint is looked into (K29) */ Investigated = "investigated",
    /** the complaint is responded to, by its level (K34-K36) */ Responded = "responded",
    /** the complaint is completed, by its level (K34-K36) */ Completed = "completed",
    /** the customer is told the result (K23) */ ResultTold = "result_told",
    /** the customer is asked afterwards (K43) */ FollowedUp = "followed_up" });

/// Something is to be done by a certain time, by the deadlines with which the call began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// What.
    pub what: DueWhat,
    /// By when.
    pub by: WallTime,
    /// The clock of the manual: 15 is K15.
    pub clock: u8,
    /// The rule of the manual: 62 is R62.
    pub rule: u16,
    /// The profile of deadlines: `manual`, `m2`, `m3`, or one of the rules' own.
    pub profile: Name,
}
