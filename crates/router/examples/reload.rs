//! How long the step takes in which a router takes new rules, with so many calls waiting: with what was laid out beforehand, and without.
//! `cargo run --release -p hotline-router --example reload [WAITING] [REGIONS] [count]`; with `count` it does so once, for callgrind
//! (`--collect-atstart=no --toggle-collect='*counted_handle*'`).
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example that measures and prints")]

#[allow(dead_code, reason = "it measures something else")]
mod world;

use std::time::Duration;
use world::{Operation, Shape, World};

const RUNS: usize = 5;

fn main() {
    let argument = |at| std::env::args().nth(at).and_then(|text| text.parse().ok());
    let (waiting, regions) = (argument(1).unwrap_or(10_000), argument(2).unwrap_or(4));
    let mut world = World::busy(Shape { regions, ..Shape::LARGE }, waiting);
    if std::env::args().nth(3).is_some() {
        world.counted = Some(Operation::Reload);
        world.reload(true);
        return;
    }
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    for _ in 0..RUNS {
        let (lay_out, step, drop) = world.reload(true);
        println!("laid out in {:>8.2} ms; the step {:>7.2} ms; dropped in {:>7.2} ms", ms(lay_out), ms(step), ms(drop));
    }
    let (_, step, _) = world.reload(false);
    println!("without: the step {:>7.2} ms", ms(step));
}
