//! What crosses on the wire: REFER, NOTIFY, re-INVITE and BYE of both sides (RFC 3261 14.1, 15.1; RFC 5057; RFC 6665).

use crate::endpoint_timers::respond;
use crate::endpoint_uas::{codes, in_a_call, invite, request};
use crate::pair::{A, ANSWER, B, Lone, OFFER, Pair, Weather, header, ms, start_line, tag};
use crate::refer::{TRANSFER, accept, progress, referred};
use hotline_sip::{EndedWhy, Event, Input, Limits, Reject};

fn lines(sent: &[String]) -> Vec<String> {
    sent.iter().map(|text| start_line(text.as_bytes())).collect()
}

fn nothing_left(lone: &mut Lone) {
    lone.watch(ms(240_000));
    let counters = lone.endpoint.counters();
    assert_eq!((counters.dialogs, counters.transactions, lone.endpoint.poll_timeout()), (0, 0, None));
}

#[test]
fn a_refer_that_crosses_our_bye_gets_481() {
    let (mut lone, tag) = in_a_call();
    lone.endpoint.hang_up(lone.now, lone.invited(), None).unwrap();
    let bye = lone.take().remove(0);
    assert_eq!(codes(&lone.send(&request("REFER", "r", &tag, 10, TRANSFER), "")), ["481"]);
    lone.send_bytes(respond(&bye, "200 OK", "").as_bytes());
    assert_eq!(codes(&lone.send(&request("REFER", "s", &tag, 11, TRANSFER), "")), ["481"], "and after it too");
    assert!(!lone.events.iter().any(|event| matches!(event, Event::Refer { .. })));
    nothing_left(&mut lone);
}

#[test]
fn a_refer_that_waits_gets_487_when_the_call_ends_from_either_side_rfc_3261_15_1_2() {
    let (mut lone, _, _) = referred(TRANSFER);
    lone.endpoint.hang_up(lone.now, lone.invited(), None).unwrap();
    let sent = lone.take();
    assert_eq!((lines(&sent)[0].as_str(), header(&sent[0], "CSeq")), ("SIP/2.0 487 Request Terminated", Some("10 REFER")));
    assert!(lone.endpoint.accept_refer(lone.now, lone.invited()).is_err());
    lone.send_bytes(respond(&sent[1], "200 OK", "").as_bytes());
    nothing_left(&mut lone);
    let (mut lone, tag, _) = referred(TRANSFER);
    let sent = lone.send(&request("BYE", "b", &tag, 11, "X: y"), "");
    assert_eq!((codes(&sent), header(&sent[1], "CSeq")), (vec!["200".to_owned(), "487".to_owned()], Some("10 REFER")));
    assert!(lone.endpoint.accept_refer(lone.now, lone.invited()).is_err());
    nothing_left(&mut lone);
}

#[test]
fn the_last_notify_that_waits_goes_out_before_our_bye() {
    let (mut lone, _, _) = referred(TRANSFER);
    let (_, trying) = accept(&mut lone);
    let id = lone.invited();
    lone.endpoint.refer_progress(lone.now, id, 200).unwrap();
    assert_eq!(lone.take(), [""; 0]);
    lone.endpoint.hang_up(lone.now, id, Some(16)).unwrap();
    let sent = lone.take();
    assert_eq!([header(&sent[0], "CSeq"), header(&sent[1], "CSeq")], [Some("2 NOTIFY"), Some("3 BYE")]);
    assert_eq!(header(&sent[0], "Subscription-State"), Some("terminated;reason=noresource"));
    for request in [&sent[1], &trying, &sent[0]] {
        lone.send_bytes(respond(request, "200 OK", "").as_bytes());
    }
    assert_eq!(lone.events.iter().filter(|event| matches!(event, Event::Ended { why: EndedWhy::Byed, .. })).count(), 1);
    nothing_left(&mut lone);
}

#[test]
fn a_phone_that_hangs_up_right_after_its_refer_leaves_nothing_behind() {
    let (mut lone, tag, _) = referred(TRANSFER);
    let (_, trying) = accept(&mut lone);
    let id = lone.invited();
    assert_eq!(codes(&lone.send(&request("BYE", "b", &tag, 11, "X: y"), "")), ["200"]);
    assert_eq!(lone.events.last(), Some(&Event::Bye { dialog: id, q850: None }));
    assert!(lone.endpoint.refer_progress(lone.now, id, 200).is_err(), "no NOTIFY after the end of the dialog");
    assert_eq!(lone.send_bytes(respond(&trying, "481 Gone", "").as_bytes()), [""; 0]);
    nothing_left(&mut lone);
}

#[test]
fn a_notify_that_cannot_be_delivered_does_not_end_the_call() {
    let (mut lone, tag, _) = referred(TRANSFER);
    accept(&mut lone);
    let flow = lone.flow;
    lone.endpoint.handle(lone.now, Input::SendFailed { flow });
    assert!(lone.endpoint.refer_progress(lone.now, lone.invited(), 180).is_err());
    assert_eq!(codes(&lone.send(&request("OPTIONS", "o", &tag, 11, "X: y"), "")), ["200"]);
}

#[test]
fn a_transfer_and_a_hold_of_ours_at_once_keep_their_cseq_apart_rfc_3261_12_2_1_1() {
    let (mut lone, tag) = in_a_call();
    let id = lone.invited();
    lone.endpoint.reinvite(lone.now, id, OFFER.to_vec()).unwrap();
    let hold = lone.take().remove(0);
    assert_eq!(lone.send(&request("REFER", "r", &tag, 10, TRANSFER), ""), [""; 0], "REFER is no offer: no glare");
    let (_, trying) = accept(&mut lone);
    assert_eq!([header(&hold, "CSeq"), header(&trying, "CSeq")], [Some("1 INVITE"), Some("2 NOTIFY")]);
    let ok = respond(&hold, "200 OK", "Contact: <sip:bob@127.0.0.1:6000>\r\n");
    assert_eq!(header(&lone.send_bytes(ok.as_bytes())[0], "CSeq"), Some("1 ACK"), "13.2.2.4: that of its INVITE");
    lone.send_bytes(respond(&trying, "200 OK", "").as_bytes());
    assert_eq!(header(&progress(&mut lone, 180), "CSeq"), Some("3 NOTIFY"));
    lone.endpoint.hang_up(lone.now, id, None).unwrap();
    assert_eq!(header(&lone.take()[0], "CSeq"), Some("4 BYE"));
}

#[test]
fn a_refer_while_the_phones_own_hold_waits_is_heard_and_both_are_answered() {
    let (mut lone, tag) = in_a_call();
    lone.send(&request("INVITE", "hold", &tag, 9, "Contact: <sip:bob@127.0.0.1:6000>\nContent-Type: application/sdp"), "v=0\r\n");
    lone.send(&request("REFER", "r", &tag, 10, TRANSFER), "");
    accept(&mut lone);
    lone.endpoint.answer(lone.now, lone.invited(), ANSWER.to_vec()).unwrap();
    let sent = lone.take();
    assert_eq!((codes(&sent), header(&sent[0], "CSeq")), (vec!["200".to_owned()], Some("9 INVITE")));
    assert_eq!(codes(&lone.send(&request("REFER", "old", &tag, 8, TRANSFER), "")), ["500"], "12.2.2: out of order");
}

#[test]
fn a_refer_before_the_call_is_up_gets_491() {
    let mut lone = Lone::new();
    lone.send(&invite("a"), "v=0\r\n");
    lone.endpoint.provisional(lone.now, lone.invited(), 180, None).unwrap();
    let our_tag = tag(&lone.take()[0], "To");
    assert_eq!(codes(&lone.send(&request("REFER", "r", &our_tag, 8, TRANSFER), "")), ["491"]);
    lone.endpoint.answer(lone.now, lone.invited(), ANSWER.to_vec()).unwrap();
    lone.endpoint.hang_up(lone.now, lone.invited(), None).unwrap();
    lone.take();
    assert_eq!(codes(&lone.send(&request("REFER", "s", &our_tag, 9, TRANSFER), "")), ["481"], "our BYE waits for the ACK (15)");
}

#[test]
fn a_refer_from_elsewhere_is_not_heard_whatever_its_tags() {
    let (mut lone, tag) = in_a_call();
    let there = lone.flow;
    lone.flow.remote = "203.0.113.66:6000".parse().unwrap();
    assert_eq!(lone.send(&request("REFER", "r", &tag, 10, TRANSFER), ""), [""; 0]);
    assert_eq!((lone.endpoint.counters().dropped_stranger, lone.events.len()), (1, 1));
    lone.flow = there;
    assert_eq!(lone.send(&request("REFER", "s", &tag, 10, TRANSFER), ""), [""; 0]);
    assert!(matches!(lone.events.last(), Some(Event::Refer { .. })));
}

#[test]
fn at_the_limit_of_transactions_a_refer_gets_503_and_a_notify_is_left_out() {
    let mut lone = Lone::at("127.0.0.1:5060", "127.0.0.1:6000", Limits { transactions: 3, ..Limits::default() });
    lone.send(&invite("inv"), "v=0\r\n");
    lone.endpoint.answer(lone.now, lone.invited(), ANSWER.to_vec()).unwrap();
    let our_tag = tag(&lone.take()[0], "To");
    lone.send(&request("ACK", "ack", &our_tag, 7, "X: y"), "");
    lone.send(&request("REFER", "r", &our_tag, 10, TRANSFER), "");
    lone.send(&request("OPTIONS", "o", &our_tag, 11, "X: y"), "");
    let id = lone.invited();
    lone.endpoint.accept_refer(lone.now, id).unwrap();
    assert_eq!(codes(&lone.take()), ["202"], "no room for a NOTIFY");
    assert_eq!(codes(&lone.send(&request("REFER", "s", &our_tag, 12, TRANSFER), "")), ["503"]);
    lone.watch(ms(40_000));
    assert_eq!(header(&progress(&mut lone, 200), "Subscription-State"), Some("terminated;reason=noresource"), "there is room again");
}

#[test]
fn at_the_limit_of_transactions_a_peer_is_not_asked_and_is_when_there_is_room_again() {
    let mut lone = Lone::at("127.0.0.1:5060", "127.0.0.1:6000", Limits { transactions: 2, ..Limits::default() });
    lone.send(&invite("inv"), "v=0\r\n");
    lone.endpoint.answer(lone.now, lone.invited(), ANSWER.to_vec()).unwrap();
    let our_tag = tag(&lone.take()[0], "To");
    lone.send(&request("ACK", "ack", &our_tag, 7, "X: y"), "");
    lone.send(&request("OPTIONS", "o", &our_tag, 11, "X: y"), "");
    let id = lone.invited();
    lone.endpoint.probe(lone.now, id).unwrap();
    assert!(lone.take().is_empty());
    lone.watch(ms(40_000));
    lone.endpoint.probe(lone.now, id).unwrap();
    assert_eq!(lone.take().len(), 1);
}

#[test]
fn a_reinvite_of_ours_waits_for_theirs_to_be_answered_rfc_3261_14_1() {
    let mut pair = Pair::new();
    pair.habits.answer_reinvites = false;
    let [a, b] = pair.talk();
    pair.act(B, |endpoint, now| endpoint.reinvite(now, b, b"from b".to_vec())).unwrap();
    pair.run(ms(50));
    pair.act(A, |endpoint, now| endpoint.reinvite(now, a, b"from a".to_vec())).unwrap();
    pair.run(ms(1_000));
    assert_eq!(pair.sides[A].count("INVITE"), 1, "only the first one: theirs waits for us");
    pair.act(A, |endpoint, now| endpoint.answer(now, a, ANSWER.to_vec())).unwrap();
    pair.run(ms(50));
    assert_eq!(pair.sides[A].count("INVITE"), 2, "now ours");
    pair.act(B, |endpoint, now| endpoint.reject(now, b, Reject { code: 488, q850: None, retry_after: None })).unwrap();
    pair.run(ms(50));
    assert_eq!(pair.sides[A].saw(|event| *event == Event::ReinviteRejected { dialog: a, code: 488 }), 1);
    assert_eq!((pair.sides[A].count("SIP/2.0 491"), pair.sides[B].count("SIP/2.0 491")), (0, 0));
}

#[test]
fn glare_that_comes_again_is_waited_out_again_and_a_newer_offer_replaces_the_one_that_waits() {
    let mut pair = Pair::new();
    let [a, b] = pair.talk();
    pair.act(A, |endpoint, now| endpoint.reinvite(now, a, b"from a".to_vec())).unwrap();
    pair.act(B, |endpoint, now| endpoint.reinvite(now, b, b"from b".to_vec())).unwrap();
    pair.run(ms(20));
    pair.act(A, |endpoint, now| endpoint.reinvite(now, a, b"newer of a".to_vec())).unwrap();
    pair.run(ms(10_000));
    let bodies = pair.sides[B].events.iter().filter_map(|(_, event)| match event {
        Event::Reinvite { body, .. } => body.clone(),
        _ => None,
    });
    assert_eq!(bodies.collect::<Vec<_>>(), [b"newer of a".to_vec()]);
    assert_eq!(pair.sides[A].saw(|event| matches!(event, Event::ReinviteAnswered { .. })), 1);
    assert_eq!(pair.sides[B].saw(|event| matches!(event, Event::ReinviteAnswered { .. })), 1);
}

#[test]
fn a_call_that_ends_while_glare_is_waited_out_leaves_nothing() {
    for who in [A, B] {
        let mut pair = Pair::new();
        let [a, b] = pair.talk();
        pair.act(A, |endpoint, now| endpoint.reinvite(now, a, b"from a".to_vec())).unwrap();
        pair.act(B, |endpoint, now| endpoint.reinvite(now, b, b"from b".to_vec())).unwrap();
        pair.run(ms(20));
        pair.act(who, |endpoint, now| endpoint.hang_up(now, [a, b][who], None)).unwrap();
        pair.run(ms(60_000));
        assert_eq!((pair.sides[A].terminal_events(a).len(), pair.sides[B].terminal_events(b).len()), (1, 1));
        pair.assert_clean();
    }
}

#[test]
fn a_reinvite_that_crosses_a_bye_is_refused_and_the_call_ends_once() {
    for who in [A, B] {
        let mut pair = Pair::new();
        let ids = pair.talk();
        pair.act(who, |endpoint, now| endpoint.reinvite(now, ids[who], b"hold".to_vec())).unwrap();
        pair.act(1 - who, |endpoint, now| endpoint.hang_up(now, ids[1 - who], None)).unwrap();
        pair.run(ms(60_000));
        assert_eq!(pair.sides[1 - who].count("SIP/2.0 481"), 1);
        assert_eq!(pair.sides[who].terminal_events(ids[who]), [&Event::Bye { dialog: ids[who], q850: None }]);
        assert_eq!(pair.sides[1 - who].terminal_events(ids[1 - who]), [&Event::Ended { dialog: ids[1 - who], why: EndedWhy::Byed }]);
        pair.assert_clean();
    }
}

/// Holds, probes and at last a hang-up of both sides at any time; every re-INVITE that is not overtaken comes to an end.
fn tug_of_war(seed: u64, loss: u64, acts: &[(u64, usize, u8)]) {
    let mut pair = Pair::with_seed(seed);
    let ids = pair.talk();
    pair.weather = Weather { loss, double: 10, jitter_ms: 80 };
    for (wait, who, act) in acts {
        pair.run(ms(*wait));
        let id = ids[*who];
        pair.act(*who, |endpoint, now| match act {
            0..=5 => endpoint.reinvite(now, id, format!("{wait}").into_bytes()),
            6..=7 => endpoint.probe(now, id),
            _ => endpoint.hang_up(now, id, None),
        })
        .unwrap_or(());
    }
    if loss == 0 && acts.iter().all(|(_, _, act)| *act < 8) {
        pair.run(ms(60_000));
        for side in [A, B] {
            let last = pair.sides[side].events.iter().rev().find(|(_, event)| matches!(event, Event::ReinviteAnswered { .. }));
            assert_eq!(last.is_some(), acts.iter().any(|(_, who, act)| *who == side && *act < 6), "{:?}", pair.sides[side].lines());
            assert_eq!(pair.sides[side].saw(|event| matches!(event, Event::ReinviteRejected { .. })), 0);
        }
    }
    pair.act(A, |endpoint, now| endpoint.hang_up(now, ids[A], None)).unwrap_or(());
    pair.run(ms(300_000));
    for side in [A, B] {
        let ends = pair.sides[side].terminal_events(ids[side]);
        let heard = loss == 0 || !ends.is_empty();
        assert!(ends.len() == 1 || !heard, "{:?}", pair.sides[side].events);
    }
    if loss == 0 {
        pair.assert_clean();
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..proptest::prelude::ProptestConfig::with_cases(300) })]

    #[test]
    fn however_holds_of_both_sides_cross_each_gets_through_and_the_call_ends_once(
        seed: u64, loss in proptest::sample::select(vec![0u64, 0, 10]),
        acts in proptest::collection::vec((0u64..3_000, 0usize..2, 0u8..9), 1..8),
    ) {
        tug_of_war(seed, loss, &acts);
    }
}

#[test]
fn a_reinvite_that_is_put_off_by_500_comes_again_and_not_for_ever_rfc_3261_14_2() {
    let (mut lone, _) = in_a_call();
    let id = lone.invited();
    lone.endpoint.reinvite(lone.now, id, OFFER.to_vec()).unwrap();
    let mut reinvite = lone.take().remove(0);
    for _ in 0..10 {
        lone.send_bytes(respond(&reinvite, "500 Later", "Retry-After: 3\r\n").as_bytes());
        assert!(!lone.watch(ms(2_999)).iter().any(|(_, line)| line.starts_with("INVITE")));
        lone.now = lone.now + ms(1);
        lone.endpoint.handle_timeout(lone.now);
        reinvite = lone.take().remove(0);
        assert!(reinvite.starts_with("INVITE "), "{reinvite}");
    }
    lone.send_bytes(respond(&reinvite, "500 Later", "Retry-After: 3\r\n").as_bytes());
    assert_eq!(lone.events.last(), Some(&Event::ReinviteRejected { dialog: id, code: 500 }));
    lone.endpoint.reinvite(lone.now, id, OFFER.to_vec()).unwrap();
    let reinvite = lone.take().remove(0);
    lone.send_bytes(respond(&reinvite, "500 Broken", "").as_bytes());
    assert_eq!(
        lone.events.iter().filter(|event| matches!(event, Event::ReinviteRejected { .. })).count(),
        2,
        "without Retry-After: at once"
    );
    assert_eq!(lone.endpoint.counters().dialogs, 1);
}
