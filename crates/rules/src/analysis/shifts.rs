//! `[access]` that lets nobody in while callers are let in (R138): hours in which nobody may sign in, seats that may at no telephone.

use super::Rules;
use crate::finding::Findings;
use crate::finding::Place;
use crate::hours::{WEEKDAYS, weekday};
use crate::said::{both, said};
use crate::{Calendar, CalendarId, Plan, Said, When};
use hotline_model::{Name, QueueId};
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

/// Open times of Monday to Sunday.
type Week = [Vec<(u16, u16)>; 7];

const END_OF_DAY: u16 = 24 * 60;

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    devices(rules, findings);
    hours(rules, findings);
}

/// Whoever has no PIN signs in at the own telephone only.
fn devices(rules: &Rules<'_>, findings: &mut Findings) {
    let devices: BTreeSet<&Name> = rules.plan.settings.access.devices.iter().collect();
    let Some(node) = rules.declared.access.iter().find_map(|table| table.get("devices")).filter(|_| !devices.is_empty()) else { return };
    let seats = rules.plan.seats.iter().filter(|seat| !seat.retired && seat.desk.pin.is_none());
    let out: Vec<&Name> = seats.map(|seat| &seat.name).filter(|name| !devices.contains(name)).collect();
    let Some(first) = out.first() else { return };
    let message = match out.len() - 1 {
        0 => said!("seat `{first}` may sign in nowhere", "坐席 `{first}` 在哪里都不能签入"),
        others => {
            said!("seat `{first}` may sign in nowhere; nor may others ({others})", "坐席 `{first}` 在哪里都不能签入；另有 {others} 个也是")
        }
    };
    let label = both("its telephone is not among them, and without a PIN it has no other", "其中没有它的话机，没有 PIN 又不能用别的话机");
    let help = said!(
        "add `\"{first}\"` here, give it a `pin` for the telephones that are here, or leave `devices` out",
        "请在这里加上 `\"{first}\"`，或给它写 `pin` 以便用这里的话机，或不写 `devices`"
    );
    findings.warning("HL311", &node.place(), message, label).rule("R138").help(help);
}

/// The hours of queues, numbers and menus, against those in which people may work.
fn hours(rules: &Rules<'_>, findings: &mut Findings) {
    let plan = rules.plan;
    let Some(shifts) = plan.settings.access.shifts.map(|shifts| plan.calendar(shifts)) else { return };
    let Some(node) = rules.declared.access.iter().find_map(|table| table.get("shifts")) else { return };
    // One that never opens is told of as such (HL289).
    let mut spans = shifts.week.iter().chain(shifts.exceptions.values().map(|exception| &exception.hours));
    if spans.all(Vec::is_empty) {
        return;
    }
    let today = rules.scope.options.today;
    round_the_clock(rules, shifts, &node.place(), findings);
    for calendar in served(rules).into_iter().map(|id| plan.calendar(id)) {
        let alone = if calendar.zone == shifts.zone {
            unattended(calendar, shifts, today)
        } else {
            week_alone(calendar, &week_in(shifts, calendar, today.unwrap_or(date(2026, 1, 1))))
        };
        let Some(first) = alone.first() else { continue };
        let message = match alone.len() - 1 {
            0 => {
                said!([first] "nobody may sign in on {first}, when calendar `{name}` is open", "{first}，日历 `{name}` 在开放，却谁也不能签入", name = calendar.name)
            }
            others => said!(
                [first] "nobody may sign in on {first}, when calendar `{name}` is open; nor on other days ({others})",
                "{first}，日历 `{name}` 在开放，却谁也不能签入；另有 {others} 天也是",
                name = calendar.name
            ),
        };
        let label = said!("`{}` is closed then", "`{}` 这时不开放", shifts.name);
        let help = said!(
            "give `{}` these hours too, or name a calendar that has them, like `{}`",
            "请让 `{}` 也包含这些时间，或换一个包含它们的日历，例如 `{}`",
            shifts.name,
            calendar.name
        );
        findings.warning("HL312", &node.place(), message, label).rule("R138").help(help);
    }
}

/// Queues that callers reach when no calendar is open: without `hours`, or as complaints (R17).
fn round_the_clock(rules: &Rules<'_>, shifts: &Calendar, place: &Place, findings: &mut Findings) {
    let plan = rules.plan;
    let used: Vec<(CalendarId, &Calendar)> = served(rules).into_iter().map(|id| (id, plan.calendar(id))).collect();
    let mut all: BTreeMap<(QueueId, Option<CalendarId>), (Said, usize)> = BTreeMap::new();
    for (_, day) in WEEKDAYS {
        let open = |calendar: &Calendar, at: u16| open_at(calendar, day, at);
        let mut told = BTreeSet::new();
        for (at, end) in stretches(used.iter().map(|(_, calendar)| *calendar).chain([shifts]), day) {
            // While one of them is open, it is told of itself.
            if open(shifts, at) || used.iter().any(|(_, calendar)| calendar.zone == shifts.zone && open(calendar, at)) {
                continue;
            }
            let known =
                |id: CalendarId| Some(plan.calendar(id)).filter(|calendar| calendar.zone == shifts.zone).map(|calendar| open(calendar, at));
            for waits in plan.let_in(&known).into_iter().filter(|waits| told.insert(*waits)) {
                let when = stretch_in_words(&weekday(day), at, end);
                all.entry(waits).and_modify(|(_, days)| *days += 1).or_insert((when, 1));
            }
        }
    }
    for ((queue, complaints), (first, days)) in &all {
        tell_waits(plan, (*queue, *complaints), (first, days - 1), (shifts, place), findings);
    }
}

pub(super) fn open_at(calendar: &Calendar, day: Weekday, at: u16) -> bool {
    calendar.week_of(day).iter().any(|(from, to)| (*from..*to).contains(&at))
}

/// A day of the week, cut where one of the calendars opens or closes.
pub(super) fn stretches<'c>(calendars: impl Iterator<Item = &'c Calendar>, day: Weekday) -> Vec<(u16, u16)> {
    let mut bounds: BTreeSet<u16> = [0, END_OF_DAY].into();
    bounds.extend(calendars.flat_map(|calendar| calendar.week_of(day)).flat_map(|(from, to)| [*from, *to]));
    let bounds: Vec<u16> = bounds.into_iter().collect();
    bounds.windows(2).map(|span| (span[0], span[1])).collect()
}

fn tell_waits(
    plan: &Plan,
    (queue, complaints): (QueueId, Option<CalendarId>),
    (first, others): (&Said, usize),
    (shifts, place): (&Calendar, &Place),
    findings: &mut Findings,
) {
    let (queue, shifts) = (&plan.queue(queue).name, &shifts.name);
    let who = &match complaints {
        Some(calendar) => {
            let calendar = &plan.calendar(calendar).name;
            said!(
                "complaints wait in queue `{queue}` (`complaints_24h` of `{calendar}`, R17)",
                "投诉仍在排队 `{queue}` 等待（`{calendar}` 的 `complaints_24h`，R17）"
            )
        }
        None => said!("callers wait in queue `{queue}`", "来电仍在排队 `{queue}` 等待"),
    };
    let message = match others {
        0 => said!([first, who] "nobody may sign in on {first}, when {who}", "{first} 谁也不能签入，{who}"),
        _ => said!(
            [first, who] "nobody may sign in on {first}, when {who}; nor on other days ({others})",
            "{first} 谁也不能签入，{who}；另有 {others} 天也是"
        ),
    };
    let label = said!("`{shifts}` is closed then", "`{shifts}` 这时不开放");
    let instead = &match complaints {
        Some(calendar) => {
            let calendar = &plan.calendar(calendar).name;
            said!("write `complaints_24h = false` in `[calendar.{calendar}]`", "在 `[calendar.{calendar}]` 写 `complaints_24h = false`")
        }
        None => said!("give queue `{queue}` `hours` and `closed`", "给排队 `{queue}` 写 `hours` 和 `closed`"),
    };
    let help = said!(
        [instead]
        "name a calendar here that is open then, or {instead}; if those on duty sign in before and stay, `# noqa: HL312` at the end of this line",
        "请在这里换一个那时也开放的日历，或{instead}；若值班坐席提前签入并留岗，在该行末尾写 `# noqa: HL312`"
    );
    findings.warning("HL312", place, message, label).rule("R138").help(help);
}

/// Calendars outside of which callers are led elsewhere.
pub(super) fn served(rules: &Rules<'_>) -> BTreeSet<CalendarId> {
    let plan = rules.plan;
    let gates = plan.numbers.iter().flat_map(|number| &number.gates).chain(plan.menus.iter().flat_map(|menu| &menu.gates));
    let closed = gates.filter_map(|gate| match gate.when {
        When::Closed(calendar) => Some(calendar),
        When::Holds(_) => None,
    });
    closed.chain(plan.queues.iter().filter(|queue| !queue.retired).filter_map(|queue| queue.hours)).collect()
}

/// What a calendar has and the other has not: of the days of the week, then of the days that one of the two treats otherwise.
fn unattended(calendar: &Calendar, shifts: &Calendar, today: Option<Date>) -> Vec<Said> {
    let mut all = week_alone(calendar, &shifts.week);
    if all.is_empty() {
        let own = |calendar: &Calendar| calendar.workdays.iter().chain(&calendar.off).chain(calendar.exceptions.keys()).copied().collect();
        let days: [BTreeSet<Date>; 2] = [own(calendar), own(shifts)];
        let days = days[0].union(&days[1]).filter(|day| today.is_none_or(|today| **day >= today));
        all.extend(days.filter_map(|day| first_alone(&Said::alike(day.to_string()), calendar.hours_on(*day), shifts.hours_on(*day))));
    }
    all
}

fn week_alone(calendar: &Calendar, staffed: &Week) -> Vec<Said> {
    let days = WEEKDAYS.iter().zip(calendar.week.iter().zip(staffed));
    days.filter_map(|((_, day), (open, staffed))| first_alone(&weekday(*day), open, staffed)).collect()
}

/// The week of a calendar in the zone of another, as the clocks of both go on a day.
fn week_in(calendar: &Calendar, other: &Calendar, on: Date) -> Week {
    let offset = |zone: &TimeZone| on.at(12, 0, 0, 0).to_zoned(zone.clone()).map_or(0, |local| local.offset().seconds() / 60);
    let week = i32::from(END_OF_DAY) * 7;
    let ahead = offset(&other.zone) - offset(&calendar.zone);
    let mut open = vec![false; usize::try_from(week).unwrap_or_default()];
    for (day, spans) in (0..).zip(&calendar.week) {
        for minute in spans.iter().flat_map(|(from, to)| *from..*to) {
            let at = (day * i32::from(END_OF_DAY) + i32::from(minute) + ahead).rem_euclid(week);
            open[usize::try_from(at).unwrap_or_default()] = true;
        }
    }
    let mut days = open.chunks(usize::from(END_OF_DAY)).map(|day| {
        let mut spans: Vec<(u16, u16)> = Vec::new();
        for minute in (0..END_OF_DAY).filter(|minute| day[usize::from(*minute)]) {
            match spans.last_mut() {
                Some((_, to)) if *to == minute => *to += 1,
                Some(_) | None => spans.push((minute, minute + 1)),
            }
        }
        spans
    });
    std::array::from_fn(|_| days.next().unwrap_or_default())
}

/// The first stretch of a day that no span of the other covers, in words.
fn first_alone(day: &Said, open: &[(u16, u16)], staffed: &[(u16, u16)]) -> Option<Said> {
    open.iter().find_map(|(from, to)| {
        let covered = |at: u16| staffed.iter().find(|(begin, end)| (*begin..*end).contains(&at)).map(|(_, end)| *end);
        let mut at = *from;
        while let Some(end) = covered(at).filter(|_| at < *to) {
            at = end;
        }
        let until = staffed.iter().map(|(begin, _)| *begin).find(|begin| *begin > at).map_or(*to, |begin| begin.min(*to));
        (at < *to).then(|| stretch_in_words(day, at, until))
    })
}

pub(super) fn stretch_in_words(day: &Said, from: u16, to: u16) -> Said {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let (from, to) = (clock(from), clock(to));
    said!([day] "{day} {from}-{to}", "{day} {from}-{to}")
}
