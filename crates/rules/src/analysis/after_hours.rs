//! Complaints are taken at any hour (R17): whether there is a way in for them while a calendar is closed.

use super::Rules;
use super::ways::covers;
use crate::declare::Item;
use crate::finding::{Findings, Place};
use crate::said::{both, said};
use crate::{Branch, CalendarId, Gate, Go, When};
use hotline_model::Kind;
use std::collections::BTreeSet;

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    for (item, number) in rules.declared.numbers.iter().zip(&rules.plan.numbers) {
        let kind = number.entry.set.kind;
        gates(rules, item, &number.gates, kind, findings);
    }
    for (item, menu) in rules.declared.menus.iter().zip(&rules.plan.menus) {
        gates(rules, item, &menu.gates, None, findings);
    }
}

fn gates(rules: &Rules<'_>, item: &Item<'_>, gates: &[Gate], kind: Option<Kind>, findings: &mut Findings) {
    for (place, gate) in gates.iter().enumerate() {
        let When::Closed(calendar) = gate.when else { continue };
        if gates[..place].iter().any(|before| hides(rules, before, calendar)) {
            continue;
        }
        // Who complains already passes such a gate.
        if !rules.plan.calendar(calendar).complaints_24h || kind == Some(Kind::Complaint) || takes_complaints(rules, calendar, gate) {
            continue;
        }
        let place =
            item.table.get("closed").or_else(|| item.table.get("gate")).map_or_else(|| item.name.place.clone(), |node| node.place());
        tell(rules, calendar, &place, findings);
    }
}

/// Whether a gate is taken whenever a calendar is closed, so that none behind it is.
fn hides(rules: &Rules<'_>, gate: &Gate, calendar: CalendarId) -> bool {
    let When::Closed(earlier) = gate.when else { return false };
    covers(rules.plan.calendar(earlier), rules.plan.calendar(calendar))
}

fn tell(rules: &Rules<'_>, calendar: CalendarId, place: &Place, findings: &mut Findings) {
    let name = &rules.plan.calendar(calendar).name;
    let message = said!("no complaint gets in while `{name}` is closed", "`{name}` 关闭期间无法受理投诉");
    let label = both("from here no way leads to a queue", "从这里到不了任何排队");
    let help = said!(
        "lead a key of the menu behind it to a queue with `kind = \"complaint\"`, or write `complaints_24h = false` in `[calendar.{name}]`",
        "请在其后的菜单里用一个按键转入排队并写 `kind = \"complaint\"`，或在 `[calendar.{name}]` 里写 `complaints_24h = false`"
    );
    findings.warning("HL230", place, message, label).rule("R17").help(help);
}

/// Whether some way behind a gate ends where somebody sees to it.
fn takes_complaints(rules: &Rules<'_>, calendar: CalendarId, gate: &Gate) -> bool {
    let (mut menus, mut queues, mut next) = (BTreeSet::new(), BTreeSet::new(), vec![step(&gate.go, false)]);
    while let Some((go, complains)) = next.pop() {
        if let Go::Menu(id) = go {
            let Some(menu) = rules.plan.menus.get(usize::from(id.0)).filter(|_| menus.insert((id.0, complains))) else { continue };
            let done = menu.collect.iter().map(|collect| &collect.done);
            let gated = menu.gates.iter().map(|gate| &gate.go);
            next.extend(menu.keys.values().chain(done).chain(gated).chain([&menu.failed]).map(|branch| step(branch, complains)));
        } else if let Go::Queue(id) | Go::Callback(id) = go {
            let queue = rules.plan.queue(id);
            match &queue.closed {
                Some(branch) if queue.hours == Some(calendar) && !complains => {
                    next.extend(queues.insert(id).then(|| step(branch, complains)));
                }
                Some(_) | None => return true,
            }
        } else if !matches!(go, Go::Again | Go::Goodbye | Go::HangUp) {
            return true;
        }
    }
    false
}

fn step(branch: &Branch, complains: bool) -> (Go, bool) {
    (branch.go, branch.set.kind.map_or(complains, |kind| kind == Kind::Complaint))
}
