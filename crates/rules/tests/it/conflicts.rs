//! The manual's contradictions (Part H) that are settings of indicators and retention, and deadlines to the second: over holidays, a change
//! of the clock, exceptions. What calls do by the others is in the engine's tests.

use crate::support::{file, findings, plan};
use hotline_model::{Class, ComplaintLevel, DueWhat, Kind, LanguageId, Profile, WallTime};
use hotline_rules::{Moments, Options, Plan};
use std::time::Duration;

const BASE: &str =
    "[[number]]\nname = \"hotline\"\nqueue = \"line\"\n[[queue]]\nname = \"line\"\n[[seat]]\nname = \"1001\"\npassword = \"x\"\n";

fn with(text: &str) -> Plan {
    plan(&[BASE, text].concat())
}

fn codes(text: &str) -> Vec<&'static str> {
    findings(&file(&[BASE, text].concat()), &Options::default()).iter().map(|one| one.code).collect()
}

fn wall(text: &str) -> WallTime {
    WallTime(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

fn of_class(class: Class) -> Profile {
    Profile { class: Some(class), ..Profile::unknown(LanguageId(0)) }
}

/// When a problem of that class is due.
fn due(rules: &str, class: Class, since: &str) -> String {
    let due = with(rules).deadlines.due(&of_class(class), wall(since)).unwrap();
    jiff::Timestamp::from_microsecond(due.0).unwrap().to_string()
}

#[test]
fn the_clocks_of_a_class_are_exact_to_the_microsecond_r62_r63_r64() {
    for (class, by) in [
        (Class::Common, "2026-11-18T04:00:00.000001Z"),
        (Class::Complex, "2026-11-18T06:00:00.000001Z"),
        (Class::Major, "2026-11-19T02:00:00.000001Z"),
    ] {
        assert_eq!(due("", class, "2026-11-18T02:00:00.000001Z"), by);
    }
    assert_eq!(with("").deadlines.due(&Profile::unknown(LanguageId(0)), wall("2026-11-18T02:00:00Z")), None, "no class, no clock");
}

#[test]
fn the_levels_of_complaints_are_exact_to_the_second_scenario_12_r82_r83_r84() {
    let deadlines = with("").deadlines;
    let start = wall("2026-11-18T02:00:00Z");
    for (level, first, completion, ids) in
        [(ComplaintLevel::L1, 48, 72, (34, 82)), (ComplaintLevel::L2, 24, 36, (35, 83)), (ComplaintLevel::L3, 12, 24, (36, 84))]
    {
        let profile = Profile { kind: Some(Kind::Complaint), level: Some(level), ..of_class(Class::Complex) };
        let moments = Moments { classed: Some(start), complained: Some(start), answered: Some(start) };
        let due = deadlines.of_open(&profile, &moments);
        let hours = |what| due.iter().find(|due| due.what == what).map(|due| (due.by.since(start), (due.clock, due.rule)));
        assert_eq!(hours(DueWhat::Responded), Some((Duration::from_secs(first * 3_600), ids)));
        assert_eq!(hours(DueWhat::Completed), Some((Duration::from_secs(completion * 3_600), ids)));
        assert_eq!(hours(DueWhat::Investigated).map(|(after, _)| after), Some(Duration::from_secs(7_200)));
        assert!(due.is_sorted_by_key(|due| due.by), "the earliest first");
    }
}

const OFFICE: &str = r#"
[deadlines]
clock = "business"
calendar = "office"
[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = ["08:00-12:00", "13:00-20:00"] }
holidays = ["cn"]
exceptions = [{ day = 2026-10-09, hours = "08:00-08:30", note = "move" }]
[holidays.cn]
year = 2026
off = ["2026-10-01..2026-10-07"]
workdays = [2026-10-10]
"#;

#[test]
fn business_time_skips_nights_lunch_holidays_and_heeds_exceptions_and_make_up_days_h11() {
    for (since, by) in [
        ("2026-09-30T10:00:00+08:00", "2026-09-30T07:00:00Z"),
        ("2026-09-30T19:59:59+08:00", "2026-10-08T03:59:59Z"),
        ("2026-09-30T20:00:00+08:00", "2026-10-08T04:00:00Z"),
        ("2026-10-04T03:00:00+08:00", "2026-10-08T04:00:00Z"),
        ("2026-10-08T19:00:00+08:00", "2026-10-10T02:30:00Z"),
        ("2026-10-10T19:00:00+08:00", "2026-10-12T03:00:00Z"),
    ] {
        assert_eq!(due(OFFICE, Class::Complex, since), by, "{since}");
    }
}

#[test]
fn business_time_counts_the_hour_that_a_change_of_the_clock_takes_or_gives() {
    let berlin = r#"
[deadlines]
clock = "business"
calendar = "berlin"
[calendar.berlin]
zone = "Europe/Berlin"
hours = { daily = "00:00-24:00" }
"#;
    // The clock goes from 2:00 to 3:00 on 2026-03-29, and from 3:00 back to 2:00 on 2026-10-25: four hours stay four hours.
    assert_eq!(due(berlin, Class::Complex, "2026-03-29T00:30:00+01:00"), "2026-03-29T03:30:00Z");
    assert_eq!(due(berlin, Class::Complex, "2026-10-25T00:30:00+02:00"), "2026-10-25T02:30:00Z");
    let nights = berlin.replace("00:00-24:00", "01:00-05:00");
    // Three hours are open in the night that lacks one, five in the one that has one more.
    assert_eq!(due(&nights, Class::Complex, "2026-03-29T00:00:00+01:00"), "2026-03-30T00:00:00Z");
    assert_eq!(due(&nights, Class::Complex, "2026-10-25T00:00:00+02:00"), "2026-10-25T03:00:00Z");
}

#[test]
fn a_calendar_that_never_opens_leaves_the_wall_clock() {
    let never = "[deadlines]\nclock = \"business\"\ncalendar = \"never\"\n[calendar.never]\nzone = \"UTC\"\nhours = {}\n";
    assert_eq!(due(never, Class::Common, "2026-11-18T02:00:00Z"), "2026-11-18T04:00:00Z");
}

#[test]
fn a_limit_beyond_the_manual_needs_a_reason_and_a_profile_has_its_own_ceilings_h4_h5_r62_r66() {
    for (text, code) in [
        ("[deadlines]\ncommon = \"3h\"\n", Some("HL185")),
        ("[deadlines]\ncommon = \"3h\"\nmanual_override = \"the law\"\n", None),
        ("[deadlines]\nprofile = \"m3\"\ncommon = \"24h\"\n", None),
        ("[deadlines]\nprofile = \"m3\"\ncommon = \"25h\"\n", Some("HL185")),
        ("[deadlines]\nprofile = \"m2\"\ncomplex = \"3h\"\n", Some("HL185")),
        ("[deadlines.complaint]\nL2 = { completion = \"37h\" }\n", Some("HL185")),
        ("[timers]\ncomplaint_investigation = \"3h\"\n", Some("HL042")),
    ] {
        assert_eq!(codes(text).first().copied(), code, "{text}");
    }
}

#[test]
fn an_exception_wins_over_a_holiday_and_a_weekday_and_a_complaint_over_all_of_them_r15_r16_r17() {
    let calendar = r#"
[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
holidays = ["cn"]
exceptions = [{ day = "2026-10-06..2026-10-07", hours = "09:00-12:00" }, { day = 2026-11-18, closed = true }]
[holidays.cn]
year = 2026
off = ["2026-10-01..2026-10-07"]
"#;
    let plan = with(calendar);
    let office = &plan.calendars[0];
    let open = |text: &str| office.is_open(wall(&format!("{text}+08:00")));
    assert!(open("2026-10-06T09:00:00") && !open("2026-10-06T12:00:00") && !open("2026-10-05T09:00:00"));
    assert!(!open("2026-11-18T10:00:00") && open("2026-11-19T10:00:00"));
    let shut = wall("2026-11-18T10:00:00+08:00");
    assert!(!office.keeps_out(Some(Kind::Complaint), shut) && office.keeps_out(Some(Kind::Enquiry), shut) && office.keeps_out(None, shut));
    let strict = with(&calendar.replace("[holidays.cn]", "complaints_24h = false\n[holidays.cn]"));
    assert!(strict.calendars[0].keeps_out(Some(Kind::Complaint), shut));
}

#[test]
fn h23_records_are_kept_for_5_years_or_longer_and_recordings_for_3_r129_r130() {
    assert_eq!(with("").settings.retention.cases, 5);
    assert_eq!(with("[retention]\ncases = \"7y\"\n").settings.retention.cases, 7);
    assert_eq!(codes("[retention]\ncases = \"4y\"\n"), ["HL188"]);
    assert_eq!(codes("[retention]\nrecordings = \"2y\"\n"), ["HL188"]);
}

#[test]
fn h24_satisfied_is_7_of_10_and_a_scale_of_5_has_its_own_boundaries_r72_r109() {
    assert_eq!(codes("[survey]\nscale = 10\nlow = 4\nsatisfied = 7\n"), Vec::<&str>::new());
    let high = |text: &str, score| with(text).survey.verdict(score) == hotline_model::history::Verdict::High;
    assert!(high("", 7) && !high("", 6) && !high("[survey]\nsatisfied = 8\n", 7));
    assert!(high("[survey]\nscale = 5\nlow = 2\nsatisfied = 4\n", 4));
    assert_eq!(codes("[survey]\nscale = 5\n"), ["HL221"]);
}

#[test]
fn h24_csat_may_be_asked_for_above_90_percent_and_not_below_r109() {
    let csat = |text: &str| (with(text).survey.csat * 100.0).round();
    assert_eq!((csat(""), csat("[kpi]\ncsat = 0.95\n")), (90.0, 95.0));
    assert_eq!(codes("[kpi]\ncsat = 0.89\n"), ["HL189"]);
}

#[test]
fn h26_complaints_alarm_above_3_percent_and_less_may_be_tolerated_and_not_more_r110() {
    let ceiling = |text: &str| with(text).settings.indicators.complaint_rate;
    assert_eq!((ceiling(""), ceiling("[kpi]\ncomplaint_rate = 0.03\n"), ceiling("[kpi]\ncomplaint_rate = 0.02\n")), (0.03, 0.03, 0.02));
    assert_eq!(codes("[kpi]\ncomplaint_rate = 0.02\n"), Vec::<&str>::new());
    assert_eq!(codes("[kpi]\ncomplaint_rate = 0.031\n"), ["HL189"]);
}

#[test]
fn the_window_of_a_first_contact_resolution_is_7_days_or_another_of_1_to_30_r115() {
    let days = |text: &str| with(text).settings.indicators.fcr_window.as_secs() / 86_400;
    assert_eq!((days(""), days("[kpi]\nfcr_window = \"14d\"\n")), (7, 14));
    assert_eq!(codes("[kpi]\nfcr_window = \"14d\"\n"), Vec::<&str>::new());
    assert_eq!((codes("[kpi]\nfcr_window = \"30d\"\n"), codes("[kpi]\nfcr_window = \"23h\"\n")), (vec![], vec!["HL189"]));
}

/// Each of these is stricter than the manual, and laxer.
#[test]
fn what_nothing_uses_yet_is_told_who_will_use_it_and_what_is_laxer_than_the_manual_is_refused_with_its_rule_h27() {
    for (table, key, stricter, laxer, rule, user) in [
        ("kpi", "asr", "0.95", "0.91", "R11", "speech recognition"),
        ("kpi", "query_accuracy", "0.999", "0.99", "R121", "quality sampling"),
        ("kpi", "op_error", "0.0005", "0.002", "R121", "quality sampling"),
        ("faults", "response", "\"20min\"", "\"31min\"", "R148", "the log of faults"),
        ("faults", "major_handled", "\"30min\"", "\"61min\"", "R148", "the log of faults"),
        ("faults", "core_restore", "\"90min\"", "\"121min\"", "R149", "the log of faults"),
    ] {
        let found = |value: &str| findings(&file(&format!("{BASE}[{table}]\n{key} = {value}\n")), &Options::default());
        let told = found(stricter);
        assert_eq!(told.iter().map(|one| (one.code, one.rule)).collect::<Vec<_>>(), [("HL187", Some(rule))], "{key} = {stricter}");
        assert!(told[0].label.en.contains(user) && told[0].label.zh.contains("使用"), "{key}: {:?}", told[0].label);
        let refused: Vec<_> = found(laxer).iter().map(|one| (one.code, one.rule)).collect();
        assert_eq!(refused, [("HL189", Some(rule))], "{key} = {laxer}");
    }
    for (text, rule) in [
        ("[review]\nrequired_for = [\"complex\"]\n", "R69"),
        ("[faults]\nlevels = [\"urgent\"]\n", "R148"),
        ("[sensitive]\nno_auto_message = false\n", "R68"),
        ("[classification]\nlifecycle = [\"new\"]\n", "R36"),
    ] {
        let told = findings(&file(&[BASE, text].concat()), &Options::default());
        assert_eq!(told.iter().map(|one| (one.code, one.rule)).collect::<Vec<_>>(), [("HL187", Some(rule))], "{text}");
    }
    let manual = "[kpi]\nasr = 0.92\nquery_accuracy = 0.995\nop_error = 0.001\n[sensitive]\nno_auto_message = true\n[faults]\nresponse = \"30min\"\nmajor_handled = \"1h\"\ncore_restore = \"2h\"\n";
    assert_eq!(codes(manual), Vec::<&str>::new());
}

#[test]
fn h30_the_grades_of_connection_are_settings_above_those_of_the_manual_r3_r4() {
    let grade = |text: &str, rate| with(text).settings.connect_rate.grade(rate);
    assert_eq!((grade("", 0.949), grade("", 0.95), grade("", 0.98)), (3, 2, 1));
    assert_eq!(grade("[kpi]\nconnect_rate = { excellent = 0.99, third = 0.94 }\n", 0.98), 2);
    assert_eq!(grade("[kpi]\nconnect_rate = { floor = 0.97 }\n", 0.95), 3);
    assert_eq!(codes("[kpi]\nconnect_rate = { floor = 0.94 }\n"), ["HL189"]);
}

#[test]
fn h7_no_priority_is_derived_from_a_deadline_r24() {
    let priority = |text: &str, level| {
        let profile = Profile { kind: Some(Kind::Complaint), level: Some(level), ..of_class(Class::Common) };
        with(text).priorities.of(&profile)
    };
    use hotline_model::Priority::{Important, Ordinary};
    assert_eq!((priority("", ComplaintLevel::L1), priority("", ComplaintLevel::L3)), (Important, Ordinary));
    let slow = "[deadlines.complaint]\nL1 = { first = \"1h\", completion = \"1h\" }\n[priority]\ngravity_first = false\n";
    assert_eq!((priority(slow, ComplaintLevel::L1), priority(slow, ComplaintLevel::L3)), (Ordinary, Ordinary));
}
