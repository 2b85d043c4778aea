//! Steps that let in nobody new, queues without a last resort.

use super::Rules;
use crate::declare::Item;
use crate::expression::{Follows, follows};
use crate::finding::Findings;
use crate::said::{both, said};
use crate::{Queue, Seat, Step};
use hotline_model::QueueId;

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    for (id, item) in rules.queues().filter(|(id, _)| !rules.seats_of(*id).is_empty()) {
        steps(rules, id, item, findings);
        last_resort(rules, id, item, findings);
    }
}

/// A step that asks for the same as the one before it, of the same tier, with the same ring.
fn steps(rules: &Rules<'_>, id: QueueId, item: &Item<'_>, findings: &mut Findings) {
    let tables = item.table.tables("step", findings);
    let steps = &rules.plan.queue(id).steps;
    for (pair, table) in steps.windows(2).zip(tables.iter().skip(1)) {
        let [before, now] = pair else { continue };
        let alike = before.tier == now.tier && before.ring == now.ring && before.consider_if == 0;
        let skills = rules.plan.skills.len();
        if alike && follows(&now.requires, &before.requires, skills) == Follows::Yes {
            let place = table.get("requires").map_or(table.place(), |node| node.place());
            let name = &item.name.value;
            let message = said!("a step of queue `{name}` that lets in nobody new", "排队 `{name}` 的这一步没有增加任何坐席");
            let label = both("the same seats as in the step before", "与上一步的坐席相同");
            let help = both("ask for less, or remove the step", "放宽条件，或删除这一步");
            findings.warning("HL125", &place, message, label).help(help);
        }
    }
}

/// Whoever waits longest should have somewhere to go: everybody, another queue, somebody outside, or a branch.
fn last_resort(rules: &Rules<'_>, id: QueueId, item: &Item<'_>, findings: &mut Findings) {
    let queue = rules.plan.queue(id);
    let Some(widest) = queue.steps.last() else { return };
    if elsewhere(queue) || !rules.plan.seats.iter().any(|seat| left_out(seat, queue, id, widest)) {
        return;
    }
    let name = &item.name.value;
    let message = said!("queue `{name}` has no last resort", "排队 `{name}` 没有最后的出路");
    let label = both("its last step still leaves seats out, and it leads nowhere else", "最后一步仍排除部分坐席，也没有其他去处");
    let help = both(
        "a last step with `requires = \"anyone\"`, or an `overflow`, or `nobody` for when none of its seats is there",
        "最后一步写 `requires = \"anyone\"`，或写 `overflow`，或写 `nobody` 说明无人在岗时怎么办",
    );
    findings.warning("HL128", &item.name.place, message, label).rule("R5").help(help);
}

fn elsewhere(queue: &Queue) -> bool {
    queue.overflow.is_some() || queue.nobody.is_some() || !queue.outward.overflow.is_empty() || queue.outward.callback.is_some()
}

/// A seat that serves the queue by its own list, and that no step admits.
fn left_out(seat: &Seat, queue: &Queue, id: QueueId, widest: &Step) -> bool {
    !seat.retired && queue.seats.is_empty() && seat.serves(id).is_some() && !widest.admits(seat)
}
