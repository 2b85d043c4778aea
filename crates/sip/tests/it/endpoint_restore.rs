//! Calls taken up again after a crash from what the journal holds.

use crate::endpoint_timers::respond;
use crate::pair::{A, B, Lone, Pair, Side, config, header, ms};
use hotline_model::history::{DialogState, Flow, Transport};
use hotline_sip::{DialogId, EndedWhy, Endpoint, Event};

/// The side dies, and a new endpoint with another seed takes up what the last `Changed` event let the engine save.
fn crash(pair: &mut Pair, side: usize, id: DialogId) -> DialogId {
    assert!(pair.sides[side].saw(|event| *event == Event::Changed { dialog: id }) > 0);
    let state = pair.sides[side].endpoint.state(id).unwrap();
    let address = pair.sides[side].address;
    let mut endpoint = Endpoint::new(config(pair.transport, address, 99));
    let restored = endpoint.restore(pair.now, state.clone()).unwrap();
    assert_eq!(endpoint.restore(pair.now, state), Ok(restored), "once is enough");
    pair.sides[side] = Side { endpoint, address, events: Vec::new(), sent: Vec::new() };
    restored
}

#[test]
fn a_restored_call_is_ended_by_either_side() {
    for (dies, hangs_up) in [(A, A), (A, B), (B, A), (B, B)] {
        let mut pair = Pair::new();
        let mut ids = pair.talk();
        ids[dies] = crash(&mut pair, dies, ids[dies]);
        pair.act(hangs_up, |endpoint, now| endpoint.hang_up(now, ids[hangs_up], None)).unwrap();
        pair.run(ms(100));
        let other = 1 - hangs_up;
        assert_eq!(pair.sides[hangs_up].terminal_events(ids[hangs_up]), [&Event::Ended { dialog: ids[hangs_up], why: EndedWhy::Byed }]);
        assert_eq!(pair.sides[other].terminal_events(ids[other]), [&Event::Bye { dialog: ids[other], q850: None }]);
        pair.run(ms(40_000));
        pair.assert_clean();
    }
}

#[test]
fn a_restored_call_is_reinvited_with_the_next_cseq_and_its_route_set() {
    let mut pair = Pair::new();
    let [a, b] = pair.talk();
    pair.act(A, |endpoint, now| endpoint.reinvite(now, a, b"before".to_vec())).unwrap();
    pair.run(ms(100));
    let before = pair.sides[A].endpoint.state(a).unwrap();
    let restored = crash(&mut pair, A, a);
    pair.act(A, |endpoint, now| endpoint.reinvite(now, restored, b"after".to_vec())).unwrap();
    pair.run(ms(100));
    let invite = String::from_utf8(pair.sides[A].sent[0].1.clone()).unwrap();
    assert_eq!(header(&invite, "CSeq"), Some("3 INVITE"));
    assert_eq!(header(&invite, "Call-ID"), Some(before.call_id.as_str()));
    assert!(header(&invite, "From").unwrap().ends_with(&before.local_tag) && header(&invite, "To").unwrap().ends_with(&before.remote_tag));
    assert_eq!(pair.sides[A].saw(|event| matches!(event, Event::ReinviteAnswered { .. })), 1);
    assert_eq!(pair.sides[B].saw(|event| *event == Event::Reinvite { dialog: b, body: Some(b"after".to_vec()) }), 1);
}

#[test]
fn both_sides_may_crash() {
    let mut pair = Pair::new();
    let [a, b] = pair.talk();
    let (a, b) = (crash(&mut pair, A, a), crash(&mut pair, B, b));
    pair.act(B, |endpoint, now| endpoint.reinvite(now, b, b"hello again".to_vec())).unwrap();
    pair.run(ms(100));
    assert_eq!(pair.sides[A].saw(|event| matches!(event, Event::Reinvite { .. })), 1);
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap();
    pair.run(ms(40_000));
    pair.assert_clean();
}

#[test]
fn a_journal_ahead_of_the_peer_or_behind_is_told_481_and_ends() {
    let mut pair = Pair::new();
    let [a, b] = pair.talk();
    pair.act(B, |endpoint, now| endpoint.hang_up(now, b, None)).unwrap();
    let stale = pair.sides[A].endpoint.state(a).unwrap();
    pair.run(ms(100));
    let address = pair.sides[A].address;
    let mut endpoint = Endpoint::new(config(Transport::Udp, address, 99));
    let restored = endpoint.restore(pair.now, stale).unwrap();
    pair.sides[A] = Side { endpoint, address, events: Vec::new(), sent: Vec::new() };
    pair.act(A, |endpoint, now| endpoint.reinvite(now, restored, b"anybody?".to_vec())).unwrap();
    pair.run(ms(100));
    assert_eq!(pair.sides[A].saw(|event| *event == Event::ReinviteRejected { dialog: restored, code: 481 }), 1);
    assert_eq!(pair.sides[A].terminal_events(restored), [&Event::Ended { dialog: restored, why: EndedWhy::Timeout }]);
}

/// A call as the journal holds it.
fn journal(transport: Transport, remote: &str, connection: u64) -> DialogState {
    let flow = Flow { transport, local: "127.0.0.1:5060".parse().unwrap(), remote: remote.parse().unwrap(), connection };
    DialogState {
        call_id: "c".into(),
        local_tag: "l".into(),
        remote_tag: "r".into(),
        local_party: "<sip:hotline@127.0.0.1>".into(),
        remote_party: "<sip:bob@127.0.0.1>".into(),
        local_cseq: 4,
        remote_cseq: Some(9),
        route_set: vec![],
        remote_target: "sip:bob@127.0.0.1:6000;transport=tcp".into(),
        contact: "sip:hotline@127.0.0.1:5060;transport=tcp".into(),
        flow,
        session_expires: None,
        we_called: false,
    }
}

#[test]
fn a_restored_route_set_is_followed_in_its_order() {
    let mut state = journal(Transport::Udp, "127.0.0.1:7001", 0);
    state.route_set = vec!["<sip:127.0.0.1:7001;lr>".into(), "<sip:127.0.0.1:7002;lr>".into()];
    let mut lone = Lone::new();
    let id = lone.endpoint.restore(lone.now, state).unwrap();
    lone.endpoint.reinvite(lone.now, id, b"v=0".to_vec()).unwrap();
    let invite = lone.take().remove(0);
    let routes: Vec<_> = invite.lines().filter(|line| line.starts_with("Route")).collect();
    assert_eq!(routes, ["Route: <sip:127.0.0.1:7001;lr>", "Route: <sip:127.0.0.1:7002;lr>"]);
    assert!(invite.starts_with("INVITE sip:bob@127.0.0.1:6000;transport=tcp SIP/2.0\r\n"));
    assert_eq!((header(&invite, "CSeq"), header(&invite, "From")), (Some("5 INVITE"), Some("<sip:hotline@127.0.0.1>;tag=l")));
    let ack = lone.send_bytes(respond(&invite, "200 OK", "").as_bytes()).remove(0);
    assert!(ack.starts_with("ACK sip:bob@127.0.0.1:6000;transport=tcp SIP/2.0\r\n") && ack.contains("Route: <sip:127.0.0.1:7001;lr>\r\n"));
}

#[test]
fn a_peer_whose_cseq_went_on_while_we_were_down_is_heard_and_an_old_one_is_not() {
    let mut lone = Lone::new();
    let id = lone.endpoint.restore(lone.now, journal(Transport::Udp, "127.0.0.1:6000", 0)).unwrap();
    let bye = |cseq: u32| {
        format!(
            "BYE sip:hotline@127.0.0.1:5060 SIP/2.0
             Via: SIP/2.0/UDP 127.0.0.1:6000;branch=z9hG4bK{cseq}
             Max-Forwards: 70
             From: <sip:bob@127.0.0.1>;tag=r
             To: <sip:hotline@127.0.0.1>;tag=l
             Call-ID: c
             CSeq: {cseq} BYE"
        )
    };
    assert!(lone.send(&bye(9), "")[0].starts_with("SIP/2.0 500"));
    assert!(lone.send(&bye(14), "")[0].starts_with("SIP/2.0 200"));
    assert_eq!(lone.events, [Event::Bye { dialog: id, q850: None }]);
}

#[test]
fn a_restored_tcp_call_dials_the_contact_because_its_connection_is_gone() {
    let state = journal(Transport::Tcp, "127.0.0.1:49152", 7);
    let mut endpoint = Endpoint::new(config(Transport::Tcp, state.flow.local, 1));
    let id = endpoint.restore(hotline_model::Timestamp(0), state).unwrap();
    let flow = endpoint.state(id).unwrap().flow;
    assert_eq!((flow.connection, flow.remote.port()), (0, 6000));
}

#[test]
fn a_phone_that_answers_the_invite_of_a_dead_run_gets_ack_and_bye() {
    let mut pair = Pair::new();
    pair.call();
    let address = pair.sides[A].address;
    let endpoint = Endpoint::new(config(pair.transport, address, 99));
    pair.sides[A] = Side { endpoint, address, events: Vec::new(), sent: Vec::new() };
    pair.run(ms(40_000));
    assert_eq!(pair.sides[B].saw(|event| matches!(event, Event::Confirmed { .. })), 1);
    assert_eq!(pair.sides[B].saw(|event| matches!(event, Event::Bye { .. })), 1);
    assert!(pair.sides[A].events.is_empty(), "nobody waits for it");
    pair.assert_clean();
}

/// The caller dies while the other phone rings; the endpoint of its next run, told what the journal held.
fn crash_while_ringing(pair: &mut Pair) {
    pair.habits.answer = false;
    let invite = pair.call();
    pair.run(ms(100));
    let (facts, branch) = pair.sides[A].endpoint.inviting(invite).expect("it rings");
    let address = pair.sides[A].address;
    let mut endpoint = Endpoint::new(config(pair.transport, address, 99));
    endpoint.cancel_of_past(pair.now, facts.clone(), branch).unwrap();
    assert_eq!(endpoint.cancel_of_past(pair.now, facts, branch), Ok(()), "once is enough");
    pair.sides[A] = Side { endpoint, address, events: Vec::new(), sent: Vec::new() };
    pair.flush(A);
}

#[test]
fn a_phone_that_rings_for_a_process_that_died_is_cancelled_by_the_next_one_rfc_3261_9_1() {
    let mut pair = Pair::new();
    crash_while_ringing(&mut pair);
    pair.run(ms(40_000));
    assert_eq!(pair.sides[B].saw(|event| matches!(event, Event::Cancelled { .. })), 1);
    let sent: Vec<_> = pair.sides[A]
        .sent
        .iter()
        .map(|(_, bytes)| String::from_utf8_lossy(bytes).split(' ').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(sent, ["CANCEL", "ACK"], "the 487 is acknowledged");
    pair.assert_clean();
}

#[test]
fn a_phone_that_answers_a_process_that_died_gets_ack_and_bye_from_the_next_one() {
    let mut pair = Pair::new();
    crash_while_ringing(&mut pair);
    let ringing = pair.sides[B].last_dialog();
    pair.act(B, |endpoint, now| endpoint.answer(now, ringing, b"too late".to_vec())).unwrap();
    pair.run(ms(40_000));
    assert_eq!(pair.sides[B].saw(|event| matches!(event, Event::Bye { .. })), 1);
    pair.assert_clean();
}
