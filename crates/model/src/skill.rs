use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub $inner);

        impl $name {
            /// Its place in the plan's list.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(/** A skill of the plan. Ids are places in the plan's lists and stay the same over a reload. */ SkillId(u16));
id!(/** A queue of the plan. */ QueueId(u16));
id!(/** A seat of the plan. */ SeatId(u32));
id!(/** A region of the plan. */ RegionId(u16));
id!(/** A language of the plan. */ LanguageId(u8));

/// How well a skill is mastered, 1 to 10; 0 means not at all.
pub type Proficiency = u8;

/// A skill that is needed, and at least how well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Need {
    /// The skill.
    pub skill: SkillId,
    /// The least proficiency, 1 to 10.
    pub at_least: Proficiency,
}

/// The content hash of a set of rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Revision(pub u64);

impl std::fmt::Display for Revision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "r{:08x}", self.0 >> 32)
    }
}
