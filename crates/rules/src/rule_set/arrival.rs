use super::{NumberId, Pattern, Plan, Say};
use hotline_model::history::BlockAnswer;
use hotline_model::{Name, Number, PhoneNumber, QueueId, WallTime};

/// Callers who are turned away (`[[block]]`).
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Their numbers are in [`Plan::blocked_numbers`]; these match others as they are dialled in the country.
    pub patterns: Vec<Pattern>,
    /// Whether those without a number are meant.
    pub anonymous: bool,
    /// How.
    pub answer: BlockAnswer,
    /// What they are told, with [`BlockAnswer::Announcement`].
    pub say: Vec<Say>,
    /// Why, for whoever reads it.
    pub note: Option<String>,
}

/// When a call is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PickUp {
    /// At once (R1, R2).
    #[default]
    Answer,
    /// Prompts and music are early media; the 200 comes when a person answers (RFC 3960 3).
    EarlyMedia,
}

impl PickUp {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Answer, Self::EarlyMedia];

    /// Its word in the files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::EarlyMedia => "early-media",
        }
    }
}

/// What can be switched on to be said before the menu (R151).
#[derive(Clone, Debug)]
pub struct Announcement {
    /// Its name.
    pub name: Name,
    /// What is said.
    pub say: Vec<Say>,
    /// Before the menus of which numbers; all if no queue is named either.
    pub numbers: Vec<NumberId>,
    /// Before which queues.
    pub queues: Vec<QueueId>,
    /// From when it is on without anybody switching it.
    pub from: Option<WallTime>,
    /// Until when; on from the first, if [`Announcement::from`] is not set.
    pub until: Option<WallTime>,
}

impl Announcement {
    /// Whether the files have it on at a time, if nobody switches.
    pub fn is_due(&self, at: WallTime) -> bool {
        (self.from.is_some() || self.until.is_some())
            && self.from.is_none_or(|from| from <= at)
            && self.until.is_none_or(|until| at < until)
    }

    /// Whether it is said before the menu of a number.
    pub fn concerns(&self, number: NumberId) -> bool {
        self.numbers.contains(&number) || self.is_for_all()
    }

    /// Whether it is said before every menu.
    pub fn is_for_all(&self) -> bool {
        self.numbers.is_empty() && self.queues.is_empty()
    }
}

impl Plan {
    /// The block that turns a caller away: the first that names the number, or whose pattern fits it. Emergency numbers are never blocked.
    pub fn blocked(&self, from: &Number) -> Option<usize> {
        if from.is_anonymous() {
            return self.blocks.iter().position(|block| block.anonymous);
        }
        let normal = self.numbering.normal(from.reveal());
        let dialled = PhoneNumber::parse(&self.numbering.national(normal.reveal())).ok();
        if dialled.as_ref().is_some_and(PhoneNumber::is_emergency) {
            return None;
        }
        let named = self.blocked_numbers.get(normal.reveal()).map(|place| *place as usize);
        let fits = |block: &Block| dialled.as_ref().is_some_and(|number| block.patterns.iter().any(|pattern| pattern.matches(number)));
        let fitting = self.blocks.iter().position(fits);
        named.into_iter().chain(fitting).min()
    }

    /// An announcement by its name.
    pub fn announcement(&self, name: &str) -> Option<&Announcement> {
        self.announcements.iter().find(|one| &*one.name == name)
    }
}
