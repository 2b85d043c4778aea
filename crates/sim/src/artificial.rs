//! Voices for tests: noise shaped like speech, each person's own.

use crate::voice::{RATE, Voice};
use hotline_model::Name;

/// Two seconds of a voice made from a seed: five harmonics of a wandering pitch, in syllables.
pub fn voice(name: &str, seed: u64) -> Voice {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    let (mut pitch, mut phase) = (100.0 + 100.0 * random(), 0.0f32);
    let mut samples = Vec::new();
    while samples.len() < 2 * RATE as usize {
        let (loudness, weights) = (1500.0 + 4500.0 * random(), [random(), random(), random(), random(), random()]);
        pitch = (pitch + 30.0 * (random() - 0.5)).clamp(80.0, 250.0);
        for _ in 0..(600.0 + 1200.0 * random()) as usize {
            phase += std::f32::consts::TAU * pitch / RATE as f32;
            let sound: f32 = (1..).zip(weights).map(|(n, weight)| weight * (n as f32 * phase).sin()).sum();
            samples.push((loudness * sound) as i16);
        }
    }
    samples.truncate(2 * RATE as usize);
    Voice { name: Name::from(name), samples }
}
