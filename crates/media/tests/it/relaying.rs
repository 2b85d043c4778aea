use crate::desk::{Desk, clip, id, peer, rtp, setup};
use hotline_media::{Command, Lease, Setup};
use hotline_model::history::{Codec, Direction};

#[test]
fn a_bridge_relays_both_ways_under_our_own_numbers() {
    let mut desk = Desk::new(2);
    desk.bridge(0, 1);
    for (from, to) in [(0, 1), (1, 0)] {
        let first = desk.audio(from, 500).unwrap();
        let second = desk.audio(from, 501).unwrap();
        assert_eq!((first.lease, first.to, first.packet.header.ssrc), (to, peer(to), 1000 + to));
        assert_eq!((first.packet.header.sequence_number, second.packet.header.sequence_number), (65_530, 65_531));
        assert_eq!(second.packet.header.timestamp.wrapping_sub(first.packet.header.timestamp), 160);
        assert_eq!((first.packet.header.marker, second.packet.header.marker), (true, false));
        assert_eq!(first.packet.payload[..], [500u16 as u8; 160]);
    }
}

#[test]
fn differing_laws_are_translated_and_equal_ones_pass_untouched() {
    let mut desk = Desk::new(1);
    let alaw = Setup { codec: Codec::Pcma, payload_type: 8, ..setup(1) };
    desk.command(Command::Open { stream: id(1), lease: Lease(1), setup: alaw });
    desk.bridge(0, 1);
    let there = desk.datagram(0, rtp(0, 1, 160, 1, &[0xff, 0x80, 0x00])).unwrap();
    assert_eq!((there.packet.header.payload_type, &there.packet.payload[..]), (8, &[0xd5, 0xaa, 0x2a][..]));
    let back = desk.datagram(1, rtp(8, 1, 160, 1, &[0xd5, 0xaa, 0x2a])).unwrap();
    assert_eq!(back.packet.header.payload_type, 0);
    assert_eq!(back.packet.payload[1..], [0x80, 0x00]);
}

#[test]
fn keys_go_on_to_the_other_leg_under_its_number_or_leave_no_gap() {
    let mut desk = Desk::new(1);
    desk.command(Command::Open { stream: id(1), lease: Lease(1), setup: Setup { telephone_event: Some(96), ..setup(1) } });
    desk.bridge(0, 1);
    let speech = desk.audio(0, 1).unwrap();
    let key = desk.key(0, 2, 320, 5, false, 160).unwrap();
    assert_eq!((key.packet.header.payload_type, key.packet.payload.len()), (96, 4));
    assert_eq!(key.packet.header.timestamp.wrapping_sub(speech.packet.header.timestamp), 160);
    desk.command(Command::Modify { stream: id(1), setup: Setup { telephone_event: None, ..setup(1) } });
    assert!(desk.key(0, 3, 320, 5, true, 320).is_none());
    let speech = desk.audio(0, 4).unwrap();
    assert_eq!(speech.packet.header.sequence_number, key.packet.header.sequence_number.wrapping_add(1));
}

#[test]
fn keys_that_are_kept_are_told_and_leave_no_gap_at_the_other_leg() {
    let mut desk = Desk::new(2);
    desk.bridge(0, 1);
    let speech = desk.audio(0, 1).unwrap();
    desk.command(Command::Keys { stream: id(0), pass: false });
    assert!(desk.key(0, 2, 320, 5, false, 160).is_none() && desk.key(0, 3, 320, 5, true, 320).is_none());
    assert!(desk.take_events().iter().any(|event| matches!(event, hotline_media::Event::Digit { digit: '5', .. })));
    let after = desk.audio(0, 4).unwrap();
    assert_eq!(after.packet.header.sequence_number, speech.packet.header.sequence_number.wrapping_add(1));
    assert!(desk.key(1, 1, 320, 5, false, 160).is_some(), "the other side's go on");
    desk.command(Command::Keys { stream: id(0), pass: true });
    assert!(desk.key(0, 5, 800, 6, false, 160).is_some());
}

#[test]
fn a_prompt_goes_before_the_bridge_and_the_bridge_before_music() {
    let mut desk = Desk::new(2);
    desk.command(Command::Music { stream: id(0), on: true });
    desk.pass(100);
    desk.take_sent();
    desk.bridge(0, 1);
    assert!(desk.audio(1, 1).is_some());
    assert!(desk.take_sent().is_empty(), "no music beside the other party");
    desk.play(0, 9, &[clip("notice", 7, 2)], false, false);
    assert!(desk.audio(1, 2).is_none() && desk.audio(1, 3).is_none());
    let notice = desk.take_sent();
    assert_eq!(notice.len(), 2);
    desk.pass(20);
    let after = desk.audio(1, 4).unwrap();
    assert!(after.packet.header.marker);
    assert_eq!(after.packet.header.sequence_number, notice[1].packet.header.sequence_number.wrapping_add(1));
    assert_eq!(after.packet.header.ssrc, 1000);
    desk.command(Command::Unbridge { a: id(1), b: id(0) });
    assert!(desk.audio(1, 5).is_none());
    assert!(!desk.take_sent().is_empty(), "the music is back");
}

#[test]
fn a_new_bridge_ends_the_old_ones_and_the_listener_hears_one_stream() {
    let mut desk = Desk::new(3);
    desk.bridge(0, 1);
    let before = desk.audio(1, 9).unwrap();
    desk.bridge(0, 2);
    assert!(desk.audio(1, 10).is_none());
    let after = desk.audio(2, 60_000).unwrap();
    assert_eq!(after.packet.header.ssrc, before.packet.header.ssrc);
    assert_eq!(after.packet.header.sequence_number, before.packet.header.sequence_number.wrapping_add(1));
    assert!(after.packet.header.timestamp.wrapping_sub(before.packet.header.timestamp) >= 160);
    desk.command(Command::Unbridge { a: id(0), b: id(1) });
    assert!(desk.audio(2, 60_001).is_some(), "those two are not bridged any more");
    desk.bridge(2, 2);
    desk.bridge(2, 55);
    assert_eq!(desk.worker.counters().commands_ignored, 3);
    desk.command(Command::Close { stream: id(0) });
    assert!(desk.audio(2, 60_002).is_none());
}

#[test]
fn a_held_leg_neither_gets_nor_gives() {
    let mut desk = Desk::new(2);
    desk.bridge(0, 1);
    desk.command(Command::Modify { stream: id(0), setup: Setup { direction: Direction::Inactive, ..setup(0) } });
    assert!(desk.audio(0, 1).is_none() && desk.audio(1, 1).is_none());
    desk.command(Command::Modify { stream: id(0), setup: setup(0) });
    assert!(desk.audio(0, 2).is_some() && desk.audio(1, 2).is_some());
}

#[test]
fn comfort_noise_does_not_go_on() {
    let mut desk = Desk::new(2);
    desk.bridge(0, 1);
    let one = desk.audio(0, 1).unwrap();
    assert!(desk.datagram(0, rtp(13, 2, 320, 5000, &[40])).is_none());
    let two = desk.audio(0, 3).unwrap();
    assert_eq!(two.packet.header.sequence_number, one.packet.header.sequence_number.wrapping_add(1));
}
