//! The same twice in one list: the second says nothing, and often another was meant.

use crate::finding::{Findings, Place};
use crate::read::{Node, Table};
use crate::said::{both, said};
use hotline_model::Number;
use std::collections::BTreeMap;

/// What is said may be said twice; times of call-backs are told of elsewhere (HL115).
const MAY_REPEAT: [&str; 9] = ["say", "breach", "announce", "intro", "thanks", "then", "no_input", "invalid", "slots"];

pub(crate) fn check(roots: &[Table<'_>], findings: &mut Findings) {
    for table in roots {
        of_table(table, findings);
    }
}

fn of_table(table: &Table<'_>, findings: &mut Findings) {
    for (key, node) in table.entries().into_iter().filter(|(key, _)| !MAY_REPEAT.contains(&key.value)) {
        if let Some(table) = node.as_table() {
            of_table(&table, findings);
        }
        for table in node.as_list().unwrap_or_default().iter().filter_map(Node::as_table) {
            of_table(&table, findings);
        }
        of_list(key.value, &node, findings);
    }
}

fn of_list(key: &str, node: &Node<'_>, findings: &mut Findings) {
    let mut seen: BTreeMap<String, Place> = BTreeMap::new();
    for node in node.as_list().unwrap_or_default() {
        let Some(value) = node.as_text().map(str::to_owned).or_else(|| node.as_date()) else { continue };
        let Some(first) = seen.get(&value) else {
            seen.insert(value, node.place());
            continue;
        };
        let shown = if key == "numbers" { Number::new(&value).to_string() } else { value.escape_debug().to_string() };
        let message = said!("`{shown}` is twice in `{key}`", "`{key}` 里写了两次 `{shown}`");
        let help = both("remove it, or write the one that was meant", "请删去，或改为原本要写的");
        findings.warning("HL287", &node.place(), message, both("says nothing more", "不起作用")).first(first).help(help);
    }
}
