use crate::torture::verdict;
use crate::torture_table::Wire::{self, Accept, Drop, Respond};
use hotline_sip::wire::{Limits, Unreadable, parse_datagram};
use hotline_sip::{Header, Message};
use std::collections::BTreeSet;

/// File, verdict, the rule of RFC 3261 it was written from.
const CASES: &[(&str, Wire, &str)] = &[
    ("ack-without-call-id", Drop, "17: an ACK is never answered"),
    ("angle-brackets-inside-quotes", Accept, "25.1 quoted-string"),
    ("bare-cr-hides-a-header", Respond(400), "7.3.1: a line ends with CRLF, a lone CR ends nothing"),
    ("blank-lines-before-start", Accept, "7.5: CRLFs before the start line are ignored"),
    ("bracket-left-open", Respond(400), "25.1 name-addr"),
    ("cseq-of-two-to-the-32", Respond(400), "8.1.1.5: 32 bits"),
    ("cseq-without-space", Respond(400), "25.1 CSeq"),
    ("cut-inside-cseq", Respond(400), "8.1.1.5: the method must match"),
    ("empty-header-values", Accept, "20.1, 20.37: Accept and Supported may be empty"),
    ("fold-of-nothing-but-space", Accept, "7.3.1: folding"),
    ("from-twice-once-compact", Respond(400), "7.3.1, 7.3.3: From stands once, in either form"),
    ("gbk-display-name-ending-in-backslash-byte", Accept, "tolerated: GBK 81 5C is a letter, not an escaped quote"),
    ("gbk-display-name-unquoted", Accept, "tolerated"),
    ("header-names-in-any-case", Accept, "7.3.1: case does not matter"),
    ("http-request", Drop, "7.1: no SIP version"),
    ("ipv6-with-zone", Accept, "tolerated: a zone means nothing to others"),
    ("keep-alive-of-crlfs", Drop, "RFC 5626 3.5.1 is for streams; over UDP there is nobody to answer"),
    ("keep-alive-of-nuls", Drop, "what phones send to keep a NAT open"),
    ("length-as-list", Respond(400), "20.14: one number"),
    ("length-beyond-64-bits", Respond(400), "20.14"),
    ("length-empty", Respond(400), "20.14"),
    ("length-in-hex", Respond(400), "20.14: decimal"),
    ("length-one-too-many", Respond(400), "18.3: the datagram ends before the body"),
    ("length-shorter-than-datagram", Accept, "18.3: extra octets are discarded"),
    ("length-with-plus", Respond(400), "20.14: digits only"),
    ("line-without-colon", Respond(400), "7.3.1"),
    ("lines-end-with-lf-only", Accept, "tolerated"),
    ("max-forwards-above-255", Respond(400), "20.22"),
    ("method-in-lower-case", Accept, "7.1: an unknown method, well formed"),
    ("method-with-slash", Respond(400), "25.1 token"),
    ("nul-in-branch", Respond(400), "25.1 token"),
    ("nul-in-call-id", Respond(400), "25.1 word"),
    ("port-above-65535", Respond(400), "25.1 port"),
    ("request-uri-in-chinese", Accept, "tolerated: should be %-escaped"),
    ("response-below-100", Drop, "7.2"),
    ("response-without-cseq", Drop, "8.1.3: a response is never answered"),
    ("routes-with-lr-in-all-spellings", Accept, "19.1.1: lr has no value, some give it one"),
    ("space-before-colon-hides-a-length", Respond(400), "7.3.1: space before the colon is legal; the lengths differ"),
    ("space-inside-header-name", Respond(400), "25.1 token"),
    ("star-beside-a-contact", Respond(400), "10.2.2: * stands alone"),
    ("star-in-a-second-field", Respond(400), "10.2.2: * stands alone"),
    ("start-line-folded", Respond(400), "7.1: the start line may not be folded"),
    ("stun-binding", Drop, "7.1: no SIP version"),
    ("tel-request-uri", Accept, "19.1.6, RFC 3966"),
    ("to-empty", Respond(400), "8.1.1.2"),
    ("two-equal-lengths", Accept, "tolerated: they agree"),
    ("two-vias-and-a-comma-in-quotes", Accept, "7.3.1: a list may stand in one field"),
    ("user-empty", Respond(400), "25.1 userinfo"),
    ("version-in-lower-case", Accept, "7.1: case does not matter"),
    ("via-folded-everywhere", Accept, "25.1: SLASH, COLON, SEMI, EQUAL may have LWS around"),
    ("via-of-another-protocol", Respond(400), "20.42"),
];

fn read(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/torture/{name}.sip", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub fn all() -> Vec<Vec<u8>> {
    CASES.iter().map(|(name, ..)| read(name)).collect()
}

fn accepted(name: &str) -> Message {
    parse_datagram(&read(name), &Limits::default()).unwrap()
}

#[test]
fn our_own_torture_messages_get_their_verdict() {
    let wrong: Vec<_> = CASES.iter().filter(|(name, wanted, _)| verdict(&read(name)) != *wanted).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let named: BTreeSet<String> = CASES.iter().map(|(name, ..)| format!("{name}.sip")).collect();
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/torture")).unwrap();
    let there: BTreeSet<String> = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(named, there, "every file has its case");
}

#[test]
fn what_stands_in_quotes_is_no_uri() {
    let from = accepted("angle-brackets-inside-quotes").headers().from().unwrap();
    assert_eq!((from.uri.as_str(), from.tag()), ("sip:good@192.0.2.1", Some("q")));
}

#[test]
fn a_gbk_name_that_ends_in_a_backslash_byte_closes_its_quote() {
    let message = accepted("gbk-display-name-ending-in-backslash-byte");
    let from = message.headers().from().unwrap();
    assert_eq!((from.uri.as_str(), from.tag()), ("sip:13800138000@192.0.2.1", Some("gbk")));
    assert!(message.headers().get(Header::From).unwrap().starts_with(b"\"\xd5\xc5\x81\x5c\""), "bytes are kept");
}

#[test]
fn a_comma_in_quotes_does_not_end_a_via() {
    let vias = accepted("two-vias-and-a-comma-in-quotes").headers().vias().unwrap();
    let branches: Vec<_> = vias.iter().map(|via| via.branch().unwrap()).collect();
    assert_eq!(branches, ["z9hG4bKa", "z9hG4bKb"]);
    assert_eq!(vias[0].params.get("x"), Some("1,2;3"));
}

#[test]
fn a_via_folded_everywhere_is_read() {
    let via = accepted("via-folded-everywhere").headers().top_via().unwrap();
    assert_eq!((via.transport.as_str(), via.port, via.branch()), ("UDP", Some(5060), Some("z9hG4bKfold")));
}

#[test]
fn a_hidden_header_is_not_seen() {
    assert_eq!(accepted("bare-cr-hides-a-header").headers().named("X-Internal-Trust"), None);
}

#[test]
fn all_spellings_of_lr_are_kept_in_order() {
    let message = accepted("routes-with-lr-in-all-spellings");
    assert_eq!(message.headers().routes(Header::Route).unwrap(), ["<sip:192.0.2.7;lr>", "<sip:192.0.2.8;lr=on>", "<sip:192.0.2.9>;lr"]);
    assert_eq!(message.headers().routes(Header::RecordRoute).unwrap(), ["<sip:192.0.2.7;lr=true;ftag=a,b>"]);
}

fn padded(headers: usize, bytes: usize) -> Vec<u8> {
    let mut message = b"OPTIONS sip:x@192.0.2.1 SIP/2.0\r\n".to_vec();
    for _ in 0..headers {
        message.extend_from_slice(b"X-Pad: ");
        message.extend(std::iter::repeat_n(b'x', bytes));
        message.extend_from_slice(b"\r\n");
    }
    message.extend_from_slice(b"\r\n");
    message
}

#[test]
fn more_than_256_header_fields_are_refused() {
    assert!(parse_datagram(&padded(256, 1), &Limits::default()).is_ok());
    assert_eq!(parse_datagram(&padded(257, 1), &Limits::default()), Err(Unreadable::TooManyHeaders));
}

#[test]
fn headers_beyond_64_kib_are_refused() {
    assert!(parse_datagram(&padded(1, 65_000), &Limits::default()).is_ok());
    assert_eq!(parse_datagram(&padded(1, 66_000), &Limits::default()), Err(Unreadable::HeadTooLarge));
    assert_eq!(parse_datagram(&[b'x'; 70_000], &Limits::default()), Err(Unreadable::StartLine));
}
