//! Tells the engine after a start who called in the last days: whose matter is open, and who had whom last (R57, R43). Calls don't wait for it.

use crate::engine_thread::{Mailbox, Message};
use hotline_archive::{Filter, Look, LookError, Outcome};
use hotline_engine::PastTalk;
use hotline_model::{Record, WallTime};
use std::path::Path;
use std::time::Duration;

/// The longest that `desk.matter_open_for` may be.
const LONGEST: Duration = Duration::from_secs(30 * 86_400);
/// Records that are read at a time.
const PAGE: u32 = 2_000;
/// Pages at most: as many records as an engine remembers numbers.
const PAGES: usize = 50;

/// Reads what is stored, the newest first, and hands it on; to be called on a thread of its own. What can't be read is told in the log.
pub fn tell(data: &Path, now: WallTime, mailbox: &Mailbox) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return tracing::warn!(%error, "who called before can't be read"),
    };
    match runtime.block_on(read(data, now, mailbox)) {
        Ok(0) | Err(LookError::Nothing(_)) => {}
        Ok(count) => tracing::info!(count, "calls of the last days are known"),
        Err(error) => tracing::warn!(%error, "who called before is not known: no caller is led to the owner of an open matter (R57)"),
    }
}

async fn read(data: &Path, now: WallTime, mailbox: &Mailbox) -> Result<usize, LookError> {
    let look = Look::open(data).await?;
    let since = WallTime(now.0.saturating_sub_unsigned(u64::try_from(LONGEST.as_micros()).unwrap_or(u64::MAX)));
    let mut filter = Filter { since: Some(since), outcome: Some(Outcome::Answered), limit: PAGE, ..Filter::default() };
    let mut count = 0;
    for _ in 0..PAGES {
        let page = look.calls(&filter).await?;
        filter.behind = page.last().map(|(record, _)| (record.t0, record.call));
        let talks: Vec<PastTalk> = page.iter().filter_map(|(record, _)| talk(record)).collect();
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

/// What a record says of the next call of that number; `None` if no seat had it.
fn talk(record: &Record) -> Option<PastTalk> {
    let last = record.seat.clone()?;
    let owner = record.owner.clone().unwrap_or_else(|| last.clone());
    let at = record.t7.or(record.t6).unwrap_or(record.t0);
    Some(PastTalk { from: record.from.clone(), owner, last, disposition: record.disposition.clone(), at })
}
