//! Files of tests: what they may say, and what is said of those that are wrong.

use crate::support::folder;
use hotline_model::Lang;
use hotline_rules::trial::{Expected, KeyPress, SeatGiven, Trial, Want, read_trials};
use hotline_rules::{Plan, Source, Style, load, render};
use std::time::Duration;

fn plan() -> Plan {
    load(&folder("routing-rules"), None).unwrap().plan
}

fn source(text: &str) -> [Source; 1] {
    [Source { path: "tests/one.toml".into(), text: text.into() }]
}

fn trials(text: &str) -> Vec<Trial> {
    let sources = source(text);
    read_trials(&sources, &plan()).unwrap_or_else(|found| panic!("{}", render(&found, &sources, Style::Plain, Lang::En)))
}

/// Code and message of each finding.
fn findings(text: &str) -> Vec<String> {
    let found = read_trials(&source(text), &plan()).unwrap_err();
    found.iter().map(|one| format!("{} {}", one.code, one.message.en)).collect()
}

#[test]
fn what_a_file_gives_counts_for_each_test_that_does_not_say_it_itself() {
    let text = r#"
        [given]
        at = 2026-11-18T10:00:00
        from = "withheld"
        seats = { "*" = "signed_out", "1002" = "no_answer" }
        [[test]]
        name = "one"
        given = { keys = "2-", to = "95000", seats = { "1001" = "busy 20s" }, waiting = { service = 3 } }
        expect = { within = "5s", menus = ["main"], answered = true }
        [[test]]
        name = "two"
        given = { at = "2026-11-18T02:00:00Z", from = "02161230001" }
        expect = { step = 1 }
    "#;
    let plan = plan();
    let [one, two] = trials(text).try_into().unwrap();
    let seat = |trial: &Trial, name: &str| trial.situation.seat(plan.seat_names.get(name).copied().unwrap());
    assert_eq!((one.situation.at, one.situation.from.as_deref()), (two.situation.at, None));
    assert_eq!(one.situation.keys, [KeyPress::Next('2'), KeyPress::Silence]);
    assert_eq!(seat(&one, "1001"), SeatGiven::Busy(Duration::from_secs(20)));
    assert_eq!((seat(&one, "1002"), seat(&two, "1001")), (SeatGiven::RingsOut, SeatGiven::SignedOut));
    assert_eq!((one.line, one.expect[0].line), (7, 9));
    assert_eq!(two.expect[0].want, Want::Count(1));
    assert_eq!(one.expect.iter().map(|one| one.key).collect::<Vec<_>>(), [Expected::Menus, Expected::Answered, Expected::Within]);
}

#[test]
fn every_wrong_word_of_a_test_is_told_with_the_way_out() {
    let text = r#"
[[tset]]
[[test]]
name = "a"
given = { kyes = "1", at = "tomorrow", seats = { "1001" = "bsy 20s", "9001" = "ready" } }
expect = { queue = "servic", priority = "urgnt", within = "5" }
[[test]]
name = "b"
expect = {}
[[test]]
given = { at = 2026-11-18T10:00:00, keys = "x", waiting = { servic = 1 } }
expect = { seat = "100l" }
"#;
    assert_eq!(
        findings(text),
        [
            "HL002 unknown key `tset` in a file of tests",
            "HL002 unknown key `kyes` in `given`",
            "HL005 `tomorrow` is no date and time: write `2026-11-18T10:00`, or with an offset `2026-11-18T10:00:00+08:00`",
            "HL006 `bsy 20s` is nothing that a seat can be at: `ready`, `answers 5s`, `no_answer`, `rejects 486`, `silent`, `busy 20s`, `not_ready meal`, `unreachable`, `signed_out`",
            "HL130 unknown seat `9001`",
            "HL130 unknown queue `servic`",
            "HL006 `urgnt` is not allowed here",
            "HL005 `5` is not a duration",
            "HL004 a test without a time",
            "HL004 a test that expects nothing",
            "HL004 a test without `name`",
            "HL005 `x` is no key: 0-9, `*`, `#`, or `-` for none",
            "HL130 unknown queue `servic`",
            "HL130 unknown seat `100l`",
        ]
    );
}

#[test]
fn a_misspelt_menu_is_shown_with_its_place_and_the_right_one() {
    let sources =
        source("[[test]]\nname = \"投诉\"\ngiven = { at = 2026-11-18T10:00:00 }\nexpect = { queue = \"投诉\", menus = [\"mian\"] }\n");
    let found = read_trials(&sources, &plan()).unwrap_err();
    let text = render(&found, &sources, Style::Plain, Lang::En);
    assert!(text.contains("--> tests/one.toml:4:35"), "{text}");
    assert!(text.contains("help: did you mean `main`?"), "{text}");
}

#[test]
fn no_text_makes_it_panic() {
    for text in
        ["", "[[test]]", "test = 1", "given = 1", "[[test]]\nname = 1\ngiven = 2\nexpect = 3", "\u{0}", "[[test]]\nexpect={seat=[[]]}"]
    {
        let _ = read_trials(&source(text), &plan());
    }
}

#[test]
fn a_look_up_that_reads_a_file_of_the_rules_can_be_given_no_answer() {
    let text = r#"
        skill = [{ name = "zh" }]
        seat = [{ name = "1001", password = "x", skills = { zh = 9 } }]
        queue = [{ name = "service" }]
        number = [{ name = "hotline", menu = "contract" }]
        [menu.contract]
        keys = { 0 = { queue = "service" } }
        collect = { name = "contract", done = { queue = "service" } }
        [lookup.contracts]
        by = "contract"
        file = "contracts.csv"
    "#;
    let csv = Source { path: "contracts.csv".into(), text: "contract,customer_type\n62001,vip\n".into() };
    let plan = load(&[csv, Source { path: "rules.toml".into(), text: text.into() }], None).unwrap().plan;
    let test = "[[test]]\nname = \"one\"\ngiven = { lookup = { contracts = \"timeout\" } }\nexpect = { answered = true }\n";
    let found = read_trials(&source(test), &plan).unwrap_err();
    assert!(found.iter().any(|one| one.message.en == "look-up `contracts` answers from its file"), "{found:?}");
}

#[test]
fn what_is_left_to_be_done_is_expected_in_the_words_of_the_manual_and_the_call_is_looked_at_to_its_end() {
    let trials = trials(
        "[[test]]\nname = \"one\"\ngiven = { at = 2026-11-18T10:00:00 }\nexpect = { due = { investigated = \"90min\", handled = \"4h\" } }\n",
    );
    assert_eq!(trials[0].expect[0].want, Want::Words(vec!["handled 4h".into(), "investigated 1h30min".into()]));
    assert_eq!((trials[0].situation.recorded, trials[0].situation.hangs_up), (true, Some(Duration::from_secs(60))));
}
