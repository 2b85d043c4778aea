//! Reading a message's headers as typed values.

use crate::header::{Header, Headers};
use crate::uri::Uri;
use crate::value::{BadHeader, CSeq, Contacts, Flaw, NameAddr, Params, Parts, Via, seconds, text};
use std::net::SocketAddr;

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
            for part in Parts::new(value, b',') {
                list.push(part.and_then(&read).ok_or(bad)?);
            }
        }
        Ok(list)
    }

    /// What [`crate::check()`] needs to know of Via, From, To, Contact and Record-Route, without making their values.
    pub(crate) fn check_values(&self) -> Result<(), BadHeader> {
        let bad = |header| BadHeader { header, flaw: Flaw::Malformed };
        let mut vias = 0;
        for part in self.all(Header::Via).flat_map(|value| Parts::new(value, b',')) {
            part.filter(|part| Via::is_sound(part)).ok_or(bad(Header::Via))?;
            vias += 1;
        }
        if vias == 0 {
            return Err(BadHeader { header: Header::Via, flaw: Flaw::Missing });
        }
        for header in [Header::From, Header::To] {
            let uri = NameAddr::sound_uri(self.one(header)?).ok_or(bad(header))?;
            Uri::parse(&text(uri)).map_err(|_| bad(header))?;
        }
        self.check_addresses(Header::RecordRoute)?;
        if self.all(Header::Contact).any(|value| value == b"*") {
            self.one(Header::Contact).map(|_| ())
        } else {
            self.check_addresses(Header::Contact)
        }
    }

    pub(crate) fn check_addresses(&self, header: Header) -> Result<(), BadHeader> {
        let sound = |part: Option<&[u8]>| part.and_then(NameAddr::sound_uri).is_some_and(|uri| uri != b"*");
        let all = self.all(header).flat_map(|value| Parts::new(value, b',')).all(sound);
        if all { Ok(()) } else { Err(BadHeader { header, flaw: Flaw::Malformed }) }
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
        let first = Parts::new(value, b',').next().flatten();
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
        let text = |part: &[u8]| self::text(part).into_owned();
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
            let text = text(part);
            let (protocol, params) = text.split_at(text.find(';')?);
            if !protocol.trim_ascii().eq_ignore_ascii_case("Q.850") {
                return None;
            }
            Params::of_header(params.as_bytes())?.get("cause")?.parse().ok()
        };
        self.all(Header::Reason).find_map(|value| Parts::new(value, b',').flatten().find_map(cause))
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

pub(crate) fn stamp_via(headers: &mut Headers, source: SocketAddr) -> Result<(), BadHeader> {
    let bad = BadHeader { header: Header::Via, flaw: Flaw::Malformed };
    let mut via = headers.top_via()?;
    let value = headers.get(Header::Via).unwrap_or_default();
    let rest: Vec<_> = Parts::new(value, b',').skip(1).collect::<Option<_>>().ok_or(bad)?;
    let rest = rest.join(&b", "[..]);
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
