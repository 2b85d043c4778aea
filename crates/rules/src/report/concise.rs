use super::{place, see, shown, word};
use crate::{Diagnostic, Source};
use hotline_model::Lang;
use std::fmt::Write;

/// One line for each finding, `file:line:column: error[HL012] message`, as editors and `grep` read it.
pub fn concise(findings: &[Diagnostic], sources: &[Source], lang: Lang) -> String {
    let mut text = String::new();
    for one in findings {
        let (path, at) = place(one, sources);
        let (line, column) = (at.from.line, at.from.column);
        let see = see(one, sources, lang).map(|see| lang.of(format!(" ({see})"), format!("（{see}）"))).unwrap_or_default();
        let (path, message, see) = (shown(path), shown(one.message.of(lang)), shown(&see));
        let _ = writeln!(text, "{path}:{line}:{column}: {}[{}] {message}{see}", word(one.severity), one.code);
    }
    text
}
