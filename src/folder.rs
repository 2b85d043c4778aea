//! The folder of rules: reads its files and prompts, checks fixed contacts, and hands over what the engine takes.

pub mod reader;

use crate::cli::words::lang_of_environment;
use crate::customer_sources;
use crate::embedded_prompts::EMBEDDED_PROMPTS;
use crate::rehearse::before_load::FailedTests;
use hotline_engine::Prompts;
use hotline_media::Clip;
use hotline_media::prompt::ClipError;
use hotline_rules::{Diagnostic, FileFault, MOST_BYTES, MOST_FILE_BYTES, MOST_FILES, Plan, Said, Source};
use reader::{Fault, Texts};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How often, and how far apart, files that are read at somebody's word are looked at until two looks agree.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// A revision ready to run.
pub struct Revision {
    /// The rules.
    pub plan: Arc<Plan>,
    /// Their prompts.
    pub prompts: Arc<Prompts>,
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

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Unreadable(fault.in_words())
    }
}

/// What a folder has at a moment, besides sounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The rules.
    pub rules: Texts,
    /// Their tests.
    pub tests: Texts,
}

impl Snapshot {
    /// What a folder has now.
    pub fn of(dir: &Path) -> Self {
        Self { rules: reader::rules(dir), tests: reader::tests(dir) }
    }

    /// The same, once two looks in a row agree; what still changes after two seconds has a fault for it.
    pub fn steady(dir: &Path) -> Self {
        let mut before = Self::of(dir);
        for _ in 0..LOOKS {
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
    if texts.refused().is_some() {
        let (sources, mut findings) = texts.with_findings();
        // What the others say is of use too, unless it is only that this one is missing.
        findings.sort_by_key(|finding| finding.severity);
        return Err(Refused::Findings(findings, sources));
    }
    let Texts { sources, faults: mut left_out } = texts;
    if sources.iter().all(Source::is_sheet) {
        return Err(Refused::Unreadable(reader::no_rules(dir)));
    }
    let (prompts, names) = load_prompts(dir, &mut left_out)?;
    let options = hotline_rules::Options { prompts: Some(names), today: today(), ..hotline_rules::Options::default() };
    match hotline_rules::load_with(&sources, previous, &options) {
        Ok(loaded) => {
            check_contacts(&loaded.plan, listeners).map_err(Refused::Unreadable)?;
            customer_sources::check(&loaded.plan).map_err(Refused::Unreadable)?;
            Ok(Revision { plan: Arc::new(loaded.plan), prompts: Arc::new(prompts), sources, warnings: loaded.warnings, left_out })
        }
        Err(findings) => Err(Refused::Findings(findings, sources)),
    }
}

/// Today, in UTC.
pub fn today() -> Option<jiff::civil::Date> {
    Some(jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date())
}

type PromptNames = BTreeMap<String, BTreeSet<String>>;

fn load_prompts(dir: &Path, left_out: &mut Vec<Fault>) -> Result<(Prompts, PromptNames), Refused> {
    let (mut prompts, mut names) = (Prompts::default(), PromptNames::new());
    let mut insert = |language: &str, name: &str, clip: Arc<Clip>| {
        prompts.insert(language, name, clip);
        names.entry(language.to_owned()).or_default().insert(name.to_owned());
    };
    for (language, name, clip) in built_in()? {
        insert(language, name, Arc::clone(clip));
    }
    let own = dir.join(reader::PROMPTS);
    let languages = if own.is_dir() { reader::entries(&own)? } else { Vec::new() };
    let (mut count, mut size) = (0, 0);
    for language in languages.into_iter().filter(|path| path.is_dir()) {
        let code = language.file_name().and_then(|name| name.to_str()).unwrap_or("").to_owned();
        for file in reader::entries(&language)?.into_iter().filter(|file| file.extension().is_some_and(|end| end == "wav")) {
            let Some(name) = file.file_stem().and_then(|name| name.to_str()) else { continue };
            let bytes = match reader::bytes(dir, &file, MOST_FILE_BYTES) {
                Ok(bytes) => bytes,
                Err(fault) if fault.why.is_left_out() => {
                    left_out.push(fault);
                    continue;
                }
                Err(fault) => return Err(fault.into()),
            };
            (count, size) = (count + 1, size + bytes.len() as u64);
            if count > MOST_FILES || size > MOST_BYTES {
                let why = if count > MOST_FILES { FileFault::TooMany } else { FileFault::TooMuch };
                return Err(Fault { path: file, why }.into());
            }
            let clip = Clip::from_wav(name.into(), &bytes).map_err(|error| no_sound(&file.display().to_string(), &error))?;
            insert(&code, name, Arc::new(clip));
        }
    }
    Ok((prompts, names))
}

type BuiltIn = Vec<(&'static str, &'static str, Arc<Clip>)>;

/// The built-in prompts, read once.
fn built_in() -> Result<&'static BuiltIn, Refused> {
    static CLIPS: OnceLock<BuiltIn> = OnceLock::new();
    if let Some(clips) = CLIPS.get() {
        return Ok(clips);
    }
    let mut clips = Vec::new();
    for (language, name, wav) in EMBEDDED_PROMPTS {
        let clip = Clip::from_wav((*name).into(), wav).map_err(|error| no_sound(&format!("{language}/{name}"), &error))?;
        clips.push((*language, *name, Arc::new(clip)));
    }
    Ok(CLIPS.get_or_init(|| clips))
}

fn no_sound(name: &str, error: &ClipError) -> Refused {
    let zh = match error {
        ClipError::NotWav(_) => "不是 WAV 文件".to_owned(),
        ClipError::Rate { found } => format!("采样率为 {found} Hz，应为 8000"),
        ClipError::Channels { found } => format!("有 {found} 个声道，应为单声道"),
        ClipError::Bits { found } => format!("位深为 {found} 位，应为 8 或 16"),
        ClipError::Empty => "没有声音".to_owned(),
        ClipError::TooLong => "太长".to_owned(),
    };
    Refused::Unreadable(Said { en: format!("the prompt {name}: {error}").into(), zh: format!("提示音 {name}：{zh}").into() })
}

/// Whether the fixed contacts of rules without errors can be called from this machine, whatever it listens on.
///
/// # Errors
/// The first contact that can't.
pub fn check_contacts_of(sources: &[Source]) -> anyhow::Result<()> {
    let local = [([127, 0, 0, 1], 5060).into(), (std::net::Ipv6Addr::LOCALHOST, 5060).into()];
    let checked = hotline_rules::load(sources, None).map_or(Ok(()), |loaded| {
        check_contacts(&loaded.plan, &local)?;
        customer_sources::check(&loaded.plan)
    });
    checked.map_err(|why| reader::said(&why, lang_of_environment()))
}

/// Whether the fixed contacts of seats can be called in principle. Host names are looked up later, by the running hotline.
fn check_contacts(plan: &Plan, listeners: &[SocketAddr]) -> Result<(), Said> {
    for seat in plan.seats.iter().filter(|seat| !seat.retired) {
        let Some(contact) = &seat.contact else { continue };
        let say = |en: &str, zh: &str| Said {
            en: format!("seat {}: {}", seat.name, en.replace("{}", contact)).into(),
            zh: format!("坐席 {}：{}", seat.name, zh.replace("{}", contact)).into(),
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
    fn no_link_of_a_csv_file_leads_out_of_the_folder() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(dir.path().join("r.toml"), RULES).unwrap();
        std::fs::write(other.path().join("secret.csv"), "number\n13800138000\n").unwrap();
        std::os::unix::fs::symlink(other.path().join("secret.csv"), dir.path().join("a.csv")).unwrap();
        assert!(read_sources(dir.path()).unwrap_err().to_string().contains("a link out of the folder"));
    }
}
