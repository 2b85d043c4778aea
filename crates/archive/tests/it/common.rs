//! Calls to archive, made from a seed.

use crate::kinds;
use hotline_archive::{Archiver, ArchiverOptions, ArchiverStep, DATABASE, Filter, Journal, Options, Reader};
use hotline_model::history::{
    Cause, Classified, ClockChange, ClockEvent, DecidingKey, Decision, DialogState, Flow, NO_SEAT, OfferEnd, SeatEvent, Side, Transport,
    Trigger,
};
use hotline_model::{
    Activity, CallEvent, CallId, Class, Entry, EventKind, Intent, Kind, LegRole, Name, Number, Priority, QueueId, Record, Revision, SeatId,
    SeatState, Timestamp, WallTime, encode_entry,
};
use std::path::Path;
use std::time::Duration;

/// A small generator: the tests must not change with a library's.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn roll(&mut self, sides: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 33) % u64::from(sides)) as u32
    }

    pub fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len() as u32) as usize].clone()
    }
}

pub const DAY: i64 = 1_772_416_800_000_000;

/// Everything that happened in one call; with `ends`, up to its archiving.
pub fn call(id: CallId, seed: u64, ends: bool) -> Vec<CallEvent> {
    let mut dice = Dice::new(seed);
    let mut at = DAY + i64::from(dice.roll(3_600_000)) * 1_000;
    let mut kinds = vec![arrived(&format!("138{:08}", dice.roll(100_000_000)), seed), EventKind::PickedUp, leg(seed)];
    for _ in 0..dice.roll(4) {
        kinds.push(EventKind::Menu(dice.one(&["main", "billing", "语言"]).into()));
        kinds.push(EventKind::Digit { menu: "main".into(), digit: dice.one(&['0', '1', '9', '*', '#']) });
    }
    if dice.roll(4) > 0 {
        kinds.extend(queued(&mut dice));
    }
    if dice.roll(8) == 0 {
        kinds.push(EventKind::Recovered);
    }
    for _ in 0..dice.roll(8) {
        kinds.push(kinds::any(&mut dice));
    }
    if ends {
        let cause = dice.one(&[Cause::Normal, Cause::AbandonedInQueue, Cause::AbandonedInMenu, Cause::Technical, Cause::Completed]);
        kinds.push(EventKind::HungUp {
            side: dice.one(&[Side::Caller, Side::Agent, Side::System]),
            cause,
            q850: dice.one(&[None, Some(16)]),
        });
        if dice.roll(5) == 0 {
            kinds.push(EventKind::Handled { disposition: "refund \"paid\"".into() });
        }
        kinds.push(EventKind::Archived);
    }
    kinds
        .into_iter()
        .map(|kind| {
            at += i64::from(dice.roll(5_000)) * 1_000;
            CallEvent { call: id, at: WallTime(at), kind }
        })
        .collect()
}

pub fn arrived(from: &str, revision: u64) -> EventKind {
    EventKind::Arrived {
        dialled: "hotline".into(),
        from: Number::new(from),
        source: ([127, 0, 0, 1], 5071).into(),
        sip_call_id: format!("{revision:x}@127.0.0.1"),
        revision: Revision(revision.wrapping_mul(0xdead_beef_0000_0001)),
    }
}

pub fn dialog(seed: u64) -> DialogState {
    let flow =
        Flow { transport: Transport::Udp, local: ([127, 0, 0, 1], 5060).into(), remote: ([127, 0, 0, 1], 5071).into(), connection: 0 };
    DialogState {
        call_id: format!("{seed:x}"),
        local_tag: "a".into(),
        remote_tag: "b".into(),
        local_party: "<sip:hotline@127.0.0.1>".into(),
        remote_party: "<sip:caller@127.0.0.1>".into(),
        local_cseq: 1,
        remote_cseq: Some(1),
        route_set: vec!["<sip:p;lr>".into()],
        remote_target: "sip:caller@127.0.0.1:5071".into(),
        contact: "sip:hotline@127.0.0.1".into(),
        flow,
        session_expires: None,
        we_called: false,
    }
}

fn leg(seed: u64) -> EventKind {
    EventKind::Leg { leg: 0, role: LegRole::Caller, seat: None, dialog: Box::new(dialog(seed)), media: None }
}

fn queued(dice: &mut Dice) -> Vec<EventKind> {
    let priority = dice.one(Priority::ALL);
    let clock = |clock, change, limit_ms| EventKind::Clock(ClockEvent { clock, change, limit_ms });
    let classified = Classified {
        class: dice.one(&[None, Some(Class::Complex)]),
        nature: None,
        kind: Some(dice.one(Kind::ALL)),
        category: None,
        topic: None,
        priority,
        language: "zh-CN".into(),
        region: dice.one(&[None, Some("华东".into())]),
        skills: vec![("billing".into(), 3)],
        sensitive: dice.roll(9) == 0,
    };
    let queue: Name = dice.one(&["billing", "tech"]).into();
    let mut kinds = vec![EventKind::Classified(classified), EventKind::Queued { queue, priority }, clock(3, ClockChange::Started, 30_000)];
    for decision in 0..dice.roll(3) {
        let seat: Name = dice.one(&["1001", "1002", "1003"]).into();
        kinds.push(EventKind::Offered { seat: seat.clone(), decision: u64::from(decision), ring_ms: 10_000 });
        kinds.push(EventKind::Ringing { seat: seat.clone() });
        if dice.roll(2) == 0 {
            kinds.extend([EventKind::Answered { seat }, clock(3, ClockChange::Met, 30_000)]);
            break;
        }
        kinds.push(EventKind::OfferEnded { seat, why: dice.one(&[OfferEnd::Rona, OfferEnd::Rejected(486), OfferEnd::Unreachable]) });
        kinds.push(clock(3, ClockChange::Breached, 30_000));
    }
    kinds
}

pub fn decision(seq: u64, call: CallId, seat: Option<&str>) -> Entry {
    let decision = Decision {
        seq,
        at: Timestamp(seq as i64),
        call,
        revision: Revision(7 << 32),
        seat: seat.map_or(NO_SEAT, |_| 4),
        admitted: 5,
        ready: u32::from(seat.is_some()),
        ahead: 2,
        waited_ms: 1_234,
        rank: 9,
        queue: QueueId(1),
        trigger: Trigger::SeatReady,
        key: if seat.is_some() { DecidingKey::CallOrder } else { DecidingKey::Nobody },
        step: 1,
        tier: 1,
        priority: Priority::Important,
        proficiency: 8,
    };
    Entry::Decision { decision, at: WallTime(DAY.wrapping_add(seq as i64)), queue: "billing".into(), seat: seat.map(Name::from) }
}

pub fn seat(seq: u64, seat: &str, intent: Intent, activity: Activity) -> Entry {
    let state = SeatState { intent, activity, reachable: true };
    Entry::Seat(SeatEvent { seq, at: WallTime(DAY + seq as i64), seat: seat.into(), id: SeatId(1), state, call: None })
}

pub fn append(journal: &mut Journal, entries: &[Entry]) {
    let mut bytes = Vec::new();
    entries.iter().for_each(|entry| encode_entry(entry, &mut bytes));
    journal.append(&bytes);
}

pub fn append_calls(journal: &mut Journal, events: &[CallEvent]) {
    append(journal, &events.iter().cloned().map(Entry::Call).collect::<Vec<_>>());
}

pub fn small() -> Options {
    Options { segment_bytes: 16 << 10, reserve_bytes: 64 << 10, memory_bytes: 1 << 20, epoch_above: 0 }
}

pub fn open(dir: &Path) -> (Journal, hotline_archive::Recovered) {
    Journal::open(dir, small()).expect("the directory is ours")
}

/// An archiver that sweeps at every step.
pub fn archiver(dir: &Path) -> Archiver {
    Archiver::new(dir, &dir.join(DATABASE), ArchiverOptions { sweep: Duration::ZERO, keep_whole: 1, ..ArchiverOptions::default() })
}

/// An archiver starts, stores all there is, and ends.
pub async fn archive(dir: &Path) {
    let mut archiver = archiver(dir);
    catch_up(&mut archiver).await;
    archiver.close().await;
}

pub async fn catch_up(archiver: &mut Archiver) {
    while archiver.step().await.expect("nothing is in the way") == ArchiverStep::More {}
}

/// All records stored, in order of their ids.
pub async fn stored(dir: &Path) -> Vec<Record> {
    let reader = Reader::open(&dir.join(DATABASE)).await.expect("it was written");
    let mut records = reader.calls(&Filter { limit: 1_000_000, ..Filter::default() }).await.expect("it can be read");
    records.sort_by_key(|record| record.call);
    records
}

/// A directory in memory where there is one, for tests with thousands of starts: each of them waits for the disk twice.
pub fn dir_in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

pub fn segments(dir: &Path) -> Vec<String> {
    let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.starts_with("journal-")).collect();
    names.sort();
    names
}
