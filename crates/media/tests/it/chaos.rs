//! Any commands and datagrams in any order: no panic, and the books balance.

use crate::desk::{Desk, LEASES, clip, id, peer, rtp, setup};
use hotline_media::{Command, Event, Lease, RecordOrder, Setup};
use hotline_model::history::Direction;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::Duration;

#[derive(Clone, Debug)]
enum Step {
    Command(u8, u32, u32, bool),
    Rtp(u32, u32, u8, u16, u8),
    Bytes(u32, Vec<u8>),
    Pass(u16),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u8..13, 0u32..6, 0u32..6, any::<bool>()).prop_map(|(kind, a, b, flag)| Step::Command(kind, a, b, flag)),
        6 => (0u32..6, 0u32..7, prop_oneof![Just(0u8), Just(101), Just(13), any::<u8>()], any::<u16>(), any::<u8>())
            .prop_map(|(n, from, kind, seq, byte)| Step::Rtp(n, from, kind, seq, byte)),
        1 => (0..LEASES + 1, proptest::collection::vec(any::<u8>(), 0..64)).prop_map(|(n, bytes)| Step::Bytes(n, bytes)),
        3 => (0u16..400).prop_map(Step::Pass),
    ]
}

fn command(kind: u8, a: u32, b: u32, flag: bool, play: u64) -> Command {
    let directions = [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive];
    match kind {
        0 | 1 => Command::Open { stream: id(a), lease: Lease(b), setup: setup(a) },
        2 => Command::Modify { stream: id(a), setup: Setup { direction: directions[b as usize % 4], ..setup(if flag { a } else { b }) } },
        3 | 4 => Command::Play { stream: id(a), play, clips: vec![clip("c", 0, b as usize); 2], barge_in: flag, then_music: b > 3 },
        5 => Command::Stop { stream: id(a) },
        6 => Command::Music { stream: id(a), on: flag },
        7 if flag => Command::Bridge { a: id(a), b: id(b) },
        7 => Command::Unbridge { a: id(a), b: id(b) },
        8 => Command::RingBack { stream: id(a), on: flag },
        9 => Command::Conference { streams: (a..a + b).map(id).collect() },
        10 => Command::Record { stream: id(a), order: order(play, u64::from(b) * 500) },
        11 => Command::StopRecord { stream: id(a) },
        _ => Command::Close { stream: id(a) },
    }
}

fn order(record: u64, silence: u64) -> RecordOrder {
    let (longest, silence, shortest) = (Duration::from_secs(2), Duration::from_millis(silence), Duration::from_millis(500));
    RecordOrder { record, file: "a.wav".into(), longest, silence, shortest }
}

fn balance(desk: &mut Desk, plays: &mut BTreeSet<u64>, leased: &mut BTreeSet<u32>) {
    for event in desk.take_events() {
        match event {
            Event::Recorded { record, .. } => assert!(plays.remove(&record), "{record} was recorded twice or never begun"),
            Event::Played { play, .. } => assert!(plays.remove(&play), "{play} was played twice or never begun"),
            Event::Closed { lease, .. } => assert!(leased.remove(&lease.0), "{lease:?} was given back twice"),
            Event::Begun { play, .. } => assert!(plays.contains(&play), "{play} begins after its end"),
            Event::Digit { .. }
            | Event::Flowing { .. }
            | Event::Silent { .. }
            | Event::Refused { .. }
            | Event::ConferenceRefused { .. } => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn every_play_ends_once_and_every_port_comes_back_once(steps in proptest::collection::vec(step(), 1..150)) {
        let mut desk = Desk::new(0);
        let (mut plays, mut leased) = (BTreeSet::new(), BTreeSet::new());
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Command(kind, a, b, flag) => {
                    let command = command(kind, a, b, flag, number as u64);
                    let known = (0..LEASES).any(|lease| desk.worker.stream_on(Lease(lease)) == Some(command.stream()));
                    if matches!(command, Command::Play { .. } | Command::Record { .. }) && known {
                        plays.insert(number as u64);
                    }
                    desk.command(command);
                }
                Step::Rtp(n, from, kind, seq, byte) => {
                    desk.datagram_from(peer(from), n, rtp(kind, seq, u32::from(seq) * 160, 3, &[byte % 17; 160]));
                }
                Step::Bytes(n, bytes) => _ = desk.datagram(n, bytes),
                Step::Pass(ms) => desk.pass(ms.into()),
            }
            let open = (0..LEASES).filter(|&lease| desk.worker.stream_on(Lease(lease)).is_some());
            leased.extend(open);
            balance(&mut desk, &mut plays, &mut leased);
            prop_assert_eq!(desk.worker.open_streams(), leased.len());
        }
        for n in 0..6 {
            desk.command(Command::Close { stream: id(n) });
        }
        balance(&mut desk, &mut plays, &mut leased);
        prop_assert!(plays.is_empty() && leased.is_empty());
        prop_assert_eq!(desk.worker.poll_timeout(), None, "nothing is left running");
    }
}
