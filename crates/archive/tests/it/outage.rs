use crate::common::{append_calls, archive, archiver, call, catch_up, open, stored};
use hotline_archive::{Archiver, ArchiverOptions, DATABASE, Health, Journal, Options, State};
use hotline_model::{CallId, Record};
use sqlx::{Connection, SqliteConnection};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

fn id(count: u32) -> CallId {
    CallId::new(1, 0, count)
}

async fn locked(dir: &Path) -> SqliteConnection {
    let mut other = SqliteConnection::connect(&format!("sqlite:{}", dir.join(DATABASE).display())).await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();
    other
}

/// Calls go on for `held` while another process has the database locked; then all are stored once.
async fn calls_outlive_a_lock_of(held: Duration) -> u32 {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let mut archiver = archiver(dir.path());
    catch_up(&mut archiver).await;
    let mut other = locked(dir.path()).await;
    let (start, mut count, mut slowest) = (Instant::now(), 0, Duration::ZERO);
    while start.elapsed() < held {
        for _ in 0..25 {
            let events = call(id(count), u64::from(count), true);
            let before = Instant::now();
            append_calls(&mut journal, &events);
            slowest = slowest.max(before.elapsed());
            count += 1;
        }
        assert!(archiver.step().await.is_err());
    }
    assert!(matches!(archiver.status().get().0, State::Blocked(why) if why.contains("lock")));
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    catch_up(&mut archiver).await;
    let folds: Vec<_> = (0..count).map(|count| Record::fold(&call(id(count), u64::from(count), true)).unwrap()).collect();
    assert!(stored(dir.path()).await == folds);
    assert_eq!(journal.health(), Health::Good);
    eprintln!("locked for {held:?}: {count} calls, slowest append {slowest:?}, {} tries failed", archiver.status().get().1.failures);
    count
}

#[tokio::test]
async fn calls_go_on_and_no_record_is_lost_while_another_process_locks_the_database_f3() {
    assert!(calls_outlive_a_lock_of(Duration::from_secs(2)).await >= 25);
}

#[tokio::test]
#[ignore = "takes a minute: the lock is held for 60 s"]
async fn calls_go_on_while_the_database_is_locked_for_a_minute_f3() {
    calls_outlive_a_lock_of(Duration::from_secs(60)).await;
}

/// A connection closed later, behind our back, holds the database locked when the next one is opened. The last one closed removes the WAL.
#[tokio::test]
async fn an_archiver_that_failed_or_ended_has_closed_the_database() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let mut archiver = archiver(dir.path());
    catch_up(&mut archiver).await;
    let other = locked(dir.path()).await;
    append_calls(&mut journal, &call(id(0), 0, true));
    assert!(archiver.step().await.is_err());
    other.close().await.unwrap();
    let wal = dir.path().join(format!("{DATABASE}-wal"));
    assert!(!wal.exists(), "the other one was the last");
    catch_up(&mut archiver).await;
    assert!(wal.exists());
    archiver.close().await;
    assert!(!wal.exists());
}

#[tokio::test]
async fn the_running_archiver_waits_for_a_lock_and_then_goes_on_by_itself_f3() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    archive(dir.path()).await;
    let mut other = locked(dir.path()).await;
    let options = ArchiverOptions { back_off: (Duration::from_millis(1), Duration::from_millis(10)), ..ArchiverOptions::default() };
    let archiver = Archiver::new(dir.path(), &dir.path().join(DATABASE), options);
    let status = archiver.status();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let run = tokio::spawn(archiver.run(stopped));
    (0..10).for_each(|count| append_calls(&mut journal, &call(id(count), u64::from(count), true)));
    until(|| status.get().1.failures >= 2).await;
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    until(|| status.get().1.calls == 10).await;
    stop.send(true).unwrap();
    run.await.unwrap();
    assert_eq!(stored(dir.path()).await.len(), 10);
}

async fn until(done: impl Fn() -> bool) {
    let check = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), check).await.expect("it comes about");
}

/// A small disk of its own, unmounted at the end.
struct SmallDisk(PathBuf, #[allow(dead_code, reason = "removed when dropped")] tempfile::TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_owned();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(&path).output();
        match mount {
            Ok(output) if output.status.success() => Some(Self(path, dir)),
            _ => {
                eprintln!("NOT RUN: no tmpfs can be mounted here (needs root), so the full disk was only played by the spool's own tests");
                None
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

fn fill(path: &Path) {
    let mut file = std::fs::File::create(path).unwrap();
    let zeros = vec![0; 4096];
    while std::io::Write::write_all(&mut file, &zeros).is_ok() {}
}

#[tokio::test]
async fn calls_go_on_and_no_record_is_lost_while_the_disk_is_full_f4() {
    let Some(disk) = SmallDisk::mount("8m") else { return };
    let dir = disk.0.join("data");
    let options = Options { segment_bytes: 256 << 10, reserve_bytes: 1 << 20, memory_bytes: 4 << 20, epoch_above: 0 };
    let (mut journal, _) = Journal::open(&dir, options).unwrap();
    let mut archiver = archiver(&dir);
    catch_up(&mut archiver).await;
    assert_eq!((journal.health(), journal.health_change()), (Health::Good, None));
    fill(&disk.0.join("filler"));
    let (mut seen, mut count) = (Vec::new(), 0);
    while !matches!(journal.health(), Health::Memory { bytes } if bytes > 1 << 20) {
        append_calls(&mut journal, &call(id(count), u64::from(count), true));
        count += 1;
        if count % 200 == 0 {
            journal.flush_pending();
            // It may find room in pages it has; whatever it finds, it must neither crash nor forget.
            drop(archiver.step().await);
        }
        seen.extend(journal.health_change());
    }
    assert!(matches!(seen[..], [Health::Reserve, Health::Memory { .. }]), "each change is told once: {seen:?}");
    assert!(matches!(archiver.status().get().0, State::Blocked(_)), "{:?}", archiver.status().get());
    std::fs::remove_file(disk.0.join("filler")).unwrap();
    journal.flush_pending();
    catch_up(&mut archiver).await;
    journal.flush_pending();
    assert_eq!((journal.health(), journal.lost()), (Health::Good, 0), "and all without a restart");
    let folds: Vec<_> = (0..count).map(|count| Record::fold(&call(id(count), u64::from(count), true)).unwrap()).collect();
    assert!(stored(&dir).await == folds, "{} of {count}", stored(&dir).await.len());
    eprintln!("full disk: {count} calls, {} tries of the archiver failed", archiver.status().get().1.failures);
}

#[test]
fn a_start_on_a_full_disk_works_and_writes_its_boot_once_there_is_room_f4() {
    let Some(disk) = SmallDisk::mount("2m") else { return };
    let options = Options { segment_bytes: 256 << 10, reserve_bytes: 256 << 10, memory_bytes: 1 << 20, epoch_above: 0 };
    drop(Journal::open(&disk.0, options).unwrap());
    std::fs::remove_file(disk.0.join("reserve")).unwrap();
    fill(&disk.0.join("filler"));
    let (mut journal, recovered) = Journal::open(&disk.0, options).unwrap();
    assert_eq!(recovered.epoch, 2);
    assert!(matches!(journal.health(), Health::Memory { .. }), "{:?}", journal.health());
    std::fs::remove_file(disk.0.join("filler")).unwrap();
    journal.flush_pending();
    assert_eq!(journal.health(), Health::Good);
    drop(journal);
    assert_eq!(Journal::open(&disk.0, options).unwrap().1.epoch, 3);
}
