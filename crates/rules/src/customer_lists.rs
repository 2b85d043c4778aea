//! `[[customers]]`: customers who stand in CSV files, one a row (R36, R45, R46).

use crate::analysis::lists;
use crate::customers::{Customers, MOST_NUMBERS};
use crate::finding::{At, Findings, Place};
use crate::fixes::narrow;
use crate::read::{Table, one_of};
use crate::said::{both, said};
use crate::scope::Scope;
use crate::sheet::{Row, Sheet, Sheets};
use crate::{Changes, Customer, numbers};
use hotline_model::{CustomerLevel, CustomerType, LanguageId, Name, Need, Number, NumberingPlan, Priority, Reading, SeatId};
use std::ops::Range;

/// What a file may tell of a customer; the first must be there.
pub(crate) const COLUMNS: [&str; 10] =
    ["number", "name", "customer_type", "customer_level", "language", "priority", "skills", "agent", "preferred", "sensitive"];
const NUMBER: usize = 0;
const NAME: usize = 1;
const TYPE: usize = 2;
const LEVEL: usize = 3;
const LANGUAGE: usize = 4;
const PRIORITY: usize = 5;
const SKILLS: usize = 6;
const AGENT: usize = 7;
const PREFERRED: usize = 8;
const SENSITIVE: usize = 9;
/// What separates several values in a cell.
const BETWEEN: char = ';';
const MOST_SKILLS: usize = 16;
const LONGEST_NAME: usize = 64;
/// As spreadsheets write them too.
const FLAGS: [(&str, bool); 6] = [("true", true), ("false", false), ("TRUE", true), ("FALSE", false), ("yes", true), ("no", false)];

pub(crate) fn read(
    tables: &[Table<'_>],
    sheets: &mut Sheets<'_>,
    plan: &NumberingPlan,
    scope: &Scope<'_>,
    customers: &mut Customers,
    findings: &mut Findings,
) {
    for table in tables {
        table.only(&["file"], both("a list of customers", "客户表"), findings);
        let node = table.need("file", both("a list of customers", "客户表"), findings);
        let Some(file) = node.and_then(|node| sheets.named(&node, findings)) else { continue };
        let Some(sheet) = Sheet::open(file, &COLUMNS, &COLUMNS[..1], findings) else { continue };
        customers.preferred.extend(sheet.header(PREFERRED).cloned());
        let mut odd = None;
        sheet.each(findings, |row, findings| {
            one(row, plan, scope, customers, findings);
            count_odd(row, plan, &mut odd);
        });
        if let Some(odd) = odd {
            tell_odd(&odd, findings);
        }
    }
}

/// Numbers that only who shows exactly them has: the first, and how many.
struct OddNumbers {
    place: Place,
    count: usize,
}

fn count_odd(row: &Row<'_>, plan: &NumberingPlan, odd: &mut Option<OddNumbers>) {
    let mut parts = row.cell(NUMBER).split(BETWEEN).take(MOST_NUMBERS).map(str::trim);
    if parts.any(|part| !is_figure(part) && matches!(plan.read(part), Reading::AsItCame(_)) && numbers::caller(part, plan).is_some()) {
        odd.get_or_insert_with(|| OddNumbers { place: row.place(NUMBER), count: 0 }).count += 1;
    }
}

fn tell_odd(odd: &OddNumbers, findings: &mut Findings) {
    let message = match odd.count - 1 {
        0 => both("a customer's number that is not complete", "不完整的客户号码").to_owned(),
        others => said!("a customer's number that is not complete; so in other rows ({others})", "不完整的客户号码；另有 {others} 行也是"),
    };
    let label = both("only a caller who shows exactly this is meant", "只有来电显示一字不差才算");
    let help = both(
        "has a spreadsheet dropped the 0 of the area, or the area is missing? Format the column as text",
        "是不是电子表格丢了区号前的 0，或缺少区号？请把该列设为文本格式",
    );
    findings.warning("HL170", &odd.place, message, label).help(help);
}

/// Tells what is wrong in the cells behind the first.
pub(crate) fn check_row(row: &Row<'_>, scope: &Scope<'_>, findings: &mut Findings) {
    set(row, scope, findings);
    name(row, findings);
    for column in [AGENT, PREFERRED] {
        seat(row, column, scope, findings);
    }
}

fn set(row: &Row<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Changes {
    Changes {
        language: language(row, scope, findings),
        priority: word_of(row, PRIORITY, Priority::ALL, Priority::word, findings),
        customer_type: word_of(row, TYPE, CustomerType::ALL, CustomerType::word, findings),
        customer_level: word_of(row, LEVEL, CustomerLevel::ALL, CustomerLevel::word, findings),
        skills: skills(row, scope, findings),
        sensitive: word(row, SENSITIVE, &FLAGS, findings),
        ..Changes::default()
    }
}

fn one(row: &Row<'_>, plan: &NumberingPlan, scope: &Scope<'_>, customers: &mut Customers, findings: &mut Findings) {
    let numbers = numbers_of(row, plan, findings);
    let Some((first, _)) = numbers.first().cloned() else { return };
    let set = set(row, scope, findings);
    let name = name(row, findings).unwrap_or_else(|| Name::from(first.as_str()));
    let (agent, preferred) = (seat(row, AGENT, scope, findings), seat(row, PREFERRED, scope, findings));
    for (place, (number, span)) in numbers.iter().enumerate() {
        let written = Number::new(row.cell(NUMBER).get(span.clone()).unwrap_or_default());
        if !customers.take(number.clone()) {
            crate::customers::taken(&written, &row.place(NUMBER), customers.first(number), findings);
        } else if let Some((_, before)) = numbers[..place].iter().find(|(before, _)| before == number) {
            let at = |span: &Range<usize>| row.part(NUMBER, span.clone());
            lists::twice(&written.to_string(), COLUMNS[NUMBER], &at(span), &at(before), findings);
        }
    }
    customers.all.push(Customer { name, number: Some(first), set, agent, preferred });
    customers.rows.push(row.begin());
}

/// The numbers of a cell and where they stand in it, each of which must be one; tells if there is none.
fn numbers_of(row: &Row<'_>, plan: &NumberingPlan, findings: &mut Findings) -> Vec<(String, Range<usize>)> {
    let cell = row.cell(NUMBER);
    if row.tell_kept_as_text(NUMBER, findings) {
        return Vec::new();
    }
    let written = |c: char| matches!(narrow(c).unwrap_or(c), '0'..='9' | ' ' | '-' | '(' | ')' | '.');
    let mut at = 0;
    let one = |part: &str| {
        let begin = at + (part.len() - part.trim_start().len());
        at += part.len() + BETWEEN.len_utf8();
        let part = part.trim();
        let plain = part.strip_prefix('+').unwrap_or(part).chars().all(written) && !is_figure(part);
        Some((numbers::caller(part, plan).filter(|_| plain)?, begin..begin + part.len()))
    };
    let parts: Vec<Option<_>> = cell.split(BETWEEN).take(MOST_NUMBERS).map(one).collect();
    if parts.iter().any(Option::is_none) {
        let (label, help) = if cell.contains(['E', 'e']) || cell.split(BETWEEN).any(|part| is_figure(part.trim())) {
            (
                both("a figure, as `1.38E+10` or with `.0` behind it", "这是数值，如 `1.38E+10` 或带 `.0`"),
                both("a spreadsheet made a figure of it: format the column as text", "电子表格把它变成了数值：请把该列设为文本格式"),
            )
        } else {
            (
                both("3 to 15 digits", "应为 3 至 15 位数字"),
                both(
                    "like `13800138000` or `+8613800138000`; several with `;` between them",
                    "例如 `13800138000` 或 `+8613800138000`；多个号码用 `;` 隔开",
                ),
            )
        };
        let message = both("a number that nobody can have", "不可能有的号码");
        findings.error("HL005", &row.place(NUMBER), message, label).help(help);
    }
    parts.into_iter().flatten().collect()
}

/// `13800138000.0`: a column that was exported as figures.
fn is_figure(part: &str) -> bool {
    part.split_once('.').is_some_and(|(whole, zeros)| {
        let digits = !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
        digits && (1..=2).contains(&zeros.len()) && zeros.bytes().all(|byte| byte == b'0')
    })
}

fn name(row: &Row<'_>, findings: &mut Findings) -> Option<Name> {
    let text = row.at(NAME)?;
    if text.value.contains(char::is_control) {
        let message = both("a customer's name that is not one line of text", "客户名称不是一行文字");
        let label = both("with a line break, or a character that is not seen", "含有换行或不可见的字符");
        findings.error("HL005", &text.place, message, label).help(both("leave it out", "请去掉它"));
    } else if text.value.chars().count() > LONGEST_NAME {
        let message = both("a customer's name that is too long", "客户名称过长");
        findings.error("HL005", &text.place, message, said!("at most {LONGEST_NAME} characters", "最多 {LONGEST_NAME} 个字符"));
    }
    Some(Name::from(text.value))
}

fn word<T: Copy>(row: &Row<'_>, column: usize, words: &[(&str, T)], findings: &mut Findings) -> Option<T> {
    one_of(&row.at(column)?, words, findings).map(|at| at.value)
}

fn word_of<T: Copy>(row: &Row<'_>, column: usize, all: &[T], word: fn(T) -> &'static str, findings: &mut Findings) -> Option<T> {
    let cell = Some(row.cell(column)).filter(|cell| !cell.is_empty())?;
    let known = all.iter().copied().find(|value| word(*value) == cell);
    known.or_else(|| {
        one_of(&row.at(column)?, &all.iter().map(|value| (word(*value), *value)).collect::<Vec<_>>(), findings).map(|at| at.value)
    })
}

fn language(row: &Row<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Option<LanguageId> {
    let At { value, place } = row.at(LANGUAGE)?;
    scope.languages.find(value, &place, findings).and_then(|id| u8::try_from(id).ok()).map(LanguageId)
}

fn seat(row: &Row<'_>, column: usize, scope: &Scope<'_>, findings: &mut Findings) -> Option<SeatId> {
    let At { value, place } = row.at(column)?;
    scope.seats.find(value, &place, findings).and_then(|id| u32::try_from(id).ok()).map(SeatId)
}

fn skills(row: &Row<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Vec<Need> {
    let cell = row.cell(SKILLS);
    let (mut needs, mut at): (Vec<Need>, usize) = (Vec::new(), 0);
    let mut places: Vec<Place> = Vec::new();
    for part in cell.split(BETWEEN) {
        let begin = at + (part.len() - part.trim_start().len());
        at += part.len() + BETWEEN.len_utf8();
        if part.trim().is_empty() {
            continue;
        }
        if needs.len() == MOST_SKILLS {
            findings.error(
                "HL009",
                &row.place(SKILLS),
                both("more than 16 skills asked for", "要求的技能超过 16 项"),
                both("one too many", "多出的一个"),
            );
            break;
        }
        let place = row.part(SKILLS, begin..begin + part.trim().len());
        if part.contains([',', '，', '、', '；']) {
            let message = both("skills that something else than `;` separates", "技能之间用了 `;` 以外的符号");
            let label = both("one skill at most", "最多一项技能");
            let help = both("like `billing >= 3; en >= 4`", "例如 `billing >= 3; en >= 4`");
            findings.error("HL010", &place, message, label).help(help);
            continue;
        }
        let errors = findings.errors();
        let need = scope.need_in(part.trim(), &|span| row.part(SKILLS, begin + span.start..begin + span.end), findings);
        let Some(need) = need.filter(|_| findings.errors() == errors) else { continue };
        if let Some(first) = needs.iter().position(|before| before.skill == need.skill) {
            let skill = scope.skills.each().nth(need.skill.index()).map_or(part.trim(), |(name, _)| &**name);
            lists::twice(skill, COLUMNS[SKILLS], &place, &places[first], findings);
        }
        needs.push(need);
        places.push(place);
    }
    needs
}
