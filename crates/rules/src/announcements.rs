//! `[[announcement]]`: what can be switched on to be said before the menu (R151).

use crate::declare::Declared;
use crate::finding::{At, Findings};
use crate::hours::not_a_day;
use crate::read::{Node, Table};
use crate::said::{both, said};
use crate::scope::{Notes, Scope, small};
use crate::speech::say;
use crate::suggest::did_you_mean;
use crate::{Announcement, Calendar, NumberId, values};
use hotline_model::{LookupMap, QueueId, WallTime};
use jiff::tz::TimeZone;

const WHAT: crate::Said = both("an announcement", "公告");

pub(crate) fn announcements(
    declared: &Declared<'_>,
    dialled: &LookupMap<String, NumberId>,
    calendars: &[Calendar],
    scope: &Scope<'_>,
    notes: &mut Notes,
    findings: &mut Findings,
) -> Vec<Announcement> {
    let zone = calendars.first().map_or(TimeZone::UTC, |calendar| calendar.zone.clone());
    let each = declared.announcements.iter().map(|item| {
        let table = &item.table;
        table.only(&["name", "say", "numbers", "queues", "from", "until"], WHAT, findings);
        let said = table.need("say", WHAT, findings).map(|_| say(scope, table, "say", None, notes, findings)).unwrap_or_default();
        let numbers: Vec<NumberId> =
            table.list("numbers", findings).iter().filter_map(|node| number(node, dialled, declared, findings)).collect();
        let mut queue = |node: &Node<'_>| {
            let text = node.text(findings)?;
            scope.queues.find(text.value, &text.place, findings).map(|id| QueueId(small(id)))
        };
        let mut silent = Findings::default();
        let queues = table.list("queues", &mut silent).iter().filter_map(&mut queue).collect();
        if let Some(node) = table.get("queues") {
            node.list(findings);
        }
        let (from, until) = (moment(table, "from", &zone, findings), moment(table, "until", &zone, findings));
        if let (Some(from), Some(until)) = (&from, &until)
            && until.value <= from.value
        {
            let message = said!("announcement `{}` is over before it begins", "公告 `{}` 还没开始就已结束", item.name.value);
            findings.error("HL177", &until.place, message, both("not after `from`", "不晚于 `from`"));
        }
        if let Some(until) = &until {
            over(&item.name.value, until, &zone, scope, findings);
        }
        let (from, until) = (from.map(|at| at.value), until.map(|at| at.value));
        Announcement { name: item.name.value.clone(), say: said, numbers, queues, from, until }
    });
    each.collect()
}

/// R151: what was to be said until a day that has passed is said no more, if the year is right.
fn over(name: &str, until: &At<WallTime>, zone: &TimeZone, scope: &Scope<'_>, findings: &mut Findings) {
    let today = scope.options.today.and_then(|today| today.to_zoned(zone.clone()).ok());
    let Some(today) = today.filter(|today| until.value.0 <= today.timestamp().as_microsecond()) else { return };
    let message = said!("announcement `{name}` is over", "公告 `{name}` 已经结束");
    let label = said!("before today, {}", "早于今天（{}）", today.date());
    let help = both(
        "mend the date; without `from` and `until` it is switched by `hotline announce`",
        "请改正日期；不写 `from` 和 `until` 就用 `hotline announce` 开关",
    );
    findings.warning("HL299", &until.place, message, label).rule("R151").help(help);
}

pub(crate) fn number(
    node: &Node<'_>,
    dialled: &LookupMap<String, NumberId>,
    declared: &Declared<'_>,
    findings: &mut Findings,
) -> Option<NumberId> {
    let text = node.text(findings)?;
    let found = dialled.get(text.value).copied();
    if found.is_none() {
        let names: Vec<&str> = declared.numbers.iter().map(|item| &*item.name.value).collect();
        let message = said!("unknown number `{}`", "未知的号码 `{}`", text.value.escape_debug());
        let all = || said!("the rules have: {names}", "规则里有：{names}", names = names.join(", "));
        let help = did_you_mean(text.value, names.iter().copied()).unwrap_or_else(all);
        findings.error("HL178", &text.place, message, both("no `[[number]]` has it", "没有这样的 `[[number]]`")).help(help);
    }
    found
}

/// A date and time, bare or in quotes, in the zone of the first calendar; or with an offset of its own.
fn moment(table: &Table<'_>, key: &str, zone: &TimeZone, findings: &mut Findings) -> Option<At<WallTime>> {
    let node = table.get(key)?;
    let text = node.as_moment().or_else(|| node.as_text().map(str::to_owned)).unwrap_or_default();
    let exact = text.parse::<jiff::Timestamp>().ok();
    let local = || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp());
    let found = exact.or_else(local).map(|at| WallTime(at.as_microsecond()));
    if found.is_none() {
        let day = text.split(['T', 't', ' ']).next().unwrap_or_default();
        let (message, label, help) = match values::odd_day(day) {
            Some(_) => {
                let (message, label, help, _) = not_a_day(day);
                (message, label, help)
            }
            None => (
                said!("`{key}` is no date and time", "`{key}` 不是日期和时间"),
                both("not a moment", "不是时刻"),
                both("like `2026-11-18T20:00:00`", "例如 `2026-11-18T20:00:00`"),
            ),
        };
        findings.error("HL005", &node.place(), message, label).help(help);
    }
    found.map(|value| At { value, place: node.place() })
}
