use crate::pair::{A, ANSWER, B, Habits, OFFER, Pair, Weather, ms};
use hotline_model::history::Transport;
use hotline_sip::{EndedWhy, Event, Reject};

#[test]
fn a_call_is_set_up_answered_and_hung_up_by_the_caller_rfc_3665_3_1() {
    let mut pair = Pair::new();
    let [a, b] = pair.talk();
    assert_eq!(pair.sides[A].lines(), ["INVITE sip:hotline@127.0.0.2:5060 SIP/2.0", "ACK sip:hotline@127.0.0.2:5060 SIP/2.0"]);
    assert_eq!(pair.sides[B].lines(), ["SIP/2.0 180 Ringing", "SIP/2.0 200 OK"]);
    assert_eq!(pair.sides[A].saw(|event| *event == Event::Answered { dialog: a, body: Some(ANSWER.to_vec()) }), 1);
    assert_eq!(pair.sides[B].saw(|event| *event == Event::Confirmed { dialog: b, body: None }), 1);
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, Some(16))).unwrap();
    pair.run(ms(100));
    assert_eq!(pair.sides[B].terminal_events(b), [&Event::Bye { dialog: b, q850: Some(16) }]);
    assert_eq!(pair.sides[A].terminal_events(a), [&Event::Ended { dialog: a, why: EndedWhy::Byed }]);
    pair.run(ms(40_000));
    pair.assert_clean();
}

#[test]
fn the_called_side_hangs_up_just_as_well() {
    let mut pair = Pair::new();
    let [a, b] = pair.talk();
    pair.act(B, |endpoint, now| endpoint.hang_up(now, b, None)).unwrap();
    assert!(pair.act(B, |endpoint, now| endpoint.hang_up(now, b, None)).is_err(), "it is ending");
    pair.run(ms(100));
    assert_eq!(pair.sides[A].terminal_events(a), [&Event::Bye { dialog: a, q850: None }]);
    assert_eq!(pair.sides[B].terminal_events(b), [&Event::Ended { dialog: b, why: EndedWhy::Byed }]);
    pair.run(ms(40_000));
    pair.assert_clean();
}

#[test]
fn both_hang_up_at_once_and_each_hears_of_one_end() {
    let mut pair = Pair::new();
    let [a, b] = pair.talk();
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap();
    pair.act(B, |endpoint, now| endpoint.hang_up(now, b, None)).unwrap();
    pair.run(ms(40_000));
    assert_eq!(pair.sides[A].terminal_events(a), [&Event::Ended { dialog: a, why: EndedWhy::Byed }]);
    assert_eq!(pair.sides[B].terminal_events(b), [&Event::Ended { dialog: b, why: EndedWhy::Byed }]);
    assert_eq!(pair.sides[A].count("SIP/2.0 200"), 1);
    pair.assert_clean();
}

#[test]
fn a_busy_callee_is_told_with_its_cause_rfc_3665_3_9() {
    let mut pair = Pair::new();
    pair.habits = Habits { ring: true, answer: false, answer_reinvites: true };
    let a = pair.call();
    pair.run(ms(50));
    let b = pair.sides[B].last_dialog();
    let busy = Reject { code: 486, q850: Some(17), retry_after: None };
    pair.act(B, |endpoint, now| endpoint.reject(now, b, busy)).unwrap();
    pair.run(ms(50));
    assert_eq!(pair.sides[A].terminal_events(a), [&Event::Rejected { dialog: a, code: 486, q850: Some(17), local: false }]);
    assert_eq!(pair.sides[B].terminal_events(b), [&Event::Ended { dialog: b, why: EndedWhy::Byed }]);
    assert_eq!(pair.sides[A].count("ACK"), 1);
    pair.run(ms(40_000));
    assert_eq!(pair.sides[A].count("ACK"), 1);
    pair.assert_clean();
}

#[test]
fn a_ringing_call_is_cancelled_rfc_3665_3_8() {
    let mut pair = Pair::new();
    pair.habits.answer = false;
    let a = pair.call();
    pair.run(ms(50));
    let b = pair.sides[B].last_dialog();
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap();
    pair.run(ms(50));
    assert_eq!(pair.sides[A].lines()[1..], ["CANCEL sip:hotline@127.0.0.2:5060 SIP/2.0", "ACK sip:hotline@127.0.0.2:5060 SIP/2.0"]);
    assert_eq!(pair.sides[B].lines(), ["SIP/2.0 180 Ringing", "SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
    assert_eq!(pair.sides[A].terminal_events(a), [&Event::Rejected { dialog: a, code: 487, q850: None, local: false }]);
    assert_eq!(pair.sides[B].terminal_events(b), [&Event::Cancelled { dialog: b }]);
    assert!(pair.act(B, |endpoint, now| endpoint.answer(now, b, ANSWER.to_vec())).is_err());
    pair.run(ms(40_000));
    pair.assert_clean();
}

#[test]
fn cancel_is_held_back_until_the_first_provisional_response_rfc_3261_9_1() {
    let mut pair = Pair::new();
    pair.habits = Habits { ring: false, answer: false, answer_reinvites: true };
    let a = pair.call();
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, Some(16))).unwrap();
    pair.run(ms(150));
    assert_eq!(pair.sides[A].count("CANCEL"), 0);
    pair.run(ms(100));
    assert_eq!(pair.sides[B].lines()[0], "SIP/2.0 100 Trying", "after 200 ms without an answer");
    assert_eq!(pair.sides[A].count("CANCEL"), 1);
    assert_eq!(pair.sides[A].terminal_events(a).len(), 1);
    assert_eq!(pair.sides[B].saw(|event| matches!(event, Event::Cancelled { .. })), 1);
    pair.run(ms(40_000));
    pair.assert_clean();
}

#[test]
fn a_200_that_crosses_our_cancel_is_acknowledged_and_followed_by_bye_rfc_3261_15() {
    let mut pair = Pair::new();
    pair.habits.answer = false;
    let a = pair.call();
    pair.run(ms(50));
    let b = pair.sides[B].last_dialog();
    pair.act(B, |endpoint, now| endpoint.answer(now, b, ANSWER.to_vec())).unwrap();
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap();
    pair.run(ms(100));
    let names: Vec<_> = pair.sides[A].lines().iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(names, ["INVITE", "CANCEL", "ACK", "BYE"]);
    assert_eq!(pair.sides[A].saw(|event| matches!(event, Event::Answered { .. })), 0);
    assert_eq!(pair.sides[A].terminal_events(a), [&Event::Ended { dialog: a, why: EndedWhy::Byed }]);
    assert_eq!(pair.sides[B].terminal_events(b), [&Event::Bye { dialog: b, q850: None }]);
    pair.run(ms(40_000));
    pair.assert_clean();
}

#[test]
fn bye_waits_for_the_ack_of_our_200_rfc_3261_15() {
    let mut pair = Pair::new();
    pair.filter = Box::new(|_, bytes| bytes.starts_with(b"ACK"));
    let [_, b] = pair.talk();
    pair.act(B, |endpoint, now| endpoint.hang_up(now, b, None)).unwrap();
    pair.run(ms(1_000));
    assert_eq!(pair.sides[B].count("BYE"), 0);
    pair.filter = Box::new(|_, _| false);
    pair.run(ms(3_000));
    assert_eq!(pair.sides[B].count("BYE"), 1);
    assert_eq!(pair.sides[B].terminal_events(b), [&Event::Ended { dialog: b, why: EndedWhy::Byed }]);
    pair.run(ms(40_000));
    pair.assert_clean();
}

#[test]
fn a_lost_200_comes_again_and_a_lost_ack_too() {
    let mut pair = Pair::new();
    let mut lost = (false, false);
    pair.filter = Box::new(move |_, bytes| {
        let first_ok = bytes.starts_with(b"SIP/2.0 200") && !std::mem::replace(&mut lost.0, true);
        let first_ack = bytes.starts_with(b"ACK") && !std::mem::replace(&mut lost.1, true);
        first_ok || first_ack
    });
    let a = pair.call();
    pair.run(ms(5_000));
    let b = pair.sides[B].last_dialog();
    assert_eq!((pair.sides[B].count("SIP/2.0 200"), pair.sides[A].count("ACK")), (3, 2));
    assert_eq!(pair.sides[A].saw(|event| matches!(event, Event::Answered { .. })), 1);
    assert_eq!(pair.sides[B].saw(|event| matches!(event, Event::Confirmed { .. })), 1);
    let acks: Vec<_> = pair.sides[A].sent.iter().filter(|(_, bytes)| bytes.starts_with(b"ACK")).map(|(_, bytes)| bytes).collect();
    assert_eq!(acks[0], acks[1], "13.2.2.4: the same ACK");
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap();
    pair.run(ms(40_000));
    assert_eq!(pair.sides[B].terminal_events(b).len(), 1);
    pair.assert_clean();
}

#[test]
fn without_any_ack_the_call_ends_after_64_t1_with_bye_rfc_3261_13_3_1_4() {
    let mut pair = Pair::new();
    pair.filter = Box::new(|_, bytes| bytes.starts_with(b"ACK"));
    let [a, b] = pair.talk();
    pair.run(ms(33_000));
    assert_eq!(pair.sides[B].terminal_events(b), [&Event::Ended { dialog: b, why: EndedWhy::NoAck }]);
    assert_eq!(pair.sides[A].terminal_events(a), [&Event::Bye { dialog: a, q850: None }]);
    assert_eq!(pair.sides[B].count("SIP/2.0 200"), 11, "0, 0.5, 1.5, 3.5, then each 4 s");
    pair.run(ms(70_000));
    pair.assert_clean();
}

#[test]
fn a_late_offer_gets_its_answer_in_the_ack() {
    let mut pair = Pair::new();
    let mut invite = pair.invite();
    invite.body.clear();
    pair.act(A, |endpoint, now| endpoint.invite(now, invite)).unwrap();
    pair.run(ms(50));
    assert_eq!(
        pair.sides[B].saw(|event| matches!(event, Event::Invite { invite, .. } if invite.body.is_none() && invite.to_user == "hotline")),
        1
    );
}

#[test]
fn early_media_and_the_callers_name_reach_the_other_side() {
    let mut pair = Pair::new();
    pair.habits = Habits { ring: false, answer: false, answer_reinvites: true };
    let a = pair.call();
    pair.run(ms(20));
    let b = pair.sides[B].last_dialog();
    pair.act(B, |endpoint, now| endpoint.provisional(now, b, 183, Some(ANSWER.to_vec()))).unwrap();
    pair.run(ms(20));
    assert_eq!(pair.sides[A].saw(|event| *event == Event::Progress { dialog: a, code: 183, body: Some(ANSWER.to_vec()) }), 1);
    let Some((_, Event::Invite { invite, .. })) = pair.sides[B].events.first() else { panic!("an INVITE") };
    assert_eq!((invite.from_user.as_str(), invite.from_display.as_deref()), ("alice", Some("Alice")));
    assert_eq!((invite.trunk.as_deref(), invite.account.as_deref()), (Some("local"), None));
    assert_eq!(invite.body.as_deref(), Some(OFFER));
}

#[test]
fn hold_is_a_reinvite_that_the_other_side_answers() {
    let mut pair = Pair::new();
    let [a, b] = pair.talk();
    pair.act(A, |endpoint, now| endpoint.reinvite(now, a, b"v=0 hold".to_vec())).unwrap();
    pair.run(ms(100));
    assert_eq!(pair.sides[B].saw(|event| *event == Event::Reinvite { dialog: b, body: Some(b"v=0 hold".to_vec()) }), 1);
    assert_eq!(pair.sides[A].saw(|event| *event == Event::ReinviteAnswered { dialog: a, body: Some(ANSWER.to_vec()) }), 1);
    assert_eq!(pair.sides[B].saw(|event| *event == Event::Confirmed { dialog: b, body: None }), 2);
    pair.act(B, |endpoint, now| endpoint.reinvite(now, b, b"v=0 other way".to_vec())).unwrap();
    pair.run(ms(100));
    assert_eq!(pair.sides[A].saw(|event| matches!(event, Event::Reinvite { .. })), 1);
    let states = [A, B].map(|side| pair.sides[side].endpoint.state([a, b][side]).unwrap());
    assert_eq!((states[0].local_cseq, states[1].remote_cseq), (2, Some(2)));
    assert_eq!((states[1].local_cseq, states[0].remote_cseq), (1, Some(1)));
}

#[test]
fn a_second_reinvite_waits_for_the_first_and_the_latest_body_wins() {
    let mut pair = Pair::new();
    let [a, b] = pair.talk();
    for body in ["one", "two", "three"] {
        pair.act(A, |endpoint, now| endpoint.reinvite(now, a, body.into())).unwrap();
    }
    pair.run(ms(200));
    let bodies =
        pair.sides[B].events.iter().filter_map(|(_, event)| if let Event::Reinvite { body, .. } = event { body.clone() } else { None });
    assert_eq!(bodies.collect::<Vec<_>>(), [b"one".to_vec(), b"three".to_vec()]);
    assert_eq!(pair.sides[B].endpoint.state(b).unwrap().remote_cseq, Some(3));
}

#[test]
fn a_refused_reinvite_leaves_the_call_as_it_was() {
    let mut pair = Pair::new();
    pair.habits.answer_reinvites = false;
    let [a, b] = pair.talk();
    pair.act(A, |endpoint, now| endpoint.reinvite(now, a, b"video".to_vec())).unwrap();
    pair.run(ms(50));
    pair.act(B, |endpoint, now| endpoint.reject(now, b, Reject { code: 488, q850: None, retry_after: None })).unwrap();
    pair.run(ms(50));
    assert_eq!(pair.sides[A].saw(|event| *event == Event::ReinviteRejected { dialog: a, code: 488 }), 1);
    assert!(pair.sides[A].terminal_events(a).is_empty());
    assert!(pair.act(A, |endpoint, now| endpoint.reinvite(now, a, b"audio".to_vec())).is_ok());
}

#[test]
fn glare_is_refused_491_by_both_and_resolved_by_waiting_rfc_3261_14_1() {
    for seed in 0..20 {
        let mut pair = Pair::on(Transport::Udp, "127.0.0.1:5060", "127.0.0.2:5060", seed);
        let [a, b] = pair.talk();
        let start = pair.now;
        pair.act(A, |endpoint, now| endpoint.reinvite(now, a, b"from a".to_vec())).unwrap();
        pair.act(B, |endpoint, now| endpoint.reinvite(now, b, b"from b".to_vec())).unwrap();
        pair.run(ms(50));
        assert_eq!((pair.sides[A].count("SIP/2.0 491"), pair.sides[B].count("SIP/2.0 491")), (1, 1));
        pair.run(ms(5_000));
        let when = |side: usize| {
            let answered = pair.sides[side].events.iter().find(|(_, event)| matches!(event, Event::ReinviteAnswered { .. }));
            answered.unwrap().0.since(start)
        };
        assert!((ms(2_100)..ms(4_020)).contains(&when(A)), "the owner of the Call-ID waits 2.1 to 4 s: {:?}", when(A));
        assert!(when(B) < ms(2_020), "the other 0 to 2 s: {:?}", when(B));
    }
}

#[test]
fn an_unanswered_reinvite_ends_the_call_rfc_3261_12_2_1_2() {
    let mut pair = Pair::new();
    let [a, _] = pair.talk();
    pair.filter = Box::new(|_, _| true);
    pair.act(A, |endpoint, now| endpoint.reinvite(now, a, b"hello?".to_vec())).unwrap();
    pair.run(ms(32_100));
    assert_eq!(pair.sides[A].saw(|event| *event == Event::ReinviteRejected { dialog: a, code: 408 }), 1);
    assert_eq!(pair.sides[A].terminal_events(a), [&Event::Ended { dialog: a, why: EndedWhy::Timeout }]);
    assert_eq!(pair.sides[A].count("BYE"), 1, "a last BYE, in case the peer still listens");
}

#[test]
fn a_probe_tells_a_peer_that_is_there_from_one_that_is_not_rfc_3261_12_2_1_2() {
    let mut there = Pair::new();
    let [a, b] = there.talk();
    there.act(A, |endpoint, now| endpoint.probe(now, a).and_then(|()| endpoint.probe(now, a))).unwrap();
    there.run(ms(60_000));
    assert_eq!(there.sides[A].count("OPTIONS"), 1, "one at a time");
    assert!(there.sides[A].terminal_events(a).is_empty() && there.sides[B].terminal_events(b).is_empty());
    there.act(B, |endpoint, now| endpoint.hang_up(now, b, None)).unwrap();
    there.run(ms(60_000));
    assert!(there.act(A, |endpoint, now| endpoint.probe(now, a)).is_err(), "the call is over");
    there.assert_clean();

    let mut gone = Pair::new();
    let [a, _] = gone.talk();
    gone.filter = Box::new(|_, _| true);
    gone.act(A, |endpoint, now| endpoint.probe(now, a)).unwrap();
    gone.run(ms(70_000));
    assert_eq!(gone.sides[A].terminal_events(a), [&Event::Ended { dialog: a, why: EndedWhy::Timeout }]);

    let mut reborn = Pair::new();
    let [a, _] = reborn.talk();
    let address = reborn.sides[B].address;
    reborn.sides[B].endpoint = hotline_sip::Endpoint::new(crate::pair::config(Transport::Udp, address, 99));
    reborn.act(A, |endpoint, now| endpoint.probe(now, a)).unwrap();
    reborn.run(ms(70_000));
    assert_eq!(
        reborn.sides[A].terminal_events(a),
        [&Event::Ended { dialog: a, why: EndedWhy::Timeout }],
        "481: a phone that was switched off and on"
    );
    assert_eq!(reborn.sides[A].count("BYE"), 0);
}

#[test]
fn an_unanswered_bye_ends_in_a_timeout() {
    let mut pair = Pair::new();
    let [a, _] = pair.talk();
    pair.filter = Box::new(|_, _| true);
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap();
    pair.run(ms(33_000));
    assert_eq!(pair.sides[A].terminal_events(a), [&Event::Ended { dialog: a, why: EndedWhy::Timeout }]);
    assert_eq!(pair.sides[A].endpoint.counters().dialogs, 0);
}

#[test]
fn calls_work_over_ipv6() {
    let mut pair = Pair::on(Transport::Udp, "[::1]:5060", "[::1]:5070", 3);
    let [a, b] = pair.talk();
    pair.act(B, |endpoint, now| endpoint.hang_up(now, b, None)).unwrap();
    pair.run(ms(40_000));
    assert_eq!(pair.sides[A].terminal_events(a).len(), 1);
    pair.assert_clean();
}

#[test]
fn calls_work_over_tcp_however_the_stream_is_split() {
    for chunk in 1..=60 {
        let mut pair = Pair::on(Transport::Tcp, "127.0.0.1:5060", "127.0.0.2:5060", 3);
        pair.chunk = chunk;
        let [a, b] = pair.talk();
        pair.act(A, |endpoint, now| endpoint.reinvite(now, a, b"again".to_vec())).unwrap();
        pair.run(ms(50));
        pair.act(B, |endpoint, now| endpoint.hang_up(now, b, None)).unwrap();
        pair.run(ms(40_000));
        assert_eq!(pair.sides[A].terminal_events(a).len(), 1, "chunks of {chunk}");
        assert_eq!(pair.sides[A].endpoint.counters().retransmissions, 0, "nothing is sent twice on a reliable transport");
        pair.assert_clean();
    }
}

fn storm(seed: u64, loss: u64, who_ends: usize) {
    let mut pair = Pair::with_seed(seed);
    pair.weather = Weather { loss, double: 10, jitter_ms: 300 };
    let a = pair.call();
    pair.run(ms(10_000));
    for side in [A, B] {
        let dialog = if side == A { Some(a) } else { pair.sides[B].invited().first().copied() };
        if let Some(dialog) = dialog {
            pair.act(side, |endpoint, now| endpoint.reinvite(now, dialog, b"v=0 again".to_vec())).unwrap_or(());
        }
    }
    pair.run(ms(10_000));
    if who_ends == A {
        pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap_or(());
    } else if let Some(b) = pair.sides[B].invited().first().copied() {
        pair.act(B, |endpoint, now| endpoint.hang_up(now, b, None)).unwrap_or(());
    }
    pair.run(ms(20_000));
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap_or(());
    pair.run(ms(200_000));
    assert_eq!(pair.sides[A].terminal_events(a).len(), 1, "seed {seed}: {:?}", pair.sides[A].events);
    for id in pair.sides[B].invited() {
        assert_eq!(pair.sides[B].terminal_events(id).len(), 1, "seed {seed}: {:?}", pair.sides[B].events);
    }
    pair.assert_clean();
}

/// A gives up after a while, B answers, rings or refuses after another.
fn change_of_mind(seed: u64, loss: u64, gives_up: u64, decides: u64, decision: u8) {
    let mut pair = Pair::with_seed(seed);
    pair.weather = Weather { loss, double: 10, jitter_ms: 100 };
    pair.habits = Habits { ring: seed.is_multiple_of(2), answer: false, answer_reinvites: true };
    let a = pair.call();
    let decide = |pair: &mut Pair| {
        for id in pair.sides[B].invited() {
            pair.act(B, |endpoint, now| match decision {
                0 => endpoint.answer(now, id, ANSWER.to_vec()),
                1 => endpoint.reject(now, id, Reject { code: 486, q850: None, retry_after: None }),
                _ => endpoint.hang_up(now, id, None),
            })
            .unwrap_or(());
        }
    };
    pair.run(ms(gives_up.min(decides)));
    if decides < gives_up {
        decide(&mut pair);
    }
    pair.run(ms(gives_up.saturating_sub(decides)));
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap_or(());
    pair.run(ms(decides.saturating_sub(gives_up)));
    decide(&mut pair);
    pair.run(ms(60_000));
    decide(&mut pair);
    pair.run(ms(200_000));
    assert_eq!(pair.sides[A].terminal_events(a).len(), 1, "{:?}", pair.sides[A].events);
    for id in pair.sides[B].invited() {
        assert_eq!(pair.sides[B].terminal_events(id).len(), 1, "{:?}", pair.sides[B].events);
    }
    pair.assert_clean();
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..proptest::prelude::ProptestConfig::with_cases(300) })]

    #[test]
    fn whatever_is_lost_doubled_or_late_every_call_ends_once_and_leaves_nothing(seed: u64, heavy: bool, who_ends in 0usize..2) {
        storm(seed, if heavy { 20 } else { 10 }, who_ends);
    }

    #[test]
    fn however_giving_up_and_answering_cross_every_call_ends_once_and_leaves_nothing(
        seed: u64, heavy: bool, gives_up in 0u64..2_000, decides in 0u64..2_000, decision in 0u8..3,
    ) {
        change_of_mind(seed, if heavy { 20 } else { 0 }, gives_up, decides, decision);
    }
}
