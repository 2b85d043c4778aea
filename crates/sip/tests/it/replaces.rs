//! INVITE with Replaces (RFC 3891), from a caller and from ours.

use crate::endpoint_timers::respond;
use crate::endpoint_uas::{codes, in_a_call, request};
use crate::pair::{A, ANSWER, B, Lone, Pair, header, ms, tag};
use hotline_sip::{DialogId, Event, Invite, Reject, Replaces};

/// Another call of the same phone.
fn second(number: u32, more: &str) -> String {
    format!(
        "INVITE sip:hotline@127.0.0.1 SIP/2.0
         Via: SIP/2.0/UDP 127.0.0.1:6000;branch=z9hG4bKsecond{number};rport
         Max-Forwards: 70
         From: Carol <sip:carol@127.0.0.1:6000>;tag=carol{number}
         To: <sip:hotline@127.0.0.1>
         Call-ID: second-{number}
         CSeq: 1 INVITE
         Contact: <sip:carol@127.0.0.1:6000>
         {more}"
    )
}

fn replaced(lone: &Lone) -> Option<DialogId> {
    let Some(Event::Invite { invite, .. }) = lone.events.last() else { panic!("an INVITE: {:?}", lone.events) };
    invite.replaces
}

fn of_first(our_tag: &str) -> String {
    format!("Replaces: call-1;to-tag={our_tag};from-tag=bob")
}

#[test]
fn a_call_that_replaces_a_live_one_names_it_rfc_3891_3() {
    let (mut lone, our_tag) = in_a_call();
    let first = lone.invited();
    for (number, require) in [(1, "X: y"), (2, "Require: replaces"), (3, "Require: Replaces")] {
        assert_eq!(lone.send(&second(number, &format!("{}\n{require}", of_first(&our_tag))), ""), [""; 0]);
        assert_eq!(replaced(&lone), Some(first));
    }
    let sent = lone.send(&second(4, "Require: replaces, 100rel"), "");
    assert_eq!((codes(&sent), header(&sent[0], "Unsupported")), (vec!["420".to_owned()], Some("100rel")));
    assert_eq!(lone.send(&second(5, "X: y"), ""), [""; 0]);
    assert_eq!(replaced(&lone), None);
}

#[test]
fn a_replaces_that_fits_nothing_is_refused_as_rfc_3891_3_says() {
    let (lone, our_tag) = in_a_call();
    drop(lone);
    let table = [
        (format!("Replaces: call-1;to-tag={our_tag};from-tag=eve"), "481"),
        (format!("Replaces: call-2;to-tag={our_tag};from-tag=bob"), "481"),
        (format!("Replaces: call-1;to-tag=bob;from-tag={our_tag}"), "481"),
        (format!("{};early-only", of_first(&our_tag)), "486"),
        (format!("{0}\n{0}", of_first(&our_tag)), "400"),
        (format!("{}, x;to-tag=1;from-tag=2", of_first(&our_tag)), "400"),
        (format!("Replaces: call-1;to-tag={our_tag}"), "400"),
        (format!("{};from-tag=bob", of_first(&our_tag)), "400"),
        ("Replaces: ;to-tag=1;from-tag=2".to_owned(), "400"),
        (format!("Replaces: {};to-tag=1;from-tag=2", "x".repeat(2_000)), "400"),
        ("Replaces:".to_owned(), "400"),
    ];
    for (more, code) in table {
        let (mut lone, _) = in_a_call();
        assert_eq!(codes(&lone.send(&second(1, &more), "")), [code], "{more}");
        assert_eq!((lone.endpoint.counters().dialogs, lone.events.len()), (1, 1), "the call is not touched: {more}");
    }
}

#[test]
fn a_dialog_that_is_over_or_ending_is_declined_603_and_long_forgotten_481() {
    let (mut lone, our_tag) = in_a_call();
    lone.endpoint.hang_up(lone.now, lone.invited(), None).unwrap();
    let bye = lone.take().remove(0);
    assert_eq!(codes(&lone.send(&second(1, &of_first(&our_tag)), "")), ["603"], "ending");
    lone.send_bytes(respond(&bye, "200 OK", "").as_bytes());
    assert_eq!(codes(&lone.send(&second(2, &of_first(&our_tag)), "")), ["603"], "over");
    for number in 10..1_034 {
        lone.send(&second(number, "X: y"), "");
        lone.endpoint.reject(lone.now, lone.invited(), Reject { code: 486, q850: None, retry_after: None }).unwrap();
        lone.take();
    }
    assert_eq!(codes(&lone.send(&second(3, &of_first(&our_tag)), "")), ["481"], "1024 others ended since");
}

#[test]
fn an_early_dialog_is_replaced_only_if_we_opened_it() {
    let mut lone = Lone::new();
    lone.send(&second(1, "X: y"), "");
    let early = lone.invited();
    lone.endpoint.provisional(lone.now, early, 180, None).unwrap();
    let our_tag = tag(&lone.take()[0], "To");
    let theirs = format!("Replaces: second-1;to-tag={our_tag};from-tag=carol1");
    assert_eq!(codes(&lone.send(&second(2, &theirs), "")), ["481"]);
    let id = lone.endpoint.invite(lone.now, ours(&lone, vec![])).unwrap();
    let invite = lone.take().remove(0);
    assert_eq!(lone.endpoint.replaces(id), None, "the peer has no tag yet");
    lone.send_bytes(respond(&invite, "180 Ringing", "Contact: <sip:seat@127.0.0.1:6000>\r\n").as_bytes());
    let call_id = header(&invite, "Call-ID").unwrap();
    let ours = format!("Replaces: {call_id};to-tag={};from-tag=peer;early-only", tag(&invite, "From"));
    assert_eq!(lone.send(&second(3, &ours), ""), [""; 0]);
    assert_eq!(replaced(&lone), Some(id));
}

#[test]
fn a_phone_may_transfer_to_somebody_whom_it_still_rings_rfc_5589_7() {
    let (mut lone, our_tag) = in_a_call();
    lone.send(&second(1, "X: y"), "");
    let other = lone.invited();
    lone.endpoint.provisional(lone.now, other, 180, None).unwrap();
    let other_tag = tag(&lone.take()[0], "To");
    for (cseq, phase) in [(10, "early"), (11, "confirmed")] {
        let refer_to = format!("Refer-To: <sip:1002@hotline?Replaces=second-1%3Bto-tag%3D{other_tag}%3Bfrom-tag%3Dcarol1>");
        lone.send(&request("REFER", &format!("r{cseq}"), &our_tag, cseq, &refer_to), "");
        let Some(Event::Refer { dialog, refer }) = lone.events.last() else { panic!("a REFER") };
        assert_eq!(refer.replaces, Some(Ok(other)), "{phase}");
        lone.endpoint.refuse_refer(lone.now, *dialog, Reject { code: 603, q850: None, retry_after: None }).unwrap();
        lone.endpoint.answer(lone.now, other, ANSWER.to_vec()).unwrap_or(());
        lone.take();
    }
}

#[test]
fn a_peer_without_tag_is_named_by_zero_rfc_3891_3() {
    let mut lone = Lone::new();
    lone.send(&second(1, "X: y").replace(";tag=carol1", ""), "");
    let id = lone.invited();
    lone.endpoint.answer(lone.now, id, ANSWER.to_vec()).unwrap();
    let our_tag = tag(&lone.take()[0], "To");
    lone.send(&second(2, &format!("Replaces: second-1;to-tag={our_tag};from-tag=0")), "");
    assert_eq!(replaced(&lone), Some(id));
}

#[test]
fn replaces_stands_in_an_invite_only() {
    let (mut lone, our_tag) = in_a_call();
    let line = of_first(&our_tag);
    assert_eq!(codes(&lone.send(&request("OPTIONS", "a", "", 1, &line), "")), ["400"]);
    assert_eq!(codes(&lone.send(&request("INFO", "b", &our_tag, 8, &line), "")), ["400"]);
    assert_eq!(codes(&lone.send(&request("REFER", "c", &our_tag, 9, &format!("Refer-To: <sip:x@y>\n{line}")), "")), ["400"]);
}

fn ours(lone: &Lone, headers: Vec<(String, String)>) -> Invite {
    let target = "sip:seat@127.0.0.1:6000".into();
    let party = || "<sip:hotline@127.0.0.1>".into();
    Invite { target, flow: lone.flow, local_party: party(), remote_party: party(), headers, body: ANSWER.to_vec() }
}

#[test]
fn what_we_print_of_a_dialog_the_peer_finds_again_and_only_as_that() {
    let mut pair = Pair::new();
    let [a, b] = pair.talk();
    let replaces = pair.sides[A].endpoint.replaces(a).unwrap();
    assert_eq!(Replaces::parse(&replaces.to_string()), Some(replaces.clone()));
    let early = Replaces { early_only: true, ..replaces.clone() };
    assert_eq!(Replaces::parse(&early.to_string()), Some(early));
    let invite = Invite { headers: vec![("Replaces".into(), replaces.to_string())], ..pair.invite() };
    pair.act(A, |endpoint, now| endpoint.invite(now, invite)).unwrap();
    pair.run(ms(100));
    let seen = pair.sides[B].events.iter().filter_map(|(_, event)| match event {
        Event::Invite { invite, .. } => Some(invite.replaces),
        _ => None,
    });
    assert_eq!(seen.collect::<Vec<_>>(), [None, Some(b)]);
}
