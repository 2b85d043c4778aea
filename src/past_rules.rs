//! The rules of earlier revisions, kept in the data directory: so that `hotline why` explains old calls by the rules of their time, and so that
//! they can be looked at, compared and restored.

use crate::folder::reader;
use anyhow::Context;
use hotline_model::Revision;
use hotline_rules::{Plan, Said, Source};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Revisions that are kept, and bytes in all of them; beyond it those loaded longest ago go.
const MOST: usize = 100;
const MOST_BYTES: u64 = 1 << 30;
/// Revisions that are named where several begin alike.
const SHOWN: usize = 12;

/// The files of a revision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The folder in which they were.
    pub dir: PathBuf,
    /// The rules.
    pub sources: Vec<Source>,
    /// Their tests, as they were when the revision was loaded last.
    pub tests: Vec<Source>,
}

/// The same on disk.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Whole {
        dir: PathBuf,
        sources: Vec<(String, String)>,
        tests: Vec<(String, String)>,
    },
    /// As it was before tests were kept too.
    Sources(Vec<(String, String)>),
}

impl Kept {
    fn stored(&self) -> Stored {
        let pairs = |sources: &[Source]| sources.iter().map(|source| (source.path.clone(), source.text.clone())).collect();
        Stored::Whole { dir: self.dir.clone(), sources: pairs(&self.sources), tests: pairs(&self.tests) }
    }

    fn of(stored: Stored) -> Self {
        let sources = |pairs: Vec<(String, String)>| pairs.into_iter().map(|(path, text)| Source { path, text }).collect();
        match stored {
            Stored::Whole { dir, sources: rules, tests } => Self { dir, sources: sources(rules), tests: sources(tests) },
            Stored::Sources(rules) => {
                let dir = rules.iter().filter_map(|(path, _)| Path::new(path).parent()).min_by_key(|dir| dir.as_os_str().len());
                Self { dir: dir.map(Path::to_owned).unwrap_or_default(), sources: sources(rules), tests: Vec::new() }
            }
        }
    }

    /// The name of these rules.
    pub fn revision(&self) -> Revision {
        hotline_rules::revision_of(&self.sources)
    }
}

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
pub fn keep(data: &Path, revision: Revision, kept: &Kept) -> anyhow::Result<()> {
    let (folder, path) = (folder(data), file(data, revision));
    let keep = || -> anyhow::Result<()> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        if find(data, revision).as_ref() == Some(kept) {
            return Ok(File::options().append(true).open(&path)?.set_modified(SystemTime::now())?);
        }
        let part = path.with_extension("part");
        let mut out = File::options().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        out.write_all(&serde_json::to_vec(&kept.stored())?)?;
        out.sync_all()?;
        std::fs::rename(&part, &path)?;
        File::open(&folder)?.sync_all()?;
        drop_oldest(&folder)
    };
    keep().with_context(|| format!("the rules can't be kept in {}", folder.display()))
}

fn drop_oldest(folder: &Path) -> anyhow::Result<()> {
    let mut kept = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        kept.push((meta.modified()?, entry.path(), meta.len()));
    }
    kept.sort();
    let mut size = 0;
    for (place, (_, path, length)) in kept.into_iter().rev().enumerate() {
        size += length;
        // The last one, however large, is about to run.
        if place >= MOST || place > 0 && size > MOST_BYTES {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// The files of a revision, if they were kept and are still those.
pub fn find(data: &Path, revision: Revision) -> Option<Kept> {
    let stored = serde_json::from_slice(&std::fs::read(file(data, revision)).ok()?).ok()?;
    Some(Kept::of(stored)).filter(|kept| kept.revision() == revision)
}

/// The rules of a revision, if they were kept and can still be read.
pub fn plan(data: &Path, revision: Revision) -> Option<Arc<Plan>> {
    let kept = find(data, revision)?;
    hotline_rules::load(&kept.sources, None).ok().map(|loaded| Arc::new(loaded.plan))
}

/// Why no revision has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotNamed {
    /// None is kept that is called so.
    None,
    /// Several are, or none is named at all (`r`) and these are kept.
    Several(Vec<Revision>),
}

impl NotNamed {
    /// In a sentence.
    pub fn in_words(&self, name: &str) -> Said {
        let name: String = name.escape_debug().take(64).collect();
        match self {
            Self::None => Said {
                en: format!("no revision `{name}` is kept; `hotline rules log` lists them").into(),
                zh: format!("没有留存版本 `{name}`；`hotline rules log` 可列出全部").into(),
            },
            Self::Several(all) => {
                let shown = all.iter().take(SHOWN).map(|one| format!("r{:016x}", one.0)).collect::<Vec<_>>().join(", ");
                let more = all.len().saturating_sub(SHOWN);
                let (en, zh) = match more {
                    0 => Default::default(),
                    more => (
                        format!(" and {more} more (`hotline rules log` lists them)"),
                        format!(" 等 {} 个（`hotline rules log` 可列出全部）", all.len()),
                    ),
                };
                if let [only] = all[..] {
                    let only = format!("r{:016x}", only.0);
                    return Said {
                        en: format!("`{name}` names no revision; {only} is kept").into(),
                        zh: format!("`{name}` 没有指明版本；留存的是 {only}").into(),
                    };
                }
                Said {
                    en: format!("several revisions begin with `{name}`: {shown}{en}").into(),
                    zh: format!("有多个版本以 `{name}` 开头：{shown}{zh}").into(),
                }
            }
        }
    }
}

/// Files that somebody named: `running`, `files` for those in the folder, or a kept revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// As people see it.
    pub label: String,
    /// The rules.
    pub sources: Vec<Source>,
    /// Their tests.
    pub tests: Vec<Source>,
}

impl Named {
    /// All files.
    pub fn all(self) -> Vec<Source> {
        self.sources.into_iter().chain(self.tests).collect()
    }
}

/// The files of that name; `running` is the revision in force, if one is known.
///
/// # Errors
/// See [`NotNamed`].
pub fn files(data: &Path, dir: &Path, name: &str, running: Option<Revision>) -> Result<Named, NotNamed> {
    if name == "files" {
        let (sources, tests) = (reader::rules(dir).sources, reader::tests(dir).sources);
        let label = format!("files ({})", hotline_rules::revision_of(&sources));
        return Ok(Named { label, sources, tests });
    }
    let revision = if name == "running" { running.ok_or(NotNamed::None)? } else { named(data, name)? };
    let Kept { sources, tests, .. } = find(data, revision).ok_or(NotNamed::None)?;
    let label = if name == "running" { format!("running ({revision})") } else { revision.to_string() };
    Ok(Named { label, sources, tests })
}

/// The kept revision that a text names: its whole number or its beginning, with or without the `r`.
///
/// # Errors
/// See [`NotNamed`].
pub fn named(data: &Path, text: &str) -> Result<Revision, NotNamed> {
    let text = text.trim();
    let begin = text.strip_prefix(['r', 'R']).unwrap_or(text).to_ascii_lowercase();
    let entries = std::fs::read_dir(folder(data)).ok().into_iter().flatten().filter_map(Result::ok);
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok()?.strip_suffix(".json").map(str::to_owned));
    let fits = names.filter(|name| !text.is_empty() && name.starts_with(&begin));
    let mut fits: Vec<Revision> = fits.filter_map(|name| u64::from_str_radix(&name, 16).ok().map(Revision)).collect();
    fits.sort();
    match fits[..] {
        [] => Err(NotNamed::None),
        // `r` alone may be any.
        [one] if !begin.is_empty() => Ok(one),
        [..] => Err(NotNamed::Several(fits)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    fn kept(name: &str) -> Kept {
        Kept { dir: PathBuf::new(), sources: sources(name), tests: Vec::new() }
    }

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
        for name in ["old", "new", "old"] {
            keep(dir.path(), revision(&sources(name)), &kept(name)).unwrap();
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
        let old = sources("old");
        keep(dir.path(), revision(&old), &kept("new")).unwrap();
        assert!(plan(dir.path(), revision(&old)).is_none());
        std::fs::write(file(dir.path(), revision(&old)), b"[[").unwrap();
        assert!(plan(dir.path(), revision(&old)).is_none());
    }

    #[test]
    fn the_last_hundred_revisions_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let first = sources("first");
        keep(dir.path(), revision(&first), &kept("first")).unwrap();
        let long_ago = SystemTime::now() - Duration::from_secs(1_000);
        let old = File::options().append(true).open(file(dir.path(), revision(&first))).unwrap();
        old.set_modified(long_ago).unwrap();
        for n in 0..MOST {
            keep(dir.path(), Revision(n as u64), &kept("first")).unwrap();
        }
        assert_eq!(std::fs::read_dir(folder(dir.path())).unwrap().count(), MOST);
        assert!(!file(dir.path(), revision(&first)).exists(), "the one loaded longest ago went");
    }

    #[test]
    fn what_an_earlier_version_kept_is_read_too() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder(dir.path())).unwrap();
        let sources = vec![Source { path: "rules/a.toml".into(), text: "x = 1".into() }];
        let revision = hotline_rules::revision_of(&sources);
        std::fs::write(file(dir.path(), revision), br#"[["rules/a.toml","x = 1"]]"#).unwrap();
        assert_eq!(find(dir.path(), revision), Some(Kept { dir: "rules".into(), sources, tests: Vec::new() }));
    }

    #[test]
    fn of_many_revisions_that_begin_alike_a_dozen_are_listed_and_the_rest_is_counted() {
        let words = |count| NotNamed::Several((0..count).map(Revision).collect()).in_words("r");
        let twelve = words(12);
        assert!(twelve.en.ends_with(", r000000000000000b") && twelve.zh.ends_with(", r000000000000000b"), "{twelve:?}");
        let thirteen = words(13);
        assert!(thirteen.en.ends_with("b and 1 more (`hotline rules log` lists them)"), "{thirteen:?}");
        assert!(thirteen.zh.ends_with("b 等 13 个（`hotline rules log` 可列出全部）"), "{thirteen:?}");
    }

    #[test]
    fn a_revision_is_named_by_its_beginning_if_no_other_begins_so() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (Revision(0x1234_5678_0000_0001), Revision(0x1235_0000_0000_0002));
        for revision in [one, other] {
            keep(dir.path(), revision, &kept("first")).unwrap();
        }
        let named = |text| named(dir.path(), text);
        assert_eq!((named("r12345678"), named("1234"), named("R1235")), (Ok(one), Ok(one), Ok(other)));
        assert_eq!(named("1234567800000001"), Ok(one));
        assert_eq!(named("r123"), Err(NotNamed::Several(vec![one, other])));
        for several in ["r", "R", "r12"] {
            assert_eq!(named(several), Err(NotNamed::Several(vec![one, other])), "{several}");
        }
        for wrong in ["", "rr12", "../x", "r9", "1234567800000001.json"] {
            assert_eq!(named(wrong), Err(NotNamed::None), "{wrong}");
        }
    }

    #[test]
    fn a_bare_r_names_no_revision_even_if_only_one_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let only = Revision(0x1234_5678_0000_0001);
        keep(dir.path(), only, &kept("first")).unwrap();
        let unnamed = named(dir.path(), "r").unwrap_err();
        assert_eq!(unnamed, NotNamed::Several(vec![only]));
        assert_eq!(unnamed.in_words("r").en, "`r` names no revision; r1234567800000001 is kept");
    }
}
