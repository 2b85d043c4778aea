//! What one party of a conversation hears alone: whispers before a bridge, and the tone while the other side rings.

use crate::desk::{Desk, clip, id, rtp, setup};
use hotline_media::{Command, Event, Setup, tone};
use hotline_model::history::{Codec, Direction};

fn whisper(desk: &mut Desk, n: u32) {
    desk.play(n, 9, &[clip("whisper", 60, 10)], false, false);
}

fn ring_back(desk: &mut Desk, on: bool) {
    desk.command(Command::RingBack { stream: id(0), on });
}

#[test]
fn a_whisper_on_a_bridge_goes_to_that_stream_only_and_its_own_voice_goes_on() {
    let mut desk = Desk::new(2);
    desk.bridge(0, 1);
    desk.audio(0, 1);
    whisper(&mut desk, 1);
    for seq in 2..12 {
        assert!(
            desk.datagram(0, rtp(0, seq, u32::from(seq) * 160, 5000, &[9; 160])).is_none(),
            "the caller's packets are dropped meanwhile"
        );
        let on = desk.audio(1, seq).expect("the agent is heard by the caller");
        assert_eq!((on.lease, on.packet.payload[0]), (0, seq as u8));
    }
    let sent = desk.take_sent();
    assert!(sent.iter().all(|sent| sent.lease == 1), "nobody else is sent a frame");
    assert_eq!(sent.iter().map(|sent| sent.packet.payload[0]).collect::<Vec<u8>>(), (60..70).collect::<Vec<u8>>());
    desk.pass(20);
    assert!(desk.take_events().contains(&Event::Played { stream: id(1), play: 9, interrupted: false }));
}

#[test]
fn after_a_whisper_the_relay_goes_on_in_the_same_sequence_with_a_marker() {
    let mut desk = Desk::new(2);
    desk.bridge(0, 1);
    let before = desk.audio(0, 1).unwrap().packet.header;
    whisper(&mut desk, 1);
    (2..13).for_each(|seq| _ = desk.audio(0, seq));
    let frames = desk.take_sent();
    let (first, last) = (&frames[0].packet.header, &frames.last().unwrap().packet.header);
    let after = desk.audio(0, 13).unwrap().packet.header;
    let steps = |a: &rtp::header::Header, b: &rtp::header::Header| b.sequence_number.wrapping_sub(a.sequence_number);
    assert_eq!((steps(&before, first), steps(first, last)), (1, 9));
    assert!(steps(last, &after) <= 2 && after.marker && first.marker);
    let later = |a: &rtp::header::Header, b: &rtp::header::Header| b.timestamp.wrapping_sub(a.timestamp).cast_signed();
    assert!(later(&before, first) >= 160 && later(last, &after) >= 160, "no two frames at one time");
    assert!(later(&before, &after) <= 13 * 160);
}

#[test]
fn keys_of_the_one_who_hears_a_whisper_are_told_and_cut_it_off_only_if_they_may() {
    for barge_in in [false, true] {
        let mut desk = Desk::new(2);
        desk.bridge(0, 1);
        desk.play(1, 9, &[clip("whisper", 60, 50)], barge_in, false);
        desk.key(1, 1, 160, 5, false, 160);
        desk.key(1, 2, 160, 5, true, 480);
        let events = desk.take_events();
        assert!(events.contains(&Event::Digit { stream: id(1), digit: '5', duration_ms: 60 }));
        assert_eq!(events.contains(&Event::Played { stream: id(1), play: 9, interrupted: true }), barge_in);
        assert_eq!(desk.datagram(0, rtp(0, 1, 160, 5000, &[9; 160])).is_some(), barge_in, "the relay goes on at once");
    }
}

#[test]
fn the_ring_back_tone_begins_with_its_sound_and_comes_again_every_five_seconds() {
    for codec in [Codec::Pcmu, Codec::Pcma] {
        let mut desk = Desk::new(1);
        desk.command(Command::Modify { stream: id(0), setup: Setup { codec, ..setup(0) } });
        desk.pass(3210);
        ring_back(&mut desk, true);
        desk.pass(10_000);
        let heard: Vec<u8> = desk.take_sent().iter().flat_map(|sent| sent.packet.payload.to_vec()).collect();
        let tone = tone::ring_back();
        assert_eq!(heard, [tone.samples(codec), tone.samples(codec)].concat());
        ring_back(&mut desk, false);
        desk.pass(1000);
        assert!(desk.take_sent().is_empty());
    }
}

#[test]
fn the_ring_back_tone_goes_before_music_and_after_prompt_and_bridge() {
    let mut desk = Desk::new(2);
    desk.command(Command::Music { stream: id(0), on: true });
    ring_back(&mut desk, true);
    let tone = tone::ring_back();
    desk.pass(200);
    let heard: Vec<u8> = desk.take_sent().iter().flat_map(|sent| sent.packet.payload.to_vec()).collect();
    assert_eq!(heard, tone.pcmu[..1600]);
    whisper(&mut desk, 0);
    desk.pass(200);
    assert_eq!(desk.heard(), (60..70).collect::<Vec<u8>>());
    desk.pass(20);
    assert_eq!(desk.take_sent()[0].packet.payload[..], tone.pcmu[1600..1760], "it goes on where it was");
    desk.bridge(0, 1);
    desk.pass(200);
    assert!(desk.take_sent().is_empty() && desk.audio(1, 1).is_some());
    desk.command(Command::Unbridge { a: id(0), b: id(1) });
    ring_back(&mut desk, false);
    desk.pass(20);
    assert!(desk.heard().iter().all(|&byte| byte >= 200), "music again");
}

#[test]
fn one_on_hold_is_sent_no_tone() {
    let mut desk = Desk::new(1);
    desk.command(Command::Modify { stream: id(0), setup: Setup { direction: Direction::Inactive, ..setup(0) } });
    ring_back(&mut desk, true);
    desk.pass(500);
    assert!(desk.take_sent().is_empty());
    desk.command(Command::RingBack { stream: id(33), on: true });
    assert_eq!(desk.worker.counters().commands_ignored, 1);
}
