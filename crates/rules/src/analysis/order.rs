//! Who goes first, looked at for queues that may never be served and seats that stay idle while callers wait.

use super::Rules;
use super::names::of_menu;
use crate::declare::{Item, SeatBlock};
use crate::finding::{Findings, Place};
use crate::read::Table;
use crate::said::{both, said};
use crate::{Branch, Changes, Go, MenuId, Seat, Serves, values};
use hotline_model::{Priority, QueueId, SeatId};
use std::collections::BTreeSet;

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    let (ranks, lowest) = (ranks(rules), lowest(rules));
    for (id, item) in rules.queues() {
        starved(rules, &ranks, (id, lowest.get(id.index()).copied().flatten()), item, findings);
        weight(rules, id, item, findings);
    }
    for block in &rules.declared.seats {
        seat_order(rules, &ranks, block, findings);
    }
}

/// The lowest priority with which calls come into each queue, and the highest (which is the smaller in their order).
#[derive(Clone, Copy)]
struct Rank {
    least: Priority,
    most: Priority,
}

fn ranks(rules: &Rules<'_>) -> Vec<Rank> {
    let mut ranks: Vec<Option<Rank>> = vec![None; rules.plan.queues.len()];
    for link in &rules.notes.links {
        let (Go::Queue(to) | Go::Callback(to)) = link.go else { continue };
        // A menu before may have set one as well; without it the queue's own holds.
        let stated = link.set.priority.unwrap_or_else(|| own(rules, to));
        if let Some(rank) = ranks.get_mut(to.index()) {
            let before = rank.unwrap_or(Rank { least: stated, most: stated });
            *rank = Some(Rank { least: before.least.max(stated), most: before.most.min(stated) });
        }
    }
    // What a menu before has set, or what is known of the customer, may be any of these.
    let links = rules.notes.links.iter().map(|link| &link.set).chain(rules.plan.customers.iter().map(|customer| &customer.set));
    let links = links.chain(rules.plan.lookups.iter().map(|lookup| &lookup.fallback.set));
    let anywhere: Vec<Priority> = links.filter_map(|set| stated(rules, set)).collect();
    for rank in ranks.iter_mut().flatten() {
        rank.most = anywhere.iter().copied().fold(rank.most, Priority::min);
    }
    let own = |place: usize| own(rules, QueueId(crate::scope::small(place)));
    ranks.into_iter().enumerate().map(|(place, rank)| rank.unwrap_or(Rank { least: own(place), most: own(place) })).collect()
}

/// The priority that a change makes of a call, by itself or by its matter (R25, R26).
fn stated(rules: &Rules<'_>, set: &Changes) -> Option<Priority> {
    let priorities = &rules.plan.priorities;
    let reaches = set.assessed.impact.is_some_and(|impact| priorities.reaches(impact));
    let is_urgent = reaches || set.topic.is_some_and(|topic| priorities.urgent.contains(&topic));
    if is_urgent { Some(Priority::Urgent) } else { set.priority }
}

/// The lowest priority with which callers of whom nothing is known come into each queue, by what is set on their way there through menus.
fn lowest(rules: &Rules<'_>) -> Vec<Option<Priority>> {
    let plan = rules.plan;
    let mut lowest: Vec<Option<Priority>> = vec![None; plan.queues.len()];
    let (mut seen, mut next) = (BTreeSet::new(), Vec::new());
    let mut go = |branch: &Branch, before: Option<Priority>, next: &mut Vec<(MenuId, Option<Priority>)>| {
        let priority = stated(rules, &branch.set).or(before);
        if let Go::Menu(to) = branch.go
            && seen.insert((to.0, priority))
        {
            next.push((to, priority));
        } else if let Go::Queue(to) | Go::Callback(to) = branch.go
            && let Some(least) = lowest.get_mut(to.index())
        {
            let priority = priority.unwrap_or_else(|| own(rules, to));
            *least = Some(least.map_or(priority, |least| least.max(priority)));
        }
    };
    for number in &plan.numbers {
        number.gates.iter().map(|gate| &gate.go).chain([&number.entry]).for_each(|branch| go(branch, None, &mut next));
    }
    while let Some((menu, priority)) = next.pop() {
        let Some(menu) = plan.menus.get(usize::from(menu.0)) else { continue };
        of_menu(menu).for_each(|branch| go(branch, priority, &mut next));
    }
    lowest
}

fn own(rules: &Rules<'_>, queue: QueueId) -> Priority {
    rules.plan.queue(queue).priority.unwrap_or(Priority::Ordinary)
}

/// Without ageing a call that is never the first of any seat waits as long as others come.
fn starved(rules: &Rules<'_>, ranks: &[Rank], (id, lowest): (QueueId, Option<Priority>), item: &Item<'_>, findings: &mut Findings) {
    // Of calls that come otherwise than through menus it is not known: the highest stands for them.
    let Some(lowest) = lowest.or_else(|| ranks.get(id.index()).map(|rank| rank.most)).filter(|_| rules.plan.priorities.ageing.is_zero())
    else {
        return;
    };
    let before =
        |seat: &SeatId| rules.queues_of(*seat).iter().copied().find(|other| goes_before(rules, ranks, *seat, *other, (id, lowest)));
    let seats = rules.seats_of(id);
    let Some(other) = seats.first().and_then(before).filter(|_| seats.iter().all(|seat| before(seat).is_some())) else { return };
    let (name, other) = (&item.name.value, &rules.plan.queue(other).name);
    let message = said!("queue `{name}` can starve", "排队 `{name}` 可能一直得不到服务");
    let label = said!(
        "each of its seats takes calls of another queue first, such as `{other}`",
        "它的每个坐席都先接其他排队（如 `{other}`）的来电"
    );
    let help = both("set `priority.ageing`, or give it a seat that serves it first", "设置 `priority.ageing`，或安排一个优先服务它的坐席");
    findings.warning("HL129", &item.name.place, message, label).help(help);
}

/// Whether a seat takes every call of one queue before those of this priority of another.
fn goes_before(rules: &Rules<'_>, ranks: &[Rank], seat: SeatId, first: QueueId, (second, priority): (QueueId, Priority)) -> bool {
    let Some(Rank { least, .. }) = ranks.get(first.index()) else { return false };
    let place = |queue: QueueId| rules.plan.seat(seat).serves(queue).map_or(u8::MAX, |serves| serves.priority);
    first != second && (*least < priority || *least <= priority && place(first) < place(second))
}

/// `weight` and `target` weigh calls of several queues against each other: without another queue they say nothing.
fn weight(rules: &Rules<'_>, id: QueueId, item: &Item<'_>, findings: &mut Findings) {
    let Some(node) = item.table.get("weight") else { return };
    let seats = rules.seats_of(id);
    if !seats.is_empty() && seats.iter().all(|seat| rules.queues_of(*seat).len() == 1) {
        let name = &item.name.value;
        let message = said!("the weight of queue `{name}` decides nothing", "排队 `{name}` 的权重不起作用");
        let label = both("its seats serve no other queue", "它的坐席不服务其他排队");
        findings.warning("HL142", &node.place(), message, label).help(both("remove it", "删除它"));
    }
}

/// The order of queues in a seat's own list, against delays and priorities.
fn seat_order(rules: &Rules<'_>, ranks: &[Rank], block: &SeatBlock<'_>, findings: &mut Findings) {
    let seat = block.names.first().and_then(|name| rules.scope.seats.get(name)).and_then(|id| rules.plan.seats.get(id));
    let (Some(seat), Some(table)) = (seat, block.table.get("queues").and_then(|node| node.as_table())) else { return };
    for serves in &seat.queues {
        let place = || entry(&table, rules, serves.queue);
        if let Some((other, place)) = idle_for(seat, serves).and_then(|other| Some((other, place()?))) {
            tell_idle(rules, seat, serves, other, &place, findings);
        }
        let stronger = |other: &&Serves| {
            let (Some(first), Some(then)) = (ranks.get(serves.queue.index()), ranks.get(other.queue.index())) else { return false };
            serves.priority < other.priority && then.least < first.most
        };
        if let Some((other, place)) = seat.queues.iter().find(stronger).and_then(|other| Some((other, place()?))) {
            tell_inverted(rules, seat, serves, other, &place, findings);
        }
    }
}

fn entry(table: &Table<'_>, rules: &Rules<'_>, queue: QueueId) -> Option<Place> {
    let name = &rules.plan.queue(queue).name;
    table.entries().into_iter().find(|(key, _)| *key.value == **name).map(|(key, _)| key.place)
}

/// A queue that the seat likes less and serves earlier.
fn idle_for<'s>(seat: &'s Seat, serves: &Serves) -> Option<&'s Serves> {
    seat.queues.iter().find(|other| serves.priority < other.priority && serves.delay > other.delay)
}

fn tell_idle(rules: &Rules<'_>, seat: &Seat, serves: &Serves, other: &Serves, place: &Place, findings: &mut Findings) {
    let (seat, queue, other) = (&seat.name, &rules.plan.queue(serves.queue).name, &rules.plan.queue(other.queue).name);
    let delay = values::in_words(serves.delay);
    let message =
        said!("seat `{seat}` stays idle for queue `{queue}`, which it prefers", "坐席 `{seat}` 对其优先的排队 `{queue}` 反而空等");
    let label = said!("held back for {delay}, while it takes calls of `{other}` earlier", "推迟 {delay}，却更早接 `{other}` 的来电");
    let help = said!("a shorter `delay` here, or a better `priority` for `{other}`", "缩短这里的 `delay`，或提高 `{other}` 的 `priority`");
    findings.warning("HL141", place, message, label).help(help);
}

fn tell_inverted(rules: &Rules<'_>, seat: &Seat, serves: &Serves, other: &Serves, place: &Place, findings: &mut Findings) {
    let (seat, queue, other) = (&seat.name, &rules.plan.queue(serves.queue).name, &rules.plan.queue(other.queue).name);
    let message = said!("seat `{seat}` can't take queue `{queue}` before `{other}`", "坐席 `{seat}` 无法先接 `{queue}` 再接 `{other}`");
    let label = said!(
        "calls of `{other}` have a higher priority, which goes before a seat's own order",
        "`{other}` 的来电优先级更高，先于坐席自己的次序"
    );
    let help = both("turn the two round, or change the priority of a queue", "对调两者，或修改排队的优先级");
    findings.warning("HL140", place, message, label).rule("R24").help(help);
}
