//! Every timer of RFC 3261 table 4 and RFC 6026 fires at its time (T1 500 ms, T2 4 s, T4 5 s).

use crate::pair::{A, B, Habits, Lone, Pair, header, ms, start_line, tag};
use hotline_model::history::Transport;
use hotline_sip::{Event, Reject};

/// When side A sends a message that starts so, in ms after the first.
fn times(pair: &Pair, side: usize, start: &[u8]) -> Vec<u64> {
    let at: Vec<_> = pair.sides[side].sent.iter().filter(|(_, bytes)| bytes.starts_with(start)).map(|(at, _)| *at).collect();
    at.iter().map(|time| u64::try_from(time.since(at[0]).as_millis()).unwrap()).collect()
}

fn silent() -> Pair {
    let mut pair = Pair::new();
    pair.habits = Habits { ring: false, answer: false, answer_reinvites: false };
    pair
}

#[test]
fn timer_a_doubles_and_timer_b_ends_an_invite_nobody_answers() {
    let mut pair = silent();
    pair.filter = Box::new(|side, _| side == A);
    let a = pair.call();
    pair.run(ms(31_999));
    assert_eq!(times(&pair, A, b"INVITE"), [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    assert!(pair.sides[A].terminal_events(a).is_empty());
    pair.run(ms(1));
    assert_eq!(pair.sides[A].terminal_events(a), [&Event::Rejected { dialog: a, code: 408, q850: None, local: true }]);
    pair.assert_clean();
}

#[test]
fn timer_a_does_not_run_over_tcp_but_timer_b_does() {
    let mut pair = Pair::on(Transport::Tcp, "127.0.0.1:5060", "127.0.0.2:5060", 1);
    pair.filter = Box::new(|side, _| side == A);
    let a = pair.call();
    pair.run(ms(32_000));
    assert_eq!(times(&pair, A, b"INVITE"), [0]);
    assert_eq!(pair.sides[A].terminal_events(a).len(), 1);
}

#[test]
fn timers_a_and_b_stop_at_a_provisional_response() {
    let mut pair = silent();
    let a = pair.call();
    pair.run(ms(40_000));
    assert_eq!(times(&pair, A, b"INVITE"), [0]);
    assert!(pair.sides[A].terminal_events(a).is_empty());
}

#[test]
fn timers_e_and_f_of_a_bye_nobody_answers() {
    let mut pair = Pair::new();
    let [a, _] = pair.talk();
    pair.filter = Box::new(|_, _| true);
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap();
    pair.run(ms(31_999));
    assert_eq!(times(&pair, A, b"BYE"), [0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    assert!(pair.sides[A].terminal_events(a).is_empty());
    pair.run(ms(1));
    assert_eq!(pair.sides[A].terminal_events(a).len(), 1);
}

#[test]
fn timer_e_is_t2_once_a_provisional_response_came_rfc_4320() {
    let mut pair = Pair::new();
    let [a, _] = pair.talk();
    pair.filter = Box::new(|_, _| true);
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap();
    let bye = String::from_utf8(pair.sides[A].sent.last().unwrap().1.clone()).unwrap();
    let trying = respond(&bye, "100 Trying", "");
    let flow = pair.flow(A);
    pair.act(A, |endpoint, now| endpoint.handle(now, hotline_sip::Input::Datagram { flow, bytes: trying.as_bytes() }));
    pair.run(ms(20_000));
    assert_eq!(times(&pair, A, b"BYE"), [0, 500, 4_500, 8_500, 12_500, 16_500]);
}

#[test]
fn timers_g_and_h_repeat_a_refusal_until_its_ack() {
    let mut pair = Pair::new();
    pair.habits.answer = false;
    pair.call();
    pair.run(ms(10));
    let b = pair.sides[B].last_dialog();
    pair.filter = Box::new(|side, _| side == B);
    pair.act(B, |endpoint, now| endpoint.reject(now, b, Reject { code: 486, q850: None, retry_after: None })).unwrap();
    pair.run(ms(31_999));
    assert_eq!(times(&pair, B, b"SIP/2.0 486"), [0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    assert_eq!(pair.sides[B].endpoint.counters().transactions, 1);
    pair.run(ms(1));
    assert_eq!(pair.sides[B].endpoint.counters().transactions, 0);
}

#[test]
fn timer_i_absorbs_acks_for_t4_and_timer_d_keeps_the_client_for_32_s() {
    let mut pair = silent();
    pair.call();
    pair.run(ms(10));
    let b = pair.sides[B].last_dialog();
    pair.act(B, |endpoint, now| endpoint.reject(now, b, Reject { code: 486, q850: None, retry_after: None })).unwrap();
    pair.run(ms(2));
    let left = |pair: &Pair| [A, B].map(|side| pair.sides[side].endpoint.counters().transactions);
    assert_eq!(left(&pair), [1, 1]);
    pair.run(ms(4_999));
    assert_eq!(left(&pair), [1, 1]);
    pair.run(ms(1));
    assert_eq!(left(&pair), [1, 0], "Timer I");
    pair.run(ms(26_998));
    assert_eq!(left(&pair), [1, 0]);
    pair.run(ms(1));
    assert_eq!(left(&pair), [0, 0], "Timer D");
}

#[test]
fn timer_j_keeps_the_server_and_timer_k_the_client_of_a_bye() {
    let mut pair = Pair::new();
    let [a, _] = pair.talk();
    pair.run(ms(40_000));
    let left = |pair: &Pair| [A, B].map(|side| pair.sides[side].endpoint.counters().transactions);
    assert_eq!(left(&pair), [0, 0], "Timers L and M of the INVITE");
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap();
    pair.run(ms(5_001));
    assert_eq!(left(&pair), [1, 1]);
    pair.run(ms(1));
    assert_eq!(left(&pair), [0, 1], "Timer K, 5 s after the response");
    pair.run(ms(26_998));
    assert_eq!(left(&pair), [0, 1]);
    pair.run(ms(1));
    assert_eq!(left(&pair), [0, 0], "Timer J, 32 s after the request");
}

#[test]
fn timers_l_and_m_keep_an_answered_invite_for_32_s_rfc_6026() {
    let mut pair = Pair::new();
    let start = pair.now;
    pair.call();
    let left = |pair: &Pair| [A, B].map(|side| pair.sides[side].endpoint.counters().transactions);
    pair.run(ms(32_000));
    assert_eq!((left(&pair), pair.now.since(start)), ([1, 1], ms(32_000)));
    pair.run(ms(1));
    assert_eq!(left(&pair), [1, 0], "Timer L, 32 s after our 200");
    pair.run(ms(1));
    assert_eq!(left(&pair), [0, 0], "Timer M, 32 s after it came");
    pair.run(ms(100_000));
    assert_eq!([A, B].map(|side| pair.sides[side].endpoint.counters().dialogs), [1, 1], "the call goes on");
}

#[test]
fn over_tcp_finished_transactions_are_gone_at_once() {
    let mut pair = Pair::on(Transport::Tcp, "127.0.0.1:5060", "127.0.0.2:5060", 1);
    let [a, _] = pair.talk();
    pair.run(ms(40_000));
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap();
    pair.run(ms(10));
    pair.assert_clean();
}

#[test]
fn our_200_is_sent_again_over_tcp_too_until_its_ack() {
    let mut pair = Pair::on(Transport::Tcp, "127.0.0.1:5060", "127.0.0.2:5060", 1);
    pair.filter = Box::new(|_, bytes| bytes.starts_with(b"ACK"));
    pair.call();
    pair.run(ms(8_000));
    assert_eq!(times(&pair, B, b"SIP/2.0 200"), [0, 500, 1_500, 3_500, 7_500]);
}

#[test]
fn trying_is_sent_after_200_ms_and_never_if_something_else_was() {
    let mut pair = silent();
    pair.call();
    pair.run(ms(200));
    assert!(pair.sides[B].sent.is_empty());
    pair.run(ms(1));
    let trying = String::from_utf8(pair.sides[B].sent[0].1.clone()).unwrap();
    assert_eq!((start_line(trying.as_bytes()).as_str(), tag(&trying, "To").as_str()), ("SIP/2.0 100 Trying", ""));
    let mut pair = Pair::new();
    pair.talk();
    pair.run(ms(1_000));
    assert_eq!(pair.sides[B].count("SIP/2.0 100"), 0);
}

#[test]
fn a_long_ringing_is_told_again_every_minute_rfc_3261_13_3_1_1() {
    let mut pair = Pair::new();
    pair.habits.answer = false;
    pair.call();
    pair.run(ms(150_000));
    assert_eq!(times(&pair, B, b"SIP/2.0 180"), [0, 60_000, 120_000]);
}

#[test]
fn a_cancelled_invite_without_a_final_response_is_over_after_64_t1_rfc_3261_9_1() {
    let mut pair = Pair::new();
    pair.habits.answer = false;
    let a = pair.call();
    pair.run(ms(10));
    pair.filter = Box::new(|side, _| side == A);
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap();
    pair.run(ms(31_999));
    assert!(pair.sides[A].terminal_events(a).is_empty());
    pair.run(ms(1));
    assert_eq!(pair.sides[A].terminal_events(a), [&Event::Rejected { dialog: a, code: 408, q850: None, local: true }]);
    assert_eq!(pair.sides[A].endpoint.counters().transactions, 0);
}

#[test]
fn nobody_is_woken_for_timers_that_no_longer_matter() {
    let mut pair = Pair::new();
    let start = pair.now;
    let [a, b] = pair.talk();
    for (side, after) in [(A, 32_002), (B, 32_001)] {
        let next = pair.sides[side].endpoint.poll_timeout().unwrap();
        assert_eq!(next.since(start), ms(after), "only the end of the INVITE transaction is left");
    }
    assert!(a.0 > 0 && b.0 > 0);
    let mut lone = Lone::new();
    assert_eq!(lone.watch(ms(1_000)), []);
}

/// A response to a request of ours, as a peer would write it.
pub fn respond(request: &str, status: &str, more: &str) -> String {
    let copied: String =
        ["Via", "From", "Call-ID", "CSeq"].iter().map(|name| format!("{name}: {}\r\n", header(request, name).unwrap())).collect();
    let to = header(request, "To").unwrap();
    let to = if to.contains(";tag=") || status.starts_with("100") { to.to_owned() } else { format!("{to};tag=peer") };
    format!("SIP/2.0 {status}\r\n{copied}To: {to}\r\n{more}Content-Length: 0\r\n\r\n")
}
