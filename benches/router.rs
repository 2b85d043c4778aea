//! The router's three operations at 10,000 seats, 500 queues, 256 skills and 10,000 waiting calls (design.md 9).
//! Percentiles: `cargo run --release -p hotline-router --example latency`.

#[path = "../crates/router/examples/world/mod.rs"]
mod world;

use criterion::{Criterion, criterion_group, criterion_main};
use std::time::Duration;
use world::{Shape, World};

fn timed(times: u64, mut operation: impl FnMut() -> Duration) -> Duration {
    (0..times).map(|_| operation()).sum()
}

fn router(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("router");
    let mut ready = World::ready(Shape::LARGE);
    group.bench_function("claim", |bench| bench.iter_custom(|times| timed(times, || ready.claim_and_ready().0)));
    group.bench_function("ready", |bench| bench.iter_custom(|times| timed(times, || ready.claim_and_ready().1)));
    group.bench_function("claim by a naive scan", |bench| bench.iter_custom(|times| timed(times, || ready.naive_claim())));
    let mut busy = World::busy(Shape::LARGE, 10_000);
    group.bench_function("pick", |bench| bench.iter_custom(|times| timed(times, || busy.pick())));
    group.finish();
}

criterion_group!(benches, router);
criterion_main!(benches);
