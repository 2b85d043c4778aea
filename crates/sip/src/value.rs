//! Typed header values: Via, From/To/Contact, CSeq and their parameters.

use crate::header::Header;
use crate::message::Method;
use crate::uri::{Host, host_port};
use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

/// What is wrong with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It must be there and is not.
    Missing,
    /// It may be there once (or only with one value) and is there more often.
    Repeated,
    /// Its value breaks the grammar beyond what we tolerate.
    Malformed,
}

/// A header that can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadHeader {
    /// Which.
    pub header: Header,
    /// Why.
    pub flaw: Flaw,
}

impl fmt::Display for BadHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flaw = match self.flaw {
            Flaw::Missing => "missing",
            Flaw::Repeated => "repeated",
            Flaw::Malformed => "malformed",
        };
        write!(f, "{} {flaw}", self.header.name())
    }
}

impl std::error::Error for BadHeader {}

/// Parameters in order, printed as `;name=value;flag`: names in lower case, values as they stand (quoted ones with their quotes).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(String);

impl Params {
    /// Parameters of a URI: `;name=value;flag`; nothing is quoted there, escapes in names are undone.
    pub fn of_uri(text: &str) -> Self {
        let mut params = Self(String::with_capacity(text.len()));
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = pair(part);
            let undone = crate::uri::unescape(name);
            let is_token = undone.bytes().all(crate::header::is_token);
            params.push(if is_token { &undone } else { name }, value);
        }
        params
    }

    /// Parameters of a header; `None` if they are not sound.
    pub(crate) fn of_header(value: &[u8]) -> Option<Self> {
        let mut params = Self(String::with_capacity(value.len()));
        for part in Parts::new(value, b';') {
            let part = text(Self::sound(part)?);
            let (name, value) = pair(&part);
            params.push(name, value);
        }
        Some(params)
    }

    fn are_sound(value: &[u8]) -> bool {
        Parts::new(value, b';').all(|part| Self::sound(part).is_some())
    }

    /// No quote stays open, and control characters stand only in quotes.
    fn sound(part: Option<&[u8]>) -> Option<&[u8]> {
        let is_control = |byte: &u8| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f;
        part.filter(|part| !part.iter().any(is_control) || part.contains(&b'"'))
    }

    fn push(&mut self, name: &str, value: Option<&str>) {
        self.0.push(';');
        let start = self.0.len();
        self.0.push_str(name);
        self.0[start..].make_ascii_lowercase();
        if let Some(value) = value {
            self.0.push('=');
            self.0.push_str(value);
        }
    }

    /// The value of a parameter without surrounding quotes; `None` if it is absent or has no value.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        let value = value?;
        Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
    }

    /// Whether the parameter is there, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets a parameter, in its place if it is there.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let old = std::mem::take(self);
        let mut done = false;
        for (known, kept) in old.iter() {
            let is_it = known.eq_ignore_ascii_case(name);
            self.push(known, if is_it { value } else { kept });
            done |= is_it;
        }
        if !done {
            self.push(name, value);
        }
    }

    /// Removes a parameter.
    pub fn remove(&mut self, name: &str) {
        let old = std::mem::take(self);
        old.iter().filter(|(known, _)| !known.eq_ignore_ascii_case(name)).for_each(|(known, value)| self.push(known, value));
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        Parts::new(self.0.as_bytes(), b';').flatten().map(|part| pair(std::str::from_utf8(part).unwrap_or_default()))
    }
}

/// `split_once` at an ASCII byte, quicker on short text.
pub(crate) fn cut(text: &str, mark: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == mark)?;
    Some((&text[..at], &text[at + 1..]))
}

fn pair(part: &str) -> (&str, Option<&str>) {
    match cut(part, b'=') {
        Some((name, value)) => (name.trim_ascii(), Some(value.trim_ascii())),
        None => (part.trim_ascii(), None),
    }
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One Via value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// Transport in upper case (`UDP`, `TCP`, ...).
    pub transport: String,
    /// Host of sent-by.
    pub host: Host,
    /// Port of sent-by.
    pub port: Option<u16>,
    /// Parameters.
    pub params: Params,
}

impl Via {
    /// Reads one value.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let value = text(value);
        let (transport, host, port, params) = Self::cut(&value)?;
        Some(Self { transport: transport.to_ascii_uppercase(), host, port, params: Params::of_header(params.as_bytes())? })
    }

    pub(crate) fn is_sound(value: &[u8]) -> bool {
        Self::cut(&text(value)).is_some_and(|(.., params)| Params::are_sound(params.as_bytes()))
    }

    fn cut(text: &str) -> Option<(&str, Host, Option<u16>, &str)> {
        let (protocol, rest) = cut(text, b'/')?;
        let (version, rest) = cut(rest, b'/')?;
        if !protocol.trim_ascii().eq_ignore_ascii_case("SIP") || version.trim_ascii() != "2.0" {
            return None;
        }
        let rest = rest.trim_ascii_start();
        let (transport, rest) = rest.split_at(rest.bytes().position(|byte| matches!(byte, b' ' | b'\t'))?);
        let (sent_by, params) = rest.split_at(rest.bytes().position(|byte| byte == b';').unwrap_or(rest.len()));
        let (host, port) = host_port(sent_by).ok()?;
        let is_token = !transport.is_empty() && transport.bytes().all(crate::header::is_token);
        is_token.then_some((transport, host, port, params))
    }

    /// The branch, if it has more than the magic cookie of RFC 3261 8.1.1.7 (else match as RFC 2543 did).
    pub fn branch(&self) -> Option<&str> {
        self.params.get("branch").filter(|branch| !branch.is_empty())
    }

    /// Whether the branch is unique by RFC 3261: `z9hG4bK` and something after it.
    pub fn has_magic_branch(&self) -> bool {
        const COOKIE: &str = "z9hg4bk";
        self.branch()
            .is_some_and(|branch| branch.len() > COOKIE.len() && branch.as_bytes()[..COOKIE.len()].eq_ignore_ascii_case(COOKIE.as_bytes()))
    }

    /// The `received` address; IPv6 with or without brackets (RFC 5118 4.5).
    pub fn received(&self) -> Option<IpAddr> {
        Host::parse(self.params.get("received")?).ok()?.ip()
    }

    /// The value of `rport` (RFC 3581).
    pub fn rport(&self) -> Option<u16> {
        self.params.get("rport")?.parse().ok()
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIP/2.0/{} {}", self.transport, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        self.params.fmt(f)
    }
}

/// A From, To or Contact value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAddr {
    /// Display name, quotes and escapes removed, broken UTF-8 replaced; `None` if absent or empty.
    pub display: Option<String>,
    /// The URI as it stands; [`crate::uri::Uri::parse`] reads it.
    pub uri: String,
    /// Header parameters.
    pub params: Params,
}

impl NameAddr {
    /// Reads one value.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let (display, uri, params) = Self::cut(value)?;
        let display = match display.first() {
            Some(b'"') => unquote(&display[1..display.len() - 1]),
            Some(_) | None => text(display).into_owned(),
        };
        let display = Some(display).filter(|display| !display.is_empty());
        Some(Self { display, uri: text(uri).into_owned(), params: Params::of_header(params)? })
    }

    /// The URI of a value that can be read.
    pub(crate) fn sound_uri(value: &[u8]) -> Option<&[u8]> {
        let (_, uri, params) = Self::cut(value)?;
        Params::are_sound(params).then_some(uri)
    }

    /// Display name (with its quotes), URI and parameters.
    fn cut(value: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
        let value = value.trim_ascii();
        let at = match value.first()? {
            b'"' => quoted_end(value, has_double_bytes(value))? + 1,
            _ => value.iter().position(|&byte| byte == b'<').unwrap_or(0),
        };
        let (display, rest) = (value[..at].trim_ascii(), value[at..].trim_ascii_start());
        let (uri, params) = match rest.strip_prefix(b"<") {
            Some(rest) => {
                let end = rest.iter().position(|&byte| byte == b'>')?;
                (rest[..end].trim_ascii(), rest[end + 1..].trim_ascii_start())
            }
            None if !display.is_empty() => return None,
            None => {
                let (uri, params) = rest.split_at(rest.iter().position(|&byte| byte == b';').unwrap_or(rest.len()));
                let uri = uri.trim_ascii();
                (if uri.iter().any(|byte| b",?".contains(byte)) { return None } else { uri }, params)
            }
        };
        (!uri.is_empty() && (params.is_empty() || params[0] == b';')).then_some((display, uri, params))
    }

    /// The tag.
    pub fn tag(&self) -> Option<&str> {
        self.params.get("tag").filter(|tag| !tag.is_empty())
    }

    /// The `expires` parameter in seconds; too large ones become the largest (RFC 4475 3.1.2.4), malformed ones `None`.
    pub fn expires(&self) -> Option<u32> {
        seconds(self.params.get("expires")?)
    }

    /// Preference in thousandths, 0 to 1000 (RFC 3261 20.10).
    pub fn q(&self) -> Option<u16> {
        let text = self.params.get("q")?;
        let value: f32 = text.parse().ok()?;
        (0.0..=1.0).contains(&value).then_some((value * 1000.0).round() as u16)
    }

    /// The value without its header parameters, display name quoted.
    pub fn party(&self) -> String {
        match &self.display {
            Some(display) => format!("{} <{}>", quote(display), self.uri),
            None => format!("<{}>", self.uri),
        }
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.party(), self.params)
    }
}

/// Contact header fields: `*` or a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contacts {
    /// `Contact: *` (RFC 3261 10.2.2).
    Any,
    /// The addresses; may be empty.
    List(Vec<NameAddr>),
}

/// A CSeq value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CSeq {
    /// The number.
    pub number: u32,
    /// The method.
    pub method: Method,
}

impl CSeq {
    /// Reads the value.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok()?.trim_ascii();
        let (number, method) = text.split_at(text.find([' ', '\t'])?);
        let method = method.trim_ascii();
        if !number.bytes().all(|byte| byte.is_ascii_digit()) || !method.bytes().all(crate::header::is_token) {
            return None;
        }
        Some(Self { number: number.parse().ok()?, method: Method::of(method) })
    }
}

/// Bytes as text, broken UTF-8 replaced; quicker than `from_utf8_lossy` for what is sound.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// Text that is no UTF-8 may be GBK from a Chinese trunk: there a byte from 0x81 takes the next one with it, because that may be a backslash.
fn has_double_bytes(value: &[u8]) -> bool {
    !value.is_ascii() && std::str::from_utf8(value).is_err()
}

/// The place of the quote that closes the one at 0.
fn quoted_end(value: &[u8], double_bytes: bool) -> Option<usize> {
    let mut at = 1;
    while let Some(&byte) = value.get(at) {
        match byte {
            b'"' => return Some(at),
            b'\\' => at += 2,
            0x81..=0xfe if double_bytes && value.get(at + 1).is_some_and(|&next| next >= 0x40) => at += 2,
            _ => at += 1,
        }
    }
    None
}

fn unquote(inner: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(inner) else { return String::from_utf8_lossy(inner).into_owned() };
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}

/// A quoted string; control characters become spaces.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out.push('"');
    out
}

/// The parts of a value between marks outside of quotes and angle brackets, trimmed, empty ones left out; a `None` among them means that a quote or
/// bracket stays open.
pub(crate) struct Parts<'a> {
    rest: Option<&'a [u8]>,
    mark: u8,
    double_bytes: bool,
}

impl<'a> Parts<'a> {
    pub(crate) fn new(value: &'a [u8], mark: u8) -> Self {
        Self { rest: Some(value), mark, double_bytes: has_double_bytes(value) }
    }

    /// Where the first part of `value` ends.
    fn end(&self, value: &[u8]) -> Option<usize> {
        let (mut at, mut bracket) = (0, false);
        while let Some(&byte) = value.get(at) {
            match byte {
                b'"' if !bracket => at += quoted_end(&value[at..], self.double_bytes)?,
                b'<' => bracket = true,
                b'>' => bracket = false,
                _ if byte == self.mark && !bracket => return Some(at),
                _ => {}
            }
            at += 1;
        }
        (!bracket).then_some(value.len())
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Option<&'a [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let value = self.rest.take()?;
            let Some(end) = self.end(value) else { return Some(None) };
            self.rest = value.get(end + 1..);
            let part = value[..end].trim_ascii();
            if !part.is_empty() {
                return Some(Some(part));
            }
        }
    }
}

/// A number of seconds; too large ones become the largest.
pub(crate) fn seconds(text: &str) -> Option<u32> {
    let text = text.trim_ascii();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u32::MAX))
}
