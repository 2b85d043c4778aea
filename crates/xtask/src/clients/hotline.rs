//! A freshly built hotline under test: its own directory, free ports, and a clean end.

use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::process::{free_block, free_port, spawn_logged, tail, terminate, wait_at_most};

const READY_WITHIN: Duration = Duration::from_secs(40);
const DRAINED_WITHIN: Duration = Duration::from_secs(40);

/// Which hotline is started, and with how much room.
pub struct Build {
    pub binary: PathBuf,
    /// Its ports for sound; a leg has every second.
    pub rtp_ports: u16,
}

impl Default for Build {
    /// The one that was just built, for a few calls at a time.
    fn default() -> Self {
        Self { binary: binary(), rtp_ports: 400 }
    }
}

/// A running `hotline serve`.
pub struct Hotline {
    child: Child,
    binary: PathBuf,
    log: PathBuf,
    inputs: PathBuf,
    dir: PathBuf,
    /// The SIP port (UDP and TCP).
    pub port: u16,
    /// Its address without a port, `127.0.0.1` or `[::1]`.
    pub host: &'static str,
}

impl Hotline {
    /// Starts it in `dir` with the rules in `rules` and waits until it accepts calls.
    pub fn start(dir: &Path, rules: &Path, host: &'static str) -> Result<Self> {
        Self::start_build(Build::default(), dir, rules, host)
    }

    /// As [`Hotline::start`], but not necessarily the one that was just built.
    pub fn start_build(build: Build, dir: &Path, rules: &Path, host: &'static str) -> Result<Self> {
        std::fs::create_dir_all(dir)?;
        let port = free_port()?;
        let config = dir.join("hotline.toml");
        std::fs::write(&config, configuration(dir, rules, host, port, build.rtp_ports)?)?;
        Self::run(build.binary, dir, "first", port, host)
    }

    fn run(binary: PathBuf, dir: &Path, run: &str, port: u16, host: &'static str) -> Result<Self> {
        let log = dir.join(format!("hotline-{run}.log"));
        let mut command = Command::new(&binary);
        let inputs = dir.join(format!("inputs-{run}.log"));
        command.args(["serve", "--config", "hotline.toml", "--input-log"]).arg(&inputs).current_dir(dir);
        let child = spawn_logged(&mut command, &log)?;
        let mut hotline = Self { child, binary, log, inputs, dir: dir.to_owned(), port, host };
        hotline.wait_until_ready()?;
        Ok(hotline)
    }

    /// kill -9, and at once a new process on the same data.
    pub fn crash(mut self, run: &str) -> Result<Self> {
        self.child.kill()?;
        self.child.wait()?;
        Self::run(self.binary.clone(), &self.dir, run, self.port, self.host)
    }

    /// What `hotline seats list` says.
    pub fn seats(&self) -> Result<String> {
        self.ask(&["seats", "list"])
    }

    /// What one seat is at, in the words of `hotline seats list`.
    pub fn seat(&self, name: &str) -> Result<String> {
        let seats = self.seat_states()?;
        let seat = seats.iter().find(|seat| seat["seat"] == name).with_context(|| format!("`seats list` knows no {name}"))?;
        Ok(seat["state"].as_str().unwrap_or_default().to_owned())
    }

    /// `hotline seats set`.
    pub fn choose(&self, seat: &str, state: &str) -> Result<()> {
        self.ask(&["seats", "set", seat, state]).map(drop)
    }

    /// What every seat is at.
    pub fn seat_states(&self) -> Result<Vec<Value>> {
        Ok(serde_json::from_str(&self.ask(&["seats", "list", "--json"])?)?)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What `/metrics` says.
    pub fn metrics(&self) -> Result<String> {
        let (_, token) = self.api()?;
        self.get("/metrics", &token)
    }

    /// What `hotline calls list --json` says of the last calls, so many at most.
    pub fn calls_json(&self, limit: usize) -> Result<String> {
        self.ask(&["calls", "list", "--json", "--limit", &limit.to_string()])
    }

    /// What `hotline calls list --json` says of the last calls.
    pub fn calls(&self) -> Result<Vec<Value>> {
        Ok(serde_json::from_str(&self.calls_json(500)?)?)
    }

    /// The lines of its log about a call.
    pub fn told(&self, call: &str) -> Result<Vec<String>> {
        let name = format!("\"call_id\":\"{call}\"");
        Ok(std::fs::read_to_string(&self.log)?.lines().filter(|line| line.contains(&name)).map(str::to_owned).collect())
    }

    /// Whether one line of its log holds all of these.
    pub fn said(&self, parts: &[&str]) -> Result<bool> {
        Ok(self.times_said(parts)? > 0)
    }

    /// Where its control API is, and the token of the operator on this machine.
    pub fn api(&self) -> Result<(String, String)> {
        let way: Value = serde_json::from_slice(&std::fs::read(self.dir.join("data/api.json"))?)?;
        let text = |key: &str| way[key].as_str().map(str::to_owned).with_context(|| format!("api.json has no {key}"));
        Ok((text("address")?, text("token")?))
    }

    /// The whole answer of its HTTP server to a request with this token.
    pub fn get(&self, path: &str, token: &str) -> Result<String> {
        self.exchange("GET", path, token)
    }

    fn exchange(&self, method: &str, path: &str, token: &str) -> Result<String> {
        let (address, _) = self.api()?;
        let mut stream = TcpStream::connect(&address)?;
        stream.set_read_timeout(Some(READY_WITHIN))?;
        let head = format!("Host: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\nContent-Length: 0");
        write!(stream, "{method} {path} HTTP/1.1\r\n{head}\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// What its control API answers: the status and the body.
    pub fn request(&self, method: &str, path: &str, token: &str) -> Result<(u16, Value)> {
        let answer = self.exchange(method, path, token)?;
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status in the answer")?;
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        Ok((status, serde_json::from_str(body).with_context(|| format!("{method} {path} answers no JSON: {answer}"))?))
    }

    /// Whether a trunk can be called through, as /metrics tells it.
    pub fn trunk_is_up(&self, trunk: &str) -> Result<bool> {
        let (figures, name) = (self.metrics()?, format!("hotline_trunk_up{{trunk=\"{trunk}\"}} "));
        let figure = figures.lines().find_map(|line| line.strip_prefix(name.as_str()));
        Ok(figure.with_context(|| format!("/metrics knows no trunk {trunk}"))? == "1")
    }

    /// Whether its log holds this, in whatever line.
    pub fn says(&self, text: &str) -> Result<bool> {
        Ok(std::fs::read_to_string(&self.log)?.contains(text))
    }

    /// How many lines of its log hold all of these.
    pub fn times_said(&self, parts: &[&str]) -> Result<usize> {
        let log = std::fs::read_to_string(&self.log)?;
        Ok(log.lines().filter(|line| parts.iter().all(|part| line.contains(part))).count())
    }

    /// `hotline people add`: the new person's token.
    pub fn person(&self, name: &str, role: &str) -> Result<String> {
        Ok(self.ask(&["people", "add", name, "--role", role])?.trim().to_owned())
    }

    /// `hotline audit verify`.
    pub fn audit(&self) -> Result<String> {
        Ok(self.ask(&["audit", "verify"])?.trim().to_owned())
    }

    /// What `hotline calls show --json` says of a call.
    pub fn show(&self, call: &str) -> Result<Value> {
        Ok(serde_json::from_str(&self.ask(&["calls", "show", call, "--json"])?)?)
    }

    /// What `hotline why ... --json` says in English.
    pub fn why(&self, words: &[&str]) -> Result<Value> {
        Ok(serde_json::from_str(&self.ask(&[&["why", "--json", "--lang", "en"], words].concat())?)?)
    }

    /// `hotline calls assign`, `calls priority` or `seats pull`, `--json`: exit 0 if it was done, 1 if not.
    pub fn by_hand(&self, words: &[&str]) -> Result<Value> {
        let output = self.run_command(&[words, &["--json"]].concat())?;
        let said: Value = serde_json::from_slice(&output.stdout).with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        let expected = if said["done"] == true { 0 } else { 1 };
        ensure!(output.status.code() == Some(expected), "hotline {} ended with {} and said {said}", words.join(" "), output.status);
        Ok(said)
    }

    /// Two SIGTERMs: it hangs its calls up and ends. Its records can still be asked for.
    pub fn hang_up(&mut self) -> Result<()> {
        terminate(&self.child)?;
        std::thread::sleep(Duration::from_millis(300));
        terminate(&self.child)?;
        let status = wait_at_most(&mut self.child, DRAINED_WITHIN).with_context(|| tail(&self.log, 12))?;
        ensure!(status.success(), "hotline ended with {status} after two SIGTERMs; {}", tail(&self.log, 12));
        Ok(())
    }

    /// `hotline people add`: the token of an agent at a seat.
    pub fn agent(&self, name: &str, seat: &str) -> Result<String> {
        Ok(self.ask(&["people", "add", name, "--role", "agent", "--seat", seat])?.trim().to_owned())
    }

    /// What `hotline calls show` says of a call.
    pub fn card(&self, call: &str) -> Result<String> {
        self.ask(&["calls", "show", call])
    }

    /// What `hotline messages list --json` says.
    pub fn messages(&self) -> Result<Vec<Value>> {
        let list: Value = serde_json::from_str(&self.ask(&["messages", "list", "--json"])?)?;
        Ok(list["messages"].as_array().cloned().unwrap_or_default())
    }

    /// `hotline messages WORDS`: whether it was done, and what was said if not.
    pub fn message(&self, words: &[&str]) -> Result<(bool, String)> {
        let output = self.run_command(&[&["messages"], words].concat())?;
        Ok((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    /// Where it keeps what callers leave as messages.
    pub fn recordings(&self) -> PathBuf {
        self.dir.join("data/messages")
    }

    fn run_command(&self, words: &[&str]) -> Result<std::process::Output> {
        Ok(Command::new(&self.binary).args(words).args(["--config", "hotline.toml"]).current_dir(&self.dir).output()?)
    }

    fn ask(&self, words: &[&str]) -> Result<String> {
        let output = self.run_command(words)?;
        ensure!(output.status.success(), "hotline {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr).trim());
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Where callers send their INVITE, for a command line.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let until = Instant::now() + READY_WITHIN;
        loop {
            let said = std::fs::read_to_string(&self.log).unwrap_or_default();
            if said.lines().any(|line| line.contains("ready")) {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("hotline serve ended ({status}) before it said that it is ready; {}", tail(&self.log, 8));
            }
            ensure!(Instant::now() < until, "hotline serve did not say ready within {READY_WITHIN:?}; {}", tail(&self.log, 8));
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// SIGTERM: it drains, ends with 0, its log holds no panic, and a replay of its inputs says the same to the byte; that replay's words.
    pub fn stop(mut self) -> Result<String> {
        ensure!(self.child.try_wait()?.is_none(), "hotline had already ended; {}", tail(&self.log, 12));
        terminate(&self.child)?;
        let status = wait_at_most(&mut self.child, DRAINED_WITHIN).with_context(|| format!("after SIGTERM; {}", tail(&self.log, 12)))?;
        let said = std::fs::read_to_string(&self.log)?;
        ensure!(!said.contains("panicked at"), "the log holds a panic; {}", tail(&self.log, 20));
        ensure!(status.success(), "hotline ended with {status} after SIGTERM; {}", tail(&self.log, 12));
        let replay = Command::new(&self.binary)
            .arg("replay")
            .arg(&self.inputs)
            .arg("--key")
            .arg(self.inputs.with_file_name("data/input-log.key"))
            .output()?;
        ensure!(replay.status.success(), "hotline replay {}: {}", self.inputs.display(), String::from_utf8_lossy(&replay.stderr).trim());
        Ok(String::from_utf8_lossy(&replay.stdout).trim().to_owned())
    }
}

impl Drop for Hotline {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

/// The binary under test.
pub fn binary() -> PathBuf {
    crate::root().join("target/debug/hotline")
}

/// Whether this machine has IPv6 at all.
pub fn has_ipv6() -> bool {
    UdpSocket::bind("[::1]:0").is_ok()
}

fn configuration(dir: &Path, rules: &Path, host: &str, port: u16, rtp_ports: u16) -> Result<String> {
    let (first, last) = free_block(rtp_ports)?;
    let bare = host.trim_matches(['[', ']']);
    let data = dir.join("data");
    Ok(format!(
        "sip.udp = \"{host}:{port}\"\nsip.tcp = \"{host}:{port}\"\nhttp.listen = \"127.0.0.1:0\"\nrtp.address = \"{bare}\"\nrtp.ports = \"{first}-{last}\"\n\
         data.dir = {:?}\nrules.dir = {:?}\n",
        data.display().to_string(),
        rules.display().to_string(),
    ))
}
