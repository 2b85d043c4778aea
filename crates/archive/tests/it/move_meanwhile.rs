//! Somebody looks while the archiver moves what is looked for. Two pipes among the segments hold the look up between listing the journal
//! and reading it, or in the middle of reading.

use crate::common::{DAY, call, seat};
use hotline_archive::{Batch, DATABASE, Finished, Look, Position, SegmentId, Source, Store};
use hotline_model::history::SeatEvent;
use hotline_model::{Activity, CallId, Entry, Intent, Record, WallTime, encode_entry};
use std::fs::File;
use std::path::{Path, PathBuf};

const CALL: CallId = CallId(2 << 40 | 7);
const EPOCH: u32 = 2;

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn segment(dir: &Path, epoch: u32, number: u32) -> PathBuf {
    dir.join(SegmentId { epoch, number }.file_name())
}

fn change(seq: u64, activity: Activity) -> SeatEvent {
    let Entry::Seat(event) = seat(seq, "1001", Intent::Available, activity) else { unreachable!() };
    event
}

/// Two segments, each with a part of a call and a change of a seat; and both as the archiver stores them.
fn write_journal(dir: &Path) -> Batch {
    let events = call(CALL, 5, true);
    let changes = [change(10, Activity::Free), change(11, Activity::WrapUp)];
    let (first, second) = events.split_at(3);
    for ((number, part), change) in [(1, first), (4, second)].into_iter().zip(&changes) {
        let mut bytes = Vec::new();
        part.iter().for_each(|event| encode_entry(&Entry::Call(event.clone()), &mut bytes));
        encode_entry(&Entry::Seat(change.clone()), &mut bytes);
        std::fs::write(segment(dir, EPOCH, number), bytes).unwrap();
    }
    let mut batch = Batch::from(Position { segment: SegmentId { epoch: EPOCH, number: 5 }, offset: 0 });
    batch.calls.push(Finished { call: CALL, record: Record::fold(&events), events, left_out: 0 });
    batch.seats.extend(changes.map(|change| (EPOCH, change)));
    batch
}

/// What a look comes to if all is stored, and the first segment deleted, after it has listed the segments and before it reads them.
fn asked_meanwhile<T: Send>(ask: impl AsyncFnOnce(Look) -> T + Send) -> T {
    asked_while([(1, 1), (1, 2)], &[1], ask)
}

/// What a look comes to if all is stored, and these segments deleted, while it stands between two pipes.
fn asked_while<T: Send>(pipes: [(u32, u32); 2], gone: &[u32], ask: impl AsyncFnOnce(Look) -> T + Send) -> T {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let mut store = Store::new(&dir.join(DATABASE));
    run(store.cursor()).unwrap();
    run(store.close());
    let batch = write_journal(dir);
    let pipes = pipes.map(|(epoch, number)| segment(dir, epoch, number));
    for pipe in &pipes {
        rustix::fs::mkfifoat(rustix::fs::CWD, pipe, rustix::fs::Mode::RWXU).unwrap();
    }
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| run(async { ask(Look::open(dir).await.unwrap()).await }));
        // Opening a pipe waits for the other side.
        let [waits, go_on] = pipes.each_ref().map(|pipe| move || drop(File::options().write(true).open(pipe).unwrap()));
        waits();
        run(async {
            let mut store = Store::new(&dir.join(DATABASE));
            store.write(&batch).await.unwrap();
            store.close().await;
        });
        gone.iter().for_each(|&number| std::fs::remove_file(segment(dir, EPOCH, number)).unwrap());
        go_on();
        asking.join().unwrap()
    })
}

#[test]
fn a_call_that_moves_while_it_is_looked_for_is_found_whole() {
    let found = asked_meanwhile(async |look| look.call(CALL).await.unwrap()).unwrap();
    let events = call(CALL, 5, true);
    assert_eq!((found.record, found.source), (Record::fold(&events), Source::Database));
    assert_eq!(found.events.len(), events.len());
}

#[test]
fn seats_changes_that_move_while_they_are_looked_for_are_found_all() {
    let both = vec![change(10, Activity::Free), change(11, Activity::WrapUp)];
    let history = asked_meanwhile(async |look| look.seat_history(EPOCH, "1001", 5).await.unwrap());
    assert_eq!(history.into_iter().rev().collect::<Vec<_>>(), both);
    let until = WallTime(DAY + 1_000);
    let meanwhile = asked_meanwhile(async |look| look.meanwhile(EPOCH, 0, until, 5).await.unwrap());
    assert_eq!(meanwhile.seats, both);
    let states = asked_meanwhile(async |look| look.seat_states_at(&[(EPOCH, 10), (EPOCH, 11)]).await.unwrap());
    assert_eq!(states.iter().map(|states| states["1001"].clone()).collect::<Vec<_>>(), both);
}

#[test]
fn a_call_whose_end_moves_after_its_beginning_was_read_is_not_live() {
    let live = asked_while([(EPOCH, 2), (EPOCH, 3)], &[1, 4], async |look| look.live().await.unwrap());
    assert!(live.is_empty(), "{live:?}");
}
