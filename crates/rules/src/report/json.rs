use super::{Position, edited, fix_shown, place, related, shown_lines, word};
use crate::{Diagnostic, Fix, Related, Source};
use hotline_model::Lang;
use serde::Serialize;

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    severity: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    message: &'a str,
    label: &'a str,
    help: Option<&'a str>,
    rule: Option<&'a str>,
    related: Option<RelatedOf<'a>>,
    fix: Option<FixOf<'a>>,
}

#[derive(Serialize)]
struct RelatedOf<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    label: &'a str,
}

#[derive(Serialize)]
struct FixOf<'a> {
    title: &'a str,
    safe: bool,
    edits: Vec<EditOf<'a>>,
}

#[derive(Serialize)]
struct EditOf<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    text: &'a str,
}

/// A JSON list with an object for each finding, each on a line of its own; `help`, `rule`, `related` (another place that the finding is about) and `fix` are `null` where there is none.
pub fn json(findings: &[Diagnostic], sources: &[Source], lang: Lang) -> String {
    let objects = findings.iter().map(|one| {
        let (file, at) = place(one, sources);
        let (Position { line, column }, Position { line: end_line, column: end_column }) = (at.from, at.to);
        let object = Finding {
            code: one.code,
            severity: word(one.severity),
            file,
            line,
            column,
            end_line,
            end_column,
            message: one.message.of(lang),
            label: one.label.of(lang),
            help: one.help.as_ref().map(|help| help.of(lang)),
            rule: one.rule,
            related: one.related.as_ref().map(|other| related_of(other, sources, lang)),
            fix: fix_shown(one, sources).map(|fix| fix_of(fix, sources, lang)),
        };
        shown_lines(&serde_json::to_string(&object).expect("texts and numbers are JSON")).into_owned()
    });
    let objects: Vec<String> = objects.collect();
    if objects.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", objects.join(",\n")) }
}

fn related_of<'a>(other: &'a Related, sources: &'a [Source], lang: Lang) -> RelatedOf<'a> {
    let (file, at) = related(other, sources);
    let (Position { line, column }, Position { line: end_line, column: end_column }) = (at.from, at.to);
    RelatedOf { file, line, column, end_line, end_column, label: other.label.of(lang) }
}

fn fix_of<'a>(fix: &'a Fix, sources: &'a [Source], lang: Lang) -> FixOf<'a> {
    let edits = fix.edits.iter().map(|edit| {
        let (file, at) = edited(edit, sources);
        let (Position { line, column }, Position { line: end_line, column: end_column }) = (at.from, at.to);
        EditOf { file, line, column, end_line, end_column, text: &edit.text }
    });
    FixOf { title: fix.title.of(lang), safe: fix.safe, edits: edits.collect() }
}
