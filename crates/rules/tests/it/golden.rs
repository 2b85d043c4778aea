use crate::support::findings;
use hotline_model::Lang;
use hotline_rules::{Options, Source, Style, render, summary};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_default()
}

fn options() -> Options {
    let prompts = BTreeSet::from(["welcome", "please-wait", "main-menu"].map(str::to_owned));
    let prompts = BTreeMap::from([("zh-CN".to_owned(), prompts.clone()), ("en".to_owned(), prompts)]);
    Options { prompts: Some(prompts), today: Some("2026-06-01".parse().unwrap()), ..Options::default() }
}

fn told(name: &str) -> [(String, String); 2] {
    let source = |name: &str| Source { path: name.into(), text: read(name) };
    let sources = [source("base.toml"), source(name)];
    let found = findings(&sources, &options());
    assert!(!found.is_empty(), "{name} has findings");
    for one in &found {
        let text = &sources[one.file].text;
        assert!(one.span.start <= one.span.end && text.get(one.span.clone()).is_some(), "{name}: {one:?} has a place");
    }
    let golden = |ending: &str| name.replace(".toml", ending);
    let told = |lang| format!("{}\n{}\n", render(&found, &sources, Style::Plain, lang), summary(&found, &sources, lang));
    [(golden(".txt"), told(Lang::En)), (golden(".zh.txt"), told(Lang::Zh))]
}

/// With HOTLINE_BLESS set, writes what is said now, to be read before it is committed.
#[test]
fn every_bad_input_is_answered_with_exactly_its_message() {
    let names = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml") && name != "base.toml").collect();
    names.sort();
    assert!(names.len() >= 25);
    let bless = std::env::var_os("HOTLINE_BLESS").is_some();
    let mut differing = Vec::new();
    for name in &names {
        for (file, told) in told(name) {
            if bless {
                std::fs::write(folder().join(&file), &told).unwrap();
            } else if told != read(&file) {
                differing.push(format!("{file}:\n{told}"));
            }
        }
    }
    assert!(differing.is_empty(), "{} of {} differ\n{}", differing.len(), names.len(), differing.join("\n"));
}

#[test]
fn the_input_beside_the_bad_ones_is_good() {
    let sources = [Source { path: "base.toml".into(), text: read("base.toml") }];
    assert_eq!(findings(&sources, &options()), []);
}
