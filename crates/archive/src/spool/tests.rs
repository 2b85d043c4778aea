use super::*;
use crate::scan::{self, Step};
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

#[derive(Clone, Copy, Debug)]
enum Fault {
    Short(usize),
    Full,
    Broken,
    Interrupted,
}

#[derive(Debug, Default)]
struct Disk {
    files: Vec<Vec<u8>>,
    writes: usize,
    /// One per write, in order; `None` and beyond the end: the write works.
    faults: VecDeque<Option<Fault>>,
    truncate_fails: bool,
    create_fails: bool,
    reserve: usize,
}

#[derive(Clone, Debug, Default)]
struct Fake(Rc<RefCell<Disk>>);

impl Medium for Fake {
    type File = usize;

    fn create(&mut self, _: &Path) -> io::Result<usize> {
        let mut disk = self.0.borrow_mut();
        if disk.create_fails {
            return Err(io::ErrorKind::StorageFull.into());
        }
        disk.files.push(Vec::new());
        Ok(disk.files.len() - 1)
    }

    fn write_at(&mut self, file: &usize, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let mut disk = self.0.borrow_mut();
        disk.writes += 1;
        let length = match disk.faults.pop_front().flatten() {
            None => bytes.len(),
            Some(Fault::Short(length)) => length.min(bytes.len()),
            Some(Fault::Full) => return Err(io::ErrorKind::StorageFull.into()),
            Some(Fault::Broken) => return Err(io::Error::other("EIO")),
            Some(Fault::Interrupted) => return Err(io::ErrorKind::Interrupted.into()),
        };
        let file = &mut disk.files[*file];
        assert!(file.len() >= offset as usize, "no hole");
        file.truncate(offset as usize);
        file.extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    fn truncate(&mut self, file: &usize, length: u64) -> io::Result<()> {
        let mut disk = self.0.borrow_mut();
        if disk.truncate_fails {
            return Err(io::Error::other("EIO"));
        }
        disk.files[*file].truncate(length as usize);
        Ok(())
    }

    fn shrink_reserve(&mut self) -> bool {
        let mut disk = self.0.borrow_mut();
        let has = disk.reserve > 0;
        disk.reserve = disk.reserve.saturating_sub(1);
        has
    }

    fn restore_reserve(&mut self) -> bool {
        true
    }
}

fn entry(n: u32) -> Entry {
    Entry::Boot { epoch: n, at: WallTime(i64::from(n)) }
}

fn bytes(range: std::ops::Range<u32>) -> Vec<u8> {
    let mut out = Vec::new();
    range.for_each(|n| encode_entry(&entry(n), &mut out));
    out
}

fn writer(disk: &Fake, segment_bytes: u64, memory_bytes: usize) -> Writer<Fake> {
    Writer::new(disk.clone(), Path::new("/none"), 1, Options { segment_bytes, reserve_bytes: 0, memory_bytes, epoch_above: 0 })
}

/// What a reader finds on the disk, over all files.
fn on_disk(disk: &Fake) -> Vec<u32> {
    let dir = tempfile::tempdir().unwrap();
    for (n, file) in disk.0.borrow().files.iter().enumerate() {
        let id = SegmentId { epoch: 1, number: n as u32 + 1 };
        std::fs::write(dir.path().join(id.file_name()), file).unwrap();
    }
    let mut found = Vec::new();
    scan::read_all(dir.path(), |_, _, step| {
        if let Step::Entry(Entry::Boot { epoch, .. }, _) = step {
            found.push(epoch);
        }
    })
    .unwrap();
    found
}

fn boots(bytes: &[u8]) -> Vec<u32> {
    let entries = hotline_model::JournalReader::new(bytes).map(|entry| entry.expect("memory holds whole entries"));
    entries.map(|entry| if let Entry::Boot { epoch, .. } = entry { epoch } else { unreachable!("only boots are written here") }).collect()
}

#[test]
fn an_append_is_exactly_one_write_however_many_entries_it_has() {
    let disk = Fake::default();
    let mut writer = writer(&disk, 1 << 20, 1 << 20);
    writer.append(&bytes(0..1));
    writer.append(&bytes(1..200));
    assert_eq!((disk.0.borrow().writes, on_disk(&disk).len(), writer.health), (2, 200, Health::Good));
}

#[test]
fn segments_turn_over_at_their_size_and_never_split_an_append() {
    let disk = Fake::default();
    let one = bytes(0..1).len() as u64;
    let mut writer = writer(&disk, one * 10, 1 << 20);
    (0..10).for_each(|n| writer.append(&bytes(n * 3..n * 3 + 3)));
    let lengths: Vec<_> = disk.0.borrow().files.iter().map(|file| file.len() as u64 / one).collect();
    assert_eq!(lengths, [9, 9, 9, 3]);
    assert_eq!(on_disk(&disk), (0..30).collect::<Vec<_>>());
}

#[test]
fn a_full_disk_gives_back_its_reserve_first_and_then_entries_wait_in_memory_f4() {
    let disk = Fake::default();
    let mut writer = writer(&disk, 1 << 20, 1 << 20);
    writer.append(&bytes(0..1));
    disk.0.borrow_mut().reserve = 2;
    disk.0.borrow_mut().faults = vec![Some(Fault::Full); 2].into();
    writer.append(&bytes(1..2));
    assert_eq!((writer.health, on_disk(&disk).len()), (Health::Reserve, 2));
    disk.0.borrow_mut().faults = vec![Some(Fault::Full); 5].into();
    writer.append(&bytes(2..3));
    assert_eq!((writer.health, on_disk(&disk).len()), (Health::Memory { bytes: bytes(2..3).len() }, 2));
    disk.0.borrow_mut().faults.clear();
    writer.append(&bytes(3..4));
    assert_eq!((writer.health, on_disk(&disk)), (Health::Reserve, vec![0, 1, 2, 3]));
    writer.flush();
    assert_eq!(writer.health, Health::Good);
}

#[test]
fn when_memory_is_full_too_entries_are_dropped_and_counted_f4() {
    let disk = Fake::default();
    let mut writer = writer(&disk, 1 << 20, bytes(0..3).len());
    disk.0.borrow_mut().create_fails = true;
    (0..5).for_each(|n| writer.append(&bytes(n..n + 1)));
    assert_eq!((writer.health, writer.lost), (Health::Full { lost: 2 }, 2));
    disk.0.borrow_mut().create_fails = false;
    writer.flush();
    assert_eq!((writer.health, on_disk(&disk)), (Health::Good, vec![0, 1, 2]));
    writer.append(&bytes(5..6));
    assert_eq!((writer.health, writer.lost, on_disk(&disk)), (Health::Good, 2, vec![0, 1, 2, 5]));
}

#[test]
fn a_write_torn_at_any_byte_is_cut_back_to_its_last_whole_entry_f20() {
    let one = bytes(0..1).len();
    for torn in 0..one * 3 {
        let disk = Fake::default();
        let mut writer = writer(&disk, 1 << 20, 1 << 20);
        disk.0.borrow_mut().faults = vec![Some(Fault::Short(torn)), Some(Fault::Full)].into();
        writer.append(&bytes(0..3));
        assert_eq!(disk.0.borrow().files[0].len(), torn / one * one, "torn at {torn}");
        assert_eq!(boots(writer.pending.bytes()), (torn as u32 / one as u32..3).collect::<Vec<_>>());
        writer.append(&bytes(3..4));
        assert_eq!((on_disk(&disk), writer.pending.len()), (vec![0, 1, 2, 3], 0), "torn at {torn}");
    }
}

#[test]
fn a_failing_disk_gets_a_new_segment_and_the_torn_one_costs_nothing() {
    let disk = Fake::default();
    let mut writer = writer(&disk, 1 << 20, 1 << 20);
    writer.append(&bytes(0..1));
    disk.0.borrow_mut().truncate_fails = true;
    disk.0.borrow_mut().faults = vec![Some(Fault::Short(5)), Some(Fault::Broken)].into();
    writer.append(&bytes(1..2));
    writer.append(&bytes(2..3));
    assert_eq!((disk.0.borrow().files.len(), on_disk(&disk)), (2, vec![0, 1, 2]));
}

fn fault() -> impl Strategy<Value = Option<Fault>> {
    prop_oneof![
        4 => Just(None),
        2 => (0usize..80).prop_map(|length| Some(Fault::Short(length))),
        2 => Just(Some(Fault::Full)),
        1 => Just(Some(Fault::Broken)),
        1 => Just(Some(Fault::Interrupted)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_the_disk_does_every_entry_is_on_it_or_in_memory_and_in_order(
        appends in proptest::collection::vec((1u32..5, any::<bool>()), 1..40),
        faults in proptest::collection::vec(fault(), 0..120),
        truncate_fails in any::<bool>(),
        reserve in 0usize..3,
        segment in 20u64..400,
    ) {
        let disk = Fake::default();
        *disk.0.borrow_mut() = Disk { faults: faults.into(), truncate_fails, reserve, ..Disk::default() };
        let mut writer = writer(&disk, segment, 1 << 20);
        let mut next = 0;
        for (count, flush) in appends {
            writer.append(&bytes(next..next + count));
            next += count;
            if flush {
                writer.flush();
            }
            let mut found = on_disk(&disk);
            found.extend(boots(writer.pending.bytes()));
            prop_assert_eq!(found, (0..next).collect::<Vec<_>>());
        }
        disk.0.borrow_mut().faults.clear();
        writer.flush();
        prop_assert_eq!(on_disk(&disk), (0..next).collect::<Vec<_>>());
        prop_assert_eq!((writer.health, writer.lost), (Health::Good, 0));
    }

    #[test]
    fn with_little_memory_what_is_kept_and_what_is_counted_lost_make_up_all(
        appends in proptest::collection::vec(1u32..5, 1..40),
        faults in proptest::collection::vec(fault(), 0..120),
        memory in 0usize..200,
    ) {
        let disk = Fake::default();
        disk.0.borrow_mut().faults = faults.into();
        let mut writer = writer(&disk, 300, memory);
        let mut next = 0;
        for count in appends {
            writer.append(&bytes(next..next + count));
            next += count;
            prop_assert!(writer.pending.len() <= memory);
        }
        disk.0.borrow_mut().faults.clear();
        writer.flush();
        let found = on_disk(&disk);
        prop_assert!(found.is_sorted());
        prop_assert_eq!(found.len() as u64 + writer.lost, u64::from(next));
    }
}
