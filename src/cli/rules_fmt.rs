//! `hotline rules fmt`: one layout for all files of rules.

use super::words::lang_of_environment;
use anyhow::{Context, bail};
use hotline_rules::report::{shown, shown_lines};
use hotline_rules::{Diagnostic, Source};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Most bytes taken from the standard input.
const MOST_BYTES: u64 = 64 << 20;
/// Lines shown around a difference.
const AROUND: usize = 3;
/// Lines, old and new together, after which two texts that part are taken to differ to their ends.
const FARTHEST: usize = 400;

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

/// Reads the files of a folder.
pub type ReadFolder<'r> = &'r dyn Fn(&Path) -> anyhow::Result<Vec<Source>>;

/// Runs it; `read` reads a folder of rules, `tell` writes findings for people.
///
/// # Errors
/// What can't be read or written.
pub fn run(args: &FmtArgs, rules_dir: &Path, read: ReadFolder<'_>, tell: &dyn Fn(&[Diagnostic], &[Source])) -> anyhow::Result<ExitCode> {
    let paths =
        if args.paths.is_empty() { std::slice::from_ref(&rules_dir).iter().map(PathBuf::from).collect() } else { args.paths.clone() };
    let (mut refused, mut changed, mut seen) = (false, 0, 0);
    let mut out = std::io::stdout().lock();
    for path in &paths {
        let piped = path.as_os_str() == "-";
        for source in if piped { vec![stdin()?] } else { sources(path, read)? } {
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
                out.write_all(shown_lines(&difference(&source.path, &source.text, &text)).as_bytes())?;
            } else if args.check {
                if differs {
                    writeln!(out, "{}", shown(&source.path))?;
                }
            } else if piped {
                out.write_all(text.as_bytes())?;
            } else if differs {
                replace(Path::new(&source.path), &text)?;
                writeln!(out, "{}", shown(&source.path))?;
            }
        }
    }
    let dry = args.check || args.diff;
    if !paths.iter().any(|path| path.as_os_str() == "-") || dry {
        eprintln!("{changed} of {seen} files: {}.", if dry { "would be laid out anew" } else { "laid out anew" });
    }
    Ok(if refused || dry && changed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn stdin() -> anyhow::Result<Source> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MOST_BYTES).read_to_end(&mut bytes).context("cannot read the standard input")?;
    source("<stdin>", bytes)
}

fn source(path: &str, bytes: Vec<u8>) -> anyhow::Result<Source> {
    let text = hotline_rules::text(bytes).map_err(|why| anyhow::anyhow!("{}", why.in_words(path).of(lang_of_environment())))?;
    Ok(Source { path: path.to_owned(), text })
}

/// A folder has what the hotline reads of it, and the tests of its rules.
fn sources(path: &Path, read: ReadFolder<'_>) -> anyhow::Result<Vec<Source>> {
    if !path.is_dir() {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        return Ok(vec![source(&path.display().to_string(), bytes)?]);
    }
    let mut all = read(path)?;
    let tests = path.join("tests");
    if tests.is_dir() {
        all.extend(read(&tests).unwrap_or_default());
    }
    all.retain(|source| !source.is_sheet());
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

/// What differs, as `diff -u` shows it.
fn difference(path: &str, before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let lines = compared(&before.lines().collect::<Vec<_>>(), &after.lines().collect::<Vec<_>>());
    let near = |at: usize| lines[at.saturating_sub(AROUND)..(at + AROUND + 1).min(lines.len())].iter().any(|(mark, _)| *mark != ' ');
    let mut text = format!("--- {path}\n+++ {path}\n");
    let (mut old, mut new, mut at) = (1, 1, 0);
    while at < lines.len() {
        let hunk = (at..lines.len()).take_while(|at| near(*at)).count();
        let count = |mark: char, length: usize| lines[at..at + length].iter().filter(|(one, _)| *one != mark).count();
        if hunk == 0 {
            (old, new, at) = (old + count('+', 1), new + count('-', 1), at + 1);
            continue;
        }
        let (from_old, from_new) = (count('+', hunk), count('-', hunk));
        text.push_str(&format!("@@ -{old},{from_old} +{new},{from_new} @@\n"));
        lines[at..at + hunk].iter().for_each(|(mark, line)| text.push_str(&format!("{mark}{line}\n")));
        (old, new, at) = (old + from_old, new + from_new, at + hunk);
    }
    text
}

/// Goes down both; where they part, the nearest place at which they meet again is looked for.
fn compared<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(char, &'t str)> {
    let (mut a, mut b, mut lines) = (0, 0, Vec::new());
    while a < old.len() || b < new.len() {
        let meet = |far: usize| (0..=far).map(move |more| (more, far - more));
        let same = |(i, j): &(usize, usize)| old.get(a + i).is_some_and(|line| new.get(b + j) == Some(line));
        let (gone, come) = (0..FARTHEST).flat_map(meet).find(same).unwrap_or((old.len() - a, new.len() - b));
        lines.extend(old[a..a + gone].iter().map(|line| ('-', *line)));
        lines.extend(new[b..b + come].iter().map(|line| ('+', *line)));
        (a, b) = (a + gone, b + come);
        if let (Some(line), true) = (old.get(a), b < new.len()) {
            lines.push((' ', *line));
            (a, b) = (a + 1, b + 1);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_what_goes_and_comes_with_the_lines_around() {
        let before: String = (0..30).map(|number| format!("line {number}\n")).collect();
        let after = before.replace("line 5\n", "five\n").replace("line 25\n", "").replace("line 27\n", "line 27\nmore\n");
        let expected = "--- x\n+++ x\n@@ -3,7 +3,7 @@\n line 2\n line 3\n line 4\n-line 5\n+five\n line 6\n line 7\n line 8\n\
            @@ -23,8 +23,8 @@\n line 22\n line 23\n line 24\n-line 25\n line 26\n line 27\n+more\n line 28\n line 29\n";
        assert_eq!(difference("x", &before, &after), expected);
        assert_eq!(difference("x", &before, &before), "");
        assert_eq!(difference("x", "", "a\n"), "--- x\n+++ x\n@@ -1,0 +1,1 @@\n+a\n");
    }

    #[test]
    fn a_file_is_replaced_whole_with_its_permissions_and_nothing_is_left_beside_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        std::fs::write(&path, "a=1").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        replace(&path, "a = 1\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a = 1\n");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
