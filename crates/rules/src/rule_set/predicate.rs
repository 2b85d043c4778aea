use crate::{CalendarId, MenuId, NumberId, Plan, print_predicate};
use hotline_model::{
    Category, Class, CustomerLevel, CustomerType, Impact, Kind, LanguageId, Name, Nature, Priority, Profile, QueueId, RegionId, Remit,
    Topic, WallTime,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// A condition on a call: its caller, the time, the queues. Always true or false, whatever is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// A single test.
    Test(Test),
    /// All of these.
    All(Vec<Predicate>),
    /// Any of these.
    Any(Vec<Predicate>),
    /// The opposite.
    Not(Box<Predicate>),
}

/// What can be asked of a call. `None` where the word `none` is written: nothing is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Its problem class (R23).
    Class(Option<Class>),
    /// Its problem nature (R28).
    Nature(Option<Nature>),
    /// What the caller wants.
    Kind(Option<Kind>),
    /// What a complaint is about (R29).
    Category(Option<Category>),
    /// A matter that goes first (R25, R26).
    Topic(Option<Topic>),
    /// Whether it is inside our own scope (R34).
    Scope(Option<Remit>),
    /// How far it reaches (R33). Of a call of which that is not known, no comparison holds but the one with `none`.
    Impact(Compare, Option<Impact>),
    /// Its priority as menus and the customer's number have set it so far (R24).
    Priority(Priority),
    /// The type of customer (R36).
    CustomerType(CustomerType),
    /// The level of customer (R36).
    CustomerLevel(CustomerLevel),
    /// The language spoken (R12).
    Language(LanguageId),
    /// The caller's region (R39).
    Region(Option<RegionId>),
    /// For cleared seats only (R68).
    Sensitive,
    /// This number of ours was dialled.
    Dialled(NumberId),
    /// The caller hides the number.
    Anonymous,
    /// The number is a customer's (R21).
    Known,
    /// The caller's number begins so, `+86` and `0086` before it ignored.
    Starts(String),
    /// A calendar is open (R15), or it never keeps a complaint out and this is one (R17).
    Open(CalendarId),
    /// The time of day.
    Time {
        /// Whose zone.
        zone: CalendarId,
        /// The calendar is named; else its zone is that of all.
        named: bool,
        /// First minute of the day.
        from: u16,
        /// The minute after the last; before `from`: over midnight.
        to: u16,
    },
    /// The day of the week, 0 for Monday.
    Day {
        /// Whose zone.
        zone: CalendarId,
        /// As in [`Test::Time`].
        named: bool,
        /// First day.
        from: u8,
        /// Last day; before `from`: over Sunday.
        to: u8,
    },
    /// How many calls wait in a queue.
    Waiting(QueueId, Compare, u32),
    /// How long the call has waited that waits longest in a queue; 0 s if none does.
    Longest(QueueId, Compare, Duration),
    /// How many seats that may serve a queue in its last step are signed in and reachable.
    SignedIn(QueueId, Compare, u32),
    /// The value that a menu collected under this name.
    Collected(Name, Digits),
}

/// What can be asked of collected digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Digits {
    /// There are any.
    There,
    /// There are so many, both ends included.
    Count(u8, u8),
    /// They begin so.
    Start(String),
}

impl Digits {
    fn fit(&self, digits: &str) -> bool {
        match self {
            Self::There => true,
            Self::Count(from, to) => (usize::from(*from)..=usize::from(*to)).contains(&digits.len()),
            Self::Start(prefix) => digits.starts_with(prefix.as_str()),
        }
    }
}

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `==`
    Is,
    /// `!=`
    IsNot,
    /// `>=`
    AtLeast,
    /// `>`
    More,
    /// `<=`
    AtMost,
    /// `<`
    Less,
}

impl Compare {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Is, Self::IsNot, Self::AtLeast, Self::More, Self::AtMost, Self::Less];

    /// Whether it holds.
    pub fn holds<T: Ord>(self, left: T, right: T) -> bool {
        match self {
            Self::Is => left == right,
            Self::IsNot => left != right,
            Self::AtLeast => left >= right,
            Self::More => left > right,
            Self::AtMost => left <= right,
            Self::Less => left < right,
        }
    }

    /// As it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Is => "==",
            Self::IsNot => "!=",
            Self::AtLeast => ">=",
            Self::More => ">",
            Self::AtMost => "<=",
            Self::Less => "<",
        }
    }
}

/// How queues are, told by whoever knows them.
pub trait QueueFacts {
    /// How many calls wait in it.
    fn waiting(&self, queue: QueueId) -> u32;
    /// How long the call has waited that waits longest in it; zero if none does.
    fn longest(&self, queue: QueueId) -> Duration;
    /// How many seats that may serve it in its last step are signed in and reachable.
    fn signed_in(&self, queue: QueueId) -> u32;
}

/// No queue has callers or seats.
#[derive(Clone, Copy, Debug, Default)]
pub struct EmptyQueues;

impl QueueFacts for EmptyQueues {
    fn waiting(&self, _: QueueId) -> u32 {
        0
    }

    fn longest(&self, _: QueueId) -> Duration {
        Duration::ZERO
    }

    fn signed_in(&self, _: QueueId) -> u32 {
        0
    }
}

/// What a predicate is asked about.
pub struct Facts<'a> {
    /// The rules.
    pub plan: &'a Plan,
    /// What is known of the caller.
    pub profile: &'a Profile,
    /// The number of ours that was dialled; `None` if it is not known, which is none of them.
    pub dialled: Option<NumberId>,
    /// The number, as it came; `None` if it is hidden.
    pub caller: Option<&'a str>,
    /// What menus collected, by name.
    pub collected: &'a BTreeMap<Name, String>,
    /// Now.
    pub at: WallTime,
    /// The queues.
    pub queues: &'a dyn QueueFacts,
}

/// A fact that was looked at, and what it was: `customer_type` was `vip`, `open(office)` was `false`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// As it is written in rules.
    pub fact: Name,
    /// What it was; what is asked of a number or of digits is told as `true` or `false` only.
    pub value: Name,
}

impl Predicate {
    /// Whether it holds; what had to be looked at is added to `looked`.
    pub fn holds(&self, facts: &Facts<'_>, looked: &mut Vec<Looked>) -> bool {
        match self {
            Self::Test(test) => test.holds(facts, looked),
            Self::All(parts) => parts.iter().all(|part| part.holds(facts, looked)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(facts, looked)),
            Self::Not(part) => !part.holds(facts, looked),
        }
    }

    /// Its tests.
    pub fn tests(&self) -> Vec<&Test> {
        match self {
            Self::Test(test) => vec![test],
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::tests).collect(),
            Self::Not(part) => part.tests(),
        }
    }
}

impl Test {
    fn holds(&self, facts: &Facts<'_>, looked: &mut Vec<Looked>) -> bool {
        let profile = facts.profile;
        let mut told = |holds: bool, fact: &str, value: String| {
            let seen = Looked { fact: fact.into(), value: value.into() };
            if !looked.contains(&seen) {
                looked.push(seen);
            }
            holds
        };
        match self {
            Self::Class(is) => told(profile.class == *is, "class", word(profile.class.map(Class::word))),
            Self::Nature(is) => told(profile.nature == *is, "nature", word(profile.nature.map(Nature::word))),
            Self::Kind(is) => told(profile.kind == *is, "kind", word(profile.kind.map(Kind::word))),
            Self::Category(is) => told(profile.category == *is, "category", word(profile.category.map(Category::word))),
            Self::Topic(is) => told(profile.topic == *is, "topic", word(profile.topic.map(Topic::word))),
            Self::Scope(is) => told(profile.assessed.scope == *is, "scope", word(profile.assessed.scope.map(Remit::word))),
            Self::Impact(compare, is) => {
                let (found, known) = (profile.assessed.impact, profile.assessed.impact.is_some());
                let holds = match compare {
                    Compare::Is => found == *is,
                    Compare::IsNot => found != *is,
                    Compare::AtLeast | Compare::More | Compare::AtMost | Compare::Less => {
                        known && is.is_some() && compare.holds(found, *is)
                    }
                };
                told(holds, "impact", word(found.map(Impact::word)))
            }
            Self::Priority(is) => told(profile.priority == *is, "priority", profile.priority.word().into()),
            Self::CustomerType(is) => told(profile.customer_type == *is, "customer_type", profile.customer_type.word().into()),
            Self::CustomerLevel(is) => told(profile.customer_level == *is, "customer_level", profile.customer_level.word().into()),
            Self::Language(is) => {
                let code = facts.plan.languages.get(profile.language.index()).map(|language| language.code.to_string());
                told(profile.language == *is, "language", code.unwrap_or_default())
            }
            Self::Region(is) => {
                let region = profile.region.and_then(|region| facts.plan.regions.get(region.index()));
                told(profile.region == *is, "region", word(region.map(|region| &*region.name)))
            }
            Self::Dialled(is) => {
                let number = facts.dialled.and_then(|number| facts.plan.numbers.get(usize::from(number.0)));
                told(facts.dialled == Some(*is), "dialled", word(number.map(|number| &*number.name)))
            }
            Self::Sensitive => told(profile.sensitive, "sensitive", profile.sensitive.to_string()),
            Self::Anonymous | Self::Known | Self::Starts(_) | Self::Open(_) | Self::Collected(..) => {
                let holds = self.is_so(facts);
                told(holds, &self.written(facts.plan), holds.to_string())
            }
            Self::Time { zone, from, to, .. } => {
                let minute = facts.plan.calendar(*zone).minute_of_day(facts.at);
                let holds = if from < to { (*from..*to).contains(&minute) } else { minute >= *from || minute < *to };
                told(holds, &self.fact(facts.plan), format!("{:02}:{:02}", minute / 60, minute % 60))
            }
            Self::Day { zone, from, to, .. } => {
                let day = facts.plan.calendar(*zone).day_of_week(facts.at);
                let holds = if from <= to { (*from..=*to).contains(&day) } else { day >= *from || day <= *to };
                told(holds, &self.fact(facts.plan), WEEKDAYS[usize::from(day) % 7].into())
            }
            Self::Waiting(queue, compare, number) => {
                let is = facts.queues.waiting(*queue);
                told(compare.holds(is, *number), &self.fact(facts.plan), is.to_string())
            }
            Self::SignedIn(queue, compare, number) => {
                let is = facts.queues.signed_in(*queue);
                told(compare.holds(is, *number), &self.fact(facts.plan), is.to_string())
            }
            Self::Longest(queue, compare, limit) => {
                let is = facts.queues.longest(*queue);
                told(compare.holds(is, *limit), &self.fact(facts.plan), format!("{}s", is.as_secs()))
            }
        }
    }

    fn is_so(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::Anonymous => facts.caller.is_none(),
            Self::Known => facts.caller.is_some_and(|caller| facts.plan.customer(caller).is_some()),
            Self::Starts(prefix) => facts.caller.is_some_and(|caller| starts(caller, prefix)),
            Self::Open(calendar) => !facts.plan.calendar(*calendar).keeps_out(facts.profile.kind, facts.at),
            Self::Collected(name, digits) => facts.collected.get(name).is_some_and(|value| digits.fit(value)),
            Self::Class(_)
            | Self::Nature(_)
            | Self::Kind(_)
            | Self::Category(_)
            | Self::Topic(_)
            | Self::Scope(_)
            | Self::Impact(..)
            | Self::Priority(_)
            | Self::CustomerType(_)
            | Self::CustomerLevel(_)
            | Self::Language(_)
            | Self::Region(_)
            | Self::Sensitive
            | Self::Dialled(_)
            | Self::Time { .. }
            | Self::Day { .. }
            | Self::Waiting(..)
            | Self::Longest(..)
            | Self::SignedIn(..) => false,
        }
    }

    fn written(&self, plan: &Plan) -> String {
        print_predicate(&Predicate::Test(self.clone()), plan)
    }

    /// What is compared, as it is written: `waiting(technical)`.
    fn fact(&self, plan: &Plan) -> String {
        let written = self.written(plan);
        let end = written.find(" in ").or_else(|| written.find([' ']));
        end.map_or(written.clone(), |end| written[..end].to_owned())
    }
}

fn word(word: Option<&str>) -> String {
    word.unwrap_or("none").to_owned()
}

/// The days of the week as they are written.
pub(crate) const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Whether a number begins with digits as they are dialled in the country, or with `+` and those of another.
fn starts(caller: &str, prefix: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let all = digits(caller);
    if let Some(prefix) = prefix.strip_prefix('+') {
        let abroad = if caller.starts_with('+') { Some(all.as_str()) } else { all.strip_prefix("00") };
        return abroad.is_some_and(|abroad| abroad.starts_with(prefix));
    }
    let national = if caller.starts_with('+') { all.strip_prefix("86") } else { all.strip_prefix("0086") };
    match national {
        // Behind the country code an area code has no 0.
        Some(national) => national.starts_with(prefix) || prefix.strip_prefix('0').is_some_and(|area| national.starts_with(area)),
        None => !caller.starts_with('+') && all.starts_with(prefix),
    }
}

/// A condition on the way of a call, and what is done if it holds.
#[derive(Clone, Debug)]
pub struct Gate {
    /// When it is taken.
    pub when: When,
    /// What to do then.
    pub go: super::Branch,
}

/// When a gate is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// While this calendar is closed (R15); a complaint may come in all the same (R17).
    Closed(CalendarId),
    /// While this holds.
    Holds(Predicate),
}

/// Where gates stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Door {
    /// At a number.
    Number(NumberId),
    /// At a menu.
    Menu(MenuId),
}

/// What came of looking at gates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// The first gate that was taken.
    pub taken: Option<usize>,
    /// What predicates looked at, each with its gate's place.
    pub looked: Vec<(usize, Looked)>,
}

/// Looks at gates in their order, up to the first that holds.
pub fn pass(gates: &[Gate], facts: &Facts<'_>) -> Passage {
    let mut passage = Passage::default();
    for (place, gate) in gates.iter().enumerate() {
        let holds = match &gate.when {
            When::Closed(calendar) => facts.plan.calendar(*calendar).keeps_out(facts.profile.kind, facts.at),
            When::Holds(predicate) => {
                let mut looked = Vec::new();
                let holds = predicate.holds(facts, &mut looked);
                passage.looked.extend(looked.into_iter().map(|one| (place, one)));
                holds
            }
        };
        if holds {
            passage.taken = Some(place);
            break;
        }
    }
    passage
}

#[cfg(test)]
mod tests {
    use super::starts;

    #[test]
    fn a_number_begins_so_however_it_came() {
        for (caller, prefix) in [
            ("02155550021", "021"),
            ("+862155550021", "021"),
            ("00862155550021", "021"),
            ("+8613800138000", "138"),
            ("13800138000", "138"),
            ("+85221112222", "+852"),
            ("0085221112222", "+852"),
            ("+8613800138000", "+86"),
        ] {
            assert!(starts(caller, prefix), "{caller} {prefix}");
        }
        for (caller, prefix) in [("2155550021", "021"), ("+12155550021", "021"), ("13800138000", "139"), ("85221112222", "+852")] {
            assert!(!starts(caller, prefix), "{caller} {prefix}");
        }
    }
}
