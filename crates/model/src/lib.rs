//! The nouns of a hotline: calls, seats, skills, numbers, times and the history of a call, which they parse, print and compare.
//! Knows nothing above: no SIP, no rules, no sockets, no clock.

pub mod call;
pub mod desk;
pub mod history;
mod journal;
mod lang;
mod lookup;
mod number;
mod numbering;
mod record;
pub mod seat;
mod skill;
mod time;

pub use call::{
    Assessment, CallId, Category, Class, ComplaintLevel, CustomerLevel, CustomerType, Impact, Kind, LegRole, Nature, Priority, Profile,
    Remit, Topic,
};
pub use desk::{DeskOrder, DeskRefusal, Reclassified, Target, TransferEnd, TransferMode, TransferReason};
pub use history::{CallEvent, Decision, Due, DueWhat, EventKind};
pub use journal::{Entry, JournalError, JournalReader, Suspect, Switch, WrongPins, encode_entry, may_begin_entry};
pub use lang::{Lang, UnknownLang};
pub use lookup::{IdHasher, IdMap, LookupMap};
pub use number::{NotANumber, Number, PhoneNumber};
pub use numbering::{NumberingPlan, Odd, Reading};
pub use record::{ClockResult, MessageRecord, OfferRecord, Record, TransferRecord};
pub use seat::{Activity, Intent, NotReadyReason, SeatState};
pub use skill::{LanguageId, Need, Proficiency, QueueId, RegionId, Revision, SeatId, SkillId};
pub use time::{Deadline, Deadlines, Timestamp, WallTime};

/// A name out of the rules (seat, queue, skill, menu), shared and cheap to clone.
pub type Name = std::sync::Arc<str>;
