//! Once all is set up, sound passes without an allocation.

use crate::desk::{clip, id, peer, rtp, setup};
use hotline_media::{Command, Lease, Worker};
use hotline_model::Timestamp;

/// Twenty milliseconds of four people, and what the worker sends meanwhile; gives how many packets that were.
fn turn(worker: &mut Worker, round: u16, packets: &mut [Vec<u8>; 4]) -> usize {
    let now = Timestamp(i64::from(round) * 20_000);
    let mut sent = 0;
    for (lease, packet) in (0..).zip(packets) {
        packet[2..4].copy_from_slice(&round.to_be_bytes());
        packet[4..8].copy_from_slice(&(u32::from(round) * 160).to_be_bytes());
        sent += usize::from(worker.packet(now, Lease(lease), peer(lease), packet).is_some());
    }
    worker.handle_timeout(now);
    while worker.poll_output().is_some() {
        sent += 1;
    }
    sent
}

fn allocations(command: Vec<Command>) -> (u64, usize) {
    let mut worker = Worker::new(4, clip("music", 200, 50));
    for n in 0..4 {
        worker.command(Timestamp(0), Command::Open { stream: id(n), lease: Lease(n), setup: setup(n) });
    }
    command.into_iter().for_each(|command| worker.command(Timestamp(0), command));
    let mut packets = [0, 1, 2, 3].map(|n| rtp(0, 0, 0, 5000 + n, &[7; 160]));
    (0..50).for_each(|round| _ = turn(&mut worker, round, &mut packets));
    let mut sent = 0;
    let counts = allocation_counter::measure(|| (50..550).for_each(|round| sent += turn(&mut worker, round, &mut packets)));
    (counts.count_total, sent)
}

#[test]
fn a_conference_of_four_a_bridge_and_the_ring_back_tone_allocate_nothing_per_packet() {
    assert_eq!(allocations(vec![Command::Conference { streams: (0..4).map(id).collect() }]), (0, 2000));
    assert_eq!(allocations(vec![Command::Bridge { a: id(0), b: id(1) }, Command::Bridge { a: id(2), b: id(3) }]), (0, 2000));
    assert_eq!(allocations((0..4).map(|n| Command::RingBack { stream: id(n), on: true }).collect()), (0, 2000));
}
