//! Hides the values of PINs and passwords, and who asks in an address, in lines that are shown, whatever they are shown for.

use crate::Source;
use std::borrow::Cow;
use std::ops::Range;

/// Keys whose values are not shown.
const KEYS: [&str; 7] = ["pin", "pin_hash", "password", "ha1", "sha256", "secret", "token"];
/// What stands for a value of whatever length.
const INSTEAD: &str = "***";

/// Digits from which on a run of them is somebody's number, and not the beginning of many.
const LEAST_DIGITS: usize = 8;
/// Digits of a number that are shown, before and behind those that are not.
const SHOWN: (usize, usize) = (3, 4);

/// The text with the value behind each such key starred out, byte for byte, so that places stay.
pub(crate) fn hidden(text: &str) -> Cow<'_, str> {
    let values = values(text);
    if values.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    for value in values {
        bytes.get_mut(value).into_iter().flatten().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b'*');
    }
    // Only whole values are starred, so that what is left is whole characters.
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// The text of rules with three stars for the value of each PIN, password and the like. A value over several lines keeps its line breaks.
pub fn redacted(text: &str) -> String {
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for value in values(text) {
        out += text.get(done..value.start).unwrap_or_default();
        done = value.end;
        let lines = text.get(value).unwrap_or_default().split('\n').map(|_| INSTEAD);
        out += &lines.collect::<Vec<_>>().join("\n");
    }
    out + text.get(done..).unwrap_or_default()
}

/// A file of rules as it is shown: a table of cells is people's numbers, of which only the count is told.
pub fn redacted_source(source: &Source) -> String {
    if source.is_sheet() { format!("# {} rows, not shown\n", rows(&source.text)) } else { redacted(&source.text) }
}

/// A row of a table of cells with the middle of each telephone number starred out, byte for byte, so that places stay: the log shows it too.
pub(crate) fn masked(row: &str) -> String {
    let in_number = |c: char| c.is_numeric() || matches!(c, '+' | '-' | ' ' | '(' | ')');
    let mut out = String::with_capacity(row.len());
    let mut rest = row;
    while let Some(first) = rest.chars().next() {
        let length = rest.find(|c| in_number(c) != in_number(first)).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(length);
        let digits = run.chars().filter(|c| c.is_numeric()).count();
        let mut seen = 0;
        for c in run.chars() {
            let star = (digits >= LEAST_DIGITS && c.is_numeric()).then(|| {
                seen += 1;
                (SHOWN.0..digits - SHOWN.1).contains(&(seen - 1)).then(|| "*".repeat(c.len_utf8()))
            });
            match star.flatten() {
                Some(stars) => out += &stars,
                None => out.push(c),
            }
        }
        rest = behind;
    }
    out
}

/// The rows of a table of cells behind its header.
pub(crate) fn rows(text: &str) -> usize {
    text.lines().count().saturating_sub(1)
}

/// Where the values stand, in their order.
fn values(text: &str) -> Vec<Range<usize>> {
    let keyed = KEYS.iter().flat_map(|key| text.match_indices(key)).filter_map(|(at, _)| value_behind(text, at));
    let in_addresses = text.match_indices("://").filter_map(|(at, mark)| user_at(text, at + mark.len()));
    let mut values: Vec<_> = keyed.chain(in_addresses).collect();
    values.sort_by_key(|value| (value.start, value.end));
    values.dedup_by(|next, before| next.start < before.end);
    values
}

/// User and password of an address (RFC 3986 section 3.2.1), from where its authority begins.
fn user_at(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let end = rest.find(['/', '?', '#', '"', '\'', ' ', '\t', '\r', '\n']).unwrap_or(rest.len());
    rest.get(..end)?.rfind('@').map(|at| start..start + at)
}

fn value_behind(text: &str, at: usize) -> Option<Range<usize>> {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let end = at + text.get(at..)?.find(|c: char| !word(c)).unwrap_or(text.len() - at);
    if text.get(..at)?.ends_with(word) || !KEYS.contains(&text.get(at..end)?) {
        return None;
    }
    let rest = text.get(end..)?.trim_start_matches(['"', '\'', ' ', '\t']).strip_prefix('=')?;
    let value = rest.trim_start_matches([' ', '\t']);
    let start = text.len() - value.len();
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| value.starts_with(quote));
    let (from, length) = match quote {
        Some(quote) => {
            let inner = value.get(quote.len()..)?;
            let whole = inner.find(quote).filter(|end| quote.len() == 3 || !inner[..*end].contains('\n'));
            (quote.len(), whole.or_else(|| inner.find('\n')).unwrap_or(inner.len()))
        }
        None => {
            let bare = value.split([',', '}', '\n', '\r']).next().unwrap_or_default().trim_end();
            let flag = matches!(bare.split(['#', ' ']).next(), Some("true" | "false"));
            (0, Some(bare.len()).filter(|_| !flag && !bare.starts_with(['[', '{']))?)
        }
    };
    Some(start + from..start + from + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_value_of_a_pin_is_hidden_however_it_is_written() {
        for (written, shown) in [
            ("pin = \"4711\"", "pin = \"****\""),
            ("pin='4711' # 4", "pin='****' # 4"),
            ("seat = [{ name = \"1\", pin = \"4711\", x = 1 }]", "seat = [{ name = \"1\", pin = \"****\", x = 1 }]"),
            ("pin = 4711\nx = 1", "pin = ****\nx = 1"),
            ("password = k7Twq\nx = 1", "password = *****\nx = 1"),
            ("password = “k7”\n", "password = ********\n"),
            ("\"pin\" = \"4711\"", "\"pin\" = \"****\""),
            ("seat.pin = \"4711", "seat.pin = \"****"),
            ("pin = \"\"\"\n4711\"\"\"", "pin = \"\"\"\n****\"\"\""),
            ("pin_hash = \"ab\"", "pin_hash = \"**\""),
            ("pin = \"4７\"", "pin = \"****\""),
            ("ping = true", "ping = true"),
            ("pin = true", "pin = true"),
            ("spin = \"4711\"", "spin = \"4711\""),
            ("# a pin of 4711", "# a pin of 4711"),
        ] {
            assert_eq!(hidden(written), shown, "{written}");
        }
    }

    #[test]
    fn who_asks_in_an_address_is_hidden() {
        for (written, shown) in [
            ("url = \"http://user:secret@crm/{number}\"", "url = \"http://***@crm/{number}\""),
            ("url = 'https://me:p@ss:w@[::1]:9' # x@y", "url = 'https://***@[::1]:9' # x@y"),
            ("url = \"http://crm/a@b\"", "url = \"http://crm/a@b\""),
            ("http://crm ftp://u@h\nhttp://x", "http://crm ftp://***@h\nhttp://x"),
        ] {
            assert_eq!(redacted(written), shown, "{written}");
            assert!(!hidden(written).contains("secret"));
        }
    }

    #[test]
    fn passwords_and_the_like_are_hidden_and_their_length_is_not_told() {
        for (written, shown) in [
            ("password = \"k7T-wq2\" # of 1001", "password = \"***\" # of 1001"),
            ("seat = [{ password = 'a', pin = 47 }]", "seat = [{ password = '***', pin = *** }]"),
            ("ha1 = \"0123\"\nsha256 = \"ab\"", "ha1 = \"***\"\nsha256 = \"***\""),
            ("password = \"\"\"\nab\ncd\"\"\"", "password = \"\"\"***\n***\n***\"\"\""),
            ("passwords = \"x\"", "passwords = \"x\""),
            ("name = \"1001\"", "name = \"1001\""),
        ] {
            assert_eq!(redacted(written), shown, "{written}");
        }
    }

    #[test]
    fn the_middle_of_a_telephone_number_is_starred_out_of_a_row() {
        for (written, shown) in [
            ("13800138000,\"甲, 乙\",vip", "138****8000,\"甲, 乙\",vip"),
            ("+86 138-0013-8000;12,x", "+86 1**-****-8000;12,x"),
            ("021 8888 6666", "021 **** 6666"),
            ("1380013,华东", "1380013,华东"),
            ("１３８００１３８０００", "１３８************８０００"),
        ] {
            assert_eq!(masked(written), shown);
        }
    }

    proptest! {
        #[test]
        fn any_row_keeps_its_length(row in "(13800138000|[-+ (),;\"]|[0-9]|\\PC){0,30}") {
            prop_assert_eq!(masked(&row).len(), row.len());
        }

        #[test]
        fn any_text_keeps_its_length(text in "(pin|pin_hash|password|ha1|://|@|[ =\"'\\n,}]|[0-9]|\\PC){0,30}") {
            prop_assert_eq!(hidden(&text).len(), text.len());
        }
    }
}
