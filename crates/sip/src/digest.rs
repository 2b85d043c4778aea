//! The digest itself: credentials and challenges read and made (RFC 7616, RFC 8760).

use crate::value::{Params, Parts};
use md5::{Digest, Md5};
use sha2::Sha256;
use std::fmt::Write;

/// No honest client sends more parameters.
const MAX_PARAMS: usize = 32;

/// A digest algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// MD5 (RFC 3261 22.4): what every phone knows.
    Md5,
    /// SHA-256 (RFC 8760).
    Sha256,
}

impl Algorithm {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    pub(crate) fn of(word: Option<&str>) -> Option<Self> {
        match word {
            None => Some(Self::Md5),
            Some(word) if word.eq_ignore_ascii_case("MD5") => Some(Self::Md5),
            Some(word) if word.eq_ignore_ascii_case("SHA-256") => Some(Self::Sha256),
            Some(_) => None,
        }
    }

    fn hash(self, parts: &[&str]) -> String {
        let text = parts.join(":");
        match self {
            Self::Md5 => hex(&Md5::digest(text.as_bytes())),
            Self::Sha256 => hex(&Sha256::digest(text.as_bytes())),
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        write!(out, "{byte:02x}").expect("a String takes everything");
        out
    })
}

/// H(user:realm:password) in hex, as it is stored (RFC 7616 3.4.2).
pub fn ha1(algorithm: Algorithm, user: &str, realm: &str, password: &str) -> String {
    algorithm.hash(&[user, realm, password])
}

/// The parameters of a `Digest` value; `None` for another scheme or a quote left open.
fn digest_params(value: &[u8]) -> Option<Params> {
    let value = value.trim_ascii();
    let (scheme, rest) = value.split_at(value.iter().position(u8::is_ascii_whitespace)?);
    if !scheme.eq_ignore_ascii_case(b"Digest") {
        return None;
    }
    let mut params = Params::default();
    for (part, count) in Parts::new(rest, b',').zip(0..) {
        let part = std::str::from_utf8(part?).ok()?;
        let (name, value) = part.split_once('=')?;
        if count == MAX_PARAMS || params.has(name.trim_ascii()) {
            return None;
        }
        params.set(name.trim_ascii(), Some(value.trim_ascii()));
    }
    Some(params)
}

/// What an Authorization header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// User.
    pub username: String,
    /// Realm.
    pub realm: String,
    /// Our nonce.
    pub nonce: String,
    /// The URI that was hashed; often but not always the Request-URI.
    pub uri: String,
    /// The digest, in hex.
    pub response: String,
    /// Algorithm; MD5 if none was named.
    pub algorithm: Algorithm,
    /// `qop=auth` with nonce count and client nonce; `None` for RFC 2069 clients.
    pub auth: Option<(u32, String)>,
}

impl Credentials {
    /// Reads the value of Authorization or Proxy-Authorization; `None` for other schemes, unknown algorithms or qop, missing or repeated
    /// parameters.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let params = digest_params(value)?;
        let text = |name: &str| params.get(name).map(str::to_owned);
        let auth = match params.get("qop") {
            None => None,
            Some(qop) if qop.eq_ignore_ascii_case("auth") => Some((nonce_count(params.get("nc")?)?, text("cnonce")?)),
            Some(_) => return None,
        };
        Some(Self {
            username: text("username")?,
            realm: text("realm")?,
            nonce: text("nonce")?,
            uri: text("uri")?,
            response: text("response")?,
            algorithm: Algorithm::of(params.get("algorithm"))?,
            auth,
        })
    }

    /// The digest these credentials should have (RFC 7616 3.4.1; RFC 2617 3.2.2.1 without qop).
    pub fn expected(&self, ha1: &str, method: &str) -> String {
        let ha2 = self.algorithm.hash(&[method, &self.uri]);
        match &self.auth {
            Some((count, cnonce)) => self.algorithm.hash(&[ha1, &self.nonce, &format!("{count:08x}"), cnonce, "auth", &ha2]),
            None => self.algorithm.hash(&[ha1, &self.nonce, &ha2]),
        }
    }
}

fn nonce_count(text: &str) -> Option<u32> {
    (text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| u32::from_str_radix(text, 16).ok()).flatten()
}

/// What a WWW-Authenticate or Proxy-Authenticate header asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Realm.
    pub realm: String,
    /// Nonce.
    pub nonce: String,
    /// Algorithm.
    pub algorithm: Algorithm,
    /// Whether `qop=auth` is offered.
    pub qop: bool,
    /// To be sent back.
    pub opaque: Option<String>,
    /// The digest was right or unread, only the nonce was old.
    pub stale: bool,
}

impl Challenge {
    /// Reads a challenge; `None` for other schemes and algorithms, or if only `auth-int` is offered.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let params = digest_params(value)?;
        let qop = params.get("qop").map(|words| words.split(',').any(|word| word.trim_ascii().eq_ignore_ascii_case("auth")));
        Some(Self {
            realm: params.get("realm")?.to_owned(),
            nonce: params.get("nonce")?.to_owned(),
            algorithm: Algorithm::of(params.get("algorithm"))?,
            qop: qop.unwrap_or(true) && qop.is_some(),
            opaque: params.get("opaque").map(str::to_owned),
            stale: params.get("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
        .filter(|_| qop != Some(false))
    }
}

/// The Authorization value that answers a challenge; `count` is 1 for the first use of a nonce.
pub fn respond(challenge: &Challenge, method: &str, uri: &str, user: &str, password: &str, cnonce: &str, count: u32) -> String {
    let given = Credentials {
        username: user.to_owned(),
        realm: challenge.realm.clone(),
        nonce: challenge.nonce.clone(),
        uri: uri.to_owned(),
        response: String::new(),
        algorithm: challenge.algorithm,
        auth: challenge.qop.then(|| (count, cnonce.to_owned())),
    };
    let response = given.expected(&ha1(challenge.algorithm, user, &challenge.realm, password), method);
    let Challenge { realm, nonce, algorithm, .. } = challenge;
    let mut value = format!(
        "Digest username=\"{user}\",realm=\"{realm}\",nonce=\"{nonce}\",uri=\"{uri}\",response=\"{response}\",algorithm={}",
        algorithm.word()
    );
    if challenge.qop {
        value.push_str(&format!(",qop=auth,nc={count:08x},cnonce=\"{cnonce}\""));
    }
    if let Some(opaque) = &challenge.opaque {
        value.push_str(&format!(",opaque=\"{opaque}\""));
    }
    value
}
