//! The shipped tests, and how rehearsals and their results look.

use super::test_command::run_tests;
use crate::cli::words::Lang;
use std::path::Path;

fn shipped() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("routing-rules")
}

#[test]
fn the_shipped_rules_keep_what_their_tests_promise() {
    let results =
        run_tests(&shipped(), &[], Lang::En).unwrap_or_else(|_| panic!("the tests can't be run: hotline rules test routing-rules"));
    assert_eq!(results.failed(), 0, "{}", results.tests(Lang::En));
    assert!(results.count() >= 60, "{} tests", results.count());
    assert!(results.percent() >= 95.0, "{}", results.coverage(Lang::En, true));
}
