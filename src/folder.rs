//! The folder of rules: reads its files and prompts, checks fixed contacts, and hands over what the engine takes.

use crate::customer_sources;
use crate::embedded_prompts::EMBEDDED_PROMPTS;
use anyhow::Context;
use hotline_engine::Prompts;
use hotline_media::Clip;
use hotline_rules::{Diagnostic, Plan, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

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
    /// A folder, file, prompt or contact can't be used.
    Unreadable(anyhow::Error),
    /// The rules have errors.
    Findings(Vec<Diagnostic>, Vec<Source>),
}

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// Most bytes of a CSV file that are read; the rules refuse one that has more.
const MOST_OF_SHEET: u64 = (64 << 20) + 1;

/// Reads the `.toml` and `.csv` files of a folder (and one level of sub-folders but `tests`) in name order.
///
/// # Errors
/// What can't be read, by name; a CSV file that is a link out of the folder; a folder without any rules.
pub fn read_sources(dir: &Path) -> anyhow::Result<Vec<Source>> {
    let mut sources = Vec::new();
    collect(dir, dir, &mut sources)?;
    if sources.iter().all(Source::is_sheet) {
        anyhow::bail!("no rules: {} has no .toml file (set rules.dir, or start in the project's folder)", dir.display());
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn collect(root: &Path, dir: &Path, sources: &mut Vec<Source>) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(dir).with_context(|| format!("cannot read the rules in {}", dir.display()))?;
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read the rules in {}", dir.display()))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
        if path.is_dir() && dir == root && !matches!(name, "tests" | "prompts") && !name.starts_with('.') {
            collect(root, &path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") && !name.starts_with('.') {
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            sources.push(Source { path: path.display().to_string(), text });
        } else if path.extension().is_some_and(|extension| extension == "csv") && !name.starts_with('.') {
            sources.push(Source { text: read_sheet(root, &path)?, path: path.display().to_string() });
        }
    }
    Ok(())
}

/// What is no UTF-8 becomes a mark of which the rules tell.
fn read_sheet(root: &Path, path: &Path) -> anyhow::Result<String> {
    let cannot = || format!("cannot read {}", path.display());
    let (real, root) = (path.canonicalize().with_context(cannot)?, root.canonicalize().with_context(cannot)?);
    if !real.starts_with(&root) {
        anyhow::bail!("{} is a link that leads out of {}", path.display(), root.display());
    }
    if !real.is_file() {
        anyhow::bail!("{} is no file", path.display());
    }
    let mut bytes = Vec::new();
    std::fs::File::open(&real).with_context(cannot)?.take(MOST_OF_SHEET).read_to_end(&mut bytes).with_context(cannot)?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|wrong| String::from_utf8_lossy(wrong.as_bytes()).into_owned()))
}

/// Checks the rules of a folder and loads what they need.
///
/// # Errors
/// See [`Refused`].
pub fn load(dir: &Path, listeners: &[SocketAddr], previous: Option<&Plan>) -> Result<Revision, Refused> {
    let sources = read_sources(dir)?;
    let (prompts, names) = load_prompts(dir)?;
    let options = hotline_rules::Options { prompts: Some(names), today: today(), recordings: None };
    match hotline_rules::load_with(&sources, previous, &options) {
        Ok(loaded) => {
            check_contacts(&loaded.plan, listeners)?;
            customer_sources::check(&loaded.plan)?;
            Ok(Revision { plan: Arc::new(loaded.plan), prompts: Arc::new(prompts), sources, warnings: loaded.warnings })
        }
        Err(findings) => Err(Refused::Findings(findings, sources)),
    }
}

/// Today, in UTC.
pub fn today() -> Option<jiff::civil::Date> {
    Some(jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date())
}

type PromptNames = BTreeMap<String, BTreeSet<String>>;

fn load_prompts(dir: &Path) -> anyhow::Result<(Prompts, PromptNames)> {
    let (mut prompts, mut names) = (Prompts::default(), PromptNames::new());
    let mut insert = |language: &str, name: &str, clip: Clip| {
        prompts.insert(language, name, Arc::new(clip));
        names.entry(language.to_owned()).or_default().insert(name.to_owned());
    };
    for (language, name, wav) in EMBEDDED_PROMPTS {
        let clip = Clip::from_wav((*name).into(), wav).with_context(|| format!("the built-in prompt {language}/{name}"))?;
        insert(language, name, clip);
    }
    let own = dir.join("prompts");
    if !own.is_dir() {
        return Ok((prompts, names));
    }
    for language in std::fs::read_dir(&own).with_context(|| format!("cannot read {}", own.display()))? {
        let language = language?.path();
        let code = language.file_name().and_then(|name| name.to_str()).unwrap_or("").to_owned();
        if !language.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(&language)? {
            let file = file?.path();
            let Some(name) = file.file_stem().and_then(|name| name.to_str()).filter(|_| file.extension().is_some_and(|e| e == "wav"))
            else {
                continue;
            };
            let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let clip = Clip::from_wav(name.into(), &bytes).with_context(|| format!("the prompt {}", file.display()))?;
            insert(&code, name, clip);
        }
    }
    Ok((prompts, names))
}

/// Whether the fixed contacts of rules without errors can be called from this machine, whatever it listens on.
///
/// # Errors
/// The first contact that can't.
pub fn check_contacts_of(sources: &[Source]) -> anyhow::Result<()> {
    let local = [([127, 0, 0, 1], 5060).into(), (std::net::Ipv6Addr::LOCALHOST, 5060).into()];
    hotline_rules::load(sources, None).map_or(Ok(()), |loaded| {
        check_contacts(&loaded.plan, &local)?;
        customer_sources::check(&loaded.plan)
    })
}

/// Whether the fixed contacts of seats can be called in principle. Host names are looked up later, by the running hotline.
fn check_contacts(plan: &Plan, listeners: &[SocketAddr]) -> anyhow::Result<()> {
    for seat in plan.seats.iter().filter(|seat| !seat.retired) {
        let Some(contact) = &seat.contact else { continue };
        let uri = hotline_sip::Uri::parse(contact).map_err(|_| anyhow::anyhow!("seat {}: `{contact}` is no SIP URI", seat.name))?;
        let host = uri.host.with_context(|| format!("seat {}: `{contact}` names no host", seat.name))?;
        let heard = |ip: IpAddr| listeners.iter().any(|local| local.is_ipv4() == ip.is_ipv4());
        if !host.ip().is_none_or(heard) {
            anyhow::bail!("seat {}: no listener of the address family of `{contact}`", seat.name);
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
        assert!(read_sources(dir.path()).unwrap_err().to_string().contains("leads out"));
    }
}
