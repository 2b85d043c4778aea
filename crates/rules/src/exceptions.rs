//! Exceptions of calendars: other hours on single days, before holidays and weekdays.

use crate::finding::Findings;
use crate::hours::{MOST_DAYS, spans, stretch};
use crate::read::Table;
use crate::said::{both, said};
use crate::{Calendar, Exception, Said};
use jiff::civil::Date;

const MOST_EXCEPTIONS: usize = 400;
const LONGEST_NOTE: usize = 200;
/// Nobody plans for more years.
const AHEAD: i16 = 10;
const EXCEPTION: Said = both("an exception", "例外");

pub(crate) fn exceptions(table: &Table<'_>, calendar: &mut Calendar, today: Option<Date>, findings: &mut Findings) {
    let tables = table.tables("exceptions", findings);
    if let Some(table) = tables.get(MOST_EXCEPTIONS) {
        let message = said!("more than {MOST_EXCEPTIONS} exceptions in a calendar", "日历的例外超过 {MOST_EXCEPTIONS} 个");
        findings.error("HL009", &table.place(), message, both("one too many", "多出的一个"));
    }
    for table in tables.iter().take(MOST_EXCEPTIONS) {
        table.only(&["day", "hours", "closed", "note"], EXCEPTION, findings);
        let days = table.need("day", EXCEPTION, findings).and_then(|node| Some((days(&stretch(&node, findings)?, &node, findings)?, node)));
        let (Some(exception), Some((days, node))) = (exception(table, findings), days) else { continue };
        add(calendar, &exception, &days, today, &node.place(), findings);
    }
}

fn days((from, to): &(Date, Date), node: &crate::read::Node<'_>, findings: &mut Findings) -> Option<Vec<Date>> {
    let days: Vec<Date> = from.series(jiff::Span::new().days(1)).take_while(|day| day <= to).take(MOST_DAYS + 1).collect();
    if to < from || days.len() > MOST_DAYS {
        let (message, label, help) = if to < from {
            let help = said!("the earlier day first: `{to}..{from}`", "先写较早的一天：`{to}..{from}`");
            (said!("{from} to {to} ends before it begins", "{from} 至 {to} 的结束早于开始"), both("wrong order", "次序颠倒"), help)
        } else {
            let message = said!("{from} to {to} is longer than {MOST_DAYS} days", "{from} 至 {to} 超过 {MOST_DAYS} 天");
            let help = both("change `hours` of the calendar instead, or write several stretches", "请改日历的 `hours`，或分成几段来写");
            (message, both("too long", "过长"), help.to_owned())
        };
        findings.error("HL007", &node.place(), message, label).help(help);
        return None;
    }
    Some(days)
}

fn exception(table: &Table<'_>, findings: &mut Findings) -> Option<Exception> {
    let closed = table.flag("closed", findings).unwrap_or(false);
    let hours = table.get("hours");
    let note = table.line("note", findings);
    if let Some(note) = note.as_ref().filter(|note| !(1..=LONGEST_NOTE).contains(&note.value.chars().count())) {
        let label = said!("1 to {LONGEST_NOTE} characters in one line", "1 至 {LONGEST_NOTE} 个字，一行");
        findings.error("HL005", &note.place, both("not a note", "不是说明"), label);
    }
    if hours.is_some() == closed {
        let (message, label, help) = if closed {
            (
                both("an exception that is open and closed at once", "例外既写了开放又写了不开放"),
                both("both `hours` and `closed = true` are written", "`hours` 和 `closed = true` 都写了"),
                both("keep `hours` if it is open then, `closed = true` if it is not", "当天开放就留 `hours`，不开放就留 `closed = true`"),
            )
        } else {
            (
                both("an exception needs `hours` or `closed = true`", "例外要写 `hours` 或 `closed = true`"),
                both("neither is written", "两个都没写"),
                both("`{ day = 2026-12-31, hours = \"08:00-12:00\" }`", "例如 `{ day = 2026-12-31, hours = \"08:00-12:00\" }`"),
            )
        };
        findings.error("HL004", &table.place(), message, label).help(help);
        return None;
    }
    let hours = hours.map(|node| spans(&node, findings)).unwrap_or_default();
    Some(Exception { hours, note: note.map(|note| note.value.to_owned()) })
}

/// Days that an exception before it has are hidden; those that are over or go as they would anyway do nothing, and of one many
/// years ahead the year is likely a slip.
fn add(
    calendar: &mut Calendar,
    exception: &Exception,
    days: &[Date],
    today: Option<Date>,
    place: &crate::finding::Place,
    findings: &mut Findings,
) {
    let name = calendar.name.clone();
    let note = exception.note.as_deref().map(str::escape_debug);
    let hidden = days.iter().copied().find(|day| calendar.exceptions.contains_key(day));
    let idle = days.iter().all(|day| !calendar.exceptions.contains_key(day) && calendar.hours_on(*day) == exception.hours);
    let past = days.last().copied().filter(|last| today.is_some_and(|today| *last < today));
    let far = days.first().zip(today).map(|(first, today)| (first, first.year() - today.year())).filter(|(_, years)| *years > AHEAD);
    if let Some(day) = hidden {
        let message = said!("calendar `{name}` has an exception for {day} already", "日历 `{name}` 的 {day} 已有例外");
        findings
            .warning("HL180", place, message, both("hidden by the one before", "被前面的遮住"))
            .help(both("of two for one day the first holds: remove one", "同一天以前面写的为准：请删去一个"));
    } else if let Some(last) = past {
        let message = said!("an exception of calendar `{name}` was over on {last}", "日历 `{name}` 的例外已于 {last} 结束");
        findings
            .warning("HL181", place, message, note.map_or(both("past", "已过去"), |note| said!("past: {note}", "已过去：{note}")))
            .help(both("remove it", "请删去"));
    } else if let Some((first, years)) = far {
        let message = said!("an exception of calendar `{name}` in {years} years", "日历 `{name}` 的例外在 {years} 年之后");
        let label = said!("{first}: is the year right?", "{first}：年份是否有误？");
        let help = both("write the year that is meant, or remove it", "请改为正确的年份，或删去");
        findings.warning("HL320", place, message, label).help(help);
    } else if idle {
        let message = said!("an exception of calendar `{name}` changes nothing", "日历 `{name}` 的例外没有改变什么");
        findings.warning("HL181", place, message, both("these hours hold anyway", "本来就是这样的时间")).help(both("remove it", "请删去"));
    }
    for day in days {
        calendar.exceptions.entry(*day).or_insert_with(|| exception.clone());
    }
}
