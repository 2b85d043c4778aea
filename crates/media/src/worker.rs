//! The machine of one media worker: every stream on its ports, told the time and the datagrams, giving packets, events and latches.

mod joining;
mod recording;

use crate::bridge;
use crate::conference::Conference;
use crate::control::{CloseReason, Command, Event, Lease, Setup, StreamId};
use crate::dtmf::{Decoder, LOST_END, Press};
use crate::g711;
use crate::grid::{Grid, loop_frame};
use crate::peer::{Peer, Source};
use crate::prompt::{Clip, FRAME};
use crate::recorder::{RecordEnd, Take};
use crate::rtp::{self, HEADER, Header, Invalid};
use crate::stream::{Content, Flow, Joined, Play, Sound, Stream};
use crate::tone;
use hotline_model::history::Codec;
use hotline_model::{Deadlines, LookupMap, Timestamp};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// No RTP for this long, after it flowed and while we were to receive it, is `Silent`.
pub const SILENT_AFTER: Duration = Duration::from_secs(20);
/// Outputs waiting to be polled; beyond it datagrams and commands are refused and counted. The shell polls after each input.
pub const MAX_OUTPUTS: usize = 16_384;
/// Clips in one `Play`; more are cut off and counted.
pub const MAX_CLIPS: usize = 64;
/// Bytes of a packet of our own.
const PACKET: usize = HEADER + FRAME;

/// What the shell does for the machine.
#[derive(Debug, PartialEq, Eq)]
pub enum Output<'a> {
    /// Send a packet.
    Packet {
        /// From this port.
        lease: Lease,
        /// To this address; a connected socket has the same.
        to: SocketAddr,
        /// The packet.
        bytes: &'a [u8],
    },
    /// The peer is learned for good: connect(2) the socket, so that the kernel drops strangers. Failing is harmless.
    Connect {
        /// The port.
        lease: Lease,
        /// The peer.
        to: SocketAddr,
    },
    /// The peer is gone or to be learned anew: dissolve the connection.
    Disconnect {
        /// The port.
        lease: Lease,
    },
    /// Tell the engine.
    Event(Event),
    /// Store what a stream's recorder made; [`Worker::record_failed`] if that can't be.
    Record(StreamId, Take),
}

/// A datagram to be sent on, rewritten in the buffer it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// From this port.
    pub lease: Lease,
    /// To this address; a connected socket has the same.
    pub to: SocketAddr,
    /// Which bytes of the buffer.
    pub range: Range<usize>,
}

/// What happened outside of any stream, or to the worker as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Datagrams on a port without a stream.
    pub unleased: u64,
    /// Commands for streams that are not there, or impossible ones (a bridge of a stream with itself).
    pub commands_ignored: u64,
    /// Datagrams and commands refused because [`MAX_OUTPUTS`] were waiting.
    pub refused_full: u64,
    /// Clips cut off beyond [`MAX_CLIPS`].
    pub clips_cut: u64,
    /// Milliseconds of the grid left out because the worker was held up.
    pub left_out_ms: u64,
}

#[derive(Debug)]
enum Pending {
    Connect { lease: Lease, to: SocketAddr },
    Disconnect { lease: Lease },
    Event(Event),
    Record(StreamId, Take),
}

#[derive(Clone, Copy, Debug)]
enum Check {
    DigitEnd(u32),
    Silence(u32),
    Record(u32),
}

/// The streams of one worker. After each input the shell polls outputs until there are none.
#[derive(Debug)]
pub struct Worker {
    streams: Vec<Option<Box<Stream>>>,
    by_id: LookupMap<StreamId, u32>,
    checks: Deadlines<Check>,
    grid: Grid,
    /// A place for each conference; one that is over leaves its place to the next.
    conferences: Vec<Option<Box<Conference>>>,
    music: Arc<Clip>,
    ring_back: Clip,
    pending: VecDeque<Pending>,
    packet: [u8; PACKET],
    counters: Counters,
}

impl Worker {
    /// A worker of so many ports, with the music of those who wait.
    pub fn new(leases: u32, music: Arc<Clip>) -> Self {
        Self {
            streams: std::iter::repeat_with(|| None).take(leases as usize).collect(),
            by_id: LookupMap::default(),
            checks: Deadlines::default(),
            grid: Grid::default(),
            conferences: Vec::new(),
            music,
            ring_back: tone::ring_back(),
            pending: VecDeque::new(),
            packet: [0; PACKET],
            counters: Counters::default(),
        }
    }

    /// What happened outside of any stream.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// How many streams are open.
    pub fn open_streams(&self) -> usize {
        self.by_id.len()
    }

    /// The stream on a port.
    pub fn stream_on(&self, lease: Lease) -> Option<StreamId> {
        Some(self.streams.get(lease.0 as usize)?.as_ref()?.id)
    }

    /// Obeys a command.
    pub fn command(&mut self, now: Timestamp, command: Command) {
        if self.pending.len() >= MAX_OUTPUTS {
            self.counters.refused_full += 1;
            return;
        }
        match command {
            Command::Open { stream, lease, setup } => return self.open(now, stream, lease, &setup),
            Command::Bridge { a, b } => return self.bridge(now, a, b),
            Command::Unbridge { a, b } => return self.unbridge(now, a, b),
            Command::Conference { streams } => return self.conference(now, streams),
            Command::Modify { .. }
            | Command::Play { .. }
            | Command::Stop { .. }
            | Command::Music { .. }
            | Command::RingBack { .. }
            | Command::Keys { .. }
            | Command::Record { .. }
            | Command::StopRecord { .. }
            | Command::Close { .. } => {}
        }
        let Some(&lease) = self.by_id.get(&command.stream()) else {
            self.counters.commands_ignored += 1;
            return;
        };
        match command {
            Command::Modify { setup, .. } => self.modify(now, lease, &setup),
            Command::Play { play, clips, barge_in, then_music, .. } => {
                self.play(now, lease, Play { play, clips, clip: 0, frame: 0, barge_in, then_music, begun: false });
            }
            Command::Stop { .. } => self.end_play(now, lease, true),
            Command::Music { on, .. } => {
                self.with(lease, |stream| stream.music = on);
                self.reschedule(now, lease);
            }
            Command::RingBack { on, .. } => {
                self.with(lease, |stream| stream.ring_back = on.then_some(0));
                self.reschedule(now, lease);
            }
            Command::Keys { pass, .. } => {
                self.with(lease, |stream| stream.keeps_keys = !pass);
            }
            Command::Close { .. } => self.close(now, lease, CloseReason::Asked),
            Command::Record { order, .. } => self.record(now, lease, order),
            Command::StopRecord { .. } => self.end_record(now, lease, RecordEnd::Stopped),
            Command::Open { .. } | Command::Bridge { .. } | Command::Unbridge { .. } | Command::Conference { .. } => {}
        }
    }

    /// Ends a stream that lost a command or an event; the engine hears it in `Closed`, or in `Refused` if there is no such stream.
    pub fn fail(&mut self, now: Timestamp, stream: StreamId) {
        if let Some(&lease) = self.by_id.get(&stream) {
            self.close(now, lease, CloseReason::RingFull);
        } else {
            self.event(Event::Refused { stream });
        }
    }

    fn with<T>(&mut self, lease: u32, change: impl FnOnce(&mut Stream) -> T) -> Option<T> {
        on(&mut self.streams, lease).map(change)
    }

    fn event(&mut self, event: Event) {
        self.pending.push_back(Pending::Event(event));
    }

    fn open(&mut self, now: Timestamp, id: StreamId, lease: Lease, setup: &Setup) {
        match self.streams.get_mut(lease.0 as usize) {
            Some(slot @ None) if !self.by_id.contains_key(&id) => {
                *slot = Some(Box::new(Stream::new(now, id, setup)));
                self.by_id.insert(id, lease.0);
            }
            Some(_) | None => self.event(Event::Refused { stream: id }),
        }
    }

    fn modify(&mut self, now: Timestamp, lease: u32, setup: &Setup) {
        let Some(stream) = on(&mut self.streams, lease) else { return };
        let received = stream.receives();
        stream.codec = setup.codec;
        stream.payload_type = setup.payload_type;
        stream.telephone_event = setup.telephone_event;
        stream.direction = setup.direction;
        if stream.receives() && !received {
            stream.last_packet = now;
        }
        if !stream.sends() {
            stream.outgoing.pause();
        }
        self.hold_record(now, lease);
        let Some(stream) = on(&mut self.streams, lease) else { return };
        if stream.peer.sdp() == setup.remote {
            return;
        }
        let latched = stream.peer.is_latched();
        stream.peer = Peer::new(now, setup.remote, setup.also);
        stream.decoder = Decoder::default();
        if latched {
            self.pending.push_back(Pending::Disconnect { lease: Lease(lease) });
        }
    }

    fn play(&mut self, now: Timestamp, lease: u32, mut play: Play) {
        self.end_play(now, lease, true);
        if play.clips.len() > MAX_CLIPS {
            self.counters.clips_cut += (play.clips.len() - MAX_CLIPS) as u64;
            play.clips.truncate(MAX_CLIPS);
        }
        let nothing = play.clips.iter().all(|clip| clip.frames() == 0);
        self.with(lease, |stream| stream.play = Some(play));
        if nothing {
            self.end_play(now, lease, false);
        } else {
            self.reschedule(now, lease);
        }
    }

    fn end_play(&mut self, now: Timestamp, lease: u32, interrupted: bool) {
        let Some(stream) = on(&mut self.streams, lease) else { return };
        let Some(play) = stream.play.take() else { return };
        stream.music |= play.then_music && !interrupted;
        let event = Event::Played { stream: stream.id, play: play.play, interrupted };
        self.event(event);
        self.reschedule(now, lease);
    }

    /// Puts a stream on the grid while it plays by itself, and takes it off otherwise.
    fn reschedule(&mut self, now: Timestamp, lease: u32) {
        let Some(stream) = on(&mut self.streams, lease) else { return };
        let plays = match stream.sound() {
            Sound::Prompt | Sound::Conference(_) | Sound::RingBack(_) | Sound::Silence => true,
            Sound::Music => self.music.frames() > 0,
            Sound::Bridge | Sound::Nothing => false,
        };
        match (plays, stream.phase) {
            (true, None) => stream.phase = Some(self.grid.join(now, lease)),
            (false, Some(phase)) => {
                self.grid.leave(phase, lease);
                stream.phase = None;
                stream.outgoing.pause();
            }
            (true, Some(_)) | (false, None) => {}
        }
    }

    fn close(&mut self, now: Timestamp, lease: u32, why: CloseReason) {
        self.end_play(now, lease, true);
        self.end_record(now, lease, RecordEnd::Closed);
        self.leave(now, lease);
        let Some(stream) = self.streams.get_mut(lease as usize).and_then(Option::take) else { return };
        self.by_id.remove(&stream.id);
        if let Some(phase) = stream.phase {
            self.grid.leave(phase, lease);
        }
        for check in [stream.digit_end, stream.silence].into_iter().flatten() {
            self.checks.cancel(check);
        }
        if stream.peer.is_latched() {
            self.pending.push_back(Pending::Disconnect { lease: Lease(lease) });
        }
        self.event(Event::Closed { stream: stream.id, lease: Lease(lease), stats: stream.final_stats(), why });
    }

    /// Takes a datagram that came to a port; gives what is to be sent on, rewritten in place. Allocates nothing on the way of audio.
    pub fn packet(&mut self, now: Timestamp, lease: Lease, from: SocketAddr, bytes: &mut [u8]) -> Option<Forward> {
        if self.pending.len() >= MAX_OUTPUTS {
            self.counters.refused_full += 1;
            return None;
        }
        let Some(stream) = on(&mut self.streams, lease.0) else {
            self.counters.unleased += 1;
            return None;
        };
        let (header, content) = valid(stream, bytes)?;
        match stream.peer.judge(now, from, &header) {
            Source::Peer => {}
            Source::Latched => self.pending.push_back(Pending::Connect { lease, to: from }),
            Source::Stranger => {
                stream.stats.strangers += 1;
                return None;
            }
        }
        stream.stats.received += 1;
        stream.last_packet = now;
        stream.reception.packet(now, &header, content == Content::Audio);
        let (codec, joined, keeps_keys, records) = (stream.codec, stream.joined, stream.keeps_keys, stream.recorder.is_some());
        if stream.flow != Flow::Flowing {
            self.flowing(now, lease.0);
        }
        if content == Content::Event {
            self.key(now, lease.0, header.timestamp, bytes.get(header.start..header.end).unwrap_or_default());
        }
        if records && content == Content::Audio {
            self.record_sound(now, lease.0, &header, codec, bytes.get(header.start..header.end).unwrap_or_default());
        }
        let other = match joined {
            Joined::Pair(other) => other,
            Joined::Conference(slot) => {
                let sound = bytes.get(header.start..header.end).filter(|_| content == Content::Audio);
                self.speak(lease.0, slot, &header, codec, sound?);
                return None;
            }
            Joined::Alone => return None,
        };
        if keeps_keys && content == Content::Event {
            self.with(other, |other| other.outgoing.skip(&header));
            return None;
        }
        let (to, range) = relay(on(&mut self.streams, other)?, now, bytes, &header, content, codec)?;
        self.with(lease.0, |stream| stream.stats.relayed += 1);
        Some(Forward { lease: Lease(other), to, range })
    }

    fn speak(&mut self, lease: u32, slot: u32, header: &Header, codec: Codec, sound: &[u8]) {
        let Some(Some(conference)) = self.conferences.get_mut(slot as usize) else { return };
        if conference.packet(lease, header, codec, sound) {
            self.with(lease, |stream| stream.stats.relayed += 1);
        }
    }

    fn flowing(&mut self, now: Timestamp, lease: u32) {
        let check = self.checks.set(now + SILENT_AFTER, Check::Silence(lease));
        let Some(stream) = on(&mut self.streams, lease) else { return };
        stream.flow = Flow::Flowing;
        let before = stream.silence.replace(check);
        let event = Event::Flowing { stream: stream.id };
        if let Some(before) = before {
            self.checks.cancel(before);
        }
        self.event(event);
    }

    fn key(&mut self, now: Timestamp, lease: u32, timestamp: u32, payload: &[u8]) {
        let Some(stream) = on(&mut self.streams, lease) else { return };
        stream.last_event = now;
        let heard = stream.decoder.packet(timestamp, payload);
        let cuts_in = heard.pressed && stream.play.as_ref().is_some_and(|play| play.barge_in);
        if heard.pressed && stream.digit_end.is_none() {
            stream.digit_end = Some(self.checks.set(now + LOST_END, Check::DigitEnd(lease)));
        }
        if cuts_in {
            self.end_play(now, lease, true);
        }
        for press in [heard.released, heard.released_too].into_iter().flatten() {
            self.digit(lease, press);
        }
    }

    fn digit(&mut self, lease: u32, press: Press) {
        let Some(stream) = on(&mut self.streams, lease) else { return };
        stream.stats.digits += 1;
        let event = Event::Digit { stream: stream.id, digit: press.digit, duration_ms: press.duration_ms };
        self.event(event);
    }

    /// When [`Self::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        [self.grid.next_time(), self.checks.next()].into_iter().flatten().min()
    }

    /// Time has come to `now`: frames, lost ends of keys and silences that are due.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.counters.left_out_ms += self.grid.advance(now).unsigned_abs();
        while let Some(check) = self.checks.take_due(now) {
            match check {
                Check::DigitEnd(lease) => self.check_digit(now, lease),
                Check::Silence(lease) => self.check_silence(now, lease),
                Check::Record(lease) => self.check_record(now, lease),
            }
        }
    }

    fn check_digit(&mut self, now: Timestamp, lease: u32) {
        let Some(stream) = on(&mut self.streams, lease) else { return };
        stream.digit_end = None;
        if !stream.decoder.is_open() {
            return;
        }
        let due = stream.last_event + LOST_END;
        if due > now {
            stream.digit_end = Some(self.checks.set(due, Check::DigitEnd(lease)));
        } else if let Some(press) = stream.decoder.release() {
            self.digit(lease, press);
        }
    }

    fn check_silence(&mut self, now: Timestamp, lease: u32) {
        let Some(stream) = on(&mut self.streams, lease) else { return };
        stream.silence = None;
        let due = if stream.receives() { stream.last_packet } else { now } + SILENT_AFTER;
        if due > now {
            stream.silence = Some(self.checks.set(due, Check::Silence(lease)));
            return;
        }
        stream.flow = Flow::Silent;
        let event = Event::Silent { stream: stream.id };
        self.event(event);
    }

    /// The next thing to do, `None` when there is nothing more for now.
    pub fn poll_output(&mut self) -> Option<Output<'_>> {
        loop {
            if let Some(pending) = self.pending.pop_front() {
                return Some(match pending {
                    Pending::Connect { lease, to } => Output::Connect { lease, to },
                    Pending::Disconnect { lease } => Output::Disconnect { lease },
                    Pending::Event(event) => Output::Event(event),
                    Pending::Record(stream, take) => Output::Record(stream, take),
                });
            }
            let (lease, at) = self.grid.next_due()?;
            if let Some(to) = self.frame(lease, at) {
                return Some(Output::Packet { lease: Lease(lease), to, bytes: &self.packet });
            }
        }
    }

    /// Makes the frame of a stream that is due; `None` if it has none or may not send it.
    fn frame(&mut self, lease: u32, at: Timestamp) -> Option<SocketAddr> {
        if let Some(Joined::Conference(slot)) = self.with(lease, |stream| stream.joined)
            && let Some(Some(conference)) = self.conferences.get_mut(slot as usize)
        {
            conference.mix(at);
        }
        let (header, samples) = self.packet.split_first_chunk_mut::<HEADER>()?;
        let stream = on(&mut self.streams, lease)?;
        if let Some(play) = &mut stream.play {
            if play.next_frame(stream.codec, samples.first_chunk_mut()?) {
                let to = send(stream, at, header)?;
                if let Some(begun) = stream.begins() {
                    self.event(begun);
                }
                return Some(to);
            }
            self.end_play(at, lease, false);
        }
        self.frame_beneath(lease, at)
    }

    /// What sounds where no prompt does.
    fn frame_beneath(&mut self, lease: u32, at: Timestamp) -> Option<SocketAddr> {
        let (header, samples) = self.packet.split_first_chunk_mut::<HEADER>()?;
        let samples = samples.first_chunk_mut::<FRAME>()?;
        let stream = on(&mut self.streams, lease)?;
        let sounds = match stream.sound() {
            Sound::Conference(slot) => match self.conferences.get(slot as usize) {
                Some(Some(conference)) => {
                    conference.frame(lease, stream.codec, samples);
                    true
                }
                Some(None) | None => false,
            },
            Sound::RingBack(frame) => {
                stream.ring_back = Some((frame + 1) % self.ring_back.frames().max(1));
                self.ring_back.copy_frame(stream.codec, frame, samples)
            }
            Sound::Music => self.music.copy_frame(stream.codec, loop_frame(at, self.music.frames()), samples),
            Sound::Silence => {
                samples.fill(g711::silence(stream.codec));
                true
            }
            Sound::Prompt | Sound::Bridge | Sound::Nothing => false,
        };
        sounds.then(|| send(stream, at, header)).flatten()
    }
}

fn on(streams: &mut [Option<Box<Stream>>], lease: u32) -> Option<&mut Stream> {
    streams.get_mut(lease as usize)?.as_deref_mut()
}

fn send(stream: &mut Stream, at: Timestamp, header: &mut [u8; HEADER]) -> Option<SocketAddr> {
    let Some(to) = stream.peer.send_to().filter(|_| stream.sends()) else {
        stream.outgoing.pause();
        return None;
    };
    rtp::write(header, stream.outgoing.own_frame(at, stream.payload_type));
    stream.stats.sent += 1;
    Some(to)
}

fn valid(stream: &mut Stream, bytes: &[u8]) -> Option<(Header, Content)> {
    let header = match rtp::read(bytes) {
        Ok(header) => header,
        Err(Invalid::Rtcp) => {
            stream.stats.rtcp += 1;
            return None;
        }
        Err(Invalid::Length | Invalid::Version) => {
            stream.stats.garbage += 1;
            return None;
        }
    };
    let content = stream.content(&header).filter(|_| stream.receives());
    if content.is_none() {
        stream.stats.garbage += 1;
    }
    Some((header, content?))
}

fn relay(
    to: &mut Stream,
    now: Timestamp,
    bytes: &mut [u8],
    header: &Header,
    content: Content,
    codec: Codec,
) -> Option<(SocketAddr, Range<usize>)> {
    if to.sound() != Sound::Bridge || !to.sends() {
        return None;
    }
    let address = to.peer.send_to()?;
    let payload_type = match content {
        Content::Audio => Some(to.payload_type),
        Content::Event => to.telephone_event,
        Content::ComfortNoise => None,
    };
    let Some(payload_type) = payload_type else {
        to.outgoing.skip(header);
        return None;
    };
    let audio = content == Content::Audio;
    let mark = to.outgoing.relay(now, header, payload_type, audio)?;
    let translation = if audio { g711::between(codec, to.codec) } else { None };
    to.stats.sent += 1;
    Some((address, bridge::rewrite(bytes, header, mark, translation)))
}
