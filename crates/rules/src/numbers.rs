//! `[numbers]`: how numbers are written where the house stands.

use crate::declare::Declared;
use crate::finding::{At, Findings};
use crate::read::{Node, Table};
use crate::said::{both, code, said};
use crate::timers::holder;
use hotline_model::{NumberingPlan, Odd, Reading};

/// Fewest and most digits of a number (E.164, and the short ones of a country).
const DIGITS: std::ops::RangeInclusive<usize> = 3..=15;

pub(crate) fn numbering(declared: &Declared<'_>, findings: &mut Findings) -> NumberingPlan {
    let tables = &declared.numbering;
    for table in tables {
        table.only(&["country", "area"], code("`[numbers]`"), findings);
    }
    let mut text = |key: &str| holder(tables, key, findings).and_then(|table| table.text(key, findings));
    let (country, area) = (text("country"), text("area"));
    let house = NumberingPlan::default();
    let code = country.as_ref().map_or(house.country(), |at| at.value);
    let found = NumberingPlan::new(code, area.as_ref().map(|at| at.value));
    let country_is_good = NumberingPlan::new(code, None).is_some();
    let wrong = if country_is_good { area } else { country.clone() };
    if let Some(at) = wrong.filter(|_| found.is_none()) {
        let (message, help) = if country_is_good {
            (
                said!("`{}` is no area code", "`{}` 不是区号", at.value.escape_debug()),
                both("like `area = \"021\"`", "例如 `area = \"021\"`"),
            )
        } else {
            let message = said!("`{}` is no country code", "`{}` 不是国家代码", at.value.escape_debug());
            (message, both("like `country = \"86\"`, without `+` or `00`", "例如 `country = \"86\"`，不带 `+` 或 `00`"))
        };
        findings.error("HL171", &at.place, message, both("figures only", "只能是数字")).help(help);
    }
    abroad(declared, country.filter(|_| country_is_good && code != house.country()).as_ref(), findings);
    found.unwrap_or_default()
}

/// What the hotline dials is written as China dials it, whatever the house says of its callers.
fn abroad(declared: &Declared<'_>, country: Option<&At<&str>>, findings: &mut Findings) {
    let dials = declared.outbound.iter().any(|table: &Table<'_>| table.get("allow").is_some() || table.get("role").is_some());
    if let Some(at) = country.filter(|_| dials) {
        let message = both("numbers outside are dialled as in China", "外呼号码仍按中国的写法拨打");
        let label = both("another country", "不是中国");
        let help = both(
            "write patterns for numbers of this country with `00` and its code, like `0049x{5,12}`",
            "该国号码的规则请写成 `00` 加国家代码，例如 `0049x{5,12}`",
        );
        findings.warning("HL172", &at.place, message, label).help(help);
    }
}

/// A number as callers show it, in full where it can be; `None` if nobody can have it.
pub(crate) fn caller(text: &str, plan: &NumberingPlan) -> Option<String> {
    match plan.read(text) {
        Reading::Global(number) | Reading::Short(number) => Some(number),
        Reading::AsItCame(odd) if odd != Odd::NoDigits && DIGITS.contains(&text.chars().filter(|c| c.is_numeric()).count()) => {
            Some(plan.normal(text).reveal().to_owned())
        }
        Reading::AsItCame(_) | Reading::Withheld => None,
    }
}

/// A number of somebody who calls, as it is compared; tells what can't be one.
pub(crate) fn callers(node: &Node<'_>, plan: &NumberingPlan, findings: &mut Findings) -> Option<At<String>> {
    let text = node.text(findings)?;
    let digits = text.value.chars().filter(|c| c.is_numeric()).count();
    let odd = match plan.read(text.value) {
        Reading::Global(number) | Reading::Short(number) => return Some(At { value: number, place: text.place }),
        Reading::AsItCame(odd) if DIGITS.contains(&digits) && odd != Odd::NoDigits => odd,
        Reading::AsItCame(_) | Reading::Withheld => {
            let help = both("like \"13800138000\" or \"+8613800138000\"", "例如 \"13800138000\" 或 \"+8613800138000\"");
            let message = both("a number that nobody can have", "不可能有的号码");
            findings.error("HL005", &text.place, message, both("3 to 15 digits", "应为 3 至 15 位数字")).help(help);
            return None;
        }
    };
    let message = said!("`{}` is no complete number", "`{}` 不是完整的号码", text.value.escape_debug());
    let label = both("only a caller who shows exactly this is meant", "只有来电显示一字不差才算");
    let help = if odd == Odd::NoArea {
        both(
            "write the area code, or say where the house is: `[numbers] area = \"021\"`",
            "请写上区号，或写明本地区号：`[numbers] area = \"021\"`",
        )
    } else {
        both("no number of the country, nor of the world, is written so", "国内外都没有这样写的号码")
    };
    findings.warning("HL170", &text.place, message, label).help(help);
    Some(At { value: plan.normal(text.value).reveal().to_owned(), place: text.place })
}
