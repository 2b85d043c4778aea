//! `# noqa: HL122` at the end of a line: the warnings of these codes that begin on it are meant so, and not told. A CSV file has no comments:
//! its warnings are allowed where a rule names it.

use crate::codes::{explain_code, nearest_code};
use crate::finding::{Findings, Place};
use crate::fixes::{narrow, replace};
use crate::said::{both, said};
use crate::{Diagnostic, Severity, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml_parser::lexer::TokenKind;

/// Where each CSV file is named, by its place among the sources.
pub(crate) type Named = BTreeMap<usize, Place>;

/// A `noqa` in a comment; spans are of its file.
#[derive(Debug)]
pub(crate) struct Noqa<'t> {
    file: usize,
    /// Where its line begins.
    line: usize,
    sign: usize,
    /// From the word to the end of its last code.
    span: Range<usize>,
    written: &'t str,
    codes: Vec<Code>,
    /// The rest of the comment, if there is any: why it is so, or another `#`.
    reason: Option<usize>,
    end: usize,
    /// Whether it is written as it must be.
    is_formed: bool,
}

#[derive(Debug)]
struct Code {
    name: String,
    span: Range<usize>,
}

/// All of them that stand in comments of TOML.
pub(crate) fn noqas(sources: &[Source]) -> Vec<Noqa<'_>> {
    let is_one = |source: &Source| !source.is_sheet() && source.text.as_bytes().windows(4).any(is_word);
    sources.iter().enumerate().filter(|(_, source)| is_one(source)).flat_map(|(file, source)| in_file(file, &source.text)).collect()
}

fn is_word(bytes: &[u8]) -> bool {
    bytes.eq_ignore_ascii_case(b"noqa")
}

fn in_file(file: usize, text: &str) -> Vec<Noqa<'_>> {
    let tokens = toml_parser::Source::new(text).lex();
    let comments = tokens.filter(|token| token.kind() == TokenKind::Comment).map(|token| token.span().start()..token.span().end());
    let signs = comments.flat_map(|span| {
        let comment = text.get(span.clone()).unwrap_or_default();
        comment.match_indices('#').map(move |(at, _)| (span.start + at, span.start + comment.trim_end().len())).collect::<Vec<_>>()
    });
    signs.filter_map(|(sign, end)| noqa(file, text, sign, end)).collect()
}

/// What a `#` begins, if it is a `noqa`, until the end of the comment. One in backquotes is only spoken of, and so is one without codes or a
/// colon on a line of its own.
fn noqa(file: usize, text: &str, sign: usize, end: usize) -> Option<Noqa<'_>> {
    let line = text[..sign].rfind('\n').map_or(0, |at| at + 1);
    let comment = text.get(sign + 1..end)?;
    let start = sign + 1 + (comment.len() - comment.trim_start().len());
    let behind = text.get(start..end)?;
    let (word, rest) = behind.split_at_checked(4).filter(|(word, _)| is_word(word.as_bytes()))?;
    if rest.starts_with(|c: char| c.is_alphanumeric() || "`-_".contains(c)) || text[line..sign].ends_with('`') {
        return None;
    }
    let colon = rest.trim_start().chars().next().filter(|c| matches!(c, ':' | '：'));
    let mut at = start + word.len() + colon.map_or(0, |colon| rest.len() - rest.trim_start().len() + colon.len_utf8());
    let mut is_formed = word == "noqa" && rest.starts_with(':');
    let mut codes: Vec<Code> = Vec::new();
    loop {
        let rest = &text[at..end];
        let from = at + rest.find(|c: char| !is_between(c)).unwrap_or(rest.len());
        let Some((name, length)) = code(&text[from..end]) else { break };
        let plain = text[at..from].chars().all(|c| matches!(c, ',' | ' ' | '\t')) && (codes.is_empty() || from > at);
        is_formed &= plain && text[from..from + length] == *name;
        at = from + length;
        codes.push(Code { name, span: from..at });
    }
    if codes.is_empty() && colon.is_none() && text[line..sign].trim().is_empty() {
        return None;
    }
    let rest = text[at..end].trim_start_matches(|c: char| is_between(c) || ":：-–—.。".contains(c));
    let reason = (!rest.is_empty()).then_some(end - rest.len());
    Some(Noqa { file, line, sign, span: start..at, written: &text[sign..at], codes, reason, end, is_formed })
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || ",，、;；".contains(c)
}

/// A code at the beginning of a text as it should be written, and how many bytes it has here.
fn code(text: &str) -> Option<(String, usize)> {
    let end = text.find(|c: char| !narrow(c).unwrap_or(c).is_ascii_alphanumeric()).unwrap_or(text.len());
    let name: String = text[..end].chars().map(|c| narrow(c).unwrap_or(c).to_ascii_uppercase()).collect();
    (name.starts_with("HL") && name.contains(|c: char| c.is_ascii_digit())).then_some((name, end))
}

/// Without the warnings that their lines allow. Errors are never allowed.
pub(crate) fn without_allowed(found: Vec<Diagnostic>, sources: &[Source], named: &Named, noqas: &[Noqa<'_>]) -> Vec<Diagnostic> {
    let allowed = |one: &Diagnostic| {
        let line = line_of(one, sources, named);
        one.severity == Severity::Warning && noqas.iter().any(|noqa| line == Some((noqa.file, noqa.line)) && noqa.allows(one.code))
    };
    found.into_iter().filter(|one| !allowed(one)).collect()
}

/// The file and the beginning of the line that may allow a finding: its own, or that which names its CSV file.
fn line_of(one: &Diagnostic, sources: &[Source], named: &Named) -> Option<(usize, usize)> {
    let (file, at) = named.get(&one.file).map_or((one.file, one.span.start), |place| (place.file, place.span.start));
    let before = sources.get(file)?.text.get(..at)?;
    Some((file, before.rfind('\n').map_or(0, |end| end + 1)))
}

/// Comments that allow what no finding is called, or nothing at all, for they are written otherwise.
pub(crate) fn tell_unknown(noqas: &[Noqa<'_>], findings: &mut Findings) {
    let nothing = || both("allows nothing", "不起作用");
    for noqa in noqas {
        for code in noqa.codes.iter().filter(|code| !code.is_known()) {
            let name = &code.name;
            let help = nearest_code(name).map(|near| said!("did you mean `{near}`?", "是否想写 `{near}`？"));
            let message = said!("no finding is called `{name}`", "没有编号为 `{name}` 的问题");
            findings.warning("HL253", &noqa.place(code.span.clone()), message, nothing()).maybe_help(help);
        }
        if noqa.codes.is_empty() {
            let message = both("a `noqa` that names no finding", "`noqa` 没有写明问题编号");
            let help = both("name the codes: `# noqa: HL122, HL124`", "请写明编号：`# noqa: HL122, HL124`");
            findings.warning("HL253", &noqa.place(noqa.span.start..noqa.end), message, nothing()).help(help);
        } else if !noqa.is_formed {
            let names: Vec<&str> = noqa.codes.iter().map(|code| code.name.as_str()).collect();
            let meant = format!("noqa: {}", names.join(", "));
            let message = said!("`{}` is not read as a `noqa`", "`{}` 不会当作 `noqa`", noqa.written);
            let help = said!("write `# {meant}`", "请写成 `# {meant}`");
            let title = said!("write `# {meant}`", "改为 `# {meant}`");
            let place = noqa.place(noqa.span.clone());
            let fix = replace(&place, meant, title, true);
            findings.warning("HL253", &place, message, nothing()).help(help).maybe_fix(Some(fix));
        }
    }
}

/// Codes that their lines allow and that nothing there is called, of rules without errors whose findings are all of `found`.
pub(crate) fn idle(found: &[Diagnostic], sources: &[Source], named: &Named, noqas: &[Noqa<'_>]) -> Findings {
    let used = found.iter().filter(|one| one.severity == Severity::Warning);
    let used: BTreeSet<((usize, usize), &str)> = used.filter_map(|one| Some((line_of(one, sources, named)?, one.code))).collect();
    let mut findings = Findings::default();
    for noqa in noqas.iter().filter(|noqa| noqa.is_formed && !noqa.allows(IDLE)) {
        let is_idle = |code: &&Code| {
            let name = code.name.as_str();
            code.is_known() && !AT_TIMES.contains(&name) && !used.contains(&((noqa.file, noqa.line), name))
        };
        tell_idle(noqa, &noqa.codes.iter().filter(is_idle).collect::<Vec<_>>(), &sources[noqa.file].text, &mut findings);
    }
    findings
}

/// Told, or not, by the day, the recordings and what else is read beside the rules: not by each check.
const AT_TIMES: [&str; 7] = ["HL018", "HL060", "HL143", "HL181", "HL251", "HL254", "HL299"];
const IDLE: &str = "HL328";

fn tell_idle(noqa: &Noqa<'_>, idle: &[&Code], text: &str, findings: &mut Findings) {
    for (place, code) in idle.iter().enumerate() {
        let name = &code.name;
        let gone = match idle.len() == noqa.codes.len() {
            true => (place == 0).then(|| noqa.whole(text)),
            false => noqa.without(code),
        };
        let title = said!("no longer allow `{name}`", "不再放过 `{name}`");
        let fix = gone.map(|gone| replace(&noqa.place(gone), String::new(), title, true));
        let is_error = explain_code(name).is_some_and(|known| known.severity == Severity::Error);
        let label = if is_error {
            both("errors are never allowed", "错误不能这样放过")
        } else {
            both("this line has no such warning", "这一行没有这个警告")
        };
        let message = said!("`noqa` of `{name}` allows nothing", "`noqa` 写的 `{name}` 不起作用");
        let help = match is_error {
            true => both("remove it, and mend the error when it comes", "请删去它；出现错误时请改正"),
            false => both("remove it: it would hide the next one", "请删去它：否则会掩盖以后的警告"),
        };
        findings.warning(IDLE, &noqa.place(code.span.clone()), message, label).help(help).maybe_fix(fix);
    }
}

impl Code {
    fn is_known(&self) -> bool {
        explain_code(&self.name).is_some_and(|known| known.code == self.name)
    }
}

impl Noqa<'_> {
    fn allows(&self, code: &str) -> bool {
        self.is_formed && self.codes.iter().any(|one| one.name == code)
    }

    fn place(&self, span: Range<usize>) -> Place {
        Place { file: self.file, span }
    }

    /// What goes with all of its codes: the comment, but not the words behind them.
    fn whole(&self, text: &str) -> Range<usize> {
        match self.reason {
            Some(reason) if text[reason..].starts_with('#') => self.sign..reason,
            Some(reason) => self.span.start..reason,
            None => text[..self.sign].trim_end_matches(|c: char| c.is_whitespace() && c != '\n').len()..self.end,
        }
    }

    /// What goes with one of several.
    fn without(&self, code: &Code) -> Option<Range<usize>> {
        let next = self.codes.iter().find(|next| next.span.start > code.span.start).map(|next| code.span.start..next.span.start);
        next.or_else(|| self.codes.iter().rfind(|before| before.span.end < code.span.end).map(|before| before.span.end..code.span.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Vec<String>, bool)> {
        let names = |noqa: &Noqa<'_>| noqa.codes.iter().map(|code| code.name.clone()).collect();
        in_file(0, text).iter().map(|noqa| (noqa.written.to_owned(), names(noqa), noqa.is_formed)).collect()
    }

    #[test]
    fn a_comment_allows_the_codes_that_it_names_on_its_own_line() {
        for (line, expected) in [
            ("name = \"vip\" # noqa: HL122", true),
            ("name = \"vip\" # noqa: HL031, HL122 kept for later", true),
            ("name = \"vip\" # noqa: HL122（备用）", true),
            ("name = \"vip\" # noqa: HL122 see #12", true),
            ("name = \"vip\" # 贵宾 # noqa:HL122", true),
            ("name = \"vip\" # noqa: HL123", false),
            ("name = \"vip\" # noqa", false),
            ("name = \"vip\" # HL122", false),
            ("name = \"vip\" # noqa: not HL122", false),
            ("name = \"vip # noqa: HL122\"", false),
            ("name = '''\nvip # noqa: HL122\n'''", false),
        ] {
            assert_eq!(in_file(0, line).iter().any(|noqa| noqa.allows("HL122")), expected, "{line}");
        }
    }

    #[test]
    fn a_comment_in_another_form_is_known_as_one_that_allows_nothing() {
        for (comment, names) in [
            ("# noqa：HL122", ["HL122"].as_slice()),
            ("# noqa HL122", &["HL122"]),
            ("# NOQA: HL122", &["HL122"]),
            ("# noqa: hl122", &["HL122"]),
            ("# noqa: ＨＬ１２２", &["HL122"]),
            ("# noqa :HL122", &["HL122"]),
            ("# noqa: HL122，HL031", &["HL122", "HL031"]),
            ("# noqa", &[]),
        ] {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(read(&format!("x = 1 {comment} ")), [(comment.to_owned(), names, false)]);
        }
        for spoken_of in ["# noqa is for warnings", "x = 1 # see `# noqa: HL122`", "x = 1 # noqa-free", "x = 1 # `noqa` once"] {
            assert_eq!(read(spoken_of), [], "{spoken_of}");
        }
    }
}
