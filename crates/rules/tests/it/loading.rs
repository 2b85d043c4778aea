//! What a plan becomes, and what stays from one to the next.

use crate::support::{after, file, plan};
use hotline_model::{Lang, LanguageId};
use hotline_rules::{Go, Options, Say, Severity, Source, Style, Tier, load, load_with, render, summary};
use std::time::Duration;

const BASE: &str = r#"
skill = [{ name = "a" }, { name = "b" }]
region = [{ name = "east" }, { name = "west" }]
queue = [{ name = "one", step = [{ requires = "b >= 2" }] }, { name = "two" }]
seat = [{ name = "1001", password = "x", region = "west", skills = { a = 3, b = 4 } }, { name = "1002", password = "y" }]
number = [{ name = "hotline", queue = "one" }]
"#;

#[test]
fn what_a_file_leaves_out_has_the_default_of_the_manual() {
    let plan = plan(BASE);
    assert_eq!(plan.timers.answer, Duration::from_secs(30));
    assert_eq!(plan.timers.pickup, Duration::from_secs(3));
    assert_eq!(plan.assign.tiers.iter().map(|(tier, _)| *tier).collect::<Vec<_>>(), [Tier::InternalNear, Tier::Internal, Tier::External]);
    let codes: Vec<&str> = plan.languages.iter().map(|language| &*language.code).collect();
    assert_eq!(codes, ["zh-CN", "en"]);
    assert_eq!(plan.numbers[0].language, LanguageId(0));
    assert!(plan.seats[0].sign_in && !plan.seats[0].ping && !plan.seats[0].cleared);
}

#[test]
fn only_a_seat_at_an_address_that_nobody_pings_is_reachable_without_a_word_from_it() {
    let reachable = |facts: &str| {
        let plan = plan(&BASE.replace("{ name = \"1002\", password = \"y\" }", &format!("{{ name = \"1002\", {facts} }}")));
        plan.seats[1].always_reachable()
    };
    for contact in ["sip:1002@192.0.2.7", "sip:1002@192.0.2.7:5080;transport=tcp", "sip:192.0.2.7", "sip:a@b@[2001:db8::7]:5060?x=1"] {
        assert!(reachable(&format!("contact = \"{contact}\"")), "{contact}");
        assert!(!reachable(&format!("contact = \"{contact}\"\nping = true").replace('\n', ", ")), "{contact}");
    }
    for contact in ["sip:1002@phone7.office:5060", "sip:192.0.2.7@office"] {
        assert!(!reachable(&format!("contact = \"{contact}\"")), "{contact}");
    }
    assert!(!reachable("password = \"y\""));
}

#[test]
fn ids_stay_when_things_come_go_and_change_places() {
    let first = plan(BASE);
    let second = after(
        r#"
skill = [{ name = "c" }, { name = "b" }]
region = [{ name = "north" }, { name = "west" }]
queue = [{ name = "three" }, { name = "two" }]
seat = [{ name = "1003", password = "x", skills = { c = 5 } }, { name = "1001", password = "x", region = "west", skills = { b = 4 } }]
number = [{ name = "hotline", queue = "two" }]
"#,
        Some(&first),
    );
    let all = |items: Vec<(&str, bool)>| {
        items.iter().map(|(name, retired)| format!("{name}{}", if *retired { "-" } else { "" })).collect::<Vec<_>>()
    };
    assert_eq!(all(second.skills.iter().map(|one| (&*one.name, one.retired)).collect()), ["a-", "b", "c"]);
    assert_eq!(all(second.regions.iter().map(|one| (&*one.name, one.retired)).collect()), ["east-", "west", "north"]);
    assert_eq!(all(second.queues.iter().map(|one| (&*one.name, one.retired)).collect()), ["one-", "two", "three"]);
    assert_eq!(all(second.seats.iter().map(|one| (&*one.name, one.retired)).collect()), ["1001", "1002-", "1003"]);
    assert_eq!(second.seats.iter().map(|seat| seat.proficiency.len()).collect::<Vec<_>>(), [3, 3, 3]);
    assert_eq!(second.seats[0].proficiency, [0, 4, 0]);
    assert_eq!(second.queues[0].steps[0].requires, first.queues[0].steps[0].requires);
    assert_eq!(second.seat_names.get("1002"), None);
    assert_eq!(second.queue_names.get("one"), None);
    let third = after(BASE, Some(&second));
    assert_eq!(all(third.seats.iter().map(|one| (&*one.name, one.retired)).collect()), ["1001", "1002", "1003-"]);
}

#[test]
fn a_removed_skill_can_no_longer_be_asked_for() {
    let first = plan(BASE);
    let sources = file(&BASE.replace(r#"{ name = "a" }, "#, ""));
    let found = load(&sources, Some(&first)).unwrap_err();
    assert_eq!((found[0].code, found[0].message.of(Lang::En)), ("HL012", "unknown skill `a`"));
}

#[test]
fn a_retired_queue_announces_the_hours_of_the_calendar_of_the_same_name() {
    let calendars = r#"
calendar.x = { zone = "Asia/Shanghai", hours = { daily = "08:00-09:00" } }
calendar.y = { zone = "Asia/Shanghai", hours = { daily = "10:00-11:00" } }
"#;
    let queue = r#"queue = [{ name = "one", announce = [{ hours = "y" }, { hours = "x" }, "please-wait"] }, { name = "two" }]"#;
    let rest = "\nnumber = [{ name = \"n\", queue = \"two\" }]";
    let first = plan(&format!("{queue}{rest}{calendars}"));
    let without_x = calendars.lines().nth(2).unwrap();
    let second = after(&format!("queue = [{{ name = \"two\" }}]{rest}\n{without_x}"), Some(&first));
    let announced = &second.queues[0].announce;
    assert!(matches!(announced.as_slice(), [Say::Hours(only), Say::Prompt(_)] if &*second.calendar(*only).name == "y"), "{announced:?}");
}

#[test]
fn the_revision_is_the_content_in_the_order_of_names() {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let (a, b) = (source("a.toml", BASE), source("b.toml", "timers.answer = \"20s\""));
    let revision = |sources: &[Source]| load(sources, None).unwrap().plan.revision;
    assert_eq!(revision(&[a.clone(), b.clone()]), revision(&[b.clone(), a.clone()]));
    assert_ne!(revision(&[a.clone(), b.clone()]), revision(std::slice::from_ref(&a)));
    assert_ne!(revision(&[a.clone(), b.clone()]), revision(&[a.clone(), source("b.toml", "timers.answer = \"21s\"")]));
    assert_ne!(revision(&[a.clone(), b]), revision(&[a, source("c.toml", "timers.answer = \"20s\"")]));
}

#[test]
fn settings_of_one_table_may_stand_in_several_files_but_only_once_each() {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let sources = |second: &str| [source("a.toml", BASE), source("b.toml", "timers.answer = \"20s\""), source("c.toml", second)];
    let both = load(&sources("timers.ring_per_offer = \"8s\""), None).unwrap().plan.timers;
    assert_eq!((both.answer, both.ring_per_offer), (Duration::from_secs(20), Duration::from_secs(8)));
    let found = load(&sources("timers.answer = \"25s\""), None).unwrap_err();
    assert_eq!((found[0].code, found[0].file), ("HL008", 2));
}

#[test]
fn an_answer_limit_beyond_30_s_needs_an_override_r5() {
    let long = |reason: &str| load(&file(&format!("{BASE}\n[timers]\nanswer = \"45s\"\n{reason}")), None);
    let found = long("").unwrap_err();
    assert_eq!((found[0].code, found[0].rule), ("HL044", Some("R5")));
    assert_eq!(long("manual_override = \"agreed\"").unwrap().plan.timers.answer, Duration::from_secs(45));
    assert!(long("manual_override = true").is_ok());
    assert!(long("manual_override = false").is_err() && long("manual_override = \" \"").is_err());
}

#[test]
fn no_override_lifts_the_3_s_of_pick_up_r2() {
    let found = load(&file(&format!("{BASE}\n[timers]\npickup = \"4s\"\nmanual_override = true")), None).unwrap_err();
    assert_eq!(found[0].rule, Some("R2"));
}

#[test]
fn too_many_wrong_inputs_do_what_0_does_unless_told_otherwise_r9() {
    let plan = plan(&format!("{BASE}\nmenu.m = {{ keys = {{ 0 = {{ say = \"wait\", queue = \"two\" }} }} }}\n[[language]]\ncode = \"en\""));
    assert_eq!(plan.menus[0].failed.go, Go::Queue(*plan.queue_names.get("two").unwrap()));
    assert_eq!(plan.menus[0].failed.say, [Say::Prompt("wait".into())]);
    assert_eq!((plan.menus[0].attempts, plan.menus[0].wait), (3, Duration::from_secs(5)));
}

fn years_missing(today: &str) -> Vec<String> {
    let calendar = r#"
calendar.x = { zone = "Asia/Shanghai", hours = { daily = "08:00-09:00" }, holidays = ["y"] }
holidays.y = { year = 2026, off = [2026-01-01] }
"#;
    let options = Options { today: Some(today.parse().unwrap()), ..Options::default() };
    let loaded = load_with(&file(&format!("{BASE}{calendar}")), None, &options).unwrap();
    loaded.warnings.into_iter().filter(|one| one.code == "HL060").map(|one| one.message.en.into_owned()).collect()
}

#[test]
fn a_missing_holiday_list_is_warned_of_from_60_days_before_the_year_ends() {
    assert_eq!(years_missing("2026-10-31"), [""; 0]);
    assert_eq!(years_missing("2026-11-01"), ["no holiday list for 2027 in calendar `x`"]);
    assert_eq!(years_missing("2027-03-01"), ["no holiday list for 2027 in calendar `x`"]);
    assert_eq!(years_missing("2027-12-01").len(), 2);
}

#[test]
fn all_findings_come_in_one_run_in_the_order_of_files() {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let sources = [
        source("b.toml", "timers.answer = 5\n[[queue]]\nname = \"x\"\nlimits = 5"),
        source("a.toml", "[[seat]]\nname = \"1\"\nskills = { nothing = 4 }\nregion = \"mars\""),
    ];
    let found = load(&sources, None).unwrap_err();
    let codes: Vec<(usize, &str)> = found.iter().map(|one| (one.file, one.code)).collect();
    assert_eq!(codes, [(1, "HL004"), (1, "HL070"), (1, "HL012"), (1, "HL013"), (0, "HL003"), (0, "HL002")]);
    assert_eq!(summary(&found, &sources, Lang::En), "5 errors, 1 warning in 2 files.");
}

#[test]
fn findings_without_end_are_counted_and_not_shown() {
    let found = load(&file(&"[[seat]]\n".repeat(5_000)), None).unwrap_err();
    assert!(found.len() <= 402, "{}", found.len());
    assert!(found.last().unwrap().message.en.ends_with("further errors are not shown"));
    assert!(found.iter().all(|one| one.severity == Severity::Error));
    let errors_of = |seats: usize| load(&file(&"[[seat]]\n".repeat(seats)), None).unwrap_err().len();
    let of_each = (errors_of(50) - errors_of(25)) / 25;
    let all = of_each * 5_000 + errors_of(25) - of_each * 25;
    assert_eq!(summary(&found, &file(""), Lang::En), format!("{all} errors in 1 file."));
}

#[test]
fn columns_count_characters_and_colours_can_be_had() {
    let sources = file("number = [{ name = \"n\", queue = \"账单\", \"错\" = 1 }]");
    let found = load(&sources, None).unwrap_err();
    let columns: Vec<(usize, usize)> = found.iter().map(|one| one.line_and_column(&sources)).collect();
    assert!(columns.contains(&(1, 33)) && columns.contains(&(1, 39)), "{columns:?}");
    assert!(render(&found, &sources, Style::Colour, Lang::En).contains("\u{1b}["));
    assert!(!render(&found, &sources, Style::Plain, Lang::En).contains('\u{1b}'));
}

#[test]
fn no_files_are_no_rules() {
    let found = load(&[], None).unwrap_err();
    assert_eq!(found[0].code, "HL004");
    assert!(render(&found, &[], Style::Plain, Lang::En).starts_with("error[HL004]"));
}

#[test]
fn a_plan_knows_the_lines_that_say_who_serves_a_call() {
    let text = r#"
[[skill]]
name = "a"
[[language]]
code = "zh-CN"
requires = "a >= 1"
[[queue]]
name = "one"
[[queue.step]]
requires = "a >= 2"
[[queue.step]]
after = "10s"
requires = "anyone"
[[seat]]
name = "1001"
skills = { a = 3 }
password = "x"
[[number]]
name = "hotline"
queue = "one"
"#;
    let sources = [file("")[0].clone(), Source { path: "second.toml".into(), text: text.into() }];
    let plan = load(&sources, None).unwrap().plan;
    let places = &plan.places;
    let shown = |place: Option<hotline_rules::Place<'_>>| place.map(|place| place.to_string());
    let queue = hotline_model::QueueId(0);
    let found = [
        places.queue(queue),
        places.step(queue, 0),
        places.step(queue, 1),
        places.step(queue, 2),
        places.language(LanguageId(0)),
        places.seat(hotline_model::SeatId(0)),
    ];
    let expected = [Some(8), Some(10), Some(13), None, Some(6), Some(16)].map(|line| line.map(|line| format!("second.toml:{line}")));
    assert_eq!(found.map(shown), expected);
}

const GROUPS: &str = r#"
queue = [{ name = "one" }, { name = "two", group = "b" }, { name = "three", group = "c" }]
seat = [{ name = "1001", password = "x" }]
number = [{ name = "hotline", queue = "one" }]
"#;

#[test]
fn a_group_keeps_its_number_while_a_queue_has_it_and_leaves_it_to_another_afterwards() {
    let groups = |plan: &hotline_rules::Plan| -> Vec<String> {
        plan.queues.iter().zip(&plan.queue_groups).map(|(queue, group)| format!("{} {}", queue.name, group.0)).collect()
    };
    let first = plan(GROUPS);
    assert_eq!(first.groups.iter().map(|name| &**name).collect::<Vec<_>>(), ["main", "b", "c"]);
    assert_eq!(groups(&first), ["one 0", "two 1", "three 2"]);
    let second =
        after(&GROUPS.replace("group = \"b\"", "group = \"d\"").replace(", { name = \"three\", group = \"c\" }", ""), Some(&first));
    assert_eq!(second.groups.iter().map(|name| &**name).collect::<Vec<_>>(), ["main", "d", "c"]);
    assert_eq!(groups(&second), ["one 0", "two 1", "three 2"], "a queue that is gone stays where its callers wait");
}

#[test]
fn queues_that_name_no_group_are_of_main() {
    let plan = plan(BASE);
    assert_eq!((plan.groups.len(), plan.group_of(hotline_model::QueueId(1))), (1, hotline_rules::GroupId::MAIN));
}

#[test]
fn a_queue_aims_at_the_answer_time_and_weighs_1_unless_it_says_otherwise_r5() {
    let plan = plan(&BASE.replace("{ name = \"two\" }", "{ name = \"two\", target = \"15s\", weight = 3 }"));
    let aims: Vec<_> = plan.queues.iter().map(|queue| (queue.target.as_secs(), queue.weight)).collect();
    assert_eq!(aims, [(30, 1), (15, 3)]);
    assert_eq!(plan.queues[1].factor(), 6 * plan.queues[0].factor());
    let shorter = after(&format!("timers = {{ answer = \"20s\" }}\n{BASE}"), None);
    assert_eq!(shorter.queues[0].target, Duration::from_secs(20));
}

#[test]
fn what_waiting_counts_is_exact_for_whole_seconds_up_to_the_30_of_the_manual_r5() {
    let queue = |seconds: f64, weight| {
        let target = Duration::from_secs_f64(seconds);
        hotline_rules::Queue { target, weight, ..plan(BASE).queues.remove(0) }.factor()
    };
    for target in 1..=30u32 {
        assert_eq!(queue(f64::from(target), 1) * u64::from(target), queue(1.0, 1), "{target} s");
        assert_eq!(queue(f64::from(target), 100), 100 * queue(f64::from(target), 1), "{target} s");
    }
    assert!(queue(30.0 * 86_400.0, 1) > 0, "the longest duration of any setting");
    assert!(queue(7.001, 1) < queue(7.0, 1));
}

#[test]
fn a_seat_serves_all_queues_or_those_that_it_names_each_in_its_own_way() {
    let serves = |facts: &str| {
        let text = BASE.replace("{ name = \"1002\", password = \"y\" }", &format!("{{ name = \"1002\", password = \"y\"{facts} }}"));
        let seat = plan(&text).seats.remove(1);
        let found = [0, 1].map(|queue| seat.serves(hotline_model::QueueId(queue)));
        found.map(|serves| serves.map(|serves| (serves.priority, serves.delay.as_secs())))
    };
    assert_eq!(serves(""), [Some((1, 0)), Some((1, 0))]);
    assert_eq!(serves(", queues = [\"two\"]"), [None, Some((1, 0))]);
    let each = ", queues = { two = { priority = 2 }, one = { priority = 9, delay = \"20s\" } }";
    assert_eq!(serves(each), [Some((9, 20)), Some((2, 0))]);
}

#[test]
fn a_seat_names_64_queues_at_most() {
    let rules = |count: usize| {
        let names: Vec<String> = (0..count).map(|id| format!("\"q{id}\"")).collect();
        let queues: String = (0..count).map(|id| format!("[[queue]]\nname = \"q{id}\"\n")).collect();
        let seat = format!("[[seat]]\nname = \"1\"\npassword = \"x\"\nqueues = [{}]\n", names.join(", "));
        file(&format!("{queues}{seat}[[number]]\nname = \"hotline\"\nqueue = \"q0\"\n"))
    };
    assert_eq!(load(&rules(64), None).unwrap().plan.seats[0].queues.len(), 64);
    let found = load(&rules(65), None).unwrap_err();
    assert_eq!((found[0].code, found[0].message.of(Lang::En)), ("HL009", "a seat for more than 64 queues"));
}

#[test]
fn a_menu_to_which_only_a_queue_leads_that_nobody_serves_is_in_reach_and_may_say_goodbye() {
    let menu =
        |name: &str| format!("[menu.{name}]\nsay = \"welcome\"\nkeys = {{ 0 = {{ queue = \"two\" }} }}\nfailed = {{ goodbye = true }}\n");
    let ways = "{ name = \"two\", hours = \"day\", closed = { menu = \"closed\" }, nobody = { menu = \"empty\" } }";
    let base = BASE.replace("{ name = \"two\" }", ways);
    let day = "[calendar.day]\nzone = \"Asia/Shanghai\"\nhours = { daily = \"08:00-20:00\" }\n";
    let loaded = load(&file(&[&base, day, &menu("closed"), &menu("empty")].concat()), None).expect("rules without an error");
    assert!(!loaded.warnings.iter().any(|found| found.code == "HL031"), "{:?}", loaded.warnings);
}
