//! Child processes with a time limit and a log, and the free ports they are given.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

const POLL: Duration = Duration::from_millis(50);

/// A command in the workspace root, its output on the terminal.
pub fn in_root(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(crate::root());
    command
}

/// Runs it to the end; anything but success is an error that names the command.
pub fn succeed(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    println!("$ {shown}");
    let status = command.status().with_context(|| format!("{shown} could not be started"))?;
    ensure!(status.success(), "{shown} ended with {status}");
    Ok(())
}

/// Runs it to the end, repeating its stderr line by line, and returns those lines for which `keep` holds.
pub fn succeed_keeping(command: &mut Command, keep: impl Fn(&str) -> bool) -> (Result<()>, Vec<String>) {
    let shown = shown(command);
    println!("$ {shown}");
    let mut kept = Vec::new();
    let ended = (|| {
        let mut child = command.stderr(Stdio::piped()).spawn().with_context(|| format!("{shown} could not be started"))?;
        let stderr = child.stderr.take().context("its stderr was piped")?;
        for line in BufReader::new(stderr).lines() {
            let line = line?;
            eprintln!("{line}");
            if keep(&line) {
                kept.push(line);
            }
        }
        let status = child.wait()?;
        ensure!(status.success(), "{shown} ended with {status}");
        Ok(())
    })();
    (ended, kept)
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Starts it with stdout and stderr in one log file.
pub fn spawn_logged(command: &mut Command, log: &Path) -> Result<Child> {
    let out = File::create(log).with_context(|| format!("{} could not be written", log.display()))?;
    let err = out.try_clone()?;
    command.stdin(Stdio::null()).stdout(out).stderr(err);
    command.spawn().with_context(|| format!("{} could not be started", shown(command)))
}

/// Waits for the end of a child of ours, and kills it at the limit.
pub fn wait_at_most(child: &mut Child, limit: Duration) -> Result<ExitStatus> {
    let until = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() >= until {
            child.kill()?;
            child.wait()?;
            bail!("it was still running after {} s and was killed", limit.as_secs());
        }
        std::thread::sleep(POLL);
    }
}

/// Sends SIGTERM to a child of ours.
pub fn terminate(child: &Child) -> Result<()> {
    let status = Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
    ensure!(status.success(), "kill -TERM ended with {status}");
    Ok(())
}

/// The end of a log, for an error message.
pub fn tail(log: &Path, lines: usize) -> String {
    let text = std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let all: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &all[all.len().saturating_sub(lines)..];
    format!("{}:\n      {}", log.display(), last.join("\n      "))
}

/// A block of free UDP ports below the range from which the system hands out its own: elsewhere for each of our processes, and never twice,
/// since a telephone opens them only when it has a call.
pub fn free_block(size: u16) -> Result<(u16, u16)> {
    const FIRST: u32 = 20_000;
    /// Where a block may begin, so that the largest ends below 31000.
    const STARTS: u32 = 10_600;
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let start = std::process::id().wrapping_mul(971);
    for _ in 0..STARTS / u32::from(size) {
        let place = start.wrapping_add(GIVEN.fetch_add(u32::from(size), Ordering::Relaxed)) % STARTS;
        let first = u16::try_from(FIRST + place / 2 * 2)?;
        let last = first + size - 1;
        if (first..=last).all(is_free) {
            return Ok((first, last));
        }
    }
    bail!("no {size} free UDP ports in a row between 20000 and 31000")
}

/// A free port for a process of ours that opens it later, and the next one, which baresip opens too: below the range from which the system hands
/// out its own and that of [`free_block`], elsewhere for each of our processes, and never twice, so that nobody takes it meanwhile. A port out of
/// the system's range may even be taken by the very connection that waits for it to be opened: TCP then connects to itself.
pub fn free_port() -> Result<u16> {
    const PAIRS: u32 = 3_500;
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let start = std::process::id().wrapping_mul(97);
    for _ in 0..PAIRS {
        let place = start.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed)) % PAIRS;
        let port = u16::try_from(12_000 + 2 * place)?;
        if is_free(port) && [port, port + 1].iter().all(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()) {
            return Ok(port);
        }
    }
    bail!("no two free ports in a row between 12000 and 19000")
}

fn is_free(port: u16) -> bool {
    UdpSocket::bind(("127.0.0.1", port)).is_ok()
}

/// `cargo xtask demo`: builds, then hands over to `hotline demo`.
pub fn demo(args: &[String]) -> Result<ExitCode> {
    println!("building the hotline (release) ...");
    succeed(&mut in_root("cargo", &["build", "--release", "--bin", "hotline"]))?;
    let mut command = in_root("cargo", &["run", "--quiet", "--release", "--bin", "hotline", "--", "demo"]);
    command.args(args.iter().skip_while(|arg| *arg == "--"));
    println!("$ {}", shown(&command));
    let status = command.status().context("the demo could not be started")?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}
