//! Names that nothing refers to, skills that no seat has, queues into which no way leads.

use super::Rules;
use crate::declare::Item;
use crate::finding::{At, Findings, More};
use crate::names::Names;
use crate::said::{both, said};
use crate::{Branch, Expression, Go, Menu, Plan, Queue, Route, Said};
use hotline_model::{Name, Need, QueueId, SkillId};
use std::collections::BTreeSet;
use std::fmt::Display;

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    skills(rules, findings);
    let (declared, scope) = (rules.declared, rules.scope);
    never_named(&declared.calendars, &scope.calendars, both("calendar", "日历"), findings);
    never_named(&declared.holidays, &scope.holidays, both("holiday list", "节假日表"), findings);
    never_named(&declared.partners, &scope.partners, both("partner", "合作方"), findings);
    never_named(&declared.roles, &scope.roles, both("dial role", "外拨角色"), findings);
    profiles(rules, findings);
    collected(rules, findings);
    regions(rules, findings);
    queues(rules, findings);
}

/// Only what is needed is collected (R141).
fn collected(rules: &Rules<'_>, findings: &mut Findings) {
    let name = |item: &Item<'_>| {
        let node = item.table.get("collect")?.as_table()?.get("name")?;
        Some(At { value: Name::from(node.as_text()?), place: node.place() })
    };
    let never = |name: &At<Name>| !rules.scope.collected.is_used(&name.value);
    for name in rules.declared.menus.iter().filter_map(name).filter(never) {
        let label = both("no condition and no look-up asks for it, and nobody sees it", "没有条件或查询用到它，也没有人能看到");
        let help = said!(
            "ask for `collected({name})` in a condition, look it up (`by`), or collect nothing",
            "在条件中写 `collected({name})`，或用它查询（`by`）；用不到就不要收集",
            name = name.value
        );
        unused(&both("collected value", "收集项"), &name, label, help, findings).rule("R141");
    }
}

/// Of `[deadlines.profiles]` one holds.
fn profiles(rules: &Rules<'_>, findings: &mut Findings) {
    let own = rules.declared.deadlines.iter().filter_map(|table| table.get("profiles")?.as_table());
    let chosen = &rules.plan.deadlines.profile;
    for (name, _) in own.flat_map(|table| table.entries()).filter(|(name, _)| *name.value != **chosen) {
        let label = said!("`[deadlines]` goes by `{chosen}`", "`[deadlines]` 用的是 `{chosen}`");
        unused(&both("profile of deadlines", "时限方案"), &name, label, remove(), findings);
    }
}

fn unused<'f>(noun: &Said, at: &At<impl Display>, label: Said, help: Said, findings: &'f mut Findings) -> More<'f> {
    let name = &at.value;
    let message = said!([noun] "{noun} `{name}` is never used", "{noun} `{name}` 从未使用");
    findings.warning("HL122", &at.place, message, label).help(help)
}

fn remove() -> Said {
    both("remove it, or keep it with `# noqa: HL122` at the end of its line", "删除它；要保留备用，在该行末尾写 `# noqa: HL122`")
}

fn never_named(items: &[Item<'_>], names: &Names, noun: Said, findings: &mut Findings) {
    for item in items.iter().filter(|item| !names.is_used(&item.name.value)) {
        unused(&noun, &item.name, both("nothing names it", "没有任何地方引用"), remove(), findings);
    }
}

fn skills(rules: &Rules<'_>, findings: &mut Findings) {
    let asked = asked_for(rules);
    for item in &rules.declared.skills {
        let Some(id) = rules.scope.skills.get(&item.name.value) else { continue };
        let name = &item.name.value;
        let has = rules.plan.seats.iter().any(|seat| !seat.retired && seat.proficiency.get(id).is_some_and(|mastered| *mastered > 0));
        if !asked.contains(&id) {
            let label = both("no queue, menu or language asks for it", "没有排队、菜单或语言要求它");
            unused(&both("skill", "技能"), &item.name, label, remove(), findings);
        } else if !has {
            let message = said!("nobody has skill `{name}`", "没有坐席具备技能 `{name}`");
            let help = both("give it to a seat (`skills`), or ask for it nowhere", "在坐席的 `skills` 中加上它，或不再要求它");
            findings.warning("HL123", &item.name.place, message, both("asked for in vain", "要求了也无人满足")).help(help);
        }
    }
}

/// The skills that a condition or a need names.
fn asked_for(rules: &Rules<'_>) -> BTreeSet<usize> {
    let plan = rules.plan;
    let mut asked = BTreeSet::new();
    for queue in plan.queues.iter().filter(|queue| !queue.retired) {
        queue.steps.iter().for_each(|step| of_expression(&step.requires, &mut asked));
        queue.reserve.iter().for_each(|reserve| of_expression(&reserve.requires, &mut asked));
    }
    let of_languages = plan.languages.iter().filter(|language| !language.retired).filter_map(|language| language.need);
    let of_levels = plan.assign.levels.iter().map(|(_, need)| *need);
    let of_ways = rules.notes.links.iter().flat_map(|link| link.set.skills.iter().copied());
    let of_branches = branches(plan).flat_map(|branch| branch.set.skills.iter().copied());
    let of_customers = plan.customers.iter().flat_map(|customer| customer.set.skills.iter().copied());
    let of_fallbacks = plan.lookups.iter().flat_map(|lookup| lookup.fallback.set.skills.iter().copied());
    let needs = of_languages.chain(of_levels).chain(of_ways).chain(of_branches).chain(of_customers).chain(of_fallbacks);
    asked.extend(needs.map(|Need { skill: SkillId(id), .. }| usize::from(id)));
    asked
}

fn of_expression(expression: &Expression, asked: &mut BTreeSet<usize>) {
    match expression {
        Expression::Anyone => {}
        Expression::AtLeast(need) => drop(asked.insert(need.skill.index())),
        Expression::All(parts) | Expression::Any(parts) => parts.iter().for_each(|part| of_expression(part, asked)),
    }
}

/// All ways of the rules, those of numbers, menus and queues.
pub(super) fn branches(plan: &Plan) -> impl Iterator<Item = &Branch> {
    let queues = plan.queues.iter().filter(|queue| !queue.retired);
    of_doors(plan).chain(queues.flat_map(of_queue))
}

/// Out of hours, and where nobody serves.
pub(super) fn of_queue(queue: &Queue) -> impl Iterator<Item = &Branch> {
    queue.closed.iter().chain(queue.nobody.iter().map(|nobody| &nobody.go))
}

/// Of numbers and menus.
fn of_doors(plan: &Plan) -> impl Iterator<Item = &Branch> {
    let numbers = plan.numbers.iter();
    let numbers = numbers.flat_map(|number| number.gates.iter().map(|gate| &gate.go).chain([&number.entry]));
    let menus = plan.menus.iter().flat_map(of_menu);
    let ways_out = plan.ways_out.iter().map(|way| &way.otherwise);
    numbers.chain(menus).chain(ways_out).chain(plan.voicemails.iter().map(|voicemail| &voicemail.full))
}

/// Its gates, its keys, and what follows silence or a value.
pub(super) fn of_menu(menu: &Menu) -> impl Iterator<Item = &Branch> {
    let done = menu.collect.iter().map(|collect| &collect.done);
    menu.gates.iter().map(|gate| &gate.go).chain(menu.keys.values()).chain([&menu.failed]).chain(done)
}

fn regions(rules: &Rules<'_>, findings: &mut Findings) {
    for item in &rules.declared.regions {
        let Some(id) = rules.scope.regions.get(&item.name.value) else { continue };
        let callers =
            rules.plan.regions.get(id).is_some_and(|region| !region.area_codes.is_empty()) || rules.notes.with_prefixes.contains(&id);
        let seats = rules.plan.seats.iter().any(|seat| !seat.retired && seat.region.is_some_and(|region| region.index() == id));
        if !callers && !seats {
            let label = both("no caller and no seat is of it", "没有来电也没有坐席属于它");
            let help = both("give it `area_codes`, name it in a seat, or remove it", "写上 `area_codes`，或在坐席中引用，或删除它");
            unused(&both("region", "地区"), &item.name, label, help, findings);
        }
    }
}

fn queues(rules: &Rules<'_>, findings: &mut Findings) {
    let mut led: BTreeSet<QueueId> = of_doors(rules.plan).filter_map(|branch| queue_of(branch.go)).collect();
    led.extend(rules.plan.transfer.departments.iter().filter_map(|department| match &department.route {
        Route::Queue(queue) => Some(*queue),
        Route::Seat(_) | Route::Seats(_) | Route::Number(..) => None,
    }));
    led.extend(rules.queues().filter(|(_, item)| item.table.get("extension").is_some()).map(|(id, _)| id));
    let reached = onward(rules, led.into_iter().collect());
    let alone: Vec<(QueueId, BTreeSet<QueueId>)> =
        rules.queues().filter(|(id, _)| !reached.contains(id)).map(|(id, _)| (id, onward(rules, vec![id]))).collect();
    // A queue behind another that no caller reaches is not told beside it, unless they lead to each other.
    let behind = |id: QueueId, own: &BTreeSet<QueueId>| alone.iter().any(|(other, ways)| ways.contains(&id) && !own.contains(other));
    let told: BTreeSet<QueueId> = alone.iter().filter(|(id, own)| !behind(*id, own)).map(|(id, _)| *id).collect();
    for (id, item) in rules.queues().filter(|(id, _)| told.contains(id)) {
        let name = &rules.plan.queue(id).name;
        let message = said!("no caller is led to queue `{name}`", "没有来电会进入排队 `{name}`");
        let label =
            both("no number, menu or department leads here, nor a queue that callers reach", "没有号码、菜单、部门或有来电的排队通向这里");
        let help = both(
            "lead a key or an overflow to it; give it an `extension` if only seats transfer to it; or remove it",
            "让某个按键或溢出指向它；若只供坐席转接，写上 `extension`；否则删除它",
        );
        findings.warning("HL124", &item.name.place, message, label).help(help);
    }
}

/// These queues and those to which they lead: by overflow, out of hours, where nobody serves.
fn onward(rules: &Rules<'_>, from: Vec<QueueId>) -> BTreeSet<QueueId> {
    let mut seen: BTreeSet<QueueId> = from.iter().copied().collect();
    let mut next = from;
    while let Some(id) = next.pop() {
        let queue = rules.plan.queue(id);
        let branches = of_queue(queue).filter_map(|branch| queue_of(branch.go));
        next.extend(queue.overflow.into_iter().chain(branches).filter(|to| seen.insert(*to)));
    }
    seen
}

fn queue_of(go: Go) -> Option<QueueId> {
    match go {
        Go::Queue(queue) | Go::Callback(queue) => Some(queue),
        Go::Menu(_) | Go::Again | Go::Goodbye | Go::HangUp | Go::Out(_) | Go::Voicemail(_) => None,
    }
}
