//! Messages that callers may leave (R19).

use super::{Branch, Go, Plan, Say};
use hotline_model::{Name, QueueId};
use std::time::Duration;

/// A place in [`Plan::voicemails`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VoicemailId(pub u16);

/// How callers leave a message, and who answers it (`[voicemail.NAME]`).
#[derive(Clone, Debug)]
pub struct Voicemail {
    /// Its name.
    pub name: Name,
    /// Said before the tone.
    pub say: Vec<Say>,
    /// Said after the message.
    pub then: Vec<Say>,
    /// The longest message.
    pub longest: Duration,
    /// Who spoke for less has left no message.
    pub shortest: Duration,
    /// So much silence ends a message.
    pub silence: Duration,
    /// The queue whose people answer it.
    pub queue: QueueId,
    /// Messages that nobody has taken, at most.
    pub limit: u32,
    /// What is done instead when there are so many.
    pub full: Branch,
}

impl Voicemail {
    /// The prompt said before the tone, unless the rules say another.
    pub const LEAVE: &'static str = "voicemail-leave";
    /// The prompt said after a message, unless the rules say another.
    pub const THANKS: &'static str = "voicemail-thanks";
    /// The prompt said when it is full, unless the rules say another.
    pub const FULL: &'static str = "voicemail-full";

    /// One with every setting as it is if the rules say nothing.
    pub fn new(name: Name, queue: QueueId) -> Self {
        let prompt = |name: &str| vec![Say::Prompt(name.into())];
        Self {
            name,
            say: prompt(Self::LEAVE),
            then: prompt(Self::THANKS),
            longest: Duration::from_secs(120),
            shortest: Duration::from_secs(1),
            silence: Duration::from_secs(6),
            queue,
            limit: 50,
            full: Branch { set: super::Changes::default(), say: prompt(Self::FULL), go: Go::Goodbye },
        }
    }
}

impl Plan {
    /// A voicemail's settings.
    pub fn voicemail(&self, id: VoicemailId) -> &Voicemail {
        &self.voicemails[usize::from(id.0)]
    }

    /// The voicemail of this name.
    pub fn voicemail_named(&self, name: &str) -> Option<VoicemailId> {
        let place = self.voicemails.iter().position(|voicemail| *voicemail.name == *name)?;
        u16::try_from(place).ok().map(VoicemailId)
    }
}
