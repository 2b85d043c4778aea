use hotline_model::history::Direction;
use std::fmt;
use std::net::IpAddr;

/// Longest description read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// Most m= lines read.
pub const MAX_MEDIA: usize = 32;
/// Most formats (codecs) read in one m= line.
pub const MAX_FORMATS: usize = 64;

/// A session description as its writer wrote it (RFC 8866): directions are seen from the writer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// The o= line, if there was a readable one.
    pub origin: Option<Origin>,
    /// The t= line's two numbers; an answer repeats them (RFC 3264 6).
    pub time: (u64, u64),
    /// The media lines in their order.
    pub media: Vec<Media>,
}

/// The o= line: the same one in a later offer means that nothing changed (RFC 3264 8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// User name, often `-`.
    pub username: String,
    /// `sess-id`: a number, which some write too large for 64 bits.
    pub session: String,
    /// `sess-version`, likewise.
    pub version: String,
}

/// One m= line with what stands below it, the session's c= and direction filled in where it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// Number of the m= line in the text, from 1.
    pub line: usize,
    /// `audio`, `video`, ...
    pub kind: String,
    /// The port; 0 refuses or removes the stream.
    pub port: u16,
    /// `RTP/AVP`, `UDP/TLS/RTP/SAVPF`, ...
    pub protocol: String,
    /// Payload types, or whatever the protocol lists.
    pub formats: Vec<String>,
    /// Where the writer receives; `None` if there is no c= line or it names no literal address.
    pub address: Option<IpAddr>,
    /// The direction; `SendRecv` if nothing says otherwise (RFC 8866 6.7).
    pub direction: Direction,
    /// What `a=rtpmap` says of the payload types that the m= line lists.
    pub rtpmaps: Vec<RtpMap>,
    /// `a=ptime` in milliseconds.
    pub ptime_ms: Option<u32>,
}

/// One `a=rtpmap` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RtpMap {
    /// The payload type, 0-127.
    pub payload_type: u8,
    /// The encoding's name as written.
    pub encoding: String,
    /// Clock rate in Hz.
    pub rate: u32,
    /// Channels, 1 if not written.
    pub channels: u8,
}

/// Why a text is no session description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SdpError {
    /// The line at fault, from 1; 0 for the text as a whole.
    pub line: usize,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with a session description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Longer than [`MAX_BYTES`].
    TooLong,
    /// It does not begin with `v=0`.
    NoVersion,
    /// A line that is not of the form `x=value`.
    NotALine,
    /// An m= line without kind, port, protocol and at least one format, a port that is no port, or characters no
    /// token has.
    BadMedia,
    /// More than [`MAX_MEDIA`] m= lines.
    TooManyMedia,
    /// More than [`MAX_FORMATS`] formats in an m= line.
    TooManyFormats,
}

impl fmt::Display for SdpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.reason {
            Reason::TooLong => "session description longer than 64 KiB",
            Reason::NoVersion => "session description does not begin with v=0",
            Reason::NotALine => "not of the form x=value",
            Reason::BadMedia => "m= line needs kind, port, protocol and a format",
            Reason::TooManyMedia => "more than 32 m= lines",
            Reason::TooManyFormats => "more than 64 formats in an m= line",
        };
        match self.line {
            0 => f.write_str(what),
            line => write!(f, "SDP line {line}: {what}"),
        }
    }
}

impl std::error::Error for SdpError {}

/// Reads a session description. Tolerant: lines in any order after `v=0`, LF or CRLF, no final line end, c= in the session or per
/// media, IPv4 or IPv6, unknown lines and attributes skipped, text that is not UTF-8.
pub fn parse(bytes: &[u8]) -> Result<Session, SdpError> {
    if bytes.len() > MAX_BYTES {
        return Err(SdpError { line: 0, reason: Reason::TooLong });
    }
    let mut reader = Reader::default();
    let mut begun = false;
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let at = |reason| SdpError { line: index + 1, reason };
        let [letter, b'=', value @ ..] = line else {
            return Err(at(if begun { Reason::NotALine } else { Reason::NoVersion }));
        };
        let value = String::from_utf8_lossy(value);
        if begun {
            reader.line(index + 1, *letter, &value).map_err(at)?;
        } else if *letter == b'v' && value.trim() == "0" {
            begun = true;
        } else {
            return Err(at(Reason::NoVersion));
        }
    }
    if begun { Ok(reader.finish()) } else { Err(SdpError { line: 0, reason: Reason::NoVersion }) }
}

#[derive(Default)]
struct Reader {
    session: Session,
    scope: Scope,
    media_scopes: Vec<Scope>,
}

#[derive(Clone, Copy, Default)]
struct Scope {
    connection: Option<Option<IpAddr>>,
    direction: Option<Direction>,
}

impl Reader {
    fn line(&mut self, number: usize, letter: u8, value: &str) -> Result<(), Reason> {
        match letter {
            b'm' => self.media(number, value)?,
            b'c' => self.current().connection = Some(connection(value)),
            b'a' => self.attribute(value),
            b'o' => self.session.origin = origin(value),
            b't' => self.session.time = time(value).unwrap_or(self.session.time),
            _ => {}
        }
        Ok(())
    }

    fn current(&mut self) -> &mut Scope {
        self.media_scopes.last_mut().unwrap_or(&mut self.scope)
    }

    fn media(&mut self, line: usize, value: &str) -> Result<(), Reason> {
        if self.session.media.len() == MAX_MEDIA {
            return Err(Reason::TooManyMedia);
        }
        if value.chars().any(|c| !matches!(c, ' ' | '\t' | '!'..='~')) {
            return Err(Reason::BadMedia);
        }
        let mut words = value.split_ascii_whitespace();
        let (Some(kind), Some(port), Some(protocol)) = (words.next(), words.next(), words.next()) else {
            return Err(Reason::BadMedia);
        };
        let port = port.split('/').next().and_then(|port| port.parse().ok()).ok_or(Reason::BadMedia)?;
        let formats: Vec<String> = words.take(MAX_FORMATS + 1).map(str::to_owned).collect();
        match formats.len() {
            0 => return Err(Reason::BadMedia),
            1..=MAX_FORMATS => {}
            _ => return Err(Reason::TooManyFormats),
        }
        self.media_scopes.push(Scope::default());
        self.session.media.push(Media {
            line,
            kind: kind.to_owned(),
            port,
            protocol: protocol.to_owned(),
            formats,
            address: None,
            direction: Direction::SendRecv,
            rtpmaps: Vec::new(),
            ptime_ms: None,
        });
        Ok(())
    }

    fn attribute(&mut self, value: &str) {
        let (name, rest) = value.split_once(':').unwrap_or((value, ""));
        match name {
            "sendrecv" => self.current().direction = Some(Direction::SendRecv),
            "sendonly" => self.current().direction = Some(Direction::SendOnly),
            "recvonly" => self.current().direction = Some(Direction::RecvOnly),
            "inactive" => self.current().direction = Some(Direction::Inactive),
            "rtpmap" => self.rtpmap(rest),
            "ptime" => {
                if let Some(media) = self.session.media.last_mut() {
                    media.ptime_ms = rest.trim().parse().ok();
                }
            }
            _ => {}
        }
    }

    fn rtpmap(&mut self, value: &str) {
        if let Some(media) = self.session.media.last_mut()
            && let Some(map) = rtpmap(value)
            && media.formats.iter().any(|format| format.parse() == Ok(map.payload_type))
            && media.rtpmaps.iter().all(|known| known.payload_type != map.payload_type)
        {
            media.rtpmaps.push(map);
        }
    }

    fn finish(mut self) -> Session {
        for (media, scope) in self.session.media.iter_mut().zip(&self.media_scopes) {
            media.address = scope.connection.or(self.scope.connection).flatten();
            media.direction = scope.direction.or(self.scope.direction).unwrap_or(Direction::SendRecv);
        }
        self.session
    }
}

fn connection(value: &str) -> Option<IpAddr> {
    let address = value.split_ascii_whitespace().nth(2)?;
    let address = address.split('/').next()?;
    address.parse().ok()
}

fn origin(value: &str) -> Option<Origin> {
    let mut words = value.split_ascii_whitespace().map(str::to_owned);
    Some(Origin { username: words.next()?, session: words.next()?, version: words.next()? })
}

fn time(value: &str) -> Option<(u64, u64)> {
    let (start, stop) = value.trim().split_once(' ')?;
    Some((start.parse().ok()?, stop.trim().parse().ok()?))
}

fn rtpmap(value: &str) -> Option<RtpMap> {
    let (payload_type, encoding) = value.trim().split_once([' ', '\t'])?;
    let mut parts = encoding.trim().split('/');
    let map = RtpMap {
        payload_type: payload_type.parse().ok()?,
        encoding: parts.next()?.to_owned(),
        rate: parts.next()?.trim().parse().ok()?,
        channels: parts.next().map_or(Some(1), |channels| channels.trim().parse().ok())?,
    };
    (map.payload_type < 128).then_some(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "v=0\r\no=alice 2890844526 2890844527 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
        m=audio 49170 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n";

    #[test]
    fn a_plain_offer_is_read_whole() {
        let session = parse(PLAIN.as_bytes()).unwrap();
        assert_eq!(session.origin.as_ref().map(|origin| origin.version.as_str()), Some("2890844527"));
        let [audio] = &session.media[..] else { panic!("one m= line") };
        assert_eq!((audio.line, audio.port, audio.ptime_ms), (6, 49170, Some(20)));
        assert_eq!(audio.formats, ["8", "0", "101"]);
        assert_eq!(audio.address, Some("192.0.2.1".parse().unwrap()));
        assert_eq!(audio.rtpmaps[1], RtpMap { payload_type: 101, encoding: "telephone-event".into(), rate: 8000, channels: 1 });
    }

    #[test]
    fn order_and_line_ends_do_not_matter_and_the_last_one_may_be_missing() {
        let text = "v=0\nm=audio 4000/2 RTP/AVP 0\na=recvonly\nc=IN IP6 2001:db8::1\nt=1 2\ns=\nc=IN IP4 9.9.9.9/127/3\no=- 1 2";
        let session = parse(text.as_bytes()).unwrap();
        assert_eq!(session.media[0].address, Some("9.9.9.9".parse().unwrap()));
        assert_eq!((session.media[0].direction, session.time), (Direction::RecvOnly, (1, 2)));
        assert_eq!(session.origin.unwrap().session, "1");
    }

    #[test]
    fn media_lines_take_the_sessions_address_and_direction_unless_they_have_their_own() {
        let text = "v=0\nc=IN IP4 192.0.2.1\na=sendonly\nm=audio 1 RTP/AVP 0\nm=audio 2 RTP/AVP 0\nc=IN IP6 ::1\na=inactive\n\
            m=audio 3 RTP/AVP 0\nc=IN IP4 host.example\n";
        let media = parse(text.as_bytes()).unwrap().media;
        assert_eq!((media[0].address, media[0].direction), (Some("192.0.2.1".parse().unwrap()), Direction::SendOnly));
        assert_eq!((media[1].address, media[1].direction), (Some("::1".parse().unwrap()), Direction::Inactive));
        assert_eq!(media[2].address, None);
    }

    #[test]
    fn errors_name_the_line_and_the_reason() {
        let many_media = format!("v=0\n{}", "m=audio 1 RTP/AVP 0\n".repeat(MAX_MEDIA + 1));
        let many_formats = format!("v=0\nm=audio 1 RTP/AVP{}", " 0".repeat(MAX_FORMATS + 1));
        let table: [(&[u8], usize, Reason); 9] = [
            (b"", 0, Reason::NoVersion),
            (b"v=1\n", 1, Reason::NoVersion),
            (b"o=- 1 1\nv=0\n", 1, Reason::NoVersion),
            (b"v=0\nnonsense\n", 2, Reason::NotALine),
            (b"v=0\n\nm=audio\n", 3, Reason::BadMedia),
            (b"v=0\nm=audio 70000 RTP/AVP 0\n", 2, Reason::BadMedia),
            (b"v=0\nm=audio 1 RTP/AVP\n", 2, Reason::BadMedia),
            (many_media.as_bytes(), MAX_MEDIA + 2, Reason::TooManyMedia),
            (many_formats.as_bytes(), 2, Reason::TooManyFormats),
        ];
        for (text, line, reason) in table {
            assert_eq!(parse(text), Err(SdpError { line, reason }), "{}", String::from_utf8_lossy(text));
        }
        assert_eq!(parse(&vec![b'v'; MAX_BYTES + 1]), Err(SdpError { line: 0, reason: Reason::TooLong }));
        let shown = parse(b"v=0\nm=audio\n").unwrap_err().to_string();
        assert_eq!(shown, "SDP line 2: m= line needs kind, port, protocol and a format");
    }

    #[test]
    fn a_bandwidth_line_and_text_in_another_charset_are_no_reason_to_refuse() {
        let session = parse(b"v=0\ns=\xd6\xd0\xb9\xfa\nb=\nb=AS:\nm=audio 9 RTP/AVP 0").unwrap();
        assert_eq!(session.media.len(), 1);
    }
}
