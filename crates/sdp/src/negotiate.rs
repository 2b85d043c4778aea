use crate::parse::{MAX_FORMATS, Media, Session};
use hotline_model::history::{Codec, Direction};
use std::fmt::{self, Write};
use std::net::{IpAddr, SocketAddr};

/// What we bring into a negotiation.
#[derive(Clone, Copy, Debug)]
pub struct Local<'a> {
    /// Our RTP address as the peer shall see it.
    pub address: SocketAddr,
    /// `sess-id` of our o= line, the same for a whole dialog.
    pub session: u64,
    /// `sess-version`, one more for each changed description (RFC 3264 8).
    pub version: u64,
    /// The laws we take, in our order of preference.
    pub codecs: &'a [Codec],
    /// The RFC 4733 payload type we offer (101); an answer uses the offerer's.
    pub telephone_event: u8,
}

/// What both sides agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Where the peer receives; an unspecified address if it holds us the old way (`c=0.0.0.0`).
    pub remote: SocketAddr,
    /// The law.
    pub codec: Codec,
    /// Its payload type: 0 or 8, or the dynamic number the peer gave it.
    pub payload_type: u8,
    /// RFC 4733 payload type at 8000 Hz, if both have it.
    pub telephone_event: Option<u8>,
    /// Direction seen from us.
    pub direction: Direction,
    /// Milliseconds of sound per packet that the peer prefers; 20 if it did not say (RFC 3551 4.5).
    pub ptime_ms: u32,
}

/// Why no media can be agreed: 488 (RFC 3261 21.4.26), with a Warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unacceptable {
    /// No m=audio line.
    NoAudio,
    /// Audio is refused or removed (port 0).
    PortZero,
    /// Audio over something else than plain RTP/AVP.
    Protocol,
    /// The c= line is missing or names no literal address.
    NoAddress,
    /// The peer receives on a group or broadcast address.
    Multicast,
    /// The peer's address is of the other IP version.
    AddressFamily,
    /// No law that we take.
    NoCommonCodec,
}

impl Unacceptable {
    /// The code of a Warning header (RFC 3261 20.43).
    pub fn warning_code(self) -> u16 {
        match self {
            Self::NoAudio | Self::PortZero => 304,
            Self::Protocol => 302,
            Self::NoAddress | Self::AddressFamily => 300,
            Self::Multicast => 330,
            Self::NoCommonCodec => 305,
        }
    }
}

impl fmt::Display for Unacceptable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAudio => "no audio offered",
            Self::PortZero => "audio refused (port 0)",
            Self::Protocol => "only plain RTP/AVP is taken",
            Self::NoAddress => "no usable address in c=",
            Self::Multicast => "multicast and broadcast are not taken",
            Self::AddressFamily => "address of the other IP version",
            Self::NoCommonCodec => "neither PCMU nor PCMA offered",
        })
    }
}

impl std::error::Error for Unacceptable {}

/// Answers an offer (RFC 3264 6): the first m=audio line we can take, in the offerer's order of laws, all other lines refused with
/// port 0. `wanted` is the direction we would like, seen from us; the answer is never wider than the offer allows.
pub fn answer(offer: &Session, local: &Local<'_>, wanted: Direction) -> Result<(Vec<u8>, Agreed), Unacceptable> {
    let (chosen, agreed) = choose(offer, local, wanted)?;
    let mut text = head(local, offer.time);
    for (index, media) in offer.media.iter().enumerate() {
        if index == chosen {
            audio(&mut text, local, &[(agreed.codec, agreed.payload_type)], agreed.telephone_event, agreed.direction);
        } else {
            refused(&mut text, media);
        }
    }
    Ok((text.into_bytes(), agreed))
}

/// Our own offer: one m=audio line with our laws and telephone events.
pub fn offer(local: &Local<'_>, direction: Direction) -> Vec<u8> {
    let mut text = head(local, (0, 0));
    let codecs: Vec<(Codec, u8)> = local.codecs.iter().map(|&codec| (codec, static_type(codec))).collect();
    audio(&mut text, local, &codecs, Some(local.telephone_event), direction);
    text.into_bytes()
}

/// Reads the answer to our offer; `offered` is the direction we offered. The answerer's order of laws counts.
pub fn accept(answer: &Session, local: &Local<'_>, offered: Direction) -> Result<Agreed, Unacceptable> {
    choose(answer, local, offered).map(|(_, agreed)| agreed)
}

fn choose(theirs: &Session, local: &Local<'_>, wanted: Direction) -> Result<(usize, Agreed), Unacceptable> {
    let mut nearest = Unacceptable::NoAudio;
    for (index, media) in theirs.media.iter().enumerate().filter(|(_, media)| media.kind.eq_ignore_ascii_case("audio")) {
        match agree(media, local, wanted) {
            Ok(agreed) => return Ok((index, agreed)),
            Err(why) => nearest = nearest.max(why),
        }
    }
    Err(nearest)
}

fn agree(media: &Media, local: &Local<'_>, wanted: Direction) -> Result<Agreed, Unacceptable> {
    if media.port == 0 {
        return Err(Unacceptable::PortZero);
    }
    if !media.protocol.eq_ignore_ascii_case("RTP/AVP") {
        return Err(Unacceptable::Protocol);
    }
    let address = media.address.ok_or(Unacceptable::NoAddress)?;
    if address.is_multicast() || address == IpAddr::from([255, 255, 255, 255]) {
        return Err(Unacceptable::Multicast);
    }
    if address.is_ipv4() != local.address.is_ipv4() {
        return Err(Unacceptable::AddressFamily);
    }
    let (codec, payload_type) = g711(media, local.codecs).ok_or(Unacceptable::NoCommonCodec)?;
    Ok(Agreed {
        remote: SocketAddr::new(address, media.port),
        codec,
        payload_type,
        telephone_event: telephone_event(media),
        direction: direction(media, address, wanted),
        ptime_ms: media.ptime_ms.filter(|ptime| (1..=MAX_PTIME_MS).contains(ptime)).unwrap_or(20),
    })
}

/// Longest packet taken seriously, in milliseconds of sound (RFC 3551 4.2 asks receivers to take up to 200).
const MAX_PTIME_MS: u32 = 200;

fn g711(media: &Media, ours: &[Codec]) -> Option<(Codec, u8)> {
    media.formats.iter().filter_map(|format| format.parse().ok()).find_map(|payload_type: u8| {
        let codec = codec_of(media, payload_type)?;
        ours.contains(&codec).then_some((codec, payload_type))
    })
}

fn codec_of(media: &Media, payload_type: u8) -> Option<Codec> {
    let Some(map) = media.rtpmaps.iter().find(|map| map.payload_type == payload_type) else {
        return [Codec::Pcmu, Codec::Pcma].into_iter().find(|&codec| static_type(codec) == payload_type);
    };
    let plain = map.rate == 8000 && map.channels == 1;
    let codec = [Codec::Pcmu, Codec::Pcma].into_iter().find(|&codec| map.encoding.eq_ignore_ascii_case(encoding(codec)))?;
    plain.then_some(codec)
}

fn telephone_event(media: &Media) -> Option<u8> {
    let map = media.rtpmaps.iter().find(|map| map.encoding.eq_ignore_ascii_case("telephone-event") && map.rate == 8000)?;
    Some(map.payload_type)
}

fn direction(media: &Media, address: IpAddr, wanted: Direction) -> Direction {
    let (they_send, they_receive) = ways(media.direction);
    let (we_send, we_receive) = ways(wanted);
    match (we_send && they_receive && !address.is_unspecified(), we_receive && they_send) {
        (true, true) => Direction::SendRecv,
        (true, false) => Direction::SendOnly,
        (false, true) => Direction::RecvOnly,
        (false, false) => Direction::Inactive,
    }
}

fn ways(direction: Direction) -> (bool, bool) {
    match direction {
        Direction::SendRecv => (true, true),
        Direction::SendOnly => (true, false),
        Direction::RecvOnly => (false, true),
        Direction::Inactive => (false, false),
    }
}

/// RFC 3551 table 4.
fn static_type(codec: Codec) -> u8 {
    match codec {
        Codec::Pcmu => 0,
        Codec::Pcma => 8,
    }
}

fn encoding(codec: Codec) -> &'static str {
    match codec {
        Codec::Pcmu => "PCMU",
        Codec::Pcma => "PCMA",
    }
}

fn head(local: &Local<'_>, (start, stop): (u64, u64)) -> String {
    let Local { session, version, address, .. } = local;
    let (ip, family) = (address.ip(), if address.is_ipv4() { 4 } else { 6 });
    format!("v=0\r\no=- {session} {version} IN IP{family} {ip}\r\ns=-\r\nc=IN IP{family} {ip}\r\nt={start} {stop}\r\n")
}

fn audio(text: &mut String, local: &Local<'_>, codecs: &[(Codec, u8)], event: Option<u8>, direction: Direction) {
    let formats: Vec<String> = codecs.iter().map(|(_, number)| *number).chain(event).map(|number| number.to_string()).collect();
    put(text, format_args!("m=audio {} RTP/AVP {}", local.address.port(), formats.join(" ")));
    for (codec, number) in codecs {
        put(text, format_args!("a=rtpmap:{number} {}/8000", encoding(*codec)));
    }
    if let Some(event) = event {
        put(text, format_args!("a=rtpmap:{event} telephone-event/8000"));
        put(text, format_args!("a=fmtp:{event} 0-15"));
    }
    put(text, format_args!("a=ptime:20"));
    put(text, format_args!("a={}", attribute(direction)));
}

fn refused(text: &mut String, media: &Media) {
    let formats = media.formats.get(..MAX_FORMATS).unwrap_or(&media.formats);
    put(text, format_args!("m={} 0 {} {}", media.kind, media.protocol, formats.join(" ")));
}

fn put(text: &mut String, line: fmt::Arguments<'_>) {
    write!(text, "{line}\r\n").expect("a String takes whatever is written");
}

fn attribute(direction: Direction) -> &'static str {
    match direction {
        Direction::SendRecv => "sendrecv",
        Direction::SendOnly => "sendonly",
        Direction::RecvOnly => "recvonly",
        Direction::Inactive => "inactive",
    }
}
