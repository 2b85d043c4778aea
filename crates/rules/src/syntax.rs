//! A file that is no TOML: its causes, one finding for each, instead of all the places at which a parser stumbled over them.

mod cause;
mod foreign_key;
mod other_format;
mod statement;

use crate::finding::Place;
use crate::said::both;
use crate::sheet::BYTE_ORDER_MARK;
use crate::{Fix, Said, fixes};
use statement::{Statement, statements};
use std::ops::Range;
use toml::de::DeTable;

/// Causes told of one file: behind more of them it is hardly one of rules.
const MOST: usize = 20;

/// What the parser says of keys and values nested more than 80 times.
const DEPTH: [&str; 2] = ["recursion limit", "max recursion depth"];

fn is_of_depth(error: &toml::de::Error) -> bool {
    DEPTH.iter().any(|said| error.message().contains(said))
}

/// A cause.
#[derive(Debug)]
pub(crate) struct Slip {
    pub(crate) span: Range<usize>,
    pub(crate) message: Said,
    pub(crate) label: Said,
    pub(crate) help: Said,
    pub(crate) fix: Option<Fix>,
}

impl Slip {
    /// The same of a text that has so many bytes more before it.
    fn behind(mut self, bytes: usize) -> Self {
        let edits = self.fix.iter_mut().flat_map(|fix| &mut fix.edits).map(|edit| &mut edit.span);
        for span in edits.chain([&mut self.span]) {
            *span = span.start + bytes..span.end + bytes;
        }
        self
    }
}

/// Why a text is no TOML; at least one, if it is none. After each cause, what it is in counts no longer and the rest is read again.
pub(crate) fn slips(text: &str, file: usize) -> Vec<Slip> {
    if let Some(text) = text.strip_prefix(BYTE_ORDER_MARK) {
        return slips(text, file).into_iter().map(|slip| slip.behind(BYTE_ORDER_MARK.len())).collect();
    }
    if let Some(one) = conflict(text).or_else(|| old_line_ends(text, file)).or_else(|| other_format::of_text(text)) {
        return vec![one];
    }
    let statements = statements(text);
    let mut rest = Rest { bytes: text.as_bytes().to_vec(), statements: &statements };
    let mut found = Vec::new();
    for (place, open) in statements.iter().enumerate().filter_map(|(place, one)| Some((place, one.open.as_ref()?))).take(MOST) {
        found.push(cause::of_open(text, open, file));
        rest.pass_over(place);
    }
    while found.len() < MOST {
        let left = rest.text();
        let (_, errors) = DeTable::parse_recoverable(left);
        let first = errors.iter().min_by_key(|error| error.span().map_or(0, |span| span.start));
        let Some(error) = first else { break };
        if errors.iter().any(is_of_depth)
            && let Some(place) = rest.too_deep()
        {
            found.push(cause::of_depth(text, &statements[place].span));
            rest.pass_over(place);
            continue;
        }
        let span = error.span().unwrap_or(0..0);
        let Some(place) = rest.holder(span.start) else {
            found.push(cause::as_the_parser_says(error.message(), span));
            break;
        };
        found.push(cause::of_error(text, &statements, place, (error.message(), span), file));
        rest.pass_over(place);
    }
    found.sort_by_key(|one| (one.span.start, one.span.end));
    found
}

/// What is still to be read; what was passed over is blank.
struct Rest<'s> {
    bytes: Vec<u8>,
    statements: &'s [Statement],
}

impl Rest<'_> {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_default()
    }

    /// A statement in which more is nested than the parser takes; where that is, it does not say.
    fn too_deep(&self) -> Option<usize> {
        let deep = |text: &str| DeTable::parse_recoverable(text).1.iter().any(is_of_depth);
        self.statements.iter().position(|one| self.text().get(one.span.clone()).is_some_and(deep))
    }

    /// The statement at a place, or before it, that is not blank.
    fn holder(&self, at: usize) -> Option<usize> {
        let before = self.statements.partition_point(|one| one.span.start <= at);
        (0..before).rev().find(|place| !self.is_blank(&self.statements[*place].span))
    }

    fn is_blank(&self, span: &Range<usize>) -> bool {
        self.bytes.get(span.clone()).is_none_or(|bytes| bytes.iter().all(u8::is_ascii_whitespace))
    }

    /// With the head of a table goes all that is in it.
    fn pass_over(&mut self, place: usize) {
        let Some(first) = self.statements.get(place) else { return };
        self.blank(first.span.clone());
        let Some(head) = &first.head else { return };
        let inner = format!("{}.", head.path);
        for one in &self.statements[place + 1..] {
            if one.head.as_ref().is_some_and(|other| !other.path.starts_with(&inner)) {
                break;
            }
            self.blank(one.span.clone());
        }
    }

    fn blank(&mut self, span: Range<usize>) {
        self.bytes.get_mut(span).into_iter().flatten().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
    }
}

/// What `git merge` leaves behind where both sides changed a line.
fn conflict(text: &str) -> Option<Slip> {
    let mut at = 0;
    let line = text.split_inclusive('\n').find_map(|line| {
        let here = at;
        at += line.len();
        let mark = ["<<<<<<< ", ">>>>>>> ", "||||||| "].iter().any(|mark| line.starts_with(mark)) || line.trim_end() == "=======";
        mark.then(|| here..here + line.trim_end().len())
    })?;
    Some(Slip {
        span: line,
        message: both("a merge that was not finished: the marks of the conflict are still here", "合并没有完成：冲突标记还在文件里"),
        label: both("a mark of the conflict", "冲突标记"),
        help: both(
            "keep one of the two sides, and remove the lines with `<<<<<<<`, `=======` and `>>>>>>>`",
            "保留其中一边的内容，并删去 `<<<<<<<`、`=======`、`>>>>>>>` 这几行",
        ),
        fix: None,
    })
}

/// Carriage returns alone, as the Macintosh wrote lines long ago.
fn old_line_ends(text: &str, file: usize) -> Option<Slip> {
    let lone = |at: &usize| !text[at + 1..].starts_with('\n');
    let first = text.match_indices('\r').map(|(at, _)| at).find(lone)?;
    let mended = text.replace("\r\n", "\n").replace('\r', "\n");
    let place = Place { file, span: 0..text.len() };
    Some(Slip {
        span: first..first + 1,
        message: both("a line ends with CR alone, which ends no line in TOML", "行尾只有回车符（CR），TOML 不认作换行"),
        label: both("a carriage return without a line feed", "此处只有 CR，没有 LF"),
        help: both("save the file with line ends of Unix (LF)", "请以 Unix 换行（LF）保存文件"),
        fix: Some(fixes::replace(&place, mended, both("with LF at the ends of lines", "换行改为 LF"), true)),
    })
}

#[cfg(test)]
mod tests;
