use hotline_sip::check::Why;
use hotline_sip::wire::{Framed, Framer, Limits, Unreadable, parse_datagram};
use hotline_sip::{BadHeader, Fault, Header, Message, Method, Request, Response, check};

const OPTIONS: &str = "OPTIONS sip:x@192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\n\
From: <sip:y@192.0.2.1>;tag=1\r\nTo: <sip:x@192.0.2.10>\r\nCall-ID: w\r\nCSeq: 1 OPTIONS\r\n";

fn options(length: &str, body: &str) -> Vec<u8> {
    format!("{OPTIONS}{length}\r\n{body}").into_bytes()
}

fn parse(bytes: &[u8]) -> Message {
    parse_datagram(bytes, &Limits::default()).unwrap()
}

fn request(bytes: &[u8]) -> Request {
    match parse(bytes) {
        Message::Request(request) => request,
        Message::Response(response) => panic!("{response:?}"),
    }
}

fn pull_all(framer: &mut Framer) -> Vec<Framed> {
    std::iter::from_fn(|| framer.pull()).collect()
}

fn fed(bytes: &[u8]) -> (Framer, Vec<Framed>) {
    let mut framer = Framer::new(Limits { header_bytes: 1_000, body_bytes: 100, headers: 20 });
    framer.push(bytes);
    let out = pull_all(&mut framer);
    (framer, out)
}

fn refused(bytes: &[u8]) -> Fault {
    let (mut framer, out) = fed(bytes);
    framer.push(&options("l: 0\r\n", ""));
    assert_eq!(framer.pull(), None, "nothing follows");
    match &out[..] {
        [Framed::Refused { fault, .. }] => *fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pipelined_messages_come_out_one_by_one_rfc3261_18_3() {
    let bytes = [options("Content-Length: 3\r\n", "abc"), options("l: 0\r\n", ""), options("l: 2\r\n", "de")].concat();
    let (framer, out) = fed(&bytes);
    let bodies: Vec<_> =
        out.iter().map(|framed| if let Framed::Message(message) = framed { message.body() } else { panic!("{framed:?}") }).collect();
    assert_eq!(bodies, [&b"abc"[..], b"", b"de"]);
    assert!(!framer.is_mid_message());
}

#[test]
fn a_double_crlf_between_messages_is_a_ping_rfc5626_3_5_1() {
    let bytes = [&b"\r\n\r\n"[..], &options("l: 0\r\n", ""), b"\r\n\r\n\r\n\r\n\r\n", &options("l: 0\r\n", "")].concat();
    let (_, out) = fed(&bytes);
    let kinds: Vec<_> = out.iter().map(|framed| matches!(framed, Framed::Ping)).collect();
    assert_eq!(kinds, [true, false, true, true, false]);
}

#[test]
fn a_begun_message_is_known_for_the_header_deadline() {
    let (mut framer, out) = fed(b"OPTIONS sip:x@");
    assert_eq!((out.len(), framer.is_mid_message()), (0, true));
    framer.push(&options("l: 1\r\n", "")[14..]);
    assert_eq!((framer.pull(), framer.is_mid_message()), (None, true), "the body is missing");
    framer.push(b"a");
    assert!(matches!(framer.pull(), Some(Framed::Message(_))) && !framer.is_mid_message());
}

#[test]
fn a_stream_without_a_readable_length_is_answered_400_and_ends_rfc3261_18_3() {
    assert_eq!(refused(&options("", "")), Fault::Respond { code: 400, why: Why::NoLength });
    for length in ["l: five\r\n", "l: -1\r\n", "l: 1\r\nContent-Length: 2\r\n"] {
        assert!(matches!(refused(&options(length, "abc")), Fault::Respond { code: 400, why: Why::Header(BadHeader { .. }) }), "{length}");
    }
}

#[test]
fn a_body_beyond_the_limit_is_answered_413_and_ends() {
    assert_eq!(refused(&options("l: 101\r\n", "")), Fault::Respond { code: 413, why: Why::BodyTooLarge });
    assert_eq!(fed(&options("l: 100\r\n", &"x".repeat(100))).1.len(), 1);
}

#[test]
fn a_response_without_length_is_not_answered() {
    let bytes = String::from_utf8(options("", "")).unwrap().replace("OPTIONS sip:x@192.0.2.10 SIP/2.0", "SIP/2.0 200 OK");
    assert_eq!(refused(bytes.as_bytes()), Fault::Drop(Why::NoLength));
}

#[test]
fn endless_headers_and_other_protocols_break_the_stream() {
    assert_eq!(fed(&[b'x'; 1_001]).1, [Framed::Broken(Unreadable::HeadTooLarge)]);
    assert_eq!(fed(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").1, [Framed::Broken(Unreadable::StartLine)]);
    let many = format!("OPTIONS sip:x SIP/2.0\r\n{}\r\n", "X: 1\r\n".repeat(21));
    assert_eq!(fed(many.as_bytes()).1, [Framed::Broken(Unreadable::TooManyHeaders)]);
}

#[test]
fn a_response_copies_what_rfc3261_8_2_6_2_says() {
    let bytes = options("Timestamp: 54\r\nSubject: s\r\nVia: SIP/2.0/UDP b.example.com;branch=z9hG4bK2\r\n", "");
    let request = request(&bytes);
    let mut response = Response::to(&request, 486);
    response.tag_to("ours");
    response.tag_to("never");
    assert_eq!(response.reason, "Busy Here");
    let again = parse(&response.to_bytes());
    let headers = again.headers();
    assert_eq!(headers.vias(), request.headers.vias());
    assert_eq!(headers.to().unwrap().tag(), Some("ours"));
    assert_eq!((headers.get(Header::Timestamp), headers.get(Header::Subject)), (None, None));
    assert_eq!(Response::to(&request, 100).headers.get(Header::Timestamp), Some(&b"54"[..]));
    assert_eq!(check(&again), Ok(()));
}

#[test]
fn a_quoted_nul_is_copied_into_the_response_rfc4475_3_1_1_2() {
    let bytes = String::from_utf8(options("", "")).unwrap().replace("To: <", "To: \"NUL:\\\0\" <");
    let response = Response::to(&request(bytes.as_bytes()), 200);
    assert!(response.headers.get(Header::To).unwrap().contains(&0));
    assert_eq!(check(&parse(&response.to_bytes())), Ok(()));
}

#[test]
fn a_missing_header_is_missing_in_the_400_too_rfc4475_3_3_1() {
    let request = request(b"INVITE sip:x@192.0.2.10 SIP/2.0\r\nCSeq: 1 INVITE\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKi\r\n\r\n");
    let response = Response::to(&request, 400);
    assert_eq!((response.headers.len(), response.headers.call_id().is_err()), (2, true));
}

#[test]
fn the_via_learns_its_source_rfc3581_4() {
    let stamped = |via: &str, source: &str| {
        let bytes = String::from_utf8(options("l: 0\r\n", "")).unwrap().replace("SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1;rport", via);
        let mut request = request(bytes.as_bytes());
        request.stamp_via(source.parse().unwrap()).unwrap();
        String::from_utf8(request.headers.get(Header::Via).unwrap().to_vec()).unwrap()
    };
    assert_eq!(
        stamped("SIP/2.0/UDP 10.0.0.5;rport;branch=z9", "192.0.2.9:4000"),
        "SIP/2.0/UDP 10.0.0.5;rport=4000;branch=z9;received=192.0.2.9"
    );
    assert_eq!(stamped("SIP/2.0/UDP 192.0.2.9;branch=z9", "192.0.2.9:4000"), "SIP/2.0/UDP 192.0.2.9;branch=z9", "18.2.1: nothing to learn");
    assert_eq!(
        stamped("SIP/2.0/UDP pc33.example.com;branch=z9", "192.0.2.9:4000"),
        "SIP/2.0/UDP pc33.example.com;branch=z9;received=192.0.2.9"
    );
    let v6 = stamped("SIP/2.0/UDP [2001:db8::9]:5;branch=z9;rport, SIP/2.0/UDP b;branch=z8", "[2001:db8::1]:4000");
    assert_eq!(
        v6, "SIP/2.0/UDP [2001:db8::9]:5;branch=z9;rport=4000;received=2001:db8::1, SIP/2.0/UDP b;branch=z8",
        "RFC 5118 4.5: no brackets"
    );
}

#[test]
fn the_printed_length_is_that_of_the_body() {
    let mut request = request(&options("Content-Length: 3\r\nl: 3\r\n", "abc"));
    request.set_body("application/sdp", b"v=0\r\n".to_vec()).unwrap();
    let text = String::from_utf8(request.to_bytes()).unwrap();
    assert_eq!(text.matches("Content-Length: 5\r\n").count(), 1);
    assert!(text.ends_with("Content-Type: application/sdp\r\n\r\nv=0\r\n"));
}

#[test]
fn start_lines_cannot_be_forged() {
    for uri in ["", "sip:x y", "sip:x\r\nX: 1", "sip:\0"] {
        assert!(Request::new(Method::Invite, uri).is_err(), "{uri:?}");
    }
    assert!(Request::new(Method::Other("A B".into()), "sip:x").is_err());
    let mut response = Response::to(&request(&options("", "")), 200);
    response.reason = "OK\r\nX: 1".into();
    assert_eq!(parse(&response.to_bytes()).headers().named("X"), None);
    assert!(response.headers.push_named("X: y", "1").is_err());
}

#[test]
fn typed_values_are_read() {
    let bytes = options(
        "Require: 100rel , timer\r\nk: replaces\r\nRequire: path\r\nReason: SIP;cause=200, Q.850 ;cause=16;text=\"x\"\r\nRetry-After: 18 (busy)\r\n\
         Content-Type: Application / SDP ;x=y\r\nExpires: 99999999999999\r\n",
        "",
    );
    let headers = request(&bytes).headers;
    assert_eq!(headers.words(Header::Require), ["100rel", "timer", "path"]);
    assert_eq!(headers.words(Header::Supported), ["replaces"]);
    assert_eq!((headers.q850(), headers.retry_after()), (Some(16), Some(18)));
    assert_eq!(headers.content_type().as_deref(), Some("application/sdp"));
    assert_eq!(headers.expires(), Ok(Some(u32::MAX)));
}

#[test]
fn headers_are_found_by_any_spelling_and_kept_in_order() {
    let bytes = options("i-am: first\r\nSUBJECT: s\r\nX-Last : last\r\n", "");
    let mut headers = request(&bytes).headers;
    assert_eq!((headers.named("s"), headers.named("I-AM")), (Some(&b"s"[..]), Some(&b"first"[..])));
    headers.push_front(Header::Via, "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKtop").unwrap();
    assert_eq!(headers.top_via().unwrap().branch(), Some("z9hG4bKtop"));
    headers.remove(Header::Via);
    let names: Vec<_> = headers.iter().map(|(name, _)| String::from_utf8_lossy(name).into_owned()).collect();
    assert_eq!(names, ["From", "To", "Call-ID", "CSeq", "i-am", "Subject", "X-Last"]);
}
