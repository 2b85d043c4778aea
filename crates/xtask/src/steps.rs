//! Runs named steps one after the other and closes with a summary that names every one, its time, and whatever was not run.

use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How a step ended.
pub enum Outcome {
    /// It passed; a short detail may follow (a count, a figure).
    Passed(String),
    /// It could not be tried here, and why.
    NotRun(String),
}

enum Ending {
    Passed(String),
    Failed(String),
    NotRun(String),
}

struct Step {
    name: String,
    ending: Ending,
    took: Duration,
}

/// The steps so far.
pub struct Steps {
    began: Instant,
    steps: Vec<Step>,
}

impl Steps {
    pub fn new() -> Self {
        Self { began: Instant::now(), steps: Vec::new() }
    }

    /// Runs one step and remembers how it ended.
    pub fn run(&mut self, name: &str, step: impl FnOnce() -> anyhow::Result<Outcome>) -> bool {
        println!("\n== {name}");
        let began = Instant::now();
        let ending = match step() {
            Ok(Outcome::Passed(detail)) => Ending::Passed(detail),
            Ok(Outcome::NotRun(why)) => Ending::NotRun(why),
            Err(error) => Ending::Failed(format!("{error:#}")),
        };
        let step = Step { name: name.to_owned(), ending, took: began.elapsed() };
        println!("{}", step.line());
        let good = !matches!(step.ending, Ending::Failed(_));
        self.steps.push(step);
        good
    }

    /// Prints the summary; the closing line counts the steps.
    pub fn finish(self, tests: Option<&str>) -> ExitCode {
        println!("\n== summary ({:.0} s)", self.began.elapsed().as_secs_f64());
        for step in &self.steps {
            println!("{}", step.line());
        }
        let count = |wanted: fn(&Ending) -> bool| self.steps.iter().filter(|step| wanted(&step.ending)).count();
        let passed = count(|ending| matches!(ending, Ending::Passed(_)));
        let failed = count(|ending| matches!(ending, Ending::Failed(_)));
        let not_run = count(|ending| matches!(ending, Ending::NotRun(_)));
        if not_run > 0 {
            println!("not run: {not_run} of {} steps, named above", self.steps.len());
        }
        if let Some(tests) = tests {
            println!("{tests}");
        }
        println!("{passed} passed, {failed} failed");
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

impl Step {
    fn line(&self) -> String {
        let (word, detail) = match &self.ending {
            Ending::Passed(detail) => ("ok", detail),
            Ending::Failed(why) => ("FAILED", why),
            Ending::NotRun(why) => ("not run", why),
        };
        format!("  {word:<8} {:<44} {:>7.1} s  {detail}", self.name, self.took.as_secs_f64()).trim_end().to_owned()
    }
}
