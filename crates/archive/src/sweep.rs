//! Gives the disk back: deletes segments that are wholly archived, and shrinks those that only a long call still needs.

use crate::scan::{self, Scan, SegmentId, Step};
use hotline_model::{CallId, Entry, encode_entry};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Damaged segments are set aside instead of deleted, so many at most.
const SET_ASIDE: usize = 4;

/// The sweep and what it knows of the segments it shrank.
#[derive(Debug)]
pub(crate) struct Sweep {
    keep_whole: usize,
    shrunk: BTreeMap<SegmentId, BTreeSet<CallId>>,
}

impl Sweep {
    /// Segments are shrunk only when more than `keep_whole` later ones are done with: most calls end before that.
    pub(crate) fn new(keep_whole: usize) -> Self {
        Self { keep_whole, shrunk: BTreeMap::new() }
    }

    /// Goes over the segments before `reading`, oldest first. None may go while an older one holds events of a call that has ended:
    /// its `Archived` could be in the one deleted, and the next start would take the call for live.
    pub(crate) fn run(
        &mut self,
        dir: &Path,
        reading: SegmentId,
        pinned: &BTreeMap<SegmentId, BTreeSet<CallId>>,
        damaged: &mut BTreeSet<SegmentId>,
    ) -> io::Result<()> {
        let done: Vec<_> = scan::segments(dir)?.into_iter().filter(|id| *id < reading).collect();
        for (at, &id) in done.iter().enumerate() {
            match pinned.get(&id) {
                None => {
                    remove(dir, id, damaged.remove(&id))?;
                    self.shrunk.remove(&id);
                }
                Some(live) if self.shrunk.get(&id) == Some(live) => {}
                Some(live) if self.shrunk.contains_key(&id) || done.len() - at > self.keep_whole => {
                    shrink(dir, id, live)?;
                    self.shrunk.insert(id, live.clone());
                }
                Some(_) => return Ok(()),
            }
        }
        Ok(())
    }
}

fn remove(dir: &Path, id: SegmentId, damaged: bool) -> io::Result<()> {
    let path = dir.join(id.file_name());
    if damaged && set_aside(dir)? < SET_ASIDE {
        return std::fs::rename(&path, dir.join(id.file_name() + ".damaged"));
    }
    std::fs::remove_file(path)
}

fn set_aside(dir: &Path) -> io::Result<usize> {
    let names = std::fs::read_dir(dir)?.collect::<io::Result<Vec<_>>>()?;
    Ok(names.iter().filter(|entry| entry.file_name().to_string_lossy().ends_with(".damaged")).count())
}

/// Leaves only the events of live calls in a segment.
fn shrink(dir: &Path, id: SegmentId, live: &BTreeSet<CallId>) -> io::Result<()> {
    let temp = dir.join("shrink.new");
    let mut out = io::BufWriter::new(File::create(&temp)?);
    let mut scan = Scan::open(dir, id, 0)?;
    let mut bytes = Vec::new();
    loop {
        let steps = scan.more()?;
        if steps.is_empty() {
            break;
        }
        for step in steps {
            if let Step::Entry(entry @ Entry::Call(_), _) = step
                && matches!(&entry, Entry::Call(event) if live.contains(&event.call))
            {
                bytes.clear();
                encode_entry(&entry, &mut bytes);
                out.write_all(&bytes)?;
            }
        }
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    std::fs::rename(&temp, dir.join(id.file_name()))?;
    File::open(dir)?.sync_all()
}
