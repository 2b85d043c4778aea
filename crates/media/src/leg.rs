//! The RTP stream we send on one leg: sequence numbers, timestamps, marker and SSRC stay one stream's, whatever sounds in it.

use crate::rtp::{Header, Mark};
use hotline_model::Timestamp;

/// Timestamp units of one 20 ms frame at 8 kHz.
pub const FRAME_UNITS: u32 = 160;
/// A jump forward in sequence numbers that is a restart and no loss (RFC 3550 A.1, MAX_DROPOUT).
pub const MAX_DROPOUT: i16 = 3000;
/// How far back a late packet may lie (RFC 3550 A.1, MAX_MISORDER).
pub const MAX_MISORDER: i16 = 100;
/// A relayed timestamp that leaves real time by more than this (2 s) belongs to a restarted clock.
const MAX_DRIFT: i32 = 16_000;
/// Microseconds of one timestamp unit at 8 kHz.
const UNIT_US: i64 = 125;

/// What we send on one leg.
#[derive(Clone, Debug)]
pub struct Outgoing {
    ssrc: u32,
    next_seq: u16,
    last_timestamp: Option<u32>,
    opened: Timestamp,
    first_timestamp: u32,
    spurt: Spurt,
}

#[derive(Clone, Copy, Debug)]
enum Spurt {
    Pause,
    Own { shift: u32 },
    Relay(Mapping),
}

#[derive(Clone, Copy, Debug)]
struct Mapping {
    ssrc: u32,
    highest: u16,
    span: i16,
    seq_offset: u16,
    timestamp_offset: u32,
    lead: i32,
}

impl Outgoing {
    /// A stream that begins now with these random values (RFC 3550 5.1).
    pub fn new(opened: Timestamp, ssrc: u32, first_seq: u16, first_timestamp: u32) -> Self {
        Self { ssrc, next_seq: first_seq, last_timestamp: None, opened, first_timestamp, spurt: Spurt::Pause }
    }

    /// Nothing is sent for a while; what comes next begins a talkspurt (RFC 3551 4.1).
    pub fn pause(&mut self) {
        self.spurt = Spurt::Pause;
    }

    /// The header of the next 20 ms frame of our own, due at `at` on the grid.
    pub fn own_frame(&mut self, at: Timestamp, payload_type: u8) -> Mark {
        let clock = self.clock(at);
        let (marker, shift) = match self.spurt {
            Spurt::Own { shift } => (false, shift),
            Spurt::Pause | Spurt::Relay(_) => (true, self.not_before(clock).wrapping_sub(clock)),
        };
        self.spurt = Spurt::Own { shift };
        self.mark(marker, payload_type, clock.wrapping_add(shift))
    }

    fn mark(&mut self, marker: bool, payload_type: u8, timestamp: u32) -> Mark {
        let seq = self.next_seq;
        self.next_seq = seq.wrapping_add(1);
        self.last_timestamp = Some(timestamp);
        Mark { marker, payload_type, seq, timestamp, ssrc: self.ssrc }
    }

    /// The header under which a peer's packet goes on; `None` for one that comes too late to have a place in our sequence. Loss and
    /// order of the peer's packets stay visible. `paced` says that its timestamp runs with time (events stand still).
    pub fn relay(&mut self, now: Timestamp, header: &Header, payload_type: u8, paced: bool) -> Option<Mark> {
        let Some(mut mapping) = self.mapping(now, header, paced) else { return Some(self.restart(now, header, payload_type)) };
        let delta = header.seq.wrapping_sub(mapping.highest).cast_signed();
        let timestamp = header.timestamp.wrapping_add(mapping.timestamp_offset);
        let seq = header.seq.wrapping_add(mapping.seq_offset);
        if delta > 0 {
            mapping.highest = header.seq;
            mapping.span = mapping.span.saturating_add(delta);
            self.next_seq = seq.wrapping_add(1);
            self.last_timestamp = Some(timestamp);
        } else if -delta >= mapping.span {
            return None;
        }
        self.spurt = Spurt::Relay(mapping);
        Some(Mark { marker: header.marker, payload_type, seq, timestamp, ssrc: self.ssrc })
    }

    fn mapping(&self, now: Timestamp, header: &Header, paced: bool) -> Option<Mapping> {
        let Spurt::Relay(mapping) = self.spurt else { return None };
        let delta = header.seq.wrapping_sub(mapping.highest).cast_signed();
        let timestamp = header.timestamp.wrapping_add(mapping.timestamp_offset);
        let lead = timestamp.wrapping_sub(self.clock(now)).cast_signed();
        let same_sequence = header.ssrc == mapping.ssrc && (-MAX_MISORDER..=MAX_DROPOUT).contains(&delta);
        let same_clock = !paced || lead.wrapping_sub(mapping.lead).unsigned_abs() <= MAX_DRIFT.unsigned_abs();
        (same_sequence && same_clock).then_some(mapping)
    }

    fn restart(&mut self, now: Timestamp, header: &Header, payload_type: u8) -> Mark {
        let clock = self.clock(now);
        let timestamp = self.not_before(clock);
        self.spurt = Spurt::Relay(Mapping {
            ssrc: header.ssrc,
            highest: header.seq,
            span: 1,
            seq_offset: self.next_seq.wrapping_sub(header.seq),
            timestamp_offset: timestamp.wrapping_sub(header.timestamp),
            lead: timestamp.wrapping_sub(clock).cast_signed(),
        });
        self.mark(true, payload_type, timestamp)
    }

    /// A packet of the relayed peer does not go on: our sequence closes over it, so that it does not look lost.
    pub fn skip(&mut self, header: &Header) {
        if let Spurt::Relay(mapping) = &mut self.spurt
            && mapping.ssrc == header.ssrc
            && header.seq == mapping.highest.wrapping_add(1)
        {
            mapping.highest = header.seq;
            mapping.seq_offset = mapping.seq_offset.wrapping_sub(1);
            mapping.span = 0;
        }
    }

    fn clock(&self, at: Timestamp) -> u32 {
        let units = at.0.saturating_sub(self.opened.0).div_euclid(UNIT_US);
        self.first_timestamp.wrapping_add(units as u32)
    }

    fn not_before(&self, clock: u32) -> u32 {
        let Some(last) = self.last_timestamp else { return clock };
        let next = last.wrapping_add(FRAME_UNITS);
        if clock.wrapping_sub(next).cast_signed() < 0 { next } else { clock }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OPENED: Timestamp = Timestamp(5_000_000);

    fn at(ms: i64) -> Timestamp {
        Timestamp(OPENED.0 + ms * 1000)
    }

    fn outgoing() -> Outgoing {
        Outgoing::new(OPENED, 77, 65_534, u32::MAX - 100)
    }

    fn theirs(ssrc: u32, seq: u16, timestamp: u32) -> Header {
        Header { marker: false, payload_type: 0, seq, timestamp, ssrc, start: 12, end: 172 }
    }

    #[test]
    fn a_talkspurt_of_our_own_is_marked_once_and_counts_frames() {
        let mut out = outgoing();
        let marks: Vec<Mark> = [3, 23, 43].map(|ms| out.own_frame(at(ms), 0)).to_vec();
        let facts: Vec<_> = marks.iter().map(|mark| (mark.marker, mark.seq, mark.timestamp, mark.ssrc)).collect();
        let first = u32::MAX - 100 + 24;
        assert_eq!(
            facts,
            [(true, 65_534, first, 77), (false, 65_535, first.wrapping_add(160), 77), (false, 0, first.wrapping_add(320), 77)]
        );
    }

    #[test]
    fn timestamps_go_on_by_real_time_over_a_pause_and_sequence_numbers_do_not() {
        let mut out = outgoing();
        let before = out.own_frame(at(0), 0);
        out.pause();
        let after = out.own_frame(at(5000), 0);
        assert!(after.marker, "RFC 3551 4.1");
        assert_eq!(after.seq, before.seq.wrapping_add(1));
        assert_eq!(after.timestamp.wrapping_sub(before.timestamp), 40_000);
    }

    #[test]
    fn a_relayed_stream_keeps_its_gaps_its_order_and_its_marks() {
        let mut out = outgoing();
        let first = out.relay(at(0), &theirs(1, 100, 9000), 8, true).unwrap();
        assert!(first.marker);
        assert_eq!((first.seq, first.ssrc, first.payload_type), (65_534, 77, 8));
        let third = out.relay(at(40), &theirs(1, 102, 9320), 8, true).unwrap();
        let second = out.relay(at(41), &theirs(1, 101, 9160), 8, true).unwrap();
        assert_eq!((second.seq, third.seq), (65_535, 0));
        assert_eq!(third.timestamp.wrapping_sub(first.timestamp), 320);
        assert!(!second.marker && !third.marker);
        let spurt = Header { marker: true, ..theirs(1, 103, 20_000) };
        assert!(out.relay(at(1375), &spurt, 8, true).unwrap().marker);
        assert_eq!(out.relay(at(60), &theirs(1, 99, 8840), 8, true), None, "before our first, its number was another's");
    }

    #[test]
    fn a_changed_source_goes_on_in_our_sequence_and_time() {
        let mut out = outgoing();
        let prompt = out.own_frame(at(0), 0);
        let relayed = out.relay(at(5), &theirs(1, 5, 12), 0, true).unwrap();
        assert_eq!((relayed.marker, relayed.seq), (true, prompt.seq.wrapping_add(1)));
        assert_eq!(relayed.timestamp.wrapping_sub(prompt.timestamp), 160, "never inside a frame already sent");
        let other = out.relay(at(1005), &theirs(2, 40_000, 3_000_000_000), 0, true).unwrap();
        assert_eq!((other.marker, other.seq), (true, relayed.seq.wrapping_add(1)));
        assert_eq!(other.timestamp.wrapping_sub(prompt.timestamp), 8040);
        let music = out.own_frame(at(1006), 0);
        assert_eq!(music.timestamp.wrapping_sub(other.timestamp), 160);
        assert_eq!(out.own_frame(at(1026), 0).timestamp.wrapping_sub(music.timestamp), 160);
    }

    #[test]
    fn a_restarted_clock_or_sequence_under_the_same_ssrc_begins_a_new_spurt() {
        let mut out = outgoing();
        let first = out.relay(at(0), &theirs(1, 100, 9000), 0, true).unwrap();
        let clock = out.relay(at(20), &theirs(1, 101, 900_000), 0, true).unwrap();
        assert_eq!((clock.marker, clock.timestamp.wrapping_sub(first.timestamp)), (true, 160));
        let sequence = out.relay(at(40), &theirs(1, 20_000, 900_160), 0, true).unwrap();
        assert_eq!((sequence.marker, sequence.seq), (true, clock.seq.wrapping_add(1)));
        let held_key = out.relay(at(4000), &theirs(1, 20_001, 900_160), 101, false).unwrap();
        assert!(!held_key.marker, "an event's timestamp stands still while time goes on");
    }

    #[test]
    fn packets_that_do_not_go_on_leave_no_gap() {
        let mut out = outgoing();
        let first = out.relay(at(0), &theirs(1, 100, 0), 0, true).unwrap();
        out.skip(&theirs(1, 101, 160));
        let next = out.relay(at(40), &theirs(1, 102, 320), 0, true).unwrap();
        assert_eq!(next.seq, first.seq.wrapping_add(1));
        assert_eq!(out.relay(at(41), &theirs(1, 100, 0), 0, true), None, "its number would be another's");
    }

    proptest! {
        #[test]
        fn whatever_is_relayed_no_number_is_used_twice_for_different_packets(
            steps in proptest::collection::vec((0u8..4, 0u16..6, any::<bool>()), 1..200)
        ) {
            let mut out = outgoing();
            let mut seen = std::collections::BTreeMap::new();
            let (mut now, mut seq) = (0, 1000u16);
            for (index, (action, jump, back)) in steps.into_iter().enumerate() {
                now += 20;
                let number = if back { seq.wrapping_sub(jump) } else { seq = seq.wrapping_add(jump); seq };
                let header = theirs(u32::from(action == 3), number, u32::from(number) * 160);
                let (mark, key) = match action {
                    0 => (Some(out.own_frame(at(now), 0)), (9, index)),
                    1 => { out.skip(&header); (None, (8, index)) }
                    _ => (out.relay(at(now), &header, 0, false), (header.ssrc, usize::from(number))),
                };
                if let Some(mark) = mark {
                    let before = seen.insert(mark.seq, key);
                    prop_assert!(before.is_none_or(|before| before == key), "{} twice: {:?} and {:?}", mark.seq, before, key);
                }
            }
        }
    }
}
