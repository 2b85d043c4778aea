//! Legs to the world outside, with sipp as the telephone network behind a trunk.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::hotline::Hotline;
use super::sipp;
use crate::process::free_port;
use crate::steps::{Outcome, Steps};

const PATIENCE: Duration = Duration::from_secs(40);
/// How long sipp gets to open its port.
const SIPP_STARTS: Duration = Duration::from_millis(500);
const RECORDED_WITHIN: Duration = Duration::from_secs(30);
/// The ports of fixtures/outside/rules.toml; `{NAME}` there is one of them.
const PORTS: [&str; 4] = ["dead", "carrier", "nobody", "agent"];

type Check = fn(&House) -> Result<Outcome>;

const CHECKS: [(&str, Check); 2] = [
    ("outside: a partner takes a call that waits too long (R13)", partner),
    ("outside: a call-back comes when the agent is there (R19)", call_back),
];

struct House {
    dir: PathBuf,
    hotline: Hotline,
    ports: Vec<(&'static str, u16)>,
}

/// Runs those checks whose name is `wanted`, all against one hotline.
pub fn run_steps(steps: &mut Steps, wanted: impl Fn(&str) -> bool) {
    let checks: Vec<(&str, Check)> = CHECKS.into_iter().filter(|(name, _)| wanted(name)).collect();
    if checks.is_empty() {
        return;
    }
    let mut started = None;
    steps.run("hotline serve gets ready for the outside", || {
        let house = started.insert(House::start()?);
        Ok(Outcome::Passed(house.hotline.address()))
    });
    for (name, check) in checks {
        match &started {
            Some(house) => steps.run(name, || check(house)),
            None => steps.run(name, || Ok(Outcome::NotRun("no hotline to check".into()))),
        };
    }
    if let Some(house) = started {
        steps.run("the hotline of the outside drains, and a replay of its inputs says the same", || {
            Ok(Outcome::Passed(house.hotline.stop()?))
        });
    }
}

/// Nobody is signed in: after the breach the partner is called, past a trunk that is dead, and has the caller.
fn partner(house: &House) -> Result<Outcome> {
    let logs = house.dir.join("partner");
    let port = house.port("carrier")?;
    let carrier = sipp::seat_with(&logs.join("carrier"), "uas_agent", port, &[&["-m", "1"], &sipp::TRACE[..]].concat(), PATIENCE)?;
    std::thread::sleep(SIPP_STARTS);
    sipp::caller(&logs.join("caller"), &house.hotline, "uac", "late", &["-m", "1", "-d", "9000"], PATIENCE)?.finish()?;
    carrier.finish().context("the partner")?;
    let call = house.ended("late")?;
    ensure!(call["outside"] == "night" && call["seat"].is_null(), "the record: {call:#}");
    ensure!(call["hung_up_by"] == "caller" && call["cause"] == "normal", "the record: {call:#}");
    let wait = call["wait_ms"].as_u64().with_context(|| format!("no wait_ms in {call:#}"))?;
    ensure!((3_000..6_500).contains(&wait), "the partner answered after {wait} ms; the clock has 3 s, the dead trunk 1 s");
    let dialled = sipp::messages(&logs.join("carrier"))?;
    ensure!(dialled.iter().any(|message| !message.sent && message.what == "INVITE"), "the trace: {dialled:?}");
    Ok(Outcome::Passed(format!("taken after {wait} ms, past a dead trunk")))
}

/// The caller asks to be called back and hangs up; as the agent gets ready, his phone rings, then the customer's, past the dead trunk.
fn call_back(house: &House) -> Result<Outcome> {
    let logs = house.dir.join("call-back");
    house.hotline.choose("agent", "break")?;
    sipp::caller(&logs.join("caller"), &house.hotline, "uac_call_back", "back", &["-m", "1"], PATIENCE)?.finish()?;
    let agent = sipp::seat(&logs.join("agent"), "uas_agent", house.port("agent")?, PATIENCE)?;
    let customer = sipp::seat(&logs.join("customer"), "uas_hangs_up", house.port("carrier")?, PATIENCE)?;
    std::thread::sleep(SIPP_STARTS);
    house.hotline.choose("agent", "ready")?;
    customer.finish().context("the customer")?;
    agent.finish().context("the agent")?;
    let call = house.ended_where("back", |call| call["calls_back"].is_string())?;
    ensure!(call["seat"] == "agent" && call["t3"].is_string() && call["hung_up_by"] == "caller", "the record: {call:#}");
    let asked = house.ended_where("back", |call| call["calls_back"].is_null())?;
    ensure!(asked["call"] == call["calls_back"], "the records: {asked:#} {call:#}");
    Ok(Outcome::Passed(format!("{} called back as {}", asked["call"], call["call"])))
}

impl House {
    fn start() -> Result<Self> {
        let dir = crate::root().join("target/xtask/outside");
        if dir.exists() {
            std::fs::remove_dir_all(&dir).with_context(|| format!("{} could not be emptied", dir.display()))?;
        }
        let rules = dir.join("rules");
        std::fs::create_dir_all(&rules)?;
        let mut text = std::fs::read_to_string(crate::root().join("fixtures/outside/rules.toml"))?;
        let mut ports = Vec::new();
        for name in PORTS {
            let port = free_port()?;
            ensure!(ports.iter().all(|(_, taken)| *taken != port), "the system hands out port {port} twice");
            text = text.replace(&format!("{{{name}}}"), &port.to_string());
            ports.push((name, port));
        }
        std::fs::write(rules.join("rules.toml"), text)?;
        let hotline = Hotline::start(&dir.join("hotline"), &rules, "127.0.0.1")?;
        Ok(Self { dir, hotline, ports })
    }

    fn port(&self, name: &str) -> Result<u16> {
        let found = self.ports.iter().find(|(known, _)| *known == name);
        found.map(|(_, port)| *port).with_context(|| format!("no port {name}"))
    }

    /// The only call of a queue, once it is over.
    fn ended(&self, queue: &str) -> Result<Value> {
        self.ended_where(queue, |_| true)
    }

    /// A call of a queue that is over.
    fn ended_where(&self, queue: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let until = Instant::now() + RECORDED_WITHIN;
        loop {
            let calls = self.hotline.calls()?;
            if let Some(call) = calls.iter().find(|call| call["queue"] == queue && call["t6"].is_string() && wanted(call)) {
                return Ok(call.clone());
            }
            ensure!(Instant::now() < until, "`calls list` says {calls:#?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}
