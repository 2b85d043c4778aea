//! Hides the values of PINs and passwords, and who asks in an address, in lines that are shown, whatever they are shown for.

use crate::schema::sections;
use crate::suggest::nearest;
use crate::{Fix, Source};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

/// Keys whose values are not shown.
const KEYS: [&str; 8] = ["pin", "pin_hash", "password", "ha1", "md5", "sha256", "secret", "token"];
/// What a key that nobody knows has in it if it was meant for a secret.
const PARTS: [&str; 9] = ["pass", "pasw", "pwd", "pswd", "secret", "token", "密码", "口令", "密钥"];
/// Keys of the language, which are what they are however much they look like one of the others.
static KNOWN: LazyLock<BTreeSet<&str>> = LazyLock::new(|| sections().into_iter().flat_map(|one| one.all()).map(|key| key.name).collect());
/// Many words are near to a short one: what stands behind them is taken for a secret if it is written like one, from so many figures on.
const SHORT: usize = 3;
const LEAST_FIGURES: usize = 4;
/// What stands between a key and its value, or might be meant so.
const MARKS: [char; 4] = ['=', ':', '＝', '：'];
/// What stands around an address, in files and in what is said of them.
const QUOTES: [char; 3] = ['"', '\'', '`'];
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

/// What is said of rules, with three stars for the password of each address that it quotes.
pub(crate) fn without_passwords(text: &str) -> Cow<'_, str> {
    if !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let mut ranges: Vec<_> = in_addresses(text).collect();
    apart(&mut ranges);
    if ranges.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(starred(text, ranges)) }
}

/// The text of rules with three stars for the value of each PIN, password and the like. A value over several lines keeps its line breaks.
pub fn redacted(text: &str) -> String {
    starred(text, values(text))
}

fn starred(text: &str, values: Vec<Range<usize>>) -> String {
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for value in values {
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

/// Whether a fix writes what is not shown.
pub(crate) fn tells(fix: &Fix, sources: &[Source]) -> bool {
    fix.edits.iter().any(|edit| {
        let text = sources.get(edit.file).map_or("", |source| &source.text);
        values(text).iter().any(|value| value.start < edit.span.end && edit.span.start < value.end)
    })
}

/// Where the values stand, in their order, and what is said of them behind.
fn values(text: &str) -> Vec<Range<usize>> {
    let mut seen = BTreeMap::new();
    let keyed = text.match_indices(MARKS).filter_map(|(at, mark)| value_behind(text, at, at + mark.len(), &mut seen));
    let mut values: Vec<_> = keyed.collect();
    values.extend(parts(text).filter_map(|part| value_without_mark(text, &part, &mut seen)));
    let behind: Vec<_> = values.iter().filter_map(|value| comment_behind(text, value.end)).collect();
    values.extend(behind);
    values.extend(in_addresses(text));
    apart(&mut values);
    values
}

/// In their order, and none within another.
fn apart(values: &mut Vec<Range<usize>>) {
    values.sort_by_key(|value| (value.start, value.end));
    values.dedup_by(|next, before| {
        let within = next.start < before.end;
        before.end = if within { before.end.max(next.end) } else { before.end };
        within
    });
}

/// Who asks in addresses of the web, and the passwords of SIP addresses.
fn in_addresses(text: &str) -> impl Iterator<Item = Range<usize>> {
    let of_web = text.match_indices("://").filter_map(|(at, mark)| user_at(text, at + mark.len()));
    of_web.chain(text.match_indices(':').filter_map(|(at, _)| password_at(text, at)))
}

/// The password of a SIP address, whose user is shown (RFC 3261 section 19.1.1), from the colon behind its scheme; of a quoted one without
/// a scheme from the colon before the password.
fn password_at(text: &str, colon: usize) -> Option<Range<usize>> {
    let (before, rest) = (text.get(..colon)?, text.get(colon + 1..)?);
    let word = before.get(before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "-_.+%".contains(c)).len()..)?;
    let quote = before.get(..before.len() - word.len())?.chars().next_back().filter(|c| QUOTES.contains(c));
    let ends = |c: char| matches!(c, '\r' | '\n') || quote.map_or(QUOTES.contains(&c), |quote| c == quote);
    let address = rest.get(..rest.find(ends).unwrap_or(rest.len()))?;
    let user = address.get(..address.rfind('@')?)?;
    let is_sip = ["sip", "sips"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
    let begin = match () {
        () if is_sip => user.find(':')? + 1,
        () if quote.is_some() && !word.is_empty() && !user.starts_with("//") => 0,
        () => return None,
    };
    (begin < user.len()).then(|| colon + 1 + begin..colon + 1 + user.len())
}

/// The lines, and each from behind a comma or brace on.
fn parts(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    text.split_inclusive('\n').flat_map(move |line| {
        start += line.len();
        let (start, end) = (start - line.len(), start - line.len() + line.trim_end().len());
        std::iter::once(start..end).chain(line.match_indices([',', '{']).map(move |(at, _)| start + at + 1..end))
    })
}

/// What stands behind a word that begins a line or a part of one, if that is the key of a secret and the mark behind it is missing or
/// doubled, or the value has no quotes.
fn value_without_mark<'t>(text: &'t str, part: &Range<usize>, seen: &mut BTreeMap<&'t str, Kind>) -> Option<Range<usize>> {
    let whole = part.start == 0 || text.get(..part.start)?.ends_with('\n');
    let path = text.get(part.clone())?.trim_start_matches(['"', '\'', ' ', '\t']);
    let rest = path.trim_start_matches(|c| in_word(c) || c == '.');
    let key = path.get(..path.len() - rest.len())?.rsplit('.').next().filter(|key| !key.is_empty())?;
    let behind = rest.trim_start_matches(['"', '\'']).trim_start();
    let once = behind.strip_prefix(MARKS).map(str::trim_start);
    let value = behind.trim_start_matches(|c: char| c.is_whitespace() || MARKS.contains(&c));
    let quoted = value.starts_with(['"', '\'']);
    let written_well = once == Some(value) && (!whole || quoted || value.starts_with(['[', '{']) || says_nothing(value));
    let meant = if whole { !value.is_empty() } else { quoted || value.len() < behind.len() };
    if written_well || !meant || *seen.entry(key).or_insert_with(|| kind(key)) != Kind::Secret {
        return None;
    }
    let bare = value.trim_start_matches(['"', '\'']);
    let range =
        if whole { value.len() - bare.len()..value.len() - bare.len() + bare.trim_end_matches(['"', '\'']).len() } else { inner(value)? };
    let start = part.end - value.len();
    Some(start + range.start..start + range.end)
}

/// What is written in its line behind a value and is no further key of a table: a comment, or what stands too much.
fn comment_behind(text: &str, end: usize) -> Option<Range<usize>> {
    let rest = text.get(end..)?;
    let rest = rest.get(..rest.find('\n').unwrap_or(rest.len()))?.trim_end();
    let closed = rest.trim_start_matches(['"', '\'', ']']);
    let more = closed.trim_start();
    let kept = match more.chars().next() {
        None => return None,
        Some(',' | '}') => more.find('#').map(|at| &more[at..])?,
        Some(_) if rest.len() == closed.len() => more.find('#').map(|at| &more[at..])?,
        Some(_) => more,
    };
    let said = kept.trim_start_matches(['#', ' ', '\t']);
    let start = end + rest.len() - said.len();
    (!said.is_empty()).then(|| start..start + said.len())
}

/// What a key says of its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Secret,
    /// Nobody knows the key, and it is near to a short one.
    Perhaps,
    Shown,
}

fn kind(key: &str) -> Kind {
    if KEYS.contains(&key) {
        return Kind::Secret;
    }
    if KNOWN.contains(key) {
        return Kind::Shown;
    }
    let plain = key.to_lowercase().replace(['-', '_'], "");
    match nearest(&plain, KEYS) {
        _ if KEYS.contains(&plain.as_str()) || plain == "pw" || PARTS.iter().any(|part| plain.contains(part)) => Kind::Secret,
        Some(near) if near.len() > SHORT => Kind::Secret,
        Some(_) => Kind::Perhaps,
        None => Kind::Shown,
    }
}

/// User and password of an address (RFC 3986 section 3.2.1), from where its authority begins.
fn user_at(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let end = rest.find(['/', '?', '#', '"', '\'', ' ', '\t', '\r', '\n']).unwrap_or(rest.len());
    rest.get(..end)?.rfind('@').map(|at| start..start + at)
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

/// The value behind `from`, if the key before `at` is one of a secret.
fn value_behind<'t>(text: &'t str, at: usize, from: usize, seen: &mut BTreeMap<&'t str, Kind>) -> Option<Range<usize>> {
    let before = text.get(..at)?.trim_end_matches(['"', '\'', ' ', '\t']);
    let key = before.get(before.trim_end_matches(in_word).len()..).filter(|key| !key.is_empty())?;
    let kind = *seen.entry(key).or_insert_with(|| kind(key));
    let value = text.get(from..)?.trim_start_matches([' ', '\t']);
    if kind == Kind::Shown || value.starts_with("//") {
        return None;
    }
    let range = inner(value)?;
    let start = text.len() - value.len();
    let figures = value.get(range.clone())?;
    let like = figures.len() >= LEAST_FIGURES && figures.bytes().all(|b| b.is_ascii_hexdigit());
    (kind == Kind::Secret || like).then(|| start + range.start..start + range.end)
}

/// What is hidden of a value: a text without its quotes, a list without its brackets, a number, and what lacks its quotes. `true` and tables are shown.
fn inner(value: &str) -> Option<Range<usize>> {
    let line = value.find('\n').unwrap_or(value.len());
    if let Some(quote) = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| value.starts_with(quote)) {
        let end = closing(value, quote).filter(|end| quote.len() == 3 || *end < line);
        return Some(
            quote.len()..end.unwrap_or_else(|| {
                value.get(quote.len()..).map_or(value.len(), |rest| quote.len() + rest.find('\n').unwrap_or(rest.len()))
            }),
        );
    }
    if value.starts_with('[') {
        return Some(1..value.find(']').unwrap_or(line));
    }
    let length = value.find([',', '}', '"', '\'', '\r', '\n']).unwrap_or(value.len());
    let bare = value.get(..length)?.trim_end();
    (!says_nothing(bare) && !bare.starts_with(['=', '{'])).then_some(0..bare.len())
}

/// Whether it is no secret, whatever its key.
fn says_nothing(value: &str) -> bool {
    matches!(value.split('#').next().map(str::trim_end), None | Some("" | "true" | "false"))
}

/// Where a text ends that begins with this quote.
fn closing(value: &str, quote: &str) -> Option<usize> {
    let mut at = quote.len();
    loop {
        let rest = value.get(at..)?;
        let end = rest.find(quote)?;
        match rest.find('\\').filter(|escape| *escape < end && quote.starts_with('"')) {
            Some(escape) => at += escape + 1 + rest.get(escape + 1..)?.chars().next()?.len_utf8(),
            None => return Some(at + end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_value_of_a_pin_is_hidden_however_it_is_written() {
        for (written, shown) in [
            ("pin = \"4711\"", "pin = \"****\""),
            ("pin='4711' # 4", "pin='****' # *"),
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
            ("spin = \"up\"", "spin = \"up\""),
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
    fn the_password_of_a_sip_address_is_hidden_in_files_and_in_what_is_said_of_them() {
        for (written, shown) in [
            ("contact = \"sip:u:s3cretpw@gw.example\"", "contact = \"sip:u:***@gw.example\""),
            ("contact = 'SIPS:1050:s3\"cr@etpw@h:99999' # x", "contact = 'SIPS:1050:***@h:99999' # x"),
            ("contact = \"u:s3cretpw@gw.example\"", "contact = \"u:***@gw.example\""),
            ("`sip:line7:s3cretpw@` is not the address of a partner", "`sip:line7:***@` is not the address of a partner"),
            ("sip:u:s3 cretpw@h", "sip:u:***@h"),
            ("like `sip:gw.example:5060`, not `sip:a@b`", "like `sip:gw.example:5060`, not `sip:a@b`"),
            ("uri = \"sip:line7@[::1]:5060\"", "uri = \"sip:line7@[::1]:5060\""),
            ("from 8:00, mail wang@example.com", "from 8:00, mail wang@example.com"),
        ] {
            assert_eq!(without_passwords(written), shown, "{written}");
            assert_eq!(redacted(written), shown, "{written}");
            assert!(!hidden(written).contains("cret"));
        }
    }

    #[test]
    fn passwords_and_the_like_are_hidden_and_their_length_is_not_told() {
        for (written, shown) in [
            ("password = \"k7T-wq2\" # of 1001", "password = \"***\" # ***"),
            ("seat = [{ password = 'a', pin = 47 }]", "seat = [{ password = '***', pin = *** }]"),
            ("ha1 = \"0123\"\nsha256 = \"ab\"", "ha1 = \"***\"\nsha256 = \"***\""),
            ("password = \"\"\"\nab\ncd\"\"\"", "password = \"\"\"***\n***\n***\"\"\""),
            ("password = \"a\\\"b\\\\\" # \"c\"", "password = \"***\" # ***"),
            ("ha1 = { md5 = \"0123\", sha256 = \"ab\" }", "ha1 = { md5 = \"***\", sha256 = \"***\" }"),
            ("name = \"1001\"", "name = \"1001\""),
        ] {
            assert_eq!(redacted(written), shown, "{written}");
        }
    }

    #[test]
    fn a_key_that_nobody_knows_and_that_looks_like_a_secret_hides_its_value() {
        let keys = [
            "pasword",
            "passwrod",
            "Password",
            "passwd",
            "pass-word",
            "sip_password",
            "pwd",
            "pw",
            "passwort",
            "SECRET",
            "secert",
            "tokne",
            "pin-hash",
            "sha265",
            "密码",
            "口令",
        ];
        for key in keys {
            assert_eq!(redacted(&format!("[[seat]]\n{key} = \"k7T-wq2\" # 1001\n")), format!("[[seat]]\n{key} = \"***\" # ***\n"));
            assert_eq!(redacted(&format!("seat = [{{ {key} = 'k7T', x = 1 }}]")), format!("seat = [{{ {key} = '***', x = 1 }}]"));
            assert_eq!(redacted(&format!("{key} = [\"k7T\", \"wq2\"]")), format!("{key} = [***]"));
        }
        for (written, shown) in [
            ("pni = \"4711\"", "pni = \"***\""),
            ("pinn = 47110", "pinn = ***"),
            ("skills = { pan = 5, hi1 = 7 }", "skills = { pan = 5, hi1 = 7 }"),
            ("password = k7T-wq2\nx = 1", "password = ***\nx = 1"),
            ("password: \"k7T\"", "password: \"***\""),
            ("password ＝ “k7T-wq2”", "password ＝ ***"),
            ("pasword = true", "pasword = true"),
            ("pasword = { x = 1 }", "pasword = { x = 1 }"),
            ("url = \"https://crm/?token=k7T\"", "url = \"https://crm/?token=***\""),
            ("when = \"pin == 4711\"", "when = \"pin == 4711\""),
        ] {
            assert_eq!(redacted(written), shown, "{written}");
        }
    }

    #[test]
    fn what_is_written_wrong_behind_a_key_of_a_secret_is_hidden_with_its_comment() {
        for (written, shown) in [
            ("password == \"s3cr3tpw\"", "password == \"***\""),
            ("password \"s3cr3tpw\" # s3cr3tpw", "password \"***"),
            ("  passwrod s3cr3tpw\nname = \"1\"", "  passwrod ***\nname = \"1\""),
            ("seat.password 's3cr3tpw'\r\n", "seat.password '***'\r\n"),
            ("\"password\" = = 's3cr3tpw'", "\"password\" = = '***'"),
            ("seat = [{ name = \"1\", password \"s3cr,3t\" }]", "seat = [{ name = \"1\", password \"***\" }]"),
            ("seat = [{ password == \"s3cr3t\" }]", "seat = [{ password == \"***\" }]"),
            ("password = s3cr,3t", "password = ***"),
            ("say = \"the number, password or name\"", "say = \"the number, password or name\""),
            ("password := s3cr3tpw", "password := ***"),
            ("password = \"demo\" # s3cr3tpw", "password = \"***\" # ***"),
            ("password = \"de\"mo\" # s3cr3tpw", "password = \"***\"***"),
            ("password = demo# s3cr3tpw\n# of 1001", "password = ***\n# of 1001"),
            ("password = true s3cr3tpw", "password = ***"),
            ("password = [\"a\"] # s3cr3tpw", "password = [***] # ***"),
            ("seat = [{ password = \"x\", name = \"y\" }] # s3cr3tpw", "seat = [{ password = \"***\", name = \"y\" }] # ***"),
            ("{ password = \"x\", name = \"y\" }", "{ password = \"***\", name = \"y\" }"),
            ("password = \"x\"\n# of 1001", "password = \"***\"\n# of 1001"),
            ("[[pin]]\nping 4711", "[[pin]]\nping 4711"),
            ("pin = true # 4711", "pin = true # 4711"),
            ("password", "password"),
        ] {
            assert_eq!(redacted(written), shown, "{written}");
        }
    }

    #[test]
    fn no_key_of_the_language_hides_its_value_but_those_of_secrets() {
        let hides = KNOWN.iter().filter(|key| redacted(&format!("{key} = \"k7T-wq2\"")).contains("***"));
        assert_eq!(hides.copied().collect::<Vec<_>>(), ["ha1", "md5", "password", "pin", "pin_hash", "sha256"]);
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
        fn any_text_keeps_its_length(text in "(pin|pin_hash|pasword|ha1|sip:|://|@|[ =:\"'\\\\\\n,}\\[\\]]|[0-9]|\\PC){0,30}") {
            prop_assert_eq!(hidden(&text).len(), text.len());
        }
    }
}
