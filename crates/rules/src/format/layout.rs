//! Writes pieces one below the other.

use super::pieces::{List, Piece, Trailing, Value};

/// Longest line, in columns; a Chinese character has two.
const LONGEST: usize = 140;
/// Most blank lines in a row, between tables and inside lists.
const MOST_BLANK: usize = 2;
const MOST_BLANK_INSIDE: usize = 1;
const INDENT: usize = 4;
/// A line that lost more characters than this was not laid out beside its comment.
const MOST_SHRUNK: usize = 8;

/// Writes a file.
pub(super) fn layout(pieces: &[Piece]) -> String {
    let mut writer = Writer::default();
    let last = pieces.iter().rposition(|piece| !matches!(piece, Piece::Blank)).map_or(0, |last| last + 1);
    let mut blank = MOST_BLANK;
    for piece in pieces.iter().take(last) {
        writer.line(piece, 0, &mut blank, MOST_BLANK, "");
    }
    writer.text
}

#[derive(Default)]
struct Writer {
    text: String,
}

impl Writer {
    /// Writes a piece and ends the line; `blank` counts the blank lines just before it.
    fn line(&mut self, piece: &Piece, indent: usize, blank: &mut usize, most_blank: usize, behind: &str) {
        if matches!(piece, Piece::Blank) {
            if *blank < most_blank {
                self.text.push('\n');
            }
            *blank += 1;
            return;
        }
        *blank = 0;
        self.text.extend(std::iter::repeat_n(' ', indent));
        let comment = match piece {
            Piece::Blank => None,
            Piece::Comment(comment) => {
                self.text.push_str(comment);
                None
            }
            Piece::Header(header, comment) => {
                self.text.push_str(header);
                comment.as_ref()
            }
            Piece::Entry(key, value, comment) => {
                self.key(key.as_deref());
                self.value(value, indent, true, behind.len());
                self.text.push_str(behind);
                comment.as_ref()
            }
        };
        self.comment(comment);
        self.text.push('\n');
    }

    fn key(&mut self, key: Option<&str>) {
        if let Some(key) = key {
            self.text.push_str(key);
            self.text.push_str(" = ");
        }
    }

    /// A comment keeps its column, unless there is no room left before it.
    fn comment(&mut self, comment: Option<&Trailing>) {
        if let Some(Trailing { text, before, gap }) = comment {
            let now = self.text[self.line_start()..].chars().count();
            let shrunk = before.saturating_sub(now) > MOST_SHRUNK;
            let gap = if shrunk { *gap } else { (before + gap).saturating_sub(now) }.max(1);
            self.text.extend(std::iter::repeat_n(' ', gap));
            self.text.push_str(text);
        }
    }

    fn line_start(&self) -> usize {
        self.text.rfind('\n').map_or(0, |at| at + 1)
    }

    fn value(&mut self, value: &Value, indent: usize, may_break: bool, behind: usize) {
        match value {
            Value::Scalar(text) => self.text.push_str(text),
            Value::List(list) => {
                let empty = list.pieces.iter().all(|piece| matches!(piece, Piece::Blank)) && list.head.is_none();
                if empty {
                    self.text.extend([list.brackets.0, list.brackets.1]);
                } else if list.lines || may_break && list.brackets.0 == '[' && self.is_too_long(value, behind) {
                    self.broken(list, indent);
                } else {
                    self.flat(list, indent);
                }
            }
        }
    }

    fn is_too_long(&self, value: &Value, behind: usize) -> bool {
        let mut flat = Self { text: self.text[self.line_start()..].to_owned() };
        flat.value(value, 0, false, 0);
        flat.text.lines().next().map_or(0, columns) + behind > LONGEST
    }

    fn flat(&mut self, list: &List, indent: usize) {
        let (open, close) = list.brackets;
        let space = if open == '{' { " " } else { "" };
        self.text.push(open);
        self.text.push_str(space);
        for (place, piece) in list.pieces.iter().enumerate() {
            if let Piece::Entry(key, value, _) = piece {
                self.text.push_str(if place == 0 { "" } else { ", " });
                self.key(key.as_deref());
                self.value(value, indent, false, 0);
            }
        }
        self.text.push_str(space);
        self.text.push(close);
    }

    fn broken(&mut self, list: &List, indent: usize) {
        self.text.push(list.brackets.0);
        self.comment(list.head.as_ref());
        self.text.push('\n');
        let last = list.pieces.iter().rposition(|piece| !matches!(piece, Piece::Blank)).map_or(0, |last| last + 1);
        let mut blank = MOST_BLANK_INSIDE;
        for piece in list.pieces.iter().take(last) {
            self.line(piece, indent + INDENT, &mut blank, MOST_BLANK_INSIDE, ",");
        }
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.text.push(list.brackets.1);
    }
}

/// How wide a text is shown.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{1100}' { 2 } else { 1 }).sum()
}
