//! Whatever stands in Refer-To, Replaces, Event and the like: no panic, one answer or one event, everything bounded.

use crate::endpoint_uas::{codes, in_a_call, request};
use hotline_sip::{Event, Replaces, party};
use proptest::prelude::*;

/// Bits of which Refer-To values are made, right and wrong.
fn refer_to() -> impl Strategy<Value = String> {
    let bit = prop_oneof![
        Just("<sip:".to_owned()),
        Just(">".to_owned()),
        Just("1002@hotline".to_owned()),
        Just("?Replaces=".to_owned()),
        Just("a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2".to_owned()),
        Just("%253B%250d%0a".to_owned()),
        Just("&Refer-To=%3Csip:x%3E".to_owned()),
        Just(";method=".to_owned()),
        Just(";reason=%".to_owned()),
        Just("tel:+86".to_owned()),
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just(",".to_owned()),
        Just("１０２".to_owned()),
        "[ -~]{0,12}",
        "\\PC{0,4}",
        (1usize..10_000).prop_map(|many| "%41".repeat(many / 3)),
    ];
    proptest::collection::vec(bit, 0..10).prop_map(|bits| bits.concat())
}

/// One REFER, and what came of it: answered at once, or told and then refused.
fn try_refer(value: &str, more: &str) {
    let (mut lone, tag) = in_a_call();
    let head = request("REFER", "r", &tag, 10, &format!("Refer-To: {value}\n{more}"));
    let sent = lone.send(&head, "");
    match lone.events.last() {
        Some(Event::Refer { dialog, refer }) => {
            let dialog = *dialog;
            assert!(sent.is_empty() && refer.target.len() <= 4_096 && refer.to_user.len() <= 3 * 4_096);
            assert!(refer.reason.as_ref().is_none_or(|reason| reason.chars().count() <= 64 && !reason.contains(char::is_control)));
            assert!(!refer.target.contains(['<', '>', ' ', '\r', '\n']), "{}", refer.target);
            lone.endpoint.accept_refer(lone.now, dialog).unwrap();
            assert_eq!(lone.take().len(), 2);
        }
        _ => assert!(sent.len() == 1 && ["400", "416", "420"].contains(&codes(&sent)[0].as_str()), "{sent:?}"),
    }
    assert_eq!(lone.endpoint.counters().dialogs, 1);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn any_refer_to_is_answered_or_told(value in refer_to(), more in "[ -~]{0,30}") {
        try_refer(&value, &format!("X-Hotline-Reason: {more}\nReferred-By: {more}\nRefer-Sub: {more}"));
    }

    #[test]
    fn any_replaces_is_read_or_not(value in prop_oneof![refer_to(), "[a-z@;=,%\" -]{0,60}", "\\PC{0,2000}"]) {
        if let Some(replaces) = Replaces::parse(&value) {
            prop_assert!(value.len() <= 1_024);
            prop_assert_eq!(Replaces::parse(&replaces.to_string()), Some(replaces));
        }
        let (mut lone, tag) = in_a_call();
        let line = value.replace(['\r', '\n'], " ");
        let second = request("INVITE", "i", "", 1, &format!("Replaces: {line}")).replace("call-1", "call-2").replace("Content-Type", "X");
        let sent = lone.send(&second, "");
        prop_assert!(sent.len() == 1 && ["400", "481"].contains(&codes(&sent)[0].as_str()), "{:?} {}", sent, tag);
    }

    #[test]
    fn any_event_and_expires_of_subscribe_and_notify_is_answered_once(event in "[a-z;=0-9\" ]{0,30}", expires in "[0-9a-z]{0,12}") {
        let (mut lone, tag) = in_a_call();
        for (cseq, method) in [(10, "SUBSCRIBE"), (11, "NOTIFY")] {
            let sent = lone.send(&request(method, method, &tag, cseq, &format!("Event: {event}\nExpires: {expires}")), "");
            prop_assert!(sent.len() == 1 && sent[0].starts_with("SIP/2.0 4"), "{:?}", sent);
        }
    }

    #[test]
    fn any_display_name_makes_one_sound_address(name in "\\PC{0,80}|[\"\\\\<>\u{202e}\u{200f}\r\n\t]{0,10}") {
        let party = party(&name, "sip:hotline@h");
        let parsed = hotline_sip::NameAddr::parse(party.as_bytes()).unwrap();
        prop_assert_eq!(parsed.uri.as_str(), "sip:hotline@h");
        let plain = |display: &String| display.chars().count() <= 64 && !display.contains(['\u{202e}', '\r', '\n']);
        prop_assert!(parsed.display.as_ref().is_none_or(plain));
    }
}
