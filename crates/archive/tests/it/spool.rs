use crate::common::{Dice, append_calls, call, dir_in_memory, open, segments, small};
use crate::kinds;
use hotline_archive::{Health, Journal, OpenError, Options};
use hotline_model::{CallEvent, CallId, JournalError};

fn id(count: u32) -> CallId {
    CallId::new(1, 0, count)
}

#[test]
fn every_start_takes_the_next_epoch_even_when_all_segments_are_gone() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(open(dir.path()).1.epoch, 1);
    assert_eq!(open(dir.path()).1.epoch, 2);
    segments(dir.path()).iter().for_each(|name| std::fs::remove_file(dir.path().join(name)).unwrap());
    assert_eq!(open(dir.path()).1.epoch, 3);
    std::fs::remove_file(dir.path().join("epoch")).unwrap();
    assert_eq!(open(dir.path()).1.epoch, 4, "the segments' names tell it too");
    let above = Journal::open(dir.path(), Options { epoch_above: 40, ..small() }).unwrap();
    assert_eq!((above.1.epoch, above.0.epoch()), (41, 41));
}

#[test]
fn a_second_hotline_on_the_same_directory_is_told_who_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let (_journal, _) = open(dir.path());
    let error = Journal::open(dir.path(), small()).unwrap_err();
    assert!(matches!(&error, OpenError::Locked { pid: Some(pid), .. } if *pid == std::process::id()), "{error}");
    assert!(error.to_string().contains("in use by another hotline (process "), "{error}");
}

#[test]
fn calls_without_their_end_come_back_live_with_all_their_events_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let (over, going_on) = (call(id(1), 1, true), call(id(2), 2, false));
    let (mut journal, _) = open(dir.path());
    append_calls(&mut journal, &over);
    append_calls(&mut journal, &going_on[..2]);
    drop(journal);
    let (mut journal, recovered) = open(dir.path());
    assert_eq!(recovered.live.into_iter().collect::<Vec<_>>(), [(id(2), going_on[..2].to_vec())]);
    append_calls(&mut journal, &going_on[2..]);
    drop(journal);
    assert_eq!(open(dir.path()).1.live[&id(2)], going_on, "also over two epochs");
}

#[test]
fn a_journal_cut_at_any_byte_opens_and_gives_back_all_whole_entries_f20() {
    let dir = tempfile::tempdir().unwrap();
    let events = call(id(1), 5, false);
    let (mut journal, _) = open(dir.path());
    let mut ends = vec![std::fs::metadata(dir.path().join("journal-1-1.log")).unwrap().len() as usize];
    for event in &events {
        append_calls(&mut journal, std::slice::from_ref(event));
        ends.push(std::fs::metadata(dir.path().join("journal-1-1.log")).unwrap().len() as usize);
    }
    drop(journal);
    let whole = std::fs::read(dir.path().join("journal-1-1.log")).unwrap();
    for cut in 0..=whole.len() {
        let dir = dir_in_memory();
        let path = dir.path().join("journal-1-1.log");
        std::fs::write(&path, &whole[..cut]).unwrap();
        let (_journal, recovered) = Journal::open(dir.path(), Options { reserve_bytes: 0, ..small() }).unwrap();
        let kept = ends.iter().filter(|end| **end <= cut).count().saturating_sub(1);
        assert_eq!(recovered.live.get(&id(1)).map_or(0, Vec::len), kept, "cut at {cut}");
        let torn = cut > 0 && !ends.contains(&cut);
        assert_eq!(
            recovered.damaged.iter().map(|(_, error)| matches!(error, JournalError::TornTail(_))).collect::<Vec<_>>(),
            vec![true; usize::from(torn)]
        );
        let left = std::fs::metadata(&path).unwrap().len() as usize;
        assert_eq!(left, ends.iter().copied().filter(|end| *end <= cut).max().unwrap_or(0), "the torn tail is cut");
    }
}

#[test]
fn a_flipped_bit_anywhere_never_fails_a_start_and_is_told_once_f20() {
    for events in [call(id(1), 9, false), kinds::each(id(1), 9)] {
        let dir = tempfile::tempdir().unwrap();
        let (mut journal, _) = open(dir.path());
        append_calls(&mut journal, &events);
        drop(journal);
        let whole = std::fs::read(dir.path().join("journal-1-1.log")).unwrap();
        for at in 0..whole.len() {
            flip(&whole, at, at % 8, events.len());
        }
    }
}

/// A length that was flipped says that the entry is shorter, and then what is left of the entry looked like a second, torn one.
#[test]
fn a_flipped_length_of_the_last_entry_is_told_once_f20() {
    for which in 2..kinds::KINDS {
        let dir = tempfile::tempdir().unwrap();
        let (mut journal, _) = open(dir.path());
        let first = call(id(1), 9, false).remove(0);
        let last = CallEvent { kind: kinds::kind(which, &mut Dice::new(u64::from(which))), ..first.clone() };
        append_calls(&mut journal, &[first]);
        let at = std::fs::metadata(dir.path().join("journal-1-1.log")).unwrap().len() as usize;
        append_calls(&mut journal, &[last]);
        drop(journal);
        let whole = std::fs::read(dir.path().join("journal-1-1.log")).unwrap();
        (0..8).for_each(|bit| flip(&whole, at, bit, 2));
    }
}

fn flip(whole: &[u8], at: usize, bit: usize, events: usize) {
    let dir = dir_in_memory();
    let mut flipped = whole.to_vec();
    flipped[at] ^= 1 << bit;
    std::fs::write(dir.path().join("journal-1-1.log"), flipped).unwrap();
    let (_journal, recovered) = Journal::open(dir.path(), Options { reserve_bytes: 0, ..small() }).unwrap();
    assert_eq!(recovered.damaged.len(), 1, "bit {bit} of byte {at}: {:?}", recovered.damaged);
    let kept = recovered.live.get(&id(1)).map_or(0, Vec::len);
    assert!(kept == 0 || kept + 1 >= events, "bit {bit} of byte {at} cost {} events", events - kept);
}

#[test]
fn segments_are_named_by_epoch_and_number_and_turn_over() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    (0..60).for_each(|count| append_calls(&mut journal, &call(id(count), 3, false)));
    assert!(segments(dir.path()).len() >= 3, "{:?}", segments(dir.path()));
    assert!(segments(dir.path()).iter().all(|name| name.starts_with("journal-1-")));
    assert_eq!(journal.health(), Health::Good);
    assert_eq!(std::fs::metadata(dir.path().join("reserve")).unwrap().len(), 64 << 10);
    drop(journal);
    assert_eq!(open(dir.path()).1.live.len(), 60);
}

#[test]
fn the_syncer_ends_with_its_journal() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let syncer = journal.syncer();
    (0..60).for_each(|count| append_calls(&mut journal, &call(id(count), 3, false)));
    assert!(syncer.sync().unwrap());
    drop(journal);
    assert!(!syncer.sync().unwrap());
}
