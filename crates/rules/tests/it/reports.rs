//! Findings as machines read them, against files and against what SARIF 2.1.0 and GitHub ask for.

use crate::support::findings;
use hotline_model::Lang;
use hotline_rules::{Diagnostic, Options, Source, Style, render, report};
use serde_json::Value;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// Errors and warnings, on one line and over several, with fixes, in a path that needs escapes.
fn found() -> (Vec<Diagnostic>, Vec<Source>) {
    let read = |path: &str| std::fs::read_to_string(folder().join(path)).unwrap();
    let sources = vec![
        Source { path: "routing-rules/10 base.toml".into(), text: read("golden/base.toml") },
        Source { path: "routing-rules/账单:%,.toml".into(), text: read("reports/input.toml") },
    ];
    let found = findings(&sources, &Options::default());
    (found, sources)
}

fn same(name: &str, text: &str) {
    let path = folder().join("reports").join(name);
    if std::env::var_os("HOTLINE_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "{name}");
}

/// Keys, values, notes and names of files with escape codes, line breaks and marks of direction.
#[test]
fn nothing_that_acts_on_a_terminal_is_printed_in_any_format() {
    let read = |path: &str| std::fs::read_to_string(folder().join(path)).unwrap();
    let path = "zz\nerror[HL001] fake.toml:1:1\u{1b}[31m\u{202e}.toml";
    let raw = "number,name\n13800138000,\u{1b}[31m\u{9b}\u{202e},\n";
    let sources = vec![
        Source { path: "base.toml".into(), text: read("golden/base.toml") },
        Source { path: "named.toml".into(), text: "[[customers]]\nfile = \"a.csv\"\n".into() },
        Source { path: "a.csv".into(), text: raw.into() },
        Source { path: path.into(), text: read("golden/control-characters.toml") },
        Source { path: format!("{path}.csv"), text: raw.into() },
    ];
    let found = findings(&sources, &Options::default());
    assert!(found.iter().any(|one| one.file == 2) && found.iter().any(|one| one.file == 3));
    let acts = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    for lang in [Lang::En, Lang::Zh] {
        let concise = report::concise(&found, &sources, lang);
        assert_eq!(concise.lines().count(), found.len(), "{concise}");
        let human = render(&found, &sources, Style::Plain, lang);
        assert!(!human.lines().any(|line| line.starts_with("error[HL001]")), "{human}");
        let (json, sarif) = (report::json(&found, &sources, lang), report::sarif(&found, &sources, lang, "0.0.0"));
        let list: Value = serde_json::from_str(&json).unwrap();
        assert!(list.as_array().unwrap().iter().any(|one| one["file"] == path), "{json}");
        for text in [concise, human, report::github(&found, &sources, lang), json, sarif] {
            assert!(!text.contains(acts), "{text:?}");
        }
    }
}

/// A misspelt key, one in a table that has none, a PIN without quotes, which has a fix, and files that are no TOML.
#[test]
fn the_value_of_a_misspelt_password_is_shown_in_no_format() {
    let base = Source { path: "base.toml".into(), text: std::fs::read_to_string(folder().join("golden/base.toml")).unwrap() };
    let seat = "[[seat]]\nname = \"1901\"\nskills = { zh = 5 }\n";
    for secret in [
        "pasword = \"k7T-wq2\"",
        "Passwd = 'k7T-wq2'",
        "sip-pwd = \"k7T-wq2\"",
        "密码 = \"k7T-wq2\"",
        "ha1 = { md4 = \"c0ffee\" }",
        "pin = 739251",
        "pni = 739251",
        "password = k7T-wq2",
        "password: \"k7T-wq2\"",
        "password ＝ “k7T-wq2”",
        "password == \"k7T-wq2\"",
        "password \"k7T-wq2\" # k7T-wq2",
        "password k7T-wq2",
        "pasword = \"demo\" # k7T-wq2",
        "name = \"1\", password \"k7T-wq2\"",
    ] {
        let sources = vec![base.clone(), Source { path: "seat.toml".into(), text: format!("{seat}{secret}\n") }];
        let found = findings(&sources, &Options::default());
        assert!(found.iter().any(|one| one.file == 1), "{secret}");
        for lang in [Lang::En, Lang::Zh] {
            let human = render(&found, &sources, Style::Plain, lang);
            let machines = [report::json(&found, &sources, lang), report::sarif(&found, &sources, lang, "0.0.0")];
            let lines = [report::concise(&found, &sources, lang), report::github(&found, &sources, lang)];
            for text in machines.iter().chain(&lines).chain([&human]) {
                assert!(!["k7T", "wq2", "c0ffee", "739251"].iter().any(|told| text.contains(told)), "{secret}: {text}");
            }
        }
    }
}

/// A text where a list is wanted is put into brackets, whatever its length.
#[test]
fn neither_a_wide_line_nor_what_its_fix_writes_is_shown_whole_in_any_format() {
    let base = Source { path: "base.toml".into(), text: std::fs::read_to_string(folder().join("golden/base.toml")).unwrap() };
    for (length, fixed) in [(4, true), (10_000, false)] {
        let text = format!("[[number]]\nname = \"a\"\naliases = \"{}\"\nmenu = \"main\"\n", "客".repeat(length));
        let sources = vec![base.clone(), Source { path: "number.toml".into(), text }];
        let found = findings(&sources, &Options::default());
        let json: Value = serde_json::from_str(&report::json(&found, &sources, Lang::En)).unwrap();
        assert_eq!((json[0]["fix"].is_object(), json[0]["column"].as_u64()), (fixed, Some(11)), "{json}");
        assert!(found[0].fix.is_some(), "`--fix` has it all the same");
        for lang in [Lang::En, Lang::Zh] {
            let human = render(&found, &sources, Style::Colour, lang);
            assert!(human.contains("number.toml:3:11"), "{human}");
            let machines = [report::json(&found, &sources, lang), report::sarif(&found, &sources, lang, "0.0.0")];
            let lines = [report::concise(&found, &sources, lang), report::github(&found, &sources, lang)];
            for text in machines.iter().chain(&lines).chain([&human]) {
                assert!(text.lines().all(|line| line.chars().count() < 1_000), "{text}");
            }
        }
    }
}

#[test]
fn each_format_is_as_its_file() {
    let (found, sources) = found();
    same("concise.txt", &report::concise(&found, &sources, Lang::En));
    same("concise.zh.txt", &report::concise(&found, &sources, Lang::Zh));
    same("github.txt", &report::github(&found, &sources, Lang::En));
    same("findings.json", &report::json(&found, &sources, Lang::En));
    same("findings.sarif", &report::sarif(&found, &sources, Lang::En, "0.0.0"));
}

#[test]
fn a_workflow_command_is_one_line_whatever_is_in_it() {
    let (found, sources) = found();
    let text = report::github(&found, &sources, Lang::Zh);
    assert_eq!(text.lines().count(), found.len());
    for line in text.lines() {
        let (head, _) = line.strip_prefix("::").and_then(|line| line.split_once("::")).unwrap();
        let (command, properties) = head.split_once(' ').unwrap();
        assert!(matches!(command, "error" | "warning"), "{line}");
        assert!(properties.split(',').all(|one| one.split_once('=').is_some_and(|(_, value)| !value.contains(':'))), "{line}");
    }
}

#[test]
fn json_is_a_list_with_one_object_a_line_and_columns_in_characters() {
    let (found, sources) = found();
    let text = report::json(&found, &sources, Lang::En);
    let list: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!((list.len(), text.lines().count()), (found.len(), found.len() + 2));
    for (object, one) in list.iter().zip(&found) {
        let (line, column) = one.line_and_column(&sources);
        assert_eq!((object["line"].as_u64(), object["column"].as_u64()), (Some(line as u64), Some(column as u64)));
        assert_eq!(object["code"], one.code);
    }
}

/// What the schema of SARIF 2.1.0 (OASIS) requires of the objects that are written here.
#[test]
fn sarif_has_every_field_that_its_schema_requires() {
    let (found, sources) = found();
    let log: Value = serde_json::from_str(&report::sarif(&found, &sources, Lang::Zh, "1.2.3")).unwrap();
    assert_eq!((log["version"].as_str(), log["runs"].as_array().map(Vec::len)), (Some("2.1.0"), Some(1)));
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert!(driver["name"].is_string() && driver["version"] == "1.2.3" && run["columnKind"] == "unicodeCodePoints");
    let rules = driver["rules"].as_array().unwrap();
    let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "each once: {ids:?}");
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), found.len());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(result["ruleId"], rules[index]["id"]);
        assert!(matches!(result["level"].as_str(), Some("error" | "warning")) && result["message"]["text"].is_string());
        let place = &result["locations"][0]["physicalLocation"];
        check_place(&place["artifactLocation"], &place["region"]);
        for fix in result["fixes"].as_array().unwrap_or(&Vec::new()) {
            for change in fix["artifactChanges"].as_array().unwrap() {
                for replacement in change["replacements"].as_array().unwrap() {
                    check_place(&change["artifactLocation"], &replacement["deletedRegion"]);
                    assert!(replacement["insertedContent"]["text"].is_string());
                }
            }
        }
    }
    assert!(results.iter().any(|result| result["fixes"].is_array()));
}

fn check_place(artifact: &Value, region: &Value) {
    let uri = artifact["uri"].as_str().unwrap();
    assert!(uri.bytes().all(|b| b.is_ascii_graphic()) && !uri.contains([' ', ':', '"', '<', '>']), "{uri}");
    let number = |key: &str| region[key].as_u64().unwrap();
    let (from, to) = ((number("startLine"), number("startColumn")), (number("endLine"), number("endColumn")));
    assert!((1, 1) <= from && from <= to && number("startColumn") >= 1 && number("endColumn") >= 1, "{region}");
}
