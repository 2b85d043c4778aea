//! Prompts: clips of speech, encoded in both laws before any call needs them.

use crate::g711;
use hotline_model::Name;
use hotline_model::history::Codec;
use std::fmt;

/// Bytes (and samples) of one 20 ms frame of G.711 (RFC 3551 4.5.14).
pub const FRAME: usize = 160;
/// Longest clip: ten minutes of samples.
pub const MAX_SAMPLES: usize = 10 * 60 * 8000;

/// A clip at 8 kHz, encoded in both laws, so that playing it is copying it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// Its name in the rules.
    pub name: Name,
    /// The samples in mu-law.
    pub pcmu: Vec<u8>,
    /// The same samples in A-law.
    pub pcma: Vec<u8>,
}

/// Why a file is no clip, in words for whoever recorded it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClipError {
    /// Not a WAV file, or a damaged one.
    NotWav(String),
    /// A WAV file that ends before its header, or its samples, do.
    Cut,
    /// A WAV file whose samples are not PCM.
    Encoding {
        /// What they are (RFC 2361): 6 is A-law, 7 mu-law, 85 MP3.
        found: u16,
    },
    /// Another sample rate.
    Rate {
        /// What the file has, in Hz.
        found: u32,
    },
    /// Not mono.
    Channels {
        /// How many channels the file has.
        found: u16,
    },
    /// Neither 8 nor 16 bits per sample.
    Bits {
        /// What the file has.
        found: u16,
    },
    /// No sample in it.
    Empty,
    /// Longer than [`MAX_SAMPLES`].
    TooLong,
}

impl fmt::Display for ClipError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWav(why) => write!(f, "not a readable WAV file: {why}"),
            Self::Cut => f.write_str("the file was cut off before its end"),
            Self::Encoding { found } => write!(f, "its samples are encoded (format {found} of RFC 2361), prompts need PCM"),
            Self::Rate { found } => write!(f, "the sample rate is {found} Hz, prompts need 8000 Hz: resample it"),
            Self::Channels { found } => write!(f, "it has {found} channels, prompts are mono: mix it down"),
            Self::Bits { found } => write!(f, "it has {found} bits per sample, prompts need 8 or 16"),
            Self::Empty => f.write_str("it has no samples"),
            Self::TooLong => f.write_str("it is longer than 10 minutes"),
        }
    }
}

impl std::error::Error for ClipError {}

impl Clip {
    /// Encodes 16-bit samples at 8 kHz, filled up with silence to whole frames.
    pub fn from_pcm16(name: Name, samples: &[i16]) -> Self {
        let encoded = |codec| {
            let mut bytes: Vec<u8> = samples.iter().map(|&sample| g711::encode(codec, sample)).collect();
            bytes.resize(samples.len().next_multiple_of(FRAME), g711::silence(codec));
            bytes
        };
        Self { name, pcmu: encoded(Codec::Pcmu), pcma: encoded(Codec::Pcma) }
    }

    /// Reads a WAV file: PCM, 8 kHz, mono, 8 or 16 bits.
    pub fn from_wav(name: Name, bytes: &[u8]) -> Result<Self, ClipError> {
        let not_wav = |error: hound::Error| unread(bytes, &error);
        let mut reader = hound::WavReader::new(bytes).map_err(not_wav)?;
        let spec = reader.spec();
        let shift = match (spec.sample_format, spec.bits_per_sample) {
            (hound::SampleFormat::Int, 8) => 8,
            (hound::SampleFormat::Int, 16) => 0,
            (_, found) => return Err(ClipError::Bits { found }),
        };
        if spec.sample_rate != 8000 {
            return Err(ClipError::Rate { found: spec.sample_rate });
        }
        if spec.channels != 1 {
            return Err(ClipError::Channels { found: spec.channels });
        }
        match reader.len() as usize {
            0 => return Err(ClipError::Empty),
            1..=MAX_SAMPLES => {}
            _ => return Err(ClipError::TooLong),
        }
        let samples: Result<Vec<i16>, _> = reader.samples::<i16>().map(|sample| sample.map(|sample| sample << shift)).collect();
        Ok(Self::from_pcm16(name, &samples.map_err(not_wav)?))
    }

    /// The samples in a law.
    pub fn samples(&self, codec: Codec) -> &[u8] {
        match codec {
            Codec::Pcmu => &self.pcmu,
            Codec::Pcma => &self.pcma,
        }
    }

    /// How many frames it has.
    pub fn frames(&self) -> usize {
        self.pcmu.len().div_ceil(FRAME)
    }

    /// Copies a frame, a short one filled up with silence; `false` past the end.
    pub fn copy_frame(&self, codec: Codec, index: usize, out: &mut [u8; FRAME]) -> bool {
        let samples = self.samples(codec);
        let rest = samples.get(index.saturating_mul(FRAME)..).unwrap_or_default();
        if let Some(frame) = rest.first_chunk::<FRAME>() {
            *out = *frame;
            return true;
        }
        out.fill(g711::silence(codec));
        out[..rest.len()].copy_from_slice(rest);
        !rest.is_empty()
    }

    /// How long it sounds, in milliseconds.
    pub fn duration_ms(&self) -> u32 {
        u32::try_from(self.pcmu.len() / 8).unwrap_or(u32::MAX)
    }
}

/// Formats of samples that are read (RFC 2361): PCM, and IEEE floats, of which the bits are told.
const READ: [u16; 2] = [1, 3];
/// Says that the format stands further behind.
const EXTENSIBLE: u16 = 0xfffe;

/// Why a file could not be read to its end.
fn unread(bytes: &[u8], error: &hound::Error) -> ClipError {
    match (error, encoding(bytes)) {
        _ if bytes.is_empty() => ClipError::Empty,
        _ if !bytes.starts_with(b"RIFF") => ClipError::NotWav(error.to_string()),
        (_, Some(found)) if !READ.contains(&found) => ClipError::Encoding { found },
        // Memory has no other errors.
        (hound::Error::IoError(_), _) => ClipError::Cut,
        (error, _) => ClipError::NotWav(error.to_string()),
    }
}

/// The format of the samples by the chunk `fmt `, which most programs write first, and all before the samples.
fn encoding(bytes: &[u8]) -> Option<u16> {
    let mut chunks = bytes.get(12..)?;
    loop {
        let (id, rest) = chunks.split_at_checked(4)?;
        let (length, body) = rest.split_first_chunk::<4>()?;
        if id == b"fmt " {
            let tag = |at: usize| Some(u16::from_le_bytes(*body.get(at..)?.first_chunk()?));
            return tag(0).and_then(|found| if found == EXTENSIBLE { tag(24) } else { Some(found) });
        }
        chunks = body.get((u32::from_le_bytes(*length) as usize).next_multiple_of(2)..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn wav(rate: u32, channels: u16, bits: u16, samples: &[i32]) -> Vec<u8> {
        let spec = hound::WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format: hound::SampleFormat::Int };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        samples.iter().for_each(|&sample| writer.write_sample(sample).unwrap());
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_wav_file_becomes_whole_frames_in_both_laws() {
        let clip = Clip::from_wav("welcome".into(), &wav(8000, 1, 16, &[0, 32124, -32124])).unwrap();
        assert_eq!((clip.pcmu.len(), clip.pcma.len(), clip.frames(), clip.duration_ms()), (160, 160, 1, 20));
        assert_eq!(clip.pcmu[..4], [0xff, 0x80, 0x00, 0xff]);
        assert_eq!(clip.pcma[..4], [0xd5, 0xaa, 0x2a, 0xd5]);
        let eight_bits = Clip::from_wav("welcome".into(), &wav(8000, 1, 8, &[0, 127, -128])).unwrap();
        assert_eq!(eight_bits.pcmu[..3], [0xff, 0x80, 0x00]);
    }

    #[test]
    fn errors_name_what_was_found() {
        let refused = |bytes: &[u8]| Clip::from_wav("x".into(), bytes).unwrap_err();
        assert_eq!(refused(&wav(44_100, 1, 16, &[1])).to_string(), "the sample rate is 44100 Hz, prompts need 8000 Hz: resample it");
        assert_eq!(refused(&wav(8000, 2, 16, &[1, 1])), ClipError::Channels { found: 2 });
        assert_eq!(refused(&wav(8000, 1, 24, &[1])), ClipError::Bits { found: 24 });
        assert_eq!(refused(&wav(8000, 1, 16, &[])), ClipError::Empty);
        assert!(matches!(refused(b"ID3 this is an mp3"), ClipError::NotWav(_)));
        let cut = wav(8000, 1, 16, &[1; 100]);
        for length in [4, 15, 30, 44, 100, 243] {
            assert_eq!(refused(&cut[..length]), ClipError::Cut, "{length}");
        }
        assert_eq!(refused(b""), ClipError::Empty);
    }

    #[test]
    fn samples_that_are_encoded_are_named_by_their_format_wherever_it_stands() {
        let mut law = wav(8000, 1, 8, &[1; 100]);
        law[20] = 6;
        assert_eq!(Clip::from_wav("x".into(), &law), Err(ClipError::Encoding { found: 6 }));
        // GSM 6.10 has no bits per sample.
        (law[20], law[34]) = (0x31, 0);
        assert_eq!(Clip::from_wav("x".into(), &law), Err(ClipError::Encoding { found: 0x31 }));
        let behind = [&law[..12], b"LIST\x03\0\0\0abc\0", &law[12..]].concat();
        assert_eq!(Clip::from_wav("x".into(), &behind), Err(ClipError::Encoding { found: 0x31 }));
        let mut extensible = wav(8000, 1, 24, &[1]);
        extensible[44] = 7;
        assert_eq!(Clip::from_wav("x".into(), &extensible), Err(ClipError::Encoding { found: 7 }));
    }

    #[test]
    fn frames_are_copied_and_a_short_last_one_ends_in_silence() {
        let clip = Clip { name: "x".into(), pcmu: vec![1; 200], pcma: vec![2; 200] };
        let mut frame = [0; FRAME];
        assert!(clip.copy_frame(Codec::Pcmu, 0, &mut frame) && frame == [1; FRAME]);
        assert!(clip.copy_frame(Codec::Pcma, 1, &mut frame));
        assert_eq!((frame[39], frame[40]), (2, 0xd5));
        assert!(!clip.copy_frame(Codec::Pcmu, 2, &mut frame));
        assert!(!clip.copy_frame(Codec::Pcmu, usize::MAX, &mut frame));
    }
}
