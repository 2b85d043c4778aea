//! `hotline rules test`: the tests in `tests/` of a folder of rules, each a call rehearsed through the real engine.

use super::before_load::FailedTest;
use super::coverage::{Counted, Coverage};
use super::expected::{Differs, differences};
use super::explain::piece_name;
use super::patience::{Over, Patience};
use super::rehearse_while;
use crate::cli::calls;
use crate::cli::words::{self, Lang};
use crate::folder::reader::{self, TESTS};
use crate::folder::{self, Refused, Revision};
use clap::{Args, ValueEnum};
use hotline_engine::Prompts;
use hotline_rules::report::shown;
use hotline_rules::trial::{Trial, read_trials};
use hotline_rules::{Diagnostic, Plan, Said, Source, Style, render, summary};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Pieces that are named as not covered; the rest is counted.
const NAMED: usize = 50;

/// Arguments of `rules test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// The folder of the rules, else rules.dir of the configuration; then parts of the names of the tests to be run, else all.
    #[arg(value_name = "DIR|NAME")]
    pub what: Vec<String>,
    /// How the results are written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub output_format: Format,
    /// The language of the sentences; else that of $HOTLINE_LANG, $LC_ALL or $LANG.
    #[arg(long, value_name = "zh|en", default_value_t = words::lang_of_environment())]
    pub lang: Lang,
    /// Names what of the rules no test used.
    #[arg(long)]
    pub coverage: bool,
    /// Exit 1 below this coverage, in percent.
    #[arg(long, value_name = "PERCENT")]
    pub min_coverage: Option<f64>,
}

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// For machines.
    Json,
}

/// A test that was run.
pub struct Ran {
    trial: Trial,
    /// In English, in Chinese.
    differs: [Vec<Differs>; 2],
    notes: Vec<Said>,
    took: Duration,
}

/// What all tests gave.
pub struct Results {
    plan: Arc<Plan>,
    lang: Lang,
    ran: Vec<Ran>,
    counted: Counted,
    /// What lies in the folder and is not read as it was meant.
    beside: Vec<Said>,
}

/// Why no test was run.
pub enum NotRun {
    /// A folder or file can't be read.
    Unreadable(anyhow::Error),
    /// The rules or the tests have errors.
    Findings(Vec<Diagnostic>, Vec<Source>),
    /// One did not come to an end, or there was no time left for it.
    Unfinished {
        /// Its file.
        file: String,
        /// The line of its name.
        line: u32,
        /// What became of it.
        why: Said,
    },
}

impl From<anyhow::Error> for NotRun {
    fn from(error: anyhow::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// Runs `hotline rules test`; exit 1 if a test failed or the coverage is too low, 2 if the tests can't be run.
pub fn run(args: &TestArgs, configured: &Path, style: Style) -> anyhow::Result<ExitCode> {
    let (dir, names) = folder_and_names(&args.what, configured);
    if let ([first, ..], false) = (names, dir.exists()) {
        let dir = dir.display();
        let en = format!("`{first}` is no folder of rules; it is no part of a test's name either, as {dir} (rules.dir) does not exist");
        let zh = format!("`{first}` 不是规则文件夹；也无法当作测试名称的一部分，因为 {dir}（rules.dir）不存在");
        anyhow::bail!(args.lang.of(en, zh));
    }
    let begun = Instant::now();
    let results = match run_tests(&dir, names, args.lang) {
        Ok(results) => results,
        Err(NotRun::Unreadable(error)) => return Err(error),
        Err(NotRun::Findings(findings, sources)) => {
            eprint!("{}", render(&findings, &sources, style, args.lang));
            eprintln!("{}", summary(&findings, &sources, args.lang));
            return Ok(ExitCode::from(2));
        }
        Err(NotRun::Unfinished { file, line, why }) => anyhow::bail!("{file}:{line}: {}", why.of(args.lang)),
    };
    anyhow::ensure!(!results.ran.is_empty(), "{}", none(&dir, names, args.lang));
    for said in &results.beside {
        calls::tell(said.of(args.lang))?;
    }
    calls::print(&match args.output_format {
        Format::Human => results.text(args, begun.elapsed()),
        Format::Json => format!("{:#}\n", results.json()),
    })?;
    let enough = args.min_coverage.is_none_or(|least| results.percent() >= least);
    Ok(if results.failed() == 0 && enough { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn none(dir: &Path, names: &[String], lang: Lang) -> String {
    let tests = dir.join(TESTS);
    let tests = tests.display();
    if names.is_empty() {
        return lang.of(
            format!("no tests: {tests} has no .toml file with a [[test]]"),
            format!("没有测试：{tests} 中没有含 [[test]] 的 .toml 文件"),
        );
    }
    let or = names.join(lang.of(" or ", " 或 "));
    lang.of(
        format!("no test in {tests} has {or} in its name, and no folder is called so"),
        format!("{tests} 中没有名称含 {or} 的测试，也没有这样的文件夹"),
    )
}

/// The first word is the folder, if it is one; the others are parts of names.
fn folder_and_names<'a>(what: &'a [String], configured: &Path) -> (PathBuf, &'a [String]) {
    match what {
        [first, names @ ..] if Path::new(first).is_dir() => (PathBuf::from(first), names),
        names => (configured.to_path_buf(), names),
    }
}

/// Runs the tests of a folder of rules whose names have one of these parts, or all.
///
/// # Errors
/// See [`NotRun`].
pub fn run_tests(dir: &Path, names: &[String], lang: Lang) -> Result<Results, NotRun> {
    let heard = [([127, 0, 0, 1], 5060).into(), (std::net::Ipv6Addr::LOCALHOST, 5060).into()];
    let Revision { plan, prompts, left_out, warnings, .. } = folder::load(dir, &heard, None).map_err(|refused| match refused {
        Refused::Unreadable(why) => NotRun::Unreadable(reader::said(&why, lang)),
        Refused::Findings(findings, sources) => NotRun::Findings(findings, sources),
        Refused::Tests(tests) => NotRun::Findings(tests.findings, tests.sources),
    })?;
    let tests = reader::tests(dir);
    if tests.refused().is_some() {
        let (sources, findings) = tests.with_findings();
        return Err(NotRun::Findings(findings, sources));
    }
    let (ran, coverage) = run_trials(&plan, &prompts, &tests.sources, names, &Patience::endless())?;
    let counted = coverage.of(&plan);
    let unheard = warnings.into_iter().filter(|one| one.code == "HL251").map(|one| one.message);
    let beside = left_out.iter().map(|fault| fault.in_words()).chain(unheard).collect();
    Ok(Results { plan, lang, ran, counted, beside })
}

/// Runs the tests in files whose names have one of these parts, or all, as long as the patience lasts.
///
/// # Errors
/// See [`NotRun`].
pub fn run_trials(
    plan: &Arc<Plan>,
    prompts: &Arc<Prompts>,
    sources: &[Source],
    names: &[String],
    patience: &Patience,
) -> Result<(Vec<Ran>, Coverage), NotRun> {
    let trials = read_trials(sources, plan).map_err(|findings| NotRun::Findings(findings, sources.to_vec()))?;
    let (mut ran, mut coverage) = (Vec::new(), Coverage::default());
    for trial in trials.into_iter().filter(|trial| names.is_empty() || names.iter().any(|part| trial.name.contains(part))) {
        let begun = Instant::now();
        if let Some(over) = patience.over() {
            return Err(unfinished(&trial, said_over(over)));
        }
        let outcome = rehearse_while(plan, prompts, &trial.situation, patience)
            .map_err(|never| unfinished(&trial, patience.over().map_or_else(|| Said::alike(never.to_string()), said_over)))?;
        coverage.note(&outcome);
        let differs = [Lang::En, Lang::Zh].map(|lang| differences(&outcome, &trial.expect, lang));
        ran.push(Ran { trial, differs, notes: outcome.notes, took: begun.elapsed() });
    }
    Ok((ran, coverage))
}

fn unfinished(trial: &Trial, why: Said) -> NotRun {
    NotRun::Unfinished { file: trial.file.clone(), line: trial.line, why }
}

fn said_over(over: Over) -> Said {
    let (en, zh) = match over {
        Over::Cancelled => ("nobody wants them any more".to_owned(), "已不再需要".to_owned()),
        Over::Cpu(limit) => {
            (format!("they used more than {} s of computing time", limit.as_secs()), format!("计算时间超过 {} 秒", limit.as_secs()))
        }
        Over::Wall(limit) => (format!("they took longer than {} s", limit.as_secs()), format!("超过 {} 秒", limit.as_secs())),
    };
    Said { en: en.into(), zh: zh.into() }
}

impl Results {
    /// How many tests failed.
    pub fn failed(&self) -> usize {
        self.ran.iter().filter(|ran| !ran.passed()).count()
    }

    /// How many tests were run.
    pub fn count(&self) -> usize {
        self.ran.len()
    }

    /// Each test in a line, and of those that failed what came otherwise.
    pub fn tests(&self, lang: Lang) -> String {
        let (mut text, mut file) = (String::new(), "");
        for ran in &self.ran {
            if file != ran.trial.file {
                file = &ran.trial.file;
                text += &format!("{}\n", shown(file));
            }
            text += &ran.text(lang);
        }
        text
    }

    fn text(&self, args: &TestArgs, took: Duration) -> String {
        let (all, failed, lang) = (self.count(), self.failed(), args.lang);
        let (seconds, noun) = (format!("{:.2}", took.as_secs_f64()), if all == 1 { "test" } else { "tests" });
        let mut text = self.tests(lang) + "\n";
        text += &match lang {
            Lang::En => format!("{all} {noun}: {} passed, {failed} failed, in {seconds} s\n", all - failed),
            Lang::Zh => format!("{all} 个测试：{} 个通过，{failed} 个未通过，用时 {seconds} 秒\n", all - failed),
        };
        if args.coverage || args.min_coverage.is_some() {
            text += &self.coverage(lang, args.coverage);
        }
        if let Some(least) = args.min_coverage.filter(|least| self.percent() < *least) {
            text += &lang.of(format!("that is less than {least} %\n"), format!("低于要求的 {least}%\n"));
        }
        text
    }

    /// How much of the rules the tests used, in percent.
    pub fn percent(&self) -> f64 {
        self.counted.percent()
    }

    /// That in words, and what they did not use.
    pub fn coverage(&self, lang: Lang, named: bool) -> String {
        let Counted { all, missing } = &self.counted;
        let (percent, used) = (self.percent(), self.counted.used());
        let mut text = match lang {
            Lang::En => format!("coverage {percent:.1} %: {used} of {all} numbers, menus, branches, steps and customers\n"),
            Lang::Zh => format!("覆盖率 {percent:.1}%：号码、菜单、分支、步骤和客户共 {all} 项，用到 {used} 项\n"),
        };
        for piece in missing.iter().take(NAMED).filter(|_| named) {
            let place = piece.place(&self.plan).map_or(String::new(), |place| format!("{place}: "));
            text += &format!("  {} {place}{}\n", lang.of("not covered", "未覆盖"), piece_name(&self.plan, *piece, lang));
        }
        if named && missing.len() > NAMED {
            let more = missing.len() - NAMED;
            text += &lang.of(format!("  and {more} more\n"), format!("  另有 {more} 项\n"));
        }
        text
    }

    fn json(&self) -> Value {
        let tests = self.ran.iter().map(|ran| ran.json(self.lang)).collect::<Vec<_>>();
        let missing = self.counted.missing.iter();
        let missing =
            missing.map(|piece| json!({ "what": piece_name(&self.plan, *piece, self.lang), "at": piece.place(&self.plan).map(|place| place.to_string()) }));
        json!({
            "tests": tests,
            "passed": self.ran.len() - self.failed(),
            "failed": self.failed(),
            "coverage": {
                "percent": (self.counted.percent() * 10.0).round() / 10.0,
                "used": self.counted.used(),
                "all": self.counted.all,
                "missing": missing.collect::<Vec<_>>(),
            },
        })
    }
}

impl Ran {
    /// The test.
    pub fn trial(&self) -> &Trial {
        &self.trial
    }

    /// What came otherwise.
    pub fn differs(&self, lang: Lang) -> &[Differs] {
        match lang {
            Lang::En => &self.differs[0],
            Lang::Zh => &self.differs[1],
        }
    }

    /// Whether all came as expected.
    pub fn passed(&self) -> bool {
        self.differs[0].is_empty()
    }

    fn text(&self, lang: Lang) -> String {
        let mut text = if self.passed() { format!("  ok    {}\n", shown(&self.trial.name)) } else { FailedTest::of(self, lang).text(lang) };
        for note in &self.notes {
            text += &format!("          {}: {note}\n", lang.of("note", "注意"), note = shown(note.of(lang)));
        }
        text
    }

    fn json(&self, lang: Lang) -> Value {
        json!({
            "name": self.trial.name,
            "file": self.trial.file,
            "line": self.trial.line,
            "passed": self.passed(),
            "differs": FailedTest::of(self, lang).differs,
            "notes": self.notes.iter().map(|note| note.of(lang)).collect::<Vec<_>>(),
            "ms": self.took.as_secs_f64() * 1_000.0,
        })
    }
}
