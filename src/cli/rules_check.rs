//! `hotline rules check`: findings for people and machines, and what mends them.

use crate::cli::words::lang_of_environment;
use crate::customer_sources;
use crate::folder;
use crate::folder::reader::{self, Fault};
use crate::folder::sounds;
use crate::rules_beside;
use crate::rules_files::{Given, Recordings, given, known_recordings, replace_file};
use hotline_model::Lang;
use hotline_rules::trial::{not_toml, read_trials};
use hotline_rules::{Diagnostic, Mended, Options, Plan, Severity, Source, Style, report, unified_diff};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Checks files of rules together; exit 1 if there are errors, 2 if they can't be read.
#[derive(clap::Args)]
pub struct CheckArgs {
    /// Folders and files; `-` is one file from standard input; else rules.dir of the configuration.
    paths: Vec<PathBuf>,
    /// How findings are written.
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    output_format: Format,
    /// Mends what can have been meant in one way only, and checks again. What comes from standard input is written to standard output.
    #[arg(long)]
    fix: bool,
    /// Mends, with --fix or --diff, what was probably meant, too.
    #[arg(long)]
    unsafe_fixes: bool,
    /// Shows what --fix would change, and changes nothing; exit 1 if there is something.
    #[arg(long, conflicts_with = "fix")]
    diff: bool,
    /// Exit 0 whatever is found.
    #[arg(long)]
    exit_zero: bool,
    /// The path of the file from standard input; it stands for that file among the others.
    #[arg(long, value_name = "FILE")]
    stdin_filename: Option<PathBuf>,
    /// The language of the findings; else that of $HOTLINE_LANG, $LC_ALL or $LANG.
    #[arg(long, value_name = "zh|en", default_value_t = lang_of_environment())]
    lang: Lang,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// With the lines of the files, for people.
    Human,
    /// One line each: `file:line:column: error[HL012] message`.
    Concise,
    /// A list of objects.
    Json,
    /// Workflow commands, which GitHub shows at the lines of a pull request.
    Github,
    /// SARIF 2.1.0, which code hosts and editors read.
    Sarif,
}

/// Runs it on the process's own streams.
pub fn run(args: &CheckArgs, rules_dir: PathBuf) -> ExitCode {
    let streams = Streams { input: &mut std::io::stdin(), out: &mut std::io::stdout(), log: &mut std::io::stderr(), style: style() };
    match check(args, rules_dir, streams) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("hotline: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Colours for a terminal, unless NO_COLOR is set (<https://no-color.org>).
pub fn style() -> Style {
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    if colour { Style::Colour } else { Style::Plain }
}

struct Streams<'s> {
    input: &'s mut dyn std::io::Read,
    out: &'s mut dyn Write,
    log: &'s mut dyn Write,
    style: Style,
}

fn check(args: &CheckArgs, rules_dir: PathBuf, streams: Streams<'_>) -> anyhow::Result<u8> {
    let paths = if args.paths.is_empty() { vec![rules_dir] } else { args.paths.clone() };
    let given = given(&paths, args.stdin_filename.as_deref(), streams.input)?;
    let Recordings { names, lengths, faults } = known_recordings(&given.folders);
    let options = Options {
        prompts: Some(names),
        today: folder::today(),
        recordings: Some(lengths),
        own_recordings: rules_beside::own_recordings(&paths),
    };
    let mut left_out = [given.left_out.as_slice(), &faults, &given.tests.faults].concat();
    let refused = given.left_out.iter().any(|fault| !fault.why.is_left_out());
    let mut stays = None;
    let (sources, found) = if refused {
        // Without that file the others have findings which are none, and nothing is mended beside it.
        (given.sources.clone(), hotline_rules::found_alone(&given.sources, &options))
    } else if args.fix || args.diff {
        let mended = hotline_rules::mend(&given.sources, &options, args.unsafe_fixes);
        if args.diff {
            let diff = unified_diff(&given.sources, &mended.sources);
            streams.out.write_all(report::shown_lines(&diff).as_bytes())?;
            say(streams.log, &told_of_diff(&mended, args.lang))?;
            return Ok(exit(args, u8::from(!diff.is_empty() || has_errors(&mended.left))));
        }
        write(&given, &mended, args.lang, streams.out, streams.log)?;
        (mended.sources, mended.left)
    } else {
        let found = hotline_rules::found(&given.sources, &options);
        (given.sources.clone(), found)
    };
    let whole = !refused && !has_errors(&found);
    let (sources, found) = if whole { with_what_is_named(sources, found, &mut stays) } else { (sources, found) };
    if let Some(plan) = &stays {
        left_out.retain(|fault| !sounds::is_unheard(plan, fault));
    }
    let (sources, found) = with_tests(sources, found, &given.tests.sources, stays.as_ref());
    let (sources, found) = with_left_out(sources, found, &left_out);
    let (sources, found) = with_left_out(sources, found, &rules_beside::other_endings(&paths));
    let text = written(args, &found, &sources, streams.style);
    // What was given on standard input goes back to standard output, mended: the findings are not mixed into it.
    let beside = args.fix && given.stdin.is_some() && !refused;
    if beside {
        streams.log.write_all(text.as_bytes())?
    } else {
        streams.out.write_all(text.as_bytes())?
    }
    say(streams.log, &hotline_rules::summary(&found, &sources, args.lang))?;
    if !refused {
        say(streams.log, &can_be_mended(&found, args))?;
    }
    if let Some(plan) = &stays {
        folder::check_contacts_of(plan).map_err(|why| reader::said(&why, args.lang))?;
    }
    let code = if left_out.iter().any(|fault| fault.why.is_unread()) { 2 } else { u8::from(has_errors(&found)) };
    Ok(exit(args, code))
}

type Checked = (Vec<Source>, Vec<Diagnostic>);

/// Rules without errors may name what can't be used outside of them, such as databases; they themselves are handed over.
fn with_what_is_named(sources: Vec<Source>, mut found: Vec<Diagnostic>, stays: &mut Option<Plan>) -> Checked {
    if let Ok(loaded) = hotline_rules::load(&sources, None) {
        found.extend(customer_sources::check(&loaded.plan));
        *stays = Some(loaded.plan);
    }
    (sources, found)
}

/// The tests of the rules are read like them; of rules with errors only whether they are TOML can be said. None is run.
fn with_tests(mut sources: Vec<Source>, mut found: Vec<Diagnostic>, tests: &[Source], plan: Option<&Plan>) -> Checked {
    let wrong = plan.map_or_else(|| not_toml(tests), |plan| read_trials(tests, plan).err().unwrap_or_default());
    if !wrong.is_empty() {
        let first = sources.len();
        sources.extend_from_slice(tests);
        // Only the rules are mended.
        found.extend(wrong.into_iter().map(|one| Diagnostic { fix: None, ..one.behind(first) }));
    }
    (sources, found)
}

/// What is no file, or no text, is told like a finding in it.
fn with_left_out(mut sources: Vec<Source>, mut found: Vec<Diagnostic>, left_out: &[Fault]) -> (Vec<Source>, Vec<Diagnostic>) {
    for fault in left_out {
        found.push(fault.why.finding(sources.len()));
        sources.push(fault.source());
    }
    (sources, found)
}

fn exit(args: &CheckArgs, code: u8) -> u8 {
    if args.exit_zero { 0 } else { code }
}

fn has_errors(found: &[Diagnostic]) -> bool {
    found.iter().any(|one| one.severity == Severity::Error)
}

fn say(log: &mut dyn Write, text: &str) -> std::io::Result<()> {
    if text.is_empty() { Ok(()) } else { writeln!(log, "{text}") }
}

fn written(args: &CheckArgs, found: &[Diagnostic], sources: &[Source], style: Style) -> String {
    match args.output_format {
        Format::Human => hotline_rules::render(found, sources, style, args.lang),
        Format::Concise => report::concise(found, sources, args.lang),
        Format::Json => report::json(found, sources, args.lang),
        Format::Github => report::github(found, sources, args.lang),
        Format::Sarif => report::sarif(found, sources, args.lang, env!("CARGO_PKG_VERSION")),
    }
}

/// Puts the mended files in place.
fn write(given: &Given, mended: &Mended, lang: Lang, out: &mut dyn Write, log: &mut dyn Write) -> anyhow::Result<()> {
    let mut changed = 0;
    for (place, (before, after)) in given.sources.iter().zip(&mended.sources).enumerate() {
        if given.stdin == Some(place) {
            out.write_all(after.text.as_bytes())?;
        } else if let (true, Some(root)) = (before.text != after.text, given.roots.get(place)) {
            replace_file(std::path::Path::new(&before.path), root, &before.text, &after.text)?;
        }
        changed += usize::from(before.text != after.text);
    }
    say(log, &told_of_left_alone(mended, lang))?;
    let (fixes, findings) = (mended.fixes, if mended.fixes == 1 { "finding" } else { "findings" });
    let (en, zh) = (format!("{fixes} {findings} mended in {}.", files(changed)), format!("已修正 {fixes} 处，涉及 {changed} 个文件。"));
    Ok(say(log, if fixes == 0 { "" } else { lang.of(&en, &zh) })?)
}

fn files(count: usize) -> String {
    format!("{count} file{}", if count == 1 { "" } else { "s" })
}

fn told_of_diff(mended: &Mended, lang: Lang) -> String {
    let fixes = mended.fixes;
    let would = lang.of(format!("{fixes} would be mended."), format!("可修正 {fixes} 处。"));
    [told_of_left_alone(mended, lang), would].into_iter().filter(|told| !told.is_empty()).collect::<Vec<_>>().join("\n")
}

fn told_of_left_alone(mended: &Mended, lang: Lang) -> String {
    let paths = mended.left_alone.iter().map(|file| report::shown_lines(&mended.sources[*file].path).into_owned());
    let told = paths.map(|path| {
        lang.of(
            format!("{path} is left as it was: mended, it could not be read either."),
            format!("{path} 保持原样：修正之后仍然无法读取。"),
        )
    });
    told.collect::<Vec<_>>().join("\n")
}

fn can_be_mended(found: &[Diagnostic], args: &CheckArgs) -> String {
    let count = |safe: bool| found.iter().filter(|one| one.fix.as_ref().is_some_and(|fix| fix.safe == safe)).count();
    match (count(true), count(false)) {
        (0, 0) => String::new(),
        (safe, 0) => args.lang.of(format!("{safe} can be mended by --fix."), format!("其中 {safe} 处可用 --fix 修正。")),
        (safe, others) => args.lang.of(
            format!("{safe} can be mended by --fix, {} with --unsafe-fixes.", safe + others),
            format!("其中 {safe} 处可用 --fix 修正，加 --unsafe-fixes 可修正 {} 处。", safe + others),
        ),
    }
}

#[cfg(test)]
#[path = "rules_check_tests.rs"]
mod tests;
