//! What mends a finding, made where it is found: a word for another, a value in its right form, punctuation of an input method.

use crate::finding::Place;
use crate::said::{both, said};
use crate::suggest::{candidates, is_one_slip, plain, swapped};
use crate::{Diagnostic, Edit, Fix, Said, Source, values};

/// Fewest letters of a word of the format in which a slip is certain.
const CERTAIN_WORD: usize = 4;
/// Fewest letters in a row in which two that are swapped are certain in a name.
const CERTAIN_NAME: usize = 5;

/// Another word of the format for one that it has not: a key, a column, one of a list. All that there are is known, so one slip in a word of
/// at least four letters is certain; two may turn it around (`unassigned` for `assigned`), and shorter ones are too much alike.
pub(crate) fn near_word<'a>(word: &str, known: impl IntoIterator<Item = &'a str>, place: &Place) -> Option<Fix> {
    let slip = |only: &str| word.chars().count() >= CERTAIN_WORD && is_one_slip(word, only);
    near(word, known, place, |only| typed_alike(word, only) || slip(only))
}

/// Another name for one that is not declared, which may be somebody's own whose declaration is missing: `华北` is one character from `东北`, `Shaanxi`
/// from `Shanxi`, `en` from `es`. Certain is only what is typed otherwise (capitals, full width, blanks around, `_` for `-`), and two letters
/// that are swapped among at least five.
pub(crate) fn near_name<'a>(name: &str, declared: impl IntoIterator<Item = &'a str>, place: &Place) -> Option<Fix> {
    near(name, declared, place, |only| typed_alike(name, only) || swapped_in_a_long_one(name, only))
}

/// One word for another; quotes around it stay. Only where a single one is near, or typed alike; safe if it is certain and has the same figures.
fn near<'a>(word: &str, known: impl IntoIterator<Item = &'a str>, place: &Place, is_certain: impl Fn(&str) -> bool) -> Option<Fix> {
    let near = candidates(word, known);
    let alike: Vec<&str> = near.iter().copied().filter(|one| typed_alike(word, one)).collect();
    let [only] = (if alike.is_empty() { &near } else { &alike }).as_slice() else { return None };
    let figures = |text: &str| half_width(text).chars().filter(char::is_ascii_digit).collect::<String>();
    let safe = is_certain(only) && figures(word) == figures(only);
    let title = said!("write `{only}`", "改为 `{only}`");
    Some(Fix { was: Some(word.to_owned()), ..replace(place, (*only).to_owned(), title, safe) })
}

fn typed_alike(word: &str, other: &str) -> bool {
    plain(word) == plain(other)
}

fn swapped_in_a_long_one(name: &str, other: &str) -> bool {
    let Some([first, second]) = swapped(name, other) else { return false };
    let letters: Vec<char> = name.chars().collect();
    let is_letter = |at: &usize| letters.get(*at).is_some_and(char::is_ascii_alphabetic);
    let run = (0..first).rev().take_while(is_letter).count() + (first..letters.len()).take_while(is_letter).count();
    is_letter(&first) && is_letter(&second) && run >= CERTAIN_NAME
}

/// Something else for the whole of a place.
pub(crate) fn replace(place: &Place, text: String, title: Said, safe: bool) -> Fix {
    Fix { title, edits: vec![Edit { file: place.file, span: place.span.clone(), text }], safe, was: None }
}

/// Keeps the quotes of words that are replaced, and drops fixes whose place holds something else than was read there.
pub(crate) fn settle(found: &mut [Diagnostic], sources: &[Source]) {
    for one in found {
        if let Some(fix) = one.fix.take() {
            one.fix = settled(fix, sources);
        }
    }
}

fn settled(mut fix: Fix, sources: &[Source]) -> Option<Fix> {
    let Some(was) = fix.was.take() else { return Some(fix) };
    let [edit] = fix.edits.as_mut_slice() else { return None };
    let raw = sources.get(edit.file)?.text.get(edit.span.clone())?;
    let quote = raw.chars().next().filter(|c| matches!(c, '"' | '\''));
    let inner = quote.map_or(Some(raw), |quote| raw.strip_prefix(quote)?.strip_suffix(quote))?;
    let bare = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let clean = !edit.text.contains(['"', '\'', '\\']) && !edit.text.chars().any(char::is_control);
    // A bare word may be a key: what can't be one bare is not put in its place.
    if inner != was || !clean || quote.is_none() && bare(inner) && !bare(&edit.text) {
        return None;
    }
    if let Some(quote) = quote {
        edit.text = format!("{quote}{}{quote}", edit.text);
    }
    Some(fix)
}

/// What a value of the wrong type was meant to be: `wanted` as the finding says it in English, `raw` as the file has it.
pub(crate) fn value(wanted: &str, found: Found<'_>, raw: &str, place: &Place) -> Option<Fix> {
    let quoted = || format!("\"{raw}\"");
    let (text, title, safe) = match (wanted, found) {
        ("a whole number", Found::Text(text)) => (whole(text)?, both("without the quotes", "去掉引号"), true),
        ("a number", Found::Text(text)) => (fraction(text)?, both("without the quotes", "去掉引号"), true),
        ("a duration", Found::Number) => (format!("\"{raw}s\""), both("in seconds", "以秒为单位"), false),
        ("`true` or `false`", Found::Text(text)) => flag(text)?,
        ("a text in quotes" | "a prompt's name", Found::Number) => (quoted(), both("in quotes", "加上引号"), true),
        ("a list", Found::Text(_)) => (format!("[{raw}]"), both("as a list", "写成列表"), true),
        ("a list of tables", Found::Table) => (doubled(raw)?, both("in double brackets", "改为双方括号"), true),
        _ => return None,
    };
    Some(replace(place, text, title, safe))
}

/// What stands where something else was wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found<'a> {
    Text(&'a str),
    Number,
    Table,
    Other,
}

fn whole(text: &str) -> Option<String> {
    let text = half_width(text.trim());
    text.parse::<i64>().ok().map(|number| number.to_string())
}

fn fraction(text: &str) -> Option<String> {
    let text = half_width(text.trim());
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse::<f64>().ok().filter(|number| plain && number.is_finite()).map(|number| format!("{number:?}"))
}

fn flag(text: &str) -> Option<(String, Said, bool)> {
    let (value, safe) = match text.trim().to_ascii_lowercase().as_str() {
        "true" => ("true", true),
        "false" => ("false", true),
        "yes" | "on" | "是" | "开" => ("true", false),
        "no" | "off" | "否" | "关" => ("false", false),
        _ => return None,
    };
    Some((value.to_owned(), said!("write `{value}`", "改为 `{value}`"), safe))
}

fn doubled(raw: &str) -> Option<String> {
    let inner = raw.strip_prefix('[')?.strip_suffix(']')?;
    (!inner.contains(['[', ']', '\n'])).then(|| format!("[[{inner}]]"))
}

/// A duration with a unit of another way of writing; one without a unit may have meant seconds.
pub(crate) fn duration(text: &str, place: &Place) -> Option<Fix> {
    let plain = half_width(text.trim()).replace(' ', "").to_lowercase();
    let digits = plain.find(|c: char| !c.is_ascii_digit()).unwrap_or(plain.len());
    let (number, unit) = plain.split_at(digits);
    let (unit, safe) = match unit {
        "" => ("s", false),
        "毫秒" | "msec" | "millis" | "milliseconds" => ("ms", true),
        "秒" | "秒钟" | "sec" | "secs" | "second" | "seconds" | "s" => ("s", true),
        "分" | "分钟" | "mins" | "minute" | "minutes" | "min" | "m" => ("min", true),
        "时" | "小时" | "hr" | "hrs" | "hour" | "hours" | "h" => ("h", true),
        "天" | "日" | "day" | "days" | "d" => ("d", true),
        _ => return None,
    };
    let meant = format!("{number}{unit}");
    values::duration(&meant)?;
    Some(replace(place, format!("\"{meant}\""), said!("write `{meant}`", "改为 `{meant}`"), safe))
}

/// One text for another, where only the signs of an input method, or the spelling of a word, are others; quotes around it stay.
pub(crate) fn respelt(text: &str, meant: &str, place: &Place) -> Option<Fix> {
    let title = said!("write `{meant}`", "改为 `{meant}`");
    (text != meant).then(|| Fix { was: Some(text.to_owned()), ..replace(place, meant.to_owned(), title, true) })
}

/// A condition, or hours, with the signs of ASCII: full-width ones, `≥`, long dashes. What stands in `'...'` stays, and so do figures in a name.
pub(crate) fn with_ascii_signs(text: &str) -> String {
    let mut meant = String::with_capacity(text.len());
    let (mut quoted, mut word) = (false, false);
    for c in text.chars() {
        let sign = narrow(c).unwrap_or(c);
        quoted ^= sign == '\'';
        match sign {
            _ if quoted && sign != '\'' => meant.push(c),
            '≥' | '≧' => meant.push_str(">="),
            '≤' | '≦' => meant.push_str("<="),
            '≠' => meant.push_str("!="),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => meant.push('-'),
            _ if word && c.is_alphanumeric() => meant.push(c),
            _ => meant.push(sign),
        }
        word = c.is_alphabetic() || word && (c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+'));
    }
    meant
}

/// A text in figures and signs of ASCII throughout.
pub(crate) fn half_width(text: &str) -> String {
    text.chars().map(|c| narrow(c).unwrap_or(c)).collect()
}

/// The ASCII character that a full-width one stands for.
pub(crate) fn narrow(c: char) -> Option<char> {
    match c {
        '“' | '”' | '„' | '‟' => Some('"'),
        '‘' | '’' => Some('\''),
        '【' => Some('['),
        '】' => Some(']'),
        '、' => Some(','),
        '。' => Some('.'),
        '\u{3000}' | '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' => Some(' '),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        _ => None,
    }
}

/// A line with quotes and signs of a Chinese input method, where TOML can't be read: the same in ASCII, but for what is in quotes.
pub(crate) fn punctuation(text: &str, file: usize, at: usize) -> Option<Fix> {
    let at = text.floor_char_boundary(at.min(text.len()));
    let from = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let to = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let line = &text[from..to];
    let mut meant = String::new();
    let mut inside: Option<char> = None;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        let sign = narrow(c).unwrap_or(c);
        match inside {
            None if sign == '#' => {
                meant.push(sign);
                meant.push_str(rest.as_str());
                break;
            }
            None => {
                inside = matches!(sign, '"' | '\'').then_some(sign);
                meant.push(sign);
            }
            Some(quote) if sign == quote => {
                inside = None;
                meant.push(sign);
            }
            Some(_) => meant.push(c),
        }
    }
    let place = Place { file, span: from..to };
    let title = both("with the quotes and signs of ASCII", "改用半角引号和标点");
    (meant != line && inside.is_none()).then(|| replace(&place, meant, title, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place { file: 0, span: 0..1 }
    }

    fn text_of(fix: Option<Fix>) -> Option<(String, bool)> {
        fix.map(|fix| (fix.edits[0].text.clone(), fix.safe))
    }

    #[test]
    fn a_duration_in_other_words_is_certain_and_one_without_a_unit_is_not() {
        for (written, meant) in [
            ("30 sec", Some(("\"30s\"", true))),
            ("5分钟", Some(("\"5min\"", true))),
            ("３０ 秒", Some(("\"30s\"", true))),
            ("30", Some(("\"30s\"", false))),
            ("", None),
            ("soon", None),
            ("1.5h", None),
            ("99999999 days", None),
        ] {
            let meant = meant.map(|(text, safe): (&str, bool)| (text.to_owned(), safe));
            assert_eq!(text_of(duration(written, &place())), meant, "{written}");
        }
    }

    #[test]
    fn a_value_of_the_wrong_type_is_written_as_the_right_one() {
        let fixed = |wanted, found, raw: &str| text_of(value(wanted, found, raw, &place()));
        assert_eq!(fixed("a whole number", Found::Text(" 12 "), "\" 12 \""), Some(("12".into(), true)));
        assert_eq!(fixed("a whole number", Found::Text("many"), "\"many\""), None);
        assert_eq!(fixed("a number", Found::Text("0.8"), "\"0.8\""), Some(("0.8".into(), true)));
        assert_eq!(fixed("a number", Found::Text("nan"), "\"nan\""), None);
        assert_eq!(fixed("a duration", Found::Number, "30"), Some(("\"30s\"".into(), false)));
        assert_eq!(fixed("`true` or `false`", Found::Text("True"), "\"True\""), Some(("true".into(), true)));
        assert_eq!(fixed("`true` or `false`", Found::Text("是"), "\"是\""), Some(("true".into(), false)));
        assert_eq!(fixed("a text in quotes", Found::Number, "1001"), Some(("\"1001\"".into(), true)));
        assert_eq!(fixed("a list", Found::Text("1001"), "\"1001\""), Some(("[\"1001\"]".into(), true)));
        assert_eq!(fixed("a list of tables", Found::Table, "[queue]"), Some(("[[queue]]".into(), true)));
        assert_eq!(fixed("a list of tables", Found::Table, "{ name = \"x\" }"), None);
        assert_eq!(fixed("a table", Found::Other, "1"), None);
    }

    #[test]
    fn signs_of_an_input_method_become_ascii_but_not_inside_a_text() {
        let fixed = |line: &str| text_of(punctuation(line, 0, line.len())).map(|(text, _)| text);
        assert_eq!(fixed("name ＝ “帐，单”").as_deref(), Some("name = \"帐，单\""));
        assert_eq!(fixed("seats = 【\"1001\"，\"1002\"】 # 说明：两个").as_deref(), Some("seats = [\"1001\",\"1002\"] # 说明：两个"));
        assert_eq!(fixed("wait = ５").as_deref(), Some("wait = 5"));
        assert_eq!(fixed("name = \"帐，单\" x"), None);
        assert_eq!(fixed("name = “never closed"), None);
    }

    #[test]
    fn signs_of_conditions_become_ascii_but_no_name_does() {
        for (written, meant) in [
            ("fault≥６ ｜ （账单　>＝ 2）", "fault>=6 | (账单 >= 2)"),
            ("08：00—20：00", "08:00-20:00"),
            ("线路２ >= 3", "线路２ >= 3"),
            ("collected(a) starts '（１）'", "collected(a) starts '（１）'"),
            ("kind ！＝ ‘complaint’", "kind != 'complaint'"),
        ] {
            assert_eq!(with_ascii_signs(written), meant);
        }
    }

    #[test]
    fn a_word_keeps_its_quotes_and_a_bare_one_stays_bare() {
        let sources = [Source { path: "a".into(), text: "skill = \"帐单\" & bile".into() }];
        let at = |span: std::ops::Range<usize>| Place { file: 0, span };
        let quoted = near_name("帐单", ["账单", "投诉"], &at(8..16)).and_then(|fix| settled(fix, &sources));
        assert_eq!(text_of(quoted), Some(("\"账单\"".into(), false)));
        let bare = near_word("bile", ["bill"], &at(19..23)).and_then(|fix| settled(fix, &sources));
        assert_eq!(text_of(bare), Some(("bill".into(), true)));
        let other = near_word("bike", ["bill"], &at(19..23)).and_then(|fix| settled(fix, &sources));
        assert_eq!(text_of(other), None, "something else stands there");
    }

    #[test]
    fn two_near_words_or_other_figures_are_not_certain() {
        assert_eq!(near_word("seat", ["seats", "meat"], &place()), None);
        assert_eq!(text_of(near_word("q15", ["q16"], &place())).map(|(_, safe)| safe), Some(false));
    }

    #[test]
    fn a_word_of_the_format_is_certain_after_one_slip_and_not_where_it_is_short_or_turned_around() {
        for (written, known, safe) in [
            ("anwser", "answer", true),
            ("attemps", "attempts", true),
            ("Mon", "mon", true),
            ("max_wait", "max-wait", true),
            ("mun", "mon", false),
            ("unassigned", "assigned", false),
            ("anwsers", "answer", false),
        ] {
            assert_eq!(text_of(near_word(written, [known], &place())), Some((known.to_owned(), safe)), "{written}");
        }
    }

    #[test]
    fn a_name_is_certain_only_where_it_is_typed_otherwise_or_two_of_its_letters_are_swapped() {
        for (written, declared, safe) in [
            ("EN", "en", true),
            (" ｅｎ", "en", true),
            ("zh_cn", "zh-CN", true),
            ("１００１", "1001", true),
            ("sevrice", "service", true),
            ("east-sevrice", "east-service", true),
            ("东北", "华北", false),
            ("es", "en", false),
            ("Shanxi", "Shaanxi", false),
            ("Hunan", "Henan", false),
            ("team-ba", "team-ab", false),
            ("上海区队", "海上区队", false),
            ("1099", "1009", false),
        ] {
            assert_eq!(text_of(near_name(written, [declared], &place())), Some((declared.to_owned(), safe)), "{written}");
        }
        assert_eq!(text_of(near_name("Team-A", ["team-a", "team-b"], &place())), Some(("team-a".into(), true)), "one is typed alike");
    }
}
