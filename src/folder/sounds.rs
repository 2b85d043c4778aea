//! The prompts of a folder of rules: the built-in ones, and its own recordings in `prompts/LANGUAGE/NAME.wav`.

use super::Refused;
use super::reader::{self, Fault, Stamp};
use crate::embedded_prompts::EMBEDDED_PROMPTS;
use hotline_engine::Prompts;
use hotline_media::Clip;
use hotline_media::prompt::ClipError;
use hotline_model::{LanguageId, Name};
use hotline_rules::{FileFault, MOST_BYTES, MOST_FILE_BYTES, MOST_FILES, Plan, RecordingFault};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Which prompts there are, by language.
pub type Names = BTreeMap<String, BTreeSet<String>>;

/// The content hash of a folder's own recordings: the first 8 bytes of SHA-256 over languages, names and bytes, each after its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoundsHash(u64);

impl std::fmt::Display for SoundsHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Prompts ready to be played.
#[derive(Default)]
pub struct Sounds {
    /// They.
    pub prompts: Prompts,
    /// What they are called.
    pub names: Names,
    /// That of the own ones; `None` without any.
    pub hash: Option<SoundsHash>,
    /// What was left out though it is called like a recording.
    pub left_out: Vec<Fault>,
    /// Recordings that can't be read, or not be played.
    pub wrong: Vec<Fault>,
}

/// Own recordings as files: language, name, path.
type Files = Vec<(String, String, PathBuf)>;

/// Loads all prompts. One that can't be played is not among them, but its name is, and it is among what is wrong.
///
/// # Errors
/// The built-in ones are broken.
pub fn load(dir: &Path) -> Result<Sounds, Refused> {
    let mut sounds = Sounds::default();
    for (language, name, clip) in built_in()? {
        sounds.insert(language, name, Arc::clone(clip));
    }
    let (files, wrong) = files(dir);
    sounds.wrong.extend(wrong);
    let (mut hash, mut size, any) = (Sha256::new(), 0, !files.is_empty());
    for (count, (language, name, file)) in (1..).zip(files) {
        let bytes = match reader::recording(dir, &file) {
            Ok(bytes) => bytes,
            Err(fault) if fault.why.is_left_out() => {
                sounds.left_out.push(fault);
                continue;
            }
            Err(fault) => {
                sounds.wrong.push(fault);
                continue;
            }
        };
        size += bytes.len() as u64;
        if count > MOST_FILES || size > MOST_BYTES {
            let why = if count > MOST_FILES { FileFault::TooMany } else { FileFault::TooMuch };
            sounds.wrong.push(Fault { path: file, why });
            break;
        }
        note(&mut hash, [language.as_bytes(), name.as_bytes(), &bytes]);
        match clip(&name, &file, &bytes) {
            Ok(clip) => sounds.insert(&language, &name, Arc::new(clip)),
            Err(fault) => {
                // It is there, and not missing as well.
                sounds.names.entry(language).or_default().insert(name);
                sounds.wrong.push(fault);
            }
        }
    }
    sounds.hash = any.then(|| ended(hash));
    Ok(sounds)
}

/// What is played of a recording.
///
/// # Errors
/// It can't be played.
pub fn clip(name: &str, file: &Path, bytes: &[u8]) -> Result<Clip, Fault> {
    Clip::from_wav(name.into(), bytes).map_err(|error| Fault { path: file.to_owned(), why: FileFault::NoSound(fault(&error)) })
}

fn fault(error: &ClipError) -> RecordingFault {
    match error {
        ClipError::NotWav(_) => RecordingFault::NotWav,
        ClipError::Cut => RecordingFault::Cut,
        ClipError::Encoding { found } => RecordingFault::Encoding(*found),
        ClipError::Rate { found } => RecordingFault::Rate(*found),
        ClipError::Channels { found } => RecordingFault::Channels(*found),
        ClipError::Bits { found } => RecordingFault::Bits(*found),
        ClipError::Empty => RecordingFault::Empty,
        ClipError::TooLong => RecordingFault::TooLong,
    }
}

/// Whether a fault is that of a recording which can't be played, and which the rules never play.
pub fn is_unheard(plan: &Plan, fault: &Fault) -> bool {
    let name = |path: Option<&std::ffi::OsStr>| path.and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let (language, prompt) = (name(fault.path.parent().and_then(Path::file_name)), name(fault.path.file_stem()));
    let is_it = |(code, name): &(LanguageId, Name)| *plan.language(*code).code == *language && **name == *prompt;
    matches!(fault.why, FileFault::NoSound(_)) && !plan.prompts().iter().any(is_it)
}

/// The hash of the own recordings alone.
pub fn hash(dir: &Path) -> Option<SoundsHash> {
    let (files, _) = files(dir);
    let (mut hash, any) = (Sha256::new(), !files.is_empty());
    for (language, name, file) in files.into_iter().take(MOST_FILES) {
        if let Ok(bytes) = reader::bytes(dir, &file, MOST_FILE_BYTES) {
            note(&mut hash, [language.as_bytes(), name.as_bytes(), &bytes]);
        }
    }
    any.then(|| ended(hash))
}

/// The stamp of each own recording, without reading any.
pub fn stamps(dir: &Path) -> BTreeMap<PathBuf, Stamp> {
    let (files, _) = files(dir);
    files.into_iter().take(MOST_FILES + 1).filter_map(|(.., path)| Some((path.clone(), reader::stamp(&path)?))).collect()
}

fn note(hash: &mut Sha256, parts: [&[u8]; 3]) {
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
}

fn ended(hash: Sha256) -> SoundsHash {
    SoundsHash(hash.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn files(dir: &Path) -> (Files, Vec<Fault>) {
    let (mut files, mut wrong) = (Files::new(), Vec::new());
    let own = dir.join(reader::PROMPTS);
    let mut entries = |dir: &Path| {
        reader::entries(dir).unwrap_or_else(|fault| {
            wrong.push(fault);
            Vec::new()
        })
    };
    let languages = if own.is_dir() { entries(&own) } else { Vec::new() };
    for language in languages.into_iter().filter(|path| path.is_dir()) {
        let code = language.file_name().and_then(|name| name.to_str()).unwrap_or("").to_owned();
        for file in entries(&language).into_iter().filter(|file| file.extension().is_some_and(|end| end == "wav")) {
            let Some(name) = file.file_stem().and_then(|name| name.to_str()) else { continue };
            files.push((code.clone(), name.to_owned(), file));
        }
    }
    (files, wrong)
}

impl Sounds {
    fn insert(&mut self, language: &str, name: &str, clip: Arc<Clip>) {
        self.prompts.insert(language, name, clip);
        self.names.entry(language.to_owned()).or_default().insert(name.to_owned());
    }
}

type BuiltIn = Vec<(&'static str, &'static str, Arc<Clip>)>;

/// The built-in prompts, read once.
fn built_in() -> Result<&'static BuiltIn, Refused> {
    static CLIPS: OnceLock<BuiltIn> = OnceLock::new();
    if let Some(clips) = CLIPS.get() {
        return Ok(clips);
    }
    let mut clips = Vec::new();
    for (language, name, wav) in EMBEDDED_PROMPTS {
        let file = Path::new(reader::PROMPTS).join(language).join(format!("{name}.wav"));
        clips.push((*language, *name, Arc::new(clip(name, &file, wav)?)));
    }
    Ok(CLIPS.get_or_init(|| clips))
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A second of a tone at 8 kHz, so loud.
    pub fn wav(loud: u8) -> Vec<u8> {
        let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data".to_vec();
        bytes.extend(8_000_u32.to_le_bytes());
        bytes.extend((0..8_000).map(|n| if n % 20 < 10 { 128 + loud } else { 128 - loud }));
        let length = (bytes.len() as u32 - 8).to_le_bytes();
        bytes[4..8].copy_from_slice(&length);
        bytes
    }

    #[test]
    fn own_recordings_have_a_hash_of_their_names_and_bytes_and_a_broken_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let Ok(none) = load(dir.path()) else { panic!("the built-in ones are good") };
        assert!(none.hash.is_none() && none.wrong.is_empty() && !none.names.is_empty());
        let put = |name: &str, bytes: &[u8]| {
            let path = dir.path().join("prompts").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        put("en/night.wav", &wav(9));
        let one = load(dir.path()).ok().unwrap();
        assert!(one.names["en"].contains("night") && one.hash.is_some() && one.hash == hash(dir.path()));
        put("en/night.wav", &wav(10));
        let other = load(dir.path()).ok().unwrap();
        assert!(other.hash != one.hash && stamps(dir.path()).len() == 1);
        put("en/day.wav", b"RIFF");
        let broken = load(dir.path()).ok().unwrap();
        let played = |name: &str| broken.prompts.contains("en", name);
        assert!(played("night") && !played("day") && broken.names["en"].contains("day"));
        let [wrong] = &broken.wrong[..] else { panic!("{:?}", broken.wrong) };
        assert!(wrong.path.ends_with("prompts/en/day.wav") && wrong.why == FileFault::NoSound(RecordingFault::Cut), "{wrong:?}");
    }
}
