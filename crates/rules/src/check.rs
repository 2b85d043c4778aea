//! Checks that need everything at once: ways through the menus, seats for every queue.

use crate::declare::Item;
use crate::finding::Findings;
use crate::menus::name_of;
use crate::said::{both, said};
use crate::scope::{Link, Notes, Via};
use crate::served;
use crate::{Callee, Go, Menu, Plan, Queue, Say, Seat};
use hotline_model::SeatId;
use std::collections::BTreeSet;

/// The built-in prompt that offers a call-back, and the key that it names.
const OFFER: &str = "callback-offer";
const OFFERED: char = '2';

/// Menus out of reach and queues without seats are told of only if nothing worse was found: an error is often the reason.
pub(crate) fn menus(menus: &[Menu], items: &[Item<'_>], notes: &Notes, findings: &mut Findings) {
    let (open, all) = (reached(notes, menus.len(), false), reached(notes, menus.len(), true));
    for link in &notes.links {
        check_person(link, menus, &open, findings);
    }
    let lost = if findings.has_errors() { &[] } else { items };
    for (place, item) in lost.iter().enumerate().filter(|(place, _)| !all.contains(place)) {
        let message = said!("no caller can reach menu `{}`", "没有客户能到达菜单 `{}`", name_of(menus, place));
        findings
            .warning("HL031", &item.name.place, message, both("nothing leads here", "没有任何路径通向这里"))
            .help(both("lead a number, a key or a gate to it, or remove it", "请让某个号码、按键或 `gate` 通向它，或删去它"));
    }
    check_gates(menus, notes, findings);
    check_hours(menus, notes, findings);
}

/// The menus that callers reach, with or without going through a gate that is taken in closed hours, or may be, or a queue that nobody serves.
fn reached(notes: &Notes, menus: usize, gates: bool) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut next: Vec<Option<usize>> = vec![None];
    let mut leads = vec![Vec::new(); menus + 1];
    for link in notes.links.iter().filter(|link| gates || !(link.doubtful || matches!(link.via, Via::Gate(Some(_)) | Via::Queue))) {
        if let (Go::Menu(to), Some(ways)) = (link.go, leads.get_mut(link.from.map_or(menus, |from| from))) {
            ways.push(usize::from(to.0));
        }
    }
    while let Some(from) = next.pop() {
        let ways = leads.get(from.unwrap_or(menus)).map(Vec::as_slice).unwrap_or_default();
        next.extend(ways.iter().filter(|to| seen.insert(**to)).map(|to| Some(*to)));
    }
    seen
}

/// R9: `0` leads to a person, and so do too many wrong inputs; only a menu that is heard in closed hours alone may then say goodbye.
fn check_person(link: &Link, menus: &[Menu], open: &BTreeSet<usize>, findings: &mut Findings) {
    let Some(menu) = link.from else { return };
    let to_a_queue = matches!(link.go, Go::Queue(_));
    let after_hours = !open.contains(&menu) && matches!(link.go, Go::Goodbye | Go::HangUp | Go::Voicemail(_));
    let name = name_of(menus, menu);
    match link.via {
        Via::Key('0') if !to_a_queue => {
            let message = said!("key `0` of menu `{name}` doesn't lead to a person", "菜单 `{name}` 的按键 `0` 没有转人工");
            findings
                .error("HL021", &link.place, message, both("must be a queue", "必须是排队"))
                .rule("R9")
                .help(both("`0 = { queue = \"...\" }`", "`0 = { queue = \"...\" }`"));
        }
        Via::Failed if !to_a_queue && !after_hours => {
            let message = said!("too many wrong inputs in menu `{name}` don't lead to a person", "菜单 `{name}` 多次按错后没有转人工");
            let help = both(
                "`failed = { queue = \"...\" }`; only a menu behind a `closed` gate may say goodbye",
                "`failed = { queue = \"...\" }`；只有 `closed` 之后的菜单才可以告别挂机",
            );
            findings.error("HL022", &link.place, message, both("must be a queue", "必须是排队")).rule("R9").help(help);
        }
        Via::Key(_) | Via::Failed | Via::Gate(_) | Via::Queue | Via::Number | Via::Collected | Via::Otherwise => {}
    }
}

/// Gates are followed without waiting for the caller: a circle of them would never end.
fn check_gates(menus: &[Menu], notes: &Notes, findings: &mut Findings) {
    let gates: Vec<(usize, usize, &Link)> = notes.links.iter().filter_map(gate_between).collect();
    let mut ways = vec![Vec::new(); menus.len()];
    for (from, to, _) in &gates {
        if let Some(list) = ways.get_mut(*from) {
            list.push(*to);
        }
    }
    for (from, to, link) in &gates {
        if leads_to(*to, *from, &ways) {
            let message = said!("gates that lead from menu `{}` back to itself", "菜单 `{}` 的 `gate` 又绕回它自己", name_of(menus, *from));
            findings
                .error("HL024", &link.place, message, both("a circle", "循环"))
                .help(both("lead one of them elsewhere", "请让其中一个通向别处"));
        }
    }
}

fn gate_between(link: &Link) -> Option<(usize, usize, &Link)> {
    match (link.via, link.go, link.from) {
        (Via::Gate(_), Go::Menu(to), Some(from)) => Some((from, usize::from(to.0), link)),
        (
            Via::Gate(_) | Via::Queue | Via::Key(_) | Via::Failed | Via::Number | Via::Collected | Via::Otherwise,
            Go::Menu(_) | Go::Again | Go::Queue(_) | Go::Callback(_) | Go::Voicemail(_) | Go::Goodbye | Go::HangUp | Go::Out(_),
            _,
        ) => None,
    }
}

fn leads_to(from: usize, to: usize, ways: &[Vec<usize>]) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut next = vec![from];
    while let Some(menu) = next.pop() {
        if menu == to {
            return true;
        }
        next.extend(ways.get(menu).into_iter().flatten().filter(|way| seen.insert(**way)));
    }
    false
}

/// R18: a menu to which a closed calendar leads announces the hours of that calendar.
fn check_hours(menus: &[Menu], notes: &Notes, findings: &mut Findings) {
    for (menu, said, place) in &notes.hours {
        let leading = notes.links.iter().filter(|link| matches!(link.go, Go::Menu(to) if usize::from(to.0) == *menu));
        let other = leading.map(|link| link.via).any(|via| matches!(via, Via::Gate(Some(closed)) if closed != *said));
        if other {
            let message =
                said!("menu `{}` announces hours that are not those in force", "菜单 `{}` 播报的服务时间与实际不符", name_of(menus, *menu));
            let label = both("a gate leads here when another calendar is closed", "转到这里的 `gate` 用的是另一个日历");
            findings
                .error("HL025", place, message, label)
                .rule("R18")
                .help(both("name the calendar of the gate", "请改为该 `gate` 的日历"));
        }
    }
}

pub(crate) fn service(plan: &Plan, items: &[Item<'_>], notes: &Notes, findings: &mut Findings) {
    if findings.has_errors() {
        return;
    }
    for item in items {
        let found = plan.queues.iter().find(|queue| queue.name == item.name.value && !queue.retired);
        if let Some(queue) = found {
            check_service(plan, queue, item, findings);
            check_helpers(plan, queue, item, findings);
            check_outward(plan, queue, item, findings);
            served::queue(plan, queue, item, findings);
        }
    }
    served::ways(plan, notes, findings);
    for link in &notes.links {
        if let Go::Callback(queue) = link.go
            && plan.queue(queue).outward.callback.is_none()
        {
            let message = said!("queue `{}` calls nobody back", "排队 `{}` 不提供回拨", plan.queue(queue).name);
            findings
                .error("HL096", &link.place, message, both("it has no `callback`", "它没有 `callback`"))
                .help(both("`callback = { key = \"2\" }` in that queue", "请在该排队写 `callback = { key = \"2\" }`"));
        }
    }
}

fn check_service(plan: &Plan, queue: &Queue, item: &Item<'_>, findings: &mut Findings) {
    let Some(widest) = queue.steps.last() else { return };
    let named =
        |place: usize| queue.seats.is_empty() || u32::try_from(place).is_ok_and(|id| queue.seats.binary_search(&SeatId(id)).is_ok());
    let id = served::id_of(plan, queue);
    let admitted = || {
        let seats = plan.seats.iter().enumerate().filter(|(place, seat)| !seat.retired && named(*place));
        seats.filter(|(_, seat)| seat.serves(id).is_some() && widest.admits(seat))
    };
    if admitted().next().is_none() {
        let message = said!("nobody can serve queue `{}`", "没有坐席能服务排队 `{}`", queue.name);
        let help = both("give a seat the skills of its last step, or relax that step", "请给某个坐席最后一步所需的技能，或放宽这一步");
        findings.warning("HL032", &item.name.place, message, both("no seat is ever admitted", "任何坐席都不符合")).help(help);
        return;
    }
    let of_reserve = |(place, seat): &(usize, &Seat)| {
        let id = SeatId(u32::try_from(*place).unwrap_or(u32::MAX));
        queue.reserve.as_ref().is_some_and(|reserve| reserve.has(id, &seat.proficiency))
    };
    if let (true, Some(node)) = (admitted().all(|seat| of_reserve(&seat)), item.table.get("reserve")) {
        let message = said!("nobody serves queue `{}` until it is crowded", "排队 `{}` 在拥挤之前无人服务", queue.name);
        findings
            .warning("HL049", &node.place(), message, both("every seat of the queue is of its reserve", "该排队的坐席全都是后备坐席"))
            .help(both("name fewer seats", "请少列一些坐席"));
    }
    for language in plan.languages.iter().filter(|language| !language.retired) {
        let Some(need) = language.need else { continue };
        if !admitted().any(|(_, seat)| crate::rule_set::has(&seat.proficiency, need)) {
            let message = said!("nobody in queue `{}` speaks {}", "排队 `{}` 中没有会 {} 的坐席", queue.name, language.code);
            let help = both(
                "callers of this language would wait without end; give a seat the language's skill",
                "说这种语言的客户会一直等下去；请给某个坐席这种语言的技能",
            );
            findings
                .warning(
                    "HL033",
                    &item.name.place,
                    message,
                    both("no seat of this language is ever admitted", "没有会这种语言的坐席符合条件"),
                )
                .help(help);
        }
    }
}

/// Seats of `overflow` that the queue has anyway, so that they are no further help.
fn check_helpers(plan: &Plan, queue: &Queue, item: &Item<'_>, findings: &mut Findings) {
    let Some(node) = item.table.get("overflow") else { return };
    let nodes = if node.as_list().is_some() { node.list(findings) } else { vec![node] };
    let tables = nodes.iter().filter_map(|node| node.as_table()?.get("seat"));
    for at in tables.filter_map(|node| node.text(findings)).collect::<Vec<_>>() {
        // Of one that speaks no caller's language, HL281 says that it gets no call at all.
        let serves = |seat: &Seat| *seat.name == *at.value && served::speaks(plan, seat);
        if served::admitted(plan, queue).any(serves) {
            let message = said!("seat `{}` serves queue `{}` anyway", "坐席 `{}` 本来就服务排队 `{}`", at.value, queue.name);
            let help = both("take it out of `overflow`, or out of the queue", "请从 `overflow` 或该排队中去掉它");
            findings.warning("HL207", &at.place, message, both("a step admits it sooner", "更早的步骤已允许它")).help(help);
        }
    }
}

/// Nobody outside is ourselves, and an offer of a call-back names the key that does it.
fn check_outward(plan: &Plan, queue: &Queue, item: &Item<'_>, findings: &mut Findings) {
    let own = |callee: &Callee| matches!(callee, Callee::Number(number) if !plan.may_dial(number));
    let targets = &queue.outward.overflow;
    if let (Some(target), Some(node)) = (targets.iter().find(|target| own(&target.to.callee)), item.table.get("overflow")) {
        let message = said!("`{}` leads back to the hotline", "`{}` 又打回本热线", target.to.name);
        let help = both(
            "a number of ours, or one from which a trunk calls, is never dialled; name another",
            "热线自己的号码以及中继的主叫号码一律不外拨；请换一个",
        );
        findings.error("HL092", &node.place(), message, both("one of our own numbers", "是本热线自己的号码")).help(help);
    }
    let offers = |said: &[Say]| said.iter().any(|say| matches!(say, Say::Prompt(name) | Say::PromptIn(_, name) if **name == *OFFER));
    let key = queue.outward.callback.as_ref().and_then(|callback| callback.key);
    for (word, said) in [("say", &queue.say), ("breach", &queue.breach), ("announce", &queue.announce)] {
        if let (true, Some(node)) = (offers(said) && key != Some(OFFERED), item.table.get(word)) {
            let message = said!(
                "`{OFFER}` tells callers to press {OFFERED}, which does nothing here",
                "`{OFFER}` 请客户按 {OFFERED}，而这里按 {OFFERED} 无效"
            );
            let help = said!(
                "`callback = {{ key = \"{OFFERED}\" }}` in this queue, or say a prompt of your own that names its key",
                "在该排队写 `callback = {{ key = \"{OFFERED}\" }}`，或改用自己录制、报出实际按键的提示音"
            );
            findings.warning("HL097", &node.place(), message, both("no call-back on that key", "该按键没有回拨")).help(help);
        }
    }
}
