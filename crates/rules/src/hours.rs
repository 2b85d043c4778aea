//! Calendars and holiday lists.

use crate::declare::Item;
use crate::finding::{Findings, Place};
use crate::fixes::respelt;
use crate::read::{Node, Table};
use crate::said::{both, said};
use crate::scope::Scope;
use crate::suggest::did_you_mean;
use crate::values::{self, OddDay};
use crate::{Calendar, Said, exceptions, zones};
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Most opening times of one day.
const MOST_SPANS: usize = 8;
/// Most days of one holiday list.
pub(crate) const MOST_DAYS: usize = 400;
/// From so many days before the end of the year the next year's holidays must be there.
const HOLIDAYS_AHEAD: i32 = 60;
pub(crate) const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// A list's days may be so many days before or behind its year: the days around New Year are announced with one of the two years.
const OVER_NEW_YEAR: i32 = 7;

/// The holidays of one year.
#[derive(Debug, Default)]
pub(crate) struct Holidays {
    year: i16,
    off: BTreeSet<Date>,
    workdays: BTreeSet<Date>,
    /// Where each make-up day is named.
    named: BTreeMap<Date, Place>,
    /// The make-up days that change nothing in any calendar so far; `None` while no calendar uses the list.
    idle: Option<BTreeSet<Date>>,
}

pub(crate) fn holidays(items: &[Item<'_>], findings: &mut Findings) -> Vec<Holidays> {
    items.iter().map(|item| holiday_list(&item.table, findings)).collect()
}

fn holiday_list(table: &Table<'_>, findings: &mut Findings) -> Holidays {
    table.only(&["year", "off", "workdays"], both("a holiday list", "节假日表"), findings);
    let year = table.need("year", both("a holiday list", "节假日表"), findings).and_then(|node| node.number(2000..=2200, findings));
    let Some(year) = year.and_then(|year| i16::try_from(year).ok()) else { return Holidays::default() };
    let off_at = days(table, "off", year, findings);
    let off: BTreeSet<Date> = off_at.keys().copied().collect();
    let named = days(table, "workdays", year, findings);
    let workdays: BTreeSet<Date> = named.keys().copied().collect();
    for (day, worked) in &named {
        let Some(free) = off_at.get(day) else { continue };
        let message = said!("{day} is a holiday and a workday", "{day} 既放假又上班");
        findings
            .error("HL008", worked, message, both("worked here", "这里上班"))
            .see(free, both("off here", "这里放假"))
            .help(both("keep it in one list", "请只留在其中一个列表里"));
    }
    Holidays { year, off, workdays, named, idle: None }
}

/// The days of a list, and where each is named.
fn days(table: &Table<'_>, key: &str, year: i16, findings: &mut Findings) -> BTreeMap<Date, Place> {
    let (mut all, mut seen) = (BTreeMap::new(), BTreeSet::new());
    for node in table.list(key, findings) {
        let Some((from, to)) = stretch(&node, findings) else { continue };
        if to < from || !of_year(from, year) || !of_year(to, year) {
            let message = if from == to {
                said!("{from} is no day of {year}", "{from} 不在 {year} 年")
            } else {
                said!("{from} to {to} is no stretch of days of {year}", "{from} 至 {to} 不是 {year} 年的一段日期")
            };
            let label = if to < from { both("wrong order", "次序颠倒") } else { both("wrong year", "年份不对") };
            let other = said!(
                "put it into the list of its year, or mend `year`; only days within {OVER_NEW_YEAR} days of {year} may stand here, for holidays over New Year",
                "请写到相应年份的节假日表，或改正 `year`；这里只能有 {year} 年及其前后 {OVER_NEW_YEAR} 天内的日期（跨年假期）"
            );
            findings.error("HL007", &node.place(), message, label).maybe_help((from <= to).then_some(other));
            continue;
        }
        let series = from.series(jiff::Span::new().days(1)).take_while(|day| *day <= to).take(MOST_DAYS + 1);
        let mut again = Vec::new();
        for day in series {
            match all.entry(day) {
                Entry::Vacant(free) => drop(free.insert(node.place())),
                Entry::Occupied(first) => again.push((day, first.get().clone())),
            }
        }
        let written = node.as_text().map(str::to_owned).or_else(|| node.as_date());
        // The same entry again is told of as such (HL287).
        if seen.insert(written) {
            twice(key, &again, &node.place(), findings);
        }
        if all.len() > MOST_DAYS {
            findings.error(
                "HL009",
                &node.place(),
                said!("more than {MOST_DAYS} days in a holiday list", "节假日表超过 {MOST_DAYS} 天"),
                both("too many", "过多"),
            );
            break;
        }
    }
    all
}

/// A day that stands alone and in a stretch too, or in two stretches: whoever mends one of them leaves the other as it was.
fn twice(key: &str, again: &[(Date, Place)], place: &Place, findings: &mut Findings) {
    let Some((day, first)) = again.first() else { return };
    let message = match again.len() - 1 {
        0 => said!("{day} is in `{key}` twice", "`{key}` 里写了两次 {day}"),
        others => {
            said!("{day} is in `{key}` twice; so are days behind it ({others})", "`{key}` 里写了两次 {day}；其后另有 {others} 天也是")
        }
    };
    let help = both("keep each day in one place, or write the day that was meant", "每天只写一处，或改为原本要写的日期");
    findings
        .warning("HL331", place, message, both("a second time", "第二次"))
        .rule("R16")
        .see(first, both("first here", "前一处在此"))
        .help(help);
}

/// Whether a day is of a year, or so near that a holiday over New Year has it.
fn of_year(day: Date, year: i16) -> bool {
    let days = |from: Date, to: Date| from.until(to).map_or(i32::MAX, |span| span.get_days());
    days(day, date(year, 1, 1)) <= OVER_NEW_YEAR && days(date(year, 12, 31), day) <= OVER_NEW_YEAR
}

pub(crate) fn stretch(node: &Node<'_>, findings: &mut Findings) -> Option<(Date, Date)> {
    if let Some(text) = node.as_date() {
        return values::days(&text);
    }
    let text = node.text_as(both("a date", "日期"), findings)?;
    let days = values::days(text.value);
    if days.is_none() {
        let (message, label, help, meant) = not_a_day(text.value);
        findings
            .error("HL005", &text.place, message, label)
            .help(help)
            .maybe_fix(meant.and_then(|meant| respelt(text.value, &meant, &text.place)));
    }
    days
}

/// What is wrong with what stands for a day or days: message, label, way out, and the text that was meant.
pub(crate) fn not_a_day(text: &str) -> (Said, Said, Said, Option<String>) {
    let (text, form) = (
        text.escape_debug(),
        both("like `2026-06-19` or `\"2026-10-01..2026-10-07\"`", "例如 `2026-06-19` 或 `\"2026-10-01..2026-10-07\"`"),
    );
    match values::odd_day(&text.to_string()) {
        Some(OddDay::NoSuchDay { year, month, day, days }) => (
            said!("there is no day {year:04}-{month:02}-{day:02}", "没有 {year:04}-{month:02}-{day:02} 这一天"),
            said!("{year:04}-{month:02} has {days} days", "{year:04}-{month:02} 只有 {days} 天"),
            both("write the day that is meant", "请改为原本要写的日期"),
            None,
        ),
        Some(OddDay::NoSuchMonth(month)) => {
            let help = both("a day is written year-month-day: `2026-06-19`", "日期按 年-月-日 写：`2026-06-19`");
            (
                said!("`{text}` has no month {month:02}", "`{text}`：没有 {month} 月"),
                both("months are 01 to 12", "月份为 01 至 12"),
                help,
                None,
            )
        }
        Some(OddDay::Meant(meant)) => {
            let message = said!("`{text}` is not how a date is written", "`{text}` 不是日期的写法");
            (message, both("not in this form", "写法不对"), said!("write `{meant}`", "改为 `{meant}`"), Some(meant))
        }
        None => (said!("`{text}` is not a date", "`{text}` 不是日期"), both("not a date", "不是日期"), form, None),
    }
}

pub(crate) fn calendars(items: &[Item<'_>], mut lists: Vec<Holidays>, scope: &Scope<'_>, findings: &mut Findings) -> Vec<Calendar> {
    let all = items.iter().map(|item| calendar(item, &mut lists, scope, findings)).collect();
    lists.iter().for_each(|list| tell_idle(list, findings));
    all
}

/// A make-up day that every calendar of its list works anyway is likely another day than was meant.
fn tell_idle(list: &Holidays, findings: &mut Findings) {
    let idle = list.idle.iter().flatten();
    let Some((day, place)) = idle.clone().find_map(|day| Some((*day, list.named.get(day)?))) else { return };
    let weekday = &weekday(day.weekday());
    let others = idle.count() - 1;
    let message = match others {
        0 => said!([weekday] "the make-up day {day}, a {weekday}, is worked anyway", "调休上班日 {day}（{weekday}）本来就上班"),
        others => said!(
            [weekday] "the make-up day {day}, a {weekday}, is worked anyway; so are others ({others})",
            "调休上班日 {day}（{weekday}）本来就上班；另有 {others} 天也是"
        ),
    };
    findings
        .warning("HL250", place, message, both("changes nothing in any calendar that uses the list", "对引用此表的日历都不起作用"))
        .help(both("make-up days are days that the week leaves out: is the date right?", "调休上班日应是平时不上班的日子：日期是否有误？"));
}

fn calendar(item: &Item<'_>, lists: &mut [Holidays], scope: &Scope<'_>, findings: &mut Findings) -> Calendar {
    let table = &item.table;
    table.only(&["zone", "hours", "holidays", "workday_like", "exceptions", "complaints_24h"], both("a calendar", "日历"), findings);
    let mut calendar = Calendar {
        name: item.name.value.clone(),
        zone: table.need("zone", both("a calendar", "日历"), findings).and_then(|node| zone(&node, findings)).unwrap_or(TimeZone::UTC),
        week: week(table, findings),
        off: BTreeSet::new(),
        workdays: BTreeSet::new(),
        workday_like: table.word("workday_like", &WEEKDAYS, findings).map_or(Weekday::Monday, |at| at.value),
        exceptions: BTreeMap::new(),
        complaints_24h: table.flag("complaints_24h", findings).unwrap_or(true),
    };
    let mut years = BTreeSet::new();
    for node in table.list("holidays", findings) {
        let Some(name) = node.text(findings) else { continue };
        let Some(list) = scope.holidays.find(name.value, &name.place, findings).and_then(|id| lists.get_mut(id)) else { continue };
        years.insert(list.year);
        calendar.off.extend(&list.off);
        calendar.workdays.extend(&list.workdays);
        let like = calendar.week_of(calendar.workday_like);
        // A house that is open at weekends uses the country's list as it is.
        let weekend = |day: &Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let idle = |day: &&Date| !like.is_empty() && !weekend(day) && calendar.week_of(day.weekday()) == like;
        list.idle = Some(list.idle.as_ref().unwrap_or(&list.workdays).iter().filter(idle).copied().collect());
    }
    if let (Some(today), Some(node), false) = (scope.options.today, table.get("holidays"), years.is_empty()) {
        check_years(today, &years, &item.name.value, &node.place(), findings);
    }
    exceptions::exceptions(table, &mut calendar, scope.options.today, findings);
    calendar
}

fn check_years(today: Date, years: &BTreeSet<i16>, name: &str, place: &Place, findings: &mut Findings) {
    let year = today.year();
    let to_new_year = today.until(date(year, 12, 31)).map_or(i32::MAX, |span| span.get_days());
    let next = year.checked_add(1).filter(|_| to_new_year <= HOLIDAYS_AHEAD);
    for missing in [Some(year), next].into_iter().flatten().filter(|year| !years.contains(year)) {
        let message = said!("no holiday list for {missing} in calendar `{name}`", "日历 `{name}` 缺少 {missing} 年的节假日表");
        let weekday = &weekday(Date::new(missing, 1, 1).map_or(Weekday::Monday, Date::weekday));
        let label = said!(
            [weekday] "calls on {missing}-01-01 will be treated as on any {weekday}",
            "{missing}-01-01 的来电将按普通的{weekday}处理"
        );
        findings.warning("HL060", place, message, label).help(said!(
            "declare one with `year = {missing}` and name it here",
            "请定义一个 `year = {missing}` 的节假日表，并把名称写在这里"
        ));
    }
}

pub(crate) fn weekday(weekday: Weekday) -> Said {
    match weekday {
        Weekday::Monday => both("Monday", "星期一"),
        Weekday::Tuesday => both("Tuesday", "星期二"),
        Weekday::Wednesday => both("Wednesday", "星期三"),
        Weekday::Thursday => both("Thursday", "星期四"),
        Weekday::Friday => both("Friday", "星期五"),
        Weekday::Saturday => both("Saturday", "星期六"),
        Weekday::Sunday => both("Sunday", "星期日"),
    }
}

fn zone(node: &Node<'_>, findings: &mut Findings) -> Option<TimeZone> {
    let text = node.text(findings)?;
    let zone = TimeZone::get(text.value).ok();
    if zone.is_none() {
        let message = said!("unknown time zone `{}`", "未知的时区 `{}`", text.value.escape_debug());
        let label = if zones::is_offset(text.value) {
            both("an offset or an abbreviation is no time zone", "时差或缩写不是时区")
        } else {
            both("not in the IANA time zone database", "IANA 时区数据库中没有")
        };
        findings.error("HL005", &text.place, message, label).help(zones::way_out(text.value));
    }
    zone
}

fn week(table: &Table<'_>, findings: &mut Findings) -> [Vec<(u16, u16)>; 7] {
    let mut week: [Vec<(u16, u16)>; 7] = Default::default();
    let mut given: [Option<Place>; 7] = Default::default();
    let Some(hours) = table.need("hours", both("a calendar", "日历"), findings).and_then(|node| node.table(findings)) else {
        return week;
    };
    for (key, node) in hours.entries() {
        let Some(days) = values::weekdays(key.value) else {
            let message = said!("`{}` is not a day of the week", "`{}` 不是星期几", key.value.escape_debug());
            let meant = values::meant_weekdays(key.value);
            let help = meant
                .as_ref()
                .map(|meant| said!("write `{meant}`", "改为 `{meant}`"))
                .or_else(|| did_you_mean(key.value, WEEKDAYS.map(|(word, _)| word)))
                .unwrap_or_else(|| both("like `mon`, `mon-fri`, `daily`", "例如 `mon`、`mon-fri`、`daily`"));
            findings
                .error("HL005", &key.place, message, both("not a day", "不是星期几"))
                .help(help)
                .maybe_fix(meant.and_then(|meant| respelt(key.value, &meant, &key.place)));
            continue;
        };
        let spans = spans(&node, findings);
        for day in days {
            if let Some(first) = given[day].replace(key.place.clone()) {
                let message = said!("hours of `{}` are given twice", "`{}` 的服务时间写了两次", WEEKDAYS[day].0);
                findings
                    .error("HL008", &key.place, message, both("given before", "前面已写过"))
                    .first(&first)
                    .help(both("give each day once", "每天只写一次"));
            }
            week[day].clone_from(&spans);
        }
    }
    week
}

pub(crate) fn spans(node: &Node<'_>, findings: &mut Findings) -> Vec<(u16, u16)> {
    let nodes = if node.as_text().is_some() { vec![*node] } else { node.list(findings) };
    let mut spans: Vec<(u16, u16)> = Vec::new();
    for node in nodes.iter().take(MOST_SPANS) {
        let Some(text) = node.text(findings) else { continue };
        let span = values::hours(text.value);
        let end_before = spans.last().map_or(0, |(_, to)| *to);
        match span {
            Some((from, to)) if from < to && from >= end_before => spans.push((from, to)),
            Some(span) => out_of_order(text.value, span, &text.place, findings),
            None => not_hours(text.value, &text.place, findings),
        }
    }
    if nodes.len() > MOST_SPANS {
        findings.error(
            "HL009",
            &node.place(),
            said!("more than {MOST_SPANS} opening times in a day", "一天超过 {MOST_SPANS} 段服务时间"),
            both("too many", "过多"),
        );
    }
    spans
}

/// A stretch that is empty, over midnight, or before the one before it.
fn out_of_order(text: &str, (from, to): (u16, u16), place: &Place, findings: &mut Findings) {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let (message, label, help) = if from == to {
        let help = both("round the clock is `00:00-24:00`; a day that is left out is closed", "全天写 `00:00-24:00`；没写的日子不开放");
        (said!("`{text}` is no time at all", "`{text}` 没有时间"), both("ends as it begins", "开始即结束"), help)
    } else if from > to {
        let (first, second) = (format!("{}-24:00", clock(from)), format!("00:00-{}", clock(to)));
        let help = match to {
            0 => said!("midnight as an end is `24:00`: `{first}`", "到午夜为止写 `24:00`：`{first}`"),
            _ => said!("over midnight: `{first}`, and `{second}` on the next day", "跨午夜请写 `{first}`，次日再写 `{second}`"),
        };
        (said!("`{text}` ends before it begins", "`{text}` 的结束早于开始"), both("wrong order", "次序颠倒"), help)
    } else {
        let message = said!("`{text}` begins before the one before it ends", "`{text}` 在前一段结束之前就开始");
        (
            message,
            both("overlaps", "重叠"),
            both("write the earlier one first, and make one of both where they overlap", "先写较早的一段；重叠的请合成一段"),
        )
    };
    findings.error("HL005", place, message, label).help(help);
}

fn not_hours(text: &str, place: &Place, findings: &mut Findings) {
    let message = said!("`{}` is not a stretch of hours", "`{}` 不是一段时间", text.escape_debug());
    let meant = values::meant_hours(text);
    let help = meant.as_ref().map(|meant| said!("write `{meant}`", "改为 `{meant}`"));
    findings
        .error("HL005", place, message, both("not hours", "不是时间段"))
        .help(help.unwrap_or_else(|| both("like `08:00-20:00`", "例如 `08:00-20:00`")))
        .maybe_fix(meant.and_then(|meant| respelt(text, &meant, place)));
}
