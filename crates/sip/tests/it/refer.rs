//! REFER within a dialog, its answer and its NOTIFYs, as a phone sees them (RFC 3515, 4488, 5589, 6665).

use crate::endpoint_strict::golden;
use crate::endpoint_timers::respond;
use crate::endpoint_uas::{codes, in_a_call, invite, request};
use crate::pair::{ANSWER, Lone, config, header, ms, tag};
use hotline_model::history::Transport;
use hotline_sip::{Event, Method, Refer, Reject, Unreplaceable};

pub const TRANSFER: &str = "Refer-To: <sip:1002@hotline>\nContact: <sip:bob@127.0.0.1:6000>";
const DECLINE: Reject = Reject { code: 603, q850: None, retry_after: None };

/// A lone endpoint in a call whose peer has sent this REFER; our tag and what we read in it.
pub fn referred(more: &str) -> (Lone, String, Refer) {
    let (mut lone, tag) = in_a_call();
    assert_eq!(lone.send(&request("REFER", "r10", &tag, 10, more), ""), [""; 0], "it is the engine's to answer: {more}");
    let refer = seen(&lone);
    (lone, tag, refer)
}

fn seen(lone: &Lone) -> Refer {
    let Some(Event::Refer { dialog, refer }) = lone.events.last() else { panic!("a REFER: {:?}", lone.events) };
    assert_eq!(*dialog, lone.invited());
    (**refer).clone()
}

/// Accepts it; the 202 and the first NOTIFY.
pub fn accept(lone: &mut Lone) -> (String, String) {
    lone.endpoint.accept_refer(lone.now, lone.invited()).unwrap();
    let mut sent = lone.take();
    assert_eq!(sent.len(), 2, "{sent:?}");
    let notify = sent.remove(1);
    (sent.remove(0), notify)
}

/// Tells how it goes on and answers every NOTIFY; the NOTIFY.
pub fn progress(lone: &mut Lone, code: u16) -> String {
    lone.endpoint.refer_progress(lone.now, lone.invited(), code).unwrap();
    let notify = lone.take().remove(0);
    lone.send_bytes(respond(&notify, "200 OK", "").as_bytes());
    notify
}

fn state(notify: &str) -> (&str, &str, &str) {
    assert!(notify.starts_with("NOTIFY "), "{notify}");
    let body = notify.split("\r\n\r\n").nth(1).unwrap().trim_end();
    (header(notify, "Event").unwrap(), header(notify, "Subscription-State").unwrap(), body)
}

fn ok(lone: &mut Lone, notify: &str) -> Vec<String> {
    lone.send_bytes(respond(notify, "200 OK", "").as_bytes())
}

#[test]
fn an_accepted_refer_gets_202_and_is_told_of_every_stage_until_the_last_rfc_3515_4_1() {
    let (mut lone, _, refer) = referred(TRANSFER);
    assert_eq!((refer.to_user.as_str(), refer.target.as_str(), refer.cseq), ("1002", "sip:1002@hotline", 10));
    let (accepted, trying) = accept(&mut lone);
    golden("refer_202.sip", accepted.as_bytes());
    golden("notify_100.sip", trying.as_bytes());
    assert_eq!(state(&trying), ("refer", "active;expires=180", "SIP/2.0 100 Trying"));
    ok(&mut lone, &trying);
    lone.watch(ms(3_000));
    let ringing = progress(&mut lone, 180);
    golden("notify_180.sip", ringing.as_bytes());
    assert_eq!(state(&ringing), ("refer", "active;expires=177", "SIP/2.0 180 Ringing"));
    let done = progress(&mut lone, 200);
    golden("notify_200.sip", done.as_bytes());
    assert_eq!(state(&done), ("refer", "terminated;reason=noresource", "SIP/2.0 200 OK"));
    let cseqs: Vec<_> = [&trying, &ringing, &done].map(|it| header(it, "CSeq").unwrap().to_owned()).into();
    assert_eq!(cseqs, ["1 NOTIFY", "2 NOTIFY", "3 NOTIFY"]);
    let id = lone.invited();
    assert!(lone.endpoint.refer_progress(lone.now, id, 200).is_err(), "it was the last");
    assert!(lone.endpoint.accept_refer(lone.now, id).is_err());
    assert_eq!(lone.endpoint.state(id).unwrap().local_cseq, 3);
    lone.watch(ms(200_000));
    assert_eq!(lone.endpoint.counters().dialogs, 1, "the call goes on");
    assert_eq!(lone.endpoint.poll_timeout(), None);
}

#[test]
fn a_refused_refer_opens_no_subscription_and_the_call_goes_on() {
    let (mut lone, tag, _) = referred(TRANSFER);
    let id = lone.invited();
    lone.endpoint.refuse_refer(lone.now, id, Reject { code: 403, q850: None, retry_after: Some(7) }).unwrap();
    let refused = lone.take();
    golden("refer_403.sip", refused[0].as_bytes());
    assert_eq!((codes(&refused), header(&refused[0], "Retry-After")), (vec!["403".to_owned()], Some("7")));
    assert!(lone.endpoint.refuse_refer(lone.now, id, DECLINE).is_err());
    assert!(lone.endpoint.refer_progress(lone.now, id, 180).is_err());
    assert_eq!(lone.send(&request("REFER", "r10", &tag, 10, TRANSFER), ""), refused, "the same REFER again, the same answer");
    assert_eq!(codes(&lone.send(&request("OPTIONS", "o", &tag, 11, "X: y"), "")), ["200"]);
}

#[test]
fn exactly_one_refer_to_that_can_be_called_rfc_3515_2_4_2() {
    let long = format!("Refer-To: <sip:{}@h>", "9".repeat(10_000));
    let table = [
        ("X: y", "400"),
        ("Refer-To: <sip:a@h>\nRefer-To: <sip:b@h>", "400"),
        ("Refer-To: <sip:a@h>, <sip:b@h>", "400"),
        ("r: <sip:a@h>\nRefer-To: <sip:b@h>", "400"),
        ("Refer-To: sip:a@h?Replaces=x", "400"),
        ("Refer-To: <sip:a@h", "400"),
        ("Refer-To: <>", "400"),
        ("Refer-To: *", "400"),
        ("Refer-To: <sip:@h>", "400"),
        (&long, "400"),
        ("Refer-To: <http://evil/x>", "416"),
        ("Refer-To: <urn:service:sos>", "416"),
    ];
    for (more, code) in table {
        let (mut lone, tag) = in_a_call();
        assert_eq!(codes(&lone.send(&request("REFER", "r", &tag, 10, more), "")), [code], "{more}");
        assert!(!lone.events.iter().any(|event| matches!(event, Event::Refer { .. })));
    }
}

#[test]
fn whom_and_how_is_told_as_it_came_so_that_the_engine_can_judge() {
    let table = [
        ("<sip:%31%300%32@hotline>", "1002"),
        ("<sip:*10%23@hotline;user=phone>", "*10#"),
        ("<tel:+86-755-1234;phone-context=+86>", "+86-755-1234"),
        ("<sip:1002;phone-context=+86@hotline>", "1002;phone-context=+86"),
        ("<sip:%EF%BC%91%EF%BC%90@hotline>", "１０"),
        ("sip:1002@hotline", "1002"),
        ("\"服务\" <sips:support@evil.example>", "support"),
        ("<sip:hotline>", ""),
    ];
    for (refer_to, user) in table {
        let (_, _, refer) = referred(&format!("Refer-To: {refer_to}"));
        assert_eq!(refer.to_user, user, "{refer_to}");
        assert!(refer_to.contains(&refer.target));
        assert_eq!((refer.method, refer.replaces, refer.reason), (None, None, None));
    }
    let (lone, _, refer) = referred("Refer-To: \"服务\" <sip:support@evil.example;method=BYE>\nReferred-By: <sip:bob@hotline>;cid=\"x@y\"");
    assert_eq!((refer.display.as_deref(), refer.method), (Some("服务"), Some(Method::Bye)));
    assert!(!lone.endpoint.is_ours(&refer.host.unwrap()));
    assert_eq!(refer.referred_by.unwrap().uri, "sip:bob@hotline");
    let (lone, _, refer) = referred("Refer-To: <sip:1002@127.0.0.1;method=INVITE>");
    assert_eq!(refer.method, None);
    assert!(lone.endpoint.is_ours(&refer.host.unwrap()));
}

#[test]
fn the_reason_comes_by_header_or_within_the_uri_r53() {
    let table = [
        ("Refer-To: <sip:1002@h>\nX-Hotline-Reason: too_complex", Some("too_complex")),
        ("Refer-To: <sip:1002@h?X-Hotline-Reason=multi_department>", Some("multi_department")),
        ("Refer-To: <sip:1002@h?reason=%E8%83%BD%E5%8A%9B>", Some("能力")),
        ("Refer-To: <sip:1002@h;reason=too_complex>", Some("too_complex")),
        ("Refer-To: <sip:1002@h;reason=a?x-hotline-reason=b>\nX-Hotline-Reason: c", Some("c")),
        ("Refer-To: <sip:1002@h;reason=a?x-hotline-reason=b%0d%0aVia:%20evil>", Some("bVia: evil")),
        ("Refer-To: <sip:1002@h?reason=>", None),
    ];
    for (more, reason) in table {
        assert_eq!(referred(more).2.reason.as_deref(), reason, "{more}");
    }
    assert_eq!(referred(&format!("Refer-To: <sip:1@h;reason={}>", "x".repeat(3_000))).2.reason.unwrap().len(), 64);
}

#[test]
fn a_second_refer_names_itself_in_its_notifys_and_one_meanwhile_gets_491_rfc_3515_2_4_6() {
    let (mut lone, tag, _) = referred(TRANSFER);
    assert_eq!(codes(&lone.send(&request("REFER", "r11", &tag, 11, TRANSFER), "")), ["491"], "the first one waits");
    let (_, trying) = accept(&mut lone);
    ok(&mut lone, &trying);
    assert_eq!(codes(&lone.send(&request("REFER", "r12", &tag, 12, TRANSFER), "")), ["491"], "the first one is under way");
    progress(&mut lone, 486);
    assert_eq!(lone.send(&request("REFER", "r13", &tag, 13, TRANSFER), ""), [""; 0]);
    let (_, trying) = accept(&mut lone);
    assert_eq!(state(&trying), ("refer;id=13", "active;expires=180", "SIP/2.0 100 Trying"));
    assert_eq!(lone.events.iter().filter(|event| matches!(event, Event::Refer { .. })).count(), 2);
}

#[test]
fn after_a_restart_every_refer_names_itself_as_nobody_knows_whether_it_is_the_first() {
    let (first, tag) = in_a_call();
    let state_of_it = first.endpoint.state(first.invited()).unwrap();
    let mut lone = Lone::new();
    let id = lone.endpoint.restore(lone.now, state_of_it).unwrap();
    lone.send(&request("REFER", "r", &tag, 10, TRANSFER), "");
    lone.endpoint.accept_refer(lone.now, id).unwrap();
    assert_eq!(state(&lone.take()[1]).0, "refer;id=10");
}

#[test]
fn a_notify_waits_for_the_answer_to_the_one_before_and_only_the_latest_is_told() {
    let (mut lone, _, _) = referred(TRANSFER);
    let (_, trying) = accept(&mut lone);
    let id = lone.invited();
    for code in [180, 183, 486] {
        lone.endpoint.refer_progress(lone.now, id, code).unwrap();
    }
    assert_eq!(lone.take(), [""; 0], "100 is not answered yet");
    assert!(lone.endpoint.refer_progress(lone.now, id, 200).is_err(), "486 was the last");
    let last = ok(&mut lone, &trying).remove(0);
    assert_eq!(state(&last), ("refer", "terminated;reason=noresource", "SIP/2.0 486 Busy Here"));
}

#[test]
fn a_subscription_runs_out_after_three_minutes() {
    let (mut lone, _, _) = referred(TRANSFER);
    let (_, trying) = accept(&mut lone);
    ok(&mut lone, &trying);
    progress(&mut lone, 180);
    let seen = lone.watch(ms(179_999));
    assert_eq!(seen, []);
    lone.now = lone.now + ms(1);
    lone.endpoint.handle_timeout(lone.now);
    let last = lone.take().remove(0);
    assert_eq!(state(&last), ("refer", "terminated;reason=timeout", "SIP/2.0 180 Ringing"));
    assert!(lone.endpoint.refer_progress(lone.now, lone.invited(), 200).is_err());
    ok(&mut lone, &last);
    lone.watch(ms(60_000));
    assert_eq!(lone.endpoint.poll_timeout(), None);
}

#[test]
fn a_notify_that_nobody_wants_or_answers_ends_the_subscription_and_not_the_call_rfc_6665_4_2_2() {
    for status in ["481 Subscription Does Not Exist", "489 Bad Event", "405 Method Not Allowed", "604 Nowhere"] {
        let (mut lone, _, _) = referred(TRANSFER);
        let (_, trying) = accept(&mut lone);
        lone.send_bytes(respond(&trying, status, "").as_bytes());
        assert!(lone.endpoint.refer_progress(lone.now, lone.invited(), 200).is_err(), "{status}");
        assert_eq!(lone.endpoint.counters().dialogs, 1, "RFC 5057 5.1");
        lone.watch(ms(60_000));
        assert_eq!(lone.endpoint.poll_timeout(), None);
    }
    let (mut lone, tag, _) = referred(TRANSFER);
    accept(&mut lone);
    let again = lone.watch(ms(31_999));
    assert!(again.iter().all(|(_, line)| line.starts_with("NOTIFY")), "{again:?}");
    assert_eq!(again.len(), 10, "Timer E");
    lone.watch(ms(1));
    assert!(lone.endpoint.refer_progress(lone.now, lone.invited(), 200).is_err(), "Timer F");
    assert_eq!(codes(&lone.send(&request("OPTIONS", "o", &tag, 11, "X: y"), "")), ["200"], "the call lives");
    for status in ["500 Later", "503 Busy"] {
        let (mut lone, _, _) = referred(TRANSFER);
        let (_, trying) = accept(&mut lone);
        lone.send_bytes(respond(&trying, status, "").as_bytes());
        assert_eq!(state(&progress(&mut lone, 200)).2, "SIP/2.0 200 OK", "{status} ends nothing");
    }
}

#[test]
fn whoever_wants_no_notifys_gets_none_rfc_4488() {
    let (mut lone, tag, _) = referred(&format!("{TRANSFER}\nRefer-Sub: false\nRequire: norefersub"));
    let id = lone.invited();
    lone.endpoint.accept_refer(lone.now, id).unwrap();
    let sent = lone.take();
    assert_eq!((codes(&sent), header(&sent[0], "Refer-Sub")), (vec!["202".to_owned()], Some("false")));
    lone.endpoint.refer_progress(lone.now, id, 180).unwrap();
    lone.endpoint.refer_progress(lone.now, id, 200).unwrap();
    assert_eq!(lone.take(), [""; 0]);
    assert_eq!(lone.send(&request("REFER", "r11", &tag, 11, TRANSFER), ""), [""; 0], "the next one may come");
}

#[test]
fn a_subscription_is_shortened_and_ended_by_subscribe_and_never_lengthened_rfc_6665_4_2_1_4() {
    let (mut lone, tag, _) = referred(TRANSFER);
    let subscribe = |cseq: u32, more: &str| request("SUBSCRIBE", &format!("s{cseq}"), &tag, cseq, more);
    let (_, trying) = accept(&mut lone);
    ok(&mut lone, &trying);
    for (cseq, more, granted) in
        [(11, "Event: refer\nExpires: 3600", "180"), (12, "Event: refer\nExpires: 60", "60"), (13, "Event: refer", "60")]
    {
        let sent = lone.send(&subscribe(cseq, more), "");
        assert_eq!((codes(&sent[..1]), header(&sent[0], "Expires")), (vec!["200".to_owned()], Some(granted)));
        assert_eq!(state(&sent[1]).1, format!("active;expires={granted}"));
        ok(&mut lone, &sent[1]);
    }
    for (cseq, more, code) in [
        (14, "Event: refer;id=10\nExpires: x", "400"),
        (15, "Event: refer;id=9", "481"),
        (16, "Event: presence", "489"),
        (17, "X: y", "489"),
    ] {
        assert_eq!(codes(&lone.send(&subscribe(cseq, more), "")), [code], "{more}");
    }
    let sent = lone.send(&subscribe(18, "Event: refer;id=10\nExpires: 0"), "");
    assert_eq!((codes(&sent[..1]), state(&sent[1]).1), (vec!["200".to_owned()], "terminated;reason=timeout"));
    assert_eq!(codes(&lone.send(&subscribe(19, "Event: refer"), "")), ["481"], "it is over");
    assert!(lone.endpoint.refer_progress(lone.now, lone.invited(), 200).is_err());
    let (mut lone, tag) = in_a_call();
    assert_eq!(codes(&lone.send(&request("SUBSCRIBE", "s", &tag, 11, "Event: refer"), "")), ["403"], "without a REFER: RFC 3515 2.4.4");
}

#[test]
fn a_shortened_subscription_ends_when_it_said() {
    let (mut lone, tag, _) = referred(TRANSFER);
    let (_, trying) = accept(&mut lone);
    ok(&mut lone, &trying);
    let sent = lone.send(&request("SUBSCRIBE", "s", &tag, 11, "Event: refer\nExpires: 20"), "");
    ok(&mut lone, &sent[1]);
    assert_eq!(lone.watch(ms(20_000)).first().map(|(at, line)| (*at, line.starts_with("NOTIFY"))), Some((20_000, true)));
}

#[test]
fn a_notify_of_the_peer_is_for_no_subscription_of_ours_rfc_6665_4_1_3() {
    let (mut lone, tag) = in_a_call();
    assert_eq!(codes(&lone.send(&request("NOTIFY", "n1", &tag, 10, "Event: refer"), "")), ["481"]);
    let sent = lone.send(&request("NOTIFY", "n2", &tag, 11, "Event: message-summary"), "");
    assert_eq!((codes(&sent), header(&sent[0], "Allow-Events")), (vec!["489".to_owned()], Some("refer")));
}

#[test]
fn a_refer_nobody_decides_on_stands_in_the_way_for_32_s_only() {
    let (mut lone, tag, _) = referred(TRANSFER);
    assert_eq!(lone.watch(ms(32_000)), []);
    assert!(lone.endpoint.accept_refer(lone.now, lone.invited()).is_err(), "RFC 4320 4.2");
    assert_eq!(lone.send(&request("REFER", "r11", &tag, 11, TRANSFER), ""), [""; 0]);
}

#[test]
fn a_replaces_within_the_refer_names_our_other_dialog_rfc_5589_7() {
    let (lone, tag, _) = referred(TRANSFER);
    assert_eq!(lone.endpoint.account(lone.invited()), None);
    let table = [
        (format!("call-1%3Bto-tag%3D{tag}%3Bfrom-tag%3Dbob"), Err(Unreplaceable::Itself)),
        (format!("call-1;to-tag={tag};from-tag=eve"), Err(Unreplaceable::Unknown)),
        ("x%40y%3Bto-tag%3D1%3Bfrom-tag%3D2".to_owned(), Err(Unreplaceable::Unknown)),
        ("x@y;to-tag=1;from-tag=2".to_owned(), Err(Unreplaceable::Unknown)),
        ("x%3Bto-tag%3D1".to_owned(), Err(Unreplaceable::Malformed)),
        ("x%3Bto-tag%3D1%3Bfrom-tag%3D2&Replaces=x".to_owned(), Err(Unreplaceable::Malformed)),
    ];
    for (replaces, found) in table {
        let (mut other, other_tag) = in_a_call();
        assert_eq!(other_tag, tag, "the same seed");
        other.send(&request("REFER", "r", &tag, 10, &format!("Refer-To: <sip:1002@hotline?Replaces={replaces}>")), "");
        assert_eq!(seen(&other).replaces, Some(found), "{replaces}");
    }
}

#[test]
fn another_parser_reads_every_answer_and_notify() {
    let (mut lone, _, _) = referred(TRANSFER);
    let (accepted, trying) = accept(&mut lone);
    ok(&mut lone, &trying);
    let last = progress(&mut lone, 603);
    for text in [accepted, trying, last] {
        match rsip::SipMessage::try_from(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}")) {
            rsip::SipMessage::Request(request) => {
                assert_eq!((request.method, request.body.len()), (rsip::Method::Notify, body_length(&text)))
            }
            rsip::SipMessage::Response(response) => assert_eq!(u16::from(response.status_code), 202),
        }
    }
}

fn body_length(text: &str) -> usize {
    header(text, "Content-Length").unwrap().parse().unwrap()
}

#[test]
fn a_notify_follows_the_phone_to_its_next_tcp_connection_and_its_route_set() {
    let mut lone = Lone::with(config(Transport::Tcp, "127.0.0.1:5060".parse().unwrap(), 9), "127.0.0.1:6000");
    let routed = invite("inv").replace("/UDP", "/TCP") + "\nRecord-Route: <sip:127.0.0.7;lr;transport=tcp>";
    lone.send(&routed, "v=0\r\n");
    let id = lone.invited();
    lone.endpoint.answer(lone.now, id, ANSWER.to_vec()).unwrap();
    let our_tag = tag(&lone.take()[0], "To");
    lone.send(&request("ACK", "ack", &our_tag, 7, "X: y").replace("/UDP", "/TCP"), "");
    lone.flow.connection = 2;
    lone.send(&request("REFER", "r", &our_tag, 10, TRANSFER).replace("/UDP", "/TCP"), "");
    let (_, trying) = accept(&mut lone);
    assert_eq!(header(&trying, "Route"), Some("<sip:127.0.0.7;lr;transport=tcp>"));
    assert_eq!(lone.endpoint.state(id).unwrap().flow.connection, 2);
}

#[test]
fn a_phone_that_refers_without_end_costs_one_wish_at_a_time() {
    let (mut lone, tag) = in_a_call();
    for cseq in 10..510 {
        lone.send(&request("REFER", &format!("r{cseq}"), &tag, cseq, TRANSFER), "");
        if cseq % 3 == 0 {
            lone.endpoint.refuse_refer(lone.now, lone.invited(), DECLINE).unwrap();
            lone.take();
        }
    }
    assert_eq!(lone.events.iter().filter(|event| matches!(event, Event::Refer { .. })).count(), 167);
    lone.watch(ms(40_000));
    assert_eq!((lone.endpoint.counters().transactions, lone.endpoint.poll_timeout()), (0, None));
}

#[test]
fn a_later_run_tells_the_end_of_a_refer_that_an_earlier_one_accepted_rfc_3515_2_4_7() {
    let (mut lone, ..) = referred(TRANSFER);
    assert_eq!(lone.endpoint.referring(lone.invited()), None, "it has no answer");
    let (_, trying) = accept(&mut lone);
    ok(&mut lone, &trying);
    let referring = lone.endpoint.referring(lone.invited()).expect("it is accepted");
    assert_eq!(referring, (10, false));
    let dialog = lone.endpoint.state(lone.invited()).unwrap();
    lone = Lone::new();
    let id = lone.endpoint.restore(lone.now, dialog).unwrap();
    assert_eq!(lone.endpoint.restore_referring(lone.now, id, referring), Ok(()));
    assert_eq!(lone.take(), [""; 0], "nothing is told before there is something to tell");
    lone.endpoint.refer_progress(lone.now, id, 503).unwrap();
    let sent = lone.take();
    assert_eq!((sent.len(), state(&sent[0])), (1, ("refer", "terminated;reason=noresource", "SIP/2.0 503 Service Unavailable")));
    assert_eq!(lone.endpoint.referring(id), None);
}

#[test]
fn a_refer_that_is_refused_before_anybody_is_asked_is_told_with_its_status() {
    for (more, code) in [("X: nothing", 400), ("Refer-To: <mailto:a@example>", 416), ("Refer-To: <sip:a@example>\nRequire: magic", 420)] {
        let (mut lone, tag) = in_a_call();
        assert_eq!(codes(&lone.send(&request("REFER", "r10", &tag, 10, more), "")), [code.to_string()]);
        assert_eq!(lone.events.last(), Some(&Event::ReferRefused { dialog: lone.invited(), code }));
    }
}
