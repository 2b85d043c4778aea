//! Ways that are never taken, and ways to a person that take too long.

use super::Rules;
use crate::declare::Item;
use crate::finding::{Findings, Place};
use crate::said::{both, said};
use crate::scope::small;
use crate::values::InWords;
use crate::{Branch, Calendar, CalendarId, Changes, Go, Menu, MenuId, Say, When, spoken, values};
use hotline_model::{LanguageId, Name};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Menus one after the other before a person, where the length of the prompts is not known.
const MOST_MENUS: usize = 4;
/// What a caller may have to listen to before a person, as a multiple of the answer time; on the direct way, by key `0` of the first
/// menu, it is that time itself (H2).
const MOST_LISTENING: u32 = 2;

/// How long a caller who presses nothing may be kept from the queue, as a multiple of the answer time.
const MOST_SILENCE: u32 = 4;

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    for (id, item) in rules.queues() {
        if let (Some(calendar), Some(node)) = (rules.plan.queue(id).hours, item.table.get("hours")) {
            never_changes(rules, calendar, &node.place(), findings);
        }
    }
    listening(rules, findings);
    for (item, (id, menu)) in rules.declared.menus.iter().zip((0..).map(MenuId).zip(&rules.plan.menus)) {
        own_menu(item, id, menu, findings);
        collected_round(rules, item, id, findings);
    }
}

/// A key that leads to the menu in which it stands, and says nothing on the way: the caller hears the same again, and no key takes the way that was
/// meant. A change of language or priority, or of what a gate of the menu asks, is a reason.
fn own_menu(item: &Item<'_>, id: MenuId, menu: &Menu, findings: &mut Findings) {
    let gated = menu.gates.iter().any(|gate| matches!(gate.when, When::Holds(_)));
    let keys = item.table.get("keys").and_then(|node| node.as_table()).map(|keys| keys.entries()).unwrap_or_default();
    for (key, node) in keys {
        let branch = key.value.chars().next().and_then(|digit| menu.keys.get(&digit));
        let Some(branch) = branch.filter(|branch| branch.go == Go::Menu(id) && branch.say.is_empty()) else { continue };
        if branch.set.language.is_some() || branch.set.priority.is_some() || gated && branch.set != Changes::default() {
            continue;
        }
        let (key, name) = (key.value, &item.name.value);
        let message =
            said!("key `{key}` of menu `{name}` leads to menu `{name}` itself", "菜单 `{name}` 的按键 `{key}` 又转回菜单 `{name}` 自己");
        let label = both("callers only hear the same again", "来电者只是再听一遍");
        let help = both(
            "name the menu that is meant; to say it once more, `{ again = true }`",
            "请写原本要转到的菜单；若要重听，请写 `{ again = true }`",
        );
        let place = node.as_table().and_then(|table| table.get("menu")).map_or_else(|| node.place(), |menu| menu.place());
        findings.warning("HL329", &place, message, label).help(help);
    }
}

/// Digits that lead from menu to menu and back, no key between: callers key them for ever. A gate of a menu on the way may ask for them.
fn collected_round(rules: &Rules<'_>, item: &Item<'_>, id: MenuId, findings: &mut Findings) {
    let menus = &rules.plan.menus;
    let next = |from: &MenuId| {
        let menu = menus.get(usize::from(from.0)).filter(|menu| menu.gates.is_empty())?;
        let Go::Menu(to) = menu.collect.as_ref()?.done.go else { return None };
        Some(to)
    };
    let round: Vec<MenuId> = std::iter::successors(next(&id), next).take(menus.len()).collect();
    let Some(end) = round.iter().position(|menu| *menu == id) else { return };
    let between = &round[..end];
    // Once for each round: where its first menu stands.
    if next(&id).is_none() || between.iter().any(|other| other.0 < id.0) {
        return;
    }
    let name = &item.name.value;
    let named = between.iter().filter_map(|menu| rules.declared.menus.get(usize::from(menu.0)));
    let names: Vec<String> = named.map(|item| format!("`{}`", item.name.value)).collect();
    let names = names.join(", ");
    let message = if names.is_empty() {
        said!("menu `{name}` leads to itself when its digits are collected", "菜单 `{name}` 收完号码后又转回自己")
    } else {
        said!("menu `{name}` leads back to itself over {names} when digits are collected", "菜单 `{name}` 收完号码后经 {names} 又转回自己")
    };
    let label = both("callers key digits again and again", "来电者要一遍遍地输入号码");
    let help = both("name the menu or queue that is to follow", "请写收完之后应转到的菜单或排队");
    let done = item.table.get("collect").and_then(|node| node.as_table()?.get("done"));
    let place = done.and_then(|node| Some(node.as_table()?.get("menu")?.place())).unwrap_or_else(|| item.name.place.clone());
    findings.warning("HL329", &place, message, label).help(help);
}

/// Whether the first is closed whenever the second is.
pub(super) fn covers(first: &Calendar, second: &Calendar) -> bool {
    let within = |inner: &[(u16, u16)], outer: &[(u16, u16)]| inner.iter().all(|span| outer.iter().any(|o| o.0 <= span.0 && span.1 <= o.1));
    let week = first.week.iter().zip(&second.week).all(|(a, b)| within(&joined(a), &joined(b)));
    let special = first.exceptions.keys().chain(second.exceptions.keys());
    let days: BTreeSet<&Date> = [&first.off, &first.workdays, &second.off, &second.workdays].into_iter().flatten().chain(special).collect();
    let special = || days.iter().all(|day| within(&joined(first.hours_on(**day)), &joined(second.hours_on(**day))));
    first.zone == second.zone && week && special()
}

/// Stretches that touch are one.
pub(super) fn joined(spans: &[(u16, u16)]) -> Vec<(u16, u16)> {
    let mut all: Vec<(u16, u16)> = Vec::new();
    for span in spans {
        match all.last_mut() {
            Some(last) if last.1 == span.0 => last.1 = span.1,
            Some(_) | None => all.push(*span),
        }
    }
    all
}

/// How long keying a digit takes.
const A_DIGIT: Duration = Duration::from_secs(1);

pub(super) const WHOLE_DAY: [(u16, u16); 1] = [(0, 24 * 60)];

pub(super) fn never_opens(calendar: &Calendar) -> bool {
    calendar.week.iter().chain(calendar.exceptions.values().map(|exception| &exception.hours)).all(Vec::is_empty)
}

/// A calendar that never closes, or never opens, where something is to happen while it is closed.
pub(super) fn never_changes(rules: &Rules<'_>, calendar: CalendarId, place: &Place, findings: &mut Findings) {
    let calendar = rules.plan.calendar(calendar);
    let name = &calendar.name;
    let always = calendar.off.is_empty() && calendar.exceptions.is_empty() && calendar.week.iter().all(|day| joined(day) == WHOLE_DAY);
    if always {
        let message = said!("calendar `{name}` never closes", "日历 `{name}` 从不关闭");
        let label = both("what is done then never is", "关闭时的处理永远不会执行");
        let help = both("give it hours, or leave this out", "写上服务时间，或去掉这里");
        findings.warning("HL127", place, message, label).help(help);
    } else if never_opens(calendar) {
        let message = said!("calendar `{name}` never opens", "日历 `{name}` 从不开放");
        let label = both("this is always taken, and the rest never", "总是走这里，其余永远到不了");
        findings.warning("HL127", place, message, label).help(both("give it hours", "写上服务时间"));
    }
}

/// What callers hear before a person, at the least: on the direct way, and on the shortest one through each menu.
fn listening(rules: &Rules<'_>, findings: &mut Findings) {
    let mut reached: BTreeMap<usize, Heard> = BTreeMap::new();
    let mut next: Vec<(usize, Heard)> = Vec::new();
    let ear = Ear { rules };
    let mut slow: BTreeSet<MenuId> = BTreeSet::new();
    for number in &rules.plan.numbers {
        let heard = Heard { menus: 0, time: ear.time(&number.entry.say, number.language) };
        if let Go::Menu(menu) = number.entry.go {
            direct(rules, &ear, usize::from(menu.0), heard, number.language, findings);
            if !slow.contains(&menu) && silent(rules, &ear, usize::from(menu.0), heard, number.language, findings) {
                slow.insert(menu);
            }
            next.push((usize::from(menu.0), heard));
        }
        let none = Heard { menus: 0, time: ear.time(&[], number.language) };
        next.extend(number.gates.iter().filter_map(|gate| onward(&gate.go, none, &ear, number.language)));
    }
    let language = rules.plan.house_language();
    while let Some((place, heard)) = next.pop() {
        let Some(menu) = rules.plan.menus.get(place) else { continue };
        let heard = Heard { menus: heard.menus + 1, time: added(heard.time, ear.turn(menu, language)) };
        if heard.menus > rules.plan.menus.len() || reached.get(&place).is_some_and(|before| *before <= heard) {
            continue;
        }
        reached.insert(place, heard);
        let done = menu.collect.iter().map(|collect| &collect.done);
        next.extend(menu.keys.values().chain(done).filter_map(|branch| onward(branch, heard, &ear, language)));
    }
    for place in reached.keys().filter(|place| !slow.contains(&MenuId(small(**place)))) {
        silent(rules, &ear, *place, Heard { menus: 0, time: None }, language, findings);
    }
    for (place, heard) in &reached {
        if let Some(item) = rules.declared.menus.get(*place) {
            tell_long(rules, item, *heard, findings);
        }
    }
}

fn onward(branch: &Branch, heard: Heard, ear: &Ear<'_, '_>, language: LanguageId) -> Option<(usize, Heard)> {
    let Go::Menu(menu) = branch.go else { return None };
    Some((usize::from(menu.0), Heard { menus: heard.menus, time: added(heard.time, ear.time(&branch.say, language)) }))
}

/// H2: a caller who hears the first menu out and presses `0` reaches the queue within the answer time.
fn direct(rules: &Rules<'_>, ear: &Ear<'_, '_>, menu: usize, before: Heard, language: LanguageId, findings: &mut Findings) {
    let (Some(first), Some(item)) = (rules.plan.menus.get(menu), rules.declared.menus.get(menu)) else { return };
    let Some(branch) = first.keys.get(&'0') else { return };
    let time = added(added(before.time, ear.time(&first.say, language)), ear.time(&branch.say, language));
    let limit = rules.plan.timers.answer;
    let Some(time) = time.filter(|time| *time > limit) else { return };
    let (time, limit, name) = (seconds(time), values::in_words(limit), &item.name.value);
    let message = said!(
        "callers hear {time} before key `0` of menu `{name}` has led to a person",
        "在菜单 `{name}` 按 `0` 转人工前，来电者要听 {time:#}"
    );
    let label = said!("the direct way takes longer than the answer time of {limit}", "直达人工的路径超过人工接听时限 {limit:#}");
    findings.warning("HL143", &item.name.place, message, label).rule("R5").help(both("say less", "减少播报内容"));
}

/// A caller without keys, or who does not understand, comes to the queue when the menu has waited for all its attempts; gives whether that
/// was too long.
fn silent(rules: &Rules<'_>, ear: &Ear<'_, '_>, menu: usize, before: Heard, language: LanguageId, findings: &mut Findings) -> bool {
    let (Some(first), Some(item)) = (rules.plan.menus.get(menu), rules.declared.menus.get(menu)) else { return false };
    if !matches!(first.failed.go, Go::Queue(_)) {
        return false;
    }
    let attempts = u32::from(first.attempts);
    let waits = first.wait * attempts;
    let known = |said: &[Say]| ear.time(said, language).unwrap_or_default();
    let said = known(&first.say) * attempts + known(&first.no_input) * attempts.saturating_sub(1) + known(&first.failed.say);
    let time = before.time.unwrap_or_default() + said + waits;
    let limit = rules.plan.timers.answer * MOST_SILENCE;
    if time <= limit {
        return false;
    }
    let (name, time, limit, waits) = (&item.name.value, seconds(time), values::in_words(limit), seconds(waits));
    let message = said!(
        "callers who press nothing in menu `{name}` come to a person after {time}",
        "在菜单 `{name}` 不按键的来电者要过 {time:#}才转人工"
    );
    let label = said!(
        "longer than {limit}; it waits {waits} of that, in {attempts} attempts",
        "超过 {limit:#}；其中等待 {waits:#}，共 {attempts} 次"
    );
    let help = both("shorten `wait`, allow fewer `attempts`, or say less", "请缩短 `wait`、减少 `attempts`，或减少播报");
    findings.warning("HL143", &item.name.place, message, label).help(help);
    true
}

fn tell_long(rules: &Rules<'_>, item: &Item<'_>, heard: Heard, findings: &mut Findings) {
    let limit = rules.plan.timers.answer * MOST_LISTENING;
    let name = &item.name.value;
    let help = || both("say less, or offer its keys in an earlier menu", "减少播报，或把它的按键提前到上层菜单");
    match heard.time {
        Some(time) if time > limit => {
            let (time, limit) = (seconds(time), values::in_words(limit));
            let message = said!("callers hear {time} until the end of menu `{name}`", "来电者听完菜单 `{name}` 要 {time:#}");
            let label = said!("the shortest way here takes longer than {limit}", "到这里的最短路径超过 {limit:#}");
            findings.warning("HL143", &item.name.place, message, label).help(help());
        }
        None if heard.menus > MOST_MENUS => {
            let menus = heard.menus;
            let message = said!("menu `{name}` is the {menus}th in a row", "菜单 `{name}` 已是连续第 {menus} 层");
            let label =
                said!("no way here leads through fewer; at most {MOST_MENUS} are bearable", "没有更短的路径；最多 {MOST_MENUS} 层为宜");
            findings.warning("HL143", &item.name.place, message, label).help(help());
        }
        Some(_) | None => {}
    }
}

fn seconds(time: Duration) -> InWords {
    values::in_words(Duration::from_secs(time.as_secs()))
}

/// So many menus, and so long, if the recordings are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Heard {
    time: Option<Duration>,
    menus: usize,
}

fn added(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    Some(a? + b?)
}

/// Knows how long a text is heard.
struct Ear<'e, 'r> {
    rules: &'e Rules<'r>,
}

impl Ear<'_, '_> {
    /// What a menu says, and the digits that it collects.
    fn turn(&self, menu: &Menu, language: LanguageId) -> Option<Duration> {
        let digits = menu.collect.as_ref().map_or(0, |collect| u32::from(collect.min));
        Some(self.time(&menu.say, language)? + A_DIGIT * digits)
    }

    /// `None` if no recordings are known.
    fn time(&self, said: &[Say], language: LanguageId) -> Option<Duration> {
        let recordings = self.rules.scope.options.recordings.as_ref()?;
        let plan = self.rules.plan;
        let length = |language: LanguageId, name: &Name| {
            let known = recordings.get(&*plan.language(language).code).and_then(|known| known.get(&**name));
            known.copied().unwrap_or_default()
        };
        let of = |piece: &Say| match piece {
            Say::Prompt(name) => length(language, name),
            Say::PromptIn(language, name) => length(*language, name),
            Say::Hours(calendar) => spoken::hours(plan, *calendar, language).iter().map(|word| length(language, word)).sum(),
            Say::Position | Say::ExpectedWait => Duration::ZERO,
        };
        Some(said.iter().map(of).sum())
    }
}
