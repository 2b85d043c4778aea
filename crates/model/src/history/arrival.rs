use crate::{Name, Number, Odd};
use serde::{Deserialize, Serialize};

/// How the caller's number came to be what [`super::EventKind::Arrived`] says, where it is not simply what From says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identified {
    /// As it came; nothing if the caller asked for privacy.
    pub came: Number,
    /// The trunk whose P-Asserted-Identity said it (RFC 3325); `None`: From.
    pub asserted_by: Option<Name>,
    /// The caller asked that it be withheld (Privacy, RFC 3323).
    pub private: bool,
    /// Why it stays as it came.
    pub odd: Option<Odd>,
}

/// A caller whom the block list turned away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// Where the rules say so: file and line.
    pub rule: String,
    /// Why, as the rules say it.
    pub note: Option<String>,
    /// How.
    pub answer: BlockAnswer,
}

/// How a caller is turned away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockAnswer {
    /// 603: nobody here wants the call (RFC 3261 21.6.2).
    #[default]
    Decline,
    /// 486: busy.
    Busy,
    /// Picked up, told something, and hung up.
    Announcement,
}
