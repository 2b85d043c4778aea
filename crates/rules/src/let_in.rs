//! Who is let in at a moment: calls are followed through gates, menus and queues to where they may wait for a seat.

use crate::{Branch, CalendarId, Gate, Go, MenuId, Plan, Predicate, Test, When};
use hotline_model::{Kind, QueueId};
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of a caller who presses `0` (R9), and in every further menu `0` again or nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyZero {
    /// Waits for a person or is led to one, or leaves a message; or the calendars do not say.
    Person,
    /// Is told goodbye.
    Ended,
    /// Comes round and round.
    Ring,
}

/// A call on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Caller {
    complains: bool,
    /// The closed calendar that it came past as a complaint (R17).
    past: Option<CalendarId>,
}

enum Door {
    Shut,
    Passed(Caller),
    Unknown,
}

/// Which calendars are open at a moment; `None` of one of which that is not known.
pub type Open<'o> = &'o dyn Fn(CalendarId) -> Option<bool>;

impl Plan {
    /// The queues in which callers may wait while these calendars are open; with each the closed calendar that lets complaints past it
    /// (R17), if nobody else comes there. What depends on the time of day, or on a calendar of which nothing is known, is left out.
    pub fn let_in(&self, open: Open<'_>) -> BTreeMap<QueueId, Option<CalendarId>> {
        self.walk(open).waits
    }

    /// What key `0` does in each menu in which callers may be while these calendars are open: one answer, or several where it depends on
    /// the caller.
    pub(crate) fn key_zero(&self, open: Open<'_>) -> BTreeMap<MenuId, BTreeSet<KeyZero>> {
        let walk = self.walk(open);
        let mut all: BTreeMap<MenuId, BTreeSet<KeyZero>> = BTreeMap::new();
        for (menu, caller) in &walk.keyed {
            let key = self.menus.get(usize::from(menu.0)).and_then(|menu| menu.keys.get(&'0'));
            let does = key.map(|branch| walk.person(branch, *caller, &mut BTreeSet::new()));
            all.entry(*menu).or_default().extend(does);
        }
        all
    }

    fn walk<'p>(&'p self, open: Open<'p>) -> Walk<'p> {
        let (menus, keyed, queues) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut walk = Walk { plan: self, open, next: Vec::new(), menus, keyed, queues, waits: BTreeMap::new() };
        for number in &self.numbers {
            let caller = Caller { complains: number.entry.set.kind == Some(Kind::Complaint), past: None };
            if let Some(caller) = walk.gates(&number.gates, caller) {
                walk.take(&number.entry, caller);
            }
        }
        while let Some((go, caller)) = walk.next.pop() {
            walk.follow(go, caller);
        }
        walk
    }
}

struct Walk<'p> {
    plan: &'p Plan,
    open: Open<'p>,
    next: Vec<(Go, Caller)>,
    menus: BTreeSet<(u16, Caller)>,
    /// Where no gate led them on.
    keyed: BTreeSet<(MenuId, Caller)>,
    queues: BTreeSet<(QueueId, Caller)>,
    waits: BTreeMap<QueueId, Option<CalendarId>>,
}

impl<'p> Walk<'p> {
    fn follow(&mut self, go: Go, caller: Caller) {
        if let Go::Menu(id) = go {
            let Some(menu) = self.plan.menus.get(usize::from(id.0)).filter(|_| self.menus.insert((id.0, caller))) else { return };
            let Some(caller) = self.gates(&menu.gates, caller) else { return };
            self.keyed.insert((id, caller));
            let done = menu.collect.iter().map(|collect| &collect.done);
            menu.keys.values().chain(done).chain([&menu.failed]).for_each(|branch| self.take(branch, caller));
        } else if let Go::Queue(id) | Go::Callback(id) = go
            && self.queues.insert((id, caller))
        {
            let queue = self.plan.queue(id);
            match (queue.hours.map_or(Door::Passed(caller), |hours| self.door(hours, caller)), &queue.closed) {
                (Door::Passed(caller), _) => self.wait(id, caller),
                (Door::Shut, Some(closed)) => self.take(closed, caller),
                (Door::Shut, None) => self.wait(id, caller),
                (Door::Unknown, _) => {}
            }
        }
    }

    /// Where a way leads whoever wants a person.
    fn person(&self, branch: &Branch, caller: Caller, seen: &mut BTreeSet<(MenuId, Caller)>) -> KeyZero {
        let complains = branch.set.kind.map_or(caller.complains, |kind| kind == Kind::Complaint);
        let caller = Caller { complains, ..caller };
        match branch.go {
            Go::Menu(id) => self.person_behind(id, caller, seen),
            Go::Queue(id) | Go::Callback(id) => {
                let queue = self.plan.queue(id);
                match (queue.hours.map(|hours| self.door(hours, caller)), &queue.closed) {
                    (Some(Door::Shut), Some(closed)) => self.person(closed, caller, seen),
                    (Some(_) | None, _) => KeyZero::Person,
                }
            }
            Go::Out(_) | Go::Voicemail(_) => KeyZero::Person,
            Go::Goodbye | Go::HangUp => KeyZero::Ended,
            Go::Again => KeyZero::Ring,
        }
    }

    /// By the gates of a menu, its key `0`, or what follows silence.
    fn person_behind(&self, id: MenuId, mut caller: Caller, seen: &mut BTreeSet<(MenuId, Caller)>) -> KeyZero {
        let Some(menu) = self.plan.menus.get(usize::from(id.0)) else { return KeyZero::Person };
        if !seen.insert((id, caller)) {
            return KeyZero::Ring;
        }
        for gate in &menu.gates {
            let taken = match &gate.when {
                When::Closed(calendar) => match self.door(*calendar, caller) {
                    Door::Shut => Some(true),
                    Door::Passed(past) => {
                        caller = past;
                        Some(false)
                    }
                    Door::Unknown => return KeyZero::Person,
                },
                When::Holds(predicate) => match self.holds(predicate, caller) {
                    None if self.asks_the_clock(predicate) => return KeyZero::Person,
                    holds => holds,
                },
            };
            if taken == Some(false) {
                continue;
            }
            let there = self.person(&gate.go, caller, seen);
            if taken == Some(true) || there == KeyZero::Person {
                return there;
            }
        }
        let zero = menu.keys.get(&'0').map(|branch| self.person(branch, caller, seen));
        if zero == Some(KeyZero::Person) {
            return KeyZero::Person;
        }
        let silent = self.person(&menu.failed, caller, seen);
        zero.filter(|_| silent != KeyZero::Person).unwrap_or(silent)
    }

    fn wait(&mut self, queue: QueueId, caller: Caller) {
        self.waits.entry(queue).and_modify(|past| *past = past.and(caller.past)).or_insert(caller.past);
    }

    fn take(&mut self, branch: &Branch, caller: Caller) {
        let complains = branch.set.kind.map_or(caller.complains, |kind| kind == Kind::Complaint);
        self.next.push((branch.go, Caller { complains, ..caller }));
    }

    /// Whoever comes past all of the gates.
    fn gates(&mut self, gates: &[Gate], mut caller: Caller) -> Option<Caller> {
        for gate in gates {
            match &gate.when {
                When::Closed(calendar) => match self.door(*calendar, caller) {
                    Door::Shut => {
                        self.take(&gate.go, caller);
                        return None;
                    }
                    Door::Passed(past) => caller = past,
                    Door::Unknown => return None,
                },
                When::Holds(predicate) => match self.holds(predicate, caller) {
                    Some(true) => {
                        self.take(&gate.go, caller);
                        return None;
                    }
                    Some(false) => {}
                    None if self.asks_the_clock(predicate) => return None,
                    None => self.take(&gate.go, caller),
                },
            }
        }
        Some(caller)
    }

    fn door(&self, id: CalendarId, caller: Caller) -> Door {
        match (self.open)(id) {
            None => Door::Unknown,
            Some(true) => Door::Passed(caller),
            Some(false) if caller.complains && self.plan.calendar(id).complaints_24h => Door::Passed(Caller { past: Some(id), ..caller }),
            Some(false) => Door::Shut,
        }
    }

    /// `None` if it depends on the caller.
    fn holds(&self, predicate: &Predicate, caller: Caller) -> Option<bool> {
        let each = |parts: &[Predicate], wanted: bool| {
            let found: Vec<Option<bool>> = parts.iter().map(|part| self.holds(part, caller)).collect();
            let known = found.iter().all(Option::is_some).then_some(!wanted);
            if found.contains(&Some(wanted)) { Some(wanted) } else { known }
        };
        match predicate {
            Predicate::Any(parts) => each(parts, true),
            Predicate::All(parts) => each(parts, false),
            Predicate::Not(part) => self.holds(part, caller).map(|holds| !holds),
            Predicate::Test(Test::Open(calendar)) => match self.door(*calendar, caller) {
                Door::Shut => Some(false),
                Door::Passed(_) => Some(true),
                Door::Unknown => None,
            },
            Predicate::Test(_) => None,
        }
    }

    fn asks_the_clock(&self, predicate: &Predicate) -> bool {
        let unknown = |test: &&Test| matches!(test, Test::Open(calendar) if (self.open)(*calendar).is_none());
        predicate.tests().iter().any(|test| matches!(test, Test::Time { .. } | Test::Day { .. }) || unknown(test))
    }
}
