//! `callback = { key = "2", slots = ["09:00"], ... }` of a queue.

use crate::finding::Findings;
use crate::outside::Outsiders;
use crate::read::Table;
use crate::said::{both, code, said};
use crate::scope::{Notes, Scope};
use crate::speech::say;
use crate::{Callback, spoken, values};
use hotline_model::Name;
use std::time::Duration;

/// Most slots: keys 2 to 9.
const MOST_SLOTS: usize = 8;
const RETRIES: std::ops::RangeInclusive<Duration> = Duration::from_secs(10)..=Duration::from_secs(86_400);
const FIXED: [&str; 9] = [
    "callback-number",
    "callback-confirm",
    "callback-enter",
    "callback-not-allowed",
    "callback-booked",
    "callback-full",
    "callback-unreached",
    "invalid-key",
    "goodbye",
];

/// What a call-back may say besides the speech of the rules.
pub(crate) fn prompts(callback: &Callback, language_code: &str) -> Vec<Name> {
    let mut all: Vec<Name> = FIXED.map(Name::from).to_vec();
    all.extend((0..10).map(|digit| Name::from(format!("number-{digit}"))));
    if !callback.slots.is_empty() {
        all.extend(["callback-now", "callback-at", "callback-press"].map(Name::from));
        all.extend(callback.slots.iter().flat_map(|minute| spoken::time_of_day(language_code, *minute)));
    }
    all
}

pub(crate) fn callback(
    queue: &Table<'_>,
    outsiders: &Outsiders,
    scope: &Scope<'_>,
    notes: &mut Notes,
    findings: &mut Findings,
) -> Option<Callback> {
    let node = queue.get("callback")?;
    let table = node.table(findings)?;
    table.only(&["key", "say", "slots", "calendar", "attempts", "retry", "limit"], code("`callback`"), findings);
    if outsiders.trunks.is_empty() || outsiders.outbound.allow.is_empty() {
        let message = both("callers are to be called back, and nobody can be called", "要回拨客户，却无法外呼");
        let help = both(
            "declare a `[[trunk]]`, and the numbers in `[outbound] allow`",
            "请定义 `[[trunk]]`，并在 `[outbound] allow` 中写明允许的号码",
        );
        findings
            .error("HL095", &node.place(), message, both("no trunk, or no number allowed", "没有中继，或没有允许外呼的号码"))
            .help(help);
    }
    let mut callback =
        Callback { key: key(&table, findings), say: say(scope, &table, "say", None, notes, findings), ..Callback::default() };
    callback.slots = slots(&table, findings);
    callback.calendar = table.get("calendar").and_then(|node| scope.calendar(&node, findings));
    if let (false, None, Some(node)) = (callback.slots.is_empty(), callback.calendar, table.get("slots")) {
        findings
            .error(
                "HL004",
                &node.place(),
                both("`slots` without a `calendar`", "有 `slots` 而没有 `calendar`"),
                both("on which days?", "在哪些日子？"),
            )
            .help(both("name the calendar of the queue's hours", "请写明该排队服务时间的日历"));
    }
    if let Some(attempts) = table.get("attempts").and_then(|node| node.number(1..=10, findings)) {
        callback.attempts = u8::try_from(attempts).unwrap_or(callback.attempts);
    }
    if let Some(retry) = table.duration("retry", findings) {
        if !RETRIES.contains(&retry.value) {
            findings.error(
                "HL007",
                &retry.place,
                both("a next attempt that is out of range", "重拨间隔超出范围"),
                both("10 s to 24 h", "10 秒至 24 小时"),
            );
        }
        callback.retry = retry.value;
    }
    callback.limit = table.get("limit").and_then(|node| node.number(1..=10_000, findings)).unwrap_or(callback.limit);
    Some(callback)
}

fn key(table: &Table<'_>, findings: &mut Findings) -> Option<char> {
    let text = table.text("key", findings)?;
    let mut chars = text.value.chars();
    let key = chars.next().filter(|key| key.is_ascii_digit() || *key == '*' || *key == '#').filter(|_| chars.next().is_none());
    if key.is_none() {
        findings.error(
            "HL005",
            &text.place,
            said!("`{}` is not a key", "`{}` 不是按键", text.value.escape_debug()),
            both("one of 0-9, `*`, `#`", "应为 0-9、`*`、`#` 之一"),
        );
    }
    key
}

fn slots(table: &Table<'_>, findings: &mut Findings) -> Vec<u16> {
    let nodes = table.list("slots", findings);
    if let Some(node) = nodes.get(MOST_SLOTS) {
        findings.error(
            "HL009",
            &node.place(),
            said!("more than {MOST_SLOTS} slots", "预约时刻超过 {MOST_SLOTS} 个"),
            both("the keys are 2 to 9", "按键只有 2 至 9"),
        );
    }
    let mut slots = Vec::new();
    for node in nodes.iter().take(MOST_SLOTS) {
        let Some(text) = node.text(findings) else { continue };
        match values::minute(text.value).filter(|minute| *minute < 24 * 60) {
            Some(minute) if slots.contains(&minute) => {
                let message = said!("{} is offered twice", "{} 重复", text.value);
                findings.error("HL115", &text.place, message, both("named before", "前面已写过")).help(both("remove it", "请删去"));
            }
            Some(minute) => slots.push(minute),
            None => {
                let message = said!("`{}` is not a time of day", "`{}` 不是时刻", text.value.escape_debug());
                findings
                    .error("HL005", &text.place, message, both("not a time", "不是时刻"))
                    .help(both("like `09:00` or `14:30`", "例如 `09:00` 或 `14:30`"));
            }
        }
    }
    slots
}
