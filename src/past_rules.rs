//! The rules of earlier revisions, kept in the data directory so that `hotline why` explains old calls by the rules of their time.

use anyhow::Context;
use hotline_model::Revision;
use hotline_rules::{Plan, Source};
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Revisions that are kept; beyond it those loaded longest ago go.
const MOST: usize = 100;

fn folder(data: &Path) -> PathBuf {
    data.join("rules")
}

fn file(data: &Path, revision: Revision) -> PathBuf {
    folder(data).join(format!("{:016x}.json", revision.0))
}

/// Keeps the files of a revision that is about to run. Like the rules themselves they hold the seats' passwords: only the own user reads them.
///
/// # Errors
/// The disk is full, or the folder can't be written.
pub fn keep(data: &Path, revision: Revision, sources: &[Source]) -> anyhow::Result<()> {
    let (folder, path) = (folder(data), file(data, revision));
    let keep = || -> anyhow::Result<()> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        if path.exists() {
            return Ok(File::options().append(true).open(&path)?.set_modified(SystemTime::now())?);
        }
        let sources: Vec<(&str, &str)> = sources.iter().map(|source| (source.path.as_str(), source.text.as_str())).collect();
        let part = path.with_extension("part");
        let mut out = File::options().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        out.write_all(&serde_json::to_vec(&sources)?)?;
        out.sync_all()?;
        std::fs::rename(&part, &path)?;
        drop_oldest(&folder)
    };
    keep().with_context(|| format!("the rules can't be kept in {}", folder.display()))
}

fn drop_oldest(folder: &Path) -> anyhow::Result<()> {
    let mut kept = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        kept.push((entry.metadata()?.modified()?, entry.path()));
    }
    kept.sort();
    let beyond = kept.len().saturating_sub(MOST);
    for (_, path) in kept.into_iter().take(beyond) {
        std::fs::remove_file(path)?;
    }
    Ok(())
}

/// The rules of a revision, if they were kept and can still be read.
pub fn plan(data: &Path, revision: Revision) -> Option<Arc<Plan>> {
    let sources: Vec<(String, String)> = serde_json::from_slice(&std::fs::read(file(data, revision)).ok()?).ok()?;
    let sources: Vec<Source> = sources.into_iter().map(|(path, text)| Source { path, text }).collect();
    let plan = hotline_rules::load(&sources, None).ok()?.plan;
    (plan.revision == revision).then(|| Arc::new(plan))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    fn sources(name: &str) -> Vec<Source> {
        let text = format!(
            "queue = [{{ name = \"{name}\" }}]\nnumber = [{{ name = \"hotline\", queue = \"{name}\" }}]\nlanguage = [{{ code = \"en\" }}]\n"
        );
        vec![Source { path: "rules.toml".into(), text }]
    }

    fn revision(sources: &[Source]) -> Revision {
        hotline_rules::load(sources, None).unwrap_or_else(|found| panic!("{found:?}")).plan.revision
    }

    #[test]
    fn the_rules_of_each_revision_are_found_again_and_only_their_owner_reads_them() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (sources("old"), sources("new"));
        for sources in [&old, &new, &old] {
            keep(dir.path(), revision(sources), sources).unwrap();
        }
        let found = plan(dir.path(), revision(&old)).unwrap();
        assert_eq!((&*found.queues[0].name, found.revision), ("old", revision(&old)));
        let mode = std::fs::metadata(file(dir.path(), revision(&new))).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(plan(dir.path(), Revision(1)).is_none());
    }

    #[test]
    fn a_file_that_was_tampered_with_is_not_taken_for_the_rules_of_then() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (sources("old"), sources("new"));
        keep(dir.path(), revision(&old), &new).unwrap();
        assert!(plan(dir.path(), revision(&old)).is_none());
        std::fs::write(file(dir.path(), revision(&old)), b"[[").unwrap();
        assert!(plan(dir.path(), revision(&old)).is_none());
    }

    #[test]
    fn the_last_hundred_revisions_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let first = sources("first");
        keep(dir.path(), revision(&first), &first).unwrap();
        let long_ago = SystemTime::now() - Duration::from_secs(1_000);
        let old = File::options().append(true).open(file(dir.path(), revision(&first))).unwrap();
        old.set_modified(long_ago).unwrap();
        for n in 0..MOST {
            keep(dir.path(), Revision(n as u64), &first).unwrap();
        }
        assert_eq!(std::fs::read_dir(folder(dir.path())).unwrap().count(), MOST);
        assert!(!file(dir.path(), revision(&first)).exists(), "the one loaded longest ago went");
    }
}
