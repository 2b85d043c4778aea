//! `# noqa: HL122` at the end of a line: the warnings of these codes that begin on it are meant so, and not told. A CSV file has no comments:
//! its warnings are allowed where a rule names it.

use crate::codes::{explain_code, nearest_code};
use crate::finding::{Findings, Place};
use crate::fixes::replace;
use crate::said::{both, said};
use crate::{Diagnostic, Severity, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Where each CSV file is named, by its place among the sources.
pub(crate) type Named = BTreeMap<usize, Place>;

/// Without the warnings that their lines allow. Errors are never allowed.
pub(crate) fn without_allowed(found: Vec<Diagnostic>, sources: &[Source], named: &Named) -> Vec<Diagnostic> {
    let allowed = |one: &Diagnostic| {
        let (file, at) = line_of(one, named);
        let source = sources.get(file).filter(|source| !source.is_sheet());
        one.severity == Severity::Warning && source.is_some_and(|source| allows(line_at(&source.text, at), one.code))
    };
    found.into_iter().filter(|one| !allowed(one)).collect()
}

/// A byte of the line that may allow a finding: its own, or that which names its CSV file.
fn line_of(one: &Diagnostic, named: &Named) -> (usize, usize) {
    named.get(&one.file).map_or((one.file, one.span.start), |place| (place.file, place.span.start))
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
    let all = placed(codes);
    for (word, span) in &all {
        if explain_code(word).is_some_and(|known| known.code == *word) {
            continue;
        }
        let place = Place { file, span: start + span.start..start + span.end };
        let help = nearest_code(word).map(|near| said!("did you mean `{near}`?", "是否想写 `{near}`？"));
        let message = said!("no finding is called `{word}`", "没有编号为 `{word}` 的问题");
        findings.warning("HL253", &place, message, both("allows nothing", "不起作用")).maybe_help(help);
    }
    if all.is_empty() {
        let place = Place { file, span: start..start + codes.trim_end().len() };
        let message = both("a `noqa` that names no finding", "`noqa` 没有写明问题编号");
        let help = both("name the codes: `# noqa: HL122, HL124`", "请写明编号：`# noqa: HL122, HL124`");
        findings.warning("HL253", &place, message, both("allows nothing", "不起作用")).help(help);
    }
}

/// Codes that their lines allow and that nothing there is called, of rules without errors whose findings are all of `found`.
pub(crate) fn idle(found: &[Diagnostic], sources: &[Source], named: &Named) -> Findings {
    let line = |text: &str, at: usize| text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let used = found.iter().filter(|one| one.severity == Severity::Warning).filter_map(|one| {
        let (file, at) = line_of(one, named);
        Some((file, line(&sources.get(file)?.text, at), one.code))
    });
    let used: BTreeSet<(usize, usize, &str)> = used.collect();
    let mut findings = Findings::default();
    for (file, source) in sources.iter().enumerate().filter(|(_, source)| !source.is_sheet()) {
        let mut start = 0;
        for line in source.text.split_inclusive('\n') {
            if let Some((at, codes)) = allowed_in(line).filter(|_| !allows(line, IDLE)) {
                let is_idle = |code: &str| {
                    let known = explain_code(code).is_some_and(|known| known.code == code);
                    known && !AT_TIMES.contains(&code) && !used.contains(&(file, start, code))
                };
                // In a text over several lines it may be no comment.
                let mends = !["\"\"\"", "'''"].iter().any(|quotes| source.text.contains(quotes));
                tell_idle(&Comment { file, start, line, at, codes, mends }, &is_idle, &mut findings);
            }
            start += line.len();
        }
    }
    findings
}

/// Told, or not, by the day, the recordings and what else is read beside the rules: not by each check.
const AT_TIMES: [&str; 8] = ["HL018", "HL060", "HL143", "HL144", "HL181", "HL251", "HL254", "HL299"];
const IDLE: &str = "HL328";

/// A `noqa`: its line and where that begins, and the codes at a byte of the line.
struct Comment<'c> {
    file: usize,
    start: usize,
    line: &'c str,
    at: usize,
    codes: &'c str,
    mends: bool,
}

fn tell_idle(comment: &Comment<'_>, is_idle: &dyn Fn(&str) -> bool, findings: &mut Findings) {
    let all = placed(comment.codes);
    let idle: Vec<&(&str, Range<usize>)> = all.iter().filter(|(code, _)| is_idle(code)).collect();
    let whole = idle.len() == all.len() && all.last().is_some_and(|(_, last)| comment.codes[last.end..].trim().is_empty());
    for (place, (code, span)) in idle.iter().enumerate() {
        let of_line = |span: Range<usize>| Place { file: comment.file, span: comment.start + span.start..comment.start + span.end };
        let from_codes = |span: Range<usize>| of_line(comment.at + span.start..comment.at + span.end);
        let gone = if whole {
            let before = comment.line[..comment.at].rfind('#').map_or("", |sign| comment.line[..sign].trim_end());
            (place == 0).then(|| of_line(before.len()..comment.at + all.last().map_or(0, |(_, last)| last.end)))
        } else {
            let next = all.iter().find(|(_, next)| next.start > span.start).map(|(_, next)| span.start..next.start);
            let before = all.iter().rev().find(|(_, before)| before.end < span.start).map(|(_, before)| before.end..span.end);
            next.or(before).map(from_codes)
        };
        let title = said!("no longer allow `{code}`", "不再放过 `{code}`");
        let fix = gone.filter(|_| comment.mends).map(|gone| replace(&gone, String::new(), title, true));
        let is_error = explain_code(code).is_some_and(|known| known.severity == Severity::Error);
        let label = if is_error {
            both("errors are never allowed", "错误不能这样放过")
        } else {
            both("this line has no such warning", "这一行没有这个警告")
        };
        let message = said!("`noqa` of `{code}` allows nothing", "`noqa` 写的 `{code}` 不起作用");
        let help = match is_error {
            true => both("remove it, and mend the error when it comes", "请删去它；出现错误时请改正"),
            false => both("remove it: it would hide the next one", "请删去它：否则会掩盖以后的警告"),
        };
        findings.warning(IDLE, &from_codes(span.clone()), message, label).help(help).maybe_fix(fix);
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

/// The codes and where they stand.
fn placed(codes: &str) -> Vec<(&str, Range<usize>)> {
    let mut at = 0;
    let place = |word: &'_ str| {
        let from = at + codes.get(at..).and_then(|rest| rest.find(word)).unwrap_or_default();
        at = from + word.len();
        from..at
    };
    words(codes).zip(words(codes).map(place)).collect()
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
