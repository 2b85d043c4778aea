//! What is at odds with the rest of the rules: words of complaints for calls that are none, skills for sensitive calls that nobody has, orders of
//! seats by what no seat or customer says, distances within which everybody is near.

use super::Rules;
use super::in_vain::does_nothing;
use crate::finding::{Findings, Place};
use crate::read::{Node, Table};
use crate::rule_set::has;
use crate::said::{both, said};
use crate::scope::{Link, Via};
use crate::{Go, Predicate, Route, Seat, Test, When};
use hotline_model::{Kind, Number};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    complaints(rules, findings);
    sensitive(rules, findings);
    sensitive_outside(rules, findings);
    orders(rules, findings);
    near(rules, findings);
    matters(rules, findings);
    numbers_outside(rules, findings);
    for item in &rules.declared.customers {
        same_number(rules, &item.table, findings);
    }
}

/// R29, R30: category and level say what a complaint is.
fn complaints(rules: &Rules<'_>, findings: &mut Findings) {
    let by_category = asks_for_category(rules);
    let links = &rules.notes.links;
    let complaints = Complaints::of(links);
    for link in links {
        let category = link.set.category.filter(|_| !by_category).map(|category| ("category", category.word(), "R29"));
        let level = link.set.level.map(|level| ("level", level.word(), "R30"));
        let stated: Vec<_> = category.into_iter().chain(level).collect();
        if stated.is_empty() || complaints.may_be(link) {
            continue;
        }
        for (key, word, rule) in stated {
            let message = said!("`{key} = \"{word}\"` of calls that are no complaints", "`{key} = \"{word}\"` 用在不是投诉的来电上");
            let label = match link.set.kind {
                Some(kind) => said!("beside `kind = \"{}\"`", "旁边写的是 `kind = \"{}\"`", kind.word()),
                None => both("nothing before or after it says that they complain", "前后都没有写明是投诉"),
            };
            let help = both(
                "it says what a complaint is: write `kind = \"complaint\"`, or leave it out",
                "它只说明投诉：请写 `kind = \"complaint\"`，或删去它",
            );
            findings.warning("HL317", link.place_of(key), message, label).rule(rule).help(help);
        }
    }
}

/// Whether a gate asks for the category, whatever kind of call it is.
fn asks_for_category(rules: &Rules<'_>) -> bool {
    fn asks(predicate: &Predicate) -> bool {
        match predicate {
            Predicate::Test(test) => matches!(test, Test::Category(_)),
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().any(asks),
            Predicate::Not(part) => asks(part),
        }
    }
    let plan = rules.plan;
    let mut gates = plan.numbers.iter().flat_map(|number| &number.gates).chain(plan.menus.iter().flat_map(|menu| &menu.gates));
    gates.any(|gate| matches!(&gate.when, When::Holds(predicate) if asks(predicate)))
}

/// Where calls are, or may become, complaints.
struct Complaints {
    /// Menus to which a complaint may come.
    met: BTreeSet<usize>,
    /// Menus in which, or behind which, a call may be said to be one.
    before: BTreeSet<usize>,
}

impl Complaints {
    fn of(links: &[Link]) -> Self {
        let complaint = |link: &&Link| link.set.kind == Some(Kind::Complaint);
        // Behind a queue, or a way outside, the call may be what led there.
        let onward = |link: &&Link| complaint(link) || matches!(link.via, Via::Queue | Via::Otherwise);
        let (mut ways, mut back): (BTreeMap<usize, Vec<usize>>, BTreeMap<usize, Vec<usize>>) = Default::default();
        for (from, to) in links.iter().filter_map(|link| Some((link.from?, menu_of(link)?))) {
            ways.entry(from).or_default().push(to);
            back.entry(to).or_default().push(from);
        }
        let any = links.iter().any(|link| complaint(&link));
        Self {
            met: closure(links.iter().filter(onward).filter(|_| any).filter_map(menu_of), &ways),
            before: closure(links.iter().filter(complaint).filter_map(|link| link.from), &back),
        }
    }

    /// Whether a call that takes this way is a complaint by it, or by a way before or after it.
    fn may_be(&self, link: &Link) -> bool {
        let after = menu_of(link).is_some_and(|menu| self.before.contains(&menu));
        let met = link.from.is_some_and(|menu| self.met.contains(&menu));
        after || link.set.kind.map_or(met, |kind| kind == Kind::Complaint)
    }
}

fn menu_of(link: &Link) -> Option<usize> {
    if let Go::Menu(to) = link.go { Some(usize::from(to.0)) } else { None }
}

/// These, and those to which they lead.
fn closure(from: impl Iterator<Item = usize>, ways: &BTreeMap<usize, Vec<usize>>) -> BTreeSet<usize> {
    let mut next: Vec<usize> = from.collect();
    let mut seen: BTreeSet<usize> = next.iter().copied().collect();
    while let Some(menu) = next.pop() {
        next.extend(ways.get(&menu).into_iter().flatten().copied().filter(|to| seen.insert(*to)));
    }
    seen
}

/// R68: what every sensitive call asks for, on top of a seat that is cleared.
fn sensitive(rules: &Rules<'_>, findings: &mut Findings) {
    let plan = rules.plan;
    let needs = &plan.settings.sensitive;
    let Some(node) = rules.declared.sensitive.iter().find_map(|table| table.get("skills")).filter(|_| !needs.is_empty()) else { return };
    let cleared: Vec<&Seat> = plan.seats.iter().filter(|seat| !seat.retired && seat.cleared).collect();
    if cleared.iter().any(|seat| needs.iter().all(|need| has(&seat.proficiency, *need))) {
        return;
    }
    let asked: Vec<String> = needs.iter().map(|need| format!("`{} >= {}`", plan.skills[need.skill.index()].name, need.at_least)).collect();
    let label = match cleared.is_empty() {
        true => both("no seat is cleared", "没有坐席获得授权"),
        false => {
            let (en, zh) = (asked.join(" and "), asked.join("、"));
            said!("no seat that is cleared has {en}", "获得授权的坐席都不具备：{zh}")
        }
    };
    let help =
        both("ask for less, or give a seat that skill and `cleared = true`", "请降低要求，或给某个坐席这项技能并写 `cleared = true`");
    findings
        .warning("HL315", &node.place(), both("nobody may take sensitive calls", "没有坐席可以接敏感来电"), label)
        .rule("R68")
        .help(help);
}

/// R68: nobody outside is cleared, so that a sensitive call goes on at once as if nobody answered there.
fn sensitive_outside(rules: &Rules<'_>, findings: &mut Findings) {
    let outside = |link: &&Link| link.set.sensitive == Some(true) && matches!(link.go, Go::Out(_));
    for link in rules.notes.links.iter().filter(outside) {
        let message = both("a sensitive call that is led to somebody outside", "敏感来电转到外部");
        let label = both("nobody outside is cleared: this is never called", "外部无人获得授权：这里从不外呼");
        let help = both(
            "lead it to a queue with seats of `cleared = true`, or leave `sensitive` out",
            "请转到有 `cleared = true` 坐席的排队，或不写 `sensitive`",
        );
        findings.warning("HL324", link.place_of("sensitive"), message, label).rule("R68").help(help);
    }
}

/// R42, R43: keys and weights by which all seats are alike, and waits for nobody.
fn orders(rules: &Rules<'_>, findings: &mut Findings) {
    let plan = rules.plan;
    let by_type = plan.seats.iter().any(|seat| !seat.retired && !seat.customer_types.is_empty());
    // Lists and look-ups may say tomorrow whom a customer prefers.
    let elsewhere = !rules.declared.customer_lists.is_empty() || !plan.lookups.is_empty();
    let preferred = elsewhere || plan.customers.iter().any(|customer| customer.preferred.is_some());
    let own = rules.declared.queues.iter().map(|item| &item.table);
    for table in rules.declared.assign.iter().chain(own) {
        for (key, place) in order_of(table) {
            let (label, help) = match key {
                "customer-type" if !by_type => (
                    both("no seat has `customer_types`", "没有坐席写了 `customer_types`"),
                    both(
                        "write `customer_types = [\"vip\"]` in a seat, or leave the key out",
                        "请在坐席中写 `customer_types = [\"vip\"]`，或删去它",
                    ),
                ),
                "preference" if !preferred => (
                    both("no customer has `preferred`", "没有客户写了 `preferred`"),
                    both("write `preferred = \"1001\"` in a customer, or leave the key out", "请在客户中写 `preferred`，或删去它"),
                ),
                _ => continue,
            };
            let message = said!("`{key}` tells no two seats apart", "按 `{key}` 分不出坐席的先后");
            findings.warning("HL318", &place, message, label).help(help);
        }
    }
    let wait = rules.declared.assign.iter().find_map(|table| table.get("wait_for")?.as_table()?.get("preferred"));
    if let Some(node) = wait.filter(|_| !preferred && !plan.assign.wait_for.preferred.is_zero()) {
        let why = both("no customer has `preferred`", "没有客户写了 `preferred`");
        does_nothing(
            "preferred",
            &node.place(),
            why,
            both("write it in a customer, or remove it", "请在客户中写 `preferred`，或删去它"),
            findings,
        );
    }
}

/// The keys of a table's `keys`, and those of its `weights` that weigh something.
fn order_of<'a>(table: &Table<'a>) -> Vec<(&'a str, Place)> {
    let mut silent = Findings::default();
    let keys = table.get("keys").and_then(|node| node.as_list()).unwrap_or_default();
    let keys = keys.into_iter().filter_map(|node| Some((node.as_text()?, node.place())));
    let weights = table.get("weights").and_then(|node| node.as_table());
    let weights = weights.iter().flat_map(Table::entries).filter(|(_, node)| node.number(0..=u32::MAX, &mut silent) != Some(0));
    keys.chain(weights.map(|(key, _)| (key.value, key.place))).collect()
}

/// R39: where every region is near every other, no seat is far.
fn near(rules: &Rules<'_>, findings: &mut Findings) {
    let near = rules.plan.assign.near;
    let Some(node) = rules.declared.assign.iter().find_map(|table| table.get("near")).filter(|_| near > 0) else { return };
    let ids = rules.declared.regions.iter().filter_map(|item| rules.scope.regions.get(&item.name.value));
    let ids: Vec<usize> = ids.collect();
    let pairs = ids.iter().enumerate().flat_map(|(place, a)| ids.iter().skip(place + 1).map(move |b| (*a, *b)));
    let far = pairs.filter_map(|(a, b)| rules.plan.distance.get(a)?.get(b).copied()).max();
    if rules.declared.distance.iter().all(|table| table.entries().is_empty()) {
        let why = both("there is no `[distance]`: regions without one are far apart", "没有写 `[distance]`：没写距离的地区都算远");
        does_nothing("near", &node.place(), why, both("write the distances, or remove it", "请写各地区的距离，或删去它"), findings);
    } else if let Some(far) = far.filter(|far| (1..=near).contains(far)) {
        let message = said!("with `near = {near}` every region is near every other", "`near = {near}` 使所有地区互相都算近");
        let label = said!("the two that are farthest apart are {far} apart", "相距最远的两个地区只有 {far}");
        let help = said!("make it less than {far}, or remove it", "请写小于 {far} 的数，或删去它");
        findings.warning("HL319", &node.place(), message, label).rule("R39").help(help);
    }
}

/// R57: a matter that stays open belongs to its owner, unless that is over at once.
fn matters(rules: &Rules<'_>, findings: &mut Findings) {
    let node = rules.declared.desk.iter().find_map(|table| table.get("matter_open_for"));
    let Some(node) = node.filter(|_| rules.plan.desk.matter_open_for.is_zero()) else { return };
    let written = rules.declared.desk.iter().filter_map(|table| table.get("dispositions")?.as_list()).flatten();
    let mut open = written.filter_map(|node| node.as_table()?.get("open")).filter(|node| node.as_flag() == Some(true));
    let Some(open) = open.next() else { return };
    let message = both("no open matter leads to its owner", "未了结的事项不会再派给责任人");
    let label = both("no time at all", "时间为零");
    let help = both(
        "say how long: `matter_open_for = \"7d\"`; if it is meant so, `# noqa: HL321` at the end of this line",
        "请写明多久：`matter_open_for = \"7d\"`；如有意如此，在该行末尾写 `# noqa: HL321`",
    );
    findings
        .warning("HL321", &node.place(), message, label)
        .rule("R57")
        .see(&open.place(), both("open by this", "这里写了未了结"))
        .help(help);
}

/// A number outside is given to seats that may dial it, and a person's to all.
fn numbers_outside(rules: &Rules<'_>, findings: &mut Findings) {
    let plan = rules.plan;
    let dials = plan.seats.iter().any(|seat| !seat.retired && !seat.desk.dial.is_empty());
    let persons = plan.transfer.persons.iter().any(|person| matches!(person.route, Route::Number(..)));
    if dials || persons {
        return;
    }
    let targets = rules.declared.transfer.iter().filter_map(|table| table.get("targets")?.as_list()).flatten();
    let number = |node: &Node<'_>| {
        let pattern = node.as_table().and_then(|table| table.get("number"));
        pattern.map(|node| ("number", node.place())).or_else(|| (node.as_text() == Some("numbers")).then(|| ("numbers", node.place())))
    };
    for (key, place) in targets.filter_map(|node| number(&node)) {
        let why = both("no seat may dial a number (`dial`)", "没有坐席可以外拨（`dial`）");
        let help = both("give a seat `dial = [\"...\"]`, or remove it", "请在坐席中写 `dial = [\"...\"]`，或删去它");
        does_nothing(key, &place, why, help, findings);
    }
}

/// One number in two forms; the same text twice is told of as such.
fn same_number(rules: &Rules<'_>, table: &Table<'_>, findings: &mut Findings) {
    let mut seen: BTreeMap<String, (&str, Place)> = BTreeMap::new();
    for node in table.get("numbers").and_then(|node| node.as_list()).unwrap_or_default() {
        let Some(text) = node.as_text() else { continue };
        let (other, first) = seen.entry(rules.plan.numbering.normal(text).reveal().to_owned()).or_insert_with(|| (text, node.place()));
        if *other != text {
            let (one, other) = (Number::new(text), Number::new(other));
            let message = said!("`{one}` is `{other}` written otherwise", "`{one}` 与 `{other}` 是同一个号码的不同写法");
            let help = both("remove it, or write the one that was meant", "请删去，或改为原本要写的");
            findings.warning("HL287", &node.place(), message, both("says nothing more", "不起作用")).first(first).help(help);
        }
    }
}
