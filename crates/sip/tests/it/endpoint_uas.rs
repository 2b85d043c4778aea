//! What a single endpoint answers to what a peer wrote by hand (RFC 3261 8.2, 9.2, 12.2.2).

use crate::pair::{ANSWER, Lone, OFFER, header, ms, start_line, tag};
use hotline_sip::{EndedWhy, Event, Limits, Reject};

const SDP: &str = "v=0\r\n";

pub fn invite(branch: &str) -> String {
    format!(
        "INVITE sip:hotline@127.0.0.1 SIP/2.0
         Via: SIP/2.0/UDP 10.0.0.9:6000;branch=z9hG4bK{branch};rport
         Max-Forwards: 70
         From: Bob <sip:bob@127.0.0.1:6000>;tag=bob
         To: <sip:hotline@127.0.0.1>
         Call-ID: call-1
         CSeq: 7 INVITE
         Contact: <sip:bob@127.0.0.1:6000>
         Content-Type: application/sdp"
    )
}

pub fn request(method: &str, branch: &str, to_tag: &str, cseq: u32, more: &str) -> String {
    let to_tag = if to_tag.is_empty() { String::new() } else { format!(";tag={to_tag}") };
    format!(
        "{method} sip:hotline@127.0.0.1:5060 SIP/2.0
         Via: SIP/2.0/UDP 127.0.0.1:6000;branch=z9hG4bK{branch}
         Max-Forwards: 70
         From: Bob <sip:bob@127.0.0.1:6000>;tag=bob
         To: <sip:hotline@127.0.0.1>{to_tag}
         Call-ID: call-1
         CSeq: {cseq} {method}
         {more}"
    )
}

/// A lone endpoint in a call; our tag.
pub fn in_a_call() -> (Lone, String) {
    let mut lone = Lone::new();
    lone.send(&invite("inv"), SDP);
    let id = lone.invited();
    lone.endpoint.answer(lone.now, id, ANSWER.to_vec()).unwrap();
    let ok = lone.take().remove(0);
    let tag = tag(&ok, "To");
    assert_eq!(lone.send(&request("ACK", "ack", &tag, 7, "X: y"), ""), [""; 0]);
    assert!(lone.events.contains(&Event::Confirmed { dialog: id, body: None }));
    lone.events.retain(|event| matches!(event, Event::Invite { .. }));
    (lone, tag)
}

pub fn codes(sent: &[String]) -> Vec<String> {
    sent.iter().map(|text| text.split(' ').nth(1).unwrap().to_owned()).collect()
}

#[test]
fn responses_carry_the_callers_via_with_its_source_and_our_contact() {
    let mut lone = Lone::new();
    lone.send(&invite("a"), SDP);
    lone.endpoint.answer(lone.now, lone.invited(), OFFER.to_vec()).unwrap();
    let ok = lone.take().remove(0);
    let via = header(&ok, "Via").unwrap();
    assert!(via.contains("received=127.0.0.1") && via.contains("rport=6000"), "{via}");
    assert_eq!(header(&ok, "Contact"), Some("<sip:hotline@127.0.0.1:5060>"));
    assert_eq!(header(&ok, "Content-Type"), Some("application/sdp"));
    assert_eq!(header(&ok, "Server"), None, "a scanner learns nothing");
    assert!(ok.ends_with(std::str::from_utf8(OFFER).unwrap()));
}

#[test]
fn a_repeated_invite_gets_the_same_response_until_its_ack_and_silence_after_rfc_6026() {
    let mut lone = Lone::new();
    lone.send(&invite("a"), SDP);
    let id = lone.invited();
    lone.endpoint.provisional(lone.now, id, 180, None).unwrap();
    let ringing = lone.take();
    assert_eq!(lone.send(&invite("a"), SDP), ringing);
    lone.endpoint.answer(lone.now, id, ANSWER.to_vec()).unwrap();
    let ok = lone.take();
    assert_eq!(lone.send(&invite("a"), SDP), ok);
    lone.send(&request("ACK", "b", &tag(&ok[0], "To"), 7, "X: y"), "");
    assert_eq!(lone.send(&invite("a"), SDP), [""; 0]);
    assert_eq!(lone.events.iter().filter(|event| matches!(event, Event::Invite { .. })).count(), 1);
    assert_eq!(lone.endpoint.counters().duplicates, 3);
}

#[test]
fn an_invite_that_came_before_anything_was_sent_is_answered_100() {
    let mut lone = Lone::new();
    lone.send(&invite("a"), SDP);
    assert_eq!(codes(&lone.send(&invite("a"), SDP)), ["100"]);
    assert_eq!(lone.watch(ms(1_000)), [], "not a second time by its timer");
}

#[test]
fn a_request_that_came_by_two_ways_is_merged_482_rfc_3261_8_2_2_2() {
    let mut lone = Lone::new();
    lone.send(&invite("a"), SDP);
    assert_eq!(codes(&lone.send(&invite("b"), SDP)), ["482"]);
    assert_eq!(lone.endpoint.counters().merged, 1);
}

#[test]
fn what_we_cannot_do_is_refused_with_the_code_and_header_that_say_so() {
    let table: &[(&str, &str, &str, &str)] = &[
        ("MESSAGE", "", "405", "Allow"),
        ("SUBSCRIBE", "", "405", "Allow"),
        ("REFER", "", "403", "To"),
        ("NOTIFY", "", "481", "To"),
        ("PUBLISH", "", "405", "Allow"),
        ("NEWMETHOD", "", "501", "Allow"),
        ("OPTIONS", "Require: 100rel, nothingSupportsThis", "420", "Unsupported"),
        ("OPTIONS", "", "200", "Accept"),
        ("BYE", "", "481", "To"),
        ("INFO", "", "481", "To"),
        ("UPDATE", "", "481", "To"),
    ];
    for (method, more, code, named) in table {
        let mut lone = Lone::new();
        let sent = lone.send(&request(method, "x", "", 1, if more.is_empty() { "X: y" } else { more }), "");
        assert_eq!(codes(&sent), [*code], "{method}");
        assert!(header(&sent[0], named).is_some(), "{method}: {}", sent[0]);
        assert!(!tag(&sent[0], "To").is_empty());
    }
}

#[test]
fn hops_versions_schemes_and_bodies_we_do_not_take() {
    let with = |from: &str, to: &str| invite("x").replace(from, to);
    let table = [
        (with("Max-Forwards: 70", "Max-Forwards: 0"), "483"),
        (with("sip:hotline@127.0.0.1 SIP/2.0", "sip:hotline@127.0.0.1 SIP/7.0"), "505"),
        (with("INVITE sip:hotline@127.0.0.1 ", "INVITE unknown:hotline "), "416"),
        (with("application/sdp", "text/plain"), "415"),
        (with("CSeq: 7 INVITE", "CSeq: 7 OPTIONS"), "400"),
        (with("CSeq: 7 INVITE", "CSeq: 99999999999 INVITE"), "400"),
        (with("Contact: <sip:bob@127.0.0.1:6000>", "Require: timer"), "420"),
    ];
    for (text, code) in table {
        let mut lone = Lone::new();
        assert_eq!(codes(&lone.send(&text, SDP)), [code], "{text}");
        assert!(!lone.events.iter().any(|event| matches!(event, Event::Invite { .. })));
    }
    let optional = with("Content-Type: application/sdp", "Content-Type: text/plain\nContent-Disposition: render;handling=optional");
    let mut lone = Lone::new();
    lone.send(&optional, "hello");
    assert!(matches!(&lone.events[0], Event::Invite { invite, .. } if invite.body.is_none()));
}

#[test]
fn a_caller_of_rfc_2543_without_tag_branch_and_contact_gets_through() {
    let text = invite("").replace(";branch=z9hG4bK;rport", "").replace(";tag=bob", "").replace("Contact: <sip:bob@127.0.0.1:6000>", "X: y");
    let mut lone = Lone::new();
    lone.send(&text, SDP);
    let id = lone.invited();
    lone.endpoint.reject(lone.now, id, Reject { code: 486, q850: None, retry_after: None }).unwrap();
    let busy = lone.take().remove(0);
    let repeated = lone.send(&text, SDP);
    assert_eq!(repeated, std::slice::from_ref(&busy));
    let ack = text
        .replace("INVITE", "ACK")
        .replace("To: <sip:hotline@127.0.0.1>", &format!("To: <sip:hotline@127.0.0.1>;tag={}", tag(&busy, "To")));
    lone.send(&ack.replace("Content-Type: application/sdp", "X: z"), "");
    assert_eq!(lone.watch(ms(60_000)), [], "the ACK found its INVITE (17.2.3)");
    assert_eq!(lone.endpoint.counters().transactions, 0);
}

#[test]
fn in_a_call_requests_out_of_order_are_refused_500_and_unknown_dialogs_481() {
    let (mut lone, tag) = in_a_call();
    assert_eq!(codes(&lone.send(&request("OPTIONS", "o1", &tag, 8, "X: y"), "")), ["200"]);
    assert_eq!(codes(&lone.send(&request("OPTIONS", "o2", &tag, 6, "X: y"), "")), ["500"], "12.2.2");
    assert_eq!(codes(&lone.send(&request("BYE", "o3", "nobody", 9, "X: y"), "")), ["481"]);
    assert_eq!(codes(&lone.send(&request("BYE", "o4", &tag, 9, "X: y").replace("tag=bob", "tag=eve"), "")), ["481"]);
    assert_eq!(codes(&lone.send(&request("BYE", "o5", &tag, 9, "X: y").replace("call-1", "call-2"), "")), ["481"]);
    assert_eq!(lone.send(&request("ACK", "o6", "nobody", 9, "X: y"), ""), [""; 0], "an ACK is never answered");
    assert_eq!(codes(&lone.send(&request("MESSAGE", "o7", &tag, 10, "X: y"), "")), ["405"]);
    assert_eq!(lone.endpoint.counters().no_dialog, 3);
    assert_eq!(codes(&lone.send(&request("BYE", "o8", &tag, 11, "Reason: SIP;cause=200, Q.850;cause=16"), "")), ["200"]);
    assert_eq!(lone.events.last(), Some(&Event::Bye { dialog: lone.invited(), q850: Some(16) }));
    assert_eq!(codes(&lone.send(&request("BYE", "o8", &tag, 11, "X: y"), "")), ["200"], "the same BYE again");
    assert_eq!(codes(&lone.send(&request("BYE", "o9", &tag, 12, "X: y"), "")), ["481"]);
}

#[test]
fn options_is_answered_as_an_invite_would_be_while_no_call_is_taken_but_200_in_a_call_rfc_3261_11_2() {
    let (mut lone, tag) = in_a_call();
    lone.endpoint.set_closed(Some(10));
    let outside = |lone: &mut Lone, branch: &str| lone.send(&request("OPTIONS", branch, "", 1, "X: y").replace("call-1", branch), "");
    let closed = outside(&mut lone, "o1");
    assert_eq!((codes(&closed), header(&closed[0], "Retry-After")), (vec!["503".to_owned()], Some("10")));
    assert_eq!(codes(&lone.send(&request("OPTIONS", "o2", &tag, 8, "X: y"), "")), ["200"]);
    lone.endpoint.set_closed(None);
    assert_eq!(codes(&outside(&mut lone, "o3")), ["200"]);
}

#[test]
fn a_stranger_with_the_right_tags_is_not_the_peer() {
    let (mut lone, tag) = in_a_call();
    let peer = lone.flow;
    lone.flow.remote = "203.0.113.9:5060".parse().unwrap();
    assert_eq!(lone.send(&request("BYE", "b", &tag, 8, "X: y"), ""), [""; 0]);
    assert_eq!(lone.send(&request("INVITE", "i", &tag, 8, "Contact: <sip:eve@203.0.113.9>"), SDP), [""; 0]);
    assert_eq!(lone.endpoint.counters().dropped_stranger, 2);
    lone.flow = peer;
    assert_eq!(codes(&lone.send(&request("BYE", "b2", &tag, 8, "X: y"), "")), ["200"]);
}

#[test]
fn strangers_hear_nothing_whatever_they_send() {
    let mut lone = Lone::at("192.0.2.1:5060", "203.0.113.9:5060", Limits::default());
    for method in ["OPTIONS", "INVITE", "MESSAGE", "BYE", "CANCEL", "SUBSCRIBE", "ACK", "REFER", "NONSENSE"] {
        assert_eq!(lone.send(&request(method, method, "", 1, "Contact: <sip:x@203.0.113.9>"), ""), [""; 0], "{method}");
        assert_eq!(lone.send(&request(method, method, "guess", 1, "Contact: <sip:x@203.0.113.9>"), ""), [""; 0], "{method}");
    }
    assert_eq!(lone.send_bytes(b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP x\r\n\r\n"), [""; 0], "not even what is wrong with it");
    assert_eq!(lone.send_bytes(b"\x00\xff garbage"), [""; 0]);
    assert!(lone.events.is_empty());
    assert_eq!(lone.endpoint.counters().transactions, 0, "and they cost nothing");
    assert_eq!(lone.endpoint.counters().malformed, 2);
}

#[test]
fn info_with_digits_is_told_and_other_info_refused_415() {
    let (mut lone, tag) = in_a_call();
    let relay = request("INFO", "i1", &tag, 8, "Content-Type: application/dtmf-relay");
    assert_eq!(codes(&lone.send(&relay, "Signal=5\r\nDuration=160\r\n")), ["200"]);
    let body = b"Signal=5\r\nDuration=160\r\n".to_vec();
    assert_eq!(lone.events.last(), Some(&Event::Info { dialog: lone.invited(), content_type: "application/dtmf-relay".into(), body }));
    let other = lone.send(&request("INFO", "i2", &tag, 9, "Content-Type: application/media_control+xml"), "<x/>");
    assert_eq!((codes(&other), header(&other[0], "Accept").is_some()), (vec!["415".to_owned()], true));
    assert_eq!(codes(&lone.send(&request("INFO", "i3", &tag, 10, "X: y"), "")), ["200"], "an empty one is a keep-alive");
}

#[test]
fn update_with_an_offer_is_answered_like_a_reinvite_rfc_3311() {
    let (mut lone, tag) = in_a_call();
    let id = lone.invited();
    let update = request("UPDATE", "u1", &tag, 8, "Contact: <sip:bob@127.0.0.1:6001>\nContent-Type: application/sdp");
    assert_eq!(lone.send(&update, "v=0 hold"), [""; 0], "the engine has to answer");
    assert_eq!(lone.events.last(), Some(&Event::Reinvite { dialog: id, body: Some(b"v=0 hold".to_vec()) }));
    let second = request("UPDATE", "u2", &tag, 9, "Contact: <sip:bob@127.0.0.1:6001>\nContent-Type: application/sdp");
    let refused = lone.send(&second, "v=0");
    assert_eq!((codes(&refused), header(&refused[0], "Retry-After").is_some()), (vec!["500".to_owned()], true));
    lone.endpoint.answer(lone.now, id, ANSWER.to_vec()).unwrap();
    let ok = lone.take();
    assert_eq!(codes(&ok), ["200"]);
    assert_eq!(lone.send(&update, "v=0 hold"), ok, "the same UPDATE again");
    assert_eq!(lone.endpoint.state(id).unwrap().remote_target, "sip:bob@127.0.0.1:6001");
    assert_eq!(codes(&lone.send(&request("UPDATE", "u3", &tag, 10, "Contact: <sip:bob@127.0.0.1:6002>"), "")), ["200"], "only a refresh");
    assert_eq!(lone.endpoint.state(id).unwrap().flow.remote.port(), 6002);
    assert_eq!(lone.watch(ms(60_000)), [], "no ACK is missed");
}

#[test]
fn a_cancel_without_invite_is_481_and_one_after_the_answer_changes_nothing() {
    let mut lone = Lone::new();
    assert_eq!(codes(&lone.send(&request("CANCEL", "none", "", 7, "X: y"), "")), ["481"]);
    lone.send(&invite("inv"), SDP);
    lone.endpoint.answer(lone.now, lone.invited(), ANSWER.to_vec()).unwrap();
    let ok = lone.take().remove(0);
    let cancel = invite("inv").replace("INVITE", "CANCEL").replace("Content-Type: application/sdp", "X: y");
    let sent = lone.send(&cancel, "");
    assert_eq!(codes(&sent), ["200"]);
    assert_eq!(tag(&sent[0], "To"), tag(&ok, "To"), "9.2: the same tag");
    assert_eq!(lone.endpoint.counters().dialogs, 1);
}

#[test]
fn record_route_is_echoed_and_becomes_the_route_set() {
    let mut lone = Lone::new();
    let text = invite("r").replace("Max-Forwards: 70", "Record-Route: <sip:127.0.0.1:7001;lr>, <sip:127.0.0.1:7002;lr>\nMax-Forwards: 70");
    lone.send(&text, SDP);
    let id = lone.invited();
    lone.endpoint.answer(lone.now, id, ANSWER.to_vec()).unwrap();
    let ok = lone.take().remove(0);
    assert_eq!(header(&ok, "Record-Route"), Some("<sip:127.0.0.1:7001;lr>, <sip:127.0.0.1:7002;lr>"));
    let tag = tag(&ok, "To");
    lone.send(&request("ACK", "ack", &tag, 7, "X: y"), "");
    lone.endpoint.hang_up(lone.now, id, None).unwrap();
    let bye = lone.take().remove(0);
    assert_eq!(start_line(bye.as_bytes()), "BYE sip:bob@127.0.0.1:6000 SIP/2.0");
    let routes: Vec<_> = bye.lines().filter(|line| line.starts_with("Route")).collect();
    assert_eq!(routes, ["Route: <sip:127.0.0.1:7001;lr>", "Route: <sip:127.0.0.1:7002;lr>"]);
    assert_eq!(lone.endpoint.state(id).unwrap().flow.remote.port(), 7001, "to the first route");
}

#[test]
fn a_strict_router_gets_the_request_uri_rfc_3261_12_2_1_1() {
    let mut lone = Lone::new();
    lone.send(&invite("r").replace("Max-Forwards: 70", "Record-Route: <sip:127.0.0.1:7001>, <sip:127.0.0.1:7002;lr>"), SDP);
    let id = lone.invited();
    lone.endpoint.answer(lone.now, id, ANSWER.to_vec()).unwrap();
    let ok = lone.take().remove(0);
    lone.send(&request("ACK", "ack", &tag(&ok, "To"), 7, "X: y"), "");
    lone.endpoint.hang_up(lone.now, id, None).unwrap();
    let bye = lone.take().remove(0);
    assert_eq!(start_line(bye.as_bytes()), "BYE sip:127.0.0.1:7001 SIP/2.0");
    let routes: Vec<_> = bye.lines().filter(|line| line.starts_with("Route")).collect();
    assert_eq!(routes, ["Route: <sip:127.0.0.1:7002;lr>", "Route: <sip:bob@127.0.0.1:6000>"]);
}

#[test]
fn bye_before_our_answer_ends_the_invite_487() {
    let mut lone = Lone::new();
    lone.send(&invite("inv"), SDP);
    let id = lone.invited();
    lone.endpoint.provisional(lone.now, id, 180, None).unwrap();
    let tag = tag(&lone.take()[0], "To");
    assert_eq!(codes(&lone.send(&request("BYE", "bye", &tag, 8, "X: y"), "")), ["200", "487"]);
    assert_eq!(lone.events.last(), Some(&Event::Bye { dialog: id, q850: None }));
}

#[test]
fn a_full_table_is_answered_503_with_retry_after_and_costs_nothing() {
    let mut lone = Lone::at("127.0.0.1:5060", "127.0.0.1:6000", Limits { transactions: 1, ..Limits::default() });
    lone.send(&invite("a"), SDP);
    let full = lone.send(&invite("b").replace("call-1", "call-2"), SDP);
    assert_eq!(codes(&full), ["503"]);
    let retry: u32 = header(&full[0], "Retry-After").unwrap().parse().unwrap();
    assert!((5..=30).contains(&retry));
    assert_eq!((lone.endpoint.counters().full, lone.endpoint.counters().transactions), (1, 1));
    let mut lone = Lone::at("127.0.0.1:5060", "127.0.0.1:6000", Limits { dialogs: 1, ..Limits::default() });
    lone.send(&invite("a"), SDP);
    assert_eq!(codes(&lone.send(&invite("b").replace("call-1", "call-2"), SDP)), ["503"]);
    assert_eq!(lone.endpoint.counters().dialogs, 1);
}

#[test]
fn a_trunk_over_its_rate_is_refused_503_before_anything_is_kept() {
    let mut config = crate::pair::config(hotline_model::history::Transport::Udp, "127.0.0.1:5060".parse().unwrap(), 1);
    config.trunks[0].per_second = Some(2);
    let mut lone = Lone::with(config, "127.0.0.1:6000");
    let sent: Vec<_> = (0..5).flat_map(|n| lone.send(&invite(&n.to_string()).replace("call-1", &format!("call-{n}")), SDP)).collect();
    assert_eq!(codes(&sent), ["503", "503", "503"]);
    assert_eq!((lone.endpoint.counters().rate_limited, lone.endpoint.counters().dialogs), (3, 2));
}

#[test]
fn a_rejected_invite_says_why_and_when_to_come_back() {
    let mut lone = Lone::new();
    lone.send(&invite("a"), SDP);
    let id = lone.invited();
    lone.endpoint.reject(lone.now, id, Reject { code: 503, q850: Some(42), retry_after: Some(9) }).unwrap();
    let sent = lone.take().remove(0);
    assert_eq!((header(&sent, "Reason"), header(&sent, "Retry-After")), (Some("Q.850;cause=42"), Some("9")));
    assert_eq!(lone.events.last(), Some(&Event::Ended { dialog: id, why: EndedWhy::Byed }));
}

#[test]
fn a_reinvite_while_our_200_has_no_ack_is_asked_to_come_back() {
    let mut lone = Lone::new();
    lone.send(&invite("a"), SDP);
    lone.endpoint.answer(lone.now, lone.invited(), ANSWER.to_vec()).unwrap();
    let tag = tag(&lone.take()[0], "To");
    let sent = lone.send(&request("INVITE", "re", &tag, 8, "Contact: <sip:bob@127.0.0.1:6000>"), "");
    assert_eq!((codes(&sent), header(&sent[0], "Retry-After").is_some()), (vec!["500".to_owned()], true), "14.2");
}

#[test]
fn an_update_nobody_answered_in_time_is_over_and_a_reinvite_may_go_out() {
    let (mut lone, tag) = in_a_call();
    let id = lone.invited();
    lone.send(&request("UPDATE", "u1", &tag, 8, "Contact: <sip:bob@127.0.0.1:6000>\nContent-Type: application/sdp"), "v=0");
    lone.endpoint.reinvite(lone.now, id, ANSWER.to_vec()).unwrap();
    assert_eq!(lone.take(), [""; 0], "not while theirs is open");
    let sent = lone.watch(ms(32_000));
    assert_eq!(sent[0], (32_000, "INVITE sip:bob@127.0.0.1:6000 SIP/2.0".to_owned()));
    assert!(lone.endpoint.answer(lone.now, id, ANSWER.to_vec()).is_err(), "no late answer (RFC 4320 4.2)");
}
