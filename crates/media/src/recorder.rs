//! The recorder of one stream: what the peer says, put in order by RTP time with silence where packets are missing, until it is long enough, silent
//! long enough, or told to stop. It makes samples; whoever stores them is told in which file.

use crate::g711;
use crate::prompt::FRAME;
use crate::rtp::Header;
use hotline_model::Timestamp;
use hotline_model::history::Codec;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Samples of a millisecond at 8 kHz.
const PER_MS: u64 = 8;
/// How late a packet may come and still find its place: 400 ms. What is older is written.
const HOLD: u64 = 400 * PER_MS;
/// How far a packet's time may leave ours (2 s) before its clock counts as set anew; what would come later than that is dropped.
const MAX_DRIFT: u64 = 2_000 * PER_MS;
/// Samples given to be written at once: 200 ms, the most that a crash loses beside [`HOLD`].
const CHUNK: usize = 1_600;
/// What is kept of the silence that ended a recording.
const TAIL: u64 = 500 * PER_MS;
/// Pauses up to this are part of what is said.
const BREATH: u64 = 400 * PER_MS;
/// Mean of the samples below which nobody speaks, whatever the line sounds like: about -50 dBm0.
const QUIET: u32 = 60;
/// How much louder than the line's own noise speech is: 3 times, 9.5 dB.
const ABOVE_NOISE: u32 = 3;
/// The noise of the line is taken to grow by a 1024th of itself each frame while it is louder: a tone that never pauses is noise after some 20 s.
const GROWTH: u32 = 1_024;
/// What a line sounds like at most when it begins, about -40 dBm0: who speaks at once is louder.
const FIRST_NOISE: u32 = 200;
/// How often the recorder is to be looked at.
pub(crate) const EVERY: Duration = Duration::from_millis(100);

/// What is to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Told back in `Recorded`.
    pub record: u64,
    /// The file, as the engine calls it; if it is there already, the recording goes on at its end.
    pub file: Arc<str>,
    /// The longest.
    pub longest: Duration,
    /// So much silence ends it.
    pub silence: Duration,
    /// Who speaks for less has left nothing: the file goes.
    pub shortest: Duration,
}

/// How a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum RecordEnd {
    /// It was told to stop.
    Stopped,
    /// Nobody spoke for so long.
    Silence,
    /// It was as long as it may be.
    Longest,
    /// The stream ended, or another recording began.
    Closed,
    /// What was recorded could not be stored.
    Failed,
}

/// For whoever stores recordings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Take {
    /// A recording begins.
    Begin {
        /// The file.
        file: Arc<str>,
    },
    /// It goes on: 16-bit samples at 8 kHz.
    Sound {
        /// The samples.
        samples: Vec<i16>,
    },
    /// It is over.
    End {
        /// So many samples at its end are silence that nobody needs.
        cut: u64,
    },
    /// It is over, and nothing that is to be kept was said: its file goes.
    Discard {
        /// The file.
        file: Arc<str>,
    },
}

#[derive(Debug)]
pub(crate) struct Recorder {
    pub order: Order,
    began: Timestamp,
    /// When the peer put us on hold, which stops the clock.
    held: Option<Timestamp>,
    anchor: Option<Anchor>,
    /// Samples that wait for late packets; the first has number `written`.
    window: VecDeque<i16>,
    written: u64,
    chunk: Vec<i16>,
    ear: Ear,
}

/// A moment of the peer's clock and its place in the recording.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    ssrc: u32,
    timestamp: u32,
    place: u64,
}

impl Recorder {
    pub fn new(now: Timestamp, order: Order) -> Self {
        let (window, chunk) = (VecDeque::with_capacity(2 * HOLD as usize), Vec::with_capacity(CHUNK));
        Self { order, began: now, held: None, anchor: None, window, written: 0, chunk, ear: Ear::default() }
    }

    /// The peer holds us, or takes us back: no time passes meanwhile.
    pub fn hold(&mut self, now: Timestamp, held: bool) {
        match (self.held, held) {
            (None, true) => self.held = Some(now),
            (Some(since), false) => {
                self.began = self.began + now.since(since);
                (self.held, self.anchor) = (None, None);
            }
            (None, false) | (Some(_), true) => {}
        }
    }

    /// Takes the sound of a packet; what comes after its time is dropped, and so is what is too much for the time that has passed.
    pub fn packet(&mut self, now: Timestamp, header: &Header, codec: Codec, sound: &[u8]) {
        let Some(place) = self.place(now, header) else { return };
        let late = usize::try_from(self.written.saturating_sub(place)).unwrap_or(usize::MAX);
        let Some(sound) = sound.get(late..).filter(|sound| !sound.is_empty()) else { return };
        let Ok(begin) = usize::try_from(place.saturating_sub(self.written)) else { return };
        if self.window.len() < begin + sound.len() {
            self.window.resize(begin + sound.len(), 0);
        }
        for (sample, byte) in self.window.iter_mut().skip(begin).zip(sound) {
            *sample = g711::decode(codec, *byte);
        }
    }

    /// Where a packet belongs; a clock that is another or set anew begins where we are. `None`: further ahead than any clock may be, as if
    /// each packet had a clock of its own.
    fn place(&mut self, now: Timestamp, header: &Header) -> Option<u64> {
        let here = self.elapsed(now);
        if let Some(anchor) = self.anchor.filter(|anchor| anchor.ssrc == header.ssrc) {
            let step = i64::from(header.timestamp.wrapping_sub(anchor.timestamp).cast_signed());
            if let Some(place) = anchor.place.checked_add_signed(step).filter(|place| place.abs_diff(here) <= MAX_DRIFT) {
                return Some(place);
            }
        }
        let place = here.max(self.written + self.window.len() as u64);
        if place.abs_diff(here) > MAX_DRIFT {
            return None;
        }
        self.anchor = Some(Anchor { ssrc: header.ssrc, timestamp: header.timestamp, place });
        Some(place)
    }

    /// Samples since it began, by our clock.
    fn elapsed(&self, now: Timestamp) -> u64 {
        let passed = self.held.unwrap_or(now).since(self.began);
        u64::try_from(passed.as_micros()).unwrap_or(u64::MAX) * PER_MS / 1_000
    }

    /// Time has come to `now`: gives how the recording ends, if it does.
    pub fn advance(&mut self, now: Timestamp) -> Option<RecordEnd> {
        let (here, longest) = (self.elapsed(now), samples(self.order.longest));
        if here >= longest {
            self.write_to(longest);
            return Some(RecordEnd::Longest);
        }
        self.write_to(here.saturating_sub(HOLD));
        let silent = self.written.saturating_sub(self.ear.last_word);
        (silent >= samples(self.order.silence)).then_some(RecordEnd::Silence)
    }

    /// It ends now: what waited is written. Gives how many samples at the end nobody needs.
    pub fn end(&mut self, now: Timestamp, why: RecordEnd) -> u64 {
        let come = self.written + self.window.len() as u64;
        let here = self.elapsed(now).max(come).min(samples(self.order.longest));
        match why {
            RecordEnd::Silence => {}
            RecordEnd::Stopped | RecordEnd::Longest | RecordEnd::Closed | RecordEnd::Failed => self.write_to(here),
        }
        if why == RecordEnd::Silence { self.written.saturating_sub(self.ear.last_word + TAIL) } else { 0 }
    }

    fn write_to(&mut self, end: u64) {
        while self.written + FRAME as u64 <= end {
            let mut frame = [0; FRAME];
            frame.fill_with(|| self.window.pop_front().unwrap_or(0));
            self.written += FRAME as u64;
            self.ear.frame(&frame, self.written);
            self.chunk.extend(frame);
        }
    }

    /// What is to be written, if it is worth a write or `all` is wanted.
    pub fn take(&mut self, all: bool) -> Option<Vec<i16>> {
        (self.chunk.len() >= CHUNK || all && !self.chunk.is_empty()).then(|| std::mem::take(&mut self.chunk))
    }

    /// How long it is without what is cut from its end, and how long somebody spoke in it, in milliseconds.
    pub fn lengths(&self, cut: u64) -> (u32, u32) {
        let ms = |samples: u64| u32::try_from(samples / PER_MS).unwrap_or(u32::MAX);
        (ms(self.written.saturating_sub(cut)), ms(self.ear.spoken))
    }

    /// Whether enough was said for its file to stay.
    pub fn counts(&self) -> bool {
        self.ear.spoken / PER_MS >= samples(self.order.shortest) / PER_MS
    }
}

fn samples(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX / PER_MS) * PER_MS
}

/// Tells speech from the noise of the line.
#[derive(Debug, Default)]
struct Ear {
    /// The loudness of the line when nobody speaks.
    noise: Option<u32>,
    heard_any: bool,
    /// Where the last word ended.
    last_word: u64,
    /// Samples in which somebody spoke, breaths included.
    spoken: u64,
}

impl Ear {
    fn frame(&mut self, frame: &[i16; FRAME], end: u64) {
        let level = frame.iter().map(|sample| u32::from(sample.unsigned_abs())).sum::<u32>() / FRAME as u32;
        let noise = self.noise.unwrap_or(FIRST_NOISE);
        let speaks = level >= QUIET && level >= noise.saturating_mul(ABOVE_NOISE);
        self.noise = Some(level.min(noise + noise / GROWTH + 1));
        if speaks {
            let pause = end - FRAME as u64 - self.last_word;
            let bridged = if self.heard_any && pause <= BREATH { pause } else { 0 };
            self.spoken += FRAME as u64 + bridged;
            (self.last_word, self.heard_any) = (end, true);
        }
    }
}
