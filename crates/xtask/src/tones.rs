//! Voices that are steady tones: who hears whom can then be told frame by frame, also where two speak at once.

use std::f64::consts::PI;

use crate::audio::RATE;

/// Samples of one frame, 40 ms: tones 100 Hz apart are told apart.
const FRAME: usize = RATE as usize / 25;
/// Amplitude of a voice, -20 dB of full scale.
const AMPLITUDE: f64 = 0.1;
/// A tone is there if it makes this share of a frame's power: one of two voices, never an overtone of speech or music.
const PRESENT: f64 = 0.2;
/// A frame is silent below this amplitude (root of its mean square), -52 dB of full scale.
const SILENT: f64 = 0.0025;

/// A voice as long as a call.
pub fn voice(hz: f64, seconds: usize) -> Vec<f64> {
    (0..seconds * RATE as usize).map(|n| AMPLITUDE * (2.0 * PI * hz * n as f64 / f64::from(RATE)).sin()).collect()
}

/// Share of the frames in which a tone is heard, 0.0..1.0.
pub fn share(heard: &[f64], hz: f64) -> f64 {
    let frames = heard.chunks_exact(FRAME).len().max(1);
    heard.chunks_exact(FRAME).filter(|frame| is_in(frame, hz)).count() as f64 / frames as f64
}

/// How long a tone was heard in all, in milliseconds.
pub fn heard_ms(heard: &[f64], hz: f64) -> usize {
    heard.chunks_exact(FRAME).filter(|frame| is_in(frame, hz)).count() * ms_of(FRAME)
}

/// The longest time without any sound, in milliseconds.
pub fn longest_silence_ms(heard: &[f64]) -> usize {
    let (mut longest, mut run) = (0, 0);
    for frame in heard.chunks_exact(FRAME) {
        run = if power(frame) < SILENT * SILENT { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest * ms_of(FRAME)
}

fn ms_of(samples: usize) -> usize {
    samples * 1_000 / RATE as usize
}

fn power(frame: &[f64]) -> f64 {
    frame.iter().map(|sample| sample * sample).sum::<f64>() / frame.len() as f64
}

/// Power at one frequency (through a Hann window) against that of the whole frame.
fn is_in(frame: &[f64], hz: f64) -> bool {
    let all = power(frame);
    if all < SILENT * SILENT {
        return false;
    }
    let turn = 2.0 * PI * hz / f64::from(RATE);
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in frame.iter().enumerate() {
        let window = 0.5 - 0.5 * (2.0 * PI * n as f64 / frame.len() as f64).cos();
        re += sample * window * (turn * n as f64).cos();
        im += sample * window * (turn * n as f64).sin();
    }
    // A sine of amplitude A gives A N / 4 through the window, and has the power A^2 / 2.
    let amplitude = 4.0 * re.hypot(im) / frame.len() as f64;
    amplitude * amplitude / 2.0 > PRESENT * all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(one: &[f64], other: &[f64]) -> Vec<f64> {
        one.iter().zip(other).map(|(one, other)| one + other).collect()
    }

    #[test]
    fn each_of_two_voices_is_heard_and_a_third_is_not() {
        let both = sum(&voice(1230.0, 2), &voice(1730.0, 2));
        assert_eq!((share(&both, 1230.0), share(&both, 1730.0), share(&both, 2330.0)), (1.0, 1.0, 0.0));
        assert_eq!(heard_ms(&both, 1230.0), 2_000);
    }

    #[test]
    fn speech_is_no_voice_of_ours() {
        let path = crate::root().join("fixtures/voices/agent.wav");
        let speech = crate::audio::read(&path).unwrap();
        for hz in [1230.0, 1730.0, 2330.0] {
            assert!(share(&speech, hz) < 0.1, "{hz} Hz: {}", share(&speech, hz));
        }
    }

    #[test]
    fn silence_is_measured_and_noise_of_the_line_is_silence() {
        let noise: Vec<f64> = (0..4_000).map(|n| if n % 2 == 0 { 0.0002 } else { -0.0002 }).collect();
        let heard = [voice(1230.0, 1), noise, voice(1230.0, 1)].concat();
        assert_eq!(longest_silence_ms(&heard), 480);
        assert_eq!(share(&[], 1230.0), 0.0);
    }
}
