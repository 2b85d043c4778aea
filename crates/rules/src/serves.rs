//! `queues` of a seat: which queues it serves, how gladly, and from which waiting time on.

use crate::finding::{At, Findings};
use crate::read::{Node, Table};
use crate::said::{both, said};
use crate::scope::{Scope, small};
use crate::{Serves, Timers, values};
use hotline_model::QueueId;
use std::collections::BTreeMap;
use std::time::Duration;

/// Most queues that a seat's list names.
const MOST_QUEUES: usize = 64;

/// Reads `queues = { service = { priority = 1, delay = "20s" }, ... }` or a list of names; sorted by queue, empty for all.
pub(crate) fn queues(table: &Table<'_>, scope: &Scope<'_>, timers: &Timers, findings: &mut Findings) -> Vec<Serves> {
    let Some(node) = table.get("queues") else { return Vec::new() };
    let named = named(&node, findings);
    if let Some((name, _)) = named.get(MOST_QUEUES) {
        findings.error(
            "HL009",
            &name.place,
            said!("a seat for more than {MOST_QUEUES} queues", "一个坐席的排队超过 {MOST_QUEUES} 个"),
            both("one too many", "多出的一个"),
        );
    }
    if named.is_empty() && (node.as_list().is_some() || node.as_table().is_some()) {
        let help = both("name a queue, or leave `queues` out for all", "请写明排队，或不写 `queues` 表示全部");
        findings
            .error("HL005", &node.place(), both("a seat that serves no queue", "不服务任何排队的坐席"), both("names none", "一个也没写"))
            .help(help);
    }
    let (mut serves, mut places) = (BTreeMap::new(), BTreeMap::new());
    for (name, facts) in named.into_iter().take(MOST_QUEUES) {
        let (priority, delay) = facts.map_or((1, Duration::ZERO), |table| how(&table, timers, findings));
        let Some(queue) = scope.queues.find(name.value, &name.place, findings).map(|id| QueueId(small(id))) else { continue };
        if serves.insert(queue, Serves { queue, priority, delay }).is_none() {
            places.insert(queue, name.place);
        } else {
            let more = findings
                .error(
                    "HL008",
                    &name.place,
                    said!("queue `{}` is named twice", "排队 `{}` 重复", name.value),
                    both("named before", "前面已写过"),
                )
                .help(both("remove it", "请删去"));
            if let Some(first) = places.get(&queue) {
                more.first(first);
            }
        }
    }
    serves.into_values().collect()
}

/// The names of queues with what is said of each.
fn named<'a>(node: &Node<'a>, findings: &mut Findings) -> Vec<(At<&'a str>, Option<Table<'a>>)> {
    if node.as_list().is_some() {
        return node.list(findings).iter().filter_map(|name| Some((name.text(findings)?, None))).collect();
    }
    let Some(table) = node.table_as(both("a list of queues, or a table of them", "排队的列表，或排队的表"), findings) else {
        return Vec::new();
    };
    table.entries().into_iter().map(|(name, facts)| (name, facts.table(findings))).collect()
}

fn how(table: &Table<'_>, timers: &Timers, findings: &mut Findings) -> (u8, Duration) {
    table.only(&["priority", "delay"], both("a queue of a seat", "坐席的排队"), findings);
    let priority = table.get("priority").and_then(|node| node.number(1..=9, findings));
    let delay = table.duration("delay", findings);
    if let Some(delay) = delay.as_ref().filter(|delay| delay.value > timers.answer) {
        let message = said!("a delay of {} is longer than the answer time", "`delay` 为 {:#}，超过接听时限", values::in_words(delay.value));
        let label = said!("at most {}", "最多 {:#}", values::in_words(timers.answer));
        findings.error("HL048", &delay.place, message, label).rule("R5");
    }
    (priority.and_then(|priority| u8::try_from(priority).ok()).unwrap_or(1), delay.map_or(Duration::ZERO, |delay| delay.value))
}
