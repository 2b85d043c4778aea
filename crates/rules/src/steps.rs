//! `[[queue.step]]`: who may serve a queue from which waiting time on.

use crate::assign::TIERS;
use crate::expression::{Follows, follows};
use crate::finding::{Findings, Place};
use crate::read::Table;
use crate::scope::Scope;
use crate::{Expression, Step, Tier, Timers, values};
use std::time::Duration;

/// Most steps of a queue.
const MOST_STEPS: usize = 10;
/// Most seats that a step may wait for.
const MOST_CONSIDERED: u32 = 100_000;

pub(crate) fn steps(table: &Table<'_>, scope: &Scope<'_>, timers: &Timers, findings: &mut Findings) -> Vec<Step> {
    let tables = table.tables("step", findings);
    if let Some(step) = tables.get(MOST_STEPS) {
        findings.error("HL009", &step.place(), format!("more than {MOST_STEPS} steps"), "one too many");
    }
    let mut steps: Vec<Step> = Vec::new();
    for table in tables.iter().take(MOST_STEPS) {
        table.only(&["after", "requires", "tier", "ring", "consider_if"], "a step", findings);
        let after = table.duration("after", findings);
        let place = after.as_ref().map_or(table.place(), |at| at.place.clone());
        let after = after.map_or(Duration::ZERO, |at| at.value);
        check_after(after, steps.last(), &place, findings);
        let requires = table.get("requires");
        let place = requires.map_or(table.place(), |node| node.place());
        let requires = requires.map_or(Expression::Anyone, |node| scope.expression(&node, findings));
        if let Some(before) = steps.last() {
            check_relaxes(&before.requires, &requires, scope, &place, findings);
        }
        let tier = tier(table, steps.last(), findings);
        steps.push(Step { after, requires, tier, ring: ring(table, timers, findings), consider_if: consider_if(table, findings) });
    }
    if let (Some(node), true) = (tables.last().and_then(|table| table.get("consider_if")), tables.len() <= MOST_STEPS) {
        let message = "the last step has no other to go on to";
        findings.warning("HL052", &node.place(), message, "changes nothing").help("remove it, or add a step");
    }
    if steps.is_empty() {
        steps.push(Step::default());
    }
    steps
}

fn check_after(after: Duration, before: Option<&Step>, place: &Place, findings: &mut Findings) {
    match before {
        None if after != Duration::ZERO => {
            let message = "nobody serves the queue until its first step";
            findings.error("HL036", place, message, "the first step begins at once").help("`after = \"0s\"`, or leave `after` out");
        }
        Some(before) if after <= before.after => {
            let message = "a step that begins no later than the one before it";
            findings.error("HL036", place, message, "must be later").help("order the steps by `after`");
        }
        None | Some(_) => {}
    }
}

fn check_relaxes(before: &Expression, now: &Expression, scope: &Scope<'_>, place: &Place, findings: &mut Findings) {
    match follows(before, now, scope.skills.len()) {
        Follows::Yes => {}
        Follows::No => {
            let help = "a later step may only ask for less; `|` adds seats, `&` takes some away";
            let label = "shuts out seats that the step before admits";
            findings.error("HL030", place, "a step that doesn't relax", label).help(help);
        }
        Follows::TooComplicated => {
            let message = "the step before has too many alternatives to tell that this one relaxes";
            findings.error("HL030", place, message, "can't be checked").help("write it with fewer `|` inside `&`");
        }
    }
}

/// Up to which tier a step admits seats: the last if it does not say.
fn tier(table: &Table<'_>, before: Option<&Step>, findings: &mut Findings) -> Tier {
    let at = table.word("tier", &TIERS, findings);
    let tier = at.as_ref().map_or(Tier::External, |at| at.value);
    if let (Some(at), true) = (at, before.is_some_and(|before| tier < before.tier)) {
        let help = "the order is internal-near, internal, external; a step without `tier` admits them all";
        findings.error("HL030", &at.place, "a step that doesn't relax", "shuts out tiers that the step before admits").help(help);
    }
    tier
}

/// R5: what one phone may take of the answer time.
fn ring(table: &Table<'_>, timers: &Timers, findings: &mut Findings) -> Option<Duration> {
    let ring = table.duration("ring", findings)?;
    if ring.value < timers.ring_min || ring.value >= timers.answer {
        let message = format!("a ring of {} is out of range", values::in_words(ring.value));
        let (least, most) = (values::in_words(timers.ring_min), values::in_words(timers.answer));
        let label = format!("at least {least} (`ring_min`) and less than {most} (`answer`)");
        findings.error("HL045", &ring.place, message, label).rule("R5");
    }
    Some(ring.value)
}

/// `signed_in >= 3`.
fn consider_if(table: &Table<'_>, findings: &mut Findings) -> u32 {
    let Some(at) = table.text("consider_if", findings) else { return 0 };
    let number = at.value.split_once(">=").filter(|(what, _)| what.trim() == "signed_in").map(|(_, number)| number.trim());
    let Some(number) = number.filter(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())) else {
        let message = format!("`{}` is not a condition on a step", at.value.escape_debug());
        findings.error("HL005", &at.place, message, "can't be read").help("write `\"signed_in >= 3\"`: so many seats of the step");
        return 0;
    };
    let number = number.parse().ok().filter(|number| (1..=MOST_CONSIDERED).contains(number));
    if number.is_none() {
        findings.error("HL007", &at.place, "a number of seats out of range", format!("allowed are 1 to {MOST_CONSIDERED}"));
    }
    number.unwrap_or(0)
}
