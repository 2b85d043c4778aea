//! `hotline rules fmt`: one layout for all files of rules.

use crate::folder;
use anyhow::{Context, bail};
use hotline_rules::{Diagnostic, Source};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Most bytes taken from the standard input.
const MOST_BYTES: u64 = 64 << 20;
/// Lines shown around a difference.
const AROUND: usize = 3;

/// Lays files of rules out anew; comments, blank lines and order stay. Exit 1 if a file is not TOML, or with --check if one would change.
#[derive(clap::Args)]
pub struct FmtArgs {
    /// Files and folders, `-` for the standard input to the standard output; else rules.dir of the configuration.
    paths: Vec<PathBuf>,
    /// Changes nothing and names the files that would change.
    #[arg(long)]
    check: bool,
    /// Changes nothing and shows what would.
    #[arg(long)]
    diff: bool,
}

/// Runs it; `tell` writes findings for people.
///
/// # Errors
/// What can't be read or written.
pub fn run(args: &FmtArgs, rules_dir: &Path, tell: &dyn Fn(&[Diagnostic], &[Source])) -> anyhow::Result<ExitCode> {
    let paths =
        if args.paths.is_empty() { std::slice::from_ref(&rules_dir).iter().map(PathBuf::from).collect() } else { args.paths.clone() };
    let (mut refused, mut changed, mut seen) = (false, 0, 0);
    let mut out = std::io::stdout().lock();
    for path in &paths {
        let piped = path.as_os_str() == "-";
        for source in if piped { vec![stdin()?] } else { sources(path)? } {
            seen += 1;
            let text = match hotline_rules::format(&source) {
                Ok(text) => text,
                Err(found) => {
                    tell(&found, std::slice::from_ref(&source));
                    refused = true;
                    continue;
                }
            };
            let differs = text != source.text;
            changed += usize::from(differs);
            if args.diff {
                out.write_all(difference(&source.path, &source.text, &text).as_bytes())?;
            } else if args.check {
                if differs {
                    writeln!(out, "{}", source.path)?;
                }
            } else if piped {
                out.write_all(text.as_bytes())?;
            } else if differs {
                replace(Path::new(&source.path), &text)?;
                writeln!(out, "{}", source.path)?;
            }
        }
    }
    let dry = args.check || args.diff;
    if !paths.iter().any(|path| path.as_os_str() == "-") || dry {
        eprintln!("{changed} of {seen} files {}.", if dry { "would be laid out anew" } else { "laid out anew" });
    }
    Ok(if refused || dry && changed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn stdin() -> anyhow::Result<Source> {
    let mut text = String::new();
    std::io::stdin().lock().take(MOST_BYTES).read_to_string(&mut text).context("cannot read the standard input")?;
    Ok(Source { path: "<stdin>".into(), text })
}

/// A folder has what the hotline reads of it, and the tests of its rules.
fn sources(path: &Path) -> anyhow::Result<Vec<Source>> {
    if !path.is_dir() {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        return Ok(vec![Source { path: path.display().to_string(), text }]);
    }
    let mut all = folder::read_sources(path)?;
    let tests = path.join("tests");
    if tests.is_dir() {
        all.extend(folder::read_sources(&tests).unwrap_or_default());
    }
    Ok(all)
}

/// Writes a file beside and puts it in the place of the old one, so that no reader sees half of it.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let path = path.canonicalize().with_context(|| format!("cannot find {}", path.display()))?;
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { bail!("{} is no file", path.display()) };
    // A name with a dot in front is not taken for rules by a running hotline.
    let new = folder.join(format!(".{}.fmt-{}", name.to_string_lossy(), std::process::id()));
    let written = write_new(&path, &new, text).and_then(|()| std::fs::rename(&new, &path));
    if written.is_err() {
        // Nothing is lost with it, and the error told is the first.
        let _ = std::fs::remove_file(&new);
    }
    written.with_context(|| format!("cannot write {}", path.display()))
}

fn write_new(old: &Path, new: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(new)?;
    file.set_permissions(std::fs::metadata(old)?.permissions())?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The lines that differ between the first and the last, with some around them, as `diff -u` shows them.
fn difference(path: &str, before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let mut text = format!("--- {path}\n+++ {path}\n");
    let (old, new): (Vec<&str>, Vec<&str>) = (before.split('\n').collect(), after.split('\n').collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - same;
    let behind = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(AROUND);
    let lines = |all: &[&str]| (from, (all.len() - behind + AROUND).min(all.len()));
    let ((_, old_to), (_, new_to)) = (lines(&old), lines(&new));
    text.push_str(&format!("@@ -{},{} +{},{} @@\n", from + 1, old_to - from, from + 1, new_to - from));
    let mut say = |mark: char, lines: &[&str]| lines.iter().for_each(|line| text.push_str(&format!("{mark}{line}\n")));
    say(' ', &old[from..same]);
    say('-', &old[same..old.len() - behind]);
    say('+', &new[same..new.len() - behind]);
    say(' ', &old[old.len() - behind..old_to]);
    text
}
