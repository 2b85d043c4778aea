//! Whether a message is well formed, and what is to be done if it is not (RFC 3261 8.2, 16.3, 18.3; RFC 4475).

use crate::header::Header;
use crate::message::{Message, Method, Request, Response, Version};
use crate::uri::Uri;
use crate::value::BadHeader;
use std::fmt;

/// What is to be done with a message that is not well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answer with this status code.
    Respond {
        /// 400, 413, 414, 416, 501 or 505.
        code: u16,
        /// What is wrong.
        why: Why,
    },
    /// Say nothing: it is a response or an ACK.
    Drop(Why),
}

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A header is missing, repeated or malformed.
    Header(BadHeader),
    /// A line that is no header field.
    Line,
    /// The method is no token.
    Method,
    /// The Request-URI is malformed.
    RequestUri,
    /// The Request-URI is longer than [`crate::uri::MAX_LENGTH`].
    UriTooLong,
    /// The Request-URI has a scheme we don't know.
    Scheme,
    /// CSeq names another method.
    CSeqMethod,
    /// CSeq names another method, and ours is unknown anyway (RFC 4475 3.1.2.18 prefers 501).
    UnknownMethod,
    /// The version is not SIP/2.0.
    Version,
    /// The status code is not within 100 to 699.
    Status,
    /// The body is shorter than Content-Length.
    Truncated,
    /// The body is larger than the limit.
    BodyTooLarge,
    /// No Content-Length on a stream (RFC 3261 18.3).
    NoLength,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(bad) => bad.fmt(f),
            Self::Line => f.write_str("line without header"),
            Self::Method => f.write_str("malformed method"),
            Self::RequestUri => f.write_str("malformed Request-URI"),
            Self::UriTooLong => f.write_str("Request-URI too long"),
            Self::Scheme => f.write_str("unsupported URI scheme"),
            Self::CSeqMethod => f.write_str("CSeq names another method"),
            Self::UnknownMethod => f.write_str("unknown method"),
            Self::Version => f.write_str("version not supported"),
            Self::Status => f.write_str("no such status code"),
            Self::Truncated => f.write_str("body shorter than Content-Length"),
            Self::BodyTooLarge => f.write_str("body too large"),
            Self::NoLength => f.write_str("Content-Length missing"),
        }
    }
}

impl Why {
    /// The status code that tells it.
    pub fn code(self) -> u16 {
        match self {
            Self::Version => 505,
            Self::UriTooLong => 414,
            Self::Scheme => 416,
            Self::UnknownMethod => 501,
            Self::BodyTooLarge => 413,
            Self::Header(_)
            | Self::Line
            | Self::Method
            | Self::RequestUri
            | Self::CSeqMethod
            | Self::Status
            | Self::Truncated
            | Self::NoLength => 400,
        }
    }
}

impl From<BadHeader> for Why {
    fn from(bad: BadHeader) -> Self {
        Self::Header(bad)
    }
}

impl Fault {
    /// The fault as it applies to a message: responses and ACKs are never answered (RFC 3261 17.1.1.3, 18.1.2).
    pub fn of(message: &Message, why: Why) -> Self {
        match message {
            Message::Request(request) if request.method != Method::Ack => Self::Respond { code: why.code(), why },
            Message::Request(_) | Message::Response(_) => Self::Drop(why),
        }
    }
}

/// Whether the message is well formed enough to be handled.
///
/// # Errors
/// A [`Fault`] that names the response to send, or says that none may be sent.
pub fn check(message: &Message) -> Result<(), Fault> {
    let result = match message {
        Message::Request(request) => check_request(request),
        Message::Response(response) => check_response(response),
    };
    result.and_then(|()| check_headers(message)).map_err(|why| Fault::of(message, why))
}

fn check_request(request: &Request) -> Result<(), Why> {
    if request.version != Version::Sip2 {
        return Err(Why::Version);
    }
    if !request.method.as_str().bytes().all(crate::header::is_token) {
        return Err(Why::Method);
    }
    if request.uri.len() > crate::uri::MAX_LENGTH {
        return Err(Why::UriTooLong);
    }
    let uri = Uri::parse(&request.uri).ok().filter(|uri| uri.headers.is_none()).ok_or(Why::RequestUri)?;
    if request.headers.cseq()?.method != request.method {
        return Err(if matches!(request.method, Method::Other(_)) { Why::UnknownMethod } else { Why::CSeqMethod });
    }
    request.headers.max_forwards()?;
    request.headers.check_addresses(Header::Route)?;
    if !uri.is_known() {
        return Err(Why::Scheme);
    }
    Ok(())
}

fn check_response(response: &Response) -> Result<(), Why> {
    if response.version != Version::Sip2 {
        return Err(Why::Version);
    }
    if !(100..700).contains(&response.code) {
        return Err(Why::Status);
    }
    response.headers.cseq()?;
    Ok(())
}

fn check_headers(message: &Message) -> Result<(), Why> {
    let headers = message.headers();
    if headers.count(Header::Malformed) > 0 {
        return Err(Why::Line);
    }
    headers.call_id()?;
    headers.check_values()?;
    if headers.content_length()?.is_some_and(|length| length > message.body().len()) {
        return Err(Why::Truncated);
    }
    Ok(())
}
