//! Tones of the telephone network, made by arithmetic: what the caller's own exchange would let it hear.

use crate::prompt::Clip;

/// Samples per second.
const RATE: usize = 8000;
/// Frequency of the ring-back tone (回铃音) in Hz: 450 +- 25 Hz, the tone of Chinese exchanges (GF002-9002).
const RING_BACK_HZ: f64 = 450.0;
/// How long it sounds, and how long it is silent then (1 s and 4 s).
const RING_BACK: (usize, usize) = (RATE, 4 * RATE);
/// Its peak: -10 dBm0 in G.711, where +3.14 dBm0 is full scale, hence -13.1 dB of it.
const PEAK: f64 = 7220.0;
/// Samples over which a tone rises and falls (5 ms), so that it doesn't click.
const EDGE: usize = RATE / 200;

/// One turn of the ring-back tone: 450 Hz for 1 s, silence for 4 s; it begins with the sound.
pub fn ring_back() -> Clip {
    let (sounds, silent) = RING_BACK;
    let mut samples = tone(RING_BACK_HZ, sounds);
    samples.resize(sounds + silent, 0);
    Clip::from_pcm16("ring-back".into(), &samples)
}

/// Frequency of the tone after which a caller is recorded, in Hz, and how long it sounds: 0.4 s of 1000 Hz, as answering machines make it.
const BEEP_HZ: f64 = 1000.0;
const BEEP: usize = 2 * RATE / 5;

/// The tone after which a caller is recorded.
pub fn beep() -> Clip {
    Clip::from_pcm16("beep".into(), &tone(BEEP_HZ, BEEP))
}

fn tone(frequency: f64, length: usize) -> Vec<i16> {
    let mut turning = Turning::new(frequency);
    let edge = |place: usize| (place.min(length - place).min(EDGE) as f64) / EDGE as f64;
    (0..length).map(|place| (turning.next() * PEAK * edge(place)) as i16).collect()
}

/// A sine as a turning pointer: only additions and multiplications, which IEEE 754 fixes to the bit.
pub(crate) struct Turning {
    cos: f64,
    sin: f64,
    step_cos: f64,
    step_sin: f64,
}

impl Turning {
    pub fn new(frequency: f64) -> Self {
        let angle = std::f64::consts::TAU * frequency / RATE as f64;
        let square = angle * angle;
        let step_cos = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0 * (1.0 - square / 56.0)));
        let step_sin = angle * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0 * (1.0 - square / 72.0))));
        Self { cos: 1.0, sin: 0.0, step_cos, step_sin }
    }

    pub fn next(&mut self) -> f64 {
        let (cos, sin) = (self.cos, self.sin);
        self.cos = cos * self.step_cos - sin * self.step_sin;
        self.sin = sin * self.step_cos + cos * self.step_sin;
        sin
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::g711;

    fn linear(clip: &Clip) -> Vec<i32> {
        clip.pcma.iter().map(|&byte| i32::from(g711::PCMA_TO_LINEAR[usize::from(byte)])).collect()
    }

    #[test]
    fn the_ring_back_tone_is_450_hz_for_1_s_and_silence_for_4() {
        let tone = ring_back();
        assert_eq!((tone.duration_ms(), tone.frames()), (5000, 250));
        let (sound, silence) = (&linear(&tone)[..RATE], &linear(&tone)[RATE..]);
        let rises = sound.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        assert!((449..=451).contains(&rises), "{rises} periods in a second");
        assert!(silence.iter().all(|sample| sample.abs() <= 8));
    }

    #[test]
    fn the_tone_before_a_recording_is_1000_hz_for_0_4_s() {
        let sound = linear(&beep());
        let rises = sound.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        assert!(beep().duration_ms() == 400 && (398..=401).contains(&rises), "{rises} periods");
    }

    #[test]
    fn it_is_as_loud_as_an_exchange_makes_it_and_begins_softly() {
        let sound = linear(&ring_back());
        let loudest = sound.iter().map(|sample| sample.abs()).max().unwrap();
        assert!((6800..=7600).contains(&loudest), "{loudest}");
        assert!(sound[..4].iter().all(|sample| sample.abs() < 1000));
        assert_eq!(ring_back(), ring_back());
    }
}
