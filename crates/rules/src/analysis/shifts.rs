//! `[access]` that lets nobody in while callers are let in (R138): hours in which nobody may sign in, seats that may at no telephone.

use super::Rules;
use crate::finding::Findings;
use crate::hours::WEEKDAYS;
use crate::said::{both, said};
use crate::{Calendar, CalendarId, When};
use hotline_model::Name;
use jiff::civil::Date;
use std::collections::BTreeSet;

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
    for calendar in served(rules).into_iter().map(|id| plan.calendar(id)).filter(|calendar| calendar.zone == shifts.zone) {
        let alone = unattended(calendar, shifts, today);
        let Some(first) = alone.first() else { continue };
        let message = match alone.len() - 1 {
            0 => {
                said!("nobody may sign in on {first}, when calendar `{}` is open", "{first} 日历 `{}` 开放，却谁也不能签入", calendar.name)
            }
            others => said!(
                "nobody may sign in on {first}, when calendar `{}` is open; nor on other days ({others})",
                "{first} 日历 `{}` 开放，却谁也不能签入；另有 {others} 天也是",
                calendar.name
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

/// Calendars outside of which callers are led elsewhere.
fn served(rules: &Rules<'_>) -> BTreeSet<CalendarId> {
    let plan = rules.plan;
    let gates = plan.numbers.iter().flat_map(|number| &number.gates).chain(plan.menus.iter().flat_map(|menu| &menu.gates));
    let closed = gates.filter_map(|gate| match gate.when {
        When::Closed(calendar) => Some(calendar),
        When::Holds(_) => None,
    });
    closed.chain(plan.queues.iter().filter(|queue| !queue.retired).filter_map(|queue| queue.hours)).collect()
}

/// What a calendar has and the other has not: of the days of the week, then of the days that one of the two treats otherwise.
fn unattended(calendar: &Calendar, shifts: &Calendar, today: Option<Date>) -> Vec<String> {
    let of_week = WEEKDAYS.iter().map(|(word, day)| ((*word).to_owned(), calendar.week_of(*day), shifts.week_of(*day)));
    let mut all: Vec<String> = of_week.filter_map(|(day, open, staffed)| first_alone(&day, open, staffed)).collect();
    if all.is_empty() {
        let own = |calendar: &Calendar| calendar.workdays.iter().chain(&calendar.off).chain(calendar.exceptions.keys()).copied().collect();
        let days: [BTreeSet<Date>; 2] = [own(calendar), own(shifts)];
        let days = days[0].union(&days[1]).filter(|day| today.is_none_or(|today| **day >= today));
        all.extend(days.filter_map(|day| first_alone(&day.to_string(), calendar.hours_on(*day), shifts.hours_on(*day))));
    }
    all
}

/// The first stretch of a day that no span of the other covers, in words.
fn first_alone(day: &str, open: &[(u16, u16)], staffed: &[(u16, u16)]) -> Option<String> {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    open.iter().find_map(|(from, to)| {
        let covered = |at: u16| staffed.iter().find(|(begin, end)| (*begin..*end).contains(&at)).map(|(_, end)| *end);
        let mut at = *from;
        while let Some(end) = covered(at).filter(|_| at < *to) {
            at = end;
        }
        let until = staffed.iter().map(|(begin, _)| *begin).find(|begin| *begin > at).map_or(*to, |begin| begin.min(*to));
        (at < *to).then(|| format!("{day} {}-{}", clock(at), clock(until)))
    })
}
