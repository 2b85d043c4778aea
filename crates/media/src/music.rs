//! Music for those who wait: a calm loop that we compose ourselves, the same on every machine.

use crate::prompt::Clip;
use crate::tone::Turning;

/// Samples per second.
const RATE: usize = 8000;
/// Samples of one note: 0.375 s, 80 notes a minute played in halves.
const NOTE: usize = RATE * 3 / 8;
/// Notes of one bar.
const BAR: usize = 8;
/// Peak of the loop: -15 dB of full scale, where speech sits.
const PEAK: f64 = 5800.0;
/// Semitones above A2 (110 Hz) of the notes of each bar's chord: Am7, Fmaj7, Cmaj7, G6, Dm7, Am7, Fmaj7, E7.
const CHORDS: [[u8; 4]; BARS] = [
    [12, 15, 19, 22],
    [8, 12, 15, 19],
    [3, 10, 14, 19],
    [10, 14, 17, 19],
    [5, 12, 15, 20],
    [12, 15, 19, 24],
    [8, 15, 19, 24],
    [7, 11, 14, 17],
];
const BARS: usize = 8;
/// Which note of the chord sounds on each beat of a bar.
const PATTERN: [usize; BAR] = [0, 1, 2, 3, 2, 1, 2, 1];

/// The loop: 24 s, made by arithmetic alone (no library sine), so that every machine makes the same bytes.
pub fn hold_music() -> Clip {
    let total = BARS * BAR * NOTE;
    let mut sound = vec![0.0; total];
    for (bar, chord) in CHORDS.iter().enumerate() {
        add_note(&mut sound, bar * BAR * NOTE, chord[0], BAR * NOTE, 0.5);
        for (beat, &voice) in PATTERN.iter().enumerate() {
            let loudness = if beat == 0 { 0.8 } else { 0.6 };
            add_note(&mut sound, (bar * BAR + beat) * NOTE, chord[voice] + 12, 4 * NOTE, loudness);
        }
    }
    let loudest = sound.iter().fold(1.0, |peak: f64, sample| peak.max(sample.abs()));
    let samples: Vec<i16> = sound.iter().map(|sample| (sample / loudest * PEAK) as i16).collect();
    Clip::from_pcm16("music".into(), &samples)
}

/// Adds a plucked note; what sounds beyond the end sounds at the beginning, so that the loop has no seam.
fn add_note(sound: &mut [f64], begin: usize, semitones: u8, length: usize, loudness: f64) {
    const ATTACK: usize = RATE / 100;
    let mut partials =
        [(1, 1.0), (2, 0.35), (3, 0.12)].map(|(multiple, share)| (Turning::new(frequency(semitones) * f64::from(multiple)), share));
    let total = sound.len();
    for step in 0..length {
        let left = 1.0 - step as f64 / length as f64;
        let envelope = left * left * (step.min(ATTACK) as f64 / ATTACK as f64);
        let wave: f64 = partials.iter_mut().map(|(turning, share)| turning.next() * *share).sum();
        sound[(begin + step) % total] += wave * envelope * loudness;
    }
}

fn frequency(semitones: u8) -> f64 {
    const SEMITONE: f64 = 1.059_463_094_359_295_3;
    (0..semitones).fold(110.0, |frequency, _| frequency * SEMITONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::g711;

    #[test]
    fn the_loop_lasts_24_seconds_sounds_everywhere_and_is_never_loud() {
        let music = hold_music();
        assert_eq!((music.duration_ms(), music.frames()), (24_000, 1200));
        for second in music.pcmu.chunks(RATE) {
            let loudest = second.iter().map(|&byte| g711::PCMU_TO_LINEAR[usize::from(byte)].unsigned_abs()).max().unwrap();
            assert!((800..=6000).contains(&loudest), "{loudest}");
        }
    }

    #[test]
    fn the_loop_has_no_seam_and_is_the_same_each_time() {
        let music = hold_music();
        let linear = |byte: &u8| i32::from(g711::PCMU_TO_LINEAR[usize::from(*byte)]);
        let steps: Vec<i32> = music.pcmu.windows(2).map(|pair| (linear(&pair[1]) - linear(&pair[0])).abs()).collect();
        let seam = (linear(&music.pcmu[0]) - linear(music.pcmu.last().unwrap())).abs();
        assert!(seam <= *steps.iter().max().unwrap());
        assert_eq!(music, hold_music());
    }
}
