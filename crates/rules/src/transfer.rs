//! `[transfer]`, `[[department]]` and `[[person]]`: for which reasons, how, and to whom calls are transferred (R53-R60).

use crate::declare::{Declared, Item};
use crate::desk::label;
use crate::finding::{At, Findings, Place};
use crate::outside::{Outsiders, allowed, number, trunks};
use crate::read::{Node, Table};
use crate::rule_set::Allowed;
use crate::said::{both, code, said};
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
        table.only(&KEYS, code("`[transfer]`"), findings);
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
        let help = both("name some of the three, or leave it out for all", "请写三种中的若干种，或不写表示全部");
        findings
            .error("HL105", &node.place(), both("no reason for a transfer is left", "一种转接原因也没有"), both("empty", "为空"))
            .rule("R53")
            .help(help);
    }
    let mut reasons = Vec::new();
    let mut places: Vec<Place> = Vec::new();
    for at in nodes.iter().filter_map(|node| node.word(&words(), findings)).collect::<Vec<_>>() {
        if let Some(first) = reasons.iter().position(|reason| *reason == at.value).and_then(|first| places.get(first)) {
            findings
                .error("HL008", &at.place, both("a reason that is named twice", "转接原因重复"), both("named before", "前面已写过"))
                .first(first)
                .help(both("remove it", "请删去"));
        } else {
            places.push(at.place);
            reasons.push(at.value);
        }
    }
    reasons
}

/// The reason of a transfer that states none.
fn reason(table: &Table<'_>, taken: &[TransferReason], findings: &mut Findings) -> Option<TransferReason> {
    let at = table.word("reason", &words(), findings)?;
    if !taken.is_empty() && !taken.contains(&at.value) {
        let message = said!("`{}` is not among `transfer.reasons`", "`{}` 不在 `transfer.reasons` 之中", at.value.word());
        let help = both("add it there, or name one that is taken", "请加到那里，或换成其中已有的");
        findings.error("HL113", &at.place, message, both("would be refused every time", "每次都会被拒绝")).rule("R53").help(help);
    }
    Some(at.value)
}

fn department(item: &Item<'_>, _: &Outsiders, scope: &Scope<'_>, taken: &[TransferReason], findings: &mut Findings) -> Option<Receiver> {
    let table = &item.table;
    table.only(&["name", "label", "extension", "queue", "seats", "reason"], both("a department", "部门"), findings);
    let (label, reason) = (label(table, &item.name.value, findings), reason(table, taken, findings));
    let route = match (table.get("queue"), table.get("seats")) {
        (Some(node), None) => Route::Queue(queue(&node, scope, findings)?),
        (None, Some(node)) => Route::Seats(seats(&node, scope, findings)?),
        (None, None) | (Some(_), Some(_)) => {
            let message = said!("department `{}` leads to nobody, or to two places", "部门 `{}` 没有去向，或有两个", item.name.value);
            let help = both(
                "`queue = \"...\"`, or `seats = [\"...\"]` in the order in which they are asked",
                "`queue = \"...\"`，或按呼叫次序写 `seats = [\"...\"]`",
            );
            findings
                .error(
                    "HL103",
                    &item.name.place,
                    message,
                    both("one of `queue` and `seats` is needed", "`queue` 和 `seats` 须有且只有一个"),
                )
                .help(help);
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
        findings
            .error("HL103", &node.place(), both("a department without anybody", "部门没有人"), both("names no seat", "没有写坐席"))
            .help(both("name its seats, or a `queue`", "请写明坐席，或一个 `queue`"));
    }
    if let Some(node) = nodes.get(MOST_SEATS) {
        findings.error(
            "HL009",
            &node.place(),
            said!("more than {MOST_SEATS} seats of a department", "一个部门的坐席超过 {MOST_SEATS} 个"),
            both("one too many", "多出的一个"),
        );
    }
    let mut seats = Vec::new();
    let mut places: Vec<Place> = Vec::new();
    for node in nodes.iter().take(MOST_SEATS) {
        let Some(seat) = seat(node, scope, findings) else { continue };
        if let Some(first) = seats.iter().position(|other| *other == seat).and_then(|first| places.get(first)) {
            findings
                .error("HL008", &node.place(), both("a seat that is named twice", "坐席重复"), both("named before", "前面已写过"))
                .first(first)
                .help(both("remove it", "请删去"));
        } else {
            places.push(node.place());
            seats.push(seat);
        }
    }
    (!seats.is_empty()).then_some(seats)
}

fn person(item: &Item<'_>, known: &Outsiders, scope: &Scope<'_>, taken: &[TransferReason], findings: &mut Findings) -> Option<Receiver> {
    let table = &item.table;
    table.only(&["name", "label", "extension", "seat", "number", "trunk", "reason"], both("a person", "责任人"), findings);
    let (label, reason) = (label(table, &item.name.value, findings), reason(table, taken, findings));
    let route = match (table.get("seat"), table.get("number")) {
        (Some(node), None) => Route::Seat(seat(&node, scope, findings)?),
        (None, Some(node)) => {
            let number = number(&node, known, findings)?;
            let trunks = trunks(table, known, scope, findings);
            if trunks.is_empty() && table.get("trunk").is_none_or(|node| node.as_list().is_some_and(|list| list.is_empty())) {
                let help =
                    both("declare a `[[trunk]]` with `name`, `contact` and `from`", "请定义 `[[trunk]]`，写明 `name`、`contact` 和 `from`");
                findings
                    .error(
                        "HL093",
                        &node.place(),
                        both("no trunk leads to this number", "没有中继通向这个号码"),
                        both("can't be called", "无法呼叫"),
                    )
                    .help(help);
            }
            if trunks.is_empty() {
                return None;
            }
            Route::Number(number, trunks)
        }
        (None, None) | (Some(_), Some(_)) => {
            let message = said!("person `{}` can't be reached, or at two places", "责任人 `{}` 无法联系，或有两处", item.name.value);
            findings.error(
                "HL103",
                &item.name.place,
                message,
                both("one of `seat` and `number` is needed", "`seat` 和 `number` 须有且只有一个"),
            );
            return None;
        }
    };
    Some(Receiver { name: item.name.value.clone(), label, route, reason })
}

fn targets_of(node: &Node<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Allowed {
    let mut allowed = Allowed::default();
    let nodes = node.list(findings);
    if node.as_list().is_some() && nodes.is_empty() {
        let help = both("name some, or leave it out for all", "请写若干个，或不写表示全部");
        findings
            .error(
                "HL105",
                &node.place(),
                both("nobody is left to whom a call could go", "来电没有任何可转接的对象"),
                both("empty", "为空"),
            )
            .help(help);
    }
    if let Some(node) = nodes.get(MOST_TARGETS) {
        findings.error(
            "HL009",
            &node.place(),
            said!("more than {MOST_TARGETS} targets", "转接对象超过 {MOST_TARGETS} 个"),
            both("one too many", "多出的一个"),
        );
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
    table.only(&["seat", "queue", "department", "person", "number"], both("a target", "转接对象"), findings);
    let entries = table.entries();
    let [(key, node)] = entries.as_slice() else {
        findings
            .error(
                "HL103",
                &table.place(),
                both("a target that names nobody, or several", "转接对象没有写明是谁，或写了多个"),
                both("one name is needed", "需要一个名称"),
            )
            .help(both("one `{ ... }` for each", "每个对象各写一个 `{ ... }`"));
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
            let message = said!("nobody of department `{}` can be reached", "部门 `{}` 的人都联系不到", one.name);
            let label = both("no seat serves this queue", "没有坐席服务这个排队");
            findings
                .warning("HL104", &node.place(), message, label)
                .help(both("give a seat what the queue's last step asks for", "请给某个坐席该排队最后一步所需的技能"));
        }
    }
    for (item, one) in declared.persons.iter().zip(&plan.transfer.persons) {
        if let (Route::Number(number, _), Some(node)) = (&one.route, item.table.get("number"))
            && !plan.may_dial(number)
        {
            let message = said!("person `{}` is at one of our own numbers", "责任人 `{}` 的号码是本热线自己的号码", one.name);
            let help = both(
                "a number of ours, or one from which a trunk calls, is never dialled; name another",
                "热线自己的号码以及中继的主叫号码一律不外拨；请换一个",
            );
            findings.error("HL092", &node.place(), message, both("leads back to the hotline", "又打回本热线")).help(help);
        }
    }
}
