//! Digest access authentication (RFC 3261 22, RFC 7616, RFC 8760): who may pass.

use crate::digest::hex;
pub use crate::digest::{Algorithm, Challenge, Credentials, ha1, respond};
use crate::header::Header;
use crate::message::Request;
use hotline_model::{Name, Timestamp};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// What an account proves itself with.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// The password itself.
    Password(String),
    /// H(user:realm:password) in hex, per algorithm.
    Ha1 {
        /// With MD5.
        md5: Option<String>,
        /// With SHA-256.
        sha256: Option<String>,
    },
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Somebody who may register and call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// User part of the address of record, and the digest user.
    pub name: Name,
    /// What it proves itself with.
    pub secret: Secret,
    /// Challenge with SHA-256 instead of MD5.
    pub sha256: bool,
    /// Send OPTIONS keep-alives to its contacts.
    pub ping: bool,
}

impl Account {
    fn algorithm(&self) -> Algorithm {
        if self.sha256 { Algorithm::Sha256 } else { Algorithm::Md5 }
    }

    fn ha1(&self, realm: &str) -> Option<String> {
        let algorithm = self.algorithm();
        match (&self.secret, algorithm) {
            (Secret::Password(password), _) => Some(ha1(algorithm, &self.name, realm, password)),
            (Secret::Ha1 { md5, .. }, Algorithm::Md5) => md5.clone(),
            (Secret::Ha1 { sha256, .. }, Algorithm::Sha256) => sha256.clone(),
        }
    }
}

/// Whether a request may pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It comes from this account.
    Granted(Name),
    /// Answer 401 with this WWW-Authenticate value.
    Challenge(String),
    /// The table of used nonces is full: answer 503.
    Full,
}

/// Limits of the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateLimits {
    /// How long a nonce is good.
    pub lifetime: Duration,
    /// Wrong guesses evaluated per source and account within `window`.
    pub guesses: u32,
    /// The window of `guesses`, from the first wrong one.
    pub window: Duration,
    /// Nonces remembered as used; beyond, [`Verdict::Full`].
    pub used: usize,
    /// Sources under suspicion; beyond, the oldest is forgotten.
    pub suspects: usize,
}

impl Default for GateLimits {
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self { lifetime: minute, guesses: 10, window: minute, used: 100_000, suspects: 16_384 }
    }
}

/// What the gate has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GateCounters {
    /// Right digests.
    pub granted: u64,
    /// Wrong digests, evaluated.
    pub wrong: u64,
    /// Credentials not even evaluated, because of too many wrong ones.
    pub blocked: u64,
    /// Nonces too old, not ours, or used before.
    pub stale: u64,
    /// Requests refused because the table of used nonces was full.
    pub full: u64,
}

/// Accounts by name: many take a while to be put in order, which need not be where they are used.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    by_name: BTreeMap<Name, Account>,
    with_sha256: u64,
}

impl From<Vec<Account>> for Accounts {
    fn from(accounts: Vec<Account>) -> Self {
        let with_sha256 = accounts.iter().filter(|account| account.sha256).count() as u64;
        Self { by_name: accounts.into_iter().map(|account| (account.name.clone(), account)).collect(), with_sha256 }
    }
}

/// A wrong guess is counted against a source and an account; all unknown names of one source share `None`.
type Suspect = (IpAddr, Option<Name>);

/// Decides who may pass. A nonce carries its time and a MAC over time, count and source, so that strangers cost no memory; only nonces that were
/// used rightly are remembered.
#[derive(Debug)]
pub struct Gate {
    realm: String,
    secret: [u8; 32],
    limits: GateLimits,
    accounts: Accounts,
    issued: u32,
    used: BTreeMap<String, u32>,
    used_order: VecDeque<(Timestamp, String)>,
    wrong: BTreeMap<Suspect, u32>,
    wrong_order: VecDeque<(Timestamp, Suspect)>,
    counters: GateCounters,
}

impl Gate {
    /// A gate; `secret` is drawn from the engine's seeded generator.
    pub fn new(realm: impl Into<String>, secret: [u8; 32], limits: GateLimits) -> Self {
        Self {
            realm: realm.into().replace(['"', '\\', '\r', '\n'], ""),
            secret,
            limits,
            accounts: Accounts::default(),
            issued: 0,
            used: BTreeMap::new(),
            used_order: VecDeque::new(),
            wrong: BTreeMap::new(),
            wrong_order: VecDeque::new(),
            counters: GateCounters::default(),
        }
    }

    /// Replaces all accounts; those that were there.
    pub fn set_accounts(&mut self, accounts: impl Into<Accounts>) -> Accounts {
        std::mem::replace(&mut self.accounts, accounts.into())
    }

    /// The account of a name.
    pub fn account(&self, name: &str) -> Option<&Account> {
        self.accounts.by_name.get(name)
    }

    /// What was seen so far.
    pub fn counters(&self) -> GateCounters {
        self.counters
    }

    /// A WWW-Authenticate value for a user, known or not: both look alike.
    pub fn challenge(&mut self, now: Timestamp, source: IpAddr, user: &str, stale: bool) -> String {
        let algorithm = self.accounts.by_name.get(user).map_or_else(|| self.likely_algorithm(user), Account::algorithm);
        self.issued = self.issued.wrapping_add(1);
        let nonce = self.nonce(now, self.issued, source);
        let stale = if stale { ",stale=true" } else { "" };
        format!("Digest realm=\"{}\",nonce=\"{nonce}\",algorithm={},qop=\"auth\"{stale}", self.realm, algorithm.word())
    }

    /// Judges a request by its Authorization header.
    pub fn judge(&mut self, now: Timestamp, source: IpAddr, request: &Request) -> Verdict {
        self.forget(now);
        let found = request.headers.all(Header::Authorization).filter_map(Credentials::parse).find(|given| given.realm == self.realm);
        let Some(given) = found else {
            return Verdict::Challenge(self.challenge(now, source, &from_user(request), false));
        };
        if !self.is_fresh(now, source, &given) {
            self.counters.stale += 1;
            return Verdict::Challenge(self.challenge(now, source, &given.username, true));
        }
        match self.evaluate(now, source, &given, request.method.as_str()) {
            Some(name) if self.used.len() < self.limits.used || self.used.contains_key(&given.nonce) => {
                self.counters.granted += 1;
                self.use_up(now, given);
                Verdict::Granted(name)
            }
            Some(_) => {
                self.counters.full += 1;
                Verdict::Full
            }
            None => Verdict::Challenge(self.challenge(now, source, &given.username, false)),
        }
    }

    fn evaluate(&mut self, now: Timestamp, source: IpAddr, given: &Credentials, method: &str) -> Option<Name> {
        let account = self.accounts.by_name.get(given.username.as_str());
        let suspect = (network(source), account.map(|account| account.name.clone()));
        if self.wrong.get(&suspect).is_some_and(|count| *count >= self.limits.guesses) {
            self.counters.blocked += 1;
            return None;
        }
        let dummy = || ha1(given.algorithm, &given.username, &self.realm, "");
        let known = account.and_then(|account| account.ha1(&self.realm));
        let right_algorithm = account.is_some_and(|account| account.algorithm() == given.algorithm);
        let expected = given.expected(&known.clone().unwrap_or_else(dummy).to_ascii_lowercase(), method);
        let equal = same(&expected, &given.response.to_ascii_lowercase());
        if equal && known.is_some() && right_algorithm {
            return suspect.1;
        }
        self.counters.wrong += 1;
        self.suspect(now, suspect);
        None
    }

    fn suspect(&mut self, now: Timestamp, suspect: Suspect) {
        if let Some(count) = self.wrong.get_mut(&suspect) {
            *count += 1;
            return;
        }
        if self.wrong.len() >= self.limits.suspects
            && let Some((_, oldest)) = self.wrong_order.pop_front()
        {
            self.wrong.remove(&oldest);
        }
        self.wrong.insert(suspect.clone(), 1);
        self.wrong_order.push_back((now + self.limits.window, suspect));
    }

    /// Ours, issued to this source, not too old, and its count higher than any before (RFC 7616 3.4: replay).
    fn is_fresh(&self, now: Timestamp, source: IpAddr, given: &Credentials) -> bool {
        let Some((at, count)) = read_nonce(&given.nonce) else { return false };
        let young = at <= now && now.since(at) <= self.limits.lifetime;
        let unused = match (self.used.get(&given.nonce), &given.auth) {
            (None, _) => true,
            (Some(last), Some((count, _))) => count > last,
            (Some(_), None) => false,
        };
        young && unused && same(&self.nonce(at, count, source), &given.nonce)
    }

    fn use_up(&mut self, now: Timestamp, given: Credentials) {
        let count = given.auth.map_or(u32::MAX, |(count, _)| count);
        if self.used.insert(given.nonce.clone(), count).is_none() {
            self.used_order.push_back((now + self.limits.lifetime, given.nonce));
        }
    }

    /// A nonce used at its very end is kept a whole lifetime longer, so the queues are in order of time.
    fn forget(&mut self, now: Timestamp) {
        while self.used_order.front().is_some_and(|(until, _)| *until < now) {
            if let Some((_, nonce)) = self.used_order.pop_front() {
                self.used.remove(&nonce);
            }
        }
        while self.wrong_order.front().is_some_and(|(until, _)| *until <= now) {
            if let Some((_, suspect)) = self.wrong_order.pop_front() {
                self.wrong.remove(&suspect);
            }
        }
    }

    fn nonce(&self, at: Timestamp, count: u32, source: IpAddr) -> String {
        let mut mac = Sha256::new();
        mac.update(self.secret);
        mac.update(at.0.to_be_bytes());
        mac.update(count.to_be_bytes());
        mac.update(v6(source).octets());
        let mac = mac.finalize();
        format!("{:016x}{count:08x}{}", at.0, hex(&mac[..16]))
    }

    /// Unknown names get SHA-256 as often as known ones do, always the same for the same name: the algorithm betrays nobody.
    fn likely_algorithm(&self, user: &str) -> Algorithm {
        let mut mac = Sha256::new();
        mac.update(self.secret);
        mac.update(user.as_bytes());
        let draw = mac.finalize().iter().take(4).fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        if draw % (self.accounts.by_name.len() as u64).max(1) < self.accounts.with_sha256 { Algorithm::Sha256 } else { Algorithm::Md5 }
    }
}

fn from_user(request: &Request) -> String {
    let uri = request.headers.from().ok().and_then(|from| crate::uri::Uri::parse(&from.uri).ok());
    uri.and_then(|uri| uri.user).unwrap_or_default()
}

fn read_nonce(nonce: &str) -> Option<(Timestamp, u32)> {
    let at = u64::from_str_radix(nonce.get(..16)?, 16).ok()?;
    Some((Timestamp(at.cast_signed()), u32::from_str_radix(nonce.get(16..24)?, 16).ok()?))
}

fn v6(source: IpAddr) -> Ipv6Addr {
    match source.to_canonical() {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}

/// Whoever has one IPv6 address has its whole /64.
fn network(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

/// Compares in a time that does not tell where the first difference is.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}
