//! What is not a call gets the right answer, a counter, and disturbs nothing.

use crate::hotline::{HOTLINE, Habit, Hotline, call, sdp};
use crate::house::{PREAMBLE, first_seat, number, queue};
use hotline_engine::Input;
use hotline_model::history::{Cause, ClockChange, Flow, Transport};
use hotline_sip::Event;
use std::net::SocketAddr;
use std::time::Duration;

fn rules(limit: u32) -> String {
    [PREAMBLE, &number("queue", "line", ""), &queue("line", 1, &format!("limit = {limit}")), &first_seat()].concat()
}

fn rejected_with(hotline: &Hotline, phone: SocketAddr) -> Option<u16> {
    hotline.phones[&phone].events.iter().find_map(|event| match event {
        Event::Rejected { code, .. } => Some(*code),
        _ => None,
    })
}

#[test]
fn an_unknown_number_is_answered_404() {
    let mut hotline = Hotline::new(&rules(1), &[]);
    let caller = hotline.dial(7001, "nobody");
    assert_eq!(rejected_with(&hotline, caller), Some(404));
    assert_eq!(hotline.engine.counters().unknown_number, 1);
    assert!(!hotline.journal.iter().any(|entry| matches!(entry, hotline_model::Entry::Call(_))), "no call began");
}

#[test]
fn an_offer_without_audio_is_answered_488_and_its_port_is_free_again() {
    let mut hotline = Hotline::new(&rules(1), &[]);
    let video = b"v=0\r\no=- 1 1 IN IP4 127.0.0.3\r\ns=-\r\nc=IN IP4 127.0.0.3\r\nt=0 0\r\nm=video 4000 RTP/AVP 96\r\n".to_vec();
    let caller = hotline.dial_with(7001, "queue", video);
    assert_eq!(rejected_with(&hotline, caller), Some(488));
    let caller = hotline.dial_with(7002, "queue", b"this is no session description".to_vec());
    assert_eq!(rejected_with(&hotline, caller), Some(400));
    assert_eq!(hotline.engine.counters().unacceptable_sdp, 2);
    assert_eq!(hotline.engine.figures().free_ports, 50);
}

#[test]
fn when_all_ports_are_leased_a_call_is_answered_503_and_counted() {
    let mut hotline = Hotline::new(&rules(1_000), &[]);
    for port in 7000..7060 {
        hotline.dial(port, "queue");
    }
    assert!(hotline.engine.counters().no_port >= 10);
    let refused = hotline.phones.keys().filter(|phone| rejected_with(&hotline, **phone) == Some(503)).count();
    assert_eq!(refused as u64, hotline.engine.counters().no_port);
}

#[test]
fn a_draining_hotline_takes_no_new_calls_and_ends_no_live_one() {
    let mut hotline = Hotline::new(&rules(1), &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    let first = hotline.dial(7001, "queue");
    hotline.engine.handle(hotline.now, Input::Drain);
    let second = hotline.dial(7002, "queue");
    assert_eq!(rejected_with(&hotline, second), Some(503));
    hotline.pass_ms(5_000);
    assert_eq!(hotline.engine.figures().talking, 1);
    hotline.hang_up(first);
    assert_eq!(hotline.engine.calls(), 0);
}

fn answer_to_options(hotline: &mut Hotline, branch: &str) -> String {
    let phone = SocketAddr::from(([127, 0, 0, 3], 7009));
    let text = format!(
        "OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.3:7009;branch=z9hG4bK{branch}\r\nMax-Forwards: 70\r\n\
         From: <sip:d@127.0.0.3>;tag=d\r\nTo: <sip:127.0.0.1>\r\nCall-ID: {branch}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    );
    let flow = Flow { transport: Transport::Udp, local: HOTLINE.into(), remote: phone, connection: 0 };
    hotline.engine.handle(hotline.now, Input::Sip(hotline_sip::Input::Datagram { flow, bytes: text.as_bytes() }));
    let answer = std::iter::from_fn(|| hotline.engine.poll_output()).find_map(|output| match output {
        hotline_engine::Output::Sip(hotline_sip::Output::Datagram { flow, bytes }) if flow.remote == phone => String::from_utf8(bytes).ok(),
        _ => None,
    });
    answer.expect("an answer")
}

#[test]
fn a_draining_hotline_tells_a_dispatcher_503_rfc_3261_11_2() {
    let mut hotline = Hotline::new(&rules(1), &[]);
    assert!(answer_to_options(&mut hotline, "before").starts_with("SIP/2.0 200 "));
    hotline.engine.handle(hotline.now, Input::Drain);
    let drained = answer_to_options(&mut hotline, "after");
    assert!(drained.starts_with("SIP/2.0 503 ") && drained.contains("Retry-After: "), "{drained}");
}

#[test]
fn a_full_hotline_tells_a_dispatcher_503_until_a_call_ends_rfc_3261_11_2() {
    let mut hotline = Hotline::new(&rules(1_000), &[]);
    let callers: Vec<_> = (7100..7150).map(|port| hotline.dial(port, "queue")).collect();
    assert_eq!(hotline.engine.figures().free_ports, 0);
    assert!(answer_to_options(&mut hotline, "full").starts_with("SIP/2.0 503 "));
    hotline.hang_up(callers[0]);
    assert!(answer_to_options(&mut hotline, "room").starts_with("SIP/2.0 200 "));
}

#[test]
fn a_full_queue_is_a_busy_prompt_and_never_silence() {
    let mut hotline = Hotline::new(&rules(1), &[(6001, Habit::RingsOut)]);
    hotline.sign("1001", hotline_model::Intent::SignedOut);
    hotline.dial(7001, "queue");
    let second = hotline.dial(7002, "queue");
    assert!(hotline.phones[&second].saw(|event| matches!(event, Event::Answered { .. })));
    assert_eq!(hotline.said(), ["busy-try-later"]);
}

#[test]
fn whom_a_full_queue_turned_away_waits_in_none_from_then_on_nor_after_a_restart() {
    let mut hotline = Hotline::new(&rules(1), &[(6001, Habit::Answers(Duration::from_secs(1)))]);
    hotline.sign("1001", hotline_model::Intent::SignedOut);
    let first = hotline.dial(7001, "queue");
    let second = hotline.dial(7002, "queue");
    hotline.pass_ms(1_000);
    let left = |hotline: &Hotline| hotline.events(call(1)).into_iter().filter(|event| event.kind.leaves_all_queues()).count();
    let clock = |hotline: &Hotline| hotline.record(call(1)).clocks.iter().find(|clock| clock.clock == 3).map(|clock| clock.state);
    assert_eq!((left(&hotline), hotline.record(call(1)).left.is_some(), clock(&hotline)), (1, true, Some(ClockChange::Dropped)));
    assert!(hotline.record(call(0)).left.is_none(), "the first one waits");
    hotline.hang_up(first);
    hotline.restart();
    hotline.sign("1001", hotline_model::Intent::Available);
    hotline.pass_ms(5_000);
    let figures = hotline.engine.figures();
    assert_eq!((figures.queues.iter().map(|queue| queue.waiting).sum::<usize>(), figures.in_menu), (0, 1));
    assert_eq!((left(&hotline), hotline.offers().len()), (1, 0), "there is room now, but not for who was told to try later");
    hotline.hang_up(second);
    let record = hotline.record(call(1));
    assert_eq!((record.cause, record.t3), (Some(Cause::QueuesFull), None));
    assert!(record.waited(record.t6.unwrap()).is_some_and(|waited| waited.is_zero()), "from then on he waited for nobody");
}

#[test]
fn a_full_queue_passes_its_callers_on_along_its_overflows_until_one_has_room() {
    let full = |name: &str, overflow: &str| queue(name, 1, &format!("limit = 1\noverflow = \"{overflow}\""));
    let numbers = ["line", "second", "third"].map(|name| number(name, name, "")).concat();
    // The overflows of the first two lead in a circle but for the third.
    let queues = [full("line", "second"), full("second", "third"), queue("third", 1, "limit = 1\noverflow = \"line\"")].concat();
    let mut hotline = Hotline::new(&[PREAMBLE, &numbers, &queues, &first_seat()].concat(), &[(6001, Habit::RingsOut)]);
    hotline.sign("1001", hotline_model::Intent::SignedOut);
    hotline.dial(7001, "line");
    hotline.dial(7002, "second");
    hotline.pass_ms(1_000);
    hotline.dial(7003, "line");
    let record = hotline.record(call(2));
    assert_eq!(record.queue.as_deref(), Some("third"));
    assert!(hotline.said().is_empty(), "nobody was sent away");
    hotline.dial(7004, "line");
    assert_eq!(hotline.said(), ["busy-try-later"], "all three are full");
}

#[test]
fn an_invite_without_sdp_gets_our_offer_and_its_answer_comes_with_the_ack_rfc3261_13_2_1() {
    let mut hotline = Hotline::new(&rules(1), &[]);
    let phone = SocketAddr::from(([127, 0, 0, 3], 7001));
    let send = |hotline: &mut Hotline, text: String| {
        let flow = Flow { transport: Transport::Udp, local: HOTLINE.into(), remote: phone, connection: 0 };
        hotline.engine.handle(hotline.now, Input::Sip(hotline_sip::Input::Datagram { flow, bytes: text.as_bytes() }));
    };
    let head = |method: &str, branch: &str, to: &str| {
        format!(
            "{method} sip:queue@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.3:7001;branch=z9hG4bK{branch}\r\nMax-Forwards: 70\r\n\
             From: <sip:c@127.0.0.3>;tag=c\r\nTo: <sip:queue@127.0.0.1>{to}\r\nCall-ID: late\r\nCSeq: 1 {method}\r\n\
             Contact: <sip:c@127.0.0.3:7001>\r\n"
        )
    };
    send(&mut hotline, format!("{}Content-Length: 0\r\n\r\n", head("INVITE", "1", "")));
    let answer = std::iter::from_fn(|| hotline.engine.poll_output()).find_map(|output| match output {
        hotline_engine::Output::Sip(hotline_sip::Output::Datagram { bytes, .. }) => String::from_utf8(bytes).ok(),
        _ => None,
    });
    let answer = answer.expect("a 200");
    assert!(answer.starts_with("SIP/2.0 200") && answer.contains("m=audio"), "{answer}");
    let tag = answer.lines().find_map(|line| line.strip_prefix("To: ")?.split("tag=").nth(1)).expect("a tag").to_owned();
    let body = String::from_utf8(sdp(phone, 1, "sendrecv")).unwrap();
    let ack = head("ACK", "2", &format!(";tag={tag}"));
    send(&mut hotline, format!("{ack}Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    hotline.settle();
    assert!(hotline.media.iter().any(|command| matches!(command, hotline_media::Command::Open { .. })), "its media opened");
}

#[test]
fn a_call_without_any_seat_waits_and_is_told_so() {
    let mut hotline = Hotline::new(&rules(1), &[]);
    let caller = hotline.dial(7001, "queue");
    hotline.pass_ms(600_000);
    assert!(!hotline.phones[&caller].saw(|event| matches!(event, Event::Bye { .. } | Event::Rejected { .. })));
    assert_eq!(hotline.engine.figures().waiting, 1);
}
