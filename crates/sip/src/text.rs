//! Text that leaves: cleaned, so that it can neither break a message apart nor lie on a display.

use crate::header::{Header, is_token};
use crate::value::quote;

/// Longest display name, characters; phones show fewer.
const MAX_DISPLAY: usize = 64;
/// How many further headers an INVITE of ours may have, and how many bytes each value.
const MAX_HEADERS: usize = 32;
const MAX_VALUE: usize = 512;
/// Longest request in a datagram, bytes: 200 less than the least MTU of a usual path (RFC 3261 18.1.1).
pub(crate) const MAX_DATAGRAM: usize = 1300;

/// What an INVITE of ours has anyway.
const PRINTED: [Header; 15] = [
    Header::Via,
    Header::MaxForwards,
    Header::Route,
    Header::RecordRoute,
    Header::From,
    Header::To,
    Header::CallId,
    Header::CSeq,
    Header::Contact,
    Header::Allow,
    Header::Supported,
    Header::UserAgent,
    Header::ContentType,
    Header::ContentLength,
    Header::ContentEncoding,
];

/// An address for From, To, Referred-By: `"display" <uri>`. The name loses control characters, marks that turn the direction of text or are
/// invisible, and what is over 64 characters; quotes and backslashes are escaped (RFC 3261 25.1). Of the URI only what may stand in one is kept.
pub fn party(display: &str, uri: &str) -> String {
    let display: String = display.chars().filter(|c| is_plain(*c)).take(MAX_DISPLAY).collect();
    let uri: String = uri.chars().filter(|c| *c > ' ' && is_plain(*c) && !matches!(c, '<' | '>' | '"')).collect();
    match display.trim() {
        "" => format!("<{uri}>"),
        display => format!("{} <{uri}>", quote(display)),
    }
}

/// Text without what breaks a line or hides in it.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().filter(|c| is_plain(*c)).collect()
}

/// The headers of an INVITE that are printed, those at the end that begin with `X-` left out until all have room; and how many were left out.
pub(crate) fn fitting(headers: &[(String, String)], room: usize) -> (Vec<(&str, String)>, usize) {
    let fits = |(name, value): &&(String, String)| {
        !name.is_empty() && name.bytes().all(is_token) && !PRINTED.contains(&Header::of(name.as_bytes())) && value.len() <= MAX_VALUE
    };
    let mut kept: Vec<_> = headers.iter().filter(fits).take(MAX_HEADERS).map(|(name, value)| (name.as_str(), one_line(value))).collect();
    let size = |(name, value): &(&str, String)| name.len() + value.len() + ": \r\n".len();
    let mut total: usize = kept.iter().map(size).sum();
    for at in (0..kept.len()).rev() {
        if total > room && is_ours_alone(kept[at].0) {
            total -= size(&kept.remove(at));
        }
    }
    let left_out = headers.len() - kept.len();
    (kept, left_out)
}

fn is_ours_alone(name: &str) -> bool {
    name.as_bytes().get(..2).is_some_and(|start| start.eq_ignore_ascii_case(b"X-"))
}

/// No control character, no line or paragraph separator, no mark of direction, nothing invisible (Unicode TR 36, 3.4).
fn is_plain(c: char) -> bool {
    let hidden = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !c.is_control() && !hidden
}
