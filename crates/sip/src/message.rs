//! SIP messages (RFC 3261 7): owned, tolerant of what came, strict in what is printed.

use crate::header::{Header, Headers, Injection};
use crate::value::{BadHeader, Via};
use std::fmt;
use std::net::SocketAddr;

macro_rules! methods {
    ($($variant:ident = $word:literal),+) => {
        /// A request method; case matters (RFC 3261 7.1).
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Method {
            $(#[doc = $word] $variant,)+
            /// Any other token.
            Other(String),
        }

        impl Method {
            /// The method of a word.
            pub fn of(word: &str) -> Self {
                match word { $($word => Self::$variant,)+ other => Self::Other(other.to_owned()) }
            }

            /// The word on the wire.
            pub fn as_str(&self) -> &str {
                match self { $(Self::$variant => $word,)+ Self::Other(word) => word }
            }
        }
    };
}

methods!(
    Invite = "INVITE",
    Ack = "ACK",
    Bye = "BYE",
    Cancel = "CANCEL",
    Options = "OPTIONS",
    Register = "REGISTER",
    Info = "INFO",
    Update = "UPDATE",
    Prack = "PRACK",
    Message = "MESSAGE",
    Subscribe = "SUBSCRIBE",
    Notify = "NOTIFY",
    Refer = "REFER",
    Publish = "PUBLISH"
);

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The protocol version of a start line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// SIP/2.0 in any case.
    #[default]
    Sip2,
    /// Another SIP version: a request is answered 505 (RFC 3261 21.5.6).
    Other,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The Request-URI as it stands on the wire; [`crate::uri::Uri::parse`] reads it.
    pub uri: String,
    /// The version.
    pub version: Version,
    /// The header fields.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code; well formed: 100 to 699.
    pub code: u16,
    /// The reason phrase, broken UTF-8 replaced; may be empty.
    pub reason: String,
    /// The version.
    pub version: Version,
    /// The header fields.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// A request or a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A request.
    Request(Request),
    /// A response.
    Response(Response),
}

impl Message {
    /// The header fields.
    pub fn headers(&self) -> &Headers {
        match self {
            Self::Request(request) => &request.headers,
            Self::Response(response) => &response.headers,
        }
    }

    /// The header fields, to be changed.
    pub fn headers_mut(&mut self) -> &mut Headers {
        match self {
            Self::Request(request) => &mut request.headers,
            Self::Response(response) => &mut response.headers,
        }
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        match self {
            Self::Request(request) => &request.body,
            Self::Response(response) => &response.body,
        }
    }

    /// The message as it goes on the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Request(request) => request.to_bytes(),
            Self::Response(response) => response.to_bytes(),
        }
    }
}

impl Request {
    /// A request without headers.
    ///
    /// # Errors
    /// [`Injection`] if the method is no token or the URI holds space or control characters.
    pub fn new(method: Method, uri: impl Into<String>) -> Result<Self, Injection> {
        let uri = uri.into();
        let token = |word: &str| !word.is_empty() && word.bytes().all(crate::header::is_token);
        if !token(method.as_str()) || uri.is_empty() || uri.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
            return Err(Injection);
        }
        Ok(Self { method, uri, version: Version::Sip2, headers: Headers::default(), body: Vec::new() })
    }

    /// Appends a header field.
    ///
    /// # Errors
    /// [`Injection`] if the value holds CR, LF or NUL.
    pub fn push(&mut self, header: Header, value: impl AsRef<[u8]>) -> Result<(), Injection> {
        self.headers.push(header, value)
    }

    /// Sets body and Content-Type.
    ///
    /// # Errors
    /// [`Injection`] if the content type holds CR, LF or NUL.
    pub fn set_body(&mut self, content_type: &str, body: Vec<u8>) -> Result<(), Injection> {
        self.headers.set(Header::ContentType, content_type)?;
        self.body = body;
        Ok(())
    }

    /// Writes `received` and `rport` into the top Via where the source asks for it (RFC 3261 18.2.1, RFC 3581 4).
    ///
    /// # Errors
    /// [`BadHeader`] if there is no readable top Via.
    pub fn stamp_via(&mut self, source: SocketAddr) -> Result<(), BadHeader> {
        crate::typed::stamp_via(&mut self.headers, source)
    }

    /// The top Via.
    ///
    /// # Errors
    /// [`BadHeader`] if it is missing or malformed.
    pub fn top_via(&self) -> Result<Via, BadHeader> {
        self.headers.top_via()
    }

    /// The request as it goes on the wire; Content-Length is that of the body, whatever the header says.
    pub fn to_bytes(&self) -> Vec<u8> {
        print([self.method.as_str(), self.uri.as_str(), "SIP/2.0"], &self.headers, &self.body)
    }
}

impl Response {
    /// A response to `request` with the standard reason phrase: Via, From, To, Call-ID, CSeq (and Timestamp in a 100) are copied
    /// (RFC 3261 8.2.6.2), what is missing in the request is missing here. The To tag is the caller's affair: [`Response::tag_to`].
    pub fn to(request: &Request, code: u16) -> Self {
        let mut headers = Headers::with_room();
        for header in [Header::Via, Header::From, Header::To, Header::CallId, Header::CSeq] {
            headers.copy(&request.headers, header);
        }
        if code == 100 {
            headers.copy(&request.headers, Header::Timestamp);
        }
        Self { code, reason: reason_phrase(code).to_owned(), version: Version::Sip2, headers, body: Vec::new() }
    }

    /// Gives the To header this tag unless it has one (RFC 3261 8.2.6.2; not for 100).
    pub fn tag_to(&mut self, tag: &str) {
        crate::typed::tag_to(&mut self.headers, tag);
    }

    /// Appends a header field.
    ///
    /// # Errors
    /// [`Injection`] if the value holds CR, LF or NUL.
    pub fn push(&mut self, header: Header, value: impl AsRef<[u8]>) -> Result<(), Injection> {
        self.headers.push(header, value)
    }

    /// Sets body and Content-Type.
    ///
    /// # Errors
    /// [`Injection`] if the content type holds CR, LF or NUL.
    pub fn set_body(&mut self, content_type: &str, body: Vec<u8>) -> Result<(), Injection> {
        self.headers.set(Header::ContentType, content_type)?;
        self.body = body;
        Ok(())
    }

    /// Whether it is a 1xx.
    pub fn is_provisional(&self) -> bool {
        self.code < 200
    }

    /// Whether it is a 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// The response as it goes on the wire; Content-Length is that of the body.
    pub fn to_bytes(&self) -> Vec<u8> {
        let reason: String = self.reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        print(["SIP/2.0", &self.code.to_string(), &reason], &self.headers, &self.body)
    }
}

fn print(start: [&str; 3], headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(headers.buffer.len() + headers.len() * 16 + body.len() + 64);
    out.extend_from_slice(start[0].as_bytes());
    for part in &start[1..] {
        out.push(b' ');
        out.extend_from_slice(part.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    let length = body.len().to_string();
    let mut has_length = false;
    for (field, (name, value)) in headers.fields.iter().zip(headers.iter()) {
        let is_length = field.header == Header::ContentLength;
        if field.header == Header::Malformed || (is_length && has_length) {
            continue;
        }
        has_length |= is_length;
        line(&mut out, name, if is_length { length.as_bytes() } else { value });
    }
    if !has_length {
        line(&mut out, Header::ContentLength.name().as_bytes(), length.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
    out
}

fn line(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    for part in [name, b": ", value, b"\r\n"] {
        out.extend_from_slice(part);
    }
}

/// The standard reason phrase of a status code (RFC 3261 21 and its extensions), by class if unknown.
pub fn reason_phrase(code: u16) -> &'static str {
    match code {
        100 => "Trying",
        180 => "Ringing",
        181 => "Call Is Being Forwarded",
        182 => "Queued",
        183 => "Session Progress",
        200 => "OK",
        202 => "Accepted",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Moved Temporarily",
        305 => "Use Proxy",
        380 => "Alternative Service",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        410 => "Gone",
        412 => "Conditional Request Failed",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        421 => "Extension Required",
        422 => "Session Interval Too Small",
        423 => "Interval Too Brief",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        483 => "Too Many Hops",
        484 => "Address Incomplete",
        485 => "Ambiguous",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        489 => "Bad Event",
        491 => "Request Pending",
        493 => "Undecipherable",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        505 => "Version Not Supported",
        513 => "Message Too Large",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        606 => "Not Acceptable",
        _ => reason_of_class(code / 100),
    }
}

fn reason_of_class(class: u16) -> &'static str {
    match class {
        1 => "Progress",
        2 => "Success",
        3 => "Redirection",
        4 => "Request Failure",
        5 => "Server Failure",
        _ => "Failure",
    }
}
