//! The block list: who is turned away and how, and who never is.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, number, queue, seat};
use hotline_engine::Input;
use hotline_model::history::{BlockAnswer, Blocked, Cause, EventKind, PhoneEvent, Side};
use hotline_model::{Entry, Number};
use hotline_sip::Event;
use std::time::Duration;

const SEATS: [(u16, Habit); 1] = [(6001, Habit::Answers(Duration::from_secs(1)))];
const NUMBERS: &str = "[[block]]\nnumbers = [\"138 0013 7001\"]\nnote = \"threats\"\n";

fn hotline(blocks: &str) -> Hotline {
    let rules = [PREAMBLE, &number("direct", "line", ""), &queue("line", 1, ""), &seat("1001", 6001, "skills = { any = 5 }"), blocks];
    Hotline::new(&rules.concat(), &SEATS)
}

fn blocked(hotline: &Hotline) -> Option<Blocked> {
    hotline.journal.iter().find_map(|entry| match entry {
        Entry::Call(event) => {
            if let EventKind::Blocked(blocked) = &event.kind {
                Some(blocked.clone())
            } else {
                None
            }
        }
        _ => None,
    })
}

fn refused(hotline: &Hotline, port: u16) -> Option<u16> {
    let address = ([127, 0, 0, 3], port).into();
    hotline.phones[&address].events.iter().find_map(|event| if let Event::Rejected { code, .. } = event { Some(*code) } else { None })
}

#[test]
fn a_blocked_number_is_declined_and_the_record_says_where_the_rules_say_so() {
    let mut hotline = hotline(NUMBERS);
    hotline.dial_as(7001, "direct", "<sip:013800137001@x>", &[]);
    assert_eq!(refused(&hotline, 7001), Some(603));
    let record = hotline.record(call(0));
    assert_eq!((record.hung_up_by, record.cause, record.t1), (Some(Side::System), Some(Cause::Blocked), None));
    let told = blocked(&hotline).unwrap();
    assert!(told.rule.starts_with("rules.toml:"), "{told:?}");
    assert_eq!((told.note.as_deref(), told.answer), (Some("threats"), BlockAnswer::Decline));
    assert_eq!((hotline.engine.counters().blocked, hotline.engine.counters().picked_up), (1, 0));
    assert_eq!(hotline.engine.calls(), 0);
}

#[test]
fn the_next_call_has_an_id_of_its_own_and_is_taken() {
    let mut hotline = hotline(NUMBERS);
    hotline.dial_as(7001, "direct", "<sip:13800137001@x>", &[]);
    hotline.dial_as(7002, "direct", "<sip:13800137002@x>", &[]);
    hotline.pass(Duration::from_secs(3));
    assert_eq!(hotline.record(call(0)).cause, Some(Cause::Blocked));
    assert!(hotline.record(call(1)).t3.is_some());
}

#[test]
fn a_block_may_answer_busy_and_fit_patterns_and_those_without_a_number() {
    let mut hotline = hotline("[[block]]\npattern = [\"1705x{7}\", \"00x{8,15}\"]\nanswer = \"486\"\n[[block]]\nanonymous = true\n");
    for (port, from, code) in [
        (7001, "<sip:17051234567@x>", Some(486)),
        (7002, "<tel:+86-170-5123-4567>", Some(486)),
        (7003, "<sip:+12125551234@x>", Some(486)),
        (7004, "<sip:anonymous@anonymous.invalid>", Some(603)),
        (7005, "<sip:17061234567@x>", None),
    ] {
        hotline.dial_as(port, "direct", from, &[]);
        assert_eq!(refused(&hotline, port), code, "{from}");
    }
}

#[test]
fn a_blocked_caller_may_be_told_why_and_is_hung_up_after_it() {
    let rules = "[[block]]\npattern = \"138x{8}\"\nanswer = \"announcement\"\nsay = \"goodbye\"\n";
    let mut hotline = hotline(rules);
    let (caller, _) = hotline.dial_as(7001, "direct", "<sip:13800137001@x>", &[]);
    assert!(hotline.record(call(0)).t1.is_some());
    hotline.hear_out(call(0));
    let record = hotline.record(call(0));
    assert_eq!((record.hung_up_by, record.cause, record.queue), (Some(Side::System), Some(Cause::Blocked), None));
    assert!(hotline.phones[&caller].saw(|event| matches!(event, Event::Bye { .. })));
    assert_eq!(blocked(&hotline).unwrap().answer, BlockAnswer::Announcement);
}

#[test]
fn a_blocked_caller_who_hangs_up_meanwhile_is_a_blocked_one_all_the_same() {
    let mut hotline = hotline("[[block]]\npattern = \"138x{8}\"\nanswer = \"announcement\"\nsay = \"goodbye\"\n");
    let (caller, _) = hotline.dial_as(7001, "direct", "<sip:13800137001@x>", &[]);
    hotline.hang_up(caller);
    assert_eq!(hotline.record(call(0)).cause, Some(Cause::Blocked));
}

#[test]
fn an_emergency_service_that_calls_back_is_never_turned_away_rfc_7090() {
    let trunk = "[[trunk]]\nname = \"carrier\"\ncontact = \"sip:127.0.0.3:7001\"\nfrom = \"02100000000\"\n";
    let all = format!("{trunk}[[block]]\nanonymous = true\npattern = [\"x{{3,20}}\", \"0x{{3,19}}\"]\n");
    for (from, priority, taken) in [
        ("<sip:110@x>", None, true),
        ("<sip:+86110@x>", None, true),
        ("<sip:anonymous@anonymous.invalid>", Some("psap-callback"), true),
        ("<sip:02112345678@x>", Some("psap-callback"), true),
        ("<sip:02122345678@x>", Some("emergency"), false),
        ("<sip:02122345678@x>", None, false),
    ] {
        let mut hotline = hotline(&all);
        let headers: Vec<(&str, &str)> = priority.into_iter().map(|value| ("Priority", value)).collect();
        hotline.dial_as(7001, "direct", from, &headers);
        assert_eq!(blocked(&hotline).is_none(), taken, "{from} {priority:?}");
    }
}

#[test]
fn the_mark_of_an_emergency_service_counts_from_a_trunk_only() {
    let mut hotline = hotline("[[block]]\nanonymous = true\n");
    hotline.dial_as(7001, "direct", "<sip:anonymous@anonymous.invalid>", &[("Priority", "psap-callback")]);
    assert!(blocked(&hotline).is_some());
}

#[test]
fn for_half_an_hour_after_a_seat_called_an_emergency_service_nobody_is_turned_away() {
    let mut hotline = hotline("[[block]]\nanonymous = true\n");
    hotline.seat_dials(([127, 0, 0, 2], 6001).into(), "1001", "110");
    hotline.dial_as(7001, "direct", "<sip:anonymous@anonymous.invalid>", &[]);
    assert!(blocked(&hotline).is_none());
    hotline.pass(Duration::from_secs(1_801));
    hotline.dial_as(7002, "direct", "<sip:anonymous@anonymous.invalid>", &[]);
    assert!(blocked(&hotline).is_some());
}

#[test]
fn a_restart_does_not_forget_that_an_emergency_service_was_called() {
    let rules = "[[block]]\nanonymous = true\n";
    let anonymous = |hotline: &mut Hotline, port| {
        hotline.dial_as(port, "direct", "<sip:anonymous@anonymous.invalid>", &[]);
        hotline.pass(Duration::from_secs(1));
        refused(hotline, port).is_none()
    };
    // The state file says it.
    let mut saved = hotline(rules);
    saved.seat_dials(([127, 0, 0, 2], 6001).into(), "1001", "110");
    saved.pass(Duration::from_secs(600));
    let at = saved.engine.emergency_at().unwrap();
    saved.journal.clear();
    saved.restart();
    assert!(!anonymous(&mut saved, 7001), "nobody said it yet");
    saved.engine.handle(saved.now, Input::Emergency(at));
    assert!(anonymous(&mut saved, 7002));
    saved.pass(Duration::from_secs(1_201));
    assert!(!anonymous(&mut saved, 7003) && saved.engine.emergency_at().is_none());
    // Before it was written, the journal does.
    let mut crashed = hotline(rules);
    crashed.seat_dials(([127, 0, 0, 2], 6001).into(), "1001", "119");
    let called =
        |entry: &Entry| matches!(entry, Entry::Call(event) if matches!(event.kind, EventKind::Phone(PhoneEvent::Emergency { .. })));
    let end = crashed.journal.iter().position(called).unwrap();
    crashed.journal.truncate(end + 1);
    crashed.restart();
    assert!(anonymous(&mut crashed, 7001));
}

#[test]
fn the_first_of_two_blocks_counts() {
    let mut hotline = hotline("[[block]]\npattern = \"138x{8}\"\nanswer = \"486\"\n[[block]]\nnumbers = [\"13800137001\"]\n");
    hotline.dial_as(7001, "direct", "<sip:13800137001@x>", &[]);
    assert_eq!(refused(&hotline, 7001), Some(486));
    assert!(!hotline.record(call(0)).from.is_anonymous() && hotline.record(call(0)).from != Number::default());
}
