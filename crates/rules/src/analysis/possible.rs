//! Whether a call can be such that a predicate holds: its alternatives are looked at one by one, each as what it leaves of every fact.

use super::names::branches;
use super::ways::{WHOLE_DAY, covers, joined};
use crate::predicate::MOST_DIGITS;
use crate::{Calendar, CalendarId, Changes, Compare, Digits, Plan, Predicate, Test};
use hotline_model::{Category, Class, CustomerLevel, CustomerType, Impact, Kind, Name, Nature, Priority, QueueId, Remit, Topic};
use std::collections::{BTreeMap, BTreeSet};

/// Most alternatives that are looked at.
const MOST: usize = 2_000;
const DAY: u64 = 24 * 60;
const CHINA: &str = "86";

/// Something that has one value at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Variable {
    Word(&'static str),
    Waiting(QueueId),
    Longest(QueueId),
    SignedIn(QueueId),
    Open(CalendarId),
    Time(String),
    Day(String),
    Starts(String),
    Collected(Name),
}

/// Values, as stretches with both ends in, in order and apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Values(Vec<(u64, u64)>);

impl Values {
    fn one(value: u64) -> Self {
        Self(vec![(value, value)])
    }

    fn both(&self, other: &Self) -> Self {
        let parts = self.0.iter().flat_map(|a| other.0.iter().map(|b| (a.0.max(b.0), a.1.min(b.1))));
        Self(parts.filter(|(from, to)| from <= to).collect())
    }

    fn or(&self, other: &Self) -> Self {
        let mut parts: Vec<(u64, u64)> = self.0.iter().chain(&other.0).copied().collect();
        parts.sort_unstable();
        let mut all: Vec<(u64, u64)> = Vec::new();
        for (from, to) in parts {
            match all.last_mut() {
                Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
                Some(_) | None => all.push((from, to)),
            }
        }
        Self(all)
    }

    fn without(&self, other: &Self) -> Self {
        let mut left = self.clone();
        for (from, to) in &other.0 {
            let before = from.checked_sub(1).map(|end| (0, end));
            let after = to.checked_add(1).map(|start| (start, u64::MAX));
            left = left.both(&Self(before.into_iter().chain(after).collect()));
        }
        left
    }
}

/// What is known of a call before it is asked; of what is not in it, nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Given(BTreeMap<Variable, Values>);

impl Given {
    /// Whatever it was, it is this now.
    pub(super) fn becomes(&mut self, plan: &Plan, test: &Test, is: bool) {
        let (variable, values) = asked(plan, test, is);
        self.0.insert(variable, values);
    }

    /// It may be this as well.
    pub(super) fn may_be(&mut self, plan: &Plan, test: &Test, is: bool) {
        let (variable, values) = asked(plan, test, is);
        if let Some(known) = self.0.get_mut(&variable) {
            *known = known.or(&values);
        }
    }

    /// What is known of a call of which one of the two is.
    pub(super) fn or(&self, other: &Self) -> Self {
        let joined = self.0.iter().filter_map(|(variable, values)| Some((variable.clone(), values.or(other.0.get(variable)?))));
        Self(joined.collect())
    }
}

/// `None` if there are too many alternatives to say.
pub(super) fn possible(plan: &Plan, predicate: &Predicate) -> Option<bool> {
    possible_where(plan, &Given::default(), predicate)
}

/// The same of a call of which something is known.
pub(super) fn possible_where(plan: &Plan, given: &Given, predicate: &Predicate) -> Option<bool> {
    let is_possible = |tests: &Asked<'_>| [false, true].iter().any(|complains| is_consistent(plan, given, tests, *complains));
    Some(alternatives(predicate, true)?.iter().any(is_possible))
}

type Asked<'p> = Vec<(&'p Test, bool)>;

fn alternatives(predicate: &Predicate, holds: bool) -> Option<Vec<Asked<'_>>> {
    match (predicate, holds) {
        (Predicate::Test(test), _) => Some(vec![vec![(test, holds)]]),
        (Predicate::Not(part), _) => alternatives(part, !holds),
        (Predicate::Any(parts), true) | (Predicate::All(parts), false) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(alternatives(part, holds)?);
            }
            (all.len() <= MOST).then_some(all)
        }
        (Predicate::All(parts), true) | (Predicate::Any(parts), false) => {
            let mut all = vec![Vec::new()];
            for part in parts {
                let more = alternatives(part, holds)?;
                if all.len().saturating_mul(more.len()) > MOST {
                    return None;
                }
                all = all.iter().flat_map(|left| more.iter().map(|right| [left.as_slice(), right].concat())).collect();
            }
            Some(all)
        }
    }
}

/// Whether a call that complains, or one that does not, can be such.
fn is_consistent(plan: &Plan, given: &Given, tests: &Asked<'_>, complains: bool) -> bool {
    let mut left = given.0.clone();
    let mut narrow = |variable: Variable, to: &Values| {
        let values = left.entry(variable).or_insert_with(|| Values(vec![(0, u64::MAX)]));
        *values = values.both(to);
    };
    let (kind, kinds, complaint) = of(plan, &Test::Kind(Some(Kind::Complaint)));
    narrow(kind, &if complains { complaint } else { kinds.without(&complaint) });
    for (test, is) in tests {
        let (variable, values) = asked(plan, test, *is);
        narrow(variable, &values);
        match always_open(plan, test).filter(|_| complains) {
            Some(calendar) => narrow(Variable::Open(calendar), &Values::one(1)),
            None => implied(plan, test, *is, &mut narrow),
        }
    }
    left.values().all(|values| !values.0.is_empty()) && agree(plan, tests, &left, complains)
}

/// The calendar that is asked for, if no complaint meets it closed (R17).
fn always_open(plan: &Plan, test: &Test) -> Option<CalendarId> {
    match test {
        Test::Open(calendar) => Some(*calendar).filter(|calendar| plan.calendar(*calendar).complaints_24h),
        Test::Class(_)
        | Test::Nature(_)
        | Test::Kind(_)
        | Test::Category(_)
        | Test::Topic(_)
        | Test::Scope(_)
        | Test::Impact(..)
        | Test::Priority(_)
        | Test::CustomerType(_)
        | Test::CustomerLevel(_)
        | Test::Language(_)
        | Test::Region(_)
        | Test::Sensitive
        | Test::Dialled(_)
        | Test::Anonymous
        | Test::Known
        | Test::Starts(_)
        | Test::Time { .. }
        | Test::Day { .. }
        | Test::Waiting(..)
        | Test::Longest(..)
        | Test::SignedIn(..)
        | Test::Collected(..) => None,
    }
}

/// The variable of a test, and what it is if the test holds or does not.
fn asked(plan: &Plan, test: &Test, is: bool) -> (Variable, Values) {
    let (variable, domain, values) = of(plan, test);
    (variable, if is { values } else { domain.without(&values) })
}

/// The variable of a test, what it may be, and what the test wants it to be.
fn of(plan: &Plan, test: &Test) -> (Variable, Values, Values) {
    let flag = |word| (Variable::Word(word), Values(vec![(0, 1)]), Values::one(1));
    let word = |word, count: usize, place: Option<usize>| {
        (Variable::Word(word), Values(vec![(0, count as u64)]), Values::one(place.map_or(0, |place| place as u64 + 1)))
    };
    let sure = |word, count: usize, place: Option<usize>| {
        (Variable::Word(word), Values(vec![(1, count as u64)]), Values::one(place.map_or(0, |place| place as u64 + 1)))
    };
    let number = |variable, compare, value| (variable, Values(vec![(0, u64::MAX)]), compared(compare, value));
    fn at<T: PartialEq>(all: &[T], is: &T) -> Option<usize> {
        all.iter().position(|one| one == is)
    }
    match test {
        Test::Class(is) => word("class", Class::ALL.len(), is.as_ref().and_then(|is| at(Class::ALL, is))),
        Test::Nature(is) => word("nature", Nature::ALL.len(), is.as_ref().and_then(|is| at(Nature::ALL, is))),
        Test::Kind(is) => word("kind", Kind::ALL.len(), is.as_ref().and_then(|is| at(Kind::ALL, is))),
        Test::Category(is) => word("category", Category::ALL.len(), is.as_ref().and_then(|is| at(Category::ALL, is))),
        Test::Topic(is) => word("topic", Topic::ALL.len(), is.as_ref().and_then(|is| at(Topic::ALL, is))),
        Test::Scope(is) => word("scope", Remit::ALL.len(), is.as_ref().and_then(|is| at(Remit::ALL, is))),
        Test::Impact(compare, is) => {
            let place = is.as_ref().and_then(|is| at(Impact::ALL, is)).map(|place| place as u64 + 1);
            let (all, known) = (Values(vec![(0, Impact::ALL.len() as u64)]), Values(vec![(1, Impact::ALL.len() as u64)]));
            let same = Values::one(place.unwrap_or(0));
            let values = match compare {
                Compare::Is => same,
                Compare::IsNot => all.without(&same),
                Compare::AtLeast | Compare::More | Compare::AtMost | Compare::Less => {
                    place.map_or(Values(Vec::new()), |place| compared(*compare, place).both(&known))
                }
            };
            (Variable::Word("impact"), all, values)
        }
        Test::Priority(is) => sure("priority", Priority::ALL.len(), at(Priority::ALL, is)),
        Test::CustomerType(is) => sure("customer_type", CustomerType::ALL.len(), at(CustomerType::ALL, is)),
        Test::CustomerLevel(is) => sure("customer_level", CustomerLevel::ALL.len(), at(CustomerLevel::ALL, is)),
        Test::Language(is) => sure("language", plan.languages.len(), Some(is.index())),
        Test::Region(is) => word("region", plan.regions.len(), is.map(|is| is.index())),
        Test::Dialled(is) => sure("dialled", plan.numbers.len(), Some(usize::from(is.0))),
        Test::Sensitive => flag("sensitive"),
        Test::Anonymous => flag("anonymous"),
        Test::Known => flag("known"),
        Test::Starts(prefix) => (Variable::Starts(prefix.clone()), Values(vec![(0, 1)]), Values::one(1)),
        Test::Open(calendar) => (Variable::Open(*calendar), Values(vec![(0, 1)]), Values::one(1)),
        Test::Time { zone, from, to, .. } => {
            let (from, to) = (u64::from(*from), u64::from(*to));
            let values = if from < to {
                vec![(from, to - 1)]
            } else {
                [(0, to.saturating_sub(1)), (from, DAY - 1)][usize::from(to == 0)..].to_vec()
            };
            (Variable::Time(zone_of(plan, *zone)), Values(vec![(0, DAY - 1)]), Values(values))
        }
        Test::Day { zone, from, to, .. } => {
            let (from, to) = (u64::from(*from), u64::from(*to));
            let values = if from <= to { vec![(from, to)] } else { vec![(0, to), (from, 6)] };
            (Variable::Day(zone_of(plan, *zone)), Values(vec![(0, 6)]), Values(values))
        }
        Test::Collected(name, Digits::Start(prefix)) => {
            (Variable::Starts(format!("{name} {prefix}")), Values(vec![(0, 1)]), Values::one(1))
        }
        Test::Collected(name, digits) => {
            let (from, to) = if let Digits::Count(from, to) = digits { (*from, *to) } else { (1, MOST_DIGITS) };
            let domain = lengths(plan, name);
            let values = domain.both(&Values(vec![(u64::from(from), u64::from(to))]));
            (Variable::Collected(name.clone()), domain, values)
        }
        Test::Waiting(queue, compare, value) => number(Variable::Waiting(*queue), *compare, u64::from(*value)),
        Test::SignedIn(queue, compare, value) => number(Variable::SignedIn(*queue), *compare, u64::from(*value)),
        Test::Longest(queue, compare, limit) => {
            number(Variable::Longest(*queue), *compare, u64::try_from(limit.as_micros()).unwrap_or(u64::MAX))
        }
    }
}

fn compared(compare: Compare, value: u64) -> Values {
    let below = || value.checked_sub(1).map(|end| (0, end));
    let above = || value.checked_add(1).map(|start| (start, u64::MAX));
    Values(match compare {
        Compare::Is => vec![(value, value)],
        Compare::IsNot => below().into_iter().chain(above()).collect(),
        Compare::AtLeast => vec![(value, u64::MAX)],
        Compare::More => above().into_iter().collect(),
        Compare::AtMost => vec![(0, value)],
        Compare::Less => below().into_iter().collect(),
    })
}

fn zone_of(plan: &Plan, calendar: CalendarId) -> String {
    plan.calendar(calendar).zone.iana_name().unwrap_or_default().to_owned()
}

/// What else is so if a test is.
fn implied(plan: &Plan, test: &Test, is: bool, narrow: &mut impl FnMut(Variable, &Values)) {
    match (test, is) {
        (Test::Open(id), true) => {
            let calendar = plan.calendar(*id);
            let special = calendar.exceptions.values().map(|exception| &exception.hours);
            narrow(Variable::Time(zone_of(plan, *id)), &minutes(calendar.week.iter().chain(special).flat_map(|day| joined(day))));
            narrow(Variable::Day(zone_of(plan, *id)), &open_days(calendar));
        }
        (Test::Open(id), false) => {
            let calendar = plan.calendar(*id);
            let whole = joined(&calendar.week[0]) == WHOLE_DAY && calendar.week.iter().all(|day| joined(day) == WHOLE_DAY);
            if whole && calendar.off.is_empty() && calendar.exceptions.is_empty() {
                narrow(Variable::Open(*id), &Values(Vec::new()));
            }
        }
        (Test::Anonymous, true) => {
            narrow(Variable::Word("known"), &Values::one(0));
            narrow(Variable::Word("region"), &Values::one(0));
            stranger(plan, narrow);
        }
        (Test::Known, false) => stranger(plan, narrow),
        (Test::Collected(name, Digits::Start(prefix)), true) => {
            let long_enough = Values(vec![(prefix.len() as u64, u64::from(MOST_DIGITS))]);
            narrow(Variable::Collected(name.clone()), &lengths(plan, name).both(&long_enough));
        }
        (Test::Known, true) => narrow(Variable::Word("anonymous"), &Values::one(0)),
        (Test::Starts(prefix), true) => {
            narrow(Variable::Word("anonymous"), &Values::one(0));
            if let Some(regions) = regions(plan, prefix) {
                narrow(Variable::Word("region"), &regions);
            }
        }
        (Test::Region(Some(_)), true) => narrow(Variable::Word("anonymous"), &Values::one(0)),
        (
            Test::Class(_)
            | Test::Nature(_)
            | Test::Kind(_)
            | Test::Category(_)
            | Test::Topic(_)
            | Test::Scope(_)
            | Test::Impact(..)
            | Test::Priority(_)
            | Test::CustomerType(_)
            | Test::CustomerLevel(_)
            | Test::Language(_)
            | Test::Region(_)
            | Test::Sensitive
            | Test::Dialled(_)
            | Test::Anonymous
            | Test::Starts(_)
            | Test::Time { .. }
            | Test::Day { .. }
            | Test::Waiting(..)
            | Test::Longest(..)
            | Test::SignedIn(..)
            | Test::Collected(..),
            _,
        ) => {}
    }
}

/// How many figures a collected value may have, 0 before it is collected; any number of a name that no menu collects, which is told as such.
fn lengths(plan: &Plan, name: &Name) -> Values {
    let collects = plan.menus.iter().filter_map(|menu| menu.collect.as_ref()).filter(|collect| collect.name == *name);
    let mut all: Vec<(u64, u64)> = collects.map(|collect| (u64::from(collect.min), u64::from(collect.max))).collect();
    if all.is_empty() {
        all.push((1, u64::from(MOST_DIGITS)));
    }
    let most = all.iter().map(|(_, max)| *max).max().unwrap_or(0);
    let fits = |length: &u64| *length == 0 || all.iter().any(|(min, max)| (min..=max).contains(&length));
    Values((0..=most).filter(fits).map(|length| (length, length)).collect())
}

/// Who is no customer of the rules. Of whom a look-up knows something, also by what was keyed, it may be anything.
fn stranger(plan: &Plan, narrow: &mut impl FnMut(Variable, &Values)) {
    if plan.lookups.is_empty() {
        narrow(Variable::Word("customer_type"), &made(plan, CustomerType::ALL, CustomerType::Ordinary, |set| set.customer_type));
        narrow(Variable::Word("customer_level"), &made(plan, CustomerLevel::ALL, CustomerLevel::Basic, |set| set.customer_level));
        narrow(Variable::Word("sensitive"), &Values(vec![(0, u64::from(branches(plan).any(|branch| branch.set.sensitive == Some(true))))]));
    }
}

/// What ways of the rules make of a caller of whom nothing else is known, beside what everybody is.
fn made<T: PartialEq>(plan: &Plan, all: &[T], everybody: T, by: impl Fn(&Changes) -> Option<T>) -> Values {
    let ways: Vec<T> = branches(plan).filter_map(|branch| by(&branch.set)).chain([everybody]).collect();
    Values((1..).zip(all).filter(|(_, one)| ways.contains(one)).map(|(place, _)| (place, place)).collect())
}

/// The regions of callers whose numbers begin so, none among them; `None` if a list of prefixes may say more, or the country's numbers aren't
/// known.
fn regions(plan: &Plan, prefix: &str) -> Option<Values> {
    if !plan.prefixes.is_empty() || plan.numbering.country() != CHINA || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Behind the country's code the 0 of an area is missing, and there may be none before a mobile number.
    let other = prefix.strip_prefix('0').map_or_else(|| format!("0{prefix}"), str::to_owned);
    let mut found: BTreeSet<u64> = if is_of_an_area(plan, prefix) { BTreeSet::new() } else { BTreeSet::from([0]) };
    for begin in [prefix, &other] {
        let place = |id: usize| id as u64 + 1;
        found.extend(plan.region_of(begin).map(|id| place(id.index())));
        let longer = |code: &String| code.starts_with(begin) || code.trim_start_matches('0').starts_with(begin);
        let regions = plan.regions.iter().enumerate().filter(|(_, region)| !region.retired && region.area_codes.iter().any(longer));
        found.extend(regions.map(|(id, _)| place(id)));
    }
    Some(Values(found.into_iter().map(|place| (place, place)).collect()))
}

/// Whether every number that begins so, also without the 0 behind the country's code, is of an area of the rules.
fn is_of_an_area(plan: &Plan, prefix: &str) -> bool {
    let mut codes = plan.regions.iter().filter(|region| !region.retired).flat_map(|region| &region.area_codes);
    codes.any(|code| {
        // Behind the country's code mobile numbers begin with 13 to 19, and companies' with 400 and 800.
        let area = code.strip_prefix('0').filter(|area| area.len() >= 2 && (*area == "10" || !area.starts_with(['0', '1', '4', '8'])));
        area.is_some() && prefix.starts_with(code.as_str())
    })
}

fn minutes(spans: impl Iterator<Item = (u16, u16)>) -> Values {
    let spans = spans.filter(|(from, to)| from < to).map(|(from, to)| (u64::from(from), u64::from(to) - 1));
    Values(Vec::new()).or(&Values(spans.collect()))
}

fn open_days(calendar: &Calendar) -> Values {
    let open = |day: usize| calendar.week.get(day).is_some_and(|day| !day.is_empty());
    let like = usize::try_from(calendar.workday_like.to_monday_zero_offset()).unwrap_or(0);
    let worked = |day: usize| {
        let of = |date: &jiff::civil::Date| usize::try_from(date.weekday().to_monday_zero_offset()) == Ok(day);
        open(like) && calendar.workdays.iter().any(of)
    };
    let special = |day: usize| {
        let on = |date: &jiff::civil::Date| usize::try_from(date.weekday().to_monday_zero_offset()) == Ok(day);
        calendar.exceptions.iter().any(|(date, exception)| on(date) && !exception.hours.is_empty())
    };
    Values((0..7).filter(|day| open(*day) || worked(*day) || special(*day)).map(|day| (day as u64, day as u64)).collect())
}

/// Whether what is asked of different facts can be so at once.
fn agree(plan: &Plan, tests: &Asked<'_>, left: &BTreeMap<Variable, Values>, complains: bool) -> bool {
    let pairs = || tests.iter().flat_map(|a| tests.iter().map(move |b| (a, b)));
    let clash = pairs().any(|pair| match pair {
        ((Test::Open(a), true), (Test::Open(b), false)) => {
            !(complains && plan.calendar(*a).complaints_24h) && covers(plan.calendar(*a), plan.calendar(*b))
        }
        ((Test::Starts(a), true), (Test::Starts(b), true)) => alike(a, b) && !a.starts_with(b.as_str()) && !b.starts_with(a.as_str()),
        ((Test::Starts(a), true), (Test::Starts(b), false)) => a.starts_with(b.as_str()),
        (_, _) => false,
    });
    let nobody_waits = left.iter().any(|(variable, values)| match variable {
        Variable::Waiting(queue) if *values == Values::one(0) => {
            left.get(&Variable::Longest(*queue)).is_some_and(|longest| longest.both(&Values::one(0)).0.is_empty())
        }
        Variable::Word(_)
        | Variable::Waiting(_)
        | Variable::Longest(_)
        | Variable::SignedIn(_)
        | Variable::Open(_)
        | Variable::Time(_)
        | Variable::Day(_)
        | Variable::Starts(_)
        | Variable::Collected(_) => false,
    });
    !clash && !nobody_waits
}

/// Both written as in the country, or both with the country code.
fn alike(a: &str, b: &str) -> bool {
    a.starts_with('+') == b.starts_with('+')
}
