//! `number`, `person` and `department` as ways of menus, numbers and queues: where they lead, how long somebody outside rings, and where the
//! call goes on if nobody answers there.

use crate::finding::{Findings, Place};
use crate::menus::go;
use crate::outside::{Outsiders, number, outside, trunks};
use crate::read::{Node, Table};
use crate::said::{both, code, said};
use crate::scope::{Link, Notes, Scope, Via, small};
use crate::speech::say;
use crate::{Branch, Callee, Changes, Go, Outside, Plan, Receiver, Route, Timers, Transfer, WayOut, WayOutId, values};
use hotline_model::{Name, QueueId, SeatId, Target};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// The ways that lead to somebody by name or number.
pub(crate) const WAYS: [&str; 3] = ["number", "person", "department"];
/// What may stand beside them.
pub(crate) const BESIDE: [&str; 3] = ["trunk", "for", "otherwise"];
const OTHERWISE: [&str; 6] = ["say", "menu", "queue", "callback", "voicemail", "goodbye"];
/// A ring outside without a time of its own: it leaves the queue behind it something of the answer time (R5).
const RINGS: Duration = Duration::from_secs(20);
/// Shortest ring outside that anybody can answer.
const SHORTEST: Duration = Duration::from_secs(5);
/// Most ways outside.
const MOST: usize = 10_000;

/// Who there is besides menus and queues.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends<'r> {
    pub(crate) known: &'r Outsiders,
    pub(crate) transfer: &'r Transfer,
    pub(crate) timers: &'r Timers,
}

/// Where a branch leads.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) go: Go,
    pub(crate) place: Place,
    /// The seats that a person or a department has, of which one is offered the call first.
    pub(crate) seats: Vec<SeatId>,
    /// That person or department.
    pub(crate) whose: Option<Target>,
}

/// A way of the files outside.
#[derive(Debug)]
pub(crate) struct Noted {
    pub(crate) way: WayOut,
    pub(crate) place: Place,
}

/// A branch and where it stands.
pub(crate) struct At<'t, 'a> {
    pub(crate) table: &'t Table<'a>,
    pub(crate) from: Option<usize>,
    pub(crate) via: Via,
}

/// Reads `number`, `person` or `department`, whichever `key` is.
pub(crate) fn way(
    scope: &Scope<'_>,
    ends: Ends<'_>,
    at: &At<'_, '_>,
    (key, node): (&str, &Node<'_>),
    notes: &mut Notes,
    findings: &mut Findings,
) -> Option<Found> {
    let table = at.table;
    let (name, route) = match key {
        "number" => {
            let number = number(node, ends.known, findings)?;
            let name = Name::from(number.digits());
            (name, Route::Number(number, trunks(table, ends.known, scope, findings)))
        }
        "person" => receiver(node, &scope.persons, &ends.transfer.persons, findings)?,
        _ => receiver(node, &scope.departments, &ends.transfer.departments, findings)?,
    };
    if key != "number" {
        let what = both("whoever is named has its own", "其自身的定义已写明");
        refuse(table, "trunk", what, findings);
    }
    let whose = match key {
        "number" => None,
        "person" => Some(Target::Person(name.clone())),
        _ => Some(Target::Department(name.clone())),
    };
    let found = |go, seats| Some(Found { go, place: node.place(), seats, whose });
    match route {
        Route::Queue(queue) => {
            let what = both("callers wait in its queue, which has its own ways on", "客户在它的排队里等，去向由该排队决定");
            refuse(table, "for", what.clone(), findings);
            refuse(table, "otherwise", what, findings);
            found(Go::Queue(queue), Vec::new())
        }
        Route::Seat(seat) => found(Go::Queue(seats_queue(scope, at, node, findings)?), vec![seat]),
        Route::Seats(seats) => found(Go::Queue(seats_queue(scope, at, node, findings)?), seats),
        // Trunks that are not known were told of.
        Route::Number(_, trunks) if trunks.is_empty() && named_some(table) => None,
        Route::Number(number, trunks) => {
            let to = Arc::new(outside(name, Callee::Number(number), trunks, &node.place(), findings)?);
            found(Go::Out(way_out(scope, ends, at, node, to, notes, findings)?), Vec::new())
        }
    }
}

fn named_some(table: &Table<'_>) -> bool {
    table.get("trunk").is_some_and(|node| node.as_list().is_none_or(|list| !list.is_empty()))
}

fn receiver(node: &Node<'_>, names: &crate::names::Names, all: &[Receiver], findings: &mut Findings) -> Option<(Name, Route)> {
    let text = node.text(findings)?;
    names.find(text.value, &text.place, findings)?;
    // One that is declared and can't be read was told of where it stands.
    all.iter().find(|one| *one.name == *text.value).map(|one| (one.name.clone(), one.route.clone()))
}

/// A key that this way does not ask for.
pub(crate) fn refuse(table: &Table<'_>, key: &str, why: crate::Said, findings: &mut Findings) {
    if let Some(node) = table.get(key) {
        let message = said!("`{key}` does nothing here", "`{key}` 在这里不起作用");
        findings.error("HL206", &node.place(), message, why).help(both("remove it", "请删去"));
    }
}

/// The queue in which a call waits for the seats of a person or a department, and for others if those do not take it.
fn seats_queue(scope: &Scope<'_>, at: &At<'_, '_>, node: &Node<'_>, findings: &mut Findings) -> Option<QueueId> {
    let whoever = node.as_text().unwrap_or_default();
    if matches!(at.via, Via::Queue) {
        let message = said!(
            "`{whoever}` is at a seat, which serves no queue that is closed or empty",
            "`{whoever}` 在坐席上，无法替代无人服务的排队"
        );
        let help = both("name a `queue`, or somebody who has a `number`", "请写 `queue`，或写有 `number` 的责任人");
        findings.error("HL205", &node.place(), message, both("a queue is needed", "需要一个排队")).help(help);
        return None;
    }
    let why = both("who waits for a seat waits as long as `assign.wait_for.owner` says", "等待坐席的时长由 `assign.wait_for.owner` 决定");
    refuse(at.table, "for", why, findings);
    let Some(table) = at.table.get("otherwise").and_then(|node| node.table(findings)) else {
        let help = both(
            "add `otherwise = { queue = \"...\" }`: at a seat only a queue can follow",
            "请加 `otherwise = { queue = \"...\" }`：坐席后面只能是排队",
        );
        return missing(node, help, findings);
    };
    let queue = table.get("queue").filter(|_| table.entries().len() == 1);
    let Some(queue) = queue else {
        let message = said!("`{whoever}` is at a seat, and nothing but a queue can follow", "`{whoever}` 在坐席上，后面只能是排队");
        let label = both("the call waits for the seat in a queue", "来电须在某个排队里等这个坐席");
        findings
            .error("HL205", &table.place(), message, label)
            .help(both("`otherwise = { queue = \"...\" }`", "`otherwise = { queue = \"...\" }`"));
        return None;
    };
    scope.queues.find(queue.text(findings)?.value, &queue.place(), findings).map(|id| QueueId(small(id)))
}

fn missing<T>(node: &Node<'_>, help: crate::Said, findings: &mut Findings) -> Option<T> {
    let message = both("a way to somebody who may not answer, and no way on", "对方可能无人接听，却没有写后续去向");
    let label = both("where does the call go then?", "那时来电去哪里？");
    findings.error("HL205", &node.place(), message, label).help(help);
    None
}

fn way_out(
    scope: &Scope<'_>,
    ends: Ends<'_>,
    at: &At<'_, '_>,
    node: &Node<'_>,
    to: Arc<Outside>,
    notes: &mut Notes,
    findings: &mut Findings,
) -> Option<WayOutId> {
    let rings = rings(at.table, ends.timers, findings);
    let Some(table) = at.table.get("otherwise") else {
        let help = both(
            "add `otherwise = { queue = \"...\" }`, or a `menu` or `goodbye = true` in it",
            "请加 `otherwise = { queue = \"...\" }`，也可写 `menu` 或 `goodbye = true`",
        );
        return missing(node, help, findings);
    };
    let table = table.table(findings)?;
    table.only(&OTHERWISE, code("`otherwise`"), findings);
    let say = say(scope, &table, "say", None, notes, findings);
    let on = At { table: &table, from: at.from, via: Via::Otherwise };
    let found = go(scope, ends, &on, notes, findings)?;
    if let (Go::Menu(_), Some(node)) = (found.go, table.get("say")) {
        let message = both("words before a menu, which speaks at once", "转菜单之前的播报：菜单会立即开始播报");
        findings.error("HL023", &node.place(), message, both("not heard", "听不到")).help(both("let the menu say it", "请由菜单播报"));
    }
    notes.links.push(Link {
        from: at.from,
        via: Via::Otherwise,
        go: found.go,
        place: found.place,
        set: Changes::default(),
        set_at: BTreeMap::new(),
        doubtful: false,
    });
    if notes.ways_out.len() >= MOST {
        let message = said!("more than {MOST} ways outside", "通向外部的分支超过 {MOST} 个");
        findings.error("HL009", &node.place(), message, both("one too many", "多出的一个"));
        return None;
    }
    let id = WayOutId(small(notes.ways_out.len()));
    let otherwise = Branch { set: Changes::default(), say, go: found.go };
    notes.ways_out.push(Noted { way: WayOut { to, rings, otherwise }, place: node.place() });
    Some(id)
}

/// R5: what somebody outside may take of the answer time.
fn rings(table: &Table<'_>, timers: &Timers, findings: &mut Findings) -> Duration {
    let Some(rings) = table.duration("for", findings) else { return RINGS.min(timers.answer) };
    if rings.value < SHORTEST || rings.value > timers.answer {
        let message = said!("a ring outside of {} is out of range", "外部振铃 {:#}，超出范围", values::in_words(rings.value));
        let most = values::in_words(timers.answer);
        let label = said!("at least 5 s and at most {most} (`answer`)", "至少 5 秒，最多 {most:#}（`answer`）");
        let help = both(
            "who waits longer for a person than that is late; shorten it, `otherwise` goes on from there",
            "超过它就是人工接听超时；请缩短，之后走 `otherwise`",
        );
        findings.error("HL209", &rings.place, message, label).rule("R5").help(help);
    }
    rings.value
}

/// Numbers of our own, and ways that lead back to themselves without the caller doing anything.
pub(crate) fn check(plan: &Plan, notes: &Notes, findings: &mut Findings) {
    if findings.has_errors() {
        return;
    }
    for (id, noted) in notes.ways_out.iter().enumerate() {
        // A person's number is looked at where the person is declared.
        if let Callee::Number(number) = &noted.way.to.callee
            && *noted.way.to.name == *number.digits()
            && !plan.may_dial(number)
        {
            let message = said!("`{}` leads back to the hotline", "`{}` 又打回本热线", noted.way.to.name);
            let help = both(
                "a number of ours, or one from which a trunk calls, is never dialled; name another",
                "热线自己的号码以及中继的主叫号码一律不外拨；请换一个",
            );
            findings.error("HL092", &noted.place, message, both("one of our own numbers", "是本热线自己的号码")).help(help);
        } else if leads_back(plan, WayOutId(small(id))) {
            let message = said!(
                "who does not get through to `{}` may be led there again at once",
                "打不通 `{}` 的客户可能马上又被转到那里",
                noted.way.to.name
            );
            let help = both(
                "lead `otherwise` to a queue that is not closed this way, or to a goodbye",
                "请让 `otherwise` 通向不会这样关闭的排队，或告别",
            );
            findings.error("HL208", &noted.place, message, both("a circle", "循环")).help(help);
        }
    }
}

/// What is followed without the caller doing anything: `otherwise`, gates of menus, `closed` and `nobody` of queues.
fn leads_back(plan: &Plan, way: WayOutId) -> bool {
    let (mut menus, mut queues, mut ways) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut next = vec![plan.way_out(way).otherwise.go];
    while let Some(go) = next.pop() {
        match go {
            Go::Out(id) if id == way => return true,
            Go::Out(id) if ways.insert(id) => next.push(plan.way_out(id).otherwise.go),
            Go::Menu(id) if menus.insert(usize::from(id.0)) => next.extend(plan.menu(id).gates.iter().map(|gate| gate.go.go)),
            Go::Queue(id) | Go::Callback(id) if queues.insert(id) => {
                let queue = plan.queue(id);
                let branches = queue.closed.iter().chain(queue.nobody.iter().map(|nobody| &nobody.go));
                next.extend(branches.map(|branch| branch.go));
            }
            Go::Out(_) | Go::Menu(_) | Go::Queue(_) | Go::Callback(_) | Go::Voicemail(_) | Go::Again | Go::Goodbye | Go::HangUp => {}
        }
    }
    false
}
