//! The explanations of codes: every code has one, and its example shows exactly it.

use crate::golden::{codes, folder, sources};
use crate::support::{findings, findings_in_tests};
use hotline_model::Lang;
use hotline_rules::{Diagnostic, Example, Options, Source, Style, explain_code, explained_codes, nearest_code, render};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

fn found(text: &str) -> (Vec<Diagnostic>, Vec<Source>) {
    let base = std::fs::read_to_string(folder().join("base.toml")).unwrap();
    let rules = Source { path: "base.toml".into(), text: base };
    // Further files follow behind a line with their name.
    let mut parts = text.split("\n-- ");
    let example = Source { path: "example.toml".into(), text: parts.next().unwrap_or_default().into() };
    let beside = parts.map(|part| part.split_once(" --\n").unwrap()).map(|(path, text)| Source { path: path.into(), text: text.into() });
    let prompts = BTreeSet::from(["welcome", "main-menu", "please-wait", "callback-offer", "old-recording"].map(str::to_owned));
    let prompts = BTreeMap::from([("zh-CN".to_owned(), prompts.clone()), ("en".to_owned(), prompts)]);
    let known = BTreeMap::from([("welcome".to_owned(), Duration::from_secs(18))]);
    let recordings = Some(BTreeMap::from([("zh-CN".to_owned(), known)]));
    let options = Options { prompts: Some(prompts), today: Some("2026-06-01".parse().unwrap()), recordings, ..Options::default() };
    if text.starts_with("[[test]]") {
        let tests = vec![example];
        return (findings_in_tests(&[rules], &tests, &options), tests);
    }
    let sources: Vec<Source> = [rules, example].into_iter().chain(beside).collect();
    (findings(&sources, &options), sources)
}

#[test]
fn every_code_is_explained_and_nothing_else() {
    let explained: Vec<&str> = explained_codes().map(|one| one.code).collect();
    assert!(explained.is_sorted_by(|a, b| a < b));
    assert_eq!(explained.iter().copied().collect::<BTreeSet<_>>(), codes().iter().map(String::as_str).collect());
}

/// What a finding may cite stands in the sources as a text of its own; schemas and tests of calls cite rules that no finding has.
#[test]
fn every_rule_of_the_manual_that_a_finding_cites_is_told_in_words() {
    let explained = explained_codes().filter_map(|one| one.rule).map(str::to_owned);
    let texts = sources();
    let rules: BTreeSet<String> =
        texts.iter().flat_map(|text| text.split('"')).filter(|part| is_rule(part)).map(str::to_owned).chain(explained).collect();
    assert!(rules.len() >= 40, "{rules:?}");
    let (found, sources) = found("[menu.main]\n");
    for rule in rules {
        let one = Diagnostic { rule: Some(rule.clone().leak()), ..found[0].clone() };
        for (lang, unknown) in [(Lang::En, "see the manual"), (Lang::Zh, "详见手册")] {
            let told = render(std::slice::from_ref(&one), &sources, Style::Plain, lang);
            assert!(told.contains(&rule) && !told.contains(unknown), "{told}");
        }
    }
}

fn is_rule(part: &str) -> bool {
    part.strip_prefix('R').is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

#[test]
fn the_bad_example_of_a_code_gets_exactly_it_and_the_good_one_nothing() {
    let mut wrong = String::new();
    for one in explained_codes() {
        let Some(Example { bad, good }) = one.example else {
            // Files, recordings and databases have no text to show.
            let outside = ["HL099", "HL144", "HL241", "HL242", "HL243", "HL251", "HL254", "HL308", "HL332", "HL334"].contains(&one.code)
                || one.code.starts_with("HL19");
            assert!(outside, "{}", one.code);
            continue;
        };
        // Where nobody serves a department, nobody serves its queue.
        let beside = if one.code == "HL104" { "HL032" } else { one.code };
        // An example is a part of rules: what it declares may be used by the rest of them.
        let elsewhere = |found: &Diagnostic| found.code != one.code && ["HL122", "HL124", "HL272", "HL281", "HL292"].contains(&found.code);
        let (mut bad, sources) = found(bad);
        bad.retain(|found| !elsewhere(found));
        let ours = bad.iter().find(|found| found.code == one.code);
        let as_told = ours.is_some_and(|found| (found.severity, found.rule) == (one.severity, one.rule));
        if !as_told || bad.iter().any(|found| ![one.code, beside].contains(&found.code)) {
            wrong += &format!("{}, bad:\n{}{ours:?}\n", one.code, render(&bad, &sources, Style::Plain, Lang::En));
        }
        let (mut good, sources) = found(good);
        good.retain(|found| !elsewhere(found));
        if !good.is_empty() {
            wrong += &format!("{}, good:\n{}\n", one.code, render(&good, &sources, Style::Plain, Lang::En));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn an_explanation_is_told_in_both_languages() {
    let page = explain_code("HL021").unwrap();
    assert_eq!(page.in_words(Lang::En).lines().next(), Some("HL021  a menu from which no person can be reached"));
    let zh = page.in_words(Lang::Zh);
    for part in ["HL021  菜单无法转人工", "错误：规则不会被采用", "手册 R9：客户始终能够转到人工", "错误写法：", "正确写法："]
    {
        assert!(zh.contains(part), "{zh}");
    }
    let chinese = |text: &str| text.contains(|c: char| ('\u{4e00}'..='\u{9fff}').contains(&c));
    for one in explained_codes() {
        assert!(chinese(&one.what.zh) && chinese(&one.why.zh) && !chinese(&one.what.en) && !chinese(&one.why.en), "{one:?}");
    }
}

#[test]
fn a_code_may_be_written_short_and_a_wrong_one_gets_a_suggestion() {
    for short in ["HL012", "hl012", "12", "012", " HL012 "] {
        assert_eq!(explain_code(short).map(|one| one.code), Some("HL012"), "{short}");
    }
    for wrong in ["", "HL", "HL000", "HL12", "99999", "技能"] {
        assert_eq!(explain_code(wrong), None, "{wrong}");
    }
    assert_eq!(nearest_code("HL12"), Some("HL012"));
    assert_eq!(nearest_code("technical"), None);
}
