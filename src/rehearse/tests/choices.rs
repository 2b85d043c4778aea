//! The other choices that routing-rules/README.md names do what it says on the shipped files, with the one line changed that it names.

use super::{run, shipped};
use crate::cli::words::Lang;
use std::path::Path;

/// The shipped files with a line changed, and a file of tests of its own in place of theirs.
fn changed(file: &str, from: &str, to: &str, tests: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(shipped()).unwrap().map(Result::unwrap) {
        if entry.path().extension().is_some_and(|end| end == "toml") {
            std::fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
        }
    }
    let path = dir.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has {from}");
    std::fs::write(&path, text.replace(from, to)).unwrap();
    std::fs::create_dir(dir.path().join("tests")).unwrap();
    std::fs::write(dir.path().join("tests/choice.toml"), tests).unwrap();
    dir
}

fn holds(dir: &Path) {
    let results = run(dir);
    assert_eq!((results.count(), results.failed()), (1, 0), "{}", results.tests(Lang::En));
}

/// The block of TOML under a heading of the README.
fn shown_under(heading: &str) -> String {
    let readme = std::fs::read_to_string(shipped().join("README.md")).unwrap();
    let part = readme.split("\n## ").find(|part| part.starts_with(heading)).unwrap();
    part.split_once("```toml\n").and_then(|(_, rest)| rest.split_once("```")).unwrap().0.to_owned()
}

#[test]
fn seats_added_word_for_word_as_the_readme_shows_are_loaded_and_pass_the_shipped_tests() {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["", "tests"] {
        std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        for entry in std::fs::read_dir(shipped().join(folder)).unwrap().map(Result::unwrap) {
            if entry.path().extension().is_some_and(|end| end == "toml") {
                std::fs::copy(entry.path(), dir.path().join(folder).join(entry.file_name())).unwrap();
            }
        }
    }
    let seats = dir.path().join("50-seats.toml");
    let before = std::fs::read_to_string(&seats).unwrap();
    std::fs::write(&seats, format!("{before}\n{}", shown_under("加坐席 / Add a seat"))).unwrap();
    let results = run(dir.path());
    assert_eq!(results.failed(), 0, "{}", results.tests(Lang::En));
}

fn left_open(due: &str) -> String {
    format!(
        "[[test]]\nname = \"a fault that is left open\"\n\
         given = {{ at = 2026-11-18T10:00:00, from = \"02161230001\", keys = \"21\", agent_hangs_up = \"20s\" }}\n\
         expect = {{ due = {{ {due} }} }}\n"
    )
}

#[test]
fn h5_the_profile_alone_sets_the_deadline_of_complex_problems() {
    for (profile, due) in [("manual", "handled = \"4h\""), ("m2", "handled = \"2h\", closed_loop = \"48h\""), ("m3", "handled = \"24h\"")] {
        holds(changed("75-deadlines.toml", "profile = \"manual\"", &format!("profile = \"{profile}\""), &left_open(due)).path());
    }
}
