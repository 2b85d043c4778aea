//! Who is served by whom: every way that callers can take into a queue, and every seat and step of it, looked at for what can never happen.

use crate::declare::Item;
use crate::finding::{Findings, Place};
use crate::rule_set::has;
use crate::said::{both, said};
use crate::scope::{Notes, Via, small};
use crate::{Changes, Go, Plan, Queue, Said, Seat};
use hotline_model::{Class, Lang, LanguageId, Need, QueueId, SeatId, SkillId};
use std::collections::{BTreeMap, BTreeSet};

/// Different callers that are followed through the menus; beyond it the rest is not looked at.
const MOST_CALLERS: usize = 20_000;

/// What the menus have made of a caller so far.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Caller {
    language: LanguageId,
    class: Option<Class>,
    sensitive: bool,
    needs: Vec<Need>,
}

impl Caller {
    fn changed(&self, set: &Changes) -> Self {
        let mut caller = self.clone();
        caller.language = set.language.unwrap_or(caller.language);
        caller.class = set.class.or(caller.class);
        caller.sensitive = set.sensitive.unwrap_or(caller.sensitive);
        caller.needs.extend(&set.skills);
        caller.needs.sort_unstable();
        caller.needs.dedup();
        caller
    }

    /// What a seat must master, each skill once.
    fn asks(&self, plan: &Plan) -> BTreeMap<SkillId, u8> {
        let level = self.class.and_then(|class| plan.assign.levels.iter().find(|(of, _)| *of == class)).map(|(_, need)| *need);
        let mut asks = BTreeMap::new();
        let of_sensitive = plan.settings.sensitive.iter().filter(|_| self.sensitive).copied();
        for need in self.needs.iter().copied().chain(level).chain(of_sensitive).chain(plan.language(self.language).need) {
            let most: &mut u8 = asks.entry(need.skill).or_default();
            *most = need.at_least.max(*most);
        }
        asks
    }
}

/// Follows every caller from every number through the menus, and warns of ways into a queue in which no seat is fit for who comes.
pub(crate) fn ways(plan: &Plan, notes: &Notes, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    let mut next = Vec::new();
    for number in &plan.numbers {
        let stranger = Caller { language: number.language, class: None, sensitive: false, needs: Vec::new() };
        let caller = stranger.changed(&number.entry.set);
        let place = notes.links.iter().find(|link| link.from.is_none() && link.go == number.entry.go).map(|link| &link.place);
        follow(plan, caller, number.entry.go, place, &mut next, findings);
        for gate in &number.gates {
            let link = notes.links.iter().find(|link| link.from.is_none() && link.go == gate.go.go && link.set == gate.go.set);
            follow(plan, stranger.changed(&gate.go.set), gate.go.go, link.map(|link| &link.place), &mut next, findings);
        }
    }
    let mut told = BTreeSet::new();
    while let Some((menu, caller)) = next.pop() {
        if seen.len() >= MOST_CALLERS || !seen.insert((menu, caller.clone())) {
            continue;
        }
        for (at, link) in notes.links.iter().enumerate().filter(|(_, link)| link.from == Some(menu) && link.via != Via::Otherwise) {
            let place = (!told.contains(&at)).then_some(&link.place);
            if follow(plan, caller.changed(&link.set), link.go, place, &mut next, findings) {
                told.insert(at);
            }
        }
    }
}

/// Whether it was warned of.
fn follow(plan: &Plan, caller: Caller, go: Go, place: Option<&Place>, next: &mut Vec<(usize, Caller)>, findings: &mut Findings) -> bool {
    match go {
        Go::Menu(menu) => next.push((usize::from(menu.0), caller)),
        Go::Queue(queue) | Go::Callback(queue) => return place.is_some_and(|place| arrive(plan, &caller, queue, place, findings)),
        Go::Out(way) => return follow(plan, caller, plan.way_out(way).otherwise.go, place, next, findings),
        Go::Voicemail(_) | Go::Again | Go::Goodbye | Go::HangUp => {}
    }
    false
}

fn arrive(plan: &Plan, caller: &Caller, queue: QueueId, place: &Place, findings: &mut Findings) -> bool {
    let queue = plan.queue(queue);
    let language = plan.language(caller.language).need;
    let speaks = |seat: &&Seat| language.is_none_or(|need| has(&seat.proficiency, need));
    let asks = caller.asks(plan);
    let masters = |seat: &&Seat| asks.iter().all(|(skill, least)| has(&seat.proficiency, Need { skill: *skill, at_least: *least }));
    let fit = |seat: &&Seat| (seat.cleared || !caller.sensitive) && masters(seat);
    // Without any seat, or any of the language, the queue itself is warned of.
    if !admitted(plan, queue).any(|seat| speaks(&seat)) || admitted(plan, queue).any(|seat| fit(&seat)) {
        return false;
    }
    let skills = asks.iter().map(|(skill, least)| Said::alike(format!("{} >= {least}", plan.skills[skill.index()].name)));
    let cleared = caller.sensitive.then(|| both("clearance for sensitive calls", "敏感来电的授权"));
    let asked: Vec<Said> = skills.chain(cleared).collect();
    let message = said!("callers who come this way find nobody in queue `{}`", "从这里进入排队 `{}` 的客户找不到坐席", queue.name);
    let each = |lang: Lang| asked.iter().map(|one| one.of(lang)).collect::<Vec<_>>();
    let asked = &Said { en: each(Lang::En).join(" and ").into(), zh: each(Lang::Zh).join("、").into() };
    let label = said!([asked] "no seat of it has {asked}", "该排队没有坐席具备：{asked}");
    findings.warning("HL037", place, message, label).help(both(
        "ask for less here or in `assign.levels`, or give a seat of the queue what is asked for",
        "请在这里或 `assign.levels` 中降低要求，或给该排队的某个坐席所需的技能",
    ));
    true
}

/// The id of a queue of the plan.
pub(crate) fn id_of(plan: &Plan, queue: &Queue) -> QueueId {
    QueueId(small(plan.queues.iter().position(|other| other.name == queue.name).unwrap_or(usize::MAX)))
}

/// Whether some caller's language does not stand in the way.
pub(crate) fn speaks(plan: &Plan, seat: &Seat) -> bool {
    let mut languages = plan.languages.iter().filter(|language| !language.retired).peekable();
    languages.peek().is_none() || languages.any(|language| language.need.is_none_or(|need| has(&seat.proficiency, need)))
}

pub(crate) fn admitted<'p>(plan: &'p Plan, queue: &'p Queue) -> impl Iterator<Item = &'p Seat> {
    let named = |id: u32| queue.seats.is_empty() || queue.seats.binary_search(&SeatId(id)).is_ok();
    let id = id_of(plan, queue);
    let seats = (0u32..).zip(&plan.seats).filter(move |(id, seat)| !seat.retired && named(*id)).map(|(_, seat)| seat);
    let seats = seats.filter(move |seat| seat.serves(id).is_some());
    seats.filter(|seat| queue.steps.last().is_some_and(|widest| widest.admits(seat)))
}

/// Steps that admit nobody, and seats that are named for a queue and never admitted to it.
pub(crate) fn queue(plan: &Plan, queue: &Queue, item: &Item<'_>, findings: &mut Findings) {
    if admitted(plan, queue).next().is_none() {
        return;
    }
    for (step, table) in queue.steps.iter().zip(item.table.tables("step", findings)) {
        if !admitted(plan, queue).any(|seat| step.admits(seat)) {
            let message = said!("a step of queue `{}` that admits nobody", "排队 `{}` 有一步没有任何坐席符合", queue.name);
            let place = table.get("requires").map_or(table.place(), |node| node.place());
            findings
                .warning("HL038", &place, message, both("no seat fulfils this", "没有坐席满足"))
                .help(both("calls wait until the next step for nothing", "来电会白白等到下一步"));
        }
    }
    let reserve = item.table.get("reserve").and_then(|node| node.as_table());
    let named = reserve.map(|reserve| reserve.list("seats", findings)).unwrap_or_default();
    let id = id_of(plan, queue);
    for node in item.table.list("seats", findings).into_iter().chain(named) {
        let seat = node.as_text().and_then(|name| plan.seats.iter().find(|seat| &*seat.name == name && !seat.retired));
        if let Some(seat) = seat.filter(|seat| seat.serves(id).is_none()) {
            let message = said!(
                "seat `{}` is named for queue `{}` and does not serve it",
                "坐席 `{}` 列在排队 `{}` 中，却不服务它",
                seat.name,
                queue.name
            );
            let help = said!(
                "add `{}` to the seat's `queues`, or take the seat out of `seats`",
                "请在该坐席的 `queues` 中加上 `{}`，或把它从 `seats` 中去掉",
                queue.name
            );
            findings
                .warning("HL034", &node.place(), message, both("its `queues` leave this queue out", "它的 `queues` 没有这个排队"))
                .help(help);
            continue;
        }
        let Some(seat) = seat.filter(|seat| queue.steps.last().is_some_and(|widest| !widest.admits(seat))) else {
            continue;
        };
        let message = said!(
            "seat `{}` is named for queue `{}` and never admitted to it",
            "坐席 `{}` 列在排队 `{}` 中，却始终不符合条件",
            seat.name,
            queue.name
        );
        let help = both("give it the skills of a step, or take it out of `seats`", "请给它某一步所需的技能，或把它从 `seats` 中去掉");
        findings.warning("HL039", &node.place(), message, both("no step admits this seat", "没有一步允许这个坐席")).help(help);
    }
}
