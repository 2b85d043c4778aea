//! Session descriptions that nobody here wrote.

use hotline_model::history::{Codec, Direction};
use hotline_sdp::{Local, Unacceptable, answer, parse};
use std::path::PathBuf;

fn inputs() -> PathBuf {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/inputs");
    std::env::var_os("HOTLINE_TEST_INPUTS").map_or_else(|| default.into(), PathBuf::from)
}

/// The first way we would take each file's audio, or why not.
const EXPECTED: [(&str, Result<Codec, Unacceptable>); 26] = [
    ("sdp/alac.sdp", Err(Unacceptable::PortZero)),
    ("sdp/bfcp.sdp", Err(Unacceptable::NoCommonCodec)),
    ("sdp/dante-aes67.sdp", Err(Unacceptable::Multicast)),
    ("sdp/extmap-encrypt.sdp", Err(Unacceptable::Protocol)),
    ("sdp/hacky.sdp", Err(Unacceptable::Protocol)),
    ("sdp/icelite.sdp", Err(Unacceptable::Protocol)),
    ("sdp/invalid.sdp", Ok(Codec::Pcmu)),
    ("sdp/jsep.sdp", Err(Unacceptable::Protocol)),
    ("sdp/jssip.sdp", Err(Unacceptable::Protocol)),
    ("sdp/mediaclk-avbtp.sdp", Err(Unacceptable::Multicast)),
    ("sdp/mediaclk-ptp-v2-w-rate.sdp", Err(Unacceptable::Multicast)),
    ("sdp/mediaclk-ptp-v2.sdp", Err(Unacceptable::Multicast)),
    ("sdp/mediaclk-rtp.sdp", Err(Unacceptable::Multicast)),
    ("sdp/normal.sdp", Err(Unacceptable::Protocol)),
    ("sdp/onvif.sdp", Err(Unacceptable::PortZero)),
    ("sdp/rtcp-fb.sdp", Err(Unacceptable::NoCommonCodec)),
    ("sdp/sctp-dtls-26.sdp", Err(Unacceptable::NoAudio)),
    ("sdp/simulcast.sdp", Ok(Codec::Pcmu)),
    ("sdp/ssrc.sdp", Err(Unacceptable::Protocol)),
    ("sdp/st2022-6.sdp", Err(Unacceptable::NoAudio)),
    ("sdp/st2110-20.sdp", Err(Unacceptable::NoAudio)),
    ("sdp/tcp-active.sdp", Err(Unacceptable::NoAudio)),
    ("sdp/tcp-passive.sdp", Err(Unacceptable::NoAudio)),
    ("sdp/ts-refclk-media.sdp", Err(Unacceptable::Multicast)),
    ("sdp/ts-refclk-sess.sdp", Err(Unacceptable::Multicast)),
    ("browser/chromium156_offer.sdp", Err(Unacceptable::Protocol)),
];

#[test]
fn browsers_cameras_and_broadcast_gear_are_read_and_answered_or_refused_with_the_right_reason() {
    if !inputs().is_dir() {
        eprintln!("not run: no session descriptions in {}", inputs().display());
        return;
    }
    let local = Local {
        address: "192.0.2.9:20000".parse().unwrap(),
        session: 1,
        version: 1,
        codecs: &[Codec::Pcma, Codec::Pcmu],
        telephone_event: 101,
    };
    for (file, expected) in EXPECTED {
        let bytes = std::fs::read(inputs().join(file)).unwrap();
        let session = parse(&bytes).unwrap_or_else(|error| panic!("{file}: {error}"));
        let answered = answer(&session, &local, Direction::SendRecv);
        assert_eq!(answered.as_ref().map(|(_, agreed)| agreed.codec).map_err(|why| *why), expected, "{file}");
        if let Ok((text, _)) = answered {
            let lines = parse(&text).unwrap().media.len();
            assert_eq!(lines, session.media.len(), "{file}: RFC 3264 6, as many m= lines");
        }
    }
}

#[test]
fn a_cut_description_is_read_or_refused_but_never_a_panic() {
    let Ok(files) = std::fs::read_dir(inputs().join("sdp")) else {
        eprintln!("not run: no session descriptions in {}", inputs().display());
        return;
    };
    for file in files {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for end in 0..bytes.len() {
            let _read = parse(&bytes[..end]);
        }
    }
}
