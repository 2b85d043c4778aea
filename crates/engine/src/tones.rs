//! What is heard where a prompt is missing: two high tones for yes, a low one for no.

use hotline_media::Clip;
use std::sync::Arc;

const RATE: f32 = 8_000.0;
/// Far from full scale: a whisper into an open conversation.
const LOUDNESS: f32 = 6_000.0;

/// Tones, encoded once.
#[derive(Clone, Debug)]
pub(crate) struct Tones {
    pub yes: Arc<Clip>,
    pub no: Arc<Clip>,
    /// After it a caller is recorded.
    pub beep: Arc<Clip>,
}

impl Default for Tones {
    fn default() -> Self {
        let yes = [tone(880.0, 120), vec![0; 640], tone(1320.0, 120)].concat();
        let no = [tone(300.0, 250), vec![0; 640], tone(300.0, 250)].concat();
        Self {
            yes: Arc::new(Clip::from_pcm16("tone-yes".into(), &yes)),
            no: Arc::new(Clip::from_pcm16("tone-no".into(), &no)),
            beep: Arc::new(hotline_media::tone::beep()),
        }
    }
}

fn tone(hertz: f32, ms: u16) -> Vec<i16> {
    let sample = |n: u16| (LOUDNESS * (std::f32::consts::TAU * hertz * f32::from(n) / RATE).sin()) as i16;
    (0..ms * 8).map(sample).collect()
}
