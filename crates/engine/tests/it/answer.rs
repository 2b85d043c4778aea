//! Manual Part K, scenarios 1 and 2: picked up at once, a person within 30 s, and what happens when nobody is there.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{MENU, PREAMBLE, first_seat, number, queue, seat};
use hotline_media::Command;
use hotline_model::history::{Cause, ClockChange, EventKind, OfferEnd, Side};
use hotline_model::{Activity, Intent, NotReadyReason};
use hotline_sip::Event;
use std::time::Duration;

fn one_seat() -> String {
    let line = "wrap_up = \"20s\"\noverflow = \"second\"\nbreach = [\"breach-announcement\"]\nsay = [\"please-wait\"]";
    let queues = [queue("line", 5, line), queue("second", 1, "")].concat();
    [PREAMBLE, MENU, &number("queue", "line", ""), &queues, &first_seat()].concat()
}

fn two_seats(proficiency_of_second: u8) -> String {
    one_seat() + &seat("1002", 6002, &format!("skills = {{ any = {proficiency_of_second} }}"))
}

fn clock(record: &hotline_model::Record, number: u8) -> ClockChange {
    record.clocks.iter().find(|clock| clock.clock == number).expect("the clock ran").state
}

#[test]
fn a_call_is_picked_up_in_the_step_in_which_it_comes_r1_r2_k1() {
    let mut hotline = Hotline::new(&one_seat(), &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    let caller = hotline.dial(7001, "hotline");
    assert!(hotline.phones[&caller].saw(|event| matches!(event, Event::Answered { .. })));
    let record = hotline.record(call(0));
    assert_eq!(record.t1, Some(record.t0), "t0 and t1 are of one step");
    assert_eq!(clock(&record, 1), ClockChange::Met);
    assert_eq!(record.from.reveal(), "+8613800137001", "R1: the number is logged");
    assert_eq!(hotline.said(), ["main-menu"]);
}

#[test]
fn a_free_seat_is_bridged_at_once_and_the_record_says_everything_r5_k3() {
    let mut hotline = Hotline::new(&one_seat(), &[(6001, Habit::Answers(Duration::from_secs(4)))]);
    let caller = hotline.dial(7001, "hotline");
    hotline.pass_ms(2_000);
    hotline.press(call(0), '1');
    hotline.pass_ms(4_000);
    assert!(matches!(hotline.media.last(), Some(Command::Bridge { .. })));
    hotline.pass_ms(60_000);
    hotline.hang_up(caller);
    let before_wrap_up = hotline.record(call(0));
    assert_eq!((before_wrap_up.t6.is_some(), before_wrap_up.t7), (true, None), "wrap-up goes on");
    assert_eq!(hotline.state("1001").activity, Activity::WrapUp);
    hotline.pass_ms(20_000);
    let record = hotline.record(call(0));
    let seconds = |at: Option<hotline_model::WallTime>| at.map(|at| at.since(record.t0).as_secs());
    assert_eq!([record.t2, record.t2r, record.t3, record.t6, record.t7].map(seconds), [2, 2, 6, 66, 86].map(Some));
    assert_eq!((record.t4, record.t5), (None, None), "nobody stated them");
    assert_eq!(record.seat.as_deref(), Some("1001"));
    assert_eq!(record.queue.as_deref(), Some("line"));
    assert_eq!(record.digits, "1");
    assert_eq!((record.hung_up_by, record.cause), (Some(Side::Caller), Some(Cause::Normal)));
    assert_eq!(clock(&record, 3), ClockChange::Met);
    assert_eq!(clock(&record, 4), ClockChange::Dropped, "K4 was not stated as done in a minute");
    assert!(hotline.state("1001").is_ready());
    assert_eq!(hotline.engine.calls(), 0);
    assert_eq!(hotline.engine.figures().free_ports, 50, "every port is back");
}

#[test]
fn a_seat_that_is_busy_until_25_s_still_answers_within_30_s_r5() {
    let mut hotline = Hotline::new(&one_seat(), &[(6001, Habit::Answers(Duration::from_secs(3)))]);
    hotline.sign("1001", Intent::NotReady(NotReadyReason::Break));
    hotline.dial(7001, "queue");
    hotline.pass_ms(25_000);
    assert!(hotline.offers().is_empty());
    hotline.sign("1001", Intent::Available);
    hotline.pass_ms(3_000);
    let record = hotline.record(call(0));
    assert_eq!(record.t3.map(|at| at.since(record.t0).as_secs()), Some(28));
    assert_eq!(clock(&record, 3), ClockChange::Met);
}

#[test]
fn with_nobody_there_the_clock_breaches_at_30_s_the_caller_is_told_and_the_call_waits_on_r5_r75_k3() {
    let mut hotline = Hotline::new(&one_seat(), &[(6001, Habit::Answers(Duration::from_secs(9)))]);
    hotline.sign("1001", Intent::SignedOut);
    let caller = hotline.dial(7001, "queue");
    hotline.pass_ms(29_999);
    assert!(!hotline.said().contains(&"breach-announcement".to_owned()));
    hotline.pass_ms(1);
    assert!(hotline.said().contains(&"breach-announcement".to_owned()));
    let overflowed = |event: &hotline_model::CallEvent| matches!(&event.kind, EventKind::Overflowed { to: Some(to) } if &**to == "second");
    assert!(hotline.events(call(0)).iter().any(overflowed));
    hotline.pass_ms(300_000);
    assert!(!hotline.phones[&caller].saw(|event| matches!(event, Event::Bye { .. })), "a breach never drops a call");
    hotline.sign("1001", Intent::Available);
    let ring = hotline.events(call(0)).iter().find_map(|event| match event.kind {
        EventKind::Offered { ring_ms, .. } => Some(ring_ms),
        _ => None,
    });
    assert_eq!(ring, Some(10_000), "a breached call gets a full ring");
    hotline.pass_ms(9_000);
    let record = hotline.record(call(0));
    assert_eq!(record.seat.as_deref(), Some("1001"));
    assert_eq!(clock(&record, 3), ClockChange::Breached);
}

#[test]
fn at_the_breach_the_overflow_queues_seats_are_tried_k3() {
    let mut hotline = Hotline::new(&two_seats(2), &[(6002, Habit::Answers(Duration::from_secs(1)))]);
    hotline.sign("1001", Intent::SignedOut);
    hotline.dial(7001, "queue");
    hotline.pass_ms(29_000);
    assert!(hotline.offers().is_empty(), "1002 does not serve the queue");
    hotline.pass_ms(2_000);
    assert_eq!(hotline.record(call(0)).seat.as_deref(), Some("1002"));
}

#[test]
fn a_ring_without_an_answer_is_rona_and_the_next_seat_is_called_in_the_same_step() {
    let mut hotline = Hotline::new(&two_seats(5), &[(6001, Habit::RingsOut), (6002, Habit::Answers(Duration::from_secs(2)))]);
    hotline.dial(7001, "queue");
    hotline.pass_ms(10_000);
    assert_eq!(hotline.offers(), [(0, "1001".into()), (0, "1002".into())]);
    assert_eq!(hotline.state("1001").intent, Intent::NotReady(NotReadyReason::Rona));
    hotline.pass_ms(2_000);
    let record = hotline.record(call(0));
    assert_eq!(record.offers[0].end, Some(OfferEnd::Rona));
    assert_eq!(record.seat.as_deref(), Some("1002"));
    let phone = &hotline.phones[&std::net::SocketAddr::from(([127, 0, 0, 2], 6001))];
    assert!(phone.saw(|event| matches!(event, Event::Cancelled { .. })), "its phone stops ringing");
}

#[test]
fn a_busy_phone_is_left_alone_for_a_while_and_the_next_seat_called_in_the_same_step() {
    let mut hotline = Hotline::new(&two_seats(5), &[(6001, Habit::Refuses(486)), (6002, Habit::Answers(Duration::from_secs(2)))]);
    hotline.dial(7001, "queue");
    assert_eq!(hotline.offers(), [(0, "1001".into()), (0, "1002".into())]);
    assert_eq!(hotline.record(call(0)).offers[0].end, Some(OfferEnd::Rejected(486)));
    assert_eq!(hotline.state("1001").intent, Intent::Available, "busy is not RONA");
    hotline.dial(7002, "queue");
    assert_eq!(hotline.offers().len(), 2, "not offered at once again");
    hotline.pass_ms(6_000);
    assert!(hotline.offers().len() > 2, "but after a while");
}

#[test]
fn a_phone_that_says_nothing_within_2_s_is_unreachable_and_not_blamed_for_rona() {
    let mut hotline = Hotline::new(&two_seats(5), &[(6001, Habit::Dead), (6002, Habit::Answers(Duration::from_secs(2)))]);
    hotline.dial(7001, "queue");
    hotline.pass_ms(2_000);
    assert_eq!(hotline.offers().len(), 2);
    assert!(!hotline.state("1001").reachable);
    assert_eq!(hotline.state("1001").intent, Intent::Available);
    assert_eq!(hotline.record(call(0)).offers[0].end, Some(OfferEnd::Unreachable));
}

#[test]
fn a_seat_whose_phone_missed_one_invite_is_tried_again_after_half_a_minute() {
    let mut hotline = Hotline::new(&one_seat(), &[(6001, Habit::Dead)]);
    hotline.dial(7001, "queue");
    hotline.pass_ms(2_000);
    assert!(!hotline.state("1001").reachable);
    hotline.change_habit(6001, Habit::Answers(Duration::from_secs(1)));
    hotline.pass_ms(31_000);
    assert_eq!(hotline.record(call(0)).seat.as_deref(), Some("1001"));
}

#[test]
fn a_dead_phone_registered_last_does_not_hide_the_live_one_registered_before() {
    let rules = one_seat().replace("contact = \"sip:1001@127.0.0.2:6001\"", "password = \"secret\"");
    let mut hotline = Hotline::new(&rules, &[(6001, Habit::Answers(Duration::from_secs(1))), (6002, Habit::Dead)]);
    hotline.register("1001", &[6001, 6002]);
    assert!(hotline.state("1001").is_ready());
    hotline.dial(7001, "queue");
    hotline.pass_ms(4_000);
    let record = hotline.record(call(0));
    assert_eq!(record.seat.as_deref(), Some("1001"));
    assert_eq!(record.offers.len(), 1, "it is one offer");
}

#[test]
fn a_caller_who_leaves_while_a_seat_rings_stops_that_ring_at_once() {
    let mut hotline = Hotline::new(&one_seat(), &[(6001, Habit::RingsOut)]);
    let caller = hotline.dial(7001, "queue");
    hotline.pass_ms(3_000);
    let before = hotline.now;
    hotline.hang_up(caller);
    assert_eq!(hotline.now, before, "no timer was needed");
    let phone = &hotline.phones[&std::net::SocketAddr::from(([127, 0, 0, 2], 6001))];
    assert!(phone.saw(|event| matches!(event, Event::Cancelled { .. })));
    let record = hotline.record(call(0));
    assert_eq!(record.offers[0].end, Some(OfferEnd::CallerGone));
    assert_eq!(record.cause, Some(Cause::AbandonedInQueue));
    assert!(record.t7.is_some());
    assert!(hotline.state("1001").is_ready());
}

/// The process was stopped for a while: the answer is read before the timers that were due meanwhile.
#[test]
fn an_answer_after_the_offer_was_over_leaves_the_call_waiting_with_its_clock_and_its_announcements() {
    let rules = one_seat().replace("say = [\"please-wait\"]", "announce = [\"please-wait\"]\nannounce_every = \"20s\"");
    for (signed_out_ms, state) in [(0, ClockChange::Started), (31_000, ClockChange::Breached)] {
        let mut hotline = Hotline::new(&rules, &[(6001, Habit::RingsOut)]);
        hotline.sign("1001", Intent::SignedOut);
        hotline.dial(7001, "queue");
        hotline.pass_ms(signed_out_ms);
        hotline.sign("1001", Intent::Available);
        hotline.stop_for_ms(16_000);
        hotline.pick_up(([127, 0, 0, 2], 6001).into());
        let record = hotline.record(call(0));
        assert_eq!((record.t3, record.offers[0].end), (None, Some(OfferEnd::Withdrawn)), "{state:?}");
        assert_eq!(clock(&record, 3), state);
        assert_eq!(record.clocks.len(), 2, "no clock of a conversation ran: {:?}", record.clocks);
        assert!(hotline.phones[&([127, 0, 0, 2], 6001).into()].saw(|event| matches!(event, Event::Bye { .. })));
        assert_eq!((hotline.engine.figures().waiting, hotline.engine.counters().answered), (1, 0));
        let announced = |hotline: &Hotline| hotline.said().iter().filter(|said| *said == "please-wait").count();
        let before = announced(&hotline);
        hotline.pass_ms(14_000);
        let record = hotline.record(call(0));
        assert_eq!(clock(&record, 3), ClockChange::Breached);
        let breach = record.clocks.iter().find(|clock| clock.clock == 3).map(|clock| clock.at.since(record.t0).as_secs());
        assert_eq!(breach, Some(30), "30 s from the start, as if nobody had answered");
        assert!(announced(&hotline) > before, "{before}");
        hotline.change_habit(6001, Habit::Answers(Duration::from_secs(1)));
        hotline.pass_ms(10_000);
        hotline.sign("1001", Intent::Available);
        hotline.pass_ms(2_000);
        assert_eq!(hotline.record(call(0)).seat.as_deref(), Some("1001"));
        assert_eq!(hotline.engine.counters().answered, 1);
    }
}

#[test]
fn an_agent_who_hangs_up_ends_the_call_for_the_caller_too() {
    let mut hotline = Hotline::new(&one_seat(), &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    let caller = hotline.dial(7001, "queue");
    hotline.pass_ms(5_000);
    hotline.hang_up(([127, 0, 0, 2], 6001).into());
    assert!(hotline.phones[&caller].saw(|event| matches!(event, Event::Bye { .. })));
    assert_eq!(hotline.record(call(0)).hung_up_by, Some(Side::Agent));
}

#[test]
fn three_missing_inputs_lead_to_a_person_r9() {
    let mut hotline = Hotline::new(&one_seat(), &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    hotline.dial(7001, "hotline");
    for _ in 0..3 {
        assert_eq!(hotline.record(call(0)).t2, None);
        hotline.hear_out(call(0));
        hotline.pass_ms(5_000);
    }
    assert!(hotline.record(call(0)).t2.is_some());
}

#[test]
fn a_complaint_starts_the_ten_minute_clock_with_the_conversation_r79_k11() {
    let mut hotline = Hotline::new(&one_seat(), &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    hotline.dial(7001, "hotline");
    hotline.press(call(0), '3');
    hotline.pass_ms(1_000 + 600_000);
    let record = hotline.record(call(0));
    assert_eq!(clock(&record, 11), ClockChange::Breached);
    assert_eq!(clock(&record, 4), ClockChange::Breached, "five minutes");
    assert_eq!(clock(&record, 5), ClockChange::Started, "fifteen minutes");
    assert_eq!(record.classified.unwrap().kind, Some(hotline_model::Kind::Complaint));
}

#[test]
fn hold_gives_the_other_side_music_and_resume_the_conversation() {
    let mut hotline = Hotline::new(&one_seat(), &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    let caller = hotline.dial(7001, "queue");
    hotline.pass_ms(5_000);
    let (dialog, now) = (hotline.dialog(caller), hotline.now);
    let reinvite = |hotline: &mut Hotline, version, direction: &str| {
        let phone = hotline.phones.get_mut(&caller).unwrap();
        phone.endpoint.reinvite(now, dialog, crate::hotline::sdp(caller, version, direction)).unwrap();
        hotline.settle();
    };
    reinvite(&mut hotline, 2, "sendonly");
    assert!(matches!(hotline.media[hotline.media.len() - 2..], [Command::Unbridge { .. }, Command::Music { on: true, .. }]));
    reinvite(&mut hotline, 3, "sendrecv");
    assert!(matches!(hotline.media.last(), Some(Command::Bridge { .. })));
    let by = |kind: &EventKind| matches!(kind, EventKind::Held { .. } | EventKind::Resumed { .. });
    assert_eq!(hotline.events(call(0)).iter().filter(|event| by(&event.kind)).count(), 2);
}
