//! Telephones whose voices are tones, and who of them hears whom at each stage of a call.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::baresip::{Account, Phone};
use crate::audio::{self, RATE};
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
/// A prompt was heard if this share of it is found; the other words of a desk share half with it at most.
const PROMPT_FOUND: f64 = 0.9;

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
    /// The telephone's how manieth call.
    call: usize,
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

    /// The receiver outside: whoever is called at a port by one of these numbers. It answers by itself.
    pub fn outside(logs: &Path, port: u16, numbers: &[&str]) -> Result<Self> {
        Self::behind_trunk(logs, port, numbers, true)
    }

    /// The receiver outside, whose telephone rings until somebody answers it.
    pub fn ringing_outside(logs: &Path, port: u16, numbers: &[&str]) -> Result<Self> {
        Self::behind_trunk(logs, port, numbers, false)
    }

    fn behind_trunk(logs: &Path, port: u16, numbers: &[&str], answers: bool) -> Result<Self> {
        let (name, logs) = ("receiver", logs.join(format!("outside-{port}")));
        let phone = Phone::behind_trunk(&logs, port, numbers, answers, &tones::voice(hz(name)?, VOICE_SECONDS))?;
        Ok(Self { name, phone })
    }

    fn start(name: &'static str, logs: &Path, account: &Account) -> Result<Self> {
        let phone = Phone::start(&logs.join(format!("{name}-{}", account.user)), account, &tones::voice(hz(name)?, VOICE_SECONDS))?;
        Ok(Self { name, phone })
    }

    /// Dials a number of ours and is connected.
    pub fn dial(&mut self, number: &str, hotline: &str) -> Result<()> {
        self.phone.command("dial", &format!("sip:{number}@{hotline}"))?;
        self.phone.wait_for("CALL_ESTABLISHED", SIGNALLED_WITHIN).with_context(|| format!("{number} did not answer {}", self.name))?;
        Ok(())
    }

    /// Dials a number of ours that is not put through; what the telephone shows, such as `403 Forbidden`.
    pub fn dial_in_vain(&mut self, number: &str, hotline: &str) -> Result<String> {
        self.phone.command("dial", &format!("sip:{number}@{hotline}"))?;
        let closed = self.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN).with_context(|| format!("{number} dialled by {}", self.name))?;
        Ok(closed["param"].as_str().unwrap_or_default().to_owned())
    }

    /// Dials a feature code, hears this prompt of ours and is hung up.
    pub fn dial_code(&mut self, code: &str, hotline: &str, hears: &str) -> Result<()> {
        self.dial(code, hotline)?;
        self.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN).with_context(|| format!("{code} is not hung up"))?;
        self.said(hears).with_context(|| format!("after {code}"))
    }

    /// Heard a prompt of ours in its last call.
    pub fn said(&self, name: &str) -> Result<()> {
        let likeness = audio::compare(&prompt(name)?, &self.phone.heard()?.1).with_context(|| format!("listening for {name}"))?;
        println!("{} heard {name}: {}", self.name, likeness.line());
        ensure!(likeness.found >= PROMPT_FOUND, "{} did not hear {name}: {}", self.name, likeness.line());
        Ok(())
    }

    /// Hangs up.
    pub fn hang_up(&mut self) -> Result<()> {
        self.phone.command("hangup", "")?;
        self.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN)?;
        Ok(())
    }

    /// Here and now in what it hears.
    pub fn mark(&self) -> Result<Mark> {
        let (call, heard) = self.phone.heard()?;
        Ok(Mark { call, sample: heard.len(), at: Instant::now() })
    }

    /// What it heard from one mark to another, both in its last call; that call's beginning stands for a mark before it.
    pub fn heard(&self, from: Mark, to: Mark) -> Result<Vec<f64>> {
        let (call, heard) = self.phone.heard()?;
        let begins = if from.call == call { from.sample } else { 0 };
        let ends = if to.call == call { to.sample.min(heard.len()) } else { 0 };
        Ok(heard.get(begins..ends).unwrap_or_default().to_vec())
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
        let (call, heard) = self.phone.heard()?;
        let from = heard.len().saturating_sub(LATEST_MS * RATE as usize / 1_000);
        let begins = if since.call == call { since.sample } else { 0 };
        Ok(if from <= begins { Vec::new() } else { heard[from..].to_vec() })
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

/// A prompt of ours, in the first language.
pub fn prompt(name: &str) -> Result<Vec<f64>> {
    audio::read(&crate::root().join("fixtures/prompts/zh-CN").join(format!("{name}.wav")))
}

fn told(parties: &[(&mut Party, Hears)]) -> String {
    parties.iter().map(|(party, hears)| format!("{} hears {hears:?}", party.name)).collect::<Vec<_>>().join(", ")
}

fn hz(name: &str) -> Result<f64> {
    VOICES.iter().find(|(known, _)| *known == name).map(|(_, hz)| *hz).with_context(|| format!("{name} has no voice"))
}
