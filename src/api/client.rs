//! How the command line reaches a running hotline: `api.json` in the data directory says where it listens and holds the operator's token,
//! readable by the same user only.

use crate::api::nouns::Diagnosed;
use crate::people::write_whole;
use crate::rehearse::before_load::FailedTest;
use anyhow::{Context, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest answer, in bytes.
const LONGEST: u64 = 64 << 20;
const CONNECT: Duration = Duration::from_secs(2);
/// Loading rules may take 35 s.
const PATIENCE: Duration = Duration::from_secs(40);

#[derive(PartialEq, Serialize, Deserialize)]
struct Way {
    address: SocketAddr,
    token: String,
}

impl Way {
    fn read(data: &Path) -> anyhow::Result<Self> {
        let path = path(data);
        let none = || format!("no hotline answers at {} (does one run with this configuration?)", path.display());
        let bytes = std::fs::read(&path).with_context(none)?;
        serde_json::from_slice(&bytes).with_context(|| format!("{} can't be understood", path.display()))
    }
}

fn path(data: &Path) -> PathBuf {
    data.join("api.json")
}

/// Leaves the way to the API in the data directory.
///
/// # Errors
/// The file can't be written.
pub fn leave(data: &Path, address: SocketAddr, token: &str) -> anyhow::Result<()> {
    let mut address = address;
    if address.ip().is_unspecified() {
        let here = if address.is_ipv4() { IpAddr::from([127, 0, 0, 1]) } else { std::net::Ipv6Addr::LOCALHOST.into() };
        address.set_ip(here);
    }
    write_whole(&path(data), &serde_json::to_vec(&Way { address, token: token.to_owned() })?)
}

/// The hotline ends: there is no way any more.
pub fn forget(data: &Path) {
    if let Err(error) = std::fs::remove_file(path(data)) {
        tracing::debug!(%error, "api.json");
    }
}

/// A refusal in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The word for machines.
    pub code: String,
    /// The sentence.
    pub detail: String,
    /// What is wrong with the rules, if that is why.
    #[serde(default)]
    pub diagnostics: Vec<Diagnosed>,
    /// Which of their tests failed.
    #[serde(default)]
    pub failed_tests: Vec<FailedTest>,
}

/// The API of the hotline that runs on a data directory.
pub struct Client {
    data: PathBuf,
    way: Way,
    language: &'static str,
}

impl Client {
    /// Finds the way; sentences come in `language` (en or zh).
    ///
    /// # Errors
    /// No hotline runs there, or it belongs to another user.
    pub fn open(data: &Path, language: &'static str) -> anyhow::Result<Self> {
        Ok(Self { data: data.to_owned(), way: Way::read(data)?, language })
    }

    /// GET.
    ///
    /// # Errors
    /// No answer, or one of another version.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<Result<T, Refusal>> {
        self.ask("GET", path, None)
    }

    /// POST.
    ///
    /// # Errors
    /// No answer, or one of another version.
    pub fn post<T: DeserializeOwned>(&self, path: &str, body: Option<&Value>) -> anyhow::Result<Result<T, Refusal>> {
        self.ask("POST", path, body)
    }

    fn ask<T: DeserializeOwned>(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Result<T, Refusal>> {
        understood(&self.exchange(method, path, body)?).context("the hotline answers in another version's words")
    }

    /// GET of what is no JSON.
    ///
    /// # Errors
    /// No answer, or one of another version.
    pub fn bytes(&self, path: &str) -> anyhow::Result<Result<Vec<u8>, Refusal>> {
        let answer = self.exchange("GET", path, None)?;
        let (status, body) = parts(&answer).context("the hotline answers in another version's words")?;
        if status == 200 { Ok(Ok(body.to_vec())) } else { Ok(Err(serde_json::from_slice(body)?)) }
    }

    /// A run that begins takes requests that came by the way of the run before, whose token is nobody's: it has left its own way by then.
    fn exchange(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Vec<u8>> {
        let answer = self.exchange_by(&self.way, method, path, body)?;
        if !parts(&answer).is_ok_and(|(status, _)| status == 401) {
            return Ok(answer);
        }
        match Way::read(&self.data) {
            Ok(way) if way != self.way => self.exchange_by(&way, method, path, body),
            Ok(_) | Err(_) => Ok(answer),
        }
    }

    fn exchange_by(&self, Way { address, token }: &Way, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Vec<u8>> {
        let none = || format!("no hotline answers at {address} (does one run with this configuration?)");
        let mut stream = TcpStream::connect_timeout(address, CONNECT).with_context(none)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(CONNECT))?;
        let body = body.map(Value::to_string);
        let kind = body.as_ref().map_or("", |_| "Content-Type: application/json\r\n");
        let length = body.as_ref().map_or(0, String::len);
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nAccept-Language: {}\r\nConnection: close\r\n{kind}Content-Length: {length}\r\n\r\n{}",
            self.language,
            body.unwrap_or_default()
        );
        stream.write_all(head.as_bytes()).with_context(none)?;
        let mut bytes = Vec::new();
        match stream.take(LONGEST).read_to_end(&mut bytes) {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => bail!("the hotline does not answer"),
            read => drop(read.context("the hotline does not answer")?),
        }
        Ok(bytes)
    }
}

fn understood<T: DeserializeOwned>(bytes: &[u8]) -> anyhow::Result<Result<T, Refusal>> {
    let (status, body) = parts(bytes)?;
    if status == 200 {
        return Ok(Ok(serde_json::from_slice(body)?));
    }
    Ok(Err(serde_json::from_slice(body)?))
}

/// The status and the body of an answer.
fn parts(bytes: &[u8]) -> anyhow::Result<(u16, &[u8])> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").context("no head")?;
    let (head, body) = (std::str::from_utf8(&bytes[..end])?, &bytes[end + 4..]);
    let status = head.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok()).context("no status")?;
    Ok((status, body))
}

/// A text as one segment of a path.
pub fn segment(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_way_is_for_the_own_user_and_leads_to_this_machine() {
        let dir = tempfile::tempdir().unwrap();
        leave(dir.path(), "0.0.0.0:8080".parse().unwrap(), "hl_x").unwrap();
        assert_eq!(std::fs::metadata(path(dir.path())).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Client::open(dir.path(), "en").unwrap().way.address, "127.0.0.1:8080".parse().unwrap());
        forget(dir.path());
        assert!(Client::open(dir.path(), "en").is_err());
    }

    /// Answers requests with this token by 7, others by 401, until there were so many; how many came.
    fn serve(listener: TcpListener, token: &'static str, requests: usize) -> std::thread::JoinHandle<usize> {
        std::thread::spawn(move || {
            for (stream, _) in (0..requests).map(|_| listener.accept().unwrap()) {
                let mut reader = std::io::BufReader::new(&stream);
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && std::io::BufRead::read_line(&mut reader, &mut head).unwrap() > 0 {}
                let answer = match head.contains(token) {
                    true => "HTTP/1.1 200 OK\r\n\r\n7",
                    false => "HTTP/1.1 401 Unauthorized\r\n\r\n{\"status\":401,\"code\":\"wrong_token\",\"detail\":\"d\"}",
                };
                (&stream).write_all(answer.as_bytes()).unwrap();
            }
            requests
        })
    }

    #[test]
    fn who_asks_with_the_token_of_the_run_before_asks_again_with_that_of_the_run_that_answers() {
        let (dir, listener) = (tempfile::tempdir().unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
        let address = listener.local_addr().unwrap();
        leave(dir.path(), address, "hl_before").unwrap();
        let client = Client::open(dir.path(), "en").unwrap();
        leave(dir.path(), address, "hl_now").unwrap();
        let served = serve(listener, "hl_now", 2);
        assert_eq!(client.get::<u8>("/").unwrap(), Ok(7));
        assert_eq!(served.join().unwrap(), 2);
    }

    #[test]
    fn a_token_that_is_nobodys_and_the_only_one_is_tried_once() {
        let (dir, listener) = (tempfile::tempdir().unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
        leave(dir.path(), listener.local_addr().unwrap(), "hl_before").unwrap();
        let served = serve(listener, "hl_now", 1);
        let refused = Client::open(dir.path(), "en").unwrap().get::<u8>("/").unwrap().unwrap_err();
        assert_eq!((refused.status, served.join().unwrap()), (401, 1));
    }

    #[test]
    fn a_name_of_any_letters_is_one_segment() {
        assert_eq!(segment("a/b 坐?#%..",), "a%2Fb%20%E5%9D%90%3F%23%25..");
    }

    #[test]
    fn an_answer_is_a_body_or_a_refusal() {
        assert_eq!(understood::<u8>(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n7").unwrap(), Ok(7));
        let refused = understood::<u8>(b"HTTP/1.1 409 Conflict\r\n\r\n{\"status\":409,\"code\":\"no_call\",\"detail\":\"d\"}").unwrap();
        assert_eq!(refused.unwrap_err().code, "no_call");
        assert!(understood::<u8>(b"garbage").is_err() && understood::<u8>(b"HTTP/1.1 200 OK\r\n\r\n{}").is_err());
    }
}
