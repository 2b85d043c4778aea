use crate::support::{findings, folder};
use hotline_rules::{Options, Plan, Source, Style, load, render};

pub fn shipped() -> Plan {
    load(&folder("routing-rules"), None).unwrap().plan
}

fn assert_clean(sources: &[Source], options: &Options) {
    let found = findings(sources, options);
    assert!(found.is_empty(), "{}", render(&found, sources, Style::Plain));
}

#[test]
fn the_shipped_rules_load_without_errors_or_warnings() {
    let options = Options { today: Some("2026-06-01".parse().unwrap()), ..Options::default() };
    assert_clean(&folder("routing-rules"), &options);
    assert_clean(&folder("fixtures/load/rules"), &options);
}
