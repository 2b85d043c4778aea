//! Callers who have spoken with us before: the owner of an open matter first, then who had them last (R57, R43; manual.md Part K, scenario 8).

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, number, queue, seat};
use hotline_engine::{Input, PastTalk};
use hotline_model::{DeskOrder, Name, Number, WallTime};
use std::time::Duration;

fn hotline(more: &str) -> Hotline {
    let seats = [seat("1001", 6001, "skills = { any = 5 }"), seat("1002", 6002, "skills = { any = 5 }")].concat();
    let answers = Habit::Answers(Duration::from_secs(1));
    let rules = [PREAMBLE, &number("direct", "line", ""), &queue("line", 1, "wrap_up = \"0s\""), &seats, more].concat();
    Hotline::new(&rules, &[(6001, answers), (6002, answers)])
}

/// A call of 10 s from the phone at a port; the agent may state what became of it. The seat that had it.
fn talk(hotline: &mut Hotline, count: u32, port: u16, disposition: Option<&str>) -> String {
    let caller = hotline.dial(port, "direct");
    hotline.pass_ms(10_000);
    let seat = hotline.record(call(count)).seat.expect("somebody answered").to_string();
    if let Some(disposition) = disposition {
        let (now, id) = (hotline.now, hotline.seat(&seat));
        hotline.engine.handle(now, Input::Desk { seat: id, by: "agent".into(), order: DeskOrder::Dispose(disposition.into()) });
        assert_eq!(hotline.engine.desk_answer(), Ok(()));
        hotline.settle();
    }
    hotline.hang_up(caller);
    hotline.pass_ms(1_000);
    seat
}

fn known(hotline: &Hotline, count: u32) -> (Option<Name>, Option<Name>) {
    hotline.record(call(count)).recognised
}

#[test]
fn a_repeat_caller_with_an_open_matter_is_offered_to_its_owner_first_r57() {
    let mut hotline = hotline("");
    assert_eq!(talk(&mut hotline, 0, 7001, Some("follow-up")), "1001");
    assert_eq!(known(&hotline, 0), (None, None));
    assert_eq!(talk(&mut hotline, 1, 7002, None), "1002", "idle longest");
    assert_eq!(talk(&mut hotline, 2, 7003, None), "1001");
    assert_eq!(talk(&mut hotline, 3, 7001, None), "1001", "the owner, although the other is idle longer");
    assert_eq!(known(&hotline, 3).0.as_deref(), Some("1001"));
}

#[test]
fn a_matter_that_nobody_closed_is_open_and_a_closed_one_leads_to_who_had_the_caller_last_r43_r57() {
    let mut hotline = hotline("");
    talk(&mut hotline, 0, 7001, None);
    talk(&mut hotline, 1, 7002, Some("resolved"));
    talk(&mut hotline, 2, 7001, Some("resolved"));
    assert_eq!(known(&hotline, 2), (Some("1001".into()), Some("1001".into())));
    talk(&mut hotline, 3, 7002, None);
    assert_eq!(known(&hotline, 3), (None, Some("1002".into())));
    talk(&mut hotline, 4, 7001, None);
    assert_eq!(known(&hotline, 4), (None, Some("1001".into())));
}

#[test]
fn nobody_is_known_for_longer_than_the_rules_say() {
    let mut hotline = hotline("[desk]\nmatter_open_for = \"1h\"\n");
    talk(&mut hotline, 0, 7001, None);
    hotline.pass(Duration::from_secs(3_601));
    talk(&mut hotline, 1, 7001, None);
    assert_eq!(known(&hotline, 1), (None, None));
}

#[test]
fn a_seat_that_the_rules_no_longer_have_is_nobodys_owner() {
    let mut hotline = hotline("");
    talk(&mut hotline, 0, 7001, None);
    hotline.change_rules(
        &[PREAMBLE, &number("direct", "line", ""), &queue("line", 1, ""), &seat("1002", 6002, "skills = { any = 5 }")].concat(),
    );
    assert_eq!(talk(&mut hotline, 1, 7001, None), "1002");
    assert_eq!(known(&hotline, 1), (None, None));
}

#[test]
fn what_earlier_runs_know_counts_unless_a_later_call_is_known() {
    let mut hotline = hotline("");
    let past = |from: &str, seat: &str, at: WallTime| PastTalk {
        from: Number::new(from),
        owner: seat.into(),
        last: seat.into(),
        disposition: None,
        at,
    };
    hotline.settle();
    let now = hotline.journal.iter().find_map(|entry| if let hotline_model::Entry::Seat(event) = entry { Some(event.at) } else { None });
    let now = now.expect("the seats are journalled at the start");
    let hour = |hours: i64| WallTime(now.0 - hours * 3_600_000_000);
    let talks = vec![past("13800137001", "1002", hour(1)), past("13800137001", "1001", hour(2)), past("anonymous", "1002", hour(1))];
    hotline.engine.handle(hotline.now, Input::Past(talks));
    assert_eq!(talk(&mut hotline, 0, 7001, None), "1002");
    assert_eq!(known(&hotline, 0).0.as_deref(), Some("1002"));
}

#[test]
fn a_call_that_was_live_over_a_crash_is_known_too_and_one_that_waits_keeps_its_owner() {
    let mut hotline = hotline("");
    let caller = hotline.dial(7001, "direct");
    hotline.pass_ms(5_000);
    hotline.restart();
    hotline.pass_ms(1_000);
    hotline.hang_up(caller);
    hotline.pass_ms(1_000);
    hotline.dial(7001, "direct");
    let second = hotline_model::CallId::new(2, 0, 0);
    assert_eq!(hotline.record(second).recognised.0.as_deref(), Some("1001"));
    hotline.restart();
    hotline.pass_ms(5_000);
    assert_eq!(hotline.record(second).seat.as_deref(), Some("1001"), "offered anew, to the owner");
}
