use crate::packet::Rtp;
use crate::voice::RATE;
use hotline_media::g711;
use hotline_model::Timestamp;
use hotline_model::history::Codec;
use std::time::Duration;

/// Where timestamps and arrivals disagree by more than this many samples, arrivals hold (a new source, a jump of its clock).
const DRIFT: i64 = 200 * RATE as i64 / 1000;
/// A sample louder than this is sound; line noise of G.711 is below.
const SOUND: i16 = 500;

/// What a phone heard, on one timeline from its first packet.
#[derive(Clone, Debug)]
pub struct Heard {
    limit: usize,
    samples: Vec<i16>,
    source: Option<Source>,
    started: Option<Timestamp>,
    first_sound: Option<Timestamp>,
    last: Option<Timestamp>,
    packets: u64,
    lost: u64,
    cut: u64,
    longest_gap: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Source {
    ssrc: u32,
    timestamp: u32,
    at: i64,
    next_seq: u16,
}

impl Heard {
    /// Keeps at most `longest` of sound.
    pub fn new(longest: Duration) -> Self {
        let limit = usize::try_from(longest.as_millis()).unwrap_or(usize::MAX).saturating_mul(RATE as usize / 1000);
        Self {
            limit,
            samples: Vec::new(),
            source: None,
            started: None,
            first_sound: None,
            last: None,
            packets: 0,
            lost: 0,
            cut: 0,
            longest_gap: Duration::ZERO,
        }
    }

    /// 16-bit samples at 8 kHz, silence where nothing came.
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// When the first packet came.
    pub fn started(&self) -> Option<Timestamp> {
        self.started
    }

    /// When the first packet with sound came.
    pub fn first_sound(&self) -> Option<Timestamp> {
        self.first_sound
    }

    /// Packets received.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Packets missing from the sequence numbers.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Packets not kept because the recording was full.
    pub fn cut(&self) -> u64 {
        self.cut
    }

    /// The longest time without a packet since the first one or [`Heard::forget_gaps`].
    pub fn longest_gap(&self) -> Duration {
        self.longest_gap
    }

    /// Measures gaps from now on.
    pub fn forget_gaps(&mut self) {
        self.longest_gap = Duration::ZERO;
    }

    /// When a sample was heard.
    pub fn time_of(&self, sample: usize) -> Option<Timestamp> {
        let micros = u64::try_from(sample).unwrap_or(u64::MAX).saturating_mul(1_000_000) / u64::from(RATE);
        Some(self.started? + Duration::from_micros(micros))
    }

    /// A packet that is no sound (a key): only counted.
    pub(crate) fn pass(&mut self, now: Timestamp, packet: &Rtp) {
        self.arrived(now);
        if let Some(source) = self.source.filter(|source| source.ssrc == packet.ssrc) {
            let next_seq = self.count(source, packet.seq);
            self.source = Some(Source { next_seq, ..source });
        }
    }

    pub(crate) fn take(&mut self, now: Timestamp, packet: &Rtp, codec: Codec) {
        self.arrived(now);
        let started = *self.started.get_or_insert(now);
        let arrival = i64::try_from(now.since(started).as_micros()).unwrap_or(i64::MAX) / 1000 * i64::from(RATE) / 1000;
        let at = self.place(packet, arrival);
        let Some(at) = usize::try_from(at).ok().filter(|at| at + packet.payload.len() <= self.limit) else {
            self.cut += 1;
            return;
        };
        if self.samples.len() < at + packet.payload.len() {
            self.samples.resize(at + packet.payload.len(), 0);
        }
        for (sample, byte) in self.samples[at..].iter_mut().zip(&packet.payload) {
            *sample = g711::decode(codec, *byte);
            if self.first_sound.is_none() && sample.saturating_abs() > SOUND {
                self.first_sound = Some(now);
            }
        }
    }

    fn arrived(&mut self, now: Timestamp) {
        if let Some(last) = self.last.replace(now) {
            self.longest_gap = self.longest_gap.max(now.since(last));
        }
        self.packets += 1;
    }

    fn place(&mut self, packet: &Rtp, arrival: i64) -> i64 {
        let mut next_seq = packet.seq.wrapping_add(1);
        if let Some(source) = self.source.filter(|source| source.ssrc == packet.ssrc) {
            next_seq = self.count(source, packet.seq);
            let at = source.at + i64::from(packet.timestamp.wrapping_sub(source.timestamp).cast_signed());
            if (at - arrival).abs() <= DRIFT {
                self.source = Some(Source { next_seq, ..source });
                return at;
            }
        }
        self.source = Some(Source { ssrc: packet.ssrc, timestamp: packet.timestamp, at: arrival, next_seq });
        arrival
    }

    fn count(&mut self, source: Source, seq: u16) -> u16 {
        let ahead = seq.wrapping_sub(source.next_seq);
        if ahead > u16::MAX / 2 {
            self.lost = self.lost.saturating_sub(1);
            return source.next_seq;
        }
        self.lost += u64::from(ahead);
        seq.wrapping_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(seq: u16, timestamp: u32, ssrc: u32) -> Rtp {
        Rtp { payload_type: 8, marker: false, seq, timestamp, ssrc, payload: vec![g711::encode(Codec::Pcma, 8000); 160] }
    }

    fn hear(packets: &[(i64, Rtp)]) -> Heard {
        let mut heard = Heard::new(Duration::from_secs(1));
        packets.iter().for_each(|(ms, packet)| heard.take(Timestamp(ms * 1000), packet, Codec::Pcma));
        heard
    }

    #[test]
    fn jitter_and_order_of_arrival_do_not_move_what_was_said() {
        let heard = hear(&[(0, packet(7, 0, 1)), (45, packet(9, 320, 1)), (46, packet(8, 160, 1))]);
        assert_eq!((heard.samples().len(), heard.lost(), heard.packets()), (480, 0, 3));
        assert!(heard.samples().iter().all(|sample| *sample > 7000));
        assert_eq!(heard.longest_gap(), Duration::from_millis(45));
    }

    #[test]
    fn a_lost_packet_is_silence_and_counted() {
        let heard = hear(&[(0, packet(65535, 0, 1)), (40, packet(1, 320, 1))]);
        assert_eq!((heard.samples()[200], heard.lost()), (0, 1));
    }

    #[test]
    fn a_new_source_or_a_jumping_clock_is_placed_by_its_arrival() {
        let heard = hear(&[(0, packet(7, 0, 1)), (100, packet(900, 77_000, 2)), (200, packet(901, 999_000, 2))]);
        assert_eq!(heard.samples().len(), 1760);
        assert_eq!(heard.time_of(800), Some(Timestamp(100_000)));
    }

    #[test]
    fn what_does_not_fit_is_counted_and_not_kept() {
        let heard = hear(&[(0, packet(7, 0, 1)), (990, packet(8, 7920, 1))]);
        assert_eq!((heard.samples().len(), heard.cut()), (160, 1));
    }
}
