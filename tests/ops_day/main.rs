//! Days of people who write the rules of a running hotline: the real binary, real files, real calls.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod house;

use house::{House, until};
use serde_json::{Value, json};
use std::time::Instant;

const SEATS: &str = r#"[[language]]
code = "zh-CN"

[[skill]]
name = "any"

[[seat]]
name = "1001"
password = "k7T-wq2-4711"
skills = { any = 5 }
"#;

const MENU: &str = r#"[[number]]
name = "hotline"
menu = "main"

[menu.main]
say = ["main-menu"]
invalid = ["invalid-key"]
no_input = ["no-input"]

[menu.main.keys]
1 = { queue = "line" }
2 = { queue = "night" }
0 = { queue = "line" }

[[queue]]
name = "line"

[[queue.step]]
requires = "any >= 1"

[[queue]]
name = "night"

[[queue.step]]
requires = "any >= 1"
"#;

const TESTS: &str = r#"[[test]]
name = "按 1：进入 line"
given = { at = 2026-11-18T10:00:00, keys = "1" }
expect = { queue = "line" }

[[test]]
name = "按 2：进入 night"
given = { at = 2026-11-18T22:00:00, keys = "2" }
expect = { queue = "night" }
"#;

fn house() -> House {
    in_language("en")
}

fn in_language(lang: &'static str) -> House {
    House::start(lang, &[("10-seats.toml", SEATS), ("30-menu.toml", MENU), ("tests/menu.toml", TESTS)])
}

fn refused(house: &House, times: usize) -> String {
    let lines = until("a refusal in the log", || Some(house.logged("rules refused")).filter(|lines| lines.len() >= times));
    lines[times - 1]["message"].as_str().unwrap().to_owned()
}

fn body(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn ops_break_a_file_read_why_mend_it_see_a_test_fail_reload_and_roll_back() {
    let mut house = house();
    let first = house.call();
    assert_eq!(first, house.revision());

    // A file is broken: the log, the command and the API say where, and calls go on.
    let broken = MENU.replace("queue = \"night\" }", "queue = \"nihgt\" }");
    house.write("30-menu.toml", &broken);
    let saved = Instant::now();
    until("the figure of a refusal", || (house.figure("hotline_rules_refused")? == "1").then_some(()));
    eprintln!("a refusal is told {} ms after the file was saved", saved.elapsed().as_millis());
    let place = "rules/30-menu.toml:12:15";
    let metrics = house.ask("", "GET /metrics", "en", "").2;
    let info = metrics.lines().find(|line| line.starts_with("hotline_rules_refused_info{")).unwrap_or_default();
    assert!(info.contains(place) && info.contains("code=\"HL"), "{info}");
    let told = house.hotline(&["rules", "log"]);
    assert!(told.out.contains("are refused (HL") && told.out.contains(place), "{}", told.out);
    let said = refused(&house, 1);
    assert!(said.contains(place) && said.contains("did you mean `night`") && said.ends_with("The running rules stay."), "{said}");
    assert!(house.figure("hotline_rules_reload_failed_total").is_some_and(|times| times.parse::<f64>().unwrap() >= 1.0));
    assert_eq!(house.ask("", "GET /readyz", "en", "").0, 200, "it takes calls all the same");
    assert_eq!(house.call(), first);
    let told = house.hotline(&["rules", "reload"]);
    assert!(
        told.code == 1 && told.log.contains(&format!("{place}: error[HL")) && told.log.contains("the running ones stay"),
        "{}",
        told.log
    );

    // It is mended, and now key 2 leads elsewhere than a test says.
    house.write("30-menu.toml", MENU.replace("queue = \"night\" }", "queue = \"line\" }"));
    let said = refused(&house, 3);
    for part in [
        "FAIL  按 2：进入 night",
        "rules/tests/menu.toml:7",
        "`queue`",
        "expected",
        "night  (",
        "got",
        "line",
        "2 tests: 1 passed, 1 failed",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    let told = house.hotline(&["rules", "reload", "--lang", "zh"]);
    assert!(
        told.code == 1 && told.log.contains("期望") && told.log.contains("实际") && told.log.contains("仍使用当前规则"),
        "{}",
        told.log
    );
    assert_eq!(house.call(), first);

    // The test was what no longer held: it is mended, and that is enough to load the rules.
    house.write("tests/menu.toml", TESTS.replace("进入 night", "也进入 line").replace("queue = \"night\"", "queue = \"line\""));
    until("the new rules", || (house.figure("hotline_rules_refused")? == "0").then_some(()));
    let second = until("another revision", || Some(house.revision()).filter(|revision| *revision != first));
    assert_eq!(house.call(), second);
    let told = house.hotline(&["rules", "reload", "--note", "夜班并入 line"]);
    assert!(told.code == 0 && told.out.contains(&format!("{second} runs: 1 seat, 2 of 2 tests passed")), "{}{}", told.out, told.log);

    // What is different, and who did it.
    let diff = house.hotline(&["rules", "diff", &first, "running"]);
    assert!(diff.code == 1 && diff.out.contains("-2 = { queue = \"night\" }\n+2 = { queue = \"line\" }\n"), "{}", diff.out);
    let log = body(&house.hotline(&["rules", "log", "--json"]).out);
    let hows: Vec<&str> = log["lines"].as_array().unwrap().iter().map(|line| line["how"].as_str().unwrap()).collect();
    assert_eq!(hows, ["api", "watch", "start"]);
    assert_eq!(
        (&log["lines"][0]["note"], &log["lines"][0]["tests"]),
        (&json!("夜班并入 line"), &json!({ "run": 2, "failed": 0, "before": null }))
    );

    // Back: the running rules, the files, and the next call's record.
    let told = house.hotline(&["rules", "rollback", &first[..6], "--note", "夜班无人接听"]);
    assert!(told.code == 0 && told.out.contains(&format!("{first} runs again")), "{}{}", told.out, told.log);
    assert_eq!(house.call(), first);
    assert_eq!(std::fs::read_to_string(house.path("30-menu.toml")).unwrap(), MENU);
    assert_eq!(std::fs::read_to_string(house.path("tests/menu.toml")).unwrap(), TESTS);
    house.hang_up_signal();
    until("a load by SIGHUP", || {
        let log = body(&house.hotline(&["rules", "log", "--json"]).out);
        (log["lines"][0]["how"] == "sighup").then_some(())
    });
    assert_eq!(house.call(), first, "the files are those that run");

    // A restart comes up with them; and what was kept can be looked at without a hotline.
    house.end();
    let log = house.hotline(&["rules", "log", "-n", "3"]).out;
    assert!(log.contains(&format!("{first} *")) && log.contains("rollback") && log.contains("夜班无人接听"), "{log}");
    let shown = house.hotline(&["rules", "show", &first, "10-seats.toml"]).out;
    assert!(shown.contains("password = \"***\"") && !shown.contains("k7T"), "{shown}");
    assert_eq!(house.hotline(&["rules", "diff", &first, "files"]).code, 0);
    house.run();
    assert_eq!((house.call(), house.logged("not those that ran").len()), (first, 0));
}

#[test]
fn a_refused_reload_and_a_rollback_through_the_api_in_chinese() {
    let mut house = in_language("zh");
    let first = house.revision();
    let (ops, auditor) = (house.person("wang", "ops"), house.person("li", "auditor"));
    house.write("30-menu.toml", MENU.replace("requires = \"any >= 1\"", "requires = \"anny >= 1\""));
    let reload = |token: &str| house.ask(token, "POST /api/v1/rules/reload", "zh-CN", "{\"note\":\"试一试\"}");
    let (status, head, text) = until("a person who is known", || Some(reload(&ops)).filter(|(status, ..)| *status != 401));
    let problem = body(&text);
    assert_eq!((status, &problem["code"]), (409, &json!("rules_refused")), "{text}");
    assert!(head.contains("application/problem+json") && head.contains("content-language: zh"), "{head}");
    assert_eq!(problem["detail"], "规则有错误；仍使用当前规则");
    let found = &problem["diagnostics"][0];
    assert!(found["file"].as_str().unwrap().ends_with("rules/30-menu.toml") && found["line"].as_u64() > Some(0), "{found}");
    assert!(found["message"].as_str().unwrap().chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{found}");

    house.write("30-menu.toml", MENU.replace("queue = \"night\" }", "queue = \"line\" }"));
    let (status, _, text) = house.ask(&ops, "POST /api/v1/rules/reload", "zh-CN", "");
    let problem = body(&text);
    assert_eq!((status, &problem["code"]), (409, &json!("rules_tests_failed")), "{text}");
    let (test, found) = (&problem["failed_tests"][0], &problem["diagnostics"][0]);
    assert_eq!(
        (&test["name"], &test["differs"][0]["expected"], &test["differs"][0]["got"]),
        (&json!("按 2：进入 night"), &json!("night"), &json!("line"))
    );
    assert!(found["code"] == "HL199" && found["message"].as_str().unwrap().contains("期望 night，实际 line"), "{found}");

    // Tests that are emptied let nothing pass.
    house.write("tests/menu.toml", "");
    let (_, _, text) = until("tests that are missed", || {
        Some(house.ask(&ops, "POST /api/v1/rules/reload", "zh-CN", "")).filter(|(_, _, text)| text.contains("HL332"))
    });
    assert!(text.contains("规则的测试不见了：原有 2 个"), "{text}");
    house.write("tests/menu.toml", TESTS.replace("queue = \"night\"", "queue = \"line\""));
    let (status, _, text) = until("rules that are loaded", || {
        Some(house.ask(&ops, "POST /api/v1/rules/reload", "zh", "{\"note\":\"并入\"}")).filter(|(status, ..)| *status == 200)
    });
    assert_eq!((status, &body(&text)["tests"]), (200, &json!({ "run": 2, "failed": 0, "before": null })));
    let second = house.revision();
    let (status, _, text) = house.ask(&auditor, &format!("GET /api/v1/rules/diff?from={first}&to=running"), "zh", "");
    assert!(status == 200 && body(&text)["diff"].as_str().unwrap().contains("+2 = { queue = \"line\" }"), "{text}");
    for (line, asked, status, code) in [
        ("POST /api/v1/rules/rollback", json!({ "to": "rffffffff" }), 404, "no_such_revision"),
        ("POST /api/v1/rules/rollback", json!({ "to": &second }), 409, "revision_runs"),
        ("POST /api/v1/rules/rollback", json!({ "to": "" , "x": 1}), 422, "unfit"),
    ] {
        let (found, _, text) = house.ask(&ops, line, "zh", &asked.to_string());
        assert_eq!((found, &body(&text)["code"]), (status, &json!(code)), "{text}");
    }
    assert_eq!(house.ask(&auditor, "POST /api/v1/rules/rollback", "zh", &json!({ "to": &first }).to_string()).0, 403);
    let asked = json!({ "to": &first[..5], "note": "投诉" }).to_string();
    let (status, _, text) = house.ask(&ops, "POST /api/v1/rules/rollback", "zh", &asked);
    assert_eq!((status, &body(&text)["revision"], &body(&text)["before"]), (200, &json!(first), &json!(second)), "{text}");
    assert_eq!(house.call(), first);
    let (_, _, text) = house.ask(&auditor, "GET /api/v1/rules/log?limit=2", "zh", "");
    let log = body(&text);
    assert_eq!(
        (&log["running"], &log["lines"][0]["by"], &log["lines"][0]["how"], &log["lines"][0]["note"]),
        (&json!(first), &json!("wang"), &json!("rollback"), &json!("投诉"))
    );
    assert!(house.hotline(&["audit", "verify"]).code == 0);
    for told in ["规则未被采用，仍使用当前规则：", "期望", "规则已加载"] {
        assert!(!house.logged(told).is_empty(), "{told} is not in\n{}", house.log());
    }
}

#[test]
fn a_rollback_from_files_that_nobody_can_read_loses_none_of_them() {
    let mut house = house();
    let first = house.revision();
    house.write("20-gbk.toml", b"name = \"\xbf\xcd\xb7\xfe\"");
    house.write("30-menu.toml", "[[queue");
    let said = refused(&house, 1);
    assert!(said.contains("HL195") && said.contains("20-gbk.toml"), "{said}");
    std::fs::create_dir(house.path("dir.toml")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(house.path("pipe.toml")).status().unwrap().success());
    let told = house.hotline(&["rules", "rollback", "running", "--json"]);
    assert_eq!(told.code, 0, "{}{}", told.out, told.log);
    let done = &body(&told.out)["result"];
    assert_eq!(done["revision"], json!(first));
    assert!(house.path("20-gbk.toml.set-aside").exists() && !house.path("20-gbk.toml").exists());
    assert_eq!(std::fs::read_to_string(house.path("30-menu.toml")).unwrap(), MENU);
    let shown = house.hotline(&["rules", "show", done["before"].as_str().unwrap(), "30-menu.toml"]).out;
    assert_eq!(shown, "[[queue", "what was in the folder is kept");
    let log = body(&house.hotline(&["rules", "log", "--json"]).out);
    assert_eq!(log["lines"][1]["how"], "set_aside");
    assert_eq!(house.figure("hotline_rules_refused").as_deref(), Some("0"));

    // Pipes and directories are left out, told, and hold nothing up.
    house.write("30-menu.toml", MENU.replace("[menu.main]\n", "[menu.main]\nwait = \"6s\"\n"));
    let second = until("new rules beside a pipe", || Some(house.revision()).filter(|revision| *revision != first));
    assert!(house.log().contains("HL191"), "{}", house.log());
    assert_eq!(house.call(), second);

    // Files that were changed while no hotline ran are used, and it is said loudly that they are others.
    house.end();
    house.write("30-menu.toml", MENU);
    house.run();
    let told = house.logged("not those that ran");
    assert_eq!((told.len(), &told[0]["before"], &told[0]["now"]), (1, &json!(second), &json!(first)));
    assert_eq!(house.call(), first);
}

#[test]
fn a_start_with_broken_files_runs_what_ran_last_and_says_so_until_they_are_mended() {
    let mut house = house();
    let first = house.revision();
    house.end();
    house.write("30-menu.toml", MENU.replace("queue = \"night\" }", "queue = \"nihgt\" }"));
    let place = "rules/30-menu.toml:12:15";
    let strict = house.run_in_vain(&["--strict"]);
    assert!(strict.code == 2 && strict.log.contains(place) && strict.log.contains("Nothing was started."), "{}", strict.log);
    let told = house.hotline(&["doctor"]);
    assert!(told.code == 1 && told.out.contains(&format!("a start would go on with {first}")), "{}", told.out);
    let told = house.hotline(&["doctor", "--lang", "zh"]);
    assert!(told.code == 1 && told.out.contains(&format!("启动时会使用上次运行的 {first}")), "{}", told.out);

    house.run();
    assert_eq!(house.call(), first, "callers are served");
    let said = house.logged("rules refused at the start").pop().unwrap()["message"].as_str().unwrap().to_owned();
    assert!(said.contains(place) && said.contains("did you mean `night`"), "{said}");
    assert_eq!(
        (house.figure("hotline_rules_refused").as_deref(), house.figure("hotline_rules_reload_failed_total").as_deref()),
        (Some("1"), Some("1"))
    );
    assert_eq!(body(&house.ask("", "GET /api/v1/rules", "en", "").2)["refused"], true);
    let told = house.hotline(&["doctor"]);
    assert!(told.code == 1 && told.out.contains(&format!("the hotline runs on {first}")), "{}", told.out);
    assert_eq!(body(&house.hotline(&["rules", "log", "--json"]).out)["lines"][0]["how"], "last_good");

    house.write("30-menu.toml", MENU.replace("[menu.main]\n", "[menu.main]\nwait = \"6s\"\n"));
    until("the mended files", || (house.figure("hotline_rules_refused")? == "0").then_some(()));
    let second = until("another revision", || Some(house.revision()).filter(|revision| *revision != first));
    assert_eq!(house.call(), second);

    // And back to files that nobody ever ran with.
    house.end();
    std::fs::remove_dir_all(house.data("rules")).unwrap();
    house.write("30-menu.toml", "[[queue");
    assert_eq!(house.run_in_vain(&[]).code, 2, "nothing is kept that could run");
}

#[test]
fn rows_of_customers_are_shown_to_nobody_and_their_numbers_stand_in_no_log() {
    let house = house();
    let first = house.revision();
    house.write("customers.csv", "number,name,customer_type\n13800138000,华东贸易,vip\n13900139000,Smith,vip\n");
    house.write("60-customers.toml", "[[customers]]\nfile = \"customers.csv\"\n");
    let second = until("rules with customers", || Some(house.revision()).filter(|revision| *revision != first));
    let (auditor, agent) = (house.person("li", "auditor"), house.person("zhao", "supervisor"));
    let whole = |text: &str| ["13800138000", "13900139000"].iter().any(|number| text.contains(number));
    for path in ["files".to_owned(), format!("files?revision={second}"), format!("diff?from={first}&to=running")] {
        let line = format!("GET /api/v1/rules/{path}");
        let (status, _, text) =
            until("a person who is known", || Some(house.ask(&auditor, &line, "en", "")).filter(|(status, ..)| *status != 401));
        assert!(
            status == 200 && text.contains("customers.csv") && text.contains("rows") && !whole(&text) && !text.contains("华东贸易"),
            "{text}"
        );
        assert_eq!(house.ask(&agent, &line, "en", "").0, 403);
    }
    for words in [&["rules", "diff", &*first, "running"][..], &["rules", "show", &second, "customers.csv"]] {
        let told = house.hotline(words);
        assert!(told.out.contains("rows") && !whole(&told.out), "{}", told.out);
    }
    house.write("customers.csv", "number,name,customer_type\n13800138000,华东贸易,vpi\n13900139000,Smith,vip\n13900139000,Jones,vip\n");
    let said = refused(&house, 1);
    assert!(said.contains("138****8000,华东贸易,vpi") && said.contains("`139****9000` is the number of two customers"), "{said}");
    let (_, _, told) = house.ask("", "POST /api/v1/rules/reload", "en", "");
    assert!(told.contains("customers.csv") && !whole(&told) && !whole(&house.log()), "{told}");
}

#[test]
fn an_announcement_is_switched_in_a_running_hotline_is_heard_and_outlives_a_crash_r151() {
    let fault = "[[announcement]]\nname = \"fault\"\nsay = \"network-fault\"\n";
    let mut house = House::start("en", &[("10-seats.toml", SEATS), ("30-menu.toml", MENU), ("35-fault.toml", fault)]);
    let heard = |house: &mut House| {
        house.call();
        let calls = body(&house.hotline(&["calls", "list", "--json", "--limit", "1"]).out);
        let call = calls[0]["call"].as_str().unwrap_or_else(|| panic!("{calls}")).to_owned();
        let told = house.hotline(&["why", &call, "--lang", "en"]);
        assert_eq!(told.code, 0, "{}", told.log);
        told.out.contains("Announcement fault (rules/35-fault.toml:2), on at the time, was said (R151).")
    };
    assert!(!heard(&mut house));
    let told = house.hotline(&["announce", "on", "fault", "--note", "光缆中断"]);
    assert!(told.code == 0 && told.out.contains("fault"), "{}{}", told.out, told.log);
    assert!(heard(&mut house));
    let list = body(&house.hotline(&["announce", "list", "--json"]).out);
    assert_eq!((&list["announcements"][0]["on"], &list["announcements"][0]["note"]), (&json!(true), &json!("光缆中断")));
    house.crash();
    house.run();
    assert!(heard(&mut house), "the journal has it, if the state file has it not yet");
    assert_eq!(house.hotline(&["announce", "off", "fault"]).code, 0);
    assert!(!heard(&mut house));
    house.crash();
    house.run();
    assert!(!heard(&mut house));
    let none = house.hotline(&["announce", "on", "strom"]);
    assert!(none.code == 1 && none.log.contains("no such announcement"), "{}{}", none.out, none.log);
}

/// The shipped files and their tests.
fn shipped() -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("routing-rules");
    let mut files = Vec::new();
    for folder in ["", "tests"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "toml") {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files
}

/// What README shows in this block behind "Try it", with paths as this house has them.
fn tried(block: usize) -> Vec<String> {
    let readme = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let behind = readme.split_once("\nTry it: ").unwrap().1.to_owned();
    let shown = behind.split("\n```").nth(2 * block + 1).unwrap().to_owned();
    shown.lines().skip(1).map(|line| line.replace("routing-rules/", "rules/").trim_end().to_owned()).collect()
}

/// Whether a text has these lines in their order; `...` stands for any.
fn has_lines(text: &str, wanted: &[String]) -> Result<(), String> {
    let mut lines = text.lines().map(str::trim_end);
    for wanted in wanted.iter().filter(|wanted| *wanted != "...") {
        lines.find(|line| line == wanted).ok_or_else(|| format!("{wanted:?} is not, or not there, in\n{text}"))?;
    }
    Ok(())
}

#[test]
fn what_readme_tells_to_try_comes_as_it_shows() {
    let files = shipped();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    let house = House::start("en", &files);
    let menu = files.iter().find(|(name, _)| *name == "30-menu.toml").unwrap().1;
    let first = house.revision();
    let gate = menu.replacen("closed = \"service\"", "closed = \"daily\"", 1);
    let (before, key) = menu.split_once("\n3 = ").unwrap();
    let key = format!("{before}\n3 = {}", key.replacen("queue = \"complaint\"", "queue = \"service\"", 1));
    for (times, changed) in [(1, gate), (2, key)] {
        assert_ne!(changed, menu);
        house.write("30-menu.toml", changed);
        has_lines(&refused(&house, times), &tried(times - 1)).unwrap();
    }
    assert_eq!(house.revision(), first);
}
