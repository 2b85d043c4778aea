//! `[queue.reserve]`: seats that serve a queue only while it is crowded.

use crate::finding::Findings;
use crate::queues::seats;
use crate::read::Table;
use crate::scope::Scope;
use crate::{Expression, Reserve, values};
use std::time::Duration;

/// Shortest and longest wait of a queue's longest call that a reserve may ask for.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(3_600);

pub(crate) fn reserve(table: &Table<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Option<Reserve> {
    let table = table.get("reserve")?.table(findings)?;
    table.only(&["requires", "seats", "waiting", "longest"], "a reserve", findings);
    match (table.get("requires"), table.get("seats")) {
        (None, None) => {
            let help = "`requires = \"reserve >= 1\"`, or `seats = [...]`";
            findings.error("HL004", &table.place(), "a reserve without seats", "who is in it?").help(help);
        }
        (Some(_), Some(seats)) => {
            let help = "keep `seats`, or `requires`";
            findings.error("HL005", &seats.place(), "a reserve with both `requires` and `seats`", "one of them is enough").help(help);
        }
        (Some(_), None) | (None, Some(_)) => {}
    }
    if let Some(node) = table.get("seats").filter(|node| node.as_list().is_some_and(|list| list.is_empty())) {
        findings.error("HL005", &node.place(), "a reserve without seats", "names none").help("name a seat, or remove the reserve");
    }
    if table.get("waiting").is_none() && table.get("longest").is_none() {
        let help = "`waiting = 5`: so many calls wait; `longest = \"40s\"`: one has waited so long; with both, either";
        findings.error("HL004", &table.place(), "a reserve that never serves", "when does it serve?").help(help);
    }
    Some(Reserve {
        requires: table.get("requires").map_or(Expression::Anyone, |node| scope.expression(&node, findings)),
        seats: seats(&table, scope, findings),
        waiting: table.get("waiting").and_then(|node| node.number(1..=100_000, findings)).unwrap_or(0),
        longest: longest(&table, findings),
    })
}

fn longest(table: &Table<'_>, findings: &mut Findings) -> Duration {
    let Some(longest) = table.duration("longest", findings) else { return Duration::ZERO };
    if !(SHORTEST..=LONGEST).contains(&longest.value) {
        let message = format!("`longest` of {} is out of range", values::in_words(longest.value));
        let label = format!("allowed are {} to {}", values::in_words(SHORTEST), values::in_words(LONGEST));
        findings.error("HL007", &longest.place, message, label);
    }
    longest.value
}
