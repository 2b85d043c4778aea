//! `hotline rules explain-code`: what a code of a finding means, why, and how it is mended.

use crate::cli::words::{Lang, lang_of_environment};
use hotline_rules::{explain_code, explained_codes, nearest_code};
use std::io::Write;
use std::process::ExitCode;

/// Explains a code.
#[derive(clap::Args)]
pub struct ExplainCodeArgs {
    /// The code, e.g. HL012; without one, all codes are listed.
    code: Option<String>,
    /// The language; else that of $HOTLINE_LANG, $LC_ALL or $LANG.
    #[arg(long, value_name = "zh|en", default_value_t = lang_of_environment())]
    lang: Lang,
}

/// Explains to stdout.
///
/// # Errors
/// Stdout can't be written.
pub fn run(args: &ExplainCodeArgs) -> anyhow::Result<ExitCode> {
    match told(args) {
        Ok(page) => {
            crate::cli::calls::print(&page)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(refusal) => {
            writeln!(std::io::stderr().lock(), "hotline: {refusal}")?;
            Ok(ExitCode::from(2))
        }
    }
}

fn told(args: &ExplainCodeArgs) -> Result<String, String> {
    let Some(code) = &args.code else {
        return Ok(explained_codes().map(|one| format!("{}  {}\n", one.code, one.what.of(args.lang))).collect());
    };
    match (explain_code(code), nearest_code(code)) {
        (Some(one), _) => Ok(one.in_words(args.lang)),
        (None, Some(near)) => {
            Err(args.lang.of(format!("no code {code:?}; did you mean {near}?"), format!("没有代码 {code:?}；是不是 {near}？")))
        }
        (None, None) => {
            let all = "hotline rules explain-code";
            Err(args.lang.of(format!("no code {code:?}; `{all}` lists them"), format!("没有代码 {code:?}；`{all}` 列出全部")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_of(code: Option<&str>, lang: Lang) -> Result<String, String> {
        told(&ExplainCodeArgs { code: code.map(str::to_owned), lang })
    }

    #[test]
    fn a_code_is_explained_in_the_language_asked_for() {
        assert!(told_of(Some("HL012"), Lang::En).unwrap().starts_with("HL012  unknown skill\n"));
        assert!(told_of(Some("hl012"), Lang::Zh).unwrap().starts_with("HL012  未知的技能\n"));
    }

    #[test]
    fn without_a_code_all_are_listed() {
        let list = told_of(None, Lang::Zh).unwrap();
        assert_eq!(list.lines().count(), explained_codes().count());
        assert!(list.contains("\nHL021  菜单无法转人工\n"));
    }

    #[test]
    fn an_unknown_code_is_refused_with_the_one_that_was_meant() {
        assert_eq!(told_of(Some("HL12"), Lang::En), Err("no code \"HL12\"; did you mean HL012?".into()));
        assert_eq!(told_of(Some("HL12"), Lang::Zh), Err("没有代码 \"HL12\"；是不是 HL012？".into()));
        assert_eq!(told_of(Some("seats"), Lang::En), Err("no code \"seats\"; `hotline rules explain-code` lists them".into()));
    }
}
