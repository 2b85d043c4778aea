//! The shipped tests, and how rehearsals, their results and their coverage look.

use super::explain::{ExplainArgs, explained, situation};
use super::rehearse;
use super::test_command::{NotRun, Results, run_tests};
use crate::cli::words::Lang;
use crate::folder;
use clap::Parser;
use hotline_rules::trial::{Situation, parse_keys, parse_moment, parse_seat};
use std::path::{Path, PathBuf};
use std::time::Duration;

mod choices;
mod explained;

const RULES: &str = r#"
[[language]]
code = "zh-CN"
[[skill]]
name = "any"
[calendar.day]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
[[number]]
name = "hotline"
menu = "main"
[[number]]
name = "late"
queue = "evening"
[menu.main]
say = ["main-menu"]
invalid = ["invalid-key"]
no_input = ["no-input"]
[menu.main.keys]
1 = { queue = "line" }
0 = { queue = "line" }
[[queue]]
name = "line"
nobody = { after = "5s", say = ["goodbye"], goodbye = true }
[[queue.step]]
requires = "any >= 5"
[[queue.step]]
after = "10s"
requires = "any >= 1"
[[queue]]
name = "evening"
hours = "day"
closed = { say = ["goodbye"], goodbye = true }
[[queue.step]]
requires = "any >= 1"
[[seat]]
name = "1001"
agent = "张敏"
skills = { any = 9 }
password = "test-1001"
[[seat]]
name = "1002"
agent = "李娜"
skills = { any = 3 }
password = "test-1002"
[[customer]]
name = "华东贸易"
numbers = ["13800138000"]
agent = "1002"
priority = "important"
"#;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("routing-rules")
}

fn folder_with(tests: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("rules.toml"), RULES).unwrap();
    std::fs::create_dir(dir.path().join("tests")).unwrap();
    std::fs::write(dir.path().join("tests/one.toml"), tests).unwrap();
    dir
}

fn run(dir: &Path) -> Results {
    run_tests(dir, &[], Lang::En).unwrap_or_else(|why| match why {
        NotRun::Unreadable(error) => panic!("{error:#}"),
        NotRun::Unfinished { file, line, why } => panic!("{file}:{line}: {why:?}"),
        NotRun::Findings(found, sources) => panic!("{}", hotline_rules::render(&found, &sources, hotline_rules::Style::Plain, Lang::En)),
    })
}

#[test]
fn the_shipped_rules_keep_what_their_tests_promise() {
    let results = run(&shipped());
    assert_eq!(results.failed(), 0, "{}", results.tests(Lang::En));
    assert!(results.count() >= 60, "{} tests", results.count());
    assert!(results.percent() >= 95.0, "{}", results.coverage(Lang::En, true));
}

#[test]
fn a_test_that_fails_says_what_was_expected_what_came_and_which_line_decided() {
    let dir = folder_with(
        "[[test]]\nname = \"an enquiry\"\ngiven = { at = 2026-11-18T10:00:00, keys = \"1\", seats = { \"1001\" = \"busy 7s\" } }\n\
         expect = { queue = \"line\", seat = \"1002\", within = \"5s\" }\n",
    );
    let results = run(dir.path());
    let text = results.tests(Lang::En).replace(&dir.path().display().to_string(), "rules");
    let expected = "\
rules/tests/one.toml
  FAIL  an enquiry
          --> rules/tests/one.toml:2
          `seat`  expected    1002  (rules/tests/one.toml:4)
                  got         1001
                  decided by  rules/rules.toml:26: step 1 of queue `line`; seat 1002 (rules/rules.toml:44): ready, from 10.0 s on: step 2 (rules/rules.toml:29)
          `within`  expected    within 5.0 s  (rules/tests/one.toml:4)
";
    assert!(text.starts_with(expected), "{text}");
    assert_eq!((results.count(), results.failed()), (1, 1));
}

#[test]
fn only_what_a_call_really_used_is_covered() {
    let dir = folder_with(
        r#"
given = { at = 2026-11-18T10:00:00 }
[[test]]
name = "a customer, after a wrong and a missing key"
given = { customer = "华东贸易", keys = "7-1" }
expect = { seat = "1001", priority = "important", said = ["invalid-key", "no-input"] }
[[test]]
name = "nobody is there"
given = { keys = "1", seats = { "*" = "signed_out" } }
expect = { goodbye = true, answered = false }
[[test]]
name = "late in the evening"
given = { to = "late", at = 2026-11-18T22:00:00 }
expect = { goodbye = true, menus = [] }
"#,
    );
    let results = run(dir.path());
    assert_eq!(results.failed(), 0, "{}", results.tests(Lang::En));
    let text = results.coverage(Lang::En, true).replace(&dir.path().display().to_string(), "rules");
    let missing: Vec<&str> = text.lines().skip(1).map(str::trim).collect();
    assert_eq!(
        missing,
        [
            "not covered rules/rules.toml:21: key `0` of menu `main`",
            "not covered rules/rules.toml:15: `failed` of menu `main`",
            "not covered rules/rules.toml:29: step 2 of queue `line`",
            "not covered rules/rules.toml:35: step 1 of queue `evening`",
        ],
        "{text}"
    );
}

#[test]
fn what_callers_answer_once_the_agent_has_gone_is_rehearsed_too_r72_r106() {
    let dir = folder_with(
        r#"
given = { at = 2026-11-18T10:00:00, keys = "1", agent_hangs_up = "20s" }
[[test]]
name = "a score, a question heard again, and one passed over"
given = { keys = "19*#" }
expect = { survey = true, scores = ["attitude 9"], said = ["survey-attitude", "survey-quality", "survey-thanks"], seat = "1001" }
[[test]]
name = "who hangs up first is not asked"
given = { hangs_up = "10s" }
expect = { survey = false, scores = [] }
[[test]]
name = "silence"
expect = { survey = true, scores = [], not_said = ["survey-thanks"] }
[[test]]
name = "an emergency"
given = { to = "fire" }
expect = { unasked = "urgent", survey = false }
"#,
    );
    let survey = "[[number]]\nname = \"fire\"\nset = { topic = \"security\" }\nqueue = \"line\"\n[survey]\nqueues = [\"line\"]\n\
        questions = [{ dimension = \"attitude\", say = \"survey-attitude\" }, { dimension = \"quality\", say = \"survey-quality\" }]\n\
        thanks = \"survey-thanks\"\n";
    std::fs::write(dir.path().join("survey.toml"), survey).unwrap();
    let results = run(dir.path());
    assert_eq!((results.count(), results.failed()), (4, 0), "{}", results.tests(Lang::En));
}

#[test]
fn words_of_a_survey_that_no_test_hears_are_not_covered() {
    let dir = folder_with("");
    let survey = "[survey]\nscale = 5\nlow = 2\nsatisfied = 4\nqueues = [\"line\"]\nintro = \"survey-intro\"\nthanks = \"survey-thanks\"\n\
        no_input = \"no-input\"\ninvalid = \"invalid-key\"\nquestions = [\n  { dimension = \"attitude\", say = \"survey-attitude\" },\n  \
        { dimension = \"quality\", say = \"survey-quality\" },\n]\n";
    std::fs::write(dir.path().join("survey.toml"), survey).unwrap();
    let uncovered = |given: &str, expect: &str| {
        let test = format!("[[test]]\nname = \"t\"\ngiven = {{ at = 2026-11-18T10:00:00, {given} }}\nexpect = {{ {expect} }}\n");
        std::fs::write(dir.path().join("tests/one.toml"), test).unwrap();
        let results = run(dir.path());
        assert_eq!(results.failed(), 0, "{}", results.tests(Lang::En));
        let text = results.coverage(Lang::En, true).replace(&dir.path().display().to_string(), "rules");
        text.lines().map(str::trim).filter(|line| line.contains("survey")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        uncovered("keys = \"1\", hangs_up = \"10s\"", "survey = false"),
        [
            "not covered rules/survey.toml:6: `intro` of the survey",
            "not covered rules/survey.toml:11: question `attitude` of the survey",
            "not covered rules/survey.toml:12: question `quality` of the survey",
            "not covered rules/survey.toml:8: `no_input` of the survey",
            "not covered rules/survey.toml:9: `invalid` of the survey",
            "not covered rules/survey.toml:7: `thanks` of the survey",
        ]
    );
    let wrong = uncovered("keys = \"1945\", agent_hangs_up = \"20s\"", "scores = [\"attitude 4\", \"quality 5\"]");
    assert_eq!(wrong, ["not covered rules/survey.toml:8: `no_input` of the survey"]);
    let silent = uncovered("keys = \"1-45\", agent_hangs_up = \"20s\"", "scores = [\"attitude 4\", \"quality 5\"]");
    assert_eq!(silent, ["not covered rules/survey.toml:9: `invalid` of the survey"]);
}

#[test]
fn the_same_situation_always_gives_the_same_journal() {
    let dir = folder_with("");
    let Ok(revision) = folder::load(dir.path(), &[], None) else { panic!("the rules load") };
    let plan = &revision.plan;
    let mut given = Situation::new(plan, parse_moment("2026-11-18T10:00", plan).unwrap());
    given.keys = parse_keys("1").unwrap();
    let seat = |name: &str| plan.seat_names.get(name).copied().unwrap();
    given.seats.insert(seat("1001"), parse_seat("busy 12s").unwrap());
    given.seats.insert(seat("1002"), parse_seat("no_answer").unwrap());
    given.waiting.insert(*plan.queue_names.get("line").unwrap(), 2);
    given.lasts = Duration::from_secs(60);
    let once = || rehearse(plan, &revision.prompts, &given).unwrap();
    let (one, other) = (once(), once());
    assert!(one.notes.is_empty(), "{:?}", one.notes);
    assert_eq!(one.found, other.found);
    assert_eq!((one.ways, one.said), (other.ways, other.said));
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: ExplainArgs,
}

fn explain(line: &str) -> String {
    let dir = folder_with("");
    let Ok(revision) = folder::load(dir.path(), &[], None) else { panic!("the rules load") };
    let args = Line::parse_from(std::iter::once("explain").chain(line.split('|'))).args;
    let situation = situation(&args, &revision.plan).unwrap();
    let outcome = rehearse(&revision.plan, &revision.prompts, &situation).unwrap();
    explained(&outcome, &args).replace(&dir.path().display().to_string(), "rules")
}

#[test]
fn a_call_is_explained_from_the_number_dialled_to_the_seat_with_each_place() {
    let text = explain("--from|13800138000|--at|2026-11-18T10:00|--keys|1|--seats|1001=not_ready meal|--lang|en");
    for part in [
        "138****8000 dials hotline (rules/rules.toml:10): to menu main",
        "known as customer 华东贸易 (rules/rules.toml:47)",
        "key 1 of menu main (rules/rules.toml:20): to queue line",
        "Queue line, step 2 asks for `any >= 1` (rules/rules.toml:29)",
        "not ready (meal)  1001",
        "=> seat 1002 李娜 answers after 12.0 s in queue line; deadline 30.0 s, R5",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn a_phone_that_is_busy_at_once_refuses_after_the_offer_and_before_the_next_one() {
    let text = explain("--from|13800138000|--at|2026-11-18T10:00|--keys|1|--seats|1001=rejects 486|--lang|en");
    let refused = text.find("Seat 1001: refused by the phone (486) after 0.00 s").unwrap_or_else(|| panic!("{text}"));
    let offered = text.find("offered to seat 1001").unwrap_or_else(|| panic!("{text}"));
    let next = text.find("offered to seat 1002").unwrap_or_else(|| panic!("{text}"));
    assert!(offered < refused && refused < next, "{text}");
    let first = &text[offered..refused];
    assert!(!first.contains("paused"), "what came of the offer was not so before: {first}");
}

const GATES: &str = r#"
[[number]]
name = "gated"
menu = "main"
[[number.gate]]
when = "known & customer_type == vip"
queue = "line"
[[number.gate]]
when = "waiting(line) >= 2 & time in 09:00-12:00"
say = ["main-menu"]
queue = "evening"
[[customer]]
name = "贵宾"
numbers = ["13800138001"]
customer_type = "vip"
"#;

#[test]
fn gates_at_a_number_are_covered_by_tests_and_explained_with_what_they_looked_at_r46() {
    let dir = folder_with(
        r#"
given = { to = "gated", at = 2026-11-18T10:00:00 }
[[test]]
name = "a VIP passes by the menu"
given = { customer = "贵宾" }
expect = { queue = "line", menus = [] }
[[test]]
name = "a long line leads elsewhere"
given = { waiting = { line = 2 }, seats = { "*" = "busy 60s" } }
expect = { queue = "evening", menus = [], said = ["main-menu"] }
[[test]]
name = "else the menu"
given = { waiting = { line = 1 }, seats = { "*" = "busy 60s" }, keys = "1" }
expect = { queue = "line", menus = ["main"] }
"#,
    );
    std::fs::write(dir.path().join("gates.toml"), GATES).unwrap();
    let results = run(dir.path());
    assert_eq!(results.failed(), 0, "{}", results.tests(Lang::En));
    let coverage = results.coverage(Lang::En, true);
    assert!(!coverage.contains("gate "), "{coverage}");

    let Ok(revision) = folder::load(dir.path(), &[], None) else { panic!("the rules load") };
    let told = |line: &str| {
        let args = Line::parse_from(std::iter::once("explain").chain(line.split('|'))).args;
        let outcome = rehearse(&revision.plan, &revision.prompts, &situation(&args, &revision.plan).unwrap()).unwrap();
        explained(&outcome, &args).replace(&dir.path().display().to_string(), "rules")
    };
    let text = told("--from|02155550021|--to|gated|--at|2026-11-18T10:00|--keys|1|--waiting|line=1|--seats|*=busy 60s|--lang|en");
    for part in [
        "`known & customer_type == vip` (rules/gates.toml:6) does not hold: known = false",
        "`waiting(line) >= 2 & time in 09:00-12:00` (rules/gates.toml:9) does not hold: waiting(line) = 1",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let text = told("--from|13800138001|--to|gated|--at|2026-11-18T10:00|--lang|zh");
    let part = "`known & customer_type == vip` (rules/gates.toml:6) 成立：known = true，customer_type = vip";
    assert!(text.contains(part), "{part} is not in\n{text}");
}

const SERVED: &str = r#"
[[number]]
name = "served"
menu = "account"
[menu.account]
say = ["main-menu"]
wait = "4s"
keys = { 0 = { queue = "line" } }
collect = { name = "account", min = 4, max = 6, done = { menu = "prices" } }
failed = { queue = "line" }
[menu.prices]
say = ["main-menu"]
self_service = "ordinary"
keys = { 0 = { queue = "line" }, 1 = { say = ["no-input"], again = true }, 2 = { say = ["goodbye"], hang_up = true }, 3 = { seat = "1001", queue = "line" } }
[[menu.prices.gate]]
when = "collected(account) starts 99"
queue = "line"
[[customer]]
name = "贵宾"
numbers = ["13800138001"]
customer_type = "vip"
"#;

#[test]
fn collected_digits_self_service_a_seat_first_and_hanging_up_are_rehearsed_r9_r47() {
    let dir = folder_with(
        r##"
given = { to = "served", at = 2026-11-18T10:00:00 }
[[test]]
name = "a number, an answer, and a seat first"
given = { keys = "1234#13" }
expect = { menus = ["account", "prices"], seat = "1001", said = ["main-menu", "no-input"] }
[[test]]
name = "a number of all digits, and the hotline hangs up"
given = { keys = "1234562" }
expect = { goodbye = true, answered = false }
[[test]]
name = "a gate asks for the number"
given = { keys = "9912#" }
expect = { menus = ["account"], queue = "line" }
[[test]]
name = "a VIP is led past the prices"
given = { customer = "贵宾", keys = "1234#" }
expect = { menus = ["account"], queue = "line", answered = true }
[[test]]
name = "a lone 0, a short number and silence lead to a person"
given = { keys = "0#" }
expect = { queue = "line" }
[[test]]
name = "mistakes"
given = { keys = "12#-#" }
expect = { queue = "line", menus = ["account"] }
[[test]]
name = "a person instead of self-service, mistakes before"
given = { keys = "1234#8-0" }
expect = { queue = "line" }
[[test]]
name = "three mistakes"
given = { keys = "1234#888" }
expect = { queue = "line" }
"##,
    );
    std::fs::write(dir.path().join("served.toml"), SERVED).unwrap();
    let results = run(dir.path());
    assert_eq!(results.failed(), 0, "{}", results.tests(Lang::En));
    let coverage = results.coverage(Lang::En, true);
    assert!(!coverage.contains("served.toml"), "{coverage}");
}

#[test]
fn the_same_is_told_in_chinese_and_to_machines() {
    let text = explain("--from|withheld|--at|2026-11-18T10:00|--keys|1|--lang|zh");
    assert!(text.contains("=> 坐席 1001 张敏 接听，在 line 排队 2.0 秒；时限 30.0 秒，R5"), "{text}");
    let json = explain("--from|withheld|--at|2026-11-18T22:00|--to|late|--json|--lang|en");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["goodbye"], &json["end"]), (&true.into(), &"the caller is told goodbye".into()));
    assert_eq!(json["path"][0]["says"], "somebody without a number dials late (rules/rules.toml:13): to queue evening");
}

#[test]
fn callers_who_are_turned_away_and_what_is_announced_can_be_rehearsed_r151() {
    let dir = folder_with(
        r#"
given = { at = 2026-11-18T10:00:00, to = "line" }
[[test]]
name = "a blocked number, however it is written"
given = { from = "0086-139-0000-9999" }
expect = { blocked = true, refused = 603 }
[[test]]
name = "whoever asks for privacy is nobody"
given = { from = "13900000001", privacy = true }
expect = { blocked = true, said = ["goodbye"], answered = false }
[[test]]
name = "a number is nobody's block"
given = { from = "13900000001" }
expect = { blocked = false, announcement = [], answered = true }
[[test]]
name = "the fault is told while it is on"
given = { announcement = "fault" }
expect = { announcement = ["fault"], said = ["welcome"], answered = true }
[[test]]
name = "a customer is known with a 0 before the number"
given = { from = "013800138000" }
expect = { priority = "important" }
"#,
    );
    let more = r#"
[[number]]
name = "line"
queue = "line"
[[block]]
numbers = ["13900009999"]
note = "threats"
[[block]]
anonymous = true
answer = "announcement"
say = "goodbye"
[[announcement]]
name = "fault"
say = "welcome"
"#;
    std::fs::write(dir.path().join("more.toml"), more).unwrap();
    let results = run(dir.path());
    assert_eq!((results.count(), results.failed()), (5, 0), "{}", results.tests(Lang::En));
}

/// What a source of look-ups says decides like what the rules say; without an answer the fallback does, within its limit.
#[test]
fn a_test_says_what_a_look_up_answers() {
    let lookup = "[lookup.crm]\nurl = \"http://127.0.0.1:1/{number}\"\nfallback = { priority = \"important\" }\n";
    let tests = r#"
[given]
at = 2026-11-18T10:00:00
keys = "1"
[[test]]
name = "known"
given = { lookup = { crm = { priority = "urgent", agent = "1002" } } }
expect = { priority = "urgent" }
[[test]]
name = "late"
given = { lookup = { crm = "timeout" } }
expect = { priority = "important" }
[[test]]
name = "failed"
given = { lookup = { crm = "failed" } }
expect = { priority = "important" }
[[test]]
name = "unknown"
expect = { priority = "ordinary" }
"#;
    let dir = folder_with(tests);
    std::fs::write(dir.path().join("rules.toml"), [RULES, lookup].concat()).unwrap();
    let results = run(dir.path());
    assert_eq!(results.failed(), 0);
    let wrong = "[[test]]\nname = \"x\"\ngiven = { at = 2026-11-18T10:00:00, lookup = { crm = \"late\", cmr = \"timeout\" } }\nexpect = { queue = \"line\" }\n[[test]]\nname = \"y\"\ngiven = { at = 2026-11-18T10:00:00, lookup = { crm = { agent = \"1\" } } }\nexpect = { queue = \"line\" }\n";
    std::fs::write(dir.path().join("tests/one.toml"), wrong).unwrap();
    let Err(NotRun::Findings(found, _)) = run_tests(dir.path(), &[], Lang::En) else { panic!("there are findings") };
    let told: Vec<&str> = found.iter().map(|one| one.message.of(Lang::En)).collect();
    assert_eq!(told, ["`late` is not allowed here", "unknown look-up `cmr`", "`agent = 1` means nothing in an answer"]);
}

#[test]
fn a_message_is_explained_with_who_answers_it_and_silence_with_the_word_that_is_missing_r19() {
    let said = |more: &str| {
        let dir = folder_with("");
        let voicemail = "[[number]]\nname = \"away\"\nvoicemail = \"evening\"\n[voicemail.evening]\nqueue = \"line\"\n";
        std::fs::write(dir.path().join("voicemail.toml"), voicemail).unwrap();
        let Ok(revision) = folder::load(dir.path(), &[], None) else { panic!("the rules load") };
        let line = format!("explain|--from|13800138000|--to|away|--at|2026-11-18T10:00|--lang|en{more}");
        let args = Line::parse_from(line.split('|')).args;
        let outcome = rehearse(&revision.plan, &revision.prompts, &situation(&args, &revision.plan).unwrap()).unwrap();
        explained(&outcome, &args).lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(said("|--message|12s"), "=> a message in evening; the people of queue line are to answer it within 10 min, R19");
    assert_eq!(said(""), "=> no message in evening: how long does the caller speak? `--message 12s`");
}

#[test]
fn a_way_outside_is_rehearsed_with_what_somebody_outside_does_and_what_follows_is_covered() {
    let dir = folder_with(
        r#"
given = { at = 2026-11-18T10:00:00, to = "repairs" }
[[test]]
name = "the repair firm answers"
given = { outside = "answers 4s" }
expect = { led_outside = "02155550000", outside = "02155550000", within = "5s" }
[[test]]
name = "the repair firm is busy, and the call waits for a seat"
given = { outside = "rejects 486" }
expect = { led_outside = "02155550000", queue = "line", seat = "1001", within = "5s" }
[[test]]
name = "the repair firm does not answer in time"
given = { outside = "no_answer" }
expect = { queue = "line", seat = "1001", not_before = "15s", within = "30s", breached = [] }
"#,
    );
    let more = r#"
[[trunk]]
name = "carrier"
contact = "sip:192.0.2.9"
from = "02112345678"
[outbound]
allow = ["0x{9,11}"]
[[number]]
name = "repairs"
number = "02155550000"
for = "15s"
otherwise = { queue = "line" }
"#;
    std::fs::write(dir.path().join("outside.toml"), more).unwrap();
    let results = run(dir.path());
    assert_eq!(results.failed(), 0, "{}", results.tests(Lang::En));
    assert!(!results.coverage(Lang::En, true).contains("`otherwise`"), "it was taken");
}

#[test]
fn a_call_from_no_number_is_not_explained_and_times_are_written_as_in_rules() {
    let dir = folder_with("");
    let heard = [([127, 0, 0, 1], 5060).into(), (std::net::Ipv6Addr::LOCALHOST, 5060).into()];
    let Ok(revision) = folder::load(dir.path(), &heard, None) else { panic!("the rules are good") };
    let args = |more: &[&str]| {
        Line::try_parse_from([&["explain", "--at", "2026-11-18T10:00", "--lang", "en"], more].concat()).map(|line| line.args)
    };
    let wrong = situation(&args(&["--from", "abc"]).unwrap(), &revision.plan).unwrap_err();
    assert_eq!(format!("{wrong:#}"), "--from: `abc` is no telephone number: write `13800138000`, `+8613800138000` or `withheld`");
    let good = situation(&args(&["--from", "+86 138-0013-8000", "--lasts", "5min"]).unwrap(), &revision.plan).unwrap();
    assert_eq!((good.from.as_deref(), good.lasts), (Some("+86 138-0013-8000"), Duration::from_secs(300)));
    assert_eq!(situation(&args(&["--from", "withheld", "--lasts", "1h30min"]).unwrap(), &revision.plan).unwrap().from, None);
    for withheld in ["sip:anonymous@anonymous.invalid", "Anonymous", "sip:restricted@192.0.2.1"] {
        assert_eq!(situation(&args(&["--from", withheld]).unwrap(), &revision.plan).unwrap().from, None, "{withheld}");
    }
    assert!(situation(&args(&["--from", "+86"]).unwrap(), &revision.plan).is_err(), "a country's code alone");
    assert!(args(&["--from", "1", "--lasts", "5 mins"]).is_err());
}

#[derive(Parser)]
struct TestLine {
    #[command(flatten)]
    args: super::test_command::TestArgs,
}

#[test]
fn a_word_that_is_no_folder_and_no_name_of_a_test_is_named_itself() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.toml"), RULES).unwrap();
    let gone = dir.path().join("gone");
    for (configured, lang, says) in [
        (&*gone, "en", "`nosuch` is no folder of rules"),
        (&gone, "zh", "`nosuch` 不是规则文件夹"),
        (dir.path(), "en", "has nosuch in its name, and no folder is called so"),
        (dir.path(), "zh", "没有名称含 nosuch 的测试，也没有这样的文件夹"),
    ] {
        let TestLine { args } = TestLine::try_parse_from(["test", "nosuch", "--lang", lang]).unwrap();
        let error = super::test_command::run(&args, configured, hotline_rules::Style::Plain).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn explain_exits_2_if_the_rules_can_not_be_read_and_1_if_they_are_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let run = |dir: &Path| {
        let words = ["explain", "--from", "13800138000", "--at", "2026-11-18T10:00:00", "--rules", &dir.display().to_string()];
        let line = Line::try_parse_from(words).unwrap();
        format!("{:?}", super::explain::run(&line.args, dir, hotline_rules::Style::Plain).unwrap())
    };
    let code = |code: u8| format!("{:?}", std::process::ExitCode::from(code));
    assert_eq!(run(&dir.path().join("gone")), code(2));
    std::fs::write(dir.path().join("a.toml"), "x = 1\n").unwrap();
    assert_eq!(run(dir.path()), code(1));
    std::os::unix::fs::symlink("/etc/hostname", dir.path().join("b.toml")).unwrap();
    assert_eq!(run(dir.path()), code(2));
}

/// What `explain` says of a call in these further rules.
fn explained_with(more: &str, line: &str) -> String {
    let dir = folder_with("");
    std::fs::write(dir.path().join("more.toml"), more).unwrap();
    let Ok(revision) = folder::load(dir.path(), &[], None) else { panic!("the rules load") };
    let args = Line::parse_from(std::iter::once("explain").chain(line.split('|'))).args;
    let outcome = rehearse(&revision.plan, &revision.prompts, &situation(&args, &revision.plan).unwrap()).unwrap();
    explained(&outcome, &args).replace(&dir.path().display().to_string(), "rules")
}

#[test]
fn the_last_line_says_what_became_of_callers_who_reach_nobody() {
    let block = "[[block]]\nanonymous = true\nanswer = \"announcement\"\nsay = \"goodbye\"\n[[block]]\nnumbers = [\"13900009999\"]\n";
    let last = |more: &str, line: &str| explained_with(more, line).lines().last().unwrap_or_default().to_owned();
    let at = "--at|2026-11-18T10:00|--keys|1|--lang|en";
    assert_eq!(last(block, &format!("--from|anonymous|{at}")), "=> on the block list (rules/more.toml:1): told goodbye, and hung up");
    assert_eq!(last(block, &format!("--from|13900009999|{at}")), "=> refused with 603: on the block list (rules/more.toml:5)");
    let unknown = last("", &format!("--from|1|--to|96999|{at}"));
    assert_eq!(unknown, "=> refused with 404: the rules have no number `96999`; they have: hotline, late");
}

#[test]
fn explain_takes_what_tests_take() {
    let lookup = "[lookup.crm]\nurl = \"http://127.0.0.1:1/{number}\"\n[survey]\nqueues = [\"line\"]\n\
        questions = [{ dimension = \"attitude\", say = \"survey-attitude\" }]\n";
    let text = explained_with(
        lookup,
        "--customer|华东贸易|--at|2026-11-18T10:00|--keys|1|--lookup|crm={ priority = \"urgent\" }|--lang|en|--reveal",
    );
    assert!(text.contains("13800138000 dials hotline") && text.contains("priority urgent"), "{text}");
    let late = explained_with(lookup, "--from|1|--at|2026-11-18T10:00|--keys|1|--lookup|crm=timeout|--lang|en");
    assert!(late.contains("priority ordinary"), "{late}");
    let dir = folder_with("");
    let Ok(revision) = folder::load(dir.path(), &[], None) else { panic!("the rules load") };
    let wrong = |more: &str| {
        let line = format!("explain|--from|1|--at|2026-11-18T10:00|--lang|en|{more}");
        format!("{:#}", situation(&Line::parse_from(line.split('|')).args, &revision.plan).unwrap_err())
    };
    assert_eq!(wrong("--owner|9999"), "--owner: the rules have no seat `9999`");
    assert_eq!(wrong("--lookup|cmr=timeout"), "--lookup: unknown look-up `cmr`");
}

#[test]
fn a_caller_may_be_written_as_in_files() {
    for (written, number) in [
        ("tel:+86-138-0013-8000", Some("+86-138-0013-8000")),
        ("tel:13800138000;phone-context=+86", Some("+8613800138000")),
        ("sip:13800138000@example.com;user=phone", Some("13800138000")),
        ("１３８００１３８０００", Some("13800138000")),
        ("anonymous", None),
    ] {
        assert_eq!(hotline_rules::trial::parse_caller(written).unwrap().as_deref(), number, "{written}");
    }
}

#[test]
fn keys_that_had_no_turn_are_told_and_keys_without_quotes_are_named() {
    let dir = folder_with(
        "[[test]]\nname = \"too many\"\ngiven = { at = 2026-11-18T10:00:00, keys = \"1234\" }\nexpect = { queue = \"line\", callback = false }\n",
    );
    let results = run(dir.path());
    assert_eq!(results.failed(), 0);
    assert!(results.tests(Lang::En).contains("note: keys that were never pressed: `2` `3` `4`"), "{}", results.tests(Lang::En));
    assert!(results.tests(Lang::Zh).contains("注意: 没有按到的键：`2` `3` `4`"), "{}", results.tests(Lang::Zh));
    let wrong = "[[test]]\nname = \"x\"\ngiven = { at = 2026-11-18T10:00:00, keys = 1 }\nexpect = { queue = \"line\" }\n";
    std::fs::write(dir.path().join("tests/one.toml"), wrong).unwrap();
    let Err(NotRun::Findings(found, _)) = run_tests(dir.path(), &[], Lang::En) else { panic!("there is a finding") };
    assert!(found[0].message.of(Lang::En).contains("a text in quotes"), "{:?}", found[0].message);
}

const CALL_BACK: &str = r#"
[[number]]
name = "back"
menu = "back"
[menu.back]
say = ["main-menu"]
[menu.back.keys]
6 = { callback = "later" }
0 = { queue = "line" }
[[queue]]
name = "later"
callback = { key = "2" }
step = [{ requires = "any >= 1" }]
[[trunk]]
name = "carrier"
contact = "sip:192.0.2.9"
from = "02112345678"
[outbound]
allow = ["1x{10}"]
"#;

#[test]
fn a_call_back_and_a_refusal_written_as_a_text_can_be_expected() {
    let dir = folder_with(
        r#"
given = { at = 2026-11-18T10:00:00, from = "13900000001" }
[[test]]
name = "called back"
given = { to = "back", keys = "61" }
expect = { callback = true }
[[test]]
name = "refused"
given = { to = "nowhere" }
expect = { refused = "404" }
"#,
    );
    std::fs::write(dir.path().join("back.toml"), CALL_BACK).unwrap();
    let results = run(dir.path());
    assert_eq!(results.failed(), 0, "{}", results.tests(Lang::En));
}
