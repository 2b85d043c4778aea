//! The peer of one leg: its address, learned once (symmetric RTP), and what its packets tell of loss and jitter.

use crate::leg::{MAX_DROPOUT, MAX_MISORDER};
use crate::rtp::Header;
use hotline_model::Timestamp;
use std::net::SocketAddr;
use std::time::Duration;

/// How long after the SDP another address than the SDP's may become the peer's.
pub const LEARN_FOR: Duration = Duration::from_secs(10);
/// Packets another address must send in one unbroken sequence before it is taken.
pub const LEARN_PACKETS: u8 = 4;
/// How long the SDP's own address goes before another.
pub const LEARN_AFTER: Duration = Duration::from_millis(60);
/// A candidate silent for this long gives way to the next.
const CANDIDATE_SILENT: Duration = Duration::from_millis(500);

/// Where the peer sends from and receives.
#[derive(Clone, Debug)]
pub struct Peer {
    sdp: SocketAddr,
    learn_until: Timestamp,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Learning(Option<Candidate>),
    Latched(SocketAddr),
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    from: SocketAddr,
    ssrc: u32,
    next_seq: u16,
    first: Timestamp,
    last: Timestamp,
    packets: u8,
}

/// What a valid packet's source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The peer.
    Peer,
    /// The peer, learned with this packet.
    Latched,
    /// Somebody else, or not yet known to be the peer.
    Stranger,
}

impl Peer {
    /// A peer known by its SDP only.
    pub fn new(now: Timestamp, sdp: SocketAddr) -> Self {
        Self { sdp, learn_until: now + LEARN_FOR, state: State::Learning(None) }
    }

    /// The address its SDP named.
    pub fn sdp(&self) -> SocketAddr {
        self.sdp
    }

    /// Whether its address is learned.
    pub fn is_latched(&self) -> bool {
        matches!(self.state, State::Latched(_))
    }

    /// Where to send: the learned address, before that the SDP's; `None` if that is unspecified (`c=0.0.0.0`).
    pub fn send_to(&self) -> Option<SocketAddr> {
        match self.state {
            State::Latched(address) => Some(address),
            State::Learning(_) => (!self.sdp.ip().is_unspecified() && self.sdp.port() != 0).then_some(self.sdp),
        }
    }

    /// Judges the source of a valid packet. The first from the SDP's address (any port) is the peer; one from elsewhere only within
    /// [`LEARN_FOR`], after [`LEARN_PACKETS`] in sequence, and if the SDP's address stays silent meanwhile.
    pub fn judge(&mut self, now: Timestamp, from: SocketAddr, header: &Header) -> Source {
        match &mut self.state {
            State::Latched(address) if *address == from => Source::Peer,
            State::Latched(_) => Source::Stranger,
            State::Learning(candidate) => {
                let trusted = from.ip() == self.sdp.ip();
                if trusted || now <= self.learn_until && proves_itself(candidate, now, from, header) {
                    self.state = State::Latched(from);
                    Source::Latched
                } else {
                    Source::Stranger
                }
            }
        }
    }
}

fn proves_itself(slot: &mut Option<Candidate>, now: Timestamp, from: SocketAddr, header: &Header) -> bool {
    let fresh = Candidate { from, ssrc: header.ssrc, next_seq: header.seq.wrapping_add(1), first: now, last: now, packets: 1 };
    let Some(candidate) = slot else {
        *slot = Some(fresh);
        return false;
    };
    if candidate.from != from {
        if now.since(candidate.last) > CANDIDATE_SILENT {
            *candidate = fresh;
        }
        return false;
    }
    if candidate.ssrc != header.ssrc || candidate.next_seq != header.seq {
        *candidate = fresh;
        return false;
    }
    *candidate = Candidate { next_seq: fresh.next_seq, last: now, packets: candidate.packets.saturating_add(1), ..*candidate };
    candidate.packets >= LEARN_PACKETS && now.since(candidate.first) >= LEARN_AFTER
}

/// Loss and jitter of what the peer sends (RFC 3550 A.1, A.3, A.8).
#[derive(Clone, Debug, Default)]
pub struct Reception {
    source: Option<Counting>,
    lost_before: u64,
    jitter: u32,
}

#[derive(Clone, Copy, Debug)]
struct Counting {
    ssrc: u32,
    highest: u16,
    expected: u64,
    received: u64,
    transit: Option<u32>,
}

impl Counting {
    fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.received)
    }
}

impl Reception {
    /// Counts a packet of the peer; `paced` says that its timestamp runs with time (events stand still and tell no jitter).
    pub fn packet(&mut self, now: Timestamp, header: &Header, paced: bool) {
        let delta = |highest: u16| header.seq.wrapping_sub(highest).cast_signed();
        let fresh = Counting { ssrc: header.ssrc, highest: header.seq, expected: 1, received: 1, transit: None };
        let source = self.source.get_or_insert(Counting { received: 0, ..fresh });
        let step = delta(source.highest);
        if source.ssrc != header.ssrc || !(-MAX_MISORDER..=MAX_DROPOUT).contains(&step) {
            self.lost_before += source.lost();
            *source = fresh;
        } else {
            source.received += 1;
            if step > 0 {
                source.expected += u64::from(step.unsigned_abs());
                source.highest = header.seq;
            }
        }
        if paced {
            let transit = ((now.0 / 125) as u32).wrapping_sub(header.timestamp);
            if let Some(before) = source.transit.replace(transit) {
                let difference = transit.wrapping_sub(before).cast_signed().unsigned_abs().min(u32::from(u16::MAX));
                self.jitter = self.jitter.saturating_add(difference) - (self.jitter + 8) / 16;
            }
        }
    }

    /// Packets missing.
    pub fn lost(&self) -> u64 {
        self.lost_before + self.source.map_or(0, |source| source.lost())
    }

    /// Jitter in microseconds.
    pub fn jitter_us(&self) -> u32 {
        (u64::from(self.jitter) * 125 / 16).try_into().unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn ms(ms: i64) -> Timestamp {
        Timestamp(ms * 1000)
    }

    fn header(seq: u16) -> Header {
        Header { marker: false, payload_type: 0, seq, timestamp: u32::from(seq).wrapping_mul(160), ssrc: 3, start: 12, end: 172 }
    }

    #[test]
    fn the_first_packet_from_the_sdps_address_is_the_peers_whatever_its_port() {
        let mut peer = Peer::new(ms(0), address("192.0.2.1:4000"));
        assert_eq!(peer.send_to(), Some(address("192.0.2.1:4000")));
        assert_eq!(peer.judge(ms(60_000), address("192.0.2.1:4123"), &header(1)), Source::Latched, "whenever it comes");
        assert_eq!(peer.send_to(), Some(address("192.0.2.1:4123")));
        assert_eq!(peer.judge(ms(60_020), address("192.0.2.1:4123"), &header(2)), Source::Peer);
        assert_eq!(peer.judge(ms(60_020), address("192.0.2.1:4000"), &header(3)), Source::Stranger, "learned once");
    }

    #[test]
    fn another_address_becomes_the_peers_after_a_run_of_packets_if_the_sdps_stays_silent() {
        let mut peer = Peer::new(ms(0), address("10.0.0.1:4000"));
        let behind_nat = address("198.51.100.7:9999");
        let verdicts: Vec<Source> = (0..4).map(|n| peer.judge(ms(20 * i64::from(n)), behind_nat, &header(n))).collect();
        assert_eq!(verdicts, [Source::Stranger, Source::Stranger, Source::Stranger, Source::Latched]);
        assert_eq!(peer.judge(ms(90), address("10.0.0.1:4000"), &header(9)), Source::Stranger);
    }

    #[test]
    fn a_sprayer_is_not_taken_while_the_sdps_address_speaks_nor_after_the_learning_time() {
        let (sdp, sprayer) = (address("192.0.2.1:4000"), address("203.0.113.66:1"));
        let mut peer = Peer::new(ms(0), sdp);
        for n in 0..50 {
            assert_eq!(peer.judge(ms(1), sprayer, &header(n)), Source::Stranger, "a burst proves nothing");
        }
        assert_eq!(peer.judge(ms(20), sdp, &header(1)), Source::Latched);
        let mut late = Peer::new(ms(0), sdp);
        for n in 0..50 {
            assert_eq!(late.judge(ms(10_001 + i64::from(n) * 20), sprayer, &header(n)), Source::Stranger);
        }
        let mut scattered = Peer::new(ms(0), sdp);
        for n in 0..50 {
            assert_eq!(scattered.judge(ms(i64::from(n) * 20), sprayer, &header(n * 2)), Source::Stranger, "no sequence");
        }
    }

    #[test]
    fn two_strangers_do_not_displace_each_other_unless_the_first_falls_silent() {
        let mut peer = Peer::new(ms(0), address("10.0.0.1:4000"));
        let (one, two) = (address("198.51.100.7:1"), address("198.51.100.8:2"));
        for n in 0..3 {
            assert_eq!(peer.judge(ms(20 * i64::from(n)), one, &header(n)), Source::Stranger);
            assert_eq!(peer.judge(ms(20 * i64::from(n)), two, &header(n)), Source::Stranger);
        }
        for n in 0..5 {
            let verdict = peer.judge(ms(1000 + 20 * i64::from(n)), two, &header(n));
            assert_eq!(
                verdict,
                if n == 4 {
                    Source::Peer
                } else if n == 3 {
                    Source::Latched
                } else {
                    Source::Stranger
                }
            );
        }
    }

    #[test]
    fn nothing_is_sent_to_an_unspecified_address() {
        assert_eq!(Peer::new(ms(0), address("0.0.0.0:4000")).send_to(), None);
        assert_eq!(Peer::new(ms(0), address("[::]:4000")).send_to(), None);
    }

    #[test]
    fn missing_packets_are_lost_and_late_ones_are_not() {
        let mut reception = Reception::default();
        for seq in [65_534, 65_535, 1, 0, 5, 6] {
            reception.packet(ms(0), &header(seq), true);
        }
        assert_eq!(reception.lost(), 3, "2, 3 and 4");
        reception.packet(ms(0), &header(30_000), true);
        reception.packet(ms(0), &Header { ssrc: 9, ..header(1) }, true);
        assert_eq!(reception.lost(), 3, "a restart is no loss");
    }

    #[test]
    fn jitter_follows_rfc_3550_a_8() {
        let mut steady = Reception::default();
        (0..100).for_each(|n| steady.packet(ms(20 * i64::from(n)), &header(n), true));
        assert_eq!(steady.jitter_us(), 0);
        let mut wobbly = Reception::default();
        (0..500).for_each(|n| wobbly.packet(ms(20 * i64::from(n) + i64::from(n % 2) * 4), &header(n), true));
        assert!((3500..=4100).contains(&wobbly.jitter_us()), "{}", wobbly.jitter_us());
    }
}
