//! The worker with real sockets on loopback, on ports of the system's choice.

use super::*;
use hotline_media::{CloseReason, Setup};
use hotline_model::history::{Codec, Direction};
use std::sync::atomic::AtomicU32;

const PATIENCE: Duration = Duration::from_secs(30);
/// Where the signalling of every leg comes from.
const NAT: [u8; 4] = [127, 0, 0, 2];

fn any_ports(count: usize) -> MediaOptions {
    MediaOptions { addresses: vec![SocketAddr::from(([127, 0, 0, 1], 0)); count], ..MediaOptions::default() }
}

struct Rig {
    worker: MediaWorker,
    handle: MediaHandle,
    events: Receiver<Event>,
    phones: Vec<UdpSocket>,
}

fn phone() -> UdpSocket {
    phone_at([127, 0, 0, 1])
}

fn phone_at(ip: [u8; 4]) -> UdpSocket {
    let socket = UdpSocket::bind((std::net::Ipv4Addr::from(ip), 0)).expect("a port of the system's choice");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    socket
}

fn setup(remote: SocketAddr, ssrc: u32) -> Setup {
    Setup {
        codec: Codec::Pcmu,
        payload_type: 0,
        telephone_event: Some(101),
        remote,
        also: Some(NAT.into()),
        direction: Direction::SendRecv,
        ssrc,
        first_seq: 100,
        first_timestamp: 5000,
    }
}

/// A worker with one open stream for each of so many phones.
fn rig(phones: u32) -> Rig {
    rig_with(phones, any_ports(phones as usize))
}

fn rig_with(phones: u32, options: MediaOptions) -> Rig {
    let (worker, handle, events) = spawn(options, || {}).expect("loopback has ports");
    let phones: Vec<UdpSocket> = (0..phones).map(|_| phone()).collect();
    for (n, phone) in (0..).zip(&phones) {
        let remote = phone.local_addr().expect("bound");
        handle.send(Command::Open { stream: StreamId(n), lease: Lease(n as u32), setup: setup(remote, 1000 + n as u32) });
        handle.flush();
    }
    Rig { worker, handle, events, phones }
}

fn rtp(payload_type: u8, seq: u16, payload: &[u8]) -> Vec<u8> {
    let [high, low] = seq.to_be_bytes();
    let timestamp = (u32::from(seq) * 160).to_be_bytes();
    [&[0x80, payload_type, high, low][..], &timestamp, &[0, 0, 0, 9], payload].concat()
}

impl Rig {
    fn say(&self, n: usize, bytes: &[u8]) {
        self.phones[n].send_to(bytes, self.worker.addresses()[n]).expect("loopback takes it");
    }

    fn hear(&self, n: usize) -> Vec<u8> {
        let mut buffer = [0; BUFFER];
        let (length, from) = self.phones[n].recv_from(&mut buffer).expect("a packet comes");
        assert_eq!(from, self.worker.addresses()[n]);
        buffer[..length].to_vec()
    }

    fn event(&self) -> Event {
        self.events.recv_timeout(PATIENCE).expect("an event comes")
    }

    fn close(&self, n: u64) -> hotline_media::Stats {
        self.handle.send(Command::Close { stream: StreamId(n) });
        self.handle.flush();
        loop {
            if let Event::Closed { stats, why, .. } = self.event() {
                assert_eq!(why, CloseReason::Asked);
                return stats;
            }
        }
    }
}

#[test]
fn a_clip_reaches_a_phone_whole_in_order_and_at_its_pace() {
    let rig = rig(1);
    let samples: Vec<u8> = (0..25).flat_map(|frame| [frame; 160]).collect();
    let clip = Arc::new(Clip { name: "welcome".into(), pcma: samples.clone(), pcmu: samples });
    rig.handle.send(Command::Play { stream: StreamId(0), play: 7, clips: vec![clip], barge_in: true, then_music: false });
    rig.handle.flush();
    let started = Instant::now();
    let packets: Vec<Vec<u8>> = (0..25).map(|_| rig.hear(0)).collect();
    assert!(started.elapsed() >= Duration::from_millis(450), "25 frames last half a second");
    let timestamp = |packet: &[u8]| u32::from_be_bytes(packet[4..8].try_into().expect("4 bytes"));
    for (n, packet) in (0u8..).zip(&packets) {
        assert_eq!((packet.len(), packet[1] & 0x80 != 0, packet[12]), (172, n == 0, n));
        assert_eq!(packet[2..4], (100 + u16::from(n)).to_be_bytes());
        assert_eq!(packet[8..12], 1000u32.to_be_bytes());
    }
    for pair in packets.windows(2) {
        let step = timestamp(&pair[1]) - timestamp(&pair[0]);
        assert!(step >= 160 && step % 160 == 0, "{step}: more than a frame only if the machine was held up");
    }
    assert_eq!(rig.event(), Event::Begun { stream: StreamId(0), play: 7 });
    assert_eq!(rig.event(), Event::Played { stream: StreamId(0), play: 7, interrupted: false });
    assert_eq!(rig.close(0).sent, 25);
    rig.worker.stop();
}

#[test]
fn two_phones_hear_each_other_and_keys_are_told() {
    let rig = rig(2);
    rig.handle.send(Command::Bridge { a: StreamId(0), b: StreamId(1) });
    rig.handle.flush();
    for seq in 1..=20 {
        rig.say(0, &rtp(0, seq, &[7; 160]));
        assert_eq!(rig.hear(1)[12..], [7; 160]);
        rig.say(1, &rtp(0, seq, &[8; 160]));
        assert_eq!(rig.hear(0)[12..], [8; 160]);
    }
    rig.say(0, &rtp(101, 21, &[5, 0x8a, 3, 0x20]));
    assert_eq!(rig.hear(1)[1] & 0x7f, 101);
    let flowing = [rig.event(), rig.event()];
    assert!(flowing.iter().all(|event| matches!(event, Event::Flowing { .. })), "{flowing:?}");
    assert_eq!(rig.event(), Event::Digit { stream: StreamId(0), digit: '5', duration_ms: 100 });
    let stats = rig.close(0);
    assert_eq!((stats.received, stats.relayed, stats.sent, stats.lost), (21, 21, 20, 0));
    rig.worker.stop();
}

#[test]
fn a_stranger_is_kept_out_by_the_machine_or_the_kernel_and_garbage_harms_nothing() {
    let rig = rig(2);
    rig.handle.send(Command::Bridge { a: StreamId(0), b: StreamId(1) });
    rig.handle.flush();
    rig.say(0, &rtp(0, 1, &[7; 160]));
    rig.hear(1);
    let stranger = phone();
    for seq in 2..12 {
        stranger.send_to(&rtp(0, seq, &[66; 160]), rig.worker.addresses()[0]).expect("loopback takes it");
        rig.say(0, &[0x80; 5]);
        rig.say(0, &[0xff; 1900]);
    }
    rig.say(0, &rtp(0, 2, &[9; 160]));
    assert_eq!(rig.hear(1)[12], 9, "nothing of the stranger came between");
    let stats = rig.close(0);
    assert_eq!((stats.received, stats.relayed, stats.garbage), (2, 2, 20));
    rig.worker.stop();
}

#[test]
fn a_stranger_that_is_first_learns_nothing_and_the_caller_is_heard_and_hears_us() {
    let rig = rig(1);
    rig.handle.send(Command::Music { stream: StreamId(0), on: true });
    let stranger = phone_at([127, 0, 0, 66]);
    for seq in 1..=20 {
        rig.hear(0);
        stranger.send_to(&rtp(0, seq, &[66; 160]), rig.worker.addresses()[0]).expect("loopback takes it");
    }
    rig.say(0, &rtp(0, 1, &[7; 160]));
    assert_eq!(rig.event(), Event::Flowing { stream: StreamId(0) });
    (0..20).for_each(|_| _ = rig.hear(0));
    let stats = rig.close(0);
    assert_eq!((stats.received, stats.strangers), (1, 20));
    stranger.set_nonblocking(true).expect("a mode can be set");
    assert_eq!(stranger.recv(&mut [0; BUFFER]).expect_err("nothing came").kind(), io::ErrorKind::WouldBlock);
    rig.worker.stop();
}

#[test]
fn the_callers_own_address_wins_over_one_learned_from_behind_its_signalling() {
    let rig = rig(2);
    rig.handle.send(Command::Bridge { a: StreamId(0), b: StreamId(1) });
    let other = phone_at(NAT);
    other.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout can be set");
    let learned = (1..400).any(|seq| {
        other.send_to(&rtp(0, seq, &[66; 160]), rig.worker.addresses()[0]).expect("loopback takes it");
        rig.say(1, &rtp(0, seq, &[8; 160]));
        other.recv(&mut [0; BUFFER]).is_ok()
    });
    assert!(learned, "RTP from behind the signalling's address is the caller's while the SDP's is silent");
    rig.say(0, &rtp(0, 500, &[7; 160]));
    while rig.hear(1)[12..] != [7; 160] {}
    rig.say(1, &rtp(0, 500, &[9; 160]));
    while rig.hear(0)[12..] != [9; 160] {}
    rig.worker.stop();
}

#[test]
fn a_port_serves_the_next_call_after_the_last_ones_peer_is_forgotten() {
    let rig = rig(1);
    for call in 1..4 {
        rig.close(call - 1);
        let phone = phone();
        let remote = phone.local_addr().expect("bound");
        rig.handle.send(Command::Open { stream: StreamId(call), lease: Lease(0), setup: setup(remote, 1) });
        rig.handle.flush();
        phone.send_to(&rtp(0, 1, &[1; 160]), rig.worker.addresses()[0]).expect("loopback takes it");
        assert_eq!(rig.event(), Event::Flowing { stream: StreamId(call) });
        rig.handle.send(Command::Music { stream: StreamId(call), on: true });
        rig.handle.flush();
        let mut buffer = [0; BUFFER];
        assert_eq!(phone.recv_from(&mut buffer).expect("music comes").1, rig.worker.addresses()[0]);
    }
    rig.worker.stop();
}

#[test]
fn a_full_ring_of_events_ends_the_calls_that_lost_one_and_says_so_later() {
    let rig = rig_with(3, MediaOptions { event_ring: 1, ..any_ports(3) });
    for n in 0..3 {
        rig.say(n, &rtp(0, 1, &[1; 160]));
    }
    let started = Instant::now();
    while rig.handle.figures().events_full < 2 && started.elapsed() < PATIENCE {
        std::thread::yield_now();
    }
    let events: Vec<Event> = (0..3).map(|_| rig.event()).collect();
    assert!(matches!(events[0], Event::Flowing { .. }), "{events:?}");
    for lost in &events[1..] {
        assert!(matches!(lost, Event::Closed { why: CloseReason::RingFull, .. }), "{events:?}");
    }
    rig.worker.stop();
}

#[test]
fn a_full_ring_of_commands_ends_the_call_whose_command_was_lost() {
    let rig = rig_with(1, MediaOptions { command_ring: 1, ..any_ports(1) });
    let mut sent = 0u64;
    while rig.handle.figures().commands_lost == 0 && sent < 10_000_000 {
        rig.handle.send(Command::Music { stream: StreamId(0), on: true });
        rig.handle.flush();
        sent += 1;
    }
    let event = rig.event();
    assert!(matches!(event, Event::Closed { why: CloseReason::RingFull, .. } | Event::Refused { .. }), "{event:?}");
    rig.worker.stop();
}

#[test]
fn the_engine_is_woken_for_events_and_the_worker_for_commands() {
    let wakes = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&wakes);
    let (worker, handle, events) = spawn(any_ports(1), move || _ = counted.fetch_add(1, Ordering::SeqCst)).expect("loopback has ports");
    for stream in 0..50 {
        handle.send(Command::Open { stream: StreamId(stream), lease: Lease(0), setup: setup(worker.addresses()[0], 1) });
        handle.flush();
        handle.send(Command::Close { stream: StreamId(stream) });
        handle.flush();
        let closed = events.recv_timeout(PATIENCE).expect("a sleeping worker was woken");
        assert!(matches!(closed, Event::Closed { .. }));
    }
    worker.stop();
    assert!((1..=50).contains(&wakes.load(Ordering::SeqCst)));
}

#[test]
fn a_taken_port_is_named_with_what_to_do() {
    let taken = phone();
    let address = taken.local_addr().expect("bound");
    let error = spawn(MediaOptions { addresses: vec![address], ..MediaOptions::default() }, || {}).expect_err("taken").to_string();
    assert!(error.contains(&address.to_string()) && error.contains("ss -lunp"), "{error}");
    let elsewhere = SocketAddr::from(([192, 0, 2, 77], 20_000));
    let error = spawn(MediaOptions { addresses: vec![elsewhere], ..MediaOptions::default() }, || {}).expect_err("not ours").to_string();
    assert!(error.contains("no address of this machine"), "{error}");
}

#[test]
fn what_a_caller_says_is_in_a_file_when_the_recording_ends_and_a_full_way_to_the_disk_ends_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let (recordings, takes) = crate::messages::way();
    let rig = rig_with(2, MediaOptions { recordings: Some(recordings), ..any_ports(2) });
    let plan = hotline_rules::Plan::default();
    let (data, media) = (dir.path().to_owned(), rig.handle.clone());
    let keeper = std::thread::spawn(move || crate::messages::keep_all(&data, &takes, &media, &crate::keep::Years::of(&plan)));
    let order = |record, file: &str| {
        let (longest, silence) = (Duration::from_secs(60), Duration::from_secs(30));
        hotline_media::RecordOrder { record, file: file.into(), longest, silence, shortest: Duration::ZERO }
    };
    rig.handle.send(Command::Record { stream: StreamId(0), order: order(7, "1-0-1.wav") });
    std::fs::create_dir_all(dir.path().join("messages/1-0-2.wav")).expect("a folder where the file should be");
    rig.handle.send(Command::Record { stream: StreamId(1), order: order(8, "1-0-2.wav") });
    rig.handle.flush();
    // The silence that is sent while it records says that the recorder is there.
    rig.hear(0);
    for seq in 0..40 {
        let loud: Vec<u8> = (0..160).map(|n| if n % 2 == 0 { 0x10 } else { 0x90 }).collect();
        rig.say(0, &rtp(0, seq, &loud));
    }
    while rig.handle.figures().received < 40 {
        std::thread::yield_now();
    }
    rig.handle.send(Command::StopRecord { stream: StreamId(0) });
    rig.handle.flush();
    let mut ended = BTreeSet::new();
    while ended.len() < 2 {
        if let Event::Recorded { record, end, length_ms, .. } = rig.events.recv_timeout(PATIENCE).expect("recordings end") {
            ended.insert((record, format!("{end:?}")));
            assert!(record == 8 || length_ms >= 780, "{length_ms}");
        }
    }
    assert_eq!(ended, BTreeSet::from([(7, "Stopped".to_owned()), (8, "Failed".to_owned())]));
    rig.worker.stop();
    drop((rig.handle, rig.events));
    keeper.join().expect("the keeper ends with the worker");
    let reader = hound::WavReader::open(dir.path().join("messages/1-0-1.wav")).expect("it can be read");
    let samples: Vec<i16> = reader.into_samples().map(|sample| sample.expect("whole")).collect();
    assert!(samples.len() >= 40 * 156, "{}", samples.len());
    assert!(samples.iter().filter(|sample| sample.unsigned_abs() > 10_000).count() >= 39 * 160, "all of it is there");
}
