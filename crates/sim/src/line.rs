use crate::heard::Heard;
use crate::packet::{self, Rtp};
use crate::voice::{FRAME, Voice};
use hotline_media::g711;
use hotline_model::Timestamp;
use hotline_model::history::Direction;
use hotline_sdp::Agreed;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Time between frames (RFC 3551 4.5).
const STEP: Duration = Duration::from_millis(20);
/// Frames made up for after a late wake-up; older ones are skipped.
const CATCH_UP: usize = 10;
/// A key is held for this many frames: 100 ms.
const HELD: u16 = 5;
/// The end of a key is sent this often (RFC 4733 2.5.1.4).
const ENDS: u16 = 3;
/// Frames between two keys.
const BETWEEN: u16 = 5;
/// Keys waiting to be pressed.
const KEYS: usize = 32;

/// First values of an RTP stream, random (RFC 3550 5.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beginning {
    pub ssrc: u32,
    pub seq: u16,
    pub timestamp: u32,
}

/// One phone's RTP: a frame each 20 ms, speech, silence or a key, and what it hears.
#[derive(Debug)]
pub(crate) struct Line {
    agreed: Agreed,
    stream: Beginning,
    next: Timestamp,
    marker: bool,
    speech: Option<(Arc<Voice>, usize)>,
    keys: VecDeque<char>,
    pressing: Option<Press>,
    pause: u16,
    pub heard: Heard,
}

#[derive(Clone, Copy, Debug)]
struct Press {
    event: u8,
    timestamp: u32,
    frames: u16,
}

impl Line {
    pub fn new(now: Timestamp, agreed: Agreed, stream: Beginning, heard: Heard) -> Self {
        Self { agreed, stream, next: now, marker: true, speech: None, keys: VecDeque::new(), pressing: None, pause: 0, heard }
    }

    pub fn renew(&mut self, agreed: Agreed) {
        self.agreed = agreed;
    }

    pub fn agreed(&self) -> &Agreed {
        &self.agreed
    }

    /// Says a voice over and over from now on.
    pub fn say(&mut self, voice: Arc<Voice>) {
        self.speech = Some((voice, 0));
    }

    /// Presses a key; `false` if the line takes none or too many wait.
    pub fn press(&mut self, key: char) -> bool {
        let possible = self.agreed.telephone_event.is_some() && event(key).is_some() && self.keys.len() < KEYS;
        if possible {
            self.keys.push_back(key);
        }
        possible
    }

    pub fn poll_timeout(&self) -> Timestamp {
        self.next
    }

    /// The packets due at `now`.
    pub fn handle_timeout(&mut self, now: Timestamp) -> Vec<Vec<u8>> {
        let mut packets = Vec::new();
        while self.next <= now && packets.len() < CATCH_UP {
            self.next = self.next + STEP;
            packets.extend(self.frame());
        }
        if self.next <= now {
            let behind = now.since(self.next).as_millis() / STEP.as_millis() + 1;
            let behind = u32::try_from(behind).unwrap_or(u32::MAX);
            self.next = self.next + STEP.saturating_mul(behind);
            self.stream.timestamp = self.stream.timestamp.wrapping_add(behind.wrapping_mul(FRAME as u32));
        }
        packets
    }

    /// Hears a datagram; `false` if it is no RTP of this line.
    pub fn hear(&mut self, now: Timestamp, bytes: &[u8]) -> bool {
        let Some(packet) = packet::read(bytes) else { return false };
        if packet.payload_type == self.agreed.payload_type {
            self.heard.take(now, &packet, self.agreed.codec);
        } else if Some(packet.payload_type) == self.agreed.telephone_event {
            self.heard.pass(now, &packet);
        } else {
            return false;
        }
        true
    }

    fn frame(&mut self) -> Option<Vec<u8>> {
        let timestamp = self.stream.timestamp;
        self.stream.timestamp = timestamp.wrapping_add(FRAME as u32);
        if matches!(self.agreed.direction, Direction::RecvOnly | Direction::Inactive) || self.agreed.remote.ip().is_unspecified() {
            return None;
        }
        let packet = match self.press_frame(timestamp) {
            Some(packet) => packet,
            None => self.speech_frame(timestamp),
        };
        self.stream.seq = self.stream.seq.wrapping_add(1);
        Some(packet::build(packet))
    }

    fn press_frame(&mut self, timestamp: u32) -> Option<Rtp> {
        let payload_type = self.agreed.telephone_event?;
        if self.pressing.is_none() {
            if self.pause > 0 {
                self.pause -= 1;
                return None;
            }
            let event = event(self.keys.pop_front()?)?;
            self.pressing = Some(Press { event, timestamp, frames: 0 });
        }
        let press = self.pressing.as_mut()?;
        press.frames += 1;
        let Press { event, timestamp, frames } = *press;
        let [high, low] = (frames.min(HELD) * FRAME as u16).to_be_bytes();
        let end = if frames > HELD { 0x80 } else { 0 };
        if frames == HELD + ENDS {
            self.pressing = None;
            self.pause = BETWEEN;
            self.marker = true;
        }
        let (Beginning { ssrc, seq, .. }, marker) = (self.stream, frames == 1);
        Some(Rtp { payload_type, marker, seq, timestamp, ssrc, payload: vec![event, end | 10, high, low] })
    }

    fn speech_frame(&mut self, timestamp: u32) -> Rtp {
        let codec = self.agreed.codec;
        let payload = match &mut self.speech {
            Some((voice, at)) => {
                let frame = voice.frame(*at, codec);
                *at = if *at + FRAME >= voice.samples.len() { 0 } else { *at + FRAME };
                frame
            }
            None => vec![g711::silence(codec); FRAME],
        };
        let marker = std::mem::take(&mut self.marker);
        let Beginning { ssrc, seq, .. } = self.stream;
        Rtp { payload_type: self.agreed.payload_type, marker, seq, timestamp, ssrc, payload }
    }
}

/// RFC 4733 table 7.
fn event(key: char) -> Option<u8> {
    "0123456789*#ABCD".find(key).and_then(|place| u8::try_from(place).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_media::dtmf::Decoder;
    use hotline_model::history::Codec;

    fn line(telephone_event: Option<u8>) -> Line {
        let agreed = Agreed {
            remote: "127.0.0.1:4000".parse().unwrap(),
            codec: Codec::Pcma,
            payload_type: 8,
            telephone_event,
            direction: Direction::SendRecv,
            ptime_ms: 20,
        };
        let beginning = Beginning { ssrc: 1, seq: u16::MAX, timestamp: u32::MAX - 100 };
        Line::new(Timestamp(0), agreed, beginning, Heard::new(Duration::from_secs(9)))
    }

    fn run(line: &mut Line, milliseconds: i64) -> Vec<Rtp> {
        (0..milliseconds).flat_map(|ms| line.handle_timeout(Timestamp(ms * 1000))).map(|bytes| packet::read(&bytes).unwrap()).collect()
    }

    #[test]
    fn a_line_sends_a_frame_each_20_ms_and_silence_is_sound_too() {
        let mut line = line(Some(101));
        let packets = run(&mut line, 200);
        assert_eq!(packets.len(), 10);
        for (n, packet) in (0u32..).zip(&packets) {
            assert_eq!(packet.timestamp, (u32::MAX - 100).wrapping_add(160 * n));
            assert_eq!(packet.seq, u16::MAX.wrapping_add(n as u16));
            assert_eq!(packet.marker, n == 0);
        }
    }

    #[test]
    fn keys_are_pressed_one_after_the_other_by_rfc_4733() {
        let mut line = line(Some(101));
        assert!(line.press('2') && line.press('#'));
        let mut decoder = Decoder::default();
        let events: Vec<Rtp> = run(&mut line, 600).into_iter().filter(|packet| packet.payload_type == 101).collect();
        let heard = events.iter().filter_map(|packet| decoder.packet(packet.timestamp, &packet.payload).released);
        assert_eq!(heard.map(|press| (press.digit, press.duration_ms)).collect::<Vec<_>>(), [('2', 100), ('#', 100)]);
        assert_eq!(events.len(), 16);
    }

    #[test]
    fn without_telephone_events_no_key_can_be_pressed() {
        assert!(!line(None).press('1'));
        assert!(!line(Some(101)).press('x'));
    }

    #[test]
    fn a_late_wake_up_catches_up_a_little_and_skips_the_rest() {
        let mut line = line(None);
        assert_eq!(line.handle_timeout(Timestamp(10_000_000)).len(), CATCH_UP);
        assert_eq!(line.poll_timeout(), Timestamp(10_020_000));
        let after = packet::read(&line.handle_timeout(Timestamp(10_020_000))[0]).unwrap();
        assert_eq!(after.timestamp, (u32::MAX - 100).wrapping_add(160 * 501));
    }

    #[test]
    fn a_held_line_is_silent_and_its_clock_goes_on() {
        let mut line = line(None);
        line.renew(Agreed { direction: Direction::RecvOnly, ..*line.agreed() });
        assert_eq!(run(&mut line, 100).len(), 0);
        line.renew(Agreed { direction: Direction::SendRecv, ..*line.agreed() });
        let packets = line.handle_timeout(Timestamp(100_000));
        assert_eq!(packet::read(&packets[0]).unwrap().timestamp, (u32::MAX - 100).wrapping_add(800));
    }
}
