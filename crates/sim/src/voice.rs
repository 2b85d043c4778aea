use hotline_media::g711;
use hotline_model::Name;
use hotline_model::history::Codec;
use std::fmt;
use std::io::Cursor;

/// Samples per second of telephone speech.
pub const RATE: u32 = 8000;
/// Samples of one 20 ms frame (RFC 3551 4.5.14).
pub const FRAME: usize = 160;
/// Longest voice taken: one minute.
const LONGEST: usize = 60 * RATE as usize;

/// What a simulated person says, at 8 kHz.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    /// Whose it is.
    pub name: Name,
    /// 16-bit samples.
    pub samples: Vec<i16>,
}

/// Why bytes are no voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoiceError {
    /// Not a readable WAV file.
    NotWav,
    /// Not 8 kHz, mono, 16 bit.
    Format,
    /// Nothing in it, or more than a minute.
    Length,
}

impl fmt::Display for VoiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotWav => "not a readable WAV file",
            Self::Format => "a voice must be 8 kHz, mono, 16 bit",
            Self::Length => "a voice must be between one frame and one minute long",
        })
    }
}

impl std::error::Error for VoiceError {}

impl Voice {
    /// Reads a WAV file of 8 kHz, mono, 16 bit.
    ///
    /// # Errors
    /// [`VoiceError`] for anything else.
    pub fn from_wav(name: &str, bytes: &[u8]) -> Result<Self, VoiceError> {
        let reader = hound::WavReader::new(Cursor::new(bytes)).map_err(|_| VoiceError::NotWav)?;
        let spec = reader.spec();
        if (spec.channels, spec.sample_rate, spec.bits_per_sample) != (1, RATE, 16) || spec.sample_format != hound::SampleFormat::Int {
            return Err(VoiceError::Format);
        }
        let samples = reader.into_samples().take(LONGEST + 1).collect::<Result<Vec<i16>, _>>().map_err(|_| VoiceError::NotWav)?;
        if !(FRAME..=LONGEST).contains(&samples.len()) {
            return Err(VoiceError::Length);
        }
        Ok(Self { name: Name::from(name), samples })
    }

    /// One frame from `at` on in a law, silence after the end.
    pub(crate) fn frame(&self, at: usize, codec: Codec) -> Vec<u8> {
        let rest = self.samples.get(at..).unwrap_or_default();
        let spoken = rest.iter().take(FRAME).map(|sample| g711::encode(codec, *sample));
        spoken.chain(std::iter::repeat(g711::silence(codec))).take(FRAME).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(channels: u16, sample_rate: u32, samples: usize) -> Vec<u8> {
        let spec = hound::WavSpec { channels, sample_rate, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        (0..samples).for_each(|n| writer.write_sample(n as i16).unwrap());
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn only_telephone_speech_is_a_voice() {
        assert_eq!(Voice::from_wav("a", &wav(1, 8000, 200)).unwrap().samples.len(), 200);
        assert_eq!(Voice::from_wav("a", &wav(1, 16000, 200)), Err(VoiceError::Format));
        assert_eq!(Voice::from_wav("a", &wav(2, 8000, 200)), Err(VoiceError::Format));
        assert_eq!(Voice::from_wav("a", &wav(1, 8000, 100)), Err(VoiceError::Length));
        assert_eq!(Voice::from_wav("a", b"RIFF"), Err(VoiceError::NotWav));
    }

    #[test]
    fn a_frame_beyond_the_end_is_filled_with_silence() {
        let voice = Voice { name: Name::from("a"), samples: vec![8000; 200] };
        let frame = voice.frame(160, Codec::Pcma);
        assert_eq!(frame.len(), FRAME);
        assert_eq!((frame[39], frame[40]), (g711::encode(Codec::Pcma, 8000), g711::silence(Codec::Pcma)));
        assert_eq!(voice.frame(9999, Codec::Pcmu), vec![g711::silence(Codec::Pcmu); FRAME]);
    }
}
