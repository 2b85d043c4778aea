//! A file taken apart into statements, each a line or as many as its brackets hold together, whether they can be read or not.

use crate::fixes::narrow;
use std::ops::Range;

/// The head of a table, a `key = value`, a comment or an empty line.
#[derive(Debug)]
pub(super) struct Statement {
    /// With its line end.
    pub(super) span: Range<usize>,
    /// If it is one.
    pub(super) head: Option<Head>,
    /// What was opened in it and not closed.
    pub(super) open: Option<Open>,
}

/// `[path]` or `[[path]]`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) path: String,
    pub(super) double: bool,
}

/// Something opened and not closed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// A text, by its quotes.
    Quote(Range<usize>),
    /// A bracket, and the other one that closes it.
    Bracket(usize, char),
    /// The same; another bracket stands where it should be closed.
    Crossed(usize, char),
}

pub(super) fn statements(text: &str) -> Vec<Statement> {
    let mut all = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let mut scan = Scan { text, start, at: start, brackets: Vec::new(), last: None, open: None };
        scan.run();
        let span = start..scan.at;
        all.push(Statement { head: head(&text[span.clone()]), open: scan.open, span: span.clone() });
        start = span.end;
    }
    all
}

fn head(statement: &str) -> Option<Head> {
    let line = statement.lines().next().unwrap_or_default().trim();
    let inner = line.strip_prefix('[')?;
    let (inner, double) = inner.strip_prefix('[').map_or((inner, false), |inner| (inner, true));
    let end = inner.find([']', '#', '\n']).unwrap_or(inner.len());
    Some(Head { path: inner[..end].split_whitespace().collect(), double })
}

struct Scan<'t> {
    text: &'t str,
    start: usize,
    at: usize,
    /// Where each was opened, and what closes it.
    brackets: Vec<(usize, char)>,
    /// The last sign that is no space, and where.
    last: Option<(usize, char)>,
    open: Option<Open>,
}

impl Scan<'_> {
    fn run(&mut self) {
        let is_head = self.text[self.start..].trim_start_matches([' ', '\t']).starts_with('[');
        while let Some(c) = self.text[self.at..].chars().next() {
            let sign = narrow(c).unwrap_or(c);
            if sign == '\n' {
                self.at += 1;
                if self.brackets.is_empty() || is_head || self.breaks() {
                    break;
                }
                continue;
            }
            match sign {
                '#' => self.at = self.line_end(self.at),
                '"' | '\'' if !self.behind_a_word() => self.quoted(c, sign),
                '[' | '{' => {
                    self.brackets.push((self.at, if sign == '[' { ']' } else { '}' }));
                    self.pass(c, sign);
                }
                ']' | '}' => {
                    self.close(sign);
                    self.pass(c, sign);
                }
                _ => self.pass(c, sign),
            }
        }
        if let (None, Some((at, closes))) = (&self.open, self.brackets.last()) {
            self.open = Some(Open::Bracket(*at, *closes));
        }
    }

    fn pass(&mut self, c: char, sign: char) {
        if !sign.is_whitespace() {
            self.last = Some((self.at, sign));
        }
        self.at += c.len_utf8();
    }

    fn line_end(&self, from: usize) -> usize {
        self.text[from..].find('\n').map_or(self.text.len(), |end| from + end)
    }

    fn line_start(&self) -> usize {
        self.text[..self.at].rfind('\n').map_or(0, |end| end + 1)
    }

    /// An apostrophe, or the second quote of a text whose first is missing.
    fn behind_a_word(&self) -> bool {
        self.text[..self.at].chars().next_back().is_some_and(|c| c.is_alphanumeric())
    }

    fn close(&mut self, sign: char) {
        match self.brackets.last() {
            Some((_, closes)) if *closes == sign => drop(self.brackets.pop()),
            Some((at, closes)) => {
                self.open.get_or_insert(Open::Crossed(*at, *closes));
                self.brackets.pop();
            }
            None => {}
        }
    }

    fn quoted(&mut self, c: char, sign: char) {
        let (start, line_end) = (self.at, self.line_end(self.at));
        self.last = Some((start, sign));
        let triple = sign.to_string().repeat(3);
        if self.text[start..].starts_with(&triple) {
            let behind = start + 3;
            match self.text[behind..].find(&triple) {
                Some(end) => self.at = behind + end + 3,
                None => {
                    self.open.get_or_insert(Open::Quote(start..behind));
                    self.brackets.clear();
                    self.at = self.text.len();
                }
            }
            return;
        }
        let behind = start + c.len_utf8();
        let mut escaped = false;
        for (at, inner) in self.text[behind..line_end].char_indices() {
            let closes = inner == sign || c != sign && narrow(inner) == Some(sign);
            if closes && !escaped {
                let end = behind + at + inner.len_utf8();
                // A word right behind it: this quote opens the next text, and the one before was not closed.
                if self.text[end..].starts_with(|c: char| c.is_alphanumeric()) {
                    break;
                }
                self.at = end;
                return;
            }
            escaped = sign == '"' && inner == '\\' && !escaped;
        }
        self.open.get_or_insert(Open::Quote(start..behind));
        let line_start = self.line_start();
        self.brackets.retain(|(at, _)| *at < line_start);
        self.at = line_end;
    }

    /// Whether what comes next can't be inside the brackets that are open: the head of a table, or a further key of a table in one line.
    fn breaks(&mut self) -> bool {
        let next = self.text[self.at..].lines().map(str::trim_start).find(|line| !line.is_empty() && !line.starts_with('#'));
        let (Some(next), Some((at, closes))) = (next, self.brackets.last().copied()) else { return false };
        let one_line = |last: usize| !self.text[at..last].contains('\n');
        let ended = self.last.is_some_and(|(last, sign)| !matches!(sign, ',' | '{' | '=') && one_line(last));
        if is_head(next) || is_assignment(next) && (closes == ']' || ended) {
            return true;
        }
        if closes == '}' && next.starts_with('{') && self.last.is_some_and(|(_, sign)| sign != '=') {
            self.open.get_or_insert(Open::Bracket(at, closes));
            self.brackets.pop();
        }
        false
    }
}

fn is_head(line: &str) -> bool {
    let line = line.split('#').next().unwrap_or_default().trim_end();
    let inner = line.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).map(|inner| inner.trim_matches(['[', ']']));
    let plain = |c: char| c.is_alphanumeric() || "-_. \"".contains(c);
    inner.is_some_and(|inner| {
        inner.starts_with(char::is_alphabetic) && inner.chars().all(plain) && !matches!(inner, "true" | "false" | "inf" | "nan")
    })
}

fn is_assignment(line: &str) -> bool {
    let Some(end) = line.find(['=', '＝', '#', '{', '[', ',']).filter(|end| line[*end..].starts_with(['=', '＝'])) else { return false };
    let key = line[..end].trim_end();
    let quoted = |quote: char| key.len() > 1 && key.starts_with(quote) && key.ends_with(quote);
    quoted('"') || quoted('\'') || !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
}
