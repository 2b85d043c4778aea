use crate::header::{Header, Headers};
use crate::message::reason_phrase;

/// What every response to one request shares (RFC 3261 8.2.6.2), laid out once: Via, From, Call-ID, CSeq and at the
/// end To without its line break, so that a tag may follow.
#[derive(Debug)]
pub(crate) struct Reply {
    lines: Box<[u8]>,
    /// Our tag, where the request had none in To.
    tag: Option<Box<str>>,
}

impl Reply {
    /// For a request whose top Via is stamped already; `tag` if its To has none.
    pub(crate) fn to(request: &Headers, tag: Option<&str>) -> Self {
        let mut lines = Vec::with_capacity(request.buffer.len());
        for header in [Header::Via, Header::From, Header::CallId, Header::CSeq, Header::Timestamp] {
            for value in request.all(header) {
                push_line(&mut lines, header.name(), value);
            }
        }
        if let Some(to) = request.get(Header::To) {
            lines.extend_from_slice(b"To: ");
            lines.extend_from_slice(to);
        }
        Self { lines: lines.into_boxed_slice(), tag: tag.map(Box::from) }
    }

    /// A whole response: `headers` are complete lines, `content` is type and body.
    pub(crate) fn print(&self, code: u16, headers: &[u8], content: Option<(&str, &[u8])>) -> Vec<u8> {
        let (kind, body) = content.unwrap_or_default();
        let mut out = Vec::with_capacity(self.lines.len() + headers.len() + body.len() + 160);
        out.extend_from_slice(b"SIP/2.0 ");
        push_number(&mut out, u64::from(code));
        out.push(b' ');
        out.extend_from_slice(reason_phrase(code).as_bytes());
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&self.lines);
        if !self.lines.ends_with(b"\n") {
            if let Some(tag) = self.tag.as_deref().filter(|_| code > 100) {
                out.extend_from_slice(b";tag=");
                out.extend_from_slice(tag.as_bytes());
            }
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(headers);
        push_body(&mut out, kind, body);
        out
    }
}

/// Content-Type if there is a body, Content-Length, the empty line, the body.
pub(crate) fn push_body(out: &mut Vec<u8>, kind: &str, body: &[u8]) {
    if !body.is_empty() {
        out.extend_from_slice(b"Content-Type: ");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"Content-Length: ");
    push_number(out, body.len() as u64);
    out.extend_from_slice(b"\r\n\r\n");
    out.extend_from_slice(body);
}

/// A number in decimal, without an allocation.
pub(crate) fn push_number(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(number % 10).expect("a rest of ten is below ten");
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// A header line.
pub(crate) fn push_line(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        out.extend_from_slice(part);
    }
}

/// Reason (RFC 3326), if there is one to give.
pub(crate) fn push_reason(out: &mut Vec<u8>, q850: Option<u8>) {
    if let Some(cause) = q850 {
        out.extend_from_slice(b"Reason: Q.850;cause=");
        push_number(out, u64::from(cause));
        out.extend_from_slice(b"\r\n");
    }
}

/// What every request of ours shares.
pub(crate) struct Lines<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) routes: &'a [String],
    pub(crate) transport: &'a str,
    pub(crate) sent_by: &'a str,
    pub(crate) branch: u64,
    pub(crate) from: (&'a [u8], &'a str),
    pub(crate) to: (&'a [u8], &'a str),
    pub(crate) call_id: &'a str,
    pub(crate) cseq: u32,
}

/// The magic cookie of RFC 3261 8.1.1.7.
const COOKIE: &str = "z9hG4bK";

impl Lines<'_> {
    /// Start line and headers up to CSeq (8.1.1), the Request-URI and Route after 12.2.1.1.
    pub(crate) fn print(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024);
        let strict = self.routes.first().filter(|route| !is_loose(route)).map(|route| inside(route));
        for part in [self.method, " ", strict.unwrap_or(self.target), " SIP/2.0\r\nVia: SIP/2.0/", self.transport, " ", self.sent_by] {
            out.extend_from_slice(part.as_bytes());
        }
        out.extend_from_slice(b";branch=");
        out.extend_from_slice(COOKIE.as_bytes());
        push_hex(&mut out, self.branch);
        out.extend_from_slice(b";rport\r\nMax-Forwards: 70\r\n");
        for route in &self.routes[usize::from(strict.is_some())..] {
            push_line(&mut out, "Route", route.as_bytes());
        }
        if strict.is_some() {
            push_line(&mut out, "Route", format!("<{}>", self.target).as_bytes());
        }
        push_party(&mut out, b"From: ", self.from);
        push_party(&mut out, b"To: ", self.to);
        push_line(&mut out, "Call-ID", self.call_id.as_bytes());
        out.extend_from_slice(b"CSeq: ");
        push_number(&mut out, u64::from(self.cseq));
        out.push(b' ');
        out.extend_from_slice(self.method.as_bytes());
        out.extend_from_slice(b"\r\n");
        out
    }
}

fn push_party(out: &mut Vec<u8>, name: &[u8], (party, tag): (&[u8], &str)) {
    out.extend_from_slice(name);
    out.extend_from_slice(party);
    if !tag.is_empty() {
        out.extend_from_slice(b";tag=");
        out.extend_from_slice(tag.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

/// What stands in the angle brackets.
pub(crate) fn inside(route: &str) -> &str {
    let start = route.find('<').map_or(0, |at| at + 1);
    let end = route.find('>').unwrap_or(route.len());
    route.get(start..end).unwrap_or(route)
}

/// Whether a route has `lr` (RFC 3261 16.12).
fn is_loose(route: &str) -> bool {
    inside(route).split(';').skip(1).any(|param| param.split('=').next().is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case("lr")))
}

/// 16 hexadecimal digits.
pub(crate) fn push_hex(out: &mut Vec<u8>, number: u64) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for shift in (0..16).rev() {
        out.push(DIGITS[(number >> (shift * 4)) as usize & 0xf]);
    }
}

/// The number in a branch of ours.
pub(crate) fn our_branch(headers: &Headers) -> Option<u64> {
    let value = headers.get(Header::Via)?;
    let start = value.windows(7).position(|part| part.eq_ignore_ascii_case(b"branch="))? + 7;
    let branch = value.get(start..start + COOKIE.len() + 16)?;
    let ends = value.get(start + COOKIE.len() + 16).is_none_or(|byte| matches!(byte, b';' | b',' | b' ' | b'\t'));
    let digits = std::str::from_utf8(branch).ok()?.strip_prefix(COOKIE)?;
    ends.then(|| u64::from_str_radix(digits, 16).ok())?
}

/// CANCEL or the ACK of a failure: what it must share with the INVITE as we sent it, and the To of the response (9.1, 17.1.1.3).
pub(crate) fn derive(invite: &[u8], method: &str, to: Option<&[u8]>, headers: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    for line in invite.split(|&byte| byte == b'\n') {
        let Some(line) = line.strip_suffix(b"\r").filter(|line| !line.is_empty()) else { break };
        let shared = [&b"Via: "[..], b"Max-Forwards: ", b"Route: ", b"From: ", b"Call-ID: "];
        if out.is_empty() {
            out.extend_from_slice(method.as_bytes());
            out.extend_from_slice(line.strip_prefix(b"INVITE").unwrap_or(line));
        } else if shared.iter().any(|name| line.starts_with(name)) || (to.is_none() && line.starts_with(b"To: ")) {
            out.extend_from_slice(line);
        } else if line.starts_with(b"To: ") {
            out.extend_from_slice(b"To: ");
            out.extend_from_slice(to.unwrap_or_default());
        } else if line.starts_with(b"CSeq: ") {
            out.extend_from_slice(line.strip_suffix(b"INVITE").unwrap_or(line));
            out.extend_from_slice(method.as_bytes());
        } else {
            continue;
        }
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(headers);
    push_body(&mut out, "", b"");
    out
}
