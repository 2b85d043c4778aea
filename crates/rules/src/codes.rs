//! What every code of a finding means, why the rules are so, and an example of it.

mod amiss;
mod at_odds;
mod care;
mod ceilings;
mod desks;
mod files;
mod forms;
mod gates;
mod idle;
mod in_vain;
mod kept_out;
mod late;
mod lookup;
mod numbers;
mod outside;
mod overruled;
mod questions;
mod settings;
mod silent;
mod sources;
mod survey;
mod text;
mod unmeant;
mod voicemail;
mod ways;
mod ways_out;
mod whole;

use crate::diagnostic::note;
use crate::suggest::nearest;
use crate::{Said, Severity};
use hotline_model::Lang;
use std::fmt::Write;

/// A code of a finding, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The code, `HL012`.
    pub code: &'static str,
    /// How bad its findings are.
    pub severity: Severity,
    /// The rule of the manual that the example breaks, if there is one.
    pub rule: Option<&'static str>,
    /// What is wrong, in a few words.
    pub what: Said,
    /// Why it is wrong, or what would come of it.
    pub why: Said,
    /// How it looks; `None` if it takes too long a text.
    pub example: Option<Example>,
}

/// Text of rules files, to be read beside others that declare a menu `main`, queues `service` and `technical`, a seat `1001` and the like; or a file of tests of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Gets the finding.
    pub bad: &'static str,
    /// Does not.
    pub good: &'static str,
}

impl Explanation {
    /// As a page of text.
    pub fn in_words(&self, lang: Lang) -> String {
        let severity = match self.severity {
            Severity::Error => lang.of("error: the rules are refused", "错误：规则不会被采用"),
            Severity::Warning => lang.of("warning: the rules are taken", "警告：规则照常采用"),
        };
        let mut page = String::new();
        let mut line = |text: &str| writeln!(page, "{text}").expect("a text takes any text");
        line(&format!("{}  {}", self.code, self.what.of(lang)));
        line(severity);
        line("");
        line(self.why.of(lang));
        if let Some(rule) = self.rule {
            line(&note(rule, lang));
        }
        if let Some(example) = self.example {
            for (title, text) in [(lang.of("Wrong:", "错误写法："), example.bad), (lang.of("Right:", "正确写法："), example.good)]
            {
                line("");
                line(title);
                for one in text.lines() {
                    line(format!("    {one}").trim_end());
                }
            }
        }
        page
    }
}

/// All codes, in their order.
pub fn explained_codes() -> impl Iterator<Item = &'static Explanation> {
    [
        text::CODES.as_slice(),
        &ways::CODES,
        &ceilings::CODES,
        &outside::CODES,
        &desks::CODES,
        &whole::CODES,
        &gates::CODES,
        &lookup::CODES,
        &numbers::CODES,
        &settings::CODES,
        &files::CODES,
        &voicemail::CODES,
        &ways_out::CODES,
        &questions::CODES,
        &survey::CODES,
        &care::CODES,
        &sources::CODES,
        &silent::CODES,
        &unmeant::CODES,
        &kept_out::CODES,
        &in_vain::CODES,
        &overruled::CODES,
        &forms::CODES,
        &at_odds::CODES,
        &idle::CODES,
        &late::CODES,
        &amiss::CODES,
    ]
    .into_iter()
    .flatten()
}

/// The explanation of a code (`HL012`, also written `hl012`, `12` or `012`); `None` if no finding has it.
pub fn explain_code(code: &str) -> Option<&'static Explanation> {
    let code = canonical(code);
    explained_codes().find(|one| one.code == code)
}

/// The code that is likely meant by one that does not exist.
pub fn nearest_code(code: &str) -> Option<&'static str> {
    let code = canonical(code);
    nearest(&code, explained_codes().map(|one| one.code))
}

fn canonical(code: &str) -> String {
    let code = code.trim().to_uppercase();
    match code.parse::<u16>() {
        Ok(number) => format!("HL{number:03}"),
        Err(_) => code,
    }
}
