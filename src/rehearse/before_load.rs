//! The tests of rules that are about to be loaded: whether they may be, and what came otherwise, in both languages.

use super::expected::Differs;
use super::patience::{Cancel, Limits, Patience};
use super::test_command::{NotRun, Ran, run_trials};
use crate::cli::words::{self, Lang};
use crate::folder::Refused;
use crate::folder::reader::Texts;
use hotline_engine::Prompts;
use hotline_rules::report::shown;
use hotline_rules::trial::read_trials;
use hotline_rules::{Diagnostic, Plan, Said, Source, failed_test, tests_gone, unfinished_tests};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

/// What the tests of rules that are to be loaded may cost in all.
pub const LIMITS: Limits = Limits { cpu: Duration::from_secs(20), wall: Duration::from_secs(300) };
/// Failed tests that are told; the rest is counted.
const TOLD: usize = 50;

/// What the tests of some rules gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailedTests {
    /// How many were run.
    pub ran: usize,
    /// How many of them failed.
    pub failed: usize,
    /// The first of those, in English and in Chinese.
    told: [Vec<FailedTest>; 2],
    /// The same as findings, and the files in which they are.
    pub findings: Vec<Diagnostic>,
    /// The files of tests.
    pub sources: Vec<Source>,
    /// That what runs had more of them.
    pub fewer: Option<Fewer>,
}

/// Tests that rules had when they were loaded last, and the next have not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fewer {
    /// How many there were in all.
    pub before: usize,
    /// The files with tests that are no longer there, or have none.
    pub gone: Vec<String>,
}

/// A test of the rules that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FailedTest {
    /// What it says, as a sentence.
    pub name: String,
    /// Its file.
    pub file: String,
    /// The line of its name, from 1.
    pub line: u32,
    /// What came otherwise, in the language of `Accept-Language` (en or zh).
    pub differs: Vec<Difference>,
}

/// One thing that came otherwise than a test expects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// Its key in the test.
    pub key: String,
    /// The line at which it is expected, from 1.
    pub line: u32,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub got: String,
    /// What of the rules decided it, and where that is written.
    pub decided_by: Option<String>,
}

impl FailedTest {
    /// As `hotline rules test` shows it.
    pub fn text(&self, lang: Lang) -> String {
        let Self { name, file, line, .. } = self;
        let (name, file) = (shown(name), shown(file));
        let mut text = format!("  FAIL  {name}\n          --> {file}:{line}\n");
        for Difference { key, line, expected, got, decided_by } in &self.differs {
            let (want, came, by) = lang.of(("expected", "got", "decided by"), ("期望", "实际", "依据"));
            let mut rows = vec![[String::new(), format!("`{key}`"), want.to_owned(), format!("{expected}  ({file}:{line})")]];
            rows.push([String::new(), String::new(), came.to_owned(), got.clone()]);
            rows.extend(decided_by.iter().map(|decided| [String::new(), String::new(), by.to_owned(), decided.clone()]));
            text += &aligned(&rows);
        }
        text
    }

    pub(super) fn of(ran: &Ran, lang: Lang) -> Self {
        let trial = ran.trial();
        let differs = ran.differs(lang).iter().map(|one| {
            let Differs { key, line, expected, got, decided } = one.clone();
            Difference { key: key.to_owned(), line, expected, got, decided_by: decided }
        });
        Self { name: trial.name.clone(), file: trial.file.clone(), line: trial.line, differs: differs.collect() }
    }
}

/// Columns of which only the last three are shown, deep under the test's name.
fn aligned(rows: &[[String; 4]]) -> String {
    words::aligned(rows).lines().map(|line| format!("        {line}\n")).collect()
}

impl FailedTests {
    /// The first that failed.
    pub fn told(&self, lang: Lang) -> &[FailedTest] {
        match lang {
            Lang::En => &self.told[0],
            Lang::Zh => &self.told[1],
        }
    }

    /// As `hotline rules test` shows them, and how many there are.
    pub fn text(&self, lang: Lang) -> String {
        let text: String = self.told(lang).iter().map(|one| one.text(lang)).collect();
        text + &self.summary(lang)
    }

    /// How many failed.
    pub fn summary(&self, lang: Lang) -> String {
        let Self { ran, failed, .. } = self;
        let (passed, noun) = (ran - failed, if *ran == 1 { "test" } else { "tests" });
        lang.of(format!("{ran} {noun}: {passed} passed, {failed} failed"), format!("{ran} 个测试：{passed} 个通过，{failed} 个未通过"))
    }

    fn of(ran: &[Ran], sources: Vec<Source>) -> Self {
        let failing = || ran.iter().filter(|ran| !ran.passed());
        let told = [Lang::En, Lang::Zh].map(|lang| failing().take(TOLD).map(|one| FailedTest::of(one, lang)).collect::<Vec<_>>());
        let mut findings = Vec::new();
        for (en, zh) in told[0].iter().zip(&told[1]) {
            let file = sources.iter().position(|source| source.path == en.file).unwrap_or_default();
            for (one, other) in en.differs.iter().zip(&zh.differs) {
                let both = |en: &str, zh: &str| Said { en: en.to_owned().into(), zh: zh.to_owned().into() };
                let (expected, got) = (both(&one.expected, &other.expected), both(&one.got, &other.got));
                findings.push(failed_test(file, line_of(&sources, file, one.line), &en.name, &one.key, &expected, &got));
            }
        }
        Self { ran: ran.len(), failed: failing().count(), told, findings, sources, fewer: None }
    }
}

/// That there were tests before, and are none now; with the first file that had some, as it is now.
pub fn gone(had: &[Source], plan: &Plan, now: &[Source]) -> Option<(Diagnostic, Source)> {
    let first = had.iter().find(|source| count(source, plan) > 0).filter(|_| now.iter().all(|source| count(source, plan) == 0))?;
    let emptied = now.iter().find(|source| source.path == first.path);
    let shown = emptied.cloned().unwrap_or_else(|| Source { path: first.path.clone(), text: String::new() });
    Some((tests_gone(0, had.iter().map(|source| count(source, plan)).sum()), shown))
}

/// That there were more tests before than ran now.
pub fn fewer(had: &[Source], plan: &Plan, now: &FailedTests) -> Option<Fewer> {
    let stays = |path: &str| now.sources.iter().any(|source| source.path == path && count(source, plan) > 0);
    let had: Vec<(&str, usize)> = had.iter().map(|source| (&*source.path, count(source, plan))).collect();
    let gone = had.iter().filter(|(path, count)| *count > 0 && !stays(path)).map(|(path, _)| (*path).to_owned()).collect();
    let before = had.iter().map(|(_, count)| count).sum();
    (now.ran < before).then_some(Fewer { before, gone })
}

/// The tests of a file; one that can't be read counts as one.
fn count(source: &Source, plan: &Plan) -> usize {
    read_trials(std::slice::from_ref(source), plan).map_or(1, |trials| trials.len())
}

/// The text of a line, from 1, without what is before and behind it.
fn line_of(sources: &[Source], file: usize, line: u32) -> Range<usize> {
    let text = sources.get(file).map_or("", |source| &source.text);
    let mut start = 0;
    for (number, whole) in (1..).zip(text.split_inclusive('\n')) {
        if number == line {
            let begin = start + whole.len() - whole.trim_start().len();
            return begin..begin + whole.trim().len();
        }
        start += whole.len();
    }
    0..0
}

/// Runs the tests of rules that could be loaded. Rules with tests that fail are told, not refused: that is for whoever asks.
///
/// # Errors
/// Tests that can't be read or have errors, or don't come to an end, also because they were cancelled.
pub fn run(plan: &Arc<Plan>, prompts: &Arc<Prompts>, tests: Texts, cancel: &Cancel) -> Result<FailedTests, Refused> {
    if tests.refused().is_some() {
        let (sources, findings) = tests.with_findings();
        return Err(Refused::Findings(findings, sources));
    }
    let sources = tests.sources;
    match run_trials(plan, prompts, &sources, &[], &Patience::new(cancel.clone(), LIMITS)) {
        Ok((ran, _)) => Ok(FailedTests::of(&ran, sources)),
        Err(NotRun::Findings(findings, sources)) => Err(Refused::Findings(findings, sources)),
        Err(NotRun::Unreadable(error)) => {
            let why = format!("{error:#}");
            Err(Refused::Unreadable(Said::alike(why)))
        }
        Err(NotRun::Unfinished { file, line, why }) => {
            let at = sources.iter().position(|source| source.path == file).unwrap_or_default();
            let finding = unfinished_tests(at, line_of(&sources, at, line), &why);
            Err(Refused::Findings(vec![finding], sources))
        }
    }
}
