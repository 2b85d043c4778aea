//! Who may use the control API: people with roles and tokens, in `people.json` of the data directory. Only a hash of each token is kept.

use crate::sealed;
use anyhow::{Context, bail, ensure};
use argon2::{Algorithm, Argon2, Params, Version};
use hotline_model::{Name, WallTime};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Most people in the file.
const MOST: usize = 10_000;
/// Longest name, in characters.
const LONGEST: usize = 64;
/// Argon2id with 19 MiB, two passes, one lane: what OWASP names as the least for passwords; ours are 256 random bits besides.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident = $word:literal),+ $(,)?) => {
        /// A role of manual.md G3.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Role { $($(#[$doc])* $role),+ }

        impl Role {
            /// All of them, in the order of the permission table's columns.
            pub const ALL: &'static [Self] = &[$(Self::$role),+];

            /// The word in files and on the command line.
            pub fn word(self) -> &'static str {
                match self { $(Self::$role => $word),+ }
            }
        }
    };
}

roles! {
    /// Front-line agent.
    Agent = "agent",
    /// Specialist, technical support.
    TechSupport = "tech_support",
    /// Team leader, 主管.
    Supervisor = "supervisor",
    /// Complaint acceptance.
    ComplaintOfficer = "complaint_officer",
    /// Quality management.
    Quality = "quality",
    /// Customer relations.
    CrmOfficer = "crm_officer",
    /// Management.
    Manager = "manager",
    /// Legal.
    Legal = "legal",
    /// Human resources.
    Hr = "hr",
    /// Public relations.
    Pr = "pr",
    /// System administrator.
    Admin = "admin",
    /// Operations: the rules.
    Ops = "ops",
    /// Security, audit: reads only.
    Auditor = "auditor",
}

/// A role by its word, for the command line.
///
/// # Errors
/// Names the roles there are.
pub fn parse_role(word: &str) -> Result<Role, String> {
    let words = || Role::ALL.iter().map(|role| role.word()).collect::<Vec<_>>().join(", ");
    Role::ALL.iter().copied().find(|role| role.word() == word).ok_or_else(|| format!("one of: {}", words()))
}

/// Somebody who may use the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name in the history and the audit log.
    pub name: Name,
    /// What the person is.
    pub roles: Vec<Role>,
    /// The seat that is the person's own.
    #[serde(default)]
    pub seat: Option<Name>,
    /// The token's public half.
    pub id: String,
    /// Argon2id of its secret half, in hex.
    hash: String,
    /// The hash's salt, in hex.
    salt: String,
    /// When the token was made.
    pub made: WallTime,
    /// From then on it is refused.
    pub expires: WallTime,
}

/// What a new person is to be.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// The name.
    pub name: String,
    /// The roles.
    pub roles: Vec<Role>,
    /// The own seat.
    pub seat: Option<String>,
    /// When the token ends.
    pub expires: WallTime,
}

/// All people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// In the order in which they were added.
    pub people: Vec<Person>,
}

impl People {
    /// Reads the file; without one there is nobody.
    ///
    /// # Errors
    /// It can't be read, or holds something else.
    pub fn read(data: &Path) -> anyhow::Result<Self> {
        let path = file(data);
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| format!("{} can't be understood", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Changes the file as a whole: nobody reads half of it, and two changes at a time come one after the other.
    ///
    /// # Errors
    /// It can't be read or written, or `change` refuses.
    pub fn change<T>(data: &Path, change: impl FnOnce(&mut Self) -> anyhow::Result<T>) -> anyhow::Result<T> {
        std::fs::create_dir_all(data).with_context(|| format!("cannot make the data directory {}", data.display()))?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(data.join("people.lock"));
        let lock = lock.context("cannot lock the people")?;
        flock(&lock, FlockOperation::LockExclusive).context("cannot lock the people")?;
        let mut people = Self::read(data)?;
        let done = change(&mut people)?;
        write_whole(&file(data), &serde_json::to_vec_pretty(&people)?)?;
        Ok(done)
    }

    /// Adds a person and returns the token, which is known nowhere else.
    ///
    /// # Errors
    /// The name is taken or no name, a role lacks its seat, or too many people.
    pub fn add(&mut self, new: NewPerson, now: WallTime) -> anyhow::Result<String> {
        ensure!(is_name(&new.name), "`{}` is no name: 1 to {LONGEST} printable characters, not `local:...`", new.name.escape_debug());
        ensure!(
            !self.people.iter().any(|person| *person.name == *new.name),
            "there is a {} already; `people renew` gives a new token",
            new.name
        );
        ensure!(self.people.len() < MOST, "there are {MOST} people already");
        ensure!(!new.roles.is_empty(), "a person needs a role");
        ensure!(
            new.roles.len() == 1 || !new.roles.contains(&Role::Auditor),
            "an auditor reads only and has no other role (hardening: three duties)"
        );
        ensure!(!new.roles.contains(&Role::Agent) || new.seat.is_some(), "an agent needs a seat: --seat 1001");
        let Token { text, id, hash, salt } = Token::make()?;
        let seat = new.seat.map(Name::from);
        self.people.push(Person { name: new.name.into(), roles: new.roles, seat, id, hash, salt, made: now, expires: new.expires });
        Ok(text)
    }

    /// Gives a person a new token; the old one is refused from now on.
    ///
    /// # Errors
    /// Nobody has the name.
    pub fn renew(&mut self, name: &str, expires: WallTime, now: WallTime) -> anyhow::Result<String> {
        let Some(person) = self.people.iter_mut().find(|person| *person.name == *name) else {
            bail!("there is no {name}; see `hotline people list`")
        };
        let Token { text, id, hash, salt } = Token::make()?;
        (person.id, person.hash, person.salt, person.made, person.expires) = (id, hash, salt, now, expires);
        Ok(text)
    }

    /// Takes a person out.
    ///
    /// # Errors
    /// Nobody has the name.
    pub fn remove(&mut self, name: &str) -> anyhow::Result<()> {
        let before = self.people.len();
        self.people.retain(|person| *person.name != *name);
        ensure!(self.people.len() < before, "there is no {name}; see `hotline people list`");
        Ok(())
    }

    /// Whose token has this public half.
    #[cfg(test)]
    pub fn of_id(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }
}

impl Person {
    /// Somebody known by another way than the file: the operator on this machine.
    pub fn local(name: Name, roles: Vec<Role>) -> Self {
        let empty = String::new;
        Self { name, roles, seat: None, id: empty(), hash: empty(), salt: empty(), made: WallTime(0), expires: WallTime(i64::MAX) }
    }

    /// Whether a secret half is the person's; tens of milliseconds and 19 MiB.
    pub fn has_secret(&self, secret: &str) -> bool {
        let (Some(salt), Some(hash)) = (from_hex(&self.salt), from_hex(&self.hash)) else { return false };
        hashed(secret, &salt).is_ok_and(|found| same(&found, &hash))
    }
}

/// The two halves of a token `hl_<id>_<secret>`.
pub fn halves(token: &str) -> Option<(&str, &str)> {
    let (id, secret) = token.strip_prefix("hl_")?.split_once('_')?;
    let hex = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (hex(id, 16) && hex(secret, 64)).then_some((id, secret))
}

/// Compares without telling by its time where the first difference is.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && std::hint::black_box(a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b))) == 0
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    if text.len().is_multiple_of(2) { (0..text.len()).step_by(2).map(digits).collect() } else { None }
}

/// Writes a file that only the own user reads, and puts it in its place when it is complete.
///
/// # Errors
/// The disk is full, or the directory can't be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut out: File = File::options().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        out.write_all(bytes)?;
        out.sync_all()?;
        std::fs::rename(&part, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

struct Token {
    text: String,
    id: String,
    hash: String,
    salt: String,
}

impl Token {
    fn make() -> anyhow::Result<Self> {
        let (id, secret, salt): ([u8; 8], [u8; 32], [u8; 16]) = (sealed::random()?, sealed::random()?, sealed::random()?);
        let (id, secret) = (hex(&id), hex(&secret));
        let hash = hex(&hashed(&secret, &salt)?);
        Ok(Self { text: format!("hl_{id}_{secret}"), id, hash, salt: hex(&salt) })
    }
}

fn hashed(secret: &str, salt: &[u8]) -> anyhow::Result<[u8; 32]> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).map_err(|error| anyhow::anyhow!("argon2: {error}"))?;
    let mut hash = [0; 32];
    let done = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(secret.as_bytes(), salt, &mut hash);
    done.map_err(|error| anyhow::anyhow!("argon2: {error}"))?;
    Ok(hash)
}

/// The file in a data directory.
pub fn file(data: &Path) -> PathBuf {
    data.join("people.json")
}

/// Printable, and nothing that turns the direction of writing.
fn is_name(name: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (1..=LONGEST).contains(&name.chars().count()) && !name.chars().any(|c| c.is_control() || turns(c)) && !name.starts_with("local:")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn new(name: &str, roles: &[Role], seat: Option<&str>) -> NewPerson {
        NewPerson { name: name.into(), roles: roles.to_vec(), seat: seat.map(str::to_owned), expires: WallTime(2_000) }
    }

    #[test]
    fn a_token_is_shown_once_and_only_its_hash_is_kept_in_a_file_of_our_own() {
        let dir = tempfile::tempdir().unwrap();
        let token = People::change(dir.path(), |people| people.add(new("Li Na", &[Role::Agent], Some("1001")), WallTime(1_000))).unwrap();
        let (id, secret) = halves(&token).unwrap();
        let text = std::fs::read_to_string(file(dir.path())).unwrap();
        assert!(!text.contains(secret) && text.contains(id));
        assert_eq!(std::fs::metadata(file(dir.path())).unwrap().permissions().mode() & 0o777, 0o600);
        let people = People::read(dir.path()).unwrap();
        let person = people.of_id(id).unwrap();
        assert!(person.has_secret(secret) && !person.has_secret(&secret.replace('a', "b").replace('0', "1")));
        assert_eq!((&*person.name, person.seat.as_deref()), ("Li Na", Some("1001")));
    }

    #[test]
    fn a_renewed_token_replaces_the_old_one_and_a_removed_person_has_none() {
        let mut people = People::default();
        let old = people.add(new("lead", &[Role::Supervisor], None), WallTime(0)).unwrap();
        let fresh = people.renew("lead", WallTime(9_000), WallTime(5)).unwrap();
        assert!(people.of_id(halves(&old).unwrap().0).is_none());
        assert_eq!(people.of_id(halves(&fresh).unwrap().0).unwrap().expires, WallTime(9_000));
        people.remove("lead").unwrap();
        assert!(people.remove("lead").is_err() && people.renew("lead", WallTime(0), WallTime(0)).is_err());
    }

    #[test]
    fn who_cannot_be_added_is_told_why() {
        let mut people = People::default();
        people.add(new("lead", &[Role::Supervisor], None), WallTime(0)).unwrap();
        let mut wrong = |name: &str, roles: &[Role]| people.add(new(name, roles, None), WallTime(0)).unwrap_err().to_string();
        assert!(wrong("lead", &[Role::Ops]).contains("already"));
        assert!(wrong("a", &[Role::Agent]).contains("needs a seat"));
        assert!(wrong("a", &[]).contains("needs a role"));
        assert!(wrong("a", &[Role::Auditor, Role::Admin]).contains("auditor"));
        for name in ["", "a\nb", "local:root", "a\u{202e}b", &"x".repeat(65)] {
            assert!(wrong(name, &[Role::Ops]).contains("is no name"), "{name:?}");
        }
    }

    #[test]
    fn only_a_text_of_the_right_form_is_a_token() {
        let (id, secret) = ("0123456789abcdef", "0".repeat(64));
        assert_eq!(halves(&format!("hl_{id}_{secret}")), Some((id, &*secret)));
        for wrong in
            ["", "hl_", "hl__", "hl_0123456789abcdef_", "0123456789abcdef_00", &format!("hl_{id}_{secret}0"), &format!("hl_{id}x_{secret}")]
        {
            assert_eq!(halves(wrong), None, "{wrong}");
        }
    }
}
