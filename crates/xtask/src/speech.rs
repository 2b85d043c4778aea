//! espeak-ng as a source of speech: text in, levelled 8 kHz samples out.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::audio;

/// A voice of espeak-ng and its speed in its own words per minute.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voice {
    pub voice: String,
    pub speed: u32,
    #[serde(default = "usual_pitch")]
    pub pitch: u32,
}

fn usual_pitch() -> u32 {
    50
}

/// Speaks a text: 8 kHz mono, silence trimmed, pauses shortened, levelled.
pub fn speak(voice: &Voice, text: &str) -> Result<Vec<f64>> {
    let dir = tempfile::tempdir()?;
    let wav = dir.path().join("spoken.wav");
    let mut command = Command::new("espeak-ng");
    command.args(["-v", &voice.voice, "-s", &voice.speed.to_string(), "-p", &voice.pitch.to_string(), "-w"]).arg(&wav).arg(text);
    let ended = command.output().context("espeak-ng could not be started (Debian: apt-get install espeak-ng)")?;
    ensure!(ended.status.success(), "espeak-ng ended with {}: {}", ended.status, String::from_utf8_lossy(&ended.stderr));
    let samples = audio::levelled(&audio::without_long_pauses(&audio::trimmed(&audio::read(&wav)?)));
    ensure!(!samples.is_empty(), "espeak-ng said nothing for {text:?}");
    Ok(samples)
}

/// `cargo xtask voices`: the caller and the agent of the demo and of the audio checks.
pub fn voices() -> Result<ExitCode> {
    let caller = Voice { voice: "en-us+f3".into(), speed: 150, pitch: 70 };
    let agent = Voice { voice: "en-gb+m3".into(), speed: 150, pitch: 30 };
    let said = [
        ("caller", caller, "Good morning. My connection at home has been down since yesterday evening. Please look at the line."),
        ("agent", agent, "I can see your line on my screen now. A technician will visit you today between four and six."),
    ];
    for (name, voice, text) in said {
        let samples = speak(&voice, text)?;
        let path = crate::root().join("fixtures/voices").join(format!("{name}.wav"));
        audio::write(&path, &samples)?;
        println!("fixtures/voices/{name}.wav  {:.1} s", samples.len() as f64 / f64::from(audio::RATE));
    }
    Ok(ExitCode::SUCCESS)
}
