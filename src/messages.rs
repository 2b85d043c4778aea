//! The files of messages that callers leave: a thread of their own writes what the recorders make, off the way of RTP, and destroys what
//! is older than the rules keep it (R129). Each file is a WAV that can be read at any moment: its header is right after every write.

mod unwanted;

pub use unwanted::sweep_unwanted;

use crate::keep::Years;
use crate::media_worker::MediaHandle;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use hotline_media::{StreamId, Take};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// Takes that may wait for the disk: 6 s of a thousand recordings; beyond it a recording fails, and says so.
pub const WAITING: usize = 32_768;
/// Left free for the journal and the records (F4).
const RESERVE: u64 = 64 << 20;
/// How often old files are looked for, and how many are destroyed at once.
const SWEEP: Duration = Duration::from_secs(3_600);
const AT_ONCE: usize = 1_000;
/// Bytes of a WAV header, and where its two lengths stand.
const HEADER: u64 = 44;
const RIFF_LENGTH: u64 = 4;
const DATA_LENGTH: u64 = 40;
/// Bytes of a sample.
const SAMPLE: u64 = 2;
/// The folder of those that only cleared people may hear (R68).
const RESTRICTED: &str = "restricted";

/// Whoever puts a link among the recordings doesn't lead us elsewhere (`O_NOFOLLOW` of open(2)).
const NO_LINK: i32 = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();

/// Where messages are kept.
pub fn folder(data: &Path) -> PathBuf {
    data.join("messages")
}

/// Writes what comes until nobody records any more.
pub fn keep_all(data: &Path, takes: &Receiver<Taken>, media: &MediaHandle, years: &Years) {
    let mut desk = Desk { dir: folder(data), open: BTreeMap::new(), trouble: false };
    let mut due = Due(Instant::now());
    loop {
        if due.has_come(Instant::now()) {
            desk.sweep(years);
        }
        match takes.recv_deadline(due.0) {
            Ok((stream, take)) => {
                if let Err(error) = desk.take(stream, take) {
                    desk.tell(&error);
                    desk.open.remove(&stream);
                    media.record_failed(stream);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// When old files are looked for next, however many messages come meanwhile.
struct Due(Instant);

impl Due {
    fn has_come(&mut self, now: Instant) -> bool {
        let has_come = now >= self.0;
        if has_come {
            self.0 = now + SWEEP;
        }
        has_come
    }
}

/// What a recorder took, of which stream.
pub type Taken = (StreamId, Take);

/// A way for recordings, and its other end.
pub fn way() -> (Sender<Taken>, Receiver<Taken>) {
    crossbeam_channel::bounded(WAITING)
}

struct Desk {
    dir: PathBuf,
    open: BTreeMap<StreamId, Recording>,
    /// The last write failed, which was told.
    trouble: bool,
}

struct Recording {
    file: File,
    bytes: u64,
}

impl Desk {
    fn take(&mut self, stream: StreamId, take: Take) -> io::Result<()> {
        match take {
            Take::Begin { file } => {
                let recording = self.begin(&file)?;
                self.open.insert(stream, recording);
                self.trouble = false;
                Ok(())
            }
            // It failed before, and the recorder has been told.
            Take::Sound { samples } => match self.open.get_mut(&stream) {
                Some(recording) => has_room(&self.dir).and_then(|()| recording.append(&samples)),
                None => Ok(()),
            },
            Take::End { cut } => match self.open.remove(&stream) {
                Some(recording) => recording.end(cut),
                None => Ok(()),
            },
            Take::Discard { file } => {
                self.open.remove(&stream);
                let path = self.dir.join(&*file);
                if let Err(error) = remove(&path) {
                    tracing::error!(path = %path.display(), %error, "what is no message can't be deleted (R129)");
                }
                Ok(())
            }
        }
    }

    fn begin(&self, name: &str) -> io::Result<Recording> {
        let path = self.dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(&self.dir))?;
        has_room(&self.dir)?;
        Recording::open(&path)
    }

    fn tell(&mut self, error: &io::Error) {
        if !std::mem::replace(&mut self.trouble, true) {
            tracing::error!(dir = %self.dir.display(), %error, "messages of callers can't be stored");
        }
    }

    /// R129: what is older than the rules keep it goes, so many at a time.
    fn sweep(&self, years: &Years) {
        let Some(before) = years.recordings_before() else { return };
        let mut swept = Swept::default();
        for dir in [self.dir.clone(), self.dir.join(RESTRICTED)] {
            swept.destroy(&dir, before, AT_ONCE);
        }
        if swept.gone > 0 {
            tracing::info!(gone = swept.gone, "old messages were destroyed (retention.recordings)");
        }
        if let Some((path, error)) = &swept.first {
            let (path, kept) = (path.display(), swept.kept);
            tracing::error!(kept, %path, %error, "old messages can't be destroyed, though the rules say so (retention.recordings, R129)");
        }
    }
}

/// What became of recordings that are to be destroyed.
#[derive(Default)]
struct Swept {
    gone: usize,
    /// Could not be destroyed, or looked at.
    kept: usize,
    /// The first of these.
    first: Option<(PathBuf, io::Error)>,
}

impl Swept {
    /// Destroys the recordings of a folder that are older, until so many are gone in all.
    fn destroy(&mut self, dir: &Path, before: SystemTime, most: usize) {
        let entries = match std::fs::read_dir(dir) {
            Ok(entries) => entries,
            // Nobody has left a message yet.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return self.keep(dir, error),
        };
        for entry in entries {
            if self.gone >= most {
                return;
            }
            let path = match entry {
                Ok(entry) => entry.path(),
                Err(error) => return self.keep(dir, error),
            };
            if path.extension().is_none_or(|end| end != "wav") {
                continue;
            }
            // A link is as old as itself, and it is what goes: where it leads is no recording of ours.
            let destroyed = path.symlink_metadata().and_then(|facts| facts.modified()).and_then(|written| {
                let old = written < before;
                if old { std::fs::remove_file(&path).map(|()| true) } else { Ok(false) }
            });
            match destroyed {
                Ok(gone) => self.gone += usize::from(gone),
                // Somebody deleted it meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => self.keep(&path, error),
            }
        }
    }

    fn keep(&mut self, path: &Path, error: io::Error) {
        self.kept += 1;
        self.first.get_or_insert_with(|| (path.to_owned(), error));
    }
}

/// How long a recording is, in milliseconds; `None` if it can't be looked at.
pub fn length_ms(path: &Path) -> Option<u32> {
    let bytes = path.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?.len().saturating_sub(HEADER);
    u32::try_from(bytes / SAMPLE / 8).ok()
}

/// A recording.
///
/// # Errors
/// It is not there, or is no file of ours but a link.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut sound = Vec::new();
    OpenOptions::new().read(true).custom_flags(NO_LINK).open(path)?.read_to_end(&mut sound)?;
    Ok(sound)
}

/// Deletes a recording; one that is not there is gone.
pub fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The disk keeps what the journal needs.
fn has_room(dir: &Path) -> io::Result<()> {
    let disk = rustix::fs::statvfs(dir)?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free < RESERVE { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
}

impl Recording {
    /// A new file, or one that a crash cut short, at its end.
    fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(NO_LINK).open(path)?;
        let length = file.metadata()?.len();
        let bytes = length.saturating_sub(HEADER) / SAMPLE * SAMPLE;
        file.write_all_at(&header(), 0)?;
        let recording = Self { file, bytes };
        recording.mend()?;
        Ok(recording)
    }

    fn append(&mut self, samples: &[i16]) -> io::Result<()> {
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        self.file.write_all_at(&bytes, HEADER + self.bytes)?;
        self.bytes += bytes.len() as u64;
        self.mend()
    }

    fn end(mut self, cut: u64) -> io::Result<()> {
        self.bytes = self.bytes.saturating_sub(cut.saturating_mul(SAMPLE));
        self.file.set_len(HEADER + self.bytes)?;
        self.mend()?;
        self.file.sync_data()
    }

    /// Writes the lengths as they are.
    fn mend(&self) -> io::Result<()> {
        let length = u32::try_from(self.bytes).unwrap_or(u32::MAX - 36);
        self.file.write_all_at(&(length + 36).to_le_bytes(), RIFF_LENGTH)?;
        self.file.write_all_at(&length.to_le_bytes(), DATA_LENGTH)
    }
}

/// 16 bit, mono, 8 kHz, with nothing in it.
fn header() -> [u8; HEADER as usize] {
    let mut header = [0; HEADER as usize];
    let parts: [(usize, &[u8]); 5] = [
        (0, b"RIFF"),
        (8, b"WAVEfmt \x10\0\0\0\x01\0\x01\0"),
        (24, &8_000u32.to_le_bytes()),
        (28, &16_000u32.to_le_bytes()),
        (32, b"\x02\0\x10\0data"),
    ];
    for (at, bytes) in parts {
        header[at..at + bytes.len()].copy_from_slice(bytes);
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk(dir: &Path) -> Desk {
        Desk { dir: dir.to_path_buf(), open: BTreeMap::new(), trouble: false }
    }

    fn samples(path: &Path) -> Vec<i16> {
        let mut reader = hound::WavReader::open(path).expect("it is a WAV");
        let spec = reader.spec();
        assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (1, 8_000, 16));
        reader.samples::<i16>().map(|sample| sample.expect("every sample is there")).collect()
    }

    #[test]
    fn a_message_can_be_read_after_every_write_and_ends_without_its_silence() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (mut desk, stream, path) = (desk(dir.path()), StreamId(7), dir.path().join("restricted/1-0-3.wav"));
        desk.take(stream, Take::Begin { file: "restricted/1-0-3.wav".into() }).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        for part in 1..=3i16 {
            desk.take(stream, Take::Sound { samples: vec![part; 1_600] }).unwrap();
            assert_eq!(samples(&path).len(), usize::from(part.unsigned_abs()) * 1_600);
        }
        desk.take(stream, Take::End { cut: 800 }).unwrap();
        assert_eq!(samples(&path)[..], [vec![1; 1_600], vec![2; 1_600], vec![3; 800]].concat()[..]);
        assert_eq!((length_ms(&path), length_ms(&dir.path().join("nowhere"))), (Some(500), None));
        desk.take(stream, Take::Sound { samples: vec![9; 10] }).unwrap();
        assert_eq!(samples(&path).len(), 4_000, "nothing follows its end");
    }

    #[test]
    fn after_a_crash_it_goes_on_in_its_file_wherever_that_was_cut() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("1-0-3.wav");
        let mut before = desk(dir.path());
        before.take(StreamId(7), Take::Begin { file: "1-0-3.wav".into() }).unwrap();
        before.take(StreamId(7), Take::Sound { samples: vec![5; 1_600] }).unwrap();
        drop(before);
        for cut in [0, 10, 44, 45, 1_001] {
            let copy = dir.path().join("cut.wav");
            std::fs::write(&copy, &std::fs::read(&path).unwrap()[..cut]).unwrap();
            let mut after = desk(dir.path());
            after.take(StreamId(1), Take::Begin { file: "cut.wav".into() }).unwrap();
            after.take(StreamId(1), Take::Sound { samples: vec![6; 160] }).unwrap();
            after.take(StreamId(1), Take::End { cut: 0 }).unwrap();
            let kept = cut.saturating_sub(44) / 2;
            assert_eq!(samples(&copy), [vec![5; kept], vec![6; 160]].concat());
        }
    }

    #[test]
    fn what_can_not_be_written_is_an_error_and_not_a_panic() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("messages"), b"a file where the folder should be").unwrap();
        let mut desk = desk(&dir.path().join("messages"));
        assert!(desk.take(StreamId(1), Take::Begin { file: "1-0-1.wav".into() }).is_err());
        assert!(desk.take(StreamId(1), Take::Sound { samples: vec![1] }).is_ok(), "the recorder was told");
    }

    #[test]
    fn what_is_older_than_the_rules_keep_it_is_destroyed_and_only_that_r129() {
        let dir = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let make = |name: &str, days: u64| {
            let file = File::create(dir.path().join(name)).unwrap();
            file.set_modified(now - Duration::from_secs(days * 86_400)).unwrap();
        };
        (0..4).for_each(|n| make(&format!("1-0-{n}.wav"), 1_000 + n * 100));
        make("1-0-9.txt", 9_000);
        let before = now - Duration::from_secs(1_150 * 86_400);
        assert_eq!(swept(dir.path(), before, 1), (1, 0, None), "so many at a time");
        assert_eq!(swept(dir.path(), before, 1_000), (1, 0, None));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3);
        assert_eq!(swept(&dir.path().join("nowhere"), before, 1_000), (0, 0, None), "nobody has left a message yet");
    }

    fn swept(dir: &Path, before: SystemTime, most: usize) -> (usize, usize, Option<PathBuf>) {
        let mut swept = Swept::default();
        swept.destroy(dir, before, most);
        (swept.gone, swept.kept, swept.first.map(|(path, _)| path))
    }

    #[test]
    fn what_can_not_be_destroyed_is_told_and_does_not_keep_the_rest_r129() {
        let dir = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        // A folder can't be deleted as a file, whoever asks.
        (0..3).for_each(|n| std::fs::create_dir(dir.path().join(format!("1-0-{n}.wav"))).unwrap());
        File::create(dir.path().join("1-0-9.wav")).unwrap();
        let (gone, kept, first) = swept(dir.path(), now + Duration::from_secs(60), 1);
        assert_eq!((gone, kept <= 3), (1, true), "what stays counts for nothing");
        assert_eq!(swept(dir.path(), now + Duration::from_secs(60), 1_000).1, 3);
        assert!(kept == 0 || first.is_some_and(|path| path.starts_with(dir.path())));
        let file = dir.path().join("a file");
        File::create(&file).unwrap();
        assert_eq!(swept(&file, now, 1_000), (0, 1, Some(file.clone())), "no folder to be looked through");
    }

    #[test]
    fn a_link_that_leads_nowhere_is_no_recording_that_somebody_deleted_r129() {
        let dir = tempfile::tempdir().unwrap();
        let (kept, link, dangling) = (dir.path().join("kept"), dir.path().join("1-0-1.wav"), dir.path().join("1-0-2.wav"));
        File::create(&kept).unwrap();
        std::os::unix::fs::symlink(&kept, &link).unwrap();
        std::os::unix::fs::symlink(dir.path().join("nowhere"), &dangling).unwrap();
        assert_eq!(swept(dir.path(), SystemTime::now() - Duration::from_secs(60), 1_000), (0, 0, None), "they are young");
        assert_eq!(swept(dir.path(), SystemTime::now() + Duration::from_secs(60), 1_000), (2, 0, None));
        assert!(kept.exists() && link.symlink_metadata().is_err() && dangling.symlink_metadata().is_err());
    }

    #[test]
    fn a_message_each_half_hour_does_not_put_off_the_destruction_of_old_ones_r129() {
        let start = Instant::now();
        let mut due = Due(start);
        let looks = (0..=48).filter(|half| due.has_come(start + Duration::from_secs(half * 1_800))).count();
        assert_eq!(looks, 25, "at the start and each hour of a day");
        assert!(!due.has_come(start), "and nothing is due twice");
    }

    #[test]
    fn what_is_no_message_leaves_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let (mut desk, stream, file) = (desk(dir.path()), StreamId(7), "restricted/1-0-3.wav");
        desk.take(stream, Take::Begin { file: file.into() }).unwrap();
        desk.take(stream, Take::Sound { samples: vec![1; 1_600] }).unwrap();
        desk.take(stream, Take::Discard { file: file.into() }).unwrap();
        assert!(!dir.path().join(file).exists() && desk.open.is_empty());
        desk.take(stream, Take::Discard { file: file.into() }).unwrap();
        std::fs::create_dir(dir.path().join("1-0-4.wav")).unwrap();
        desk.take(stream, Take::Discard { file: "1-0-4.wav".into() }).unwrap();
        assert!(remove(&dir.path().join("1-0-4.wav")).is_err(), "and an error is told");
    }

    #[test]
    fn a_link_among_the_recordings_is_neither_read_nor_written() {
        let dir = tempfile::tempdir().unwrap();
        let (elsewhere, link) = (dir.path().join("secret"), dir.path().join("1-0-5.wav"));
        std::fs::write(&elsewhere, vec![7; 100]).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
        assert!(read(&link).is_err() && length_ms(&link).is_none());
        assert!(desk(dir.path()).take(StreamId(1), Take::Begin { file: "1-0-5.wav".into() }).is_err());
        assert_eq!(read(&elsewhere).unwrap(), vec![7; 100]);
    }
}
