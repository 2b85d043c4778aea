//! `[[queue.step]]`: who may serve a queue from which waiting time on.

use crate::assign::TIERS;
use crate::expression::{Follows, follows};
use crate::finding::{Findings, Place};
use crate::read::Table;
use crate::said::{both, said};
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
        findings.error(
            "HL009",
            &step.place(),
            said!("more than {MOST_STEPS} steps", "步骤超过 {MOST_STEPS} 个"),
            both("one too many", "多出的一个"),
        );
    }
    let mut steps: Vec<Step> = Vec::new();
    // What can't be read is told where it stands, and not again as a step that doesn't relax.
    let mut readable = true;
    for table in tables.iter().take(MOST_STEPS) {
        table.only(&["after", "requires", "tier", "ring", "consider_if"], both("a step", "步骤"), findings);
        let after = table.duration("after", findings);
        let place = after.as_ref().map_or(table.place(), |at| at.place.clone());
        let after = match (after, table.get("after")) {
            (None, Some(_)) => steps.last().map_or(Duration::ZERO, |before| before.after),
            (after, _) => {
                let after = after.map_or(Duration::ZERO, |at| at.value);
                check_after(after, steps.last(), &place, findings);
                after
            }
        };
        let (errors, before_readable) = (findings.errors(), readable);
        let requires = table.get("requires");
        let place = requires.map_or(table.place(), |node| node.place());
        let requires = requires.map_or(Expression::Anyone, |node| scope.expression(&node, findings));
        readable = findings.errors() == errors;
        if let Some(before) = steps.last().filter(|_| readable && before_readable) {
            check_relaxes(&before.requires, &requires, scope, &place, findings);
        }
        let tier = tier(table, steps.last(), findings);
        steps.push(Step { after, requires, tier, ring: ring(table, timers, findings), consider_if: consider_if(table, findings) });
    }
    if let (Some(node), true) = (tables.last().and_then(|table| table.get("consider_if")), tables.len() <= MOST_STEPS) {
        let message = both("the last step has no other to go on to", "最后一步之后没有别的步骤");
        findings
            .warning("HL052", &node.place(), message, both("changes nothing", "不起作用"))
            .help(both("remove it, or add a step", "请删去，或再加一步"));
    }
    if steps.is_empty() {
        steps.push(Step::default());
    }
    steps
}

fn check_after(after: Duration, before: Option<&Step>, place: &Place, findings: &mut Findings) {
    match before {
        None if after != Duration::ZERO => {
            let message = both("nobody serves the queue until its first step", "第一步开始之前，该排队无人服务");
            findings
                .error("HL036", place, message, both("the first step begins at once", "第一步应立即开始"))
                .help(both("`after = \"0s\"`, or leave `after` out", "`after = \"0s\"`，或不写 `after`"));
        }
        Some(before) if after <= before.after => {
            let message = both("a step that begins no later than the one before it", "步骤没有晚于前一步");
            findings
                .error("HL036", place, message, both("must be later", "必须更晚"))
                .help(both("order the steps by `after`", "请按 `after` 排列各步"));
        }
        None | Some(_) => {}
    }
}

fn check_relaxes(before: &Expression, now: &Expression, scope: &Scope<'_>, place: &Place, findings: &mut Findings) {
    match follows(before, now, scope.skills.len()) {
        Follows::Yes => {}
        Follows::No => {
            let help = both(
                "a later step may only ask for less; `|` adds seats, `&` takes some away",
                "后面的步骤只能降低要求；`|` 增加坐席，`&` 减少坐席",
            );
            let label = both("shuts out seats that the step before admits", "把前一步允许的坐席排除在外");
            findings.error("HL030", place, both("a step that doesn't relax", "步骤没有放宽"), label).help(help);
        }
        Follows::TooComplicated => {
            let message = both(
                "the step before has too many alternatives to tell that this one relaxes",
                "前一步的可能组合太多，无法判断这一步是否放宽",
            );
            findings
                .error("HL030", place, message, both("can't be checked", "无法检查"))
                .help(both("write it with fewer `|` inside `&`", "请减少 `&` 之内的 `|`"));
        }
    }
}

/// Up to which tier a step admits seats: the last if it does not say.
fn tier(table: &Table<'_>, before: Option<&Step>, findings: &mut Findings) -> Tier {
    let at = table.word("tier", &TIERS, findings);
    let unread = if table.get("tier").is_some() { before.map_or(Tier::InternalNear, |before| before.tier) } else { Tier::External };
    let tier = at.as_ref().map_or(unread, |at| at.value);
    if let (Some(at), true) = (at, before.is_some_and(|before| tier < before.tier)) {
        let help = both(
            "the order is internal-near, internal, external; a step without `tier` admits them all",
            "次序为 internal-near、internal、external；不写 `tier` 的步骤允许全部层级",
        );
        findings
            .error(
                "HL030",
                &at.place,
                both("a step that doesn't relax", "步骤没有放宽"),
                both("shuts out tiers that the step before admits", "把前一步允许的层级排除在外"),
            )
            .help(help);
    }
    tier
}

/// R5: what one phone may take of the answer time.
fn ring(table: &Table<'_>, timers: &Timers, findings: &mut Findings) -> Option<Duration> {
    let ring = table.duration("ring", findings)?;
    if ring.value < timers.ring_min || ring.value >= timers.answer {
        let message = said!("a ring of {} is out of range", "振铃 {:#}，超出范围", values::in_words(ring.value));
        let (least, most) = (values::in_words(timers.ring_min), values::in_words(timers.answer));
        let label = said!(
            "at least {least} (`ring_min`) and less than {most} (`answer`)",
            "至少 {least:#}（`ring_min`），且短于 {most:#}（`answer`）"
        );
        findings.error("HL045", &ring.place, message, label).rule("R5");
    }
    Some(ring.value)
}

/// `signed_in >= 3`.
fn consider_if(table: &Table<'_>, findings: &mut Findings) -> u32 {
    let Some(at) = table.text("consider_if", findings) else { return 0 };
    let number = at.value.split_once(">=").filter(|(what, _)| what.trim() == "signed_in").map(|(_, number)| number.trim());
    let Some(number) = number.filter(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())) else {
        let message = said!("`{}` is not a condition on a step", "`{}` 不是步骤的条件", at.value.escape_debug());
        findings
            .error("HL005", &at.place, message, both("can't be read", "无法识别"))
            .help(both("write `\"signed_in >= 3\"`: so many seats of the step", "请写 `\"signed_in >= 3\"`：这一步至少有这么多坐席签入"));
        return 0;
    };
    let number = number.parse().ok().filter(|number| (1..=MOST_CONSIDERED).contains(number));
    if number.is_none() {
        findings.error(
            "HL007",
            &at.place,
            both("a number of seats out of range", "坐席数超出范围"),
            said!("allowed are 1 to {MOST_CONSIDERED}", "允许 1 至 {MOST_CONSIDERED}"),
        );
    }
    number.unwrap_or(0)
}
