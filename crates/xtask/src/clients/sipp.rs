//! sipp as caller and as seat.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::hotline::Hotline;
use crate::process::{free_block, shown, spawn_logged, tail, wait_at_most};

/// A sipp that has been started.
pub struct Sipp {
    child: Child,
    shown: String,
    dir: PathBuf,
    limit: Duration,
}

/// A caller: stock scenario (`-sn uac`) or one of ours.
pub fn caller(dir: &Path, hotline: &Hotline, scenario: &str, number: &str, options: &[&str], limit: Duration) -> Result<Sipp> {
    let mut command = sipp(scenario);
    command.arg(hotline.address()).args(["-i", hotline.host, "-s", number]).args(options);
    start(dir, command, limit)
}

/// A seat of ours at a port.
pub fn seat(dir: &Path, scenario: &str, port: u16, limit: Duration) -> Result<Sipp> {
    seat_with(dir, scenario, port, &["-m", "1"], limit)
}

/// A seat of ours at a port, with options of sipp's own, such as the number of its calls.
pub fn seat_with(dir: &Path, scenario: &str, port: u16, options: &[&str], limit: Duration) -> Result<Sipp> {
    let mut command = sipp(scenario);
    command.args(["-i", "127.0.0.1", "-p", &port.to_string()]).args(options);
    start(dir, command, limit)
}

fn sipp(scenario: &str) -> Command {
    let mut command = Command::new("sipp");
    // Who sends no sound is asked by OPTIONS whether it is there.
    command.arg("-aa");
    if scenario == "uac" {
        command.args(["-sn", "uac"]);
    } else {
        command.arg("-sf").arg(crate::root().join(format!("fixtures/sipp/{scenario}.xml")));
    }
    command
}

/// It opens its port for sound, the next one, and the two behind them for pictures.
const MEDIA_PORTS: u16 = 4;

fn start(dir: &Path, mut command: Command, limit: Duration) -> Result<Sipp> {
    std::fs::create_dir_all(dir)?;
    let media = free_block(MEDIA_PORTS)?.0.to_string();
    let seconds = format!("{}s", limit.as_secs());
    command.args(["-nostdin", "-mp", &media, "-timeout", &seconds, "-timeout_error", "-trace_err", "-error_file", "errors.log"]);
    command.current_dir(dir).env("TERM", "dumb");
    let shown = shown(&command);
    println!("$ {shown}");
    let child = spawn_logged(&mut command, &dir.join("screen.log"))?;
    Ok(Sipp { child, shown, dir: dir.to_owned(), limit })
}

impl Sipp {
    /// Waits for its end; anything but exit 0 is told with its own error log.
    pub fn finish(mut self) -> Result<()> {
        let ended = wait_at_most(&mut self.child, self.limit + Duration::from_secs(10));
        let status = ended.with_context(|| format!("{}; {}", self.shown, self.said()))?;
        if !status.success() {
            bail!("{} ended with {status} ({}); {}", self.shown, meaning(status.code()), self.said());
        }
        Ok(())
    }

    /// Whether it has not ended yet; an error is told by [`Sipp::finish`].
    pub fn goes_on(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|ended| ended.is_none())
    }

    fn said(&self) -> String {
        let errors = self.dir.join("errors.log");
        if errors.exists() { tail(&errors, 12) } else { tail(&self.dir.join("screen.log"), 12) }
    }
}

impl Drop for Sipp {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

/// The options with which sipp writes what [`messages`] reads.
pub const TRACE: [&str; 3] = ["-trace_msg", "-message_file", "messages.log"];

/// A message that sipp sent or received.
#[derive(Debug)]
pub struct Message {
    pub at: Moment,
    pub sent: bool,
    /// The method, or the response's code.
    pub what: String,
    /// The call's id, of an INVITE that the hotline sent.
    pub call: Option<String>,
}

/// What a sipp in `dir` sent and received, in order; it was started with [`TRACE`].
pub fn messages(dir: &Path) -> Result<Vec<Message>> {
    let text = std::fs::read_to_string(dir.join("messages.log")).with_context(|| format!("no messages in {}", dir.display()))?;
    Ok(text.split("-----------------------------------------------").filter_map(message).collect())
}

/// A line with the time, one with the direction, an empty one, the message.
fn message(text: &str) -> Option<Message> {
    let mut lines = text.lines().map(str::trim);
    let at = Moment::parse(lines.next()?)?;
    let sent = lines.next()?.contains(" sent ");
    let start = lines.find(|line| !line.is_empty())?;
    let mut words = start.split(' ');
    let what = if start.starts_with("SIP/2.0") { words.nth(1) } else { words.next() };
    let what = what?.to_owned();
    let call = lines.find_map(|line| line.strip_prefix("X-Hotline-Call-Id:")).map(|id| id.trim().to_owned());
    Some(Message { at, sent, what, call })
}

/// A time of day, as sipp's traces and our records write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    micros: i64,
}

impl Moment {
    const DAY: i64 = 86_400_000_000;

    /// The end of `2026-01-31 12:00:00.000001` or `2026-01-31T12:00:00.000001Z`.
    pub fn parse(text: &str) -> Option<Self> {
        let time = text.trim_end_matches('Z').rsplit([' ', 'T']).next()?;
        let (clock, micros) = time.split_once('.')?;
        let parts: Option<Vec<i64>> = clock.split(':').map(|part| part.parse().ok()).collect();
        let [hours, minutes, seconds] = parts?[..] else { return None };
        let seconds = (hours * 60 + minutes) * 60 + seconds;
        Some(Self { micros: seconds * 1_000_000 + micros.parse::<i64>().ok().filter(|_| micros.len() == 6)? })
    }

    /// Milliseconds from `earlier`; negative if it was later. Right for moments less than 12 h apart.
    pub fn ms_since(self, earlier: Self) -> f64 {
        let half = Self::DAY / 2;
        let micros = (self.micros - earlier.micros + half).rem_euclid(Self::DAY) - half;
        micros as f64 / 1_000.0
    }
}

/// sipp's own exit codes.
fn meaning(code: Option<i32>) -> &'static str {
    match code {
        Some(1) => "at least one call failed, or the scenario was not found",
        Some(97) => "ended by an internal command or the global time limit",
        Some(99) => "no call was processed",
        Some(254 | 255) => "fatal error, often a port that is taken",
        Some(_) | None => "see its log",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_read_message_by_message() {
        let sent = " 2026-01-31 23:59:59.999000\nUDP message sent (511 bytes):\n\nBYE sip:a@127.0.0.1 SIP/2.0\r\nVia: x\r\n";
        let bye = message(sent).unwrap();
        let answer = message(" 2026-02-01\t00:00:00.001000\nUDP message received [9] bytes :\n\nSIP/2.0 200 OK\r\n");
        assert_eq!((bye.sent, bye.what.as_str()), (true, "BYE"));
        assert!(answer.is_none(), "a tab is not what sipp writes");
        let answer = message(" 2026-02-01 00:00:00.001000\nUDP message received [9] bytes :\n\nSIP/2.0 200 OK\r\n").unwrap();
        assert_eq!((answer.sent, answer.what.as_str(), answer.at.ms_since(bye.at)), (false, "200", 2.0));
        assert!(message("\n").is_none());
    }

    #[test]
    fn a_records_time_and_a_traces_time_are_read_alike() {
        let (record, trace) = (Moment::parse("2026-01-31T12:00:00.500000Z"), Moment::parse("2026-01-31 12:00:00.750000"));
        assert_eq!(trace.unwrap().ms_since(record.unwrap()), 250.0);
        assert_eq!(record.unwrap().ms_since(trace.unwrap()), -250.0);
        assert_eq!(Moment::parse("?"), None);
    }
}
