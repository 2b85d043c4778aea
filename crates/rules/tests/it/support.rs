use hotline_model::Lang;
use hotline_rules::trial::read_trials;
use hotline_rules::{Diagnostic, Loaded, Options, Plan, Source, Style, load, load_with, render};
use std::path::{Path, PathBuf};

pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of a folder under the workspace, with paths relative to it.
pub fn folder(relative: &str) -> Vec<Source> {
    let entries = std::fs::read_dir(workspace().join(relative)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).filter(|name| name.ends_with(".toml"));
    let mut names: Vec<String> = names.collect();
    names.sort();
    let source = |name: &String| Source {
        path: format!("{relative}/{name}"),
        text: std::fs::read_to_string(workspace().join(relative).join(name)).unwrap(),
    };
    names.iter().map(source).collect()
}

pub fn file(text: &str) -> Vec<Source> {
    vec![Source { path: "rules.toml".into(), text: text.into() }]
}

/// A plan that must load; warnings are allowed.
pub fn plan(text: &str) -> Plan {
    after(text, None)
}

/// A plan that must load after another.
pub fn after(text: &str, previous: Option<&Plan>) -> Plan {
    let sources = file(text);
    load(&sources, previous).unwrap_or_else(|found| panic!("{}", render(&found, &sources, Style::Plain, Lang::En))).plan
}

/// Findings, whether the rules are refused or not. What `base.toml` allows, the file beside it may use.
pub fn findings(sources: &[Source], options: &Options) -> Vec<Diagnostic> {
    let mut found = match load_with(sources, None, options) {
        Ok(Loaded { warnings, .. }) => warnings,
        Err(found) => found,
    };
    found.retain(|one| one.code != "HL328" || sources[one.file].path != "base.toml");
    found
}

/// Findings in a file of tests, read beside rules that are good.
pub fn findings_in_tests(rules: &[Source], tests: &[Source], options: &Options) -> Vec<Diagnostic> {
    let plan = load_with(rules, None, options).unwrap().plan;
    read_trials(tests, &plan).err().unwrap_or_default()
}
