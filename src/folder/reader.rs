//! Reads the files of a folder of rules so that nothing in it can hold up or break the reader: each file is looked at before it is opened,
//! opened without waiting, and read up to a limit.

use hotline_model::Lang;
use hotline_rules::{Diagnostic, FileFault, FileKind, MOST_BYTES, MOST_FILE_BYTES, MOST_FILES, Said, Source};
use std::collections::BTreeMap;
use std::fs::{File, FileType, Metadata};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The folder of tests inside that of the rules.
pub const TESTS: &str = "tests";
/// The folder of sounds inside that of the rules.
pub const PROMPTS: &str = "prompts";
/// The files that are read.
const ENDINGS: [Ending; 2] =
    [Ending { name: "toml", most: MOST_FILE_BYTES, lossy: false }, Ending { name: "csv", most: MOST_BYTES, lossy: true }];

/// How a file is called that is read, and how it is.
#[derive(Clone, Copy, Debug)]
struct Ending {
    name: &'static str,
    /// Most bytes.
    most: u64,
    /// What is no UTF-8 becomes a mark, of which the rules tell.
    lossy: bool,
}

fn ending_of(path: &Path) -> Option<Ending> {
    ENDINGS.into_iter().find(|ending| path.extension().is_some_and(|found| found == ending.name))
}

/// A folder or file that can't be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its path.
    pub path: PathBuf,
    /// Why.
    pub why: FileFault,
}

impl Fault {
    fn new(path: &Path, why: FileFault) -> Self {
        Self { path: path.to_owned(), why }
    }

    fn io(path: &Path, error: &std::io::Error) -> Self {
        Self::new(path, FileFault::Unreadable(error.to_string()))
    }

    /// As findings about it show it.
    pub fn source(&self) -> Source {
        self.why.source(&self.path.display().to_string())
    }

    /// In a sentence that names it.
    pub fn in_words(&self) -> Said {
        self.why.in_words(&self.path.display().to_string())
    }
}

/// What a folder has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// The files, in the order of their paths.
    pub sources: Vec<Source>,
    /// What is not among them though it is named so.
    pub faults: Vec<Fault>,
}

impl Texts {
    /// The files with the faulty ones behind them, of which no more than the line with the fault, and a finding about each of those.
    pub fn with_findings(self) -> (Vec<Source>, Vec<Diagnostic>) {
        let Self { mut sources, faults } = self;
        let mut found = Vec::new();
        for fault in faults {
            found.push(fault.why.finding(sources.len()));
            sources.push(fault.source());
        }
        (sources, found)
    }

    /// The first fault for which the others can't be used.
    pub fn refused(&self) -> Option<&Fault> {
        self.faults.iter().find(|fault| !fault.why.is_left_out())
    }
}

/// What tells whether a file may have changed: its inode, size, and when it was last written or changed, in nanoseconds.
pub type Stamp = (u64, u64, i128, i128);

/// Reads the rules of a folder: its `.toml` and `.csv` files and those of its folders, but `tests`, `prompts` and hidden ones.
pub fn rules(dir: &Path) -> Texts {
    read(dir, |place, name| place == Place::Top && !matches!(name, TESTS | PROMPTS))
}

/// Reads the tests of a folder of rules; none if there is no folder of them.
pub fn tests(dir: &Path) -> Texts {
    let tests = dir.join(TESTS);
    let mut texts = if tests.is_dir() { read_below(dir, &tests, |_, _| false) } else { Texts::default() };
    texts.sources.retain(|source| !source.is_sheet());
    texts
}

/// When each file of rules, of tests and of sound was changed last, without reading any.
pub fn stamps(dir: &Path) -> BTreeMap<PathBuf, Stamp> {
    let mut found = Found::default();
    found.look(dir, dir, Place::Top, &|place, name| place == Place::Top && name != PROMPTS);
    let mut stamps: BTreeMap<PathBuf, Stamp> = found.files.into_iter().filter_map(|path| Some((path.clone(), stamp(&path)?))).collect();
    stamps.append(&mut super::sounds::stamps(dir));
    stamps
}

/// The stamp of a file, if there is one.
pub fn stamp(path: &Path) -> Option<Stamp> {
    let meta = std::fs::metadata(path).ok()?;
    let nanos = |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    let (written, changed) = (nanos(meta.mtime(), meta.mtime_nsec()), nanos(meta.ctime(), meta.ctime_nsec()));
    Some((meta.ino(), meta.size(), written, changed))
}

/// Reads the bytes of a regular file inside a folder, at most so many.
///
/// # Errors
/// What it is instead, or that it is too large, or leads out of the folder.
pub fn bytes(root: &Path, path: &Path, most: u64) -> Result<Vec<u8>, Fault> {
    let io = |error: std::io::Error| Fault::io(path, &error);
    let nowhere = |error: std::io::Error| match path.read_link() {
        Ok(to) if error.kind() == std::io::ErrorKind::NotFound => Fault::new(path, FileFault::LeadsNowhere(to.display().to_string())),
        Ok(_) | Err(_) => Fault::io(path, &error),
    };
    let (real, inside) = (path.canonicalize().map_err(nowhere)?, root.canonicalize().map_err(io)?);
    if !real.starts_with(inside) {
        return Err(Fault::new(path, FileFault::LeadsOut(real.display().to_string())));
    }
    regular(path, &std::fs::metadata(&real).map_err(io)?)?;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
    let opened = rustix::fs::open(&real, flags, rustix::fs::Mode::empty()).map_err(|error| io(error.into()))?;
    let file = File::from(opened);
    // It may be another file by now.
    regular(path, &file.metadata().map_err(io)?)?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > most { Err(Fault::new(path, FileFault::TooLarge)) } else { Ok(bytes) }
}

/// The same of a recording.
///
/// # Errors
/// As [`bytes`].
pub fn recording(root: &Path, path: &Path) -> Result<Vec<u8>, Fault> {
    let of_sound =
        |fault: Fault| if fault.why == FileFault::TooLarge { Fault { why: FileFault::RecordingTooLarge, ..fault } } else { fault };
    bytes(root, path, MOST_FILE_BYTES).map_err(of_sound)
}

/// The names in a folder, in order; hidden ones are left out.
///
/// # Errors
/// It can't be read.
pub fn entries(dir: &Path) -> Result<Vec<PathBuf>, Fault> {
    let gone = |error: &std::io::Error| error.kind() == std::io::ErrorKind::NotFound;
    let io = |error: std::io::Error| if gone(&error) { Fault::new(dir, FileFault::Missing) } else { Fault::io(dir, &error) };
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(io)? {
        entries.push(entry.map_err(io)?.path());
    }
    entries.retain(|path| !name(path).starts_with('.'));
    entries.sort();
    Ok(entries)
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn regular(path: &Path, meta: &Metadata) -> Result<(), Fault> {
    match kind(meta.file_type()) {
        None => Ok(()),
        Some(kind) => Err(Fault::new(path, FileFault::NotAFile(kind))),
    }
}

/// What it is; `None` for a regular file.
fn kind(of: FileType) -> Option<FileKind> {
    match of {
        of if of.is_file() => None,
        of if of.is_dir() => Some(FileKind::Directory),
        of if of.is_fifo() => Some(FileKind::Pipe),
        of if of.is_socket() => Some(FileKind::Socket),
        _ => Some(FileKind::Device),
    }
}

/// How deep in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Top,
    Below,
}

/// What a folder has, before any of it is read.
#[derive(Default)]
struct Found {
    files: Vec<PathBuf>,
    faults: Vec<Fault>,
}

/// Where a link to a folder leads, if that is one of those inside of `root` that are read without it, or `root` itself.
fn read_anyway(root: &Path, link: &Path) -> Option<String> {
    let to = link.read_link().ok()?;
    let (real, inside) = (link.canonicalize().ok()?, root.canonicalize().ok()?);
    let within = real.strip_prefix(&inside).ok()?;
    let hidden = within.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.'));
    (!hidden).then(|| to.display().to_string())
}

impl Found {
    fn look(&mut self, root: &Path, dir: &Path, place: Place, enters: &impl Fn(Place, &str) -> bool) {
        let entries = match entries(dir) {
            Ok(entries) => entries,
            Err(fault) => return self.faults.push(fault),
        };
        for path in entries {
            let named_so = ending_of(&path).is_some();
            let is_folder = path.is_dir();
            if named_so && is_folder {
                self.faults.push(Fault::new(&path, FileFault::NotAFile(FileKind::Directory)));
            } else if named_so && self.files.len() >= MOST_FILES {
                return self.faults.push(Fault::new(&path, FileFault::TooMany));
            } else if named_so {
                self.files.push(path);
            } else if is_folder && enters(place, name(&path)) {
                match read_anyway(root, &path) {
                    Some(to) => self.faults.push(Fault::new(&path, FileFault::ReadAnyway(to))),
                    None => self.look(root, &path, Place::Below, enters),
                }
            } else if is_folder && !matches!(name(&path), TESTS | PROMPTS) && has_rules(&path) {
                self.faults.push(Fault::new(&path, FileFault::TooDeep));
            }
        }
    }
}

fn has_rules(dir: &Path) -> bool {
    entries(dir).is_ok_and(|inside| inside.iter().any(|path| path.extension().is_some_and(|ending| ending == "toml") && path.is_file()))
}

fn read(dir: &Path, enters: impl Fn(Place, &str) -> bool) -> Texts {
    read_below(dir, dir, enters)
}

fn read_below(root: &Path, dir: &Path, enters: impl Fn(Place, &str) -> bool) -> Texts {
    let mut found = Found::default();
    found.look(root, dir, Place::Top, &enters);
    let mut texts = Texts { sources: Vec::new(), faults: found.faults };
    let mut size = 0;
    for (path, ending) in found.files.into_iter().filter_map(|path| ending_of(&path).map(|ending| (path, ending))) {
        match bytes(root, &path, ending.most).and_then(|bytes| text(&path, bytes, ending)) {
            Ok(text) => {
                size += text.len() as u64;
                if size > MOST_BYTES {
                    texts.faults.push(Fault::new(&path, FileFault::TooMuch));
                    break;
                }
                texts.sources.push(Source { path: path.display().to_string(), text });
            }
            Err(fault) => texts.faults.push(fault),
        }
    }
    texts.sources.sort_by(|a, b| a.path.cmp(&b.path));
    texts
}

fn text(path: &Path, bytes: Vec<u8>, ending: Ending) -> Result<String, Fault> {
    if ending.lossy {
        return Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()));
    }
    hotline_rules::text(bytes).map_err(|why| Fault::new(path, why))
}

/// A folder without rules, in words.
pub fn no_rules(dir: &Path) -> Said {
    let dir = dir.display();
    Said {
        en: format!("no rules: {dir} has no .toml file (set rules.dir, or start in the project's folder)").into(),
        zh: format!("没有规则：{dir} 中没有 .toml 文件（请设置 rules.dir，或在项目文件夹中启动）").into(),
    }
}

/// As an error for a command.
pub fn said(words: &Said, lang: Lang) -> anyhow::Error {
    anyhow::anyhow!("{}", words.of(lang))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn put(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
            let path = self.0.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        }

        fn read(&self) -> (Vec<String>, Vec<(String, FileFault)>) {
            let Texts { sources, faults } = rules(self.0.path());
            let short = |path: &Path| path.strip_prefix(self.0.path()).unwrap().display().to_string();
            let names = sources.iter().map(|source| short(Path::new(&source.path))).collect();
            (names, faults.into_iter().map(|fault| (short(&fault.path), fault.why)).collect())
        }
    }

    fn left_out(name: &str, kind: FileKind) -> (String, FileFault) {
        (name.to_owned(), FileFault::NotAFile(kind))
    }

    #[test]
    fn what_is_no_regular_file_is_left_out_without_waiting_for_it() {
        let folder = Folder::new();
        folder.put("a.toml", "x = 1");
        folder.put("more/b.toml", "y = 1");
        folder.put("b.toml/inner.toml", "z = 1");
        let at = |name: &str| folder.0.path().join(name);
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe.toml"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let _socket = UnixListener::bind(at("socket.toml")).unwrap();
        std::os::unix::fs::symlink("pipe.toml", at("to-pipe.toml")).unwrap();
        let (names, faults) = folder.read();
        assert_eq!(names, ["a.toml", "more/b.toml"]);
        let expected = [
            left_out("b.toml", FileKind::Directory),
            left_out("pipe.toml", FileKind::Pipe),
            left_out("socket.toml", FileKind::Socket),
            left_out("to-pipe.toml", FileKind::Pipe),
        ];
        assert_eq!(faults, expected);
    }

    #[test]
    fn links_are_followed_inside_of_the_folder_and_not_out_of_it() {
        let (folder, other) = (Folder::new(), Folder::new());
        let outside = other.put("x.toml", "x = 1");
        folder.put("..2026/a.toml", "x = 1");
        let at = |name: &str| folder.0.path().join(name);
        let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, at(name)).unwrap();
        link(Path::new("..2026"), "..data");
        link(Path::new("..data/a.toml"), "a.toml");
        link(&outside, "out.toml");
        link(Path::new("/dev/zero"), "zero.toml");
        link(Path::new("nowhere.toml"), "gone.toml");
        let (names, faults) = folder.read();
        assert_eq!(names, ["a.toml"], "as Kubernetes mounts a ConfigMap");
        let [(gone, FileFault::LeadsNowhere(_)), (out, FileFault::LeadsOut(to)), (zero, FileFault::LeadsOut(_))] = &faults[..] else {
            panic!("{faults:?}")
        };
        assert_eq!((&**gone, &**out, &**zero), ("gone.toml", "out.toml", "zero.toml"));
        assert_eq!(Path::new(to), outside.canonicalize().unwrap());
    }

    #[test]
    fn a_link_to_a_folder_that_is_read_anyway_is_named_and_left_out() {
        let folder = Folder::new();
        folder.put("a.toml", "x = 1");
        folder.put("more/b.toml", "y = 1");
        folder.put(".old/c.toml", "z = 1");
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, folder.0.path().join(name)).unwrap();
        link(".", "loop");
        link("more", "again");
        link(".old", "old");
        let (names, faults) = folder.read();
        assert_eq!(names, ["a.toml", "more/b.toml", "old/c.toml"]);
        let left_out = |name: &str, to: &str| (name.to_owned(), FileFault::ReadAnyway(to.to_owned()));
        assert_eq!(faults, [left_out("again", "more"), left_out("loop", ".")]);
        assert!(stamps(folder.0.path()).len() == 3);
    }

    #[test]
    fn a_file_beyond_the_limit_is_named_and_never_read_whole() {
        let folder = Folder::new();
        let path = folder.put("big.toml", "");
        File::options().write(true).open(&path).unwrap().set_len(1 << 40).unwrap();
        folder.put("exact.toml", vec![b'#'; MOST_FILE_BYTES as usize]);
        let (names, faults) = folder.read();
        assert_eq!((names, faults), (vec!["exact.toml".to_owned()], vec![("big.toml".to_owned(), FileFault::TooLarge)]));
    }

    #[test]
    fn all_files_together_have_a_limit_in_bytes_and_in_number() {
        let folder = Folder::new();
        for n in 0..9 {
            folder.put(&format!("{n}.toml"), vec![b'#'; MOST_FILE_BYTES as usize]);
        }
        let (names, faults) = folder.read();
        assert_eq!((names.len(), &*faults), (8, &[("8.toml".to_owned(), FileFault::TooMuch)][..]));
        let many = Folder::new();
        (0..=MOST_FILES).for_each(|n| drop(many.put(&format!("{n:04}.toml"), "")));
        let (names, faults) = many.read();
        assert_eq!((names.len(), &*faults), (MOST_FILES, &[("2000.toml".to_owned(), FileFault::TooMany)][..]));
    }

    #[test]
    fn a_file_in_another_encoding_is_named_with_line_and_column() {
        let folder = Folder::new();
        folder.put("gbk.toml", b"\nname = \"\xbf\xcd\xb7\xfe\"");
        folder.put(".hidden.toml", b"\xff");
        folder.put("notes.txt", b"\xff");
        let (sources, found) = rules(folder.0.path()).with_findings();
        let [one] = &found[..] else { panic!("{found:?}") };
        assert_eq!((one.code, one.line_and_column(&sources)), ("HL195", (2, 9)));
        assert!(sources[one.file].path.ends_with("gbk.toml"));
    }

    #[test]
    fn stamps_change_with_every_file_of_rules_and_tests() {
        let folder = Folder::new();
        folder.put("a.toml", "x = 1");
        folder.put("prompts/en/welcome.toml", "");
        let before = stamps(folder.0.path());
        assert_eq!(before.len(), 1);
        folder.put("tests/t.toml", "");
        folder.put("a.toml", "x = 22");
        let after = stamps(folder.0.path());
        assert!(after.len() == 2, "what is no sound is none of the prompts: {after:?}");
        assert!(after.values().all(|stamp| !before.values().any(|before| before == stamp)), "{after:?}");
    }
}
