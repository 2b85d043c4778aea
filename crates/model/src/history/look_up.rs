use crate::Name;
use serde::{Deserialize, Serialize};

/// What came of asking a source about a caller (`[lookup.NAME]`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookedUp {
    /// The source, as the rules name it.
    pub source: Name,
    /// What came of it.
    pub outcome: LookUpOutcome,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// What counts from now on: columns and values of the answer, or of the fallback.
    pub said: Vec<(Name, Name)>,
    /// Columns of the answer that could not be used.
    pub ignored: Vec<Name>,
}

/// See [`LookedUp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LookUpOutcome {
    /// The source knows the number.
    Known,
    /// The source doesn't know the number: the fallback is not for that.
    Unknown,
    /// No answer within the limit: the fallback counts.
    Late,
    /// The source failed, or its answer could not be read: the fallback counts.
    Failed,
    /// Too many questions were open: nobody was asked, and the fallback counts.
    Full,
}

impl LookUpOutcome {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Known, Self::Unknown, Self::Late, Self::Failed, Self::Full];

    /// Its word in texts for machines.
    pub fn word(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Unknown => "unknown",
            Self::Late => "late",
            Self::Failed => "failed",
            Self::Full => "full",
        }
    }
}
