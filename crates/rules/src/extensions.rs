//! `extension`: digits by which a telephone reaches a seat, department, person or queue whose name has letters; and names that mean two things.

use crate::declare::{Declared, Item};
use crate::finding::{At, Findings, Place};
use crate::names::Names;
use crate::read::{Node, Table};
use crate::scope::Scope;
use crate::{Go, NumberId, Plan, Route};
use hotline_model::{LookupMap, Name, PhoneNumber, Target};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Digits of an extension.
const DIGITS: RangeInclusive<usize> = 2..=8;

/// Whom a telephone can dial by name, in the order in which one of several with the same name is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Seat,
    Department,
    Person,
    Queue,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Seat, Self::Department, Self::Person, Self::Queue];

    fn noun(self) -> &'static str {
        match self {
            Self::Seat => "seat",
            Self::Department => "department",
            Self::Person => "person",
            Self::Queue => "queue",
        }
    }

    fn target(self, name: Name) -> Target {
        match self {
            Self::Seat => Target::Seat(name),
            Self::Department => Target::Department(name),
            Self::Person => Target::Person(name),
            Self::Queue => Target::Queue(name),
        }
    }

    fn names<'s>(self, scope: &'s Scope<'_>) -> &'s Names {
        match self {
            Self::Seat => &scope.seats,
            Self::Department => &scope.departments,
            Self::Person => &scope.persons,
            Self::Queue => &scope.queues,
        }
    }

    /// Departments, persons or queues; seats stand in blocks.
    fn items<'d, 'a>(self, declared: &'d Declared<'a>) -> &'d [Item<'a>] {
        match self {
            Self::Seat => &[],
            Self::Department => &declared.departments,
            Self::Person => &declared.persons,
            Self::Queue => &declared.queues,
        }
    }
}

/// A table in which an `extension` may stand, and the names that it is of.
fn tables<'d, 'a>(declared: &'d Declared<'a>) -> impl Iterator<Item = (Kind, &'d [Name], &'d Table<'a>)> {
    let seats = declared.seats.iter().map(|block| (Kind::Seat, block.names.as_slice(), &block.table));
    let items = Kind::ALL.into_iter().flat_map(|kind| kind.items(declared).iter().map(move |item| (kind, item)));
    seats.chain(items.map(|(kind, item)| (kind, std::slice::from_ref(&item.name.value), &item.table)))
}

/// Reads every `extension`.
pub(crate) fn extensions(declared: &Declared<'_>, scope: &Scope<'_>, findings: &mut Findings) -> LookupMap<String, Target> {
    let mut taken: BTreeMap<&str, (Kind, &Name)> = BTreeMap::new();
    let mut all = LookupMap::default();
    for (kind, names, table) in tables(declared) {
        let Some(node) = table.get("extension") else { continue };
        let Some(text) = digits(&node, findings) else { continue };
        let [name] = names else {
            if !names.is_empty() {
                wrong(&text, "is for several seats", "fits one seat at most", "write that seat in a `[[seat]]` of its own", findings);
            }
            continue;
        };
        let named = |other: Kind| other.names(scope).get(text.value).is_some() && (other, text.value) != (kind, &**name);
        let by_name = Kind::ALL.into_iter().find(|other| named(*other)).map(|other| format!("the name of a {}", other.noun()));
        let other = taken.get(text.value).map(|(other, name)| format!("the extension of {} `{name}`", other.noun()));
        if let Some(other) = by_name.or(other) {
            wrong(&text, "is taken", &format!("it is {other}"), "other digits", findings);
            continue;
        }
        taken.insert(text.value, (kind, name));
        all.insert(text.value.to_owned(), kind.target(name.clone()));
    }
    all
}

fn wrong(text: &At<&str>, what: &str, label: &str, help: &str, findings: &mut Findings) {
    findings.error("HL120", &text.place, format!("extension `{}` {what}", text.value.escape_debug()), label).help(help);
}

fn digits<'a>(node: &Node<'a>, findings: &mut Findings) -> Option<At<&'a str>> {
    let text = node.text_as("the digits of an extension in quotes", findings)?;
    let good = DIGITS.contains(&text.value.len()) && text.value.bytes().all(|b| b.is_ascii_digit());
    if !good {
        let label = format!("{} to {} digits 0-9 are needed", DIGITS.start(), DIGITS.end());
        wrong(&text, "can't be keyed", &label, "like `\"8100\"`; codes begin with `*`", findings);
        return None;
    }
    if is_emergency(text.value) {
        wrong(&text, "is an emergency number", "a telephone that dials it calls for help", "other digits", findings);
        return None;
    }
    Some(text)
}

/// Extensions that hide a number, and names that a telephone could mean two things by.
pub(crate) fn check(plan: &Plan, declared: &Declared<'_>, findings: &mut Findings) {
    let has_errors = findings.has_errors();
    for (_, names, table) in tables(declared) {
        let Some(text) = table.get("extension").and_then(|node| Some(At { value: node.as_text()?, place: node.place() })) else { continue };
        let ours = names.first().is_some_and(|name| plan.extensions.get(text.value).is_some_and(|to| is_called(to, name)));
        if let (true, Ok(number)) = (ours, PhoneNumber::parse(text.value)) {
            hides(plan, &text, &number, findings);
        }
    }
    for (kind, names, table) in tables(declared).filter(|_| !has_errors) {
        let place = table.get("name").or_else(|| table.get("range")).map_or(table.place(), |node| node.place());
        for name in names {
            two_meanings(plan, kind, name, &place, findings);
        }
    }
    for item in declared.numbers.iter().filter(|_| !has_errors) {
        let aliases = item.table.list("aliases", findings);
        for node in item.table.get("name").into_iter().chain(aliases) {
            if let Some(user) = node.as_text().filter(|user| is_emergency(user)) {
                let label = "a seat's telephone that dials it calls this hotline, and nobody else";
                let help = "right where the hotline is that service itself; else another name";
                told(user, ("the emergency number", "number of the hotline"), &node.place(), label, help, findings);
            }
        }
    }
}

/// A name that a telephone takes for something before it: emergency numbers, the hotline's own, then the kinds in their order.
fn two_meanings(plan: &Plan, kind: Kind, name: &Name, place: &Place, findings: &mut Findings) {
    let help = "give one of them another name; of several the seat is meant, then the department, the person, the queue";
    let first = Kind::ALL.into_iter().take_while(|other| *other < kind).find(|other| has(*other, name, plan));
    if is_emergency(name) {
        let label = "a telephone that dials it calls for help";
        told(name, ("the emergency number", kind.noun()), place, label, "give it another name: nothing comes before them", findings);
    } else if plan.dialled.get(&**name).is_some_and(|number| kind != Kind::Queue || !leads_to(plan, *number, name)) {
        let label = "a telephone that dials it calls the hotline as a customer";
        told(name, ("a number of the hotline", kind.noun()), place, label, "give one of them another name", findings);
    } else if let Some(first) = first.filter(|_| !is_the_same(kind, name, plan)) {
        let label = format!("a telephone that dials it means the {}", first.noun());
        told(name, (&format!("a {}", first.noun()), kind.noun()), place, &label, help, findings);
    }
}

fn told(name: &str, (first, second): (&str, &str), place: &Place, label: &str, help: &str, findings: &mut Findings) {
    findings.warning("HL119", place, format!("`{}` means {first} and a {second}", name.escape_debug()), label).help(help);
}

fn leads_to(plan: &Plan, number: NumberId, queue: &Name) -> bool {
    matches!(plan.number(number).entry.go, Go::Queue(to) if plan.queue(to).name == *queue)
}

fn is_emergency(dialled: &str) -> bool {
    PhoneNumber::parse(dialled).is_ok_and(|number| number.is_emergency())
}

fn is_called(target: &Target, name: &Name) -> bool {
    match target {
        Target::Seat(of) | Target::Queue(of) | Target::Department(of) | Target::Person(of) => of == name,
        Target::Number(_) => false,
    }
}

fn hides(plan: &Plan, text: &At<&str>, number: &PhoneNumber, findings: &mut Findings) {
    if plan.is_own(number) {
        wrong(text, "is one of our own numbers", "a `[[number]]`, or a trunk's `from`", "other digits", findings);
    }
    if let Some(role) = plan.outbound.roles.iter().find(|role| role.allow.iter().any(|pattern| pattern.matches(number))) {
        let message = format!("extension `{}` hides a number outside", text.value);
        let label = format!("seats with the role `{}` could dial it", role.name);
        findings.warning("HL121", &text.place, message, label).help("other digits, unless nobody needs that number");
    }
}

fn has(kind: Kind, name: &Name, plan: &Plan) -> bool {
    match kind {
        Kind::Seat => plan.seat_names.contains_key(&**name),
        Kind::Department => plan.transfer.departments.iter().any(|one| one.name == *name),
        Kind::Person => plan.transfer.persons.iter().any(|one| one.name == *name),
        Kind::Queue => plan.queue_names.contains_key(&**name),
    }
}

/// A department that leads to the queue of its own name.
fn is_the_same(kind: Kind, name: &Name, plan: &Plan) -> bool {
    let department = plan.transfer.departments.iter().find(|one| one.name == *name);
    let leads = department.is_some_and(|one| matches!(&one.route, Route::Queue(queue) if plan.queue(*queue).name == *name));
    kind == Kind::Queue && leads && !has(Kind::Seat, name, plan)
}
