use hotline_model::history::{Codec, Direction};
use hotline_sdp::{Agreed, Local, MAX_BYTES, Session, Unacceptable, accept, answer, offer, parse};
use proptest::prelude::*;

const BOTH: [Codec; 2] = [Codec::Pcma, Codec::Pcmu];

fn local(codecs: &[Codec]) -> Local<'_> {
    Local { address: "198.51.100.1:20000".parse().expect("an address"), session: 7, version: 1, codecs, telephone_event: 101 }
}

fn session(media: &str) -> Session {
    parse(format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n{media}").as_bytes()).expect("a readable offer")
}

fn answered(media: &str, wanted: Direction) -> Result<(String, Agreed), Unacceptable> {
    answer(&session(media), &local(&BOTH), wanted).map(|(text, agreed)| (String::from_utf8(text).expect("ASCII"), agreed))
}

fn agreed(media: &str) -> Result<Agreed, Unacceptable> {
    answered(media, Direction::SendRecv).map(|(_, agreed)| agreed)
}

#[test]
fn an_offer_of_both_laws_and_events_is_answered_in_the_offerers_order() {
    let media = "m=audio 49170 RTP/AVP 18 0 8 97\r\na=rtpmap:97 telephone-event/8000\r\na=fmtp:97 0-16\r\na=ptime:30\r\n";
    let (text, agreed) = answered(media, Direction::SendRecv).unwrap();
    let expected = "v=0\r\no=- 7 1 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n\
        m=audio 20000 RTP/AVP 0 97\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:97 telephone-event/8000\r\na=fmtp:97 0-15\r\n\
        a=ptime:20\r\na=sendrecv\r\n";
    assert_eq!(text, expected);
    let told = Agreed {
        remote: "192.0.2.1:49170".parse().unwrap(),
        codec: Codec::Pcmu,
        payload_type: 0,
        telephone_event: Some(97),
        direction: Direction::SendRecv,
        ptime_ms: 30,
    };
    assert_eq!(agreed, told);
}

#[test]
fn static_payload_types_need_no_rtpmap_and_dynamic_ones_are_mapped_by_it() {
    assert_eq!(agreed("m=audio 4 RTP/AVP 8").map(|agreed| (agreed.codec, agreed.telephone_event)), Ok((Codec::Pcma, None)));
    let dynamic = agreed("m=audio 4 RTP/AVP 98\na=rtpmap:98 pcma/8000/1").unwrap();
    assert_eq!((dynamic.codec, dynamic.payload_type), (Codec::Pcma, 98));
    assert_eq!(agreed("m=audio 4 RTP/AVP 98\na=rtpmap:98 PCMU/16000"), Err(Unacceptable::NoCommonCodec));
    assert_eq!(agreed("m=audio 4 RTP/AVP 98\na=rtpmap:98 PCMU/8000/2"), Err(Unacceptable::NoCommonCodec));
    assert_eq!(agreed("m=audio 4 RTP/AVP 0\na=rtpmap:0 G726-32/8000"), Err(Unacceptable::NoCommonCodec));
}

#[test]
fn only_events_at_8000_hz_are_taken() {
    let two = "m=audio 4 RTP/AVP 0 110 126\na=rtpmap:110 telephone-event/48000\na=rtpmap:126 telephone-event/8000";
    assert_eq!(agreed(two).unwrap().telephone_event, Some(126), "RFC 4733 2.6: the clock of the audio");
    assert_eq!(agreed("m=audio 4 RTP/AVP 0 110\na=rtpmap:110 telephone-event/48000").unwrap().telephone_event, None);
    assert_eq!(agreed("m=audio 4 RTP/AVP 0\na=rtpmap:101 telephone-event/8000").unwrap().telephone_event, None, "not in the m= line");
}

#[test]
fn other_media_lines_are_refused_in_their_places() {
    let media = "m=video 6000 RTP/AVP 31 34\nm=audio 0 RTP/AVP 0\nm=audio 4 RTP/SAVP 0\nm=audio 5 RTP/AVP 0\nm=audio 7 RTP/AVP 8\n\
        m=application 9 UDP/BFCP *\n";
    let (text, agreed) = answered(media, Direction::SendRecv).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("m=")).collect();
    let expected = [
        "m=video 0 RTP/AVP 31 34",
        "m=audio 0 RTP/AVP 0",
        "m=audio 0 RTP/SAVP 0",
        "m=audio 20000 RTP/AVP 0",
        "m=audio 0 RTP/AVP 8",
        "m=application 0 UDP/BFCP *",
    ];
    assert_eq!(lines, expected, "RFC 3264 6");
    assert_eq!(agreed.remote.port(), 5);
}

#[test]
fn an_answer_is_never_wider_than_the_offer() {
    use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
    let table = [
        ("sendrecv", SendRecv, SendRecv),
        ("sendonly", SendRecv, RecvOnly),
        ("recvonly", SendRecv, SendOnly),
        ("inactive", SendRecv, Inactive),
        ("sendrecv", SendOnly, SendOnly),
        ("sendonly", SendOnly, Inactive),
        ("recvonly", SendOnly, SendOnly),
        ("sendrecv", Inactive, Inactive),
    ];
    for (offered, wanted, expected) in table {
        let (text, agreed) = answered(&format!("m=audio 4 RTP/AVP 0\na={offered}"), wanted).unwrap();
        assert_eq!(agreed.direction, expected, "RFC 3264 6.1: {offered} wanted {wanted:?}");
        assert_eq!(parse(text.as_bytes()).unwrap().media[0].direction, expected);
    }
}

#[test]
fn the_old_way_of_holding_stops_our_sending() {
    let held = agreed("m=audio 4 RTP/AVP 0\nc=IN IP4 0.0.0.0").unwrap();
    assert_eq!(held.direction, Direction::RecvOnly, "RFC 3264 8.4");
    assert!(held.remote.ip().is_unspecified());
    let held = agreed("m=audio 4 RTP/AVP 0\nc=IN IP4 0.0.0.0\na=sendonly").unwrap();
    assert_eq!(held.direction, Direction::RecvOnly);
}

#[test]
fn what_cannot_be_taken_is_refused_with_its_reason_and_warning() {
    let table = [
        ("", Unacceptable::NoAudio, 304),
        ("m=audio 0 RTP/AVP 0", Unacceptable::PortZero, 304),
        ("m=audio 4 RTP/SAVPF 0", Unacceptable::Protocol, 302),
        ("m=audio 4 RTP/AVP 0\nc=IN IP4 phone.example", Unacceptable::NoAddress, 300),
        ("m=audio 4 RTP/AVP 0\nc=IN IP6 2001:db8::1", Unacceptable::AddressFamily, 300),
        ("m=audio 4 RTP/AVP 0\nc=IN IP4 224.2.1.1/127", Unacceptable::Multicast, 330),
        ("m=audio 4 RTP/AVP 0\nc=IN IP4 255.255.255.255", Unacceptable::Multicast, 330),
        ("m=audio 4 RTP/AVP 9 18 101", Unacceptable::NoCommonCodec, 305),
    ];
    for (media, why, warning) in table {
        assert_eq!(agreed(media), Err(why), "{media}");
        assert_eq!(why.warning_code(), warning, "RFC 3261 20.43");
    }
}

#[test]
fn our_offer_and_its_answer_agree_on_both_sides() {
    let ours = local(&BOTH);
    let theirs = Local { address: "203.0.113.5:40000".parse().unwrap(), codecs: &[Codec::Pcmu], ..ours };
    let offered = parse(&offer(&ours, Direction::SendRecv)).unwrap();
    assert_eq!(offered.media[0].formats, ["8", "0", "101"]);
    let (text, at_theirs) = answer(&offered, &theirs, Direction::SendOnly).unwrap();
    let at_ours = accept(&parse(&text).unwrap(), &ours, Direction::SendRecv).unwrap();
    assert_eq!((at_ours.codec, at_theirs.codec), (Codec::Pcmu, Codec::Pcmu));
    assert_eq!((at_ours.direction, at_theirs.direction), (Direction::RecvOnly, Direction::SendOnly));
    assert_eq!((at_ours.remote, at_theirs.remote), (theirs.address, ours.address));
    assert_eq!((at_ours.telephone_event, at_theirs.telephone_event), (Some(101), Some(101)));
}

#[test]
fn an_ipv6_offer_and_answer_say_so() {
    let ours = Local { address: "[2001:db8::9]:20000".parse().unwrap(), ..local(&BOTH) };
    let text = String::from_utf8(offer(&ours, Direction::SendRecv)).unwrap();
    assert!(text.contains("c=IN IP6 2001:db8::9\r\n"), "RFC 8866 5.7: {text}");
    let theirs = parse(b"v=0\nc=IN IP6 ::1\nm=audio 4 RTP/AVP 0").unwrap();
    assert_eq!(answer(&theirs, &ours, Direction::SendRecv).map(|(_, agreed)| agreed.remote), Ok("[::1]:4".parse().unwrap()));
}

#[test]
fn an_answer_repeats_the_offers_time() {
    let offer = parse(b"v=0\nt=3034423619 3042462419\nc=IN IP4 1.2.3.4\nm=audio 4 RTP/AVP 0").unwrap();
    let (text, _) = answer(&offer, &local(&BOTH), Direction::SendRecv).unwrap();
    assert!(String::from_utf8(text).unwrap().contains("\r\nt=3034423619 3042462419\r\n"), "RFC 3264 6");
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("m=audio 4 RTP/AVP 0 8 101".to_owned()),
        Just("c=IN IP4 192.0.2.1".to_owned()),
        Just("a=rtpmap:101 telephone-event/8000".to_owned()),
        "[a-z]=[ -~]{0,40}",
        "m=(audio|video) [0-9]{1,6} (RTP/AVP|x)( [0-9*]{1,4}){0,4}",
        "c=IN IP[46] [0-9a-f.:/]{0,20}",
        "a=(rtpmap:[0-9]{1,3} (PCMU|PCMA|telephone-event)/[0-9]{1,5}|sendonly|inactive|ptime:[0-9]{0,4})",
        "[ -~]{0,10}",
    ]
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _read = parse(&bytes);
        let _read = parse(&[b"v=0\n", &bytes[..]].concat());
    }

    #[test]
    fn whatever_is_read_and_answered_gives_a_readable_answer_with_as_many_lines(lines in proptest::collection::vec(line(), 0..20)) {
        if let Ok(offer) = parse(format!("v=0\n{}", lines.join("\n")).as_bytes())
            && let Ok((text, agreed)) = answer(&offer, &local(&BOTH), Direction::SendRecv)
        {
            prop_assert!(text.len() < MAX_BYTES);
            let answer = parse(&text).unwrap();
            prop_assert_eq!(answer.media.len(), offer.media.len());
            prop_assert_eq!(answer.media.iter().filter(|media| media.port != 0).count(), 1);
            prop_assert!(BOTH.contains(&agreed.codec));
        }
    }
}
