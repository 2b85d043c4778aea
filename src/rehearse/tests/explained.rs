//! What `hotline rules explain` says of departments, of the reserve and of replies that nobody hears.

use super::super::test_command::{NotRun, run_tests};
use super::{Line, explained, explained_with, folder_with, rehearse, run, situation};
use crate::cli::words::Lang;
use crate::folder;
use clap::Parser;

const DEPARTMENTS: &str = r#"
[[department]]
name = "network"
label = { zh = "网络部", en = "Network" }
seats = ["1002", "1001"]
[[department]]
name = "billing"
label = { zh = "账务部", en = "Billing" }
queue = "line"
[[person]]
name = "zhang"
label = { zh = "张敏", en = "Zhang Min" }
seat = "1001"
[[number]]
name = "desk"
menu = "desk"
[menu.desk]
say = ["main-menu"]
[menu.desk.keys]
1 = { department = "network", otherwise = { queue = "line" } }
2 = { department = "billing" }
3 = { person = "zhang", otherwise = { queue = "line" } }
0 = { queue = "line" }
"#;

#[test]
fn a_way_to_a_department_or_a_person_is_told_with_its_name_and_its_seats_in_the_order_in_which_they_are_tried_r54() {
    let told = |key: char, lang: &str| {
        let line = format!("--from|13900000001|--to|desk|--at|2026-11-18T10:00|--keys|{key}|--lang|{lang}");
        explained_with(DEPARTMENTS, &line)
    };
    for (key, en, zh) in [
        (
            '1',
            "key 1 of menu desk (rules/more.toml:20): to department network (rules/more.toml:3): the first that is ready of seats 1002, 1001, then queue line\n",
            "菜单 desk 按 1 (rules/more.toml:20)：转部门 network (rules/more.toml:3)：先坐席 1002、1001 中第一个空闲的，再 line 排队\n",
        ),
        ('2', "to department billing (rules/more.toml:7): queue line\n", "转部门 billing (rules/more.toml:7)：进入 line 排队\n"),
        (
            '3',
            "to person zhang (rules/more.toml:11): seat 1001, then queue line\n",
            "转责任人 zhang (rules/more.toml:11)：先坐席 1001，再 line 排队\n",
        ),
    ] {
        let text = told(key, "en");
        assert!(text.contains(en) && !text.contains("sets seat"), "{text}");
        let text = told(key, "zh");
        assert!(text.contains(zh), "{text}");
    }
}

/// A queue whose seat 1001 is of its reserve.
fn reserved(limits: &str) -> String {
    let queue = "[[queue]]\nname = \"crowd\"\nstep = [{ requires = \"any >= 1\" }]\n[queue.reserve]\nseats = [\"1001\"]\n";
    format!("[[number]]\nname = \"crowd\"\nqueue = \"crowd\"\n{queue}{limits}")
}

#[test]
fn a_seat_of_the_reserve_is_told_with_what_it_waits_for_how_far_that_is_and_where_it_is_written() {
    let told = |limits: &str, more: &str| {
        let line = format!("--from|13900000001|--to|crowd|--at|2026-11-18T10:00|--seats|1002=busy 20s{more}");
        explained_with(&reserved(limits), &line)
    };
    let text = told("waiting = 5\n", "|--waiting|crowd=2|--lang|en");
    let part = "(rules/more.toml:6); its reserve serves while 5 calls wait (rules/more.toml:9; 3 up to this one):\n";
    assert!(text.contains(part), "{text}");
    assert!(text.contains("  ready, of the reserve  1001"), "{text}");
    let part = "the ready seats were of the reserve, and the queue was not crowded enough for it";
    assert!(text.contains(part) && !text.contains("refused"), "{text}");
    let both = "waiting = 5\nlongest = \"40s\"\n";
    let text = told(both, "|--lang|en");
    let part = "5 calls wait (rules/more.toml:9; 1 up to this one) or one has waited 40.0 s (rules/more.toml:10; this one 0.00 s):\n";
    assert!(text.contains(part), "{text}");
    let text = told(both, "|--lang|zh");
    let part = "；后备坐席在拥挤时才接：有 5 通来电在等（rules/more.toml:9；到这通为止 1 通）或有一通已等 40.0 秒（rules/more.toml:10；这通 0.00 秒）：\n";
    assert!(text.contains(part), "{text}");
}

#[test]
fn a_seat_of_the_reserve_that_serves_is_told_like_any_other() {
    let line = "--from|13900000001|--to|crowd|--at|2026-11-18T10:00|--seats|1002=answers 5s|--lang|en";
    let text = explained_with(&reserved("waiting = 1\n"), line);
    let heading = "; its reserve serves, for 1 call waits (rules/more.toml:9):\n";
    assert!(text.contains("chosen") && text.contains("ready, not as good  1001") && text.contains(heading), "{text}");
}

#[test]
fn replies_that_are_late_are_said_once_more_and_then_a_person_takes_over_r10_r9() {
    let dir = folder_with(
        r#"
given = { at = 2026-11-18T10:00:00, to = "second", keys = "5" }
[[test]]
name = "in time, but for the record"
given = { reply_late = "2s", keys = "51" }
expect = { menus = ["second", "third"], breached = [], said = ["main-menu", "goodbye"], answered = true }
[[test]]
name = "said once more"
given = { reply_late = ["4s"], keys = "51" }
expect = { menus = ["second", "third"], breached = ["K2"], said = ["main-menu", "goodbye"], queue = "line", answered = true }
[[test]]
name = "and then a person"
given = { reply_late = "4s" }
expect = { menus = ["second", "third"], breached = ["K2"], not_said = ["goodbye"], queue = "line", answered = true }
"#,
    );
    std::fs::write(dir.path().join("second.toml"), SECOND).unwrap();
    let results = run(dir.path());
    assert_eq!(results.failed(), 0, "{}", results.tests(Lang::En));
    for wrong in ["reply_late = \"2min\"", "reply_late = [\"x\"]", "reply_late = 4"] {
        let test = format!("[[test]]\nname = \"x\"\ngiven = {{ at = 2026-11-18T10:00:00, {wrong} }}\nexpect = {{ queue = \"line\" }}\n");
        std::fs::write(dir.path().join("tests/one.toml"), test).unwrap();
        let Err(NotRun::Findings(found, _)) = run_tests(dir.path(), &[], Lang::En) else { panic!("{wrong} is refused") };
        assert_eq!(found.len(), 1, "{wrong}");
    }
}

const SECOND: &str = r#"
[timers]
voice_response = "3s"
[[number]]
name = "second"
menu = "second"
[menu.second]
say = ["main-menu"]
[menu.second.keys]
5 = { menu = "third" }
0 = { queue = "line" }
[menu.third]
say = ["goodbye"]
failed = { queue = "line" }
[menu.third.keys]
1 = { queue = "line" }
0 = { queue = "line" }
"#;

#[test]
fn explain_tells_of_replies_that_are_late_with_the_limit_and_its_place_and_of_those_that_never_came_r10() {
    let told = |more: &str, lang: &str| {
        let line = format!("--from|13900000001|--to|second|--at|2026-11-18T10:00|--reply-late|{more}|--lang|{lang}");
        explained_with(SECOND, &line)
    };
    let text = told("4s|--keys|5", "en");
    for part in [
        "10:00:04  nothing of the reply is heard within 3.0 s (rules/more.toml:3): it is said again (R10)\n",
        "nor is it when said again: on without it, from a menu to a person (R9, R10)\n",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let text = told("4s,0s|--keys|51", "zh");
    assert!(text.contains("3.0 秒内没有听到应答 (rules/more.toml:3)：重播（R10）\n") && !text.contains("重播仍未听到"), "{text}");
    let text = told("4s,0s,4s|--keys|51", "en");
    assert!(text.contains("note: late replies that were never said: 1\n"), "{text}");
}

#[test]
fn a_seat_that_refused_the_call_is_paused_for_it_and_not_worse_than_whoever_was_chosen() {
    let rules = "[[number]]\nname = \"both\"\nqueue = \"both\"\n[[queue]]\nname = \"both\"\nstep = [{ requires = \"any >= 1\" }]\n\
        [assign.delays]\nbusy = \"7s\"\nrejected = \"9s\"\n";
    for (code, key, seconds) in [(486, "busy` rules/more.toml:8", 7), (603, "rejected` rules/more.toml:9", 9)] {
        let told = |lang: &str| {
            let line = format!("--from|13900000001|--to|both|--at|2026-11-18T10:00|--seats|1001=rejects {code}|--lang|{lang}");
            explained_with(rules, &line)
        };
        let (text, zh) = (told("en"), told("zh"));
        let paused = format!("paused after an offer that failed (`assign.delays.{key}), until it has waited {seconds}.0 s  1001");
        assert!(text.contains(&paused) && !text.contains("not as good  1001"), "{text}");
        assert!(zh.contains(&format!("派单未成后停派（`assign.delays.{key}），等待 {seconds}.0 秒 起可接  1001")), "{zh}");
    }
}

#[test]
fn a_seat_that_has_the_call_first_is_told_with_why_it_is_the_callers_own_r45_r54_r57() {
    let led = "[[number]]\nname = \"led\"\nmenu = \"led\"\n[menu.led]\nsay = [\"main-menu\"]\n[menu.led.keys]\n\
        1 = { department = \"network\", otherwise = { queue = \"evening\" } }\n0 = { queue = \"evening\" }\n";
    let told = |more: &str| explained_with(&format!("{DEPARTMENTS}{led}"), &format!("{more}|--at|2026-11-18T10:00"));
    for (line, en, zh) in [
        ("--from|13900000001|--to|led|--keys|1", "because the rules lead the call to it first.", "因为规则要先派给它。"),
        ("--from|13900000001|--to|late|--owner|1002", "it owns the caller's matter (R57).", "它是这件事的首问负责坐席（R57）。"),
        ("--from|13800138000|--to|late", "it is the customer's own agent (R45).", "它是该客户的专属坐席（R45）。"),
    ] {
        let (text, chinese) = (told(&format!("{line}|--lang|en")), told(&format!("{line}|--lang|zh")));
        assert!(text.contains("offered to seat 1002") && text.contains(en), "{text}");
        assert!(chinese.contains("派给坐席 1002") && chinese.contains(zh), "{chinese}");
        assert_eq!(text.contains("it owns the caller's matter"), line.contains("--owner"), "{text}");
    }
}

#[test]
fn a_customer_without_a_name_is_shown_without_the_middle_of_the_number_by_which_it_is_called() {
    let dir = folder_with(
        "[[test]]\nname = \"a\"\ngiven = { at = 2026-11-18T10:00:00, customer = \"+86216123\" }\nexpect = { queue = \"line\" }\n",
    );
    std::fs::write(dir.path().join("list.toml"), "[[customers]]\nfile = \"c.csv\"\n").unwrap();
    std::fs::write(dir.path().join("c.csv"), "number,agent\n02161230001,1002\n").unwrap();
    let Ok(revision) = folder::load(dir.path(), &[], None) else { panic!("the rules load") };
    for (lang, reveal, expected) in [
        ("en", "", "known as customer +86****0001 ("),
        ("zh", "", "客户 +86****0001 ("),
        ("en", "|--json", "known as customer +86****0001 ("),
        ("en", "|--reveal", "known as customer +862161230001 ("),
    ] {
        let line = format!("explain|--from|02161230001|--at|2026-11-18T10:00|--keys|1|--lang|{lang}{reveal}");
        let args = Line::parse_from(line.split('|')).args;
        let situation = situation(&args, &revision.plan).unwrap();
        let outcome = rehearse(&revision.plan, &revision.prompts, &situation).unwrap();
        let text = explained(&outcome, &args);
        assert!(text.contains(expected) && text.contains("2161230001") == reveal.contains("reveal"), "{text}");
    }
    let Err(NotRun::Findings(found, sources)) = run_tests(dir.path(), &[], Lang::En) else { panic!("there is no such customer") };
    let told = hotline_rules::render(&found, &sources, hotline_rules::Style::Plain, Lang::En);
    assert!(told.contains("HL130") && !told.contains("2161230001"), "{told}");
}

#[test]
fn a_number_of_no_form_is_told_as_it_came_and_moments_beyond_the_calendar_with_the_years_there_are() {
    let told = |from: &str, lang: &str| explained_with("", &format!("--from|{from}|--at|2026-11-18T10:00|--keys|1|--reveal|--lang|{lang}"));
    for from in ["021-61230001-123", "17951 13800138000"] {
        let (text, chinese) = (told(from, "en"), told(from, "zh"));
        let first = format!("{from} dials hotline (rules/rules.toml:10): to menu main\n            No number of the country or of another");
        assert!(text.contains(&first), "{text}");
        assert!(chinese.contains("国内国外都没有这种写法的号码，保持原样。\n"), "{chinese}");
    }
    assert!(told("+86 138-0013-9000", "en").contains("+8613800139000 dials hotline (rules/rules.toml:10): to menu main\n  10:00:00  menu"));
    let Ok(revision) = folder::load(folder_with("").path(), &[], None) else { panic!("the rules load") };
    for (at, good) in
        [("9998-12-31T10:00", true), ("9999-12-31T10:00", false), ("9999-12-31T10:00:00Z", false), ("0026-11-18T10:00", false)]
    {
        let args = Line::parse_from(["explain", "--from", "1", "--at", at, "--lang", "en"]).args;
        let made = situation(&args, &revision.plan).map(drop).map_err(|why| format!("{why:#}"));
        let expected = format!("--at: `{at}` is out of range: years are 1970 to 9998");
        assert_eq!(made, if good { Ok(()) } else { Err(expected) }, "{at}");
    }
}
