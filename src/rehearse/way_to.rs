//! How a caller gets into a queue: which number, which keys.

use hotline_model::{Name, QueueId, WallTime};
use hotline_rules::{Branch, Go, MenuId, Plan};
use std::collections::{BTreeSet, VecDeque};

/// Gates and closed queues followed for one key.
const STEPS: usize = 32;

/// The shortest way at a time into this queue, or into any.
pub fn way_to(plan: &Plan, at: WallTime, wanted: Option<QueueId>) -> Option<(Name, String)> {
    let mut seen: BTreeSet<MenuId> = BTreeSet::new();
    let mut next: VecDeque<(&Branch, Name, String)> = VecDeque::new();
    next.extend(plan.numbers.iter().map(|number| (&number.entry, number.name.clone(), String::new())));
    while let Some((branch, number, keys)) = next.pop_front() {
        match end(plan, at, branch)? {
            Go::Queue(queue) if wanted.is_none_or(|wanted| wanted == queue) => return Some((number, keys)),
            Go::Menu(menu) if seen.insert(menu) => {
                let branches = plan.menu(menu).keys.iter();
                next.extend(branches.map(|(key, branch)| (branch, number.clone(), format!("{keys}{key}"))));
            }
            Go::Menu(_) | Go::Queue(_) | Go::Callback(_) | Go::Again | Go::Goodbye => {}
        }
    }
    None
}

/// Where a branch leads at a time, past gates and closed queues.
fn end(plan: &Plan, at: WallTime, branch: &Branch) -> Option<Go> {
    let mut go = branch.go;
    for _ in 0..STEPS {
        let on = match go {
            Go::Menu(menu) => plan.menu(menu).gates.iter().find(|gate| !plan.calendar(gate.closed).is_open(at)).map(|gate| gate.go.go),
            Go::Queue(queue) => {
                let rules = plan.queue(queue);
                let closed = rules.hours.is_some_and(|hours| !plan.calendar(hours).is_open(at));
                rules.closed.as_ref().filter(|_| closed).map(|branch| branch.go)
            }
            Go::Callback(_) | Go::Again | Go::Goodbye => None,
        };
        match on {
            Some(on) => go = on,
            None => return Some(go),
        }
    }
    Some(Go::Goodbye)
}
