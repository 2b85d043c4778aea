//! A file taken apart into what a layout keeps together. It was found to be TOML before, so nothing here can fail.

#![allow(clippy::wildcard_enum_match_arm, reason = "every token that is not named is treated alike")]

use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// A line or stretch of a file, or of a list in it.
#[derive(Debug)]
pub(super) enum Piece {
    Blank,
    /// A comment on a line of its own.
    Comment(String),
    /// `[a.b]` or `[[a.b]]`, ready to be written.
    Header(String, Option<Trailing>),
    /// `key = value`, or a value of an array, without key.
    Entry(Option<String>, Value, Option<Trailing>),
}

/// A comment behind something.
#[derive(Debug)]
pub(super) struct Trailing {
    pub(super) text: String,
    /// Characters of the line before the space in front of the comment, and of that space.
    pub(super) before: usize,
    pub(super) gap: usize,
}

#[derive(Debug)]
pub(super) enum Value {
    Scalar(String),
    List(List),
}

/// An array or an inline table.
#[derive(Debug)]
pub(super) struct List {
    pub(super) brackets: (char, char),
    /// Whether it was written over several lines.
    pub(super) lines: bool,
    /// A comment right behind the opening bracket.
    pub(super) head: Option<Trailing>,
    pub(super) pieces: Vec<Piece>,
}

/// Takes a file apart.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let tokens = Source::new(text).lex().map(|token| (token.kind(), token.span().start()..token.span().end())).collect();
    let mut reader = Reader { text, between: Vec::new(), tokens, next: 0 };
    let mut all = Vec::new();
    // A line break right behind something ends its line; a further one is a blank line.
    let mut fresh = true;
    loop {
        reader.skip_space();
        match reader.kind() {
            TokenKind::Eof => return all,
            TokenKind::Newline => {
                all.extend(fresh.then_some(Piece::Blank));
                fresh = true;
                reader.advance();
            }
            TokenKind::Comment => {
                all.push(Piece::Comment(reader.comment()));
                fresh = false;
            }
            TokenKind::LeftSquareBracket => {
                let header = reader.header();
                all.push(Piece::Header(header, reader.trailing()));
                fresh = false;
            }
            _ => {
                let (key, value) = (reader.key(), reader.value());
                all.push(Piece::Entry(Some(key), value, reader.trailing()));
                fresh = false;
            }
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    /// Comments between a key and its value, which come to stand before the key.
    between: Vec<String>,
    tokens: Vec<(TokenKind, std::ops::Range<usize>)>,
    next: usize,
}

impl<'t> Reader<'t> {
    fn kind(&self) -> TokenKind {
        self.tokens.get(self.next).map_or(TokenKind::Eof, |(kind, _)| *kind)
    }

    fn token(&self) -> &'t str {
        self.tokens.get(self.next).and_then(|(_, span)| self.text.get(span.clone())).unwrap_or("")
    }

    fn advance(&mut self) -> &'t str {
        let text = self.token();
        self.next += 1;
        text
    }

    fn skip_space(&mut self) {
        while self.kind() == TokenKind::Whitespace {
            self.next += 1;
        }
    }

    /// Takes a comma, if the next thing on the line is one.
    fn comma(&mut self) {
        let before = self.next;
        self.skip_space();
        self.next = if self.kind() == TokenKind::Comma { self.next + 1 } else { before };
    }

    fn comment(&mut self) -> String {
        self.advance().trim_end().to_owned()
    }

    /// A comment on the line of what was just read.
    fn trailing(&mut self) -> Option<Trailing> {
        let end = self.next.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |(_, span)| span.end);
        self.skip_space();
        if self.kind() != TokenKind::Comment {
            return None;
        }
        let start = self.tokens.get(self.next).map_or(end, |(_, span)| span.start);
        let line = self.text.get(..end).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let characters = |from: usize, to: usize| self.text.get(from..to).map_or(0, |part| part.trim_end().chars().count());
        let before = characters(line, end);
        let gap = self.text.get(line..start).map_or(0, |part| part.chars().count()).saturating_sub(before);
        Some(Trailing { text: self.comment(), before, gap })
    }

    fn header(&mut self) -> String {
        let double = self.tokens.get(self.next + 1).is_some_and(|(kind, _)| *kind == TokenKind::LeftSquareBracket);
        self.next += if double { 2 } else { 1 };
        let path = self.path(TokenKind::RightSquareBracket);
        self.next += usize::from(double);
        if double { format!("[[{path}]]") } else { format!("[{path}]") }
    }

    fn key(&mut self) -> String {
        self.path(TokenKind::Equals)
    }

    /// A dotted key up to what ends it, which is taken too.
    fn path(&mut self, end: TokenKind) -> String {
        let mut path = String::new();
        while self.kind() != TokenKind::Eof && self.kind() != end {
            let kind = self.kind();
            let token = self.advance();
            match kind {
                TokenKind::Whitespace | TokenKind::Newline => {}
                TokenKind::Comment => self.between.push(token.trim_end().to_owned()),
                TokenKind::BasicString | TokenKind::LiteralString => path.push_str(&key_part(token)),
                _ => path.push_str(token),
            }
        }
        self.next += 1;
        path
    }

    fn value(&mut self) -> Value {
        self.skip_space();
        match self.kind() {
            TokenKind::LeftSquareBracket => Value::List(self.list(('[', ']'), TokenKind::RightSquareBracket)),
            TokenKind::LeftCurlyBracket => Value::List(self.list(('{', '}'), TokenKind::RightCurlyBracket)),
            TokenKind::LiteralString => Value::Scalar(quoted(self.advance())),
            TokenKind::BasicString | TokenKind::MlBasicString | TokenKind::MlLiteralString => Value::Scalar(self.advance().to_owned()),
            _ => Value::Scalar(self.plain()),
        }
    }

    /// A number, a flag, or a date, which may have a space before its time.
    fn plain(&mut self) -> String {
        let mut text = String::new();
        // Whatever it is, it is passed.
        let mut end = self.next + 1;
        while matches!(self.kind(), TokenKind::Atom | TokenKind::Dot | TokenKind::Whitespace) {
            let space = self.kind() == TokenKind::Whitespace;
            text.push_str(self.advance());
            end = if space { end } else { self.next };
        }
        self.next = end;
        text.trim_end().to_owned()
    }

    fn list(&mut self, brackets: (char, char), end: TokenKind) -> List {
        self.next += 1;
        let mut list = List { brackets, lines: false, head: self.trailing(), pieces: Vec::new() };
        let mut fresh = false;
        loop {
            self.skip_space();
            match self.kind() {
                TokenKind::Eof => return list,
                kind if kind == end => {
                    self.next += 1;
                    return list;
                }
                TokenKind::Newline => {
                    list.pieces.extend(fresh.then_some(Piece::Blank));
                    (list.lines, fresh) = (true, true);
                    self.next += 1;
                }
                TokenKind::Comment => {
                    list.pieces.push(Piece::Comment(self.comment()));
                    fresh = false;
                }
                TokenKind::Comma => self.next += 1,
                _ => {
                    fresh = false;
                    self.entry(&mut list);
                }
            }
        }
    }

    /// A value with the comment on its line, be it before or behind its comma. In an inline table there may be lines before the value.
    fn entry(&mut self, list: &mut List) {
        let key = (list.brackets.0 == '{').then(|| self.key());
        while matches!(self.kind(), TokenKind::Whitespace | TokenKind::Newline | TokenKind::Comment) {
            let comment = self.kind() == TokenKind::Comment;
            let text = self.advance().trim_end();
            self.between.extend(comment.then(|| text.to_owned()));
        }
        list.lines |= !self.between.is_empty();
        list.pieces.extend(self.between.drain(..).map(Piece::Comment));
        let value = self.value();
        self.comma();
        list.pieces.push(Piece::Entry(key, value, self.trailing()));
    }
}

/// `'text'` as `"text"`, where that needs no escape.
fn quoted(literal: &str) -> String {
    match literal.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(inner) if !inner.contains(['"', '\\']) => format!("\"{inner}\""),
        Some(_) | None => literal.to_owned(),
    }
}

/// A quoted part of a key, bare where it can be.
fn key_part(part: &str) -> String {
    let inner = part.get(1..part.len().saturating_sub(1)).unwrap_or("");
    let bare = !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if bare { inner.to_owned() } else { quoted(part) }
}
