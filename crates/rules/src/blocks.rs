//! `[[block]]`: callers who are turned away.

use crate::declare::Declared;
use crate::finding::{At, Findings, Place};
use crate::read::{Node, Table};
use crate::said::{both, code, said};
use crate::scope::{Notes, Scope};
use crate::speech::say;
use crate::{Block, Customer, Pattern, numbers, outside};
use hotline_model::history::BlockAnswer;
use hotline_model::{LookupMap, Number, NumberingPlan, PhoneNumber};
use std::collections::BTreeMap;

const KEYS: [&str; 6] = ["numbers", "pattern", "anonymous", "answer", "say", "note"];
/// Most blocks, numbers of one, and patterns of one.
const MOST: usize = 1_000;
const MOST_NUMBERS: usize = 10_000;
const MOST_PATTERNS: usize = 200;
/// Longest note in characters.
const LONGEST_NOTE: usize = 200;

pub(crate) fn blocks(
    declared: &Declared<'_>,
    plan: &NumberingPlan,
    scope: &Scope<'_>,
    notes: &mut Notes,
    findings: &mut Findings,
) -> (Vec<Block>, LookupMap<String, u32>) {
    let mut numbers = LookupMap::default();
    let mut places = BTreeMap::new();
    if let Some(table) = declared.blocks.get(MOST) {
        too_many(MOST, &table.place(), findings);
    }
    let tables = (0u32..).zip(declared.blocks.iter().take(MOST));
    let blocks = tables.map(|(place, table)| block(place, table, plan, (&mut numbers, &mut places), (scope, notes), findings)).collect();
    (blocks, numbers)
}

fn block(
    place: u32,
    table: &Table<'_>,
    plan: &NumberingPlan,
    (numbers, places): (&mut LookupMap<String, u32>, &mut BTreeMap<String, Place>),
    (scope, notes): (&Scope<'_>, &mut Notes),
    findings: &mut Findings,
) -> Block {
    table.only(&KEYS, code("`[[block]]`"), findings);
    let named = table.list("numbers", findings);
    if let Some(node) = named.get(MOST_NUMBERS) {
        too_many(MOST_NUMBERS, &node.place(), findings);
    }
    for node in named.iter().take(MOST_NUMBERS) {
        let Some(number) = numbers::callers(node, plan, findings).filter(|at| !is_emergency(at, plan, findings)) else { continue };
        if numbers.get(&number.value).is_some() {
            let written = Number::new(node.as_text().unwrap_or_default()).to_string();
            crate::names::again(&both("blocked number", "黑名单号码"), &written, &number.place, places.get(&number.value), findings);
        } else {
            places.insert(number.value.clone(), number.place);
            numbers.insert(number.value, place);
        }
    }
    let nodes = patterns_of(table, findings);
    let patterns: Vec<_> = nodes.iter().take(MOST_PATTERNS).filter_map(|node| outside::pattern_of(node, findings)).collect();
    if let (true, Some(node)) = (everybody(&patterns), table.get("pattern")) {
        let message = both("a block that turns away every caller", "黑名单会拒接所有来电");
        let help = both("write how the numbers that are meant begin: `170x{8}`", "请写明要拦截的号码开头，如 `170x{8}`");
        findings.warning("HL252", &node.place(), message, both("fits every number of the country", "国内任何号码都符合")).help(help);
    }
    let anonymous = table.flag("anonymous", findings).unwrap_or(false);
    if named.is_empty() && nodes.is_empty() && !anonymous {
        let message = both("a block that turns nobody away", "黑名单没有写明拦截谁");
        let label =
            both("one of `numbers`, `pattern`, `anonymous = true` is needed", "`numbers`、`pattern`、`anonymous = true` 至少写一个");
        findings.error("HL174", &table.place(), message, label);
    }
    let words = [("603", BlockAnswer::Decline), ("486", BlockAnswer::Busy), ("announcement", BlockAnswer::Announcement)];
    let answer = table.word("answer", &words, findings).map(|at| at.value).unwrap_or_default();
    let said = say(scope, table, "say", None, notes, findings);
    answered(table, answer, findings);
    let note = table.line("note", findings);
    if let Some(long) = note.as_ref().filter(|note| note.value.chars().count() > LONGEST_NOTE) {
        findings.error(
            "HL007",
            &long.place,
            both("a note that is too long", "备注过长"),
            both("at most 200 characters", "最多 200 个字符"),
        );
    }
    Block { patterns, anonymous, answer, say: said, note: note.map(|note| note.value.to_owned()) }
}

/// Whether numbers of every kind fit: mobile, with area codes, of companies, short. Those from abroad have to be spelled out by any pattern.
fn everybody(patterns: &[Pattern]) -> bool {
    const OF_EVERY_KIND: [&str; 8] =
        ["13800138000", "15912345678", "18698765432", "19987654321", "02161234567", "075587654321", "4006001234", "95588"];
    let fits = |number: &str| PhoneNumber::parse(number).is_ok_and(|number| patterns.iter().any(|pattern| pattern.matches(&number)));
    OF_EVERY_KIND.into_iter().all(fits)
}

fn patterns_of<'a>(table: &Table<'a>, findings: &mut Findings) -> Vec<Node<'a>> {
    let Some(node) = table.get("pattern") else { return Vec::new() };
    let nodes = if node.as_text().is_some() { vec![node] } else { node.list(findings) };
    if let Some(node) = nodes.get(MOST_PATTERNS) {
        too_many(MOST_PATTERNS, &node.place(), findings);
    }
    nodes
}

fn too_many(most: usize, place: &Place, findings: &mut Findings) {
    findings.error("HL009", place, said!("more than {most} of these", "超过 {most} 个"), both("one too many", "多出的一个"));
}

/// What is said goes with `answer = "announcement"`, and nothing else does.
fn answered(table: &Table<'_>, answer: BlockAnswer, findings: &mut Findings) {
    let node = table.get("say");
    let is_told = answer == BlockAnswer::Announcement;
    if node.is_some() == is_told {
        return;
    }
    let place = node.or(table.get("answer")).map_or(table.place(), |node| node.place());
    let (message, help) = if is_told {
        (both("an announcement that says nothing", "没有写明播放什么"), both("add `say = \"...\"`", "请加上 `say = \"...\"`"))
    } else {
        let help = both("add `answer = \"announcement\"`, or leave `say` out", "请加上 `answer = \"announcement\"`，或去掉 `say`");
        (both("nobody would hear this", "谁也听不到这段话"), help)
    };
    let label = both("`say` and `answer = \"announcement\"` belong together", "`say` 与 `answer = \"announcement\"` 要一起写");
    findings.error("HL175", &place, message, label).help(help);
}

fn is_emergency(at: &At<String>, plan: &NumberingPlan, findings: &mut Findings) -> bool {
    let emergency = PhoneNumber::parse(&plan.national(&at.value)).is_ok_and(|number| number.is_emergency());
    if emergency {
        let message = said!("`{}` can't be blocked", "`{}` 不能列入黑名单", at.value);
        let label = both("an emergency service that calls back", "报警、急救等会回电");
        findings.error("HL176", &at.place, message, label).help(both("take it out", "请去掉它"));
    }
    emergency
}

/// Customers whom the rules know and turn away.
pub(crate) fn check(plan: &crate::Plan, declared: &Declared<'_>, findings: &mut Findings) {
    for (item, customer) in declared.customers.iter().zip(&plan.customers) {
        let Customer { name, .. } = customer;
        let mut silent = Findings::default();
        for node in item.table.list("numbers", &mut silent) {
            let number = node.as_text().map(|text| plan.numbering.normal(text)).unwrap_or_default();
            let Some(block) = plan.blocked(&number).filter(|_| !number.is_anonymous()) else { continue };
            let place = plan.places.spot(crate::Spot::Block(block)).map_or(String::new(), |place| format!(" ({place})"));
            let message = said!("customer `{name}` is turned away by the block list", "客户 `{name}` 会被黑名单拒接");
            let label = said!("block {}{place} has this number", "第 {} 条黑名单{place}含有这个号码", block + 1);
            let help = both("take the number out of the block, or the customer out of the rules", "请从黑名单中去掉该号码，或去掉该客户");
            findings.warning("HL173", &node.place(), message, label).help(help);
        }
    }
}
