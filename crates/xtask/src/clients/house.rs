//! A hotline with seats of ours behind it, which are SIPp, and what its records say.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::hotline::{Build, Hotline};
use super::sipp::{self, Message, Moment, Sipp, TRACE};
use crate::process::free_port;

/// How long sipp gets to open its port.
const SIPP_STARTS: Duration = Duration::from_millis(500);
/// How long a record may take to say what happened.
pub const RECORDED_WITHIN: Duration = Duration::from_secs(30);
/// How long anything takes at most that is not about time, on a machine that is busy with other things.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// A hotline whose rules name a port `{NAME}` for each of its seats.
pub struct House {
    dir: PathBuf,
    pub hotline: Hotline,
    ports: Vec<(String, u16)>,
}

/// Puts a free port for each `{NAME}`.
fn filled(text: &str, ports: &mut Vec<(String, u16)>) -> Result<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, name, after)) = placeholder(rest) {
        let port = free_port()?;
        out += before;
        out += &port.to_string();
        ports.push((name.to_owned(), port));
        rest = after;
    }
    Ok(out + rest)
}

/// What stands before, in and after the next `:{NAME}`; the colon stays.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let at = text.find(":{")? + 1;
    let (name, after) = text[at + 1..].split_once('}')?;
    Some((&text[..at], name, after))
}

impl House {
    /// Starts one; `name` is that of its directory in target/xtask.
    pub fn start(name: &str, rules: &[&str]) -> Result<Self> {
        Self::start_with(name, rules, |_| Ok(()))
    }

    /// Starts one after something else was put into the folder of its rules.
    pub fn start_with(name: &str, rules: &[&str], prepare: impl FnOnce(&Path) -> Result<()>) -> Result<Self> {
        Self::start_build(Build::default(), name, rules, prepare)
    }

    /// As [`House::start_with`], but not necessarily the hotline that was just built; `name` may be a path of its own.
    pub fn start_build(build: Build, name: &str, rules: &[&str], prepare: impl FnOnce(&Path) -> Result<()>) -> Result<Self> {
        let dir = crate::root().join("target/xtask").join(name);
        if dir.exists() {
            std::fs::remove_dir_all(&dir).with_context(|| format!("{} could not be emptied", dir.display()))?;
        }
        let folder = dir.join("rules");
        std::fs::create_dir_all(&folder)?;
        let mut ports = Vec::new();
        for path in rules {
            let from = crate::root().join(path);
            let text = std::fs::read_to_string(&from).with_context(|| format!("{} can't be read", from.display()))?;
            let file = from.file_name().context("rules stand in a file")?;
            std::fs::write(folder.join(file), filled(&text, &mut ports)?)?;
        }
        prepare(&folder)?;
        let hotline = Hotline::start_build(build, &dir.join("hotline"), &folder, "127.0.0.1")?;
        Ok(Self { dir, hotline, ports })
    }

    /// Appends to a file of its rules.
    pub fn change_rules(&self, file: &str, more: &str) -> Result<()> {
        let path = self.dir.join("rules").join(file);
        Ok(std::fs::write(&path, std::fs::read_to_string(&path)? + more)?)
    }

    /// The folder of its rules.
    pub fn rules(&self) -> PathBuf {
        self.dir.join("rules")
    }

    /// Where a check keeps its logs.
    pub fn logs(&self, check: &str) -> PathBuf {
        self.dir.join(check)
    }

    /// Puts other text into a file of its rules, where that text stands once.
    pub fn rewrite_rules(&self, file: &str, from: &str, to: &str) -> Result<()> {
        let path = self.dir.join("rules").join(file);
        let text = std::fs::read_to_string(&path)?;
        ensure!(text.matches(from).count() == 1, "{from:?} stands in {file} {} times", text.matches(from).count());
        Ok(std::fs::write(&path, text.replacen(from, to, 1))?)
    }

    /// In which line of a file of its rules something stands first.
    pub fn line_of(&self, file: &str, what: &str) -> Result<usize> {
        let text = std::fs::read_to_string(self.dir.join("rules").join(file))?;
        let line = text.lines().position(|line| line.contains(what));
        Ok(line.with_context(|| format!("{what} is not in {file}"))? + 1)
    }

    /// The port that stands for `{NAME}` in its rules.
    pub fn port(&self, name: &str) -> Result<u16> {
        let found = self.ports.iter().find(|(known, _)| known == name);
        found.map(|(_, port)| *port).with_context(|| format!("no port {name}"))
    }

    /// Waits until a seat is at something, in the words of `hotline seats list`.
    pub fn seat_is(&self, seat: &str, state: &str) -> Result<()> {
        recorded(&format!("seat {seat} is {state}"), || Ok((self.hotline.seat(seat)? == state).then_some(())))
    }

    /// Waits until the log tells that an order was refused, and why.
    pub fn refused(&self, call: &str, why: &str) -> Result<()> {
        recorded(&format!("an order in {call} is refused with {why}"), || {
            let told = self.hotline.told(call)?;
            Ok(told.iter().any(|line| line.contains("the order is refused") && line.contains(why)).then_some(()))
        })
    }

    /// Whether the log tells this of a call.
    pub fn told(&self, call: &str, words: &str) -> Result<bool> {
        Ok(self.times_told(call, words)? > 0)
    }

    /// How many lines of the log about a call hold this.
    pub fn times_told(&self, call: &str, words: &str) -> Result<usize> {
        Ok(self.hotline.told(call)?.iter().filter(|line| line.contains(words)).count())
    }

    /// See [`House::seat_for`].
    pub fn seat(&self, logs: &Path, name: &str, scenario: &str, options: &[&str]) -> Result<Sipp> {
        self.seat_for(logs, name, scenario, options, PATIENCE)
    }

    /// Starts sipp as one of the seats, its logs in a directory of the seat's name, and lets it open its port.
    pub fn seat_for(&self, logs: &Path, name: &str, scenario: &str, options: &[&str], limit: Duration) -> Result<Sipp> {
        let seat = sipp::seat_with(&logs.join(name), scenario, self.port(name)?, &[options, &TRACE].concat(), limit)?;
        std::thread::sleep(SIPP_STARTS);
        Ok(seat)
    }

    /// Starts sipp as callers, their logs in `caller`.
    pub fn caller(&self, logs: &Path, scenario: &str, number: &str, options: &[&str]) -> Result<Sipp> {
        self.caller_for(logs, scenario, number, options, PATIENCE)
    }

    pub fn caller_for(&self, logs: &Path, scenario: &str, number: &str, options: &[&str], limit: Duration) -> Result<Sipp> {
        sipp::caller(&logs.join("caller"), &self.hotline, scenario, number, &[options, &TRACE].concat(), limit)
    }

    /// The calls of a queue once they are as wanted, in order of arrival there.
    pub fn calls_once(&self, queue: &str, wanted: impl Fn(&[Value]) -> bool) -> Result<Vec<Value>> {
        let until = Instant::now() + RECORDED_WITHIN;
        loop {
            let mut calls: Vec<Value> = self.hotline.calls()?.into_iter().filter(|call| call["queue"] == queue).collect();
            calls.sort_by_key(|call| call["t2"].as_str().map(str::to_owned));
            if wanted(&calls) {
                return Ok(calls);
            }
            ensure!(Instant::now() < until, "what was expected of queue {queue} did not come: {}", told(&calls));
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The calls of a queue once `count` of them are as wanted, and there are no others.
    pub fn calls_where(&self, queue: &str, count: usize, wanted: impl Fn(&Value) -> bool) -> Result<Vec<Value>> {
        self.calls_once(queue, |calls| calls.len() == count && calls.iter().all(&wanted))
    }

    /// The calls of a queue that are not over, once `count` of them are as wanted, and there are no others.
    pub fn live(&self, queue: &str, count: usize, wanted: impl Fn(&Value) -> bool) -> Result<Vec<Value>> {
        let live = |calls: &[Value]| calls.iter().filter(|call| call["t6"].is_null()).cloned().collect::<Vec<_>>();
        let calls = self.calls_once(queue, |calls| {
            let live = live(calls);
            live.len() == count && live.iter().all(&wanted)
        })?;
        Ok(live(&calls))
    }

    /// The only call to a number of ours, once it is as wanted.
    pub fn dialled(&self, number: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let what = format!("the call to {number} is as it should be");
        let found = recorded(&what, || {
            let call = self.hotline.calls()?.into_iter().find(|call| call["dialled"] == number);
            Ok(call.filter(|call| wanted(call)))
        });
        found.with_context(|| format!("the calls to {number}: {:#?}", self.hotline.calls().unwrap_or_default()))
    }

    /// Whether `hotline why` says all of this of a call.
    pub fn explains(&self, call: &str, words: &[&str]) -> Result<()> {
        let why = self.hotline.why(&[call])?;
        let said = why["facts"].to_string();
        let missing: Vec<&&str> = words.iter().filter(|words| !said.contains(**words)).collect();
        ensure!(missing.is_empty(), "`why {call}` does not say {missing:?}: {why:#}");
        Ok(())
    }

    /// The calls of a queue, all over.
    pub fn ended(&self, queue: &str, count: usize) -> Result<Vec<Value>> {
        self.calls_where(queue, count, |call| call["t6"].is_string())
    }
}

/// Calls in short.
fn told(calls: &[Value]) -> String {
    let one = |call: &Value| ["call", "dialled", "t2", "t3", "t6", "cause", "seat"].map(|key| format!("{key} {}", call[key])).join(", ");
    calls.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The file from which uac_served.xml takes whom to call.
pub fn numbers(logs: &Path, called: &[&str]) -> Result<String> {
    std::fs::create_dir_all(logs)?;
    let path = logs.join("numbers.csv");
    std::fs::write(&path, format!("SEQUENTIAL\n{}\n", called.join("\n")))?;
    Ok(path.display().to_string())
}

/// When a message was sent or received, the first being 0.
pub fn nth(messages: &[Message], sent: bool, what: &str, place: usize) -> Result<Moment> {
    let found = messages.iter().filter(|message| message.sent == sent && message.what == what).nth(place);
    found.map(|message| message.at).with_context(|| format!("{what} number {place} is not in the trace: {messages:?}"))
}

/// One of a record's times.
pub fn time(call: &Value, key: &str) -> Result<Moment> {
    call[key].as_str().and_then(Moment::parse).with_context(|| format!("no {key} in {call:#}"))
}

/// How long a call waited for a person.
pub fn wait_ms(call: &Value) -> Result<u64> {
    call["wait_ms"].as_u64().with_context(|| format!("no wait_ms in {call:#}"))
}

/// To whom a call was offered, and how each offer ended that was not answered.
pub fn offers(call: &Value) -> Vec<(String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let offers = call["offers"].as_array().map(Vec::as_slice).unwrap_or_default();
    offers.iter().map(|offer| (text(&offer["seat"]).unwrap_or_default(), text(&offer["ended"]))).collect()
}

/// Whether an offer rang in full.
pub fn is_rona(how: &Option<String>) -> bool {
    how.as_ref().is_some_and(|how| how.contains("RONA"))
}

/// The id of a call.
pub fn id(call: &Value) -> Result<&str> {
    call["call"].as_str().with_context(|| format!("no call's id in {call:#}"))
}

/// Waits until something is so.
pub fn recorded<T>(what: &str, is_so: impl Fn() -> Result<Option<T>>) -> Result<T> {
    let until = Instant::now() + RECORDED_WITHIN;
    loop {
        if let Some(found) = is_so()? {
            return Ok(found);
        }
        ensure!(Instant::now() < until, "after {} s it is not so: {what}", RECORDED_WITHIN.as_secs());
        std::thread::sleep(Duration::from_millis(100));
    }
}
