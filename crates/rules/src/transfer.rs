//! `[transfer]`, `[[department]]` and `[[person]]`: for which reasons, how, and to whom calls are transferred (R53-R60).

use crate::declare::{Declared, Item};
use crate::desk::label;
use crate::finding::{At, Findings};
use crate::outside::{Outsiders, allowed, number, trunks};
use crate::read::{Node, Table};
use crate::rule_set::Allowed;
use crate::scope::{Scope, small};
use crate::timers::holder;
use crate::{Plan, Receiver, Route, Transfer, served};
use hotline_model::{Name, QueueId, SeatId, Target, TransferMode, TransferReason};

const KEYS: [&str; 4] = ["reasons", "mode", "targets", "reason"];
const KINDS: [&str; 5] = ["seats", "queues", "departments", "persons", "numbers"];
/// Most seats of one department, and most targets.
const MOST_SEATS: usize = 100;
const MOST_TARGETS: usize = 1_000;
/// Most trunks that are tried for a number that an agent names.
const MOST_TRUNKS: usize = 8;

pub(crate) fn transfer(declared: &Declared<'_>, outsiders: &Outsiders, scope: &Scope<'_>, findings: &mut Findings) -> Transfer {
    let tables = &declared.transfer;
    for table in tables {
        table.only(&KEYS, "`[transfer]`", findings);
    }
    let mut transfer = Transfer::default();
    if let Some(node) = holder(tables, "reasons", findings).and_then(|table| table.get("reasons")) {
        transfer.reasons = reasons(&node, findings);
    }
    let modes: Vec<(&str, TransferMode)> = TransferMode::ALL.iter().map(|mode| (mode.word(), *mode)).collect();
    let mode = holder(tables, "mode", findings).and_then(|table| table.word("mode", &modes, findings));
    transfer.mode = mode.map_or(transfer.mode, |at| at.value);
    let with = holder(tables, "reason", findings);
    transfer.reason = with.and_then(|table| reason(table, &transfer.reasons, findings));
    let receivers = |items: &[Item<'_>], read: Read, findings: &mut Findings| {
        items.iter().filter_map(|item| read(item, outsiders, scope, &transfer.reasons, findings)).collect::<Vec<_>>()
    };
    transfer.departments = receivers(&declared.departments, department, findings);
    transfer.persons = receivers(&declared.persons, person, findings);
    let targets = holder(tables, "targets", findings).and_then(|table| table.get("targets"));
    transfer.allowed = targets.map(|node| targets_of(&node, scope, findings));
    transfer.trunks = outsiders.trunks.iter().take(MOST_TRUNKS).map(|trunk| trunk.name.clone()).collect();
    transfer
}

type Read = fn(&Item<'_>, &Outsiders, &Scope<'_>, &[TransferReason], &mut Findings) -> Option<Receiver>;

fn words() -> Vec<(&'static str, TransferReason)> {
    TransferReason::ALL.iter().map(|reason| (reason.word(), *reason)).collect()
}

/// R53: the three may be narrowed, not emptied.
fn reasons(node: &Node<'_>, findings: &mut Findings) -> Vec<TransferReason> {
    let nodes = node.list(findings);
    if node.as_list().is_some() && nodes.is_empty() {
        let help = "name some of the three, or leave it out for all";
        findings.error("HL105", &node.place(), "no reason for a transfer is left", "empty").rule("R53").help(help);
    }
    let mut reasons = Vec::new();
    for at in nodes.iter().filter_map(|node| node.word(&words(), findings)).collect::<Vec<_>>() {
        if reasons.contains(&at.value) {
            findings.error("HL008", &at.place, "a reason that is named twice", "named before").help("remove it");
        } else {
            reasons.push(at.value);
        }
    }
    reasons
}

/// The reason of a transfer that states none.
fn reason(table: &Table<'_>, taken: &[TransferReason], findings: &mut Findings) -> Option<TransferReason> {
    let at = table.word("reason", &words(), findings)?;
    if !taken.is_empty() && !taken.contains(&at.value) {
        let message = format!("`{}` is not among `transfer.reasons`", at.value.word());
        let help = "add it there, or name one that is taken";
        findings.error("HL113", &at.place, message, "would be refused every time").rule("R53").help(help);
    }
    Some(at.value)
}

fn department(item: &Item<'_>, _: &Outsiders, scope: &Scope<'_>, taken: &[TransferReason], findings: &mut Findings) -> Option<Receiver> {
    let table = &item.table;
    table.only(&["name", "label", "extension", "queue", "seats", "reason"], "a department", findings);
    let (label, reason) = (label(table, &item.name.value, findings), reason(table, taken, findings));
    let route = match (table.get("queue"), table.get("seats")) {
        (Some(node), None) => Route::Queue(queue(&node, scope, findings)?),
        (None, Some(node)) => Route::Seats(seats(&node, scope, findings)?),
        (None, None) | (Some(_), Some(_)) => {
            let message = format!("department `{}` leads to nobody, or to two places", item.name.value);
            let help = "`queue = \"...\"`, or `seats = [\"...\"]` in the order in which they are asked";
            findings.error("HL103", &item.name.place, message, "one of `queue` and `seats` is needed").help(help);
            return None;
        }
    };
    Some(Receiver { name: item.name.value.clone(), label, route, reason })
}

fn queue(node: &Node<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Option<QueueId> {
    let name = node.text(findings)?;
    scope.queues.find(name.value, &name.place, findings).map(|id| QueueId(small(id)))
}

fn seat(node: &Node<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Option<SeatId> {
    let name = node.text(findings)?;
    scope.seats.find(name.value, &name.place, findings).and_then(|id| u32::try_from(id).ok()).map(SeatId)
}

fn seats(node: &Node<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Option<Vec<SeatId>> {
    let nodes = node.list(findings);
    if node.as_list().is_some() && nodes.is_empty() {
        findings.error("HL103", &node.place(), "a department without anybody", "names no seat").help("name its seats, or a `queue`");
    }
    if let Some(node) = nodes.get(MOST_SEATS) {
        findings.error("HL009", &node.place(), format!("more than {MOST_SEATS} seats of a department"), "one too many");
    }
    let mut seats = Vec::new();
    for node in nodes.iter().take(MOST_SEATS) {
        let Some(seat) = seat(node, scope, findings) else { continue };
        if seats.contains(&seat) {
            findings.error("HL008", &node.place(), "a seat that is named twice", "named before").help("remove it");
        } else {
            seats.push(seat);
        }
    }
    (!seats.is_empty()).then_some(seats)
}

fn person(item: &Item<'_>, known: &Outsiders, scope: &Scope<'_>, taken: &[TransferReason], findings: &mut Findings) -> Option<Receiver> {
    let table = &item.table;
    table.only(&["name", "label", "extension", "seat", "number", "trunk", "reason"], "a person", findings);
    let (label, reason) = (label(table, &item.name.value, findings), reason(table, taken, findings));
    let route = match (table.get("seat"), table.get("number")) {
        (Some(node), None) => Route::Seat(seat(&node, scope, findings)?),
        (None, Some(node)) => {
            let number = number(&node, &known.outbound, findings)?;
            let trunks = trunks(table, known, scope, findings);
            if trunks.is_empty() && table.get("trunk").is_none_or(|node| node.as_list().is_some_and(|list| list.is_empty())) {
                let help = "declare a `[[trunk]]` with `name`, `contact` and `from`";
                findings.error("HL093", &node.place(), "no trunk leads to this number", "can't be called").help(help);
            }
            if trunks.is_empty() {
                return None;
            }
            Route::Number(number, trunks)
        }
        (None, None) | (Some(_), Some(_)) => {
            let message = format!("person `{}` can't be reached, or at two places", item.name.value);
            findings.error("HL103", &item.name.place, message, "one of `seat` and `number` is needed");
            return None;
        }
    };
    Some(Receiver { name: item.name.value.clone(), label, route, reason })
}

fn targets_of(node: &Node<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Allowed {
    let mut allowed = Allowed::default();
    let nodes = node.list(findings);
    if node.as_list().is_some() && nodes.is_empty() {
        let help = "name some, or leave it out for all";
        findings.error("HL105", &node.place(), "nobody is left to whom a call could go", "empty").help(help);
    }
    if let Some(node) = nodes.get(MOST_TARGETS) {
        findings.error("HL009", &node.place(), format!("more than {MOST_TARGETS} targets"), "one too many");
    }
    for node in nodes.iter().take(MOST_TARGETS) {
        match node.as_table() {
            Some(table) => single(&table, scope, &mut allowed, findings),
            None => kind(node, &mut allowed, findings),
        }
    }
    allowed
}

fn kind(node: &Node<'_>, allowed: &mut Allowed, findings: &mut Findings) {
    let words = KINDS.map(|kind| (kind, kind));
    match node.word(&words, findings).map(|At { value, .. }| value) {
        Some("seats") => allowed.seats = true,
        Some("queues") => allowed.queues = true,
        Some("departments") => allowed.departments = true,
        Some("persons") => allowed.persons = true,
        Some("numbers") => allowed.numbers = true,
        Some(_) | None => {}
    }
}

/// `{ seat = "1003" }`, `{ queue = "technical" }`, ..., `{ number = "0x{9,11}" }`.
fn single(table: &Table<'_>, scope: &Scope<'_>, allowed_targets: &mut Allowed, findings: &mut Findings) {
    table.only(&["seat", "queue", "department", "person", "number"], "a target", findings);
    let entries = table.entries();
    let [(key, node)] = entries.as_slice() else {
        findings
            .error("HL103", &table.place(), "a target that names nobody, or several", "one name is needed")
            .help("one `{ ... }` for each");
        return;
    };
    if key.value == "number" {
        allowed_targets.patterns.extend(allowed(node, findings));
        return;
    }
    let Some(text) = node.text(findings) else { return };
    let name = Name::from(text.value);
    let (names, target) = match key.value {
        "seat" => (&scope.seats, Target::Seat(name)),
        "queue" => (&scope.queues, Target::Queue(name)),
        "department" => (&scope.departments, Target::Department(name)),
        "person" => (&scope.persons, Target::Person(name)),
        _ => return,
    };
    if names.find(text.value, &text.place, findings).is_some() {
        allowed_targets.single.insert(target);
    }
}

/// Departments that nobody serves, and persons at one of our own numbers.
pub(crate) fn check(plan: &Plan, declared: &Declared<'_>, findings: &mut Findings) {
    if findings.has_errors() {
        return;
    }
    for (item, one) in declared.departments.iter().zip(&plan.transfer.departments) {
        if let (Route::Queue(queue), Some(node)) = (&one.route, item.table.get("queue"))
            && served::admitted(plan, plan.queue(*queue)).next().is_none()
        {
            let message = format!("nobody of department `{}` can be reached", one.name);
            let label = "no seat serves this queue";
            findings.warning("HL104", &node.place(), message, label).help("give a seat what the queue's last step asks for");
        }
    }
    for (item, one) in declared.persons.iter().zip(&plan.transfer.persons) {
        if let (Route::Number(number, _), Some(node)) = (&one.route, item.table.get("number"))
            && !plan.may_dial(number)
        {
            let message = format!("person `{}` is at one of our own numbers", one.name);
            let help = "a number of ours, or one from which a trunk calls, is never dialled; name another";
            findings.error("HL092", &node.place(), message, "leads back to the hotline").help(help);
        }
    }
}
