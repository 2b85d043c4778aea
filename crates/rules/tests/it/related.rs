//! What is there twice names the first place, in every format (HL008).

use crate::support::findings;
use hotline_model::Lang;
use hotline_rules::{Diagnostic, Options, Source, Style, render, report};
use serde_json::Value;

/// A name and a key, each in two files.
fn found() -> (Vec<Diagnostic>, Vec<Source>) {
    let base = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/base.toml")).unwrap();
    let file = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let sources = vec![
        file("10-base.toml", &base),
        file("70-timers.toml", "# 时限\n[timers]\nlinger = \"2min\"\n"),
        file("80-more.toml", "[timers]\nlinger = \"3min\"\n[[queue]]\nname = \"technical\"\n[[queue.step]]\nrequires = \"anyone\"\n"),
    ];
    (findings(&sources, &Options::default()), sources)
}

#[test]
fn the_place_of_the_first_is_shown_in_the_text_that_people_read() {
    let (found, sources) = found();
    let text = render(&found, &sources, Style::Plain, Lang::En);
    assert!(text.contains("error[HL008]: `linger` is set twice\n --> 80-more.toml:2:10"), "{text}");
    assert!(text.contains("::: 70-timers.toml:3:10") && text.contains("---- the first is here"), "{text}");
    let concise = report::concise(&found, &sources, Lang::En);
    assert!(
        concise.contains("80-more.toml:2:10: error[HL008] `linger` is set twice (the first is here: 70-timers.toml:3:10)\n"),
        "{concise}"
    );
    let concise = report::concise(&found, &sources, Lang::Zh);
    assert!(concise.contains("（先写在这里：10-base.toml:5:41）"), "{concise}");
    let github = report::github(&found, &sources, Lang::En);
    assert!(github.contains("%0Athe first is here: 10-base.toml:5:41%0A"), "{github}");
}

#[test]
fn json_has_it_as_related_and_sarif_as_a_related_location() {
    let (found, sources) = found();
    let json: Value = serde_json::from_str(&report::json(&found, &sources, Lang::En)).unwrap();
    let one = json.as_array().unwrap().iter().find(|one| one["message"] == "`linger` is set twice").unwrap();
    let related = &one["related"];
    assert_eq!((&related["file"], &related["line"], &related["column"]), (&"70-timers.toml".into(), &3.into(), &10.into()));
    assert_eq!((&related["end_line"], &related["end_column"], &related["label"]), (&3.into(), &16.into(), &"the first is here".into()));
    let sarif: Value = serde_json::from_str(&report::sarif(&found, &sources, Lang::En, "0.0.0")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let place = &results.iter().find(|one| one["ruleId"] == "HL008").unwrap()["relatedLocations"][0]["physicalLocation"];
    assert_eq!((&place["artifactLocation"]["uri"], &place["region"]["startLine"]), (&"70-timers.toml".into(), &3.into()));
}

#[test]
fn findings_about_one_place_have_no_other() {
    let base = Source { path: "a.toml".into(), text: "[timers]\nanser = \"30s\"\n".into() };
    let found = findings(std::slice::from_ref(&base), &Options::default());
    let json: Value = serde_json::from_str(&report::json(&found, std::slice::from_ref(&base), Lang::En)).unwrap();
    assert!(json.as_array().unwrap().iter().all(|one| one["related"].is_null()) && !found.is_empty());
}
