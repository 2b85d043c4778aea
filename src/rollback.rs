//! Puts the files of an earlier revision back into the folder of rules. What was there is kept first; what a crash interrupts, the next
//! start ends.

use crate::folder::Snapshot;
use crate::folder::reader::Fault;
use crate::past_rules::{self, Kept};
use crate::people::write_whole;
use anyhow::Context;
use hotline_model::Revision;
use hotline_rules::{Said, Source};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

/// How a file is called that can't be kept as a text.
const ASIDE: &str = "set-aside";
/// The mode of a file in a folder without any.
const MODE: u32 = 0o644;

/// What a rollback did to the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The name of what was in the folder, which is kept.
    pub before: Revision,
    /// Files that are no text of rules, under their new names.
    pub moved: Vec<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Pending {
    revision: String,
}

fn pending(data: &Path) -> PathBuf {
    data.join("rules-rollback.json")
}

/// Writes the files of `kept` into `dir` and takes away all other files of rules and tests, after what is there (`present`) was kept.
///
/// # Errors
/// The revision is of another folder, or the folder can't be written; nothing was changed then. A disk that fails in between is told too: the
/// next start ends it.
pub fn restore(data: &Path, dir: &Path, kept: &Kept, present: &Snapshot) -> Result<Restored, Said> {
    belongs(dir, kept)?;
    writable(dir, kept, present).map_err(|(path, error)| Said {
        en: format!("{} can't be written: {error}; nothing was changed (let the user of the hotline write there, or restore the files by `hotline rules show REVISION FILE`)", path.display()).into(),
        zh: format!("无法写入 {}：{error}；未作任何更改（请让 hotline 的运行用户可写，或用 `hotline rules show 版本 文件` 手工恢复）", path.display()).into(),
    })?;
    let was = Kept { dir: dir.to_owned(), sources: present.rules.sources.clone(), tests: present.tests.sources.clone() };
    let before = was.revision();
    let whole = || -> anyhow::Result<Vec<PathBuf>> {
        // First what comes back, so that it is not the oldest, which goes.
        past_rules::keep(data, kept.revision(), kept)?;
        past_rules::keep(data, before, &was)?;
        write_whole(&pending(data), &serde_json::to_vec(&Pending { revision: format!("{:016x}", kept.revision().0) })?)?;
        let moved = write(dir, kept)?;
        std::fs::remove_file(pending(data)).context("the note of the rollback")?;
        Ok(moved)
    };
    match whole() {
        Ok(moved) => Ok(Restored { before, moved }),
        Err(error) => Err(Said {
            en: format!("the files could not be restored: {error:#}; what was begun is ended at the next start").into(),
            zh: format!("未能恢复文件：{error:#}；未完成的部分将在下次启动时继续").into(),
        }),
    }
}

/// Ends a rollback in which the last run ended; the revision restored.
///
/// # Errors
/// The files can't be written, or the revision is no longer kept.
pub fn finish(data: &Path, dir: &Path) -> anyhow::Result<Option<Revision>> {
    let Ok(bytes) = std::fs::read(pending(data)) else { return Ok(None) };
    let Pending { revision } = serde_json::from_slice(&bytes).context("the note of a rollback can't be understood")?;
    let revision = Revision(u64::from_str_radix(&revision, 16).context("the note of a rollback")?);
    let kept = past_rules::find(data, revision).with_context(|| format!("{revision} is no longer kept"))?;
    belongs(dir, &kept).map_err(|why| anyhow::anyhow!("{}", why.en))?;
    write(dir, &kept)?;
    std::fs::remove_file(pending(data)).context("the note of the rollback")?;
    Ok(Some(revision))
}

/// Whether its files stood in this folder: their names are part of a revision's.
fn belongs(dir: &Path, kept: &Kept) -> Result<(), Said> {
    let inside = |source: &Source| {
        Path::new(&source.path)
            .strip_prefix(dir)
            .is_ok_and(|rest| rest.components().count() <= 2 && rest.components().all(|part| matches!(part, Component::Normal(_))))
    };
    if kept.sources.iter().chain(&kept.tests).all(inside) {
        return Ok(());
    }
    let (was, is) = (kept.dir.display(), dir.display());
    Err(Said {
        en: format!("that revision is of the folder {was}, and the rules are in {is} now").into(),
        zh: format!("该版本属于文件夹 {was}，而规则现在位于 {is}").into(),
    })
}

fn writable(dir: &Path, kept: &Kept, present: &Snapshot) -> Result<(), (PathBuf, std::io::Error)> {
    let all = [&kept.sources, &kept.tests, &present.rules.sources, &present.tests.sources];
    let parents = all.into_iter().flatten().filter_map(|source| Path::new(&source.path).parent());
    let folders: BTreeSet<&Path> = parents.chain([dir]).filter(|folder| folder.exists()).collect();
    for folder in folders {
        let probe = folder.join(format!(".hotline.{}.probe", std::process::id()));
        let made = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&probe);
        made.and_then(|_| std::fs::remove_file(&probe)).map_err(|error| (folder.to_owned(), error))?;
    }
    Ok(())
}

/// Makes the folder's files of rules and tests those of a revision; what is no text gets another name, and so does a table whose bytes are not
/// those of the text that was kept of it.
fn write(dir: &Path, kept: &Kept) -> anyhow::Result<Vec<PathBuf>> {
    let now = Snapshot::of(dir);
    let like = now.rules.sources.iter().chain(&now.tests.sources).find_map(|source| std::fs::metadata(&source.path).ok());
    let mut moved = Vec::new();
    for Fault { path, why } in now.rules.faults.iter().chain(&now.tests.faults) {
        if !why.is_left_out() && path != dir && !path.is_dir() {
            moved.push(set_aside(path)?);
        }
    }
    let present: Vec<&Source> = now.rules.sources.iter().chain(&now.tests.sources).collect();
    let wanted: Vec<&Source> = kept.sources.iter().chain(&kept.tests).collect();
    for source in present.iter().filter(|source| !wanted.contains(source)) {
        let path = Path::new(&source.path);
        if !is_utf8(path)? {
            moved.push(set_aside(path)?);
        } else if wanted.iter().all(|wanted| wanted.path != source.path) {
            std::fs::remove_file(path).with_context(|| format!("cannot remove {}", source.path))?;
        }
    }
    for source in wanted.iter().filter(|source| !present.contains(source)) {
        put(Path::new(&source.path), &source.text, like.as_ref()).with_context(|| format!("cannot write {}", source.path))?;
    }
    let folders: BTreeSet<&Path> = wanted.iter().chain(&present).filter_map(|source| Path::new(&source.path).parent()).collect();
    for folder in folders {
        File::open(folder).and_then(|folder| folder.sync_all()).with_context(|| format!("cannot write {}", folder.display()))?;
    }
    Ok(moved)
}

/// Whole or not at all; with the mode and owner of the file that was there, else of another file of the folder.
fn put(path: &Path, text: &str, like: Option<&std::fs::Metadata>) -> anyhow::Result<()> {
    let (folder, name) = (path.parent().context("no folder")?, path.file_name().and_then(|name| name.to_str()).context("no name")?);
    std::fs::create_dir_all(folder)?;
    let own = std::fs::metadata(path).ok();
    let like = own.as_ref().filter(|own| own.is_file()).or(like);
    let temporary = folder.join(format!(".{name}.{}.new", std::process::id()));
    let written = || -> anyhow::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        let new = file.metadata()?;
        if let Some(like) = like.filter(|like| (like.uid(), like.gid()) != (new.uid(), new.gid())) {
            // Only root gives files away, and others only to a group of theirs: else the file is ours, with the mode of the others.
            let given = std::os::unix::fs::fchown(&file, Some(like.uid()), Some(like.gid()));
            let _ = given.or_else(|_| std::os::unix::fs::fchown(&file, None, Some(like.gid())));
        }
        file.set_permissions(std::fs::Permissions::from_mode(like.map_or(MODE, |like| like.mode() & 0o777)))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(std::fs::rename(&temporary, path)?)
    };
    let done = written();
    if done.is_err() && temporary.exists() {
        std::fs::remove_file(&temporary)?;
    }
    done
}

/// Whether the text that was kept of a file has all its bytes: of a table in another encoding it has marks only.
fn is_utf8(path: &Path) -> anyhow::Result<bool> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(std::str::from_utf8(&bytes).is_ok())
}

fn set_aside(path: &Path) -> anyhow::Result<PathBuf> {
    let name = path.display();
    let free = (1..1_000).map(|n| PathBuf::from(if n == 1 { format!("{name}.{ASIDE}") } else { format!("{name}.{ASIDE}-{n}") }));
    let to = free.into_iter().find(|to| to.symlink_metadata().is_err()).context("too many files were set aside already")?;
    std::fs::rename(path, &to).with_context(|| format!("cannot rename {name}"))?;
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::Lang;

    struct Place {
        data: tempfile::TempDir,
        rules: tempfile::TempDir,
    }

    impl Place {
        fn new() -> Self {
            Self { data: tempfile::tempdir().unwrap(), rules: tempfile::tempdir().unwrap() }
        }

        fn put(&self, name: &str, text: impl AsRef<[u8]>) {
            let path = self.rules.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }

        fn kept(&self) -> Kept {
            let now = Snapshot::of(self.rules.path());
            Kept { dir: self.rules.path().to_owned(), sources: now.rules.sources, tests: now.tests.sources }
        }

        fn restore(&self, kept: &Kept) -> Result<Restored, Said> {
            restore(self.data.path(), self.rules.path(), kept, &Snapshot::of(self.rules.path()))
        }

        fn names(&self) -> Vec<String> {
            let mut names = Vec::new();
            for folder in ["", "tests", "more"] {
                let Ok(entries) = std::fs::read_dir(self.rules.path().join(folder)) else { continue };
                let files = entries.map(|entry| entry.unwrap()).filter(|entry| entry.file_type().unwrap().is_file());
                names.extend(files.map(|entry| Path::new(folder).join(entry.file_name()).display().to_string()));
            }
            names.sort();
            names
        }
    }

    #[test]
    fn the_folder_is_as_it_was_and_what_was_in_it_is_kept() {
        let place = Place::new();
        place.put("a.toml", "x = 1");
        place.put("more/b.toml", "y = 1");
        place.put("tests/t.toml", "# one");
        let old = place.kept();
        place.put("a.toml", "x = [broken");
        place.put("c.toml", "z = 1");
        place.put("tests/t.toml", "# two");
        std::fs::remove_dir_all(place.rules.path().join("more")).unwrap();
        let broken = place.kept();
        let restored = place.restore(&old).unwrap();
        assert_eq!((place.kept(), restored.moved), (old, Vec::<PathBuf>::new()));
        assert_eq!(place.names(), ["a.toml", "more/b.toml", "tests/t.toml"]);
        assert_eq!(past_rules::find(place.data.path(), restored.before), Some(broken));
    }

    #[test]
    fn what_is_no_text_gets_another_name_and_is_not_lost() {
        let place = Place::new();
        place.put("a.toml", "x = 1");
        let old = place.kept();
        for _ in 0..2 {
            place.put("a.toml", b"\xbf\xcd");
            place.restore(&old).unwrap();
        }
        assert_eq!(place.names(), ["a.toml", "a.toml.set-aside", "a.toml.set-aside-2"]);
        assert_eq!(place.kept(), old);
        assert_eq!(std::fs::read(place.rules.path().join("a.toml.set-aside")).unwrap(), b"\xbf\xcd");
    }

    #[test]
    fn a_table_in_another_encoding_gets_another_name_whether_it_is_replaced_or_taken_away() {
        let place = Place::new();
        place.put("a.toml", "x = 1");
        place.put("cust.csv", "number\n138\n");
        let old = place.kept();
        let gbk = b"number,name\n138,\xbf\xcd\xb7\xfe\n";
        place.put("cust.csv", gbk);
        place.put("more/new.csv", gbk);
        let restored = place.restore(&old).unwrap();
        assert_eq!(place.names(), ["a.toml", "cust.csv", "cust.csv.set-aside", "more/new.csv.set-aside"]);
        assert_eq!((place.kept(), restored.moved.len()), (old.clone(), 2));
        for moved in restored.moved {
            assert_eq!(std::fs::read(&moved).unwrap(), gbk, "no byte of it is lost: {}", moved.display());
        }
        assert_eq!(place.restore(&old).unwrap().moved, Vec::<PathBuf>::new(), "and once");
    }

    #[test]
    fn a_table_in_another_encoding_that_belongs_to_the_revision_stays_as_it_is() {
        let place = Place::new();
        place.put("a.toml", "x = 1");
        place.put("cust.csv", b"number,name\n138,\xbf\xcd\n");
        let old = place.kept();
        place.put("a.toml", "x = 2");
        assert_eq!(place.restore(&old).unwrap().moved, Vec::<PathBuf>::new());
        assert_eq!(std::fs::read(place.rules.path().join("cust.csv")).unwrap(), b"number,name\n138,\xbf\xcd\n");
    }

    #[test]
    fn a_restored_file_keeps_the_mode_that_the_others_have() {
        let place = Place::new();
        place.put("a.toml", "x = 1");
        place.put("b.toml", "y = 1");
        let old = place.kept();
        std::fs::set_permissions(place.rules.path().join("a.toml"), std::fs::Permissions::from_mode(0o664)).unwrap();
        std::fs::remove_file(place.rules.path().join("b.toml")).unwrap();
        place.restore(&old).unwrap();
        assert_eq!(std::fs::metadata(place.rules.path().join("b.toml")).unwrap().mode() & 0o777, 0o664);
    }

    #[test]
    fn a_rollback_that_a_crash_interrupted_is_ended_by_the_next_start() {
        let place = Place::new();
        place.put("a.toml", "x = 1");
        place.put("b.toml", "y = 1");
        let old = place.kept();
        place.put("a.toml", "x = 2");
        place.put("c.toml", "z = 2");
        place.restore(&old).unwrap();
        let note = Pending { revision: format!("{:016x}", old.revision().0) };
        write_whole(&pending(place.data.path()), &serde_json::to_vec(&note).unwrap()).unwrap();
        place.put("c.toml", "z = 2");
        std::fs::remove_file(place.rules.path().join("b.toml")).unwrap();
        assert_eq!(finish(place.data.path(), place.rules.path()).unwrap(), Some(old.revision()));
        assert_eq!((place.kept(), finish(place.data.path(), place.rules.path()).unwrap()), (old, None));
    }

    #[test]
    fn a_revision_of_another_folder_is_not_written_anywhere() {
        let (place, other) = (Place::new(), Place::new());
        other.put("a.toml", "x = 1");
        let why = place.restore(&other.kept()).unwrap_err();
        assert!(why.of(Lang::En).contains("is of the folder") && why.of(Lang::Zh).contains("属于文件夹"), "{why:?}");
        let climbs = Source { path: place.rules.path().join("../x.toml").display().to_string(), text: String::new() };
        let kept = Kept { dir: place.rules.path().to_owned(), sources: vec![climbs], tests: Vec::new() };
        assert!(place.restore(&kept).is_err() && place.names().is_empty());
    }
}
