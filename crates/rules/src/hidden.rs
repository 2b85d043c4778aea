//! Hides the values of PINs in lines that a finding shows, whatever the finding is about.

use std::borrow::Cow;

/// Keys whose values are not shown.
const KEYS: [&str; 2] = ["pin", "pin_hash"];

/// The text with the value behind each such key starred out, byte for byte, so that places stay.
pub(crate) fn hidden(text: &str) -> Cow<'_, str> {
    let mut bytes: Option<Vec<u8>> = None;
    for (at, _) in text.match_indices(KEYS[0]) {
        if let Some(value) = value_behind(text, at)
            && let Some(star) = bytes.get_or_insert_with(|| text.as_bytes().to_vec()).get_mut(value)
        {
            star.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b'*');
        }
    }
    // Only whole values are starred, so that what is left is whole characters.
    bytes.map_or(Cow::Borrowed(text), |bytes| Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
}

fn value_behind(text: &str, at: usize) -> Option<std::ops::Range<usize>> {
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
        None if !value.starts_with(|c: char| c.is_ascii_digit()) => return None,
        None => (0, value.find([',', '}', '\n', '\r']).unwrap_or(value.len())),
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

    proptest! {
        #[test]
        fn any_text_keeps_its_length(text in "(pin|pin_hash|[ =\"'\\n,}]|[0-9]|\\PC){0,30}") {
            prop_assert_eq!(hidden(&text).len(), text.len());
        }
    }
}
