//! Audio as the checks need it: 8 kHz mono samples, resampled, trimmed, levelled; and "is this recording that voice?".

use std::f64::consts::PI;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Samples per second of everything on a telephone line (G.711).
pub const RATE: u32 = 8_000;

const FULL_SCALE: f64 = 32_768.0;
const SAMPLES_PER_MS: usize = 8;
const COARSE: usize = 8;
/// Coarse places that are looked at closely.
const PLACES: usize = 6;
const SEGMENT: usize = 400 * SAMPLES_PER_MS;
const SEGMENT_SHIFT: isize = 60 * SAMPLES_PER_MS as isize;
const GAP_FRAME: usize = 10 * SAMPLES_PER_MS;

/// Reads a 16-bit WAV of any rate, mixes it down to mono and resamples to 8 kHz; samples in -1.0..1.0.
pub fn read(path: &Path) -> Result<Vec<f64>> {
    let name = path.display();
    let mut reader = hound::WavReader::open(path).with_context(|| format!("{name} is no readable WAV"))?;
    let spec = reader.spec();
    ensure!(spec.bits_per_sample == 16 && spec.sample_format == hound::SampleFormat::Int, "{name} is not 16-bit PCM");
    let samples: Vec<f64> = reader.samples::<i16>().map(|s| s.map(|s| f64::from(s) / FULL_SCALE)).collect::<Result<_, _>>()?;
    let channels = usize::from(spec.channels.max(1));
    let mono: Vec<f64> = samples.chunks_exact(channels).map(|frame| frame.iter().sum::<f64>() / channels as f64).collect();
    Ok(resample(&mono, spec.sample_rate))
}

/// Reads a 16-bit mono WAV at 8 kHz that is still being written: its header does not know yet how long it is.
pub fn read_growing(path: &Path) -> Result<Vec<f64>> {
    const HEADER: usize = 44;
    let bytes = std::fs::read(path).with_context(|| format!("{} can't be read", path.display()))?;
    let samples = bytes.get(HEADER..).unwrap_or_default().as_chunks::<2>().0;
    Ok(samples.iter().map(|sample| f64::from(i16::from_le_bytes(*sample)) / FULL_SCALE).collect())
}

/// Writes 8 kHz mono 16-bit.
pub fn write(path: &Path, samples: &[f64]) -> Result<()> {
    let spec = hound::WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::create(path, spec).with_context(|| format!("{} could not be written", path.display()))?;
    for sample in samples {
        writer.write_sample((sample * (FULL_SCALE - 1.0)).round().clamp(-FULL_SCALE, FULL_SCALE - 1.0) as i16)?;
    }
    Ok(writer.finalize()?)
}

/// A windowed-sinc low pass at 3.6 kHz, evaluated at the new sample times.
fn resample(samples: &[f64], rate: u32) -> Vec<f64> {
    if rate == RATE {
        return samples.to_vec();
    }
    let step = f64::from(rate) / f64::from(RATE);
    let cutoff = 3_600.0_f64.min(0.45 * f64::from(rate)) * 2.0 / f64::from(rate);
    let reach = (16.0 / cutoff).ceil();
    let count = (samples.len() as f64 / step) as usize;
    (0..count)
        .map(|index| {
            let centre = index as f64 * step;
            let first = (centre - reach).ceil().max(0.0) as usize;
            let last = ((centre + reach) as usize).min(samples.len().saturating_sub(1));
            (first..=last).map(|at| samples[at] * low_pass(at as f64 - centre, cutoff, reach)).sum()
        })
        .collect()
}

fn low_pass(offset: f64, cutoff: f64, reach: f64) -> f64 {
    let x = PI * offset * cutoff;
    let sinc = if x.abs() < 1e-9 { 1.0 } else { x.sin() / x };
    let window = 0.5 + 0.5 * (PI * offset / reach).cos();
    cutoff * sinc * window
}

/// Without the silence before and after, but for 20 ms.
pub fn trimmed(samples: &[f64]) -> Vec<f64> {
    let floor = peak(samples) * 0.01;
    let pad = 20 * SAMPLES_PER_MS;
    let Some(first) = samples.iter().position(|s| s.abs() > floor) else { return Vec::new() };
    let last = samples.iter().rposition(|s| s.abs() > floor).unwrap_or(first);
    samples[first.saturating_sub(pad)..(last + pad).min(samples.len())].to_vec()
}

/// With pauses cut to 250 ms: a synthesiser rests longer at a comma than a caller likes to wait.
pub fn without_long_pauses(samples: &[f64]) -> Vec<f64> {
    let floor = peak(samples) * 0.01;
    let longest = 250 * SAMPLES_PER_MS;
    let (mut kept, mut silent) = (Vec::with_capacity(samples.len()), 0);
    for sample in samples {
        silent = if sample.abs() > floor { 0 } else { silent + 1 };
        if silent <= longest {
            kept.push(*sample);
        }
    }
    kept
}

/// At -20 dBFS RMS where something is said, but no peak above -3.1 dBFS.
pub fn levelled(samples: &[f64]) -> Vec<f64> {
    let by_rms = from_db(-20.0) / active_rms(samples).max(1e-9);
    let by_peak = from_db(-3.1) / peak(samples).max(1e-9);
    let gain = by_rms.min(by_peak);
    samples.iter().map(|s| s * gain).collect()
}

/// The largest magnitude.
pub fn peak(samples: &[f64]) -> f64 {
    samples.iter().fold(0.0, |peak, s| peak.max(s.abs()))
}

/// RMS over those 20-ms frames that lie within 35 dB of the loudest.
pub fn active_rms(samples: &[f64]) -> f64 {
    let frames: Vec<f64> = samples.chunks(20 * SAMPLES_PER_MS).map(mean_square).collect();
    let floor = frames.iter().copied().fold(0.0, f64::max) * 10f64.powf(-3.5);
    let active: Vec<f64> = frames.into_iter().filter(|power| *power > floor).collect();
    if active.is_empty() { 0.0 } else { (active.iter().sum::<f64>() / active.len() as f64).sqrt() }
}

/// Decibels of an amplitude ratio.
pub fn db(ratio: f64) -> f64 {
    20.0 * ratio.max(1e-9).log10()
}

fn from_db(db: f64) -> f64 {
    10f64.powf(db / 20.0)
}

fn mean_square(samples: &[f64]) -> f64 {
    if samples.is_empty() { 0.0 } else { samples.iter().map(|s| s * s).sum::<f64>() / samples.len() as f64 }
}

/// How well a recording repeats a known voice.
#[derive(Debug, Clone, Copy)]
pub struct Likeness {
    /// Normalised cross-correlation at the best lag, -1.0..1.0: the whole voice in one piece.
    pub correlation: f64,
    /// Share of its 400-ms segments found within 60 ms of their place, 0.0..1.0: insensitive to a jitter buffer that shifts.
    pub found: f64,
    /// Where the voice begins in the recording.
    pub begins_ms: usize,
    /// How much louder the recording is.
    pub level_db: f64,
    /// The longest silence in the recording where the voice speaks.
    pub longest_gap_ms: usize,
}

impl Likeness {
    /// The figures in one line.
    pub fn line(&self) -> String {
        format!(
            "correlation {:.3}, {:.0} % of segments found, begins at {} ms, level {:+.1} dB, longest gap {} ms",
            self.correlation,
            self.found * 100.0,
            self.begins_ms,
            self.level_db,
            self.longest_gap_ms
        )
    }
}

/// Looks for `voice` in `heard`, both at 8 kHz.
pub fn compare(voice: &[f64], heard: &[f64]) -> Result<Likeness> {
    ensure!(peak(voice) > 0.0, "the voice to look for is silent");
    ensure!(heard.len() > SEGMENT, "only {} ms were recorded", heard.len() / SAMPLES_PER_MS);
    ensure!(peak(heard) > 0.001, "the recording ({} ms) is silent", heard.len() / SAMPLES_PER_MS);
    let lag = best_lag(voice, heard);
    let here = overlap(voice, heard, lag);
    Ok(Likeness {
        correlation: correlation(voice, heard, lag),
        found: segments_found(voice, heard, lag),
        begins_ms: usize::try_from(lag).unwrap_or(0) / SAMPLES_PER_MS,
        level_db: db(active_rms(here.1) / active_rms(here.0).max(1e-9)),
        longest_gap_ms: longest_gap_ms(here.0, here.1),
    })
}

/// Coarsely on every eighth sample (averaged), then sample by sample around the best places: a place between two coarse samples
/// looks worse than it is.
fn best_lag(voice: &[f64], heard: &[f64]) -> isize {
    let coarse = |samples: &[f64]| -> Vec<f64> { samples.chunks(COARSE).map(|chunk| chunk.iter().sum::<f64>() / COARSE as f64).collect() };
    let (small_voice, small_heard) = (coarse(voice), coarse(heard));
    let earliest = -(small_voice.len() as isize / 4);
    let latest = small_heard.len() as isize - (small_voice.len() as isize / 2);
    let mut rough: Vec<(isize, f64)> =
        (earliest..=latest.max(earliest)).map(|lag| (lag, correlation(&small_voice, &small_heard, lag))).collect();
    rough.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut places: Vec<isize> = Vec::new();
    for (lag, _) in rough {
        if places.len() < PLACES && places.iter().all(|place| (place - lag).abs() > 2) {
            places.push(lag);
        }
    }
    let around = 2 * COARSE as isize;
    let fine = places.into_iter().map(|lag| lag * COARSE as isize).map(|lag| best_of(voice, heard, lag - around..=lag + around));
    fine.max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(lag, _)| lag)
}

fn best_of(voice: &[f64], heard: &[f64], lags: std::ops::RangeInclusive<isize>) -> (isize, f64) {
    let first = *lags.start();
    lags.fold((first, f64::MIN), |best, lag| {
        let here = correlation(voice, heard, lag);
        if here > best.1 { (lag, here) } else { best }
    })
}

fn overlap<'a>(voice: &'a [f64], heard: &'a [f64], lag: isize) -> (&'a [f64], &'a [f64]) {
    let skip_voice = usize::try_from(-lag).unwrap_or(0).min(voice.len());
    let skip_heard = usize::try_from(lag).unwrap_or(0).min(heard.len());
    let (voice, heard) = (&voice[skip_voice..], &heard[skip_heard..]);
    let len = voice.len().min(heard.len());
    (&voice[..len], &heard[..len])
}

fn correlation(voice: &[f64], heard: &[f64], lag: isize) -> f64 {
    let (overlapping, heard) = overlap(voice, heard, lag);
    let product: f64 = overlapping.iter().zip(heard).map(|(a, b)| a * b).sum();
    let scale = (voice.iter().map(|s| s * s).sum::<f64>() * heard.iter().map(|s| s * s).sum::<f64>()).sqrt();
    if scale > 1e-12 { product / scale } else { 0.0 }
}

fn segments_found(voice: &[f64], heard: &[f64], lag: isize) -> f64 {
    let floor = active_rms(voice) * 0.25;
    let mut spoken = 0usize;
    let mut found = 0usize;
    for (index, segment) in voice.chunks_exact(SEGMENT).enumerate() {
        if mean_square(segment).sqrt() < floor {
            continue;
        }
        spoken += 1;
        let place = lag + (index * SEGMENT) as isize;
        let near = best_of(segment, heard, place - SEGMENT_SHIFT..=place + SEGMENT_SHIFT);
        found += usize::from(near.1 > 0.8);
    }
    if spoken == 0 { 0.0 } else { found as f64 / spoken as f64 }
}

fn longest_gap_ms(voice: &[f64], heard: &[f64]) -> usize {
    let speaking = active_rms(voice) * 0.25;
    let silent = active_rms(heard) * 0.01;
    let (mut longest, mut run) = (0, 0);
    for (said, got) in voice.chunks_exact(GAP_FRAME).zip(heard.chunks_exact(GAP_FRAME)) {
        let missing = mean_square(said).sqrt() > speaking && mean_square(got).sqrt() < silent;
        run = if missing { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest * GAP_FRAME / SAMPLES_PER_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chirp(samples: usize, seed: f64) -> Vec<f64> {
        (0..samples).map(|n| 0.3 * (n as f64 * (0.05 + seed + n as f64 * 4e-6)).sin() * (0.6 + 0.4 * (n as f64 * 0.003).sin())).collect()
    }

    #[test]
    fn a_voice_is_found_where_it_begins_at_its_level() {
        let voice = chirp(16_000, 0.0);
        let mut heard = vec![0.0; 3_200];
        heard.extend(voice.iter().map(|s| s * 0.5));
        heard.extend(vec![0.0; 1_000]);
        let likeness = compare(&voice, &heard).unwrap();
        assert!(likeness.correlation > 0.99 && likeness.found > 0.99, "{}", likeness.line());
        assert_eq!((likeness.begins_ms, likeness.longest_gap_ms), (400, 0));
        assert!((likeness.level_db + 6.0).abs() < 0.2, "{}", likeness.line());
    }

    #[test]
    fn a_voice_that_is_there_whole_is_preferred_to_the_rest_of_an_earlier_repetition() {
        let voice = chirp(8_000, 0.2);
        let mut heard = voice[1_600..].to_vec();
        heard.extend(vec![0.0; 3]);
        heard.extend(&voice);
        let likeness = compare(&voice, &heard).unwrap();
        assert!(likeness.found > 0.99 && likeness.correlation > 0.99, "{}", likeness.line());
    }

    #[test]
    fn another_voice_is_not_taken_for_it() {
        let likeness = compare(&chirp(16_000, 0.0), &chirp(24_000, 0.4)).unwrap();
        assert!(likeness.correlation < 0.3 && likeness.found < 0.5, "{}", likeness.line());
    }

    #[test]
    fn a_hole_in_the_recording_is_measured() {
        let voice = chirp(16_000, 0.0);
        let mut heard = voice.clone();
        heard[8_000..9_600].fill(0.0);
        let likeness = compare(&voice, &heard).unwrap();
        assert!((180..=200).contains(&likeness.longest_gap_ms), "{}", likeness.line());
    }

    #[test]
    fn a_jitter_buffer_that_shifts_the_second_half_still_gives_the_segments() {
        let voice = chirp(16_000, 0.0);
        let mut heard = voice[..8_000].to_vec();
        heard.extend(vec![0.0; 320]);
        heard.extend(&voice[8_000..]);
        let likeness = compare(&voice, &heard).unwrap();
        assert!(likeness.found > 0.75, "{}", likeness.line());
    }

    #[test]
    fn resampling_keeps_a_tone_and_its_level() {
        let tone = |rate: f64, n: usize| (0..n).map(|n| 0.5 * (2.0 * PI * 440.0 * n as f64 / rate).sin()).collect::<Vec<f64>>();
        let made = resample(&tone(22_050.0, 22_050), 22_050);
        let likeness = compare(&tone(8_000.0, 7_000), &made[400..]).unwrap();
        assert!(likeness.correlation > 0.99 && likeness.level_db.abs() < 0.1, "{}", likeness.line());
    }

    #[test]
    fn a_long_pause_is_cut_and_a_short_one_is_kept() {
        let said = [vec![0.5; 800], vec![0.0; 8_000], vec![0.5; 800], vec![0.0; 800], vec![0.5; 800]].concat();
        assert_eq!(without_long_pauses(&said).len(), 3 * 800 + 2_000 + 800);
    }

    #[test]
    fn levelling_reaches_the_level_without_a_high_peak() {
        let quiet: Vec<f64> = chirp(8_000, 0.1).iter().map(|s| s * 0.02).collect();
        let made = levelled(&quiet);
        assert!((db(active_rms(&made)) + 20.0).abs() < 0.1);
        assert!(db(peak(&made)) <= -3.0);
    }
}
