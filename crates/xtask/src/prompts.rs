//! `cargo xtask prompts`: fixtures/prompts/texts.toml spoken into WAV files, and the table that embeds them in the binary.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::audio;
use crate::speech::{Voice, speak};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    voices: BTreeMap<String, Voice>,
    fixed: BTreeMap<String, Fixed>,
    prompts: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixed {
    language: String,
    text: String,
}

/// One file to make.
struct Clip {
    directory: String,
    name: String,
    spoken_in: String,
    text: String,
}

/// Speaks every text anew and rewrites the table.
pub fn run() -> Result<ExitCode> {
    let home = crate::root().join("fixtures/prompts");
    let texts: Texts = toml::from_str(&std::fs::read_to_string(home.join("texts.toml"))?).context("fixtures/prompts/texts.toml")?;
    let clips = clips(&texts);
    for language in texts.voices.keys() {
        let directory = home.join(language);
        if directory.exists() {
            std::fs::remove_dir_all(&directory)?;
        }
        std::fs::create_dir_all(&directory)?;
    }
    let mut seconds = 0.0;
    for clip in &clips {
        seconds += make(&home, clip, &texts.voices)?;
    }
    write_table(&clips)?;
    println!("{} files, {seconds:.0} s of speech, {:.1} MB", clips.len(), seconds * 16_000.0 / 1e6);
    Ok(ExitCode::SUCCESS)
}

fn clips(texts: &Texts) -> Vec<Clip> {
    let mut clips = Vec::new();
    for directory in texts.voices.keys() {
        for (name, fixed) in &texts.fixed {
            let (name, text) = (name.clone(), fixed.text.clone());
            clips.push(Clip { directory: directory.clone(), name, spoken_in: fixed.language.clone(), text });
        }
        for (name, spoken) in &texts.prompts {
            if let Some(text) = spoken.get(directory) {
                let (name, text) = (name.clone(), text.clone());
                clips.push(Clip { directory: directory.clone(), name, spoken_in: directory.clone(), text });
            }
        }
    }
    clips.sort_by(|a, b| (&a.directory, &a.name).cmp(&(&b.directory, &b.name)));
    clips
}

fn make(home: &Path, clip: &Clip, voices: &BTreeMap<String, Voice>) -> Result<f64> {
    let voice = voices.get(&clip.spoken_in).with_context(|| format!("{}: no voice for {}", clip.name, clip.spoken_in))?;
    let samples = speak(voice, &clip.text)?;
    audio::write(&home.join(&clip.directory).join(format!("{}.wav", clip.name)), &samples)?;
    let seconds = samples.len() as f64 / f64::from(audio::RATE);
    let characters = clip.text.chars().filter(|c| c.is_alphanumeric()).count();
    println!(
        "{:<6} {:<32} {seconds:>5.1} s  {:>5.0} characters/min  rms {:>5.1} dBFS  peak {:>5.1} dBFS",
        clip.directory,
        clip.name,
        characters as f64 * 60.0 / seconds,
        audio::db(audio::active_rms(&samples)),
        audio::db(audio::peak(&samples)),
    );
    Ok(seconds)
}

fn write_table(clips: &[Clip]) -> Result<()> {
    let mut table = String::from(
        "//! The prompts the binary carries, written by `cargo xtask prompts` out of fixtures/prompts/texts.toml.\n\
         //! Knows nothing of when they are played.\n\n\
         /// Language, name, and the WAV file (8 kHz, mono, 16 bit), sorted by language and name.\n\
         #[rustfmt::skip]\n\
         pub static EMBEDDED_PROMPTS: &[(&str, &str, &[u8])] = &[\n",
    );
    for Clip { directory, name, .. } in clips {
        table.push_str(&format!("    ({directory:?}, {name:?}, include_bytes!(\"../fixtures/prompts/{directory}/{name}.wav\")),\n"));
    }
    table.push_str("];\n");
    Ok(std::fs::write(crate::root().join("src/embedded_prompts.rs"), table)?)
}
