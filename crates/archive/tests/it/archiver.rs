use crate::common::{Dice, append, append_calls, archive, archiver, call, catch_up, decision, open, seat, segments, stored};
use hotline_archive::{Archiver, ArchiverOptions, DATABASE, Limits, Reader};
use hotline_model::{Activity, CallId, Intent, Record};
use sqlx::{Connection, SqliteConnection};
use std::collections::VecDeque;
use std::path::Path;

fn id(count: u32) -> CallId {
    CallId::new(1, 0, count)
}

async fn sql(dir: &Path, sql: &'static str) {
    let mut connection = SqliteConnection::connect(&format!("sqlite:{}", dir.join(DATABASE).display())).await.unwrap();
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn count(dir: &Path, sql: &'static str) -> i64 {
    let mut connection = SqliteConnection::connect(&format!("sqlite:{}", dir.join(DATABASE).display())).await.unwrap();
    let count = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    count
}

#[tokio::test]
async fn ten_thousand_random_calls_interleaved_are_stored_as_their_fold() {
    let dir = tempfile::tempdir().unwrap();
    let options = hotline_archive::Options { segment_bytes: 1 << 20, ..crate::common::small() };
    let (mut journal, _) = hotline_archive::Journal::open(dir.path(), options).unwrap();
    let calls: Vec<_> = (0..10_000).map(|count| call(id(count), u64::from(count), true)).collect();
    let mut dice = Dice::new(42);
    let mut going_on: Vec<VecDeque<_>> = Vec::new();
    let mut waiting = calls.iter().map(|events| events.iter().cloned().collect::<VecDeque<_>>());
    loop {
        going_on.extend(waiting.by_ref().take(300 - going_on.len()));
        if going_on.is_empty() {
            break;
        }
        let at = dice.roll(going_on.len() as u32) as usize;
        append_calls(&mut journal, &going_on[at].drain(..1).collect::<Vec<_>>());
        if going_on[at].is_empty() {
            going_on.swap_remove(at);
        }
    }
    let mut archiver = archiver(dir.path());
    catch_up(&mut archiver).await;
    let folds: Vec<_> = calls.iter().map(|events| Record::fold(events).expect("it arrived")).collect();
    assert!(stored(dir.path()).await == folds, "every row is its fold");
    let events: usize = calls.iter().map(Vec::len).sum();
    assert_eq!(count(dir.path(), "SELECT count(*) FROM call_events").await, events as i64);
    let (_, counts) = archiver.status().get();
    assert_eq!((counts.calls, counts.without_arrival, counts.damaged, counts.failures), (10_000, 0, 0, 0));
    assert_eq!(segments(dir.path()).len(), 1, "only the segment being written is left");
}

#[tokio::test]
async fn a_kill_between_commit_and_cursor_doubles_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let calls: Vec<_> = (0..20).map(|count| call(id(count), u64::from(count), true)).collect();
    calls.iter().for_each(|events| append_calls(&mut journal, events));
    append(&mut journal, &[decision(1, id(3), Some("1004")), seat(2, "1004", Intent::Available, Activity::OnCall)]);
    let keep = ArchiverOptions::default();
    let mut first = Archiver::new(dir.path(), &dir.path().join(DATABASE), ArchiverOptions { sweep: std::time::Duration::MAX, ..keep });
    catch_up(&mut first).await;
    first.close().await;
    let rows = "SELECT (SELECT count(*) FROM calls) * 1000000 + (SELECT count(*) FROM call_events) * 100
        + (SELECT count(*) FROM decisions) * 10 + (SELECT count(*) FROM seat_events)";
    let before = (stored(dir.path()).await, count(dir.path(), rows).await);
    sql(dir.path(), "DELETE FROM cursor").await;
    archive(dir.path()).await;
    assert_eq!((stored(dir.path()).await, count(dir.path(), rows).await), before);
    assert_eq!(before.0.len(), 20);
}

#[tokio::test]
async fn a_call_over_the_restart_of_the_archiver_is_stored_whole() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let events = call(id(1), 77, true);
    for event in &events {
        append_calls(&mut journal, std::slice::from_ref(event));
        archive(dir.path()).await;
    }
    assert_eq!(stored(dir.path()).await, [Record::fold(&events).unwrap()]);
}

#[tokio::test]
async fn a_long_call_keeps_only_its_own_events_on_disk_and_comes_back_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let (long, mut count) = (call(id(0), 5, false), 0);
    let mut archiver = archiver(dir.path());
    for event in &long {
        append_calls(&mut journal, std::slice::from_ref(event));
        for _ in 0..30 {
            count += 1;
            append_calls(&mut journal, &call(id(count), u64::from(count), true));
        }
        catch_up(&mut archiver).await;
    }
    let bytes: u64 = segments(dir.path()).iter().map(|name| std::fs::metadata(dir.path().join(name)).unwrap().len()).sum();
    assert!(bytes < 5 * (16 << 10), "{bytes} bytes in {:?}", segments(dir.path()));
    drop(journal);
    let (mut journal, recovered) = open(dir.path());
    assert_eq!(recovered.live.into_iter().collect::<Vec<_>>(), [(id(0), long.clone())], "and no other call looks live");
    append_calls(&mut journal, &[hotline_model::CallEvent { kind: hotline_model::EventKind::Archived, ..long[0].clone() }]);
    catch_up(&mut archiver).await;
    drop(journal);
    let _next = open(dir.path());
    catch_up(&mut archiver).await;
    assert_eq!(segments(dir.path()), ["journal-3-1.log"]);
    assert_eq!(stored(dir.path()).await.len(), count as usize + 1);
}

#[tokio::test]
async fn the_oldest_of_too_many_open_calls_is_stored_as_it_stands() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let calls: Vec<_> = (0..4).map(|count| call(id(count), u64::from(count), false)).collect();
    calls.iter().for_each(|events| append_calls(&mut journal, events));
    let limits = Limits { open_calls: 3, ..Limits::default() };
    let mut archiver = Archiver::new(dir.path(), &dir.path().join(DATABASE), ArchiverOptions { limits, ..ArchiverOptions::default() });
    catch_up(&mut archiver).await;
    assert_eq!(stored(dir.path()).await, [Record::fold(&calls[0]).unwrap()]);
    assert_eq!((archiver.status().get().1.pushed_out, archiver.open_calls()), (1, 3));
}

#[tokio::test]
async fn events_over_the_limit_of_one_call_still_count_in_its_record() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let events = call(id(1), 11, true);
    append_calls(&mut journal, &events);
    let limits = Limits { events_per_call: 3, ..Limits::default() };
    let mut archiver = Archiver::new(dir.path(), &dir.path().join(DATABASE), ArchiverOptions { limits, ..ArchiverOptions::default() });
    catch_up(&mut archiver).await;
    let call = Reader::open(&dir.path().join(DATABASE)).await.unwrap().call(id(1)).await.unwrap().unwrap();
    assert_eq!((call.record, call.events.len(), call.left_out as usize), (Record::fold(&events), 3, events.len() - 3));
}

#[tokio::test]
async fn a_call_whose_arrival_is_damaged_keeps_its_events_and_its_segment_is_set_aside_f20() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let path = dir.path().join("journal-1-1.log");
    let start = std::fs::metadata(&path).unwrap().len() as usize;
    let events = call(id(1), 11, true);
    append_calls(&mut journal, &events);
    append_calls(&mut journal, &call(id(2), 12, true));
    drop(journal);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[start + 20] ^= 4;
    std::fs::write(&path, bytes).unwrap();
    let (_journal, recovered) = open(dir.path());
    assert!(recovered.live.is_empty());
    let mut archiver = archiver(dir.path());
    catch_up(&mut archiver).await;
    assert_eq!(stored(dir.path()).await.len(), 1);
    let call = Reader::open(&dir.path().join(DATABASE)).await.unwrap().call(id(1)).await.unwrap().unwrap();
    assert_eq!((call.record, call.events.len()), (None, events.len() - 1));
    let counts = archiver.status().get().1;
    assert_eq!((counts.damaged, counts.without_arrival), (1, 1));
    assert_eq!(segments(dir.path()), ["journal-1-1.log.damaged", "journal-2-1.log"]);
}

#[tokio::test]
async fn damage_at_the_very_end_of_a_segment_is_counted_once_and_its_segment_is_set_aside_f20() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let path = dir.path().join("journal-1-1.log");
    append_calls(&mut journal, &call(id(1), 11, true));
    let start = std::fs::metadata(&path).unwrap().len() as usize;
    append_calls(&mut journal, &call(id(2), 12, true)[..1]);
    drop(journal);
    let mut bytes = std::fs::read(&path).unwrap();
    let length = bytes[start];
    bytes[start] &= length - 1;
    std::fs::write(&path, bytes).unwrap();
    let mut archiver = archiver(dir.path());
    catch_up(&mut archiver).await;
    assert_eq!(archiver.status().get().1.damaged, 0, "there may be more to come");
    let (_journal, recovered) = open(dir.path());
    assert_eq!(recovered.damaged.len(), 1);
    catch_up(&mut archiver).await;
    let counts = archiver.status().get().1;
    assert_eq!((stored(dir.path()).await.len(), counts.damaged), (1, 1));
    assert_eq!(segments(dir.path()), ["journal-1-1.log.damaged", "journal-2-1.log"]);
}

#[tokio::test]
async fn the_callers_number_stands_in_one_column_and_nowhere_else() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let mut events = call(id(1), 11, true);
    let number = "13912345678";
    events[0].kind = crate::common::arrived(number, 1);
    if let hotline_model::EventKind::Arrived { sip_call_id, .. } = &mut events[0].kind {
        *sip_call_id = format!("{number}-77@gateway");
    }
    if let hotline_model::EventKind::Leg { dialog, .. } = &mut events[2].kind {
        dialog.remote_party = format!("<sip:{number}@gateway>");
        dialog.remote_target = format!("sip:+86{number}@gateway");
        dialog.call_id = format!("{number}-77@gateway");
    }
    append_calls(&mut journal, &events);
    archive(dir.path()).await;
    let bytes = std::fs::read(dir.path().join(DATABASE)).unwrap();
    let wal = std::fs::read(dir.path().join("hotline.db-wal")).unwrap_or_default();
    assert!(!bytes.is_empty());
    sql(dir.path(), "UPDATE calls SET from_number = ''").await;
    sql(dir.path(), "VACUUM").await;
    sql(dir.path(), "PRAGMA wal_checkpoint(TRUNCATE)").await;
    drop((bytes, wal));
    let bytes = std::fs::read(dir.path().join(DATABASE)).unwrap();
    assert!(!bytes.windows(number.len()).any(|window| window == number.as_bytes()));
}

/// Scenario 18: what the archive keeps a day before the limit, and what it destroys after it.
#[tokio::test]
async fn calls_are_kept_to_the_last_day_and_destroyed_with_all_that_is_known_of_them_after_it_r130_r142() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let calls: Vec<_> = (0..30).map(|count| call(id(count), u64::from(count), true)).collect();
    calls.iter().for_each(|events| append_calls(&mut journal, events));
    append(&mut journal, &[decision(1, id(3), Some("1001")), seat(2, "1001", Intent::Available, Activity::Free)]);
    archive(dir.path()).await;
    let last = calls.iter().flatten().map(|event| event.at).max().unwrap();
    let numbers = |calls: &[Record]| calls.iter().map(|record| record.from.reveal().to_owned()).collect::<Vec<_>>();
    let all = stored(dir.path()).await;
    let mut store = hotline_archive::Store::new(&dir.path().join(DATABASE));
    let first = all.iter().map(|record| record.t0).min().unwrap();
    assert_eq!(store.destroy(hotline_model::WallTime(first.0), 1_000).await.unwrap(), 0, "nothing is that old");
    assert_eq!(stored(dir.path()).await.len(), 30);

    assert_eq!(store.destroy(hotline_model::WallTime(last.0 + 1), 20).await.unwrap(), 20, "some at a time");
    assert_eq!(store.destroy(hotline_model::WallTime(last.0 + 1), 20).await.unwrap(), 10);
    store.checkpoint().await.unwrap();
    store.close().await;
    assert_eq!(stored(dir.path()).await, []);
    for sql in [
        "SELECT count(*) FROM call_events",
        "SELECT count(*) FROM offers",
        "SELECT count(*) FROM clocks",
        "SELECT count(*) FROM transfers",
        "SELECT count(*) FROM decisions",
        "SELECT count(*) FROM seat_events",
    ] {
        assert_eq!(count(dir.path(), sql).await, 0, "{sql}");
    }
    let bytes = std::fs::read(dir.path().join(DATABASE)).unwrap();
    for number in numbers(&all).iter().filter(|number| number.len() > 6) {
        assert!(!bytes.windows(number.len()).any(|window| window == number.as_bytes()), "{number} can be read no more");
    }
}

#[tokio::test]
async fn the_archiver_destroys_what_the_rules_no_longer_keep_r130() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    (0..5).for_each(|count| append_calls(&mut journal, &call(id(count), u64::from(count), true)));
    archive(dir.path()).await;
    let never = hotline_archive::Cutoff::new(|| None);
    catch_up(&mut archiver(dir.path()).keeping(never)).await;
    assert_eq!(stored(dir.path()).await.len(), 5);
    let all = hotline_archive::Cutoff::new(|| Some(hotline_model::WallTime(i64::MAX)));
    catch_up(&mut archiver(dir.path()).keeping(all)).await;
    assert_eq!(stored(dir.path()).await.len(), 0);
}
