//! The rules that a hotline starts with: those in the folder, or, if they are refused, those that ran last. A service number that is down
//! because of a comma helps nobody.

use crate::cli::words::lang_of_environment;
use crate::folder::{self, FirstError, Refused, Revision, Snapshot};
use crate::past_rules::{self, Kept};
use crate::serve::{Failed, refused_in_words};
use crate::{notify, rules_history};
use std::net::SocketAddr;
use std::path::Path;

/// Earlier revisions that are tried.
const TRIED: usize = 10;

/// Rules to start with.
pub struct First {
    /// They.
    pub revision: Revision,
    /// What is in the folder.
    pub found: Snapshot,
    /// As it was kept, if what is in the folder was refused, and why that was.
    pub last_good: Option<(Kept, FirstError)>,
}

/// Loads them; with `strict` those in the folder or none.
///
/// # Errors
/// The files in the folder are refused, and no earlier revision can be loaded.
pub fn load(dir: &Path, data: &Path, listeners: &[SocketAddr], strict: bool) -> Result<First, Refused> {
    let found = Snapshot::of(dir);
    let refused = match folder::load_texts(dir, found.rules.clone(), listeners, None) {
        Ok(revision) => return Ok(First { revision, found, last_good: None }),
        Err(refused) => refused,
    };
    let last = if strict { None } else { last_good(dir, data, listeners) };
    let Some((kept, revision)) = last else { return Err(refused) };
    tell(&refused, &revision);
    Ok(First { revision, found, last_good: Some((kept, refused.first_error())) })
}

/// The youngest revision that ran here and can still be loaded.
pub fn last_good(dir: &Path, data: &Path, listeners: &[SocketAddr]) -> Option<(Kept, Revision)> {
    let ran = rules_history::ran(data).unwrap_or_else(|error| {
        tracing::warn!("{error:#}");
        Vec::new()
    });
    ran.into_iter().take(TRIED).find_map(|name| {
        let kept = past_rules::find(data, name)?;
        let loaded = folder::load_without_wrong_sounds(dir, kept.sources.clone(), listeners);
        loaded
            .map_err(|_| tracing::warn!(revision = %name, "rules: this revision can't be loaded any more either"))
            .ok()
            .map(|revision| (kept, revision))
    })
}

fn tell(refused: &Refused, revision: &Revision) {
    let (lang, name) = (lang_of_environment(), revision.plan.revision);
    let why = match refused_in_words(refused, false) {
        Failed::Rules(text) => text,
        Failed::Setup(error) => format!("{error:#}"),
    };
    let says = lang.of(
        "rules refused at the start: the hotline runs on what ran last, not on the files; mend them (they are loaded when they are saved), or `hotline rules rollback running`",
        "启动时规则未被采用：当前使用上次运行的规则，而非文件夹中的文件；请修正（保存后自动加载），或执行 `hotline rules rollback running`",
    );
    let FirstError { code, place } = refused.first_error();
    tracing::error!(running = %name, code, place, "{says}\n{why}");
    notify::tell(&format!("STATUS=the files of rules are refused: runs on {name}, which ran last"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules_history::{How, Line};
    use hotline_model::WallTime;
    use hotline_rules::Source;

    const GOOD: &str = "number = [{ name = \"hotline\", queue = \"q\" }]\nqueue = [{ name = \"q\" }]\n";

    struct House {
        rules: tempfile::TempDir,
        data: tempfile::TempDir,
    }

    impl House {
        fn new(text: &str) -> Self {
            let house = Self { rules: tempfile::tempdir().unwrap(), data: tempfile::tempdir().unwrap() };
            house.write(text);
            house
        }

        fn write(&self, text: &str) {
            std::fs::write(self.rules.path().join("a.toml"), text).unwrap();
        }

        fn ran(&self, text: &str, how: How) -> hotline_model::Revision {
            let path = self.rules.path().join("a.toml").display().to_string();
            let sources = vec![Source { path, text: text.to_owned() }];
            let kept = Kept { dir: self.rules.path().to_owned(), sources, tests: Vec::new() };
            past_rules::keep(self.data.path(), kept.revision(), &kept).unwrap();
            rules_history::append(self.data.path(), &Line::new(WallTime(0), kept.revision(), "wang", how)).unwrap();
            kept.revision()
        }

        fn load(&self, strict: bool) -> Result<First, Refused> {
            load(self.rules.path(), self.data.path(), &[([127, 0, 0, 1], 5060).into()], strict)
        }
    }

    #[test]
    fn broken_files_start_what_ran_last_unless_it_is_to_be_strict() {
        let house = House::new("[[queue");
        assert!(matches!(house.load(false), Err(Refused::Findings(..))), "nothing ever ran");
        let good = house.ran(GOOD, How::Start);
        house.ran("[[number", How::SetAside);
        let first = house.load(false).ok().unwrap();
        let (kept, why) = first.last_good.unwrap();
        assert_eq!((first.revision.plan.revision, kept.revision()), (good, good));
        assert!(why.place.is_some_and(|place| place.ends_with("/a.toml:1:2")));
        assert_eq!(first.found.rules.sources[0].text, "[[queue", "what is watched is the folder");
        assert!(house.load(true).is_err());
        house.write(GOOD);
        assert!(house.load(true).is_ok_and(|first| first.last_good.is_none()));
    }

    #[test]
    fn what_a_later_version_takes_no_more_is_passed_over_for_what_ran_before() {
        let house = House::new("x = ");
        let good = house.ran(GOOD, How::Watch);
        house.ran("an_old_key = 1\n", How::Api);
        assert!(house.load(false).is_ok_and(|first| first.revision.plan.revision == good));
    }

    #[test]
    fn a_folder_that_is_gone_or_has_a_broken_recording_keeps_nobody_down() {
        let house = House::new(GOOD);
        let path = house.rules.path().join("prompts/zh-CN/desk-ready.wav");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, b"RIFF").unwrap();
        let Err(refused) = house.load(false) else { panic!("nothing ever ran") };
        let FirstError { code, place } = refused.first_error();
        assert_eq!(code.as_deref(), Some("HL144"));
        assert!(place.is_some_and(|place| place.ends_with("prompts/zh-CN/desk-ready.wav:1:1")));
        let good = house.ran(GOOD, How::Start);
        assert!(house.load(false).is_ok_and(|first| first.revision.plan.revision == good && first.last_good.is_some()));
        std::fs::remove_dir_all(house.rules.path()).unwrap();
        assert!(house.load(false).is_ok_and(|first| first.revision.plan.revision == good));
    }
}
