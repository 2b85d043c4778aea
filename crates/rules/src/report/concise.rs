use super::{place, shown, word};
use crate::{Diagnostic, Source};
use hotline_model::Lang;
use std::fmt::Write;

/// One line for each finding, `file:line:column: error[HL012] message`, as editors and `grep` read it.
pub fn concise(findings: &[Diagnostic], sources: &[Source], lang: Lang) -> String {
    let mut text = String::new();
    for one in findings {
        let (path, at) = place(one, sources);
        let (line, column) = (at.from.line, at.from.column);
        let (path, message) = (shown(path), shown(one.message.of(lang)));
        let _ = writeln!(text, "{path}:{line}:{column}: {}[{}] {message}", word(one.severity), one.code);
    }
    text
}
