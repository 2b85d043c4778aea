//! A file of records that only the holder of a key can read (AES-256-GCM, R135): numbers and keys that callers press stand in it.

use aes_gcm::aead::{Aead, Nonce, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use anyhow::{Context, bail};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"hotline2";
/// Longest record, sealed, in bytes.
const LONGEST: u32 = 256 << 20;

/// A key of 256 bits.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// Reads a key file, or makes one that only its owner can read.
    ///
    /// # Errors
    /// It can't be read or made, or does not hold 32 bytes.
    pub fn read_or_make(path: &Path) -> anyhow::Result<Self> {
        if path.exists() {
            return Self::read(path);
        }
        let key: [u8; 32] = random()?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let written = file.as_mut().map_err(|error| std::io::Error::from(error.kind())).and_then(|file| file.write_all(&key));
        written.with_context(|| format!("cannot make the key {}", path.display()))?;
        Ok(Self(key))
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// It can't be read, or does not hold 32 bytes.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read the key {}", path.display()))?;
        let Ok(key) = bytes.try_into() else { bail!("{} is no key: it does not hold 32 bytes", path.display()) };
        Ok(Self(key))
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&self.0.into())
    }
}

/// Random bytes of the system.
///
/// # Errors
/// It has none.
pub fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    let length = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty()).context("the system has no randomness")?;
    anyhow::ensure!(length == N, "the system has no randomness");
    Ok(bytes)
}

/// What a record is for. It stands in clear before each, sealed against change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the file is a part of.
    Head = 1,
    /// What is kept in it.
    Record = 2,
    /// That another file follows.
    Next = 3,
}

impl Kind {
    fn read(byte: u8) -> Option<Self> {
        [Self::Head, Self::Record, Self::Next].into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// What tells files apart: the first 8 bytes of all nonces in one, random.
pub type Own = [u8; 8];

/// A record's nonce: the file's own bytes and the record's count.
fn nonce(file: Own, count: u32) -> Nonce<Aes256Gcm> {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&file);
    nonce[8..].copy_from_slice(&count.to_be_bytes());
    nonce.into()
}

/// Writes records.
pub struct Writer {
    file: BufWriter<File>,
    cipher: Aes256Gcm,
    own: Own,
    count: u32,
    written: u64,
}

impl Writer {
    /// Makes a file that only its owner can read.
    ///
    /// # Errors
    /// There is one already, or it can't be made.
    pub fn create(path: &Path, key: &Key) -> anyhow::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        Self::begin(file.with_context(|| format!("cannot make {}", path.display()))?, key)
    }

    /// Writes to an empty file.
    ///
    /// # Errors
    /// It can't be written.
    pub fn begin(file: File, key: &Key) -> anyhow::Result<Self> {
        let (mut file, own) = (BufWriter::new(file), random()?);
        file.write_all(MAGIC)?;
        file.write_all(&own)?;
        Ok(Self { file, cipher: key.cipher(), own, count: 0, written: 16 })
    }

    /// Appends a record.
    ///
    /// # Errors
    /// The disk is full, or 2^32 records are in.
    pub fn append(&mut self, kind: Kind, record: &[u8]) -> std::io::Result<()> {
        let next = self.count.checked_add(1).ok_or(ErrorKind::StorageFull)?;
        let payload = Payload { msg: record, aad: &[kind as u8] };
        let sealed = self.cipher.encrypt(&nonce(self.own, self.count), payload).map_err(|_| ErrorKind::InvalidInput)?;
        let length = u32::try_from(sealed.len()).ok().filter(|length| *length <= LONGEST).ok_or(ErrorKind::InvalidInput)?;
        self.count = next;
        self.written += u64::from(length) + 5;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(&[kind as u8])?;
        self.file.write_all(&sealed)
    }

    /// Hands all that was appended to the system.
    ///
    /// # Errors
    /// The disk is full.
    pub fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }

    /// Bytes so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// What tells this file from others.
    pub fn own(&self) -> Own {
        self.own
    }
}

/// Reads records.
pub struct Reader {
    path: PathBuf,
    file: BufReader<File>,
    cipher: Aes256Gcm,
    own: Own,
    count: u32,
}

impl Reader {
    /// Opens a file.
    ///
    /// # Errors
    /// It can't be read, or is no such file.
    pub fn open(path: &Path, key: &Key) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut file = BufReader::new(file);
        let (mut magic, mut own) = ([0; 8], [0; 8]);
        if file.read_exact(&mut magic).and_then(|()| file.read_exact(&mut own)).is_err() || magic != *MAGIC {
            bail!("{} is no input log, or one of another version", path.display());
        }
        Ok(Self { path: path.to_path_buf(), file, cipher: key.cipher(), own, count: 0 })
    }

    /// The next record; `None` at the end, also at a torn one (the process was killed while it wrote).
    ///
    /// # Errors
    /// Another key, damage, or the file can't be read.
    pub fn next(&mut self) -> anyhow::Result<Option<(Kind, Vec<u8>)>> {
        let mut before = [0; 5];
        if !self.fill(&mut before)? {
            return Ok(None);
        }
        let [length @ .., kind] = before;
        let length = u32::from_le_bytes(length);
        anyhow::ensure!(length <= LONGEST, "{}: record {} is damaged", self.path.display(), self.count);
        let mut sealed = vec![0; length as usize];
        if !self.fill(&mut sealed)? {
            return Ok(None);
        }
        let payload = Payload { msg: &sealed, aad: &[kind] };
        let opened = self.cipher.decrypt(&nonce(self.own, self.count), payload);
        let (Some(kind), Ok(record)) = (Kind::read(kind), opened) else {
            bail!("{}: record {} can't be opened: it is damaged, or this is not its key", self.path.display(), self.count)
        };
        self.count += 1;
        Ok(Some((kind, record)))
    }

    /// False at the end of the file.
    fn fill(&mut self, bytes: &mut [u8]) -> anyhow::Result<bool> {
        match self.file.read_exact(bytes) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", self.path.display())),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What tells this file from others.
    pub fn own(&self) -> Own {
        self.own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(dir: &Path) -> (std::path::PathBuf, Key) {
        let (path, key) = (dir.join("log"), Key::read_or_make(&dir.join("key")).unwrap());
        let mut writer = Writer::create(&path, &key).unwrap();
        for record in [b"13800138000".as_slice(), b"", b"digit 4"] {
            writer.append(Kind::Record, record).unwrap();
        }
        drop(writer);
        (path, key)
    }

    #[test]
    fn records_are_read_back_with_the_key_and_stand_nowhere_in_clear_r135() {
        let dir = tempfile::tempdir().unwrap();
        let (path, _) = written(dir.path());
        assert!(!std::fs::read(&path).unwrap().windows(11).any(|window| window == b"13800138000"));
        let mut reader = Reader::open(&path, &Key::read(&dir.path().join("key")).unwrap()).unwrap();
        let records: Vec<_> = std::iter::from_fn(|| reader.next().unwrap()).map(|(_, record)| record).collect();
        assert_eq!(records, [b"13800138000".to_vec(), Vec::new(), b"digit 4".to_vec()]);
    }

    #[test]
    fn another_key_or_a_flipped_bit_is_an_error_and_a_torn_tail_is_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let (path, key) = written(dir.path());
        let error = Reader::open(&path, &Key([0; 32])).unwrap().next().unwrap_err();
        assert!(error.to_string().contains("not its key"), "{error}");
        let mut bytes = std::fs::read(&path).unwrap();
        let end = bytes.len();
        std::fs::write(&path, &bytes[..end - 3]).unwrap();
        let mut reader = Reader::open(&path, &key).unwrap();
        assert_eq!(std::iter::from_fn(|| reader.next().unwrap()).count(), 2);
        bytes[26] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(Reader::open(&path, &key).unwrap().next().is_err());
        bytes[26] ^= 1;
        bytes[20] = Kind::Next as u8;
        std::fs::write(&path, &bytes).unwrap();
        assert!(Reader::open(&path, &key).unwrap().next().is_err(), "the kind is sealed too");
    }
}
