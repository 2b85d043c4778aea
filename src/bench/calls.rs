//! `hotline bench calls`: a hotline in a process of its own under SIPp's load, and what each of its threads spent per call.

use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Where the seats of fixtures/load are.
const AGENTS: (&str, u16) = ("127.0.0.2", 6060);
const CALLERS: &str = "127.0.0.3";
/// Longest wait for the last calls after the load.
const TAIL: Duration = Duration::from_secs(60);

/// Arguments of `bench calls`.
#[derive(Debug, Args)]
pub struct CallsArgs {
    /// Calls per second; may be given several times.
    #[arg(long, default_values_t = [30, 500])]
    rate: Vec<u32>,
    /// How long, in seconds.
    #[arg(long, default_value_t = 20)]
    secs: u32,
    /// How long caller and agent talk, in ms.
    #[arg(long, default_value_t = 1000)]
    talk: u32,
    /// Rules with a number `queue` whose seats are at 127.0.0.2:6060.
    #[arg(long, default_value = "fixtures/load/rules", value_name = "DIR")]
    rules: PathBuf,
    /// SIPp scenarios uac_queue.xml and uas_agent.xml.
    #[arg(long, default_value = "fixtures/sipp", value_name = "DIR")]
    scenarios: PathBuf,
    /// One JSON line per rate.
    #[arg(long)]
    json: bool,
}

/// Runs each rate on a fresh hotline; exit 1 if a call failed.
///
/// # Errors
/// SIPp is missing, or the hotline does not start.
pub fn calls(args: &CallsArgs) -> anyhow::Result<ExitCode> {
    if Command::new("sipp").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        bail!("the load comes from SIPp: apt-get install sip-tester");
    }
    let mut clean = true;
    for rate in &args.rate {
        let result = one_rate(args, *rate)?;
        clean &= result["failed"] == 0 && result["ok"] == result["calls"];
        print(&result, args.json);
    }
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[allow(clippy::print_stdout, reason = "the command's data")]
fn print(result: &Value, json: bool) {
    if json {
        println!("{result}");
        return;
    }
    println!(
        "{} calls/s for {} s, talk {} ms: {} of {} calls, {} failed, {} retransmissions",
        result["rate"], result["secs"], result["talk_ms"], result["ok"], result["calls"], result["failed"], result["retransmissions"]
    );
    println!("  CPU per call, ms: engine {:.3}   (goal 0.15 at 500 calls/s and more)", result["engine_ms"].as_f64().unwrap_or(0.0));
    if let Some(threads) = result["threads_ms"].as_object() {
        for (thread, ms) in threads.iter().filter(|(thread, _)| *thread != "engine") {
            println!("                    {thread} {:.3}", ms.as_f64().unwrap_or(0.0));
        }
    }
    println!("                    process {:.3}", result["process_ms"].as_f64().unwrap_or(0.0));
    println!("  memory, MiB: {} before, {} at the peak, {} after", result["rss_before"], result["rss_peak"], result["rss_after"]);
}

fn one_rate(args: &CallsArgs, rate: u32) -> anyhow::Result<Value> {
    let dir = std::env::temp_dir().join(format!("hotline-bench-{}", std::process::id()));
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let result = in_dir(args, rate, &dir);
    if let Err(error) = std::fs::remove_dir_all(&dir) {
        tracing::warn!(dir = %dir.display(), %error, "could not be removed");
    }
    result
}

fn in_dir(args: &CallsArgs, rate: u32, dir: &Path) -> anyhow::Result<Value> {
    let port = UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port();
    let hotline = Hotline::start(args, dir, port)?;
    let agents = sipp(args, dir, "uas_agent.xml")?.args(["-i", AGENTS.0, "-p", &AGENTS.1.to_string()]).spawn();
    let mut agents = Ended(agents.context("cannot start SIPp as agents")?);
    std::thread::sleep(Duration::from_millis(500));
    let before = hotline.threads()?;
    let rss_before = hotline.rss();
    let calls = rate * args.secs;
    let mut callers = sipp(args, dir, "uac_queue.xml")?
        .args([
            "-i",
            CALLERS,
            "-s",
            "queue",
            "-r",
            &rate.to_string(),
            "-m",
            &calls.to_string(),
            "-d",
            &args.talk.to_string(),
            "-l",
            "100000",
        ])
        .args(["-trace_stat", "-stf", "stat.csv", "-fd", "1", "-timeout", &(u64::from(args.secs) + TAIL.as_secs()).to_string()])
        .arg(format!("127.0.0.1:{port}"))
        .spawn()
        .map(Ended)
        .context("cannot start SIPp as callers")?;
    let mut rss_peak = rss_before;
    let until = Instant::now() + Duration::from_secs(u64::from(args.secs)) + TAIL * 2;
    while callers.0.try_wait()?.is_none() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(200));
        rss_peak = rss_peak.max(hotline.rss());
    }
    std::thread::sleep(Duration::from_secs(2));
    let after = hotline.threads()?;
    let stat = statistics(&dir.join("stat.csv"))?;
    agents.end();
    let ok = stat("SuccessfulCall(C)");
    let spent: BTreeMap<&String, f64> =
        after.iter().map(|(name, ns)| (name, ns.saturating_sub(before.get(name).copied().unwrap_or(0)) as f64 / 1e6)).collect();
    let per_call = |ms: f64| (ms / ok.max(1) as f64 * 1000.0).round() / 1000.0;
    let threads: serde_json::Map<String, Value> = spent.iter().map(|(name, ms)| ((*name).clone(), json!(per_call(*ms)))).collect();
    Ok(json!({
        "rate": rate, "secs": args.secs, "talk_ms": args.talk, "calls": calls, "ok": ok, "failed": stat("FailedCall(C)"),
        "retransmissions": stat("Retransmissions(C)"), "engine_ms": threads.get("engine").cloned().unwrap_or(json!(null)),
        "process_ms": per_call(spent.values().sum()), "threads_ms": threads,
        "rss_before": rss_before / 1024, "rss_peak": rss_peak / 1024, "rss_after": hotline.rss() / 1024,
    }))
}

fn sipp(args: &CallsArgs, dir: &Path, scenario: &str) -> anyhow::Result<Command> {
    let scenario = std::path::absolute(args.scenarios.join(scenario))?;
    if !scenario.exists() {
        bail!("no scenario {} (start in the project's folder, or give --scenarios)", scenario.display());
    }
    let mut command = Command::new("sipp");
    command.arg("-sf").arg(scenario).args(["-aa", "-nostdin", "-timer_resol", "1", "-buff_size", "4000000"]);
    command.current_dir(dir).env("TERM", "dumb").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(command)
}

/// SIPp's cumulative figures: the last line of its statistics, by column name.
fn statistics(path: &Path) -> anyhow::Result<impl Fn(&str) -> u64 + use<>> {
    let text = std::fs::read_to_string(path).context("SIPp left no statistics: did it start?")?;
    let mut lines = text.lines();
    let names: Vec<String> = lines.next().unwrap_or("").split(';').map(str::to_owned).collect();
    let last: Vec<String> = lines.next_back().unwrap_or("").split(';').map(str::to_owned).collect();
    Ok(move |name: &str| {
        let place = names.iter().position(|known| known == name);
        place.and_then(|place| last.get(place)?.parse().ok()).unwrap_or(0)
    })
}

/// A child that is ended when it goes out of sight.
struct Ended(Child);

impl Ended {
    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.end();
    }
}

struct Hotline {
    process: Ended,
}

impl Hotline {
    fn start(args: &CallsArgs, dir: &Path, port: u16) -> anyhow::Result<Self> {
        let rules = std::path::absolute(&args.rules)?;
        let config = format!(
            "[sip]\nudp = \"127.0.0.1:{port}\"\ntcp = []\n[http]\nlisten = \"127.0.0.1:0\"\n[rtp]\nports = \"20000-29999\"\n[data]\ndir = \"data\"\n[rules]\ndir = {rules:?}\n[log]\nlevel = \"warn,hotline=info,hotline::narrate=warn\"\n"
        );
        let file = dir.join("hotline.toml");
        std::fs::File::create(&file)?.write_all(config.as_bytes())?;
        let own = std::env::current_exe().context("where am I?")?;
        let mut process = Command::new(own);
        process.arg("--config").arg(&file).arg("serve").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = Ended(process.spawn().context("cannot start the hotline")?);
        let mut lines = BufReader::new(process.0.stderr.take().context("no standard error")?).lines();
        let mut said = String::new();
        loop {
            let Some(line) = lines.next() else { bail!("the hotline did not start:\n{said}") };
            let line = line?;
            if line.contains("\"ready\"") {
                break;
            }
            said.push_str(&line);
            said.push('\n');
        }
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { process })
    }

    /// CPU time by thread name, in ns.
    fn threads(&self) -> anyhow::Result<BTreeMap<String, u64>> {
        let mut spent = BTreeMap::new();
        for task in std::fs::read_dir(format!("/proc/{}/task", self.process.0.id())).context("the hotline is gone")? {
            let task = task?.path();
            let (Ok(name), Ok(stat)) = (std::fs::read_to_string(task.join("comm")), std::fs::read_to_string(task.join("schedstat"))) else {
                continue;
            };
            let ns: u64 = stat.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0);
            *spent.entry(name.trim().to_owned()).or_default() += ns;
        }
        Ok(spent)
    }

    /// Resident memory in KiB.
    fn rss(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.0.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("");
        line.split_whitespace().next().and_then(|kib| kib.parse().ok()).unwrap_or(0)
    }
}
