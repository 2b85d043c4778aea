//! Typed header values: Via, From/To/Contact, CSeq, lists and numbers, read on demand from a message's headers.

use crate::header::{Header, Headers};
use crate::message::Method;
use crate::uri::{Host, host_port};
use std::fmt;
use std::net::{IpAddr, SocketAddr};

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

/// Parameters in order: names in lower case, values as they stand (quoted ones with their quotes).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, Option<String>)>);

impl Params {
    /// Parameters of a URI: `;name=value;flag`; nothing is quoted there, escapes in names are undone.
    pub fn of_uri(text: &str) -> Self {
        let plain = |(name, value): (String, Option<String>)| {
            let undone = crate::uri::unescape(&name).to_ascii_lowercase();
            (if undone.bytes().all(crate::header::is_token) { undone } else { name }, value)
        };
        Self(text.split(';').filter(|part| !part.is_empty()).map(|part| plain(pair(part))).collect())
    }

    fn of_header(text: &str) -> Option<Self> {
        let parts = split(text.as_bytes(), b';')?.map(String::from_utf8_lossy).filter(|part| !part.is_empty());
        let clean = |part: &str| part.contains('"') || !part.bytes().any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f);
        parts.map(|part| clean(&part).then(|| pair(&part))).collect::<Option<_>>().map(Self)
    }

    /// The value of a parameter without surrounding quotes; `None` if it is absent or has no value.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        let value = value.as_deref()?;
        Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
    }

    /// Whether the parameter is there, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// Sets a parameter.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.map(str::to_owned);
        match self.0.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some(entry) => entry.1 = value,
            None => self.0.push((name.to_ascii_lowercase(), value)),
        }
    }

    /// Removes a parameter.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_deref()))
    }
}

fn pair(part: &str) -> (String, Option<String>) {
    match part.split_once('=') {
        Some((name, value)) => (name.trim_ascii().to_ascii_lowercase(), Some(value.trim_ascii().to_owned())),
        None => (part.trim_ascii().to_ascii_lowercase(), None),
    }
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.0 {
            write!(f, ";{name}")?;
            if let Some(value) = value {
                write!(f, "={value}")?;
            }
        }
        Ok(())
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
        let text = String::from_utf8_lossy(value);
        let (protocol, rest) = text.split_once('/')?;
        let (version, rest) = rest.split_once('/')?;
        if !protocol.trim_ascii().eq_ignore_ascii_case("SIP") || version.trim_ascii() != "2.0" {
            return None;
        }
        let rest = rest.trim_ascii_start();
        let (transport, rest) = rest.split_at(rest.find([' ', '\t'])?);
        let (sent_by, params) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
        let (host, port) = host_port(sent_by).ok()?;
        if transport.is_empty() || !transport.bytes().all(crate::header::is_token) {
            return None;
        }
        Some(Self { transport: transport.to_ascii_uppercase(), host, port, params: Params::of_header(params)? })
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
        let value = value.trim_ascii();
        let (display, rest) = match value.first()? {
            b'"' => {
                let end = quoted_end(value)?;
                (Some(unquote(&value[1..end])), value[end + 1..].trim_ascii_start())
            }
            _ => match value.iter().position(|&byte| byte == b'<') {
                Some(start) => (Some(String::from_utf8_lossy(value[..start].trim_ascii()).into_owned()), &value[start..]),
                None => (None, value),
            },
        };
        let display = display.filter(|display| !display.is_empty());
        let (uri, params) = match rest.strip_prefix(b"<") {
            Some(rest) => {
                let end = rest.iter().position(|&byte| byte == b'>')?;
                (&rest[..end], &rest[end + 1..])
            }
            None if display.is_some() => return None,
            None => rest.split_at(rest.iter().position(|&byte| byte == b';').unwrap_or(rest.len())),
        };
        let params = params.trim_ascii_start();
        if !params.is_empty() && params[0] != b';' {
            return None;
        }
        let uri = std::str::from_utf8(uri.trim_ascii()).map_or_else(|_| String::from_utf8_lossy(uri).into_owned(), str::to_owned);
        let bracketed = rest.first() == Some(&b'<');
        if uri.is_empty() || (!bracketed && uri.contains([',', '?'])) {
            return None;
        }
        Some(Self { display, uri, params: Params::of_header(&String::from_utf8_lossy(params))? })
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

impl Headers {
    fn one(&self, header: Header) -> Result<&[u8], BadHeader> {
        let mut all = self.all(header);
        let first = all.next().ok_or(BadHeader { header, flaw: Flaw::Missing })?;
        if all.next().is_some() {
            return Err(BadHeader { header, flaw: Flaw::Repeated });
        }
        Ok(first)
    }

    fn read<T>(&self, header: Header, read: impl FnOnce(&[u8]) -> Option<T>) -> Result<T, BadHeader> {
        read(self.one(header)?).ok_or(BadHeader { header, flaw: Flaw::Malformed })
    }

    fn maybe<T>(&self, header: Header, read: impl FnOnce(&[u8]) -> Option<T>) -> Result<Option<T>, BadHeader> {
        match self.read(header, read) {
            Ok(value) => Ok(Some(value)),
            Err(BadHeader { flaw: Flaw::Missing, .. }) => Ok(None),
            Err(bad) => Err(bad),
        }
    }

    fn list<T>(&self, header: Header, read: impl Fn(&[u8]) -> Option<T>) -> Result<Vec<T>, BadHeader> {
        let bad = BadHeader { header, flaw: Flaw::Malformed };
        let mut list = Vec::new();
        for value in self.all(header) {
            for part in split(value, b',').ok_or(bad)?.filter(|part| !part.is_empty()) {
                list.push(read(part).ok_or(bad)?);
            }
        }
        Ok(list)
    }

    /// All Via values, top first, comma lists split.
    ///
    /// # Errors
    /// [`BadHeader`] if there is none or one is malformed.
    pub fn vias(&self) -> Result<Vec<Via>, BadHeader> {
        let list = self.list(Header::Via, Via::parse)?;
        if list.is_empty() {
            return Err(BadHeader { header: Header::Via, flaw: Flaw::Missing });
        }
        Ok(list)
    }

    /// The top Via; those below are not looked at.
    ///
    /// # Errors
    /// [`BadHeader`] if it is missing or malformed.
    pub fn top_via(&self) -> Result<Via, BadHeader> {
        let value = self.get(Header::Via).ok_or(BadHeader { header: Header::Via, flaw: Flaw::Missing })?;
        let first = split(value, b',').and_then(|mut parts| parts.find(|part| !part.is_empty()));
        first.and_then(Via::parse).ok_or(BadHeader { header: Header::Via, flaw: Flaw::Malformed })
    }

    /// From.
    ///
    /// # Errors
    /// [`BadHeader`] if it is missing, repeated or malformed.
    pub fn from(&self) -> Result<NameAddr, BadHeader> {
        self.read(Header::From, NameAddr::parse)
    }

    /// To.
    ///
    /// # Errors
    /// [`BadHeader`] if it is missing, repeated or malformed.
    pub fn to(&self) -> Result<NameAddr, BadHeader> {
        self.read(Header::To, NameAddr::parse)
    }

    /// Call-ID.
    ///
    /// # Errors
    /// [`BadHeader`] if it is missing, repeated, empty, no UTF-8, or holds space or control characters.
    pub fn call_id(&self) -> Result<&str, BadHeader> {
        let value = self.one(Header::CallId)?;
        let bad = BadHeader { header: Header::CallId, flaw: Flaw::Malformed };
        let fits = |id: &&str| !id.is_empty() && !id.bytes().any(|byte| byte <= b' ' || byte == 0x7f);
        std::str::from_utf8(value).ok().filter(fits).ok_or(bad)
    }

    /// CSeq.
    ///
    /// # Errors
    /// [`BadHeader`] if it is missing, repeated, no number below 2^32, or without a method.
    pub fn cseq(&self) -> Result<CSeq, BadHeader> {
        self.read(Header::CSeq, CSeq::parse)
    }

    /// All Contact values.
    ///
    /// # Errors
    /// [`BadHeader`] if one is malformed, or `*` stands beside others.
    pub fn contacts(&self) -> Result<Contacts, BadHeader> {
        if self.all(Header::Contact).any(|value| value == b"*") {
            return self.one(Header::Contact).map(|_| Contacts::Any);
        }
        self.list(Header::Contact, |part| NameAddr::parse(part).filter(|contact| contact.uri != "*")).map(Contacts::List)
    }

    /// The first Contact that is not `*`.
    ///
    /// # Errors
    /// [`BadHeader`] if one is malformed.
    pub fn contact(&self) -> Result<Option<NameAddr>, BadHeader> {
        match self.contacts()? {
            Contacts::Any => Ok(None),
            Contacts::List(list) => Ok(list.into_iter().next()),
        }
    }

    /// Max-Forwards.
    ///
    /// # Errors
    /// [`BadHeader`] if it is repeated or no number up to 255 (RFC 3261 20.22).
    pub fn max_forwards(&self) -> Result<Option<u8>, BadHeader> {
        self.maybe(Header::MaxForwards, |value| number(value).and_then(|number| u8::try_from(number).ok()))
    }

    /// Content-Length in bytes; equal repetitions count once.
    ///
    /// # Errors
    /// [`BadHeader`] if it is no number, or there are two different ones.
    pub fn content_length(&self) -> Result<Option<usize>, BadHeader> {
        let mut length = None;
        for value in self.all(Header::ContentLength) {
            let read = number(value).and_then(|number| usize::try_from(number).ok());
            let read = read.ok_or(BadHeader { header: Header::ContentLength, flaw: Flaw::Malformed })?;
            if length.is_some_and(|known| known != read) {
                return Err(BadHeader { header: Header::ContentLength, flaw: Flaw::Repeated });
            }
            length = Some(read);
        }
        Ok(length)
    }

    /// Media type in lower case, without parameters.
    pub fn content_type(&self) -> Option<String> {
        let text = self.text(Header::ContentType)?;
        let kind = text.split(';').next().unwrap_or_default();
        Some(kind.chars().filter(|c| !c.is_ascii_whitespace()).collect::<String>().to_ascii_lowercase())
    }

    /// Expires in seconds; too large ones become the largest.
    ///
    /// # Errors
    /// [`BadHeader`] if it is repeated or no number.
    pub fn expires(&self) -> Result<Option<u32>, BadHeader> {
        self.maybe(Header::Expires, |value| seconds(std::str::from_utf8(value).ok()?))
    }

    /// The words of a comma list of tokens (Require, Supported, Allow, ...), as they stand.
    pub fn words(&self, header: Header) -> Vec<String> {
        let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
        self.all(header)
            .flat_map(|value| value.split(|&byte| byte == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|part| !part.is_empty())
            .map(text)
            .collect()
    }

    /// The elements of Route or Record-Route, top first, as they stand (`<sip:...;lr>`).
    ///
    /// # Errors
    /// [`BadHeader`] if one is no address.
    pub fn routes(&self, header: Header) -> Result<Vec<String>, BadHeader> {
        self.list(header, |part| NameAddr::parse(part).map(|_| String::from_utf8_lossy(part).into_owned()))
    }

    /// The cause of a `Reason: Q.850` (RFC 3326).
    pub fn q850(&self) -> Option<u8> {
        let cause = |part: &[u8]| {
            let text = String::from_utf8_lossy(part);
            let (protocol, params) = text.split_at(text.find(';')?);
            if !protocol.trim_ascii().eq_ignore_ascii_case("Q.850") {
                return None;
            }
            Params::of_header(params)?.get("cause")?.parse().ok()
        };
        self.all(Header::Reason).find_map(|value| split(value, b',')?.find_map(cause))
    }

    /// Retry-After in seconds, comment and parameters ignored (RFC 3261 20.33).
    pub fn retry_after(&self) -> Option<u32> {
        let text = self.text(Header::RetryAfter)?;
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        seconds(&text[..digits])
    }
}

fn number(value: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(value).ok()?.trim_ascii();
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn seconds(text: &str) -> Option<u32> {
    let text = text.trim_ascii();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u32::MAX))
}

/// The place of the quote that closes the one at 0. In text that is no UTF-8 (GBK from Chinese trunks) a byte from 0x81 takes the next one with
/// it, because that may be a backslash.
fn quoted_end(value: &[u8]) -> Option<usize> {
    let double_bytes = std::str::from_utf8(value).is_err();
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

/// Splits at `mark` outside quotes and angle brackets, parts trimmed; `None` if a quote or bracket stays open.
pub(crate) fn split(value: &[u8], mark: u8) -> Option<impl Iterator<Item = &[u8]>> {
    let mut cuts = Vec::new();
    let (mut at, mut start, mut bracket) = (0, 0, false);
    while let Some(&byte) = value.get(at) {
        match byte {
            b'"' if !bracket => at += quoted_end(&value[at..])?,
            b'<' => bracket = true,
            b'>' => bracket = false,
            _ if byte == mark && !bracket => {
                cuts.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    cuts.push(start..value.len());
    (!bracket).then(|| cuts.into_iter().map(|cut| value.get(cut).unwrap_or_default().trim_ascii()))
}

pub(crate) fn stamp_via(headers: &mut Headers, source: SocketAddr) -> Result<(), BadHeader> {
    let bad = BadHeader { header: Header::Via, flaw: Flaw::Malformed };
    let mut via = headers.top_via()?;
    let value = headers.get(Header::Via).unwrap_or_default();
    let rest: Vec<u8> = split(value, b',').ok_or(bad)?.skip_while(|part| part.is_empty()).skip(1).collect::<Vec<_>>().join(&b", "[..]);
    let ip = source.ip().to_canonical();
    if via.params.has("rport") {
        via.params.set("rport", Some(&source.port().to_string()));
        via.params.set("received", Some(&ip.to_string()));
    } else if via.host.ip() != Some(ip) {
        via.params.set("received", Some(&ip.to_string()));
    }
    let mut stamped = via.to_string().into_bytes();
    if !rest.is_empty() {
        stamped.extend_from_slice(b", ");
        stamped.extend_from_slice(&rest);
    }
    headers.set(Header::Via, stamped).map_err(|_| bad)
}

pub(crate) fn tag_to(headers: &mut Headers, tag: &str) {
    let Some(value) = headers.get(Header::To) else { return };
    if NameAddr::parse(value).is_none_or(|to| to.params.has("tag")) {
        return;
    }
    let mut tagged = value.to_vec();
    tagged.extend_from_slice(b";tag=");
    tagged.extend_from_slice(tag.as_bytes());
    headers.set_unchecked(Header::To, &tagged);
}
