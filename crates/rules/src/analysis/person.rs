//! Key `0`, where the hours of queues keep whoever presses it from every person (R9).

use super::Rules;
use super::shifts::{open_at, served, stretch_in_words, stretches};
use crate::finding::Findings;
use crate::hours::{WEEKDAYS, weekday};
use crate::let_in::KeyZero;
use crate::said::{both, said};
use crate::{Calendar, CalendarId, MenuId, Said};
use std::collections::{BTreeMap, BTreeSet};

/// What key `0` of a menu does in the course of a week.
#[derive(Default)]
struct Week {
    /// All that it does at some hour.
    does: BTreeSet<KeyZero>,
    /// The first time at which it leads round and round.
    ring: Option<Said>,
}

/// A ring is a fault at any hour. A goodbye is one where the menu never leads anywhere else: a queue may close, and a menu that is there for
/// that time leads to whoever is on duty then.
pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    let weeks = weeks(rules);
    for (item, id) in rules.declared.menus.iter().zip((0..).map(MenuId)) {
        let Some(week) = weeks.get(&id) else { continue };
        let node = item.table.get("keys").and_then(|node| node.as_table()).and_then(|keys| keys.get("0"));
        let (place, name) = (node.map_or_else(|| item.name.place.clone(), |node| node.place()), &item.name.value);
        let (message, label) = if let Some(first) = &week.ring {
            let message = said!(
                [first] "on {first} key `0` of menu `{name}` leads round and round, and to no person",
                "{first}，菜单 `{name}` 的按键 `0` 只会兜圈子，转不到人工"
            );
            (
                message,
                both("a queue that is closed then leads to a menu, and that menu to the queue", "那时不开放的排队转到菜单，菜单又转回排队"),
            )
        } else if week.does.iter().eq([&KeyZero::Ended]) {
            let message = said!("key `0` of menu `{name}` never leads to a person", "菜单 `{name}` 的按键 `0` 永远转不到人工");
            (
                message,
                both("whenever callers come here, the queue is closed and says goodbye", "来电者到这里时，该排队总是不开放，只会告别"),
            )
        } else {
            continue;
        };
        let help = both(
            "lead it, or the `closed` of its queue, to a queue that is open then, to somebody outside, or to a `voicemail`",
            "请把它或其排队的 `closed` 转到那时开放的排队、外部的人或 `voicemail`",
        );
        findings.warning("HL341", &place, message, label).rule("R9").help(help);
    }
}

/// By menu; of the calendars of other zones than the first one's nothing is known.
fn weeks(rules: &Rules<'_>) -> BTreeMap<MenuId, Week> {
    let plan = rules.plan;
    let mut weeks: BTreeMap<MenuId, Week> = BTreeMap::new();
    let Some(zone) = served(rules).first().map(|id| &plan.calendar(*id).zone) else { return weeks };
    let known: Vec<&Calendar> = plan.calendars.iter().filter(|calendar| calendar.zone == *zone).collect();
    let mut seen = BTreeSet::new();
    for (_, day) in WEEKDAYS {
        for (at, end) in stretches(known.iter().copied(), day) {
            if !seen.insert(known.iter().map(|calendar| open_at(calendar, day, at)).collect::<Vec<_>>()) {
                continue;
            }
            let open = |id: CalendarId| Some(plan.calendar(id)).filter(|one| one.zone == *zone).map(|one| open_at(one, day, at));
            for (menu, does) in plan.key_zero(&open) {
                let week = weeks.entry(menu).or_default();
                if does.contains(&KeyZero::Ring) {
                    week.ring.get_or_insert_with(|| stretch_in_words(&weekday(day), at, end));
                }
                week.does.extend(does);
            }
        }
    }
    weeks
}
