use std::borrow::Cow;
use std::fmt::Write;

/// Text out of files, names of files and the like, as it may be printed in a line: what would end the line, act on a terminal or change
/// the direction of writing is written as TOML and JSON escape it, `\u001b`.
pub fn shown(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\t' && acts(c))
}

/// The same for text of several lines, which keeps its line breaks. JSON stays the same JSON.
pub fn shown_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| !matches!(c, '\t' | '\n') && acts(c))
}

/// Lines of a file byte for byte as long as they are, so that places stay; only what a [`annotate_snippets`] excerpt lets through is replaced.
pub(crate) fn excerpt(text: Cow<'_, str>) -> Cow<'_, str> {
    let through = |c: char| !c.is_ascii() && acts(c);
    if !text.contains(through) {
        return text;
    }
    let stand_in = |c: char| match c {
        c if !through(c) => c,
        c if c.len_utf8() == 2 => '\u{b7}',
        _ => char::REPLACEMENT_CHARACTER,
    };
    Cow::Owned(text.chars().map(stand_in).collect())
}

/// Control characters (C0, DEL, C1), what ends lines, marks of direction (UAX #9), and what has no width.
fn acts(c: char) -> bool {
    let hidden = matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}');
    c.is_control() || hidden || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' if is_escaped(c) => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            c if is_escaped(c) => {
                let _ = write!(shown, "\\u{:04x}", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_acts_on_a_terminal_is_written_out() {
        for (text, line, lines) in [
            ("账单 a\tb", "账单 a\tb", "账单 a\tb"),
            ("\u{1b}[31mRED\u{7}", "\\u001b[31mRED\\u0007", "\\u001b[31mRED\\u0007"),
            ("a\r\nb", "a\\r\\nb", "a\\r\nb"),
            (
                "a\u{202e}b\u{2066}\u{9b}1m\u{85}\u{2028}",
                "a\\u202eb\\u2066\\u009b1m\\u0085\\u2028",
                "a\\u202eb\\u2066\\u009b1m\\u0085\\u2028",
            ),
        ] {
            assert_eq!((&*shown(text), &*shown_lines(text)), (line, lines));
        }
    }

    proptest! {
        #[test]
        fn no_line_keeps_what_acts_and_no_excerpt_changes_its_length(text in any::<String>()) {
            prop_assert!(!shown(&text).contains(|c| c != '\t' && acts(c)));
            let excerpt = excerpt(Cow::Borrowed(&text));
            prop_assert_eq!(excerpt.len(), text.len());
            prop_assert!(!excerpt.contains(|c: char| !c.is_ascii() && acts(c)));
        }

        #[test]
        fn json_means_the_same_when_it_is_shown(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(serde_json::from_str::<String>(&shown_lines(&json)).unwrap(), text);
        }
    }
}
