//! What callers say of a conversation after it (R72, R105, R106).

use crate::call::words;
use crate::{Name, WallTime};
use serde::{Deserialize, Serialize};
use std::fmt;

words!(/** What a question of a survey asks about (M1 6.2.2: R106). */ Dimension {
    /** the agent's attitude */ Attitude = "attitude", /** how fast it went */ Efficiency = "efficiency",
    /** how well it was done */ Quality = "quality", /** what was offered */ Content = "content",
    /** what came afterwards */ AfterService = "after_service" });
words!(/** What a score means by the rules that held as it was given. */ Verdict {
    /** up to `survey.low`: somebody is to follow it up (R105) */ Low = "low", /** between both */ Fair = "fair",
    /** from `survey.satisfied` on: it counts in CSAT (R109), and is worth praise (R105) */ High = "high" });
words!(/** How a survey ended. */ SurveyEnd {
    /** the last question was passed */ Completed = "completed", /** no answer that counts came in time */ Silent = "silent",
    /** the caller hung up */ CallerLeft = "caller_left", /** we could not go on */ Cut = "cut" });
words!(/** Why a caller of a queue with a survey was not asked. */ Unasked {
    /** it is sensitive: handled first, and asked by a person afterwards (R68) */ Sensitive = "sensitive",
    /** it is an emergency, of `priority.urgent_kinds` (R25, R26) */ Urgent = "urgent",
    /** the number was asked a short time ago */ AskedLately = "asked_lately", /** a share of the callers is asked only */ Sampled = "sampled",
    /** the caller has us on hold, and would not hear it */ OnHold = "on_hold" });

/// A score that a caller gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rated {
    /// What of.
    pub dimension: Dimension,
    /// 1 to the scale's best.
    pub score: u8,
    /// What it means.
    pub verdict: Verdict,
}

/// A call's survey: the fold of its events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyRecord {
    /// Whose callers are asked.
    pub queue: Name,
    /// Who had the caller last.
    pub seat: Name,
    /// When the conversation was over and the survey began.
    pub began: WallTime,
    /// What was answered, in order.
    pub ratings: Vec<Rated>,
    /// When it ended.
    pub ended: Option<WallTime>,
    /// How; `None` while it goes on.
    pub end: Option<SurveyEnd>,
}
