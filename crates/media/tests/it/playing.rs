use crate::desk::{Desk, clip, id, ms, peer, read, setup};
use hotline_media::{Clip, Command, Event, Lease, Output, Setup, StreamId, Worker};
use hotline_model::history::{Codec, Direction};
use std::sync::Arc;

fn played(n: u32, play: u64, interrupted: bool) -> Event {
    Event::Played { stream: id(n), play, interrupted }
}

fn begun(n: u32, play: u64) -> Event {
    Event::Begun { stream: id(n), play }
}

#[test]
fn a_clip_goes_out_as_fifty_packets_a_second_of_one_marked_talkspurt() {
    let mut desk = Desk::new(1);
    desk.play(0, 1, &[clip("welcome", 0, 50)], true, false);
    desk.pass(2000);
    let sent = desk.take_sent();
    assert_eq!(sent.len(), 50);
    for (index, pair) in sent.windows(2).enumerate() {
        let (one, next) = (&pair[0], &pair[1]);
        assert_eq!(next.at_ms - one.at_ms, 20);
        assert_eq!(next.packet.header.timestamp.wrapping_sub(one.packet.header.timestamp), 160, "RFC 3551 4.1");
        assert_eq!(next.packet.header.sequence_number.wrapping_sub(one.packet.header.sequence_number), 1);
        assert_eq!(one.packet.header.marker, index == 0, "RFC 3551 4.1");
        assert_eq!(one.packet.payload[..], [index as u8; 160]);
    }
    assert!(sent.iter().all(|sent| sent.packet.header.ssrc == 1000 && sent.to == peer(0) && sent.packet.header.payload_type == 0));
    assert_eq!(sent[0].packet.header.sequence_number, 65_530);
    assert_eq!(desk.take_events(), [begun(0, 1), played(0, 1, false)]);
}

#[test]
fn clips_follow_each_other_without_a_gap_and_music_follows_them() {
    let mut desk = Desk::new(1);
    desk.play(0, 1, &[clip("one", 1, 2), clip("empty", 0, 0), clip("two", 11, 1)], false, true);
    desk.pass(100);
    let sent = desk.take_sent();
    let bytes: Vec<u8> = sent.iter().map(|sent| sent.packet.payload[0]).collect();
    assert_eq!(bytes[..3], [1, 2, 11]);
    assert!(bytes[3..].iter().all(|&byte| byte >= 200) && bytes.len() == 5, "{bytes:?}");
    assert_eq!(sent.iter().filter(|sent| sent.packet.header.marker).count(), 1, "one talkspurt");
    assert_eq!(desk.take_events(), [begun(0, 1), played(0, 1, false)]);
}

#[test]
fn another_play_or_stop_interrupts_and_nothing_to_play_is_played_at_once() {
    let mut desk = Desk::new(1);
    desk.play(0, 1, &[clip("one", 1, 50)], false, true);
    desk.pass(100);
    desk.play(0, 2, &[clip("two", 100, 50)], false, false);
    assert_eq!(desk.take_events(), [begun(0, 1), played(0, 1, true)]);
    desk.take_sent();
    desk.pass(40);
    assert_eq!(desk.heard(), [100, 101]);
    desk.command(Command::Stop { stream: id(0) });
    desk.command(Command::Stop { stream: id(0) });
    assert_eq!(desk.take_events(), [begun(0, 2), played(0, 2, true)]);
    desk.pass(1000);
    assert!(desk.take_sent().is_empty(), "an interrupted play brings no music");
    desk.play(0, 3, &[], false, true);
    assert_eq!(desk.take_events(), [played(0, 3, false)]);
    desk.pass(20);
    assert!(desk.heard()[0] >= 200);
}

#[test]
fn a_play_begins_when_its_first_packet_leaves_and_is_told_once_r10_k2() {
    let mut desk = Desk::new(1);
    desk.play(0, 1, &[clip("one", 1, 3), clip("two", 11, 3)], false, true);
    assert_eq!(desk.take_events(), [], "nothing has left");
    desk.pass(20);
    assert_eq!((desk.take_sent().len(), desk.take_events()), (1, vec![begun(0, 1)]));
    desk.pass(60);
    assert_eq!(desk.take_events(), [], "neither with the second clip");
    desk.pass(1_000);
    assert_eq!(desk.take_events(), [played(0, 1, false)], "nor with the music");
}

#[test]
fn a_play_that_is_cut_off_before_its_first_packet_or_may_not_be_sent_never_begins_r10() {
    let mut desk = Desk::new(2);
    desk.play(0, 1, &[clip("one", 1, 3)], false, false);
    desk.play(0, 2, &[clip("two", 11, 3)], false, false);
    desk.pass(100);
    assert_eq!(desk.take_events(), [played(0, 1, true), begun(0, 2), played(0, 2, false)]);
    desk.command(Command::Modify { stream: id(1), setup: Setup { direction: Direction::RecvOnly, ..setup(1) } });
    desk.play(1, 3, &[clip("one", 1, 5)], false, false);
    desk.pass(60);
    assert_eq!(desk.take_events(), [], "the peer holds us");
    desk.command(Command::Modify { stream: id(1), setup: setup(1) });
    desk.pass(200);
    assert_eq!(desk.take_events(), [begun(1, 3), played(1, 3, false)], "it hears the rest");
}

#[test]
fn timestamps_tell_the_time_between_two_prompts() {
    let mut desk = Desk::new(1);
    desk.play(0, 1, &[clip("one", 1, 1)], false, false);
    desk.pass(3000);
    desk.play(0, 2, &[clip("two", 2, 1)], false, false);
    desk.pass(1000);
    let sent = desk.take_sent();
    let elapsed = sent[1].at_ms - sent[0].at_ms;
    let units = sent[1].packet.header.timestamp.wrapping_sub(sent[0].packet.header.timestamp);
    assert_eq!(i64::from(units), elapsed * 8);
    assert!(sent[1].packet.header.marker);
}

#[test]
fn music_is_one_loop_that_all_hear_in_their_own_law() {
    let mut desk = Desk::new(1);
    let law = Setup { codec: Codec::Pcma, payload_type: 8, ..setup(1) };
    desk.command(Command::Open { stream: id(1), lease: Lease(1), setup: law });
    for n in 0..2 {
        desk.command(Command::Music { stream: id(n), on: true });
    }
    desk.pass(1000);
    let sent = desk.take_sent();
    assert_eq!(sent.len(), 100);
    let types: Vec<u8> = sent[..2].iter().map(|sent| sent.packet.header.payload_type).collect();
    assert_eq!(types, [0, 8]);
    assert_eq!(sent[0].packet.payload, sent[1].packet.payload);
    desk.command(Command::Music { stream: id(0), on: false });
    desk.pass(1000);
    assert!(desk.take_sent().iter().all(|sent| sent.lease == 1));
}

#[test]
fn nothing_is_sent_to_a_peer_that_holds_us_and_the_prompt_goes_on_unheard() {
    for held in [
        Setup { direction: Direction::Inactive, ..setup(0) },
        Setup { direction: Direction::RecvOnly, ..setup(0) },
        Setup { remote: "0.0.0.0:40000".parse().unwrap(), ..setup(0) },
    ] {
        let mut desk = Desk::new(1);
        desk.play(0, 1, &[clip("one", 0, 100)], false, false);
        desk.pass(200);
        assert_eq!(desk.heard().len(), 10);
        desk.command(Command::Modify { stream: id(0), setup: held });
        desk.pass(200);
        assert!(desk.take_sent().is_empty());
        desk.command(Command::Modify { stream: id(0), setup: setup(0) });
        desk.pass(2000);
        let sent = desk.take_sent();
        assert_eq!((sent[0].packet.payload[0], sent[0].packet.header.marker), (20, true));
        assert_eq!(desk.take_events(), [begun(0, 1), played(0, 1, false)]);
    }
}

#[test]
fn four_thousand_listeners_are_served_in_small_portions() {
    let listeners = 4000;
    let mut worker = Worker::new(listeners, clip("music", 0, 50));
    for n in 0..listeners {
        worker.command(ms(0), Command::Open { stream: StreamId(n.into()), lease: Lease(n), setup: setup(n % 100) });
        worker.command(ms(0), Command::Music { stream: StreamId(n.into()), on: true });
    }
    let mut total = 0;
    for now in 1..=100 {
        worker.handle_timeout(ms(now));
        let mut packets = 0;
        while let Some(output) = worker.poll_output() {
            packets += usize::from(matches!(output, Output::Packet { .. }));
        }
        assert_eq!(packets, 200, "at {now} ms");
        total += packets;
    }
    assert_eq!(total, 20_000);
}

#[test]
fn a_worker_held_up_drops_old_frames_and_timestamps_still_tell_the_time() {
    let mut desk = Desk::new(1);
    desk.play(0, 1, &[clip("one", 0, 250)], false, false);
    desk.pass(20);
    desk.now = ms(2020);
    desk.pass(20);
    let sent = desk.take_sent();
    assert!(sent.len() < 10, "{}", sent.len());
    let (first, last) = (&sent[0], &sent[sent.len() - 1]);
    let units = last.packet.header.timestamp.wrapping_sub(first.packet.header.timestamp);
    assert!((2000 * 8..=2040 * 8).contains(&units), "{units}");
    assert!(desk.worker.counters().left_out_ms > 1800);
}

#[test]
fn our_own_music_plays_in_whole_frames() {
    let music: Arc<Clip> = Arc::new(hotline_media::music::hold_music());
    let mut worker = Worker::new(1, music);
    worker.command(ms(0), Command::Open { stream: id(0), lease: Lease(0), setup: setup(0) });
    worker.command(ms(0), Command::Music { stream: id(0), on: true });
    worker.handle_timeout(ms(20));
    let Some(Output::Packet { bytes, .. }) = worker.poll_output() else { panic!("a frame is due") };
    assert_eq!(read(bytes).payload.len(), 160);
}
