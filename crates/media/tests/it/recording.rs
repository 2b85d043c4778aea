//! What a caller says after the tone, as whoever stores it gets it.

use crate::desk::{Desk, id, rtp, setup};
use hotline_media::{Command, Event, RecordEnd, RecordOrder, Setup, Take, g711};
use hotline_model::history::{Codec, Direction};
use std::time::Duration;

const LOUD: i16 = 4000;

fn order(longest_ms: u64, silence_ms: u64) -> RecordOrder {
    let (longest, silence) = (Duration::from_millis(longest_ms), Duration::from_millis(silence_ms));
    RecordOrder { record: 9, file: "1-0-1.wav".into(), longest, silence, shortest: Duration::ZERO }
}

fn recording(longest_ms: u64, silence_ms: u64) -> Desk {
    let mut desk = Desk::new(1);
    desk.command(Command::Record { stream: id(0), order: order(longest_ms, silence_ms) });
    desk
}

/// A packet of 20 ms, loud or silent, with its number in the first sample's size.
fn packet(codec: Codec, number: u16, sample: i16) -> Vec<u8> {
    let bytes: Vec<u8> = (0..160).map(|place| g711::encode(codec, if place % 2 == 0 { sample } else { -sample })).collect();
    let payload_type = if codec == Codec::Pcmu { 0 } else { 8 };
    rtp(payload_type, number, u32::from(number).wrapping_mul(160), 5000, &bytes)
}

/// Says something for so many packets, in time.
fn speak(desk: &mut Desk, numbers: std::ops::Range<u16>, sample: i16) {
    for number in numbers {
        desk.datagram(0, packet(Codec::Pcmu, number, sample));
        desk.pass(20);
    }
}

fn recorded(desk: &mut Desk) -> Option<(RecordEnd, u32, u32)> {
    desk.take_events().into_iter().find_map(|event| {
        let Event::Recorded { record: 9, end, length_ms, spoken_ms, .. } = event else { return None };
        Some((end, length_ms, spoken_ms))
    })
}

/// All samples, and how many of them are to be cut off.
fn taken(desk: &Desk) -> (Vec<i16>, u64) {
    let (mut samples, mut cut) = (Vec::new(), 0);
    for (_, take) in &desk.takes {
        match take {
            Take::Begin { .. } => assert!(samples.is_empty()),
            Take::Sound { samples: more } => samples.extend(more),
            Take::End { cut: end } => cut = *end,
            Take::Discard { .. } => samples.clear(),
        }
    }
    (samples, cut)
}

/// Which frames of 20 ms are loud.
fn loud(samples: &[i16]) -> Vec<bool> {
    samples.chunks(160).map(|frame| frame.iter().map(|sample| i64::from(*sample).abs()).sum::<i64>() / 160 > 1000).collect()
}

#[test]
fn what_is_said_until_the_key_is_stored_whole_in_both_laws() {
    for codec in [Codec::Pcmu, Codec::Pcma] {
        let mut desk = Desk::new(1);
        let payload_type = if codec == Codec::Pcmu { 0 } else { 8 };
        desk.command(Command::Modify { stream: id(0), setup: Setup { codec, payload_type, ..setup(0) } });
        desk.command(Command::Record { stream: id(0), order: order(120_000, 6_000) });
        for number in 0..100 {
            desk.datagram(0, packet(codec, number, LOUD));
            desk.pass(20);
        }
        desk.command(Command::StopRecord { stream: id(0) });
        assert_eq!(recorded(&mut desk), Some((RecordEnd::Stopped, 2000, 2000)));
        let (samples, cut) = taken(&desk);
        assert_eq!((samples.len(), cut), (16_000, 0));
        assert!(samples.iter().all(|sample| (i32::from(sample.unsigned_abs()) - i32::from(LOUD)).abs() < 150), "{codec:?}");
        assert!(matches!(desk.takes.first(), Some((_, Take::Begin { file })) if &**file == "1-0-1.wav"));
        assert!(matches!(desk.takes.last(), Some((_, Take::End { .. }))));
    }
}

#[test]
fn packets_lost_late_and_out_of_order_leave_everything_else_in_its_place() {
    let mut desk = recording(120_000, 6_000);
    let order = [0u16, 1, 3, 2, 4, 6, 7, 12, 8, 9, 11, 10, 13, 14, 15, 16, 17, 18, 19];
    for number in order {
        desk.datagram(0, packet(Codec::Pcmu, number, if number % 2 == 0 { LOUD } else { 0 }));
        desk.pass(20);
    }
    desk.pass(1_000);
    desk.datagram(0, packet(Codec::Pcmu, 5, LOUD));
    desk.command(Command::StopRecord { stream: id(0) });
    let heard = loud(&taken(&desk).0);
    let said: Vec<bool> = (0..20).map(|number| number % 2 == 0 && number != 5).collect();
    assert_eq!(heard[..20], said[..], "5 was lost, and came when its place was written");
    assert!(heard[20..].iter().all(|loud| !loud));
}

#[test]
fn silence_ends_it_and_most_of_the_silence_is_cut_off() {
    let mut desk = recording(120_000, 3_000);
    speak(&mut desk, 0..100, LOUD);
    speak(&mut desk, 100..400, 0);
    let (end, length, spoken) = recorded(&mut desk).expect("it ended");
    assert_eq!((end, length, spoken), (RecordEnd::Silence, 2500, 2000), "the length is that of what stays");
    let (samples, cut) = taken(&desk);
    assert_eq!(samples.len() as u64 - cut, 2_500 * 8, "half a second of it stays");
    assert!((5_000..5_200).contains(&(samples.len() / 8)), "{}", samples.len());
}

#[test]
fn a_phone_that_sends_nothing_while_nobody_speaks_is_silent_and_not_short() {
    let mut desk = recording(120_000, 5_000);
    speak(&mut desk, 0..50, LOUD);
    desk.pass(2_000);
    speak(&mut desk, 150..200, LOUD);
    desk.pass(8_000);
    let (end, _, spoken) = recorded(&mut desk).expect("it ended");
    assert_eq!((end, spoken), (RecordEnd::Silence, 2000));
    let heard = loud(&taken(&desk).0);
    assert_eq!((heard[49], heard[50], heard[149], heard[150], heard[199], heard[200]), (true, false, false, true, true, false));
}

#[test]
fn the_noise_of_a_line_is_no_speech_and_a_tone_without_end_is_noise() {
    let mut noisy = recording(120_000, 3_000);
    speak(&mut noisy, 0..10, 300);
    assert_eq!(recorded(&mut noisy), None);
    for number in 10..200u16 {
        let sample = if (50..100).contains(&number) { LOUD } else { 250 + (number % 7) as i16 * 12 };
        speak(&mut noisy, number..number + 1, sample);
    }
    assert_eq!(recorded(&mut noisy), None, "somebody spoke a second ago");
    speak(&mut noisy, 200..400, 300);
    let (end, _, spoken) = recorded(&mut noisy).expect("it ended");
    assert!(end == RecordEnd::Silence && (1_000..1_200).contains(&spoken), "{spoken}");

    let mut busy_tone = recording(600_000, 6_000);
    speak(&mut busy_tone, 0..15_000, 6000);
    assert!(matches!(recorded(&mut busy_tone), Some((RecordEnd::Silence, ..))), "a tone that never pauses ends before 5 minutes");
}

#[test]
fn a_caller_who_says_nothing_leaves_nothing() {
    let mut desk = recording(120_000, 6_000);
    desk.pass(7_000);
    let (end, _, spoken) = recorded(&mut desk).expect("it ended");
    assert_eq!((end, spoken), (RecordEnd::Silence, 0));
}

#[test]
fn the_longest_is_kept_to_the_frame_and_no_more() {
    let mut desk = recording(10_000, 6_000);
    speak(&mut desk, 0..600, LOUD);
    assert_eq!(recorded(&mut desk), Some((RecordEnd::Longest, 10_000, 10_000)));
    assert_eq!(taken(&desk).0.len(), 80_000);
}

#[test]
fn hanging_up_keeps_what_was_said_and_closes_the_stream_after_it() {
    let mut desk = recording(120_000, 6_000);
    speak(&mut desk, 0..150, LOUD);
    desk.command(Command::Close { stream: id(0) });
    let events = desk.take_events();
    let place = |wanted: fn(&Event) -> bool| events.iter().position(wanted).expect("it was told");
    assert!(
        place(|event| matches!(event, Event::Recorded { end: RecordEnd::Closed, .. }))
            < place(|event| matches!(event, Event::Closed { .. }))
    );
    assert_eq!(taken(&desk).0.len(), 24_000);
    assert_eq!(desk.worker.poll_timeout(), None);
}

#[test]
fn a_hold_in_the_middle_is_left_out_and_ends_nothing() {
    let mut desk = recording(120_000, 3_000);
    speak(&mut desk, 0..50, LOUD);
    desk.command(Command::Modify { stream: id(0), setup: Setup { direction: Direction::SendOnly, ..setup(0) } });
    desk.pass(20_000);
    assert_eq!(recorded(&mut desk), None);
    desk.command(Command::Modify { stream: id(0), setup: setup(0) });
    speak(&mut desk, 1_050..1_100, LOUD);
    desk.command(Command::StopRecord { stream: id(0) });
    assert_eq!(recorded(&mut desk), Some((RecordEnd::Stopped, 2000, 2000)));
    assert!(loud(&taken(&desk).0).iter().all(|loud| *loud));
}

#[test]
fn a_re_invite_to_another_law_and_another_phone_goes_on_in_the_same_recording() {
    let mut desk = recording(120_000, 6_000);
    speak(&mut desk, 0..50, LOUD);
    let remote = std::net::SocketAddr::from(([192, 0, 2, 9], 50_000));
    desk.command(Command::Modify { stream: id(0), setup: Setup { codec: Codec::Pcma, payload_type: 8, remote, ..setup(0) } });
    for number in 0..50u16 {
        let bytes: Vec<u8> = (0..160).map(|place| g711::encode(Codec::Pcma, if place % 2 == 0 { LOUD } else { -LOUD })).collect();
        desk.datagram_from(remote, 0, rtp(8, number, 0x7000_0000 + u32::from(number) * 160, 77, &bytes));
        desk.pass(20);
    }
    desk.command(Command::StopRecord { stream: id(0) });
    assert_eq!(recorded(&mut desk), Some((RecordEnd::Stopped, 2000, 2000)));
    assert!(loud(&taken(&desk).0).iter().all(|loud| *loud));
}

#[test]
fn what_can_not_be_stored_ends_it_and_is_told() {
    let mut desk = recording(120_000, 6_000);
    speak(&mut desk, 0..100, LOUD);
    desk.worker.record_failed(desk.now, id(0));
    desk.command(Command::Stop { stream: id(0) });
    assert!(matches!(recorded(&mut desk), Some((RecordEnd::Failed, ..))));
    desk.worker.record_failed(desk.now, id(0));
    desk.pass(1_000);
    assert_eq!(recorded(&mut desk), None, "once");
}

#[test]
fn who_is_recorded_hears_silence_all_the_while_and_is_sent_nothing_after() {
    let mut desk = recording(120_000, 3_000);
    desk.take_sent();
    speak(&mut desk, 0..50, LOUD);
    let sent = desk.take_sent();
    assert!((49..=51).contains(&sent.len()), "{}", sent.len());
    assert!(sent.iter().all(|sent| sent.packet.payload.iter().all(|byte| *byte == g711::silence(Codec::Pcmu))));
    desk.command(Command::StopRecord { stream: id(0) });
    desk.pass(200);
    assert!(desk.take_sent().len() <= 1);
}

#[test]
fn a_clock_that_jumps_or_drifts_neither_stretches_nor_stops_it() {
    let mut desk = recording(120_000, 6_000);
    speak(&mut desk, 0..50, LOUD);
    for number in 50..100u16 {
        let payload: Vec<u8> = (0..160).map(|place| g711::encode(Codec::Pcmu, if place % 2 == 0 { LOUD } else { -LOUD })).collect();
        desk.datagram(0, rtp(0, number, 0xffff_ff00u32.wrapping_add(u32::from(number) * 160), 5000, &payload));
        desk.pass(20);
    }
    desk.command(Command::StopRecord { stream: id(0) });
    let (_, length, spoken) = recorded(&mut desk).expect("it ended");
    assert!(length == 2000 && spoken >= 1_980, "{length} {spoken}");
}

#[test]
fn who_speaks_for_less_than_the_shortest_leaves_no_file_however_it_ends() {
    let shortest = Duration::from_secs(1);
    type Finish = fn(&mut Desk);
    let ends: [(RecordEnd, Finish); 4] = [
        (RecordEnd::Stopped, |desk| desk.command(Command::StopRecord { stream: id(0) })),
        (RecordEnd::Closed, |desk| desk.command(Command::Close { stream: id(0) })),
        (RecordEnd::Silence, |desk| desk.pass(7_000)),
        (RecordEnd::Failed, |desk| {
            desk.worker.record_failed(desk.now, id(0));
            desk.command(Command::Stop { stream: id(0) });
        }),
    ];
    for (end, finish) in ends {
        for (packets, stays) in [(0, false), (49, false), (50, true)] {
            let mut desk = Desk::new(1);
            desk.command(Command::Record { stream: id(0), order: RecordOrder { shortest, ..order(120_000, 6_000) } });
            speak(&mut desk, 0..packets, LOUD);
            finish(&mut desk);
            desk.pass(20);
            assert!(matches!(recorded(&mut desk), Some((told, ..)) if told == end), "{end:?}");
            let last = desk.takes.last().map(|(_, take)| take);
            let kept = matches!(last, Some(Take::End { .. }));
            let gone = matches!(last, Some(Take::Discard { file }) if &**file == "1-0-1.wav");
            assert_eq!((kept, gone), (stays, !stays), "{packets} packets, {end:?}: {last:?}");
        }
    }
}

#[test]
fn packets_that_each_have_a_source_of_their_own_do_not_make_it_grow_beyond_two_seconds() {
    let mut desk = recording(600_000, 6_000);
    let loud: Vec<u8> = (0..160).map(|_| g711::encode(Codec::Pcmu, LOUD)).collect();
    for number in 0..5_000u16 {
        desk.datagram(0, rtp(0, number, 0, 10_000 + u32::from(number), &loud));
    }
    desk.pass(100);
    desk.command(Command::StopRecord { stream: id(0) });
    let (_, length, _) = recorded(&mut desk).expect("it ended");
    assert!((2_000..2_200).contains(&length), "100 s of sound came in 100 ms, and {length} ms were kept");
    let mut desk = recording(600_000, 6_000);
    for number in 0..100u16 {
        desk.datagram(0, rtp(0, number, 0, 10_000 + u32::from(number), &loud));
        desk.pass(20);
    }
    desk.command(Command::StopRecord { stream: id(0) });
    assert_eq!(taken(&desk).0.len(), 16_000, "in their time all are kept");
}
