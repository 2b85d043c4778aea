//! `hours`, `closed`, `closing` and `nobody` of a queue: what becomes of its callers when nobody serves them.

use crate::finding::{Findings, Place};
use crate::menus::{check_hours, go};
use crate::read::Table;
use crate::said::{both, code, said};
use crate::scope::{Link, Notes, Scope, Via};
use crate::speech::say;
use crate::way_out::{At, Ends};
use crate::{Branch, CalendarId, Changes, Closing, Go, Nobody, Queue, values};
use hotline_model::QueueId;
use std::collections::BTreeMap;
use std::time::Duration;

/// Longest time that a call stays where nobody could serve it.
const LONGEST_AFTER: Duration = Duration::from_secs(3_600);
const CLOSINGS: [(&str, Closing); 2] = [("serve", Closing::Serve), ("leave", Closing::Leave)];
const WAYS: [&str; 11] = ["say", "menu", "queue", "voicemail", "goodbye", "number", "person", "department", "trunk", "for", "otherwise"];

/// A queue's hours, and what is done outside them.
pub(crate) fn hours(
    table: &Table<'_>,
    scope: &Scope<'_>,
    ends: Ends<'_>,
    notes: &mut Notes,
    findings: &mut Findings,
) -> (Option<CalendarId>, Option<Branch>, Closing) {
    let hours = table.get("hours").and_then(|node| scope.calendar(&node, findings));
    let closed = table.get("closed").and_then(|node| node.table(findings));
    match (table.get("hours"), &closed) {
        (Some(node), None) if table.get("closed").is_none() => {
            let help = both(
                "`closed = { say = [...], goodbye = true }`, or a `queue` or `menu` instead of `goodbye`",
                "`closed = { say = [...], goodbye = true }`，或以 `queue`、`menu` 代替 `goodbye`",
            );
            findings
                .error(
                    "HL004",
                    &node.place(),
                    both("hours without `closed`", "有 `hours` 而没有 `closed`"),
                    both("what do callers do outside them?", "服务时间之外的客户怎么办？"),
                )
                .help(help);
        }
        (None, Some(closed)) => {
            findings
                .error(
                    "HL004",
                    &closed.place(),
                    both("`closed` without `hours`", "有 `closed` 而没有 `hours`"),
                    both("it never closes", "它从不下班"),
                )
                .help(both("`hours = \"a calendar\"`", "`hours = \"日历名\"`"));
        }
        (Some(_) | None, Some(_) | None) => {}
    }
    let closing = table.word("closing", &CLOSINGS, findings);
    if let (Some(closing), None) = (&closing, table.get("hours")) {
        findings
            .error(
                "HL004",
                &closing.place,
                both("`closing` without `hours`", "有 `closing` 而没有 `hours`"),
                both("it never closes", "它从不下班"),
            )
            .help(both("`hours = \"a calendar\"`", "`hours = \"日历名\"`"));
    }
    let branch = closed.map(|closed| {
        closed.only(&WAYS, code("`closed`"), findings);
        let branch = branch(&closed, scope, ends, notes, findings);
        if let (Some(hours), Some(node)) = (hours, closed.get("say")) {
            check_hours(&branch.say, hours, &node.place(), findings);
        }
        branch
    });
    (hours, branch, closing.map_or(Closing::Serve, |at| at.value))
}

/// What a call does that nobody could ever serve.
pub(crate) fn nobody(table: &Table<'_>, scope: &Scope<'_>, ends: Ends<'_>, notes: &mut Notes, findings: &mut Findings) -> Option<Nobody> {
    let table = table.get("nobody")?.table(findings)?;
    table.only(&[&["after"], WAYS.as_slice()].concat(), code("`nobody`"), findings);
    let after = table.duration("after", findings);
    if let Some(at) = after.as_ref().filter(|at| at.value > LONGEST_AFTER) {
        let message = said!("`after` of {} is out of range", "`after` 为 {:#}，超出范围", values::in_words(at.value));
        findings.error("HL007", &at.place, message, said!("at most {}", "最多 {:#}", values::in_words(LONGEST_AFTER)));
    }
    Some(Nobody { after: after.map_or(Duration::ZERO, |at| at.value), go: branch(&table, scope, ends, notes, findings) })
}

pub(crate) fn branch(table: &Table<'_>, scope: &Scope<'_>, ends: Ends<'_>, notes: &mut Notes, findings: &mut Findings) -> Branch {
    let said = say(scope, table, "say", None, notes, findings);
    let found = go(scope, ends, &At { table, from: None, via: Via::Queue }, notes, findings);
    if let (Some(Go::Menu(_)), Some(node)) = (found.as_ref().map(|found| found.go), table.get("say")) {
        findings
            .error(
                "HL023",
                &node.place(),
                both("words before a menu, which speaks at once", "转菜单之前的播报：菜单会立即开始播报"),
                both("not heard", "听不到"),
            )
            .help(both("let the menu say it", "请由菜单播报"));
    }
    if let Some(found) = &found {
        let (go, place) = (found.go, found.place.clone());
        notes.links.push(Link {
            from: None,
            via: Via::Queue,
            go,
            place,
            set: Changes::default(),
            set_at: BTreeMap::new(),
            doubtful: false,
        });
    }
    Branch { set: Changes::default(), say: said, go: found.map_or(Go::Goodbye, |found| found.go) }
}

/// A circle of both: queues that are closed lead to queues where nobody is, and back. Whoever comes at such an hour goes round it.
pub(crate) fn mixed_circle(queues: &[Queue], from: QueueId, place: &Place, findings: &mut Findings) {
    let leads = |queue: &QueueId| {
        let queue = queues.get(queue.index());
        let branches = queue.into_iter().flat_map(|queue| queue.closed.iter().chain(queue.nobody.as_ref().map(|nobody| &nobody.go)));
        branches.filter_map(next_queue).collect::<Vec<_>>()
    };
    let (mut seen, mut next) = (std::collections::BTreeSet::new(), leads(&from));
    while let Some(queue) = next.pop() {
        if queue == from {
            let message = both("`closed` and `nobody` of queues that lead to each other", "排队的 `closed` 与 `nobody` 互相转来转去");
            let help = both(
                "a caller for whom both hold at once goes round: lead one of them to a menu or a goodbye",
                "两者同时成立的客户会一直兜圈子；请让其中一个转菜单或告别",
            );
            findings.warning("HL117", place, message, both("a circle", "循环")).help(help);
            return;
        }
        if seen.insert(queue) {
            next.extend(leads(&queue));
        }
    }
}

fn next_queue(branch: &Branch) -> Option<QueueId> {
    match branch.go {
        Go::Queue(queue) | Go::Callback(queue) => Some(queue),
        Go::Menu(_) | Go::Again | Go::Goodbye | Go::HangUp | Go::Out(_) | Go::Voicemail(_) => None,
    }
}

/// Branches from queue to queue are followed at once: a circle of them would lead nowhere.
pub(crate) fn circle(queues: &[Queue], from: QueueId, place: &Place, of: fn(&Queue) -> Option<&Branch>, findings: &mut Findings) -> bool {
    let next = |queue: &QueueId| next_queue(of(queues.get(queue.index())?)?);
    let round = std::iter::successors(next(&from), next).take(queues.len()).any(|queue| queue == from);
    if round {
        let message = both("a queue whose callers are led back to it", "该排队的客户又被转回该排队");
        findings
            .error("HL024", place, message, both("a circle", "循环"))
            .help(both("lead one of the queues to a menu or a goodbye", "请让其中一个排队转菜单或告别"));
    }
    round
}
