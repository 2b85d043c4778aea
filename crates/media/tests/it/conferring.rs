//! Conferences: who hears whom, before what, and what is left when somebody goes.

use crate::desk::{Desk, clip, id, ms, peer, rtp, setup};
use hotline_media::{Command, Event, Lease, MAX_CONFERENCE, Setup, g711};
use hotline_model::history::{Codec, Direction};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Samples of which every sum is told apart from every other, in both laws.
const VOICES: [i16; 4] = [1000, 2000, 4000, 8000];

fn law(n: u32) -> Codec {
    if n.is_multiple_of(2) { Codec::Pcmu } else { Codec::Pcma }
}

fn lawful(n: u32) -> Setup {
    let (codec, payload_type) = if n.is_multiple_of(2) { (Codec::Pcmu, 0) } else { (Codec::Pcma, 8) };
    Setup { codec, payload_type, ..setup(n) }
}

/// Streams of both laws in turn.
fn desk(streams: u32) -> Desk {
    let mut desk = Desk::new(0);
    for n in 0..streams {
        desk.command(Command::Open { stream: id(n), lease: Lease(n), setup: lawful(n) });
    }
    desk
}

fn confer(desk: &mut Desk, streams: &[u32]) {
    desk.command(Command::Conference { streams: streams.iter().map(|&n| id(n)).collect() });
}

/// All of them speak for 20 ms, each with its own voice; what a bridge sends on counts as sent.
fn speak(desk: &mut Desk, seq: u16, speakers: &[u32]) {
    for &n in speakers {
        let sound = [g711::encode(law(n), VOICES[n as usize]); 160];
        let forwarded = desk.datagram(n, rtp(lawful(n).payload_type, seq, u32::from(seq) * 160, 5000 + n, &sound));
        desk.sent.extend(forwarded);
    }
    desk.pass(20);
}

/// Who is heard by each that was sent anything: the voices whose sum it is.
fn who_hears_whom(desk: &mut Desk, among: &[u32]) -> BTreeMap<u32, BTreeSet<u32>> {
    let mut heard = BTreeMap::new();
    for sent in desk.take_sent() {
        let sample = g711::decode(law(sent.lease), sent.packet.payload[80]);
        heard.insert(sent.lease, voices_in(sample.into(), among));
    }
    heard
}

fn voices_in(sample: i32, among: &[u32]) -> BTreeSet<u32> {
    let sets = (0u32..1 << among.len())
        .map(|bits| -> BTreeSet<u32> { among.iter().enumerate().filter(|&(place, _)| bits & 1 << place != 0).map(|(_, &n)| n).collect() });
    let spoken = |n: u32| i32::from(g711::decode(law(n), g711::encode(law(n), VOICES[n as usize])));
    let sum = |set: &BTreeSet<u32>| set.iter().map(|&n| spoken(n)).sum::<i32>();
    sets.min_by_key(|set| (sum(set) - sample).abs()).expect("nobody is a set too")
}

fn sets(of: &[(u32, &[u32])]) -> BTreeMap<u32, BTreeSet<u32>> {
    of.iter().map(|&(n, hears)| (n, hears.iter().copied().collect())).collect()
}

/// They speak for 100 ms; who hears whom in the last frame.
fn round(desk: &mut Desk, seq: &mut u16, speakers: &[u32]) -> BTreeMap<u32, BTreeSet<u32>> {
    for _ in 0..5 {
        *seq += 1;
        desk.take_sent();
        speak(desk, *seq, speakers);
    }
    who_hears_whom(desk, speakers)
}

#[test]
fn three_of_different_laws_hear_the_two_others_each() {
    let (mut desk, mut seq) = (desk(3), 0);
    confer(&mut desk, &[2, 0, 1]);
    assert_eq!(round(&mut desk, &mut seq, &[0, 1, 2]), sets(&[(0, &[1, 2]), (1, &[0, 2]), (2, &[0, 1])]));
    assert_eq!(round(&mut desk, &mut seq, &[1]), sets(&[(0, &[1]), (1, &[]), (2, &[1])]));
}

#[test]
fn four_confer_and_a_fifth_is_refused_by_name_while_all_talk_on() {
    let (mut desk, mut seq) = (desk(5), 0);
    assert_eq!(MAX_CONFERENCE, 4);
    confer(&mut desk, &[0, 1, 2, 3]);
    let all = sets(&[(0, &[1, 2, 3]), (1, &[0, 2, 3]), (2, &[0, 1, 3]), (3, &[0, 1, 2])]);
    assert_eq!(round(&mut desk, &mut seq, &[0, 1, 2, 3]), all);
    desk.take_events();
    confer(&mut desk, &[4, 0, 1, 2, 3]);
    assert_eq!(desk.take_events(), [Event::ConferenceRefused { stream: id(4) }]);
    assert_eq!(round(&mut desk, &mut seq, &[0, 1, 2, 3]), all);
}

#[test]
fn frames_leave_each_20_ms_as_one_rtp_stream_with_the_marker_where_sound_begins() {
    let mut desk = desk(3);
    desk.command(Command::Music { stream: id(0), on: true });
    desk.pass(100);
    let before = desk.take_sent().pop().unwrap().packet.header;
    confer(&mut desk, &[0, 1, 2]);
    desk.pass(200);
    let sent = desk.take_sent();
    let of_0: Vec<_> = sent.iter().filter(|sent| sent.lease == 0).collect();
    assert_eq!((of_0.len(), sent.len()), (10, 30));
    assert!(of_0.windows(2).all(|pair| pair[1].at_ms - pair[0].at_ms == 20));
    assert!(sent.chunks(3).all(|frame| frame.iter().all(|one| one.at_ms == frame[0].at_ms)), "one mix serves all");
    assert!(of_0[0].packet.header.marker && of_0[1..].iter().all(|sent| !sent.packet.header.marker));
    assert_eq!(of_0[0].packet.header.sequence_number, before.sequence_number.wrapping_add(1));
    let step = of_0[0].packet.header.timestamp.wrapping_sub(before.timestamp);
    assert!((160..480).contains(&step), "{step}");
    assert!(of_0.windows(2).all(|pair| pair[1].packet.header.timestamp.wrapping_sub(pair[0].packet.header.timestamp) == 160));
}

#[test]
fn who_leaves_leaves_the_others_talking() {
    let ways: [fn(&mut Desk); 4] = [
        |desk| desk.command(Command::Close { stream: id(1) }),
        |desk| desk.command(Command::Unbridge { a: id(1), b: id(0) }),
        |desk| desk.bridge(1, 4),
        |desk| confer(desk, &[1, 4, 5]),
    ];
    for leave in ways {
        let (mut desk, mut seq) = (desk(6), 0);
        confer(&mut desk, &[0, 1, 2, 3]);
        leave(&mut desk);
        let heard = round(&mut desk, &mut seq, &[0, 2, 3]);
        assert_eq!(
            heard.into_iter().filter(|(n, _)| [0, 2, 3].contains(n)).collect::<BTreeMap<_, _>>(),
            sets(&[(0, &[2, 3]), (2, &[0, 3]), (3, &[0, 2])])
        );
        desk.command(Command::Unbridge { a: id(0), b: id(2) });
        let relayed = desk.datagram(2, rtp(0, seq + 1, u32::from(seq + 1) * 160, 5002, &[7; 160])).expect("two are a bridge again");
        assert_eq!(relayed.lease, 3);
        let sent: Vec<u32> = {
            desk.take_sent();
            desk.pass(100);
            desk.take_sent().iter().map(|sent| sent.lease).collect()
        };
        assert!(sent.iter().all(|n| ![0, 2, 3].contains(n)), "a bridge has no frames of its own: {sent:?}");
        desk.command(Command::Close { stream: id(3) });
        assert!(desk.datagram(2, rtp(0, seq + 2, u32::from(seq + 2) * 160, 5002, &[7; 160])).is_none(), "the last one is alone");
    }
}

#[test]
fn two_are_a_bridge_and_one_leaves_whatever_it_was_in() {
    let mut desk = desk(3);
    confer(&mut desk, &[0, 2, 0]);
    assert_eq!(desk.audio(0, 1).map(|sent| sent.lease), Some(2));
    assert_eq!(desk.worker.poll_timeout().map(|at| at >= ms(1000)), Some(true), "nothing but the watch over silence is due");
    confer(&mut desk, &[0]);
    assert!(desk.audio(0, 2).is_none());
    let ignored = desk.worker.counters().commands_ignored;
    confer(&mut desk, &[]);
    confer(&mut desk, &[0, 40, 2]);
    assert_eq!(desk.worker.counters().commands_ignored - ignored, 2);
    assert_eq!(desk.audio(0, 3).map(|sent| sent.lease), Some(2), "the one that is not there is left out");
}

#[test]
fn a_pair_becomes_three_and_a_pair_again_and_the_streams_stay_one_sequence() {
    let (mut desk, mut seq) = (desk(3), 0);
    desk.bridge(0, 1);
    let pair = sets(&[(0, &[1]), (1, &[0])]);
    assert_eq!(round(&mut desk, &mut seq, &[0, 1]), pair);
    desk.take_sent();
    let mut seqs = vec![];
    for streams in [&[0, 1, 2][..], &[0, 1]] {
        confer(&mut desk, streams);
        for _ in 0..5 {
            seq += 1;
            speak(&mut desk, seq, &[0, 1, 2]);
        }
        seqs.extend(desk.take_sent().iter().filter(|sent| sent.lease == 1).map(|sent| sent.packet.header.sequence_number));
    }
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)), "{seqs:?}");
    assert_eq!(seqs.len(), 10);
}

#[test]
fn a_prompt_to_one_is_heard_by_nobody_else_and_its_own_voice_goes_on() {
    let (mut desk, mut seq) = (desk(3), 0);
    confer(&mut desk, &[0, 1, 2]);
    round(&mut desk, &mut seq, &[0, 1, 2]);
    desk.take_events();
    desk.play(1, 3, &[clip("whisper", 60, 7)], false, false);
    let mut whispered = 0;
    for _ in 0..7 {
        seq += 1;
        desk.take_sent();
        speak(&mut desk, seq, &[0, 1, 2]);
        let sent = desk.take_sent();
        whispered += sent.iter().filter(|sent| sent.lease == 1 && (60..67).contains(&sent.packet.payload[0])).count();
        desk.sent = sent.into_iter().filter(|sent| sent.lease != 1).collect();
        assert_eq!(who_hears_whom(&mut desk, &[0, 1, 2]), sets(&[(0, &[1, 2]), (2, &[0, 1])]));
    }
    assert_eq!(whispered, 7);
    let after = round(&mut desk, &mut seq, &[0, 1, 2]);
    assert_eq!(after, sets(&[(0, &[1, 2]), (1, &[0, 2]), (2, &[0, 1])]), "and at once the conversation again");
    let begun = Event::Begun { stream: id(1), play: 3 };
    assert_eq!(desk.take_events(), [begun, Event::Played { stream: id(1), play: 3, interrupted: false }]);
}

#[test]
fn music_and_ring_back_wait_beneath_the_conference() {
    let (mut desk, mut seq) = (desk(3), 0);
    desk.command(Command::Music { stream: id(0), on: true });
    desk.command(Command::RingBack { stream: id(1), on: true });
    confer(&mut desk, &[0, 1, 2]);
    let all = sets(&[(0, &[1, 2]), (1, &[0, 2]), (2, &[0, 1])]);
    assert_eq!(round(&mut desk, &mut seq, &[0, 1, 2]), all);
    desk.command(Command::Close { stream: id(2) });
    desk.command(Command::Unbridge { a: id(0), b: id(1) });
    desk.take_sent();
    desk.pass(20);
    assert_eq!(desk.take_sent().iter().map(|sent| sent.lease).collect::<BTreeSet<_>>(), BTreeSet::from([0, 1]));
}

#[test]
fn keys_are_told_and_not_passed_on() {
    let mut desk = desk(3);
    confer(&mut desk, &[0, 1, 2]);
    desk.take_events();
    assert!(desk.key(1, 1, 160, 9, false, 160).is_none() && desk.key(1, 2, 160, 9, true, 480).is_none());
    desk.pass(40);
    assert!(desk.take_sent().iter().all(|sent| sent.packet.header.payload_type != 101));
    let digits: Vec<Event> = desk.take_events().into_iter().filter(|event| matches!(event, Event::Digit { .. })).collect();
    assert_eq!(digits, [Event::Digit { stream: id(1), digit: '9', duration_ms: 60 }]);
}

#[test]
fn one_on_hold_is_sent_nothing_and_one_not_received_is_not_heard() {
    let (mut desk, mut seq) = (desk(3), 0);
    confer(&mut desk, &[0, 1, 2]);
    desk.command(Command::Modify { stream: id(0), setup: Setup { direction: Direction::Inactive, ..lawful(0) } });
    assert_eq!(round(&mut desk, &mut seq, &[0, 1, 2]), sets(&[(1, &[2]), (2, &[1])]));
    desk.command(Command::Modify { stream: id(0), setup: lawful(0) });
    assert_eq!(round(&mut desk, &mut seq, &[0, 1, 2]), sets(&[(0, &[1, 2]), (1, &[0, 2]), (2, &[0, 1])]));
}

#[test]
fn a_law_agreed_anew_in_the_middle_is_spoken_and_heard() {
    let (mut desk, mut seq) = (desk(3), 0);
    confer(&mut desk, &[0, 1, 2]);
    round(&mut desk, &mut seq, &[0, 1, 2]);
    desk.command(Command::Modify { stream: id(0), setup: Setup { codec: Codec::Pcma, payload_type: 8, ..lawful(0) } });
    desk.take_sent();
    desk.pass(20);
    assert!(desk.take_sent().iter().all(|sent| (sent.lease == 2) == (sent.packet.header.payload_type == 0)));
    let sound = [g711::encode(Codec::Pcma, VOICES[0]); 160];
    for n in 1..=3 {
        desk.datagram(0, rtp(8, seq + n, u32::from(seq + n) * 160, 5000, &sound));
        desk.take_sent();
        desk.pass(20);
    }
    desk.sent.retain(|sent| sent.lease == 1);
    assert_eq!(who_hears_whom(&mut desk, &[0, 1, 2]), sets(&[(1, &[0])]));
}

#[test]
fn a_worker_held_up_speaks_on_where_time_is() {
    let (mut desk, mut seq) = (desk(3), 0);
    confer(&mut desk, &[0, 1, 2]);
    round(&mut desk, &mut seq, &[0, 1, 2]);
    desk.now = ms(3000);
    desk.pass(1);
    assert!(desk.take_sent().len() <= 18, "100 ms are caught up, the rest is left out");
    seq = 150;
    assert_eq!(round(&mut desk, &mut seq, &[0, 1, 2]), sets(&[(0, &[1, 2]), (1, &[0, 2]), (2, &[0, 1])]));
}

#[derive(Clone, Debug)]
enum Step {
    Conference(BTreeSet<u32>),
    Bridge(u32, u32),
    Unbridge(u32, u32),
    Close(u32),
    Open(u32),
    Play(u32),
    Garbage(u32, Vec<u8>),
    Pass(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let one = || 0u32..4;
    prop_oneof![
        4 => proptest::collection::btree_set(one(), 0..5).prop_map(Step::Conference),
        2 => (one(), one()).prop_map(|(a, b)| Step::Bridge(a, b)),
        2 => (one(), one()).prop_map(|(a, b)| Step::Unbridge(a, b)),
        1 => one().prop_map(Step::Close),
        2 => one().prop_map(Step::Open),
        1 => one().prop_map(Step::Play),
        2 => (one(), proptest::collection::vec(any::<u8>(), 0..300)).prop_map(|(n, bytes)| Step::Garbage(n, bytes)),
        2 => (0u8..50).prop_map(Step::Pass),
    ]
}

/// Who talks with whom, as a stranger would write it down: a list of rooms.
#[derive(Default)]
struct Rooms {
    open: BTreeSet<u32>,
    rooms: Vec<BTreeSet<u32>>,
}

impl Rooms {
    fn leave(&mut self, n: u32) {
        self.rooms.iter_mut().for_each(|room| _ = room.remove(&n));
        self.rooms.retain(|room| room.len() > 1);
    }

    fn take(&mut self, step: &Step) {
        let pair_open = |a: &u32, b: &u32| a != b && self.open.contains(a) && self.open.contains(b);
        match step {
            Step::Conference(who) => {
                let room: BTreeSet<u32> = who.intersection(&self.open).copied().collect();
                room.iter().for_each(|&n| self.leave(n));
                if room.len() > 1 {
                    self.rooms.push(room);
                }
            }
            Step::Bridge(a, b) if pair_open(a, b) => self.take(&Step::Conference(BTreeSet::from([*a, *b]))),
            Step::Unbridge(a, b) if self.rooms.iter().any(|room| a != b && room.contains(a) && room.contains(b)) => self.leave(*a),
            Step::Bridge(..) | Step::Unbridge(..) | Step::Play(_) | Step::Garbage(..) | Step::Pass(_) => {}
            Step::Close(n) => {
                self.leave(*n);
                self.open.remove(n);
            }
            Step::Open(n) => _ = self.open.insert(*n),
        }
    }

    fn heard(&self) -> BTreeMap<u32, BTreeSet<u32>> {
        let hears = |room: &BTreeSet<u32>, n: u32| room.iter().copied().filter(|&other| other != n).collect();
        self.rooms.iter().flat_map(|room| room.iter().map(move |&n| (n, hears(room, n)))).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn whoever_joins_and_leaves_in_whatever_order_hears_just_those_in_the_room(steps in proptest::collection::vec(step(), 1..40)) {
        let (mut desk, mut rooms, mut seq) = (desk(4), Rooms { open: (0..4).collect(), rooms: vec![] }, 0);
        for step in steps {
            rooms.take(&step);
            match step {
                Step::Conference(who) => confer(&mut desk, &who.into_iter().collect::<Vec<u32>>()),
                Step::Bridge(a, b) => desk.bridge(a, b),
                Step::Unbridge(a, b) => desk.command(Command::Unbridge { a: id(a), b: id(b) }),
                Step::Close(n) => desk.command(Command::Close { stream: id(n) }),
                Step::Open(n) => desk.command(Command::Open { stream: id(n), lease: Lease(n), setup: lawful(n) }),
                Step::Play(n) => desk.play(n, 0, &[clip("p", 3, 2)], false, false),
                Step::Garbage(n, bytes) => _ = desk.datagram_from(peer(n), n, bytes),
                Step::Pass(ms) => desk.pass(ms.into()),
            }
            let heard = round(&mut desk, &mut seq, &[0, 1, 2, 3]);
            prop_assert_eq!(heard, rooms.heard());
        }
        for n in 0..4 {
            desk.command(Command::Close { stream: id(n) });
        }
        prop_assert_eq!(desk.worker.poll_timeout(), None, "nothing is left running");
    }
}
