//! `hotline bench router`: how long the router takes for a claim, a seat that becomes ready and a pick, and how that grows.

#[path = "../../crates/router/examples/world/mod.rs"]
mod world;

#[path = "groups.rs"]
mod groups;

#[path = "claims.rs"]
mod claims;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use world::{Operation, Shape, World};

/// Operations before measuring, and per measurement.
const WARM: usize = 20_000;
const TIMED: usize = 100_000;
/// The machine is never quite ours: of so many measurements the best counts, more of them in the world that the goal names.
const RUNS: usize = 3;
const LARGE_RUNS: usize = 20;
/// Runs of the same operations, of each of which the least time counts.
const LEAST_RUNS: usize = 6;
/// Operations whose instructions are counted.
const COUNTED: usize = 2_000;

/// Arguments of `bench router`.
#[derive(Debug, Args)]
pub struct RouterArgs {
    /// One line of JSON.
    #[arg(long)]
    json: bool,
    /// Only how the instructions of an operation grow, counted by valgrind.
    #[arg(long)]
    growth: bool,
    /// Only what claims by two threads cost, without a lock and with one mutex.
    #[arg(long, conflicts_with = "growth")]
    contention: bool,
    /// Does operations of one kind, for callgrind to count.
    #[arg(long, hide = true, value_enum)]
    count: Option<Counted>,
    /// Seats where operations are counted, at most where their growth is.
    #[arg(long, hide = true, default_value_t = 100_000)]
    seats: u64,
    /// Waiting calls where operations are counted, at most where their growth is.
    #[arg(long, hide = true, default_value_t = 100_000)]
    waiting: u64,
    /// Each call waits for its owner where operations are counted.
    #[arg(long, hide = true)]
    owned: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Counted {
    Claim,
    Ready,
    Pick,
    /// Of a call that finds nobody, where others wait.
    Arrival,
}

impl Counted {
    fn name(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Ready => "ready",
            Self::Pick => "pick",
            Self::Arrival => "arrival",
        }
    }
}

/// Fewer queues, so that callgrind is done in minutes; as many per seat, and lines ten times as long.
const GROWTH: Shape = Shape { seats: 0, queues: 50, skills: 26, ..Shape::LARGE };

/// Measures; nothing can fail but the children that count.
///
/// # Errors
/// Valgrind is there and does not run.
pub fn run(args: &RouterArgs) -> anyhow::Result<ExitCode> {
    if let Some(counted) = args.count {
        count(counted, At { seats: args.seats, waiting: args.waiting, owned: args.owned });
        return Ok(ExitCode::SUCCESS);
    }
    if args.contention {
        print(&json!({"contention": claims::measure()}), args.json, claims::print);
        return Ok(ExitCode::SUCCESS);
    }
    let growth = Growth::measure(args.seats, args.waiting)?;
    if args.growth {
        print(&growth.json(), args.json, print_growth);
        return Ok(ExitCode::SUCCESS);
    }
    let runs = Runs::measure(Shape::LARGE, 10_000, LARGE_RUNS);
    let [large, usual] = [runs.row(LARGE, least), runs.row(USUAL, median)];
    let [claim, ready, pick, whole_pick] = world::least_of_runs(Shape::LARGE, LEAST_RUNS, WARM, TIMED).map(percentiles);
    let alone = Row { name: ALONE, claim, ready, pick, whole_pick, naive_claim: large.naive_claim };
    let others = SHAPES.map(|(name, shape, waiting)| Runs::measure(shape, waiting, RUNS).row(name, least));
    let table: Vec<Value> = [&large, &usual, &alone].into_iter().chain(&others).map(Row::json).collect();
    let groups = groups::Groups::measure().json();
    let contention = claims::measure();
    let mut report = json!({
        "p99_ns_10k_seats_256_skills": large.worst_p99(),
        "p99_ns_10k_seats_256_skills_median_of_runs": usual.worst_p99(),
        "p99_ns_10k_seats_256_skills_least_of_runs": alone.worst_p99(),
        "load_average": load_average(),
        "table": table,
        "groups": groups,
        "contention": contention,
    });
    if let (Value::Object(report), Value::Object(growth)) = (&mut report, growth.json()) {
        report.extend(growth);
    }
    print(&report, args.json, print_all);
    Ok(ExitCode::SUCCESS)
}

/// Who else wants the processors.
fn load_average() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

/// The quietest of the runs.
const LARGE: &str = "10,000 seats";
/// What neighbours on the machine add is in it.
const USUAL: &str = "10,000 seats, the median of twenty runs";
/// The same operations several times, of each the least: what neighbours and interrupts add is not in it.
const ALONE: &str = "10,000 seats, least time of each of six";
const SHAPES: [(&str, Shape, u64); 12] = [
    ("100 seats", Shape { seats: 100, ..Shape::LARGE }, 10_000),
    ("1,000 seats", Shape { seats: 1_000, ..Shape::LARGE }, 10_000),
    ("100,000 seats", Shape { seats: 100_000, ..Shape::LARGE }, 10_000),
    ("10,000 seats of 50 profiles", Shape { profiles: 50, ..Shape::LARGE }, 10_000),
    ("10,000 seats, 64 skills, 64 queues each", Shape::FULL, 10_000),
    ("10,000 seats, 64 skills, 64 queues each, 50 profiles", Shape { profiles: 50, ..Shape::FULL }, 10_000),
    ("10,000 seats, 500 skills, 1 queue each", Shape { skills: 500, skills_per_seat: 1, ..Shape::LARGE }, 10_000),
    ("10,000 seats, queues of weights 1 to 5", Shape { weights: 5, ..Shape::LARGE }, 10_000),
    ("10,000 seats, each call waits for its owner", Shape::OWNED, 10_000),
    ("10 waiting", Shape::LARGE, 10),
    ("1,000 waiting", Shape::LARGE, 1_000),
    ("100,000 waiting", Shape::LARGE, 100_000),
];

/// One line of the table: p50, p99 and p99.9 in ns.
struct Row {
    name: &'static str,
    claim: [u64; 3],
    ready: [u64; 3],
    pick: [u64; 3],
    /// The same with what it leaves for after its outputs.
    whole_pick: [u64; 3],
    naive_claim: u64,
}

/// Percentiles of each run, by operation.
struct Runs {
    claim: Vec<[u64; 3]>,
    ready: Vec<[u64; 3]>,
    pick: Vec<[u64; 3]>,
    whole_pick: Vec<[u64; 3]>,
    naive_claim: u64,
}

impl Runs {
    fn measure(shape: Shape, waiting: u64, runs: usize) -> Self {
        let mut world = World::ready(shape);
        for _ in 0..WARM {
            world.claim_and_ready();
        }
        let pairs = (0..runs).map(|_| {
            let (claims, readies) = (0..TIMED).map(|_| world.claim_and_ready()).unzip();
            (percentiles(claims), percentiles(readies))
        });
        let (claim, ready) = pairs.unzip();
        let naive_claim = percentile(&mut (0..200).map(|_| world.naive_claim()).collect::<Vec<_>>(), 0.5);
        drop(world);
        let mut world = World::busy(shape, waiting);
        for _ in 0..WARM {
            world.pick();
        }
        let picks = (0..runs).map(|_| {
            let (picks, wholes) = (0..TIMED).map(|_| (world.pick(), world.whole_pick)).unzip();
            (percentiles(picks), percentiles(wholes))
        });
        let (pick, whole_pick) = picks.unzip();
        Self { claim, ready, pick, whole_pick, naive_claim }
    }

    /// Each percentile of one of the runs.
    fn row(&self, name: &'static str, of: fn(Vec<u64>) -> u64) -> Row {
        let each = |runs: &[[u64; 3]]| [0, 1, 2].map(|share| of(runs.iter().map(|run| run[share]).collect()));
        Row {
            name,
            claim: each(&self.claim),
            ready: each(&self.ready),
            pick: each(&self.pick),
            whole_pick: each(&self.whole_pick),
            naive_claim: self.naive_claim,
        }
    }
}

fn least(runs: Vec<u64>) -> u64 {
    runs.into_iter().min().unwrap_or(0)
}

fn median(mut runs: Vec<u64>) -> u64 {
    runs.sort_unstable();
    runs.get(runs.len() / 2).copied().unwrap_or(0)
}

impl Row {
    fn worst_p99(&self) -> u64 {
        self.claim[1].max(self.ready[1]).max(self.pick[1])
    }

    fn json(&self) -> Value {
        let three = |[p50, p99, p999]: [u64; 3]| json!({"p50": p50, "p99": p99, "p99.9": p999});
        json!({
            "world": self.name, "claim_ns": three(self.claim), "ready_ns": three(self.ready), "pick_ns": three(self.pick),
            "pick_with_what_follows_ns": three(self.whole_pick),
            "naive_claim_ns": self.naive_claim,
        })
    }
}

fn percentiles(mut times: Vec<Duration>) -> [u64; 3] {
    [0.5, 0.99, 0.999].map(|share| percentile(&mut times, share))
}

fn percentile(times: &mut [Duration], share: f64) -> u64 {
    let at = ((times.len() - 1) as f64 * share) as usize;
    times.select_nth_unstable(at).1.as_nanos() as u64
}

/// How the cost of an operation grows: the exponent `b` of `cost = a * size^b`, fitted to all sizes by least squares of the logarithms.
struct Growth {
    seats: f64,
    waiting: f64,
    /// In a world in which each call waits for its owner.
    waiting_for_owners: f64,
    unit: &'static str,
    points: Vec<Value>,
}

/// Where operations are counted.
#[derive(Clone, Copy, Debug)]
struct At {
    seats: u64,
    waiting: u64,
    /// Each call waits for its owner.
    owned: bool,
}

impl At {
    fn shape(self) -> Shape {
        Shape { seats: self.seats, ..if self.owned { Shape::OWNED } else { GROWTH } }
    }

    fn busy(self) -> World {
        World::busy(self.shape(), self.waiting)
    }
}

/// What an operation costs there.
type Cost = fn(Counted, At) -> anyhow::Result<f64>;

impl Growth {
    /// At so many seats and waiting calls at most.
    fn measure(seats: u64, waiting: u64) -> anyhow::Result<Self> {
        let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
        // Whoever counts instructions is not disturbed by another.
        let (cost, unit, at_once): (Cost, _, _) = if valgrind {
            (instructions, "instructions", std::thread::available_parallelism().map_or(1, usize::from))
        } else {
            (nanoseconds, "median ns (no valgrind here to count instructions; caches and neighbours are in it)", 1)
        };
        let mut points = Vec::new();
        let mut exponent = |operation: Counted, sizes: &[At], size: fn(&At) -> u64| -> anyhow::Result<f64> {
            let costs = costs(cost, operation, sizes, at_once)?;
            for (At { seats, waiting, owned }, cost) in sizes.iter().zip(&costs) {
                let operation = operation.name();
                points.push(json!({"operation": operation, "seats": seats, "waiting": waiting, "owned": owned, "cost": cost.round()}));
            }
            let points: Vec<(f64, f64)> = sizes.iter().zip(&costs).map(|(at, cost)| ((size(at) as f64).ln(), cost.ln())).collect();
            Ok(slope(&points))
        };
        let sizes = |sizes: &[u64], most: u64, at: fn(u64) -> At| -> Vec<At> {
            sizes.iter().filter(|size| **size <= most).map(|size| at(*size)).collect()
        };
        let by_seats = sizes(&[100, 1_000, 10_000, 100_000], seats, |seats| At { seats, waiting: 10_000, owned: false });
        let by_waiting = sizes(&[10, 100, 1_000, 10_000, 100_000], waiting, |waiting| At { seats: 1_000, waiting, owned: false });
        // With fewer seats calls would share owners, and lines.
        let by_waiting_for_owners = sizes(&[10, 100, 1_000, 10_000], waiting, |waiting| At { seats: 10_000, waiting, owned: true });
        let mut seats = f64::MIN;
        for operation in [Counted::Claim, Counted::Ready, Counted::Pick] {
            seats = seats.max(exponent(operation, &by_seats, |at| at.seats)?);
        }
        let waiting = exponent(Counted::Pick, &by_waiting, |at| at.waiting)?;
        let mut waiting_for_owners = f64::MIN;
        for operation in [Counted::Arrival, Counted::Pick] {
            waiting_for_owners = waiting_for_owners.max(exponent(operation, &by_waiting_for_owners, |at| at.waiting)?);
        }
        let rounded = |exponent: f64| (exponent * 1000.0).round() / 1000.0;
        Ok(Self { seats: rounded(seats), waiting: rounded(waiting), waiting_for_owners: rounded(waiting_for_owners), unit, points })
    }

    fn json(&self) -> Value {
        json!({
            "growth_exponent_seats": self.seats,
            "growth_exponent_waiting": self.waiting,
            "growth_exponent_waiting_for_owners": self.waiting_for_owners,
            "growth_of": self.unit,
            "growth": self.points,
        })
    }
}

/// Of an operation at each of these sizes, so many of them at the same time.
fn costs(cost: Cost, operation: Counted, sizes: &[At], at_once: usize) -> anyhow::Result<Vec<f64>> {
    let some = |sizes: &[At]| {
        std::thread::scope(|scope| {
            let each: Vec<_> = sizes.iter().map(|at| scope.spawn(move || cost(operation, *at))).collect();
            each.into_iter().map(|one| one.join().unwrap_or_else(|_| bail!("counting panicked"))).collect::<Vec<_>>()
        })
    };
    sizes.chunks(at_once).flat_map(some).collect()
}

/// That of the line from which the points are, in squares, least away.
fn slope(points: &[(f64, f64)]) -> f64 {
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / points.len() as f64;
    let (x, y) = (mean(|(x, _)| *x), mean(|(_, y)| *y));
    let (covariance, variance) =
        points.iter().fold((0.0, 0.0), |(both, alone), point| (both + (point.0 - x) * (point.1 - y), alone + (point.0 - x).powi(2)));
    covariance / variance
}

/// Instructions of one operation, by this very program under callgrind.
fn instructions(operation: Counted, at: At) -> anyhow::Result<f64> {
    let own = std::env::current_exe().context("where am I?")?;
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no", "--toggle-collect=*counted_handle*"]);
    command.arg(own).args([
        "bench",
        "router",
        "--count",
        operation.name(),
        "--seats",
        &at.seats.to_string(),
        "--waiting",
        &at.waiting.to_string(),
    ]);
    command.args(at.owned.then_some("--owned"));
    let output = command.output().context("cannot start valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let counted = said.lines().find_map(|line| line.split_once("Collected :")).and_then(|(_, count)| count.trim().parse::<f64>().ok());
    match counted {
        Some(counted) if output.status.success() => Ok(counted / COUNTED as f64),
        Some(_) | None => bail!("callgrind counted nothing:\n{said}"),
    }
}

fn nanoseconds(operation: Counted, at: At) -> anyhow::Result<f64> {
    let mut world = match operation {
        Counted::Claim | Counted::Ready => World::ready(at.shape()),
        Counted::Pick | Counted::Arrival => at.busy(),
    };
    let mut one = || match operation {
        Counted::Claim => world.claim_and_ready().0,
        Counted::Ready => world.claim_and_ready().1,
        Counted::Pick => world.pick(),
        Counted::Arrival => world.pick_and_arrive().1,
    };
    for _ in 0..WARM {
        one();
    }
    Ok(percentile(&mut (0..TIMED).map(|_| one()).collect::<Vec<_>>(), 0.5) as f64)
}

/// Runs under callgrind: some operations to warm up, then those that count.
fn count(operation: Counted, at: At) {
    let (mut world, what) = match operation {
        Counted::Claim => (World::ready(at.shape()), Operation::Claim),
        Counted::Ready => (World::ready(at.shape()), Operation::Ready),
        Counted::Pick => (at.busy(), Operation::Pick),
        Counted::Arrival => (at.busy(), Operation::Claim),
    };
    for number in 0..COUNTED * 2 {
        world.counted = (number >= COUNTED).then_some(what);
        match operation {
            Counted::Claim | Counted::Ready => world.claim_and_ready().0,
            Counted::Pick | Counted::Arrival => world.pick(),
        };
    }
}

#[allow(clippy::print_stdout, reason = "the command's data")]
fn print(report: &Value, json: bool, in_words: fn(&Value)) {
    if json {
        println!("{report}");
    } else {
        in_words(report);
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[allow(clippy::print_stdout, reason = "the command's data")]
fn print_all(report: &Value) {
    println!("{:<42} {:^23} {:^23} {:^23} {:^23}", "ns", "claim", "seat ready", "pick", "with what follows");
    let shares = [(); 4].map(|()| format!(" {:>7}{:>8}{:>8}", "p50", "p99", "p99.9")).concat();
    println!("{:<42}{shares} {:>12}", "", "naive claim");
    for row in report["table"].as_array().into_iter().flatten() {
        print!("{:<42}", text(&row["world"]));
        for operation in ["claim_ns", "ready_ns", "pick_ns", "pick_with_what_follows_ns"] {
            let at = |share: &str| row[operation][share].as_u64().unwrap_or(0);
            print!(" {:>7}{:>8}{:>8}", at("p50"), at("p99"), at("p99.9"));
        }
        println!(" {:>12}", row["naive_claim_ns"].as_u64().unwrap_or(0));
    }
    println!(
        "worst p99 at 10,000 seats and 256 skills: {} ns in the quietest of {LARGE_RUNS} runs (goal 500), {} ns in their median, {} ns of the \
         least times; load average {}",
        report["p99_ns_10k_seats_256_skills"],
        report["p99_ns_10k_seats_256_skills_median_of_runs"],
        report["p99_ns_10k_seats_256_skills_least_of_runs"],
        report["load_average"]
    );
    groups::print(&report["groups"]);
    claims::print(report);
    print_growth(report);
}

#[allow(clippy::print_stdout, reason = "the command's data")]
fn print_growth(report: &Value) {
    println!("growth, in {}:", text(&report["growth_of"]));
    for point in report["growth"].as_array().into_iter().flatten() {
        let owned = if point["owned"] == true { ", each for its owner" } else { "" };
        println!(
            "  {:<7} {:>7} seats {:>7} waiting {:>7}{owned}",
            text(&point["operation"]),
            point["seats"],
            point["waiting"],
            point["cost"]
        );
    }
    println!(
        "  exponent in seats {} (goal 0.10), in waiting calls {} (goal 0.15), in calls that wait for their owners {} (goal 0.15)",
        report["growth_exponent_seats"], report["growth_exponent_waiting"], report["growth_exponent_waiting_for_owners"]
    );
}

#[cfg(test)]
mod tests {
    use super::slope;

    #[test]
    fn a_growth_is_fitted_to_all_sizes() {
        let cost = |size: f64| 3.0 * size.powf(0.4);
        let points: Vec<(f64, f64)> = [10.0_f64, 100.0, 1e4].map(|size| (size.ln(), cost(size).ln())).to_vec();
        assert!((slope(&points) - 0.4).abs() < 1e-12);
        assert!((slope(&[(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)])).abs() < 1e-12, "one in the middle counts");
    }
}
