//! Steps, and alternatives in them, that let in nobody new; queues without a last resort.

use super::Rules;
use crate::declare::Item;
use crate::expression::{self, Follows, follows};
use crate::finding::{Findings, Place};
use crate::read::Node;
use crate::said::{both, said};
use crate::{Expression, Queue, Seat, Step, print_expression, values};
use hotline_model::{QueueId, SkillId};
use std::ops::Range;
use std::time::Duration;

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    for (id, item) in rules.queues().filter(|(id, _)| !rules.seats_of(*id).is_empty()) {
        steps(rules, id, item, findings);
        of_nobody(rules, id, item, findings);
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

/// Alternatives of a step that no seat of the queue fulfils: `billing >= 5 | vip >= 10`.
fn of_nobody(rules: &Rules<'_>, id: QueueId, item: &Item<'_>, findings: &mut Findings) {
    let mut silent = Findings::default();
    let queue = rules.plan.queue(id);
    for (step, table) in queue.steps.iter().zip(item.table.tables("step", &mut silent)) {
        let Some(node) = table.get("requires") else { continue };
        let fits = |parts: &[&Expression]| {
            let mut seats = rules.seats_of(id).iter().map(|seat| rules.plan.seat(*seat));
            seats.any(|seat| step.admits(seat) && parts.iter().all(|part| part.admits(&seat.proficiency)))
        };
        let mut parts = Vec::new();
        // A step that nobody at all fulfils was told of (HL038).
        if fits(&[]) {
            let known = Known { fits: &fits, skills: rules.plan.skills.len() };
            in_vain(&step.requires, 0, &known, &mut Vec::new(), &mut parts);
        }
        for (leaves, part) in parts {
            let part = print_expression(part, &rules.plan.skills);
            let message = said!("no seat of queue `{}` fulfils `{part}`", "排队 `{}` 没有坐席符合 `{part}`", item.name.value);
            let help = both("ask for less, give seats the skill, or leave it out", "放宽条件，给坐席加上技能，或去掉这一部分");
            findings
                .warning("HL326", &written(&node, leaves), message, both("this part admits nobody", "这一部分不增加任何坐席"))
                .help(help);
        }
    }
}

/// Of the seats of a queue.
struct Known<'k> {
    /// Whether one of them fulfils all of these.
    fits: &'k dyn Fn(&[&Expression]) -> bool,
    skills: usize,
}

/// The alternatives that nobody fulfils who fulfils what stands beside them (`beside`), while another has somebody; with the places of their
/// comparisons among all, of which `first` is the first of `condition`. One that another has in it would add nobody in any house (HL298).
fn in_vain<'e>(
    condition: &'e Expression,
    first: usize,
    known: &Known<'_>,
    beside: &mut Vec<&'e Expression>,
    found: &mut Vec<(Range<usize>, &'e Expression)>,
) {
    let (Expression::All(parts) | Expression::Any(parts)) = condition else { return };
    let mut at = first;
    for (place, part) in parts.iter().enumerate() {
        let (leaves, depth) = (at..at + comparisons(part), beside.len());
        at = leaves.end;
        if matches!(condition, Expression::Any(_)) {
            beside.push(part);
            let has_nobody = !(known.fits)(beside);
            beside.pop();
            if has_nobody {
                let mut others = parts.iter().enumerate().filter(|(other, _)| *other != place);
                let needless = others.any(|(_, other)| follows(part, other, known.skills) == Follows::Yes);
                found.extend((!needless).then_some((leaves, part)));
                continue;
            }
        } else {
            beside.extend(parts.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, other)| other));
        }
        in_vain(part, leaves.start, known, beside, found);
        beside.truncate(depth);
    }
}

fn comparisons(condition: &Expression) -> usize {
    match condition {
        Expression::Anyone => 0,
        Expression::AtLeast(_) => 1,
        Expression::All(parts) | Expression::Any(parts) => parts.iter().map(comparisons).sum(),
    }
}

/// Where these comparisons of a condition stand.
fn written(node: &Node<'_>, leaves: Range<usize>) -> Place {
    let text = node.as_text().unwrap_or_default();
    let mut names: Vec<Range<usize>> = Vec::new();
    let _ = expression::parse(text, &mut |_, span| {
        names.push(span);
        SkillId(0)
    });
    let spans = names.get(leaves).and_then(|spans| Some((spans.first()?.start, spans.last()?.end)));
    let Some((start, name)) = spans else { return node.place() };
    let behind = &text[name..];
    let figures = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let end = behind[figures..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |end| name + figures + end);
    node.part(start..end)
}

/// Whoever waits longest should have somewhere to go: everybody, another queue, somebody outside, or a branch.
fn last_resort(rules: &Rules<'_>, id: QueueId, item: &Item<'_>, findings: &mut Findings) {
    let queue = rules.plan.queue(id);
    let Some(widest) = queue.steps.last() else { return };
    let leaves_out = |step: &Step| rules.plan.seats.iter().any(|seat| left_out(seat, queue, id, step));
    if elsewhere(queue) || !leaves_out(widest) {
        let answer = rules.plan.timers.answer;
        let in_time = queue.steps.iter().rfind(|step| step.after <= answer).is_some_and(|step| !leaves_out(step));
        if !in_time && !soon_elsewhere(queue, answer) {
            late(rules, queue, !leaves_out(widest), item, findings);
        }
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

/// R5: the first way out for everybody comes when the answer time is over.
fn late(rules: &Rules<'_>, queue: &Queue, opens: bool, item: &Item<'_>, findings: &mut Findings) {
    let (answer, mut silent) = (rules.plan.timers.answer, Findings::default());
    let outside = queue.outward.overflow.iter().map(|way| (answer + way.after, "overflow"));
    let step = queue.steps.last().filter(|_| opens).map(|step| (step.after, "step"));
    let Some((after, key)) = outside.chain(step).min() else { return };
    let table = match key {
        "step" => item.table.tables(key, &mut silent).pop(),
        _ => item.table.get(key).and_then(|node| node.as_list()?.first()?.as_table().or_else(|| node.as_table())),
    };
    let node = table.as_ref().and_then(|table| table.get("after")).or_else(|| item.table.get(key));
    let place = node.map_or_else(|| item.name.place.clone(), |node| node.place());
    let (name, after, answer) = (&item.name.value, values::in_words(after), values::in_words(answer));
    let message = said!("queue `{name}` has its last resort after {after} only", "排队 `{name}` 要过 {after:#}才有最后的出路");
    let label =
        said!("until then seats are left out, beyond the answer time of {answer}", "在此之前仍排除部分坐席，已超过人工接听时限 {answer:#}");
    let help = said!(
        "open it within {answer}, or write an `overflow` to a queue, which helps from {answer} on",
        "请在 {answer:#}之内放开，或写转到另一排队的 `overflow`（从 {answer:#}起有效）"
    );
    findings.warning("HL330", &place, message, label).rule("R5").help(help);
}

/// Somebody else, no later than as long again after the breach.
fn soon_elsewhere(queue: &Queue, answer: Duration) -> bool {
    let outside = queue.outward.overflow.iter().any(|way| way.after <= answer);
    queue.overflow.is_some() || queue.nobody.is_some() || queue.outward.callback.is_some() || outside
}

fn elsewhere(queue: &Queue) -> bool {
    queue.overflow.is_some() || queue.nobody.is_some() || !queue.outward.overflow.is_empty() || queue.outward.callback.is_some()
}

/// A seat that serves the queue by its own list, and that no step admits.
fn left_out(seat: &Seat, queue: &Queue, id: QueueId, widest: &Step) -> bool {
    !seat.retired && queue.seats.is_empty() && seat.serves(id).is_some() && !widest.admits(seat)
}
