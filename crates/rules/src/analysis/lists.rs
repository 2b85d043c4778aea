//! Lists that say nothing: the same twice, where often another was meant, and prompts without words.

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
    if let Some(node) = table.get("say").filter(|node| node.as_list().is_some_and(|list| list.is_empty())) {
        let label = both("nobody hears anything", "什么也不播");
        let help = both("name what is said, or remove `say`", "请写要播的提示音，或删去 `say`");
        findings.warning("HL310", &node.place(), both("a prompt that says nothing", "没有内容的提示"), label).help(help);
    }
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
