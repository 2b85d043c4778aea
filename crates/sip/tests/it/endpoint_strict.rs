//! What we print: strict enough for a second opinion, the same for the same seed, and nothing from outside breaks it.

use crate::pair::{A, B, Lone, Pair, ms};
use hotline_model::history::Transport;
use hotline_sip::{Input, Limits};
use std::path::PathBuf;

/// Compares with the file, or writes it if `HOTLINE_BLESS` is set.
pub fn golden(name: &str, bytes: &[u8]) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden")).join(name);
    if std::env::var_os("HOTLINE_BLESS").is_some() {
        std::fs::write(&path, bytes).unwrap();
    }
    let expected = std::fs::read(&path).unwrap_or_default();
    assert_eq!(String::from_utf8_lossy(bytes), String::from_utf8_lossy(&expected), "{}", path.display());
}

#[test]
fn an_invite_a_200_and_a_bye_look_as_they_always_did() {
    let mut pair = Pair::new();
    let [a, _] = pair.talk();
    pair.act(A, |endpoint, now| endpoint.hang_up(now, a, Some(16))).unwrap();
    pair.run(ms(100));
    golden("invite.sip", &pair.sides[A].sent[0].1);
    golden("200.sip", &pair.sides[B].sent[1].1);
    golden("bye.sip", &pair.sides[A].sent[2].1);
}

#[test]
fn the_same_seed_and_inputs_give_the_same_bytes() {
    let run = || {
        let mut pair = Pair::with_seed(5);
        pair.weather = crate::pair::Weather { loss: 10, double: 10, jitter_ms: 50 };
        let a = pair.call();
        pair.run(ms(10_000));
        pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap_or(());
        pair.run(ms(40_000));
        pair.sides.map(|side| (side.sent, side.events))
    };
    assert_eq!(run(), run());
}

#[test]
fn another_parser_reads_all_we_send() {
    let mut pair = Pair::new();
    let [a, b] = pair.talk();
    pair.act(A, |endpoint, now| endpoint.reinvite(now, a, b"v=0\r\n".to_vec())).unwrap();
    pair.run(ms(100));
    pair.act(B, |endpoint, now| endpoint.hang_up(now, b, Some(16))).unwrap();
    pair.run(ms(100));
    for (_, bytes) in pair.sides.iter().flat_map(|side| &side.sent) {
        let text = String::from_utf8_lossy(bytes);
        match rsip::SipMessage::try_from(bytes.as_slice()).unwrap_or_else(|error| panic!("{error}: {text}")) {
            rsip::SipMessage::Request(request) => assert!(text.starts_with(&format!("{} {} SIP/2.0\r\n", request.method, request.uri))),
            rsip::SipMessage::Response(response) => assert!(text.starts_with(&format!("SIP/2.0 {}\r\n", response.status_code)), "{text}"),
        }
    }
}

#[test]
fn an_advertised_address_stands_in_via_and_contact_and_a_wildcard_never() {
    let config = |local: std::net::SocketAddr, side| {
        let mut config = crate::pair::config(Transport::Udp, local, side);
        config.listeners[0].advertise = (side == 0).then(|| "sip.example.com:5080".to_owned());
        config.product = Some("hotline\r\nEvil: x".to_owned());
        config
    };
    let mut pair = Pair::with(Transport::Udp, "127.0.0.1:5060", "127.0.0.2:5060", config);
    pair.talk();
    let invite = String::from_utf8_lossy(&pair.sides[A].sent[0].1).into_owned();
    assert!(crate::pair::header(&invite, "Via").unwrap().starts_with("SIP/2.0/UDP sip.example.com:5080;branch=z9hG4bK"));
    assert_eq!(crate::pair::header(&invite, "Contact"), Some("<sip:alice@sip.example.com:5080>"));
    assert_eq!(crate::pair::header(&invite, "User-Agent"), Some("hotlineEvil: x"));
    let mut lone = Lone::at("0.0.0.0:5060", "127.0.0.1:6000", Limits::default());
    let flow = lone.flow;
    let party = "<sip:a@example.com>".to_owned();
    let invite = hotline_sip::Invite {
        target: "sip:x@127.0.0.1:6000".into(),
        flow,
        local_party: party.clone(),
        remote_party: party,
        headers: vec![],
        body: vec![],
    };
    lone.endpoint.invite(lone.now, invite).unwrap();
    assert!(!lone.take()[0].contains("0.0.0.0"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..proptest::prelude::ProptestConfig::with_cases(300) })]

    #[test]
    fn no_bytes_make_it_panic(
        cuts in proptest::collection::vec((0usize..6, 0usize..900, 0usize..900, proptest::prelude::any::<u8>()), 1..12),
        tcp: bool,
    ) {
        let transport = if tcp { Transport::Tcp } else { Transport::Udp };
        let mut pair = Pair::on(transport, "127.0.0.1:5060", "127.0.0.2:5060", 1);
        let [a, _] = pair.talk();
        pair.act(A, |endpoint, now| endpoint.hang_up(now, a, None)).unwrap();
        pair.run(ms(100));
        let messages: Vec<_> = pair.sides.iter().flat_map(|side| side.sent.iter().map(|(_, bytes)| bytes.clone())).collect();
        let mut pair = Pair::on(transport, "127.0.0.1:5060", "127.0.0.2:5060", 1);
        pair.call();
        pair.run(ms(10));
        for (which, at, other, byte) in cuts {
            let mut bytes = messages[which % messages.len()].clone();
            let (at, other) = (at % bytes.len(), other % bytes.len());
            bytes[at] = byte;
            bytes.drain(at.min(other)..at.max(other).min(at.min(other) + 9));
            let flow = pair.flow(B);
            let now = pair.now;
            let input = if tcp { Input::Stream { flow, bytes: &bytes } } else { Input::Datagram { flow, bytes: &bytes } };
            pair.sides[B].endpoint.handle(now, input);
            while pair.sides[B].endpoint.poll_output().is_some() {}
        }
        pair.run(ms(120_000));
    }
}
