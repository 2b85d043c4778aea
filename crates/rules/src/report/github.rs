use super::{place, see, shown_lines, word};
use crate::{Diagnostic, Source};
use hotline_model::Lang;
use std::fmt::Write;

/// GitHub's workflow commands: each finding is shown at its line of a pull request.
pub fn github(findings: &[Diagnostic], sources: &[Source], lang: Lang) -> String {
    let mut text = String::new();
    for one in findings {
        let (path, at) = place(one, sources);
        let mut message = format!("{} ({})", one.message.of(lang), one.label.of(lang));
        if let Some(see) = see(one, sources, lang) {
            let _ = write!(message, "\n{see}");
        }
        if let Some(help) = &one.help {
            let _ = write!(message, "\n{}", help.of(lang));
        }
        // GitHub refuses columns of a stretch over several lines.
        let columns = match at.from.line == at.to.line {
            true => format!(",col={},endColumn={}", at.from.column, at.to.column),
            false => String::new(),
        };
        let title = one.rule.map_or(one.code.to_owned(), |rule| format!("{} {rule}", one.code));
        let (from, to) = (at.from.line, at.to.line);
        let head = format!("file={},line={from},endLine={to}{columns},title={}", property(path), property(&title));
        let _ = writeln!(text, "::{} {head}::{}", word(one.severity), data(&message));
    }
    text
}

/// What would end the message is written as the runner decodes it.
fn data(text: &str) -> String {
    shown_lines(&text.replace('%', "%25").replace('\r', "%0D")).replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_path_or_a_message_ends_a_command() {
        assert_eq!(property("a:b,c%\n::error::x"), "a%3Ab%2Cc%25%0A%3A%3Aerror%3A%3Ax");
        assert_eq!(data("100 %\r\nb: c, d"), "100 %25%0D%0Ab: c, d");
    }
}
