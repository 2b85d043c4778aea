//! Telephones whose voices are tones, and who of them hears whom at each stage of a call.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::baresip::{Account, Phone};
use crate::audio::RATE;
use crate::tones;

/// Everybody's voice in Hz: between the notes of our music and its overtones, and far from the ring-back tone.
const VOICES: [(&str, f64); 3] = [("caller", 1230.0), ("first", 1730.0), ("receiver", 2330.0)];
/// Longer than any call here.
const VOICE_SECONDS: usize = 180;
/// What is said of the last of what somebody heard, since a stage takes a moment to begin.
const LATEST_MS: usize = 1_200;
/// A voice is heard in at least this share of the frames, ...
const HEARD: f64 = 0.8;
/// ... and is not heard if it is in at most this share.
const NOT_HEARD: f64 = 0.05;
/// How long a stage may take to begin, on a machine that is busy with other things.
const STAGE_WITHIN: Duration = Duration::from_secs(20);
/// How long telephones may take to register, to ring or to hang up there.
pub const SIGNALLED_WITHIN: Duration = Duration::from_secs(20);
const RING_BACK_HZ: f64 = 450.0;

/// Somebody with a telephone.
pub struct Party {
    name: &'static str,
    pub phone: Phone,
}

/// What somebody is to hear.
#[derive(Clone, Copy, Debug)]
pub enum Hears {
    /// These, and nobody else.
    Voices(&'static [&'static str]),
    /// Nobody, but something: music without a pause.
    Music,
    /// Nobody, but the tone that says that somebody is called, or music.
    Ringing,
}

/// A place in what a party heard, and when that was.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    sample: usize,
    at: Instant,
}

impl Party {
    /// Somebody who only dials.
    pub fn caller(logs: &Path, number: &str) -> Result<Self> {
        Self::start("caller", logs, &Account { user: number, registrar: None, answers: false })
    }

    /// Somebody at a seat, registered.
    pub fn at_seat(name: &'static str, logs: &Path, seat: &str, hotline: &str, password: &str, answers: bool) -> Result<Self> {
        let mut party = Self::start(name, logs, &Account { user: seat, registrar: Some((hotline, password)), answers })?;
        party.phone.wait_registered(SIGNALLED_WITHIN)?;
        Ok(party)
    }

    fn start(name: &'static str, logs: &Path, account: &Account) -> Result<Self> {
        let phone = Phone::start(&logs.join(format!("{name}-{}", account.user)), account, &tones::voice(hz(name)?, VOICE_SECONDS))?;
        Ok(Self { name, phone })
    }

    /// Here and now in what it hears.
    pub fn mark(&self) -> Result<Mark> {
        Ok(Mark { sample: self.phone.heard()?.len(), at: Instant::now() })
    }

    /// What it heard from one mark to another.
    pub fn heard(&self, from: Mark, to: Mark) -> Result<Vec<f64>> {
        let heard = self.phone.heard()?;
        Ok(heard.get(from.sample..to.sample.min(heard.len())).unwrap_or_default().to_vec())
    }

    /// How long it heard somebody between two marks, in milliseconds.
    pub fn heard_of(&self, who: &str, from: Mark, to: Mark) -> Result<usize> {
        Ok(tones::heard_ms(&self.heard(from, to)?, hz(who)?))
    }

    /// The longest time without sound between two marks, in milliseconds: quiet packets, or no packets at all.
    pub fn silence(&self, from: Mark, to: Mark) -> Result<usize> {
        let heard = self.heard(from, to)?;
        let passed = to.at.duration_since(from.at).as_millis() as usize;
        let sent = heard.len() * 1_000 / RATE as usize;
        Ok(tones::longest_silence_ms(&heard).max(passed.saturating_sub(sent)))
    }

    fn last(&self, since: Mark) -> Result<Vec<f64>> {
        let heard = self.phone.heard()?;
        let from = heard.len().saturating_sub(LATEST_MS * RATE as usize / 1_000);
        Ok(if from <= since.sample { Vec::new() } else { heard[from..].to_vec() })
    }

    /// Why what it hears is not what it is to hear; `None` if it is.
    fn objection(&self, since: Mark, hears: Hears) -> Result<Option<String>> {
        let last = self.last(since)?;
        if last.is_empty() {
            return Ok(Some(format!("{} heard less than {LATEST_MS} ms", self.name)));
        }
        let expected: &[&str] = match hears {
            Hears::Voices(voices) => voices,
            Hears::Music | Hears::Ringing => &[],
        };
        for (who, hz) in VOICES {
            let share = tones::share(&last, hz);
            let wrong = if expected.contains(&who) { share < HEARD } else { share > NOT_HEARD };
            if wrong {
                return Ok(Some(format!("{} hears {who} in {:.0} % of the frames", self.name, share * 100.0)));
            }
        }
        let silence = tones::longest_silence_ms(&last);
        let rings = || Ok::<bool, anyhow::Error>(tones::heard_ms(&self.heard(since, self.mark()?)?, RING_BACK_HZ) > 300);
        let quiet = match hears {
            Hears::Voices(_) => false,
            Hears::Music => silence > 600,
            Hears::Ringing => silence > 600 && !rings()?,
        };
        Ok(quiet.then(|| format!("{} hears silence for {silence} ms of {LATEST_MS}", self.name)))
    }
}

/// Waits until everybody hears just what is said of them; how long that took in milliseconds.
pub fn stage(what: &str, parties: &mut [(&mut Party, Hears)]) -> Result<u128> {
    let began = Instant::now();
    let since = parties.iter().map(|(party, _)| party.mark()).collect::<Result<Vec<Mark>>>()?;
    loop {
        for (party, _) in parties.iter_mut() {
            party.phone.talk(Duration::from_millis(60)).with_context(|| format!("{what}: {}", party.name))?;
        }
        let mut objection = None;
        for ((party, hears), since) in parties.iter().zip(&since) {
            objection = objection.or(party.objection(*since, *hears)?);
        }
        let took = began.elapsed();
        match objection {
            None => {
                println!("{what}: {} after {} ms", told(parties), took.as_millis());
                return Ok(took.as_millis());
            }
            Some(objection) => ensure!(took < STAGE_WITHIN, "{what}: after {} s {objection}", took.as_secs()),
        }
    }
}

fn told(parties: &[(&mut Party, Hears)]) -> String {
    parties.iter().map(|(party, hears)| format!("{} hears {hears:?}", party.name)).collect::<Vec<_>>().join(", ")
}

fn hz(name: &str) -> Result<f64> {
    VOICES.iter().find(|(known, _)| *known == name).map(|(_, hz)| *hz).with_context(|| format!("{name} has no voice"))
}
