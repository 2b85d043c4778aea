//! Scenario 15 of the manual's Part K: R15, R16, R17, R18.

use crate::house::*;
use hotline_ivr::Output;
use hotline_model::Kind;
use jiff::civil::{Date, date};

const WEDNESDAY: Date = date(2026, 9, 30);
const HOLIDAY: Date = date(2026, 10, 1);
const SATURDAY: Date = date(2026, 9, 26);
const MAKE_UP_SATURDAY: Date = date(2026, 10, 10);

fn menu_at(day: Date, hour: i8, minute: i8, second: i8) -> Option<hotline_rules::MenuId> {
    let mut caller = Caller::at(plan(), day, hour, minute, second);
    caller.start();
    caller.session.menu()
}

#[test]
fn service_ends_at_20_00_00_sharp_on_a_working_day_r15() {
    assert_eq!(menu_at(WEDNESDAY, 7, 59, 59), Some(AFTER_HOURS));
    assert_eq!(menu_at(WEDNESDAY, 8, 0, 0), Some(MAIN));
    assert_eq!(menu_at(WEDNESDAY, 19, 59, 59), Some(MAIN));
    assert_eq!(menu_at(WEDNESDAY, 20, 0, 0), Some(AFTER_HOURS));
}

#[test]
fn holidays_and_weekends_are_closed_and_make_up_days_open_r16() {
    assert_eq!(menu_at(HOLIDAY, 10, 0, 0), Some(AFTER_HOURS));
    assert_eq!(menu_at(SATURDAY, 10, 0, 0), Some(AFTER_HOURS));
    assert_eq!(menu_at(MAKE_UP_SATURDAY, 10, 0, 0), Some(MAIN));
    assert_eq!(menu_at(MAKE_UP_SATURDAY, 20, 0, 0), Some(AFTER_HOURS));
}

#[test]
fn a_complaint_at_three_in_the_night_is_accepted_r17() {
    for day in [WEDNESDAY, HOLIDAY, SATURDAY] {
        let mut caller = Caller::at(plan(), day, 3, 0, 0);
        caller.start();
        assert_eq!(said(&caller.press("3")), ["complaint-accepted-out-of-hours"]);
        let heard = caller.hears_it_out();
        let [Output::Classified { profile, queue, .. }] = heard.as_slice() else { panic!("{heard:?}") };
        assert_eq!((profile.kind, *queue), (Some(Kind::Complaint), COMPLAINTS));
    }
}

#[test]
fn the_hours_announced_are_the_hours_in_force_r18() {
    let mut plan = plan();
    plan.calendars[0] = working_days(9, 18);
    let mut caller = Caller::at(plan, WEDNESDAY, 19, 0, 0);
    let expected = ["welcome", "closed-intro", "working-days", "hour-9", "to", "hour-18", "complaint-anytime"];
    assert_eq!(said(&caller.start()), expected);
}

#[test]
fn a_caller_who_is_inside_at_closing_time_stays_inside() {
    let mut caller = Caller::at(plan(), WEDNESDAY, 19, 59, 59);
    caller.start();
    caller.now = hotline_model::Timestamp(10_000_000);
    caller.hears_it_out();
    assert_eq!(said(&caller.press("7")), ["invalid-key", "main-menu", "en:press-9-for-english"]);
}

#[test]
fn a_step_of_the_wall_clock_moves_the_hours_with_it() {
    let mut caller = Caller::at(plan(), WEDNESDAY, 10, 0, 0);
    caller.offset += 11 * 3600 * 1_000_000;
    caller.start();
    assert_eq!(caller.session.menu(), Some(AFTER_HOURS));
}
