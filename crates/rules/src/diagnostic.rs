use crate::Source;
use crate::hidden::hidden;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::borrow::Cow;
use std::ops::Range;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The rules are refused.
    Error,
    /// The rules are taken; somebody should look.
    Warning,
}

/// A finding about the rules: what is wrong, where, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its code, `HL001` to `HL199`; the same finding always has the same one.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Place of its file in the sources given to [`crate::load()`].
    pub file: usize,
    /// Bytes of the file's text.
    pub span: Range<usize>,
    /// One sentence in lower case, without a full stop.
    pub message: String,
    /// Said under the carets.
    pub label: String,
    /// The way out.
    pub help: Option<String>,
    /// The rule of the manual that it breaks (`R5`).
    pub rule: Option<&'static str>,
}

impl Diagnostic {
    /// Line and column of its start, from 1; the column counts characters, as editors do.
    pub fn line_and_column(&self, sources: &[Source]) -> (usize, usize) {
        let text = sources.get(self.file).map_or("", |source| &source.text);
        let before = text.get(..self.span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// How [`render`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text only: files, pipes, tests.
    Plain,
    /// With ANSI colours.
    Colour,
}

/// Writes findings the way rustc does, an empty line between them. The values of PINs in the lines shown are starred out.
pub fn render(diagnostics: &[Diagnostic], sources: &[Source], style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colour => Renderer::styled(),
    };
    let sources: Vec<(&str, Cow<'_, str>)> = sources.iter().map(|one| (one.path.as_str(), hidden(&one.text))).collect();
    let parts: Vec<String> = diagnostics.iter().map(|one| renderer.render(&[report(one, &sources)])).collect();
    let mut text = parts.join("\n\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn report<'a>(diagnostic: &'a Diagnostic, sources: &'a [(&'a str, Cow<'a, str>)]) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(diagnostic.message.as_str()).id(diagnostic.code));
    if let Some((path, text)) = sources.get(diagnostic.file) {
        let span = clamp(text, &diagnostic.span);
        let annotation = AnnotationKind::Primary.span(span).label(diagnostic.label.as_str());
        group = group.element(Snippet::source(&**text).path(*path).annotation(annotation));
    }
    if let Some(rule) = diagnostic.rule {
        group = group.element(Level::NOTE.message(format!("{rule} of the manual: {}", rule_in_words(rule))));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    group
}

fn clamp(text: &str, span: &Range<usize>) -> Range<usize> {
    let floor = |at: usize| text.floor_char_boundary(at.min(text.len()));
    let start = floor(span.start);
    start..floor(span.end).max(start)
}

fn rule_in_words(rule: &str) -> &'static str {
    match rule {
        "R2" => "the call is picked up within 3 s",
        "R5" => "a person answers within 30 s",
        "R6" => "first communication is done within 5 min",
        "R7" => "the problem is handled within 15 min",
        "R9" => "a caller can always reach a person",
        "R10" => "the voice system replies within 3 s",
        "R18" => "the hours announced are the hours in force",
        "R25" => "network faults and payment anomalies are accepted first",
        "R26" => "security, privacy and major complaints set the emergency mechanism in motion at once",
        "R37" => "own seats before external ones",
        "R39" => "near seats before far ones",
        "R45" => "a dedicated agent has at least 30 min for a session",
        "R53" => "a call is transferred for one of three reasons",
        "R55" => "a complex call is connected first and handled afterwards",
        "R59" => "the receiver of a transfer answers within 30 s",
        "R75" => "the customer is told the procedure or the expected time",
        "R79" => "a complaint is recorded and first handled within 10 min",
        _ => "see the manual",
    }
}

/// The last line of a check: `2 errors, 1 warning in 7 files.`
pub fn summary(diagnostics: &[Diagnostic], sources: &[Source]) -> String {
    let errors = diagnostics.iter().filter(|one| one.severity == Severity::Error).count();
    let warnings = diagnostics.len() - errors;
    let files = count(sources.len(), "file");
    match (errors, warnings) {
        (0, 0) => format!("No findings in {files}."),
        (_, 0) => format!("{} in {files}.", count(errors, "error")),
        (0, _) => format!("{} in {files}.", count(warnings, "warning")),
        _ => format!("{}, {} in {files}.", count(errors, "error"), count(warnings, "warning")),
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
