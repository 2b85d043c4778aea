//! A process that dies at any event is followed by one that takes its calls up: it re-INVITEs, and answers the next BYE.

use crate::hotline::{Habit, Hotline, call, sdp};
use crate::house::{MENU, PREAMBLE, first_seat, number, queue};
use hotline_media::Command;
use hotline_model::history::EventKind;
use hotline_model::{Activity, CallId, DeskOrder};
use hotline_sip::Event;
use std::net::SocketAddr;
use std::time::Duration;

const CALLER: ([u8; 4], u16) = ([127, 0, 0, 3], 7001);
const AGENT: ([u8; 4], u16) = ([127, 0, 0, 2], 6001);

fn rules() -> String {
    [PREAMBLE, MENU, &number("direct", "line", ""), &queue("line", 1, "wrap_up = \"0s\""), &first_seat()].concat()
}

/// A walk through menu, wait, ring and talk, cut off after so many journal entries.
fn walk(crash_after: usize) -> Hotline {
    let mut hotline = Hotline::new(&rules(), &[(6001, Habit::Answers(Duration::from_secs(3)))]);
    hotline.crash_after = crash_after;
    hotline.dial(7001, "hotline");
    hotline.pass_ms(2_000);
    if !hotline.crashed() {
        hotline.press(call(0), '0');
    }
    hotline.pass_ms(5_000);
    hotline
}

fn reinvites(hotline: &Hotline, phone: SocketAddr) -> usize {
    hotline.phones[&phone].events.iter().filter(|event| matches!(event, Event::Reinvite { .. })).count()
}

#[test]
fn a_walk_stopped_after_any_event_goes_on_from_its_journal() {
    let whole = walk(usize::MAX);
    let entries = whole.journal.len();
    assert!(whole.engine.figures().talking == 1 && entries > 15, "the walk reaches the conversation: {entries} entries");
    let (mut taken_up, mut begun_anew) = (0, 0);
    for cut in 1..=entries {
        let mut hotline = walk(cut);
        let established = hotline.events(call(0)).iter().any(|event| matches!(event.kind, EventKind::Leg { leg: 0, .. }));
        let answered = hotline.phones[&CALLER.into()].saw(|event| matches!(event, Event::Answered { .. }));
        hotline.restart();
        if !established {
            assert_eq!(hotline.engine.calls(), 0, "cut after {cut}: a call without a dialog is closed in the record");
        }
        if !answered {
            begun_anew += 1;
            assert_begins_anew(hotline, cut);
            continue;
        }
        taken_up += 1;
        assert_eq!(reinvites(&hotline, CALLER.into()), 1, "cut after {cut}: the caller is re-INVITEd");
        assert_eq!(hotline.engine.calls(), 1, "cut after {cut}");
        hotline.hang_up(CALLER.into());
        let ended = hotline.phones[&CALLER.into()].endpoint.counters();
        assert_eq!(ended.timeouts, 0, "cut after {cut}: the BYE was answered");
        let record = hotline.record(call(0));
        assert!(record.t6.is_some() && record.t7.is_some(), "cut after {cut}: the record is closed: {record:?}");
        assert_eq!(record.recoveries, 1);
        hotline.pass_ms(120_000);
        assert_eq!(hotline.engine.calls(), 0, "cut after {cut}");
        assert_eq!(hotline.engine.figures().free_ports, 50, "cut after {cut}: every port is back");
    }
    assert!(taken_up > 10 && begun_anew > 2, "{taken_up} {begun_anew}");
}

/// A caller who heard nothing of the 200 has no dialog (RFC 3261 12.1): its INVITE, sent again, is a new call; the old one, taken up from its
/// journal, is a ghost that ends within 32 s.
fn assert_begins_anew(mut hotline: Hotline, cut: usize) {
    let answers =
        |hotline: &Hotline| hotline.phones[&CALLER.into()].events.iter().filter(|event| matches!(event, Event::Answered { .. })).count();
    hotline.pass_ms(1_000);
    assert_eq!(answers(&hotline), 1, "cut after {cut}: the caller is picked up");
    hotline.pass_ms(31_000);
    let (old, new) = (hotline_model::Record::fold(&hotline.events(call(0))), hotline.record(CallId::new(2, 0, 0)));
    let is_closed = |record: &hotline_model::Record| record.t6.is_some() && record.t7.is_some();
    assert!(old.as_ref().is_none_or(is_closed), "cut after {cut}: the old record, if there is one, is closed: {old:?}");
    assert!(new.t1.is_some() && new.t6.is_none(), "cut after {cut}: {new:?}");
    assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (1, 49), "cut after {cut}: one call, one leg");
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(1_000);
    assert_eq!((hotline.engine.calls(), hotline.engine.figures().free_ports), (0, 50), "cut after {cut}");
}

#[test]
fn a_conversation_is_taken_up_on_both_legs_with_the_next_cseq_and_the_same_port() {
    let mut hotline = walk(usize::MAX);
    let port = |hotline: &Hotline| {
        hotline.events(call(0)).iter().rev().find_map(|event| match &event.kind {
            EventKind::Leg { leg: 0, media: Some(media), dialog, .. } => Some((media.local, dialog.local_cseq, media.sdp_version)),
            _ => None,
        })
    };
    let before = port(&hotline).expect("the caller's leg stands in the journal");
    hotline.restart();
    assert_eq!(hotline.engine.figures().talking, 1);
    assert_eq!((reinvites(&hotline, CALLER.into()), reinvites(&hotline, AGENT.into())), (1, 1));
    let after = port(&hotline).expect("the caller's leg stands in the journal");
    assert_eq!(after.0, before.0, "the same RTP port");
    assert!(after.1 > before.1, "the CSeq went up: {before:?} {after:?}");
    assert!(after.2 > before.2, "a new SDP version");
    assert!(!hotline.state("1001").is_ready(), "the seat is in the call");
    let clocks: Vec<u8> = hotline.record(call(0)).clocks.iter().map(|clock| clock.clock).collect();
    assert_eq!(clocks, [1, 3, 4, 5], "no clock is started twice");
    hotline.pass_ms(300_000);
    let breached = hotline.record(call(0)).clocks.iter().find(|clock| clock.clock == 4).map(|clock| clock.at.since(clock.started));
    assert_eq!(breached, Some(Duration::from_secs(300)), "K4 runs from the answer, not from the restart");
    hotline.hang_up(AGENT.into());
    assert!(hotline.phones[&CALLER.into()].saw(|event| matches!(event, Event::Bye { .. })), "the agent's BYE ends it for the caller");
    assert!(hotline.state("1001").is_ready());
}

#[test]
fn a_conversation_goes_on_although_the_new_process_has_rules_without_its_queue_or_its_number() {
    let other = [&queue("other", 1, "wrap_up = \"0s\""), &first_seat()[..]].concat();
    for numbers in [MENU.replace("\"line\"", "\"other\""), number("another", "other", "")] {
        let mut hotline = walk(usize::MAX);
        hotline.restart_with_rules(&[PREAMBLE, &numbers, &other].concat());
        assert_eq!((hotline.engine.figures().talking, hotline.offers().len()), (1, 1), "they talk on, and nobody rings: {numbers}");
        assert!(!hotline.state("1001").is_ready(), "the seat is in the call");
        hotline.hang_up(AGENT.into());
        assert!(hotline.phones[&CALLER.into()].saw(|event| matches!(event, Event::Bye { .. })), "the agent's BYE ends it for the caller");
        assert!(hotline.state("1001").is_ready());
    }
}

#[test]
fn a_legs_media_may_also_come_from_where_its_sip_comes_from_after_a_restart_too() {
    let mut hotline = Hotline::new(&rules(), &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    hotline.dial_with(7001, "direct", sdp(([10, 0, 0, 9], 7001).into(), 1, "sendrecv"));
    hotline.pass_ms(2_000);
    let opened = |hotline: &Hotline| -> Vec<_> {
        let setups = hotline.media.iter().filter_map(|command| match command {
            Command::Open { setup, .. } => Some((setup.remote.ip(), setup.also)),
            _ => None,
        });
        setups.collect()
    };
    let [caller, agent] = [CALLER, AGENT].map(|phone| SocketAddr::from(phone).ip());
    let before = opened(&hotline);
    assert_eq!(before, [([10, 0, 0, 9].into(), Some(caller)), (agent, Some(agent))]);
    hotline.restart();
    assert_eq!(opened(&hotline), before);
}

#[test]
fn a_waiting_call_keeps_its_place_and_its_clock_over_a_restart() {
    let mut hotline = Hotline::new(&rules(), &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    hotline.sign("1001", hotline_model::Intent::SignedOut);
    for port in [7001, 7002] {
        hotline.dial(port, "hotline");
        hotline.press(call(u32::from(port) - 7001), '0');
        hotline.pass_ms(5_000);
    }
    hotline.restart();
    let offers = hotline.offers();
    assert_eq!(offers.first().map(|(call, _)| *call), Some(0), "the first to come is the first to be served: {offers:?}");
}

#[test]
fn nobody_who_waited_is_turned_away_by_a_restart_however_full_the_queue_and_whatever_its_limit_is_then() {
    let line =
        |limit: u32| [PREAMBLE, &number("direct", "line", ""), &queue("line", 1, &format!("limit = {limit}")), &first_seat()].concat();
    for limit in [3, 1] {
        let mut hotline = Hotline::new(&line(3), &[(6001, Habit::RingsOut)]);
        for port in 7001..7005 {
            hotline.dial(port, "direct");
            hotline.pass_ms(500);
        }
        assert_eq!((hotline.engine.figures().waiting, hotline.offers().len()), (4, 1), "one rings, and the queue is full");
        hotline.restart_with_rules(&line(limit));
        hotline.pass_ms(1_000);
        let kept = |count| !hotline.events(call(count)).iter().any(|event| matches!(event.kind, EventKind::LeftQueue { .. }));
        assert!((0..4).all(kept), "limit = {limit}: nobody is told to try later");
        hotline.dial(7005, "direct");
        hotline.pass_ms(500);
        assert_eq!(hotline.said().last().map(String::as_str), Some("busy-try-later"), "limit = {limit}: a new caller is");
    }
}

#[test]
fn a_waiting_caller_whose_queue_and_number_the_new_process_lacks_waits_at_his_place_in_its_first_queue() {
    let mut hotline = Hotline::new(&[PREAMBLE, &number("old", "line", ""), &queue("line", 1, ""), &first_seat()].concat(), &[]);
    hotline.dial(7001, "old");
    hotline.pass_ms(7_000);
    let entered = hotline.record(call(0)).t2;
    hotline.restart_with_rules(&[PREAMBLE, &number("new", "other", ""), &queue("other", 1, ""), &first_seat()].concat());
    let record = hotline.record(call(0));
    assert_eq!((record.queue.as_deref(), record.t2, record.t6), (Some("other"), entered, None));
    assert_eq!((hotline.engine.figures().waiting, hotline.engine.figures().in_menu), (1, 0));
}

#[test]
fn a_hotline_that_ends_hangs_every_call_up_and_closes_its_record() {
    let mut hotline = walk(usize::MAX);
    hotline.engine.handle(hotline.now, hotline_engine::Input::HangUp);
    hotline.settle();
    for phone in [CALLER, AGENT] {
        assert!(hotline.phones[&phone.into()].saw(|event| matches!(event, Event::Bye { .. })));
    }
    let record = hotline.record(call(0));
    assert_eq!(record.cause, Some(hotline_model::history::Cause::Shutdown));
    assert!(record.t7.is_some());
    assert_eq!(hotline.engine.calls(), 0);
}

#[test]
fn a_seat_that_rang_when_the_process_died_is_cancelled_and_rings_anew_for_the_same_call() {
    let mut hotline = Hotline::new(&rules(), &[(6001, Habit::Answers(Duration::from_secs(5)))]);
    hotline.dial(7001, "direct");
    hotline.pass_ms(2_000);
    assert_eq!(hotline.offers(), [(0, "1001".to_owned())]);
    hotline.restart();
    let agent = &hotline.phones[&AGENT.into()];
    assert!(agent.saw(|event| matches!(event, Event::Cancelled { .. })), "the ring of the dead process is over");
    hotline.pass_ms(10_000);
    assert_eq!(hotline.engine.figures().talking, 1);
    let record = hotline.record(call(0));
    let ends: Vec<_> = record.offers.iter().map(|offer| offer.end).collect();
    assert_eq!(ends, [Some(hotline_model::history::OfferEnd::Withdrawn), None], "the record tells both rings");
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(40_000);
    assert_eq!(hotline.engine.figures().free_ports, 50);
    assert_eq!(hotline.phones[&AGENT.into()].events.iter().filter(|event| matches!(event, Event::Bye { .. })).count(), 1);
}

#[test]
fn a_seat_that_rang_is_cancelled_although_its_caller_hung_up_before_the_crash_was_over() {
    let mut hotline = Hotline::new(&rules(), &[(6001, Habit::RingsOut)]);
    hotline.dial(7001, "direct");
    hotline.pass_ms(1_000);
    let ringing = hotline
        .journal
        .iter()
        .position(|entry| matches!(entry, hotline_model::Entry::Call(event) if matches!(event.kind, EventKind::Inviting { .. })));
    hotline.journal.truncate(ringing.expect("the INVITE stands in the journal") + 1);
    hotline.phones.remove(&SocketAddr::from(CALLER));
    hotline.restart();
    assert!(hotline.phones[&AGENT.into()].saw(|event| matches!(event, Event::Cancelled { .. })));
}

#[test]
fn a_ring_whose_cancel_was_lost_in_a_second_crash_is_cancelled_by_the_third_run() {
    let mut hotline = Hotline::new(&rules(), &[(6001, Habit::RingsOut)]);
    hotline.dial(7001, "direct");
    hotline.pass_ms(1_000);
    let agent = hotline.phones.remove(&SocketAddr::from(AGENT)).expect("the seat's phone");
    hotline.restart();
    hotline.phones.insert(AGENT.into(), agent);
    hotline.restart();
    let agent = &hotline.phones[&AGENT.into()];
    assert!(agent.saw(|event| matches!(event, Event::Cancelled { .. })), "the run between rang anew on the same leg, which hides nothing");
}

#[test]
fn calls_that_waited_are_served_by_rank_after_a_restart_not_as_they_came_r24() {
    let numbers = [number("ordinary", "line", ""), number("urgent", "line", "set = { priority = \"urgent\" }")].concat();
    let rules = [PREAMBLE, &numbers, &queue("line", 1, ""), &first_seat()].concat();
    let mut hotline = Hotline::new(&rules, &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    hotline.sign("1001", hotline_model::Intent::SignedOut);
    hotline.dial(7001, "ordinary");
    hotline.pass_ms(1_000);
    hotline.dial(7002, "urgent");
    hotline.pass_ms(1_000);
    hotline.restart();
    assert_eq!(hotline.offers(), [(1, "1001".to_owned())], "by the seat that the start signed in");
    assert_eq!(hotline.engine.calls(), 2, "the seat's leg gets no port of a call that is yet to be taken up");
}

#[test]
fn a_conversation_that_was_taken_up_is_followed_by_the_wrap_up_of_its_queue() {
    let rules = rules().replace("wrap_up = \"0s\"", "wrap_up = \"5s\"");
    let mut hotline = Hotline::new(&rules, &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    hotline.dial(7001, "direct");
    hotline.pass_ms(3_000);
    hotline.restart();
    hotline.pass_ms(1_000);
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(4_000);
    assert_eq!(hotline.state("1001").activity, Activity::WrapUp);
    hotline.pass_ms(1_500);
    assert!(hotline.state("1001").is_ready() && hotline.engine.calls() == 0);
}

#[test]
fn a_wrap_up_that_a_crash_cut_short_goes_on_until_its_end_and_its_disposition_is_taken_r7() {
    let rules = rules().replace("wrap_up = \"0s\"", "wrap_up = \"10s\"");
    let mut hotline = Hotline::new(&rules, &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    hotline.dial(7001, "direct");
    hotline.pass_ms(3_000);
    hotline.hang_up(CALLER.into());
    hotline.pass_ms(3_000);
    hotline.restart();
    assert_eq!((hotline.state("1001").activity, hotline.engine.call_of(hotline.seat("1001"))), (Activity::WrapUp, Some(call(0))));
    hotline.pass_ms(5_000);
    assert_eq!(hotline.desk("1001", DeskOrder::Dispose("resolved".into())), Ok(()));
    assert_eq!(hotline.state("1001").activity, Activity::WrapUp);
    hotline.pass_ms(2_500);
    assert!(hotline.state("1001").is_ready() && hotline.record(call(0)).disposition.as_deref() == Some("resolved"));
    assert!(hotline.events(call(0)).iter().any(|event| event.kind == EventKind::Archived));
    hotline.restart();
    assert!(hotline.state("1001").is_ready(), "it is over once");
}
