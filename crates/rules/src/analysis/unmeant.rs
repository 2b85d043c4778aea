//! Who may work when and where, if nobody has said so; keys that wait for another; menus without a word.

use super::Rules;
use super::conditions::{condition, not};
use super::names::branches;
use super::possible::possible;
use crate::finding::{Findings, Place};
use crate::read::Node;
use crate::region_lists::Never;
use crate::said::{both, said};
use crate::{Branch, Go, Menu, Predicate};

const ACCESS: [&str; 3] = ["shifts", "networks", "devices"];

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    access(rules, findings);
    area_codes(rules, findings);
    announcements(rules, findings);
    menus(rules, findings);
}

/// R138: what is left out is not checked. That is told where people move between telephones, and where a part was written.
fn access(rules: &Rules<'_>, findings: &mut Findings) {
    let tables = &rules.declared.access;
    let says_nothing = |node: Node<'_>| node.as_list().is_some_and(|list| list.is_empty());
    let missing = ACCESS.into_iter().filter(|key| tables.iter().all(|table| table.get(key).is_none_or(says_nothing)));
    let missing: Vec<&str> = missing.collect();
    if missing.is_empty() {
        return;
    }
    let Some(place) = tables.first().map(|table| table.place()).or_else(|| hot_desk(rules)) else { return };
    let all = missing.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>();
    let (en, zh) = (all.join(", "), all.join("、"));
    let message = said!(
        "nothing checks when, from where or at which telephones people work: no {en}",
        "没有检查何时何地、在哪些话机上工作：没有写 {zh}"
    );
    let label = both("what is left out of `[access]` is not checked", "`[access]` 没写的不检查");
    let help = both(
        "write it in `[access]`; if it is meant so, `# noqa: HL272` at the end of this line",
        "请写在 `[access]` 里；如有意如此，在该行末尾写 `# noqa: HL272`",
    );
    let message = if missing.len() == ACCESS.len() {
        both("nothing says when, from where and at which telephones people work", "没有写何时、从哪些网段、在哪些话机上可以工作")
    } else {
        message
    };
    findings.warning("HL272", &place, message, label).rule("R138").help(help);
}

/// The first telephone of nobody, if there are people who may sign in at it.
fn hot_desk(rules: &Rules<'_>) -> Option<Place> {
    let people = rules.plan.seats.iter().any(|seat| !seat.retired && seat.desk.pin.is_some());
    rules.declared.phones.first().filter(|_| people).map(|item| item.name.place.clone())
}

/// R39: codes that no number begins with.
fn area_codes(rules: &Rules<'_>, findings: &mut Findings) {
    let nodes = rules.declared.regions.iter().filter_map(|item| item.table.get("area_codes")?.as_list()).flatten();
    for node in nodes {
        let Some((code, never)) = node.as_text().and_then(|code| Some((code, Never::of(code, &rules.plan.numbering)?))) else { continue };
        never.tell(&both("area code", "区号"), code, &node.place(), findings);
    }
}

/// How often something is said, and nothing to say.
fn announcements(rules: &Rules<'_>, findings: &mut Findings) {
    for (id, item) in rules.queues() {
        let Some(node) = item.table.get("announce_every").filter(|_| rules.plan.queue(id).announce.is_empty()) else { continue };
        let name = &item.name.value;
        let message = said!("queue `{name}` announces nothing again and again", "排队 `{name}` 没有要重复播报的内容");
        let help = both(
            "write what is said: `announce = [\"please-wait\"]`, or remove it",
            "请写播报内容：`announce = [\"please-wait\"]`，或删去它",
        );
        findings.warning("HL274", &node.place(), message, both("there is no `announce`", "没有写 `announce`")).help(help);
    }
}

/// Menus that wait for keys and say nothing, where what led there said nothing either.
fn menus(rules: &Rules<'_>, findings: &mut Findings) {
    for ((place, item), menu) in rules.declared.menus.iter().enumerate().zip(&rules.plan.menus) {
        let leads_here = |branch: &&Branch| matches!(branch.go, Go::Menu(to) if usize::from(to.0) == place);
        let silent = branches(rules.plan).filter(leads_here).any(|branch| branch.say.is_empty());
        if !silent || item.table.get("say").is_some() || never_waits(rules, menu) {
            continue;
        }
        let message = said!("menu `{}` says nothing", "菜单 `{}` 什么也不播", item.name.value);
        let label = both("callers have to guess its keys", "来电者只能猜按键");
        findings
            .warning("HL310", &item.name.place, message, label)
            .help(both("say which key does what: `say = [...]`", "请播报按键的作用：`say = [...]`"));
    }
}

/// Whether one of its gates is always taken.
fn never_waits(rules: &Rules<'_>, menu: &Menu) -> bool {
    let none = menu.gates.iter().map(|gate| not(condition(gate))).collect();
    possible(rules.plan, &Predicate::All(none)) == Some(false)
}
