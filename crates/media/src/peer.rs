//! The peer of one leg: its address, learned once for good (symmetric RTP), and what its packets tell of loss and jitter.

use crate::leg::{MAX_DROPOUT, MAX_MISORDER};
use crate::rtp::Header;
use hotline_model::Timestamp;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// How long after the SDP an address behind the signalling's may be learned.
pub const LEARN_FOR: Duration = Duration::from_secs(10);
/// Packets such an address must send in one unbroken sequence before it is taken.
pub const LEARN_PACKETS: u8 = 4;
/// How long the SDP's own address goes before another.
pub const LEARN_AFTER: Duration = Duration::from_millis(60);
/// A candidate silent for this long gives way to the next.
const CANDIDATE_SILENT: Duration = Duration::from_millis(500);

/// Where the peer sends from and receives.
#[derive(Clone, Debug)]
pub struct Peer {
    sdp: SocketAddr,
    also: Option<IpAddr>,
    learn_until: Timestamp,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Learning(Option<Candidate>),
    /// From the signalling's address; gives way to the SDP's.
    Learned(SocketAddr),
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
    /// The peer, from now on at this address for good.
    Latched,
    /// Somebody else, or not yet known to be the peer.
    Stranger,
}

impl Peer {
    /// A peer known by its SDP, and by where its signalling comes from, if that may be its NAT.
    pub fn new(now: Timestamp, sdp: SocketAddr, also: Option<IpAddr>) -> Self {
        Self { sdp, also, learn_until: now + LEARN_FOR, state: State::Learning(None) }
    }

    /// The address its SDP named.
    pub fn sdp(&self) -> SocketAddr {
        self.sdp
    }

    /// Whether its address is learned for good.
    pub fn is_latched(&self) -> bool {
        matches!(self.state, State::Latched(_))
    }

    /// Where to send: the learned address, before that the SDP's; `None` if that is unspecified (`c=0.0.0.0`).
    pub fn send_to(&self) -> Option<SocketAddr> {
        match self.state {
            State::Learned(address) | State::Latched(address) => Some(address),
            State::Learning(_) => (!self.sdp.ip().is_unspecified() && self.sdp.port() != 0).then_some(self.sdp),
        }
    }

    /// Judges the source of a valid packet. The first from the SDP's IP (any port) is the peer, for good. Until then one from the
    /// signalling's IP (any port) stands in for it, if taken within [`LEARN_FOR`] and after [`LEARN_PACKETS`] in sequence.
    pub fn judge(&mut self, now: Timestamp, from: SocketAddr, header: &Header) -> Source {
        let ip = from.ip().to_canonical();
        match &mut self.state {
            State::Latched(address) if *address == from => Source::Peer,
            State::Latched(_) => Source::Stranger,
            State::Learning(_) | State::Learned(_) if ip == self.sdp.ip().to_canonical() => {
                self.state = State::Latched(from);
                Source::Latched
            }
            State::Learned(address) if *address == from => Source::Peer,
            State::Learned(_) => Source::Stranger,
            State::Learning(candidate) => {
                let may_be = now <= self.learn_until && self.also.is_some_and(|also| also.to_canonical() == ip);
                if may_be && proves_itself(candidate, now, from, header) {
                    self.state = State::Learned(from);
                    Source::Peer
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
        let mut peer = Peer::new(ms(0), address("192.0.2.1:4000"), None);
        assert_eq!(peer.send_to(), Some(address("192.0.2.1:4000")));
        assert_eq!(peer.judge(ms(60_000), address("192.0.2.1:4123"), &header(1)), Source::Latched, "whenever it comes");
        assert_eq!(peer.send_to(), Some(address("192.0.2.1:4123")));
        assert_eq!(peer.judge(ms(60_020), address("192.0.2.1:4123"), &header(2)), Source::Peer);
        assert_eq!(peer.judge(ms(60_020), address("192.0.2.1:4000"), &header(3)), Source::Stranger, "learned once");
    }

    #[test]
    fn the_signallings_address_stands_in_after_a_run_of_packets_until_the_sdps_speaks() {
        let (sdp, behind_nat) = (address("10.0.0.1:4000"), address("198.51.100.7:9999"));
        let mut peer = Peer::new(ms(0), sdp, Some(behind_nat.ip()));
        let verdicts: Vec<Source> = (0..5).map(|n| peer.judge(ms(20 * i64::from(n)), behind_nat, &header(n))).collect();
        assert_eq!(verdicts, [Source::Stranger, Source::Stranger, Source::Stranger, Source::Peer, Source::Peer]);
        assert_eq!((peer.send_to(), peer.is_latched()), (Some(behind_nat), false));
        assert_eq!(peer.judge(ms(90), address("198.51.100.7:9998"), &header(5)), Source::Stranger, "another port of the same NAT");
        assert_eq!(peer.judge(ms(60_000), sdp, &header(9)), Source::Latched, "whenever it comes");
        assert_eq!((peer.send_to(), peer.is_latched()), (Some(sdp), true));
        assert_eq!(peer.judge(ms(60_020), behind_nat, &header(6)), Source::Stranger, "once, then strict");
        assert_eq!(peer.judge(ms(60_020), sdp, &header(10)), Source::Peer);
    }

    #[test]
    fn an_address_that_is_neither_the_sdps_nor_the_signallings_is_never_learned() {
        let (sdp, stranger) = (address("192.0.2.1:4000"), address("203.0.113.66:1"));
        for also in [None, Some(sdp.ip()), Some(address("198.51.100.7:5060").ip())] {
            let mut peer = Peer::new(ms(0), sdp, also);
            for n in 0..500 {
                assert_eq!(peer.judge(ms(10 * i64::from(n)), stranger, &header(n)), Source::Stranger);
            }
            assert_eq!(peer.send_to(), Some(sdp));
            assert_eq!(peer.judge(ms(5000), sdp, &header(1)), Source::Latched);
        }
    }

    #[test]
    fn a_stranger_does_not_delay_the_learning_of_the_signallings_address() {
        let (behind_nat, stranger) = (address("198.51.100.7:9999"), address("203.0.113.66:1"));
        let mut peer = Peer::new(ms(0), address("10.0.0.1:4000"), Some(behind_nat.ip()));
        for n in 0..4 {
            assert_eq!(peer.judge(ms(20 * i64::from(n)), stranger, &header(n)), Source::Stranger);
            peer.judge(ms(20 * i64::from(n)), behind_nat, &header(n));
        }
        assert_eq!(peer.send_to(), Some(behind_nat));
    }

    #[test]
    fn an_ipv4_mapped_address_is_the_ipv4_address() {
        let mut peer = Peer::new(ms(0), address("10.0.0.1:4000"), Some(address("[::ffff:198.51.100.7]:5060").ip()));
        for n in 0..4 {
            peer.judge(ms(20 * i64::from(n)), address("198.51.100.7:9999"), &header(n));
        }
        assert_eq!(peer.send_to(), Some(address("198.51.100.7:9999")));
        assert_eq!(peer.judge(ms(90), address("[::ffff:10.0.0.1]:4000"), &header(1)), Source::Latched);
    }

    #[test]
    fn a_sprayer_is_not_taken_while_the_sdps_address_speaks_nor_after_the_learning_time() {
        let (sdp, sprayer) = (address("192.0.2.1:4000"), address("203.0.113.66:1"));
        let mut peer = Peer::new(ms(0), sdp, Some(sprayer.ip()));
        for n in 0..50 {
            assert_eq!(peer.judge(ms(1), sprayer, &header(n)), Source::Stranger, "a burst proves nothing");
        }
        assert_eq!(peer.judge(ms(20), sdp, &header(1)), Source::Latched);
        let mut late = Peer::new(ms(0), sdp, Some(sprayer.ip()));
        for n in 0..50 {
            assert_eq!(late.judge(ms(10_001 + i64::from(n) * 20), sprayer, &header(n)), Source::Stranger);
        }
        let mut scattered = Peer::new(ms(0), sdp, Some(sprayer.ip()));
        for n in 0..50 {
            assert_eq!(scattered.judge(ms(i64::from(n) * 20), sprayer, &header(n * 2)), Source::Stranger, "no sequence");
        }
    }

    #[test]
    fn two_ports_of_one_nat_do_not_displace_each_other_unless_the_first_falls_silent() {
        let (one, two) = (address("198.51.100.7:1"), address("198.51.100.7:2"));
        let mut peer = Peer::new(ms(0), address("10.0.0.1:4000"), Some(one.ip()));
        for n in 0..3 {
            assert_eq!(peer.judge(ms(20 * i64::from(n)), one, &header(n)), Source::Stranger);
            assert_eq!(peer.judge(ms(20 * i64::from(n)), two, &header(n)), Source::Stranger);
        }
        let verdicts: Vec<Source> = (0..4).map(|n| peer.judge(ms(1000 + 20 * i64::from(n)), two, &header(n))).collect();
        assert_eq!(verdicts, [Source::Stranger, Source::Stranger, Source::Stranger, Source::Peer]);
    }

    #[test]
    fn nothing_is_sent_to_an_unspecified_address() {
        assert_eq!(Peer::new(ms(0), address("0.0.0.0:4000"), None).send_to(), None);
        assert_eq!(Peer::new(ms(0), address("[::]:4000"), None).send_to(), None);
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
