//! The text of a number pattern: `1[3-9]x{9}`.

use crate::said::both;
use crate::{Pattern, Said};
use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

/// Most digits of a number; no more can ever match.
const MOST_REPEATS: u8 = 20;
/// Most parts of a pattern.
const MOST_PARTS: usize = 40;
const ANY_DIGIT: u16 = 0x3ff;

/// What is wrong, and where in the text.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) span: Range<usize>,
    pub(crate) what: Said,
}

/// Reads a pattern.
pub(crate) fn pattern(text: &str) -> Result<Pattern, Mistake> {
    let mut rest = text.char_indices().peekable();
    let mut parts = Vec::new();
    while let Some((at, c)) = rest.next() {
        let allowed = match c {
            '0'..='9' => digit(c),
            'x' => ANY_DIGIT,
            '[' => class(text, at, &mut rest)?,
            _ => {
                return Err(Mistake {
                    span: at..at + c.len_utf8(),
                    what: both("only digits, `x`, `[3-9]` and `{n}` or `{n,m}`", "只能是数字、`x`、`[3-9]` 以及 `{n}` 或 `{n,m}`"),
                });
            }
        };
        let (least, most) = match rest.next_if(|(_, c)| *c == '{') {
            Some((open, _)) => repeats(text, open, &mut rest)?,
            None => (1, 1),
        };
        parts.push((allowed, least, most));
    }
    if parts.is_empty() || parts.len() > MOST_PARTS {
        return Err(Mistake { span: 0..text.len(), what: both("1 to 40 parts are needed", "须有 1 至 40 个部分") });
    }
    Ok(Pattern { text: text.to_owned(), parts })
}

fn digit(c: char) -> u16 {
    c.to_digit(10).map_or(0, |digit| 1 << digit)
}

/// What stands between `[` and `]`.
fn class(text: &str, open: usize, rest: &mut Peekable<CharIndices<'_>>) -> Result<u16, Mistake> {
    let inner = until(text, open, ']', rest).ok_or(Mistake { span: open..text.len(), what: both("`]` is missing", "缺少 `]`") })?;
    let wrong = Mistake {
        span: inner.clone(),
        what: both("digits like `[135]` or a range like `[3-9]`", "应为数字如 `[135]`，或范围如 `[3-9]`"),
    };
    let chars: Vec<char> = text.get(inner).unwrap_or_default().chars().collect();
    let mut set = 0;
    let mut left = chars.as_slice();
    loop {
        left = match left {
            [] if set != 0 => return Ok(set),
            [from, '-', to, rest @ ..] if from.is_ascii_digit() && to.is_ascii_digit() && from <= to => {
                set |= (*from..=*to).map(digit).fold(0, |all, one| all | one);
                rest
            }
            [one, rest @ ..] if one.is_ascii_digit() => {
                set |= digit(*one);
                rest
            }
            _ => return Err(wrong),
        };
    }
}

/// What stands between `{` and `}`.
fn repeats(text: &str, open: usize, rest: &mut Peekable<CharIndices<'_>>) -> Result<(u8, u8), Mistake> {
    let inner = until(text, open, '}', rest).ok_or(Mistake { span: open..text.len(), what: both("`}` is missing", "缺少 `}`") })?;
    let wrong = Mistake {
        span: inner.clone(),
        what: both("how often: `{9}` or `{9,11}`, at most 20 times", "应为次数：`{9}` 或 `{9,11}`，最多 20 次"),
    };
    let count = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u8>().ok()).flatten();
    let inner = text.get(inner).unwrap_or_default();
    let (least, most) = inner.split_once(',').unwrap_or((inner, inner));
    match (count(least), count(most)) {
        (Some(least), Some(most)) if least <= most && (1..=MOST_REPEATS).contains(&most) => Ok((least, most)),
        (Some(_) | None, Some(_) | None) => Err(wrong),
    }
}

/// The stretch up to a closing bracket, which is taken.
fn until(text: &str, open: usize, close: char, rest: &mut Peekable<CharIndices<'_>>) -> Option<Range<usize>> {
    let end = open + text.get(open..)?.find(close)?;
    while rest.next_if(|(at, _)| *at <= end).is_some() {}
    Some(open + 1..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::PhoneNumber;
    use proptest::prelude::*;

    fn matches(text: &str, number: &str) -> bool {
        pattern(text).unwrap().matches(&PhoneNumber::parse(number).unwrap())
    }

    #[test]
    fn a_pattern_matches_whole_numbers() {
        for (text, number, fits) in [
            ("1[3-9]x{9}", "13800138000", true),
            ("1[3-9]x{9}", "+8613800138000", true),
            ("1[3-9]x{9}", "12800138000", false),
            ("1[3-9]x{9}", "138001380001", false),
            ("1[3-9]x{9}", "1380013800", false),
            ("0x{9,11}", "02188886666", true),
            ("0x{9,11}", "075512345678", true),
            ("0x{9,11}", "021888866", false),
            ("400x{7}", "4001234567", true),
            ("95[135-7]xx", "95588", true),
            ("95[135-7]xx", "95488", false),
            ("1x{0,19}2", "132", true),
            ("110", "110", true),
        ] {
            assert_eq!(matches(text, number), fits, "{text} {number}");
        }
    }

    #[test]
    fn no_national_pattern_leads_out_of_the_country() {
        for text in ["0x{9,11}", "x{3,20}", "0[0-9]x{8,18}", "[0][0]x{9}"] {
            assert!(!matches(text, "0012125551"), "{text}");
            assert!(!matches(text, "+12125551"), "{text}");
        }
        assert!(matches("001x{10}", "+12125551234"), "only one that says so");
        assert!(!matches("001x{10}", "+442055512345"));
    }

    #[test]
    fn what_is_no_pattern_is_told_with_its_place() {
        for text in [
            "", "1[3-9", "1[]", "1[9-3]", "1{", "1{a}", "1{0}", "1{3,2}", "1{21}", "1{,3}", "+86x{11}", "1*", "１x", "x x", "{3}", "1[3-",
            "[a-z]",
        ] {
            let mistake = pattern(text).unwrap_err();
            assert!(text.get(mistake.span.clone()).is_some(), "{text}: {mistake:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_pattern_or_refused_with_a_place(text in "[0-9x\\[\\]{},\\-é１]{0,24}|\\PC{0,20}") {
            match pattern(&text) {
                Ok(pattern) => { let _ = pattern.matches(&PhoneNumber::parse("13800138000").unwrap()); }
                Err(mistake) => prop_assert!(text.get(mistake.span.clone()).is_some(), "{:?}", mistake),
            }
        }
    }
}
