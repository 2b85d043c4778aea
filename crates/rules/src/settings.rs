//! Tables of manual.md Part J: what is sensitive, who may work when and where, indicators, retention, words in use. Settings of
//! features that the hotline does not have are checked, and told if they differ from the manual's.

use crate::declare::Declared;
use crate::finding::{At, Findings, Place};
use crate::indicators;
use crate::read::{Node, Table};
use crate::said::{both, code, said};
use crate::scope::{Notes, Scope};
use crate::timers::holder;
use crate::{Access, Changes, Classification, Network, Plan, Retention, Said, Settings, values};
use hotline_model::{Category, Class, ComplaintLevel, CustomerLevel, CustomerType, Name, Nature};
use std::time::Duration;

const MOST_NETWORKS: usize = 100;
const MOST_DEVICES: usize = 50_000;
const MOST_SKILLS: usize = 16;
/// Most years that anything is kept.
const MOST_YEARS: u8 = 99;

pub(crate) fn settings(declared: &Declared<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Settings {
    unheeded(declared, findings);
    Settings {
        sensitive: sensitive(&declared.sensitive, scope, findings),
        access: access(&declared.access, scope, findings),
        connect_rate: indicators::connect_rate(&declared.kpi, findings),
        indicators: indicators::indicators(&declared.kpi, findings),
        retention: retention(&declared.retention, findings),
        classification: classification(&declared.classification, findings),
    }
}

fn sensitive(tables: &[Table<'_>], scope: &Scope<'_>, findings: &mut Findings) -> Vec<hotline_model::Need> {
    only(tables, &["skills", "no_survey", "no_auto_message"], "`[sensitive]`", findings);
    let nodes = holder(tables, "skills", findings).map(|table| table.list("skills", findings)).unwrap_or_default();
    at_most(&nodes, MOST_SKILLS, findings);
    nodes.iter().take(MOST_SKILLS).filter_map(|node| scope.need(node, findings)).collect()
}

fn access(tables: &[Table<'_>], scope: &Scope<'_>, findings: &mut Findings) -> Access {
    only(tables, &["shifts", "networks", "devices"], "`[access]`", findings);
    let shifts = holder(tables, "shifts", findings).and_then(|table| scope.calendar(&table.get("shifts")?, findings));
    let list = |key: &str, most: usize, findings: &mut Findings| {
        let nodes = holder(tables, key, findings).map(|table| table.list(key, findings)).unwrap_or_default();
        at_most(&nodes, most, findings);
        nodes
    };
    let networks = list("networks", MOST_NETWORKS, findings);
    let networks = networks.iter().take(MOST_NETWORKS).filter_map(|node| network(node, findings)).collect();
    let devices = list("devices", MOST_DEVICES, findings);
    let devices = devices.iter().take(MOST_DEVICES).filter_map(|node| device(node, scope, findings)).collect();
    Access { shifts, networks, devices }
}

fn network(node: &Node<'_>, findings: &mut Findings) -> Option<Network> {
    let text = node.text(findings)?;
    let network = Network::parse(text.value);
    if network.is_none() {
        let message = said!("`{}` is no network", "`{}` 不是网段", text.value.escape_debug());
        findings
            .error("HL005", &text.place, message, both("not a network", "不是网段"))
            .help(both("like `192.0.2.0/24` or `2001:db8::/32`", "例如 `192.0.2.0/24` 或 `2001:db8::/32`"));
    }
    network
}

/// The name of a seat's telephone, or of one of nobody.
fn device(node: &Node<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Option<Name> {
    let text = node.text(findings)?;
    if scope.phones.iter().any(|phone| **phone == *text.value) {
        return Some(text.value.into());
    }
    scope.seats.find(text.value, &text.place, findings).map(|_| text.value.into())
}

/// R129, R130: so many years at least.
fn retention(tables: &[Table<'_>], findings: &mut Findings) -> Retention {
    only(tables, &["cases", "recordings"], "`[retention]`", findings);
    let mut read =
        |key: &'static str, least: u8, rule: &'static str| years(&holder(tables, key, findings)?.get(key)?, (key, least, rule), findings);
    let cases = read("cases", 5, "R130");
    let recordings = read("recordings", 3, "R129");
    let kept = Retention::default();
    Retention { cases: cases.map_or(kept.cases, |(years, _)| years), recordings: recordings.map_or(kept.recordings, |(years, _)| years) }
}

fn years(node: &Node<'_>, (key, least, rule): (&str, u8, &'static str), findings: &mut Findings) -> Option<(u8, Place)> {
    let text = node.text(findings)?;
    let years = text.value.strip_suffix('y').and_then(|years| years.parse::<u8>().ok()).filter(|years| *years <= MOST_YEARS);
    let Some(years) = years else {
        let message = said!("`{}` is no number of years", "`{}` 不是年数", text.value.escape_debug());
        findings
            .error("HL005", &text.place, message, both("not years", "不是年数"))
            .help(said!("like `\"{least}y\"`, up to `\"{MOST_YEARS}y\"`", "例如 `\"{least}y\"`，最多 `\"{MOST_YEARS}y\"`"));
        return None;
    };
    if years < least {
        let message = said!(
            "`retention.{key}` of {years} years is less than the {least} of the manual",
            "`retention.{key}` 为 {years} 年，少于手册规定的 {least} 年"
        );
        findings.error("HL188", &text.place, message, said!("at least {least} years", "至少 {least} 年")).rule(rule);
        return None;
    }
    Some((years, text.place))
}

fn classification(tables: &[Table<'_>], findings: &mut Findings) -> Classification {
    let keys = ["classes", "natures", "categories", "levels", "customer_types", "customer_levels", "lifecycle"];
    only(tables, &keys, "`[classification]`", findings);
    let mut words = Classification::default();
    macro_rules! read {
        ($key:literal, $kind:ty, $field:ident) => {
            if let Some(list) = listed::<$kind>(tables, $key, <$kind>::ALL, <$kind>::word, findings) {
                words.$field = list;
            }
        };
    }
    read!("classes", Class, classes);
    read!("natures", Nature, natures);
    read!("categories", Category, categories);
    read!("levels", ComplaintLevel, levels);
    read!("customer_types", CustomerType, customer_types);
    read!("customer_levels", CustomerLevel, customer_levels);
    words
}

/// Some of the manual's words, at least one.
fn listed<T: Copy>(tables: &[Table<'_>], key: &str, all: &[T], word: fn(T) -> &'static str, findings: &mut Findings) -> Option<Vec<T>> {
    let node = holder(tables, key, findings)?.get(key)?;
    let words: Vec<(&str, T)> = all.iter().map(|one| (word(*one), *one)).collect();
    node.as_list().or_else(|| {
        node.wrong(&both("a list", "列表"), findings);
        None
    })?;
    let found: Vec<T> = node.list(findings).iter().filter_map(|node| node.word(&words, findings)).map(|at| at.value).collect();
    if found.is_empty() {
        let message = said!("`classification.{key}` leaves nothing", "`classification.{key}` 一个也没有留下");
        findings.error("HL004", &node.place(), message, both("at least one", "至少一个"));
        return None;
    }
    Some(found)
}

/// What menus and desks say must be in use.
pub(crate) fn check_words(plan: &Plan, declared: &Declared<'_>, notes: &Notes, findings: &mut Findings) {
    let words = &plan.settings.classification;
    if *words == Classification::default() {
        return;
    }
    for link in &notes.links {
        for (key, word) in unused(words, &link.set) {
            not_in_use(key, word, &link.place, findings);
        }
    }
    for (item, customer) in declared.customers.iter().zip(&plan.customers) {
        for (key, word) in unused(words, &customer.set) {
            let place = item.table.get(key).map_or_else(|| item.table.place(), |node| node.place());
            not_in_use(key, word, &place, findings);
        }
    }
    let keyed = plan.desk.classes.values().find(|class| !words.classes.contains(class));
    let node = declared.desk.iter().find_map(|table| table.get("classes"));
    if let (Some(class), Some(node)) = (keyed, node) {
        not_in_use("class", class.word(), &node.place(), findings);
    }
}

fn unused(words: &Classification, set: &Changes) -> Vec<(&'static str, &'static str)> {
    let mut all = Vec::new();
    all.extend(set.class.filter(|one| !words.classes.contains(one)).map(|one| ("class", one.word())));
    all.extend(set.nature.filter(|one| !words.natures.contains(one)).map(|one| ("nature", one.word())));
    all.extend(set.category.filter(|one| !words.categories.contains(one)).map(|one| ("category", one.word())));
    all.extend(set.level.filter(|one| !words.levels.contains(one)).map(|one| ("level", one.word())));
    all.extend(set.customer_type.filter(|one| !words.customer_types.contains(one)).map(|one| ("customer_type", one.word())));
    all.extend(set.customer_level.filter(|one| !words.customer_levels.contains(one)).map(|one| ("customer_level", one.word())));
    all
}

fn not_in_use(key: &str, word: &str, place: &Place, findings: &mut Findings) {
    let message = said!("`{key} = \"{word}\"` is not in use", "`{key} = \"{word}\"` 没有启用");
    findings
        .error("HL186", place, message, both("`[classification]` leaves it out", "`[classification]` 没有列出"))
        .help(both("use another, or add it there", "请换一个，或在那里加上"));
}

/// Settings of what the hotline does not have: checked, and told where they differ from what the manual says, so that nobody relies on them.
fn unheeded(declared: &Declared<'_>, findings: &mut Findings) {
    only(&declared.review, &["required_for"], "`[review]`", findings);
    only(&declared.faults, &["levels", "response", "major_handled", "core_restore"], "`[faults]`", findings);
    flag(&declared.sensitive, "sensitive", "no_auto_message", "R68", &NO_MESSAGES, findings);
    words(&declared.review, "review", "required_for", &["complex", "high_risk"], "R69", &NO_CASES, findings);
    words(&declared.faults, "faults", "levels", &["urgent", "major", "general"], "R148", &NO_FAULTS, findings);
    words(&declared.classification, "classification", "lifecycle", &["new", "active", "lost"], "R36", &NO_CUSTOMERS, findings);
    indicators::unheeded(&declared.kpi, findings);
    let minute = Duration::from_secs(60);
    for (key, most) in [("response", minute * 30), ("major_handled", minute * 60), ("core_restore", minute * 120)] {
        let rule = if key == "core_restore" { "R149" } else { "R148" };
        let limits = (Duration::from_secs(1), most);
        let Some(at) = time(&declared.faults, ("faults", key), limits, rule, findings).filter(|at| at.value != most) else { continue };
        let words = values::in_words(at.value);
        nothing_uses(&format!("faults.{key}"), &said!("{words}", "{words:#}"), &at.place, rule, &NO_FAULTS, findings);
    }
}

/// Who will use what nothing uses yet.
const NO_MESSAGES: Said =
    both("no message with content is ever sent by itself: `true` is so already", "热线从不自动发送内容：`true` 本来如此");
const NO_CASES: Said = both("the closing of cases will use it; the hotline has no cases yet", "将由工单的关闭使用，热线还没有工单");
const NO_FAULTS: Said = both("the log of faults will use it; the hotline has none yet", "将由故障记录使用，热线还没有故障记录");
const NO_CUSTOMERS: Said = both("customers' records will use it; the hotline has none yet", "将由客户档案使用，热线还没有客户档案");

fn flag(tables: &[Table<'_>], table: &str, key: &str, rule: &'static str, user: &Said, findings: &mut Findings) {
    let Some(node) = holder(tables, key, findings).and_then(|table| table.get(key)) else { return };
    match node.as_flag() {
        Some(true) => {}
        Some(false) => nothing_uses(&format!("{table}.{key}"), &said!("false", "false"), &node.place(), rule, user, findings),
        None => node.wrong(&crate::read::TRUE_OR_FALSE, findings),
    }
}

fn words(tables: &[Table<'_>], table: &str, key: &str, all: &[&'static str], rule: &'static str, user: &Said, findings: &mut Findings) {
    let known: Vec<(&str, usize)> = all.iter().copied().zip(0..).collect();
    let Some(node) = holder(tables, key, findings).and_then(|table| table.get(key)) else { return };
    let nodes = node.list(findings);
    let found: Vec<usize> = nodes.iter().filter_map(|node| node.word(&known, findings)).map(|at| at.value).collect();
    if node.as_list().is_some() && found.len() == nodes.len() && all.iter().zip(0..).any(|(_, place)| !found.contains(&place)) {
        nothing_uses(&format!("{table}.{key}"), &said!("another list", "不同的列表"), &node.place(), rule, user, findings);
    }
}

/// A time within limits of which one is the manual's.
pub(crate) fn time(
    tables: &[Table<'_>],
    (table, key): (&str, &str),
    (least, most): (Duration, Duration),
    rule: &'static str,
    findings: &mut Findings,
) -> Option<At<Duration>> {
    let at = holder(tables, key, findings)?.length(key, findings)?;
    if (least..=most).contains(&at.value) {
        return Some(at);
    }
    let words = values::in_words(at.value);
    let message = said!("`{table}.{key}` of {words} is out of range", "`{table}.{key}` 为 {words:#}，超出范围");
    let label = said!("allowed are {} to {}", "允许 {:#}至 {:#}", values::in_words(least), values::in_words(most));
    findings.error("HL189", &at.place, message, label).rule(rule);
    None
}

pub(crate) fn nothing_uses(key: &str, value: &Said, place: &Place, rule: &'static str, user: &Said, findings: &mut Findings) {
    let message = said!([value] "nothing uses `{key}` yet: {value} changes nothing", "`{key}` 尚未使用：改为 {value} 不起作用");
    findings.warning("HL187", place, message, user).rule(rule).help(both("leave it out", "请删去"));
}

pub(crate) fn only(tables: &[Table<'_>], known: &[&str], what: &'static str, findings: &mut Findings) {
    tables.iter().for_each(|table| table.only(known, code(what), findings));
}

fn at_most(nodes: &[Node<'_>], most: usize, findings: &mut Findings) {
    if let Some(node) = nodes.get(most) {
        findings.error(
            "HL009",
            &node.place(),
            said!("more than {most} in a list", "列表超过 {most} 项"),
            both("one too many", "多出的一个"),
        );
    }
}
