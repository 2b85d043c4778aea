use crate::house::{EN, ZH, plan, working_days};
use hotline_ivr::speech::{hours, number, position, wait_minutes};
use hotline_model::{LanguageId, Name};
use hotline_rules::{Calendar, CalendarId};

fn joined(pieces: Vec<Name>) -> String {
    pieces.join(" ").replace("number-", "")
}

fn hours_of(calendar: Calendar, language: LanguageId) -> String {
    let mut plan = plan();
    plan.calendars = vec![calendar];
    joined(hours(&plan, CalendarId(0), language))
}

fn plain(week: [&[(u16, u16)]; 7]) -> Calendar {
    let mut calendar = working_days(0, 0);
    calendar.off.clear();
    calendar.workdays.clear();
    calendar.week = week.map(<[(u16, u16)]>::to_vec);
    calendar
}

#[test]
fn numbers_are_said_in_chinese_and_english_and_by_digits_elsewhere() {
    let rows = [
        (0, "0", "0", "0"),
        (2, "2", "2", "2"),
        (10, "10", "10", "1 0"),
        (15, "10 5", "15", "1 5"),
        (20, "2 10", "20", "2 0"),
        (35, "3 10 5", "30 5", "3 5"),
        (100, "1 hundred", "1 hundred", "1 0 0"),
        (105, "1 hundred 0 5", "1 hundred 5", "1 0 5"),
        (110, "1 hundred 1 10", "1 hundred 10", "1 1 0"),
        (999, "9 hundred 9 10 9", "9 hundred 90 9", "9 9 9"),
        (1000, "1 0 0 0", "1 0 0 0", "1 0 0 0"),
    ];
    for (n, chinese, english, digits) in rows {
        assert_eq!(joined(number("zh-CN", n)), chinese);
        assert_eq!(joined(number("en", n)), english);
        assert_eq!(joined(number("fr", n)), digits);
    }
}

#[test]
fn a_place_in_the_queue_is_said_with_its_grammar_r75() {
    assert_eq!(joined(position("zh-CN", 0)), "queue-next");
    assert_eq!(joined(position("en", 1)), "queue-one-ahead");
    assert_eq!(joined(position("zh-CN", 2)), "queue-before 2-counted queue-after");
    assert_eq!(joined(position("en", 2)), "queue-before 2 queue-after");
    assert_eq!(joined(position("zh-CN", 12)), "queue-before 10 2 queue-after");
}

#[test]
fn a_wait_is_said_in_minutes_and_nothing_beyond_an_hour_is_promised_r75() {
    assert_eq!(joined(wait_minutes("en", 0)), "wait-less-than-one-minute");
    assert_eq!(joined(wait_minutes("en", 1)), "wait-one-minute");
    assert_eq!(joined(wait_minutes("zh-CN", 2)), "wait-before 2-counted wait-minutes");
    assert_eq!(joined(wait_minutes("en", 60)), "wait-before 60 wait-minutes");
    assert_eq!(joined(wait_minutes("en", 61)), "wait-over-one-hour");
}

#[test]
fn monday_to_friday_is_said_as_a_run_of_days_r18() {
    let day: &[(u16, u16)] = &[(480, 1200)];
    let calendar = plain([day, day, day, day, day, &[], &[]]);
    assert_eq!(hours_of(calendar.clone(), ZH), "monday to friday hour-8 to hour-20");
    assert_eq!(hours_of(calendar, EN), "monday to friday hour-8 to hour-20");
}

#[test]
fn with_holidays_or_make_up_days_they_are_the_working_days_r15() {
    assert_eq!(hours_of(working_days(8, 20), ZH), "working-days hour-8 to hour-20");
}

#[test]
fn every_day_except_holidays_is_said_so_r15() {
    let day: &[(u16, u16)] = &[(480, 1320)];
    let mut calendar = plain([day; 7]);
    assert_eq!(hours_of(calendar.clone(), EN), "daily hour-8 to hour-22");
    calendar.off = working_days(8, 20).off;
    assert_eq!(hours_of(calendar, EN), "daily hour-8 to hour-22 except-holidays");
}

#[test]
fn days_with_equal_hours_are_grouped_and_closed_days_left_out() {
    let (long, short): (&[_], &[_]) = (&[(480, 1200)], &[(540, 720)]);
    let calendar = plain([long, long, short, long, long, short, &[]]);
    let expected = "monday and tuesday and thursday and friday hour-8 to hour-20 and wednesday and saturday hour-9 to hour-12";
    assert_eq!(hours_of(calendar, ZH), expected);
}

#[test]
fn several_spans_of_a_day_are_joined() {
    let day: &[(u16, u16)] = &[(480, 720), (840, 1080)];
    let calendar = plain([day, &[], &[], &[], &[], &[], &[]]);
    assert_eq!(hours_of(calendar, ZH), "monday hour-8 to hour-12 and hour-14 to hour-18");
}

#[test]
fn half_hours_and_odd_minutes_follow_each_language() {
    let calendar = plain([&[(510, 1290)], &[], &[], &[], &[], &[], &[]]);
    assert_eq!(hours_of(calendar.clone(), ZH), "monday hour-8 half to hour-21 half");
    assert_eq!(hours_of(calendar, EN), "monday 8 30 am to 9 30 pm");
    let calendar = plain([&[(5, 735)], &[], &[], &[], &[], &[], &[]]);
    assert_eq!(hours_of(calendar.clone(), ZH), "monday hour-0 0 5 to hour-12 10 5");
    assert_eq!(hours_of(calendar, EN), "monday 12 0 5 am to 12 15 pm");
}

#[test]
fn round_the_clock_and_never_have_words_too() {
    assert_eq!(hours_of(plain([&[(0, 1440)]; 7]), ZH), "daily hour-0 to hour-24");
    assert_eq!(hours_of(plain([&[]; 7]), ZH), "");
}
