//! Session descriptions: tolerant reading, strict printing, and offer/answer for one G.711 stream with RFC 4733 events.
//! Knows no SIP, no RTP, no socket and no call.

mod negotiate;
mod parse;

pub use negotiate::{Agreed, Local, Unacceptable, accept, answer, offer};
pub use parse::{MAX_BYTES, MAX_FORMATS, MAX_MEDIA, Media, Origin, Reason, RtpMap, SdpError, Session, parse};
