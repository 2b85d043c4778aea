//! What is known of a call as it comes to a number or a menu: what the ways there have made of it.

use super::names::{of_menu, of_queue};
use super::possible::Given;
use crate::{Branch, Changes, Compare, DialledNumber, Digits, Go, MenuId, NumberId, Plan, Test};
use hotline_model::{CustomerLevel, CustomerType, Priority};
use std::collections::BTreeSet;

/// For each number and each menu; `None` of a menu that no way leads to.
pub(super) struct Arriving {
    numbers: Vec<Given>,
    menus: Vec<Option<Given>>,
}

impl Arriving {
    pub(super) fn of(plan: &Plan) -> Self {
        let callers = callers(plan);
        let numbers = (0..).map(NumberId).zip(&plan.numbers).map(|(id, number)| dialled(plan, &callers, id, number)).collect();
        let mut arriving = Self { numbers, menus: vec![None; plan.menus.len()] };
        let mut next = BTreeSet::new();
        for (number, given) in plan.numbers.iter().zip(arriving.numbers.clone()) {
            let ways = number.gates.iter().map(|gate| &gate.go).chain([&number.entry]);
            ways.for_each(|branch| arriving.take(plan, branch, &given, &mut next));
        }
        // Whoever waited, or spoke to somebody, may be anything since.
        let queues = plan.queues.iter().filter(|queue| !queue.retired).flat_map(of_queue);
        let outside = plan.ways_out.iter().map(|way| &way.otherwise).chain(plan.voicemails.iter().map(|voicemail| &voicemail.full));
        queues.chain(outside).for_each(|branch| arriving.take(plan, branch, &Given::default(), &mut next));
        while let Some(place) = next.pop_first() {
            let (Some(menu), Some(Some(given))) = (plan.menus.get(place), arriving.menus.get(place).cloned()) else { continue };
            for branch in of_menu(menu) {
                let mut given = given.clone();
                if let Some(collect) = menu.collect.as_ref().filter(|collect| std::ptr::eq(&collect.done, branch)) {
                    // Who is taken up after a crash may have to key it anew.
                    given.may_be(plan, &Test::Collected(collect.name.clone(), Digits::There), true);
                }
                arriving.take(plan, branch, &given, &mut next);
            }
        }
        arriving
    }

    /// What is known as a number is dialled: no menu has found out anything.
    pub(super) fn at_number(&self, id: NumberId) -> Given {
        self.numbers.get(usize::from(id.0)).cloned().unwrap_or_default()
    }

    /// What is known in a menu; nothing of one that no way leads to.
    pub(super) fn at_menu(&self, id: MenuId) -> Given {
        self.menus.get(usize::from(id.0)).cloned().flatten().unwrap_or_default()
    }

    fn take(&mut self, plan: &Plan, branch: &Branch, given: &Given, next: &mut BTreeSet<usize>) {
        let Go::Menu(to) = branch.go else { return };
        let Some(known) = self.menus.get_mut(usize::from(to.0)) else { return };
        let mut given = given.clone();
        tests(&branch.set).iter().for_each(|(test, is)| given.becomes(plan, test, *is));
        let joined = known.as_ref().map_or_else(|| given.clone(), |known| known.or(&given));
        if known.as_ref() != Some(&joined) {
            *known = Some(joined);
            next.insert(usize::from(to.0));
        }
    }
}

fn dialled(plan: &Plan, callers: &[(Test, bool)], id: NumberId, number: &DialledNumber) -> Given {
    let mut given = Given::default();
    let nothing = [Test::Class(None), Test::Nature(None), Test::Kind(None), Test::Category(None), Test::Topic(None), Test::Scope(None)];
    nothing.iter().chain([&Test::Impact(Compare::Is, None), &Test::Dialled(id)]).for_each(|test| given.becomes(plan, test, true));
    for collect in plan.menus.iter().filter_map(|menu| menu.collect.as_ref()) {
        given.becomes(plan, &Test::Collected(collect.name.clone(), Digits::There), false);
    }
    // A source may say anything of these (R36).
    if plan.lookups.is_empty() {
        let ordinary = [
            Test::Language(number.language),
            Test::Priority(Priority::Ordinary),
            Test::CustomerType(CustomerType::Ordinary),
            Test::CustomerLevel(CustomerLevel::Basic),
        ];
        ordinary.iter().for_each(|test| given.becomes(plan, test, true));
        given.becomes(plan, &Test::Sensitive, false);
        callers.iter().for_each(|(test, is)| given.may_be(plan, test, *is));
    }
    given
}

/// What lists of customers say of some callers.
fn callers(plan: &Plan) -> Vec<(Test, bool)> {
    let mut all = Vec::new();
    for test in plan.customers.iter().flat_map(|customer| tests(&customer.set)) {
        if !all.contains(&test) {
            all.push(test);
        }
    }
    all
}

/// What is so of a call that was changed.
fn tests(set: &Changes) -> Vec<(Test, bool)> {
    let so = [
        set.language.map(Test::Language),
        set.class.map(|is| Test::Class(Some(is))),
        set.nature.map(|is| Test::Nature(Some(is))),
        set.kind.map(|is| Test::Kind(Some(is))),
        set.category.map(|is| Test::Category(Some(is))),
        set.topic.map(|is| Test::Topic(Some(is))),
        set.assessed.scope.map(|is| Test::Scope(Some(is))),
        set.assessed.impact.map(|is| Test::Impact(Compare::Is, Some(is))),
        set.priority.map(Test::Priority),
        set.customer_type.map(Test::CustomerType),
        set.customer_level.map(Test::CustomerLevel),
    ];
    so.into_iter().flatten().map(|test| (test, true)).chain(set.sensitive.map(|is| (Test::Sensitive, is))).collect()
}
