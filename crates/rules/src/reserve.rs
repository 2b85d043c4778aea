//! `[queue.reserve]`: seats that serve a queue only while it is crowded.

use crate::finding::Findings;
use crate::queues::seats;
use crate::read::Table;
use crate::said::{both, said};
use crate::scope::Scope;
use crate::{Expression, Reserve, values};
use std::time::Duration;

/// Shortest and longest wait of a queue's longest call that a reserve may ask for.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(3_600);

pub(crate) fn reserve(table: &Table<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Option<Reserve> {
    let table = table.get("reserve")?.table(findings)?;
    table.only(&["requires", "seats", "waiting", "longest"], both("a reserve", "后备"), findings);
    match (table.get("requires"), table.get("seats")) {
        (None, None) => {
            let help = both("`requires = \"reserve >= 1\"`, or `seats = [...]`", "`requires = \"reserve >= 1\"`，或 `seats = [...]`");
            findings
                .error("HL004", &table.place(), both("a reserve without seats", "后备没有坐席"), both("who is in it?", "包括谁？"))
                .help(help);
        }
        (Some(_), Some(seats)) => {
            let help = both("keep `seats`, or `requires`", "请保留 `seats` 或 `requires`");
            findings
                .error(
                    "HL005",
                    &seats.place(),
                    both("a reserve with both `requires` and `seats`", "后备同时写了 `requires` 和 `seats`"),
                    both("one of them is enough", "一个就够"),
                )
                .help(help);
        }
        (Some(_), None) | (None, Some(_)) => {}
    }
    if let Some(node) = table.get("seats").filter(|node| node.as_list().is_some_and(|list| list.is_empty())) {
        findings
            .error("HL005", &node.place(), both("a reserve without seats", "后备没有坐席"), both("names none", "一个也没写"))
            .help(both("name a seat, or remove the reserve", "请写明坐席，或删去后备"));
    }
    if table.get("waiting").is_none() && table.get("longest").is_none() {
        let help = both(
            "`waiting = 5`: so many calls wait; `longest = \"40s\"`: one has waited so long; with both, either",
            "`waiting = 5`：等待的来电达到这么多；`longest = \"40s\"`：最久的已等这么久；两者都写则任一成立即可",
        );
        findings
            .error(
                "HL004",
                &table.place(),
                both("a reserve that never serves", "后备永远不接听"),
                both("when does it serve?", "何时接听？"),
            )
            .help(help);
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
        let message = said!("`longest` of {} is out of range", "`longest` 为 {:#}，超出范围", values::in_words(longest.value));
        let label = said!("allowed are {} to {}", "允许 {:#}至 {:#}", values::in_words(SHORTEST), values::in_words(LONGEST));
        findings.error("HL007", &longest.place, message, label);
    }
    longest.value
}
