//! REGISTER, digest and keep-alive through the endpoint (RFC 3261 10, 22; RFC 8760).

use crate::endpoint_timers::respond;
use crate::pair::{Lone, header, ms, start_line};
use hotline_sip::auth::{Algorithm, Credentials, ha1};
use hotline_sip::{Account, Event, Limits, Secret};

fn account(name: &str, sha256: bool, ping: bool) -> Account {
    Account { name: name.into(), secret: Secret::Password("secret".into()), sha256, ping }
}

fn phone() -> Lone {
    let mut lone = Lone::at("192.0.2.1:5060", "203.0.113.9:5071", Limits::default());
    lone.endpoint.set_accounts(vec![account("1001", false, true), account("1002", true, false)]);
    lone
}

fn request(method: &str, user: &str, cseq: u32, more: &str) -> String {
    format!(
        "{method} sip:192.0.2.1 SIP/2.0
         Via: SIP/2.0/UDP 203.0.113.9:5071;branch=z9hG4bK{method}{user}{cseq};rport
         Max-Forwards: 70
         From: <sip:{user}@192.0.2.1>;tag=phone
         To: <sip:{user}@192.0.2.1>
         Call-ID: reg-{user}
         CSeq: {cseq} {method}
         {more}"
    )
}

/// The Authorization line that answers the challenge in a 401.
fn authorization(challenged: &str, method: &str, user: &str, password: &str) -> String {
    let challenge = header(challenged, "WWW-Authenticate").unwrap();
    let part = |name: &str| challenge.split(name).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (realm, nonce) = (part("realm=\""), part("nonce=\""));
    let algorithm = if challenge.contains("SHA-256") { Algorithm::Sha256 } else { Algorithm::Md5 };
    let credentials = Credentials {
        username: user.into(),
        realm: realm.clone(),
        nonce: nonce.clone(),
        uri: "sip:192.0.2.1".into(),
        response: String::new(),
        algorithm,
        auth: Some((1, "abc".into())),
    };
    let response = credentials.expected(&ha1(algorithm, user, &realm, password), method);
    format!(
        "Authorization: Digest username=\"{user}\",realm=\"{realm}\",nonce=\"{nonce}\",uri=\"sip:192.0.2.1\",response=\"{response}\",algorithm={},qop=auth,nc=00000001,cnonce=\"abc\"",
        algorithm.word()
    )
}

fn register(lone: &mut Lone, user: &str, password: &str, cseq: u32, contact: &str) -> String {
    let challenged = lone.send(&request("REGISTER", user, cseq, contact), "").remove(0);
    assert_eq!(start_line(challenged.as_bytes()), "SIP/2.0 401 Unauthorized");
    let more = format!("{}\n{contact}", authorization(&challenged, "REGISTER", user, password));
    lone.send(&request("REGISTER", user, cseq + 1, &more), "").remove(0)
}

#[test]
fn a_phone_registers_by_md5_and_another_by_sha_256() {
    for (user, algorithm) in [("1001", "MD5"), ("1002", "SHA-256")] {
        let mut lone = phone();
        let challenged = lone.send(&request("REGISTER", user, 1, "X: y"), "").remove(0);
        assert!(header(&challenged, "WWW-Authenticate").unwrap().contains(&format!("algorithm={algorithm}")));
        let ok = register(&mut lone, user, "secret", 2, "Contact: <sip:phone@203.0.113.9:5071>;expires=600");
        assert_eq!(start_line(ok.as_bytes()), "SIP/2.0 200 OK");
        assert!(header(&ok, "Contact").unwrap().contains("expires=600"));
        assert!(lone.events.contains(&Event::Registered { account: user.into(), contact: "sip:phone@203.0.113.9:5071".into() }));
        assert!(lone.events.contains(&Event::Reachable { account: user.into(), reachable: true }));
        assert!(lone.events.iter().any(|event| matches!(event, Event::BindingsChanged { .. })));
        assert_eq!(lone.endpoint.contacts(user), [("sip:phone@203.0.113.9:5071".to_owned(), lone.flow)]);
        assert_eq!(lone.endpoint.counters().registered, 1);
    }
}

#[test]
fn a_wrong_password_is_challenged_again_and_counted() {
    let mut lone = phone();
    let refused = register(&mut lone, "1001", "guess", 1, "Contact: <sip:phone@203.0.113.9:5071>");
    assert_eq!(start_line(refused.as_bytes()), "SIP/2.0 401 Unauthorized");
    assert_eq!((lone.endpoint.counters().auth_failed, lone.endpoint.counters().registered), (1, 0));
    assert!(lone.endpoint.contacts("1001").is_empty() && lone.events.is_empty());
    assert_eq!(lone.endpoint.counters().transactions, 0);
}

#[test]
fn a_repeated_register_gets_the_same_answer_and_a_replayed_one_none_of_it() {
    let mut lone = phone();
    let challenged = lone.send(&request("REGISTER", "1001", 1, "X: y"), "").remove(0);
    let more = format!("{}\nContact: <sip:phone@203.0.113.9:5071>", authorization(&challenged, "REGISTER", "1001", "secret"));
    let ok = lone.send(&request("REGISTER", "1001", 2, &more), "");
    assert_eq!(lone.send(&request("REGISTER", "1001", 2, &more), ""), ok, "the datagram came twice");
    let replay = lone.send(&request("REGISTER", "1001", 3, &more), "").remove(0);
    assert_eq!(start_line(replay.as_bytes()), "SIP/2.0 401 Unauthorized");
    assert!(header(&replay, "WWW-Authenticate").unwrap().contains("stale=true"));
}

#[test]
fn several_contacts_the_newest_first_and_each_runs_out_by_itself() {
    let mut lone = phone();
    register(&mut lone, "1002", "secret", 1, "Contact: <sip:desk@203.0.113.9:5071>;expires=60");
    register(&mut lone, "1002", "secret", 3, "Contact: <sip:mobile@203.0.113.9:5072>;expires=30");
    let uris = |lone: &Lone| lone.endpoint.contacts("1002").into_iter().map(|(uri, _)| uri).collect::<Vec<_>>();
    assert_eq!(uris(&lone), ["sip:mobile@203.0.113.9:5072", "sip:desk@203.0.113.9:5071"]);
    lone.watch(ms(30_000));
    assert_eq!(uris(&lone), ["sip:desk@203.0.113.9:5071"]);
    let gone = Event::Unregistered { account: "1002".into(), contact: "sip:mobile@203.0.113.9:5072".into(), expired: true };
    assert!(lone.events.contains(&gone));
    lone.watch(ms(30_000));
    assert!(uris(&lone).is_empty());
    assert!(lone.events.contains(&Event::Reachable { account: "1002".into(), reachable: false }));
}

#[test]
fn bindings_survive_a_restart() {
    let mut lone = phone();
    register(&mut lone, "1002", "secret", 1, "Contact: <sip:desk@203.0.113.9:5071>;expires=60");
    let saved = lone.endpoint.bindings();
    let mut next = phone();
    next.endpoint.restore_bindings(next.now, saved);
    next.take();
    assert_eq!(next.endpoint.contacts("1002"), lone.endpoint.contacts("1002"));
    assert!(next.events.contains(&Event::Reachable { account: "1002".into(), reachable: true }));
}

fn next_ping(lone: &mut Lone) -> String {
    loop {
        lone.now = lone.endpoint.poll_timeout().unwrap();
        lone.endpoint.handle_timeout(lone.now);
        if let Some(ping) = lone.take().into_iter().find(|text| text.starts_with("OPTIONS")) {
            return ping;
        }
    }
}

#[test]
fn a_phone_that_stops_answering_options_is_unreachable_until_it_answers_again() {
    let mut lone = phone();
    register(&mut lone, "1001", "secret", 1, "Contact: <sip:phone@203.0.113.9:5071>;expires=3600");
    lone.events.clear();
    lone.now = lone.endpoint.poll_timeout().unwrap();
    lone.endpoint.handle_timeout(lone.now);
    let ping = lone.take().remove(0);
    assert_eq!(start_line(ping.as_bytes()), "OPTIONS sip:phone@203.0.113.9:5071 SIP/2.0");
    lone.send_bytes(respond(&ping, "200 OK", "").as_bytes());
    lone.watch(ms(31_000));
    assert!(lone.events.contains(&Event::Reachable { account: "1001".into(), reachable: false }), "two misses");
    assert!(lone.endpoint.contacts("1001").is_empty());
    lone.events.clear();
    let ping = next_ping(&mut lone);
    lone.send_bytes(respond(&ping, "404 Not Found", "").as_bytes());
    assert!(lone.events.contains(&Event::Reachable { account: "1001".into(), reachable: true }), "whatever the code: it is there");
}

#[test]
fn a_static_contact_is_reported_like_a_registered_one() {
    let mut lone = Lone::new();
    let flow = lone.flow;
    lone.endpoint.set_pings(lone.now, vec![("gateway".into(), "sip:gw@127.0.0.1:6000".into(), flow)]);
    lone.endpoint.handle_timeout(lone.now);
    let ping = lone.take().remove(0);
    lone.send_bytes(respond(&ping, "200 OK", "").as_bytes());
    assert_eq!(lone.events, [Event::Reachable { account: "gateway".into(), reachable: true }]);
    for code in ["503 Service Unavailable", "404 Not Found", "505 Version Not Supported"] {
        lone.events.clear();
        let ping = next_ping(&mut lone);
        lone.send_bytes(respond(&ping, code, "").as_bytes());
        let reachable = code.starts_with("404");
        assert_eq!(lone.events, [Event::Reachable { account: "gateway".into(), reachable }], "{code}: what an INVITE would get");
    }
    lone.endpoint.set_pings(lone.now, vec![]);
    lone.take();
    lone.watch(ms(60_000));
    assert_eq!(lone.endpoint.poll_timeout(), None);
}

#[test]
fn a_seat_outside_the_trunks_calls_with_its_password() {
    let mut lone = phone();
    let invite = |cseq, more: &str| request("INVITE", "1001", cseq, &format!("Contact: <sip:phone@203.0.113.9:5071>\n{more}"));
    let challenged = lone.send(&invite(1, "X: y"), "").remove(0);
    assert_eq!(start_line(challenged.as_bytes()), "SIP/2.0 401 Unauthorized");
    assert_eq!(lone.endpoint.counters().dialogs, 0);
    lone.send(&invite(2, &authorization(&challenged, "INVITE", "1001", "secret")), "");
    let Some(Event::Invite { invite: seen, .. }) = lone.events.last() else { panic!("an INVITE: {:?}", lone.events) };
    assert_eq!((seen.account.as_deref(), seen.trunk.as_deref(), seen.from_user.as_str()), (Some("1001"), None, "1001"));
    let nobody = lone.send(&request("INVITE", "9999", 1, "Contact: <sip:x@203.0.113.9>"), "");
    assert_eq!(nobody, [""; 0], "in nobody's name: silence");
    assert_eq!(lone.endpoint.counters().dropped_stranger, 1);
}

#[test]
fn an_account_may_not_call_in_the_name_of_another() {
    let mut lone = phone();
    let challenged = lone.send(&request("INVITE", "1001", 1, "Contact: <sip:x@203.0.113.9>"), "").remove(0);
    let stolen = authorization(&challenged, "INVITE", "1001", "secret");
    let other = request("INVITE", "1002", 2, &format!("Contact: <sip:x@203.0.113.9>\n{stolen}"));
    assert_eq!(start_line(lone.send(&other, "")[0].as_bytes()), "SIP/2.0 403 Forbidden");
    assert!(lone.events.is_empty());
}

#[test]
fn a_registered_phone_may_ask_for_our_options() {
    let mut lone = phone();
    assert_eq!(lone.send(&request("OPTIONS", "1001", 1, "X: y"), ""), [""; 0]);
    register(&mut lone, "1001", "secret", 2, "Contact: <sip:phone@203.0.113.9:5071>");
    assert_eq!(start_line(lone.send(&request("OPTIONS", "1001", 4, "X: y"), "")[0].as_bytes()), "SIP/2.0 200 OK");
}

fn calls(lone: &mut Lone, user: &str, cseq: u32, target: &str, more: &str) -> Vec<String> {
    let head = request("INVITE", user, cseq, &format!("Contact: <sip:phone@{}>\n{more}", lone.flow.remote));
    lone.send(&head.replacen("sip:192.0.2.1 ", &format!("{target} "), 1), "")
}

fn seen(lone: &Lone) -> (Option<&str>, Option<&str>, &str, &str) {
    let Some(Event::Invite { invite, .. }) = lone.events.last() else { panic!("an INVITE: {:?}", lone.events) };
    (invite.account.as_deref(), invite.trunk.as_deref(), &invite.to_user, &invite.request_uri)
}

/// A phone in the network of a trunk (the house's own, 127.0.0.0/8).
fn phone_inside() -> Lone {
    let mut lone = Lone::at("127.0.0.1:5060", "127.0.0.9:5071", Limits::default());
    lone.endpoint.set_accounts(vec![account("1001", false, false)]);
    lone
}

#[test]
fn a_registered_phone_is_challenged_even_inside_a_trunks_network_so_that_its_calls_are_its_own() {
    let mut lone = phone_inside();
    assert_eq!(calls(&mut lone, "1001", 1, "sip:hotline@127.0.0.1", "X: y"), [""; 0]);
    assert_eq!((seen(&lone).0, seen(&lone).1), (None, Some("local")), "not registered: a caller like any other");
    register(&mut lone, "1001", "secret", 2, "Contact: <sip:phone@127.0.0.9:5071>");
    let before = lone.events.len();
    let challenged = calls(&mut lone, "1001", 4, "sip:*11@127.0.0.1", "X: y").remove(0);
    assert_eq!((start_line(challenged.as_bytes()).as_str(), lone.events.len()), ("SIP/2.0 401 Unauthorized", before));
    let stale = authorization(&challenged, "INVITE", "1001", "wrong");
    assert_eq!(start_line(calls(&mut lone, "1001", 5, "sip:*11@127.0.0.1", &stale)[0].as_bytes()), "SIP/2.0 401 Unauthorized");
    let right = authorization(&challenged, "INVITE", "1001", "secret");
    calls(&mut lone, "1001", 6, "sip:*11@127.0.0.1", &right);
    assert_eq!((seen(&lone).0, seen(&lone).2), (Some("1001"), "*11"));
    let dialog = lone.invited();
    assert_eq!(lone.endpoint.account(dialog).map(|name| &**name), Some("1001"), "for who may replace it (RFC 3891 3)");
    assert_eq!(calls(&mut lone, "13800138000", 1, "sip:hotline@127.0.0.1", "X: y"), [""; 0]);
    assert_eq!(seen(&lone).0, None, "another caller from there is the trunk's");
    lone.flow.remote = "127.0.0.10:5060".parse().unwrap();
    assert_eq!(calls(&mut lone, "1001", 9, "sip:hotline@127.0.0.1", "X: y"), [""; 0]);
    assert_eq!(seen(&lone).0, None, "nobody is registered there: the trunk answers for its caller's number");
}

#[test]
fn a_phone_without_secret_calls_from_its_very_address_only_if_that_is_allowed() {
    let mut lone = Lone::at("192.0.2.1:5060", "203.0.113.9:5071", Limits::default());
    assert_eq!(calls(&mut lone, "1007", 1, "sip:*11@192.0.2.1", "X: y"), [""; 0]);
    assert!(lone.events.is_empty(), "none by default");
    lone.endpoint.set_callers_by_address(vec![("1007".into(), lone.flow.remote)]);
    calls(&mut lone, "1007", 2, "sip:*11@192.0.2.1", "X: y");
    assert_eq!((seen(&lone).0, seen(&lone).1), (Some("1007"), None));
    let before = lone.events.len();
    calls(&mut lone, "1008", 3, "sip:*11@192.0.2.1", "X: y");
    lone.flow.remote.set_port(5072);
    calls(&mut lone, "1007", 4, "sip:*11@192.0.2.1", "X: y");
    assert_eq!(lone.send(&request("MESSAGE", "1007", 5, "X: y"), ""), [""; 0]);
    assert_eq!(lone.events.len(), before, "another name, another port, another method: silence");
}

#[test]
fn what_a_desk_phone_dials_arrives_so_that_the_dial_plan_can_judge_it() {
    let table = [
        ("sip:*10%231001*42%23@h", "*10#1001*42#"),
        ("sip:*10#@h;user=phone", "*10#"),
        ("sip:%2A11@h", "*11"),
        ("tel:*11;phone-context=hotline", "*11"),
        ("tel:+86-755-83", "+86-755-83"),
        ("sip:00861;phone-context=+1@evil.example;user=phone", "00861;phone-context=+1"),
        ("sip:%EF%BC%91%EF%BC%92@h", "１２"),
        ("sip:１２@h", "１２"),
        ("sip:12%00@h", "12\0"),
        ("sip:1002:password@h", "1002"),
        ("sips:1002@h;transport=tcp", "1002"),
        ("sip:h", ""),
    ];
    for (target, user) in table {
        let mut lone = phone_inside();
        calls(&mut lone, "1", 1, target, "X: y");
        assert_eq!((seen(&lone).2, seen(&lone).3), (user, target));
    }
}

#[test]
fn a_caller_who_was_let_in_can_be_asked_who_it_is_and_calls_again_with_its_digest_rfc3261_22_1() {
    let mut lone = Lone::at("192.0.2.1:5060", "198.51.100.7:5060", Limits::default());
    lone.endpoint.set_accounts(vec![account("1001", false, false)]);
    lone.send(&request("INVITE", "1001", 1, "Contact: <sip:1001@198.51.100.7>"), "");
    let dialog = lone.events.iter().find_map(|event| match event {
        Event::Invite { dialog, invite } if invite.account.is_none() => Some((*dialog, invite.request_uri.clone())),
        _ => None,
    });
    let (dialog, uri) = dialog.expect("the trunk needs no account");
    assert_eq!(uri, "sip:192.0.2.1");
    lone.endpoint.ask_who(lone.now, dialog, "1001").unwrap();
    let challenged = lone.take().remove(0);
    assert_eq!(start_line(challenged.as_bytes()), "SIP/2.0 401 Unauthorized");
    assert!(lone.endpoint.ask_who(lone.now, dialog, "1001").is_err(), "the dialog is over");
    for (password, cseq, account) in [("wrong", 2, None), ("secret", 3, Some("1001"))] {
        let more = format!("{}\nContact: <sip:1001@198.51.100.7>", authorization(&challenged, "INVITE", "1001", password));
        lone.send(&request("INVITE", "1001", cseq, &more), "");
        let last = lone.events.iter().rev().find_map(|event| match event {
            Event::Invite { invite, .. } => Some(invite.account.clone()),
            _ => None,
        });
        assert_eq!(last.flatten().as_deref(), account);
    }
}

#[test]
fn an_invite_is_declined_in_words_that_break_no_header_rfc3326() {
    let mut lone = Lone::at("192.0.2.1:5060", "198.51.100.7:5060", Limits::default());
    lone.send(&request("INVITE", "1001", 1, "Contact: <sip:1001@198.51.100.7>"), "");
    let dialog = lone.events.iter().find_map(|event| if let Event::Invite { dialog, .. } = event { Some(*dialog) } else { None });
    lone.endpoint.decline(lone.now, dialog.unwrap(), 403, "not \"allowed\"\r\nX-Evil: 1").unwrap();
    let declined = lone.take().remove(0);
    assert_eq!(start_line(declined.as_bytes()), "SIP/2.0 403 Forbidden");
    assert_eq!(header(&declined, "Reason"), Some("SIP;cause=403;text=\"not allowedX-Evil: 1\""));
}
