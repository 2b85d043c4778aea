//! SIP, SIPS and tel URIs (RFC 3261 19.1, RFC 3966): tolerant in what is read, compared as 19.1.4 says.

use crate::value::{Params, cut};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Longest URI that is read, bytes; a longer Request-URI is answered 414 (RFC 3261 21.4.12).
pub const MAX_LENGTH: usize = 4096;

/// A URI's scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`
    Sips,
    /// `tel:`
    Tel,
    /// Any other, in lower case; what follows is opaque.
    Other(String),
}

/// The host of a URI or a Via.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Host {
    /// An IPv4 literal.
    V4(Ipv4Addr),
    /// An IPv6 literal (in brackets on the wire); a zone is dropped, it means nothing to another machine.
    V6(Ipv6Addr),
    /// A name, in lower case.
    Name(String),
}

/// The text is no URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadUri;

impl fmt::Display for BadUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a sip:, sips: or tel: URI")
    }
}

impl std::error::Error for BadUri {}

impl Host {
    /// Reads a host; IPv6 with or without brackets.
    ///
    /// # Errors
    /// [`BadUri`] if it is neither an address nor letters, digits, `-`, `.` and `_`.
    pub fn parse(text: &str) -> Result<Self, BadUri> {
        if let Some(inner) = text.strip_prefix('[') {
            return v6(inner.strip_suffix(']').ok_or(BadUri)?);
        }
        if text.contains(':') {
            return v6(text);
        }
        if let Ok(v4) = text.parse() {
            return Ok(Self::V4(v4));
        }
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        if text.is_empty() || text.len() > 255 || !text.bytes().all(fits) {
            return Err(BadUri);
        }
        Ok(Self::Name(text.to_ascii_lowercase()))
    }

    /// The address, if it is a literal; an IPv4-mapped IPv6 address is given as IPv4.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::V4(v4) => Some(IpAddr::V4(*v4)),
            Self::V6(v6) => Some(IpAddr::V6(*v6).to_canonical()),
            Self::Name(_) => None,
        }
    }
}

fn v6(text: &str) -> Result<Host, BadUri> {
    let address = text.split('%').next().unwrap_or_default();
    address.parse().or_else(|_| address.replacen(":::", "::", 1).parse()).map(Host::V6).map_err(|_| BadUri)
}

impl From<IpAddr> for Host {
    fn from(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(v4) => Self::V4(v4),
            IpAddr::V6(v6) => Self::V6(v6),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(v4) => v4.fmt(f),
            Self::V6(v6) => write!(f, "[{v6}]"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// Splits `host[:port]`; space around the colon is tolerated (RFC 3261 25.1, COLON).
pub(crate) fn host_port(text: &str) -> Result<(Host, Option<u16>), BadUri> {
    let text = text.trim_ascii();
    let (host, rest) = if text.starts_with('[') {
        text.split_at(text.find(']').ok_or(BadUri)? + 1)
    } else {
        text.split_at(text.bytes().position(|byte| byte == b':').unwrap_or(text.len()))
    };
    let host = Host::parse(host.trim_ascii())?;
    let rest = rest.trim_ascii();
    if rest.is_empty() {
        return Ok((host, None));
    }
    let port = rest.strip_prefix(':').ok_or(BadUri)?.trim_ascii();
    if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BadUri);
    }
    Ok((host, Some(port.parse().map_err(|_| BadUri)?)))
}

/// A URI. Only `sip:` and `sips:` have a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri {
    /// The scheme.
    pub scheme: Scheme,
    /// User part, %-escapes undone (broken UTF-8 replaced); the number of a `tel:`; the opaque part of other schemes.
    pub user: Option<String>,
    /// Password, as it stands.
    pub password: Option<String>,
    /// Host.
    pub host: Option<Host>,
    /// Port.
    pub port: Option<u16>,
    /// Parameters, names in lower case, values as they stand.
    pub params: Params,
    /// What follows `?`, as it stands.
    pub headers: Option<String>,
}

impl Uri {
    /// A `sip:` URI.
    pub fn sip(user: Option<&str>, host: Host, port: Option<u16>) -> Self {
        let user = user.map(str::to_owned);
        Self { scheme: Scheme::Sip, user, password: None, host: Some(host), port, params: Params::default(), headers: None }
    }

    /// Reads a URI, without angle brackets.
    ///
    /// # Errors
    /// [`BadUri`] if it is longer than [`MAX_LENGTH`], has no scheme, no host, a bad port, or a character that ends a URI.
    pub fn parse(text: &str) -> Result<Self, BadUri> {
        if text.len() > MAX_LENGTH || text.bytes().any(|byte| byte <= b' ' || matches!(byte, b'<' | b'>' | b'"' | 0x7f)) {
            return Err(BadUri);
        }
        let (scheme, rest) = cut(text, b':').ok_or(BadUri)?;
        match scheme {
            _ if scheme.eq_ignore_ascii_case("sip") => Self::parse_sip(Scheme::Sip, rest),
            _ if scheme.eq_ignore_ascii_case("sips") => Self::parse_sip(Scheme::Sips, rest),
            _ if scheme.eq_ignore_ascii_case("tel") => Self::parse_tel(rest),
            other => Self::parse_other(&other.to_ascii_lowercase(), rest),
        }
    }

    fn parse_sip(scheme: Scheme, rest: &str) -> Result<Self, BadUri> {
        let (userinfo, rest) = match cut(rest, b'@') {
            Some((userinfo, rest)) => (Some(userinfo), rest),
            None => (None, rest),
        };
        let (user, password) = match userinfo.map(|userinfo| cut(userinfo, b':').ok_or(userinfo)) {
            None => (None, None),
            Some(Ok((user, password))) => (Some(user), Some(password.to_owned())),
            Some(Err(user)) => (Some(user), None),
        };
        if user.is_some_and(str::is_empty) || rest.as_bytes().contains(&b'@') {
            return Err(BadUri);
        }
        let (rest, headers) = match cut(rest, b'?') {
            Some((rest, headers)) => (rest, Some(headers.to_owned())),
            None => (rest, None),
        };
        let (hostport, params) = rest.split_at(rest.bytes().position(|byte| byte == b';').unwrap_or(rest.len()));
        let (host, port) = host_port(hostport)?;
        Ok(Self { scheme, user: user.map(unescape), password, host: Some(host), port, params: Params::of_uri(params), headers })
    }

    fn parse_tel(rest: &str) -> Result<Self, BadUri> {
        let (number, params) = rest.split_at(rest.bytes().position(|byte| byte == b';').unwrap_or(rest.len()));
        if number.is_empty() {
            return Err(BadUri);
        }
        let user = Some(unescape(number));
        Ok(Self { scheme: Scheme::Tel, user, password: None, host: None, port: None, params: Params::of_uri(params), headers: None })
    }

    fn parse_other(scheme: &str, rest: &str) -> Result<Self, BadUri> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        if !scheme.starts_with(|first: char| first.is_ascii_alphabetic()) || !scheme.bytes().all(fits) {
            return Err(BadUri);
        }
        let (scheme, user) = (Scheme::Other(scheme.to_owned()), Some(rest.to_owned()));
        Ok(Self { scheme, user, password: None, host: None, port: None, params: Params::default(), headers: None })
    }

    /// Whether we know the scheme (else 416, RFC 3261 8.2.2.1).
    pub fn is_known(&self) -> bool {
        !matches!(self.scheme, Scheme::Other(_))
    }

    /// The `transport` parameter in lower case.
    pub fn transport(&self) -> Option<String> {
        self.params.get("transport").map(str::to_ascii_lowercase)
    }

    /// Whether both mean the same resource (RFC 3261 19.1.4): `transport`, `user`, `ttl`, `method`, `maddr` must be in both or in none,
    /// other parameters count only if both have them, headers always count.
    pub fn same(&self, other: &Self) -> bool {
        const ALWAYS: [&str; 5] = ["transport", "user", "ttl", "method", "maddr"];
        let equal = |a: Option<&str>, b: Option<&str>| match (a, b) {
            (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let shared = |(name, value): (&str, Option<&str>)| !other.params.has(name) || equal(value, other.params.get(name));
        self.scheme == other.scheme
            && self.user == other.user
            && self.password == other.password
            && self.host == other.host
            && self.port == other.port
            && ALWAYS.iter().all(|name| self.params.has(name) == other.params.has(name))
            && self.params.iter().all(shared)
            && same_headers(self.headers.as_deref(), other.headers.as_deref())
    }
}

fn same_headers(a: Option<&str>, b: Option<&str>) -> bool {
    let sorted = |text: Option<&str>| {
        let mut parts: Vec<String> = text.into_iter().flat_map(|text| text.split('&')).map(|part| unescape(part).to_lowercase()).collect();
        parts.sort();
        parts
    };
    a == b || sorted(a) == sorted(b)
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match &self.scheme {
            Scheme::Sip => "sip",
            Scheme::Sips => "sips",
            Scheme::Tel => "tel",
            Scheme::Other(other) => return write!(f, "{other}:{}", self.user.as_deref().unwrap_or_default()),
        };
        write!(f, "{scheme}:")?;
        if let Some(user) = &self.user {
            f.write_str(&escape(user))?;
        }
        if let Some(password) = &self.password {
            write!(f, ":{password}")?;
        }
        if let Some(host) = &self.host {
            write!(f, "{}{host}", if self.user.is_some() { "@" } else { "" })?;
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        self.params.fmt(f)?;
        self.headers.as_ref().map_or(Ok(()), |headers| write!(f, "?{headers}"))
    }
}

/// Undoes %-escapes; a broken escape stays as it is, broken UTF-8 is replaced.
pub fn unescape(text: &str) -> String {
    let Some(first) = text.find('%') else { return text.to_owned() };
    let (plain, rest) = text.as_bytes().split_at(first);
    let mut bytes = plain.to_vec();
    let mut rest = rest;
    while let Some((&byte, after)) = rest.split_first() {
        match (byte, after) {
            (b'%', &[high, low, ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(hex(high) << 4 | hex(low));
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit.wrapping_sub(b'A').wrapping_add(10) & 0x0f,
    }
}

/// %-escapes what may not stand in a user part (RFC 3261 25.1).
pub fn escape(user: &str) -> String {
    let mut out = String::with_capacity(user.len());
    for byte in user.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/#".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
