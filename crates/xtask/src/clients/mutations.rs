//! Damaged rules under load: the shipped files are cut, flipped and mixed up while calls come, and nothing but whole revisions ever runs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::hotline::Hotline;
use super::house::House;
use super::sipp::{self, Sipp};
use super::spread::Spread;

/// The rate at which calls come is 50 a second: half to a seat, half to the menus.
const EACH: &str = "25";
/// Calls of a round to either number: 30 s of them.
const ROUND: &str = "750";
const TALK_MS: &str = "1000";
const ROUND_LIMIT: Duration = Duration::from_secs(90);
const OWN: &str = "fixtures/clients/mutations.toml";

/// `cargo xtask mutations [COUNT [SEED]]`.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let number =
        |place: usize, default: u64| args.get(place).map_or(Ok(default), |text| text.parse().context("COUNT and SEED are numbers"));
    let (count, seed) = (number(0, 1_000)?, number(1, 1)?);
    crate::tools::require_clients()?;
    super::build()?;
    let shipped = shipped()?;
    let paths: Vec<&str> = shipped.iter().map(String::as_str).chain([OWN]).collect();
    let house = House::start("mutations", &paths)?;
    let mut drill = Drill::new(&house, &shipped, seed)?;
    let mut round = 0;
    while drill.done < count {
        round += 1;
        let logs = house.logs(&format!("round-{round}"));
        let agents = ["-timer_resol", "5"];
        let seats = sipp::seat_with(&logs.join("seats"), "uas_agent", house.port("load")?, &agents, ROUND_LIMIT)?;
        std::thread::sleep(Duration::from_millis(500));
        let load = ["-r", EACH, "-m", ROUND, "-d", TALK_MS];
        let mut callers =
            ["load", "hotline"].map(|number| sipp::caller(&logs.join(number), &house.hotline, "uac_queue", number, &load, ROUND_LIMIT));
        while drill.done < count && callers.iter_mut().flatten().any(Sipp::goes_on) {
            drill.mutate()?;
        }
        for caller in callers {
            caller?.finish()?;
        }
        drop(seats);
        drill.look_at_records()?;
        println!(
            "{} of {count}: {} taken, {} refused, the longest answer after {:.1} s",
            drill.done,
            drill.taken,
            drill.refused,
            drill.longest.as_secs_f64()
        );
    }
    drill.finish()?;
    println!("{round} rounds of 1,500 calls, none failed; {}", house.hotline.stop()?);
    Ok(ExitCode::SUCCESS)
}

/// The shipped files, as paths below the root.
fn shipped() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(crate::root().join("routing-rules"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".toml") {
            names.push(format!("routing-rules/{name}"));
        }
    }
    names.sort();
    Ok(names)
}

struct Drill<'a> {
    hotline: &'a Hotline,
    files: Vec<(PathBuf, Vec<u8>)>,
    spread: Spread,
    token: String,
    running: String,
    /// Of the files as they are shipped.
    whole: String,
    /// All revisions that ever ran.
    known: BTreeSet<String>,
    done: u64,
    taken: u64,
    refused: u64,
    longest: Duration,
}

impl<'a> Drill<'a> {
    fn new(house: &'a House, shipped: &[String], seed: u64) -> Result<Self> {
        let path = |name: &String| house.rules().join(Path::new(name).file_name().unwrap_or_default());
        let files = shipped.iter().map(|name| Ok((path(name), std::fs::read(path(name))?))).collect::<Result<Vec<_>>>()?;
        let (_, token) = house.hotline.api()?;
        let mut drill = Self {
            hotline: &house.hotline,
            files,
            spread: Spread::new(seed),
            token,
            running: String::new(),
            whole: String::new(),
            known: BTreeSet::new(),
            done: 0,
            taken: 0,
            refused: 0,
            longest: Duration::ZERO,
        };
        drill.running = drill.revision()?;
        drill.whole = drill.running.clone();
        drill.known.insert(drill.running.clone());
        Ok(drill)
    }

    /// The revision that runs, as the API tells it.
    fn revision(&self) -> Result<String> {
        let (status, body) = self.hotline.request("GET", "/api/v1/rules", &self.token)?;
        ensure!(status == 200, "GET /api/v1/rules answers {status}");
        text(&body, "revision")
    }

    /// Damages a file, has the rules loaded, looks at what came of it, and puts the file back.
    fn mutate(&mut self) -> Result<()> {
        let place = self.spread.below(self.files.len());
        let (path, whole) = self.files[place].clone();
        let (how, bytes) = damaged(&mut self.spread, &whole);
        std::fs::write(&path, &bytes)?;
        let asked = Instant::now();
        let (status, body) = self.hotline.request("POST", "/api/v1/rules/reload", &self.token)?;
        self.longest = self.longest.max(asked.elapsed());
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let what = || format!("{name}, {how} (mutation {})", self.done + 1);
        match status {
            200 => {
                self.running = text(&body, "revision")?;
                self.known.insert(self.running.clone());
                self.taken += 1;
            }
            409 => {
                ensure!(names_places(&body), "{}: the refusal names no place: {body}", what());
                self.refused += 1;
            }
            _ => anyhow::bail!("{}: the reload answers {status}: {body}", what()),
        }
        // Between two mutations the watch may have found the files whole and loaded them.
        let runs = self.revision()?;
        ensure!(runs == self.running || runs == self.whole, "{}: revision {runs} runs instead of {}", what(), self.running);
        self.running = runs;
        std::fs::write(&path, &whole)?;
        self.done += 1;
        Ok(())
    }

    /// Every call was served by a revision that was whole.
    fn look_at_records(&self) -> Result<()> {
        for call in self.hotline.calls()? {
            let revision = call["revision"].as_str().unwrap_or_default();
            ensure!(self.known.contains(revision), "a call went by revision {revision}, which never ran: {call}");
        }
        Ok(())
    }

    /// The files are whole again, and run.
    fn finish(&self) -> Result<()> {
        let (status, body) = self.hotline.request("POST", "/api/v1/rules/reload", &self.token)?;
        ensure!(status == 200, "the whole files are refused: {body}");
        Ok(())
    }
}

fn text(body: &Value, key: &str) -> Result<String> {
    body[key].as_str().map(str::to_owned).with_context(|| format!("no {key} in {body}"))
}

/// Whether there are findings, and each has a file, a line and a column.
fn names_places(body: &Value) -> bool {
    let findings = body["diagnostics"].as_array().map(Vec::as_slice).unwrap_or_default();
    let count = |value: &Value| value.as_u64().is_some_and(|count| count > 0);
    let has_place =
        |one: &Value| one["file"].as_str().is_some_and(|file| file.ends_with(".toml")) && count(&one["line"]) && count(&one["column"]);
    !findings.is_empty() && findings.iter().all(has_place)
}

/// What was done, and what came of it; it differs from the whole.
fn damaged(spread: &mut Spread, whole: &[u8]) -> (String, Vec<u8>) {
    loop {
        let (how, bytes) = match spread.below(5) {
            0 => {
                let at = spread.below(whole.len());
                (format!("cut at byte {at}"), whole[..at].to_vec())
            }
            1 => {
                let (at, bit) = (spread.below(whole.len()), spread.below(8));
                let mut bytes = whole.to_vec();
                bytes[at] ^= 1 << bit;
                (format!("bit {bit} of byte {at} flipped"), bytes)
            }
            2 => values_swapped(spread, whole),
            3 => lines_changed(spread, whole, |lines, at, _| {
                lines.remove(at);
            }),
            _ => lines_changed(spread, whole, |lines, at, to| lines.swap(at, to)),
        };
        if bytes != whole {
            return (how, bytes);
        }
    }
}

/// Two values change places: what stands behind the `=` of two lines.
fn values_swapped(spread: &mut Spread, whole: &[u8]) -> (String, Vec<u8>) {
    let text = String::from_utf8_lossy(whole).into_owned();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let with_value: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains(" = ") && !lines[*at].starts_with('#')).collect();
    if with_value.is_empty() {
        return ("no values".into(), whole.to_vec());
    }
    let [one, two] = [(); 2].map(|()| with_value[spread.below(with_value.len())]);
    let halves = |line: &str| line.split_once(" = ").map(|(key, value)| (key.to_owned(), value.to_owned())).unwrap_or_default();
    let ((one_key, one_value), (two_key, two_value)) = (halves(&lines[one]), halves(&lines[two]));
    lines[one] = format!("{one_key} = {two_value}");
    lines[two] = format!("{two_key} = {one_value}");
    (format!("the values of lines {} and {} swapped", one + 1, two + 1), (lines.join("\n") + "\n").into_bytes())
}

fn lines_changed(spread: &mut Spread, whole: &[u8], change: impl Fn(&mut Vec<&[u8]>, usize, usize)) -> (String, Vec<u8>) {
    let mut lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let (at, to) = (spread.below(lines.len()), spread.below(lines.len()));
    change(&mut lines, at, to);
    (format!("line {} moved or gone", at + 1), lines.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_real_and_the_same_for_the_same_seed() {
        let whole = b"a = 1\nb = \"two\"\nc = [3]\n";
        let all = |seed| {
            let mut spread = Spread::new(seed);
            (0..200).map(|_| damaged(&mut spread, whole)).collect::<Vec<_>>()
        };
        assert_eq!(all(1), all(1));
        assert!(all(1).iter().all(|(_, bytes)| bytes != whole));
        assert_ne!(all(1), all(2));
    }

    #[test]
    fn a_place_is_a_file_a_line_and_a_column() {
        let body = |one: Value| serde_json::json!({ "diagnostics": [one] });
        assert!(names_places(&body(serde_json::json!({ "file": "a/30-menu.toml", "line": 12, "column": 3 }))));
        assert!(!names_places(&body(serde_json::json!({ "file": "30-menu.toml", "line": 12 }))));
        assert!(!names_places(&serde_json::json!({ "diagnostics": [] })));
        let detail = "rules/30-menu.toml: byte 12 is no UTF-8; the running rules stay";
        assert!(!names_places(&serde_json::json!({ "code": "rules_unreadable", "detail": detail })));
    }
}
