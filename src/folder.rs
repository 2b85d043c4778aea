//! The folder of rules: reads its files and prompts, checks fixed contacts, and hands over what the engine takes.

pub mod reader;
pub mod sounds;

use crate::cli::words::lang_of_environment;
use crate::customer_sources;
use crate::rehearse::before_load::FailedTests;
use crate::rehearse::patience::Cancel;
use crate::rules_beside;
use hotline_engine::Prompts;
use hotline_model::Lang;
use hotline_rules::{Diagnostic, FileFault, Plan, Said, Source};
use reader::{Fault, Stamp, Texts};
use serde::{Deserialize, Serialize};
use sounds::{Sounds, SoundsHash};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

/// How often, and how far apart, files that are read at somebody's word are looked at until two looks agree.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// A revision ready to run.
pub struct Revision {
    /// The rules.
    pub plan: Arc<Plan>,
    /// Their prompts.
    pub prompts: Arc<Prompts>,
    /// The hash of those that are the folder's own.
    pub sounds: Option<SoundsHash>,
    /// The files it was made of.
    pub sources: Vec<Source>,
    /// Findings that don't forbid it.
    pub warnings: Vec<Diagnostic>,
    /// What was left out though it is named like a file of it.
    pub left_out: Vec<Fault>,
}

impl Revision {
    /// Seats that the rules have now.
    pub fn seats(&self) -> usize {
        self.plan.seats.iter().filter(|seat| !seat.retired).count()
    }

    /// Prompts that the rules say and no language has, by language and name.
    pub fn missing_prompts(&self) -> Vec<(hotline_model::Name, hotline_model::Name)> {
        let said = self.plan.prompts().into_iter().map(|(language, name)| (self.plan.language(language).code.clone(), name));
        said.filter(|(language, name)| !self.prompts.contains(language, name)).collect()
    }
}

/// Why there is no revision.
pub enum Refused {
    /// A folder, prompt or contact can't be used.
    Unreadable(Said),
    /// The rules have errors, or a file of them can't be read.
    Findings(Vec<Diagnostic>, Vec<Source>),
    /// Tests of the rules fail.
    Tests(Box<FailedTests>),
}

/// The first error of files that were refused, for whoever is woken by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FirstError {
    /// HL and a number; null if a folder or a contact can't be used.
    pub code: Option<String>,
    /// FILE:LINE:COLUMN.
    pub place: Option<String>,
}

/// What tests of rules are refused for: they fail, are gone, or don't come to an end. A check runs none.
const OF_TESTS: [&str; 3] = ["HL198", "HL199", "HL332"];

impl FirstError {
    /// The command that shows it.
    pub fn command(&self) -> &'static str {
        let of_tests = self.code.as_deref().is_some_and(|code| OF_TESTS.contains(&code));
        if of_tests { "hotline rules test" } else { "hotline rules check" }
    }

    /// As it is told in a sentence: ` (HL032 at 50-seats.toml:13:20)`.
    pub fn in_brackets(&self, lang: Lang) -> String {
        match (&self.code, &self.place) {
            (Some(code), Some(place)) => lang.of(format!(" ({code} at {place})"), format!("（{code}，{place}）")),
            (Some(_) | None, _) => String::new(),
        }
    }
}

impl Refused {
    /// Findings, the errors before what only should be looked at.
    pub fn for_findings(mut findings: Vec<Diagnostic>, sources: Vec<Source>) -> Self {
        findings.sort_by_key(|finding| finding.severity);
        Self::Findings(findings, sources)
    }

    /// What it was refused for first.
    pub fn first_error(&self) -> FirstError {
        let (findings, sources) = match self {
            Self::Findings(findings, sources) => (findings, sources),
            Self::Tests(tests) => (&tests.findings, &tests.sources),
            Self::Unreadable(_) => return FirstError::default(),
        };
        findings.first().map_or_else(FirstError::default, |first| {
            let (line, column) = first.line_and_column(sources);
            let place = sources.get(first.file).map(|source| format!("{}:{line}:{column}", source.path));
            FirstError { code: Some(first.code.into()), place }
        })
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Unreadable(fault.in_words())
    }
}

/// What a folder has at a moment; of sounds no more than their stamps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The rules.
    pub rules: Texts,
    /// Their tests.
    pub tests: Texts,
    /// Their recordings.
    pub sounds: BTreeMap<PathBuf, Stamp>,
}

impl Snapshot {
    /// What a folder has now.
    pub fn of(dir: &Path) -> Self {
        Self { rules: reader::rules(dir), tests: reader::tests(dir), sounds: sounds::stamps(dir) }
    }

    /// The same, once two looks in a row agree; what still changes after two seconds, or when it is cancelled, has a fault for it.
    pub fn steady(dir: &Path, cancel: &Cancel) -> Self {
        let mut before = Self::of(dir);
        for _ in (0..LOOKS).take_while(|_| !cancel.is_cancelled()) {
            std::thread::sleep(BETWEEN_LOOKS);
            let now = Self::of(dir);
            if now == before {
                return now;
            }
            before = now;
        }
        let now = Self::of(dir);
        let changing = |source: &&Source| !before.rules.sources.contains(source) && !before.tests.sources.contains(source);
        let changed = now.rules.sources.iter().chain(&now.tests.sources).find(changing).map(|source| PathBuf::from(&source.path));
        if now != before {
            before.rules.faults.push(Fault { path: changed.unwrap_or_else(|| dir.to_owned()), why: FileFault::Changing });
        }
        before
    }
}

/// Reads the `.toml` and `.csv` files of a folder (and one level of sub-folders but `tests`) in name order.
///
/// # Errors
/// What can't be read, by name; a CSV file that is a link out of the folder; a folder without any rules.
pub fn read_sources(dir: &Path) -> anyhow::Result<Vec<Source>> {
    let (lang, texts) = (lang_of_environment(), reader::rules(dir));
    match texts.refused() {
        Some(fault) => Err(reader::said(&fault.in_words(), lang)),
        None if texts.sources.iter().all(Source::is_sheet) => Err(reader::said(&reader::no_rules(dir), lang)),
        None => Ok(texts.sources),
    }
}

/// Checks the rules of a folder and loads what they need.
///
/// # Errors
/// See [`Refused`].
pub fn load(dir: &Path, listeners: &[SocketAddr], previous: Option<&Plan>) -> Result<Revision, Refused> {
    load_texts(dir, reader::rules(dir), listeners, previous)
}

/// The same with rules that were read before.
///
/// # Errors
/// See [`Refused`].
pub fn load_texts(dir: &Path, texts: Texts, listeners: &[SocketAddr], previous: Option<&Plan>) -> Result<Revision, Refused> {
    let (revision, mut wrong) = load_all(dir, texts, listeners, previous)?;
    wrong.retain(|fault| !sounds::is_unheard(&revision.plan, fault));
    if wrong.is_empty() {
        return Ok(revision);
    }
    let (mut sources, mut findings) = (revision.sources, revision.warnings);
    for fault in wrong {
        findings.push(fault.why.finding(sources.len()));
        sources.push(fault.source());
    }
    Err(Refused::for_findings(findings, sources))
}

/// The same without the recordings that can't be played, which are told in the log: for who can't wait until somebody mends them.
///
/// # Errors
/// See [`Refused`].
pub fn load_without_wrong_sounds(dir: &Path, sources: Vec<Source>, listeners: &[SocketAddr]) -> Result<Revision, Refused> {
    let (revision, wrong) = load_all(dir, Texts { sources, faults: Vec::new() }, listeners, None)?;
    for wrong in wrong {
        tracing::error!("{}", wrong.in_words().of(lang_of_environment()));
    }
    Ok(revision)
}

/// With what is wrong with its sounds.
fn load_all(dir: &Path, texts: Texts, listeners: &[SocketAddr], previous: Option<&Plan>) -> Result<(Revision, Vec<Fault>), Refused> {
    if texts.refused().is_some() {
        let (sources, mut findings) = texts.with_findings();
        // What the others say is of use too, unless it is only that this one is missing.
        findings.sort_by_key(|finding| finding.severity);
        return Err(Refused::for_findings(findings, sources));
    }
    let Texts { sources, faults: mut left_out } = texts;
    if sources.iter().all(Source::is_sheet) {
        return Err(Refused::Unreadable(reader::no_rules(dir)));
    }
    let Sounds { prompts, names, hash, left_out: no_files, wrong } = sounds::load(dir)?;
    left_out.extend(no_files);
    let folders = [dir.to_owned()];
    left_out.extend(rules_beside::other_endings(&folders));
    let own_recordings = rules_beside::own_recordings(&folders);
    let options = hotline_rules::Options { prompts: Some(names), today: today(), own_recordings, ..hotline_rules::Options::default() };
    match hotline_rules::load_with(&sources, previous, &options) {
        Ok(loaded) => {
            check_contacts(&loaded.plan, listeners).map_err(Refused::Unreadable)?;
            let found = customer_sources::check(&loaded.plan);
            if !found.is_empty() {
                return Err(Refused::for_findings(found.into_iter().chain(loaded.warnings).collect(), sources));
            }
            let (plan, prompts, warnings) = (Arc::new(loaded.plan), Arc::new(prompts), loaded.warnings);
            Ok((Revision { plan, prompts, sounds: hash, sources, warnings, left_out }, wrong))
        }
        Err(findings) => Err(Refused::for_findings(findings, sources)),
    }
}

/// Today, in UTC.
pub fn today() -> Option<jiff::civil::Date> {
    Some(jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date())
}

/// Whether the fixed contacts of rules without errors can be called from this machine, whatever it listens on.
///
/// # Errors
/// The first contact that can't.
pub fn check_contacts_of(plan: &Plan) -> Result<(), Said> {
    let local = [([127, 0, 0, 1], 5060).into(), (std::net::Ipv6Addr::LOCALHOST, 5060).into()];
    check_contacts(plan, &local)
}

/// Whether the fixed contacts of seats can be called in principle. Host names are looked up later, by the running hotline.
fn check_contacts(plan: &Plan, listeners: &[SocketAddr]) -> Result<(), Said> {
    for seat in plan.seats.iter().filter(|seat| !seat.retired) {
        let Some(contact) = &seat.contact else { continue };
        let shown = hotline_rules::redacted(contact);
        let say = |en: &str, zh: &str| Said {
            en: format!("seat {}: {}", seat.name, en.replace("{}", &shown)).into(),
            zh: format!("坐席 {}：{}", seat.name, zh.replace("{}", &shown)).into(),
        };
        let uri = hotline_sip::Uri::parse(contact).map_err(|_| say("`{}` is no SIP URI", "`{}` 不是 SIP URI"))?;
        let host = uri.host.ok_or_else(|| say("`{}` names no host", "`{}` 没有写主机"))?;
        let heard = |ip: IpAddr| listeners.iter().any(|local| local.is_ipv4() == ip.is_ipv4());
        if !host.ip().is_none_or(heard) {
            return Err(say("no listener of the address family of `{}`", "没有与 `{}` 同一地址族的监听"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = "number = [{ name = \"hotline\", queue = \"q\" }]\nqueue = [{ name = \"q\" }]\n";

    #[test]
    fn csv_files_are_read_with_the_rules_and_what_is_not_utf_8_is_marked() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.csv"), b"number\n1380\xb0\xa1").unwrap();
        assert!(read_sources(dir.path()).is_err(), "a table of cells is no rules");
        std::fs::write(dir.path().join("r.toml"), RULES).unwrap();
        std::os::unix::fs::symlink("a.csv", dir.path().join("b.csv")).unwrap();
        let sources = read_sources(dir.path()).unwrap();
        assert_eq!(sources.iter().map(Source::is_sheet).collect::<Vec<_>>(), [true, true, false]);
        assert!(sources[0].text.contains(char::REPLACEMENT_CHARACTER));
        assert_eq!(sources[0].text, sources[1].text);
    }

    #[test]
    fn a_recording_that_nobody_hears_and_a_file_that_is_not_read_for_its_ending_are_told_at_every_load() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("r.toml"), RULES).unwrap();
        for (path, bytes) in [("b.TOML", RULES.as_bytes()), ("tests/t.Toml", b""), ("prompts/zh-CN/welcom.wav", &sounds::tests::wav(9))] {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let Ok(revision) = load(dir.path(), &[], None) else { panic!("they are good") };
        let names: Vec<_> = revision.left_out.iter().filter_map(|fault| fault.path.file_name()?.to_str()).collect();
        assert_eq!(names, ["b.TOML", "t.Toml"]);
        assert!(revision.left_out.iter().all(|fault| fault.why == FileFault::OtherEnding));
        assert_eq!(revision.warnings.iter().filter(|one| one.code == "HL251").count(), 1);
    }

    #[test]
    fn no_link_of_a_csv_file_leads_out_of_the_folder() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(dir.path().join("r.toml"), RULES).unwrap();
        std::fs::write(other.path().join("secret.csv"), "number\n13800138000\n").unwrap();
        std::os::unix::fs::symlink(other.path().join("secret.csv"), dir.path().join("a.csv")).unwrap();
        assert!(read_sources(dir.path()).unwrap_err().to_string().contains("a link out of the folder"));
    }
}
