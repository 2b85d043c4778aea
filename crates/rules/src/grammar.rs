//! What conditions on skills and predicates share: signs, brackets, `&` before `|`, and the limits.

use crate::ExpressionError;
use crate::Said;
use crate::said::{both, said};
use std::ops::Range;

/// Most comparisons in one expression.
const MOST_COMPARISONS: usize = 64;
/// Deepest parentheses and negations.
const DEEPEST: usize = 16;

/// A piece of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Name,
    /// Begins with a digit: `10`, `60s`, `08:00`, `021`.
    Figures,
    /// `'...'`
    Quoted,
    AtLeast,
    AtMost,
    More,
    Less,
    Is,
    IsNot,
    Not,
    Dash,
    And,
    Or,
    Open,
    Close,
}

/// What an expression is about: its words, and how it is put together.
pub(crate) trait Words {
    /// What is read.
    type Tree;
    /// Whether it knows a sign.
    fn knows(token: Token) -> bool;
    /// What a number may go on with.
    fn in_figures(c: char) -> bool;
    /// What to write instead of a character that has no meaning.
    fn instead(c: char) -> Option<Said>;
    /// What is said of an empty text.
    fn nothing() -> (Said, Said);
    /// The smallest part.
    fn part(&mut self, cursor: &mut Cursor<'_>) -> Result<Self::Tree, ExpressionError>;
    /// Of several parts all.
    fn all(parts: Vec<Self::Tree>) -> Self::Tree;
    /// Of several parts one.
    fn any(parts: Vec<Self::Tree>) -> Self::Tree;
    /// The opposite, where a sign for it is known.
    fn not(part: Self::Tree) -> Self::Tree;
}

/// Reads a whole text.
pub(crate) fn read<W: Words>(text: &str, words: &mut W) -> Result<W::Tree, ExpressionError> {
    let mut cursor = Cursor { text, tokens: tokens::<W>(text)?, next: 0, comparisons: 0, depth: 0 };
    if cursor.tokens.is_empty() {
        let (message, help) = W::nothing();
        return Err(cursor.wrong(message, Some(help)));
    }
    let tree = any(&mut cursor, words)?;
    match cursor.peek() {
        None => Ok(tree),
        Some(Token::Close) => Err(cursor.wrong(both("a `)` without its `(`", "多出一个 `)`，没有对应的 `(`"), None)),
        Some(_) => Err(cursor.wrong(
            both("expected `&`, `|` or the end", "此处应为 `&`、`|` 或结束"),
            Some(both("`and` is written `&`, `or` is written `|`", "“且”写作 `&`，“或”写作 `|`")),
        )),
    }
}

fn tokens<W: Words>(text: &str) -> Result<Vec<(Token, Range<usize>)>, ExpressionError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (token, end) = token::<W>(text, at, c).filter(|(token, _)| W::knows(*token)).ok_or_else(|| strange::<W>(text, at, c))?;
        tokens.push((token, at..end));
        at = end;
    }
    Ok(tokens)
}

fn token<W: Words>(text: &str, at: usize, c: char) -> Option<(Token, usize)> {
    let rest = &text[at..];
    let word = |fits: &dyn Fn(char) -> bool| rest.find(|c| !fits(c)).map_or(text.len(), |length| at + length);
    for (sign, token) in [(">=", Token::AtLeast), ("<=", Token::AtMost), ("==", Token::Is), ("!=", Token::IsNot)] {
        if rest.starts_with(sign) {
            return Some((token, at + 2));
        }
    }
    Some(match c {
        '&' => (Token::And, at + 1),
        '|' => (Token::Or, at + 1),
        '(' => (Token::Open, at + 1),
        ')' => (Token::Close, at + 1),
        '>' => (Token::More, at + 1),
        '<' => (Token::Less, at + 1),
        '!' => (Token::Not, at + 1),
        '-' => (Token::Dash, at + 1),
        '\'' => (Token::Quoted, at + 2 + rest[1..].find('\'')?),
        '+' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) && W::knows(Token::Dash) => {
            (Token::Figures, at + 1 + rest[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - 1))
        }
        '0'..='9' => (Token::Figures, word(&W::in_figures)),
        _ if c.is_alphabetic() => (Token::Name, word(&|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+'))),
        _ => return None,
    })
}

fn strange<W: Words>(text: &str, at: usize, c: char) -> ExpressionError {
    let length = if text[at..].starts_with("<=") || text[at..].starts_with("==") { 2 } else { c.len_utf8() };
    let what = &text[at..at + length];
    ExpressionError {
        span: at..at + length,
        message: said!("`{what}` has no meaning here", "`{what}` 在这里没有意义", what = what.escape_debug()),
        help: W::instead(c),
        kind: Wrong::Written,
    }
}

/// What kind of mistake an expression has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// It can't be read.
    Written,
    /// It compares what can't be compared.
    Typed,
}

/// Where the reading of an expression is.
pub(crate) struct Cursor<'a> {
    text: &'a str,
    tokens: Vec<(Token, Range<usize>)>,
    next: usize,
    comparisons: usize,
    depth: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn peek(&self) -> Option<Token> {
        self.tokens.get(self.next).map(|(token, _)| *token)
    }

    pub(crate) fn take(&mut self, wanted: Token) -> Option<Range<usize>> {
        let span = self.next_is(wanted)?;
        self.next += 1;
        Some(span)
    }

    /// Where the next piece is, if it is one of these.
    pub(crate) fn next_is(&self, wanted: Token) -> Option<Range<usize>> {
        self.tokens.get(self.next).filter(|(token, _)| *token == wanted).map(|(_, span)| span.clone())
    }

    pub(crate) fn text_of(&self, span: &Range<usize>) -> &'a str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// What is written after a piece.
    pub(crate) fn behind(&self, span: &Range<usize>) -> &'a str {
        self.text.get(span.end..).unwrap_or_default()
    }

    /// The next piece is wrong.
    pub(crate) fn wrong(&self, message: Said, help: Option<Said>) -> ExpressionError {
        let end = self.text.len()..self.text.len();
        let span = self.tokens.get(self.next).map_or(end, |(_, span)| span.clone());
        ExpressionError { span, message, help, kind: Wrong::Written }
    }

    /// A comparison more.
    pub(crate) fn compares(&mut self) -> Result<(), ExpressionError> {
        self.comparisons += 1;
        if self.comparisons > MOST_COMPARISONS {
            let help = both("at most 64 in one condition", "一个条件最多 64 个比较");
            return Err(self.wrong(both("too many comparisons", "比较过多"), Some(help)));
        }
        Ok(())
    }

    fn deeper(&mut self) -> Result<(), ExpressionError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let help = both("at most 16 in one another", "最多嵌套 16 层");
            return Err(self.wrong(both("parentheses too deep", "括号嵌套过深"), Some(help)));
        }
        Ok(())
    }
}

fn any<W: Words>(cursor: &mut Cursor<'_>, words: &mut W) -> Result<W::Tree, ExpressionError> {
    several(cursor, words, Token::Or, all, W::any)
}

fn all<W: Words>(cursor: &mut Cursor<'_>, words: &mut W) -> Result<W::Tree, ExpressionError> {
    several(cursor, words, Token::And, one, W::all)
}

type Part<W> = fn(&mut Cursor<'_>, &mut W) -> Result<<W as Words>::Tree, ExpressionError>;

fn several<W: Words>(
    cursor: &mut Cursor<'_>,
    words: &mut W,
    between: Token,
    part: Part<W>,
    together: fn(Vec<W::Tree>) -> W::Tree,
) -> Result<W::Tree, ExpressionError> {
    let mut parts = vec![part(cursor, words)?];
    while cursor.take(between).is_some() {
        if cursor.peek() == Some(between) {
            let sign = if between == Token::And { "&" } else { "|" };
            let help = said!("write a single `{sign}`", "只写一个 `{sign}`");
            return Err(cursor.wrong(both("a sign too many", "多写了一个符号"), Some(help)));
        }
        parts.push(part(cursor, words)?);
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { together(parts) })
}

fn one<W: Words>(cursor: &mut Cursor<'_>, words: &mut W) -> Result<W::Tree, ExpressionError> {
    if cursor.take(Token::Not).is_some() {
        cursor.deeper()?;
        let part = one(cursor, words)?;
        cursor.depth -= 1;
        return Ok(W::not(part));
    }
    if cursor.take(Token::Open).is_some() {
        cursor.deeper()?;
        let inner = any(cursor, words)?;
        cursor.depth -= 1;
        let close = cursor.take(Token::Close);
        return close.map(|_| inner).ok_or_else(|| cursor.wrong(both("a `(` without its `)`", "`(` 没有对应的 `)`"), None));
    }
    words.part(cursor)
}
