//! Patterns and targets that another one of their list has in it anyway: often the wider one was not meant.

use super::Rules;
use super::turned_away::nodes;
use crate::Pattern;
use crate::finding::{Findings, Place};
use crate::pattern::pattern;
use crate::read::Node;
use crate::said::{both, said};
use hotline_model::PhoneNumber;

/// Most pairs of patterns that are looked at.
const MOST_PAIRS: usize = 5_000;
/// What a target of transfers names, and the word for all of these.
const KINDS: [(&str, &str); 5] =
    [("seat", "seats"), ("queue", "queues"), ("department", "departments"), ("person", "persons"), ("number", "numbers")];

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    let declared = rules.declared;
    let opened = declared.outbound.iter().chain(declared.roles.iter().map(|item| &item.table)).map(|table| nodes(table, "allow"));
    let blocked = declared.blocks.iter().map(|table| nodes(table, "pattern"));
    let mut left = MOST_PAIRS;
    for list in opened.chain(blocked) {
        let Some(less) = left.checked_sub(list.len() * list.len()) else { return };
        left = less;
        patterns(rules, &list, findings);
    }
    let targets: Vec<Node<'_>> = declared.transfer.iter().flat_map(|table| nodes(table, "targets")).collect();
    let numbers: Vec<Node<'_>> = targets.iter().filter_map(|node| node.as_table()?.get("number")).collect();
    let all = |word: &str| targets.iter().find(|node| node.as_text() == Some(word));
    for (key, word) in KINDS {
        let Some(wider) = all(word) else { continue };
        for node in targets.iter().filter_map(|node| node.as_table()?.get(key)) {
            tell((&node, node.as_text().unwrap_or_default()), (&wider.place(), word), findings);
        }
    }
    if all("numbers").is_none() && numbers.len() * numbers.len() <= left {
        patterns(rules, &numbers, findings);
    }
}

/// Of two that are alike the second; the same text twice, and numbers that are never dialled, are told of as such.
fn patterns(rules: &Rules<'_>, list: &[Node<'_>], findings: &mut Findings) {
    let all: Vec<(&Node<'_>, &str, Pattern)> =
        list.iter().filter_map(|node| Some((node, node.as_text()?, pattern(node.as_text()?).ok()?))).collect();
    let never_dialled = |text: &str| PhoneNumber::parse(text).is_ok_and(|number| number.is_emergency() || rules.plan.is_own(&number));
    for (place, (node, text, own)) in all.iter().enumerate().filter(|(_, (_, text, _))| !never_dialled(text)) {
        let is_around = |(other, (_, written, wider)): &(usize, &(&Node<'_>, &str, Pattern))| {
            *other != place && written != text && own.is_within(&[wider]) && (*other < place || !wider.is_within(&[own]))
        };
        if let Some((_, (wider, written, _))) = all.iter().enumerate().find(is_around) {
            tell((node, text), (&wider.place(), written), findings);
        }
    }
}

fn tell((node, own): (&Node<'_>, &str), (place, wider): (&Place, &str), findings: &mut Findings) {
    let message = said!("`{own}` is in `{wider}` anyway", "`{own}` 本来就在 `{wider}` 之内");
    let help = said!("leave out `{own}`; if only it is meant, leave out `{wider}`", "请删去 `{own}`；若只指它，请删去 `{wider}`");
    let label = both("says nothing more", "不起作用");
    findings.warning("HL336", &node.place(), message, label).see(place, both("it is in this", "在这里面")).help(help);
}
