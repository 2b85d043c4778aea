//! Who hears whom: what the media commands mean, kept beside the engine to judge it.

use hotline_media::{Command, StreamId};
use std::collections::{BTreeMap, BTreeSet};

/// What an open stream is given.
#[derive(Clone, Debug, Default)]
struct Given {
    music: bool,
    ring_back: bool,
    /// The prompt under way, and whether music follows it.
    plays: Option<(u64, bool)>,
}

/// The worker's state as its commands make it.
#[derive(Clone, Debug, Default)]
pub struct Ears {
    open: BTreeMap<StreamId, Given>,
    /// Conversations of two or more.
    talks: Vec<BTreeSet<StreamId>>,
}

impl Ears {
    pub fn obey(&mut self, command: &Command) {
        match command {
            Command::Open { stream, .. } => {
                assert!(self.open.insert(*stream, Given::default()).is_none(), "{stream:?} is opened twice");
            }
            Command::Close { stream } => {
                self.leave(*stream);
                assert!(self.open.remove(stream).is_some(), "{stream:?} is closed and was not open");
            }
            Command::Play { stream, play, then_music, .. } => self.given(*stream).plays = Some((*play, *then_music)),
            Command::Stop { stream } => self.given(*stream).plays = None,
            Command::Music { stream, on } => self.given(*stream).music = *on,
            Command::RingBack { stream, on } => self.given(*stream).ring_back = *on,
            Command::Bridge { a, b } => self.talk(&[*a, *b]),
            Command::Conference { streams } => self.talk(streams),
            Command::Unbridge { a, b } => {
                if self.talks.iter().any(|talk| talk.contains(a) && talk.contains(b)) {
                    self.leave(*a);
                }
            }
            Command::Modify { stream, .. }
            | Command::Keys { stream, .. }
            | Command::Record { stream, .. }
            | Command::StopRecord { stream } => drop(self.given(*stream)),
        }
    }

    fn given(&mut self, stream: StreamId) -> &mut Given {
        self.open.get_mut(&stream).unwrap_or_else(|| panic!("a command for {stream:?}, which is not open"))
    }

    fn talk(&mut self, streams: &[StreamId]) {
        for stream in streams {
            self.given(*stream);
            self.leave(*stream);
        }
        self.talks.push(streams.iter().copied().collect());
    }

    fn leave(&mut self, stream: StreamId) {
        for talk in &mut self.talks {
            talk.remove(&stream);
        }
        self.talks.retain(|talk| talk.len() > 1);
    }

    /// A prompt was heard to its end; false if it is no longer the one that plays.
    pub fn heard_out(&mut self, stream: StreamId, play: u64) -> bool {
        let Some(given) = self.open.get_mut(&stream) else { return false };
        match given.plays {
            Some((under_way, then_music)) if under_way == play => {
                given.plays = None;
                given.music |= then_music;
                true
            }
            Some(_) | None => false,
        }
    }

    /// The prompts that play.
    pub fn plays(&self) -> Vec<(StreamId, u64)> {
        self.open.iter().filter_map(|(stream, given)| Some((*stream, given.plays?.0))).collect()
    }

    /// Who hears whom, the stream itself left out.
    pub fn partners(&self, stream: StreamId) -> BTreeSet<StreamId> {
        let talks = self.talks.iter().filter(|talk| talk.contains(&stream));
        talks.flatten().copied().filter(|other| *other != stream).collect()
    }

    /// In how many conversations it is.
    pub fn talks(&self, stream: StreamId) -> usize {
        self.talks.iter().filter(|talk| talk.contains(&stream)).count()
    }

    /// Whether anything at all is to be heard.
    pub fn hears_something(&self, stream: StreamId) -> bool {
        self.open.get(&stream).is_some_and(|given| given.music || given.ring_back || given.plays.is_some()) || self.talks(stream) > 0
    }

    pub fn is_open(&self, stream: StreamId) -> bool {
        self.open.contains_key(&stream)
    }

    pub fn open(&self) -> usize {
        self.open.len()
    }
}
