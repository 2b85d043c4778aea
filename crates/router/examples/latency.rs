//! Times each operation by itself and prints percentiles in ns, the clock's own cost beside them.
//! `cargo run --release -p hotline-router --example latency`; with `claim`, `ready` or `pick` behind it, it does only those, for callgrind:
//! `valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*counted_handle*'`; `owned arrival [waiting]` and `owned pick
//! [waiting]` are these where each call waits for its owner. With `least [runs]` it does the same operations
//! that often (6) and keeps the least time of each: what neighbours and interrupts add is not in it, what caches do is.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example that measures and prints")]

mod world;

use std::time::{Duration, Instant};
use world::{Operation, Shape, World};

const WARM: usize = 20_000;
const TIMED: usize = 100_000;
/// Operations that callgrind counts.
const COUNTED: usize = 10_000;

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_nanos();
    println!("{what:<40} p50 {:>6} p90 {:>6} p99 {:>6} p99.9 {:>7}", at(0.5), at(0.9), at(0.99), at(0.999));
}

/// Does operations of one kind, of which the second half is counted.
fn count(operation: Operation) {
    let shape = Shape::LARGE;
    let mut world = if operation == Operation::Pick { World::busy(shape, shape.seats) } else { World::ready(shape) };
    for number in 0..2 * COUNTED {
        world.counted = (number >= COUNTED).then_some(operation);
        match operation {
            Operation::Claim | Operation::Ready => drop(world.claim_and_ready()),
            Operation::Pick => drop(world.pick()),
            Operation::Reload => {
                world.reload(true);
            }
        }
    }
}

/// Picks of calls that wait for their owners, or the arrivals of others, of which the second half is counted.
fn count_owned() {
    let mut args = std::env::args().skip(2);
    let operation = if args.next().as_deref() == Some("pick") { Operation::Pick } else { Operation::Claim };
    let waiting = args.next().and_then(|waiting| waiting.parse().ok()).unwrap_or(10_000);
    let mut world = World::busy(Shape::OWNED, waiting);
    for number in 0..2 * COUNTED {
        world.counted = (number >= COUNTED).then_some(operation);
        world.pick();
    }
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("claim") => return count(Operation::Claim),
        Some("ready") => return count(Operation::Ready),
        Some("pick") => return count(Operation::Pick),
        Some("owned") => return count_owned(),
        Some("least") => return least(),
        Some(_) | None => {}
    }
    print("clock", (0..TIMED).map(|_| Instant::now().elapsed()).collect());
    for (seats, regions) in [(1_000, 0), (10_000, 0), (10_000, 4)] {
        let shape = Shape { seats, regions, ..Shape::LARGE };
        let mut world = World::ready(shape);
        for _ in 0..WARM {
            world.claim_and_ready();
        }
        let times: Vec<_> = (0..TIMED).map(|_| world.claim_and_ready()).collect();
        print(&format!("claim, {seats} seats, {regions} regions"), times.iter().map(|(claim, _)| *claim).collect());
        print(&format!("ready, {seats} seats, {regions} regions"), times.iter().map(|(_, ready)| *ready).collect());
        print("the same claim by a naive scan", (0..TIMED / 1000).map(|_| world.naive_claim()).collect());
        let mut world = World::busy(shape, seats);
        for _ in 0..WARM {
            world.pick();
        }
        print(&format!("pick of {seats} waiting, {regions} regions"), (0..TIMED).map(|_| world.pick()).collect());
    }
}

/// The least time of each operation over so many runs of the same world.
fn least() {
    let runs = std::env::args().nth(2).and_then(|runs| runs.parse().ok()).unwrap_or(6);
    let times = world::least_of_runs(Shape::LARGE, runs, WARM, TIMED);
    for (what, times) in ["claim", "ready", "pick", "pick with what follows"].into_iter().zip(times) {
        print(&format!("{what}, the least of {runs} runs"), times);
    }
}
