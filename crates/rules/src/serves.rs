//! `queues` of a seat: which queues it serves, how gladly, and from which waiting time on.

use crate::finding::{At, Findings};
use crate::read::{Node, Table};
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
        findings.error("HL009", &name.place, format!("a seat for more than {MOST_QUEUES} queues"), "one too many");
    }
    if named.is_empty() && (node.as_list().is_some() || node.as_table().is_some()) {
        let help = "name a queue, or leave `queues` out for all";
        findings.error("HL005", &node.place(), "a seat that serves no queue", "names none").help(help);
    }
    let mut serves = BTreeMap::new();
    for (name, facts) in named.into_iter().take(MOST_QUEUES) {
        let (priority, delay) = facts.map_or((1, Duration::ZERO), |table| how(&table, timers, findings));
        let Some(queue) = scope.queues.find(name.value, &name.place, findings).map(|id| QueueId(small(id))) else { continue };
        if serves.insert(queue, Serves { queue, priority, delay }).is_some() {
            findings.error("HL008", &name.place, format!("queue `{}` is named twice", name.value), "named before").help("remove it");
        }
    }
    serves.into_values().collect()
}

/// The names of queues with what is said of each.
fn named<'a>(node: &Node<'a>, findings: &mut Findings) -> Vec<(At<&'a str>, Option<Table<'a>>)> {
    if node.as_list().is_some() {
        return node.list(findings).iter().filter_map(|name| Some((name.text(findings)?, None))).collect();
    }
    let Some(table) = node.table_as("a list of queues, or a table of them", findings) else { return Vec::new() };
    table.entries().into_iter().map(|(name, facts)| (name, facts.table(findings))).collect()
}

fn how(table: &Table<'_>, timers: &Timers, findings: &mut Findings) -> (u8, Duration) {
    table.only(&["priority", "delay"], "a queue of a seat", findings);
    let priority = table.get("priority").and_then(|node| node.number(1..=9, findings));
    let delay = table.duration("delay", findings);
    if let Some(delay) = delay.as_ref().filter(|delay| delay.value > timers.answer) {
        let message = format!("a delay of {} is longer than the answer time", values::in_words(delay.value));
        let label = format!("at most {}", values::in_words(timers.answer));
        findings.error("HL048", &delay.place, message, label).rule("R5");
    }
    (priority.and_then(|priority| u8::try_from(priority).ok()).unwrap_or(1), delay.map_or(Duration::ZERO, |delay| delay.value))
}
