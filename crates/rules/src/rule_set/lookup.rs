use super::{Changes, Plan};
use crate::{Expression, expression};
use hotline_model::{CustomerLevel, CustomerType, LanguageId, Name, Need, Number, Priority, Profile, SeatId, SkillId};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Longest that a caller's first decision waits for an answer.
pub const LONGEST_LOOK_UP: Duration = Duration::from_millis(300);
/// Values of an answer that are looked at.
const MOST_VALUES: usize = 64;
const MOST_SKILLS: usize = 16;
/// Longest value of an answer, in bytes.
const LONGEST_VALUE: usize = 1_024;

/// A source that is asked about each caller, or with a value that one has keyed (`[lookup.NAME]`).
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Its name.
    pub name: Name,
    /// The collected value with which it is asked; `None`: the caller's number.
    pub by: Option<Name>,
    /// Where.
    pub source: Arc<LookupSource>,
    /// From the caller's arrival, or the moment when the value is complete, at most [`LONGEST_LOOK_UP`].
    pub limit: Duration,
    /// What holds without an answer in time.
    pub fallback: CallerFacts,
    /// The same, as columns and values of an answer.
    pub fallback_said: Vec<(Name, Name)>,
    /// Where it is written.
    pub written: Written,
}

/// Where a look-up is written, for what is found out of its source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The place of its file in the sources that were given.
    pub file: usize,
    /// The bytes that say where the source is.
    pub source: Range<usize>,
    /// The bytes of its query; of a source without one those of the source.
    pub query: Range<usize>,
}

/// Where customers are looked up.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LookupSource {
    /// In a SQLite database, which is only read.
    Sqlite {
        /// The file, beside the file of rules if it is relative.
        path: String,
        /// A query with one parameter, the number; its columns are those of customers.
        query: String,
    },
    /// In a CSV file of the rules: columns and values by collected value.
    Csv {
        /// What each value means.
        rows: BTreeMap<String, Vec<(String, String)>>,
    },
    /// By HTTP: GET if the address has `{number}` in it, otherwise POST of `{"number": "..."}`.
    Http {
        /// An `http://` address.
        url: String,
    },
}

impl std::fmt::Debug for LookupSource {
    /// What callers key shows in no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite { path, query } => f.debug_struct("Sqlite").field("path", path).field("query", query).finish(),
            Self::Csv { rows } => write!(f, "Csv({} rows)", rows.len()),
            Self::Http { url } => f.debug_struct("Http").field("url", url).finish(),
        }
    }
}

/// What is known of a caller beyond the number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerFacts {
    /// What is set.
    pub set: Changes,
    /// The dedicated agent (R45, R57).
    pub agent: Option<SeatId>,
    /// The agent whom the customer prefers (R43).
    pub preferred: Option<SeatId>,
}

impl CallerFacts {
    /// What no menu can know, and what the classified profile in the journal does not keep.
    pub fn introduce(&self, profile: &mut Profile) {
        profile.customer_type = self.set.customer_type.unwrap_or(profile.customer_type);
        profile.customer_level = self.set.customer_level.unwrap_or(profile.customer_level);
        profile.owner = self.agent.or(profile.owner);
        profile.preferred = self.preferred.or(profile.preferred);
    }
}

/// What an answer says, as far as the rules know it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Understood {
    /// What it means.
    pub facts: CallerFacts,
    /// The columns and values that count.
    pub said: Vec<(Name, Name)>,
    /// Columns that are unknown or whose value is wrong.
    pub ignored: Vec<Name>,
}

impl Plan {
    /// The number by which sources are asked about a caller, written in full (E.164) where it can be; `None` for one who has none.
    pub fn number_to_look_up(&self, caller: &Number) -> Option<String> {
        let key = self.numbering.normal(caller.reveal());
        let digits = key.reveal().bytes().filter(u8::is_ascii_digit).count();
        let by_number = self.lookups.iter().any(|lookup| lookup.by.is_none());
        let asked = !caller.is_anonymous() && !key.is_anonymous() && by_number && (3..=15).contains(&digits);
        asked.then(|| key.reveal().to_owned())
    }

    /// Whether any source is asked with a value that menus collect.
    pub fn looks_up(&self, value: &str) -> bool {
        self.lookups.iter().any(|lookup| lookup.by.as_deref() == Some(value))
    }

    /// Understands the columns and values of an answer; whatever is wrong in it is left out.
    pub fn understand<K: AsRef<str>, V: AsRef<str>>(&self, values: &[(K, V)]) -> Understood {
        let mut understood = Understood::default();
        for (column, value) in values.iter().take(MOST_VALUES).map(|(column, value)| (column.as_ref(), value.as_ref().trim())) {
            if value.is_empty() || matches!(column, "number" | "name") {
                continue;
            }
            let short = value.len() <= LONGEST_VALUE;
            match short.then(|| self.understand_one(column, value, &mut understood.facts)).flatten() {
                Some(()) => understood.said.push((Name::from(column), Name::from(value))),
                None => understood.ignored.push(Name::from(column.chars().take(64).collect::<String>())),
            }
        }
        understood
    }

    fn understand_one(&self, column: &str, value: &str, facts: &mut CallerFacts) -> Option<()> {
        let seat = || self.seat_names.get(value).copied();
        match column {
            "customer_type" => facts.set.customer_type = Some(CustomerType::from_word(value)?),
            "customer_level" => facts.set.customer_level = Some(CustomerLevel::from_word(value)?),
            "priority" => facts.set.priority = Some(Priority::from_word(value)?),
            "language" => {
                let live = |language: &super::Language| !language.retired && *language.code == *value;
                facts.set.language = Some(LanguageId(u8::try_from(self.languages.iter().position(live)?).ok()?));
            }
            "skills" => facts.set.skills = self.needs(value)?,
            "agent" => facts.agent = Some(seat()?),
            "preferred" => facts.preferred = Some(seat()?),
            "sensitive" => {
                facts.set.sensitive = Some(match value {
                    "true" | "TRUE" | "yes" | "1" => true,
                    "false" | "FALSE" | "no" | "0" => false,
                    _ => return None,
                });
            }
            _ => return None,
        }
        Some(())
    }

    fn needs(&self, text: &str) -> Option<Vec<Need>> {
        let (mut needs, mut unknown) = (Vec::new(), false);
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let place = |name: &str| self.skills.iter().position(|skill| !skill.retired && *skill.name == *name);
            let mut id = |name: &str, _| {
                let place = place(name).and_then(|place| u16::try_from(place).ok());
                unknown |= place.is_none();
                SkillId(place.unwrap_or(0))
            };
            match expression::parse(part, &mut id).ok()? {
                Expression::AtLeast(need) if needs.len() < MOST_SKILLS => needs.push(need),
                Expression::Anyone => {}
                Expression::AtLeast(_) | Expression::All(_) | Expression::Any(_) => return None,
            }
        }
        (!unknown).then_some(needs)
    }
}
