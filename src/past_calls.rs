//! Tells the engine after a start who called in the last days: whose matter is open, and who had whom last (R57, R43). Calls don't wait for it.

use crate::engine_thread::{Mailbox, Message};
use hotline_archive::{Filter, Look, LookError, Outcome};
use hotline_engine::PastTalk;
use hotline_model::{Number, Record, WallTime};
use std::path::Path;
use std::time::Duration;

/// The longest that `desk.matter_open_for` may be.
const LONGEST: Duration = Duration::from_secs(30 * 86_400);
/// Records that are read at a time.
const PAGE: u32 = 2_000;
/// Pages at most: as many records as an engine remembers numbers.
const PAGES: usize = 50;

/// How often it is tried again while too many calls wait to be stored, and how long it waits each time: an archiver stores thousands a second.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_secs(30);

/// Reads what is stored, the newest first, and hands it on; to be called on a thread of its own. What can't be read is told in the log.
pub fn tell(data: &Path, now: WallTime, mailbox: &Mailbox) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return tracing::warn!(%error, "who called before can't be read"),
    };
    match runtime.block_on(read_patiently(data, now, mailbox)) {
        Ok(0) | Err(LookError::Nothing(_)) => {}
        Ok(count) => tracing::info!(count, "calls of the last days are known"),
        Err(error) => tracing::warn!(%error, "who called before is not known: no caller is led to the owner of an open matter (R57)"),
    }
}

async fn read_patiently(data: &Path, now: WallTime, mailbox: &Mailbox) -> Result<usize, LookError> {
    for _ in 1..TRIES {
        match read(data, now, mailbox).await {
            Err(error @ LookError::TooManyWaiting(_)) if !mailbox.is_closed() => {
                tracing::info!(%error, "who called before is read later");
                tokio::time::sleep(PAUSE).await;
            }
            done => return done,
        }
    }
    read(data, now, mailbox).await
}

async fn read(data: &Path, now: WallTime, mailbox: &Mailbox) -> Result<usize, LookError> {
    let look = Look::open(data).await?;
    let since = WallTime(now.0.saturating_sub_unsigned(u64::try_from(LONGEST.as_micros()).unwrap_or(u64::MAX)));
    let mut filter = Filter { since: Some(since), outcome: Some(Outcome::Answered), limit: PAGE, ..Filter::default() };
    let mut count = 0;
    for _ in 0..PAGES {
        // The calls that are not stored yet are read with the first page; each later one reads what was written meanwhile.
        let page = look.calls(&filter).await?;
        filter.behind = page.last().map(|(record, _)| (record.t0, record.call));
        let talks: Vec<PastTalk> = page.iter().filter_map(|(record, _)| talk(record)).collect();
        let asked: Vec<(Number, WallTime)> =
            page.iter().filter_map(|(record, _)| Some((record.from.clone(), record.survey.as_ref()?.began))).collect();
        if !asked.is_empty() && !mailbox.send(Message::Surveyed(asked)) {
            break;
        }
        count += talks.len();
        if !talks.is_empty() && !mailbox.send(Message::Past(talks)) {
            break;
        }
        if page.len() < PAGE as usize {
            break;
        }
    }
    Ok(count)
}

/// What a record says of the next call of that number; `None` if no seat had it, or if it was a seat's own.
fn talk(record: &Record) -> Option<PastTalk> {
    let last = record.seat.clone().filter(|_| record.phone.is_none())?;
    let owner = record.owner.clone().unwrap_or_else(|| last.clone());
    let at = record.t7.or(record.t6).unwrap_or(record.t0);
    Some(PastTalk { from: record.from.clone(), owner, last, disposition: record.disposition.clone(), at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waker::Waker;
    use hotline_archive::{Journal, Options};
    use hotline_model::history::{Cause, Side};
    use hotline_model::{CallEvent, CallId, Entry, EventKind, Revision, encode_entry};

    const NOW: i64 = 1_772_416_800_000_000;

    /// A call that seat 1001 answered.
    fn answered(count: u32) -> Vec<u8> {
        let source = ([127, 0, 0, 1], 5061).into();
        let (dialled, from) = ("hotline".into(), Number::new(&format!("138{count:08}")));
        let kinds = [
            EventKind::Arrived { dialled, from, source, sip_call_id: "x".into(), revision: Revision(1) },
            EventKind::Answered { seat: "1001".into() },
            EventKind::SurveyBegan { queue: "line".into(), seat: "1001".into() },
            EventKind::HungUp { side: Side::Caller, cause: Cause::Normal, q850: None },
            EventKind::Archived,
        ];
        let mut bytes = Vec::new();
        for kind in kinds {
            let at = WallTime(NOW + i64::from(count));
            encode_entry(&Entry::Call(CallEvent { call: CallId::new(1, 0, count), at, kind }), &mut bytes);
        }
        bytes
    }

    #[test]
    fn every_conversation_in_the_journal_is_told_once_over_several_pages_the_newest_first_r43() {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { reserve_bytes: 0, ..Options::default() };
        let (mut journal, _) = Journal::open(dir.path(), options).unwrap();
        let calls = PAGE * 2 + 5;
        (0..calls).for_each(|count| journal.append(&answered(count)));
        let (mailbox, messages) = Mailbox::new(Waker::default());
        tell(dir.path(), WallTime(NOW), &mailbox);
        let (mut talks, mut asked): (Vec<PastTalk>, usize) = (Vec::new(), 0);
        for message in messages.try_iter() {
            if let Message::Past(more) = message {
                talks.extend(more);
            } else if let Message::Surveyed(more) = message {
                asked += more.len();
            }
        }
        assert_eq!(asked, calls as usize, "whom surveys asked is told too (R99)");
        let told: Vec<_> = talks.iter().map(|talk| talk.from.reveal().to_owned()).collect();
        assert_eq!(told, (0..calls).rev().map(|count| format!("138{count:08}")).collect::<Vec<_>>());
        assert!(talks.iter().all(|talk| &*talk.last == "1001" && talk.owner == talk.last));
    }
}
