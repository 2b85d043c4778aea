use hotline_sip::uri::{Host, Scheme, Uri, escape, unescape};

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap_or_else(|_| panic!("{text}"))
}

#[test]
fn the_parts_of_a_uri_are_told_apart() {
    let full = uri("sips:al%20ice:se%40cret@Example.COM:5061;transport=TCP;lr;x=a%20b?subject=p&to=b");
    assert_eq!((full.scheme.clone(), full.user.as_deref(), full.password.as_deref()), (Scheme::Sips, Some("al ice"), Some("se%40cret")));
    assert_eq!((full.host.clone(), full.port), (Some(Host::Name("example.com".into())), Some(5061)));
    assert_eq!((full.transport().as_deref(), full.params.has("LR"), full.params.get("lr")), (Some("tcp"), true, None));
    assert_eq!(full.headers.as_deref(), Some("subject=p&to=b"));
    assert_eq!(full.to_string(), "sips:al%20ice:se%40cret@example.com:5061;transport=TCP;lr;x=a%20b?subject=p&to=b");
}

#[test]
fn addresses_are_read_as_addresses() {
    assert_eq!(uri("sip:x@192.0.2.1").host, Some(Host::V4([192, 0, 2, 1].into())));
    assert_eq!(uri("sip:x@[2001:db8::1]:5070").to_string(), "sip:x@[2001:db8::1]:5070");
    assert_eq!(uri("sip:[::ffff:192.0.2.1]").host.unwrap().ip(), Some([192, 0, 2, 1].into()), "IPv4-mapped");
    assert_eq!(uri("sip:[fe80::1%25eth0]").host, uri("sip:[fe80::1]").host, "a zone is dropped");
    assert_eq!(uri("sip:[2001:db8:::192.0.2.1]").host, uri("sip:[2001:db8::192.0.2.1]").host, "RFC 5118 4.10");
}

#[test]
fn a_tel_uri_has_a_number_and_no_host_rfc3966() {
    let tel = uri("tel:+86-10-1234;phone-context=example.com");
    assert_eq!((tel.user.as_deref(), tel.host.clone(), tel.params.get("phone-context")), (Some("+86-10-1234"), None, Some("example.com")));
    assert_eq!(tel.to_string(), "tel:+86-10-1234;phone-context=example.com");
}

#[test]
fn other_schemes_are_opaque_and_known_to_be_unknown() {
    let other = uri("soap.beep://192.0.2.103:3002");
    assert_eq!((other.is_known(), other.to_string()), (false, "soap.beep://192.0.2.103:3002".into()));
}

#[test]
fn what_is_no_uri_is_refused() {
    for text in [
        "",
        "sip",
        "sip:",
        "sip:@h",
        "sip:a@",
        "sip:a@b@c",
        "sip:a@h:",
        "sip:a@h:x",
        "sip:a@h:65536",
        "sip:a@h:-1",
        "sip:a@[::1",
        "sip:a@::1",
        "sip:a@[::g]",
        "sip:a@h h",
        "<sip:a@h>",
        "sip:a@h\"",
        "sip:a@h\r\n",
        "tel:",
        "1x:y",
        ":x",
        "sip:a@h]",
        "sip:a@ho%73t",
        "sip:a@主机",
    ] {
        assert!(Uri::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn equal_uris_are_those_of_rfc3261_19_1_4() {
    for (a, b) in [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        ("sip:alice@atlanta.com?subject=project%20x&priority=urgent", "sip:alice@atlanta.com?priority=urgent&subject=project%20x"),
    ] {
        assert!(uri(a).same(&uri(b)) && uri(b).same(&uri(a)), "{a} = {b}");
    }
}

#[test]
fn different_uris_are_those_of_rfc3261_19_1_4() {
    for (a, b) in [
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
        ("sip:a@h", "sips:a@h"),
        ("sip:a:p@h", "sip:a@h"),
    ] {
        assert!(!uri(a).same(&uri(b)) && !uri(b).same(&uri(a)), "{a} != {b}");
    }
}

#[test]
fn escapes_are_undone_once_and_made_where_needed() {
    assert_eq!(unescape("a%41%2541%zz%4"), "aA%41%zz%4");
    assert_eq!(unescape("%E7%83%AD%ff"), "热\u{fffd}");
    assert_eq!(escape("a b@热;x"), "a%20b%40%E7%83%AD;x");
}
