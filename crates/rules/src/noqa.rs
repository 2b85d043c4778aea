//! `# noqa: HL122` at the end of a line: the warnings of these codes that begin on it are meant so, and not told. A CSV file has no comments:
//! its warnings are allowed where a rule names it.

use crate::codes::{explain_code, nearest_code};
use crate::finding::{Findings, Place};
use crate::said::{both, said};
use crate::{Diagnostic, Severity, Source};
use std::collections::BTreeMap;

/// Without the warnings that their lines allow. Errors are never allowed. `named`: where each CSV file is named, by its place in `sources`.
pub(crate) fn without_allowed(found: Vec<Diagnostic>, sources: &[Source], named: &BTreeMap<usize, Place>) -> Vec<Diagnostic> {
    let allowed = |one: &Diagnostic| {
        let (file, at) = named.get(&one.file).map_or((one.file, one.span.start), |place| (place.file, place.span.start));
        let source = sources.get(file).filter(|source| !source.is_sheet());
        one.severity == Severity::Warning && source.is_some_and(|source| allows(line_at(&source.text, at), one.code))
    };
    found.into_iter().filter(|one| !allowed(one)).collect()
}

/// Comments that allow what no finding is called, or nothing at all.
pub(crate) fn tell_unknown(sources: &[Source], findings: &mut Findings) {
    for (file, source) in sources.iter().enumerate().filter(|(_, source)| !source.is_sheet()) {
        let mut start = 0;
        for line in source.text.split_inclusive('\n') {
            if let Some((at, codes)) = allowed_in(line) {
                tell_codes(file, start + at, codes, findings);
            }
            start += line.len();
        }
    }
}

fn tell_codes(file: usize, start: usize, codes: &str, findings: &mut Findings) {
    let (mut any, mut at) = (false, 0);
    for word in words(codes) {
        any = true;
        let from = at + codes.get(at..).and_then(|rest| rest.find(word)).unwrap_or_default();
        at = from + word.len();
        if explain_code(word).is_some_and(|known| known.code == word) {
            continue;
        }
        let place = Place { file, span: start + from..start + at };
        let help = nearest_code(word).map(|near| said!("did you mean `{near}`?", "是否想写 `{near}`？"));
        let message = said!("no finding is called `{word}`", "没有编号为 `{word}` 的问题");
        findings.warning("HL253", &place, message, both("allows nothing", "不起作用")).maybe_help(help);
    }
    if !any {
        let place = Place { file, span: start..start + codes.trim_end().len() };
        let message = both("a `noqa` that names no finding", "`noqa` 没有写明问题编号");
        let help = both("name the codes: `# noqa: HL122, HL124`", "请写明编号：`# noqa: HL122, HL124`");
        findings.warning("HL253", &place, message, both("allows nothing", "不起作用")).help(help);
    }
}

fn line_at(text: &str, at: usize) -> &str {
    let (before, behind) = text.split_at_checked(at).unwrap_or((text, ""));
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = behind.find('\n').map_or(text.len(), |end| at + end);
    text.get(start..end).unwrap_or_default()
}

fn allows(line: &str, code: &str) -> bool {
    allowed_in(line).is_some_and(|(_, codes)| words(codes).any(|word| word == code))
}

/// What stands behind `# noqa:` in a line, and at which byte.
fn allowed_in(line: &str) -> Option<(usize, &str)> {
    let (_, behind) = line.rsplit_once('#')?;
    let codes = behind.trim_start().strip_prefix("noqa:")?;
    Some((line.len() - codes.len(), codes))
}

/// The codes, until other words begin.
fn words(codes: &str) -> impl Iterator<Item = &str> {
    let words = codes.split([',', ' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    words.take_while(|word| word.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("HL")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_allows_the_codes_that_it_names_on_its_own_line() {
        for (line, expected) in [
            ("name = \"vip\" # noqa: HL122", true),
            ("name = \"vip\" # noqa: HL031, HL122 kept for later", true),
            ("name = \"vip\" # 贵宾 # noqa:HL122", true),
            ("name = \"vip\" # noqa: HL123", false),
            ("name = \"vip\" # noqa", false),
            ("name = \"vip\" # HL122", false),
            ("name = \"vip\" # noqa: not HL122", false),
        ] {
            assert_eq!(allows(line, "HL122"), expected, "{line}");
        }
        assert_eq!(line_at("a\n账b # x\nc", 2), "账b # x");
        assert_eq!((line_at("a", 1), line_at("", 0), line_at("a", 9)), ("a", "", "a"));
    }
}
