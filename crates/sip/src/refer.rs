//! What a REFER asks for (RFC 3515), which dialog a Replaces names (RFC 3891), and on whose behalf (RFC 3892): text from outside, read and bounded.

use crate::endpoint::DialogId;
use crate::header::{Header, Headers};
use crate::message::Method;
use crate::uri::{Host, Scheme, Uri, unescape};
use crate::value::{NameAddr, text};
use hotline_model::history::Flow;
use std::fmt;

/// Longest Replaces that is read, bytes: a Call-ID and two tags have room.
const MAX_REPLACES: usize = 1024;
/// Longest reason that is passed on, characters; the words of the manual have at most twenty.
const MAX_REASON: usize = 64;

/// A peer's wish that we call somebody for it. Who may wish that is not judged here.
#[derive(Clone, Debug, PartialEq)]
pub struct Refer {
    /// CSeq of the REFER: the `id` of its subscription (RFC 3515 2.4.6).
    pub cseq: u32,
    /// User part of the Refer-To URI, %-escapes undone; of a `tel:` URI the number. As it came otherwise: full-width digits, `*`, `#`,
    /// `;phone-context` are to be judged by who dials. Empty if it has none.
    pub to_user: String,
    /// The Refer-To URI as it stands, without what follows `?`.
    pub target: String,
    /// Its host; none in a `tel:` URI. [`Endpoint::is_ours`](crate::Endpoint::is_ours) judges it.
    pub host: Option<Host>,
    /// Display name of Refer-To.
    pub display: Option<String>,
    /// The method that is asked for, if it is another than INVITE.
    pub method: Option<Method>,
    /// The dialog that the new call is to replace: an attended transfer (RFC 5589 7).
    pub replaces: Option<Result<DialogId, Unreplaceable>>,
    /// Referred-By; `None` too if it can't be read.
    pub referred_by: Option<NameAddr>,
    /// Why: header `X-Hotline-Reason` of the REFER or of the Refer-To URI, else its `reason` header or parameter; at most 64 characters.
    pub reason: Option<String>,
    /// Where it came from.
    pub flow: Flow,
    /// All header fields as they came.
    pub headers: Headers,
}

/// Why a Replaces names no dialog that may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreplaceable {
    /// It can't be read, or there is more than one.
    Malformed,
    /// No dialog of ours has this Call-ID and these tags, or it is early and not ours to replace.
    Unknown,
    /// The dialog is over, or ending.
    Ended,
    /// `early-only`, and the dialog is confirmed.
    Confirmed,
    /// It is the very dialog in which the REFER came.
    Itself,
}

impl Unreplaceable {
    /// The status that an INVITE with such a Replaces gets (RFC 3891 3).
    pub fn code(self) -> u16 {
        match self {
            Self::Malformed | Self::Itself => 400,
            Self::Unknown => 481,
            Self::Ended => 603,
            Self::Confirmed => 486,
        }
    }
}

/// The value of a Replaces header (RFC 3891 6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaces {
    /// Call-ID of the dialog.
    pub call_id: String,
    /// The tag of whoever gets the Replaces.
    pub to_tag: String,
    /// The tag of the other side.
    pub from_tag: String,
    /// Only while the dialog is early.
    pub early_only: bool,
}

impl Replaces {
    /// Reads a value; `None` if it has no Call-ID, not each tag once, or is longer than 1024 bytes.
    pub fn parse(value: &str) -> Option<Self> {
        if value.len() > MAX_REPLACES || value.bytes().any(|byte| byte < b' ' || matches!(byte, b',' | 0x7f)) {
            return None;
        }
        let mut parts = value.split(';').map(str::trim_ascii);
        let call_id = parts.next().filter(|id| !id.is_empty() && !id.contains([' ', '\t']))?.to_owned();
        let (mut to_tag, mut from_tag, mut early_only) = (None, None, false);
        for part in parts {
            let (name, value) = part.split_once('=').map_or((part, ""), |(name, value)| (name.trim_ascii(), value.trim_ascii()));
            let place = match name.to_ascii_lowercase().as_str() {
                "to-tag" => &mut to_tag,
                "from-tag" => &mut from_tag,
                "early-only" => {
                    early_only = true;
                    continue;
                }
                _ => continue,
            };
            let is_token = !value.is_empty() && value.bytes().all(crate::header::is_token);
            if !is_token || place.replace(value.to_owned()).is_some() {
                return None;
            }
        }
        Some(Self { call_id, to_tag: to_tag?, from_tag: from_tag?, early_only })
    }

    /// The one Replaces of a message; `None` if it has none.
    pub(crate) fn of(headers: &Headers) -> Option<Result<Self, Unreplaceable>> {
        let mut all = headers.all(Header::Replaces);
        let first = all.next()?;
        if all.next().is_some() {
            return Some(Err(Unreplaceable::Malformed));
        }
        Some(Self::parse(&text(first)).ok_or(Unreplaceable::Malformed))
    }
}

impl fmt::Display for Replaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let early = if self.early_only { ";early-only" } else { "" };
        write!(f, "{};to-tag={};from-tag={}{early}", self.call_id, self.to_tag, self.from_tag)
    }
}

/// Refer-To as it stands in a message.
pub(crate) struct ReferTo {
    pub(crate) display: Option<String>,
    pub(crate) target: String,
    pub(crate) uri: Uri,
    /// What follows `?`.
    pub(crate) headers: Vec<(String, String)>,
}

impl ReferTo {
    /// The one Refer-To of a REFER.
    ///
    /// # Errors
    /// The status: 400 if there is not exactly one that can be read (RFC 3515 2.4.2), 416 if it is no `sip:`, `sips:` or `tel:` URI.
    pub(crate) fn of(headers: &Headers) -> Result<Self, u16> {
        let mut all = headers.all(Header::ReferTo);
        let value = all.next().ok_or(400u16)?;
        if all.next().is_some() {
            return Err(400);
        }
        let address = NameAddr::parse(value).ok_or(400u16)?;
        let (target, escaped) = split_headers(&address.uri);
        let uri = Uri::parse(target).map_err(|_| 400u16)?;
        if matches!(uri.scheme, Scheme::Other(_)) {
            return Err(416);
        }
        let headers = escaped.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (unescape(name), unescape(value))
        });
        Ok(Self { display: address.display, target: target.to_owned(), headers: headers.collect(), uri })
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.trim_ascii().eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The method that is asked for, if it is another than INVITE.
    pub(crate) fn method(&self) -> Option<Method> {
        let word = self.uri.params.get("method")?;
        Some(Method::of(&word.to_ascii_uppercase())).filter(|method| *method != Method::Invite)
    }

    /// The Replaces that the INVITE is to carry.
    pub(crate) fn replaces(&self) -> Option<Result<Replaces, Unreplaceable>> {
        let mut all = self.headers.iter().filter(|(name, _)| name.trim_ascii().eq_ignore_ascii_case("Replaces"));
        let (_, value) = all.next()?;
        if all.next().is_some() {
            return Some(Err(Unreplaceable::Malformed));
        }
        Some(Replaces::parse(value).ok_or(Unreplaceable::Malformed))
    }

    /// Why, by `headers` of the REFER or by the URI.
    pub(crate) fn reason(&self, headers: &Headers) -> Option<String> {
        const OURS: &str = "X-Hotline-Reason";
        let own = headers.named(OURS).map(|value| text(value).into_owned());
        let within = || self.header(OURS).or_else(|| self.header("reason")).map(str::to_owned);
        let word = own.or_else(within).or_else(|| self.uri.params.get("reason").map(unescape))?;
        let clean: String = word.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect();
        Some(clean.trim().to_owned()).filter(|word| !word.is_empty())
    }
}

/// Splits a URI at the `?` before its headers; a `?` in the user part does not count (RFC 3261 25.1). An `@` that somebody forgot to escape
/// in the headers does no harm then.
fn split_headers(uri: &str) -> (&str, &str) {
    let user_end = uri.find('@').unwrap_or(0);
    match uri[user_end..].find('?') {
        Some(at) => (&uri[..user_end + at], &uri[user_end + at + 1..]),
        None => (uri, ""),
    }
}

impl Headers {
    /// Referred-By (RFC 3892); `None` if it is missing, repeated or malformed.
    pub fn referred_by(&self) -> Option<NameAddr> {
        let mut all = self.all(Header::ReferredBy);
        let first = all.next()?;
        all.next().is_none().then(|| NameAddr::parse(first)).flatten()
    }
}
