//! Bytes to messages: one datagram at a time, or cut out of a stream by Content-Length (RFC 3261 7, 18.3; RFC 5626 3.5.1).

use crate::check::{Fault, Why};
use crate::header::{Field, Header, Headers, Span, is_token};
use crate::message::{Message, Method, Request, Response, Version};
use crate::value::text;
use std::fmt;

/// Sizes beyond which a message is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Start line and headers, bytes.
    pub header_bytes: usize,
    /// Body, bytes.
    pub body_bytes: usize,
    /// Header fields.
    pub headers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { header_bytes: 65_536, body_bytes: 65_536, headers: 256 }
    }
}

/// Bytes that can't even be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Nothing but CR, LF or NUL: a keep-alive.
    KeepAlive,
    /// The first line is no SIP start line.
    StartLine,
    /// Start line and headers exceed the limit.
    HeadTooLarge,
    /// More header fields than the limit.
    TooManyHeaders,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeepAlive => "keep-alive",
            Self::StartLine => "no SIP start line",
            Self::HeadTooLarge => "headers too large",
            Self::TooManyHeaders => "too many header fields",
        })
    }
}

impl std::error::Error for Unreadable {}

/// Reads one datagram. The body is cut to Content-Length if more came (RFC 3261 18.3); what else is wrong is for [`crate::check()`] to say.
///
/// # Errors
/// [`Unreadable`] if there is nothing to answer; the datagram is to be dropped.
pub fn parse_datagram(bytes: &[u8], limits: &Limits) -> Result<Message, Unreadable> {
    let bytes = skip_blank(bytes);
    if bytes.is_empty() {
        return Err(Unreadable::KeepAlive);
    }
    let (mut message, head) = parse_head(bytes, limits)?;
    let body = bytes.get(head..).unwrap_or_default();
    let length = match message.headers().content_length() {
        Ok(Some(length)) => length.min(body.len()),
        Ok(None) | Err(_) => body.len(),
    };
    *body_of(&mut message) = body[..length].to_vec();
    Ok(message)
}

fn skip_blank(bytes: &[u8]) -> &[u8] {
    let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n' | 0)).count();
    &bytes[blank..]
}

fn body_of(message: &mut Message) -> &mut Vec<u8> {
    match message {
        Message::Request(request) => &mut request.body,
        Message::Response(response) => &mut response.body,
    }
}

struct Line {
    start: usize,
    end: usize,
    next: usize,
    folded: bool,
}

impl Line {
    /// The line at `start` with its continuations; a line ends with LF, a CR before it belongs to the end.
    fn at(bytes: &[u8], start: usize, may_fold: bool) -> Self {
        let mut from = start;
        let mut folded = false;
        loop {
            let lf = find_lf(bytes, from);
            let next = (lf + 1).min(bytes.len());
            let end = if lf > start && bytes[lf - 1] == b'\r' { lf - 1 } else { lf };
            let continues = may_fold && end > start && matches!(bytes.get(next), Some(b' ' | b'\t'));
            if !continues {
                return Self { start, end, next, folded };
            }
            (from, folded) = (next, true);
        }
    }
}

fn find_lf(bytes: &[u8], from: usize) -> usize {
    find(bytes, from, b'\n')
}

/// The place of the next such byte, or the end. Eight bytes at a time: most of the parser's time is spent here.
fn find(bytes: &[u8], from: usize, wanted: u8) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let rest = bytes.get(from..).unwrap_or_default();
    let (words, tail) = rest.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word) ^ (ONES * u64::from(wanted));
        let hit = word.wrapping_sub(ONES) & !word & HIGHS;
        if hit != 0 {
            return from + index * 8 + hit.trailing_zeros() as usize / 8;
        }
    }
    let tail_at = from + words.len() * 8;
    tail.iter().position(|&byte| byte == wanted).map_or(bytes.len(), |at| tail_at + at)
}

fn parse_head(bytes: &[u8], limits: &Limits) -> Result<(Message, usize), Unreadable> {
    let start = Line::at(bytes, 0, false);
    let mut message = parse_start(&bytes[..start.end])?;
    let mut fields = Vec::with_capacity(16);
    let mut folds = false;
    let mut at = start.next;
    while at < bytes.len() {
        let line = Line::at(bytes, at, true);
        at = line.next;
        if line.start == line.end {
            break;
        }
        if at > limits.header_bytes {
            return Err(Unreadable::HeadTooLarge);
        }
        if fields.len() == limits.headers {
            return Err(Unreadable::TooManyHeaders);
        }
        folds |= line.folded;
        fields.push(parse_field(bytes, &line));
    }
    if at > limits.header_bytes {
        return Err(Unreadable::HeadTooLarge);
    }
    let mut buffer = bytes[..at].to_vec();
    if folds {
        unfold(&mut buffer, &mut fields);
    }
    *message.headers_mut() = Headers { buffer, fields };
    Ok((message, at))
}

fn parse_field(bytes: &[u8], line: &Line) -> Field {
    let line_text = &bytes[line.start..line.end];
    let colon = line_text.iter().position(|&byte| byte == b':').unwrap_or(line_text.len());
    let name = line_text[..colon].trim_ascii_end();
    let value = line_text.get(colon + 1..).unwrap_or_default();
    let lead = value.len() - value.trim_ascii_start().len();
    let value_start = (line.start + colon + 1 + lead).min(line.end);
    let value_end = value_start + value.trim_ascii().len();
    let span = |start: usize, end: usize| Span { start: start as u32, end: end as u32 };
    let whole = colon < line_text.len() && !name.is_empty() && name.iter().copied().all(is_token);
    let header = if whole && !has_bare_cr(line_text, line.folded) { Header::of(name) } else { Header::Malformed };
    Field { header, name: span(line.start, line.start + name.len()), value: span(value_start, value_end) }
}

/// A CR that ends no line would be a line's end for somebody else.
fn has_bare_cr(text: &[u8], folded: bool) -> bool {
    let mut at = find(text, 0, b'\r');
    while at < text.len() {
        if !folded || text.get(at + 1) != Some(&b'\n') {
            return true;
        }
        at = find(text, at + 1, b'\r');
    }
    false
}

fn unfold(buffer: &mut [u8], fields: &mut [Field]) {
    for field in fields {
        let value = &mut buffer[field.value.start as usize..field.value.end as usize];
        value.iter_mut().filter(|byte| matches!(byte, b'\r' | b'\n')).for_each(|byte| *byte = b' ');
    }
}

fn parse_start(line: &[u8]) -> Result<Message, Unreadable> {
    let line = line.trim_ascii();
    let space = line.iter().position(|byte| matches!(byte, b' ' | b'\t')).ok_or(Unreadable::StartLine)?;
    let (first, rest) = (&line[..space], line[space..].trim_ascii());
    if let Some(version) = version(first) {
        return parse_status(version, rest);
    }
    let space = rest.iter().rposition(|byte| matches!(byte, b' ' | b'\t')).ok_or(Unreadable::StartLine)?;
    let version = version(&rest[space + 1..]).ok_or(Unreadable::StartLine)?;
    let method = Method::of(&text(first));
    let uri = text(rest[..space].trim_ascii()).into_owned();
    Ok(Message::Request(Request { method, uri, version, headers: Headers::default(), body: Vec::new() }))
}

fn version(word: &[u8]) -> Option<Version> {
    let number = word.get(..4).filter(|name| name.eq_ignore_ascii_case(b"SIP/")).map(|_| &word[4..])?;
    Some(if number == b"2.0" { Version::Sip2 } else { Version::Other })
}

fn parse_status(version: Version, rest: &[u8]) -> Result<Message, Unreadable> {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let code = std::str::from_utf8(&rest[..digits]).ok().and_then(|code| code.parse().ok()).ok_or(Unreadable::StartLine)?;
    let reason = text(rest[digits..].trim_ascii()).into_owned();
    Ok(Message::Response(Response { code, reason, version, headers: Headers::default(), body: Vec::new() }))
}

/// What a stream holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framed {
    /// A message.
    Message(Message),
    /// A double CRLF between messages: answer with one CRLF (RFC 5626 3.5.1).
    Ping,
    /// A message whose end can't be found, or is too far: answer as the fault says, then close. Nothing follows.
    Refused {
        /// The message without its body.
        message: Message,
        /// What to do.
        fault: Fault,
    },
    /// No SIP: close. Nothing follows.
    Broken(Unreadable),
}

/// Cuts messages out of a stream; the result does not depend on how the bytes were split.
#[derive(Debug)]
pub struct Framer {
    limits: Limits,
    buffer: Vec<u8>,
    used: usize,
    searched: usize,
    pending: Option<(Message, usize)>,
    dead: bool,
}

impl Framer {
    /// A framer for one connection.
    pub fn new(limits: Limits) -> Self {
        Self { limits, buffer: Vec::new(), used: 0, searched: 0, pending: None, dead: false }
    }

    /// Takes bytes in; then [`Framer::pull`] until it gives `None`, which bounds what is kept to one message.
    pub fn push(&mut self, bytes: &[u8]) {
        if !self.dead {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// Whether a message has begun and is not whole yet (for the endpoint's deadline). Half a ping is no message: some phones keep
    /// their connection alive with a single CRLF.
    pub fn is_mid_message(&self) -> bool {
        let rest = || self.buffer.get(self.used..).unwrap_or_default();
        !self.dead && (self.pending.is_some() || !b"\r\n\r\n".starts_with(rest()))
    }

    /// Whether nothing is kept: a new framer would go on in the same way.
    pub fn is_empty(&self) -> bool {
        self.dead || (self.pending.is_none() && self.buffer.len() == self.used)
    }

    /// The next thing in the stream; `None` if more bytes are needed.
    pub fn pull(&mut self) -> Option<Framed> {
        if self.dead {
            return None;
        }
        let framed = self.step();
        match &framed {
            None => self.compact(),
            Some(Framed::Refused { .. } | Framed::Broken(_)) => {
                self.dead = true;
                self.buffer = Vec::new();
            }
            Some(Framed::Message(_) | Framed::Ping) => {}
        }
        framed
    }

    fn step(&mut self) -> Option<Framed> {
        if self.pending.is_none() {
            match self.between() {
                Between::Ping => return Some(Framed::Ping),
                Between::Wait => return None,
                Between::Message => {}
            }
            if let Some(refused) = self.head()? {
                return Some(refused);
            }
        }
        self.body()
    }

    /// CRLFs before a start line are skipped (RFC 3261 7.5); two in a row are a ping.
    fn between(&mut self) -> Between {
        loop {
            let rest = &self.buffer[self.used..];
            if rest.starts_with(b"\r\n\r\n") {
                self.used += 4;
                return Between::Ping;
            }
            if b"\r\n\r\n".starts_with(rest) {
                return Between::Wait;
            }
            match rest.first() {
                Some(b'\r' | b'\n') => self.used += 1,
                Some(_) => return Between::Message,
                None => return Between::Wait,
            }
        }
    }

    fn head(&mut self) -> Option<Option<Framed>> {
        let rest = &self.buffer[self.used..];
        let Some(end) = find_head_end(rest, self.searched) else {
            self.searched = rest.len().saturating_sub(2);
            return (rest.len() > self.limits.header_bytes).then_some(Some(Framed::Broken(Unreadable::HeadTooLarge)));
        };
        self.searched = 0;
        let (message, head) = match parse_head(&rest[..end], &self.limits) {
            Ok(parsed) => parsed,
            Err(unreadable) => return Some(Some(Framed::Broken(unreadable))),
        };
        let why = match message.headers().content_length() {
            Ok(Some(length)) if length <= self.limits.body_bytes => {
                self.used += head;
                self.pending = Some((message, length));
                return Some(None);
            }
            Ok(Some(_)) => Why::BodyTooLarge,
            Ok(None) => Why::NoLength,
            Err(bad) => Why::Header(bad),
        };
        let fault = Fault::of(&message, why);
        Some(Some(Framed::Refused { message, fault }))
    }

    fn body(&mut self) -> Option<Framed> {
        let (_, length) = self.pending.as_ref()?;
        let body = self.buffer.get(self.used..self.used + length)?.to_vec();
        let (mut message, length) = self.pending.take()?;
        self.used += length;
        *body_of(&mut message) = body;
        Some(Framed::Message(message))
    }

    /// A connection at rest keeps no more than `AT_REST` bytes.
    fn compact(&mut self) {
        const AT_REST: usize = 4096;
        self.buffer.drain(..self.used);
        self.used = 0;
        if self.buffer.is_empty() && self.buffer.capacity() > AT_REST {
            self.buffer = Vec::new();
        }
    }
}

enum Between {
    Ping,
    Wait,
    Message,
}

/// The place after the blank line that ends the head.
fn find_head_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let lf = find_lf(bytes, at);
        match bytes.get(lf + 1..) {
            Some([b'\n', ..]) => return Some(lf + 2),
            Some([b'\r', b'\n', ..]) => return Some(lf + 3),
            Some([] | [b'\r']) | None => return None,
            Some(_) => at = lf + 1,
        }
    }
}
