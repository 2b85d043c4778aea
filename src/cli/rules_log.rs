//! `hotline rules reload`, `log`, `diff`, `show` and `rollback`: the revisions of the rules. What is only looked at needs no running hotline.

use crate::api::client::{Client, Refusal};
use crate::api::nouns::{Diagnosed, RelatedPlace, Reloaded, RolledBack, RulesShown};
use crate::cli::calls;
use crate::cli::words::{Zone, aligned, lang_of_environment};
use crate::folder::FirstError;
use crate::past_rules::{self, Named};
use crate::rules_history::{self, How, Line};
use anyhow::bail;
use hotline_model::{Lang, Revision};
use hotline_rules::report::shown;
use hotline_rules::{Source, redacted_source, revision_diff};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

/// Lines of the log that are shown unless more are asked for.
const LINES: usize = 20;

/// What can be done about revisions of the rules.
#[derive(Debug, clap::Subcommand)]
pub enum HistoryCommand {
    /// Loads the rules of a running hotline again, once their tests pass; exit 1 if they are refused: the running ones stay.
    Reload {
        /// Why, for `rules log`.
        #[arg(long)]
        note: Option<String>,
        /// JSON for machines.
        #[arg(long)]
        json: bool,
        /// The language of the sentences; else that of $HOTLINE_LANG, $LC_ALL or $LANG.
        #[arg(long, value_name = "zh|en", default_value_t = lang_of_environment())]
        lang: Lang,
    },
    /// Lists which rules ran when, who loaded them, how and why; the newest first.
    Log {
        /// How many lines.
        #[arg(short = 'n', long, value_name = "N", default_value_t = LINES)]
        lines: usize,
        /// JSON for machines.
        #[arg(long)]
        json: bool,
        /// The language of the words; else that of $HOTLINE_LANG, $LC_ALL or $LANG.
        #[arg(long, value_name = "zh|en", default_value_t = lang_of_environment())]
        lang: Lang,
        /// The zone of the times; else $TZ, else UTC.
        #[arg(long, value_parser = Zone::parse)]
        zone: Option<Zone>,
    },
    /// Shows what is different between two revisions, file by file, without passwords and PINs; exit 1 if something is.
    Diff {
        /// A revision or its beginning, `running`, or `files` for those in the folder.
        #[arg(default_value = "running")]
        from: String,
        /// The same.
        #[arg(default_value = "files")]
        to: String,
    },
    /// Names the files of a revision, or prints one of them.
    Show {
        /// A revision or its beginning, `running`, or `files` for those in the folder.
        revision: String,
        /// The file, or how its path ends.
        file: Option<String>,
        /// With passwords and PINs, as the file was: to put it back by hand.
        #[arg(long, requires = "file")]
        secrets: bool,
    },
    /// Restores an earlier revision in a running hotline: it runs at once, and its files are put back into the folder. What was there is kept.
    Rollback {
        /// The revision or its beginning; `running` puts the files of the running one back.
        revision: String,
        /// Why, for `rules log`.
        #[arg(long)]
        note: Option<String>,
        /// JSON for machines.
        #[arg(long)]
        json: bool,
        /// The language of the sentences; else that of $HOTLINE_LANG, $LC_ALL or $LANG.
        #[arg(long, value_name = "zh|en", default_value_t = lang_of_environment())]
        lang: Lang,
    },
}

/// Runs it on a data directory and a folder of rules.
///
/// # Errors
/// No hotline answers, no revision is called so, or the data directory can't be read.
pub fn run(command: &HistoryCommand, data: &Path, dir: &Path) -> anyhow::Result<ExitCode> {
    match command {
        HistoryCommand::Reload { note, json, lang } => reload(data, note.as_deref(), *json, *lang),
        HistoryCommand::Rollback { revision, note, json, lang } => roll_back(data, revision, note.as_deref(), *json, *lang),
        HistoryCommand::Log { lines, json, lang, zone } => {
            let zone = zone.clone().unwrap_or_else(Zone::of_environment);
            let all = rules_history::read(data)?;
            let (running, held) = (running(data)?, held_up(data));
            let shown: Vec<&Line> = all.iter().rev().take(*lines).collect();
            calls::print(&if *json {
                log_json(&shown, running, held)
            } else {
                log_text(&shown, running, &zone, *lang) + &held.text(*lang)
            })?;
            Ok(ExitCode::SUCCESS)
        }
        HistoryCommand::Diff { from, to } => {
            let (from, to) = (named(data, dir, from)?, named(data, dir, to)?);
            let diff = revision_diff(&from.all(), &to.all());
            calls::print(&diff)?;
            Ok(if diff.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        HistoryCommand::Show { revision, file, secrets } => show(named(data, dir, revision)?, file.as_deref(), *secrets),
    }
}

/// Why a running hotline has not loaded what is in the folder.
#[derive(Clone, Debug, Default)]
struct HeldUp {
    refused: bool,
    refused_for: FirstError,
    changing: Option<String>,
}

impl HeldUp {
    fn text(&self, lang: Lang) -> String {
        let (first, command) = (self.refused_for.in_brackets(lang), self.refused_for.command());
        let refused = lang.of(
            format!("The files in the folder are refused{first}: see the log, or `{command}`.\n"),
            format!("文件夹中的规则未被采用{first}：见日志，或用 `{command}` 查看。\n"),
        );
        let changing = self.changing.as_deref().map(shown).map(|file| {
            lang.of(
                format!("{file} keeps changing: the files in the folder are loaded once it rests.\n"),
                format!("{file} 一直在变化：待其停止变化后才会加载文件夹中的规则。\n"),
            )
        });
        format!("{}{}", if self.refused { refused } else { String::new() }, changing.unwrap_or_default())
    }
}

fn held_up(data: &Path) -> HeldUp {
    let says = Client::open(data, Lang::En.code()).and_then(|client| client.get::<RulesShown>("/api/v1/rules"));
    match says {
        Ok(Ok(RulesShown { refused, refused_for, changing, .. })) => {
            HeldUp { refused, refused_for: refused_for.unwrap_or_default(), changing }
        }
        Ok(Err(_)) | Err(_) => HeldUp::default(),
    }
}

/// The revision in force: what a running hotline says, else what ran last.
fn running(data: &Path) -> anyhow::Result<Option<Revision>> {
    let says = Client::open(data, Lang::En.code()).and_then(|client| client.get::<RulesShown>("/api/v1/rules"));
    if let Ok(Ok(rules)) = says
        && let Ok(revision) = past_rules::named(data, &rules.revision)
    {
        return Ok(Some(revision));
    }
    rules_history::running(data)
}

/// Seats in English.
fn counted(seats: u64) -> String {
    if seats == 1 { "1 seat".into() } else { format!("{seats} seats") }
}

fn named(data: &Path, dir: &Path, name: &str) -> anyhow::Result<Named> {
    let running = if name == "running" { running(data)? } else { None };
    past_rules::files(data, dir, name, running).map_err(|no| anyhow::anyhow!("{}", no.in_words(name).of(lang_of_environment())))
}

fn show(named: Named, file: Option<&str>, secrets: bool) -> anyhow::Result<ExitCode> {
    let Some(file) = file else {
        let rows: Vec<[String; 2]> = named.all().iter().map(|source| [source.path.clone(), format!("{} B", source.text.len())]).collect();
        calls::print(&aligned(&rows))?;
        return Ok(ExitCode::SUCCESS);
    };
    let one = file_of(&named, file)?;
    if secrets {
        calls::print_raw(&one.text)?
    } else {
        calls::print(&redacted_source(one))?
    }
    Ok(ExitCode::SUCCESS)
}

/// The file of rules that is called so, else the file of tests.
fn file_of<'n>(named: &'n Named, file: &str) -> anyhow::Result<&'n Source> {
    let label = &named.label;
    for sources in [&named.sources, &named.tests] {
        let fits: Vec<&Source> = sources.iter().filter(|source| Path::new(&source.path).ends_with(file)).collect();
        match fits[..] {
            [one] => return Ok(one),
            [] => {}
            [..] => bail!("{label} has several files {file}: {}", fits.iter().map(|one| &*one.path).collect::<Vec<_>>().join(", ")),
        }
    }
    bail!("{label} has no file {file}; `hotline rules show` without one names them")
}

fn log_text(lines: &[&Line], running: Option<Revision>, zone: &Zone, lang: Lang) -> String {
    let head = lang.of(
        ["REVISION", "LOADED", "HOW", "BY", "TESTS", "FILES", "SEATS", "NOTE"],
        ["版本", "时间", "方式", "操作人", "测试", "文件", "坐席", "说明"],
    );
    let mut rows = vec![head.map(str::to_owned)];
    let mut marked = false;
    for (place, line) in lines.iter().enumerate() {
        let before = lines[place + 1..].iter().find(|before| before.how != How::SetAside);
        let others = line.how != How::SetAside && before.is_some_and(|before| before.prompts != line.prompts);
        let others = others.then(|| lang.of("(prompts changed)", "（提示音有变化）").to_owned());
        let runs = !marked && line.how != How::SetAside && running == Some(line.revision());
        marked |= runs;
        let fewer = line.tests.and_then(|tests| tests.fewer(lang));
        let tests = line.tests.map_or("-".to_owned(), |tests| format!("{}/{}", tests.run - tests.failed.min(tests.run), tests.run));
        rows.push([
            format!("{}{}", line.revision(), if runs { " *" } else { "" }),
            line.time().map_or_else(|| line.at.clone(), |at| zone.second(at)),
            line.how.word(lang).to_owned(),
            line.by.clone(),
            tests,
            line.files.to_string(),
            line.seats.map_or("-".to_owned(), |seats| seats.to_string()),
            line.note.iter().cloned().chain(others).chain(fewer).collect::<Vec<_>>().join(" "),
        ]);
    }
    aligned(&rows)
}

fn log_json(lines: &[&Line], running: Option<Revision>, held: HeldUp) -> String {
    let running = running.map(|revision| format!("{:016x}", revision.0));
    let first = held.refused.then_some(&held.refused_for);
    format!(
        "{:#}\n",
        json!({ "running": running, "refused": held.refused, "refused_for": first, "changing": held.changing, "lines": lines })
    )
}

fn reload(data: &Path, note: Option<&str>, json: bool, lang: Lang) -> anyhow::Result<ExitCode> {
    let done: Result<Reloaded, Refusal> = Client::open(data, lang.code())?.post("/api/v1/rules/reload", Some(&json!({ "note": note })))?;
    let done = match done {
        Ok(done) => done,
        Err(refusal) => return refused(&refusal, json, lang),
    };
    if json {
        calls::print(&format!("{:#}\n", json!({ "done": true, "result": done })))?;
        return Ok(ExitCode::SUCCESS);
    }
    let Reloaded { revision, seats, warnings, tests, instead_of } = done;
    let mut text = findings(&warnings, lang);
    if let Some(old) = instead_of {
        text += &lang.of(
            format!("the files were saved anew while {old} was tested: it was given up for the newer ones\n"),
            format!("{old} 测试期间文件又有保存：已放弃它，改为加载较新的文件\n"),
        );
    }
    let passed = tests.map_or(String::new(), |tests| {
        let passed = tests.run - tests.failed.min(tests.run);
        let fewer = tests.fewer(lang).map_or(String::new(), |fewer| lang.of(format!(" {fewer}"), fewer));
        lang.of(format!(", {passed} of {} tests passed{fewer}", tests.run), format!("，{} 个测试中 {passed} 个通过{fewer}", tests.run))
    });
    text += &lang.of(format!("{revision} runs: {}{passed}\n", counted(seats)), format!("{revision} 已生效：{seats} 个坐席{passed}\n"));
    calls::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn roll_back(data: &Path, to: &str, note: Option<&str>, json: bool, lang: Lang) -> anyhow::Result<ExitCode> {
    let body = json!({ "to": to, "note": note });
    let done: Result<RolledBack, Refusal> = Client::open(data, lang.code())?.post("/api/v1/rules/rollback", Some(&body))?;
    let done = match done {
        Ok(done) => done,
        Err(refusal) => return refused(&refusal, json, lang),
    };
    if json {
        calls::print(&format!("{:#}\n", json!({ "done": true, "result": done })))?;
        return Ok(ExitCode::SUCCESS);
    }
    let RolledBack { revision, seats, warnings, before, moved } = done;
    let mut text = findings(&warnings, lang);
    text += &lang.of(
        format!("{revision} runs again: {}; its files are back in the folder, and what was there is kept as {before}\n", counted(seats)),
        format!("{revision} 重新生效：{seats} 个坐席；文件已恢复，原有文件留存为 {before}\n"),
    );
    for path in moved {
        text += &lang.of(format!("{path} was no text of rules and is called so now\n"), format!("原文件不是文本，已改名为 {path}\n"));
    }
    calls::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Says why not: each finding with its place, or each test with what was expected and what came.
fn refused(refusal: &Refusal, json: bool, lang: Lang) -> anyhow::Result<ExitCode> {
    if json {
        let Refusal { code, detail, diagnostics, failed_tests, .. } = refusal;
        let why = json!({ "done": false, "code": code, "detail": detail, "diagnostics": diagnostics, "failed_tests": failed_tests });
        calls::print(&format!("{why:#}\n"))?;
        return Ok(ExitCode::FAILURE);
    }
    let tests: String = refusal.failed_tests.iter().map(|test| test.text(lang)).collect();
    eprint!("{}", if tests.is_empty() { findings(&refusal.diagnostics, lang) } else { tests });
    calls::tell(&refusal.detail)?;
    Ok(ExitCode::FAILURE)
}

fn findings(found: &[Diagnosed], lang: Lang) -> String {
    let mut text = String::new();
    for Diagnosed { code, severity, message, file, line, column, help, related } in found {
        let severity = if severity == "error" { lang.of("error", "错误") } else { lang.of("warning", "警告") };
        text += &format!("{}:{line}:{column}: {severity}[{code}] {}\n", shown(file), shown(message));
        if let Some(RelatedPlace { file, line, column, label }) = related {
            text += &format!("  {}: {}:{line}:{column}\n", shown(label), shown(file));
        }
        text += &help.as_ref().map_or(String::new(), |help| format!("  {}: {}\n", lang.of("help", "建议"), shown(help)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules_history::Tested;
    use hotline_model::WallTime;

    #[test]
    fn the_log_marks_the_running_revision_once_and_tells_who_how_and_why() {
        let line = |revision: u64, how| Line::new(WallTime(1_772_416_980_000_000), Revision(revision << 32), "wang", how);
        let newest = Line {
            note: Some("夜班".into()),
            seats: Some(12),
            files: 9,
            tests: Some(Tested { run: 62, failed: 0, before: None }),
            ..line(0xa1, How::Api)
        };
        let (aside, old, same) = (line(0xb2, How::SetAside), line(0xc3, How::Start), line(0xa1, How::Watch));
        let zone = Zone::parse("Asia/Shanghai").unwrap();
        let lines = [&newest, &aside, &same, &old];
        let text = log_text(&lines, Some(Revision(0xa1 << 32)), &zone, Lang::En);
        let expected = "\
REVISION     LOADED               HOW         BY    TESTS  FILES  SEATS  NOTE
r000000a1 *  2026-03-02 10:03:00  API         wang  62/62  9      12     夜班
r000000b2    2026-03-02 10:03:00  set aside   wang  -      0      -
r000000a1    2026-03-02 10:03:00  file watch  wang  -      0      -
r000000c3    2026-03-02 10:03:00  start       wang  -      0      -
";
        assert_eq!(text, expected);
        assert!(log_text(&lines, None, &zone, Lang::Zh).contains("文件变化"));
        let fewer = Line { tests: Some(Tested { run: 60, failed: 0, before: Some(62) }), ..newest.clone() };
        assert!(log_text(&[&fewer], None, &zone, Lang::En).ends_with("  60/60  9      12     夜班 (62 tests before)\n"));
        let recorded = Line { prompts: Some("00ff".into()), ..newest.clone() };
        let text = log_text(&[&recorded, &aside, &same, &old], None, &zone, Lang::En);
        assert_eq!(text.matches("(prompts changed)").count(), 1, "{text}");
        assert!(text.contains("夜班 (prompts changed)\n"), "{text}");
        assert!(log_json(&lines, Some(Revision(1)), HeldUp::default()).contains("\"running\": \"0000000000000001\""));
    }

    #[test]
    fn the_log_says_why_what_is_in_the_folder_does_not_run() {
        assert_eq!(HeldUp::default().text(Lang::En), "");
        let refused_for = FirstError { code: Some("HL032".into()), place: Some("50-seats.toml:13:20".into()) };
        let held = HeldUp { refused: true, refused_for, changing: Some("50-\u{1b}.toml".into()) };
        assert_eq!(
            held.text(Lang::En),
            "The files in the folder are refused (HL032 at 50-seats.toml:13:20): see the log, or `hotline rules check`.\n\
             50-\\u001b.toml keeps changing: the files in the folder are loaded once it rests.\n"
        );
        for code in ["HL198", "HL199", "HL332"] {
            let refused_for = FirstError { code: Some(code.into()), place: None };
            let held = HeldUp { refused: true, refused_for, changing: None };
            assert!([Lang::En, Lang::Zh].iter().all(|lang| held.text(*lang).contains("`hotline rules test`")), "{code}");
        }
        assert!(held.text(Lang::Zh).contains("一直在变化") && log_json(&[], None, held).contains("\"refused\": true"));
    }

    #[test]
    fn nothing_in_a_note_or_a_name_of_a_file_acts_on_a_terminal() {
        let note = Some("a\u{202e}b\u{1b}[31m".into());
        let line = Line { note, ..Line::new(WallTime(1_772_416_980_000_000), Revision(1), "wang", How::Api) };
        let text = log_text(&[&line], None, &Zone::parse("Asia/Shanghai").unwrap(), Lang::En);
        assert!(text.ends_with("a\\u202eb\\u001b[31m\n"), "{text}");
        let (code, severity, message) = ("HL002".into(), "error".into(), "x".into());
        let found = Diagnosed { code, severity, message, file: "a\n\u{1b}.toml".into(), line: 1, column: 1, help: None, related: None };
        assert_eq!(findings(&[found], Lang::En), "a\\n\\u001b.toml:1:1: error[HL002] x\n");
    }

    #[test]
    fn a_file_of_rules_goes_before_a_file_of_tests_of_the_same_name() {
        let source = |path: &str| Source { path: path.into(), text: String::new() };
        let sources = vec![source("rules/50-seats.toml"), source("rules/10.toml"), source("rules/more/10.toml")];
        let tests = vec![source("rules/tests/50-seats.toml"), source("rules/tests/60-calls.toml")];
        let named = Named { label: "running".into(), sources, tests };
        for (file, path) in [
            ("50-seats.toml", "rules/50-seats.toml"),
            ("tests/50-seats.toml", "rules/tests/50-seats.toml"),
            ("60-calls.toml", "rules/tests/60-calls.toml"),
        ] {
            assert_eq!(file_of(&named, file).unwrap().path, path);
        }
        assert!(file_of(&named, "10.toml").unwrap_err().to_string().contains("several files 10.toml"));
        assert!(file_of(&named, "seats.toml").unwrap_err().to_string().contains("no file seats.toml"));
    }

    #[test]
    fn a_refusal_names_file_line_and_column_in_the_language_asked_for() {
        let found = Diagnosed {
            code: "HL012".into(),
            severity: "error".into(),
            message: "没有排队 `servce`".into(),
            file: "rules/30-menu.toml".into(),
            line: 7,
            column: 9,
            help: Some("是否想写 `service`？".into()),
            related: Some(RelatedPlace { file: "rules/20-queues.toml".into(), line: 3, column: 8, label: "第一个在这里".into() }),
        };
        let text = findings(&[found], Lang::Zh);
        assert_eq!(
            text,
            "rules/30-menu.toml:7:9: 错误[HL012] 没有排队 `servce`\n  第一个在这里: rules/20-queues.toml:3:8\n  建议: 是否想写 `service`？\n"
        );
    }
}
