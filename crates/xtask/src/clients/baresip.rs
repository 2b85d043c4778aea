//! baresip, a telephone of other makers, driven over its control port; it records what it says and hears.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use serde_json::{Value, json};

use crate::audio;
use crate::process::{free_block, free_port, spawn_logged, tail, wait_at_most};

/// Who this telephone is.
pub struct Account<'a> {
    /// User part.
    pub user: &'a str,
    /// `host:port` of its registrar and password, or nothing for one that only dials.
    pub registrar: Option<(&'a str, &'a str)>,
    /// Answers by itself.
    pub answers: bool,
}

/// A running baresip.
pub struct Phone {
    child: Child,
    control: TcpStream,
    unread: Vec<u8>,
    events: Vec<Value>,
    dir: PathBuf,
}

impl Phone {
    /// Starts it in `dir`; `says` is what its microphone hears, over and over.
    pub fn start(dir: &Path, account: &Account, says: &[f64]) -> Result<Self> {
        Self::run(dir, (account.user, &line_of(account)), free_port()?, says)
    }

    /// Starts one that listens at a port and is whoever is called there by one of these numbers; whether it answers by itself.
    pub fn behind_trunk(dir: &Path, port: u16, numbers: &[&str], answers: bool, says: &[f64]) -> Result<Self> {
        let line = |user: &&str| line_of(&Account { user, registrar: None, answers });
        Self::run(dir, ("outside", &numbers.iter().map(line).collect::<String>()), port, says)
    }

    fn run(dir: &Path, (name, accounts): (&str, &str), port: u16, says: &[f64]) -> Result<Self> {
        std::fs::create_dir_all(dir.join("recorded"))?;
        audio::write(&dir.join("says.wav"), &long(says))?;
        let control_port = free_port()?;
        std::fs::write(dir.join("config"), config(dir, name, port, control_port)?)?;
        std::fs::write(dir.join("accounts"), accounts)?;
        std::fs::write(dir.join("contacts"), "")?;
        let log = dir.join("baresip.log");
        let mut command = Command::new("baresip");
        command.arg("-s").arg("-f").arg(dir).current_dir(dir);
        let mut child = spawn_logged(&mut command, &log)?;
        let (control, unread) = connect(control_port, &mut child).with_context(|| tail(&log, 12))?;
        control.set_read_timeout(Some(Duration::from_millis(50)))?;
        Ok(Self { child, control, unread, events: Vec::new(), dir: dir.to_owned() })
    }

    /// Sends a command of its menu (`dial`, `hangup`, `hold`, `sndcode`, ...).
    pub fn command(&mut self, command: &str, parameters: &str) -> Result<()> {
        self.control.write_all(framed(command, parameters).as_bytes()).map_err(|error| self.lost(error))
    }

    /// What became of a telephone whose control connection is gone: whether it ended, by which signal, and what it said last.
    fn lost(&mut self, error: std::io::Error) -> Error {
        let ended = wait_at_most(&mut self.child, Duration::from_secs(1));
        let fate = ended.map_or_else(|running| running.to_string(), |status| format!("it ended with {status}"));
        anyhow!("baresip's control connection: {error}; {fate}; {}", tail(&self.dir.join("baresip.log"), 12))
    }

    /// Waits until it reported an event of this type; each event counts once.
    pub fn wait_for(&mut self, event: &str, limit: Duration) -> Result<Value> {
        let until = Instant::now() + limit;
        loop {
            let is_it = |seen: &Value| seen.get("type").and_then(Value::as_str) == Some(event);
            if let Some(at) = self.events.iter().position(is_it) {
                return Ok(self.events.remove(at));
            }
            if Instant::now() >= until {
                let seen: Vec<&str> = self.events.iter().filter_map(|seen| seen.get("type").and_then(Value::as_str)).collect();
                bail!(
                    "baresip reported no {event} within {} s (but {seen:?}); {}",
                    limit.as_secs(),
                    tail(&self.dir.join("baresip.log"), 12)
                );
            }
            self.receive()?;
        }
    }

    /// Waits until its registration was accepted, by its log: it may be so before anybody listens to its reports.
    pub fn wait_registered(&mut self, limit: Duration) -> Result<()> {
        let (log, until) = (self.dir.join("baresip.log"), Instant::now() + limit);
        while !std::fs::read_to_string(&log)?.contains("200 OK") {
            if Instant::now() >= until {
                bail!("no 200 to its REGISTER within {} s; {}", limit.as_secs(), tail(&log, 12));
            }
            self.receive()?;
        }
        Ok(())
    }

    /// Lets it talk, still taking its reports.
    pub fn talk(&mut self, time: Duration) -> Result<()> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.receive()?;
        }
        Ok(())
    }

    fn receive(&mut self) -> Result<()> {
        let mut buffer = [0; 4096];
        match self.control.read(&mut buffer) {
            Ok(0) => return Err(self.lost(ErrorKind::UnexpectedEof.into())),
            Ok(count) => self.unread.extend_from_slice(&buffer[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(self.lost(error)),
        }
        while let Some((message, rest)) = netstring(&self.unread) {
            let message: Value = serde_json::from_slice(message).context("baresip's control port sent no JSON")?;
            self.unread = rest.to_vec();
            if message.get("event").is_some() {
                self.events.push(message);
            }
        }
        Ok(())
    }

    /// Presses keys in its call, one after the other, with the pauses of a quick hand.
    pub fn press(&mut self, keys: &str) -> Result<()> {
        for key in keys.chars() {
            self.command("sndcode", &key.to_string())?;
            self.talk(Duration::from_millis(160))?;
        }
        Ok(())
    }

    /// What it wrote so far, with every SIP message.
    pub fn log(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.dir.join("baresip.log"))?)
    }

    /// What it heard in its last call so far, and how many calls that makes.
    pub fn heard(&self) -> Result<(usize, Vec<f64>)> {
        let recorded = self.recorded()?;
        let last = recorded.last().map(|path| audio::read_growing(path)).transpose()?;
        Ok((recorded.len(), last.unwrap_or_default()))
    }

    /// The recordings of what it heard, in order: their names hold the second in which they began.
    fn recorded(&self) -> Result<Vec<PathBuf>> {
        let entries = std::fs::read_dir(self.dir.join("recorded"))?.collect::<std::io::Result<Vec<_>>>()?;
        let heard = entries.iter().map(|entry| entry.path()).filter(|path| path.to_string_lossy().ends_with("-dec.wav"));
        let mut recorded: Vec<PathBuf> = heard.collect();
        recorded.sort();
        Ok(recorded)
    }

    /// kill -9: no BYE leaves it.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Ends it; what it heard in its longest call is then complete on disk.
    pub fn quit(mut self) -> Result<Vec<f64>> {
        self.command("quit", "")?;
        wait_at_most(&mut self.child, Duration::from_secs(8)).context("baresip after quit")?;
        let mut heard: Vec<f64> = Vec::new();
        for path in self.recorded()? {
            let samples = audio::read(&path)?;
            heard = if samples.len() > heard.len() { samples } else { heard };
        }
        ensure!(!heard.is_empty(), "baresip recorded nothing that it heard; {}", tail(&self.dir.join("baresip.log"), 12));
        Ok(heard)
    }
}

impl Drop for Phone {
    /// Hangs up, so that nobody waits for a telephone that is gone; what does not end then is killed.
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.command("quit", "").ok();
            wait_at_most(&mut self.child, Duration::from_secs(5)).ok();
        }
    }
}

/// Its audio source must not end during a call: baresip hangs up at the end of the file.
fn long(says: &[f64]) -> Vec<f64> {
    let ten_minutes = 600 * audio::RATE as usize;
    let mut samples = Vec::with_capacity(ten_minutes);
    while samples.len() < ten_minutes && !says.is_empty() {
        samples.extend_from_slice(says);
        samples.extend(std::iter::repeat_n(0.0, audio::RATE as usize / 2));
    }
    samples.resize(ten_minutes, 0.0);
    samples
}

fn line_of(account: &Account) -> String {
    let user = account.user;
    let answers = if account.answers { ";answermode=auto" } else { "" };
    let codecs = "audio_codecs=PCMA/8000/1,PCMU/8000/1;dtmfmode=rtpevent";
    match account.registrar {
        Some((host, password)) => format!("<sip:{user}@{host}>;auth_user={user};auth_pass={password};regint=120;{codecs}{answers}\n"),
        None => format!("<sip:{user}@127.0.0.1>;regint=0;{codecs}{answers}\n"),
    }
}

fn config(dir: &Path, user: &str, sip: u16, control: u16) -> Result<String> {
    let (first, last) = free_block(20)?;
    let here = dir.display();
    let modules = ["g711.so", "aufile.so", "aubridge.so", "sndfile.so"].map(|module| format!("module {module}\n")).concat();
    Ok(format!(
        "sip_listen 127.0.0.1:{sip}\nnet_interface 127.0.0.1\nrtp_ports {first}-{last}\ncall_local_timeout 120\ncall_max_calls 4\n\
         audio_source aufile,{here}/says.wav\naudio_player aubridge,{user}\naudio_alert aubridge,{user}alert\njitter_buffer_delay 5-10\n\
         module_path {}\n{modules}module_tmp account.so\nmodule_app contact.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n\
         ctrl_tcp_listen 127.0.0.1:{control}\nsnd_path {here}/recorded\n",
        modules_of_this_machine()?,
    ))
}

fn modules_of_this_machine() -> Result<&'static str> {
    let places = ["/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules", "/opt/homebrew/lib/baresip/modules"];
    places.into_iter().find(|place| Path::new(place).join("g711.so").exists()).context("baresip's modules were not found")
}

fn framed(command: &str, parameters: &str) -> String {
    let text = json!({ "command": command, "params": parameters, "token": command }).to_string();
    format!("{}:{text},", text.len())
}

/// Waits until it is ready for commands; its control connection, and what was read there meanwhile.
fn connect(port: u16, child: &mut Child) -> Result<(TcpStream, Vec<u8>)> {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let error = match answering(port) {
            Ok(ready) => return Ok(ready),
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => error,
            Err(error) => {
                println!("baresip's control port {port} was open, but gave no answer: {error}");
                error
            }
        };
        ensure!(child.try_wait()?.is_none(), "baresip ended at once");
        ensure!(Instant::now() < until, "baresip is not ready for commands at its control port {port}: {error}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A connection over which it answered: one that was only accepted may be reset before anything is read of it.
fn answering(port: u16) -> std::io::Result<(TcpStream, Vec<u8>)> {
    let mut control = TcpStream::connect(("127.0.0.1", port))?;
    control.set_read_timeout(Some(Duration::from_secs(3)))?;
    control.write_all(framed("listcalls", "").as_bytes())?;
    let (mut read, mut buffer) = (Vec::new(), [0; 4096]);
    while netstring(&read).is_none() {
        match control.read(&mut buffer)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            count => read.extend_from_slice(&buffer[..count]),
        }
    }
    Ok((control, read))
}

/// The first complete `LEN:text,` and what follows it.
fn netstring(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    let length: usize = std::str::from_utf8(&bytes[..colon]).ok()?.parse().ok()?;
    let text = bytes.get(colon + 1..colon + 1 + length)?;
    Some((text, bytes.get(colon + 2 + length..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_counts_only_when_it_was_answered() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let telephone = std::thread::spawn(move || {
            drop(listener.accept().unwrap());
            let (mut second, _) = listener.accept().unwrap();
            second.write_all(b"2:{},5:par").unwrap();
            second
        });
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let (_, read) = connect(port, &mut child).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        telephone.join().unwrap();
        assert_eq!(netstring(&read), Some((&b"{}"[..], &b"5:par"[..])));
    }

    #[test]
    fn a_report_is_taken_only_when_it_is_complete() {
        assert_eq!(netstring(b"2:{},3:"), Some((&b"{}"[..], &b"3:"[..])));
        assert_eq!(netstring(b"2:{}"), None);
        assert_eq!(netstring(b"20:{}"), None);
        assert_eq!(netstring(b""), None);
    }
}
