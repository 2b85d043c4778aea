//! Days and hours that are written correctly and keep callers out when nobody means it (R15, R16).

use super::Rules;
use super::ways::covers;
use crate::declare::Item;
use crate::finding::{Findings, Place};
use crate::hours::{WEEKDAYS, stretch};
use crate::read::{Node, Table};
use crate::said::{both, said};
use crate::{Calendar, Go, values};
use hotline_model::QueueId;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A minute before midnight, with which many mean the end of the day.
const ALMOST_MIDNIGHT: u16 = 24 * 60 - 1;

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    for (item, calendar) in rules.declared.calendars.iter().zip(&rules.plan.calendars) {
        zone(&item.table, findings);
        make_up_days(&item.table, calendar, findings);
        off_and_worked(rules, item, findings);
        for node in hours(&item.table) {
            almost_midnight(&node, findings);
        }
    }
    for item in &rules.declared.holidays {
        without_days(rules, item, findings);
    }
    for (id, item) in rules.queues() {
        closed_there_too(rules, id, item, findings);
        let callback = rules.plan.queue(id).outward.callback.as_ref();
        let calendar = callback.and_then(|callback| callback.calendar).map(|calendar| rules.plan.calendar(calendar));
        if let (Some(calendar), Some(node)) = (calendar, item.table.get("callback")) {
            slots(calendar, &node, findings);
        }
    }
}

/// `Etc/GMT+8` lies west of Greenwich: the sign is that of POSIX, against what everybody reads.
fn zone(table: &Table<'_>, findings: &mut Findings) {
    let Some(node) = table.get("zone") else { return };
    let Some((name, hours)) = node.as_text().and_then(|name| Some((name, name.strip_prefix("Etc/GMT+")?))) else { return };
    if hours == "0" {
        return;
    }
    let message = said!("time zone `{name}` is {hours} h behind Greenwich", "时区 `{name}` 比格林尼治时间晚 {hours} 小时");
    let label = said!("the sign is turned around: this is UTC-{hours}", "正负号是反的：这是 UTC-{hours}");
    let help = said!(
        "name a place, such as `Asia/Shanghai` for UTC+8; as an offset it would be `Etc/GMT-{hours}`",
        "请写地名，如 UTC+8 的 `Asia/Shanghai`；按时差写则是 `Etc/GMT-{hours}`"
    );
    findings.warning("HL276", &node.place(), message, label).rule("R15").help(help);
}

/// R16: a make-up day is worked, so that the weekday that it is like has hours; of the whole week, one that nobody named may be closed.
fn make_up_days(table: &Table<'_>, calendar: &Calendar, findings: &mut Findings) {
    let Some(node) = table.get("workday_like") else { return };
    let open = calendar.week.iter().any(|day| !day.is_empty());
    if calendar.workdays.is_empty() || !open || !calendar.week_of(calendar.workday_like).is_empty() {
        return;
    }
    let (name, like) = (&calendar.name, node.as_text().unwrap_or_default());
    let days = calendar.workdays.len();
    let message = said!("calendar `{name}` is closed on its make-up days ({days})", "日历 `{name}` 在调休上班日（{days} 天）不开放");
    let label = said!("`hours` leave `{like}` out, so it is closed", "`hours` 没有写 `{like}`，就是不开放");
    let open = WEEKDAYS.iter().find(|(_, day)| !calendar.week_of(*day).is_empty()).map_or("mon", |(word, _)| word);
    let help = said!("name a day that has hours: `workday_like = \"{open}\"`", "请写有服务时间的星期：`workday_like = \"{open}\"`");
    findings.warning("HL277", &node.place(), message, label).rule("R16").help(help);
}

/// Two lists of one calendar that say the contrary of a day: the holiday wins.
fn off_and_worked(rules: &Rules<'_>, item: &Item<'_>, findings: &mut Findings) {
    let mut silent = Findings::default();
    let named = item.table.list("holidays", &mut silent);
    let lists = || rules.declared.holidays.iter().filter(|list| named.iter().any(|node| node.as_text() == Some(&*list.name.value)));
    let mut off: BTreeMap<Date, (Place, &Item<'_>)> = BTreeMap::new();
    for list in lists() {
        for (day, place) in days(&list.table, "off") {
            off.entry(day).or_insert((place, list));
        }
    }
    let worked = lists().flat_map(|list| days(&list.table, "workdays"));
    let Some((day, worked, (free, list))) = worked.filter_map(|(day, place)| Some((day, place, off.get(&day)?))).next() else { return };
    let (calendar, list) = (&item.name.value, &list.name.value);
    let message = said!("{day} is off and worked in calendar `{calendar}`", "{day} 在日历 `{calendar}` 里既放假又上班");
    let label = said!("closed all the same: list `{list}` has it off", "仍不开放：节假日表 `{list}` 写了放假");
    let help = both("keep it in one of the two lists", "请只留在其中一个表里");
    findings.warning("HL275", &worked, message, label).rule("R16").see(free, both("off here", "这里放假")).help(help);
}

fn days(table: &Table<'_>, key: &str) -> Vec<(Date, Place)> {
    let mut silent = Findings::default();
    let mut all = Vec::new();
    for node in table.list(key, &mut silent) {
        let Some((from, to)) = stretch(&node, &mut silent) else { continue };
        all.extend(from.series(jiff::Span::new().days(1)).take_while(|day| *day <= to).map(|day| (day, node.place())));
    }
    all
}

/// A list for a year keeps HL060 silent; without a day in it that year is like any other.
fn without_days(rules: &Rules<'_>, item: &Item<'_>, findings: &mut Findings) {
    let empty = |key: &str| item.table.get(key).and_then(|node| node.as_list()).is_none_or(|days| days.is_empty());
    let name = &item.name.value;
    if !empty("off") || !empty("workdays") || !rules.scope.holidays.is_used(name) {
        return;
    }
    let message = said!("holiday list `{name}` has no day in it", "节假日表 `{name}` 里没有日期");
    let label = both("calls on its holidays will be treated as on any day", "节假日的来电将按平日处理");
    let help = both("write its days: `off = [\"2027-01-01..2027-01-03\"]`", "请写上日期：`off = [\"2027-01-01..2027-01-03\"]`");
    findings.warning("HL278", &item.name.place, message, label).rule("R16").help(help);
}

/// The hours of the week and of exceptions.
fn hours<'a>(table: &Table<'a>) -> Vec<Node<'a>> {
    let mut silent = Findings::default();
    let week = table.get("hours").and_then(|node| node.as_table());
    let week = week.iter().flat_map(Table::entries).map(|(_, node)| node);
    let special = table.tables("exceptions", &mut silent).into_iter().filter_map(|table| table.get("hours"));
    let each = |node: Node<'a>| node.as_list().unwrap_or_else(|| vec![node]);
    week.chain(special).flat_map(each).collect()
}

fn almost_midnight(node: &Node<'_>, findings: &mut Findings) {
    let Some((text, (from, to))) = node.as_text().and_then(|text| Some((text, values::hours(text)?))) else { return };
    if to != ALMOST_MIDNIGHT {
        return;
    }
    let until = format!("{:02}:{:02}-24:00", from / 60, from % 60);
    let message = said!("`{text}` closes for the last minute of the day", "`{text}` 在一天的最后一分钟不开放");
    let label = both("who calls at 23:59 finds it closed", "23:59 打来的客户会遇到不开放");
    let help = said!("hours end before the time that is written: `{until}`", "结束的那一分钟不算在内：请写 `{until}`");
    findings.warning("HL279", &node.place(), message, label).rule("R15").help(help);
}

/// R15: whom a closed queue sends to another that is closed whenever it is, is sent on from there at once.
fn closed_there_too(rules: &Rules<'_>, id: QueueId, item: &Item<'_>, findings: &mut Findings) {
    let queue = rules.plan.queue(id);
    let to = queue.closed.as_ref().and_then(|branch| if let Go::Queue(to) = branch.go { Some(rules.plan.queue(to)) } else { None });
    let (Some(hours), Some(to), Some(node)) = (queue.hours, to, item.table.get("closed")) else { return };
    let Some(other) = to.hours else { return };
    if !covers(rules.plan.calendar(other), rules.plan.calendar(hours)) {
        return;
    }
    let message =
        said!("while queue `{}` is closed, queue `{}` is closed too", "排队 `{}` 不开放时，排队 `{}` 也不开放", queue.name, to.name);
    let label = both("callers take the `closed` of that one, and never wait there", "客户只会走那里的 `closed`，不会在那里等");
    let help = both("lead it to a queue that is open then, to a `voicemail`, or to a goodbye", "请转到那时开放的排队、`voicemail`，或告别");
    findings.warning("HL297", &node.place(), message, label).rule("R15").help(help);
}

/// Times for call-backs at which their calendar is closed on every day.
fn slots(calendar: &Calendar, callback: &Node<'_>, findings: &mut Findings) {
    let mut silent = Findings::default();
    let special = calendar.exceptions.values().map(|exception| &exception.hours);
    let spans: Vec<&(u16, u16)> = calendar.week.iter().chain(special).flatten().collect();
    for node in callback.as_table().map(|table| table.list("slots", &mut silent)).unwrap_or_default() {
        let Some((text, minute)) = node.as_text().and_then(|text| Some((text, values::minute(text)?))) else { continue };
        if spans.iter().any(|(from, to)| (*from..*to).contains(&minute)) {
            continue;
        }
        let name = &calendar.name;
        let message = said!("no call-back can be had at {text}", "{text} 永远约不到回拨");
        let label = said!("calendar `{name}` is closed at that time on every day", "日历 `{name}` 每天这个时刻都不开放");
        let help = both("choose a time inside its hours, or another calendar", "请改为开放时间内的时刻，或换一个日历");
        findings.warning("HL280", &node.place(), message, label).rule("R19").help(help);
    }
}
