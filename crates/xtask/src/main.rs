//! The project's own commands: `cargo xtask test`, `clients`, `theory`, `fairness`, `calibration`, `mutations`, `soak`, `prompts`, `voices`, `demo`.
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

/// The workspace root.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("crates/xtask lies two levels below the root").to_path_buf()
}
