//! The audit log: who tried to change what through the API, with what result. JSON lines in `audit.log`, each bound to the one before by SHA-256.
//!
//! A line is written with one write(2) before the answer to the change leaves, and is on the disk within a second (fsync).
//! While the disk is full, orders about calls and seats go on: callers must not pay for it. Up to [`KEPT`] lines wait in memory, and what is
//! neither urgent nor a call's (rules, numbers in full) is refused. The chain shows flipped, deleted, reordered and, with `audit.head`,
//! cut lines; whoever may write both files can make a new chain, so take copies of `audit.head` elsewhere.

use crate::people::hex;
use anyhow::{Context, bail};
use hotline_model::WallTime;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::net::SocketAddr;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Lines that wait in memory while the disk takes none; beyond it the oldest is dropped, and the next line says how many were.
pub const KEPT: usize = 4_096;
/// Longest text of a field, in characters; more is cut.
const LONGEST: usize = 256;
/// Bytes read from the end to find the last line.
const TAIL: u64 = 16 << 10;
const HASH: &str = ",\"hash\":\"";
/// What the first line's `prev` says.
const FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: WallTime,
    /// The person's name; `-` if nobody known.
    pub who: String,
    /// What was asked for, such as `POST /api/v1/calls/3-0-1/hold`.
    pub what: String,
    /// Further facts of it: the body of an order.
    pub with: Option<serde_json::Value>,
    /// `done`, `refused: CODE` or `denied: CODE`.
    pub result: String,
    /// The peer's address; `None` for the command line.
    pub source: Option<SocketAddr>,
}

#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    at: String,
    who: &'a str,
    what: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<&'a serde_json::Value>,
    result: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<SocketAddr>,
    #[serde(skip_serializing_if = "is_zero")]
    lost: u64,
    prev: &'a str,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[derive(Deserialize)]
struct Links {
    seq: u64,
    prev: String,
    hash: String,
}

/// The log, open for appending. Other processes may append too: each takes the lock, and finds the end anew if it moved.
#[derive(Debug)]
pub struct AuditLog {
    file: File,
    head: File,
    end: u64,
    seq: u64,
    last: String,
    waiting: VecDeque<Attempt>,
    lost: u64,
    dirty: bool,
}

impl AuditLog {
    /// Opens or makes the log of a data directory; a torn last line, which no answer ever followed, is cut.
    ///
    /// # Errors
    /// It can't be made or read, or its last line is no line of ours.
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        let open = |path: PathBuf| {
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
            file.with_context(|| format!("cannot open {}", path.display()))
        };
        let (file, head) = (open(path(data))?, open(head(data))?);
        let mut log = Self { file, head, end: 0, seq: 0, last: FIRST.into(), waiting: VecDeque::new(), lost: 0, dirty: false };
        flock(&log.file, FlockOperation::LockExclusive).context("cannot lock the audit log")?;
        let found = log.find_end();
        flock(&log.file, FlockOperation::Unlock).context("cannot unlock the audit log")?;
        found.with_context(|| format!("{}", path(data).display()))?;
        Ok(log)
    }

    /// Appends a line, those that wait first.
    ///
    /// # Errors
    /// The disk takes none: the line waits in memory.
    pub fn append(&mut self, attempt: Attempt) -> anyhow::Result<()> {
        self.waiting.push_back(attempt);
        if self.waiting.len() > KEPT {
            self.waiting.pop_front();
            self.lost += 1;
        }
        self.write_waiting()
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// The disk takes none.
    pub fn write_waiting(&mut self) -> anyhow::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        flock(&self.file, FlockOperation::LockExclusive).context("cannot lock the audit log")?;
        let written = self.write_locked();
        flock(&self.file, FlockOperation::Unlock).context("cannot unlock the audit log")?;
        written
    }

    fn write_locked(&mut self) -> anyhow::Result<()> {
        if self.file.metadata()?.len() != self.end {
            self.find_end()?;
        }
        while let Some(attempt) = self.waiting.front() {
            let (line, hash) = line(attempt, self.seq + 1, self.lost, &self.last)?;
            self.file.write_all_at(line.as_bytes(), self.end).context("cannot write the audit log")?;
            self.waiting.pop_front();
            (self.end, self.seq, self.last, self.lost, self.dirty) = (self.end + line.len() as u64, self.seq + 1, hash, 0, true);
        }
        // A head that could not be written is older than the log: `verify` takes that for what it is.
        self.head.write_all_at(format!("{:020} {}\n", self.seq, self.last).as_bytes(), 0).context("cannot write audit.head")
    }

    /// Whether lines wait for the disk.
    pub fn is_behind(&self) -> bool {
        !self.waiting.is_empty() || self.lost > 0
    }

    /// Brings what was written to the disk.
    ///
    /// # Errors
    /// The disk does not take it.
    pub fn sync(&mut self) -> anyhow::Result<()> {
        if std::mem::take(&mut self.dirty) {
            self.file.sync_data()?;
            self.head.sync_data()?;
        }
        Ok(())
    }

    fn find_end(&mut self) -> anyhow::Result<()> {
        let length = self.file.metadata()?.len();
        let mut tail = Vec::new();
        self.file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        (&self.file).take(TAIL).read_to_end(&mut tail)?;
        let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let torn = (tail.len() - whole) as u64;
        if torn > 0 {
            self.file.set_len(length - torn)?;
        }
        self.end = length - torn;
        let lines = tail[..whole].strip_suffix(b"\n").unwrap_or_default();
        let last = lines.rsplit(|byte| *byte == b'\n').next().filter(|line| !line.is_empty());
        (self.seq, self.last) = match last {
            Some(last) => {
                let links: Links = serde_json::from_slice(last).context("its last line is no line of an audit log; move the file away")?;
                (links.seq, links.hash)
            }
            None => (0, FIRST.to_owned()),
        };
        Ok(())
    }
}

fn line(attempt: &Attempt, seq: u64, lost: u64, prev: &str) -> anyhow::Result<(String, String)> {
    let (who, what, result) = (shown(&attempt.who), shown(&attempt.what), shown(&attempt.result));
    let at = jiff::Timestamp::from_microsecond(attempt.at.0).map_or_else(|_| attempt.at.0.to_string(), |at| at.to_string());
    let line = Line { seq, at, who: &who, what: &what, with: attempt.with.as_ref(), result: &result, source: attempt.source, lost, prev };
    let mut text = serde_json::to_string(&line)?;
    text.pop();
    let hash = hex(&Sha256::digest(text.as_bytes()));
    text.push_str(HASH);
    text.push_str(&hash);
    text.push_str("\"}\n");
    Ok((text, hash))
}

/// Cut, and without characters that a terminal would obey.
fn shown(text: &str) -> String {
    text.chars().take(LONGEST).flat_map(|c| if c.is_control() { c.escape_unicode().collect() } else { vec![c] }).collect()
}

/// What a check of a whole log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// So many lines, each bound to the one before.
    Good(u64),
    /// The first line that is wrong, counted from 1, and why.
    Bad(u64, String),
}

/// Checks a whole log.
///
/// # Errors
/// It can't be read.
pub fn verify(data: &Path) -> anyhow::Result<Verified> {
    let path = path(data);
    let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let head = std::fs::read_to_string(head(data)).unwrap_or_default();
    let head: Option<(u64, &str)> = head.trim().split_once(' ').and_then(|(seq, hash)| Some((seq.parse().ok()?, hash)));
    let (mut count, mut last, mut head_seen) = (0, FIRST.to_owned(), head.is_none_or(|(seq, _)| seq == 0));
    for line in BufReader::new(file).split(b'\n') {
        let line = line.context("cannot read the audit log")?;
        count += 1;
        match check(&line, count, &last) {
            Ok(hash) => last = hash,
            Err(why) => return Ok(Verified::Bad(count, why)),
        }
        head_seen |= head == Some((count, &last));
    }
    match head {
        Some((seq, _)) if count < seq => Ok(Verified::Bad(count + 1, format!("it is missing: audit.head knows {seq} lines"))),
        Some((seq, _)) if !head_seen => Ok(Verified::Bad(seq, "it is another than the one that audit.head knows".into())),
        None if count > 0 => {
            Ok(Verified::Bad(count, "audit.head, which knows the last line, is missing or damaged: lines after it may be cut".into()))
        }
        Some(_) | None => Ok(Verified::Good(count)),
    }
}

fn check(line: &[u8], seq: u64, prev: &str) -> Result<String, String> {
    let text = std::str::from_utf8(line).map_err(|_| "it is not UTF-8")?;
    let links: Links = serde_json::from_str(text).map_err(|error| format!("it is no line of an audit log: {error}"))?;
    let (said, _) = text.rsplit_once(HASH).ok_or("its hash is not at its end")?;
    if hex(&Sha256::digest(said.as_bytes())) != links.hash || text.len() != said.len() + HASH.len() + links.hash.len() + 2 {
        return Err("it was changed: its hash is another".into());
    }
    if links.prev != prev || links.seq != seq {
        return Err(format!("it is not the line that belongs here: it calls itself line {}", links.seq));
    }
    Ok(links.hash)
}

/// `hotline audit verify`: the words and whether all is well.
///
/// # Errors
/// The log can't be read.
pub fn verify_in_words(data: &Path) -> anyhow::Result<(String, bool)> {
    if !path(data).exists() {
        bail!("{} does not exist: nothing was changed through the API so far, or it was taken away", path(data).display());
    }
    Ok(match verify(data)? {
        Verified::Good(count) => (format!("{count} lines, each bound to the one before"), true),
        Verified::Bad(line, why) => (format!("line {line}: {why}"), false),
    })
}

fn path(data: &Path) -> PathBuf {
    data.join("audit.log")
}

fn head(data: &Path) -> PathBuf {
    data.join("audit.head")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn attempt(who: &str) -> Attempt {
        let (what, result) = ("POST /api/v1/calls/3-0-1/hold".into(), "done".into());
        Attempt { at: WallTime(1_000_000), who: who.into(), what, with: None, result, source: None }
    }

    fn log(lines: usize) -> (tempfile::TempDir, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        let mut log = AuditLog::open(dir.path()).unwrap();
        (0..lines).for_each(|n| log.append(attempt(&format!("person {n}"))).unwrap());
        let text = std::fs::read_to_string(path(dir.path())).unwrap();
        (dir, text.lines().map(str::to_owned).collect())
    }

    fn verified(dir: &Path, lines: &[String]) -> Verified {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(path(dir), text).unwrap();
        verify(dir).unwrap()
    }

    #[test]
    fn flipped_deleted_reordered_and_cut_lines_are_named() {
        let (dir, lines) = log(6);
        assert_eq!(verify(dir.path()).unwrap(), Verified::Good(6));
        let bad = |lines: &[String]| match verified(dir.path(), lines) {
            Verified::Bad(line, _) => line,
            Verified::Good(count) => panic!("{count} lines are no good"),
        };
        for at in 0..6 {
            let mut flipped = lines.clone();
            flipped[at] = flipped[at].replace("person", "parson");
            assert_eq!(bad(&flipped), at as u64 + 1);
            let mut deleted = lines.clone();
            deleted.remove(at);
            assert_eq!(bad(&deleted), at as u64 + 1);
        }
        let mut swapped = lines.clone();
        swapped.swap(2, 3);
        assert_eq!(bad(&swapped), 3);
        assert_eq!(bad(&lines[..4]), 5, "cut lines are missed by audit.head");
        assert_eq!(verified(dir.path(), &lines), Verified::Good(6));
        std::fs::remove_file(head(dir.path())).unwrap();
        assert_eq!(bad(&lines[..4]), 4, "without audit.head nobody knows what was cut");
    }

    #[test]
    fn two_who_append_take_turns_and_a_torn_line_is_cut() {
        let (dir, _) = log(2);
        let (mut one, mut other) = (AuditLog::open(dir.path()).unwrap(), AuditLog::open(dir.path()).unwrap());
        for _ in 0..3 {
            one.append(attempt("server")).unwrap();
            other.append(attempt("command line")).unwrap();
        }
        one.sync().unwrap();
        assert_eq!(verify(dir.path()).unwrap(), Verified::Good(8));
        OpenOptions::new().append(true).open(path(dir.path())).unwrap().write_all(b"{\"seq\":9,\"at").unwrap();
        AuditLog::open(dir.path()).unwrap().append(attempt("after a crash")).unwrap();
        assert_eq!(verify(dir.path()).unwrap(), Verified::Good(9));
    }

    #[test]
    fn nothing_that_a_person_wrote_ends_a_line_or_drives_a_terminal() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = AuditLog::open(dir.path()).unwrap();
        log.append(attempt("a\r\n{\"seq\":2}\u{1b}[31m\u{85}\",\"hash\":\"")).unwrap();
        log.append(attempt(&"x".repeat(10_000))).unwrap();
        assert_eq!(verify(dir.path()).unwrap(), Verified::Good(2));
        let text = std::fs::read_to_string(path(dir.path())).unwrap();
        assert!(!text.contains(['\r', '\u{1b}', '\u{85}']) && text.lines().count() == 2 && text.len() < 2_000, "{text}");
    }

    #[test]
    fn a_hundred_thousand_lines_are_checked() {
        let dir = tempfile::tempdir().unwrap();
        let (mut text, mut prev) = (String::new(), FIRST.to_owned());
        for seq in 1..=100_000 {
            let (line, hash) = line(&attempt("x"), seq, 0, &prev).unwrap();
            text.push_str(&line);
            prev = hash;
        }
        std::fs::write(path(dir.path()), text).unwrap();
        std::fs::write(head(dir.path()), format!("100000 {prev}\n")).unwrap();
        assert_eq!(verify(dir.path()).unwrap(), Verified::Good(100_000));
    }
}
