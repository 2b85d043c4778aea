//! One stream of a worker: what it was told, what it hears, what it sends next.

use crate::control::{Event, Setup, Stats, StreamId};
use crate::dtmf::Decoder;
use crate::leg::Outgoing;
use crate::peer::{Peer, Reception};
use crate::prompt::{Clip, FRAME};
use crate::recorder::Recorder;
use crate::rtp::Header;
use hotline_model::history::{Codec, Direction};
use hotline_model::{Deadline, Timestamp};
use std::sync::Arc;

/// Comfort noise (RFC 3389, static type 13): a sign of life, not relayed.
const COMFORT_NOISE: u8 = 13;
/// Longest G.711 payload: 200 ms (RFC 3551 4.2).
const MAX_AUDIO: usize = 1600;

#[derive(Debug)]
pub(crate) struct Stream {
    pub id: StreamId,
    pub codec: Codec,
    pub payload_type: u8,
    pub telephone_event: Option<u8>,
    pub direction: Direction,
    pub peer: Peer,
    pub outgoing: Outgoing,
    pub reception: Reception,
    pub decoder: Decoder,
    pub play: Option<Play>,
    pub music: bool,
    /// The frame of the ring-back tone that sounds next, while it is on.
    pub ring_back: Option<usize>,
    /// Its peer's keys don't go on.
    pub keeps_keys: bool,
    pub joined: Joined,
    /// The millisecond of the 20 ms grid on which its frames are due, while it plays.
    pub phase: Option<u8>,
    pub flow: Flow,
    pub last_packet: Timestamp,
    pub last_event: Timestamp,
    pub digit_end: Option<Deadline>,
    pub silence: Option<Deadline>,
    /// It is recorded; when the recorder is looked at next.
    pub recorder: Option<Box<(Recorder, Deadline)>>,
    pub stats: Stats,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Never,
    Flowing,
    Silent,
}

#[derive(Debug)]
pub(crate) struct Play {
    pub play: u64,
    pub clips: Vec<Arc<Clip>>,
    pub clip: usize,
    pub frame: usize,
    pub barge_in: bool,
    pub then_music: bool,
    /// Its first packet has left.
    pub begun: bool,
}

impl Play {
    /// Copies the next frame; `false` at the end.
    pub fn next_frame(&mut self, codec: Codec, out: &mut [u8; FRAME]) -> bool {
        while let Some(clip) = self.clips.get(self.clip) {
            if clip.copy_frame(codec, self.frame, out) {
                self.frame += 1;
                return true;
            }
            self.clip += 1;
            self.frame = 0;
        }
        false
    }
}

/// What a packet of the peer carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Audio,
    Event,
    ComfortNoise,
}

/// Whom a stream talks with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Joined {
    #[default]
    Alone,
    /// The stream on this port.
    Pair(u32),
    /// Those in the conference at this place.
    Conference(u32),
}

/// Where the sound of a stream comes from, in the order of the listing: the first that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sound {
    Prompt,
    Bridge,
    Conference(u32),
    /// Its frame.
    RingBack(usize),
    /// Who is recorded hears silence, so that the peer sees that we are there.
    Silence,
    Music,
    Nothing,
}

impl Stream {
    pub fn new(now: Timestamp, id: StreamId, setup: &Setup) -> Self {
        Self {
            id,
            codec: setup.codec,
            payload_type: setup.payload_type,
            telephone_event: setup.telephone_event,
            direction: setup.direction,
            peer: Peer::new(now, setup.remote, setup.also),
            outgoing: Outgoing::new(now, setup.ssrc, setup.first_seq, setup.first_timestamp),
            reception: Reception::default(),
            decoder: Decoder::default(),
            play: None,
            music: false,
            ring_back: None,
            keeps_keys: false,
            joined: Joined::Alone,
            phase: None,
            flow: Flow::Never,
            last_packet: now,
            last_event: now,
            digit_end: None,
            silence: None,
            recorder: None,
            stats: Stats::default(),
        }
    }

    pub fn sends(&self) -> bool {
        match self.direction {
            Direction::SendRecv | Direction::SendOnly => true,
            Direction::RecvOnly | Direction::Inactive => false,
        }
    }

    pub fn receives(&self) -> bool {
        match self.direction {
            Direction::SendRecv | Direction::RecvOnly => true,
            Direction::SendOnly | Direction::Inactive => false,
        }
    }

    /// A packet of the play left: what is to be told if it was the first.
    pub fn begins(&mut self) -> Option<Event> {
        let play = self.play.as_mut().filter(|play| !play.begun)?;
        play.begun = true;
        Some(Event::Begun { stream: self.id, play: play.play })
    }

    pub fn sound(&self) -> Sound {
        if self.play.is_some() {
            return Sound::Prompt;
        }
        match (self.joined, self.ring_back) {
            (Joined::Pair(_), _) => Sound::Bridge,
            (Joined::Conference(slot), _) => Sound::Conference(slot),
            (Joined::Alone, Some(frame)) => Sound::RingBack(frame),
            (Joined::Alone, None) if self.recorder.is_some() => Sound::Silence,
            (Joined::Alone, None) if self.music => Sound::Music,
            (Joined::Alone, None) => Sound::Nothing,
        }
    }

    /// What a packet carries, or `None` if this stream has no such packets.
    pub fn content(&self, header: &Header) -> Option<Content> {
        let length = header.end.saturating_sub(header.start);
        if header.payload_type == self.payload_type {
            (1..=MAX_AUDIO).contains(&length).then_some(Content::Audio)
        } else if Some(header.payload_type) == self.telephone_event {
            (length >= 4).then_some(Content::Event)
        } else {
            (header.payload_type == COMFORT_NOISE).then_some(Content::ComfortNoise)
        }
    }

    pub fn final_stats(&self) -> Stats {
        Stats { lost: self.reception.lost(), jitter_us: self.reception.jitter_us(), ..self.stats }
    }
}
