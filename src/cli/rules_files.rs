//! Files of rules as commands are given them: folders, single files, standard input; and how a changed one is put in place.

use crate::embedded_prompts::EMBEDDED_PROMPTS;
use crate::folder::reader::{self, Fault, Texts};
use crate::folder::sounds;
use anyhow::{Context, bail};
use hotline_media::Clip;
use hotline_rules::{FileFault, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// Most bytes of a file from standard input.
const MOST_BYTES: u64 = 64 << 20;
/// What the file from standard input is called if it is not said.
const STDIN: &str = "<stdin>";

/// Files as a command was given them.
pub struct Given {
    /// The files, in the order of their paths.
    pub sources: Vec<Source>,
    /// The folder out of which no link of each may lead.
    pub roots: Vec<PathBuf>,
    /// The place of the one from standard input.
    pub stdin: Option<usize>,
    /// The folders in which they are.
    pub folders: Vec<PathBuf>,
    /// What can't be read, is named like a file of a folder and is none, or is no text.
    pub left_out: Vec<Fault>,
    /// The tests of the rules of the folders.
    pub tests: Texts,
}

/// Reads folders, files, and standard input for `-`, which stands for the file called `stdin_name` among the others.
///
/// # Errors
/// Standard input that can't be read; `-` twice. Files and folders that can't be read are left out.
pub fn given(paths: &[PathBuf], stdin_name: Option<&Path>, input: &mut dyn Read) -> anyhow::Result<Given> {
    let mut files: BTreeMap<String, (String, PathBuf)> = BTreeMap::new();
    let (mut folders, mut left_out, mut tests) = (BTreeSet::new(), Vec::new(), Texts::default());
    for path in paths.iter().filter(|path| path.as_os_str() != "-") {
        if path.is_dir() {
            folders.insert(path.clone());
            let texts = reader::rules(path);
            if texts.refused().is_none() && texts.sources.iter().all(Source::is_sheet) {
                left_out.push(Fault { path: path.clone(), why: FileFault::NoRules });
            }
            left_out.extend(texts.faults);
            let own = reader::tests(path);
            tests.sources.extend(own.sources);
            tests.faults.extend(own.faults);
            files.extend(texts.sources.into_iter().map(|source| (source.path, (source.text, path.clone()))));
        } else {
            let text = match whole(path).and_then(hotline_rules::text) {
                Ok(text) => text,
                Err(why) => {
                    left_out.push(Fault { path: path.clone(), why });
                    continue;
                }
            };
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
            folders.insert(parent.clone());
            files.insert(path.display().to_string(), (text, parent));
        }
    }
    let mut stdin = None;
    match paths.iter().filter(|path| path.as_os_str() == "-").count() {
        0 => {}
        1 => {
            let mut bytes = Vec::new();
            let size = input.take(MOST_BYTES + 1).read_to_end(&mut bytes).context("cannot read standard input")?;
            if size as u64 > MOST_BYTES {
                bail!("standard input is longer than {} MiB", MOST_BYTES >> 20);
            }
            let name = stdin_name.map_or(STDIN.to_owned(), |name| as_given(name, &files, paths));
            match hotline_rules::text(bytes) {
                Ok(text) => drop(files.insert(name.clone(), (text, PathBuf::new()))),
                Err(why) => left_out.push(Fault { path: name.clone().into(), why }),
            }
            stdin = files.keys().position(|path| *path == name);
        }
        _ => bail!("`-` is given twice: there is one standard input"),
    }
    let (sources, roots) = files.into_iter().map(|(path, (text, root))| (Source { path, text }, root)).unzip();
    Ok(Given { sources, roots, stdin, folders: folders.into_iter().collect(), left_out, tests })
}

/// The name of a file from standard input as the one that it stands for is called: editors write `a.toml` for `./a.toml`, or for that of a
/// folder that was given.
fn as_given<T>(name: &Path, files: &BTreeMap<String, T>, paths: &[PathBuf]) -> String {
    let plain = |path: &Path| path.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
    let in_folders = paths.iter().map(|folder| plain(&folder.join(name)));
    let wanted: Vec<PathBuf> = std::iter::once(plain(name)).chain(in_folders).collect();
    let found = wanted.iter().find_map(|wanted| files.keys().find(|path| plain(Path::new(path)) == *wanted));
    found.cloned().unwrap_or_else(|| name.display().to_string())
}

/// A file that was named itself; it may be a pipe.
fn whole(path: &Path) -> Result<Vec<u8>, FileFault> {
    let gone = |error: &std::io::Error| error.kind() == std::io::ErrorKind::NotFound;
    let said = |error: std::io::Error| if gone(&error) { FileFault::Missing } else { FileFault::Unreadable(error.to_string()) };
    let mut bytes = Vec::new();
    File::open(path).map_err(said)?.take(hotline_rules::MOST_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(said)?;
    if bytes.len() as u64 > hotline_rules::MOST_FILE_BYTES { Err(FileFault::TooLarge) } else { Ok(bytes) }
}

/// Which prompts there are, and what is known of them.
pub struct Recordings {
    /// Names by language code.
    pub names: BTreeMap<String, BTreeSet<String>>,
    /// The same, with how long they are.
    pub lengths: BTreeMap<String, BTreeMap<String, Duration>>,
    /// What can't be read, or not be played.
    pub faults: Vec<Fault>,
}

/// The built-in prompts and those of the folders.
pub fn known_recordings(folders: &[PathBuf]) -> Recordings {
    let mut faults = Vec::new();
    let mut lengths: BTreeMap<String, BTreeMap<String, Duration>> = BTreeMap::new();
    for (language, name, wav) in EMBEDDED_PROMPTS {
        let length = Clip::from_wav((*name).into(), wav).map_or(Duration::ZERO, |clip| length(&clip));
        lengths.entry((*language).to_owned()).or_default().insert((*name).to_owned(), length);
    }
    for (folder, own) in folders.iter().map(|folder| (folder, folder.join(reader::PROMPTS))).filter(|(_, own)| own.is_dir()) {
        for language in entries(&own, &mut faults).into_iter().filter(|path| path.is_dir()) {
            for file in entries(&language, &mut faults).into_iter().filter(|file| file.extension().is_some_and(|end| end == "wav")) {
                let stem = |path: &Path| path.file_stem().and_then(|name| name.to_str()).map(str::to_owned);
                let (Some(code), Some(name)) = (language.file_name().and_then(|name| name.to_str()), stem(&file)) else { continue };
                let clip = reader::recording(folder, &file).and_then(|bytes| sounds::clip(&name, &file, &bytes));
                let length = match clip {
                    Ok(clip) => length(&clip),
                    Err(fault) if fault.why.is_left_out() => continue,
                    Err(fault) => {
                        faults.push(fault);
                        Duration::ZERO
                    }
                };
                lengths.entry(code.to_owned()).or_default().insert(name, length);
            }
        }
    }
    let names = lengths.iter().map(|(language, known)| (language.clone(), known.keys().cloned().collect())).collect();
    Recordings { names, lengths, faults }
}

fn entries(folder: &Path, faults: &mut Vec<Fault>) -> Vec<PathBuf> {
    reader::entries(folder).unwrap_or_else(|fault| {
        faults.push(fault);
        Vec::new()
    })
}

fn length(clip: &Clip) -> Duration {
    Duration::from_millis(20) * u32::try_from(clip.frames()).unwrap_or(u32::MAX)
}

/// Puts a new text in the place of a file that still has the old one: whole or not at all, with the file's mode and owner.
///
/// # Errors
/// A link that leads out of `root`; a file that somebody changed meanwhile; what the system says.
pub fn replace_file(path: &Path, root: &Path, before: &str, after: &str) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    let (real, root) = (path.canonicalize().with_context(cannot)?, root.canonicalize().with_context(cannot)?);
    if !real.starts_with(&root) {
        bail!("{} is a link that leads out of {}: it is left as it is", path.display(), root.display());
    }
    if std::fs::read(&real).with_context(cannot)? != before.as_bytes() {
        bail!("{} was changed meanwhile: it is left as it is", path.display());
    }
    let folder = real.parent().context("a file is in a folder")?;
    let name = real.file_name().and_then(|name| name.to_str()).context("the file's name is not UTF-8")?;
    let temporary = folder.join(format!(".{name}.{}.new", std::process::id()));
    let written = write_beside(&temporary, &real, after).and_then(|()| Ok(std::fs::rename(&temporary, &real)?));
    if written.is_err() && temporary.exists() {
        std::fs::remove_file(&temporary).with_context(|| format!("cannot remove {}", temporary.display()))?;
    }
    written.with_context(cannot)?;
    File::open(folder).and_then(|folder| folder.sync_all()).with_context(cannot)
}

fn write_beside(temporary: &Path, like: &Path, text: &str) -> anyhow::Result<()> {
    let old = std::fs::metadata(like)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(temporary)?;
    let new = file.metadata()?;
    if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
        std::os::unix::fs::fchown(&file, Some(old.uid()), Some(old.gid())).context("its owner can't be kept")?;
    }
    file.set_permissions(old.permissions())?;
    file.write_all(text.as_bytes())?;
    Ok(file.sync_all()?)
}
