//! What a media worker costs: the relay in memory, a relayed packet through real sockets against a bare loop with the same arrivals,
//! and a frame of music. `cargo bench --bench media [-- PAIRS LISTENERS SECONDS]`; ratios within one run are what counts.

#![allow(clippy::print_stdout)]

#[path = "../src/media_worker.rs"]
#[allow(dead_code, unused_imports, reason = "the binary uses the rest")]
mod media_worker;

use hotline_media::{Clip, Command, Lease, Setup, StreamId, Worker};
use hotline_model::Timestamp;
use hotline_model::history::{Codec, Direction};
use media_worker::{MediaOptions, spawn};
use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::time::{ClockId, Timespec, clock_gettime};
use std::hint::black_box;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let [pairs, listeners, seconds] = [200, 1000, 3];
    let pairs = numbers.first().copied().unwrap_or(pairs);
    let listeners = numbers.get(1).copied().unwrap_or(listeners);
    let length = Duration::from_secs(numbers.get(2).copied().unwrap_or(seconds) as u64);
    in_memory();
    for round in 1..=3 {
        let bare = bare_loop(pairs, length);
        let worker = worker_loop(pairs, length);
        println!("round {round}, {pairs} bridged pairs: bare loop {bare}; worker {worker}; ratio {:.2}", worker.cpu_us / bare.cpu_us);
    }
    music(listeners, length);
}

struct Cost {
    cpu_us: f64,
    sent: u64,
    lost: u64,
    p50_us: u64,
    p99_us: u64,
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cpu_us, sent, lost, p50_us, p99_us } = self;
        write!(f, "{cpu_us:.2} us CPU a packet ({lost} of {sent} lost, delay p50 {p50_us} us, p99 {p99_us} us)")
    }
}

fn setup(remote: SocketAddr, codec: Codec) -> Setup {
    let payload_type = if codec == Codec::Pcmu { 0 } else { 8 };
    let direction = Direction::SendRecv;
    Setup { codec, payload_type, telephone_event: Some(101), remote, also: None, direction, ssrc: 1, first_seq: 1, first_timestamp: 1 }
}

fn in_memory() {
    const PACKETS: u32 = 5_000_000;
    for (name, other) in [("same law", Codec::Pcmu), ("other law", Codec::Pcma)] {
        let clip = Clip::from_pcm16("music".into(), &[0; 160]);
        let mut worker = Worker::new(2, clip.into());
        let remote = [SocketAddr::from(([127, 0, 0, 1], 4000)), SocketAddr::from(([127, 0, 0, 1], 4002))];
        worker.command(Timestamp(0), Command::Open { stream: StreamId(0), lease: Lease(0), setup: setup(remote[0], Codec::Pcmu) });
        worker.command(Timestamp(0), Command::Open { stream: StreamId(1), lease: Lease(1), setup: setup(remote[1], other) });
        worker.command(Timestamp(0), Command::Bridge { a: StreamId(0), b: StreamId(1) });
        let mut bytes = [0u8; 172];
        let begun = cpu();
        let mut relayed = 0u32;
        for n in 0..PACKETS {
            bytes[..2].copy_from_slice(&[0x80, 0]);
            bytes[2..4].copy_from_slice(&(n as u16).to_be_bytes());
            bytes[4..8].copy_from_slice(&n.wrapping_mul(160).to_be_bytes());
            let now = Timestamp(i64::from(n) * 20_000);
            relayed += u32::from(black_box(worker.packet(now, Lease(0), remote[0], black_box(&mut bytes))).is_some());
            while worker.poll_output().is_some() {}
        }
        assert_eq!(relayed, PACKETS);
        println!("in memory, {name}: {:.1} ns from datagram to rewritten datagram", (cpu() - begun).as_nanos() as f64 / f64::from(PACKETS));
    }
}

fn sockets(count: usize) -> Vec<UdpSocket> {
    let bind = || UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.set_nonblocking(true).map(|()| socket));
    (0..count).map(|_| bind().expect("loopback has ports")).collect()
}

fn addresses(sockets: &[UdpSocket]) -> Vec<SocketAddr> {
    sockets.iter().map(|socket| socket.local_addr().expect("bound")).collect()
}

fn watch(sockets: &[UdpSocket]) -> rustix::fd::OwnedFd {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).expect("epoll");
    for (n, socket) in (0..).zip(sockets) {
        epoll::add(&epoll, socket, epoll::EventData::new_u64(n), epoll::EventFlags::IN).expect("epoll");
    }
    epoll
}

fn wait(epoll: &rustix::fd::OwnedFd, ready: &mut Vec<epoll::Event>, milliseconds: i64) {
    let wait = Timespec { tv_sec: 0, tv_nsec: milliseconds * 1_000_000 };
    // Interrupted is as good as nothing ready.
    let _ready = epoll::wait(epoll, spare_capacity(ready), Some(&wait));
}

/// Phones that each send 50 packets a second, spread over the 20 ms. A portion waits until the one before was heard (or lost), so that
/// a machine busy with other things stretches the time instead of losing packets.
fn talk(phones: &[UdpSocket], to: &[SocketAddr], length: Duration) -> (u64, u64, Vec<u64>) {
    let (epoll, mut ready, mut buffer) = (watch(phones), Vec::with_capacity(256), [0u8; 2048]);
    let begun = Instant::now();
    let micros = || begun.elapsed().as_micros() as u64;
    let (mut sent, mut heard, mut delays) = (0u64, 0u64, Vec::new());
    for tick in 0..length.as_millis() as u64 {
        for n in (0..phones.len()).skip((tick % 20) as usize).step_by(20) {
            let mut packet = [0u8; 172];
            packet[0] = 0x80;
            packet[2..4].copy_from_slice(&((tick / 20) as u16).to_be_bytes());
            packet[4..8].copy_from_slice(&((tick / 20) as u32 * 160).to_be_bytes());
            packet[8] = 9;
            packet[12..20].copy_from_slice(&micros().to_be_bytes());
            sent += u64::from(phones[n].send_to(&packet, to[n]).is_ok());
        }
        let (portion, due) = (Instant::now(), Duration::from_millis(tick + 1));
        while heard < sent && portion.elapsed() < Duration::from_secs(2) || begun.elapsed() < due {
            wait(&epoll, &mut ready, 1);
            for event in ready.drain(..) {
                if phones[event.data.u64() as usize].recv(&mut buffer).is_ok() {
                    heard += 1;
                    delays.push(micros().saturating_sub(u64::from_be_bytes(buffer[12..20].try_into().expect("8 bytes"))));
                }
            }
        }
    }
    (sent, heard, delays)
}

fn cpu() -> Duration {
    let used = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(used.tv_sec as u64, used.tv_nsec as u32)
}

fn cost(cpu: Duration, (sent, heard, mut delays): (u64, u64, Vec<u64>)) -> Cost {
    delays.sort_unstable();
    let at = |percent: usize| delays.get(delays.len() * percent / 100).copied().unwrap_or(0);
    Cost { cpu_us: cpu.as_secs_f64() * 1e6 / heard as f64, sent, lost: sent - heard, p50_us: at(50), p99_us: at(99) }
}

fn bare_loop(pairs: usize, length: Duration) -> Cost {
    let (ports, phones) = (sockets(2 * pairs), sockets(2 * pairs));
    let (to, back) = (addresses(&ports), addresses(&phones));
    let (stop, used) = (AtomicBool::new(false), AtomicU64::new(0));
    let talked = std::thread::scope(|scope| {
        scope.spawn(|| {
            let (epoll, mut ready, mut buffer) = (watch(&ports), Vec::with_capacity(64), [0u8; 2048]);
            while !stop.load(Ordering::Relaxed) {
                wait(&epoll, &mut ready, 50);
                for event in ready.drain(..) {
                    let n = event.data.u64() as usize;
                    if let Ok((length, _)) = ports[n].recv_from(&mut buffer) {
                        // A lost packet shows in the phones' count.
                        let _sent = ports[n ^ 1].send_to(&buffer[..length], back[n ^ 1]);
                    }
                }
            }
            used.store(cpu().as_nanos() as u64, Ordering::SeqCst);
        });
        let talked = talk(&phones, &to, length);
        stop.store(true, Ordering::SeqCst);
        talked
    });
    cost(Duration::from_nanos(used.load(Ordering::SeqCst)), talked)
}

fn worker_loop(pairs: usize, length: Duration) -> Cost {
    let phones = sockets(2 * pairs);
    let options = MediaOptions { addresses: vec![SocketAddr::from(([127, 0, 0, 1], 0)); 2 * pairs], ..MediaOptions::default() };
    let (worker, handle, _events) = spawn(options, || {}).expect("loopback has ports");
    for (n, remote) in (0..).zip(addresses(&phones)) {
        handle.send(Command::Open { stream: StreamId(n), lease: Lease(n as u32), setup: setup(remote, Codec::Pcmu) });
        handle.flush();
    }
    for n in 0..pairs as u64 {
        handle.send(Command::Bridge { a: StreamId(2 * n), b: StreamId(2 * n + 1) });
        handle.flush();
    }
    std::thread::sleep(Duration::from_millis(200));
    let before = handle.figures().cpu;
    let talked = talk(&phones, worker.addresses(), length);
    std::thread::sleep(Duration::from_millis(100));
    handle.send(Command::Close { stream: StreamId(0) });
    handle.flush();
    std::thread::sleep(Duration::from_millis(100));
    let used = handle.figures().cpu.saturating_sub(before);
    worker.stop();
    cost(used, talked)
}

fn music(listeners: usize, length: Duration) {
    let phones = sockets(1);
    let options = MediaOptions { addresses: vec![SocketAddr::from(([127, 0, 0, 1], 0)); listeners], ..MediaOptions::default() };
    let (worker, handle, _events) = spawn(options, || {}).expect("loopback has ports");
    for n in 0..listeners as u64 {
        let setup = setup(addresses(&phones)[0], Codec::Pcmu);
        handle.send(Command::Open { stream: StreamId(n), lease: Lease(n as u32), setup });
        handle.flush();
        handle.send(Command::Music { stream: StreamId(n), on: true });
        handle.flush();
    }
    std::thread::sleep(Duration::from_millis(300));
    let mut word = [0u8; 172];
    word[0] = 0x80;
    worker.addresses().iter().for_each(|to| _ = phones[0].send_to(&word, to));
    std::thread::sleep(Duration::from_millis(300));
    let before = handle.figures();
    std::thread::sleep(length);
    let after = handle.figures();
    worker.stop();
    let frames = after.played - before.played;
    let cpu = (after.cpu - before.cpu).as_secs_f64();
    let per_core = length.as_secs_f64() / cpu * (frames as f64 / length.as_secs_f64() / 50.0);
    println!(
        "music, {listeners} listeners: {:.2} us CPU a frame, {frames} frames in {length:?} ({} expected), {} ms left out: {per_core:.0} listeners a core",
        cpu * 1e6 / frames as f64,
        listeners as u128 * length.as_millis() / 20,
        after.machine.left_out_ms
    );
}
