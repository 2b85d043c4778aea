//! sipp as caller and as seat.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::hotline::Hotline;
use crate::process::{free_port, shown, spawn_logged, tail, wait_at_most};

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
    let mut command = sipp(scenario);
    command.args(["-i", "127.0.0.1", "-p", &port.to_string(), "-m", "1"]);
    start(dir, command, limit)
}

fn sipp(scenario: &str) -> Command {
    let mut command = Command::new("sipp");
    if scenario == "uac" {
        command.args(["-sn", "uac"]);
    } else {
        command.arg("-sf").arg(crate::root().join(format!("fixtures/sipp/{scenario}.xml")));
    }
    command
}

fn start(dir: &Path, mut command: Command, limit: Duration) -> Result<Sipp> {
    std::fs::create_dir_all(dir)?;
    let media = free_port()?.to_string();
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
