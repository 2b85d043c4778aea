use crate::voice::{RATE, Voice};
use hotline_model::Name;
use std::ops::Range;

/// A normalised correlation from which on a voice counts as heard.
pub const RECOGNISED: f32 = 0.8;
/// One coarse sample stands for this many: 1 kHz.
const COARSE: usize = 8;
/// Coarse samples compared first: 400 ms.
const GATE: usize = 400;
/// Samples compared for good: 0.8 s, or the voice if it is shorter.
const FINE: usize = 6400;
/// How alike the coarse picture must be to look closer.
const WORTH_A_LOOK: f32 = 0.5;
/// Places looked at closely per search, the most alike first.
const LOOKS: usize = 5;
/// Samples around a coarse place that are tried.
const AROUND: usize = 12;
/// Quieter than this on average (of 32767) is silence and like nothing.
const QUIET: f32 = 30.0;
/// An ear listens again when this much more was heard: 0.5 s.
const HOP: usize = RATE as usize / 2;

/// The part of a voice by which it is known: where it is loudest.
#[derive(Clone, Debug)]
pub struct Fingerprint {
    /// Whose voice.
    pub name: Name,
    fine: Vec<f32>,
    gate: Vec<f32>,
}

/// Where a voice was heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// The sample.
    pub at: usize,
    /// How alike, at most 1.
    pub score: f32,
}

impl Fingerprint {
    /// `None` for a voice shorter than the 400 ms that are compared first, or without sound.
    pub fn of(voice: &Voice) -> Option<Self> {
        let samples: Vec<f32> = voice.samples.iter().map(|sample| f32::from(*sample)).collect();
        let length = samples.len().min(FINE);
        if length < (GATE + 4) * COARSE {
            return None;
        }
        let loudness = |start: &usize| energy(&samples[*start..*start + length]);
        let start = (0..=samples.len() - length).step_by(COARSE * 10).max_by(|a, b| loudness(a).total_cmp(&loudness(b)))?;
        let fine = samples[start..start + length].to_vec();
        let gate = coarse(&voice.samples[start..start + length]).into_iter().take(GATE).collect();
        (energy(&fine) > QUIET * QUIET * length as f32).then(|| Self {
            name: voice.name.clone(),
            fine: of_unit_energy(fine),
            gate: of_unit_energy(gate),
        })
    }

    /// The best place in a recording, however unlike.
    pub fn find(&self, recording: &[i16]) -> Option<Found> {
        self.find_in(recording, 0..recording.len())
    }

    /// Whether a recording holds the voice.
    pub fn is_in(&self, recording: &[i16]) -> bool {
        self.find(recording).is_some_and(|found| found.score >= RECOGNISED)
    }

    fn find_in(&self, recording: &[i16], starts: Range<usize>) -> Option<Found> {
        let end = recording.len().min(starts.end.saturating_add(self.fine.len()));
        let heard = coarse(recording.get(starts.start..end)?);
        let mut places: Vec<(f32, usize)> = Vec::new();
        let lags = starts.len() / COARSE + 1;
        for (place, window) in heard.windows(self.gate.len()).enumerate().take(lags) {
            let score = likeness(&self.gate, window);
            if score < WORTH_A_LOOK {
                continue;
            }
            match places.last_mut() {
                Some(last) if place - last.1 <= 2 => *last = if score > last.0 { (score, place) } else { *last },
                Some(_) | None => places.push((score, place)),
            }
        }
        places.sort_by(|a, b| b.0.total_cmp(&a.0));
        let looks = places.into_iter().take(LOOKS).filter_map(|(_, place)| self.look(recording, starts.start + place * COARSE));
        looks.max_by(|a, b| a.score.total_cmp(&b.score))
    }

    fn look(&self, recording: &[i16], around: usize) -> Option<Found> {
        let from = around.saturating_sub(AROUND);
        let heard: Vec<f32> = recording.get(from..)?.iter().take(self.fine.len() + 2 * AROUND).map(|sample| f32::from(*sample)).collect();
        let windows = heard.windows(self.fine.len()).enumerate();
        windows
            .map(|(lag, window)| Found { at: from + lag, score: likeness(&self.fine, window) })
            .max_by(|a, b| a.score.total_cmp(&b.score))
    }
}

/// Listens to a growing recording for voices, a stretch at a time.
#[derive(Clone, Debug, Default)]
pub struct Ear {
    next: usize,
}

impl Ear {
    /// Looks through what was heard since the last time; the first voice recognised and its place.
    pub fn listen(&mut self, recording: &[i16], voices: &[Fingerprint]) -> Option<(Name, Found)> {
        while recording.len() >= self.next + HOP + FINE + AROUND {
            let starts = self.next..self.next + HOP;
            self.next += HOP;
            for voice in voices {
                if let Some(found) = voice.find_in(recording, starts.clone()).filter(|found| found.score >= RECOGNISED) {
                    return Some((voice.name.clone(), found));
                }
            }
        }
        None
    }
}

/// A triangle over 4 ms: nothing of 500 Hz and above is left to be mistaken for something lower.
fn coarse(samples: &[i16]) -> Vec<f32> {
    const HALF: usize = 2 * COARSE;
    let weight = |place: usize| (HALF - place.abs_diff(HALF - 1)) as f32 / (HALF * HALF) as f32;
    let mean = |window: &[i16]| window.iter().enumerate().map(|(place, sample)| weight(place) * f32::from(*sample)).sum::<f32>();
    samples.windows(2 * HALF - 1).step_by(COARSE).map(mean).collect()
}

fn energy(samples: &[f32]) -> f32 {
    samples.iter().map(|sample| sample * sample).sum()
}

/// Normalised correlation; `known` has the energy 1.
fn likeness(known: &[f32], heard: &[f32]) -> f32 {
    let loud = energy(heard);
    if loud < QUIET * QUIET * heard.len() as f32 {
        return 0.0;
    }
    let product: f32 = known.iter().zip(heard).map(|(a, b)| a * b).sum();
    product / loud.sqrt()
}

fn of_unit_energy(mut samples: Vec<f32>) -> Vec<f32> {
    let length = energy(&samples).sqrt().max(f32::MIN_POSITIVE);
    samples.iter_mut().for_each(|sample| *sample /= length);
    samples
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artificial;

    fn spoken(before: usize, voice: &Voice) -> Vec<i16> {
        let mut heard = vec![0; before];
        heard.extend(&voice.samples);
        heard.extend([0; 16_000]);
        heard
    }

    #[test]
    fn a_voice_is_found_where_it_was_said_and_only_there() {
        let (anna, bert) = (artificial::voice("anna", 1), artificial::voice("bert", 2));
        let (known, other) = (Fingerprint::of(&anna).unwrap(), Fingerprint::of(&bert).unwrap());
        for before in [0, 3, 4_001, 40_007] {
            let heard = spoken(before, &anna);
            let found = known.find(&heard).unwrap();
            assert!(found.score > 0.99 && found.at >= before, "{before}: {found:?}");
            let place = found.at - before;
            assert!(of_unit_energy(anna.samples[place..place + FINE].iter().map(|s| f32::from(*s)).collect()) == known.fine);
            assert!(!other.is_in(&heard));
        }
    }

    #[test]
    fn a_quieter_line_with_holes_is_still_the_same_voice() {
        let voice = artificial::voice("anna", 1);
        let mut heard: Vec<i16> = spoken(5_000, &voice).iter().map(|sample| sample / 4).collect();
        heard.chunks_mut(160).skip(7).step_by(20).for_each(|frame| frame.fill(0));
        assert!(Fingerprint::of(&voice).unwrap().is_in(&heard));
    }

    #[test]
    fn silence_and_short_noises_are_nobodys_voice() {
        let short = Voice { samples: vec![9000; 1000], ..artificial::voice("short", 3) };
        assert!(Fingerprint::of(&short).is_none());
        let silent = Voice { samples: vec![0; 10_000], ..short };
        assert!(Fingerprint::of(&silent).is_none());
        let known = Fingerprint::of(&artificial::voice("anna", 1)).unwrap();
        assert_eq!((known.find(&[]), known.find(&[0; 20_000])), (None, None));
    }

    #[test]
    fn an_ear_recognises_a_voice_while_the_recording_grows() {
        let voice = artificial::voice("anna", 1);
        let known = [Fingerprint::of(&artificial::voice("bert", 2)).unwrap(), Fingerprint::of(&voice).unwrap()];
        let heard = spoken(30_000, &voice);
        let mut ear = Ear::default();
        let (heard_after, (name, found)) =
            (0..heard.len()).step_by(160).find_map(|end| ear.listen(&heard[..end], &known).map(|found| (end, found))).unwrap();
        assert_eq!(&*name, "anna");
        assert!(found.at >= 30_000 && heard_after < found.at + FINE + 2 * HOP);
    }
}
