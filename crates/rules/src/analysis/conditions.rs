//! Gates: conditions that never hold, or always, and gates that an earlier one hides.

use super::Rules;
use super::arriving::Arriving;
use super::in_vain::asks_for_nobody;
use super::possible::{Given, possible_where};
use super::ways::never_changes;
use crate::declare::Item;
use crate::finding::{Findings, Place};
use crate::read::Table;
use crate::region_lists::Never;
use crate::said::{both, said};
use crate::{Branch, Changes, Gate, Go, Key, Menu, MenuId, NumberId, Plan, Predicate, Said, SelfService, Test, When, print_predicate};

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    let arriving = Arriving::of(rules.plan);
    for ((id, menu), item) in (0..).map(MenuId).zip(&rules.plan.menus).zip(&rules.declared.menus) {
        let whose = said!("menu `{}`", "菜单 `{}`", menu.name);
        gates(rules, &menu.gates, item, &arriving.at_menu(id), &whose, findings);
        answers(menu, item, findings);
    }
    for (number, item) in rules.plan.numbers.iter().zip(&rules.declared.numbers) {
        let whose = said!("number `{}`", "号码 `{}`", number.name);
        let place = rules.plan.numbers.iter().position(|one| one.name == number.name).unwrap_or(0);
        gates(rules, &number.gates, item, &arriving.at_number(NumberId(crate::scope::small(place))), &whose, findings);
    }
    seats(rules, findings);
}

/// A seat that a way leads to first, and that is never offered the call, or not first.
fn seats(rules: &Rules<'_>, findings: &mut Findings) {
    for link in &rules.notes.links {
        let (Some(seat), Go::Queue(queue)) = (link.set.seat, link.go) else { continue };
        let (name, of) = (&rules.plan.seat(seat).name, &rules.plan.queue(queue).name);
        if rules.seats_of(queue).binary_search(&seat).is_err() {
            let message = said!(
                "seat `{name}` is to have the call first and never serves queue `{of}`",
                "来电要先给坐席 `{name}`，但它不服务排队 `{of}`"
            );
            let label = both("no step of this queue admits it", "这个排队没有一步允许它");
            let help = both("name a queue that it serves", "请写它服务的排队");
            findings.warning("HL156", &link.place, message, label).help(help);
        } else if rules.plan.queue(queue).steps.first().is_some_and(|step| !step.admits(rules.plan.seat(seat))) {
            let message = said!(
                "seat `{name}` is to have the call first and is not in the first step of queue `{of}`",
                "来电要先给坐席 `{name}`，但它不在排队 `{of}` 的第一步"
            );
            let label = both("others are offered it before", "会先派给别的坐席");
            let help = both("name a queue whose first step admits it", "请写第一步就允许它的排队");
            findings.warning("HL156", &link.place, message, label).help(help);
        } else if !rules.plan.ranking(queue).has(Key::Owner) {
            let message = said!(
                "seat `{name}` is to have the call first, and queue `{of}` asks for no owner",
                "来电要先给坐席 `{name}`，但排队 `{of}` 的次序不看归属"
            );
            let label = both("other seats may be offered it before", "可能先派给别的坐席");
            findings
                .warning("HL156", &link.place, message, label)
                .help(both("put `\"owner\"` first in its `keys`", "在它的 `keys` 最前面写 `\"owner\"`"));
        }
    }
}

/// R47: a menu that answers questions itself says so, and VIP customers are spared it.
fn answers(menu: &Menu, item: &Item<'_>, findings: &mut Findings) {
    let answers = |branch: &Branch| branch.go == Go::Again && !branch.say.is_empty() && branch.set == Changes::default();
    let Some((key, _)) = menu.keys.iter().find(|(_, branch)| answers(branch)).filter(|_| menu.self_service == SelfService::No) else {
        return;
    };
    let name = &menu.name;
    let message =
        said!("menu `{name}` answers by itself, and VIP customers hear it before a person", "菜单 `{name}` 自助答复，贵宾客户会先听到它");
    let label = said!("key `{key}` says something and comes back", "按键 `{key}` 播报后又回到菜单");
    let help = both(
        "add `self_service = \"ordinary\"`: VIP customers go where key `0` leads",
        "请加上 `self_service = \"ordinary\"`：贵宾客户直接走按键 `0` 的去向",
    );
    findings.warning("HL155", &item.name.place, message, label).rule("R47").help(help);
}

pub(super) fn condition(gate: &Gate) -> Predicate {
    match &gate.when {
        When::Closed(calendar) => Predicate::Not(Box::new(Predicate::Test(Test::Open(*calendar)))),
        When::Holds(predicate) => predicate.clone(),
    }
}

pub(super) fn not(predicate: Predicate) -> Predicate {
    Predicate::Not(Box::new(predicate))
}

/// The first gate that applies is taken: one behind it that applies only when that one does is never taken.
fn gates(rules: &Rules<'_>, gates: &[Gate], item: &Item<'_>, given: &Given, whose: &Said, findings: &mut Findings) {
    let tables = item.table.tables("gate", findings);
    // A menu without a word only sends on.
    let is_switch = item.table.get("keys").is_some() && item.table.get("say").is_none();
    let can = |parts: &[Predicate]| possible_where(rules.plan, given, &Predicate::All(parts.to_vec())) != Some(false);
    for (place, (gate, table)) in gates.iter().zip(&tables).enumerate() {
        let at = place_of(table);
        beginnings(rules, gate, &at, findings);
        let asked = condition(gate);
        if !can(std::slice::from_ref(&asked)) && tell_never(rules, gate, given, &at, findings) {
            continue;
        }
        let earlier = gates.get(..place).unwrap_or_default();
        let hidden_by = earlier.iter().position(|first| !can(&[asked.clone(), not(condition(first))]));
        let all: Vec<Predicate> = earlier.iter().map(|first| not(condition(first))).chain([asked.clone()]).collect();
        if hidden_by.is_some() || place > 1 && !can(&all) {
            tell_hidden(rules.plan, hidden_by.and_then(|first| earlier.get(first)), whose, &at, findings);
            continue;
        }
        let always = !can(&[not(asked.clone())]);
        let none: Vec<Predicate> = earlier.iter().map(condition).chain([asked]).map(not).collect();
        let takes_all = place > 0 && !is_switch && !always && !can(&none);
        if let When::Closed(calendar) = gate.when
            && !takes_all
        {
            never_changes(rules, calendar, &at, findings);
        } else if always {
            let message = both("a condition that always holds", "条件总是成立");
            let label = said!([whose] "what follows in {whose} is never reached", "{whose} 里后面的内容永远到不了");
            let help = both("ask for more, or lead there without a gate", "加上别的条件，或直接通向那里");
            findings.warning("HL153", &at, message, label).help(help);
        } else if takes_all {
            let message = both("a gate that takes every call that comes to it", "来到这道分流的都会走它");
            let label = said!(
                [whose]
                "the others take a gate before it: what follows in {whose} is never reached",
                "其余的已走前面的分流：{whose} 里后面的内容永远到不了"
            );
            let help = both("leave a way to what follows, or remove what follows", "请给后面的内容留一条路，或删去后面的内容");
            findings.warning("HL153", &at, message, label).help(help);
        }
    }
}

/// R39: `caller starts` with figures that no caller's number begins with.
fn beginnings(rules: &Rules<'_>, gate: &Gate, at: &Place, findings: &mut Findings) {
    let When::Holds(predicate) = &gate.when else { return };
    for test in predicate.tests() {
        let Test::Starts(prefix) = test else { continue };
        let Some(meant) = Never::of_caller(prefix, &rules.plan.numbering) else { continue };
        let message = said!("`caller starts {prefix}` fits no number", "没有号码符合 `caller starts {prefix}`");
        let label = both("no number begins with it", "没有号码以它开头");
        let help = said!("write `caller starts {meant}`", "请写 `caller starts {meant}`");
        findings.warning("HL307", at, message, label).rule("R39").help(help);
    }
}

pub(super) fn place_of(gate: &Table<'_>) -> Place {
    gate.get("closed").or_else(|| gate.get("when")).map_or(gate.place(), |node| node.place())
}

/// A calendar that never closes is told of as such.
fn tell_never(rules: &Rules<'_>, gate: &Gate, given: &Given, at: &Place, findings: &mut Findings) -> bool {
    let When::Holds(predicate) = &gate.when else { return false };
    if asks_for_nobody(rules, predicate) {
        return true;
    }
    let never = |given: &Given, parts: &[Predicate]| possible_where(rules.plan, given, &Predicate::All(parts.to_vec())) == Some(false);
    let (whatever, parts) = (Given::default(), if let Predicate::All(parts) = predicate { parts.as_slice() } else { &[] });
    let part = |given: &Given| parts.iter().find(|part| never(given, std::slice::from_ref(*part)));
    let pairs = || parts.iter().enumerate().flat_map(|(place, one)| parts.iter().skip(place + 1).map(move |other| (one, other)));
    let pair = pairs().find(|(one, other)| never(&whatever, &[(*one).clone(), (*other).clone()]));
    let message = both("a condition that can never hold", "条件永远不会成立");
    let label = match (part(&whatever), pair, part(given)) {
        (Some(part), ..) => {
            let part = print_predicate(part, rules.plan);
            said!("`{part}` is never so", "`{part}` 不可能成立")
        }
        (None, Some((one, other)), _) => {
            let (one, other) = (print_predicate(one, rules.plan), print_predicate(other, rules.plan));
            said!("`{one}` and `{other}` exclude each other", "`{one}` 与 `{other}` 不会同时成立")
        }
        (None, None, Some(part)) => {
            let part = print_predicate(part, rules.plan);
            said!("`{part}` is never so here: no call has become that on its way", "`{part}` 在这里不可能成立：来电到这里之前没有变成这样")
        }
        (None, None, None) if never(&whatever, std::slice::from_ref(predicate)) => both("no call is ever so", "任何来电都不符合"),
        (None, None, None) => both("no call has become so on its way here", "来电到这里之前没有变成这样"),
    };
    let help = both("this gate is never taken: mend the condition, or remove it", "这道分流永远不走：请改条件，或删去它");
    findings.warning("HL152", at, message, label).help(help);
    true
}

fn tell_hidden(plan: &Plan, first: Option<&Gate>, whose: &Said, at: &Place, findings: &mut Findings) {
    let message = said!([whose] "a gate of {whose} that is never taken", "{whose} 的这道分流永远轮不到");
    let label = match first.map(|first| &first.when) {
        Some(When::Closed(first)) => {
            let first = &plan.calendar(*first).name;
            said!("the gate for `{first}` before it is always taken first", "前面 `{first}` 的判断总是先成立")
        }
        Some(When::Holds(first)) => {
            let first = print_predicate(first, plan);
            said!("`{first}` before it always holds then", "此时前面的 `{first}` 总是先成立")
        }
        None => both("one of the gates before it always holds then", "此时前面总有一道先成立").to_owned(),
    };
    let help = both("put it before that one, or remove it", "移到它前面，或删除");
    findings.warning("HL126", at, message, label).help(help);
}
