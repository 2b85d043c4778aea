//! A call as the customer sees it: its id, what we know of the caller, and the classes of the manual (manual.md Part C).

use crate::{LanguageId, Need, RegionId, SeatId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A call's id, unique over restarts: boot epoch (24 bits), shard (8 bits), count (32 bits). Printed as `epoch-shard-count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallId(pub u64);

impl CallId {
    /// Builds an id; only the low 24 bits of `epoch` count.
    pub fn new(epoch: u32, shard: u8, count: u32) -> Self {
        Self(u64::from(epoch & 0x00ff_ffff) << 40 | u64::from(shard) << 32 | u64::from(count))
    }

    /// The boot epoch in which the call began.
    pub fn epoch(self) -> u32 {
        (self.0 >> 40) as u32
    }

    /// The shard that owns the call.
    pub fn shard(self) -> u8 {
        (self.0 >> 32) as u8
    }

    /// The call's count within its epoch and shard.
    pub fn count(self) -> u32 {
        self.0 as u32
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.epoch(), self.shard(), self.count())
    }
}

/// The text was not a call id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotACallId;

impl fmt::Display for NotACallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a call id looks like 3-0-1042 (epoch-shard-count)")
    }
}

impl std::error::Error for NotACallId {}

impl FromStr for CallId {
    type Err = NotACallId;
    fn from_str(text: &str) -> Result<Self, NotACallId> {
        let mut parts = text.split('-');
        let mut part = || parts.next().ok_or(NotACallId);
        let (epoch, shard, count) = (part()?, part()?, part()?);
        let epoch: u32 = epoch.parse().map_err(|_| NotACallId)?;
        if parts.next().is_some() || epoch > 0x00ff_ffff {
            return Err(NotACallId);
        }
        let id = Self::new(epoch, shard.parse().map_err(|_| NotACallId)?, count.parse().map_err(|_| NotACallId)?);
        // A call has one name: neither `+3-0-1` nor `03-0-1` is another.
        if id.to_string() == text { Ok(id) } else { Err(NotACallId) }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// All values, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used in files and on screens.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value for a word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

pub(crate) use words;

words!(/** Problem class (C1, R23). */ Class {
    /** 常见 */ Common = "common", /** 复杂 */ Complex = "complex", /** 重大 */ Major = "major" });
words!(/** Problem nature (C2, R28). */ Nature {
    /** technical */ Technical = "technical", /** 流程 */ Process = "process", /** system */ System = "system" });
words!(/** Request kind (C3). */ Kind {
    /** 咨询 */ Enquiry = "enquiry", /** 投诉 */ Complaint = "complaint", /** 建议 */ Suggestion = "suggestion",
    /** 问题反馈 */ ProblemReport = "problem_report", /** information query */ InfoQuery = "info_query",
    /** account service */ Account = "account", /** technical support */ TechnicalSupport = "technical_support" });
words!(/** Complaint category (C6, R29). */ Category {
    /** attitude */ ServiceAttitude = "service_attitude", /** quality of service */ ServiceQuality = "service_quality",
    /** service in general */ Service = "service", /** product */ Product = "product", /** process */ Process = "process",
    /** system */ System = "system", /** environment */ Environment = "environment", /** after sales */ AfterSales = "after_sales" });
words!(/** How grave a complaint is (C7, R30). The gravest has the longest clocks (H7), so none is derived from the other. */ ComplaintLevel {
    /** major defect of product or service */ L1 = "L1", /** process or communication */ L2 = "L2", /** slight */ L3 = "L3" });
words!(/** What a call is about, where that alone makes it urgent (C5, R25, R26). */ Topic {
    /** 网络故障 */ NetworkFault = "network_fault", /** 支付异常 */ PaymentAnomaly = "payment_anomaly", /** 安全 */ Security = "security",
    /** 隐私 */ Privacy = "privacy", /** 重大投诉 */ MajorComplaint = "major_complaint" });
words!(/** First assessment: is the problem ours (R34)? */ Remit {
    /** 内: our own scope */ Inside = "inside", /** 外: somebody else's */ Outside = "outside" });
words!(/** How far a problem reaches (R33), from narrow to wide. The manual names no levels: these are a proposal. */ Impact {
    /** the caller alone */ One = "one", /** several people */ Several = "several", /** a whole department or area */ Department = "department",
    /** everybody */ Everybody = "everybody" });
words!(/** Priority (C5, R24); the smaller value goes first. */ Priority {
    /** 紧急 */ Urgent = "urgent", /** 重要 */ Important = "important", /** 普通 */ Ordinary = "ordinary" });
words!(/** Customer type (C10, R36). */ CustomerType {
    /** ordinary */ Ordinary = "ordinary", /** VIP */ Vip = "vip", /** special */ Special = "special" });
words!(/** Customer level (C11, R36). */ CustomerLevel {
    /** basic */ Basic = "basic", /** high value */ HighValue = "high_value", /** sensitive */ Sensitive = "sensitive" });
words!(/** What a leg is in its call. */ LegRole {
    /** the customer */ Caller = "caller", /** a seat */ Agent = "agent", /** consulted seat */ Consult = "consult",
    /** supervisor */ Supervisor = "supervisor", /** outside number */ External = "external" });

/// Whether a problem is ours, and how far it reaches; `None` where nobody has said so (R33, R34).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// Inside our own scope or not.
    pub scope: Option<Remit>,
    /// How far it reaches.
    pub impact: Option<Impact>,
}

impl Assessment {
    /// This, corrected by what was found out later.
    pub fn corrected(self, later: Self) -> Self {
        Self { scope: later.scope.or(self.scope), impact: later.impact.or(self.impact) }
    }

    /// Whether nothing is said.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// What we know of the caller when the call is to be routed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Problem class, if the menu set one (R23).
    pub class: Option<Class>,
    /// Problem nature (R28).
    pub nature: Option<Nature>,
    /// Request kind.
    pub kind: Option<Kind>,
    /// Complaint category (R29).
    pub category: Option<Category>,
    /// How grave the complaint is (R30).
    #[serde(default)]
    pub level: Option<ComplaintLevel>,
    /// What it is about, if it is one of the matters that go first (R25, R26).
    pub topic: Option<Topic>,
    /// Whether it is ours and how far it reaches (R33, R34).
    #[serde(default)]
    pub assessed: Assessment,
    /// Priority (R24).
    pub priority: Priority,
    /// Skills needed beyond those of the queue's steps; the language's skill is among them.
    pub skills: Vec<Need>,
    /// The language spoken with the caller (R12).
    pub language: LanguageId,
    /// The caller's region (R39).
    pub region: Option<RegionId>,
    /// Customer type (R36).
    pub customer_type: CustomerType,
    /// Customer level (R36).
    pub customer_level: CustomerLevel,
    /// The seat that owns the caller's open matter (R57).
    pub owner: Option<SeatId>,
    /// The seat that spoke with the caller last (R43).
    pub last: Option<SeatId>,
    /// The seat that the customer likes best (R43).
    pub preferred: Option<SeatId>,
    /// Only cleared seats may take it (R68).
    pub sensitive: bool,
}

impl Profile {
    /// An ordinary caller of whom nothing is known yet.
    pub fn unknown(language: LanguageId) -> Self {
        Self {
            class: None,
            nature: None,
            kind: None,
            category: None,
            level: None,
            topic: None,
            assessed: Assessment::default(),
            priority: Priority::Ordinary,
            skills: Vec::new(),
            language,
            region: None,
            customer_type: CustomerType::Ordinary,
            customer_level: CustomerLevel::Basic,
            owner: None,
            last: None,
            preferred: None,
            sensitive: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_id_prints_and_parses_itself() {
        let id = CallId::new(7, 2, 1042);
        assert_eq!(id.to_string(), "7-2-1042");
        assert_eq!("7-2-1042".parse(), Ok(id));
        for wrong in ["", "7", "7-2", "7-2-x", "7-2-3-4", "16777216-0-1", "1-256-1"] {
            assert_eq!(wrong.parse::<CallId>(), Err(NotACallId), "{wrong}");
        }
    }

    #[test]
    fn what_is_found_later_corrects_what_was_said_and_leaves_the_rest_r33_r34() {
        let said = Assessment { scope: Some(Remit::Inside), impact: Some(Impact::One) };
        let later = Assessment { impact: Some(Impact::Everybody), ..Assessment::default() };
        assert_eq!(said.corrected(later), Assessment { scope: Some(Remit::Inside), impact: Some(Impact::Everybody) });
        assert_eq!(said.corrected(Assessment::default()), said);
        assert!(Impact::ALL.is_sorted(), "from narrow to wide");
    }

    #[test]
    fn urgent_goes_before_important_before_ordinary_r24() {
        assert!(Priority::Urgent < Priority::Important && Priority::Important < Priority::Ordinary);
        assert_eq!(Priority::from_word("urgent"), Some(Priority::Urgent));
        assert_eq!(Priority::from_word("Urgent"), None);
    }
}
