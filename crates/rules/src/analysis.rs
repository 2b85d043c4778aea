//! What is written correctly and can hardly be meant: names without a use, ways and steps that change nothing, seats that stay idle for
//! callers who wait. Looked at only in rules without errors, since an error is often the reason.

mod after_hours;
mod arriving;
mod at_odds;
mod clocks;
mod conditions;
mod contained;
mod days;
mod doors;
mod in_vain;
pub(crate) mod lists;
mod names;
mod order;
mod overruled;
mod person;
mod possible;
mod recordings;
mod shifts;
mod staffing;
mod turned_away;
mod unmeant;
mod unreached;
mod ways;

use crate::Plan;
use crate::declare::{Declared, Item};
use crate::finding::Findings;
use crate::scope::{Notes, Scope, small};
use hotline_model::{QueueId, SeatId};

/// What every part looks at.
pub(crate) struct Rules<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) declared: &'a Declared<'a>,
    pub(crate) scope: &'a Scope<'a>,
    pub(crate) notes: &'a Notes,
    /// The seats that each queue's last step admits, by queue; sorted.
    served_by: Vec<Vec<SeatId>>,
    /// The queues that each seat serves so, by seat; sorted.
    serving: Vec<Vec<QueueId>>,
}

pub(crate) fn check(plan: &Plan, declared: &Declared<'_>, scope: &Scope<'_>, notes: &Notes, findings: &mut Findings) {
    if findings.has_errors() {
        return;
    }
    let (served_by, serving) = service(plan);
    let rules = Rules { plan, declared, scope, notes, served_by, serving };
    names::check(&rules, findings);
    conditions::check(&rules, findings);
    ways::check(&rules, findings);
    after_hours::check(&rules, findings);
    staffing::check(&rules, findings);
    unmeant::check(&rules, findings);
    days::check(&rules, findings);
    unreached::check(&rules, findings);
    clocks::check(&rules, findings);
    in_vain::check(&rules, findings);
    doors::check(&rules, findings);
    shifts::check(&rules, findings);
    overruled::check(&rules, findings);
    turned_away::check(&rules, findings);
    contained::check(&rules, findings);
    at_odds::check(&rules, findings);
    order::check(&rules, findings);
    recordings::check(&rules, findings);
    person::check(&rules, findings);
}

fn service(plan: &Plan) -> (Vec<Vec<SeatId>>, Vec<Vec<QueueId>>) {
    let mut serving = vec![Vec::new(); plan.seats.len()];
    let mut served_by = Vec::new();
    for (place, queue) in plan.queues.iter().enumerate() {
        let id = QueueId(small(place));
        let mut seats = Vec::new();
        let named = |seat: SeatId| queue.seats.is_empty() || queue.seats.binary_search(&seat).is_ok();
        for (number, seat) in (0u32..).zip(&plan.seats).filter(|_| !queue.retired) {
            let fit = !seat.retired && named(SeatId(number)) && seat.serves(id).is_some();
            if fit && queue.steps.last().is_some_and(|widest| widest.admits(seat)) {
                seats.push(SeatId(number));
                serving[SeatId(number).index()].push(id);
            }
        }
        served_by.push(seats);
    }
    (served_by, serving)
}

impl<'a> Rules<'a> {
    /// The queues of the files, with their tables.
    fn queues(&self) -> impl Iterator<Item = (QueueId, &'a Item<'a>)> {
        let id = |item: &Item<'_>| self.scope.queues.get(&item.name.value).map(|id| QueueId(small(id)));
        self.declared.queues.iter().filter_map(move |item| Some((id(item)?, item)))
    }

    fn seats_of(&self, queue: QueueId) -> &[SeatId] {
        self.served_by.get(queue.index()).map_or(&[], Vec::as_slice)
    }

    fn queues_of(&self, seat: SeatId) -> &[QueueId] {
        self.serving.get(seat.index()).map_or(&[], Vec::as_slice)
    }
}
