//! `[[regions]]`: which numbers are of which region, where a table of area codes is not enough: mobile ranges (R39).

use crate::declare::Item;
use crate::finding::{At, Findings, Place};
use crate::fixes::replace;
use crate::names::again;
use crate::read::Table;
use crate::rule_set::{LONGEST_PREFIX, Prefixes, prefix_code as code};
use crate::said::{both, said};
use crate::scope::{Scope, small};
use crate::sheet::{Row, Sheet, Sheets};
use crate::{Fix, Region, Said};
use hotline_model::{IdMap, NumberingPlan, RegionId};
use std::collections::{BTreeMap, BTreeSet};

const COLUMNS: [&str; 2] = ["prefix", "region"];
const PREFIX: usize = 0;
const REGION: usize = 1;
/// Numbers of this country begin with the trunk 0 of an area, with the 1 of mobile numbers and services, or with those of a service.
const CHINA: &str = "86";
const SERVICES: [&str; 2] = ["400", "800"];
/// Fewest figures of a service number that begins with 95 or 96, as area codes without their 0 do (`951`).
const SHORT_SERVICE: usize = 5;

/// Most rows told of that no number fits: of more, the whole file is written so.
const MOST_UNMATCHED: usize = 20;

/// The prefixes of all files, and the regions that have any.
pub(crate) fn read(
    tables: &[Table<'_>],
    items: &[Item<'_>],
    sheets: &mut Sheets<'_>,
    (regions, plan): (&[Region], &NumberingPlan),
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> (Prefixes, BTreeSet<usize>) {
    let mut prefixes = Prefixes::default();
    let mut unmatched = Vec::new();
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
            if !add(row, id, &codes, &mut prefixes, &mut firsts, findings) {
                return;
            }
            let never = Never::of(row.cell(PREFIX), plan).filter(|_| unmatched.len() < MOST_UNMATCHED);
            unmatched.extend(never.map(|never| (never, row.cell(PREFIX).to_owned(), row.place(PREFIX))));
        });
    }
    unmatched.iter().for_each(|(never, prefix, place)| never.tell(&both("prefix", "号段"), prefix, place, findings));
    (prefixes, used)
}

/// Why no number begins with some figures: numbers are compared as they are dialled within the country (R39).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Never {
    /// A country's code stands before them; of ours, what was meant is known.
    Country(Option<String>),
    /// The trunk 0 of the area is missing.
    NoZero,
}

impl Never {
    pub(crate) fn of(prefix: &str, plan: &NumberingPlan) -> Option<Self> {
        let china = plan.country() == CHINA;
        let abroad = prefix.strip_prefix("00");
        // Elsewhere it is not known how numbers begin.
        let own = abroad.or(Some(prefix).filter(|_| china)).and_then(|rest| rest.strip_prefix(plan.country()));
        let within = |rest: &str| match rest.trim_start_matches('0') {
            "" => None,
            rest if china && (SERVICES.iter().any(|one| rest.starts_with(one)) || is_mobile(rest)) => Some(rest.to_owned()),
            rest => Some(format!("0{rest}")),
        };
        match (own, abroad) {
            (Some(rest), _) => Some(Self::Country(within(rest))),
            (None, Some(_)) => Some(Self::Country(None)),
            (None, None) => {
                let short = prefix.len() >= SHORT_SERVICE && (prefix.starts_with("95") || prefix.starts_with("96"));
                let known = short || prefix.starts_with(['0', '1']) || SERVICES.iter().any(|one| prefix.starts_with(one));
                (china && !known).then_some(Self::NoZero)
            }
        }
    }

    /// What `caller starts` is to say instead of a beginning that no caller's number has: callers have the country's code with `+` before
    /// them (`+862161234567`), and those of ours are known without it too (`021`).
    pub(crate) fn of_caller(prefix: &str, plan: &NumberingPlan) -> Option<String> {
        let own = |prefix: &str| match Self::of(prefix, plan) {
            Some(Self::Country(meant)) => meant,
            Some(Self::NoZero) | None => None,
        };
        let china = plan.country() == CHINA;
        match (prefix.strip_prefix('+'), prefix.strip_prefix("00")) {
            // Behind the country's code an area code has no 0.
            (Some(world), _) => own(&format!("00{world}")).filter(|_| china && world.as_bytes().get(CHINA.len()) == Some(&b'0')),
            (None, Some(world)) if china && world.starts_with(CHINA) => own(prefix),
            (None, Some(world)) => (!world.is_empty() && !world.starts_with('0')).then(|| format!("+{world}")),
            (None, None) => own(prefix).filter(|_| china),
        }
    }

    pub(crate) fn tell(&self, noun: &Said, prefix: &str, place: &Place, findings: &mut Findings) {
        let label = both("no number begins with it", "没有号码以它开头");
        match self {
            Self::NoZero => {
                let message = said!([noun] "{noun} `{prefix}` has no 0 before it", "{noun} `{prefix}` 前面没有 0");
                let help = said!("write it as it is dialled within the country: `0{prefix}`", "请按国内长途拨号写：`0{prefix}`");
                findings.warning("HL273", place, message, label).rule("R39").help(help);
            }
            Self::Country(meant) => {
                let message = said!([noun] "{noun} `{prefix}` has a country's code before it", "{noun} `{prefix}` 前面带有国家代码");
                let help = match meant {
                    Some(meant) => said!("write it as it is dialled within the country: `{meant}`", "请按国内拨号写：`{meant}`"),
                    None => both("regions are those of this country: remove it", "地区只分国内的号码：请删去"),
                };
                findings.warning("HL307", place, message, label).rule("R39").help(help).maybe_fix(meant.as_ref().map(|meant| {
                    let title = said!("write `{meant}`", "改为 `{meant}`");
                    Fix { was: Some(prefix.to_owned()), ..replace(place, meant.clone(), title, true) }
                }));
            }
        }
    }
}

/// Behind the country's code: a mobile range, and not an area code without its 0 (`10`).
fn is_mobile(rest: &str) -> bool {
    matches!(rest.as_bytes(), [b'1', b'3'..=b'9', ..])
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

/// Takes a prefix; whether it is one.
fn add(
    row: &Row<'_>,
    id: usize,
    codes: &BTreeMap<&str, usize>,
    prefixes: &mut Prefixes,
    firsts: &mut Firsts<'_>,
    findings: &mut Findings,
) -> bool {
    let text = row.cell(PREFIX);
    if row.tell_kept_as_text(PREFIX, findings) {
        return false;
    }
    if text.is_empty() || text.len() > LONGEST_PREFIX || !text.bytes().all(|b| b.is_ascii_digit()) {
        let message = said!("`{}` is not how a number begins", "`{}` 不是号码的开头", text.escape_debug());
        findings
            .error("HL005", &row.place(PREFIX), message, said!("1 to {LONGEST_PREFIX} figures", "1 至 {LONGEST_PREFIX} 位数字"))
            .help(both("like `1380013` or `021`", "例如 `1380013` 或 `021`"));
        return false;
    }
    let before = prefixes.insert(text, RegionId(small(id)));
    let other = before.is_some_and(|before| before.index() != id) || codes.get(text).is_some_and(|of| *of != id);
    if other {
        let place: Place = row.place(PREFIX);
        again(&both("prefix", "号段"), text, &place, firsts.of(text).as_ref(), findings);
    } else {
        firsts.note(text, &row.place(PREFIX));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_number_begins_with_is_known_with_what_was_meant_r39() {
        let china = NumberingPlan::default();
        let country = |meant: &str| Some(Never::Country(Some(meant.to_owned())));
        for (prefix, never) in [
            ("00861380013", country("1380013")),
            ("861380013", country("1380013")),
            ("8621", country("021")),
            ("008610", country("010")),
            ("86010", country("010")),
            ("86400", country("400")),
            ("86", Some(Never::Country(None))),
            ("0044", Some(Never::Country(None))),
            ("28", Some(Never::NoZero)),
            ("1380013", None),
            ("021", None),
            ("0860", None),
            ("95588", None),
            ("951", Some(Never::NoZero)),
            ("86951", country("0951")),
            ("4001", None),
        ] {
            assert_eq!(Never::of(prefix, &china), never, "{prefix}");
        }
        for (prefix, meant) in [
            ("+86021", Some("021")),
            ("0086021", Some("021")),
            ("8621", Some("021")),
            ("0044", Some("+44")),
            ("+8621", None),
            ("+86", None),
            ("+44", None),
            ("021", None),
            ("28", None),
            ("138", None),
            ("00", None),
        ] {
            assert_eq!(Never::of_caller(prefix, &china).as_deref(), meant, "{prefix}");
        }
        let berlin = NumberingPlan::new("49", None).unwrap();
        assert_eq!(Never::of_caller("004930", &berlin).as_deref(), Some("+4930"));
        assert_eq!(Never::of("004930", &berlin), country("030"));
        assert_eq!((Never::of("4930", &berlin), Never::of("30", &berlin)), (None, None));
    }
}
