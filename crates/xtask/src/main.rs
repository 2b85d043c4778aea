//! The project's own commands: `cargo xtask test`, `clients`, `theory`, `fairness`, `calibration`, `schedules`,
//! `mutations`, `soak`, `prompts`, `voices`, `demo`.
//! Knows the hotline only from outside: its command line, its configuration file, its SIP and RTP.
#![allow(clippy::print_stdout)]

mod audio;
mod clients;
mod process;
mod prompts;
mod speech;
mod steps;
mod test;
mod tones;
mod tools;

use anyhow::Context;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test      every check of this repository; on Debian as root it installs the missing tools first
  clients   only the real SIP clients (sipp, baresip) against a freshly built hotline
            (cargo xtask clients NAME runs those checks whose name contains NAME)
  theory    the router against queueing theory, ten million callers a case: ten minutes or so
            (cargo xtask theory [TIMES [CASE [SEED]]] for longer or shorter, some cases, other callers)
  fairness  one simulated day under each rule of whom to serve first, side by side (cargo xtask fairness [SEED])
  calibration  announced waits against what came true, one simulated day (cargo xtask calibration [SEED])
  schedules  random schedules through the router and through the readable reference beside it, in pieces: a million in five minutes or so
            (cargo xtask schedules [COUNT [SEED]] for fewer, or others)
  mutations  the shipped rules damaged a thousand times while 50 calls a second come: three minutes or so
            (cargo xtask mutations [COUNT [SEED]] for fewer, or other damage)
  soak      two hours of real SIP calls at 110 % of 50 seats, beside what Erlang-A expects: two hours and six minutes
            (cargo xtask soak [--minutes N] [--seed S] [--dir DIR] [--binary HOTLINE]; --judge DIR judges a run that is over)
  demo      builds the hotline and starts its demo; further arguments are passed on
  prompts   speaks fixtures/prompts/texts.toml with espeak-ng and writes src/embedded_prompts.rs
  voices    speaks fixtures/voices, the known voices the audio checks look for
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rest = args.get(1..).unwrap_or_default();
    let done = match args.first().map(String::as_str) {
        Some("test") => test::run(),
        Some("clients") => clients::run(rest),
        Some("mutations") => clients::mutations::run(rest),
        Some("soak") => clients::soak::run(rest),
        Some(example @ ("theory" | "fairness" | "calibration")) => simulate(example, rest),
        Some("schedules") => schedules(rest),
        Some("demo") => process::demo(rest),
        Some("prompts") => prompts::run(),
        Some("voices") => speech::voices(),
        Some("help" | "--help" | "-h") => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        Some(_) | None => {
            eprint!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// Runs an example of the simulator, optimised; it knows the router, which this crate doesn't.
fn simulate(example: &str, rest: &[String]) -> anyhow::Result<ExitCode> {
    let fixed = ["run", "--quiet", "--release", "--package", "hotline-sim", "--example", example, "--"];
    process::succeed(process::in_root("cargo", &fixed).args(rest))?;
    Ok(ExitCode::SUCCESS)
}

/// Optimised; a difference is shown as the shortest schedule that has it.
fn schedules(rest: &[String]) -> anyhow::Result<ExitCode> {
    const PIECE: u64 = 50_000;
    const TEST: &str = "reference::schedules::random_schedules_go_through_the_router_as_through_the_reference";
    let number =
        |at: usize, without: u64| rest.get(at).map_or(Ok(without), |text| text.parse().with_context(|| format!("no number: {text}")));
    let (count, seed) = (number(0, 1_000_000)?, number(1, 0)?);
    for first in (0..count).step_by(PIECE as usize) {
        let (first, piece) = (seed + first, PIECE.min(count - first));
        let test = ["test", "--quiet", "--release", "--package", "hotline-sim", "--lib", "--", "--exact", TEST];
        let mut command = process::in_root("cargo", &test);
        let done = command.env("HOTLINE_SCHEDULES", piece.to_string()).env("HOTLINE_FIRST_SEED", first.to_string()).output()?;
        let said = String::from_utf8_lossy(&done.stdout);
        anyhow::ensure!(done.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&done.stderr));
        println!("seeds {first} to {}: the same", first + piece - 1);
    }
    Ok(ExitCode::SUCCESS)
}

/// The workspace root.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("crates/xtask lies two levels below the root").to_path_buf()
}
