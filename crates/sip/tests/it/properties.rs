use crate::own_torture;
use hotline_sip::auth::{Challenge, Credentials};
use hotline_sip::wire::{Framed, Framer, Limits, parse_datagram};
use hotline_sip::{Header, Message, Method, Request, Response, Uri, check};
use proptest::prelude::*;
use std::net::SocketAddr;

const INVITE: &[u8] = b"INVITE sip:hotline@192.0.2.10:5060;transport=udp SIP/2.0\r\n\
Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK776asdhds;rport, SIP/2.0/TCP [2001:db8::1]:5061;branch=z9hG4bKb;received=2001:db8::2\r\n\
Max-Forwards: 70\r\n\
From: \"Zhang \\\"San\\\"\" <sip:13800138000@192.0.2.1;user=phone>;tag=1928301774\r\n\
To: <sip:hotline@192.0.2.10>\r\n\
Call-ID: a84b4c76e66710@192.0.2.1\r\n\
CSeq: 314159 INVITE\r\n\
Contact: <sip:13800138000@192.0.2.1:5062;ob>;q=0.7;expires=60\r\n\
Record-Route: <sip:192.0.2.7;lr>,\r\n <sip:192.0.2.8;lr=on>\r\n\
Authorization: Digest username=\"1001\",realm=\"hotline\",nonce=\"abc\",uri=\"sip:x\",response=\"00\",qop=auth,nc=00000001,cnonce=\"c\"\r\n\
Reason: Q.850;cause=16;text=\"bye\"\r\n\
Retry-After: 120 (busy);duration=3\r\n\
Content-Type: application/sdp\r\n\
Content-Length: 5\r\n\r\nv=0\r\n";

fn source() -> SocketAddr {
    ([192, 0, 2, 99], 40_000).into()
}

/// Calls everything that reads a message.
fn read_all(message: &Message) {
    let headers = message.headers();
    let _ = (headers.vias(), headers.top_via(), headers.from(), headers.to(), headers.call_id(), headers.cseq(), headers.contacts());
    let _ = (headers.contact(), headers.max_forwards(), headers.content_length(), headers.content_type(), headers.expires());
    let _ = (headers.words(Header::Require), headers.routes(Header::Route), headers.routes(Header::RecordRoute));
    let _ = (headers.q850(), headers.retry_after(), check(message));
    for (name, value) in headers.iter() {
        let _ = (Header::of(name), Credentials::parse(value), Challenge::parse(value), Uri::parse(&String::from_utf8_lossy(value)));
    }
    if let Ok(from) = headers.from() {
        let _ = (from.party(), from.tag(), from.q(), from.expires(), from.to_string(), Uri::parse(&from.uri).map(|uri| uri.to_string()));
    }
    if let Message::Request(request) = message {
        let mut request = request.clone();
        let _ = request.stamp_via(source());
        let mut response = Response::to(&request, 200);
        response.tag_to("t");
        assert!(parse_datagram(&response.to_bytes(), &Limits::default()).is_ok(), "a response can always be read");
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = own_torture::all();
    seeds.push(INVITE.to_vec());
    seeds
}

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let snippet = prop_oneof![
        Just(b"\r\n".to_vec()),
        Just(b"\n ".to_vec()),
        Just(b"\"".to_vec()),
        Just(b"<".to_vec()),
        Just(b">".to_vec()),
        Just(b";".to_vec()),
        Just(b",".to_vec()),
        Just(b"\\".to_vec()),
        Just(b"%".to_vec()),
        Just(b"[".to_vec()),
        Just(b":".to_vec()),
        Just(b"\r\nContent-Length: 7".to_vec()),
        proptest::collection::vec(any::<u8>(), 1..4),
    ];
    let edits = proptest::collection::vec((any::<prop::sample::Index>(), 0usize..8, snippet), 1..6);
    (proptest::sample::select(seeds()), edits).prop_map(|(mut bytes, edits)| {
        for (index, cut, put) in edits {
            let at = index.index(bytes.len() + 1);
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, put);
        }
        bytes
    })
}

fn word() -> impl Strategy<Value = String> {
    "[A-Za-z0-9._-]{1,12}"
}

fn request() -> impl Strategy<Value = Request> {
    let extra = proptest::collection::vec(("X-[A-Za-z0-9]{1,10}", "[ -~\u{4e00}-\u{4e20}]{0,40}"), 0..6);
    let method = prop_oneof![Just(Method::Invite), Just(Method::Options), Just(Method::Bye), Just(Method::Other("FOO".into()))];
    (method, word(), word(), 0u32.., extra, proptest::collection::vec(any::<u8>(), 0..80)).prop_map(
        |(method, user, tag, cseq, extra, body)| {
            let mut request = Request::new(method.clone(), format!("sip:{user}@example.com")).unwrap();
            request.push(Header::Via, format!("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{tag}")).unwrap();
            request.push(Header::From, format!("\"{user}\" <sip:{user}@example.com>;tag={tag}")).unwrap();
            request.push(Header::To, format!("<sip:{user}@example.com>")).unwrap();
            request.push(Header::CallId, format!("{tag}@example.com")).unwrap();
            request.push(Header::CSeq, format!("{cseq} {method}")).unwrap();
            request.push(Header::MaxForwards, "70").unwrap();
            for (name, value) in extra {
                request.headers.push_named(&name, value).unwrap();
            }
            request.push(Header::ContentLength, body.len().to_string()).unwrap();
            request.body = body;
            request
        },
    )
}

fn frames(parts: &[&[u8]]) -> Vec<Framed> {
    let mut framer = Framer::new(Limits { header_bytes: 2_000, body_bytes: 300, headers: 40 });
    let mut out = Vec::new();
    for part in parts {
        framer.push(part);
        out.extend(std::iter::from_fn(|| framer.pull()));
    }
    out
}

fn cut<'a>(bytes: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(message) = parse_datagram(&bytes, &Limits::default()) {
            read_all(&message);
        }
        frames(&[&bytes]);
    }

    #[test]
    fn broken_messages_are_read_without_panic(bytes in mutated()) {
        if let Ok(message) = parse_datagram(&bytes, &Limits::default()) {
            read_all(&message);
        }
    }

    #[test]
    fn what_is_well_formed_survives_being_printed(bytes in mutated()) {
        let Ok(message) = parse_datagram(&bytes, &Limits::default()) else { return Ok(()) };
        if check(&message).is_err() {
            return Ok(());
        }
        let headers = message.headers();
        prop_assert!(headers.vias().is_ok() && headers.top_via().is_ok() && headers.from().is_ok() && headers.to().is_ok());
        prop_assert!(headers.call_id().is_ok() && headers.cseq().is_ok() && headers.contacts().is_ok());
        prop_assert!(headers.routes(Header::RecordRoute).is_ok());
        let once = parse_datagram(&message.to_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(check(&once), Ok(()));
        let twice = parse_datagram(&once.to_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(&once, &twice);
        prop_assert_eq!(message.headers().vias(), once.headers().vias());
        prop_assert_eq!(message.body(), once.body());
    }

    #[test]
    fn parse_undoes_print(request in request()) {
        let message = Message::Request(request);
        prop_assert_eq!(parse_datagram(&message.to_bytes(), &Limits::default()), Ok(message));
    }

    #[test]
    fn framing_does_not_depend_on_the_split(
        parts in proptest::collection::vec(prop_oneof![
            4 => request().prop_map(|request| request.to_bytes()),
            2 => Just(b"\r\n\r\n".to_vec()),
            1 => Just(b"\r\n".to_vec()),
            1 => mutated(),
        ], 1..6),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let bytes = parts.concat();
        let every_byte: Vec<&[u8]> = bytes.chunks(1).collect();
        let whole = frames(&[&bytes]);
        prop_assert_eq!(&frames(&cut(&bytes, &cuts)), &whole);
        prop_assert_eq!(&frames(&every_byte), &whole);
    }

    #[test]
    fn no_pushed_value_becomes_a_line_of_its_own(value in proptest::collection::vec(any::<u8>(), 0..40)) {
        let mut request = Request::new(Method::Options, "sip:x@192.0.2.1").unwrap();
        let pushed = request.push(Header::Subject, &value);
        prop_assert_eq!(pushed.is_err(), value.trim_ascii().iter().any(|byte| b"\r\n\0".contains(byte)));
        let message = parse_datagram(&request.to_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(message.headers().len(), 1 + usize::from(pushed.is_ok()));
    }

    #[test]
    fn rsip_reads_the_same_in_well_formed_requests(request in request()) {
        use rsip::prelude::*;
        if matches!(request.method, Method::Other(_)) {
            return Ok(());
        }
        let mut request = request;
        request.body.retain(u8::is_ascii);
        request.headers.set(Header::ContentLength, request.body.len().to_string()).unwrap();
        let Ok(theirs) = rsip::Request::try_from(request.to_bytes()) else { return Err(TestCaseError::fail("rsip refused")) };
        prop_assert_eq!(theirs.method.to_string(), request.method.to_string());
        prop_assert_eq!(theirs.uri.to_string(), &request.uri[..]);
        prop_assert_eq!(theirs.headers.iter().count(), request.headers.len());
        prop_assert_eq!(theirs.call_id_header().unwrap().value(), request.headers.call_id().unwrap());
        prop_assert_eq!(theirs.cseq_header().unwrap().typed().unwrap().seq, request.headers.cseq().unwrap().number);
        let from = theirs.from_header().unwrap().typed().unwrap();
        prop_assert_eq!(from.tag().map(|tag| tag.to_string()), request.headers.from().unwrap().tag().map(str::to_owned));
        let via = theirs.via_header().unwrap().typed().unwrap();
        prop_assert_eq!(via.branch().map(|branch| branch.to_string()), request.top_via().unwrap().branch().map(str::to_owned));
        prop_assert_eq!(&theirs.body, &request.body);
    }
}
