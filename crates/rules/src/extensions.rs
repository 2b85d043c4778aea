//! `extension`: digits by which a telephone reaches a seat, department, person or queue whose name has letters; and names that mean two things.

use crate::declare::{Declared, Item};
use crate::finding::{At, Findings, Place};
use crate::names::Names;
use crate::read::{Node, Table};
use crate::said::{both, said};
use crate::scope::Scope;
use crate::{Go, NumberId, Plan, Route, Said};
use hotline_model::{LookupMap, Name, PhoneNumber, Target};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Digits of an extension.
const DIGITS: RangeInclusive<usize> = 2..=8;
const OTHER_DIGITS: Said = both("other digits", "请换别的数字");
const CALLS_FOR_HELP: Said = both("a telephone that dials it calls for help", "话机拨打它，就是在紧急求助");
const THE_EMERGENCY_NUMBER: Said = both("the emergency number", "紧急号码");

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

    fn noun(self) -> Said {
        match self {
            Self::Seat => both("seat", "坐席"),
            Self::Department => both("department", "部门"),
            Self::Person => both("person", "责任人"),
            Self::Queue => both("queue", "排队"),
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
                let what = both("is for several seats", "对应多个坐席");
                let help = both("write that seat in a `[[seat]]` of its own", "请把该坐席单独写成一个 `[[seat]]`");
                wrong(&text, &what, both("fits one seat at most", "最多对应一个坐席"), help, findings);
            }
            continue;
        };
        let named = |other: Kind| other.names(scope).get(text.value).is_some() && (other, text.value) != (kind, &**name);
        let by_name = Kind::ALL.into_iter().find(|other| named(*other)).map(|other| {
            let noun = &other.noun();
            said!([noun] "it is the name of a {noun}", "这是{noun}的名称")
        });
        let other = taken.get(text.value).map(|(other, name)| {
            let noun = &other.noun();
            said!([noun] "it is the extension of {noun} `{name}`", "这是{noun} `{name}` 的短号")
        });
        if let Some(other) = by_name.or(other) {
            wrong(&text, &both("is taken", "已被占用"), other, OTHER_DIGITS, findings);
            continue;
        }
        taken.insert(text.value, (kind, name));
        all.insert(text.value.to_owned(), kind.target(name.clone()));
    }
    all
}

fn wrong(text: &At<&str>, what: &Said, label: Said, help: Said, findings: &mut Findings) {
    let message = said!([what] "extension `{digits}` {what}", "短号 `{digits}` {what}", digits = text.value.escape_debug());
    findings.error("HL120", &text.place, message, label).help(help);
}

fn digits<'a>(node: &Node<'a>, findings: &mut Findings) -> Option<At<&'a str>> {
    let text = node.text_as(both("the digits of an extension in quotes", "带引号的短号数字"), findings)?;
    let good = DIGITS.contains(&text.value.len()) && text.value.bytes().all(|b| b.is_ascii_digit());
    if !good {
        let (least, most) = (DIGITS.start(), DIGITS.end());
        let label = said!("{least} to {most} digits 0-9 are needed", "应为 {least} 至 {most} 位数字 0-9");
        let help = both("like `\"8100\"`; codes begin with `*`", "例如 `\"8100\"`；功能码以 `*` 开头");
        wrong(&text, &both("can't be keyed", "无法按键拨打"), label, help, findings);
        return None;
    }
    if is_emergency(text.value) {
        wrong(&text, &both("is an emergency number", "是紧急号码"), CALLS_FOR_HELP, OTHER_DIGITS, findings);
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
                let label = both(
                    "a seat's telephone that dials it calls this hotline, and nobody else",
                    "坐席话机拨打它，接通的是本热线，而不是紧急服务",
                );
                let help =
                    both("right where the hotline is that service itself; else another name", "若本热线就是该紧急服务，则无妨；否则请改名");
                told(user, &THE_EMERGENCY_NUMBER, &both("number of the hotline", "热线号码"), &node.place(), (label, help), findings);
            }
        }
    }
}

/// A name that a telephone takes for something before it: emergency numbers, the hotline's own, then the kinds in their order.
fn two_meanings(plan: &Plan, kind: Kind, name: &Name, place: &Place, findings: &mut Findings) {
    let first = Kind::ALL.into_iter().take_while(|other| *other < kind).find(|other| has(*other, name, plan));
    if is_emergency(name) {
        let help = both("give it another name: nothing comes before them", "请改名：紧急号码优先于一切");
        told(name, &THE_EMERGENCY_NUMBER, &kind.noun(), place, (CALLS_FOR_HELP, help), findings);
    } else if plan.dialled.get(&**name).is_some_and(|number| kind != Kind::Queue || !leads_to(plan, *number, name)) {
        let label = both("a telephone that dials it calls the hotline as a customer", "话机拨打它，等于以客户身份呼入热线");
        let help = both("give one of them another name", "请给其中一个改名");
        told(name, &both("a number of the hotline", "热线号码"), &kind.noun(), place, (label, help), findings);
    } else if let Some(first) = first.filter(|_| !is_the_same(kind, name, plan)) {
        let noun = &first.noun();
        let label = said!([noun] "a telephone that dials it means the {noun}", "话机拨打它，指的是{noun}");
        let help = both(
            "give one of them another name; of several the seat is meant, then the department, the person, the queue",
            "请给其中一个改名；同名时依次指坐席、部门、责任人、排队",
        );
        told(name, &said!([noun] "a {noun}", "{noun}"), &kind.noun(), place, (label, help), findings);
    }
}

fn told(name: &str, first: &Said, second: &Said, place: &Place, (label, help): (Said, Said), findings: &mut Findings) {
    let name = name.escape_debug();
    let message = said!([first, second] "`{name}` means {first} and a {second}", "`{name}` 既是{first}，又是{second}");
    findings.warning("HL119", place, message, label).help(help);
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
        let label = both("a `[[number]]`, or a trunk's `from`", "某个 `[[number]]`，或中继的 `from`");
        wrong(text, &both("is one of our own numbers", "是本热线自己的号码"), label, OTHER_DIGITS, findings);
    }
    if let Some(role) = plan.outbound.roles.iter().find(|role| role.allow.iter().any(|pattern| pattern.matches(number))) {
        let message = said!("extension `{digits}` hides a number outside", "短号 `{digits}` 遮住了一个外部号码", digits = text.value);
        let label = said!("seats with the role `{role}` could dial it", "角色为 `{role}` 的坐席本可拨打该号码", role = role.name);
        let help = both("other digits, unless nobody needs that number", "请换别的数字，除非没有人需要拨打该号码");
        findings.warning("HL121", &text.place, message, label).help(help);
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
