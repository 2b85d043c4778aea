use crate::desk::{Desk, LEASES, NAT, Socket, id, peer, rtp, setup};
use hotline_media::{CloseReason, Command, Event, Lease, Setup, Stats};
use hotline_model::history::Direction;

fn stats(desk: &mut Desk) -> Stats {
    desk.take_events();
    desk.command(Command::Close { stream: id(0) });
    match &desk.take_events()[..] {
        [Event::Closed { stats, .. }] => *stats,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_peer_is_learned_once_and_packets_go_where_it_sends_from() {
    let mut desk = Desk::new(1);
    let real = "192.0.2.1:50123".parse().unwrap();
    desk.command(Command::Music { stream: id(0), on: true });
    desk.pass(20);
    desk.datagram_from(real, 0, rtp(0, 1, 0, 9, &[1; 160]));
    desk.pass(20);
    let to: Vec<_> = desk.take_sent().iter().map(|sent| sent.to).collect();
    assert_eq!(to, [peer(0), real]);
    assert_eq!(desk.sockets, [Socket::Connect(0, real)]);
    assert_eq!(desk.take_events(), [Event::Flowing { stream: id(0) }]);
}

#[test]
fn a_stranger_is_refused_and_counted_and_hears_nothing() {
    let mut desk = Desk::new(2);
    desk.bridge(0, 1);
    desk.audio(0, 1);
    for seq in 0..100 {
        let from = "203.0.113.66:1234".parse().unwrap();
        assert!(desk.datagram_from(from, 0, rtp(0, seq, 0, 5000, &[0; 160])).is_none());
        desk.pass(20);
    }
    assert_eq!(stats(&mut desk).strangers, 100);
}

#[test]
fn a_stranger_that_is_first_gets_nothing_and_the_caller_is_heard_all_the_same() {
    let mut desk = Desk::new(1);
    desk.command(Command::Music { stream: id(0), on: true });
    for seq in 0..100 {
        let from = "203.0.113.66:1234".parse().unwrap();
        desk.datagram_from(from, 0, rtp(0, seq, 0, 5000, &[0; 160]));
        desk.pass(10);
    }
    assert_eq!(desk.take_events(), []);
    desk.audio(0, 1);
    assert_eq!(desk.take_events(), [Event::Flowing { stream: id(0) }]);
    assert!(desk.take_sent().iter().all(|sent| sent.to == peer(0)));
    assert_eq!(desk.sockets, [Socket::Connect(0, peer(0))]);
    let stats = stats(&mut desk);
    assert_eq!((stats.received, stats.strangers), (1, 100));
}

#[test]
fn a_port_is_connected_only_for_good_since_the_kernel_would_drop_the_sdps_address() {
    let mut desk = Desk::new(1);
    desk.command(Command::Music { stream: id(0), on: true });
    let behind_nat = (NAT, 9999).into();
    for seq in 0..5 {
        desk.datagram_from(behind_nat, 0, rtp(0, seq, 0, 5000, &[0; 160]));
        desk.pass(20);
    }
    assert_eq!((desk.take_sent().last().map(|sent| sent.to), &desk.sockets[..]), (Some(behind_nat), &[][..]));
    desk.audio(0, 1);
    desk.pass(20);
    assert_eq!(desk.take_sent().last().map(|sent| sent.to), Some(peer(0)));
    assert_eq!(desk.sockets, [Socket::Connect(0, peer(0))]);
}

#[test]
fn a_changed_sdp_address_is_learned_anew_and_an_unchanged_one_is_not() {
    let mut desk = Desk::new(1);
    desk.audio(0, 1);
    desk.command(Command::Modify { stream: id(0), setup: Setup { telephone_event: None, ..setup(0) } });
    assert_eq!(desk.sockets, [Socket::Connect(0, peer(0))]);
    desk.command(Command::Modify { stream: id(0), setup: Setup { remote: peer(5), ..setup(0) } });
    desk.datagram_from(peer(5), 0, rtp(0, 2, 0, 9, &[1; 160]));
    assert_eq!(desk.sockets[1..], [Socket::Disconnect(0), Socket::Connect(0, peer(5))]);
}

#[test]
fn what_is_no_rtp_of_this_stream_is_counted_and_dropped() {
    let mut desk = Desk::new(1);
    for garbage in [&b"hello"[..], &[], &[0; 20], &rtp(99, 1, 1, 1, &[0; 160]), &rtp(0, 1, 1, 1, &[]), &rtp(101, 1, 1, 1, &[1])] {
        desk.datagram(0, garbage.to_vec());
    }
    desk.datagram(0, rtp(200, 0, 0, 0, &[]));
    assert_eq!(desk.take_events(), []);
    let stats = stats(&mut desk);
    assert_eq!((stats.garbage, stats.rtcp, stats.received), (6, 1, 0));
    desk.datagram(0, rtp(0, 1, 1, 1, &[0; 160]));
    desk.datagram(LEASES, rtp(0, 1, 1, 1, &[0; 160]));
    assert_eq!(desk.worker.counters().unleased, 2);
}

#[test]
fn silence_after_sound_is_told_once_and_sound_after_silence_again() {
    let mut desk = Desk::new(1);
    desk.pass(60_000);
    assert_eq!(desk.take_events(), [], "a leg that never sends is not silent");
    desk.audio(0, 1);
    desk.pass(10_000);
    desk.audio(0, 2);
    desk.pass(19_960);
    assert_eq!(desk.take_events(), [Event::Flowing { stream: id(0) }]);
    desk.pass(100_000);
    assert_eq!(desk.take_events(), [Event::Silent { stream: id(0) }]);
    desk.audio(0, 3);
    assert_eq!(desk.take_events(), [Event::Flowing { stream: id(0) }]);
}

#[test]
fn a_peer_on_hold_is_not_silent() {
    let mut desk = Desk::new(1);
    desk.audio(0, 1);
    desk.take_events();
    desk.command(Command::Modify { stream: id(0), setup: Setup { direction: Direction::SendOnly, ..setup(0) } });
    desk.pass(300_000);
    assert_eq!(desk.take_events(), []);
    desk.command(Command::Modify { stream: id(0), setup: setup(0) });
    desk.pass(19_000);
    assert_eq!(desk.take_events(), []);
    desk.pass(22_000);
    assert_eq!(desk.take_events(), [Event::Silent { stream: id(0) }]);
}

#[test]
fn closing_gives_the_port_back_with_what_was_carried() {
    let mut desk = Desk::new(2);
    desk.bridge(0, 1);
    for seq in [1, 2, 4] {
        desk.audio(0, seq);
    }
    desk.take_events();
    desk.play(0, 3, &[crate::desk::clip("x", 0, 10)], false, false);
    desk.command(Command::Close { stream: id(0) });
    let events = desk.take_events();
    assert_eq!(events[0], Event::Played { stream: id(0), play: 3, interrupted: true });
    let Event::Closed { stream, lease, stats, why } = events[1].clone() else { panic!("{events:?}") };
    assert_eq!((stream, lease, why), (id(0), Lease(0), CloseReason::Asked));
    assert_eq!((stats.received, stats.relayed, stats.lost), (3, 3, 1));
    assert_eq!(desk.sockets.last(), Some(&Socket::Disconnect(0)));
    desk.pass(100_000);
    assert_eq!(desk.take_events(), []);
    assert_eq!(desk.worker.open_streams(), 1);
}

#[test]
fn a_stream_whose_events_are_lost_ends_and_says_so() {
    let mut desk = Desk::new(1);
    let now = desk.now;
    desk.worker.fail(now, id(0));
    desk.pass(0);
    desk.command(Command::Stop { stream: id(0) });
    assert!(matches!(desk.take_events()[..], [Event::Closed { why: CloseReason::RingFull, .. }]));
}

#[test]
fn a_port_in_use_or_unknown_or_a_stream_already_open_is_refused() {
    let mut desk = Desk::new(1);
    for (stream, lease) in [(1, 0), (0, 1), (1, LEASES)] {
        desk.command(Command::Open { stream: id(stream), lease: Lease(lease), setup: setup(1) });
        assert_eq!(desk.take_events(), [Event::Refused { stream: id(stream) }]);
    }
    assert_eq!(desk.worker.stream_on(Lease(0)), Some(id(0)));
}
