//! What a start finds in the journal: the last epoch, the calls that were going on, and the damage.

use crate::scan::{self, Step};
use hotline_model::history::{EventKind, Registration};
use hotline_model::{CallEvent, CallId, Entry, Intent, JournalError, Name, Suspect, Switch, WallTime, WrongPins};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What [`crate::Journal::open`] found.
#[derive(Debug, Default)]
pub struct Recovered {
    /// The epoch of this run: one more than any before.
    pub epoch: u32,
    /// Calls that arrived and were not archived, each with its events in order. The engine takes them up again or ends them;
    /// either way it must append their `Archived`, or their segments stay.
    pub live: BTreeMap<CallId, Vec<CallEvent>>,
    /// The bindings of each account that registered, and when that was written.
    pub registrations: BTreeMap<Name, (WallTime, Vec<Registration>)>,
    /// What each seat's agent chose last, and when that was written.
    pub chosen: BTreeMap<Name, (WallTime, Intent)>,
    /// Which seat's calls each telephone rings for that isn't the seat's own, or `None` if somebody left it, and when that was written.
    pub hot_desks: BTreeMap<Name, (WallTime, Option<Name>)>,
    /// The wrong PINs in a row of each seat and telephone, as they were told last.
    pub wrong_pins: BTreeMap<Suspect, WrongPins>,
    /// Announcements as they were switched last.
    pub switched: BTreeMap<Name, Switch>,
    /// Damage that was stepped over, and torn tails that were cut.
    pub damaged: Vec<(PathBuf, JournalError)>,
    /// Bytes of journal read.
    pub bytes: u64,
}

/// Damage told one by one; beyond this the rest is not listed (the entries behind it are still read).
const DAMAGE_TOLD: usize = 1_000;

/// Reads all segments, cuts torn tails, and tells the last epoch in `epoch`.
pub(crate) fn read(dir: &Path) -> io::Result<Recovered> {
    let mut found = Recovered { epoch: saved_epoch(dir), ..Recovered::default() };
    let ends = scan::read_all(dir, |_, path, step| match step {
        Step::Entry(Entry::Call(event), _) => found.take(event),
        Step::Entry(Entry::Boot { epoch, .. }, _) => found.epoch = found.epoch.max(epoch),
        Step::Entry(Entry::Registrations { at, account, bound }, _) => {
            found.registrations.insert(account, (at, bound));
        }
        Step::Entry(Entry::HotDesk { at, phone, seat }, _) => {
            found.hot_desks.insert(phone, (at, seat));
        }
        Step::Entry(Entry::WrongPins(tries), _) => {
            found.wrong_pins.insert(tries.suspect.clone(), tries);
        }
        Step::Entry(Entry::Switched(switch), _) => {
            found.switched.insert(switch.announcement.clone(), switch);
        }
        Step::Entry(Entry::Seat(event), _) => {
            found.chosen.insert(event.seat, (event.at, event.state.intent));
        }
        Step::Entry(Entry::Decision { .. }, _) => {}
        Step::Skipped(error) => found.tell(path, error),
    })?;
    for (id, end, tail) in ends {
        found.epoch = found.epoch.max(id.epoch);
        found.bytes += end;
        if let Some(error) = tail {
            let path = dir.join(id.file_name());
            found.tell(&path, error);
            cut(&path, end, error);
        }
    }
    // A call whose arrival was lost to damage can't be taken up again; the archiver still stores what is left of it.
    found.live.retain(|_, events| matches!(events[0].kind, EventKind::Arrived { .. }));
    Ok(found)
}

impl Recovered {
    fn take(&mut self, event: CallEvent) {
        if matches!(event.kind, EventKind::Archived) {
            self.live.remove(&event.call);
        } else {
            self.live.entry(event.call).or_default().push(event);
        }
    }

    fn tell(&mut self, path: &Path, error: JournalError) {
        if self.damaged.len() < DAMAGE_TOLD {
            self.damaged.push((path.to_owned(), error));
        }
    }
}

/// A torn tail is what a crash leaves and is cut; anything else stays for whoever wants to look at it.
fn cut(path: &Path, end: u64, error: JournalError) {
    if matches!(error, JournalError::TornTail(_)) {
        // If it can't be cut it is told again at the next start; nothing is ever written behind it.
        let _kept = File::options().write(true).open(path).and_then(|file| file.set_len(end));
    }
}

fn saved_epoch(dir: &Path) -> u32 {
    std::fs::read_to_string(dir.join("epoch")).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Writes the epoch so that it outlives all segments: temp file, fsync, rename, fsync of the directory.
pub(crate) fn save_epoch(dir: &Path, epoch: u32) -> io::Result<()> {
    let temp = dir.join("epoch.new");
    let mut file = File::create(&temp)?;
    file.write_all(format!("{epoch}\n").as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&temp, dir.join("epoch"))?;
    File::open(dir)?.sync_all()
}
