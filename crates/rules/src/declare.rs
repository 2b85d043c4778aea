//! Which things the files declare, before anything inside them is read.

use crate::Said;
use crate::finding::{At, Findings, Place};
use crate::fixes::{half_width, near_word, respelt};
use crate::names::{once, twice};
use crate::read::{Node, Table};
use crate::said::{both, said};
use crate::suggest::did_you_mean;
use hotline_model::Name;
use std::collections::BTreeMap;

const TABLES: [&str; 39] = [
    "skill",
    "language",
    "region",
    "distance",
    "calendar",
    "holidays",
    "number",
    "numbers",
    "block",
    "announcement",
    "menu",
    "queue",
    "seat",
    "seats",
    "timers",
    "priority",
    "assign",
    "customer",
    "customers",
    "regions",
    "lookup",
    "trunk",
    "partner",
    "outbound",
    "transfer",
    "department",
    "person",
    "desk",
    "phone",
    "deadlines",
    "classification",
    "sensitive",
    "access",
    "review",
    "survey",
    "kpi",
    "retention",
    "faults",
    "voicemail",
];
/// Most seats in one `[[seats]]`, and in all files.
const MOST_SEATS: usize = 50_000;
pub(crate) const SEAT: Said = both("seat", "坐席");
pub(crate) const PHONE: Said = both("phone", "公用话机");

/// A named thing and its table.
#[derive(Debug)]
pub(crate) struct Item<'a> {
    pub(crate) name: At<Name>,
    pub(crate) table: Table<'a>,
}

/// A `[[seat]]` (one name) or `[[seats]]` (a range of names).
#[derive(Debug)]
pub(crate) struct SeatBlock<'a> {
    pub(crate) names: Vec<Name>,
    pub(crate) table: Table<'a>,
    /// `[[seats]]`: a range of them.
    pub(crate) many: bool,
}

/// All files together.
#[derive(Debug, Default)]
pub(crate) struct Declared<'a> {
    pub(crate) skills: Vec<Item<'a>>,
    pub(crate) languages: Vec<Item<'a>>,
    pub(crate) regions: Vec<Item<'a>>,
    pub(crate) calendars: Vec<Item<'a>>,
    pub(crate) holidays: Vec<Item<'a>>,
    pub(crate) numbers: Vec<Item<'a>>,
    pub(crate) menus: Vec<Item<'a>>,
    pub(crate) voicemails: Vec<Item<'a>>,
    pub(crate) queues: Vec<Item<'a>>,
    pub(crate) seats: Vec<SeatBlock<'a>>,
    pub(crate) customers: Vec<Item<'a>>,
    /// CSV files of customers, and of regions.
    pub(crate) customer_lists: Vec<Table<'a>>,
    pub(crate) region_lists: Vec<Table<'a>>,
    pub(crate) lookups: Vec<Item<'a>>,
    pub(crate) trunks: Vec<Item<'a>>,
    pub(crate) partners: Vec<Item<'a>>,
    pub(crate) numbering: Vec<Table<'a>>,
    pub(crate) blocks: Vec<Table<'a>>,
    pub(crate) announcements: Vec<Item<'a>>,
    pub(crate) outbound: Vec<Table<'a>>,
    pub(crate) roles: Vec<Item<'a>>,
    pub(crate) departments: Vec<Item<'a>>,
    pub(crate) persons: Vec<Item<'a>>,
    pub(crate) phones: Vec<Item<'a>>,
    pub(crate) transfer: Vec<Table<'a>>,
    pub(crate) desk: Vec<Table<'a>>,
    pub(crate) distance: Vec<Table<'a>>,
    pub(crate) timers: Vec<Table<'a>>,
    pub(crate) deadlines: Vec<Table<'a>>,
    pub(crate) classification: Vec<Table<'a>>,
    pub(crate) sensitive: Vec<Table<'a>>,
    pub(crate) access: Vec<Table<'a>>,
    pub(crate) review: Vec<Table<'a>>,
    pub(crate) survey: Vec<Table<'a>>,
    pub(crate) kpi: Vec<Table<'a>>,
    pub(crate) retention: Vec<Table<'a>>,
    pub(crate) faults: Vec<Table<'a>>,
    pub(crate) priority: Vec<Table<'a>>,
    pub(crate) assign: Vec<Table<'a>>,
}

pub(crate) fn declare<'a>(roots: &[Table<'a>], findings: &mut Findings) -> Declared<'a> {
    let mut declared = Declared::default();
    let mut seats = Vec::new();
    for (key, node) in roots.iter().flat_map(Table::entries) {
        match key.value {
            "skill" => listed(&mut declared.skills, node, both("a skill", "技能"), "name", findings),
            "language" => listed(&mut declared.languages, node, both("a language", "语言"), "code", findings),
            "region" => listed(&mut declared.regions, node, both("a region", "地区"), "name", findings),
            "number" => listed(&mut declared.numbers, node, both("a number", "号码"), "name", findings),
            "customer" => listed(&mut declared.customers, node, both("a customer", "客户"), "name", findings),
            "customers" => declared.customer_lists.extend(node.tables(findings)),
            "regions" => declared.region_lists.extend(node.tables(findings)),
            "lookup" => keyed(&mut declared.lookups, node, findings),
            "trunk" => listed(&mut declared.trunks, node, both("a trunk", "中继"), "name", findings),
            "partner" => listed(&mut declared.partners, node, both("a partner", "伙伴"), "name", findings),
            "department" => listed(&mut declared.departments, node, both("a department", "部门"), "name", findings),
            "person" => listed(&mut declared.persons, node, both("a person", "责任人"), "name", findings),
            "phone" => listed(&mut declared.phones, node, both("a phone", "话机"), "name", findings),
            "queue" => listed(&mut declared.queues, node, both("a queue", "排队"), "name", findings),
            "calendar" => keyed(&mut declared.calendars, node, findings),
            "holidays" => keyed(&mut declared.holidays, node, findings),
            "menu" => keyed(&mut declared.menus, node, findings),
            "voicemail" => keyed(&mut declared.voicemails, node, findings),
            "seat" => seats.extend(node.tables(findings).into_iter().map(|table| (table, false))),
            "seats" => seats.extend(node.tables(findings).into_iter().map(|table| (table, true))),
            "distance" => declared.distance.extend(node.table(findings)),
            "block" => declared.blocks.extend(node.tables(findings)),
            "announcement" => listed(&mut declared.announcements, node, both("an announcement", "公告"), "name", findings),
            "numbers" => declared.numbering.extend(node.table(findings)),
            "outbound" => declared.outbound.extend(node.table(findings)),
            "transfer" => declared.transfer.extend(node.table(findings)),
            "desk" => declared.desk.extend(node.table(findings)),
            "deadlines" => declared.deadlines.extend(node.table(findings)),
            "classification" => declared.classification.extend(node.table(findings)),
            "sensitive" => declared.sensitive.extend(node.table(findings)),
            "access" => declared.access.extend(node.table(findings)),
            "review" => declared.review.extend(node.table(findings)),
            "survey" => declared.survey.extend(node.table(findings)),
            "kpi" => declared.kpi.extend(node.table(findings)),
            "retention" => declared.retention.extend(node.table(findings)),
            "faults" => declared.faults.extend(node.table(findings)),
            "timers" => declared.timers.extend(node.table(findings)),
            "priority" => declared.priority.extend(node.table(findings)),
            "assign" => declared.assign.extend(node.table(findings)),
            _ => unknown_table(&key, findings),
        }
    }
    for node in declared.outbound.iter().filter_map(|table| table.get("role")) {
        listed(&mut declared.roles, node, both("a role", "外拨角色"), "name", findings);
    }
    limit_all(&mut declared, findings);
    declared.seats = seat_blocks(seats, findings);
    declared
}

fn unknown_table(key: &At<&str>, findings: &mut Findings) {
    let all = || said!("known are: {known}", "可用的有：{known}", known = TABLES.join(", "));
    let help = did_you_mean(key.value, TABLES).unwrap_or_else(all);
    let message = said!("unknown table `{name}`", "未知的表 `{name}`", name = key.value);
    findings
        .error("HL002", &key.place, message, both("not known here", "没有这个表"))
        .help(help)
        .maybe_fix(near_word(key.value, TABLES, &key.place));
}

fn listed<'a>(items: &mut Vec<Item<'a>>, node: Node<'a>, what: Said, key: &str, findings: &mut Findings) {
    for table in node.tables(findings) {
        let name = table.need(key, &what, findings).and_then(|name| name.new_name(findings));
        items.extend(name.map(|name| Item { name, table }));
    }
}

fn keyed<'a>(items: &mut Vec<Item<'a>>, node: Node<'a>, findings: &mut Findings) {
    let Some(table) = node.table(findings) else { return };
    for (key, node) in table.entries() {
        if crate::read::check_name(&key, findings) {
            let name = At { value: Name::from(key.value), place: key.place };
            items.extend(node.table(findings).map(|table| Item { name, table }));
        }
    }
}

fn limit_all(declared: &mut Declared<'_>, findings: &mut Findings) {
    limit(both("skill", "技能"), 250, &mut declared.skills, findings);
    limit(both("language", "语言"), 50, &mut declared.languages, findings);
    limit(both("region", "地区"), 500, &mut declared.regions, findings);
    limit(both("calendar", "日历"), 100, &mut declared.calendars, findings);
    limit(both("holiday list", "节假日表"), 100, &mut declared.holidays, findings);
    limit(both("number", "号码"), 1_000, &mut declared.numbers, findings);
    limit(both("menu", "菜单"), 1_000, &mut declared.menus, findings);
    limit(both("voicemail", "留言"), 200, &mut declared.voicemails, findings);
    limit(both("queue", "排队"), 1_000, &mut declared.queues, findings);
    limit(both("announcement", "公告"), 200, &mut declared.announcements, findings);
    limit(both("trunk", "中继"), 50, &mut declared.trunks, findings);
    limit(both("partner", "伙伴"), 500, &mut declared.partners, findings);
    limit(both("role", "外拨角色"), 50, &mut declared.roles, findings);
    limit(both("department", "部门"), 500, &mut declared.departments, findings);
    limit(both("person", "责任人"), 5_000, &mut declared.persons, findings);
    limit(both("phone", "话机"), 50_000, &mut declared.phones, findings);
    limit(both("look-up", "查询"), 4, &mut declared.lookups, findings);
    limit(both("customer", "客户"), 100_000, &mut declared.customers, findings);
}

fn limit(noun: Said, most: usize, items: &mut Vec<Item<'_>>, findings: &mut Findings) {
    let named = std::mem::take(items).into_iter().map(|item| (item.name, item.table)).collect();
    *items = once(&noun, named, findings).into_iter().map(|(name, table)| Item { name, table }).collect();
    if let Some(item) = items.get(most) {
        let (all, noun) = (items.len(), &noun);
        let message = said!([noun] "{all} {noun}s, more than {most}", "{noun}有 {all} 个，超过 {most} 个");
        let label = both("from here on they are not looked at", "从这里起不再检查");
        findings.error("HL009", &item.name.place, message, label);
        items.truncate(most);
    }
}

fn too_many(noun: &Said, most: usize, place: &Place, findings: &mut Findings) {
    let message = said!([noun] "more than {most} {noun}s", "{noun}超过 {most} 个");
    findings.error("HL009", place, message, both("one too many", "多出的一个"));
}

fn seat_blocks<'a>(tables: Vec<(Table<'a>, bool)>, findings: &mut Findings) -> Vec<SeatBlock<'a>> {
    let mut taken: BTreeMap<Name, Place> = BTreeMap::new();
    let mut blocks = Vec::new();
    for (table, many) in tables {
        let named = if many { range(&table, findings) } else { single(&table, findings) };
        let Some((names, place)) = named else { continue };
        let mut fresh = Vec::new();
        for name in names {
            if let Some(first) = taken.get(&name) {
                twice(&SEAT, &name, &place, findings).first(first);
            } else {
                taken.insert(name.clone(), place.clone());
                fresh.push(name);
            }
        }
        if taken.len() > MOST_SEATS {
            too_many(&SEAT, MOST_SEATS, &place, findings);
            break;
        }
        blocks.push(SeatBlock { names: fresh, table, many });
    }
    blocks
}

fn single(table: &Table<'_>, findings: &mut Findings) -> Option<(Vec<Name>, Place)> {
    let name = table.need("name", both("a seat", "坐席"), findings)?.new_name(findings)?;
    user_part(&name.value, &name.place, findings).then(|| (vec![name.value], name.place))
}

/// Whether a name can be the user part of a SIP URI as it is; tells if not.
pub(crate) fn user_part(name: &str, place: &Place, findings: &mut Findings) -> bool {
    let good = dialable(name);
    if !good {
        let message = said!("`{name}` can't be dialled", "`{name}` 无法拨打", name = name.escape_debug());
        let label = both("not the user part of a SIP address", "不能作 SIP 地址的用户部分");
        let help = both("letters a-z, figures, `-`, `_`, `.`, `+`, `*`, `#`", "可用字母 a-z、数字、`-`、`_`、`.`、`+`、`*`、`#`");
        let meant = half_width(name);
        let fix = respelt(name, &meant, place).filter(|_| dialable(&meant));
        findings.error("HL005", place, message, label).help(help).maybe_fix(fix);
    }
    good
}

fn dialable(name: &str) -> bool {
    !name.is_empty() && name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+*#".contains(&b))
}

fn range(table: &Table<'_>, findings: &mut Findings) -> Option<(Vec<Name>, Place)> {
    let text = table.need("range", both("a range of seats", "坐席号段"), findings)?.text(findings)?;
    let names = match names_between(text.value) {
        Ok(names) => names,
        Err(wrong) => {
            let message = said!("`{range}` is not a range of seats", "`{range}` 不是坐席号段", range = text.value.escape_debug());
            let (label, help) = wrong.words();
            findings.error("HL005", &text.place, message, label).help(help);
            return None;
        }
    };
    let first = names.first()?;
    user_part(first, &text.place, findings).then_some((names, text.place))
}

/// Why a range of seats is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoRange {
    /// Its ends differ in more than figures.
    Ends,
    /// The second end is before the first.
    Backwards,
    /// So many seats.
    TooMany(usize),
}

impl NoRange {
    /// What is said under it, and the way out.
    fn words(self) -> (Said, Said) {
        match self {
            Self::Ends => (
                both("not a range", "不是号段"),
                both("like `a0001-a0500`: both ends alike but for as many figures", "例如 `a0001-a0500`：首尾只有数字不同，且位数相等"),
            ),
            Self::Backwards => (
                both("the second end is before the first", "末尾小于开头"),
                both("write the smaller number first, like `a0001-a0500`", "请把较小的号写在前面，例如 `a0001-a0500`"),
            ),
            Self::TooMany(count) => {
                (said!("{count} seats", "共 {count} 个坐席"), said!("at most {MOST_SEATS} seats in all", "坐席合计最多 {MOST_SEATS} 个"))
            }
        }
    }
}

fn names_between(text: &str) -> Result<Vec<Name>, NoRange> {
    let (prefix, figures, first, last) = ends(text).ok_or(NoRange::Ends)?;
    let count = last.checked_sub(first).ok_or(NoRange::Backwards)? + 1;
    if count > MOST_SEATS {
        return Err(NoRange::TooMany(count));
    }
    Ok((first..=last).map(|number| Name::from(format!("{prefix}{number:0figures$}"))).collect())
}

/// What both ends have in common, how many figures follow, and which.
fn ends(text: &str) -> Option<(&str, usize, usize, usize)> {
    let middle = text.len() / 2;
    let (from, to) = (text.get(..middle)?, text.get(middle + 1..)?);
    if text.as_bytes().get(middle) != Some(&b'-') || from.len() != to.len() {
        return None;
    }
    let figures = from.bytes().rev().take_while(u8::is_ascii_digit).count().min(to.bytes().rev().take_while(u8::is_ascii_digit).count());
    let figures = figures.min(9);
    let prefix = from.get(..from.len() - figures)?;
    if figures == 0 || to.get(..to.len() - figures) != Some(prefix) {
        return None;
    }
    Some((prefix, figures, from[prefix.len()..].parse().ok()?, to[prefix.len()..].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_names_every_seat_between_its_ends() {
        let names = |text| names_between(text).map(|names| (names.len(), names[0].to_string(), names[names.len() - 1].to_string()));
        assert_eq!(names("a0001-a0500"), Ok((500, "a0001".into(), "a0500".into())));
        assert_eq!(names("x-08-x-11"), Ok((4, "x-08".into(), "x-11".into())));
        assert_eq!(names("7-7"), Ok((1, "7".into(), "7".into())));
        assert_eq!(names("00000-49999").map(|(count, ..)| count), Ok(MOST_SEATS));
        for wrong in ["", "-", "a-b", "a1-b2", "a1", "1-20", "坐1-坐2x", "é1é2"] {
            assert_eq!(names(wrong), Err(NoRange::Ends), "{wrong}");
        }
        assert_eq!(names("a2-a1"), Err(NoRange::Backwards));
        assert_eq!(names("a000000-a099999"), Err(NoRange::TooMany(100_000)));
    }
}
