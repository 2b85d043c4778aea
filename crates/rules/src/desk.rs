//! `[desk]`: what agents say by code or key, and what is said to caller and agent before the bridge.

use crate::finding::{At, Findings, Place};
use crate::read::{Node, Table};
use crate::said::{both, code, said};
use crate::scope::Scope;
use crate::speech::prompt;
use crate::timers::holder;
use crate::{Desk, Disposition, Label};
use hotline_model::{Class, Impact, Name, NotReadyReason, Remit};
use std::collections::BTreeMap;

const KEYS: [&str; 8] = ["dispositions", "breaks", "classes", "impacts", "scopes", "announce_agent", "whisper", "matter_open_for"];
const BREAKS: [(&str, NotReadyReason); 5] = [
    ("break", NotReadyReason::Break),
    ("meal", NotReadyReason::Meal),
    ("meeting", NotReadyReason::Meeting),
    ("training", NotReadyReason::Training),
    ("other", NotReadyReason::Other),
];
const MOST_DISPOSITIONS: usize = 50;
/// Longest label in characters.
const LONGEST_LABEL: usize = 64;

pub(crate) fn desk(tables: &[Table<'_>], scope: &Scope<'_>, findings: &mut Findings) -> Desk {
    for table in tables {
        table.only(&KEYS, code("`[desk]`"), findings);
    }
    let mut desk = Desk::default();
    let get = |key: &str, findings: &mut Findings| holder(tables, key, findings).and_then(|table| table.get(key));
    if let Some(node) = get("dispositions", findings) {
        desk.dispositions = dispositions(&node, findings);
    }
    if let Some(node) = get("breaks", findings) {
        desk.breaks = by_digit(&node, &BREAKS, findings);
    }
    if let Some(node) = get("classes", findings) {
        let words: Vec<(&str, Class)> = Class::ALL.iter().map(|class| (class.word(), *class)).collect();
        desk.classes = by_digit(&node, &words, findings);
    }
    if let Some(node) = get("impacts", findings) {
        let words: Vec<(&str, Impact)> = Impact::ALL.iter().map(|impact| (impact.word(), *impact)).collect();
        desk.impacts = by_digit(&node, &words, findings);
    }
    if let Some(node) = get("scopes", findings) {
        let words: Vec<(&str, Remit)> = Remit::ALL.iter().map(|scope| (scope.word(), *scope)).collect();
        desk.scopes = by_digit(&node, &words, findings);
    }
    if let Some(node) = get("announce_agent", findings) {
        announce(&node, scope, &mut desk, findings);
    }
    desk.whisper = holder(tables, "whisper", findings).and_then(|table| table.flag("whisper", findings)).unwrap_or(desk.whisper);
    if let Some(at) = get("matter_open_for", findings).and_then(|node| node.duration(findings)) {
        desk.matter_open_for = at.value;
    }
    desk
}

fn dispositions(node: &Node<'_>, findings: &mut Findings) -> Vec<Disposition> {
    let tables = node.tables(findings);
    if node.as_list().is_some_and(|list| list.is_empty()) {
        findings
            .error("HL105", &node.place(), both("no disposition is left", "一个处理结果也没有"), both("empty", "为空"))
            .help(both("name one, or leave it out for the usual ones", "请至少写一个，或不写而用默认的"));
    }
    if let Some(table) = tables.get(MOST_DISPOSITIONS) {
        findings.error(
            "HL009",
            &table.place(),
            said!("more than {MOST_DISPOSITIONS} dispositions", "处理结果超过 {MOST_DISPOSITIONS} 个"),
            both("one too many", "多出的一个"),
        );
    }
    let mut all: Vec<Disposition> = Vec::new();
    let mut places: Vec<Place> = Vec::new();
    for table in tables.iter().take(MOST_DISPOSITIONS) {
        let Some((one, place)) = disposition(table, findings) else { continue };
        if let Some(first) = all.iter().position(|other| other.name == one.name).and_then(|first| places.get(first)) {
            crate::names::twice(&crate::said::both("disposition", "处理结果"), &one.name, &place, findings).first(first);
        }
        if let (Some(digit), Some(node)) = (one.digit, table.get("digit"))
            && let Some(other) = all.iter().find(|other| other.digit == one.digit)
        {
            let message = said!("digit {digit} for two dispositions", "两个处理结果都用数字 {digit}");
            findings
                .error("HL109", &node.place(), message, said!("`{}` has it", "`{}` 已用", other.name))
                .help(both("another digit, or none", "请换一个数字，或不写"));
        }
        all.push(one);
        places.push(place);
    }
    all
}

fn disposition(table: &Table<'_>, findings: &mut Findings) -> Option<(Disposition, crate::finding::Place)> {
    table.only(&["name", "digit", "label", "open"], both("a disposition", "处理结果"), findings);
    let name = table.need("name", both("a disposition", "处理结果"), findings)?.new_name(findings)?;
    let digit = table.get("digit").and_then(|node| node.text(findings)).and_then(|text| digit(&text, findings));
    let one = Disposition {
        digit,
        label: label(table, &name.value, findings),
        open: table.flag("open", findings).unwrap_or(false),
        name: name.value,
    };
    Some((one, name.place))
}

fn digit(text: &At<&str>, findings: &mut Findings) -> Option<char> {
    let mut chars = text.value.chars();
    let digit = chars.next().filter(|c| c.is_ascii_digit() && chars.next().is_none());
    if digit.is_none() {
        let message = said!("`{}` is not a digit", "`{}` 不是一位数字", text.value.escape_debug());
        findings
            .error("HL020", &text.place, message, both("one of 0-9", "应为 0-9 之一"))
            .help(both("it is dialled behind the code", "它拨在功能码之后"));
    }
    digit
}

fn by_digit<T: Copy>(node: &Node<'_>, words: &[(&str, T)], findings: &mut Findings) -> BTreeMap<char, T> {
    let mut all = BTreeMap::new();
    for (key, node) in node.table(findings).iter().flat_map(Table::entries) {
        if let (Some(digit), Some(at)) = (digit(&key, findings), node.word(words, findings)) {
            all.insert(digit, at.value);
        }
    }
    all
}

/// `true`, `false`, or the prompts around the number.
fn announce(node: &Node<'_>, scope: &Scope<'_>, desk: &mut Desk, findings: &mut Findings) {
    if let Some(on) = node.as_flag() {
        desk.announce_agent = on;
        return;
    }
    let Some(table) =
        node.table_as(both("`true`, `false` or the prompts around the number", " `true`、`false` 或工号前后的提示音"), findings)
    else {
        return;
    };
    table.only(&["before", "after"], code("`announce_agent`"), findings);
    desk.announce_agent = true;
    desk.announce = (prompt(scope, &table, "before", findings), prompt(scope, &table, "after", findings));
}

/// Reads `label = "..."` or `label = { zh = "...", en = "..." }`; without one, the name.
pub(crate) fn label(table: &Table<'_>, name: &Name, findings: &mut Findings) -> Label {
    let plain = Label { zh: name.to_string(), en: name.to_string() };
    let Some(node) = table.get("label") else { return plain };
    if node.as_text().is_some() {
        let text = node.text(findings).and_then(|text| words(&text, findings));
        return text.map_or(plain, |text| Label { zh: text.clone(), en: text });
    }
    let Some(languages) = node.table_as(both("a text, or a table of `zh` and `en`", "文本，或含 `zh` 和 `en` 的表"), findings)
    else {
        return plain;
    };
    languages.only(&["zh", "en"], both("a label", "显示名称"), findings);
    let mut of = |key| languages.text(key, findings).and_then(|text| words(&text, findings));
    let (zh, en) = (of("zh"), of("en"));
    let either = zh.clone().or_else(|| en.clone()).unwrap_or(plain.zh);
    Label { zh: zh.unwrap_or_else(|| either.clone()), en: en.unwrap_or(either) }
}

fn words(text: &At<&str>, findings: &mut Findings) -> Option<String> {
    let good = !text.value.trim().is_empty() && text.value.chars().count() <= LONGEST_LABEL && !text.value.contains(char::is_control);
    if !good {
        let label = said!("1 to {LONGEST_LABEL} characters, in one line", "应为 1 至 {LONGEST_LABEL} 个字符，且在一行之内");
        findings.error("HL005", &text.place, both("a label that can't be shown", "无法显示的名称"), label);
    }
    good.then(|| text.value.to_owned())
}
