//! What the rules say and something stronger overrules: priorities by matters, ages by short steps, second rings by long ones, and our own numbers
//! by the block list.

use super::Rules;
use crate::finding::{Findings, Place};
use crate::pattern::pattern;
use crate::read::{Node, Table};
use crate::said::{both, said};
use crate::{Plan, values};
use hotline_model::{Number, PhoneNumber, Priority, Topic};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    priorities(rules, findings);
    ageing(rules, findings);
    ring(rules, findings);
    own_numbers(rules, findings);
    own_customers(rules, findings);
    trunks(rules, findings);
}

/// R25, R33: a matter that is always urgent, or reaches so far, is that whatever priority stands beside it.
fn priorities(rules: &Rules<'_>, findings: &mut Findings) {
    let priorities = &rules.plan.priorities;
    for link in &rules.notes.links {
        let Some(stated) = link.set.priority.filter(|priority| *priority != Priority::Urgent) else { continue };
        let topic = link.set.topic.filter(|topic| priorities.urgent.contains(topic));
        let impact = link.set.assessed.impact.filter(|impact| priorities.reaches(*impact));
        let (what, rule, lists) = match (topic, impact) {
            (Some(topic), _) => {
                let rule = if matches!(topic, Topic::NetworkFault | Topic::PaymentAnomaly) { "R25" } else { "R26" };
                (format!("topic = \"{}\"", topic.word()), rule, "urgent_kinds")
            }
            (None, Some(impact)) => (format!("impact = \"{}\"", impact.word()), "R33", "urgent_impact"),
            (None, None) => continue,
        };
        let stated = stated.word();
        let message = said!(
            "`priority = \"{stated}\"` beside `{what}`, which is always urgent",
            "`priority = \"{stated}\"` 与一律紧急的 `{what}` 写在一起"
        );
        let label = both("callers who come this way are urgent", "从这里走的来电都是紧急");
        let help = said!(
            "leave the priority out; what is urgent is in `{lists}` of `[priority]`",
            "请删去优先级；哪些一律紧急见 `[priority]` 的 `{lists}`"
        );
        findings.warning("HL301", link.place_of("priority"), message, label).rule(rule).help(help);
    }
}

/// R24: where everybody is urgent before the answer time is over, nobody goes first.
fn ageing(rules: &Rules<'_>, findings: &mut Findings) {
    let (ageing, answer) = (rules.plan.priorities.ageing, rules.plan.timers.answer);
    let Some(node) = rules.declared.priority.iter().find_map(|table| table.get("ageing")) else { return };
    if ageing.is_zero() || ageing * 2 > answer {
        return;
    }
    let (after, answer) = (values::in_words(ageing * 2), values::in_words(answer));
    let message = said!("every call is urgent after {after}", "每个来电等 {after:#}就成了紧急");
    let label = said!("within the answer time of {answer}: nobody goes first then", "还在人工接听时限 {answer:#}之内：这时已不分先后");
    let help = both("let calls grow older before they go up, like `\"5min\"`", "请让来电等久一些再升级，例如 `\"5min\"`");
    findings.warning("HL302", &node.place(), message, label).rule("R24").help(help);
}

/// R5: a ring that no second one can follow within the answer time.
fn ring(rules: &Rules<'_>, findings: &mut Findings) {
    let (ring, answer) = (rules.plan.timers.ring_per_offer, rules.plan.timers.answer);
    let node = ["ring_per_offer", "answer"].into_iter().find_map(|key| rules.declared.timers.iter().find_map(|table| table.get(key)));
    first_rings(rules, answer, findings);
    let is_used = || rules.queues().any(|(id, _)| rules.plan.queue(id).steps.first().is_none_or(|step| step.ring.is_none()));
    let Some(node) = node.filter(|_| ring * 2 > answer && is_used()) else { return };
    let (ring, answer) = (values::in_words(ring), values::in_words(answer));
    let message = said!("a ring of {ring} leaves no time for a second", "一次振铃 {ring:#}，来不及再派第二个坐席");
    let label = said!("a person answers within {answer}", "人工须在 {answer:#}内接听");
    let help = both("make `ring_per_offer` at most half of `answer`", "请让 `ring_per_offer` 不超过 `answer` 的一半");
    findings.warning("HL303", &node.place(), message, label).rule("R5").help(help);
}

/// The same of a queue's first step, if a second seat is there to be rung.
fn first_rings(rules: &Rules<'_>, answer: Duration, findings: &mut Findings) {
    for (id, item) in rules.queues() {
        let ring = rules.plan.queue(id).steps.first().and_then(|step| step.ring);
        let Some(ring) = ring.filter(|ring| *ring * 2 > answer && rules.seats_of(id).len() > 1) else { continue };
        let steps = item.table.get("step").and_then(|node| node.as_list()).unwrap_or_default();
        let Some(node) = steps.first().and_then(|node| node.as_table()?.get("ring")) else { continue };
        let (ring, answer) = (values::in_words(ring), values::in_words(answer));
        let message = said!("a ring of {ring} leaves no time for a second", "一次振铃 {ring:#}，来不及再派第二个坐席");
        let label = said!("a person answers within {answer}", "人工须在 {answer:#}内接听");
        let help = both("make `ring` of the first step at most half of `answer`", "请让第一步的 `ring` 不超过 `answer` 的一半");
        findings.warning("HL303", &node.place(), message, label).rule("R5").help(help);
    }
}

/// Calls that come back to us from a number of ours, by a divert or a transfer, are turned away too.
fn own_numbers(rules: &Rules<'_>, findings: &mut Findings) {
    let plan = rules.plan;
    let names = plan.numbers.iter().flat_map(|number| number.aliases.iter().map(String::as_str).chain([&*number.name]));
    let own = names.chain(plan.trunks.iter().map(|trunk| &*trunk.from));
    let mut told = BTreeSet::new();
    for name in own.filter(|name| name.bytes().all(|b| b.is_ascii_digit() || b == b'+')) {
        let number = plan.numbering.normal(name);
        let block = plan.blocked(&number).filter(|_| !number.is_anonymous());
        let Some(table) = block.and_then(|block| rules.declared.blocks.get(block)) else { continue };
        let place = blocking(plan, table, &number).map_or(table.place(), |node| node.place());
        if !told.insert((place.file, place.span.start)) {
            continue;
        }
        let message = said!("the block list turns away our own number `{name}`", "黑名单会拒接热线自己的号码 `{name}`");
        let label = both("whoever is led back to us over it is turned away", "经它转回热线的来电会被拒接");
        findings
            .warning("HL304", &place, message, label)
            .help(both("take it out, or write a narrower pattern", "请去掉它，或把样式写得窄一些"));
    }
}

/// The same calls would be taken for a customer's.
fn own_customers(rules: &Rules<'_>, findings: &mut Findings) {
    let plan = rules.plan;
    let names = plan.numbers.iter().flat_map(|number| number.aliases.iter().map(String::as_str).chain([&*number.name]));
    for name in names.filter(|name| name.bytes().all(|b| b.is_ascii_digit() || b == b'+')) {
        let Some(item) = plan.customer_place(name).and_then(|place| rules.declared.customers.get(place)) else { continue };
        let own = plan.numbering.normal(name);
        let written = item.table.get("numbers").and_then(|node| node.as_list()).unwrap_or_default();
        let Some(node) = written.iter().find(|node| node.as_text().is_some_and(|text| plan.numbering.normal(text) == own)) else {
            continue;
        };
        let message = said!("customer `{}` has our own number `{name}`", "客户 `{}` 的号码是热线自己的号码 `{name}`", item.name.value);
        let label = both("whoever is led back to us over it is taken for this customer", "经它转回热线的来电会被当作这个客户");
        findings.warning("HL304", &node.place(), message, label).help(both("write the customer's number", "请写客户的号码"));
    }
}

/// The number or pattern of a block that a number is turned away by.
pub(super) fn blocking<'a>(plan: &Plan, table: &Table<'a>, number: &Number) -> Option<Node<'a>> {
    let each = |key: &str| table.get(key).map(|node| node.as_list().unwrap_or_else(|| vec![node])).unwrap_or_default();
    let same = |node: &Node<'_>| node.as_text().is_some_and(|text| plan.numbering.normal(text) == *number);
    let dialled = PhoneNumber::parse(&plan.numbering.national(number.reveal())).ok()?;
    let fits = |node: &Node<'_>| node.as_text().and_then(|text| pattern(text).ok()).is_some_and(|pattern| pattern.matches(&dialled));
    each("numbers").into_iter().find(same).or_else(|| each("pattern").into_iter().find(fits))
}

/// A trunk that is another by name only takes over from nobody. One with a limit of its own, or that reads calls otherwise, is another.
fn trunks(rules: &Rules<'_>, findings: &mut Findings) {
    let mut known: BTreeMap<_, (&str, Place)> = BTreeMap::new();
    for item in &rules.declared.trunks {
        let Some(trunk) = rules.plan.trunk(&item.name.value) else { continue };
        let place = item.table.get("contact").map_or(item.name.place.clone(), |node| node.place());
        let is = (&*trunk.contact, &*trunk.from, trunk.limit, trunk.did_from.word(), trunk.asserted);
        let Some((other, first)) = known.get(&is) else {
            known.insert(is, (&trunk.name, place));
            continue;
        };
        let name = &trunk.name;
        let message = said!("trunks `{other}` and `{name}` are one", "中继 `{other}` 和 `{name}` 是同一条");
        let label = both("if one is gone, so is the other", "一条断了，另一条也断了");
        let help = both("name another gateway, or remove one of the two", "请写另一个网关，或删去其中一条");
        findings.warning("HL306", &place, message, label).first(first).help(help);
    }
}
