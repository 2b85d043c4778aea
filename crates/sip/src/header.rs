//! Header fields in the order of the wire: one buffer and spans into it, so that a message costs three allocations.

use std::borrow::Cow;

macro_rules! headers {
    ($($variant:ident = $long:literal $(, $compact:literal)?;)+) => {
        const KNOWN: &[Header] = &[$(Header::$variant),+];

        /// A header field's name; what is not listed is `Other` and found by its text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Header {
            $(#[doc = $long] $variant,)+
            /// A name not listed here; [`Headers::named`] finds it.
            Other,
            /// A line that is no header field: no colon, or a name that is no token.
            Malformed,
        }

        impl Header {
            /// The long form as it is printed; empty for `Other` and `Malformed`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $long,)+ Self::Other | Self::Malformed => "" }
            }

            /// The header of a name in any case, long or compact (RFC 3261 7.3.3).
            pub fn of(name: &[u8]) -> Self {
                if let [letter] = name {
                    return Self::of_letter(letter.to_ascii_lowercase());
                }
                let places = BY_LENGTH.get(name.len()).map_or(&[][..], |(places, count)| &places[..*count]);
                let known = || places.iter().map(|place| KNOWN[*place as usize]);
                let exact = known().find(|header| header.name().as_bytes() == name);
                exact.or_else(|| known().find(|header| header.name().as_bytes().eq_ignore_ascii_case(name))).unwrap_or(Self::Other)
            }

            fn of_letter(letter: u8) -> Self {
                $($(if letter == $compact { return Self::$variant; })?)+
                Self::Other
            }
        }
    };
}

headers! {
    Via = "Via", b'v';
    From = "From", b'f';
    To = "To", b't';
    CallId = "Call-ID", b'i';
    CSeq = "CSeq";
    Contact = "Contact", b'm';
    MaxForwards = "Max-Forwards";
    ContentLength = "Content-Length", b'l';
    ContentType = "Content-Type", b'c';
    UserAgent = "User-Agent";
    Allow = "Allow";
    Supported = "Supported", b'k';
    Route = "Route";
    RecordRoute = "Record-Route";
    Authorization = "Authorization";
    Expires = "Expires";
    Server = "Server";
    Subject = "Subject", b's';
    Accept = "Accept";
    AcceptEncoding = "Accept-Encoding";
    AcceptLanguage = "Accept-Language";
    AllowEvents = "Allow-Events", b'u';
    AuthenticationInfo = "Authentication-Info";
    ContentDisposition = "Content-Disposition";
    ContentEncoding = "Content-Encoding", b'e';
    Date = "Date";
    Diversion = "Diversion";
    Event = "Event", b'o';
    HistoryInfo = "History-Info";
    MinExpires = "Min-Expires";
    MinSe = "Min-SE";
    PAssertedIdentity = "P-Asserted-Identity";
    PPreferredIdentity = "P-Preferred-Identity";
    Path = "Path";
    Privacy = "Privacy";
    ProxyAuthenticate = "Proxy-Authenticate";
    ProxyAuthorization = "Proxy-Authorization";
    ProxyRequire = "Proxy-Require";
    RAck = "RAck";
    RSeq = "RSeq";
    Reason = "Reason";
    ReferTo = "Refer-To", b'r';
    ReferredBy = "Referred-By", b'b';
    Replaces = "Replaces";
    Require = "Require";
    RetryAfter = "Retry-After";
    SessionExpires = "Session-Expires", b'x';
    SessionId = "Session-ID";
    Timestamp = "Timestamp";
    Unsupported = "Unsupported";
    Warning = "Warning";
    WwwAuthenticate = "WWW-Authenticate";
}

/// For each length of a name, which of `KNOWN` have it.
static BY_LENGTH: [([u8; 8], usize); 24] = by_length();

const fn by_length() -> [([u8; 8], usize); 24] {
    let mut table = [([0; 8], 0); 24];
    let mut place = 0;
    while place < KNOWN.len() {
        let entry = &mut table[KNOWN[place].name().len()];
        entry.0[entry.1] = place as u8;
        entry.1 += 1;
        place += 1;
    }
    table
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    fn of(self, buffer: &[u8]) -> &[u8] {
        buffer.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub header: Header,
    pub name: Span,
    pub value: Span,
}

/// The value or name would break the message apart: it holds CR, LF or NUL, or the name is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Injection;

impl std::fmt::Display for Injection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a header value may not hold CR, LF or NUL, and a header name must be a token")
    }
}

impl std::error::Error for Injection {}

/// A message's header fields in order. Values are bytes: folding is undone, surrounding space removed, nothing else touched.
#[derive(Clone, Debug, Default)]
pub struct Headers {
    pub(crate) buffer: Vec<u8>,
    pub(crate) fields: Vec<Field>,
}

impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.fields.len() == other.fields.len()
            && self.iter().zip(other.iter()).all(|(mine, theirs)| mine.0.eq_ignore_ascii_case(theirs.0) && mine.1 == theirs.1)
    }
}

impl Eq for Headers {}

impl Headers {
    /// Room for what a usual response holds.
    pub(crate) fn with_room() -> Self {
        Self { buffer: Vec::with_capacity(512), fields: Vec::with_capacity(16) }
    }

    /// How many header fields there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Names (long form where known) and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.fields.iter().map(|field| (self.name_of(field), field.value.of(&self.buffer)))
    }

    /// The first value of a header.
    pub fn get(&self, header: Header) -> Option<&[u8]> {
        self.all(header).next()
    }

    /// The first value of a header as text, broken UTF-8 replaced.
    pub fn text(&self, header: Header) -> Option<Cow<'_, str>> {
        self.get(header).map(String::from_utf8_lossy)
    }

    /// All values of a header, one per field; comma lists are not split.
    pub fn all(&self, header: Header) -> impl Iterator<Item = &[u8]> {
        self.fields.iter().filter(move |field| field.header == header).map(|field| field.value.of(&self.buffer))
    }

    /// The first value of a header by its name in any case.
    pub fn named(&self, name: &str) -> Option<&[u8]> {
        let header = Header::of(name.as_bytes());
        if header == Header::Other {
            return self.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value);
        }
        self.get(header)
    }

    /// How many fields a header has.
    pub fn count(&self, header: Header) -> usize {
        self.fields.iter().filter(|field| field.header == header).count()
    }

    /// Appends a field.
    ///
    /// # Errors
    /// [`Injection`] if the value holds CR, LF or NUL.
    pub fn push(&mut self, header: Header, value: impl AsRef<[u8]>) -> Result<(), Injection> {
        let value = self.store(value.as_ref())?;
        if matches!(header, Header::Other | Header::Malformed) {
            return Err(Injection);
        }
        self.fields.push(Field { header, name: Span { start: 0, end: 0 }, value });
        Ok(())
    }

    /// Appends a field by its name.
    ///
    /// # Errors
    /// [`Injection`] if the name is no token or the value holds CR, LF or NUL.
    pub fn push_named(&mut self, name: &str, value: impl AsRef<[u8]>) -> Result<(), Injection> {
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(Injection);
        }
        let header = Header::of(name.as_bytes());
        let name = self.store(name.as_bytes())?;
        let value = self.store(value.as_ref())?;
        self.fields.push(Field { header, name, value });
        Ok(())
    }

    /// Replaces the first field of a header, or appends one.
    ///
    /// # Errors
    /// [`Injection`] as for [`Headers::push`].
    pub fn set(&mut self, header: Header, value: impl AsRef<[u8]>) -> Result<(), Injection> {
        let Some(place) = self.fields.iter().position(|field| field.header == header) else {
            return self.push(header, value);
        };
        self.fields[place].value = self.store(value.as_ref())?;
        Ok(())
    }

    /// Puts a field before all others (a Via on top).
    ///
    /// # Errors
    /// [`Injection`] as for [`Headers::push`].
    pub fn push_front(&mut self, header: Header, value: impl AsRef<[u8]>) -> Result<(), Injection> {
        self.push(header, value)?;
        self.fields.rotate_right(1);
        Ok(())
    }

    /// Removes every field of a header.
    pub fn remove(&mut self, header: Header) {
        self.fields.retain(|field| field.header != header);
    }

    /// Copies what was parsed: its values hold no CR or LF, but a quoted NUL may be there (RFC 3261 25.1, quoted-pair).
    pub(crate) fn copy(&mut self, from: &Self, header: Header) {
        for value in from.all(header) {
            let value = self.append(value);
            self.fields.push(Field { header, name: Span { start: 0, end: 0 }, value });
        }
    }

    pub(crate) fn set_unchecked(&mut self, header: Header, value: &[u8]) {
        let value = self.append(value);
        if let Some(field) = self.fields.iter_mut().find(|field| field.header == header) {
            field.value = value;
        }
    }

    fn name_of(&self, field: &Field) -> &[u8] {
        if matches!(field.header, Header::Other | Header::Malformed) {
            return field.name.of(&self.buffer);
        }
        field.header.name().as_bytes()
    }

    fn store(&mut self, value: &[u8]) -> Result<Span, Injection> {
        let value = value.trim_ascii();
        if value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            return Err(Injection);
        }
        Ok(self.append(value))
    }

    fn append(&mut self, value: &[u8]) -> Span {
        let start = self.buffer.len() as u32;
        self.buffer.extend_from_slice(value);
        Span { start, end: self.buffer.len() as u32 }
    }
}

/// Whether a byte may stand in a token (RFC 3261 25.1).
pub fn is_token(byte: u8) -> bool {
    TOKEN[byte as usize]
}

static TOKEN: [bool; 256] = tokens();

const fn tokens() -> [bool; 256] {
    let others = b"-.!%*_+`'~";
    let mut table = [false; 256];
    let mut byte = 0u8;
    loop {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    let mut place = 0;
    while place < others.len() {
        table[others[place] as usize] = true;
        place += 1;
    }
    table
}
