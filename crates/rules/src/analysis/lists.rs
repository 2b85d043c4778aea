//! What says nothing: the same twice in a list, where often another was meant, prompts without words, changes of nothing.

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
    if let Some(node) = table.get("set").filter(|node| node.as_table().is_some_and(|set| set.entries().is_empty())) {
        let label = both("callers who come this way stay as they are", "从这里走的来电什么也没有改变");
        let help = both(
            "write what they are: `set = { kind = \"enquiry\" }`, or remove it",
            "请写明是什么来电：`set = { kind = \"enquiry\" }`，或删去它",
        );
        findings.warning("HL316", &node.place(), both("a `set` that sets nothing", "`set` 什么也没有设置"), label).help(help);
    }
    if let Some(needs) = table.get("skills").and_then(|node| node.as_list()) {
        same_skill(&needs, findings);
    }
    for (key, node) in table.entries().into_iter().filter(|(key, _)| !MAY_REPEAT.contains(&key.value)) {
        if let Some(table) = node.as_table() {
            of_table(&table, findings);
        }
        for table in node.as_list().unwrap_or_default().iter().filter_map(Node::as_table) {
            of_table(&table, findings);
        }
        of_list(key.value, &node, findings);
        if key.value == "overflow" {
            same_target(&node, findings);
        }
    }
    for (key, node) in ["announce", "say"].into_iter().filter_map(|key| Some((key, table.get(key)?))) {
        thrice(key, &node, findings);
    }
}

/// The same way outside, or seat, at the same time.
fn same_target(node: &Node<'_>, findings: &mut Findings) {
    let mut seen: BTreeMap<Vec<(&str, &str)>, Place> = BTreeMap::new();
    for node in node.as_list().unwrap_or_default() {
        let Some(table) = node.as_table() else { continue };
        let is: Option<Vec<(&str, &str)>> = table.entries().iter().map(|(key, node)| Some((key.value, node.as_text()?))).collect();
        let Some(mut is) = is else { continue };
        is.sort_unstable();
        let Some((key, target)) = is.iter().copied().find(|(key, _)| !matches!(*key, "trunk" | "after")) else { continue };
        let shown = if key == "number" { Number::new(target).to_string() } else { target.escape_debug().to_string() };
        match seen.get(&is) {
            Some(first) => twice(&shown, "overflow", &node.place(), first, findings),
            None => drop(seen.insert(is, node.place())),
        }
    }
}

/// What is said twice may be to impress; three times in a row is a slip of pasting.
fn thrice(key: &str, node: &Node<'_>, findings: &mut Findings) {
    let said = node.as_list().unwrap_or_default();
    let texts: Vec<Option<&str>> = said.iter().map(Node::as_text).collect();
    let Some(at) = texts.windows(3).position(|three| three[0].is_some() && three.iter().all(|text| *text == three[0])) else { return };
    let (Some(node), Some(text)) = (said.get(at + 2), texts[at]) else { return };
    let message = said!("`{0}` is three times in a row in `{key}`", "`{key}` 里连写了三次 `{0}`", text.escape_debug());
    let help = both("remove it, or write the one that was meant", "请删去，或改为原本要写的");
    findings.warning("HL287", &node.place(), message, both("heard once more", "又播一遍")).help(help);
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
        twice(&shown, key, &node.place(), first, findings);
    }
}

/// The second of two that are the same.
pub(crate) fn twice(shown: &str, key: &str, place: &Place, first: &Place, findings: &mut Findings) {
    let message = said!("`{shown}` is twice in `{key}`", "`{key}` 里写了两次 `{shown}`");
    let help = both("remove it, or write the one that was meant", "请删去，或改为原本要写的");
    findings.warning("HL287", place, message, both("says nothing more", "不起作用")).first(first).help(help);
}

/// `["billing >= 3", "billing >= 5"]`: all of them are asked for, so that the lower figure says nothing.
fn same_skill(needs: &[Node<'_>], findings: &mut Findings) {
    let asked = |node: &Node<'_>| {
        let (skill, least) = node.as_text()?.split_once(">=")?;
        Some((skill.trim().to_owned(), least.trim().parse::<u32>().ok()?))
    };
    let asked: Vec<_> = needs.iter().filter_map(|node| Some((node, asked(node)?))).collect();
    for (node, (skill, least)) in &asked {
        let Some((more, (_, most))) = asked.iter().find(|(_, (other, most))| other == skill && most > least) else { continue };
        let message = both("a part of this condition says nothing", "条件中有一部分不起作用");
        let label = said!("`{skill} >= {most}` is asked for too", "同时还要求 `{skill} >= {most}`");
        let help = both("leave it out, or write the skill that was meant", "请删去，或改为原本要写的技能");
        findings.warning("HL298", &node.place(), message, label).see(&more.place(), both("asks for more", "要求更高")).help(help);
    }
}
