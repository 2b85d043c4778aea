//! `# noqa: HL122` at the end of a line: the warnings of these codes that begin on it are meant so, and not told.

use crate::{Diagnostic, Severity, Source};

/// Without the warnings that their lines allow. Errors are never allowed.
pub(crate) fn without_allowed(found: Vec<Diagnostic>, sources: &[Source]) -> Vec<Diagnostic> {
    let allowed = |one: &Diagnostic| {
        let text = sources.get(one.file).map_or("", |source| &source.text);
        one.severity == Severity::Warning && allows(line_at(text, one.span.start), one.code)
    };
    found.into_iter().filter(|one| !allowed(one)).collect()
}

fn line_at(text: &str, at: usize) -> &str {
    let (before, behind) = text.split_at_checked(at).unwrap_or((text, ""));
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = behind.find('\n').map_or(text.len(), |end| at + end);
    text.get(start..end).unwrap_or_default()
}

fn allows(line: &str, code: &str) -> bool {
    let Some((_, behind)) = line.rsplit_once('#') else { return false };
    let Some(codes) = behind.trim_start().strip_prefix("noqa:") else { return false };
    codes.split([',', ' ', '\t']).map(str::trim).take_while(|word| word.is_empty() || word.starts_with("HL")).any(|word| word == code)
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
