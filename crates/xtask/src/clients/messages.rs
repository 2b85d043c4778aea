//! Messages that real telephones leave: what is in the file is what was said after the tone; who answers it; a kill -9 in the middle. The
//! surveys of survey.rs are beside them, with the same hotline.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::at_once::{Check, run_at};
use super::baresip::{Account, Phone};
use super::house::{House, recorded};
use super::parties::{SIGNALLED_WITHIN, prompt};
use super::survey;
use crate::audio::{self, Likeness, RATE};
use crate::steps::{Outcome, Steps};
use crate::tones;

const RULES: [&str; 2] = ["fixtures/scenarios/messages/voicemail.toml", "fixtures/scenarios/messages/survey.toml"];
/// The tone after which a caller is recorded.
const TONE_HZ: f64 = 1_000.0;
/// How much of it has to be heard; it has 400 ms.
const TONE_MS: usize = 240;
/// Words before the tone, and the way to them.
const TONE_WITHIN: Duration = Duration::from_secs(40);
/// A recording is what was said when so much of it is found ...
const FOUND_AT_LEAST: f64 = 0.95;
/// ... and is like it in one piece, ...
const CORRELATION_AT_LEAST: f64 = 0.95;
/// ... without a hole longer than two packets and a bit.
const GAP_AT_MOST_MS: usize = 60;
/// How far its beginning and end may be from what was heard and pressed: the telephone's jitter buffer has 100 ms to 200 ms, its control
/// port answers within 50 ms, and its own recordings of both sides do not begin together.
const NEAR_MS: i64 = 600;
const MS: usize = RATE as usize / 1_000;

const CHECKS: [(&str, Check); 5] = [
    ("messages: what is said until # is in the file; taken by one, taken over, done", by_key),
    ("messages: who hangs up has left one; it is deleted with its file", by_hang_up),
    ("messages: who falls silent has left one, without the silence; it is fetched", by_silence),
    ("messages: too little said is none, and leaves no file", too_short),
    ("survey: scores by key, who leaves, who is not asked; the agent's next call meanwhile", survey::scores),
];
const KILLED: &str = "messages: kill -9 in the middle keeps what was said";

/// Runs those checks whose name is `wanted`, all at once against one hotline; the kill has one of its own.
pub fn run_steps(steps: &mut Steps, wanted: impl Fn(&str) -> bool) {
    let wanted_ones = CHECKS.into_iter().filter(|(name, _)| wanted(name));
    run_at(steps, "messages and surveys", [("messages", RULES)], wanted_ones.map(|(name, check)| (name, 0, check)).collect());
    if wanted(KILLED) {
        steps.run(KILLED, killed);
    }
}

/// A caller who has heard the tone.
struct Caller {
    phone: Phone,
    dir: PathBuf,
    /// Where in what the telephone heard the tone ended, in ms.
    tone_ended: usize,
}

impl Caller {
    /// Dials, presses a key in the menu, and hears words and tone.
    fn reach_tone(house: &House, number: &str, from: &str, key: &str, says: &[f64]) -> Result<Self> {
        let dir = house.logs(number).join(from);
        let mut phone = Phone::start(&dir, &Account { user: from, registrar: None, answers: false }, says)?;
        phone.command("dial", &format!("sip:{number}@{}", house.hotline.address()))?;
        phone.wait_for("CALL_ESTABLISHED", SIGNALLED_WITHIN).with_context(|| format!("{number} did not answer"))?;
        phone.talk(Duration::from_secs(1))?;
        phone.press(key)?;
        let until = Instant::now() + TONE_WITHIN;
        let tone_ended = loop {
            if let Some(ended) = tone_end_ms(&phone.heard()?.1) {
                break ended;
            }
            ensure!(Instant::now() < until, "no tone was heard in {} s", TONE_WITHIN.as_secs());
            phone.talk(Duration::from_millis(60))?;
        };
        let asked = audio::compare(&prompt("voicemail-leave")?, &phone.heard()?.1)?;
        ensure!(asked.found >= 0.9, "the words before the tone: {}", asked.line());
        Ok(Self { phone, dir, tone_ended })
    }

    /// What the telephone sent so far.
    fn sent(&self) -> Result<Vec<f64>> {
        let entries = std::fs::read_dir(self.dir.join("recorded"))?.collect::<std::io::Result<Vec<_>>>()?;
        let mut paths = entries.iter().map(|entry| entry.path()).filter(|path| path.to_string_lossy().ends_with("-enc.wav"));
        let path = paths.next().with_context(|| format!("{} recorded nothing that it sent", self.dir.display()))?;
        audio::read_growing(&path)
    }

    fn hears(&mut self, name: &str) -> Result<()> {
        let until = Instant::now() + TONE_WITHIN;
        loop {
            self.phone.talk(Duration::from_secs(1))?;
            let likeness = audio::compare(&prompt(name)?, &self.phone.heard()?.1)?;
            if likeness.found >= 0.9 {
                return Ok(());
            }
            ensure!(Instant::now() < until, "{name} was not heard: {}", likeness.line());
        }
    }

    fn hang_up(&mut self) -> Result<()> {
        self.phone.command("hangup", "")?;
        self.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN)?;
        Ok(())
    }
}

/// Where the first tone ended, once something else was heard for 100 ms.
fn tone_end_ms(heard: &[f64]) -> Option<usize> {
    const STEP: usize = 20 * MS;
    let is_tone = |at: usize| heard.get(at..at + 2 * STEP).is_some_and(|frame| tones::share(frame, TONE_HZ) == 1.0);
    let mut run = 0;
    for at in (0..heard.len().saturating_sub(5 * STEP)).step_by(STEP) {
        if is_tone(at) {
            run += 20;
        } else if run >= TONE_MS {
            return Some((at + STEP) / MS);
        } else {
            run = 0;
        }
    }
    None
}

/// Speech that never repeats itself for a minute and a half, so that each part of it has one place.
fn speech() -> Result<Vec<f64>> {
    let fixture = |name: &str| audio::read(&crate::root().join("fixtures").join(name));
    let names = ["voices/caller.wav", "voices/agent.wav", "prompts/zh-CN/main-menu.wav", "prompts/zh-CN/survey-intro.wav"];
    let forth = names.into_iter().map(fixture).collect::<Result<Vec<_>>>()?;
    let back = forth.iter().map(|voice| voice.iter().rev().copied().collect::<Vec<f64>>());
    Ok(forth.iter().cloned().chain(back).collect::<Vec<_>>().concat())
}

/// So many seconds of it from the beginning of the call, then silence to the end.
fn speech_for(seconds: usize) -> Result<Vec<f64>> {
    let mut speech = speech()?;
    speech.truncate(seconds * RATE as usize);
    speech.resize(600 * RATE as usize, 0.0);
    Ok(speech)
}

/// The message of the only call to a number, once it is listed.
fn listed(house: &House, number: &str) -> Result<Value> {
    let call = call_to(house, number)?;
    recorded(&format!("{call} is listed by `hotline messages`"), || {
        Ok(house.hotline.messages()?.into_iter().find(|message| message["id"] == call.as_str()))
    })
}

fn call_to(house: &House, number: &str) -> Result<String> {
    recorded(&format!("there is a call to {number}"), || {
        let call = house.hotline.calls()?.into_iter().find(|call| call["dialled"] == number);
        Ok(call.and_then(|call| call["call"].as_str().map(str::to_owned)))
    })
}

fn file(house: &House, call: &str) -> PathBuf {
    house.hotline.recordings().join(format!("{call}.wav"))
}

/// The recording is a part of what was sent, whole, begins after the tone and has no tone in it; how like it is, and its length in ms.
fn like_what_was_said(caller: &Caller, path: &Path) -> Result<(Likeness, usize)> {
    let recording = audio::read(path)?;
    let likeness = audio::compare(&recording, &caller.sent()?).context("the recording in what was sent")?;
    let length = recording.len() / MS;
    let line = format!("{}, {length} ms long, the tone ended at {} ms", likeness.line(), caller.tone_ended);
    println!("{}: {line}", path.display());
    let good = likeness.found >= FOUND_AT_LEAST && likeness.correlation >= CORRELATION_AT_LEAST;
    ensure!(good && likeness.longest_gap_ms <= GAP_AT_MOST_MS && likeness.level_db.abs() < 0.5, "not what was said: {line}");
    near("the recording begins", likeness.begins_ms, caller.tone_ended)?;
    let tone = tones::heard_ms(&recording[..recording.len().min(500 * MS)], TONE_HZ);
    ensure!(tone <= 80, "{tone} ms of the tone are in the recording");
    Ok((likeness, length))
}

fn near(what: &str, is: usize, expected: usize) -> Result<()> {
    let apart = is as i64 - expected as i64;
    ensure!(apart.abs() <= NEAR_MS, "{what} at {is} ms instead of {expected} ms");
    Ok(())
}

fn length_of(message: &Value) -> Result<usize> {
    Ok(message["length_ms"].as_u64().with_context(|| format!("no length in {message:#}"))? as usize)
}

/// A clock of a call, in words.
fn clock(house: &House, call: &str, clock: &str) -> Result<Value> {
    let record = house.hotline.show(call)?;
    let clocks = record["clocks"].as_array().map(Vec::as_slice).unwrap_or_default();
    clocks.iter().find(|one| one["clock"] == clock).cloned().with_context(|| format!("{call} has no {clock}: {record:#}"))
}

/// What was said of a call, in `why`.
fn told(house: &House, call: &str, parts: &[&str]) -> Result<()> {
    let why = house.hotline.why(&[call])?.to_string();
    let missing: Vec<&&str> = parts.iter().filter(|part| !why.contains(**part)).collect();
    ensure!(missing.is_empty(), "`why` does not say {missing:?}: {why}");
    Ok(())
}

/// The message is listed with what it is, and waits for an answer.
fn is_listed_as(message: &Value, end: &str, from: &str, length: usize) -> Result<()> {
    let facts = [("voicemail", "evening"), ("queue", "letters"), ("end", end), ("from", from)];
    for (key, expected) in facts {
        ensure!(message[key] == expected, "{key} is not {expected}: {message:#}");
    }
    let told = length_of(message)?;
    ensure!(told.abs_diff(length) <= 20, "{told} ms are told, {length} ms are in the file");
    ensure!(message["answer_by"].is_string() && message["taken_by"].is_null() && message["late"] == false, "{message:#}");
    Ok(())
}

/// Ended by #. Agents take it by the API: the second is told who has it, and takes it over on purpose.
fn by_key(house: &House) -> Result<Outcome> {
    let (number, from) = ("by-key", "13800132301");
    let mut caller = Caller::reach_tone(house, number, from, "1", &speech()?)?;
    caller.phone.talk(Duration::from_secs(8))?;
    let ended = caller.sent()?.len() / MS;
    caller.phone.press("#")?;
    caller.hears("voicemail-thanks")?;
    let call = call_to(house, number)?;
    caller.hang_up()?;
    let message = listed(house, number)?;
    let (likeness, length) = like_what_was_said(&caller, &file(house, &call))?;
    near("the recording ends", likeness.begins_ms + length, ended)?;
    is_listed_as(&message, "key", "+86138****2301", length)?;
    let k8 = clock(house, &call, "K8")?;
    ensure!(k8["state"] == "running" || k8["state"] == "started", "K8: {k8}");
    answered_by_agents(house, &call)?;
    told(
        house,
        &call,
        &["evening", "ended by key", "Li Na took the message", "Wang Wei took the message over", "is done with the message"],
    )?;
    let card = house.hotline.card(&call)?;
    ensure!(["Message", "ended by key", "by Wang Wei"].iter().all(|part| card.contains(part)), "`calls show`: {card}");
    ensure!(file(house, &call).exists(), "what is done is kept as long as the rules say");
    Ok(Outcome::Passed(format!("{}; {length} ms", likeness.line())))
}

fn answered_by_agents(house: &House, call: &str) -> Result<()> {
    let (first, second) = (house.hotline.agent("Li Na", "2301")?, house.hotline.agent("Wang Wei", "2302")?);
    let order = |token: &str, word: &str| house.hotline.request("POST", &format!("/api/v1/messages/{call}/{word}"), token);
    recorded("an agent takes the message by the API", || Ok((order(&first, "take")?.0 == 200).then_some(())))?;
    let (status, refusal) = recorded("the second agent's token is known", || {
        let answer = order(&second, "take")?;
        Ok((answer.0 != 401).then_some(answer))
    })?;
    ensure!(status == 409 && refusal["code"] == "taken" && refusal.to_string().contains("Li Na"), "{status} {refusal}");
    let (done, said) = house.hotline.message(&["take", call])?;
    ensure!(!done && said.contains("Li Na"), "`messages take` of what another has: {said}");
    ensure!(clock(house, call, "K8")?["state"] == "met", "K8: {}", clock(house, call, "K8")?);
    ensure!(order(&second, "take-over")?.0 == 200, "it can't be taken over");
    let shown = house.hotline.messages()?;
    ensure!(shown.iter().any(|one| one["id"] == call && one["taken_by"] == "Wang Wei"), "{shown:?}");
    ensure!(order(&second, "done")?.0 == 200, "it can't be done");
    ensure!(house.hotline.messages()?.iter().all(|one| one["id"] != call), "it is done, and listed");
    recorded("the call is complete", || Ok(house.hotline.show(call)?["t7"].is_string().then_some(())))
}

/// Ended by hanging up; deleted by a supervisor, with its file.
fn by_hang_up(house: &House) -> Result<Outcome> {
    let (number, from) = ("by-hang-up", "13800132302");
    let mut caller = Caller::reach_tone(house, number, from, "1", &speech()?)?;
    caller.phone.talk(Duration::from_secs(5))?;
    let ended = caller.sent()?.len() / MS;
    caller.hang_up()?;
    let message = listed(house, number)?;
    let call = call_to(house, number)?;
    let path = file(house, &call);
    let (likeness, length) = like_what_was_said(&caller, &path)?;
    near("the recording ends", likeness.begins_ms + length, ended)?;
    is_listed_as(&message, "hung_up", "+86138****2302", length)?;
    let outcome = house.hotline.show(&call)?["outcome"].clone();
    ensure!(outcome == "message open", "the outcome of a call whose message waits is {outcome}");
    let (done, said) = house.hotline.message(&["delete", &call, "--force"])?;
    ensure!(done && !path.exists(), "deleted: {done} ({said}), and the file is there: {}", path.exists());
    let (again, said) = house.hotline.message(&["delete", &call])?;
    ensure!(!again && !said.is_empty(), "it can be deleted twice");
    ensure!(clock(house, &call, "K8")?["state"] == "met", "K8: {}", clock(house, &call, "K8")?);
    told(house, &call, &["the caller hung up", "deleted the recording"])?;
    Ok(Outcome::Passed(format!("{}; {length} ms", likeness.line())))
}

/// Ended by silence: of that, half a second stays. Its WAV comes by `messages fetch`.
fn by_silence(house: &House) -> Result<Outcome> {
    const SPEAKS: usize = 22;
    let (number, from) = ("by-silence", "13800132303");
    let mut caller = Caller::reach_tone(house, number, from, "1", &speech_for(SPEAKS)?)?;
    ensure!(caller.tone_ended < (SPEAKS - 4) * 1_000, "the tone ended at {} ms: too late to say anything", caller.tone_ended);
    caller.hears("voicemail-thanks")?;
    caller.hang_up()?;
    let message = listed(house, number)?;
    let call = call_to(house, number)?;
    let fetched = house.logs(number).join("fetched.wav");
    let (done, said) = house.hotline.message(&["fetch", &call, "--output", &fetched.display().to_string()])?;
    ensure!(done, "`messages fetch`: {said}");
    let (likeness, length) = like_what_was_said(&caller, &fetched)?;
    // The last word may end before the last second of what is said.
    let ended = likeness.begins_ms + length;
    ensure!((SPEAKS * 1_000 - 500..SPEAKS * 1_000 + 1_100).contains(&ended), "the recording ends at {ended} ms");
    ensure!(message["end"] == "silence", "{message:#}");
    let told_ms = length_of(&message)?;
    ensure!(told_ms.abs_diff(length) <= 20, "{told_ms} ms are told, {length} ms are in the file");
    recorded("who listened is told", || {
        let heard = |message: &Value| message["id"] == call.as_str() && message["heard_by"].is_string();
        Ok(house.hotline.messages()?.iter().any(heard).then_some(()))
    })?;
    Ok(Outcome::Passed(format!("{}; {length} ms", likeness.line())))
}

/// One who says nothing and one who says too little: no message, no file.
fn too_short(house: &House) -> Result<Outcome> {
    let number = "too-short";
    for (from, key, says) in [("13800132304", "1", speech_for(1)?), ("13800132305", "2", speech_for(17)?)] {
        let mut caller = Caller::reach_tone(house, number, from, key, &says)?;
        caller.phone.talk(Duration::from_secs(if key == "1" { 8 } else { 14 }))?;
        caller.hang_up()?;
    }
    let calls = recorded("both calls are over", || {
        let calls: Vec<Value> = house.hotline.calls()?.into_iter().filter(|call| call["dialled"] == number).collect();
        Ok((calls.len() == 2 && calls.iter().all(|call| call["t7"].is_string())).then_some(calls))
    })?;
    for call in &calls {
        let id = call["call"].as_str().unwrap_or_default();
        ensure!(!file(house, id).exists(), "{id} left no message, but a file");
        ensure!(house.hotline.messages()?.iter().all(|message| message["id"] != id), "{id} is listed");
        told(house, id, &["too little for a message"])?;
    }
    Ok(Outcome::Passed("neither a message nor a file".into()))
}

/// The caller stays on the line and speaks on: both parts are in the file, and the message waits.
fn killed() -> Result<Outcome> {
    let mut house = House::start("messages-killed", &RULES[..1])?;
    let (number, from) = ("killed", "13800132306");
    let mut caller = Caller::reach_tone(&house, number, from, "1", &speech()?)?;
    caller.phone.talk(Duration::from_secs(8))?;
    let call = call_to(&house, number)?;
    let (path, killed_at) = (file(&house, &call), caller.sent()?.len() / MS);
    house.hotline = house.hotline.crash("second")?;
    let back_at = caller.sent()?.len() / MS;
    caller.phone.talk(Duration::from_secs(8))?;
    let before = audio::read(&path)?.len() / MS;
    caller.hang_up()?;
    let message = listed(&house, number)?;
    let recording = audio::read(&path)?;
    let length = recording.len() / MS;
    println!("killed at {killed_at} ms, back at {back_at} ms, {before} ms in the file before the end, {length} ms after");

    let sent = caller.sent()?;
    let first = audio::compare(&recording[..6_000 * MS], &sent).context("the first 6 s")?;
    let last = audio::compare(&recording[recording.len() - 5_000 * MS..], &sent).context("the last 5 s")?;
    println!("before: {}; after: {}", first.line(), last.line());
    near("the recording begins", first.begins_ms, caller.tone_ended)?;
    ensure!(first.found >= FOUND_AT_LEAST && last.found >= FOUND_AT_LEAST, "before: {}; after: {}", first.line(), last.line());
    let lost = killed_at.saturating_sub(first.begins_ms + before_the_kill(&recording, &sent, first.begins_ms));
    ensure!(lost <= 1_500, "of what was said before the kill, {lost} ms are lost");
    ensure!(last.begins_ms > back_at, "nothing of after the restart is in it");
    let told_ms = length_of(&message)?;
    ensure!(told_ms.abs_diff(length) <= 20, "{told_ms} ms are told, {length} ms are in the file");
    ensure!(clock(&house, &call, "K8")?["state"] != "met", "K8: {}", clock(&house, &call, "K8")?);
    let (done, said) = house.hotline.message(&["done", &call, "--force"])?;
    ensure!(done, "it can't be done: {said}");
    let replayed = house.hotline.stop()?;
    Ok(Outcome::Passed(format!("{lost} ms lost before the kill; before: {}; after: {}; {replayed}", first.line(), last.line())))
}

/// How much of the recording, from its beginning, is what was sent from a place on, in ms.
fn before_the_kill(recording: &[f64], sent: &[f64], begins_ms: usize) -> usize {
    const PART: usize = 100;
    let sent = &sent[(begins_ms * MS).min(sent.len())..];
    // The place is known to a millisecond.
    let likes = recording.chunks_exact(PART * MS).enumerate().map(|(place, part)| {
        let from = place * PART * MS;
        (0..=MS).filter_map(|shift| sent.get(from + shift..from + shift + part.len())).any(|other| is_like(part, other))
    });
    let mut same = 0;
    for (place, like) in likes.enumerate() {
        if like {
            same = place + 1;
        } else if place + 1 > same + 3 {
            break;
        }
    }
    same * PART
}

fn is_like(one: &[f64], other: &[f64]) -> bool {
    let (mut product, mut a, mut b) = (0.0, 1e-9, 1e-9);
    for (x, y) in one.iter().zip(other) {
        (product, a, b) = (product + x * y, a + x * x, b + y * y);
    }
    a.max(b) < 1e-4 || product / (a * b).sqrt() > 0.9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_tone_is_found_and_speech_has_none() {
        let tone = |ms: usize| tones::voice(TONE_HZ, 1)[..ms * MS].to_vec();
        let heard = [vec![0.0; 1_000 * MS], tone(400), vec![0.0; 500 * MS]].concat();
        let ended = tone_end_ms(&heard).unwrap();
        assert!(ended.abs_diff(1_400) <= 40, "{ended}");
        assert_eq!(tone_end_ms(&speech().unwrap()), None);
        assert_eq!(tone_end_ms(&[vec![0.0; 8_000], tone(300)].concat()), None, "it goes on");
    }

    #[test]
    fn where_two_sounds_part_is_measured() {
        let speech = speech().unwrap();
        let recording = [&speech[800..5_600 * MS], &vec![0.1; 3_000 * MS][..]].concat();
        let same = before_the_kill(&recording, &speech, 100);
        assert!(same.abs_diff(5_500) <= 300, "{same}");
    }
}
