//! The input log's files: one run is `FILE`, `FILE.000002` and so on, each tied to the one before; the last runs are kept as `FILE.1` to `FILE.3`.

mod apart;

use crate::sealed::{Key, Kind, Own, Reader, Writer};
use anyhow::{Context, bail};
pub use apart::LogThread;
use std::path::{Path, PathBuf};

/// A file's size, after which the log goes on in the next one.
const SEGMENT: u64 = 256 << 20;
/// Earlier runs that are kept.
const OLD_RUNS: u32 = 3;
/// Digits of a file's number in its name.
const DIGITS: usize = 6;

/// How much is kept, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    segment: u64,
    total: u64,
}

impl Sizes {
    /// At most so much in all.
    pub fn at_most(total: u64) -> Self {
        Self { segment: SEGMENT, total }
    }

    #[cfg(test)]
    pub fn tiny(segment: u64, total: u64) -> Self {
        Self { segment, total }
    }
}

/// `path` with something after its name.
fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The n-th file of a run, from 1.
fn segment(run: &Path, number: u32) -> PathBuf {
    if number == 1 { run.to_path_buf() } else { suffixed(run, &format!(".{number:0DIGITS$}")) }
}

/// The n-th run before this one, which is 0.
fn old_run(base: &Path, age: u32) -> PathBuf {
    if age == 0 { base.to_path_buf() } else { suffixed(base, &format!(".{age}")) }
}

/// What follows a run's name in the names of its files.
fn suffixes(run: &Path) -> anyhow::Result<Vec<String>> {
    let dir = run.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let own = run.file_name().with_context(|| format!("{} names no file", run.display()))?.as_encoded_bytes();
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let name = entry.with_context(|| format!("cannot read {}", dir.display()))?.file_name();
        let Some(rest) = name.as_encoded_bytes().strip_prefix(own) else { continue };
        let numbered = rest.strip_prefix(b".").is_some_and(|digits| digits.len() == DIGITS && digits.iter().all(u8::is_ascii_digit));
        if rest.is_empty() || numbered {
            found.push(String::from_utf8_lossy(rest).into_owned());
        }
    }
    Ok(found)
}

/// Makes room for a new run: the last ones get one older, the oldest goes.
fn set_aside(base: &Path) -> anyhow::Result<()> {
    if base.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        bail!("{} is there already and no plain file: an input log can't be made in its place", base.display());
    }
    if suffixes(base)?.is_empty() {
        return Ok(());
    }
    let oldest = old_run(base, OLD_RUNS);
    for suffix in suffixes(&oldest)? {
        let path = suffixed(&oldest, &suffix);
        std::fs::remove_file(&path).with_context(|| format!("cannot remove the old input log {}", path.display()))?;
    }
    for age in (0..OLD_RUNS).rev() {
        let (from, to) = (old_run(base, age), old_run(base, age + 1));
        for suffix in suffixes(&from)? {
            let path = suffixed(&from, &suffix);
            std::fs::rename(&path, suffixed(&to, &suffix))
                .with_context(|| format!("cannot set the old input log {} aside", path.display()))?;
        }
    }
    tracing::info!(kept = %old_run(base, 1).display(), "the input log of the last run was set aside");
    Ok(())
}

/// The beginning of a file: its run and its number there.
fn head(run: Own, number: u32) -> Vec<u8> {
    [run.as_slice(), &number.to_le_bytes()].concat()
}

/// Writes a run's records.
pub struct LogWriter {
    base: PathBuf,
    key: Key,
    sizes: Sizes,
    run: Own,
    number: u32,
    file: Writer,
    /// In the files before.
    before: u64,
    failed: bool,
}

impl LogWriter {
    /// Begins a new run's log; earlier ones are set aside.
    ///
    /// # Errors
    /// It can't be made.
    pub fn create(base: &Path, key: &Key, sizes: Sizes) -> anyhow::Result<Self> {
        set_aside(base)?;
        Self::begin(base, key, sizes, Writer::create(base, key)?)
    }

    fn begin(base: &Path, key: &Key, sizes: Sizes, mut file: Writer) -> anyhow::Result<Self> {
        let run = file.own();
        file.append(Kind::Head, &head(run, 1))?;
        Ok(Self { base: base.to_path_buf(), key: key.clone(), sizes, run, number: 1, file, before: 0, failed: false })
    }

    /// A log on a disk that is full.
    #[cfg(test)]
    pub fn on_full_disk(key: &Key) -> Self {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        let file = Writer::begin(full, key).expect("the beginning fits into the buffer");
        Self::begin(Path::new("/dev/full"), key, Sizes::at_most(u64::MAX), file).expect("so does the head")
    }

    /// A log on a disk that stands still as long as nobody reads what it returns too.
    #[cfg(test)]
    pub fn on_disk_that_stands(key: &Key) -> (Self, std::io::PipeReader) {
        let (reader, writer) = std::io::pipe().expect("the system has one left");
        let file = Writer::begin(std::os::fd::OwnedFd::from(writer).into(), key).expect("the beginning fits into the buffer");
        (Self::begin(Path::new("pipe"), key, Sizes::at_most(u64::MAX), file).expect("so does the head"), reader)
    }

    /// Appends a record; nothing more is to be appended after an error.
    ///
    /// # Errors
    /// The disk is full, or the next file can't be made.
    pub fn append(&mut self, record: &[u8]) -> anyhow::Result<()> {
        let appended = self.try_append(record);
        self.failed |= appended.is_err();
        appended
    }

    fn try_append(&mut self, record: &[u8]) -> anyhow::Result<()> {
        if self.file.written() >= self.sizes.segment {
            self.go_on()?;
        }
        Ok(self.file.append(Kind::Record, record)?)
    }

    /// The next file stands, beginning and all, before this one says that there is one.
    fn go_on(&mut self) -> anyhow::Result<()> {
        let number = self.number + 1;
        let path = segment(&self.base, number);
        let mut next = Writer::create(&path, &self.key)?;
        next.append(Kind::Head, &head(self.run, number)).and_then(|()| next.flush())?;
        self.file.append(Kind::Next, &next.own()).and_then(|()| self.file.flush())?;
        self.before += self.file.written();
        (self.file, self.number) = (next, number);
        Ok(())
    }

    /// Hands all that was appended to the system, so that it survives the process.
    ///
    /// # Errors
    /// The disk is full.
    pub fn flush(&mut self) -> anyhow::Result<()> {
        let flushed = self.file.flush();
        self.failed |= flushed.is_err();
        Ok(flushed?)
    }

    /// Whether all files together have reached their limit.
    pub fn is_full(&self) -> bool {
        self.written() >= self.sizes.total
    }

    /// Bytes in all files.
    pub fn written(&self) -> u64 {
        self.before + self.file.written()
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        if !self.failed
            && let Err(error) = self.file.flush()
        {
            tracing::warn!(%error, "the end of the input log could not be written");
        }
    }
}

/// Reads a run's records, file after file.
pub struct LogReader {
    base: PathBuf,
    key: Key,
    run: Own,
    number: u32,
    file: Reader,
}

impl LogReader {
    /// Opens a run by its first file.
    ///
    /// # Errors
    /// It can't be read, or is not the first.
    pub fn open(base: &Path, key: &Key) -> anyhow::Result<Self> {
        let mut file = Reader::open(base, key)?;
        let (run, number) = read_head(&mut file)?;
        anyhow::ensure!(number == 1, "{} is file {number} of its log: name the first", base.display());
        Ok(Self { base: base.to_path_buf(), key: key.clone(), run, number, file })
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// A file that is missing, damaged, sealed by another key, or not the one that belongs there, by name.
    pub fn next(&mut self) -> anyhow::Result<Option<Vec<u8>>> {
        loop {
            match self.file.next()? {
                Some((Kind::Record, record)) => return Ok(Some(record)),
                Some((Kind::Next, own)) => self.go_on(&own)?,
                Some((Kind::Head, _)) => bail!("{} begins twice", self.file.path().display()),
                None => return self.end(),
            }
        }
    }

    fn go_on(&mut self, own: &[u8]) -> anyhow::Result<()> {
        let (number, here) = (self.number + 1, self.file.path().display().to_string());
        let path = segment(&self.base, number);
        let shown = path.display();
        anyhow::ensure!(path.exists(), "{shown} is missing: {here} goes on there");
        let mut next = Reader::open(&path, &self.key)?;
        let (run, found) = read_head(&mut next)?;
        anyhow::ensure!(run == self.run, "{shown} is of another run than {here}");
        anyhow::ensure!(found == number, "{shown} is file {found} of its log, not {number}");
        anyhow::ensure!(next.own() == own, "{shown} is not the file that follows {here}");
        (self.file, self.number) = (next, number);
        Ok(())
    }

    /// A file that does not say that it goes on is the last one; the next may have been begun when the process was killed.
    fn end(&self) -> anyhow::Result<Option<Vec<u8>>> {
        let path = segment(&self.base, self.number + 1);
        let begun = path.metadata().is_ok_and(|found| found.len() > 0);
        if begun {
            let mut next = Reader::open(&path, &self.key)?;
            read_head(&mut next)?;
            anyhow::ensure!(next.next()?.is_none(), "{} is cut short: {} goes on", self.file.path().display(), path.display());
        }
        Ok(None)
    }
}

fn read_head(file: &mut Reader) -> anyhow::Result<(Own, u32)> {
    let found = file.next()?;
    let head = found.filter(|(kind, _)| *kind == Kind::Head).and_then(|(_, head)| {
        let (run, number) = head.split_first_chunk::<8>()?;
        Some((*run, u32::from_le_bytes(number.try_into().ok()?)))
    });
    head.with_context(|| format!("{} has no beginning", file.path().display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A directory with a key, and the name of a log in it.
    struct Place {
        dir: tempfile::TempDir,
        key: Key,
    }

    impl Place {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let key = Key::read_or_make(&dir.path().join("key")).unwrap();
            Self { dir, key }
        }

        fn log(&self) -> PathBuf {
            self.dir.path().join("inputs")
        }

        /// Writes a run of records `0..count`, each of 100 bytes that say `mark`.
        fn write(&self, mark: u8, count: u32) {
            let mut writer = LogWriter::create(&self.log(), &self.key, Sizes::tiny(1_000, u64::MAX)).unwrap();
            (0..count).for_each(|n| writer.append(&[n.to_le_bytes().as_slice(), &[mark; 96]].concat()).unwrap());
        }

        fn read(&self, log: &Path) -> Result<Vec<Vec<u8>>, String> {
            let mut reader = LogReader::open(log, &self.key).map_err(|error| error.to_string())?;
            let mut records = Vec::new();
            while let Some(record) = reader.next().map_err(|error| error.to_string())? {
                records.push(record);
            }
            Ok(records)
        }

        fn names(&self) -> Vec<String> {
            let entries = std::fs::read_dir(self.dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
            let mut names: Vec<_> = entries.filter(|name| name != "key").collect();
            names.sort();
            names
        }

        fn file(&self, name: &str) -> PathBuf {
            self.dir.path().join(name)
        }
    }

    #[test]
    fn a_log_goes_on_in_files_that_only_their_owner_reads_and_is_read_back_by_the_first() {
        let place = Place::new();
        place.write(7, 30);
        assert_eq!(place.names(), ["inputs", "inputs.000002", "inputs.000003", "inputs.000004"]);
        for name in place.names() {
            assert_eq!(place.file(&name).metadata().unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        }
        let records = place.read(&place.log()).unwrap();
        let counts: Vec<u32> = records.iter().map(|record| u32::from_le_bytes(record[..4].try_into().unwrap())).collect();
        assert_eq!(counts, (0..30).collect::<Vec<_>>());
        assert!(place.read(&place.file("inputs.000002")).unwrap_err().contains("name the first"));
    }

    #[test]
    fn a_file_that_is_missing_swapped_from_another_run_or_cut_short_is_named() {
        let place = Place::new();
        place.write(7, 30);
        place.write(8, 30);
        let [second, third] = ["inputs.000002", "inputs.000003"].map(|name| place.file(name));
        let good = std::fs::read(&third).unwrap();
        let wrong = |bytes: Option<Vec<u8>>, path: &Path, words: &str| {
            let before = std::fs::read(path).unwrap();
            match bytes {
                Some(bytes) => std::fs::write(path, bytes).unwrap(),
                None => std::fs::remove_file(path).unwrap(),
            }
            let error = place.read(&place.log()).unwrap_err();
            assert!(error.contains(words), "{error}");
            std::fs::write(path, before).unwrap();
        };
        wrong(None, &third, "inputs.000003 is missing");
        wrong(Some(good.clone()), &second, "inputs.000002 is file 3 of its log, not 2");
        wrong(Some(std::fs::read(place.file("inputs.1.000003")).unwrap()), &third, "inputs.000003 is of another run");
        wrong(Some(good[..500].to_vec()), &third, "inputs.000003 is cut short");
        wrong(Some(Vec::new()), &third, "inputs.000003 is no input log");
        assert_eq!(place.read(&place.log()).unwrap().len(), 30, "all is as it was");
    }

    #[test]
    fn a_run_killed_while_it_began_its_next_file_ends_there() {
        let place = Place::new();
        place.write(7, 8);
        let mut writer = Writer::create(&place.file("inputs.000002"), &place.key).unwrap();
        writer.append(Kind::Head, &head([0; 8], 2)).unwrap();
        drop(writer);
        assert_eq!(place.read(&place.log()).unwrap().len(), 8);
        std::fs::write(place.file("inputs.000002"), b"").unwrap();
        assert_eq!(place.read(&place.log()).unwrap().len(), 8);
    }

    #[test]
    fn a_new_run_overwrites_no_old_one_and_the_last_three_are_kept() {
        let place = Place::new();
        for (mark, count) in [(1, 30), (2, 3), (3, 12), (4, 3), (5, 3)] {
            place.write(mark, count);
        }
        assert_eq!(place.names(), ["inputs", "inputs.1", "inputs.2", "inputs.2.000002", "inputs.3"]);
        let marks = ["inputs", "inputs.1", "inputs.2", "inputs.3"].map(|name| place.read(&place.file(name)).unwrap()[0][50]);
        assert_eq!(marks, [5, 4, 3, 2]);
        assert_eq!(place.read(&place.file("inputs.2")).unwrap().len(), 12);
    }

    #[test]
    fn what_is_no_plain_file_is_not_set_aside() {
        let place = Place::new();
        std::os::unix::fs::symlink("/dev/null", place.log()).unwrap();
        let error = LogWriter::create(&place.log(), &place.key, Sizes::at_most(1)).err().unwrap();
        assert!(error.to_string().contains("no plain file"), "{error}");
        assert_eq!(place.names(), ["inputs"]);
    }

    #[test]
    fn files_with_similar_names_are_left_alone() {
        let place = Place::new();
        for other in ["inputs.txt", "inputs.4", "inputs.00001", "inputs2", "my-inputs"] {
            std::fs::write(place.file(other), b"mine").unwrap();
        }
        (1..=5).for_each(|mark| place.write(mark, 3));
        for other in ["inputs.txt", "inputs.4", "inputs.00001", "inputs2", "my-inputs"] {
            assert_eq!(std::fs::read(place.file(other)).unwrap(), b"mine");
        }
    }
}
