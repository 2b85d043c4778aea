//! What a restart must not forget besides calls: the registrations and what agents chose. One small file, replaced as a whole.

use crate::clock::Clock;
use crate::engine_thread::Remember;
use crossbeam_channel::Receiver;
use hotline_model::history::Registration;
use hotline_model::{Intent, Name, Suspect, Switch, WallTime, WrongPins};
use hotline_sip::Binding;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the file held.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedState {
    /// When; the journal may know better what came after.
    saved: WallTime,
    registrations: BTreeMap<Name, Vec<Registration>>,
    chosen: BTreeMap<Name, Intent>,
    hot_desks: BTreeMap<Name, Name>,
    wrong_pins: Vec<WrongPins>,
    switches: Vec<Switch>,
    emergency: Option<WallTime>,
}

impl SavedState {
    /// Takes over what the journal holds of the time after the file was written.
    pub fn catch_up(&mut self, registrations: BTreeMap<Name, (WallTime, Vec<Registration>)>, chosen: BTreeMap<Name, (WallTime, Intent)>) {
        let saved = self.saved;
        let written = registrations.values().map(|(at, _)| *at).chain(chosen.values().map(|(at, _)| *at));
        self.saved = written.fold(saved, WallTime::max);
        self.registrations
            .extend(registrations.into_iter().filter(|(_, (at, _))| *at >= saved).map(|(account, (_, bound))| (account, bound)));
        self.chosen.extend(chosen.into_iter().filter(|(_, (at, _))| *at >= saved).map(|(seat, (_, intent))| (seat, intent)));
    }

    /// Takes over from the journal who sat down at which telephone, or left it, after the file was written; before [`Self::catch_up`].
    pub fn follow_hot_desks(&mut self, moves: BTreeMap<Name, (WallTime, Option<Name>)>) {
        for (phone, (_, seat)) in moves.into_iter().filter(|(_, (at, _))| *at >= self.saved) {
            match seat {
                Some(seat) => self.hot_desks.insert(phone, seat),
                None => self.hot_desks.remove(&phone),
            };
        }
    }

    /// Takes over from the journal which PINs were tried in vain after the file was written; before [`Self::catch_up`].
    pub fn follow_wrong_pins(&mut self, tries: BTreeMap<Suspect, WrongPins>) {
        let later: BTreeMap<_, _> = tries.into_iter().filter(|(_, tries)| tries.last >= self.saved).collect();
        self.wrong_pins.retain(|old| !later.contains_key(&old.suspect));
        self.wrong_pins.extend(later.into_values().filter(|tries| tries.wrong > 0));
    }

    /// Takes over from the journal which announcements were switched after the file was written; before [`Self::catch_up`].
    pub fn follow_switches(&mut self, switched: BTreeMap<Name, Switch>) {
        let later: BTreeMap<_, _> = switched.into_iter().filter(|(_, switch)| switch.at >= self.saved).collect();
        self.switches.retain(|old| !later.contains_key(&old.announcement));
        self.switches.extend(later.into_values());
    }

    /// When a seat called an emergency service last, if that was not long ago.
    pub fn emergency(&self) -> Option<WallTime> {
        self.emergency
    }

    /// Announcements that were switched.
    pub fn switches(&self) -> Vec<Switch> {
        self.switches.clone()
    }

    /// Wrong PINs in a row, of each seat and telephone.
    pub fn wrong_pins(&self) -> Vec<WrongPins> {
        self.wrong_pins.clone()
    }

    /// Telephones and the seats that sit there without being their owners.
    pub fn hot_desks(&self) -> Vec<(Name, Name)> {
        self.hot_desks.iter().map(|(phone, seat)| (phone.clone(), seat.clone())).collect()
    }

    /// The registrations in this run's time, and what agents chose.
    pub fn into_parts(self, wall_offset: i64) -> (Vec<Binding>, BTreeMap<Name, Intent>) {
        let all = self.registrations.into_iter().flat_map(|(account, bound)| bound.into_iter().map(move |one| (account.clone(), one)));
        (all.map(|(account, one)| hotline_engine::binding(account, one, wall_offset)).collect(), self.chosen)
    }
}

/// The file `state.json` in the data directory.
pub struct StateFile(PathBuf);

impl StateFile {
    /// Reads the file; one that can't be read is told and left out.
    pub fn open(data: &Path) -> (Self, SavedState) {
        let path = data.join("state.json");
        let saved = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(path = %path.display(), %error, "the saved registrations can't be read: phones are unreachable until they register again");
                SavedState::default()
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => SavedState::default(),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "the saved registrations can't be read");
                SavedState::default()
            }
        };
        (Self(path), saved)
    }

    /// Saves whatever comes until the engine is gone.
    pub fn save_all(self, changed: &Receiver<Remember>, clock: Clock) {
        let mut failed = false;
        for Remember { at, bindings, chosen, hot_desks, wrong_pins, switches, emergency } in changed {
            let offset = clock.wall_offset();
            let mut registrations: BTreeMap<Name, Vec<Registration>> = BTreeMap::new();
            for binding in bindings {
                registrations.entry(binding.account.clone()).or_default().push(hotline_engine::registration(binding, offset));
            }
            let (chosen, hot_desks) = (chosen.into_iter().collect(), hot_desks.into_iter().collect());
            let saved = at.to_wall(offset);
            let result = self.write(&SavedState { saved, registrations, chosen, hot_desks, wrong_pins, switches, emergency });
            match (&result, failed) {
                (Err(error), false) => tracing::warn!(path = %self.0.display(), %error, "the registrations and choices can't be saved"),
                (Ok(()), true) => tracing::info!("the registrations and choices are saved again"),
                (Err(_), true) | (Ok(()), false) => {}
            }
            failed = result.is_err();
        }
    }

    /// Saves what was taken back.
    pub fn keep(&self, state: &SavedState) {
        if let Err(error) = self.write(state) {
            tracing::warn!(path = %self.0.display(), %error, "the registrations and choices can't be saved");
        }
    }

    fn write(&self, state: &SavedState) -> std::io::Result<()> {
        let temporary = self.0.with_extension("json.new");
        let mut file = std::fs::File::create(&temporary)?;
        serde_json::to_writer(&mut file, state)?;
        file.flush()?;
        file.sync_all()?;
        std::fs::rename(&temporary, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::NotReadyReason;
    use hotline_model::history::{Flow, Transport};

    fn bound(contact: &str, connection: u64) -> Registration {
        let remote = "127.0.0.1:5080".parse().unwrap();
        let transport = if connection == 0 { Transport::Udp } else { Transport::Tcp };
        let flow = Flow { transport, local: "127.0.0.1:5060".parse().unwrap(), remote, connection };
        Registration { contact: contact.into(), flow, expires: WallTime(9_000), call_id: "c".into(), cseq: 1, q: 1000, instance: None }
    }

    #[test]
    fn the_journal_knows_better_what_came_after_the_file_was_written_and_only_that() {
        let dir = tempfile::tempdir().unwrap();
        let (file, mut saved) = StateFile::open(dir.path());
        assert!(saved.clone().into_parts(0).0.is_empty(), "no file, no registrations");
        (saved.saved, saved.registrations) = (
            WallTime(1_000),
            [("old", "a"), ("moved", "b"), ("gone", "c")].map(|(account, contact)| (account.into(), vec![bound(contact, 0)])).into(),
        );
        saved.chosen = [("1001".into(), Intent::SignedOut), ("1002".into(), Intent::SignedOut)].into();
        file.write(&saved).unwrap();

        let (_, mut saved) = StateFile::open(dir.path());
        let journal = [("old", 999, Some("stale")), ("moved", 1_000, Some("d")), ("gone", 1_001, None), ("new", 1_002, Some("e"))];
        let journal = journal
            .map(|(account, at, contact)| (account.into(), (WallTime(at), contact.map(|contact| bound(contact, 7)).into_iter().collect())));
        let resting = Intent::NotReady(NotReadyReason::Meal);
        saved.hot_desks = [("lobby".into(), "1001".into()), ("1005".into(), "1002".into())].into();
        let moves = [("lobby", 1_001, None), ("1005", 999, None), ("1006", 1_002, Some("1003".into()))];
        saved.follow_hot_desks(moves.map(|(phone, at, seat)| (phone.into(), (WallTime(at), seat))).into());
        assert_eq!(saved.hot_desks(), [("1005".into(), "1002".into()), ("1006".into(), "1003".into())]);
        let tries = |seat: &str, wrong, last| WrongPins {
            suspect: Suspect::Seat(seat.into()),
            wrong,
            last: WallTime(last),
            locked_until: WallTime(last + 30),
        };
        saved.wrong_pins = vec![tries("1001", 3, 900), tries("1002", 4, 900), tries("1003", 2, 900)];
        let later = [tries("1001", 9, 999), tries("1002", 0, 1_000), tries("1003", 3, 1_001), tries("1004", 1, 1_002)];
        saved.follow_wrong_pins(later.into_iter().map(|tries| (tries.suspect.clone(), tries)).collect());
        assert_eq!(saved.wrong_pins(), [tries("1001", 3, 900), tries("1003", 3, 1_001), tries("1004", 1, 1_002)]);
        saved.catch_up(journal.into(), [("1001".into(), (WallTime(999), resting)), ("1002".into(), (WallTime(1_001), resting))].into());
        let (bindings, chosen) = saved.into_parts(0);
        let contacts: Vec<_> =
            bindings.iter().map(|binding| (&*binding.account, binding.contact.as_str(), binding.flow.connection)).collect();
        assert_eq!(contacts, [("moved", "d", 7), ("new", "e", 7), ("old", "a", 0)]);
        assert_eq!(chosen, [("1001".into(), Intent::SignedOut), ("1002".into(), resting)].into());
    }

    #[test]
    fn switched_announcements_survive_a_crash_before_and_after_the_file_is_written_anew_r151() {
        let switch =
            |name: &str, at, on| Switch { at: WallTime(at), announcement: name.into(), by: "duty".into(), on, until: None, note: None };
        let dir = tempfile::tempdir().unwrap();
        let (file, mut saved) = StateFile::open(dir.path());
        saved.saved = WallTime(1_000);
        saved.switches = vec![switch("fault", 900, true), switch("night", 900, true)];
        file.write(&saved).unwrap();
        let journal = || [switch("fault", 1_001, false), switch("night", 899, false), switch("storm", 1_002, true)];
        let catch_up = || {
            let (file, mut saved) = StateFile::open(dir.path());
            saved.follow_switches(journal().into_iter().map(|one| (one.announcement.clone(), one)).collect());
            // A telephone that registered after them moves the file's time past theirs.
            saved.catch_up([("1001".into(), (WallTime(2_000), vec![bound("a", 0)]))].into(), BTreeMap::new());
            (file, saved)
        };
        let expected = [switch("night", 900, true), switch("fault", 1_001, false), switch("storm", 1_002, true)];
        let (_, crashed) = catch_up();
        assert_eq!(crashed.switches(), expected, "it ended before the file was written: all is done again");
        std::fs::write(dir.path().join("state.json.new"), "{\"switches\":[").unwrap();
        let (file, written) = catch_up();
        file.write(&written).unwrap();
        let (_, again) = catch_up();
        assert_eq!((written.switches(), again.switches()), (expected.to_vec(), expected.to_vec()), "it ended just after that");
    }
}
