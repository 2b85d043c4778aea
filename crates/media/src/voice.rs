//! The jitter queue of one who speaks in a conference: packets come as they come, a frame goes out each 20 ms.

use crate::g711;
use crate::leg::{MAX_DROPOUT, MAX_MISORDER};
use crate::prompt::FRAME;
use crate::rtp::Header;
use hotline_model::history::Codec;

/// Samples that a voice waits when it begins, so that the next packet may be 20 ms late.
const BEGIN: i32 = FRAME as i32;
/// Samples that a packet waits at most, 60 ms: beyond it the oldest are dropped, since the peer's clock runs faster than ours or its
/// packets were held up.
const MAX_WAIT: i32 = 3 * FRAME as i32;
/// Places for samples: the longest packet (1600, RFC 3551 4.2) behind the longest wait, and as many that have sounded.
const PLACES: usize = 4096;

/// Samples by their RTP timestamp, each heard once; what is missing is silence.
#[derive(Debug)]
pub(crate) struct Voice {
    samples: Box<[i16; PLACES]>,
    speaker: Option<Speaker>,
    /// Timestamp of the sample that sounds next.
    next: u32,
}

#[derive(Clone, Copy, Debug)]
struct Speaker {
    ssrc: u32,
    highest: u16,
}

/// Where a packet stands among those of its speaker, by its sequence number.
enum Place {
    First,
    Newest,
    Earlier,
}

impl Voice {
    pub fn new() -> Self {
        Self { samples: Box::new([0; PLACES]), speaker: None, next: 0 }
    }

    /// Takes the sound of a packet; `false` if it comes after its time.
    pub fn packet(&mut self, header: &Header, codec: Codec, sound: &[u8]) -> bool {
        let place_in_row = self.place_in_row(header);
        let wait = header.timestamp.wrapping_sub(self.next).cast_signed();
        match place_in_row {
            Place::First => {
                self.samples.fill(0);
                self.next = header.timestamp.wrapping_sub(BEGIN.unsigned_abs());
            }
            Place::Newest | Place::Earlier if (0..=MAX_WAIT).contains(&wait) => {}
            Place::Newest => self.turn(wait.wrapping_sub(BEGIN)),
            Place::Earlier => return false,
        }
        for (timestamp, &byte) in (header.timestamp..=u32::MAX).chain(0..).zip(sound) {
            self.samples[place(timestamp)] = g711::decode(codec, byte);
        }
        true
    }

    fn place_in_row(&mut self, header: &Header) -> Place {
        let now = Speaker { ssrc: header.ssrc, highest: header.seq };
        let before = self.speaker.replace(now).filter(|before| before.ssrc == header.ssrc);
        let Some(before) = before else { return Place::First };
        match header.seq.wrapping_sub(before.highest).cast_signed() {
            step if !(-MAX_MISORDER..=MAX_DROPOUT).contains(&step) => Place::First,
            step if step > 0 => Place::Newest,
            _ => {
                self.speaker = Some(before);
                Place::Earlier
            }
        }
    }

    /// Moves what sounds next by so many samples, and forgets what is passed over. Back means that the peer is late, with nothing ahead,
    /// or set its clock back: what is ahead is then older than what comes now, and would sound after it.
    fn turn(&mut self, by: i32) {
        match usize::try_from(by) {
            Ok(ahead) if ahead < PLACES => (0..ahead).for_each(|_| _ = self.take()),
            Ok(_) | Err(_) => {
                self.samples.fill(0);
                self.next = self.next.wrapping_add_signed(by);
            }
        }
    }

    fn take(&mut self) -> i16 {
        let sample = std::mem::take(&mut self.samples[place(self.next)]);
        self.next = self.next.wrapping_add(1);
        sample
    }

    /// The next 20 ms.
    pub fn frame(&mut self, frame: &mut [i16; FRAME]) {
        frame.fill_with(|| self.take());
    }
}

fn place(timestamp: u32) -> usize {
    timestamp as usize % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header(seq: u16, timestamp: u32) -> Header {
        Header { marker: false, payload_type: 8, seq, timestamp, ssrc: 5, start: 12, end: 172 }
    }

    /// A byte of A-law whose sample is told apart from silence.
    fn byte(n: u8) -> u8 {
        (n % 100) ^ 0x55
    }

    fn speak(voice: &mut Voice, seq: u16, timestamp: u32, n: u8, length: usize) -> bool {
        voice.packet(&header(seq, timestamp), Codec::Pcma, &vec![byte(n); length])
    }

    /// Which packets sound in a frame, by their number; a part of one counts.
    fn hear(voice: &mut Voice) -> Vec<u8> {
        let mut frame = [0; FRAME];
        voice.frame(&mut frame);
        let mut heard: Vec<u8> =
            frame.iter().filter_map(|&sample| (0..100).find(|&n| g711::decode(Codec::Pcma, byte(n)) == sample)).collect();
        heard.dedup();
        heard
    }

    #[test]
    fn a_voice_begins_20_ms_later_and_then_each_packet_sounds_once() {
        let mut voice = Voice::new();
        assert!(hear(&mut voice).is_empty(), "nobody has spoken");
        let heard: Vec<Vec<u8>> = (0..5u8)
            .map(|n| {
                assert!(speak(&mut voice, u16::from(n).wrapping_sub(2), u32::from(n).wrapping_sub(2).wrapping_mul(160), n, 160));
                hear(&mut voice)
            })
            .collect();
        assert_eq!(heard, [vec![], vec![0], vec![1], vec![2], vec![3]]);
    }

    #[test]
    fn packets_of_10_and_of_60_ms_make_the_same_frames() {
        let mut voice = Voice::new();
        for n in 0..4u8 {
            speak(&mut voice, n.into(), u32::from(n) * 80, n, 80);
        }
        assert_eq!((hear(&mut voice), hear(&mut voice), hear(&mut voice)), (vec![], vec![0, 1], vec![2, 3]));
        let mut voice = Voice::new();
        speak(&mut voice, 0, 0, 7, 480);
        let heard: Vec<Vec<u8>> = (0..5).map(|_| hear(&mut voice)).collect();
        assert_eq!(heard, [vec![], vec![7], vec![7], vec![7], vec![]]);
    }

    #[test]
    fn packets_out_of_order_sound_in_order_and_a_lost_one_is_silence() {
        let mut voice = Voice::new();
        for n in [0, 2, 1] {
            assert!(speak(&mut voice, n.into(), u32::from(n) * 160, n, 160));
        }
        let heard: Vec<Vec<u8>> = (0..5).map(|_| hear(&mut voice)).collect();
        assert_eq!(heard, [vec![], vec![0], vec![1], vec![2], vec![]]);
        let mut voice = Voice::new();
        for n in [0, 2] {
            speak(&mut voice, n.into(), u32::from(n) * 160, n, 160);
        }
        let heard: Vec<Vec<u8>> = (0..4).map(|_| hear(&mut voice)).collect();
        assert_eq!(heard, [vec![], vec![0], vec![], vec![2]]);
    }

    #[test]
    fn a_packet_after_its_time_is_dropped_but_one_that_goes_on_late_is_heard() {
        let mut voice = Voice::new();
        speak(&mut voice, 10, 1600, 0, 160);
        speak(&mut voice, 12, 1920, 2, 160);
        (0..5).for_each(|_| _ = hear(&mut voice));
        assert!(!speak(&mut voice, 11, 1760, 1, 160), "its place has sounded");
        assert!(speak(&mut voice, 13, 2080, 3, 160), "a peer slower than we are speaks on");
        assert_eq!((hear(&mut voice), hear(&mut voice)), (vec![], vec![3]));
    }

    #[test]
    fn a_peer_whose_clock_runs_faster_loses_its_oldest_sound_and_is_never_far_behind() {
        let mut voice = Voice::new();
        let mut last = 0;
        for n in 0..50u8 {
            speak(&mut voice, n.into(), u32::from(n) * 160, n, 160);
            if n % 5 != 0 {
                let heard = hear(&mut voice);
                assert!(heard.iter().all(|&sounding| n - sounding <= 4 && sounding >= last), "{heard:?} at {n}");
                last = heard.last().copied().unwrap_or(last);
            }
        }
        assert!(last >= 45);
    }

    #[test]
    fn a_new_speaker_or_a_clock_set_anew_is_heard_at_once_and_nothing_of_the_old() {
        for (ssrc, seq, timestamp) in [(6, 3, 0x8000_0000), (5, 30_000, 77), (6, 3, 640), (6, 3, 480 + 4096), (5, 2, 480 + 4096 * 7)] {
            let mut voice = Voice::new();
            speak(&mut voice, 0, 480, 0, 480);
            speak(&mut voice, 1, 960, 1, 160);
            assert!(voice.packet(&Header { ssrc, ..header(seq, timestamp) }, Codec::Pcma, &[byte(9); 160]));
            let heard: Vec<Vec<u8>> = (0..4).map(|_| hear(&mut voice)).collect();
            assert!(heard.concat().ends_with(&[9]) && !heard.concat().contains(&1), "{heard:?}");
        }
    }

    #[test]
    fn of_a_clock_set_back_nothing_older_sounds_after_the_newest() {
        let mut voice = Voice::new();
        speak(&mut voice, 36_709, 1798, 1, 1083);
        assert!(hear(&mut voice).is_empty());
        assert!(speak(&mut voice, 36_710, 0, 2, 1));
        let heard: Vec<Vec<u8>> = (0..2).map(|_| hear(&mut voice)).collect();
        assert_eq!(heard, [vec![], vec![2]]);
        assert!(voice.samples.iter().all(|&sample| sample == 0), "what stood ahead is forgotten");
    }

    #[test]
    fn a_clock_set_back_again_and_again_never_brings_back_what_it_left() {
        let mut voice = Voice::new();
        for n in 0..4u8 {
            speak(&mut voice, n.into(), 8000 - u32::from(n) * 1900, n, 1600);
        }
        let heard: Vec<Vec<u8>> = (0..13).map(|_| hear(&mut voice)).collect();
        assert!(heard.concat().iter().all(|&n| n == 3), "{heard:?}");
        assert!(voice.samples.iter().all(|&sample| sample == 0));
    }

    proptest! {
        #[test]
        fn whatever_comes_a_sample_sounds_once_and_within_a_quarter_second(
            packets in proptest::collection::vec((any::<u16>(), prop_oneof![0u32..4000, any::<u32>()], 1usize..1600, 0u32..3), 1..60),
        ) {
            let mut voice = Voice::new();
            let (mut frame, mut given, mut heard) = ([0; FRAME], 0, 0);
            for (seq, timestamp, length, ssrc) in packets {
                if voice.packet(&Header { ssrc, ..header(seq, timestamp) }, Codec::Pcma, &vec![0x2a; length]) {
                    given += length;
                }
                voice.frame(&mut frame);
                heard += frame.iter().filter(|&&sample| sample != 0).count();
            }
            for _ in 0..(MAX_WAIT as usize + 1600).div_ceil(FRAME) {
                voice.frame(&mut frame);
                heard += frame.iter().filter(|&&sample| sample != 0).count();
            }
            prop_assert!(heard <= given);
            prop_assert!(voice.samples.iter().all(|&sample| sample == 0));
        }
    }
}
