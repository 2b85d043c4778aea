//! Recordings that are nobody's message: a crash came between what was journalled of them and their end.

use super::{AT_ONCE, RESTRICTED, folder, remove};
use hotline_archive::{Found, Look, LookError, Source};
use hotline_model::history::MessageOrder;
use hotline_model::{CallId, EventKind};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// Destroys recordings of the runs before `epoch` of which the journal or the database says that they are no message, or a deleted one; to be
/// called on a thread of its own. A recording of a call that neither knows stays until it is old (R129), and so does one whose call may still
/// name it: what this run has taken up again.
pub fn sweep_unwanted(data: &Path, epoch: u32) {
    let files = match recordings(data, epoch) {
        Ok(files) if files.is_empty() => return,
        Ok(files) => files,
        Err(error) => return tracing::warn!(%error, "recordings that are no messages can't be looked for"),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return tracing::warn!(%error, "recordings that are no messages can't be looked for"),
    };
    match runtime.block_on(sweep(data, files)) {
        Ok(0) | Err(LookError::Nothing(_)) => {}
        Ok(gone) => tracing::info!(gone, "recordings that are no messages were destroyed"),
        Err(error) => tracing::warn!(%error, "recordings that are no messages stay until they are old (retention.recordings)"),
    }
}

/// The recordings of calls that began before a run, by the names that they are given.
fn recordings(data: &Path, epoch: u32) -> io::Result<Vec<(CallId, PathBuf)>> {
    let mut all = Vec::new();
    for dir in [folder(data), folder(data).join(RESTRICTED)] {
        let entries = match std::fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let path = entry?.path();
            let named = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".wav")?.parse::<CallId>().ok());
            all.extend(named.filter(|call| call.epoch() < epoch).map(|call| (call, path)));
        }
    }
    Ok(all)
}

async fn sweep(data: &Path, files: Vec<(CallId, PathBuf)>) -> Result<usize, LookError> {
    let look = Look::open(data).await?;
    // What is live is looked at in the journal once, and not for each call.
    let live: BTreeSet<CallId> =
        look.live().await?.into_iter().filter(|(_, events)| !is_over(events)).map(|(record, _)| record.call).collect();
    let mut gone = 0;
    for (call, path) in files.into_iter().filter(|(call, _)| !live.contains(call)) {
        if !look.call(call).await?.is_some_and(|found| is_unwanted(&found)) {
            continue;
        }
        match remove(&path) {
            Ok(()) => gone += 1,
            Err(error) => tracing::error!(path = %path.display(), %error, "what is no message can't be deleted (R129)"),
        }
        if gone >= AT_ONCE {
            break;
        }
    }
    Ok(gone)
}

/// Whether a call's recording is no message, or a deleted one.
fn is_unwanted(found: &Found) -> bool {
    let archived_without = || found.source != Source::Live && found.record.as_ref().is_some_and(|record| record.message.is_none());
    is_over(&found.events) || archived_without()
}

/// Whether the last word on a call's message is that there is none, or that it was deleted.
fn is_over(events: &[hotline_model::CallEvent]) -> bool {
    let none = |kind: &EventKind| matches!(kind, EventKind::NoMessage { .. } | EventKind::Message { order: MessageOrder::Delete, .. });
    let says = |kind: &EventKind| {
        matches!(kind, EventKind::MessageBegun { .. } | EventKind::MessageLeft(_) | EventKind::NoMessage { .. } | EventKind::Message { .. })
    };
    events.iter().rev().find(|event| says(&event.kind)).is_some_and(|last| none(&last.kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_archive::{Archiver, ArchiverOptions, ArchiverStep, DATABASE, Journal, Options};
    use hotline_model::history::{Cause, MessageEnd, MessageLeft, NoMessage, Side};
    use hotline_model::{CallEvent, Entry, Name, Number, Revision, WallTime, encode_entry};

    fn file(count: u32) -> Name {
        format!("{}.wav", CallId::new(1, 0, count)).into()
    }

    fn begun(count: u32) -> EventKind {
        EventKind::MessageBegun { voicemail: "evening".into(), file: file(count) }
    }

    fn left(count: u32) -> EventKind {
        let (voicemail, queue) = ("evening".into(), "line".into());
        EventKind::MessageLeft(Box::new(MessageLeft { voicemail, queue, file: file(count), length_ms: 9_000, end: MessageEnd::Key }))
    }

    fn none() -> EventKind {
        EventKind::NoMessage { voicemail: "evening".into(), why: NoMessage::TooShort }
    }

    fn order(order: MessageOrder) -> EventKind {
        EventKind::Message { by: "wang".into(), order }
    }

    fn over() -> EventKind {
        EventKind::HungUp { side: Side::Caller, cause: Cause::Completed, q850: None }
    }

    fn append(journal: &mut Journal, count: u32, kinds: Vec<EventKind>) {
        let arrived = EventKind::Arrived {
            dialled: "hotline".into(),
            from: Number::new("13800138000"),
            source: ([127, 0, 0, 1], 5061).into(),
            sip_call_id: "x".into(),
            revision: Revision(1),
        };
        let mut bytes = Vec::new();
        for kind in std::iter::once(arrived).chain(kinds) {
            let event = CallEvent { call: CallId::new(1, 0, count), at: WallTime(1_772_416_800_000_000), kind };
            encode_entry(&Entry::Call(event), &mut bytes);
        }
        journal.append(&bytes);
    }

    fn kept(dir: &Path) -> Vec<u32> {
        let names = std::fs::read_dir(folder(dir)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut kept: Vec<u32> = names.filter_map(|name| Some(name.strip_suffix(".wav")?.parse::<CallId>().ok()?.count())).collect();
        kept.sort_unstable();
        kept
    }

    #[tokio::test]
    async fn what_a_crash_left_of_messages_that_are_none_goes_and_what_may_be_one_stays_r129() {
        let dir = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(dir.path(), Options::default()).unwrap();
        let archived = |kinds: Vec<EventKind>| [kinds, vec![over(), EventKind::Archived]].concat();
        append(&mut journal, 1, archived(vec![begun(1), none()]));
        append(&mut journal, 2, archived(vec![begun(2), left(2), order(MessageOrder::Take), order(MessageOrder::Done)]));
        append(&mut journal, 3, archived(vec![begun(3), left(3), order(MessageOrder::Take), order(MessageOrder::Delete)]));
        let mut archiver = Archiver::new(dir.path(), &dir.path().join(DATABASE), ArchiverOptions::default());
        while archiver.step().await.unwrap() == ArchiverStep::More {}
        archiver.close().await;
        append(&mut journal, 4, vec![begun(4)]);
        append(&mut journal, 5, vec![begun(5), none()]);
        append(&mut journal, 6, vec![begun(6), left(6), order(MessageOrder::Heard)]);
        append(&mut journal, 7, archived(vec![begun(7), none()]));
        drop(journal);
        std::fs::create_dir(folder(dir.path())).unwrap();
        let strangers = [format!("{}.wav", CallId::new(2, 0, 1)), "somebody's.wav".to_owned(), "notes.txt".to_owned()];
        let all = (1..=8).map(|count| file(count).to_string()).chain(strangers);
        all.for_each(|name| std::fs::write(folder(dir.path()).join(name), b"RIFF").unwrap());
        let files = recordings(dir.path(), 2).unwrap();
        assert_eq!(files.len(), 8, "this run's are its own, and others nobody's");
        assert_eq!(sweep(dir.path(), files).await.unwrap(), 4);
        assert_eq!(kept(dir.path()), [1, 2, 4, 6, 8], "of 4 more may be said, 8 is a call that nobody knows; 2-0-1 is of this run");
        assert_eq!(sweep(dir.path(), recordings(dir.path(), 2).unwrap()).await.unwrap(), 0);
    }

    #[test]
    fn a_house_without_messages_has_none_that_is_unwanted() {
        let dir = tempfile::tempdir().unwrap();
        assert!(recordings(dir.path(), 9).unwrap().is_empty());
        sweep_unwanted(dir.path(), 9);
    }
}
