//! The calls that are in the journal and not in the database yet, folded once: a second look reads only what was written since.

use crate::look::Source;
use crate::scan::{Follow, Followed, Position, SegmentId, Step};
use hotline_model::history::EventKind;
use hotline_model::{CallEvent, CallId, Entry, Record};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// Calls that may wait at once, in a database outage of hours: some 200 MB.
pub(crate) const MOST: usize = 100_000;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum NotRead {
    Io(io::Error),
    TooMany(usize),
}

#[derive(Debug)]
struct Waiting {
    record: Record,
    /// Where its `Archived` ends.
    over: Option<Position>,
}

/// The fold, and how far the journal is read.
#[derive(Debug)]
pub(crate) struct Unstored {
    most: usize,
    calls: BTreeMap<CallId, Waiting>,
    follow: Follow,
    stored: SegmentId,
}

impl Unstored {
    /// Nothing is read yet; more than `most` calls are too many.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, calls: BTreeMap::new(), follow: Follow::default(), stored: SegmentId::default() }
    }

    /// Reads on from where it was and tells how many entries that were; all before `cursor` is stored. After an error all begins anew.
    pub(crate) fn read_on(&mut self, dir: &Path, cursor: Position) -> Result<usize, NotRead> {
        // Once the archiver has left a segment behind, that one may be shrunk, and the ends of calls in it missed.
        if cursor.segment > self.stored {
            *self = Self { stored: cursor.segment, ..Self::new(self.most) };
        }
        self.calls.retain(|_, call| call.over.is_none_or(|over| over > cursor));
        let read = self.read(dir, cursor);
        if read.is_err() {
            *self = Self::new(self.most);
        }
        read
    }

    fn read(&mut self, dir: &Path, cursor: Position) -> Result<usize, NotRead> {
        let mut entries = 0;
        loop {
            match self.follow.more(dir).map_err(NotRead::Io)? {
                Followed::Steps(steps) => {
                    for step in steps {
                        let Step::Entry(entry, offset) = step else { continue };
                        entries += 1;
                        if let Entry::Call(event) = entry {
                            self.take(&event, Position { segment: self.follow.segment(), offset }, cursor)?;
                        }
                    }
                }
                Followed::Next(_) => {}
                Followed::End => return Ok(entries),
            }
        }
    }

    fn take(&mut self, event: &CallEvent, end: Position, cursor: Position) -> Result<(), NotRead> {
        let over = matches!(event.kind, EventKind::Archived);
        if over && end <= cursor {
            self.calls.remove(&event.call);
        } else if let Some(call) = self.calls.get_mut(&event.call) {
            call.record.apply(event);
            call.over = call.over.or(over.then_some(end));
        } else if let Some(record) = Record::begin(event) {
            self.calls.insert(event.call, Waiting { record, over: None });
        }
        if self.calls.len() > self.most { Err(NotRead::TooMany(self.most)) } else { Ok(()) }
    }

    /// The calls, and whether they are over.
    pub(crate) fn calls(&self) -> impl Iterator<Item = (&Record, Source)> {
        self.calls.values().map(|call| (&call.record, if call.over.is_some() { Source::Journal } else { Source::Live }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::{Number, Revision, WallTime, encode_entry};
    use std::fs::File;
    use std::io::Write;

    fn event(count: u32, kind: EventKind) -> Entry {
        Entry::Call(CallEvent { call: CallId::new(1, 0, count), at: WallTime(i64::from(count)), kind })
    }

    fn arrived() -> EventKind {
        let source = ([127, 0, 0, 1], 5061).into();
        let (dialled, from) = ("hotline".into(), Number::new("13800138000"));
        EventKind::Arrived { dialled, from, source, sip_call_id: "x".into(), revision: Revision(1) }
    }

    fn append(dir: &Path, segment: SegmentId, entries: &[Entry]) -> Position {
        let mut bytes = Vec::new();
        entries.iter().for_each(|entry| encode_entry(entry, &mut bytes));
        let mut file = File::options().create(true).append(true).open(dir.join(segment.file_name())).unwrap();
        file.write_all(&bytes).unwrap();
        Position { segment, offset: file.metadata().unwrap().len() }
    }

    fn seen(unstored: &Unstored) -> Vec<(u32, Source)> {
        unstored.calls().map(|(record, source)| (record.call.count(), source)).collect()
    }

    const FIRST: SegmentId = SegmentId { epoch: 1, number: 1 };
    const SECOND: SegmentId = SegmentId { epoch: 1, number: 2 };

    #[test]
    fn a_second_look_reads_only_what_was_written_since() {
        let dir = tempfile::tempdir().unwrap();
        let mut unstored = Unstored::new(100);
        append(dir.path(), FIRST, &[event(1, arrived()), event(2, arrived()), event(1, EventKind::PickedUp)]);
        assert_eq!(unstored.read_on(dir.path(), Position::default()).unwrap(), 3);
        assert_eq!(unstored.read_on(dir.path(), Position::default()).unwrap(), 0);
        append(dir.path(), FIRST, &[event(1, EventKind::Archived)]);
        append(dir.path(), SECOND, &[event(3, arrived())]);
        assert_eq!(unstored.read_on(dir.path(), Position::default()).unwrap(), 2);
        assert_eq!(seen(&unstored), [(1, Source::Journal), (2, Source::Live), (3, Source::Live)]);
        assert!(unstored.calls().next().is_some_and(|(record, _)| record.t1.is_some() && record.t7.is_some()));
    }

    #[test]
    fn what_is_stored_meanwhile_is_told_no_more_and_read_no_second_time() {
        let dir = tempfile::tempdir().unwrap();
        let mut unstored = Unstored::new(100);
        let end = append(dir.path(), FIRST, &[event(1, arrived()), event(2, arrived()), event(1, EventKind::Archived)]);
        let start = Position { segment: FIRST, offset: 0 };
        assert_eq!(unstored.read_on(dir.path(), start).unwrap(), 3);
        assert_eq!(unstored.read_on(dir.path(), end).unwrap(), 0);
        assert_eq!(seen(&unstored), [(2, Source::Live)]);
        append(dir.path(), FIRST, &[event(2, EventKind::Archived)]);
        assert_eq!(unstored.read_on(dir.path(), end).unwrap(), 1);
        assert_eq!(seen(&unstored), [(2, Source::Journal)]);
    }

    #[test]
    fn an_end_that_was_shrunk_away_unseen_leaves_no_call_that_lives_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let mut unstored = Unstored::new(100);
        append(dir.path(), FIRST, &[event(1, arrived()), event(2, arrived())]);
        unstored.read_on(dir.path(), Position { segment: FIRST, offset: 0 }).unwrap();
        // The end of call 2 stood in the first segment too; the archiver is in the third.
        std::fs::remove_file(dir.path().join(FIRST.file_name())).unwrap();
        append(dir.path(), FIRST, &[event(1, arrived())]);
        let third = SegmentId { epoch: 1, number: 3 };
        let end = append(dir.path(), third, &[event(3, arrived())]);
        unstored.read_on(dir.path(), end).unwrap();
        assert_eq!(seen(&unstored), [(1, Source::Live), (3, Source::Live)]);
    }

    #[test]
    fn too_many_are_told_by_name_and_the_next_look_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let mut unstored = Unstored::new(2);
        let end = append(dir.path(), FIRST, &(1..=3).map(|count| event(count, arrived())).collect::<Vec<_>>());
        assert!(matches!(unstored.read_on(dir.path(), Position::default()), Err(NotRead::TooMany(2))));
        append(dir.path(), FIRST, &[event(1, EventKind::Archived)]);
        assert!(matches!(unstored.read_on(dir.path(), end), Err(NotRead::TooMany(2))));
        let read = Unstored::new(3).read_on(dir.path(), end).unwrap();
        assert_eq!(read, 4);
    }
}
