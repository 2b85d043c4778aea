//! The router's three operations over seats, skills, queues per seat, shared and own proficiencies, and waiting calls, a naive scan
//! beside them. The growth exponents on instructions: `hotline bench router`.

#[path = "../crates/router/examples/world/mod.rs"]
mod world;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::time::Duration;
use world::{Shape, World};

/// Seats, queues, skills, skills of a seat, different sets of proficiencies (0: each seat has its own), and how many queues that makes per seat.
const SHAPES: [(u64, u64, u64, u64, u64, &str); 9] = [
    (100, 500, 256, 8, 0, "16 queues each"),
    (1_000, 500, 256, 8, 0, "16 queues each"),
    (10_000, 500, 256, 8, 0, "16 queues each"),
    (100_000, 500, 256, 8, 0, "16 queues each"),
    (10_000, 500, 256, 8, 50, "16 queues each, 50 profiles"),
    (10_000, 512, 64, 8, 0, "64 queues each"),
    (10_000, 512, 64, 8, 50, "64 queues each, 50 profiles"),
    (10_000, 500, 256, 32, 0, "59 queues each"),
    (10_000, 500, 500, 1, 0, "1 queue each"),
];
const WAITING: [u64; 5] = [10, 100, 1_000, 10_000, 100_000];

fn timed(times: u64, mut operation: impl FnMut() -> Duration) -> Duration {
    (0..times).map(|_| operation()).sum()
}

fn name((seats, _, skills, _, _, queues): (u64, u64, u64, u64, u64, &str)) -> String {
    format!("{seats} seats, {skills} skills, {queues}")
}

fn shape((seats, queues, skills, skills_per_seat, profiles, _): (u64, u64, u64, u64, u64, &str)) -> Shape {
    let different = queues == Shape::FULL.queues;
    Shape { seats, queues, skills, skills_per_seat, different, profiles, ..Shape::LARGE }
}

fn seats(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("router");
    group.sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(1));
    for row in SHAPES {
        let mut ready = World::ready(shape(row));
        let mut bench = |what: &str, operation: &mut dyn FnMut(&mut World) -> Duration| {
            group.bench_function(BenchmarkId::new(what, name(row)), |bench| {
                bench.iter_custom(|times| timed(times, || operation(&mut ready)))
            });
        };
        bench("claim", &mut |world| world.claim_and_ready().0);
        bench("ready", &mut |world| world.claim_and_ready().1);
        bench("claim by a naive scan", &mut World::naive_claim);
        drop(ready);
        let mut busy = World::busy(shape(row), 10_000);
        group.bench_function(BenchmarkId::new("pick of 10000 waiting", name(row)), |bench| {
            bench.iter_custom(|times| timed(times, || busy.pick()));
        });
    }
    group.finish();
}

fn waiting(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("router, 10000 seats");
    group.sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(1));
    for waiting in WAITING {
        let mut busy = World::busy(Shape::LARGE, waiting);
        group.bench_function(BenchmarkId::new("pick", format!("{waiting} waiting")), |bench| {
            bench.iter_custom(|times| timed(times, || busy.pick()));
        });
    }
    group.finish();
}

criterion_group!(benches, seats, waiting);
criterion_main!(benches);
