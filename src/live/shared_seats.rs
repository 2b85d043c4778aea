//! What `hotline demo --groups` needs: rules whose queues are in groups, and whether any seat ever had two calls.

use crate::folder;
use anyhow::Context;
use hotline_model::{CallEvent, CallId, EventKind, Name};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use toml::{Table, Value};

/// Writes a folder of rules again with its queues dealt out to so many groups, and with this after-call work. A queue that would overflow into
/// another group overflows no more.
///
/// # Errors
/// The rules can't be read, or the new ones not be written.
pub fn deal_out(from: &Path, to: &Path, groups: u8, wrap_up: Duration) -> anyhow::Result<()> {
    let sources = folder::read_sources(from)?;
    let mut files = Vec::new();
    for source in sources.iter().filter(|source| !source.is_sheet()) {
        let table: Table = source.text.parse().with_context(|| source.path.clone())?;
        files.push((Path::new(&source.path).file_name().context("a file of rules has a name")?.to_owned(), table));
    }
    let names: Vec<String> = files.iter_mut().flat_map(|(_, file)| tables(file, "queue")).filter_map(|queue| name_of(queue)).collect();
    // Neighbours stay together: the fewest overflows are cut.
    let group_of = |name: &str| names.iter().position(|other| other == name).unwrap_or_default() * usize::from(groups) / names.len().max(1);
    for (_, file) in &mut files {
        for queue in tables(file, "queue") {
            let group = name_of(queue).map_or(0, |name| group_of(&name));
            if group > 0 {
                queue.insert("group".into(), Value::String(format!("group-{group}")));
            }
            if queue.get("overflow").and_then(Value::as_str).is_some_and(|other| group_of(other) != group) {
                queue.remove("overflow");
            }
            queue.insert("wrap_up".into(), Value::String(format!("{}s", wrap_up.as_secs())));
        }
        for seat in tables(file, "seat") {
            seat.remove("wrap_up");
        }
    }
    write(from, to, &files)?;
    for sheet in sources.iter().filter(|source| source.is_sheet()) {
        let name = Path::new(&sheet.path).file_name().context("a file of rules has a name")?;
        std::fs::write(to.join(name), &sheet.text).with_context(|| format!("cannot write {}", sheet.path))?;
    }
    Ok(())
}

fn tables<'a>(file: &'a mut Table, key: &str) -> impl Iterator<Item = &'a mut Table> {
    file.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_table_mut)
}

fn name_of(table: &Table) -> Option<String> {
    table.get("name")?.as_str().map(str::to_owned)
}

fn write(from: &Path, to: &Path, files: &[(std::ffi::OsString, Table)]) -> anyhow::Result<()> {
    let cannot = || format!("cannot write the demo's rules to {}", to.display());
    if to.exists() {
        std::fs::remove_dir_all(to).with_context(cannot)?;
    }
    std::fs::create_dir_all(to).with_context(cannot)?;
    for (number, (name, table)) in files.iter().enumerate() {
        let text = toml::to_string(table).with_context(cannot)?;
        std::fs::write(to.join(format!("{number:02}-{}", name.to_string_lossy())), text).with_context(cannot)?;
    }
    let prompts = from.join("prompts");
    if prompts.is_dir() {
        std::os::unix::fs::symlink(prompts.canonicalize().with_context(cannot)?, to.join("prompts")).with_context(cannot)?;
    }
    Ok(())
}

/// Who talks with whom, as the journal has it.
#[derive(Debug, Default)]
pub struct Talks {
    seats: BTreeMap<Name, CallId>,
    /// Answers of seats that had another call already: 0, or we are wrong.
    pub double: u64,
}

impl Talks {
    /// Follows a call's history.
    pub fn note(&mut self, event: &CallEvent) {
        if let EventKind::Answered { seat } = &event.kind {
            let before = self.seats.insert(seat.clone(), event.call);
            self.double += u64::from(before.is_some_and(|before| before != event.call));
        } else if let EventKind::HungUp { .. } = &event.kind {
            self.seats.retain(|_, call| *call != event.call);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::WallTime;
    use hotline_model::history::{Cause, Side};

    #[test]
    fn the_project_s_own_rules_are_dealt_out_to_two_groups_that_share_all_seats() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/routing-rules")), dir.path().join("rules"));
        let listeners = [([127, 0, 0, 1], 5060).into()];
        for _ in 0..2 {
            deal_out(from, &to, 2, Duration::from_secs(1)).unwrap();
        }
        let (Ok(before), Ok(after)) = (folder::load(from, &listeners, None), folder::load(&to, &listeners, None)) else {
            panic!("both are good")
        };
        assert_eq!(after.plan.groups.len(), 2);
        assert_eq!((after.plan.queues.len(), after.plan.seats.len()), (before.plan.queues.len(), before.plan.seats.len()));
        assert!(after.plan.queues.iter().all(|queue| queue.wrap_up == Duration::from_secs(1)));
    }

    #[test]
    fn an_answer_of_a_seat_that_talks_already_is_double() {
        let mut talks = Talks::default();
        let mut note = |count, kind| {
            talks.note(&CallEvent { call: CallId::new(1, 0, count), at: WallTime(0), kind });
            talks.double
        };
        let answered = || EventKind::Answered { seat: "1001".into() };
        assert_eq!([note(0, answered()), note(0, answered()), note(1, answered())], [0, 0, 1]);
        note(1, EventKind::HungUp { side: Side::Caller, cause: Cause::Normal, q850: None });
        assert_eq!(note(2, answered()), 1);
    }
}
