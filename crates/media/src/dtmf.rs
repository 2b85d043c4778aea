//! Keys the peer presses: RFC 4733 events in RTP, and the INFO bodies of older phones.

use std::time::Duration;

/// An event whose end got lost is over when nothing more came of it for this long: three updates of 50 ms (RFC 4733 2.5.1.1).
pub const LOST_END: Duration = Duration::from_millis(160);
/// Bytes of one event in a packet (RFC 4733 2.3).
const EVENT_BYTES: usize = 4;
/// A longer event goes on in a new segment, whose timestamp is this much later (RFC 4733 2.5.1.3).
const SEGMENT: u32 = 0xffff;
/// A timestamp back by no more than this (10 s) is late; one further back is a restarted clock's.
const LATE: u32 = 80_000;

/// A key that was pressed and released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    /// `0`-`9`, `*`, `#`, `A`-`D`.
    pub digit: char,
    /// How long, in milliseconds.
    pub duration_ms: u32,
}

/// What an event packet meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// A key went down with this packet.
    pub pressed: bool,
    /// A key came up: with this packet, or because the next one went down.
    pub released: Option<Press>,
    /// The packet's own key came up too, after `released` told of the one before it.
    pub released_too: Option<Press>,
}

/// Makes one press out of the many packets of an event (RFC 4733 2.5).
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    open: Option<Open>,
    last_timestamp: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    digit: char,
    before: u32,
    duration: u32,
}

impl Decoder {
    /// Hears the payload of an event packet. Repeated ends, late packets of older events and events that are no keys mean nothing.
    pub fn packet(&mut self, timestamp: u32, payload: &[u8]) -> Heard {
        let Some(&[event, flags, high, low]) = payload.first_chunk::<EVENT_BYTES>() else { return Heard::default() };
        let Some(digit) = digit(event) else { return Heard::default() };
        let duration = u32::from(u16::from_be_bytes([high, low]));
        let mut heard = Heard::default();
        match self.last_timestamp.map(|last| timestamp.wrapping_sub(last)) {
            Some(0) => {}
            Some(ahead) if ahead.wrapping_neg() <= LATE => return heard,
            later => {
                if !self.goes_on(later, digit) {
                    heard.released = self.release();
                    heard.pressed = true;
                    self.open = Some(Open { digit, before: 0, duration: 0 });
                }
                self.last_timestamp = Some(timestamp);
            }
        }
        if let Some(open) = &mut self.open {
            open.duration = open.duration.max(duration);
            if flags & 0x80 != 0 {
                let released = self.release();
                *(if heard.released.is_none() { &mut heard.released } else { &mut heard.released_too }) = released;
            }
        }
        heard
    }

    fn goes_on(&mut self, later: Option<u32>, digit: char) -> bool {
        match &mut self.open {
            Some(open) if later == Some(SEGMENT) && open.digit == digit => {
                open.before = open.before.saturating_add(SEGMENT);
                open.duration = 0;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Whether a key is down.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The key that is down comes up: its end got lost.
    pub fn release(&mut self) -> Option<Press> {
        let open = self.open.take()?;
        Some(Press { digit: open.digit, duration_ms: open.before.saturating_add(open.duration) / 8 })
    }
}

/// RFC 4733 table 7; flash (16) and other signals are no keys.
fn digit(event: u8) -> Option<char> {
    b"0123456789*#ABCD".get(usize::from(event)).map(|&key| char::from(key))
}

/// Why an INFO body is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InfoError {
    /// Not `application/dtmf-relay` or `application/dtmf`: 415.
    ContentType,
    /// No signal, or none that is a key: 400.
    Signal,
}

/// Duration of a key whose INFO does not tell one.
const INFO_DURATION_MS: u32 = 250;
/// Longest INFO body looked at, in bytes.
const INFO_BYTES: usize = 256;

/// Reads the body of an INFO: `application/dtmf-relay` with `Signal=5` and `Duration=160`, or `application/dtmf` with the bare key.
/// Keys may be written as RFC 4733 numbers (`10` is `*`, `11` is `#`).
pub fn parse_info(content_type: &str, body: &[u8]) -> Result<Press, InfoError> {
    let body = body.get(..INFO_BYTES).unwrap_or(body);
    let body = std::str::from_utf8(body).map_err(|_| InfoError::Signal)?;
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/dtmf") {
        let digit = key(body).ok_or(InfoError::Signal)?;
        return Ok(Press { digit, duration_ms: INFO_DURATION_MS });
    }
    if !media_type.eq_ignore_ascii_case("application/dtmf-relay") {
        return Err(InfoError::ContentType);
    }
    let value = |name: &str| {
        let mut lines = body.lines().filter_map(|line| line.split_once('='));
        lines.find_map(|(left, right)| left.trim().eq_ignore_ascii_case(name).then_some(right))
    };
    let digit = value("Signal").and_then(key).ok_or(InfoError::Signal)?;
    let duration_ms = value("Duration").and_then(|ms| ms.trim().parse().ok()).unwrap_or(INFO_DURATION_MS);
    Ok(Press { digit, duration_ms })
}

fn key(text: &str) -> Option<char> {
    let text = text.trim();
    let mut chars = text.chars();
    match (chars.next()?.to_ascii_uppercase(), chars.next()) {
        (key @ ('0'..='9' | '*' | '#' | 'A'..='D'), None) => Some(key),
        _ => digit(text.parse().ok()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(number: u8, end: bool, duration: u16) -> [u8; 4] {
        let [high, low] = duration.to_be_bytes();
        [number, if end { 0x8a } else { 0x0a }, high, low]
    }

    fn press(digit: char, duration_ms: u32) -> Option<Press> {
        Some(Press { digit, duration_ms })
    }

    #[test]
    fn a_key_is_told_once_with_its_duration_however_often_its_end_comes() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.packet(1000, &event(5, false, 160)), Heard { pressed: true, ..Heard::default() });
        assert_eq!(decoder.packet(1000, &event(5, false, 320)), Heard::default());
        assert_eq!(decoder.packet(1000, &event(5, true, 800)).released, press('5', 100), "RFC 4733 2.5.1.4");
        assert_eq!(decoder.packet(1000, &event(5, true, 800)), Heard::default());
        assert_eq!(decoder.packet(1000, &event(5, true, 800)), Heard::default());
        assert!(!decoder.is_open());
    }

    #[test]
    fn the_same_key_again_is_a_new_press() {
        let mut decoder = Decoder::default();
        let first = decoder.packet(1000, &event(1, true, 400));
        let second = decoder.packet(3000, &event(1, true, 400));
        assert_eq!((first.pressed, first.released), (true, press('1', 50)));
        assert_eq!(first, second);
    }

    #[test]
    fn a_lost_end_is_made_up_by_the_next_key_or_by_the_clock() {
        let mut decoder = Decoder::default();
        decoder.packet(1000, &event(11, false, 320));
        let next = decoder.packet(5000, &event(10, true, 160));
        assert_eq!(next, Heard { pressed: true, released: press('#', 40), released_too: press('*', 20) });
        decoder.packet(9000, &event(15, false, 640));
        assert!(decoder.is_open());
        assert_eq!(decoder.release(), press('D', 80));
        assert_eq!(decoder.packet(9000, &event(15, true, 640)), Heard::default(), "its end was only late");
    }

    #[test]
    fn late_packets_of_an_older_key_mean_nothing() {
        let mut decoder = Decoder::default();
        decoder.packet(u32::MAX - 10, &event(1, true, 160));
        assert!(decoder.packet(3000, &event(2, true, 160)).pressed, "timestamps wrap");
        assert_eq!(decoder.packet(u32::MAX - 10, &event(1, true, 160)), Heard::default());
    }

    #[test]
    fn keys_are_heard_after_the_peers_clock_restarted() {
        let mut decoder = Decoder::default();
        decoder.packet(3_000_000_000, &event(1, true, 160));
        assert!(decoder.packet(2_000_000_000, &event(2, true, 160)).pressed);
    }

    #[test]
    fn a_key_held_for_longer_than_a_segment_stays_one_key() {
        let mut decoder = Decoder::default();
        assert!(decoder.packet(100, &event(7, false, 0xffff)).pressed);
        assert_eq!(decoder.packet(100 + SEGMENT, &event(7, false, 800)), Heard::default(), "RFC 4733 2.5.1.3");
        assert_eq!(decoder.packet(100 + SEGMENT, &event(7, true, 1600)).released, press('7', (0xffff + 1600) / 8));
    }

    #[test]
    fn flash_and_short_payloads_are_no_keys() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.packet(1, &event(16, true, 160)), Heard::default());
        assert_eq!(decoder.packet(1, &[5, 0x80, 0]), Heard::default());
    }

    #[test]
    fn info_bodies_of_both_kinds_are_read() {
        assert_eq!(parse_info("application/dtmf-relay", b"Signal=5\r\nDuration=160"), Ok(Press { digit: '5', duration_ms: 160 }));
        assert_eq!(parse_info("Application/DTMF-Relay; x=y", b"signal= 11 \nduration= 90 \n").map(|press| press.digit), Ok('#'));
        assert_eq!(parse_info("application/dtmf-relay", b"Signal=d").map(|press| (press.digit, press.duration_ms)), Ok(('D', 250)));
        assert_eq!(parse_info("application/dtmf", b"*\r\n").map(|press| press.digit), Ok('*'));
        assert_eq!(parse_info("text/plain", b"5"), Err(InfoError::ContentType));
        for body in [&b""[..], b"Duration=160", b"Signal=", b"Signal=16", b"Signal=xy", b"\xff"] {
            assert_eq!(parse_info("application/dtmf-relay", body), Err(InfoError::Signal));
        }
    }

    proptest! {
        #[test]
        fn any_packets_give_at_most_one_release_per_press(packets in proptest::collection::vec((any::<u32>(), any::<[u8; 4]>()), 0..50)) {
            let mut decoder = Decoder::default();
            let mut down = 0i32;
            for (timestamp, payload) in packets {
                let heard = decoder.packet(timestamp, &payload);
                down += i32::from(heard.pressed);
                down -= i32::from(heard.released.is_some()) + i32::from(heard.released_too.is_some());
                prop_assert_eq!(down, i32::from(decoder.is_open()));
            }
        }

        #[test]
        fn any_info_body_is_read_without_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _read = parse_info("application/dtmf-relay", &body);
        }
    }
}
