//! The border to a media worker: what the engine commands, what it hears back, and the ports it leases.

use crate::prompt::Clip;
use crate::recorder::{Order, RecordEnd};
use hotline_model::history::{Codec, Direction};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// One RTP stream of one leg; chosen by the engine, never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StreamId(pub u64);

/// One pre-bound port of a worker, by its index in that worker's pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Lease(pub u32);

/// What offer and answer agreed for a stream, and how our own RTP begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// The law both sides use.
    pub codec: Codec,
    /// Its RTP payload type: 0 or 8, or the dynamic number the peer gave it.
    pub payload_type: u8,
    /// RFC 4733 payload type, if agreed.
    pub telephone_event: Option<u8>,
    /// The peer's RTP address out of its SDP; unspecified while it holds us the old way (`c=0.0.0.0`).
    pub remote: SocketAddr,
    /// Where the leg's SIP comes from: the only other IP its RTP may come from (NAT). A changed one counts with the next changed `remote`.
    pub also: Option<IpAddr>,
    /// Direction seen from us.
    pub direction: Direction,
    /// Our SSRC; a changed one in `Modify` is ignored, since a stream keeps its SSRC.
    pub ssrc: u32,
    /// Our first sequence number (random, RFC 3550 5.1); ignored in `Modify`.
    pub first_seq: u16,
    /// Our first timestamp in units of 1/8000 s (random, RFC 3550 5.1); ignored in `Modify`.
    pub first_timestamp: u32,
}

/// The most streams of one [`Command::Conference`].
pub const MAX_CONFERENCE: usize = 4;

/// What the engine tells a worker. A command for a stream the worker does not know is counted and changes nothing.
#[derive(Clone, Debug)]
pub enum Command {
    /// Begins a stream on a leased port.
    Open {
        /// The stream.
        stream: StreamId,
        /// Its port.
        lease: Lease,
        /// What was agreed.
        setup: Setup,
    },
    /// A re-INVITE or UPDATE changed what was agreed; a new `remote` makes the worker learn the peer's address anew.
    Modify {
        /// The stream.
        stream: StreamId,
        /// What is agreed from now on.
        setup: Setup,
    },
    /// Plays clips one after the other, in place of whatever prompt plays now (which ends as interrupted). A prompt goes before the
    /// bridge or conference, that before the ring-back tone, and that before music.
    Play {
        /// The stream.
        stream: StreamId,
        /// Told back in `Played`.
        play: u64,
        /// What to play; none at all is `Played` at once.
        clips: Vec<Arc<Clip>>,
        /// A digit stops it.
        barge_in: bool,
        /// Music follows when it ends by itself.
        then_music: bool,
    },
    /// Stops the prompt that plays; music and bridge stay.
    Stop {
        /// The stream.
        stream: StreamId,
    },
    /// Turns music on or off.
    Music {
        /// The stream.
        stream: StreamId,
        /// On or off.
        on: bool,
    },
    /// Turns the ring-back tone on or off ([`crate::tone::ring_back`], from its beginning): what the one who calls hears while the other
    /// side rings. It goes before music; prompt, bridge and conference go before it.
    RingBack {
        /// The stream.
        stream: StreamId,
        /// On or off.
        on: bool,
    },
    /// Relays between two streams of this worker, out of whatever bridges and conferences they are in.
    Bridge {
        /// One.
        a: StreamId,
        /// The other.
        b: StreamId,
    },
    /// Joins streams of this worker, out of whatever bridges and conferences they are in: each hears the sum of the others and never
    /// itself. Two are a bridge. A stream named twice counts once; one that is not there is left out and counted, and the others
    /// are joined; one of which no other is there talks with nobody. More than [`MAX_CONFERENCE`] are `ConferenceRefused`, and nothing changes. Who leaves by `Bridge`, `Unbridge`,
    /// `Close` or another `Conference` leaves the others talking: two of them as a bridge, the last one alone. A prompt goes
    /// before the conference for its own stream, and nobody else hears it. Keys are told and not passed on.
    Conference {
        /// Who talks, in any order.
        streams: Vec<StreamId>,
    },
    /// Ends the relay between two streams. Of two in one conference, `a` leaves it, and the others talk on.
    Unbridge {
        /// One.
        a: StreamId,
        /// The other.
        b: StreamId,
    },
    /// Whether keys of this stream's peer (RFC 4733) go on to who is bridged with it, as they do at first; they are told in any case.
    Keys {
        /// The stream.
        stream: StreamId,
        /// They go on.
        pass: bool,
    },
    /// Ends a stream; `Closed` gives its port back.
    Close {
        /// The stream.
        stream: StreamId,
    },
    /// Records what the peer says, in place of a recording under way (which ends as closed); who is alone hears silence meanwhile. `Recorded` tells
    /// the end.
    Record {
        /// The stream.
        stream: StreamId,
        /// What is to be recorded.
        order: Order,
    },
    /// Ends the recording under way.
    StopRecord {
        /// The stream.
        stream: StreamId,
    },
}

impl Command {
    /// The stream it is for: the first of a bridge or a conference (`u64::MAX` of an empty one).
    pub fn stream(&self) -> StreamId {
        match self {
            Self::Open { stream, .. }
            | Self::Modify { stream, .. }
            | Self::Play { stream, .. }
            | Self::Stop { stream }
            | Self::Music { stream, .. }
            | Self::RingBack { stream, .. }
            | Self::Keys { stream, .. }
            | Self::Record { stream, .. }
            | Self::StopRecord { stream }
            | Self::Close { stream } => *stream,
            Self::Bridge { a, .. } | Self::Unbridge { a, .. } => *a,
            Self::Conference { streams } => streams.first().copied().unwrap_or(StreamId(u64::MAX)),
        }
    }
}

/// What a worker tells the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The peer pressed a key (RFC 4733); told once, when the key is released.
    Digit {
        /// The stream.
        stream: StreamId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
        /// How long it was pressed, as far as the packets told.
        duration_ms: u32,
    },
    /// A play ended.
    Played {
        /// The stream.
        stream: StreamId,
        /// The play.
        play: u64,
        /// A digit, `Stop`, another play or the stream's end cut it off.
        interrupted: bool,
    },
    /// The peer's first RTP packet came, or the first one after `Silent`.
    Flowing {
        /// The stream.
        stream: StreamId,
    },
    /// RTP flowed and then stopped for `worker::SILENT_AFTER`, while we were to receive it.
    Silent {
        /// The stream.
        stream: StreamId,
    },
    /// The stream is over and its port free.
    Closed {
        /// The stream.
        stream: StreamId,
        /// Its port, to be given back to the pool.
        lease: Lease,
        /// What it carried.
        stats: Stats,
        /// Why it ended.
        why: CloseReason,
    },
    /// `Open` named a port that is in use or unknown, or a stream that is open: nothing was opened. Or a command for a stream that is
    /// not there was lost because the ring was full (it may have been its `Open`, or it may be closed already).
    Refused {
        /// The stream.
        stream: StreamId,
    },
    /// A `Conference` named more than [`MAX_CONFERENCE`] streams: nothing changed, everybody talks and hears as before.
    ConferenceRefused {
        /// The first it named.
        stream: StreamId,
    },
    /// A recording ended; what it is stored in follows within moments.
    Recorded {
        /// The stream.
        stream: StreamId,
        /// The recording.
        record: u64,
        /// How.
        end: RecordEnd,
        /// How long it is.
        length_ms: u32,
        /// How long somebody spoke in it, short pauses included.
        spoken_ms: u32,
    },
    /// The first packet of a play left for the peer (R10); not told of one that is cut off before, or while nothing may be sent.
    Begun {
        /// The stream.
        stream: StreamId,
        /// The play.
        play: u64,
    },
}

impl Event {
    /// The stream it is about.
    pub fn stream(&self) -> StreamId {
        match self {
            Self::Digit { stream, .. }
            | Self::Played { stream, .. }
            | Self::Begun { stream, .. }
            | Self::Flowing { stream }
            | Self::Silent { stream }
            | Self::Closed { stream, .. }
            | Self::Refused { stream }
            | Self::Recorded { stream, .. }
            | Self::ConferenceRefused { stream } => *stream,
        }
    }
}

/// Why a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CloseReason {
    /// The engine said `Close`.
    Asked,
    /// A command or an event was lost because its ring was full: the call must end.
    RingFull,
}

/// What a stream carried, counted in packets unless said otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Valid RTP from the peer.
    pub received: u64,
    /// RTP we sent to the peer, made here or relayed.
    pub sent: u64,
    /// Of `received`, how many went on to the bridged leg or into the conference.
    pub relayed: u64,
    /// Missing from the peer's sequence numbers (RFC 3550 A.3), late ones not counted as lost.
    pub lost: u64,
    /// Interarrival jitter in microseconds (RFC 3550 A.8), the last value.
    pub jitter_us: u32,
    /// Refused because they came from another address than the peer's.
    pub strangers: u64,
    /// Dropped because they were no RTP of this stream: damaged, too long, another payload type.
    pub garbage: u64,
    /// RTCP, dropped.
    pub rtcp: u64,
    /// Keys pressed.
    pub digits: u64,
}

/// The ports of one worker, in the engine's hands. The port freed longest ago is leased first, so that late packets of an old call
/// seldom meet a new one.
#[derive(Clone, Debug)]
pub struct LeasePool {
    ports: Vec<Port>,
    free: VecDeque<Lease>,
}

#[derive(Clone, Debug)]
struct Port {
    address: SocketAddr,
    leased: bool,
}

impl LeasePool {
    /// A pool of the ports a worker bound; `Lease(n)` is the n-th of them.
    pub fn new(addresses: &[SocketAddr]) -> Self {
        let ports: Vec<Port> = addresses.iter().map(|&address| Port { address, leased: false }).collect();
        let free = (0u32..).take(ports.len()).map(Lease).collect();
        Self { ports, free }
    }

    /// Leases a port; `None` when all are leased (503 for a new call).
    pub fn take(&mut self) -> Option<(Lease, SocketAddr)> {
        let lease = self.free.pop_front()?;
        let port = self.ports.get_mut(lease.0 as usize)?;
        port.leased = true;
        Some((lease, port.address))
    }

    /// Leases one port by its address, to take a call up again after a crash; `None` if it is leased or not ours.
    pub fn reserve(&mut self, address: SocketAddr) -> Option<Lease> {
        let place = self.free.iter().position(|lease| self.address(*lease) == Some(address))?;
        let lease = self.free.remove(place)?;
        self.ports.get_mut(lease.0 as usize)?.leased = true;
        Some(lease)
    }

    /// Gives a leased port back; one that is not leased stays as it is.
    pub fn give_back(&mut self, lease: Lease) {
        if let Some(port) = self.ports.get_mut(lease.0 as usize)
            && std::mem::take(&mut port.leased)
        {
            self.free.push_back(lease);
        }
    }

    /// The address of a port, as bound.
    pub fn address(&self, lease: Lease) -> Option<SocketAddr> {
        self.ports.get(lease.0 as usize).map(|port| port.address)
    }

    /// How many ports are free.
    pub fn len(&self) -> usize {
        self.free.len()
    }

    /// Whether none is free.
    pub fn is_empty(&self) -> bool {
        self.free.is_empty()
    }

    /// How many ports there are, leased or free.
    pub fn capacity(&self) -> usize {
        self.ports.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    #[test]
    fn the_port_freed_longest_ago_is_leased_first() {
        let mut pool = LeasePool::new(&[address(20000), address(20002), address(20004)]);
        let (first, _) = pool.take().unwrap();
        let (second, at) = pool.take().unwrap();
        assert_eq!((first, second, at), (Lease(0), Lease(1), address(20002)));
        pool.give_back(second);
        pool.give_back(first);
        let order: Vec<Lease> = std::iter::from_fn(|| pool.take().map(|(lease, _)| lease)).collect();
        assert_eq!(order, [Lease(2), Lease(1), Lease(0)]);
        assert!(pool.is_empty() && pool.capacity() == 3);
    }

    #[test]
    fn a_port_given_back_twice_is_free_once() {
        let mut pool = LeasePool::new(&[address(20000)]);
        let (lease, _) = pool.take().unwrap();
        pool.give_back(lease);
        pool.give_back(lease);
        pool.give_back(Lease(7));
        assert_eq!(pool.len(), 1);
    }

    #[test]
    fn recovery_leases_the_port_the_call_had() {
        let mut pool = LeasePool::new(&[address(20000), address(20002), address(20004)]);
        assert_eq!(pool.reserve(address(20002)), Some(Lease(1)));
        assert_eq!(pool.reserve(address(20002)), None);
        assert_eq!(pool.reserve(address(30000)), None);
        let rest: Vec<Lease> = std::iter::from_fn(|| pool.take().map(|(lease, _)| lease)).collect();
        assert_eq!(rest, [Lease(0), Lease(2)]);
        pool.give_back(Lease(1));
        assert_eq!(pool.take(), Some((Lease(1), address(20002))));
    }
}
