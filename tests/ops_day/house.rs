//! A hotline of its own: the real binary on free ports, its folder of rules, its log, its API, and a caller.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until something is so.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "{what} did not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What a command said.
pub struct Said {
    /// Its exit code.
    pub code: i32,
    /// To standard output.
    pub out: String,
    /// To standard error.
    pub log: String,
}

/// A hotline and its files.
pub struct House {
    dir: tempfile::TempDir,
    /// Of its RTP ports.
    _ports: TcpListener,
    hotline: Option<Child>,
    runs: u32,
    calls: u32,
    sip: SocketAddr,
    /// The language of its log and commands.
    lang: &'static str,
}

const PORTS: u16 = 41;

/// The first of as many free ports, below those that the system gives to whoever asks for any; each process begins at others. No other
/// house takes them while their guard lives: it has the first for TCP.
fn free_ports() -> (u16, TcpListener) {
    let begin = std::process::id() as u16 % 500;
    let mut ranges = (begin..500).chain(0..begin).map(|range| 10_000 + range * PORTS);
    let is_free = |port| UdpSocket::bind(("127.0.0.1", port)).is_ok();
    let take = |first| {
        let guard = TcpListener::bind(("127.0.0.1", first)).ok()?;
        (first..first + PORTS).all(is_free).then_some((first, guard))
    };
    ranges.find_map(take).expect("some ports are free")
}

impl House {
    /// Starts it with these files of rules and tests.
    pub fn start(lang: &'static str, files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (first, ports) = free_ports();
        let config = format!(
            "sip.udp = \"127.0.0.1:0\"\nsip.tcp = []\nhttp.listen = \"127.0.0.1:0\"\nrtp.ports = \"{first}-{}\"\ndata.dir = \"data\"\nrules.dir = \"rules\"\n",
            first + PORTS - 1
        );
        std::fs::write(dir.path().join("hotline.toml"), config).unwrap();
        let mut house = Self { dir, _ports: ports, hotline: None, runs: 0, calls: 0, sip: ([127, 0, 0, 1], 0).into(), lang };
        files.iter().for_each(|(name, text)| house.write(name, text));
        house.run();
        house
    }

    /// Starts it again, after [`House::end`].
    pub fn run(&mut self) {
        self.runs += 1;
        let log = std::fs::File::create(self.log_file()).unwrap();
        let mut command = self.command(&["serve"]);
        self.hotline = Some(command.stderr(log).stdout(Stdio::null()).spawn().unwrap());
        let ready = until("a hotline that is ready", || self.logged("ready").pop());
        let address = ready["sip"].as_str().unwrap().rsplit('@').next().unwrap().to_owned();
        self.sip = address.parse().unwrap();
    }

    /// Starts it, with further words, where it does not come up: what it said.
    pub fn run_in_vain(&self, words: &[&str]) -> Said {
        self.hotline(&[&["serve"], words].concat())
    }

    /// SIGTERM; exit 0.
    pub fn end(&mut self) {
        let mut hotline = self.hotline.take().unwrap();
        self.signal(&hotline, "TERM");
        let status = until("its end", || hotline.try_wait().unwrap());
        assert!(status.success(), "{status}: {}", self.log());
    }

    /// SIGKILL.
    pub fn crash(&mut self) {
        let mut hotline = self.hotline.take().unwrap();
        hotline.kill().unwrap();
        hotline.wait().unwrap();
    }

    /// SIGHUP.
    pub fn hang_up_signal(&self) {
        self.signal(self.hotline.as_ref().unwrap(), "HUP");
    }

    fn signal(&self, child: &Child, name: &str) {
        assert!(Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap().success());
    }

    fn log_file(&self) -> PathBuf {
        self.dir.path().join(format!("run-{}.log", self.runs))
    }

    /// The whole log of this run.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// The lines of the log with this message in it.
    pub fn logged(&self, message: &str) -> Vec<Value> {
        let lines: Vec<Value> = self.log().lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let says = |line: &Value| line["fields"]["message"].as_str().is_some_and(|said| said.contains(message));
        lines.into_iter().filter(says).map(|line| line["fields"].clone()).collect()
    }

    /// A path in the folder of rules.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("rules").join(name)
    }

    /// A path in the data directory.
    pub fn data(&self, name: &str) -> PathBuf {
        self.dir.path().join("data").join(name)
    }

    /// Saves a file of rules as editors do, or one of tests.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let beside = path.with_extension("swp");
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(beside, path).unwrap();
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_hotline")));
        command.args(words).current_dir(self.dir.path()).env("HOTLINE_LANG", self.lang).env("TZ", "Asia/Shanghai");
        command
    }

    /// Runs `hotline …` beside it.
    pub fn hotline(&self, words: &[&str]) -> Said {
        let Output { status, stdout, stderr } = self.command(words).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: status.code().unwrap(), out: text(stdout), log: text(stderr) }
    }

    /// The token of a new person.
    pub fn person(&self, name: &str, role: &str) -> String {
        self.hotline(&["people", "add", name, "--role", role]).out.trim().to_owned()
    }

    /// Asks the API in a language: the status, the head and the body.
    pub fn ask(&self, token: &str, line: &str, lang: &str, body: &str) -> (u16, String, String) {
        let way: Value = serde_json::from_slice(&std::fs::read(self.dir.path().join("data/api.json")).unwrap()).unwrap();
        let token = if token.is_empty() { way["token"].as_str().unwrap() } else { token };
        let mut stream = TcpStream::connect(way["address"].as_str().unwrap()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        write!(
            stream,
            "{line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nAccept-Language: {lang}\r\nConnection: close\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        let (head, body) = said.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_owned(), body.to_owned())
    }

    /// A figure of /metrics.
    pub fn figure(&self, name: &str) -> Option<String> {
        let (_, _, text) = self.ask("", "GET /metrics", "en", "");
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned))
    }

    /// The revision in force, as /metrics and the API tell it.
    pub fn revision(&self) -> String {
        // New rules may come between the two questions.
        until("one revision in both", || {
            let (_, _, body) = self.ask("", "GET /api/v1/rules", "en", "");
            let revision = serde_json::from_str::<Value>(&body).unwrap()["revision"].as_str().unwrap().to_owned();
            let told = self.figure(&format!("hotline_rules_revision_info{{revision=\"{revision}\"}}"));
            (told.as_deref() == Some("1")).then_some(revision)
        })
    }

    /// Calls, is picked up, hangs up; the revision in the call's record.
    pub fn call(&mut self) -> String {
        self.calls += 1;
        let name = format!("ops-{}-{}", self.runs, self.calls);
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        let own = socket.local_addr().unwrap();
        let sdp = format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n",
            own.port()
        );
        let send = |method: &str, cseq: u32, to_tag: &str, body: &str| {
            let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
            let text = format!(
                "{method} sip:hotline@{sip} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK-{name}-{method}\r\nMax-Forwards: 70\r\n\
                 From: <sip:13800138000@{own}>;tag=c{name}\r\nTo: <sip:hotline@{sip}>{to_tag}\r\nCall-ID: {name}\r\nCSeq: {cseq} {method}\r\n\
                 Contact: <sip:13800138000@{own}>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
                body.len(),
                sip = self.sip,
            );
            socket.send_to(text.as_bytes(), self.sip).unwrap();
        };
        let answered = |cseq: &str, again: &dyn Fn()| {
            until(&format!("200 to {cseq}"), || {
                let mut buffer = [0; 4_096];
                let Ok(length) = socket.recv(&mut buffer) else {
                    again();
                    return None;
                };
                let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
                (text.starts_with("SIP/2.0 200") && text.contains(&format!("CSeq: {cseq}"))).then_some(text)
            })
        };
        let invite = || send("INVITE", 1, "", &sdp);
        invite();
        let ok = answered("1 INVITE", &invite);
        let to = ok.lines().find(|line| line.starts_with("To:")).unwrap();
        let tag = format!(";tag={}", to.split(";tag=").nth(1).unwrap());
        send("ACK", 1, &tag, "");
        let bye = || send("BYE", 2, &tag, "");
        bye();
        answered("2 BYE", &bye);
        let list = ["calls", "list", "--json", "--limit", "500"];
        until("the call's record", || {
            let calls: Vec<Value> = serde_json::from_str(&self.hotline(&list).out).ok()?;
            let call = calls.into_iter().find(|call| call["sip_call_id"] == name.as_str() && call["t6"].is_string())?;
            Some(call["revision"].as_str().unwrap().to_owned())
        })
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(mut hotline) = self.hotline.take() {
            hotline.kill().ok();
            hotline.wait().ok();
        }
    }
}
