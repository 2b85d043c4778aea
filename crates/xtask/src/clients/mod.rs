//! Clients of other makers against the real binary: sipp and baresip, over loopback, each check with its own logs in target/xtask/clients.

mod at_once;
mod baresip;
mod changes;
mod desk;
mod faults;
mod hotline;
mod house;
mod messages;
pub mod mutations;
mod outside;
mod parties;
mod phones;
mod questions;
mod scenarios;
mod schema;
mod sipp;
pub mod soak;
mod spread;
mod survey;
mod transfers;
mod ways;
mod with_sipp;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::process::{free_port, in_root, succeed};
use crate::steps::{Outcome, Steps};
use crate::tools;
use hotline::Hotline;

/// The ports at which our static seats listen.
struct SeatPorts {
    refused: u16,
    slow: u16,
    unanswered: u16,
}

/// What a check has to work with.
struct Bench {
    dir: PathBuf,
    /// With the shipped rules: what any caller meets.
    shipped: Hotline,
    /// With fixtures/clients/rules.toml: open at any hour, with seats of ours.
    seats: Hotline,
    ports: SeatPorts,
}

impl Bench {
    fn start() -> Result<Self> {
        let dir = crate::root().join("target/xtask/clients");
        if dir.exists() {
            std::fs::remove_dir_all(&dir).with_context(|| format!("{} could not be emptied", dir.display()))?;
        }
        let shipped = Hotline::start(&dir.join("hotline-shipped"), &crate::root().join("routing-rules"), "127.0.0.1")?;
        let ports = SeatPorts { refused: free_port()?, slow: free_port()?, unanswered: free_port()? };
        let rules = write_rules(&dir.join("rules"), &ports)?;
        let seats = Hotline::start(&dir.join("hotline-seats"), &rules, "127.0.0.1")?;
        Ok(Self { dir, shipped, seats, ports })
    }

    /// Where one check keeps its logs.
    fn logs(&self, check: &str) -> PathBuf {
        self.dir.join(check)
    }
}

fn write_rules(dir: &Path, ports: &SeatPorts) -> Result<PathBuf> {
    std::fs::create_dir_all(dir)?;
    let template = std::fs::read_to_string(crate::root().join("fixtures/clients/rules.toml"))?;
    let filled = template
        .replace("{refused}", &ports.refused.to_string())
        .replace("{slow}", &ports.slow.to_string())
        .replace("{unanswered}", &ports.unanswered.to_string());
    std::fs::write(dir.join("rules.toml"), filled)?;
    Ok(dir.to_owned())
}

const SCHEMA: &str = "API: its own document, by schemathesis";

type Check = fn(&Bench) -> Result<Outcome>;

const CHECKS: [(&str, Check); 17] = [
    ("sipp: 100 calls", with_sipp::hundred_calls),
    ("sipp: 1000 calls at 100 a second", with_sipp::thousand_calls),
    ("sipp: calls that stay for 5 s", with_sipp::staying_calls),
    ("sipp: calls over TCP", with_sipp::over_tcp),
    ("sipp: calls over IPv6", with_sipp::over_ipv6),
    ("sipp: key by RTP event", with_sipp::menu),
    ("sipp: key by INFO", with_sipp::menu_info),
    ("sipp: CANCEL at once", with_sipp::cancel),
    ("sipp: abandoned in the greeting", with_sipp::abandon),
    ("sipp: hold and back", with_sipp::hold),
    ("sipp: ACK never comes", with_sipp::no_ack),
    ("sipp: seat refuses", with_sipp::seat_refuses),
    ("sipp: seat answers late", with_sipp::seat_is_slow),
    ("sipp: seat does not answer", with_sipp::seat_does_not_answer),
    ("sipp: kill -9 while a seat rings and another has just registered", with_sipp::killed),
    ("baresip: caller hears the greeting", phones::caller_hears_greeting),
    ("baresip: caller and agent hear each other", phones::caller_and_agent),
];

/// The demo, short: it ends with 0 only if every call was as it should be.
fn demo() -> Result<Outcome> {
    let data = crate::root().join("target/xtask/demo");
    let mut command = in_root(&hotline::binary().display().to_string(), &["demo", "--calls", "12", "--rate", "30", "--sip"]);
    command.arg(format!("127.0.0.1:{}", free_port()?)).arg("--data").arg(&data);
    succeed(&mut command)?;
    Ok(Outcome::Passed("12 of 12".into()))
}

/// The same with two threads that route: their seats are shared, and the log of the engine's inputs says what the run said.
fn demo_of_groups() -> Result<Outcome> {
    let data = crate::root().join("target/xtask/demo-groups");
    let (log, key) = (data.join("inputs"), data.join("input-log.key"));
    let mut command =
        in_root(&hotline::binary().display().to_string(), &["demo", "--groups", "2", "--calls", "30", "--rate", "60", "--sip"]);
    command.arg(format!("127.0.0.1:{}", free_port()?)).arg("--data").arg(&data).arg("--input-log").arg(&log);
    succeed(&mut command)?;
    succeed(in_root(&hotline::binary().display().to_string(), &["replay"]).arg(&log).arg("--key").arg(&key))?;
    Ok(Outcome::Passed("30 of 30, and the replay says the same".into()))
}

/// `cargo xtask clients [NAME...]`.
pub fn run(names: &[String]) -> Result<ExitCode> {
    let mut steps = Steps::new();
    if steps.run("real clients: tools", tools::require_clients) {
        run_steps(&mut steps, names);
    }
    Ok(steps.finish(None))
}

/// The hotline as the tests build it: alone its dependencies would have other features, and all be built anew.
pub fn build() -> Result<PathBuf> {
    succeed(&mut in_root("cargo", &["build", "--workspace", "--bin", "hotline", "--test", "guards"]))?;
    Ok(hotline::binary())
}

/// Builds the hotline, runs the checks (those whose name contains one of `names`, or all) and stops it.
pub fn run_steps(steps: &mut Steps, names: &[String]) {
    let built = steps.run("build the hotline", || {
        build()?;
        Ok(Outcome::Passed(String::new()))
    });
    let mut bench = None;
    let started = built
        && steps.run("hotline serve gets ready", || {
            let started = bench.insert(Bench::start()?);
            Ok(Outcome::Passed(format!("{} with the shipped rules, {} with seats", started.shipped.address(), started.seats.address())))
        });
    let wanted = |name: &str| names.is_empty() || names.iter().any(|part| name.contains(part.as_str()));
    for (name, check) in CHECKS.into_iter().filter(|(name, _)| wanted(name)) {
        match &bench {
            Some(bench) if started => steps.run(name, || check(bench)),
            Some(_) | None => steps.run(name, || Ok(Outcome::NotRun("no hotline to check".into()))),
        };
    }
    if let Some(Bench { shipped, seats, .. }) = bench {
        steps.run("hotline serve drains on SIGTERM, and a replay of its inputs says the same", || {
            Ok(Outcome::Passed(format!("{}; {}", shipped.stop()?, seats.stop()?)))
        });
    }
    if built {
        faults::run_steps(steps, wanted);
        outside::run_steps(steps, wanted);
        scenarios::run_steps(steps, wanted);
        transfers::run_steps(steps, wanted);
        desk::run_steps(steps, wanted);
        messages::run_steps(steps, wanted);
        ways::run_steps(steps, wanted);
        questions::run_steps(steps, wanted);
    }
    if built && wanted(SCHEMA) {
        steps.run(SCHEMA, schema::check);
    }
    if built && wanted("demo") {
        steps.run("demo: 12 calls with sound both ways", demo);
        steps.run("demo: two queue groups on two threads share the seats", demo_of_groups);
    }
}
