//! Who asks: tokens, checked against the people's file. Argon2 once per token and process; then a keyed hash.

use crate::api::problem::Problem;
use crate::people::{self, People, Person, Role, halves, hex, same};
use crate::sealed;
use hotline_model::{Name, WallTime};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Semaphore;

/// Tokens whose check is remembered; at more, all are checked anew.
const REMEMBERED: usize = 4_096;
/// How often the people's file is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// Wrong tokens from one address in [`WINDOW`]; then no unknown token is looked at from there until it is over.
const WRONG: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses whose wrong tokens are counted; at more, the oldest are forgotten.
const ADDRESSES: usize = 4_096;
/// Checks by Argon2 at a time (19 MiB each), and how long one may wait for its turn.
const AT_A_TIME: usize = 2;
const TURN: Duration = Duration::from_secs(2);

/// Knows the people.
pub struct Auth {
    data: PathBuf,
    key: [u8; 32],
    local: (String, [u8; 32], Arc<Person>),
    known: Mutex<Known>,
    turns: Semaphore,
}

struct Known {
    stamp: Stamp,
    looked: Instant,
    people: BTreeMap<String, Arc<Person>>,
    /// Keyed hashes of the secrets that Argon2 took, by the tokens' public halves.
    checked: BTreeMap<String, [u8; 32]>,
    wrong: BTreeMap<IpAddr, (Instant, u32)>,
}

/// What shows that the file is another.
type Stamp = Option<(SystemTime, u64, u64)>;

/// Why somebody is not let in.
pub struct Unknown {
    /// What is answered.
    pub problem: Problem,
    /// Whether it was an attempt with a wrong token, which the audit log tells.
    pub attempt: bool,
}

impl From<Problem> for Unknown {
    fn from(problem: Problem) -> Self {
        Self { problem, attempt: false }
    }
}

impl Auth {
    /// Knows the people of a data directory, and the operator on this machine; the operator's token is returned.
    ///
    /// # Errors
    /// No randomness, or the people's file can't be read.
    pub fn open(data: &Path) -> anyhow::Result<(Self, String)> {
        let (id, secret, key): ([u8; 8], [u8; 32], [u8; 32]) = (sealed::random()?, sealed::random()?, sealed::random()?);
        let (id, secret) = (hex(&id), hex(&secret));
        let token = format!("hl_{id}_{secret}");
        let local = Person::local(local_name(), vec![Role::Admin, Role::Supervisor, Role::Ops]);
        let stamp = stamp(data);
        let known =
            Known { stamp, looked: Instant::now(), people: index(People::read(data)?), checked: BTreeMap::new(), wrong: BTreeMap::new() };
        let local = (id, keyed(&key, &secret), Arc::new(local));
        Ok((Self { data: data.to_owned(), key, local, known: Mutex::new(known), turns: Semaphore::new(AT_A_TIME) }, token))
    }

    /// Who sent this `Authorization` header.
    pub async fn who(&self, header: Option<&str>, from: IpAddr, now: WallTime) -> Result<Arc<Person>, Unknown> {
        let Some((scheme, token)) = header.and_then(|header| header.split_once(' ')) else { return Err(Problem::no_token().into()) };
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Problem::no_token().into());
        }
        // What has not the form of a token is no guess: it costs nothing and counts nothing.
        let Some((id, secret)) = halves(token.trim()) else { return Err(Problem::wrong_token().into()) };
        let hash = keyed(&self.key, secret);
        if id == self.local.0 {
            return if same(&hash, &self.local.1) { Ok(Arc::clone(&self.local.2)) } else { Err(self.wrong(from)) };
        }
        let person = {
            let mut known = self.known();
            known.refresh(&self.data);
            let remembered = known.checked.get(id).is_some_and(|checked| same(checked, &hash));
            // Whoever was added a moment ago is let in at once.
            if !remembered {
                known.look(&self.data);
            }
            let person = known.people.get(id).filter(|person| person.expires > now).cloned();
            if remembered && let Some(person) = person {
                return Ok(person);
            }
            known.may_try(from)?;
            person
        };
        let Some(person) = person else { return Err(self.wrong(from)) };
        if !self.check(&person, secret).await? {
            return Err(self.wrong(from));
        }
        self.known().remember(id, hash);
        Ok(person)
    }

    /// Whether somebody who was let in still would be: for answers that last.
    pub fn still(&self, person: &Person, now: WallTime) -> bool {
        if person.id.is_empty() {
            return true;
        }
        let mut known = self.known();
        known.refresh(&self.data);
        known.people.get(&person.id).is_some_and(|known| **known == *person && known.expires > now)
    }

    async fn check(&self, person: &Arc<Person>, secret: &str) -> Result<bool, Problem> {
        let Ok(Ok(_turn)) = tokio::time::timeout(TURN, self.turns.acquire()).await else { return Err(Problem::busy()) };
        let (person, secret) = (Arc::clone(person), secret.to_owned());
        tokio::task::spawn_blocking(move || person.has_secret(&secret)).await.map_err(|_| Problem::busy())
    }

    fn wrong(&self, from: IpAddr) -> Unknown {
        let mut known = self.known();
        match known.may_try(from) {
            Err(problem) => problem.into(),
            Ok(()) => {
                known.count_wrong(from);
                Unknown { problem: Problem::wrong_token(), attempt: true }
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn refresh(&mut self, data: &Path) {
        if self.looked.elapsed() >= LOOK {
            self.look(data);
        }
    }

    fn look(&mut self, data: &Path) {
        self.looked = Instant::now();
        let now = stamp(data);
        if now == self.stamp {
            return;
        }
        match People::read(data) {
            Ok(people) => {
                self.people = index(people);
                self.checked.retain(|id, _| self.people.contains_key(id));
                self.stamp = now;
                tracing::info!(people = self.people.len(), "the people who may use the API changed");
            }
            Err(error) => {
                tracing::error!("{error:#}: nobody of the file is let in");
                (self.people, self.stamp) = (BTreeMap::new(), now);
                self.checked.clear();
            }
        }
    }

    fn remember(&mut self, id: &str, hash: [u8; 32]) {
        if self.checked.len() >= REMEMBERED {
            self.checked.clear();
        }
        self.checked.insert(id.to_owned(), hash);
    }

    fn may_try(&mut self, from: IpAddr) -> Result<(), Problem> {
        let Some((since, count)) = self.wrong.get(&place(from)) else { return Ok(()) };
        let left = WINDOW.saturating_sub(since.elapsed());
        if *count < WRONG || left.is_zero() { Ok(()) } else { Err(Problem::too_many_wrong_tokens(left.as_secs() as u32 + 1)) }
    }

    fn count_wrong(&mut self, from: IpAddr) {
        if self.wrong.len() >= ADDRESSES {
            self.wrong.retain(|_, (since, _)| since.elapsed() < WINDOW);
        }
        if self.wrong.len() >= ADDRESSES
            && let Some(oldest) = self.wrong.iter().min_by_key(|(_, (since, _))| *since).map(|(from, _)| *from)
        {
            self.wrong.remove(&oldest);
        }
        let (since, count) = self.wrong.entry(place(from)).or_insert((Instant::now(), 0));
        if since.elapsed() >= WINDOW {
            (*since, *count) = (Instant::now(), 0);
        }
        *count += 1;
    }
}

/// Of IPv6 the network that one house gets (RFC 6177).
fn place(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => std::net::Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// Both have fixed lengths, and the key is this process's.
fn keyed(key: &[u8; 32], secret: &str) -> [u8; 32] {
    Sha256::new().chain_update(key).chain_update(secret).finalize().into()
}

fn index(people: People) -> BTreeMap<String, Arc<Person>> {
    people.people.into_iter().map(|person| (person.id.clone(), Arc::new(person))).collect()
}

fn stamp(data: &Path) -> Stamp {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(people::file(data)).ok()?;
    Some((metadata.modified().ok()?, metadata.len(), metadata.ino()))
}

/// The operator on this machine, for the history and the audit log.
pub fn local_name() -> Name {
    format!("local:{}", own_name()).into()
}

/// The name of this process's user.
fn own_name() -> Name {
    user_name(rustix::process::getuid().as_raw())
}

/// The name of a user of this machine.
pub fn user_name(uid: u32) -> Name {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    name_of(&users, uid).map_or_else(|| Name::from(format!("uid {uid}")), Name::from)
}

/// A user's name in passwd(5)'s format.
fn name_of(users: &str, uid: u32) -> Option<&str> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::NewPerson;
    use axum::http::StatusCode;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn add(data: &Path, name: &str, expires: i64) -> String {
        let new = NewPerson { name: name.into(), roles: vec![Role::Supervisor], seat: None, expires: WallTime(expires) };
        People::change(data, |people| people.add(new, WallTime(0))).unwrap()
    }

    fn ask(auth: &Auth, token: &str, from: IpAddr, now: i64) -> Result<String, StatusCode> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let who = runtime.block_on(auth.who(Some(&format!("Bearer {token}")), from, WallTime(now)));
        who.map(|person| person.name.to_string()).map_err(|unknown| unknown.problem.status)
    }

    #[test]
    fn who_asked_is_named_as_the_system_names_its_users() {
        let users = "root:x:0:0:root:/:/bin/sh\n\n:x:7:7::/:\nlead:x:1001:100:Team lead:/srv/lead:/bin/sh\nbroken:x\n";
        assert_eq!([0, 1001, 7, 5].map(|uid| name_of(users, uid)), [Some("root"), Some("lead"), None, None]);
    }

    #[test]
    fn a_token_is_good_until_it_expires_or_its_person_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let token = add(dir.path(), "lead", 1_000);
        let (auth, _) = Auth::open(dir.path()).unwrap();
        for now in [999, 998] {
            assert_eq!(ask(&auth, &token, HERE, now), Ok("lead".into()));
        }
        assert_eq!(ask(&auth, &token, HERE, 1_000), Err(StatusCode::UNAUTHORIZED));
        People::change(dir.path(), |people| people.remove("lead")).unwrap();
        auth.known().looked -= LOOK;
        assert_eq!(ask(&auth, &token, HERE, 999), Err(StatusCode::UNAUTHORIZED));
    }

    #[test]
    fn a_running_hotline_sees_new_people() {
        let dir = tempfile::tempdir().unwrap();
        let (auth, local) = Auth::open(dir.path()).unwrap();
        assert!(ask(&auth, &local, HERE, 0).unwrap().starts_with("local:"));
        let token = add(dir.path(), "lead", 1_000);
        assert_eq!(ask(&auth, &token, HERE, 0), Ok("lead".into()), "at once");
    }

    #[test]
    fn wrong_tokens_shut_an_address_out_but_not_those_who_are_in_and_not_other_addresses() {
        let dir = tempfile::tempdir().unwrap();
        let (token, late) = (add(dir.path(), "lead", 1_000), add(dir.path(), "late", 1_000));
        let (auth, local) = Auth::open(dir.path()).unwrap();
        assert_eq!(ask(&auth, &token, HERE, 0), Ok("lead".into()));
        let wrong = format!("hl_{}_{}", "0".repeat(16), "1".repeat(64));
        for _ in 0..WRONG {
            assert_eq!(ask(&auth, &wrong, HERE, 0), Err(StatusCode::UNAUTHORIZED));
        }
        assert_eq!(ask(&auth, &wrong, HERE, 0), Err(StatusCode::TOO_MANY_REQUESTS));
        assert_eq!(ask(&auth, &late, HERE, 0), Err(StatusCode::TOO_MANY_REQUESTS), "not known yet, so it could be a guess");
        assert_eq!(ask(&auth, &token, HERE, 0), Ok("lead".into()));
        assert!(ask(&auth, &local, HERE, 0).is_ok());
        assert_eq!(ask(&auth, &late, "192.0.2.1".parse().unwrap(), 0), Ok("late".into()));
    }

    #[test]
    fn neighbours_in_one_ipv6_network_are_one_place() {
        let [a, b, c] = ["2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"].map(|text| place(text.parse().unwrap()));
        assert!(a == b && a != c);
        assert_eq!(place("::ffff:192.0.2.1".parse().unwrap()), IpAddr::from([192, 0, 2, 1]));
    }
}
