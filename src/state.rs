//! What a restart must not forget besides calls: the registrations and what agents chose. One small file, replaced as a whole.

use crate::clock::Clock;
use crate::engine_thread::Remember;
use crossbeam_channel::Receiver;
use hotline_model::history::Flow;
use hotline_model::{Intent, Name, WallTime};
use hotline_sip::Binding;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, Serialize, Deserialize)]
struct SavedBinding {
    account: String,
    contact: String,
    flow: Flow,
    expires: WallTime,
    call_id: String,
    cseq: u32,
    q: u16,
    instance: Option<String>,
}

/// What the file held.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SavedState {
    bindings: Vec<SavedBinding>,
    #[serde(default)]
    chosen: Vec<(Name, Intent)>,
}

impl SavedState {
    /// The registrations in this run's time (TCP ones are gone with their connections), and what agents chose.
    pub fn into_parts(self, wall_offset: i64) -> (Vec<Binding>, Vec<(Name, Intent)>) {
        let udp = self.bindings.into_iter().filter(|saved| saved.flow.connection == 0);
        let binding = |saved: SavedBinding| Binding {
            account: saved.account.into(),
            contact: saved.contact,
            flow: saved.flow,
            expires: saved.expires.to_monotonic(wall_offset),
            call_id: saved.call_id,
            cseq: saved.cseq,
            q: saved.q,
            instance: saved.instance,
        };
        (udp.map(binding).collect(), self.chosen)
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
        for Remember { bindings, chosen } in changed {
            let offset = clock.wall_offset();
            let saved = bindings.into_iter().map(|binding| SavedBinding {
                account: binding.account.to_string(),
                contact: binding.contact,
                flow: binding.flow,
                expires: binding.expires.to_wall(offset),
                call_id: binding.call_id,
                cseq: binding.cseq,
                q: binding.q,
                instance: binding.instance,
            });
            let result = self.write(&SavedState { bindings: saved.collect(), chosen });
            match (&result, failed) {
                (Err(error), false) => tracing::warn!(path = %self.0.display(), %error, "the registrations and choices can't be saved"),
                (Ok(()), true) => tracing::info!("the registrations and choices are saved again"),
                (Err(_), true) | (Ok(()), false) => {}
            }
            failed = result.is_err();
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
