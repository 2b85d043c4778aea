//! Messages that callers leave, and what becomes of them (R19).

use crate::Name;
use crate::call::words;
use serde::{Deserialize, Serialize};
use std::fmt;

words!(/** What ended a message. */ MessageEnd {
    /** the caller pressed the key for it */ Key = "key",
    /** nobody spoke any more */ Silence = "silence",
    /** it was as long as it may be */ Longest = "longest",
    /** the caller hung up */ HungUp = "hung_up",
    /** it could not be stored any further */ Storage = "storage",
    /** the hotline stopped in the middle of it */ Crash = "crash" });

words!(/** Why a caller left no message. */ NoMessage {
    /** there are as many as are allowed that nobody has taken */ Full = "full",
    /** nothing was said, or too little */ TooShort = "too_short",
    /** it could not be stored */ Storage = "storage" });

words!(/** What a person does with a message. */ MessageOrder {
    /** answers it: others need not, and can't while this person has it */ Take = "take",
    /** has listened to it */ Heard = "heard",
    /** is done with it */ Done = "done",
    /** is done with it, and the recording goes */ Delete = "delete",
    /** answers it instead of whoever has it */ TakeOver = "take-over" });

/// A message that was left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageLeft {
    /// The voicemail of the rules.
    pub voicemail: Name,
    /// The queue whose people answer it.
    pub queue: Name,
    /// The recording, under the folder of messages.
    pub file: Name,
    /// How long it is; 0 if a restart came in the middle of it, and only the recording tells.
    pub length_ms: u32,
    /// What ended it.
    pub end: MessageEnd,
}
