//! Which rules ran when, who loaded them, how and why: a line of JSON for each in the data directory.

use crate::cli::words;
use crate::people::write_whole;
use crate::rehearse::before_load::FailedTests;
use anyhow::Context;
use hotline_model::{Lang, Revision, WallTime};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use utoipa::ToSchema;

/// Lines that are kept when there are twice as many.
const MOST: usize = 2_500;
/// Longest note, in characters.
pub const NOTE: usize = 500;

/// How rules came to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The hotline was started with them.
    Start,
    /// A file was saved.
    Watch,
    /// SIGHUP.
    Sighup,
    /// Through the control API, also by `hotline rules reload`.
    Api,
    /// An earlier revision was restored.
    Rollback,
    /// The hotline was started while the files in the folder were refused, with what ran last.
    LastGood,
    /// They were in the folder when another revision was restored, and were kept; they did not begin to run.
    SetAside,
}

impl How {
    /// In a word or two.
    pub fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Start => lang.of("start", "启动"),
            Self::Watch => lang.of("file watch", "文件变化"),
            Self::Sighup => lang.of("SIGHUP", "SIGHUP"),
            Self::Api => lang.of("API", "API"),
            Self::Rollback => lang.of("rollback", "回滚"),
            Self::LastGood => lang.of("last good", "上次可用"),
            Self::SetAside => lang.of("set aside", "留存"),
        }
    }
}

/// What the tests of a revision gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tested {
    /// How many were run.
    pub run: u64,
    /// How many of them failed.
    pub failed: u64,
    /// How many there were in the rules before; null unless there were more.
    #[serde(default)]
    pub before: Option<u64>,
}

impl Tested {
    /// What was found of them.
    pub fn of(tests: &FailedTests) -> Self {
        let before = tests.fewer.as_ref().map(|fewer| fewer.before as u64);
        Self { run: tests.ran as u64, failed: tests.failed as u64, before }
    }

    /// `(64 tests before)`, if there were more.
    pub fn fewer(self, lang: Lang) -> Option<String> {
        self.before.map(|before| lang.of(format!("({before} tests before)"), format!("（以前有 {before} 个测试）")))
    }
}

/// A line of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// When, in UTC.
    #[schema(format = DateTime)]
    pub at: String,
    /// The revision, 16 hexadecimal digits; people see the first eight.
    pub revision: String,
    /// Who.
    pub by: String,
    /// Why, in their words.
    pub note: Option<String>,
    /// How.
    pub how: How,
    /// Its tests; null if none were run.
    pub tests: Option<Tested>,
    /// Its files.
    pub files: u64,
    /// Its seats; null if it was refused.
    pub seats: Option<u64>,
    /// The content hash of the recordings in the folder's `prompts`, 16 hexadecimal digits; null without any.
    #[serde(default)]
    pub prompts: Option<String>,
}

impl Line {
    /// A line of now.
    pub fn new(at: WallTime, revision: Revision, by: &str, how: How) -> Self {
        let (at, revision) = (words::iso(at), format!("{:016x}", revision.0));
        Self { at, revision, by: by.to_owned(), note: None, how, tests: None, files: 0, seats: None, prompts: None }
    }

    /// The revision.
    pub fn revision(&self) -> Revision {
        Revision(u64::from_str_radix(&self.revision, 16).unwrap_or_default())
    }

    /// When.
    pub fn time(&self) -> Option<WallTime> {
        self.at.parse::<jiff::Timestamp>().ok().map(|at| WallTime(at.as_microsecond()))
    }
}

fn path(data: &Path) -> PathBuf {
    data.join("rules-history.jsonl")
}

/// Appends a line.
///
/// # Errors
/// The disk takes none.
pub fn append(data: &Path, line: &Line) -> anyhow::Result<()> {
    let path = path(data);
    let write = || -> anyhow::Result<()> {
        let mut file = File::options().read(true).append(true).create(true).mode(0o600).open(&path)?;
        let mut text = serde_json::to_string(line)? + "\n";
        // A line that the disk took half of ends here.
        if file.metadata()?.len() > 0 {
            file.seek(SeekFrom::End(-1))?;
            let mut last = [0];
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                text.insert(0, '\n');
            }
        }
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        let all = std::fs::read_to_string(&path)?;
        let lines: Vec<&str> = all.lines().collect();
        if lines.len() > 2 * MOST {
            write_whole(&path, (lines[lines.len() - MOST..].join("\n") + "\n").as_bytes())?;
        }
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// The lines, oldest first; what can't be understood is left out.
///
/// # Errors
/// The file can't be read.
pub fn read(data: &Path) -> anyhow::Result<Vec<Line>> {
    let path = path(data);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).lines().filter_map(|line| serde_json::from_str(line).ok()).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// What ran, newest first, each revision once.
///
/// # Errors
/// As [`read`].
pub fn ran(data: &Path) -> anyhow::Result<Vec<Revision>> {
    let mut ran = Vec::new();
    for line in read(data)?.iter().rev().filter(|line| line.how != How::SetAside) {
        if !ran.contains(&line.revision()) {
            ran.push(line.revision());
        }
    }
    Ok(ran)
}

/// When which revision began to run, newest first.
///
/// # Errors
/// As [`read`].
pub fn began(data: &Path) -> anyhow::Result<Vec<(WallTime, Revision)>> {
    let ran = read(data)?.into_iter().rev().filter(|line| line.how != How::SetAside);
    Ok(ran.filter_map(|line| Some((line.time()?, line.revision()))).collect())
}

/// The revision that began to run last.
///
/// # Errors
/// As [`read`].
pub fn running(data: &Path) -> anyhow::Result<Option<Revision>> {
    Ok(read(data)?.iter().rev().find(|line| line.how != How::SetAside).map(Line::revision))
}

/// A note as it is kept: one line without control characters, at most [`NOTE`] characters; `None` if nothing is left.
pub fn note(text: &str) -> Option<String> {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(NOTE).collect();
    Some(plain.trim().to_owned()).filter(|note| !note.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(n: u64) -> Line {
        Line::new(WallTime(1_772_416_980_000_000), Revision(n), "local:ops", How::Watch)
    }

    #[test]
    fn lines_are_read_as_they_were_written_and_a_torn_one_spoils_no_other() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()).unwrap(), []);
        append(dir.path(), &line(1)).unwrap();
        let mut file = File::options().append(true).open(path(dir.path())).unwrap();
        file.write_all(b"{\"at\":\"2026").unwrap();
        let aside = Line { how: How::SetAside, note: note(" a\nb\u{1b} "), ..line(3) };
        for line in [&line(2), &aside] {
            append(dir.path(), line).unwrap();
        }
        assert_eq!(read(dir.path()).unwrap(), [line(1), line(2), aside.clone()]);
        assert_eq!((running(dir.path()).unwrap(), aside.note.as_deref()), (Some(Revision(2)), Some("a b")));
        assert_eq!((aside.revision(), aside.time()), (Revision(3), Some(WallTime(1_772_416_980_000_000))));
    }

    #[test]
    fn the_history_does_not_grow_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let many: String = (0..2 * MOST as u64).map(|n| serde_json::to_string(&line(n)).unwrap() + "\n").collect();
        std::fs::write(path(dir.path()), many).unwrap();
        append(dir.path(), &line(99_999)).unwrap();
        let lines = read(dir.path()).unwrap();
        assert_eq!((lines.len(), lines.last().map(Line::revision)), (MOST, Some(Revision(99_999))));
    }
}
