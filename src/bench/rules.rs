//! `hotline bench rules`: how long large rules take to be checked, and how long their reload keeps the calls of the moment waiting.

use crate::layouts::Ground;
use crate::rehearse::house::{House, caller_address};
use anyhow::{Context, anyhow};
use clap::Args;
use hotline_engine::{Input, Prompts};
use hotline_model::{SeatId, WallTime};
use hotline_rules::{Plan, Source};
use serde_json::{Value, json};
use std::fmt::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SKILLS: u64 = 240;
const SKILLS_PER_SEAT: u64 = 8;
/// One seat of so many has a telephone that answers; the others are not there, so that calls wait too.
const ANSWERING: u32 = 20;
/// Between two calls: 50 in a second.
const GAP: Duration = Duration::from_millis(20);
/// Calls before a reload, and after it.
const BEFORE: u16 = 900;
const AFTER: u16 = 400;
/// 2026-11-18T10:00:00+08:00 in microseconds.
const AT: WallTime = WallTime(1_795_140_000_000_000);
/// The machine is never quite ours: of so many measurements the best counts.
const RUNS: usize = 3;

/// Arguments of `bench rules`.
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// Seats, each with its own proficiency in 8 of 240 skills.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(100..=50_000))]
    seats: u64,
    /// Queues, each for one skill.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    queues: u64,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

/// Measures.
///
/// # Errors
/// The generated rules are refused, or the machines never fall silent.
#[allow(clippy::print_stdout, reason = "the command's data")]
pub fn run(args: &RulesArgs) -> anyhow::Result<ExitCode> {
    let sources = [Source { path: "large.toml".into(), text: text_of(args.seats, args.queues, 5)? }];
    let changed = [Source { path: "large.toml".into(), text: text_of(args.seats, args.queues, 6)? }];
    let mut check = Duration::MAX;
    for _ in 0..RUNS {
        check = check.min(timed(|| load(&sources, None))?.1);
    }
    let plan = load(&sources, None)?;
    let mut best: Option<Steps> = None;
    for _ in 0..RUNS {
        let steps = Steps::measure(&plan, &load(&changed, Some(&plan))?)?;
        best = Some(best.map_or(steps, |best| best.min(steps)));
    }
    let steps = best.context("there are runs")?;
    let report = steps.json(args, &sources, check);
    if args.json {
        println!("{report}");
    } else {
        println!("{} seats, {} queues, {} KiB of rules", args.seats, args.queues, sources[0].text.len() / 1024);
        println!("check and compile          {:>8.1} ms (goal 1,000; not on the engine's thread)", ms(check));
        println!("laid out for the calls     {:>8.1} ms (nor is this)", ms(steps.lay_out));
        println!(
            "the reload's own step      {:>8.2} ms, with {} calls waiting and {} talking (goal 10)",
            ms(steps.reload),
            steps.waiting,
            steps.talking
        );
        println!(
            "worst step of a call after {:>8.2} ms; before {:.2} ms (telephones in memory included)",
            ms(steps.after),
            ms(steps.before)
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The longest steps.
#[derive(Clone, Copy)]
struct Steps {
    before: Duration,
    lay_out: Duration,
    reload: Duration,
    after: Duration,
    waiting: usize,
    talking: usize,
}

impl Steps {
    fn measure(plan: &Arc<Plan>, next: &Arc<Plan>) -> anyhow::Result<Self> {
        let prompts = Arc::new(Prompts::default());
        let mut house = House::open(plan, &prompts, AT);
        let seats = plan.seats.iter().zip(0..).filter(|(_, id)| id % ANSWERING == 0).map(|(seat, id)| (SeatId(id), seat.name.clone()));
        house.register(seats);
        let before = call(&mut house, plan, 0..BEFORE)?;
        let figures = house.figures();
        let (ready, lay_out) = timed(|| Ground::of(house.engine()).prepare(next, || None).context("there is a router"))?;
        house.engine().prepare(ready.engine);
        let ((), reload) = timed(|| house.tell(Input::Rules { plan: Arc::clone(next), prompts }).map_err(never_silent))?;
        // As the shell does, on another thread.
        drop(house.engine().replaced());
        let after = call(&mut house, plan, BEFORE..BEFORE + AFTER)?;
        Ok(Self { before, lay_out, reload, after, waiting: figures.waiting, talking: figures.talking })
    }

    fn min(self, other: Self) -> Self {
        let least = |of: fn(&Self) -> Duration| of(&self).min(of(&other));
        Self {
            before: least(|of| of.before),
            lay_out: least(|of| of.lay_out),
            reload: least(|of| of.reload),
            after: least(|of| of.after),
            ..self
        }
    }

    fn json(self, args: &RulesArgs, sources: &[Source], check: Duration) -> Value {
        json!({
            "seats": args.seats, "queues": args.queues, "bytes": sources[0].text.len(), "waiting": self.waiting, "talking": self.talking,
            "check_ms": ms(check), "lay_out_ms": ms(self.lay_out), "reload_step_ms": ms(self.reload), "worst_step_before_ms": ms(self.before), "worst_step_after_ms": ms(self.after),
        })
    }
}

/// Calls come one after the other, each for the next queue; the longest step.
fn call(house: &mut House, plan: &Plan, count: std::ops::Range<u16>) -> anyhow::Result<Duration> {
    let mut longest = Duration::ZERO;
    for caller in count {
        let queue = usize::from(caller) % plan.queues.len();
        let (address, now) = (caller_address(caller), house.now);
        house.phone(address).dial(now, Some(&format!("139{caller:08}")), &format!("{}", 95_000 + queue), false);
        longest = longest.max(timed(|| house.settle().map_err(never_silent))?.1);
        let until = now + GAP;
        while let Some(at) = house.poll_timeout().filter(|at| *at <= until) {
            longest = longest.max(timed(|| house.go_to(at).map_err(never_silent))?.1);
        }
        house.pass_to(until).map_err(never_silent)?;
    }
    Ok(longest)
}

fn never_silent(_: crate::rehearse::house::Mad) -> anyhow::Error {
    anyhow!("the machines never fall silent")
}

fn load(sources: &[Source], previous: Option<&Plan>) -> anyhow::Result<Arc<Plan>> {
    let loaded =
        hotline_rules::load(sources, previous).map_err(|found| anyhow!("the generated rules are refused: {} findings", found.len()))?;
    Ok(Arc::new(loaded.plan))
}

#[allow(clippy::disallowed_methods, reason = "it measures")]
fn timed<T>(what: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(T, Duration)> {
    let start = Instant::now();
    let done = what()?;
    Ok((done, start.elapsed()))
}

fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}

/// Rules of a large hotline; `level` is what its queues ask for, so that two levels make two revisions.
fn text_of(seats: u64, queues: u64, level: u8) -> Result<String, std::fmt::Error> {
    let mut text = String::from("[[language]]\ncode = \"zh-CN\"\nrequires = \"zh >= 3\"\n[[skill]]\nname = \"zh\"\n");
    for skill in 0..SKILLS {
        writeln!(text, "[[skill]]\nname = \"s{skill}\"")?;
    }
    for queue in 0..queues {
        let skill = queue % SKILLS;
        writeln!(text, "[[queue]]\nname = \"q{queue}\"\nwrap_up = \"5s\"\n[[queue.step]]\nrequires = \"s{skill} >= {level}\"")?;
        writeln!(text, "[[queue.step]]\nafter = \"10s\"\nrequires = \"s{skill} >= 1\"")?;
        writeln!(text, "[[number]]\nname = \"{}\"\nqueue = \"q{queue}\"", 95_000 + queue)?;
    }
    for seat in 0..seats {
        write!(text, "[[seat]]\nname = \"a{seat:05}\"\npassword = \"of-{seat}-alone\"\nskills = {{ zh = 8")?;
        for n in 0..SKILLS_PER_SEAT {
            let skill = (seat * 37 + n * 61) % SKILLS;
            write!(text, ", s{skill} = {}", (seat / 3 + n * 7) % 10 + 1)?;
        }
        text.push_str(" }\n");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reload_of_generated_rules_is_measured_among_calls() {
        let plan = |level| {
            let text = text_of(200, 20, level).unwrap();
            load(&[Source { path: "large.toml".into(), text }], None).unwrap()
        };
        let steps = Steps::measure(&plan(5), &plan(6)).unwrap();
        assert!(steps.waiting > 100 && steps.talking > 0, "{} wait, {} talk", steps.waiting, steps.talking);
    }
}
