//! When changed files may be read: once nobody has written to them for a while. It knows stamps and the time, and no file.

use crate::folder::reader::Stamp;
use hotline_model::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often the files are looked at.
pub const LOOK: Duration = Duration::from_millis(200);
/// How long nothing may change before it is read. A refusal is to be told within 1 s of a save: a look later it is noticed, so much later it is
/// read, and 300 ms are left to check it. A writer that pauses for less is waited for.
const QUIET: Duration = Duration::from_millis(500);
/// The same of a file that was seen growing twice meanwhile, as no save does: it is a copy under way, and its writer may pause for longer.
const GROWING: Duration = Duration::from_secs(2);
const GROWTHS: u32 = 2;
/// So long files may keep changing before somebody is told that they are not read: a large copy over a slow line is done by then.
pub const RESTLESS: Duration = Duration::from_secs(30);
/// A file system with coarse times shows a second write so short after the first by nothing: what was read before is read once more.
const COARSE: Duration = Duration::from_secs(3);

/// The stamps of files by their paths.
pub type Stamps = BTreeMap<PathBuf, Stamp>;

/// What is known of the files without reading them.
#[derive(Debug)]
pub struct Quiet {
    stamps: Stamps,
    /// When a look saw them for the first time.
    since: Timestamp,
    /// When the files were read since.
    read: Option<Timestamp>,
    /// How often a look saw a file grow since the files were read.
    grown: u32,
    /// Since when they change without being read.
    began: Timestamp,
    /// One that had changed when a look saw them for the first time.
    changed: Option<PathBuf>,
}

impl Quiet {
    /// Files of which nobody knows whether they were read as they are now.
    pub fn new(stamps: Stamps, now: Timestamp) -> Self {
        Self { stamps, since: now, read: None, grown: 0, began: now, changed: None }
    }

    /// The stamps that the last look saw.
    pub fn stamps(&self) -> &Stamps {
        &self.stamps
    }

    /// Takes what a look saw; whether it is time to read the files.
    pub fn look(&mut self, stamps: Stamps, now: Timestamp) -> bool {
        if stamps == self.stamps {
            return self.due().is_some_and(|due| now >= due);
        }
        let before = if self.read.is_some() { 0 } else { self.grown };
        let grown = before + u32::from(grew(&self.stamps, &stamps));
        let began = if self.read.is_some() { now } else { self.began };
        let changed = differs(&self.stamps, &stamps).or_else(|| differs(&stamps, &self.stamps)).cloned();
        *self = Self { grown, began, changed, ..Self::new(stamps, now) };
        false
    }

    /// A file that still changed after it could not be read for [`RESTLESS`].
    pub fn restless(&self) -> Option<&Path> {
        self.changed.as_deref().filter(|_| self.read.is_none() && self.since >= self.began + RESTLESS)
    }

    /// Whether the files were read as the last look saw them.
    pub fn is_read(&self) -> bool {
        self.read.is_some()
    }

    /// Notes that the files were read as the last look saw them.
    pub fn read(&mut self, now: Timestamp) {
        self.read = Some(now);
    }

    /// How long until the next look.
    pub fn pause(&self, now: Timestamp) -> Duration {
        self.due().filter(|due| *due > now).map_or(LOOK, |due| due.since(now).min(LOOK))
    }

    fn due(&self) -> Option<Timestamp> {
        let (quiet, sure) = (if self.grown < GROWTHS { QUIET } else { GROWING }, self.since + COARSE);
        match self.read {
            None => Some(self.since + quiet),
            Some(read) => (read < sure).then_some(sure),
        }
    }
}

/// A file that is another, or is not there, in the second.
fn differs<'s>(one: &'s Stamps, other: &Stamps) -> Option<&'s PathBuf> {
    one.iter().find(|(path, stamp)| other.get(*path) != Some(stamp)).map(|(path, _)| path)
}

/// Whether something was written behind what a file had; not whether an empty one was filled, which is how a file is saved in its place.
fn grew(before: &Stamps, after: &Stamps) -> bool {
    let size = |(inode, size, ..): &Stamp| (*inode, *size);
    after.iter().any(|(path, after)| {
        before
            .get(path)
            .map(size)
            .zip(Some(size(after)))
            .is_some_and(|(before, after)| before.0 == after.0 && 0 < before.1 && before.1 < after.1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(size: u64, written: i128) -> Stamps {
        BTreeMap::from([(PathBuf::from("a.toml"), (7, size, written, written))])
    }

    /// Looks as the thread does from `now` on, until the files are to be read.
    fn until_read(quiet: &mut Quiet, stamps: &Stamps, mut now: Timestamp) -> Timestamp {
        while !quiet.look(stamps.clone(), now) {
            now = now + quiet.pause(now);
        }
        now
    }

    #[test]
    fn a_save_is_read_within_700_ms_whenever_it_falls_between_two_looks() {
        for after in [0, 1, 99, 199] {
            let begin = Timestamp(0);
            let mut quiet = Quiet::new(file(100, 0), begin);
            let now = until_read(&mut quiet, &file(100, 0), begin);
            quiet.read(now);
            let saved = now + Duration::from_millis(20 * 1_000 + after);
            let look = now + Duration::from_millis(20 * 1_000 + 200);
            let read = until_read(&mut quiet, &file(90, 1), look);
            let took = read.since(saved);
            assert!(QUIET <= took && took <= LOOK + QUIET, "{took:?}");
        }
    }

    #[test]
    fn a_save_in_steps_or_a_second_save_is_read_as_quickly_as_one() {
        let mut quiet = Quiet::new(file(100, 0), Timestamp(0));
        quiet.read(Timestamp(0));
        let at = |ms: u64| Timestamp(0) + Duration::from_millis(ms);
        for (ms, size) in [(10_000, 0), (10_200, 130), (10_400, 140)] {
            assert!(!quiet.look(file(size, i128::from(ms)), at(ms)));
        }
        assert_eq!(until_read(&mut quiet, &file(140, 10_400), at(10_600)), at(10_900));
    }

    #[test]
    fn a_file_that_was_seen_growing_twice_is_waited_for_longer() {
        let mut quiet = Quiet::new(Stamps::new(), Timestamp(0));
        let at = |ms: u64| Timestamp(0) + Duration::from_millis(ms);
        for (n, ms) in (0..10).map(|n| (n, 1_000 + n * 300)) {
            assert!(!quiet.look(file(100 + n * 100, i128::from(ms)), at(ms)));
        }
        let last = file(1_000, 3_700);
        assert_eq!(until_read(&mut quiet, &last, at(3_900)), at(3_700) + GROWING);
        quiet.read(at(5_700));
        // What changes then is a save again.
        assert!(!quiet.look(file(900, 20_000), at(20_000)));
        assert_eq!(until_read(&mut quiet, &file(900, 20_000), at(20_200)), at(20_000) + QUIET);
    }

    #[test]
    fn a_file_that_never_rests_is_named_after_30_s_until_it_is_read() {
        let at = |ms: u64| Timestamp(0) + Duration::from_millis(ms);
        let mut quiet = Quiet::new(file(100, 0), at(0));
        quiet.read(at(500));
        for look in (60_000..90_000).step_by(200) {
            assert!(!quiet.look(file(look, i128::from(look)), at(look)) && quiet.restless().is_none(), "{look}");
        }
        assert!(!quiet.look(file(90_000, 1), at(90_000)));
        assert_eq!(quiet.restless(), Some(Path::new("a.toml")));
        assert!(!quiet.look(Stamps::new(), at(90_200)));
        assert_eq!(quiet.restless(), Some(Path::new("a.toml")), "it was taken away");
        let read = until_read(&mut quiet, &Stamps::new(), at(90_400));
        assert!(quiet.restless().is_some() && !quiet.is_read());
        quiet.read(read);
        assert!(quiet.restless().is_none() && quiet.is_read());
    }

    #[test]
    fn files_that_rest_between_two_saves_are_never_restless() {
        let mut quiet = Quiet::new(file(100, 0), Timestamp(0));
        let mut now = Timestamp(0);
        for n in 0..100 {
            now = until_read(&mut quiet, &file(100, n), now);
            assert!(quiet.restless().is_none());
            quiet.read(now);
            now = now + LOOK;
        }
    }

    #[test]
    fn what_was_read_is_read_once_more_when_a_coarse_clock_can_hide_nothing_any_more_and_then_not_again() {
        let mut quiet = Quiet::new(file(100, 0), Timestamp(0));
        let now = until_read(&mut quiet, &file(100, 0), Timestamp(0));
        quiet.read(now);
        let again = until_read(&mut quiet, &file(100, 0), now + LOOK);
        assert_eq!(again, Timestamp(0) + COARSE);
        quiet.read(again);
        assert!((1..1_000).all(|n| !quiet.look(file(100, 0), again + LOOK * n)));
        assert_eq!(quiet.pause(again), LOOK);
    }
}
