//! The further headers of an INVITE of ours, and its display names.

use crate::pair::{Lone, OFFER, config, header};
use hotline_model::history::Transport;
use hotline_sip::{Invite, party};

fn printed(lone: &mut Lone, headers: &[(&str, &str)]) -> String {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let invite = Invite {
        target: "sip:seat@127.0.0.1:6000".into(),
        flow: lone.flow,
        local_party: party("13800138000 \"宽带\"\\", "sip:13800138000@127.0.0.1"),
        remote_party: party("", "sip:1001@127.0.0.1"),
        headers,
        body: OFFER.to_vec(),
    };
    lone.endpoint.invite(lone.now, invite).unwrap();
    lone.take().remove(0)
}

#[test]
fn what_a_desk_phone_needs_gets_through() {
    let headers = [
        ("Call-Info", "<sip:127.0.0.1>;answer-after=0"),
        ("Alert-Info", "<http://127.0.0.1/x>;info=alert-autoanswer"),
        ("Replaces", "c;to-tag=1;from-tag=2"),
        ("Referred-By", "<sip:1001@127.0.0.1>"),
        ("X-Hotline-Skill", "宽带"),
    ];
    let invite = printed(&mut Lone::new(), &headers);
    for (name, value) in headers {
        assert_eq!(header(&invite, name), Some(value));
    }
    assert!(header(&invite, "From").unwrap().starts_with(r#""13800138000 \"宽带\"\\" <sip:13800138000@127.0.0.1>;tag="#));
}

#[test]
fn what_we_print_ourselves_cannot_be_said_twice_nor_a_line_be_broken() {
    let mut lone = Lone::new();
    let invite = printed(
        &mut lone,
        &[
            ("Content-Length", "0"),
            ("l", "0"),
            ("Via", "SIP/2.0/UDP evil"),
            ("t", "<sip:evil>"),
            ("Contact", "<sip:evil>"),
            ("Bad Name", "x"),
            ("X-Long", &"x".repeat(513)),
            ("X-Break", "a\r\nEvil: yes\u{202e}\0"),
        ],
    );
    assert_eq!((invite.matches("evil").count(), invite.matches("Content-Length").count()), (0, 1));
    assert_eq!(header(&invite, "X-Break"), Some("aEvil: yes"));
    assert_eq!(lone.endpoint.counters().headers_left_out, 7);
    let many: Vec<_> = (0..50).map(|_| ("X-Many", "y")).collect();
    assert_eq!(printed(&mut lone, &many).matches("X-Many").count(), 32);
}

#[test]
fn a_datagram_keeps_below_1300_bytes_by_leaving_out_our_own_headers_from_the_last_on_rfc_3261_18_1_1() {
    let filler = "x".repeat(300);
    let headers: &[(&str, &str)] = &[
        ("X-First", &filler),
        ("Alert-Info", &filler),
        ("X-Second", &filler),
        ("Replaces", "c;to-tag=1;from-tag=2"),
        ("X-Third", &filler),
    ];
    let mut lone = Lone::new();
    let invite = printed(&mut lone, headers);
    assert!(invite.len() <= 1_300, "{}", invite.len());
    let kept = ["X-First", "Alert-Info", "X-Second", "Replaces", "X-Third"].map(|name| header(&invite, name).is_some());
    assert_eq!(kept, [true, true, false, true, false]);
    assert_eq!(lone.endpoint.counters().headers_left_out, 2);
    let mut stream = Lone::with(config(Transport::Tcp, "127.0.0.1:5060".parse().unwrap(), 9), "127.0.0.1:6000");
    assert!(printed(&mut stream, headers).len() > 1_300, "TCP takes all");
    let needed = [("Call-Info", filler.as_str()), ("Alert-Info", &filler), ("Referred-By", &filler)];
    assert_eq!(printed(&mut lone, &needed).matches(&filler).count(), 3, "what others read stays");
}

#[test]
fn a_display_name_cannot_lie_about_itself() {
    let table = [
        ("张三", "\"张三\" <sip:a@b>"),
        ("a\"b\\c", r#""a\"b\\c" <sip:a@b>"#),
        ("a\r\nVia: x\0", "\"aVia: x\" <sip:a@b>"),
        ("\u{202e}gnp.exe\u{2066}\u{200b}\u{feff}", "\"gnp.exe\" <sip:a@b>"),
        (" \u{200f} ", "<sip:a@b>"),
        ("", "<sip:a@b>"),
    ];
    for (display, expected) in table {
        assert_eq!(party(display, "sip:a@b"), expected);
    }
    assert_eq!(party(&"字".repeat(100), "sip:a@b").chars().filter(|c| *c == '字').count(), 64);
    assert_eq!(party("x", "sip:a@b>;tag=1\r\n<"), "\"x\" <sip:a@b;tag=1>");
}
