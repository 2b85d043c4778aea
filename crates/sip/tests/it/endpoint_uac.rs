//! What a single endpoint makes of the responses a peer wrote by hand: forks, ACK, CANCEL, failures of the transport (RFC 3261 13.2, 9.1, 18.4).

use crate::endpoint_timers::respond;
use crate::pair::{A, ANSWER, B, Lone, OFFER, Pair, header, ms, start_line, tag};
use hotline_model::history::{Flow, Transport};
use hotline_sip::{DialogId, EndedWhy, Event, Full, Input, Invite, Limits};

const CONTACT: &str = "Contact: <sip:seat@127.0.0.1:6000>\r\n";

fn call(lone: &mut Lone) -> (DialogId, String) {
    let invite = Invite {
        target: "sip:seat@127.0.0.1:6000".into(),
        flow: lone.flow,
        local_party: "\"Hotline\" <sip:hotline@127.0.0.1>".into(),
        remote_party: "<sip:seat@127.0.0.1:6000>".into(),
        headers: vec![("X-Call".into(), "17\r\nEvil: yes".into()), ("Bad Name".into(), "x".into())],
        body: OFFER.to_vec(),
    };
    let id = lone.endpoint.invite(lone.now, invite).unwrap();
    (id, lone.take().remove(0))
}

fn answered() -> (Lone, DialogId, String) {
    let mut lone = Lone::new();
    let (id, invite) = call(&mut lone);
    let sent = lone.send_bytes(respond(&invite, "200 OK", CONTACT).as_bytes());
    assert_eq!(start_line(sent[0].as_bytes()), "ACK sip:seat@127.0.0.1:6000 SIP/2.0");
    (lone, id, invite)
}

#[test]
fn headers_of_an_invite_cannot_be_smuggled_in() {
    let mut lone = Lone::new();
    let (_, invite) = call(&mut lone);
    assert_eq!(header(&invite, "X-Call"), Some("17Evil: yes"));
    assert!(!invite.contains("Bad Name"));
}

#[test]
fn the_ack_of_a_2xx_has_a_branch_of_its_own_and_that_of_a_failure_the_invites() {
    let (mut lone, _, invite) = answered();
    let ack = lone.send_bytes(respond(&invite, "200 OK", CONTACT).as_bytes()).remove(0);
    assert_ne!(header(&ack, "Via"), header(&invite, "Via"), "13.2.2.4");
    assert_eq!(header(&ack, "CSeq"), Some("1 ACK"));
    let (id, invite) = call(&mut lone);
    let busy = respond(&invite, "486 Busy Here", "Reason: Q.850;cause=17\r\n");
    let ack = lone.send_bytes(busy.as_bytes()).remove(0);
    assert_eq!(header(&ack, "Via"), header(&invite, "Via"), "17.1.1.3");
    assert_eq!((header(&ack, "To"), header(&ack, "CSeq")), (Some("<sip:seat@127.0.0.1:6000>;tag=peer"), Some("1 ACK")));
    assert_eq!(lone.events.last(), Some(&Event::Rejected { dialog: id, code: 486, q850: Some(17), local: false }));
    assert_eq!(lone.send_bytes(busy.as_bytes()), [ack], "the same failure again, the same ACK");
}

#[test]
fn a_second_fork_that_answers_gets_ack_and_bye() {
    let (mut lone, id, invite) = answered();
    let other = respond(&invite, "200 OK", "Contact: <sip:other@127.0.0.1:6000>\r\nRecord-Route: <sip:127.0.0.1:6000;lr>\r\n")
        .replace("tag=peer", "tag=fork");
    let sent = lone.send_bytes(other.as_bytes());
    let lines: Vec<_> = sent.iter().map(|text| start_line(text.as_bytes())).collect();
    assert_eq!(lines, ["ACK sip:other@127.0.0.1:6000 SIP/2.0", "BYE sip:other@127.0.0.1:6000 SIP/2.0"]);
    assert!(sent.iter().all(|text| tag(text, "To") == "fork" && header(text, "Route").is_some()));
    assert_eq!((header(&sent[0], "CSeq"), header(&sent[1], "CSeq")), (Some("1 ACK"), Some("2 BYE")));
    let again = lone.send_bytes(other.as_bytes());
    assert_eq!(again, [sent[0].clone()], "only its ACK again");
    assert_eq!(lone.events.iter().filter(|event| matches!(event, Event::Answered { .. })).count(), 1);
    assert_eq!(lone.endpoint.state(id).unwrap().remote_tag, "peer");
}

#[test]
fn a_2xx_after_the_call_is_over_still_gets_its_ack() {
    let (mut lone, id, invite) = answered();
    lone.endpoint.hang_up(lone.now, id, None).unwrap();
    let bye = lone.take().remove(0);
    lone.send_bytes(respond(&bye, "200 OK", "").as_bytes());
    assert_eq!(lone.endpoint.counters().dialogs, 0);
    let sent = lone.send_bytes(respond(&invite, "200 OK", CONTACT).as_bytes());
    assert_eq!(start_line(sent[0].as_bytes()), "ACK sip:seat@127.0.0.1:6000 SIP/2.0");
}

#[test]
fn the_dialog_follows_the_fork_that_answers() {
    let mut lone = Lone::new();
    let (id, invite) = call(&mut lone);
    let early = respond(&invite, "180 Ringing", "Contact: <sip:one@127.0.0.1:6000>\r\nRecord-Route: <sip:127.0.0.9;lr>\r\n")
        .replace("tag=peer", "tag=one");
    lone.send_bytes(early.as_bytes());
    assert_eq!(lone.endpoint.state(id).unwrap().remote_tag, "one");
    lone.send_bytes(respond(&invite, "200 OK", "Contact: <sip:two@127.0.0.1:6002>\r\n").as_bytes());
    let state = lone.endpoint.state(id).unwrap();
    assert_eq!((state.remote_tag.as_str(), state.remote_target.as_str()), ("peer", "sip:two@127.0.0.1:6002"));
    assert!(state.route_set.is_empty());
    assert_eq!(state.flow.remote.port(), 6002);
}

#[test]
fn cancel_shares_what_it_must_with_its_invite() {
    let mut lone = Lone::new();
    let (id, invite) = call(&mut lone);
    lone.endpoint.hang_up(lone.now, id, Some(26)).unwrap();
    assert_eq!(lone.take(), [""; 0]);
    assert!(lone.endpoint.hang_up(lone.now, id, None).is_err());
    let cancel = lone.send_bytes(respond(&invite, "100 Trying", "").as_bytes()).remove(0);
    for name in ["Via", "From", "To", "Call-ID"] {
        assert_eq!(header(&cancel, name), header(&invite, name), "{name}");
    }
    assert_eq!((header(&cancel, "CSeq"), header(&cancel, "Reason")), (Some("1 CANCEL"), Some("Q.850;cause=26")));
    assert_eq!(start_line(cancel.as_bytes()), "CANCEL sip:seat@127.0.0.1:6000 SIP/2.0");
    assert_eq!(lone.send_bytes(respond(&invite, "180 Ringing", "").as_bytes()), [""; 0], "only one CANCEL");
}

#[test]
fn a_challenge_is_a_rejection_no_digest_leaves() {
    let mut lone = Lone::new();
    let (id, invite) = call(&mut lone);
    let challenge = "WWW-Authenticate: Digest realm=\"x\",nonce=\"y\"\r\n";
    let sent = lone.send_bytes(respond(&invite, "401 Unauthorized", challenge).as_bytes());
    assert_eq!(sent.len(), 1);
    assert!(sent[0].starts_with("ACK") && !sent[0].contains("Authorization"));
    assert_eq!(lone.events.last(), Some(&Event::Rejected { dialog: id, code: 401, q850: None, local: false }));
}

#[test]
fn responses_to_nothing_we_sent_are_counted_and_dropped() {
    let mut lone = Lone::new();
    let (_, invite) = call(&mut lone);
    let via = header(&invite, "Via").unwrap();
    for other in ["SIP/2.0/UDP 127.0.0.9:5060;branch=z9hG4bK0123456789abcdef", "SIP/2.0/UDP x;branch=z9hG4bK1", "SIP/2.0/UDP x"] {
        assert_eq!(lone.send_bytes(respond(&invite, "200 OK", CONTACT).replace(via, other).as_bytes()), [""; 0]);
    }
    assert_eq!(lone.endpoint.counters().stray_responses, 3);
    assert!(lone.events.is_empty());
}

#[test]
fn a_transport_error_ends_what_waits_for_an_answer_and_nothing_else() {
    let (mut lone, up, _) = answered();
    let (calling, _) = call(&mut lone);
    let flow = lone.flow;
    lone.events.clear();
    lone.endpoint.handle(lone.now, Input::SendFailed { flow: Flow { remote: "127.0.0.1:6999".parse().unwrap(), ..flow } });
    lone.take();
    assert!(lone.events.is_empty(), "another address");
    lone.endpoint.handle(lone.now, Input::SendFailed { flow });
    lone.take();
    assert_eq!(lone.events, [Event::Rejected { dialog: calling, code: 503, q850: None, local: true }]);
    assert!(lone.endpoint.state(up).is_some());
    lone.endpoint.hang_up(lone.now, up, None).unwrap();
    lone.endpoint.handle(lone.now, Input::SendFailed { flow });
    lone.take();
    assert_eq!(lone.events.last(), Some(&Event::Ended { dialog: up, why: EndedWhy::TransportFailed }));
    assert_eq!(lone.endpoint.counters().send_failed, 3);
}

#[test]
fn an_answer_that_cannot_be_delivered_ends_its_call() {
    let mut pair = Pair::new();
    pair.filter = Box::new(|side, _| side == B);
    pair.call();
    pair.run(ms(10));
    let (b, flow) = (pair.sides[B].last_dialog(), pair.flow(B));
    pair.act(B, |endpoint, now| endpoint.handle(now, Input::SendFailed { flow }));
    assert_eq!(pair.sides[B].terminal_events(b), [&Event::Ended { dialog: b, why: EndedWhy::TransportFailed }]);
}

#[test]
fn a_closed_connection_fails_what_waits_on_it_and_its_calls_go_on_over_the_next() {
    let mut pair = Pair::on(Transport::Tcp, "127.0.0.1:5060", "127.0.0.2:5060", 1);
    let [a, b] = pair.talk();
    let (flow, ringing) = (pair.flow(A), pair.invite());
    pair.habits.answer = false;
    let ringing = pair.act(A, |endpoint, now| endpoint.invite(now, ringing)).unwrap();
    pair.act(A, |endpoint, now| endpoint.handle(now, Input::StreamClosed { flow }));
    assert_eq!(pair.sides[A].terminal_events(ringing), [&Event::Rejected { dialog: ringing, code: 503, q850: None, local: true }]);
    assert_eq!(pair.sides[A].endpoint.state(a).unwrap().flow.connection, 0);
    assert_eq!(pair.sides[A].events.last().unwrap().1, Event::Changed { dialog: a });
    let flow = Flow { connection: 2, ..pair.flow(B) };
    let ok = pair.act(B, |endpoint, now| {
        endpoint.handle(now, Input::StreamClosed { flow: Flow { connection: 1, ..flow } });
        endpoint.state(b).unwrap().flow
    });
    assert_eq!((ok.connection, ok.remote), (0, "127.0.0.1:5060".parse().unwrap()), "to where the Contact listens");
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap();
    let (_, bye) = pair.sides[A].sent.last().unwrap().clone();
    pair.act(B, |endpoint, now| endpoint.handle(now, Input::Stream { flow, bytes: &bye }));
    assert_eq!(pair.sides[B].terminal_events(b), [&Event::Bye { dialog: b, q850: None }]);
}

fn over_tcp() -> Lone {
    Lone::with(crate::pair::config(Transport::Tcp, "127.0.0.1:5060".parse().unwrap(), 1), "127.0.0.1:6000")
}

#[test]
fn a_stream_that_cannot_be_framed_is_closed() {
    let mut lone = over_tcp();
    assert_eq!(lone.send_bytes(b"\r\n\r\n"), ["\r\n"], "RFC 5626 3.5.1");
    lone.send_bytes(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(lone.closed);
}

#[test]
fn a_message_that_has_begun_is_whole_within_5_s_or_its_connection_is_closed_and_counted() {
    let mut lone = over_tcp();
    lone.send_bytes(b"OPTIONS sip:a@b SIP/2.0\r\n");
    lone.watch(ms(4_000));
    lone.send_bytes(b"X: y\r\n");
    lone.watch(ms(999));
    assert!(!lone.closed);
    lone.watch(ms(1));
    assert!(lone.closed, "one byte now and then does not keep it open");
    assert_eq!((lone.endpoint.counters().slow, lone.endpoint.counters().malformed), (1, 0));
}

#[test]
fn a_slow_body_counts_from_its_messages_first_byte_and_each_message_anew() {
    let message = b"OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nContent-Length: 1\r\n\r\nx";
    let mut lone = over_tcp();
    for _ in 0..3 {
        lone.send_bytes(&message[..10]);
        lone.watch(ms(2_000));
        lone.send_bytes(&message[10..message.len() - 1]);
        lone.watch(ms(2_999));
        lone.send_bytes(&message[message.len() - 1..]);
    }
    assert!(!lone.closed);
    lone.send_bytes(&message[..message.len() - 1]);
    lone.watch(ms(5_000));
    assert!(lone.closed);
}

#[test]
fn half_a_ping_is_no_message_and_keeps_its_connection_rfc_3261_7_5() {
    let mut lone = over_tcp();
    lone.send_bytes(b"\r\n");
    lone.watch(ms(30_000));
    assert!(!lone.closed, "a phone's single CRLF");
    assert_eq!(lone.send_bytes(b"\r\n"), ["\r\n"], "RFC 5626 3.5.1: the other half");
    lone.send_bytes(b"\r\nOPT");
    lone.watch(ms(5_000));
    assert!(lone.closed, "but what follows it has begun");
}

#[test]
fn too_many_half_messages_close_the_newest_connection() {
    let mut config = crate::pair::config(Transport::Tcp, "127.0.0.1:5060".parse().unwrap(), 1);
    config.limits = Limits { connections: 1, ..Limits::default() };
    let mut lone = Lone::with(config, "127.0.0.1:6000");
    lone.send_bytes(b"OPTIONS");
    assert!(!lone.closed);
    lone.flow.connection = 2;
    lone.send_bytes(b"OPTIONS");
    assert!(lone.closed);
    assert_eq!(lone.endpoint.counters().full, 1);
}

#[test]
fn a_full_endpoint_calls_nobody() {
    let mut lone = Lone::at("127.0.0.1:5060", "127.0.0.1:6000", Limits { dialogs: 1, ..Limits::default() });
    call(&mut lone);
    let flow = lone.flow;
    let party = || "<sip:a@127.0.0.1>".to_owned();
    let invite =
        Invite { target: "sip:x@127.0.0.1".into(), flow, local_party: party(), remote_party: party(), headers: vec![], body: vec![] };
    assert_eq!(lone.endpoint.invite(lone.now, invite), Err(Full));
    assert_eq!(lone.take(), [""; 0]);
}

#[test]
fn commands_to_dialogs_that_are_gone_change_nothing() {
    let mut lone = Lone::new();
    let (now, id) = (lone.now, DialogId(99));
    assert!(lone.endpoint.answer(now, id, ANSWER.to_vec()).is_err());
    assert!(lone.endpoint.provisional(now, id, 180, None).is_err());
    assert!(lone.endpoint.reinvite(now, id, ANSWER.to_vec()).is_err());
    assert!(lone.endpoint.hang_up(now, id, None).is_err());
    assert!(lone.endpoint.state(id).is_none());
    let (calling, _) = call(&mut lone);
    assert!(lone.endpoint.answer(now, calling, ANSWER.to_vec()).is_err(), "it is our INVITE");
    assert!(lone.endpoint.reinvite(now, calling, ANSWER.to_vec()).is_err(), "it is not up");
    assert_eq!(lone.take(), [""; 0]);
}

#[test]
fn a_call_over_any_tcp_connection_stays_on_the_one_that_answered() {
    let config = crate::pair::config(Transport::Tcp, "127.0.0.1:5060".parse().unwrap(), 1);
    let mut lone = Lone::with(config, "127.0.0.1:6000");
    lone.flow.connection = 0;
    let (id, invite) = call(&mut lone);
    lone.flow.connection = 3;
    let contact = "Contact: <sip:seat@127.0.0.1:6000;transport=tcp>\r\n";
    let ack = lone.send_bytes(respond(&invite, "200 OK", contact).as_bytes()).remove(0);
    assert!(ack.starts_with("ACK sip:seat@127.0.0.1:6000;transport=tcp SIP/2.0"));
    assert_eq!(lone.endpoint.state(id).unwrap().flow, lone.flow);
    assert_eq!(header(&ack, "Via").unwrap().split(' ').next(), Some("SIP/2.0/TCP"));
}

#[test]
fn a_response_with_two_vias_is_not_for_us_rfc_3261_8_1_3_3() {
    let mut lone = Lone::new();
    let (_, invite) = call(&mut lone);
    let twice = respond(&invite, "200 OK", "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx\r\n");
    assert_eq!(lone.send_bytes(twice.as_bytes()), [""; 0]);
    assert_eq!(lone.endpoint.counters().stray_responses, 1);
}

#[test]
fn a_target_cannot_break_the_start_line() {
    let mut lone = Lone::new();
    let flow = lone.flow;
    let party = || "<sip:a@127.0.0.1>".to_owned();
    let target = "sip:x@127.0.0.1 SIP/2.0\r\nEvil: <yes>".to_owned();
    let invite = Invite { target, flow, local_party: party(), remote_party: party(), headers: vec![], body: vec![] };
    lone.endpoint.invite(lone.now, invite).unwrap();
    assert!(lone.take()[0].starts_with("INVITE sip:x@127.0.0.1SIP/2.0Evil:yes SIP/2.0\r\nVia"));
}
