use super::Endpoint;
use super::notify::ALLOW_EVENTS;
use crate::header::{Header, Headers};
use crate::message::{Method, Request};
use crate::print::{Reply, push_line, push_number};
use crate::transaction::ServerKey;
use hotline_model::Timestamp;
use hotline_model::history::Flow;

/// What we understand, inside a dialog or out of it.
pub(crate) const ALLOW: &[u8] = b"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER, NOTIFY\r\n";
/// Which extensions (RFC 3891 6.2, RFC 4488 6).
pub(crate) const SUPPORTED: &[u8] = b"Supported: replaces, norefersub\r\n";
/// The one body type of INVITE and UPDATE.
pub(crate) const SDP: &str = "application/sdp";
const ACCEPT: &[u8] = b"Accept: application/sdp\r\n";
/// Bodies of INFO that carry digits.
const DIGITS: [&str; 2] = ["application/dtmf-relay", "application/dtmf"];

/// A final failure and its header lines.
pub(crate) type Refusal = (u16, Vec<u8>);

impl Endpoint {
    /// Answers without a transaction; the same request is answered again in the same way. A Via we can't read is sent back as it came.
    pub(super) fn refuse(&mut self, flow: Flow, mut request: Request, code: u16, headers: &[u8]) {
        if request.method == Method::Ack || request.headers.get(Header::Via).is_none() {
            return;
        }
        request.stamp_via(flow.remote).unwrap_or(());
        let tag = self.tag();
        let bytes = self.print_reply(&Reply::to(&request.headers, new_tag(&request.headers, &tag)), code, headers);
        self.net.send(flow, bytes);
    }

    /// Answers a request that is no INVITE, or refuses an INVITE, within a transaction of its own.
    pub(super) fn reply(&mut self, now: Timestamp, flow: Flow, request: &Request, key: ServerKey, code: u16, headers: &[u8]) {
        let tag = self.tag();
        let reply = Reply::to(&request.headers, new_tag(&request.headers, &tag));
        if request.method == Method::Invite {
            let mut lines = headers.to_vec();
            self.net.push_product(&mut lines, "Server");
            let tx = self.table.start_invite_server(now, &mut self.net, key, None, flow, reply);
            self.table.with_invite_server(now, &mut self.net, tx, |it, cx| it.respond(cx, code, &lines, None));
        } else {
            let bytes = self.print_reply(&reply, code, headers);
            self.table.answer_server(now, &mut self.net, key, flow, bytes);
        }
    }

    fn print_reply(&self, reply: &Reply, code: u16, headers: &[u8]) -> Vec<u8> {
        let mut lines = headers.to_vec();
        self.net.push_product(&mut lines, "Server");
        reply.print(code, &lines, None)
    }

    /// 503 for the whole node: a full table, with a Retry-After that spreads those who come back.
    pub(super) fn refuse_full(&mut self, flow: Flow, request: Request) {
        self.net.counters.full += 1;
        let retry = self.retry_after(5, 30);
        self.refuse(flow, request, 503, &retry);
    }

    /// A Retry-After line with a random number of seconds.
    pub(super) fn retry_after(&mut self, least: u64, most: u64) -> Vec<u8> {
        let seconds = least + self.random() % (most - least + 1);
        let mut line = Vec::new();
        push_retry_after(&mut line, seconds);
        line
    }
}

/// A Retry-After line (20.33).
pub(super) fn push_retry_after(lines: &mut Vec<u8>, seconds: u64) {
    lines.extend_from_slice(b"Retry-After: ");
    push_number(lines, seconds);
    lines.extend_from_slice(b"\r\n");
}

fn new_tag<'a>(request: &Headers, tag: &'a str) -> Option<&'a str> {
    request.to().is_ok_and(|to| to.tag().is_none()).then_some(tag)
}

/// What stands against a request before we look at what it wants (8.2.1 to 8.2.3).
pub(crate) fn objection(request: &Request) -> Option<Refusal> {
    if request.headers.max_forwards().ok().flatten() == Some(0) {
        return Some((483, Vec::new()));
    }
    let mut required = request.headers.words(Header::Require);
    required.retain(|option| !is_supported(&request.method, option));
    if !required.is_empty() {
        let mut line = Vec::new();
        push_line(&mut line, "Unsupported", required.join(", ").as_bytes());
        return Some((420, line));
    }
    if request.method != Method::Invite && request.headers.get(Header::Replaces).is_some() {
        return Some((400, Vec::new()));
    }
    match request.method {
        Method::Invite if !accepts_sdp(&request.headers) => Some((406, Vec::new())),
        Method::Invite | Method::Update => content_objection(request),
        Method::Bye
        | Method::Info
        | Method::Options
        | Method::Register
        | Method::Ack
        | Method::Cancel
        | Method::Subscribe
        | Method::Notify
        | Method::Refer => None,
        Method::Prack | Method::Message | Method::Publish => Some((405, ALLOW.to_vec())),
        Method::Other(_) => Some((501, ALLOW.to_vec())),
    }
}

/// Replaces in an INVITE (RFC 3891 6.2), no subscription for a REFER (RFC 4488 6).
fn is_supported(method: &Method, option: &str) -> bool {
    let ours = if *method == Method::Invite { "replaces" } else { "norefersub" };
    matches!(method, Method::Invite | Method::Refer) && option.eq_ignore_ascii_case(ours)
}

fn content_objection(request: &Request) -> Option<Refusal> {
    if request.body.is_empty() || may_be_ignored(&request.headers) {
        return None;
    }
    if request.headers.get(Header::ContentEncoding).is_some_and(|coding| !coding.eq_ignore_ascii_case(b"identity")) {
        return Some((415, b"Accept-Encoding: identity\r\n".to_vec()));
    }
    match request.headers.content_type().as_deref() {
        None | Some(SDP) => None,
        Some(_) => Some((415, ACCEPT.to_vec())),
    }
}

/// Whether the caller takes our SDP; without Accept it does (20.1).
fn accepts_sdp(headers: &Headers) -> bool {
    let fits = |range: &String| {
        let kind = range.split(';').next().unwrap_or_default().trim_ascii();
        ["application/sdp", "application/*", "*/*"].iter().any(|ours| kind.eq_ignore_ascii_case(ours))
    };
    headers.get(Header::Accept).is_none() || headers.words(Header::Accept).iter().any(fits)
}

/// `handling=optional` (20.11).
fn may_be_ignored(headers: &Headers) -> bool {
    headers.text(Header::ContentDisposition).is_some_and(|text| text.to_ascii_lowercase().replace(' ', "").contains(";handling=optional"))
}

/// The SDP of a message, if it has one we read.
pub(crate) fn sdp(headers: &Headers, body: Vec<u8>) -> Option<Vec<u8>> {
    let readable = headers.content_type().is_none_or(|kind| kind == SDP);
    (readable && !body.is_empty()).then_some(body)
}

/// The type of an INFO that carries digits.
pub(crate) fn digits(headers: &Headers) -> Option<String> {
    headers.content_type().filter(|kind| DIGITS.contains(&kind.as_str()))
}

/// The header lines of an answer to OPTIONS (11.2).
pub(crate) fn abilities() -> Vec<u8> {
    [ALLOW, SUPPORTED, ALLOW_EVENTS, ACCEPT, b"Accept-Encoding: identity\r\nAccept-Language: en, zh\r\n"].concat()
}
