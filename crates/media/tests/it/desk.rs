//! A worker on a virtual clock, with everything it said.

use hotline_media::{Clip, Command, Event, Forward, Lease, Output, Setup, StreamId, Take, Worker};
use hotline_model::Timestamp;
use hotline_model::history::{Codec, Direction};
use rtp::packet::Packet;
use std::net::SocketAddr;
use std::sync::Arc;
use webrtc_util::marshal::Unmarshal;

pub const LEASES: u32 = 64;
/// Where the signalling of every leg comes from.
pub const NAT: [u8; 4] = [198, 51, 100, 7];

pub struct Sent {
    pub at_ms: i64,
    pub lease: u32,
    pub to: SocketAddr,
    pub packet: Packet,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Socket {
    Connect(u32, SocketAddr),
    Disconnect(u32),
}

pub struct Desk {
    pub worker: Worker,
    pub now: Timestamp,
    pub sent: Vec<Sent>,
    pub events: Vec<Event>,
    pub sockets: Vec<Socket>,
    pub takes: Vec<(StreamId, Take)>,
}

pub fn ms(ms: i64) -> Timestamp {
    Timestamp(ms * 1000)
}

pub fn peer(n: u32) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 40_000 + 2 * n as u16))
}

pub fn setup(n: u32) -> Setup {
    Setup {
        codec: Codec::Pcmu,
        payload_type: 0,
        telephone_event: Some(101),
        remote: peer(n),
        also: Some(NAT.into()),
        direction: Direction::SendRecv,
        ssrc: 1000 + n,
        first_seq: 65_530,
        first_timestamp: u32::MAX - 400,
    }
}

pub fn id(n: u32) -> StreamId {
    StreamId(u64::from(n) + 7)
}

/// A clip whose frames are told apart by their first byte.
pub fn clip(name: &str, first: u8, frames: usize) -> Arc<Clip> {
    let samples: Vec<u8> = (0..frames).flat_map(|frame| [first.wrapping_add(frame as u8); 160]).collect();
    Arc::new(Clip { name: name.into(), pcmu: samples.clone(), pcma: samples })
}

pub fn rtp(payload_type: u8, seq: u16, timestamp: u32, ssrc: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x80, payload_type];
    bytes.extend(seq.to_be_bytes());
    bytes.extend(timestamp.to_be_bytes());
    bytes.extend(ssrc.to_be_bytes());
    bytes.extend(payload);
    bytes
}

pub fn read(bytes: &[u8]) -> Packet {
    assert!(bytes.len() >= 12);
    Packet::unmarshal(&mut &*bytes).expect("what we send is RTP")
}

impl Desk {
    /// A worker with `streams` open, stream n on lease n.
    pub fn new(streams: u32) -> Self {
        let music = clip("music", 200, 50);
        let mut desk =
            Self { worker: Worker::new(LEASES, music), now: ms(0), sent: vec![], events: vec![], sockets: vec![], takes: vec![] };
        for n in 0..streams {
            desk.command(Command::Open { stream: id(n), lease: Lease(n), setup: setup(n) });
        }
        desk
    }

    pub fn command(&mut self, command: Command) {
        self.worker.command(self.now, command);
        self.drain();
    }

    pub fn play(&mut self, n: u32, play: u64, clips: &[Arc<Clip>], barge_in: bool, then_music: bool) {
        self.command(Command::Play { stream: id(n), play, clips: clips.to_vec(), barge_in, then_music });
    }

    pub fn bridge(&mut self, a: u32, b: u32) {
        self.command(Command::Bridge { a: id(a), b: id(b) });
    }

    /// Lets time go on by so many milliseconds, waking the worker when it wants to be.
    pub fn pass(&mut self, milliseconds: i64) {
        let end = Timestamp(self.now.0 + milliseconds * 1000);
        while let Some(at) = self.worker.poll_timeout().filter(|&at| at <= end) {
            self.now = self.now.max(at);
            self.worker.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    /// A datagram comes; gives what is sent on because of it.
    pub fn datagram_from(&mut self, from: SocketAddr, n: u32, mut bytes: Vec<u8>) -> Option<Sent> {
        let forward = self.worker.packet(self.now, Lease(n), from, &mut bytes);
        self.drain();
        let Forward { lease, to, range } = forward?;
        Some(Sent { at_ms: self.now.0 / 1000, lease: lease.0, to, packet: read(&bytes[range]) })
    }

    pub fn datagram(&mut self, n: u32, bytes: Vec<u8>) -> Option<Sent> {
        self.datagram_from(peer(n), n, bytes)
    }

    /// Twenty milliseconds of sound from a peer, each 20 ms after the one before.
    pub fn audio(&mut self, n: u32, seq: u16) -> Option<Sent> {
        let sent = self.datagram(n, rtp(0, seq, u32::from(seq).wrapping_mul(160), 5000 + n, &[seq as u8; 160]));
        self.pass(20);
        sent
    }

    /// One packet of a key.
    pub fn key(&mut self, n: u32, seq: u16, timestamp: u32, event: u8, end: bool, duration: u16) -> Option<Sent> {
        let [high, low] = duration.to_be_bytes();
        let flags = if end { 0x8a } else { 0x0a };
        self.datagram(n, rtp(101, seq, timestamp, 5000 + n, &[event, flags, high, low]))
    }

    fn drain(&mut self) {
        while let Some(output) = self.worker.poll_output() {
            match output {
                Output::Packet { lease, to, bytes } => {
                    self.sent.push(Sent { at_ms: self.now.0 / 1000, lease: lease.0, to, packet: read(bytes) });
                }
                Output::Connect { lease, to } => self.sockets.push(Socket::Connect(lease.0, to)),
                Output::Disconnect { lease } => self.sockets.push(Socket::Disconnect(lease.0)),
                Output::Event(event) => self.events.push(event),
                Output::Record(stream, take) => self.takes.push((stream, take)),
            }
        }
    }

    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    pub fn take_sent(&mut self) -> Vec<Sent> {
        std::mem::take(&mut self.sent)
    }

    /// First payload bytes of what was sent meanwhile.
    pub fn heard(&mut self) -> Vec<u8> {
        self.take_sent().iter().map(|sent| sent.packet.payload[0]).collect()
    }
}
