//! `[priority]` and `[assign]`: which calls go first, and the order of seats.

use crate::finding::Findings;
use crate::places::ASSIGN;
use crate::read::{Node, Table};
use crate::said::{both, code, said};
use crate::scope::Scope;
use crate::timers::holder;
use crate::{Assign, Delays, Priorities, Rona, RonaAction, Tier, Timers, ranking, values};
use hotline_model::{Class, Impact, Need, Priority, Topic};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The words of the tiers.
pub(crate) const TIERS: [(&str, Tier); 3] =
    [("internal-near", Tier::InternalNear), ("internal", Tier::Internal), ("external", Tier::External)];
/// `none`: nothing is urgent for that.
const URGENT_IMPACT: [(&str, Option<Impact>); 5] = [
    ("one", Some(Impact::One)),
    ("several", Some(Impact::Several)),
    ("department", Some(Impact::Department)),
    ("everybody", Some(Impact::Everybody)),
    ("none", None),
];
const RONA_ACTIONS: [(&str, RonaAction); 2] = [("not-ready", RonaAction::NotReady), ("retry", RonaAction::Retry)];
const SHORTEST_AGEING: Duration = Duration::from_secs(10);
const LONGEST_AGEING: Duration = Duration::from_secs(86_400);
const SHORTEST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(3_600);

pub(crate) fn priorities(tables: &[Table<'_>], findings: &mut Findings) -> Priorities {
    for table in tables {
        table.only(&["order", "urgent_kinds", "product_first", "gravity_first", "urgent_impact", "ageing"], code("`[priority]`"), findings);
    }
    order(tables, findings);
    let mut priorities = Priorities::default();
    if let Some(node) = holder(tables, "urgent_kinds", findings).and_then(|table| table.get("urgent_kinds")) {
        let words: Vec<(&str, Topic)> = Topic::ALL.iter().map(|topic| (topic.word(), *topic)).collect();
        let nodes = node.list(findings);
        priorities.urgent = nodes.iter().filter_map(|node| node.word(&words, findings)).map(|at| at.value).collect();
        let all_read = node.as_list().is_some() && priorities.urgent.len() == nodes.len();
        for missing in Topic::ALL.iter().filter(|topic| all_read && !priorities.urgent.contains(topic)) {
            let rule = if matches!(missing, Topic::NetworkFault | Topic::PaymentAnomaly) { "R25" } else { "R26" };
            let message = said!("`{missing}` is not among the matters that go first", "优先受理的事项中没有 `{missing}`");
            let more = findings.warning("HL053", &node.place(), message, both("the manual has it here", "手册把它列在这里"));
            more.rule(rule).help(said!("add \"{missing}\"", "请加上 \"{missing}\""));
        }
    }
    if let Some(first) = holder(tables, "gravity_first", findings).and_then(|table| table.flag("gravity_first", findings)) {
        priorities.gravity_first = first;
    }
    if let Some(first) = holder(tables, "product_first", findings).and_then(|table| table.flag("product_first", findings)) {
        priorities.product_first = first;
    }
    if let Some(at) = holder(tables, "urgent_impact", findings).and_then(|table| table.word("urgent_impact", &URGENT_IMPACT, findings)) {
        priorities.urgent_impact = at.value;
    }
    if let Some(at) = holder(tables, "ageing", findings).and_then(|table| table.duration("ageing", findings)) {
        if !at.value.is_zero() && !(SHORTEST_AGEING..=LONGEST_AGEING).contains(&at.value) {
            let message = said!("`ageing` of {} is out of range", "`ageing` 为 {:#}，超出范围", values::in_words(at.value));
            let label = said!(
                "0 s for never, or {} to {}",
                "0 秒表示从不，否则为 {:#}至 {:#}",
                values::in_words(SHORTEST_AGEING),
                values::in_words(LONGEST_AGEING)
            );
            findings.error("HL007", &at.place, message, label).rule("R38");
        }
        priorities.ageing = at.value;
    }
    priorities
}

/// R24: there is one order; it may be written down.
fn order(tables: &[Table<'_>], findings: &mut Findings) {
    let words: Vec<(&str, Priority)> = Priority::ALL.iter().map(|priority| (priority.word(), *priority)).collect();
    let Some(node) = holder(tables, "order", findings).and_then(|table| table.get("order")) else { return };
    let nodes = node.list(findings);
    let found: Vec<Priority> = nodes.iter().filter_map(|node| node.word(&words, findings)).map(|at| at.value).collect();
    if node.as_list().is_some() && found.len() == nodes.len() && found != Priority::ALL {
        let message = both("priorities in an order that the manual forbids", "优先级的次序违反手册");
        let label = both("must be urgent, important, ordinary", "必须是 urgent、important、ordinary");
        findings.error("HL183", &node.place(), message, label).rule("R24");
    }
}

pub(crate) fn assign(tables: &[Table<'_>], scope: &Scope<'_>, timers: &Timers, findings: &mut Findings) -> Assign {
    for table in tables {
        table.only(&ASSIGN, code("`[assign]`"), findings);
    }
    let mut assign = Assign::default();
    if let Some(node) = holder(tables, "tiers", findings).and_then(|table| table.get("tiers")) {
        assign.tiers = tiers(&node, timers, findings);
    }
    let node = |key: &str, findings: &mut Findings| holder(tables, key, findings).and_then(|table| table.get(key));
    let (keys, weights) = (node("keys", findings), node("weights", findings));
    assign.ranking = ranking::ranking(None, keys, weights, findings).unwrap_or_default();
    if let Some(table) = node("wait_for", findings).and_then(|node| node.table(findings)) {
        assign.wait_for = ranking::wait_for(&table, timers, findings);
    }
    if let Some(near) = holder(tables, "near", findings).and_then(|table| table.get("near")?.number(0..=1_000_000, findings)) {
        assign.near = near;
    }
    if let Some(table) = holder(tables, "levels", findings).and_then(|table| table.get("levels")?.table(findings)) {
        assign.levels = levels(&table, scope, findings);
    }
    if let Some(table) = holder(tables, "rona", findings).and_then(|table| table.get("rona")?.table(findings)) {
        assign.rona = rona(&table, findings);
    }
    if let Some(table) = holder(tables, "delays", findings).and_then(|table| table.get("delays")?.table(findings)) {
        table.only(&["busy", "rejected"], code("`assign.delays`"), findings);
        let Delays { busy, rejected } = assign.delays;
        assign.delays = Delays { busy: delay(&table, "busy", busy, findings), rejected: delay(&table, "rejected", rejected, findings) };
    }
    assign
}

fn rona(table: &Table<'_>, findings: &mut Findings) -> Rona {
    table.only(&["action", "strikes", "retry_after"], code("`assign.rona`"), findings);
    let rona = Rona::default();
    let strikes = table.get("strikes").and_then(|node| node.number(1..=5, findings)).and_then(|strikes| u8::try_from(strikes).ok());
    Rona {
        action: table.word("action", &RONA_ACTIONS, findings).map_or(rona.action, |at| at.value),
        strikes: strikes.unwrap_or(rona.strikes),
        retry_after: delay(table, "retry_after", rona.retry_after, findings),
    }
}

/// Without a delay the same phone would be tried again at once, without end.
fn delay(table: &Table<'_>, key: &str, default: Duration, findings: &mut Findings) -> Duration {
    let Some(delay) = table.duration(key, findings) else { return default };
    if !(SHORTEST_DELAY..=LONGEST_DELAY).contains(&delay.value) {
        let message = said!("`{key}` of {} is out of range", "`{key}` 为 {:#}，超出范围", values::in_words(delay.value));
        let label = said!("allowed are {} to {}", "允许 {:#}至 {:#}", values::in_words(SHORTEST_DELAY), values::in_words(LONGEST_DELAY));
        findings.error("HL045", &delay.place, message, label);
    }
    delay.value
}

/// R48: common problems to the front line, complex ones to the team, major ones to management, each by a skill.
fn levels(table: &Table<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Vec<(Class, Need)> {
    let known: Vec<&str> = Class::ALL.iter().map(|class| class.word()).collect();
    table.only(&known, code("`assign.levels`"), findings);
    let need = |class: &Class, findings: &mut Findings| Some((*class, scope.need(&table.get(class.word())?, findings)?));
    Class::ALL.iter().filter_map(|class| need(class, findings)).collect()
}

fn tiers(node: &Node<'_>, timers: &Timers, findings: &mut Findings) -> Vec<(Tier, Duration)> {
    let mut tiers: Vec<(Tier, Duration)> = Vec::new();
    let (mut seen, mut places) = (BTreeSet::new(), BTreeMap::new());
    let nodes = node.list(findings);
    if let Some(last) = nodes.last().and_then(Node::as_table).and_then(|table| table.get("hold")) {
        held_for_nobody(&last, findings);
    }
    held_together(&nodes, timers, findings);
    for node in nodes {
        let (word, hold) = match node.as_table() {
            Some(table) => {
                table.only(&["tier", "hold"], both("a tier", "层级"), findings);
                (table.need("tier", both("a tier", "层级"), findings), hold(&table, timers, findings))
            }
            None => (Some(node), Duration::ZERO),
        };
        let Some(tier) = word.and_then(|node| node.word(&TIERS, findings)) else { continue };
        let rank = TIERS.iter().position(|(_, known)| *known == tier.value).unwrap_or(0);
        let first = places.entry(rank).or_insert_with(|| tier.place.clone());
        if !seen.insert(rank) {
            findings
                .error("HL008", &tier.place, both("a tier that is named twice", "层级重复"), both("named before", "前面已写过"))
                .first(first)
                .help(both("remove it", "请删去"));
        } else if seen.iter().any(|before| *before > rank) {
            let rule = if tier.value == Tier::Internal && !seen.contains(&2) { "R39" } else { "R37" };
            let label = said!("`{}` comes too late", "`{}` 排得太后", TIERS[rank].0);
            let help = both("the order is internal-near, internal, external", "次序为 internal-near、internal、external");
            findings
                .error("HL050", &tier.place, both("tiers in an order that the manual forbids", "层级的次序违反手册"), label)
                .rule(rule)
                .help(help);
        }
        tiers.push((tier.value, hold));
    }
    if tiers.is_empty() {
        findings.error(
            "HL004",
            &node.place(),
            both("no tier of seats", "没有任何坐席层级"),
            both("no seat would ever get a call", "任何坐席都不会接到来电"),
        );
    }
    tiers
}

/// A hold is how long the tier behind it waits.
fn held_for_nobody(hold: &Node<'_>, findings: &mut Findings) {
    if hold.as_text().and_then(values::duration).is_none_or(|hold| hold.is_zero()) {
        return;
    }
    let message = both("a `hold` of the last tier holds up nobody", "最后一个层级的 `hold` 不起作用");
    let label = both("no tier comes behind it", "它后面没有层级");
    let help = both(
        "`hold` is how long the next tier waits: write it at the tier before, as in `{ tier = \"internal\", hold = \"10s\" }, \"external\"`",
        "`hold` 是下一级要等多久：请写在上一级，如 `{ tier = \"internal\", hold = \"10s\" }, \"external\"`",
    );
    findings.warning("HL271", &hold.place(), message, label).rule("R37").help(help);
}

/// R5: what a tier may wait for better ones, so that two rings fit into what is left of the answer time.
fn longest_hold(timers: &Timers) -> Duration {
    timers.answer.saturating_sub(timers.ring_per_offer * 2)
}

/// R5: a tier waits for the holds of all tiers before it, one after the other. One that is too long by itself is told of as such.
fn held_together(nodes: &[Node<'_>], timers: &Timers, findings: &mut Findings) {
    let most = longest_hold(timers);
    let mut sum = Duration::ZERO;
    for node in nodes.iter().take(nodes.len().saturating_sub(1)) {
        let Some(node) = node.as_table().and_then(|table| table.get("hold")) else { continue };
        let Some(hold) = node.as_text().and_then(values::duration).filter(|hold| *hold <= most) else { continue };
        sum = sum.saturating_add(hold);
        if sum > most {
            let in_all = values::in_words(sum);
            let message =
                said!("holds of {in_all} in all leave no time for two rings", "各级 `hold` 合计 {in_all:#}，剩余时间不够两次振铃");
            let label = said!(
                "at most {} together (answer - 2 x ring_per_offer)",
                "合计最多 {:#}（answer - 2 x ring_per_offer）",
                values::in_words(most)
            );
            let help = both("the tier behind waits for the holds of all before it", "后面的层级要等完前面各级的 `hold`");
            findings.error("HL046", &node.place(), message, label).rule("R5").help(help);
            return;
        }
    }
}

fn hold(table: &Table<'_>, timers: &Timers, findings: &mut Findings) -> Duration {
    let Some(hold) = table.duration("hold", findings) else { return Duration::ZERO };
    let most = longest_hold(timers);
    if hold.value > most {
        let message =
            said!("a hold of {} leaves no time for two rings", "`hold` 为 {:#}，剩余时间不够两次振铃", values::in_words(hold.value));
        let label = said!("at most {} (answer - 2 x ring_per_offer)", "最多 {:#}（answer - 2 x ring_per_offer）", values::in_words(most));
        findings.error("HL046", &hold.place, message, label).rule("R5");
    }
    hold.value
}
