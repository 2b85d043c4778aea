//! What is asked about the rules, and loading them again.

use crate::api::Api;
use crate::api::act::{Answer, Asked, json};
use crate::api::asked::{ReloadBody, RollbackBody};
use crate::api::nouns::{Diagnosed, PAGE, RelatedPlace, Reloaded, RolledBack, RulesDiff, RulesFile, RulesFiles, RulesLog, RulesShown};
use crate::api::problem::{Problem, Tongue};
use crate::cli::words;
use crate::folder::Refused;
use crate::past_rules::{self, Named};
use crate::reload::{Answered, Fresh, NotRolled, Unanswered, Wish};
use crate::rules_history::{self, How, Tested};
use hotline_model::Lang;
use hotline_rules::{Diagnostic, Related, Severity, Source, redacted_source, revision_diff};
use std::time::Duration;

/// How long loading may take, tests of the rules included; it goes on behind it.
const LOADING: Duration = Duration::from_secs(30);
/// Lines of the history that are shown unless more are asked for.
const LINES: u32 = 50;
/// Findings in an answer.
const TOLD: usize = 200;

impl Api {
    pub(super) async fn rules(&self) -> Answer {
        let (look, status) = (self.look().await?, self.reloading.status());
        let queues = look.plan.queues.iter().filter(|queue| !queue.retired).map(|queue| queue.name.to_string());
        json(&RulesShown {
            revision: look.plan.revision.to_string(),
            seats: look.seats.len() as u64,
            queues: queues.collect(),
            refused: status.is_refused(),
            refused_for: status.refused_for(),
            changing: status.changing(),
            loaded: words::iso(status.last_load()),
        })
    }

    pub(super) async fn rules_log(&self, asked: &Asked) -> Answer {
        let [limit] = asked.query(["limit"])?;
        let limit = limit.map_or(Some(LINES), |limit| limit.parse::<u32>().ok().filter(|limit| (1..=PAGE).contains(limit)));
        let limit = limit.ok_or_else(|| Problem::malformed(format!("limit is a number from 1 to {PAGE}")))?;
        let (running, data) = (self.look().await?.plan.revision.to_string(), self.data.clone());
        let read = tokio::task::spawn_blocking(move || rules_history::read(&data)).await.map_err(Problem::no_records)?;
        let mut lines = read.map_err(|error| Problem::no_records(format!("{error:#}")))?;
        lines.reverse();
        lines.truncate(limit as usize);
        json(&RulesLog { running, lines })
    }

    pub(super) async fn rules_diff(&self, asked: &Asked) -> Answer {
        let [from, to] = asked.query(["from", "to"])?;
        let (from, to) = (self.named(from.unwrap_or("running")).await?, self.named(to.unwrap_or("files")).await?);
        let labels = (from.label.clone(), to.label.clone());
        let diff = tokio::task::spawn_blocking(move || revision_diff(&from.all(), &to.all())).await.map_err(Problem::no_records)?;
        json(&RulesDiff { from: labels.0, to: labels.1, diff })
    }

    pub(super) async fn rules_files(&self, asked: &Asked) -> Answer {
        let [revision] = asked.query(["revision"])?;
        let named = self.named(revision.unwrap_or("running")).await?;
        let revision = named.label.clone();
        let files = named.all().into_iter().map(|source| RulesFile { text: redacted_source(&source), path: source.path });
        json(&RulesFiles { revision, files: files.collect() })
    }

    async fn named(&self, name: &str) -> Result<Named, Problem> {
        let running = self.look().await?.plan.revision;
        let (data, dir, asked) = (self.data.clone(), self.reloading.dir().to_owned(), name.to_owned());
        let found = tokio::task::spawn_blocking(move || past_rules::files(&data, &dir, &asked, Some(running))).await;
        match found.map_err(Problem::no_records)? {
            Ok(named) => Ok(named),
            Err(_) if name == "running" => Err(Problem::no_records("the running rules were not kept")),
            Err(no) => Err(Problem::revision(&no, name)),
        }
    }

    pub(super) async fn reload(&self, asked: &Asked) -> Answer {
        let note = asked.read_or_default::<ReloadBody>()?.note;
        self.needs_audit()?;
        let lang = Tongue::of(&asked.headers).into();
        let answered = self.reloading.reload(wish(asked, note, How::Api)?, LOADING).await;
        let Answered { done, instead_of } = answered.map_err(unanswered)?;
        self.forget_look().await;
        match done {
            Ok(fresh) => json(&Reloaded {
                revision: fresh.revision.to_string(),
                seats: fresh.seats as u64,
                warnings: warnings(&fresh, lang),
                tests: fresh.tests.as_ref().map(Tested::of),
                instead_of: instead_of.map(|revision| revision.to_string()),
            }),
            Err(refused) => Err(refusal(refused, lang).of_newer_files(instead_of)),
        }
    }

    pub(super) async fn roll_back(&self, asked: &Asked) -> Answer {
        let RollbackBody { to, note } = asked.read()?;
        self.needs_audit()?;
        let lang = Tongue::of(&asked.headers).into();
        let done = self.reloading.roll_back(wish(asked, note, How::Rollback)?, to.clone(), LOADING).await.map_err(unanswered)?;
        self.forget_look().await;
        match done {
            Ok(rolled) => json(&RolledBack {
                revision: rolled.fresh.revision.to_string(),
                seats: rolled.fresh.seats as u64,
                warnings: warnings(&rolled.fresh, lang),
                before: rolled.restored.before.to_string(),
                moved: rolled.restored.moved.iter().map(|path| path.display().to_string()).collect(),
            }),
            Err(NotRolled::NotNamed(no)) => Err(Problem::revision(&no, &to)),
            Err(NotRolled::Runs(revision)) => Err(Problem::revision_runs(revision)),
            Err(NotRolled::Refused(refused)) => Err(refusal(refused, lang)),
            Err(NotRolled::Files(why)) => Err(Problem::rules_not_written(why)),
        }
    }

    fn needs_audit(&self) -> Result<(), Problem> {
        if self.auditor.is_good() { Ok(()) } else { Err(Problem::no_audit()) }
    }
}

fn wish(asked: &Asked, note: Option<String>, how: How) -> Result<Wish, Problem> {
    if note.as_ref().is_some_and(|note| note.chars().count() > rules_history::NOTE) {
        return Err(Problem::unfit(format!("a note has at most {} characters", rules_history::NOTE)));
    }
    Ok(Wish { by: Some(asked.by().to_string()), note: note.and_then(|note| rules_history::note(&note)), how })
}

fn unanswered(why: Unanswered) -> Problem {
    match why {
        Unanswered::Full => Problem::busy(),
        Unanswered::Late => Problem::rules_are_loading(),
        Unanswered::Stopped => Problem::draining(),
    }
}

fn refusal(refused: Refused, lang: Lang) -> Problem {
    match refused {
        Refused::Findings(findings, sources) => Problem::rules(diagnosed(&findings, &sources, lang)),
        Refused::Unreadable(why) => Problem::rules_unreadable(&why),
        Refused::Tests(tests) => {
            let found = diagnosed(&tests.findings, &tests.sources, lang);
            Problem::rules_tests(&tests, found, lang)
        }
    }
}

/// Findings that don't forbid the rules, and what was left out of them.
fn warnings(fresh: &Fresh, lang: Lang) -> Vec<Diagnosed> {
    let mut all = diagnosed(&fresh.warnings, &fresh.sources, lang);
    for fault in &fresh.left_out {
        all.extend(diagnosed(&[fault.why.finding(0)], &[fault.source()], lang));
    }
    all
}

fn diagnosed(findings: &[Diagnostic], sources: &[Source], lang: Lang) -> Vec<Diagnosed> {
    let path = |file: usize| sources.get(file).map(|source| source.path.clone()).unwrap_or_default();
    let related = |other: &Related| {
        let (line, column) = other.line_and_column(sources);
        RelatedPlace { file: path(other.file), line: line as u64, column: column as u64, label: other.label.of(lang).to_owned() }
    };
    let one = |finding: &Diagnostic| {
        let (line, column) = finding.line_and_column(sources);
        Diagnosed {
            code: finding.code.into(),
            severity: if finding.severity == Severity::Error { "error" } else { "warning" }.into(),
            message: finding.message.of(lang).to_owned(),
            file: path(finding.file),
            line: line as u64,
            column: column as u64,
            help: finding.help.as_ref().map(|help| help.of(lang).to_owned()),
            related: finding.related.as_ref().map(related),
        }
    };
    findings.iter().take(TOLD).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_told_with_the_other_place_that_it_is_about() {
        let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
        let sources = [source("a.toml", "[[skill]]\nname = \"zh\"\n"), source("b.toml", "\n[[skill]]\nname = \"zh\"\n")];
        let Err(findings) = hotline_rules::load(&sources, None) else { panic!("a name is there twice") };
        let told = |lang| {
            let told = diagnosed(&findings, &sources, lang).into_iter().find(|one| one.related.is_some());
            told.map(|one| (one.file, one.line, one.related))
        };
        let other = |label: &str| RelatedPlace { file: "a.toml".into(), line: 2, column: 8, label: label.into() };
        assert_eq!(told(Lang::En), Some(("b.toml".into(), 3, Some(other("the first is here")))));
        assert_eq!(told(Lang::Zh), Some(("b.toml".into(), 3, Some(other("先写在这里")))));
    }
}
