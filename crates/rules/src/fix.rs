//! Changes to the files that mend findings: which of them fit together, what the files become, and the difference shown.

use crate::hidden::{hidden, redacted, rows};
use crate::report::shown;
use crate::sheet::is_sheet;
use crate::{Diagnostic, Options, Said, Severity, Source, load_with};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::ops::Range;

/// Rounds of checking and mending: what one fix uncovers, the next round mends.
const MOST_ROUNDS: usize = 10;
/// Findings for which no other file is needed: no TOML, unknown key, wrong type, unreadable value, wrong word, out of range, no UTF-8.
const ALONE: [&str; 8] = ["HL001", "HL002", "HL003", "HL005", "HL006", "HL007", "HL010", "HL161"];
/// Lines shown around a change.
const CONTEXT: usize = 3;

/// A stretch of a file and what is to stand there instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Place of its file in the sources given to [`crate::load()`].
    pub file: usize,
    /// Bytes of the file's text; empty where something is put in.
    pub span: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
}

/// A change that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in a few words.
    pub title: Said,
    /// All of them or none; none overlaps another.
    pub edits: Vec<Edit>,
    /// Nothing else can have been meant; others are made only on demand.
    pub safe: bool,
    /// The word that stood there, until it is known how it is quoted.
    pub(crate) was: Option<String>,
}

/// Files after fixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// All files, changed or not, in the order given.
    pub sources: Vec<Source>,
    /// How many fixes were made.
    pub fixes: usize,
    /// Files that were no TOML after their fixes either, so that none was made in them: their places in the sources.
    pub left_alone: Vec<usize>,
    /// What is found in them now, as [`load_with`] tells it.
    pub left: Vec<Diagnostic>,
}

/// Checks, makes every fix that fits with those before it, and checks again, at most ten times. A fix of what can be read that makes
/// more errors than it mends is not made; nor are those of a file that would be no TOML afterwards, but for slips that have no fix.
pub fn mend(sources: &[Source], options: &Options, unsafe_too: bool) -> Mended {
    let left = found(sources, options);
    let wanted = |fix: &Fix, sources: &[Source]| (fix.safe || unsafe_too) && fits(fix, sources);
    let unmended = |one: &&Diagnostic| !one.fix.as_ref().is_some_and(|fix| wanted(fix, sources));
    let hopeless: Vec<Diagnostic> = left.iter().filter(unmended).cloned().collect();
    let mut mended = Mended { sources: sources.to_vec(), fixes: 0, left_alone: Vec::new(), left };
    // The file of each fix that was made.
    let mut made: Vec<usize> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let fixes = mended.left.iter().filter_map(|one| one.fix.as_ref()).filter(|fix| wanted(fix, &mended.sources)).cloned().collect();
        let kept = attempt(&mut mended, &apart(fixes), options);
        if kept.is_empty() {
            break;
        }
        made.extend(kept.iter().flat_map(|fix| fix.edits.first()).map(|edit| edit.file));
    }
    mended.left_alone =
        (0..sources.len()).filter(|file| made.contains(file) && slips_in(*file, &mended.left) > slips_in(*file, &hopeless)).collect();
    if !mended.left_alone.is_empty() {
        mended.left_alone.iter().for_each(|file| mended.sources[*file] = sources[*file].clone());
        mended.left = found(&mended.sources, options);
        made.retain(|file| !mended.left_alone.contains(file));
    }
    Mended { fixes: made.len(), ..mended }
}

/// Why a file is no TOML.
fn slips_in(file: usize, findings: &[Diagnostic]) -> usize {
    findings.iter().filter(|one| one.file == file && one.code == "HL001").count()
}

/// The findings of files, whether they can be used or not.
pub fn found(sources: &[Source], options: &Options) -> Vec<Diagnostic> {
    load_with(sources, None, options).map_or_else(|found| found, |loaded| loaded.warnings)
}

/// The findings of files that stand alone, whatever other files say that can't be read: texts, keys and values, and no names.
pub fn found_alone(sources: &[Source], options: &Options) -> Vec<Diagnostic> {
    let mut found = found(sources, options);
    found.retain(|one| ALONE.contains(&one.code));
    found
}

/// Makes the fixes if no more errors are left than before, else each half of them alone; gives those made.
fn attempt(mended: &mut Mended, fixes: &[Fix], options: &Options) -> Vec<Fix> {
    // Places are those of the files as they were found; what was changed since is looked at in the next round.
    let places = mended.sources.clone();
    let mut kept: Vec<Fix> = Vec::new();
    let mut parts = vec![fixes];
    while let Some(part) = parts.pop() {
        let tried: Vec<Fix> = kept.iter().chain(part).cloned().collect();
        if part.is_empty() {
            continue;
        }
        let sources = apply(&places, &tried);
        let left = found(&sources, options);
        if badness(&left) <= badness(&mended.left) && sources != mended.sources {
            (mended.sources, mended.left) = (sources, left);
            kept = tried;
        } else if part.len() > 1 {
            let (first, second) = part.split_at(part.len() / 2);
            parts.extend([second, first]);
        }
    }
    kept
}

/// Errors of reading hide all others: what they are is only known when there are none.
fn badness(findings: &[Diagnostic]) -> (usize, usize) {
    let errors = || findings.iter().filter(|one| one.severity == Severity::Error);
    (errors().filter(|one| one.code == "HL001").count(), errors().count())
}

/// Whether every edit names a stretch of a file.
fn fits(fix: &Fix, sources: &[Source]) -> bool {
    let inside = |edit: &Edit| sources.get(edit.file).is_some_and(|source| source.text.get(edit.span.clone()).is_some());
    !fix.edits.is_empty() && fix.edits.iter().all(inside)
}

/// Those of the fixes that don't touch one before them.
fn apart(fixes: Vec<Fix>) -> Vec<Fix> {
    let mut taken: Vec<(usize, Range<usize>)> = Vec::new();
    let mut kept = Vec::new();
    for fix in fixes {
        let touches = |edit: &Edit| {
            let meets =
                |(file, span): &(usize, Range<usize>)| *file == edit.file && span.start <= edit.span.end && edit.span.start <= span.end;
            taken.iter().any(meets)
        };
        if !fix.edits.iter().any(touches) {
            taken.extend(fix.edits.iter().map(|edit| (edit.file, edit.span.clone())));
            kept.push(fix);
        }
    }
    kept
}

fn apply(sources: &[Source], fixes: &[Fix]) -> Vec<Source> {
    let mut edits: Vec<&Edit> = fixes.iter().flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.file, edit.span.start)));
    let mut sources = sources.to_vec();
    for edit in edits {
        if let Some(source) = sources.get_mut(edit.file).filter(|source| source.text.get(edit.span.clone()).is_some()) {
            source.text.replace_range(edit.span.clone(), &edit.text);
        }
    }
    sources
}

/// The unified difference of files, as `patch` reads it; nothing if they are alike. The values of PINs and passwords are starred out.
pub fn unified_diff(before: &[Source], after: &[Source]) -> String {
    let mut text = String::new();
    for (old, new) in before.iter().zip(after).filter(|(old, new)| old.text != new.text) {
        let (was, is) = (hidden(&old.text), hidden(&new.text));
        let _ = writeln!(text, "--- {}\n+++ {}", shown(&old.path), shown(&new.path));
        hunks(&mut text, &Lines::of(&was), &Lines::of(&is));
    }
    text
}

/// The unified difference of two revisions, file by file in the order of their paths; a file that one of them has not is `/dev/null` there.
/// Three stars stand for PINs, passwords and the like; a line in which only such a value changed is shown as changed. Of CSV files only the
/// number of rows is told: they are people's telephone numbers.
pub fn revision_diff(before: &[Source], after: &[Source]) -> String {
    let by_path = |sources: &[Source]| sources.iter().map(|source| (source.path.clone(), source.text.clone())).collect::<BTreeMap<_, _>>();
    let (before, after) = (by_path(before), by_path(after));
    let mut text = String::new();
    for path in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let (old, new) = (before.get(path), after.get(path));
        if old == new {
            continue;
        }
        let name = |there: Option<&String>| there.map_or("/dev/null", |_| path.as_str());
        let _ = writeln!(text, "--- {}\n+++ {}", shown(name(old)), shown(name(new)));
        let (old, new) = (old.map_or("", String::as_str), new.map_or("", String::as_str));
        if is_sheet(path) {
            let _ = writeln!(text, "@@ {} rows before, {} after: not shown @@", rows(old), rows(new));
            continue;
        }
        let (was, is) = (redacted(old), redacted(new));
        hunks(&mut text, &Lines::shown_as(old, &was), &Lines::shown_as(new, &is));
    }
    text
}

/// The lines of a text, and what is shown of each.
struct Lines<'t> {
    real: Vec<&'t str>,
    shown: Vec<&'t str>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        Self::shown_as(text, text)
    }

    /// Line by line; a text that came out with other lines is compared as it is shown.
    fn shown_as(real: &'t str, shown: &'t str) -> Self {
        let (real, shown) = (lines(real), lines(shown));
        Self { real: if real.len() == shown.len() { real } else { shown.clone() }, shown }
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// A run of lines that differ: where it begins and how long it is, before and after.
#[derive(Clone, Copy, Debug)]
struct Change {
    old: (usize, usize),
    new: (usize, usize),
}

fn hunks(text: &mut String, old: &Lines<'_>, new: &Lines<'_>) {
    let changes = changes(&old.real, &new.real);
    let mut rest = changes.as_slice();
    while !rest.is_empty() {
        let near = |pair: &[Change]| pair[1].old.0 - (pair[0].old.0 + pair[0].old.1) <= 2 * CONTEXT;
        let together = 1 + rest.windows(2).take_while(|pair| near(pair)).count();
        let (hunk, others) = rest.split_at(together);
        rest = others;
        write_hunk(text, hunk, &old.shown, &new.shown);
    }
}

fn write_hunk(text: &mut String, hunk: &[Change], old: &[&str], new: &[&str]) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return };
    let before = first.old.0.min(CONTEXT);
    let (old_from, new_from) = (first.old.0 - before, first.new.0 - before);
    let old_end = (last.old.0 + last.old.1 + CONTEXT).min(old.len());
    let behind = old_end - (last.old.0 + last.old.1);
    let new_end = last.new.0 + last.new.1 + behind;
    let range = |from: usize, to: usize| format!("{},{}", if to > from { from + 1 } else { from }, to - from);
    let _ = writeln!(text, "@@ -{} +{} @@", range(old_from, old_end), range(new_from, new_end));
    let mut at = old_from;
    for change in hunk {
        old[at..change.old.0].iter().for_each(|line| put(text, ' ', line));
        old[change.old.0..change.old.0 + change.old.1].iter().for_each(|line| put(text, '-', line));
        new[change.new.0..change.new.0 + change.new.1].iter().for_each(|line| put(text, '+', line));
        at = change.old.0 + change.old.1;
    }
    old[at..old_end].iter().for_each(|line| put(text, ' ', line));
}

fn put(text: &mut String, sign: char, line: &str) {
    text.push(sign);
    text.push_str(line);
    if !line.ends_with('\n') {
        text.push_str("\n\\ No newline at end of file\n");
    }
}

/// The runs of lines that differ: after each, the next line that is alike is looked for nearby.
fn changes(old: &[&str], new: &[&str]) -> Vec<Change> {
    const NEAR: usize = 64;
    let (mut a, mut b) = (0, 0);
    let mut changes = Vec::new();
    while a < old.len() || b < new.len() {
        if old.get(a).is_some() && old.get(a) == new.get(b) {
            (a, b) = (a + 1, b + 1);
            continue;
        }
        let meet = (1..2 * NEAR).flat_map(|sum| (0..=sum).map(move |skip| (skip, sum - skip)));
        let meet = meet.into_iter().find(|(x, y)| old.get(a + x).is_some() && old.get(a + x) == new.get(b + y));
        let (x, y) = meet.unwrap_or((old.len() - a, new.len() - b));
        changes.push(Change { old: (a, x), new: (b, y) });
        (a, b) = (a + x, b + y);
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source { path: "a.toml".into(), text: text.into() }
    }

    fn fix(start: usize, end: usize, text: &str) -> Fix {
        Fix { title: Said::alike("change it"), edits: vec![Edit { file: 0, span: start..end, text: text.into() }], safe: true, was: None }
    }

    #[test]
    fn of_two_fixes_that_touch_the_first_is_made() {
        let kept = apart(vec![fix(2, 4, "x"), fix(3, 5, "y"), fix(4, 4, "z"), fix(6, 7, "w")]);
        assert_eq!(kept.iter().map(|fix| fix.edits[0].span.start).collect::<Vec<_>>(), [2, 6]);
        assert_eq!(apply(&[source("abcdefgh")], &kept), [source("abxefwh")]);
    }

    #[test]
    fn a_fix_whose_place_is_not_in_the_file_is_not_made() {
        let sources = [source("账")];
        assert!(fits(&fix(0, 3, "x"), &sources));
        assert!(!fits(&fix(1, 3, "x"), &sources) && !fits(&fix(0, 4, "x"), &sources));
    }

    #[test]
    fn the_difference_is_that_of_patch() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16";
        let after = before.replace("\n5\n", "\nfive\n").replace("\n16", "\nsixteen\n");
        let shown = unified_diff(&[source(before)], &[source(&after)]);
        let expected = "--- a.toml\n+++ a.toml\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n";
        assert!(shown.starts_with(expected), "{shown}");
        assert!(shown.contains("\n-16\n\\ No newline at end of file\n+sixteen\n"), "{shown}");
        assert_eq!(unified_diff(&[source(before)], &[source(before)]), "");
    }

    #[test]
    fn a_pin_is_not_shown_in_a_difference() {
        let shown = unified_diff(&[source("pin = \"4711\"\nx = 1\n")], &[source("pin = \"4711\"\nx = 2\n")]);
        assert!(shown.contains("pin = \"****\"") && !shown.contains("4711"), "{shown}");
    }
}
