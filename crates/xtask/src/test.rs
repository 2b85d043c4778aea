//! `cargo xtask test`: every check of this repository, in the order in which a mistake shows cheapest.

use std::process::{ExitCode, Stdio};

use anyhow::{Result, bail};

use crate::process::{in_root, succeed, succeed_keeping};
use crate::steps::{Outcome, Steps};
use crate::{clients, tools};

/// Runs all of them, whatever fails, and sums up.
pub fn run() -> Result<ExitCode> {
    let mut steps = Steps::new();
    steps.run("format", || cargo("fmt", &["fmt", "--all", "--check"]));
    steps.run("clippy", || cargo("clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]));
    let mut closing = None;
    steps.run("tests", || {
        let (ended, line) = tests();
        closing = line;
        ended
    });
    steps.run("loom: the seats' words, the fence, and groups that share seats", || {
        let mut command = in_root("cargo", &["test", "--package", "hotline-router", "--test", "loom"]);
        succeed(command.env("RUSTFLAGS", "--cfg loom").env("CARGO_TARGET_DIR", crate::root().join("target/loom")))?;
        passed()
    });
    steps.run("tests in the documentation", || {
        succeed(&mut in_root("cargo", &["test", "--workspace", "--doc", "--quiet"]))?;
        passed()
    });
    steps.run("documentation without broken links", || {
        succeed(in_root("cargo", &["doc", "--workspace", "--no-deps", "--document-private-items"]).env("RUSTDOCFLAGS", "-D warnings"))?;
        passed()
    });
    steps.run("outside inputs", outside_inputs);
    steps.run("the router's growth, in instructions", growth);
    if steps.run("real clients: tools", tools::require_clients) {
        clients::run_steps(&mut steps, &[]);
    } else {
        steps.run("real clients", || Ok(Outcome::NotRun("the tools above are missing".into())));
    }
    Ok(steps.finish(closing.as_deref()))
}

fn passed() -> Result<Outcome> {
    Ok(Outcome::Passed(String::new()))
}

fn cargo(subcommand: &str, args: &[&str]) -> Result<Outcome> {
    if !tools::has_cargo(subcommand) {
        bail!("cargo {subcommand} is missing: rustup component add rustfmt clippy");
    }
    succeed(&mut in_root("cargo", args))?;
    passed()
}

/// nextest where it is installed, else the built-in runner; with its closing line.
fn tests() -> (Result<Outcome>, Option<String>) {
    if tools::has_cargo("nextest") {
        let mut command = in_root("cargo", &["nextest", "run", "--workspace", "--no-fail-fast"]);
        let (ended, kept) = succeed_keeping(&mut command, |line| line.trim_start().starts_with("Summary ["));
        let closing = kept.into_iter().next_back();
        let detail = closing.clone().unwrap_or_default().trim().to_owned();
        return (ended.map(|()| Outcome::Passed(detail)), closing);
    }
    println!("cargo-nextest is not installed: cargo test takes its place");
    let ended = succeed(&mut in_root("cargo", &["test", "--workspace", "--all-targets", "--no-fail-fast"]));
    (ended.map(|()| Outcome::Passed("by cargo test".into())), None)
}

/// An operation's instructions grow no faster with seats and waiting calls than agreed (design.md §6).
fn growth() -> Result<Outcome> {
    const MOST: [(&str, f64); 3] =
        [("growth_exponent_seats", 0.10), ("growth_exponent_waiting", 0.15), ("growth_exponent_waiting_for_owners", 0.15)];
    tools::require_counter()?;
    let hotline = clients::build()?.display().to_string();
    let args = ["bench", "router", "--growth", "--json", "--seats", "10000", "--waiting", "10000"];
    let output = in_root(&hotline, &args).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("hotline bench router --growth: {}", output.status);
    }
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    if report["growth_of"] != "instructions" {
        bail!("no instructions were counted, but {}", report["growth_of"]);
    }
    let mut told = Vec::new();
    for (name, most) in MOST {
        let Some(exponent) = report[name].as_f64() else { bail!("no {name}") };
        if exponent > most {
            bail!("{name} is {exponent}, beyond {most}: {}", report["growth"]);
        }
        told.push(format!("{name} {exponent}"));
    }
    Ok(Outcome::Passed(told.join(", ")))
}

/// Messages and descriptions nobody here wrote; the tests that read them pass without, so their absence is named here.
fn outside_inputs() -> Result<Outcome> {
    let place = std::env::var_os("HOTLINE_TEST_INPUTS").map_or_else(|| crate::root().join("../shared/inputs"), Into::into);
    if place.is_dir() {
        return Ok(Outcome::Passed(place.canonicalize()?.display().to_string()));
    }
    Ok(Outcome::NotRun(format!(
        "{} is absent (set HOTLINE_TEST_INPUTS): the tests over RFC 4475, RFC 5118 and browser messages",
        place.display()
    )))
}
