use crate::callback::callback;
use crate::closing;
use crate::declare::Item;
use crate::finding::Findings;
use crate::menus::priority;
use crate::outside::overflow;
use crate::people::wrap_up;
use crate::read::Table;
use crate::reserve::reserve;
use crate::said::{both, said};
use crate::scope::{Notes, Scope, small};
use crate::speech::{prompt, renumber, say};
use crate::steps::steps;
use crate::way_out::Ends;
use crate::{Branch, CalendarId, Outward, Plan, Queue, Timers, ranking, values};
use hotline_model::{QueueId, SeatId};
use std::time::Duration;

/// Waiting calls of a queue without a limit of its own.
const DEFAULT_LIMIT: u32 = 1_000;
/// Shortest waiting time that a queue may aim at.
const SHORTEST_TARGET: Duration = Duration::from_secs(1);
/// Shortest time between two announcements.
const SHORTEST_ANNOUNCE: Duration = Duration::from_secs(10);
/// Longest time that the place of a caller who broke off is kept.
const LONGEST_RESUME: Duration = Duration::from_secs(600);
const KEYS: [&str; 27] = [
    "name",
    "group",
    "step",
    "seats",
    "reserve",
    "priority",
    "target",
    "weight",
    "wrap_up",
    "limit",
    "callback",
    "overflow",
    "resume",
    "hours",
    "closed",
    "closing",
    "nobody",
    "say",
    "breach",
    "announce",
    "announce_every",
    "direct",
    "whisper",
    "order",
    "keys",
    "weights",
    "extension",
];

pub(crate) fn queues(
    items: &[Item<'_>],
    ends: Ends<'_>,
    scope: &Scope<'_>,
    previous: Option<&Plan>,
    notes: &mut Notes,
    findings: &mut Findings,
) -> Vec<Queue> {
    let mut all: Vec<Option<Queue>> = vec![None; scope.queues.len()];
    for item in items {
        let queue = queue(item, ends, scope, notes, findings);
        if let Some(place) = scope.queues.get(&item.name.value).and_then(|id| all.get_mut(id)) {
            *place = Some(queue);
        }
    }
    let read: Vec<Queue> = all.iter().map(|queue| queue.clone().unwrap_or_default()).collect();
    for item in items {
        let Some(from) = scope.queues.get(&item.name.value).map(|id| QueueId(small(id))) else { continue };
        let mut round = false;
        for (key, of) in [
            ("closed", (|queue| queue.closed.as_ref()) as fn(&Queue) -> Option<&Branch>),
            ("nobody", |queue| queue.nobody.as_ref().map(|nobody| &nobody.go)),
        ] {
            if let Some(node) = item.table.get(key) {
                round |= closing::circle(&read, from, &node.place(), of, findings);
            }
        }
        if let (false, Some(node)) = (round, item.table.get("nobody")) {
            closing::mixed_circle(&read, from, &node.place(), findings);
        }
    }
    let kept = |id: usize| previous.and_then(|plan| plan.queues.get(id).map(|queue| retire(queue, plan, scope)));
    all.into_iter().enumerate().filter_map(|(id, queue)| queue.or_else(|| kept(id))).collect()
}

fn retire(queue: &Queue, plan: &Plan, scope: &Scope<'_>) -> Queue {
    let calendar = |id: CalendarId| {
        let name = &plan.calendars.get(usize::from(id.0))?.name;
        scope.calendars.get(name).map(|id| CalendarId(small(id)))
    };
    Queue {
        retired: true,
        outward: Outward::default(),
        say: renumber(&queue.say, calendar),
        breach: renumber(&queue.breach, calendar),
        announce: renumber(&queue.announce, calendar),
        hours: None,
        closed: None,
        nobody: None,
        ..queue.clone()
    }
}

fn queue(item: &Item<'_>, ends: Ends<'_>, scope: &Scope<'_>, notes: &mut Notes, findings: &mut Findings) -> Queue {
    let (table, outsiders, timers) = (&item.table, ends.known, ends.timers);
    table.only(&KEYS, both("a queue", "排队"), findings);
    let callback = callback(table, outsiders, scope, notes, findings);
    let (hours, closed, closing) = closing::hours(table, scope, ends, notes, findings);
    let nobody = closing::nobody(table, scope, ends, notes, findings);
    let mut speak = |key: &str, findings: &mut Findings| say(scope, table, key, None, notes, findings);
    let announce = speak("announce", findings);
    let overflow = overflow(item, outsiders, scope, timers, findings);
    Queue {
        name: item.name.value.clone(),
        steps: steps(table, scope, timers, findings),
        seats: seats(table, scope, findings),
        ranking: ranking::ranking(table.get("order"), table.get("keys"), table.get("weights"), findings),
        priority: priority(table, findings),
        target: target(table, timers, findings),
        weight: weight(table, findings),
        wrap_up: wrap_up(table, findings).unwrap_or_default(),
        limit: table.get("limit").and_then(|node| node.number(1..=100_000, findings)).unwrap_or(DEFAULT_LIMIT),
        overflow: overflow.queue,
        helpers: overflow.helpers,
        reserve: reserve(table, scope, findings),
        hours,
        closed,
        closing,
        nobody,
        outward: Outward { overflow: overflow.outside, callback },
        resume: resume(table, findings),
        say: speak("say", findings),
        breach: speak("breach", findings),
        announce_every: announce_every(table, !announce.is_empty(), findings),
        announce,
        whisper: prompt(scope, table, "whisper", findings),
        direct: table.flag("direct", findings).unwrap_or(false),
        retired: false,
    }
}

/// R5: who waits as long as the answer time has waited too long, so that no queue may aim beyond it.
fn target(table: &Table<'_>, timers: &Timers, findings: &mut Findings) -> Duration {
    let Some(target) = table.duration("target", findings) else { return timers.answer };
    if !(SHORTEST_TARGET..=timers.answer).contains(&target.value) {
        let message = said!("a target of {} is out of range", "`target` 为 {:#}，超出范围", values::in_words(target.value));
        let label = said!(
            "allowed are {} to the answer time of {}",
            "允许 {:#}至接听时限 {:#}",
            values::in_words(SHORTEST_TARGET),
            values::in_words(timers.answer)
        );
        findings.error("HL047", &target.place, message, label).rule("R5");
    }
    target.value
}

fn weight(table: &Table<'_>, findings: &mut Findings) -> u8 {
    let weight = table.get("weight").and_then(|node| node.number(1..=100, findings));
    weight.and_then(|weight| u8::try_from(weight).ok()).unwrap_or(1)
}

/// The seats that a table names; sorted.
pub(crate) fn seats(table: &Table<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Vec<SeatId> {
    let mut seats = Vec::new();
    for node in table.list("seats", findings) {
        let Some(name) = node.text(findings) else { continue };
        let id = scope.seats.find(name.value, &name.place, findings).and_then(|id| u32::try_from(id).ok());
        seats.extend(id.map(SeatId));
    }
    seats.sort_unstable();
    seats.dedup();
    seats
}

fn resume(table: &Table<'_>, findings: &mut Findings) -> Duration {
    let Some(resume) = table.duration("resume", findings) else { return Duration::ZERO };
    if resume.value > LONGEST_RESUME {
        let message = both("a place that is kept too long", "位置保留过久");
        findings
            .error("HL007", &resume.place, message, both("at most 10 min, or 0 s for never", "最多 10 分钟，0 秒表示不保留"))
            .help(both("callers of one company may share a number", "同一公司的客户可能共用一个号码"));
    }
    resume.value
}

fn announce_every(table: &Table<'_>, something: bool, findings: &mut Findings) -> Duration {
    let Some(every) = table.duration("announce_every", findings) else {
        return if something { Duration::from_secs(30) } else { Duration::ZERO };
    };
    if every.value != Duration::ZERO && every.value < SHORTEST_ANNOUNCE {
        findings.error(
            "HL007",
            &every.place,
            both("announcements follow each other too closely", "两次播报间隔过短"),
            both("at least 10 s, or 0 s for never", "至少 10 秒，0 秒表示不播报"),
        );
    }
    every.value
}
