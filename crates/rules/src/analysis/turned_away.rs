//! `[[block]]`: callers who are turned away by one block are never turned away by a later one.

use super::Rules;
use super::overruled::blocking;
use crate::finding::{Findings, Place};
use crate::read::{Node, Table};
use crate::said::{both, said};
use crate::{Block, Pattern, Said};
use hotline_model::Number;
use std::collections::BTreeMap;

/// Most comparisons of numbers with patterns, and of patterns with patterns: a list of this length is an export that nobody reads.
const MOST_COMPARED: usize = 2_000_000;
const MOST_PAIRS: usize = 5_000;

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    let (mut compared, mut pairs, mut before) = (0, 0, 0);
    for (place, (block, table)) in rules.plan.blocks.iter().zip(&rules.declared.blocks).enumerate() {
        let named = nodes(table, "numbers").len();
        compared += named * before;
        pairs += block.patterns.len() * before;
        before += block.patterns.len();
        if compared > MOST_COMPARED || pairs > MOST_PAIRS {
            return;
        }
        numbers(rules, place, table, findings);
        patterns(rules, place, table, findings);
        anonymous(rules, place, table, findings);
    }
}

pub(super) fn nodes<'a>(table: &Table<'a>, key: &str) -> Vec<Node<'a>> {
    table.get(key).map(|node| node.as_list().unwrap_or_else(|| vec![node])).unwrap_or_default()
}

fn alike(one: &Block, other: &Block) -> bool {
    one.answer == other.answer && one.say == other.say
}

/// Of many only the first is told, for each earlier block. With the same answer nothing is amiss: the number is there for its note.
fn numbers(rules: &Rules<'_>, own: usize, table: &Table<'_>, findings: &mut Findings) {
    let plan = rules.plan;
    let mut hidden: BTreeMap<usize, (Number, Node<'_>, usize)> = BTreeMap::new();
    for node in nodes(table, "numbers") {
        let number = plan.numbering.normal(node.as_text().unwrap_or_default());
        let first = plan.blocked(&number).filter(|first| *first < own && !alike(&plan.blocks[*first], &plan.blocks[own]));
        if let Some(first) = first {
            hidden.entry(first).or_insert_with(|| (number, node, 0)).2 += 1;
        }
    }
    for (first, (number, node, count)) in hidden {
        let written = Number::new(node.as_text().unwrap_or_default());
        let message = match count - 1 {
            0 => said!("`{written}` is turned away by an earlier block", "`{written}` 已被前面的黑名单拦截"),
            others => said!(
                "`{written}` is turned away by an earlier block; so are others ({others})",
                "`{written}` 已被前面的黑名单拦截；另有 {others} 个也是"
            ),
        };
        let earlier = &rules.declared.blocks[first];
        let fits = blocking(plan, earlier, &number).map_or(earlier.place(), |node| node.place());
        tell(message, &node.place(), &fits, false, findings);
    }
}

fn patterns(rules: &Rules<'_>, own: usize, table: &Table<'_>, findings: &mut Findings) {
    let blocks = &rules.plan.blocks;
    for (node, pattern) in nodes(table, "pattern").iter().zip(&blocks[own].patterns) {
        let is_around = |first: &usize| pattern.is_within(&blocks[*first].patterns.iter().collect::<Vec<&Pattern>>());
        let Some(first) = (0..own).find(is_around) else { continue };
        let same = blocks[first].patterns.iter().position(|other| other.to_string() == pattern.to_string());
        let alike = alike(&blocks[first], &blocks[own]);
        if alike && same.is_none() {
            continue;
        }
        let earlier = &rules.declared.blocks[first];
        let one = blocks[first].patterns.iter().position(|other| pattern.is_within(&[other]));
        let fits = same.or(one).and_then(|place| nodes(earlier, "pattern").get(place).map(|node| node.place()));
        let fits = fits.or_else(|| earlier.get("pattern").map(|node| node.place())).unwrap_or_else(|| earlier.place());
        let message = said!("all numbers of `{pattern}` are turned away by an earlier block", "`{pattern}` 的号码已全部被前面的黑名单拦截");
        tell(message, &node.place(), &fits, alike, findings);
    }
}

fn anonymous(rules: &Rules<'_>, own: usize, table: &Table<'_>, findings: &mut Findings) {
    let blocks = &rules.plan.blocks;
    let first = blocks.iter().take(own).position(|block| block.anonymous);
    let (Some(first), Some(node)) = (first, table.get("anonymous").filter(|_| blocks[own].anonymous)) else { return };
    let earlier = &rules.declared.blocks[first];
    let fits = earlier.get("anonymous").map_or(earlier.place(), |node| node.place());
    let message = both("callers without a number are turned away by an earlier block", "没有号码的来电已被前面的黑名单拦截");
    tell(message, &node.place(), &fits, alike(&blocks[first], &blocks[own]), findings);
}

fn tell(message: Said, place: &Place, fits: &Place, alike: bool, findings: &mut Findings) {
    let (label, help) = if alike {
        (both("says nothing more", "不起作用"), both("remove it, or write the one that was meant", "请删去，或改为原本要写的"))
    } else {
        let label = both("the first block that fits decides: this one never answers them", "以最先符合的为准，轮不到这一条");
        (label, both("put this block before that one, or remove it from here", "请把这一条移到那一条之前，或从这里删去"))
    };
    findings.warning("HL325", place, message, label).see(fits, both("it fits this", "符合这里")).help(help);
}
