//! The manual's contradictions (Part H) that are settings: the proposed default, and what another choice changes. Indicators and retention
//! are in the rules' own tests.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, number, queue, seat};
use hotline_engine::Input;
use hotline_model::history::{ClockChange, EventKind};
use hotline_model::{CallId, DeskOrder, DeskRefusal, DueWhat, Intent, Priority, Target, TransferMode, TransferReason, WallTime};
use std::time::Duration;

const QUICK: Habit = Habit::Answers(Duration::from_secs(1));
/// A Wednesday, as all walks begin.
const DAY: &str = "2026-11-18";

const CALENDARS: &str = r#"
[calendar.service]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
holidays = ["days"]
[calendar.daily]
zone = "Asia/Shanghai"
hours = { daily = "08:00-22:00" }
[holidays.days]
year = 2026
off = [2026-11-19]
workdays = [2026-11-22]
"#;

const NUMBERS: &str = r#"
[[number]]
name = "common"
set = { class = "common" }
queue = "line"
[[number]]
name = "complex"
set = { class = "complex" }
queue = "line"
[[number]]
name = "complaint"
set = { class = "complex", kind = "complaint" }
queue = "line"
[[number]]
name = "grave"
set = { class = "major", kind = "complaint", level = "L1" }
queue = "line"
[[number]]
name = "slight"
set = { class = "complex", kind = "complaint", level = "L3" }
queue = "line"
[[number]]
name = "private"
set = { class = "common", sensitive = true }
queue = "line"
"#;

fn house(settings: &str) -> String {
    let seats = seat("1001", 6001, "skills = { any = 5 }\ncleared = true");
    [PREAMBLE, CALENDARS, NUMBERS, &queue("line", 1, ""), &seats, settings].concat()
}

fn open(settings: &str) -> Hotline {
    Hotline::new(&house(settings), &[(6001, QUICK)])
}

fn wall(text: &str) -> WallTime {
    WallTime(format!("{text}+08:00").parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

/// Moves the wall clock there; what runs by the monotonic clock goes on.
fn set_clock(hotline: &mut Hotline, text: &str) {
    let offset = wall(text).0 - hotline.now.0;
    hotline.engine.handle(hotline.now, Input::Wall { offset });
    hotline.settle();
}

/// A caller talks for a minute; the agent states the disposition, if any.
fn talk(hotline: &mut Hotline, port: u16, dialled: &str, id: CallId, disposition: Option<&str>) {
    let phone = hotline.dial(port, dialled);
    hotline.pass_ms(60_000);
    if let Some(disposition) = disposition {
        hotline.desk("1001", DeskOrder::Dispose(disposition.into())).unwrap();
    }
    hotline.hang_up(phone);
    hotline.pass_ms(1_000);
    assert!(hotline.record(id).t7.is_some(), "its record is complete");
}

/// What is due after a call that ended so, in hours since it came at 10:00, with clock, rule and profile.
fn due_after(settings: &str, dialled: &str, disposition: Option<&str>) -> Vec<(DueWhat, String, String)> {
    let mut hotline = open(settings);
    let came = hotline.now.to_wall(0).0;
    talk(&mut hotline, 7001, dialled, call(0), disposition);
    let start = hotline.record(call(0)).t0.0;
    assert!(came <= hotline.now.0);
    let due = hotline.record(call(0)).due;
    let hours = |by: WallTime| format!("{:.4}", (by.0 - start) as f64 / 3_600e6).trim_end_matches('0').trim_end_matches('.').to_owned();
    due.into_iter().map(|due| (due.what, hours(due.by), format!("K{} R{} {}", due.clock, due.rule, due.profile))).collect()
}

fn told(all: &[(DueWhat, String, String)]) -> Vec<(DueWhat, &str, &str)> {
    all.iter().map(|(what, hours, ids)| (*what, hours.as_str(), ids.as_str())).collect()
}

/// Of two gates, that of the calendar in the rules.
fn at_half_past_eight(calendar: &str) -> bool {
    let menu = format!(
        "[[number]]\nname = \"hotline\"\nmenu = \"main\"\n[menu.main]\nsay = [\"main-menu\"]\ngate = [{{ closed = \"{calendar}\", say = [\"we-are-closed\"], goodbye = true }}]\nkeys = {{ 0 = {{ queue = \"line\" }} }}\n"
    );
    let mut hotline = open(&menu);
    set_clock(&mut hotline, &format!("{DAY}T20:30:00"));
    hotline.dial(7001, "hotline");
    hotline.said() == ["main-menu"]
}

#[test]
fn h1_the_calendar_of_working_days_is_closed_at_half_past_eight_and_the_second_one_is_open_r15() {
    assert!(!at_half_past_eight("service"));
    assert!(at_half_past_eight("daily"));
}

#[test]
fn h2_the_answer_clock_runs_from_the_queue_or_from_the_arrival_r5() {
    let menu = "[[number]]\nname = \"hotline\"\nmenu = \"main\"\n[menu.main]\nsay = [\"main-menu\"]\nkeys = { 0 = { queue = \"line\" } }\n";
    for (start, breached_at) in [("queue", 40), ("arrival", 30)] {
        let mut hotline = open(&format!("{menu}[timers]\nanswer_clock_start = \"{start}\"\n"));
        hotline.sign("1001", Intent::SignedOut);
        hotline.dial(7001, "hotline");
        hotline.pass_ms(10_000);
        if hotline.record(call(0)).t2.is_none() {
            hotline.press(call(0), '0');
        }
        hotline.pass_ms(60_000);
        let record = hotline.record(call(0));
        let queued = record.t2.unwrap().since(record.t0).as_secs();
        let breach = hotline.events(call(0)).into_iter().find_map(|event| match event.kind {
            EventKind::Clock(clock) if clock.clock == 3 && clock.change == ClockChange::Breached => Some(event.at),
            _ => None,
        });
        let limit = if start == "queue" { queued + 30 } else { breached_at };
        assert_eq!(breach.unwrap().since(record.t0).as_secs(), limit, "{start}");
    }
}

#[test]
fn h3_a_live_call_has_30_s_and_a_call_back_10_min_or_less_r5_r19() {
    for (settings, limit) in [("", 600_000), ("deferred_response = \"2min\"", 120_000)] {
        let outside = "[outbound]\nallow = [\"1[3-9]x{9}\", \"1380013x{4}\"]\n[[trunk]]\nname = \"carrier\"\ncontact = \"sip:127.0.0.2:5090\"\nfrom = \"02112345678\"\n";
        let back = "[[number]]\nname = \"back\"\ncallback = \"later\"\n[[queue]]\nname = \"later\"\ncallback = { key = \"2\" }\n";
        let mut hotline =
            Hotline::new(&house(&format!("{outside}{back}[timers]\n{settings}\n")), &[(6001, QUICK), (5090, Habit::RingsOut)]);
        hotline.sign("1001", Intent::SignedOut);
        hotline.dial(7001, "back");
        hotline.pass_ms(2_000);
        hotline.press(call(0), '1');
        hotline.pass_ms(1_000);
        let clocks = hotline.record(call(1)).clocks;
        assert_eq!(clocks.iter().find(|clock| clock.clock == 8).map(|clock| clock.limit_ms), Some(limit), "{settings}");
        assert_eq!(hotline.record(call(0)).clocks.iter().find(|clock| clock.clock == 3).map(|clock| clock.limit_ms), Some(30_000));
    }
}

#[test]
fn h4_what_was_not_solved_in_the_call_is_due_by_its_class_r7_r62() {
    assert_eq!(told(&due_after("", "common", None)), [(DueWhat::Handled, "2", "K15 R62 manual")]);
    assert_eq!(told(&due_after("", "common", Some("resolved"))), [], "a solution leaves nothing");
    assert_eq!(told(&due_after("", "common", Some("follow-up"))), [(DueWhat::Handled, "2", "K15 R62 manual")], "an open matter does");
    assert_eq!(told(&due_after("[deadlines]\ncommon = \"90min\"\n", "common", None)), [(DueWhat::Handled, "1.5", "K15 R62 manual")]);
}

#[test]
fn h5_a_complex_problem_has_4_h_or_2_and_48_in_m2_or_24_in_m3_r63_r65_r66() {
    let due = |profile: &str| due_after(&format!("[deadlines]\nprofile = \"{profile}\"\n"), "complex", None);
    assert_eq!(told(&due("manual")), [(DueWhat::Handled, "4", "K16 R63 manual")]);
    assert_eq!(told(&due("m2")), [(DueWhat::Handled, "2", "K18 R65 m2"), (DueWhat::ClosedLoop, "48", "K19 R65 m2")]);
    assert_eq!(told(&due("m3")), [(DueWhat::Handled, "24", "K20 R66 m3")]);
}

#[test]
fn h6_a_complaint_gets_its_first_step_as_a_complex_problem_and_is_closed_by_its_level_r63_r84() {
    let expected = |completion: &'static str| {
        [
            (DueWhat::Investigated, "2.0003", "K29 R80 manual"),
            (DueWhat::Handled, "4", "K16 R63 manual"),
            (DueWhat::Responded, "12", "K36 R84 manual"),
            (DueWhat::Completed, completion, "K36 R84 manual"),
        ]
    };
    assert_eq!(told(&due_after("", "slight", None)), expected("24"));
    let sooner = "[deadlines.complaint]\nL3 = { completion = \"18h\" }\n";
    assert_eq!(told(&due_after(sooner, "slight", None)), expected("18"));
}

#[test]
fn h7_the_gravest_complaint_goes_first_although_its_clocks_are_the_longest_r24_r82() {
    for (settings, expected) in [("", Priority::Important), ("[priority]\ngravity_first = false\n", Priority::Ordinary)] {
        let mut hotline = open(settings);
        hotline.dial(7001, "grave");
        hotline.dial(7002, "slight");
        let priority = |count| hotline.record(call(count)).priority.unwrap();
        assert_eq!((priority(0), priority(1)), (expected, Priority::Ordinary));
    }
}

#[test]
fn h8_who_complained_in_vain_hears_from_us_within_2_h_whatever_the_level_r81() {
    for (settings, hours) in [("", 2), ("[deadlines.complaint]\ncontact = \"1h\"\n", 1)] {
        let mut hotline = open(settings);
        hotline.sign("1001", Intent::SignedOut);
        let phone = hotline.dial(7001, "grave");
        hotline.pass_ms(5_000);
        hotline.hang_up(phone);
        hotline.pass_ms(1_000);
        let record = hotline.record(call(0));
        let first = record.due.first().unwrap();
        assert_eq!((first.what, first.by.since(record.t0).as_secs(), first.clock, first.rule), (DueWhat::Contacted, hours * 3_600, 28, 81));
        assert!(record.due.iter().any(|due| due.what == DueWhat::Responded), "the level's own response comes later");
    }
}

#[test]
fn h9_a_complaint_is_looked_into_within_2_h_of_its_answer_r80() {
    let due = |settings: &str| due_after(settings, "complaint", None).remove(0);
    assert_eq!(due("").1, "2.0003");
    let sooner = due("[timers]\ncomplaint_investigation = \"1h\"\n");
    assert_eq!((sooner.0, sooner.1.as_str(), sooner.2.as_str()), (DueWhat::Investigated, "1.0003", "K29 R80 manual"));
}

#[test]
fn h10_a_complaint_that_was_settled_is_followed_up_within_72_h_of_that_r67_r92() {
    let due = |settings: &str| due_after(settings, "complaint", Some("resolved"));
    let expected =
        |hours: &'static str| [(DueWhat::ResultTold, "24.0167", "K23 R67 manual"), (DueWhat::FollowedUp, hours, "K43 R92 manual")];
    assert_eq!(told(&due("")), expected("72.0167"));
    assert_eq!(told(&due("[deadlines]\nfollow_up = \"48h\"\n")), expected("48.0167"));
}

#[test]
fn h11_deadlines_run_by_the_wall_clock_or_by_the_open_time_of_a_calendar_over_holidays() {
    let business = "[deadlines]\nclock = \"business\"\ncalendar = \"service\"\n";
    for (settings, by) in [("", format!("{DAY}T23:00:00")), (business, "2026-11-20T11:00:00".to_owned())] {
        let mut hotline = open(settings);
        set_clock(&mut hotline, &format!("{DAY}T19:00:00"));
        talk(&mut hotline, 7001, "complex", call(0), None);
        assert_eq!(hotline.record(call(0)).due[0].by, wall(&by), "Thursday is a holiday");
    }
}

#[test]
fn h13_what_is_private_is_handled_first_and_told_within_24_h_of_that_r67_r68() {
    let due = |settings: &str| due_after(settings, "private", Some("resolved"));
    assert_eq!(told(&due("")), [(DueWhat::ResultTold, "24.0167", "K23 R67 manual")]);
    assert_eq!(told(&due("[deadlines]\nresult_feedback = \"12h\"\n")), [(DueWhat::ResultTold, "12.0167", "K23 R67 manual")]);
}

#[test]
fn h14_a_dedicated_session_has_30_min_or_more_and_no_alarm_after_15_r45() {
    let customer = "[[customer]]\nname = \"vip\"\nnumbers = [\"13800137001\"]\ncustomer_level = \"high_value\"\n";
    for (settings, minutes) in [("", 30), ("[timers]\ndedicated_min = \"45min\"\n", 45)] {
        let mut hotline = open(&[customer, settings].concat());
        hotline.dial(7001, "common");
        hotline.pass_ms(20 * 60_000);
        let clocks = hotline.record(call(0)).clocks;
        assert!(clocks.iter().all(|clock| clock.clock != 5), "no K5");
        assert_eq!(clocks.iter().find(|clock| clock.clock == 10).map(|clock| clock.limit_ms), Some(minutes * 60_000));
    }
}

/// Which of two seats gets the call.
fn served_by(settings: &str) -> Option<String> {
    let places =
        "[[region]]\nname = \"here\"\narea_codes = [\"0571\"]\n[[region]]\nname = \"there\"\n[distance]\n\"here\" = { \"there\" = 500 }\n";
    let seats = [
        seat("ours", 6001, "skills = { any = 5 }\nregion = \"there\""),
        seat("theirs", 6002, "skills = { any = 9 }\nregion = \"here\"\norigin = \"external\""),
    ];
    let rules = [PREAMBLE, places, &number("direct", "line", ""), &queue("line", 1, ""), &seats.concat(), settings].concat();
    let mut hotline = Hotline::new(&rules, &[(6001, QUICK), (6002, QUICK)]);
    hotline.dial(7001, "direct");
    hotline.pass_ms(2_000);
    hotline.record(call(0)).seat.map(|seat| seat.to_string())
}

#[test]
fn h20_our_own_seats_go_before_those_of_partners_unless_all_are_of_one_tier_r37() {
    assert_eq!(served_by("").as_deref(), Some("ours"));
    assert_eq!(served_by("[assign]\ntiers = [\"external\"]\n").as_deref(), Some("theirs"), "the better one of all alike");
}

#[test]
fn h21_near_means_place_as_far_as_the_rules_say_r39() {
    let near = |near: u32| {
        let places = "[[region]]\nname = \"here\"\narea_codes = [\"1380013\"]\n[[region]]\nname = \"there\"\n[distance]\n\"here\" = { \"there\" = 500 }\n";
        let seats =
            [seat("near", 6001, "skills = { any = 2 }\nregion = \"here\""), seat("far", 6002, "skills = { any = 9 }\nregion = \"there\"")];
        let assign = format!("[assign]\nnear = {near}\nkeys = [\"proficiency\"]\n");
        let rules = [PREAMBLE, places, &number("direct", "line", ""), &queue("line", 1, ""), &seats.concat(), &assign].concat();
        let mut hotline = Hotline::new(&rules, &[(6001, QUICK), (6002, QUICK)]);
        hotline.dial(7001, "direct");
        hotline.pass_ms(2_000);
        hotline.record(call(0)).seat.map(|seat| seat.to_string())
    };
    assert_eq!(near(0).as_deref(), Some("near"), "by place");
    assert_eq!(near(500).as_deref(), Some("far"), "both are near: the better one");
}

#[test]
fn h22_a_transfer_is_attended_unless_the_rules_say_otherwise_and_a_complex_one_always_is_r55() {
    for (settings, dialled, expected) in [
        ("", "common", TransferMode::Attended),
        ("[transfer]\nmode = \"blind_with_return\"\n", "common", TransferMode::BlindWithReturn),
        ("[transfer]\nmode = \"blind_with_return\"\n", "complex", TransferMode::Attended),
    ] {
        let second = seat("1002", 6002, "skills = { any = 1 }");
        let mut hotline = Hotline::new(&house(&[&second, settings].concat()), &[(6001, QUICK), (6002, Habit::RingsOut)]);
        hotline.dial(7001, dialled);
        hotline.pass_ms(2_000);
        let order = DeskOrder::Transfer { to: Target::Seat("1002".into()), mode: None, reason: Some(TransferReason::TooComplex) };
        hotline.desk("1001", order).unwrap();
        assert_eq!(hotline.record(call(0)).transfers[0].mode, expected, "{settings} {dialled}");
    }
}

#[test]
fn h31_complaints_are_taken_round_the_clock_unless_the_calendar_says_otherwise_scenario_15_r17() {
    for (always, taken) in [("", true), ("complaints_24h = false", false)] {
        let rules = format!(
            "{PREAMBLE}[calendar.service]\nzone = \"Asia/Shanghai\"\nhours = {{ mon-fri = \"08:00-20:00\" }}\n{always}\n{NUMBERS}{}{}",
            queue("line", 1, "hours = \"service\"\nclosed = { say = [\"we-are-closed\"], goodbye = true }"),
            seat("1001", 6001, "skills = { any = 5 }\ncleared = true")
        );
        let mut hotline = Hotline::new(&rules, &[(6001, QUICK)]);
        set_clock(&mut hotline, &format!("{DAY}T03:00:00"));
        hotline.dial(7001, "complaint");
        hotline.dial(7002, "common");
        hotline.pass_ms(2_000);
        let record = hotline.record(call(0));
        assert_eq!((record.queue.is_some(), record.seat.is_some()), (taken, taken), "{always}");
        assert_eq!(record.clocks.iter().any(|clock| clock.clock == 11), taken, "K11 runs");
        assert_eq!(hotline.record(call(1)).queue, None, "what is no complaint waits for the morning");
    }
}

#[test]
fn scenario_15_the_second_before_eight_the_stroke_of_it_a_holiday_a_worked_sunday_and_a_saturday_r15_r16() {
    let times = [
        ("2026-11-18T19:59:59", true),
        ("2026-11-18T20:00:00", false),
        ("2026-11-18T07:59:59", false),
        ("2026-11-18T08:00:00", true),
        ("2026-11-19T10:00:00", false),
        ("2026-11-21T10:00:00", false),
        ("2026-11-22T19:59:59", true),
        ("2026-11-22T20:00:00", false),
    ];
    for (time, is_open) in times {
        let closed = queue("timed", 1, "hours = \"service\"\nclosed = { say = [\"we-are-closed\"], goodbye = true }");
        let mut hotline = open(&format!("{}{closed}", number("plain", "timed", "")));
        set_clock(&mut hotline, time);
        hotline.dial(7001, "plain");
        assert_eq!(hotline.record(call(0)).queue.is_some(), is_open, "{time}");
    }
}

#[test]
fn h32_the_third_document_is_read_by_its_detailed_clause_r66() {
    let due = due_after("[deadlines]\nprofile = \"m3\"\n", "common", None);
    assert_eq!(told(&due), [(DueWhat::Handled, "24", "K20 R66 m3")]);
    let own = "[deadlines]\nprofile = \"ours\"\n[deadlines.profiles.ours]\nlike = \"m3\"\ncommon = \"20h\"\n";
    assert_eq!(told(&due_after(own, "common", None)), [(DueWhat::Handled, "20", "K20 R66 ours")]);
}

#[test]
fn h33_a_grave_complaint_about_a_major_problem_carries_both_deadlines_r64_r82() {
    let expected = |first: &'static str| {
        [
            (DueWhat::Investigated, "2.0003", "K29 R80 manual"),
            (DueWhat::Handled, "24", "K17 R64 manual"),
            (DueWhat::Responded, first, "K34 R82 manual"),
            (DueWhat::Completed, "72", "K34 R82 manual"),
        ]
    };
    assert_eq!(told(&due_after("", "grave", None)), expected("48"));
    assert_eq!(told(&due_after("[deadlines.complaint]\nL1 = { first = \"36h\" }\n", "grave", None)), expected("36"));
}

#[test]
fn scenario_13_profiles_switch_by_a_reload_for_the_next_call_and_a_running_call_keeps_its_own_r62_r66() {
    let profile = |name: &str| house(&format!("[deadlines]\nprofile = \"{name}\"\n"));
    let mut hotline = Hotline::new(&profile("manual"), &[(6001, QUICK)]);
    let phone = hotline.dial(7001, "complex");
    hotline.pass_ms(5_000);
    hotline.change_rules(&profile("m3"));
    hotline.hang_up(phone);
    hotline.pass_ms(1_000);
    talk(&mut hotline, 7002, "complex", call(1), None);
    hotline.change_rules(&profile("m2"));
    talk(&mut hotline, 7003, "complex", call(2), None);
    let due = |count| {
        let record = hotline.record(call(count));
        let due = &record.due[0];
        (due.by.since(record.t0).as_secs() / 3_600, due.rule, due.profile.to_string())
    };
    assert_eq!(due(0), (4, 63, "manual".into()));
    assert_eq!(due(1), (24, 66, "m3".into()));
    assert_eq!(due(2), (2, 65, "m2".into()));
}

#[test]
fn what_is_due_outlives_a_crash_from_the_moment_the_class_was_known_r62() {
    let mut hotline = open("");
    hotline.dial(7001, "common");
    hotline.pass_ms(60_000);
    hotline.restart();
    hotline.pass_ms(60_000);
    hotline.desk("1001", DeskOrder::HangUp).unwrap();
    hotline.pass_ms(1_000);
    let record = hotline.record(call(0));
    assert_eq!(record.due.iter().map(|due| (due.what, due.by.since(record.t0).as_secs())).collect::<Vec<_>>(), [(DueWhat::Handled, 7_200)]);
}

#[test]
fn a_call_that_is_called_back_leaves_what_is_due_to_the_call_back() {
    let outside =
        "[outbound]\nallow = [\"1380013x{4}\"]\n[[trunk]]\nname = \"carrier\"\ncontact = \"sip:127.0.0.2:5090\"\nfrom = \"02112345678\"\n";
    let back = "[[number]]\nname = \"back\"\nset = { class = \"common\" }\ncallback = \"later\"\n[[queue]]\nname = \"later\"\ncallback = { key = \"2\" }\n";
    let mut hotline = Hotline::new(&house(&[outside, back].concat()), &[(6001, QUICK), (5090, QUICK)]);
    hotline.sign("1001", Intent::SignedOut);
    let phone = hotline.dial(7001, "back");
    hotline.pass_ms(2_000);
    hotline.press(call(0), '1');
    hotline.pass_ms(1_000);
    hotline.hang_up(phone);
    hotline.pass_ms(60_000);
    hotline.sign("1001", Intent::Available);
    hotline.pass_ms(10_000);
    hotline.desk("1001", DeskOrder::HangUp).unwrap();
    hotline.pass_ms(1_000);
    let (asked, back) = (hotline.record(call(0)), hotline.record(call(1)));
    assert_eq!(asked.due, []);
    assert_eq!(back.due.iter().map(|due| (due.what, due.by.since(asked.t0).as_secs())).collect::<Vec<_>>(), [(DueWhat::Handled, 7_200)]);
}

#[test]
fn a_sensitive_call_needs_the_skills_of_the_rules_beside_a_cleared_seat_r68() {
    let second = seat("1002", 6002, "skills = { any = 5, discreet = 3 }\ncleared = true");
    for (settings, expected) in [("", "1001"), ("[sensitive]\nskills = [\"discreet >= 2\"]\n", "1002")] {
        let rules = house(&["[[skill]]\nname = \"discreet\"\n", &second, "[assign]\nkeys = [\"longest-idle\"]\n", settings].concat());
        let mut hotline = Hotline::new(&rules, &[(6001, QUICK), (6002, QUICK)]);
        hotline.dial(7001, "private");
        hotline.pass_ms(2_000);
        assert_eq!(hotline.record(call(0)).seat.as_deref(), Some(expected), "{settings}");
    }
}

#[test]
fn nobody_signs_in_outside_the_shift_and_a_live_call_is_never_cut_by_its_end_r138() {
    let mut hotline = open("[access]\nshifts = \"service\"\n");
    set_clock(&mut hotline, &format!("{DAY}T19:00:00"));
    hotline.desk("1001", DeskOrder::SignIn).unwrap();
    hotline.dial(7001, "common");
    hotline.pass_ms(2_000);
    assert_eq!(hotline.record(call(0)).seat.as_deref(), Some("1001"));
    set_clock(&mut hotline, &format!("{DAY}T20:00:00"));
    hotline.pass_ms(60_000);
    assert!(hotline.record(call(0)).t6.is_none(), "they talk on");
    assert_eq!(hotline.desk("1001", DeskOrder::SignIn), Ok(()), "who is signed in stays so");
    hotline.sign("1001", Intent::SignedOut);
    assert_eq!(hotline.desk("1001", DeskOrder::Ready), Err(DeskRefusal::SignedOut));
    assert_eq!(hotline.desk("1001", DeskOrder::SignIn), Err(DeskRefusal::OutsideShifts));
    set_clock(&mut hotline, "2026-11-20T08:00:00");
    assert_eq!(hotline.desk("1001", DeskOrder::SignIn), Ok(()));
}

#[test]
fn a_seat_signs_in_from_the_networks_and_at_the_telephones_of_the_rules_only_r138() {
    for (access, may) in [
        ("networks = [\"127.0.0.0/24\"]", Ok(())),
        ("networks = [\"127.0.1.0/24\"]", Err(DeskRefusal::NotFromThisNetwork)),
        ("devices = [\"1001\"]", Ok(())),
        ("devices = [\"desk\"]", Err(DeskRefusal::NotAtThisTelephone)),
    ] {
        let mut hotline = open(&format!("[[phone]]\nname = \"desk\"\npassword = \"x\"\n[access]\n{access}\n"));
        hotline.sign("1001", Intent::SignedOut);
        assert_eq!(hotline.desk("1001", DeskOrder::SignIn), may, "{access}");
    }
}
