//! Reading segments: their names, their order, and their entries with damage reported and stepped over.

use hotline_model::{Entry, JournalError, JournalReader, may_begin_entry};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Which segment: `journal-<epoch>-<number>.log`. Later segments compare greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SegmentId {
    /// The boot epoch in which it was written.
    pub epoch: u32,
    /// Its number within the epoch, from 1.
    pub number: u32,
}

impl SegmentId {
    /// The segment's file name.
    pub fn file_name(self) -> String {
        format!("journal-{}-{}.log", self.epoch, self.number)
    }

    /// Reads a file name; `None` if it is none of a segment.
    pub fn parse(name: &str) -> Option<Self> {
        let (epoch, number) = name.strip_prefix("journal-")?.strip_suffix(".log")?.split_once('-')?;
        Some(Self { epoch: epoch.parse().ok()?, number: number.parse().ok()? })
    }
}

/// A place between two entries of the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The segment.
    pub segment: SegmentId,
    /// Bytes from its start.
    pub offset: u64,
}

/// All segments of a directory, oldest first.
pub(crate) fn segments(dir: &Path) -> io::Result<Vec<SegmentId>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        if let Some(id) = entry?.file_name().to_str().and_then(SegmentId::parse) {
            found.push(id);
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// What was met while reading.
#[derive(Debug)]
pub(crate) enum Step {
    /// An entry, and the offset behind it.
    Entry(Entry, u64),
    /// Damage that was stepped over; its offset counts from the segment's start.
    Skipped(JournalError),
}

/// Bytes read at once. More than the longest entry (1 MiB), so that a whole one always fits.
const CHUNK: usize = 4 << 20;
/// What has to be read again when a stretch of damage ends with the chunk: an entry's longest form.
const OVERLAP: usize = (1 << 20) + 8;

/// Reads one segment from an offset on, chunk by chunk. The segment may still be written to.
#[derive(Debug)]
pub(crate) struct Scan {
    file: File,
    path: PathBuf,
    offset: u64,
    lost_at: Option<u64>,
    tail: Option<JournalError>,
}

impl Scan {
    pub(crate) fn open(dir: &Path, id: SegmentId, offset: u64) -> io::Result<Self> {
        let path = dir.join(id.file_name());
        Ok(Self { file: File::open(&path)?, path, offset, lost_at: None, tail: None })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The offset behind the last whole entry read.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// What stands behind [`Scan::offset`] and can't be read (yet): a torn tail, an entry that is being written, or damage behind which
    /// nothing has been written so far.
    pub(crate) fn tail(&self) -> Option<JournalError> {
        self.tail
    }

    /// Reads on; no steps means that the end as it stands now is reached.
    pub(crate) fn more(&mut self) -> io::Result<Vec<Step>> {
        loop {
            let bytes = self.read_chunk()?;
            let full = bytes.len() == CHUNK;
            let mut steps = Vec::new();
            let read = self.walk(&bytes, full, &mut steps);
            self.offset += read as u64;
            if !steps.is_empty() || !full {
                return Ok(steps);
            }
        }
    }

    fn read_chunk(&self) -> io::Result<Vec<u8>> {
        let rest = self.file.metadata()?.len().saturating_sub(self.offset);
        let mut bytes = vec![0; CHUNK.min(usize::try_from(rest).unwrap_or(CHUNK))];
        let mut length = 0;
        while length < bytes.len() {
            match self.file.read_at(&mut bytes[length..], self.offset + length as u64) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(length);
        Ok(bytes)
    }

    /// Walks over a chunk and tells how many of its bytes are done with.
    fn walk(&mut self, bytes: &[u8], full: bool, steps: &mut Vec<Step>) -> usize {
        let mut at = 0;
        self.tail = None;
        while at < bytes.len() {
            let place = self.offset + at as u64;
            match one(&bytes[at..]) {
                One::Entry(entry, length) => {
                    at += length;
                    if let Some(start) = self.lost_at.take() {
                        steps.push(Step::Skipped(JournalError::Damaged(start as usize)));
                    }
                    steps.push(Step::Entry(entry, self.offset + at as u64));
                }
                One::Damaged(error, length) => {
                    steps.push(Step::Skipped(rebase(error, self.lost_at.take().unwrap_or(place))));
                    at += length;
                }
                One::Unreadable(_) if full && at == 0 => {
                    self.lost_at.get_or_insert(place);
                    return bytes.len() - OVERLAP;
                }
                One::Unreadable(error) => {
                    self.tail = Some(rebase(error, self.lost_at.unwrap_or(place)));
                    return at;
                }
            }
        }
        at
    }
}

enum One {
    Entry(Entry, usize),
    /// An entry that can't be used, and how many bytes further the next one begins.
    Damaged(JournalError, usize),
    /// Nothing readable follows in these bytes.
    Unreadable(JournalError),
}

fn one(bytes: &[u8]) -> One {
    let mut reader = JournalReader::new(bytes);
    let error = match reader.next() {
        Some(Ok(entry)) => return One::Entry(entry, reader.offset()),
        Some(Err(error)) => error,
        None => JournalError::TornTail(0),
    };
    let told = reader.offset();
    match error {
        JournalError::Version(..) => One::Damaged(error, told),
        // A damaged entry's own length says nothing of where it ends: only a whole entry behind it does.
        JournalError::Damaged(_) | JournalError::TornTail(_) | JournalError::Lost(_) => match next_entry(bytes) {
            Some(length) => One::Damaged(JournalError::Damaged(0), length),
            None => One::Unreadable(error),
        },
    }
}

/// Looks for the next place where a whole entry begins: a wrong length then costs one entry and not the rest of the segment.
fn next_entry(bytes: &[u8]) -> Option<usize> {
    (1..bytes.len()).find(|&at| starts_entry(&bytes[at..]))
}

fn starts_entry(bytes: &[u8]) -> bool {
    may_begin_entry(bytes) && matches!(JournalReader::new(bytes).next(), Some(Ok(_)))
}

fn rebase(error: JournalError, place: u64) -> JournalError {
    let place = place as usize;
    match error {
        JournalError::TornTail(_) => JournalError::TornTail(place),
        JournalError::Damaged(_) => JournalError::Damaged(place),
        JournalError::Lost(_) => JournalError::Lost(place),
        JournalError::Version(_, version) => JournalError::Version(place, version),
    }
}

/// What [`Follow::more`] came to.
#[derive(Debug)]
pub(crate) enum Followed {
    /// What was read, of the segment that it is in.
    Steps(Vec<Step>),
    /// It is in the next segment now; the one before ended in this.
    Next(Option<JournalError>),
    /// The journal's end as it stands now.
    End,
}

/// Reads the journal from its oldest segment on and follows its writer from segment to segment.
#[derive(Debug, Default)]
pub(crate) struct Follow {
    segment: SegmentId,
    scan: Option<Scan>,
}

impl Follow {
    /// The segment it is in.
    pub(crate) fn segment(&self) -> SegmentId {
        self.segment
    }

    /// Reads on.
    pub(crate) fn more(&mut self, dir: &Path) -> io::Result<Followed> {
        if let Some(steps) = self.steps()? {
            return Ok(Followed::Steps(steps));
        }
        // Looked up before the last read: once a later segment is there, nothing more is written to this one.
        let Some(next) = segments(dir)?.into_iter().find(|id| *id > self.segment) else { return Ok(Followed::End) };
        if let Some(steps) = self.steps()? {
            return Ok(Followed::Steps(steps));
        }
        let tail = self.scan.as_ref().and_then(Scan::tail);
        self.scan = match Scan::open(dir, next, 0) {
            Ok(scan) => Some(scan),
            // It was archived meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        self.segment = next;
        Ok(Followed::Next(tail))
    }

    fn steps(&mut self) -> io::Result<Option<Vec<Step>>> {
        let steps = self.scan.as_mut().map_or(Ok(Vec::new()), Scan::more)?;
        Ok((!steps.is_empty()).then_some(steps))
    }
}

/// Reads all segments of a directory in order and hands every step to `take`. A segment that vanishes meanwhile was archived.
pub(crate) fn read_all(
    dir: &Path,
    mut take: impl FnMut(SegmentId, &Path, Step),
) -> io::Result<Vec<(SegmentId, u64, Option<JournalError>)>> {
    let mut ends = Vec::new();
    for id in segments(dir)? {
        let mut scan = match Scan::open(dir, id, 0) {
            Ok(scan) => scan,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        loop {
            let steps = scan.more()?;
            if steps.is_empty() {
                break;
            }
            steps.into_iter().for_each(|step| take(id, scan.path(), step));
        }
        ends.push((id, scan.offset(), scan.tail()));
    }
    Ok(ends)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::{WallTime, encode_entry};

    fn entry(epoch: u32) -> Entry {
        Entry::Boot { epoch, at: WallTime(i64::from(epoch)) }
    }

    fn journal(count: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        (0..count).for_each(|epoch| encode_entry(&entry(epoch), &mut bytes));
        bytes
    }

    fn read(bytes: &[u8]) -> (Vec<Entry>, Vec<JournalError>, Option<JournalError>) {
        let dir = tempfile::tempdir().unwrap();
        let id = SegmentId { epoch: 1, number: 1 };
        std::fs::write(dir.path().join(id.file_name()), bytes).unwrap();
        let (mut entries, mut skipped) = (Vec::new(), Vec::new());
        let ends = read_all(dir.path(), |_, _, step| match step {
            Step::Entry(entry, _) => entries.push(entry),
            Step::Skipped(error) => skipped.push(error),
        })
        .unwrap();
        (entries, skipped, ends[0].2)
    }

    #[test]
    fn names_are_read_back_and_sort_by_number_and_not_by_text() {
        let names = ["journal-2-1.log", "journal-1-10.log", "journal-1-9.log"];
        let mut ids: Vec<_> = names.iter().filter_map(|name| SegmentId::parse(name)).collect();
        ids.sort_unstable();
        assert_eq!(ids.iter().map(|id| id.file_name()).collect::<Vec<_>>(), ["journal-1-9.log", "journal-1-10.log", "journal-2-1.log"]);
        for other in ["journal-1.log", "journal-a-1.log", "journal-1-1.log.damaged", "hotline.db", "journal-1--1.log"] {
            assert_eq!(SegmentId::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_flip_of_any_bit_costs_at_most_the_entry_it_hits_f20() {
        let (bytes, length) = (journal(5), journal(1).len());
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                let (entries, skipped, tail) = read(&flipped);
                let hit = (at / length) as u32;
                let kept: Vec<_> = (0..5).filter(|&n| n != hit).map(entry).collect();
                assert_eq!(entries, kept, "bit {bit} of byte {at}");
                assert_eq!(skipped.len() + usize::from(tail.is_some()), 1, "bit {bit} of byte {at} is told once: {skipped:?} {tail:?}");
            }
        }
    }

    /// Entries of 10 to 20 bytes: their lengths have other bits in common than a power of two.
    fn named(length: usize) -> Entry {
        Entry::HotDesk { at: WallTime(5), phone: "x".repeat(length).into(), seat: None }
    }

    #[test]
    fn a_flip_in_an_entry_of_any_length_is_told_once_also_in_the_last_one_f20() {
        for length in [1, 11, 30] {
            let mut bytes = journal(1);
            let (first, mut ends) = (bytes.len(), Vec::new());
            for each in [named(length), named(length + 3), named(length + 7)] {
                encode_entry(&each, &mut bytes);
                ends.push(bytes.len());
            }
            for at in first..bytes.len() {
                for bit in 0..8 {
                    let mut flipped = bytes.clone();
                    flipped[at] ^= 1 << bit;
                    let (entries, skipped, tail) = read(&flipped);
                    assert_eq!(entries.len(), 3, "bit {bit} of byte {at} of {ends:?}");
                    let told: Vec<_> = skipped.iter().chain(&tail).collect();
                    assert_eq!(told.len(), 1, "bit {bit} of byte {at} of {ends:?}: {told:?}");
                    let hit = *ends.iter().filter(|end| **end <= at).max().unwrap_or(&first);
                    let place = match told[0] {
                        JournalError::Damaged(place) | JournalError::TornTail(place) | JournalError::Lost(place) => *place,
                        JournalError::Version(place, _) => *place,
                    };
                    assert_eq!(place, hit, "bit {bit} of byte {at} of {ends:?}: {told:?}");
                }
            }
        }
    }

    #[test]
    fn a_flipped_length_costs_no_second_entry_and_is_told_once_where_a_chunk_ends_f20() {
        let filler = {
            let mut one = Vec::new();
            encode_entry(&named(1_000), &mut one);
            one
        };
        for hit in [named(5), named(40)] {
            let mut entry = Vec::new();
            encode_entry(&hit, &mut entry);
            for rest in [0, 1, 7, 8, 9, 20] {
                // Fills the first chunk up to the entry that is hit and `rest` bytes of the one behind it.
                let mut bytes = Vec::new();
                let mut whole = 0;
                while CHUNK - bytes.len() > 4_000 {
                    bytes.extend_from_slice(&filler);
                    whole += 1;
                }
                let head = {
                    let mut head = Vec::new();
                    encode_entry(&named(2_000), &mut head);
                    head.len() - 2_000
                };
                encode_entry(&named(CHUNK - bytes.len() - head - entry.len() - rest), &mut bytes);
                let at = bytes.len();
                assert_eq!(at + entry.len() + rest, CHUNK);
                bytes.extend_from_slice(&entry);
                (0..3).for_each(|_| bytes.extend_from_slice(&filler));
                for bit in 0..8 {
                    let mut flipped = bytes.clone();
                    flipped[at] ^= 1 << bit;
                    let (entries, skipped, tail) = read(&flipped);
                    assert_eq!((entries.len(), skipped, tail), (whole + 1 + 3, vec![JournalError::Damaged(at)], None), "{rest}, bit {bit}");
                }
            }
        }
    }

    #[test]
    fn a_tail_torn_at_any_byte_keeps_all_before_it_f20() {
        let (bytes, two) = (journal(3), journal(2).len());
        for end in two + 1..bytes.len() {
            let (entries, skipped, tail) = read(&bytes[..end]);
            assert_eq!((entries.len(), skipped.len(), tail), (2, 0, Some(JournalError::TornTail(two))), "cut at {end}");
        }
    }

    #[test]
    fn a_stretch_of_zeros_longer_than_a_chunk_costs_nothing_behind_it() {
        let mut bytes = journal(2);
        let at = bytes.len();
        bytes.extend(vec![0; CHUNK + 100_000]);
        bytes.extend(journal(2));
        let (entries, skipped, tail) = read(&bytes);
        assert_eq!((entries.len(), skipped, tail), (4, vec![JournalError::Damaged(at)], None));
    }

    #[test]
    fn reading_goes_on_where_the_writer_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let id = SegmentId { epoch: 1, number: 1 };
        let (path, bytes) = (dir.path().join(id.file_name()), journal(3));
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        let mut scan = Scan::open(dir.path(), id, 0).unwrap();
        assert_eq!(scan.more().unwrap().len(), 2);
        assert!(scan.more().unwrap().is_empty() && scan.tail().is_some());
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(scan.more().unwrap().len(), 1);
        assert_eq!((scan.offset(), scan.tail()), (bytes.len() as u64, None));
    }
}
