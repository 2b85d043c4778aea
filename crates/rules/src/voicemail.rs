//! `[voicemail.NAME]`: messages that callers leave.

use crate::closing::branch;
use crate::declare::{Declared, Item};
use crate::finding::Findings;
use crate::read::Table;
use crate::said::{both, said};
use crate::scope::{Notes, Scope, small};
use crate::speech::say;
use crate::way_out::Ends;
use crate::{Branch, Said, Say, Voicemail, values};
use hotline_model::QueueId;
use std::ops::RangeInclusive;
use std::time::Duration;

const WHAT: Said = both("a voicemail", "留言");
const KEYS: [&str; 8] = ["say", "then", "longest", "shortest", "silence", "queue", "limit", "full"];
const LONGEST: RangeInclusive<Duration> = Duration::from_secs(10)..=Duration::from_secs(600);
const SHORTEST: RangeInclusive<Duration> = Duration::from_millis(500)..=Duration::from_secs(10);
const SILENCE: RangeInclusive<Duration> = Duration::from_secs(2)..=Duration::from_secs(30);

pub(crate) fn voicemails(
    declared: &Declared<'_>,
    scope: &Scope<'_>,
    ends: Ends<'_>,
    notes: &mut Notes,
    findings: &mut Findings,
) -> Vec<Voicemail> {
    declared.voicemails.iter().map(|item| voicemail(item, scope, ends, notes, findings)).collect()
}

fn voicemail(item: &Item<'_>, scope: &Scope<'_>, ends: Ends<'_>, notes: &mut Notes, findings: &mut Findings) -> Voicemail {
    let table = &item.table;
    table.only(&KEYS, WHAT, findings);
    let queue = queue(item, scope, findings);
    let default = Voicemail::new(item.name.value.clone(), queue.unwrap_or(QueueId(0)));
    let mut speech = |key: &str, default: Vec<Say>, findings: &mut Findings| {
        if table.get(key).is_some() { say(scope, table, key, None, notes, findings) } else { default }
    };
    let (before, then) = (speech("say", default.say, findings), speech("then", default.then, findings));
    let longest = duration(table, "longest", default.longest, LONGEST, findings);
    let shortest = duration(table, "shortest", default.shortest, SHORTEST, findings);
    let silence = duration(table, "silence", default.silence, SILENCE, findings);
    if longest <= shortest.max(silence) {
        let place = table.get("longest").map_or(table.place(), |node| node.place());
        let message = said!("no message fits into voicemail `{}`", "留言 `{}` 里留不下一条留言", item.name.value);
        let label = both("not longer than `shortest` and `silence`", "不长于 `shortest` 和 `silence`");
        let help = both("give it more time, like `longest = \"2min\"`", "请放长，例如 `longest = \"2min\"`");
        findings.error("HL202", &place, message, label).help(help);
    }
    let limit = table.get("limit").and_then(|node| node.number(1..=1_000, findings)).unwrap_or(default.limit);
    let full = full(table, scope, ends, notes, findings).unwrap_or(default.full);
    Voicemail { name: default.name, say: before, then, longest, shortest, silence, queue: default.queue, limit, full }
}

/// R19: somebody is to answer it.
fn queue(item: &Item<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Option<QueueId> {
    let Some(node) = item.table.get("queue") else {
        let message = said!("nobody answers the messages of voicemail `{}`", "留言 `{}` 没有人处理", item.name.value);
        let help = both("name the queue whose people do: `queue = \"...\"`", "请写明由哪个排队的人员处理：`queue = \"...\"`");
        findings.error("HL201", &item.name.place, message, both("`queue` is missing", "缺少 `queue`")).rule("R19").help(help);
        return None;
    };
    let text = node.text(findings)?;
    scope.queues.find(text.value, &text.place, findings).map(|id| QueueId(small(id)))
}

fn duration(table: &Table<'_>, key: &str, default: Duration, range: RangeInclusive<Duration>, findings: &mut Findings) -> Duration {
    let Some(at) = table.duration(key, findings) else { return default };
    if !range.contains(&at.value) {
        let (from, to) = (values::in_words(*range.start()), values::in_words(*range.end()));
        let message = said!("`{key}` of {} is out of range", "`{key}` 为 {:#}，超出范围", values::in_words(at.value));
        findings.error("HL007", &at.place, message, said!("{from} to {to}", "{from:#}至{to:#}"));
    }
    at.value
}

fn full(table: &Table<'_>, scope: &Scope<'_>, ends: Ends<'_>, notes: &mut Notes, findings: &mut Findings) -> Option<Branch> {
    let table = table.get("full")?.table(findings)?;
    if let Some(node) = table.get("voicemail") {
        let message = both("a full voicemail that leads to a voicemail", "留言已满又转去留言");
        let help = both("lead it to a queue, a menu or a goodbye", "请改为转排队、转菜单或告别");
        findings.error("HL204", &node.place(), message, both("it may be full as well", "那里也可能满了")).help(help);
        return None;
    }
    table.only(&["say", "menu", "queue", "goodbye"], crate::said::code("`full`"), findings);
    Some(branch(&table, scope, ends, notes, findings))
}

/// Those into which no caller is led.
pub(crate) fn check(declared: &Declared<'_>, scope: &Scope<'_>, findings: &mut Findings) {
    for item in declared.voicemails.iter().filter(|item| !scope.voicemails.is_used(&item.name.value)) {
        let message = said!("no caller is led to voicemail `{}`", "没有来电会进入留言 `{}`", item.name.value);
        let help = both(
            "lead a key or a gate to it: `voicemail = \"...\"`, or remove it",
            "让按键或分流指向它：`voicemail = \"...\"`；否则删除它",
        );
        findings.warning("HL203", &item.name.place, message, both("no branch names it", "没有分支引用它")).help(help);
    }
}
