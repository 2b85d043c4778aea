//! How a caller gets into a queue: which number, which keys.

use hotline_model::{Name, Profile, QueueId, WallTime};
use hotline_rules::{Branch, EmptyQueues, Facts, Gate, Go, MenuId, Plan, pass};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Gates and closed queues followed for one key.
const STEPS: usize = 32;
/// A number that no rules know.
const STRANGER: &str = "13900000002";

/// The shortest way at a time into this queue, or into any.
pub fn way_to(plan: &Plan, at: WallTime, wanted: Option<QueueId>) -> Option<(Name, String)> {
    let mut seen: BTreeSet<MenuId> = BTreeSet::new();
    let mut next: VecDeque<(&Branch, Name, String)> = VecDeque::new();
    next.extend(plan.numbers.iter().map(|number| {
        let entry = taken(plan, &number.gates, at).unwrap_or(&number.entry);
        (entry, number.name.clone(), String::new())
    }));
    while let Some((branch, number, keys)) = next.pop_front() {
        match end(plan, at, branch)? {
            Go::Queue(queue) if wanted.is_none_or(|wanted| wanted == queue) => return Some((number, keys)),
            Go::Menu(menu) if seen.insert(menu) => {
                let branches = plan.menu(menu).keys.iter();
                next.extend(branches.map(|(key, branch)| (branch, number.clone(), format!("{keys}{key}"))));
            }
            Go::Menu(_) | Go::Queue(_) | Go::Callback(_) | Go::Again | Go::Goodbye | Go::HangUp | Go::Out(_) | Go::Voicemail(_) => {}
        }
    }
    None
}

/// The gate that somebody takes of whom nothing is known, while nobody waits.
fn taken<'p>(plan: &'p Plan, gates: &'p [Gate], at: WallTime) -> Option<&'p Branch> {
    let profile = Profile::unknown(plan.house_language());
    let collected = BTreeMap::new();
    let facts = Facts { plan, profile: &profile, dialled: None, caller: Some(STRANGER), collected: &collected, at, queues: &EmptyQueues };
    gates.get(pass(gates, &facts).taken?).map(|gate| &gate.go)
}

/// Where a branch leads at a time, past gates and closed queues.
fn end(plan: &Plan, at: WallTime, branch: &Branch) -> Option<Go> {
    let mut go = branch.go;
    for _ in 0..STEPS {
        let on = match go {
            Go::Menu(menu) => taken(plan, &plan.menu(menu).gates, at).map(|branch| branch.go),
            Go::Queue(queue) => {
                let rules = plan.queue(queue);
                let closed = rules.hours.is_some_and(|hours| !plan.calendar(hours).is_open(at));
                rules.closed.as_ref().filter(|_| closed).map(|branch| branch.go)
            }
            Go::Callback(_) | Go::Again | Go::Goodbye | Go::HangUp | Go::Out(_) | Go::Voicemail(_) => None,
        };
        match on {
            Some(on) => go = on,
            None => return Some(go),
        }
    }
    Some(Go::Goodbye)
}
