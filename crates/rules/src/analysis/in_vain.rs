//! Keys that wait for another, conditions on what no caller is, counts that are never reached, and patterns that fit no number.

use super::Rules;
use super::conditions::place_of;
use crate::declare::Item;
use crate::expression::{Follows, follows};
use crate::finding::{Findings, Place};
use crate::read::{Node, Table};
use crate::said::{both, said};
use crate::{Compare, Expression, Gate, Go, Plan, Predicate, Said, Test, When, print_predicate};
use hotline_model::{CustomerLevel, CustomerType, PhoneNumber, QueueId};

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    alone(rules, findings);
    for (item, number) in rules.declared.numbers.iter().zip(&rules.plan.numbers) {
        gates(rules, item, &number.gates, findings);
    }
    for (item, menu) in rules.declared.menus.iter().zip(&rules.plan.menus) {
        gates(rules, item, &menu.gates, findings);
    }
    for (id, item) in rules.queues() {
        steps(rules, id, item, findings);
        reserve(rules, id, item, findings);
        needless(rules, id, item, findings);
        idle_keys(item.table.get("keys"), findings);
    }
    idle_keys(rules.declared.assign.iter().find_map(|table| table.get("keys")), findings);
    seat_limit(rules, findings);
    patterns(rules, findings);
    opened(rules, findings);
}

/// A seat may have no more calls outside than all seats together.
fn seat_limit(rules: &Rules<'_>, findings: &mut Findings) {
    let (of_a_seat, of_all) = (rules.plan.outbound.seat_limit, rules.plan.outbound.limit);
    let node = rules.declared.outbound.iter().find_map(|table| table.get("seat_limit"));
    let Some(node) = node.filter(|_| of_a_seat > of_all) else { return };
    let message = said!("`seat_limit` of {of_a_seat} is never reached", "`seat_limit` 为 {of_a_seat}，永远达不到");
    let label = said!("all seats together have {of_all} calls outside at most (`limit`)", "全部坐席合计最多外拨 {of_all} 路（`limit`）");
    findings.warning("HL293", &node.place(), message, label).help(both("lower it, or raise `limit`", "请降低它，或提高 `limit`"));
}

/// Keys that do nothing as long as another is not there.
fn alone(rules: &Rules<'_>, findings: &mut Findings) {
    for block in &rules.declared.seats {
        waits_for(&block.table, "ping", "contact", findings);
        waits_for(&block.table, "dial_limit", "dial", findings);
        let dials = block.table.get("dial").filter(|node| node.as_list().is_some_and(|roles| !roles.is_empty()));
        if let Some(node) = dials.filter(|_| rules.declared.trunks.is_empty()) {
            let why = both("there is no `[[trunk]]` to dial over", "没有可以外呼的 `[[trunk]]`");
            does_nothing("dial", &node.place(), why, both("add a `[[trunk]]`, or remove it", "请加上 `[[trunk]]`，或删去它"), findings);
        }
    }
    for item in &rules.declared.persons {
        waits_for(&item.table, "trunk", "number", findings);
    }
    for item in &rules.declared.queues {
        if let Some(callback) = item.table.get("callback").and_then(|node| node.as_table()) {
            waits_for(&callback, "calendar", "slots", findings);
        }
    }
    let business = rules.declared.deadlines.iter().any(|table| table.get("clock").and_then(|node| node.as_text()) == Some("business"));
    if let Some(node) = rules.declared.deadlines.iter().find_map(|table| table.get("calendar")).filter(|_| !business) {
        let why = both("without `clock = \"business\"` the wall clock counts", "没有写 `clock = \"business\"`，按自然时间计算");
        let help = both("add `clock = \"business\"`, or remove it", "请加上 `clock = \"business\"`，或删去它");
        does_nothing("calendar", &node.place(), why, help, findings);
    }
    for (id, item) in rules.queues() {
        let queue = rules.plan.queue(id);
        let asked = queue.outward.callback.as_ref().is_none_or(|callback| callback.key.is_some());
        if let Some(node) =
            item.table.get("callback").filter(|_| !asked && !rules.notes.links.iter().any(|link| link.go == Go::Callback(id)))
        {
            let why = both("no `key` asks for it, and no menu leads to it", "没有 `key` 可按，也没有菜单通向它");
            let help = said!(
                "add `key = \"2\"`, or lead a key to it by `callback = \"{name}\"`",
                "请加上 `key = \"2\"`，或让某个按键通向 `callback = \"{name}\"`",
                name = queue.name
            );
            does_nothing("callback", &node.place(), why, help, findings);
        }
        if let Some(node) = item.table.get("seats").filter(|node| node.as_list().is_some_and(|list| list.is_empty())) {
            let why = both("an empty list is every seat", "空列表等于所有坐席");
            does_nothing("seats", &node.place(), why, both("name its seats, or remove it", "请写明坐席，或删去它"), findings);
        }
        if let Some(node) = item.table.get("whisper").filter(|_| queue.direct) {
            let why = both("`direct = true` connects them without a word", "`direct = true` 直接接通，不播任何提示");
            does_nothing("whisper", &node.place(), why, both("remove it, or `direct`", "请删去它，或删去 `direct`"), findings);
        }
        let never = queue.announce_every.is_zero() && !queue.announce.is_empty();
        if let Some(node) = item.table.get("announce").filter(|_| never) {
            let why = both("`announce_every = \"0s\"` is never", "`announce_every = \"0s\"` 就是不播");
            let help = both("say how often: `announce_every = \"30s\"`, or remove it", "请写间隔：`announce_every = \"30s\"`，或删去它");
            does_nothing("announce", &node.place(), why, help, findings);
        }
    }
}

fn waits_for(table: &Table<'_>, key: &str, other: &str, findings: &mut Findings) {
    let Some(node) = table.get(key).filter(|node| node.as_flag() != Some(false) && table.get(other).is_none()) else { return };
    let why = said!("there is no `{other}`", "没有写 `{other}`");
    does_nothing(key, &node.place(), why, said!("add `{other}`, or remove it", "请加上 `{other}`，或删去它"), findings);
}

pub(super) fn does_nothing(key: &str, place: &Place, why: Said, help: Said, findings: &mut Findings) {
    let message = said!("`{key}` does nothing as it stands", "`{key}` 这样写不起作用");
    findings.warning("HL288", place, message, why).help(help);
}

fn gates(rules: &Rules<'_>, item: &Item<'_>, gates: &[Gate], findings: &mut Findings) {
    let mut silent = Findings::default();
    for (gate, table) in gates.iter().zip(item.table.tables("gate", &mut silent)) {
        let When::Holds(predicate) = &gate.when else { continue };
        let place = place_of(&table);
        for test in tests(predicate) {
            nobody_is(rules, test, &place, findings);
            if let Test::SignedIn(queue, Compare::AtLeast | Compare::More | Compare::Is, count) = test {
                signed_in(rules, (*queue, *count), test, &place, findings);
            }
            if let Test::Waiting(queue, Compare::AtLeast | Compare::More | Compare::Is, count) = test {
                waiting(rules, (*queue, *count), test, &place, findings);
            }
        }
    }
}

fn tests(predicate: &Predicate) -> Vec<&Test> {
    match predicate {
        Predicate::Test(test) => vec![test],
        Predicate::All(parts) | Predicate::Any(parts) => parts.iter().flat_map(tests).collect(),
        // What is never so makes a denial always so.
        Predicate::Not(_) => Vec::new(),
    }
}

/// Whether some of a condition is told of as true of nobody.
pub(super) fn asks_for_nobody(rules: &Rules<'_>, predicate: &Predicate) -> bool {
    tests(predicate).into_iter().any(|test| is_nobody(rules, test))
}

/// R36, R39: what only lists, look-ups and menus can make of a caller, and none does.
fn is_nobody(rules: &Rules<'_>, test: &Test) -> bool {
    let plan = rules.plan;
    let mut set = rules.notes.links.iter().map(|link| &link.set).chain(plan.customers.iter().map(|customer| &customer.set));
    let somebody_is = if let Test::CustomerType(kind) = test {
        *kind == CustomerType::Ordinary || set.any(|set| set.customer_type == Some(*kind))
    } else if let Test::CustomerLevel(level) = test {
        *level == CustomerLevel::Basic || set.any(|set| set.customer_level == Some(*level))
    } else if let Test::Topic(Some(topic)) = test {
        set.any(|set| set.topic == Some(*topic))
    } else if let Test::Region(Some(region)) = test {
        let of = plan.regions.get(region.index());
        of.is_some_and(|region| !region.area_codes.is_empty()) || rules.notes.with_prefixes.contains(&region.index())
    } else {
        *test != Test::Known || !plan.customers.is_empty()
    };
    let asked_outside = !plan.lookups.is_empty() && !matches!(test, Test::Region(_));
    !somebody_is && !asked_outside
}

fn nobody_is(rules: &Rules<'_>, test: &Test, place: &Place, findings: &mut Findings) {
    let plan = rules.plan;
    if !is_nobody(rules, test) {
        return;
    }
    let asked = print_predicate(&Predicate::Test(test.clone()), plan);
    let message = said!("`{asked}` is true of nobody who calls", "没有来电者符合 `{asked}`");
    let (label, help) = if matches!(test, Test::Region(_)) {
        (
            both("the region has neither `area_codes` nor a list of prefixes", "这个地区没有 `area_codes`，也不在号段归属表里"),
            both("give the region its `area_codes`", "请给这个地区写上 `area_codes`"),
        )
    } else {
        (
            both("no customer, list, menu or look-up makes a caller that", "没有客户、客户表、菜单或查询会这样认定"),
            both("declare such customers, or ask for something else", "请定义这样的客户，或改写条件"),
        )
    };
    findings.warning("HL292", place, message, label).help(help);
}

fn signed_in(rules: &Rules<'_>, (queue, count): (QueueId, u32), test: &Test, place: &Place, findings: &mut Findings) {
    let most = rules.seats_of(queue).len();
    let beyond = if matches!(test, Test::SignedIn(_, Compare::More, _)) { count as usize >= most } else { count as usize > most };
    if most > 0 && beyond {
        let asked = print_predicate(&Predicate::Test(test.clone()), rules.plan);
        never_so_many(&rules.plan.queue(queue).name, &asked, most, place, findings);
    }
}

fn waiting(rules: &Rules<'_>, (queue, count): (QueueId, u32), test: &Test, place: &Place, findings: &mut Findings) {
    let most = most_waiting(rules.plan, queue);
    let beyond = if matches!(test, Test::Waiting(_, Compare::More, _)) { u64::from(count) >= most } else { u64::from(count) > most };
    if beyond {
        let asked = print_predicate(&Predicate::Test(test.clone()), rules.plan);
        never_so_many_calls(&rules.plan.queue(queue).name, &asked, most, place, findings);
    }
}

/// A queue takes no more than its limit, and the calls that wait too long in those that overflow to it, one behind the other.
fn most_waiting(plan: &Plan, queue: QueueId) -> u64 {
    let mut from = vec![queue];
    let mut next = 0;
    while let Some(to) = from.get(next).copied() {
        let more = (0..).map(QueueId).zip(&plan.queues).filter(|(_, other)| !other.retired && other.overflow == Some(to));
        from.extend(more.map(|(id, _)| id).filter(|id| !from.contains(id)).collect::<Vec<_>>());
        next += 1;
    }
    from.iter().map(|id| u64::from(plan.queue(*id).limit)).sum()
}

fn never_so_many_calls(queue: &str, asked: &str, most: u64, place: &Place, findings: &mut Findings) {
    let message = said!("`{asked}` is never so in queue `{queue}`", "排队 `{queue}` 永远达不到 `{asked}`");
    let label = said!("at most {most} calls wait there (`limit`)", "那里最多 {most} 个来电等待（`limit`）");
    let help = both("ask for fewer, or raise the queue's `limit`", "请减少个数，或提高排队的 `limit`");
    findings.warning("HL293", place, message, label).help(help);
}

/// A step that is passed over unless so many are there, who do not exist.
fn steps(rules: &Rules<'_>, id: QueueId, item: &Item<'_>, findings: &mut Findings) {
    let queue = rules.plan.queue(id);
    let mut silent = Findings::default();
    // On the last step it changes nothing (HL052).
    let steps = queue.steps.iter().take(queue.steps.len().saturating_sub(1)).enumerate();
    for ((number, step), table) in steps.zip(item.table.tables("step", &mut silent)) {
        let Some(node) = table.get("consider_if").filter(|_| step.consider_if > 0) else { continue };
        let of_reserve = |id, seat: &crate::Seat| queue.reserve.as_ref().is_some_and(|reserve| reserve.has(id, &seat.proficiency));
        let admitted = |seat: &crate::Seat| queue.steps.iter().take(number + 1).any(|step| step.admits(seat));
        let seats = rules.seats_of(id).iter().map(|id| (*id, rules.plan.seat(*id)));
        let most = seats.filter(|(id, seat)| admitted(seat) && !of_reserve(*id, seat)).count();
        if most > 0 && step.consider_if as usize > most {
            never_so_many(&queue.name, node.as_text().unwrap_or_default(), most, &node.place(), findings);
        }
    }
}

fn never_so_many(queue: &str, asked: &str, most: usize, place: &Place, findings: &mut Findings) {
    let message = said!("`{asked}` is never so in queue `{queue}`", "排队 `{queue}` 永远达不到 `{asked}`");
    let label = said!("even with everybody there, {most} may serve", "所有人都在，也只有 {most} 个坐席可接");
    findings.warning("HL293", place, message, label).help(both("ask for fewer, or admit more seats", "请减少人数，或让更多坐席可接"));
}

/// A reserve of which no seat of the queue is one, or that waits for more calls than there can be.
fn reserve(rules: &Rules<'_>, id: QueueId, item: &Item<'_>, findings: &mut Findings) {
    let (Some(reserve), Some(node)) = (&rules.plan.queue(id).reserve, item.table.get("reserve")) else { return };
    let most = most_waiting(rules.plan, id);
    if let (true, Some(node)) = (u64::from(reserve.waiting) > most, node.as_table().and_then(|table| table.get("waiting"))) {
        let asked = format!("waiting = {}", reserve.waiting);
        never_so_many_calls(&item.name.value, &asked, most, &node.place(), findings);
    }
    let seats = rules.seats_of(id);
    // A seat that is named and never admitted is told of as such (HL034, HL039).
    let is_told = !reserve.seats.is_empty() && rules.plan.queue(id).seats.is_empty();
    if is_told || seats.is_empty() || seats.iter().any(|seat| reserve.has(*seat, &rules.plan.seat(*seat).proficiency)) {
        return;
    }
    let what = node.as_table().and_then(|table| table.get("seats").or_else(|| table.get("requires")));
    let place = what.map_or(node.place(), |node| node.place());
    let message = said!("queue `{}` has a reserve without a seat", "排队 `{}` 的后备没有坐席", item.name.value);
    let label = both("no seat of the queue is one of it", "该排队没有坐席属于后备");
    let help = both("ask for a skill that some of its seats have, or remove the reserve", "请写它的某些坐席具备的技能，或删去后备");
    findings.warning("HL294", &place, message, label).help(help);
}

/// `enquiry >= 5 | enquiry >= 7`: the second part admits nobody more, and mostly another skill was meant.
fn needless(rules: &Rules<'_>, id: QueueId, item: &Item<'_>, findings: &mut Findings) {
    let queue = rules.plan.queue(id);
    let mut silent = Findings::default();
    for (step, table) in queue.steps.iter().zip(item.table.tables("step", &mut silent)) {
        let Some(node) = table.get("requires").filter(|_| says_twice(&step.requires, rules.plan.skills.len())) else { continue };
        let message = both("a part of this condition says nothing", "条件中有一部分不起作用");
        let label = both("whoever fulfils one part fulfils another", "满足其中一部分就满足另一部分");
        let help = both(
            "`a >= 5 | a >= 7` is `a >= 5`, and `a >= 5 & a >= 7` is `a >= 7`: leave it out, or write the skill that was meant",
            "`a >= 5 | a >= 7` 就是 `a >= 5`，`a >= 5 & a >= 7` 就是 `a >= 7`：请删去，或改为原本要写的技能",
        );
        findings.warning("HL298", &node.place(), message, label).help(help);
    }
}

fn says_twice(condition: &Expression, skills: usize) -> bool {
    let (Expression::All(parts) | Expression::Any(parts)) = condition else { return false };
    let alike = parts.iter().enumerate().any(|(place, one)| {
        let others = parts.iter().enumerate().filter(|(other, _)| *other != place);
        others.map(|(_, other)| other).any(|other| follows(one, other, skills) == Follows::Yes)
    });
    alike || parts.iter().any(|part| says_twice(part, skills))
}

/// Two seats are hardly ever idle for exactly as long, so that nothing behind it is asked.
fn idle_keys(keys: Option<Node<'_>>, findings: &mut Findings) {
    let keys = keys.and_then(|node| node.as_list()).unwrap_or_default();
    let last = keys.iter().position(|key| key.as_text() == Some("longest-idle"));
    let Some((key, after)) = last.and_then(|last| Some((keys.get(last)?, keys.get(last + 1)?))) else { return };
    let name = after.as_text().unwrap_or_default();
    let message = said!("`{name}` behind `longest-idle` decides nothing", "`longest-idle` 后面的 `{name}` 不起作用");
    let label = both("no two seats are idle for the same time", "没有两个坐席空闲的时间相同");
    let help = both("put `longest-idle` last", "请把 `longest-idle` 写在最后");
    findings.warning("HL300", &after.place(), message, label).see(&key.place(), both("it decides already", "在这里已有先后")).help(help);
}

/// Numbers are compared as they are dialled in the country: without its code, and mobile ones without a 0.
fn patterns(rules: &Rules<'_>, findings: &mut Findings) {
    // Those of calls outside are compared with what is dialled, in whatever form.
    let blocks = rules.declared.blocks.iter().filter_map(|table| table.get("pattern"));
    for node in blocks.flat_map(|node| node.as_list().unwrap_or_else(|| vec![node])) {
        fits_nothing(rules.plan, &node, findings);
    }
}

fn fits_nothing(plan: &Plan, node: &Node<'_>, findings: &mut Findings) {
    let Some(text) = node.as_text().filter(|_| plan.numbering.country() == "86") else { return };
    let Ok(pattern) = crate::pattern::pattern(text) else { return };
    let shortest: u32 = pattern.parts.iter().map(|(_, least, _)| u32::from(*least)).sum();
    let after_country = ["0086", "86"].into_iter().find_map(|code| text.strip_prefix(code)).filter(|_| shortest >= 12);
    let mobile = text.strip_prefix("01").filter(|rest| shortest == 12 && !rest.starts_with(['0', 'x', '[', '{']));
    let (label, instead) = match (after_country, mobile) {
        (Some(rest), _) => {
            let zero = if rest.starts_with('1') && shortest >= 13 || rest.starts_with('0') { "" } else { "0" };
            (both("numbers of the country come without its code", "国内号码不带国家代码"), format!("{zero}{rest}"))
        }
        (None, Some(rest)) => (both("mobile numbers come without a 0", "手机号码前面没有 0"), format!("1{rest}")),
        (None, None) => return,
    };
    let message = said!("no number fits `{text}`", "没有号码符合 `{text}`");
    let help = said!("write it as it is dialled in the country: `{instead}`", "请按国内拨法写：`{instead}`");
    findings.warning("HL291", &node.place(), message, label).help(help);
}

/// A number of ours, or an emergency number, is never dialled by the hotline itself, whatever opens it.
fn opened(rules: &Rules<'_>, findings: &mut Findings) {
    let tables = rules.declared.outbound.iter().chain(rules.declared.roles.iter().map(|item| &item.table));
    for node in tables.filter_map(|table| table.get("allow")?.as_list()).flatten() {
        let Some(text) = node.as_text() else { continue };
        let Ok(number) = PhoneNumber::parse(text) else { continue };
        if number.is_emergency() {
            let why = both("an emergency number, which is never dialled by the hotline itself", "是紧急号码，本热线自己从不外拨");
            let help = both("remove it; seats may dial it at any time", "请删去它；坐席随时可拨");
            does_nothing(text, &node.place(), why, help, findings);
        } else if rules.plan.is_own(&number) {
            let why = both("one of our own numbers, which are never dialled", "是本热线自己的号码，一律不外拨");
            let help = both("remove it; agents reach a queue by its name or `extension`", "请删去它；坐席可拨排队的名称或 `extension`");
            does_nothing(text, &node.place(), why, help, findings);
        }
    }
}
