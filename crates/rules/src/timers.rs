//! `[timers]`: the clocks of the manual, and how long a phone rings.

use crate::finding::{Findings, Place};
use crate::read::{Node, Table};
use crate::said::{both, code, said};
use crate::{AnswerClockStart, Timers, values};
use std::time::Duration;

/// A setting of `[timers]` that is a duration, and what the manual allows.
struct Clock {
    key: &'static str,
    code: &'static str,
    rule: Option<&'static str>,
    least: Duration,
    most: Duration,
    /// Whether `manual_override` lifts `most`.
    may_exceed: bool,
    field: fn(&mut Timers) -> &mut Duration,
}

const fn clock(
    key: &'static str,
    code: &'static str,
    rule: Option<&'static str>,
    range_in_s: (u64, u64),
    field: fn(&mut Timers) -> &mut Duration,
) -> Clock {
    let (least, most) = (Duration::from_secs(range_in_s.0), Duration::from_secs(range_in_s.1));
    Clock { key, code, rule, least, most, may_exceed: false, field }
}

const CLOCKS: [Clock; 15] = [
    clock("pickup", "HL040", Some("R2"), (0, 3), |t| &mut t.pickup),
    clock("voice_response", "HL041", Some("R10"), (1, 3), |t| &mut t.voice_response),
    Clock { may_exceed: true, ..clock("answer", "HL044", Some("R5"), (1, 30), |t| &mut t.answer) },
    Clock { may_exceed: true, ..clock("transfer_answer", "HL044", Some("R59"), (1, 30), |t| &mut t.transfer_answer) },
    Clock { may_exceed: true, ..clock("first_communication", "HL042", Some("R6"), (1, 300), |t| &mut t.first_communication) },
    Clock { may_exceed: true, ..clock("handling", "HL042", Some("R7"), (1, 900), |t| &mut t.handling) },
    Clock { may_exceed: true, ..clock("deferred_response", "HL042", Some("R19"), (1, 600), |t| &mut t.deferred_response) },
    Clock { may_exceed: true, ..clock("complaint_record", "HL042", Some("R79"), (1, 600), |t| &mut t.complaint_record) },
    Clock { may_exceed: true, ..clock("complaint_investigation", "HL042", Some("R80"), (1, 7_200), |t| &mut t.complaint_investigation) },
    clock("dedicated_min", "HL043", Some("R45"), (1_800, 86_400), |t| &mut t.dedicated_min),
    clock("ring_per_offer", "HL045", None, (1, 120), |t| &mut t.ring_per_offer),
    clock("ring_min", "HL045", None, (1, 120), |t| &mut t.ring_min),
    clock("no_progress", "HL045", None, (1, 30), |t| &mut t.no_progress),
    clock("unreachable_retry", "HL045", None, (1, 3_600), |t| &mut t.unreachable_retry),
    clock("linger", "HL045", None, (1, 3_600), |t| &mut t.linger),
];
const OTHER_KEYS: [&str; 3] = ["answer_clock_start", "warn_at", "manual_override"];
const STARTS: [(&str, AnswerClockStart); 2] = [("queue", AnswerClockStart::Queue), ("arrival", AnswerClockStart::Arrival)];

/// The table of several that has a key; tells a key that two have.
pub(crate) fn holder<'t, 'a>(tables: &'t [Table<'a>], key: &str, findings: &mut Findings) -> Option<&'t Table<'a>> {
    let mut with = tables.iter().filter(|table| table.get(key).is_some());
    let first = with.next();
    let place = first.and_then(|table| table.get(key)).map(|node| node.place());
    for (node, first) in with.filter_map(|table| table.get(key)).zip(place.iter().cycle()) {
        findings
            .error("HL008", &node.place(), said!("`{key}` is set twice", "`{key}` 设置了两次"), both("set before", "前面已设置"))
            .first(first)
            .help(both("keep one of them", "请保留其中一个"));
    }
    first
}

pub(crate) fn timers(tables: &[Table<'_>], findings: &mut Findings) -> Timers {
    let known: Vec<&str> = CLOCKS.iter().map(|clock| clock.key).chain(OTHER_KEYS).collect();
    for table in tables {
        table.only(&known, code("`[timers]`"), findings);
    }
    let mut timers = Timers::default();
    let overridden = holder(tables, "manual_override", findings).is_some_and(|table| overrides(table, findings));
    for clock in &CLOCKS {
        let read = |table: &Table<'_>, findings: &mut Findings| {
            if overridden && clock.may_exceed { table.duration(clock.key, findings) } else { table.length(clock.key, findings) }
        };
        let Some(at) = holder(tables, clock.key, findings).and_then(|table| read(table, findings)) else { continue };
        check_range(clock, at.value, overridden, &at.place, findings);
        *(clock.field)(&mut timers) = at.value;
    }
    let start = holder(tables, "answer_clock_start", findings);
    timers.answer_clock_start =
        start.and_then(|table| table.word("answer_clock_start", &STARTS, findings)).map_or(AnswerClockStart::Queue, |at| at.value);
    let warn_at = holder(tables, "warn_at", findings).and_then(|table| table.get("warn_at")?.fraction(findings));
    timers.warn_at = warn_at.unwrap_or(timers.warn_at);
    check_rings(tables, &timers, findings);
    timers
}

/// `manual_override = true`, or a reason in words.
pub(crate) fn overrides(table: &Table<'_>, findings: &mut Findings) -> bool {
    let Some(node) = table.get("manual_override") else { return false };
    match node.as_text() {
        Some(reason) if reason.trim().is_empty() => {
            findings.error(
                "HL005",
                &node.place(),
                both("`manual_override` without a reason", "`manual_override` 没有理由"),
                both("empty", "为空"),
            );
            false
        }
        Some(text) => flag_in_text(text, &node, findings),
        None => table.flag("manual_override", findings).unwrap_or(false),
    }
}

/// `"false"` is no reason, and whoever writes it means the opposite.
fn flag_in_text(text: &str, node: &Node<'_>, findings: &mut Findings) -> bool {
    let place = node.place();
    let Some(fix) = node.flag_in_text() else { return true };
    let message = both("`manual_override` in quotes is taken for a reason", "`manual_override` 加了引号会被当作理由");
    let help = both("write `false` or `true` without quotes, or the reason in words", "请写不带引号的 `false` 或 `true`，或用文字写明理由");
    let label = said!("this is the text `{text}`", "这是文本 `{text}`", text = text.escape_debug());
    findings.error("HL003", &place, message, label).help(help).maybe_fix(Some(fix));
    false
}

/// Whether a clock is longer than the manual's, which `manual_override` permits.
pub(crate) fn goes_beyond(timers: &Timers) -> bool {
    let mut timers = timers.clone();
    CLOCKS.iter().any(|clock| clock.may_exceed && *(clock.field)(&mut timers) > clock.most)
}

fn check_range(clock: &Clock, value: Duration, overridden: bool, place: &Place, findings: &mut Findings) {
    let too_long = value > clock.most && !(clock.may_exceed && overridden);
    if value >= clock.least && !too_long {
        return;
    }
    let (least, most) = (values::in_words(clock.least), values::in_words(clock.most));
    let message = match clock.rule {
        Some(_) if too_long => said!(
            "`timers.{}` of {} exceeds the {most} of the manual",
            "`timers.{}` 为 {:#}，超过手册规定的 {most:#}",
            clock.key,
            values::in_words(value)
        ),
        Some(_) | None => said!("`timers.{}` of {} is out of range", "`timers.{}` 为 {:#}，超出范围", clock.key, values::in_words(value)),
    };
    let more = findings.error(clock.code, place, message, said!("allowed are {least} to {most}", "允许 {least:#}至 {most:#}"));
    let more = if let Some(rule) = clock.rule { more.rule(rule) } else { more };
    if clock.may_exceed && too_long {
        more.help(both(
            "to accept it, set `manual_override = \"the reason\"` in `[timers]`",
            "如确需如此，请在 `[timers]` 中写 `manual_override = \"理由\"`",
        ));
    }
}

fn check_rings(tables: &[Table<'_>], timers: &Timers, findings: &mut Findings) {
    let place = |keys: [&str; 2]| {
        let nodes = keys.into_iter().flat_map(|key| tables.iter().filter_map(move |table| table.get(key)));
        nodes.map(|node| node.place()).next()
    };
    let (answer, ring, least) = (timers.answer, timers.ring_per_offer, timers.ring_min);
    if let (true, Some(place)) = (ring >= answer, place(["ring_per_offer", "answer"])) {
        let message = said!(
            "one ring of {} fills the {} in which a person answers",
            "一次振铃 {:#}，占满了人工接听的 {:#}",
            values::in_words(ring),
            values::in_words(answer)
        );
        findings
            .error("HL045", &place, message, both("`ring_per_offer` must be less than `answer`", "`ring_per_offer` 必须短于 `answer`"))
            .rule("R5")
            .help(both("a second seat needs time too", "第二个坐席也需要时间"));
    }
    if let (true, Some(place)) = (least > ring, place(["ring_min", "ring_per_offer"])) {
        let message = said!(
            "the shortest ring of {} is longer than the longest of {}",
            "最短振铃 {:#}长于最长振铃 {:#}",
            values::in_words(least),
            values::in_words(ring)
        );
        findings
            .error("HL045", &place, message, both("`ring_min` must be at most `ring_per_offer`", "`ring_min` 不能超过 `ring_per_offer`"))
            .rule("R5");
    }
}
