//! Findings for machines: one line each, JSON, GitHub's workflow commands, SARIF. What is printed of files goes through [`shown()`].

mod concise;
mod github;
mod json;
mod lines;
mod sarif;
mod shown;

pub use concise::concise;
pub use github::github;
pub use json::json;
pub(crate) use lines::{Lines, WIDEST};
pub use sarif::sarif;
pub(crate) use shown::excerpt;
pub use shown::{shown, shown_lines};

use crate::hidden::tells;
use crate::sheet::BYTE_ORDER_MARK;
use crate::{Diagnostic, Edit, Fix, Related, Severity, Source};
use hotline_model::Lang;
use std::ops::Range;

/// A place as editors show it: lines and columns from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// The ends of a stretch of a file; the second is behind its last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Region {
    from: Position,
    to: Position,
}

/// Editors don't count a byte order mark.
pub(crate) fn position(text: &str, at: usize) -> Position {
    let before = &text[..text.floor_char_boundary(at.min(text.len()))];
    let before = before.strip_prefix(BYTE_ORDER_MARK).unwrap_or(before);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    Position { line: before.matches('\n').count() + 1, column: before[start..].chars().count() + 1 }
}

fn region(text: &str, span: &Range<usize>) -> Region {
    Region { from: position(text, span.start), to: position(text, span.end.max(span.start)) }
}

fn source_of(file: usize, sources: &[Source]) -> (&str, &str) {
    sources.get(file).map_or(("", ""), |source| (&source.path, &source.text))
}

fn place<'s>(one: &Diagnostic, sources: &'s [Source]) -> (&'s str, Region) {
    let (path, text) = source_of(one.file, sources);
    (path, region(text, &one.span))
}

fn related<'s>(one: &Related, sources: &'s [Source]) -> (&'s str, Region) {
    let (path, text) = source_of(one.file, sources);
    (path, region(text, &one.span))
}

/// `; the first is here: 40-queues.toml:11:8`
fn see(one: &Diagnostic, sources: &[Source], lang: Lang) -> Option<String> {
    let other = one.related.as_ref()?;
    let (path, at) = related(other, sources);
    Some(format!("{}{}{path}:{}:{}", other.label.of(lang), lang.of(": ", "："), at.from.line, at.from.column))
}

fn edited<'s>(edit: &Edit, sources: &'s [Source]) -> (&'s str, Region) {
    let (path, text) = source_of(edit.file, sources);
    (path, region(text, &edit.span))
}

/// Characters up to which what a fix writes is shown.
const LONGEST_FIX: usize = 4_000;

/// Its fix, unless that writes a secret or is absurdly long: `--fix` has it all the same.
fn fix_shown<'d>(one: &'d Diagnostic, sources: &[Source]) -> Option<&'d Fix> {
    let length = |fix: &Fix| fix.edits.iter().map(|edit| edit.text.chars().count()).sum::<usize>();
    one.fix.as_ref().filter(|fix| length(fix) <= LONGEST_FIX && !tells(fix, sources))
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_ends_are_behind_the_last_one() {
        let text = "a = 1\nskill = \"帐单\" # 账\n";
        let at = text.find("帐单").unwrap();
        let region = region(text, &(at..at + "帐单".len()));
        assert_eq!((region.from, region.to), (Position { line: 2, column: 10 }, Position { line: 2, column: 12 }));
        assert_eq!(position("账", 1), Position { line: 1, column: 1 });
        assert_eq!(position("a\n", 9), Position { line: 2, column: 1 });
        for (at, column) in [(0, 1), (3, 1), (4, 2)] {
            assert_eq!(position("\u{feff}ab", at), Position { line: 1, column }, "a byte order mark has no column");
        }
    }
}
