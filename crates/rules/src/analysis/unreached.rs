//! Seats that no call ever reaches, customers whom nobody may serve, and agents of their own who may not.

use super::Rules;
use crate::declare::SeatBlock;
use crate::finding::{Findings, Place};
use crate::rule_set::has;
use crate::said::{both, said};
use crate::served::speaks;
use crate::{Changes, Origin, Plan, Route, Said, Seat, Tier};
use hotline_model::{Lang, Name, Need, SeatId, Target};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    tiers(rules, findings);
    let named = received(rules.plan);
    for block in &rules.declared.seats {
        idle(rules, &named, block, findings);
    }
    let mut served = BTreeMap::new();
    for (item, customer) in rules.declared.customers.iter().zip(&rules.plan.customers) {
        let asked = Asked::of(rules.plan, &customer.set);
        let is_served = *served.entry(asked.clone()).or_insert_with(|| is_served(rules, &asked));
        if !is_served {
            let place = ["skills", "sensitive"].into_iter().find_map(|key| item.table.get(key));
            let place = place.map_or(item.name.place.clone(), |node| node.place());
            unserved(rules.plan, &asked, &of_customer(&customer.name), &place, findings);
            continue;
        }
        for (key, seat) in [("agent", customer.agent), ("preferred", customer.preferred)] {
            if let (Some(seat), Some(node)) = (seat, item.table.get(key)) {
                own_agent(rules.plan, &asked, seat, &calls_of(&customer.name), &node.place(), findings);
            }
        }
    }
    fallbacks(rules, findings);
    // A list may name one agent in each row, for the same reason in vain.
    let mut told = BTreeSet::new();
    let rows = &rules.notes.customer_rows;
    let listed = rules.plan.customers.iter().skip(rules.plan.customers.len() - rows.len());
    for (customer, place) in listed.zip(rows) {
        let asked = Asked::of(rules.plan, &customer.set);
        let name = customer.title();
        if !*served.entry(asked.clone()).or_insert_with(|| is_served(rules, &asked)) {
            unserved(rules.plan, &asked, &of_customer(&name), place, findings);
            continue;
        }
        for seat in [customer.agent, customer.preferred].into_iter().flatten() {
            if told.insert((asked.clone(), seat)) {
                own_agent(rules.plan, &asked, seat, &calls_of(&name), place, findings);
            }
        }
    }
}

/// R36: what holds of every caller while a source does not answer.
fn fallbacks(rules: &Rules<'_>, findings: &mut Findings) {
    for (item, lookup) in rules.declared.lookups.iter().zip(&rules.plan.lookups) {
        let Some(table) = item.table.get("fallback").and_then(|node| node.as_table()) else { continue };
        let facts = &lookup.fallback;
        let asked = Asked::of(rules.plan, &facts.set);
        let name = &lookup.name;
        let callers = said!("callers while look-up `{name}` has no answer", "查询 `{name}` 无应答时的来电者");
        let calls = said!("the calls that come while look-up `{name}` has no answer", "查询 `{name}` 无应答时的来电");
        if !is_served(rules, &asked) {
            let node = ["skills", "sensitive", "language"].into_iter().find_map(|key| table.get(key));
            let place = node.map_or(table.place(), |node| node.place());
            unserved(rules.plan, &asked, &callers, &place, findings);
            continue;
        }
        for (key, seat) in [("agent", facts.agent), ("preferred", facts.preferred)] {
            if let (Some(seat), Some(node)) = (seat, table.get(key)) {
                own_agent(rules.plan, &asked, seat, &calls, &node.place(), findings);
            }
        }
    }
}

fn of_customer(name: &str) -> Said {
    said!("customer `{name}`", "客户 `{name}`")
}

fn calls_of(name: &str) -> Said {
    said!("the calls of customer `{name}`", "客户 `{name}` 的来电")
}

/// R37: a seat whose tier is left out gets no calls, or those of a lower tier.
fn tiers(rules: &Rules<'_>, findings: &mut Findings) {
    let Some(node) = rules.declared.assign.iter().find_map(|table| table.get("tiers")) else { return };
    let takes_external = rules.plan.assign.tiers.iter().any(|(tier, _)| *tier == Tier::External);
    let external = rules.plan.seats.iter().find(|seat| !seat.retired && seat.origin == Origin::External);
    if let (Some(seat), false) = (external, takes_external) {
        let message = said!("external seats, such as `{}`, never get a call", "外部坐席（如 `{}`）永远接不到来电", seat.name);
        let label = both("there is no `external` among the tiers", "各层级中没有 `external`");
        let help = both("add `\"external\"` at the end", "请在末尾加上 `\"external\"`");
        findings.warning("HL051", &node.place(), message, label).help(help);
    }
    if external.is_some() && takes_external {
        far_with_external(rules, &node.place(), findings);
    }
}

/// R37: `external` takes every seat, also internal ones that are not near. Alone it is a choice: all alike.
fn far_with_external(rules: &Rules<'_>, place: &Place, findings: &mut Findings) {
    let plan = rules.plan;
    let has = |tier: Tier| plan.assign.tiers.iter().any(|(one, _)| *one == tier);
    // Where no caller has a region, every internal seat is near.
    let far =
        plan.regions.iter().any(|region| !region.retired) && plan.seats.iter().any(|seat| !seat.retired && seat.origin == Origin::Internal);
    if !has(Tier::InternalNear) || has(Tier::Internal) || !far {
        return;
    }
    let message = both("far internal seats rank with external ones", "较远的内部坐席与外部坐席同级");
    let label = both("`external` takes every seat that no tier before it takes", "前面各级没有收的坐席都归 `external`");
    let help = both("add `\"internal\"` before `\"external\"`", "请在 `\"external\"` 之前加上 `\"internal\"`");
    findings.warning("HL340", place, message, label).rule("R37").help(help);
}

/// Seats that callers reach by a transfer or an overflow without being served by a queue.
fn received(plan: &Plan) -> BTreeSet<SeatId> {
    let receivers = plan.transfer.departments.iter().chain(&plan.transfer.persons);
    let seats = receivers.flat_map(|receiver| match &receiver.route {
        Route::Seat(seat) => vec![*seat],
        Route::Seats(seats) => seats.clone(),
        Route::Queue(_) | Route::Number(..) => Vec::new(),
    });
    let helpers = plan.queues.iter().filter(|queue| !queue.retired).flat_map(|queue| queue.helpers.iter().map(|helper| helper.seat));
    seats.chain(helpers.filter(|seat| speaks(plan, plan.seat(*seat)))).collect()
}

/// R12, R40: a seat that no queue admits, or that has the skill of no language, sits there in vain.
fn idle(rules: &Rules<'_>, named: &BTreeSet<SeatId>, block: &SeatBlock<'_>, findings: &mut Findings) {
    let ids = block.names.iter().filter_map(|name| rules.scope.seats.get(name)).filter_map(|id| u32::try_from(id).ok()).map(SeatId);
    let ids: Vec<SeatId> = ids.collect();
    let Some(first) = ids.first().copied() else { return };
    // Where nobody at all is admitted, the queues are told of.
    let somebody_is = rules.served_by.iter().any(|seats| !seats.is_empty());
    // Who dials outside, or is called by other seats, works without any call that comes in.
    let listed = |name: &Name| rules.plan.transfer.allowed.as_ref().is_some_and(|all| all.single.contains(&Target::Seat(name.clone())));
    let works = ["dial", "extension"].iter().any(|key| block.table.get(key).is_some()) || block.names.iter().any(listed);
    if !somebody_is || works || ids.iter().any(|id| named.contains(id)) {
        return;
    }
    let seat = rules.plan.seat(first);
    let label = if ids.iter().all(|id| rules.queues_of(*id).is_empty()) {
        both("no step of any queue that it serves admits it", "它所服务的排队没有一步允许它")
    } else if !speaks(rules.plan, seat) {
        let asked = rules.plan.languages.iter().filter(|language| !language.retired).filter_map(|language| language.need);
        let asked: Vec<String> = asked.map(|need| in_words(rules.plan, need)).collect();
        let (en, zh) = (asked.join(" or "), asked.join("、"));
        said!("callers of every language need more than it has: {en}", "各种语言的来电它都不够格：{zh}")
    } else {
        return;
    };
    let place = ["name", "range"].into_iter().find_map(|key| block.table.get(key)).map_or(block.table.place(), |node| node.place());
    let message = said!("no queue ever offers a caller to seat `{}`", "没有排队会把来电派给坐席 `{}`", seat.name);
    let help = both(
        "give it the `skills` of a language and of a queue; if it only takes transfers, `# noqa: HL281` at the end of this line",
        "请在 `skills` 中写上一种语言和一个排队所需的技能；若只接转接，在该行末尾写 `# noqa: HL281`",
    );
    findings.warning("HL281", &place, message, label).rule("R40").help(help);
}

/// What a customer needs of whoever serves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    needs: BTreeSet<Need>,
    cleared: bool,
}

impl Asked {
    fn of(plan: &Plan, set: &Changes) -> Self {
        let language = set.language.and_then(|language| plan.language(language).need);
        let cleared = set.sensitive == Some(true);
        let of_sensitive = plan.settings.sensitive.iter().filter(|_| cleared);
        Self { needs: set.skills.iter().chain(language.iter()).chain(of_sensitive).copied().collect(), cleared }
    }

    fn lacks(&self, seat: &Seat) -> Vec<Need> {
        self.needs.iter().copied().filter(|need| !has(&seat.proficiency, *need)).collect()
    }

    fn fits(&self, seat: &Seat) -> bool {
        (seat.cleared || !self.cleared) && self.lacks(seat).is_empty()
    }

    fn in_words(&self, plan: &Plan, needs: impl IntoIterator<Item = Need>, cleared: bool) -> Said {
        let skills = needs.into_iter().map(|need| Said::alike(in_words(plan, need)));
        let all: Vec<Said> = skills.chain(cleared.then(|| both("clearance for sensitive calls", "敏感来电的授权"))).collect();
        let each = |lang: Lang| all.iter().map(|one| one.of(lang)).collect::<Vec<_>>();
        Said { en: each(Lang::En).join(" and ").into(), zh: each(Lang::Zh).join("、").into() }
    }
}

fn in_words(plan: &Plan, need: Need) -> String {
    format!("`{} >= {}`", plan.skills[need.skill.index()].name, need.at_least)
}

fn is_served(rules: &Rules<'_>, asked: &Asked) -> bool {
    let served = |seat: &SeatId| !rules.queues_of(*seat).is_empty() && asked.fits(rules.plan.seat(*seat));
    (0..).map(SeatId).take(rules.plan.seats.len()).any(|seat| served(&seat))
}

/// R36: whatever way such a customer takes, somebody should be there.
fn unserved(plan: &Plan, asked: &Asked, whom: &Said, place: &Place, findings: &mut Findings) {
    let needs = &asked.in_words(plan, asked.needs.iter().copied(), asked.cleared);
    let message = said!([whom] "nobody may serve {whom}", "没有坐席能接待{whom}");
    let label = said!([needs] "no seat of any queue has {needs}", "任何排队都没有坐席具备：{needs}");
    let help = both("ask for less, or give a seat what is asked for", "请降低要求，或给某个坐席所需的技能");
    findings.warning("HL282", place, message, label).rule("R36").help(help);
}

/// R43, R45: the agent whom a customer has, and who can't have the call.
fn own_agent(plan: &Plan, asked: &Asked, seat: SeatId, calls: &Said, place: &Place, findings: &mut Findings) {
    let seat = plan.seat(seat);
    if asked.fits(seat) {
        return;
    }
    let lacking = &asked.in_words(plan, asked.lacks(seat), asked.cleared && !seat.cleared);
    let message = said!([calls] "seat `{name}` is never offered {calls}", "坐席 `{name}` 永远接不到{calls}", name = seat.name);
    let label = said!([lacking] "it lacks {lacking}", "它缺少：{lacking}");
    let help = both("give the seat what the customer asks for, or name another", "请给该坐席客户所要求的，或改写另一个坐席");
    findings.warning("HL283", place, message, label).rule("R45").help(help);
}
