//! `[[regions]]`: which numbers are of which region, where a table of area codes is not enough: mobile ranges (R39).

use crate::Region;
use crate::declare::Item;
use crate::finding::{At, Findings, Place};
use crate::names::again;
use crate::read::Table;
use crate::rule_set::{LONGEST_PREFIX, Prefixes, prefix_code as code};
use crate::said::{both, said};
use crate::scope::{Scope, small};
use crate::sheet::{Row, Sheet, Sheets};
use hotline_model::{IdMap, RegionId};
use std::collections::{BTreeMap, BTreeSet};

const COLUMNS: [&str; 2] = ["prefix", "region"];
const PREFIX: usize = 0;
const REGION: usize = 1;

/// The prefixes of all files, and the regions that have any.
pub(crate) fn read(
    tables: &[Table<'_>],
    items: &[Item<'_>],
    sheets: &mut Sheets<'_>,
    regions: &[Region],
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> (Prefixes, BTreeSet<usize>) {
    let mut prefixes = Prefixes::default();
    let mut used = BTreeSet::new();
    let mut firsts = Firsts { items, rows: IdMap::default() };
    let live = regions.iter().enumerate().filter(|(_, region)| !region.retired);
    let codes: BTreeMap<&str, usize> =
        live.flat_map(|(id, region)| region.area_codes.iter().map(move |code| (code.as_str(), id))).collect();
    for table in tables {
        table.only(&["file"], both("a list of regions", "号段表"), findings);
        let node = table.need("file", both("a list of regions", "号段表"), findings);
        let Some(file) = node.and_then(|node| sheets.named(&node, findings)) else { continue };
        let Some(sheet) = Sheet::open(file, &COLUMNS, &COLUMNS, findings) else { continue };
        // Files name few regions, one row after the other.
        let mut last: Option<(String, usize)> = None;
        sheet.each(findings, |row, findings| {
            let known = last.as_ref().filter(|(name, _)| name == row.cell(REGION)).map(|(_, id)| *id);
            let Some(id) = known.or_else(|| region(row, scope, findings)) else { return };
            if known.is_none() {
                last = Some((row.cell(REGION).to_owned(), id));
                used.insert(id);
            }
            add(row, id, &codes, &mut prefixes, &mut firsts, findings);
        });
    }
    (prefixes, used)
}

/// Where prefixes are written first: of the files of cells the byte only, since they have hundreds of thousands.
struct Firsts<'a> {
    items: &'a [Item<'a>],
    rows: IdMap<u64, (u32, u32)>,
}

impl Firsts<'_> {
    fn note(&mut self, prefix: &str, at: &Place) {
        let small = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let key = code(prefix.bytes());
        if !self.rows.contains_key(&key) {
            self.rows.insert(key, (small(at.file), small(at.span.start)));
        }
    }

    fn of(&self, prefix: &str) -> Option<Place> {
        let row = self.rows.get(&code(prefix.bytes())).and_then(|(file, start)| {
            let start = usize::try_from(*start).ok()?;
            Some(Place { file: usize::try_from(*file).ok()?, span: start..start + prefix.len() })
        });
        row.or_else(|| {
            let nodes = self.items.iter().filter_map(|item| item.table.get("area_codes")?.as_list()).flatten();
            nodes.filter(|node| node.as_text() == Some(prefix)).map(|node| node.place()).next()
        })
    }
}

fn region(row: &Row<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Option<usize> {
    match row.at(REGION) {
        Some(At { value, place }) => scope.regions.find(value, &place, findings),
        None => {
            let label = both("`region` is empty", "`region` 为空");
            findings.error("HL004", &row.begin(), both("a prefix without a region", "号段没有写地区"), label);
            None
        }
    }
}

fn add(row: &Row<'_>, id: usize, codes: &BTreeMap<&str, usize>, prefixes: &mut Prefixes, firsts: &mut Firsts<'_>, findings: &mut Findings) {
    let text = row.cell(PREFIX);
    if text.is_empty() || text.len() > LONGEST_PREFIX || !text.bytes().all(|b| b.is_ascii_digit()) {
        let message = said!("`{}` is not how a number begins", "`{}` 不是号码的开头", text.escape_debug());
        findings
            .error("HL005", &row.place(PREFIX), message, said!("1 to {LONGEST_PREFIX} figures", "1 至 {LONGEST_PREFIX} 位数字"))
            .help(both("like `1380013` or `021`", "例如 `1380013` 或 `021`"));
        return;
    }
    let before = prefixes.insert(text, RegionId(small(id)));
    let other = before.is_some_and(|before| before.index() != id) || codes.get(text).is_some_and(|of| *of != id);
    if other {
        let place: Place = row.place(PREFIX);
        again(&both("prefix", "号段"), text, &place, firsts.of(text).as_ref(), findings);
    } else {
        firsts.note(text, &row.place(PREFIX));
    }
}
